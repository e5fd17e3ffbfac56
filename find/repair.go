package find

import (
	"strings"
)

// mend writes the query with its repairs; "" where none was needed.
func mend(text string, slots []slot) string {
	changed := false
	for _, s := range slots {
		if s.repaired != "" && s.words != "" {
			text = strings.Replace(text, s.words, s.repaired, 1)
			changed = true
		}
	}
	if !changed {
		return ""
	}
	return text
}

// unknownSlot tries what is left for a word that its language does not know: the neighbours of its script, then
// how it sounds.
func (ix *Index) unknownSlot(tokens []token, folded []string, i int, lang string) slot {
	own := scriptOf(folded[i])
	for _, other := range []string{"uk", "ru", "bg", "ar", "fa", "ckb", "en", "fr", "tr", "pl", "ro", "kmr"} {
		d := ix.lex.of[other]
		if d == nil || other == lang || scriptOfLanguage(other) != own || own == latin && len(folded[i]) < 4 {
			continue
		}
		if m, ok := d.at(folded, i); ok && m.tokens == 1 {
			return ix.slotOf(m, tokens[i:i+1], 0.7)
		}
	}
	s := slot{importance: 1, words: tokens[i].raw}
	if own == latin {
		ix.addMisspelt(&s, folded[i])
	}
	if len(s.alts) == 0 {
		ix.addBySound(&s, folded[i])
	}
	return s
}

// addBySound: words of other scripts against the documents, Latin words against other scripts' lexica.
func (ix *Index) addBySound(s *slot, w string) {
	sounds := sound(w)
	if len(sounds) < minSounds {
		return
	}
	if scriptOf(w) == latin {
		for _, lang := range []string{"ar", "uk", "ru", "fa", "bg", "ckb"} {
			d := ix.lex.of[lang]
			if d == nil || len(sounds) < minSounds {
				continue
			}
			for _, n := range d.sounds[sounds] {
				ix.addTargets(s, d.phrases[n].targets, ix.tuning.Sound)
			}
		}
		return
	}
	for cut := len(sounds); cut >= max(4, len(sounds)-1) || cut == len(sounds); cut-- {
		for _, g := range ix.sounds[sounds[:cut]] {
			ix.addGerman(s, g, ix.tuning.Sound)
		}
		if len(s.alts) > 0 {
			return
		}
	}
}

// apart gives the parts of a compound that the documents do not have as a whole, so that each is asked for by
// itself; nil where the word stands there, is known to the lexicon, or cannot be divided.
func (ix *Index) apart(w string) []string {
	if len(w) < minSplit || ix.indexed(w) {
		return nil
	}
	if d := ix.lex.of["de"]; d != nil && d.knows(w) {
		return nil
	}
	if parts := ix.split.split(w); parts != nil {
		return parts
	}
	if ix.misspelt(w) {
		return nil
	}
	return ix.split.partly(w)
}

// misspelt says whether an unknown word, or half of it, lies near a known one.
func (ix *Index) misspelt(w string) bool {
	var s slot
	ix.addMisspelt(&s, w)
	return s.repaired != ""
}

// unheard says that a word means nothing in a language that is not German.
func (ix *Index) unheard(w, lang string) bool {
	d := ix.lex.of[lang]
	return scriptOf(w) == latin && (d == nil || !d.knows(w))
}

// unknownLatin: a word in a German query that is none may be of another language or typed by ear.
func (ix *Index) unknownLatin(tokens []token, folded []string, i int) slot {
	for _, lang := range []string{"en", "fr", "tr", "pl", "ro", "kmr"} {
		if d := ix.lex.of[lang]; d != nil && len(folded[i]) > 3 {
			if m, ok := d.at(folded, i); ok && m.tokens == 1 {
				return ix.slotOf(m, tokens[i:i+1], 0.7)
			}
		}
	}
	s := slot{importance: 1, words: tokens[i].raw}
	ix.addBySound(&s, folded[i])
	return s
}

// addMisspelt adds what a word that nothing knows may have meant.
func (ix *Index) addMisspelt(s *slot, w string) {
	letters := len([]rune(w))
	for _, near := range ix.forms.search(w, allowance(letters), 4) {
		ix.addRepair(s, near.word, repairWeight(near.cost))
	}
	if s.repaired == "" {
		ix.addMisspeltCompound(s, w)
	}
}

func (ix *Index) addRepair(s *slot, word string, weight float64) {
	before := len(s.alts)
	s.alts = append(s.alts, ix.alternatives(word, weight)...)
	if d := ix.lex.of["de"]; d != nil {
		if m, ok := d.at([]string{word}, 0); ok {
			ix.addTargets(s, m.targets, weight*ix.tuning.Synonym)
		}
	}
	if len(s.alts) > before && s.repaired == "" {
		s.repaired = word
	}
}

// addMisspeltCompound mends one half of a compound of which the other half is right.
func (ix *Index) addMisspeltCompound(s *slot, w string) {
	if len(w) < 9 || scriptOf(w) != latin {
		return
	}
	var best []string
	bestCost := 1 << 30
	for i := minPart; i+minPart <= len(w); i++ {
		left, right := w[:i], w[i:]
		if p, n := ix.split.part(left, false); n > 0 {
			for _, near := range ix.forms.search(right, min(allowance(len(right)), costEdit), 1) {
				if near.cost < bestCost {
					best, bestCost = []string{p, near.word}, near.cost
				}
			}
		}
		if p, n := ix.split.part(right, true); n > 0 {
			for _, near := range ix.forms.search(left, min(allowance(len(left)), costEdit), 1) {
				if near.cost < bestCost {
					best, bestCost = []string{near.word, p}, near.cost
				}
			}
		}
	}
	var a alternative
	for _, p := range best {
		a.terms = append(a.terms, ix.best(p, repairWeight(bestCost)*ix.tuning.Joined)...)
	}
	if len(a.terms) > 0 {
		s.alts = append(s.alts, a)
		s.repaired = strings.Join(best, "")
	}
}

// repairWeight: the farther the guess, the less it counts.
func repairWeight(cost int) float64 { return 1 / (1 + float64(cost)/30) }
