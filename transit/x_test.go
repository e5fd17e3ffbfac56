package transit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"gevor/archive"
	"gevor/fault"
	"gevor/geo"
	"gevor/gtfs"
	"gevor/notice"
	"gevor/osm"
	"gevor/street"
	"gevor/travel"
)

// road is a straight street of ten kilometres, with places given in metres along and beside it.
type road struct {
	streets *street.Network
	feed    *gtfs.Feed
}

func along(east, north float64) geo.LonLat {
	const degree = 6371008.8 * math.Pi / 180
	return geo.LonLat{Lon: 7 + east/(degree*math.Cos(51.5*math.Pi/180)), Lat: 51.5 + north/degree}
}

// newRoad has the stops A, B and C on the road at 0, 5 and 9 km and the platform P at 9 km, 150 m off.
func newRoad(t *testing.T) *road {
	t.Helper()
	x := &osm.Extract{}
	w := osm.Way{ID: 1, Tags: osm.Tags{{Key: "highway", Value: "residential"}}}
	for i := range 101 {
		x.Nodes = append(x.Nodes, osm.Node{ID: int64(i + 1), At: along(float64(i)*100, 0)})
		w.Nodes = append(w.Nodes, int32(i))
	}
	x.Ways = []osm.Way{w}
	n, err := street.Build(context.Background(), x, street.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := &road{streets: n, feed: &gtfs.Feed{File: "road.zip"}}
	for i, at := range []geo.LonLat{along(0, 0), along(5000, 0), along(9000, 0), along(9000, 150)} {
		r.feed.Stops = append(r.feed.Stops, gtfs.Stop{ID: string("ABCP"[i]), Name: "stop", At: at, HasPlace: true, Parent: gtfs.None})
	}
	r.feed.Services = []gtfs.Service{{ID: "daily", Weekdays: 127, Start: 2024_01_01, End: 2024_12_31}}
	return r
}

// trip adds a trip; times are minutes after midnight.
func (r *road) trip(stops string, minutes ...int32) *road {
	f := r.feed
	first := int32(len(f.StopTimes))
	for k, s := range stops {
		at := minutes[k] * 60
		f.StopTimes = append(f.StopTimes, gtfs.StopTime{Stop: int32(strings.IndexRune("ABCP", s)), Arrive: at, Depart: at})
	}
	f.Trips = append(f.Trips, gtfs.Trip{ID: fmt.Sprint("t", len(f.Trips)), First: first, End: int32(len(f.StopTimes))})
	return r
}

func (r *road) build(t *testing.T) *Timetable {
	t.Helper()
	tt, err := Build(context.Background(), []*gtfs.Feed{r.feed}, r.streets, Options{Date: time.Date(2024, 5, 15, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	return tt
}

// ask gives the percentiles between two places.
func (r *road) ask(t *testing.T, tt *Timetable, q Query, from, to geo.LonLat) []travel.Seconds {
	t.Helper()
	a, b := r.streets.Link(travel.Walk, []geo.LonLat{from}, 0), r.streets.Link(travel.Walk, []geo.LonLat{to}, 0)
	var out []travel.Seconds
	err := tt.Rows(context.Background(), q, a, b, 1, func(row Row) error {
		for p := range row.Seconds {
			out = append(out, row.Seconds[p]...)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// near allows for places that are stored to a centimetre and walks that are rounded up.
func near(t *testing.T, what string, got []travel.Seconds, want ...travel.Seconds) {
	t.Helper()
	ok := len(got) == len(want)
	for i := range min(len(got), len(want)) {
		ok = ok && (got[i] == want[i] || got[i] >= want[i]-1 && got[i] <= want[i]+3)
	}
	if !ok {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

const eight = 8 * 3600

func question(minutes int, percentiles ...int) Query {
	return Query{Departure: eight, Window: minutes * 60, Percentiles: percentiles, WalkKmh: 3.6, MaxWalk: 1000, Max: 3600}
}

// At 1 m/s: 290 s to A, 60 s of slack, the bus at 08:10, C at 08:28, 100 s to the place: 1,780 s at 08:00. From
// 08:05 on only the bus at 08:30 is left: 2,680 s at 08:05 to 2,440 s at 08:09.
func TestOneLine(t *testing.T) {
	r := newRoad(t).trip("ABC", 490, 500, 508).trip("ABC", 510, 520, 528)
	tt := r.build(t)
	from, to := along(290, 0), along(9100, 0)
	near(t, "one minute", r.ask(t, tt, question(1, 50), from, to), 1780)
	near(t, "ten minutes", r.ask(t, tt, question(10, 50, 100, 1), from, to), 1780, 2680, 1540)
	q := question(10, 50, 60)
	q.Max = 2000
	near(t, "only the first five minutes arrive in time", r.ask(t, tt, q, from, to), 1780, travel.Unreached)
	q.MaxWalk = 200
	near(t, "the stop is too far", r.ask(t, tt, q, from, to))
	near(t, "all the way on foot", r.ask(t, tt, question(10, 50), from, along(1000, 0)), 710)
}

func TestNoBoarding(t *testing.T) {
	r := newRoad(t).trip("ABC", 490, 500, 508)
	r.feed.StopTimes[0].NoBoarding = true
	near(t, "boarding at A is forbidden", r.ask(t, r.build(t), question(1, 50), along(290, 0), along(9100, 0)))
	r.feed.StopTimes[0].NoBoarding, r.feed.StopTimes[2].NoAlighting = false, true
	near(t, "alighting at C is forbidden", r.ask(t, r.build(t), question(1, 50), along(290, 0), along(9100, 0)))
}

// Trips of yesterday past midnight and of tomorrow morning serve the night.
func TestNight(t *testing.T) {
	r := newRoad(t).trip("AC", 24*60+10, 24*60+28)
	tt := r.build(t)
	q := question(1, 50)
	q.Departure = 0
	near(t, "yesterday's trip", r.ask(t, tt, q, along(290, 0), along(9100, 0)), 1780)
	q.Departure = 24 * 3600
	near(t, "today's trip past midnight", r.ask(t, tt, q, along(290, 0), along(9100, 0)), 1780)
	r = newRoad(t).trip("AC", 10, 28)
	near(t, "tomorrow's trip", r.ask(t, r.build(t), q, along(290, 0), along(9100, 0)), 1780)
	r.feed.Services[0].End = 2024_05_15
	near(t, "no trip tomorrow", r.ask(t, r.build(t), q, along(290, 0), along(9100, 0)))
}

// The platform P lies 150 m off the road. A neighbour 30 m from it still has to go by the road: at least
// 150 + 150 s.
func TestPlatformIsEnteredFromTheStreet(t *testing.T) {
	r := newRoad(t).trip("AP", 490, 508)
	near(t, "platform", r.ask(t, r.build(t), question(1, 50), along(290, 0), along(9030, 150)), 1680+300)
}

func TestFrequencies(t *testing.T) {
	r := newRoad(t).trip("ABC", 0, 10, 18)
	r.feed.Frequencies = []gtfs.Frequency{{Trip: 0, Start: eight + 600, End: eight + 1801, Headway: 1200, Exact: true}}
	tt := r.build(t)
	near(t, "exact: 08:10 and 08:30", r.ask(t, tt, question(10, 50, 100), along(290, 0), along(9100, 0)), 1780, 2680)
	r.feed.Frequencies[0].Exact = false
	vehicles := runsOf(r.feed, 0, 0, 2024_05_15)
	for i := range vehicles {
		if at := vehicles[i].depart(0) - 86400*(vehicles[i].shift/86400); at < eight+600 || at >= eight+1801 {
			t.Errorf("vehicle leaves at %d, outside its period", at)
		}
		if i > 0 && vehicles[i].trip == vehicles[i-1].trip && vehicles[i].ordinal > 0 && vehicles[i].depart(0)-vehicles[i-1].depart(0) != 1200 {
			t.Errorf("headway %d", vehicles[i].depart(0)-vehicles[i-1].depart(0))
		}
	}
	if len(vehicles) == 0 {
		t.Error("no vehicle")
	}
}

// Vehicles that overtake must not share a pattern, and nobody may lose the faster one.
func TestOvertaking(t *testing.T) {
	r := newRoad(t).trip("AC", 490, 530).trip("AC", 495, 510)
	tt := r.build(t)
	if n := tt.Counts().Patterns; n != 2 {
		t.Errorf("%d patterns, want 2", n)
	}
	near(t, "the later, faster one", r.ask(t, tt, question(1, 50), along(290, 0), along(9100, 0)), 1900)
}

// A change at B from 08:20 to 08:25; rules in transfers.txt forbid it, stretch it, or hold for a whole station.
func TestTransferRules(t *testing.T) {
	from, to := along(290, 0), along(9100, 0)
	ask := func(change func(f *gtfs.Feed)) []travel.Seconds {
		r := newRoad(t).trip("AB", 490, 500).trip("BC", 505, 513).trip("BC", 515, 523)
		r.feed.Stops = append(r.feed.Stops, gtfs.Stop{ID: "S", At: along(5000, 0), HasPlace: true, Kind: gtfs.Station, Parent: gtfs.None})
		r.feed.Stops[1].Parent = 4
		change(r.feed)
		return r.ask(t, r.build(t), question(1, 50), from, to)
	}
	rule := func(rules ...gtfs.Transfer) func(f *gtfs.Feed) {
		return func(f *gtfs.Feed) { f.Transfers = rules }
	}
	near(t, "no rule", ask(rule()), 780+1300)
	near(t, "six minutes", ask(rule(gtfs.Transfer{From: 1, To: 1, Kind: gtfs.MinimumTime, MinSeconds: 360})), 780+1900)
	near(t, "five minutes are just enough", ask(rule(gtfs.Transfer{From: 1, To: 1, Kind: gtfs.MinimumTime, MinSeconds: 300})), 780+1300)
	near(t, "forbidden", ask(rule(gtfs.Transfer{From: 1, To: 1, Kind: gtfs.Forbidden})))
	near(t, "forbidden in the station", ask(rule(gtfs.Transfer{From: 4, To: 4, Kind: gtfs.Forbidden})))
	near(t, "the rule for the platform counts", ask(rule(
		gtfs.Transfer{From: 1, To: 1, Kind: gtfs.MinimumTime, MinSeconds: 360}, gtfs.Transfer{From: 4, To: 4, Kind: gtfs.Forbidden})), 780+1900)
	timed := func(kind gtfs.TransferKind) func(f *gtfs.Feed) {
		return func(f *gtfs.Feed) {
			f.StopTimes[2].Arrive, f.StopTimes[2].Depart = 500*60+30, 500*60+30
			f.Transfers = []gtfs.Transfer{{From: 1, To: 1, Kind: kind}}
		}
	}
	near(t, "half a minute is too short", ask(timed(gtfs.Recommended)), 780+1900)
	near(t, "unless the vehicle waits", ask(timed(gtfs.Timed)), 780+1300)
}

func TestNoServiceOnTheDay(t *testing.T) {
	r := newRoad(t).trip("AB", 490, 500)
	r.feed.Services[0] = gtfs.Service{ID: "past", Weekdays: 127, Start: 2020_01_01, End: 2020_12_31}
	var notes notice.List
	_, err := Build(context.Background(), []*gtfs.Feed{r.feed}, r.streets, Options{Date: time.Date(2024, 5, 15, 0, 0, 0, 0, time.UTC), Notices: &notes})
	if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "2020-12-31") || len(notes.Notices()) != 1 {
		t.Errorf("got %v, %v", err, notes.Notices())
	}
}

func TestBadQueries(t *testing.T) {
	r := newRoad(t).trip("AB", 490, 500)
	tt := r.build(t)
	p := r.streets.Link(travel.Walk, []geo.LonLat{along(0, 0)}, 0)
	for name, spoil := range map[string]func(q *Query){
		"departure": func(q *Query) { q.Departure = -1 }, "window": func(q *Query) { q.Window = -60 }, "long": func(q *Query) { q.Window = 9 * 3600 },
		"late": func(q *Query) { q.Departure = 29 * 3600 }, "percentile": func(q *Query) { q.Percentiles = []int{0} }, "none": func(q *Query) { q.Percentiles = nil },
		"max": func(q *Query) { q.Max = 0 }, "speed": func(q *Query) { q.WalkKmh = math.NaN() }, "walk": func(q *Query) { q.MaxWalk = -1 },
	} {
		q := question(10, 50)
		spoil(&q)
		if err := tt.Rows(context.Background(), q, p, p, 1, func(Row) error { return nil }); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	bike := r.streets.Link(travel.Bike, []geo.LonLat{along(0, 0)}, 0)
	if err := tt.Rows(context.Background(), question(10, 50), bike, p, 1, func(Row) error { return nil }); fault.KindOf(err) != fault.Invalid {
		t.Errorf("points of another mode: %v", err)
	}
}

// all gives every row of a grid of places along the road as text.
func (r *road) all(t *testing.T, tt *Timetable, q Query, workers int) string {
	t.Helper()
	var places []geo.LonLat
	for i := range 200 {
		places = append(places, along(float64(i)*50, float64(i%7)*20))
	}
	p := r.streets.Link(travel.Walk, places, 0)
	var b strings.Builder
	if err := tt.Rows(context.Background(), q, p, p, workers, func(row Row) error {
		fmt.Fprintln(&b, row.From, row.To, row.Seconds)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func busyRoad(t *testing.T) *road {
	r := newRoad(t)
	for i := range int32(12) {
		r.trip("ABC", 480+7*i, 490+7*i, 498+7*i).trip("CBA", 481+9*i, 489+9*i, 499+9*i).trip("BP", 483+5*i, 491+5*i)
	}
	return r
}

// Neither the number of workers nor the memory, which cuts the origins into chunks, changes a byte.
func TestWorkersAndMemoryChangeNothing(t *testing.T) {
	r := busyRoad(t)
	tt := r.build(t)
	q := question(30, 10, 50, 90)
	want := r.all(t, tt, q, 1)
	for _, workers := range []int{2, 5} {
		for _, memory := range []int64{0, 1, 200_000} {
			q.Memory = memory
			if r.all(t, tt, q, workers) != want {
				t.Errorf("%d workers, %d bytes: other rows", workers, memory)
			}
		}
	}
	q.Percentiles = []int{10, 50, 91}
	if r.all(t, tt, q, 1) == want {
		t.Error("another percentile gives the same rows: the comparison sees nothing")
	}
}

func TestSaveAndLoad(t *testing.T) {
	r := busyRoad(t)
	tt := r.build(t)
	save := func(tt *Timetable) []byte {
		var b bytes.Buffer
		a := archive.NewWriter(&b)
		tt.Save(a)
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	raw := save(tt)
	if !bytes.Equal(raw, save(r.build(t))) {
		t.Error("the same input gives other bytes")
	}
	reader, err := archive.Open(raw, "timetable")
	if err != nil {
		t.Fatal(err)
	}
	back, err := Load(reader, r.streets)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(raw, save(back)) || !reflect.DeepEqual(back.Counts(), tt.Counts()) || !slices.Equal(back.Stops(), tt.Stops()) {
		t.Error("what was loaded differs from what was saved")
	}
	q := question(30, 50)
	if r.all(t, back, q, 1) != r.all(t, tt, q, 1) {
		t.Error("a loaded timetable answers otherwise")
	}
	back.callStop = slices.Clone(back.callStop)
	back.callStop[0] = 99
	reader, err = archive.Open(save(back), "timetable")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Load(reader, r.streets); fault.KindOf(err) != fault.Corrupt {
		t.Errorf("a reference out of bounds gives %v", err)
	}
}

func TestStopsWhenAsked(t *testing.T) {
	r := busyRoad(t)
	tt := r.build(t)
	p := r.streets.Link(travel.Walk, []geo.LonLat{along(0, 0), along(10, 0)}, 0)
	enough := errors.New("enough")
	seen := 0
	err := tt.Rows(context.Background(), question(10, 50), p, p, 2, func(Row) error { seen++; return enough })
	if !errors.Is(err, enough) || seen != 1 {
		t.Errorf("%v after %d rows", err, seen)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := tt.Rows(ctx, question(10, 50), p, p, 2, func(Row) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
