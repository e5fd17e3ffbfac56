// Package gtfs reads public-transport timetables in the General Transit Feed Specification from a zip file.
//
// The reader keeps what travel times need: agencies, stops, routes, trips, stop times, calendars, frequencies
// and transfers. It never stops at a bad row: the row becomes a notice, and for every member of the archive the
// rows read equal the rows used plus the rows rejected. What the reader changes or guesses is in the table of
// rules in rules.go. Reference: https://gtfs.org/documentation/schedule/reference/.
package gtfs

import (
	"fmt"
	"time"

	"gevor/geo"
)

// Feed is one timetable as flat arrays that refer to each other by index; None stands for "no such record".
type Feed struct {
	File        string // as given to Read
	Agencies    []Agency
	Stops       []Stop
	Routes      []Route
	Services    []Service
	Exceptions  []Exception // ascending by service, then date; at most one for a service and date
	Trips       []Trip
	StopTimes   []StopTime // grouped by trip, in the order of travel; Trip.First and Trip.End point here
	Frequencies []Frequency
	Transfers   []Transfer
}

// None is the index that refers to no record.
const None int32 = -1

// Agency is an operator.
type Agency struct{ ID, Name, Timezone string }

// Location says what a stop record describes.
type Location uint8

// The kinds of location; only Platform and BoardingArea occur in stop times.
const (
	Platform Location = iota
	Station
	Entrance
	Node
	BoardingArea
)

// Wheelchair says whether a wheelchair can be used; unknown differs from no.
type Wheelchair uint8

// The three states of wheelchair access.
const (
	WheelchairUnknown Wheelchair = iota
	WheelchairYes
	WheelchairNo
)

// Stop is a place of the timetable. HasPlace is false where a node or boarding area states no coordinates.
type Stop struct {
	ID, Name   string
	At         geo.LonLat
	HasPlace   bool
	Kind       Location
	Wheelchair Wheelchair
	Parent     int32 // index of the station; None where there is none
}

// Route is a line.
type Route struct {
	ID, ShortName, LongName string
	Agency                  int32 // None where the feed does not say
	Type                    int32 // GTFS route_type, basic (0–12) or extended (100–1799)
}

// Service is a set of days. Weekdays holds bit 0 for Monday to bit 6 for Sunday; a service that only
// calendar_dates.txt names has none, and Start > End.
type Service struct {
	ID         string
	Weekdays   uint8
	Start, End Date
}

// Exception adds a day to a service or removes one.
type Exception struct {
	Service int32
	Date    Date
	Added   bool
}

// Trip is one run of a vehicle (or, with frequencies, the model of many).
type Trip struct {
	ID, Headsign   string
	Route, Service int32
	Direction      int8 // 0, 1, or -1 where not stated
	Wheelchair     Wheelchair
	First, End     int32 // its stop times are StopTimes[First:End]; empty where none could be used
}

// StopTime is one call of a trip. Times are seconds after noon minus twelve hours of the service day (midnight
// on all but the two days on which clocks change), up to 7 days; Depart is never before Arrive, and times never
// decrease along a trip.
type StopTime struct {
	Stop           int32
	Arrive, Depart int32
	NoBoarding     bool
	NoAlighting    bool
	Interpolated   bool // the feed left the time empty
}

// Frequency repeats a trip every Headway seconds from Start to before End. With Exact the departures are a
// timetable; without it only the headway is promised.
type Frequency struct {
	Trip                int32
	Start, End, Headway int32
	Exact               bool
}

// TransferKind is the value of transfer_type that this reader keeps.
type TransferKind uint8

// The kinds of transfer.
const (
	Recommended TransferKind = iota // nothing but a hint
	Timed                           // the departing vehicle waits
	MinimumTime                     // takes at least MinSeconds
	Forbidden                       // cannot be made
)

// Transfer is a rule between two stops or stations.
type Transfer struct {
	From, To   int32
	Kind       TransferKind
	MinSeconds int32 // only with MinimumTime
}

// Date is a calendar day as the number yyyymmdd, so that days compare like numbers.
type Date int32

// DateOf gives the calendar day of t in t's own time zone.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date(y*10000 + int(m)*100 + d)
}

// Time gives the midnight that begins the day in UTC.
func (d Date) Time() time.Time {
	return time.Date(int(d)/10000, time.Month(int(d)/100%100), int(d)%100, 0, 0, 0, 0, time.UTC)
}

// Next gives the day n days later (earlier where n is negative).
func (d Date) Next(n int) Date { return DateOf(d.Time().AddDate(0, 0, n)) }

// String writes the day as yyyy-mm-dd.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d/10000, d/100%100, d%100) }

// ActiveOn says for each service whether it runs on a day: the weekday pattern within its period, corrected by
// the exceptions.
func (f *Feed) ActiveOn(day Date) []bool {
	active := make([]bool, len(f.Services))
	bit := uint8(1) << ((int(day.Time().Weekday()) + 6) % 7)
	for i, s := range f.Services {
		active[i] = s.Weekdays&bit != 0 && s.Start <= day && day <= s.End
	}
	for _, e := range f.Exceptions {
		if e.Date == day {
			active[e.Service] = e.Added
		}
	}
	return active
}

// Span gives the first and last day on which any service runs; ok is false where none ever does.
func (f *Feed) Span() (first, last Date, ok bool) {
	grow := func(a, b Date) {
		if !ok || a < first {
			first = a
		}
		if !ok || b > last {
			last = b
		}
		ok = true
	}
	for _, s := range f.Services {
		if s.Weekdays != 0 && s.Start <= s.End {
			grow(s.Start, s.End)
		}
	}
	for _, e := range f.Exceptions {
		if e.Added {
			grow(e.Date, e.Date)
		}
	}
	return first, last, ok
}
