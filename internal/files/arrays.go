package files

import (
	"io"
	"strconv"

	"github.com/paulmach/orb"

	"gevor/archive"
	"gevor/atlas"
	"gevor/geo"
	"gevor/region"
)

// arraysName holds what is too long for JSON: cells, layers, shapes. It exists so that opening a run costs
// milliseconds; every number in it is also in a published file.
const arraysName = "result.archive"

func writeArrays(w io.Writer, r *atlas.Result) error {
	s, a := r.Snapshot, archive.NewWriter(w)
	c := &s.Cells
	n := c.Len()
	lon, lat := make([]float64, n), make([]float64, n)
	for i, p := range c.At {
		lon[i], lat[i] = p.Lon, p.Lat
	}
	archive.PutText(a, "cell/id", c.ID)
	archive.Put(a, "cell/lon", lon)
	archive.Put(a, "cell/lat", lat)
	archive.Put(a, "cell/east", c.East)
	archive.Put(a, "cell/north", c.North)
	archive.Put(a, "cell/people", c.Population)
	archive.Put(a, "cell/flag", c.Flag)
	archive.Put(a, "cell/municipality", c.Municipality)
	archive.Put(a, "cell/district", c.District)
	for i, g := range s.Groups {
		if g.State != region.GroupUnknown {
			archive.Put(a, numbered("group/people", i), g.People)
			archive.Put(a, numbered("group/flag", i), g.Flag)
		}
	}
	for i, l := range r.Layers {
		walls := make([]uint8, len(l.Walls))
		for k, b := range l.Walls {
			if b {
				walls[k] = 1
			}
		}
		archive.Put(a, numbered("layer/standard", i), []int32{l.Standard})
		archive.Put(a, numbered("layer/state", i), l.State)
		archive.Put(a, numbered("layer/cause", i), l.Cause)
		archive.Put(a, numbered("layer/seconds", i), l.Seconds)
		archive.Put(a, numbered("layer/access", i), l.Access)
		archive.Put(a, numbered("layer/shortfall", i), l.Shortfall)
		archive.Put(a, numbered("layer/walls", i), walls)
	}
	putFindingCells(a, r.Findings)
	putShapes(a, s.Areas)
	return a.Close()
}

func numbered(name string, i int) string { return name + "/" + strconv.Itoa(i) }

func putFindingCells(a *archive.Writer, findings []atlas.Finding) {
	var cells []int32
	ends := make([]int64, len(findings))
	for i, f := range findings {
		cells = append(cells, f.Cells...)
		ends[i] = int64(len(cells))
	}
	archive.Put(a, "finding/cells", cells)
	archive.Put(a, "finding/ends", ends)
}

// putShapes writes points, then the end of each ring in points, of each polygon in rings, of each area in polygons.
func putShapes(a *archive.Writer, areas []region.Area) {
	var points []float64
	var rings, polygons, ends []int64
	for _, area := range areas {
		for _, p := range area.Shape {
			for _, r := range p {
				for _, at := range r {
					points = append(points, at[0], at[1])
				}
				rings = append(rings, int64(len(points)/2))
			}
			polygons = append(polygons, int64(len(rings)))
		}
		ends = append(ends, int64(len(polygons)))
	}
	archive.Put(a, "shape/points", points)
	archive.Put(a, "shape/rings", rings)
	archive.Put(a, "shape/polygons", polygons)
	archive.Put(a, "shape/areas", ends)
}

// arrays reads what writeArrays wrote. The first error sticks.
type arrays struct {
	r   *archive.Reader
	err error
}

func get[T archive.Number](a *arrays, name string) []T {
	if a.err != nil {
		return nil
	}
	xs, err := archive.Get[T](a.r, name)
	a.err = err
	if len(xs) == 0 {
		return nil
	}
	return xs
}

func (d *decoder) putCells(a *arrays, s *region.Snapshot, cellMetres int32) {
	var ids []string
	if a.err == nil {
		ids, a.err = archive.GetText(a.r, "cell/id")
	}
	c := &s.Cells
	c.ID, c.SizeM = ids, cellMetres
	d.cells = ids
	n := len(ids)
	lon, lat := get[float64](a, "cell/lon"), get[float64](a, "cell/lat")
	c.East, c.North = get[int32](a, "cell/east"), get[int32](a, "cell/north")
	c.Population, c.Flag = get[float32](a, "cell/people"), get[region.ValueFlag](a, "cell/flag")
	c.Municipality, c.District = get[int32](a, "cell/municipality"), get[int32](a, "cell/district")
	if len(lon) != n || len(lat) != n || len(c.Population) != n || len(c.Flag) != n || len(c.Municipality) != n || len(c.District) != n {
		d.fail("arrays of cells differ in length")
		return
	}
	c.At = make([]geo.LonLat, n)
	for i := range c.At {
		c.At[i] = geo.LonLat{Lon: lon[i], Lat: lat[i]}
	}
	for i := range s.Groups {
		if g := &s.Groups[i]; g.State != region.GroupUnknown {
			g.People, g.Flag = get[float32](a, numbered("group/people", i)), get[region.ValueFlag](a, numbered("group/flag", i))
			if len(g.People) != n || len(g.Flag) != n {
				d.fail("arrays of groups differ in length")
			}
		}
	}
}

func (d *decoder) putLayers(a *arrays, r *atlas.Result) {
	n := r.Snapshot.Cells.Len()
	for i := range r.Snapshot.Standards {
		which := get[int32](a, numbered("layer/standard", i))
		if len(which) != 1 || int(which[0]) >= len(r.Snapshot.Standards) || which[0] < 0 {
			d.fail("a layer names no standard")
			return
		}
		l := atlas.Layer{
			Standard: which[0], State: get[atlas.CellState](a, numbered("layer/state", i)),
			Cause: get[atlas.Cause](a, numbered("layer/cause", i)), Seconds: get[int32](a, numbered("layer/seconds", i)),
			Access: get[float32](a, numbered("layer/access", i)), Shortfall: get[float32](a, numbered("layer/shortfall", i)),
		}
		walls := get[uint8](a, numbered("layer/walls", i))
		for _, m := range []int{len(l.State), len(l.Cause), len(l.Seconds), len(l.Access), len(l.Shortfall), len(walls)} {
			if m != n {
				d.fail("arrays of layers differ in length")
				return
			}
		}
		l.Walls = make([]bool, n)
		for k, b := range walls {
			l.Walls[k] = b != 0
		}
		r.Layers = append(r.Layers, l)
	}
}

func (d *decoder) findingCells(a *arrays, cells int) [][]int32 {
	all, ends := get[int32](a, "finding/cells"), get[int64](a, "finding/ends")
	out := make([][]int32, len(ends))
	var from int64
	for i, to := range ends {
		if to < from || to > int64(len(all)) {
			d.fail("cells of findings are broken")
			return nil
		}
		out[i] = all[from:to:to]
		from = to
	}
	for _, c := range all {
		if c < 0 || int(c) >= cells {
			d.fail("a finding names a cell outside the run")
			return nil
		}
	}
	return out
}

func (d *decoder) putShapes(a *arrays, areas []region.Area) {
	points, rings := get[float64](a, "shape/points"), get[int64](a, "shape/rings")
	polygons, ends := get[int64](a, "shape/polygons"), get[int64](a, "shape/areas")
	if len(ends) != len(areas) || !ascending(rings, int64(len(points)/2)) || !ascending(polygons, int64(len(rings))) || !ascending(ends, int64(len(polygons))) {
		d.fail("shapes of areas are broken")
		return
	}
	var p, r, k int64
	for i := range areas {
		for ; p < ends[i]; p++ {
			var polygon orb.Polygon
			for ; r < polygons[p]; r++ {
				ring := make(orb.Ring, 0, rings[r]-k)
				for ; k < rings[r]; k++ {
					ring = append(ring, orb.Point{points[2*k], points[2*k+1]})
				}
				polygon = append(polygon, ring)
			}
			areas[i].Shape = append(areas[i].Shape, polygon)
		}
	}
}

func ascending(xs []int64, end int64) bool {
	var last int64
	for _, x := range xs {
		if x < last || x > end {
			return false
		}
		last = x
	}
	return true
}
