package atlas_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"gevor/atlas"
	"gevor/fault"
	"gevor/geo"
	"gevor/internal/world"
	"gevor/region"
	"gevor/siting"
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
	got, err := atlas.Prospects(context.Background(), w.Snap, p, atlas.Question{Places: []geo.LonLat{w.Snap.Cells.At[20]}}, nil)
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
	picked, err := atlas.Prospects(context.Background(), w.Snap, p, atlas.Question{Most: 5}, nil)
	if err != nil || len(picked.Picked) == 0 || len(picked.Picked) > 5 || len(picked.At) != len(picked.Picked) {
		t.Fatalf("candidates %+v, %v", picked, err)
	}
	for _, c := range picked.Picked {
		if c < 5 { // the first cell that misses it is 8, and 300 m beside it count
			t.Errorf("candidate %d lies where nobody misses the standard", c)
		}
	}
}

// TestProspectsByLanguage asks where one more place that speaks a language reaches most people of another group than the
// standard's, weighed by who needs the language, and compares the answer with a plain reckoning over all cells, offers and
// candidates of small towns.
func TestProspectsByLanguage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const wide, high, limit = 6, 4, 4 * 60
		w := world.New(wide, high)
		w.SettleAll(7)
		w.Area("east", region.District, 0, 3, 0, wide, high)
		n := wide * high
		other := region.Group{Key: "other", State: region.GroupKnown, People: make([]float32, n), Flag: make([]region.ValueFlag, n), Need: 1}
		for i := range n {
			if other.People[i] = float32(rapid.IntRange(0, 9).Draw(t, "people")); other.People[i] > 0 {
				other.Flag[i] = region.Known
			} else {
				other.Flag[i] = region.Zero
			}
		}
		w.Snap.Groups = append(w.Snap.Groups, other)
		type place struct {
			cell  int
			given bool // in all languages asked for
		}
		var places []place
		for range rapid.IntRange(0, 4).Draw(t, "offers") {
			c := rapid.IntRange(0, n-1).Draw(t, "cell")
			spoken := rapid.SampledFrom([][]string{nil, {"de"}, {"de", "tr"}, {"ar", "de", "tr"}, {"tr"}}).Draw(t, "languages")
			w.Offer(c%wide, c/wide, 1).Languages = spoken
			places = append(places, place{c, slices.Contains(spoken, "de") && slices.Contains(spoken, "tr")})
		}
		w.Offer(0, 0, 1) // one of which nothing is known, so that the category is never empty
		places = append(places, place{0, false})
		w.Nearest("walk-4", 1, world.By(travel.Walk, limit/60))
		need := []float64{math.NaN(), math.NaN(), math.NaN()}
		for d := 1; d < 3; d++ {
			need[d] = rapid.SampledFrom([]float64{0, 0.1, 0.5, 1, math.NaN()}).Draw(t, "need")
		}
		weight := func(cell int) float64 {
			if share := need[w.Snap.Cells.District[cell]]; !math.IsNaN(share) {
				return float64(other.People[cell]) * share
			}
			return float64(other.People[cell])
		}
		inTime := func(a, b int) bool {
			return 80*(abs(a%wide-b%wide)+abs(a/wide-b/wide)) <= limit
		}
		reached := func(cell int) bool {
			return slices.ContainsFunc(places, func(p place) bool { return p.given && inTime(cell, p.cell) })
		}
		best, out := 0.0, 0.0
		for at := range n {
			gain := 0.0
			for cell := range n {
				if !reached(cell) && inTime(cell, at) {
					gain += weight(cell)
				}
			}
			best = math.Max(best, gain)
		}
		for cell := range n {
			if !reached(cell) {
				out += weight(cell)
			}
		}
		question := atlas.Question{Group: 1, Languages: []string{"tr", "de"}, Need: need, Most: n}
		p, err := atlas.Prospects(context.Background(), w.Snap, atlas.Params{Journeys: w, MinPeople: 1}, question, nil)
		if out == 0 {
			if fault.KindOf(err) != fault.NotFound {
				t.Fatalf("everybody is reached: %v", err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		told := 0
		for _, x := range places {
			if x.given {
				told++
			}
		}
		if p.Spoken.Places != len(places) || p.Spoken.InThose != told {
			t.Fatalf("%+v of %d places, %d given", p.Spoken, len(places), told)
		}
		got, err := atlas.Choices(p, atlas.Wish{Places: 1}, []atlas.Objective{atlas.MostPeople}, siting.Effort{})
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(got[0].StillOut-out) > 1e-9 || math.Abs(got[1].NewlyReached-best) > 1e-9 || !got[1].Optimal {
			t.Fatalf("%v of %v reached, want %v of %v", got[1].NewlyReached, got[0].StillOut, best, out)
		}
	})
}
