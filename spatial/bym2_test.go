package spatial_test

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"testing"

	"gevor/internal/realdata"
	"gevor/spatial"
)

func floats(x []int) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

// compare holds a result against the summaries that bench/peers/bym2_mcmc.py sampled (four chains of 20,000 draws by
// NUTS): fixed effects within 7 % of the posterior standard deviation or of their value, precision within 10 %, the
// mixing share within 0.03, relative risks within 2 % and their probabilities of exceeding 1 within 0.03.
func compare(t *testing.T, name string, r *spatial.BYM2Result, ids []string, fixed map[string]int) {
	t.Helper()
	ref := table(t, filepath.Join("testdata", "bym2_"+name+"_ref.csv"))
	mean, sd, median := numbers(t, ref["mean"]), numbers(t, ref["sd"]), numbers(t, ref["median"])
	lower, upper, above := numbers(t, ref["lower"]), numbers(t, ref["upper"]), numbers(t, ref["above1"])
	row := map[string]int{}
	for i, n := range ref["name"] {
		row[n] = i
	}
	for what, k := range fixed {
		i := row[what]
		f := r.Fixed[k]
		near(t, what+" mean", f.Mean, mean[i], 0.07*math.Max(math.Abs(mean[i]), sd[i]))
		near(t, what+" sd", f.SD, sd[i], 0.07*sd[i])
		t.Logf("figure: BYM2 %s, %s: %.4f ± %.4f, chains %.4f ± %.4f", name, what, f.Mean, f.SD, mean[i], sd[i])
	}
	i := row["precision"]
	near(t, "precision mean", r.Precision.Mean, mean[i], 0.10*mean[i])
	near(t, "precision median", r.Precision.Median, median[i], 0.10*median[i])
	near(t, "precision sd", r.Precision.SD, sd[i], 0.10*sd[i])
	t.Logf("figure: BYM2 %s, precision: mean %.3f median %.3f, chains %.3f and %.3f; %d grid points", name, r.Precision.Mean, r.Precision.Median, mean[i], median[i], r.Points)
	i = row["mix"]
	near(t, "mix mean", r.Mix.Mean, mean[i], 0.03)
	near(t, "mix median", r.Mix.Median, median[i], 0.04)
	t.Logf("figure: BYM2 %s, share of structure: mean %.3f, chains %.3f", name, r.Mix.Mean, mean[i])
	var worst, worstP float64
	for k, id := range ids {
		i := row["risk "+id]
		a := r.Areas[k]
		near(t, id+" mean", a.Mean, mean[i], 0.02*mean[i])
		near(t, id+" lower", a.Lower, lower[i], 0.03*lower[i]+0.01)
		near(t, id+" upper", a.Upper, upper[i], 0.04*upper[i])
		near(t, id+" above 1", a.Above[0], above[i], 0.03)
		worst = math.Max(worst, math.Abs(a.Mean/mean[i]-1))
		worstP = math.Max(worstP, math.Abs(a.Above[0]-above[i]))
	}
	t.Logf("figure: BYM2 %s, %d areas: risks differ from the chains by %.2f %% at most, probabilities by %.4f", name, len(ids), 100*worst, worstP)
}

func TestBYM2AgainstMCMC(t *testing.T) {
	t.Run("islands", func(t *testing.T) {
		areas := table(t, filepath.Join("testdata", "bym2_islands.csv"))
		ids, w := gal(t, filepath.Join("testdata", "bym2_islands.gal"))
		r := must(spatial.BYM2(numbers(t, areas["cases"]), numbers(t, areas["expected"]), nil, w, spatial.BYM2Options{Above: []float64{1}, Workers: 2}))(t)
		compare(t, "islands", r, ids, map[string]int{"intercept": 0})
	})
	t.Run("pennsylvania", func(t *testing.T) {
		counties, d, expected := pennsylvania(t)
		dir := realdata.Dir(t, "pennsylvania")
		_, w := gal(t, filepath.Join(dir, "pennLC.gal"))
		smoking := numbers(t, table(t, filepath.Join(dir, "pennLC_smoking.csv"))["smoking"])
		r := must(spatial.BYM2(floats(d.Cases), expected, [][]float64{smoking}, w, spatial.BYM2Options{Above: []float64{1}, Workers: 2}))(t)
		compare(t, "pennsylvania", r, counties, map[string]int{"intercept": 0, "covariate": 1})
	})
}

// Four areas in a row and one alone, by importance sampling: field and hyperparameters are drawn from the prior, the
// flat intercept is integrated in closed form, ∫ Π Poisson dβ ∝ Π exp(y·w) / (Σ E·exp(w))^Σy, and given the field the
// risks have mean exp(w)·Σy / Σ E·exp(w). The row has the eigenvalues 2 − 2cos(πk/4) and cosines as eigenvectors.
func TestBYM2AgainstPriorDraws(t *testing.T) {
	cases, expected := []float64{9, 4, 1, 3, 5}, []float64{4, 4, 3, 4, 3}
	w := must(spatial.FromNeighbours([][]int32{{1}, {0, 2}, {1, 3}, {2}, {}}))(t)
	got := must(spatial.BYM2(cases, expected, nil, w, spatial.BYM2Options{SDAbove: 1, SDChance: 0.3}))(t)

	const n = 4
	var lambda [n]float64
	var vector [n][n]float64
	scale := 0.0
	var variance [n]float64
	for k := 1; k < n; k++ {
		lambda[k] = 2 - 2*math.Cos(math.Pi*float64(k)/n)
		for i := range n {
			vector[k][i] = math.Sqrt(2./n) * math.Cos(math.Pi*float64(k)*(float64(i)+0.5)/n)
			variance[i] += vector[k][i] * vector[k][i] / lambda[k]
		}
	}
	for _, v := range variance {
		scale += math.Log(v) / n
	}
	scale = math.Exp(scale)
	distance := func(phi float64) float64 {
		sum := 0.0
		for k := 1; k < n; k++ {
			g := 1/(lambda[k]*scale) - 1
			sum += phi*g - math.Log1p(phi*g)
		}
		return math.Sqrt(math.Max(sum, 0))
	}
	top, half := distance(1-1e-12), distance(0.5)
	rate := 0.0
	for lo, hi := 1e-9, 1e3; hi-lo > 1e-9*hi; {
		rate = (lo + hi) / 2
		if math.Expm1(-rate*half)/math.Expm1(-rate*top) < 0.5 {
			lo = rate
		} else {
			hi = rate
		}
	}
	r := rand.New(rand.NewPCG(12, 13))
	var sum, sumPhi, sumSigma float64
	risk := make([]float64, 5)
	y := 22.
	for range 400_000 {
		sigma := r.ExpFloat64() / -math.Log(0.3)
		d := -math.Log1p(r.Float64()*math.Expm1(-rate*top)) / rate
		lo, hi := 0., 1.
		for range 30 {
			if mid := (lo + hi) / 2; distance(mid) < d {
				lo = mid
			} else {
				hi = mid
			}
		}
		phi := lo
		u := make([]float64, 5)
		for k := 1; k < n; k++ {
			z := r.NormFloat64() / math.Sqrt(lambda[k]*scale)
			for i := range n {
				u[i] += z * vector[k][i]
			}
		}
		u[4] = r.NormFloat64()
		log, base := 0., 0.
		for i := range u {
			u[i] = sigma * (math.Sqrt(1-phi)*r.NormFloat64() + math.Sqrt(phi)*u[i])
			log += cases[i] * u[i]
			base += expected[i] * math.Exp(u[i])
		}
		weight := math.Exp(log - y*math.Log(base/18))
		sum += weight
		sumPhi += weight * phi
		sumSigma += weight / (sigma * sigma)
		for i := range risk {
			risk[i] += weight * math.Exp(u[i]) * y / base
		}
	}
	for i, a := range got.Areas {
		near(t, "risk", a.Mean, risk[i]/sum, 0.03*risk[i]/sum)
		t.Logf("figure: BYM2 on five areas with %g cases: risk %.4f, by prior draws %.4f", cases[i], a.Mean, risk[i]/sum)
	}
	near(t, "share of structure", got.Mix.Mean, sumPhi/sum, 0.02)
}

func TestBYM2IsTheSameOnAnyNumberOfWorkers(t *testing.T) {
	areas := table(t, filepath.Join("testdata", "bym2_islands.csv"))
	_, w := gal(t, filepath.Join("testdata", "bym2_islands.gal"))
	run := func(workers int) *spatial.BYM2Result {
		return must(spatial.BYM2(numbers(t, areas["cases"]), numbers(t, areas["expected"]), nil, w, spatial.BYM2Options{Workers: workers}))(t)
	}
	if a := run(1); !reflect.DeepEqual(a, run(3)) {
		t.Error("the result depends on workers")
	}
}

// Numbering areas differently changes nothing; doubling what is expected halves every risk.
func TestBYM2Laws(t *testing.T) {
	w := grid(t, 4, 5)
	r := rand.New(rand.NewPCG(6, 6))
	n := w.Len()
	y, e, x := make([]float64, n), make([]float64, n), make([]float64, n)
	order := r.Perm(n)
	for i := range y {
		e[i] = 2 + 6*r.Float64()
		y[i] = math.Round(e[i] * math.Exp(0.5*r.NormFloat64()))
		x[i] = r.NormFloat64()
	}
	a := must(spatial.BYM2(y, e, [][]float64{x}, w, spatial.BYM2Options{Above: []float64{1}}))(t)
	y2, e2, x2 := make([]float64, n), make([]float64, n), make([]float64, n)
	var links []spatial.Link
	for i := range y {
		y2[order[i]], e2[order[i]], x2[order[i]] = y[i], 2*e[i], x[i]
		to, _ := w.Row(i)
		for _, j := range to {
			links = append(links, spatial.Link{From: int32(order[i]), To: int32(order[j]), Weight: 1})
		}
	}
	v := must(spatial.NewWeights(n, links))(t)
	b := must(spatial.BYM2(y2, e2, [][]float64{x2}, v, spatial.BYM2Options{Above: []float64{0.5}}))(t)
	near(t, "precision", b.Precision.Mean, a.Precision.Mean, 2e-2*a.Precision.Mean)
	near(t, "intercept", b.Fixed[0].Mean, a.Fixed[0].Mean-math.Log(2), 1e-3)
	near(t, "covariate", b.Fixed[1].Mean, a.Fixed[1].Mean, 1e-3)
	for i := range y {
		near(t, "risk", b.Areas[order[i]].Mean, a.Areas[i].Mean/2, 2e-3)
		near(t, "exceedance", b.Areas[order[i]].Above[0], a.Areas[i].Above[0], 5e-3)
		if p := a.Areas[i]; !(p.Lower < p.Median && p.Median < p.Upper) || p.Above[0] < 0 || p.Above[0] > 1 {
			t.Errorf("%+v", p)
		}
	}
}

func TestDegenerateBYM2(t *testing.T) {
	w := grid(t, 3, 4)
	y, e := make([]float64, 12), make([]float64, 12)
	for i := range e {
		e[i] = 5
	}
	_, err := spatial.BYM2(y, e, nil, w, spatial.BYM2Options{})
	invalid(t, "no case", err)
	y[0] = 3
	for what, err := range map[string]error{
		"no neighbours":               second(spatial.BYM2(y, e, nil, must(spatial.NewWeights(12, nil))(t), spatial.BYM2Options{})),
		"another map":                 second(spatial.BYM2(y, e, nil, grid(t, 2, 2), spatial.BYM2Options{})),
		"a short covariate":           second(spatial.BYM2(y, e, [][]float64{{1}}, w, spatial.BYM2Options{})),
		"a covariate without numbers": second(spatial.BYM2(y, e, [][]float64{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, math.NaN()}}, w, spatial.BYM2Options{})),
		"a chance of 2":               second(spatial.BYM2(y, e, nil, w, spatial.BYM2Options{SDChance: 2})),
		"a negative deviation":        second(spatial.BYM2(y, e, nil, w, spatial.BYM2Options{SDAbove: -1})),
		"an area beside itself":       second(spatial.BYM2(y, e, nil, w.WithSelf(1), spatial.BYM2Options{})),
	} {
		invalid(t, what, err)
	}
	// Equal counts everywhere: no area stands out, and the deviation is small.
	for i := range y {
		y[i] = 5
	}
	r := must(spatial.BYM2(y, e, nil, w, spatial.BYM2Options{Above: []float64{1.5}}))(t)
	for i, a := range r.Areas {
		if math.Abs(a.Mean-1) > 0.05 || a.Above[0] > 0.05 {
			t.Errorf("area %d of equal ones: %+v", i, a)
		}
	}
	// A part of the map without anybody is predicted from the rest, with more doubt.
	y[11], e[11] = 0, 0
	r = must(spatial.BYM2(y, e, nil, w, spatial.BYM2Options{}))(t)
	if a, b := r.Areas[11], r.Areas[5]; !(a.SD > b.SD) || math.Abs(a.Mean-1) > 0.1 {
		t.Errorf("nobody there: %+v, beside %+v", a, b)
	}
}
