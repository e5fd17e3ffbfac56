package region

import (
	"fmt"
	"sort"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"gevor/boundary"
	"gevor/geo"
	"gevor/notice"
	"gevor/tabular"
)

// areas reads all boundaries, keeps those valid on the region's date and touching its bounds, and orders them:
// municipalities by key, then districts by key. Zones are ordered in the same way and kept apart.
func (b *builder) areas() error {
	type parented struct {
		Area
		parent string
		file   string
		index  int
	}
	var all []parented
	seen := map[string]string{}
	for _, spec := range b.d.Boundaries {
		keep := func(r boundary.Record) *tabular.Problem {
			switch {
			case r.ValidFrom != "" && r.ValidFrom > b.d.Date || r.ValidTo != "" && r.ValidTo <= b.d.Date:
				return &tabular.Problem{Value: r.Key, Rule: "not-valid-at-date", Advice: fmt.Sprintf("valid from %q to before %q; the region is described at %s", r.ValidFrom, r.ValidTo, b.d.Date)}
			case !begins(r.Key, spec.Begins):
				return &tabular.Problem{Value: r.Key, Rule: "not-selected", Advice: "only areas whose keys begin with " + strings.Join(spec.Begins, ", ") + " are wanted"}
			case !touches(b.d.Bounds, r.Shape.Bound()) && touches(b.d.Bounds, swapped(r.Shape.Bound())):
				return &tabular.Problem{Value: r.Key, Rule: "coordinates-swapped", Advice: "the latitude seems to come first; GeoJSON wants longitude, latitude"}
			case !touches(b.d.Bounds, r.Shape.Bound()):
				return &tabular.Problem{Value: r.Key, Rule: "area-outside-region", Advice: "the area lies outside the bounds of region.toml"}
			}
			id := fmt.Sprint(spec.Kind, " ", r.Key)
			if other, twice := seen[id]; twice {
				return &tabular.Problem{Value: r.Key, Rule: "duplicate-key", Advice: "the key stands in " + other + " already; the first is used"}
			}
			seen[id] = spec.File
			return nil
		}
		err := b.in.with(spec.File, spec.Source, spec.Line, func(f *file) error {
			records, err := boundary.Read(f.reader(), boundary.Options{
				File: spec.File, Key: spec.Key, KeyLength: spec.KeyLength, Name: spec.Name, Parent: spec.Parent,
				ValidFrom: spec.ValidFrom, ValidTo: spec.ValidTo, CRS: spec.CRS, Where: spec.Where, Notes: b.notes, Keep: keep,
			})
			for _, r := range records {
				all = append(all, parented{Area{
					Key: r.Key, Kind: spec.Kind, Name: r.Name, Parent: -1, Shape: r.Shape, ValidFrom: r.ValidFrom,
					ValidTo: r.ValidTo, Source: spec.Source,
				}, r.Parent, spec.File, r.Index})
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	sort.SliceStable(all, func(i, j int) bool {
		if all[i].Kind != all[j].Kind {
			return all[i].Kind < all[j].Kind
		}
		return all[i].Key < all[j].Key
	})
	var towns, districts []orb.MultiPolygon
	b.areaOf = [2]map[string]int32{{}, {}}
	for i, a := range all {
		if a.Kind > District { // zones come last
			b.s.Zones = append(b.s.Zones, a.Area)
			continue
		}
		b.areaOf[a.Kind][a.Key] = int32(i)
		if a.Kind == Municipality {
			towns = append(towns, a.Shape)
		} else {
			districts = append(districts, a.Shape)
		}
		b.s.Areas = append(b.s.Areas, a.Area)
	}
	b.towns, b.districts = geo.NewLocator(towns), geo.NewLocator(districts)
	for i := len(towns); i < len(b.s.Areas); i++ {
		a := all[i]
		parent, ok := b.areaOf[Municipality][a.parent]
		if !ok {
			parent = b.towns.First(inside(a.Shape))
			if a.parent != "" && len(towns) > 0 {
				b.notes.Add(notice.Notice{
					Severity: notice.Warning, File: a.file, Record: fmt.Sprintf("feature %d", a.index), Value: a.parent,
					Rule: "unknown-parent", Advice: "no municipality has this key; the district was put where it lies",
				})
			}
		}
		b.s.Areas[i].Parent = parent
	}
	return nil
}

func touches(b geo.Box, o orb.Bound) bool {
	return o.Max[0] >= b.MinLon && o.Min[0] <= b.MaxLon && o.Max[1] >= b.MinLat && o.Min[1] <= b.MaxLat
}

func swapped(o orb.Bound) orb.Bound {
	return orb.Bound{Min: orb.Point{o.Min[1], o.Min[0]}, Max: orb.Point{o.Max[1], o.Max[0]}}
}

func begins(key string, beginnings []string) bool {
	for _, b := range beginnings {
		if strings.HasPrefix(key, b) {
			return true
		}
	}
	return len(beginnings) == 0
}

// inside gives a point of an area: its centroid where that lies in it, else the middle of the longest piece of the
// horizontal line through the centroid.
func inside(m orb.MultiPolygon) geo.LonLat {
	c, _ := planar.CentroidArea(m)
	p := geo.LonLat{Lon: c[0], Lat: c[1]}
	if geo.NewLocator([]orb.MultiPolygon{m}).First(p) == 0 {
		return p
	}
	var cuts []float64
	for _, poly := range m {
		for _, ring := range poly {
			for i := range ring {
				a, b := ring[i], ring[(i+1)%len(ring)]
				if (a[1] <= c[1]) != (b[1] <= c[1]) {
					cuts = append(cuts, a[0]+(c[1]-a[1])/(b[1]-a[1])*(b[0]-a[0]))
				}
			}
		}
	}
	sort.Float64s(cuts)
	best := -1.0
	for i := 0; i+1 < len(cuts); i += 2 {
		if w := cuts[i+1] - cuts[i]; w > best {
			best, p.Lon = w, (cuts[i]+cuts[i+1])/2
		}
	}
	return p
}

// place finds municipality and district of a point; the district wins where the two disagree about the municipality.
func (b *builder) place(p geo.LonLat) (municipality, district int32) {
	municipality, district = b.towns.First(p), b.districts.First(p)
	if district >= 0 {
		district += int32(len(b.areaOf[Municipality]))
		if parent := b.s.Areas[district].Parent; parent >= 0 {
			municipality = parent
		}
	}
	return municipality, district
}
