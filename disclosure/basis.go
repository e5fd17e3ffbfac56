package disclosure

import (
	"math"
	"slices"
)

// through gives the inverse of the basis times a column, in alpha.
func (p *program) through(c int) {
	for _, i := range p.active {
		p.alpha[i] = 0
	}
	switch {
	case c >= 3*p.n:
		p.meet(c - 3*p.n)
		p.alpha[c-3*p.n] = 1
	default:
		sign := 1.0
		if c >= 2*p.n {
			sign = -1
		}
		for _, e := range p.cols[c%p.n] {
			p.meet(e.at)
			p.alpha[e.at] = sign * e.val
		}
	}
	p.apply()
}

func (p *program) meet(row int) {
	if !p.isActive[row] {
		p.isActive[row] = true
		p.active = append(p.active, row)
	}
}

// apply multiplies alpha by the inverse of the basis.
func (p *program) apply() {
	for _, f := range p.factor {
		t := p.alpha[f.row]
		if t == 0 {
			continue
		}
		p.alpha[f.row] = 0
		for _, e := range f.vals {
			p.alpha[e.at] += t * e.val
		}
	}
}

// addFactor takes alpha as the new column of the inverse at row.
func (p *program) addFactor(row int) {
	f := factor{row: row}
	pivot := p.alpha[row]
	for _, i := range p.active {
		a := p.alpha[i]
		switch {
		case i == row:
			f.vals = append(f.vals, entry{i, 1 / pivot})
		case math.Abs(a) > 1e-13:
			f.vals = append(f.vals, entry{i, -a / pivot})
		}
	}
	p.factor = append(p.factor, f)
}

// rebuild writes the inverse anew from the columns of the basis and computes the basic values from the others.
func (p *program) rebuild() {
	var waiting []int
	for _, i := range p.active {
		if c := p.basis[i]; c < 3*p.n {
			waiting = append(waiting, c)
		}
	}
	slices.SortFunc(waiting, func(a, b int) int {
		if d := len(p.cols[a%p.n]) - len(p.cols[b%p.n]); d != 0 {
			return d
		}
		return a - b
	})
	p.factor = p.factor[:0]
	clear(p.taken)
	for _, i := range p.active {
		if slack := 3*p.n + i; p.place[slack] >= 0 {
			p.basis[i], p.place[slack] = slack, i
			p.taken[i] = true
		}
	}
	for _, c := range waiting {
		p.through(c)
		row := -1
		for _, i := range p.active {
			if !p.taken[i] && (row < 0 || math.Abs(p.alpha[i]) > math.Abs(p.alpha[row])) {
				row = i
			}
		}
		p.taken[row] = true
		p.basis[row], p.place[c] = c, row
		p.addFactor(row)
	}
	p.built = len(p.factor)
	for _, i := range p.active {
		p.alpha[i] = 0
	}
	for c, v := range p.x {
		if v == 0 || p.place[c] >= 0 {
			continue
		}
		switch {
		case c >= 3*p.n:
			p.alpha[c-3*p.n] -= v
		default:
			if c >= 2*p.n {
				v = -v
			}
			for _, e := range p.cols[c%p.n] {
				p.alpha[e.at] -= v * e.val
			}
		}
	}
	p.apply()
	for _, i := range p.active {
		p.x[p.basis[i]] = p.alpha[i]
	}
}
