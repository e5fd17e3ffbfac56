package indicator_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"gevor/disclosure"
	"gevor/fault"
	"gevor/indicator"
)

// tiedTables are two datasets over one denominator: who came to an appointment and who missed it, of the same consultations.
func tiedTables(rules disclosure.Rules, bases, first, second []float64) []*indicator.Table {
	var out []*indicator.Table
	for k, counts := range [][]float64{first, second} {
		t := counted(rules, counts...)
		t.Dataset.ID = []string{"missed", "letters"}[k]
		for i := range t.Figures {
			t.Figures[i].Base = indicator.Of(bases[i])
		}
		out = append(out, t)
	}
	return out
}

// findsBase counts the small denominators that somebody finds who reads all publications: a base that one shows and another
// hides, or the last one that is missing in the city's sum.
func findsBase(pubs []*indicator.Publication, bases []float64, least float64) int {
	at := pubs[0].Periods[0]
	known := map[string]float64{}
	for _, pub := range pubs {
		for _, a := range pub.Areas {
			if x := pub.Point(a.Key, at).Base; x.Known() {
				known[a.Key] = x.Number
			}
		}
	}
	hits := 0
	for i, a := range town().Of(indicator.Districts) {
		if bases[i] == 0 || bases[i] >= least {
			continue
		}
		if _, shown := known[a.Key]; shown {
			hits++
			continue
		}
		rest, ok := known["05999000"]
		for k, other := range town().Of(indicator.Districts) {
			if k != i {
				v, has := known[other.Key]
				rest, ok = rest-v, ok && has
			}
		}
		if ok && rest == bases[i] {
			hits++
		}
	}
	return hits
}

// Datasets that divide by the same denominator show and hide it alike, and nobody finds a small one from both; each protected
// for itself, they give some away.
func TestLinkedDatasetsAreProtectedTogether(t *testing.T) {
	rules := disclosure.Rules{MinimumCell: 5}
	var small, found, control, lost, all int
	rapid.Check(t, func(r *rapid.T) {
		draw := func(most []float64) []float64 {
			var out []float64
			for _, m := range most {
				out = append(out, float64(rapid.IntRange(0, int(m)).Draw(r, "count")))
			}
			return out
		}
		bases := draw([]float64{12, 30, 30, 40})
		tables := tiedTables(rules, bases, draw(bases), draw(bases))
		pubs, previews, err := indicator.ProtectTogether(tables, town(), []indicator.GateOptions{{BaseCode: "consultations"}, {BaseCode: "consultations"}})
		if err != nil {
			r.Fatal(err)
		}
		at := pubs[0].Periods[0]
		for _, a := range pubs[0].Areas {
			if x, y := pubs[0].Point(a.Key, at).Base, pubs[1].Point(a.Key, at).Base; x != y {
				r.Fatalf("%s has the base %+v in one dataset and %+v in the other", a.Key, x, y)
			}
		}
		for _, b := range bases {
			if b > 0 && b < 5 {
				small++
			}
		}
		for _, v := range previews {
			lost, all = lost+v.Primary+v.Secondary, all+v.Figures
		}
		found += findsBase(pubs, bases, 5)
		var alone []*indicator.Publication
		for _, table := range tables {
			pub, _, err := indicator.Protect(table, town(), indicator.GateOptions{})
			if err != nil {
				r.Fatal(err)
			}
			alone = append(alone, pub)
		}
		control += findsBase(alone, bases, 5)
	})
	t.Logf("figure: two datasets over one denominator: %d small denominators, %d found when protected together, %d when each for itself; %d of %d figures withheld", small, found, control, lost, all)
	if small == 0 || found > 0 {
		t.Errorf("%d of %d small denominators are found", found, small)
	}
	if control == 0 {
		t.Error("the control finds nothing")
	}
}

// Women and men add up to all: with one of the three hidden in a district, another must be.
func TestDatasetsThatAddUp(t *testing.T) {
	rules := disclosure.Rules{MinimumCell: 5}
	women, men := counted(rules, 3, 20, 30, 40), counted(rules, 30, 21, 31, 41)
	all := counted(rules, 33, 41, 61, 81)
	tables := []*indicator.Table{women, men, all}
	for i, id := range []string{"women", "men", "all"} {
		tables[i].Dataset.ID, tables[i].Dataset.Per = id, 0
		for k := range tables[i].Figures {
			tables[i].Figures[k].Base = indicator.Value{}
		}
	}
	pubs, _, err := indicator.ProtectTogether(tables, town(), []indicator.GateOptions{{}, {}, {SumOf: []string{"women", "men"}}})
	if err != nil {
		t.Fatal(err)
	}
	at, first := pubs[0].Periods[0], town().Of(indicator.Districts)[0].Key
	if !pubs[0].Point(first, at).Count.Known() && pubs[1].Point(first, at).Count.Known() && pubs[2].Point(first, at).Count.Known() {
		t.Error("all less men are the women that were hidden")
	}
	alone, _ := protect(t, men, indicator.GateOptions{})
	total, _ := protect(t, all, indicator.GateOptions{})
	if got := total.Point(first, at).Count.Number - alone.Point(first, at).Count.Number; math.Abs(got-3) > 0 {
		t.Errorf("the control finds %g women, want 3", got)
	}
	tables[2].Figures[0].Count = indicator.Of(99)
	if _, _, err := indicator.ProtectTogether(tables, town(), []indicator.GateOptions{{}, {}, {SumOf: []string{"women", "men"}}}); err == nil {
		t.Error("datasets that do not add up pass")
	}
}

// What shares a denominator that is not public goes together, what says that it is a sum with its parts; the rest alone, and
// what is divided by another dataset after it.
func TestLinkedGroups(t *testing.T) {
	entry := func(id, file, base string, open bool) indicator.Entry {
		return indicator.Entry{Dataset: indicator.Dataset{ID: id, Per: 100}, File: file, Base: base, OpenBase: open, RuleFile: "r.toml"}
	}
	c := &indicator.Catalogue{Entries: []indicator.Entry{
		{Dataset: indicator.Dataset{ID: "later"}, BaseOf: "open", RuleFile: "r.toml"},
		entry("missed", "advice.csv", "all", false), entry("open", "x.csv", "people", true), entry("letters", "advice.csv", "all", false),
		{Dataset: indicator.Dataset{ID: "sum"}, RuleFile: "r.toml", SumOf: []string{"part"}},
		{Dataset: indicator.Dataset{ID: "part"}, RuleFile: "r.toml"},
		entry("public", "x.csv", "people", true),
	}}
	want := [][]int{{1, 3}, {2}, {4, 5}, {6}, {0}}
	got := c.Linked()
	if len(got) != len(want) {
		t.Fatalf("%v, want %v", got, want)
	}
	for i := range want {
		if len(got[i]) != len(want[i]) || got[i][0] != want[i][0] {
			t.Errorf("%v, want %v", got, want)
		}
	}
}

// A dataset by hand comes after another one whose true figures are gone: bound by the denominators that are published, it
// gives no small one away. The control, protected for itself, does.
func TestASecondDatasetKeepsTheDenominator(t *testing.T) {
	var small, found, control, refused, linked int
	rapid.Check(t, func(r *rapid.T) {
		draw := func(most []float64) []float64 {
			var out []float64
			for _, m := range most {
				out = append(out, float64(rapid.IntRange(0, int(m)).Draw(r, "count")))
			}
			return out
		}
		bases := draw([]float64{12, 30, 30, 40})
		tables := tiedTables(disclosure.Rules{MinimumCell: 5}, bases, draw(bases), draw(bases))
		first, _, err := indicator.Protect(tables[0], town(), indicator.GateOptions{})
		if err != nil {
			r.Fatal(err)
		}
		alone, _, err := indicator.Protect(tables[1], town(), indicator.GateOptions{})
		if err != nil {
			r.Fatal(err)
		}
		same := indicator.SameBase(tables[1], []*indicator.Publication{first})
		if len(same) == 0 { // too little is published to see that the denominators are the same
			return
		}
		linked++
		for _, b := range bases {
			if b > 0 && b < 5 {
				small++
			}
		}
		control += findsBase([]*indicator.Publication{first, alone}, bases, 5)
		second, _, err := indicator.Protect(tables[1], town(), indicator.GateOptions{Earlier: same})
		if fault.KindOf(err) == fault.Conflict && err != nil {
			refused++ // what is published already lets nothing be protected: it stays unpublished
			return
		}
		if err != nil {
			r.Fatal(err)
		}
		found += findsBase([]*indicator.Publication{first, second}, bases, 5)
	})
	t.Logf("figure: a second dataset over a published denominator: %d pairs seen, %d small denominators, %d found when bound (%d refused), %d when protected for itself", linked, small, found, refused, control)
	if linked == 0 || found > 0 {
		t.Errorf("%d of %d small denominators are found", found, small)
	}
	if control == 0 {
		t.Error("the control finds nothing")
	}
	other := counted(disclosure.Rules{}, 1, 2, 3, 4)
	for i := range other.Figures {
		other.Figures[i].Base = indicator.Of(float64(50 + i))
	}
	shown, _, err := indicator.Protect(other, town(), indicator.GateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := indicator.SameBase(other, []*indicator.Publication{shown}); len(got) != 1 || got[0].Count != nil {
		t.Errorf("the same denominators: %v", got)
	}
	other.Figures[0].Base = indicator.Of(51.5)
	if got := indicator.SameBase(other, []*indicator.Publication{shown}); len(got) != 0 {
		t.Error("one denominator differs, but they are taken for the same")
	}
}
