package disclosure_test

import (
	"math"
	"strings"
	"testing"

	"gevor/disclosure"
	"gevor/fault"
)

// What cannot be understood is refused with its place and what to do.
func TestWhatCannotBeUnderstoodIsRefused(t *testing.T) {
	rules := disclosure.Rules{Name: "BA", MinimumCell: 3}
	good := func() *disclosure.Table { return line(row(12, "city"), row(5, "a"), row(7, "b")) }
	if _, _, err := disclosure.Gate(good(), rules, disclosure.Options{}); err != nil {
		t.Fatal(err) // the control
	}
	for name, c := range map[string]struct {
		change func(*disclosure.Table, *disclosure.Rules, *disclosure.Options)
		says   string
	}{
		"totals":        {func(t *disclosure.Table, _ *disclosure.Rules, _ *disclosure.Options) { t.Cells[0].Value = 11 }, "f.csv:1: totals do not add up: area=city is 11, but its parts sum to 12; 2 parts have no row, so the total should be larger"},
		"negative":      {func(t *disclosure.Table, _ *disclosure.Rules, _ *disclosure.Options) { t.Cells[1].Value = -5 }, "f.csv:2: area=a is -5, below 0"},
		"no number":     {func(t *disclosure.Table, _ *disclosure.Rules, _ *disclosure.Options) { t.Cells[1].Value = math.NaN() }, "f.csv:2: area=a is no number"},
		"twice":         {func(t *disclosure.Table, _ *disclosure.Rules, _ *disclosure.Options) { t.Cells[2].At[0] = "a" }, "f.csv:3: area=a stands already at f.csv:2"},
		"half a person": {func(t *disclosure.Table, _ *disclosure.Rules, _ *disclosure.Options) { t.Cells[1].Value = 5.5 }, "f.csv:2: area=a is 5.5, no whole number"},
		"no key":        {func(t *disclosure.Table, _ *disclosure.Rules, _ *disclosure.Options) { t.Cells[1].At[0] = "" }, "f.csv:2: area is empty"},
		"too many keys": {func(t *disclosure.Table, _ *disclosure.Rules, _ *disclosure.Options) {
			t.Cells[1].At = []string{"a", "b"}
		}, "f.csv:2: 2 codes where the table has 1 dimensions"},
		"no figure":    {func(t *disclosure.Table, _ *disclosure.Rules, _ *disclosure.Options) { t.Cells = nil }, "the table holds no figure"},
		"no dimension": {func(t *disclosure.Table, _ *disclosure.Rules, _ *disclosure.Options) { t.Dimensions = nil }, "the table has no dimension"},
		"part of itself": {func(t *disclosure.Table, _ *disclosure.Rules, _ *disclosure.Options) {
			t.Dimensions[0].Sums[0].Parts[0].Code = "city"
		}, `"city" is part of "city" of area twice, or of itself`},
		"no share": {func(t *disclosure.Table, _ *disclosure.Rules, _ *disclosure.Options) {
			t.Dimensions[0].Sums[0].Parts[0].Share = 0
		}, `the share 0 of "a" in "city" is not above 0`},
		"negative units":  {func(t *disclosure.Table, _ *disclosure.Rules, _ *disclosure.Options) { t.Cells[1].Units = -1 }, "f.csv:2: area=a has a negative number of contributors"},
		"units unknown":   {func(_ *disclosure.Table, r *disclosure.Rules, _ *disclosure.Options) { r.MinimumUnits = 3 }, "f.csv:1: the units behind a figure are not known"},
		"houses unknown":  {func(_ *disclosure.Table, r *disclosure.Rules, _ *disclosure.Options) { r.MinimumOrganisations = 3 }, "f.csv:1: the organisations behind a figure are not known"},
		"largest unknown": {func(_ *disclosure.Table, r *disclosure.Rules, _ *disclosure.Options) { r.PPercent = 10 }, "f.csv:1: 0 of the largest contributions are known where the rules need 2"},
		"largest rise": {func(t *disclosure.Table, _ *disclosure.Rules, _ *disclosure.Options) {
			t.Cells[1].Largest = []float64{1, 2}
		}, "f.csv:2: area=a: the largest contributions do not fall"},
		"largest too large": {func(t *disclosure.Table, _ *disclosure.Rules, _ *disclosure.Options) {
			t.Cells[1].Largest = []float64{4, 3}
		}, "f.csv:2: area=a: the largest contributions sum to 7, more than the figure 5"},
		"no rule": {func(_ *disclosure.Table, r *disclosure.Rules, _ *disclosure.Options) { r.MinimumCell = 0 }, "BA: no rule is set"},
		"rate without codes": {func(t *disclosure.Table, _ *disclosure.Rules, _ *disclosure.Options) {
			t.Rates = []disclosure.Rate{{Name: "r", Dimension: "x"}}
		}, `the rate "r" is not complete`},
		"change to itself": {func(t *disclosure.Table, _ *disclosure.Rules, _ *disclosure.Options) {
			t.Changes = []disclosure.Change{{Name: "c", Dimension: "area", From: "a", To: "a"}}
		}, `the change "c" is not complete`},
		"more ill than people": {func(t *disclosure.Table, _ *disclosure.Rules, _ *disclosure.Options) {
			t.Rates = []disclosure.Rate{{Name: "r", Dimension: "area", Numerator: "b", Denominator: "a", Per: 1, Part: true}}
		}, `f.csv:3: area=b is larger than the denominator of the rate "r"`},
		"conceded elsewhere": {func(_ *disclosure.Table, _ *disclosure.Rules, o *disclosure.Options) { o.Conceded = [][]string{{"z"}} }, "a conceded figure is not in the table"},
		"earlier keys": {func(_ *disclosure.Table, _ *disclosure.Rules, o *disclosure.Options) {
			o.Earlier = []disclosure.Release{{Figures: []disclosure.Known{{At: []string{"a", "b"}, Value: 1, Place: "e.csv:2"}}}}
		}, "e.csv:2: an earlier figure has 2 codes where the table has 1 dimensions"},
		"earlier rate": {func(_ *disclosure.Table, _ *disclosure.Rules, o *disclosure.Options) {
			o.Earlier = []disclosure.Release{{Rates: []disclosure.KnownRate{{Rate: "r", At: []string{"a"}, Place: "e.csv:2"}}}}
		}, `e.csv:2: the earlier rate "r" fits no rate of the table`},
		"audience": {func(_ *disclosure.Table, _ *disclosure.Rules, o *disclosure.Options) { o.Audience = 9 }, "an unknown audience"},
	} {
		t.Run(name, func(t *testing.T) {
			table, r, o := good(), rules, disclosure.Options{}
			for i := range table.Cells {
				table.Cells[i].Place = "f.csv:" + string(rune('1'+i))
			}
			c.change(table, &r, &o)
			p, report, err := disclosure.Gate(table, r, o)
			if fault.KindOf(err) != fault.Invalid || err == nil || !strings.Contains(err.Error(), c.says) || p != nil || report != nil {
				t.Errorf("%v, want %q", err, c.says)
			}
		})
	}
}

func TestRulesAreReadWithTheirLines(t *testing.T) {
	got, err := disclosure.ReadRules("r.toml", `name = "KOSIS"
minimum_cell = 4
zeros = "hidden"
minimum_denominator = 20
minimum_units = 3
minimum_organisations = 3
p_percent = 10
protect_percent = 15
insiders = true
complements = true
tolerance = 2
weight = "value"
dominance = { n = 2, k = 85 }
[rounding]
base = 3
method = "deterministic"
`)
	want := disclosure.Rules{
		Name: "KOSIS", MinimumCell: 4, Zeros: disclosure.ZerosHidden, MinimumDenominator: 20, MinimumUnits: 3, MinimumOrganisations: 3,
		PPercent: 10, ProtectPercent: 15, Insiders: true, Complements: true, Tolerance: 2, Weight: disclosure.ByValue, DominanceN: 2, DominanceK: 85,
		RoundingBase: 3, Rounding: disclosure.Deterministic,
	}
	if err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	for text, says := range map[string]string{
		"name = \"x\"\nminimum_cel = 3":                         `r.toml:2: unknown key "minimum_cel"; did you mean minimum_cell?`,
		"minimum_cell = 1":                                      "r.toml:1: minimum_cell 1 hides nothing",
		"minimum_cell = -1":                                     "r.toml:1: minimum_cell -1 is not between",
		"minimum_cell = \"3\"":                                  "r.toml:1: minimum_cell has the wrong type",
		"minimum_cell = ":                                       "r.toml:1: this is no valid TOML",
		"minimum_cell = 3\n[rounding]\nbase = true":             "r.toml:3: rounding.base has the wrong type",
		"minimum_cell = 3\nzeros = \"perhaps\"":                 `r.toml:2: zeros is "perhaps"; write shown or hidden`,
		"zeros = \"hidden\"\nminimum_units = 3":                 "zeros are hidden, but there is no minimum_cell",
		"minimum_cell = 3\n\ndominance = { n = 2 }":             "r.toml:3: dominance names only one of n and k",
		"dominance = { n = 2, k = 185 }":                        "dominance.k 185 is not a percentage",
		"p_percent = -3":                                        "r.toml:1: p_percent -3",
		"minimum_cell = 3\nprotect_percent = 1000":              "r.toml:2: protect_percent 1000",
		"minimum_cell = 3\n[rounding]\nbase = 5":                "r.toml:2: rounding names no base above 1, or no method",
		"minimum_cell = 3\ntolerance = -1":                      "r.toml:2: tolerance -1",
		"name = 'x'":                                            "no rule is set",
		"minimum_cell = 3\n[rounding]\nmethod = \"cleverly\"\n": `r.toml:3: rounding.method is "cleverly"`,
		strings.Repeat("# long\n", 20000):                       "larger than 64 KiB",
	} {
		if _, err := disclosure.ReadRules("r.toml", text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %q", text[:min(len(text), 60)], err, says)
		}
	}
}
