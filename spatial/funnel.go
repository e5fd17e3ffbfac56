package spatial

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"

	"gevor/fault"
)

// Overdispersion says how a funnel widens where areas differ by more than chance for reasons nobody blames on them.
type Overdispersion string

// None keeps the limits of chance, Multiplicative widens them by √φ, Additive adds a variance between areas.
const (
	NoOverdispersion Overdispersion = "none"
	Multiplicative   Overdispersion = "multiplicative"
	Additive         Overdispersion = "additive"
)

// FunnelOptions are the settings.
type FunnelOptions struct {
	Binomial  bool           // base is a number of people of whom cases are some; else cases are Poisson with mean θ·base
	Target    float64        // value compared with; 0 takes Σ cases / Σ base
	Over      Overdispersion // empty is NoOverdispersion
	Winsorise float64        // share of z-scores at either end pulled in before φ or τ² is estimated, 0..0.4; 0.1 as a rule
}

// Funnel is a target with control limits around it that depend on the size of an area.
type Funnel struct {
	Target     float64
	Dispersion float64 // φ of z-scores, 1 without excess
	Between    float64 // τ², variance between areas on the scale of the value; 0 unless Additive
	binomial   bool
	over       Overdispersion
}

// FunnelPoint is one area.
type FunnelPoint struct {
	Value float64 // cases / base; NaN where the base is 0
	Z     float64 // distance from the target in standard deviations, widened as the limits are
}

// NewFunnel gives the funnel of Spiegelhalter (2005) for cases and base of every area (Poisson: people or expected
// cases; Binomial: people, cases ≤ base). z = (y/n − θ)/σ with σ² = θ/n, or θ(1−θ)/n. With winsorised z-scores
// φ = Σ z²/I; Multiplicative multiplies σ² by φ if φ > (I−1)/I, Additive adds
// τ² = max(0, (I·φ − (I−1)) / (Σw − Σw²/Σw)) with w = 1/σ². Areas with base 0 have no point and count nowhere.
// TestFunnelByHand; limits: TestFunnelLimitsAreExact.
func NewFunnel(cases, base []float64, o FunnelOptions) (Funnel, []FunnelPoint, error) {
	sumCases, sumBase, err := counted(cases, base)
	if err != nil {
		return Funnel{}, nil, err
	}
	if o.Over == "" {
		o.Over = NoOverdispersion
	}
	if !slices.Contains([]Overdispersion{NoOverdispersion, Multiplicative, Additive}, o.Over) {
		return Funnel{}, nil, fault.New(fault.Invalid, "funnel", fmt.Sprintf("unknown overdispersion %q", o.Over), "use none, multiplicative or additive")
	}
	f := Funnel{Target: o.Target, Dispersion: 1, binomial: o.Binomial, over: o.Over}
	if f.Target == 0 {
		f.Target = sumCases / sumBase
	}
	if !(f.Target > 0) || o.Binomial && f.Target >= 1 {
		return Funnel{}, nil, fault.New(fault.Invalid, "funnel", fmt.Sprintf("target %g", f.Target), "a target is above 0, and below 1 for shares")
	}
	if !(o.Winsorise >= 0 && o.Winsorise <= 0.4) {
		return Funnel{}, nil, fault.New(fault.Invalid, "funnel", fmt.Sprintf("winsorising a share of %g", o.Winsorise), "take 0 to 0.4")
	}
	var z []float64
	var sumW, squaredW float64
	for i, n := range base {
		if o.Binomial && cases[i] > n {
			return Funnel{}, nil, fault.New(fault.Invalid, "funnel", fmt.Sprintf("%g cases of %g people in area %d", cases[i], n, i+1), "cases are some of the people")
		}
		if n == 0 {
			continue
		}
		z = append(z, (cases[i]/n-f.Target)/math.Sqrt(f.chance(n)))
		w := 1 / f.chance(n)
		sumW += w
		squaredW += w * w
	}
	slices.Sort(z)
	pull := int(o.Winsorise * float64(len(z)))
	square := 0.0
	for i := range z {
		v := z[min(max(i, pull), len(z)-1-pull)]
		square += v * v
	}
	count := float64(len(z))
	f.Dispersion = square / count
	if spread := sumW - squaredW/sumW; f.over == Additive && spread > 0 {
		f.Between = math.Max(0, (count*f.Dispersion-(count-1))/spread)
	}
	out := make([]FunnelPoint, len(cases))
	for i, n := range base {
		out[i] = FunnelPoint{math.NaN(), math.NaN()}
		if n > 0 {
			out[i] = FunnelPoint{cases[i] / n, (cases[i]/n - f.Target) / math.Sqrt(f.variance(n, count))}
		}
	}
	if f.over == Multiplicative && f.Dispersion <= (count-1)/count {
		f.over = NoOverdispersion // no more spread than chance: the limits of chance hold
	}
	return f, out, nil
}

// chance is the variance of a value by chance alone.
func (f Funnel) chance(n float64) float64 {
	if f.binomial {
		return f.Target * (1 - f.Target) / n
	}
	return f.Target / n
}

func (f Funnel) variance(n, count float64) float64 {
	switch {
	case f.over == Multiplicative && f.Dispersion > (count-1)/count:
		return f.chance(n) * f.Dispersion
	case f.over == Additive:
		return f.chance(n) + f.Between
	}
	return f.chance(n)
}

// Limits gives the values between which an area with base n > 0 lies with the given probability (0.95, 0.998) if it is
// on target. Without overdispersion they come from the Poisson or binomial distribution itself, interpolated between
// counts as in Spiegelhalter's appendix A.1 (binomial bases are rounded), else from the normal approximation; never
// below 0, nor above 1 for shares.
func (f Funnel) Limits(n, probability float64) (lower, upper float64) {
	tail := (1 - probability) / 2
	if f.over == NoOverdispersion {
		return f.exact(n, tail), f.exact(n, 1-tail)
	}
	z := distuv.UnitNormal.Quantile(1 - tail)
	variance := f.chance(n) + f.Between
	if f.over == Multiplicative {
		variance = f.chance(n) * f.Dispersion
	}
	lower, upper = math.Max(0, f.Target-z*math.Sqrt(variance)), f.Target+z*math.Sqrt(variance)
	if f.binomial {
		upper = math.Min(1, upper)
	}
	return lower, upper
}

// exact finds the count r with P(R < r) < p ≤ P(R ≤ r) and interpolates: (r − (P(R≤r) − p)/P(R=r)) / n.
func (f Funnel) exact(n, p float64) float64 {
	below := func(r float64) float64 { // P(R ≤ r)
		switch {
		case r < 0:
			return 0
		case !f.binomial:
			return mathext.GammaIncRegComp(r+1, n*f.Target)
		case r >= math.Round(n):
			return 1
		}
		return mathext.RegIncBeta(math.Round(n)-r, r+1, 1-f.Target)
	}
	lo, hi := -1.0, 1.0
	for below(hi) < p {
		lo, hi = hi, 2*hi
	}
	for hi-lo > 1 {
		mid := math.Floor((lo + hi) / 2)
		if below(mid) < p {
			lo = mid
		} else {
			hi = mid
		}
	}
	at := below(hi)
	return math.Max(0, (hi-(at-p)/(at-below(hi-1)))/n)
}
