package atlas

import (
	"cmp"
	"context"
	"math"
	"slices"

	"gevor/region"
	"gevor/travel"
)

// findings groups what is missed, names it, reckons remedies and ranks.
func (a *analysis) findings(ctx context.Context, inquiries []*inquiry) ([]Finding, error) {
	need := needOfCells(a.snap)
	var out []Finding
	var sites []*site
	for _, q := range inquiries {
		totals := totalsByHome(a.snap, q.group)
		for _, patch := range q.patches(a.ground, a.params) {
			if patch.people < a.params.MinPeople {
				continue
			}
			f := a.finding(q, patch.slots, need, totals)
			if remedy, ok := q.extension(patch.slots); ok {
				f.Remedies = append(f.Remedies, remedy)
			}
			sites = append(sites, &site{of: q, slots: patch.slots, candidates: candidatesFor(a.ground, f.Cells, q.group.People, a.populated, a.params.Candidates)})
			out = append(out, f)
		}
	}
	if err := a.openings(ctx, sites); err != nil {
		return nil, err
	}
	for i, s := range sites {
		remedy, ok, err := s.best()
		if err != nil {
			return nil, err
		}
		if ok {
			out[i].Remedies = append(out[i].Remedies, remedy)
		}
	}
	Identify(a.snap, a.params.Previous, out)
	slices.SortFunc(out, func(a, b Finding) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID)) })
	return out, nil
}

func (a *analysis) populated(cell int32) bool { return a.snap.Cells.Population[cell] > 0 }

// finding sums a patch up.
func (a *analysis) finding(q *inquiry, slots []int32, need []float64, totals map[int32]float64) Finding {
	f := Finding{Standard: q.index, Estimated: q.group.State == region.GroupEstimated}
	byDistrict := map[int32]float64{}
	for _, s := range slots {
		cell, people := q.missed[s], q.peopleAt(s)
		f.Cells = append(f.Cells, cell)
		f.Shortfall += people * float64(q.shortfall[s])
		f.Need += people * q.group.Need * need[cell]
		f.CauseShares[q.cause[s]] += people
		if d := a.snap.Cells.District[cell]; d >= 0 {
			byDistrict[d] += people
		}
	}
	f.People, f.Low, f.High = interval(a.snap, q.group, f.Cells, totals)
	f.Shortfall /= f.People
	f.Need /= f.People
	f.Score = f.People * f.Shortfall * f.Need
	for c := range f.CauseShares {
		if f.CauseShares[c] > f.CauseShares[f.Cause] {
			f.Cause = Cause(c)
		}
	}
	for c := range f.CauseShares {
		f.CauseShares[c] /= f.People
	}
	for _, d := range sorted(byDistrict) {
		f.Districts = append(f.Districts, Share{d, byDistrict[d]})
	}
	slices.SortStableFunc(f.Districts, func(a, b Share) int { return cmp.Compare(b.People, a.People) })
	f.Data = completeness(a.snap, a.behind(q, slots))
	return f
}

// behind gives the offers that a finding stands on: those of the category in the municipalities of its cells (all
// of the category where it lies in none), and those that its people reach, or would if one thing were different.
func (a *analysis) behind(q *inquiry, slots []int32) []int32 {
	towns, reached := map[int32]bool{}, map[int32]bool{}
	for _, s := range slots {
		cell := q.missed[s]
		towns[a.snap.Cells.Municipality[cell]] = true
		for i := int(cell) * q.k; i < int(cell+1)*q.k; i++ {
			reached[q.own.place[i]] = true
		}
		for _, h := range q.hitsOf(s) {
			reached[h.offer] = true
		}
		if q.catchment != nil {
			to, _ := q.catchment.reach.Row(int(cell))
			for _, o := range to {
				reached[o] = true
			}
		}
	}
	var out []int32
	for _, o := range q.supply.listed {
		if m := a.snap.Offers[o].Municipality; reached[o] || towns[-1] || m >= 0 && towns[m] {
			out = append(out, o)
		}
	}
	return out
}

// layer gives the answer for every cell.
func (q *inquiry) layer() Layer {
	n := len(q.state)
	l := Layer{
		Standard: q.index, State: q.state, Cause: make([]Cause, n), Seconds: make([]int32, n),
		Access: make([]float32, n), Shortfall: make([]float32, n), Walls: q.walled,
	}
	if l.Walls == nil {
		l.Walls = make([]bool, n)
	}
	for i := range n {
		l.Seconds[i], l.Access[i] = int32(travel.Unreached), float32(math.NaN())
		if !q.here[i] {
			continue
		}
		if _, s, ok := q.own.kth(int32(i)); ok {
			l.Seconds[i] = int32(s)
		}
		if q.catchment != nil {
			l.Access[i] = float32(q.catchment.access[i])
		}
		if s := q.slot[i]; s >= 0 {
			l.Cause[i], l.Shortfall[i] = q.cause[s], q.shortfall[s]
		}
	}
	return l
}

// summary gives the standard's line in the overview.
func (q *inquiry) summary(snap *region.Snapshot, findings []Finding) StandardSummary {
	s := StandardSummary{Standard: q.index, Known: q.known, OffNetwork: q.off, Data: completeness(snap, q.supply.listed)}
	for i, f := range q.group.Flag {
		if f == region.Suppressed {
			s.Suppressed++
		}
		if !q.here[i] {
			continue
		}
		people := float64(q.group.People[i])
		s.People += people
		if q.walled[i] {
			s.Walls += people
		}
		if at := q.slot[i]; at >= 0 {
			s.Missing += people
			s.MissingByCause[q.cause[at]] += people
		}
	}
	for i := range findings {
		if findings[i].Standard == q.index {
			s.Findings++
		}
	}
	return s
}
