package disclosure_test

import (
	"strings"
	"testing"

	"gevor/disclosure"
	"gevor/fault"
)

func row(value float64, at ...string) disclosure.Cell { return disclosure.Cell{At: at, Value: value} }

func sums(total string, parts ...string) disclosure.Sum {
	return disclosure.Sum{Total: total, Parts: part(parts...)}
}

// line is a table of one dimension: a city and its areas.
func line(cells ...disclosure.Cell) *disclosure.Table {
	return &disclosure.Table{Counts: true, Cells: cells, Dimensions: []disclosure.Dimension{{Name: "area", Sums: []disclosure.Sum{sums("city", "a", "b", "c", "d")}}}}
}

// states gives the states in the order of the cells: p published, s suppressed, z zero, m missing.
func states(p *disclosure.Protected) string {
	var b strings.Builder
	for _, f := range p.Figures() {
		b.WriteByte("mzps"[f.Status])
	}
	return b.String()
}

func fates(r *disclosure.Report) string {
	var b strings.Builder
	for _, f := range r.Reasons {
		b.WriteByte("mzp12"[f.Fate])
	}
	return b.String()
}

// What each rule hides, with the width it promises, worked out in the comments.
func TestWhatTheRulesHide(t *testing.T) {
	with := func(v float64, units, houses int, largest ...float64) disclosure.Cell {
		return disclosure.Cell{At: []string{"a"}, Value: v, Units: units, Organisations: houses, Largest: largest}
	}
	amounts := func(cells ...disclosure.Cell) *disclosure.Table {
		t := line(cells...)
		t.Counts = false
		return t
	}
	for _, c := range []struct {
		name  string
		table *disclosure.Table
		rules disclosure.Rules
		named bool
		fates string
		rule  disclosure.Rule
		width float64 // of the first figure
	}{
		{"2 of 3", line(row(2, "a"), row(9, "b")), disclosure.Rules{MinimumCell: 3}, false, "1p", disclosure.RuleCell, 2},
		{"3 of 3", line(row(3, "a"), row(9, "b")), disclosure.Rules{MinimumCell: 3}, false, "pp", "", 0},
		{"a zero", line(row(0, "a"), row(9, "b")), disclosure.Rules{MinimumCell: 3}, false, "zp", "", 0},
		{"a hidden zero", line(row(0, "a"), row(9, "b")), disclosure.Rules{MinimumCell: 3, Zeros: disclosure.ZerosHidden}, false, "1p", disclosure.RuleCell, 2},
		{"9 of 10", line(row(9, "a"), row(10, "b")), disclosure.Rules{MinimumCell: 10}, false, "1p", disclosure.RuleCell, 9},
		// Two practices, 900 visits: 10 % of 900.
		{"two practices", line(with(900, 2, 0)), disclosure.Rules{MinimumUnits: 3}, false, "1", disclosure.RuleUnits, 90},
		{"three practices", line(with(900, 3, 0)), disclosure.Rules{MinimumUnits: 3}, false, "p", "", 0},
		{"two practices, 25 %", line(with(900, 2, 0)), disclosure.Rules{MinimumUnits: 3, ProtectPercent: 25}, false, "1", disclosure.RuleUnits, 225},
		// n ≥ 5 from at least three houses for the public; a house's own aggregates from 5 for named readers.
		{"two houses", line(with(30, 0, 2)), disclosure.Rules{MinimumCell: 5, MinimumOrganisations: 3}, false, "1", disclosure.RuleOrganisations, 4},
		{"three houses", line(with(30, 0, 3)), disclosure.Rules{MinimumCell: 5, MinimumOrganisations: 3}, false, "p", "", 0},
		{"one house, public", line(with(30, 0, 1)), disclosure.Rules{MinimumCell: 5, MinimumOrganisations: 3}, false, "1", disclosure.RuleOrganisations, 4},
		{"one house, named readers", line(with(30, 0, 1)), disclosure.Rules{MinimumCell: 5, MinimumOrganisations: 3}, true, "p", "", 0},
		{"one house, named readers, 4", line(with(4, 0, 1)), disclosure.Rules{MinimumCell: 5, MinimumOrganisations: 3}, true, "1", disclosure.RuleCell, 4},
		{"two houses, named readers", line(with(30, 0, 2)), disclosure.Rules{MinimumCell: 5, MinimumOrganisations: 3}, true, "1", disclosure.RuleOrganisations, 4},
		// (2,85): 90 of 100 are 90 %; 100/85·90 − 100 = 5.882…, on either side.
		{"dominance", amounts(with(100, 9, 0, 60, 30)), disclosure.Rules{DominanceN: 2, DominanceK: 85}, false, "1", disclosure.RuleDominance, 2 * (90/0.85 - 100)},
		{"no dominance", amounts(with(100, 9, 0, 50, 30)), disclosure.Rules{DominanceN: 2, DominanceK: 85}, false, "p", "", 0},
		// p = 10 %: the second (30) knows 100 − 30 = 70 ≥ 66 = the first within 6.06 %: 6.6 − 4 = 2.6 on either side.
		{"p percent", amounts(with(100, 9, 0, 66, 30)), disclosure.Rules{PPercent: 10}, false, "1", disclosure.RulePPercent, 5.2},
		{"p percent kept", amounts(with(100, 9, 0, 60, 30)), disclosure.Rules{PPercent: 10}, false, "p", "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := disclosure.Options{}
			if c.named {
				o.Audience = disclosure.Named
			}
			_, r, err := disclosure.Gate(c.table, c.rules, o)
			if err != nil {
				t.Fatal(err)
			}
			if got := r.Reasons[0]; fates(r) != c.fates || got.Rule != c.rule || got.Width < c.width-1e-9 || got.Width > c.width+1e-9 {
				t.Errorf("%s, rule %q, width %g; want %s, %q, %g", fates(r), got.Rule, got.Width, c.fates, c.rule, c.width)
			}
		})
	}
}

// Four areas and their total. 2 is below 3; one more must go: 4 is the cheapest by value.
func TestTheCheapestIsHiddenBeside(t *testing.T) {
	p, r, err := disclosure.Gate(line(row(36, "city"), row(2, "a"), row(10, "b"), row(4, "c"), row(20, "d")),
		disclosure.Rules{MinimumCell: 3, Weight: disclosure.ByValue}, disclosure.Options{})
	if err != nil || states(p) != "pspsp" || r.Hidden != 6 {
		t.Errorf("%s, %+v, %v", states(p), r, err)
	}
}

// c has no row, but 16 − 2 − 12 = 2 people follow: the missing row is as good as published, so more must be hidden.
func TestWhatFollowsFromATotalIsProtectedToo(t *testing.T) {
	table := &disclosure.Table{
		Counts: true, Cells: []disclosure.Cell{row(16, "city"), row(4, "a"), row(10, "b")},
		Dimensions: []disclosure.Dimension{{Name: "area", Sums: []disclosure.Sum{sums("city", "a", "b", "c")}}},
	}
	rules := disclosure.Rules{MinimumCell: 3, Weight: disclosure.ByValue}
	p, r, err := disclosure.Gate(table, rules, disclosure.Options{})
	if err != nil || states(p) != "psp" || r.Follows != 1 {
		t.Errorf("%s, %+v, %v", states(p), r, err)
	}
	// The same with a row that says nothing was gathered: its figure follows, and it stays missing.
	table.Cells = append(table.Cells, disclosure.Cell{At: []string{"c"}, Missing: true})
	if p, _, err = disclosure.Gate(table, rules, disclosure.Options{}); err != nil || states(p) != "pspm" {
		t.Errorf("%s, %v", states(p), err)
	}
	// Control: where 6 people are left, nothing is hidden.
	table.Cells[0].Value = 20
	if p, _, err = disclosure.Gate(table, rules, disclosure.Options{}); err != nil || states(p) != "pppm" {
		t.Errorf("%s, %v", states(p), err)
	}
}

// Two ways of parting a city that no row sums up: north + south = p1 + p2 all the same.
func TestOverlappingAreasWithoutTheirTotal(t *testing.T) {
	table := &disclosure.Table{
		Counts: true, Cells: []disclosure.Cell{row(20, "north"), row(2, "south"), row(9, "p1"), row(13, "p2")},
		Dimensions: []disclosure.Dimension{{Name: "area", Sums: []disclosure.Sum{sums("city", "north", "south"), sums("city", "p1", "p2")}}},
	}
	p, _, err := disclosure.Gate(table, disclosure.Rules{MinimumCell: 3, Weight: disclosure.ByValue}, disclosure.Options{})
	if err != nil || states(p) != "pssp" {
		t.Errorf("%s, %v; south = 9 + 13 − 20 must not follow", states(p), err)
	}
}

// 19 of 20 are ill: that one is not is as telling as the reverse.
func TestComplements(t *testing.T) {
	table := &disclosure.Table{
		Counts: true, Cells: []disclosure.Cell{row(19, "ill"), row(20, "people")}, Dimensions: []disclosure.Dimension{{Name: "measure"}},
		Rates: []disclosure.Rate{{Name: "rate", Dimension: "measure", Numerator: "ill", Denominator: "people", Per: 100, Part: true}},
	}
	rules := disclosure.Rules{MinimumCell: 3, Complements: true}
	p, _, err := disclosure.Gate(table, rules, disclosure.Options{})
	if err != nil || !strings.Contains(states(p), "s") || p.Rates()[0].Status != disclosure.Suppressed {
		t.Errorf("%s, %v, %v", states(p), p.Rates(), err)
	}
	rules.Complements = false
	if p, _, err = disclosure.Gate(table, rules, disclosure.Options{}); err != nil || states(p) != "pp" || p.Rates()[0].Value != 95 {
		t.Errorf("%s, %v, %v", states(p), p.Rates(), err)
	}
	// Too small a denominator: 19 of 20 where 25 are needed.
	rules.MinimumDenominator = 25
	if p, _, err = disclosure.Gate(table, rules, disclosure.Options{}); err != nil || states(p) != "sp" || p.Rates()[0].Status != disclosure.Suppressed {
		t.Errorf("%s, %v, %v", states(p), p.Rates(), err)
	}
}

// Suppressed, zero, missing and published stay four things in figures, changes and rates.
func TestFourStates(t *testing.T) {
	table := &disclosure.Table{
		Counts: true, Dimensions: []disclosure.Dimension{{Name: "area"}, {Name: "year"}},
		Changes: []disclosure.Change{{Name: "change", Dimension: "year", From: "1", To: "2"}},
	}
	for area, v := range map[string][2]float64{"both": {5, 7}, "same": {5, 5}, "hidden": {5, 1}, "zero": {0, 5}} {
		table.Cells = append(table.Cells, row(v[0], area, "1"), row(v[1], area, "2"))
	}
	table.Cells = append(table.Cells, row(5, "gone", "1"), disclosure.Cell{At: []string{"gone", "2"}, Missing: true})
	p, _, err := disclosure.Gate(table, disclosure.Rules{MinimumCell: 3}, disclosure.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]disclosure.Derived{
		"both": {Value: 2, Status: disclosure.Published}, "same": {Status: disclosure.Zero}, "hidden": {Status: disclosure.Suppressed},
		"zero": {Value: 5, Status: disclosure.Published}, "gone": {Status: disclosure.Missing},
	}
	for _, c := range p.Changes() {
		if w := want[c.At[0]]; c.Value != w.Value || c.Status != w.Status {
			t.Errorf("%s changed by %g, %v; want %g, %v", c.At[0], c.Value, c.Status, w.Value, w.Status)
		}
	}
	if f, ok := p.Figure("zero", "1"); !ok || f.Status != disclosure.Zero {
		t.Errorf("%+v", f)
	}
	if _, ok := p.Figure("nowhere", "1"); ok {
		t.Error("a figure that the table does not have was found")
	}
}

// Earlier publications bind: another choice, a refusal that names figures and releases, a concession.
func TestWhatWasPublishedBefore(t *testing.T) {
	table := line(row(36, "city"), row(2, "a"), row(10, "b"), row(4, "c"), row(20, "d"))
	rules := disclosure.Rules{MinimumCell: 3, Weight: disclosure.ByValue}
	known := func(at string, v float64) disclosure.Known {
		return disclosure.Known{At: []string{at}, Value: v}
	}
	before := func(f ...disclosure.Known) disclosure.Options {
		return disclosure.Options{Earlier: []disclosure.Release{{Name: "yearbook", Figures: f}}}
	}
	p, _, err := disclosure.Gate(table, rules, before(known("c", 4)))
	if err != nil || states(p) != "psspp" {
		t.Errorf("%s, %v", states(p), err)
	}
	_, _, err = disclosure.Gate(table, rules, before(known("b", 10), known("c", 4), known("d", 20), known("city", 36)))
	if fault.KindOf(err) != fault.Conflict || !strings.Contains(err.Error(), "area=a must be hidden (minimum cell)") || !strings.Contains(err.Error(), "(yearbook)") || !strings.Contains(err.Error(), "concede") {
		t.Errorf("%v", err)
	}
	_, _, err = disclosure.Gate(table, rules, before(known("a", 2)))
	if fault.KindOf(err) != fault.Conflict || !strings.Contains(err.Error(), "yearbook has published it already") {
		t.Errorf("%v", err)
	}
	o := before(known("a", 2))
	o.Conceded = [][]string{{"a"}}
	p, r, err := disclosure.Gate(table, rules, o)
	if err != nil || states(p) != "psppp" || r.Conceded != 1 {
		t.Errorf("%s, %+v, %v", states(p), r, err)
	}
	// An earlier figure with another value is another vintage: it binds nothing, and that is said.
	p, r, err = disclosure.Gate(table, rules, before(known("c", 5)))
	if err != nil || states(p) != "pspsp" || r.Revised != 1 {
		t.Errorf("%s, %+v, %v", states(p), r, err)
	}
	// An earlier rounded figure leaves what its rounding leaves: c is 2 to 6, so a can be 1 to 4 beside it.
	rounded := known("c", 4)
	rounded.Within = 2
	if p, _, err = disclosure.Gate(table, rules, before(rounded, known("b", 10), known("d", 20), known("city", 36))); err != nil || states(p)[1] != 's' {
		t.Errorf("%s, %v", states(p), err)
	}
}

// What another source publishes anyway, as population, is never hidden, and protection reckons with it.
func TestPublicDenominators(t *testing.T) {
	table := &disclosure.Table{
		Counts: true, Dimensions: []disclosure.Dimension{{Name: "area", Sums: []disclosure.Sum{sums("city", "a", "b", "c")}}, {Name: "measure"}},
		Rates: []disclosure.Rate{{Name: "rate", Dimension: "measure", Numerator: "ill", Denominator: "people", Per: 100, Part: true}},
	}
	for area, v := range map[string][2]float64{"a": {1, 2}, "b": {6, 40}, "c": {9, 60}, "city": {16, 102}} {
		people := row(v[1], area, "people")
		people.Public = true
		table.Cells = append(table.Cells, row(v[0], area, "ill"), people)
	}
	// a's ill are 1 or 2 of 2 people, and 0 would be shown: no third number is possible, whatever else is hidden.
	_, _, err := disclosure.Gate(table, disclosure.Rules{MinimumCell: 3}, disclosure.Options{})
	if fault.KindOf(err) != fault.Conflict || !strings.Contains(err.Error(), "area=a, measure=people (its own source)") {
		t.Errorf("%v", err)
	}
	for i := range table.Cells {
		if c := &table.Cells[i]; c.Public && (c.At[0] == "a" || c.At[0] == "city") {
			c.Value += 18
		}
	}
	p, _, err := disclosure.Gate(table, disclosure.Rules{MinimumCell: 3}, disclosure.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range p.Figures() {
		if f.At[1] == "people" && f.Status != disclosure.Published {
			t.Errorf("%v: %v", f.At, f.Status)
		}
	}
	if f, _ := p.Figure("a", "ill"); f.Status != disclosure.Suppressed {
		t.Errorf("%+v", f)
	}
}

// A district that half belongs to an area: the area's figure is an estimate rounded to a whole, and still tells.
func TestCrosswalkShares(t *testing.T) {
	table := &disclosure.Table{
		Counts: true, Cells: []disclosure.Cell{row(2, "a"), row(30, "b"), row(17, "area")},
		Dimensions: []disclosure.Dimension{{Name: "place", Sums: []disclosure.Sum{{Total: "area", Parts: []disclosure.Part{{Code: "a", Share: 1}, {Code: "b", Share: 0.5}}}}}},
	}
	p, _, err := disclosure.Gate(table, disclosure.Rules{MinimumCell: 3, Weight: disclosure.ByValue}, disclosure.Options{})
	if err != nil || states(p) != "sps" {
		t.Errorf("%s, %v", states(p), err)
	}
	table.Cells[2].Value = 19
	if _, _, err = disclosure.Gate(table, disclosure.Rules{MinimumCell: 3}, disclosure.Options{}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("2 + 15 = 19: %v", err)
	}
	if _, _, err = disclosure.Gate(table, disclosure.Rules{MinimumCell: 3, Tolerance: 3}, disclosure.Options{}); err != nil {
		t.Errorf("a source that perturbs: %v", err)
	}
}
