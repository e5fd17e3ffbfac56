package indicator

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"time"

	"gevor/disclosure"
	"gevor/fault"
	"gevor/form"
	"gevor/notice"
)

// The bounds of a sketch; larger tables come with a catalogue.
const (
	SketchBytes = 2 << 20
	SketchRows  = 5000
	// SketchDays is how long a sketch waits before it is forgotten: it holds true figures.
	SketchDays = 30
)

// Sketch is a dataset as its owner writes it by hand or sends it as a file: what is said of it, and the table with its true
// figures. Nobody but the owner's statisticians sees it, and it is forgotten once it was put through the gate.
type Sketch struct {
	ID      string
	Owner   string // id of the organisation
	Made    time.Time
	Dataset Dataset
	Rules   disclosure.Rules // the zero value where the source keeps nothing secret
	// OpenBase says that the denominator is public by itself, as numbers of residents are.
	OpenBase bool
	File     string // name of the table; what ends in .xlsx is a workbook
	Raw      []byte
}

// sketchColumns are the names by which the columns of a sketch are known, in small letters: key, period, count, base, value,
// error and units.
func sketchColumns() [7][]string {
	return [...][]string{
		{"key", "area", "schlüssel", "schluessel", "gebiet", "gebietsschlüssel", "stadtteil", "ags"},
		{"period", "zeitraum", "jahr", "year"},
		{"count", "zahl", "anzahl", "fälle", "faelle", "cases"},
		{"base", "nenner", "bezug", "denominator"},
		{"value", "wert", "rate", "anteil", "quote"},
		{"error", "standardfehler"},
		{"units", "einheiten", "praxen"},
	}
}

// Tidy mends what was typed and says what cannot be taken, field by field, as package form does: reasons are "empty",
// "short", "long", "choose", "number", "date" and "rules". A direction may be left open; such figures stay a sketch.
func (k *Sketch) Tidy() error {
	var f form.Fields
	d := &k.Dataset
	d.Title.DE, d.Title.EN = f.Line("title_de", d.Title.DE, 3, 120), f.Line("title_en", d.Title.EN, 0, 120)
	d.Note.DE = f.Text("note_de", d.Note.DE, 0, 2000)
	d.Unit.DE, d.Unit.EN = f.Line("unit_de", d.Unit.DE, 1, 60), f.Line("unit_en", d.Unit.EN, 0, 60)
	d.Source, d.Publisher, d.Licence = f.Line("source", d.Source, 2, 200), f.Line("publisher", d.Publisher, 2, 200), f.Line("licence", d.Licence, 2, 100)
	d.URL = f.Line("url", d.URL, 0, 300)
	if d.URL != "" && !strings.HasPrefix(d.URL, "https://") && !strings.HasPrefix(d.URL, "http://") {
		f.Add("url", "address_web")
	}
	if !plain(d.ID) {
		f.Add("short", "short_name")
	}
	if p, ok := ParsePeriod(d.ReferenceDate); !ok || p.Grain != Day {
		f.Add("reference_date", "date")
	}
	choose := func(field string, known bool) {
		if !known {
			f.Add(field, "choose")
		}
	}
	choose("topic", slices.Contains(Topics(), d.Topic))
	choose("level", slices.Contains(Levels(), d.Level))
	choose("direction", slices.Contains([]Direction{Unstated, MoreIsBetter, LessIsBetter, Depends}, d.Direction))
	if d.Per < 0 || d.Per > 1e6 || d.Values && d.Per != 0 {
		f.Add("per", "number")
	}
	if d.Decimals < 0 || d.Decimals > 6 {
		f.Add("decimals", "number")
	}
	d.RuleSet = k.Rules.Name
	if !k.Open() {
		k.Rules.Name = f.Line("rule_set", k.Rules.Name, 2, 120)
		d.RuleSet = k.Rules.Name
		if err := k.Rules.Validate(); err != nil {
			f.Add("minimum_cell", "rules")
		}
	}
	d.State = Draft
	switch {
	case len(k.Raw) == 0:
		f.Add("table", "empty")
	case len(k.Raw) > SketchBytes:
		f.Add("table", "file_large")
	}
	return f.Err()
}

// Read reads the table of a sketch. What cannot be used is a notice that names the cell and says what to do, a table that
// cannot be used at all is one too: then the table has no figures.
func (k *Sketch) Read(g *Ground, notes *notice.List) Table {
	d := k.Dataset
	d.Rules, d.RuleSet = k.Rules, k.Rules.Name
	t := Table{Dataset: d}
	refuse := func(rule, value, advice string) Table {
		notes.Add(notice.Notice{Severity: notice.Warning, File: k.File, Value: value, Rule: rule, Advice: advice})
		return t
	}
	unreadable := func(err error) Table {
		if f, ok := errors.AsType[*fault.Error](err); ok {
			return refuse("unreadable-table", f.What, f.Advice)
		}
		return refuse("unreadable-table", "", "save it again as CSV or XLSX")
	}
	s, err := sheetFrom(bytes.NewReader(k.Raw), k.File, "", 0, notes)
	if err != nil {
		return unreadable(err)
	}
	if len(s.rows) > SketchRows {
		return refuse("too-many-rows", "", "import tables of more than 5,000 lines with a catalogue, by gevor indicators import")
	}
	e := &Entry{Dataset: d, File: k.File, Shape: Long, OpenBase: k.OpenBase}
	into := [...]*string{&e.Area, &e.Period, &e.Count, &e.Base, &e.Value, &e.Error, &e.Units}
	for i, known := range sketchColumns() {
		for _, n := range s.names {
			if *into[i] == "" && slices.Contains(known, strings.ToLower(strings.Join(strings.Fields(n), " "))) {
				*into[i] = n
			}
		}
	}
	names := strings.Join(s.names, ", ")
	wide := slices.ContainsFunc(s.names, func(n string) bool { _, ok := ParsePeriod(n); return ok })
	switch {
	case e.Area == "":
		return refuse("no-key-column", names, "name the column with the keys of the areas \"key\"")
	case wide && e.Period == "" && !d.Ratio():
		*e = Entry{Dataset: d, File: k.File, Shape: Wide, Area: e.Area}
	case e.Period == "":
		return refuse("no-period-column", names, "name the column with the year or period \"period\"")
	case d.Values && e.Value == "":
		return refuse("no-value-column", names, "name the column with the rates or means \"value\"")
	case !d.Values && e.Count == "":
		return refuse("no-count-column", names, "name the column with the counted cases \"count\"")
	case d.Ratio() && e.Base == "":
		return refuse("no-base-column", names, "name the column with the denominator \"base\", or say that the figures are counts")
	}
	if !d.Values {
		e.Value, e.Error = "", ""
	} else {
		e.Count, e.Base = "", ""
	}
	if !d.Ratio() {
		e.Base = ""
	}
	if t, err = readLines(s, e, g, nil, notes); err != nil {
		return unreadable(err)
	}
	return t
}

// Options are what a sketch says of its passage through the gate.
func (k *Sketch) Options() GateOptions { return GateOptions{OpenBase: k.OpenBase} }

// Secrecy are the rules of a sketch's source as a form asks for them: what is below a number is hidden; 0 asks nothing.
type Secrecy struct {
	Name                     string
	Cell, Denominator, Units int
	Zeros                    bool // zeros are hidden like small numbers
}

// Keep makes these the rules of the sketch.
func (k *Sketch) Keep(s Secrecy) {
	k.Rules = disclosure.Rules{Name: s.Name, MinimumCell: s.Cell, MinimumDenominator: s.Denominator, MinimumUnits: s.Units}
	if s.Zeros {
		k.Rules.Zeros = disclosure.ZerosHidden
	}
}

// Secrecy gives the rules as a form asks for them.
func (k *Sketch) Secrecy() Secrecy {
	r := &k.Rules
	return Secrecy{Name: r.Name, Cell: r.MinimumCell, Denominator: r.MinimumDenominator, Units: r.MinimumUnits, Zeros: r.Zeros == disclosure.ZerosHidden}
}

// Open says that the source keeps nothing secret.
func (k *Sketch) Open() bool { return k.Rules == disclosure.Rules{} }
