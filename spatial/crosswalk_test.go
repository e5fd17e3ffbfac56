package spatial_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"gevor/spatial"
)

// Source 1 has a count of 100 and 200 people, 150 of them in target 1 and 50 in target 2; source 2 has 30 and lies in
// target 2 with all its 60; source 3 has no value and 10 people in target 3. With fewer than three known sources the
// spread is taken as ½: v·f·(1−f)/√(f²+(1−f)²) = 100·0.1875/√0.625 = 23.717, times ½, and chance 100·0.1875.
func TestCrosswalkByHand(t *testing.T) {
	nan := math.NaN()
	got := must(spatial.CrosswalkCounts([]float64{100, 30, nan}, 3, []spatial.Overlap{
		{0, 0, 100}, {0, 1, 50}, {1, 1, 60}, {0, 0, 50}, {2, 2, 10},
	}))(t)
	sd := math.Sqrt(math.Pow(0.5*100*0.1875/math.Sqrt(0.625), 2) + 18.75)
	for i, want := range []spatial.Recomputed{
		{Value: 75, Error: sd, People: 150, Divided: 1},
		{Value: 55, Error: sd, People: 110, Divided: 25. / 55},
		{Value: nan, Error: nan, People: 10, Unknown: 1},
	} {
		g := got[i]
		for k, pair := range [][2]float64{{g.Value, want.Value}, {g.Error, want.Error}, {g.People, want.People}, {g.Unknown, want.Unknown}, {g.Divided, want.Divided}} {
			if math.IsNaN(pair[0]) != math.IsNaN(pair[1]) || math.Abs(pair[0]-pair[1]) > 1e-12 {
				t.Errorf("target %d, field %d: %g, want %g", i+1, k+1, pair[0], pair[1])
			}
		}
	}
	rates := must(spatial.CrosswalkRates([]float64{0.5, 0.2, nan}, 4, []spatial.Overlap{
		{0, 0, 150}, {0, 1, 50}, {1, 1, 60}, {2, 2, 10}, {0, -1, 7},
	}))(t)
	near(t, "mean", rates[1].Value, (0.5*50+0.2*60)/110, 1e-12)
	if !math.IsNaN(rates[2].Value) || !math.IsNaN(rates[3].Value) || rates[0].Error == 0 {
		t.Errorf("%+v", rates)
	}
}

func TestDegenerateCrosswalks(t *testing.T) {
	for what, err := range map[string]error{
		"a value without people":     second(spatial.CrosswalkCounts([]float64{5}, 1, nil)),
		"a target that is not there": second(spatial.CrosswalkCounts([]float64{5}, 1, []spatial.Overlap{{0, 1, 3}})),
		"a source that is not there": second(spatial.CrosswalkCounts([]float64{5}, 1, []spatial.Overlap{{1, 0, 3}})),
		"negative people":            second(spatial.CrosswalkCounts([]float64{5}, 1, []spatial.Overlap{{0, 0, -3}})),
		"a negative count":           second(spatial.CrosswalkCounts([]float64{-5}, 1, []spatial.Overlap{{0, 0, 3}})),
		"an infinite rate":           second(spatial.CrosswalkRates([]float64{math.Inf(1)}, 1, []spatial.Overlap{{0, 0, 3}})),
	} {
		invalid(t, what, err)
	}
	empty := must(spatial.CrosswalkCounts([]float64{0}, 2, []spatial.Overlap{{0, 0, 0}}))(t)
	if empty[0].Value != 0 || empty[1].Value != 0 || empty[1].Error != 0 {
		t.Errorf("a source of nobody with nothing: %+v", empty)
	}
}

// Counts are kept in total (what lies outside included), going to the same areas changes nothing and has no error, and
// an unknown source never becomes a number.
func TestCrosswalkKeepsSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, m := rapid.IntRange(1, 6).Draw(t, "sources"), rapid.IntRange(1, 5).Draw(t, "targets")
		values := make([]float64, n)
		var overlaps, same []spatial.Overlap
		for i := range values {
			values[i] = float64(rapid.IntRange(0, 100).Draw(t, "value"))
			overlaps = append(overlaps, spatial.Overlap{Source: int32(i), Target: int32(rapid.IntRange(0, m).Draw(t, "target")), People: 3})
			same = append(same, spatial.Overlap{Source: int32(i), Target: int32(i), People: 4})
		}
		for range rapid.IntRange(0, 15).Draw(t, "more") {
			overlaps = append(overlaps, spatial.Overlap{
				Source: int32(rapid.IntRange(0, n-1).Draw(t, "s")), Target: int32(rapid.IntRange(0, m).Draw(t, "t")), People: rapid.Float64Range(0, 50).Draw(t, "people"),
			})
		}
		// The last target stands for everything outside.
		got, err := spatial.CrosswalkCounts(values, m+1, overlaps)
		if err != nil {
			t.Fatal(err)
		}
		var before, after float64
		for _, v := range values {
			before += v
		}
		for _, r := range got {
			after += r.Value
			if r.Value < 0 || r.Error < 0 || r.Divided < 0 || r.Divided > 1+1e-12 {
				t.Fatalf("%+v", r)
			}
		}
		close2(t, "sum", after, before)
		for k := range overlaps {
			if overlaps[k].Target == int32(m) {
				overlaps[k].Target = -1
			}
		}
		outside, err := spatial.CrosswalkCounts(values, m, overlaps)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range outside {
			if r != got[i] {
				t.Fatalf("leaving the rest outside changed target %d", i)
			}
		}
		kept, err := spatial.CrosswalkCounts(values, n, same)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range kept {
			if math.Abs(r.Value-values[i]) > 1e-9 || r.Error != 0 || r.Divided != 0 {
				t.Fatalf("to itself: %+v, was %g", r, values[i])
			}
		}
		values[0] = math.NaN()
		unknown, err := spatial.CrosswalkCounts(values, m, overlaps)
		if err != nil {
			t.Fatal(err)
		}
		needs := make([]bool, m)
		for _, o := range overlaps {
			if o.Source == 0 && o.Target >= 0 && o.People > 0 {
				needs[o.Target] = true
			}
		}
		for i, r := range unknown {
			if math.IsNaN(r.Value) != needs[i] {
				t.Fatalf("target %d needs the unknown source: %t, value %g", i, needs[i], r.Value)
			}
		}
	})
}

// Rates that differ inside a source as they do between sources: 90 % intervals hold the truth in about 90 % of cases.
// The control takes no notice of differences inside and holds it far less often.
func TestCrosswalkErrorsAreHonest(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	var held, narrow, all float64
	for range 300 {
		const sources, spread = 20, 0.4
		values := make([]float64, sources)
		var overlaps []spatial.Overlap
		truth := make([]float64, 2*sources)
		for s := range sources {
			rate := 0.1 * math.Max(0.1, 1+spread*r.NormFloat64())
			for part := range 2 {
				people := 500 + float64(r.IntN(1500))
				count := math.Round(people * rate * math.Max(0, 1+spread*r.NormFloat64()))
				values[s] += count
				truth[2*s+part] = count
				overlaps = append(overlaps, spatial.Overlap{Source: int32(s), Target: int32(2*s + part), People: people})
			}
		}
		for i, g := range must(spatial.CrosswalkCounts(values, 2*sources, overlaps))(t) {
			all++
			if math.Abs(g.Value-truth[i]) <= 1.645*g.Error {
				held++
			}
			if math.Abs(g.Value-truth[i]) <= 1.645*math.Sqrt(g.Value) {
				narrow++
			}
		}
	}
	t.Logf("figure: crosswalk, 90 %% intervals hold %.3f of true values, with chance alone %.3f", held/all, narrow/all)
	if held/all < 0.85 || held/all > 0.98 {
		t.Errorf("90 %% intervals hold %.3f", held/all)
	}
	if narrow/all > 0.7 {
		t.Errorf("control: chance alone explains %.3f", narrow/all)
	}
}
