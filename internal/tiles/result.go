package tiles

import (
	"cmp"
	"context"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"gevor/atlas"
	"gevor/fault"
	"gevor/geo"
	"gevor/internal/outline"
	"gevor/region"
	"gevor/travel"
)

// The layers of map.pmtiles.
const (
	layerAreas = iota
	layerCells
	layerFindings
	layerOffers
)

var mapLayers = []string{layerAreas: "areas", layerCells: "cells", layerFindings: "findings", layerOffers: "offers"}

// Zooms from which things are drawn.
const (
	districtZoom = 8
	offerZoom    = 9
	// wholeCellZoom is where single cells begin; each zoom below joins twice as many in each direction.
	wholeCellZoom = 11
)

// Map is WriteMap of a result, ready to be called with a file.
func Map(r *atlas.Result, progress travel.Progress) func(io.Writer) error {
	return func(w io.Writer) error { return WriteMap(context.Background(), w, r, Options{Progress: progress}) }
}

// WriteMap writes the layers of a result as PMTiles:
//
//	cells     for every standard whose group is known, "class:<key>" (met, empty, unknown, or the cause: only-steps,
//	          only-elsewhere, only-other-time, only-car, too-far, used-up) and "minutes:<key>" where a place is
//	          reached. Below zoom 11 blocks of 2, 4, 8, … cells a side stand for their cells: the class that most
//	          people of the group have, met and missed going before unknown and empty; the mean minutes.
//	          "people" is the number of all people.
//	findings  id, rank, standard, group, category, cause, people, estimated
//	areas     key, kind (municipality, district), name, and for districts "missing:<key>", the share 0..1
//	offers    id, name, categories (keys with spaces between), step_free (yes, no, unknown), from zoom 9
//
// Same result, same bytes, whatever the number of workers.
func WriteMap(ctx context.Context, w io.Writer, r *atlas.Result, o Options) error {
	s := r.Snapshot
	shapes := outline.New(&s.Cells)
	var fs []feature
	fs = append(fs, areaFeatures(r)...)
	fs = append(fs, cellFeatures(r, shapes)...)
	fs = append(fs, findingFeatures(r, shapes)...)
	fs = append(fs, offerFeatures(s)...)
	p := pyramid{layers: mapLayers, minZoom: mapMinZoom, maxZoom: mapMaxZoom, progress: o.Progress, stage: "map tiles"}
	tiles, err := p.build(ctx, fs, o.Workers)
	if err != nil {
		return fault.Wrap(fault.Internal, "map tiles", "could not be made", "", err)
	}
	meta, err := describe("gevor", attributions(s), mapFields(r))
	if err != nil {
		return err
	}
	return writePMTiles(w, header{minZoom: mapMinZoom, maxZoom: mapMaxZoom, bounds: s.Bounds, metadata: meta}, tiles)
}

func attributions(s *region.Snapshot) string {
	var out []string
	for _, x := range s.Sources {
		if x.Attribution != "" && !slices.Contains(out, x.Attribution) {
			out = append(out, x.Attribution)
		}
	}
	return strings.Join(out, ", ")
}

func mapFields(r *atlas.Result) []vectorLayer {
	cells := map[string]string{"people": "Number"}
	areas := map[string]string{"key": "String", "kind": "String", "name": "String"}
	for _, i := range drawn(r) {
		key := r.Snapshot.Standards[r.Layers[i].Standard].Key
		cells["class:"+key], cells["minutes:"+key], areas["missing:"+key] = "String", "Number", "Number"
	}
	return []vectorLayer{
		{ID: "areas", MinZoom: mapMinZoom, MaxZoom: mapMaxZoom, Fields: areas},
		{ID: "cells", MinZoom: mapMinZoom, MaxZoom: mapMaxZoom, Fields: cells},
		{ID: "findings", MinZoom: mapMinZoom, MaxZoom: mapMaxZoom, Fields: map[string]string{
			"id": "String", "rank": "Number", "standard": "String", "group": "String", "category": "String", "cause": "String", "people": "Number", "estimated": "Boolean",
		}},
		{ID: "offers", MinZoom: offerZoom, MaxZoom: mapMaxZoom, Fields: map[string]string{"id": "String", "name": "String", "categories": "String", "step_free": "String"}},
	}
}

// drawn lists the layers with something to draw: those whose standard can be judged.
func drawn(r *atlas.Result) []int {
	var out []int
	for i, l := range r.Layers {
		if r.Summaries[l.Standard].Known {
			out = append(out, i)
		}
	}
	return out
}

func areaFeatures(r *atlas.Result) []feature {
	s := r.Snapshot
	properties := make([]geojson.Properties, len(s.Areas))
	for i, a := range s.Areas {
		kind := "municipality"
		if a.Kind == region.District {
			kind = "district"
		}
		properties[i] = geojson.Properties{"key": a.Key, "kind": kind, "name": a.Name}
	}
	for _, p := range r.Profiles {
		for _, l := range p.Standards {
			if l.Known && !math.IsNaN(l.MissingShare) {
				properties[p.Area]["missing:"+s.Standards[l.Standard].Key] = math.Round(l.MissingShare*1000) / 1000
			}
		}
	}
	var out []feature
	for i, a := range s.Areas {
		if len(a.Shape) == 0 {
			continue
		}
		first := uint8(mapMinZoom)
		if a.Kind == region.District {
			first = districtZoom
		}
		out = append(out, feature{
			layer: layerAreas, minZoom: first, maxZoom: mapMaxZoom, id: uint64(i + 1), geometry: each(a.Shape, world),
			properties: func(uint8) geojson.Properties { return properties[i] },
		})
	}
	return out
}

func findingFeatures(r *atlas.Result, shapes *outline.Shapes) []feature {
	s := r.Snapshot
	out := make([]feature, len(r.Findings))
	for i, f := range r.Findings {
		st := s.Standards[f.Standard]
		properties := geojson.Properties{
			"id": f.ID, "rank": i + 1, "standard": st.Key, "group": s.Groups[st.Group].Key, "category": s.Categories[st.Category].Key,
			"cause": f.Cause.String(), "people": int(math.Round(f.People)), "estimated": f.Estimated,
		}
		out[i] = feature{
			layer: layerFindings, minZoom: mapMinZoom, maxZoom: mapMaxZoom, id: uint64(i + 1), geometry: each(shapes.Union(f.Cells), world),
			properties: func(uint8) geojson.Properties { return properties },
		}
	}
	return out
}

func offerFeatures(s *region.Snapshot) []feature {
	out := make([]feature, len(s.Offers))
	stepFree := [...]string{region.Unknown: "unknown", region.Yes: "yes", region.No: "no"}
	for i := range s.Offers {
		o := &s.Offers[i]
		out[i] = feature{
			layer: layerOffers, minZoom: offerZoom, maxZoom: mapMaxZoom, id: uint64(i + 1), geometry: world(orb.Point{o.At.Lon, o.At.Lat}),
			properties: func(uint8) geojson.Properties {
				keys := make([]string, len(o.Categories))
				for k, c := range o.Categories {
					keys[k] = s.Categories[c].Key
				}
				return geojson.Properties{"id": o.ID, "name": o.Name, "categories": strings.Join(keys, " "), "step_free": stepFree[o.StepFree]}
			},
		}
	}
	return out
}

// cellFeatures gives single cells for the high zooms and blocks of cells for each lower one. Points stay points at
// every zoom.
func cellFeatures(r *atlas.Result, shapes *outline.Shapes) []feature {
	c := &r.Snapshot.Cells
	layers := drawn(r)
	grid := c.SizeM > 0 && c.East != nil
	first := uint8(wholeCellZoom)
	if !grid {
		first = mapMinZoom
	}
	out := make([]feature, 0, c.Len())
	for i := range c.Len() {
		members := []int32{int32(i)}
		out = append(out, feature{
			layer: layerCells, minZoom: first, maxZoom: mapMaxZoom, id: uint64(i + 1), exact: true,
			geometry:   each(shapes.Cell(int32(i)), world),
			properties: func(uint8) geojson.Properties { return cellProperties(r, layers, members) },
		})
	}
	if !grid {
		return out
	}
	size := c.SizeM
	for z := uint8(wholeCellZoom - 1); z >= mapMinZoom; z-- {
		size *= 2
		for _, members := range blocks(c, size) {
			e, n := floor(c.East[members[0]], size), floor(c.North[members[0]], size)
			out = append(out, feature{
				layer: layerCells, minZoom: z, maxZoom: z, exact: true, geometry: each(square(e, n, size), world),
				properties: func(uint8) geojson.Properties { return cellProperties(r, layers, members) },
			})
		}
	}
	return out
}

func square(e, n, size int32) orb.Polygon {
	corner := func(e, n int32) orb.Point {
		p := geo.FromLAEA(float64(e), float64(n))
		return orb.Point{p.Lon, p.Lat}
	}
	return orb.Polygon{{corner(e, n), corner(e+size, n), corner(e+size, n+size), corner(e, n+size), corner(e, n)}}
}

func floor(x, size int32) int32 { return x - ((x%size)+size)%size }

// blocks groups cells by the square of an edge they lie in, in order of north and east.
func blocks(c *region.Cells, size int32) [][]int32 {
	order := make([]int32, c.Len())
	for i := range order {
		order[i] = int32(i)
	}
	key := func(i int32) (n, e int32) { return floor(c.North[i], size), floor(c.East[i], size) }
	slices.SortFunc(order, func(a, b int32) int {
		na, ea := key(a)
		nb, eb := key(b)
		return cmp.Or(cmp.Compare(na, nb), cmp.Compare(ea, eb), cmp.Compare(a, b))
	})
	var out [][]int32
	for from := 0; from < len(order); {
		n, e := key(order[from])
		to := from + 1
		for to < len(order) {
			if n2, e2 := key(order[to]); n2 != n || e2 != e {
				break
			}
			to++
		}
		out = append(out, order[from:to])
		from = to
	}
	return out
}

// cellProperties says of each standard what most people of its group in these cells have.
func cellProperties(r *atlas.Result, layers []int, members []int32) geojson.Properties {
	s := r.Snapshot
	out := make(geojson.Properties, 2*len(layers)+1)
	var people float64
	for _, c := range members {
		people += float64(s.Cells.Population[c])
	}
	out["people"] = int(math.Round(people))
	for _, i := range layers {
		l := &r.Layers[i]
		st := s.Standards[l.Standard]
		out["class:"+st.Key] = class(l, s.Groups[st.Group].People, members)
		var sum, n float64
		for _, c := range members {
			if l.Seconds[c] != int32(travel.Unreached) {
				sum, n = sum+float64(l.Seconds[c])/60, n+1
			}
		}
		if n > 0 {
			out["minutes:"+st.Key] = int(math.Ceil(sum / n))
		}
	}
	return out
}

func class(l *atlas.Layer, people []float32, members []int32) string {
	var met float64
	var missed [atlas.CauseUsedUp + 1]float64
	unknown := false
	for _, c := range members {
		switch l.State[c] {
		case atlas.CellMet:
			met += float64(people[c])
		case atlas.CellMissed:
			missed[l.Cause[c]] += float64(people[c])
		case atlas.CellUnknown:
			unknown = true
		}
	}
	var all float64
	main := atlas.CauseNone
	for c := range missed {
		all += missed[c]
		if missed[c] > missed[main] {
			main = atlas.Cause(c)
		}
	}
	switch {
	case all > met:
		return main.String()
	case met > 0:
		return "met"
	case unknown:
		return "unknown"
	}
	return "empty"
}
