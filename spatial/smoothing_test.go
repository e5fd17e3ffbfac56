package spatial_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"

	"gevor/spatial"
)

// Smoothed values lie between the raw one and what it is drawn to, more people mean less drawing, and an area without
// people gets the mean.
func TestSmoothingLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 12).Draw(t, "n")
		cases, base := make([]float64, n), make([]float64, n)
		for i := range cases {
			base[i] = rapid.Float64Range(0.5, 80).Draw(t, "base")
			cases[i] = float64(rapid.IntRange(0, 60).Draw(t, "cases"))
		}
		base[0], cases[0] = 0, 0
		cases[1]++
		check := func(name string, got []spatial.Smoothed, mean float64) {
			for i, s := range got {
				if i == 0 {
					if !math.IsNaN(s.Raw) || s.Weight != 0 {
						t.Fatalf("%s without people: %+v", name, s)
					}
					close2(t, name, s.Value, mean)
					continue
				}
				close2(t, name, s.Value, mean+s.Weight*(s.Raw-mean))
				if s.Weight < 0 || s.Weight >= 1 {
					t.Fatalf("%s: %+v", name, s)
				}
				for j, r := range got[1:] {
					if base[j+1] > base[i] && r.Weight < s.Weight-1e-12 {
						t.Fatalf("%s: %g people weigh %g, %g weigh %g", name, base[i], s.Weight, base[j+1], r.Weight)
					}
				}
			}
		}
		var y, e float64
		for i := range cases {
			y += cases[i]
			e += base[i]
		}
		m, err := spatial.Marshall(cases, base)
		if err != nil {
			t.Fatal(err)
		}
		check("Marshall", m, y/e)
		g, prior, err := spatial.PoissonGamma(cases, base)
		if err != nil {
			t.Fatal(err)
		}
		check("gamma", g, prior.Mean)
		for i := range cases {
			p := prior.Exceeds(g[i].Median, cases[i], base[i])
			if !math.IsInf(prior.Shape, 1) && math.Abs(p-0.5) > 1e-6 {
				t.Fatalf("the median is exceeded with probability %g", p)
			}
		}
	})
}

// The fit is a maximum: no mean and shape nearby have a higher likelihood, here by the definition of the negative
// binomial. Counts that vary less than chance have no finite shape, and everyone gets the mean.
func TestGammaPriorIsAMaximum(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	var cases, expected []float64
	for range 60 {
		e := 5 + 20*r.Float64()
		expected = append(expected, e)
		cases = append(cases, distuv.Poisson{Lambda: e * distuv.Gamma{Alpha: 6, Beta: 5, Src: r}.Rand(), Src: r}.Rand())
	}
	_, prior, err := spatial.PoissonGamma(cases, expected)
	if err != nil {
		t.Fatal(err)
	}
	likelihood := func(mean, shape float64) (sum float64) {
		for i, y := range cases {
			p := shape / (shape + mean*expected[i])
			a, _ := math.Lgamma(y + shape)
			b, _ := math.Lgamma(shape)
			c, _ := math.Lgamma(y + 1)
			sum += a - b - c + shape*math.Log(p) + y*math.Log1p(-p)
		}
		return sum
	}
	best := likelihood(prior.Mean, prior.Shape)
	for _, m := range []float64{0.995, 1, 1.005} {
		for _, s := range []float64{0.99, 1, 1.01} {
			if l := likelihood(prior.Mean*m, prior.Shape*s); l > best+1e-9 {
				t.Errorf("mean × %g, shape × %g is likelier by %g", m, s, l-best)
			}
		}
	}
	even, flat, err := spatial.PoissonGamma([]float64{10, 10, 10}, []float64{10, 10, 10})
	if err != nil || !math.IsInf(flat.Shape, 1) || even[0].Value != 1 || flat.Exceeds(0.9, 10, 10) != 1 || flat.Exceeds(1.1, 10, 10) != 0 {
		t.Errorf("counts without spread: %+v %+v %v", even, flat, err)
	}
}

func TestDegenerateSmoothing(t *testing.T) {
	w := grid(t, 1, 2)
	for what, in := range map[string][2][]float64{
		"cases without people": {{1, 1}, {0, 5}}, "nobody anywhere": {{0, 0}, {0, 0}}, "a negative case": {{-1, 1}, {1, 1}},
		"too few": {{1}, {1, 1}}, "none": {nil, nil}, "no number": {{math.NaN(), 1}, {1, 1}},
	} {
		_, err := spatial.Marshall(in[0], in[1])
		invalid(t, "Marshall, "+what, err)
		_, err = spatial.LocalMarshall(in[0], in[1], w)
		invalid(t, "local, "+what, err)
		_, _, err = spatial.PoissonGamma(in[0], in[1])
		invalid(t, "gamma, "+what, err)
		_, _, err = spatial.NewFunnel(in[0], in[1], spatial.FunnelOptions{})
		invalid(t, "funnel, "+what, err)
		_, err = spatial.BYM2(in[0], in[1], nil, w, spatial.BYM2Options{})
		invalid(t, "BYM2, "+what, err)
	}
	_, _, err := spatial.PoissonGamma([]float64{0, 0}, []float64{1, 1})
	invalid(t, "gamma without a case", err)
	if m := must(spatial.Marshall([]float64{0, 0}, []float64{1, 3}))(t); m[0].Value != 0 {
		t.Errorf("Marshall without a case: %+v", m)
	}
	if m := must(spatial.Marshall([]float64{3}, []float64{2}))(t); m[0].Value != 1.5 {
		t.Errorf("Marshall of one area: %+v", m)
	}
	empty := must(spatial.LocalMarshall([]float64{0, 0, 4}, []float64{0, 0, 9}, must(spatial.FromNeighbours([][]int32{{1}, {0}, {}}))(t)))(t)
	if !math.IsNaN(empty[0].Value) || empty[2].Value != 4./9 {
		t.Errorf("a neighbourhood without people: %+v", empty)
	}
}

// Four areas with base 100 and 100, 80, 120, 140 cases of a target 1: z = 0, −2, 2, 4, φ = 24/4 = 6 without pulling in.
// τ² = (24 − 3)/(Σw − Σw²/Σw) with w = 100: (24−3)/300 = 0.07.
func TestFunnelByHand(t *testing.T) {
	cases, base := []float64{100, 80, 120, 140}, []float64{100, 100, 100, 100}
	for over, want := range map[spatial.Overdispersion]struct{ z, upper float64 }{
		spatial.Multiplicative: {4 / math.Sqrt(6), 1 + 1.959963984540054*math.Sqrt(0.06)},
		spatial.Additive:       {0.4 / math.Sqrt(0.08), 1 + 1.959963984540054*math.Sqrt(0.08)},
	} {
		f, p, err := spatial.NewFunnel(cases, base, spatial.FunnelOptions{Target: 1, Over: over})
		if err != nil {
			t.Fatal(err)
		}
		near(t, string(over)+" φ", f.Dispersion, 6, 1e-12)
		near(t, string(over)+" z", p[3].Z, want.z, 1e-12)
		_, upper := f.Limits(100, 0.95)
		near(t, string(over)+" limit", upper, want.upper, 1e-9)
	}
	f, p, err := spatial.NewFunnel([]float64{100, 80, 120, 140, 0}, append(base, 0), spatial.FunnelOptions{Target: 1, Winsorise: 0.3})
	if err != nil || math.Abs(f.Dispersion-(0+0+4+4)/4.) > 1e-12 || !math.IsNaN(p[4].Value) { // −2, 0, 2, 4 pulled in to 0, 0, 2, 2
		t.Errorf("%+v %+v %v", f, p, err)
	}
	for what, o := range map[string]spatial.FunnelOptions{
		"a target of more than all": {Binomial: true, Target: 2}, "a negative target": {Target: -1},
		"more cases than people": {Binomial: true, Target: 0.5}, "too much winsorising": {Winsorise: 0.6}, "unknown": {Over: "some"},
	} {
		_, _, err := spatial.NewFunnel(cases, base, o)
		invalid(t, what, err)
	}
}

// The limits without overdispersion are those of the distribution: a share of about p of counts lies below, between
// the count just below the limit and the one just above.
func TestFunnelLimitsAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		target := rapid.Float64Range(0.05, 0.9).Draw(t, "target")
		n := float64(rapid.IntRange(1, 400).Draw(t, "n"))
		binomial := rapid.Bool().Draw(t, "binomial")
		f, _, err := spatial.NewFunnel([]float64{1}, []float64{4}, spatial.FunnelOptions{Target: target, Binomial: binomial})
		if err != nil {
			t.Fatal(err)
		}
		lower, upper := f.Limits(n, 0.95)
		below := func(x float64) float64 {
			if binomial {
				return distuv.Binomial{N: n, P: target}.CDF(x)
			}
			return distuv.Poisson{Lambda: n * target}.CDF(x)
		}
		if lower < 0 || binomial && upper > 1 || lower > upper {
			t.Fatalf("limits %g and %g", lower, upper)
		}
		at := math.Floor(upper * n)
		if below(at) > 0.975+1e-9 && at == upper*n || below(at+1) < 0.975-1e-9 {
			t.Fatalf("upper limit %g of %g: P(≤ %g) = %g, P(≤ %g) = %g", upper, n, at, below(at), at+1, below(at+1))
		}
	})
}
