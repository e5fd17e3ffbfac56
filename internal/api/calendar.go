package api

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"gevor/directory"
)

const calendarType = "text/calendar; charset=utf-8"

// holidayYears is how far ahead public holidays are left out of a calendar.
const holidayYears = 2

// calendar makes the frame of a calendar in local time.
func calendar(name string) *ics.Calendar {
	cal := ics.NewCalendarFor("gevor")
	cal.SetMethod(ics.MethodPublish)
	cal.SetXWRCalName(name)
	cal.SetXWRTimezone("Europe/Berlin")
	cal.SetRefreshInterval("P1D", ics.WithValue("DURATION"))
	zone := cal.AddTimezone("Europe/Berlin")
	add := func(c *ics.ComponentBase, from, to, name, begin, rule string) {
		c.AddProperty("TZOFFSETFROM", from)
		c.AddProperty("TZOFFSETTO", to)
		c.AddProperty("TZNAME", name)
		c.AddProperty(ics.ComponentPropertyDtStart, begin)
		c.AddRrule(rule)
	}
	// The rules of the European Union since 1996.
	summer := &ics.Daylight{}
	add(&summer.ComponentBase, "+0100", "+0200", "CEST", "19960331T020000", "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU")
	zone.Components = append(zone.Components, summer)
	winter := zone.AddStandard()
	add(&winter.ComponentBase, "+0200", "+0100", "CET", "19961027T030000", "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU")
	return cal
}

// meets says whether a kind of service is one where people meet at set times: its German name says so.
func (x *exchange) meets(r *directory.Record) bool {
	for _, k := range r.Kinds {
		label, _, _ := x.a.o.Vocabulary.Label(k, "de")
		for w := range strings.FieldsSeq(fold(label)) {
			for _, end := range []string{"gruppe", "gruppen", "treff", "treffs", "treffen", "kurs", "kurse", "cafe", "cafes", "stammtisch"} {
				if strings.HasSuffix(w, end) {
					return true
				}
			}
		}
	}
	return false
}

func groupCalendar(x *exchange) error {
	return x.download("", calendarType, func(s *shelf, to io.Writer) error {
		cal := calendar("Gruppen, Kurse und Treffs")
		if err := x.everything(s, func(it *item) error {
			if x.meets(&it.rec) {
				x.events(cal, it)
			}
			return nil
		}); err != nil {
			return err
		}
		return cal.SerializeTo(to)
	})
}

func oneCalendar(x *exchange) error {
	it, err := x.one()
	if err != nil {
		return err
	}
	cal := calendar(said(it.rec.Name))
	x.events(cal, it)
	var out bytes.Buffer
	if err := cal.SerializeTo(&out); err != nil {
		return err
	}
	return x.bytes(calendarType, out.Bytes())
}

const (
	localTime = "20060102T150405"
	utcTime   = "20060102T150405Z"
)

// events puts the hours of a service into a calendar. A slot repeats weekly, or in its weeks of each month; public
// holidays on which it is closed and days with other hours are left out, and other hours stand as single events.
func (x *exchange) events(cal *ics.Calendar, it *item) {
	r := &it.rec
	for i := range r.Places {
		h := &r.Places[i].Hours
		for k, s := range h.Slots {
			begin := x.firstDay(h, s, it.modified)
			if begin.IsZero() {
				continue
			}
			e := x.event(cal, it, i, fmt.Sprintf("%d-%d", i, k), begin, s)
			rule := "FREQ=WEEKLY;BYDAY=" + weekday(s.Day)
			if s.Weeks != 0 {
				var on []string
				for n := 1; n <= 5; n++ {
					if s.Weeks&directory.OnlyWeek(n) != 0 {
						on = append(on, fmt.Sprintf("%d%s", n, weekday(s.Day)))
					}
				}
				rule = "FREQ=MONTHLY;BYDAY=" + strings.Join(on, ",")
			}
			if !h.To.IsZero() {
				last := time.Date(h.To.Year(), h.To.Month(), h.To.Day(), 23, 59, 59, 0, x.a.zone)
				rule += ";UNTIL=" + last.UTC().Format(utcTime)
			}
			e.AddRrule(rule)
			for d := begin; d.Before(begin.AddDate(holidayYears, 0, 0)); d = d.AddDate(0, 0, 7) {
				if on(s, d) && (h.Holidays == directory.HolidaysClosed && directory.NRWHoliday(d) || excepted(h, d)) {
					e.AddExdate(at(d, s.From).Format(localTime), ics.WithTZID("Europe/Berlin"))
				}
			}
		}
		for n, ex := range h.Exceptions {
			from := time.Date(ex.From.Year(), ex.From.Month(), ex.From.Day(), 0, 0, 0, 0, x.a.zone)
			for d := range 366 {
				day := from.AddDate(0, 0, d)
				if dayOf(day) > dayOf(ex.To) {
					break
				}
				for k, s := range ex.Slots {
					if s.Day == day.Weekday() {
						x.event(cal, it, i, fmt.Sprintf("%d-x%d-%d-%d", i, n, d, k), day, s)
					}
				}
			}
		}
	}
}

// event adds one event that begins on a day.
func (x *exchange) event(cal *ics.Calendar, it *item, i int, id string, day time.Time, s directory.Slot) *ics.VEvent {
	r, l := &it.rec, &it.rec.Locations[i]
	e := cal.AddEvent(it.name + "-" + id + "@gevor")
	e.SetDtStampTime(it.modified.UTC())
	e.SetLastModifiedAt(it.modified.UTC())
	e.SetProperty(ics.ComponentPropertyDtStart, at(day, s.From).Format(localTime), ics.WithTZID("Europe/Berlin"))
	e.SetProperty(ics.ComponentPropertyDtEnd, at(day, s.To).Format(localTime), ics.WithTZID("Europe/Berlin"))
	e.SetSummary(said(r.Name))
	parts := []string{said(r.Summary), r.Provider.Name}
	if s.ByCall {
		parts = append(parts, "Nur nach Vereinbarung.")
	}
	e.SetDescription(strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "\n"))
	if where := strings.Trim(l.Street+", "+strings.TrimSpace(l.Postcode+" "+l.City), ", "); where != "" {
		e.SetLocation(where)
	}
	if x.a.o.OfferPage != nil {
		e.SetURL(x.base() + x.a.o.OfferPage("de", r.ID))
	}
	return e
}

// firstDay is the first day of a slot from the day on which the hours begin, or on which they were written; zero where
// they ended before.
func (x *exchange) firstDay(h *directory.Hours, s directory.Slot, modified time.Time) time.Time {
	from := modified.In(x.a.zone)
	if !h.From.IsZero() && dayOf(h.From) > dayOf(from) {
		from = h.From
	}
	for d := range 62 {
		day := time.Date(from.Year(), from.Month(), from.Day()+d, 0, 0, 0, 0, x.a.zone)
		if !h.To.IsZero() && dayOf(day) > dayOf(h.To) {
			return time.Time{}
		}
		if on(s, day) {
			return day
		}
	}
	return time.Time{}
}

// on says whether a slot holds on a day, holidays aside.
func on(s directory.Slot, day time.Time) bool {
	return s.Day == day.Weekday() && (s.Weeks == 0 || s.Weeks&directory.OnlyWeek((day.Day()-1)/7+1) != 0)
}

func excepted(h *directory.Hours, day time.Time) bool {
	return slices.ContainsFunc(h.Exceptions, func(e directory.Exception) bool { return dayOf(day) >= dayOf(e.From) && dayOf(day) <= dayOf(e.To) })
}

// dayOf is the calendar day of a time, whatever zone it was written in, as a text that sorts.
func dayOf(t time.Time) string { return t.Format(time.DateOnly) }

func at(day time.Time, minutes int) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), 0, minutes, 0, 0, day.Location())
}

func weekday(d time.Weekday) string {
	return [...]string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}[d]
}
