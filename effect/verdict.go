package effect

import "math"

// Verdict is what can be said of a change.
type Verdict string

// The verdicts.
const (
	Improved   Verdict = "improved"
	Worsened   Verdict = "worsened"
	NoChange   Verdict = "no change visible"
	CannotTell Verdict = "cannot be told"
)

// Reason is why the verdict is what it is.
type Reason string

// The reasons.
const (
	Beyond          Reason = "interval beyond zero"        // improved, worsened
	Excluded        Reason = "worthwhile change ruled out" // no change visible
	FewPeriods      Reason = "too few periods"
	FewPlaces       Reason = "too few comparable places"
	ApartBefore     Reason = "apart from the comparable places before"
	MethodsDisagree Reason = "methods contradict each other"
	TooUncertain    Reason = "too uncertain"
)

// leastBefore and leastAfter are the periods that a judgement needs.
const (
	leastBefore = 3
	leastAfter  = 1
)

// apartLevel is the level of the interval of the pretended start: one sound study in a hundred is refused.
const apartLevel = 0.99

// question is what is asked of an area and its comparable places.
type question struct {
	start   int
	counts  bool
	better  Direction
	options Options
}

// ask estimates by every method and judges.
func (q question) ask(area *course, places []*course) (Outcome, []float64) {
	n := len(area.values)
	out := Outcome{
		Difference: unknown(), Synthetic: unknown(), Interrupted: unknown(), Pretended: unknown(),
		Area: q.side(area), Noise: noise(area, places, q.start), Worthwhile: q.options.Worthwhile, Verdict: CannotTell,
	}
	out.Comparison = q.mean(places)
	if out.Worthwhile == 0 {
		out.Worthwhile = 2 * out.Noise
	}
	if q.start < leastBefore || n-q.start < leastAfter {
		out.Reason = FewPeriods
		return out, nil
	}
	if q.counts {
		out.Interrupted = controlled(area, places, q.start, q.options.Least, q.options.Level)
	}
	if len(places) < q.options.Least {
		out.Reason = FewPlaces
		return out, nil
	}
	out.Difference = difference(area, places, 0, q.start, n, q.counts, q.options.Level)
	var weights []float64
	out.Synthetic, weights = synthetic(area, places, q.start, q.options.Level)
	if half := q.start / 2; half >= leastBefore {
		out.Pretended = difference(area, places, 0, half, q.start, q.counts, apartLevel)
	}
	out.Verdict, out.Reason = q.judge(out)
	return out, weights
}

// judge turns the estimates into a verdict: the difference in differences decides, the synthetic control may
// contradict, the pretended start may disqualify.
func (q question) judge(o Outcome) (Verdict, Reason) {
	low, high := o.Difference.Low, o.Difference.High
	if p := o.Pretended; p.Known() && (p.Low > 0 || p.High < 0) {
		return CannotTell, ApartBefore
	}
	switch {
	case low > 0 && o.Synthetic.High < 0, high < 0 && o.Synthetic.Low > 0:
		return CannotTell, MethodsDisagree
	case low > 0 && q.better == HigherIsBetter, high < 0 && q.better == LowerIsBetter:
		return Improved, Beyond
	case low > 0 || high < 0:
		return Worsened, Beyond
	case low > -o.Worthwhile && high < o.Worthwhile:
		return NoChange, Excluded
	}
	return CannotTell, TooUncertain
}

// side gives a course before and after.
func (q question) side(c *course) Side {
	n := len(c.values)
	if q.start < 1 || q.start >= n {
		return Side{math.NaN(), math.NaN()}
	}
	if !q.counts {
		return Side{mean(c.values[:q.start]), mean(c.values[q.start:])}
	}
	rate := func(from, to int) float64 {
		cases, people := 0.0, 0.0
		for t := from; t < to; t++ {
			cases, people = cases+c.cases[t], people+c.people[t]
		}
		return cases / people
	}
	return Side{rate(0, q.start), rate(q.start, n)}
}

func (q question) mean(places []*course) Side {
	if len(places) == 0 {
		return Side{math.NaN(), math.NaN()}
	}
	var out Side
	for _, p := range places {
		s := q.side(p)
		out.Before += s.Before / float64(len(places))
		out.After += s.After / float64(len(places))
	}
	return out
}
