package surveil

import (
	"math"
)

// quasiPoisson is a log-linear model fitted by iteratively reweighted least squares (McCullagh & Nelder 1989, section
// 2.5). Start, stopping rule and order of steps are those of R's glm.fit, so that figures which R takes from its last
// iteration rather than from the solution (leverages, covariance) agree to rounding.
type quasiPoisson struct {
	beta       []float64 // one a column; 0 where the column depends on those before it
	kept       []int     // columns that do not
	cov        []float64 // (X'WX)⁻¹ over the kept columns, row by row
	mu         []float64
	leverage   []float64
	working    []float64 // working residuals (y − μ)/μ
	prior      []float64
	df         float64 // residual degrees of freedom
	dispersion float64 // Pearson's; NaN without residual degrees of freedom
	converged  bool
}

const (
	glmEpsilon = 1e-8
	glmSteps   = 25
)

// fitQuasiPoisson fits counts y ≥ 0 on the columns of x (each of len(y)) with an offset of log exposure (nil for
// none) and prior weights (nil for 1 each). TestAgainstR holds what comes of it against R.
func fitQuasiPoisson(y []float64, x [][]float64, offset, prior []float64) *quasiPoisson {
	n := len(y)
	m := &quasiPoisson{mu: make([]float64, n), working: make([]float64, n), leverage: make([]float64, n), prior: prior}
	if m.prior == nil {
		m.prior = make([]float64, n)
		for i := range m.prior {
			m.prior[i] = 1
		}
	}
	if offset == nil {
		offset = make([]float64, n)
	}
	eta := make([]float64, n)
	for i, v := range y {
		m.mu[i] = v + 0.1
		eta[i] = math.Log(m.mu[i])
	}
	deviance := m.deviance(y)
	z := make([]float64, n)
	root := make([]float64, n)
	for range glmSteps {
		for i := range y {
			z[i] = eta[i] - offset[i] + (y[i]-m.mu[i])/m.mu[i]
			root[i] = math.Sqrt(m.prior[i] * m.mu[i])
		}
		m.solve(x, z, root)
		for i := range y {
			eta[i] = offset[i]
			for k, b := range m.beta {
				eta[i] += b * x[k][i]
			}
			m.mu[i] = math.Exp(eta[i])
		}
		before := deviance
		deviance = m.deviance(y)
		if math.Abs(deviance-before)/(math.Abs(deviance)+0.1) < glmEpsilon {
			m.converged = true
			break
		}
		if math.IsNaN(deviance) || math.IsInf(deviance, 0) {
			break
		}
	}
	m.df = float64(n - len(m.kept))
	sum := 0.0
	for i := range y {
		m.working[i] = (y[i] - m.mu[i]) / m.mu[i]
		sum += root[i] * root[i] * m.working[i] * m.working[i] // weights of the last step, as R keeps them
	}
	m.dispersion = math.NaN()
	if m.df > 0 {
		m.dispersion = sum / m.df
	}
	return m
}

func (m *quasiPoisson) deviance(y []float64) float64 {
	sum := 0.0
	for i, v := range y {
		d := m.mu[i]
		if v > 0 {
			d = v*math.Log(v/m.mu[i]) - (v - m.mu[i])
		}
		sum += 2 * m.prior[i] * d
	}
	return sum
}

// solve is one weighted least squares by orthogonalising the columns twice; a column that leaves less than 1e-7 of
// itself depends on those before it and is dropped, as R does.
func (m *quasiPoisson) solve(x [][]float64, z, root []float64) {
	n := len(z)
	m.kept = m.kept[:0]
	var q [][]float64
	var r [][]float64 // r[k] are the coefficients of kept column k on q[0..k]
	for c, column := range x {
		v := make([]float64, n)
		size := 0.0
		for i := range v {
			v[i] = column[i] * root[i]
			size += v[i] * v[i]
		}
		coefficients := make([]float64, len(q), len(q)+1)
		for range 2 {
			for k, u := range q {
				d := dot(u, v)
				coefficients[k] += d
				for i := range v {
					v[i] -= d * u[i]
				}
			}
		}
		left := math.Sqrt(dot(v, v))
		if left <= 1e-7*math.Sqrt(size) {
			continue
		}
		for i := range v {
			v[i] /= left
		}
		q = append(q, v)
		r = append(r, append(coefficients, left))
		m.kept = append(m.kept, c)
	}
	k := len(q)
	b := make([]float64, k)
	inverse := make([]float64, k*k) // of the triangle, column by column
	for a := k - 1; a >= 0; a-- {
		for i := range n {
			b[a] += q[a][i] * z[i] * root[i]
		}
		for c := a + 1; c < k; c++ {
			b[a] -= r[c][a] * b[c]
		}
		b[a] /= r[a][a]
		inverse[a*k+a] = 1 / r[a][a]
		for c := a + 1; c < k; c++ {
			sum := 0.0
			for e := a + 1; e <= c; e++ {
				sum += r[e][a] * inverse[e*k+c]
			}
			inverse[a*k+c] = -sum / r[a][a]
		}
	}
	m.beta = make([]float64, len(x))
	for a, c := range m.kept {
		m.beta[c] = b[a]
	}
	m.cov = make([]float64, k*k)
	for a := range k {
		for c := range k {
			for e := max(a, c); e < k; e++ {
				m.cov[a*k+c] += inverse[a*k+e] * inverse[c*k+e]
			}
		}
	}
	for i := range m.leverage {
		m.leverage[i] = 0
		for _, u := range q {
			m.leverage[i] += u[i] * u[i]
		}
	}
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

// at gives the linear predictor of a row of the design and its variance before dispersion.
func (m *quasiPoisson) at(row []float64) (eta, variance float64) {
	for c, b := range m.beta {
		eta += b * row[c]
	}
	k := len(m.kept)
	for a, ca := range m.kept {
		for c, cc := range m.kept {
			variance += row[ca] * row[cc] * m.cov[a*k+c]
		}
	}
	return eta, variance
}
