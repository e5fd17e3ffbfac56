package effect

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// slopePeriods is how many periods a course needs for a slope that is worth allowing for.
const slopePeriods = 4

// change is how far a course moved: mean after less mean before, for counts the difference of the logarithms of the
// rates of all periods together, half a case added.
func (c *course) change(from, start, to int, counts bool) float64 {
	if !counts {
		return mean(c.values[start:to]) - mean(c.values[from:start])
	}
	return logRate(c, start, to) - logRate(c, from, start)
}

func logRate(c *course, from, to int) float64 {
	cases, people := 0.5, 0.0
	for t := from; t < to; t++ {
		cases += c.cases[t]
		people += c.people[t]
	}
	return math.Log(cases / people)
}

// slope is the least squares slope over periods [from, to), a period.
func slope(v []float64, from, to int) float64 {
	middle, m := float64(to-1+from)/2, mean(v[from:to])
	up, down := 0.0, 0.0
	for t := from; t < to; t++ {
		x := float64(t) - middle
		up += x * (v[t] - m)
		down += x * x
	}
	return up / down
}

// perCovariate is how many places stand behind every figure that the changes are regressed on, beyond the first four.
const perCovariate = 4

// difference is the difference in differences of the area against the places, as a prediction: the changes of the
// places are regressed on the slopes of their courses before and on their composition, and the interval is that of a
// new observation, so that it holds with few places, unequal trends, and an area that was chosen because it was getting
// worse. The slope comes first (where the course before has slopePeriods), then the traits in their order, one for
// every perCovariate places beyond four; with none it is the plain difference in differences with the interval of
// Donald & Lang (2007). Areas and not periods are the observations, so memory within a course does no harm.
// TestAgainstStatsmodels checks it against prediction intervals of ordinary least squares.
func difference(area *course, places []*course, from, start, to int, counts bool, level float64) Estimate {
	room := max(0, (len(places)-4)/perCovariate)
	covariates := func(c *course) []float64 {
		var out []float64
		if start-from >= slopePeriods {
			out = append(out, slope(c.values, from, start))
		}
		out = append(out, c.traits...)
		return out[:min(room, len(out))]
	}
	y := make([]float64, len(places))
	columns := make([][]float64, len(covariates(area)))
	for i, p := range places {
		y[i] = p.change(from, start, to, counts)
		for k, v := range covariates(p) {
			columns[k] = append(columns[k], v)
		}
	}
	foreseen, leverage, rss, free := regress(y, columns, covariates(area))
	e := Estimate{Change: area.change(from, start, to, counts) - foreseen, P: math.NaN(), Places: len(places)}
	half := student(level, free) * math.Sqrt(rss/free*(1+leverage))
	e.Low, e.High = e.Change-half, e.Change+half
	return e
}

// regress predicts y at a point by ordinary least squares with an intercept, by orthogonalising the columns; one that
// depends on those before it (less than 1e-9 of it is left) is dropped. leverage is that of the point, free the
// residual degrees of freedom.
func regress(y []float64, columns [][]float64, at []float64) (foreseen, leverage, rss, free float64) {
	n := len(y)
	rest := make([]float64, n)
	foreseen, leverage, free = mean(y), 1/float64(n), float64(n-1)
	for i := range y {
		rest[i] = y[i] - foreseen
	}
	var basis [][]float64
	var points []float64 // where the point stands on the basis
	for k, column := range columns {
		m := mean(column)
		v, point, size := make([]float64, n), at[k]-m, 0.0
		for i := range v {
			v[i] = column[i] - m
			size += v[i] * v[i]
		}
		for range 2 {
			for j, u := range basis {
				d := product(u, v)
				point -= d * points[j]
				for i := range v {
					v[i] -= d * u[i]
				}
			}
		}
		left := math.Sqrt(product(v, v))
		if !(left > 1e-9*math.Sqrt(size)) {
			continue
		}
		for i := range v {
			v[i] /= left
		}
		point /= left
		b := product(v, rest)
		for i := range rest {
			rest[i] -= b * v[i]
		}
		foreseen += b * point
		leverage += point * point
		free--
		basis, points = append(basis, v), append(points, point)
	}
	return foreseen, leverage, product(rest, rest), free
}

// student is the quantile of Student's t that bounds the middle share of level.
func student(level, free float64) float64 {
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: free}.Quantile((1 + level) / 2)
}

// noise is the standard deviation of the area's periods before the measure around a straight line, after the mean of
// the places has been taken off; NaN with fewer than four periods.
func noise(area *course, places []*course, start int) float64 {
	if start < slopePeriods || len(places) == 0 {
		return math.NaN()
	}
	rest := make([]float64, start)
	for t := range rest {
		rest[t] = area.values[t]
		for _, p := range places {
			rest[t] -= p.values[t] / float64(len(places))
		}
	}
	b, m, middle, sum := slope(rest, 0, start), mean(rest), float64(start-1)/2, 0.0
	for t, v := range rest {
		e := v - m - b*(float64(t)-middle)
		sum += e * e
	}
	return math.Sqrt(sum / float64(start-2))
}
