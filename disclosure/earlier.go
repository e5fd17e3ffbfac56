package disclosure

import (
	"fmt"
	"math"
	"slices"
)

// remember takes what was published before as known.
func (s *space) remember(earlier []Release) error {
	for _, release := range earlier {
		for _, k := range release.Figures {
			if len(k.At) != len(s.table.Dimensions) {
				return invalid(k.Place, fmt.Sprintf("an earlier figure has %d codes where the table has %d dimensions", len(k.At), len(s.table.Dimensions)), "give the earlier publication the columns of the table")
			}
			if math.IsNaN(k.Value) || math.IsInf(k.Value, 0) || !(k.Within >= 0) || math.IsInf(k.Within, 0) {
				return invalid(k.Place, named(s.table.Dimensions, k.At)+" was published as no number", "leave out what was hidden before")
			}
			i, there := s.index[key(k.At)]
			if !there {
				i = s.add(figure{at: k.At, value: k.Value, out: release.Name})
				s.figures[i].known = [2]float64{-k.Within, k.Within}
				continue
			}
			f := &s.figures[i]
			low, high := k.Value-k.Within-f.value, k.Value+k.Within-f.value
			if f.missing || low > 1e-9 || high < -1e-9 {
				s.revised++
				continue
			}
			if f.out != "" {
				low, high = max(low, f.known[0]), min(high, f.known[1])
			}
			f.known, f.out = [2]float64{min(low, 0), max(high, 0)}, release.Name
		}
	}
	return nil
}

// rates takes earlier published rates: rounded, they bound their numerators.
func (s *space) rates(earlier []Release) error {
	for _, release := range earlier {
		for _, k := range release.Rates {
			at := slices.IndexFunc(s.table.Rates, func(r Rate) bool { return r.Name == k.Rate })
			if at < 0 || len(k.At) != len(s.table.Dimensions) || k.Decimals < 0 || k.Decimals > 12 || math.IsNaN(k.Value) || math.IsInf(k.Value, 0) {
				return invalid(k.Place, fmt.Sprintf("the earlier rate %q fits no rate of the table", k.Rate), "give it the name of one, one code per dimension, and its decimals")
			}
			r := s.table.Rates[at]
			codes := slices.Clone(k.At)
			codes[s.table.dimension(r.Dimension)] = r.Numerator
			n, ok := s.index[key(codes)]
			codes[s.table.dimension(r.Dimension)] = r.Denominator
			d, ok2 := s.index[key(codes)]
			if !ok || !ok2 || math.IsNaN(s.figures[n].value) || math.IsNaN(s.figures[d].value) {
				s.unlinked++
				continue
			}
			half := 0.5 * math.Pow(10, -float64(k.Decimals))
			low, high := (k.Value-half)/r.Per, (k.Value+half)/r.Per
			x, y := s.figures[n].value, s.figures[d].value
			if x < low*y-1e-9*y || x > high*y+1e-9*y {
				s.revised++
				continue
			}
			s.rows = append(s.rows, []entry{{min(n, d), pick(n < d, 1.0, -high)}, {max(n, d), pick(n < d, -high, 1.0)}}, []entry{{min(n, d), pick(n < d, 1.0, -low)}, {max(n, d), pick(n < d, -low, 1.0)}})
			s.slack = append(s.slack, [2]float64{-max(high*y-x, 0), math.Inf(1)}, [2]float64{math.Inf(-1), -min(low*y-x, 0)})
		}
	}
	return nil
}
