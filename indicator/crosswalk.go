package indicator

import (
	"math"
	"slices"

	"gevor/spatial"
)

// Shared is how many people live both in an area of a dataset and in one of another layer. Target is empty for those who
// live in no area of it.
type Shared struct {
	Source, Target string
	People         float64
}

// Carry shows a dataset on another layer, from published figures alone: counts by the shares of people, rates as carried
// counts over carried bases, values gathered as such as means weighted by people (spatial.CrosswalkCounts, CrosswalkRates,
// which state formulas and error). What is the sum of whole areas stays measured; all else is estimated, and its error joins
// that of the crosswalk with that of chance. An area that needs a suppressed figure is suppressed, one that needs a missing
// figure missing, whatever its share: unknown is not zero. Areas of the dataset in which nobody lives have no part; where
// one of them has a count above 0, it cannot be placed, and the fault Invalid names it. TestCarry…
func Carry(p *Publication, level Level, targets []Area, shared []Shared) (*Publication, error) {
	c := &carrying{p: p, source: map[string]int32{}, target: map[string]int32{}, out: &Publication{Dataset: p.Dataset, Areas: targets, Periods: p.Periods}}
	c.out.Dataset.Level = level
	c.units = p.Units()
	for i, a := range c.units {
		c.source[a.Key] = int32(i)
	}
	for i, a := range targets {
		c.target[a.Key] = int32(i)
	}
	c.people = make([]float64, len(c.units))
	for _, s := range shared {
		from, known := c.source[s.Source]
		if !known {
			continue
		}
		to, inside := c.target[s.Target]
		if !inside {
			to = -1
		}
		c.overlaps = append(c.overlaps, spatial.Overlap{Source: from, Target: to, People: s.People})
		c.people[from] += s.People
	}
	n := len(targets) * len(p.Periods)
	c.out.Shown = make([]Value, n)
	if p.Count != nil {
		c.out.Count = make([]Value, n)
	}
	if p.Base != nil {
		c.out.Base = make([]Value, n)
	}
	for k, at := range p.Periods {
		if err := c.period(k, at); err != nil {
			return nil, err
		}
	}
	return c.out, nil
}

type carrying struct {
	p              *Publication
	units          []Area
	source, target map[string]int32
	overlaps       []spatial.Overlap
	people         []float64 // of each unit
	out            *Publication
}

// period carries the figures of one period.
func (c *carrying) period(k int, at Period) error {
	d := &c.p.Dataset
	shown := c.column(at, c.p.shown)
	if d.Values {
		return c.put(k, c.out.Shown, shown, spatial.CrosswalkRates, c.overlaps)
	}
	count := c.column(at, c.p.count)
	if err := c.put(k, c.out.Count, count, spatial.CrosswalkCounts, c.overlaps); err != nil {
		return err
	}
	if !d.Ratio() {
		for i := range c.out.Areas {
			to := i*len(c.p.Periods) + k
			c.out.Shown[to] = c.out.Count[to]
		}
		return nil
	}
	base := c.column(at, c.p.base)
	if err := c.put(k, c.out.Base, base, spatial.CrosswalkCounts, c.overlaps); err != nil {
		return err
	}
	return c.ratios(k, shown, base)
}

// ratios gives the rates: the mean of the sources' rates weighted by the base that falls on the target.
func (c *carrying) ratios(k int, shown, base []Value) error {
	d := &c.p.Dataset
	var weighted []spatial.Overlap
	for _, o := range c.overlaps {
		if b := base[o.Source]; b.Known() {
			o.People *= b.Number / c.people[o.Source]
		}
		weighted = append(weighted, o)
	}
	// Nobody of the base lives in it, so it has no rate and no part in one.
	for i, b := range base {
		if b.Known() && b.Number == 0 {
			shown[i] = Of(0)
		}
	}
	if err := c.put(k, c.out.Shown, shown, spatial.CrosswalkRates, weighted); err != nil {
		return err
	}
	for i := range c.out.Areas {
		to := i*len(c.p.Periods) + k
		v := &c.out.Shown[to]
		if !v.Known() {
			continue
		}
		exact := c.out.Count[to].Kind == Measured && c.out.Base[to].Kind == Measured
		if exact {
			v.Kind, v.Error = Measured, 0
		}
		v.Error = math.Hypot(v.Error, d.chance(c.out.Count[to], c.out.Base[to]))
	}
	return nil
}

// column gives one kind of figures of a period by unit.
func (c *carrying) column(at Period, of func(string, Period) Value) []Value {
	out := make([]Value, len(c.units))
	for i, a := range c.units {
		out[i] = of(a.Key, at)
	}
	return out
}

// put carries figures over and says of each what kind it is.
func (c *carrying) put(k int, into, from []Value, how func([]float64, int, []spatial.Overlap) ([]spatial.Recomputed, error), overlaps []spatial.Overlap) error {
	numbers := make([]float64, len(from))
	for i, v := range from {
		numbers[i] = v.Or()
		if c.people[i] == 0 {
			if v.Known() && v.Number > 0 && into != nil && !c.p.Dataset.Values {
				return invalid(c.p.Dataset.ID+", "+c.units[i].Name, "has figures, and the population grid has nobody there", "check key and boundaries of the area, or show the dataset on its own areas")
			}
			numbers[i] = 0
		}
	}
	got, err := how(numbers, len(c.out.Areas), overlaps)
	if err != nil {
		return err
	}
	worst := make([]Kind, len(c.out.Areas))
	sources := make([]int, len(c.out.Areas))
	for _, o := range c.overlaps {
		if o.Target < 0 || o.People == 0 {
			continue
		}
		sources[o.Target]++
		switch from[o.Source].Kind {
		case Suppressed:
			worst[o.Target] = Suppressed
		case Estimated:
			if worst[o.Target] != Suppressed {
				worst[o.Target] = Estimated
			}
		case Missing, Measured:
		}
	}
	for i, g := range got {
		to := &into[i*len(c.p.Periods)+k]
		switch {
		case sources[i] == 0:
		case math.IsNaN(g.Value):
			if worst[i] == Suppressed {
				to.Kind = Suppressed
			}
		default:
			*to = Value{Kind: Measured, Number: g.Value, Error: g.Error}
			if g.Divided > 0 || worst[i] == Estimated || c.p.Dataset.Values && sources[i] > 1 {
				to.Kind = Estimated
			}
		}
	}
	return nil
}

// Joined is a group of areas between which a boundary moved, taken as one: the same ground before and after, so that its
// figures may be compared over the break.
type Joined struct {
	Break    Break
	Areas    []string
	From, To Point // figures of all areas together; kinds as the areas' own
}

// AcrossBoundary compares over the last boundary change between two periods that concerns the area, by taking together
// all areas that the change names: ground that only moved between them is in both figures. ok is false where no such
// change lies between, where another break does, or where the dataset has rates without counts.
func (p *Publication) AcrossBoundary(area string, from, to Period) (j Joined, ok bool) {
	if p.Dataset.Values {
		return j, false
	}
	for _, b := range p.Series(area).Breaks {
		if _, between := between([]Break{b}, from, to); !between {
			continue
		}
		if b.Reason != BoundaryChange || len(b.Areas) < 2 || ok {
			return Joined{}, false
		}
		j, ok = Joined{Break: b, Areas: slices.Clone(b.Areas)}, true
	}
	if !ok {
		return j, false
	}
	for _, other := range j.Areas { // the others must not have breaks of their own
		for _, b := range p.Series(other).Breaks {
			if _, between := between([]Break{b}, from, to); between && (b.At != j.Break.At || b.Reason != BoundaryChange) {
				return Joined{}, false
			}
		}
	}
	j.From, j.To = p.together(j.Areas, from), p.together(j.Areas, to)
	return j, true
}

// together adds up the figures of areas; the worst kind among them is the kind of the sum.
func (p *Publication) together(areas []string, at Period) Point {
	x := Point{Period: at, Count: Of(0)}
	if p.Dataset.Ratio() {
		x.Base = Of(0)
	}
	for _, a := range areas {
		x.Count = added(x.Count, p.count(a, at))
		if p.Dataset.Ratio() {
			x.Base = added(x.Base, p.base(a, at))
		}
	}
	switch {
	case !p.Dataset.Ratio():
		x.Value = x.Count
	case !x.Count.Known():
		x.Value = Value{Kind: x.Count.Kind}
	case !x.Base.Known():
		x.Value = Value{Kind: x.Base.Kind}
	case x.Base.Number > 0:
		x.Value = Value{Kind: Measured, Number: x.Count.Number / x.Base.Number * p.Dataset.Per, Error: p.Dataset.chance(x.Count, x.Base)}
	}
	return x
}

func added(a, b Value) Value {
	switch {
	case a.Known() && b.Known():
		return Of(a.Number + b.Number)
	case a.Kind == Suppressed || b.Kind == Suppressed:
		return Value{Kind: Suppressed}
	}
	return Value{}
}
