package disclosure

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize/convex/lp" //nolint:misspell // a path
)

// The same programs by gonum's simplex (gonum v0.17), which knows only x ≥ 0 and equalities: every
// cell is moved to begin at 0, its upper bound becomes a row with a slack, its costs become columns of their own.
func TestSimplexAgreesWithGonum(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	solved, moved := 0, 0
	for range 400 {
		cells, sums := 3+rng.IntN(9), 1+rng.IntN(5)
		var rows [][]entry
		for range sums {
			var row []entry
			for j := range cells {
				if rng.IntN(3) == 0 {
					row = append(row, entry{j, float64(rng.IntN(2)*2 - 1)})
				}
			}
			if len(row) > 0 {
				rows = append(rows, row)
			}
		}
		p := newProgram(cells, rows)
		for j := range cells {
			p.within(j, [2]float64{-float64(rng.IntN(5)), float64(rng.IntN(5))})
			p.more[j], p.less[j], p.cost[j] = float64(rng.IntN(3)), float64(rng.IntN(3)), float64(1+rng.IntN(4))
		}
		for i := range rows {
			if rng.IntN(4) == 0 {
				p.slack[i] = [2]float64{-float64(rng.IntN(3)), float64(rng.IntN(3))}
			}
		}
		p.moving = true
		gain := rng.IntN(cells)
		p.more[gain], p.less[gain] = 0, 0
		move, ok := p.maximise(gain, 100)
		if !ok {
			t.Fatal("the steps allowed did not suffice")
		}
		got := 0.0
		for _, e := range move {
			if e.at == gain {
				got += 100 * e.val
			} else if beyond := max(e.val-p.base[e.at][1], p.base[e.at][0]-e.val, 0); beyond > 0 {
				got -= beyond * p.cost[e.at]
			}
		}
		want, err := byGonum(p, gain, 100)
		if err != nil {
			continue // gonum gives up on some degenerate programs; they are counted by solved below
		}
		solved++
		if want > 1e-9 {
			moved++
		}
		if math.Abs(got-want) > 1e-6 {
			t.Fatalf("%d cells, rows %v: %g, gonum %g", cells, rows, got, want)
		}
	}
	t.Logf("figure: disclosure, own simplex and gonum's agree on %d of 400 drawn programs (gonum gave no answer to the others), %d of them not zero", solved, moved)
	if solved < 200 || moved < 80 {
		t.Errorf("only %d programs compared, %d of them not zero", solved, moved)
	}
}

func byGonum(p *program, gain int, gained float64) (best float64, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = lp.ErrLinSolve
		}
	}()
	total := 3*p.n + p.m
	var bounded []int
	for c := range total {
		low, high := p.bounds(c)
		if high > low {
			bounded = append(bounded, c)
		}
	}
	width := 2 * len(bounded)
	a := mat.NewDense(p.m+len(bounded), width, nil)
	b := make([]float64, p.m+len(bounded))
	cost := make([]float64, width)
	start := 0.0
	for k, c := range bounded {
		low, high := p.bounds(c)
		a.Set(p.m+k, k, 1)
		a.Set(p.m+k, len(bounded)+k, 1)
		b[p.m+k] = high - low
		value := p.value(c)
		if c == gain {
			value = gained
		}
		cost[k] = -value
		start += value * low
		set := func(i int, v float64) {
			a.Set(i, k, a.At(i, k)+v)
			b[i] -= v * low
		}
		switch {
		case c >= 3*p.n:
			set(c-3*p.n, 1)
		default:
			sign := 1.0
			if c >= 2*p.n {
				sign = -1
			}
			for _, e := range p.cols[c%p.n] {
				set(e.at, sign*e.val)
			}
		}
	}
	opt, _, err := lp.Simplex(cost, a, b, 1e-10, nil)
	return start - opt, err
}
