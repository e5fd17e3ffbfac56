package reach

import (
	"fmt"
	"math"

	"gevor/fault"
)

// Decay gives the weight of a place at a cost: 1 beside it, 0 out of reach, never rising with cost.
// The cost is in the unit of the matrix. All constructors cut at their limit, limit included.
type Decay func(cost float64) float64

// Within weighs everything up to the limit alike (2SFCA, Luo & Wang 2003).
func Within(limit float64) Decay {
	return func(c float64) float64 {
		if c <= limit {
			return 1
		}
		return 0
	}
}

// Step is one zone of a stepped decay: costs up to UpTo (included) and beyond the step before weigh Weight.
type Step struct{ UpTo, Weight float64 }

// Steps weighs by zones (E2SFCA, Luo & Qi 2009). Zones must rise in UpTo and not rise in Weight.
func Steps(steps ...Step) (Decay, error) {
	if len(steps) == 0 {
		return nil, fault.New(fault.Invalid, "steps", "no steps given", "write them as limit:weight, for example 5000:1,10000:0.68")
	}
	for i, s := range steps {
		if !(s.UpTo > 0) || !(s.Weight >= 0) || math.IsInf(s.UpTo, 0) || math.IsInf(s.Weight, 0) {
			return nil, fault.New(fault.Invalid, "steps", fmt.Sprintf("step %v:%v is not a limit > 0 and a weight ≥ 0", s.UpTo, s.Weight), "write limit:weight")
		}
		if i > 0 && (s.UpTo <= steps[i-1].UpTo || s.Weight > steps[i-1].Weight) {
			return nil, fault.New(fault.Invalid, "steps", fmt.Sprintf("step %v:%v does not follow %v:%v", s.UpTo, s.Weight, steps[i-1].UpTo, steps[i-1].Weight), "let limits rise and weights fall")
		}
	}
	steps = append([]Step(nil), steps...)
	return func(c float64) float64 {
		for _, s := range steps {
			if c <= s.UpTo {
				return s.Weight
			}
		}
		return 0
	}, nil
}

// Gaussian weighs exp(−c²/2σ²) up to the limit; sigma > 0 in the unit of cost.
func Gaussian(sigma, limit float64) Decay {
	return func(c float64) float64 {
		if c > limit {
			return 0
		}
		return math.Exp(-c * c / (2 * sigma * sigma))
	}
}

// Exponential weighs exp(−c/scale) up to the limit; scale > 0 is the cost at which the weight is 1/e.
func Exponential(scale, limit float64) Decay {
	return func(c float64) float64 {
		if c > limit {
			return 0
		}
		return math.Exp(-c / scale)
	}
}

// Power weighs (1 + c/scale)^−alpha up to the limit. The shift by one keeps the weight finite at cost 0, where
// the plain power law of the gravity literature (Hansen 1959) is not; scale > 0, alpha > 0.
func Power(alpha, scale, limit float64) Decay {
	return func(c float64) float64 {
		if c > limit {
			return 0
		}
		return math.Pow(1+c/scale, -alpha)
	}
}
