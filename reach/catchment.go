package reach

import "math"

// Catchment is a floating catchment in the making. It sees the origins' rows twice and keeps only one number per
// place, so a stream of any length can feed it: Gather every row, then Share once, then Access for every row.
//
// Step one: every place j gets a ratio R_j = S_j / Σ_i D_i·w(c_ij); step two: every origin i gets
// A_i = Σ_j R_j·w(c_ij) (Luo & Wang 2003; with steps or Gaussian weights Luo & Qi 2009, Dai 2010).
// Σ_i D_i·A_i equals the supply of all places that some demand reaches; TestCatchmentSharesOutAllSupply checks it,
// and TestChicago compares with an independent implementation.
//
// With a selection (3SFCA, Wan et al. 2012) people first choose among places: G_ij = w(c_ij)/Σ_k w(c_ik), and
// every w above becomes G_ij·w(c_ij).
type Catchment[C Cost] struct {
	supply    []float64
	demand    []float64
	decay     Decay
	selection Selection
}

// Selection says among which places people choose in 3SFCA.
type Selection uint8

// NoSelection is 2SFCA. AmongSupplied is the textbook 3SFCA: candidates are the places with supply > 0.
// AmongAll counts every listed place as a candidate, as the pysal/access package does.
const (
	NoSelection Selection = iota
	AmongSupplied
	AmongAll
)

// NewCatchment starts a catchment for places with the given supply (>= 0; NaN counts as none).
func NewCatchment[C Cost](supply []float64, decay Decay, selection Selection) *Catchment[C] {
	return &Catchment[C]{supply: supply, demand: make([]float64, len(supply)), decay: decay, selection: selection}
}

// Gather adds the demand (>= 0) of one origin to the places its row lists.
func (c *Catchment[C]) Gather(demand float64, to []int32, cost []C) {
	if !(demand > 0) {
		return
	}
	choice := c.choice(to, cost)
	for k, j := range to {
		w := c.decay(float64(cost[k]))
		c.demand[j] += demand * w * w2g(c.selection, w, choice)
	}
}

// Share gives the ratio of supply to demand of every place. A place that nobody reaches has ratio 0: its supply
// serves no one. The slice is shared with Access.
func (c *Catchment[C]) Share() []float64 {
	ratio := make([]float64, len(c.supply))
	for j, s := range c.supply {
		if s > 0 && c.demand[j] > 0 {
			ratio[j] = s / c.demand[j]
		}
	}
	return ratio
}

// Access gives the access of one origin, in units of supply per unit of demand, from the ratios of Share.
func (c *Catchment[C]) Access(ratio []float64, to []int32, cost []C) float64 {
	choice := c.choice(to, cost)
	sum := 0.0
	for k, j := range to {
		if ratio[j] == 0 {
			continue
		}
		w := c.decay(float64(cost[k]))
		sum += ratio[j] * w * w2g(c.selection, w, choice)
	}
	return sum
}

// choice is the sum of weights among which an origin chooses.
func (c *Catchment[C]) choice(to []int32, cost []C) float64 {
	if c.selection == NoSelection {
		return 1
	}
	sum := 0.0
	for k, j := range to {
		if c.selection == AmongAll || c.supply[j] > 0 {
			sum += c.decay(float64(cost[k]))
		}
	}
	return sum
}

func w2g(s Selection, w, choice float64) float64 {
	if s == NoSelection {
		return 1
	}
	if choice == 0 {
		return 0
	}
	return w / choice
}

// Floating runs a catchment over a matrix held whole: rows are origins with demand, columns places with supply.
// It gives the access per origin and the ratio per place.
func Floating[C Cost](m *Sparse[C], demand, supply []float64, decay Decay, selection Selection) (access, ratio []float64) {
	c := NewCatchment[C](supply, decay, selection)
	for i := range m.Rows() {
		to, cost := m.Row(i)
		c.Gather(demand[i], to, cost)
	}
	ratio = c.Share()
	access = make([]float64, m.Rows())
	for i := range access {
		to, cost := m.Row(i)
		access[i] = c.Access(ratio, to, cost)
	}
	return access, ratio
}

// positive says whether x is a usable amount.
func positive(x float64) bool { return x > 0 && !math.IsInf(x, 0) }
