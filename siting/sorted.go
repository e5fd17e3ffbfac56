package siting

import (
	"cmp"
	"sort"
)

// pairs sorts places and costs together by cost, then place.
type pairs struct {
	to   []int32
	cost []float64
}

func sortPairs(to []int32, cost []float64) { sort.Sort(&pairs{to, cost}) }

// Len, Less and Swap are sort.Interface.
func (p *pairs) Len() int { return len(p.to) }

// Less compares by cost, then place.
func (p *pairs) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(p.cost[i], p.cost[j]), cmp.Compare(p.to[i], p.to[j])) < 0
}

// Swap exchanges two.
func (p *pairs) Swap(i, j int) {
	p.to[i], p.to[j] = p.to[j], p.to[i]
	p.cost[i], p.cost[j] = p.cost[j], p.cost[i]
}
