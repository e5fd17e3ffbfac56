package disclosure_test

import (
	"encoding/csv"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"gevor/disclosure"
	"gevor/fault"
)

// releaseOf reads published bytes back as what can no longer be hidden.
func releaseOf(t rapid.TB, name, text string, dims int) disclosure.Release {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	r := disclosure.Release{Name: name}
	for _, row := range rows[1:] {
		if row[dims+1] == "" || strings.HasPrefix(row[dims], "change") {
			continue
		}
		v, err := strconv.ParseFloat(row[dims+1], 64)
		if err != nil {
			t.Fatal(err)
		}
		if row[dims] == "value" {
			r.Figures = append(r.Figures, disclosure.Known{At: row[:dims], Value: v})
			continue
		}
		_, digits, _ := strings.Cut(row[dims+1], ".")
		r.Rates = append(r.Rates, disclosure.KnownRate{Rate: row[dims], At: row[:dims], Value: v, Decimals: len(digits)})
	}
	return r
}

// without leaves out rows, as another publisher would choose others.
func without(table *disclosure.Table, drop func(at []string) bool) *disclosure.Table {
	out := *table
	out.Cells = slices.DeleteFunc(slices.Clone(table.Cells), func(c disclosure.Cell) bool { return drop(c.At) })
	return &out
}

// A city's figures over three publications: another office published planning areas of 2022; the city released districts
// of 2021 and 2022 and withdrew that; now it releases all. The attacker holds all three files.
func TestReleasesOverTimeDoNotAddUpToASecret(t *testing.T) {
	r := region{districts: 18, boroughs: 4, plans: 3, ages: 5, seed: 3, scale: 9}
	whole := r.table(2021, 2022, 2023)
	rules := disclosure.Rules{Name: "BA", MinimumCell: 3, Weight: disclosure.ByValue}
	other := without(r.table(2022), func(at []string) bool { return !strings.HasPrefix(at[0], "planning") || at[1] != "all ages" })
	first := without(r.table(2021, 2022), func(at []string) bool { return strings.HasPrefix(at[0], "planning") })

	gate := func(table *disclosure.Table, rules disclosure.Rules, earlier ...disclosure.Release) (string, *disclosure.Report) {
		t.Helper()
		p, report, err := disclosure.Gate(table, rules, disclosure.Options{Earlier: earlier})
		if err != nil {
			t.Fatal(err)
		}
		return published(t, p), report
	}
	byCells := rules
	byCells.Weight = disclosure.ByCells // the other office chooses otherwise
	outside, _ := gate(other, byCells)
	withdrawn, _ := gate(first, byCells, releaseOf(t, "other office", outside, 3))
	now, report := gate(whole, rules, releaseOf(t, "other office", outside, 3), releaseOf(t, "first release", withdrawn, 3))
	k := publicOf(whole, rules)
	a := attack(t, k, outside, withdrawn, now)
	got := judge(a, whole, report)
	if got.exact+got.narrow > 0 || len(got.wrong) > 0 {
		t.Errorf("with the gate: %+v", got)
	}
	t.Logf("figure: disclosure, city of 18 districts × 5 ages × 3 years with overlapping planning areas, three publications: %d figures, %.1f %% of them and %.1f %% of their sum lost (%d primary, %d secondary); attacker with programs of up to %d unknowns: 0 recovered, 0 too narrow",
		report.Cells, 100*report.Lost(), 100*report.Hidden/report.Value, report.Primary, report.Secondary, a.sizes)
	bounded(t, now, 3)

	// Control: secondary suppression off.
	off := judge(attack(t, k, unguarded(whole, report)), whole, report)
	// Control: each publication protected alone, without knowing the others.
	forgetful, alone := gate(whole, rules)
	careless := judge(attack(t, k, outside, withdrawn, forgetful), whole, alone)
	t.Logf("figure: disclosure, the same city: secondary suppression off %d recovered, %d too narrow; earlier publications forgotten %d recovered, %d too narrow",
		off.exact, off.narrow, careless.exact, careless.narrow)
	if off.exact == 0 || careless.exact+careless.narrow == 0 {
		t.Error("without protection the attacker finds nothing: he is no test")
	}
	// Control: who suppresses everything loses more than a publication may.
	if all := everything(now); lost(all, 3) <= mostLost {
		t.Error("suppressing everything passes the bound of the loss")
	}
}

// mostLost is the share of figures above zero that a publication of this kind may lose.
const mostLost = 0.40

func bounded(t *testing.T, text string, dims int) {
	t.Helper()
	if l := lost(text, dims); l > mostLost {
		t.Errorf("%.1f %% of the figures are lost, more than %.0f %%", 100*l, 100*mostLost)
	}
}

// lost gives the share of figures above zero that a file does not print.
func lost(text string, dims int) float64 {
	rows, _ := csv.NewReader(strings.NewReader(text)).ReadAll()
	hidden, all := 0, 0
	for _, r := range rows[1:] {
		if r[dims] != "value" || r[dims+2] == "zero" || r[dims+2] == "missing" {
			continue
		}
		all++
		if r[dims+2] == "suppressed" {
			hidden++
		}
	}
	return float64(hidden) / float64(all)
}

func everything(text string) string {
	rows := strings.Split(text, "\n")
	for i, r := range rows[1:] {
		if at := strings.LastIndex(r, "value,"); at >= 0 {
			rows[i+1] = r[:at] + "value,,suppressed"
		}
	}
	return strings.Join(rows, "\n")
}

// Rates: of a drawn table, parts of a drawn larger one, both published with their rates, and rates published before
// whose numerators were not.
func TestRatesTellNoNumerator(t *testing.T) {
	var control outcome
	tables, refused, cells, hidden := 0, 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		small, rules := drawn(t)
		rules.Complements = rapid.Bool().Draw(t, "complements")
		rules.MinimumDenominator = rapid.SampledFrom([]int{0, 8}).Draw(t, "denominator")
		if len(small.Dimensions) > 2 {
			return
		}
		table := &disclosure.Table{Counts: true, Dimensions: append(slices.Clone(small.Dimensions), disclosure.Dimension{Name: "measure"})}
		table.Rates = []disclosure.Rate{{Name: "rate", Dimension: "measure", Numerator: "ill", Denominator: "all people", Per: 100, Decimals: rapid.IntRange(0, 2).Draw(t, "decimals"), Part: true}}
		factor := float64(rapid.IntRange(1, 3).Draw(t, "factor"))
		for _, c := range small.Cells {
			table.Cells = append(table.Cells,
				disclosure.Cell{At: append(slices.Clone(c.At), "ill"), Value: c.Value},
				disclosure.Cell{At: append(slices.Clone(c.At), "all people"), Value: c.Value * factor})
		}
		var earlier []disclosure.Release
		before := ""
		if rapid.Bool().Draw(t, "rates first") {
			// Rates of everything, printed before without their numerators; whoever did so had no gate.
			rows := []string{strings.Repeat("key,", len(table.Dimensions)) + "figure,value,status"}
			for i := 0; i < len(table.Cells); i += 2 {
				n, d := table.Cells[i], table.Cells[i+1]
				if d.Value == 0 || n.Value < float64(rules.MinimumCell)+4 || rapid.IntRange(0, 2).Draw(t, "printed") > 0 {
					continue
				}
				rows = append(rows, strings.Join(n.At, ",")+",rate,"+strconv.FormatFloat(n.Value/d.Value*100, 'f', 0, 64)+",published")
			}
			before = strings.Join(rows, "\n") + "\n"
			earlier = append(earlier, releaseOf(t, "rates", before, len(table.Dimensions)))
		}
		p, report, err := disclosure.Gate(table, rules, disclosure.Options{Earlier: earlier})
		if err != nil {
			if fault.KindOf(err) != fault.Conflict {
				t.Fatal(err)
			}
			refused++
			return
		}
		k := publicOf(table, rules)
		files := []string{published(t, p)}
		if before != "" {
			files = append(files, before)
		}
		got := judge(attack(t, k, files...), table, report)
		if got.exact+got.narrow > 0 || len(got.wrong) > 0 {
			t.Fatalf("%+v\n%s\n%s", got, files[0], before)
		}
		open := judge(attack(t, k, unguarded(table, report)), table, report)
		tables, cells, hidden = tables+1, cells+report.Cells, hidden+got.hidden
		control.exact, control.narrow = control.exact+open.exact, control.narrow+open.narrow
	})
	t.Logf("figure: disclosure, drawn tables with rates: %d tables (%d refused), %d figures, %d hidden, 0 recovered, 0 too narrow; secondary suppression off: %d recovered, %d too narrow",
		tables, refused, cells, hidden, control.exact, control.narrow)
	if control.exact == 0 {
		t.Error("with secondary suppression off the attacker finds nothing: he is no test")
	}
}

// A city with rates: ill children among all children by district, age and year, overlapping planning areas, a first
// release of one year and a second of two, both with rates to one decimal.
func TestACityWithRatesOverTwoReleases(t *testing.T) {
	ill := region{districts: 12, boroughs: 3, plans: 2, ages: 3, seed: 11, scale: 5}
	well := region{districts: 12, boroughs: 3, plans: 2, ages: 3, seed: 12, scale: 30}
	rules := disclosure.Rules{Name: "school entry", MinimumCell: 3, MinimumDenominator: 10, Weight: disclosure.ByValue}
	table := func(years ...int) *disclosure.Table {
		some, rest := ill.table(years...), well.table(years...)
		out := &disclosure.Table{Counts: true, Dimensions: append(slices.Clone(some.Dimensions), disclosure.Dimension{Name: "measure"})}
		for i, c := range some.Cells {
			out.Cells = append(out.Cells,
				disclosure.Cell{At: append(slices.Clone(c.At), "ill"), Value: c.Value},
				disclosure.Cell{At: append(slices.Clone(c.At), "children"), Value: c.Value + rest.Cells[i].Value})
		}
		out.Rates = []disclosure.Rate{{Name: "percent", Dimension: "measure", Numerator: "ill", Denominator: "children", Per: 100, Decimals: 1, Part: true}}
		return out
	}
	p, _, err := disclosure.Gate(table(2022), rules, disclosure.Options{})
	if err != nil {
		t.Fatal(err)
	}
	first := published(t, p)
	both := table(2022, 2023)
	p, report, err := disclosure.Gate(both, rules, disclosure.Options{Earlier: []disclosure.Release{releaseOf(t, "first", first, 4)}})
	if err != nil {
		t.Fatal(err)
	}
	now := published(t, p)
	k := publicOf(both, rules)
	a := attack(t, k, first, now)
	got := judge(a, both, report)
	off := judge(attack(t, k, unguarded(both, report)), both, report)
	if got.exact+got.narrow > 0 || len(got.wrong) > 0 || off.exact == 0 {
		t.Errorf("with the gate %+v, without %d recovered", got, off.exact)
	}
	bounded(t, now, 4)
	rates := strings.Count(now, "percent,") - strings.Count(now, "percent,,")
	t.Logf("figure: disclosure, city of 12 districts with %d published rates over two releases: %d figures, %.1f %% of them and %.1f %% of their sum lost (%d primary, %d secondary); attacker with programs of up to %d unknowns: 0 recovered, 0 too narrow; secondary suppression off %d recovered",
		rates, report.Cells, 100*report.Lost(), 100*report.Hidden/report.Value, report.Primary, report.Secondary, a.sizes, off.exact)
}
