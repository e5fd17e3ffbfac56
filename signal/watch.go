package signal

import (
	"cmp"
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/stat/distuv"
)

// Doubt is something known against a signal.
type Doubt string

// The doubts.
const (
	FewCases      Doubt = "few-cases"         // fewer than 20 are behind it
	OneSource     Doubt = "one-source"        // no other source speaks of it
	NotAllIn      Doubt = "not-all-in"        // more than a tenth of the reports is still to come
	PeriodsGone   Doubt = "periods-missing"   // periods of the window are missing
	MoreReporters Doubt = "more-reporters"    // clearly more organisations report than in training
	Falling       Doubt = "falling"           // the last third of the window is below what is expected
	Everywhere    Doubt = "everywhere"        // the whole region rises
	ShortPast     Doubt = "short-past"        // too little past to know the rate of false alarms
	Assumed       Doubt = "assumed"           // rests on an assumption that the page names
	AgesUnknown   Doubt = "not-all-known"     // of some places the date or age is not known
	GapContradict Doubt = "standard-met-here" // the analysis of reach finds no gap here
)

// Advice is a step to take next.
type Advice string

// What to look at next.
const (
	AskThere      Advice = "ask-there"      // ask the organisations of the place
	LookAtOffers  Advice = "look-at-offers" // whether offers of the category pause, are full or closed
	LookAtReports Advice = "look-at-reports"
	LookAround    Advice = "look-around" // neighbours and the other sources
	LookAtGap     Advice = "look-at-gap" // the analysis of reach found a gap in the same place
	PlanAhead     Advice = "plan-ahead"  // speak with planners and payers before the date
)

// Signal is one sign of worsening, as it may leave: every figure in it has passed the gate.
type Signal struct {
	Sources []Source
	Method  Method
	Level   Level
	Area    string // the smallest place whose figures may be shown; empty for the region
	Subject Subject
	// From and To are the first and last day that the figures are about, Since the first day of the period in which it was
	// first raised.
	From, To, Since time.Time
	// Observed stands in steps of five (Panel.Stepped) and Expected in whole numbers, in cases (of losses: places). Withheld says that not even
	// the region's figures may be shown; both are 0 then.
	Observed, Expected float64
	Withheld           bool
	// Wider says that figures of a larger place or a longer time stand in for those that were judged; Expected is 0 then.
	Wider bool
	// FromHour and ToHour are the hours of the clock whose departures are lost, [FromHour, ToHour); both 0: of the whole day.
	FromHour, ToHour int     `json:",omitempty"`
	Strength         float64 // z, to a half, as a tenth would tell the cases behind it; of losses 0
	// Chance is the probability of so many or more in one such comparison if nothing had changed, rounded up to a power of
	// ten; of losses the probability that the loss comes, to a twentieth.
	Chance   float64
	Complete float64 // share of the reports of the window that are in, 0..1
	LeadDays int     // until the yearly report would show it, or the loss comes; ≥ 0
	Against  []Doubt
	Next     []Advice
}

// Report is what a panel says at the end of a period.
type Report struct {
	Step      Step
	At        time.Time // first day after the period
	Rate      float64   // false alarms a month that the threshold is set for
	Threshold Threshold
	Units     int // that are watched
	Waiting   int // of them that stand out but wait, as the year's allowance is used up
	Signals   []Signal
}

// Watch says what stands out at the end of a period, with a threshold set from the periods before. An alarm stays a
// signal until its unit has been silent for Quiet periods. Signals come in order of strength.
func (p *Panel) Watch(now int, o Options) (*Report, error) {
	o, err := o.filled(p.Step)
	if err != nil {
		return nil, err
	}
	units := p.Units()
	from := max(0, now-o.Past)
	scores, err := p.Scores(units, from, now+1, o)
	if err != nil {
		return nil, err
	}
	out := &Report{Step: p.Step, At: p.Step.After(p.Start, now+1), Rate: o.FalsePerMonth, Units: len(units)}
	if out.Threshold, err = Calibrate(units, scores[:len(scores)-1], p.Step, o); err != nil {
		return nil, err
	}
	last := len(scores) - 1
	var rising []Subject
	for i := range units {
		if units[i].Level == InRegion && scores[last][i].Z >= out.Threshold.Of(&units[i]) {
			rising = append(rising, units[i].Subject)
		}
	}
	scores, out.Waiting = Allow(units, scores, out.Threshold, p.Step, o)
	for _, e := range Episodes(units, scores, out.Threshold, o.Quiet) {
		if last-e.Last > o.Quiet {
			continue
		}
		// The unit that speaks loudest now, the smaller place before the larger.
		slices.SortFunc(e.Units, func(a, b int) int {
			above := func(i int) float64 { return loudness(scores[last][i].Z - out.Threshold.Of(&units[i])) }
			return cmp.Or(cmp.Compare(above(b), above(a)), cmp.Compare(len(units[a].series), len(units[b].series)), cmp.Compare(a, b))
		})
		s, err := p.signal(units, e, scores[last], now, o)
		if err != nil {
			return nil, err
		}
		s.Since = p.Step.After(p.Start, from+e.First)
		if out.Threshold.Basis == OnBound {
			s.Against = append(s.Against, ShortPast)
		}
		if s.Level != InRegion && slices.Contains(rising, s.Subject) {
			s.Against = append(s.Against, Everywhere)
		}
		out.Signals = append(out.Signals, s)
	}
	slices.SortStableFunc(out.Signals, func(a, b Signal) int {
		return cmp.Or(cmp.Compare(b.Strength, a.Strength), a.Subject.compare(b.Subject), cmp.Compare(a.Area, b.Area))
	})
	return out, nil
}

// loudness compares scores by half units, so that places are not chosen by noise.
func loudness(z float64) float64 {
	if math.IsNaN(z) {
		return math.Inf(-1)
	}
	return math.Floor(z * 2)
}

func (p *Panel) signal(units []Unit, e Episode, row []Score, now int, o Options) (Signal, error) {
	u := &units[e.Units[0]]
	score := row[e.Units[0]]
	s := Signal{Sources: slices.Clone(u.Sources), Method: u.Method, Level: u.Level, Area: u.Area, Subject: u.Subject}
	for _, i := range e.Units {
		for _, src := range units[i].Sources {
			if !slices.Contains(s.Sources, src) {
				s.Sources = append(s.Sources, src)
			}
		}
	}
	slices.Sort(s.Sources)
	if math.IsNaN(score.Z) { // nothing new is known of it: what was raised stands without figures
		score = Score{Window: o.Windows[len(o.Windows)-1]}
		s.Withheld = true
	} else {
		s.Strength = math.Round(score.Z*2) / 2
		s.Chance = math.Min(1, math.Pow(10, math.Ceil(math.Log10(math.Max(1e-9, 1-distuv.UnitNormal.CDF(score.Z))))))
	}
	end := now
	if u.Method == AgainstPast {
		end = now - p.Settled(u.Sources[0], now)
	}
	shown := publication{p: p, now: now, end: end, window: score.Window, windows: o.Windows}
	if !s.Withheld {
		if err := shown.figures(&s, u, score.Expected); err != nil {
			return s, err
		}
	}
	s.From, s.To = p.Step.After(p.Start, end+1-shown.window), p.Step.After(p.Start, end+1).AddDate(0, 0, -1)
	s.Complete = p.complete(u, end+1-shown.window, end, now)
	year := s.To.Year()
	s.LeadDays = max(0, int(time.Date(year+1, time.April, 1, 0, 0, 0, 0, time.UTC).Sub(s.To).Hours()/24))
	p.doubts(&s, u, score, now, o)
	s.Next = append(s.Next, AskThere, LookAtOffers)
	if slices.Contains(s.Against, MoreReporters) || slices.Contains(s.Against, NotAllIn) {
		s.Next = append(s.Next, LookAtReports)
	}
	if len(s.Sources) == 1 {
		s.Next = append(s.Next, LookAround)
	}
	return s, nil
}

// complete is the share of the reports of [from, to] that are in by now, by the delays of the sources.
func (p *Panel) complete(u *Unit, from, to, now int) float64 {
	sum, n := 0.0, 0.0
	for _, source := range u.Sources {
		share := p.Completeness(source, now)
		for t := max(0, from); t <= to; t++ {
			in := 1.0
			if d := now - t; share != nil && d < MaxDelay {
				in = share[d]
			}
			sum, n = sum+in, n+1
		}
	}
	return math.Round(sum/math.Max(n, 1)*100) / 100
}

func (p *Panel) doubts(s *Signal, u *Unit, score Score, now int, o Options) {
	if score.Observed < 20 {
		s.Against = append(s.Against, FewCases)
	}
	if len(s.Sources) == 1 {
		s.Against = append(s.Against, OneSource)
	}
	if s.Complete < 0.9 {
		s.Against = append(s.Against, NotAllIn)
	}
	from := max(0, now+1-score.Window)
	train := max(0, now+1-o.Guard-o.Train)
	var before, after, weeks float64
	for _, i := range u.series {
		series := &p.Series[i]
		for t := train; t <= now; t++ {
			switch {
			case t >= from:
				after += float64(len(series.houses[t]))
			case t < now+1-o.Guard:
				before += float64(len(series.houses[t]))
				weeks++
			}
		}
		if slices.Contains(series.missing[from:now+1], true) && !slices.Contains(s.Against, PeriodsGone) {
			s.Against = append(s.Against, PeriodsGone)
		}
	}
	// Two cases of one week come from two organisations as a rule, so the yardstick grows with the cases themselves.
	grown := 1.0
	if score.Expected > 0 {
		grown = math.Max(1, score.Observed/score.Expected)
	}
	if weeks > 0 && before > 0 && after/float64(score.Window*len(u.series)) > 1.1*grown*before/weeks {
		s.Against = append(s.Against, MoreReporters)
	}
	if third := score.Window / 3; third >= 2 && u.Method != AgainstPast {
		late := 0.0
		for _, i := range u.series {
			for t := now + 1 - third; t <= now; t++ {
				if c := p.Series[i].Known(t, now); !math.IsNaN(c) {
					late += c
				}
			}
		}
		if late < score.Expected*float64(third)/float64(score.Window)*s.Complete {
			s.Against = append(s.Against, Falling)
		}
	}
}
