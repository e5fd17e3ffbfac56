package effect_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"gevor/effect"
)

// reference holds answers of statsmodels 0.15.0, pysyncon 1.7.0 and scipy 1.17.1; bench/effect/reference.py made it.
type reference struct {
	Differences []struct {
		Values            [][]float64
		Traits            [][]float64
		Start             int
		Change, Low, High float64
		Weights           []float64
		Synthetic         float64
	}
	Weights []struct {
		Area      []float64
		Places    [][]float64
		Weights   []float64
		Objective float64
	}
	Interrupted []struct {
		Cases, People    []float64
		Start            int
		Step, Dispersion float64
		Quasi            float64 `json:"se_quasi"`
		HAC              float64 `json:"se_hac"`
	}
}

func references(t *testing.T) reference {
	t.Helper()
	raw, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	var r reference
	if err := json.Unmarshal(raw, &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Differences) == 0 || len(r.Weights) == 0 || len(r.Interrupted) == 0 {
		t.Fatal("the reference is empty")
	}
	return r
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: %.10g, want %.10g ± %g", what, got, want, tolerance)
	}
}

// panelOf is a study of values whose first line is the measure's area.
func panelOf(values, traits [][]float64, start int) effect.Study {
	s := effect.Study{Start: start, Better: effect.LowerIsBetter}
	for i, v := range values {
		a := effect.Area{Key: string(rune('a' + i)), Values: v}
		if len(traits) > 0 && len(traits[i]) > 0 {
			a.Traits = traits[i]
		}
		if i == 0 {
			a.Role = effect.Treated
		}
		s.Areas = append(s.Areas, a)
	}
	return s
}

// wide takes every place, so that the set is that of the reference.
func wide() effect.Options {
	o := effect.Defaults()
	o.Caliper, o.Most = 1e9, 1000
	return o
}

func TestAgainstStatsmodels(t *testing.T) {
	r := references(t)
	for _, x := range r.Differences {
		got, err := effect.Judge(panelOf(x.Values, x.Traits, x.Start), wide())
		if err != nil {
			t.Fatal(err)
		}
		near(t, "difference", got.Difference.Change, x.Change, 1e-9)
		near(t, "low", got.Difference.Low, x.Low, 1e-8)
		near(t, "high", got.Difference.High, x.High, 1e-8)
		// SLSQP stops at 1e-7 or so; the objective is flat there.
		near(t, "synthetic", got.Synthetic.Change, x.Synthetic, 1e-5)
		byKey := map[string]float64{}
		for _, m := range got.Matches {
			byKey[m.Key] = m.Weight
		}
		for i, w := range x.Weights {
			near(t, "weight", byKey[string(rune('b'+i))], w, 1e-4)
		}
	}
	for _, x := range r.Interrupted {
		got, err := effect.Interrupted(x.Cases, x.People, x.Start, 0.9)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "step", got.Change, x.Step, 1e-7)
		// t quantiles of 95 % with 9, 21 and 57 degrees of freedom, from tables.
		quantile := map[int]float64{12: 1.8331129, 24: 1.7207429, 60: 1.6720289}[len(x.Cases)]
		quasi := x.Quasi
		if x.Dispersion < 1 {
			quasi /= math.Sqrt(x.Dispersion)
		}
		near(t, "standard error", (got.High-got.Low)/2/quantile, math.Max(quasi, x.HAC), 1e-5*x.Quasi)
	}
}

func TestAgainstPysyncon(t *testing.T) {
	for _, x := range references(t).Weights {
		w := effect.Weights(x.Area, x.Places, 0)
		objective, total := 0.0, 0.0
		for k := range x.Area {
			e := x.Area[k]
			for i := range w {
				e -= w[i] * x.Places[i][k]
			}
			objective += e * e
		}
		for i := range w {
			near(t, "weight", w[i], x.Weights[i], 1e-4)
			total += w[i]
		}
		near(t, "sum", total, 1, 1e-12)
		if objective > x.Objective*(1+1e-9) {
			t.Errorf("objective %.12g is above the reference's %.12g", objective, x.Objective)
		}
	}
}
