package app

import (
	"maps"
	"math"
	"slices"

	"gonum.org/v1/gonum/optimize/convex/lp" //nolint:misspell // a path
)

// reckoner is somebody who reads published figures and reckons: what lies between which bounds, and which weighted sums do.
// He shares no code with the gate.
type reckoner struct {
	index  map[string]int
	low    []float64
	high   []float64
	claims []claim
	of     [][]int // claims by what they speak of
	failed int     // programs to which there was no answer
}

// claim says that a weighted sum lies between two bounds.
type claim struct {
	weight    map[int]float64
	low, high float64
}

func newReckoner() *reckoner { return &reckoner{index: map[string]int{}} }

// figure is the place of a count, which is a whole number from 0.
func (r *reckoner) figure(name string) int {
	i, ok := r.index[name]
	if !ok {
		i = len(r.low)
		r.index[name] = i
		r.low, r.high, r.of = append(r.low, 0), append(r.high, math.Inf(1)), append(r.of, nil)
	}
	return i
}

func (r *reckoner) between(i int, low, high float64) {
	r.low[i], r.high[i] = max(r.low[i], low), min(r.high[i], high)
}

func (r *reckoner) claim(weight map[int]float64, low, high float64) {
	for i := range weight {
		r.of[i] = append(r.of[i], len(r.claims))
	}
	r.claims = append(r.claims, claim{weight, low, high})
}

// reckon narrows bounds by each claim until nothing moves: elimination. Where sums make a tree, these are the bounds that
// a linear program would find.
func (r *reckoner) reckon() {
	for moved, rounds := true, 0; moved && rounds < 500; rounds++ {
		moved = false
		for _, c := range r.claims {
			for i, w := range c.weight {
				low, high := c.low, c.high // of w · figure
				for k, v := range c.weight {
					if k != i {
						a, b := v*r.low[k], v*r.high[k]
						low, high = low-max(a, b), high-min(a, b)
					}
				}
				from, to := low/w, high/w
				if w < 0 {
					from, to = to, from
				}
				from, to = math.Ceil(from-1e-6), math.Floor(to+1e-6)
				if from > r.low[i] {
					r.low[i], moved = from, true
				}
				if to < r.high[i] {
					r.high[i], moved = to, true
				}
			}
		}
	}
}

// connected are the open figures that have to do with one, in order, and the claims about them.
func (r *reckoner) connected(i int) (open []int, claims []int) {
	seen, told := map[int]bool{i: true}, map[int]bool{}
	for queue := []int{i}; len(queue) > 0; queue = queue[1:] {
		for _, c := range r.of[queue[0]] {
			told[c] = true
			for k := range r.claims[c].weight {
				if !seen[k] && r.low[k] < r.high[k] {
					seen[k] = true
					queue = append(queue, k)
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(seen)), slices.Sorted(maps.Keys(told))
}

// program gives the bounds of a figure by linear programs over all that has to do with it.
func (r *reckoner) program(i int) (low, high float64) {
	open, claims := r.connected(i)
	column := map[int]int{}
	for k, f := range open {
		column[f] = k
	}
	// Every row is Σ a·(figure − its lower bound) + slack = b.
	var rows [][]float64
	var right []float64
	add := func(weight map[int]float64, bound, sign float64) {
		if math.IsInf(bound, 0) {
			return
		}
		row, b := make([]float64, len(open)), sign*bound
		for k, w := range weight {
			b -= sign * w * r.low[k]
			if at, ok := column[k]; ok {
				row[at] = sign * w
			}
		}
		rows, right = append(rows, row), append(right, b)
	}
	for _, c := range claims {
		add(r.claims[c].weight, r.claims[c].high, 1)
		add(r.claims[c].weight, r.claims[c].low, -1)
	}
	for _, f := range open {
		add(map[int]float64{f: 1}, r.high[f], 1)
	}
	width := len(open) + len(rows)
	a := dense(rows, width)
	solve := func(sign float64) (float64, bool) {
		goal := make([]float64, width)
		goal[column[i]] = sign
		best, _, err := lp.Simplex(goal, a, right, 1e-9, nil)
		if err != nil {
			r.failed++
			return 0, false
		}
		return r.low[i] + sign*best, true
	}
	low, high = r.low[i], r.high[i]
	if x, ok := solve(1); ok {
		low = max(low, math.Ceil(x-1e-6))
	}
	if !math.IsInf(high, 1) {
		if x, ok := solve(-1); ok {
			high = min(high, math.Floor(x+1e-6))
		}
	}
	return low, high
}
