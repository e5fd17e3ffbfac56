package siting_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"gevor/reach"
	"gevor/siting"
)

func TestBestPlaceAgainstAllSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, cols := rapid.IntRange(1, 12).Draw(t, "rows"), rapid.IntRange(1, 8).Draw(t, "cols")
		near := make([][]bool, rows)
		weight := make([]float64, rows)
		var pairs []reach.Pair[int32]
		for i := range rows {
			near[i] = make([]bool, cols)
			weight[i] = float64(rapid.IntRange(0, 5).Draw(t, "weight"))
			for j := range cols {
				if near[i][j] = rapid.Bool().Draw(t, "near"); near[i][j] {
					pairs = append(pairs, reach.Pair[int32]{From: int32(i), To: int32(j), Cost: 1})
				}
			}
		}
		m, err := reach.FromPairs(rows, cols, pairs)
		if err != nil {
			t.Fatal(err)
		}
		want, place := 0.0, -1
		for j := range cols {
			sum := 0.0
			for i := range rows {
				if near[i][j] {
					sum += weight[i]
				}
			}
			if sum > want {
				want, place = sum, j
			}
		}
		if p, c := siting.BestPlace(m, weight); p != place || c != want {
			t.Fatalf("place %d covering %v, want %d covering %v", p, c, place, want)
		}
	})
}

func TestEnoughIsSmallest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 10).Draw(t, "n")
		share := rapid.Float64Range(0.05, 1).Draw(t, "share")
		wants := make([]siting.Want, n)
		for i := range wants {
			wants[i] = siting.Want{Capacity: float64(rapid.IntRange(0, 4).Draw(t, "capacity")), Weight: float64(rapid.IntRange(1, 5).Draw(t, "weight"))}
			if rapid.IntRange(0, 9).Draw(t, "never") == 0 {
				wants[i].Capacity = math.Inf(1)
			}
		}
		served := func(capacity float64) (sum float64) {
			for _, w := range wants {
				if w.Capacity <= capacity {
					sum += w.Weight
				}
			}
			return sum
		}
		total := served(math.MaxFloat64)
		capacity, got := siting.Enough(wants, share)
		if got != served(capacity) && total > 0 {
			t.Fatalf("says %v are served by %v, %v are", got, capacity, served(capacity))
		}
		if got < share*total {
			t.Fatalf("serves %v of %v, wanted a share of %v", got, total, share)
		}
		for c := 0.0; c < capacity; c++ {
			if served(c) >= share*total {
				t.Fatalf("%v would do, said %v", c, capacity)
			}
		}
	})
}

func TestThrifty(t *testing.T) {
	for _, c := range []struct {
		name   string
		offers []siting.Offer
		want   int
		ok     bool
	}{
		{"none", nil, 0, false},
		{"nobody is served", []siting.Offer{{Place: 3}}, 0, false},
		{"most, at the same price", []siting.Offer{{1, 10, 1}, {2, 11, 1}}, 2, true},
		{"a little less for much less", []siting.Offer{{1, 100, 50}, {2, 80, 5}}, 2, true},
		{"too little is no bargain", []siting.Offer{{1, 100, 50}, {2, 79, 5}}, 1, true},
		{"the first of equals", []siting.Offer{{7, 10, 1}, {4, 10, 1}}, 4, true},
	} {
		if got, ok := siting.Thrifty(c.offers, 0.8); ok != c.ok || ok && got.Place != c.want {
			t.Errorf("%s: %+v, %v", c.name, got, ok)
		}
	}
}
