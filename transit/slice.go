package transit

import (
	"math"
	"slices"
	"sort"
)

// slice is the part of a timetable that one query can use, on a clock of its own: seconds after the second
// before the first departure, so that 0 means "has left before" and never means "too late". It is immutable.
//
// A call of a trip is numbered at + trip·calls + position over all patterns.
type slice struct {
	step, minutes int // departures are at 1, 1+step, …; minutes of them
	last          int // the last departure
	max           int // bound of a journey
	slack         int
	stops         int

	first     []int32 // local pattern p has the calls [first[p], first[p+1])
	callStop  []int32
	callFlags []uint8
	trips     []int32  // number of trips of each local pattern
	at        []int32  // its times start here in arrive and depart
	arrive    []uint16 // trip-major: at + trip·calls + position
	depart    []uint16 // position-major: at + position·trips + trip

	boardFirst []int32 // stop q can be boarded at boards[boardFirst[q]:boardFirst[q+1]]
	boards     []boarding

	changeFirst []int32 // changes[changeFirst[p]:changeFirst[p+1]], ascending by seconds
	changes     []change
}

// end is the last time at which anything can matter.
func (s *slice) end() uint16 { return uint16(s.last + s.max) }

// boarding is a call of a pattern at which people may get on and ride further.
type boarding struct{ pattern, position int32 }

// change is a way from alighting at one stop to boarding at another; seconds include the slack.
type change struct {
	to      int32
	seconds int32
}

// slice cuts the timetable to a query that was checked before.
func (t *Timetable) slice(q Query) *slice {
	s := &slice{
		step: q.Step, minutes: (q.Window + q.Step - 1) / q.Step, max: int(q.Max), slack: int(t.slack),
		stops: len(t.stops), first: []int32{0},
	}
	s.last = 1 + (s.minutes-1)*s.step
	s.cut(t, int32(q.Departure-1), int32(s.last+s.max))
	s.findBoardings()
	s.cutChanges(t, q)
	return s
}

// cut keeps the trips that call anywhere in the clock's range (0, end].
func (s *slice) cut(t *Timetable, zero, end int32) {
	clock := func(x int32) uint16 {
		switch x -= zero; {
		case x <= 0:
			return 0
		case x > end:
			return never
		default:
			return uint16(x)
		}
	}
	for p := range t.patterns() {
		calls := int32(t.patternFirst[p+1] - t.patternFirst[p])
		n := int(t.tripFirst[p+1] - t.tripFirst[p])
		at := func(trip int) int { return int(t.timeFirst[p]) + trip*int(calls) }
		from := sort.Search(n, func(i int) bool { return t.arrive[at(i)+int(calls)-1] > zero })
		to := sort.Search(n, func(i int) bool { return t.depart[at(i)]-zero > end })
		if from >= to {
			continue
		}
		m := int32(to - from)
		base := int32(len(s.arrive))
		s.at = append(s.at, base)
		s.trips = append(s.trips, m)
		for c := t.patternFirst[p]; c < t.patternFirst[p+1]; c++ {
			s.callStop = append(s.callStop, int32(t.callStop[c]))
			s.callFlags = append(s.callFlags, t.callFlags[c])
		}
		s.first = append(s.first, int32(len(s.callStop)))
		s.arrive = append(s.arrive, make([]uint16, m*calls)...)
		s.depart = append(s.depart, make([]uint16, m*calls)...)
		for i := range m {
			for k := range calls {
				s.arrive[base+i*calls+k] = clock(t.arrive[at(from+int(i))+int(k)])
				s.depart[base+k*m+i] = clock(t.depart[at(from+int(i))+int(k)])
			}
		}
	}
}

func (s *slice) findBoardings() {
	s.boardFirst = make([]int32, s.stops+1)
	each := func(f func(stop int32, b boarding)) {
		for p := range int32(len(s.trips)) {
			for c := s.first[p]; c < s.first[p+1]-1; c++ {
				if s.callFlags[c]&noBoarding == 0 {
					f(s.callStop[c], boarding{p, c - s.first[p]})
				}
			}
		}
	}
	each(func(stop int32, _ boarding) { s.boardFirst[stop+1]++ })
	for i := range s.stops {
		s.boardFirst[i+1] += s.boardFirst[i]
	}
	s.boards = make([]boarding, s.boardFirst[s.stops])
	next := slices.Clone(s.boardFirst[:s.stops])
	each(func(stop int32, b boarding) {
		s.boards[next[stop]] = b
		next[stop]++
	})
}

func (s *slice) boardings(stop int32) []boarding {
	return s.boards[s.boardFirst[stop]:s.boardFirst[stop+1]]
}

// cutChanges scales the walks between stops to the walking speed and keeps only changes that let one board
// something no other change from the same stop gives as well.
func (s *slice) cutChanges(t *Timetable, q Query) {
	s.changeFirst = make([]int32, s.stops+1)
	arrives := make([]bool, s.stops)
	for p := range s.trips {
		for c := s.first[p] + 1; c < s.first[p+1]; c++ {
			arrives[s.callStop[c]] = arrives[s.callStop[c]] || s.callFlags[c]&noAlighting == 0
		}
	}
	kept := map[int32][]kept{}
	var all []change
	for p := range s.stops {
		if arrives[p] {
			all = all[:0]
			for i := t.transferFirst[p]; i < t.transferFirst[p+1]; i++ {
				if to := int32(t.transferTo[i]); len(s.boardings(to)) > 0 {
					all = append(all, change{to, t.changeSeconds(i, q.WalkKmh)})
				}
			}
			slices.SortFunc(all, func(a, b change) int {
				if a.seconds != b.seconds {
					return int(a.seconds - b.seconds)
				}
				return int(a.to - b.to)
			})
			clear(kept)
			for _, c := range all {
				if int(c.seconds) <= s.max && s.adds(c, kept) {
					s.changes = append(s.changes, c)
				}
			}
		}
		s.changeFirst[p+1] = int32(len(s.changes))
	}
}

// changeSeconds is the time from alighting to boarding over transfer i at a walking speed, at least one second,
// so that every chain of rides moves forward in time.
func (t *Timetable) changeSeconds(i uint32, kmh float64) int32 {
	walk := int32(math.Ceil(float64(t.transferWalk[i])*3.6/kmh - 1e-9))
	if t.transferTimed[i] == 0 {
		walk += t.slack
	}
	return max(walk, t.transferMin[i], 1)
}

// kept is a boarding that an earlier, quicker change gives.
type kept struct{ position, seconds int32 }

// adds says whether a change gives any boarding that the quicker ones do not: a boarding is given already when
// the same trips can be boarded earlier on their way in time, for then one may simply stay seated.
func (s *slice) adds(c change, have map[int32][]kept) bool {
	adds := false
	for _, b := range s.boardings(c.to) {
		covered := false
		for _, k := range have[b.pattern] {
			if k.position <= b.position && k.seconds+s.span(b.pattern, k.position, b.position) <= c.seconds {
				covered = true
				break
			}
		}
		if !covered {
			have[b.pattern] = append(have[b.pattern], kept{b.position, c.seconds})
			adds = true
		}
	}
	return adds
}

// span is the longest time any trip of a pattern takes from leaving one call to leaving a later one. Clipped
// clocks are handled on the safe side: a departure clipped to 0 only makes the span longer.
func (s *slice) span(pattern, from, to int32) int32 {
	m := s.trips[pattern]
	a := s.depart[s.at[pattern]+from*m:][:m]
	b := s.depart[s.at[pattern]+to*m:][:m]
	longest := int32(0)
	for i := range a {
		longest = max(longest, int32(b[i])-int32(a[i]))
	}
	return longest
}
