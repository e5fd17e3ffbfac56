package transit

import (
	"context"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"gevor/fault"
	"gevor/geo"
	"gevor/gtfs"
	"gevor/notice"
	"gevor/street"
	"gevor/travel"
)

// Options say how a timetable is built. Zero fields take their defaults.
type Options struct {
	Date            time.Time      // the service day, in its own time zone
	WalkKmh         float64        // speed that turns MaxTransferWalk into a distance; default 4.5
	MaxTransferWalk travel.Seconds // longest walk between two rides; default 800 (1 km at 4.5 km/h)
	NoSlack         bool           // set to board without BoardSlack
	BoardSlack      travel.Seconds // least time between reaching a stop and leaving with a vehicle; default 60
	Workers         int            // default: one per processor
	Progress        travel.Progress
	Notices         *notice.List
}

const (
	defaultTransferWalk = 800
	defaultSlack        = 60
)

// Build lays the trips of all feeds that run around a day into a timetable and walks between its stops on the
// street network. Stops farther than the network's default from any street still have vehicles, but nobody
// walks there. It fails where no vehicle runs on the day.
func Build(ctx context.Context, feeds []*gtfs.Feed, streets *street.Network, o Options) (*Timetable, error) {
	if !(o.WalkKmh > 0) {
		o.WalkKmh = street.DefaultWalkKmh
	}
	if o.MaxTransferWalk == 0 {
		o.MaxTransferWalk = defaultTransferWalk
	}
	if o.BoardSlack == 0 && !o.NoSlack {
		o.BoardSlack = defaultSlack
	}
	t := &Timetable{day: gtfs.DateOf(o.Date), slack: int32(o.BoardSlack), streets: streets}
	o.Progress.Report("timetable", 0, 1)
	stopsOf, err := t.merge(feeds, o.Notices)
	if err != nil {
		return nil, err
	}
	o.Progress.Report("timetable", 1, 1)
	t.link()
	most := geo.Metres(float64(o.MaxTransferWalk) * o.WalkKmh / 3.6)
	if err := t.layTransfers(ctx, feeds, stopsOf, most, o.Workers, o.Progress); err != nil {
		return nil, err
	}
	return t, nil
}

func (t *Timetable) link() {
	places := make([]geo.LonLat, len(t.stops))
	for i, s := range t.stops {
		places[i] = s.At
	}
	t.linked = t.streets.Link(travel.Walk, places, 0)
}

// Rows answers a query for all origins and destinations, both linked for walking on the network the timetable
// was built with. It yields one row for every origin in ascending order, from the calling goroutine, whatever
// the number of workers; the answer does not depend on them.
//
// The journey time at one departure is the least of walking all the way and of: walking to a stop, waiting at
// least the slack, riding and changing with at most MaxRides vehicles, walking from the last stop. A percentile
// is the nearest-rank one over all departures of the window; a departure at which the destination is not reached
// within Max counts as infinite. Tests: oracle_test.go, against a label-correcting search for each departure.
func (t *Timetable) Rows(ctx context.Context, q Query, from, to *street.Points, workers int, yield func(Row) error) error {
	a, err := t.Ahead(ctx, q, to, workers)
	if err != nil {
		return err
	}
	return a.Rows(ctx, from, yield)
}

// Ahead is what the rows of a query have in common whatever their origins: the events of its window and the walks
// to its destinations. It is immutable; who asks for origins in parts keeps it. What it cannot keep is the sweep from
// each destination, which every call of Rows does anew: parts should be large.
type Ahead struct {
	t       *Timetable
	q       Query
	to      *street.Points
	workers int
	w       walker
	egress  links
	events  *events
}

// Ahead prepares a query for destinations linked for walking. Cost: a walking search for each destination or stop,
// whichever are fewer, and the changes worth making from every trip of the window.
func (t *Timetable) Ahead(ctx context.Context, q Query, to *street.Points, workers int) (*Ahead, error) {
	q, err := q.filled()
	if err != nil {
		return nil, err
	}
	if to.Mode() != travel.Walk {
		return nil, notForWalking()
	}
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	a := &Ahead{t: t, q: q, to: to, workers: workers, w: walker{t: t, kmh: q.WalkKmh, most: min(q.MaxWalk, q.Max), workers: workers}}
	if a.egress, err = a.w.egress(ctx, to); err != nil {
		return nil, err
	}
	a.events = newEvents(t.slice(q), workers)
	return a, nil
}

func notForWalking() error {
	return fault.New(fault.Invalid, "", "points are not linked for walking", "link origins and destinations for walk")
}

// Rows answers the query for some origins, as Timetable.Rows does.
func (a *Ahead) Rows(ctx context.Context, from *street.Points, yield func(Row) error) error {
	if from.Mode() != travel.Walk {
		return notForWalking()
	}
	walks, err := a.w.walks(ctx, from, a.to)
	if err != nil {
		return err
	}
	places := make([]geo.LonLat, a.to.Len())
	for i := range places {
		places[i] = a.to.At(i)
	}
	return job{
		e: a.events, origins: from.Len(), places: places, egress: a.egress, percentiles: a.q.Percentiles,
		workers: a.workers, memory: a.q.Memory, walks: walks,
	}.stream(ctx, yield)
}

// eachSearch calls f for every i in [0, n) from several workers, each with a walking search of its own, and done
// now and then with how many are through.
func eachSearch(ctx context.Context, n *street.Network, kmh float64, workers, count int, done func(int),
	f func(s *street.Search, i int, hits []street.Hit) []street.Hit,
) error {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	var next, through atomic.Int64
	var tell sync.Mutex
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			s := n.NewSearch(travel.Walk, street.Speed{WalkKmh: kmh})
			var hits []street.Hit
			for i := int(next.Add(1)) - 1; i < count && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				hits = f(s, i, hits[:0])
				if k := through.Add(1); done != nil && (k%256 == 0 || int(k) == count) {
					tell.Lock()
					done(int(k))
					tell.Unlock()
				}
			}
		})
	}
	wg.Wait()
	return ctx.Err()
}

// walker walks between origins, stops and destinations.
type walker struct {
	t       *Timetable
	kmh     float64
	most    travel.Seconds
	workers int
}

// table walks from every point of a to the points of b, or the other way with reverse set.
func (w walker) table(ctx context.Context, a, b *street.Points, reverse bool) (links, error) {
	return w.part(ctx, a, b, 0, a.Len(), reverse)
}

// part does the same for the points [from, to) of a.
//
// Between a stop and another place one walks on streets: the walk takes at least the ways beside the network at
// both ends. Package street may join two places at one street over the ground, which is right for neighbours but
// not for a platform behind a fence or between tracks. Stops among themselves keep that way: they are joined
// inside the station.
func (w walker) part(ctx context.Context, a, b *street.Points, from, to int, reverse bool) (links, error) {
	rows := make([][]link, to-from)
	stops := (a == w.t.linked) != (b == w.t.linked)
	err := eachSearch(ctx, w.t.streets, w.kmh, w.workers, len(rows), nil, func(s *street.Search, i int, hits []street.Hit) []street.Hit {
		hits = s.Reach(a, from+i, b, w.most, reverse, hits)
		rows[i] = make([]link, 0, len(hits))
		for _, h := range hits {
			if stops {
				beside := float64(a.OffMetres(from+i)+b.OffMetres(int(h.To))) * 3.6 / w.kmh
				h.Seconds = max(h.Seconds, travel.Seconds(math.Ceil(beside-1e-6)))
			}
			if h.Seconds <= w.most {
				rows[i] = append(rows[i], link{h.To, int32(h.Seconds)})
			}
		}
		return hits
	})
	return newLinks(rows), err
}

// egress gives the walks to each destination from the stops.
func (w walker) egress(ctx context.Context, to *street.Points) (links, error) {
	stops := w.t.linked
	if to.Len() < stops.Len() {
		return w.table(ctx, to, stops, true)
	}
	l, err := w.table(ctx, stops, to, false)
	return l.turned(to.Len()), err
}

// walks gives the function that a job asks for the walks of a range of origins. Where there are many more
// origins than stops or destinations, it searches backwards from those once and keeps the result.
func (w walker) walks(ctx context.Context, from, to *street.Points) (func(context.Context, int, int) (links, links, error), error) {
	const much = 2
	stops := w.t.linked
	var access, direct links
	var err error
	accessBack, directBack := from.Len() > much*stops.Len(), from.Len() > much*to.Len()
	if accessBack {
		if access, err = w.table(ctx, stops, from, true); err != nil {
			return nil, err
		}
		access = access.turned(from.Len())
	}
	if directBack {
		if direct, err = w.table(ctx, to, from, true); err != nil {
			return nil, err
		}
		direct = direct.turned(from.Len())
	}
	return func(ctx context.Context, a, b int) (links, links, error) {
		own, ownDirect := access.part(a, b), direct.part(a, b)
		var err error
		if !accessBack {
			if own, err = w.part(ctx, from, stops, a, b, false); err != nil {
				return own, ownDirect, err
			}
		}
		if !directBack {
			ownDirect, err = w.part(ctx, from, to, a, b, false)
		}
		return own, ownDirect, err
	}, nil
}
