package disclosure_test

import (
	"testing"

	"gevor/disclosure"
)

func row(value float64, at ...string) disclosure.Cell { return disclosure.Cell{At: at, Value: value} }

// Four areas and their total. 2 is below 3; one more must go, and 4 is the cheapest by value.
func TestOneMoreIsHidden(t *testing.T) {
	table := &disclosure.Table{
		Counts: true,
		Dimensions: []disclosure.Dimension{{Name: "area", Sums: []disclosure.Sum{{
			Total: "city", Parts: []disclosure.Part{{Code: "a", Share: 1}, {Code: "b", Share: 1}, {Code: "c", Share: 1}, {Code: "d", Share: 1}},
		}}}},
		Cells: []disclosure.Cell{row(36, "city"), row(2, "a"), row(10, "b"), row(4, "c"), row(20, "d")},
	}
	p, report, err := disclosure.Gate(table, disclosure.Rules{Name: "test", MinimumCell: 3, Weight: disclosure.ByValue}, disclosure.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []disclosure.Status{disclosure.Published, disclosure.Suppressed, disclosure.Published, disclosure.Suppressed, disclosure.Published} {
		if got := p.Figures()[i]; got.Status != want {
			t.Errorf("%v: %v, want %v", got.At, got.Status, want)
		}
	}
	if report.Primary != 1 || report.Secondary != 1 || report.Hidden != 6 {
		t.Errorf("%+v", report)
	}
}
