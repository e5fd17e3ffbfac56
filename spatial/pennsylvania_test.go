package spatial_test

import (
	"math"
	"path/filepath"
	"slices"
	"testing"

	"gevor/internal/realdata"
	"gevor/spatial"
)

func pennsylvania(t testing.TB) (counties []string, d spatial.ScanData, expected []float64) {
	t.Helper()
	dir := realdata.Dir(t, "pennsylvania")
	ref := table(t, filepath.Join(dir, "pennLC_ref_expected.csv"))
	x, y := numbers(t, ref["x"]), numbers(t, ref["y"])
	xy := make([][2]float64, len(x))
	d = spatial.ScanData{Periods: 1, Population: numbers(t, ref["pop"])}
	for i, c := range numbers(t, ref["cases"]) {
		d.Cases = append(d.Cases, int(c))
		xy[i] = [2]float64{x[i], y[i]}
	}
	d.Places = spatial.Planar(xy)
	return ref["county"], d, numbers(t, ref["expected"])
}

// Kulldorff's scan as SpatialEpi::kulldorff computes it on its own example (windows up to half of the people): with
// 16 strata expected, Delaware and Philadelphia, log likelihood ratio 17.6628831; binomial, seven counties around
// Pittsburgh, 36.5705106.
func TestPennsylvaniaScan(t *testing.T) {
	counties, d, expected := pennsylvania(t)
	o := spatial.ScanOptions{MaxShare: 0.5, Draws: 199, Seed: 1, Workers: 2, MaxClusters: 3}
	d.Base = expected
	found, err := spatial.Scan(d, o)
	if err != nil {
		t.Fatal(err)
	}
	name := func(c spatial.Cluster) []string {
		var out []string
		for _, i := range c.Areas {
			out = append(out, counties[i])
		}
		slices.Sort(out)
		return out
	}
	if got := name(found[0]); !slices.Equal(got, []string{"delaware", "philadelphia"}) {
		t.Errorf("Poisson: %v", got)
	}
	near(t, "Poisson LLR", found[0].LLR, 17.6628831, 5e-8)
	if found[0].P != 1./200 {
		t.Errorf("Poisson: p %g, want the least possible", found[0].P)
	}
	t.Logf("figure: Pennsylvania, Poisson: %v LLR %.7f p %.3f; next %v LLR %.4f p %.3f", name(found[0]), found[0].LLR, found[0].P, name(found[1]), found[1].LLR, found[1].P)

	d.Base, o.Bernoulli = d.Population, true
	found, err = spatial.Scan(d, o)
	if err != nil {
		t.Fatal(err)
	}
	if len(found[0].Areas) != 7 || !slices.Contains(name(found[0]), "allegheny") {
		t.Errorf("Bernoulli: %v", name(found[0]))
	}
	near(t, "Bernoulli LLR", found[0].LLR, 36.5705106, 5e-8)
	t.Logf("figure: Pennsylvania, Bernoulli: %v LLR %.7f p %.3f", name(found[0]), found[0].LLR, found[0].P)
}

// SpatialEpi::eBayes fits with MASS::glm.nb, which stops once the shape moves by less than about 1e-4 of its scale,
// yet agrees to 1e-7 on relative risks near 1.
func TestPennsylvaniaBayes(t *testing.T) {
	_, d, expected := pennsylvania(t)
	ref := table(t, filepath.Join(realdata.Dir(t, "pennsylvania"), "pennLC_ref_eBayes.csv"))
	cases := make([]float64, len(d.Cases))
	for i, c := range d.Cases {
		cases[i] = float64(c)
	}
	got, prior, err := spatial.PoissonGamma(cases, expected)
	if err != nil {
		t.Fatal(err)
	}
	rr, median := numbers(t, ref["RR"]), numbers(t, ref["RRmed"])
	worst := 0.0
	for i, g := range got {
		near(t, ref["county"][i]+" mean", g.Value, rr[i], 1e-7)
		near(t, ref["county"][i]+" median", g.Median, median[i], 1e-7)
		worst = math.Max(worst, math.Max(math.Abs(g.Value-rr[i]), math.Abs(g.Median-median[i])))
	}
	t.Logf("figure: Pennsylvania, empirical Bayes: prior mean %.6f, shape %.4f, largest difference %.1e", prior.Mean, prior.Shape, worst)
}
