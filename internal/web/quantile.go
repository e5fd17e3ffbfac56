package web

import (
	"math"
	"sort"

	"gevor/travel"
)

// weightedQuantile is the smallest value v such that members with values up to v hold at least the share q of all
// weight. Unreached counts as infinite and gives +Inf; no weight at all gives NaN.
func weightedQuantile(seconds []int32, people []float32, members []int32, q float64) float64 {
	sorted := append([]int32(nil), members...)
	sort.SliceStable(sorted, func(a, b int) bool { return seconds[sorted[a]] < seconds[sorted[b]] })
	var total, sum float64
	for _, i := range sorted {
		total += float64(people[i])
	}
	if total <= 0 {
		return math.NaN()
	}
	for _, i := range sorted {
		sum += float64(people[i])
		if sum >= q*total {
			if travel.Seconds(seconds[i]) == travel.Unreached {
				return math.Inf(1)
			}
			return float64(seconds[i])
		}
	}
	return math.Inf(1)
}
