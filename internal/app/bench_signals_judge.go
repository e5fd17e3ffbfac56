package app

import (
	"math"
	"slices"
	"time"

	"gevor/internal/demo"
	"gevor/signal"
)

// outcome is what one method made of one region.
type outcome struct {
	method                string
	planted, found, early int
	delays                []float64
	falseAlarms, months   float64
	quiet                 bool // a region without onsets
	shapes                map[string][2]int
}

// recalibrate is after how many weeks the threshold is set anew.
const recalibrate = 4

// judgeWatch watches the last two years and holds what was raised against what was planted.
func judgeWatch(w *demo.Watch, units []signal.Unit, scores [][]signal.Score, rate float64) (outcome, error) {
	o := signal.Defaults(signal.Week)
	o.FalsePerMonth = rate
	out := outcome{months: float64(benchWeeks-benchFirst) / signal.Week.PerMonth(), shapes: map[string][2]int{}}
	// Relative to its week's threshold, so that one row after the other can be read at 0.
	above := make([][]signal.Score, len(scores))
	var limit signal.Threshold
	for t := range scores {
		above[t] = slices.Clone(scores[t])
		if t >= benchFirst-o.Quiet && (t-benchFirst+o.Quiet)%recalibrate == 0 {
			var err error
			if limit, err = signal.Calibrate(units, scores[:t], signal.Week, o); err != nil {
				return out, err
			}
		}
		for i := range above[t] {
			above[t][i].Z -= limit.Of(&units[i])
			if t < benchFirst-o.Quiet {
				above[t][i].Z = math.NaN()
			}
		}
	}
	above, _ = signal.Allow(units, above, atZero(units), signal.Week, o)
	speaks := func(u *signal.Unit, x *demo.Onset) bool {
		if u.Subject != (signal.Subject{Group: x.Group, Problem: x.Problem}) {
			return false
		}
		for _, d := range x.Districts {
			if u.Area == d || u.Level == signal.InMunicipality && slices.ContainsFunc(w.Places, func(p demo.Place) bool { return p.Key == d && p.Town == u.Area }) {
				return true
			}
		}
		return false
	}
	// Only what is new of a place counts: what was there before an onset has not found it.
	raised := signal.Episodes(units, above, atZero(units), o.Quiet)
	during := func(e signal.Episode, x *demo.Onset) bool {
		return e.First >= x.Week && e.First < x.Week+x.Length+o.Quiet
	}
	for k := range w.Onsets {
		x := &w.Onsets[k]
		out.planted++
		n := out.shapes[x.Shape]
		n[0]++
		at := -1
		heard := -o.Quiet - 1 // when the place spoke last
		for t := max(0, x.Week-o.Quiet); t < min(len(above), x.Week+x.Length+o.Quiet) && at < 0; t++ {
			if loud(above[t], units, func(u *signal.Unit) bool { return speaks(u, x) }) {
				if t >= x.Week && t-heard > o.Quiet {
					at = t
				}
				heard = t
			}
		}
		if at >= 0 {
			out.found++
			out.delays = append(out.delays, float64(at-x.Week))
			year := w.Start.AddDate(0, 0, 7*x.Week).Year()
			if w.Start.AddDate(0, 0, 7*at+7).Before(time.Date(year+1, time.April, 1, 0, 0, 0, 0, time.UTC)) {
				out.early++
				n[1]++
			}
		}
		out.shapes[x.Shape] = n
	}
	for _, e := range raised {
		real := slices.ContainsFunc(w.Onsets, func(x demo.Onset) bool {
			u := &units[e.Unit]
			return during(e, &x) && (speaks(u, &x) || u.Level == signal.InRegion && u.Subject == signal.Subject{Group: x.Group, Problem: x.Problem})
		})
		if e.First >= benchFirst && !real {
			out.falseAlarms++
		}
	}
	return out, nil
}

// loud says whether one of some units is above its threshold.
func loud(row []signal.Score, units []signal.Unit, of func(*signal.Unit) bool) bool {
	for i := range row {
		if row[i].Z >= 0 && of(&units[i]) {
			return true
		}
	}
	return false
}

// atZero is a threshold for scores that are relative to theirs.
func atZero(units []signal.Unit) signal.Threshold {
	out := signal.Threshold{Families: map[string]float64{}}
	for i := range units {
		out.Families[units[i].Family()] = 0
	}
	return out
}
