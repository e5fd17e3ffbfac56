package find

import (
	_ "embed"
	"slices"
	"strings"
	"testing"
)

// Written by bench/search/russian_stems.py.
//
//go:embed testdata/russian_stems.tsv
var russianStems string

// The published stemmer knows й from и; a folded word does not, and three words of a thousand end otherwise for it.
func TestRussianStems(t *testing.T) {
	words, other := 0, []string{}
	for line := range strings.Lines(russianStems) {
		word, want, _ := strings.Cut(strings.TrimSpace(line), "\t")
		words++
		if stemRussian(fold(word)) != fold(want) {
			other = append(other, word)
		}
	}
	if words < 1000 || !slices.Equal(other, []string{"имейл", "сайт", "стоимость"}) {
		t.Errorf("of %d words these have another stem than the published stemmer gives: %v", words, other)
	}
}
