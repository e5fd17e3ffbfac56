package transit

// sweep finds, for up to 16 destinations at once, how early each is reached from every event of a query. One
// serves one goroutine.
type sweep struct {
	e      *events
	egress links // destination → stop

	best   []row  // per event: earliest arrival of those on board, staying, alighting or changing here or later
	active []bool // whether any destination is reached

	walk      []row  // per stop: seconds on foot to each destination
	near      []bool // whether any destination can be walked to
	nearStops []int32
	live      []bool // per stop: whether any departure reaches any destination
	liveStops []int32
}

func newSweep(e *events, egress links) *sweep {
	return &sweep{
		e: e, egress: egress, best: make([]row, len(e.next)), active: make([]bool, len(e.next)),
		walk: make([]row, e.s.stops), near: make([]bool, e.s.stops), live: make([]bool, e.s.stops),
	}
}

// run sweeps all events for up to 16 destinations; lane l belongs to destinations[l].
func (x *sweep) run(destinations []int32) {
	for _, stop := range x.nearStops {
		x.near[stop] = false
	}
	x.nearStops = x.nearStops[:0]
	for l, j := range destinations {
		stops, seconds := x.egress.row(j)
		for k, stop := range stops {
			if !x.near[stop] {
				x.near[stop] = true
				x.walk[stop] = nothing()
				x.nearStops = append(x.nearStops, stop)
			}
			x.walk[stop].set(l, uint16(min(seconds[k], never)))
		}
	}
	e := x.e
	for i := range x.best {
		x.active[i] = false
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
			for _, t := range e.targets[e.targetFirst[i]:e.targetFirst[i+1]] {
				if x.active[t] {
					best.lower(&x.best[t])
				}
			}
		}
		if !best.reached() {
			continue
		}
		bound := uint64(e.deadline[i]) * each
		for w := range words {
			best[w] = within(best[w], bound)
		}
		if best.reached() {
			x.active[i] = true
			x.best[i] = best
		}
	}
	for _, stop := range x.liveStops {
		x.live[stop] = false
	}
	x.liveStops = x.liveStops[:0]
	for stop, departures := range e.departures {
		for _, d := range departures {
			if x.active[d.event] {
				x.live[stop] = true
				x.liveStops = append(x.liveStops, int32(stop))
				break
			}
		}
	}
}
