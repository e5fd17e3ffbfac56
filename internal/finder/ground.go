package finder

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gevor/directory"
	"gevor/geo"
	"gevor/region"
	"gevor/travel"
)

// Area is a municipality or a district that people say they live in.
type Area struct {
	Key          string
	Name         string
	Municipality string      // key of the municipality it lies in, or its own
	At           *geo.LonLat // where half of its people live on either side; nil where nobody is known to live there
}

// Ground is what the finder knows of a region: names and middles of its areas. It is immutable.
type Ground struct {
	Run   string // names the state of the region
	Areas []Area // municipalities first, each by name
	at    map[string]int
}

// GroundOf takes areas and their middles from a snapshot. The middle of an area is the mean place of its people, so that
// a district with a forest begins where its houses are. run names the state.
func GroundOf(s *region.Snapshot, run string) *Ground {
	g := &Ground{Run: run, at: map[string]int{}}
	type mean struct{ lon, lat, people float64 }
	means := make([]mean, len(s.Areas))
	for c := range s.Cells.At {
		n := float64(s.Cells.Population[c])
		for _, list := range [][]int32{s.Cells.Municipality, s.Cells.District} {
			if c < len(list) && list[c] >= 0 && n > 0 {
				m := &means[list[c]]
				m.lon, m.lat, m.people = m.lon+n*s.Cells.At[c].Lon, m.lat+n*s.Cells.At[c].Lat, m.people+n
			}
		}
	}
	order := make([]int, 0, len(s.Areas))
	for _, kind := range []region.AreaKind{region.Municipality, region.District} {
		for i := range s.Areas {
			if s.Areas[i].Kind == kind {
				order = append(order, i)
			}
		}
	}
	for _, i := range order {
		a := &s.Areas[i]
		x := Area{Key: a.Key, Name: a.Name, Municipality: a.Key}
		if a.Parent >= 0 {
			x.Municipality = s.Areas[a.Parent].Key
		}
		if m := means[i]; m.people > 0 {
			x.At = &geo.LonLat{Lon: m.lon / m.people, Lat: m.lat / m.people}
		}
		g.at[x.Key] = len(g.Areas)
		g.Areas = append(g.Areas, x)
	}
	return g
}

// Area gives an area by its key; nil where there is none.
func (g *Ground) Area(key string) *Area {
	if i, ok := g.at[key]; ok {
		return &g.Areas[i]
	}
	return nil
}

func (g *Ground) municipality(key string) string {
	if a := g.Area(key); a != nil {
		return a.Municipality
	}
	return ""
}

// Trip is the way from where somebody begins to one place. The zero value knows nothing of it.
type Trip struct {
	Known   bool
	Walk    travel.Seconds // Unreached: farther than an hour and a half, or no way
	Ride    travel.Seconds // by public transport, walking included, on an ordinary morning; Unreached likewise
	Beeline geo.Metres     // with Known and without a network: the distance, and then Walk is a guess from it
}

// Guessed says that no network was there: the time is a guess from the distance.
func (t Trip) Guessed() bool { return t.Known && t.Beeline > 0 }

// Minutes gives the shorter of the two ways in whole minutes, rounded up, and whether one is known.
func (t Trip) Minutes() (int, bool) {
	if !t.Known {
		return 0, false
	}
	s := min(t.Walk, t.Ride)
	if s == travel.Unreached {
		return math.MaxInt32, true
	}
	return int(math.Ceil(float64(s) / 60)), true
}

func (t Trip) longer() int {
	if m, known := t.Minutes(); known {
		return m
	}
	return math.MaxInt32
}

// Travel knows how long ways take.
type Travel interface {
	// Name changes when the networks do.
	Name() string
	// From gives the way from one place to each of others, in their order.
	From(ctx context.Context, from geo.LonLat, to []geo.LonLat) ([]Trip, error)
}

// detour is how much longer a way on foot is than the beeline, on average in towns (a usual value of transport
// planning), and walkMetres how many metres somebody walks in a second.
const (
	detour     = 1.3
	walkMetres = 4.5 / 3.6
)

// guess is the way where there is no network.
func guess(from, to geo.LonLat) Trip {
	d := geo.Distance(from, to)
	return Trip{Known: true, Beeline: max(d, 1), Walk: travel.Seconds(math.Ceil(float64(d) * detour / walkMetres)), Ride: travel.Unreached}
}

// trips are the ways from one place to every location of a shelf.
type trips struct {
	from geo.LonLat
	at   map[geo.LonLat]Trip
}

// to gives the way to a location.
func (t *trips) to(l *directory.Location) Trip {
	if t == nil || l.At == nil {
		return Trip{}
	}
	if x, ok := t.at[*l.At]; ok {
		return x
	}
	return guess(t.from, *l.At)
}

// mostTrips is how many beginnings a shelf keeps the ways from.
const mostTrips = 300

// tripsFrom gives the ways from a place, worked out once for a shelf. Nil where nobody says where they begin.
func (f *Finder) tripsFrom(ctx context.Context, s *shelf, from *geo.LonLat, more *part) (*trips, error) {
	if from == nil {
		return nil, nil
	}
	t := &trips{from: *from, at: map[geo.LonLat]Trip{}}
	if f.o.Travel == nil {
		return t, nil
	}
	network := f.o.Travel()
	if network == nil {
		return t, nil
	}
	key := fmt.Sprintf("%s %v", network.Name(), *from)
	s.mu.Lock()
	kept := s.trips[key]
	s.mu.Unlock()
	if kept == nil {
		if err := t.ask(ctx, network, s.public); err != nil {
			return nil, err
		}
		s.mu.Lock()
		if len(s.trips) >= mostTrips {
			clear(s.trips)
		}
		s.trips[key] = t
		s.mu.Unlock()
		kept = t
	}
	if more == nil || len(more.records) == 0 {
		return kept, nil
	}
	own := &trips{from: *from, at: map[geo.LonLat]Trip{}} // what only some may see stays out of what is kept for all
	if err := own.ask(ctx, network, more); err != nil {
		return nil, err
	}
	for p, x := range kept.at {
		own.at[p] = x
	}
	return own, nil
}

func (t *trips) ask(ctx context.Context, network Travel, p *part) error {
	var places []geo.LonLat
	for i := range p.records {
		for _, l := range p.records[i].Locations {
			if l.At != nil {
				places = append(places, *l.At)
			}
		}
	}
	slices.SortFunc(places, func(a, b geo.LonLat) int {
		if a.Lon != b.Lon {
			return sign(a.Lon - b.Lon)
		}
		return sign(a.Lat - b.Lat)
	})
	places = slices.Compact(places)
	found, err := network.From(ctx, t.from, places)
	if err != nil {
		return err
	}
	for i, p := range places {
		t.at[p] = found[i]
	}
	return nil
}

func sign(x float64) int {
	switch {
	case x < 0:
		return -1
	case x > 0:
		return 1
	}
	return 0
}
