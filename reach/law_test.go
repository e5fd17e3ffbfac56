package reach_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"gevor/reach"
	"gevor/travel"
)

// town draws a small matrix with demand and supply.
type town struct {
	m              *reach.Sparse[float64]
	demand, supply []float64
}

func drawTown(t *rapid.T) town {
	rows, cols := rapid.IntRange(1, 12).Draw(t, "rows"), rapid.IntRange(1, 8).Draw(t, "cols")
	var pairs []reach.Pair[float64]
	for i := range rows {
		for j := range cols {
			if rapid.Bool().Draw(t, "in reach") {
				pairs = append(pairs, reach.Pair[float64]{From: int32(i), To: int32(j), Cost: float64(rapid.IntRange(0, 20).Draw(t, "cost"))})
			}
		}
	}
	m, err := reach.FromPairs(rows, cols, pairs)
	if err != nil {
		t.Fatal(err)
	}
	w := town{m: m, demand: make([]float64, rows), supply: make([]float64, cols)}
	for i := range w.demand {
		w.demand[i] = float64(rapid.IntRange(0, 50).Draw(t, "demand"))
	}
	for j := range w.supply {
		w.supply[j] = float64(rapid.IntRange(0, 5).Draw(t, "supply"))
	}
	return w
}

func drawDecay(t *rapid.T) reach.Decay {
	steps, err := reach.Steps(reach.Step{UpTo: 5, Weight: 1}, reach.Step{UpTo: 10, Weight: .5}, reach.Step{UpTo: 15, Weight: .1})
	if err != nil {
		t.Fatal(err)
	}
	return rapid.SampledFrom([]reach.Decay{
		reach.Within(12), steps, reach.Gaussian(5, 15), reach.Exponential(6, 18), reach.Power(1.5, 4, 19),
	}).Draw(t, "decay")
}

// Everything supplied at places that somebody with demand reaches is shared out: Σ D_i·A_i = Σ S_j. It holds for
// any weights because the weight that takes from a place is the weight that gives.
func TestCatchmentSharesOutAllSupply(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, decay := drawTown(t), drawDecay(t)
		sel := rapid.SampledFrom([]reach.Selection{reach.NoSelection, reach.AmongSupplied, reach.AmongAll}).Draw(t, "selection")
		access, _ := reach.Floating(w.m, w.demand, w.supply, decay, sel)
		var got, want float64
		for i, a := range access {
			got += a * w.demand[i]
		}
		served := make([]bool, len(w.supply))
		for i := range access {
			to, cost := w.m.Row(i)
			for k, j := range to {
				if w.demand[i] > 0 && decay(cost[k]) > 0 {
					served[j] = true
				}
			}
		}
		for j, s := range w.supply {
			if served[j] {
				want += s
			}
		}
		if math.Abs(got-want) > 1e-9*(1+want) {
			t.Fatalf("shared out %v of %v", got, want)
		}
	})
}

// In two-step catchments more supply never lowers anyone's access.
func TestMoreSupplyNeverLowersAccess(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, decay := drawTown(t), drawDecay(t)
		before, _ := reach.Floating(w.m, w.demand, w.supply, decay, reach.NoSelection)
		w.supply[rapid.IntRange(0, len(w.supply)-1).Draw(t, "place")] += 3
		after, _ := reach.Floating(w.m, w.demand, w.supply, decay, reach.NoSelection)
		for i := range before {
			if after[i] < before[i]-1e-12 {
				t.Fatalf("origin %d fell from %v to %v", i, before[i], after[i])
			}
		}
	})
}

func TestDecaysFallFromOneToZero(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDecay(t)
		a, b := rapid.Float64Range(0, 25).Draw(t, "a"), rapid.Float64Range(0, 25).Draw(t, "b")
		if d(min(a, b)) < d(max(a, b)) || d(0) != 1 || d(25) != 0 {
			t.Fatalf("weights %v at %v, %v at %v", d(a), a, d(b), b)
		}
	})
}

func TestKthNearestAgainstSorting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, k := drawTown(t), rapid.IntRange(1, 4).Draw(t, "k")
		got := reach.KthNearest(w.m, k)
		for i := range got {
			_, cost := w.m.Row(i)
			sorted := slices.Sorted(slices.Values(cost))
			want := math.Inf(1)
			if len(sorted) >= k {
				want = sorted[k-1]
			}
			if got[i] != want {
				t.Fatalf("origin %d: %v, want %v of %v", i, got[i], want, cost)
			}
		}
		to, cost := reach.Nearest(w.m)
		for i, first := range reach.KthNearest(w.m, 1) {
			if cost[i] != first || (to[i] < 0) != math.IsInf(first, 1) {
				t.Fatalf("origin %d: nearest %v at %v, first of k %v", i, to[i], cost[i], first)
			}
		}
	})
}

func TestTransposeTwiceIsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawTown(t).m
		back := m.Transpose().Transpose()
		if !slices.Equal(m.First, back.First) || !slices.Equal(m.To, back.To) || !slices.Equal(m.Cost, back.Cost) || m.Cols != back.Cols {
			t.Fatalf("%v became %v", m, back)
		}
	})
}

// Merging ways keeps the smaller cost of a pair and every pair that any way lists.
func TestCheapest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawTown(t).m
		b := a.Filter(func(from, to int32, cost float64) bool { return rapid.Bool().Draw(t, "keep") })
		for i := range b.Cost {
			b.Cost[i] += float64(rapid.IntRange(-3, 3).Draw(t, "change"))
		}
		got, err := reach.Cheapest(a, b)
		if err != nil {
			t.Fatal(err)
		}
		for i := range got.Rows() {
			want := map[int32]float64{}
			for _, m := range []*reach.Sparse[float64]{a, b} {
				to, cost := m.Row(i)
				for k, j := range to {
					if old, ok := want[j]; !ok || cost[k] < old {
						want[j] = cost[k]
					}
				}
			}
			to, cost := got.Row(i)
			if len(to) != len(want) || !slices.IsSorted(to) {
				t.Fatalf("row %d lists %v, want %v", i, to, want)
			}
			for k, j := range to {
				if cost[k] != want[j] {
					t.Fatalf("row %d place %d costs %v, want %v", i, j, cost[k], want[j])
				}
			}
		}
	})
}

func TestUnreachedSecondsAreInfinite(t *testing.T) {
	m, err := reach.FromPairs(2, 2, []reach.Pair[travel.Seconds]{{From: 0, To: 1, Cost: 60}})
	if err != nil {
		t.Fatal(err)
	}
	if got := reach.KthNearest(m, 1); got[0] != 60 || got[1] != travel.Unreached {
		t.Fatalf("nearest %v", got)
	}
}

func TestBadInputIsRefused(t *testing.T) {
	if _, err := reach.FromPairs(1, 1, []reach.Pair[float64]{{From: 0, To: 0, Cost: math.NaN()}}); err == nil {
		t.Error("a cost that is no number passed")
	}
	if _, err := reach.FromPairs(1, 1, []reach.Pair[float64]{{From: 0, To: 1, Cost: 1}}); err == nil {
		t.Error("a place outside the matrix passed")
	}
	for _, s := range [][]reach.Step{nil, {{UpTo: 5, Weight: .5}, {UpTo: 5, Weight: .4}}, {{UpTo: 5, Weight: .5}, {UpTo: 6, Weight: .6}}, {{UpTo: -1, Weight: 1}}} {
		if _, err := reach.Steps(s...); err == nil {
			t.Errorf("steps %v passed", s)
		}
	}
	m, err := reach.FromPairs(1, 1, []reach.Pair[float64]{{Cost: 1}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ demand, supply, tau float64 }{{1, 1, 0}, {1.5, 1, 60}, {0, 1, 60}, {1, 0, 60}} {
		if _, err := reach.Raam(m, []float64{c.demand}, []float64{c.supply}, reach.RaamOptions{Tau: c.tau}); err == nil {
			t.Errorf("%+v passed", c)
		}
	}
}

// One origin with 30 people, two places of equal supply, 0 and 30 away, tau 60: rho = 30/2 = 15. Everyone starts
// at the near place (congestion 2). Moving x people makes costs 2−x/15 and 0.5+x/15, equal at x = 11.25; whole
// persons in shrinking steps stop at 11: costs 2−11/15 = 1.2667 for 19 and 0.5+11/15 = 1.2333 for 11.
func TestRaamTwoPlaces(t *testing.T) {
	m, err := reach.FromPairs(1, 2, []reach.Pair[float64]{{To: 0, Cost: 0}, {To: 1, Cost: 30}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := reach.Raam(m, []float64{30}, []float64{1, 1}, reach.RaamOptions{Tau: 60})
	if err != nil {
		t.Fatal(err)
	}
	want := (19*(2-11./15) + 11*(0.5+11./15)) / 30
	if math.Abs(got[0]-want) > 1e-12 {
		t.Errorf("cost %v, want %v", got[0], want)
	}
}

// split gives the town in which a place hands a share of its supply to a new place beside it, as near to everybody.
func (w town) split(place int, share float64) town {
	var pairs []reach.Pair[float64]
	for i := range w.m.Rows() {
		to, cost := w.m.Row(i)
		for k, j := range to {
			pairs = append(pairs, reach.Pair[float64]{From: int32(i), To: j, Cost: cost[k]})
			if int(j) == place {
				pairs = append(pairs, reach.Pair[float64]{From: int32(i), To: int32(len(w.supply)), Cost: cost[k]})
			}
		}
	}
	m, err := reach.FromPairs(w.m.Rows(), len(w.supply)+1, pairs)
	if err != nil {
		panic(err) // rows and columns are those of a town that was drawn
	}
	out := town{m: m, demand: w.demand, supply: append(slices.Clone(w.supply), share*w.supply[place])}
	out.supply[place] -= share * w.supply[place]
	return out
}

// furthest is the greatest difference of access between two towns.
func furthest(a, b town, decay reach.Decay, selection reach.Selection) float64 {
	before, _ := reach.Floating(a.m, a.demand, a.supply, decay, selection)
	after, _ := reach.Floating(b.m, b.demand, b.supply, decay, selection)
	most := 0.0
	for i := range before {
		most = math.Max(most, math.Abs(before[i]-after[i]))
	}
	return most
}

// Whether an offer is counted as one or as two halves at one place changes nobody's access in two-step catchments.
func TestSplittingAnOfferChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, decay := drawTown(t), drawDecay(t)
		place := rapid.IntRange(0, len(w.supply)-1).Draw(t, "place")
		if d := furthest(w, w.split(place, .5), decay, reach.NoSelection); d > 1e-9 {
			t.Fatalf("access changed by %v", d)
		}
	})
}

// The control: where people choose among places, as in three-step catchments, two halves draw more of them than one
// whole, and a first offer at an empty place draws people from the others. Both laws are of two-step catchments alone.
func TestChoosingBreaksTheLawsOfTwoSteps(t *testing.T) {
	m, err := reach.FromPairs(2, 2, []reach.Pair[float64]{{From: 0, To: 0, Cost: 0}, {From: 0, To: 1, Cost: 0}, {From: 1, To: 1, Cost: 0}})
	if err != nil {
		t.Fatal(err)
	}
	w := town{m: m, demand: []float64{10, 10}, supply: []float64{4, 4}}
	if d := furthest(w, w.split(1, .5), reach.Within(1), reach.AmongSupplied); d < .01 {
		t.Errorf("two halves changed access by %v only", d)
	}
	before, _ := reach.Floating(m, []float64{10, 10}, []float64{0, 4}, reach.Within(1), reach.AmongSupplied)
	after, _ := reach.Floating(m, []float64{10, 10}, []float64{0.1, 4}, reach.Within(1), reach.AmongSupplied)
	if after[0] >= before[0] {
		t.Errorf("a first small offer raised access from %v to %v", before[0], after[0])
	}
}
