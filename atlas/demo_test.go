package atlas_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"gevor/atlas"
	"gevor/internal/demo"
	"gevor/region"
)

// demoRegion writes a demo region and reads it back through the front door.
func demoRegion(t *testing.T, o demo.Options) (*region.Snapshot, atlas.Truth) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "region")
	if err := demo.Write(context.Background(), dir, o); err != nil {
		t.Fatal(err)
	}
	files := os.DirFS(dir)
	d, err := region.ReadDescription(files)
	if err != nil {
		t.Fatal(err)
	}
	snap, err := region.Build(context.Background(), files, d, region.Options{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(dir, "truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	truth, err := atlas.ReadTruth(f, "truth.json")
	if err != nil {
		t.Fatal(err)
	}
	return snap, truth
}

func analysed(t *testing.T, snap *region.Snapshot, p atlas.Params) *atlas.Result {
	t.Helper()
	r, err := atlas.Analyse(context.Background(), snap, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The planted gaps of regions that nobody has seen before are recovered, by the rule in docs/methods.md.
func TestPlantedGapsAreRecovered(t *testing.T) {
	for range 3 {
		seed := rand.Uint64N(1 << 31)
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			snap, truth := demoRegion(t, demo.Options{Seed: seed, People: 20_000})
			r := analysed(t, snap, atlas.Params{Workers: 2, WalkKmh: snap.WalkKmh})
			e := atlas.Evaluate(truth, r)
			t.Logf("planted %d, reported %d, precision %.3f, recall %.3f, false in gap-free places %d, decoys hit %d",
				e.Planted, e.Reported, e.Precision, e.Recall, e.FalseInGapFree, e.OnDecoys)
			if e.Planted == 0 || e.Precision < 0.9 || e.Recall < 0.9 {
				t.Errorf("missed %+v\nfalse %+v", e.Missed, e.False)
			}
			if one := analysed(t, snap, atlas.Params{Workers: 1, WalkKmh: snap.WalkKmh}); shown(one) != shown(r) {
				t.Error("one worker and two give different results")
			}
		})
	}
}

// shown writes a result out, without the snapshot.
func shown(r *atlas.Result) string {
	c := *r
	c.Snapshot = nil
	return fmt.Sprintf("%v", c)
}

// Where nothing is planted, nothing is found.
func TestNoGapsNoFindings(t *testing.T) {
	seed := rand.Uint64N(1 << 31)
	snap, truth := demoRegion(t, demo.Options{Seed: seed, People: 20_000, NoGaps: true})
	e := atlas.Evaluate(truth, analysed(t, snap, atlas.Params{Workers: 2, WalkKmh: snap.WalkKmh}))
	t.Logf("seed %d: reported %d, decoys hit %d", seed, e.Reported, e.OnDecoys)
	if e.Planted != 0 || e.FalseInGapFree != 0 {
		t.Errorf("seed %d: %+v", seed, e)
	}
}

// The same region a year later, with a practice closed: findings keep their names, and the new one has its own.
func TestNamesSurviveAClosure(t *testing.T) {
	snap, _ := demoRegion(t, demo.Options{Seed: 1, People: 20_000})
	first := analysed(t, snap, atlas.Params{Workers: 2})
	later := *snap
	later.Offers = append([]region.Offer(nil), snap.Offers...)
	for i := range later.Offers {
		if later.Categories[later.Offers[i].Categories[0]].Key == "apotheke" {
			later.Offers[i].Capacity = 0 // closed
			break
		}
	}
	second := analysed(t, &later, atlas.Params{Workers: 2, Previous: previous(first, "h1")})
	kept := map[string]bool{}
	for _, f := range second.Findings {
		kept[f.ID] = f.Since == "h1"
	}
	for _, f := range first.Findings {
		if !kept[f.ID] {
			t.Errorf("%s (%s) lost its name", f.ID, f.Cause)
		}
	}
	for i := range first.Summaries {
		if second.Summaries[i].Missing < first.Summaries[i].Missing {
			t.Errorf("standard %d: fewer people miss it after a closure", i)
		}
	}
}
