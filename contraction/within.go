package contraction

import "math/bits"

// Hit is a target that a source reaches within a bound.
type Hit struct {
	Target uint32
	Weight uint32
}

// reach is what Within keeps between calls. A block of kept nodes none of whose entries lies within the bound is
// passed over; its rows must then read as Infinite, which is work only after a run that had filled them.
type reach struct {
	out    []uint32 // a row for each target; valid where a bit of within is set
	within []uint64 // bit set of targets whose block was swept; empty between calls
	alive  []uint64 // bit set of kept nodes that some lane reaches within the bound, of swept blocks
	filled []bool   // blocks whose rows are not all Infinite
}

// forget is called when all blocks have been filled.
func (n *reach) forget() {
	for b := range n.filled {
		n.filled[b] = true
	}
}

// Within replaces hits[lane] by the targets that sources[lane] reaches with a weight of at most most (and below
// Infinite), in ascending order of targets, and empties the lists of lanes beyond len(sources). Weights are
// those that Run gives. It panics where there are more than Lanes sources.
//
// Cost: the climb of Run, one bit for each arc that crosses between blocks, and the rest of Run for those blocks
// alone into which some source gets within the bound. Sources of one call should lie close together.
func (s *Sweep) Within(sources [][]Seed, most uint32, hits *[Lanes][]Hit) {
	if len(sources) > Lanes {
		panic("contraction: Within with too many sources")
	}
	for lane := range hits {
		hits[lane] = hits[lane][:0]
	}
	r, n := s.r, &s.near
	if n.filled == nil {
		n.out = make([]uint32, len(r.order)*Lanes)
		n.within = make([]uint64, (len(r.order)+63)/64)
		n.alive = make([]uint64, (r.Len()+63)/64)
		n.filled = make([]bool, r.blocks())
		n.forget()
	}
	most = min(most, Infinite-1)
	s.climb(sources)
	for i, p := range s.order {
		if r.keeps(p) && someWithin(&s.climbed[i], most) {
			k := r.number(p)
			s.rows[k] = s.climbed[i]
			s.entered[k/64] |= 1 << (k % 64)
		}
	}
	for b := range r.blocks() {
		from, to := b*block, min(len(s.rows), (b+1)*block)
		if !s.reaches(b) {
			s.empty(b, from, to)
			continue
		}
		n.filled[b] = true
		sweepRows(s.rows, from, to, s.entered, r.down)
		markRows(s.rows, from, to, most, n.alive)
		targets := r.order[r.finish[b]:r.finish[b+1]]
		finishRows(n.out, targets, s.rows, r.last)
		for _, t := range targets {
			n.within[t/64] |= 1 << (t % 64)
		}
	}
	clear(s.entered)
	for w, word := range n.within {
		n.within[w] = 0
		for ; word != 0; word &= word - 1 {
			t := uint32(w*64 + bits.TrailingZeros64(word))
			for lane, weight := range (*row)(n.out[int(t)*Lanes:]) {
				if weight <= most {
					hits[lane] = append(hits[lane], Hit{t, weight})
				}
			}
		}
	}
}

// reaches says whether any source gets into block b or to its targets within the bound.
func (s *Sweep) reaches(b int) bool {
	for w := b * block / 64; w < min(len(s.entered), (b+1)*block/64); w++ {
		if s.entered[w] != 0 {
			return true
		}
	}
	for _, k := range s.r.entries[s.r.entry[b]:s.r.entry[b+1]] {
		if s.near.alive[k/64]>>(k%64)&1 != 0 {
			return true
		}
	}
	return false
}

// empty makes the rows from..to-1 of block b read as Infinite.
func (s *Sweep) empty(b, from, to int) {
	clear(s.near.alive[from/64 : (to+63)/64])
	if !s.near.filled[b] {
		return
	}
	s.near.filled[b] = false
	none := unreached()
	for k := from; k < to; k++ {
		s.rows[k] = none
	}
}

func someWithin(r *row, most uint32) bool {
	for _, weight := range r {
		if weight <= most {
			return true
		}
	}
	return false
}
