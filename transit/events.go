package transit

import (
	"cmp"
	"slices"
	"sort"
	"sync"
	"sync/atomic"
)

// none is the number of no event.
const none int32 = -1

// events is the graph a query is answered on. An event is a trip arriving at a call; events are numbered from
// the latest arrival to the earliest, so that whatever can be done after an event has a lower number.
type events struct {
	s        *slice
	of       []int32  // number of each call of the slice, none where it cannot matter
	next     []int32  // the next event of the same trip, or none
	stop     []int32  // where one may alight; none where alighting is forbidden
	time     []uint16 // arrival
	deadline []uint16 // the latest arrival at a destination that is of use to anyone on board here

	// Trips worth changing to, as the event that follows boarding: targets[targetFirst[e]:targetFirst[e+1]].
	targetFirst []int32
	targets     []int32

	departures [][]departure // per stop, latest first
}

// departure is a vehicle leaving a stop.
type departure struct {
	time     uint16
	position int16 // of the call on its trip
	trip     int32 // number of the trip among all of the slice
	event    int32 // its arrival at the next call
}

// newEvents numbers the events of a slice and finds the changes worth making.
func newEvents(s *slice, workers int) *events {
	e := &events{s: s, of: make([]int32, len(s.arrive))}
	e.number()
	e.listDepartures()
	e.findTargets(workers)
	return e
}

// number gives numbers to the arrivals within the clock.
func (e *events) number() {
	s := e.s
	type arrival struct {
		call, pattern, trip, position int32
		time                          uint16
	}
	var list []arrival
	for p, m := range s.trips {
		calls := s.first[p+1] - s.first[p]
		for t := range m {
			for k := int32(1); k < calls; k++ {
				call := s.at[p] + t*calls + k
				e.of[call] = none
				boarded := s.depart[s.at[p]+(k-1)*m+t]
				if at := s.arrive[call]; int(boarded) > s.slack && at <= s.end() {
					list = append(list, arrival{call, int32(p), t, k, at})
				}
			}
			e.of[s.at[p]+t*calls] = none
		}
	}
	slices.SortFunc(list, func(a, b arrival) int {
		return cmp.Or(cmp.Compare(b.time, a.time), cmp.Compare(a.pattern, b.pattern), cmp.Compare(a.trip, b.trip), cmp.Compare(b.position, a.position))
	})
	e.next, e.stop = make([]int32, len(list)), make([]int32, len(list))
	e.time, e.deadline = make([]uint16, len(list)), make([]uint16, len(list))
	for i, a := range list {
		e.of[a.call] = int32(i)
		e.next[i], e.stop[i], e.time[i] = none, none, a.time
		if k := s.first[a.pattern] + a.position; s.callFlags[k]&noAlighting == 0 {
			e.stop[i] = s.callStop[k]
		}
		if k := s.first[a.pattern] + a.position + 1; k < s.first[a.pattern+1] {
			e.next[i] = e.of[a.call+1]
		}
		boarded := int(s.depart[s.at[a.pattern]+(a.position-1)*s.trips[a.pattern]+a.trip])
		e.deadline[i] = uint16(max(0, min(boarded-s.slack, s.last)+s.max))
	}
}

func (e *events) listDepartures() {
	s := e.s
	e.departures = make([][]departure, s.stops)
	for stop := range e.departures {
		var list []departure
		for _, b := range s.boardings(int32(stop)) {
			m, calls := s.trips[b.pattern], s.first[b.pattern+1]-s.first[b.pattern]
			times := s.depart[s.at[b.pattern]+b.position*m:][:m]
			for t, d := range times {
				next := e.of[s.at[b.pattern]+int32(t)*calls+b.position+1]
				if int(d) > s.slack && d <= s.end() && next != none {
					list = append(list, departure{d, int16(b.position), s.tripBase[b.pattern] + int32(t), next})
				}
			}
		}
		slices.SortFunc(list, func(a, b departure) int {
			return cmp.Or(cmp.Compare(b.time, a.time), cmp.Compare(a.trip, b.trip), cmp.Compare(a.position, b.position))
		})
		e.departures[stop] = list
	}
}

// findTargets finds, for every event, the trips worth changing to. A change is dropped where riding on, or
// another change from the same trip that is kept, reaches every stop and every place to board no later (the
// reduction of Witt, "Trip-Based Public Transit Routing", ESA 2015, algorithm 3; the answers stay the same, see
// law_test.go).
func (e *events) findTargets(workers int) {
	s := e.s
	type job struct{ pattern, trip int32 }
	var jobs []job
	for p, m := range s.trips {
		for t := range m {
			jobs = append(jobs, job{int32(p), t})
		}
	}
	kept := make([][]int32, len(e.next))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range max(1, workers) {
		wg.Go(func() {
			r := newReducer(e)
			for i := int(next.Add(1)) - 1; i < len(jobs); i = int(next.Add(1)) - 1 {
				r.trip(jobs[i].pattern, jobs[i].trip, kept)
			}
		})
	}
	wg.Wait()
	e.targetFirst = make([]int32, 1, len(kept)+1)
	for _, k := range kept {
		e.targets = append(e.targets, k...)
		e.targetFirst = append(e.targetFirst, int32(len(e.targets)))
	}
}

// reducer finds the changes worth making from one trip after the other. One serves one goroutine.
type reducer struct {
	e       *events
	arrived []uint16 // earliest known arrival per stop, from this trip on
	ready   []uint16 // earliest known time to board per stop
	touched []int32
}

func newReducer(e *events) *reducer {
	r := &reducer{e: e, arrived: make([]uint16, e.s.stops), ready: make([]uint16, e.s.stops)}
	for i := range r.arrived {
		r.arrived[i], r.ready[i] = never, never
	}
	return r
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

// trip handles the calls of one trip from the last to the first.
func (r *reducer) trip(pattern, trip int32, kept [][]int32) {
	e, s := r.e, r.e.s
	calls := s.first[pattern+1] - s.first[pattern]
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
					calls := s.first[b.pattern+1] - s.first[b.pattern]
					kept[event] = append(kept[event], e.of[s.at[b.pattern]+to*calls+b.position+1])
				}
			}
		}
	}
	for _, stop := range r.touched {
		r.arrived[stop], r.ready[stop] = never, never
	}
	r.touched = r.touched[:0]
}

// ride notes all arrivals of a trip boarded at a call and says whether any improves anything.
func (r *reducer) ride(b boarding, trip int32) bool {
	s := r.e.s
	calls := s.first[b.pattern+1] - s.first[b.pattern]
	arrive := s.arrive[s.at[b.pattern]+trip*calls:][:calls]
	better := false
	for k := b.position + 1; k < calls && arrive[k] <= s.end(); k++ {
		if at := s.first[b.pattern] + k; s.callFlags[at]&noAlighting == 0 && r.arrive(s.callStop[at], arrive[k]) {
			better = true
		}
	}
	return better
}

// firstTrip gives the first trip of a pattern that leaves a call at a time or later.
func (s *slice) firstTrip(b boarding, ready uint16) (int32, bool) {
	m := s.trips[b.pattern]
	departs := s.depart[s.at[b.pattern]+b.position*m:][:m]
	t := int32(sort.Search(int(m), func(i int) bool { return departs[i] >= ready }))
	return t, t < m && departs[t] <= s.end()
}
