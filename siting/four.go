package siting

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gevor/fault"
)

// Cover finds the least new places, or where Price is given the cheapest, so that everybody is served at a cost of
// at most most: the location set covering problem (Toregas et al. 1971). Objective and Bound are the number or price
// of the new places. New and Budget play no part. It is an error if somebody cannot be served whatever is opened.
//
// All four problems are one search: Lagrangian bounds by subgradient (Held, Wolfe & Crowder 1974; Beasley 1985, 1993),
// greedy and exchange choices on the way (Teitz & Bart 1968), reduced costs that decide places, and a branch and
// bound, best bound first, over what remains. TestFourAgainstAllSubsets holds each against the enumeration of every
// subset in which people are seated one by one, flows under capacities included; TestPmed, TestPmedAsCenters and
// TestSanFrancisco hold them against published optima. Cost per step O(pairs that are worth serving); memory O(pairs + open nodes · demands).
func Cover(p Problem, most float64, e Effort) (Answer, error) {
	if err := p.check(); err != nil {
		return Answer{}, err
	}
	if !(most >= 0) {
		return Answer{}, invalid(fmt.Sprintf("the largest cost %v is not a number ≥ 0", most), "give the cost up to which a demand counts as served")
	}
	m := p.modelOf(most, within, p.price, -1, nil)
	return p.finish(m, newSearch(m, e).run(), most)
}

// MaxCover finds the places that serve most weight at a cost of at most most: the maximal covering location problem
// (Church & ReVelle 1974). Objective and Bound are the weight served. See Cover for the method.
func MaxCover(p Problem, most float64, e Effort) (Answer, error) {
	if err := cmp.Or(p.check(), p.limited()); err != nil {
		return Answer{}, err
	}
	if !(most >= 0) {
		return Answer{}, invalid(fmt.Sprintf("the largest cost %v is not a number ≥ 0", most), "give the cost up to which a demand counts as served")
	}
	p.Miss = math.Inf(1)
	m := p.modelOf(most, within, gratis, 1, p.limits())
	a, err := p.finish(m, newSearch(m, e).run(), most)
	total := 0.0
	for _, w := range m.weight {
		total += w
	}
	a.Objective, a.Bound = total-a.Objective, total-a.Bound
	return a, err
}

// Median finds the places for which Σ weight · cost is least, with Miss for those who are not served: the p-median
// problem (Hakimi 1964). See Cover for the method.
func Median(p Problem, e Effort) (Answer, error) {
	if err := cmp.Or(p.check(), p.limited()); err != nil {
		return Answer{}, err
	}
	missing := p.Miss
	if missing == 0 {
		missing = -1
	}
	m := p.modelOf(math.Inf(1), func(w, c float64) float64 { return w * c }, gratis, missing, p.limits())
	return p.finish(m, newSearch(m, e).run(), math.Inf(1))
}

// Centre finds the places for which the largest cost of anybody is least: the p-centre problem (Hakimi 1964), by
// search over the costs that occur, each time asking whether a cover fits New and Budget (Minieka 1970). Weights
// count only as zero or not, and as amounts under capacities. Where the effort does not decide a cost, the answer
// keeps the largest cost proved impossible as its bound. See Cover for the method.
func Centre(p Problem, e Effort) (Answer, error) {
	if err := cmp.Or(p.check(), p.limited()); err != nil {
		return Answer{}, err
	}
	costs := p.costs()
	nobody := len(costs) == 0
	if nobody {
		costs = []float64{0}
	}
	last := len(costs) - 1
	least := p.least(costs)
	top, work, err := p.centerAt(costs[last], e)
	if err != nil {
		return Answer{}, err
	}
	if !work.feasible {
		a := Answer{Objective: math.Inf(1), Bound: costs[least], Nodes: work.nodes, Steps: work.steps, Open: slices.Clone(p.Fixed)}
		if work.impossible {
			return a, fault.Wrap(fault.Invalid, "siting", "no choice within the limits serves everybody", "allow more places or a larger budget, or leave out whom none can serve", ErrNoChoice)
		}
		return a, nil
	}
	low, high, proved := least-1, last, least-1
	for high-low > 1 {
		mid := low + (high-low)/2
		a, w, err := p.centerAt(costs[mid], e)
		if err != nil {
			return Answer{}, err
		}
		work.nodes, work.steps = work.nodes+w.nodes, work.steps+w.steps
		switch {
		case w.feasible:
			high, top = mid, a
		case w.impossible:
			low, proved = mid, max(proved, mid)
		default:
			low = mid
		}
	}
	top.Objective, top.Bound = costs[high], costs[proved+1]
	top.Optimal = proved+1 == high
	top.Nodes, top.Steps = work.nodes, work.steps
	return top, nil
}

// decided is what one question of Centre came to.
type decided struct {
	feasible, impossible bool
	nodes, steps         int
}

// centerAt asks whether everybody can be served at a cost of at most most.
func (p *Problem) centerAt(most float64, e Effort) (Answer, decided, error) {
	q := *p
	partial := p.Partial
	limits := p.limits()
	opening, goal := func(int32) float64 { return 1 }, float64(p.New)
	if p.New == 0 {
		opening, goal = p.price, p.Budget
	}
	if partial { // leave out whom no candidate serves at all, not whom none serves at this cost
		q.Partial = false
		q.Weight = make([]float64, p.Cost.Rows())
		for i := range q.Weight {
			if _, cost := p.Cost.Row(i); len(cost) > 0 {
				q.Weight[i] = p.weight(i)
			}
		}
	}
	m := q.modelOf(most, within, opening, -1, limits)
	s := newSearch(m, e)
	s.target, s.enough = goal+1e-9*goal, goal+1e-9*goal
	if m.unservable() {
		return Answer{}, decided{impossible: true}, nil
	}
	o := s.run()
	w := decided{feasible: o.open != nil, impossible: o.open == nil && o.bound >= math.Min(m.void, goal+1e-9*goal+1e-12), nodes: o.nodes, steps: o.steps}
	if !w.feasible {
		return Answer{}, w, nil
	}
	a := p.answer(m, o, most)
	return a, w, nil
}

// unservable says whether somebody has no place at all.
func (m *model) unservable() bool {
	for i := range m.rows {
		if m.first[i] == m.first[i+1] {
			return true
		}
	}
	return false
}

// costs lists the different costs at which demands with weight can be served, ascending.
func (p *Problem) costs() []float64 {
	var out []float64
	for i := range p.Cost.Rows() {
		if p.weight(i) > 0 {
			_, cost := p.Cost.Row(i)
			out = append(out, cost...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// least gives the index of the largest cost that some demand has at its very best place.
func (p *Problem) least(costs []float64) int {
	most := 0.0
	for i := range p.Cost.Rows() {
		if _, cost := p.Cost.Row(i); p.weight(i) > 0 && len(cost) > 0 {
			most = math.Max(most, slices.Min(cost))
		}
	}
	at, _ := slices.BinarySearch(costs, most)
	return at
}

func within(float64, float64) float64 { return 0 }

func gratis(int32) float64 { return 0 }

func (p *Problem) price(j int32) float64 {
	if p.Price == nil {
		return 1
	}
	return p.Price[j]
}

func (p *Problem) limits() []limit {
	var out []limit
	if p.New > 0 {
		out = append(out, limit{nil, float64(p.New)})
	}
	if p.Budget > 0 {
		out = append(out, limit{p.Price, p.Budget})
	}
	for l := range out {
		if out[l].price == nil {
			continue
		}
		own := slices.Clone(out[l].price)
		for _, j := range p.Fixed {
			own[j] = 0
		}
		out[l].price = own
	}
	return out
}

// finish turns the outcome of a search into an answer, or into an error where no choice can be sound.
func (p *Problem) finish(m *model, o outcome, most float64) (Answer, error) {
	if o.open == nil && (o.bound >= m.void || m.unservable()) {
		demands, weight := p.beyond(most)
		if len(demands) > 0 && !p.Partial {
			return Answer{}, invalid(fmt.Sprintf("%d demands (the first is number %d) with a weight of %g are out of reach of every candidate", len(demands), demands[0]+1, weight),
				"add candidates, allow a larger cost, or leave these demands out")
		}
		return Answer{}, fault.Wrap(fault.Invalid, "siting", "no choice within the limits serves everybody", "allow more places, a larger budget or more capacity", ErrNoChoice)
	}
	return p.answer(m, o, most), nil
}

func (p *Problem) answer(m *model, o outcome, most float64) Answer {
	a := Answer{Objective: o.total, Bound: math.Min(o.bound, o.total), Nodes: o.nodes, Steps: o.steps}
	if m.must && p.Partial {
		demands, weight := p.beyond(most)
		a.Beyond, a.BeyondCount = weight, len(demands)
	}
	if o.open == nil {
		a.Open = slices.Sorted(slices.Values(p.Fixed))
		return a
	}
	a.Optimal = o.bound >= o.total-1e-9*math.Abs(o.total) || m.whole && o.bound > o.total-1+1e-7
	if a.Optimal {
		a.Bound = a.Objective
	}
	for j, on := range o.open {
		if on {
			a.Open = append(a.Open, int32(j))
		}
	}
	if m.capacity != nil {
		_, flows, _ := m.transport(o.open)
		for _, f := range flows {
			i := m.demands[f.demand]
			a.Served = append(a.Served, Service{i, f.place, f.amount, p.cost(i, f.place)})
		}
		slices.SortFunc(a.Served, func(x, y Service) int {
			return cmp.Or(cmp.Compare(x.Demand, y.Demand), cmp.Compare(x.Place, y.Place))
		})
		return a
	}
	for k, i := range m.demands {
		to, cost := p.Cost.Row(int(i))
		best := -1
		for n, j := range to {
			if o.open[j] && cost[n] <= most && (best < 0 || cost[n] < cost[best]) {
				best = n
			}
		}
		if best >= 0 && (m.must || cost[best] <= p.Miss) {
			a.Served = append(a.Served, Service{i, to[best], m.weight[k], cost[best]})
		}
	}
	return a
}

func (p *Problem) cost(i, j int32) float64 {
	to, cost := p.Cost.Row(int(i))
	k, _ := slices.BinarySearch(to, j)
	return cost[k]
}
