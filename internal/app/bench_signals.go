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

	"gevor/internal/demo"
	"gevor/signal"
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
	only          []string
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
	fl.StringArrayVar(&f.only, "method", nil, "measure this `method` alone; may be given again")
	return cmd
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
	var every [][]signal.Score // as the product judges them
	var out []outcome
	for _, m := range benchMethods() {
		if len(f.only) > 0 && !slices.Contains(f.only, m.name) {
			continue
		}
		if m.watch == nil && every == nil {
			if every, err = p.Scores(all, 0, p.Periods, signal.Options{}); err != nil {
				return nil, err
			}
		}
		units, scores := m.pick(all, every)
		if m.watch != nil {
			if scores, err = m.rescored(p, units, p.Periods, benchFirst-signal.Defaults(signal.Week).Past); err != nil {
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
