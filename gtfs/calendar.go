package gtfs

import (
	"sort"

	"gevor/notice"
)

var weekdayColumns = [...]string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}

func (r *reader) readCalendar() error {
	columns := append([]string{"service_id", "start_date", "end_date"}, weekdayColumns[:]...)
	return r.each("calendar.txt", 3+len(weekdayColumns), columns, func(t *table) {
		s := Service{}
		for i := range weekdayColumns {
			runs, ok := t.number(3+i, 0, 1, -1)
			if !ok || runs < 0 {
				t.reject(ruleField, t.columns[3+i], t.get(3+i), t.get(0))
				return
			}
			s.Weekdays |= uint8(runs) << i
		}
		for i, d := range []*Date{&s.Start, &s.End} {
			var ok bool
			if *d, ok = t.date(1 + i); !ok {
				t.reject(ruleDate, t.columns[1+i], t.get(1+i), t.get(0))
				return
			}
		}
		if s.End < s.Start {
			t.reject(ruleDate, "end_date", t.get(2), t.get(0))
			return
		}
		var ok bool
		if s.ID, ok = enter(t, r.services, 0, len(r.feed.Services)); ok {
			r.feed.Services = append(r.feed.Services, s)
			t.use()
		}
	})
}

func (r *reader) readExceptions() error {
	type key struct {
		service int32
		date    Date
	}
	seen := map[key]bool{}
	regular := len(r.feed.Services)
	err := r.each("calendar_dates.txt", 3, []string{"service_id", "date", "exception_type"}, func(t *table) {
		date, ok := t.date(1)
		if !ok {
			t.reject(ruleDate, "date", t.get(1), t.get(0))
			return
		}
		kind, ok := t.number(2, 1, 2, 0)
		if !ok || kind == 0 {
			t.reject(ruleField, "exception_type", t.get(2), t.get(0))
			return
		}
		service, known := r.services[t.get(0)]
		if !known {
			id, ok := enter(t, r.services, 0, len(r.feed.Services))
			if !ok {
				return
			}
			service = int32(len(r.feed.Services))
			r.feed.Services = append(r.feed.Services, Service{ID: id, Start: 1, End: 0})
		}
		if seen[key{service, date}] {
			t.reject(ruleDuplicate, "date", t.get(1), t.get(0))
			return
		}
		seen[key{service, date}] = true
		r.feed.Exceptions = append(r.feed.Exceptions, Exception{Service: service, Date: date, Added: kind == 1})
		t.use()
	})
	sort.Slice(r.feed.Exceptions, func(i, j int) bool {
		a, b := r.feed.Exceptions[i], r.feed.Exceptions[j]
		return a.Service < b.Service || a.Service == b.Service && a.Date < b.Date
	})
	added := make([]bool, len(r.feed.Services))
	for _, e := range r.feed.Exceptions {
		added[e.Service] = added[e.Service] || e.Added
	}
	for i, s := range r.feed.Services {
		if s.Weekdays != 0 || added[i] {
			continue
		}
		x := ruleNoDays.text()
		member := "calendar.txt"
		if i >= regular {
			member = "calendar_dates.txt"
		}
		r.notes.Add(notice.Notice{Severity: x.severity, File: r.box.file + "!" + member, Record: s.ID, Rule: string(ruleNoDays), Advice: x.advice})
	}
	return err
}
