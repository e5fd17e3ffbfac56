package siting

import (
	"cmp"
	"math"
	"slices"
)

// state says what a node of the tree has decided about a place.
type state uint8

const (
	free state = iota
	open
	closed
)

// relaxation is the Lagrangian relaxation of "every demand is served once, or missed" with a price u[i] on it. For
// given prices it falls apart into one question per place, is it worth opening?, and the ceilings, which are relaxed
// to fractions. Its value bounds every choice from below (Geoffrion 1974; Cornuéjols, Fisher & Nemhauser 1977; under
// capacities each place solves a fractional knapsack, and the bound is that of the linear program with x ≤ y).
type relaxation struct {
	m      *model
	worth  []float64 // per place: opening cost less what serving saves at the prices u
	take   []float64 // per place: the part opened, 0..1
	part   []float64 // under capacities, per entry by column: the part of the demand served
	over   []float64 // per place: worth beyond what the ceiling asks for; see fixing
	excess []float64 // per demand: 1 − how often it is served
	list   []int32   // candidates in question, in the order of the last ceiling
	entry  []int64   // of one column, by falling saving per weight
}

func newRelaxation(m *model) *relaxation {
	r := &relaxation{m: m, worth: make([]float64, m.cols), take: make([]float64, m.cols), over: make([]float64, m.cols), excess: make([]float64, m.rows)}
	if m.capacity != nil {
		r.part = make([]float64, len(m.from))
	}
	return r
}

// value gives the bound for prices u ≤ miss in a node.
func (r *relaxation) value(u []float64, node []state) float64 {
	m := r.m
	copy(r.worth, m.opening)
	bound := 0.0
	for _, x := range u {
		bound += x
	}
	if m.capacity == nil {
		for i := range m.rows {
			for k := m.first[i]; k < m.first[i+1] && m.cost[k] < u[i]; k++ {
				r.worth[m.to[k]] += m.cost[k] - u[i]
			}
		}
	} else {
		for j := range m.cols {
			if node[j] != closed {
				r.fill(int32(j), u)
			}
		}
	}
	bound += r.choose(node)
	r.measure(u)
	return bound
}

// fill packs the demands that a place would like to serve into its capacity, those that save most per weight first.
func (r *relaxation) fill(j int32, u []float64) {
	m := r.m
	a, b := m.colFirst[j], m.colFirst[j+1]
	r.entry = r.entry[:0]
	total := 0.0
	for k := a; k < b; k++ {
		r.part[k] = 0
		if i := m.from[k]; m.colCost[k] < u[i] {
			r.entry = append(r.entry, k)
			total += m.weight[i]
		}
	}
	left := m.capacity[j]
	if total > left {
		saving := func(k int64) float64 { i := m.from[k]; return (m.colCost[k] - u[i]) / m.weight[i] }
		slices.SortFunc(r.entry, func(x, y int64) int { return cmp.Or(cmp.Compare(saving(x), saving(y)), cmp.Compare(x, y)) })
	}
	for _, k := range r.entry {
		i := m.from[k]
		if left <= 0 {
			break
		}
		r.part[k] = math.Min(1, left/m.weight[i])
		left -= m.weight[i]
		r.worth[j] += r.part[k] * (m.colCost[k] - u[i])
	}
}

// choose opens what is worth it under the ceilings and gives the value of that. Where several ceilings hold, the one
// that costs most decides: each alone bounds from below.
func (r *relaxation) choose(node []state) float64 {
	m := r.m
	sum := 0.0
	left := make([]float64, len(m.limits))
	for l := range m.limits {
		left[l] = m.limits[l].most
	}
	r.list = r.list[:0]
	for j := range m.cols {
		r.take[j], r.over[j] = 0, r.worth[j]
		switch {
		case node[j] == closed:
		case node[j] == open || m.fixed[j]:
			r.take[j] = 1
			sum += r.worth[j]
			if !m.fixed[j] {
				for l := range m.limits {
					left[l] -= m.limits[l].of(int32(j))
				}
			}
		case r.worth[j] < 0:
			r.list = append(r.list, int32(j))
		}
	}
	plain := 0.0
	for _, j := range r.list {
		plain += r.worth[j]
	}
	best, which := plain, -1
	for l := range m.limits {
		if v, _, _ := r.pack(&m.limits[l], left[l], nil); which < 0 && v > best-1e-12*math.Abs(best) || v > best {
			best, which = v, l
		}
	}
	if which < 0 {
		for _, j := range r.list {
			r.take[j] = 1
		}
		return sum + plain
	}
	_, low, high := r.pack(&m.limits[which], left[which], r.take)
	for j := range r.over {
		if node[j] != free || m.fixed[j] {
			continue
		}
		rate := high
		if r.take[j] == 1 {
			rate = low
		}
		r.over[j] += rate * m.limits[which].of(int32(j))
	}
	return sum + best
}

// pack fills one ceiling with the places in question, those worth most per price first, the last one in part. It
// gives their worth and between which rates a unit of the ceiling is worth: two where the ceiling is filled exactly.
func (r *relaxation) pack(l *limit, left float64, take []float64) (value, low, high float64) {
	per := func(j int32) float64 {
		if p := l.of(j); p > 0 {
			return r.worth[j] / p
		}
		return math.Inf(-1)
	}
	slices.SortFunc(r.list, func(a, b int32) int { return cmp.Or(cmp.Compare(per(a), per(b)), cmp.Compare(a, b)) })
	last, full := 0.0, false // rate of the last place taken whole
	for _, j := range r.list {
		price, part := l.of(j), 1.0
		if price > 0 && left < price {
			part = math.Max(0, left/price)
			if !full {
				full, low, high = true, -per(j), -per(j)
				if part == 0 && last > 0 {
					high = last
				}
			}
		}
		left -= price * part
		value += part * r.worth[j]
		if take != nil {
			take[j] = part
		}
		if price > 0 && part == 1 {
			last = -per(j)
		}
	}
	if !full && left <= 0 {
		high = last
	}
	return value, low, high
}

// measure counts how often each demand is served.
func (r *relaxation) measure(u []float64) {
	m := r.m
	if m.capacity == nil {
		for i := range m.rows {
			x := 1.0
			for k := m.first[i]; k < m.first[i+1] && m.cost[k] < u[i]; k++ {
				x -= r.take[m.to[k]]
			}
			r.excess[i] = x
		}
		return
	}
	for i := range r.excess {
		r.excess[i] = 1
	}
	for j, t := range r.take {
		if t > 0 {
			for k := m.colFirst[j]; k < m.colFirst[j+1]; k++ {
				r.excess[m.from[k]] -= t * r.part[k]
			}
		}
	}
}

// fixing decides free places whose other decision cannot lead below cut, given the bound of the last value: by
// duality of the ceiling, opening a place adds at least over, closing it at least −over. It says how many it decided.
func (r *relaxation) fixing(bound, cut float64, node []state) (decided int) {
	for j, s := range node {
		if s != free || r.m.fixed[j] {
			continue
		}
		switch o := r.over[j]; {
		case o > 0 && bound+o >= cut:
			node[j] = closed
			decided++
		case o < 0 && bound-o >= cut:
			node[j] = open
			decided++
		}
	}
	return decided
}
