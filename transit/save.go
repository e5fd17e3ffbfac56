package transit

import (
	"fmt"

	"gevor/archive"
	"gevor/fault"
	"gevor/geo"
	"gevor/gtfs"
	"gevor/street"
)

// format is the number of the layout below.
const format uint32 = 1

// Save writes the timetable into an archive, under names that begin with "transit/". The street network is not
// part of it.
func (t *Timetable) Save(a *archive.Writer) {
	ids, names := make([]string, len(t.stops)), make([]string, len(t.stops))
	places := make([]float64, 0, 2*len(t.stops))
	for i, s := range t.stops {
		ids[i], names[i] = s.ID, s.Name
		places = append(places, s.At.Lon, s.At.Lat)
	}
	archive.Put(a, "transit/format", []uint32{format})
	archive.Put(a, "transit/day", []int32{int32(t.day), t.slack})
	archive.PutText(a, "transit/stop-ids", ids)
	archive.PutText(a, "transit/stop-names", names)
	archive.Put(a, "transit/stop-places", places)
	archive.Put(a, "transit/pattern-first", t.patternFirst)
	archive.Put(a, "transit/call-stop", t.callStop)
	archive.Put(a, "transit/call-flags", t.callFlags)
	archive.Put(a, "transit/trip-first", t.tripFirst)
	archive.Put(a, "transit/time-first", t.timeFirst)
	archive.Put(a, "transit/arrive", t.arrive)
	archive.Put(a, "transit/depart", t.depart)
	archive.Put(a, "transit/transfer-first", t.transferFirst)
	archive.Put(a, "transit/transfer-to", t.transferTo)
	archive.Put(a, "transit/transfer-walk", t.transferWalk)
	archive.Put(a, "transit/transfer-min", t.transferMin)
	archive.Put(a, "transit/transfer-timed", t.transferTimed)
}

// Load reads what Save wrote and links its stops to the street network it was built with. The arrays point into
// the archive.
func Load(r *archive.Reader, streets *street.Network) (*Timetable, error) {
	l := loading{r: r}
	version, day := get[uint32](&l, "format"), get[int32](&l, "day")
	t := &Timetable{
		patternFirst: get[uint32](&l, "pattern-first"), callStop: get[uint32](&l, "call-stop"), callFlags: get[uint8](&l, "call-flags"),
		tripFirst: get[uint32](&l, "trip-first"), timeFirst: get[uint64](&l, "time-first"),
		arrive: get[int32](&l, "arrive"), depart: get[int32](&l, "depart"),
		transferFirst: get[uint32](&l, "transfer-first"), transferTo: get[uint32](&l, "transfer-to"), transferWalk: get[uint32](&l, "transfer-walk"),
		transferMin: get[int32](&l, "transfer-min"), transferTimed: get[uint8](&l, "transfer-timed"), streets: streets,
	}
	ids, names, places := l.text("stop-ids"), l.text("stop-names"), get[float64](&l, "stop-places")
	if l.err != nil {
		return nil, l.err
	}
	if len(version) != 1 || version[0] != format || len(day) != 2 {
		return nil, corrupt("was written by another version")
	}
	if len(names) != len(ids) || len(places) != 2*len(ids) {
		return nil, corrupt("has stops without name or place")
	}
	t.day, t.slack = gtfs.Date(day[0]), day[1]
	for i := range ids {
		t.stops = append(t.stops, Stop{ID: ids[i], Name: names[i], At: geo.LonLat{Lon: places[2*i], Lat: places[2*i+1]}})
	}
	if err := t.check(); err != nil {
		return nil, err
	}
	t.link()
	return t, nil
}

type loading struct {
	r   *archive.Reader
	err error
}

func get[T archive.Number](l *loading, name string) []T {
	xs, err := archive.Get[T](l.r, "transit/"+name)
	if l.err == nil {
		l.err = err
	}
	return xs
}

func (l *loading) text(name string) []string {
	xs, err := archive.GetText(l.r, "transit/"+name)
	if l.err == nil {
		l.err = err
	}
	return xs
}

func corrupt(what string) error {
	return fault.New(fault.Corrupt, "transit", "the stored timetable "+what, "build the snapshot again")
}

// check holds what all other code relies on: arrays of fitting length, references within bounds.
func (t *Timetable) check() error {
	n := len(t.patternFirst)
	switch {
	case n == 0 || len(t.tripFirst) != n || len(t.timeFirst) != n:
		return corrupt("has patterns without trips")
	case !ascending(t.patternFirst, len(t.callStop)) || len(t.callFlags) != len(t.callStop):
		return corrupt("has patterns without stops")
	case !ascending(t.timeFirst, len(t.arrive)) || len(t.depart) != len(t.arrive):
		return corrupt("has trips without times")
	case len(t.transferFirst) != len(t.stops)+1 || !ascending(t.transferFirst, len(t.transferTo)):
		return corrupt("has stops without transfers")
	case len(t.transferWalk) != len(t.transferTo) || len(t.transferMin) != len(t.transferTo) || len(t.transferTimed) != len(t.transferTo):
		return corrupt("has transfers without times")
	}
	for p := range n - 1 {
		calls, trips := uint64(t.patternFirst[p+1]-t.patternFirst[p]), uint64(t.tripFirst[p+1]-t.tripFirst[p])
		if t.tripFirst[p+1] < t.tripFirst[p] || calls < 2 || calls*trips != t.timeFirst[p+1]-t.timeFirst[p] {
			return corrupt(fmt.Sprintf("has a broken pattern %d", p))
		}
	}
	for _, stops := range [][]uint32{t.callStop, t.transferTo} {
		for _, s := range stops {
			if int(s) >= len(t.stops) {
				return corrupt("names a stop that does not exist")
			}
		}
	}
	return nil
}

// ascending says whether xs begins with 0, never falls and ends with n.
func ascending[T uint32 | uint64](xs []T, n int) bool {
	for i := 1; i < len(xs); i++ {
		if xs[i] < xs[i-1] {
			return false
		}
	}
	return len(xs) > 0 && xs[0] == 0 && xs[len(xs)-1] == T(n)
}
