package disclosure_test

import (
	"encoding/csv"
	"math/bits"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"gevor/disclosure"
)

// How near the gate comes to hiding as few figures as possible: on small drawn tables every choice of fewer figures is
// tried against the attacker. What he would let pass is the least possible.
func TestHowNearToTheLeastPossible(t *testing.T) {
	tables, ours, least, primary, cells := 0, 0, 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		table, rules := drawn(t)
		rules.Weight = disclosure.ByCells
		p, report, err := disclosure.Gate(table, rules, disclosure.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var free []int
		for i, r := range report.Reasons {
			if r.Fate == disclosure.FatePublished || r.Fate == disclosure.FateSecondary {
				free = append(free, i)
			}
		}
		if len(free) > 9 || report.Secondary == 0 {
			return
		}
		k := publicOf(table, rules)
		rows, _ := csv.NewReader(strings.NewReader(published(t, p))).ReadAll()
		best := report.Secondary
		for set := range 1 << len(free) {
			if bits.OnesCount(uint(set)) >= best {
				continue
			}
			tried := &disclosure.Report{Reasons: append([]disclosure.Reason{}, report.Reasons...)}
			var b strings.Builder
			w := csv.NewWriter(&b)
			_ = w.Write(rows[0])
			for i, c := range table.Cells {
				line := append([]string{}, rows[i+1]...)
				for n, f := range free {
					if f != i {
						continue
					}
					tried.Reasons[i].Width = 0
					if line = append(append([]string{}, c.At...), "value", number(c.Value), "published"); set>>n&1 == 1 {
						tried.Reasons[i].Width = 1
						line = append(append([]string{}, c.At...), "value", "", "suppressed")
					}
				}
				_ = w.Write(line)
			}
			w.Flush()
			if got := judge(attack(t, k, b.String()), table, tried); got.exact+got.narrow == 0 {
				best = bits.OnesCount(uint(set))
			}
		}
		tables++
		ours, least, primary, cells = ours+report.Secondary, least+best, primary+report.Primary, cells+report.Cells
	})
	t.Logf("figure: disclosure, %d drawn tables of %d figures with %d sensitive ones: %d hidden for others where %d is the least possible", tables, cells, primary, ours, least)
	if tables > 10 && float64(ours) > 1.2*float64(least) {
		t.Errorf("%d hidden for others, more than a fifth above the least possible %d", ours, least)
	}
}
