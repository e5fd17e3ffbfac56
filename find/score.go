package find

import (
	"cmp"
	"math"
	"slices"
)

// scratch is the working memory of one search.
type scratch struct {
	total []float32 // by document
	slot  []float32
	alt   []float32
	seen  []int32 // documents with a score
	inAlt []int32
	inSl  []int32
}

func newScratch(docs int) *scratch {
	return &scratch{total: make([]float32, docs), slot: make([]float32, docs), alt: make([]float32, docs)}
}

// reset leaves the memory as it was made.
func (s *scratch) reset() {
	for _, d := range s.seen {
		s.total[d] = 0
	}
	s.seen = s.seen[:0]
}

const (
	maxLimit   = 1000
	candidates = 80 // documents whose passages are looked at
)

type ranked struct {
	doc        int32
	rank       int32   // of its id among all ids
	key        float64 // what bestFirst orders by
	text       float64 // fit
	whole      float64
	passage    float64
	exactTitle bool
}

// Search answers one query. It never fails: a query that nothing fits has no hits.
func (ix *Index) Search(q Query) Results {
	p := ix.understand(q.Text, q.Language, q.Concepts)
	r := Results{Language: p.lang, Acute: p.acute, DidYouMean: p.mended, Facts: map[string]int{}}
	r.Understood, r.Concepts = explain(p.slots)
	for _, c := range q.Must {
		r.Removed = append(r.Removed, Removal{Name: c.Name})
	}
	all := ix.match(p, titleKey(words(q.Text)))
	r.Matching = len(all)
	r.Confidence = ix.confidence(p, all)
	r.Abstain = r.Confidence < ix.tuning.Abstain
	kept := all[:0]
	for _, m := range all {
		if ix.allowed(m, q.Must, r.Removed) {
			kept = append(kept, m)
		}
	}
	r.Total = len(kept)
	for i := range kept {
		kept[i].key = kept[i].text
		if q.Boost != nil {
			kept[i].key *= math.Max(0, q.Boost(int(kept[i].doc)))
		}
		for _, f := range ix.docs[kept[i].doc].facts {
			r.Facts[f]++
		}
	}
	limit := min(q.Limit, maxLimit)
	if limit <= 0 {
		limit = 10
	}
	from := min(max(0, q.Offset), len(kept))
	bestFirst(kept, from+limit)
	for _, m := range kept[from:min(len(kept), from+limit)] {
		r.Hits = append(r.Hits, Hit{N: int(m.doc), ID: ix.docs[m.doc].id, Score: m.key, Fit: m.text, ExactTitle: m.exactTitle})
	}
	return r
}

func (ix *Index) allowed(m ranked, must []Constraint, removed []Removal) bool {
	broken, last := 0, 0
	for i, c := range must {
		if !c.Keep(int(m.doc)) {
			removed[i].All++
			broken++
			last = i
		}
	}
	if broken == 1 {
		removed[last].Alone++
	}
	return broken == 0
}

// match scores all documents and gives those that count as matching, in no particular order of use to callers. A
// document matches if it reaches the share Floor of the best one; as this is decided before constraints and boosts,
// a constraint can only take away.
func (ix *Index) match(p plan, title string) []ranked {
	s := ix.scratch.Get().(*scratch)
	defer func() {
		s.reset()
		ix.scratch.Put(s)
	}()
	// Words without a subject order what the others have found; they find nothing by themselves unless there are no
	// others.
	for _, sl := range p.slots {
		if !sl.function {
			ix.scoreSlot(sl, s, false)
		}
	}
	among := len(s.seen) > 0
	for _, sl := range p.slots {
		if sl.function {
			ix.scoreSlot(sl, s, among)
		}
	}
	all := make([]ranked, 0, len(s.seen))
	for _, d := range s.seen {
		all = append(all, ranked{doc: d, rank: ix.docs[d].rank, key: float64(s.total[d]), whole: float64(s.total[d])})
	}
	bestFirst(all, candidates)
	exact := map[int32]bool{}
	if title != "" {
		for _, d := range ix.byTitle[title] {
			exact[d] = true
		}
	}
	ix.scorePassages(p, all)
	best := 0.0
	for i := range all {
		m := &all[i]
		m.text = m.whole + ix.tuning.Window*m.passage
		best = math.Max(best, m.text)
	}
	for i := range all {
		if exact[all[i].doc] {
			all[i].exactTitle = true
			all[i].text += best
		}
	}
	floor := best * ix.tuning.Floor
	kept := all[:0]
	for _, m := range all {
		if m.text > 0 && m.text >= floor {
			kept = append(kept, m)
		}
	}
	return kept
}

// bestFirst brings the k best to the front, in order; equal ones in order of their ids. The rest follows in no order.
func bestFirst(all []ranked, k int) {
	// Quickselect around the middle of three until the first k are the best, then only these are sorted.
	from, to := 0, len(all)
	for to-from > 2*k+64 && k > from {
		pivot := middle(all[from], all[from+(to-from)/2], all[to-1])
		i, j := from, to-1
		for i <= j {
			for before(&all[i], &pivot) {
				i++
			}
			for before(&pivot, &all[j]) {
				j--
			}
			if i <= j {
				all[i], all[j] = all[j], all[i]
				i++
				j--
			}
		}
		if k <= j {
			to = j + 1
		} else {
			from = i
		}
	}
	slices.SortFunc(all[:to], func(a, b ranked) int { return cmp.Or(cmp.Compare(b.key, a.key), cmp.Compare(a.rank, b.rank)) })
}

// before is the order of hits.
func before(a, b *ranked) bool { return a.key > b.key || a.key == b.key && a.rank < b.rank }

func middle(a, b, c ranked) ranked {
	if before(&b, &a) {
		a, b = b, a
	}
	switch {
	case before(&c, &a):
		return a
	case before(&c, &b):
		return c
	}
	return b
}

// scoreSlot adds to every document the best of the slot's alternatives; among leaves out documents that have no
// score yet.
func (ix *Index) scoreSlot(sl slot, s *scratch, among bool) {
	if sl.importance <= 0 {
		return
	}
	s.inSl = s.inSl[:0]
	for _, a := range sl.alts {
		if len(a.terms) == 1 {
			x := a.terms[0]
			for _, post := range ix.lists[x.term] {
				ix.raise(s, post.doc, x.weight*ix.gain(x.term, post.tf))
			}
			continue
		}
		s.inAlt = s.inAlt[:0]
		for _, x := range a.terms {
			for _, post := range ix.lists[x.term] {
				if s.alt[post.doc] == 0 {
					s.inAlt = append(s.inAlt, post.doc)
				}
				s.alt[post.doc] += x.weight * ix.gain(x.term, post.tf)
			}
		}
		for _, d := range s.inAlt {
			ix.raise(s, d, s.alt[d])
			s.alt[d] = 0
		}
	}
	for _, d := range s.inSl {
		if s.total[d] == 0 {
			if among {
				s.slot[d] = 0
				continue
			}
			s.seen = append(s.seen, d)
		}
		s.total[d] += float32(sl.importance) * s.slot[d]
		s.slot[d] = 0
	}
}

func (ix *Index) raise(s *scratch, doc int32, score float32) {
	if s.slot[doc] == 0 {
		s.inSl = append(s.inSl, doc)
	}
	if score > s.slot[doc] {
		s.slot[doc] = score
	}
}

// gain is BM25: idf × tf (k1+1) / (tf + k1), with tf already normalised.
func (ix *Index) gain(term int32, tf float32) float32 {
	k := float32(ix.tuning.K1)
	return ix.idf[term] * tf * (k + 1) / (tf + k)
}

// scorePassages finds, for the best documents, how much of the query stands within Span words of one another.
func (ix *Index) scorePassages(p plan, all []ranked) {
	type hit struct {
		slot  int
		worth float32
	}
	of := map[int32][]hit{}
	for i, sl := range p.slots {
		for _, a := range sl.alts {
			for _, x := range a.terms {
				of[x.term] = append(of[x.term], hit{i, x.weight * ix.idf[x.term] * float32(sl.importance)})
			}
		}
	}
	if len(of) == 0 {
		return
	}
	worth := map[int32][]hit{} // by word
	inWindow := make([]float32, len(p.slots))
	for i := range all[:min(len(all), candidates)] {
		row := ix.forward[all[i].doc]
		type at struct {
			pos int
			hit
		}
		var hits []at
		for pos, id := range row {
			if id < 0 {
				continue
			}
			list, known := worth[id]
			if !known {
				for _, x := range ix.typeTerms[id] {
					for _, h := range of[x.term] {
						h.worth *= x.weight
						list = append(list, h)
					}
				}
				worth[id] = list
			}
			for _, h := range list {
				hits = append(hits, at{pos, h})
			}
		}
		best := float32(0)
		for from := range hits {
			clear(inWindow)
			sum := float32(0)
			for _, h := range hits[from:] {
				if h.pos >= hits[from].pos+ix.tuning.Span {
					break
				}
				if h.worth > inWindow[h.slot] {
					sum += h.worth - inWindow[h.slot]
					inWindow[h.slot] = h.worth
				}
			}
			best = max(best, sum)
		}
		all[i].passage = float64(best)
	}
}
