package spatial

import (
	"fmt"
	"math"

	"gevor/fault"
)

// Test is a global statistic with its moments under the null hypothesis that values do not depend on place.
type Test struct {
	Statistic float64
	Expected  float64 // the same under both assumptions
	// Normal: values are independent draws from one normal distribution. NaN for G, which has no such moments.
	Normal Moments
	// Random: every assignment of these values to these areas is equally likely.
	Random Moments
}

// Moments hold a variance, the standardised statistic and its two-sided p-value by the normal approximation.
type Moments struct{ Variance, Z, P float64 }

func momentsOf(statistic, expected, variance float64) Moments {
	z := (statistic - expected) / math.Sqrt(variance)
	return Moments{variance, z, TwoSided(z)}
}

// TwoSided is the probability that a standard normal variable is at least as far from 0 as z.
func TwoSided(z float64) float64 { return math.Erfc(math.Abs(z) / math.Sqrt2) }

// centred gives deviations from the mean and their power sums Σz² and Σz⁴. It fails where no statistic can be had:
// fewer than least areas, a value that is no number, values that are all the same, no weights at all.
func centred(x []float64, w *Weights, least int) (z []float64, sum2, sum4 float64, err error) {
	if len(x) != w.Len() {
		return nil, 0, 0, fault.New(fault.Invalid, "values", fmt.Sprintf("%d values for %d areas", len(x), w.Len()), "give one value for each area")
	}
	if len(x) < least {
		return nil, 0, 0, fault.New(fault.Invalid, "values", fmt.Sprintf("%d areas are too few; %d are the least", len(x), least), "take a larger region")
	}
	mean := 0.0
	for i, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, 0, 0, fault.New(fault.Invalid, "values", fmt.Sprintf("value %d is no number", i+1), "leave areas without a value out, with Weights.Subset")
		}
		mean += v
	}
	mean /= float64(len(x))
	z = make([]float64, len(x))
	scale := 0.0
	for i, v := range x {
		z[i] = v - mean
		scale = math.Max(scale, math.Abs(v))
		sum2 += z[i] * z[i]
		sum4 += z[i] * z[i] * z[i] * z[i]
	}
	// Values that are all the same leave only rounding.
	if rounding := scale * 1e-14; sum2 <= float64(len(x))*rounding*rounding {
		return nil, 0, 0, fault.New(fault.Invalid, "values", "all values are the same", "a constant has no spatial pattern")
	}
	for _, v := range w.W {
		if v > 0 {
			return z, sum2, sum4, nil
		}
	}
	return nil, 0, 0, fault.New(fault.Invalid, "weights", "no area has a neighbour", "use another rule for neighbours")
}

// Moran is Moran's I of one value x an area (any unit, the result has none) with weights of any style:
//
//	I = (n/S0) · ΣΣ w(i,j) z(i) z(j) / Σ z(i)²,   z = x − mean,   E[I] = −1/(n−1)
//
// after Cliff & Ord (1981, eqs 1.44, 2.28 normal and 2.29 random). Islands add nothing but stay in n, as in PySAL
// (spdep takes them out of n unless told otherwise). Needs 4 areas; constant values and empty weights are Invalid.
// TestColumbusGlobal holds statistic and both variances against spdep 1.2-7.
func Moran(x []float64, w *Weights) (Test, error) {
	z, sum2, sum4, err := centred(x, w, 4)
	if err != nil {
		return Test{}, err
	}
	n := float64(len(z))
	s0, s1, s2 := w.Sums()
	stat := moranOf(z, sum2, w, s0)
	expected := -1 / (n - 1)
	k := n * sum4 / (sum2 * sum2)
	normal := (n*n*s1-n*s2+3*s0*s0)/((n*n-1)*s0*s0) - expected*expected
	random := (n*((n*n-3*n+3)*s1-n*s2+3*s0*s0)-k*((n*n-n)*s1-2*n*s2+6*s0*s0))/((n-1)*(n-2)*(n-3)*s0*s0) - expected*expected
	return Test{stat, expected, momentsOf(stat, expected, normal), momentsOf(stat, expected, random)}, nil
}

func moranOf(z []float64, sum2 float64, w *Weights, s0 float64) float64 {
	cross := 0.0
	for i, zi := range z {
		to, row := w.Row(i)
		lag := 0.0
		for k, j := range to {
			lag += row[k] * z[j]
		}
		cross += zi * lag
	}
	return float64(len(z)) / s0 * cross / sum2
}

// Geary is Geary's C of one value an area:
//
//	C = (n−1)/(2·S0) · ΣΣ w(i,j) (x(i)−x(j))² / Σ z(i)²,   E[C] = 1
//
// after Cliff & Ord (1981, eqs 1.45, 2.35, 2.36). Below 1 neighbours are alike; Z keeps that sign (negative means
// alike). Needs 4 areas; constant values and empty weights are Invalid. TestColumbusGlobal.
func Geary(x []float64, w *Weights) (Test, error) {
	z, sum2, sum4, err := centred(x, w, 4)
	if err != nil {
		return Test{}, err
	}
	n := float64(len(z))
	s0, s1, s2 := w.Sums()
	stat := gearyOf(z, sum2, w, s0)
	k := n * sum4 / (sum2 * sum2)
	normal := ((2*s1+s2)*(n-1) - 4*s0*s0) / (2 * (n + 1) * s0 * s0)
	random := (n-1)*s1*(n*n-3*n+3-(n-1)*k) - (n-1)*s2*(n*n+3*n-6-(n*n-n+2)*k)/4 + s0*s0*(n*n-3-(n-1)*(n-1)*k)
	random /= n * (n - 2) * (n - 3) * s0 * s0
	return Test{stat, 1, momentsOf(stat, 1, normal), momentsOf(stat, 1, random)}, nil
}

func gearyOf(z []float64, sum2 float64, w *Weights, s0 float64) float64 {
	diff := 0.0
	for i, zi := range z {
		to, row := w.Row(i)
		for k, j := range to {
			diff += row[k] * (zi - z[j]) * (zi - z[j])
		}
	}
	return (float64(len(z)) - 1) / (2 * s0) * diff / sum2
}

// GeneralG is the G of Getis & Ord (1992, eqs 5–8) of one value x ≥ 0 an area, with binary weights as a rule:
//
//	G = ΣΣ w(i,j) x(i) x(j) / ΣΣ_{i≠j} x(i) x(j),   E[G] = S0 / (n(n−1))
//
// with the variance under randomisation; there is none under normality (NaN). High G means that large values lie
// together. Needs 4 areas; negative, constant or all-zero values and empty weights are Invalid. TestColumbusGlobal.
func GeneralG(x []float64, w *Weights) (Test, error) {
	if _, _, _, err := centred(x, w, 4); err != nil {
		return Test{}, err
	}
	var m [5]float64
	for i, v := range x {
		if v < 0 {
			return Test{}, fault.New(fault.Invalid, "values", fmt.Sprintf("value %d is negative", i+1), "G needs values ≥ 0; take Moran's I instead")
		}
		m[1] += v
		m[2] += v * v
		m[3] += v * v * v
		m[4] += v * v * v * v
	}
	pairs := m[1]*m[1] - m[2]
	if pairs <= 0 {
		return Test{}, fault.New(fault.Invalid, "values", "fewer than two values are above 0", "G compares products of values")
	}
	n := float64(len(x))
	s0, s1, s2 := w.Sums()
	stat := generalGOf(x, pairs, w)
	expected := s0 / (n * (n - 1))
	b0 := (n*n-3*n+3)*s1 - n*s2 + 3*s0*s0
	b1 := -((n*n-n)*s1 - 2*n*s2 + 6*s0*s0)
	b2 := -(2*n*s1 - (n+3)*s2 + 6*s0*s0)
	b3 := 4*(n-1)*s1 - 2*(n+1)*s2 + 8*s0*s0
	b4 := s1 - s2 + s0*s0
	square := (b0*m[2]*m[2] + b1*m[4] + b2*m[1]*m[1]*m[2] + b3*m[1]*m[3] + b4*m[1]*m[1]*m[1]*m[1]) /
		(pairs * pairs * n * (n - 1) * (n - 2) * (n - 3))
	nan := math.NaN()
	return Test{stat, expected, Moments{nan, nan, nan}, momentsOf(stat, expected, square-expected*expected)}, nil
}

func generalGOf(x []float64, pairs float64, w *Weights) float64 {
	sum := 0.0
	for i, xi := range x {
		to, row := w.Row(i)
		for k, j := range to {
			if int(j) != i {
				sum += row[k] * xi * x[j]
			}
		}
	}
	return sum / pairs
}
