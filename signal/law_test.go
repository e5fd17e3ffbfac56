package signal

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"
)

// The tail of the negative binomial and of the Poisson equal sums over their probabilities, written down anew.
func TestTailAgainstSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		mean := rapid.Float64Range(0.05, 60).Draw(t, "mean")
		over := rapid.Float64Range(1, 6).Draw(t, "dispersion")
		k := rapid.IntRange(0, 120).Draw(t, "count")
		below := 0.0
		for n := range k {
			x := float64(n)
			var lp float64
			if over <= 1+1e-9 {
				lg, _ := math.Lgamma(x + 1)
				lp = x*math.Log(mean) - mean - lg
			} else {
				size := mean / (over - 1)
				a, _ := math.Lgamma(x + size)
				b, _ := math.Lgamma(size)
				c, _ := math.Lgamma(x + 1)
				lp = a - b - c + size*math.Log(size/(size+mean)) + x*math.Log(mean/(size+mean))
			}
			below += math.Exp(lp)
		}
		if got := tail(float64(k), mean, over*mean); math.Abs(got-(1-below)) > 1e-9 {
			t.Fatalf("P(Y ≥ %d) with mean %g and dispersion %g: %g, not %g", k, mean, over, got, 1-below)
		}
	})
}

// Chances of independent events: the sum over all subsets.
func TestAtLeastAgainstSubsets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SliceOfN(rapid.Float64Range(0, 1), 0, 8).Draw(t, "p")
		k := rapid.IntRange(0, 9).Draw(t, "k")
		want := 0.0
		for set := range 1 << len(p) {
			q, n := 1.0, 0
			for i, x := range p {
				if set>>i&1 == 1 {
					q, n = q*x, n+1
				} else {
					q *= 1 - x
				}
			}
			if n >= k {
				want += q
			}
		}
		if got := atLeast(k, p); math.Abs(got-want) > 1e-12 {
			t.Fatalf("at least %d of %v: %g, not %g", k, p, got, want)
		}
	})
}

// quietUnits are units whose scores depend on nothing.
func quietUnits(n int) []Unit {
	out := make([]Unit, n)
	for i := range out {
		out[i] = Unit{Level: InDistrict, Method: AgainstRest, Area: string(rune('a' + i%26)), Subject: Subject{Problem: string(rune('a' + i/26))}, series: []int{i}}
	}
	return out
}

// A threshold set from the past keeps its rate in the future, also where scores remember the weeks before and have
// heavier tails than the normal. The control sets the threshold as for one unit alone and is far above the rate.
func TestCalibrationKeepsTheRate(t *testing.T) {
	const units, weeks, past = 200, 416, 208
	alarms, control, months := 0, 0, 0.0
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(seed, 9))
		u := quietUnits(units)
		heavy := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: 8, Src: r}
		rows := make([][]Score, weeks)
		state := make([]float64, units)
		for i := range state {
			state[i] = heavy.Rand()
		}
		for t := range rows {
			rows[t] = make([]Score, units)
			for i := range state {
				state[i] = 0.7*state[i] + math.Sqrt(1-0.49)*heavy.Rand()
				rows[t][i].Z = state[i]
			}
		}
		o := Defaults(Week)
		o.Past = past
		at, err := Calibrate(u, rows[:past], Week, o)
		if err != nil {
			t.Fatal(err)
		}
		if at.Basis != OnPast || at.Alarms > int(past/Week.PerMonth()) {
			t.Fatalf("%+v", at)
		}
		alarms += len(Episodes(u, rows[past:], at, o.Quiet))
		alone := Threshold{Families: map[string]float64{u[0].Family(): distuv.UnitNormal.Quantile(1 - 1/Week.PerMonth()/4)}}
		control += len(Episodes(u, rows[past:], alone, o.Quiet))
		months += (weeks - past) / Week.PerMonth()
	}
	t.Logf("figure: early warning, 1 false alarm a month allowed: %.2f a month with heavy tails and memory; as if there were one unit: %.1f", float64(alarms)/months, float64(control)/months)
	if rate := float64(alarms) / months; rate > 1.35 || rate < 0.6 {
		t.Errorf("%.2f false alarms a month", rate)
	}
	if float64(control)/months < 5 {
		t.Error("a threshold for one unit keeps the rate: this is no test")
	}
}

// With too little past the bound holds: it is stricter than what the past would allow.
func TestWithoutAPastTheBoundHolds(t *testing.T) {
	u := quietUnits(100)
	o, err := Options{}.filled(Week)
	if err != nil {
		t.Fatal(err)
	}
	at, err := Calibrate(u, nil, Week, o)
	if err != nil || at.Basis != OnBound {
		t.Fatalf("%+v %v", at, err)
	}
	want := distuv.UnitNormal.Quantile(1 - 1/(500*Week.PerMonth()))
	if got := at.Of(&u[0]); math.Abs(got-want) > 1e-9 {
		t.Errorf("%g, not %g", got, want)
	}
	if z := at.Of(&Unit{Level: InRegion}); !math.IsInf(z, 1) {
		t.Errorf("a family that nobody calibrated raises alarms from %g", z)
	}
}

// What belongs together: a municipality says again what a district said, a second district does not.
func TestEpisodesGrow(t *testing.T) {
	subject := Subject{Problem: "x"}
	u := []Unit{
		{Level: InDistrict, Area: "a", Subject: subject, series: []int{0}},
		{Level: InDistrict, Area: "b", Subject: subject, series: []int{1}},
		{Level: InMunicipality, Area: "t", Subject: subject, series: []int{0, 1}},
		{Level: InRegion, Subject: subject, series: []int{0, 1}},
		{Level: InDistrict, Area: "a", Subject: Subject{Problem: "y"}, series: []int{2}},
	}
	at := Threshold{Families: map[string]float64{}}
	for i := range u {
		at.Families[u[i].Family()] = 1
	}
	say := func(weeks ...[]int) int {
		rows := make([][]Score, len(weeks))
		for t, loud := range weeks {
			rows[t] = make([]Score, len(u))
			for _, i := range loud {
				rows[t][i].Z = 2
			}
		}
		return len(Episodes(u, rows, at, 2))
	}
	for _, c := range []struct {
		what  string
		weeks [][]int
		want  int
	}{
		{"the same place again", [][]int{{0}, {}, {0}}, 1},
		{"after a silence", [][]int{{0}, {}, {}, {0}}, 2},
		{"its municipality, then the region", [][]int{{0}, {2}, {3}}, 1},
		{"two districts", [][]int{{0}, {1}}, 2},
		{"the municipality, then where", [][]int{{2}, {1}}, 1},
		{"the municipality, then two places", [][]int{{2}, {0, 1}}, 2},
		{"another problem", [][]int{{0}, {4}}, 2},
		{"the region, then a place", [][]int{{3}, {0}}, 2},
	} {
		if got := say(c.weeks...); got != c.want {
			t.Errorf("%s: %d alarms, not %d", c.what, got, c.want)
		}
	}
}

// A region whose units turn louder than their past, by as much as bad luck brings, raises at most twelve new alarms in any
// twelve months, the strongest first; without the allowance it raises more. What is urgent never waits, and what belongs to
// an alarm already raised is none that is new.
func TestAYearHoldsItsAllowance(t *testing.T) {
	const units, weeks, year = 200, 208, 52
	r := rand.New(rand.NewPCG(5, 9))
	u := quietUnits(units)
	rows := make([][]Score, weeks)
	for t := range rows {
		rows[t] = make([]Score, units)
		for i := range rows[t] {
			rows[t][i].Z = r.NormFloat64()
		}
	}
	at := Threshold{Families: map[string]float64{u[0].Family(): 2.8}}
	o := Defaults(Week)
	most := func(list []Episode) int {
		out := 0
		for k := range list {
			n := 0
			for _, e := range list[k:] {
				if e.First < list[k].First+year {
					n++
				}
			}
			out = max(out, n)
		}
		return out
	}
	free := Episodes(u, rows, at, o.Quiet)
	allowed, waiting := Allow(u, rows, at, Week, o)
	held := Episodes(u, allowed, at, o.Quiet)
	t.Logf("figure: early warning, 1 false alarm a month allowed: at most %d new alarms in any year, without the allowance %d", most(held), most(free))
	if most(held) > 12 || most(free) <= 12 {
		t.Errorf("at most %d in a year; the control without the allowance %d", most(held), most(free))
	}
	if last, _ := Allow(u, rows[:1], at, Week, o); len(Episodes(u, last, at, o.Quiet)) != len(Episodes(u, rows[:1], at, o.Quiet)) {
		t.Error("something waits although the year has hardly begun")
	}
	if waiting < 0 || waiting > units {
		t.Errorf("%d of %d units wait", waiting, units)
	}
	// Urgent: one unit in the last week, far above everything.
	rows[weeks-1][7].Z = 2.8 + urgent
	allowed, _ = Allow(u, rows, at, Week, o)
	if allowed[weeks-1][7].Z != 2.8+urgent {
		t.Error("what is urgent waits")
	}
}
