package transit

import "slices"

// spread turns the earliest arrivals by departure minute into percentiles of travel time. One serves one
// goroutine.
type spread struct {
	step, minutes, max int
	ranks              []int // ascending
	order              []int // ranks[i] belongs to percentile order[i] of the query
	stretches          []stretch
	change             []int16 // per bucket of one step: how many more stretches have a value there than in the bucket before
}

// stretch is a row of departures that share one arrival. Their travel times differ by whole steps: rest plus
// step times a bucket in [low, high].
type stretch struct{ low, high, rest uint16 }

// newSpread prepares percentiles by nearest rank: of n departures the p-th percentile is the value of rank
// ⌈p·n/100⌉, at least 1, unreached departures ranking last.
func newSpread(s *slice, percentiles []int) *spread {
	x := &spread{step: s.step, minutes: s.minutes, max: s.max, change: make([]int16, s.max/s.step+2)}
	for i := range percentiles {
		x.order = append(x.order, i)
	}
	slices.SortStableFunc(x.order, func(a, b int) int { return percentiles[a] - percentiles[b] })
	for _, i := range x.order {
		x.ranks = append(x.ranks, (percentiles[i]*s.minutes+99)/100)
	}
	return x
}

// of writes the percentiles of one lane in the order of the query, never where unreached, and says whether any
// is reached. changes[k] holds the earliest arrivals of journeys that start at minute at[k] or later; at
// descends, and arrivals never increase.
func (s *spread) of(at []uint16, changes []row, lane int, out []uint16) bool {
	total := s.find(at, changes, lane)
	if total < s.ranks[0] {
		return false
	}
	for i := range out {
		out[i] = never
	}
	first, last := uint16(len(s.change)-1), uint16(0)
	for _, r := range s.stretches {
		s.change[r.low]++
		s.change[r.high+1]--
		first, last = min(first, r.low), max(last, r.high+1)
	}
	next, below, here := 0, 0, 0
	for b := first; next < len(s.ranks) && s.ranks[next] <= total; b++ {
		here += int(s.change[b])
		for next < len(s.ranks) && s.ranks[next] <= below+here {
			out[s.order[next]] = s.pick(b, s.ranks[next]-below)
			next++
		}
		below += here
	}
	clear(s.change[first : last+1])
	return true
}

// find fills the stretches and gives the number of departures that arrive in time.
func (s *spread) find(at []uint16, changes []row, lane int) int {
	s.stretches = s.stretches[:0]
	total, w, shift := 0, lane/4, lane%4*16
	for k := 0; k < len(at); {
		arrival := uint16(changes[k][w] >> shift)
		high := int(at[k])
		for k++; k < len(at) && uint16(changes[k][w]>>shift) == arrival; k++ {
		}
		low := 0
		if k < len(at) {
			low = int(at[k]) + 1
		}
		if arrival == never {
			continue
		}
		quickest := int(arrival) - 1 - high*s.step
		if quickest > s.max {
			continue
		}
		n := min(high-low, (s.max-quickest)/s.step) + 1
		bucket := quickest / s.step
		s.insert(stretch{uint16(bucket), uint16(bucket + n - 1), uint16(quickest - bucket*s.step)})
		total += n
	}
	return total
}

// insert keeps the stretches ascending by rest.
func (s *spread) insert(x stretch) {
	s.stretches = append(s.stretches, x)
	i := len(s.stretches) - 1
	for ; i > 0 && s.stretches[i-1].rest > x.rest; i-- {
		s.stretches[i] = s.stretches[i-1]
	}
	s.stretches[i] = x
}

// pick gives the n-th smallest value (from 1) among the stretches that have one in a bucket.
func (s *spread) pick(bucket uint16, n int) uint16 {
	for i := range s.stretches {
		if r := &s.stretches[i]; r.low <= bucket && bucket <= r.high {
			if n--; n == 0 {
				return bucket*uint16(s.step) + r.rest
			}
		}
	}
	return never // not reached: every bucket holds as many as were counted
}
