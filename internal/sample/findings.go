package sample

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gevor/atlas"
	"gevor/region"
)

// findings makes one finding of every connected patch of missed cells of one standard with at least three cells.
func findings(r *atlas.Result, standard int32, side int, rng *rand.Rand) []atlas.Finding {
	l := &r.Layers[standard]
	seen := make([]bool, len(l.State))
	var out []atlas.Finding
	for i := range l.State {
		if seen[i] || l.State[i] != atlas.CellMissed {
			continue
		}
		patch := []int32{int32(i)}
		seen[i] = true
		for k := 0; k < len(patch); k++ {
			c := int(patch[k])
			for _, step := range [4]int{-side, -1, 1, side} {
				n := c + step
				wraps := (step == 1 && c%side == side-1) || (step == -1 && c%side == 0)
				if n >= 0 && n < len(l.State) && !wraps && !seen[n] && l.State[n] == atlas.CellMissed {
					seen[n] = true
					patch = append(patch, int32(n))
				}
			}
		}
		if len(patch) >= 3 {
			slices.Sort(patch)
			out = append(out, finding(r, standard, patch, len(out), rng))
		}
	}
	return out
}

func finding(r *atlas.Result, standard int32, cells []int32, number int, rng *rand.Rand) atlas.Finding {
	s, l := r.Snapshot, &r.Layers[standard]
	st := s.Standards[standard]
	g := s.Groups[st.Group]
	f := atlas.Finding{
		ID: fmt.Sprintf("f-%d-%06d", standard, number), Standard: standard, Cells: cells, Need: 1 + rng.Float64(),
		Data: atlas.Completeness{Offers: 12, CapacityKnown: 0.5, ConfirmedInTime: 0.8}, Estimated: g.State == region.GroupEstimated,
	}
	byDistrict := map[int32]float64{}
	for _, c := range cells {
		p := float64(g.People[c])
		f.People += p
		f.Shortfall += p * float64(l.Shortfall[c])
		f.CauseShares[l.Cause[c]] += p
		byDistrict[s.Cells.District[c]] += p
	}
	f.Shortfall /= f.People
	for c := range f.CauseShares {
		f.CauseShares[c] /= f.People
		if f.CauseShares[c] > f.CauseShares[f.Cause] {
			f.Cause = atlas.Cause(c)
		}
	}
	f.Low, f.High = f.People, f.People
	if f.Estimated {
		f.Low, f.High = f.People*0.7, f.People*1.3
	}
	f.Score = f.People * f.Shortfall * f.Need
	for a, p := range byDistrict {
		f.Districts = append(f.Districts, atlas.Share{Area: a, People: p})
	}
	slices.SortFunc(f.Districts, func(a, b atlas.Share) int {
		if a.People != b.People {
			if a.People > b.People {
				return -1
			}
			return 1
		}
		return int(a.Area - b.Area)
	})
	f.Remedies = []atlas.Remedy{
		{Kind: atlas.RemedyExtend, Offer: int32(rng.IntN(len(s.Offers))), Cell: -1, Closes: f.People / 3, Capacity: 2},
		{Kind: atlas.RemedyOpen, Offer: -1, Cell: cells[len(cells)/2], Closes: f.People * 0.8},
	}
	if number%2 == 1 {
		f.Since = fmt.Sprintf("%064x", 77)
		f.Succeeds = []string{"f-old-1", "f-old-2"}
	}
	return f
}

func profile(r *atlas.Result, area int32) atlas.Profile {
	s := r.Snapshot
	p := atlas.Profile{Area: area}
	for c, a := range s.Cells.District {
		if a == area {
			p.Population += float64(s.Cells.Population[c])
		}
	}
	for g := range s.Groups {
		n := atlas.GroupCount{Group: int32(g), State: s.Groups[g].State, People: math.NaN()}
		if n.State != region.GroupUnknown {
			n.People = 0
			for c, a := range s.Cells.District {
				if a == area {
					n.People += float64(s.Groups[g].People[c])
					if s.Groups[g].Flag[c] == region.Suppressed {
						n.Suppressed++
					}
				}
			}
		}
		p.Groups = append(p.Groups, n)
	}
	for i := range s.Standards {
		p.Standards = append(p.Standards, line(r, i, area))
	}
	for c := range s.Categories {
		n := atlas.CategoryCount{Category: int32(c)}
		for _, o := range s.Offers {
			if o.Municipality == s.Areas[area].Parent && slices.Contains(o.Categories, int32(c)) {
				n.Offers++
			}
		}
		p.Offers = append(p.Offers, n)
	}
	return p
}

func line(r *atlas.Result, standard int, area int32) atlas.ProfileLine {
	s, l := r.Snapshot, &r.Layers[standard]
	g := s.Groups[s.Standards[standard].Group]
	nan := math.NaN()
	out := atlas.ProfileLine{Standard: int32(standard), People: nan, Missing: nan, MissingShare: nan, MunicipalityShare: nan, RegionShare: nan, MedianMinutes: nan}
	if g.State == region.GroupUnknown {
		return out
	}
	out.Known = true
	share := func(in func(c int) bool) (people, missing float64) {
		for c := range l.State {
			if in(c) && (l.State[c] == atlas.CellMet || l.State[c] == atlas.CellMissed) {
				people += float64(g.People[c])
				if l.State[c] == atlas.CellMissed {
					missing += float64(g.People[c])
				}
			}
		}
		return people, missing
	}
	out.People, out.Missing = share(func(c int) bool { return s.Cells.District[c] == area })
	out.MissingShare = out.Missing / out.People
	people, missing := share(func(c int) bool { return s.Cells.Municipality[c] == s.Areas[area].Parent })
	out.MunicipalityShare = missing / people
	out.RegionShare = r.Summaries[standard].Missing / r.Summaries[standard].People
	out.MedianMinutes = 12.5
	if out.Missing > 0 {
		out.MainCause = atlas.CauseTooFar
	}
	return out
}
