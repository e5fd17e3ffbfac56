package transit

import (
	"context"
	"math"
	"slices"
	"time"

	"pgregory.net/rapid"

	"gevor/geo"
	"gevor/gtfs"
	"gevor/travel"
)

// town is a small random timetable with random walks, and the plain answers to questions about it. What it
// knows of trips and walks it takes from its own fields and the feed, never from a Timetable.
type town struct {
	feed         *gtfs.Feed
	day          gtfs.Date
	slack        int32
	transfers    [][]transfer // by stop of the feed
	origins      int
	destinations int
	access       [][]link // origin → stop
	egress       [][]link // destination → stop
	direct       [][]link // origin → destination
}

const townDay gtfs.Date = 2024_05_15 // a Wednesday

func drawTown(t *rapid.T) *town {
	w := &town{day: townDay, slack: int32(rapid.SampledFrom([]int{0, 60, 60, 97}).Draw(t, "slack"))}
	stops := rapid.IntRange(2, 7).Draw(t, "stops")
	f := &gtfs.Feed{File: "town.zip"}
	for i := range stops {
		f.Stops = append(f.Stops, gtfs.Stop{ID: string(rune('A' + i)), At: geo.LonLat{Lon: 7 + float64(i)/100, Lat: 51}, HasPlace: true, Parent: gtfs.None})
	}
	for i := range rapid.IntRange(1, 3).Draw(t, "services") {
		f.Services = append(f.Services, gtfs.Service{
			ID: string(rune('a' + i)), Weekdays: uint8(rapid.IntRange(0, 127).Draw(t, "weekdays")), Start: 2024_01_01, End: 2024_12_31,
		})
		for d := -1; d <= 1; d++ {
			if rapid.IntRange(0, 3).Draw(t, "exception") == 0 {
				f.Exceptions = append(f.Exceptions, gtfs.Exception{Service: int32(i), Date: w.day.Next(d), Added: rapid.Bool().Draw(t, "added")})
			}
		}
	}
	for range rapid.IntRange(1, 6).Draw(t, "lines") {
		drawLine(t, f, stops)
	}
	w.feed = f
	w.drawWalks(t, stops)
	return w
}

// drawLine adds a few trips over the same stops, at random distances in time, which may overtake each other.
func drawLine(t *rapid.T, f *gtfs.Feed, stops int) {
	calls := rapid.SliceOfN(rapid.IntRange(0, stops-1), 2, 6).Draw(t, "calls")
	flags := rapid.SliceOfN(rapid.IntRange(0, 9), len(calls), len(calls)).Draw(t, "flags")
	for range rapid.IntRange(1, 5).Draw(t, "trips") {
		trip := gtfs.Trip{ID: "t", Service: int32(rapid.IntRange(0, len(f.Services)-1).Draw(t, "service")), First: int32(len(f.StopTimes))}
		at := int32(rapid.SampledFrom([]int{0, 8 * 3600, 24 * 3600, 32 * 3600}).Draw(t, "base") + rapid.IntRange(0, 90).Draw(t, "minute")*60 + rapid.IntRange(0, 59).Draw(t, "second"))
		for k, stop := range calls {
			at += int32(rapid.SampledFrom([]int{0, 1, 30, 60, 119, 300}).Draw(t, "ride"))
			arrive := at
			at += int32(rapid.SampledFrom([]int{0, 0, 20}).Draw(t, "dwell"))
			f.StopTimes = append(f.StopTimes, gtfs.StopTime{Stop: int32(stop), Arrive: arrive, Depart: at, NoBoarding: flags[k] == 0, NoAlighting: flags[k] == 1})
		}
		trip.End = int32(len(f.StopTimes))
		if rapid.IntRange(0, 4).Draw(t, "repeated") == 0 {
			start := f.StopTimes[trip.First].Depart
			f.Frequencies = append(f.Frequencies, gtfs.Frequency{Trip: int32(len(f.Trips)), Start: start, End: start + 1800, Headway: int32(rapid.IntRange(200, 900).Draw(t, "headway")), Exact: true})
		}
		f.Trips = append(f.Trips, trip)
	}
}

func (w *town) drawWalks(t *rapid.T, stops int) {
	w.transfers = make([][]transfer, stops)
	for a := range stops {
		for b := range stops {
			switch rapid.IntRange(0, 7).Draw(t, "transfer") {
			case 0:
				w.transfers[a] = append(w.transfers[a], transfer{to: int32(b), metres: uint32(rapid.IntRange(0, 400).Draw(t, "metres"))})
			case 1:
				w.transfers[a] = append(w.transfers[a], transfer{to: int32(b), metres: uint32(rapid.IntRange(0, 400).Draw(t, "metres")), least: 300})
			case 2:
				w.transfers[a] = append(w.transfers[a], transfer{to: int32(b), metres: uint32(rapid.IntRange(0, 100).Draw(t, "metres")), timed: 1})
			case 3, 4: // forbidden, or too far
			default:
				if a == b {
					w.transfers[a] = append(w.transfers[a], transfer{to: int32(b)})
				}
			}
		}
	}
	walks := func(rows, columns int, label string) [][]link {
		table := make([][]link, rows)
		for i := range table {
			for c := range columns {
				if rapid.IntRange(0, 2).Draw(t, label) == 0 {
					table[i] = append(table[i], link{int32(c), int32(rapid.IntRange(0, 900).Draw(t, label+" seconds"))})
				}
			}
		}
		return table
	}
	w.origins, w.destinations = rapid.IntRange(1, 4).Draw(t, "origins"), rapid.IntRange(1, 20).Draw(t, "destinations")
	w.access = walks(w.origins, stops, "access")
	w.egress = walks(w.destinations, stops, "egress")
	w.direct = walks(w.origins, w.destinations, "direct")
}

// timetable builds the timetable with the town's walks in place of streets; nil where no vehicle runs.
func (w *town) timetable() *Timetable {
	t := &Timetable{day: w.day, slack: w.slack}
	stopsOf, err := t.merge([]*gtfs.Feed{w.feed}, nil)
	if err != nil {
		return nil
	}
	number := stopsOf[0]
	rows := make([][]transfer, len(t.stops))
	for a, row := range w.transfers {
		for _, x := range row {
			if number[a] >= 0 && number[x.to] >= 0 {
				x.to = number[x.to]
				rows[number[a]] = insert(rows[number[a]], x)
			}
		}
	}
	t.setTransfers(rows)
	return t
}

// ask answers a query with the engine under test.
func (w *town) ask(q Query, workers int) (map[[2]int32][]travel.Seconds, error) {
	t := w.timetable()
	q, err := q.filled()
	if err != nil {
		return nil, err
	}
	number := make([]int32, len(w.feed.Stops))
	for i := range number {
		number[i] = -1
	}
	for i, s := range t.stops {
		number[s.ID[2]-'A'] = int32(i)
	}
	renumber := func(table [][]link) [][]link {
		out := make([][]link, len(table))
		for i, row := range table {
			for _, x := range row {
				if number[x.to] >= 0 && travel.Seconds(x.seconds) <= min(q.MaxWalk, q.Max) {
					out[i] = append(out[i], link{number[x.to], x.seconds})
				}
			}
		}
		return out
	}
	direct := make([][]link, len(w.direct))
	for i, row := range w.direct {
		for _, x := range row {
			if travel.Seconds(x.seconds) <= min(q.MaxWalk, q.Max) {
				direct[i] = append(direct[i], x)
			}
		}
	}
	access, walked := newLinks(renumber(w.access)), newLinks(direct)
	j := job{
		e: newEvents(t.slice(q), workers), origins: w.origins, places: make([]geo.LonLat, w.destinations),
		egress: newLinks(renumber(w.egress)), percentiles: q.Percentiles, workers: workers, memory: q.Memory,
		walks: func(_ context.Context, from, to int) (links, links, error) {
			return access.part(from, to), walked.part(from, to), nil
		},
	}
	out := map[[2]int32][]travel.Seconds{}
	next := int32(0)
	err = j.stream(context.Background(), func(r Row) error {
		if r.From != next || !slices.IsSorted(r.To) {
			panic("rows out of order")
		}
		next++
		for k, to := range r.To {
			for p := range r.Seconds {
				out[[2]int32{r.From, to}] = append(out[[2]int32{r.From, to}], r.Seconds[p][k])
			}
		}
		return nil
	})
	if int(next) != w.origins {
		panic("rows missing")
	}
	return out, err
}

// vehicle is one run of a trip in the plain reference.
type vehicle struct {
	calls []gtfs.StopTime
	shift int32
}

func (w *town) vehicles() []vehicle {
	var vs []vehicle
	for d := -1; d <= 1; d++ {
		day := w.day.Next(d)
		weekday := uint8(1) << ((day.Time().Weekday() + 6) % 7)
		for i, trip := range w.feed.Trips {
			s := w.feed.Services[trip.Service]
			runs := s.Weekdays&weekday != 0 && s.Start <= day && day <= s.End
			for _, x := range w.feed.Exceptions {
				if x.Service == trip.Service && x.Date == day {
					runs = x.Added
				}
			}
			if !runs {
				continue
			}
			calls := w.feed.StopTimes[trip.First:trip.End]
			shift := int32(d) * int32(24*time.Hour/time.Second)
			repeated := false
			for _, f := range w.feed.Frequencies {
				if f.Trip != int32(i) {
					continue
				}
				repeated = true
				for at := f.Start; at < f.End; at += f.Headway {
					vs = append(vs, vehicle{calls, shift + at - calls[0].Depart})
				}
			}
			if !repeated {
				vs = append(vs, vehicle{calls, shift})
			}
		}
	}
	return vs
}

// plain answers a query by correcting labels until nothing changes, for each origin and departure on its own.
func (w *town) plain(q Query) map[[2]int32][]travel.Seconds {
	vs := w.vehicles()
	out := map[[2]int32][]travel.Seconds{}
	for o := range int32(w.origins) {
		times := make([][]float64, w.destinations)
		for at := q.Departure; at < q.Departure+q.Window; at += q.Step {
			arrived := w.correct(vs, q, o, int32(at))
			for d := range times {
				times[d] = append(times[d], w.best(q, arrived, o, int32(d), int32(at)))
			}
		}
		for d := range times {
			slices.Sort(times[d])
			var values []travel.Seconds
			any := false
			for _, p := range q.Percentiles {
				rank := max(1, int(math.Ceil(float64(p)/100*float64(len(times[d]))-1e-9)))
				v := travel.Unreached
				if x := times[d][rank-1]; !math.IsInf(x, 1) {
					v, any = travel.Seconds(x), true
				}
				values = append(values, v)
			}
			if any {
				out[[2]int32{o, int32(d)}] = values
			}
		}
	}
	return out
}

// correct gives the earliest arrival with a vehicle at every stop.
func (w *town) correct(vs []vehicle, q Query, origin, at int32) []float64 {
	ready, arrived := make([]float64, len(w.feed.Stops)), make([]float64, len(w.feed.Stops))
	for i := range ready {
		ready[i], arrived[i] = math.Inf(1), math.Inf(1)
	}
	for _, x := range w.access[origin] {
		if travel.Seconds(x.seconds) <= min(q.MaxWalk, q.Max) {
			ready[x.to] = float64(at + x.seconds + w.slack)
		}
	}
	for changed := true; changed; {
		changed = false
		for _, v := range vs {
			aboard := false
			for _, c := range v.calls {
				if when := float64(c.Arrive + v.shift); aboard && !c.NoAlighting && when < arrived[c.Stop] {
					arrived[c.Stop], changed = when, true
					for _, x := range w.transfers[c.Stop] {
						needs := math.Ceil(float64(x.metres)*3.6/q.WalkKmh - 1e-9)
						if x.timed == 0 {
							needs += float64(w.slack)
						}
						needs = max(needs, float64(x.least), 1)
						ready[x.to] = min(ready[x.to], when+needs)
					}
				}
				aboard = aboard || !c.NoBoarding && ready[c.Stop] <= float64(c.Depart+v.shift)
			}
		}
	}
	return arrived
}

func (w *town) best(q Query, arrived []float64, origin, destination, at int32) float64 {
	best := math.Inf(1)
	walk := float64(min(q.MaxWalk, q.Max))
	for _, x := range w.direct[origin] {
		if x.to == destination && float64(x.seconds) <= walk {
			best = float64(x.seconds)
		}
	}
	for _, x := range w.egress[destination] {
		if s := float64(x.seconds); s <= walk {
			best = min(best, arrived[x.to]+s-float64(at))
		}
	}
	if best > float64(q.Max) {
		return math.Inf(1)
	}
	return best
}
