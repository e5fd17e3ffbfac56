package contraction

import (
	"cmp"
	"math/bits"
	"slices"
)

// Seed is a node and what it weighs to get between it and a point beside the network: a point linked to a street
// has one seed for each end of the street that it can reach or be reached from.
type Seed struct {
	Node   uint32
	Weight uint32
}

// Restriction is the part of a hierarchy that lies above a set of targets: all that a sweep down to them needs.
// It is immutable and may be shared; each goroutine makes its own Sweep.
type Restriction struct {
	h      *Hierarchy
	climb  climb    // sources follow these
	kept   []uint64 // bit set over positions
	before []uint32 // kept positions before each word of kept
	down   fall     // arcs into each kept node from lesser ones
	last   fall     // arcs into each target from its seeds
	// Targets by the block of kept nodes that holds the last of their seeds: a block's rows are still in the
	// cache when its targets read them. Those of block b are order[finish[b]:finish[b+1]]; targets without
	// seeds come after all blocks.
	order  []uint32
	finish []uint32
	// Later blocks that arcs lead into, or whose targets they lead to, from each kept node k:
	// leads[lead[k]:lead[k+1]]. Where no node that leads into a block is near, the block is not either.
	lead  []uint32
	leads []uint32
}

// fall is arcs by their lower end: into k lead arcs[first[k]:first[k+1]], each from a kept node.
type fall struct {
	first []uint32
	arcs  []arc
}

// block is the number of kept nodes between two looks at the targets: 4 KiB of rows, and a bit for each in a word.
const block = 64

// Restrict prepares for sweeps to these nodes (any order, repeats allowed). With forward, sweeps give weights
// from the sources to the targets; otherwise from the targets to the sources.
//
// Cost: linear in what lies above the targets, a few hundred nodes for each where they are few and far between,
// the whole hierarchy at most. Targets that are neighbours in the numbering of the graph and in this list make
// the sweeps' memory accesses local.
func (h *Hierarchy) Restrict(targets []uint32, forward bool) *Restriction {
	nodes := make([]Seed, len(targets))
	points := make([][]Seed, len(targets))
	for i, t := range targets {
		nodes[i] = Seed{Node: t}
		points[i] = nodes[i : i+1]
	}
	return h.RestrictPoints(points, forward)
}

// RestrictPoints is Restrict for targets beside the network: the weight of a target is the least, over its
// seeds, of that of the seed's node and the seed's own. A target without seeds is never reached.
func (h *Hierarchy) RestrictPoints(targets [][]Seed, forward bool) *Restriction {
	up, down := h.up, h.down
	if !forward {
		up, down = down, up
	}
	r := &Restriction{h: h, climb: up}
	r.keepAbove(targets, down)
	r.layDown(down)
	r.layTargets(targets)
	r.layLeads()
	return r
}

// keepAbove marks all positions above the seeds and counts them.
func (r *Restriction) keepAbove(targets [][]Seed, down climb) {
	words := (r.h.Nodes() + 63) / 64
	r.kept = make([]uint64, words)
	var stack []uint32
	keep := func(p uint32) {
		if !r.keeps(p) {
			r.kept[p/64] |= 1 << (p % 64)
			stack = append(stack, p)
		}
	}
	for _, seeds := range targets {
		for _, seed := range seeds {
			keep(r.h.position[seed.Node])
		}
		for len(stack) > 0 {
			p := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			for _, a := range down.of(p) {
				keep(a.head())
			}
		}
	}
	r.before = make([]uint32, words+1)
	for w, word := range r.kept {
		r.before[w+1] = r.before[w] + uint32(bits.OnesCount64(word))
	}
}

// layDown copies the arcs between kept nodes, renumbered.
func (r *Restriction) layDown(down climb) {
	n := r.before[len(r.before)-1]
	r.down.first = make([]uint32, 1, n+1)
	arcs := uint32(0)
	r.each(func(p uint32) {
		arcs += uint32(len(down.of(p)))
		r.down.first = append(r.down.first, arcs)
	})
	r.down.arcs = make([]arc, 0, arcs)
	r.each(func(p uint32) {
		for _, a := range down.of(p) {
			r.down.arcs = append(r.down.arcs, a>>32<<32|arc(r.number(a.head())))
		}
	})
}

// layTargets turns seeds into arcs and sorts the targets by the block that completes them.
func (r *Restriction) layTargets(targets [][]Seed) {
	blocks := uint32(r.blocks())
	r.last.first = make([]uint32, 1, len(targets)+1)
	r.order = make([]uint32, len(targets))
	done := make([]uint32, len(targets)) // block that completes each target
	r.finish = make([]uint32, blocks+1)
	for t, seeds := range targets {
		for _, seed := range seeds {
			k := r.number(r.h.position[seed.Node])
			r.last.arcs = append(r.last.arcs, arc(min(seed.Weight, Infinite))<<32|arc(k))
			done[t] = max(done[t], k/block)
		}
		if len(seeds) == 0 {
			done[t] = blocks
		} else {
			r.finish[done[t]+1]++
		}
		r.last.first = append(r.last.first, uint32(len(r.last.arcs)))
		r.order[t] = uint32(t)
	}
	for b := range blocks {
		r.finish[b+1] += r.finish[b]
	}
	slices.SortStableFunc(r.order, func(a, b uint32) int { return cmp.Compare(done[a], done[b]) })
}

// layLeads lists for each node the later blocks that need it.
func (r *Restriction) layLeads() {
	r.lead = make([]uint32, r.Len()+1)
	r.eachLead(func(k, _ uint32) { r.lead[k+1]++ })
	for k := range r.Len() {
		r.lead[k+1] += r.lead[k]
	}
	r.leads = make([]uint32, r.lead[r.Len()])
	next := slices.Clone(r.lead)
	r.eachLead(func(k, b uint32) {
		r.leads[next[k]] = b
		next[k]++
	})
}

// eachLead visits each pair of a node and a later block that needs it once, blocks ascending.
func (r *Restriction) eachLead(visit func(k, b uint32)) {
	seen := make([]uint32, r.Len()) // the last block for which a node was visited; never 0, for nothing leads there
	for b := range uint32(r.blocks()) {
		note := func(arcs []arc) {
			for _, a := range arcs {
				if k := a.head(); k/block != b && seen[k] != b {
					seen[k] = b
					visit(k, b)
				}
			}
		}
		note(r.down.arcs[r.down.first[b*block]:r.down.first[min(r.Len(), int(b+1)*block)]])
		for _, t := range r.order[r.finish[b]:r.finish[b+1]] {
			note(r.last.arcs[r.last.first[t]:r.last.first[t+1]])
		}
	}
}

func (r *Restriction) blocks() int { return (r.Len() + block - 1) / block }

// Len is the number of nodes a sweep passes.
func (r *Restriction) Len() int { return len(r.down.first) - 1 }

// Targets is the number of targets.
func (r *Restriction) Targets() int { return len(r.order) }

func (r *Restriction) keeps(p uint32) bool { return r.kept[p/64]>>(p%64)&1 != 0 }

// number of a kept position among the kept ones.
func (r *Restriction) number(p uint32) uint32 {
	return r.before[p/64] + uint32(bits.OnesCount64(r.kept[p/64]&(1<<(p%64)-1)))
}

// each visits the kept positions in ascending order.
func (r *Restriction) each(visit func(p uint32)) {
	for w, word := range r.kept {
		for ; word != 0; word &= word - 1 {
			visit(uint32(w*64 + bits.TrailingZeros64(word)))
		}
	}
}
