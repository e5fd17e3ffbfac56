package signal

import "gevor/fault"

// Options say how a panel is watched. Zero values take those of Defaults.
type Options struct {
	FalsePerMonth float64 // new false alarms a month over the whole panel, > 0
	Aim           float64 // share of that rate which the past is held to, so that what comes keeps the rate; above 0, at most 1
	Windows       []int   // lengths over which counts are summed, ascending
	Guard         int     // latest periods that are no training; at least the longest window
	Train         int     // training periods before them, at most
	LeastTrain    int     // and at least
	Past          int     // past periods from which the threshold is set, at most
	LeastPast     int     // fewer than these take the Bonferroni bound
	Quiet         int     // periods after its last alarm in which a unit belongs to the same finding
	Workers       int     // 0 is one
}

// Defaults gives the settings for a step: one false alarm a month, half a year of guard, two years of training. The past
// may use up the whole rate: that a single region does not bear more than it is seen to by [Allow]; see
// docs/figures/early-warning.md.
func Defaults(step Step) Options {
	if step == Month {
		return Options{FalsePerMonth: 1, Aim: 1, Windows: []int{1, 2, 3, 6}, Guard: 6, Train: 24, LeastTrain: 9, Past: 24, LeastPast: 6, Quiet: 3, Workers: 1}
	}
	return Options{FalsePerMonth: 1, Aim: 1, Windows: []int{2, 4, 8, 13, 26}, Guard: 26, Train: 104, LeastTrain: 39, Past: 104, LeastPast: 26, Quiet: 13, Workers: 1}
}

func (o Options) filled(step Step) (Options, error) {
	d := Defaults(step)
	if o.FalsePerMonth == 0 {
		o.FalsePerMonth = d.FalsePerMonth
	}
	if o.Aim == 0 {
		o.Aim = d.Aim
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
	if !(o.FalsePerMonth > 0) || o.FalsePerMonth > 1000 || !(o.Aim > 0 && o.Aim <= 1) || last == 0 || last > o.Guard || o.LeastTrain < last || o.Train < o.LeastTrain || o.LeastPast < 1 || o.Past < o.LeastPast || o.Quiet < 1 || o.Workers < 1 {
		return o, fault.New(fault.Invalid, "early warning", "the settings contradict each other", "take more than 0 and at most 1000 false alarms a month, a guard that holds the longest window, and training longer than that")
	}
	return o, nil
}
