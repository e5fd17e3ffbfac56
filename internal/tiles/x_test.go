package tiles

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"gevor/atlas"
	"gevor/internal/outline"
	"gevor/internal/sample"
	"gevor/osm"
	"gevor/region"
)

func mapped(t *testing.T, r *atlas.Result, workers int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteMap(context.Background(), &b, r, Options{Workers: workers}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func tileOf(at orb.Point, z uint8) (x, y uint32, within orb.Point) {
	p := world(at)
	n := math.Exp2(float64(z))
	x, y = uint32(p[0]*n), uint32(p[1]*n)
	return x, y, orb.Point{(p[0]*n - float64(x)) * extent, (p[1]*n - float64(y)) * extent}
}

// The middle of every cell lies, in the tile of the largest zoom, in exactly one feature, and that one says what
// the layers say.
func TestEveryCellIsOnTheMapWithItsClass(t *testing.T) {
	r := sample.Result(3, 900)
	s := r.Snapshot
	m, err := open(mapped(t, r, 2))
	if err != nil {
		t.Fatal(err)
	}
	for i, at := range s.Cells.At {
		x, y, p := tileOf(orb.Point{at.Lon, at.Lat}, mapMaxZoom)
		layers, err := m.layers(mapMaxZoom, x, y)
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, f := range layers["cells"].Features {
			if !planar.PolygonContains(f.Geometry.(orb.Polygon), p) {
				continue
			}
			found++
			for k, st := range s.Standards {
				class, drawn := f.Properties["class:"+st.Key]
				if known := s.Groups[st.Group].State != region.GroupUnknown; drawn != known {
					t.Fatalf("standard %s: drawn %v, known %v", st.Key, drawn, known)
				}
				if !drawn {
					continue
				}
				l := r.Layers[k]
				want := [...]string{"met", l.Cause[i].String(), "empty", "unknown"}[l.State[i]]
				if class != want {
					t.Fatalf("cell %d, %s: %v, want %s", i, st.Key, class, want)
				}
			}
		}
		if found != 1 {
			t.Fatalf("cell %d lies in %d features of its tile", i, found)
		}
	}
}

// On every zoom the cells cover the same ground: blocks at low zooms neither lose nor invent any.
func TestEveryZoomShowsAllPeople(t *testing.T) {
	r := sample.Result(3, 900)
	var want float64
	for _, p := range r.Snapshot.Cells.Population {
		want += float64(p)
	}
	fs := cellFeatures(r, outline.New(&r.Snapshot.Cells))
	for z := uint8(mapMinZoom); z <= mapMaxZoom; z++ {
		var got float64
		for _, f := range fs {
			if z >= f.minZoom && z <= f.maxZoom {
				got += float64(f.properties(z)["people"].(int))
			}
		}
		if got != want {
			t.Errorf("zoom %d shows %v people of %v", z, got, want)
		}
	}
}

func TestFindingsAndAreasAreClosedShapesTurningTheRightWay(t *testing.T) {
	r := sample.Result(4, 900)
	m, err := open(mapped(t, r, 1))
	if err != nil {
		t.Fatal(err)
	}
	lines, err := m.all()
	if err != nil {
		t.Fatal(err)
	}
	ids := map[any]bool{}
	for _, l := range lines {
		for z := m.h.minZoom; z <= m.h.maxZoom; z++ {
			lo, hi := tileID(z, 0, 0), tileID(z+1, 0, 0)
			if l.id < lo || l.id >= hi {
				continue
			}
			x, y := find(z, l.id)
			layers, err := m.layers(z, x, y)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"findings", "areas", "cells"} {
				if layers[name] == nil {
					continue
				}
				for _, f := range layers[name].Features {
					sound(t, f.Geometry)
					ids[f.Properties["id"]] = true
				}
			}
		}
	}
	for _, f := range r.Findings {
		if !ids[f.ID] {
			t.Errorf("finding %s is on no tile", f.ID)
		}
	}
}

// find inverts tileID by following the quadrants down.
func find(z uint8, id uint64) (x, y uint32) {
	for k := uint8(1); k <= z; k++ {
		for c := range uint32(4) {
			cx, cy := 2*x+c%2, 2*y+c/2
			// A parent's children take a quarter each of its stretch of the curve.
			lo := tileID(k, cx, cy) - tileID(k, 0, 0)
			if span := uint64(1) << (2 * (z - k)); (id-tileID(z, 0, 0))/span == lo {
				x, y = cx, cy
				break
			}
		}
	}
	return x, y
}

func sound(t *testing.T, g orb.Geometry) {
	t.Helper()
	var polygons orb.MultiPolygon
	switch g := g.(type) {
	case orb.Polygon:
		polygons = orb.MultiPolygon{g}
	case orb.MultiPolygon:
		polygons = g
	default:
		t.Fatalf("%T", g)
	}
	for _, p := range polygons {
		for i, r := range p {
			if len(r) < 4 || r[0] != r[len(r)-1] || (area2(r) > 0) != (i == 0) {
				t.Fatalf("ring %d of %d: %v", i, len(p), r)
			}
		}
	}
}

func TestTilesAreTheSameForAnyNumberOfWorkers(t *testing.T) {
	r := sample.Result(1, 2500)
	a, b := mapped(t, r, 1), mapped(t, r, 4)
	if !bytes.Equal(a, b) {
		t.Error("maps of one and four workers differ")
	}
	r.Layers[0].State[7] = atlas.CellEmpty
	if bytes.Equal(a, mapped(t, r, 1)) {
		t.Error("control: another state must give other bytes")
	}
	if !bytes.Equal(based(t, 1), based(t, 3)) {
		t.Error("base maps of one and three workers differ")
	}
}

// scene is a motorway of many short ways, a lake with an island, a tiny pond, a footpath and a city.
func scene(yield func(osm.Feature) bool) {
	lon, lat := 7.1, 51.5
	ring := func(r float64) orb.Ring {
		out := orb.Ring{}
		for k := range 33 {
			sin, cos := math.Sincos(float64(k%32) / 16 * math.Pi)
			out = append(out, orb.Point{lon + r*cos, lat + r*sin})
		}
		return out
	}
	for i := range 200 {
		a, b := lon+float64(i)*0.0005, lon+float64(i+1)*0.0005
		if !yield(osm.Feature{Kind: osm.Road, Class: "motorway", Name: "A 40", Geometry: orb.LineString{{a, lat - 0.1}, {b, lat - 0.1}}}) {
			return
		}
	}
	for _, f := range []osm.Feature{
		{Kind: osm.Water, Class: "lake", Name: "Großer See", Geometry: orb.Polygon{ring(0.03), ring(0.01)}},
		{Kind: osm.Water, Class: "lake", Geometry: orb.Polygon{{{7.2, 51.5}, {7.20005, 51.5}, {7.20005, 51.50005}, {7.2, 51.5}}}},
		{Kind: osm.Road, Class: "footway", Geometry: orb.LineString{{7.15, 51.5}, {7.16, 51.51}}},
		{Kind: osm.Place, Class: "city", Name: "Ahlenberg", Geometry: orb.Point{lon + 0.02, lat}},
	} {
		if !yield(f) {
			return
		}
	}
}

func based(t *testing.T, workers int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteBase(context.Background(), &b, scene, "© OpenStreetMap contributors", Options{Workers: workers}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTheBaseMapShowsWhatAZoomHasRoomFor(t *testing.T) {
	m, err := open(based(t, 2))
	if err != nil {
		t.Fatal(err)
	}
	at := func(z uint8, lon, lat float64) map[string]int {
		x, y, _ := tileOf(orb.Point{lon, lat}, z)
		layers, err := m.layers(z, x, y)
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]int{}
		for name, l := range layers {
			for _, f := range l.Features {
				class, _ := f.Properties["class"].(string)
				out[name+" "+class]++
			}
		}
		return out
	}
	low, high := at(8, 7.11, 51.5), at(14, 7.155, 51.505)
	if low["road motorway"] != 1 || low["road footway"] != 0 || low["place city"] != 1 || low["water lake"] != 1 {
		t.Errorf("zoom 8 shows %v", low)
	}
	if high["road footway"] != 1 || high["road motorway"] != 0 {
		t.Errorf("zoom 14 shows %v", high)
	}
	if pond := at(14, 7.2, 51.5)["water lake"]; pond != 0 {
		t.Errorf("a pond of five metres shows at zoom 14")
	}
	x, y, _ := tileOf(orb.Point{7.12, 51.4}, 14)
	layers, err := m.layers(14, x, y)
	if err != nil || layers["road"].Features[0].Properties["name"] != "A 40" {
		t.Errorf("a road has its name where there is room: %v, %v", layers, err)
	}
	meta, err := gunzip(m.raw[m.h.metaAt : m.h.metaAt+m.h.metaLen])
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Attribution  string
		VectorLayers []struct{ ID string } `json:"vector_layers"`
	}
	if err := json.Unmarshal(meta, &doc); err != nil || !strings.Contains(doc.Attribution, "OpenStreetMap") || len(doc.VectorLayers) != len(baseLayers) {
		t.Errorf("metadata %s, %v", meta, err)
	}
}

func TestNothingToDrawGivesAnEmptyMap(t *testing.T) {
	var b bytes.Buffer
	if err := WriteBase(context.Background(), &b, slices.Values[[]osm.Feature](nil), "", Options{}); err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(b.Bytes(), []byte("PMTiles\x03")) {
		t.Error("no archive")
	}
}

func TestACancelledBuildEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := WriteMap(ctx, &bytes.Buffer{}, sample.Result(1, 100), Options{}); err == nil {
		t.Error("a cancelled build must fail")
	}
}

func BenchmarkMapOf170000Cells(b *testing.B) {
	r := sample.Result(1, 170_000)
	for b.Loop() {
		var out bytes.Buffer
		if err := WriteMap(context.Background(), &out, r, Options{}); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(out.Len()), "bytes/map")
	}
}
