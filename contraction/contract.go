package contraction

import (
	"context"
	"math/bits"
	"slices"

	"gevor/travel"
)

// Options steer how a graph is contracted; they never change any distance, and Workers changes no byte.
type Options struct {
	Workers  int // goroutines; below 1 counts as 1
	Progress travel.Progress
}

// edge is what remains between two nodes that are not contracted yet, seen from one of them: out leads to the
// other node, in comes from it, Infinite where there is none. hops is how many original arcs it stands for.
type edge struct {
	to, out, in, hops uint32
}

// contractor holds the graph while it shrinks.
//
// Contraction goes in rounds. In each round every node whose key is the least within two hops is contracted;
// those nodes share no neighbour, so their shortcuts touch disjoint lists and may be added in parallel, and the
// outcome depends on nothing but the graph. When a node leaves, its own list is left as it is: all nodes in it
// are contracted later, so it already holds its arcs of the hierarchy.
type contractor struct {
	edges     [][]edge
	symmetric bool     // every edge weighs the same both ways, now and for ever: half the witnesses suffice
	key       []uint64 // importance in the upper half, a scattered node number that breaks ties in the lower
	lowest    []uint64 // least key among a node and its neighbours
	level     []uint32 // one more than the highest level among contracted neighbours
	chosen    []uint64 // bit set: nodes of the present round
	searches  []*witness
}

// Contract builds the hierarchy of a graph. The result depends on the graph alone. It fails with fault.Invalid
// where the arrays of g contradict each other, and with the context's error where that ends first.
//
// Cost: near-linear on road networks; memory about 150 bytes a node of a street network plus 32 bytes a node and
// worker. Tested against plain Dijkstra in oracle_test.go and law_test.go.
func Contract(ctx context.Context, g Graph, o Options) (*Hierarchy, error) {
	if err := g.check(); err != nil {
		return nil, err
	}
	n := g.Nodes()
	workers := max(1, o.Workers)
	c := &contractor{
		key:      make([]uint64, n),
		lowest:   make([]uint64, n),
		level:    make([]uint32, n),
		chosen:   make([]uint64, (n+63)/64),
		searches: make([]*witness, workers),
	}
	c.fill(g)
	for i := range c.searches {
		c.searches[i] = newWitness(n)
	}
	remaining := make([]uint32, n)
	for v := range remaining {
		remaining[v] = uint32(v)
	}
	dirty := slices.Clone(remaining)
	for len(remaining) > 0 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		c.rate(dirty)
		round := c.choose(remaining)
		dirty = c.contract(round, dirty[:0])
		kept := remaining[:0]
		for _, v := range remaining {
			if !c.isChosen(v) {
				kept = append(kept, v)
			}
		}
		remaining = kept
		for _, v := range round {
			c.chosen[v/64] = 0
		}
		o.Progress.Report("contract", int64(n-len(remaining)), int64(n))
	}
	return newHierarchy(c.edges, c.symmetric), nil
}

// fill merges the arcs between each two nodes into edges: the lightest of parallel arcs stays, loops and arcs
// of at least Infinite go.
func (c *contractor) fill(g Graph) {
	n := g.Nodes()
	r := g.Reverse()
	c.edges = make([][]edge, n)
	c.symmetric = true
	const chunk = 1 << 16
	var store []edge
	var row []edge
	for v := range n {
		row = row[:0]
		for i := g.FirstOut[v]; i < g.FirstOut[v+1]; i++ {
			if h, w := g.Head[i], g.Weight[i]; h != uint32(v) && w < Infinite {
				row = append(row, edge{h, w, Infinite, 1})
			}
		}
		for i := r.FirstOut[v]; i < r.FirstOut[v+1]; i++ {
			if h, w := r.Head[i], r.Weight[i]; h != uint32(v) && w < Infinite {
				row = append(row, edge{h, Infinite, w, 1})
			}
		}
		slices.SortFunc(row, func(a, b edge) int { return int(a.to) - int(b.to) })
		k := 0
		for _, e := range row {
			if k > 0 && row[k-1].to == e.to {
				row[k-1].out, row[k-1].in = min(row[k-1].out, e.out), min(row[k-1].in, e.in)
				continue
			}
			row[k] = e
			k++
		}
		for _, e := range row[:k] {
			c.symmetric = c.symmetric && e.out == e.in
		}
		if cap(store)-len(store) < k {
			store = make([]edge, 0, max(k, chunk))
		}
		from := len(store)
		store = append(store, row[:k]...)
		c.edges[v] = store[from:len(store):len(store)]
	}
}

// rate computes the keys of some nodes anew.
func (c *contractor) rate(nodes []uint32) {
	c.parallel(len(nodes), 64, func(s *witness, from, to int) {
		for _, v := range nodes[from:to] {
			c.key[v] = uint64(c.importance(s, v))<<32 | uint64(scatter(v))
		}
	})
}

// scatter maps node numbers one to one, so that equal importance is decided without regard to neighbourhood.
func scatter(v uint32) uint32 { return bits.Reverse32(v * 0x9E3779B1) }

// choose gives the nodes whose key is the least within two hops, ascending, and sets their bits.
func (c *contractor) choose(remaining []uint32) []uint32 {
	c.parallel(len(remaining), 4096, func(_ *witness, from, to int) {
		for _, v := range remaining[from:to] {
			k := c.key[v]
			for _, e := range c.edges[v] {
				k = min(k, c.key[e.to])
			}
			c.lowest[v] = k
		}
	})
	parts := make([][]uint32, (len(remaining)+4095)/4096)
	c.parallel(len(remaining), 4096, func(_ *witness, from, to int) {
		var part []uint32
	nodes:
		for _, v := range remaining[from:to] {
			k := c.key[v]
			if c.lowest[v] != k {
				continue
			}
			for _, e := range c.edges[v] {
				if c.lowest[e.to] != k {
					continue nodes
				}
			}
			part = append(part, v)
		}
		parts[from/4096] = part
	})
	round := slices.Concat(parts...)
	for _, v := range round {
		c.chosen[v/64] |= 1 << (v % 64)
	}
	return round
}

func (c *contractor) isChosen(v uint32) bool { return c.chosen[v/64]>>(v%64)&1 != 0 }

// shortcut is an edge between two neighbours of a contracted node, as from sees it.
type shortcut struct {
	from uint32
	edge
}

// contract takes the nodes of a round out and appends the neighbours whose keys are stale to dirty, in order.
// All witnesses are sought before the first list changes.
func (c *contractor) contract(round, dirty []uint32) []uint32 {
	found := make([][]shortcut, len(round))
	c.parallel(len(round), 16, func(s *witness, from, to int) {
		for i := from; i < to; i++ {
			found[i] = slices.Clone(c.shortcuts(s, round[i], contractSettled))
		}
	})
	c.parallel(len(round), 16, func(_ *witness, from, to int) {
		for i := from; i < to; i++ {
			v := round[i]
			for _, e := range c.edges[v] {
				c.remove(e.to, v)
				c.level[e.to] = max(c.level[e.to], c.level[v]+1)
			}
			for _, s := range found[i] {
				c.add(s.from, s.edge)
				c.add(s.to, edge{s.from, s.in, s.out, s.hops})
			}
		}
	})
	for _, v := range round {
		for _, e := range c.edges[v] {
			dirty = append(dirty, e.to)
		}
	}
	return dirty
}

func (c *contractor) remove(v, gone uint32) {
	row := c.edges[v]
	for i := range row {
		if row[i].to == gone {
			row[i] = row[len(row)-1]
			c.edges[v] = row[:len(row)-1]
			return
		}
	}
}

func (c *contractor) add(v uint32, e edge) {
	row := c.edges[v]
	for i := range row {
		if row[i].to != e.to {
			continue
		}
		if e.out < row[i].out || e.in < row[i].in {
			row[i].out, row[i].in, row[i].hops = min(row[i].out, e.out), min(row[i].in, e.in), e.hops
		}
		return
	}
	c.edges[v] = append(row, e)
}
