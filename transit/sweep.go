package transit

import "math/bits"

// sweep finds, for up to 16 destinations at once, how early each is reached from every event of a query. One
// serves one goroutine.
//
// Events are taken in the order of their numbers, from the latest to the earliest, but only those from which
// anything can be reached: an event is put on the list by a walk from its stop to a destination, or by an event
// it leads to. So a sweep costs what it finds, not what the timetable holds.
type sweep struct {
	e      *events
	egress links // destination → stop

	best   []row    // per event: earliest arrival of those on board, staying, alighting or changing here or later
	active []bool   // whether best holds any
	listed []uint64 // bit set of events to look at
	done   []int32  // active events

	walk      []row  // per stop: seconds on foot to each destination
	near      []bool // whether any destination can be walked to
	nearStops []int32
	live      []bool // per stop: whether any departure reaches any destination
	liveStops []int32
}

func newSweep(e *events, egress links) *sweep {
	return &sweep{
		e: e, egress: egress, best: make([]row, len(e.next)), active: make([]bool, len(e.next)), listed: make([]uint64, len(e.next)/64+1),
		walk: make([]row, e.s.stops), near: make([]bool, e.s.stops), live: make([]bool, e.s.stops),
	}
}

// run sweeps for up to 16 destinations; lane l belongs to destinations[l].
func (x *sweep) run(destinations []int32) {
	x.forget()
	x.walkFrom(destinations)
	for w := range x.listed {
		for x.listed[w] != 0 { // looking at an event lists only later ones, some of them in this very word
			bit := bits.TrailingZeros64(x.listed[w])
			x.listed[w] &^= 1 << bit
			x.look(int32(w*64 + bit))
		}
	}
}

func (x *sweep) forget() {
	for _, i := range x.done {
		x.active[i] = false
	}
	for _, stop := range x.nearStops {
		x.near[stop] = false
	}
	for _, stop := range x.liveStops {
		x.live[stop] = false
	}
	x.done, x.nearStops, x.liveStops = x.done[:0], x.nearStops[:0], x.liveStops[:0]
}

// walkFrom notes the walks to the destinations and lists the events at the stops they begin at.
func (x *sweep) walkFrom(destinations []int32) {
	for l, j := range destinations {
		stops, seconds := x.egress.row(j)
		for k, stop := range stops {
			if !x.near[stop] {
				x.near[stop] = true
				x.walk[stop] = nothing()
				x.nearStops = append(x.nearStops, stop)
				for _, i := range x.e.arrivals.row(stop) {
					x.list(i)
				}
			}
			x.walk[stop].set(l, uint16(min(seconds[k], never)))
		}
	}
}

func (x *sweep) list(i int32) { x.listed[i/64] |= 1 << (i % 64) }

// look finds the best of one event and lists the events that lead to it.
func (x *sweep) look(i int32) {
	e := x.e
	best := nothing()
	if n := e.next[i]; n != none && x.active[n] {
		best = x.best[n]
	}
	if stop := e.stop[i]; stop != none {
		if x.near[stop] {
			at := uint64(e.time[i]) * each
			for w := range words {
				best[w] = lower(best[w], later(x.walk[stop][w], at))
			}
		}
		for _, t := range e.targets.row(i) {
			if x.active[t] {
				best.lower(&x.best[t])
			}
		}
	}
	bound := uint64(e.deadline[i]) * each
	for w := range words {
		best[w] = within(best[w], bound)
	}
	if !best.reached() {
		return
	}
	x.active[i], x.best[i] = true, best
	x.done = append(x.done, i)
	if before := e.before[i]; before != none {
		x.list(before)
	}
	for _, source := range e.sources.row(i) {
		x.list(source)
	}
	if stop := e.boarded[i]; stop != none && !x.live[stop] {
		x.live[stop] = true
		x.liveStops = append(x.liveStops, stop)
	}
}
