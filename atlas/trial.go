package atlas

import (
	"math"
	"slices"
	"time"

	"gevor/authz"
	"gevor/fault"
	"gevor/geo"
	"gevor/region"
)

// Change is one line of a scenario as people say it, by ids and keys: an offer of the run with another capacity, or a
// place that opens.
type Change struct {
	Offer    string     // id of an offer of the run; empty where a place opens
	At       geo.LonLat // of the place that opens
	Category string     // key of the category of the place that opens
	// Capacity is in the unit of the category: 0 closes an offer; NaN is unknown, which only a new place may be.
	Capacity float64
	// Longer is how many times as long an offer opens; above 0 it stands for so many times the offer's capacity.
	Longer float64
	// Feed names a timetable with lines that run besides those of today; nothing else stands in such a change.
	Feed string
}

// Opens says whether a change is a place that opens.
func (c Change) Opens() bool { return c.Offer == "" && c.Feed == "" }

// ScenarioOf finds what changes speak of in a run. NotFound where an offer or a category is none of the run's, Invalid
// where an offer is named twice or without a capacity.
func ScenarioOf(snap *region.Snapshot, changes []Change) (Scenario, error) {
	s := Scenario{Capacity: map[int32]float64{}}
	for _, ch := range changes {
		if ch.Feed != "" {
			return s, fault.New(fault.Invalid, "lines of "+ch.Feed, "change every way, which takes a whole analysis", "reckon them with gevor whatif --feed")
		}
		if !ch.Opens() {
			i, err := OfferByID(snap, ch.Offer)
			if err != nil {
				return s, err
			}
			if _, twice := s.Capacity[i]; twice {
				return s, fault.New(fault.Invalid, "offer "+ch.Offer, "is changed twice", "give one change for each offer")
			}
			if ch.Longer > 0 {
				if ch.Capacity = snap.Offers[i].Capacity * ch.Longer; !(ch.Capacity > 0) {
					return s, fault.New(fault.Invalid, "offer "+ch.Offer, "opens longer, but its capacity is not known", "give its capacity instead")
				}
			}
			if math.IsNaN(ch.Capacity) {
				return s, fault.New(fault.Invalid, "offer "+ch.Offer, "is named without a change", "give its capacity; 0 closes it")
			}
			s.Capacity[i] = ch.Capacity
			continue
		}
		k := slices.IndexFunc(snap.Categories, func(c region.Category) bool { return c.Key == ch.Category })
		if k < 0 {
			return s, fault.New(fault.NotFound, "category "+ch.Category, "is none of the region's", "take a key from region.toml")
		}
		s.Open = append(s.Open, region.Offer{ID: "what-if", Categories: []int32{int32(k)}, At: ch.At, Capacity: ch.Capacity})
	}
	return s, nil
}

// OfferByID finds an offer of a run by its id.
func OfferByID(snap *region.Snapshot, id string) (int32, error) {
	i := slices.IndexFunc(snap.Offers, func(o region.Offer) bool { return o.ID == id })
	if i < 0 {
		return 0, fault.New(fault.NotFound, "offer "+id, "is none of the run's offers", "take the id from offers.json in the run's folder")
	}
	if slices.ContainsFunc(snap.Offers[i+1:], func(o region.Offer) bool { return o.ID == id }) {
		return 0, fault.New(fault.Invalid, "offer "+id, "is the id of several offers of the run", "give its sources ids of their own")
	}
	return int32(i), nil
}

// NeedsWays says whether a scenario asks about places for which no travel times can be kept: those that open, and those
// that had no capacity so far.
func (c *Scenario) NeedsWays(snap *region.Snapshot) bool {
	for o, capacity := range c.Capacity {
		if capacity > 0 && snap.Offers[o].Capacity <= 0 {
			return true
		}
	}
	return len(c.Open) > 0
}

// Concerns says on which standards a scenario can have an effect.
func (c *Scenario) Concerns(snap *region.Snapshot) func(standard int) bool {
	var categories []int32
	for _, o := range c.Close {
		categories = append(categories, snap.Offers[o].Categories...)
	}
	for o := range c.Capacity {
		categories = append(categories, snap.Offers[o].Categories...)
	}
	for _, o := range c.Open {
		categories = append(categories, o.Categories...)
	}
	return func(i int) bool {
		return slices.ContainsFunc(categories, func(k int32) bool { return Narrower(snap.Categories, k, snap.Standards[i].Category) })
	}
}

// Outcome is what a scenario changes under one standard, in keys: it can be kept and read without its run.
type Outcome struct {
	Standard, Group string
	Known           bool
	People, Missing float64 // of the group: judged, and missing the standard today
	After           float64 // missing it after the change
	Total           DistrictOutcome
	Districts       []DistrictOutcome
}

// DistrictOutcome is a DistrictEffect by the key of the district; empty outside all, and for a sum.
type DistrictOutcome struct {
	District                           string
	Gain, Lose, Better, Worse, Unknown float64
}

// Outcomes puts effects into keys.
func Outcomes(snap *region.Snapshot, effects []Effect) []Outcome {
	out := make([]Outcome, 0, len(effects))
	for _, e := range effects {
		s := snap.Standards[e.Standard]
		o := Outcome{Standard: s.Key, Group: snap.Groups[s.Group].Key, Known: e.Known, People: e.Before.People, Missing: e.Before.Missing, After: e.After.Missing, Total: outcomeOf(snap, e.Total)}
		for _, d := range e.Districts {
			o.Districts = append(o.Districts, outcomeOf(snap, d))
		}
		out = append(out, o)
	}
	return out
}

func outcomeOf(snap *region.Snapshot, d DistrictEffect) DistrictOutcome {
	key := ""
	if d.Area >= 0 {
		key = snap.Areas[d.Area].Key
	}
	return DistrictOutcome{District: key, Gain: d.Gain, Lose: d.Lose, Better: d.Better, Worse: d.Worse, Unknown: d.Unknown}
}

// Trial is a scenario that an organisation keeps: what was tried on which run, and what came out.
type Trial struct {
	ID       string
	Owner    authz.OrganisationID
	Name     string
	Region   string // key of the region
	Run      string // hash of the run it was tried on
	Changes  []Change
	Outcomes []Outcome
	Released authz.Release
	At       time.Time
}
