package indicator_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"gevor/fault"
	"gevor/indicator"
)

// published makes a publication of one period without a gate, for what is computed from published figures alone.
func published(t *testing.T, d indicator.Dataset, areas []indicator.Area, count, base []indicator.Value) *indicator.Publication {
	t.Helper()
	p := &indicator.Publication{Dataset: d, Areas: areas, Periods: []indicator.Period{period(t, "2024")}, Count: count, Base: base}
	for i, c := range count {
		switch {
		case base == nil:
			p.Shown = append(p.Shown, c)
		case c.Known() && base[i].Known():
			p.Shown = append(p.Shown, indicator.Of(c.Number/base[i].Number*d.Per))
		default:
			p.Shown = append(p.Shown, indicator.Value{Kind: c.Kind})
		}
	}
	return p
}

func threeDistricts() []indicator.Area {
	var out []indicator.Area
	for _, k := range []string{"a", "b", "c"} {
		out = append(out, indicator.Area{Key: k, Name: k, Level: indicator.Districts})
	}
	return out
}

// District a lies wholly in postcode x, b half in x and half in y, c wholly in z. Hence x = 10 + 20/2 of 100 + 200/2, which is
// estimated; y is estimated with the rate of b; z is c as it was measured.
func TestCarryByHand(t *testing.T) {
	d := indicator.Dataset{ID: "p", Level: indicator.Districts, Per: 100, Part: true}
	of := indicator.Of
	p := published(t, d, threeDistricts(), []indicator.Value{of(10), of(20), of(30)}, []indicator.Value{of(100), of(200), of(150)})
	var targets []indicator.Area
	for _, k := range []string{"x", "y", "z"} {
		targets = append(targets, indicator.Area{Key: k, Level: indicator.Postcodes})
	}
	shared := []indicator.Shared{{"a", "x", 1000}, {"b", "x", 700}, {"b", "y", 700}, {"c", "z", 900}}
	got, err := indicator.Carry(p, indicator.Postcodes, targets, shared)
	if err != nil {
		t.Fatal(err)
	}
	at := p.Periods[0]
	for key, want := range map[string]struct {
		count, base, rate float64
		kind              indicator.Kind
	}{
		"x": {20, 200, 10, indicator.Estimated}, "y": {10, 100, 10, indicator.Estimated}, "z": {30, 150, 20, indicator.Measured},
	} {
		x := got.Point(key, at)
		if math.Abs(x.Count.Number-want.count)+math.Abs(x.Base.Number-want.base)+math.Abs(x.Value.Number-want.rate) > 1e-9 || x.Value.Kind != want.kind || x.Value.Error <= 0 {
			t.Errorf("%s: %+v, want %+v", key, x, want)
		}
	}
	if y, z := got.Point("y", at).Value.Error, got.Point("z", at).Value.Error; y <= z {
		t.Errorf("half a district is no less certain (%g) than a whole one (%g)", y, z)
	}
	if len(got.Units()) != 3 {
		t.Error("the carried dataset is not of the new level")
	}
	_, err = indicator.Carry(p, indicator.Postcodes, targets, shared[:3])
	if fault.KindOf(err) != fault.Invalid {
		t.Errorf("a district with people that the grid does not have gives %v", err)
	}
}

// Sums are kept where the layer covers everybody; what needs a suppressed or missing figure never becomes a number; nothing
// of an area that was divided passes for measured.
func TestCarryLaws(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		areas := threeDistricts()
		var count []indicator.Value
		for range areas {
			v := indicator.Of(float64(rapid.IntRange(0, 200).Draw(r, "count")))
			if k := rapid.IntRange(0, 5).Draw(r, "kind"); k == 0 {
				v = indicator.Value{Kind: indicator.Suppressed}
			} else if k == 1 {
				v = indicator.Value{}
			}
			count = append(count, v)
		}
		p := published(t, indicator.Dataset{ID: "n", Level: indicator.Districts}, areas, count, nil)
		targets := []indicator.Area{{Key: "x", Level: indicator.Postcodes}, {Key: "y", Level: indicator.Postcodes}}
		var shared []indicator.Shared
		for _, a := range areas {
			for _, to := range targets {
				shared = append(shared, indicator.Shared{Source: a.Key, Target: to.Key, People: float64(rapid.IntRange(0, 50).Draw(r, "people"))})
			}
			shared = append(shared, indicator.Shared{Source: a.Key, Target: "x", People: 1})
		}
		got, err := indicator.Carry(p, indicator.Postcodes, targets, shared)
		if err != nil {
			r.Fatal(err)
		}
		before, after, whole := 0.0, 0.0, true
		for i := range areas {
			before += count[i].Number
			whole = whole && count[i].Known()
		}
		for _, to := range targets {
			needs, divided := indicator.Measured, false
			for i, a := range areas {
				mine, all := 0.0, 0.0
				for _, s := range shared {
					if s.Source == a.Key {
						all += s.People
						if s.Target == to.Key {
							mine += s.People
						}
					}
				}
				if mine == 0 {
					continue
				}
				divided = divided || mine < all && count[i].Number > 0
				if !count[i].Known() && needs != indicator.Suppressed {
					needs = count[i].Kind
				}
			}
			v := got.Point(to.Key, p.Periods[0]).Value
			after += v.Number
			switch {
			case needs != indicator.Measured && (v.Known() || v.Kind != needs):
				r.Fatalf("%s needs a %s figure and is %+v", to.Key, needs, v)
			case needs == indicator.Measured && divided && v.Kind != indicator.Estimated && v.Number > 0:
				r.Fatalf("%s is a part of a district and passes for %s", to.Key, v.Kind)
			}
		}
		if whole && math.Abs(before-after) > 1e-9 {
			r.Fatalf("%g people became %g", before, after)
		}
	})
}

// A quarter of 100 people, 20 of them poor, moves from a to b. Each for itself looks changed; both together do not.
func TestAcrossABoundary(t *testing.T) {
	of := indicator.Of
	d := indicator.Dataset{ID: "p", Level: indicator.Districts, Per: 100, Part: true, Breaks: []indicator.Break{{At: period(t, "2021"), Reason: indicator.BoundaryChange, Areas: []string{"a", "b"}}}}
	p := &indicator.Publication{
		Dataset: d, Areas: threeDistricts(), Periods: []indicator.Period{period(t, "2020"), period(t, "2021")},
		Count: []indicator.Value{of(60), of(40), of(10), of(30), of(5), of(6)},
		Base:  []indicator.Value{of(300), of(200), of(200), of(300), of(50), of(50)},
		Shown: []indicator.Value{of(20), of(20), of(5), of(10), of(10), of(12)},
	}
	j, ok := p.AcrossBoundary("a", p.Periods[0], p.Periods[1])
	if !ok || math.Abs(j.From.Value.Number-14)+math.Abs(j.To.Value.Number-14) > 1e-9 || len(j.Areas) != 2 {
		t.Errorf("together %+v, %v; want 14 %% before and after", j, ok)
	}
	if _, ok := p.AcrossBoundary("c", p.Periods[0], p.Periods[1]); ok {
		t.Error("an area without a change is joined")
	}
	p.Dataset.Breaks[0].Reason = indicator.Redefinition
	if _, ok := p.AcrossBoundary("a", p.Periods[0], p.Periods[1]); ok {
		t.Error("a redefinition passes for a boundary change")
	}
	p.Dataset.Breaks[0].Reason = indicator.BoundaryChange
	p.Count[3] = indicator.Value{Kind: indicator.Suppressed}
	if j, _ := p.AcrossBoundary("a", p.Periods[0], p.Periods[1]); j.To.Value.Kind != indicator.Suppressed {
		t.Errorf("a suppressed part gives %+v", j.To.Value)
	}
}
