package street

import (
	"strconv"
	"strings"

	"gevor/osm"
)

// carClass is the speed of a class of road in free flow without a maxspeed tag, and whether cars may use it
// without a tag that says so.
type carClass struct {
	kmh       float64
	byDefault bool
}

// carKmh holds effective speeds: about 0.8 of what is usually allowed, for junctions and traffic.
var carKmh = map[string]carClass{
	"motorway": {100, true}, "motorway_link": {48, true},
	"trunk": {72, true}, "trunk_link": {44, true},
	"primary": {52, true}, "primary_link": {40, true},
	"secondary": {46, true}, "secondary_link": {36, true},
	"tertiary": {40, true}, "tertiary_link": {32, true},
	"unclassified": {34, true}, "residential": {24, true}, "living_street": {6, true},
	"service": {12, true}, "road": {24, true}, "track": {10, false},
	"pedestrian": {5, false}, "cycleway": {8, false}, "path": {5, false}, "busway": {32, false},
}

// allowedShare is how much of a tagged limit cars make on average.
const allowedShare = 0.8

const (
	slowestKmh = 3
	fastestKmh = 130
)

// carSpeed gives the effective speed in km/h: 0.8 of the tagged limit, else that of the class.
func carSpeed(t osm.Tags, class carClass, direction string, unreadable func(key, value string)) float64 {
	for _, key := range []string{direction, "maxspeed", "maxspeed:type", "source:maxspeed", "zone:maxspeed", "zone:traffic"} {
		v := t.Get(key)
		if v == "" {
			continue
		}
		kmh, ok := parseMaxspeed(v)
		if ok {
			return max(slowestKmh, min(fastestKmh, allowedShare*kmh))
		}
		if key == direction || key == "maxspeed" {
			unreadable(key, v)
		}
	}
	return class.kmh
}

// parseMaxspeed reads a limit in km/h: "50", "30 mph", "walk", "none", "DE:urban", "DE:30", "DE:zone:30"; of
// several values separated by ";" the first that can be read.
func parseMaxspeed(v string) (kmh float64, ok bool) {
	for _, part := range strings.Split(v, ";") {
		if kmh, ok = parseOneMaxspeed(strings.TrimSpace(part)); ok {
			return kmh, true
		}
	}
	return 0, false
}

func parseOneMaxspeed(v string) (kmh float64, ok bool) {
	switch v {
	case "none", "unlimited":
		return 130, true
	case "walk", "walking":
		return 7, true
	case "signals", "variable", "sign", "implicit", "national", "default", "":
		return 0, false
	}
	if country, zone, found := strings.Cut(v, ":"); found && len(country) == 2 {
		zone = strings.TrimPrefix(zone, "zone:")
		zone = strings.TrimPrefix(zone, "zone")
		switch zone {
		case "urban":
			return 50, true
		case "rural":
			return 100, true
		case "motorway":
			return 130, true
		case "trunk":
			return 100, true
		case "living_street", "walk":
			return 7, true
		case "bicycle_road":
			return 30, true
		}
		return parseKmh(zone)
	}
	return parseKmh(v)
}

func parseKmh(v string) (kmh float64, ok bool) {
	factor := 1.0
	for _, unit := range []struct {
		name string
		kmh  float64
	}{{"mph", 1.609344}, {"knots", 1.852}, {"km/h", 1}, {"kmh", 1}, {"kph", 1}} {
		if s, cut := strings.CutSuffix(v, unit.name); cut {
			v, factor = strings.TrimSpace(s), unit.kmh
			break
		}
	}
	x, err := strconv.ParseFloat(v, 64)
	if err != nil || !(x > 0) || x > 400 {
		return 0, false
	}
	return x * factor, true
}

// parseIncline reads a slope in per cent: "7%", "-7 %", "5°"; "up", "down" and others are unknown.
func parseIncline(v string) (percent float64, ok bool) {
	if s, cut := strings.CutSuffix(v, "°"); cut {
		x, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
		return x * 1.75, err == nil // tan x ≈ 0.0175 x for the few degrees that matter
	}
	s := strings.TrimSpace(strings.TrimSuffix(v, "%"))
	x, err := strconv.ParseFloat(s, 64)
	return x, err == nil
}

// parseMetres reads a length in metres: "1.5", "1,5", "1.5 m", "90 cm".
func parseMetres(v string) (metres float64, ok bool) {
	factor := 1.0
	if s, cut := strings.CutSuffix(v, "cm"); cut {
		v, factor = s, 0.01
	} else if s, cut := strings.CutSuffix(v, "m"); cut {
		v = s
	}
	x, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimSpace(v), ",", "."), 64)
	if err != nil || !(x >= 0) || x > 1e6 {
		return 0, false
	}
	return x * factor, true
}
