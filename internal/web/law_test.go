package web

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"gevor/travel"
)

// TestWeightedQuantileAgreesWithCountingHeads compares with the definition on people written out one by one.
func TestWeightedQuantileAgreesWithCountingHeads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "n")
		seconds, people, members := make([]int32, n), make([]float32, n), make([]int32, n)
		var heads []float64
		for i := range n {
			members[i] = int32(i)
			seconds[i] = int32(rapid.IntRange(0, 5).Draw(t, "s"))
			if seconds[i] == 5 {
				seconds[i] = int32(travel.Unreached)
			}
			count := rapid.IntRange(0, 4).Draw(t, "p")
			people[i] = float32(count)
			for range count {
				x := float64(seconds[i])
				if seconds[i] == int32(travel.Unreached) {
					x = math.Inf(1)
				}
				heads = append(heads, x)
			}
		}
		got := weightedQuantile(seconds, people, members, 0.5)
		if len(heads) == 0 {
			if !math.IsNaN(got) {
				t.Fatalf("nobody: %v", got)
			}
			return
		}
		slices.Sort(heads)
		if want := heads[(len(heads)+1)/2-1]; got != want {
			t.Fatalf("got %v, want %v of %v", got, want, heads)
		}
	})
}

func TestCausesAreOrderedAndComplete(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var shares [7]float64
		positive := 0
		for c := 1; c < len(shares); c++ {
			if shares[c] = rapid.SampledFrom([]float64{0, 0.1, 0.2, 0.5}).Draw(t, "share"); shares[c] > 0 {
				positive++
			}
		}
		list := causes(shares, 100)
		if len(list) != positive {
			t.Fatalf("%d causes of %d", len(list), positive)
		}
		for i := 1; i < len(list); i++ {
			if list[i-1].Share < list[i].Share || list[i-1].Share == list[i].Share && list[i-1].Cause > list[i].Cause {
				t.Fatalf("order %v", list)
			}
		}
	})
}

// TestRoutesAreWhole: names are unique, a page exists in every language, and every row names its states.
func TestRoutesAreWhole(t *testing.T) {
	names := map[string]bool{}
	for _, r := range Routes() {
		if names[r.Name] {
			t.Errorf("%s stands twice", r.Name)
		}
		names[r.Name] = true
		if r.Method == "" && len(r.States) == 0 || r.Handle == nil {
			t.Errorf("%s has no states or no handler", r.Name)
		}
		if r.Page() && (r.Patterns["de"] == "" || r.Patterns["en"] == "") {
			t.Errorf("%s does not exist in both languages", r.Name)
		}
	}
}

func TestPathsAreFilledAndEscaped(t *testing.T) {
	r := Route{Patterns: map[string]string{"de": "/de/befunde/{id}", "": "/runs/{run}/{file...}"}}
	if got := r.Path("de", "a/b c"); got != "/de/befunde/a%2Fb%20c" {
		t.Error(got)
	}
	if got := r.Path("en", "f00", "layers/x y.csv"); got != "/runs/f00/layers/x%20y.csv" {
		t.Error(got)
	}
}
