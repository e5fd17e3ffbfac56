package reach

import (
	"math"
	"slices"

	"gevor/travel"
)

// Infinite is the cost reported where nothing is in reach: travel.Unreached for seconds, +Inf for float64.
func Infinite[C Cost]() C {
	if f := 0.5; C(f) != 0 { // C is a float type: halves survive
		return C(math.Inf(1))
	}
	return C(travel.Unreached)
}

// KthNearest gives for every origin the cost to its k-th nearest place (k >= 1), Infinite where fewer than k are
// in reach. Cost O(pairs · log k) at worst. Checked against full sorting in TestKthNearestAgainstSorting.
func KthNearest[C Cost](m *Sparse[C], k int) []C {
	out := make([]C, m.Rows())
	var s KthSelector[C]
	for i := range out {
		_, cost := m.Row(i)
		out[i] = s.Kth(cost, k)
	}
	return out
}

// KthSelector finds k-th smallest costs row by row, reusing its memory. The zero value is ready.
type KthSelector[C Cost] struct{ best []C }

// Kth gives the k-th smallest of costs (k >= 1), Infinite where there are fewer.
func (s *KthSelector[C]) Kth(costs []C, k int) C {
	if k < 1 || len(costs) < k {
		return Infinite[C]()
	}
	if k == 1 {
		return slices.Min(costs)
	}
	s.best = s.best[:0]
	for _, c := range costs {
		at, _ := slices.BinarySearch(s.best, c)
		if at >= k {
			continue
		}
		if len(s.best) == k {
			s.best = s.best[:k-1]
		}
		s.best = slices.Insert(s.best, at, c)
	}
	return s.best[k-1]
}

// Nearest gives for every origin its nearest place and the cost, -1 and Infinite where none is in reach; of
// places at the same cost the one with the smaller index.
func Nearest[C Cost](m *Sparse[C]) (to []int32, cost []C) {
	to, cost = make([]int32, m.Rows()), make([]C, m.Rows())
	for i := range to {
		to[i], cost[i] = -1, Infinite[C]()
		cols, costs := m.Row(i)
		for k, j := range cols {
			if to[i] < 0 || costs[k] < cost[i] {
				to[i], cost[i] = j, costs[k]
			}
		}
	}
	return to, cost
}

// Opportunities gives for every origin the supply within reach, weighted by decay (Hansen 1959).
func Opportunities[C Cost](m *Sparse[C], supply []float64, decay Decay) []float64 {
	out := make([]float64, m.Rows())
	for i := range out {
		cols, costs := m.Row(i)
		for k, j := range cols {
			out[i] += supply[j] * decay(float64(costs[k]))
		}
	}
	return out
}
