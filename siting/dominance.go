package siting

import "math/bits"

// covering is the shape of a problem in which serving is free: who can be served where, as bits. It is kept for
// problems small enough to compare every two rows and columns in every node.
type covering struct {
	m          *model
	byRow      [][]uint64 // places by demand
	byCol      [][]uint64 // demands by place
	rows, cols []uint64   // what is still in question
	skip       []bool     // demands that others take care of
}

// mostBits bounds rows x columns.
const mostBits = 1 << 20

// newCovering gives nil where serving costs something, somebody may be missed, capacities count, or the problem is
// too large.
func newCovering(m *model) *covering {
	if !m.must || m.capacity != nil || m.rows*m.cols > mostBits {
		return nil
	}
	for _, c := range m.cost {
		if c != 0 {
			return nil
		}
	}
	c := &covering{m: m, byRow: bitRows(m.rows, m.cols), byCol: bitRows(m.cols, m.rows), skip: make([]bool, m.rows)}
	for i := range m.rows {
		for k := m.first[i]; k < m.first[i+1]; k++ {
			set(c.byRow[i], int(m.to[k]))
			set(c.byCol[m.to[k]], i)
		}
	}
	c.rows, c.cols = make([]uint64, words(m.rows)), make([]uint64, words(m.cols))
	return c
}

func words(n int) int { return (n + 63) / 64 }

func bitRows(n, width int) [][]uint64 {
	out := make([][]uint64, n)
	for i := range out {
		out[i] = make([]uint64, words(width))
	}
	return out
}

func set(b []uint64, i int)        { b[i/64] |= 1 << (i % 64) }
func unset(b []uint64, i int)      { b[i/64] &^= 1 << (i % 64) }
func isSet(b []uint64, i int) bool { return b[i/64]>>(i%64)&1 == 1 }

// inside says whether a ⊆ b among the bits of mask.
func inside(a, b, mask []uint64) bool {
	for w := range a {
		if a[w]&mask[w]&^b[w] != 0 {
			return false
		}
	}
	return true
}

// few counts the bits of a among mask, up to 2, and gives the first.
func few(a, mask []uint64) (count, first int) {
	first = -1
	for w := range a {
		x := a[w] & mask[w]
		if x == 0 {
			continue
		}
		if first < 0 {
			first = 64*w + bits.TrailingZeros64(x)
		}
		if count += bits.OnesCount64(x); count >= 2 {
			return 2, first
		}
	}
	return count, first
}

// reduce decides places of a node that need no search (Toregas & ReVelle 1973; Beasley 1987): the only one that
// serves somebody is opened; one that serves nobody whom another, no dearer, does not serve too is closed. It notes in
// skip the demands that are served whenever another one is, and says whether everybody can still be served.
func (c *covering) reduce(node []state) bool {
	m := c.m
	c.begin(node)
	for changed := true; changed; {
		changed = false
		for i := range m.rows {
			if !isSet(c.rows, i) {
				continue
			}
			n, j := few(c.byRow[i], c.cols)
			if n == 0 {
				return false
			}
			if n == 1 {
				c.open(node, j)
				changed = true
			}
		}
		changed = c.dropRows() || changed
		changed = c.dropCols(node) || changed
	}
	for i := range c.skip {
		c.skip[i] = !isSet(c.rows, i)
	}
	return true
}

// begin marks what is in question: free places, and demands that no open place serves.
func (c *covering) begin(node []state) {
	clear(c.cols)
	for i := range c.m.rows {
		set(c.rows, i)
	}
	for j, s := range node {
		switch {
		case s == open || c.m.fixed[j]:
			c.served(j)
		case s == free:
			set(c.cols, j)
		}
	}
}

func (c *covering) served(j int) {
	for w, x := range c.byCol[j] {
		c.rows[w] &^= x
	}
}

func (c *covering) open(node []state, j int) {
	node[j] = open
	unset(c.cols, j)
	c.served(j)
}

// dropRows leaves out demands whose places include all places of another one.
func (c *covering) dropRows() (changed bool) {
	for i := range c.m.rows {
		if !isSet(c.rows, i) {
			continue
		}
		for k := range c.m.rows {
			if k == i || !isSet(c.rows, k) || !inside(c.byRow[k], c.byRow[i], c.cols) {
				continue
			}
			if k > i && inside(c.byRow[i], c.byRow[k], c.cols) {
				continue // the same places: the first one stays
			}
			unset(c.rows, i)
			changed = true
			break
		}
	}
	return changed
}

// dropCols closes places that another one replaces.
func (c *covering) dropCols(node []state) (changed bool) {
	for j := range c.m.cols {
		if !isSet(c.cols, j) {
			continue
		}
		for k := range c.m.cols {
			if k == j || !isSet(c.cols, k) || !c.noDearer(k, j) || !inside(c.byCol[j], c.byCol[k], c.rows) {
				continue
			}
			if k > j && c.noDearer(j, k) && inside(c.byCol[k], c.byCol[j], c.rows) {
				continue
			}
			unset(c.cols, j)
			node[j] = closed
			changed = true
			break
		}
	}
	return changed
}

// noDearer says whether opening k costs no more than j, by its price and under every ceiling.
func (c *covering) noDearer(k, j int) bool {
	if c.m.opening[k] > c.m.opening[j] {
		return false
	}
	for l := range c.m.limits {
		if c.m.limits[l].of(int32(k)) > c.m.limits[l].of(int32(j)) {
			return false
		}
	}
	return true
}
