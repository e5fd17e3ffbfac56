package transit

import (
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"gevor/geo"
	"gevor/gtfs"
	"gevor/travel"
)

// TestPortoAlegreEqualsPlainSearch compares whole rows on the real network and timetables with the
// label-correcting search of town_test.go, which reads the feeds itself and takes only the walks from the engine.
func TestPortoAlegreEqualsPlainSearch(t *testing.T) {
	p := loadPorto(t)
	tt := p.build(t)
	_, places := points(t, "poa_hexgrid.csv")
	rnd := rand.New(rand.NewPCG(1, 2))
	rnd.Shuffle(len(places), func(i, j int) { places[i], places[j] = places[j], places[i] })
	from, to := p.streets.Link(travel.Walk, places[:6], 0), p.streets.Link(travel.Walk, places[6:60], 0)
	q := Query{Departure: 14 * 3600, Window: 600, Step: 60, Percentiles: []int{10, 50, 90}, WalkKmh: 3.6, MaxWalk: 900, Max: 5400}

	w := &town{day: gtfs.Date(2019_05_13), slack: 60, origins: 6, destinations: 54, feed: joined(p.feeds)}
	number := map[string]int32{} // stops of the timetable to those of the joined feed
	for i, s := range w.feed.Stops {
		number[s.ID] = int32(i)
	}
	back := make([]int32, len(tt.stops))
	w.transfers = make([][]transfer, len(w.feed.Stops))
	for i, s := range tt.stops {
		back[i] = number[s.ID]
	}
	for i := range tt.stops {
		for k := tt.transferFirst[i]; k < tt.transferFirst[i+1]; k++ {
			w.transfers[back[i]] = append(w.transfers[back[i]], transfer{back[tt.transferTo[k]], tt.transferWalk[k], tt.transferMin[k], tt.transferTimed[k]})
		}
	}
	walk := walker{t: tt, kmh: q.WalkKmh, most: q.MaxWalk, workers: 2}
	rows := func(l links, stops bool) [][]link {
		out := make([][]link, l.rows())
		for i := range out {
			ends, seconds := l.row(int32(i))
			for k, s := range ends {
				if stops {
					s = back[s]
				}
				out[i] = append(out[i], link{s, seconds[k]})
			}
		}
		return out
	}
	egress, err := walk.egress(context.Background(), to)
	if err != nil {
		t.Fatal(err)
	}
	walks, err := walk.walks(context.Background(), from, to)
	if err != nil {
		t.Fatal(err)
	}
	access, direct, err := walks(context.Background(), 0, 6)
	if err != nil {
		t.Fatal(err)
	}
	w.access, w.egress, w.direct = rows(access, true), rows(egress, true), rows(direct, false)

	got := map[[2]int32][]travel.Seconds{}
	if err := tt.Rows(context.Background(), q, from, to, 2, func(r Row) error {
		for k, j := range r.To {
			for p := range r.Seconds {
				got[[2]int32{r.From, j}] = append(got[[2]int32{r.From, j}], r.Seconds[p][k])
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	want := w.plain(q)
	if len(want) < 100 {
		t.Errorf("only %d pairs reached: the test compares little", len(want))
	}
	if !maps.EqualFunc(got, want, slices.Equal) {
		for pair, v := range want {
			if !slices.Equal(got[pair], v) {
				t.Errorf("%v: %v, want %v", pair, got[pair], v)
			}
		}
		t.Errorf("%d pairs, want %d", len(got), len(want))
	}
}

// joined puts feeds into one, with stops named as a timetable names them.
func joined(feeds []*gtfs.Feed) *gtfs.Feed {
	out := &gtfs.Feed{File: "joined"}
	for i, f := range feeds {
		stops, services, calls := int32(len(out.Stops)), int32(len(out.Services)), int32(len(out.StopTimes))
		for _, s := range f.Stops {
			out.Stops = append(out.Stops, gtfs.Stop{ID: string(rune('1'+i)) + ":" + s.ID, At: geo.LonLat{}})
		}
		out.Services = append(out.Services, f.Services...)
		for _, x := range f.Exceptions {
			x.Service += services
			out.Exceptions = append(out.Exceptions, x)
		}
		for _, c := range f.StopTimes {
			c.Stop += stops
			out.StopTimes = append(out.StopTimes, c)
		}
		for _, x := range f.Trips {
			x.Service, x.First, x.End = x.Service+services, x.First+calls, x.End+calls
			out.Trips = append(out.Trips, x)
		}
	}
	return out
}
