package contact

import (
	"fmt"
	"time"
)

// Week is an ISO week, as "2026-W20".
type Week string

// WeekOf gives the week in which a time lies in its zone.
func WeekOf(t time.Time) Week {
	year, week := t.ISOWeek()
	return Week(fmt.Sprintf("%04d-W%02d", year, week))
}

// Monday gives the first day of the week at midnight UTC; the zero time where it is none.
func (w Week) Monday() time.Time {
	var year, week int
	if n, err := fmt.Sscanf(string(w), "%4d-W%2d", &year, &week); err != nil || n != 2 || len(w) != 8 || year < 2000 || week < 1 {
		return time.Time{}
	}
	// 4 January lies in the first week of every year (ISO 8601).
	fourth := time.Date(year, time.January, 4, 0, 0, 0, 0, time.UTC)
	monday := fourth.AddDate(0, 0, -(int(fourth.Weekday())+6)%7+7*(week-1))
	if WeekOf(monday) != w {
		return time.Time{}
	}
	return monday
}

// Valid says whether it is a week of the calendar.
func (w Week) Valid() bool { return !w.Monday().IsZero() }

// Month gives the month that holds the week's Thursday, as "2026-05": so every week lies in one month.
func (w Week) Month() string { return w.Monday().AddDate(0, 0, 3).Format("2006-01") }

// Before says how many weeks w lies before v; negative where it lies after it.
func (w Week) Before(v Week) int { return int(v.Monday().Sub(w.Monday()).Hours() / (7 * 24)) }

// OldestWeeks is how many weeks after a contact its entry is still taken: a telephone may have lain in a drawer.
const OldestWeeks = 26

// KeyWeeks is how long the key of an entry is known after its arrival. It is longer than OldestWeeks, so whatever a
// device sends again is either known or too old.
const KeyWeeks = OldestWeeks + 4

// Arrives gives the week that an entry is kept under when it arrives in the week now: its own, or now where a device's
// clock runs ahead. It is not ok where the entry is too old to be taken.
func (w Week) Arrives(now Week) (kept Week, ok bool) {
	switch ago := w.Before(now); {
	case ago < 0:
		return now, true
	case ago > OldestWeeks:
		return w, false
	}
	return w, true
}
