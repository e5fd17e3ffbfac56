package cli

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"gevor/internal/realdata"
)

// chicago writes the census tracts of greater Chicago as plain tables: demand, supply, and the straight distances in
// metres up to a limit, to every tract or to those with doctors only.
func chicago(t *testing.T, data string, upTo float64, onlySupplied bool) (flags []string, ids []string) {
	t.Helper()
	var points struct {
		Features []struct {
			Properties struct{ Geoid json.RawMessage }
			Geometry   struct{ Coordinates [2]float64 }
		}
	}
	if err := json.Unmarshal([]byte(read(t, data, "chicago_metro_docs_dentists.geojson")), &points); err != nil {
		t.Fatal(err)
	}
	at := map[string][2]float64{}
	for _, f := range points.Features {
		at[string(bytes.Trim(f.Properties.Geoid, `"`))] = f.Geometry.Coordinates
	}
	doctors := table(t, read(t, data, "chicago_metro_docs_dentists.csv"), "geoid")
	for id := range table(t, read(t, data, "chicago_metro_pop.csv"), "geoid") {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	matrix, supply := []byte("from,to,cost\n"), []byte("id,value\n")
	for _, id := range ids {
		supply = append(supply, id+","+doctors[id]["doc"]+"\n"...)
	}
	for _, from := range ids {
		for _, to := range ids {
			d := math.Hypot(at[from][0]-at[to][0], at[from][1]-at[to][1])
			if d > upTo || onlySupplied && float(t, doctors[to]["doc"]) == 0 {
				continue
			}
			matrix = append(append(append(append(matrix, from...), ','), to...), ',')
			matrix = append(strconv.AppendFloat(matrix, d, 'g', -1, 64), '\n')
		}
	}
	dir := t.TempDir()
	for name, raw := range map[string][]byte{"matrix.csv": matrix, "supply.csv": supply} {
		if err := os.WriteFile(filepath.Join(dir, name), raw, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return []string{
		"calc", "fca", "--matrix", filepath.Join(dir, "matrix.csv"), "--supply", filepath.Join(dir, "supply.csv"),
		"--demand", filepath.Join(data, "chicago_metro_pop.csv"), // geoid,pop: taken by position
	}, ids
}

const chicagoSteps = "5000:1,10000:0.68,15000:0.22"

// Against pysal/access on the same distances; parameters as the README of the data says.
func TestCatchmentsAgreeWithPysalInChicago(t *testing.T) {
	data := realdata.Dir(t, "chicago")
	flags, ids := chicago(t, data, 15_000, false) // no measure here looks farther
	want := table(t, read(t, data, "ref_fca_euclid_doc.csv"), "geoid")
	for column, measure := range map[string][]string{
		"2sfca_10km":            {"--measure", "2sfca", "--max", "10000"},
		"e2sfca_step_5_10_15km": {"--measure", "e2sfca", "--steps", chicagoSteps},
		"g2sfca_gauss5km":       {"--measure", "gauss", "--sigma", "5000", "--max", "15000"},
		"3sfca_step":            {"--measure", "3sfca", "--steps", chicagoSteps, "--selection", "all"},
	} {
		got := table(t, must(t, append(flags, measure...)...), "id")
		worst := 0.0
		for _, id := range ids {
			worst = max(worst, math.Abs(float(t, got[id]["access"])-float(t, want[id][column])))
		}
		t.Logf("figure: Chicago, %s: largest difference %.1e over %d tracts", column, worst, len(ids))
		if len(got) != len(want) || len(ids) != len(want) || !(worst <= 1e-6) {
			t.Errorf("%s: %d of %d tracts, largest difference %g", column, len(got), len(want), worst)
		}
	}
}

// RAAM is an iterative heuristic: 1 % is agreement. Five tracts without people have no answer.
func TestRaamAgreesWithPysalInChicago(t *testing.T) {
	data := realdata.Dir(t, "chicago")
	flags, ids := chicago(t, data, 250_000, true)
	want := table(t, read(t, data, "ref_raam_euclid_doc.csv"), "")
	got := table(t, must(t, append(flags, "--measure", "raam", "--tau", "100000")...), "id")
	worst, compared := 0.0, 0
	for _, id := range ids {
		w, there := want[id]
		if !there {
			if got[id]["access"] != "" {
				t.Errorf("tract %s without people has access %s", id, got[id]["access"])
			}
			continue
		}
		compared++
		expected := float(t, w["RAAM"])
		worst = max(worst, math.Abs(float(t, got[id]["access"])-expected)/expected)
	}
	t.Logf("figure: Chicago, RAAM: largest difference %.3f %% over %d tracts", 100*worst, compared)
	if compared != len(want) || !(worst <= 0.01) {
		t.Errorf("%d of %d tracts, largest difference %.3f %%", compared, len(want), 100*worst)
	}
}
