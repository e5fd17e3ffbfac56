package indicator_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"gevor/disclosure"
	"gevor/fault"
	"gevor/indicator"
)

// years makes a publication of districts over years from rates in per cent of 1,000 people; drift adds so much a year to
// the first district.
func years(t *testing.T, drift float64, noise *rand.Rand) *indicator.Publication {
	t.Helper()
	table := &indicator.Table{Dataset: indicator.Dataset{ID: "x", Level: indicator.Districts, Direction: indicator.LessIsBetter, Per: 100, Part: true, Decimals: 1, Rules: disclosure.Rules{MinimumCell: 3}}}
	var areas []indicator.Area
	for i := range 12 {
		key := string(rune('a' + i))
		areas = append(areas, indicator.Area{Key: key, Name: key, Level: indicator.Districts})
		for y := range 8 {
			rate := 10 + float64(i)
			if i == 0 {
				rate += drift * float64(y)
			}
			count := rate * 10
			if noise != nil {
				count += math.Sqrt(count) * noise.NormFloat64()
			}
			at, _ := indicator.ParsePeriod([]string{"2017", "2018", "2019", "2020", "2021", "2022", "2023", "2024"}[y])
			table.Figures = append(table.Figures, indicator.Figure{Area: key, Period: at, Count: indicator.Of(math.Round(count)), Base: indicator.Of(1000), Place: "t"})
		}
	}
	pub, _, err := indicator.Protect(table, indicator.NewGround(areas), indicator.GateOptions{OpenBase: true})
	if err != nil {
		t.Fatal(err)
	}
	return pub
}

// One district gains two points a year; the mean moves by a twelfth of it, so its distance gains 2 · 11/12.
func TestDivergenceFindsWhatDrifts(t *testing.T) {
	d := indicator.DivergenceOf(years(t, 2, nil))
	if first := d.Trends[0]; first.Area.Key != "a" || math.Abs(first.Pace-2*11.0/12) > 0.01 || first.Adjusted > 0.001 {
		t.Errorf("the strongest trend is %+v", first)
	}
	if len(d.Spreads) != 8 || d.Spreads[0].Areas != 12 {
		t.Errorf("spreads %+v", d.Spreads)
	}
}

// Without drift, and with the chance of counts, at most one run in twenty names any district.
func TestDivergenceFindsNothingWithout(t *testing.T) {
	named := 0
	for seed := range uint64(60) {
		for _, x := range indicator.DivergenceOf(years(t, 0, rand.New(rand.NewPCG(seed, 5)))).Trends {
			if x.Adjusted <= 0.05 {
				named++
				break
			}
		}
	}
	t.Logf("figure: divergence names a district in %d of 60 series without any", named)
	if named > 9 { // at 5 % a binomial of 60 exceeds 9 once in 600 times
		t.Errorf("%d of 60", named)
	}
}

// A break in the sixth year leaves too few figures behind it: the district has no trend. Without the break it has.
func TestNoTrendOverABreak(t *testing.T) {
	pub := years(t, 2, nil)
	at, _ := indicator.ParsePeriod("2022")
	pub.Dataset.Breaks = []indicator.Break{{At: at, Reason: indicator.BoundaryChange, Areas: []string{"a"}}}
	d := indicator.DivergenceOf(pub)
	for _, x := range d.Trends {
		if x.Area.Key == "a" {
			t.Errorf("a trend over a break: %+v", x)
		}
	}
	if d.Left != 1 {
		t.Errorf("%d areas left out", d.Left)
	}
}

// Twelve districts of equal size with 10 to 21 per cent, ordered by themselves: the worst fifth (2.4 districts) has
// (21 + 20 + 0.4·19)/2.4, the best (10 + 11 + 0.4·12)/2.4, and the slope follows from the ranks: 12 a step of 1/12.
func TestDisparityByHand(t *testing.T) {
	pub := years(t, 0, nil)
	at, _ := indicator.ParsePeriod("2024")
	d, err := indicator.DisparityOf(pub, pub, at)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string][2]float64{
		"worst": {d.Worst, (21 + 20 + 0.4*19) / 2.4}, "best": {d.Best, (10 + 11 + 0.4*12) / 2.4}, "slope": {d.Gradient.Slope, -12},
	} {
		if math.Abs(c[0]-c[1]) > 1e-9 {
			t.Errorf("%s is %g, want %g", name, c[0], c[1])
		}
	}
	// It gathers among the worst off, so the curve lies above the diagonal and the index below 0.
	if d.Concentration.Index >= 0 || d.Standings[0].Area.Key != "l" || d.Standings[11].Gathered != 1 {
		t.Errorf("%+v", d.Concentration)
	}
}

func TestWithoutADirectionNothingIsOrdered(t *testing.T) {
	pub := years(t, 0, nil)
	pub.Dataset.Direction = indicator.Depends
	at, _ := indicator.ParsePeriod("2024")
	if _, err := indicator.DisparityOf(pub, pub, at); fault.KindOf(err) != fault.Invalid {
		t.Errorf("%v", err)
	}
	if _, err := indicator.IndexOf([]indicator.Part{{Publication: pub, Period: at, Weight: 1}}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("%v", err)
	}
}

// Two parts that run opposite ways: z-scores of 10..21 are (x − 15.5)/√13, so with weights 3 and 1 the index of the last
// is (3·1.5254 − 1·1.5254)/4.
func TestIndexByHand(t *testing.T) {
	a, b := years(t, 0, nil), years(t, 0, nil)
	b.Dataset.Direction = indicator.MoreIsBetter
	at, _ := indicator.ParsePeriod("2024")
	x, err := indicator.IndexOf([]indicator.Part{{a, at, 3}, {b, at, 1}})
	if err != nil {
		t.Fatal(err)
	}
	z := 5.5 / math.Sqrt(13)
	if first := x.Areas[0]; first.Area.Key != "l" || math.Abs(first.Index-(3*z-z)/4) > 1e-9 {
		t.Errorf("%+v, want an index of %g", first, (3*z-z)/4)
	}
	// With the first weight at zero the order turns round: the first has been last, too.
	if first := x.Areas[0]; first.Highest != 1 || first.Lowest != 12 || x.Scenarios != 8 {
		t.Errorf("%+v under %d scenarios", first, x.Scenarios)
	}
}

func TestIndexOfOnePartIsItsOrder(t *testing.T) {
	pub := years(t, 0, nil)
	at, _ := indicator.ParsePeriod("2024")
	x, err := indicator.IndexOf([]indicator.Part{{pub, at, 2}})
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range x.Areas {
		if want := string(rune('l' - i)); a.Area.Key != want || a.Rank != i+1 || a.Highest != a.Lowest {
			t.Errorf("rank %d is %+v, want %s", i+1, a, want)
		}
	}
}

func TestNearestTwins(t *testing.T) {
	pub := years(t, 0, nil)
	at, _ := indicator.ParsePeriod("2024")
	got := indicator.Twins([]indicator.Part{{Publication: pub, Period: at}}, "f", 2)
	if len(got) != 2 || got[0].Area.Key != "e" || got[1].Area.Key != "g" {
		t.Errorf("%+v", got)
	}
	if got := indicator.Twins([]indicator.Part{{Publication: pub, Period: at}}, "nowhere", 2); got != nil {
		t.Errorf("an area without figures has twins: %+v", got)
	}
}
