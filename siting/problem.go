package siting

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gevor/fault"
	"gevor/reach"
)

// Problem is what places could do for people. Demands are the rows of Cost, candidate places its columns.
type Problem struct {
	// Cost is the cost per unit of weight between a demand and a place, any unit, ≥ 0. A pair that is not listed
	// cannot be served.
	Cost *reach.Sparse[float64]
	// Weight is the people of each demand, ≥ 0; nil counts each as one. A demand of weight 0 needs nothing.
	Weight []float64
	// Fixed are places that exist: they are open, cost nothing and count neither against New nor against Budget.
	Fixed []int32
	// New is the most places that may be opened besides the fixed ones; 0 sets no limit by number.
	New int
	// Price is what opening each place costs, ≥ 0; nil counts each as one.
	Price []float64
	// Budget is the most that new places may cost together; 0 sets no limit by price.
	Budget float64
	// Capacity is the most weight each place serves, ≥ 0; nil and +Inf set no limit. Under capacities the people of
	// one demand may be split over several places.
	Capacity []float64
	// Miss is the cost per unit of weight of not being served, in the unit of Cost; 0 demands that everybody is. It
	// matters to Median only.
	Miss float64
	// Partial leaves demands that no candidate can serve out of the problem and counts them in Answer.Beyond. Without
	// it they make a problem in which everybody must be served unsolvable.
	Partial bool
}

// Effort bounds the search by counted work, never by the clock, so that the same problem gives the same answer on
// every machine. A zero field takes its default.
type Effort struct {
	Nodes     int     // nodes of the search tree; default 20,000
	RootSteps int     // subgradient steps at the root; default 1,500
	NodeSteps int     // subgradient steps at every other node; default 90
	Gap       float64 // a relative gap that is good enough, e.g. 0.005; default 0, the optimum itself
}

func (e Effort) filled() Effort {
	for _, f := range []struct {
		at   *int
		take int
	}{{&e.Nodes, 20_000}, {&e.RootSteps, 1_500}, {&e.NodeSteps, 90}} {
		if *f.at <= 0 {
			*f.at = f.take
		}
	}
	return e
}

// Answer is the best choice found and how good it is known to be.
type Answer struct {
	Open []int32 // places that are open, the fixed ones included, ascending
	// Served says who is served where, by demand and then place. Without capacities every served demand stands once,
	// at its cheapest open place (of equals the one of the smaller number).
	Served []Service
	// Objective is the value of the choice and Bound what no choice can beat: smaller than no solution for Cover,
	// Median and Centre, larger than no solution for MaxCover. +Inf where no choice was found that serves everybody.
	Objective, Bound float64
	// Optimal says that the two meet: to 1e-9 of the value, or to less than one where every value is whole.
	Optimal bool
	// Beyond is the weight of demands left out by Partial, and BeyondCount their number.
	Beyond      float64
	BeyondCount int
	// Nodes and Steps are the work done: nodes of the tree looked at, and subgradient steps.
	Nodes, Steps int
}

// Gap is |Objective − Bound| / max(|Objective|, |Bound|): 0 for a proved optimum, at most 1; +Inf without a choice.
func (a *Answer) Gap() float64 {
	switch {
	case a.Optimal:
		return 0
	case math.IsInf(a.Objective, 0):
		return math.Inf(1)
	}
	return math.Abs(a.Objective-a.Bound) / math.Max(math.Abs(a.Objective), math.Abs(a.Bound))
}

// Service is a part of a demand at one place.
type Service struct {
	Demand, Place int32
	Weight        float64 // of the demand, served there
	Cost          float64 // per unit of weight
}

// ErrNoChoice is the cause of an error about a sound problem that no choice within its limits solves.
var ErrNoChoice = errors.New("no choice serves everybody")

func invalid(what, advice string) error { return fault.New(fault.Invalid, "siting", what, advice) }

// check refuses numbers that mean nothing.
func (p *Problem) check() error {
	if p.Cost == nil || p.Cost.Rows() < 0 {
		return invalid("there is no matrix of costs", "list which demand can use which place")
	}
	rows, cols := p.Cost.Rows(), p.Cost.Cols
	for _, c := range p.Cost.Cost {
		if !(c >= 0) || math.IsInf(c, 0) {
			return invalid(fmt.Sprintf("cost %v is not a number ≥ 0", c), "leave out pairs that cannot be served")
		}
	}
	for _, v := range []struct {
		name    string
		values  []float64
		want    int
		endless bool
	}{{"weights", p.Weight, rows, false}, {"prices", p.Price, cols, false}, {"capacities", p.Capacity, cols, true}} {
		if v.values != nil && len(v.values) != v.want {
			return invalid(fmt.Sprintf("%d %s where %d are needed", len(v.values), v.name, v.want), "give one for each, in order")
		}
		for _, x := range v.values {
			if !(x >= 0) || math.IsInf(x, 0) && !v.endless {
				return invalid(fmt.Sprintf("%v among the %s is not a number ≥ 0", x, v.name), "correct the value")
			}
		}
	}
	for _, j := range p.Fixed {
		if j < 0 || int(j) >= cols {
			return invalid(fmt.Sprintf("the fixed place %d is none of %d candidates", j, cols), "list it among them")
		}
	}
	switch {
	case p.New < 0:
		return invalid(fmt.Sprintf("%d new places cannot be opened", p.New), "give a number ≥ 1")
	case !(p.Budget >= 0) || math.IsInf(p.Budget, 0):
		return invalid(fmt.Sprintf("the budget %v is not a number ≥ 0", p.Budget), "give the sum that new places may cost")
	case !(p.Miss >= 0) || math.IsInf(p.Miss, 0):
		return invalid(fmt.Sprintf("the cost %v of not being served is not a number ≥ 0", p.Miss), "give it in the unit of the costs")
	}
	return nil
}

func (p *Problem) weight(i int) float64 {
	if p.Weight == nil {
		return 1
	}
	return p.Weight[i]
}

// limited says whether anything keeps all candidates from being opened.
func (p *Problem) limited() error {
	if p.New == 0 && p.Budget == 0 {
		return invalid("neither a number of new places nor a budget is given", "without a limit every candidate would be opened")
	}
	return nil
}

// beyond lists the demands with weight that no candidate within the limit can serve.
func (p *Problem) beyond(most float64) (demands []int32, weight float64) {
	for i := range p.Cost.Rows() {
		if p.weight(i) == 0 {
			continue
		}
		_, cost := p.Cost.Row(i)
		if !slices.ContainsFunc(cost, func(c float64) bool { return c <= most }) {
			demands = append(demands, int32(i))
			weight += p.weight(i)
		}
	}
	return demands, weight
}

// limit is one ceiling on what is opened.
type limit struct {
	price []float64 // nil counts places
	most  float64
}

func (l *limit) of(j int32) float64 {
	if l.price == nil {
		return 1
	}
	return l.price[j]
}

// model is the one problem that all four are turned into: open places under ceilings so that opening costs and the
// cost of every demand at its place, or of its being missed, are least together.
type model struct {
	demands []int32 // rows of the problem with weight, ascending
	weight  []float64
	miss    []float64 // cost of a whole demand that is not served

	rows, cols int
	first      []int64 // row i holds entries first[i]:first[i+1], by rising cost, then place
	to         []int32
	cost       []float64 // of the whole demand
	colFirst   []int64   // the same by column, demands ascending
	from       []int32
	colCost    []float64

	opening  []float64 // cost of opening each place; 0 for the fixed
	fixed    []bool
	limits   []limit
	capacity []float64 // nil where nothing limits

	must  bool    // a missed demand makes a choice void; miss then stands above every sound total
	void  float64 // totals from here on miss somebody who must be served
	whole bool    // every total is a whole number
}

// modelOf keeps pairs up to most. serve gives the cost of a whole demand of a weight at a cost per unit, opening the
// cost of a place that is not fixed; missing is the cost of a missed unit of weight, negative where nobody may be.
func (p *Problem) modelOf(most float64, serve func(weight, cost float64) float64, opening func(j int32) float64, missing float64, limits []limit) *model {
	m := &model{cols: p.Cost.Cols, limits: limits, must: missing < 0, first: []int64{0}}
	for i := range p.Cost.Rows() {
		w := p.weight(i)
		if w == 0 {
			continue
		}
		to, cost := p.Cost.Row(i)
		begin := len(m.to)
		for k, j := range to {
			if cost[k] <= most {
				m.to, m.cost = append(m.to, j), append(m.cost, serve(w, cost[k]))
			}
		}
		if len(m.to) == begin && p.Partial && m.must {
			continue
		}
		sortPairs(m.to[begin:], m.cost[begin:])
		m.demands, m.weight = append(m.demands, int32(i)), append(m.weight, w)
		m.first = append(m.first, int64(len(m.to)))
	}
	m.rows = len(m.demands)
	m.fixed, m.opening = make([]bool, m.cols), make([]float64, m.cols)
	for _, j := range p.Fixed {
		m.fixed[j] = true
	}
	for j := range m.opening {
		if !m.fixed[j] {
			m.opening[j] = opening(int32(j))
		}
	}
	if p.Capacity != nil && slices.ContainsFunc(p.Capacity, func(c float64) bool { return !math.IsInf(c, 1) }) {
		m.capacity = p.Capacity
	}
	m.misses(missing)
	m.transpose()
	m.whole = allWhole(m.cost) && allWhole(m.miss) && allWhole(m.opening) && (m.capacity == nil || m.wholeFlows())
	return m
}

// misses sets what it costs to miss each demand.
func (m *model) misses(missing float64) {
	m.miss = make([]float64, m.rows)
	if !m.must {
		for i, w := range m.weight {
			m.miss[i] = missing * w
		}
		m.void = math.Inf(1)
		return
	}
	m.void = 1
	for _, f := range m.opening {
		m.void += f
	}
	for i := range m.rows {
		if cost := m.cost[m.first[i]:m.first[i+1]]; len(cost) > 0 {
			m.void += cost[len(cost)-1]
		}
	}
	m.void = math.Ceil(m.void)
	for i := range m.miss {
		m.miss[i] = m.void
	}
}

// wholeFlows says whether splits of demands keep totals whole: weights and capacities are whole, and so are the
// costs of single people.
func (m *model) wholeFlows() bool {
	for _, c := range m.capacity {
		if !math.IsInf(c, 1) && c != math.Trunc(c) {
			return false
		}
	}
	for i, w := range m.weight {
		if w != math.Trunc(w) || m.miss[i]/w != math.Trunc(m.miss[i]/w) && !m.must {
			return false
		}
		for _, c := range m.cost[m.first[i]:m.first[i+1]] {
			if c/w != math.Trunc(c/w) {
				return false
			}
		}
	}
	return true
}

func allWhole(v []float64) bool {
	return !slices.ContainsFunc(v, func(x float64) bool { return x != math.Trunc(x) || math.Abs(x) > 1<<50 })
}

func (m *model) transpose() {
	m.colFirst = make([]int64, m.cols+1)
	for _, j := range m.to {
		m.colFirst[j+1]++
	}
	for j := range m.cols {
		m.colFirst[j+1] += m.colFirst[j]
	}
	m.from, m.colCost = make([]int32, len(m.to)), make([]float64, len(m.to))
	next := slices.Clone(m.colFirst[:m.cols])
	for i := range m.rows {
		for k := m.first[i]; k < m.first[i+1]; k++ {
			j := m.to[k]
			m.from[next[j]], m.colCost[next[j]] = int32(i), m.cost[k]
			next[j]++
		}
	}
}
