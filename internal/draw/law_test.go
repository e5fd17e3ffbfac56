package draw

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"gevor/geo"
	"gevor/region"
)

func boxes(t *rapid.T) geo.Box {
	lon, lat := rapid.Float64Range(-170, 170).Draw(t, "lon"), rapid.Float64Range(-70, 70).Draw(t, "lat")
	return geo.Box{MinLon: lon, MinLat: lat, MaxLon: lon + rapid.Float64Range(0, 2).Draw(t, "w"), MaxLat: lat + rapid.Float64Range(0, 2).Draw(t, "h")}
}

func TestAViewHoldsItsBox(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		box := boxes(t)
		v := NewView(box)
		if v.Height < flattest*Width-1 || v.Height > tallest*Width+1 {
			t.Fatalf("height %v", v.Height)
		}
		for _, p := range [][2]float64{{box.MinLon, box.MinLat}, {box.MaxLon, box.MaxLat}} {
			if x, y := v.XY(p[0], p[1]); x < -1 || x > Width+1 || y < -1 || y > v.Height+1 {
				t.Fatalf("%v is drawn at %v, %v outside %v x %v", p, x, y, Width, v.Height)
			}
		}
	})
}

// TestAViewKeepsLengths compares drawn lengths with great-circle distances on boxes up to about 100 km.
func TestAViewKeepsLengths(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lon, lat := rapid.Float64Range(5, 15).Draw(t, "lon"), rapid.Float64Range(47, 55).Draw(t, "lat")
		d := rapid.Float64Range(0.01, 0.8).Draw(t, "d")
		v := NewView(geo.Box{MinLon: lon, MinLat: lat, MaxLon: lon + d, MaxLat: lat + d/2})
		a, b := geo.LonLat{Lon: lon + d/3, Lat: lat + d/8}, geo.LonLat{Lon: lon + d/2, Lat: lat + d/3}
		ax, ay := v.XY(a.Lon, a.Lat)
		bx, by := v.XY(b.Lon, b.Lat)
		drawn, real := math.Hypot(ax-bx, ay-by)*v.MetresPerUnit(), float64(geo.Distance(a, b))
		if math.Abs(drawn-real) > 0.01*real {
			t.Fatalf("drawn %v m, really %v m", drawn, real)
		}
	})
}

func TestTheScaleBarIsRoundAndFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := NewView(boxes(t))
		units, metres := v.Scale()
		if units < Width/12.6 || units > Width/5+1 {
			t.Fatalf("%v units", units)
		}
		if digits := strings.TrimRight(strconv.Itoa(metres), "0"); digits != "1" && digits != "2" && digits != "5" {
			t.Fatalf("%d metres", metres)
		}
	})
}

func TestPathsAreClosedAndFinite(t *testing.T) {
	v := NewView(geo.Box{MinLon: 7, MinLat: 51, MaxLon: 7.1, MaxLat: 51.1})
	d := v.Path(orb.MultiPolygon{{{{7, 51}, {7.1, 51}, {7.1, 51.1}, {7, 51}}}}, 0)
	if strings.Count(d, "M") != 1 || !strings.HasSuffix(d, "Z") || strings.ContainsAny(d, "NI") {
		t.Errorf("path %q", d)
	}
	if got := v.Path(orb.MultiPolygon{{{{7, 51}, {7, 51}}}}, 0); got != "" {
		t.Errorf("a ring without area gives %q", got)
	}
}

// TestBlocksPartitionTheCells: every cell lies in exactly one block, and in the block that holds its corner.
func TestBlocksPartitionTheCells(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := region.Cells{SizeM: 100}
		seen := map[[2]int32]bool{}
		for range rapid.IntRange(0, 200).Draw(t, "n") {
			e, n := int32(rapid.IntRange(-40, 40).Draw(t, "e")*100), int32(rapid.IntRange(-40, 40).Draw(t, "n")*100)
			if seen[[2]int32{e, n}] {
				continue
			}
			seen[[2]int32{e, n}] = true
			c.ID, c.At = append(c.ID, "x"), append(c.At, geo.LonLat{})
			c.East, c.North = append(c.East, e), append(c.North, n)
		}
		limit := rapid.IntRange(1, 60).Draw(t, "limit")
		k := NewCoarse(&c, limit)
		if len(k.First)-1 > max(limit, 4) {
			t.Fatalf("%d blocks, at most %d wanted", len(k.First)-1, limit)
		}
		times := make([]int, c.Len())
		for b := range len(k.First) - 1 {
			if k.First[b] >= k.First[b+1] {
				t.Fatal("an empty block")
			}
			for _, i := range k.From[k.First[b]:k.First[b+1]] {
				times[i]++
				if c.East[i] < k.Cells.East[b] || c.East[i] >= k.Cells.East[b]+k.Cells.SizeM || c.North[i] < k.Cells.North[b] || c.North[i] >= k.Cells.North[b]+k.Cells.SizeM {
					t.Fatal("a cell lies outside its block")
				}
			}
		}
		for i, n := range times {
			if n != 1 {
				t.Fatalf("cell %d lies in %d blocks", i, n)
			}
		}
	})
}
