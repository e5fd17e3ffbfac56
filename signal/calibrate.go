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
	Families map[string]float64 // by Family
	Basis    Basis
	Periods  int // past periods it rests on
	Alarms   int // new alarms in them at this threshold
}

// Of gives the threshold of a unit.
func (t Threshold) Of(u *Unit) float64 {
	z, ok := t.Families[u.Family()]
	if !ok {
		return math.Inf(1)
	}
	return z
}

// Family is the units whose scores are alike in what chance does to them.
func (u *Unit) Family() string { return string(u.Level) + " " + string(u.Method) }

// shareOf is the share of the false alarms that the family of a unit gets at first. Several sources together catch what is
// small in each and get most of it; single series catch what one source alone sees (docs/adr/0015-shares-of-the-rate.md).
func shareOf(u *Unit) float64 {
	switch {
	case u.Level == InRegion, u.Level == InMunicipality && u.Method == Together:
		return 0.05
	case u.Level == InMunicipality:
		return 0.1
	case u.Method == Together:
		return 0.7
	}
	return 0.15
}

const (
	lowestZ   = 2.0
	stepZ     = 0.02
	searchedZ = 500 // steps above lowestZ
)

// Calibrate gives the lowest thresholds (to 0.02) at which past scores would have raised at most Aim times so many new
// alarms a month; past[t][unit] in order of time. See [Episodes] for what is a new alarm; one that does not fall silent counts again
// every second quiet time. Each family of units gets a share of the alarms first; as alarms of one place and subject are
// one, some are left over, and all thresholds are lowered together until none is. With fewer than LeastPast periods that
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
	out := Threshold{Families: map[string]float64{}, Basis: OnPast, Periods: len(past)}
	if len(past) < o.LeastPast {
		alpha, err := surveil.Budget(max(1, len(units)*len(o.Windows)), step.PerMonth(), o.FalsePerMonth)
		for i := range units {
			out.Families[units[i].Family()] = -distuv.UnitNormal.Quantile(alpha)
		}
		out.Basis = OnBound
		return out, err
	}
	months := float64(len(past)) / step.PerMonth()
	home := homes(units)
	whole := 0.0
	share := map[string]float64{}
	var order []string
	for i := range units {
		if f := units[i].Family(); share[f] == 0 {
			share[f] = shareOf(&units[i])
			whole += share[f]
			order = append(order, f)
		}
	}
	// lowest gives the lowest z on the grid at which the scores, raised by their offset, keep to what is allowed.
	lowest := func(allowed int, offset func(*Unit) (float64, bool)) (float64, int) {
		loud := make([][]loudScore, len(past))
		for t, row := range past {
			for i := range row {
				if by, in := offset(&units[i]); in && row[i].Z+by >= lowestZ {
					loud[t] = append(loud[t], loudScore{i, row[i].Z + by})
				}
			}
		}
		best, alarms := lowestZ+stepZ*searchedZ, 0
		for k := searchedZ; k >= 0; k-- {
			z := lowestZ + stepZ*float64(k)
			n := 0
			for _, e := range episodes(units, home, loud, z, o.Quiet) {
				n += 1 + (e.Last-e.First)/(2*o.Quiet) // what never falls silent is no single alarm
			}
			if n > allowed {
				break
			}
			best, alarms = z, n
		}
		return best, alarms
	}
	for _, f := range order {
		allowed := int(math.Round(o.FalsePerMonth * months * share[f] / whole))
		out.Families[f], _ = lowest(allowed, func(u *Unit) (float64, bool) { return 0, u.Family() == f })
	}
	const middle = lowestZ + 3 // where all families are brought to, to be lowered together
	common, alarms := lowest(int(math.Floor(o.Aim*o.FalsePerMonth*months+1e-9)), func(u *Unit) (float64, bool) { return middle - out.Families[u.Family()], true })
	for f, z := range out.Families {
		out.Families[f] = z + common - middle
	}
	out.Alarms = alarms
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

// Episodes gives the new alarms at thresholds. An alarm is new unless it belongs to one of the same subject that was
// raised in the quiet periods before, see joins.
func Episodes(units []Unit, scores [][]Score, at Threshold, quiet int) []Episode {
	loud := make([][]loudScore, len(scores))
	for t, row := range scores {
		loud[t] = loudOf(units, row, at)
	}
	return episodes(units, homes(units), loud, 0, quiet)
}

// loudOf gives the scores of a period that reach their threshold, relative to it.
func loudOf(units []Unit, row []Score, at Threshold) []loudScore {
	var out []loudScore
	for i := range row {
		if above := row[i].Z - at.Of(&units[i]); above >= 0 {
			out = append(out, loudScore{i, above})
		}
	}
	return out
}

// loudScore is a score that may matter.
type loudScore struct {
	unit int
	z    float64
}

func episodes(units []Unit, home map[string]string, loud [][]loudScore, z float64, quiet int) []Episode {
	t := track{units: units, home: home, quiet: quiet, open: map[Subject][]int{}}
	for now, row := range loud {
		for _, s := range row {
			if s.z >= z {
				t.hear(now, s.unit)
			}
		}
	}
	return t.out
}

// track follows alarms period by period.
type track struct {
	units []Unit
	home  map[string]string
	quiet int
	out   []Episode
	open  map[Subject][]int // of out, by subject
}

// belongs gives the newest alarm to which a unit that speaks now belongs; −1 where it is a new one.
func (t *track) belongs(now, unit int) int {
	list := t.open[t.units[unit].Subject]
	for _, e := range slices.Backward(list) {
		if now-t.out[e].Last <= t.quiet && joins(t.units, t.home, t.out[e].Units, unit) {
			return e
		}
	}
	return -1
}

// hear adds a unit that speaks now.
func (t *track) hear(now, unit int) {
	mine := t.belongs(now, unit)
	if mine < 0 {
		mine = len(t.out)
		t.out = append(t.out, Episode{Unit: unit, First: now})
		t.open[t.units[unit].Subject] = append(t.open[t.units[unit].Subject], mine)
	}
	e := &t.out[mine]
	e.Last = now
	if !slices.Contains(e.Units, unit) {
		e.Units = append(e.Units, unit)
	}
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

// joins says whether an alarm of a unit belongs to what others, of the same subject, have raised: the same place; a
// municipality one of whose districts spoke, or the region where anybody did, as both only say it again; a district where
// only its municipality had spoken, as now it is known where.
func joins(units []Unit, home map[string]string, others []int, i int) bool {
	u := &units[i]
	has := func(is func(*Unit) bool) bool {
		return slices.ContainsFunc(others, func(k int) bool { return is(&units[k]) })
	}
	if has(func(o *Unit) bool { return o.Level == u.Level && o.Area == u.Area }) {
		return true
	}
	switch u.Level {
	case InRegion:
		return true
	case InMunicipality:
		return has(func(o *Unit) bool { return o.Level == InDistrict && home[o.Area] == u.Area })
	case InDistrict:
	}
	return has(func(o *Unit) bool { return o.Level == InMunicipality && o.Area == home[u.Area] }) && !has(func(o *Unit) bool { return o.Level == InDistrict })
}
