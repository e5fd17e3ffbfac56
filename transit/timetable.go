// Package transit holds the timetable of one service day and answers, for many origins and destinations at
// once, how long a journey by public transport takes over a window of departure minutes. DESIGN.md says how and
// why.
package transit

import (
	"gevor/geo"
	"gevor/gtfs"
	"gevor/street"
)

// Timetable is the service around one day, with the walks between its stops. It is immutable and safe for
// concurrent use.
//
// Times are seconds after midnight of the service day (strictly: after noon minus twelve hours); trips of the
// day before that still run have negative times, trips of the day after start at 86,400.
type Timetable struct {
	day   gtfs.Date
	slack int32 // seconds between reaching a stop and leaving with a vehicle
	stops []Stop

	// Patterns: stops in order of travel, with trips that never overtake each other.
	patternFirst []uint32 // pattern p has the calls [patternFirst[p], patternFirst[p+1])
	callStop     []uint32
	callFlags    []uint8
	tripFirst    []uint32 // pattern p has the trips [tripFirst[p], tripFirst[p+1]), ascending in time
	timeFirst    []uint64 // its times start here, trip by trip, one per call
	arrive       []int32
	depart       []int32

	// Transfers from each stop, ascending by stop. Walks are on the street network, in metres at walking
	// effort (seconds at 1 m/s, rounded up). A stop's transfer to itself is listed like any other.
	transferFirst []uint32
	transferTo    []uint32
	transferWalk  []uint32
	transferMin   []int32 // seconds from alighting to boarding at least, slack included
	transferTimed []uint8 // 1 where the vehicle waits and no slack is needed

	streets *street.Network
	linked  *street.Points // stops, on foot
}

// Stop is a place where vehicles call.
type Stop struct {
	ID   string // "2:4711": the number of the feed from 1, a colon, and its stop_id
	Name string
	At   geo.LonLat
}

// The flags of a call.
const (
	noBoarding  uint8 = 1
	noAlighting uint8 = 2
)

// Counts says how large a timetable is.
type Counts struct {
	Stops, Patterns, Trips int
	Calls                  int64 // stop events of all trips
	Transfers              int
}

// Counts gives the sizes.
func (t *Timetable) Counts() Counts {
	return Counts{len(t.stops), t.patterns(), int(t.tripFirst[t.patterns()]), int64(len(t.arrive)), len(t.transferTo)}
}

// Day gives the service day.
func (t *Timetable) Day() gtfs.Date { return t.day }

// Stops gives the stops that any trip calls at. The slice must not be changed.
func (t *Timetable) Stops() []Stop { return t.stops }

func (t *Timetable) patterns() int { return len(t.patternFirst) - 1 }
