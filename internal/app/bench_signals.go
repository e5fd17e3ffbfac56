package app

import (
	"context"
	"encoding/json"
	"math"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"gonum.org/v1/gonum/stat/distuv"

	"gevor/internal/demo"
	"gevor/signal"
	"gevor/surveil"
)

// The course that every seed draws: three years without anything planted, two with, and a quarter in which the report
// of the last year is written.
const (
	benchFirst = 156
	benchLast  = benchFirst + 104
	benchWeeks = benchLast + 14
)

// benchStart is a Monday in the first days of a year.
var benchStart = time.Date(2023, time.January, 2, 0, 0, 0, 0, time.UTC)

type signalsFlags struct {
	seeds, onsets int
	first         uint64
	rate          float64
	only          string
}

func benchSignalsCommand(c console) *cobra.Command {
	var f signalsFlags
	cmd := &cobra.Command{
		Use:   "signals --seeds N",
		Short: "Hold early warning against planted onsets",
		Long: `Draws N invented regions with onsets planted in their last two years and as many without any, watches them week by
week as each week knew them, and prints for every method and for all together: the share of the onsets found, and
found before the report of their year would show them (1 April after it), the delay in weeks, and the false alarms a
month, in regions with onsets and without. Every method gets the same rate of false alarms and sets its threshold from
the region's own past.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return benchSignals(cmd.Context(), c, f) },
	}
	fl := cmd.Flags()
	fl.IntVar(&f.seeds, "seeds", 20, "how many regions are drawn, with onsets and without")
	fl.Uint64Var(&f.first, "first-seed", 1, "seed of the first region")
	fl.IntVar(&f.onsets, "onsets", 10, "how many onsets are planted in each")
	fl.Float64Var(&f.rate, "false-alarms", 1, "false alarms a month that the region bears")
	fl.StringVar(&f.only, "method", "", "measure this method alone")
	return cmd
}

// outcome is what one method made of one region.
type outcome struct {
	method                string
	planted, found, early int
	delays                []float64
	falseAlarms, months   float64
	quiet                 bool // a region without onsets
	shapes                map[string][2]int
}

func benchSignals(ctx context.Context, c console, f signalsFlags) error {
	results := make([][]outcome, 2*f.seeds)
	failures := make([]error, len(results))
	next := make(chan int)
	var wait sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for i := range next {
				onsets := f.onsets
				if i%2 == 1 {
					onsets = 0
				}
				results[i], failures[i] = benchRegion(f.first+uint64(i/2), onsets, f)
			}
		})
	}
	var stopped error
	for i := range results {
		if stopped = ctx.Err(); stopped != nil {
			break
		}
		next <- i
	}
	close(next)
	wait.Wait()
	if stopped != nil {
		return stopped
	}
	for _, err := range failures {
		if err != nil {
			return err
		}
	}
	out := json.NewEncoder(c.out)
	out.SetIndent("", "  ")
	return out.Encode(summary(results, f))
}

// benchRegion watches one region by every method.
func benchRegion(seed uint64, onsets int, f signalsFlags) ([]outcome, error) {
	w := demo.DrawWatch(demo.WatchOptions{Seed: seed, Start: benchStart, Weeks: benchWeeks, Onsets: onsets, First: benchFirst, Last: benchLast})
	p, err := panelOf(w)
	if err != nil {
		return nil, err
	}
	all := p.Units()
	every, err := p.Scores(all, 0, p.Periods, signal.Options{})
	if err != nil {
		return nil, err
	}
	var out []outcome
	for _, m := range benchMethods() {
		if f.only != "" && m.name != f.only {
			continue
		}
		units, scores := m.pick(all, every)
		if m.watch != nil {
			if scores, err = m.rescored(p, units, scores); err != nil {
				return nil, err
			}
		}
		o, err := judgeWatch(w, units, scores, f.rate)
		if err != nil {
			return nil, err
		}
		o.method, o.quiet = m.name, onsets == 0
		out = append(out, o)
	}
	return out, nil
}

// panelOf makes the panel of a drawn course.
func panelOf(w *demo.Watch) (*signal.Panel, error) {
	areas := make([]signal.Area, len(w.Places))
	for i, p := range w.Places {
		areas[i] = signal.Area{Key: p.Key, Name: p.Name, Parent: p.Town}
	}
	records := make([]signal.Record, len(w.Reports))
	for i, r := range w.Reports {
		records[i] = signal.Record{Source: signal.Source(r.Source), Area: r.District, Subject: signal.Subject{Group: r.Group, Problem: r.Problem}, Period: r.Week, Delay: r.Late, House: r.House, Count: r.Cases}
	}
	return signal.NewPanel(signal.Week, w.Start, w.Weeks, areas, records)
}

// recalibrate is after how many weeks the threshold is set anew.
const recalibrate = 4

// judgeWatch watches the last two years and holds what was raised against what was planted.
func judgeWatch(w *demo.Watch, units []signal.Unit, scores [][]signal.Score, rate float64) (outcome, error) {
	o := signal.Defaults(signal.Week)
	o.FalsePerMonth = rate
	out := outcome{months: float64(benchWeeks-benchFirst) / signal.Week.PerMonth(), shapes: map[string][2]int{}}
	// Relative to its week's threshold, so that one row after the other can be read at 0.
	above := make([][]signal.Score, len(scores))
	var limit signal.Threshold
	for t := range scores {
		above[t] = slices.Clone(scores[t])
		if t >= benchFirst-o.Quiet && (t-benchFirst+o.Quiet)%recalibrate == 0 {
			var err error
			if limit, err = signal.Calibrate(units, scores[:t], signal.Week, o); err != nil {
				return out, err
			}
		}
		for i := range above[t] {
			above[t][i].Z -= limit.Of(&units[i])
			if t < benchFirst-o.Quiet {
				above[t][i].Z = math.NaN()
			}
		}
	}
	speaks := func(u *signal.Unit, x *demo.Onset) bool {
		if u.Subject != (signal.Subject{Group: x.Group, Problem: x.Problem}) {
			return false
		}
		for _, d := range x.Districts {
			if u.Area == d || u.Level == signal.InMunicipality && slices.ContainsFunc(w.Places, func(p demo.Place) bool { return p.Key == d && p.Town == u.Area }) {
				return true
			}
		}
		return false
	}
	// Only what is new of a place counts: what was there before an onset has not found it.
	raised := signal.Episodes(units, above, atZero(units), o.Quiet)
	during := func(e signal.Episode, x *demo.Onset) bool {
		return e.First >= x.Week && e.First < x.Week+x.Length+o.Quiet
	}
	for k := range w.Onsets {
		x := &w.Onsets[k]
		out.planted++
		n := out.shapes[x.Shape]
		n[0]++
		at := -1
		heard := -o.Quiet - 1 // when the place spoke last
		for t := max(0, x.Week-o.Quiet); t < min(len(above), x.Week+x.Length+o.Quiet) && at < 0; t++ {
			if loud(above[t], units, func(u *signal.Unit) bool { return speaks(u, x) }) {
				if t >= x.Week && t-heard > o.Quiet {
					at = t
				}
				heard = t
			}
		}
		if at >= 0 {
			out.found++
			out.delays = append(out.delays, float64(at-x.Week))
			year := w.Start.AddDate(0, 0, 7*x.Week).Year()
			if w.Start.AddDate(0, 0, 7*at+7).Before(time.Date(year+1, time.April, 1, 0, 0, 0, 0, time.UTC)) {
				out.early++
				n[1]++
			}
		}
		out.shapes[x.Shape] = n
	}
	for _, e := range raised {
		real := slices.ContainsFunc(w.Onsets, func(x demo.Onset) bool {
			u := &units[e.Unit]
			return during(e, &x) && (speaks(u, &x) || u.Level == signal.InRegion && u.Subject == signal.Subject{Group: x.Group, Problem: x.Problem})
		})
		if e.First >= benchFirst && !real {
			out.falseAlarms++
		}
	}
	return out, nil
}

// loud says whether one of some units is above its threshold.
func loud(row []signal.Score, units []signal.Unit, of func(*signal.Unit) bool) bool {
	for i := range row {
		if row[i].Z >= 0 && of(&units[i]) {
			return true
		}
	}
	return false
}

// atZero is a threshold for scores that are relative to theirs.
func atZero(units []signal.Unit) signal.Threshold {
	out := signal.Threshold{Families: map[string]float64{}}
	for i := range units {
		out.Families[units[i].Family()] = 0
	}
	return out
}

type methodWire struct {
	Method         string             `json:"method"`
	Planted        int                `json:"planted"`
	Found          float64            `json:"found"`
	Early          float64            `json:"found_before_yearly_report"`
	ByShape        map[string]float64 `json:"found_before_yearly_report_by_shape"`
	DelayMedian    float64            `json:"delay_weeks_median"`
	DelayHigh      float64            `json:"delay_weeks_90_percent"`
	Within13       float64            `json:"found_within_13_weeks"`
	FalsePerMonth  float64            `json:"false_alarms_a_month"`
	FalseQuiet     float64            `json:"false_alarms_a_month_without_onsets"`
	FalseQuietHigh float64            `json:"false_alarms_a_month_without_onsets_worst_region"`
}

// summary adds up the outcomes of all regions by method.
func summary(results [][]outcome, f signalsFlags) any {
	var methods []methodWire
	for k := range results[0] {
		w := methodWire{Method: results[0][k].method, ByShape: map[string]float64{}}
		var delays []float64
		found, early, within := 0, 0, 0
		var alarms, months, quietAlarms, quietMonths float64
		shapes := map[string][2]int{}
		for _, r := range results {
			o := r[k]
			if o.quiet {
				quietAlarms, quietMonths = quietAlarms+o.falseAlarms, quietMonths+o.months
				w.FalseQuietHigh = math.Max(w.FalseQuietHigh, o.falseAlarms/o.months)
				continue
			}
			w.Planted += o.planted
			found, early = found+o.found, early+o.early
			alarms, months = alarms+o.falseAlarms, months+o.months
			delays = append(delays, o.delays...)
			for s, n := range o.shapes {
				shapes[s] = [2]int{shapes[s][0] + n[0], shapes[s][1] + n[1]}
			}
		}
		slices.Sort(delays)
		for _, d := range delays {
			if d < 13 {
				within++
			}
		}
		if n := len(delays); n > 0 {
			w.DelayMedian, w.DelayHigh = delays[n/2], delays[n*9/10]
		}
		of := func(n int) float64 { return round(float64(n)/math.Max(1, float64(w.Planted)), 3) }
		w.Found, w.Early, w.Within13 = of(found), of(early), of(within)
		for s, n := range shapes {
			w.ByShape[s] = round(float64(n[1])/float64(n[0]), 3)
		}
		w.FalsePerMonth, w.FalseQuiet, w.FalseQuietHigh = round(alarms/months, 2), round(quietAlarms/quietMonths, 2), round(w.FalseQuietHigh, 2)
		methods = append(methods, w)
	}
	return struct {
		Seeds   int          `json:"seeds"`
		Rate    float64      `json:"false_alarms_a_month_allowed"`
		Methods []methodWire `json:"methods"`
	}{f.seeds, f.rate, methods}
}

func round(x float64, digits int) float64 {
	scale := math.Pow(10, float64(digits))
	return math.Round(x*scale) / scale
}

// benchMethod is a choice of units.
type benchMethod struct {
	name string
	only func(signal.Unit) bool
	// watch judges the last period of a series in another way than the product does; nil leaves it.
	watch func(surveil.Series) (z float64, err error)
}

// rescored judges single series by another method, each week at the last period that had time to settle by then.
func (m benchMethod) rescored(p *signal.Panel, units []signal.Unit, scores [][]signal.Score) ([][]signal.Score, error) {
	const least = 60 // weeks of a series before it is watched
	out := make([][]signal.Score, len(scores))
	for now := range scores {
		out[now] = make([]signal.Score, len(units))
		for i := range units {
			out[now][i].Z = math.NaN()
			t := now - p.Settled(units[i].Sources[0], now)
			if t < least {
				continue
			}
			z, err := m.watch(surveil.Series{Counts: p.Counts(&units[i], t, now)})
			if err != nil {
				return nil, err
			}
			out[now][i].Z = z
		}
	}
	return out, nil
}

func earsZ(method surveil.EARSMethod) func(surveil.Series) (z float64, err error) {
	return func(s surveil.Series) (z float64, err error) {
		t := len(s.Counts) - 1
		r, err := surveil.EARS(s, t, t+1, surveil.EARSOptions{Method: method, Baseline: 7, MinSigma: 0.5, Alpha: 0.05})
		if err != nil {
			return 0, err
		}
		sigma := (r[0].Upper - r[0].Expected) / distuv.UnitNormal.Quantile(0.95)
		return (r[0].Observed - r[0].Expected) / sigma, nil
	}
}

// cusumZ gives the sum of the last half year against the mean of the time before.
func cusumZ(s surveil.Series) (z float64, err error) {
	to := len(s.Counts)
	from := to - 26
	expected, err := surveil.InControl(s, from)
	if err != nil {
		return math.NaN(), nil // no case before the watch: it has no answer
	}
	r, err := surveil.CUSUM(s, expected, from, to, surveil.CUSUMOptions{Transform: surveil.Rossi, K: 0.75, H: 1e9})
	if err != nil {
		return 0, err
	}
	return 2 * math.Log1p(r[len(r)-1].Sum), nil // on the scale on which thresholds are searched
}

func (m benchMethod) pick(units []signal.Unit, scores [][]signal.Score) (kept []signal.Unit, rows [][]signal.Score) {
	rows = make([][]signal.Score, len(scores))
	for i, u := range units {
		if !m.only(u) {
			continue
		}
		kept = append(kept, u)
		for t := range scores {
			rows[t] = append(rows[t], scores[t][i])
		}
	}
	return kept, rows
}

func benchMethods() []benchMethod {
	single := func(u signal.Unit) bool { return u.Method == signal.AgainstRest && u.Level == signal.InDistrict }
	return []benchMethod{
		{name: "combined", only: func(signal.Unit) bool { return true }},
		{name: "districts", only: single},
		{name: "sources together", only: func(u signal.Unit) bool { return u.Method == signal.Together && u.Level == signal.InDistrict }},
		{name: "municipalities", only: func(u signal.Unit) bool { return u.Level == signal.InMunicipality }},
		{name: "EARS C1", only: single, watch: earsZ(surveil.C1)},
		{name: "EARS C2", only: single, watch: earsZ(surveil.C2)},
		{name: "CUSUM", only: single, watch: cusumZ},
	}
}
