package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"gevor/fault"
	"gevor/notice"
	"gevor/signal"
	"gevor/tabular"
)

// watchFolder is what early warning reads, of one folder of tables, of the database, or of both.
type watchFolder struct {
	dir   string
	notes *notice.List

	areas    []signal.Area
	weeks    watchRecords
	months   watchRecords
	assets   []signal.Asset
	services []signal.Service
}

// end is the first day after what was reported by week, else by month; zero where nothing was.
func (f *watchFolder) end() time.Time {
	for _, r := range []*watchRecords{&f.weeks, &f.months} {
		if !r.last.IsZero() {
			return r.step.After(r.last, 1)
		}
	}
	return time.Time{}
}

// join adds what another source knows, as known before a day.
func (f *watchFolder) join(o *watchFolder, at time.Time) {
	for _, a := range o.areas {
		if !slices.ContainsFunc(f.areas, func(b signal.Area) bool { return b.Key == a.Key }) {
			f.areas = append(f.areas, a)
		}
	}
	for _, pair := range [][2]*watchRecords{{&f.weeks, &o.weeks}, {&f.months, &o.months}} {
		for _, l := range pair[1].lines {
			pair[0].put(l)
		}
	}
	f.weeks.until(at)
	f.months.until(firstOf(at))
	f.assets = append(f.assets, o.assets...)
	f.services = append(f.services, o.services...)
}

// watchRecords are records of one step, and the first and last period that they speak of.
type watchRecords struct {
	step        signal.Step
	first, last time.Time // first days
	lines       []watchLine
}

type watchLine struct {
	signal.Record
	period, known time.Time
}

// table reads a file of the folder, where it is there: use gets the texts of the wanted columns and says what is wrong.
func (f *watchFolder) table(name string, columns []string, use func(v []string) *tabular.Problem) (err error) {
	path := filepath.Join(f.dir, name)
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fault.Wrap(fault.Invalid, path, "cannot be opened", "check its rights", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	t, err := tabular.Open(file, tabular.Options{File: path, Notes: f.notes})
	if err != nil {
		return err
	}
	at := make([]int, len(columns))
	for i, c := range columns {
		if at[i], err = t.Need(c); err != nil {
			return err
		}
	}
	v := make([]string, len(columns))
	return t.Each(func(r tabular.Row) *tabular.Problem {
		for i, k := range at {
			v[i] = r.Text(k)
		}
		return use(v)
	})
}

func bad(field, value, rule, advice string) *tabular.Problem {
	return &tabular.Problem{Field: field, Value: value, Rule: rule, Advice: advice}
}

// readWatch reads a folder. Rows that cannot be used become notices; a file that is not there is no data.
func readWatch(dir string, notes *notice.List) (*watchFolder, error) {
	f := &watchFolder{dir: dir, notes: notes, weeks: watchRecords{step: signal.Week}, months: watchRecords{step: signal.Month}}
	if err := f.table("districts.csv", []string{"stadtteil", "name", "gemeinde"}, func(v []string) *tabular.Problem {
		if v[0] == "" || slices.ContainsFunc(f.areas, func(a signal.Area) bool { return a.Key == v[0] }) {
			return bad("stadtteil", v[0], "district-twice", "give every district once")
		}
		f.areas = append(f.areas, signal.Area{Key: v[0], Name: v[1], Parent: v[2]})
		return nil
	}); err != nil {
		return nil, err
	}
	if len(f.areas) == 0 {
		return nil, fault.New(fault.NotFound, filepath.Join(dir, "districts.csv"), "names no district", "give a folder as gevor demo writes it: districts.csv, reports.csv …")
	}
	known := map[string]bool{}
	for _, a := range f.areas {
		known[a.Key] = true
	}
	if err := f.table("reports.csv", []string{"quelle", "stadtteil", "gruppe", "anliegen", "woche_ab", "gemeldet_woche_ab", "stelle", "anzahl"}, func(v []string) *tabular.Problem {
		return f.weeks.add(known, v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], time.DateOnly)
	}); err != nil {
		return nil, err
	}
	if err := f.table("months.csv", []string{"quelle", "stadtteil", "gruppe", "anliegen", "monat", "gemeldet_monat", "anzahl"}, func(v []string) *tabular.Problem {
		return f.months.add(known, v[0], v[1], v[2], v[3], v[4], v[5], "", v[6], "2006-01")
	}); err != nil {
		return nil, err
	}
	return f, f.readLosses(known)
}

// add takes one line.
func (w *watchRecords) add(known map[string]bool, source, district, group, problem, period, reported, house, count, form string) *tabular.Problem {
	if !slices.Contains(signal.Sources(), signal.Source(source)) {
		return bad("quelle", source, "unknown-source", fmt.Sprintf("write one of %v", signal.Sources()))
	}
	if !known[district] {
		return bad("stadtteil", district, "unknown-district", "use a key of districts.csv")
	}
	if problem == "" {
		return bad("anliegen", problem, "missing-key", "name the category that is needed")
	}
	from, err := time.Parse(form, period)
	if err != nil || w.step == signal.Week && from.Weekday() != time.Monday {
		return bad("woche_ab", period, "bad-date", "write the Monday as 2026-05-04, or the month as 2026-05")
	}
	then, err := time.Parse(form, reported)
	if err != nil || then.Before(from) || w.step == signal.Week && then.Weekday() != time.Monday {
		return bad("gemeldet", reported, "bad-date", "write when it became known, not before it happened")
	}
	l := watchLine{Record: signal.Record{Source: signal.Source(source), Area: district, Subject: signal.Subject{Group: group, Problem: problem}, House: house, Count: -1}, period: from, known: then}
	if count != "." { // the week is missing
		n, err := strconv.Atoi(count)
		if err != nil || n < 0 {
			return bad("anzahl", count, "bad-count", "write a whole number from 0, or a point where the period is missing")
		}
		l.Count = n
	}
	w.put(l)
	return nil
}

// put takes one line whose parts are known to be right.
func (w *watchRecords) put(l watchLine) {
	if w.first.IsZero() || l.period.Before(w.first) {
		w.first = l.period
	}
	if l.known.After(w.last) {
		w.last = l.known
	}
	w.lines = append(w.lines, l)
}

// until keeps what was known before a day; nothing later is looked at.
func (w *watchRecords) until(day time.Time) {
	w.lines = slices.DeleteFunc(w.lines, func(l watchLine) bool { return !l.known.Before(day) })
	w.last = w.step.After(day, -1)
}

// panel gives the panel of the records; nil where there are none.
func (w *watchRecords) panel(areas []signal.Area) (*signal.Panel, error) {
	if len(w.lines) == 0 {
		return nil, nil
	}
	records := make([]signal.Record, len(w.lines))
	for i, l := range w.lines {
		records[i] = l.Record
		records[i].Period = w.step.Between(w.first, l.period)
		records[i].Delay = w.step.Between(w.first, l.known) - records[i].Period
	}
	return signal.NewPanel(w.step, w.first, w.step.Between(w.first, w.last)+1, areas, records)
}

func (f *watchFolder) readLosses(known map[string]bool) error {
	day := func(s string) (time.Time, bool) {
		if s == "" {
			return time.Time{}, true
		}
		t, err := time.Parse(time.DateOnly, s)
		return t, err == nil
	}
	asset := func(source signal.Source, v []string) (signal.Asset, *tabular.Problem) {
		if !known[v[1]] {
			return signal.Asset{}, bad("stadtteil", v[1], "unknown-district", "use a key of districts.csv")
		}
		return signal.Asset{Source: source, Area: v[1], Subject: signal.Subject{Group: v[2], Problem: v[3]}}, nil
	}
	err := f.table("practices.csv", []string{"praxis", "stadtteil", "gruppe", "kategorie", "geburtsjahr"}, func(v []string) *tabular.Problem {
		a, wrong := asset(signal.Retirement, v)
		if wrong != nil {
			return wrong
		}
		if v[4] != "" {
			n, err := strconv.Atoi(v[4])
			if err != nil || n < 1920 || n > 2020 {
				return bad("geburtsjahr", v[4], "bad-year", "write a year such as 1964, or leave it empty")
			}
			a.Born = n
		}
		f.assets = append(f.assets, a)
		return nil
	})
	if err == nil {
		err = f.table("funding.csv", []string{"angebot", "stadtteil", "gruppe", "kategorie", "gefoerdert_bis"}, func(v []string) *tabular.Problem {
			a, wrong := asset(signal.Funding, v)
			if wrong != nil {
				return wrong
			}
			var ok bool
			if a.Ends, ok = day(v[4]); !ok {
				return bad("gefoerdert_bis", v[4], "bad-date", "write 2026-12-31")
			}
			f.assets = append(f.assets, a)
			return nil
		})
	}
	if err == nil {
		err = f.table("offers.csv", []string{"angebot", "stadtteil", "gruppe", "kategorie", "zuletzt_bestaetigt", "schliesst_am"}, func(v []string) *tabular.Problem {
			a, wrong := asset(signal.Offers, v)
			if wrong != nil {
				return wrong
			}
			var ok, also bool
			a.Confirmed, ok = day(v[4])
			if a.Ends, also = day(v[5]); !ok || !also {
				return bad("schliesst_am", v[5], "bad-date", "write 2026-12-31")
			}
			f.assets = append(f.assets, a)
			return nil
		})
	}
	if err == nil {
		err = f.table("departures.csv", []string{"stadtteil", "fahrplan_ab", "abfahrten_bisher", "abfahrten_kuenftig"}, func(v []string) *tabular.Problem {
			from, ok := day(v[1])
			before, err1 := strconv.ParseFloat(v[2], 64)
			after, err2 := strconv.ParseFloat(v[3], 64)
			if !known[v[0]] || !ok || from.IsZero() || err1 != nil || err2 != nil || !(before >= 0) || !(after >= 0) {
				return bad("stadtteil", v[0], "bad-departures", "write a known district, the first day of the new timetable, and departures before and after")
			}
			f.services = append(f.services, signal.Service{Area: v[0], From: from, Before: before, After: after})
			return nil
		})
	}
	return err
}
