package transit

import (
	"cmp"
	"context"
	"math"
	"slices"

	"gevor/geo"
	"gevor/gtfs"
	"gevor/street"
	"gevor/travel"
)

// detour is what a walk is longer than the straight line where the streets do not say.
const detour = 1.3

// transfer is a walk from one stop to another before it is laid into the timetable.
type transfer struct {
	to     int32
	metres uint32
	least  int32
	timed  uint8
}

// layTransfers finds the walks between stops on the street network and applies what the feeds rule. stopsOf
// gives the number of each feed's stops, -1 where no vehicle calls.
//
// Without a rule, a change within one stop takes the slack, and one to another stop within reach the walk and
// the slack. A minimum time replaces both where it is longer; a timed transfer takes the walk alone; a forbidden
// one is left out. A ruled transfer that the streets do not give is walked as the crow flies, times 1.3. A rule
// for a station holds for all its platforms unless there is one for the platforms themselves.
func (t *Timetable) layTransfers(ctx context.Context, feeds []*gtfs.Feed, stopsOf [][]int32, most geo.Metres, workers int, progress travel.Progress) error {
	rows := make([][]transfer, len(t.stops))
	err := t.walkRows(ctx, workers, func(done int) { progress.Report("transfers", int64(done), int64(len(rows))) },
		func(s *street.Search, i int, hits []street.Hit) []street.Hit {
			hits = s.Reach(t.linked, i, t.linked, travel.Seconds(most), false, hits)
			rows[i] = make([]transfer, 0, len(hits)+1)
			for _, h := range hits {
				if int(h.To) != i {
					rows[i] = append(rows[i], transfer{to: h.To, metres: uint32(h.Seconds)})
				}
			}
			rows[i] = insert(rows[i], transfer{to: int32(i)})
			return hits
		})
	if err != nil {
		return err
	}
	for i, f := range feeds {
		t.applyRules(f, stopsOf[i], rows)
	}
	t.setTransfers(rows)
	return nil
}

func (t *Timetable) setTransfers(rows [][]transfer) {
	t.transferFirst = []uint32{0}
	for _, r := range rows {
		for _, x := range r {
			t.transferTo = append(t.transferTo, uint32(x.to))
			t.transferWalk = append(t.transferWalk, x.metres)
			t.transferMin = append(t.transferMin, x.least)
			t.transferTimed = append(t.transferTimed, x.timed)
		}
		t.transferFirst = append(t.transferFirst, uint32(len(t.transferTo)))
	}
}

// walkRows calls f for every stop from several workers, each with a search at 1 m/s, so that seconds are metres.
func (t *Timetable) walkRows(ctx context.Context, workers int, done func(n int), f func(s *street.Search, i int, hits []street.Hit) []street.Hit) error {
	return eachSearch(ctx, t.streets, 3.6, workers, len(t.stops), done, f)
}

func find(row []transfer, to int32) (int, bool) {
	return slices.BinarySearchFunc(row, to, func(x transfer, to int32) int { return cmp.Compare(x.to, to) })
}

func insert(row []transfer, x transfer) []transfer {
	i, have := find(row, x.to)
	if have {
		row[i] = x
		return row
	}
	return slices.Insert(row, i, x)
}

// applyRules changes the transfers between the stops of one feed as its transfers.txt says.
func (t *Timetable) applyRules(f *gtfs.Feed, number []int32, rows [][]transfer) {
	below := make([][]int32, len(f.Stops)) // stops in service at or below each record
	for i, n := range number {
		if n < 0 {
			continue
		}
		for at, hops := int32(i), 0; at != gtfs.None && hops < 4; at, hops = f.Stops[at].Parent, hops+1 {
			below[at] = append(below[at], n)
		}
	}
	rules := slices.Clone(f.Transfers)
	general := func(x gtfs.Transfer) int {
		n := 0
		for _, s := range []int32{x.From, x.To} {
			if f.Stops[s].Kind == gtfs.Station {
				n++
			}
		}
		return n
	}
	slices.SortStableFunc(rules, func(a, b gtfs.Transfer) int { return general(b) - general(a) })
	for _, rule := range rules {
		for _, from := range below[rule.From] {
			for _, to := range below[rule.To] {
				rows[from] = t.applyRule(rows[from], from, to, rule)
			}
		}
	}
}

func (t *Timetable) applyRule(row []transfer, from, to int32, rule gtfs.Transfer) []transfer {
	i, have := find(row, to)
	if rule.Kind == gtfs.Forbidden {
		if have {
			row = slices.Delete(row, i, i+1)
		}
		return row
	}
	x := transfer{to: to}
	if have {
		x.metres = row[i].metres
	} else if from != to {
		x.metres = uint32(math.Ceil(detour * float64(geo.Distance(t.stops[from].At, t.stops[to].At))))
	}
	switch rule.Kind {
	case gtfs.Timed:
		x.timed = 1
	case gtfs.MinimumTime:
		x.least = rule.MinSeconds
	}
	return insert(row, x)
}
