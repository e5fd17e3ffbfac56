package effect

import (
	"math"

	"gevor/fault"
	"gevor/surveil"
)

// Interrupted is the interrupted time series of counts: a log-linear model of cases ≥ 0 with exposure > 0 (people, or
// people times the rate of comparable places), a straight line through all periods and a step at start. The estimate
// is the step, a difference of log rates; its standard error is the larger of the quasi-Poisson one (Pearson's
// dispersion, at least 1) and the one that allows for memory (Newey & West 1987, Bartlett weights up to the fourth root
// of the number of periods, times n/(n−3)). The interval is Student's t with n − 3 degrees of freedom.
//
// No answer with fewer than four periods before or two after, or where nothing was counted on one side. Invalid for
// lengths that differ. TestAgainstStatsmodels checks step and both standard errors.
func Interrupted(cases, exposure []float64, start int, level float64) (Estimate, error) {
	e, se, err := interrupted(cases, exposure, start)
	half := student(level, math.Max(1, float64(len(cases)-3))) * se
	return Estimate{Change: e, Low: e - half, High: e + half, P: math.NaN()}, err
}

// interrupted gives the step and its standard error, NaN without an answer.
func interrupted(cases, exposure []float64, start int) (change, se float64, err error) {
	n := len(cases)
	nan := math.NaN()
	if len(exposure) != n || start < 0 || start > n {
		return nan, nan, fault.New(fault.Invalid, "series", "has not one exposure for every period, or no start in it", "")
	}
	before, after := 0.0, 0.0
	for t, c := range cases {
		if !(c >= 0) || math.IsInf(c, 0) || !(exposure[t] > 0) || math.IsInf(exposure[t], 0) {
			return nan, nan, fault.New(fault.Invalid, "series", "holds a count or an exposure that is none", "leave missing periods out")
		}
		if t < start {
			before += c
		} else {
			after += c
		}
	}
	if start < slopePeriods || n-start < 2 || before == 0 || after == 0 {
		return nan, nan, nil
	}
	line, step, log := make([]float64, n), make([]float64, n), make([]float64, n)
	for t := range n {
		line[t] = (float64(t) - float64(n-1)/2) / float64(n)
		if t >= start {
			step[t] = 1
		}
		log[t] = math.Log(exposure[t])
	}
	one := make([]float64, n)
	for t := range one {
		one[t] = 1
	}
	design := [][]float64{one, line, step}
	fit := surveil.FitLogLinear(cases, design, log)
	if !fit.Converged || len(fit.Kept) != len(design) {
		return nan, nan, nil
	}
	const at = 2 // the step's column
	variance := math.Max(math.Max(1, fit.Dispersion)*fit.Cov[at*3+at], newey(cases, design, fit)[at])
	return fit.Beta[at], math.Sqrt(variance), nil
}

// controlled is the interrupted time series of the area with people times the rate of the places together as exposure.
// Its standard error takes neither the noise of the places nor long memory into account, so it is held against theirs:
// each place is treated like the area, and the interval is Student's t over places with the root mean square of their
// steps in standard errors. With fewer than least places it is the series alone, with its own interval.
func controlled(area *course, places []*course, start, least int, level float64) Estimate {
	if len(places) < least {
		e, err := Interrupted(area.cases, area.people, start, level)
		if err != nil {
			return unknown() // Judge has checked what could be wrong
		}
		return e
	}
	n := len(area.cases)
	cases, people := make([]float64, n), make([]float64, n)
	for _, p := range places {
		for t := range n {
			cases[t] += p.cases[t]
			people[t] += p.people[t]
		}
	}
	step := func(c *course, leftOut *course) (change, se float64) {
		exposure := make([]float64, n)
		for t := range n {
			k, m := cases[t], people[t]
			if leftOut != nil {
				k, m = k-leftOut.cases[t], m-leftOut.people[t]
			}
			exposure[t] = c.people[t] * (k + 0.5) / m
		}
		change, se, err := interrupted(c.cases, exposure, start)
		if err != nil {
			return math.NaN(), math.NaN()
		}
		return change, se
	}
	sum, heard := 0.0, 0
	for _, p := range places {
		if change, se := step(p, p); se > 0 {
			sum += change / se * change / se
			heard++
		}
	}
	change, se := step(area, nil)
	if math.IsNaN(change) || heard < least {
		return unknown()
	}
	half := student(level, float64(heard)) * math.Sqrt(sum/float64(heard)) * se
	return Estimate{Change: change, Low: change - half, High: change + half, P: math.NaN(), Places: heard}
}

// newey gives the variances of the coefficients that allow for memory: B Ω B with B = (X'WX)⁻¹ and Ω the sum of
// products of the scores u_t = x_t (y_t − μ_t) up to the lag, Bartlett weights, times n/(n−k).
func newey(y []float64, design [][]float64, fit surveil.LogLinear) []float64 {
	n, k := len(y), len(design)
	lags := int(math.Ceil(math.Pow(float64(n), 0.25)))
	score := func(c, t int) float64 { return design[c][t] * (y[t] - fit.Mu[t]) }
	omega := make([]float64, k*k)
	for lag := range lags + 1 {
		weight := 1 - float64(lag)/float64(lags+1)
		for t := lag; t < n; t++ {
			for a := range k {
				for b := range k {
					v := weight * score(a, t) * score(b, t-lag)
					omega[a*k+b] += v
					if lag > 0 {
						omega[b*k+a] += v
					}
				}
			}
		}
	}
	out := make([]float64, k)
	for c := range out {
		for a := range k {
			for b := range k {
				out[c] += fit.Cov[c*k+a] * omega[a*k+b] * fit.Cov[b*k+c]
			}
		}
		out[c] *= float64(n) / float64(n-k)
	}
	return out
}
