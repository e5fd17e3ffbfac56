package find

import "strings"

// splitter divides German compounds into words that it knows: those of the documents and of the vocabulary.
type splitter struct {
	known map[string]int // folded word → in how many documents, or 1 where only the vocabulary has it
	stems map[string]int // the same by stem, so that the last part may be inflected
	short map[string]bool
}

const (
	minPart  = 4 // letters of a part
	maxParts = 4
	minSplit = 8 // letters of a word worth dividing
)

func newSplitter() *splitter {
	s := &splitter{known: map[string]int{}, stems: map[string]int{}, short: map[string]bool{}}
	for _, w := range shortParts() {
		s.short[w] = true
	}
	return s
}

// shortParts are words of three letters that begin or end compounds in this field; all others of that length
// divide more words wrongly than rightly.
func shortParts() []string {
	return []string{"amt", "not", "rat", "weg", "tag", "ehe", "alt", "arm", "bad", "hof", "ort", "ruf", "eis", "bus", "kur", "bau", "abo", "job", "hiv", "sgb"}
}

// learn takes a folded German word in; weight is the number of documents that hold it.
func (s *splitter) learn(w string, weight int) {
	if len(w) < minPart && !s.short[w] || scriptOf(w) != latin || w[0] >= '0' && w[0] <= '9' {
		return
	}
	s.known[w] += weight
	s.stems[stemGerman(w)] += weight
}

// split gives the parts of a compound as folded words without linking letters, nil where it is none. The division
// with the fewest parts wins, then the one whose rarest part is the commonest.
func (s *splitter) split(w string) []string {
	if len(w) < minSplit || scriptOf(w) != latin {
		return nil
	}
	type state struct {
		parts  []string
		rarest int
	}
	best := make([]*state, len(w)+1)
	best[0] = &state{rarest: 1 << 30}
	better := func(a, b *state) bool {
		return b == nil || len(a.parts) < len(b.parts) || len(a.parts) == len(b.parts) && a.rarest > b.rarest
	}
	for i := 0; i < len(w); i++ {
		from := best[i]
		if from == nil || len(from.parts) == maxParts {
			continue
		}
		for j := i + 3; j <= len(w); j++ {
			if i == 0 && j == len(w) {
				continue
			}
			part, count := s.part(w[i:j], j == len(w))
			if count == 0 {
				continue
			}
			parts := append(append([]string{}, from.parts...), part)
			if next := (&state{parts, min(from.rarest, count)}); better(next, best[j]) {
				best[j] = next
			}
		}
	}
	if end := best[len(w)]; end != nil && len(end.parts) > 1 {
		return end.parts
	}
	return nil
}

// part looks a piece up, with a linking element taken off where it is not the last, inflected where it is.
func (s *splitter) part(piece string, last bool) (string, int) {
	if n := s.known[piece]; n > 0 && s.longEnough(piece) {
		return piece, n
	}
	if last {
		if len(piece) < minPart {
			return "", 0
		}
		if st := stemGerman(piece); len(st) >= minPart {
			if n := s.stems[st]; n > 0 {
				return piece, n
			}
		}
		return "", 0
	}
	for _, link := range [...]string{"es", "en", "er", "s", "n", "e"} {
		bare, ok := strings.CutSuffix(piece, link)
		if !ok || !s.longEnough(bare) {
			continue
		}
		if n := s.known[bare]; n > 0 {
			return bare, n
		}
	}
	// Schul|amt, Kranken|kasse: the first word has lost its e.
	if len(piece) >= minPart {
		if n := s.known[piece+"e"]; n > 0 {
			return piece + "e", n
		}
	}
	return "", 0
}

func (s *splitter) longEnough(w string) bool { return len(w) >= minPart || s.short[w] }

// partly gives the longest known beginning and the longest known end of a word that cannot be divided whole
// (Energiesparmaßnahmen → energie, massnahmen), nil where neither has five letters.
func (s *splitter) partly(w string) []string {
	if len(w) < minSplit || scriptOf(w) != latin {
		return nil
	}
	const least = 5
	var out []string
	begin := 0
	for j := len(w) - 2; j >= least; j-- {
		if p, n := s.part(w[:j], false); n > 0 && len(p) >= least {
			out = append(out, p)
			begin = j
			break
		}
	}
	for i := max(begin, 2); i <= len(w)-least; i++ {
		if p, n := s.part(w[i:], true); n > 0 {
			return append(out, p)
		}
	}
	return out
}
