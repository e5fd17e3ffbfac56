package intake

import (
	"slices"
	"strings"

	"gevor/vocabulary"
)

// Words finds concepts of the vocabulary and languages by the words of others. Make it with NewWords.
type Words struct {
	voc       *vocabulary.Vocabulary
	named     map[string]string // concept by folded label, everyday word or key
	osm       map[string][]string
	languages vocabulary.Tongues
}

// NewWords reads the vocabulary.
func NewWords(voc *vocabulary.Vocabulary) *Words {
	w := &Words{voc: voc, named: map[string]string{}, osm: map[string][]string{}, languages: vocabulary.NewTongues()}
	for _, c := range voc.Concepts() {
		for _, tag := range c.OSM {
			w.osm[tag] = append(w.osm[tag], c.Key)
		}
		if c.Kind != vocabulary.Service {
			continue
		}
		for _, lang := range []string{"en", "de"} {
			for _, s := range voc.Words(c.Key, lang) {
				w.named[fold(s)] = c.Key
			}
			if label, _, _ := voc.Label(c.Key, lang); label != "" {
				w.named[fold(label)] = c.Key
			}
		}
		for _, slug := range c.OpenEligibility {
			if w.named[fold(slug)] == "" {
				w.named[fold(slug)] = c.Key
			}
		}
	}
	for _, c := range voc.Concepts() {
		w.named[fold(c.Key)] = c.Key
	}
	return w
}

// fold brings words to one form: small letters, nothing but letters and digits.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', strings.ContainsRune("äöüß", r):
			return r
		}
		return -1
	}, strings.ToLower(s))
}

// Find gives the concepts that words name, each once.
func (w *Words) Find(words ...string) []string {
	var out []string
	for _, s := range words {
		if key := w.named[fold(s)]; key != "" && !slices.Contains(out, key) {
			out = append(out, key)
		}
	}
	return out
}

// Situation gives the situation of the vocabulary that a term of a source names; none where there is none.
func (w *Words) Situation(code string) []string {
	if c, ok := w.voc.Concept(code); ok && c.Kind == vocabulary.Situation {
		return []string{c.Key}
	}
	return nil
}

// Language gives the tag of a language that is named in German or English; what is no such name comes back as it is.
func (w *Words) Language(s string) string {
	if tag := w.languages.Tag(s); tag != "" {
		return tag
	}
	return strings.TrimSpace(s)
}

// kindsOf gives the concepts that terms name, else those that words of the name name, else "other".
func (w *Words) kindsOf(terms []string, name string) []string {
	if out := w.Find(terms...); len(out) > 0 {
		return out
	}
	if out := w.Find(append([]string{name}, strings.FieldsFunc(name, func(r rune) bool { return r == ' ' || r == '-' || r == ',' || r == '/' })...)...); len(out) > 0 {
		return out
	}
	return []string{"other"}
}
