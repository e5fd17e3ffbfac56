package contraction

import "math/bits"

// Restriction is the part of a hierarchy that lies above a set of targets: all that a sweep down to them needs.
// It is immutable and may be shared; each goroutine makes its own Sweep.
type Restriction struct {
	h       *Hierarchy
	climb   climb    // sources follow these
	kept    []uint64 // bit set over positions
	before  []uint32 // kept positions before each word of kept
	first   []uint32 // arcs down into each kept position, from lesser ones, renumbered
	arcs    []arc
	targets []uint32 // kept number of each target
}

// Restrict prepares for sweeps to these targets (any order, repeats allowed). With forward, sweeps give weights
// from the sources to the targets; otherwise from the targets to the sources.
//
// Cost: linear in what lies above the targets, a few hundred nodes for each where they are few and far between,
// the whole hierarchy at most. Targets that are neighbours in the numbering of the graph and in this list make
// the sweeps' memory accesses local.
func (h *Hierarchy) Restrict(targets []uint32, forward bool) *Restriction {
	up, down := h.up, h.down
	if !forward {
		up, down = down, up
	}
	words := (h.Nodes() + 63) / 64
	r := &Restriction{
		h:       h,
		climb:   up,
		kept:    make([]uint64, words),
		before:  make([]uint32, words+1),
		targets: make([]uint32, len(targets)),
	}
	var stack []uint32
	keep := func(p uint32) {
		if !r.keeps(p) {
			r.kept[p/64] |= 1 << (p % 64)
			stack = append(stack, p)
		}
	}
	for _, t := range targets {
		keep(h.position[t])
		for len(stack) > 0 {
			p := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			for _, a := range down.of(p) {
				keep(a.head())
			}
		}
	}
	arcs := 0
	for w, word := range r.kept {
		r.before[w+1] = r.before[w] + uint32(bits.OnesCount64(word))
		for ; word != 0; word &= word - 1 {
			arcs += len(down.of(uint32(w*64 + bits.TrailingZeros64(word))))
		}
	}
	r.first = make([]uint32, 1, r.before[words]+1)
	r.arcs = make([]arc, 0, arcs)
	for w, word := range r.kept {
		for ; word != 0; word &= word - 1 {
			for _, a := range down.of(uint32(w*64 + bits.TrailingZeros64(word))) {
				r.arcs = append(r.arcs, a>>32<<32|arc(r.number(a.head())))
			}
			r.first = append(r.first, uint32(len(r.arcs)))
		}
	}
	for i, t := range targets {
		r.targets[i] = r.number(h.position[t])
	}
	return r
}

// Len is the number of nodes a sweep passes.
func (r *Restriction) Len() int { return len(r.first) - 1 }

// Targets is the number of targets.
func (r *Restriction) Targets() int { return len(r.targets) }

func (r *Restriction) keeps(p uint32) bool { return r.kept[p/64]>>(p%64)&1 != 0 }

// number of a kept position among the kept ones.
func (r *Restriction) number(p uint32) uint32 {
	return r.before[p/64] + uint32(bits.OnesCount64(r.kept[p/64]&(1<<(p%64)-1)))
}
