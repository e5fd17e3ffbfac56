package spatial

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/interp"

	"gevor/fault"
)

// structure is the scaled intrinsic autoregression of a graph: in every connected part with at least two areas
// Q* = c·(D − W), scaled so that the geometric mean of the variances under Σu = 0 is 1 (Sørbye & Rue 2014, per part
// after Freni-Sterrantino, Ventrucci & Rue 2018); an area without neighbours has Q* = 1 and no constraint.
type structure struct {
	w      *Weights // binary, symmetric
	sky    *skyline
	part   []int32
	parts  int
	scale  []float64 // c of every part; 1 for single areas
	sizes  []int
	trace  float64 // Σ diag of the generalised inverse of Q*
	logDet float64 // log of the product of the positive eigenvalues of Q*
}

func newStructure(w *Weights) (*structure, error) {
	w = w.Binary().Symmetric()
	for i := range w.Len() {
		if to, _ := w.Row(i); slices.Contains(to, int32(i)) {
			return nil, fault.New(fault.Invalid, "weights", "an area is its own neighbour", "leave the diagonal out")
		}
	}
	s := &structure{w: w, sky: newSkyline(w)}
	s.part, s.parts = w.Components()
	s.sizes = make([]int, s.parts)
	s.scale = make([]float64, s.parts)
	for _, p := range s.part {
		s.sizes[p]++
	}
	// With one area of each part tied down the rest is positive definite: G. The generalised inverse is G with rows
	// and columns centred, and the determinant obeys the matrix tree theorem: product of eigenvalues = size · det.
	tied := make([]bool, w.Len())
	done := make([]bool, s.parts)
	for i, p := range s.part {
		if !done[p] {
			done[p], tied[i] = true, true
		}
	}
	v := make([]float64, s.sky.size)
	for i := range w.Len() {
		row := s.sky.place[i]
		if tied[i] {
			v[s.sky.at(row, row)] = 1
			continue
		}
		to, _ := w.Row(i)
		v[s.sky.at(row, row)] = float64(len(to))
		for _, j := range to {
			if col := s.sky.place[j]; col < row && !tied[j] {
				v[s.sky.at(row, col)] = -1
			}
		}
	}
	logDet, ok := s.sky.factor(v)
	if !ok {
		return nil, fault.New(fault.Internal, "weights", "the graph of neighbours has no structure matrix", "")
	}
	g := s.sky.diagonal(v)
	ones := make([]float64, w.Len())
	for i := range ones {
		if !tied[i] {
			ones[i] = 1
		}
	}
	s.sky.solve(v, ones)
	sums := make([]float64, s.parts)
	for i, p := range s.part {
		if tied[i] {
			g[i], ones[i] = 0, 0
		}
		sums[p] += ones[i]
	}
	variance := make([]float64, w.Len())
	for i, p := range s.part {
		n := float64(s.sizes[p])
		variance[i] = g[i] - 2*ones[i]/n + sums[p]/(n*n)
		if s.sizes[p] > 1 {
			s.scale[p] += math.Log(variance[i]) / n
		}
	}
	s.logDet = logDet
	for p, n := range s.sizes {
		s.scale[p] = math.Exp(s.scale[p]) // exp(0) = 1 for single areas
		if n > 1 {
			s.logDet += math.Log(float64(n)) + float64(n-1)*math.Log(s.scale[p])
		}
	}
	for i, p := range s.part {
		if s.sizes[p] > 1 {
			s.trace += variance[i] / s.scale[p]
		} else {
			s.trace++
		}
	}
	return s, nil
}

// fill writes a·Q* + diag(d) into a skyline.
func (s *structure) fill(v []float64, a float64, d func(i int) float64) {
	clear(v)
	for i := range s.w.Len() {
		row := s.sky.place[i]
		p := s.part[i]
		to, _ := s.w.Row(i)
		own := 1.0
		if len(to) > 0 {
			own = s.scale[p] * float64(len(to))
		}
		v[s.sky.at(row, row)] = a*own + d(i)
		for _, j := range to {
			if col := s.sky.place[j]; col < row {
				v[s.sky.at(row, col)] = -a * s.scale[p]
			}
		}
	}
}

// times gives Q*·u.
func (s *structure) times(u []float64) []float64 {
	out := make([]float64, len(u))
	for i, v := range u {
		to, _ := s.w.Row(i)
		if len(to) == 0 {
			out[i] = v
			continue
		}
		sum := float64(len(to)) * v
		for _, j := range to {
			sum -= u[j]
		}
		out[i] = s.scale[s.part[i]] * sum
	}
	return out
}

// constrained lists the parts whose effects sum to 0.
func (s *structure) constrained() []int {
	var out []int
	for p, n := range s.sizes {
		if n > 1 {
			out = append(out, p)
		}
	}
	return out
}

// mixPrior is the penalised complexity prior of the share φ of the structured part (Simpson et al. 2017; Riebler et
// al. 2016): exponential in the distance d(φ) = √(2·KLD) from φ = 0, on 0 ≤ d ≤ d(1). The divergence is that of the
// contrasts within parts: their means are the intercept's business, and would make the distance infinite at φ = 1.
type mixPrior struct {
	logDistance *interp.NaturalCubic // of log d over logit φ
	low, high   float64              // where the table begins and ends
	rate        float64
	largest     float64 // d(1)
}

const (
	mixLow  = -6.9 // φ = 0.001; below it KLD is quadratic in φ
	mixHigh = 12.0
	mixStep = 0.15
)

// newMixPrior takes P(φ < u) = alpha. It is uniform in d where no falling density has so little mass below u.
func newMixPrior(s *structure, u, alpha float64) (*mixPrior, error) {
	flat := float64(len(s.constrained()))
	n := float64(s.w.Len())
	v := make([]float64, s.sky.size)
	distance := func(phi float64) float64 {
		s.fill(v, 1-phi, func(int) float64 { return phi })
		logDet, ok := s.sky.factor(v)
		if !ok {
			return 0
		}
		// Σ over positive eigenvalues λ of log((1−φ) + φ/λ)
		log := logDet - flat*math.Log(phi) - s.logDet
		return math.Sqrt(math.Max(0, phi*(s.trace-n+flat)-log))
	}
	var x, y []float64
	for at := mixLow; at <= mixHigh+1e-9; at += mixStep {
		if d := distance(1 / (1 + math.Exp(-at))); d > 0 {
			x = append(x, at)
			y = append(y, math.Log(d))
		}
	}
	if len(x) < 8 {
		return nil, fault.New(fault.Invalid, "weights", "too few areas have neighbours to tell structure from noise", "give neighbours")
	}
	m := &mixPrior{logDistance: &interp.NaturalCubic{}, low: x[0], high: x[len(x)-1]}
	if err := m.logDistance.Fit(x, y); err != nil {
		return nil, fault.Wrap(fault.Internal, "weights", "no prior for the mixing share", "", err)
	}
	m.largest = math.Exp(y[len(y)-1])
	at := math.Exp(m.logDistance.Predict(math.Log(u / (1 - u))))
	below := func(rate float64) float64 { return math.Expm1(-rate*at) / math.Expm1(-rate*m.largest) }
	lo, hi := 1e-9, 1.0
	for below(hi) < alpha {
		hi *= 2
	}
	if below(lo) < alpha {
		for range 200 {
			if mid := (lo + hi) / 2; below(mid) < alpha {
				lo = mid
			} else {
				hi = mid
			}
		}
	}
	m.rate = lo
	return m, nil
}

// logDensity is that of logit φ.
func (m *mixPrior) logDensity(logit float64) float64 {
	norm := math.Log(m.rate) - math.Log(-math.Expm1(-m.rate*m.largest))
	var log, slope float64
	switch {
	case logit < m.low: // d ∝ φ ≈ exp(logit)
		log = m.logDistance.Predict(m.low) + logit - m.low
		slope = 1
	case logit > m.high: // d(1) − d falls with 1 − φ
		log = m.logDistance.Predict(m.high)
		slope = m.logDistance.PredictDerivative(m.high) * math.Exp(m.high-logit)
	default:
		log, slope = m.logDistance.Predict(logit), m.logDistance.PredictDerivative(logit)
	}
	d := math.Exp(log)
	return norm - m.rate*d + log + math.Log(math.Max(slope, 1e-300))
}
