package disclosure_test

import (
	"encoding/csv"
	"io"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The attacker reads published bytes and public knowledge: which codes add up to which, how a rate is made, what the
// rules say about zeros and rounding. He computes in exact fractions, by elimination and by linear programs of his own
// (two phases, Bland's rule), and shares nothing with the package under test.

// publicSum is public: total = sum of parts in one dimension, for every combination of the others.
type publicSum struct {
	dimension int
	total     string
	parts     []string
}

// publicRate is public: numerator / denominator * per, rounded as printed; the numerator is part of the denominator.
type publicRate struct {
	dimension              int
	numerator, denominator string
	per                    int64
}

type knowledge struct {
	sums       []publicSum
	rates      map[string]publicRate
	zerosShown bool
	counts     bool
	base       int64 // of nearest rounding, 0 without
	controlled bool
	dims       int
}

type span struct{ low, high *big.Rat } // high nil: unbounded

type attacker struct {
	k      knowledge
	name   []string
	index  map[string]int
	bound  []span
	hidden map[int]bool // printed as suppressed somewhere
	shown  map[int]bool
	rows   []equation
	sizes  int // largest program solved
}

// equation is sum of coefficients times unknowns = right side.
type equation struct {
	coef  map[int]*big.Rat
	right *big.Rat
}

func rat(n int64) *big.Rat { return big.NewRat(n, 1) }

func attack(t rapid.TB, k knowledge, publications ...string) *attacker {
	t.Helper()
	a := &attacker{k: k, index: map[string]int{}, hidden: map[int]bool{}, shown: map[int]bool{}}
	for _, p := range publications {
		a.read(t, p)
	}
	a.relate()
	return a
}

func (a *attacker) unknown(at []string) int {
	key := strings.Join(at, "|")
	i, ok := a.index[key]
	if !ok {
		i = len(a.name)
		a.index[key] = i
		a.name = append(a.name, key)
		a.bound = append(a.bound, span{rat(0), nil})
	}
	return i
}

func (a *attacker) atLeast(i int, v *big.Rat) {
	if v.Cmp(a.bound[i].low) > 0 {
		a.bound[i].low = v
	}
}

func (a *attacker) atMost(i int, v *big.Rat) {
	if a.bound[i].high == nil || v.Cmp(a.bound[i].high) < 0 {
		a.bound[i].high = v
	}
}

// slackRow adds low ≤ Σ coef ≤ high by an unknown of its own.
func (a *attacker) slackRow(coef map[int]*big.Rat, low *big.Rat) {
	a.name = append(a.name, "slack")
	a.bound = append(a.bound, span{rat(0), nil})
	coef[len(a.name)-1] = rat(-1)
	a.rows = append(a.rows, equation{coef, low})
}

func (a *attacker) read(t rapid.TB, text string) {
	t.Helper()
	r := csv.NewReader(strings.NewReader(text))
	if _, err := r.Read(); err != nil {
		t.Fatal(err)
	}
	for {
		row, err := r.Read()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		at, figure, value, status := row[:a.k.dims], row[a.k.dims], row[a.k.dims+1], row[a.k.dims+2]
		if figure != "value" {
			a.derived(t, at, figure, value, status)
			continue
		}
		i := a.unknown(at)
		switch status {
		case "missing":
		case "suppressed":
			a.hidden[i] = true
			if value != "" {
				t.Fatalf("%v is suppressed but prints %q", at, value)
			}
			if a.k.zerosShown && a.k.counts && a.k.base == 0 {
				a.atLeast(i, rat(1))
			}
		case "published", "zero":
			v, ok := new(big.Rat).SetString(value)
			if !ok {
				t.Fatalf("%v prints %q", at, value)
			}
			a.shown[i] = true
			low, high := v, v
			switch {
			case a.k.base > 0 && a.k.controlled:
				low, high = new(big.Rat).Sub(v, rat(a.k.base-1)), new(big.Rat).Add(v, rat(a.k.base-1))
			case a.k.base > 0:
				low = new(big.Rat).Sub(v, rat(a.k.base/2))
				high = new(big.Rat).Add(low, rat(a.k.base-1))
			}
			a.atLeast(i, low)
			a.atMost(i, high)
		default:
			t.Fatalf("%v has the status %q", at, status)
		}
	}
}

func (a *attacker) derived(t rapid.TB, at []string, figure, value, status string) {
	t.Helper()
	rate, ok := a.k.rates[figure]
	if !ok || status != "published" && status != "zero" {
		return
	}
	v, ok := new(big.Rat).SetString(value)
	if !ok {
		t.Fatalf("%v prints the rate %q", at, value)
	}
	_, digits, _ := strings.Cut(value, ".")
	half := big.NewRat(1, 2)
	for range digits {
		half.Mul(half, big.NewRat(1, 10))
	}
	codes := slices.Clone(at)
	codes[rate.dimension] = rate.numerator
	n := a.unknown(codes)
	codes[rate.dimension] = rate.denominator
	d := a.unknown(codes)
	// (v-half) d ≤ per n ≤ (v+half) d
	low, high := new(big.Rat).Sub(v, half), new(big.Rat).Add(v, half)
	if a.k.base == 0 { // with rounding, rates are made of rounded figures and tell nothing new
		a.slackRow(map[int]*big.Rat{n: rat(rate.per), d: new(big.Rat).Neg(low)}, rat(0))
		a.slackRow(map[int]*big.Rat{n: rat(-rate.per), d: high}, rat(0))
	}
}

// relate writes every sum for every combination of codes that occur.
func (a *attacker) relate() {
	codes := make([][]string, a.k.dims)
	for _, n := range a.name {
		if n == "slack" {
			continue
		}
		for k, c := range strings.Split(n, "|") {
			if !slices.Contains(codes[k], c) {
				codes[k] = append(codes[k], c)
			}
		}
	}
	for _, s := range a.k.sums {
		var others func(at []string, k int)
		others = func(at []string, k int) {
			if k == a.k.dims {
				coef := map[int]*big.Rat{}
				at[s.dimension] = s.total
				coef[a.unknown(at)] = rat(1)
				for _, p := range s.parts {
					at[s.dimension] = p
					coef[a.unknown(at)] = rat(-1)
				}
				a.rows = append(a.rows, equation{coef, rat(0)})
				return
			}
			if k == s.dimension {
				others(append(at, ""), k+1)
				return
			}
			for _, c := range codes[k] {
				others(append(at, c), k+1)
			}
		}
		others(nil, 0)
	}
	for _, rate := range a.k.rates {
		for _, n := range slices.Clone(a.name) {
			at := strings.Split(n, "|")
			if n == "slack" || at[rate.dimension] != rate.numerator {
				continue
			}
			at[rate.dimension] = rate.denominator
			a.slackRow(map[int]*big.Rat{a.index[strings.Join(at, "|")]: rat(1), a.index[n]: rat(-1)}, rat(0))
		}
	}
}

// reduced gives the rows over what is not fixed.
func (a *attacker) reduced() []equation {
	var out []equation
	for _, row := range a.rows {
		e := equation{map[int]*big.Rat{}, new(big.Rat).Set(row.right)}
		for i, c := range row.coef {
			if b := a.bound[i]; b.high != nil && b.low.Cmp(b.high) == 0 {
				e.right.Sub(e.right, new(big.Rat).Mul(c, b.low))
			} else {
				e.coef[i] = c
			}
		}
		if len(e.coef) > 0 {
			out = append(out, e)
		}
	}
	return out
}

// components parts the unknowns that have to do with one another.
func components(rows []equation) [][]equation {
	parent := map[int]int{}
	var root func(i int) int
	root = func(i int) int {
		p, ok := parent[i]
		if !ok || p == i {
			parent[i] = i
			return i
		}
		parent[i] = root(p)
		return parent[i]
	}
	for _, r := range rows {
		keys := slices.Sorted(maps.Keys(r.coef))
		for _, k := range keys {
			parent[root(k)] = root(keys[0])
		}
	}
	at := map[int]int{}
	var out [][]equation
	for _, r := range rows {
		k := root(slices.Min(slices.Collect(maps.Keys(r.coef))))
		i, ok := at[k]
		if !ok {
			i = len(out)
			at[k] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], r)
	}
	return out
}

// bounds gives what follows for every hidden figure. enough stops the search for a figure when two tables that agree
// with everything published differ by so much in it; nil computes all bounds to the end.
func (a *attacker) bounds(enough func(i int) *big.Rat) map[int]span {
	out := map[int]span{}
	for i := range a.hidden {
		out[i] = a.bound[i] // in no relation
	}
	for _, rows := range components(a.reduced()) {
		seen := map[int]bool{}
		for _, r := range rows {
			for i := range r.coef {
				seen[i] = true
			}
		}
		unknowns := slices.Sorted(maps.Keys(seen))
		var wanted []int
		for _, i := range unknowns {
			if a.hidden[i] {
				wanted = append(wanted, i)
			}
		}
		if len(wanted) == 0 {
			continue
		}
		lp := newExact(a, unknowns, rows)
		a.sizes = max(a.sizes, len(unknowns))
		for _, i := range wanted {
			out[i] = lp.interval(i, enough)
		}
	}
	for i, s := range out {
		if !a.k.counts {
			continue
		}
		s.low = up(s.low)
		if s.high != nil {
			s.high = new(big.Rat).Neg(up(new(big.Rat).Neg(s.high)))
		}
		out[i] = s
	}
	return out
}

// up rounds to the next whole number.
func up(v *big.Rat) *big.Rat {
	q, m := new(big.Int).DivMod(v.Num(), v.Denom(), new(big.Int))
	if m.Sign() != 0 {
		q.Add(q, big.NewInt(1))
	}
	return new(big.Rat).SetInt(q)
}

// width of a span, nil where it is unbounded.
func (s span) width() *big.Rat {
	if s.high == nil {
		return nil
	}
	return new(big.Rat).Sub(s.high, s.low)
}

// What the attacker of these tests can do himself is checked on a table solved by hand: a + b = 5, b + c = 4, a hidden
// zero is possible. So a is 1 to 5, b 0 to 4, c 0 to 4; and with c = 4 nothing is left open.
func TestTheAttackerCanCount(t *testing.T) {
	k := knowledge{dims: 1, counts: true, sums: []publicSum{{0, "ab", []string{"a", "b"}}, {0, "bc", []string{"b", "c"}}}}
	text := "x,figure,value,status\na,value,,suppressed\nb,value,,suppressed\nc,value,,suppressed\nab,value,5,published\nbc,value,4,published\n"
	a := attack(t, k, text)
	got := a.bounds(nil)
	for name, want := range map[string][2]int64{"a": {1, 5}, "b": {0, 4}, "c": {0, 4}} {
		s := got[a.index[name]]
		if s.low.Cmp(big.NewRat(want[0], 1)) != 0 || s.high.Cmp(big.NewRat(want[1], 1)) != 0 {
			t.Errorf("%s: %s to %s, want %v", name, s.low.RatString(), s.high.RatString(), want)
		}
	}
	a = attack(t, k, text, "x,figure,value,status\nc,value,4,published\n")
	if s := a.bounds(nil)[a.index["a"]]; s.width().Sign() != 0 {
		t.Error("a follows, but was not found")
	}
	// The halves of three pairs: x+y, y+z, z+x give every one by elimination.
	k.sums = []publicSum{{0, "p", []string{"a", "b"}}, {0, "q", []string{"b", "c"}}, {0, "r", []string{"c", "a"}}}
	a = attack(t, k, "x,figure,value,status\na,value,,suppressed\nb,value,,suppressed\nc,value,,suppressed\np,value,5,published\nq,value,7,published\nr,value,6,published\n")
	for name, want := range map[string]int64{"a": 2, "b": 3, "c": 4} {
		if s := a.bounds(nil)[a.index[name]]; s.width().Sign() != 0 || s.low.Cmp(big.NewRat(want, 1)) != 0 {
			t.Errorf("%s was not found", name)
		}
	}
}
