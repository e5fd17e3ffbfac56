package atlas_test

import (
	"context"
	"math"
	"testing"

	"gevor/atlas"
	"gevor/geo"
	"gevor/internal/world"
	"gevor/travel"
)

// A street of 30 cells with a place at 0 and ten minutes on foot, so 7.5 steps of 80 s: a cell x steps away is at a
// share of x·80/600, and up to twice the limit is known, 15 steps.
func TestProspectsOnAStreet(t *testing.T) {
	w := world.New(30, 1)
	w.SettleAll(1)
	w.Offer(0, 0, 1)
	w.Nearest("walk-10", 1, world.By(travel.Walk, 10))
	w.Without(travel.Car)
	p := atlas.Params{Journeys: w, MinPeople: 1}
	got, err := atlas.Prospects(context.Background(), w.Snap, p, 0, []geo.LonLat{w.Snap.Cells.At[20]}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Cells) != 30 {
		t.Fatalf("%d cells", len(got.Cells))
	}
	for x := range 30 {
		want := float64(float32(float64(80*x) / 600))
		if x > 15 {
			want = math.Inf(1)
		}
		if got.Existing[x] != want {
			t.Errorf("cell %d: %v to the place of today, want %v", x, got.Existing[x], want)
		}
		to, cost := got.Candidates.Row(x)
		steps := abs(x - 20)
		switch {
		case steps > 15 && len(to) != 0:
			t.Errorf("cell %d reaches the candidate at %v", x, cost)
		case steps <= 15 && (len(to) != 1 || cost[0] != float64(float32(float64(80*steps)/600))):
			t.Errorf("cell %d: %v to the candidate", x, cost)
		}
	}
	r := run(t, w, p)
	cells, err := atlas.CandidateCells(r, 0, p, 5)
	if err != nil || len(cells) == 0 || len(cells) > 5 {
		t.Errorf("candidates %v, %v", cells, err)
	}
	for _, c := range cells {
		if c < 5 { // the first cell that misses it is 8, and 300 m beside it count
			t.Errorf("candidate %d lies where nobody misses the standard", c)
		}
	}
}
