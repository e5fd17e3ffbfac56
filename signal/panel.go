package signal

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"gevor/fault"
)

// Source is where counts come from.
type Source string

// The sources of counts.
const (
	Searches     Source = "searches"     // searches without a result, by month in the ledger of searches
	Observations Source = "observations" // what professionals observed
	Contacts     Source = "contacts"     // contacts with unmet need
	Handovers    Source = "handovers"    // handovers that nobody answered in time
	Indicator    Source = "indicator"    // a count of municipal statistics
)

// Sources lists the sources of counts.
func Sources() []Source { return []Source{Searches, Observations, Contacts, Handovers, Indicator} }

// Step is the length of a period.
type Step string

// The steps.
const (
	Week  Step = "week"
	Month Step = "month"
)

// PerMonth is how many periods a month has on average.
func (s Step) PerMonth() float64 {
	if s == Month {
		return 1
	}
	return 365.25 / 12 / 7
}

// After gives the first day of the period n periods after the one that begins at start.
func (s Step) After(start time.Time, n int) time.Time {
	if s == Month {
		return start.AddDate(0, n, 0)
	}
	return start.AddDate(0, 0, 7*n)
}

// Between gives in which period after start a day lies; negative before it.
func (s Step) Between(start, day time.Time) int {
	if s == Month {
		return (day.Year()-start.Year())*12 + int(day.Month()) - int(start.Month())
	}
	return int(math.Floor(day.Sub(start).Hours() / (24 * 7)))
}

// Area is a district and the municipality it belongs to.
type Area struct{ Key, Name, Parent string }

// Subject is what signals may have in common.
type Subject struct {
	Group   string // key of a group, empty for everybody
	Problem string // what is lacking or needed: the key of a category
}

// Record is one line of what was reported: Count cases of a period that became known Delay periods later through one
// organisation. A Count of −1 says that the organisation reports the period as missing.
type Record struct {
	Source  Source
	Area    string
	Subject Subject
	Period  int    // from 0
	Delay   int    // ≥ 0
	House   string // organisation, by a name that means nothing outside the file
	Other   string // organisation on the other side, of which a figure could tell as well; House where it is empty
	Count   int
}

// MaxDelay is the longest delay that is told apart; what comes later counts as if it had come then.
const MaxDelay = 12

// Series is the counts of one source, place and subject.
type Series struct {
	Source  Source
	Area    string
	Subject Subject
	// known[d][t] is the count of period t as known d periods later, d up to MaxDelay.
	known   [MaxDelay + 1][]float64
	missing []bool
	houses  [][]uint16 // organisations behind each period, ascending
	others  [][]uint16 // and those on the other side
}

// Panel is all series of a region with one step.
type Panel struct {
	Step    Step
	Start   time.Time // first day of period 0
	Periods int
	Areas   []Area
	Series  []Series // by source, subject, area
	parent  map[string]string
}

// NewPanel sorts records into series. Periods without a record of a series are zero: sources report cases, not their
// absence. Invalid where a record speaks of an area, a source or a time that is none; the order of records is of no
// importance.
func NewPanel(step Step, start time.Time, periods int, areas []Area, records []Record) (*Panel, error) {
	if step != Week && step != Month || periods < 1 || periods > 5000 {
		return nil, fault.New(fault.Invalid, "series", fmt.Sprintf("%d periods of a %q", periods, step), "watch up to 5000 weeks or months")
	}
	p := &Panel{Step: step, Start: start, Periods: periods, Areas: slices.Clone(areas), parent: map[string]string{}}
	slices.SortFunc(p.Areas, func(a, b Area) int { return cmp.Compare(a.Key, b.Key) })
	for _, a := range areas {
		if a.Key == "" || p.parent[a.Key] != "" && p.parent[a.Key] != a.Parent {
			return nil, fault.New(fault.Invalid, "areas", "an area without key, or twice", "give every district once")
		}
		p.parent[a.Key] = a.Parent
	}
	type id struct {
		source  Source
		subject Subject
		area    string
	}
	at := map[id]int{}
	housesOf := map[string]uint16{}
	var names []string
	for _, r := range records {
		names = append(names, r.House, r.Other)
	}
	slices.Sort(names)
	for i, n := range slices.Compact(names) {
		if i > math.MaxUint16 {
			return nil, fault.New(fault.TooLarge, "series", "more than 65,535 organisations", "split the file")
		}
		housesOf[n] = uint16(i)
	}
	for _, r := range records {
		if _, known := p.parent[r.Area]; !known || !slices.Contains(Sources(), r.Source) || r.Period < 0 || r.Period >= periods || r.Delay < 0 || r.Count < -1 || r.Subject.Problem == "" {
			return nil, fault.New(fault.Invalid, "series", fmt.Sprintf("a record of %s in %q, period %d, delay %d, count %d", r.Source, r.Area, r.Period, r.Delay, r.Count),
				"give known areas, sources and periods, and counts from 0")
		}
		k := id{r.Source, r.Subject, r.Area}
		i, ok := at[k]
		if !ok {
			i = len(p.Series)
			at[k] = i
			s := Series{Source: r.Source, Area: r.Area, Subject: r.Subject, missing: make([]bool, periods), houses: make([][]uint16, periods), others: make([][]uint16, periods)}
			for d := range s.known {
				s.known[d] = make([]float64, periods)
			}
			p.Series = append(p.Series, s)
		}
		s := &p.Series[i]
		if r.Count < 0 {
			s.missing[r.Period] = true
			continue
		}
		for d := min(r.Delay, MaxDelay); d <= MaxDelay; d++ {
			s.known[d][r.Period] += float64(r.Count)
		}
		if r.Count > 0 {
			s.houses[r.Period] = with(s.houses[r.Period], housesOf[r.House])
			s.others[r.Period] = with(s.others[r.Period], housesOf[cmp.Or(r.Other, r.House)])
		}
	}
	for i := range p.Series {
		for t := range periods {
			slices.Sort(p.Series[i].houses[t])
			slices.Sort(p.Series[i].others[t])
		}
	}
	slices.SortFunc(p.Series, func(a, b Series) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), a.Subject.compare(b.Subject), cmp.Compare(a.Area, b.Area))
	})
	return p, nil
}

func with(list []uint16, h uint16) []uint16 {
	if slices.Contains(list, h) {
		return list
	}
	return append(list, h)
}

func (s Subject) compare(o Subject) int {
	return cmp.Or(cmp.Compare(s.Problem, o.Problem), cmp.Compare(s.Group, o.Group))
}

// Known gives the count of a period as known at the end of period now, NaN where missing.
func (s *Series) Known(period, now int) float64 {
	if s.missing[period] {
		return math.NaN()
	}
	return s.known[min(now-period, MaxDelay)][period]
}

// Completeness gives for d = 0 … MaxDelay which share of the counts of a source is known d periods later, from periods
// that had time to settle by now, at most the last year of them; nil where there were none.
func (p *Panel) Completeness(source Source, now int) []float64 {
	year := int(math.Round(12 * p.Step.PerMonth()))
	to := now - MaxDelay
	from := max(0, to-year)
	var sum [MaxDelay + 1]float64
	for i := range p.Series {
		s := &p.Series[i]
		if s.Source != source {
			continue
		}
		for t := from; t <= to; t++ {
			if s.missing[t] {
				continue
			}
			for d := range sum {
				sum[d] += s.known[d][t]
			}
		}
	}
	if sum[MaxDelay] == 0 {
		return nil
	}
	out := make([]float64, MaxDelay+1)
	for d := range out {
		out[d] = sum[d] / sum[MaxDelay]
	}
	return out
}

// Settled gives after how many periods at least 95 % of a source's counts are known; MaxDelay where nothing is known
// of its delay.
func (p *Panel) Settled(source Source, now int) int {
	for d, share := range p.Completeness(source, now) {
		if share >= 0.95 {
			return d
		}
	}
	return MaxDelay
}
