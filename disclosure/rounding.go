package disclosure

import (
	"math"

	"gevor/fault"
)

// round sets what is printed of every figure and how far the true value may lie from it. Attackers know the way of
// rounding, so of the nearest multiple r of a base b they know r − b/2 ≤ x < r + b/2, and of a controlled one |x − r| < b.
func (s *space) round() error {
	b := float64(s.rules.RoundingBase)
	if s.rules.Rounding == Controlled {
		if err := s.control(); err != nil {
			return err
		}
	}
	for i := range s.figures {
		f := &s.figures[i]
		if !f.shown {
			continue
		}
		low, high := f.value, f.value
		switch s.rules.Rounding {
		case Exact:
			f.printed = f.value
		case Deterministic:
			f.printed = math.Floor(f.value/b+0.5) * b
			low, high = f.printed-b/2, f.printed+b/2
			if s.table.Counts {
				low, high = math.Ceil(low), math.Ceil(high)-1
			}
		case Controlled:
			low, high = f.printed-b, f.printed+b
			if s.table.Counts {
				low, high = low+1, high-1
			}
		}
		f.open = f.behind([2]float64{min(max(low, 0)-f.value, 0), max(high-f.value, 0)})
		zero := f.value == 0 && s.rules.Zeros == ZerosShown && s.rules.Rounding == Exact
		read := f.out != "" && f.known[1]-f.known[0] < 1e-9
		f.hideable = !read && !f.conceded && !zero
	}
	return nil
}

// control chooses one of the two multiples around every figure such that all relations still hold. It walks from the
// true table along its relations until no figure lies between multiples: each step moves one of them as far as it goes
// and keeps where others arrived. Where every relation is a sum over one of two hierarchies this always ends (the
// relations are a network); for more dimensions and overlapping areas it may not, and then says so.
func (s *space) control() error {
	b := float64(s.rules.RoundingBase)
	p := newProgram(len(s.figures), s.rows)
	for _, row := range s.rows {
		for _, e := range row {
			if math.Abs(e.val) != 1 {
				return fault.New(fault.Invalid, s.rules.Name, "controlled rounding needs sums of whole parts, but there are shares or earlier rates", "use deterministic rounding")
			}
		}
	}
	copy(p.slack, s.slack)
	at := make([]float64, len(s.figures))
	for i := range s.figures {
		at[i] = s.figures[i].value
	}
	settle := func(i int) bool {
		near := math.Round(at[i]/b) * b
		if math.Abs(at[i]-near) > 1e-6 {
			return false
		}
		at[i] = near
		p.within(i, [2]float64{})
		return true
	}
	open := 0
	for i := range s.figures {
		if settle(i) {
			continue
		}
		open++
		low := math.Floor(at[i]/b) * b
		p.within(i, [2]float64{low - at[i], low + b - at[i]})
	}
	for open > 0 {
		moved := false
		for i := range s.figures {
			if p.base[i] == [2]float64{} {
				continue
			}
			gain := 1.0
			if p.base[i][1] > -p.base[i][0] {
				gain = -1 // the nearer multiple first
			}
			for _, gained := range []float64{gain, -gain} {
				move, _ := p.maximise(i, gained)
				if len(move) == 0 {
					continue
				}
				for _, e := range move {
					at[e.at] += e.val
					if p.base[e.at] == [2]float64{} {
						continue
					}
					p.within(e.at, [2]float64{p.base[e.at][0] - e.val, p.base[e.at][1] - e.val})
					if settle(e.at) {
						open--
						moved = true
					}
				}
				break
			}
		}
		if !moved && open > 0 {
			return fault.New(fault.Conflict, s.rules.Name, "no controlled rounding was found in which all totals add up", "use deterministic rounding, or publish fewer overlapping totals")
		}
	}
	for i := range s.figures {
		s.figures[i].printed = at[i]
	}
	return nil
}
