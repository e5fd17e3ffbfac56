package contraction

// Query asks for single weights. It belongs to one goroutine at a time.
type Query struct {
	h       *Hierarchy
	sides   [2]side
	settled int
}

// side is one of the two climbing searches.
type side struct {
	up, against climb // arcs to follow, and those that would show a settled node to be reached more cheaply from above
	at          []mark
	stamp       uint32
	heap        queue
}

type mark struct{ stamp, weight uint32 }

// NewQuery makes a query object: 16 bytes a node.
func (h *Hierarchy) NewQuery() *Query {
	return &Query{h: h, sides: [2]side{
		{up: h.up, against: h.down, at: make([]mark, h.Nodes())},
		{up: h.down, against: h.up, at: make([]mark, h.Nodes())},
	}}
}

// Settled is how many nodes the last call of Distance took off its two heaps.
func (q *Query) Settled() int { return q.settled }

func (s *side) start(p uint32) {
	s.stamp++
	if s.stamp == 0 {
		clear(s.at)
		s.stamp = 1
	}
	s.at[p] = mark{s.stamp, 0}
	s.heap = append(s.heap[:0], uint64(p))
}

func (s *side) weight(p uint32) uint32 {
	if m := s.at[p]; m.stamp == s.stamp {
		return m.weight
	}
	return Infinite
}

// Distance gives the weight of the lightest path, 0 from a node to itself, Infinite where there is none.
//
// Both searches climb, each until its least weight reaches that of the best meeting so far. A node that is
// reached more cheaply by way of a higher one cannot lie on the climbing part of a lightest path; it is counted
// but not followed (stall on demand).
func (q *Query) Distance(from, to uint32) uint32 {
	q.sides[0].start(q.h.position[from])
	q.sides[1].start(q.h.position[to])
	q.settled = 0
	best := uint32(Infinite)
	for turn := 0; ; turn = 1 - turn {
		s, other := &q.sides[turn], &q.sides[1-turn]
		if len(s.heap) == 0 || uint32(s.heap[0]>>32) >= best {
			if len(other.heap) == 0 || uint32(other.heap[0]>>32) >= best {
				break
			}
			continue
		}
		top := s.heap.pop()
		p, weight := uint32(top), uint32(top>>32)
		if s.at[p].weight != weight {
			continue
		}
		q.settled++
		best = min(best, weight+other.weight(p))
		if !s.stalled(p, weight) {
			s.climb(p, weight)
		}
	}
	return best
}

func (s *side) stalled(p, weight uint32) bool {
	for _, a := range s.against.of(p) {
		if s.weight(a.head())+a.weight() < weight {
			return true
		}
	}
	return false
}

func (s *side) climb(p, weight uint32) {
	for _, a := range s.up.of(p) {
		if next := weight + a.weight(); next < s.weight(a.head()) {
			s.at[a.head()] = mark{s.stamp, next}
			s.heap.push(uint64(next)<<32 | uint64(a.head()))
		}
	}
}
