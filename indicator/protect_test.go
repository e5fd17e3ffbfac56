package indicator_test

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"gevor/disclosure"
	"gevor/indicator"
)

// counted makes a table of counts and bases for the four districts of town, one period.
func counted(rules disclosure.Rules, counts ...float64) *indicator.Table {
	p, _ := indicator.ParsePeriod("2024")
	t := &indicator.Table{Dataset: indicator.Dataset{ID: "x", Level: indicator.Districts, Per: 100, Part: true, Decimals: 1, Rules: rules}}
	for i, c := range counts {
		t.Figures = append(t.Figures, indicator.Figure{Area: town().Of(indicator.Districts)[i].Key, Period: p, Count: indicator.Of(c), Base: indicator.Of(200), Place: "t"})
	}
	return t
}

func protect(t *testing.T, table *indicator.Table, o indicator.GateOptions) (*indicator.Publication, *indicator.Preview) {
	t.Helper()
	pub, preview, err := indicator.Protect(table, town(), o)
	if err != nil {
		t.Fatal(err)
	}
	return pub, preview
}

// One of four districts has 3 cases, below the minimum of 5. The city's total is known, so one more must be hidden.
func TestASmallFigureIsProtectedByASecond(t *testing.T) {
	pub, preview := protect(t, counted(disclosure.Rules{MinimumCell: 5}, 3, 20, 30, 40), indicator.GateOptions{OpenBase: true})
	at, _ := indicator.ParsePeriod("2024")
	hidden := 0
	for _, a := range pub.Areas { // the second may be the total of the city
		x := pub.Point(a.Key, at)
		if x.Count.Kind == indicator.Suppressed {
			hidden++
			if x.Value.Kind != indicator.Suppressed || x.Value.Number != 0 || x.Count.Number != 0 {
				t.Errorf("%s: a hidden figure has numbers %+v", a.Key, x)
			}
		}
	}
	if hidden < 2 || preview.Primary != 1 || preview.Secondary < 1 || preview.DrawnTotal != 1 {
		t.Errorf("%d hidden; %+v", hidden, preview)
	}
	if x := pub.Point("05999000", at); x.Count.Kind == indicator.Measured && x.Count.Number != 93 {
		t.Errorf("the city has %v", x.Count)
	}
}

// What the source suppresses stays suppressed, even where it follows from the total: then another is hidden as well.
func TestWhatTheSourceHidesDoesNotFollow(t *testing.T) {
	table := counted(disclosure.Rules{MinimumCell: 5}, 3, 20, 30, 40)
	p := table.Figures[0].Period
	table.Figures[0].Count = indicator.Value{Kind: indicator.Suppressed}
	table.Figures = append([]indicator.Figure{{Area: "05999000", Period: p, Count: indicator.Of(93), Base: indicator.Of(800), Place: "t"}}, table.Figures...)
	pub, _ := protect(t, table, indicator.GateOptions{OpenBase: true})
	if low, high := bounds(pub, p, "0599900001"); high-low < 4 {
		t.Errorf("the figure that its source hides lies between %g and %g", low, high)
	}
}

// A district where nobody lives has no line. Its city has a total all the same, and what the source hides in another
// district must not follow from it.
func TestADistrictWithoutFiguresHidesNothing(t *testing.T) {
	table := counted(disclosure.Rules{MinimumCell: 5}, 3, 20, 30)
	p := table.Figures[0].Period
	table.Figures = append([]indicator.Figure{{Area: "05999000", Period: p, Count: indicator.Of(53), Base: indicator.Of(600), Place: "t"}}, table.Figures...)
	pub, _ := protect(t, table, indicator.GateOptions{OpenBase: true})
	if low, high := bounds(pub, p, "0599900001"); high-low < 4 {
		t.Errorf("whoever knows that the fourth district is empty finds %g to %g", low, high)
	}
}

// bounds gives what follows for a district from the published total and the published others.
func bounds(pub *indicator.Publication, p indicator.Period, area string) (low, high float64) {
	x := pub.Point(area, p).Count
	if x.Known() {
		return x.Number, x.Number
	}
	total := pub.Point("05999000", p).Count
	if !total.Known() {
		return 0, math.Inf(1)
	}
	rest, others := total.Number, 0
	for _, a := range pub.Units() {
		if y := pub.Point(a.Key, p).Count; y.Known() {
			rest -= y.Number
		} else if a.Key != area && y.Kind == indicator.Suppressed {
			others++
		}
	}
	if others == 0 {
		return rest, rest
	}
	return 0, rest
}

// With any counts: no figure below the minimum can be found from total and others; with secondary suppression off
// it is found as soon as it stands alone.
func TestNothingSmallIsRecovered(t *testing.T) {
	recovered := 0
	rapid.Check(t, func(r *rapid.T) {
		var counts []float64
		for range 4 {
			counts = append(counts, float64(rapid.IntRange(0, 30).Draw(r, "count")))
		}
		table := counted(disclosure.Rules{MinimumCell: 5}, counts...)
		pub, _ := protect(t, table, indicator.GateOptions{OpenBase: true})
		small := 0
		for i, c := range counts {
			if c == 0 || c >= 5 {
				continue
			}
			small++
			f := table.Figures[i]
			if low, high := bounds(pub, f.Period, f.Area); high-low < 4 {
				r.Fatalf("%v: %g lies between %g and %g", counts, c, low, high)
			}
		}
		if small == 1 {
			recovered++ // the control: total less the others, each published, is the figure itself
		}
	})
	if recovered == 0 {
		t.Error("the control never had a figure to recover")
	}
}

// What was released once binds the next release: the same figure stays protected when another is corrected.
func TestEarlierReleasesBind(t *testing.T) {
	first, _ := protect(t, counted(disclosure.Rules{MinimumCell: 5}, 3, 20, 30, 40), indicator.GateOptions{OpenBase: true})
	second, _ := protect(t, counted(disclosure.Rules{MinimumCell: 5}, 3, 20, 30, 41), indicator.GateOptions{OpenBase: true, Earlier: []*indicator.Publication{first}})
	at, _ := indicator.ParsePeriod("2024")
	hidden := map[string]bool{}
	for _, a := range first.Units() {
		if !first.Point(a.Key, at).Count.Known() {
			hidden[a.Key] = true
		}
	}
	for _, a := range second.Units() {
		if hidden[a.Key] && second.Point(a.Key, at).Count.Known() && a.Key != "0599900004" {
			t.Errorf("%s was hidden to protect another and is published now", a.Key)
		}
	}
}

// Rates that were gathered as such pass with negative values; only too few contributors hide one.
func TestGatheredRates(t *testing.T) {
	p, _ := indicator.ParsePeriod("2024")
	table := &indicator.Table{Dataset: indicator.Dataset{ID: "alter", Level: indicator.Districts, Values: true, Decimals: 1, Rules: disclosure.Rules{MinimumUnits: 3, MinimumCell: 99}}}
	for i, v := range []float64{-1.5, 52.5, 60, 0} {
		table.Figures = append(table.Figures, indicator.Figure{Area: town().Of(indicator.Districts)[i].Key, Period: p, Rate: indicator.Of(v), Units: 2 + i, Place: "t"})
	}
	pub, _ := protect(t, table, indicator.GateOptions{})
	for i, want := range []indicator.Value{{Kind: indicator.Suppressed}, indicator.Of(52.5), indicator.Of(60), indicator.Of(0)} {
		if got := pub.Point(pub.Units()[i].Key, p).Value; got != want {
			t.Errorf("%v, want %v", got, want)
		}
	}
}

// A publication survives being written and read, and holds nothing of the rules.
func TestAPublicationReadsBack(t *testing.T) {
	table := counted(disclosure.Rules{Name: "streng", MinimumCell: 7}, 3, 20, 30, 40)
	pub, _ := protect(t, table, indicator.GateOptions{OpenBase: true})
	raw, err := json.Marshal(pub)
	if err != nil {
		t.Fatal(err)
	}
	var back indicator.Publication
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(raw), "MinimumCell") {
		t.Error("the rules travel with the publication")
	}
	again, err := json.Marshal(&back)
	if err != nil || string(again) != string(raw) {
		t.Errorf("read back it differs: %v", err)
	}
	if !reflect.DeepEqual(back.Shown, pub.Shown) {
		t.Error("the figures differ")
	}
}
