package spatial_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"gevor/spatial"
)

// Ten people with 1…10: the top tenth has 10 of 55, the bottom four 1+2+3+4 = 10, hence 1. Five people with 1…5: the
// top tenth is half a person with 2.5, the bottom four tenths are two people with 3. All equal: 0.1/0.4.
func TestPalmaByHand(t *testing.T) {
	for _, c := range []struct {
		x, people []float64
		want      float64
	}{
		{[]float64{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, nil, 1},
		{[]float64{1, 2, 3, 4, 5}, nil, 2.5 / 3},
		{[]float64{7, 7}, []float64{3, 8}, 0.25},
		{[]float64{0, 1}, []float64{1, 1}, math.Inf(1)},
	} {
		got := must(spatial.Palma(c.x, c.people))(t)
		if math.Abs(got-c.want) > 1e-12 && got != c.want {
			t.Errorf("%v: %g, want %g", c.x, got, c.want)
		}
	}
}

// Line 10, people with 4, 9, 10, 20: two of four below, shortfalls 0.6 and 0.1.
func TestFGTByHand(t *testing.T) {
	for alpha, want := range []float64{0.5, 0.7 / 4, 0.37 / 4} {
		near(t, "FGT", must(spatial.FGT([]float64{4, 9, 10, 20}, nil, 10, float64(alpha)))(t), want, 1e-15)
	}
}

// Two groups of two: nobody moves more than everyone. Group (10, 0) of (10, 10): all of the group live alone, D = 1,
// isolation 1. Group (5, 5) of (10, 10): even, D = 0, isolation its share ½.
func TestSegregationByHand(t *testing.T) {
	apart := must(spatial.Segregate([]float64{10, 0}, []float64{10, 10}, spatial.Permutation{Count: 99, Seed: 1}))(t)
	if apart.Dissimilarity != 1 || apart.Isolation != 1 || apart.Eta2 != 1 || !(apart.Chance > 0 && apart.Chance < 0.5) || apart.Systematic != 1 {
		t.Errorf("%+v", apart)
	}
	even := must(spatial.Segregate([]float64{5, 5}, []float64{10, 10}, spatial.Permutation{}))(t)
	if even.Dissimilarity != 0 || even.Isolation != 0.5 || even.Eta2 != 0 || !math.IsNaN(even.Chance) {
		t.Errorf("%+v", even)
	}
	for what, in := range map[string][2][]float64{
		"nobody in the group": {{0, 0}, {1, 1}}, "everybody in it": {{1, 1}, {1, 1}}, "more than all": {{2, 0}, {1, 1}}, "nobody": {{0}, {0}},
	} {
		_, err := spatial.Segregate(in[0], in[1], spatial.Permutation{})
		invalid(t, what, err)
	}
	_, err := spatial.Segregate([]float64{0.5, 0}, []float64{1, 1}, spatial.Permutation{Count: 9})
	invalid(t, "a random spread of half a person", err)
}

// A group spread at random over small areas looks segregated; chance explains it, and does not explain a real one.
func TestChanceExplainsRandomSpread(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	group, all := make([]float64, 200), make([]float64, 200)
	real := make([]float64, 200)
	for i := range all {
		all[i] = 20
		for range 20 {
			if r.Float64() < 0.1 {
				group[i]++
			}
		}
		if i < 30 {
			real[i] = 14
		}
	}
	o := spatial.Permutation{Count: 99, Seed: 1, Workers: 2}
	s := must(spatial.Segregate(group, all, o))(t)
	if s.Dissimilarity < 0.2 || math.Abs(s.Systematic) > 0.05 {
		t.Errorf("random: %+v", s)
	}
	if s := must(spatial.Segregate(real, all, o))(t); s.Systematic < 0.5 {
		t.Errorf("real: %+v", s)
	}
}

func TestDegenerateInequality(t *testing.T) {
	zero := []float64{0, 0}
	for what, err := range map[string]error{
		"Gini of zeros":         second(spatial.Gini(zero, nil)),
		"Theil of zeros":        second(spatial.TheilIndex(zero, nil, nil)),
		"Palma of zeros":        second(spatial.Palma(zero, nil)),
		"concentration":         second(spatial.ConcentrationIndex(zero, []float64{1, 2}, nil, spatial.Bounds{})),
		"a negative value":      second(spatial.Gini([]float64{-1, 2}, nil)),
		"no value":              second(spatial.Gini(nil, nil)),
		"no people":             second(spatial.Gini([]float64{1, 2}, []float64{0, 0})),
		"negative people":       second(spatial.Gini([]float64{1, 2}, []float64{-1, 2})),
		"too few people":        second(spatial.Gini([]float64{1, 2}, []float64{1})),
		"too few groups":        second(spatial.TheilIndex([]float64{1, 2}, nil, []string{"a"})),
		"too few ranks":         second(spatial.SlopeIndex([]float64{1, 2}, []float64{1}, nil)),
		"a rank that is none":   second(spatial.SlopeIndex([]float64{1, 2}, []float64{1, math.NaN()}, nil)),
		"a value out of bounds": second(spatial.ConcentrationIndex([]float64{1, 2}, []float64{1, 2}, nil, spatial.Bounds{Least: 0, Largest: 1.5})),
		"no line":               second(spatial.FGT([]float64{1}, nil, 0, 0)),
	} {
		invalid(t, what, err)
	}
	// One person, and all ranks equal: no gradient, no error bar, no inequality.
	one := must(spatial.Gini([]float64{5}, nil))(t)
	c := must(spatial.ConcentrationIndex([]float64{1, 3}, []float64{2, 2}, nil, spatial.Bounds{}))(t)
	g := must(spatial.SlopeIndex([]float64{1, 3}, []float64{2, 2}, nil))(t)
	if one != 0 || c.Index != 0 || !math.IsNaN(c.Wagstaff) || g.Slope != 0 || !math.IsNaN(g.Error) || g.Ratio != 1 {
		t.Errorf("%g %+v %+v", one, c, g)
	}
	// Everything at the bound: Wagstaff's correction divides by nothing.
	full := must(spatial.ConcentrationIndex([]float64{1, 1}, []float64{1, 2}, nil, spatial.Bounds{Least: 0, Largest: 1}))(t)
	if !math.IsNaN(full.Wagstaff) || full.Erreygers != 0 {
		t.Errorf("%+v", full)
	}
}

func second[T any](_ T, err error) error { return err }

// Inequality does not mind the unit, the order, or whether ten people stand in one row or in ten; it is 0 among equals
// and stays within its bounds; a transfer from rich to poor never raises it.
func TestInequalityLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 8).Draw(t, "n")
		x := anyValues(t, n)
		rank := rapid.SliceOfN(rapid.Float64Range(-3, 3), n, n).Draw(t, "rank")
		people := make([]float64, n)
		var spread, spreadRank []float64
		for i := range people {
			k := rapid.IntRange(1, 4).Draw(t, "people")
			people[i] = float64(k)
			for range k {
				spread, spreadRank = append(spread, x[i]), append(spreadRank, rank[i])
			}
		}
		measures := func(x, people, rank []float64) []float64 {
			g, err1 := spatial.Gini(x, people)
			th, err2 := spatial.TheilIndex(x, people, nil)
			p, err3 := spatial.Palma(x, people)
			c, err4 := spatial.ConcentrationIndex(x, rank, people, spatial.Bounds{})
			s, err5 := spatial.SlopeIndex(x, rank, people)
			if err1 != nil || err2 != nil || err3 != nil || err4 != nil || err5 != nil {
				t.Fatal(err1, err2, err3, err4, err5)
			}
			return []float64{g, th.Total, p, c.Index, s.Share}
		}
		a := measures(x, people, rank)
		for k, v := range measures(spread, nil, spreadRank) {
			close2(t, "people one by one", a[k], v)
		}
		scaled := slices.Clone(x)
		for i := range scaled {
			scaled[i] *= 3.7
		}
		for k, v := range measures(scaled, people, rank) {
			close2(t, "unit", a[k], v)
		}
		if a[0] < 0 || a[0] >= 1 || a[1] < 0 || a[2] < 0.25-1e-9 || math.Abs(a[3]) > a[0]+1e-9 {
			t.Fatalf("out of bounds: %v", a)
		}
		// From the richest to the poorest, without changing places, person by person.
		i, j := slices.Index(spread, slices.Max(spread)), slices.Index(spread, slices.Min(spread))
		moved := slices.Clone(spread)
		amount := (moved[i] - moved[j]) * rapid.Float64Range(0, 0.5).Draw(t, "amount")
		moved[i] -= amount
		moved[j] += amount
		b := measures(moved, nil, spreadRank)
		if b[0] > a[0]+1e-9 || b[1] > a[1]+1e-9 {
			t.Fatalf("a transfer to the poorest raised inequality: %v then %v", a, b)
		}
		equal := make([]float64, n)
		for k := range equal {
			equal[k] = x[0]
		}
		e := measures(equal, people, rank)
		for k, want := range []float64{0, 0, 0.25, 0, 0} {
			close2(t, "equals", e[k], want)
		}
	})
}

// Theil's parts add up, whatever the groups; with one group there is no between, with one person a group no within.
func TestTheilAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 10).Draw(t, "n")
		x := anyValues(t, n)
		groups := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c"}), n, n).Draw(t, "groups")
		th, err := spatial.TheilIndex(x, nil, groups)
		if err != nil {
			t.Fatal(err)
		}
		within := 0.0
		for _, g := range []string{"a", "b", "c"} {
			var part []float64
			for i, v := range x {
				if groups[i] == g {
					part = append(part, v)
				}
			}
			if part == nil {
				continue
			}
			own, err := spatial.TheilIndex(part, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			share := 0.0
			for _, v := range part {
				share += v
			}
			all := 0.0
			for _, v := range x {
				all += v
			}
			within += share / all * own.Total
		}
		close2(t, "within", th.Within, within)
		close2(t, "sum", th.Total, th.Between+th.Within)
		if th.Total > math.Log(float64(n))+1e-9 {
			t.Fatalf("Theil %g of %d people", th.Total, n)
		}
	})
}

// The Erreygers index of ill health is that of health with the other sign, as is Wagstaff's: what the corrections are
// for. The plain index, the control, fails it.
func TestCorrectedConcentrationMirrors(t *testing.T) {
	x, rank := []float64{0.2, 0.5, 0.9, 0.95}, []float64{1, 2, 3, 4}
	ill := []float64{0.8, 0.5, 0.1, 0.05}
	unit := spatial.Bounds{Least: 0, Largest: 1}
	a := must(spatial.ConcentrationIndex(x, rank, nil, unit))(t)
	b := must(spatial.ConcentrationIndex(ill, rank, nil, unit))(t)
	near(t, "Erreygers", a.Erreygers, -b.Erreygers, 1e-12)
	near(t, "Wagstaff", a.Wagstaff, -b.Wagstaff, 1e-12)
	if math.Abs(a.Index+b.Index) < 0.1 {
		t.Error("control: the plain index mirrors too")
	}
}
