package siting

import "math"

// choice is a set of open places with, for every demand, its cheapest and second cheapest open place; missing is the
// place −1 at the cost of missing. Capacities play no part in it.
type choice struct {
	m      *model
	open   []bool
	left   []float64 // of each ceiling
	b1, b2 []float64
	p1     []int32
	total  float64
}

func newChoice(m *model) *choice {
	c := &choice{m: m, open: make([]bool, m.cols), left: make([]float64, len(m.limits)), b1: make([]float64, m.rows), b2: make([]float64, m.rows), p1: make([]int32, m.rows)}
	c.clear()
	return c
}

// clear leaves the fixed places open.
func (c *choice) clear() {
	copy(c.open, c.m.fixed)
	for l := range c.left {
		c.left[l] = c.m.limits[l].most
	}
}

// fits says whether a place can be opened, once another (−1 for none) is closed.
func (c *choice) fits(j, instead int32) bool {
	for l := range c.m.limits {
		left := c.left[l]
		if instead >= 0 {
			left += c.m.limits[l].of(instead)
		}
		if c.m.limits[l].of(j) > left+1e-9*math.Abs(c.m.limits[l].most) {
			return false
		}
	}
	return true
}

func (c *choice) add(j int32) {
	c.open[j] = true
	for l := range c.left {
		c.left[l] -= c.m.limits[l].of(j)
	}
}

func (c *choice) drop(j int32) {
	c.open[j] = false
	for l := range c.left {
		c.left[l] += c.m.limits[l].of(j)
	}
}

// assign finds the cheapest open places of every demand and the total.
func (c *choice) assign() {
	m := c.m
	c.total = 0
	for j, on := range c.open {
		if on {
			c.total += m.opening[j]
		}
	}
	for i := range m.rows {
		c.p1[i], c.b1[i], c.b2[i] = -1, m.miss[i], m.miss[i]
		found := false
		for k := m.first[i]; k < m.first[i+1] && m.cost[k] < m.miss[i]; k++ {
			if !c.open[m.to[k]] {
				continue
			}
			if found {
				c.b2[i] = m.cost[k]
				break
			}
			found = true
			c.p1[i], c.b1[i] = m.to[k], m.cost[k]
		}
		c.total += c.b1[i]
	}
}

// greedy opens, one by one, the place that lowers the total most per price until none does. Forbidden places stay
// closed.
func (c *choice) greedy(forbidden func(j int32) bool) {
	m := c.m
	c.assign()
	for {
		best, most := int32(-1), 0.0
		for j := range int32(m.cols) {
			if c.open[j] || forbidden(j) || !c.fits(j, -1) {
				continue
			}
			gain := -m.opening[j]
			for k := m.colFirst[j]; k < m.colFirst[j+1]; k++ {
				if d := c.b1[m.from[k]] - m.colCost[k]; d > 0 {
					gain += d
				}
			}
			if gain <= 0 {
				continue
			}
			price := 1.0
			if n := len(m.limits); n > 0 {
				price = math.Max(m.limits[n-1].of(j), 1e-9)
			} else if m.opening[j] > 0 {
				price = m.opening[j]
			}
			if gain/price > most {
				best, most = j, gain/price
			}
		}
		if best < 0 {
			return
		}
		c.add(best)
		c.assign()
	}
}

// prune closes places that cost more than they save, dearest first.
func (c *choice) prune() {
	m := c.m
	for {
		loss := make([]float64, m.cols)
		for i := range m.rows {
			if j := c.p1[i]; j >= 0 {
				loss[j] += c.b2[i] - c.b1[i]
			}
		}
		best, most := int32(-1), 0.0
		for j, on := range c.open {
			if d := m.opening[j] - loss[j]; on && !m.fixed[j] && d > most {
				best, most = int32(j), d
			}
		}
		if best < 0 {
			return
		}
		c.drop(best)
		c.assign()
	}
}

// swap exchanges the open place and the closed one that lower the total most, until none do or rounds are used up
// (Whitaker 1983: one pass over the entries of a candidate prices its exchange for every open place).
func (c *choice) swap(rounds int) {
	m := c.m
	loss, less := make([]float64, m.cols), make([]float64, m.cols)
	c.assign()
	for range rounds {
		clear(loss)
		for i := range m.rows {
			if j := c.p1[i]; j >= 0 {
				loss[j] += c.b2[i] - c.b1[i]
			}
		}
		in, out, most := int32(-1), int32(-1), 1e-9*math.Abs(c.total)
		for j := range int32(m.cols) {
			if c.open[j] {
				continue
			}
			gain := c.savings(j, less)
			for o := range int32(m.cols) {
				if c.open[o] && !m.fixed[o] {
					if d := gain + m.opening[o] - m.opening[j] - loss[o] + less[o]; d > most && c.fits(j, o) {
						in, out, most = j, o, d
					}
				}
			}
		}
		if in < 0 {
			return
		}
		c.drop(out)
		c.add(in)
		c.assign()
	}
}

// savings gives what opening j saves, and in less[o] by how much less closing o would then cost.
func (c *choice) savings(j int32, less []float64) (gain float64) {
	m := c.m
	clear(less)
	for k := m.colFirst[j]; k < m.colFirst[j+1]; k++ {
		i, cost := m.from[k], m.colCost[k]
		switch {
		case cost < c.b1[i]:
			gain += c.b1[i] - cost
			if o := c.p1[i]; o >= 0 {
				less[o] += c.b2[i] - c.b1[i]
			}
		case cost < c.b2[i] && c.p1[i] >= 0:
			less[c.p1[i]] += c.b2[i] - cost
		}
	}
	return gain
}
