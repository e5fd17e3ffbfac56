package surveil_test

import (
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"gevor/internal/realdata"
	"gevor/surveil"
)

func table(t testing.TB, path string) map[string][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for k, name := range rows[0] {
		for _, r := range rows[1:] {
			out[name] = append(out[name], r[k])
		}
	}
	return out
}

// number reads R's NA as NaN.
func number(t testing.TB, s string) float64 {
	t.Helper()
	if s == "NA" {
		return math.NaN()
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func salmonella(t testing.TB) (surveil.Series, map[string][]string) {
	t.Helper()
	dir := realdata.Dir(t, "salmonella")
	weekly := table(t, filepath.Join(dir, "salmNewport_germany_weekly.csv"))
	var s surveil.Series
	for i, d := range weekly["date"] {
		day, err := time.Parse(time.DateOnly, d)
		if err != nil {
			t.Fatal(err)
		}
		s.Dates = append(s.Dates, day)
		s.Counts = append(s.Counts, number(t, weekly["observed"][i]))
	}
	return s, table(t, filepath.Join(dir, "salmNewport_ref_2011.csv"))
}

// Salmonella Newport in Germany, the 52 weeks of 2011, against surveillance 1.20.3 with the settings in the README of
// the data. The fits repeat R's own iterations, hence 1e-9 relative also where R's figures are iterative.
func TestSalmonella(t *testing.T) {
	s, ref := salmonella(t)
	from := 365
	to := from + len(ref["i"])
	ears := func(m surveil.EARSMethod) ([]surveil.Result, error) {
		return surveil.EARS(s, from, to, surveil.EARSOptions{Method: m, Baseline: 7, Alpha: 0.05})
	}
	for _, c := range []struct {
		name, upper, alarm string
		of                 func() ([]surveil.Result, error)
	}{
		{"C1", "C1", "C1a", func() ([]surveil.Result, error) { return ears(surveil.C1) }},
		{"C2", "C2", "C2a", func() ([]surveil.Result, error) { return ears(surveil.C2) }},
		{"C3", "C3", "C3a", func() ([]surveil.Result, error) { return ears(surveil.C3) }},
		{"classic", "far_ub", "far_alarm", func() ([]surveil.Result, error) { return surveil.Farrington(s, from, to, surveil.Classic()) }},
		{"improved", "flex_ub", "flex_alarm", func() ([]surveil.Result, error) { return surveil.Farrington(s, from, to, surveil.Improved()) }},
	} {
		got, err := c.of()
		if err != nil {
			t.Fatal(err)
		}
		worst, alarms := 0.0, 0
		for k, r := range got {
			want := number(t, ref[c.upper][k])
			if r.Alarm != (ref[c.alarm][k] == "TRUE") {
				t.Errorf("%s, %s: alarm %t, want %s", c.name, ref["date"][k], r.Alarm, ref[c.alarm][k])
			}
			if r.Alarm {
				alarms++
			}
			if math.IsNaN(want) != math.IsNaN(r.Upper) {
				t.Errorf("%s, %s: upper bound %g, want %g", c.name, ref["date"][k], r.Upper, want)
				continue
			}
			if math.IsNaN(want) {
				continue
			}
			off := math.Abs(r.Upper-want) / math.Max(1, want)
			worst = math.Max(worst, off)
			if off > 1e-9 {
				t.Errorf("%s, %s: upper bound %.12g, want %.12g", c.name, ref["date"][k], r.Upper, want)
			}
		}
		t.Logf("figure: Salmonella 2011, %s: %d alarms, largest relative difference of the upper bound %.1e", c.name, alarms, worst)
	}
}

// Invented series (testdata/series.csv) under settings that the real data do not reach, against surveillance 1.20.3 as
// bench/peers/surveillance.R computes them.
func TestAgainstR(t *testing.T) {
	data := table(t, filepath.Join("testdata", "series.csv"))
	ref := table(t, filepath.Join("testdata", "reference.csv"))
	series := func(name string) surveil.Series {
		var s surveil.Series
		for i, text := range data[name] {
			day, err := time.Parse(time.DateOnly, data["date"][i])
			if err != nil {
				t.Fatal(err)
			}
			s.Dates = append(s.Dates, day)
			s.Counts = append(s.Counts, number(t, text))
			s.Population = append(s.Population, number(t, data["people"][i]))
		}
		return s
	}
	to := len(data["date"])
	from := to - len(ref["i"])
	farrington := func(name string, change func(*surveil.FarringtonOptions)) func() ([]surveil.Result, error) {
		o := surveil.Improved()
		o.Alpha = 0.05
		change(&o)
		return func() ([]surveil.Result, error) { return surveil.Farrington(series(name), from, to, o) }
	}
	ears := func(m surveil.EARSMethod) func() ([]surveil.Result, error) {
		return func() ([]surveil.Result, error) {
			return surveil.EARS(series("rare"), from, to, surveil.EARSOptions{Method: m, Baseline: 9, MinSigma: 0.5, Alpha: 0.025})
		}
	}
	for name, of := range map[string]func() ([]surveil.Result, error){
		"busy_improved": farrington("busy", func(*surveil.FarringtonOptions) {}),
		"busy_plain": farrington("busy", func(o *surveil.FarringtonOptions) {
			o.Reweight, o.Periods, o.PastLeftOut, o.TrendBelow = false, 1, 0, 0.05
		}),
		"busy_half": farrington("busy", func(o *surveil.FarringtonOptions) { o.Power, o.Years, o.HalfWindow, o.Periods = 0.5, 5, 2, 7 }),
		"busy_none": farrington("busy", func(o *surveil.FarringtonOptions) { o.Power, o.Trend = 1, false }),
		"rare_classic": farrington("rare", func(o *surveil.FarringtonOptions) {
			o.ReweightAbove, o.Periods, o.PastLeftOut, o.TrendBelow, o.LeastCases, o.LeastOver = 1, 1, 3, 0.05, 2, 6
		}),
		"rates_offset": farrington("rates", func(o *surveil.FarringtonOptions) { o.Rates = true }),
		"rare_C1":      ears(surveil.C1), "rare_C2": ears(surveil.C2), "rare_C3": ears(surveil.C3),
	} {
		got, err := of()
		if err != nil {
			t.Fatal(err)
		}
		worst := 0.0
		for k, r := range got {
			want := number(t, ref[name+"_ub"][k])
			if math.IsNaN(want) != math.IsNaN(r.Upper) || r.Alarm != (ref[name+"_alarm"][k] == "1") {
				t.Errorf("%s, week %s: upper %g alarm %t, want %g and %s", name, ref["i"][k], r.Upper, r.Alarm, want, ref[name+"_alarm"][k])
				continue
			}
			if off := math.Abs(r.Upper-want) / math.Max(1, want); off > 1e-9 {
				t.Errorf("%s, week %s: upper %.12g, want %.12g", name, ref["i"][k], r.Upper, want)
			} else if off > worst {
				worst = off
			}
		}
		t.Logf("figure: %s against surveillance 1.20.3: largest relative difference of the upper bound %.1e", name, worst)
	}
}

// algo.cusum of the same package, in-control mean = mean of the periods before.
func TestCUSUMAgainstR(t *testing.T) {
	data := table(t, filepath.Join("testdata", "series.csv"))
	ref := table(t, filepath.Join("testdata", "reference.csv"))
	var s surveil.Series
	for _, text := range data["rates"] {
		s.Counts = append(s.Counts, number(t, text))
	}
	from := len(s.Counts) - len(ref["i"])
	m, err := surveil.InControl(s, from)
	if err != nil {
		t.Fatal(err)
	}
	for name, kind := range map[string]surveil.Transform{"standard": surveil.Standard, "rossi": surveil.Rossi, "anscombe": surveil.Anscombe} {
		got, err := surveil.CUSUM(s, m, from, len(s.Counts), surveil.CUSUMOptions{Transform: kind, K: 1.04, H: 2.26})
		if err != nil {
			t.Fatal(err)
		}
		for k, r := range got {
			if want := number(t, ref["cusum_"+name][k]); math.Abs(r.Sum-want) > 1e-9*math.Max(1, want) || r.Alarm != (ref["cusum_"+name+"_alarm"][k] == "1") {
				t.Errorf("%s, week %s: sum %.12g alarm %t, want %.12g and %s", name, ref["i"][k], r.Sum, r.Alarm, want, ref["cusum_"+name+"_alarm"][k])
			}
		}
	}
}
