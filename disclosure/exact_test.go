package disclosure_test

import (
	"math/big"
	"slices"
)

// exact is a linear program in exact fractions: a tableau over unknowns moved to be ≥ 0, with rows for upper bounds.
type exact struct {
	a        *attacker
	column   map[int]int
	unknowns []int
	tab      [][]*big.Rat // last column is the right side
	basis    []int
	n        int
	lowest   map[int]*big.Rat // values met on the way
	highest  map[int]*big.Rat
}

func newExact(a *attacker, unknowns []int, rows []equation) *exact {
	e := &exact{a: a, column: map[int]int{}, unknowns: unknowns, lowest: map[int]*big.Rat{}, highest: map[int]*big.Rat{}}
	for k, i := range unknowns {
		e.column[i] = k
	}
	e.n = len(unknowns)
	capped := 0
	for _, i := range unknowns {
		if a.bound[i].high != nil {
			capped++
		}
	}
	width := e.n + capped
	line := func() []*big.Rat {
		l := make([]*big.Rat, width+1)
		for i := range l {
			l[i] = new(big.Rat)
		}
		return l
	}
	for _, r := range rows {
		l := line()
		l[width].Set(r.right)
		for i, c := range r.coef {
			l[e.column[i]].Set(c)
			l[width].Sub(l[width], new(big.Rat).Mul(c, a.bound[i].low))
		}
		e.tab = append(e.tab, l)
	}
	for _, i := range unknowns {
		if h := a.bound[i].high; h != nil {
			l := line()
			l[e.column[i]].SetInt64(1)
			l[e.n].SetInt64(1)
			e.n++
			l[width].Sub(h, a.bound[i].low)
			e.tab = append(e.tab, l)
		}
	}
	e.eliminate()
	e.first()
	e.note()
	return e
}

// eliminate brings the rows into reduced form by Gauss and Jordan, and drops those that say nothing new.
func (e *exact) eliminate() {
	r := 0
	for c := 0; c < e.n && r < len(e.tab); c++ {
		at := -1
		for i := r; i < len(e.tab); i++ {
			if e.tab[i][c].Sign() != 0 {
				at = i
				break
			}
		}
		if at < 0 {
			continue
		}
		e.tab[r], e.tab[at] = e.tab[at], e.tab[r]
		e.basis = append(e.basis, c)
		e.pivot(r, c)
		r++
	}
	e.tab = e.tab[:r]
}

func (e *exact) pivot(r, c int) {
	inv := new(big.Rat).Inv(e.tab[r][c])
	var at []int
	for j, v := range e.tab[r] {
		if v.Sign() != 0 {
			v.Mul(v, inv)
			at = append(at, j)
		}
	}
	t := new(big.Rat)
	for i, row := range e.tab {
		if i == r || row[c].Sign() == 0 {
			continue
		}
		f := new(big.Rat).Set(row[c])
		for _, j := range at {
			row[j].Sub(row[j], t.Mul(f, e.tab[r][j]))
		}
	}
	if r < len(e.basis) {
		e.basis[r] = c
	}
}

// first finds a table that agrees with everything: the rows whose basic value is negative are mended one by one, by
// the dual ratio of a zero objective (any column with a negative entry, smallest index: Bland).
func (e *exact) first() {
	last := len(e.tab[0]) - 1
	for {
		r := -1
		for i := range e.tab {
			if e.tab[i][last].Sign() < 0 && (r < 0 || e.basis[i] < e.basis[r]) {
				r = i
			}
		}
		if r < 0 {
			return
		}
		c := -1
		for j := range last {
			if e.tab[r][j].Sign() < 0 {
				c = j
				break
			}
		}
		if c < 0 {
			panic("the publications contradict each other")
		}
		e.pivot(r, c)
	}
}

// note keeps the extreme values of every unknown met on the way.
func (e *exact) note() {
	last := len(e.tab[0]) - 1
	value := make([]*big.Rat, e.n)
	for i, c := range e.basis {
		value[c] = e.tab[i][last]
	}
	for k, i := range e.unknowns {
		v := new(big.Rat).Set(e.a.bound[i].low)
		if value[k] != nil {
			v.Add(v, value[k])
		}
		if l := e.lowest[i]; l == nil || v.Cmp(l) < 0 {
			e.lowest[i] = v
		}
		if h := e.highest[i]; h == nil || v.Cmp(h) > 0 {
			e.highest[i] = v
		}
	}
}

func (e *exact) interval(i int, enough func(i int) *big.Rat) span {
	done := func() bool {
		return enough != nil && new(big.Rat).Sub(e.highest[i], e.lowest[i]).Cmp(enough(i)) >= 0
	}
	if done() {
		return span{e.lowest[i], e.highest[i]}
	}
	if !e.run(i, 1, done) {
		return span{e.lowest[i], nil} // unbounded above: no use to look below
	}
	if done() {
		return span{e.lowest[i], e.highest[i]}
	}
	e.run(i, -1, done)
	return span{e.lowest[i], e.highest[i]}
}

// run maximises sign times an unknown; false where it has no bound.
func (e *exact) run(i int, sign int64, done func() bool) bool {
	last := len(e.tab[0]) - 1
	target := e.column[i]
	for !done() {
		// Reduced costs: of a column c, sign · (−entry of the target's row), or sign if it is the target itself.
		row := slices.Index(e.basis, target)
		c := -1
		for j := range last {
			s := 0
			if row >= 0 {
				if slices.Contains(e.basis, j) {
					continue
				}
				s = -e.tab[row][j].Sign()
			} else if j == target {
				s = 1
			}
			if s*int(sign) > 0 {
				c = j
				break
			}
		}
		if c < 0 {
			return true
		}
		r := -1
		var least *big.Rat
		for k := range e.tab {
			if e.tab[k][c].Sign() <= 0 {
				continue
			}
			q := new(big.Rat).Quo(e.tab[k][last], e.tab[k][c])
			if r < 0 || q.Cmp(least) < 0 || q.Cmp(least) == 0 && e.basis[k] < e.basis[r] {
				r, least = k, q
			}
		}
		if r < 0 {
			return false
		}
		e.pivot(r, c)
		e.note()
	}
	return true
}
