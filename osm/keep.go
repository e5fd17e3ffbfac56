package osm

import (
	"slices"
	"strings"
)

// keyUse says what a key is good for.
type keyUse uint16

const (
	keepOnWay     keyUse = 1 << iota // kept on ways that people move on
	keepOnPOI                        // kept on places
	keepOnNode                       // kept on nodes of ways: barriers, kerbs, crossings, access
	marksStreet                      // may make a way one that people move on
	marksPOI                         // makes an object a place
	marksShape                       // may make an object part of the base map
	marksPassage                     // makes a node of a way matter to passage
	marksRelation                    // type=*
)

// useOf looks a key up. Keys outside the table are kept nowhere.
func useOf(key []byte) keyUse {
	switch string(key) {
	case "highway":
		return keepOnWay | keepOnNode | marksStreet | marksPassage | marksShape
	case "railway":
		return keepOnWay | keepOnNode | marksStreet | marksShape
	case "public_transport", "route", "man_made":
		return keepOnWay | marksStreet
	case "barrier":
		return keepOnWay | keepOnNode | marksPassage
	case "kerb", "kerb:height":
		return keepOnWay | keepOnNode | marksPassage
	case "access", "foot", "bicycle", "vehicle", "motor_vehicle", "motorcar", "wheelchair":
		return keepOnWay | keepOnNode | keepOnPOI | marksPassage
	case "crossing", "crossing:signals", "tactile_paving", "locked", "maxwidth:physical":
		return keepOnNode
	case "width", "surface", "smoothness", "incline", "tracktype", "ramp", "ramp:wheelchair", "ramp:stroller",
		"junction", "oneway", "oneway:bicycle", "oneway:foot", "cycleway", "cycleway:left", "cycleway:right", "cycleway:both",
		"cycleway:left:oneway", "cycleway:right:oneway", "motorroad", "maxspeed", "maxspeed:forward", "maxspeed:backward",
		"maxspeed:type", "source:maxspeed", "zone:maxspeed", "zone:traffic", "area", "service", "segregated", "sidewalk",
		"duration", "ferry", "conveying", "tunnel", "bridge", "layer", "bicycle_road", "sac_scale", "indoor", "footway",
		"mtb:scale", "motorcar:conditional", "construction":
		return keepOnWay
	case "name":
		return keepOnWay | keepOnPOI
	case "amenity", "healthcare", "social_facility", "office", "shop", "craft", "club", "emergency":
		return keepOnPOI | marksPOI
	case "leisure":
		return keepOnPOI | marksPOI | marksShape
	case "natural", "waterway", "landuse", "place", "water":
		return marksShape
	case "type":
		return marksRelation
	case "opening_hours", "capacity", "beds", "operator", "brand", "phone", "website", "email", "url", "fee", "religion",
		"level", "entrance", "description", "min_age", "max_age", "school", "kindergarten", "isced:level", "ref",
		"community_centre", "community_centre:for", "toilets:wheelchair", "start_date", "charity", "sport", "playground",
		"grades", "denomination", "population", "wheelchair:description", "check_date", "survey:date":
		return keepOnPOI
	}
	for _, p := range keptPrefixes {
		if len(key) > len(p) && string(key[:len(p)]) == p {
			return keepOnPOI
		}
	}
	return 0
}

var keptPrefixes = [...]string{
	"healthcare:", "social_facility:", "addr:", "contact:", "name:", "operator:", "capacity:", "language:",
	"opening_hours:", "emergency:", "amenity:", "office:", "wheelchair:", "health_facility:", "health_specialty:",
}

// marks gives the union of what the keys of the object at hand are good for.
func (b *block) marks() keyUse {
	var u keyUse
	for i := 0; i < len(b.pairs); i += 2 {
		u |= b.use[b.pairs[i]]
	}
	return u
}

// tags gives the tags of the object at hand whose key is kept for one of the uses, sorted by key; of a key given
// twice the first value counts.
func (b *block) tags(use keyUse) Tags {
	n := 0
	for i := 0; i < len(b.pairs); i += 2 {
		if b.use[b.pairs[i]]&use != 0 {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	out := make(Tags, 0, n)
	for i := 0; i < len(b.pairs); i += 2 {
		if b.use[b.pairs[i]]&use != 0 {
			out = append(out, Tag{b.string(b.pairs[i]), b.string(b.pairs[i+1])})
		}
	}
	slices.SortStableFunc(out, func(x, y Tag) int { return strings.Compare(x.Key, y.Key) })
	return slices.CompactFunc(out, func(x, y Tag) bool { return x.Key == y.Key })
}

// value gives the value of a key of the object at hand, empty where absent.
func (b *block) value(key string) string {
	for i := 0; i < len(b.pairs); i += 2 {
		if string(b.strings[b.pairs[i]]) == key {
			return b.string(b.pairs[i+1])
		}
	}
	return ""
}

// isStreet says whether the tags make a way one that people may move on. Access is judged by package street;
// here only what can never be a way is left out.
func isStreet(get func(string) string) bool {
	switch h := get("highway"); h {
	case "":
	case "construction", "proposed", "planned", "razed", "abandoned", "disused", "demolished", "raceway", "rest_area",
		"services", "bus_stop", "street_lamp", "emergency_bay", "traffic_signals", "crossing", "no", "via_ferrata":
		return false
	default:
		return true
	}
	return get("railway") == "platform" || get("public_transport") == "platform" || get("route") == "ferry" ||
		get("man_made") == "pier"
}
