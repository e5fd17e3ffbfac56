package transit

import (
	"fmt"

	"gevor/fault"
	"gevor/street"
	"gevor/travel"
)

// Query is a question about a window of departures.
type Query struct {
	Departure   int            // seconds after midnight of the service day, 0 ≤ Departure
	Window      int            // seconds; departures are Departure, Departure+Step, … before Departure+Window
	Step        int            // seconds between departures; default 60
	Percentiles []int          // each in 1..100; ascending or not, answered in this order
	WalkKmh     float64        // walking speed; default 4.5
	MaxWalk     travel.Seconds // bound of the walk to the first stop, of the walk from the last, and of walking all the way
	Max         travel.Seconds // bound of the whole journey; longer counts as not reached
	Memory      int64          // bytes of answers kept before they are handed over; default 1 GiB; never changes the answer
}

// Row holds the destinations that one origin reaches by at least one percentile. A consumer must copy what it
// keeps: the slices are reused after the call that hands them over.
type Row struct {
	From    int32
	To      []int32            // ascending
	Seconds [][]travel.Seconds // [percentile of the query][parallel to To]; Unreached where that percentile is not reached
}

// The defaults of a query.
const (
	DefaultStep   = 60
	DefaultMemory = 1 << 30
)

const mostMinutes = 10_000

// filled checks a query and fills in its defaults.
func (q Query) filled() (Query, error) {
	if q.Step == 0 {
		q.Step = DefaultStep
	}
	if q.Memory <= 0 {
		q.Memory = DefaultMemory
	}
	if q.WalkKmh == 0 {
		q.WalkKmh = street.DefaultWalkKmh
	}
	if q.Window == 0 {
		q.Window = q.Step
	}
	bad := func(what, advice string) (Query, error) { return q, fault.New(fault.Invalid, "", what, advice) }
	switch {
	case q.Departure < 0:
		return bad("the departure lies before midnight", "give a time from 00:00 on")
	case q.Step < 1 || q.Window < 1:
		return bad("the departure window or its step is negative", "give a window of at least one minute")
	case (q.Window+q.Step-1)/q.Step > mostMinutes:
		return bad(fmt.Sprintf("the window has more than %d departures", mostMinutes), "choose a shorter window or a longer step")
	case q.Max < 1 || q.MaxWalk < 0:
		return bad("the longest journey or walk is not positive", "give a maximum of at least one minute")
	case int64(q.Window)+int64(q.Max) > longest:
		return bad("window and longest journey together exceed 8 hours and 53 minutes", "ask in parts")
	case q.Departure+q.Window+int(q.Max) > horizon:
		return bad("the window ends too late in the night", "journeys must arrive before 06:00 of the next day; ask for that day instead")
	case !(q.WalkKmh > 0 && q.WalkKmh <= 20):
		return bad("the walking speed is not in 0..20 km/h", "people walk at 3 to 6 km/h")
	case len(q.Percentiles) == 0:
		return bad("no percentile is asked for", "ask for 50, the median")
	}
	for _, p := range q.Percentiles {
		if p < 1 || p > 100 {
			return bad(fmt.Sprintf("percentile %d is not in 1..100", p), "ask for 50, the median")
		}
	}
	return q, nil
}
