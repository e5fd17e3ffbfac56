package street

import (
	"strings"

	"gevor/osm"
	"gevor/travel"
)

// passage is what one millimetre of a way costs in units, by mode and direction; 0 means closed.
type passage struct{ forward, backward [modes]float64 }

func (p *passage) open() bool { return p.forward != [modes]float64{} || p.backward != [modes]float64{} }

// Speeds of slower ways for bicycles, in km/h at DefaultBikeKmh.
const (
	bikeRoughKmh = 10
	bikePushKmh  = 4
)

// msPerMM turns km/h into milliseconds per millimetre.
func msPerMM(kmh float64) float64 { return 3.6 / kmh }

// right is the answer of access tags.
type right uint8

const (
	silent right = iota // no tag says anything
	yes
	no
)

// access reads the most specific of some access keys that says something.
func access(t osm.Tags, keys ...string) right {
	for _, k := range keys {
		switch v := t.Get(k); v {
		case "":
		case "no", "private", "agricultural", "forestry", "agricultural;forestry", "forestry;agricultural", "use_sidepath",
			"military", "emergency", "permit", "restricted", "delivery", "psv", "bus":
			return no
		case "yes", "designated", "permissive", "destination", "official", "customers", "public", "residents", "discouraged",
			"destination;delivery", "permissive;destination", "limited", "allowed":
			return yes
		}
	}
	return silent
}

// wayRules judges the tags of a way for all modes. The defaults are those of the OSM wiki for Germany; where it
// leaves room we follow the permission tables of Conveyal R5 so that walking times can be compared: trunk roads
// may be walked unless they are motor roads, sidewalks open a road to walkers, cycleways are open to walkers
// unless tagged otherwise. Areas are passed along their outline.
func wayRules(t osm.Tags, ferries bool, unreadable func(key, value string)) passage {
	var p passage
	h := t.Get("highway")
	if h == "" && t.Get("route") == "ferry" {
		if ferries {
			ferryRules(t, &p)
		}
		return p
	}
	if h == "" && t.Get("route") != "" && t.Get("railway") == "" && t.Get("public_transport") == "" && t.Get("man_made") == "" {
		return p
	}
	foot := footAllowed(t, h)
	if foot {
		p.forward[travel.Walk], p.backward[travel.Walk] = 1, 1
		if stepFree(t, h) {
			p.forward[travel.WalkNoSteps], p.backward[travel.WalkNoSteps] = 1, 1
		}
	}
	bikeRules(t, h, foot, &p)
	carRules(t, h, &p, unreadable)
	return p
}

func motorroad(t osm.Tags) bool { return t.Get("motorroad") == "yes" }

func footAllowed(t osm.Tags, h string) bool {
	switch access(t, "foot") {
	case yes:
		return true
	case no:
		return false
	}
	switch t.Get("sidewalk") {
	case "both", "left", "right", "yes":
		return true
	}
	if access(t, "access") == no {
		return false
	}
	switch h {
	case "motorway", "motorway_link", "bridleway", "busway", "bus_guideway", "escape":
		return false
	case "trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link", "tertiary", "tertiary_link",
		"unclassified", "residential", "living_street", "service", "road", "track":
		return !motorroad(t)
	case "pedestrian", "footway", "path", "cycleway", "steps", "corridor", "platform", "elevator", "crossing":
		return true
	case "": // platforms and piers
		return true
	}
	return false
}

// stepFree says whether prams and wheelchairs pass: no steps without a ramp, no ground that holds wheels, no
// slope over 6 % (DIN 18040-3), 90 cm of width. wheelchair=yes and wheelchair=no overrule the other tags.
func stepFree(t osm.Tags, h string) bool {
	switch t.Get("wheelchair") {
	case "yes", "designated":
		return true
	case "no":
		return false
	}
	if h == "steps" {
		return t.Get("ramp:wheelchair") == "yes" || t.Get("ramp:stroller") == "yes"
	}
	switch t.Get("surface") {
	case "sand", "mud", "rock", "rocks", "unhewn_cobblestone", "stepping_stones", "pebblestone", "woodchips", "grass", "snow", "ice":
		return false
	}
	switch t.Get("smoothness") {
	case "very_bad", "horrible", "very_horrible", "impassable":
		return false
	}
	switch t.Get("tracktype") {
	case "grade4", "grade5":
		return false
	}
	switch t.Get("sac_scale") {
	case "", "hiking", "strolling":
	default:
		return false
	}
	if percent, ok := parseIncline(t.Get("incline")); ok && (percent > maxInclinePercent || percent < -maxInclinePercent) {
		return false
	}
	if metres, ok := parseMetres(t.Get("width")); ok && metres < minWidthMetres && footClass(h) {
		return false
	}
	return true
}

// Limits for prams and wheelchairs.
const (
	maxInclinePercent = 6.0
	minWidthMetres    = 0.9
	maxKerbMetres     = 0.03
)

func footClass(h string) bool {
	switch h {
	case "footway", "path", "pedestrian", "cycleway", "steps", "track", "corridor", "platform", "":
		return true
	}
	return false
}

func bikeRules(t osm.Tags, h string, foot bool, p *passage) {
	ride := false
	switch access(t, "bicycle") {
	case yes:
		ride = h != "steps"
	case no:
	default:
		if access(t, "vehicle", "access") != no {
			switch h {
			case "trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link", "tertiary", "tertiary_link",
				"unclassified", "residential", "living_street", "service", "road", "track":
				ride = !motorroad(t)
			case "path", "cycleway":
				ride = true
			}
		}
	}
	if push := foot && h != "steps" && h != "elevator" && h != "corridor"; push {
		p.forward[travel.Bike], p.backward[travel.Bike] = msPerMM(bikePushKmh), msPerMM(bikePushKmh)
	}
	if !ride {
		return
	}
	cost := msPerMM(DefaultBikeKmh)
	if rough(t, h) {
		cost = msPerMM(bikeRoughKmh)
	}
	forward, backward := oneway(t, h)
	if !forward || !backward {
		if bikesBothWays(t) {
			forward, backward = true, true
		}
	}
	switch t.Get("oneway:bicycle") {
	case "yes":
		forward, backward = true, false
	case "-1":
		forward, backward = false, true
	case "no":
		forward, backward = true, true
	}
	if forward {
		p.forward[travel.Bike] = cost
	}
	if backward {
		p.backward[travel.Bike] = cost
	}
}

func bikesBothWays(t osm.Tags) bool {
	for _, k := range []string{"cycleway", "cycleway:left", "cycleway:right", "cycleway:both"} {
		if strings.HasPrefix(t.Get(k), "opposite") {
			return true
		}
	}
	return t.Get("cycleway:left:oneway") == "-1" || t.Get("cycleway:left:oneway") == "no" || t.Get("cycleway:right:oneway") == "no"
}

func rough(t osm.Tags, h string) bool {
	switch t.Get("surface") {
	case "cobblestone", "unhewn_cobblestone", "sett", "gravel", "pebblestone", "ground", "dirt", "earth", "grass", "sand", "mud", "woodchips", "unpaved":
		return true
	case "":
		switch t.Get("tracktype") {
		case "grade3", "grade4", "grade5":
			return true
		case "":
			return h == "track"
		}
	}
	return false
}

// oneway gives the directions that vehicles may take.
func oneway(t osm.Tags, h string) (forward, backward bool) {
	switch t.Get("oneway") {
	case "yes", "true", "1":
		return true, false
	case "-1", "reverse":
		return false, true
	case "no", "false", "0", "alternating":
		return true, true
	case "reversible":
		return false, false
	}
	switch t.Get("junction") {
	case "roundabout", "circular":
		return true, false
	}
	return true, h != "motorway"
}

func carRules(t osm.Tags, h string, p *passage, unreadable func(key, value string)) {
	class, ok := carKmh[h]
	if !ok || t.Get("area") == "yes" && h != "service" {
		return
	}
	switch access(t, "motorcar", "motor_vehicle", "vehicle", "access") {
	case no:
		return
	case silent:
		if !class.byDefault {
			return
		}
	}
	forward, backward := oneway(t, h)
	if forward {
		p.forward[travel.Car] = msPerMM(carSpeed(t, class, "maxspeed:forward", unreadable))
	}
	if backward {
		p.backward[travel.Car] = msPerMM(carSpeed(t, class, "maxspeed:backward", unreadable))
	}
}

// ferryRules lets walkers and bicycles on a ferry; its time is that of duration=*, else 10 km/h. The cost is
// written in walking millimetres at DefaultWalkKmh and scales with the walking speed like all others.
func ferryRules(t osm.Tags, p *passage) {
	if access(t, "foot", "access") == no {
		return
	}
	ms := msPerMM(ferryKmh)
	for _, m := range []travel.Mode{travel.Walk, travel.WalkNoSteps} {
		if m == travel.WalkNoSteps && t.Get("wheelchair") == "no" {
			continue
		}
		p.forward[m] = ms / msPerMM(DefaultWalkKmh)
		p.backward[m] = p.forward[m]
	}
	if access(t, "bicycle") != no {
		p.forward[travel.Bike], p.backward[travel.Bike] = ms, ms
	}
}

const ferryKmh = 10

// blocks says which modes cannot pass a node, as bits by mode. footOnly is true where no carriageway runs through
// the node: a raised kerb bars a footpath, not the road it is drawn on.
func blocks(t osm.Tags, footOnly bool) uint8 {
	if len(t) == 0 {
		return 0
	}
	var bits uint8
	set := func(m travel.Mode, closed bool) {
		if closed {
			bits |= 1 << m
		}
	}
	foot := access(t, "foot", "access")
	bike := access(t, "bicycle", "vehicle", "access")
	car := access(t, "motorcar", "motor_vehicle", "vehicle", "access")
	barrier := t.Get("barrier")
	if barrier == "" && t.Get("highway") != "" {
		// Access tags of crossings and stops speak of the crossing, not of passing through.
		foot, bike, car = silent, silent, silent
	}
	var carBars, bikeBars, wheelBars bool
	switch barrier {
	case "bollard", "block", "planter", "jersey_barrier", "chain", "log", "debris", "rope", "barrier_board", "bump_gate":
		carBars = true
		wheelBars = barrier == "log" || barrier == "debris"
	case "cycle_barrier", "motorcycle_barrier", "chicane", "swing_gate_narrow":
		carBars, wheelBars = true, true
	case "stile", "turnstile", "full-height_turnstile", "kissing_gate", "horse_stile":
		carBars, bikeBars, wheelBars = true, true, true
	}
	raised := t.Get("kerb") == "raised"
	if m, ok := parseMetres(t.Get("kerb:height")); ok {
		raised = m > maxKerbMetres
	}
	wheel := wheelBars || raised && footOnly
	switch t.Get("wheelchair") {
	case "yes", "designated":
		wheel = false
	case "no":
		wheel = true
	}
	set(travel.Walk, foot == no)
	set(travel.WalkNoSteps, foot == no || wheel)
	set(travel.Bike, bike == no && foot == no || bikeBars && bike != yes)
	set(travel.Car, car == no || carBars && car != yes)
	return bits
}
