package indicator

import (
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"gevor/notice"
	"gevor/tabular"
)

// Read reads a catalogue's folder: every dataset as a table with its true figures, in the order of the catalogue. A line
// that cannot be used is a notice that names the cell and says what to do; nothing is guessed. Faults come from the
// catalogue and from files that are no tables. Ground names the areas that figures may be about; Layers adds to it.
func Read(folder fs.FS, c *Catalogue, g *Ground, notes *notice.List) ([]Table, error) {
	counts := map[string]map[key]Value{}
	out := make([]Table, len(c.Entries))
	read := func(i int) error {
		t, err := readEntry(folder, &c.Entries[i], g, counts, notes)
		if err != nil {
			return err
		}
		out[i] = t
		if !t.Dataset.Values {
			counts[t.Dataset.ID] = map[key]Value{}
			for _, f := range t.Figures {
				counts[t.Dataset.ID][key{f.Area, f.Period}] = f.Count
			}
		}
		return nil
	}
	// Denominators first: a dataset that others divide by has no denominator of its own from elsewhere.
	for _, later := range []bool{false, true} {
		for i := range c.Entries {
			if (c.Entries[i].BaseOf != "") == later {
				if err := read(i); err != nil {
					return nil, err
				}
			}
		}
	}
	return out, nil
}

type key struct {
	area   string
	period Period
}

// reading is one dataset being read.
type reading struct {
	*sheet
	e       *Entry
	g       *Ground
	notes   *notice.List
	numbers tabular.Numbers
	length  int
	base    map[key]Value // of BaseOf; nil where the table has its own
	first   map[key]line  // where a figure stands
	signs   map[int][2]string
	told    map[int]bool // columns with mixed decimal signs
	out     []Figure
}

func readEntry(folder fs.FS, e *Entry, g *Ground, counts map[string]map[key]Value, notes *notice.List) (Table, error) {
	t := Table{Dataset: e.Dataset}
	s, err := openSheet(folder, e, notes)
	if err != nil {
		return t, err
	}
	return readLines(s, e, g, counts[e.BaseOf], notes)
}

// readLines reads the lines of a table; base are the counts of the dataset that BaseOf names.
func readLines(s *sheet, e *Entry, g *Ground, base map[key]Value, notes *notice.List) (Table, error) {
	t := Table{Dataset: e.Dataset}
	r := &reading{
		sheet: s, e: e, g: g, notes: notes, numbers: tabular.Numbers{Comma: s.comma, Markers: e.Markers}.WithDefaults(), length: e.KeyLength,
		first: map[key]line{}, signs: map[int][2]string{}, told: map[int]bool{}, base: base,
	}
	if r.length == 0 {
		r.length = g.keyLength(e.Level)
	}
	r.sayMerged()
	if e.Direction == Unstated {
		place := CatalogueFile
		if e.Line == 0 { // by hand
			place = e.File
		}
		notes.Add(notice.Notice{Severity: notice.Warning, File: place, Line: e.Line, Record: e.ID, Rule: "no-direction", Advice: "say direction = \"more\", \"less\" or \"depends\"; until then the figures stay a draft and get no colour"})
		t.Dataset.State = Draft
	}
	lines := r.long
	if e.Shape == Wide {
		lines = r.wide
	}
	if err := lines(); err != nil {
		return t, err
	}
	r.totals()
	slices.SortFunc(r.out, func(a, b Figure) int {
		if c := strings.Compare(a.Area, b.Area); c != 0 {
			return c
		}
		return a.Period.Compare(b.Period)
	})
	t.Figures = r.out
	if len(t.Figures) == 0 {
		notes.Add(notice.Notice{Severity: notice.Warning, File: e.File, Record: e.ID, Rule: "no-figures", Advice: "no line of the file could be used; see the notices of the file, and area, period and where in " + CatalogueFile})
	}
	return t, nil
}

// note gives a notice about a field.
func (r *reading) note(l line, column int, value, rule, advice string) notice.Notice {
	n := notice.Notice{Severity: notice.Reject, File: r.file, Line: l.number, Value: value, Rule: rule, Advice: advice}
	if column >= 0 {
		if column < len(r.names) {
			n.Field = r.names[column]
		}
		n.Record = r.cell(l, column)
	}
	return n
}

// sayMerged speaks of merged cells, and of columns that have figures and no name, which a merged header leaves in a text.
func (r *reading) sayMerged() {
	for _, m := range r.merged {
		r.notes.Add(notice.Notice{Severity: notice.Warning, File: r.file, Record: m, Rule: "merged-cells", Advice: "cells " + m + " are merged: only the first holds a text; take the merging back and write it into every cell"})
	}
	if r.workbook {
		for k, n := range r.names {
			if n == "" {
				r.nameless(k)
			}
		}
		return
	}
	for k, n := range r.names {
		if n == "column "+strconv.Itoa(k+1) {
			r.nameless(k)
		}
	}
}

func (r *reading) nameless(column int) {
	for _, l := range r.rows {
		if l.text(column) != "" {
			n := r.note(l, column, l.text(column), "nameless-column", "the column has figures and no name, as below a merged header; write a name above every column")
			n.Severity = notice.Warning
			r.notes.Add(n)
			return
		}
	}
}

func (r *reading) long() error {
	e := r.e
	var at [7]int
	for i, name := range []string{e.Area, e.Period, e.Count, e.Base, e.Value, e.Error, e.Units} {
		k, err := r.column(name)
		if err != nil {
			return err
		}
		at[i] = k
	}
	wanted, err := r.filter()
	if err != nil {
		return err
	}
	for _, l := range r.rows {
		if !wanted(l) {
			continue
		}
		area, why := r.area(l, at[0])
		if why == nil {
			var p Period
			if p, why = r.period(l, at[1]); why == nil {
				f := Figure{Area: area, Period: p, Place: fmt.Sprintf("%s:%d", r.file, l.number)}
				if why = r.fill(&f, l, at); why == nil {
					why = r.keep(f, l, at[1])
				}
			}
		}
		r.used(l, why)
	}
	return nil
}

// fill reads the numbers of a line of a long table.
func (r *reading) fill(f *Figure, l line, at [7]int) *notice.Notice {
	var why *notice.Notice
	for _, n := range []struct {
		column int
		into   *Value
	}{{at[2], &f.Count}, {at[3], &f.Base}, {at[4], &f.Rate}} {
		if n.column < 0 {
			continue
		}
		if *n.into, why = r.number(l, n.column, n.column == at[4]); why != nil {
			return why
		}
	}
	if at[5] >= 0 && f.Rate.Kind == Measured {
		v, why := r.number(l, at[5], false)
		if why != nil {
			return why
		}
		f.Rate.Error = v.Number
	}
	if at[6] >= 0 {
		v, why := r.number(l, at[6], false)
		if why != nil {
			return why
		}
		f.Units = int(v.Number)
	}
	return nil
}

func (r *reading) wide() error {
	key, err := r.column(r.e.Area)
	if err != nil {
		return err
	}
	type dated struct {
		column int
		period Period
	}
	var columns []dated
	for k, name := range r.names {
		if k == key {
			continue
		}
		if p, ok := ParsePeriod(name); ok {
			if i := slices.IndexFunc(columns, func(d dated) bool { return d.period == p }); i >= 0 {
				r.notes.Add(notice.Notice{Severity: notice.Warning, File: r.file, Field: name, Record: r.cell(line{number: 1}, k), Rule: "duplicate-period", Advice: "the column " + r.names[columns[i].column] + " holds the same period; the first is used, remove the wrong one"})
				continue
			}
			columns = append(columns, dated{k, p})
		} else if t, ok := excelDay(name); ok {
			r.notes.Add(notice.Notice{Severity: notice.Warning, File: r.file, Field: name, Record: r.cell(line{number: 1}, k), Rule: "excel-date", Advice: "the head of the column is a spreadsheet's number for " + t + "; write the period as text"})
		}
	}
	if len(columns) == 0 {
		return invalid(r.file, "no column is named after a period", "name the columns 2023, 2024 …; there are: "+strings.Join(r.names, ", "))
	}
	wanted, err := r.filter()
	if err != nil {
		return err
	}
	for _, l := range r.rows {
		if !wanted(l) {
			continue
		}
		area, why := r.area(l, key)
		if why != nil {
			r.used(l, why)
			continue
		}
		r.used(l, nil)
		for _, d := range columns {
			f := Figure{Area: area, Period: d.period, Place: r.file + ":" + strconv.Itoa(l.number)}
			v, why := r.number(l, d.column, r.e.Values)
			if r.e.Values {
				f.Rate = v
			} else {
				f.Count = v
			}
			if why == nil {
				why = r.keep(f, l, d.column)
			}
			if why != nil { // the line is used, this cell is not
				r.notes.Add(*why)
			}
		}
	}
	return nil
}

// filter gives a check for the lines that Where chooses. Others are left out without a word: a file may hold much else.
func (r *reading) filter() (func(line) bool, error) {
	type condition struct {
		column int
		want   string
	}
	var all []condition
	for name, want := range r.e.Where {
		k, err := r.column(name)
		if err != nil {
			return nil, err
		}
		all = append(all, condition{k, want})
	}
	return func(l line) bool {
		return !slices.ContainsFunc(all, func(c condition) bool { return l.text(c.column) != c.want })
	}, nil
}

func (r *reading) used(l line, why *notice.Notice) {
	if why == nil {
		r.notes.Used(r.file, 1)
		return
	}
	r.notes.Rejected(*why)
}

// area reads the key of a line.
func (r *reading) area(l line, column int) (string, *notice.Notice) {
	text := l.text(column)
	if text == "" {
		n := r.note(l, column, "", "no-area", "the line has no key; where cells are merged, take the merging back and write the key into every line")
		return "", &n
	}
	if len(r.e.Prefix) > 0 && !strings.HasPrefix(text, r.e.Prefix) {
		text = r.e.Prefix + text
	}
	if _, ok := r.g.Area(text); ok {
		return text, nil
	}
	k, mended := tabular.Key(text, r.length)
	a, ok := r.g.Area(k)
	if !ok {
		n := r.note(l, column, l.text(column), "unknown-area", "no area of the region has this key today; where a district was merged or renamed, give its figures under the new key and a break with reason \"boundary-change\"")
		return "", &n
	}
	if mended {
		n := r.note(l, column, l.text(column), "key-mended", "the key had lost its leading zero or its form as text")
		n.Severity = notice.Warning
		r.notes.Add(n)
	}
	return a.Key, nil
}

func (r *reading) period(l line, column int) (Period, *notice.Notice) {
	text := l.text(column)
	if p, ok := ParsePeriod(text); ok {
		return p, nil
	}
	rule, advice := "no-period", "write 2024, 2024-H1, 2024-Q3, 2024-05, 2024-W17 or 31.12.2024"
	if day, ok := excelDay(text); ok {
		rule, advice = "excel-date", "this is a spreadsheet's number for "+day+"; format the column as text and write the period"
	}
	n := r.note(l, column, text, rule, advice)
	return Period{}, &n
}
