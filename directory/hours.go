package directory

import (
	"cmp"
	"slices"
	"time"
)

// Slot is a stretch of one day of the week, in minutes after midnight, local time. To may pass midnight (up to 48·60).
type Slot struct {
	Day      time.Weekday
	From, To int
	Weeks    Weeks
	ByCall   bool // only after an appointment
}

// Weeks says in which weeks of a month a slot holds: a set of the first to fifth such day. The zero value is every week.
type Weeks uint8

// OnlyWeek makes the set of one week of the month, 1 to 5.
func OnlyWeek(n int) Weeks { return 1 << (n - 1) }

func (w Weeks) has(day int) bool { return w == 0 || w&(1<<((day-1)/7)) != 0 }

// Holidays says what holds on public holidays.
type Holidays string

// The answers. The zero value is that nobody said: then a holiday is neither open nor closed.
const (
	HolidaysUnknown Holidays = ""
	HolidaysClosed  Holidays = "closed"
	HolidaysOpen    Holidays = "as-usual"
)

// Exception is a stretch of days on which other hours hold, for example a summer break.
type Exception struct {
	From, To time.Time // days, both included; the time of day does not count
	Slots    []Slot    // none: closed
	Text     Texts
}

// Hours is when something is open. Without slots nobody knows.
type Hours struct {
	Slots      []Slot
	Always     bool // day and night, every day
	Holidays   Holidays
	Exceptions []Exception
	From, To   time.Time // days from and until which it holds at all; zero: no limit
	Text       Texts     // what slots cannot say
}

// Calendar knows time zone and public holidays.
type Calendar struct {
	Zone    *time.Location
	Holiday func(day time.Time) bool
}

// OpenAt says whether it is open at a time: Yes, No, or Unknown, which is never the same as closed.
func (h Hours) OpenAt(at time.Time, c Calendar) Three {
	at = at.In(c.Zone)
	if day := dateOf(at); !h.From.IsZero() && day.Before(dateIn(h.From, c.Zone)) || !h.To.IsZero() && day.After(dateIn(h.To, c.Zone)) {
		return No
	}
	if h.Always {
		return Yes
	}
	if len(h.Slots) == 0 && len(h.Exceptions) == 0 {
		return Unknown
	}
	answer := No
	// A slot of yesterday may pass midnight.
	for back := 0; back <= 1; back++ {
		day := dateOf(at).AddDate(0, 0, -back)
		minute := at.Hour()*60 + at.Minute() + back*24*60
		slots, known := h.on(day, c)
		for _, s := range slots {
			if s.Day == day.Weekday() && s.Weeks.has(day.Day()) && minute >= s.From && minute < s.To {
				if known {
					return Yes
				}
				answer = Unknown
			}
		}
		if back == 0 && !known && len(slots) == 0 {
			answer = Unknown
		}
	}
	return answer
}

// on gives the slots that hold on a day, and whether that is known.
func (h Hours) on(day time.Time, c Calendar) (slots []Slot, known bool) {
	for _, e := range h.Exceptions {
		if !day.Before(dateIn(e.From, c.Zone)) && !day.After(dateIn(e.To, c.Zone)) {
			return e.Slots, true
		}
	}
	if len(h.Slots) == 0 {
		return nil, false
	}
	if c.Holiday != nil && c.Holiday(day) {
		switch h.Holidays {
		case HolidaysClosed:
			return nil, true
		case HolidaysOpen:
		default:
			return h.Slots, false
		}
	}
	return h.Slots, true
}

// NextOpen gives the first minute at or after a time at which it is surely open, within days; zero where there is none.
func (h Hours) NextOpen(at time.Time, c Calendar, days int) time.Time {
	if h.OpenAt(at, c) == Yes {
		return at
	}
	at = at.In(c.Zone)
	for d := range days + 1 {
		day := dateOf(at).AddDate(0, 0, d)
		slots, known := h.on(day, c)
		if !known {
			continue
		}
		slots = slices.Clone(slots)
		slices.SortFunc(slots, func(a, b Slot) int { return cmp.Compare(a.From, b.From) })
		for _, s := range slots {
			if s.Day != day.Weekday() || !s.Weeks.has(day.Day()) {
				continue
			}
			begin := time.Date(day.Year(), day.Month(), day.Day(), 0, s.From, 0, 0, c.Zone)
			if begin.After(at) && h.OpenAt(begin, c) == Yes {
				return begin
			}
		}
	}
	return time.Time{}
}

func dateOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}

// dateIn takes the calendar day of t, whatever zone it was written in, as a day of another zone.
func dateIn(t time.Time, zone *time.Location) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, zone)
}

// NRWHoliday says whether a day is a public holiday in North Rhine-Westphalia (§ 2 Feiertagsgesetz NW). The movable ones
// follow Easter Sunday, by the calculation of Gauss as corrected by Lichtenberg; TestHolidays holds it against dates from
// the calendar.
func NRWHoliday(day time.Time) bool {
	y, m, d := day.Date()
	switch {
	case m == time.January && d == 1, m == time.May && d == 1, m == time.October && d == 3, m == time.November && d == 1, m == time.December && (d == 25 || d == 26):
		return true
	}
	switch passed := int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Sub(easter(y)).Hours() / 24); passed {
	case -2, 1, 39, 50, 60: // Good Friday, Easter Monday, Ascension, Whit Monday, Corpus Christi
		return true
	}
	return false
}

// easter is Easter Sunday of a year of the Gregorian calendar.
func easter(y int) time.Time {
	k := y / 100
	m := 15 + (3*k+3)/4 - (8*k+13)/25
	s := 2 - (3*k+3)/4
	a := y % 19
	d := (19*a + m) % 30
	r := (d + a/11) / 29
	og := 21 + d - r
	sz := 7 - (y+y/4+s)%7
	oe := 7 - (og-sz)%7
	return time.Date(y, time.March, og+oe, 0, 0, 0, 0, time.UTC)
}
