package signal

import (
	"math"
	"slices"

	"gevor/disclosure"
)

// Rules are what counts of sources are published by: five cases from three organisations at least. What is shown of
// them stands in steps of five (Panel.Stepped), so that reports a week apart tell no more than five cases. Where a count has two sides (who handed over, and to whom), three are
// needed on both. Behind searches and behind counts that an office has published
// stands no organisation that a figure could give away; where all sources are of that kind, five cases suffice.
func Rules(sources []Source) disclosure.Rules {
	r := disclosure.Rules{Name: "early-warning", MinimumCell: 5, MinimumOrganisations: 3, RoundingBase: 5, Rounding: disclosure.Deterministic}
	if !slices.ContainsFunc(sources, func(s Source) bool { return s != Searches && s != Indicator }) {
		r.MinimumOrganisations = 0
	}
	return r
}

// publication looks for the smallest place and shortest time that a signal may show figures of.
type publication struct {
	p        *Panel
	now, end int
	window   int
	windows  []int
}

// figures fills in what may be shown: at the unit's place over its window, else over a longer one, else for the
// municipality, else for the region; else the figures are withheld. expected is what was judged: it comes from the past
// alone and says nothing of the cases shown beside it.
func (b *publication) figures(s *Signal, u *Unit, expected float64) error {
	first := b.window
	for _, place := range b.places(u) {
		for _, w := range append([]int{first}, slices.DeleteFunc(slices.Clone(b.windows), func(w int) bool { return w <= first })...) {
			f, err := b.gate(u, place, w)
			if err != nil {
				return err
			}
			if f.Status != disclosure.Published || f.Value == 0 {
				continue
			}
			b.window = w
			s.Level, s.Area, s.Observed = place.level, place.area, f.Value
			if s.Wider = place.level != u.Level || w != first; !s.Wider {
				s.Expected = math.Round(expected)
			}
			return nil
		}
	}
	b.window = first
	s.Withheld, s.Level, s.Area = true, InRegion, ""
	return nil
}

type place struct {
	level Level
	area  string
}

// places are the unit's own and those that hold it.
func (b *publication) places(u *Unit) []place {
	out := []place{{u.Level, u.Area}}
	if u.Level == InDistrict && b.p.parent[u.Area] != "" {
		out = append(out, place{InMunicipality, b.p.parent[u.Area]})
	}
	if u.Level != InRegion {
		out = append(out, place{InRegion, ""})
	}
	return out
}

const wholeRegion = "\x00region"

// gate asks for the count of one place among those of all districts, municipalities and the region, as if all of them
// were published.
func (b *publication) gate(u *Unit, at place, window int) (disclosure.Figure, error) {
	from := max(0, b.end+1-window)
	type sum struct {
		cases          float64
		houses, others map[uint16]bool
	}
	sums := map[string]*sum{}
	add := func(key string, cases float64, houses, others []uint16) {
		s := sums[key]
		if s == nil {
			s = &sum{houses: map[uint16]bool{}, others: map[uint16]bool{}}
			sums[key] = s
		}
		s.cases += cases
		for _, h := range houses {
			s.houses[h] = true
		}
		for _, h := range others {
			s.others[h] = true
		}
	}
	for i := range b.p.Series {
		series := &b.p.Series[i]
		if series.Subject != u.Subject || !slices.Contains(u.Sources, series.Source) {
			continue
		}
		for t := from; t <= b.end; t++ {
			c := series.Known(t, b.now)
			if math.IsNaN(c) {
				continue
			}
			for _, key := range []string{"d" + series.Area, "m" + b.p.parent[series.Area], wholeRegion} {
				add(key, c, series.houses[t], series.others[t])
			}
		}
	}
	dim := disclosure.Dimension{Name: "place"}
	towns := map[string][]disclosure.Part{}
	var order []string
	var codes []string
	for _, a := range b.p.Areas {
		if sums["d"+a.Key] == nil {
			continue
		}
		town := "m" + a.Parent
		if towns[town] == nil {
			order = append(order, town)
		}
		towns[town] = append(towns[town], disclosure.Part{Code: "d" + a.Key, Share: 1})
		codes = append(codes, "d"+a.Key)
	}
	all := disclosure.Sum{Total: wholeRegion}
	for _, town := range order {
		dim.Sums = append(dim.Sums, disclosure.Sum{Total: town, Parts: towns[town]})
		all.Parts = append(all.Parts, disclosure.Part{Code: town, Share: 1})
	}
	dim.Sums = append(dim.Sums, all)
	codes = append(append(codes, order...), wholeRegion)
	t := &disclosure.Table{Dimensions: []disclosure.Dimension{dim}, Counts: true}
	for _, code := range codes {
		t.Cells = append(t.Cells, disclosure.Cell{At: []string{code}, Value: sums[code].cases, Organisations: min(len(sums[code].houses), len(sums[code].others))})
	}
	p, _, err := disclosure.Gate(t, Rules(u.Sources), disclosure.Options{})
	if err != nil {
		return disclosure.Figure{}, err
	}
	key := wholeRegion
	switch at.level {
	case InDistrict:
		key = "d" + at.area
	case InMunicipality:
		key = "m" + at.area
	case InRegion:
	}
	f, _ := p.Figure(key)
	if sums[key] != nil && sums[key].cases < float64(Rules(u.Sources).MinimumCell) {
		f.Status = disclosure.Suppressed // to the gate a rounded figure is protected whatever its size: three would read as five
	}
	if f.Status == disclosure.Published {
		f.Value = b.shown(u, key, from)
	}
	return f, nil
}

// shown is the sum of a place in counts that all reports together may tell.
func (b *publication) shown(u *Unit, key string, from int) float64 {
	sum := 0.0
	for i := range b.p.Series {
		s := &b.p.Series[i]
		if s.Subject != u.Subject || !slices.Contains(u.Sources, s.Source) {
			continue
		}
		if slices.Contains([]string{"d" + s.Area, "m" + b.p.parent[s.Area], wholeRegion}, key) {
			sum += s.steppedSum(b.p.Stepped(s), from, b.end, b.now)
		}
	}
	return sum
}
