package transit

import "slices"

// departure is a vehicle leaving a stop.
type departure struct {
	time     uint16
	trip     int32 // number of the trip among all of the slice
	position int32 // of the call on its trip
}

// profile holds every journey worth taking from one stop: for each destination the pairs (departure, arrival)
// of which none leaves earlier without arriving earlier. Walking from the last stop is included, walking to the
// first is not.
type profile struct {
	to      []int32  // destinations, ascending
	first   []uint32 // to[k] has the entries [first[k], first[k+1])
	entries []uint32 // departure number << 16 | arrival, descending in departure time
}

func (p *profile) bytes() int64 {
	return int64(len(p.to))*8 + int64(len(p.entries))*4 + 128
}

// departures of a stop, latest first; ties by trip, then position.
func (s *slice) departures(stop int32) []departure {
	var buf []departure
	end := uint16(s.last + s.max)
	for _, b := range s.boardings(stop) {
		m := s.trips[b.pattern]
		times := s.depart[s.at[b.pattern]+b.position*m:][:m]
		for i, d := range times {
			if int(d) > s.slack && d <= end {
				buf = append(buf, departure{d, s.tripBase[b.pattern] + int32(i), b.position})
			}
		}
	}
	slices.SortFunc(buf, func(a, b departure) int {
		if a.time != b.time {
			return int(b.time) - int(a.time)
		}
		if a.trip != b.trip {
			return int(a.trip - b.trip)
		}
		return int(a.position - b.position)
	})
	return buf
}

// search finds profiles by range-RAPTOR: the departures of a stop are searched from the last to the first, and
// the labels of later ones stay, so that each only looks where it arrives earlier than all later ones. One
// search serves one goroutine.
type search struct {
	s      *slice
	egress links // stop → destination
	rides  int
	tripOf []int32 // pattern of each trip of the slice

	// Labels per stop and number of rides used (index rides-1), never increasing in the number of rides.
	ride  []uint16 // earliest arrival with a vehicle
	ready []uint16 // earliest time one can board after that
	best  []uint16 // earliest arrival per destination

	arrived  marks   // stops reached earlier by a vehicle in this round
	improved marks   // stops reached earlier than ever
	boarded  marks   // stops from which one can board earlier
	found    marks   // destinations reached earlier
	from     []int32 // first position to look at per pattern; -1 none
	queue    []int32

	drafts []draft
	count  []uint32
}

type draft struct {
	to    int32
	entry uint32
}

// marks is a set of small numbers that is cheap to empty.
type marks struct {
	list  []int32
	stamp []uint32
	now   uint32
}

func newMarks(n int) marks { return marks{stamp: make([]uint32, n), now: 1} }

func (m *marks) add(i int32) {
	if m.stamp[i] != m.now {
		m.stamp[i] = m.now
		m.list = append(m.list, i)
	}
}

func (m *marks) has(i int32) bool { return m.stamp[i] == m.now }

func (m *marks) empty() {
	m.list = m.list[:0]
	m.now++
	if m.now == 0 {
		clear(m.stamp)
		m.now = 1
	}
}

func newSearch(s *slice, egress links, destinations int) *search {
	x := &search{
		s: s, egress: egress, rides: s.rides,
		ride: make([]uint16, s.stops*s.rides), ready: make([]uint16, s.stops*s.rides), best: make([]uint16, destinations),
		arrived: newMarks(s.stops), improved: newMarks(s.stops), boarded: newMarks(s.stops), found: newMarks(destinations),
		from: make([]int32, len(s.trips)), count: make([]uint32, destinations),
	}
	for p, m := range s.trips {
		for range m {
			x.tripOf = append(x.tripOf, int32(p))
		}
		x.from[p] = -1
	}
	return x
}

// profile computes the profile of the stop with these departures, latest first.
func (x *search) profile(departures []departure) *profile {
	for _, labels := range [][]uint16{x.ride, x.ready, x.best} {
		for i := range labels {
			labels[i] = never
		}
	}
	x.drafts = x.drafts[:0]
	for n, d := range departures {
		deadline := uint16(min(int(d.time)-x.s.slack, x.s.last) + x.s.max)
		x.depart(d, deadline)
		x.alight(deadline)
		for _, j := range x.found.list {
			x.drafts = append(x.drafts, draft{j, uint32(n)<<16 | uint32(x.best[j])})
		}
		x.found.empty()
	}
	return x.collect()
}

// depart spreads one departure over the network; x.improved then holds the stops reached earlier than by any
// later departure, whatever the number of rides.
func (x *search) depart(d departure, deadline uint16) {
	s := x.s
	x.improved.empty()
	x.arrived.empty()
	p := x.tripOf[d.trip]
	calls := s.first[p+1] - s.first[p]
	arrive := s.arrive[s.at[p]+(d.trip-s.tripBase[p])*calls:][:calls]
	for k := d.position + 1; k < calls; k++ {
		at := arrive[k]
		if at > deadline {
			break
		}
		if s.callFlags[s.first[p]+k]&noAlighting == 0 {
			x.reach(s.callStop[s.first[p]+k], 0, at)
		}
	}
	for r := 1; r < x.rides && len(x.arrived.list) > 0; r++ {
		x.change(r-1, deadline)
		x.arrived.empty()
		if len(x.boarded.list) == 0 {
			return
		}
		x.travel(r, deadline)
	}
}

// reach lowers the arrival at a stop with r+1 rides and more.
func (x *search) reach(stop int32, r int, at uint16) {
	labels := x.ride[int(stop)*x.rides:][:x.rides]
	if labels[r] <= at {
		return
	}
	x.arrived.add(stop)
	for ; r < len(labels) && labels[r] > at; r++ {
		labels[r] = at
	}
	if r == len(labels) {
		x.improved.add(stop)
	}
}

// change walks from the stops just reached to where one can board.
func (x *search) change(r int, deadline uint16) {
	s := x.s
	x.boarded.empty()
	for _, p := range x.arrived.list {
		at := int32(x.ride[int(p)*x.rides+r])
		for _, c := range s.changes[s.changeFirst[p]:s.changeFirst[p+1]] {
			when := at + c.seconds
			if when > int32(deadline) {
				break
			}
			labels := x.ready[int(c.to)*x.rides:][:x.rides]
			if int32(labels[r]) <= when {
				continue
			}
			for k := r; k < len(labels) && int32(labels[k]) > when; k++ {
				labels[k] = uint16(when)
			}
			x.boarded.add(c.to)
		}
	}
}

// travel takes one more ride from the stops marked as boarded.
func (x *search) travel(r int, deadline uint16) {
	s := x.s
	x.queue = x.queue[:0]
	for _, q := range x.boarded.list {
		for _, b := range s.boardings(q) {
			if f := x.from[b.pattern]; f < 0 {
				x.queue = append(x.queue, b.pattern)
				x.from[b.pattern] = b.position
			} else if b.position < f {
				x.from[b.pattern] = b.position
			}
		}
	}
	for _, p := range x.queue {
		x.scan(p, x.from[p], r, deadline)
		x.from[p] = -1
	}
}

// scan follows a pattern from a position on: rides the earliest trip that can be boarded, changes to an earlier
// one where possible.
func (x *search) scan(p, from int32, r int, deadline uint16) {
	s := x.s
	stops := s.callStop[s.first[p]:s.first[p+1]]
	flags := s.callFlags[s.first[p]:s.first[p+1]]
	calls, m := int32(len(stops)), s.trips[p]
	at := s.at[p]
	trip := m
	var arrive []uint16
	for k := from; k < calls; k++ {
		stop := stops[k]
		if trip < m {
			when := arrive[k]
			if when > deadline {
				trip = m
			} else if flags[k]&noAlighting == 0 {
				x.reach(stop, r, when)
			}
		}
		if flags[k]&noBoarding != 0 || !x.boarded.has(stop) {
			continue
		}
		ready := x.ready[int(stop)*x.rides+r-1]
		departs := s.depart[at+k*m:][:m]
		t := trip
		if t == m { // none boarded yet: halve the search
			lo, hi := int32(0), m
			for lo < hi {
				mid := (lo + hi) / 2
				if departs[mid] < ready {
					lo = mid + 1
				} else {
					hi = mid
				}
			}
			t = lo
		} else {
			for t > 0 && departs[t-1] >= ready {
				t--
			}
		}
		if t != trip {
			trip = t
			arrive = s.arrive[at+trip*calls:][:calls]
		}
	}
}

// alight walks from the stops reached earlier to the destinations.
func (x *search) alight(deadline uint16) {
	for _, p := range x.improved.list {
		at := int32(x.ride[int(p)*x.rides+x.rides-1])
		to, seconds := x.egress.row(p)
		for k, j := range to {
			when := at + seconds[k]
			if when > int32(deadline) {
				break
			}
			if when < int32(x.best[j]) {
				x.best[j] = uint16(when)
				x.found.add(j)
			}
		}
	}
}

// collect sorts the drafts of a stop by destination.
func (x *search) collect() *profile {
	p := &profile{entries: make([]uint32, len(x.drafts))}
	for _, d := range x.drafts {
		x.count[d.to]++
	}
	n := 0
	for _, c := range x.count {
		if c > 0 {
			n++
		}
	}
	p.to, p.first = make([]int32, 0, n), make([]uint32, 1, n+1)
	sum := uint32(0)
	for j, c := range x.count {
		if c > 0 {
			x.count[j] = sum
			sum += c
			p.to = append(p.to, int32(j))
			p.first = append(p.first, sum)
		}
	}
	for _, d := range x.drafts {
		p.entries[x.count[d.to]] = d.entry
		x.count[d.to]++
	}
	for _, j := range p.to {
		x.count[j] = 0
	}
	return p
}
