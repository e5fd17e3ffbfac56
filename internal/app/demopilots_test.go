package app

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/paulmach/orb"

	"gevor/alliance"
	"gevor/effect"
	"gevor/indicator"
	"gevor/internal/demo"
	"gevor/notice"
	"gevor/region"
	"gevor/spatial"
)

// plantedMeasure is a measure of truth.json.
type plantedMeasure struct {
	Kind     demo.PilotKind
	District string
}

// TestPlantedMeasuresAreJudged draws demo regions and holds their planted measures against published figures, as the pages
// do: one that works is seen, one that does nothing is not called one that does, one that only moves the problem is found
// out by its neighbours. The truth is read from truth.json. Twin: the measure that does nothing.
func TestPlantedMeasuresAreJudged(t *testing.T) {
	const regions = 3
	improved, displaced := map[demo.PilotKind]int{}, map[demo.PilotKind]int{}
	for seed := range uint64(regions) {
		dir := filepath.Join(t.TempDir(), "region")
		if err := demo.Write(t.Context(), dir, demo.Options{Seed: seed + 1, People: 150_000}); err != nil {
			t.Fatal(err)
		}
		raw, err := os.ReadFile(filepath.Join(dir, "truth.json"))
		if err != nil {
			t.Fatal(err)
		}
		var truth struct{ Measures []plantedMeasure }
		if err := json.Unmarshal(raw, &truth); err != nil || len(truth.Measures) != 3 {
			t.Fatalf("%v %+v", err, truth)
		}
		figures, composition := publishedFigures(t, dir)
		near := touchingDistricts(t, dir)
		start, ok := indicator.ParsePeriod(demo.PilotStart)
		if !ok {
			t.Fatal(demo.PilotStart)
		}
		var all []alliance.Yardstick
		for _, m := range truth.Measures {
			all = append(all, alliance.Yardstick{Measure: string(m.Kind), Dataset: demo.PilotDataset, Areas: []string{m.District}, Start: start, Worthwhile: 10})
		}
		for i, m := range truth.Measures {
			study, _, err := all[i].Study(figures, composition, near, all)
			if err != nil {
				t.Fatal(err)
			}
			r, err := effect.Judge(study, all[i].Options(study.Counts))
			if err != nil {
				t.Fatal(err)
			}
			if r.Verdict == effect.Improved {
				improved[m.Kind]++
			}
			if r.Displaced() {
				displaced[m.Kind]++
			}
		}
	}
	t.Logf("figure: planted measures in %d demo regions: called improved where one works %d, where it does nothing %d, where it moves the problem %d, of these found out %d",
		regions, improved[demo.PilotWorks], improved[demo.PilotNothing], improved[demo.PilotMoves], displaced[demo.PilotMoves])
	if improved[demo.PilotWorks] < 2 || improved[demo.PilotNothing] > 1 || displaced[demo.PilotMoves] < 2 || displaced[demo.PilotWorks] > 1 {
		t.Errorf("improved %v, displaced %v", improved, displaced)
	}
}

// publishedFigures puts the statistics of a region through the gate: the dataset of the planted measures, and what tells of
// composition.
func publishedFigures(t *testing.T, dir string) (figures *indicator.Publication, composition []indicator.Part) {
	t.Helper()
	s, err := readStatistics(dir)
	if err != nil {
		t.Fatal(err)
	}
	none := func(string) ([]*indicator.Publication, error) { return nil, nil }
	if err := s.protect(none, func(_, _ int, p *indicator.Publication, _ *indicator.Preview) error {
		d := &p.Dataset
		switch {
		case d.ID == demo.PilotDataset:
			figures = p
		case d.Topic == indicator.Deprivation && d.Level == indicator.Districts:
			composition = append(composition, indicator.Part{Publication: p})
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if figures == nil || len(composition) == 0 {
		t.Fatal("the region has no figures of the planted measures")
	}
	return figures, composition
}

// touchingDistricts names the districts that touch each.
func touchingDistricts(t *testing.T, dir string) map[string][]string {
	t.Helper()
	d, err := region.ReadDescription(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	var shapes []orb.MultiPolygon
	for i := range d.Boundaries {
		if d.Boundaries[i].Kind != region.District {
			continue
		}
		records, err := boundaryFile(dir, &d.Boundaries[i], &notice.List{})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			keys, shapes = append(keys, r.Key), append(shapes, r.Shape)
		}
	}
	w, err := spatial.Contiguity(shapes, false, 1e-5)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for i, key := range keys {
		at, _ := w.Row(i)
		for _, j := range at {
			out[key] = append(out[key], keys[j])
		}
	}
	return out
}
