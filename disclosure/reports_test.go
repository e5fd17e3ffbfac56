package disclosure_test

import (
	"fmt"
	"maps"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"gevor/signal"
)

// reportWeeks is how many weeks the attacked series have, reportLate how many weeks reports may be late.
const (
	reportWeeks = 14
	reportLate  = 1
)

// reportSeries draws the counts of one district as they become known, count[t][d] of week t d weeks later.
func reportSeries(t *testing.T, seed uint64) (p *signal.Panel, count [reportWeeks][reportLate + 1]int) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 3))
	var records []signal.Record
	for week := range count {
		for d := range count[week] {
			count[week][d] = r.IntN(7 - 3*d)
			records = append(records, signal.Record{Source: signal.Contacts, Area: "a", Subject: signal.Subject{Problem: "x"}, Period: week, Delay: d, House: "h", Count: count[week][d]})
		}
	}
	p, err := signal.NewPanel(signal.Week, time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC), reportWeeks, []signal.Area{{Key: "a"}}, records)
	if err != nil {
		t.Fatal(err)
	}
	return p, count
}

// weeksBefore begins an attack on what became known week by week.
func weeksBefore() (a *attacker, at func(t, d int) int) {
	a = &attacker{k: knowledge{counts: true}, index: map[string]int{}, hidden: map[int]bool{}, shown: map[int]bool{}}
	for t := range reportWeeks {
		for d := range reportLate + 1 {
			if t+d < reportWeeks {
				a.hidden[a.unknown([]string{fmt.Sprintf("%d+%d", t, d)})] = true
			}
		}
	}
	return a, func(t, d int) int { return a.index[fmt.Sprintf("%d+%d", t, d)] }
}

func opened(a *attacker, least int64) (recovered, narrow, all int) {
	for _, s := range a.bounds(nil) {
		all++
		if s.high == nil {
			continue
		}
		if w := new(big.Rat).Sub(s.high, s.low); w.Sign() == 0 {
			recovered++
		} else if w.Cmp(rat(least)) < 0 {
			narrow++
		}
	}
	return recovered, narrow, all
}

// The attacker gets every count that reports of fourteen weeks in a row could be made of, for every window and place, and how
// they are made. He bounds by linear programs what became known in each week. In the controls figures are sums of the true
// counts over every window of every report, exact or rounded to fives one by one.
func TestReportsGiveNoCountAway(t *testing.T) {
	var sum, exactSum, roundSum [3]int
	add := func(to *[3]int, r, n, all int) { to[0], to[1], to[2] = to[0]+r, to[1]+n, to[2]+all }
	var off []float64
	for seed := range uint64(8) {
		p, count := reportSeries(t, seed)
		steps := p.Stepped(&p.Series[0])
		a, at := weeksBefore()
		prefix, kept := map[int]*big.Rat{}, 0.0
		for now := range reportWeeks {
			for k, c := range steps[now] {
				d := signal.MaxDelay - k
				kept += c
				if week := now - d; week >= 0 && d <= reportLate {
					prefix[at(week, d)] = rat(1)
					a.between(maps.Clone(prefix), int64(kept), int64(kept)+4)
				} else if c != 0 {
					t.Fatalf("seed %d: %g cases of week %d, known %d weeks later, come from nothing", seed, c, week, d)
				}
			}
		}
		add3 := func(x *[3]int, a *attacker) { r, n, all := opened(a, 4); add(x, r, n, all) }
		add3(&sum, a)
		exact, at := weeksBefore()
		round, _ := weeksBefore()
		for now := range reportWeeks {
			for _, w := range []int{2, 4, 8, 13} {
				if now+1 < w {
					continue
				}
				coef, cases, shown := map[int]*big.Rat{}, 0, 0.0
				for week := now + 1 - w; week <= now; week++ {
					for d := 0; d <= reportLate && week+d <= now; d++ {
						coef[at(week, d)] = rat(1)
						cases += count[week][d]
						shown += steps[week+d][signal.MaxDelay-d]
					}
				}
				off = append(off, math.Abs(shown-float64(cases)))
				exact.rows = append(exact.rows, equation{maps.Clone(coef), rat(int64(cases))})
				if v := int64(math.Round(float64(cases)/5)) * 5; v >= 5 {
					round.between(coef, v-2, v+2)
				}
			}
		}
		add3(&exactSum, exact)
		add3(&roundSum, round)
	}
	slices.Sort(off)
	t.Logf("figure: consecutive early-warning reports, %d counts: %d recovered, %d too narrow; windows of exact figures: %d recovered, rounded one by one: %d recovered and %d too narrow; a figure is off by %.0f cases in the median, %.0f at most",
		sum[2], sum[0], sum[1], exactSum[0], roundSum[0], roundSum[1], off[len(off)/2], off[len(off)-1])
	if sum[0]+sum[1] > 0 {
		t.Errorf("%d counts recovered, %d narrower than five", sum[0], sum[1])
	}
	if exactSum[0] == 0 || roundSum[0]+roundSum[1] == 0 {
		t.Error("the attacker learns nothing without the protection either")
	}
}

// Every figure that reports of half a year show is the sum of stepped counts of its place and time, and a later report goes on
// with the same ones. As a control, the sums of what was reported differ.
func TestReportsAreMadeOfStepsAlone(t *testing.T) {
	const weeks = 150
	r := rand.New(rand.NewPCG(11, 1))
	var areas []signal.Area
	var records []signal.Record
	subject := signal.Subject{Group: "alle", Problem: "hausarzt"}
	for d := range 8 {
		areas = append(areas, signal.Area{Key: fmt.Sprint("d", d), Parent: fmt.Sprint("t", d/4)})
		for week := range weeks {
			mean := 5.0
			if d == 2 && week >= 130 {
				mean = 14
			}
			for at := r.ExpFloat64(); at < mean; at += r.ExpFloat64() {
				records = append(records, signal.Record{Source: signal.Contacts, Area: areas[d].Key, Subject: subject, Period: week, Delay: r.IntN(3), House: fmt.Sprint("h", r.IntN(5)), Count: 1})
			}
		}
	}
	start := time.Date(2023, time.January, 2, 0, 0, 0, 0, time.UTC)
	panel := func(weeks int) *signal.Panel {
		var known []signal.Record
		for _, x := range records {
			if x.Period+x.Delay < weeks {
				known = append(known, x)
			}
		}
		p, err := signal.NewPanel(signal.Week, start, weeks, areas, known)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	whole := panel(weeks)
	shown, other := 0, 0
	for now := weeks - 20; now < weeks; now += 2 {
		p := panel(now + 1)
		report, err := p.Watch(now, signal.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range report.Signals {
			if s.Withheld {
				continue
			}
			from, to := int(s.From.Sub(start).Hours()/168), int(s.To.Sub(start).Hours()/168)
			want, cases := 0.0, 0.0
			for i := range whole.Series {
				x := &whole.Series[i]
				if s.Level == signal.InDistrict && x.Area != s.Area || s.Level == signal.InMunicipality && areas[x.Area[1]-'0'].Parent != s.Area {
					continue
				}
				for a, row := range whole.Stepped(x)[:now+1] {
					for k, c := range row {
						if week := a - signal.MaxDelay + k; week >= from && week <= to {
							want += c
						}
					}
				}
				for week := from; week <= to; week++ {
					cases += x.Known(week, now)
				}
			}
			shown++
			if s.Observed != want {
				t.Errorf("week %d, %s %s: %g shown, steps say %g", now, s.Level, s.Area, s.Observed, want)
			}
			if s.Observed != 5*math.Round(cases/5) {
				other++
			}
		}
	}
	t.Logf("figure: early-warning reports: %d figures shown are sums of steps, %d of them not what rounding their cases would show", shown, other)
	if shown == 0 || other == 0 {
		t.Errorf("%d figures were shown, %d differ from rounding: this is no test", shown, other)
	}
}
