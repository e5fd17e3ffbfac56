package atlas_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"gevor/atlas"
	"gevor/geo"
	"gevor/internal/world"
	"gevor/region"
	"gevor/travel"
)

// Where two changes would each do, the earlier in the order of precedence is the cause.
func TestCausePrecedence(t *testing.T) {
	for _, c := range []struct {
		name  string
		want  atlas.Cause
		build func(w *world.Town)
	}{
		{"steps before entitlement", atlas.CauseOnlySteps, func(w *world.Town) {
			w.Offer(3, 0, 1).StepFree = region.No
			w.Offer(2, 0, 1).ServiceAreas = []int32{2}
			w.Nearest("s", 1, world.By(travel.WalkNoSteps, 15))
		}},
		{"entitlement before the hour", atlas.CauseOnlyElsewhere, func(w *world.Town) {
			w.Bus(world.Line{Stops: [][2]int{{0, 0}, {15, 0}}, Hop: 120, First: 6 * 3600, Last: 19 * 3600})
			w.Offer(15, 0, 1)
			w.Offer(2, 0, 1).ServiceAreas = []int32{2}
			w.Nearest("s", 1, world.ByBus(5, 20*3600, 18*3600))
		}},
		{"the hour before the car", atlas.CauseOnlyOtherTime, func(w *world.Town) {
			w.Bus(world.Line{Stops: [][2]int{{0, 0}, {15, 0}}, Hop: 120, First: 6 * 3600, Last: 19 * 3600})
			w.Offer(15, 0, 1)
			w.Nearest("s", 1, world.ByBus(5, 20*3600, 18*3600))
		}},
	} {
		w := world.New(20, 1)
		w.Settle(0, 0, 10)
		w.Area("other", region.Municipality, -1, 18, 0, 20, 1)
		c.build(w)
		if got := run(t, w, atlas.Params{}).Layers[0].Cause[0]; got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// A car to the one place that is reached anyway makes no choice of two; a second place by car does.
func TestCauseCountsPlacesTogether(t *testing.T) {
	for _, c := range []struct {
		second int
		want   atlas.Cause
	}{{20, atlas.CauseOnlyCar}, {50, atlas.CauseTooFar}} {
		w := world.New(60, 1)
		w.Settle(0, 0, 10)
		w.Offer(2, 0, 1)
		w.Offer(c.second, 0, 1)
		w.Nearest("two", 2, world.By(travel.Walk, 5)) // by car 25 cells
		if got := run(t, w, atlas.Params{}).Layers[0].Cause[0]; got != c.want {
			t.Errorf("second place at %d: %v, want %v", c.second, got, c.want)
		}
	}
	w := world.New(60, 1)
	w.Settle(0, 0, 10)
	w.Offer(50, 0, 1) // 600 s by car
	w.Nearest("s", 1, world.By(travel.Walk, 5))
	if got := run(t, w, atlas.Params{CarBoundFactor: 2}).Layers[0].Cause[0]; got != atlas.CauseOnlyCar {
		t.Errorf("twice as long by car: %v", got)
	}
}

// slower takes one more second for every percentile point, so that mixed-up percentiles show.
type slower struct{ *world.Town }

func (s slower) Rows(ctx context.Context, leg atlas.Leg, from, to []geo.LonLat, yield func(atlas.Reached) error) error {
	return s.Town.Rows(ctx, leg, from, to, func(r atlas.Reached) error {
		for k, p := range leg.Percentiles {
			for i := range r.Seconds[k] {
				r.Seconds[k][i] += travel.Seconds(p)
			}
		}
		return yield(r)
	})
}

// Standards that share a question each get their own percentile and their own bound.
func TestSharedQuestions(t *testing.T) {
	w := world.New(60, 1)
	w.Settle(0, 0, 10)
	w.Offer(10, 0, 1)
	late, early := world.ByBus(20, 36000, -1), world.ByBus(20, 36000, -1)
	late.Percentile, early.Percentile = 90, 10
	w.Nearest("late", 1, late)
	w.Nearest("early", 1, early)
	w.Nearest("short", 1, world.ByBus(5, 36000, -1))
	w.PerThousand("capacity", 1, early, late)
	r, err := atlas.Analyse(context.Background(), w.Snap, atlas.Params{Journeys: slower{w}, MinPeople: 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for s, want := range []int32{890, 810, int32(travel.Unreached), 810} { // ten steps of 80 s, and the percentile
		if got := r.Layers[s].Seconds[0]; got != want {
			t.Errorf("standard %d: %d s, want %d", s, got, want)
		}
	}
}

// Access and its twin with walls agree with the formulas of docs/methods.md, pair by pair.
func TestCatchmentAgainstFormulas(t *testing.T) {
	walled := 0
	rapid.Check(t, func(rt *rapid.T) {
		w := randomTown(rt)
		r := run(t, w, atlas.Params{})
		s := &w.Snap.Standards[1]
		n, offers := w.Snap.Cells.Len(), w.Snap.Offers
		weight := make([][]float64, n) // as things are
		alone := make([][]float64, n)
		for i := range n {
			weight[i], alone[i] = make([]float64, len(offers)), make([]float64, len(offers))
			for j, o := range offers {
				if o.ServiceAreas != nil && o.ServiceAreas[0] != w.Snap.Cells.Municipality[i] && o.ServiceAreas[0] != w.Snap.Cells.District[i] {
					continue
				}
				best := math.Inf(1)
				for _, way := range s.Ways {
					if way.Mode == travel.WalkNoSteps && o.StepFree == region.No {
						continue
					}
					best = min(best, float64(w.Times(way.Mode, 0, i)[slices.Index(w.Snap.Cells.At, o.At)])/float64(way.Minutes*60))
				}
				switch {
				case best <= 1.0/3:
					weight[i][j] = 1
				case best <= 2.0/3:
					weight[i][j] = 0.68
				case best <= 1:
					weight[i][j] = 0.22
				}
				if o.Municipality == w.Snap.Cells.Municipality[i] {
					alone[i][j] = weight[i][j]
				}
			}
		}
		access, apart := slowFloating(w, weight), slowFloating(w, alone)
		for i := range n {
			if w.Snap.Groups[0].People[i] == 0 {
				continue
			}
			if math.Abs(float64(r.Layers[1].Access[i])-access[i]) > 1e-3*math.Max(1, access[i])*1e-2 {
				rt.Fatalf("cell %d: access %v, want %v", i, r.Layers[1].Access[i], access[i])
			}
			met, metAlone := access[i] >= s.PerThousand, apart[i] >= s.PerThousand
			if near(access[i], s.PerThousand) || near(apart[i], s.PerThousand) {
				continue
			}
			if got := r.Layers[1].State[i] == atlas.CellMet; got != met {
				rt.Fatalf("cell %d: met %v, want %v", i, got, met)
			}
			if got := r.Layers[1].Walls[i]; got != (met && !metAlone) {
				rt.Fatalf("cell %d: walls %v, want %v", i, got, met && !metAlone)
			}
			if met && !metAlone {
				walled++
			}
		}
	})
	if walled == 0 {
		t.Error("no cell depended on its neighbours")
	}
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-6*b }

// slowFloating is the two-step catchment straight from the formulas, per 1,000 people.
func slowFloating(w *world.Town, weight [][]float64) []float64 {
	access := make([]float64, len(weight))
	for j, o := range w.Snap.Offers {
		demand := 0.0
		for i := range weight {
			demand += float64(w.Snap.Groups[0].People[i]) * weight[i][j]
		}
		for i := range weight {
			if demand > 0 {
				access[i] += 1000 * o.Capacity / demand * weight[i][j]
			}
		}
	}
	return access
}
