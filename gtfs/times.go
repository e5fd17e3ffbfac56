package gtfs

import (
	"math"
	"sort"

	"gevor/geo"
)

// call is one row of stop_times.txt before its trip is put together.
type call struct {
	trip, sequence, stop, line int32
	arrive, depart             int32
	dist                       float64 // shape_dist_traveled; NaN where not stated
	noBoarding, noAlighting    bool
	interpolated               bool
}

const (
	tripCol = iota
	stopCol
	sequenceCol
	arriveCol
	departCol
	pickupCol
	dropCol
	distCol
)

// readStopTimes reads the calls; which of them are used is decided and counted in assemble.
func (r *reader) readStopTimes() error {
	columns := []string{"trip_id", "stop_id", "stop_sequence", "arrival_time", "departure_time", "pickup_type", "drop_off_type", "shape_dist_traveled"}
	var calls []call
	var last *table
	lastTrip, lastID := None, ""
	err := r.each("stop_times.txt", 5, columns, func(t *table) {
		last = t
		if id := t.get(tripCol); id != lastID || lastTrip == None {
			i, ok := r.trips[id]
			if !ok {
				t.reject(ruleReference, "trip_id", id, id)
				return
			}
			lastTrip, lastID = i, r.feed.Trips[i].ID
		}
		if c, ok := r.call(t, lastTrip); ok {
			calls = append(calls, c)
		}
	})
	if err != nil || last == nil {
		return err
	}
	r.assemble(last, calls)
	return nil
}

// call reads the current row as a call of a trip.
func (r *reader) call(t *table, trip int32) (call, bool) {
	c := call{trip: trip, line: int32(t.line)}
	record := r.feed.Trips[trip].ID
	var ok bool
	if c.stop, ok = r.stops[t.get(stopCol)]; !ok {
		t.reject(ruleReference, "stop_id", t.get(stopCol), record)
		return c, false
	}
	if s := &r.feed.Stops[c.stop]; s.Kind != Platform && s.Kind != BoardingArea || !s.HasPlace {
		t.reject(ruleStation, "stop_id", t.get(stopCol), record)
		return c, false
	}
	sequence, ok := t.number(sequenceCol, 0, math.MaxInt32, -1)
	if !ok || sequence < 0 {
		t.reject(ruleField, "stop_sequence", t.get(sequenceCol), record)
		return c, false
	}
	c.sequence = int32(sequence)
	if c.arrive, ok = t.time(arriveCol); !ok {
		t.reject(ruleTime, "arrival_time", t.get(arriveCol), record)
		return c, false
	}
	if c.depart, ok = t.time(departCol); !ok {
		t.reject(ruleTime, "departure_time", t.get(departCol), record)
		return c, false
	}
	if c.arrive == noTime {
		c.arrive = c.depart
	}
	if c.depart == noTime {
		c.depart = c.arrive
	}
	if c.depart < c.arrive {
		t.remark(ruleDepartFirst, "departure_time", t.get(departCol), record)
		c.depart = c.arrive
	}
	var kinds [2]int64
	for i, column := range []int{pickupCol, dropCol} {
		if kinds[i], ok = t.number(column, 0, 3, 0); !ok {
			t.reject(ruleField, t.columns[column], t.get(column), record)
			return c, false
		}
		if kinds[i] > 1 {
			t.remark(ruleOnDemand, t.columns[column], t.get(column), record)
		}
	}
	c.noBoarding, c.noAlighting = kinds[0] == 1, kinds[1] == 1
	if c.dist, ok = t.real(distCol); !ok || c.dist < 0 {
		c.dist = math.NaN()
	}
	return c, true
}

// assemble groups calls by trip in the order of travel, checks their times and fills those left empty.
func (r *reader) assemble(t *table, calls []call) {
	calls = groupByTrip(calls, len(r.feed.Trips))
	r.feed.StopTimes = make([]StopTime, 0, len(calls))
	for from := 0; from < len(calls); {
		to := from
		for to < len(calls) && calls[to].trip == calls[from].trip {
			to++
		}
		trip := &r.feed.Trips[calls[from].trip]
		kept := r.checked(t, calls[from:to], trip.ID)
		if len(kept) < 2 {
			for _, c := range kept {
				t.rejectLine(int(c.line), ruleShortTrip, "", "", trip.ID)
			}
			kept = nil
		}
		r.interpolate(t, kept, trip.ID)
		trip.First = int32(len(r.feed.StopTimes))
		for _, c := range kept {
			r.feed.StopTimes = append(r.feed.StopTimes, StopTime{
				Stop: c.stop, Arrive: c.arrive, Depart: c.depart,
				NoBoarding: c.noBoarding, NoAlighting: c.noAlighting, Interpolated: c.interpolated,
			})
		}
		trip.End = int32(len(r.feed.StopTimes))
		from = to
	}
	t.notes.Used(t.place, int64(len(r.feed.StopTimes)))
}

// groupByTrip orders calls by trip, then stop_sequence, then line. Feeds are mostly in that order already.
func groupByTrip(calls []call, trips int) []call {
	before := func(a, b *call) bool {
		return a.trip < b.trip || a.trip == b.trip && a.sequence < b.sequence
	}
	sorted := true
	for i := 1; i < len(calls) && sorted; i++ {
		sorted = !before(&calls[i], &calls[i-1])
	}
	if sorted {
		return calls
	}
	first := make([]int, trips+1)
	for i := range calls {
		first[calls[i].trip+1]++
	}
	for i := range trips {
		first[i+1] += first[i]
	}
	at := append([]int(nil), first[:trips]...)
	out := make([]call, len(calls))
	for _, c := range calls {
		out[at[c.trip]] = c
		at[c.trip]++
	}
	for i := range trips {
		group := out[first[i]:first[i+1]]
		less := func(a, b int) bool { return group[a].sequence < group[b].sequence }
		if !sort.SliceIsSorted(group, less) {
			sort.SliceStable(group, less)
		}
	}
	return out
}

// checked drops the calls of one trip that cannot be used: a sequence number used twice, ends without a time,
// a time before that of an earlier call. It works in place.
func (r *reader) checked(t *table, calls []call, trip string) []call {
	first, last := 0, len(calls)-1
	for first <= last && calls[first].arrive == noTime {
		t.rejectLine(int(calls[first].line), ruleEnds, "arrival_time", "", trip)
		first++
	}
	end := last
	for end >= first && calls[end].arrive == noTime {
		end--
	}
	for i := end + 1; i <= last; i++ {
		t.rejectLine(int(calls[i].line), ruleEnds, "arrival_time", "", trip)
	}
	kept := calls[:0]
	latest := int32(math.MinInt32)
	sequence := int32(-1)
	for _, c := range calls[first : end+1] {
		switch {
		case c.sequence == sequence:
			t.rejectLine(int(c.line), ruleSequence, "stop_sequence", "", trip)
			continue
		case c.arrive != noTime && c.arrive < latest:
			t.rejectLine(int(c.line), ruleTimeBack, "arrival_time", clockText(c.arrive), trip)
			continue
		}
		sequence = c.sequence
		if c.arrive != noTime {
			latest = c.depart
		}
		kept = append(kept, c)
	}
	for n := len(kept); n > 0 && kept[n-1].arrive == noTime; n-- { // the timed end itself was dropped
		t.rejectLine(int(kept[n-1].line), ruleEnds, "arrival_time", "", trip)
		kept = kept[:n-1]
	}
	return kept
}

// interpolate fills the times of calls between two timed ones in proportion to the distance travelled: by
// shape_dist_traveled where every call of the gap has one and they increase, otherwise by the straight lines
// from stop to stop, and evenly where all stops of the gap lie in one place. Seconds are rounded down.
func (r *reader) interpolate(t *table, calls []call, trip string) {
	filled := false
	for from := 0; from+1 < len(calls); {
		to := from + 1
		for calls[to].arrive == noTime {
			to++
		}
		if to > from+1 {
			r.fill(calls[from : to+1])
			if !filled {
				t.notes.Add(t.notice(ruleInterpolate, "arrival_time", "", trip).at(int(calls[from+1].line)))
			}
			filled = true
		}
		from = to
	}
}

func (r *reader) fill(gap []call) {
	n := len(gap) - 1
	along := make([]float64, n+1)
	byShape := true
	for i := 1; i <= n && byShape; i++ {
		along[i] = gap[i].dist - gap[0].dist // NaN where either is missing
		byShape = along[i] >= along[i-1]
	}
	if !byShape || along[n] == 0 {
		for i := 1; i <= n; i++ {
			along[i] = along[i-1] + float64(geo.Distance(r.feed.Stops[gap[i-1].stop].At, r.feed.Stops[gap[i].stop].At))
		}
	}
	if along[n] == 0 {
		for i := range along {
			along[i] = float64(i)
		}
	}
	start, span := gap[0].depart, float64(gap[n].arrive-gap[0].depart)
	for i := 1; i < n; i++ {
		at := start + int32(span*along[i]/along[n])
		gap[i].arrive, gap[i].depart, gap[i].interpolated = at, at, true
	}
}

// clockText writes seconds as HH:MM:SS.
func clockText(s int32) string {
	two := func(n int32) string { return string([]byte{byte('0' + n/10%10), byte('0' + n%10)}) }
	return two(s/3600) + ":" + two(s/60%60) + ":" + two(s%60)
}
