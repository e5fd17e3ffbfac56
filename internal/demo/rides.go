package demo

import (
	"cmp"
	"math"
	"slices"
	"sort"
)

// This file is the generator's own way of measuring travel by bus and train: a connection scan that runs backwards
// over the timetable and keeps, for every stop, when one must be there to arrive when (profile connection scan
// after Dibbelt, Pajor, Strasser and Wagner 2013, "Intriguingly Simple and Fast Transit Routing").

const (
	boardSlack    = 60      // seconds at a stop before one boards
	transferWalk  = 5 * 60  // longest walk between two rides
	accessWalk    = 14 * 60 // longest walk to and from stops: within what the analysis allows
	windowMinutes = 60
	accessStops   = 12 // so many stops are tried from a cell; leaving out others only makes the measure stricter
)

type connection struct{ depart, arrive, from, to, trip int32 }

// link is a stop that a point reaches on foot.
type link struct {
	stop    int32
	seconds float32
}

// rides holds a day's connections and the walks to stops.
type rides struct {
	connections []connection // by departure, descending
	trips       int
	near        [][]link // by stop: others within transferWalk, itself included
	access      [][]link // by cell: stops within accessWalk, nearest first
	stops       []stop
}

// ready says: who is at the stop by then arrives at the goal at the time. Lists are ascending in both.
type ready struct{ by, arrive int32 }

func newRides(t *timetable, n *network, cells []anchor, byEdge *onEdges) *rides {
	r := &rides{stops: t.stops}
	for i := range t.lines {
		for direction := range t.lines[i].patterns {
			pt := &t.lines[i].patterns[direction]
			for _, s := range pt.starts {
				if s.service == weekend {
					continue // the reference date is a working day
				}
				for k := 1; k < len(pt.stops); k++ {
					_, depart := pt.at(s.at, k-1)
					arrive, _ := pt.at(s.at, k)
					r.connections = append(r.connections, connection{depart, arrive, pt.stops[k-1], pt.stops[k], int32(r.trips)})
				}
				r.trips++
			}
		}
	}
	sortConnections(r.connections)
	r.near, r.access = make([][]link, len(t.stops)), make([][]link, len(cells))
	stopsAt := newOnEdges(len(n.edges), len(t.stops), func(i int) int32 { return t.stops[i].at.edge })
	f := newFlood(n, onFoot)
	for i := range t.stops {
		f.reset()
		f.start(t.stops[i].at, 0)
		f.run(accessWalk)
		byEdge.touched(f, func(c int32) {
			if s := f.from(cells[c]); s <= accessWalk {
				r.access[c] = append(r.access[c], link{int32(i), float32(s)})
			}
		})
		stopsAt.touched(f, func(k int32) {
			if s := f.from(t.stops[k].at); s <= transferWalk {
				r.near[i] = append(r.near[i], link{k, float32(s)})
			}
		})
	}
	for c := range r.access {
		a := r.access[c]
		slices.SortStableFunc(a, func(x, y link) int { return cmp.Compare(x.seconds, y.seconds) })
		r.access[c] = append([]link(nil), a[:min(len(a), accessStops)]...)
	}
	return r
}

// sortConnections orders by departure, descending.
func sortConnections(all []connection) {
	slices.SortStableFunc(all, func(a, b connection) int { return cmp.Compare(b.depart, a.depart) })
}

// profile gives for every stop its ready list, for goals that are egress seconds from the stops (infinite where
// none is near), for departures from a time on and journeys of at most some seconds.
func (r *rides) profile(egress []float64, from, most int32) [][]ready {
	out := make([][]ready, len(r.stops))
	onTrip := make([]int32, r.trips)
	for i := range onTrip {
		onTrip[i] = math.MaxInt32
	}
	end := from + windowMinutes*60 + most
	for _, c := range r.connections {
		if c.depart < from || c.arrive > end {
			continue
		}
		best := onTrip[c.trip]
		if e := egress[c.to]; !math.IsInf(e, 1) {
			best = min(best, c.arrive+int32(math.Ceil(e)))
		}
		best = min(best, arrival(out[c.to], c.arrive)) // walks to other stops are in their lists already
		if best == math.MaxInt32 {
			continue
		}
		onTrip[c.trip] = best
		for _, l := range r.near[c.from] {
			out[l.stop] = insert(out[l.stop], ready{c.depart - boardSlack - int32(math.Ceil(float64(l.seconds))), best})
		}
	}
	return out
}

// insert keeps a list free of entries that another one dominates. Entries come roughly by descending time, so the
// place is near the front; lists are short.
func insert(list []ready, e ready) []ready {
	i := sort.Search(len(list), func(k int) bool { return list[k].by >= e.by })
	if i < len(list) && list[i].arrive <= e.arrive {
		return list
	}
	if i < len(list) && list[i].by == e.by {
		list[i] = e
	} else {
		list = append(list, ready{})
		copy(list[i+1:], list[i:])
		list[i] = e
	}
	first := i
	for first > 0 && list[first-1].arrive >= e.arrive {
		first--
	}
	return append(list[:first], list[i:]...)
}

// arrival gives when one arrives who is at the stop at a time.
func arrival(list []ready, at int32) int32 {
	i := sort.Search(len(list), func(k int) bool { return list[k].by >= at })
	if i == len(list) {
		return math.MaxInt32
	}
	return list[i].arrive
}

// median gives the median over the minutes of the window of a cell's travel time, walking all the way included.
func (r *rides) median(cell int32, profiles [][]ready, from int32, walk float64) float64 {
	var times [windowMinutes]float64
	for m := range times {
		now := from + int32(m)*60
		best := walk
		for _, l := range r.access[cell] {
			if a := arrival(profiles[l.stop], now+int32(math.Ceil(float64(l.seconds)))); a != math.MaxInt32 {
				best = min(best, float64(a-now))
			}
		}
		times[m] = best
	}
	sort.Float64s(times[:])
	return times[windowMinutes/2-1]
}

// onEdges lists points by the edge they are tied to.
type onEdges struct{ first, points []int32 }

func newOnEdges(edges, points int, edgeOf func(i int) int32) *onEdges {
	o := &onEdges{first: make([]int32, edges+1)}
	for i := range points {
		o.first[edgeOf(i)+1]++
	}
	for i := 1; i <= edges; i++ {
		o.first[i] += o.first[i-1]
	}
	o.points = make([]int32, points)
	fill := append([]int32(nil), o.first...)
	for i := range points {
		e := edgeOf(i)
		o.points[fill[e]] = int32(i)
		fill[e]++
	}
	return o
}

// touched calls do once for every point on an edge that a search has touched.
func (o *onEdges) touched(f *flood, do func(point int32)) {
	for _, node := range f.touched {
		for _, half := range f.n.adj[f.n.first[node]:f.n.first[node+1]] {
			e := &f.n.edges[half>>1]
			// An edge with both ends touched is visited from its first end only.
			if half&1 == 1 && !math.IsInf(f.cost[e.a], 1) {
				continue
			}
			for _, p := range o.points[o.first[half>>1]:o.first[half>>1+1]] {
				do(p)
			}
		}
	}
}
