package spatial

import (
	"fmt"
	"math"

	"gevor/fault"
)

// Segregation says how unevenly a group lives among all people.
type Segregation struct {
	Dissimilarity float64 // share of the group that would have to move for an even spread, 0..1
	Isolation     float64 // share of the group among the neighbours of its average member, P..1
	Exposure      float64 // share of the others among them, 1 − Isolation
	Eta2          float64 // isolation beyond the group's share P: (Isolation − P)/(1 − P), 0..1
	Chance        float64 // mean dissimilarity if people were spread at random; NaN without draws
	Systematic    float64 // (Dissimilarity − Chance)/(1 − Chance), Carrington & Troske (1997); NaN without draws
}

// Segregate gives the indices of Duncan & Duncan (1955) and Bell (1954; see Massey & Denton 1988) for a group g among
// all people t of every area, 0 ≤ g ≤ t:
//
//	D = ½ Σ |g/G − (t−g)/(T−G)|,   Isolation = Σ (g/G)·(g/t)
//
// Small areas look segregated by chance alone; with o.Count > 0 the group is spread at random (without replacement,
// all numbers whole) as often, and Chance says how much of D that explains. Areas without people count nowhere.
// Nobody in the group, or nobody outside it, is Invalid. TestSegregationAgainstPySAL.
func Segregate(group, all []float64, o Permutation) (Segregation, error) {
	if len(group) != len(all) || len(all) == 0 {
		return Segregation{}, fault.New(fault.Invalid, "people", fmt.Sprintf("%d numbers of the group for %d of all people", len(group), len(all)), "give one of each for every area")
	}
	var g, t float64
	for i, v := range group {
		if !(v >= 0) || !(all[i] >= v) || math.IsInf(all[i], 1) {
			return Segregation{}, fault.New(fault.Invalid, "people", fmt.Sprintf("%g of %g people in area %d", v, all[i], i+1), "the group is a part of all people")
		}
		if o.Count > 0 && (v != math.Trunc(v) || all[i] != math.Trunc(all[i])) {
			return Segregation{}, fault.New(fault.Invalid, "people", fmt.Sprintf("%g of %g people in area %d", v, all[i], i+1), "random spreads need whole numbers; ask for none with estimates")
		}
		g += v
		t += all[i]
	}
	if g == 0 || g == t {
		return Segregation{}, fault.New(fault.Invalid, "people", fmt.Sprintf("%g of %g people are in the group", g, t), "compare a group with others")
	}
	s := Segregation{Dissimilarity: dissimilarity(group, all, g, t), Chance: math.NaN(), Systematic: math.NaN()}
	for i, v := range group {
		if all[i] > 0 {
			s.Isolation += v / g * v / all[i]
		}
	}
	s.Exposure = 1 - s.Isolation
	share := g / t
	s.Eta2 = math.Max(0, (s.Isolation-share)/(1-share))
	if o.Count < 1 {
		return s, nil
	}
	alias := newAlias(all)
	draws := make([]float64, o.Count)
	inParallel(o.Count, o.Workers, func() []float64 { return make([]float64, len(all)) }, func(k int, placed []float64) {
		clear(placed)
		r := streamOf(o.Seed, uint64(k))
		for done := 0.0; done < math.Min(g, t-g); { // the smaller side is placed; the index is the same for both
			i := alias.draw(&r)
			if r.unit()*all[i] >= placed[i] {
				placed[i]++
				done++
			}
		}
		draws[k] = dissimilarity(placed, all, math.Min(g, t-g), t)
	})
	s.Chance = total(draws) / float64(o.Count)
	s.Systematic = (s.Dissimilarity - s.Chance) / (1 - s.Chance)
	return s, nil
}

func dissimilarity(group, all []float64, g, t float64) float64 {
	sum := 0.0
	for i, v := range group {
		sum += math.Abs(v/g - (all[i]-v)/(t-g))
	}
	return sum / 2
}
