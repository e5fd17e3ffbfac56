package app

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gevor/fault"
	"gevor/surveil"
)

// seriesFlags are the inputs of all methods on series.
type seriesFlags struct {
	data, series, date, count, population, out string
	from, to                                   string
	alpha, falseAlarms, perMonth               float64
}

const seriesHelp = `
  data     one line a period: date (2006-01-02, first day of the period; equally long periods, none left out), count,
           optionally a series (several areas or indicators below each other) and the population. A count that is empty
           or NA is missing; a line that is missing altogether is an error.
  result   series, date, observed, expected, upper, p, alarm; fields without an answer are empty

--false-alarms F sets alpha so that all series together raise F false alarms a month: F / (series × --per-month).`

func (f *seriesFlags) command(c console, use, short, long string, alpha float64, watch func(s surveil.Series, from, to int) ([]surveil.Result, error)) *cobra.Command {
	cmd := &cobra.Command{
		Use: use + " --data SERIES.csv [--from DATE] [--to DATE]", Short: short, Long: long + "\n" + seriesHelp, Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return f.run(c, watch) },
	}
	fl := cmd.Flags()
	fl.StringVar(&f.data, "data", "", "CSV with the series")
	fl.StringVar(&f.series, "series", "", "column that tells several series apart; without it there is one")
	fl.StringVar(&f.date, "date", "date", "column with the first day of the period")
	fl.StringVar(&f.count, "count", "count", "column with the number of cases")
	fl.StringVar(&f.population, "population", "", "column with the people of the period, > 0; empty leaves rates out")
	fl.StringVar(&f.from, "from", "", "first period watched; empty watches the last one only")
	fl.StringVar(&f.to, "to", "", "last period watched; empty is the last of the series")
	fl.StringVar(&f.out, "out", "", "file for the result; standard output without it")
	fl.Float64Var(&f.alpha, "alpha", alpha, "false alarm probability of one period of one series, 0..1")
	fl.Float64Var(&f.falseAlarms, "false-alarms", 0, "false alarms a month over all series, in place of --alpha; 0 takes --alpha")
	fl.Float64Var(&f.perMonth, "per-month", 52./12, "periods in a month")
	_ = cmd.MarkFlagRequired("data") // fails only for a flag that does not exist
	return cmd
}

// namedSeries is one series with its name.
type namedSeries struct {
	name string
	surveil.Series
}

func (f *seriesFlags) read() ([]*namedSeries, error) {
	s, err := readSheet(f.data)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(s.rows))
	if f.series != "" {
		if names, err = s.texts(f.series); err != nil {
			return nil, err
		}
	}
	dates, err := s.texts(f.date)
	if err != nil {
		return nil, err
	}
	k, err := s.column(f.count)
	if err != nil {
		return nil, err
	}
	var people []float64
	if f.population != "" {
		if people, err = s.numbers(f.population, math.SmallestNonzeroFloat64); err != nil {
			return nil, err
		}
	}
	var out []*namedSeries
	at := map[string]*namedSeries{}
	for i, row := range s.rows {
		day, err := time.Parse(time.DateOnly, dates[i])
		if err != nil {
			return nil, fault.New(fault.Invalid, s.place[i], fmt.Sprintf("%q is no date", dates[i]), "write 2026-05-12")
		}
		one := at[names[i]]
		if one == nil {
			one = &namedSeries{name: names[i]}
			at[names[i]] = one
			out = append(out, one)
		}
		if n := len(one.Dates); n > 0 {
			if !day.After(one.Dates[n-1]) {
				return nil, fault.New(fault.Invalid, s.place[i], fmt.Sprintf("%s does not follow %s", dates[i], one.Dates[n-1].Format(time.DateOnly)), "sort each series by date and keep each date once")
			}
			if n > 1 && !alike(one.Dates[n-2], one.Dates[n-1], day) {
				return nil, fault.New(fault.Invalid, s.place[i], fmt.Sprintf("a period is missing before %s", dates[i]), "give it a line of its own, with an empty count if it is unknown")
			}
		}
		count := math.NaN()
		if text := strings.TrimSpace(row[k]); text != "" && !strings.EqualFold(text, "NA") {
			if count, err = s.number(i, f.count, text, 0); err != nil {
				return nil, err
			}
		}
		one.Dates = append(one.Dates, day)
		one.Counts = append(one.Counts, count)
		if people != nil {
			one.Population = append(one.Population, people[i])
		}
	}
	return out, nil
}

// alike says whether the step from b to c is as long as that from a to b, months and years taken as such.
func alike(a, b, c time.Time) bool {
	if c.Sub(b) == b.Sub(a) {
		return true
	}
	months := func(x, y time.Time) int { return (y.Year()-x.Year())*12 + int(y.Month()-x.Month()) }
	return a.Day() == b.Day() && b.Day() == c.Day() && months(a, b) == months(b, c) && months(b, c) > 0
}

// span gives the periods [from, to) of a series.
func (f *seriesFlags) span(s *namedSeries) (from, to int, err error) {
	find := func(flag, text string, otherwise int) (int, error) {
		if text == "" {
			return otherwise, nil
		}
		day, err := time.Parse(time.DateOnly, text)
		if err != nil {
			return 0, usage{fmt.Errorf("--%s %q is no date; write 2026-05-12", flag, text)}
		}
		for i, d := range s.Dates {
			if !d.Before(day) {
				if d.After(day) && flag == "to" {
					return i - 1, nil
				}
				return i, nil
			}
		}
		if flag == "to" {
			return len(s.Dates) - 1, nil
		}
		return 0, fault.New(fault.Invalid, f.data, fmt.Sprintf("series %q ends before %s", s.name, text), "choose an earlier --from")
	}
	if from, err = find("from", f.from, len(s.Dates)-1); err != nil {
		return 0, 0, err
	}
	if to, err = find("to", f.to, len(s.Dates)-1); err != nil {
		return 0, 0, err
	}
	if to < from {
		return 0, 0, usage{fmt.Errorf("--to %s lies before --from %s", f.to, f.from)}
	}
	return from, to + 1, nil
}

func (f *seriesFlags) run(c console, watch func(s surveil.Series, from, to int) ([]surveil.Result, error)) error {
	all, err := f.read()
	if err != nil {
		return err
	}
	if f.falseAlarms != 0 {
		if f.alpha, err = surveil.Budget(len(all), f.perMonth, f.falseAlarms); err != nil {
			return err
		}
	}
	var rows [][]string
	for _, s := range all {
		from, to, err := f.span(s)
		if err != nil {
			return err
		}
		results, err := watch(s.Series, from, to)
		if err != nil {
			return f.speakOf(s, err)
		}
		for _, r := range results {
			alarm := ""
			if r.Known() {
				alarm = fmt.Sprint(r.Alarm)
			}
			row := append([]string{s.name, s.Dates[r.Index].Format(time.DateOnly)}, figures(r.Observed, r.Expected, r.Upper, r.P)...)
			rows = append(rows, append(row, alarm))
		}
	}
	return writeRows(c, f.out, []string{"series", "date", "observed", "expected", "upper", "p", "alarm"}, rows)
}

// speakOf names file and series in a fault of a kernel, which knows neither.
func (f *seriesFlags) speakOf(s *namedSeries, err error) error {
	if errors.As(err, new(usage)) {
		return err
	}
	place := f.data
	if s.name != "" {
		place = fmt.Sprintf("%s, series %q", f.data, s.name)
	}
	return fault.Wrap(fault.KindOf(err), place, message(err), "", nil)
}

func earsCommand(c console) *cobra.Command {
	var f seriesFlags
	var method string
	o := surveil.EARSOptions{}
	cmd := f.command(c, "ears", "EARS C1, C2, C3: is a count above the weeks just before?",
		`The early aberration reporting system (Hutwagner et al. 2003), as surveillance::earsC computes it: upper is the mean
plus z(1-alpha) standard deviations of the --baseline periods before (C1), with two left out between (C2); C3 adds up
what C2 said of three periods. It needs little history and knows no season.`, 0.05,
		func(s surveil.Series, from, to int) ([]surveil.Result, error) {
			switch method {
			case "C1", "C2", "C3":
				o.Method = surveil.EARSMethod(method[1] - '0')
			default:
				return nil, usage{fmt.Errorf("unknown --method %q; use C1, C2 or C3", method)}
			}
			o.Alpha = f.alpha
			return surveil.EARS(s, from, to, o)
		})
	fl := cmd.Flags()
	fl.StringVar(&method, "method", "C1", "C1, C2 or C3")
	fl.IntVar(&o.Baseline, "baseline", 7, "periods compared with, at least 3")
	fl.Float64Var(&o.MinSigma, "min-sigma", 0, "least standard deviation, cases")
	return cmd
}

func farringtonCommand(c console) *cobra.Command {
	var f seriesFlags
	var version string
	o := surveil.Classic()
	var cmd *cobra.Command
	cmd = f.command(c, "farrington", "Farrington: is a count above the same weeks of earlier years?",
		`The algorithm of Farrington et al. (1996) and its improvement by Noufaily et al. (2013): a quasi-Poisson model of the
same weeks in earlier years, earlier outbreaks weighed down, upper bound by the delta method; computed as
surveillance::farringtonFlexible does. Flags left out take the values of --version.
  classic    4 years, 3 weeks on either side, reweighting above 1, 3 latest weeks left out, trend where p < 0.05
  improved   the same with 10 seasonal periods, reweighting above 2.58, 26 latest weeks left out, trend always
With --population expected counts are proportional to the people.`, 0.1,
		func(s surveil.Series, from, to int) ([]surveil.Result, error) {
			if version != "classic" && version != "improved" {
				return nil, usage{fmt.Errorf("unknown --version %q; use classic or improved", version)}
			}
			use := o
			if version == "improved" {
				better := surveil.Improved()
				for name, set := range map[string]func(){
					"periods":        func() { use.Periods = better.Periods },
					"past-left-out":  func() { use.PastLeftOut = better.PastLeftOut },
					"reweight-above": func() { use.ReweightAbove = better.ReweightAbove },
					"trend-below":    func() { use.TrendBelow = better.TrendBelow },
				} {
					if !cmd.Flags().Changed(name) {
						set()
					}
				}
			}
			use.Alpha, use.Rates = f.alpha, f.population != ""
			return surveil.Farrington(s, from, to, use)
		})
	fl := cmd.Flags()
	fl.StringVar(&version, "version", "improved", "classic or improved")
	fl.IntVar(&o.Frequency, "frequency", o.Frequency, "periods in a year")
	fl.IntVar(&o.Years, "years", o.Years, "years looked back")
	fl.IntVar(&o.HalfWindow, "half-window", o.HalfWindow, "periods on either side of the same date")
	fl.IntVar(&o.Periods, "periods", o.Periods, "levels of the seasonal factor; 1 is none")
	fl.IntVar(&o.PastLeftOut, "past-left-out", o.PastLeftOut, "latest periods that are no reference")
	fl.BoolVar(&o.Reweight, "reweight", o.Reweight, "weigh earlier outbreaks down")
	fl.Float64Var(&o.ReweightAbove, "reweight-above", o.ReweightAbove, "residual above which a period loses weight")
	fl.BoolVar(&o.Trend, "trend", o.Trend, "try a linear trend")
	fl.Float64Var(&o.TrendBelow, "trend-below", o.TrendBelow, "keep the trend where its p-value is below")
	fl.Float64Var(&o.Power, "power", o.Power, "transformation against skewness: 2/3, 0.5 or 1")
	fl.Float64Var(&o.LeastCases, "least-cases", o.LeastCases, "no answer with fewer cases …")
	fl.IntVar(&o.LeastOver, "least-over", o.LeastOver, "… in so many latest periods")
	fl.BoolVar(&o.PaperVariance, "paper-variance", false, "standard errors as in the paper, not as in the R package")
	return cmd
}

func cusumCommand(c console) *cobra.Command {
	var f seriesFlags
	var transform string
	var o surveil.CUSUMOptions
	cmd := f.command(c, "cusum", "CUSUM: does a small increase last?",
		`Cumulative sum (Page 1954) of scores against the mean of the periods before --from, or with --population against their
rate times the people of each period (rate-adjusted). The alarm is raised from the count upper on.
  standard   (x-m)/√m      rossi, anscombe   nearer to normal for small counts      (--k and --h in standard deviations)
  ratio      x·ln R - (R-1)·m, the likelihood ratio for an increase by the factor --ratio   (--h in log units)
There is no alpha: --alpha and --false-alarms have no effect here.`, 0.05,
		func(s surveil.Series, from, to int) ([]surveil.Result, error) {
			kinds := map[string]surveil.Transform{"standard": surveil.Standard, "rossi": surveil.Rossi, "anscombe": surveil.Anscombe, "ratio": surveil.LikelihoodRatio}
			kind, ok := kinds[transform]
			if !ok {
				return nil, usage{fmt.Errorf("unknown --transform %q; use standard, rossi, anscombe or ratio", transform)}
			}
			use := o
			use.Transform = kind
			if kind == surveil.LikelihoodRatio {
				use.K = 0
			}
			expected, err := surveil.InControl(s, from)
			if err != nil {
				return nil, err
			}
			sums, err := surveil.CUSUM(s, expected, from, to, use)
			out := make([]surveil.Result, len(sums))
			for i, r := range sums {
				out[i] = r.Result
			}
			return out, err
		})
	fl := cmd.Flags()
	fl.StringVar(&transform, "transform", "rossi", "standard, rossi, anscombe or ratio")
	fl.Float64Var(&o.K, "k", 1.04, "taken off every score")
	fl.Float64Var(&o.H, "h", 2.26, "sum from which the alarm is raised")
	fl.Float64Var(&o.Ratio, "ratio", 2, "ratio: increase to find quickly, above 1")
	fl.BoolVar(&o.Reset, "reset", false, "begin at 0 again after an alarm")
	return cmd
}
