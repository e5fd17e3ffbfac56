package street

import (
	"context"
	"math"

	"gevor/contraction"
)

// Costs in nanoseconds that only choose between ways with the same outcome; measured by the benchmarks here on
// one core of a 2020s server.
const (
	settledNS    = 110 // one vertex settled by a search
	passedNS     = 100 // one vertex passed by a sweep for all its lanes
	hitNS        = 10  // one hit found and written
	restrictedNS = 400 // one vertex kept when a restriction is made

	trialSearches   = 12
	firstLook       = 2
	noDoubt         = 4 // by how much sweeps must be cheaper for a first look to be enough
	trialSweeps     = 4
	notWorthATrial  = 200e6    // a job this short is done while one thinks about sweeps
	mostHeld        = 64 << 20 // hits of searches from targets
	shareOfMostHeld = 0.8      // up to which an estimate is trusted to stay below mostHeld
)

// plan chooses how a job is done. It depends on nothing but the job, so the choice repeats. Where a first look of two
// searches each way leaves no doubt that sweeps are cheapest, it is left at that: over long ranges a search each way
// costs as much as dozens of sweeps.
func (j *job) plan(ctx context.Context) filler {
	var f *sweeping
	cost := math.Inf(1)
	prepared := j.n.Prepared(j.mode)
	if prepared {
		ahead, back := j.try(j.from, j.to, false, firstLook), j.try(j.to, j.from, true, firstLook)
		if cheapest := min(ahead.ns, back.ns); cheapest > notWorthATrial {
			f = j.newSweeping()
			if cost = f.trial(ahead.hits); cost < cheapest/noDoubt {
				return f
			}
		}
	}
	ahead := j.try(j.from, j.to, false, trialSearches)
	back := j.try(j.to, j.from, true, trialSearches)
	turning := back.ns < ahead.ns && back.hits < mostHeld*shareOfMostHeld
	cheapest := ahead.ns
	if turning {
		cheapest = back.ns
	}
	if prepared && cheapest > notWorthATrial {
		if f == nil {
			f = j.newSweeping()
			cost = f.trial(ahead.hits)
		}
		if cost < cheapest {
			return f
		}
	}
	if turning {
		if f := j.newTurned(ctx, mostHeld); f != nil {
			return f
		}
	}
	return j.newSearching()
}

// guess is what a few trial searches say about all of them.
type guess struct{ ns, hits float64 }

// try searches from some points spread evenly over the set.
func (j *job) try(from, to *Points, reverse bool, count int) guess {
	count = min(count, len(from.byEdge))
	if count == 0 {
		return guess{}
	}
	s := j.n.NewSearch(j.mode, j.speed)
	var hits []Hit
	var settled, found int
	for k := range count {
		i := from.byEdge[(2*k+1)*len(from.byEdge)/(2*count)]
		hits = s.Reach(from, int(i), to, j.most, reverse, hits[:0])
		settled += s.settled
		found += len(hits)
	}
	scale := float64(len(from.byEdge)) / float64(count)
	return guess{ns: scale * (float64(settled)*settledNS + float64(found)*hitNS), hits: scale * float64(found)}
}

// trial guesses the cost of all sweeps from a few in windows spread over the origins.
func (f *sweeping) trial(hits float64) (ns float64) {
	size := windowRows(f.j.to.Len())
	windows := (f.j.from.Len() + size - 1) / size
	var passed, origins int
	for k := range min(trialSweeps, windows) {
		first := k * windows / min(trialSweeps, windows) * size
		w := newWindow(f.j.from, first, min(first+size, f.j.from.Len()))
		middle := len(w.order) / 2
		batch := w.order[middle:min(middle+contraction.Lanes, len(w.order))]
		f.run(f.lanes[0], w, batch)
		climbed, swept := f.lanes[0].sweep.Passed()
		passed += climbed + swept
		origins += len(batch)
	}
	ns = float64(f.restriction.Len())*restrictedNS + hits*hitNS
	if origins > 0 {
		ns += float64(passed) / float64(origins) * float64(len(f.j.from.byEdge)) * passedNS
	}
	return ns
}
