package signal

import "math"

// stepWidth is the width in cases to which figures of consecutive reports are protected.
const stepWidth = 5

// Stepped gives the counts of a series as reports may show them: what became known of period t in period now, by now and
// t − (now − MaxDelay). Every figure that any report shows is a sum of these, so reports of any number of weeks say no
// more than they do.
//
// What becomes known is taken in the order in which it does, and of its running sum only the step of five in which it lies
// is kept; a count is what the kept sum grows by. What comes later changes nothing that was, so all reports speak of the
// same counts. One count, or any run of them, stays open by four at least, and a run is never off by more than four. The
// sum begins anew with every block of a year on the calendar, so that a record that has lost its oldest years goes on with
// the same steps. Cost O(periods · MaxDelay). TestReportsGiveNoCountAway bounds every count by linear programs.
func (p *Panel) Stepped(s *Series) [][]float64 {
	out := make([][]float64, p.Periods)
	sum, kept := 0.0, 0.0
	for now := range out {
		if now > 0 && p.block(now) != p.block(now-1) {
			sum, kept = 0, 0
		}
		row := make([]float64, MaxDelay+1)
		for k := range row {
			t, d := now-MaxDelay+k, MaxDelay-k
			if t < 0 {
				continue
			}
			sum += s.known[d][t]
			if d > 0 {
				sum -= s.known[d-1][t]
			}
			step := stepWidth * math.Floor(sum/stepWidth)
			row[k] = step - kept
			kept = step
		}
		out[now] = row
	}
	return out
}

// block is the year, of 52 weeks or 12 months, in which a period lies.
func (p *Panel) block(period int) int {
	at := p.Step.After(p.Start, period)
	if p.Step == Month {
		return at.Year()
	}
	const week = 7 * 24 * 3600
	return int(math.Floor(float64(at.Unix()) / week / 52))
}

// steppedSum is what reports may show of the periods [from, to], as known at the end of period now; periods that are
// missing count nothing.
func (s *Series) steppedSum(steps [][]float64, from, to, now int) float64 {
	sum := 0.0
	for a := max(0, from); a <= now; a++ {
		for k, c := range steps[a] {
			if t := a - MaxDelay + k; t >= from && t <= to && !s.missing[t] {
				sum += c
			}
		}
	}
	return sum
}
