// Package effect compares what happened in the area of a measure, before and after it began, with what happened
// meanwhile in places of like composition: a difference in differences that allows for the course before, a synthetic
// control with placebo tests, and for counts an interrupted time series. It ends in one of four verdicts, of which
// "cannot be told" is one, and looks at the neighbours as well.
//
// Everything is a pure function of arrays. Nothing is drawn at random: uncertainty comes from the comparable places
// themselves, each of which is treated as if the measure had been there.
package effect

import (
	"fmt"
	"math"

	"gevor/fault"
)

// Direction says which way is better.
type Direction int8

// The directions.
const (
	LowerIsBetter  Direction = -1
	HigherIsBetter Direction = 1
)

// Role is what an area is in a study.
type Role int8

// The roles.
const (
	Comparable Role = iota // may serve as a comparison
	Treated                // the measure's area, or a part of it
	Neighbour              // where a change could have been carried or pushed to; never a comparison
)

// Area is one place with its course.
type Area struct {
	Key  string
	Role Role
	// Traits are figures of its composition before the measure, the same ones in every area, any units; nil for none.
	// NaN is unknown and keeps a comparable place out.
	Traits []float64
	// Values is the course, one a period; NaN where missing or suppressed. Nil in a study of counts.
	Values []float64
	// Cases are counts ≥ 0, one a period, NaN where missing; nil unless the study is of counts.
	Cases []float64
	// People are those the figure speaks of, > 0, one a period: exposure of counts, and weight where areas are put
	// together. Nil in a study of values means equal weights.
	People []float64
}

// Study is what is asked.
type Study struct {
	Areas  []Area
	Start  int  // first period with the measure, 0-based; those before it are "before"
	Counts bool // cases among people; estimates are then differences of natural logarithms of rates
	Better Direction
}

// Options are the choices of a judgement.
type Options struct {
	Most    int     // comparable places taken, the nearest first
	Least   int     // fewer than these give no answer, ≥ 4
	Caliper float64 // farthest composition, in standard deviations a trait (root mean square over the traits)
	Level   float64 // of the intervals, 0..1
	// Worthwhile is the change that would have been worth having, > 0, in the unit of the estimate; 0 takes twice the
	// noise of the area itself before the measure.
	Worthwhile float64
}

// Defaults are the options that the figures in docs/figures/effect.md were measured with.
func Defaults() Options { return Options{Most: 20, Least: 4, Caliper: 2, Level: 0.9} }

// Estimate is one method's answer.
type Estimate struct {
	// Change is how much more the area changed than it would have: in the unit of the values, or for counts a
	// difference of log rates (exp gives the ratio). NaN where the method has no answer.
	Change    float64
	Low, High float64 // interval of Options.Level
	P         float64 // share of places that moved at least as much, the area included; NaN where not asked
	Places    int     // comparable places behind it
}

// Known says whether the method had an answer.
func (e Estimate) Known() bool { return !math.IsNaN(e.Change) }

func unknown() Estimate {
	nan := math.NaN()
	return Estimate{Change: nan, Low: nan, High: nan, P: nan}
}

// Match is one comparable place.
type Match struct {
	Key      string
	Distance float64 // of composition, in standard deviations a trait
	Weight   float64 // share in the synthetic control, 0..1
}

// Side is a course before and after, as means of the periods (for counts: cases a person and period).
type Side struct{ Before, After float64 }

// Outcome is the judgement of one area or group of areas.
type Outcome struct {
	Verdict     Verdict
	Reason      Reason
	Difference  Estimate // the one that decides
	Synthetic   Estimate // may contradict
	Interrupted Estimate // counts only; for reading beside
	Pretended   Estimate // as if the measure had begun in the middle of the time before: should show nothing
	Area        Side
	Comparison  Side // mean of the comparable places
	Noise       float64
	Worthwhile  float64
}

// Result is the answer to a study.
type Result struct {
	Outcome
	Matches []Match
	LeftOut []LeftOut
	Periods []int // periods used; those in which the area itself is missing are not
	// Elsewhere is the same question for the neighbours, Together for area and neighbours as one; nil without
	// neighbours.
	Elsewhere, Together *Outcome
}

// Displaced says that the area improved and its neighbours worsened.
func (r *Result) Displaced() bool {
	return r.Verdict == Improved && r.Elsewhere != nil && r.Elsewhere.Verdict == Worsened
}

// Ground is why a place is no comparison.
type Ground string

// The grounds.
const (
	Incomplete Ground = "incomplete" // a period is missing
	Unlike     Ground = "unlike"     // composition beyond the caliper, or unknown
	Surplus    Ground = "surplus"    // enough nearer ones
)

// LeftOut is a place that was not taken.
type LeftOut struct {
	Key string
	Why Ground
}

// course is one line of a study: an area, or several as one.
type course struct {
	key           string
	values        []float64 // of the periods used
	cases, people []float64
	traits        []float64
}

// Judge answers a study. Invalid for what is no study: lengths that differ, no treated area, a start outside the
// periods, options out of range. Too little to go on is no error but the verdict CannotTell with its reason. Cost:
// about places² · (places + periods) steps.
//
// TestAgainstStatsmodels and TestAgainstPysyncon hold the estimates against other implementations,
// TestIntervalsCover against planted truths.
func Judge(s Study, o Options) (*Result, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	r := &Result{}
	area, periods := s.together(Treated)
	r.Periods = periods
	start := 0
	for _, t := range periods {
		if t < s.Start {
			start++
		}
	}
	pool, left := s.pool(area, periods, o)
	r.LeftOut = left
	courses := make([]*course, len(pool))
	for i := range pool {
		courses[i] = pool[i].course
		r.Matches = append(r.Matches, Match{Key: pool[i].key, Distance: pool[i].distance})
	}
	q := question{start: start, counts: s.Counts, better: s.Better, options: o}
	var weights []float64
	r.Outcome, weights = q.ask(area, courses)
	for i, w := range weights {
		r.Matches[i].Weight = w
	}
	if near, ok := s.at(periods, Neighbour); ok {
		out, _ := q.ask(near, courses)
		r.Elsewhere = &out
		both, _ := s.at(periods, Neighbour, Treated)
		sum, _ := q.ask(both, courses)
		r.Together = &sum
	}
	return r, nil
}

func (s Study) check() error {
	bad := func(where, what, advice string) error { return fault.New(fault.Invalid, where, what, advice) }
	if s.Better != LowerIsBetter && s.Better != HigherIsBetter {
		return bad("study", "does not say which way is better", "no change is good or bad without a direction")
	}
	treated, periods := 0, -1
	for _, a := range s.Areas {
		if a.Role < Comparable || a.Role > Neighbour {
			return bad(a.Key, fmt.Sprintf("role %d is unknown", a.Role), "")
		}
		if a.Role == Treated {
			treated++
		}
		main := a.Values
		if s.Counts {
			main = a.Cases
		}
		if periods < 0 {
			periods = len(main)
		}
		if len(main) != periods || a.People != nil && len(a.People) != periods || s.Counts && a.People == nil {
			return bad(a.Key, "does not have one figure for every period", "mark a missing figure as missing")
		}
		if len(a.Traits) != len(s.Areas[0].Traits) {
			return bad(a.Key, "has other figures of composition than the first area", "give the same ones everywhere")
		}
		for t, v := range main {
			if math.IsInf(v, 0) || s.Counts && v < 0 {
				return bad(a.Key, fmt.Sprintf("%g in period %d", v, t+1), "figures are finite, counts ≥ 0, or missing")
			}
		}
		for t, v := range a.People {
			if !(v > 0) || math.IsInf(v, 0) {
				return bad(a.Key, fmt.Sprintf("%g people in period %d", v, t+1), "rates need people in every period")
			}
		}
		for _, v := range a.Traits {
			if math.IsInf(v, 0) {
				return bad(a.Key, "a figure of composition is infinite", "leave unknown ones empty")
			}
		}
	}
	if treated == 0 {
		return bad("study", "has no area with the measure", "mark at least one")
	}
	if s.Start < 1 || s.Start >= periods {
		return bad("study", fmt.Sprintf("begins with period %d of %d", s.Start+1, periods), "there must be periods before and after")
	}
	return nil
}

func (o Options) check() error {
	switch {
	case o.Least < 4 || o.Most < o.Least:
		return fault.New(fault.Invalid, "options", fmt.Sprintf("%d to %d comparable places", o.Least, o.Most), "take at least 4")
	case !(o.Caliper > 0):
		return fault.New(fault.Invalid, "options", fmt.Sprintf("caliper %g", o.Caliper), "give standard deviations > 0")
	case !(o.Level > 0 && o.Level < 1):
		return fault.New(fault.Invalid, "options", fmt.Sprintf("level %g", o.Level), "0.9 is usual here")
	case !(o.Worthwhile >= 0) || math.IsInf(o.Worthwhile, 0):
		return fault.New(fault.Invalid, "options", fmt.Sprintf("worthwhile change %g", o.Worthwhile), "give a size > 0, or 0 for twice the noise")
	}
	return nil
}
