package find

import (
	"slices"
	"strings"
)

// language guesses in which language a query stands: the words of which one it knows most of. The hint settles
// ties, letters that only one language has weigh more, and German wins where nothing speaks against it.
func (ix *Index) language(folded []string, hint string) string {
	hint, _, _ = strings.Cut(hint, "-")
	best, bestScore := "de", -1.0
	for _, lang := range []string{"de", "en", "fr", "tr", "pl", "ro", "kmr", "ar", "fa", "ckb", "uk", "ru", "bg"} {
		d := ix.lex.of[lang]
		score := 0.0
		for _, w := range folded {
			if scriptOf(w) != scriptOfLanguage(lang) {
				continue
			}
			switch {
			case d != nil && d.function[w]:
				score++
			case lang == "de" && ix.indexed(w) && len(w) > 3:
				score += 0.9
			case d != nil && d.knows(w):
				score += 0.9
			case scriptOfLanguage(lang) != latin:
				score += 0.05
			}
		}
		score += 0.3 * boolWeight(lang == hint)
		if score > bestScore+1e-9 {
			best, bestScore = lang, score
		}
	}
	return best
}

// byEar recognises a query of another script that was typed in Latin letters: most of its words mean nothing in any
// language of Latin script, but sound like words of one other language. It gives that language and the words in its
// script, or "".
func (ix *Index) byEar(folded []string, hint string) (string, []string) {
	strange := 0
	for _, w := range folded {
		if ix.strange(w) {
			strange++
		}
	}
	if strange == 0 || 2*strange < len(folded) {
		return "", nil
	}
	hint, _, _ = strings.Cut(hint, "-")
	best, bestScore := "", 0.0
	var bestWords []string
	for _, lang := range []string{"ar", "fa", "ckb", "uk", "ru", "bg"} {
		d := ix.lex.of[lang]
		if d == nil {
			continue
		}
		rewritten := slices.Clone(folded)
		score := 0.2 * boolWeight(lang == hint)
		for i, w := range folded {
			if form, closeness := d.heard(w); form != "" {
				rewritten[i] = form
				score += closeness
			}
		}
		if score > bestScore+1e-9 {
			best, bestScore, bestWords = lang, score, rewritten
		}
	}
	if bestScore < 0.4*float64(len(folded)) {
		return "", nil
	}
	return best, bestWords
}

// strange: in Latin letters, and no word of the documents or of any language of that script.
func (ix *Index) strange(w string) bool {
	if scriptOf(w) != latin || ix.indexed(w) || w[0] <= '9' && len(w) < 3 {
		return false
	}
	for _, lang := range []string{"de", "en", "fr", "tr", "pl", "ro", "kmr"} {
		if d := ix.lex.of[lang]; d != nil && d.knows(w) {
			return false
		}
	}
	return true
}

// heard finds the word of the language that a word in Latin letters sounds like, and how close the spellings are
// (1 = the same letter by letter). Arabic writes articles and prepositions with the word: what is not known with them
// is looked for without.
func (d *dictionary) heard(w string) (string, float64) {
	best, closest := d.sounding(w)
	if best != "" || scriptOfLanguage(d.lang) != arabic {
		return best, closest
	}
	for _, p := range clitics() {
		rest, ok := strings.CutPrefix(w, p)
		if !ok || len(rest) < minSounds {
			continue
		}
		if form, c := d.sounding(rest); form != "" && c*withoutClitic > closest {
			best, closest = form, c*withoutClitic
		}
	}
	return best, closest
}

// withoutClitic is what a word counts that was found only after something was taken off its beginning.
const withoutClitic = 0.9

// clitics are the article and the prepositions and conjunctions of Arabic as one types them in Latin letters.
func clitics() []string {
	return []string{"wal", "bal", "bel", "fal", "kal", "lil", "wel", "ll", "al", "el", "il", "l", "b", "w", "f", "k"}
}

// byEarKey gives the sounds of a word in Latin letters as the language's own script writes them: Arabic j is a sound of
// its own there, and w is a vowel as often as not.
func (d *dictionary) byEarKey(w string) string {
	if scriptOfLanguage(d.lang) == arabic {
		w = strings.ReplaceAll(strings.ReplaceAll(w, "w", ""), "j", "sh")
	}
	return soundLatin(w)
}

// sounding finds the closest spelling among the words of one sound.
func (d *dictionary) sounding(w string) (string, float64) {
	best, closest := "", 0.5
	for _, form := range d.bySound[d.byEarKey(w)] {
		spelt := []rune(Transliterate(form))
		typed := []rune(w)
		rows := [][]int{make([]int, len(typed)+1)}
		for j := range rows[0] {
			rows[0][j] = j * costEdit
		}
		for i := range spelt {
			rows = append(rows, make([]int, len(typed)+1))
			fillRow(rows, spelt[:i+1], typed)
		}
		distance := float64(rows[len(spelt)][len(typed)]) / costEdit
		if c := 1 - distance/float64(max(len(spelt), len(typed))); c > closest {
			best, closest = form, c
		}
	}
	return best, closest
}

func boolWeight(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func scriptOfLanguage(lang string) script {
	switch lang {
	case "ar", "fa", "ckb":
		return arabic
	case "uk", "ru", "bg":
		return cyrillic
	}
	return latin
}

// indexed says whether a German word, as it stands or inflected, occurs in the documents.
func (ix *Index) indexed(w string) bool {
	if _, ok := ix.typeID[w]; ok {
		return true
	}
	id, ok := ix.termID[stemGerman(w)]
	return ok && len(ix.lists[id]) > 0
}

// acute gives the acute matters that the words mean, in any language of their script: a wrong alarm costs a line on
// the page, a missed one may cost a life.
func (ix *Index) acute(folded []string, lang string) []string {
	found := map[string]bool{}
	for l, matters := range ix.lex.acute {
		for matter, d := range matters {
			for i, w := range folded {
				if scriptOf(w) != scriptOfLanguage(l) {
					continue
				}
				if _, ok := d.at(folded, i); ok {
					found[matter] = true
					continue
				}
				if l != lang || ix.indexed(w) || d.function[w] {
					continue
				}
				if near := d.forms.search(w, min(allowance(len([]rune(w))), costEdit+costFirst), 1); len(near) > 0 && len([]rune(w)) > 4 {
					repaired := slices.Clone(folded)
					repaired[i] = near[0].word
					if _, ok := d.at(repaired, i); ok {
						found[matter] = true
					}
				}
			}
		}
	}
	return sorted(found)
}
