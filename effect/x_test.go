package effect_test

import (
	"math"
	"slices"
	"testing"

	"gevor/effect"
	"gevor/fault"
)

// flat is a region in which the places differ by level only, with small unlike ripples; the area falls by fall.
func flat(places int, fall float64) effect.Study {
	values := make([][]float64, places+1)
	for i := range values {
		for k := range 12 {
			v := 10*float64(i) + 0.1*math.Sin(float64(7*i+k*k))
			if i == 0 && k >= 8 {
				v -= fall
			}
			values[i] = append(values[i], v)
		}
	}
	return panelOf(values, nil, 8)
}

func TestFourVerdicts(t *testing.T) {
	for _, x := range []struct {
		name       string
		study      effect.Study
		worthwhile float64
		verdict    effect.Verdict
		reason     effect.Reason
	}{
		{"a fall of what should fall", flat(10, 3), 1, effect.Improved, effect.Beyond},
		{"a rise of what should fall", flat(10, -3), 1, effect.Worsened, effect.Beyond},
		{"nothing, and a change of 1 is ruled out", flat(10, 0), 1, effect.NoChange, effect.Excluded},
		{"nothing, but a change of 0.01 is not ruled out", flat(10, 0), 0.01, effect.CannotTell, effect.TooUncertain},
		{"nobody to compare with", flat(3, 3), 1, effect.CannotTell, effect.FewPlaces},
		{"hardly any time before", func() effect.Study { s := flat(10, 3); s.Start = 2; return s }(), 1, effect.CannotTell, effect.FewPeriods},
		{"it had left the others long before", with(flat(10, 3), func(i, k int, v float64) float64 {
			if i == 0 && k >= 4 {
				return v + 20
			}
			return v
		}), 1, effect.CannotTell, effect.ApartBefore},
	} {
		o := effect.Defaults()
		o.Worthwhile = x.worthwhile
		r, err := effect.Judge(x.study, o)
		if err != nil {
			t.Fatal(err)
		}
		if r.Verdict != x.verdict || r.Reason != x.reason {
			t.Errorf("%s: %s (%s), want %s (%s); %+v", x.name, r.Verdict, r.Reason, x.verdict, x.reason, r.Difference)
		}
	}
}

// The area falls by 3 and its neighbour rises by 3: an improvement of the area, a displacement in all.
func TestDisplacement(t *testing.T) {
	s := with(flat(10, 3), func(i, k int, v float64) float64 {
		if i == 1 && k >= 8 {
			return v + 3
		}
		return v
	})
	s.Areas[1].Role = effect.Neighbour
	o := effect.Defaults()
	o.Worthwhile = 1
	r, err := effect.Judge(s, o)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Displaced() || r.Together.Verdict != effect.NoChange {
		t.Errorf("area %s, elsewhere %s, together %s", r.Verdict, r.Elsewhere.Verdict, r.Together.Verdict)
	}
	// The control: had the neighbour been taken for a comparison, nobody would have seen where it went.
	s.Areas[1].Role = effect.Comparable
	if r, err = effect.Judge(s, o); err != nil || r.Displaced() {
		t.Errorf("displacement without a neighbour: %v", err)
	}
}

// Suppressed and missing are not zero: a place with a gap is left out and named, a period in which the area itself is
// missing counts for nobody.
func TestMissingFigures(t *testing.T) {
	s := flat(10, 3)
	s.Areas[4].Values[9] = math.NaN()
	s.Areas[0].Values[2] = math.NaN()
	r := judge(t, s)
	if !slices.Contains(r.LeftOut, effect.LeftOut{Key: s.Areas[4].Key, Why: effect.Incomplete}) || len(r.Matches) != 9 {
		t.Errorf("left out %v, taken %v", r.LeftOut, r.Matches)
	}
	if slices.Contains(r.Periods, 2) || len(r.Periods) != 11 {
		t.Errorf("periods %v", r.Periods)
	}
	if r.Verdict != effect.Improved {
		t.Errorf("%s (%s)", r.Verdict, r.Reason)
	}
}

func TestUnlikePlacesAreLeftOut(t *testing.T) {
	s := flat(10, 3)
	for i := range s.Areas {
		s.Areas[i].Traits = []float64{float64(i % 3)}
	}
	s.Areas[7].Traits[0] = 50
	s.Areas[8].Traits[0] = math.NaN()
	r := judge(t, s)
	for _, k := range []int{7, 8} {
		if !slices.Contains(r.LeftOut, effect.LeftOut{Key: s.Areas[k].Key, Why: effect.Unlike}) {
			t.Errorf("%s is not left out: %v", s.Areas[k].Key, r.LeftOut)
		}
	}
	if !slices.IsSortedFunc(r.Matches, func(a, b effect.Match) int { return int(math.Copysign(1, a.Distance-b.Distance)) }) && r.Matches[0].Distance > r.Matches[len(r.Matches)-1].Distance {
		t.Errorf("not the nearest first: %v", r.Matches)
	}
}

func TestWhatIsNoStudy(t *testing.T) {
	for name, spoil := range map[string]func(*effect.Study){
		"no direction":   func(s *effect.Study) { s.Better = 0 },
		"nobody treated": func(s *effect.Study) { s.Areas[0].Role = effect.Comparable },
		"no time before": func(s *effect.Study) { s.Start = 0 },
		"no time after":  func(s *effect.Study) { s.Start = 12 },
		"short course":   func(s *effect.Study) { s.Areas[3].Values = s.Areas[3].Values[:5] },
		"infinite":       func(s *effect.Study) { s.Areas[3].Values[1] = math.Inf(1) },
		"other traits":   func(s *effect.Study) { s.Areas[3].Traits = []float64{1} },
		"counts of none": func(s *effect.Study) { s.Counts = true },
		"nothing":        func(s *effect.Study) { s.Areas = nil },
		"unknown role":   func(s *effect.Study) { s.Areas[2].Role = 9 },
	} {
		s := flat(10, 3)
		spoil(&s)
		if _, err := effect.Judge(s, effect.Defaults()); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, o := range []effect.Options{{}, {Least: 4, Most: 3, Caliper: 1, Level: 0.9}, {Least: 4, Most: 9, Caliper: 1, Level: 1}, {Least: 4, Most: 9, Caliper: math.NaN(), Level: 0.9}} {
		if _, err := effect.Judge(flat(10, 3), o); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v: %v", o, err)
		}
	}
}
