package spatial

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gevor/fault"
)

// weighted checks values and weights (people; nil for 1 each) and gives the weights, their sum and the mean value.
// Values are finite and at least least; weights ≥ 0 with a sum above 0.
func weighted(x, people []float64, least float64) (w []float64, sum, mean float64, err error) {
	if people == nil {
		people = make([]float64, len(x))
		for i := range people {
			people[i] = 1
		}
	}
	if len(people) != len(x) || len(x) == 0 {
		return nil, 0, 0, fault.New(fault.Invalid, "values", fmt.Sprintf("%d values for %d weights", len(x), len(people)), "give one of each")
	}
	for i, v := range x {
		switch {
		case math.IsNaN(v) || math.IsInf(v, 0) || v < least:
			return nil, 0, 0, fault.New(fault.Invalid, "values", fmt.Sprintf("value %d is %g", i+1, v), fmt.Sprintf("values are numbers ≥ %g", least))
		case !(people[i] >= 0) || math.IsInf(people[i], 1):
			return nil, 0, 0, fault.New(fault.Invalid, "values", fmt.Sprintf("weight %d is %g", i+1, people[i]), "weights are numbers ≥ 0")
		}
		sum += people[i]
		mean += people[i] * v
	}
	if !(sum > 0) {
		return nil, 0, 0, fault.New(fault.Invalid, "values", "all weights are 0", "give the people behind each value")
	}
	return people, sum, mean / sum, nil
}

// ascending gives the order of x, ties in the order given.
func ascending(x []float64) []int {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(x[a], x[b]) })
	return order
}

func noMean() error {
	return fault.New(fault.Invalid, "values", "all values are 0", "a share of nothing has no distribution")
}

// Gini is the Gini coefficient of values x ≥ 0 that each stand for people (nil: one each):
//
//	G = 1 − Σ f(i)·(L(i) + L(i−1))
//
// over values in ascending order, f the share of people, L the cumulated share of the sum (Lorenz curve). 0 where all
// are equal, below 1 always (largest 1 − 1/n for n equal weights). Needs one value above 0. TestInequalityAgainstPySAL.
func Gini(x, people []float64) (float64, error) {
	w, sum, mean, err := weighted(x, people, 0)
	if err != nil {
		return 0, err
	}
	if mean == 0 {
		return 0, noMean()
	}
	area, lorenz := 0.0, 0.0
	for _, i := range ascending(x) {
		before := lorenz
		lorenz += w[i] * x[i] / (sum * mean)
		area += w[i] / sum * (lorenz + before)
	}
	return math.Max(0, 1-area), nil
}

// Theil is Theil's T with its parts.
type Theil struct {
	Total   float64 // 0 (equal) … ln of the number of people
	Between float64 // what is left if everyone had the mean of their group
	Within  float64 // inequality inside groups, weighted by their share of the sum
}

// TheilIndex is Theil's T (Theil 1967) of values x ≥ 0 that stand for people (nil: one each), taken apart by group
// (nil: all in one; equal names are one group):
//
//	T = Σ f·(x/μ)·ln(x/μ),   0·ln 0 = 0,   Between = Σ_g s(g)·ln(μ(g)/μ),   Within = Σ_g s(g)·T(g)
//
// with s(g) the group's share of the sum; Total = Between + Within (TestTheilAddsUp). Needs one value above 0.
// TestInequalityAgainstPySAL.
func TheilIndex(x, people []float64, group []string) (Theil, error) {
	w, sum, mean, err := weighted(x, people, 0)
	if err != nil {
		return Theil{}, err
	}
	if mean == 0 {
		return Theil{}, noMean()
	}
	if group != nil && len(group) != len(x) {
		return Theil{}, fault.New(fault.Invalid, "values", fmt.Sprintf("%d groups for %d values", len(group), len(x)), "give one group for each value")
	}
	type part struct{ people, value float64 }
	parts := map[string]*part{}
	var names []string
	var t Theil
	for i, v := range x {
		name := ""
		if group != nil {
			name = group[i]
		}
		p := parts[name]
		if p == nil {
			p = &part{}
			parts[name] = p
			names = append(names, name)
		}
		p.people += w[i]
		p.value += w[i] * v
		if v > 0 {
			t.Total += w[i] / sum * v / mean * math.Log(v/mean)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		if p := parts[name]; p.value > 0 {
			t.Between += p.value / (sum * mean) * math.Log(p.value/p.people/mean)
		}
	}
	t.Total, t.Between = math.Max(0, t.Total), math.Max(0, t.Between)
	t.Within = math.Max(0, t.Total-t.Between)
	return t, nil
}

// Concentration holds the concentration index of health over rank, and its corrected versions.
type Concentration struct {
	Index       float64 // −1 (all with the lowest rank) … 1; 0 without a gradient
	Generalised float64 // mean · Index, in the unit of the value
	Wagstaff    float64 // corrected for bounds; NaN without them
	Erreygers   float64 // corrected for bounds; NaN without them
}

// Bounds are the least and largest value a variable can take; both 0 means that it has none.
type Bounds struct{ Least, Largest float64 }

// ConcentrationIndex measures how far a value (health, access; x ≥ 0) gathers with a high rank (income, advantage;
// any numbers, only their order counts, equal ones share their middle rank), each pair standing for people:
//
//	C = 2/μ · Σ f·x·R − 1,   R = share of people ranked below + half of the own      (Kakwani et al. 1997)
//	Wagstaff (2005)  = C·μ·(b−a) / ((b−μ)(μ−a)),   Erreygers (2009) = 4·μ·C / (b−a)
//
// for a variable with bounds a, b; C then should be that of x − a in Wagstaff's form, which this equals. All ranks
// equal gives 0; a mean of 0 is Invalid. TestInequalityAgainstPython.
func ConcentrationIndex(x, rank, people []float64, bounds Bounds) (Concentration, error) {
	w, sum, mean, err := weighted(x, people, 0)
	if err != nil {
		return Concentration{}, err
	}
	ridit, err := ridits(rank, w, sum, len(x))
	if err != nil {
		return Concentration{}, err
	}
	if mean == 0 {
		return Concentration{}, noMean()
	}
	c := Concentration{Wagstaff: math.NaN(), Erreygers: math.NaN()}
	for i, v := range x {
		c.Generalised += 2 * w[i] / sum * (v - mean) * (ridit[i] - 0.5)
	}
	c.Index = c.Generalised / mean
	if bounds == (Bounds{}) {
		return c, nil
	}
	a, b := bounds.Least, bounds.Largest
	for i, v := range x {
		if !(a < b) || v < a || v > b {
			return Concentration{}, fault.New(fault.Invalid, "values", fmt.Sprintf("value %d is %g, outside %g … %g", i+1, v, a, b), "correct the bounds")
		}
	}
	c.Erreygers = 4 * c.Generalised / (b - a)
	if mean > a && mean < b {
		c.Wagstaff = c.Generalised * (b - a) / ((b - mean) * (mean - a))
	}
	return c, nil
}

// ridits gives everyone's fractional rank: the share of people below plus half of those with the same rank.
func ridits(rank, w []float64, sum float64, n int) ([]float64, error) {
	if len(rank) != n {
		return nil, fault.New(fault.Invalid, "values", fmt.Sprintf("%d ranks for %d values", len(rank), n), "give one for each")
	}
	for i, v := range rank {
		if math.IsNaN(v) {
			return nil, fault.New(fault.Invalid, "values", fmt.Sprintf("rank %d is no number", i+1), "leave it out with its value")
		}
	}
	order := ascending(rank)
	out := make([]float64, n)
	below := 0.0
	for a := 0; a < n; {
		b, tied := a, 0.0
		for ; b < n && rank[order[b]] == rank[order[a]]; b++ {
			tied += w[order[b]]
		}
		for _, i := range order[a:b] {
			out[i] = (below + tied/2) / sum
		}
		below += tied
		a = b
	}
	return out, nil
}

// Gradient is a regression of a value on rank.
type Gradient struct {
	Slope float64 // slope index of inequality: value at the top minus value at the bottom, unit of the value
	Error float64 // its standard error; NaN with fewer than three values or ranks all equal
	Ratio float64 // relative index of inequality: fitted value at the top / at the bottom; NaN where one is ≤ 0
	Share float64 // slope / mean
}

// SlopeIndex gives slope and relative index of inequality (Mackenbach & Kunst 1997): the weighted least squares line
// of the value on the fractional rank R in 0..1 (see ConcentrationIndex), weights being people. Positive: more with
// rank. Error is that of weighted least squares with variances in inverse proportion to people. All ranks equal:
// slope 0 without an error. A mean of 0 leaves Share NaN. TestInequalityAgainstPython.
func SlopeIndex(x, rank, people []float64) (Gradient, error) {
	w, sum, mean, err := weighted(x, people, math.Inf(-1))
	if err != nil {
		return Gradient{}, err
	}
	ridit, err := ridits(rank, w, sum, len(x))
	if err != nil {
		return Gradient{}, err
	}
	var xx, xy float64
	for i, v := range x {
		xx += w[i] * (ridit[i] - 0.5) * (ridit[i] - 0.5)
		xy += w[i] * (ridit[i] - 0.5) * (v - mean)
	}
	g := Gradient{Error: math.NaN(), Ratio: math.NaN(), Share: math.NaN()}
	if xx > 0 {
		g.Slope = xy / xx
		rest, df := 0.0, -2.0
		for i, v := range x {
			d := v - mean - g.Slope*(ridit[i]-0.5)
			rest += w[i] * d * d
			if w[i] > 0 {
				df++
			}
		}
		if df > 0 {
			g.Error = math.Sqrt(rest / df / xx)
		}
	}
	if bottom, top := mean-g.Slope/2, mean+g.Slope/2; bottom > 0 && top > 0 {
		g.Ratio = top / bottom
	}
	if mean != 0 {
		g.Share = g.Slope / mean
	}
	return g, nil
}

// Palma is the share of the sum that the top tenth of people have, divided by that of the bottom four tenths (Palma
// 2011). People of one value are divided where the border falls between them. +Inf where the bottom has nothing;
// 0.25 where all are equal. Needs one value above 0. TestPalmaByHand.
func Palma(x, people []float64) (float64, error) {
	w, sum, mean, err := weighted(x, people, 0)
	if err != nil {
		return 0, err
	}
	if mean == 0 {
		return 0, noMean()
	}
	var below, bottom, top float64
	for _, i := range ascending(x) {
		from, to := below/sum, (below+w[i])/sum
		bottom += math.Max(0, math.Min(to, 0.4)-from) * x[i]
		top += math.Max(0, to-math.Max(from, 0.9)) * x[i]
		below += w[i]
	}
	if bottom == 0 {
		return math.Inf(1), nil
	}
	return top / bottom, nil
}

// FGT is the index of Foster, Greer & Thorbecke (1984) for values x ≥ 0 and a line z > 0:
//
//	P(α) = Σ_{x < z} f·((z−x)/z)^α,   0 … 1
//
// α 0 is the share of people below the line, 1 the mean shortfall in shares of the line, 2 weighs the worst off more.
// Whoever is exactly at the line is not below it. α must be ≥ 0. TestFGTByHand.
func FGT(x, people []float64, line, alpha float64) (float64, error) {
	w, sum, _, err := weighted(x, people, 0)
	if err != nil {
		return 0, err
	}
	if !(line > 0) || math.IsInf(line, 1) || !(alpha >= 0) {
		return 0, fault.New(fault.Invalid, "line", fmt.Sprintf("line %g and alpha %g", line, alpha), "take a line > 0 and an alpha ≥ 0")
	}
	out := 0.0
	for i, v := range x {
		if v < line {
			out += w[i] / sum * math.Pow((line-v)/line, alpha)
		}
	}
	return out, nil
}
