package signal

import (
	"math"
	"sync"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"

	"gevor/fault"
	"gevor/surveil"
)

// Options say how a panel is watched. Zero values take those of Defaults.
type Options struct {
	FalsePerMonth float64 // new false alarms a month over the whole panel, > 0
	Windows       []int   // lengths over which counts are summed, ascending
	Guard         int     // latest periods that are no training; at least the longest window
	Train         int     // training periods before them, at most
	LeastTrain    int     // and at least
	Past          int     // past periods from which the threshold is set, at most
	LeastPast     int     // fewer than these take the Bonferroni bound
	Quiet         int     // periods after its last alarm in which a unit belongs to the same finding
	Workers       int     // 0 is one
}

// Defaults gives the settings for a step: one false alarm a month, half a year of guard, two years of training.
func Defaults(step Step) Options {
	if step == Month {
		return Options{FalsePerMonth: 1, Windows: []int{1, 2, 3, 6}, Guard: 6, Train: 24, LeastTrain: 9, Past: 24, LeastPast: 6, Quiet: 3, Workers: 1}
	}
	return Options{FalsePerMonth: 1, Windows: []int{2, 4, 8, 13, 26}, Guard: 26, Train: 104, LeastTrain: 39, Past: 104, LeastPast: 26, Quiet: 13, Workers: 1}
}

func (o Options) filled(step Step) (Options, error) {
	d := Defaults(step)
	if o.FalsePerMonth == 0 {
		o.FalsePerMonth = d.FalsePerMonth
	}
	if o.Windows == nil {
		o.Windows = d.Windows
	}
	for _, f := range []struct{ to, from *int }{{&o.Guard, &d.Guard}, {&o.Train, &d.Train}, {&o.LeastTrain, &d.LeastTrain}, {&o.Past, &d.Past}, {&o.LeastPast, &d.LeastPast}, {&o.Quiet, &d.Quiet}, {&o.Workers, &d.Workers}} {
		if *f.to == 0 {
			*f.to = *f.from
		}
	}
	last := 0
	for _, w := range o.Windows {
		if w <= last {
			return o, fault.New(fault.Invalid, "windows", "are not ascending", "give lengths such as 2, 4, 8")
		}
		last = w
	}
	if !(o.FalsePerMonth > 0) || o.FalsePerMonth > 1000 || last == 0 || last > o.Guard || o.LeastTrain < last || o.Train < o.LeastTrain || o.LeastPast < 1 || o.Past < o.LeastPast || o.Quiet < 1 || o.Workers < 1 {
		return o, fault.New(fault.Invalid, "early warning", "the settings contradict each other", "take more than 0 and at most 1000 false alarms a month, a guard that holds the longest window, and training longer than that")
	}
	return o, nil
}

// reading is what the comparison with the rest says of one series and window.
type reading struct {
	observed, expected, variance, z float64
	known                           bool
}

// view is the panel as known at the end of a period.
type view struct {
	p    *Panel
	o    Options
	now  int
	from int         // first training period
	y    [][]float64 // by series and period − from; NaN where missing
}

// pool is the series [from, to) of a panel that share source and subject.
type pool struct{ from, to int }

func (p *Panel) pools() []pool {
	var out []pool
	for i := range p.Series {
		s := &p.Series[i]
		if i == 0 || s.Source != p.Series[i-1].Source || s.Subject != p.Series[i-1].Subject {
			out = append(out, pool{i, i})
		}
		out[len(out)-1].to = i + 1
	}
	return out
}

func (p *Panel) at(now int, o Options) *view {
	v := &view{p: p, o: o, now: now, from: max(0, now+1-o.Guard-o.Train)}
	v.y = make([][]float64, len(p.Series))
	for i := range p.Series {
		v.y[i] = make([]float64, now+1-v.from)
		for t := range v.y[i] {
			v.y[i][t] = p.Series[i].Known(v.from+t, now)
		}
	}
	return v
}

// trained is the number of training periods.
func (v *view) trained() int { return v.now + 1 - v.o.Guard - v.from }

// readings judges members of one pool, which are sums of series (one series each, or those of a municipality), against
// the rest of the pool. Every member lists the series it sums.
func (v *view) readings(in pool, members [][]int) [][]reading {
	n, train := v.now+1-v.from, v.trained()
	out := make([][]reading, len(members))
	for m := range out {
		out[m] = make([]reading, len(v.o.Windows))
	}
	if train < v.o.LeastTrain {
		return out
	}
	level := make([]float64, in.to-in.from)
	for i := range level {
		sum, weeks := 0.0, 0
		for _, y := range v.y[in.from+i][:train] {
			if !math.IsNaN(y) {
				sum += y
				weeks++
			}
		}
		if weeks >= v.o.LeastTrain {
			level[i] = sum / float64(weeks)
		}
	}
	type sums struct{ y, e []float64 } // running sums over periods of what is observed and expected
	run := make([]sums, len(members))
	for m, list := range members {
		own := map[int]bool{}
		mine := 0.0
		for _, i := range list {
			own[i] = true
			mine += level[i-in.from]
		}
		r := sums{make([]float64, n+1), make([]float64, n+1)}
		for t := range n {
			rest, restLevel, y, l := 0.0, 0.0, 0.0, 0.0
			for i := in.from; i < in.to; i++ {
				c := v.y[i][t]
				if math.IsNaN(c) || level[i-in.from] == 0 {
					continue
				}
				if own[i] {
					y, l = y+c, l+level[i-in.from]
				} else {
					rest, restLevel = rest+c, restLevel+level[i-in.from]
				}
			}
			e := 0.0
			if restLevel > 0 {
				e = l * rest / restLevel
			} else {
				y = 0 // nothing to compare with: the period says nothing
			}
			r.y[t+1], r.e[t+1] = r.y[t]+y, r.e[t]+e
		}
		if mine > 0 {
			// The mean of the training is matched exactly, so that a rest with its own trend does no harm on average.
			if e := r.e[train]; e > 0 && r.y[train] > 0 {
				for t := range r.e {
					r.e[t] *= r.y[train] / e
				}
			}
			run[m] = r
		}
	}
	for k, w := range v.o.Windows {
		// Dispersion of sums over w training periods: of each member, and of all.
		chi, df := make([]float64, len(members)), make([]float64, len(members))
		total, totalDF := 0.0, 0.0
		for m := range members {
			if run[m].y == nil {
				continue
			}
			blocks := train / w
			for b := range blocks {
				to := train - b*w
				y, e := run[m].y[to]-run[m].y[to-w], run[m].e[to]-run[m].e[to-w]
				if e > 0 {
					chi[m] += (y - e) * (y - e) / e
					df[m]++
				}
			}
			df[m] = math.Max(0, df[m]-1)
			total, totalDF = total+chi[m], totalDF+df[m]
		}
		shared := 1.0
		if totalDF > 0 {
			shared = math.Max(1, total/totalDF)
		}
		const prior = 8 // the pool counts as much as so many sums of the series' own
		for m := range members {
			if run[m].y == nil {
				continue
			}
			phi := math.Max(1, (prior*shared+chi[m])/(prior+df[m]))
			y, e := run[m].y[n]-run[m].y[n-w], run[m].e[n]-run[m].e[n-w]
			if !(e > 0) {
				continue
			}
			variance := phi*e + e*e*phi/math.Max(1, run[m].y[train])
			out[m][k] = reading{y, e, variance, upperZ(y, e, variance), true}
		}
	}
	return out
}

// upperZ gives Φ⁻¹(1 − p) for the mid-p of so many or more counts under the negative binomial with a mean > 0 and a
// variance (Poisson where it is no larger than the mean), within ±12. TestTailAgainstSums.
func upperZ(y, mean, variance float64) float64 {
	y = math.Round(y)
	p := (tail(y, mean, variance) + tail(y+1, mean, variance)) / 2
	return -distuv.UnitNormal.Quantile(math.Min(math.Max(p, 1e-32), 1-1e-16))
}

// tail is the probability of k or more.
func tail(k, mean, variance float64) float64 {
	if k <= 0 {
		return 1
	}
	if variance <= mean*(1+1e-9) {
		return mathext.GammaIncReg(k, mean)
	}
	size := mean * mean / (variance - mean)
	return mathext.RegIncBeta(k, size, mean/(size+mean))
}

// Level says how far a unit reaches.
type Level string

// The levels.
const (
	InDistrict     Level = "district"
	InMunicipality Level = "municipality"
	InRegion       Level = "region"
)

// Method says how a unit is judged.
type Method string

// The methods.
const (
	AgainstRest Method = "against-rest" // the series against the rest of its pool in the same periods
	Together    Method = "together"     // several sources of one place and subject
	AgainstPast Method = "against-past" // the total of a pool against its own past (improved Farrington)
)

// Unit is what may raise an alarm.
type Unit struct {
	Level   Level
	Method  Method
	Area    string   // district or municipality; empty for the region
	Subject Subject  // what it is about
	Sources []Source // one, or those judged together
	series  []int    // of the panel
	parts   []int    // units judged together
}

// Key tells findings apart: place and subject. Whatever speaks of the same is the same finding.
func (u *Unit) Key() string { return u.Area + "\x00" + u.Subject.Group + "\x00" + u.Subject.Problem }

// Counts gives the counts of a unit for periods 0 to last, as known at the end of period now; NaN where one of its series
// is missing.
func (p *Panel) Counts(u *Unit, last, now int) []float64 {
	out := make([]float64, last+1)
	for t := range out {
		for _, i := range u.series {
			out[t] += p.Series[i].Known(t, now)
		}
	}
	return out
}

// Score is what a period says of a unit: the largest z over the windows, and which window that is.
type Score struct {
	Z                            float64 // NaN where nothing can be said
	Window                       int     // periods
	Observed, Expected, Variance float64 // over the window; of units judged together, sums
}

func silent() Score { return Score{Z: math.NaN()} }

// Units lists what a panel can raise an alarm about, in an order that depends on the panel alone.
func (p *Panel) Units() []Unit {
	var out []Unit
	type place struct {
		level   Level
		area    string
		subject Subject
	}
	meet := map[place][]int{}
	var order []place
	add := func(u Unit) {
		k := place{u.Level, u.Area, u.Subject}
		if meet[k] == nil {
			order = append(order, k)
		}
		meet[k] = append(meet[k], len(out))
		out = append(out, u)
	}
	for _, in := range p.pools() {
		s := &p.Series[in.from]
		towns := map[string][]int{}
		var names []string
		for i := in.from; i < in.to; i++ {
			area := p.Series[i].Area
			add(Unit{Level: InDistrict, Method: AgainstRest, Area: area, Subject: s.Subject, Sources: []Source{s.Source}, series: []int{i}})
			if town := p.parent[area]; town != "" {
				if towns[town] == nil {
					names = append(names, town)
				}
				towns[town] = append(towns[town], i)
			}
		}
		for _, town := range names {
			if list := towns[town]; len(list) > 1 && len(names) > 1 {
				add(Unit{Level: InMunicipality, Method: AgainstRest, Area: town, Subject: s.Subject, Sources: []Source{s.Source}, series: list})
			}
		}
		all := make([]int, 0, in.to-in.from)
		for i := in.from; i < in.to; i++ {
			all = append(all, i)
		}
		out = append(out, Unit{Level: InRegion, Method: AgainstPast, Subject: s.Subject, Sources: []Source{s.Source}, series: all})
	}
	for _, k := range order {
		if parts := meet[k]; len(parts) > 1 {
			u := Unit{Level: k.level, Method: Together, Area: k.area, Subject: k.subject, parts: parts}
			for _, i := range parts {
				u.Sources = append(u.Sources, out[i].Sources...)
				u.series = append(u.series, out[i].series...)
			}
			out = append(out, u)
		}
	}
	return out
}

// Scores gives the score of every unit at the end of each period [from, to), each as the panel was known then. Nothing
// depends on the number of workers. TestWorkersChangeNothing.
func (p *Panel) Scores(units []Unit, from, to int, o Options) ([][]Score, error) {
	o, err := o.filled(p.Step)
	if err != nil {
		return nil, err
	}
	if from < 0 || to > p.Periods || from > to {
		return nil, fault.New(fault.Invalid, "early warning", "watches periods that the panel does not have", "watch periods of the panel")
	}
	out := make([][]Score, to-from)
	var wait sync.WaitGroup
	for w := range o.Workers {
		wait.Go(func() {
			for t := from + w; t < to; t += o.Workers {
				out[t-from] = p.score(units, t, o)
			}
		})
	}
	wait.Wait()
	return out, nil
}

// score judges all units at the end of one period.
func (p *Panel) score(units []Unit, now int, o Options) []Score {
	v := p.at(now, o)
	all := make([][]reading, len(units))
	out := make([]Score, len(units))
	byPool := map[int][]int{} // by first series of the pool
	pools := p.pools()
	poolOf := make([]int, len(p.Series))
	for k, in := range pools {
		for i := in.from; i < in.to; i++ {
			poolOf[i] = k
		}
	}
	for i := range units {
		if u := &units[i]; u.Method == AgainstRest {
			// Districts and municipalities are trained apart: their sums scatter differently.
			k := 2 * poolOf[u.series[0]]
			if u.Level == InMunicipality {
				k++
			}
			byPool[k] = append(byPool[k], i)
		}
	}
	for k := range 2 * len(pools) {
		list := byPool[k]
		members := make([][]int, len(list))
		for j, i := range list {
			members[j] = units[i].series
		}
		for j, r := range v.readings(pools[k/2], members) {
			all[list[j]] = r
		}
	}
	for i := range units {
		switch u := &units[i]; u.Method {
		case AgainstRest:
			out[i] = best(o.Windows, all[i])
		case Together:
			out[i] = best(o.Windows, together(all, u.parts, len(o.Windows)))
		case AgainstPast:
			out[i] = p.againstPast(u, now)
		}
	}
	return out
}

// best takes the window that says most.
func best(windows []int, all []reading) Score {
	out := silent()
	for k, r := range all {
		if r.known && !(out.Z >= r.z) {
			out = Score{r.z, windows[k], r.observed, r.expected, r.variance}
		}
	}
	return out
}

// together adds up what independent sources say of one place (Stouffer et al. 1949): Σz/√n, over the sources that know
// something. One source alone is no agreement.
func together(all [][]reading, parts []int, windows int) []reading {
	out := make([]reading, windows)
	for k := range out {
		n := 0.0
		var r reading
		for _, i := range parts {
			if all[i] == nil || !all[i][k].known {
				continue
			}
			x := all[i][k]
			r.observed, r.expected, r.variance, r.z = r.observed+x.observed, r.expected+x.expected, r.variance+x.variance, r.z+x.z
			n++
		}
		if n >= 2 {
			r.z, r.known = r.z/math.Sqrt(n), true
			out[k] = r
		}
	}
	return out
}

// againstPast watches the total of a pool by the improved Farrington algorithm, at the last period that had time to
// settle.
func (p *Panel) againstPast(u *Unit, now int) Score {
	t := now - p.Settled(u.Sources[0], now)
	year := 52
	if p.Step == Month {
		year = 12
	}
	o := surveil.Improved()
	o.Frequency, o.Alpha = year, 0.01
	o.Years = min(4, (t-o.HalfWindow)/year)
	if p.Step == Month {
		o.HalfWindow, o.Periods, o.PastLeftOut = 1, 4, 6
	}
	if o.Years < 2 {
		return silent()
	}
	r, err := surveil.Farrington(surveil.Series{Counts: p.Counts(u, t, now)}, t, t+1, o)
	if err != nil || !r[0].Known() {
		return silent()
	}
	x := r[0]
	z := -distuv.UnitNormal.Quantile(math.Min(math.Max(x.P, 1e-32), 1-1e-16))
	sd := (x.Upper - x.Expected) / distuv.UnitNormal.Quantile(1-o.Alpha)
	return Score{z, 1, x.Observed, x.Expected, sd * sd}
}
