package contraction

// row holds the weights of one node for all sources of a sweep.
type row [Lanes]uint32

// unreached is the row of a node that no source reaches.
func unreached() (r row) {
	for i := range r {
		r[i] = Infinite
	}
	return r
}

// Sweep carries up to Lanes sources at once to the targets of a Restriction. It belongs to one goroutine at a
// time.
type Sweep struct {
	r       *Restriction
	rows    []row    // of kept nodes
	entered []uint64 // bit set of kept nodes that the climb has given a row; empty between runs
	climbed []row    // of the nodes above the sources, in the order in which the climb left them
	order   []uint32 // their positions: each after all it has arcs to
	at      []mark   // of each position: weight is its index in order
	stamp   uint32
	stack   []uint32
	near    reach
	swept   int // kept nodes that the last call passed
}

// NewSweep makes a sweep: 8 bytes for each node of the graph and 64 for each node of the restriction, and 64 for
// each target once Within is used.
func (r *Restriction) NewSweep() *Sweep {
	return &Sweep{
		r:       r,
		rows:    make([]row, r.Len()),
		entered: make([]uint64, (r.Len()+63)/64),
		at:      make([]mark, r.h.Nodes()),
	}
}

// Run fills out[t*Lanes+lane] with the weight between sources[lane] and target t: the least, over the seeds of
// the source, of the seed's weight and the path between its node and the target. It is Infinite where no path
// is lighter than that, for a source without seeds, and for lanes beyond len(sources).
// It panics where there are more than Lanes sources or out is not Targets()*Lanes long.
//
// All sources climb together: the nodes above any of them are visited once, each arc relaxed for all lanes at a
// time. (RPHAST runs a Dijkstra search for each source instead.) Sources that lie close together share almost
// all of these nodes, so batches should be taken along a space-filling curve. Then the rows pass down.
func (s *Sweep) Run(sources [][]Seed, out []uint32) {
	r := s.r
	if len(sources) > Lanes || len(out) != len(r.order)*Lanes {
		panic("contraction: Run with too many sources or an output of the wrong length")
	}
	s.climb(sources)
	for i, p := range s.order {
		if r.keeps(p) {
			k := r.number(p)
			s.rows[k] = s.climbed[i]
			s.entered[k/64] |= 1 << (k % 64)
		}
	}
	for b := range r.blocks() {
		sweepRows(s.rows, b*block, min(len(s.rows), (b+1)*block), s.entered, r.down)
		finishRows(out, r.order[r.finish[b]:r.finish[b+1]], s.rows, r.last)
	}
	finishRows(out, r.order[r.finish[r.blocks()]:], s.rows, r.last)
	clear(s.entered)
	s.near.fillAll(r.blocks())
	s.swept = len(s.rows)
}

// Passed is how many nodes the last call of Run or Within went through: above the sources, and down to the
// targets. Both were relaxed for all lanes at once, so whoever plans can weigh them against a search's settled
// nodes without a clock.
func (s *Sweep) Passed() (climbed, swept int) { return len(s.order), s.swept }

// climb computes the rows of all nodes above the sources.
func (s *Sweep) climb(sources [][]Seed) {
	s.gather(sources)
	s.enter(sources)
	climbRows(s.climbed, s.order, s.at, s.r.climb)
}

// gather lists the positions above the sources, each after all it has arcs to.
func (s *Sweep) gather(sources [][]Seed) {
	s.stamp++
	if s.stamp == 0 {
		clear(s.at)
		s.stamp = 1
	}
	const pending = ^uint32(0)
	s.order = s.order[:0]
	for _, seeds := range sources {
		for _, seed := range seeds {
			s.stack = append(s.stack[:0], s.r.h.position[seed.Node])
			for len(s.stack) > 0 {
				p := s.stack[len(s.stack)-1]
				if m := &s.at[p]; m.stamp == s.stamp {
					s.stack = s.stack[:len(s.stack)-1]
					if m.weight == pending {
						m.weight = uint32(len(s.order))
						s.order = append(s.order, p)
					}
					continue
				}
				s.at[p] = mark{s.stamp, pending}
				for _, a := range s.r.climb.of(p) {
					if s.at[a.head()].stamp != s.stamp {
						s.stack = append(s.stack, a.head())
					}
				}
			}
		}
	}
}

// enter gives every gathered node an empty row and then the seeds their weights.
func (s *Sweep) enter(sources [][]Seed) {
	none := unreached()
	s.climbed = s.climbed[:0]
	for range s.order {
		s.climbed = append(s.climbed, none)
	}
	for lane, seeds := range sources {
		for _, seed := range seeds {
			at := &s.climbed[s.at[s.r.h.position[seed.Node]].weight][lane]
			*at = min(*at, seed.Weight)
		}
	}
}
