package signal

import (
	"math"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

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
	// What the whole pool has in each period: the rest of it is that without the member's own.
	type whole struct {
		y, level float64
		series   int
	}
	all := make([]whole, n)
	known := func(i, t int) (c float64, ok bool) {
		c = v.y[i][t]
		return c, !math.IsNaN(c) && level[i-in.from] > 0
	}
	for t := range all {
		for i := in.from; i < in.to; i++ {
			if c, ok := known(i, t); ok {
				all[t].y, all[t].level, all[t].series = all[t].y+c, all[t].level+level[i-in.from], all[t].series+1
			}
		}
	}
	type sums struct{ y, e []float64 } // running sums over periods of what is observed and expected
	run := make([]sums, len(members))
	for m, list := range members {
		mine := 0.0
		for _, i := range list {
			mine += level[i-in.from]
		}
		r := sums{make([]float64, n+1), make([]float64, n+1)}
		for t := range n {
			own := whole{}
			for _, i := range list {
				if c, ok := known(i, t); ok {
					own.y, own.level, own.series = own.y+c, own.level+level[i-in.from], own.series+1
				}
			}
			y, e := own.y, 0.0
			if all[t].series > own.series {
				e = own.level * (all[t].y - own.y) / (all[t].level - own.level)
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
