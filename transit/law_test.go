package transit

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"gevor/travel"
)

func drawQuery(t *rapid.T) Query {
	return Query{
		Departure:   rapid.SampledFrom([]int{0, 600, 8 * 3600, 23*3600 + 1800}).Draw(t, "departure"),
		Window:      rapid.IntRange(1, 60).Draw(t, "window") * 60,
		Step:        rapid.SampledFrom([]int{60, 60, 45, 300}).Draw(t, "step"),
		Percentiles: rapid.SliceOfN(rapid.IntRange(1, 100), 1, 4).Draw(t, "percentiles"),
		WalkKmh:     rapid.SampledFrom([]float64{3.6, 4.5}).Draw(t, "kmh"),
		MaxWalk:     travel.Seconds(rapid.IntRange(100, 1000).Draw(t, "longest walk")),
		Max:         travel.Seconds(rapid.IntRange(60, 7200).Draw(t, "longest journey")),
	}
}

// TestEqualsPlainSearch compares with a label-correcting search for each departure, written apart.
func TestEqualsPlainSearch(t *testing.T) {
	reached := 0
	rapid.Check(t, func(t *rapid.T) {
		w, q := drawTown(t), drawQuery(t)
		if w.timetable() == nil {
			return
		}
		got, err := w.ask(q, rapid.IntRange(1, 3).Draw(t, "workers"))
		if err != nil {
			t.Fatal(err)
		}
		want := w.plain(q)
		if !maps.EqualFunc(got, want, slices.Equal) {
			t.Fatalf("got %v, want %v", got, want)
		}
		for pair := range want {
			if !slices.ContainsFunc(w.direct[pair[0]], func(x link) bool { return x.to == pair[1] }) {
				reached++
			}
		}
	})
	if reached == 0 {
		t.Fatal("no town reached anything with a vehicle: the test compares nothing")
	}
}

// TestLongerWindowNeverSlowsTheFastest: the first percentile of up to 100 departures is the fastest.
func TestLongerWindowNeverSlowsTheFastest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, q := drawTown(t), drawQuery(t)
		if w.timetable() == nil {
			return
		}
		q.Percentiles, q.Step = []int{1}, 60
		short, err := w.ask(q, 1)
		if err != nil {
			t.Fatal(err)
		}
		q.Window += 60 * rapid.IntRange(0, 30).Draw(t, "longer by")
		long, err := w.ask(q, 1)
		if err != nil {
			t.Fatal(err)
		}
		for pair, s := range short {
			if l, ok := long[pair]; !ok || l[0] > s[0] {
				t.Fatalf("%v took %v in the short window, %v in the long one", pair, s, l)
			}
		}
	})
}

// asked is a town and what is asked of it.
type asked struct {
	w *town
	q Query
}

// The control: of the median the law does not hold, a longer window may slow it. So the law above can fail. The towns are
// always the same ones.
func TestLongerWindowMaySlowTheMedian(t *testing.T) {
	drawn := rapid.Custom(func(t *rapid.T) asked { return asked{drawTown(t), drawQuery(t)} })
	slower := 0
	for seed := range 200 {
		x := drawn.Example(seed)
		if x.w.timetable() == nil {
			continue
		}
		x.q.Percentiles, x.q.Step = []int{50}, 60
		short, err := x.w.ask(x.q, 1)
		if err != nil {
			t.Fatal(err)
		}
		x.q.Window += 30 * 60
		long, err := x.w.ask(x.q, 1)
		if err != nil {
			t.Fatal(err)
		}
		for pair, s := range short {
			if l, ok := long[pair]; !ok || l[0] > s[0] {
				slower++
			}
		}
	}
	if slower == 0 {
		t.Error("no median slowed: the law is of no use as a test")
	}
}

// TestPercentilesAscend: a higher percentile is never quicker.
func TestPercentilesAscend(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, q := drawTown(t), drawQuery(t)
		if w.timetable() == nil {
			return
		}
		slices.Sort(q.Percentiles)
		rows, err := w.ask(q, 1)
		if err != nil {
			t.Fatal(err)
		}
		for pair, values := range rows {
			if !slices.IsSorted(values) {
				t.Fatalf("%v: %v", pair, values)
			}
		}
	})
}
