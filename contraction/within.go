package contraction

import "math/bits"

// Hit is a target that a source reaches within a bound.
type Hit struct {
	Target uint32
	Weight uint32
}

// reach is what Within keeps between calls. A block of kept nodes into which no source gets within the bound is
// passed over; its rows must then read as Infinite, which is work only after a run that had filled them.
type reach struct {
	out    []uint32 // a row for each target; valid where a bit of within is set
	within []uint64 // bit set of targets whose block was swept in the last call
	open   []uint64 // bit set of blocks that some source gets into; empty between calls
	filled []uint64 // bit set of blocks whose rows are not all Infinite
}

// fillAll notes that the rows of all blocks hold something.
func (n *reach) fillAll(blocks int) {
	for b := range min(blocks, 64*len(n.filled)) {
		n.filled[b/64] |= 1 << (b % 64)
	}
}

// Within replaces hits[lane] by the targets that sources[lane] reaches with a weight of at most most (and below
// Infinite), in ascending order of targets, and empties the lists of lanes beyond len(sources). Weights are
// those that Run gives. It panics where there are more than Lanes sources.
//
// Cost: that of Near, and a write for each hit.
func (s *Sweep) Within(sources [][]Seed, most uint32, hits *[Lanes][]Hit) {
	for lane := range hits {
		hits[lane] = hits[lane][:0]
	}
	most = min(most, Infinite-1)
	out, within := s.Near(sources, most)
	for w, word := range within {
		for ; word != 0; word &= word - 1 {
			t := uint32(w*64 + bits.TrailingZeros64(word))
			for lane, weight := range (*row)(out[int(t)*Lanes:]) {
				if weight <= most {
					hits[lane] = append(hits[lane], Hit{t, weight})
				}
			}
		}
	}
}

// Near gives weights to all targets that any source reaches with a weight of at most most (and below Infinite): out as
// Run fills it, but valid only for targets t whose bit is set in within, which may have targets farther than most too.
// Both belong to the sweep and last until its next call. It panics where there are more than Lanes sources.
//
// Cost: the climb of Run, and the rest of Run for those blocks alone into which some source gets within the
// bound. Sources of one call should lie close together.
func (s *Sweep) Near(sources [][]Seed, most uint32) (out []uint32, within []uint64) {
	if len(sources) > Lanes {
		panic("contraction: more sources than lanes")
	}
	r, n := s.r, &s.near
	if n.filled == nil {
		n.out = make([]uint32, len(r.order)*Lanes)
		n.within = make([]uint64, (len(r.order)+63)/64)
		n.open = make([]uint64, (r.blocks()+63)/64)
		n.filled = make([]uint64, len(n.open))
		n.fillAll(r.blocks())
	}
	clear(n.within)
	most = min(most, Infinite-1)
	s.swept = 0
	s.climb(sources)
	for i, p := range s.order {
		if r.keeps(p) && someWithin(&s.climbed[i], most) {
			k := r.number(p)
			s.rows[k] = s.climbed[i]
			b := k / block
			s.entered[b] |= 1 << (k % block)
			n.open[b/64] |= 1 << (b % 64)
		}
	}
	for w := range n.open {
		done := uint64(0)
		for {
			todo := (n.open[w] | n.filled[w]) &^ done // a block opens later ones only, some of this word
			if todo == 0 {
				break
			}
			b, bit := w*64+bits.TrailingZeros64(todo), todo&-todo
			done |= bit
			if n.open[w]&bit != 0 {
				n.filled[w] |= bit
				s.sweepNear(b, most)
			} else {
				n.filled[w] &^= bit
				s.empty(b)
			}
		}
		n.open[w] = 0
	}
	clear(s.entered)
	return n.out, n.within
}

// sweepNear passes the rows down through block b to its targets and opens the blocks that need its near nodes.
func (s *Sweep) sweepNear(b int, most uint32) {
	r, n := s.r, &s.near
	from, to := b*block, min(len(s.rows), (b+1)*block)
	s.swept += to - from
	sweepRows(s.rows, from, to, s.entered, r.down)
	for near := nearRows(s.rows[from:to], most); near != 0; near &= near - 1 {
		k := from + bits.TrailingZeros64(near)
		for _, later := range r.leads[r.lead[k]:r.lead[k+1]] {
			n.open[later/64] |= 1 << (later % 64)
		}
	}
	targets := r.order[r.finish[b]:r.finish[b+1]]
	finishRows(n.out, targets, s.rows, r.last)
	for _, t := range targets {
		n.within[t/64] |= 1 << (t % 64)
	}
}

// empty makes the rows of block b read as Infinite.
func (s *Sweep) empty(b int) {
	none := unreached()
	for k := b * block; k < min(len(s.rows), (b+1)*block); k++ {
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
