// Package tiles makes the maps of a region as PMTiles v3 archives of vector tiles: the light base map from its own
// OSM extract, and the layers of a result. They are files of a run, so no request ever leaves for a map.
package tiles

import (
	"context"
	"encoding/json"
	"io"
	"iter"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"gevor/fault"
	"gevor/geo"
	"gevor/osm"
	"gevor/travel"
)

// Options steer the making of tiles; they never change the bytes.
type Options struct {
	Workers  int // goroutines; 0 = as many as processors
	Progress travel.Progress
}

// Zooms of the two archives. A map that shows more magnifies the last one.
const (
	baseMinZoom, baseMaxZoom = 6, 14
	mapMinZoom, mapMaxZoom   = 6, 12
)

// baseLayers are the layers of the base map in the order in which a map paints them: one for each osm.Kind.
var baseLayers = []string{
	string(osm.Green), string(osm.Residential), string(osm.Industrial), string(osm.Water), string(osm.Road), string(osm.Rail), string(osm.Place),
}

// firstZoom says from which zoom on a class is drawn; a class that is missing here appears at its kind's zoom.
var firstZoom = map[osm.Kind]map[string]uint8{
	osm.Water:       {"": 6, "river": 8, "canal": 9, "stream": 12},
	osm.Green:       {"": 11, "forest": 7, "park": 8, "farmland": 10, "cemetery": 11, "sport": 12},
	osm.Residential: {"": 7},
	osm.Industrial:  {"": 9},
	osm.Rail:        {"": 8, "light_rail": 11, "subway": 11, "tram": 12},
	osm.Road: {
		"": 14, "motorway": 6, "trunk": 7, "primary": 8, "secondary": 10, "tertiary": 11,
		"unclassified": 12, "residential": 12, "living_street": 12, "pedestrian": 13, "service": 13, "ferry": 10, "pier": 13,
	},
	osm.Place: {"": 13, "city": 6, "town": 8, "borough": 10, "suburb": 10, "village": 11, "quarter": 12},
}

// Sizes in tile units (4096 to a tile) below which things are left out, and the zooms from which they carry names.
const (
	smallestArea  = 24
	smallestLine  = 6
	roadNameZoom  = 13
	otherNameZoom = 10
	// mergedBelow is the zoom under which ways of one class are drawn as one long line where they meet end to end:
	// a map of the region shows a motorway and not its two thousand ways.
	mergedBelow = 12
)

// Base is WriteBase of an extract, ready to be called with a file.
func Base(x *osm.Extract, progress travel.Progress) func(io.Writer) error {
	return func(w io.Writer) error {
		return WriteBase(context.Background(), w, x.Features(), "© OpenStreetMap contributors", Options{Progress: progress})
	}
}

// WriteBase writes the light base map of a region as PMTiles: layers green, residential, industrial, water, road,
// rail and place with the properties class and, where there is room for it, name. attribution is shown by whoever
// shows the map. Same features, same bytes.
func WriteBase(ctx context.Context, w io.Writer, features iter.Seq[osm.Feature], attribution string, o Options) error {
	fs, box := baseFeatures(features)
	p := pyramid{layers: baseLayers, minZoom: baseMinZoom, maxZoom: baseMaxZoom, progress: o.Progress, stage: "base map"}
	tiles, err := p.build(ctx, fs, o.Workers)
	if err != nil {
		return fault.Wrap(fault.Internal, "base map", "could not be made", "", err)
	}
	layers := make([]vectorLayer, len(baseLayers))
	for i, name := range baseLayers {
		layers[i] = vectorLayer{ID: name, MinZoom: baseMinZoom, MaxZoom: baseMaxZoom, Fields: map[string]string{"class": "String", "name": "String"}}
	}
	meta, err := describe("base", attribution, layers)
	if err != nil {
		return err
	}
	return writePMTiles(w, header{minZoom: baseMinZoom, maxZoom: baseMaxZoom, bounds: box, metadata: meta}, tiles)
}

type vectorLayer struct {
	ID      string            `json:"id"`
	MinZoom int               `json:"minzoom"`
	MaxZoom int               `json:"maxzoom"`
	Fields  map[string]string `json:"fields"`
}

// describe is the metadata that every PMTiles archive of vector tiles carries (specification v3, section 5).
func describe(name, attribution string, layers []vectorLayer) ([]byte, error) {
	meta, err := json.Marshal(struct {
		Name         string        `json:"name"`
		Attribution  string        `json:"attribution"`
		VectorLayers []vectorLayer `json:"vector_layers"`
	}{name, attribution, layers})
	if err != nil {
		return nil, fault.Wrap(fault.Internal, name, "metadata cannot be written", "", err)
	}
	return meta, nil
}

func baseFeatures(features iter.Seq[osm.Feature]) ([]feature, geo.Box) {
	layerOf := map[osm.Kind]int{}
	for i, name := range baseLayers {
		layerOf[osm.Kind(name)] = i
	}
	var out []feature
	joined := map[[2]string]*merger{}
	var order [][2]string
	box := orb.Bound{Min: orb.Point{180, 90}, Max: orb.Point{-180, -90}}
	for f := range features {
		layer, drawn := layerOf[f.Kind]
		if !drawn || f.Geometry == nil {
			continue
		}
		box = box.Union(f.Geometry.Bound())
		first, ok := firstZoom[f.Kind][f.Class]
		if !ok {
			first = firstZoom[f.Kind][""]
		}
		g := each(f.Geometry, world)
		from := first
		if line, ok := g.(orb.LineString); ok && first < mergedBelow {
			key := [2]string{string(f.Kind), f.Class}
			if joined[key] == nil {
				joined[key] = &merger{layer: layer, kind: f.Kind, class: f.Class, first: first}
				order = append(order, key)
			}
			joined[key].lines = append(joined[key].lines, line)
			from = mergedBelow
		}
		out = append(out, baseFeature(layer, f.Kind, f.Class, f.Name, from, baseMaxZoom, g))
	}
	for _, key := range order {
		m := joined[key]
		for _, line := range merge(m.lines) {
			out = append(out, baseFeature(m.layer, m.kind, m.class, "", m.first, mergedBelow-1, line))
		}
	}
	if box.Min[0] > box.Max[0] {
		return out, geo.Box{}
	}
	return out, geo.Box{MinLon: box.Min[0], MinLat: box.Min[1], MaxLon: box.Max[0], MaxLat: box.Max[1]}
}

func baseFeature(layer int, kind osm.Kind, class, name string, from, to uint8, g orb.Geometry) feature {
	f := feature{layer: layer, minZoom: from, maxZoom: to, geometry: g}
	switch g.(type) {
	case orb.Polygon, orb.MultiPolygon:
		f.minUnits = smallestArea
	case orb.LineString, orb.MultiLineString:
		f.minUnits = smallestLine
	}
	named := uint8(otherNameZoom)
	switch kind {
	case osm.Road:
		named = roadNameZoom
	case osm.Place:
		named = 0
	}
	plain := geojson.Properties{"class": class}
	full := plain
	if name != "" {
		full = geojson.Properties{"class": class, "name": name}
	}
	f.properties = func(zoom uint8) geojson.Properties {
		if zoom >= named {
			return full
		}
		return plain
	}
	return f
}

// merger collects the lines of one class.
type merger struct {
	layer int
	kind  osm.Kind
	class string
	first uint8
	lines []orb.LineString
}

// merge joins lines end to end wherever exactly two ends meet, so that a long road becomes few long lines. Which
// line comes first does not change what is covered; the result follows the order given. Cost: O(n).
func merge(lines []orb.LineString) []orb.LineString {
	type end struct {
		line int
		last bool
	}
	at := map[orb.Point][]end{}
	for i, l := range lines {
		at[l[0]] = append(at[l[0]], end{i, false})
		at[l[len(l)-1]] = append(at[l[len(l)-1]], end{i, true})
	}
	used := make([]bool, len(lines))
	// onward finds the only other line that ends where a line ends.
	onward := func(p orb.Point, from int) (end, bool) {
		ends := at[p]
		if len(ends) != 2 || ends[0].line == ends[1].line {
			return end{}, false
		}
		next := ends[0]
		if next.line == from {
			next = ends[1]
		}
		return next, !used[next.line]
	}
	extend := func(l orb.LineString, from int) orb.LineString {
		for {
			next, ok := onward(l[len(l)-1], from)
			if !ok {
				return l
			}
			used[next.line] = true
			add := lines[next.line]
			if next.last {
				add = add.Clone()
				add.Reverse()
			}
			l = append(l, add[1:]...)
			from = next.line
		}
	}
	var out []orb.LineString
	for i, l := range lines {
		if used[i] {
			continue
		}
		used[i] = true
		whole := extend(l.Clone(), i)
		whole.Reverse()
		out = append(out, extend(whole, i))
	}
	return out
}
