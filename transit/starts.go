package transit

import (
	"cmp"
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
	e      *events
	keys   []uint64
	list   []start
	sorted []start
	stops  []int32
}

type start struct {
	setOut int32 // seconds after the first departure; negative: cannot be caught
	event  int32
	stop   int32
}

// plan finds the starts of an origin from its walks to stops. A departure is left out where the same trip can be
// boarded at an earlier call by setting out later still. (Strictly later: it must not depend on itself.)
func (p *planner) plan(stops, seconds []int32) {
	s := p.e.s
	p.keys, p.list = p.keys[:0], p.list[:0]
	for i, stop := range stops {
		for _, d := range p.e.departures[stop] {
			setOut := int32(d.time) - int32(s.slack) - seconds[i] - 1
			if setOut < 0 {
				break
			}
			p.keys = append(p.keys, uint64(d.trip)<<38|uint64(d.position)<<24|uint64(len(p.list)))
			p.list = append(p.list, start{setOut, d.event, stop})
		}
	}
	slices.Sort(p.keys)
	trip, best := ^uint64(0), int32(-1)
	p.sorted, p.stops = p.sorted[:0], p.stops[:0]
	for _, k := range p.keys {
		if k>>38 != trip {
			trip, best = k>>38, -1
		}
		x := p.list[k&(1<<24-1)]
		if x.setOut < best {
			continue
		}
		best = x.setOut
		x.setOut = int32(min(int(x.setOut)/s.step, s.minutes-1))
		p.sorted = append(p.sorted, x)
		p.stops = append(p.stops, x.stop)
	}
	slices.SortFunc(p.sorted, func(a, b start) int {
		return cmp.Or(cmp.Compare(b.setOut, a.setOut), cmp.Compare(a.event, b.event))
	})
	slices.Sort(p.stops)
	p.stops = slices.Compact(p.stops)
}

// startsOf plans the origins [from, to) of a table of walks to stops.
func (e *events) startsOf(access links, from, to, workers int) *starts {
	n := to - from
	parts := make([]starts, max(1, min(workers, n)))
	var wg sync.WaitGroup
	for w := range parts {
		wg.Go(func() {
			p, x := planner{e: e}, &parts[w]
			for i := from + w*n/len(parts); i < from+(w+1)*n/len(parts); i++ {
				stops, seconds := access.row(int32(i))
				p.plan(stops, seconds)
				for _, y := range p.sorted {
					x.minute, x.event = append(x.minute, uint16(y.setOut)), append(x.event, y.event)
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
