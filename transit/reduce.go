package transit

// reducer tells rides worth taking from those that another ride makes superfluous. It keeps, from one place of
// departure on, how early each stop is reached and how early one can board at each stop. One serves one
// goroutine.
type reducer struct {
	e       *events
	arrived []uint16 // per stop
	ready   []uint16 // per stop
	touched []int32

	ridden   [][]boarded // per pattern: rides looked at, none of which is nowhere later than another
	patterns []int32     // with a ride
}

// boarded is a ride that was looked at.
type boarded struct{ trip, position int32 }

func newReducer(e *events) *reducer {
	r := &reducer{
		e: e, arrived: make([]uint16, e.s.stops), ready: make([]uint16, e.s.stops),
		ridden: make([][]boarded, len(e.s.trips)),
	}
	for i := range r.arrived {
		r.arrived[i], r.ready[i] = never, never
	}
	return r
}

// forget starts at a new place of departure.
func (r *reducer) forget() {
	for _, stop := range r.touched {
		r.arrived[stop], r.ready[stop] = never, never
	}
	for _, p := range r.patterns {
		r.ridden[p] = r.ridden[p][:0]
	}
	r.touched, r.patterns = r.touched[:0], r.patterns[:0]
}

// arrive notes an arrival at a stop and says whether it improves anything.
func (r *reducer) arrive(stop int32, at uint16) bool {
	if at >= r.arrived[stop] {
		return false
	}
	s := r.e.s
	r.touch(stop)
	r.arrived[stop] = at
	for _, c := range s.changes[s.changeFirst[stop]:s.changeFirst[stop+1]] {
		when := int32(at) + c.seconds
		if when >= never {
			break
		}
		if when < int32(r.ready[c.to]) {
			r.touch(c.to)
			r.ready[c.to] = uint16(when)
		}
	}
	return true
}

func (r *reducer) touch(stop int32) {
	if r.arrived[stop] == never && r.ready[stop] == never {
		r.touched = append(r.touched, stop)
	}
}

// take looks at a ride and says whether it is worth a closer look: whether every ride of its pattern that was
// looked at is later somewhere, by being a later trip or by being boarded further on.
func (r *reducer) take(b boarding, trip int32) bool {
	known := r.ridden[b.pattern]
	if len(known) == 0 {
		r.patterns = append(r.patterns, b.pattern)
	}
	kept := known[:0]
	for _, k := range known {
		if k.trip <= trip && k.position <= b.position {
			return false // nothing was dropped so far: what it makes superfluous it would itself be superfluous to
		}
		if k.trip < trip || k.position < b.position {
			kept = append(kept, k)
		}
	}
	r.ridden[b.pattern] = append(kept, boarded{trip, b.position})
	return true
}

// ride notes all arrivals of a trip boarded at a call and says whether any improves anything.
func (r *reducer) ride(b boarding, trip int32) bool {
	if !r.take(b, trip) {
		return false
	}
	s := r.e.s
	first := s.first[b.pattern]
	calls := s.first[b.pattern+1] - first
	arrive := s.arrive[s.at[b.pattern]+trip*calls:][:calls]
	stops, flags := s.callStop[first:first+calls], s.callFlags[first:first+calls]
	better := false
	for k := b.position + 1; k < calls && arrive[k] <= s.end(); k++ {
		if flags[k]&noAlighting == 0 && r.arrive(stops[k], arrive[k]) {
			better = true
		}
	}
	return better
}

// changes finds the changes worth making from one trip, call by call from the last to the first.
func (r *reducer) changes(pattern, trip int32, kept [][]int32) {
	e, s := r.e, r.e.s
	calls := s.first[pattern+1] - s.first[pattern]
	r.forget()
	for k := calls - 1; k > 0; k-- {
		event := e.of[s.at[pattern]+trip*calls+k]
		if event == none || e.stop[event] == none {
			continue
		}
		stop, at := e.stop[event], e.time[event]
		r.arrive(stop, at)
		for _, c := range s.changes[s.changeFirst[stop]:s.changeFirst[stop+1]] {
			ready := int32(at) + c.seconds
			if ready > int32(s.end()) {
				break
			}
			for _, b := range s.boardings(c.to) {
				to, ok := s.firstTrip(b, uint16(ready))
				if !ok || b.pattern == pattern && b.position >= k && to >= trip {
					continue
				}
				if r.ride(b, to) {
					kept[event] = append(kept[event], e.after(b, to))
				}
			}
		}
	}
}

// after gives the event that follows boarding a trip at a call.
func (e *events) after(b boarding, trip int32) int32 {
	s := e.s
	calls := s.first[b.pattern+1] - s.first[b.pattern]
	return e.of[s.at[b.pattern]+trip*calls+b.position+1]
}
