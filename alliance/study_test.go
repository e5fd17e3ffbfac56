package alliance_test

import (
	"math"
	"slices"
	"testing"

	"gevor/alliance"
	"gevor/effect"
	"gevor/fault"
	"gevor/indicator"
)

func period(t *testing.T, s string) indicator.Period {
	t.Helper()
	p, ok := indicator.ParsePeriod(s)
	if !ok {
		t.Fatal(s)
	}
	return p
}

// published makes a dataset of twelve districts over ten years whose rate is share(district, year) of 1,000 people.
func published(t *testing.T, id string, share func(district, year int) float64, breaks ...indicator.Break) *indicator.Publication {
	t.Helper()
	d := indicator.Dataset{ID: id, Level: indicator.Districts, Direction: indicator.MoreIsBetter, Per: 100, Decimals: 1, Topic: indicator.Health, Breaks: breaks}
	var areas []indicator.Area
	table := indicator.Table{Dataset: d}
	for i := range 12 {
		key := "d" + string(rune('a'+i))
		areas = append(areas, indicator.Area{Key: key, Name: key, Level: indicator.Districts})
		for y := range 10 {
			f := indicator.Figure{Area: key, Period: period(t, string([]byte{'2', '0', '1', byte('0' + y)})), Base: indicator.Of(1000)}
			if s := share(i, y); !math.IsNaN(s) {
				f.Count = indicator.Of(math.Round(1000 * s))
			}
			table.Figures = append(table.Figures, f)
		}
	}
	pub, _, err := indicator.Protect(&table, indicator.NewGround(areas), indicator.GateOptions{OpenBase: true})
	if err != nil {
		t.Fatal(err)
	}
	return pub
}

func wobble(i, y int) float64 { return 0.01 * float64((i*7+y*5)%4) }

// A measure that lifts its district by a fifth from 2016 on is seen, from published figures alone; the same study of a
// district where nothing happened is the control.
func TestAStudyOfPublishedFigures(t *testing.T) {
	of := published(t, "talks", func(i, y int) float64 {
		if i == 2 && y >= 6 {
			return 0.7 + wobble(i, y)
		}
		return 0.5 + wobble(i, y)
	})
	poor := published(t, "poor", func(i, _ int) float64 { return 0.2 + 0.01*float64(i%3) })
	near := map[string][]string{"dd": {"dc"}, "dc": {"dd"}}
	y := alliance.Yardstick{Measure: "m", Dataset: "talks", Areas: []string{"dc"}, Start: period(t, "2016")}
	others := []alliance.Yardstick{{Measure: "n", Dataset: "talks", Areas: []string{"df"}}, {Measure: "o", Dataset: "other", Areas: []string{"dg"}}, y}
	s, periods, err := y.Study(of, []indicator.Part{{Publication: poor}, {Publication: of}}, near, others)
	if err != nil {
		t.Fatal(err)
	}
	roles := map[string]effect.Role{}
	for _, a := range s.Areas {
		roles[a.Key] = a.Role
		if len(a.Traits) != 1 {
			t.Errorf("%s has %d figures of composition, of which one is the figure itself", a.Key, len(a.Traits))
		}
	}
	if s.Counts || s.Better != effect.HigherIsBetter || s.Start != 6 || len(periods) != 10 || roles["dc"] != effect.Treated || roles["dd"] != effect.Neighbour || roles["da"] != effect.Comparable {
		t.Errorf("%+v %v", s, roles)
	}
	if _, there := roles["df"]; there {
		t.Error("where another measure works on the figure is a comparison")
	}
	if _, there := roles["dg"]; !there {
		t.Error("where a measure works on another figure is none")
	}
	r, err := effect.Judge(s, y.Options(s.Counts))
	if err != nil || r.Verdict != effect.Improved || math.Abs(r.Difference.Change-20) > 2 {
		t.Errorf("%v %v %+v", err, r.Verdict, r.Difference)
	}
	course := y.Courses(of, r, periods)
	if len(course) != 10 || math.Abs(course[9].Area-course[9].Others-20) > 3 {
		t.Errorf("%+v", course)
	}
	y.Areas = []string{"di"}
	if s, _, err = y.Study(of, []indicator.Part{{Publication: poor}}, nil, nil); err != nil {
		t.Fatal(err)
	}
	if r, err = effect.Judge(s, y.Options(s.Counts)); err != nil || r.Verdict == effect.Improved {
		t.Errorf("nothing happened there: %v %v", err, r.Verdict)
	}
}

// Breaks interrupt: of the measure's own districts they cut the time, of another district they take it out. Rare events
// are studied as counts. A figure without direction, a time without figures, and districts without are refused.
func TestStudiesThatCannotBe(t *testing.T) {
	at := period(t, "2013")
	flat := func(i, y int) float64 { return 0.5 + wobble(i, y) }
	y := alliance.Yardstick{Dataset: "talks", Areas: []string{"dc"}, Start: period(t, "2016")}
	_, periods, err := y.Study(published(t, "talks", flat, indicator.Break{At: at, Reason: indicator.Redefinition}), nil, nil, nil)
	if err != nil || len(periods) != 7 || periods[0] != at {
		t.Errorf("across a redefinition: %v %v", periods, err)
	}
	s, periods, err := y.Study(published(t, "talks", flat, indicator.Break{At: at, Reason: indicator.BoundaryChange, Areas: []string{"dd"}}), nil, nil, nil)
	if err != nil || len(periods) != 10 || slices.ContainsFunc(s.Areas, func(a effect.Area) bool { return a.Key == "dd" }) {
		t.Errorf("a district whose border moved: %v %v", periods, err)
	}
	s, _, err = y.Study(published(t, "deaths", func(i, y int) float64 { return 0.02 + wobble(i, y)/4 }), nil, nil, nil)
	if err != nil || !s.Counts || s.Areas[0].Cases == nil {
		t.Errorf("rare events: %v %v", s.Counts, err)
	}
	if o := (alliance.Yardstick{Worthwhile: 10}).Options(true); math.Abs(o.Worthwhile-math.Log(1.1)) > 1e-12 {
		t.Errorf("ten per cent is %v", o.Worthwhile)
	}
	aimless := published(t, "talks", flat)
	aimless.Dataset.Direction = indicator.Depends
	_, _, err = y.Study(aimless, nil, nil, nil)
	kind(t, "no direction", err, fault.Invalid)
	y.Start = period(t, "2021")
	_, _, err = y.Study(published(t, "talks", flat), nil, nil, nil)
	kind(t, "not there yet", err, fault.NotFound)
	y.Start = period(t, "2016")
	_, _, err = y.Study(published(t, "talks", func(i, y int) float64 {
		if i == 2 {
			return math.NaN()
		}
		return flat(i, y)
	}), nil, nil, nil)
	kind(t, "own district unknown", err, fault.NotFound)
}

func kind(t *testing.T, what string, err error, want fault.Kind) {
	t.Helper()
	if err == nil || fault.KindOf(err) != want {
		t.Errorf("%s: %v", what, err)
	}
}
