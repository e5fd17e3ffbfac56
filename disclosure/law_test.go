package disclosure_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"gevor/disclosure"
	"gevor/fault"
)

// published gives the bytes that leave.
func published(t rapid.TB, p *disclosure.Protected) string {
	var b bytes.Buffer
	if err := p.WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// unguarded prints a table with the sensitive figures hidden, and nothing else: secondary suppression is off.
func unguarded(table *disclosure.Table, report *disclosure.Report) string {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	var header []string
	for _, d := range table.Dimensions {
		header = append(header, d.Name)
	}
	_ = w.Write(append(header, "figure", "value", "status"))
	for i, c := range table.Cells {
		value, status := number(c.Value), "published"
		switch {
		case report.Reasons[i].Fate == disclosure.FatePrimary:
			value, status = "", "suppressed"
		case c.Missing:
			value, status = "", "missing"
		}
		_ = w.Write(append(slices.Clone(c.At), "value", value, status))
	}
	w.Flush()
	return b.String()
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func publicOf(table *disclosure.Table, rules disclosure.Rules) knowledge {
	k := knowledge{
		dims: len(table.Dimensions), counts: table.Counts, zerosShown: rules.Zeros == disclosure.ZerosShown, rates: map[string]publicRate{},
		base: int64(rules.RoundingBase), controlled: rules.Rounding == disclosure.Controlled,
	}
	for d, dim := range table.Dimensions {
		for _, s := range dim.Sums {
			sum := publicSum{dimension: d, total: s.Total}
			for _, p := range s.Parts {
				sum.parts = append(sum.parts, p.Code)
			}
			k.sums = append(k.sums, sum)
		}
	}
	for _, r := range table.Rates {
		k.rates[r.Name] = publicRate{dimension: slices.IndexFunc(table.Dimensions, func(d disclosure.Dimension) bool { return d.Name == r.Dimension }), numerator: r.Numerator, denominator: r.Denominator, per: int64(r.Per)}
	}
	return k
}

// outcome is what an attacker got.
type outcome struct {
	hidden, exact, narrow int
	wrong                 []string
}

// judge compares what an attacker found with the truth and with the widths promised.
func judge(a *attacker, table *disclosure.Table, report *disclosure.Report) outcome {
	truth, width := map[int]float64{}, map[int]float64{}
	for i, c := range table.Cells {
		k := a.index[strings.Join(c.At, "|")]
		truth[k], width[k] = c.Value, report.Reasons[i].Width
	}
	var o outcome
	enough := func(i int) *big.Rat { return new(big.Rat).SetFloat64(width[i] + 4) }
	for i, s := range a.bounds(enough) {
		if _, of := truth[i]; !of || width[i] == 0 && a.shown[i] {
			continue
		}
		o.hidden++
		low, _ := s.low.Float64()
		w := s.width()
		if w == nil {
			continue
		}
		// Narrower than where he stops searching, also after rounding inwards: these are all his bounds.
		if high, _ := s.high.Float64(); new(big.Rat).Add(w, rat(2)).Cmp(enough(i)) < 0 && (low > truth[i]+1e-9 || high < truth[i]-1e-9) {
			o.wrong = append(o.wrong, fmt.Sprintf("%s: within %g to %g, but it is %g", a.name[i], low, high, truth[i]))
		}
		if w.Sign() == 0 {
			o.exact++
		}
		if f, _ := w.Float64(); f < width[i]-1e-6 {
			o.narrow++
			o.wrong = append(o.wrong, fmt.Sprintf("%s: within %s to %s, promised %g", a.name[i], s.low.RatString(), s.high.RatString(), width[i]))
		}
	}
	return o
}

// drawn makes a table: one to three dimensions with up to two levels, of which the first may have a second partition
// that overlaps the first, many small counts, and rules.
func drawn(t *rapid.T) (*disclosure.Table, disclosure.Rules) {
	table := &disclosure.Table{Counts: true}
	dims := rapid.IntRange(1, 3).Draw(t, "dimensions")
	var leaves [][]string
	for k := range dims {
		d := disclosure.Dimension{Name: string(rune('a' + k))}
		var codes []string
		n := rapid.IntRange(2, []int{9, 4, 3}[dims-1]).Draw(t, "codes")
		for i := range n {
			codes = append(codes, fmt.Sprintf("%s%d", d.Name, i))
		}
		sum := func(total string, parts []string) {
			s := disclosure.Sum{Total: total}
			for _, p := range parts {
				s.Parts = append(s.Parts, disclosure.Part{Code: p, Share: 1})
			}
			d.Sums = append(d.Sums, s)
		}
		if k == 0 && n >= 4 && rapid.Bool().Draw(t, "levels") {
			sum("west", codes[:n/2])
			sum("east", codes[n/2:])
			sum("all", []string{"west", "east"})
			if rapid.Bool().Draw(t, "overlap") {
				sum("p1", codes[:n/2-1])
				sum("p2", codes[n/2-1:])
				sum("all", []string{"p1", "p2"})
			}
		} else {
			sum("all", codes)
		}
		leaves = append(leaves, codes)
		table.Dimensions = append(table.Dimensions, d)
	}
	value := rapid.OneOf(rapid.IntRange(0, 6), rapid.IntRange(0, 40))
	values := map[string]float64{}
	var cells [][]string
	var fill func(at []string)
	fill = func(at []string) {
		if len(at) == dims {
			cells = append(cells, slices.Clone(at))
			values[strings.Join(at, "|")] = float64(value.Draw(t, "value"))
			return
		}
		for _, c := range leaves[len(at)] {
			fill(append(at, c))
		}
	}
	fill(nil)
	for k, d := range table.Dimensions { // totals of dimension k for everything there is
		for _, s := range d.Sums {
			groups := map[string]float64{}
			var order [][]string
			for _, at := range cells {
				if !slices.ContainsFunc(s.Parts, func(p disclosure.Part) bool { return p.Code == at[k] }) {
					continue
				}
				to := slices.Clone(at)
				to[k] = s.Total
				name := strings.Join(to, "|")
				if _, ok := groups[name]; !ok {
					order = append(order, to)
				}
				groups[name] += values[strings.Join(at, "|")]
			}
			for _, to := range order {
				name := strings.Join(to, "|")
				if _, ok := values[name]; !ok {
					cells = append(cells, to)
				}
				values[name] = groups[name]
			}
		}
	}
	for _, at := range cells {
		table.Cells = append(table.Cells, disclosure.Cell{At: at, Value: values[strings.Join(at, "|")]})
	}
	rules := disclosure.Rules{
		Name: "drawn", MinimumCell: rapid.IntRange(2, 6).Draw(t, "minimum cell"),
		Zeros:  disclosure.Zeros(rapid.IntRange(0, 1).Draw(t, "zeros")),
		Weight: disclosure.Weight(rapid.IntRange(0, 1).Draw(t, "weight")),
	}
	return table, rules
}

func TestNobodyFindsWhatIsHidden(t *testing.T) {
	var total, control outcome
	tables, refused, cells, lost, whole := 0, 0, 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		table, rules := drawn(t)
		p, report, err := disclosure.Gate(table, rules, disclosure.Options{})
		if fault.KindOf(err) == fault.Conflict && err != nil {
			refused++
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		k := publicOf(table, rules)
		got := judge(attack(t, k, published(t, p)), table, report)
		if got.exact+got.narrow > 0 || len(got.wrong) > 0 {
			t.Fatalf("%+v\n%s", got, published(t, p))
		}
		open := judge(attack(t, k, unguarded(table, report)), table, report)
		tables++
		total.hidden += got.hidden
		control.exact, control.narrow = control.exact+open.exact, control.narrow+open.narrow
		cells, lost, whole = cells+report.Cells, lost+report.Primary+report.Secondary, whole+report.Whole
	})
	t.Logf("figure: disclosure, drawn tables: %d tables (%d refused), %d figures, %.1f %% lost, %d hidden, 0 recovered, 0 too narrow; %d of them shown by whole tables; secondary suppression off: %d recovered, %d too narrow",
		tables, refused, cells, 100*float64(lost)/float64(cells), total.hidden, whole, control.exact, control.narrow)
	if control.exact == 0 || control.narrow == 0 {
		t.Error("with secondary suppression off the attacker finds nothing: he is no test")
	}
}
