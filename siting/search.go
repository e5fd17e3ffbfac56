package siting

import (
	"container/heap"
	"math"
	"slices"
)

// search is one branch and bound over which places are open.
type search struct {
	m      *model
	effort Effort
	target float64 // a total this small ends the search; −Inf for none
	enough float64 // a bound above this ends it: no choice is as small; +Inf for none

	relax *relaxation
	trial *choice
	cover *covering // nil where it does not apply

	best      []bool // open places of the best sound choice; nil without one
	bestTotal float64
	nodes     int
	steps     int
	number    int
	lost      float64 // least bound of nodes given up because no place was left to decide on; +Inf
}

// node is a part of the tree still to be looked at.
type node struct {
	bound  float64
	number int
	depth  int
	state  []state
	u      []float64
}

// frontier is a heap of nodes, least bound first, then the deepest, then the first made.
type frontier []*node

// Len, Less, Swap, Push and Pop are heap.Interface.
func (f frontier) Len() int { return len(f) }

// Less puts the least bound first.
func (f frontier) Less(i, j int) bool {
	a, b := f[i], f[j]
	switch {
	case a.bound != b.bound:
		return a.bound < b.bound
	case a.depth != b.depth:
		return a.depth > b.depth
	}
	return a.number < b.number
}

// Swap exchanges two.
func (f frontier) Swap(i, j int) { f[i], f[j] = f[j], f[i] }

// Push appends one.
func (f *frontier) Push(x any) { *f = append(*f, x.(*node)) }

// Pop takes the last.
func (f *frontier) Pop() any {
	old := *f
	n := old[len(old)-1]
	old[len(old)-1] = nil
	*f = old[:len(old)-1]
	return n
}

// outcome is what a search found.
type outcome struct {
	open         []bool // nil without a sound choice
	total, bound float64
	nodes, steps int
}

func newSearch(m *model, e Effort) *search {
	return &search{
		m: m, effort: e.filled(), target: math.Inf(-1), enough: math.Inf(1), bestTotal: math.Inf(1), lost: math.Inf(1),
		relax: newRelaxation(m), trial: newChoice(m), cover: newCovering(m),
	}
}

// cut is what a bound must reach for a node to be of no use.
func (s *search) cut() float64 {
	if s.best == nil {
		return s.m.void
	}
	if s.m.whole {
		return s.bestTotal - 1 + 1e-6
	}
	return s.bestTotal - 1e-9*math.Max(1e-300, math.Abs(s.bestTotal)) - s.effort.Gap*math.Abs(s.bestTotal)
}

// run searches until the tree is empty, the target is met or the effort is used up.
func (s *search) run() outcome {
	root := &node{bound: math.Inf(-1), state: make([]state, s.m.cols), u: make([]float64, s.m.rows)}
	s.start(root)
	tree := &frontier{}
	heap.Push(tree, root)
	for tree.Len() > 0 && s.nodes < s.effort.Nodes && s.bestTotal > s.target {
		n := (*tree)[0]
		if n.bound >= s.cut() || n.bound > s.enough || s.near(n.bound) {
			break
		}
		heap.Pop(tree)
		for _, child := range s.visit(n) {
			heap.Push(tree, child)
		}
	}
	bound := math.Min(s.lost, s.bestTotal)
	if tree.Len() > 0 {
		bound = math.Min(bound, math.Max((*tree)[0].bound, math.Inf(-1)))
	}
	return outcome{open: s.best, total: s.bestTotal, bound: bound, nodes: s.nodes, steps: s.steps}
}

// near says whether a bound is as close as the effort asks for.
func (s *search) near(bound float64) bool {
	return s.effort.Gap > 0 && s.best != nil && s.bestTotal-bound <= s.effort.Gap*math.Abs(s.bestTotal)
}

// start finds a first choice and first prices.
func (s *search) start(root *node) {
	c := s.trial
	c.clear()
	c.greedy(func(int32) bool { return false })
	c.prune()
	c.swap(s.m.cols + 20)
	s.keep()
	for i := range root.u {
		root.u[i] = math.Min(c.b1[i], s.m.miss[i])
		if c.p1[i] < 0 && s.m.must { // nobody serves it yet: begin where its dearest place would
			root.u[i] = 0
			if a, b := s.m.first[i], s.m.first[i+1]; b > a {
				root.u[i] = s.m.cost[b-1]
			}
		}
	}
}

// keep notes the trial if it is sound and better. Under capacities it is first served by flow.
func (s *search) keep() {
	c := s.trial
	total := c.total
	if s.m.capacity != nil {
		if c.total >= s.bestTotal { // capacities only add to it
			return
		}
		var sound bool
		if total, _, sound = s.m.transport(c.open); !sound {
			return
		}
	} else if total >= s.m.void {
		return
	}
	if total < s.bestTotal {
		s.bestTotal = total
		s.best = slices.Clone(c.open)
	}
}

// visit bounds a node and gives its children, none where it is of no further use.
func (s *search) visit(n *node) []*node {
	s.nodes++
	steps := s.effort.NodeSteps
	if n.depth == 0 {
		steps = s.effort.RootSteps
	}
	if s.cover != nil && !s.cover.reduce(n.state) {
		return nil
	}
	mean := s.climb(n, steps)
	if n.bound >= s.cut() || s.overspent(n) {
		return nil
	}
	j := s.branchOn(n, mean)
	if j < 0 {
		s.leaf(n)
		return nil
	}
	var out []*node
	for _, as := range []state{open, closed} {
		child := &node{bound: n.bound, depth: n.depth + 1, state: slices.Clone(n.state), u: n.u}
		child.state[j] = as
		s.number++
		child.number = s.number
		out = append(out, child)
	}
	return out
}

// left is what a node's open places leave of a ceiling.
func (s *search) left(n *node, l *limit) float64 {
	left := l.most
	for j, st := range n.state {
		if st == open && !s.m.fixed[j] {
			left -= l.of(int32(j))
		}
	}
	return left
}

// overspent says whether a node has no choice within the ceilings: reduced costs may have opened too much.
func (s *search) overspent(n *node) bool {
	for l := range s.m.limits {
		if s.left(n, &s.m.limits[l]) < -1e-9*s.m.limits[l].most {
			return true
		}
	}
	return false
}

// branchOn picks the place that the relaxation is least sure of, −1 where everything is decided. Places that can no
// longer be paid for are closed on the way.
func (s *search) branchOn(n *node, mean []float64) int32 {
	best, most := int32(-1), -1.0
	left := make([]float64, len(s.m.limits))
	for l := range left {
		left[l] = s.left(n, &s.m.limits[l]) + 1e-9*s.m.limits[l].most
	}
	for j := range int32(s.m.cols) {
		if n.state[j] != free || s.m.fixed[j] {
			continue
		}
		for l := range left {
			if s.m.limits[l].of(j) > left[l] {
				n.state[j] = closed
			}
		}
		if f := math.Min(mean[j], 1-mean[j]); n.state[j] == free && f > most {
			best, most = j, f
		}
	}
	return best
}

// leaf values a node in which every place is decided.
func (s *search) leaf(n *node) {
	c := s.trial
	c.clear()
	for j, st := range n.state {
		if st == open && !s.m.fixed[j] {
			c.add(int32(j))
		}
	}
	c.assign()
	s.keep()
}
