package spatial_test

import (
	"bytes"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"gevor/fault"
	"gevor/geo"
	"gevor/spatial"
)

func invalid(t *testing.T, what string, err error) {
	t.Helper()
	if err == nil || fault.KindOf(err) != fault.Invalid {
		t.Errorf("%s: %v, want a fault of kind invalid", what, err)
	}
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// grid gives rook neighbours of a map of squares.
func grid(t testing.TB, rows, cols int) *spatial.Weights {
	t.Helper()
	var links []spatial.Link
	for r := range rows {
		for c := range cols {
			at := int32(r*cols + c)
			if c+1 < cols {
				links = append(links, spatial.Link{From: at, To: at + 1, Weight: 1}, spatial.Link{From: at + 1, To: at, Weight: 1})
			}
			if r+1 < rows {
				down := at + int32(cols)
				links = append(links, spatial.Link{From: at, To: down, Weight: 1}, spatial.Link{From: down, To: at, Weight: 1})
			}
		}
	}
	return must(spatial.NewWeights(rows*cols, links))(t)
}

// Three areas: 1→2 weighs 2, 2→1 weighs 1, 1→3 weighs 1, 3 has no own list.
// S0 = 4; S1 = ½((2+1)²·2 + 1²·2) = 10; rows 3, 1, 0 and columns 1, 2, 1 give S2 = 4² + 3² + 1² = 26.
func TestSumsByHand(t *testing.T) {
	w := must(spatial.NewWeights(3, []spatial.Link{{From: 0, To: 1, Weight: 2}, {From: 1, To: 0, Weight: 1}, {From: 0, To: 2, Weight: 1}}))(t)
	if a, b, c := w.Sums(); a != 4 || b != 10 || c != 26 {
		t.Errorf("sums %g %g %g, want 4 10 26", a, b, c)
	}
}

func TestWeightsRefuseNonsense(t *testing.T) {
	for what, l := range map[string][]spatial.Link{
		"an area that is not there":  {{From: 0, To: 5, Weight: 1}},
		"a negative index":           {{From: -1, To: 0, Weight: 1}},
		"an area beside itself":      {{From: 1, To: 1, Weight: 1}},
		"a negative weight":          {{From: 0, To: 1, Weight: -1}},
		"a weight that is no number": {{From: 0, To: 1, Weight: math.NaN()}},
		"an infinite weight":         {{From: 0, To: 1, Weight: math.Inf(1)}},
		"a link that stands twice":   {{From: 0, To: 1, Weight: 1}, {From: 0, To: 1, Weight: 2}},
	} {
		_, err := spatial.NewWeights(3, l)
		invalid(t, what, err)
	}
	p := spatial.Planar([][2]float64{{0, 0}, {0, 0}, {3, 4}})
	_, err := spatial.KNearest(p, 3)
	invalid(t, "as many nearest as places", err)
	_, err = spatial.DistanceBand(p, 0, 0)
	invalid(t, "a band of 0", err)
	_, err = spatial.DistanceBand(p, 10, 1)
	invalid(t, "an infinite weight between two places at one point", err)
	_, err = spatial.Kernel(p, 0, spatial.Gauss)
	invalid(t, "a bandwidth of 0", err)
	_, err = spatial.Kernel(p, 1, "bell")
	invalid(t, "an unknown kernel", err)
}

// Places at 0, 1, 3 and 10 on a line.
func TestDistanceRules(t *testing.T) {
	p := spatial.Planar([][2]float64{{0, 0}, {1, 0}, {3, 0}, {10, 0}})
	rows := func(w *spatial.Weights) (out [][]int32) {
		for i := range w.Len() {
			to, _ := w.Row(i)
			out = append(out, slices.Clone(to))
		}
		return out
	}
	for what, c := range map[string]struct {
		w    *spatial.Weights
		want [][]int32
	}{
		"one nearest":       {must(spatial.KNearest(p, 1))(t), [][]int32{{1}, {0}, {1}, {2}}},
		"one nearest, both": {must(spatial.KNearest(p, 1))(t).Symmetric(), [][]int32{{1}, {0, 2}, {1, 3}, {2}}},
		"band of 2":         {must(spatial.DistanceBand(p, 2, 0))(t), [][]int32{{1}, {0, 2}, {1}, {}}},
		"times": {must(spatial.FromCosts(4, []spatial.Cost{
			{From: 0, To: 1, Value: 9}, {From: 0, To: 1, Value: 5}, {From: 1, To: 1, Value: 0}, {From: 3, To: 2, Value: 8}, {From: 3, To: 0, Value: 5},
		}, 5, 0))(t), [][]int32{{1}, {}, {}, {0}}},
	} {
		got := rows(c.w)
		for i := range got {
			if !slices.Equal(got[i], c.want[i]) {
				t.Errorf("%s: %v, want %v", what, got, c.want)
				break
			}
		}
	}
	_, weight := must(spatial.DistanceBand(p, 3, 2))(t).Row(2) // to 0 and to 1
	near(t, "3⁻²", weight[0], 1./9, 1e-15)
	near(t, "2⁻²", weight[1], 1./4, 1e-15)
	_, weight = must(spatial.Kernel(p, 4, spatial.Epanechnikov))(t).Row(0) // to 1 and to 3
	near(t, "¾(1−1/16)", weight[0], 0.75*15/16, 1e-15)
	near(t, "¾(1−9/16)", weight[1], 0.75*7/16, 1e-15)
	if islands := must(spatial.DistanceBand(p, 2, 0))(t).Islands(); !slices.Equal(islands, []int{3}) {
		t.Errorf("islands %v, want [3]", islands)
	}
}

// Distances on the sphere are those of geo, also where degrees of longitude shrink; a band on both sides of the date
// line holds together.
func TestPlacesOnTheSphere(t *testing.T) {
	at := []geo.LonLat{{Lon: 7, Lat: 51.5}, {Lon: 7.1, Lat: 51.5}, {Lon: 7, Lat: 51.6}, {Lon: -179.99, Lat: 0}, {Lon: 179.99, Lat: 0}}
	p := spatial.OnSphere(at)
	for i := range at {
		for j := range at {
			near(t, "distance", p.Distance(i, j), float64(geo.Distance(at[i], at[j])), 1e-2)
		}
	}
	w := must(spatial.DistanceBand(p, 8000, 0))(t)
	if to, _ := w.Row(0); !slices.Equal(to, []int32{1}) {
		t.Errorf("within 8 km of the first: %v, want [1]", to)
	}
	if to, _ := w.Row(3); !slices.Equal(to, []int32{4}) {
		t.Errorf("across the date line: %v, want [4]", to)
	}
}

// Four unit squares in a block and one apart: by rook's rule each of the block has two neighbours, by queen's three.
func TestContiguityOfSquares(t *testing.T) {
	box := func(x, y float64) orb.MultiPolygon {
		return orb.MultiPolygon{{{{x, y}, {x + 1, y}, {x + 1, y + 1}, {x, y + 1}, {x, y}}}}
	}
	areas := []orb.MultiPolygon{box(0, 0), box(1, 0), box(0, 1), box(1.0000001, 1), box(5, 5)}
	for _, c := range []struct {
		rook bool
		snap float64
		want int
	}{{true, 1e-6, 2}, {false, 1e-6, 3}} {
		w := must(spatial.Contiguity(areas, c.rook, c.snap))(t)
		for i := range 4 {
			if w.Degree(i) != c.want {
				t.Errorf("rook %t: square %d has %d neighbours, want %d", c.rook, i, w.Degree(i), c.want)
			}
		}
		if w.Degree(4) != 0 {
			t.Error("the square apart has neighbours")
		}
	}
	// Without a snap the square that is off by a ten-millionth touches nothing that it should.
	if w := must(spatial.Contiguity(areas, true, 0))(t); w.Degree(3) != 0 {
		t.Errorf("without a snap the fourth square has %d neighbours", w.Degree(3))
	}
}

func TestGAL(t *testing.T) {
	ids, w, err := spatial.ReadGAL(strings.NewReader("0 3 areas id\na 2\nb c\nb 1\na\nc 0\n\n"), "x.gal")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(ids, []string{"a", "b", "c"}) || !reflect.DeepEqual(w.To, []int32{1, 2, 0}) {
		t.Errorf("%v %v", ids, w.To)
	}
	for text, want := range map[string]string{
		"":                        "x.gal:1: the file is empty",
		"none\n":                  "x.gal:1: \"none\" is not a number of areas",
		"2\na 1\nb\nb 1\n":        "x.gal:4: 0 neighbours of \"b\" where 1 are announced",
		"2\na 1\nb\na 1\nb\n":     "x.gal:4: area \"a\" stands twice",
		"2\na 1\nz\nb 0\n":        "x.gal:3: neighbour \"z\" of \"a\" is no area",
		"1\na 1\na\n":             "x.gal:3: \"a\" lists \"a\" twice or lists itself",
		"3\na 0\nb 0\n":           "x.gal:3: 2 areas where the header says 3",
		"2\na b c\n":              "x.gal:2: \"a b c\" is not an id and a number",
		"2\na -1\nb 0\n":          "x.gal:2: \"a -1\" is not an id and a number",
		"2\na 2\nb b\nb 0\n":      "x.gal:3: \"a\" lists \"b\" twice",
		"2\na 1\nb c\nb 0\nc 0\n": "x.gal:3: 2 neighbours of \"a\" where 1 are announced",
	} {
		_, _, err := spatial.ReadGAL(strings.NewReader(text), "x.gal")
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// Whatever comes in ends in weights that write and read back as themselves, or in a message.
func FuzzGAL(f *testing.F) {
	f.Add([]byte("2\na 1\nb\nb 1\na\n"))
	f.Add([]byte("0 1 x y\n7 0\n\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		ids, w, err := spatial.ReadGAL(bytes.NewReader(raw), "x.gal")
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := spatial.WriteGAL(&out, ids, w); err != nil {
			t.Fatal(err)
		}
		again, v, err := spatial.ReadGAL(&out, "y.gal")
		if err != nil || !slices.Equal(ids, again) || !slices.Equal(w.To, v.To) || !slices.Equal(w.First, v.First) {
			t.Fatalf("%v: %v and %v", err, ids, again)
		}
	})
}

// Adjusted p-values of 0.01, 0.04, 0.03 and 0.5 with one area without a test: 0.04, 0.16/3, 0.16/3, 0.5.
func TestFalseDiscoveryByHand(t *testing.T) {
	got := spatial.FalseDiscovery([]float64{0.01, 0.04, math.NaN(), 0.03, 0.5})
	for i, want := range []float64{0.04, 0.16 / 3, math.NaN(), 0.16 / 3, 0.5} {
		if math.IsNaN(want) != math.IsNaN(got[i]) || math.Abs(got[i]-want) > 1e-15 {
			t.Errorf("%d: %g, want %g", i, got[i], want)
		}
	}
}

// What has no answer is refused or empty, never a number.
func TestDegeneratePatterns(t *testing.T) {
	w := grid(t, 3, 3)
	flat := []float64{7, 7, 7, 7, 7, 7, 7, 7, 7}
	nan := slices.Clone(flat)
	nan[3] = math.NaN()
	rising := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9}
	none := must(spatial.NewWeights(9, nil))(t)
	single := must(spatial.NewWeights(1, nil))(t)
	o := spatial.Permutation{Count: 9, Seed: 1}
	type input struct {
		x []float64
		w *spatial.Weights
	}
	for what, in := range map[string]input{
		"constant values": {flat, w}, "a value that is no number": {nan, w}, "no neighbours at all": {rising, none},
		"one area": {[]float64{1}, single}, "too few values": {rising[:8], w},
	} {
		_, err := spatial.Moran(in.x, in.w)
		invalid(t, "Moran, "+what, err)
		_, err = spatial.Geary(in.x, in.w)
		invalid(t, "Geary, "+what, err)
		_, err = spatial.GeneralG(in.x, in.w)
		invalid(t, "G, "+what, err)
		_, err = spatial.LocalMoran(in.x, in.w)
		invalid(t, "local Moran, "+what, err)
		_, err = spatial.LocalG(in.x, in.w)
		invalid(t, "local G, "+what, err)
		_, err = spatial.PermuteLag(in.x, in.w, o)
		invalid(t, "permutation, "+what, err)
		_, err = spatial.PermuteMoran(in.x, in.w, o)
		invalid(t, "permuted Moran, "+what, err)
	}
	_, err := spatial.GeneralG([]float64{-1, 2, 3, 4, 5, 6, 7, 8, 9}, w)
	invalid(t, "G of a negative value", err)
	_, err = spatial.GeneralG([]float64{0, 0, 0, 0, 5, 0, 0, 0, 0}, w)
	invalid(t, "G of a single value above 0", err)

	// An island has no local figure; the others keep theirs.
	island := must(spatial.NewWeights(4, []spatial.Link{{From: 0, To: 1, Weight: 1}, {From: 1, To: 0, Weight: 1}, {From: 2, To: 1, Weight: 1}}))(t)
	x := []float64{1, 5, 2, 9}
	for name, got := range map[string][]spatial.Local{
		"I": must(spatial.LocalMoran(x, island))(t), "G": must(spatial.LocalG(x, island))(t),
	} {
		if !math.IsNaN(got[3].Z) || !math.IsNaN(got[3].Statistic) || math.IsNaN(got[0].Z) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if p := must(spatial.PermuteLag(x, island, o))(t); !math.IsNaN(p[3].P) || math.IsNaN(p[0].P) {
		t.Errorf("permutation: %+v", p)
	}
	// Whoever has all others as neighbours cannot have an unusual neighbourhood.
	all := must(spatial.FromNeighbours([][]int32{{1, 2, 3}, {0, 2}, {0, 1, 3}, {0}}))(t)
	if g := must(spatial.LocalG(x, all))(t); !math.IsNaN(g[0].Z) || math.IsNaN(g[1].Z) {
		t.Errorf("G where all are neighbours: %+v", g)
	}
}
