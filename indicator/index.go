package indicator

import (
	"cmp"
	"math"
	"slices"
)

// Part is one dimension of an index: a dataset with its weight.
type Part struct {
	Publication *Publication
	Period      Period
	Weight      float64 // ≥ 0
}

// Scored is one area of an index.
type Scored struct {
	Area  Area
	Parts []float64 // standardised value of each part, higher = more burden; NaN where it has none
	Index float64   // weighted mean of Parts; NaN where a part with weight lacks
	Rank  int       // 1 = highest; 0 without an index
	// How the rank moves when weights move: over all of Scenarios.
	Highest, Lowest int     // best and last rank taken
	Top             float64 // share of scenarios in which the area is in the first fifth, 0..1
}

// Index is a weighted mean of standardised figures, with its parts beside it.
type Index struct {
	Parts     []Part
	Means     []float64 // of each part over areas, in its unit
	Spreads   []float64 // standard deviation over areas
	Areas     []Scored  // highest first, those without an index last
	Scenarios int       // sets of weights that were tried
}

// IndexOf computes Index = Σ w·z / Σ w with z = s · (x − mean) / standard deviation, both over areas that have the figure,
// each area counting once; s is 1 where less is better and −1 where more is, so that a high index means burden. A dataset
// without a direction cannot be part of it. Sensitivity: each weight in turn is set to 0, halved and doubled, and all are
// set equal; ranks are taken anew each time. Invalid without a part with weight, or without a direction.
// TestIndexByHand, TestIndexOfOnePartIsItsOrder.
func IndexOf(parts []Part) (*Index, error) {
	x := &Index{Parts: parts}
	total := 0.0
	for _, p := range parts {
		if p.Publication.Dataset.Direction.Sign() == 0 {
			return nil, invalid(p.Publication.Dataset.ID, "does not say which way it is better", "leave it out of the index")
		}
		if !(p.Weight >= 0) || math.IsInf(p.Weight, 0) {
			return nil, invalid(p.Publication.Dataset.ID, "its weight is below 0 or no number", "write a number from 0")
		}
		total += p.Weight
	}
	if total == 0 {
		return nil, invalid("index", "no part has a weight", "give at least one part a weight above 0")
	}
	x.standardise()
	x.score(weightsOf(parts))
	x.sensitivity()
	return x, nil
}

func weightsOf(parts []Part) []float64 {
	out := make([]float64, len(parts))
	for i, p := range parts {
		out[i] = p.Weight
	}
	return out
}

// standardise gives every area of any part its standardised figures.
func (x *Index) standardise() {
	at := map[string]int{}
	for k, p := range x.Parts {
		var sum, square, n float64
		values := map[string]float64{}
		for _, a := range p.Publication.Units() {
			if _, known := at[a.Key]; !known {
				at[a.Key] = len(x.Areas)
				s := Scored{Area: a, Parts: make([]float64, len(x.Parts))}
				for i := range s.Parts {
					s.Parts[i] = math.NaN()
				}
				x.Areas = append(x.Areas, s)
			}
			if v := p.Publication.shown(a.Key, p.Period); v.Known() {
				values[a.Key] = v.Number
			}
		}
		for _, a := range p.Publication.Units() { // in order, so that sums are the same bytes each time
			if v, ok := values[a.Key]; ok {
				sum += v
				n++
			}
		}
		mean := sum / n
		for _, a := range p.Publication.Units() {
			if v, ok := values[a.Key]; ok {
				square += (v - mean) * (v - mean)
			}
		}
		dev := math.Sqrt(square / math.Max(1, n-1))
		x.Means, x.Spreads = append(x.Means, mean), append(x.Spreads, dev)
		sign := -p.Publication.Dataset.Direction.Sign()
		if sign == 0 { // only Twins asks for such, where it does not matter
			sign = 1
		}
		for key, v := range values {
			z := 0.0
			if dev > 0 {
				z = sign * (v - mean) / dev
			}
			x.Areas[at[key]].Parts[k] = z
		}
	}
}

// indexOf is the weighted mean; NaN where a part with weight lacks.
func (s *Scored) indexOf(weights []float64) float64 {
	sum, total := 0.0, 0.0
	for k, w := range weights {
		if w > 0 {
			sum += w * s.Parts[k]
			total += w
		}
	}
	return sum / total
}

// score orders the areas by one set of weights.
func (x *Index) score(weights []float64) {
	for i := range x.Areas {
		x.Areas[i].Index = x.Areas[i].indexOf(weights)
	}
	slices.SortStableFunc(x.Areas, func(a, b Scored) int {
		if math.IsNaN(a.Index) || math.IsNaN(b.Index) {
			return cmp.Compare(flag(math.IsNaN(a.Index)), flag(math.IsNaN(b.Index)))
		}
		return cmp.Compare(b.Index, a.Index)
	})
	for i := range x.Areas {
		if !math.IsNaN(x.Areas[i].Index) {
			x.Areas[i].Rank = i + 1
		}
		x.Areas[i].Highest, x.Areas[i].Lowest = x.Areas[i].Rank, x.Areas[i].Rank
	}
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// sensitivity takes ranks under other weights.
func (x *Index) sensitivity() {
	base := weightsOf(x.Parts)
	sets := [][]float64{base}
	for k := range base {
		for _, factor := range []float64{0, 0.5, 2} {
			w := slices.Clone(base)
			w[k] *= factor
			sets = append(sets, w)
		}
	}
	equal := make([]float64, len(base))
	for k := range equal {
		equal[k] = 1
	}
	sets = append(sets, equal)
	for _, w := range sets {
		if slices.Max(w) > 0 {
			x.Scenarios++
			x.rankOnce(w)
		}
	}
	for i := range x.Areas {
		x.Areas[i].Top /= float64(x.Scenarios)
	}
}

// rankOnce takes the ranks under one set of weights.
func (x *Index) rankOnce(weights []float64) {
	type scored struct {
		at int
		v  float64
	}
	var all []scored
	for i := range x.Areas {
		if v := x.Areas[i].indexOf(weights); !math.IsNaN(v) {
			all = append(all, scored{i, v})
		}
	}
	slices.SortStableFunc(all, func(a, b scored) int { return cmp.Compare(b.v, a.v) })
	first := (len(all) + 4) / 5
	for r, s := range all {
		a := &x.Areas[s.at]
		if a.Rank == 0 {
			continue
		}
		a.Highest, a.Lowest = min(a.Highest, r+1), max(a.Lowest, r+1)
		if r < first {
			a.Top++
		}
	}
}

// Twin is an area that is composed like another.
type Twin struct {
	Area     Area
	Distance float64 // root mean square of standardised differences over the figures that both have
	Shared   int     // how many these are
}

// Twins finds areas like one area: by figures of several datasets, each standardised over areas, nearest first, wherever
// they lie. Areas that share fewer than half of the figures are left out. None where the area has no figure.
func Twins(of []Part, area string, most int) []Twin {
	x := &Index{Parts: of}
	x.standardise()
	self := slices.IndexFunc(x.Areas, func(s Scored) bool { return s.Area.Key == area })
	if self < 0 {
		return nil
	}
	var out []Twin
	for i := range x.Areas {
		t := Twin{Area: x.Areas[i].Area}
		sum, has := 0.0, 0
		for k, z := range x.Areas[self].Parts {
			if math.IsNaN(z) {
				continue
			}
			has++
			if d := z - x.Areas[i].Parts[k]; !math.IsNaN(d) {
				sum += d * d
				t.Shared++
			}
		}
		if i == self || t.Shared == 0 || 2*t.Shared < has {
			continue
		}
		t.Distance = math.Sqrt(sum / float64(t.Shared))
		out = append(out, t)
	}
	slices.SortStableFunc(out, func(a, b Twin) int { return cmp.Compare(a.Distance, b.Distance) })
	return out[:min(most, len(out))]
}
