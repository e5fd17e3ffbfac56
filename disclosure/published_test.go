package disclosure_test

import (
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"gevor/disclosure"
)

// What is published is true, what is hidden is gone, and the same input gives the same bytes.
func TestThePublishedIsTrueAndTheHiddenGone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table, rules := drawn(t)
		p, report, err := disclosure.Gate(table, rules, disclosure.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for i, f := range p.Figures() {
			v := table.Cells[i].Value
			switch fate := report.Reasons[i].Fate; f.Status {
			case disclosure.Published:
				if f.Value != v || v == 0 && rules.Zeros == disclosure.ZerosShown || fate != disclosure.FatePublished {
					t.Fatalf("%v: %g is printed as %g (%v)", f.At, v, f.Value, fate)
				}
				if sensitive(v, rules) > 0 {
					t.Fatalf("%v: %g is below the minimum cell", f.At, v)
				}
			case disclosure.Zero:
				if v != 0 || rules.Zeros == disclosure.ZerosHidden || fate != disclosure.FateZero {
					t.Fatalf("%v: %g is printed as zero (%v)", f.At, v, fate)
				}
			case disclosure.Suppressed:
				if f.Value != 0 || fate != disclosure.FatePrimary && fate != disclosure.FateSecondary {
					t.Fatalf("%v is hidden but holds %g (%v)", f.At, f.Value, fate)
				}
			default:
				t.Fatalf("%v is missing", f.At)
			}
		}
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
		again, _, err := disclosure.Gate(table, rules, disclosure.Options{})
		if err != nil || published(t, again) != published(t, p) {
			t.Fatal("the same table gives other bytes")
		}
	})
}

// A protected table holds no hidden value, in whatever field: no value of the table is a round number, and the whole of
// the protected table, fields that nobody can reach included, is searched for them.
func TestProtectedHoldsNoHiddenValue(t *testing.T) {
	rules := disclosure.Rules{Name: "BA", MinimumCell: 10, Weight: disclosure.ByValue}
	table := region{districts: 12, boroughs: 3, plans: 2, ages: 4, seed: 5, scale: 8}.table(2022)
	table.Counts = false
	for i := range table.Cells {
		table.Cells[i].Value *= math.Pi // keeps the sums, and no value is a round number
	}
	p, _, err := disclosure.Gate(table, rules, disclosure.Options{})
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("%#v", *p)
	hidden, found := 0, 0
	for i, f := range p.Figures() {
		if table.Cells[i].Value == 0 {
			continue
		}
		has := strings.Contains(text, fmt.Sprintf("%#v", table.Cells[i].Value))
		if f.Status == disclosure.Suppressed {
			hidden++
			shown := false // the same number may stand elsewhere as a published one
			for j, other := range p.Figures() {
				shown = shown || other.Status == disclosure.Published && table.Cells[j].Value == table.Cells[i].Value
			}
			if has && !shown {
				t.Errorf("%v is hidden, but its value stands in the protected table", f.At)
			}
			continue
		}
		if has {
			found++
		}
	}
	if hidden == 0 || found == 0 {
		t.Errorf("%d hidden; %d published values found: the search finds nothing", hidden, found)
	}
}
