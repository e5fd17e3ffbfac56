package geo

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"pgregory.net/rapid"
)

func TestProjectionsAreTheirOwnInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := LonLat{rapid.Float64Range(-10, 28).Draw(t, "lon"), rapid.Float64Range(-80, 84).Draw(t, "lat")}
		for name, q := range map[string]LonLat{
			"UTM32": FromUTM32(ToUTM32(p)), "LAEA": FromLAEA(ToLAEA(p)),
		} {
			if d := Distance(p, q); !(d < 1e-4) {
				t.Fatalf("%s: %v comes back as %v, %g m away", name, p, q, d)
			}
		}
	})
}

func TestCellNamesAreTheirOwnInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.SampledFrom([]int32{100, 1000, 10000}).Draw(t, "size")
		c := Cell{size, size * rapid.Int32Range(0, 500).Draw(t, "n"), size * rapid.Int32Range(0, 500).Draw(t, "e")}
		got, err := ParseCell(c.String())
		if err != nil || got != c {
			t.Fatalf("%v comes back as %v, %v", c, got, err)
		}
		e, n := ToLAEA(c.Centre())
		if CellAt(e, n, size) != c {
			t.Fatalf("centre of %v lies in %v", c, CellAt(e, n, size))
		}
	})
}

// star draws a polygon around a centre whose radius varies with the angle: simple, any number of corners.
func star(t *rapid.T, lon, lat float64) orb.Ring {
	n := rapid.IntRange(3, 40).Draw(t, "corners")
	var r orb.Ring
	for i := range n {
		a := 2 * math.Pi * float64(i) / float64(n)
		d := rapid.Float64Range(0.01, 1).Draw(t, "radius")
		r = append(r, orb.Point{lon + d*math.Cos(a), lat + d*math.Sin(a)})
	}
	return append(r, r[0])
}

// The independent answer is orb/planar, which walks all edges of one polygon.
func TestLocatorAgreesWithPlainSearch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var areas []orb.MultiPolygon
		for range rapid.IntRange(1, 5).Draw(t, "areas") {
			lon, lat := rapid.Float64Range(6, 8).Draw(t, "lon"), rapid.Float64Range(51, 52).Draw(t, "lat")
			areas = append(areas, orb.MultiPolygon{{star(t, lon, lat)}})
		}
		l := NewLocator(areas)
		for range 50 {
			p := LonLat{rapid.Float64Range(5, 9).Draw(t, "x"), rapid.Float64Range(50, 53).Draw(t, "y")}
			var want []int32
			onBorder := false
			for i, a := range areas {
				onBorder = onBorder || planar.DistanceFrom(orb.LineString(a[0][0]), orb.Point{p.Lon, p.Lat}) < 1e-9
				if planar.MultiPolygonContains(a, orb.Point{p.Lon, p.Lat}) {
					want = append(want, int32(i))
				}
			}
			if onBorder {
				continue // the two answers may differ there, and both are right
			}
			got := l.At(p, nil)
			if len(got) != len(want) {
				t.Fatalf("%v: got %v, want %v", p, got, want)
			}
			first := int32(-1)
			for i := range got {
				if got[i] != want[i] {
					t.Fatalf("%v: got %v, want %v", p, got, want)
				}
				first = want[0]
			}
			if l.First(p) != first {
				t.Fatalf("first of %v is %d", want, l.First(p))
			}
		}
	})
}

// Two areas that share a border, and points exactly on it: every point inside the outer border has one owner.
func TestPointsOnASharedBorderHaveOneOwner(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "bends")
		border := orb.Ring{}
		for i := range n + 1 {
			border = append(border, orb.Point{rapid.Float64Range(-0.4, 0.4).Draw(t, "bend"), float64(i) / float64(n)})
		}
		west := append(append(orb.Ring{}, border...), orb.Point{-1, 1}, orb.Point{-1, 0})
		east := orb.Ring{{1, 0}, {1, 1}}
		for i := len(border) - 1; i >= 0; i-- {
			east = append(east, border[i])
		}
		l := NewLocator([]orb.MultiPolygon{{{west}}, {{east}}})
		i := rapid.IntRange(0, n-1).Draw(t, "edge")
		f := rapid.Float64Range(0, 0.999).Draw(t, "along")
		a, b := border[i], border[i+1]
		p := LonLat{a[0] + f*(b[0]-a[0]), a[1] + f*(b[1]-a[1])}
		if got := l.At(p, nil); len(got) != 1 {
			t.Fatalf("%v belongs to %v", p, got)
		}
	})
}
