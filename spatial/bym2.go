package spatial

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	search "gonum.org/v1/gonum/optimize" //nolint:misspell // the name of that package

	"gevor/fault"
)

// BYM2Options are the settings. The zero value of every number takes the default named.
type BYM2Options struct {
	// Prior of the standard deviation σ = 1/√τ: P(σ > SDAbove) = SDChance. Defaults 1 and 0.01.
	SDAbove, SDChance float64
	// Prior of the structured share φ: P(φ < MixBelow) = MixChance. Defaults 0.5 and 0.5.
	MixBelow, MixChance float64
	// Prior precision of covariates around 0; default 0.001. The intercept has none.
	CovariatePrecision float64
	// Relative risks for which exceedance probabilities are wanted.
	Above   []float64
	Workers int // change nothing in the result
}

func (o BYM2Options) withDefaults() BYM2Options {
	set := func(v *float64, d float64) {
		if *v == 0 {
			*v = d
		}
	}
	set(&o.SDAbove, 1)
	set(&o.SDChance, 0.01)
	set(&o.MixBelow, 0.5)
	set(&o.MixChance, 0.5)
	set(&o.CovariatePrecision, 0.001)
	return o
}

// Posterior sums up one marginal distribution.
type Posterior struct{ Mean, SD, Lower, Median, Upper float64 } // Lower and Upper hold 95 %

// AreaRisk is the posterior of one area's relative risk exp(η), covariates included.
type AreaRisk struct {
	Posterior
	Above []float64 // P(risk > Above[k])
}

// BYM2Result is what the model says.
type BYM2Result struct {
	Fixed     []Posterior // intercept, then covariates; log scale
	Precision Posterior   // τ
	Mix       Posterior   // φ
	Areas     []AreaRisk
	// LogMarginal is the log marginal likelihood up to a constant that depends on data, graph and number of covariates
	// alone: it compares nothing but priors.
	LogMarginal float64
	Points      int // hyperparameter values the posterior was summed over
}

// BYM2 smooths small numbers with the model of Riebler, Sørbye, Simpson & Rue (2016) for cases y ≥ 0 and expected
// cases E ≥ 0 of every area, covariates x (each one value an area) and neighbours w (made mutual; weights play no part):
//
//	y ~ Poisson(E·exp(η)),   η = β₀ + xβ + (√(1−φ)·v + √φ·u)/√τ
//
// v independent standard normal, u the intrinsic autoregression scaled part by part (Freni-Sterrantino et al. 2018),
// summing to 0 in every connected part; an area without neighbours has both terms independent. Priors are penalised
// complexity priors on σ and φ (the latter over contrasts within parts, which is where it differs from the paper).
//
// Inference is a nested Laplace approximation (Rue, Martino & Chopin 2009) of our own: for every (log τ, logit φ) of a
// grid around the mode, out to a density of e⁻⁷ of it, Newton's method finds the mode of the latent field (v removed
// in closed form, a sparse Cholesky factor for u, constraints by conditioning), the field is Gaussian around it with
// means improved once by maximising the expected log density (van Niekerk & Rue 2021), and everything is summed over
// the grid. Cost: about 200 grid values × 6 steps × n² for a map of n areas.
//
// Areas with E = 0 are predicted from the rest. No case anywhere, covariates of the wrong length, and a graph in which
// no area has a neighbour are Invalid. TestBYM2AgainstMCMC compares with long Markov chains on two data sets,
// TestBYM2AgainstPriorDraws with importance sampling on a map of five areas; laws stand beside them.
func BYM2(cases, expected []float64, x [][]float64, w *Weights, o BYM2Options) (*BYM2Result, error) {
	sumCases, _, err := counted(cases, expected)
	if err != nil {
		return nil, err
	}
	n := len(cases)
	switch {
	case sumCases == 0:
		return nil, fault.New(fault.Invalid, "cases", "there is no case in any area", "nothing can be smoothed")
	case w.Len() != n:
		return nil, fault.New(fault.Invalid, "weights", fmt.Sprintf("%d areas with weights, %d with cases", w.Len(), n), "")
	}
	for k, column := range x {
		if len(column) != n {
			return nil, fault.New(fault.Invalid, "covariates", fmt.Sprintf("%d values of covariate %d for %d areas", len(column), k+1, n), "give one for each area")
		}
		for i, v := range column {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fault.New(fault.Invalid, "covariates", fmt.Sprintf("covariate %d of area %d is no number", k+1, i+1), "leave the area out")
			}
		}
	}
	o = o.withDefaults()
	for _, p := range []float64{o.SDChance, o.MixBelow, o.MixChance} {
		if !(p > 0 && p < 1) {
			return nil, fault.New(fault.Invalid, "prior", fmt.Sprintf("probability or share %g", p), "take values between 0 and 1")
		}
	}
	if !(o.SDAbove > 0) || !(o.CovariatePrecision > 0) {
		return nil, fault.New(fault.Invalid, "prior", fmt.Sprintf("standard deviation %g, precision %g", o.SDAbove, o.CovariatePrecision), "take values above 0")
	}
	m := &bym2{y: cases, e: expected, o: o}
	m.x = append([][]float64{ones(n)}, x...)
	if m.s, err = newStructure(w); err != nil {
		return nil, err
	}
	if m.mix, err = newMixPrior(m.s, o.MixBelow, o.MixChance); err != nil {
		return nil, err
	}
	m.bounds = m.s.constrained()
	return m.infer()
}

func ones(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = 1
	}
	return out
}

// bym2 is one model with its data.
type bym2 struct {
	y, e   []float64
	x      [][]float64 // columns, intercept first
	s      *structure
	mix    *mixPrior
	bounds []int // parts whose u sums to 0
	o      BYM2Options
}

// hyper is (log τ, logit φ).
type hyper [2]float64

func (m *bym2) logPrior(h hyper) float64 {
	rate := -math.Log(m.o.SDChance) / m.o.SDAbove
	return math.Log(rate/2) - h[0]/2 - rate*math.Exp(-h[0]/2) + m.mix.logDensity(h[1])
}

// point is what one hyperparameter value says.
type point struct {
	log       float64 // posterior density up to a constant
	mean, dev []float64
	beta      []float64
	betaDev   []float64
}

func (m *bym2) infer() (*BYM2Result, error) {
	start := &latent{v: make([]float64, len(m.y)), u: make([]float64, len(m.y)), beta: make([]float64, len(m.x))}
	start.beta[0] = math.Log(total(m.y) / total(m.e))
	objective := func(h hyper) float64 {
		f := m.laplace(h, start.clone(), false)
		if f == nil {
			return math.Inf(-1)
		}
		return f.log
	}
	depth := func(at []float64) float64 { return -objective(hyper{at[0], at[1]}) }
	best, err := search.Minimize(search.Problem{Func: depth}, //nolint:misspell // its spelling
		[]float64{2, 0}, &search.Settings{FuncEvaluations: 400, Converger: &search.FunctionConverge{Absolute: 1e-5, Iterations: 25}}, &search.NelderMead{})
	if err != nil && best == nil || math.IsInf(best.F, 0) {
		return nil, fault.Wrap(fault.Invalid, "cases", "the model finds no mode", "check cases, expected cases and covariates for slips", err)
	}
	mode := hyper{best.X[0], best.X[1]}
	step := m.steps(mode, objective)
	grid := m.explore(mode, step, start)
	return m.sum(mode, step, grid), nil
}

// steps gives half a standard deviation in each direction, by curvature at the mode.
func (m *bym2) steps(mode hyper, of func(hyper) float64) hyper {
	at := of(mode)
	var out hyper
	for k := range out {
		const h = 0.2
		up, down := mode, mode
		up[k] += h
		down[k] -= h
		curvature := (2*at - of(up) - of(down)) / (h * h)
		dev := 1.5
		if curvature > 0 {
			dev = math.Min(1.5, math.Max(0.1, 1/math.Sqrt(curvature)))
		}
		out[k] = dev / 2
	}
	return out
}

// key is a grid position relative to the mode.
type key [2]int

// explore floods the grid from the mode while the density stays above e⁻⁷ of the mode's, ring by ring. All points of a
// ring are worked out side by side from the same start, so that workers change nothing.
func (m *bym2) explore(mode, step hyper, start *latent) map[key]*point {
	const drop, most = 7, 3000
	centre := m.laplace(mode, start.clone(), false)
	grid := map[key]*point{}
	seen := map[key]bool{{}: true}
	ring := []key{{}}
	for len(ring) > 0 && len(grid) < most {
		points := make([]*point, len(ring))
		inParallel(len(ring), m.o.Workers, func() struct{} { return struct{}{} }, func(k int, _ struct{}) {
			h := hyper{mode[0] + step[0]*float64(ring[k][0]), mode[1] + step[1]*float64(ring[k][1])}
			if f := m.laplace(h, centre.at.clone(), true); f != nil {
				points[k] = f.point
			}
		})
		var next []key
		for k, p := range points {
			if p == nil || p.log < centre.log-drop {
				continue
			}
			grid[ring[k]] = p
			for _, d := range []key{{1, 0}, {-1, 0}, {0, 1}, {0, -1}} {
				to := key{ring[k][0] + d[0], ring[k][1] + d[1]}
				if !seen[to] {
					seen[to] = true
					next = append(next, to)
				}
			}
		}
		ring = next
	}
	return grid
}

func (m *bym2) sum(mode, step hyper, grid map[key]*point) *BYM2Result {
	var keys []key
	for k := range grid {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b key) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	peak := math.Inf(-1)
	for _, k := range keys {
		peak = math.Max(peak, grid[k].log)
	}
	weight := make([]float64, len(keys))
	sum := 0.0
	for i, k := range keys {
		weight[i] = math.Exp(grid[k].log - peak)
		sum += weight[i]
	}
	for i := range weight {
		weight[i] /= sum
	}
	out := &BYM2Result{LogMarginal: peak + math.Log(sum*step[0]*step[1]), Points: len(keys)}
	out.Precision = onGrid(keys, weight, 0, mode[0], step[0], math.Exp)
	out.Mix = onGrid(keys, weight, 1, mode[1], step[1], func(v float64) float64 { return 1 / (1 + math.Exp(-v)) })
	mix := func(mean, dev func(*point) float64) mixture {
		b := mixture{weight: weight, mean: make([]float64, len(keys)), dev: make([]float64, len(keys))}
		for i, k := range keys {
			b.mean[i], b.dev[i] = mean(grid[k]), dev(grid[k])
		}
		return b
	}
	for c := range m.x {
		b := mix(func(p *point) float64 { return p.beta[c] }, func(p *point) float64 { return p.betaDev[c] })
		out.Fixed = append(out.Fixed, b.posterior())
	}
	out.Areas = make([]AreaRisk, len(m.y))
	for i := range m.y {
		b := mix(func(p *point) float64 { return p.mean[i] }, func(p *point) float64 { return p.dev[i] })
		a := AreaRisk{Posterior: b.exponential()}
		for _, t := range m.o.Above {
			a.Above = append(a.Above, b.above(math.Log(t)))
		}
		out.Areas[i] = a
	}
	return out
}

// onGrid sums up one hyperparameter from the weights of the grid, whose marginal is a density at equal steps.
func onGrid(keys []key, weight []float64, axis int, mode, step float64, of func(float64) float64) Posterior {
	mass := map[int]float64{}
	for i, k := range keys {
		mass[k[axis]] += weight[i]
	}
	var at []int
	for k := range mass {
		at = append(at, k)
	}
	slices.Sort(at)
	var p Posterior
	square := 0.0
	for _, k := range at {
		v := of(mode + step*float64(k))
		p.Mean += mass[k] * v
		square += mass[k] * v * v
	}
	p.SD = math.Sqrt(math.Max(0, square-p.Mean*p.Mean))
	quantile := func(q float64) float64 {
		below := 0.0
		for _, k := range at {
			if below+mass[k] >= q {
				return of(mode + step*(float64(k)-0.5+(q-below)/mass[k]))
			}
			below += mass[k]
		}
		return of(mode + step*(float64(at[len(at)-1])+0.5))
	}
	p.Lower, p.Median, p.Upper = quantile(0.025), quantile(0.5), quantile(0.975)
	return p
}

// mixture is a weighted sum of normal distributions.
type mixture struct{ weight, mean, dev []float64 }

func (b mixture) above(x float64) float64 {
	p := 0.0
	for i, w := range b.weight {
		p += w * math.Erfc((x-b.mean[i])/b.dev[i]/math.Sqrt2) / 2
	}
	return p
}

func (b mixture) quantile(q float64) float64 {
	lo, hi := math.Inf(1), math.Inf(-1)
	for i, m := range b.mean {
		lo, hi = math.Min(lo, m-9*b.dev[i]), math.Max(hi, m+9*b.dev[i])
	}
	for range 60 {
		if mid := (lo + hi) / 2; b.above(mid) > 1-q {
			lo = mid
		} else {
			hi = mid
		}
	}
	return (lo + hi) / 2
}

func (b mixture) posterior() Posterior {
	var p Posterior
	square := 0.0
	for i, w := range b.weight {
		p.Mean += w * b.mean[i]
		square += w * (b.dev[i]*b.dev[i] + b.mean[i]*b.mean[i])
	}
	p.SD = math.Sqrt(math.Max(0, square-p.Mean*p.Mean))
	p.Lower, p.Median, p.Upper = b.quantile(0.025), b.quantile(0.5), b.quantile(0.975)
	return p
}

// exponential sums up exp of the variable.
func (b mixture) exponential() Posterior {
	var p Posterior
	square := 0.0
	for i, w := range b.weight {
		v := b.dev[i] * b.dev[i]
		p.Mean += w * math.Exp(b.mean[i]+v/2)
		square += w * math.Exp(2*b.mean[i]+2*v)
	}
	p.SD = math.Sqrt(math.Max(0, square-p.Mean*p.Mean))
	p.Lower, p.Median, p.Upper = math.Exp(b.quantile(0.025)), math.Exp(b.quantile(0.5)), math.Exp(b.quantile(0.975))
	return p
}
