package atlas_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"gevor/atlas"
	"gevor/internal/world"
	"gevor/region"
	"gevor/travel"
)

// randomTown draws a small town of two municipalities with a nearest-place and a capacity standard. All
// capacities are known, so that nothing is imputed.
func randomTown(t *rapid.T) *world.Town {
	w := world.New(rapid.IntRange(2, 9).Draw(t, "w"), rapid.IntRange(1, 6).Draw(t, "h"))
	w.Area("east", region.Municipality, -1, w.W/2, 0, w.W, w.H)
	for y := range w.H {
		for x := range w.W {
			if rapid.IntRange(0, 2).Draw(t, "settled") > 0 {
				w.Settle(x, y, float32(rapid.IntRange(1, 9).Draw(t, "people")))
			}
		}
	}
	for range rapid.IntRange(2, 6).Draw(t, "offers") {
		randomOffer(t, w)
	}
	for range rapid.IntRange(0, 3).Draw(t, "barriers") {
		w.River(rapid.IntRange(1, w.W-1).Draw(t, "river"), rapid.SampledFrom([]travel.Mode{travel.Walk, travel.WalkNoSteps, travel.Car, travel.Bike}).Draw(t, "closed"))
	}
	mode := rapid.SampledFrom([]travel.Mode{travel.Walk, travel.WalkNoSteps, travel.Bike})
	minutes := rapid.IntRange(1, 9)
	w.Nearest("nearest", rapid.IntRange(1, 3).Draw(t, "k"), world.By(mode.Draw(t, "mode"), minutes.Draw(t, "minutes")), world.By(travel.Walk, minutes.Draw(t, "minutes")))
	w.PerThousand("capacity", rapid.Float64Range(1, 900).Draw(t, "per thousand"), world.By(mode.Draw(t, "mode"), minutes.Draw(t, "minutes")), world.By(travel.Car, 1))
	return w
}

func randomOffer(t *rapid.T, w *world.Town) {
	o := w.Offer(rapid.IntRange(0, w.W-1).Draw(t, "x"), rapid.IntRange(0, w.H-1).Draw(t, "y"), float64(rapid.IntRange(1, 9).Draw(t, "capacity")))
	if rapid.IntRange(0, 3).Draw(t, "restricted") == 0 {
		o.ServiceAreas = []int32{rapid.SampledFrom([]int32{0, 1, 2}).Draw(t, "for")}
	}
	o.StepFree = rapid.SampledFrom([]region.Tristate{region.Yes, region.No, region.Unknown}).Draw(t, "step-free")
}

func TestMoreSupplyNeverWorsensAccess(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := randomTown(rt)
		before := run(t, w, atlas.Params{})
		if rapid.Bool().Draw(rt, "new place") {
			randomOffer(rt, w)
		} else {
			w.Snap.Offers[0].Capacity += 3
		}
		notWorse(rt, before, run(t, w, atlas.Params{}))
	})
}

// notWorse says that nobody lost anything from one run to the next.
func notWorse(t *rapid.T, before, after *atlas.Result) {
	for s := range before.Layers {
		a, b := &before.Layers[s], &after.Layers[s]
		for i := range a.State {
			if a.State[i] == atlas.CellMet && b.State[i] == atlas.CellMissed {
				t.Fatalf("standard %d: cell %d was met and is missed", s, i)
			}
			if b.Shortfall[i] > a.Shortfall[i]+1e-6 {
				t.Fatalf("standard %d: shortfall of cell %d rose from %v to %v", s, i, a.Shortfall[i], b.Shortfall[i])
			}
		}
	}
}

func TestClosingAnOfferNeverLowersMissing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := randomTown(rt)
		before := run(t, w, atlas.Params{})
		w.Snap.Offers = slices.Delete(w.Snap.Offers, 0, 1)
		notWorse(rt, run(t, w, atlas.Params{}), before)
	})
}

// Suppressing a cell takes its people out of every figure and worsens nothing for the others.
func TestSuppressionOnlyRemoves(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := randomTown(rt)
		before := run(t, w, atlas.Params{})
		x, y := rapid.IntRange(0, w.W-1).Draw(rt, "x"), rapid.IntRange(0, w.H-1).Draw(rt, "y")
		gone := float64(w.Snap.Groups[0].People[w.Cell(x, y)])
		w.Suppress(x, y)
		after := run(t, w, atlas.Params{})
		for s := range after.Summaries {
			if after.Layers[s].State[w.Cell(x, y)] != atlas.CellUnknown || after.Summaries[s].Suppressed != 1 {
				rt.Fatal("the suppressed cell is not unknown")
			}
			if got := before.Summaries[s].People - after.Summaries[s].People; got != gone {
				rt.Fatalf("%v people went, want %v", got, gone)
			}
			if after.Summaries[s].Missing > before.Summaries[s].Missing {
				rt.Fatalf("missing rose from %v to %v", before.Summaries[s].Missing, after.Summaries[s].Missing)
			}
		}
		for _, f := range after.Findings {
			if slices.Contains(f.Cells, w.Cell(x, y)) {
				rt.Fatal("a finding holds a suppressed cell")
			}
		}
	})
}

// Real walls (every place only for its own municipality) give what Walls foretells, for the nearest place.
func TestWallsForetellWhatRealWallsWouldDo(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := randomTown(rt)
		for i := range w.Snap.Offers {
			w.Snap.Offers[i].ServiceAreas = nil
		}
		before := run(t, w, atlas.Params{}).Summaries
		for i := range w.Snap.Offers {
			w.Snap.Offers[i].ServiceAreas = []int32{w.Snap.Offers[i].Municipality}
		}
		after := run(t, w, atlas.Params{}).Summaries
		if want := before[0].Missing + before[0].Walls; after[0].Missing != want {
			rt.Fatalf("walls leave %v without, foretold were %v + %v", after[0].Missing, before[0].Missing, before[0].Walls)
		}
		if after[0].Walls != 0 || after[1].Walls != 0 {
			rt.Fatal("walls beside walls change something")
		}
	})
}

// Every missed person has one cause, and every missed cell belongs to one finding of its standard.
func TestFindingsPartitionWhatIsMissed(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := randomTown(rt)
		r := run(t, w, atlas.Params{Bridge: 150, FragmentShare: rapid.Float64Range(0.01, 0.99).Draw(rt, "fragments")})
		for s := range r.Layers {
			byCause, inFindings := 0.0, 0.0
			for _, p := range r.Summaries[s].MissingByCause {
				byCause += p
			}
			holder := map[int32]string{}
			for _, f := range r.Findings {
				if f.Standard != int32(s) {
					continue
				}
				inFindings += f.People
				if !slices.IsSorted(f.Cells) {
					rt.Fatal("cells out of order")
				}
				for _, c := range f.Cells {
					if holder[c] != "" || r.Layers[s].State[c] != atlas.CellMissed {
						rt.Fatalf("cell %d in %s and %s, state %v", c, holder[c], f.ID, r.Layers[s].State[c])
					}
					holder[c] = f.ID
				}
				if want := f.People * f.Shortfall * f.Need; math.Abs(f.Score-want) > 1e-9 {
					rt.Fatalf("score %v, want %v", f.Score, want)
				}
				for _, m := range f.Remedies {
					if !(m.Closes > 0) || m.Closes > f.People+1e-9 {
						rt.Fatalf("remedy %+v closes none or more than all %v", m, f.People)
					}
				}
			}
			missing := r.Summaries[s].Missing
			if byCause != missing || inFindings != missing || r.Summaries[s].MissingByCause[0] != 0 {
				rt.Fatalf("missing %v, by cause %v, in findings %v", missing, byCause, inFindings)
			}
		}
		if !slices.IsSortedFunc(r.Findings, func(a, b atlas.Finding) int { return int(math.Copysign(1, b.Score-a.Score)) }) {
			rt.Fatal("findings are not ranked")
		}
	})
}

// The nearest standard agrees with counting places one by one, straight from the town's own search.
func TestNearestAgainstCounting(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := randomTown(rt)
		r := run(t, w, atlas.Params{})
		s := &w.Snap.Standards[0]
		for i := range w.Snap.Cells.Len() {
			if w.Snap.Groups[0].People[i] == 0 {
				continue
			}
			reached := 0
			for _, o := range w.Snap.Offers {
				if o.ServiceAreas != nil && o.ServiceAreas[0] != w.Snap.Cells.Municipality[i] && o.ServiceAreas[0] != w.Snap.Cells.District[i] {
					continue
				}
				at := slices.Index(w.Snap.Cells.At, o.At)
				if slices.ContainsFunc(s.Ways, func(way region.Way) bool {
					return int(w.Times(way.Mode, 0, i)[at]) <= way.Minutes*60 && (way.Mode != travel.WalkNoSteps || o.StepFree != region.No)
				}) {
					reached++
				}
			}
			if got := r.Layers[0].State[i] == atlas.CellMet; got != (reached >= s.Nearest) {
				rt.Fatalf("cell %d reaches %d of %d places: met = %v", i, reached, s.Nearest, got)
			}
		}
	})
}

// Enlarging a place by what its remedy says makes as many people meet the standard as the remedy says.
func TestEnlargementKeepsItsPromise(t *testing.T) {
	kept := 0
	rapid.Check(t, func(rt *rapid.T) {
		w := randomTown(rt)
		for i := range w.Snap.Offers {
			w.Snap.Offers[i].ServiceAreas = nil
			w.Snap.Offers[i].StepFree = region.Yes
		}
		r := run(t, w, atlas.Params{})
		for _, f := range r.Findings {
			if f.Standard != 1 || f.Cause != atlas.CauseUsedUp || f.CauseShares[atlas.CauseUsedUp] < 1 {
				continue
			}
			for _, m := range f.Remedies {
				if m.Kind != atlas.RemedyExtend {
					continue
				}
				was := w.Snap.Offers[m.Offer].Capacity
				w.Snap.Offers[m.Offer].Capacity += m.Capacity * (1 + 1e-9)
				after := run(t, w, atlas.Params{})
				w.Snap.Offers[m.Offer].Capacity = was
				closed := 0.0
				for _, c := range f.Cells {
					if after.Layers[1].State[c] == atlas.CellMet {
						closed += float64(w.Snap.Groups[0].People[c])
					}
				}
				if closed < m.Closes {
					rt.Fatalf("%+v closed %v only", m, closed)
				}
				kept++
			}
		}
	})
	if kept == 0 {
		t.Error("no remedy was put to the test")
	}
}

func TestUnknownGroupYieldsNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := randomTown(rt)
		w.Snap.Groups[0] = region.Group{Key: "unknown", State: region.GroupUnknown, Need: 1}
		r := run(t, w, atlas.Params{})
		if len(r.Findings) != 0 {
			rt.Fatalf("findings about an unknown group: %+v", r.Findings)
		}
		for s, sum := range r.Summaries {
			if sum.Known || sum.Missing != 0 || sum.People != 0 {
				rt.Fatalf("summary of an unknown group: %+v", sum)
			}
			if slices.ContainsFunc(r.Layers[s].State, func(c atlas.CellState) bool { return c != atlas.CellUnknown }) {
				rt.Fatal("a cell of an unknown group is not unknown")
			}
		}
		if len(r.Notices) == 0 {
			rt.Fatal("nothing says why")
		}
	})
}

func TestSameInputSameResult(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := randomTown(rt)
		a, b := run(t, w, atlas.Params{Workers: 1}), run(t, w, atlas.Params{Workers: 4})
		a.Snapshot, b.Snapshot = nil, nil
		if x, y := fmt.Sprintf("%v", a), fmt.Sprintf("%v", b); x != y {
			rt.Fatalf("two runs differ:\n%s\n%s", x, y)
		}
	})
}
