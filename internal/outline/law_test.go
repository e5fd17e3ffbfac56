package outline

import (
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"pgregory.net/rapid"

	"gevor/geo"
	"gevor/region"
)

func squaresOf(t *rapid.T) []square {
	set := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) square {
		return square{rapid.Int32Range(-4, 4).Draw(t, "x"), rapid.Int32Range(-4, 4).Draw(t, "y")}
	}), 1, 60, rapid.ID).Draw(t, "squares")
	return set
}

// The union covers exactly its squares: the area agrees, and the middle of every square of the field lies inside
// one polygon if and only if the square was given.
func TestUnionCoversExactlyItsSquares(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		squares := squaresOf(t)
		polygons := dissolve(squares)
		given := map[square]bool{}
		for _, s := range squares {
			given[s] = true
		}
		var area int64
		m := orb.MultiPolygon{}
		for _, p := range polygons {
			var q orb.Polygon
			for i, r := range p {
				if (area2(r) > 0) != (i == 0) {
					t.Fatalf("ring %d of %v turns the wrong way", i, p)
				}
				area += area2(r)
				simple(t, r)
				o := orb.Ring{}
				for _, v := range r {
					o = append(o, orb.Point{float64(v.x), float64(v.y)})
				}
				q = append(q, o)
			}
			m = append(m, q)
		}
		if area != 2*int64(len(squares)) {
			t.Fatalf("area %d/2, want %d", area, len(squares))
		}
		for x := int32(-6); x <= 6; x++ {
			for y := int32(-6); y <= 6; y++ {
				in := planar.MultiPolygonContains(m, orb.Point{float64(x) + 0.5, float64(y) + 0.5})
				if in != given[square{x, y}] {
					t.Fatalf("middle of %d,%d inside %v, given %v", x, y, in, given[square{x, y}])
				}
			}
		}
	})
}

func simple(t *rapid.T, r ring) {
	if len(r) < 5 || r[0] != r[len(r)-1] {
		t.Fatalf("ring %v is not closed", r)
	}
	seen := map[vertex]bool{}
	for _, v := range r[:len(r)-1] {
		if seen[v] {
			t.Fatalf("ring %v passes %v twice", r, v)
		}
		seen[v] = true
	}
}

func TestUnionDoesNotDependOnTheOrderOfSquares(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		squares := squaresOf(t)
		mixed := rapid.Permutation(squares).Draw(t, "mixed")
		a, b := dissolve(squares), dissolve(mixed)
		if len(a) != len(b) {
			t.Fatalf("%d polygons against %d", len(a), len(b))
		}
		for i := range a {
			if len(a[i]) != len(b[i]) {
				t.Fatalf("polygon %d: %d rings against %d", i, len(a[i]), len(b[i]))
			}
			for j := range a[i] {
				for k := range a[i][j] {
					if a[i][j][k] != b[i][j][k] {
						t.Fatalf("polygon %d ring %d differs", i, j)
					}
				}
			}
		}
	})
}

func TestPiecesOfPointsNeverOverlap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) geo.LonLat {
			return geo.LonLat{Lon: -51.2 + rapid.Float64Range(0, 0.05).Draw(t, "lon"), Lat: -30 + rapid.Float64Range(0, 0.05).Draw(t, "lat")}
		}), 2, 40).Draw(t, "points")
		r := halfSpacing(at)
		for i := range at {
			for j := range i {
				if d := geo.Distance(at[i], at[j]); d > 2*minRadius && d < (r[i]+r[j])*0.999 {
					t.Fatalf("points %v and %v are %.1f m apart, radii %.1f and %.1f", at[i], at[j], d, r[i], r[j])
				}
			}
		}
	})
}

func TestCellOfAGridIsItsSquare(t *testing.T) {
	cells := &region.Cells{
		ID: []string{"a", "b", "c"}, East: []int32{4100000, 4100100, 4100200}, North: []int32{3100000, 3100000, 3100000}, SizeM: 100,
		At: []geo.LonLat{geo.FromLAEA(4100050, 3100050), geo.FromLAEA(4100150, 3100050), geo.FromLAEA(4100250, 3100050)},
	}
	s := New(cells)
	union := s.Union([]int32{0, 1})
	if len(union) != 1 || len(union[0]) != 1 || len(union[0][0]) != 5 {
		t.Fatalf("two neighbours make one rectangle, got %v", union)
	}
	if !planar.PolygonContains(s.Cell(1), orb.Point{cells.At[1].Lon, cells.At[1].Lat}) {
		t.Fatal("a cell holds its own middle")
	}
	if c := s.Centre([]int32{2, 1, 0}); c != cells.At[1] {
		t.Fatalf("the middle of three cells in a row is the centre, got %v", c)
	}
}
