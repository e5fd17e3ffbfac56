package webtest

import (
	"fmt"
	"math"
	"sort"

	"gevor/atlas"
	"gevor/geo"
	"gevor/internal/web"
	"gevor/region"
	"gevor/travel"
)

// layer answers one standard with made-up but consistent figures: far from the offers the standard is missed.
func layer(s *region.Snapshot, standard int32, state web.State) atlas.Layer {
	n := s.Cells.Len()
	l := atlas.Layer{
		Standard: standard, State: make([]atlas.CellState, n), Cause: make([]atlas.Cause, n), Seconds: make([]int32, n),
		Access: make([]float32, n), Shortfall: make([]float32, n), Walls: make([]bool, n),
	}
	t, g := &s.Standards[standard], &s.Groups[s.Standards[standard].Group]
	for i := range n {
		best := math.Inf(1)
		for k := range s.Offers {
			if s.Offers[k].Categories[0] == t.Category {
				best = math.Min(best, float64(geo.Distance(s.Cells.At[i], s.Offers[k].At)))
			}
		}
		l.Seconds[i] = int32(best * 0.9)
		l.Access[i] = float32(math.NaN())
		if t.PerThousand > 0 {
			l.Access[i] = float32(t.PerThousand * 1800 / (best + 200))
		}
		if best > 3600 {
			l.Seconds[i] = int32(travel.Unreached)
		}
		switch {
		case g.State == region.GroupUnknown || g.Flag[i] == region.Suppressed:
			l.State[i] = atlas.CellUnknown
		case g.People[i] == 0:
			l.State[i] = atlas.CellEmpty
		case state != web.Empty && best > 1500:
			l.State[i] = atlas.CellMissed
			l.Cause[i] = atlas.Cause(1 + (int(standard)*2+int(s.Cells.District[i]))%6)
			if i%4 == 0 {
				l.Cause[i] = atlas.CauseTooFar
			}
			l.Shortfall[i] = float32(math.Min(1, (best-1500)/2000+0.05))
		default:
			l.State[i] = atlas.CellMet
			l.Walls[i] = i%9 == 0
		}
	}
	return l
}

// findings makes one finding for each district in which a standard is missed.
func findings(s *region.Snapshot, l *atlas.Layer) []atlas.Finding {
	byDistrict := map[int32]*atlas.Finding{}
	t := &s.Standards[l.Standard]
	g := &s.Groups[t.Group]
	for i, state := range l.State {
		if state != atlas.CellMissed {
			continue
		}
		d := s.Cells.District[i]
		f := byDistrict[d]
		if f == nil {
			f = &atlas.Finding{ID: fmt.Sprintf("F-%02d%02dK7Q", l.Standard, d), Standard: l.Standard, Need: 0.8 + float64(d)/10, Estimated: g.State == region.GroupEstimated}
			f.Data = atlas.Completeness{Offers: 2, CapacityKnown: 0.5, ConfirmedInTime: 0.85}
			byDistrict[d] = f
		}
		p := float64(g.People[i])
		f.Cells = append(f.Cells, int32(i))
		f.People += p
		f.Shortfall += p * float64(l.Shortfall[i])
		f.CauseShares[l.Cause[i]] += p
	}
	var out []atlas.Finding
	for d, f := range byDistrict {
		f.Districts = []atlas.Share{{Area: d, People: f.People}}
		f.Shortfall /= f.People
		f.Score = f.People * f.Shortfall * f.Need
		f.Low, f.High = f.People, f.People
		if f.Estimated {
			f.Low, f.High = f.People*0.8, f.People*1.25
		}
		for c := range f.CauseShares {
			f.CauseShares[c] /= f.People
			if f.CauseShares[c] > f.CauseShares[f.Cause] {
				f.Cause = atlas.Cause(c)
			}
		}
		f.Remedies = []atlas.Remedy{
			{Kind: atlas.RemedyExtend, Offer: t.Category, Cell: -1, Closes: f.People * 0.4, Capacity: 0.5},
			{Kind: atlas.RemedyOpen, Offer: -1, Cell: f.Cells[len(f.Cells)/2], Closes: f.People * 0.9},
		}
		if d%2 == 0 {
			f.Since = "0ddba11"
		}
		out = append(out, *f)
	}
	return out
}

func rank(list []atlas.Finding) {
	sort.Slice(list, func(a, b int) bool {
		if list[a].Score != list[b].Score {
			return list[a].Score > list[b].Score
		}
		return list[a].ID < list[b].ID
	})
}

func summary(s *region.Snapshot, l *atlas.Layer, list []atlas.Finding) atlas.StandardSummary {
	g := &s.Groups[s.Standards[l.Standard].Group]
	out := atlas.StandardSummary{Standard: l.Standard, Known: g.State != region.GroupUnknown, Data: atlas.Completeness{Offers: 2, CapacityKnown: 0.5, ConfirmedInTime: 0.85}}
	if !out.Known {
		return out
	}
	for i, state := range l.State {
		switch state {
		case atlas.CellUnknown:
			out.Suppressed++
			continue
		case atlas.CellMissed:
			out.Missing += float64(g.People[i])
			out.MissingByCause[l.Cause[i]] += float64(g.People[i])
		case atlas.CellMet, atlas.CellEmpty:
		}
		out.People += float64(g.People[i])
		if l.Walls[i] {
			out.Walls += float64(g.People[i])
		}
	}
	for i := range list {
		if list[i].Standard == l.Standard {
			out.Findings++
		}
	}
	return out
}

func profiles(s *region.Snapshot, r *atlas.Result) []atlas.Profile {
	var out []atlas.Profile
	for a := range s.Areas {
		if s.Areas[a].Kind != region.District {
			continue
		}
		p := atlas.Profile{Area: int32(a)}
		for i := range s.Cells.ID {
			if s.Cells.District[i] == int32(a) {
				p.Population += float64(s.Cells.Population[i])
			}
		}
		for g := range s.Groups {
			c := atlas.GroupCount{Group: int32(g), State: s.Groups[g].State}
			for i := range s.Groups[g].People {
				if s.Cells.District[i] == int32(a) {
					c.People += float64(s.Groups[g].People[i])
					if s.Groups[g].Flag[i] == region.Suppressed {
						c.Suppressed++
					}
				}
			}
			p.Groups = append(p.Groups, c)
		}
		for i := range r.Layers {
			p.Standards = append(p.Standards, line(s, &r.Layers[i], &r.Summaries[i], int32(a)))
		}
		for c := range s.Categories {
			p.Offers = append(p.Offers, atlas.CategoryCount{Category: int32(c), Offers: (a + c) % 3})
		}
		out = append(out, p)
	}
	return out
}

func line(s *region.Snapshot, l *atlas.Layer, sum *atlas.StandardSummary, area int32) atlas.ProfileLine {
	out := atlas.ProfileLine{Standard: l.Standard, Known: sum.Known, MedianMinutes: math.NaN()}
	if !sum.Known {
		return out
	}
	g := &s.Groups[s.Standards[l.Standard].Group]
	var inCity, missingInCity float64
	for i, state := range l.State {
		if state == atlas.CellUnknown || s.Areas[s.Cells.District[i]].Parent != s.Areas[area].Parent {
			continue
		}
		p := float64(g.People[i])
		inCity += p
		if state == atlas.CellMissed {
			missingInCity += p
		}
		if s.Cells.District[i] != area {
			continue
		}
		out.People += p
		if state == atlas.CellMissed {
			out.Missing += p
			out.MainCause = l.Cause[i]
		}
		out.MedianMinutes = float64(l.Seconds[i]) / 60
		if travel.Seconds(l.Seconds[i]) == travel.Unreached {
			out.MedianMinutes = math.NaN()
		}
	}
	if out.People > 0 {
		out.MissingShare = out.Missing / out.People
	}
	out.MunicipalityShare = missingInCity / math.Max(1, inCity)
	out.RegionShare = sum.Missing / math.Max(1, sum.People)
	return out
}
