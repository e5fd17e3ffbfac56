package finder

import (
	"context"
	"slices"
	"strings"
	"time"

	"gevor/directory"
	"gevor/fault"
)

// ledgerEvery is how often counts are written. A line that grows says only that somebody searched on one of the days
// since the last writing; of the order of searches within it nothing is kept, not even in memory.
const ledgerEvery = 24 * time.Hour

func (f *Finder) keepLedger(ctx context.Context) {
	every := time.NewTicker(ledgerEvery)
	defer every.Stop()
	for {
		select {
		case <-every.C:
			if err := f.WriteLedger(ctx); err != nil {
				f.o.Log.Error("searches without a result could not be counted", "cause", err)
			}
		case <-ctx.Done():
			return
		}
	}
}

// WriteLedger writes what was counted since the last time. What cannot be written stays and is tried again.
func (f *Finder) WriteLedger(ctx context.Context) error {
	f.mu.Lock()
	counts := f.counts
	f.counts = map[directory.Unanswered]int{}
	f.mu.Unlock()
	if len(counts) == 0 {
		return nil
	}
	lines := make([]directory.Unanswered, 0, len(counts))
	for u, n := range counts {
		u.Times = n
		lines = append(lines, u)
	}
	slices.SortFunc(lines, func(a, b directory.Unanswered) int {
		return strings.Compare(strings.Join([]string{a.Month, a.District, a.Need, a.Language, a.Reason}, "\n"), strings.Join([]string{b.Month, b.District, b.Need, b.Language, b.Reason}, "\n"))
	})
	err := f.o.Entries.AddUnanswered(ctx, lines)
	if err != nil {
		f.mu.Lock()
		for u, n := range counts {
			f.counts[u] += n
		}
		f.mu.Unlock()
	}
	return err
}

// mostLines bounds what is counted between two writings; beyond it new lines are dropped. Needs, districts and languages
// come from closed lists, so only somebody who tries them all gets there.
const mostLines = 20_000

func (f *Finder) add(u directory.Unanswered) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, known := f.counts[u]; known || len(f.counts) < mostLines {
		f.counts[u]++
	}
}

// unanswered counts a search without a result.
func (f *Finder) unanswered(q Query, out *Results) {
	u := directory.Unanswered{Month: q.Now.In(f.calendar.Zone).Format("2006-01"), Language: q.Language, Reason: directory.NothingFits}
	if f.o.Ground().Area(q.Home) != nil {
		u.District = q.Home
	}
	for _, need := range slices.Concat(q.Needs, out.Concepts) {
		if _, known := f.o.Vocabulary.Concept(need); known {
			u.Need = need
			break
		}
	}
	if len(out.Relax) > 0 {
		u.Reason = directory.ConditionsExact
	}
	f.add(u)
}

// ReportHurdle counts a hurdle that somebody met, without a name. Invalid where it is none of directory.Hurdles.
func (f *Finder) ReportHurdle(hurdle, district, language string, at time.Time) error {
	if !slices.Contains(directory.Hurdles(), hurdle) {
		return fault.New(fault.Invalid, "hurdle", "is none of the list", "choose one")
	}
	u := directory.Unanswered{Month: at.In(f.calendar.Zone).Format("2006-01"), Language: language, Reason: directory.HurdlePrefix + hurdle}
	if f.o.Ground().Area(district) != nil {
		u.District = district
	}
	f.add(u)
	return nil
}
