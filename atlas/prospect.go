package atlas

import (
	"context"
	"fmt"
	"math"

	"gevor/fault"
	"gevor/geo"
	"gevor/reach"
	"gevor/region"
	"gevor/travel"
)

// Prospect is what new places could do for the people of one standard. A cost is the share of the way's limit that the
// best way takes: 1 is just in time, and nothing is known beyond Bound.
type Prospect struct {
	Standard int32
	Cells    []int32   // where people of the group live and are judged, ascending
	People   []float64 // of the group, parallel to Cells
	// Existing is the cost to the nearest entitled place of today, +Inf where none is within Bound.
	Existing []float64
	// Candidates lists who would come to each candidate at which cost: Cells (rows) x candidates (columns).
	Candidates *reach.Sparse[float64]
	Bound      float64 // Params.FarFactor
}

// Prospects asks how far it is from everybody a standard is about to its places of today and to candidate places.
// Capacities play no part: a candidate counts as a place for everyone. Cost as a run's first stage for one standard
// with ways Params.FarFactor times as long.
func Prospects(ctx context.Context, snap *region.Snapshot, p Params, standard int32, candidates []geo.LonLat, progress travel.Progress) (*Prospect, error) {
	a, err := newWhatif(snap, p, progress)
	if err != nil {
		return nil, err
	}
	if standard < 0 || int(standard) >= len(snap.Standards) {
		return nil, fault.New(fault.NotFound, "standard", fmt.Sprintf("there is no standard %d", standard), "name one of the run's standards")
	}
	q := a.inquiryOf(standard, snap)
	if !a.judgeable(q) {
		return nil, fault.New(fault.Invalid, "standard "+q.standard.Key, "cannot be judged with these data", "the run's notices say what is missing")
	}
	a.locate(q, map[travel.Mode][]bool{})
	out := &Prospect{Standard: standard, Bound: a.params.FarFactor}
	row := make([]int32, snap.Cells.Len())
	for i, here := range q.here {
		if here {
			row[i] = int32(len(out.Cells))
			out.Cells, out.People = append(out.Cells, int32(i)), append(out.People, float64(q.group.People[i]))
		}
	}
	best := newNearest(snap.Cells.Len(), 1)
	if err := a.stream(ctx, "places", q.farther(out.Bound, q.places), snap.Cells.At, a.spots(), func(k *ask, from int32, to []int32, seconds []travel.Seconds) {
		for n, o := range to {
			if entitled(snap, from, o) {
				best.meet(from, o, shareOf(seconds[n], k.limit), seconds[n])
			}
		}
	}); err != nil {
		return nil, err
	}
	for _, cell := range out.Cells {
		share, _, ok := best.kth(cell)
		if !ok {
			share = float32(math.Inf(1))
		}
		out.Existing = append(out.Existing, float64(share))
	}
	all := make([]bool, len(candidates))
	for j := range all {
		all[j] = true
	}
	var pairs []reach.Pair[float64]
	if err := a.stream(ctx, "candidates", q.farther(out.Bound, func(travel.Mode) []bool { return all }), snap.Cells.At, candidates, func(k *ask, from int32, to []int32, seconds []travel.Seconds) {
		for n, j := range to {
			pairs = append(pairs, reach.Pair[float64]{From: row[from], To: j, Cost: float64(shareOf(seconds[n], k.limit))})
		}
	}); err != nil {
		return nil, err
	}
	out.Candidates, err = reach.FromPairs(len(out.Cells), len(candidates), pairs)
	return out, err
}

// farther asks for every way up to bound times its limit.
func (q *inquiry) farther(bound float64, places func(travel.Mode) []bool) []*ask {
	var out []*ask
	for i, w := range q.standard.Ways {
		limit := travel.Seconds(w.Minutes * 60)
		out = append(out, &ask{of: q, way: i, purpose: forSite, leg: leg(w, travel.Seconds(float64(limit)*bound)), limit: limit, origins: q.here, places: places(w.Mode)})
	}
	return out
}

// CandidateCells picks at most limit cells in and beside those that miss a standard, those with most people of its
// group first and spread over the area.
func CandidateCells(r *Result, standard int32, p Params, limit int) ([]int32, error) {
	p, err := p.Filled()
	if err != nil {
		return nil, err
	}
	s := r.Snapshot
	var missed []int32
	for i, st := range r.Layers[standard].State {
		if st == CellMissed {
			missed = append(missed, int32(i))
		}
	}
	if len(missed) == 0 {
		return nil, fault.New(fault.NotFound, "standard "+s.Standards[standard].Key, "nobody is known to miss it", "choose another standard, or give candidates")
	}
	populated := func(c int32) bool { return s.Cells.Population[c] > 0 }
	return candidatesFor(newGround(&s.Cells, p.Bridge), missed, s.Groups[s.Standards[standard].Group].People, populated, limit), nil
}
