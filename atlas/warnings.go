package atlas

import (
	"cmp"
	"slices"
	"time"

	"gevor/signal"
)

// Warning is everything that speaks early of one place, group and problem: signals of any source, and the gap that the
// analysis of reach found there. It grows while signals come, and keeps its identity.
type Warning struct {
	ID      string // of the gap where one was there first, else its own
	Gap     string // ID of the gap of the same place, group and category; empty where there is none
	Level   signal.Level
	Area    string // district or municipality; empty for the region
	Subject signal.Subject
	Since   time.Time       // first day of what was raised first
	Signals []signal.Signal // strongest first; none where nothing new was raised this time
}

// Strength is what says whether a warning has grown: the largest z of its signals, and how many sources they have.
func (w *Warning) Strength() (z float64, sources int) {
	var seen []signal.Source
	for i := range w.Signals {
		z = max(z, w.Signals[i].Strength)
		for _, s := range w.Signals[i].Sources {
			if !slices.Contains(seen, s) {
				seen = append(seen, s)
			}
		}
	}
	return z, len(seen)
}

// PreviousWarning is what identity needs of warnings before.
type PreviousWarning struct {
	ID      string
	Level   signal.Level
	Area    string
	Subject signal.Subject
	Since   time.Time
}

// Warnings joins signals into warnings. Signals of the same place, group and problem are one warning. One that was there
// before keeps its ID and its Since; a new one takes the ID of the gap of the same group and category that has most
// people in its district, so that early warning and the analysis of reach speak of one finding; where there is none it
// gets a name of its own, from place and subject, that no gap has. A new timetable speaks of no category and no group and
// stands by itself. result may be nil where nothing has been analysed. Strongest first. TestWarnings*.
func Warnings(signals []signal.Signal, result *Result, previous []PreviousWarning) []Warning {
	type key struct {
		level   signal.Level
		area    string
		subject signal.Subject
	}
	at := map[key]int{}
	var out []Warning
	for _, s := range signals {
		k := key{s.Level, s.Area, s.Subject}
		i, ok := at[k]
		if !ok {
			i = len(out)
			at[k] = i
			out = append(out, Warning{Level: s.Level, Area: s.Area, Subject: s.Subject, Since: s.Since})
		}
		w := &out[i]
		w.Signals = append(w.Signals, s)
		if s.Since.Before(w.Since) {
			w.Since = s.Since
		}
	}
	slices.SortStableFunc(out, func(a, b Warning) int {
		az, an := a.Strength()
		bz, bn := b.Strength()
		return cmp.Or(cmp.Compare(bz, az), cmp.Compare(bn, an), cmp.Compare(a.Area, b.Area), cmp.Compare(a.Subject.Problem, b.Subject.Problem), cmp.Compare(a.Subject.Group, b.Subject.Group))
	})
	taken := map[string]bool{}
	for _, p := range previous {
		taken[p.ID] = true
	}
	gaps := map[string]bool{}
	if result != nil {
		for i := range result.Findings {
			gaps[result.Findings[i].ID] = true
		}
	}
	for i := range out {
		w := &out[i]
		slices.SortStableFunc(w.Signals, func(a, b signal.Signal) int { return cmp.Compare(b.Strength, a.Strength) })
		gap, judged := gapOf(w, result)
		w.Gap = gap
		for k := range w.Signals {
			s := &w.Signals[k]
			switch {
			case gap != "":
				s.Next = append(slices.Clone(s.Next), signal.LookAtGap)
			case judged && !slices.Contains(s.Against, signal.GapContradict):
				s.Against = append(slices.Clone(s.Against), signal.GapContradict)
			}
		}
		if k := slices.IndexFunc(previous, func(p PreviousWarning) bool {
			return p.Level == w.Level && p.Area == w.Area && p.Subject == w.Subject
		}); k >= 0 {
			w.ID = previous[k].ID
			if previous[k].Since.Before(w.Since) {
				w.Since = previous[k].Since
			}
			continue
		}
		if gap != "" && !taken[gap] {
			w.ID = gap
		} else {
			place := string(w.Level) + "\x00" + w.Area
			for try := uint64(0); w.ID == "" || taken[w.ID] || gaps[w.ID]; try++ {
				w.ID = name(w.Subject.Group+"\x00"+w.Subject.Problem, place, try)
			}
		}
		taken[w.ID] = true
	}
	return out
}

// gapOf gives the gap of a district's warning, and whether a known standard speaks of its group and category at all.
func gapOf(w *Warning, r *Result) (id string, judged bool) {
	if r == nil || w.Level != signal.InDistrict || w.Subject.Problem == "" {
		return "", false
	}
	s := r.Snapshot
	most := 0.0
	same := func(standard int32) bool {
		t := s.Standards[standard]
		return s.Groups[t.Group].Key == w.Subject.Group && s.Categories[t.Category].Key == w.Subject.Problem
	}
	for i := range r.Summaries {
		judged = judged || r.Summaries[i].Known && same(r.Summaries[i].Standard)
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		if !same(f.Standard) {
			continue
		}
		for _, d := range f.Districts {
			if d.Area >= 0 && s.Areas[d.Area].Key == w.Area && d.People > most {
				id, most = f.ID, d.People
			}
		}
	}
	return id, judged
}
