package find

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

const (
	sureOfKind = 0.8
	usualLead  = 0.5 // about the mean of the district it was fitted to: few documents say nothing about the query
)

// standing is how the words of a query fared among the documents: what Confidence is computed from.
type standing struct {
	covered float64 // share of the query's weight that the best document holds, 0–1
	passage float64 // the same of the best passage
	lead    float64 // how far the best document is ahead of the tenth, as a share of its own fit; usualLead where there are fewer
	asked   float64 // things asked for, in tens, at most 1.2
	known   bool    // the best document is of a kind that the words mean, or is named by them
}

// standing measures the documents that match a query.
func (ix *Index) standing(p plan, all []ranked) (standing, bool) {
	var most, passages float64
	var out standing
	for _, sl := range p.slots {
		best, idf := 0.0, 0.0
		for _, a := range sl.alts {
			full, plain := 0.0, 0.0
			for _, x := range a.terms {
				full += float64(x.weight) * float64(ix.idf[x.term]) * (ix.tuning.K1 + 1) * 0.7
				plain += float64(x.weight) * float64(ix.idf[x.term])
			}
			best, idf = math.Max(best, full), math.Max(idf, plain)
		}
		most += sl.importance * best
		passages += sl.importance * idf
		if !sl.function {
			out.asked += 0.1
		}
	}
	if most == 0 || len(all) == 0 {
		return standing{}, false
	}
	// A word that nothing knows would have been a rare one; but half of them carry no subject.
	rare := 0.35 * float64(p.unknown) * math.Log(1+float64(len(ix.docs))/1.5)
	most += rare * (ix.tuning.K1 + 1) * 0.7
	passages += rare
	var whole, passage float64
	var ten [10]float64 // the best fits, the greatest first
	best := 0
	for i, m := range all {
		whole, passage = math.Max(whole, m.whole), math.Max(passage, m.passage)
		if before(&ranked{key: m.text, rank: m.rank}, &ranked{key: all[best].text, rank: all[best].rank}) {
			best = i
		}
		at := len(ten)
		for at > 0 && m.text > ten[at-1] {
			at--
		}
		if at < len(ten) {
			copy(ten[at+1:], ten[at:])
			ten[at] = m.text
		}
	}
	out.covered = math.Min(1, whole/most)
	out.passage = math.Min(1, passage/math.Max(passages, 1e-9))
	out.lead = usualLead
	if len(all) >= len(ten) {
		out.lead = (ten[0] - ten[len(ten)-1]) / ten[0]
	}
	out.asked = math.Min(out.asked, 1.2)
	out.known = all[best].exactTitle || ix.ofKind(p, all[best].doc)
	return out, true
}

// ofKind says whether a document stands under a concept that the words of a query mean.
func (ix *Index) ofKind(p plan, doc int32) bool {
	for _, sl := range p.slots {
		for _, c := range sl.concepts {
			id, ok := ix.termID[conceptMark+c]
			if !ok {
				continue
			}
			if _, found := slices.BinarySearchFunc(ix.lists[id], doc, func(p posting, d int32) int { return cmp.Compare(p.doc, d) }); found {
				return true
			}
		}
	}
	return false
}

// confidence estimates how likely it is that the documents answer the query at all: a logistic function of its standing,
// fitted to one district of the question set (docs/figures/search.md). Where the best document is of the very kind that
// the words mean, the kind is the answer: then it is at least sureOfKind, which is set and not fitted.
func (ix *Index) confidence(p plan, all []ranked) float64 {
	s, ok := ix.standing(p, all)
	if !ok {
		return 0
	}
	t := ix.tuning
	x := t.Intercept + t.Covered*s.covered + t.Passage*s.passage + t.Lead*s.lead + t.Asked*s.asked
	c := 1 / (1 + math.Exp(-x))
	if s.known {
		c = math.Max(c, sureOfKind)
	}
	return c
}

func explain(slots []slot) ([]Understood, []string) {
	var out []Understood
	var concepts []string
	for _, s := range slots {
		if s.function {
			continue
		}
		as := s.german
		if len(as) > 5 {
			as = as[:5]
		}
		out = append(out, Understood{Words: strings.TrimSpace(s.words), As: as, Concepts: s.concepts, Repaired: s.repaired != ""})
		for _, c := range s.concepts {
			if !slices.Contains(concepts, c) {
				concepts = append(concepts, c)
			}
		}
	}
	return out, concepts
}
