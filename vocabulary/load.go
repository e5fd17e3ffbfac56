package vocabulary

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"gevor/fault"
	"gevor/notice"
	"gevor/tabular"
)

//go:embed data
var builtIn embed.FS

// Load reads the built-in vocabulary and, where own is not nil, the files of a region's folder vocabulary/ over it.
// It fails with fault.Invalid where any line breaks a rule: the message names the first place, Check lists them all.
func Load(own fs.FS) (*Vocabulary, error) {
	notes := &notice.List{}
	v, err := Check(own, notes)
	if err != nil {
		return nil, err
	}
	var bad []notice.Notice
	for _, n := range notes.Notices() {
		if n.Severity == notice.Reject {
			bad = append(bad, n)
		}
	}
	if len(bad) > 0 {
		first := bad[0]
		what := fmt.Sprintf("%s %q: %s", first.Rule, first.Value, first.Advice)
		if len(bad) > 1 {
			what += fmt.Sprintf(" (and %d more problems)", len(bad)-1)
		}
		return nil, fault.New(fault.Invalid, fmt.Sprintf("%s:%d", first.File, first.Line), what, "correct the vocabulary; nothing was loaded")
	}
	return v, nil
}

// Check reads like Load and puts every problem into notes with file and line: unknown or doubled keys, unknown
// parents, cycles, parents of a narrower level, unknown languages, missing labels and sources, doubled words,
// hotlines without a number. What it returns leaves the bad lines out. Errors come from files that are no tables.
func Check(own fs.FS, notes *notice.List) (*Vocabulary, error) {
	b := &builder{
		notes: notes,
		v: &Vocabulary{
			at: map[string]int{}, texts: map[string]map[string]Text{}, thesaurus: map[string][]Entry{},
			function: map[string][]string{}, ordinary: map[string][]string{}, acute: map[string]map[string][]string{},
		},
		concepts: map[string]placed[Concept]{}, texts: map[[2]string]placed[Text]{}, entries: map[[2]string]placed[Entry]{},
		hotlines: map[[2]string]placed[Hotline]{},
	}
	data, err := fs.Sub(builtIn, "data")
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "vocabulary", "the built-in data are not there", "", err)
	}
	for _, layer := range []struct {
		fsys fs.FS
		at   string
	}{{data, "built-in"}, {own, "vocabulary"}} {
		if layer.fsys == nil {
			continue
		}
		b.fsys, b.at, b.layer = layer.fsys, layer.at, b.layer+1
		if err := b.read(); err != nil {
			return nil, err
		}
	}
	b.assemble()
	return b.v, nil
}

// placed is a line with where it stood, so that what shows only later still names its place.
type placed[T any] struct {
	value T
	file  string
	line  int
	layer int
}

type builder struct {
	notes *notice.List
	fsys  fs.FS
	at    string
	layer int
	v     *Vocabulary

	concepts map[string]placed[Concept]
	texts    map[[2]string]placed[Text]  // language, key
	entries  map[[2]string]placed[Entry] // language, German term
	hotlines map[[2]string]placed[Hotline]
}

func (b *builder) read() error {
	if err := b.table("concepts.csv", []string{"key", "kind", "parents", "acute", "open_eligibility", "leika", "osm"}, b.concept); err != nil {
		return err
	}
	if err := b.each("words", []string{"key", "label", "words", "source", "confirmed"}, b.text); err != nil {
		return err
	}
	if err := b.each("thesaurus", []string{"german", "words", "source", "confirmed"}, b.entry); err != nil {
		return err
	}
	if err := b.table("function.csv", []string{"language", "words", "source"}, b.functionWords); err != nil {
		return err
	}
	if err := b.table("ordinary.csv", []string{"language", "words", "source"}, b.ordinaryWords); err != nil {
		return err
	}
	if err := b.table("acute.csv", []string{"acute", "language", "words", "source"}, b.acuteWords); err != nil {
		return err
	}
	return b.table("hotlines.csv", []string{"acute", "rank", "number", "shown", "name_de", "name_en", "hours", "region", "source"}, b.hotline)
}

// row is a line with its fields by column name.
type row struct {
	file   string
	line   int
	fields map[string]string
}

func (r row) list(column string) []string {
	var out []string
	for w := range strings.SplitSeq(r.fields[column], "|") {
		if w = strings.Join(strings.Fields(w), " "); w != "" {
			out = append(out, w)
		}
	}
	return out
}

// each reads a folder with one file for each language.
func (b *builder) each(folder string, columns []string, use func(lang string, r row) *tabular.Problem) error {
	files, err := fs.Glob(b.fsys, folder+"/*.csv")
	if err != nil {
		return fault.Wrap(fault.Internal, folder, "the folder cannot be listed", "", err)
	}
	for _, f := range files {
		lang := strings.TrimSuffix(path.Base(f), ".csv")
		if !slices.Contains(Languages(), lang) {
			b.notes.Rejected(notice.Notice{
				File: b.at + "/" + f, Line: 1, Field: "language", Value: lang, Rule: "unknown-language",
				Advice: "name the file after one of " + strings.Join(Languages(), ", "),
			})
			continue
		}
		if err := b.table(f, columns, func(r row) *tabular.Problem { return use(lang, r) }); err != nil {
			return err
		}
	}
	return nil
}

// table reads one file; a file that is not there is no problem, since a region brings only what it changes.
func (b *builder) table(name string, columns []string, use func(row) *tabular.Problem) error {
	f, err := b.fsys.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fault.Wrap(fault.NotFound, b.at+"/"+name, "the file cannot be opened", "check its rights", err)
	}
	defer f.Close()
	file := b.at + "/" + name
	t, err := tabular.Open(f, tabular.Options{File: file, Notes: b.notes, Delimiter: ';'})
	if err != nil {
		return err
	}
	at := map[string]int{}
	for _, c := range columns {
		if at[c], err = t.Need(c); err != nil {
			return err
		}
	}
	return t.Each(func(r tabular.Row) *tabular.Problem {
		fields := map[string]string{}
		for _, c := range columns {
			fields[c] = r.Text(at[c])
		}
		if s, wanted := fields["source"]; wanted && s == "" {
			return &tabular.Problem{Field: "source", Rule: "no-source", Advice: "name who wrote the line; own wording of this project is \"gevor\""}
		}
		return use(row{file, r.Line, fields})
	})
}

func (b *builder) concept(r row) *tabular.Problem {
	c := Concept{
		Key: r.fields["key"], Parents: strings.Fields(r.fields["parents"]), Acute: r.fields["acute"],
		OpenEligibility: strings.Fields(r.fields["open_eligibility"]), LeiKa: strings.Fields(r.fields["leika"]), OSM: strings.Fields(r.fields["osm"]),
	}
	slices.Sort(c.Parents)
	kinds := []string{Situation.String(), Need.String(), Service.String()}
	kind := slices.Index(kinds, r.fields["kind"])
	switch {
	case !plainKey(c.Key):
		return &tabular.Problem{Field: "key", Value: c.Key, Rule: "bad-key", Advice: "a key is made of the letters a–z, digits and hyphens"}
	case kind < 0:
		return &tabular.Problem{Record: c.Key, Field: "kind", Value: r.fields["kind"], Rule: "unknown-kind", Advice: "write one of " + strings.Join(kinds, ", ")}
	}
	c.Kind = Kind(kind)
	if c.Kind != Situation && len(c.Parents) == 0 {
		return &tabular.Problem{Record: c.Key, Field: "parents", Rule: "no-parent", Advice: "name at least one broader concept; only situations have none"}
	}
	for _, tag := range c.OSM {
		if k, v, ok := strings.Cut(tag, "="); !ok || k == "" || v == "" {
			return &tabular.Problem{Record: c.Key, Field: "osm", Value: tag, Rule: "bad-tag", Advice: "write tags as key=value"}
		}
	}
	if old, twice := b.concepts[c.Key]; twice && old.layer == b.layer {
		return &tabular.Problem{Record: c.Key, Field: "key", Value: c.Key, Rule: "doubled-key", Advice: fmt.Sprintf("it stands already on line %d", old.line)}
	}
	b.concepts[c.Key] = placed[Concept]{c, r.file, r.line, b.layer}
	return nil
}

func (b *builder) text(lang string, r row) *tabular.Problem {
	key := r.fields["key"]
	t := Text{Label: r.fields["label"], Words: r.list("words"), Source: r.fields["source"], Confirmed: r.fields["confirmed"]}
	if t.Label == "" {
		return &tabular.Problem{Record: key, Field: "label", Rule: "no-label", Advice: "every line needs a label"}
	}
	if w, twice := doubled(append([]string{t.Label}, t.Words...)); twice {
		return &tabular.Problem{Record: key, Field: "words", Value: w, Rule: "doubled-word", Advice: "write every word once"}
	}
	at := [2]string{lang, key}
	if old, twice := b.texts[at]; twice && old.layer == b.layer {
		return &tabular.Problem{Record: key, Field: "key", Value: key, Rule: "doubled-key", Advice: fmt.Sprintf("it stands already on line %d", old.line)}
	}
	b.texts[at] = placed[Text]{t, r.file, r.line, b.layer}
	return nil
}

func (b *builder) entry(lang string, r row) *tabular.Problem {
	e := Entry{German: r.fields["german"], Words: r.list("words"), Source: r.fields["source"], Confirmed: r.fields["confirmed"]}
	switch {
	case e.German == "":
		return &tabular.Problem{Field: "german", Rule: "no-label", Advice: "name the German term"}
	case len(e.Words) == 0:
		return &tabular.Problem{Record: e.German, Field: "words", Rule: "no-words", Advice: "give at least one word, or take the line out"}
	}
	if w, twice := doubled(e.Words); twice {
		return &tabular.Problem{Record: e.German, Field: "words", Value: w, Rule: "doubled-word", Advice: "write every word once"}
	}
	at := [2]string{lang, e.German}
	if old, twice := b.entries[at]; twice && old.layer == b.layer {
		return &tabular.Problem{Record: e.German, Field: "german", Value: e.German, Rule: "doubled-key", Advice: fmt.Sprintf("it stands already on line %d", old.line)}
	}
	b.entries[at] = placed[Entry]{e, r.file, r.line, b.layer}
	return nil
}

func (b *builder) functionWords(r row) *tabular.Problem {
	lang := r.fields["language"]
	if p := knownLanguage(lang); p != nil {
		return p
	}
	b.v.function[lang] = append(b.v.function[lang], r.list("words")...)
	return nil
}

func (b *builder) ordinaryWords(r row) *tabular.Problem {
	lang := r.fields["language"]
	if p := knownLanguage(lang); p != nil {
		return p
	}
	b.v.ordinary[lang] = append(b.v.ordinary[lang], r.list("words")...)
	return nil
}

func (b *builder) acuteWords(r row) *tabular.Problem {
	lang, matter := r.fields["language"], r.fields["acute"]
	if p := knownLanguage(lang); p != nil {
		return p
	}
	words := r.list("words")
	if matter == "" || len(words) == 0 {
		return &tabular.Problem{Record: matter, Field: "words", Rule: "no-words", Advice: "name the matter and at least one word"}
	}
	if b.v.acute[matter] == nil {
		b.v.acute[matter] = map[string][]string{}
	}
	b.v.acute[matter][lang] = append(b.v.acute[matter][lang], words...)
	return nil
}

func (b *builder) hotline(r row) *tabular.Problem {
	f := r.fields
	rank, err := strconv.Atoi(f["rank"])
	if err != nil || rank < 1 {
		return &tabular.Problem{Record: f["acute"], Field: "rank", Value: f["rank"], Rule: "bad-rank", Advice: "write a whole number from 1"}
	}
	if f["number"] == "" || strings.Trim(f["number"], "0123456789") != "" {
		return &tabular.Problem{Record: f["acute"], Field: "number", Value: f["number"], Rule: "bad-number", Advice: "write the digits that one dials in Germany, without spaces"}
	}
	if f["acute"] == "" || f["name_de"] == "" || f["region"] == "" {
		return &tabular.Problem{Record: f["acute"], Field: "name_de", Rule: "no-label", Advice: "matter, German name and region are needed"}
	}
	h := Hotline{
		Acute: f["acute"], Rank: rank, Number: f["number"], Shown: f["shown"], Name: map[string]string{"de": f["name_de"]},
		Hours: f["hours"], Region: f["region"], Source: f["source"],
	}
	if f["name_en"] != "" {
		h.Name["en"] = f["name_en"]
	}
	if h.Shown == "" {
		h.Shown = h.Number
	}
	b.hotlines[[2]string{h.Acute, h.Number}] = placed[Hotline]{h, r.file, r.line, b.layer}
	return nil
}

func knownLanguage(lang string) *tabular.Problem {
	if slices.Contains(Languages(), lang) {
		return nil
	}
	return &tabular.Problem{Field: "language", Value: lang, Rule: "unknown-language", Advice: "write one of " + strings.Join(Languages(), ", ")}
}

// doubled finds a word that stands twice, whatever its case.
func doubled(words []string) (string, bool) {
	seen := map[string]bool{}
	for _, w := range words {
		if l := strings.ToLower(w); seen[l] {
			return w, true
		} else {
			seen[l] = true
		}
	}
	return "", false
}

func plainKey(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
