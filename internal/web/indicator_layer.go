package web

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/paulmach/orb"

	"gevor/fault"
	"gevor/geo"
	"gevor/indicator"
	"gevor/internal/web/ui"
	"gevor/region"
)

// areaLayer is one way to cut the region into areas: which area a cell of the population grid lies in, and the areas.
type areaLayer struct {
	level  indicator.Level
	areas  []indicator.Area
	shapes map[string]orb.MultiPolygon
	of     func(cell int) string // key; empty where the cell lies in none
}

// kilometre is the side of the squares on which figures are shown, in metres.
const kilometre = 1000

// areaLayers lists the layers that a dataset can be carried between: municipalities, districts and zones of the region, exact
// unions that the dataset knows, and squares of a kilometre.
func areaLayers(s *region.Snapshot, pub *indicator.Publication) []areaLayer {
	var out []areaLayer
	for _, kind := range []region.AreaKind{region.District, region.Municipality} {
		l, at := areaLayer{level: indicator.Level(kind.String()), shapes: map[string]orb.MultiPolygon{}}, s.Cells.District
		if kind == region.Municipality {
			at = s.Cells.Municipality
		}
		for i := range s.Areas {
			if a := &s.Areas[i]; a.Kind == kind {
				l.add(a.Key, a.Name, a.Shape)
			}
		}
		l.of = func(cell int) string {
			if at[cell] < 0 {
				return ""
			}
			return s.Areas[at[cell]].Key
		}
		out = append(out, l)
	}
	out = append(out, unions(pub, out)...)
	for _, kind := range region.ZoneKinds() {
		if l, ok := zoneLayer(s, kind); ok {
			out = slices.DeleteFunc(out, func(x areaLayer) bool { return x.level == l.level })
			out = append(out, l)
		}
	}
	if s.Cells.East != nil {
		out = append(out, squares(s))
	}
	out = slices.DeleteFunc(out, func(l areaLayer) bool { return len(l.areas) == 0 })
	order := append(indicator.Levels(), indicator.Cells)
	slices.SortFunc(out, func(a, b areaLayer) int {
		return cmp.Compare(slices.Index(order, a.level), slices.Index(order, b.level))
	})
	return out
}

func (l *areaLayer) add(key, name string, shape orb.MultiPolygon) {
	l.areas = append(l.areas, indicator.Area{Key: key, Name: name, Level: l.level})
	l.shapes[key] = shape
}

// unions are layers of areas that are made of those of another layer, as planning areas of municipalities.
func unions(pub *indicator.Publication, of []areaLayer) []areaLayer {
	var out []areaLayer
	for _, a := range pub.Areas {
		for i := range of {
			base := &of[i]
			if len(a.Members) == 0 || base.shapes[a.Members[0]] == nil {
				continue
			}
			at := slices.IndexFunc(out, func(l areaLayer) bool { return l.level == a.Level })
			if at < 0 {
				at = len(out)
				member := map[string]string{}
				for _, u := range pub.Of(a.Level) {
					for _, m := range u.Members {
						member[m] = u.Key
					}
				}
				out = append(out, areaLayer{level: a.Level, shapes: map[string]orb.MultiPolygon{}, of: func(cell int) string { return member[base.of(cell)] }})
			}
			var shape orb.MultiPolygon
			for _, m := range a.Members {
				shape = append(shape, base.shapes[m]...)
			}
			out[at].add(a.Key, a.Name, shape)
		}
	}
	return out
}

func zoneLayer(s *region.Snapshot, kind region.AreaKind) (areaLayer, bool) {
	l := areaLayer{level: indicator.Level(kind.String()), shapes: map[string]orb.MultiPolygon{}}
	var shapes []orb.MultiPolygon
	for i := range s.Zones {
		if z := &s.Zones[i]; z.Kind == kind {
			l.add(z.Key, z.Name, z.Shape)
			shapes = append(shapes, z.Shape)
		}
	}
	locator := geo.NewLocator(shapes)
	l.of = func(cell int) string {
		if at := locator.First(s.Cells.At[cell]); at >= 0 {
			return l.areas[at].Key
		}
		return ""
	}
	return l, len(l.areas) > 0
}

func squares(s *region.Snapshot) areaLayer {
	l := areaLayer{level: indicator.Cells, shapes: map[string]orb.MultiPolygon{}}
	c := &s.Cells
	l.of = func(cell int) string {
		return fmt.Sprintf("1kmN%dE%d", c.North[cell]/kilometre, c.East[cell]/kilometre)
	}
	for i := range c.ID {
		key := l.of(i)
		if l.shapes[key] != nil {
			continue
		}
		east, north := float64(c.East[i]/kilometre*kilometre), float64(c.North[i]/kilometre*kilometre)
		var ring orb.Ring
		for _, d := range [...][2]float64{{0, 0}, {kilometre, 0}, {kilometre, kilometre}, {0, kilometre}, {0, 0}} {
			at := geo.FromLAEA(east+d[0], north+d[1])
			ring = append(ring, orb.Point{at.Lon, at.Lat})
		}
		l.add(key, key, orb.MultiPolygon{{ring}})
	}
	return l
}

// shownOn gives the dataset on the layer that the query asks for, with the layer to draw it on; the dataset itself where
// the query asks for none. The layer is nil where the region does not have that of the dataset.
func (p *page) shownOn(pub *indicator.Publication) (*indicator.Publication, *areaLayer, ui.Select, error) {
	if p.run == nil || p.mayAtlas() != nil {
		return pub, nil, ui.Select{}, nil
	}
	s := p.run.snapshot()
	all := areaLayers(s, pub)
	own := slices.IndexFunc(all, func(l areaLayer) bool { return l.level == pub.Dataset.Level })
	if own < 0 {
		return pub, nil, ui.Select{}, nil
	}
	f := ui.Select{Name: "on", Label: p.text("figures.layer.on"), Value: cmp.Or(p.first("on"), string(pub.Dataset.Level))}
	if pub.Dataset.Compare { // the same everywhere inside a city: nothing to carry over
		return pub, &all[own], ui.Select{}, nil
	}
	for _, l := range all {
		f.Options = append(f.Options, ui.Option{Value: string(l.level), Label: p.T("figures.level."+string(l.level), nil)})
	}
	to := slices.IndexFunc(all, func(l areaLayer) bool { return string(l.level) == f.Value })
	switch {
	case to < 0:
		return nil, nil, f, fault.New(fault.Invalid, "on", "the region has no such layer", "choose one from the list")
	case to == own:
		return pub, &all[own], f, nil
	}
	carried, err := indicator.Carry(pub, all[to].level, all[to].areas, sharedPeople(s, &all[own], &all[to]))
	return carried, &all[to], f, err
}

// sharedPeople counts who lives both in an area of one layer and in one of another, by the cells of the population grid.
func sharedPeople(s *region.Snapshot, from, to *areaLayer) []indicator.Shared {
	at := map[[2]string]int{}
	var out []indicator.Shared
	for i, n := range s.Cells.Population {
		source := from.of(i)
		if source == "" || n == 0 {
			continue
		}
		key := [2]string{source, to.of(i)}
		k, ok := at[key]
		if !ok {
			k = len(out)
			at[key] = k
			out = append(out, indicator.Shared{Source: key[0], Target: key[1]})
		}
		out[k].People += float64(n)
	}
	return out
}
