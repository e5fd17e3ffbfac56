package surveil

import (
	"fmt"
	"math"

	"gevor/fault"
)

// Transform says how a count x with in-control mean m is scored before it is summed.
type Transform uint8

// The scores. Standard, Rossi and Anscombe are about standard normal in control; LikelihoodRatio is the log ratio of
// Poisson likelihoods at Ratio·m and at m.
const (
	Standard        Transform = iota // (x − m)/√m
	Rossi                            // (x − 3m + 2√(xm)) / (2√m)   (Rossi, Lampugnani & Marchi 1999)
	Anscombe                         // 3/2 (x^⅔ − m^⅔) / m^⅙
	LikelihoodRatio                  // x·ln Ratio − (Ratio − 1)·m   (Lucas 1985)
)

// CUSUMOptions are the settings.
type CUSUMOptions struct {
	Transform Transform
	K         float64 // taken off every score, in standard deviations; LikelihoodRatio needs none
	H         float64 // sum from which the alarm is raised, > 0
	Ratio     float64 // LikelihoodRatio: increase to find quickly, > 1
	Reset     bool    // begin at 0 again after an alarm
}

// CUSUMResult adds the sum reached.
type CUSUMResult struct {
	Result
	Sum float64
}

// InControl gives the mean of every period expected from the periods before from: their mean count, or where s has
// populations their common rate times the population of the period, which is what makes the CUSUM follow a changing
// population (rate-adjusted, after Rogerson & Yamada 2004). Missing counts are left out with their population. Fails
// where no count is known or none is above 0.
func InControl(s Series, from int) ([]float64, error) {
	if err := s.span(0, from); err != nil {
		return nil, err
	}
	people := func(i int) float64 {
		if s.Population == nil {
			return 1
		}
		return s.Population[i]
	}
	var cases, exposure float64
	for i, c := range s.Counts[:from] {
		if !math.IsNaN(c) {
			cases += c
			exposure += people(i)
		}
	}
	if !(cases > 0) {
		return nil, fault.New(fault.Invalid, "cusum", fmt.Sprintf("no case in the %d periods before the watch", from), "give the expected counts, or begin later")
	}
	out := make([]float64, len(s.Counts))
	for i := range out {
		out[i] = cases / exposure * people(i)
	}
	return out, nil
}

// CUSUM sums scores of periods [from, to) against their expected counts (> 0, one for each period of the series):
//
//	S(t) = max(0, S(t−1) + score(x, m) − K),   alarm where S(t) ≥ H
//
// after Page (1954), with the scores of surveillance::algo.cusum or the likelihood ratio. Upper is the count from
// which (at or above) the alarm is raised; there is no P. A missing count leaves the sum as it is and the period
// without an answer. TestCUSUMAgainstR compares sums and alarms; TestUpperIsWhereTheAlarmBegins.
func CUSUM(s Series, expected []float64, from, to int, o CUSUMOptions) ([]CUSUMResult, error) {
	if err := s.span(from, to); err != nil {
		return nil, err
	}
	switch {
	case len(expected) != len(s.Counts):
		return nil, fault.New(fault.Invalid, "cusum", fmt.Sprintf("%d expected counts for %d periods", len(expected), len(s.Counts)), "give one for each period")
	case o.Transform > LikelihoodRatio:
		return nil, fault.New(fault.Invalid, "cusum", "unknown transform", "use standard, rossi, anscombe or ratio")
	case !(o.H > 0) || !(o.K >= 0):
		return nil, fault.New(fault.Invalid, "cusum", fmt.Sprintf("k %g and h %g", o.K, o.H), "take k ≥ 0 and h > 0")
	case o.Transform == LikelihoodRatio && (!(o.Ratio > 1) || math.IsInf(o.Ratio, 1)):
		return nil, fault.New(fault.Invalid, "cusum", fmt.Sprintf("ratio %g", o.Ratio), "take the increase to find, above 1")
	}
	sum := 0.0
	out := make([]CUSUMResult, 0, to-from)
	for t := from; t < to; t++ {
		x, m := s.Counts[t], expected[t]
		if !(m > 0) || math.IsInf(m, 1) {
			return nil, fault.New(fault.Invalid, "cusum", fmt.Sprintf("expected count %g of period %d", m, t+1), "expected counts are above 0")
		}
		r := CUSUMResult{Result{Index: t, Observed: x, Expected: m, Upper: math.NaN(), P: math.NaN()}, sum}
		if !math.IsNaN(x) {
			r.Upper = o.needed(m, sum)
			sum = math.Max(0, sum+o.score(x, m)-o.K)
			r.Sum, r.Alarm = sum, sum >= o.H
			if r.Alarm && o.Reset {
				sum = 0
			}
		}
		out = append(out, r)
	}
	return out, nil
}

func (o CUSUMOptions) score(x, m float64) float64 {
	switch o.Transform {
	case Rossi:
		return (x - 3*m + 2*math.Sqrt(x*m)) / (2 * math.Sqrt(m))
	case Anscombe:
		return 1.5 * (math.Pow(x, 2./3) - math.Pow(m, 2./3)) / math.Pow(m, 1./6)
	case LikelihoodRatio:
		return x*math.Log(o.Ratio) - (o.Ratio-1)*m
	}
	return (x - m) / math.Sqrt(m)
}

// needed solves sum + score(x, m) − K = H for x, at least 0.
func (o CUSUMOptions) needed(m, sum float64) float64 {
	a := o.H + o.K - sum
	switch o.Transform {
	case Rossi:
		inner := 4*m + 2*math.Sqrt(m)*a
		u := math.Max(0, math.Sqrt(math.Max(0, inner))-math.Sqrt(m))
		return u * u
	case Anscombe:
		return math.Pow(math.Max(0, math.Pow(m, 2./3)+2./3*math.Pow(m, 1./6)*a), 1.5)
	case LikelihoodRatio:
		return math.Max(0, (a+(o.Ratio-1)*m)/math.Log(o.Ratio))
	}
	return math.Max(0, m+math.Sqrt(m)*a)
}
