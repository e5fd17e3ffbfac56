package atlas

import (
	"math"

	"gevor/region"
)

// needOfCells gives, per cell, clamp(1 + Σ weight × z, 0.25, 4). z is the factor's value in the cell's district,
// standardised (mean 0, population standard deviation 1) over the areas of that kind with a value; 0 where the
// value is unknown or does not vary. A factor without any district value is read by municipality.
func needOfCells(snap *region.Snapshot) []float64 {
	out := make([]float64, snap.Cells.Len())
	for i := range out {
		out[i] = 1
	}
	for _, f := range snap.Need {
		z, kind, ok := standardised(snap.Areas, f.Value)
		if !ok {
			continue
		}
		of := snap.Cells.District
		if kind == region.Municipality {
			of = snap.Cells.Municipality
		}
		for i, a := range of {
			if a >= 0 && !math.IsNaN(z[a]) {
				out[i] += f.Weight * z[a]
			}
		}
	}
	for i := range out {
		out[i] = clamp(out[i], 0.25, 4)
	}
	return out
}

// standardised gives the z-scores of the values of districts, or of municipalities where no district has one.
func standardised(areas []region.Area, value []float64) (z []float64, kind region.AreaKind, ok bool) {
	for _, kind := range []region.AreaKind{region.District, region.Municipality} {
		n, sum, squares := 0.0, 0.0, 0.0
		has := func(i int) bool { return areas[i].Kind == kind && i < len(value) && !math.IsNaN(value[i]) }
		for i := range areas {
			if has(i) {
				n, sum = n+1, sum+value[i]
			}
		}
		if n == 0 {
			continue
		}
		mean := sum / n
		for i := range areas {
			if has(i) {
				squares += (value[i] - mean) * (value[i] - mean)
			}
		}
		deviation := math.Sqrt(squares / n)
		if !(deviation > 0) {
			return nil, kind, false
		}
		z = make([]float64, len(areas))
		for i := range z {
			z[i] = math.NaN()
			if has(i) {
				z[i] = (value[i] - mean) / deviation
			}
		}
		return z, kind, true
	}
	return nil, region.District, false
}

// z90 is the 95 % point of the normal distribution: two-sided 90 %.
const z90 = 1.6448536269514722

// interval gives the 90 % interval of the people of an estimated layer in a set of cells. Within a district the
// total is held and the error of a cell is shared by its neighbours, so with relative error r and F people of the
// district inside the set, E outside, the two parts err by rF and rE and their sum not at all:
// the standard error is r·F·E/√(F²+E²), from rF for a small part down to 0 for a whole district. Districts err
// independently of each other. Cells outside all districts count as one district of their own municipality.
func interval(snap *region.Snapshot, g *region.Group, cells []int32, districtTotal map[int32]float64) (people, low, high float64) {
	inside := map[int32]float64{}
	var order []int32
	for _, c := range cells {
		p := float64(g.People[c])
		people += p
		d := homeOf(snap, c)
		if _, ok := inside[d]; !ok {
			order = append(order, d)
		}
		inside[d] += p
	}
	if g.State != region.GroupEstimated {
		return people, people, people
	}
	variance := 0.0
	for _, d := range order {
		f, e := inside[d], math.Max(0, districtTotal[d]-inside[d])
		if f+e > 0 {
			se := g.RelError * f * e / math.Hypot(f, e)
			variance += se * se
		}
	}
	half := z90 * math.Sqrt(variance)
	return people, math.Max(0, people-half), people + half
}

// homeOf is the district of a cell, or a stand-in below zero for its municipality.
func homeOf(snap *region.Snapshot, cell int32) int32 {
	if d := snap.Cells.District[cell]; d >= 0 {
		return d
	}
	return -2 - snap.Cells.Municipality[cell]
}

// totalsByHome sums a group over the homes of its cells.
func totalsByHome(snap *region.Snapshot, g *region.Group) map[int32]float64 {
	out := map[int32]float64{}
	for i, p := range g.People {
		if counted(g, i) {
			out[homeOf(snap, int32(i))] += float64(p)
		}
	}
	return out
}

// counted says whether the group's number in a cell is a number of people at all: suppressed and missing are not.
func counted(g *region.Group, cell int) bool {
	switch g.Flag[cell] {
	case region.Suppressed, region.Missing:
		return false
	}
	return g.People[cell] > 0
}
