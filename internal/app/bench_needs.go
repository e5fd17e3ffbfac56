package app

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"gevor/fault"
	"gevor/find"
	"gevor/tabular"
	"gevor/vocabulary"
)

func benchNeedsCommand(c console) *cobra.Command {
	var dir string
	var misses bool
	cmd := &cobra.Command{
		Use:   "needs --needs DIR",
		Short: "Hold the search against the judged needs of bench/needs",
		Long: `Makes an invented directory of four services for each kind, asks every query of the folder, and prints nDCG@10,
the rate of empty results and constraint violations among the first five, by language and form, for the open and
the held-back intents. The misspelt and transliterated forms are made by machine from the sentence and the keyword.
"unknown_words" counts only held-back queries of which no entry of the vocabulary is the whole text: those that whoever
wrote the words did not write down as they stand.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return benchNeeds(c, dir, misses) },
	}
	cmd.Flags().BoolVar(&misses, "misses", false, "print instead the open queries that find little, with what they were taken for; never a held-back one")
	cmd.Flags().StringVar(&dir, "needs", "bench/needs", "folder with services.csv, intents.csv and queries.csv")
	return cmd
}

type intent struct {
	group string
	held  bool
	grade map[string]int // kind of service → 1–3
	wrong map[string]bool
}

type needQuery struct{ intent, language, form, text string }

type needsWire struct {
	Services  int                             `json:"services"`
	Intents   int                             `json:"intents"`
	Queries   int                             `json:"queries"`
	Open      map[string]map[string]needScore `json:"open"`      // language ("all" too) → form ("all" too)
	HeldBack  map[string]map[string]needScore `json:"held_back"` // the same
	Unknown   map[string]needScore            `json:"unknown_words"`
	Verbatim  map[string]float64              `json:"held_back_keywords_in_vocabulary"` // share, by language
	Groups    map[string]needScore            `json:"groups"`
	WorstGap  float64                         `json:"gap_between_german_and_worst_language"`
	Violation int                             `json:"constraint_violations_in_top_five"`
}

type needScore struct {
	Queries  int     `json:"queries"`
	NDCG     float64 `json:"ndcg_at_10"`
	Empty    float64 `json:"empty"`
	Hard     float64 `json:"hard_negative_first"` // share of queries whose first hit is a hard negative
	sum      float64
	empty    int
	negative int
}

func (s *needScore) add(ndcg float64, empty, negative bool) {
	s.Queries++
	s.sum += ndcg
	if empty {
		s.empty++
	}
	if negative {
		s.negative++
	}
	thousandth := func(x float64) float64 { return math.Round(x*1000) / 1000 }
	n := float64(s.Queries)
	s.NDCG, s.Empty, s.Hard = thousandth(s.sum/n), thousandth(float64(s.empty)/n), thousandth(float64(s.negative)/n)
}

// missedNeed is one open query that found little.
type missedNeed struct {
	Intent     string   `json:"intent"`
	Language   string   `json:"language"`
	Form       string   `json:"form"`
	Text       string   `json:"text"`
	NDCG       float64  `json:"ndcg_at_10"`
	Understood []string `json:"understood"`
	First      []string `json:"first"`
}

const poor = 0.35 // below this nDCG a query counts as missed

func benchNeeds(c console, dir string, misses bool) error {
	voc, err := vocabulary.Load(nil)
	if err != nil {
		return err
	}
	docs, kinds, err := needServices(dir)
	if err != nil {
		return err
	}
	intents, queries, err := readNeeds(dir)
	if err != nil {
		return err
	}
	ix, err := find.Build(docs, voc, find.Options{})
	if err != nil {
		return err
	}
	out := needsWire{
		Services: len(docs), Intents: len(intents), Groups: map[string]needScore{},
		Open: map[string]map[string]needScore{}, HeldBack: map[string]map[string]needScore{},
		Unknown: map[string]needScore{}, Verbatim: map[string]float64{},
	}
	entries := wholeEntries(voc)
	keywords := map[string]int{}
	enc := json.NewEncoder(c.out)
	enc.SetIndent("", "  ")
	for _, q := range queries {
		in, ok := intents[q.intent]
		if !ok {
			return fault.New(fault.Invalid, filepath.Join(dir, "queries.csv"), fmt.Sprintf("there is no intent %q", q.intent), "add it to intents.csv")
		}
		for form, text := range needForms(q) {
			out.Queries++
			r := ix.Search(find.Query{Text: text, Language: q.language, Limit: 10})
			ndcg, negative := judge(r.Hits, kinds, in)
			if misses {
				if ndcg < poor && !in.held {
					if err := enc.Encode(missed(q, form, text, ndcg, r, kinds)); err != nil {
						return err
					}
				}
				continue
			}
			if in.held && !entries[q.language][strings.ToLower(q.text)] {
				for _, l := range []string{q.language, "all"} {
					u := out.Unknown[l]
					u.add(ndcg, len(r.Hits) == 0, negative)
					out.Unknown[l] = u
				}
			}
			if in.held && form == "keyword" {
				keywords[q.language]++
				if entries[q.language][strings.ToLower(q.text)] {
					out.Verbatim[q.language]++
				}
			}
			into := out.Open
			if in.held {
				into = out.HeldBack
			}
			for _, l := range []string{q.language, "all"} {
				if into[l] == nil {
					into[l] = map[string]needScore{}
				}
				for _, f := range []string{form, "all"} {
					s := into[l][f]
					s.add(ndcg, len(r.Hits) == 0, negative)
					into[l][f] = s
				}
			}
			g := out.Groups[in.group]
			g.add(ndcg, len(r.Hits) == 0, negative)
			out.Groups[in.group] = g
			out.Violation += violations(ix, text, q.language, docs)
		}
	}
	if misses {
		return nil
	}
	for l, n := range keywords {
		out.Verbatim[l] = math.Round(1000*out.Verbatim[l]/float64(n)) / 1000
	}
	worst := 1.0
	for l, forms := range out.HeldBack {
		if l != "all" {
			worst = min(worst, forms["all"].NDCG)
		}
	}
	out.WorstGap = math.Round((out.HeldBack["de"]["all"].NDCG-worst)*1000) / 1000
	return enc.Encode(out)
}

func missed(q needQuery, form, text string, ndcg float64, r find.Results, kinds []string) missedNeed {
	m := missedNeed{Intent: q.intent, Language: q.language, Form: form, Text: text, NDCG: math.Round(1000*ndcg) / 1000}
	for _, u := range r.Understood {
		m.Understood = append(m.Understood, u.Words+" = "+strings.Join(append(u.As, u.Concepts...), ", "))
	}
	for _, h := range r.Hits[:min(len(r.Hits), 10)] {
		if k := kinds[h.N]; !slices.Contains(m.First, k) {
			m.First = append(m.First, k)
		}
	}
	return m
}

// wholeEntries lists by language what the vocabulary holds word for word, in small letters.
func wholeEntries(voc *vocabulary.Vocabulary) map[string]map[string]bool {
	out := map[string]map[string]bool{}
	for _, lang := range vocabulary.Languages() {
		out[lang] = map[string]bool{}
		for _, c := range voc.Concepts() {
			for _, w := range voc.Words(c.Key, lang) {
				out[lang][strings.ToLower(w)] = true
			}
		}
		for _, e := range voc.Thesaurus(lang) {
			for _, w := range e.Words {
				out[lang][strings.ToLower(w)] = true
			}
		}
	}
	return out
}

// violations asks once more, only for services in one town, and counts hits elsewhere.
func violations(ix *find.Index, text, language string, docs []find.Doc) int {
	here := func(n int) bool { return slices.Contains(docs[n].Facts, "town:Nordstadt") }
	bad := 0
	for _, h := range ix.Search(find.Query{Text: text, Language: language, Limit: 5, Must: []find.Constraint{{Name: "town", Keep: here}}}).Hits {
		if !slices.Contains(docs[h.N].Facts, "town:Nordstadt") {
			bad++
		}
	}
	return bad
}

// needForms gives the forms in which a query is asked: as written, and for sentences misspelt, for keywords in Latin
// letters without accents.
func needForms(q needQuery) map[string]string {
	forms := map[string]string{q.form: q.text}
	switch q.form {
	case "sentence":
		forms["typo"] = find.Misspell(q.text, uint64(len(q.text)))
	case "keyword":
		if t := find.Transliterate(q.text); t != q.text {
			forms["transliteration"] = t
		}
	}
	return forms
}

// judge gives nDCG@10 (gain 2^grade − 1, discount log2(rank+1), ideal: four services of each judged kind) and
// whether a hard negative came first.
func judge(hits []find.Hit, kinds []string, in intent) (float64, bool) {
	var got, ideal float64
	for i, h := range hits {
		got += gain(in.grade[kinds[h.N]], i)
	}
	var grades []int
	for _, g := range in.grade {
		for range needTowns() {
			grades = append(grades, g)
		}
	}
	slices.SortFunc(grades, func(a, b int) int { return cmp.Compare(b, a) })
	for i, g := range grades[:min(10, len(grades))] {
		ideal += gain(g, i)
	}
	return got / ideal, len(hits) > 0 && in.wrong[kinds[hits[0].N]]
}

func gain(grade, i int) float64 { return (math.Exp2(float64(grade)) - 1) / math.Log2(float64(i)+2) }

func needTowns() []string { return []string{"Nordstadt", "Südheim", "Westerfeld", "Osterbeck"} }

// needServices makes four services of each kind of services.csv; kinds holds the kind by number of the document.
func needServices(dir string) (docs []find.Doc, kinds []string, err error) {
	err = eachNeed(dir, "services.csv", []string{"kind", "name", "text"}, func(f []string) error {
		for _, town := range needTowns() {
			docs = append(docs, find.Doc{
				ID: f[0] + "-" + town, Concepts: []string{f[0]}, Facts: []string{"town:" + town},
				Fields: []find.Field{{Text: f[1] + " " + town, Weight: pageTitleWeight, Title: true}, {Text: f[2], Weight: 1}},
			})
			kinds = append(kinds, f[0])
		}
		return nil
	})
	return docs, kinds, err
}

func readNeeds(dir string) (map[string]intent, []needQuery, error) {
	intents := map[string]intent{}
	err := eachNeed(dir, "intents.csv", []string{"intent", "group", "held_back", "judgements", "hard_negatives"}, func(f []string) error {
		in := intent{group: f[1], held: f[2] == "yes", grade: map[string]int{}, wrong: map[string]bool{}}
		for j := range strings.FieldsSeq(f[3]) {
			kind, grade, _ := strings.Cut(j, "=")
			n, err := strconv.Atoi(grade)
			if err != nil || n < 1 || n > 3 {
				return fault.New(fault.Invalid, filepath.Join(dir, "intents.csv"), fmt.Sprintf("the judgement %q of %s is none", j, f[0]), "write kind=1, 2 or 3")
			}
			in.grade[kind] = n
		}
		for k := range strings.FieldsSeq(f[4]) {
			in.wrong[k] = true
		}
		intents[f[0]] = in
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	var queries []needQuery
	err = eachNeed(dir, "queries.csv", []string{"intent", "language", "form", "text"}, func(f []string) error {
		queries = append(queries, needQuery{f[0], f[1], f[2], f[3]})
		return nil
	})
	return intents, queries, err
}

// eachNeed reads a semicolon table of the benchmark; a row that cannot be used ends it, as figures would be of
// something else.
func eachNeed(dir, name string, columns []string, use func([]string) error) error {
	path := filepath.Join(dir, name)
	file, err := os.Open(path)
	if err != nil {
		return fault.Wrap(fault.NotFound, path, "the file cannot be opened", "name the folder with --needs", err)
	}
	defer file.Close()
	t, err := tabular.Open(file, tabular.Options{File: path, Delimiter: ';'})
	if err != nil {
		return err
	}
	at := make([]int, len(columns))
	for i, c := range columns {
		if at[i], err = t.Need(c); err != nil {
			return err
		}
	}
	var failed error
	err = t.Each(func(r tabular.Row) *tabular.Problem {
		fields := make([]string, len(at))
		for i, column := range at {
			fields[i] = r.Text(column)
		}
		if failed == nil {
			failed = use(fields)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return failed
}
