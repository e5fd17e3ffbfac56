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
	before   []int32  // the event of the same trip before, or none
	boarded  []int32  // the stop at which one boards to come to this event first, or none
	stop     []int32  // where one may alight; none where alighting is forbidden
	time     []uint16 // arrival
	deadline []uint16 // the latest arrival at a destination that is of use to anyone on board here

	// Trips worth changing to, as the event that follows boarding.
	targets table
	sources table // the same the other way round: the events from which one changes to this one

	arrivals   table         // per stop: the events at which one may alight there
	departures [][]departure // per stop, latest first
}

// table lists numbers per row.
type table struct {
	first  []int32
	number []int32
}

func newTable(rows [][]int32) table {
	t := table{first: make([]int32, 1, len(rows)+1)}
	for _, r := range rows {
		t.number = append(t.number, r...)
		t.first = append(t.first, int32(len(t.number)))
	}
	return t
}

func (t table) row(i int32) []int32 { return t.number[t.first[i]:t.first[i+1]] }

// turned swaps rows and numbers; the rows of the result ascend.
func (t table) turned(rows int) table {
	out := table{first: make([]int32, rows+1), number: make([]int32, len(t.number))}
	for _, n := range t.number {
		out.first[n+1]++
	}
	for i := range rows {
		out.first[i+1] += out.first[i]
	}
	at := slices.Clone(out.first[:rows])
	for i := range int32(len(t.first) - 1) {
		for _, n := range t.row(i) {
			out.number[at[n]] = i
			at[n]++
		}
	}
	return out
}

// departure is a vehicle leaving a stop.
type departure struct {
	time  uint16
	trip  int32 // number of the trip in its pattern
	at    boarding
	event int32 // its arrival at the next call
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
	e.next, e.before = make([]int32, len(list)), make([]int32, len(list))
	e.stop, e.boarded = make([]int32, len(list)), make([]int32, len(list))
	e.time, e.deadline = make([]uint16, len(list)), make([]uint16, len(list))
	for i, a := range list {
		e.of[a.call] = int32(i)
		e.next[i], e.before[i], e.stop[i], e.boarded[i], e.time[i] = none, none, none, none, a.time
		if k := s.first[a.pattern] + a.position; s.callFlags[k]&noAlighting == 0 {
			e.stop[i] = s.callStop[k]
		}
		if k := s.first[a.pattern] + a.position + 1; k < s.first[a.pattern+1] {
			if e.next[i] = e.of[a.call+1]; e.next[i] != none {
				e.before[e.next[i]] = int32(i)
			}
		}
		if k := s.first[a.pattern] + a.position - 1; s.callFlags[k]&noBoarding == 0 {
			e.boarded[i] = s.callStop[k]
		}
		boarded := int(s.depart[s.at[a.pattern]+(a.position-1)*s.trips[a.pattern]+a.trip])
		e.deadline[i] = uint16(max(0, min(boarded-s.slack, s.last)+s.max))
	}
	stops := make([][]int32, s.stops)
	for i, stop := range e.stop {
		if stop != none {
			stops[stop] = append(stops[stop], int32(i))
		}
	}
	e.arrivals = newTable(stops)
}

func (e *events) listDepartures() {
	s := e.s
	e.departures = make([][]departure, s.stops)
	for stop := range e.departures {
		var list []departure
		for _, b := range s.boardings(int32(stop)) {
			m := s.trips[b.pattern]
			times := s.depart[s.at[b.pattern]+b.position*m:][:m]
			for t, d := range times {
				if next := e.after(b, int32(t)); int(d) > s.slack && d <= s.end() && next != none {
					list = append(list, departure{d, int32(t), b, next})
				}
			}
		}
		slices.SortFunc(list, func(a, b departure) int {
			return cmp.Or(cmp.Compare(b.time, a.time), cmp.Compare(a.event, b.event))
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
				r.changes(jobs[i].pattern, jobs[i].trip, kept)
			}
		})
	}
	wg.Wait()
	e.targets = newTable(kept)
	e.sources = e.targets.turned(len(kept))
}

// firstTrip gives the first trip of a pattern that leaves a call at a time or later.
func (s *slice) firstTrip(b boarding, ready uint16) (int32, bool) {
	m := s.trips[b.pattern]
	departs := s.depart[s.at[b.pattern]+b.position*m:][:m]
	t := int32(sort.Search(int(m), func(i int) bool { return departs[i] >= ready }))
	return t, t < m && departs[t] <= s.end()
}
