package app

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"gevor/signal"
	"gevor/surveil"
)

// benchMethod is a choice of units, and how they are judged.
type benchMethod struct {
	name string
	only func(signal.Unit) bool
	// watch judges the last period of a series in another way than the product does; nil leaves it. least is how many
	// periods it needs.
	watch func(surveil.Series) (z float64, err error)
	least int
}

// rescored judges single series by another method, each week at the last period that had time to settle by then, from
// week from on.
func (m benchMethod) rescored(p *signal.Panel, units []signal.Unit, weeks, from int) ([][]signal.Score, error) {
	out := make([][]signal.Score, weeks)
	for now := range out {
		out[now] = make([]signal.Score, len(units))
		settled := map[signal.Source]int{}
		for i := range units {
			out[now][i].Z = math.NaN()
			source := units[i].Sources[0]
			if _, known := settled[source]; !known {
				settled[source] = p.Settled(source, now)
			}
			t := now - settled[source]
			if now < from || t < m.least {
				continue
			}
			z, err := m.watch(surveil.Series{Counts: p.Counts(&units[i], t, now)})
			if err != nil {
				return nil, err
			}
			out[now][i].Z = z
		}
	}
	return out, nil
}

// earsZ gives the excess over the baseline in standard deviations; of C3 the sum of what is above one of them in three
// weeks (Hutwagner et al. 2003).
func earsZ(method surveil.EARSMethod) func(surveil.Series) (z float64, err error) {
	return func(s surveil.Series) (z float64, err error) {
		t := len(s.Counts) - 1
		o := surveil.EARSOptions{Method: min(method, surveil.C2), Baseline: 7, MinSigma: 0.5, Alpha: 0.05}
		from := t
		if method == surveil.C3 {
			from = t - 2
		}
		all, err := surveil.EARS(s, from, t+1, o)
		if err != nil {
			return 0, err
		}
		for _, r := range all {
			excess := (r.Observed - r.Expected) / (r.Upper - r.Expected) * distuv.UnitNormal.Quantile(0.95)
			if method == surveil.C3 {
				excess = math.Max(0, excess-1)
			}
			z += excess
		}
		return z, nil
	}
}

// cusumZ gives the sum of the last half year against the mean of the time before.
func cusumZ(s surveil.Series) (z float64, err error) {
	to := len(s.Counts)
	from := to - 26
	expected, err := surveil.InControl(s, from)
	if err != nil {
		return math.NaN(), nil // no case before the watch: it has no answer
	}
	r, err := surveil.CUSUM(s, expected, from, to, surveil.CUSUMOptions{Transform: surveil.Rossi, K: 0.75, H: 1e9})
	if err != nil {
		return 0, err
	}
	return 2 * math.Log1p(r[len(r)-1].Sum), nil // on the scale on which thresholds are searched
}

// farringtonZ gives the tail probability of the week as a z, from as many years as there are, two to four.
func farringtonZ(o surveil.FarringtonOptions) func(surveil.Series) (z float64, err error) {
	return func(s surveil.Series) (z float64, err error) {
		t := len(s.Counts) - 1
		o := o
		o.Years = min(4, (t-o.HalfWindow)/o.Frequency)
		r, err := surveil.Farrington(s, t, t+1, o)
		if err != nil {
			return 0, err
		}
		if !r[0].Known() {
			return math.NaN(), nil
		}
		return -distuv.UnitNormal.Quantile(math.Min(math.Max(r[0].P, 1e-32), 1-1e-16)), nil
	}
}

func (m benchMethod) pick(units []signal.Unit, scores [][]signal.Score) (kept []signal.Unit, rows [][]signal.Score) {
	rows = make([][]signal.Score, len(scores))
	for i, u := range units {
		if !m.only(u) {
			continue
		}
		kept = append(kept, u)
		for t := range scores {
			rows[t] = append(rows[t], scores[t][i])
		}
	}
	return kept, rows
}

func benchMethods() []benchMethod {
	single := func(u signal.Unit) bool { return u.Method == signal.AgainstRest && u.Level == signal.InDistrict }
	const year = 52
	return []benchMethod{
		{name: "combined", only: func(signal.Unit) bool { return true }},
		{name: "districts", only: single},
		{name: "sources together", only: func(u signal.Unit) bool { return u.Method == signal.Together && u.Level == signal.InDistrict }},
		{name: "municipalities", only: func(u signal.Unit) bool { return u.Level == signal.InMunicipality }},
		{name: "EARS C1", only: single, watch: earsZ(surveil.C1), least: year},
		{name: "EARS C2", only: single, watch: earsZ(surveil.C2), least: year},
		{name: "EARS C3", only: single, watch: earsZ(surveil.C3), least: year},
		{name: "CUSUM", only: single, watch: cusumZ, least: year},
		{name: "Farrington", only: single, watch: farringtonZ(surveil.Classic()), least: 2*year + 3},
		{name: "Farrington improved", only: single, watch: farringtonZ(surveil.Improved()), least: 2*year + 3},
	}
}
