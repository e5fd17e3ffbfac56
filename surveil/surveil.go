// Package surveil watches series of counts for increases: EARS C1–C3, CUSUM, Farrington's algorithm in its classic and
// its improved form, and the control of false alarms when many series are watched at once.
//
// Everything is a pure function: a series and options in, one Result a period out. Periods are equally long (weeks as
// a rule) and gapless; a count that is missing is NaN and is neither zero nor skipped.
package surveil

import (
	"fmt"
	"math"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"gevor/fault"
)

// Series is what is watched.
type Series struct {
	Counts     []float64   // cases of each period, ≥ 0; NaN where missing
	Population []float64   // people of each period, > 0; nil where rates play no part
	Dates      []time.Time // first day of each period, UTC midnight; nil where periods have no dates
}

// Result is what a method says of one period.
type Result struct {
	Index    int     // period in the series, from 0
	Observed float64 // NaN where missing
	Expected float64 // NaN where the method has no answer
	Upper    float64 // counts above it raise the alarm; NaN where the method has no answer
	P        float64 // probability of so many or more without an increase; NaN where the method gives none
	Alarm    bool
}

// Known says whether the method had an answer.
func (r Result) Known() bool { return !math.IsNaN(r.Upper) }

// check fails for what is no series.
func (s Series) check() error {
	for i, c := range s.Counts {
		if c < 0 || math.IsInf(c, 0) {
			return fault.New(fault.Invalid, "series", fmt.Sprintf("count %g of period %d", c, i+1), "counts are numbers ≥ 0, or missing")
		}
	}
	if s.Population != nil {
		if len(s.Population) != len(s.Counts) {
			return fault.New(fault.Invalid, "series", fmt.Sprintf("%d populations for %d periods", len(s.Population), len(s.Counts)), "give one for each period")
		}
		for i, p := range s.Population {
			if !(p > 0) || math.IsInf(p, 0) {
				return fault.New(fault.Invalid, "series", fmt.Sprintf("population %g of period %d", p, i+1), "rates need people in every period")
			}
		}
	}
	if s.Dates != nil {
		if len(s.Dates) != len(s.Counts) {
			return fault.New(fault.Invalid, "series", fmt.Sprintf("%d dates for %d periods", len(s.Dates), len(s.Counts)), "give one for each period")
		}
		for i := 1; i < len(s.Dates); i++ {
			if !s.Dates[i].After(s.Dates[i-1]) {
				return fault.New(fault.Invalid, "series", fmt.Sprintf("period %d begins on %s, not after the one before", i+1, s.Dates[i].Format(time.DateOnly)), "sort the series and keep each period once")
			}
		}
	}
	return nil
}

// span checks a range of periods [from, to).
func (s Series) span(from, to int) error {
	if from < 0 || to > len(s.Counts) || from > to {
		return fault.New(fault.Invalid, "series", fmt.Sprintf("periods %d to %d of %d", from+1, to, len(s.Counts)), "watch periods of the series")
	}
	return s.check()
}

func quantile(p float64) float64 { return distuv.UnitNormal.Quantile(p) }

// above is the probability that a normal variable exceeds x.
func above(x, mean, dev float64) float64 { return math.Erfc((x-mean)/dev/math.Sqrt2) / 2 }

func alphaError(alpha float64) error {
	if !(alpha > 0 && alpha < 1) {
		return fault.New(fault.Invalid, "alpha", fmt.Sprintf("%g is not between 0 and 1", alpha), "0.05 calls one quiet period in twenty")
	}
	return nil
}
