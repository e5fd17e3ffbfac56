package siting

import (
	"math"
	"slices"
)

// climb raises the bound of a node by subgradient steps (Held, Wolfe & Crowder 1974) along a smoothed direction
// (Camerini, Fratta & Maffioli 1975), tries the choices it meets on the way, and decides places whose other decision
// could not help. It leaves the best bound and prices in the node and gives how much each place was opened on
// average, which tends to the solution of the linear program (Barahona & Anbil 2000).
func (s *search) climb(n *node, steps int) (mean []float64) {
	m, r := s.m, s.relax
	u, way := slices.Clone(n.u), make([]float64, m.rows)
	s.leaveOut(u)
	best := slices.Clone(u)
	mean = make([]float64, m.cols)
	for j := range mean {
		if m.fixed[j] || n.state[j] == open {
			mean[j] = 1
		}
	}
	bound, scale, idle := math.Inf(-1), 1.6, 0
	patience := 12
	if n.depth == 0 {
		patience = 25
	}
	var last []float64
	for step := range steps {
		s.steps++
		v := r.value(u, n.state)
		if v > bound+1e-7*math.Abs(bound) || math.IsInf(bound, -1) {
			idle = 0
		} else {
			idle++
		}
		if v > bound {
			bound = v
			copy(best, u)
			if bound > n.bound {
				n.bound = bound
			}
			if s.tryRounding(n, step, &last) && s.bestTotal <= s.target {
				break
			}
		}
		cut := s.cut()
		if bound >= cut || bound > s.enough || s.near(n.bound) {
			break
		}
		if v >= bound-1e-3*math.Abs(bound) {
			r.fixing(v, cut, n.state)
		}
		share := math.Max(0.05, 1/float64(step+1))
		for j, t := range r.take {
			mean[j] += share * (t - mean[j])
		}
		if idle >= patience {
			idle = 0
			if scale *= 0.6; scale < 2e-3 {
				break
			}
			copy(u, best)
		}
		if !s.move(u, way, v, scale) {
			break
		}
	}
	n.u = best
	return mean
}

// leaveOut takes the prices off demands that others take care of.
func (s *search) leaveOut(u []float64) {
	if s.cover == nil {
		return
	}
	for i, skip := range s.cover.skip {
		if skip {
			u[i] = 0
		}
	}
}

// move takes one step; false where every demand is served exactly once, so that the bound is at its top.
func (s *search) move(u, way []float64, v, scale float64) bool {
	m, r := s.m, s.relax
	norm, still := 0.0, true
	for i, g := range r.excess {
		if g < 0 && u[i] <= 0 || g > 0 && u[i] >= m.miss[i] {
			g = 0
		}
		if s.cover != nil && s.cover.skip[i] {
			g, way[i] = 0, 0
		}
		if g != 0 {
			still = false
		}
		way[i] = 0.7*g + 0.3*way[i]
		norm += way[i] * way[i]
	}
	if still || norm == 0 {
		return false
	}
	aim := s.bestTotal
	if s.best == nil {
		aim = v + math.Max(1, 0.05*math.Abs(v))
	}
	length := scale * math.Max(aim-v, 1e-6*math.Abs(aim)) / norm
	for i := range u {
		u[i] = math.Max(0, math.Min(m.miss[i], u[i]+length*way[i]))
	}
	return true
}

// tryRounding makes a choice of what the relaxation opened, unless it opened the same at the last try.
func (s *search) tryRounding(n *node, step int, last *[]float64) bool {
	if *last != nil && slices.Equal(*last, s.relax.take) {
		return false
	}
	if n.depth > 0 && step%10 != 0 {
		return false
	}
	*last = append((*last)[:0], s.relax.take...)
	c := s.trial
	c.clear()
	for j, t := range s.relax.take {
		if t == 1 && !s.m.fixed[j] && c.fits(int32(j), -1) {
			c.add(int32(j))
		}
	}
	c.greedy(func(j int32) bool { return n.state[j] == closed })
	c.prune()
	if s.m.capacity == nil && c.total < s.bestTotal+0.01*math.Abs(s.bestTotal) {
		c.swap(5)
	}
	before := s.bestTotal
	s.keep()
	return s.bestTotal < before
}
