package effect

import "math"

// Weights gives the synthetic control of a course: shares of the places, ≥ 0 and adding up to 1, that minimise
//
//	Σ_t (area_t − Σ_i w_i place_i,t)² + ridge · Σ_i w_i²
//
// over the periods given; rows are places, columns periods, all of the length of area. Centre beforehand for a control
// with an intercept. Solved by moving weight between the pair of places that gains most (Platt 1998) until no pair
// gains more than 1e-10 of the scale of the problem. TestAgainstPysyncon holds it against another solver.
func Weights(area []float64, places [][]float64, ridge float64) []float64 {
	n := len(places)
	w := make([]float64, n)
	if n == 0 {
		return w
	}
	gram := make([][]float64, n) // of the objective's halves
	toArea := make([]float64, n)
	scale := 0.0
	for i := range gram {
		gram[i] = make([]float64, n)
		for j := range i + 1 {
			gram[i][j] = product(places[i], places[j])
			gram[j][i] = gram[i][j]
		}
		gram[i][i] += ridge
		toArea[i] = product(places[i], area)
		scale = math.Max(scale, gram[i][i])
		w[i] = 1 / float64(n)
	}
	gradient := make([]float64, n)
	for i := range gradient {
		gradient[i] = -toArea[i] + product(gram[i], w)
	}
	const steps = 20_000
	for range steps {
		up, down := 0, -1 // weight goes from down to up
		for i := range gradient {
			if gradient[i] < gradient[up] {
				up = i
			}
			if w[i] > 0 && (down < 0 || gradient[i] > gradient[down]) {
				down = i
			}
		}
		gain := gradient[down] - gradient[up]
		if !(gain > 1e-10*scale) {
			break
		}
		step := w[down]
		if bend := gram[up][up] + gram[down][down] - 2*gram[up][down]; bend > 0 {
			step = math.Min(step, gain/bend)
		}
		w[up] += step
		w[down] -= step
		for i := range gradient {
			gradient[i] += step * (gram[i][up] - gram[i][down])
		}
	}
	return w
}

func product(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

// synthetic is the synthetic control with an intercept (Doudchenko & Imbens 2016; Ferman & Pinto 2021) and the ridge of
// Arkhangelsky et al. (2021, equation 5): after less before of the gap between the area and its mixture of places.
// Every place is then treated as if the measure had been there; the interval is Student's t with the root mean square
// of those gaps, and P the rank of the area among them.
func synthetic(area *course, places []*course, start int, level float64) (Estimate, []float64) {
	n, periods := len(places), len(area.values)
	centred := make([][]float64, n)
	for i, p := range places {
		centred[i] = centre(p.values, start)
	}
	ridge := ridgeOf(centred, start, periods)
	gap := func(own []float64, rest [][]float64) (float64, []float64) {
		before := make([][]float64, len(rest))
		for i, v := range rest {
			before[i] = v[:start]
		}
		w := Weights(own[:start], before, ridge)
		sum := 0.0
		for t := start; t < periods; t++ {
			sum += own[t]
			for i, v := range rest {
				sum -= w[i] * v[t]
			}
		}
		return sum / float64(periods-start), w
	}
	e := Estimate{Places: n}
	var weights []float64
	e.Change, weights = gap(centre(area.values, start), centred)
	sum, beyond := 0.0, 1
	rest := make([][]float64, 0, n-1)
	for i := range centred {
		rest = append(append(rest[:0], centred[:i]...), centred[i+1:]...)
		g, _ := gap(centred[i], rest)
		sum += g * g
		if math.Abs(g) >= math.Abs(e.Change) {
			beyond++
		}
	}
	e.P = float64(beyond) / float64(n+1)
	half := student(level, float64(n)) * math.Sqrt(sum/float64(n))
	e.Low, e.High = e.Change-half, e.Change+half
	return e, weights
}

// centre takes the mean before the start off a course.
func centre(v []float64, start int) []float64 {
	m := mean(v[:start])
	out := make([]float64, len(v))
	for t := range v {
		out[t] = v[t] - m
	}
	return out
}

// ridgeOf is ζ²·T₀ with ζ = (T₁)^¼ · the standard deviation of the places' steps from period to period before. Unlike
// the paper, what all places have in common is taken off each step first, so that a shared shock changes no weight.
func ridgeOf(centred [][]float64, start, periods int) float64 {
	sum := 0.0
	steps := make([]float64, len(centred))
	for t := 1; t < start; t++ {
		for i, v := range centred {
			steps[i] = v[t] - v[t-1]
		}
		sd := deviation(steps)
		sum += sd * sd
	}
	return sum / float64(start-1) * math.Sqrt(float64(periods-start)) * float64(start)
}
