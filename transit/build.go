package transit

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"gevor/fault"
	"gevor/gtfs"
	"gevor/notice"
)

const (
	daySeconds = 24 * 3600
	// horizon is the end of a timetable: six hours into the day after, so that late departures arrive.
	horizon = 30 * 3600
)

// run is one vehicle under way: the calls of a trip at given times.
type run struct {
	calls   []gtfs.StopTime
	base    int32 // number of the first stop of its feed
	shift   int32 // seconds to add to its times
	feed    int32
	trip    int32
	ordinal int32 // counts the runs of a frequency
}

func (r *run) arrive(k int) int32 { return r.calls[k].Arrive + r.shift }
func (r *run) depart(k int) int32 { return r.calls[k].Depart + r.shift }

// runsOf gives every vehicle of a feed that is on its way between midnight of the day and the horizon: trips of
// the day, of the day before past midnight, and of the day after up to the horizon; frequencies expanded.
func runsOf(f *gtfs.Feed, feed, base int32, day gtfs.Date) []run {
	frequencies := map[int32][]int{}
	for i, x := range f.Frequencies {
		frequencies[x.Trip] = append(frequencies[x.Trip], i)
	}
	var runs []run
	add := func(r run) {
		if last := len(r.calls) - 1; r.arrive(last) > 0 && r.depart(0) < horizon {
			runs = append(runs, r)
		}
	}
	for _, days := range []int32{-1, 0, 1} {
		active := f.ActiveOn(day.Next(int(days)))
		for i, trip := range f.Trips {
			if !active[trip.Service] || trip.End-trip.First < 2 {
				continue
			}
			r := run{calls: f.StopTimes[trip.First:trip.End], base: base, feed: feed, trip: int32(i), shift: days * daySeconds}
			list, repeated := frequencies[int32(i)]
			if !repeated {
				add(r)
			}
			for _, x := range list {
				r = expand(r, f.Frequencies[x], x, add)
			}
		}
	}
	return runs
}

// expand repeats the model run of a frequency. With exact times the vehicles leave at Start, Start+Headway, …
// before End. Otherwise only the headway is promised; the vehicles then leave at Start + φ·Headway and so on,
// where φ in [0, 1) differs from one frequency to the next by the golden ratio. One fixed draw of evenly spread
// phases replaces R5's many random ones: no transfer is made too good by vehicles that all leave on the hour,
// and the answer stays the same from run to run.
func expand(model run, f gtfs.Frequency, index int, add func(run)) run {
	const golden = uint32(2654435769) // 2^32 divided by the golden ratio
	start := f.Start
	if !f.Exact {
		start += int32(uint64(uint32(index+1)*golden) * uint64(f.Headway) >> 32)
	}
	first, day := model.calls[0].Depart, model.shift
	r := model
	for at := start; at < f.End; at += f.Headway {
		r.shift = day + at - first
		add(r)
		r.ordinal++
	}
	r.shift = day
	return r
}

// flagsOf packs what is not allowed at a call.
func flagsOf(c *gtfs.StopTime) uint8 {
	flags := uint8(0)
	if c.NoBoarding {
		flags |= noBoarding
	}
	if c.NoAlighting {
		flags |= noAlighting
	}
	return flags
}

// compareCalls orders runs by where they call and whether one may board and alight there.
func compareCalls(a, b *run) int {
	for k := range min(len(a.calls), len(b.calls)) {
		x, y := &a.calls[k], &b.calls[k]
		if c := cmp.Compare(x.Stop+a.base, y.Stop+b.base); c != 0 {
			return c
		}
		if c := cmp.Compare(flagsOf(x), flagsOf(y)); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a.calls), len(b.calls))
}

// compareTimes orders runs of the same calls by time, ties by feed, trip and ordinal.
func compareTimes(a, b *run) int {
	for k := range a.calls {
		if c := cmp.Or(cmp.Compare(a.depart(k), b.depart(k)), cmp.Compare(a.arrive(k), b.arrive(k))); c != 0 {
			return c
		}
	}
	return cmp.Or(cmp.Compare(a.feed, b.feed), cmp.Compare(a.trip, b.trip), cmp.Compare(a.ordinal, b.ordinal))
}

// follows says whether b never overtakes a: it is nowhere earlier.
func follows(a, b *run) bool {
	for k := range a.calls {
		if b.arrive(k) < a.arrive(k) || b.depart(k) < a.depart(k) {
			return false
		}
	}
	return true
}

// layPatterns orders runs into patterns: equal calls, and none overtakes another. A run joins the first pattern
// of its calls whose last run it follows.
func (t *Timetable) layPatterns(runs []run) {
	slices.SortFunc(runs, func(a, b run) int {
		if c := compareCalls(&a, &b); c != 0 {
			return c
		}
		return compareTimes(&a, &b)
	})
	t.patternFirst, t.tripFirst, t.timeFirst = []uint32{0}, []uint32{0}, []uint64{0}
	for from := 0; from < len(runs); {
		to := from + 1
		for to < len(runs) && compareCalls(&runs[from], &runs[to]) == 0 {
			to++
		}
		var lanes [][]*run
		for i := from; i < to; i++ {
			lane := 0
			for lane < len(lanes) && !follows(lanes[lane][len(lanes[lane])-1], &runs[i]) {
				lane++
			}
			if lane == len(lanes) {
				lanes = append(lanes, nil)
			}
			lanes[lane] = append(lanes[lane], &runs[i])
		}
		for _, lane := range lanes {
			t.addPattern(lane)
		}
		from = to
	}
}

func (t *Timetable) addPattern(runs []*run) {
	for k := range runs[0].calls {
		c := &runs[0].calls[k]
		t.callStop = append(t.callStop, uint32(c.Stop+runs[0].base))
		t.callFlags = append(t.callFlags, flagsOf(c))
	}
	for _, r := range runs {
		for k := range r.calls {
			t.arrive = append(t.arrive, r.arrive(k))
			t.depart = append(t.depart, r.depart(k))
		}
	}
	t.patternFirst = append(t.patternFirst, uint32(len(t.callStop)))
	t.tripFirst = append(t.tripFirst, t.tripFirst[len(t.tripFirst)-1]+uint32(len(runs)))
	t.timeFirst = append(t.timeFirst, uint64(len(t.arrive)))
}

// merge lays the runs of all feeds into patterns and numbers the stops they call at. It gives for each feed the
// number of each of its stops, -1 where no vehicle calls.
func (t *Timetable) merge(feeds []*gtfs.Feed, notes *notice.List) ([][]int32, error) {
	var runs []run
	var bases []int32
	base := int32(0)
	for i, f := range feeds {
		own := runsOf(f, int32(i), base, t.day)
		if len(own) == 0 && notes != nil {
			advice := "no trip of this timetable runs on " + t.day.String()
			if first, last, ok := f.Span(); ok {
				advice += "; it covers " + first.String() + " to " + last.String() + ", choose a service day in that span"
			}
			notes.Add(notice.Notice{Severity: notice.Warning, File: f.File, Value: t.day.String(), Rule: "no-service-on-day", Advice: advice})
		}
		runs = append(runs, own...)
		bases = append(bases, base)
		base += int32(len(f.Stops))
	}
	if len(runs) == 0 {
		return nil, t.noService(feeds)
	}
	t.layPatterns(runs)

	number := make([]int32, base)
	for i := range number {
		number[i] = -1
	}
	for _, s := range t.callStop {
		number[s] = 0
	}
	stopsOf := make([][]int32, len(feeds))
	for i, f := range feeds {
		stopsOf[i] = number[bases[i]:][:len(f.Stops)]
		for k, s := range f.Stops {
			if stopsOf[i][k] < 0 {
				continue
			}
			stopsOf[i][k] = int32(len(t.stops))
			t.stops = append(t.stops, Stop{ID: strconv.Itoa(i+1) + ":" + s.ID, Name: s.Name, At: s.At})
		}
	}
	for i, s := range t.callStop {
		t.callStop[i] = uint32(number[s])
	}
	return stopsOf, nil
}

func (t *Timetable) noService(feeds []*gtfs.Feed) error {
	place, advice := "", "add a timetable, or leave public transport out of the standards"
	if len(feeds) > 0 {
		place, advice = feeds[0].File, "choose another service day"
		if first, last, ok := feeds[0].Span(); ok {
			advice = fmt.Sprintf("choose a service day from %s to %s", first, last)
		}
	}
	return fault.New(fault.Invalid, place, "no vehicle runs on "+t.day.String(), advice)
}
