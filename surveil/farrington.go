package surveil

import (
	"fmt"
	"math"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"gevor/fault"
)

// FarringtonOptions are the settings. Classic and Improved give the two usual sets.
type FarringtonOptions struct {
	Frequency     int     // periods in a year, 52 for weeks
	Years         int     // years looked back, ≥ 1 (b)
	HalfWindow    int     // periods on either side of the same date in earlier years (w)
	Periods       int     // levels of the seasonal factor, 1 for none
	PastLeftOut   int     // latest periods that are no reference, ≥ 0
	Reweight      bool    // weigh earlier outbreaks down
	ReweightAbove float64 // Anscombe residual above which a reference period loses weight
	Trend         bool    // try a linear trend in time
	TrendBelow    float64 // keep it where its p-value is below; 1 keeps it always
	Alpha         float64 // one-sided false alarm probability of one period
	Power         float64 // transformation against skewness: 2/3, 1/2 or 1
	LeastCases    float64 // no answer where fewer cases than this
	LeastOver     int     // … occurred in so many latest periods, the current one included
	Rates         bool    // expected counts in proportion to Population
	// PaperVariance takes the dispersion estimate itself for the standard error of the prediction, as Farrington et
	// al. write it. Without it the standard error is that of surveillance 1.20.3 (see Farrington).
	PaperVariance bool
}

// Classic gives the settings of Farrington et al. (1996) for weeks, with four years.
func Classic() FarringtonOptions {
	return FarringtonOptions{
		Frequency: 52, Years: 4, HalfWindow: 3, Periods: 1, PastLeftOut: 3, Reweight: true, ReweightAbove: 1,
		Trend: true, TrendBelow: 0.05, Alpha: 0.1, Power: 2. / 3, LeastCases: 5, LeastOver: 4,
	}
}

// Improved gives the settings of Noufaily et al. (2013) for weeks, with four years and the delta method.
func Improved() FarringtonOptions {
	o := Classic()
	o.Periods, o.PastLeftOut, o.ReweightAbove, o.TrendBelow = 10, 26, 2.58, 1
	return o
}

func (o FarringtonOptions) check() error {
	if err := alphaError(o.Alpha); err != nil {
		return err
	}
	bad := func(what string) error {
		return fault.New(fault.Invalid, "farrington", what, "see Classic and Improved")
	}
	switch {
	case o.Years < 1 || o.HalfWindow < 0 || o.Frequency < 2:
		return bad(fmt.Sprintf("%d years, half window %d, %d periods a year", o.Years, o.HalfWindow, o.Frequency))
	case o.Periods < 1 || o.PastLeftOut < 0:
		return bad(fmt.Sprintf("%d seasonal periods, %d latest left out", o.Periods, o.PastLeftOut))
	case o.Power != 1 && o.Power != 0.5 && math.Abs(o.Power-2./3) > 1e-12:
		return bad(fmt.Sprintf("power %g is none of 2/3, 1/2 and 1", o.Power))
	case o.LeastOver < 1:
		return bad("cases are counted over at least one period")
	}
	return nil
}

// Farrington gives the algorithm of Farrington et al. (1996), with the seasonal factor and the other improvements of
// Noufaily et al. (2013), for periods [from, to), as surveillance::farringtonFlexible 1.20.3 computes it with the
// threshold method "delta". Reference periods are those within HalfWindow of the same date in the last Years years
// (with Periods > 1 also all between, in Periods − 1 equal seasonal groups), the latest PastLeftOut left out. A
// quasi-Poisson model log μ = θ + βt + season (+ log population) gives μ₀ and dispersion φ ≥ 1; Anscombe residuals
// s > ReweightAbove lower a period's weight to γ·s⁻² and the fit is repeated; the trend stays where its p-value is
// below TrendBelow, Years ≥ 3, and μ₀ does not exceed the largest reference count. Then
//
//	Upper = (μ₀^p + z·se)^(1/p),   se² = p²·μ₀^(2p−1)·τ,   τ = φ + Var(μ̂₀)/μ₀
//
// Alarm where y > Upper and y > 0; no answer where fewer than LeastCases cases occurred in LeastOver periods, where
// history is too short, where the model does not converge, or where a count is missing. P is the normal tail on the
// transformed scale.
//
// Var(μ̂₀): that package overwrites the working weights by the reweighting factors before it asks for the standard
// error and for the trend's p-value, so both use Σ ω·((y−μ)/μ)² / df for the dispersion; without reweighting they use
// the usual one. This is kept, as comparability with offices that use it is worth more; PaperVariance switches to φ
// in both. With Dates the same week of an earlier year is the nearest one that begins on the same weekday, else it is
// Frequency periods earlier. TestSalmonella holds both settings against the package.
func Farrington(s Series, from, to int, o FarringtonOptions) ([]Result, error) {
	if err := s.span(from, to); err != nil {
		return nil, err
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	if o.Rates && s.Population == nil {
		return nil, fault.New(fault.Invalid, "farrington", "rates are wanted and no population is given", "give the people of each period")
	}
	byDay := map[int64]int{}
	for i, d := range s.Dates {
		byDay[dayOf(d)] = i
	}
	out := make([]Result, 0, to-from)
	for t := from; t < to; t++ {
		nan := math.NaN()
		r := Result{Index: t, Observed: s.Counts[t], Expected: nan, Upper: nan, P: nan}
		if group, ok := s.reference(t, byDay, o); ok {
			s.judge(&r, group, o)
		}
		out = append(out, r)
	}
	return out, nil
}

func dayOf(d time.Time) int64 { return d.Unix() / 86400 }

// anchors gives the period itself and the same one in each earlier year, latest first.
func (s Series) anchors(t int, byDay map[int64]int, o FarringtonOptions) ([]int, bool) {
	out := []int{t}
	for year := 1; year <= o.Years; year++ {
		at := t - year*o.Frequency
		if s.Dates != nil {
			now := s.Dates[t].UTC()
			then := time.Date(now.Year()-year, now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
			day := dayOf(then)
			if o.Frequency == 52 { // the same weekday, whichever side is nearer
				shift := int64(now.Weekday()) - int64(then.Weekday())
				other := shift - 7
				if shift <= 0 {
					other = shift + 7
				}
				if abs(other) < abs(shift) {
					shift = other
				}
				day += shift
			}
			i, ok := byDay[day]
			if !ok {
				return nil, false
			}
			at = i
		}
		if at-o.HalfWindow < 0 {
			return nil, false
		}
		out = append(out, at)
	}
	return out, true
}

func abs(v int64) int64 { return max(v, -v) }

// reference gives the seasonal group of every period before t that is a reference, 0 for others; the group of t and
// its like is o.Periods. Not ok where history is too short or a year too short for so many groups.
func (s Series) reference(t int, byDay map[int64]int, o FarringtonOptions) ([]int, bool) {
	anchor, ok := s.anchors(t, byDay, o)
	if !ok {
		return nil, false
	}
	group := make([]int, t+1)
	mark := func(from, to, g int) {
		for i := max(from, 0); i < min(to, len(group)); i++ {
			group[i] = g
		}
	}
	mark(t-o.HalfWindow, t+1, o.Periods) // what PastLeftOut does not take out again counts as the same season
	for k := 1; k < len(anchor); k++ {
		at := anchor[k]
		mark(at-o.HalfWindow, at+o.HalfWindow+1, o.Periods)
		if o.Periods == 1 {
			continue
		}
		between := anchor[k-1] - 2*o.HalfWindow - 1 - at
		if between < o.Periods-(2*o.HalfWindow+1) || between < 0 {
			return nil, false
		}
		length, rest := between/(o.Periods-1), between%(o.Periods-1)
		start := at + o.HalfWindow + 1
		for g := 1; g < o.Periods; g++ {
			end := start + length
			if g <= rest {
				end++
			}
			mark(start, end, g)
			start = end
		}
	}
	mark(t-o.PastLeftOut, t+1, 0)
	return group, true
}

// frame is the data of one fit.
type frame struct {
	y, offset []float64
	design    [][]float64 // intercept, seasonal groups but the first, time last
	now       []float64   // the row of the period judged
	nowOffset float64
	trend     int // column of time
	largest   float64
}

func (s Series) frame(t int, group []int, o FarringtonOptions) *frame {
	f := &frame{}
	var at []int
	present := make([]bool, o.Periods+1)
	first := -1
	for i, g := range group {
		if g == 0 {
			continue
		}
		if first < 0 {
			first = i // time counts from the first reference period, whether or not its count is known
		}
		if !math.IsNaN(s.Counts[i]) {
			at = append(at, i)
			present[g] = true
		}
	}
	if !present[o.Periods] {
		return nil
	}
	clock := func(i int) float64 {
		if s.Dates != nil {
			step := dayOf(s.Dates[1]) - dayOf(s.Dates[0])
			return float64(dayOf(s.Dates[i])-dayOf(s.Dates[first])) / float64(step)
		}
		return float64(i - first)
	}
	var levels []int
	for g, there := range present {
		if there {
			levels = append(levels, g)
		}
	}
	f.design = make([][]float64, 1+len(levels))
	f.trend = len(levels)
	for _, i := range at {
		f.y = append(f.y, s.Counts[i])
		f.largest = math.Max(f.largest, s.Counts[i])
		f.design[0] = append(f.design[0], 1)
		for c, level := range levels[1:] {
			in := 0.0
			if group[i] == level {
				in = 1
			}
			f.design[1+c] = append(f.design[1+c], in)
		}
		f.design[f.trend] = append(f.design[f.trend], clock(i))
		if o.Rates {
			f.offset = append(f.offset, math.Log(s.Population[i]))
		}
	}
	f.now = make([]float64, len(f.design))
	f.now[0] = 1
	if len(levels) > 1 {
		f.now[len(levels)-1] = 1
	}
	f.now[f.trend] = clock(t)
	if o.Rates {
		f.nowOffset = math.Log(s.Population[t])
	}
	return f
}

// fitted is a model with what the threshold needs of it.
type fitted struct {
	*quasiPoisson
	phi      float64 // max(1, dispersion)
	standard float64 // dispersion behind standard errors
}

// fit gives the model of the first columns, reweighted once where wanted; nil where it does not converge.
func (f *frame) fit(columns int, o FarringtonOptions) *fitted {
	m := fitQuasiPoisson(f.y, f.design[:columns], f.offset, nil)
	if !m.converged || math.IsNaN(m.dispersion) {
		return nil
	}
	phi := math.Max(1, m.dispersion)
	if !o.Reweight {
		return &fitted{m, phi, m.dispersion}
	}
	weights := reweighted(anscombe(f.y, m, phi), o.ReweightAbove)
	m = fitQuasiPoisson(f.y, f.design[:columns], f.offset, weights)
	standard := 0.0
	for i, w := range weights {
		standard += w * m.working[i] * m.working[i]
	}
	return &fitted{m, math.Max(1, m.dispersion), standard / m.df}
}

// anscombe gives standardised Anscombe residuals (Farrington et al. 1996, section 3.6).
func anscombe(y []float64, m *quasiPoisson, phi float64) []float64 {
	out := make([]float64, len(y))
	for i, v := range y {
		a := 1.5 * (math.Pow(v, 2./3)*math.Pow(m.mu[i], -1./6) - math.Sqrt(m.mu[i]))
		out[i] = a / math.Sqrt(phi*(1-m.leverage[i]))
	}
	return out
}

// reweighted gives γ, or γ·s⁻² above the threshold, with γ such that the weights sum to their number.
func reweighted(s []float64, above float64) []float64 {
	out := make([]float64, len(s))
	sum := 0.0
	for i, v := range s {
		out[i] = 1
		if v > above {
			out[i] = 1 / (v * v)
		}
		sum += out[i]
	}
	gamma := float64(len(s)) / sum
	for i := range out {
		out[i] *= gamma
	}
	return out
}

func (s Series) judge(r *Result, group []int, o FarringtonOptions) {
	y := r.Observed
	recent := 0.0
	for i := max(0, r.Index-o.LeastOver+1); i <= r.Index; i++ {
		recent += s.Counts[i]
	}
	f := s.frame(r.Index, group, o)
	if f == nil || math.IsNaN(recent) || recent < o.LeastCases {
		return
	}
	columns := f.trend
	var m *fitted
	if o.Trend {
		if m = f.fit(f.trend+1, o); m != nil && f.keepsTrend(m, o) {
			columns++
		} else {
			m = nil
		}
	}
	if m == nil {
		if m = f.fit(columns, o); m == nil {
			return
		}
	}
	eta, variance := m.at(f.now[:columns])
	mu := math.Exp(eta + f.nowOffset)
	dispersion := m.standard
	if o.PaperVariance {
		dispersion = m.phi
	}
	tau := m.phi + mu*mu*variance*dispersion/mu
	p := o.Power
	se := math.Sqrt(p * p * math.Pow(mu, 2*p-1) * tau)
	upper := math.Pow(math.Pow(mu, p)+quantile(1-o.Alpha)*se, 1/p)
	if math.IsNaN(upper) || math.IsInf(upper, 0) {
		return
	}
	r.Expected, r.Upper = mu, upper
	r.P = above(math.Pow(y, p), math.Pow(mu, p), se)
	r.Alarm = y > upper && y > 0
}

func (f *frame) keepsTrend(m *fitted, o FarringtonOptions) bool {
	k := len(m.kept)
	if k == 0 || m.kept[k-1] != f.trend || o.Years < 3 {
		return false
	}
	dispersion := m.standard
	if o.PaperVariance {
		dispersion = m.phi
	}
	t := m.beta[f.trend] / math.Sqrt(dispersion*m.cov[k*k-1])
	p := 2 * distuv.StudentsT{Mu: 0, Sigma: 1, Nu: m.df}.CDF(-math.Abs(t))
	eta, _ := m.at(f.now)
	return p < o.TrendBelow && math.Exp(eta+f.nowOffset) <= f.largest
}
