package transit

import "slices"

// spread turns the best arrivals by departure minute into percentiles of travel time. One serves one goroutine.
type spread struct {
	step, max int
	ranks     []int // ascending
	order     []int // ranks[i] belongs to percentile order[i] of the query
	runs      []stretch
	change    []int32 // per bucket of one step: how many more runs have a value there than in the bucket before
	rests     []int32
}

// stretch is a row of departures that share one arrival. Their travel times differ by whole steps: rest plus
// step times a bucket in [low, high].
type stretch struct{ low, high, rest int32 }

// newSpread prepares percentiles by nearest rank: of n departures the p-th percentile is the value of rank
// ⌈p·n/100⌉, at least 1, unreached departures ranking last.
func newSpread(step, minutes, max int, percentiles []int) *spread {
	s := &spread{step: step, max: max, change: make([]int32, max/step+2)}
	for i := range percentiles {
		s.order = append(s.order, i)
	}
	slices.SortStableFunc(s.order, func(a, b int) int { return percentiles[a] - percentiles[b] })
	for _, i := range s.order {
		s.ranks = append(s.ranks, (percentiles[i]*minutes+99)/100)
	}
	return s
}

// of writes the percentiles of one destination in the order of the query. arrivals[m] is the earliest arrival
// known for a journey that can start at minute m but not at m+1; direct is the time on foot, unreached where
// there is none. It says whether any percentile is reached.
func (s *spread) of(arrivals []uint16, direct int32, out []int32) bool {
	total := s.find(arrivals)
	for i := range out {
		out[i] = direct
	}
	if total < s.ranks[0] {
		return direct != unreached
	}
	// Walk the buckets upwards until each rank is met.
	next, below, here := 0, 0, 0
	for b := range s.change {
		here += int(s.change[b])
		s.change[b] = 0
		for next < len(s.ranks) && s.ranks[next] <= below+here {
			v := s.pick(int32(b), s.ranks[next]-below)
			o := s.order[next]
			out[o] = min(out[o], v)
			next++
		}
		below += here
	}
	return true
}

// find fills runs and change and gives the number of departures that arrive in time.
func (s *spread) find(arrivals []uint16) int {
	s.runs = s.runs[:0]
	total := 0
	step := s.step
	for high := len(arrivals) - 1; high >= 0; {
		arrival := arrivals[high]
		if arrival == never {
			high--
			continue
		}
		low := high
		for low > 0 && arrivals[low-1] >= arrival {
			low--
		}
		quickest := int(arrival) - 1 - high*step
		if quickest <= s.max {
			n := min(high-low, (s.max-quickest)/step) + 1
			bucket := quickest / step
			s.runs = append(s.runs, stretch{int32(bucket), int32(bucket + n - 1), int32(quickest - bucket*step)})
			total += n
		}
		high = low - 1
	}
	if total >= s.ranks[0] {
		for _, r := range s.runs {
			s.change[r.low]++
			s.change[r.high+1]--
		}
	}
	return total
}

// pick gives the n-th smallest value (from 1) among the runs that have one in a bucket.
func (s *spread) pick(bucket int32, n int) int32 {
	s.rests = s.rests[:0]
	for _, r := range s.runs {
		if r.low <= bucket && bucket <= r.high {
			s.rests = append(s.rests, r.rest)
		}
	}
	slices.Sort(s.rests)
	return bucket*int32(s.step) + s.rests[n-1]
}
