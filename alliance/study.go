package alliance

import (
	"math"
	"slices"

	"gevor/effect"
	"gevor/fault"
	"gevor/indicator"
)

// rare is the share below which a rate is studied as counts: a tenth more or less of few cases is no number of points.
const rare = 0.1

// leastKnown is the share of the districts that must have a figure of composition before it is used for matching.
const leastKnown = 0.75

// Course is a measure's area beside the comparable places, period by period, in the unit of the dataset; NaN where
// nothing may be shown.
type Course struct {
	At           indicator.Period
	Area, Others float64
}

// Study sets up the question whether a measure changed a published figure. Only published values enter, so nothing can
// be reckoned from the answer that the figures themselves do not show. near names the districts that touch one, by key;
// nil leaves neighbours unasked. composition are figures by which districts are alike; each is read at its latest
// period before the start, the dataset itself is left out. others are the yardsticks of other measures: where one of them
// works on the same figure is no comparison.
//
// Periods across a break of the whole series, or of the measure's own districts, are no comparison and stay out. A rate
// below a tenth is studied as counts, so changes are ratios; all else in the unit of the dataset.
func (y Yardstick) Study(of *indicator.Publication, composition []indicator.Part, near map[string][]string, others []Yardstick) (effect.Study, []indicator.Period, error) {
	d := &of.Dataset
	if d.Direction.Sign() == 0 || d.Level != indicator.Districts || !d.Ratio() && !d.Values {
		return effect.Study{}, nil, fault.New(fault.Invalid, "dataset", "says no direction, or is no rate of districts", "choose a dataset of districts of which more, or less, is better")
	}
	periods, err := y.stretch(of)
	if err != nil {
		return effect.Study{}, nil, err
	}
	s := effect.Study{Better: effect.Direction(d.Direction.Sign()), Counts: counted(of, periods)}
	s.Start, _ = slices.BinarySearchFunc(periods, y.Start, indicator.Period.Compare)
	traits, busy := y.traits(of, composition), y.Busy(others)
	for _, a := range of.Units() {
		if slices.Contains(busy, a.Key) {
			continue
		}
		area := effect.Area{Key: a.Key, Role: y.role(a.Key, near), Traits: traits[a.Key]}
		_, broken := of.Series(a.Key).Between(periods[0], periods[len(periods)-1])
		for _, at := range periods {
			x := of.Point(a.Key, at)
			value, cases, people := x.Value.Or(), x.Count.Or(), x.Base.Or()
			if broken {
				value, cases = math.NaN(), math.NaN()
			}
			if s.Counts {
				area.Cases = append(area.Cases, cases)
			} else {
				area.Values = append(area.Values, value)
			}
			area.People = append(area.People, people)
		}
		if !usable(&area, s.Counts) {
			continue // has no figures at all
		}
		s.Areas = append(s.Areas, area)
	}
	if !slices.ContainsFunc(s.Areas, func(a effect.Area) bool { return a.Role == effect.Treated }) {
		return s, periods, fault.New(fault.NotFound, "figures of the measure's districts", "are not published", "ask the owner of the dataset to release them, or choose another dataset")
	}
	return s, periods, nil
}

// Busy lists the districts, ascending, in which other measures work on the same figure and this one does not.
func (y Yardstick) Busy(others []Yardstick) []string {
	var out []string
	for _, o := range others {
		if o.Measure == y.Measure || o.Dataset != y.Dataset {
			continue
		}
		for _, key := range o.Areas {
			if !slices.Contains(y.Areas, key) {
				out = append(out, key)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// stretch gives the periods of the dataset around the start that no break separates for the measure's own districts.
func (y Yardstick) stretch(of *indicator.Publication) ([]indicator.Period, error) {
	first, exact := slices.BinarySearchFunc(of.Periods, y.Start, indicator.Period.Compare)
	if !exact {
		return nil, fault.New(fault.NotFound, "period "+y.Start.String(), "has no published figures yet", "look again when the dataset holds it")
	}
	from, to := first, first
	for _, key := range y.Areas {
		s := of.Series(key)
		lo, hi := first, first
		for lo > 0 {
			if _, broken := s.Between(of.Periods[lo-1], of.Periods[first]); broken {
				break
			}
			lo--
		}
		for hi+1 < len(of.Periods) {
			if _, broken := s.Between(of.Periods[first], of.Periods[hi+1]); broken {
				break
			}
			hi++
		}
		if key == y.Areas[0] {
			from, to = lo, hi
		}
		from, to = max(from, lo), min(to, hi)
	}
	return of.Periods[from : to+1], nil
}

// role is what a district is in the study.
func (y Yardstick) role(key string, near map[string][]string) effect.Role {
	if slices.Contains(y.Areas, key) {
		return effect.Treated
	}
	for _, n := range near[key] {
		if slices.Contains(y.Areas, n) {
			return effect.Neighbour
		}
	}
	return effect.Comparable
}

// traits gives the composition of every district before the start.
func (y Yardstick) traits(of *indicator.Publication, composition []indicator.Part) map[string][]float64 {
	out := map[string][]float64{}
	for _, c := range composition {
		q := c.Publication
		if q.Dataset.ID == of.Dataset.ID {
			continue
		}
		var at indicator.Period
		for _, x := range q.Periods {
			if x.Start.Before(y.Start.Start) {
				at = x
			}
		}
		if !at.Valid() {
			continue
		}
		known := 0
		values := map[string]float64{}
		for _, a := range of.Units() {
			v := q.Point(a.Key, at).Value.Or()
			values[a.Key] = v
			if !math.IsNaN(v) {
				known++
			}
		}
		own := slices.ContainsFunc(y.Areas, func(k string) bool { return math.IsNaN(values[k]) })
		if own || float64(known) < leastKnown*float64(len(values)) {
			continue
		}
		for _, a := range of.Units() {
			out[a.Key] = append(out[a.Key], values[a.Key])
		}
	}
	return out
}

// counted says whether a rate is rare enough to be studied as counts, and its counts are published.
func counted(of *indicator.Publication, periods []indicator.Period) bool {
	if !of.Dataset.Ratio() {
		return false
	}
	cases, people, known, all := 0.0, 0.0, 0, 0
	for _, a := range of.Units() {
		for _, at := range periods {
			x := of.Point(a.Key, at)
			all++
			if c, n := x.Count.Or(), x.Base.Or(); !math.IsNaN(c) && n > 0 {
				cases, people, known = cases+c, people+n, known+1
			}
		}
	}
	return people > 0 && cases < rare*people && 2*known > all
}

// usable says whether an area has anything to study, and makes what it is weighed by whole: a period without people has
// no figure; where they are published for none, all periods weigh alike.
func usable(a *effect.Area, counts bool) bool {
	figures := a.Values
	if counts {
		figures = a.Cases
	}
	weighed := slices.ContainsFunc(a.People, func(n float64) bool { return n > 0 })
	known := false
	for t := range figures {
		if !(a.People[t] > 0) {
			a.People[t] = 1
			if weighed || counts {
				figures[t] = math.NaN()
			}
		}
		known = known || !math.IsNaN(figures[t])
	}
	return known
}

// Courses gives what a study looked at as two lines: the measure's area and the mean of its comparable places, in the
// unit of the dataset.
func (y Yardstick) Courses(of *indicator.Publication, r *effect.Result, periods []indicator.Period) []Course {
	var others []string
	for _, m := range r.Matches {
		others = append(others, m.Key)
	}
	var out []Course
	for _, at := range periods {
		out = append(out, Course{At: at, Area: meanOf(of, y.Areas, at), Others: meanOf(of, others, at)})
	}
	return out
}

// meanOf is the mean of the published values of some areas, weighed by their people where these are published; NaN where
// none is known, or not all of the areas are.
func meanOf(of *indicator.Publication, keys []string, at indicator.Period) float64 {
	sum, weight := 0.0, 0.0
	for _, k := range keys {
		x := of.Point(k, at)
		w := x.Base.Or()
		if !(w > 0) {
			w = 1
		}
		sum, weight = sum+w*x.Value.Or(), weight+w
	}
	if weight == 0 {
		return math.NaN()
	}
	return sum / weight
}
