package app

import (
	"context"
	"errors"
	"os"
	"slices"
	"strconv"
	"time"

	"gevor/directory"
	"gevor/fault"
	"gevor/gtfs"
	"gevor/notice"
	"gevor/signal"
)

// service is what a timetable does in a district on one day.
type service struct {
	departures [24]float64
	stops      [24]map[int32]bool
}

// compareFeeds says what a new timetable takes from districts, hour by hour: departures and served stops of the busiest
// Tuesday of the old one before the new one begins, and of the new one.
func compareFeeds(ctx context.Context, c console, before, after string, g *watchGround) ([]signal.Service, error) {
	notes := &notice.List{}
	var feeds [2]*gtfs.Feed
	for i, path := range []string{before, after} {
		var err error
		if feeds[i], err = readFeed(ctx, path, notes); err != nil {
			return nil, err
		}
	}
	tell(c.err, notes.Notices(), notes.Counts(), func(file string) string { return file }, "")
	first, last, ok := feeds[1].Span()
	if !ok {
		return nil, fault.New(fault.Invalid, after, "runs on no day", "give a timetable with a calendar")
	}
	from, to, ok := feeds[0].Span()
	if !ok || from >= first {
		return nil, fault.New(fault.Invalid, before, "does not begin before the other timetable", "give the older timetable as --feed-before")
	}
	old, ok1 := busiestTuesday(feeds[0], from, min(to, first.Next(-1)))
	next, ok2 := busiestTuesday(feeds[1], first, last)
	if !ok1 || !ok2 {
		return nil, fault.New(fault.Invalid, before, "or the other timetable has no Tuesday on which anything runs", "give timetables of whole weeks")
	}
	was, will := servedBy(feeds[0], old, g), servedBy(feeds[1], next, g)
	var out []signal.Service
	for _, a := range g.areas {
		b, n := was[a.Key], will[a.Key]
		if b == nil {
			continue // nothing ran there, so nothing is lost
		}
		if n == nil {
			n = &service{}
		}
		s := signal.Service{Area: a.Key, From: first.Time(), Hours: make([]signal.Hour, 24)}
		for h := range s.Hours {
			s.Hours[h] = signal.Hour{Before: b.departures[h], After: n.departures[h], StopsBefore: len(b.stops[h]), StopsAfter: len(n.stops[h])}
			s.Before, s.After = s.Before+b.departures[h], s.After+n.departures[h]
		}
		out = append(out, s)
	}
	return out, nil
}

func readFeed(ctx context.Context, path string, notes *notice.List) (feed *gtfs.Feed, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fault.Wrap(fault.NotFound, path, "cannot be opened", "check the path", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return gtfs.Read(ctx, f, info.Size(), path, gtfs.Limits{}, notes)
}

// busiestTuesday gives the Tuesday of [from, to] on which most trips run: holidays have fewer.
func busiestTuesday(f *gtfs.Feed, from, to gtfs.Date) (best gtfs.Date, ok bool) {
	most := 0
	for day := from; day <= to; day = day.Next(1) {
		if day.Time().Weekday() != time.Tuesday {
			continue
		}
		active, n := f.ActiveOn(day), 0
		for i := range f.Trips {
			if s := f.Trips[i].Service; s >= 0 && active[s] {
				n++
			}
		}
		if n > most {
			best, most = day, n
		}
	}
	return best, most > 0
}

// servedBy counts the departures of a service day by district and hour of the clock; every call at which people may board
// and that is not the last of its trip is one.
func servedBy(f *gtfs.Feed, day gtfs.Date, g *watchGround) map[string]*service {
	where := make([]string, len(f.Stops))
	for i := range f.Stops {
		if f.Stops[i].HasPlace {
			where[i] = g.district(&directory.Location{At: &f.Stops[i].At})
		}
	}
	repeated := map[int32][]gtfs.Frequency{}
	for _, q := range f.Frequencies {
		repeated[q.Trip] = append(repeated[q.Trip], q)
	}
	out := map[string]*service{}
	call := func(stop, at int32) {
		key := where[stop]
		if key == "" {
			return
		}
		s := out[key]
		if s == nil {
			s = &service{}
			out[key] = s
		}
		h := at / 3600 % 24
		s.departures[h]++
		if s.stops[h] == nil {
			s.stops[h] = map[int32]bool{}
		}
		s.stops[h][stop] = true
	}
	active := f.ActiveOn(day)
	for i := range f.Trips {
		trip := &f.Trips[i]
		if trip.Service < 0 || !active[trip.Service] || trip.End-trip.First < 2 {
			continue
		}
		begin := f.StopTimes[trip.First].Depart
		for _, x := range f.StopTimes[trip.First : trip.End-1] {
			if x.NoBoarding {
				continue
			}
			list := repeated[int32(i)]
			if len(list) == 0 {
				call(x.Stop, x.Depart)
			}
			for _, q := range list {
				for at := q.Start; at < q.End && q.Headway > 0; at += q.Headway {
					call(x.Stop, at+x.Depart-begin)
				}
			}
		}
	}
	return out
}

// printServices writes what two timetables do in each district and hour in which either does anything.
func printServices(c console, path string, list []signal.Service, at time.Time) error {
	header := []string{"district", "hour", "departures_before", "departures_after", "lost", "stops_before", "stops_after", "from", "lead_days"}
	var rows [][]string
	for i := range list {
		s := &list[i]
		for h, x := range s.Hours {
			if x == (signal.Hour{}) {
				continue
			}
			lead := max(0, int(s.From.Sub(at).Hours()/24))
			rows = append(rows, []string{
				s.Area, strconv.Itoa(h), figure(x.Before), figure(x.After), figure(max(0, x.Before-x.After)), strconv.Itoa(x.StopsBefore), strconv.Itoa(x.StopsAfter), s.From.Format(time.DateOnly), strconv.Itoa(lead),
			})
		}
	}
	slices.SortStableFunc(rows, func(a, b []string) int { return slices.Compare(a[:1], b[:1]) })
	return writeRows(c, path, header, rows)
}
