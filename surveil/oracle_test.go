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
