package transit

import (
	"slices"
	"sync"
)

// starts lists, for each origin of a chunk, the vehicles worth catching first, by the last minute at which one
// may set out to catch them.
type starts struct {
	first  []int64
	minute []uint16 // descending within an origin
	event  []int32

	stopFirst []int64 // the stops at which they are caught
	stop      []int32
}

// planner finds the starts of one origin after the other. One serves one goroutine.
type planner struct {
	e     *events
	r     *reducer
	list  []start
	stops []int32
}

// start is a vehicle to catch first.
type start struct {
	setOut int32 // seconds after the first departure at the latest
	stop   int32
	departure
}

// plan finds the starts of an origin from its walks to stops, those one may set out to latest first. A start is
// left out where the same trip, or one before it, can be boarded at the same or an earlier call by setting out as
// late. (Looking whether it improves any stop, as for changes, leaves out hardly more and takes longer.)
func (p *planner) plan(stops, seconds []int32) {
	s := p.e.s
	p.list, p.stops = p.list[:0], p.stops[:0]
	for i, stop := range stops {
		for _, d := range p.e.departures[stop] {
			setOut := int32(d.time) - int32(s.slack) - seconds[i] - 1
			if setOut < 0 {
				break
			}
			p.list = append(p.list, start{setOut, stop, d})
		}
	}
	slices.SortFunc(p.list, func(a, b start) int {
		if a.setOut != b.setOut {
			return int(b.setOut - a.setOut)
		}
		return int(b.event - a.event) // the earlier arrival first
	})
	p.r.forget()
	kept := p.list[:0]
	for _, x := range p.list {
		if p.r.take(x.at, x.trip) {
			kept = append(kept, x)
			p.stops = append(p.stops, x.stop)
		}
	}
	p.list = kept
	slices.Sort(p.stops)
	p.stops = slices.Compact(p.stops)
}

// startsOf plans the first n origins of a table of walks to stops.
func (e *events) startsOf(access links, n, workers int) *starts {
	parts := make([]starts, max(1, min(workers, n)))
	var wg sync.WaitGroup
	for w := range parts {
		wg.Go(func() {
			p, x := planner{e: e, r: newReducer(e)}, &parts[w]
			for i := w * n / len(parts); i < (w+1)*n/len(parts); i++ {
				stops, seconds := access.row(int32(i))
				p.plan(stops, seconds)
				for _, y := range p.list {
					x.minute = append(x.minute, uint16(min(int(y.setOut)/e.s.step, e.s.minutes-1)))
					x.event = append(x.event, y.event)
				}
				x.stop = append(x.stop, p.stops...)
				x.first, x.stopFirst = append(x.first, int64(len(x.event))), append(x.stopFirst, int64(len(x.stop)))
			}
		})
	}
	wg.Wait()
	all := &starts{first: []int64{0}, stopFirst: []int64{0}}
	for _, x := range parts {
		events, stops := int64(len(all.event)), int64(len(all.stop))
		for i := range x.first {
			all.first, all.stopFirst = append(all.first, events+x.first[i]), append(all.stopFirst, stops+x.stopFirst[i])
		}
		all.minute, all.event, all.stop = append(all.minute, x.minute...), append(all.event, x.event...), append(all.stop, x.stop...)
	}
	return all
}

// live says whether an origin can board anything that reaches a destination of the sweep.
func (x *starts) live(i int, s *sweep) bool {
	for _, stop := range x.stop[x.stopFirst[i]:x.stopFirst[i+1]] {
		if s.live[stop] {
			return true
		}
	}
	return false
}
