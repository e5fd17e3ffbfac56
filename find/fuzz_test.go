package find

import (
	"testing"
	"unicode/utf8"
)

// Whatever is typed ends in results that keep their promises.
func FuzzQuery(f *testing.F) {
	for _, s := range []string{"Impfung", "Zahnartz", "طبيب أسنان", "у моєї дитини", "zubnoy vrach", "Bürger*innen", "\x00\xff", "ää̈", "aeaeaeaeae", "ı̇İ", "a*in a:innen", "\u200c\u200d\u00ad"} {
		f.Add(s, "de")
	}
	ix := index(f, small())
	f.Fuzz(func(t *testing.T, text, lang string) {
		if len(text) > 2000 {
			return
		}
		r := ix.Search(Query{Text: text, Language: lang, Must: []Constraint{{Keep: func(n int) bool { return n%2 == 0 }}}})
		if r.Total > r.Matching || len(r.Hits) > 10 || r.Confidence < 0 || r.Confidence > 1 {
			t.Fatalf("%+v", r)
		}
		for i, h := range r.Hits {
			if h.N%2 != 0 || i > 0 && h.Score > r.Hits[i-1].Score {
				t.Fatalf("hit %d: %+v", i, h)
			}
		}
		for _, w := range words(text) {
			if again := fold(w.word); utf8.ValidString(text) && again != w.word && fold(again) != again {
				t.Fatalf("folding %q does not come to rest: %q, %q", w.raw, w.word, again)
			}
		}
		Misspell(text, 1)
		Transliterate(text)
	})
}
