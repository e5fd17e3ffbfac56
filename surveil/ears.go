package surveil

import (
	"fmt"
	"math"

	"gevor/fault"
)

// EARSMethod is one of the three.
type EARSMethod uint8

// C1 compares with the Baseline periods just before, C2 leaves two out between, C3 adds up what C2 said of three.
const (
	C1 EARSMethod = iota + 1
	C2
	C3
)

// EARSOptions are the settings.
type EARSOptions struct {
	Method   EARSMethod
	Baseline int     // periods compared with, ≥ 3; 7 as a rule
	MinSigma float64 // least standard deviation, ≥ 0
	Alpha    float64 // false alarm probability of one period, 0..1
}

// lag is the number of earlier periods a method looks at.
func (o EARSOptions) lag() int { return o.Baseline + [...]int{0, 0, 2, 4}[o.Method] }

// EARS gives the early aberration reporting system of Hutwagner et al. (2003) for periods [from, to), as
// surveillance::earsC (Salmon, Schumacher & Höhle 2016) computes it. With mean m and standard deviation s (divisor
// Baseline − 1) of the baseline and z = Φ⁻¹(1−α):
//
//	C1, C2: Upper = m + z·s
//	C3:     Upper = max(0, y + s·(z − max(0, C2(t−1)−1) − max(0, C2(t−2)−1))),   C2(t) = (y − m)/s
//
// Alarm where y > Upper. Expected is m. P is the normal tail of C1 and C2 and NaN for C3. The baseline may not reach
// before the series (Invalid); a missing count in the baseline, or a C3 over a baseline without any variation, leaves
// the period without an answer: MinSigma > 0 avoids the latter. TestSalmonella holds all three against the package.
func EARS(s Series, from, to int, o EARSOptions) ([]Result, error) {
	if err := s.span(from, to); err != nil {
		return nil, err
	}
	if err := alphaError(o.Alpha); err != nil {
		return nil, err
	}
	switch {
	case o.Method < C1 || o.Method > C3:
		return nil, fault.New(fault.Invalid, "ears", "unknown method", "use C1, C2 or C3")
	case o.Baseline < 3:
		return nil, fault.New(fault.Invalid, "ears", fmt.Sprintf("baseline of %d periods", o.Baseline), "take at least 3, 7 as a rule")
	case !(o.MinSigma >= 0):
		return nil, fault.New(fault.Invalid, "ears", fmt.Sprintf("least standard deviation %g", o.MinSigma), "take a number ≥ 0")
	case from < o.lag() && from < to:
		return nil, fault.New(fault.Invalid, "ears", fmt.Sprintf("period %d has only %d before it, and %d are needed", from+1, from, o.lag()), "begin later")
	}
	z := quantile(1 - o.Alpha)
	out := make([]Result, 0, to-from)
	for t := from; t < to; t++ {
		y := s.Counts[t]
		gap := 0
		if o.Method != C1 {
			gap = 2
		}
		mean, dev := baseline(s.Counts, t, gap, o)
		r := Result{Index: t, Observed: y, Expected: mean, Upper: mean + z*dev, P: math.NaN()}
		if o.Method == C3 {
			r.Upper = y + dev*(z-excess(s.Counts, t-1, o)-excess(s.Counts, t-2, o))
			if r.Upper < 0 {
				r.Upper = 0
			}
		} else if dev > 0 {
			r.P = above(y, mean, dev)
		}
		r.Alarm = y > r.Upper
		out = append(out, r)
	}
	return out, nil
}

// baseline gives mean and standard deviation of the periods before t, a gap left out.
func baseline(y []float64, t, gap int, o EARSOptions) (mean, dev float64) {
	past := y[t-gap-o.Baseline : t-gap]
	for _, v := range past {
		mean += v
	}
	mean /= float64(len(past))
	for _, v := range past {
		dev += (v - mean) * (v - mean)
	}
	return mean, math.Max(math.Sqrt(dev/float64(len(past)-1)), o.MinSigma)
}

// excess is what C2 of an earlier period adds to C3.
func excess(y []float64, t int, o EARSOptions) float64 {
	mean, dev := baseline(y, t, 2, o)
	c2 := (y[t] - mean) / dev
	if c2 <= 1 {
		return 0
	}
	return c2 - 1 // NaN stays NaN: a baseline without variation gives no answer
}
