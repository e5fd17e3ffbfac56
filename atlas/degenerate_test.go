package atlas_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"gevor/atlas"
	"gevor/fault"
	"gevor/internal/world"
	"gevor/region"
	"gevor/travel"
)

// rules lists the notices of a run.
func rules(r *atlas.Result) []string {
	var out []string
	for _, n := range r.Notices {
		out = append(out, n.Rule)
	}
	return out
}

// What cannot be judged is unknown, says why and yields no finding.
func TestWhatCannotBeJudged(t *testing.T) {
	for _, c := range []struct {
		rule  string
		build func(w *world.Town)
	}{
		{"category-without-offers", func(w *world.Town) {
			w.Snap.Offers = nil
			w.Nearest("s", 1, world.By(travel.Walk, 15))
		}},
		{"mode-unavailable", func(w *world.Town) {
			w.Without(travel.Transit)
			w.Nearest("s", 1, world.By(travel.Walk, 1), world.ByBus(30, 36000, -1))
		}},
		{"capacity-unknown", func(w *world.Town) {
			w.Snap.Offers[0].Capacity = math.NaN()
			w.PerThousand("s", 1, world.By(travel.Walk, 15))
		}},
		{"group-unknown", func(w *world.Town) {
			w.Snap.Groups[0].State = region.GroupUnknown
			w.Nearest("s", 1, world.By(travel.Walk, 1))
		}},
	} {
		w := world.New(20, 1)
		w.SettleAll(10)
		w.Offer(0, 0, 1)
		c.build(w)
		r := run(t, w, atlas.Params{})
		if r.Summaries[0].Known || len(r.Findings) > 0 || !slices.Equal(rules(r), []string{c.rule}) {
			t.Errorf("%s: known %v, findings %d, notices %v", c.rule, r.Summaries[0].Known, len(r.Findings), rules(r))
		}
		if line := r.Profiles[0].Standards[0]; line.Known || line.Missing != 0 {
			t.Errorf("%s: profile %+v", c.rule, line)
		}
	}
}

func TestNobodyAndNothing(t *testing.T) {
	w := world.New(3, 1)
	w.Offer(0, 0, 1)
	w.Nearest("s", 1, world.By(travel.Walk, 15))
	w.PerThousand("c", 1, world.By(travel.Walk, 15))
	for _, s := range run(t, w, atlas.Params{}).Summaries {
		if s.People != 0 || s.Missing != 0 || !s.Known {
			t.Errorf("an empty town: %+v", s)
		}
	}
	w.Snap.Standards = nil
	if r := run(t, w, atlas.Params{}); len(r.Layers) != 0 || len(r.Findings) != 0 || len(r.Profiles) != 1 {
		t.Errorf("no standards: %+v", r)
	}
	empty := world.New(0, 0)
	empty.Nearest("s", 1, world.By(travel.Walk, 15))
	if r := run(t, empty, atlas.Params{}); len(r.Findings) != 0 || len(r.Layers[0].State) != 0 {
		t.Errorf("no cells: %+v", r)
	}
}

// A cell off every street is unknown and said so, not a gap; an offer off every street is said so.
func TestOffTheNetwork(t *testing.T) {
	w := world.New(30, 1)
	w.Settle(0, 0, 10)
	w.Settle(1, 0, 10)
	w.OffStreet(1, 0)
	w.OffStreet(20, 0)
	w.Offer(2, 0, 1)
	w.Offer(20, 0, 1)
	w.Nearest("s", 1, world.By(travel.Walk, 15))
	r := run(t, w, atlas.Params{})
	s := r.Summaries[0]
	if s.OffNetwork != 1 || s.People != 10 || s.Missing != 0 || r.Layers[0].State[1] != atlas.CellUnknown {
		t.Errorf("%+v", s)
	}
	if got := rules(r); !slices.Equal(got, []string{"cells-off-network", "offers-off-network"}) {
		t.Errorf("notices %v", got)
	}
}

// Zero, suppressed and missing are three things, and none of them is people.
func TestStatesOfCells(t *testing.T) {
	w := world.New(4, 1)
	w.Settle(0, 0, 10)
	w.Suppress(1, 0)
	w.Snap.Groups[0].Flag[2] = region.Missing
	w.Offer(3, 0, 1)
	w.Nearest("s", 1, world.By(travel.Walk, 1))
	l := run(t, w, atlas.Params{}).Layers[0]
	if want := []atlas.CellState{atlas.CellMissed, atlas.CellUnknown, atlas.CellUnknown, atlas.CellEmpty}; !slices.Equal(l.State, want) {
		t.Errorf("states %v, want %v", l.State, want)
	}
}

func TestSourcesMustBeCleared(t *testing.T) {
	w := world.New(3, 1)
	w.Snap.Sources[0].Status = "draft"
	_, err := atlas.Analyse(context.Background(), w.Snap, atlas.Params{Journeys: w}, nil)
	if fault.KindOf(err) != fault.Denied {
		t.Errorf("error %v", err)
	}
}

func TestParams(t *testing.T) {
	for _, p := range []atlas.Params{
		{WalkKmh: -1},
		{FarFactor: 1},
		{FragmentShare: 1},
		{MinPeople: math.NaN()},
		{Workers: -1},
		{CatchmentWeights: [3]float64{1, 0.2, 0.5}},
		{CatchmentWeights: [3]float64{0, 0, math.NaN()}},
	} {
		if _, err := p.Filled(); fault.KindOf(err) != fault.Invalid || err == nil {
			t.Errorf("%+v: %v", p, err)
		}
	}
	p, err := atlas.Params{}.Filled()
	if err != nil || p.WalkKmh != 4.5 || p.MinPeople != 30 || p.CatchmentWeights != [3]float64{1, 0.68, 0.22} {
		t.Errorf("%+v, %v", p, err)
	}
}

// A run that is called off ends with the reason.
func TestCancelled(t *testing.T) {
	w := world.New(5, 5)
	w.SettleAll(1)
	w.Offer(0, 0, 1)
	w.Nearest("s", 1, world.By(travel.Walk, 1))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := atlas.Analyse(ctx, w.Snap, atlas.Params{Journeys: w}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// Progress never passes its total, and ends there.
func TestProgressEnds(t *testing.T) {
	w := world.New(60, 20)
	w.SettleAll(1)
	w.Offer(0, 0, 1)
	w.Nearest("s", 1, world.By(travel.Walk, 1))
	w.PerThousand("c", 1, world.By(travel.Bike, 3))
	last := map[string][2]int64{}
	_, err := atlas.Analyse(context.Background(), w.Snap, atlas.Params{Journeys: w}, func(stage string, done, total int64) {
		if was := last[stage]; done < was[0] || done > total {
			t.Errorf("%s: %d of %d after %d", stage, done, total, was[0])
		}
		last[stage] = [2]int64{done, total}
	})
	if err != nil {
		t.Fatal(err)
	}
	for stage, l := range last {
		if l[0] != l[1] {
			t.Errorf("%s ended at %d of %d", stage, l[0], l[1])
		}
	}
	if _, ok := last["reach"]; !ok {
		t.Error("no progress at all")
	}
}
