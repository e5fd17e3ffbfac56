package find

import (
	"slices"
	"strings"
)

// slot is one thing that a query asks for: any of its alternatives will do, the best one counts.
type slot struct {
	alts       []alternative
	importance float64
	words      string
	concepts   []string
	german     []string
	repaired   string // what a misspelt word was taken for
	function   bool
}

// alternative is a group of terms whose scores add up.
type alternative struct {
	terms []weighted
}

// plan is an understood query.
type plan struct {
	lang    string
	slots   []slot
	acute   []string
	unknown int    // words with a subject, as far as one can tell, that nothing was found for
	mended  string // the query with repairs, "" where nothing was repaired
}

const (
	maxQueryWords = 60
	maxSlots      = 40
)

func (ix *Index) understand(text, hint string, concepts []string) plan {
	tokens := words(text)
	if len(tokens) > maxQueryWords {
		tokens = tokens[:maxQueryWords]
	}
	folded := make([]string, len(tokens))
	for i, t := range tokens {
		folded[i] = t.word
	}
	p := plan{lang: ix.language(folded, hint)}
	if lang, rewritten := ix.byEar(folded, hint); lang != "" {
		p.lang, folded = lang, rewritten
	}
	p.acute = ix.acute(folded, p.lang)
	for i := 0; i < len(tokens) && len(p.slots) < maxSlots; {
		if parts := ix.apart(folded[i]); len(parts) > 0 && (p.lang == "de" || ix.unheard(folded[i], p.lang)) {
			for _, part := range parts {
				s := slot{importance: ix.tuning.Apart, words: tokens[i].raw}
				s.alts = ix.alternatives(part, 1)
				ix.addSynonyms(&s, part)
				if len(s.alts) > 0 {
					p.slots = append(p.slots, s)
				}
			}
			i++
			continue
		}
		s, taken := ix.slotAt(tokens, folded, i, p.lang)
		if len(s.alts) > 0 {
			p.slots = append(p.slots, s)
		} else if s.words != "" && !s.function {
			p.unknown++
		}
		if p.lang == "de" {
			if extra, ok := ix.phraseSlot(tokens, folded, i); ok {
				p.slots = append(p.slots, extra)
			}
		}
		i += taken
	}
	for _, c := range concepts {
		s := slot{importance: 1, concepts: []string{c}, words: c}
		if ix.addConcept(&s, c, 1) {
			p.slots = append(p.slots, s)
		}
	}
	p.mended = mend(text, p.slots)
	return p
}

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
// (1 = the same letter by letter).
func (d *dictionary) heard(w string) (string, float64) {
	best, closest := "", 0.5
	for _, form := range d.bySound[sound(w)] {
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

// slotAt understands the query from token i on and gives how many tokens that took.
func (ix *Index) slotAt(tokens []token, folded []string, i int, lang string) (slot, int) {
	w := folded[i]
	if lang == "de" || scriptOf(w) == latin && lang != "de" && scriptOfLanguage(lang) != latin {
		return ix.germanSlot(tokens, folded, i), 1
	}
	if s, taken, ok := ix.foreignSlot(tokens, folded, i, lang); ok {
		return s, taken
	}
	d := ix.lex.of[lang]
	if d != nil && d.function[w] {
		return slot{}, 1
	}
	if scriptOf(w) == latin && ix.indexed(w) {
		return ix.germanSlot(tokens, folded, i), 1
	}
	return ix.unknownSlot(tokens, folded, i, lang), 1
}

// foreignSlot looks for a phrase of a language that is not German, misspelt ones included.
func (ix *Index) foreignSlot(tokens []token, folded []string, i int, lang string) (slot, int, bool) {
	d := ix.lex.of[lang]
	if d == nil {
		return slot{}, 0, false
	}
	if m, ok := d.at(folded, i); ok {
		return ix.slotOf(m, tokens[i:i+m.tokens], 1), m.tokens, true
	}
	w := folded[i]
	if d.function[w] || d.isForm[w] {
		return slot{}, 0, false
	}
	for _, near := range d.forms.search(w, allowance(len([]rune(w))), 3) {
		repaired := slices.Clone(folded)
		repaired[i] = near.word
		if m, ok := d.at(repaired, i); ok {
			s := ix.slotOf(m, tokens[i:i+m.tokens], repairWeight(near.cost))
			if m.tokens == 1 {
				s.repaired = near.word
			}
			return s, m.tokens, true
		}
	}
	return slot{}, 0, false
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

// slotOf turns a phrase into a slot.
func (ix *Index) slotOf(m match, tokens []token, weight float64) slot {
	raw := make([]string, len(tokens))
	for i, t := range tokens {
		raw[i] = t.raw
	}
	s := slot{importance: 1, words: strings.Join(raw, " ")}
	ix.addTargets(&s, m.targets, weight)
	return s
}

func (ix *Index) addTargets(s *slot, targets []target, weight float64) {
	for _, t := range targets {
		if t.concept != "" {
			ix.addConcept(s, t.concept, weight*t.weight)
		}
		if t.german != "" {
			ix.addGerman(s, t.german, weight*t.weight)
		}
	}
}

// addConcept makes a concept an alternative, and, weaker, what is directly above it, so that a rare kind of service
// falls back to its neighbours.
func (ix *Index) addConcept(s *slot, key string, weight float64) bool {
	if ix.voc == nil {
		return false
	}
	above := ix.voc.Above(key)
	if len(above) == 0 {
		return false
	}
	if !slices.Contains(s.concepts, key) {
		s.concepts = append(s.concepts, key)
	}
	added := false
	for _, k := range sorted(above) {
		w := weight
		switch above[k] {
		case 0:
		case 1:
			w *= ix.tuning.Step * 0.5
		default:
			continue
		}
		if id, ok := ix.termID[conceptMark+k]; ok {
			s.alts = append(s.alts, alternative{[]weighted{{id, float32(w * ix.tuning.Concept)}}})
			added = true
		}
	}
	return added
}

// addGerman makes a German term of one or more words an alternative.
func (ix *Index) addGerman(s *slot, text string, weight float64) {
	if !slices.Contains(s.german, text) {
		s.german = append(s.german, text)
	}
	d := ix.lex.of["de"]
	var whole alternative
	list := words(text)
	for _, t := range list {
		if len(list) > 1 && d != nil && d.function[t.word] {
			continue
		}
		whole.terms = append(whole.terms, ix.best(t.word, weight)...)
	}
	if len(list) == 1 {
		s.alts = append(s.alts, ix.alternatives(list[0].word, weight)...)
		return
	}
	if n := len(whole.terms); n > 0 {
		// The words of a phrase share the weight of one thing.
		for i := range whole.terms {
			whole.terms[i].weight *= 1.4 / float32(1+0.4*float32(n))
		}
		s.alts = append(s.alts, whole)
	}
}

// best gives the surest term of a word that the documents have: its stem, else its root, else its parts.
func (ix *Index) best(w string, weight float64) []weighted {
	for _, a := range ix.alternatives(w, weight) {
		return a.terms
	}
	return nil
}

// alternatives of one German word as it stands: stem, root, and the parts of a compound together.
func (ix *Index) alternatives(w string, weight float64) []alternative {
	var out []alternative
	add := func(s string, weight float64) {
		if id, ok := ix.termID[s]; ok && len(ix.lists[id]) > 0 {
			out = append(out, alternative{[]weighted{{id, float32(weight)}}})
		}
	}
	add(stemGerman(w), weight)
	if r := rootGerman(w); r != "" {
		add(rootMark+r, weight*ix.tuning.Root)
	}
	var parts alternative
	for _, p := range ix.split.split(w) {
		for _, s := range []string{stemGerman(p), rootMark + rootGerman(p)} {
			if id, ok := ix.termID[s]; ok && len(ix.lists[id]) > 0 {
				parts.terms = append(parts.terms, weighted{id, float32(weight * ix.tuning.Joined)})
				break
			}
		}
	}
	if len(parts.terms) > 0 {
		out = append(out, parts)
	}
	return out
}

// germanSlot understands one word of a German query.
func (ix *Index) germanSlot(tokens []token, folded []string, i int) slot {
	w := folded[i]
	s := slot{importance: 1, words: tokens[i].raw}
	d := ix.lex.of["de"]
	if d != nil && d.function[w] {
		s.importance, s.function = ix.tuning.Function, true
		s.alts = ix.alternatives(w, 1)
		return s
	}
	s.alts = ix.alternatives(w, 1)
	ix.addJoined(&s, folded, i)
	ix.addSynonyms(&s, w)
	if !ix.indexed(w) && (d == nil || !d.knows(w)) {
		if len(s.alts) == 0 {
			ix.addMisspelt(&s, w)
		}
		if len(s.alts) == 0 {
			if other := ix.unknownLatin(tokens, folded, i); len(other.alts) > 0 {
				return other
			}
		}
	}
	return s
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

// addSynonyms adds what the German lexicon knows of one word.
func (ix *Index) addSynonyms(s *slot, w string) {
	if d := ix.lex.of["de"]; d != nil {
		if m, ok := d.at([]string{w}, 0); ok {
			ix.addTargets(s, m.targets, ix.tuning.Synonym)
		}
	}
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

// addJoined: what the query writes apart may be one word in the documents (Kinder arzt).
func (ix *Index) addJoined(s *slot, folded []string, i int) {
	for _, pair := range [][2]int{{i, i + 1}, {i - 1, i}} {
		if pair[0] < 0 || pair[1] >= len(folded) || len(folded[pair[0]]) < 3 || len(folded[pair[1]]) < 3 {
			continue
		}
		joined := folded[pair[0]] + folded[pair[1]]
		if _, ok := ix.typeID[joined]; !ok {
			continue
		}
		if id, ok := ix.termID[stemGerman(joined)]; ok {
			s.alts = append(s.alts, alternative{[]weighted{{id, 0.7}}})
		}
	}
}

// phraseSlot adds what several German words mean together ("keine Versicherung", "Angst vor Abschiebung").
func (ix *Index) phraseSlot(tokens []token, folded []string, i int) (slot, bool) {
	d := ix.lex.of["de"]
	if d == nil {
		return slot{}, false
	}
	m, ok := d.at(folded, i)
	if !ok || m.words < 2 {
		return slot{}, false
	}
	return ix.slotOf(m, tokens[i:i+m.tokens], ix.tuning.Synonym), true
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
