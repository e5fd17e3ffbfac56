package finder

import (
	"gevor/geo"
	"gevor/region"
)

// Area is a municipality or a district that people say they live in.
type Area struct {
	Key          string
	Name         string
	Municipality string      // key of the municipality it lies in, or its own
	At           *geo.LonLat // the mean place of its people, else of its box; nil where neither is known
}

// Ground is what the finder knows of a region: names and middles of its areas. It is immutable.
type Ground struct {
	Run   string // names the state of the region
	Areas []Area // municipalities first, each by name
	at    map[string]int
}

// GroundOf takes areas and their middles from a snapshot. The middle of an area is the mean place of its people, so that
// a district with a forest begins where its houses are; one where nobody is counted has the middle of its box. run names the state.
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
		} else if len(a.Shape) > 0 {
			b := a.Shape.Bound()
			x.At = &geo.LonLat{Lon: (b.Left() + b.Right()) / 2, Lat: (b.Bottom() + b.Top()) / 2}
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
