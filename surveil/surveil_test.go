package surveil_test

import (
	"math"
	"testing"
	"time"

	"gevor/fault"
	"gevor/surveil"
)

func invalid(t *testing.T, what string, err error) {
	t.Helper()
	if fault.KindOf(err) != fault.Invalid || err == nil {
		t.Errorf("%s: %v, want a fault of kind invalid", what, err)
	}
}

// Baseline 2, 4, 4, 4, 4, 4, 6: mean 4, standard deviation √(8/6). z(0.95) = 1.6448536.
func TestEARSByHand(t *testing.T) {
	s := surveil.Series{Counts: []float64{2, 4, 4, 4, 4, 4, 6, 7}}
	got, err := surveil.EARS(s, 7, 8, surveil.EARSOptions{Method: surveil.C1, Baseline: 7, Alpha: 0.05})
	if err != nil {
		t.Fatal(err)
	}
	want := 4 + 1.6448536269514722*math.Sqrt(8./6)
	if r := got[0]; math.Abs(r.Upper-want) > 1e-12 || !r.Alarm || r.Expected != 4 {
		t.Errorf("%+v, want upper %.12g and an alarm", r, want)
	}
}

// What has no answer says so: no alarm, no bound; and what is no series is refused.
func TestDegenerateSeries(t *testing.T) {
	nan := math.NaN()
	zero := surveil.Series{Counts: make([]float64, 300)}
	for name, o := range map[string]surveil.FarringtonOptions{"classic": surveil.Classic(), "improved": surveil.Improved()} {
		got, err := surveil.Farrington(zero, 0, 300, o)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range got {
			if r.Alarm || r.Known() {
				t.Fatalf("%s: a series of zeros gives %+v", name, r)
			}
		}
	}
	gap := surveil.Series{Counts: []float64{1, 2, nan, 3, 2, 1, 2, 2, 2, 2, 2}}
	got, err := surveil.EARS(gap, 7, 11, surveil.EARSOptions{Method: surveil.C1, Baseline: 7, Alpha: 0.05})
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range got {
		if reaches := r.Index-7 <= 2; r.Known() == reaches { // the baseline of periods 7 to 9 holds the gap
			t.Errorf("period %d: known %t", i, r.Known())
		}
	}
	flat := surveil.Series{Counts: []float64{2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3}}
	for _, c := range []struct {
		least float64
		known bool
	}{{0, false}, {0.5, true}} {
		got, err := surveil.EARS(flat, 12, 13, surveil.EARSOptions{Method: surveil.C3, Baseline: 7, Alpha: 0.05, MinSigma: c.least})
		if err != nil {
			t.Fatal(err)
		}
		if got[0].Known() != c.known {
			t.Errorf("C3 without variation, least %g: known %t", c.least, got[0].Known())
		}
	}

	day := func(d int) time.Time { return time.Date(2026, 1, d, 0, 0, 0, 0, time.UTC) }
	for what, s := range map[string]surveil.Series{
		"a negative count":     {Counts: []float64{1, -1}},
		"an infinite count":    {Counts: []float64{1, math.Inf(1)}},
		"a population of zero": {Counts: []float64{1, 1}, Population: []float64{1, 0}},
		"too few populations":  {Counts: []float64{1, 1}, Population: []float64{1}},
		"too few dates":        {Counts: []float64{1, 1}, Dates: []time.Time{day(1)}},
		"a doubled date":       {Counts: []float64{1, 1}, Dates: []time.Time{day(5), day(5)}},
	} {
		_, err := surveil.Farrington(s, 0, 2, surveil.Classic())
		invalid(t, what, err)
	}
	s := surveil.Series{Counts: make([]float64, 20)}
	for what, o := range map[string]surveil.EARSOptions{
		"no method":                    {Baseline: 7, Alpha: 0.05},
		"a short baseline":             {Method: surveil.C1, Baseline: 2, Alpha: 0.05},
		"alpha 0":                      {Method: surveil.C1, Baseline: 7},
		"alpha 1":                      {Method: surveil.C1, Baseline: 7, Alpha: 1},
		"too little past":              {Method: surveil.C3, Baseline: 19, Alpha: 0.05},
		"a least deviation below zero": {Method: surveil.C1, Baseline: 7, Alpha: 0.05, MinSigma: -1},
	} {
		_, err := surveil.EARS(s, 19, 20, o)
		invalid(t, what, err)
	}
	if _, err := surveil.EARS(s, 0, 21, surveil.EARSOptions{Method: surveil.C1, Baseline: 7, Alpha: 0.05}); err == nil {
		t.Error("a range beyond the series was taken")
	}
	for what, change := range map[string]func(*surveil.FarringtonOptions){
		"no years":         func(o *surveil.FarringtonOptions) { o.Years = 0 },
		"no season":        func(o *surveil.FarringtonOptions) { o.Periods = 0 },
		"an unknown power": func(o *surveil.FarringtonOptions) { o.Power = 0.3 },
		"cases over none":  func(o *surveil.FarringtonOptions) { o.LeastOver = 0 },
		"no alpha":         func(o *surveil.FarringtonOptions) { o.Alpha = 0 },
		"rates of nobody":  func(o *surveil.FarringtonOptions) { o.Rates = true },
	} {
		o := surveil.Classic()
		change(&o)
		_, err := surveil.Farrington(s, 0, 20, o)
		invalid(t, what, err)
	}
	_, err = surveil.InControl(surveil.Series{Counts: []float64{0, 0, 1}}, 2)
	invalid(t, "no case before the watch", err)
	one := surveil.Series{Counts: []float64{1}}
	for what, o := range map[string]surveil.CUSUMOptions{
		"no h": {}, "a negative k": {H: 1, K: -1}, "no ratio": {H: 1, Transform: surveil.LikelihoodRatio}, "no transform": {H: 1, Transform: 9},
	} {
		_, err := surveil.CUSUM(one, []float64{1}, 0, 1, o)
		invalid(t, what, err)
	}
	_, err = surveil.CUSUM(one, []float64{0}, 0, 1, surveil.CUSUMOptions{H: 1})
	invalid(t, "an expected count of 0", err)
}

// A population that doubles doubles what is expected: with the rate unchanged the adjusted CUSUM stays at zero, and
// the control that does not know the population raises the alarm.
func TestRateAdjustment(t *testing.T) {
	var s surveil.Series
	for i := range 60 {
		people := 1000.
		if i >= 40 {
			people = 2000
		}
		s.Population = append(s.Population, people)
		s.Counts = append(s.Counts, people/100)
	}
	o := surveil.CUSUMOptions{Transform: surveil.LikelihoodRatio, Ratio: 1.5, H: 4, Reset: true}
	alarms := func(s surveil.Series) (n int) {
		m, err := surveil.InControl(s, 30)
		if err != nil {
			t.Fatal(err)
		}
		got, err := surveil.CUSUM(s, m, 30, 60, o)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range got {
			if r.Alarm {
				n++
			}
		}
		return n
	}
	if n := alarms(s); n != 0 {
		t.Errorf("adjusted: %d alarms at an unchanged rate", n)
	}
	s.Population = nil
	if n := alarms(s); n == 0 {
		t.Error("control: without the population nothing was noticed")
	}
}

func TestCalibrateByHand(t *testing.T) {
	past := []float64{0.5, 0.01, math.NaN(), 0.2, 0.01, 0.03, 0.9}
	for _, c := range []struct{ months, rate, want float64 }{
		{1, 3, 0.03}, // 0.01, 0.01 and 0.03 fit
		{1, 2, 0.01},
		{1, 1, 0}, // both of 0.01 or none
		{2, 2, 0.2},
		{10, 1, 1},
	} {
		got, err := surveil.Calibrate(past, c.months, c.rate)
		if err != nil || got != c.want {
			t.Errorf("%g months at %g: %g (%v), want %g", c.months, c.rate, got, err, c.want)
		}
	}
	_, err := surveil.Calibrate(past, 0, 1)
	invalid(t, "no months", err)
	_, err = surveil.Budget(0, 4, 1)
	invalid(t, "no series", err)
}
