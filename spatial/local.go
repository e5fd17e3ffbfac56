package spatial

import (
	"math"
)

// Local is one area's figure of a local statistic. All are NaN where the area has none.
type Local struct {
	Statistic float64
	Expected  float64
	Variance  float64
	Z         float64
	P         float64 // two-sided, by the normal approximation; Permuted gives better ones
}

func undefined() Local {
	nan := math.NaN()
	return Local{nan, nan, nan, nan, nan}
}

// LocalMoran is Anselin's (1995, eq. 12) local Moran of one value x an area, with the moments under conditional
// randomisation (the value of i stays, the others change places; Sokal, Oden & Thomson 1998, table 1):
//
//	I(i) = z(i)/m2 · Σ_j w(i,j) z(j),   m2 = Σ z²/n
//	E = −z(i)²·W(i) / ((n−1)·m2)
//	Var = (z(i)/m2)² · n/(n−2) · (W2(i) − W(i)²/(n−1)) · (m2 − z(i)²/(n−1))
//
// with W(i) and W2(i) the sums of the weights of i and of their squares. With row-standardised weights the mean of
// I(i) is Moran's I (TestLocalMoranAddsUp). Islands, and areas that lie exactly at the mean, have no Z. Needs 3
// areas; constant values are Invalid. TestColumbusLocal holds all columns to 1e-9 against spdep 1.2-7.
func LocalMoran(x []float64, w *Weights) ([]Local, error) {
	z, sum2, _, err := centred(x, w, 3)
	if err != nil {
		return nil, err
	}
	n := float64(len(z))
	m2 := sum2 / n
	out := make([]Local, len(z))
	for i, zi := range z {
		to, row := w.Row(i)
		if len(to) == 0 {
			out[i] = undefined()
			continue
		}
		var lag, sum, squares float64
		for k, j := range to {
			lag += row[k] * z[j]
			sum += row[k]
			squares += row[k] * row[k]
		}
		l := Local{Statistic: zi / m2 * lag, Expected: -zi * zi * sum / ((n - 1) * m2)}
		l.Variance = (zi / m2) * (zi / m2) * n / (n - 2) * (squares - sum*sum/(n-1)) * (m2 - zi*zi/(n-1))
		l.standardise()
		out[i] = l
	}
	return out, nil
}

func (l *Local) standardise() {
	if l.Variance > 0 {
		l.Z = (l.Statistic - l.Expected) / math.Sqrt(l.Variance)
		l.P = TwoSided(l.Z)
		return
	}
	l.Z, l.P = math.NaN(), math.NaN()
}

// LocalG is the G(i) of Ord & Getis (1995, eq. 14): whether large (Z > 0) or small values lie around area i, its own
// value left out.
//
//	Statistic = Σ_j w(i,j) x(j) / Σ_{j≠i} x(j),   Z = (Σ_j w(i,j) x(j) − W(i)·x̄(i)) / (s(i) √(((n−1)·W2(i) − W(i)²)/(n−2)))
//
// with mean x̄(i) and standard deviation s(i) (divisor n−1) of the n−1 other areas. Values may be negative; Statistic
// then has no use, Z has. Islands, and areas to which all others are neighbours, have no Z. Needs 3 areas; constant
// values are Invalid. TestColumbusLocal.
func LocalG(x []float64, w *Weights) ([]Local, error) { return localG(x, w, false) }

// LocalGStar is G*(i) of the same paper (eq. 15): as LocalG, with area i among its own neighbours, and mean and
// standard deviation (divisor n) of all areas. w must hold the diagonal: w.WithSelf(1), standardised by rows or not.
// TestColumbusLocal.
func LocalGStar(x []float64, w *Weights) ([]Local, error) { return localG(x, w, true) }

func localG(x []float64, w *Weights, star bool) ([]Local, error) {
	z, sum2, _, err := centred(x, w, 3)
	if err != nil {
		return nil, err
	}
	total := 0.0
	for _, v := range x {
		total += v
	}
	n := float64(len(x))
	out := make([]Local, len(x))
	for i := range x {
		to, row := w.Row(i)
		if len(to) == 0 {
			out[i] = undefined()
			continue
		}
		// Deviations from the general mean keep digits that sums of large raw values would lose.
		others, mean, square := n, 0.0, sum2
		from, at := total, total/n
		if !star {
			others = n - 1
			mean = -z[i] / others
			square = sum2 - z[i]*z[i] - others*mean*mean
			from = total - x[i]
			at = from / others
		}
		var lag, raw, sum, squares float64
		for k, j := range to {
			if !star && int(j) == i {
				continue
			}
			lag += row[k] * z[j]
			raw += row[k] * x[j]
			sum += row[k]
			squares += row[k] * row[k]
		}
		l := Local{Statistic: raw / from, Expected: sum * at / from}
		spread := square / others * (others*squares - sum*sum) / (others - 1)
		if spread <= 1e-24*square*squares {
			spread = 0 // every other area is a neighbour: the sum cannot vary
		}
		l.Variance = spread / (from * from)
		l.Z, l.P = math.NaN(), math.NaN()
		if spread > 0 {
			l.Z = (lag - sum*mean) / math.Sqrt(spread)
			l.P = TwoSided(l.Z)
		}
		out[i] = l
	}
	return out, nil
}
