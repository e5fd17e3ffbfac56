package street

import "context"

// Costs in nanoseconds that only choose between ways with the same outcome; measured by the benchmarks here on
// one core of a 2020s server.
const (
	settledNS   = 110 // one vertex settled by a search
	hitNS       = 20  // one hit found and written
	sweptNS     = 2.5 // one kept vertex for one origin in a sweep
	targetNS    = 3   // one target for one origin in a sweep
	restrictNS  = 400 // one kept vertex when a restriction is made
	mostHeld    = 64 << 20
	trialSearch = 12
)

// plan chooses how a job is done. It depends on nothing but the job.
func (j *job) plan(ctx context.Context) filler {
	ahead := j.try(j.from, j.to, false)
	back := j.try(j.to, j.from, true)
	cheapest := min(ahead.ns, back.ns)
	const notWorthAThought = 20e6
	if j.n.Prepared(j.mode) && cheapest > notWorthAThought {
		f := j.newSweeping()
		kept, origins, targets := float64(f.restriction.Len()), float64(len(j.from.byEdge)), float64(len(j.to.byEdge))
		if kept*restrictNS+origins*(kept*sweptNS+targets*targetNS) < cheapest {
			return f.open()
		}
	}
	if back.ns < ahead.ns && back.hits < mostHeld*0.8 {
		if f := j.newTurned(ctx, mostHeld); f != nil {
			return f
		}
	}
	return j.newSearching()
}

// guess is what a few trial searches say about all of them.
type guess struct{ ns, hits float64 }

// try searches from some points spread evenly over the set.
func (j *job) try(from, to *Points, reverse bool) guess {
	count := min(trialSearch, len(from.byEdge))
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
