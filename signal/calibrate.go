package signal

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"gevor/surveil"
)

// Basis says what a threshold rests on.
type Basis string

// The bases.
const (
	OnPast  Basis = "past"  // on what the same units did before
	OnBound Basis = "bound" // on a bound that holds without a past
)

// Threshold is the z from which a unit raises an alarm.
type Threshold struct {
	Z       float64
	Basis   Basis
	Periods int // past periods it rests on
	Alarms  int // new alarms in them at this threshold
}

// Calibrate gives the lowest threshold (to 0.02) at which past scores would have raised at most so many new alarms a
// month; past[t][unit] in order of time. See [Episodes] for what is a new alarm; one that does not fall silent counts again
// every second quiet time. The search goes down from where there is none and stops at the first that are too many. With fewer than LeastPast periods that
// say anything it is Φ⁻¹(1 − alpha) with alpha the Budget over units, windows and periods.
// TestCalibrationKeepsTheRate, with a control that ignores how many units there are.
func Calibrate(units []Unit, past [][]Score, step Step, o Options) (Threshold, error) {
	o, err := o.filled(step)
	if err != nil {
		return Threshold{}, err
	}
	past = past[max(0, len(past)-o.Past):]
	for len(past) > 0 && mute(past[0]) {
		past = past[1:]
	}
	if len(past) < o.LeastPast {
		alpha, err := surveil.Budget(max(1, len(units)*len(o.Windows)), step.PerMonth(), o.FalsePerMonth)
		return Threshold{Z: -distuv.UnitNormal.Quantile(alpha), Basis: OnBound}, err
	}
	allowed := int(math.Floor(o.FalsePerMonth*float64(len(past))/step.PerMonth() + 1e-9))
	const lowest, step100, steps = 2.0, 0.02, 500
	loud := make([][]loudScore, len(past))
	for t, row := range past {
		for i := range row {
			if row[i].Z >= lowest {
				loud[t] = append(loud[t], loudScore{i, row[i].Z})
			}
		}
	}
	out := Threshold{Z: lowest + step100*steps, Basis: OnPast, Periods: len(past)}
	home := homes(units)
	for k := steps; k >= 0; k-- {
		z := lowest + step100*float64(k)
		n := 0
		for _, e := range episodes(units, home, loud, z, o.Quiet) {
			n += 1 + (e.Last-e.First)/(2*o.Quiet) // what never falls silent is no single alarm
		}
		if n > allowed {
			break
		}
		out.Z, out.Alarms = z, n
	}
	return out, nil
}

func mute(row []Score) bool {
	return !slices.ContainsFunc(row, func(s Score) bool { return !math.IsNaN(s.Z) })
}

// Episode is a new alarm and what grew out of it.
type Episode struct {
	Unit        int // that raised it first
	First, Last int // periods, from 0 at the first row of the scores
	Units       []int
}

// Episodes gives the new alarms at a threshold. An alarm is new unless the same place and subject, or its municipality, a
// district of it, or the region with the same subject, raised one in the quiet periods before: then it belongs to that.
func Episodes(units []Unit, scores [][]Score, z float64, quiet int) []Episode {
	loud := make([][]loudScore, len(scores))
	for t, row := range scores {
		for i := range row {
			if row[i].Z >= z {
				loud[t] = append(loud[t], loudScore{i, row[i].Z})
			}
		}
	}
	return episodes(units, homes(units), loud, z, quiet)
}

// loudScore is a score that may matter.
type loudScore struct {
	unit int
	z    float64
}

func episodes(units []Unit, home map[string]string, loud [][]loudScore, z float64, quiet int) []Episode {
	var out []Episode
	open := map[Subject][]int{}
	for t, row := range loud {
		for _, s := range row {
			if s.z < z {
				continue
			}
			i := s.unit
			mine := -1
			list := open[units[i].Subject]
			for k := len(list) - 1; k >= 0 && mine < 0; k-- {
				if e := list[k]; t-out[e].Last <= quiet && near(units, home, out[e].Units, i) {
					mine = e
				}
			}
			if mine < 0 {
				mine = len(out)
				out = append(out, Episode{Unit: i, First: t})
				open[units[i].Subject] = append(list, mine)
			}
			out[mine].Last = t
			if !slices.Contains(out[mine].Units, i) {
				out[mine].Units = append(out[mine].Units, i)
			}
		}
	}
	return out
}

// homes gives for every unit the units of a district whose municipality it is.
func homes(units []Unit) map[string]string {
	out := map[string]string{}
	type series struct {
		subject Subject
		index   int
	}
	town := map[series]string{}
	for i := range units {
		if units[i].Level == InMunicipality {
			for _, s := range units[i].series {
				town[series{units[i].Subject, s}] = units[i].Area
			}
		}
	}
	for i := range units {
		if units[i].Level == InDistrict {
			for _, s := range units[i].series {
				if t := town[series{units[i].Subject, s}]; t != "" {
					out[units[i].Area] = t
				}
			}
		}
	}
	return out
}

// near says whether a unit speaks of a place that others, of the same subject, speak of.
func near(units []Unit, home map[string]string, others []int, i int) bool {
	u := &units[i]
	return slices.ContainsFunc(others, func(k int) bool {
		o := &units[k]
		return o.Area == u.Area || o.Level == InRegion || u.Level == InRegion ||
			o.Level == InMunicipality && home[u.Area] == o.Area || u.Level == InMunicipality && home[o.Area] == u.Area
	})
}
