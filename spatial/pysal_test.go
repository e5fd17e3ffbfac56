package spatial_test

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/paulmach/orb"

	"gevor/internal/realdata"
	"gevor/spatial"
)

// invented gives the areas of testdata/pysal_areas and what public Python packages say of them; bench/peers/pysal.py
// makes both.
func invented(t testing.TB) (areas map[string][]string, w *spatial.Weights, want map[string]float64) {
	t.Helper()
	areas = table(t, filepath.Join("testdata", "pysal_areas.csv"))
	_, w = gal(t, filepath.Join("testdata", "pysal_areas.gal"))
	values := table(t, filepath.Join("testdata", "pysal_values.csv"))
	want = map[string]float64{}
	for i, v := range numbers(t, values["value"]) {
		want[values["name"][i]] = v
	}
	return areas, w, want
}

// One area of the invented ones has no neighbours; PySAL, as we, keeps it in n.
func TestGlobalAgainstPySAL(t *testing.T) {
	areas, w, want := invented(t)
	x := numbers(t, areas["value"])
	for style, w := range map[string]*spatial.Weights{"R": w.RowStandardised(), "B": w} {
		i, err := spatial.Moran(x, w)
		if err != nil {
			t.Fatal(err)
		}
		c, err := spatial.Geary(x, w)
		if err != nil {
			t.Fatal(err)
		}
		for name, got := range map[string]float64{
			"moran_" + style: i.Statistic, "moran_" + style + "_var_norm": i.Normal.Variance, "moran_" + style + "_var_rand": i.Random.Variance,
			"geary_" + style: c.Statistic, "geary_" + style + "_var_norm": c.Normal.Variance, "geary_" + style + "_var_rand": c.Random.Variance,
		} {
			near(t, name, got, want[name], 1e-12)
		}
	}
}

func TestSmoothersAgainstPySAL(t *testing.T) {
	areas, w, _ := invented(t)
	ref := table(t, filepath.Join("testdata", "pysal_rates.csv"))
	cases, people := numbers(t, areas["cases"]), numbers(t, areas["people"])
	global, err := spatial.Marshall(cases, people)
	if err != nil {
		t.Fatal(err)
	}
	local, err := spatial.LocalMarshall(cases, people, w)
	if err != nil {
		t.Fatal(err)
	}
	g, l := numbers(t, ref["marshall"]), numbers(t, ref["local"])
	for i := range cases {
		near(t, "global, area "+areas["id"][i], global[i].Value, g[i], 1e-12)
		near(t, "local, area "+areas["id"][i], local[i].Value, l[i], 1e-12)
	}
}

func TestInequalityAgainstPySAL(t *testing.T) {
	areas, _, want := invented(t)
	x, people := numbers(t, areas["value"]), numbers(t, areas["people"])
	got := map[string]float64{}
	for suffix, w := range map[string][]float64{"": nil, "_people": people} {
		g, err := spatial.Gini(x, w)
		if err != nil {
			t.Fatal(err)
		}
		th, err := spatial.TheilIndex(x, w, areas["group"])
		if err != nil {
			t.Fatal(err)
		}
		got["gini"+suffix], got["theil"+suffix] = g, th.Total
		got["theil"+suffix+"_between"] = th.Between
		if suffix == "" {
			got["theil_within"] = th.Within
		}
	}
	for name, v := range got {
		near(t, name, v, want[name], 1e-12)
	}
}

// Concentration index by the covariance over people one by one, slope index by numpy's least squares.
func TestInequalityAgainstPython(t *testing.T) {
	areas, _, want := invented(t)
	x, people, rank := numbers(t, areas["value"]), numbers(t, areas["people"]), numbers(t, areas["rank"])
	c, err := spatial.ConcentrationIndex(x, rank, people, spatial.Bounds{Least: 0, Largest: 30})
	if err != nil {
		t.Fatal(err)
	}
	g, err := spatial.SlopeIndex(x, rank, people)
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]float64{
		"concentration": c.Index, "concentration_wagstaff": c.Wagstaff, "concentration_erreygers": c.Erreygers,
		"slope_index": g.Slope, "slope_error": g.Error, "relative_index": g.Ratio,
	} {
		near(t, name, got, want[name], 1e-10)
	}
}

func TestSegregationAgainstPySAL(t *testing.T) {
	areas, _, want := invented(t)
	s, err := spatial.Segregate(numbers(t, areas["minority"]), numbers(t, areas["people"]), spatial.Permutation{})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "dissimilarity", s.Dissimilarity, want["dissimilarity"], 1e-12)
	near(t, "isolation", s.Isolation, want["isolation"], 1e-12)
	near(t, "exposure", s.Exposure, want["exposure"], 1e-12)
}

// polygons reads the outlines of an ESRI shape file: a header of 100 bytes, then for every record its number and length
// (big endian) and type, box, numbers of parts and points, starts of parts, points (little endian).
func polygons(t testing.TB, path string) []orb.MultiPolygon {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	u32 := func(at int) int { return int(binary.LittleEndian.Uint32(raw[at:])) }
	var out []orb.MultiPolygon
	for at := 100; at < len(raw); at += 8 + 2*int(binary.BigEndian.Uint32(raw[at+4:])) {
		record := at + 8
		parts, points := u32(record+36), u32(record+40)
		var area orb.MultiPolygon
		for p := range parts {
			end := points
			if p+1 < parts {
				end = u32(record + 44 + 4*(p+1))
			}
			var ring orb.Ring
			for k := u32(record + 44 + 4*p); k < end; k++ {
				xy := record + 44 + 4*parts + 16*k
				ring = append(ring, orb.Point{
					math.Float64frombits(binary.LittleEndian.Uint64(raw[xy:])), math.Float64frombits(binary.LittleEndian.Uint64(raw[xy+8:])),
				})
			}
			area = append(area, orb.Polygon{ring})
		}
		out = append(out, area)
	}
	return out
}

// By queen's rule the outlines of Columbus give the neighbour list beside them; by rook's rule libpysal 4.14.1 counts
// 200 links.
func TestColumbusContiguity(t *testing.T) {
	dir := realdata.Dir(t, "columbus")
	areas := polygons(t, filepath.Join(dir, "columbus.shp"))
	_, file := gal(t, filepath.Join(dir, "columbus.gal"))
	queen, err := spatial.Contiguity(areas, false, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i := range file.Len() {
		a, _ := queen.Row(i)
		b, _ := file.Row(i)
		if len(a) != len(b) {
			t.Errorf("area %d: %v by outline, %v in the list", i+1, a, b)
			continue
		}
		for k := range a {
			if a[k] != b[k] {
				t.Errorf("area %d: %v by outline, %v in the list", i+1, a, b)
				break
			}
		}
	}
	rook, err := spatial.Contiguity(areas, true, 0)
	if err != nil {
		t.Fatal(err)
	}
	if len(rook.To) != 200 {
		t.Errorf("%d links by rook's rule, want 200", len(rook.To))
	}
	loose, err := spatial.Contiguity(areas, false, 1e-6)
	if err != nil {
		t.Fatal(err)
	}
	if len(loose.To) != len(queen.To) {
		t.Errorf("%d links with a snap of a millionth, %d without", len(loose.To), len(queen.To))
	}
}
