package reach_test

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"gevor/internal/realdata"
	"gevor/reach"
)

// chicago is the census tracts of greater Chicago with straight distances between their projected points.
type chicago struct {
	id       []string
	pop, doc []float64
	x, y     []float64
	fca      map[string][]float64 // columns of ref_fca_euclid_doc.csv by geoid
	raam     map[string]float64
}

func table(t *testing.T, path string) [][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

func number(t *testing.T, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func loadChicago(t *testing.T) *chicago {
	dir := realdata.Dir(t, "chicago")
	raw, err := os.ReadFile(filepath.Join(dir, "chicago_metro_docs_dentists.geojson"))
	if err != nil {
		t.Fatal(err)
	}
	var fc struct {
		Features []struct {
			Properties map[string]any
			Geometry   struct{ Coordinates []float64 }
		}
	}
	if err := json.Unmarshal(raw, &fc); err != nil {
		t.Fatal(err)
	}
	c := &chicago{fca: map[string][]float64{}, raam: map[string]float64{}}
	at := map[string][2]float64{}
	for _, f := range fc.Features {
		id := ""
		switch v := f.Properties["geoid"].(type) {
		case string:
			id = v
		case float64:
			id = strconv.FormatInt(int64(v), 10)
		}
		at[id] = [2]float64{f.Geometry.Coordinates[0], f.Geometry.Coordinates[1]}
	}
	docs := map[string]float64{}
	for _, r := range table(t, filepath.Join(dir, "chicago_metro_docs_dentists.csv")) {
		docs[r[0]] = number(t, r[1])
	}
	for _, r := range table(t, filepath.Join(dir, "chicago_metro_pop.csv")) {
		p, ok := at[r[0]]
		if !ok {
			t.Fatalf("tract %s has no point", r[0])
		}
		c.id = append(c.id, r[0])
		c.pop = append(c.pop, number(t, r[1]))
		c.doc = append(c.doc, docs[r[0]])
		c.x, c.y = append(c.x, p[0]), append(c.y, p[1])
	}
	for _, r := range table(t, filepath.Join(dir, "ref_fca_euclid_doc.csv")) {
		row := make([]float64, 0, 4)
		for _, s := range r[1:] {
			row = append(row, number(t, s))
		}
		c.fca[r[0]] = row
	}
	for _, r := range table(t, filepath.Join(dir, "ref_raam_euclid_doc.csv")) {
		c.raam[r[0]] = number(t, r[1])
	}
	return c
}

func (c *chicago) matrix(within float64) *reach.Sparse[float64] {
	b := reach.NewBuilder[float64](len(c.id))
	for i := range c.id {
		var to []int32
		var cost []float64
		for j := range c.id {
			if d := math.Hypot(c.x[i]-c.x[j], c.y[i]-c.y[j]); d <= within {
				to, cost = append(to, int32(j)), append(cost, d)
			}
		}
		b.Add(to, cost)
	}
	return b.Done()
}

// Reference values: pysal/access on the same Euclidean distances, see the README of the data.
func TestChicago(t *testing.T) {
	c := loadChicago(t)
	if len(c.fca) != len(c.id) {
		t.Fatalf("reference has %d tracts, population %d", len(c.fca), len(c.id))
	}
	m := c.matrix(60000)
	steps, err := reach.Steps(reach.Step{UpTo: 5000, Weight: 1}, reach.Step{UpTo: 10000, Weight: .68}, reach.Step{UpTo: 15000, Weight: .22})
	if err != nil {
		t.Fatal(err)
	}
	for col, k := range []struct {
		name      string
		decay     reach.Decay
		selection reach.Selection
	}{
		{"2SFCA", reach.Within(10000), reach.NoSelection},
		{"E2SFCA", steps, reach.NoSelection},
		{"Gaussian", reach.Gaussian(5000, 15000), reach.NoSelection},
		{"3SFCA among all", steps, reach.AmongAll},
	} {
		access, _ := reach.Floating(m, c.pop, c.doc, k.decay, k.selection)
		worst := 0.0
		for i, id := range c.id {
			worst = max(worst, math.Abs(access[i]-c.fca[id][col]))
		}
		t.Logf("%s: largest difference %.3g over %d tracts", k.name, worst, len(c.id))
		if !(worst <= 1e-6) {
			t.Errorf("%s differs by %g", k.name, worst)
		}
	}
	// The textbook variant is another measure: it must differ, or the selection does nothing.
	textbook, _ := reach.Floating(m, c.pop, c.doc, steps, reach.AmongSupplied)
	differ := 0
	for i, id := range c.id {
		if math.Abs(textbook[i]-c.fca[id][3]) > 1e-6 {
			differ++
		}
	}
	if differ == 0 {
		t.Error("3SFCA among supplied places equals 3SFCA among all")
	}
}

func TestRaamChicago(t *testing.T) {
	c := loadChicago(t)
	m := c.matrix(250000)
	got, err := reach.Raam(m, c.pop, c.doc, reach.RaamOptions{Tau: 100000})
	if err != nil {
		t.Fatal(err)
	}
	worst, sum, n := 0.0, 0.0, 0
	for i, id := range c.id {
		want, ok := c.raam[id]
		if !ok {
			if !math.IsNaN(got[i]) {
				t.Errorf("tract %s without demand has access %v", id, got[i])
			}
			continue
		}
		d := math.Abs(got[i]-want) / want
		worst, sum, n = max(worst, d), sum+d, n+1
	}
	t.Logf("largest difference %.3f %%, mean %.3f %% over %d tracts", 100*worst, 100*sum/float64(n), n)
	if n != len(c.raam) || worst > 0.01 {
		t.Errorf("compared %d of %d tracts, largest difference %.3f %%", n, len(c.raam), 100*worst)
	}
}
