// Package contraction answers shortest-path questions on directed graphs through contraction hierarchies.
//
// Contract orders the nodes of a graph by importance and adds shortcuts, so that between any two nodes some
// shortest path first only climbs in that order and then only descends. On the resulting Hierarchy stand
//
//   - Query: the weight from one node to another, by two climbing searches that meet;
//   - Restriction and Sweep: the weights from batches of Lanes sources to a fixed set of targets, by one climb
//     for the whole batch and one linear sweep down over the part of the hierarchy that those targets need.
//
// The package knows nothing of streets, clocks or files: graphs come in, integers come out. Every result is
// exact and the same for any number of workers, any processor and any build.
//
// Weights are non-negative integers of any unit (the street room uses milliseconds). Everything at or above
// Infinite counts as no connection: an arc that heavy is ignored, a sum that reaches it becomes Infinite. Keeping
// the top bit free lets every kernel add two weights without ever wrapping round.
//
// Sources: Geisberger, Sanders, Schultes, Vetter, "Exact Routing in Large Road Networks Using Contraction
// Hierarchies" (2012); Delling, Goldberg, Nowatzyk, Werneck, "PHAST" (2011); Delling, Goldberg, Werneck, "Faster
// Batched Shortest Paths in Road Networks" (RPHAST, 2011). Deviations are named where they occur.
package contraction

import (
	"fmt"
	"math"

	"gevor/fault"
)

const (
	// Infinite is the weight between nodes that no path connects: in milliseconds almost 25 days. Two weights
	// that are at most Infinite can be added in a uint32.
	Infinite = math.MaxInt32
	// Lanes is the number of sources that one Sweep carries at once.
	Lanes = 16
)

// Graph is a directed graph of n = len(FirstOut)-1 nodes in compressed rows: the arcs that leave node v are
// FirstOut[v] ≤ i < FirstOut[v+1], each leading to Head[i] with Weight[i]. Parallel arcs, loops and zero weights
// are allowed.
type Graph struct {
	FirstOut []uint32
	Head     []uint32
	Weight   []uint32
}

// Nodes is the number of nodes.
func (g Graph) Nodes() int { return max(0, len(g.FirstOut)-1) }

// Reverse gives the graph with every arc turned round; arcs into one node keep the order of their tails.
func (g Graph) Reverse() Graph {
	n := g.Nodes()
	r := Graph{
		FirstOut: make([]uint32, n+1),
		Head:     make([]uint32, len(g.Head)),
		Weight:   make([]uint32, len(g.Head)),
	}
	for _, h := range g.Head {
		r.FirstOut[h+1]++
	}
	for v := range n {
		r.FirstOut[v+1] += r.FirstOut[v]
	}
	next := append([]uint32(nil), r.FirstOut[:n]...)
	for v := range n {
		for i := g.FirstOut[v]; i < g.FirstOut[v+1]; i++ {
			j := next[g.Head[i]]
			next[g.Head[i]]++
			r.Head[j], r.Weight[j] = uint32(v), g.Weight[i]
		}
	}
	return r
}

// check refuses graphs whose arrays contradict each other.
func (g Graph) check() error {
	bad := func(what string) error {
		return fault.New(fault.Invalid, "graph", what, "")
	}
	n := g.Nodes()
	switch {
	case len(g.FirstOut) == 0:
		return bad("FirstOut is empty; even a graph without nodes has one entry")
	case uint64(n) >= Infinite:
		return bad(fmt.Sprintf("%d nodes are more than the limit of %d", n, Infinite-1))
	case len(g.Head) != len(g.Weight):
		return bad(fmt.Sprintf("%d heads but %d weights", len(g.Head), len(g.Weight)))
	case g.FirstOut[0] != 0 || uint64(g.FirstOut[n]) != uint64(len(g.Head)):
		return bad("FirstOut does not span the arcs")
	}
	for v := range n {
		if g.FirstOut[v] > g.FirstOut[v+1] {
			return bad(fmt.Sprintf("FirstOut falls after node %d", v))
		}
	}
	for i, h := range g.Head {
		if uint64(h) >= uint64(n) {
			return bad(fmt.Sprintf("arc %d leads to node %d of %d", i, h, n))
		}
	}
	return nil
}
