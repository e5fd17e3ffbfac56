package api

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"gevor/directory"
	"gevor/geo"
	"gevor/internal/api/fhir4"
	"gevor/internal/api/hsds3"
)

// spot is a location at which something public is given.
type spot struct {
	name     string
	folded   string // how the place is called
	location *directory.Location
	items    []*item
	modified time.Time
}

// spotsOf gives the locations of what is public, by name.
func spotsOf(places []place) []*spot {
	by := map[directory.LocationID]*spot{}
	var out []*spot
	for _, p := range places {
		l := &p.item.rec.Locations[p.at]
		x := by[l.ID]
		if x == nil {
			x = &spot{name: hsds3.LocationName(l.ID), folded: fold(fhir4.PlaceText(l)), location: l}
			by[l.ID] = x
			out = append(out, x)
		}
		x.items = append(x.items, p.item)
		if p.item.modified.After(x.modified) {
			x.modified = p.item.modified
		}
	}
	slices.SortFunc(out, func(a, b *spot) int { return cmp.Compare(a.name, b.name) })
	return out
}

// asHouse makes a spot a row that is public while one of its services is.
func (s *spot) asHouse() *house {
	return &house{name: s.name, provider: &s.items[0].rec.Provider, items: s.items, modified: s.modified}
}

// nearest is how far a search reaches that names no distance, in metres.
const nearest = 10_000

// circle reads "near".
func (x *exchange) circle() (around, error) {
	v := x.q.first("near")
	if v == "" {
		return around{}, nil
	}
	parts := strings.Split(v, "|")
	bad := refuse("near", "is not like 51.48|7.22|5|km")
	if len(parts) < 2 || len(parts) > 4 {
		return around{}, bad
	}
	lat, err1 := strconv.ParseFloat(parts[0], 64)
	lon, err2 := strconv.ParseFloat(parts[1], 64)
	if err1 != nil || err2 != nil || !(math.Abs(lat) <= 90) || !(math.Abs(lon) <= 180) {
		return around{}, bad
	}
	a := around{middle: &geo.LonLat{Lon: lon, Lat: lat}, metres: nearest}
	if len(parts) > 2 && parts[2] != "" {
		d, err := strconv.ParseFloat(parts[2], 64)
		if err != nil || !(d >= 0) || d > 1e6 {
			return around{}, bad
		}
		a.metres = d * 1000
		if len(parts) == 4 && parts[3] == "m" {
			a.metres = d
		} else if len(parts) == 4 && parts[3] != "" && parts[3] != "km" {
			return around{}, bad
		}
	}
	return a, nil
}

func fhirLocations(x *exchange) error {
	s, err := x.a.shelf(x.req.Context())
	if err != nil {
		return err
	}
	near, err := x.circle()
	if err != nil {
		return err
	}
	var rows []row
	at := map[string]*spot{}
	s.derive()
	for _, p := range s.spots {
		if near.holds(p.location) && x.common(p.name, string(p.location.ID), fhir4.PlaceText(p.location), p.folded, p.modified) &&
			x.each("organization", func(v string) bool {
				return slices.ContainsFunc(p.items, func(it *item) bool { return refers(v, "Organization", hsds3.ProviderName(it.rec.Provider.ID)) })
			}) {
			at[p.name] = p
			rows = append(rows, row{name: p.name, house: p.asHouse()})
		}
	}
	w := x.resources()
	return x.bundle("Location", rows, func(r row) any { return oneLocation(w, at[r.name], r.seen) })
}

// oneLocation writes a location with a provider whose service there is public now.
func oneLocation(w *fhir4.Writer, p *spot, seen map[directory.ServiceID]bool) fhir4.Location {
	it := p.items[0]
	for _, i := range p.items {
		if seen[i.rec.ID] {
			it = i
			break
		}
	}
	return w.Location(p.location, &it.rec.Provider, p.modified)
}

func fhirOneLocation(x *exchange) error {
	s, err := x.a.shelf(x.req.Context())
	if err != nil {
		return err
	}
	s.derive()
	i, found := slices.BinarySearchFunc(s.spots, x.req.PathValue("record"), func(p *spot, n string) int { return cmp.Compare(p.name, n) })
	if found {
		p := s.spots[i]
		shown, err := x.public([]row{{name: p.name, house: p.asHouse()}})
		if err != nil {
			return err
		}
		if len(shown) == 1 {
			return x.json(fhirType, oneLocation(x.resources(), p, shown[0].seen))
		}
	}
	return absent()
}
