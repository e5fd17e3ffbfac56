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
	typed := false // in Latin letters for want of the own ones
	if lang, rewritten := ix.byEar(folded, hint); lang != "" {
		p.lang, folded, typed = lang, rewritten, true
	}
	p.acute = ix.acute(folded, p.lang)
	for i := 0; i < len(tokens) && len(p.slots) < maxSlots; {
		if typed && ix.strange(folded[i]) {
			// Neither heard as a word of its language nor German: to take it for a misspelt German one would be a guess.
			p.unknown++
			i++
			continue
		}
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
	if d != nil && (d.function[w] || d.isOrdinary(w)) {
		return slot{}, 1
	}
	if scriptOf(w) == latin && ix.indexed(w) {
		return ix.germanSlot(tokens, folded, i), 1
	}
	if d != nil && d.slipped(w, d.forms) {
		return slot{}, 1
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
	if d.function[w] || d.isForm[w] || d.isOrdinary(w) {
		return slot{}, 0, false
	}
	if d.slipped(w, d.forms) || scriptOf(w) == latin && len(w) > 4 && ix.indexed(w) {
		return slot{}, 0, false
	}
	for _, near := range d.nearest(w) {
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
		if len(s.alts) == 0 && d != nil && d.slipped(w, ix.forms) {
			s.importance, s.function = ix.tuning.Function, true
		}
		if len(s.alts) == 0 {
			ix.addMisspelt(&s, w)
		}
		if len(s.alts) == 0 && !ix.surelyGerman(folded) {
			if other := ix.unknownLatin(tokens, folded, i); len(other.alts) > 0 {
				return other
			}
		}
	}
	return s
}

// surelyGerman says that most words of a query, and two at least, are known as German: then an unknown one among them
// is a name or rare, but hardly a word of another language.
func (ix *Index) surelyGerman(folded []string) bool {
	d, sure := ix.lex.of["de"], 0
	for _, w := range folded {
		if ix.indexed(w) || d != nil && d.knows(w) {
			sure++
		}
	}
	return sure >= 2 && 2*sure > len(folded)
}

// addSynonyms adds what the German lexicon knows of one word.
func (ix *Index) addSynonyms(s *slot, w string) {
	if d := ix.lex.of["de"]; d != nil {
		if m, ok := d.at([]string{w}, 0); ok {
			ix.addTargets(s, m.targets, ix.tuning.Synonym)
		}
	}
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
