package indicator

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"gevor/spatial"
)

// Standing is one area in a comparison.
type Standing struct {
	Area      Area
	Value     float64 // of the indicator
	Rank      float64 // of what areas are ordered by, as published
	People    float64 // the base of the value, 1 where there is none
	Below     float64 // share of people in areas that are worse off, 0..1
	Gathered  float64 // share of Value · People in these areas and this one, 0..1
	Including float64 // Below and this area
}

// Disparity says how a figure is spread over areas that are ordered from worst off to best off.
type Disparity struct {
	Period        Period
	Ordered       Period // of the figure that orders
	Standings     []Standing
	Concentration spatial.Concentration
	Gradient      spatial.Gradient
	Worst, Best   float64 // mean of the fifth of people in the worst and the best off areas, areas cut where the fifth ends
	Left          int     // areas without a figure to compare
}

// Gap is the worst-off fifth less the best-off fifth, in the unit of the figure.
func (d *Disparity) Gap() float64 { return d.Worst - d.Best }

// DisparityOf compares areas by another dataset, from published figures alone: concentration and slope index (package
// spatial) with people as weights. by orders: where less of it is better, most of it is worst off. The figure that orders
// is that of the same year, else of the last before. Invalid where fewer than three areas have both.
func DisparityOf(p, by *Publication, at Period) (*Disparity, error) {
	d := &Disparity{Period: at}
	sign := by.Dataset.Direction.Sign()
	if sign == 0 {
		return nil, invalid(by.Dataset.ID, "says not which way it is better, so areas cannot be ordered by it", "order by another dataset")
	}
	for _, q := range by.Periods {
		if q.Start.Year() <= at.Start.Year() {
			d.Ordered = q
		}
	}
	if !d.Ordered.Valid() {
		return nil, invalid(by.Dataset.ID, "has no figures of that time", "choose a later period")
	}
	for _, a := range p.Units() {
		x, o := p.Point(a.Key, at), by.shown(a.Key, d.Ordered)
		if !x.Value.Known() || !o.Known() {
			d.Left++
			continue
		}
		s := Standing{Area: a, Value: x.Value.Number, Rank: o.Number, People: 1}
		if x.Base.Known() && x.Base.Number > 0 {
			s.People = x.Base.Number
		}
		d.Standings = append(d.Standings, s)
	}
	if len(d.Standings) < 3 {
		return nil, invalid(p.Dataset.ID, "fewer than three areas have both figures", "choose another period or dataset")
	}
	slices.SortStableFunc(d.Standings, func(a, b Standing) int { return cmp.Compare(sign*a.Rank, sign*b.Rank) })
	d.measure(sign)
	return d, d.indices(sign)
}

// measure fills shares and the means of the outer fifths.
func (d *Disparity) measure(_ float64) {
	var people, sum float64
	for _, s := range d.Standings {
		people += s.People
		sum += s.People * s.Value
	}
	var seen, gathered float64
	var worst, best [2]float64
	for i := range d.Standings {
		s := &d.Standings[i]
		s.Below = seen / people
		seen += s.People
		gathered += s.People * s.Value
		s.Including = seen / people
		if sum > 0 {
			s.Gathered = gathered / sum
		}
		low := math.Max(0, math.Min(s.Including, 0.2)-s.Below)
		high := math.Max(0, s.Including-math.Max(s.Below, 0.8))
		worst[0], worst[1] = worst[0]+low*s.Value, worst[1]+low
		best[0], best[1] = best[0]+high*s.Value, best[1]+high
	}
	d.Worst, d.Best = worst[0]/worst[1], best[0]/best[1]
}

func (d *Disparity) indices(sign float64) error {
	var x, rank, people []float64
	least := math.Inf(1)
	for _, s := range d.Standings {
		x, rank, people = append(x, s.Value), append(rank, sign*s.Rank), append(people, s.People)
		least = math.Min(least, s.Value)
	}
	var err, err2 error
	nan := math.NaN()
	d.Concentration = spatial.Concentration{Index: nan, Generalised: nan, Wagstaff: nan, Erreygers: nan}
	if least >= 0 {
		if d.Concentration, err = spatial.ConcentrationIndex(x, rank, people, spatial.Bounds{}); err != nil {
			d.Concentration = spatial.Concentration{Index: nan, Generalised: nan, Wagstaff: nan, Erreygers: nan}
			err = nil // nobody has any of it: there is no concentration, which NaN says
		}
	}
	d.Gradient, err2 = spatial.SlopeIndex(x, rank, people)
	return errors.Join(err, err2)
}

// Trend is how an area moves relative to all areas together.
type Trend struct {
	Area     Area
	From, To Period  // first and last figure of the stretch without a break
	First    float64 // distance from the mean then …
	Last     float64 // … and now, unit of the figure
	Pace     float64 // change of the distance a year, weighted least squares
	Error    float64 // its standard error
	P        float64 // two-sided, normal
	Adjusted float64 // with false discovery rate control over areas
}

// Spread is how far areas lie apart in one period.
type Spread struct {
	Period    Period
	Mean      float64 // of all areas, by people where there are bases
	Deviation float64 // standard deviation between areas, weighted by people, what chance explains taken off
	Worst     float64 // mean of the worst fifth of people by the figure itself …
	Best      float64 // … and of the best; without a direction the highest and the lowest
	Areas     int
	Broken    bool // a break lies between this period and the one before
}

// Divergence says whether areas drift apart.
type Divergence struct {
	Spreads []Spread
	Trends  []Trend // strongest first
	Left    int     // areas with fewer than four figures in their last stretch
}

// leastForTrend is the number of figures that a trend needs.
const leastForTrend = 4

// DivergenceOf follows the distances of areas from their mean over time, from published figures alone. A trend looks only
// at the stretch after the last break of the area. Its error is that of the chance of small numbers (Value.Error) or of
// the scatter around the line, whichever is larger; its p-values are adjusted by Benjamini & Hochberg over areas.
// TestDivergenceFindsWhatDrifts, TestDivergenceFindsNothingWithout.
func DivergenceOf(p *Publication) *Divergence {
	d := &Divergence{}
	means := map[Period]float64{}
	for k, at := range p.Periods {
		if s, ok := p.spread(at); ok {
			s.Broken = k > 0 && wholly(p.Dataset.Breaks, p.Periods[k-1], at)
			means[at] = s.Mean
			d.Spreads = append(d.Spreads, s)
		}
	}
	var ps []float64
	for _, a := range p.Units() {
		t, ok := p.trend(a, means)
		if !ok {
			d.Left++
			continue
		}
		d.Trends = append(d.Trends, t)
		ps = append(ps, t.P)
	}
	for i, q := range spatial.FalseDiscovery(ps) {
		d.Trends[i].Adjusted = q
	}
	slices.SortStableFunc(d.Trends, func(a, b Trend) int { return cmp.Compare(a.P, b.P) })
	return d
}

// wholly says whether a break that concerns every area lies between two periods.
func wholly(breaks []Break, from, to Period) bool {
	return slices.ContainsFunc(breaks, func(b Break) bool {
		return len(b.Areas) == 0 && from.Start.Before(b.At.Start) && !to.Start.Before(b.At.Start)
	})
}

func (p *Publication) spread(at Period) (Spread, bool) {
	type pair struct{ v, n, e float64 }
	var all []pair
	var people, sum float64
	for _, a := range p.Units() {
		x := p.Point(a.Key, at)
		if !x.Value.Known() {
			continue
		}
		n := 1.0
		if x.Base.Known() {
			n = x.Base.Number
		}
		if n > 0 {
			all = append(all, pair{x.Value.Number, n, x.Value.Error})
			people += n
			sum += n * x.Value.Number
		}
	}
	if len(all) < 2 {
		return Spread{}, false
	}
	s := Spread{Period: at, Mean: sum / people, Areas: len(all)}
	square := 0.0
	for _, x := range all {
		square += x.n / people * ((x.v-s.Mean)*(x.v-s.Mean) - x.e*x.e)
	}
	s.Deviation = math.Sqrt(math.Max(0, square))
	sign := p.Dataset.Direction.Sign()
	if sign == 0 {
		sign = -1
	}
	slices.SortFunc(all, func(a, b pair) int { return cmp.Compare(sign*a.v, sign*b.v) })
	var seen float64
	var worst, best [2]float64
	for _, x := range all {
		from, to := seen/people, (seen+x.n)/people
		low, high := math.Max(0, math.Min(to, 0.2)-from), math.Max(0, to-math.Max(from, 0.8))
		worst[0], worst[1] = worst[0]+low*x.v, worst[1]+low
		best[0], best[1] = best[0]+high*x.v, best[1]+high
		seen += x.n
	}
	s.Worst, s.Best = worst[0]/worst[1], best[0]/best[1]
	return s, true
}

// trend fits a line through the distances of an area from the mean.
func (p *Publication) trend(a Area, means map[Period]float64) (Trend, bool) {
	var t, y, w []float64
	var first, last Point
	for _, x := range p.Series(a.Key).Recent() {
		mean, ok := means[x.Period]
		if !ok || !x.Value.Known() {
			continue
		}
		if len(t) == 0 {
			first = x
		}
		last = x
		t = append(t, x.Period.Start.Sub(p.Periods[0].Start).Hours()/24/365.2425)
		y = append(y, x.Value.Number-mean)
		weight := 1.0
		if x.Value.Error > 0 {
			weight = 1 / (x.Value.Error * x.Value.Error)
		}
		w = append(w, weight)
	}
	if len(t) < leastForTrend {
		return Trend{}, false
	}
	slope, chance, scatter := lineThrough(t, y, w)
	e := scatter
	if first.Value.Error > 0 {
		e = math.Max(chance, scatter)
	}
	out := Trend{Area: a, From: first.Period, To: last.Period, First: y[0], Last: y[len(y)-1], Pace: slope, Error: e, P: 1}
	if e > 0 {
		out.P = spatial.TwoSided(slope / e)
	}
	return out, true
}

// lineThrough is weighted least squares with an intercept: the slope, its error if weights are 1/variance, and its error by
// the scatter around the line.
func lineThrough(t, y, w []float64) (slope, chance, scatter float64) {
	var sw, st, sy float64
	for i := range t {
		sw += w[i]
		st += w[i] * t[i]
		sy += w[i] * y[i]
	}
	mt, my := st/sw, sy/sw
	var stt, sty float64
	for i := range t {
		stt += w[i] * (t[i] - mt) * (t[i] - mt)
		sty += w[i] * (t[i] - mt) * (y[i] - my)
	}
	if stt == 0 {
		return 0, 0, 0
	}
	slope = sty / stt
	rest := 0.0
	for i := range t {
		r := y[i] - my - slope*(t[i]-mt)
		rest += w[i] * r * r
	}
	return slope, math.Sqrt(1 / stt), math.Sqrt(rest / float64(len(t)-2) / stt)
}
