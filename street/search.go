package street

import (
	"math"
	"math/bits"

	"gevor/geo"
	"gevor/travel"
)

// Hit is a point that was reached.
type Hit struct {
	To      int32
	Seconds travel.Seconds
}

// Search answers bounded shortest-path questions in one mode at one speed. It keeps its buffers between
// questions; use one per goroutine.
type Search struct {
	n        *Network
	mode     travel.Mode
	unitMS   float64 // milliseconds of one unit
	besideMS float64 // milliseconds of one millimetre beside the network

	units   []uint32 // of each vertex, None where not seen
	seen    []uint32 // vertices to reset
	settled int      // vertices of the last question
	queue   heap
	best    []uint32 // units to each target point without the ways beside the network
	touched []uint64 // bit set of target points
	lo, hi  int      // words of touched in use
}

// NewSearch makes a search for Walk, WalkNoSteps, Bike or Car.
func (n *Network) NewSearch(mode travel.Mode, speed Speed) *Search {
	s := &Search{n: n, mode: mode}
	s.unitMS, s.besideMS = speed.milliseconds(mode)
	return s
}

// prepare makes the buffers fit the graph and m targets.
func (s *Search) prepare(m int) {
	if vertices := s.n.layers[s.mode].graph.vertices(); len(s.units) != vertices {
		s.units = make([]uint32, vertices)
		for v := range s.units {
			s.units[v] = None
		}
	}
	if len(s.best) < m {
		s.best = make([]uint32, m)
		for t := range s.best {
			s.best[t] = None
		}
		s.touched = make([]uint64, (m+63)/64)
	}
	s.lo, s.hi = len(s.touched), 0
}

// Reach appends to hits the points of to that can be reached from point i of from within most, in ascending order
// of To, and gives the grown slice. With reverse set it travels the other way: from points of to to point i. Both
// sets must be linked in the mode of the search; a set of another mode or network reaches nothing.
//
// The time is that of the cheapest path from the point's place on its edge to that of the target, plus the ways
// beside the network at both ends at walking speed. Two points on one edge may also be joined along it. On foot,
// two points on one edge that lie closer to each other than to the street are joined over the ground, so that a
// point reaches its own place in no time.
//
// Cost: one Dijkstra search over what lies within most. Checked in oracle_test.go against a plain Dijkstra over an
// adjacency built apart from this package.
func (s *Search) Reach(from *Points, i int, to *Points, most travel.Seconds, reverse bool, hits []Hit) []Hit {
	if !s.fits(from) || !s.fits(to) || !from.Linked(i) || most < 0 {
		return hits
	}
	s.prepare(to.Len())
	s.settled = 0
	mostMS := float64(most) * 1000
	room := mostMS - float64(from.off[i])*s.besideMS
	// The bound is a hair looser than the check in collect, which alone decides, whichever end a search starts at.
	if bound := math.Floor(room/s.unitMS + 1e-5); bound >= 0 {
		s.run(from, int32(i), to, uint32(math.Min(bound, None-1)), reverse)
	}
	for _, j := range to.onEdge(from.edge[i]) {
		var u uint32
		if reverse {
			u = to.sameEdge(j, from, int32(i))
		} else {
			u = from.sameEdge(int32(i), to, j)
		}
		if u != None {
			s.offer(j, u)
		}
	}
	return s.collect(from, i, to, mostMS, hits)
}

func (s *Search) fits(p *Points) bool {
	return p.n == s.n && p.mode == s.mode && int(s.mode) < modes
}

func (s *Search) walks() bool { return s.mode == travel.Walk || s.mode == travel.WalkNoSteps }

// offer notes a way to a target.
func (s *Search) offer(j int32, units uint32) {
	w := int(j) / 64
	s.touched[w] |= 1 << (uint(j) % 64)
	s.lo, s.hi = min(s.lo, w), max(s.hi, w+1)
	s.best[j] = min(s.best[j], units)
}

// run settles every vertex within bound units of the point and offers the targets behind them.
func (s *Search) run(from *Points, i int32, to *Points, bound uint32, reverse bool) {
	g, targets := &s.n.layers[s.mode].graph, to.arrive
	if reverse {
		g, targets = &s.n.layers[s.mode].reversed, to.depart
	}
	en := targets()
	for _, back := range []bool{false, true} {
		tail, head, before, after, open := from.passed(i, back)
		switch {
		case !open:
		case reverse:
			s.relax(tail, before, bound)
		default:
			s.relax(head, after, bound)
		}
	}
	for !s.queue.empty() {
		u, v := s.queue.pop()
		if u > s.units[v] {
			continue
		}
		for k := en.first[v]; k < en.first[v+1]; k++ {
			if t := uint64(u) + uint64(en.units[k]); t <= uint64(bound) {
				s.offer(en.point[k], uint32(t))
			}
		}
		for k := g.first[v]; k < g.first[v+1]; k++ {
			if t := uint64(u) + uint64(g.weight[k]); t <= uint64(bound) {
				s.relax(g.head[k], uint32(t), bound)
			}
		}
	}
	s.settled = len(s.seen)
	for _, v := range s.seen {
		s.units[v] = None
	}
	s.seen = s.seen[:0]
}

func (s *Search) relax(v, units, bound uint32) {
	if units > bound || units >= s.units[v] {
		return
	}
	if s.units[v] == None {
		s.seen = append(s.seen, v)
	}
	s.units[v] = units
	s.queue.push(units, v)
}

// collect turns what was offered into hits in ascending order and forgets it.
func (s *Search) collect(from *Points, i int, to *Points, mostMS float64, hits []Hit) []Hit {
	for w := s.lo; w < s.hi; w++ {
		for rest := s.touched[w]; rest != 0; rest &= rest - 1 {
			j := int32(w*64 + bits.TrailingZeros64(rest))
			if ms := s.total(from, int32(i), to, j, s.best[j]); ms <= mostMS+1e-6 {
				hits = append(hits, Hit{j, secondsOf(ms)})
			}
			s.best[j] = None
		}
		s.touched[w] = 0
	}
	return hits
}

// total gives the milliseconds of a journey of which units are spent on the network. On foot two points on one
// edge that lie closer to each other than to the street are joined over the ground.
func (s *Search) total(from *Points, i int32, to *Points, j int32, units uint32) float64 {
	ms := s.milliseconds(from, i, to, j, units)
	if s.walks() && from.edge[i] == to.edge[j] {
		off := float64(from.off[i]) + float64(to.off[j])
		if direct := 1000 * float64(geo.Distance(from.place[i], to.place[j])); direct <= off {
			ms = math.Min(ms, direct*s.besideMS)
		}
	}
	return ms
}

// milliseconds is total for points that are not joined over the ground.
func (s *Search) milliseconds(from *Points, i int32, to *Points, j int32, units uint32) float64 {
	off := float64(from.off[i]) + float64(to.off[j])
	return float64(units)*s.unitMS + off*s.besideMS
}
