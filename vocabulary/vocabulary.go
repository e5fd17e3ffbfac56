// Package vocabulary holds the words in which people and offers meet: life situation → need → kind of service, a
// small polyhierarchy with labels and everyday words in many languages, a thesaurus from those languages to the
// German of the records, and the acute words that put a hotline first.
//
// All of it is data (folder data/, semicolon CSV). A region folder may hold a folder vocabulary/ with files of the
// same names and columns: a line with a key that the built-in data have replaces it, any other line is added.
// Every line names its source; it counts as machine-made until a named person stands in its column "confirmed".
package vocabulary

import (
	"cmp"
	"slices"
	"strings"
)

// Kind is the level of a concept.
type Kind uint8

// The levels, from the widest to the narrowest. A broader concept is never of a narrower level.
const (
	Situation Kind = iota // what has happened in somebody's life
	Need                  // what the person needs
	Service               // the kind of service that answers the need
)

// String gives the word that stands in the column "kind".
func (k Kind) String() string { return [...]string{"situation", "need", "service"}[k] }

// Concept is one node of the hierarchy.
type Concept struct {
	Key             string
	Kind            Kind
	Parents         []string // keys, sorted; none only for situations
	Acute           string   // key of the hotlines that come first, "" where nothing is acute
	OpenEligibility []string // slugs of the Open Eligibility taxonomy, where one fits
	LeiKa           []string // keys of the German catalogue of public services, where one is certain
	OSM             []string // tags as "key=value"
}

// Text is what one language says of one concept.
type Text struct {
	Label     string
	Words     []string // everyday words and phrases, colloquial and habitually misspelt ones included, without the label
	Source    string   // who wrote the line; "gevor" for wording of this project
	Confirmed string   // the person who confirmed it; "" = machine-made
}

// Entry is one line of the thesaurus: a German term and the words of one language for it. In the German thesaurus
// the words are synonyms.
type Entry struct {
	German    string
	Words     []string
	Source    string
	Confirmed string
}

// Hotline is a number to call at once.
type Hotline struct {
	Acute  string // which acute matter it answers
	Rank   int    // 1 comes first
	Number string // as one dials it in Germany, digits only
	Shown  string // as one prints it
	Name   map[string]string
	Hours  string // "24/7" or words in German
	Region string // "DE" or the prefixes of the municipality keys for which the number holds, separated by spaces
	Source string
}

// Vocabulary is immutable and safe for concurrent use.
type Vocabulary struct {
	concepts  []Concept // by key
	at        map[string]int
	narrower  [][]string
	texts     map[string]map[string]Text // language → key
	thesaurus map[string][]Entry         // language → lines in order of the German term
	function  map[string][]string        // language → words that carry no subject
	ordinary  map[string][]string        // language → words of everyday speech that name no need by themselves
	hotlines  []Hotline
	acute     map[string]map[string][]string // matter → language → words
}

// Languages lists the BCP 47 tags that labels and words may have. Kurmanji (kmr) and Sorani (ckb) are two languages;
// de-simple is Leichte Sprache.
func Languages() []string {
	return []string{"de", "de-simple", "en", "tr", "ar", "uk", "ru", "ro", "bg", "pl", "fr", "fa", "kmr", "ckb"}
}

// Concepts gives all concepts ordered by key.
func (v *Vocabulary) Concepts() []Concept { return slices.Clone(v.concepts) }

// Concept finds one by its key.
func (v *Vocabulary) Concept(key string) (Concept, bool) {
	i, ok := v.at[key]
	if !ok {
		return Concept{}, false
	}
	return v.concepts[i], true
}

// Broader gives the direct parents of a concept in order of their keys.
func (v *Vocabulary) Broader(key string) []string {
	if i, ok := v.at[key]; ok {
		return slices.Clone(v.concepts[i].Parents)
	}
	return nil
}

// Narrower gives the direct children of a concept in order of their keys.
func (v *Vocabulary) Narrower(key string) []string {
	if i, ok := v.at[key]; ok {
		return slices.Clone(v.narrower[i])
	}
	return nil
}

// Within gives the concept and everything below it, in order of keys, each once.
func (v *Vocabulary) Within(key string) []string {
	if _, ok := v.at[key]; !ok {
		return nil
	}
	seen := map[string]bool{key: true}
	todo := []string{key}
	for len(todo) > 0 {
		next := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, n := range v.narrower[v.at[next]] {
			if !seen[n] {
				seen[n] = true
				todo = append(todo, n)
			}
		}
	}
	return sortedKeys(seen)
}

// Above gives every concept above key with the least number of steps to it; key itself has 0.
func (v *Vocabulary) Above(key string) map[string]int {
	out := map[string]int{}
	level := []string{key}
	for steps := 0; len(level) > 0; steps++ {
		var next []string
		for _, k := range level {
			i, ok := v.at[k]
			if _, seen := out[k]; seen || !ok {
				continue
			}
			out[k] = steps
			next = append(next, v.concepts[i].Parents...)
		}
		level = next
	}
	return out
}

// Label gives the label of a concept in a language, else in German; confirmed is false where the text shown is
// machine-made, and shown is the language it is in. Unknown keys give the key.
func (v *Vocabulary) Label(key, lang string) (label, shown string, confirmed bool) {
	for _, l := range []string{lang, base(lang), "de"} {
		if t, ok := v.texts[l][key]; ok && t.Label != "" {
			return t.Label, l, t.Confirmed != ""
		}
	}
	return key, "", false
}

// Text gives what exactly this language says of a concept.
func (v *Vocabulary) Text(key, lang string) (Text, bool) {
	t, ok := v.texts[lang][key]
	return t, ok
}

// Words gives label and everyday words of a concept in one language, the label first.
func (v *Vocabulary) Words(key, lang string) []string {
	t, ok := v.texts[lang][key]
	if !ok {
		return nil
	}
	return append([]string{t.Label}, t.Words...)
}

// Thesaurus gives the lines of one language in order of their German terms.
func (v *Vocabulary) Thesaurus(lang string) []Entry { return slices.Clone(v.thesaurus[lang]) }

// FunctionWords gives the words of a language that carry no subject (articles, question words, politeness).
func (v *Vocabulary) FunctionWords(lang string) []string { return slices.Clone(v.function[lang]) }

// OrdinaryWords gives words of everyday speech that name no need by themselves (kin, body, times, what people do all
// day): they are known, so they are no misspelt form of anything else.
func (v *Vocabulary) OrdinaryWords(lang string) []string { return slices.Clone(v.ordinary[lang]) }

// AcuteMatters lists the matters that put a hotline first, in order.
func (v *Vocabulary) AcuteMatters() []string {
	seen := map[string]bool{}
	for _, h := range v.hotlines {
		seen[h.Acute] = true
	}
	return sortedKeys(seen)
}

// AcuteWords gives the words of a language that mean an acute matter.
func (v *Vocabulary) AcuteWords(matter, lang string) []string {
	return slices.Clone(v.acute[matter][lang])
}

// Hotlines gives the numbers for an acute matter that hold at a municipality key (AGS, "" = anywhere in Germany),
// in the order in which they are to be shown.
func (v *Vocabulary) Hotlines(matter, ags string) []Hotline {
	var out []Hotline
	for _, h := range v.hotlines {
		if h.Acute == matter && h.holdsAt(ags) {
			out = append(out, h)
		}
	}
	slices.SortStableFunc(out, func(a, b Hotline) int {
		return cmp.Or(cmp.Compare(a.Rank, b.Rank), cmp.Compare(a.Number, b.Number))
	})
	return out
}

func (h Hotline) holdsAt(ags string) bool {
	for p := range strings.FieldsSeq(h.Region) {
		if p == "DE" || ags != "" && strings.HasPrefix(ags, p) {
			return true
		}
	}
	return false
}

func base(lang string) string {
	b, _, _ := strings.Cut(lang, "-")
	return b
}

func sortedKeys[T any](m map[string]T) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
