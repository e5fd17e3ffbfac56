package reach

import (
	"fmt"
	"math"

	"gevor/fault"
)

// RaamOptions steers Raam. Zero values take what the authors' package takes.
type RaamOptions struct {
	Tau         float64 // travel cost that people take on to avoid a congestion of one; required, > 0
	Rho         float64 // demand per unit of supply at which congestion is one; 0: total demand over total supply
	Cycles      int     // 0: 150
	InitialStep float64 // share of an origin's demand that may move in the first cycle; 0: 0.2
	MinStep     float64 // the share never falls below this; 0: 0.005
	HalfLife    float64 // cycles in which the share halves; 0: 50
	Damped      int     // cycles in which no place may gain more than its fair load at once; 0: 20
}

func (o *RaamOptions) fill() {
	def := func(x *float64, v float64) {
		if *x == 0 {
			*x = v
		}
	}
	if o.Cycles == 0 {
		o.Cycles = 150
	}
	if o.Damped == 0 {
		o.Damped = 20
	}
	def(&o.InitialStep, 0.2)
	def(&o.MinStep, 0.005)
	def(&o.HalfLife, 50)
}

// Raam computes the rational agent access model (Saxon & Snow 2020): people spread over places, each place costing
// c_ij/Tau for the way plus its congestion, the demand it takes over Rho times its supply. The result is the mean
// cost per origin in units of mean congestion: lower is better; NaN for an origin without demand or without a
// supplied place in reach.
//
// It is the authors' own search, not the equilibrium it heads for: everyone starts at the nearest place, and in
// every cycle each origin moves a share of its people, whole persons only, from the costliest place it uses to the
// cheapest it knows, never past the point where the two cost the same. After 150 cycles the search has not settled:
// on the Chicago tracts the exact equilibrium differs by 4 % in the mean and 31 % at worst, so figures are
// comparable only between runs with the same options. Demand must be whole numbers. Cost O(Cycles · pairs).
// TestRaamChicago compares with the authors' implementation.
func Raam[C Cost](m *Sparse[C], demand, supply []float64, o RaamOptions) ([]float64, error) {
	if !positive(o.Tau) {
		return nil, fault.New(fault.Invalid, "raam", fmt.Sprintf("tau %v is not a cost > 0", o.Tau), "give the travel cost that weighs as much as mean congestion")
	}
	o.fill()
	var people, places float64
	for i, d := range demand {
		if d != math.Trunc(d) {
			return nil, fault.New(fault.Invalid, "raam", fmt.Sprintf("demand %v of origin %d is not a whole number", d, i), "round the demand: people move as whole persons")
		}
		people += max(0, d)
	}
	for _, s := range supply {
		if positive(s) {
			places += s
		}
	}
	if o.Rho == 0 {
		o.Rho = people / places
	}
	if !positive(o.Rho) {
		return nil, fault.New(fault.Invalid, "raam", "there is no demand or no supply", "check the columns of both tables")
	}
	r := newRaam(m, demand, supply, o)
	for cycle := range o.Cycles {
		r.cycle(cycle, o)
	}
	return r.cost(), nil
}

// raam is the state of the search. Only pairs with demand and supply are kept; to, way and flow are parallel.
type raam struct {
	demand     []float64
	size       []float64 // per place: demand that makes its congestion one
	congestion []float64 // per place, as of the start of the cycle
	first      []int
	to         []int32
	way        []float64
	flow       []float64
	move       []move    // per origin
	gain       []float64 // per place: what all origins together want to add
}

// move takes people from the pair at from to the pair at to.
type move struct {
	from, to int
	people   float64
}

func newRaam[C Cost](m *Sparse[C], demand, supply []float64, o RaamOptions) *raam {
	r := &raam{
		demand: demand, size: make([]float64, len(supply)), congestion: make([]float64, len(supply)),
		gain: make([]float64, len(supply)), move: make([]move, m.Rows()), first: []int{0},
	}
	for j, s := range supply {
		if positive(s) {
			r.size[j] = s * o.Rho
		}
	}
	for i := range m.Rows() {
		nearest := -1
		if to, cost := m.Row(i); positive(demand[i]) {
			for k, j := range to {
				if r.size[j] == 0 {
					continue
				}
				r.to, r.way, r.flow = append(r.to, j), append(r.way, float64(cost[k])/o.Tau), append(r.flow, 0)
				if last := len(r.to) - 1; nearest < 0 || r.way[last] < r.way[nearest] {
					nearest = last
				}
			}
		}
		if nearest >= 0 {
			r.flow[nearest] = demand[i]
		}
		r.first = append(r.first, len(r.to))
	}
	return r
}

func (r *raam) cycle(n int, o RaamOptions) {
	r.measure()
	step := max(o.MinStep, o.InitialStep*math.Exp2(-float64(n)/o.HalfLife))
	clear(r.gain)
	for i := range r.move {
		r.move[i] = r.wish(i, step)
		if mv := r.move[i]; mv.people > 0 {
			r.gain[r.to[mv.to]] += mv.people
		}
	}
	for i := range r.move {
		mv := &r.move[i]
		if mv.people == 0 {
			continue
		}
		// An attractive place would be mobbed by everyone at once in the first cycles.
		if j := r.to[mv.to]; n < o.Damped {
			mv.people = math.RoundToEven(mv.people / max(1, r.gain[j]/r.size[j]))
		}
		r.flow[mv.from] -= mv.people
		r.flow[mv.to] += mv.people
	}
}

// measure sets every place's congestion from the flows.
func (r *raam) measure() {
	clear(r.congestion)
	for k, f := range r.flow {
		r.congestion[r.to[k]] += f
	}
	for j, s := range r.size {
		if s > 0 {
			r.congestion[j] /= s
		}
	}
}

// wish finds the costliest place origin i uses and the cheapest it knows, and how many would move so that both
// cost the same, at most the given share of its demand.
func (r *raam) wish(i int, share float64) move {
	worst, best := -1, -1
	var worstCost, bestCost float64
	for k := r.first[i]; k < r.first[i+1]; k++ {
		c := r.way[k] + r.congestion[r.to[k]]
		if r.flow[k] != 0 && (worst < 0 || c > worstCost) {
			worst, worstCost = k, c
		}
		if best < 0 || c < bestCost {
			best, bestCost = k, c
		}
	}
	if worst < 0 || worst == best {
		return move{}
	}
	a, b := r.size[r.to[worst]], r.size[r.to[best]]
	people := (worstCost - bestCost) * a * b / (a + b)
	people = min(people, r.flow[worst], share*r.demand[i])
	return move{worst, best, math.Trunc(people)}
}

// cost gives the mean cost per origin, with the congestion that the last moves answered to.
func (r *raam) cost() []float64 {
	out := make([]float64, len(r.move))
	for i := range out {
		var sum, people float64
		for k := r.first[i]; k < r.first[i+1]; k++ {
			sum += r.flow[k] * (r.way[k] + r.congestion[r.to[k]])
			people += r.flow[k]
		}
		out[i] = sum / people
	}
	return out
}
