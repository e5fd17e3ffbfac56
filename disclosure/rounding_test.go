package disclosure_test

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"gevor/disclosure"
	"gevor/fault"
)

// Rounding blurs what is published; an attacker who knows how it was rounded and that the true totals add up learns no
// sensitive figure more narrowly than promised. The control prints the same figures without rounding.
func TestRoundingIsNotUndoneByTotals(t *testing.T) {
	var control outcome
	tables, refused, cells, hidden, guarded := 0, 0, 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		table, rules := drawn(t)
		rules.Rounding = disclosure.Rounding(rapid.IntRange(1, 2).Draw(t, "method"))
		rules.RoundingBase = rapid.IntRange(2, 10).Draw(t, "base")
		p, report, err := disclosure.Gate(table, rules, disclosure.Options{})
		if err != nil {
			if fault.KindOf(err) != fault.Conflict {
				t.Fatal(err)
			}
			refused++
			return
		}
		for i, f := range p.Figures() {
			if f.Status != disclosure.Published {
				continue
			}
			off := math.Abs(f.Value - table.Cells[i].Value)
			if math.Mod(f.Value, float64(rules.RoundingBase)) != 0 || off >= float64(rules.RoundingBase) || rules.Rounding == disclosure.Deterministic && off > float64(rules.RoundingBase)/2 {
				t.Fatalf("%v is %g, printed %g with base %d", f.At, table.Cells[i].Value, f.Value, rules.RoundingBase)
			}
		}
		k := publicOf(table, rules)
		a := attack(t, k, published(t, p))
		// Sensitive figures may be published rounded: what is promised of them is their width too.
		for i, c := range table.Cells {
			if r := sensitive(c.Value, rules); r > 0 {
				report.Reasons[i].Width = math.Max(report.Reasons[i].Width, r)
				a.hidden[a.index[strings.Join(c.At, "|")]] = true
				guarded++
			}
		}
		got := judge(a, table, report)
		if got.narrow > 0 || len(got.wrong) > 0 {
			t.Fatalf("%+v\n%s", got, published(t, p))
		}
		exactly := rules
		exactly.Rounding, exactly.RoundingBase = disclosure.Exact, 0
		open := attack(t, publicOf(table, exactly), unguarded(table, &disclosure.Report{Reasons: make([]disclosure.Reason, len(table.Cells))}))
		for i := range a.hidden {
			open.hidden[open.index[a.name[i]]] = true
		}
		control.exact += judge(open, table, report).exact
		tables, cells, hidden = tables+1, cells+report.Cells, hidden+report.Primary+report.Secondary
	})
	t.Logf("figure: disclosure, drawn tables with rounding: %d tables (%d without a controlled rounding), %d figures, %d sensitive, %d suppressed all the same, 0 too narrow; without rounding %d recovered",
		tables, refused, cells, guarded, hidden, control.exact)
	if control.exact == 0 {
		t.Error("without rounding the attacker finds nothing: he is no test")
	}
}

// sensitive gives the width promised to a small figure, 0 if it is none.
func sensitive(v float64, r disclosure.Rules) float64 {
	if v < float64(r.MinimumCell) && (v > 0 || r.Zeros == disclosure.ZerosHidden) {
		return float64(r.MinimumCell - 1)
	}
	return 0
}

// Controlled rounding of two hierarchies always succeeds and keeps every total.
func TestControlledRoundingAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table, _ := drawn(t)
		for _, d := range table.Dimensions {
			for _, s := range d.Sums {
				if s.Total == "p1" {
					return
				}
			}
		}
		if len(table.Dimensions) > 2 {
			return
		}
		rules := disclosure.Rules{RoundingBase: rapid.IntRange(2, 10).Draw(t, "base"), Rounding: disclosure.Controlled}
		p, _, err := disclosure.Gate(table, rules, disclosure.Options{})
		if err != nil {
			t.Fatal(err)
		}
		value := map[string]float64{}
		for _, f := range p.Figures() {
			value[strings.Join(f.At, "|")] = f.Value
		}
		for k, d := range table.Dimensions {
			for _, s := range d.Sums {
				for _, c := range table.Cells {
					if c.At[k] != s.Total {
						continue
					}
					sum, at := 0.0, append([]string{}, c.At...)
					for _, part := range s.Parts {
						at[k] = part.Code
						sum += value[strings.Join(at, "|")]
					}
					if total := value[strings.Join(c.At, "|")]; total != sum {
						t.Fatalf("%v is %g, its parts sum to %g", c.At, total, sum)
					}
				}
			}
		}
	})
}
