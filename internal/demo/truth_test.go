package demo

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// published gives column of a grid file by cell; a dash is nothing.
func publishedColumn(t *testing.T, dir, file, column string) map[string]float64 {
	t.Helper()
	out := map[string]float64{}
	for _, x := range table(t, open(t, dir, "zensus", file), ';') {
		n, err := strconv.Atoi(x[column])
		if err != nil {
			n = 0
		}
		out[x["GITTER_ID_100m"]] = float64(n)
	}
	return out
}

func readTruth(t *testing.T, dir string) truth {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	var out truth
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// The truth names every cause, only cells of the grid, and as many people as the published grids have there.
func TestTruthFitsThePublishedFigures(t *testing.T) {
	dir := region(t, Options{Seed: 11, People: 20_000})
	grids := map[string]map[string]float64{
		"alle":       publishedColumn(t, dir, "Zensus2022_Bevoelkerungszahl_100m-Gitter.csv", "Einwohner"),
		"kinder_u10": publishedColumn(t, dir, "Zensus2022_Alter_in_10er-Jahresgruppen_100m-Gitter.csv", "Unter10"),
		"ab_65":      publishedColumn(t, dir, "Zensus2022_Alter_in_5_Altersklassen_100m-Gitter.csv", "a65undaelter"),
	}
	tr := readTruth(t, dir)
	causes := map[string]bool{}
	taken := map[string]string{} // standard and cell to gap
	for _, g := range tr.Gaps {
		causes[g.Cause] = true
		if g.People < 60 {
			t.Errorf("%s (%s) has only %v people", g.ID, g.Standard, g.People)
		}
		sum := 0.0
		for _, c := range g.Cells {
			if _, ok := grids["alle"][c]; !ok {
				t.Errorf("%s holds %s, where nobody lives", g.ID, c)
			}
			if other := taken[g.Standard+c]; other != "" {
				t.Errorf("%s and %s share %s", g.ID, other, c)
			}
			taken[g.Standard+c] = g.ID
			if grid := grids[g.Group]; grid != nil {
				if grid[c] < 3 {
					t.Errorf("%s has a hole at %s", g.ID, c)
				}
				sum += grid[c]
			}
		}
		if grids[g.Group] != nil && math.Abs(sum-g.People) > 0.05 {
			t.Errorf("%s has %v people, the grid %v", g.ID, g.People, sum)
		}
	}
	for _, c := range []string{tooFar, usedUp, onlyCar, onlyElsewhere, onlySteps, onlyOtherTime} {
		if !causes[c] {
			t.Errorf("no gap with the cause %s", c)
		}
	}
	if len(tr.Decoys) == 0 {
		t.Error("no decoys")
	}
}

func TestNoGapsMeansNone(t *testing.T) {
	tr := readTruth(t, region(t, Options{Seed: 11, People: 20_000, NoGaps: true}))
	if len(tr.Gaps) != 0 || len(tr.Decoys) == 0 {
		t.Errorf("%d gaps and %d decoys", len(tr.Gaps), len(tr.Decoys))
	}
}

// Whatever the seed, a world is found whose gaps are felt and that lacks nothing else: makeWorld checks both.
func TestEverySeedGivesAWorld(t *testing.T) {
	for seed := range uint64(12) {
		for _, noGaps := range []bool{false, true} {
			w, err := makeWorld(context.Background(), Options{Seed: seed * 7919, People: 18_000 + int(seed)*1_900, NoGaps: noGaps})
			if err != nil {
				t.Errorf("seed %d, no gaps %v: %v", seed*7919, noGaps, err)
				continue
			}
			sum := 0
			for _, n := range w.q.total {
				sum += int(n)
			}
			if sum != w.o.People {
				t.Errorf("seed %d has %d people instead of %d", seed, sum, w.o.People)
			}
		}
	}
}

// A defect that is planted on purpose must be noticed: the check is no formality.
func TestChecksNoticeDefects(t *testing.T) {
	w, err := makeWorld(context.Background(), Options{Seed: 1, People: 20_000})
	if err != nil {
		t.Fatal(err)
	}
	f := newFinder(w.d.network)
	gaugeOf := func(offers []offer) *gauge {
		s := newSupplier(w.p, w.d, w.q, f)
		s.offers = offers
		return newGauge(s, w.lines)
	}
	if green, err := gaugeOf(w.offers).unplanned(); err != nil || len(green) > 0 {
		t.Fatalf("the world as drawn: %v, %v", green, err)
	}
	var without []offer
	for _, o := range w.offers {
		if t := &w.p.towns[o.town]; o.category != pharmacy || t.core {
			without = append(without, o)
		}
	}
	if _, err := gaugeOf(without).unplanned(); err == nil {
		t.Error("villages without pharmacies went unnoticed")
	}
	s := newSupplier(w.p, w.d, w.q, f)
	s.offers = append(s.offers, w.offers...)
	for i := range w.p.towns {
		if w.p.towns[i].site == pharmacyByCar {
			s.put(pharmacy, s.middle(i))
		}
	}
	if _, err := newGauge(s, w.lines).unplanned(); err == nil {
		t.Error("a pharmacy in the middle of a planted gap went unnoticed")
	}
}

func TestApportionAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weight := rapid.SliceOfN(rapid.Float64Range(0.01, 10), 1, 200).Draw(t, "weight")
		total := rapid.IntRange(3*len(weight), 100*len(weight)).Draw(t, "total")
		sum := 0
		for _, n := range apportion(weight, total, 3) {
			if n < 3 {
				t.Fatalf("a share of %d", n)
			}
			sum += int(n)
		}
		if sum != total {
			t.Fatalf("shares add up to %d instead of %d", sum, total)
		}
	})
}
