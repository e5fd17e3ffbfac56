package finder

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync"

	"gevor/directory"
	"gevor/geo"
)

// MostMinutes is the longest way that is looked for. Beyond stands for a way that is longer, or that there is none.
const (
	MostMinutes = 90
	Beyond      = math.MaxInt32
)

// Trip is the way from where somebody begins to one place. The zero value knows nothing of it.
type Trip struct {
	Known   bool
	Walk    int        // minutes on foot, rounded up, or Beyond
	Ride    int        // minutes by public transport with the walks before and after, on an ordinary morning, or Beyond
	Rides   bool       // Ride is known; without it only walking was looked at
	Beeline geo.Metres // above 0 where there is no network: then Walk is a guess from this distance
}

// Guessed says that no network was there: the time is a guess from the distance.
func (t Trip) Guessed() bool { return t.Known && t.Beeline > 0 }

// Minutes gives the shorter of the two ways, and whether one is known. Too far to walk is no answer as long as nobody
// looked at public transport.
func (t Trip) Minutes() (int, bool) {
	switch {
	case !t.Known:
		return 0, false
	case t.Guessed():
		return t.Walk, true
	case !t.Rides:
		return t.Walk, t.Walk < Beyond
	}
	return min(t.Walk, t.Ride), true
}

func (t Trip) longer() int {
	if m, known := t.Minutes(); known {
		return m
	}
	return Beyond
}

// Leg is a way as networks give it, in whole minutes up to MostMinutes; NoWay where there is none so short, NotAsked
// where nobody looked.
type Leg struct{ Walk, Ride uint8 }

// What a Leg holds beside minutes.
const (
	NoWay    uint8 = 255
	NotAsked uint8 = 254
)

func (l Leg) trip() Trip {
	minutes := func(m uint8) int {
		if m > MostMinutes {
			return Beyond
		}
		return int(m)
	}
	return Trip{Known: true, Walk: minutes(l.Walk), Ride: minutes(l.Ride), Rides: l.Ride != NotAsked}
}

// Travel knows how long ways take on the networks of a region.
type Travel interface {
	// Name changes when the networks do.
	Name() string
	// Walk gives the ways on foot from one place to each of others, in their order. It answers while a person waits.
	Walk(ctx context.Context, from geo.LonLat, to []geo.LonLat) ([]Leg, error)
	// All gives the ways on foot and by public transport from many places; it may take minutes. A nil answer says that
	// there is no timetable.
	All(ctx context.Context, from, to []geo.LonLat) ([][]Leg, error)
}

// detour is how much longer a way on foot is than the beeline, on average in towns (a usual value of transport
// planning), and walkMetres how many metres somebody walks in a minute.
const (
	detour     = 1.3
	walkMetres = 4500.0 / 60
)

// guess is the way where there is no network.
func guess(from, to geo.LonLat) Trip {
	d := geo.Distance(from, to)
	return Trip{Known: true, Beeline: max(d, 1), Walk: int(math.Ceil(float64(d) * detour / walkMetres)), Ride: Beyond}
}

// roads are the ways from some places to the locations of an index. They outlive it as long as its locations stay.
type roads struct {
	network string
	places  []geo.LonLat
	at      map[geo.LonLat]int

	mu   sync.Mutex
	legs map[geo.LonLat][]Leg // by where one begins, parallel to places
}

// mostBegins is how many places to begin at are kept; a region has fewer districts.
const mostBegins = 2000

func newRoads(network string, p *part) *roads {
	r := &roads{network: network, at: map[geo.LonLat]int{}, legs: map[geo.LonLat][]Leg{}}
	for i := range p.records {
		for _, l := range p.records[i].Locations {
			if l.At != nil {
				r.places = append(r.places, *l.At)
			}
		}
	}
	slices.SortFunc(r.places, func(a, b geo.LonLat) int { return cmp.Or(cmp.Compare(a.Lon, b.Lon), cmp.Compare(a.Lat, b.Lat)) })
	r.places = slices.Compact(r.places)
	for i, p := range r.places {
		r.at[p] = i
	}
	return r
}

func (r *roads) from(begin geo.LonLat) []Leg {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.legs[begin]
}

func (r *roads) keep(begin geo.LonLat, legs []Leg) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.legs) < mostBegins {
		r.legs[begin] = legs
	}
}

// journey answers how far it is from where one search begins.
type journey struct {
	begin geo.LonLat
	parts []journeyPart
}

type journeyPart struct {
	at   map[geo.LonLat]int
	legs []Leg
}

// to gives the way to a location.
func (j *journey) to(l *directory.Location) Trip {
	if j == nil || l.At == nil {
		return Trip{}
	}
	for _, p := range j.parts {
		if i, ok := p.at[*l.At]; ok {
			return p.legs[i].trip()
		}
	}
	return guess(j.begin, *l.At)
}

func (f *Finder) network() Travel {
	if f.o.Travel == nil {
		return nil
	}
	return f.o.Travel()
}

// journey gives the ways from a place. Those to what only some may see are worked out for this search alone. Nil where
// nobody says where they begin.
func (f *Finder) journey(ctx context.Context, s *shelf, begin *geo.LonLat, more *part) (*journey, error) {
	if begin == nil {
		return nil, nil
	}
	j := &journey{begin: *begin}
	network := f.network()
	if network == nil {
		return j, nil
	}
	shared := s.roadsOn(network.Name())
	legs := shared.from(*begin)
	if legs == nil {
		var err error
		if legs, err = network.Walk(ctx, *begin, shared.places); err != nil {
			return nil, err
		}
		shared.keep(*begin, legs)
	}
	j.parts = append(j.parts, journeyPart{shared.at, legs})
	if more == nil || len(more.records) == 0 {
		return j, nil
	}
	own := newRoads(network.Name(), more)
	legs, err := network.Walk(ctx, *begin, own.places)
	j.parts = append(j.parts, journeyPart{own.at, legs})
	return j, err
}

func (s *shelf) roadsOn(network string) *roads {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.roads == nil || s.roads.network != network {
		s.roads = newRoads(network, s.public)
	}
	return s.roads
}

// inherit takes over the ways of the shelf before where its locations are the same.
func (s *shelf) inherit(old *shelf) {
	if old == nil {
		return
	}
	old.mu.Lock()
	was := old.roads
	old.mu.Unlock()
	if was == nil {
		return
	}
	if now := newRoads(was.network, s.public); slices.Equal(now.places, was.places) {
		s.roads = was
	}
}

// warm works out the ways from every district, so that public transport counts from then on.
func (f *Finder) warm(ctx context.Context) error {
	network, s := f.network(), f.shelf()
	if network == nil || s == nil {
		return nil
	}
	r := s.roadsOn(network.Name())
	var begins []geo.LonLat
	for _, a := range f.o.Ground().Areas {
		if a.At != nil {
			begins = append(begins, *a.At)
		}
	}
	r.mu.Lock()
	done := len(begins) == 0 || len(r.legs[begins[len(begins)-1]]) > 0 && r.legs[begins[len(begins)-1]][0].Ride != NotAsked
	r.mu.Unlock()
	if done || len(r.places) == 0 {
		return nil
	}
	all, err := network.All(ctx, begins, r.places)
	for i := range all {
		r.keep(begins[i], all[i])
	}
	return err
}
