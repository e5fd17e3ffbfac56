package spatial

import (
	"cmp"
	"math"
	"slices"
)

// FalseDiscovery gives p-values (0..1) adjusted after Benjamini & Hochberg (1995): calling everything with an adjusted
// value ≤ q significant keeps the expected share of false ones among those called at or below q, for independent or
// positively dependent tests. NaN stays NaN and is no test. The smallest possible pseudo p-value bounds the adjusted
// ones: with 999 draws and m areas nothing can pass below m/1000 · 1/(number of areas at that bound).
// TestFalseDiscoveryByHand; TestFalseDiscoveryIsTheStepUpRule compares with the rule as the paper states it.
func FalseDiscovery(p []float64) []float64 {
	order := make([]int, 0, len(p))
	out := make([]float64, len(p))
	for i, v := range p {
		out[i] = math.NaN()
		if !math.IsNaN(v) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	least := 1.0
	for k := len(order) - 1; k >= 0; k-- {
		least = math.Min(least, p[order[k]]*float64(len(order))/float64(k+1))
		out[order[k]] = least
	}
	return out
}
