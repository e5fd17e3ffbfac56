package atlas_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"gevor/atlas"
	"gevor/internal/demo"
	"gevor/internal/world"
	"gevor/region"
	"gevor/travel"
)

// fatal is what tests and drawn tests have in common.
type fatal interface {
	Helper()
	Fatalf(format string, args ...any)
}

// drawScenario draws a change, and makes the same change by hand in a copy of the snapshot.
func drawScenario(t *rapid.T, w *world.Town) (atlas.Scenario, *region.Snapshot) {
	after := *w.Snap
	after.Offers = slices.Clone(w.Snap.Offers)
	c := atlas.Scenario{Capacity: map[int32]float64{}}
	for i := range after.Offers {
		switch rapid.IntRange(0, 5).Draw(t, "change") {
		case 0:
			c.Close = append(c.Close, int32(i))
			after.Offers[i].Capacity = 0
		case 1:
			c.Capacity[int32(i)] = float64(rapid.IntRange(0, 12).Draw(t, "to"))
			after.Offers[i].Capacity = c.Capacity[int32(i)]
		}
	}
	for range rapid.IntRange(0, 2).Draw(t, "opened") {
		cell := w.Cell(rapid.IntRange(0, w.W-1).Draw(t, "x"), rapid.IntRange(0, w.H-1).Draw(t, "y"))
		o := region.Offer{ID: "new", Categories: []int32{0}, At: w.Snap.Cells.At[cell], Capacity: float64(rapid.IntRange(1, 9).Draw(t, "capacity")), StepFree: rapid.SampledFrom([]region.Tristate{region.Yes, region.No}).Draw(t, "step-free")}
		if rapid.IntRange(0, 3).Draw(t, "capacity unknown") == 0 {
			o.Capacity = math.NaN()
		}
		c.Open = append(c.Open, o)
		o.Municipality = w.Snap.Cells.Municipality[cell]
		after.Offers = append(after.Offers, o)
	}
	return c, &after
}

func whatIf(t fatal, base *atlas.Result, p atlas.Params, c atlas.Scenario) []atlas.Effect {
	t.Helper()
	known, err := atlas.Collect(context.Background(), base.Snapshot, p, nil)
	if err != nil {
		t.Fatalf("%v", err)
	}
	e, err := atlas.WhatIf(context.Background(), base, known, p, c, nil)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return e
}

// differs says where an effect is not what an analysis found, "" where they agree to the bit.
func differs(e *atlas.Effect, l *atlas.Layer) string {
	for i, s := range l.State {
		switch {
		case e.State[i] != s:
			return "state"
		case math.Float32bits(e.Access[i]) != math.Float32bits(l.Access[i]) && e.Access[i] == e.Access[i]:
			return "access"
		case s == atlas.CellMet && e.Seconds[i] != l.Seconds[i]:
			return "seconds"
		}
	}
	return ""
}

// sums counts gain and loss from two analyses.
func sums(snap *region.Snapshot, before, after *atlas.Layer) (gain, lose map[int32]float64) {
	gain, lose = map[int32]float64{}, map[int32]float64{}
	g := &snap.Groups[snap.Standards[before.Standard].Group]
	for i, was := range before.State {
		switch now := after.State[i]; {
		case was == atlas.CellMissed && now == atlas.CellMet:
			gain[snap.Cells.District[i]] += float64(g.People[i])
		case was == atlas.CellMet && now == atlas.CellMissed:
			lose[snap.Cells.District[i]] += float64(g.People[i])
		}
	}
	return gain, lose
}

func sameSums(t fatal, snap *region.Snapshot, e *atlas.Effect, before, after *atlas.Layer) {
	t.Helper()
	gain, lose := sums(snap, before, after)
	gains, losses := 0, 0
	total := 0.0
	for _, d := range e.Districts {
		if gain[d.Area] != d.Gain || lose[d.Area] != d.Lose {
			t.Fatalf("district %d: %v gain and %v lose, two runs say %v and %v", d.Area, d.Gain, d.Lose, gain[d.Area], lose[d.Area])
		}
		if d.Gain > 0 {
			gains++
		}
		if d.Lose > 0 {
			losses++
		}
		total += d.Gain - d.Lose
	}
	if len(gain) != gains || len(lose) != losses {
		t.Fatalf("%d districts gain and %d lose, two runs say %d and %d", gains, losses, len(gain), len(lose))
	}
	if e.Total.Unknown == 0 && math.Abs(e.Before.Missing-e.After.Missing-total) > 1e-9 {
		t.Fatalf("missing goes from %v to %v, but %v more meet the standard", e.Before.Missing, e.After.Missing, total)
	}
}

// A what-if finds for every cell what an analysis of the changed offers finds, to the bit, and standards it leaves
// out do not change. As a control, the run without the change differs in some of the drawn towns.
func TestWhatIfEqualsAnalysis(t *testing.T) {
	felt := 0
	rapid.Check(t, func(t *rapid.T) {
		w := randomTown(t)
		for i := range w.Snap.Offers {
			if rapid.IntRange(0, 3).Draw(t, "capacity unknown") == 0 {
				w.Snap.Offers[i].Capacity = math.NaN()
			}
		}
		if rapid.Bool().Draw(t, "bus") {
			w.Bus(world.Line{Stops: [][2]int{{0, 0}, {w.W - 1, w.H - 1}}, Hop: 60, First: 6 * 3600, Last: 22 * 3600})
			w.Nearest("bus", 1, world.ByBus(3, 9*3600, -1), world.By(travel.Walk, 2))
		}
		p := atlas.Params{Journeys: w, MinPeople: 1}
		base, err := atlas.Analyse(context.Background(), w.Snap, p, nil)
		if err != nil {
			t.Fatal(err)
		}
		c, changed := drawScenario(t, w)
		if len(c.Close)+len(c.Capacity)+len(c.Open) == 0 {
			return
		}
		after, err := atlas.Analyse(context.Background(), changed, p, nil)
		if err != nil {
			t.Fatal(err)
		}
		effects := whatIf(t, base, p, c)
		if len(effects) != len(w.Snap.Standards) {
			t.Fatalf("%d of %d standards are concerned", len(effects), len(w.Snap.Standards))
		}
		compared, err := atlas.Compare(base, after)
		if err != nil || len(compared) != len(effects) {
			t.Fatalf("%d comparisons, %v", len(compared), err)
		}
		for i := range effects {
			e := &effects[i]
			if c := &compared[i]; c.Standard != e.Standard || c.Known != e.Known || c.Known && (c.Total.Gain != e.Total.Gain || c.Total.Lose != e.Total.Lose || c.Before != e.Before || c.After != e.After) {
				t.Fatalf("standard %d: two runs compared say %+v, the what-if %+v", e.Standard, c.Total, e.Total)
			}
			if d := differs(e, &after.Layers[e.Standard]); d != "" {
				t.Fatalf("standard %d: the %s of the what-if is not that of the analysis", e.Standard, d)
			}
			sameSums(t, w.Snap, e, &base.Layers[e.Standard], &after.Layers[e.Standard])
			if differs(e, &base.Layers[e.Standard]) != "" {
				felt++
			}
		}
	})
	if felt == 0 {
		t.Error("no change was felt in any town, so this test shows nothing")
	}
	t.Logf("figure: %d effects differ from the run without the change", felt)
}

// The same on a demo region with streets and timetable: a pharmacy closes, a capacity doubles, a place opens.
func TestWhatIfEqualsAnalysisOfADemoRegion(t *testing.T) {
	snap, _ := demoRegion(t, demo.Options{Seed: 5, People: 20_000})
	p := atlas.Params{Workers: 2, WalkKmh: snap.WalkKmh}
	base := analysed(t, snap, p)
	known, err := atlas.Collect(context.Background(), snap, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	felt := 0
	for category := range snap.Categories {
		var of []int32
		for i, o := range snap.Offers {
			if slices.Contains(o.Categories, int32(category)) {
				of = append(of, int32(i))
			}
		}
		if len(of) < 2 {
			continue
		}
		changed := *snap
		changed.Offers = slices.Clone(snap.Offers)
		c := atlas.Scenario{Close: of[:1], Capacity: map[int32]float64{of[1]: 7}}
		changed.Offers[of[0]].Capacity, changed.Offers[of[1]].Capacity = 0, 7
		cell := (category + 1) * 7919 % snap.Cells.Len()
		o := region.Offer{ID: "new", Categories: []int32{int32(category)}, At: snap.Cells.At[cell], Capacity: 2, Municipality: snap.Cells.Municipality[cell]}
		c.Open = []region.Offer{o}
		changed.Offers = append(changed.Offers, o)
		after := analysed(t, &changed, p)
		effects, err := atlas.WhatIf(context.Background(), base, known, p, c, nil)
		if err != nil {
			t.Fatal(err)
		}
		concerned := map[int32]bool{}
		for i := range effects {
			e := &effects[i]
			concerned[e.Standard] = true
			if d := differs(e, &after.Layers[e.Standard]); d != "" {
				t.Errorf("%s: the %s of the what-if is not that of the analysis", snap.Standards[e.Standard].Key, d)
			}
			sameSums(t, snap, e, &base.Layers[e.Standard], &after.Layers[e.Standard])
			if differs(e, &base.Layers[e.Standard]) != "" {
				felt++
			}
		}
		for s := range after.Layers {
			if !concerned[int32(s)] && !slices.Equal(after.Layers[s].State, base.Layers[s].State) {
				t.Errorf("%s changes and was left out", snap.Standards[s].Key)
			}
		}
	}
	if felt == 0 {
		t.Error("no change was felt, so this test shows nothing")
	}
	t.Logf("figure: %d effects differ from the run without the change", felt)
}
