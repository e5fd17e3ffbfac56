package spatial

import "math"

// ridge keeps the factor of u's precision away from singular; the constraint takes its direction out again.
const ridge = 1e-6

// latent is a state of the field: η = xβ + s·v + r·u.
type latent struct{ v, u, beta []float64 }

func (l *latent) clone() *latent {
	return &latent{append([]float64(nil), l.v...), append([]float64(nil), l.u...), append([]float64(nil), l.beta...)}
}

// approximation is the Gaussian one at a hyperparameter value.
type approximation struct {
	*point
	at *latent
}

// fieldScale are the loadings of v and u.
type fieldScale struct{ s, r float64 }

// normal solves the normal equations of one Newton step after v is removed: the precision of (u, β) is
//
//	[ Q* + r²D   r·D·X    ]        D = c/(1 + s²c)
//	[ r·X'D      X'DX + P ]
//
// with c = E·exp(η); sums of u are held by conditioning (kriging) on them.
type normal struct {
	m *bym2
	fieldScale
	c, d        []float64
	factor      []float64
	logDet      float64
	cross       [][]float64 // Suu⁻¹·r·D·x for every column x
	plain       [][]float64 // r·D·x
	beta        *dense
	hold        [][]float64 // (u, β) parts of the inverse times each constraint
	holdBeta    [][]float64
	constraints *dense
}

// system factors the equations at c; nil where they cannot be.
func (m *bym2) system(f fieldScale, c []float64) *normal {
	n, p := len(c), len(m.x)
	k := &normal{m: m, fieldScale: f, c: c, d: make([]float64, n), factor: make([]float64, m.s.sky.size)}
	for i, v := range c {
		k.d[i] = v / (1 + f.s*f.s*v)
		k.logDet += math.Log1p(f.s * f.s * v)
	}
	m.s.fill(k.factor, 1, func(i int) float64 { return f.r*f.r*k.d[i] + ridge })
	det, ok := m.s.sky.factor(k.factor)
	if !ok {
		return nil
	}
	k.logDet += det
	b := make([]float64, p*p)
	for a, column := range m.x {
		plain := make([]float64, n)
		for i, x := range column {
			plain[i] = f.r * k.d[i] * x
		}
		solved := append([]float64(nil), plain...)
		m.s.sky.solve(k.factor, solved)
		k.plain, k.cross = append(k.plain, plain), append(k.cross, solved)
		for e := 0; e <= a; e++ {
			sum := 0.0
			for i := range n {
				sum += k.d[i]*column[i]*m.x[e][i] - k.plain[e][i]*solved[i]
			}
			if a == e && a > 0 {
				sum += m.o.CovariatePrecision
			}
			b[a*p+e] = sum
		}
	}
	// The mean of u and the intercept differ by the ridge alone, so this may be tiny without being wrong.
	if k.beta, ok = factorDense(p, b); !ok {
		return nil
	}
	k.logDet += k.beta.logDet()
	if len(m.bounds) == 0 {
		return k
	}
	sums := make([]float64, len(m.bounds)*len(m.bounds))
	for x, part := range m.bounds {
		u := make([]float64, n)
		for i, p := range m.s.part {
			if int(p) == part {
				u[i] = 1
			}
		}
		beta := make([]float64, p)
		k.solveFree(u, beta)
		k.hold, k.holdBeta = append(k.hold, u), append(k.holdBeta, beta)
		for y := 0; y <= x; y++ {
			sums[x*len(m.bounds)+y] = k.partSum(u, m.bounds[y])
		}
	}
	if k.constraints, ok = factorDense(len(m.bounds), sums); !ok {
		return nil
	}
	k.logDet += k.constraints.logDet()
	return k
}

func (k *normal) partSum(u []float64, part int) float64 {
	sum := 0.0
	for i, p := range k.m.s.part {
		if int(p) == part {
			sum += u[i]
		}
	}
	return sum
}

// solveFree overwrites (u, β) with the solution without constraints.
func (k *normal) solveFree(u, beta []float64) {
	k.m.s.sky.solve(k.factor, u)
	for a := range beta {
		for i, v := range u {
			beta[a] -= k.plain[a][i] * v
		}
	}
	k.beta.solve(beta)
	for a := range beta {
		for i := range u {
			u[i] -= k.cross[a][i] * beta[a]
		}
	}
}

// solve overwrites (u, β) with the solution whose parts sum to 0.
func (k *normal) solve(u, beta []float64) {
	k.solveFree(u, beta)
	if k.constraints == nil {
		return
	}
	lambda := make([]float64, len(k.hold))
	for x, part := range k.m.bounds {
		lambda[x] = k.partSum(u, part)
	}
	k.constraints.solve(lambda)
	for x, l := range lambda {
		for i := range u {
			u[i] -= l * k.hold[x][i]
		}
		for a := range beta {
			beta[a] -= l * k.holdBeta[x][a]
		}
	}
}

// eta gives the linear predictor.
func (m *bym2) eta(f fieldScale, l *latent) []float64 {
	out := make([]float64, len(m.y))
	for i := range out {
		out[i] = f.s*l.v[i] + f.r*l.u[i]
		for a, column := range m.x {
			out[i] += column[i] * l.beta[a]
		}
	}
	return out
}

// height is the log density of data and field, constants left out; lift is added to η inside exp.
func (m *bym2) height(f fieldScale, l *latent, lift []float64) float64 {
	sum := 0.0
	for i, eta := range m.eta(f, l) {
		sum += m.y[i]*eta - m.e[i]*math.Exp(eta+lift[i]) - l.v[i]*l.v[i]/2
	}
	for i, q := range m.s.times(l.u) {
		sum -= (q + ridge*l.u[i]) * l.u[i] / 2
	}
	for _, b := range l.beta[1:] {
		sum -= m.o.CovariatePrecision * b * b / 2
	}
	return sum
}

// climb moves l to the mode of height and gives the equations there; nil where Newton's method fails.
func (m *bym2) climb(f fieldScale, l *latent, lift []float64, steps int) *normal {
	n := len(m.y)
	at := m.height(f, l, lift)
	var k *normal
	for range steps {
		eta := m.eta(f, l)
		c := make([]float64, n)
		for i := range c {
			c[i] = m.e[i] * math.Exp(eta[i]+lift[i])
		}
		if k = m.system(f, c); k == nil {
			return nil
		}
		q := m.s.times(l.u)
		u, beta, gv := make([]float64, n), make([]float64, len(l.beta)), make([]float64, n)
		for i := range n {
			g := m.y[i] - c[i]
			gv[i] = f.s*g - l.v[i]
			shared := f.s * k.d[i] * gv[i] // what removing v leaves behind
			u[i] = f.r*g - q[i] - ridge*l.u[i] - f.r*shared
			for a, column := range m.x {
				beta[a] += column[i] * (g - shared)
			}
		}
		for a := 1; a < len(beta); a++ {
			beta[a] -= m.o.CovariatePrecision * l.beta[a]
		}
		k.solve(u, beta)
		v := make([]float64, n)
		for i := range n {
			move := f.r * u[i]
			for a, column := range m.x {
				move += column[i] * beta[a]
			}
			v[i] = (gv[i] - f.s*c[i]*move) / (1 + f.s*f.s*c[i])
		}
		size, gain := 1.0, 0.0
		next := l
		for range 40 {
			next = l.moved(v, u, beta, size)
			if gain = m.height(f, next, lift) - at; gain >= -1e-9*math.Abs(at) && !math.IsNaN(gain) {
				break
			}
			size /= 2
		}
		*l = *next
		at += gain
		if math.Abs(gain) < 1e-9 && size == 1 {
			break
		}
	}
	return k
}

func (l *latent) moved(v, u, beta []float64, size float64) *latent {
	out := l.clone()
	for i := range v {
		out.v[i] += size * v[i]
		out.u[i] += size * u[i]
	}
	for a := range beta {
		out.beta[a] += size * beta[a]
	}
	return out
}

// laplace gives the approximation at h, beginning from a state that it changes; with marginals also means and standard
// deviations of η and β.
func (m *bym2) laplace(h hyper, l *latent, marginals bool) *approximation {
	sigma, phi := math.Exp(-h[0]/2), 1/(1+math.Exp(-h[1]))
	f := fieldScale{sigma * math.Sqrt(1-phi), sigma * math.Sqrt(phi)}
	lift := make([]float64, len(m.y))
	k := m.climb(f, l, lift, 60)
	if k == nil {
		return nil
	}
	log := m.height(f, l, lift) - k.logDet/2 + m.logPrior(h)
	if math.IsNaN(log) {
		return nil
	}
	out := &approximation{&point{log: log}, l.clone()}
	if !marginals {
		return out
	}
	variance, betaVariance := k.variances()
	for i, v := range variance {
		lift[i] = v / 2
	}
	if m.climb(f, l, lift, 4) == nil {
		return nil
	}
	out.mean = m.eta(f, l)
	out.beta = l.beta
	for _, v := range variance {
		out.dev = append(out.dev, math.Sqrt(v))
	}
	for _, v := range betaVariance {
		out.betaDev = append(out.betaDev, math.Sqrt(v))
	}
	return out
}

// variances gives those of η and β under the constraints.
func (k *normal) variances() (eta, beta []float64) {
	m := k.m
	n, p := len(m.y), len(m.x)
	diagonal := m.s.sky.diagonal(k.factor)
	inverse := k.beta.inverse()
	var held []float64
	if k.constraints != nil {
		held = k.constraints.inverse()
	}
	h := len(k.hold)
	eta = make([]float64, n)
	for i := range n {
		// With M = Var(β) before the constraints, Var(u) = Suu⁻¹ + V·M·V' and Cov(u, β) = −V·M, V = cross.
		var own float64
		for a := range p {
			for b := range p {
				own += inverse[a*p+b] * (m.x[a][i] - k.r*k.cross[a][i]) * (m.x[b][i] - k.r*k.cross[b][i])
			}
		}
		own += k.r * k.r * diagonal[i]
		load := make([]float64, len(k.hold))
		for x := range k.hold {
			load[x] = k.r * k.hold[x][i]
			for a := range p {
				load[x] += m.x[a][i] * k.holdBeta[x][a]
			}
		}
		for x := range load {
			for y := range load {
				own -= load[x] * load[y] * held[x*h+y]
			}
		}
		shrink := 1 / (1 + k.s*k.s*k.c[i])
		eta[i] = math.Max(own, 0)*shrink*shrink + k.s*k.s*shrink
	}
	beta = make([]float64, p)
	for a := range p {
		beta[a] = inverse[a*p+a]
		for x := range k.hold {
			for y := range k.hold {
				beta[a] -= k.holdBeta[x][a] * k.holdBeta[y][a] * held[x*h+y]
			}
		}
		beta[a] = math.Max(beta[a], 0)
	}
	return eta, beta
}
