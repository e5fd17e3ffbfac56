package app

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"gevor/effect"
	"gevor/fault"
)

// effectRoles are the words for the roles of areas.
func effectRoles() map[string]effect.Role {
	return map[string]effect.Role{"measure": effect.Treated, "neighbour": effect.Neighbour, "comparable": effect.Comparable}
}

// effectFlags are the inputs of an estimate of effect.
type effectFlags struct {
	data, areas, start, better string
	asJSON                     bool
	out                        string
	options                    effect.Options
}

func effectCommand(c console) *cobra.Command {
	f := effectFlags{options: effect.Defaults()}
	cmd := &cobra.Command{
		Use:   "effect --data PANEL.csv --areas AREAS.csv --start PERIOD --better higher|lower",
		Short: "Before and after a measure, against comparable places",
		Long: `Compares what happened in the area of a measure with what happened meanwhile in places of like composition.

  data     one line an area and period: area, period, and either value (any unit) or cases and people (counts ≥ 0 among
           people > 0). Periods are put in the order of their names (2024, 2024-Q1, 2024-05), numbers by size; every
           area has a line for each. A value or cases that is empty or NA is missing or suppressed, never zero.
           With value, people are optional and weigh areas that are put together.
  areas    one line an area: area, role (measure, neighbour or comparable), and any further columns as figures of its
           composition before the measure; empty is unknown
  result   question (area, elsewhere, together), method, change, low, high, places, p, verdict, reason

change is in the unit of value; for counts it is a difference of natural logarithms of rates (exp gives the ratio). low
and high bound the interval of --level. Methods: difference (difference in differences against the matched places,
allowing for slopes before; it decides), synthetic (synthetic control, p by placebos), interrupted (counts: interrupted
time series), pretended (99 % interval; as if the measure had begun in the middle of the time before).

Verdicts: improved, worsened (interval beyond zero) · no change visible (a change of --worthwhile is ruled out) · cannot
be told, with its reason. A neighbour is never a comparison; its own change is told as "elsewhere", and both as one as
"together".`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return f.run(c) },
	}
	fl := cmd.Flags()
	fl.StringVar(&f.data, "data", "", "CSV area,period,value or area,period,cases,people")
	fl.StringVar(&f.areas, "areas", "", "CSV area,role and figures of composition")
	fl.StringVar(&f.start, "start", "", "first period with the measure, as in the data")
	fl.StringVar(&f.better, "better", "", "higher or lower: which way is better")
	fl.Float64Var(&f.options.Worthwhile, "worthwhile", 0, "change worth having, in the unit of change; 0 takes twice the noise before")
	fl.IntVar(&f.options.Most, "most", f.options.Most, "comparable places taken, the nearest in composition first")
	fl.IntVar(&f.options.Least, "least", f.options.Least, "with fewer comparable places there is no answer")
	fl.Float64Var(&f.options.Caliper, "caliper", f.options.Caliper, "farthest composition, standard deviations a trait")
	fl.Float64Var(&f.options.Level, "level", f.options.Level, "of the intervals, 0..1")
	fl.BoolVar(&f.asJSON, "json", false, "everything as JSON, with the places taken and left out")
	fl.StringVar(&f.out, "out", "", "file for the result; standard output without it")
	for _, name := range []string{"data", "areas", "start", "better"} {
		_ = cmd.MarkFlagRequired(name) // fails only for a flag that does not exist
	}
	return cmd
}

func (f *effectFlags) run(c console) error {
	better := map[string]effect.Direction{"higher": effect.HigherIsBetter, "lower": effect.LowerIsBetter}[f.better]
	if better == 0 {
		return usage{fmt.Errorf("--better %q is neither higher nor lower", f.better)}
	}
	study, periods, err := f.read()
	if err != nil {
		return err
	}
	study.Better = better
	if study.Start = slices.Index(periods, f.start); study.Start < 0 {
		return fault.New(fault.Invalid, f.data, fmt.Sprintf("has no period %q", f.start), "name one as it stands in the data")
	}
	r, err := effect.Judge(study, f.options)
	if err != nil {
		return fault.Wrap(fault.KindOf(err), f.data, message(err), "", nil)
	}
	if f.asJSON {
		return writeTo(c.out, f.out, func(w io.Writer) error {
			enc := json.NewEncoder(w)
			enc.SetIndent("", "  ")
			return enc.Encode(effectAnswer(r, periods))
		})
	}
	var rows [][]string
	add := func(question string, o *effect.Outcome) {
		if o == nil {
			return
		}
		for _, m := range methodsOf(o) {
			if !m.Known() {
				continue
			}
			row := append([]string{question, m.name}, figures(m.Change, m.Low, m.High)...)
			row = append(row, strconv.Itoa(m.Places), figure(m.P), "", "")
			rows = append(rows, row)
		}
		rows = append(rows, []string{question, "verdict", "", "", "", "", "", string(o.Verdict), string(o.Reason)})
	}
	add("area", &r.Outcome)
	add("elsewhere", r.Elsewhere)
	add("together", r.Together)
	return writeRows(c, f.out, []string{"question", "method", "change", "low", "high", "places", "p", "verdict", "reason"}, rows)
}

type namedEstimate struct {
	name string
	effect.Estimate
}

func methodsOf(o *effect.Outcome) []namedEstimate {
	return []namedEstimate{{"difference", o.Difference}, {"synthetic", o.Synthetic}, {"interrupted", o.Interrupted}, {"pretended", o.Pretended}}
}

// read puts the two tables together.
func (f *effectFlags) read() (effect.Study, []string, error) {
	var s effect.Study
	areas, err := readSheet(f.areas)
	if err != nil {
		return s, nil, err
	}
	index, err := f.readAreas(areas, &s)
	if err != nil {
		return s, nil, err
	}
	data, err := readSheet(f.data)
	if err != nil {
		return s, nil, err
	}
	s.Counts = slices.ContainsFunc(data.header, func(h string) bool { return strings.EqualFold(h, "cases") })
	weighed := slices.ContainsFunc(data.header, func(h string) bool { return strings.EqualFold(h, "people") })
	figureName := "value"
	if s.Counts {
		figureName = "cases"
	}
	names, err := data.texts("area")
	if err != nil {
		return s, nil, err
	}
	when, err := data.texts("period")
	if err != nil {
		return s, nil, err
	}
	main, err := data.column(figureName)
	if err != nil {
		return s, nil, err
	}
	var people []float64
	if weighed || s.Counts {
		if people, err = data.numbers("people", math.SmallestNonzeroFloat64); err != nil {
			return s, nil, err
		}
	}
	periods := slices.Compact(slices.SortedFunc(slices.Values(when), inOrder))
	if n := len(periods) * len(s.Areas); n > len(data.rows) {
		return s, nil, fault.New(fault.Invalid, f.data, fmt.Sprintf("%d lines where %d areas in %d periods need %d", len(data.rows), len(s.Areas), len(periods), n), "give every area a line for every period; leave the figure empty where it is missing")
	}
	for i := range s.Areas {
		a := &s.Areas[i]
		course := slices.Repeat([]float64{math.NaN()}, len(periods))
		if s.Counts {
			a.Cases = course
		} else {
			a.Values = course
		}
		if people != nil {
			a.People = make([]float64, len(periods))
		}
	}
	seen := map[[2]int]bool{}
	for i, row := range data.rows {
		at, ok := index[names[i]]
		if !ok {
			return s, nil, fault.New(fault.Invalid, data.place[i], fmt.Sprintf("area %q is not in %s", names[i], f.areas), "add it there with its role")
		}
		t, _ := slices.BinarySearchFunc(periods, when[i], inOrder)
		if seen[[2]int{at, t}] {
			return s, nil, fault.New(fault.Invalid, data.place[i], fmt.Sprintf("%s has two lines for %s", names[i], when[i]), "keep one")
		}
		seen[[2]int{at, t}] = true
		a := &s.Areas[at]
		if people != nil {
			a.People[t] = people[i]
		}
		text := strings.TrimSpace(row[main])
		if text == "" || strings.EqualFold(text, "NA") {
			continue
		}
		least, course := math.Inf(-1), a.Values
		if s.Counts {
			least, course = 0, a.Cases
		}
		if course[t], err = data.number(i, figureName, text, least); err != nil {
			return s, nil, err
		}
	}
	return s, periods, nil
}

func (f *effectFlags) readAreas(areas *sheet, s *effect.Study) (map[string]int, error) {
	names, err := areas.ids("area")
	if err != nil {
		return nil, err
	}
	roles, err := areas.texts("role")
	if err != nil {
		return nil, err
	}
	index := map[string]int{}
	for i, name := range names {
		role, ok := effectRoles()[strings.ToLower(roles[i])]
		if !ok {
			return nil, fault.New(fault.Invalid, areas.place[i], fmt.Sprintf("role %q is none", roles[i]), "write measure, neighbour or comparable")
		}
		a := effect.Area{Key: name, Role: role}
		for k, h := range areas.header {
			if strings.EqualFold(h, "area") || strings.EqualFold(h, "role") {
				continue
			}
			v := math.NaN()
			if text := strings.TrimSpace(areas.rows[i][k]); text != "" && !strings.EqualFold(text, "NA") {
				if v, err = areas.number(i, h, text, math.Inf(-1)); err != nil {
					return nil, err
				}
			}
			a.Traits = append(a.Traits, v)
		}
		index[name] = i
		s.Areas = append(s.Areas, a)
	}
	return index, nil
}

// inOrder sorts numbers by size and other names of periods as texts.
func inOrder(a, b string) int {
	x, err1 := strconv.Atoi(a)
	y, err2 := strconv.Atoi(b)
	switch {
	case err1 == nil && err2 == nil && x != y:
		return x - y
	case err1 == nil && err2 != nil:
		return -1
	case err1 != nil && err2 == nil:
		return 1
	}
	return strings.Compare(a, b)
}

type estimateJSON struct {
	Change float64  `json:"change"`
	Low    float64  `json:"low"`
	High   float64  `json:"high"`
	Places int      `json:"places"`
	P      *float64 `json:"p,omitempty"`
}

type outcomeJSON struct {
	Verdict    effect.Verdict          `json:"verdict"`
	Reason     effect.Reason           `json:"reason"`
	Methods    map[string]estimateJSON `json:"methods"`
	Area       [2]*float64             `json:"area_before_after"`
	Comparison [2]*float64             `json:"comparison_before_after"`
	Noise      *float64                `json:"noise"`
	Worthwhile *float64                `json:"worthwhile"`
}

// known gives nil for what has no answer: JSON has no NaN.
func known(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

func outcomeOf(o *effect.Outcome) *outcomeJSON {
	if o == nil {
		return nil
	}
	out := &outcomeJSON{
		Verdict: o.Verdict, Reason: o.Reason, Methods: map[string]estimateJSON{}, Noise: known(o.Noise), Worthwhile: known(o.Worthwhile),
		Area: [2]*float64{known(o.Area.Before), known(o.Area.After)}, Comparison: [2]*float64{known(o.Comparison.Before), known(o.Comparison.After)},
	}
	for _, m := range methodsOf(o) {
		if m.Known() {
			out.Methods[m.name] = estimateJSON{Change: m.Change, Low: m.Low, High: m.High, Places: m.Places, P: known(m.P)}
		}
	}
	return out
}

func effectAnswer(r *effect.Result, periods []string) any {
	type match struct {
		Area     string  `json:"area"`
		Distance float64 `json:"distance"`
		Weight   float64 `json:"weight"`
	}
	type left struct {
		Area string        `json:"area"`
		Why  effect.Ground `json:"why"`
	}
	out := struct {
		*outcomeJSON
		Displaced bool         `json:"displaced"`
		Elsewhere *outcomeJSON `json:"elsewhere,omitempty"`
		Together  *outcomeJSON `json:"together,omitempty"`
		Periods   []string     `json:"periods"`
		Places    []match      `json:"places"`
		LeftOut   []left       `json:"left_out"`
	}{outcomeJSON: outcomeOf(&r.Outcome), Displaced: r.Displaced(), Elsewhere: outcomeOf(r.Elsewhere), Together: outcomeOf(r.Together)}
	for _, t := range r.Periods {
		out.Periods = append(out.Periods, periods[t])
	}
	for _, m := range r.Matches {
		out.Places = append(out.Places, match{m.Key, m.Distance, m.Weight})
	}
	for _, l := range r.LeftOut {
		out.LeftOut = append(out.LeftOut, left{l.Key, l.Why})
	}
	return out
}
