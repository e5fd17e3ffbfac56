package disclosure

import (
	"cmp"
	"math"
	"slices"
)

const (
	pivotLeast = 1e-7 // smallest element of a column that may become a pivot
	gainLeast  = 1e-9 // smallest reduced cost worth a step
	feasible   = 1e-7 // how far a value may lie beyond its bound
)

// entry is one coefficient of a sparse row or column.
type entry struct {
	at  int
	val float64
}

// program is a linear program over deviations from the true values: maximise the gain of one cell less the cost of
// moving others, subject to rows of cells that keep their sum within a range. The point 0 satisfies it always, so it
// needs no first phase.
//
// Cell j appears as three columns: free movement within base[j] (column j), further up to more[j] at cost[j] a unit
// (column n+j), further down to less[j] at the same cost (column 2n+j). Row i has the slack column 3n+i within slack[i].
//
// Method: primal simplex with bounds on all variables (Dantzig 1955), inverse of the basis as a product of sparse
// factors, rebuilt when it grows long; variables out of the basis may rest between their bounds, which is where all of
// them start. After many steps without gain the smallest index decides (Bland 1977), so that it ends.
// TestSimplexAgreesWithGonum holds it against another implementation.
type program struct {
	n, m int
	cols [][]entry // of every cell: rows and coefficients
	rows [][]entry // of every row: cells and coefficients

	base  [][2]float64
	more  []float64
	less  []float64
	cost  []float64
	slack [][2]float64

	gain   int     // the cell to move
	gained float64 // its gain a unit, negative to move it down

	x      []float64 // value of each column
	basis  []int     // column basic in each row
	place  []int     // row in which a column is basic, −1 if none
	factor []factor
	built  int // factors after the last rebuilding

	live   [][]entry // of every row: the cells that base lets move
	moving bool      // cells may also move beyond base, so that all of rows counts

	active   []int  // rows that some column of this run has met; all others are as at the start
	isActive []bool // the same by row
	taken    []bool // rows that have their basic column again, while rebuilding

	spent []int // cells that have moved at a cost in this run: going back pays even where no row speaks of them

	likely []candidate // columns that paid when all were last looked at, the best first; looked at before all others

	y, alpha, reduced []float64 // work
	touched           []int
	seen              []bool
}

// candidate is a column that may be worth moving, and what it paid a unit.
type candidate struct {
	column int
	pays   float64
}

const mostLikely = 40

// factor is one elementary matrix of the inverse: column row replaced by vals.
type factor struct {
	row  int
	vals []entry // holds row itself
}

func newProgram(cells int, rows [][]entry) *program {
	p := &program{n: cells, m: len(rows), rows: rows, cols: make([][]entry, cells)}
	for i, r := range rows {
		for _, e := range r {
			p.cols[e.at] = append(p.cols[e.at], entry{i, e.val})
		}
	}
	total := 3*p.n + p.m
	p.base, p.slack = make([][2]float64, cells), make([][2]float64, p.m)
	p.more, p.less, p.cost = make([]float64, cells), make([]float64, cells), make([]float64, cells)
	p.x, p.place = make([]float64, total), make([]int, total)
	p.basis = make([]int, p.m)
	p.y, p.alpha = make([]float64, p.m), make([]float64, p.m)
	p.reduced, p.seen = make([]float64, cells), make([]bool, cells)
	p.live, p.isActive, p.taken = make([][]entry, p.m), make([]bool, p.m), make([]bool, p.m)
	return p
}

// within sets how far a cell moves freely.
func (p *program) within(cell int, base [2]float64) {
	was, is := p.base[cell] != [2]float64{}, base != [2]float64{}
	p.base[cell] = base
	if was == is {
		return
	}
	for _, c := range p.cols[cell] {
		if is {
			p.live[c.at] = append(p.live[c.at], entry{cell, c.val})
			continue
		}
		at := slices.IndexFunc(p.live[c.at], func(e entry) bool { return e.at == cell })
		p.live[c.at] = slices.Delete(p.live[c.at], at, at+1)
	}
}

// bounds of a column.
func (p *program) bounds(c int) (low, high float64) {
	switch {
	case c < p.n:
		return p.base[c][0], p.base[c][1]
	case c < 2*p.n:
		return 0, p.more[c-p.n]
	case c < 3*p.n:
		return 0, p.less[c-2*p.n]
	}
	return p.slack[c-3*p.n][0], p.slack[c-3*p.n][1]
}

// value of a unit of a column.
func (p *program) value(c int) float64 {
	switch {
	case c == p.gain:
		return p.gained
	case c < p.n:
		return 0
	case c < 2*p.n:
		return -p.cost[c-p.n]
	case c < 3*p.n:
		return -p.cost[c-2*p.n]
	}
	return 0
}

// maximise moves cell gain as far as it pays at gained a unit (its own bounds are base), and gives the deviation of
// every cell. ok is false if the steps allowed did not suffice: the deviations are then possible, but not the best.
func (p *program) maximise(gain int, gained float64) (d []entry, ok bool) {
	p.gain, p.gained = gain, gained
	clear(p.x)
	for c := range p.place {
		p.place[c] = -1
	}
	for i := range p.basis {
		p.basis[i] = 3*p.n + i
		p.place[3*p.n+i] = i
	}
	p.factor, p.built = p.factor[:0], 0
	p.active, p.spent, p.likely = p.active[:0], p.spent[:0], p.likely[:0]
	clear(p.isActive)
	clear(p.y)
	clear(p.alpha)
	still := 0
	for step := 0; ; step++ {
		if step > 50*(p.m+100) {
			return p.deviations(), false
		}
		if len(p.factor)-p.built > 100 {
			p.rebuild()
		}
		c, up := p.entering(still > 60)
		if c < 0 {
			return p.deviations(), true
		}
		if c >= p.n && c < 3*p.n && !slices.Contains(p.spent, c%p.n) {
			p.spent = append(p.spent, c%p.n)
		}
		t, moved := p.step(c, up, still > 60)
		if !moved {
			return p.deviations(), false // without bound: callers bound the cell they move
		}
		if t > feasible {
			still = 0
		} else {
			still++
		}
	}
}

// entering gives the column whose movement pays most, and whether it moves up; −1 where none pays. careful takes the
// first that pays.
func (p *program) entering(careful bool) (column int, up bool) {
	for _, i := range p.active {
		p.y[i] = p.value(p.basis[i])
	}
	for k := len(p.factor) - 1; k >= 0; k-- {
		f := p.factor[k]
		sum := 0.0
		for _, e := range f.vals {
			sum += p.y[e.at] * e.val
		}
		p.y[f.row] = sum
	}
	column, best := -1, gainLeast
	looking := false
	offer := func(c int, r float64) {
		if math.Abs(r) <= gainLeast || p.place[c] >= 0 {
			return
		}
		low, high := p.bounds(c)
		if r > 0 && p.x[c] >= high-1e-12 || r < 0 && p.x[c] <= low+1e-12 {
			return
		}
		if careful {
			if column < 0 || c < column {
				column, up = c, r > 0
			}
		} else if math.Abs(r) > best {
			column, best, up = c, math.Abs(r), r > 0
		}
		if looking {
			p.likely = append(p.likely, candidate{c, math.Abs(r)})
		}
	}
	if !careful {
		for _, c := range p.likely {
			offer(c.column, p.value(c.column)-p.priced(c.column))
		}
		if column >= 0 {
			return column, up
		}
		p.likely, looking = p.likely[:0], true
	}
	p.touched = append(p.touched[:0], p.gain)
	p.reduced[p.gain], p.seen[p.gain] = 0, true
	for _, j := range p.spent {
		if !p.seen[j] {
			p.reduced[j], p.seen[j] = 0, true
			p.touched = append(p.touched, j)
		}
	}
	rows := p.live
	if p.moving {
		rows = p.rows
	}
	for _, i := range p.active {
		y := p.y[i]
		if math.Abs(y) < 1e-12 {
			continue
		}
		if p.slack[i] != [2]float64{} {
			offer(3*p.n+i, -y)
		}
		for _, e := range rows[i] {
			if !p.seen[e.at] {
				p.seen[e.at] = true
				p.reduced[e.at] = 0
				p.touched = append(p.touched, e.at)
			}
			p.reduced[e.at] -= y * e.val
		}
	}
	for _, j := range p.touched {
		p.seen[j] = false
		r := p.reduced[j]
		if p.base[j] != [2]float64{} {
			offer(j, r+p.value(j))
		}
		if p.more[j] > 0 {
			offer(p.n+j, r-p.cost[j])
		}
		if p.less[j] > 0 {
			offer(2*p.n+j, -r-p.cost[j])
		}
	}
	if len(p.likely) > mostLikely {
		slices.SortFunc(p.likely, func(a, b candidate) int {
			return cmp.Or(cmp.Compare(b.pays, a.pays), a.column-b.column)
		})
		p.likely = p.likely[:mostLikely]
	}
	return column, up
}

// priced gives what the rows charge for a unit of a column.
func (p *program) priced(c int) float64 {
	if c >= 3*p.n {
		return p.y[c-3*p.n]
	}
	sum := 0.0
	for _, e := range p.cols[c%p.n] {
		sum += p.y[e.at] * e.val
	}
	if c >= 2*p.n {
		return -sum
	}
	return sum
}

// step moves a column until it or a basic column meets a bound; it gives how far, and false if nothing ever does.
func (p *program) step(c int, up, careful bool) (t float64, moved bool) {
	p.through(c)
	sign := 1.0
	low, high := p.bounds(c)
	t = high - p.x[c]
	if !up {
		sign, t = -1, p.x[c]-low
	}
	leave, toHigh := -1, false
	for _, i := range p.active {
		a := p.alpha[i]
		if math.Abs(a) < pivotLeast {
			continue
		}
		b := p.basis[i]
		low, high := p.bounds(b)
		rate := -sign * a
		room, atHigh := max((high-p.x[b])/rate, 0), rate > 0
		if !atHigh {
			room = max((p.x[b]-low)/-rate, 0)
		}
		switch {
		case room < t-1e-12:
		case room > t+1e-12 || leave < 0:
			continue
		case careful && b > p.basis[leave]:
			continue
		case !careful && math.Abs(a) <= math.Abs(p.alpha[leave]):
			continue
		}
		t, leave, toHigh = min(t, room), i, atHigh
	}
	if math.IsInf(t, 1) {
		return t, false
	}
	for _, i := range p.active {
		if a := p.alpha[i]; a != 0 {
			p.x[p.basis[i]] -= sign * t * a
		}
	}
	p.x[c] += sign * t
	if leave < 0 {
		if up {
			p.x[c] = high
		} else {
			p.x[c] = low
		}
		return t, true
	}
	b := p.basis[leave]
	bl, bh := p.bounds(b)
	if toHigh {
		p.x[b] = bh
	} else {
		p.x[b] = bl
	}
	p.place[b], p.place[c] = -1, leave
	p.basis[leave] = c
	p.addFactor(leave)
	return t, true
}

// deviations gives every cell that moved, by how far, in the order of the cells.
func (p *program) deviations() []entry {
	var d []entry
	for j := range p.n {
		v := p.x[j] + p.x[p.n+j] - p.x[2*p.n+j]
		if math.Abs(v) > feasible {
			d = append(d, entry{j, v})
		}
	}
	return d
}
