package disclosure_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"gevor/disclosure"
	"gevor/fault"
)

// Amounts by contributors: dominance and p %. Nobody outside may come closer above than the rule allows, computed here
// from the contributions anew.
func TestAmountsStayAsWideAsTheRuleAsks(t *testing.T) {
	tables, hidden, controls := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		rows, columns := rapid.IntRange(2, 5).Draw(t, "rows"), rapid.IntRange(2, 4).Draw(t, "columns")
		table := &disclosure.Table{}
		for k, n := range []int{rows, columns} {
			sum := disclosure.Sum{Total: "all"}
			for i := range n {
				sum.Parts = append(sum.Parts, disclosure.Part{Code: fmt.Sprint(i), Share: 1})
			}
			table.Dimensions = append(table.Dimensions, disclosure.Dimension{Name: string(rune('a' + k)), Sums: []disclosure.Sum{sum}})
		}
		contributions := map[string][]float64{}
		for i := range rows {
			for j := range columns {
				for range rapid.IntRange(1, 6).Draw(t, "contributors") {
					v := float64(rapid.IntRange(1, 400).Draw(t, "contribution")) / 4
					for _, at := range []string{fmt.Sprint(i, ",", j), fmt.Sprint("all,", j), fmt.Sprint(i, ",all"), "all,all"} {
						at = strings.ReplaceAll(at, " ", "")
						contributions[at] = append(contributions[at], v)
					}
				}
			}
		}
		var order []string
		for i := range rows + 1 {
			for j := range columns + 1 {
				order = append(order, code(i, rows)+","+code(j, columns))
			}
		}
		for _, at := range order {
			all := contributions[at]
			c := disclosure.Cell{At: strings.Split(at, ","), Largest: top(all, 2), Units: len(all)}
			for _, v := range all {
				c.Value += v
			}
			table.Cells = append(table.Cells, c)
		}
		rules := disclosure.Rules{Name: "trade", PPercent: float64(rapid.IntRange(5, 30).Draw(t, "p"))}
		p, report, err := disclosure.Gate(table, rules, disclosure.Options{})
		if err != nil {
			t.Fatal(err)
		}
		needs := func(i int) float64 {
			two := top(contributions[order[i]], 2)
			if len(two) == 1 {
				two = append(two, 0)
			}
			return rules.PPercent/100*two[0] - (table.Cells[i].Value - two[0] - two[1])
		}
		k := publicOf(table, rules)
		narrow := func(text string) (n int) {
			a := attack(t, k, text)
			spans := a.bounds(nil)
			for i, c := range table.Cells {
				room := needs(i)
				s, isHidden := spans[a.index[strings.Join(c.At, "|")]]
				if room <= 1e-9*c.Value {
					continue
				}
				if !isHidden {
					t.Fatalf("%v is published, but the second largest learns the largest within %g %%", c.At, rules.PPercent)
				}
				if s.high == nil {
					continue
				}
				if high, _ := s.high.Float64(); high < c.Value+room-1e-5*c.Value {
					n++
				}
			}
			return n
		}
		if n := narrow(published(t, p)); n > 0 {
			t.Fatalf("%d figures too close above", n)
		}
		controls += narrow(unguarded(table, report))
		tables++
		hidden += report.Primary + report.Secondary
	})
	t.Logf("figure: disclosure, drawn amounts with the p %% rule: %d tables, %d hidden, 0 too close; secondary suppression off: %d", tables, hidden, controls)
	if controls == 0 {
		t.Error("with secondary suppression off nobody comes too close: this is no test")
	}
}

func code(i, n int) string {
	if i == n {
		return "all"
	}
	return fmt.Sprint(i)
}

func top(values []float64, n int) []float64 {
	var out []float64
	for _, v := range values {
		at := len(out)
		for at > 0 && out[at-1] < v {
			at--
		}
		out = append(out[:at], append([]float64{v}, out[at:]...)...)
	}
	return out[:min(n, len(out))]
}

// Insiders: whoever stands alone behind a hidden figure that is no total adds it to what is public, and still finds no other. Without
// the rule some do.
func TestInsidersFindNoOther(t *testing.T) {
	tried, refused, control, lostWith, lostWithout, cells := 0, 0, 0, 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		table, rules := drawn(t)
		find := func(insiders bool) (narrow, hidden int, ok bool) {
			rules.Insiders = insiders
			p, report, err := disclosure.Gate(table, rules, disclosure.Options{})
			if err != nil {
				if fault.KindOf(err) != fault.Conflict {
					t.Fatal(err)
				}
				return 0, 0, false
			}
			text := published(t, p)
			for i, c := range table.Cells {
				if !leaf(c.At) || c.Value != 1 || p.Figures()[i].Status != disclosure.Suppressed {
					continue
				}
				tried++
				known := strings.Join(c.At, ",") + ",value,1,published\n"
				a := attack(t, publicOf(table, rules), text, strings.Repeat("key,", len(c.At))+"figure,value,status\n"+known)
				for j, other := range table.Cells { // promised is what is sensitive by itself and no total
					if report.Reasons[j].Fate != disclosure.FatePrimary || i == j || !leaf(other.At) {
						delete(a.hidden, a.index[strings.Join(other.At, "|")])
					}
				}
				o := judge(a, table, report)
				narrow += o.narrow
			}
			return narrow, report.Primary + report.Secondary, true
		}
		n, hidden, ok := find(true)
		if n > 0 {
			t.Fatalf("insiders bound %d figures too narrowly", n)
		}
		m, without, _ := find(false)
		control += m
		if !ok {
			refused++
			return
		}
		lostWith, lostWithout, cells = lostWith+hidden, lostWithout+without, cells+len(table.Cells)
	})
	t.Logf("figure: disclosure, insiders: %d tried (%d tables refused), 0 find another figure; without the rule %d do; %.1f %% instead of %.1f %% of the figures lost",
		tried, refused, control, 100*float64(lostWith)/float64(cells), 100*float64(lostWithout)/float64(cells))
	if control == 0 {
		t.Error("without the rule insiders find nothing: this is no test")
	}
}

// leaf says that codes are no totals.
func leaf(at []string) bool {
	return !slices.ContainsFunc(at, func(code string) bool { return !strings.ContainsAny(code, "0123456789") || code[0] == 'p' })
}
