package tiles

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"gevor/geo"
)

// Values from the specification and its reference implementation (go-pmtiles, pmtiles/tile_id_test.go).
func TestTileNumbersAreThoseOfTheSpecification(t *testing.T) {
	for _, c := range []struct {
		z    uint8
		x, y uint32
		want uint64
	}{{0, 0, 0, 0}, {1, 0, 0, 1}, {1, 0, 1, 2}, {1, 1, 1, 3}, {1, 1, 0, 4}, {2, 0, 0, 5}, {12, 3423, 1763, 19078479}} {
		if got := tileID(c.z, c.x, c.y); got != c.want {
			t.Errorf("tile %d/%d/%d has number %d, want %d", c.z, c.x, c.y, got, c.want)
		}
	}
}

// On each zoom the numbers are a curve: every number once, and one step from tile to tile.
func TestTileNumbersWalkFromTileToTile(t *testing.T) {
	first := uint64(0)
	for z := uint8(0); z <= 7; z++ {
		n := uint32(1) << z
		at := make([][2]uint32, n*n)
		seen := make([]bool, n*n)
		for x := range n {
			for y := range n {
				i := tileID(z, x, y) - first
				if i >= uint64(len(at)) || seen[i] {
					t.Fatalf("zoom %d: number %d of %d/%d", z, i, x, y)
				}
				seen[i], at[i] = true, [2]uint32{x, y}
			}
		}
		for i := 1; i < len(at); i++ {
			dx, dy := int(at[i][0])-int(at[i-1][0]), int(at[i][1])-int(at[i-1][1])
			if dx*dx+dy*dy != 1 {
				t.Fatalf("zoom %d: a jump from %v to %v", z, at[i-1], at[i])
			}
		}
		first += uint64(n) * uint64(n)
	}
}

// Every tile reads back, no other does, and equal tiles are stored once.
func TestEveryTileReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := map[uint64][]byte{}
		contents := map[string]bool{}
		var tiles []tile
		id := uint64(0)
		for range rapid.IntRange(1, 300).Draw(t, "tiles") {
			id += rapid.SampledFrom([]uint64{1, 1, 1, 2, 900}).Draw(t, "step")
			data := []byte(fmt.Sprintf("content %d", rapid.IntRange(0, 20).Draw(t, "content")))
			tiles = append(tiles, tile{id, data})
			want[id], contents[string(data)] = data, true
		}
		r := archived(t, rapid.Permutation(tiles).Draw(t, "order"))
		for id, data := range want {
			if got, err := r.get(id); err != nil || !bytes.Equal(got, data) {
				t.Fatalf("tile %d: %q, %v; want %q", id, got, err, data)
			}
			if _, other := want[id+1]; !other {
				if got, err := r.get(id + 1); err != nil || got != nil {
					t.Fatalf("tile %d does not exist, got %q, %v", id+1, got, err)
				}
			}
		}
		if r.h.addressed != uint64(len(tiles)) || r.h.contents != uint64(len(contents)) {
			t.Fatalf("header says %d tiles, %d contents; want %d, %d", r.h.addressed, r.h.contents, len(tiles), len(contents))
		}
	})
}

type failer interface {
	Fatal(args ...any)
}

func archived(t failer, tiles []tile) *reader {
	var b bytes.Buffer
	if err := writePMTiles(&b, header{minZoom: 0, maxZoom: 14, bounds: geo.Box{MaxLon: 1, MaxLat: 1}, metadata: []byte("{}")}, tiles); err != nil {
		t.Fatal(err)
	}
	r, err := open(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// An archive too large for one directory gets leaves, and its data lie in the order of their numbers (clustered).
func TestALargeArchiveHasLeaves(t *testing.T) {
	var tiles []tile
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range 60_000 {
		tiles = append(tiles, tile{uint64(9*i + rng.IntN(9)), []byte(fmt.Sprint("content ", i, strings.Repeat("x", rng.IntN(200))))})
	}
	r := archived(t, tiles)
	if r.h.leafLen == 0 {
		t.Fatal("no leaves")
	}
	lines, err := r.all()
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) != len(tiles) {
		t.Fatalf("%d entries for %d tiles", len(lines), len(tiles))
	}
	var end uint64
	for i, l := range lines {
		if l.offset != end || (i > 0 && l.id <= lines[i-1].id) {
			t.Fatalf("entry %d is out of order", i)
		}
		end = l.offset + l.length
	}
	for i := 0; i < len(lines); i += 997 {
		if got, err := r.get(lines[i].id); err != nil || len(got) != int(lines[i].length) {
			t.Fatalf("tile %d: %q, %v", lines[i].id, got, err)
		}
	}
}

// Joining lines keeps every piece of every line, once.
func TestJoiningLinesKeepsEveryPiece(t *testing.T) {
	point := rapid.Custom(func(t *rapid.T) orb.Point {
		return orb.Point{float64(rapid.IntRange(0, 4).Draw(t, "x")), float64(rapid.IntRange(0, 4).Draw(t, "y"))}
	})
	rapid.Check(t, func(t *rapid.T) {
		var lines []orb.LineString
		for range rapid.IntRange(1, 25).Draw(t, "lines") {
			lines = append(lines, orb.LineString(rapid.SliceOfN(point, 2, 4).Draw(t, "line")))
		}
		before, after := segments(lines), segments(merge(lines))
		if len(before) != len(after) {
			t.Fatalf("%v became %v", before, after)
		}
		for s, n := range before {
			if after[s] != n {
				t.Fatalf("piece %v: %d times, then %d", s, n, after[s])
			}
		}
	})
}

func segments(lines []orb.LineString) map[[2]orb.Point]int {
	out := map[[2]orb.Point]int{}
	for _, l := range lines {
		for i := 1; i < len(l); i++ {
			a, b := l[i-1], l[i]
			if a[0] > b[0] || (a[0] == b[0] && a[1] > b[1]) {
				a, b = b, a
			}
			out[[2]orb.Point{a, b}]++
		}
	}
	return out
}

// Web Mercator of known places: the formulas of OpenStreetMap's "Slippy map tilenames" give tile 17/68326/43670 for
// 51.4556 N, 7.6556 E within a tile.
func TestWebMercatorAgreesWithTileNumbers(t *testing.T) {
	lon, lat := 7.6556, 51.4556
	p := world(orb.Point{lon, lat})
	n := math.Exp2(17)
	rad := lat * math.Pi / 180
	x := (lon + 180) / 360 * n
	y := (1 - math.Asinh(math.Tan(rad))/math.Pi) / 2 * n
	if math.Abs(p[0]*n-x) > 1e-6 || math.Abs(p[1]*n-y) > 1e-6 {
		t.Errorf("%v, want %v %v", p, x/n, y/n)
	}
}
