package contraction

import (
	"fmt"
	"slices"

	"gevor/archive"
	"gevor/fault"
)

// arc of the hierarchy: the position at its upper end in the lower half, its weight in the upper.
type arc uint64

func (a arc) head() uint32   { return uint32(a) }
func (a arc) weight() uint32 { return uint32(a >> 32) }

// climb is the arcs of one direction, each stored at its lower end: those of position p are
// arcs[first[p]:first[p+1]], and every head is less than p.
type climb struct {
	first []uint32
	arcs  []arc
}

func (c climb) of(p uint32) []arc { return c.arcs[c.first[p]:c.first[p+1]] }

// Hierarchy is a contracted graph. It is immutable and may be shared by any number of goroutines, each with
// queries and sweeps of its own.
//
// Nodes have positions: arcs lead from a node up to a lesser position. Among the many such numberings it takes
// the one that a depth-first climb from the nodes in the order of the graph leaves behind, so that what lies
// together in the graph lies together in memory; PHAST numbers by level instead, which spreads every
// neighbourhood over the whole array.
type Hierarchy struct {
	position []uint32 // of each node
	up       climb    // arcs that leave the lower end
	down     climb    // arcs that enter the lower end; shares its arrays with up where the graph is symmetric
}

// Nodes is the number of nodes.
func (h *Hierarchy) Nodes() int { return len(h.position) }

// Arcs is the number of arcs, shortcuts included, an arc and its equal return counted as one.
func (h *Hierarchy) Arcs() int {
	if h.symmetric() {
		return len(h.up.arcs)
	}
	return len(h.up.arcs) + len(h.down.arcs)
}

func (h *Hierarchy) symmetric() bool {
	return len(h.up.arcs) == len(h.down.arcs) && (len(h.up.arcs) == 0 || &h.up.arcs[0] == &h.down.arcs[0])
}

// newHierarchy numbers the nodes and lays the edges that each had when it was contracted into flat arrays.
func newHierarchy(edges [][]edge, symmetric bool) *Hierarchy {
	n := len(edges)
	h := &Hierarchy{position: make([]uint32, n)}
	nodes := numberDepthFirst(edges, h.position)
	lay := func(weight func(edge) uint32) climb {
		c := climb{first: make([]uint32, n+1)}
		total := 0
		for p, v := range nodes {
			for _, e := range edges[v] {
				if weight(e) < Infinite {
					total++
				}
			}
			c.first[p+1] = uint32(total)
		}
		c.arcs = make([]arc, 0, total)
		for p, v := range nodes {
			for _, e := range edges[v] {
				if w := weight(e); w < Infinite {
					c.arcs = append(c.arcs, arc(w)<<32|arc(h.position[e.to]))
				}
			}
			slices.Sort(c.arcs[c.first[p]:])
		}
		return c
	}
	h.up = lay(func(e edge) uint32 { return e.out })
	h.down = h.up
	if !symmetric {
		h.down = lay(func(e edge) uint32 { return e.in })
	}
	return h
}

// numberDepthFirst fills position and gives the nodes by position: each after all that it has edges to.
func numberDepthFirst(edges [][]edge, position []uint32) []uint32 {
	nodes := make([]uint32, 0, len(edges))
	const open, done = 1, 2
	state := make([]uint8, len(edges))
	var stack []uint32
	for v := range edges {
		if state[v] == done {
			continue
		}
		stack = append(stack[:0], uint32(v))
		for len(stack) > 0 {
			v := stack[len(stack)-1]
			if state[v] != 0 {
				stack = stack[:len(stack)-1]
				if state[v] == open {
					state[v] = done
					position[v] = uint32(len(nodes))
					nodes = append(nodes, v)
				}
				continue
			}
			state[v] = open
			for _, e := range edges[v] {
				if state[e.to] == 0 {
					stack = append(stack, e.to)
				}
			}
		}
	}
	return nodes
}

// Save writes the hierarchy as arrays whose names start with prefix. Errors stick to the writer.
func (h *Hierarchy) Save(a *archive.Writer, prefix string) {
	archive.Put(a, prefix+"position", h.position)
	archive.Put(a, prefix+"up.first", h.up.first)
	archive.Put(a, prefix+"up.arcs", h.up.arcs)
	kind := []uint8{0}
	if h.symmetric() {
		kind[0] = 1
	}
	archive.Put(a, prefix+"symmetric", kind)
	if kind[0] == 0 {
		archive.Put(a, prefix+"down.first", h.down.first)
		archive.Put(a, prefix+"down.arcs", h.down.arcs)
	}
}

// Load takes a hierarchy that Save wrote. Its arrays point into the archive. What does not form a hierarchy is
// refused with fault.Corrupt, so that no query on a damaged one can run for ever or out of bounds.
func Load(r *archive.Reader, prefix string) (*Hierarchy, error) {
	h := &Hierarchy{}
	var err error
	if h.position, err = archive.Get[uint32](r, prefix+"position"); err != nil {
		return nil, err
	}
	bad := func(what string) error {
		return fault.New(fault.Corrupt, prefix, "hierarchy: "+what, "build the snapshot again")
	}
	n := len(h.position)
	seen := make([]bool, n)
	for v, p := range h.position {
		if uint64(p) >= uint64(n) || seen[p] {
			return nil, bad(fmt.Sprintf("position of node %d is taken or too large", v))
		}
		seen[p] = true
	}
	kind, err := archive.Get[uint8](r, prefix+"symmetric")
	if err != nil {
		return nil, err
	}
	if len(kind) != 1 {
		return nil, bad("mark of symmetry is missing")
	}
	load := func(name string) (climb, error) {
		first, err := archive.Get[uint32](r, prefix+name+".first")
		if err != nil {
			return climb{}, err
		}
		arcs, err := archive.Get[arc](r, prefix+name+".arcs")
		if err != nil {
			return climb{}, err
		}
		c := climb{first, arcs}
		if what := c.flaw(n); what != "" {
			return climb{}, bad(name + ": " + what)
		}
		return c, nil
	}
	if h.up, err = load("up"); err != nil {
		return nil, err
	}
	if h.down = h.up; kind[0] == 0 {
		if h.down, err = load("down"); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// flaw says what keeps c from being one direction of a hierarchy of n nodes; empty where nothing does.
func (c climb) flaw(n int) string {
	if len(c.first) != n+1 || c.first[0] != 0 || uint64(c.first[n]) != uint64(len(c.arcs)) {
		return "index does not span the arcs"
	}
	for p := range n {
		if c.first[p] > c.first[p+1] {
			return "index falls"
		}
	}
	for p := range uint32(n) {
		for _, a := range c.of(p) {
			if a.head() >= p || a.weight() >= Infinite {
				return "an arc does not climb or is too heavy"
			}
		}
	}
	return ""
}
