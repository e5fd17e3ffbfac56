package atlas

import (
	"cmp"
	"math"
	"slices"

	"gevor/region"
	"gevor/travel"
)

// searching lists the asks that find out why cells miss the standard. Cells that reach a place whose capacity is
// used up need none: their cause is known.
func (q *inquiry) searching(p Params) []*ask {
	n := len(q.missed)
	q.elsewhere, q.steps, q.otherTime, q.car = newNearest(n, q.k), newNearest(n, q.k), newNearest(n, q.k), newNearest(n, q.k)
	open := make([]bool, len(q.here))
	any := false
	for _, c := range q.missed {
		open[c] = q.catchment == nil || q.own.within(c) == 0
		any = any || open[c]
	}
	if !any {
		return nil
	}
	var out []*ask
	add := func(way int, why purpose, l Leg, limit travel.Seconds, places []bool) {
		out = append(out, &ask{of: q, way: way, purpose: why, leg: l, limit: limit, origins: open, places: places})
	}
	driven := false
	for i, w := range q.standard.Ways {
		limit := travel.Seconds(w.Minutes * 60)
		far := travel.Seconds(math.Ceil(float64(limit) * p.FarFactor))
		add(i, forFar, leg(w, far), limit, q.places(w.Mode))
		if w.Mode == travel.WalkNoSteps {
			add(i, forSteps, Leg{Mode: travel.Walk, Percentiles: []int{0}, Max: limit}, limit, q.supply.counts)
		}
		if w.Mode == travel.Transit && w.EarlierDeparture >= 0 {
			earlier := w
			earlier.Departure = w.EarlierDeparture
			add(i, forOtherTime, leg(earlier, limit), limit, q.places(w.Mode))
		}
		driven = driven || w.Mode == travel.Car
	}
	if !driven {
		limit := travel.Seconds(math.Ceil(float64(q.longest()) * p.CarBoundFactor))
		add(-1, forCar, Leg{Mode: travel.Car, Percentiles: []int{0}, Max: limit}, limit, q.supply.counts)
	}
	return out
}

// learn notes what a missed cell would reach if one thing were different.
func (q *inquiry) learn(snap *region.Snapshot, a *ask, cell int32, to []int32, seconds []travel.Seconds) {
	slot := q.slot[cell]
	for i, o := range to {
		share := shareOf(seconds[i], a.limit)
		may := entitled(snap, cell, o)
		switch {
		case a.purpose == forFar && may:
			q.own.meet(cell, o, share, seconds[i])
		case share > 1 || q.own.holds(cell, o):
		case a.purpose == forFar:
			q.elsewhere.meet(slot, o, share, seconds[i])
			q.hits = append(q.hits, hit{slot, o, CauseOnlyElsewhere})
		case !may:
		case a.purpose == forSteps:
			q.steps.meet(slot, o, share, seconds[i])
			q.hits = append(q.hits, hit{slot, o, CauseOnlySteps})
		case a.purpose == forOtherTime:
			q.otherTime.meet(slot, o, share, seconds[i])
			q.hits = append(q.hits, hit{slot, o, CauseOnlyOtherTime})
		case a.purpose == forCar:
			q.car.meet(slot, o, share, seconds[i])
		}
	}
}

// explain decides cause and shortfall of every missed cell.
func (q *inquiry) explain(p Params) {
	slices.SortFunc(q.hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.slot, b.slot), cmp.Compare(a.cause, b.cause), cmp.Compare(a.offer, b.offer))
	})
	q.hits = slices.Compact(q.hits)
	q.cause = make([]Cause, len(q.missed))
	q.shortfall = make([]float32, len(q.missed))
	for s, cell := range q.missed {
		q.cause[s] = q.why(int32(s), cell)
		q.shortfall[s] = q.missing(cell, p.FarFactor)
	}
}

// why gives the first cause that applies, in the order of the Cause constants. Places within the standard count
// together with those of the one relaxation under test.
func (q *inquiry) why(slot, cell int32) Cause {
	if q.catchment != nil && q.own.within(cell) > 0 {
		return CauseUsedUp
	}
	for _, test := range []struct {
		found *nearest
		cause Cause
	}{
		{q.steps, CauseOnlySteps},
		{q.elsewhere, CauseOnlyElsewhere},
		{q.otherTime, CauseOnlyOtherTime},
		{q.car, CauseOnlyCar},
	} {
		if together(q.own, cell, test.found, slot, q.k) >= q.k {
			return test.cause
		}
	}
	return CauseTooFar
}

// missing is by how much a missed cell misses the standard, 0..1: for capacity 1 − access/standard; for the k-th
// nearest place (time/limit − 1)/(FarFactor − 1), 1 from FarFactor times the limit on.
func (q *inquiry) missing(cell int32, far float64) float32 {
	if c := q.catchment; c != nil {
		return float32(clamp(1-c.access[cell]/q.standard.PerThousand, 0, 1))
	}
	share, _, ok := q.own.kth(cell)
	if !ok {
		return 1
	}
	return float32(clamp((float64(share)-1)/(far-1), 0, 1))
}

func clamp(v, low, high float64) float64 { return math.Max(low, math.Min(high, v)) }
