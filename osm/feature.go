package osm

import (
	"iter"

	"github.com/paulmach/orb"

	"gevor/geo"
)

// Kind is a layer of the light base map.
type Kind string

// The kinds. Buildings are left out on purpose: they are most of an extract and say nothing about reach.
const (
	Water       Kind = "water"       // areas and lines: class lake, river, stream, canal, basin
	Green       Kind = "green"       // areas: class forest, park, grass, farmland, cemetery, sport
	Residential Kind = "residential" // areas
	Industrial  Kind = "industrial"  // areas: class industrial, commercial, retail, railway
	Rail        Kind = "rail"        // lines: class rail, light_rail, tram, subway
	Road        Kind = "road"        // lines: class is the value of highway without _link, or ferry, platform, pier
	Place       Kind = "place"       // points: class city, town, borough, suburb, quarter, neighbourhood, village, hamlet
)

// Feature is one object of the base map with its geometry in degrees: orb.Point for places, orb.LineString or
// orb.MultiLineString for lines, orb.Polygon or orb.MultiPolygon for areas (rings closed).
type Feature struct {
	Kind     Kind
	Class    string
	Name     string
	Geometry orb.Geometry
}

// shape is a Feature whose geometry still refers to Extract.Nodes.
type shape struct {
	kind        Kind
	class, name string
	at          geo.LonLat  // of places
	lines       [][]int32   // lines
	areas       [][][]int32 // polygons: outer ring first, then holes; rings closed
}

// Features gives the base map in a fixed order: areas and lines by id, then places, then roads by way id.
func (x *Extract) Features() iter.Seq[Feature] {
	return func(yield func(Feature) bool) {
		for i := range x.shapes {
			s := &x.shapes[i]
			if !yield(Feature{s.kind, s.class, s.name, x.geometry(s)}) {
				return
			}
		}
		for i := range x.Ways {
			w := &x.Ways[i]
			if !yield(Feature{Road, roadClass(w.Tags), w.Tags.Get("name"), x.line(w.Nodes)}) {
				return
			}
		}
	}
}

func (x *Extract) geometry(s *shape) orb.Geometry {
	switch {
	case s.kind == Place:
		return orb.Point{s.at.Lon, s.at.Lat}
	case len(s.areas) == 1:
		return x.polygon(s.areas[0])
	case len(s.areas) > 1:
		m := make(orb.MultiPolygon, len(s.areas))
		for i, a := range s.areas {
			m[i] = x.polygon(a)
		}
		return m
	case len(s.lines) == 1:
		return x.line(s.lines[0])
	}
	m := make(orb.MultiLineString, len(s.lines))
	for i, l := range s.lines {
		m[i] = x.line(l)
	}
	return m
}

func (x *Extract) line(nodes []int32) orb.LineString {
	l := make(orb.LineString, len(nodes))
	for i, n := range nodes {
		at := x.Nodes[n].At
		l[i] = orb.Point{at.Lon, at.Lat}
	}
	return l
}

func (x *Extract) polygon(rings [][]int32) orb.Polygon {
	p := make(orb.Polygon, len(rings))
	for i, r := range rings {
		p[i] = orb.Ring(x.line(r))
	}
	return p
}

func roadClass(t Tags) string {
	switch h := t.Get("highway"); h {
	case "":
		switch {
		case t.Get("route") == "ferry":
			return "ferry"
		case t.Get("man_made") == "pier":
			return "pier"
		}
		return "platform"
	case "motorway_link", "trunk_link", "primary_link", "secondary_link", "tertiary_link":
		return h[:len(h)-len("_link")]
	default:
		return h
	}
}

// classify says what the tags draw on the base map; kind is empty for nothing, area tells a closed way apart from
// a line.
func classify(get func(string) string) (kind Kind, class string, area bool) {
	switch get("natural") {
	case "water":
		switch get("water") {
		case "river", "canal", "stream":
			return Water, get("water"), true
		case "basin", "reservoir", "wastewater":
			return Water, "basin", true
		}
		return Water, "lake", true
	case "wood":
		return Green, "forest", true
	case "scrub", "heath", "grassland", "wetland":
		return Green, "grass", true
	}
	switch v := get("waterway"); v {
	case "riverbank", "dock":
		return Water, "river", true
	case "river", "canal", "stream":
		return Water, v, false
	}
	switch get("landuse") {
	case "reservoir", "basin":
		return Water, "basin", true
	case "forest":
		return Green, "forest", true
	case "grass", "meadow", "village_green", "recreation_ground", "allotments":
		return Green, "grass", true
	case "farmland", "orchard", "vineyard":
		return Green, "farmland", true
	case "cemetery":
		return Green, "cemetery", true
	case "residential":
		return Residential, "residential", true
	case "industrial", "commercial", "retail", "railway":
		return Industrial, get("landuse"), true
	}
	switch get("leisure") {
	case "park", "garden", "nature_reserve", "dog_park":
		return Green, "park", true
	case "pitch", "golf_course", "sports_centre":
		return Green, "sport", true
	}
	switch v := get("railway"); v {
	case "rail", "light_rail", "tram", "subway":
		if get("service") == "" {
			return Rail, v, false
		}
	}
	return "", "", false
}

// isPlace says whether a node's place tag names a settlement worth a label.
func isPlace(v string) bool {
	switch v {
	case "city", "town", "borough", "suburb", "quarter", "neighbourhood", "village", "hamlet":
		return true
	}
	return false
}
