package signal

import (
	"math"
	"sync"

	"gonum.org/v1/gonum/stat/distuv"

	"gevor/fault"
	"gevor/surveil"
)

// Score is what a period says of a unit: the largest z over the windows, and which window that is.
type Score struct {
	Z                            float64 // NaN where nothing can be said
	Window                       int     // periods
	Observed, Expected, Variance float64 // over the window; of units judged together, sums
}

func silent() Score { return Score{Z: math.NaN()} }

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

// together adds up what independent sources say of one place (Stouffer et al. 1949), each with the weight at which a rise
// by the same factor in all of them is seen best (Lipták 1958): Σ w·z / √Σ w² with w = E/√V, over the sources that know
// something. One source alone is no agreement.
func together(all [][]reading, parts []int, windows int) []reading {
	out := make([]reading, windows)
	for k := range out {
		n, squares := 0, 0.0
		var r reading
		for _, i := range parts {
			if all[i] == nil || !all[i][k].known {
				continue
			}
			x := all[i][k]
			weight := x.expected / math.Sqrt(x.variance)
			r.observed, r.expected, r.variance, r.z = r.observed+x.observed, r.expected+x.expected, r.variance+x.variance, r.z+weight*x.z
			squares += weight * weight
			n++
		}
		if n >= 2 {
			r.z, r.known = r.z/math.Sqrt(squares), true
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
