package atlas

import (
	"cmp"
	"slices"
)

// patch is a set of missed cells that hang together, in the making of a finding.
type patch struct {
	slots  []int32 // ascending
	cause  Cause   // what the patch began as
	people float64
}

// patches groups the missed cells of an inquiry: neighbours with the same cause first; then, from the smallest on,
// a patch with fewer than MinPeople people, or with less than FragmentShare of the people of the largest patch
// beside it, joins that patch. What a planner would call one area stays one finding with one main cause, and two
// areas with different causes stay two. Cost O(missed cells x neighbours).
func (q *inquiry) patches(g *ground, p Params) []patch {
	n := len(q.missed)
	joined := newForest(n)
	for s, cell := range q.missed {
		g.near(cell, func(other int32) {
			if t := q.slot[other]; t >= 0 && t < int32(s) && q.cause[t] == q.cause[s] {
				joined.join(int32(s), t)
			}
		})
	}
	people := make([]float64, n) // by root
	for s := range n {
		people[joined.root(int32(s))] += q.peopleAt(int32(s))
	}
	q.absorb(g, p, joined, people)

	index := map[int32]int{}
	var out []patch
	for s := range n {
		r := joined.root(int32(s))
		i, ok := index[r]
		if !ok {
			i = len(out)
			index[r] = i
			out = append(out, patch{cause: q.cause[r], people: people[r]})
		}
		out[i].slots = append(out[i].slots, int32(s))
	}
	return out
}

// absorb joins fragments to the largest patch beside them.
func (q *inquiry) absorb(g *ground, p Params, joined *forest, people []float64) {
	members := map[int32][]int32{}
	var roots []int32
	for s := range q.missed {
		r := joined.root(int32(s))
		if members[r] == nil {
			roots = append(roots, r)
		}
		members[r] = append(members[r], int32(s))
	}
	slices.SortFunc(roots, func(a, b int32) int {
		return cmp.Or(cmp.Compare(people[a], people[b]), cmp.Compare(a, b))
	})
	for _, r := range roots {
		best := int32(-1)
		for _, s := range members[r] {
			g.near(q.missed[s], func(other int32) {
				t := q.slot[other]
				if t < 0 {
					return
				}
				o := joined.root(t)
				if o != r && (best < 0 || people[o] > people[best] || people[o] == people[best] && o < best) {
					best = o
				}
			})
		}
		if best < 0 || people[r] >= p.MinPeople && people[r] >= p.FragmentShare*people[best] {
			continue
		}
		people[best] += people[r]
		joined.under(r, best)
		members[best] = append(members[best], members[r]...)
	}
}

func (q *inquiry) peopleAt(slot int32) float64 { return float64(q.group.People[q.missed[slot]]) }

// forest is a union-find whose roots are the smallest members unless under says otherwise.
type forest struct{ up []int32 }

func newForest(n int) *forest {
	f := &forest{up: make([]int32, n)}
	for i := range f.up {
		f.up[i] = int32(i)
	}
	return f
}

func (f *forest) root(i int32) int32 {
	for f.up[i] != i {
		f.up[i] = f.up[f.up[i]]
		i = f.up[i]
	}
	return i
}

func (f *forest) join(a, b int32) {
	a, b = f.root(a), f.root(b)
	f.up[max(a, b)] = min(a, b)
}

// under hangs root a below root b, which stays a root.
func (f *forest) under(a, b int32) { f.up[a] = b }
