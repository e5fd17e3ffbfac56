package atlas_test

import (
	"context"
	"math"
	"testing"

	"gevor/atlas"
	"gevor/internal/world"
	"gevor/region"
	"gevor/travel"
)

// run analyses a town; small towns report findings of any size unless the test says otherwise.
func run(t testing.TB, w *world.Town, p atlas.Params) *atlas.Result {
	t.Helper()
	p.Journeys = w
	if p.MinPeople == 0 {
		p.MinPeople = 1
	}
	r, err := atlas.Analyse(context.Background(), w.Snap, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// In a desert of 31 x 31 cells with one place in the middle, 15 minutes on foot are eleven steps of 80 s. The cells
// within eleven steps of the middle number 1 + 4·(1+…+11) = 265.
func TestDesertTown(t *testing.T) {
	w := world.New(31, 31)
	w.SettleAll(2)
	w.Offer(15, 15, 1)
	w.Nearest("walk-15", 1, world.By(travel.Walk, 15))
	w.Without(travel.Car)
	r := run(t, w, atlas.Params{})

	s := r.Summaries[0]
	if want := float64(2 * (31*31 - 265)); s.Missing != want || s.People != 2*31*31 || !s.Known {
		t.Errorf("missing %v of %v people, want %v of %v", s.Missing, s.People, want, 2*31*31)
	}
	l := &r.Layers[0]
	for y := range 31 {
		for x := range 31 {
			steps := abs(x-15) + abs(y-15)
			c := w.Cell(x, y)
			if got := l.State[c] == atlas.CellMet; got != (steps <= 11) {
				t.Errorf("cell %d,%d is %d steps away: met = %v", x, y, steps, got)
			}
			// Up to twice the limit (22 steps) the time is known; beyond it nothing is.
			want := int32(travel.Unreached)
			if steps <= 22 {
				want = int32(80 * steps)
			}
			if l.Seconds[c] != want {
				t.Errorf("cell %d,%d: %d s, want %d", x, y, l.Seconds[c], want)
			}
			short := math.Max(0, math.Min(1, (float64(80*steps)/900-1)/(2-1)))
			if math.Abs(float64(l.Shortfall[c])-short) > 1e-6 {
				t.Errorf("cell %d,%d: shortfall %v, want %v", x, y, l.Shortfall[c], short)
			}
		}
	}
	// The four corners are one area: they hang together along the edges? No: the diamond reaches 4 cells short of
	// each edge's middle, so the ring is closed and there is one finding.
	if len(r.Findings) != 1 || r.Findings[0].Cause != atlas.CauseTooFar || r.Findings[0].People != s.Missing {
		t.Errorf("findings: %+v", r.Findings)
	}
}

func abs(v int) int { return max(v, -v) }

// Powers of two tell who was reached: every cell on a street of ten has twice the people of the one before.
func TestPowersOfTwoSayWhoMisses(t *testing.T) {
	w := world.New(30, 1)
	for x := range 10 {
		w.Settle(3*x, 0, float32(int(1)<<x))
	}
	w.Offer(0, 0, 1)
	w.Nearest("walk-15", 1, world.By(travel.Walk, 15)) // 11 cells: x = 0, 3, 6, 9
	w.Without(travel.Car)
	r := run(t, w, atlas.Params{})
	if want := float64(1<<10 - 1<<4); r.Summaries[0].Missing != want {
		t.Errorf("missing %b, want %b", int(r.Summaries[0].Missing), int(want))
	}
}

// The second nearest place counts places, not ways: one place by two ways is one place.
func TestSecondNearestCountsPlacesOnce(t *testing.T) {
	w := world.New(20, 1)
	w.Settle(0, 0, 5)
	w.Offer(2, 0, 1)
	w.Offer(15, 0, 1)
	w.Nearest("two", 2, world.By(travel.Walk, 15), world.By(travel.Bike, 5))
	r := run(t, w, atlas.Params{})
	if r.Layers[0].State[0] != atlas.CellMissed {
		t.Error("one place within reach by two ways passed for two places")
	}
	w.Snap.Standards = nil
	w.Nearest("two", 2, world.By(travel.Walk, 15), world.By(travel.Bike, 6)) // 15 steps of 24 s = 360 s
	r = run(t, w, atlas.Params{})
	if r.Layers[0].State[0] != atlas.CellMet || r.Layers[0].Seconds[0] != 360 {
		t.Errorf("state %v after %v s, want met after 360 s", r.Layers[0].State[0], r.Layers[0].Seconds[0])
	}
}

// Each cause has a town of its own: people at (0,0), a place at (5,0), and one thing in between.
func TestCauses(t *testing.T) {
	type town = *world.Town
	for _, c := range []struct {
		name  string
		want  atlas.Cause
		build func(town)
	}{
		{"met", atlas.CauseNone, func(w town) {
			w.Nearest("s", 1, world.By(travel.Walk, 15))
		}},
		{"steps on the way", atlas.CauseOnlySteps, func(w town) {
			w.River(3, travel.WalkNoSteps)
			w.Nearest("s", 1, world.By(travel.WalkNoSteps, 15))
		}},
		{"steps at the door", atlas.CauseOnlySteps, func(w town) {
			w.Snap.Offers[0].StepFree = region.No
			w.Nearest("s", 1, world.By(travel.WalkNoSteps, 15))
		}},
		{"unknown whether there are steps counts as none", atlas.CauseNone, func(w town) {
			w.Snap.Offers[0].StepFree = region.Unknown
			w.Nearest("s", 1, world.By(travel.WalkNoSteps, 15))
		}},
		{"not entitled", atlas.CauseOnlyElsewhere, func(w town) {
			other := w.Area("other", region.Municipality, -1, 3, 0, w.W, w.H)
			w.Snap.Offers[0].ServiceAreas = []int32{other}
			w.Nearest("s", 1, world.By(travel.Walk, 15))
		}},
		{"entitled by district", atlas.CauseNone, func(w town) {
			w.Snap.Offers[0].ServiceAreas = []int32{1}
			w.Nearest("s", 1, world.By(travel.Walk, 15))
		}},
		{"not in the evening", atlas.CauseOnlyOtherTime, func(w town) {
			w.Bus(world.Line{Stops: [][2]int{{0, 0}, {5, 0}}, Hop: 120, First: 6 * 3600, Last: 19 * 3600})
			w.Nearest("s", 1, world.ByBus(5, 20*3600, 18*3600))
		}},
		{"by car", atlas.CauseOnlyCar, func(w town) {
			w.Nearest("s", 1, world.By(travel.Walk, 5))
		}},
		{"by nothing", atlas.CauseTooFar, func(w town) {
			w.River(3, travel.Walk, travel.Car)
			w.Nearest("s", 1, world.By(travel.Walk, 15))
		}},
		{"used up", atlas.CauseUsedUp, func(w town) {
			w.PerThousand("s", 101, world.By(travel.Walk, 15)) // 1 place for 10 people = 100 per 1,000
		}},
		{"just enough", atlas.CauseNone, func(w town) {
			w.PerThousand("s", 100, world.By(travel.Walk, 15))
		}},
		{"no capacity in reach", atlas.CauseOnlyCar, func(w town) {
			w.PerThousand("s", 100, world.By(travel.Walk, 5))
		}},
		// Precedence: steps before entitlement is tested on its own: with both in the way neither alone is the cause.
		{"steps and not entitled", atlas.CauseTooFar, func(w town) {
			other := w.Area("other", region.Municipality, -1, 3, 0, w.W, w.H)
			w.Snap.Offers[0].ServiceAreas = []int32{other}
			w.River(3, travel.WalkNoSteps)
			w.Nearest("s", 1, world.By(travel.WalkNoSteps, 15))
		}},
		{"a closed place is none", atlas.CauseTooFar, func(w town) {
			w.Snap.Offers[0].Capacity = 0
			w.Offer(19, 0, 1)
			w.Without(travel.Car)
			w.Nearest("s", 1, world.By(travel.Walk, 15))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := world.New(20, 1)
			w.Settle(0, 0, 10)
			w.Offer(5, 0, 1)
			c.build(w)
			r := run(t, w, atlas.Params{})
			if got := r.Layers[0].Cause[0]; got != c.want {
				t.Errorf("cause %v, want %v", got, c.want)
			}
			if got := r.Summaries[0].MissingByCause[c.want]; c.want != atlas.CauseNone && got != 10 {
				t.Errorf("%v people with cause %v, want 10", got, c.want)
			}
		})
	}
}

// Two towns share one street; the only places lie in the western one.
func TestWallsTellWhatTheNeighbourIsWorth(t *testing.T) {
	w := world.New(20, 1)
	w.SettleAll(1)
	w.Area("east", region.Municipality, -1, 10, 0, 20, 1)
	w.Offer(9, 0, 1)
	w.Nearest("s", 1, world.By(travel.Walk, 8)) // six steps: cells 3 to 15
	w.Without(travel.Car)
	s := run(t, w, atlas.Params{}).Summaries[0]
	if s.Missing != 7 || s.Walls != 6 {
		t.Errorf("missing %v, further missing with walls %v; want 7 and 6 (cells 10 to 15)", s.Missing, s.Walls)
	}
}

// Without any municipality there are no borders to make walls of.
func TestNoBordersNoWalls(t *testing.T) {
	w := world.New(5, 1)
	w.SettleAll(1)
	w.Offer(2, 0, 1)
	for i := range w.Snap.Cells.Municipality {
		w.Snap.Cells.Municipality[i] = -1
	}
	w.Nearest("s", 1, world.By(travel.Walk, 15))
	if s := run(t, w, atlas.Params{}).Summaries[0]; s.Walls != 0 || s.Missing != 0 {
		t.Errorf("missing %v, walls %v", s.Missing, s.Walls)
	}
}

// One place with capacity 6 in the middle of a street of three cells with 1,000 people each. With a limit of three
// minutes (180 s) the neighbours stand at a share of 80/180 = 0.44, in the middle third with weight 0.68, so the
// demand is 1000 + 2·680 = 2360 and access 6000/2360 = 2.542 and 0.68 times that per 1,000.
func TestAccessByHand(t *testing.T) {
	w := world.New(3, 1)
	w.SettleAll(1000)
	w.Offer(1, 0, 6)
	w.PerThousand("s", 2, world.By(travel.Walk, 3))
	l := run(t, w, atlas.Params{}).Layers[0]
	want := 6000.0 / 2360
	for i, factor := range []float64{0.68, 1, 0.68} {
		if math.Abs(float64(l.Access[i])-factor*want) > 1e-5 {
			t.Errorf("cell %d: access %v, want %v", i, l.Access[i], factor*want)
		}
	}
	if l.State[0] != atlas.CellMissed || l.State[1] != atlas.CellMet || l.Cause[0] != atlas.CauseUsedUp {
		t.Errorf("states %v, causes %v", l.State, l.Cause)
	}
	if got, want := float64(l.Shortfall[0]), 1-0.68*want/2; math.Abs(got-want) > 1e-6 {
		t.Errorf("shortfall %v, want %v", got, want)
	}
}

// Unknown capacities stand at the median of the known ones and are counted as unknown.
func TestUnknownCapacityIsTheMedian(t *testing.T) {
	w := world.New(4, 1)
	w.Settle(0, 0, 1000)
	for _, c := range []float64{1, 2, 9, math.NaN()} {
		w.Offer(0, 0, c)
	}
	w.PerThousand("s", 14, world.By(travel.Walk, 15))
	r := run(t, w, atlas.Params{})
	if got := r.Layers[0].Access[0]; math.Abs(float64(got)-14) > 1e-5 {
		t.Errorf("access %v, want 1+2+9+2 = 14", got)
	}
	if got := r.Summaries[0].Data; got.CapacityKnown != 0.75 || got.ConfirmedInTime != 1 || got.Offers != 4 {
		t.Errorf("completeness %+v", got)
	}
}

// Confirmed on 2026-04-12, every 180 days, seen on 2026-05-12; one never, one at the last day, one a day too late.
func TestConfirmedInTime(t *testing.T) {
	w := world.New(4, 1)
	w.Settle(0, 0, 1000)
	for _, on := range []string{"2026-04-12", "", "2025-11-13", "2025-11-12"} {
		w.Offer(0, 0, 1).ConfirmedOn = on
	}
	w.Nearest("s", 1, world.By(travel.Walk, 15))
	if got := run(t, w, atlas.Params{}).Summaries[0].Data.ConfirmedInTime; got != 0.5 {
		t.Errorf("confirmed in time %v, want 0.5", got)
	}
}

// A broader category holds the offers of the narrower ones, not the other way round.
func TestCategoriesNest(t *testing.T) {
	w := world.New(4, 1)
	w.Settle(0, 0, 1000)
	w.Snap.Categories = []region.Category{{Key: "care"}, {Key: "doctor", Parent: "care"}, {Key: "children's doctor", Parent: "doctor"}}
	w.Offer(0, 0, 1).Categories = []int32{1}
	for i := range w.Snap.Categories {
		w.Nearest(w.Snap.Categories[i].Key, 1, world.By(travel.Walk, 15))
		w.Snap.Standards[i].Category = int32(i)
	}
	r := run(t, w, atlas.Params{})
	if !r.Summaries[0].Known || !r.Summaries[1].Known || r.Summaries[0].Missing+r.Summaries[1].Missing != 0 {
		t.Errorf("broader categories: %+v", r.Summaries[:2])
	}
	if r.Summaries[2].Known {
		t.Error("a category without any offer passed for known")
	}
}
