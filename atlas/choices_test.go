package atlas_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"gevor/atlas"
	"gevor/reach"
	"gevor/siting"
)

// TestChoicesAgreeWithAllPairs compares the choice of two places by each objective with all pairs of candidates, measured
// by a plain reckoning of its own.
func TestChoicesAgreeWithAllPairs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const candidates, bound = 5, 2.0
		n := rapid.IntRange(1, 7).Draw(t, "cells")
		share := rapid.Custom(func(t *rapid.T) float64 { return float64(rapid.IntRange(1, 24).Draw(t, "eighths")) / 8 })
		p := &atlas.Prospect{Bound: bound}
		b := reach.NewBuilder[float64](candidates)
		known := func(x float64) float64 {
			if x > bound {
				return math.Inf(1)
			}
			return x
		}
		cost := make([][]float64, n)
		for i := range n {
			p.Cells, p.People = append(p.Cells, int32(i)), append(p.People, float64(rapid.IntRange(1, 9).Draw(t, "people")))
			p.Existing = append(p.Existing, known(share.Draw(t, "today")))
			var to []int32
			var row []float64
			cost[i] = make([]float64, candidates)
			for j := range candidates {
				cost[i][j] = known(share.Draw(t, "cost"))
				if !math.IsInf(cost[i][j], 1) {
					to, row = append(to, int32(j)), append(row, cost[i][j])
				}
			}
			b.Add(to, row)
		}
		p.Candidates = b.Done()
		measure := func(open ...int32) (newly, ways, last, beyond float64) {
			for i, w := range p.People {
				best := p.Existing[i]
				for _, j := range open {
					best = math.Min(best, cost[i][j])
				}
				if best <= 1 && p.Existing[i] > 1 {
					newly += w
				}
				if math.IsInf(best, 1) {
					beyond += w
					ways += w * bound
					continue
				}
				ways, last = ways+w*best, math.Max(last, best)
			}
			return newly, ways, last, beyond
		}
		got, err := atlas.Choices(p, atlas.Wish{Places: 2}, atlas.Objectives(), siting.Effort{})
		if err != nil {
			t.Fatal(err)
		}
		most, least := 0.0, math.Inf(1)
		for i := range int32(candidates) {
			for j := range i {
				newly, ways, _, _ := measure(i, j)
				most, least = math.Max(most, newly), math.Min(least, ways)
			}
		}
		seats := float64(rapid.SampledFrom([]int{1, 2, 5, 12, 63}).Draw(t, "seats"))
		full, err := atlas.Choices(p, atlas.Wish{Places: 2, Capacity: seats}, []atlas.Objective{atlas.MostPeople}, siting.Effort{})
		if err != nil {
			t.Fatal(err)
		}
		if c := full[1]; c.NewlyReached > math.Min(most, 2*seats)+1e-9 || seats >= 9*7 && c.NewlyReached != most {
			t.Fatalf("%v people at two places of %v, %v could be", c.NewlyReached, seats, most)
		}
		for _, c := range got {
			newly, ways, last, beyond := measure(c.Open...)
			if c.NewlyReached != newly || c.WorstShare != last || c.Beyond != beyond {
				t.Fatalf("%s measured %+v, want %v newly, %v last, %v beyond", c.Objective, c, newly, last, beyond)
			}
			switch {
			case c.Objective == atlas.MostPeople && (!c.Optimal || newly != most):
				t.Fatalf("%v people newly reached, %v could be", newly, most)
			case c.Objective == atlas.LeastWays && (!c.Optimal || math.Abs(ways-least) > 1e-9*least):
				t.Fatalf("ways of %v, %v could be", ways, least)
			case c.Objective == atlas.FewestPlaces && (!c.Optimal || c.Gap != 0 || len(c.Open) != fewest(p, cost)):
				t.Fatalf("%d places, %d would do", len(c.Open), fewest(p, cost))
			case c.Objective == "" && newly != 0:
				t.Fatalf("%v people newly reached without any new place", newly)
			}
		}
	})
}

// TestOneAnswerDoesNotSpoilTheOthers: one new place cannot come near to two villages far apart, so the centre has no
// choice, and says so, while most people and least ways have theirs; two places can.
func TestOneAnswerDoesNotSpoilTheOthers(t *testing.T) {
	p := &atlas.Prospect{Bound: 2, Cells: []int32{0, 1}, People: []float64{5, 3}, Existing: []float64{math.Inf(1), math.Inf(1)}}
	b := reach.NewBuilder[float64](2)
	b.Add([]int32{0}, []float64{0.5})
	b.Add([]int32{1}, []float64{0.5})
	p.Candidates = b.Done()
	for places, none := range map[int]bool{1: true, 2: false} {
		got, err := atlas.Choices(p, atlas.Wish{Places: places}, atlas.Objectives(), siting.Effort{})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range got {
			if c.None != (none && c.Objective == atlas.ShortestLast) {
				t.Errorf("%d places by %q: %+v", places, c.Objective, c)
			}
			if c.Objective == atlas.MostPeople && c.NewlyReached != []float64{0, 5, 8}[places] || c.None && (len(c.Open) > 0 || c.StillOut != 8) {
				t.Errorf("%d places by %q: %+v", places, c.Objective, c)
			}
		}
	}
}

// fewest is how many candidates bring everybody in time whom one of them or a place of today can, by trying all sets.
func fewest(p *atlas.Prospect, cost [][]float64) int {
	best := len(cost[0])
	for set := range 1 << len(cost[0]) {
		size, all := 0, true
		for i := range cost {
			can, does := p.Existing[i] <= 1, p.Existing[i] <= 1
			for j, c := range cost[i] {
				can = can || c <= 1
				does = does || c <= 1 && set>>j&1 == 1
			}
			all = all && (does || !can)
		}
		for j := range cost[0] {
			size += set >> j & 1
		}
		if all {
			best = min(best, size)
		}
	}
	return best
}
