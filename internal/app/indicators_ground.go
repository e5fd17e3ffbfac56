package app

import (
	"os"
	"slices"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"gevor/boundary"
	"gevor/fault"
	"gevor/geo"
	"gevor/indicator"
	"gevor/notice"
	"gevor/region"
)

// areasOf reads the municipalities, districts and zones of a region that are valid on its date, as its description selects them,
// without the rest of the region.
func areasOf(dir string, notes *notice.List) ([]indicator.Area, error) {
	folder := os.DirFS(dir)
	d, err := region.ReadDescription(folder)
	if err != nil {
		return nil, err
	}
	var out []indicator.Area
	var towns []orb.MultiPolygon
	var townKeys []string
	for _, kind := range append([]region.AreaKind{region.Municipality, region.District}, region.ZoneKinds()...) {
		locator := geo.NewLocator(towns)
		for i := range d.Boundaries {
			b := &d.Boundaries[i]
			if b.Kind != kind || b.Member != "" {
				continue
			}
			records, err := boundaryFile(dir, b, notes)
			if err != nil {
				return nil, err
			}
			for _, r := range records {
				if r.ValidFrom != "" && r.ValidFrom > d.Date || r.ValidTo != "" && r.ValidTo <= d.Date || !d.Bounds.Contains(middleOf(r.Shape)) || !chosen(r.Key, b.Begins) {
					continue
				}
				a := indicator.Area{Key: r.Key, Name: r.Name, Level: indicator.Level(kind.String()), ValidFrom: r.ValidFrom, ValidTo: r.ValidTo}
				if a.Name == "" {
					a.Name = a.Key
				}
				switch kind {
				case region.Municipality:
					towns, townKeys = append(towns, r.Shape), append(townKeys, r.Key)
				case region.District:
					a.Parent = r.Parent
					if at := locator.First(middleOf(r.Shape)); a.Parent == "" && at >= 0 {
						a.Parent = townKeys[at]
					}
				}
				out = append(out, a)
			}
		}
	}
	return out, nil
}

// chosen says whether a key begins with one of some beginnings; none choose all.
func chosen(key string, beginnings []string) bool {
	return len(beginnings) == 0 || slices.ContainsFunc(beginnings, func(b string) bool { return strings.HasPrefix(key, b) })
}

func boundaryFile(dir string, b *region.BoundarySpec, notes *notice.List) ([]boundary.Record, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fault.Wrap(fault.NotFound, dir, "cannot be opened", "check the path of the region", err)
	}
	defer root.Close()
	f, err := root.Open(b.File)
	if err != nil {
		return nil, fault.Wrap(fault.NotFound, b.File, "cannot be opened", "check the name in region.toml", err)
	}
	defer f.Close()
	return boundary.Read(f, boundary.Options{
		File: b.File, Key: b.Key, KeyLength: b.KeyLength, Name: b.Name, Parent: b.Parent, ValidFrom: b.ValidFrom, ValidTo: b.ValidTo, CRS: b.CRS, Where: b.Where, Notes: notes,
	})
}

// middleOf is the centroid of an area.
func middleOf(m orb.MultiPolygon) geo.LonLat {
	c, _ := planar.CentroidArea(m)
	return geo.LonLat{Lon: c[0], Lat: c[1]}
}
