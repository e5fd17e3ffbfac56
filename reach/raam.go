package reach

import (
	"fmt"
	"math"
	"slices"

	"gevor/fault"
)

// RaamOptions steers Raam.
type RaamOptions struct {
	// Tau is the travel cost that people take on to avoid a congestion of one (all places at the mean load).
	Tau float64
	// Rho is demand per unit of supply at which congestion is one; 0 takes total demand over total supply.
	Rho float64
	// Gap ends the search: the mean excess of used over cheapest cost, relative to the mean cost. 0 takes 1e-6.
	Gap float64
	// Sweeps bounds the search; 0 takes 2,000.
	Sweeps int
}

// Raam computes the rational agent access model (Saxon & Snow 2020): people spread over places until nobody gains
// by changing, where a place costs c_ij/Tau for the way plus its congestion, the demand it takes over Rho times its
// supply. The result is that cost per origin, in units of mean congestion: lower is better. NaN stands for an
// origin without demand or without a supplied place in reach.
//
// Saxon and Snow shift demand step by step for a fixed number of cycles. Here the equilibrium itself is computed:
// it minimises a convex potential, and filling every origin's demand like water into its cheapest places, origin
// after origin, walks down to it. places and demand are limited to what can be reached; the result does not depend
// on units of demand. TestRaamChicago compares with their implementation (1 %), TestRaamTwoPlaces with paper.
func Raam[C Cost](m *Sparse[C], demand, supply []float64, o RaamOptions) ([]float64, error) {
	if !positive(o.Tau) {
		return nil, fault.New(fault.Invalid, "raam", fmt.Sprintf("tau %v is not a cost > 0", o.Tau), "give the travel cost that weighs as much as mean congestion")
	}
	if o.Gap == 0 {
		o.Gap = 1e-6
	}
	if o.Sweeps == 0 {
		o.Sweeps = 2000
	}
	if o.Rho == 0 {
		var d, s float64
		for _, x := range demand {
			if positive(x) {
				d += x
			}
		}
		for _, x := range supply {
			if positive(x) {
				s += x
			}
		}
		o.Rho = d / s
	}
	if !positive(o.Rho) {
		return nil, fault.New(fault.Invalid, "raam", "there is no demand or no supply", "check the columns of both tables")
	}
	r := newRaam(m, demand, supply, o)
	for range o.Sweeps {
		if r.sweep() <= o.Gap {
			return r.level, nil
		}
	}
	return nil, fault.New(fault.TooLarge, "raam", fmt.Sprintf("no equilibrium within %d sweeps", o.Sweeps), "allow a larger gap or more sweeps")
}

// raam is the state of the search. Origins keep only their supplied columns.
type raam struct {
	demand []float64
	size   []float64 // per place: demand that makes its congestion one
	load   []float64 // per place: demand it takes now
	first  []int
	to     []int32
	way    []float64 // c/Tau, parallel to to
	flow   []float64 // parallel to to
	level  []float64 // per origin: its cost
	keys   []key
}

// key is a place an origin may use, with its cost before the origin adds anything.
type key struct {
	base float64
	at   int
}

func newRaam[C Cost](m *Sparse[C], demand, supply []float64, o RaamOptions) *raam {
	r := &raam{demand: demand, size: make([]float64, len(supply)), load: make([]float64, len(supply)), level: make([]float64, m.Rows())}
	for j, s := range supply {
		if positive(s) {
			r.size[j] = s * o.Rho
		}
	}
	r.first = append(r.first, 0)
	for i := range m.Rows() {
		to, cost := m.Row(i)
		for k, j := range to {
			if r.size[j] > 0 {
				r.to = append(r.to, j)
				r.way = append(r.way, float64(cost[k])/o.Tau)
			}
		}
		r.first = append(r.first, len(r.to))
		r.level[i] = math.NaN()
	}
	r.flow = make([]float64, len(r.to))
	return r
}

// sweep refills every origin once and gives the relative gap before refilling.
func (r *raam) sweep() float64 {
	var excess, total float64
	for i, d := range r.demand {
		a, b := r.first[i], r.first[i+1]
		if !positive(d) || a == b {
			continue
		}
		started := !math.IsNaN(r.level[i])
		cheapest := math.Inf(1)
		for k := a; k < b; k++ {
			j := r.to[k]
			cheapest = min(cheapest, r.way[k]+r.load[j]/r.size[j])
		}
		for k := a; k < b; k++ {
			if f := r.flow[k]; f > 0 {
				j := r.to[k]
				c := r.way[k] + r.load[j]/r.size[j]
				excess += f * (c - cheapest)
				total += f * c
				r.load[j] = max(0, r.load[j]-f)
				r.flow[k] = 0
			}
		}
		if !started {
			excess, total = math.Inf(1), 1
		}
		r.fill(i, d)
	}
	if total == 0 {
		return 0
	}
	return excess / total
}

// fill spreads demand d of origin i over its places so that all it uses cost the same level and no other is
// cheaper. Costs rise linearly with flow, so the level solves Σ (level − base_k)·size_k = d over bases below it.
func (r *raam) fill(i int, d float64) {
	// The level of the sweep before is nearly right: look first only at places below it, then at all.
	bound := r.level[i] + 0.05
	level, ok := r.levelBelow(i, d, bound)
	if !ok {
		level, _ = r.levelBelow(i, d, math.Inf(1))
	}
	r.level[i] = level
	for _, k := range r.keys {
		if k.base >= level {
			break
		}
		j := r.to[k.at]
		f := (level - k.base) * r.size[j]
		r.flow[k.at] = f
		r.load[j] += f
	}
}

func (r *raam) levelBelow(i int, d, bound float64) (float64, bool) {
	r.keys = r.keys[:0]
	if math.IsNaN(bound) {
		bound = math.Inf(1)
	}
	for k := r.first[i]; k < r.first[i+1]; k++ {
		j := r.to[k]
		if base := r.way[k] + r.load[j]/r.size[j]; base < bound {
			r.keys = append(r.keys, key{base, k})
		}
	}
	slices.SortFunc(r.keys, func(a, b key) int {
		switch {
		case a.base < b.base:
			return -1
		case a.base > b.base:
			return 1
		}
		return a.at - b.at
	})
	var size, weighted float64
	for n, k := range r.keys {
		j := r.to[k.at]
		size += r.size[j]
		weighted += k.base * r.size[j]
		level := (d + weighted) / size
		if n+1 < len(r.keys) {
			if level <= r.keys[n+1].base {
				return level, true
			}
			continue
		}
		return level, level <= bound
	}
	return math.NaN(), false
}
