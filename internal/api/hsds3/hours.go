package hsds3

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"gevor/directory"
)

var days = [...]string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}

// clock writes minutes after midnight. The specification knows no 24:00: the end of a day is 00:00 of the next, and a
// whole day ends at 23:59.
func clock(minutes int) string {
	return fmt.Sprintf("%02d:%02d", minutes/60%24, minutes%60)
}

// schedules writes hours: weekly slots as they are, those of certain weeks of a month as monthly, a stretch of closed days
// as one that is valid for these days, and days with other hours one by one.
func schedules(id string, h directory.Hours) []Schedule {
	var out []Schedule
	add := func(s Schedule) {
		s.ID = named(id, "schedule", strconv.Itoa(len(out)))
		out = append(out, s)
	}
	from, to := day(h.From), day(h.To)
	if h.Always {
		add(Schedule{ValidFrom: from, ValidTo: to, Frequency: "WEEKLY", Interval: 1, ByDay: strings.Join([]string{"MO", "TU", "WE", "TH", "FR", "SA", "SU"}, ","), OpensAt: "00:00", ClosesAt: "23:59", Notes: "rund um die Uhr"})
	}
	for _, s := range h.Slots {
		x := slot(s)
		x.ValidFrom, x.ValidTo = from, to
		add(x)
	}
	if text, _ := h.Text.In("de"); text != "" {
		add(Schedule{ValidFrom: from, ValidTo: to, Description: text})
	}
	for _, e := range h.Exceptions {
		text, _ := e.Text.In("de")
		if len(e.Slots) == 0 {
			if text == "" {
				text = "geschlossen"
			}
			add(Schedule{ValidFrom: day(e.From), ValidTo: day(e.To), Description: text, Notes: "closed"})
		}
		// Day by day and without a rule that repeats: a reader that looks at weekdays alone must not take them for every week.
		for d := range mostDays {
			on := e.From.AddDate(0, 0, d)
			if day(on) > day(e.To) {
				break
			}
			for _, s := range e.Slots {
				if s.Day == on.Weekday() {
					add(Schedule{ValidFrom: day(on), ValidTo: day(on), Start: day(on), OpensAt: clock(s.From), ClosesAt: clock(s.To), Description: text, Notes: "exception"})
				}
			}
		}
	}
	return out
}

// mostDays is how many days of other hours are written one by one.
const mostDays = 100

func slot(s directory.Slot) Schedule {
	x := Schedule{Frequency: "WEEKLY", Interval: 1, ByDay: days[s.Day], OpensAt: clock(s.From), ClosesAt: clock(s.To)}
	if s.From == 0 && s.To == 24*60 {
		x.ClosesAt = "23:59"
	}
	if s.Weeks != 0 {
		var on []string
		for n := 1; n <= 5; n++ {
			if s.Weeks&directory.OnlyWeek(n) != 0 {
				on = append(on, strconv.Itoa(n)+days[s.Day])
			}
		}
		x.Frequency, x.ByDay = "MONTHLY", strings.Join(on, ",")
	}
	if s.ByCall {
		x.Attending, x.Notes = "appointment", "nur nach Vereinbarung"
	}
	return x
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}
