package spatial

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"

	"gevor/fault"
)

// Smoothed is a rate or ratio drawn towards what its surroundings have, the more the fewer people stand behind it.
type Smoothed struct {
	Raw    float64 // cases / base; NaN where the base is 0
	Value  float64 // posterior mean; NaN where nothing is known
	Median float64 // posterior median; NaN for Marshall's estimators, which know none
	Weight float64 // share of Raw in Value, 0..1; 0 where the base is 0
}

// counted checks cases ≥ 0 and bases ≥ 0 of equal number: a base of 0 with cases is Invalid, and so is no case at all.
func counted(cases, base []float64) (sumCases, sumBase float64, err error) {
	if len(cases) != len(base) || len(cases) == 0 {
		return 0, 0, fault.New(fault.Invalid, "cases", fmt.Sprintf("%d cases for %d bases", len(cases), len(base)), "give one of each for every area")
	}
	for i, c := range cases {
		b := base[i]
		switch {
		case !(c >= 0) || math.IsInf(c, 1) || !(b >= 0) || math.IsInf(b, 1):
			return 0, 0, fault.New(fault.Invalid, "cases", fmt.Sprintf("%g cases and base %g in area %d", c, b, i+1), "both are numbers ≥ 0")
		case b == 0 && c > 0:
			return 0, 0, fault.New(fault.Invalid, "cases", fmt.Sprintf("%g cases and nobody at risk in area %d", c, i+1), "correct the population, or leave the area out")
		}
		sumCases += c
		sumBase += b
	}
	if sumBase == 0 {
		return 0, 0, fault.New(fault.Invalid, "cases", "nobody is at risk in any area", "give the population or the expected cases")
	}
	return sumCases, sumBase, nil
}

// Marshall gives the global empirical Bayes rates of Marshall (1991, eqs 3–5) from cases and base (people at risk, or
// expected cases) of every area:
//
//	m = Σy/Σn,   A = max(0, Σ n(r−m)²/Σn − m/n̄),   Value = m + A/(A + m/n)·(r − m)
//
// Without spread beyond chance (A = 0) every area gets m; an area with base 0 gets m with weight 0; no case anywhere
// gives 0 everywhere. TestSmoothersAgainstPySAL.
func Marshall(cases, base []float64) ([]Smoothed, error) {
	sumCases, sumBase, err := counted(cases, base)
	if err != nil {
		return nil, err
	}
	m := sumCases / sumBase
	spread := 0.0
	for i, n := range base {
		if n > 0 {
			spread += n * (cases[i]/n - m) * (cases[i]/n - m)
		}
	}
	between := math.Max(0, spread/sumBase-m/(sumBase/float64(len(base))))
	out := make([]Smoothed, len(cases))
	for i := range out {
		out[i] = shrink(cases[i], base[i], m, between)
	}
	return out, nil
}

func shrink(y, n, m, between float64) Smoothed {
	if n == 0 {
		return Smoothed{Raw: math.NaN(), Value: m, Median: math.NaN()}
	}
	s := Smoothed{Raw: y / n, Median: math.NaN()}
	if between > 0 {
		s.Weight = between / (between + m/n)
	}
	s.Value = m + s.Weight*(s.Raw-m)
	return s
}

// LocalMarshall draws every rate towards the rate of its own neighbourhood: as Marshall, with m, n̄ and the spread
// taken over the area itself and its neighbours (the weights count only as neighbours or not). A neighbourhood with
// base 0 has no answer (NaN). TestSmoothersAgainstPySAL.
func LocalMarshall(cases, base []float64, w *Weights) ([]Smoothed, error) {
	if _, _, err := counted(cases, base); err != nil {
		return nil, err
	}
	if w.Len() != len(cases) {
		return nil, fault.New(fault.Invalid, "weights", fmt.Sprintf("%d areas with weights, %d with cases", w.Len(), len(cases)), "")
	}
	out := make([]Smoothed, len(cases))
	for i := range out {
		around := []int32{int32(i)}
		to, _ := w.Row(i)
		for _, j := range to {
			if int(j) != i {
				around = append(around, j)
			}
		}
		var y, n float64
		for _, j := range around {
			y += cases[j]
			n += base[j]
		}
		if n == 0 {
			nan := math.NaN()
			out[i] = Smoothed{nan, nan, nan, 0}
			continue
		}
		m := y / n
		spread := 0.0
		for _, j := range around {
			if base[j] > 0 {
				spread += base[j] * (cases[j]/base[j] - m) * (cases[j]/base[j] - m)
			}
		}
		out[i] = shrink(cases[i], base[i], m, math.Max(0, spread/n-m/(n/float64(len(around)))))
	}
	return out, nil
}

// GammaPrior is the prior of relative risks that PoissonGamma found.
type GammaPrior struct {
	Mean  float64 // μ
	Shape float64 // α; +Inf where the counts vary no more than chance does
}

// PoissonGamma gives empirical Bayes relative risks from cases and expected cases under y ~ Poisson(E·θ),
// θ ~ Gamma with mean μ and shape α (Clayton & Kaldor 1987), μ and α by maximum likelihood of the negative binomial:
//
//	Value = (y + α)/(E + α/μ),   Median of Gamma(α + y, α/μ + E),   Weight = E·μ/(α + E·μ)
//
// Where the likelihood rises for ever with α (no spread beyond chance) every area gets μ = Σy/ΣE. An area with E = 0
// gets the prior. No case anywhere is Invalid: a mean of 0 has no shape. TestPennsylvaniaBayes compares with
// SpatialEpi::eBayes, whose fit stops at a tolerance.
func PoissonGamma(cases, expected []float64) ([]Smoothed, GammaPrior, error) {
	sumCases, sumExpected, err := counted(cases, expected)
	if err != nil {
		return nil, GammaPrior{}, err
	}
	if sumCases == 0 {
		return nil, GammaPrior{}, fault.New(fault.Invalid, "cases", "there is no case in any area", "nothing can be smoothed")
	}
	// For a given shape the best mean solves one equation; the profile is then maximised over log α.
	profile := func(logShape float64) (float64, float64) {
		a := math.Exp(logShape)
		mu := meanGiven(a, cases, expected, sumCases/sumExpected)
		return logNegativeBinomial(a, mu, cases, expected), mu
	}
	const lo, hi = -9.2, 18.4 // shapes from 10⁻⁴ to 10⁸
	best, at := math.Inf(-1), lo
	const grid = 140
	for k := 0; k <= grid; k++ {
		x := lo + (hi-lo)*float64(k)/grid
		if l, _ := profile(x); l > best {
			best, at = l, x
		}
	}
	step := (hi - lo) / grid
	at = golden(func(x float64) float64 { l, _ := profile(x); return l }, at-step, at+step)
	_, mu := profile(at)
	prior := GammaPrior{Mean: mu, Shape: math.Exp(at)}
	poisson := 0.0
	for i, y := range cases {
		if e := expected[i] * sumCases / sumExpected; e > 0 {
			poisson += y*math.Log(e) - e - lgamma(y+1)
		}
	}
	if l, _ := profile(at); at > hi-2*step || l <= poisson+1e-9 {
		prior = GammaPrior{Mean: sumCases / sumExpected, Shape: math.Inf(1)}
	}
	out := make([]Smoothed, len(cases))
	for i, y := range cases {
		e := expected[i]
		s := Smoothed{Raw: math.NaN(), Value: prior.Mean, Median: prior.Mean}
		if e > 0 {
			s.Raw = y / e
		}
		if !math.IsInf(prior.Shape, 1) {
			rate := prior.Shape / prior.Mean
			s.Value = (y + prior.Shape) / (e + rate)
			s.Median = distuv.Gamma{Alpha: prior.Shape + y, Beta: rate + e}.Quantile(0.5)
			s.Weight = e * prior.Mean / (prior.Shape + e*prior.Mean)
		}
		out[i] = s
	}
	return out, prior, nil
}

func lgamma(x float64) float64 {
	v, _ := math.Lgamma(x)
	return v
}

func logNegativeBinomial(a, mu float64, y, e []float64) float64 {
	sum := 0.0
	for i, v := range y {
		m := mu * e[i]
		if m == 0 {
			continue
		}
		// Γ(y+a)/Γ(a)·a^… in a form that keeps its digits for large a
		sum += -v*math.Log1p(m/a) - a*math.Log1p(m/a) + v*math.Log(m) - lgamma(v+1) + rising(a, v) - v*math.Log(a)
	}
	return sum
}

// rising is log Γ(a+v) − log Γ(a) for a count v.
func rising(a, v float64) float64 {
	if v < 64 && v == math.Trunc(v) {
		sum := 0.0
		for k := 0.0; k < v; k++ {
			sum += math.Log(a + k)
		}
		return sum
	}
	return lgamma(a+v) - lgamma(a)
}

// meanGiven solves Σ (y − μE)/(1 + μE/α) = 0 for μ by Newton's method on log μ.
func meanGiven(a float64, y, e []float64, start float64) float64 {
	x := math.Log(start)
	for range 100 {
		mu := math.Exp(x)
		var score, slope float64
		for i, v := range y {
			m := mu * e[i]
			score += (v - m) / (1 + m/a)
			slope += m * (1 + v/a) / ((1 + m/a) * (1 + m/a))
		}
		d := math.Max(-2, math.Min(2, score/slope))
		x += d
		if math.Abs(d) < 1e-14 {
			break
		}
	}
	return math.Exp(x)
}

// golden finds the largest value of f between a and b, where f rises and then falls.
func golden(f func(float64) float64, a, b float64) float64 {
	const ratio = 0.6180339887498949
	c, d := b-ratio*(b-a), a+ratio*(b-a)
	fc, fd := f(c), f(d)
	for b-a > 1e-9 {
		if fc > fd {
			b, d, fd = d, c, fc
			c = b - ratio*(b-a)
			fc = f(c)
		} else {
			a, c, fc = c, d, fd
			d = a + ratio*(b-a)
			fd = f(d)
		}
	}
	return (a + b) / 2
}

// Exceeds gives the posterior probability that the risk of an area is above a threshold > 0, for its cases and
// expected cases under a prior: P(θ > t), θ ~ Gamma(α + y, α/μ + E). It says what a rank cannot: how sure one can be.
// 0 or 1 where the prior has no spread.
func (g GammaPrior) Exceeds(threshold, cases, expected float64) float64 {
	if math.IsInf(g.Shape, 1) {
		if g.Mean > threshold {
			return 1
		}
		return 0
	}
	return mathext.GammaIncRegComp(g.Shape+cases, (g.Shape/g.Mean+expected)*threshold)
}
