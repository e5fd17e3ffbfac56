// Package outline turns sets of cells into polygons: the union of grid squares, or one small piece for each
// point where the region has points instead of a grid.
package outline

import (
	"math"
	"sort"

	"github.com/paulmach/orb"

	"gevor/geo"
	"gevor/region"
)

// Shapes gives the outlines of cells of one region. It is immutable; share it between goroutines.
type Shapes struct {
	cells  *region.Cells
	radius []geo.Metres // points only: half the way to the nearest other point, within bounds
}

// The radius of the piece that stands for a point lies between these, in metres.
const (
	minRadius = 20
	maxRadius = 500
)

// New prepares outlines for a region's cells. Cost: O(n) for a grid, O(n log n) for points.
func New(cells *region.Cells) *Shapes {
	s := &Shapes{cells: cells}
	if !s.grid() {
		s.radius = halfSpacing(cells.At)
	}
	return s
}

func (s *Shapes) grid() bool { return s.cells.SizeM > 0 && s.cells.East != nil }

// Cell is the outline of one cell: its square, or an octagon around its point.
func (s *Shapes) Cell(i int32) orb.Polygon {
	if s.grid() {
		e, n, d := s.cells.East[i], s.cells.North[i], s.cells.SizeM
		return orb.Polygon{orb.Ring{lonLat(e, n), lonLat(e+d, n), lonLat(e+d, n+d), lonLat(e, n+d), lonLat(e, n)}}
	}
	return orb.Polygon{octagon(s.cells.At[i], s.radius[i])}
}

// Union is the outline of several cells in degrees: exterior rings counter-clockwise, holes clockwise, every ring
// simple. Squares that share an edge lie in one polygon, squares that only touch at a corner do not. Polygons are
// ordered by their lowest cell. Checked against cell-by-cell membership and area in law_test.go.
func (s *Shapes) Union(cells []int32) orb.MultiPolygon {
	if !s.grid() {
		out := make(orb.MultiPolygon, len(cells))
		for i, c := range cells {
			out[i] = s.Cell(c)
		}
		return out
	}
	squares := make([]square, len(cells))
	for i, c := range cells {
		squares[i] = square{s.cells.East[c] / s.cells.SizeM, s.cells.North[c] / s.cells.SizeM}
	}
	out := make(orb.MultiPolygon, 0, 1)
	for _, p := range dissolve(squares) {
		polygon := make(orb.Polygon, len(p))
		for i, r := range p {
			ring := make(orb.Ring, len(r))
			for j, v := range r {
				ring[j] = lonLat(v.x*s.cells.SizeM, v.y*s.cells.SizeM)
			}
			polygon[i] = ring
		}
		out = append(out, polygon)
	}
	return out
}

func lonLat(east, north int32) orb.Point {
	p := geo.FromLAEA(float64(east), float64(north))
	return orb.Point{p.Lon, p.Lat}
}

func octagon(at geo.LonLat, r geo.Metres) orb.Ring {
	box := geo.Box{MinLon: at.Lon, MinLat: at.Lat, MaxLon: at.Lon, MaxLat: at.Lat}.Grow(r)
	dLon, dLat := box.MaxLon-at.Lon, box.MaxLat-at.Lat
	ring := make(orb.Ring, 0, 9)
	for k := range 8 {
		sin, cos := math.Sincos(float64(2*k+1) * math.Pi / 8)
		ring = append(ring, orb.Point{at.Lon + dLon*cos, at.Lat + dLat*sin})
	}
	return append(ring, ring[0])
}

// halfSpacing gives half the distance to each point's nearest other point, so that pieces never overlap. Points
// are put into buckets of maxRadius, hence only neighbouring buckets hold a nearer one.
func halfSpacing(at []geo.LonLat) []geo.Metres {
	out := make([]geo.Metres, len(at))
	if len(at) == 0 {
		return out
	}
	mid := at[len(at)/2].Lat * math.Pi / 180
	const perDegree = 111195.0
	bucket := func(p geo.LonLat) [2]int32 {
		return [2]int32{int32(math.Floor(p.Lon * perDegree * math.Cos(mid) / (2 * maxRadius))), int32(math.Floor(p.Lat * perDegree / (2 * maxRadius)))}
	}
	in := map[[2]int32][]int32{}
	for i, p := range at {
		b := bucket(p)
		in[b] = append(in[b], int32(i))
	}
	for i, p := range at {
		b, best := bucket(p), geo.Metres(2*maxRadius)
		for dx := int32(-1); dx <= 1; dx++ {
			for dy := int32(-1); dy <= 1; dy++ {
				for _, j := range in[[2]int32{b[0] + dx, b[1] + dy}] {
					if d := geo.Distance(p, at[j]); int(j) != i && d > 0 && d < best {
						best = d
					}
				}
			}
		}
		out[i] = max(best/2, minRadius)
	}
	return out
}

// Centre is a point inside the union of cells that lies near its middle: the cell whose point is nearest to the
// mean of all, the lowest index where several are.
func (s *Shapes) Centre(cells []int32) geo.LonLat {
	if len(cells) == 0 {
		return geo.LonLat{Lon: math.NaN(), Lat: math.NaN()}
	}
	var lon, lat float64
	for _, c := range cells {
		lon += s.cells.At[c].Lon
		lat += s.cells.At[c].Lat
	}
	mean := geo.LonLat{Lon: lon / float64(len(cells)), Lat: lat / float64(len(cells))}
	sorted := append([]int32(nil), cells...)
	sort.Slice(sorted, func(i, j int) bool { return sorted[i] < sorted[j] })
	best, where := geo.Metres(math.Inf(1)), s.cells.At[sorted[0]]
	for _, c := range sorted {
		if d := geo.Distance(mean, s.cells.At[c]); d < best {
			best, where = d, s.cells.At[c]
		}
	}
	return where
}
