package street

import (
	"math"

	"gevor/geo"
)

// grid finds the segments near a place: cells of about 80 m with the segments whose boxes touch them.
type grid struct {
	minLon, minLat   int32 // corner of cell 0, in 1e-7 degrees
	cellLon, cellLat int32
	columns, rows    int32
	first            []uint32 // cells+1
	corner           []uint32 // index of the segment's first corner
	edge             []uint32 // parallel to corner
}

const (
	cellDegrees = 7_000 // of latitude, in 1e-7 degrees
	maxCells    = 1 << 24
)

// metresPerUnit is the length of 1e-7 degrees of latitude on the mean sphere.
var metresPerUnit = float64(geo.Distance(geo.LonLat{}, geo.LonLat{Lat: 1})) * 1e-7

func cosine(lat int32) float64 { return math.Cos(float64(lat) * 1e-7 * math.Pi / 180) }

// newGrid sorts all segments of a network into cells; an extract so wide that cells would be too many gets
// larger ones.
func newGrid(n *Network) grid {
	minLon, minLat, maxLon, maxLat := int32(math.MaxInt32), int32(math.MaxInt32), int32(math.MinInt32), int32(math.MinInt32)
	for i := range n.lon {
		minLon, maxLon = min(minLon, n.lon[i]), max(maxLon, n.lon[i])
		minLat, maxLat = min(minLat, n.lat[i]), max(maxLat, n.lat[i])
	}
	g := grid{minLon: minLon, minLat: minLat}
	lat, lon := float64(cellDegrees), cellDegrees/math.Max(0.05, cosine(minLat/2+maxLat/2))
	for {
		g.cellLon, g.cellLat = int32(lon), int32(lat)
		columns := (int64(maxLon)-int64(minLon))/int64(g.cellLon) + 1
		rows := (int64(maxLat)-int64(minLat))/int64(g.cellLat) + 1
		if columns*rows <= maxCells {
			g.columns, g.rows = int32(columns), int32(rows)
			break
		}
		lon, lat = lon*1.5, lat*1.5
	}
	g.first = make([]uint32, int(g.columns)*int(g.rows)+1)
	g.eachSegment(n, func(cell int32, corner, edge uint32) { g.first[cell+1]++ })
	for c := range len(g.first) - 1 {
		g.first[c+1] += g.first[c]
	}
	at := append([]uint32(nil), g.first...)
	total := g.first[len(g.first)-1]
	g.corner, g.edge = make([]uint32, total), make([]uint32, total)
	g.eachSegment(n, func(cell int32, corner, edge uint32) {
		g.corner[at[cell]], g.edge[at[cell]] = corner, edge
		at[cell]++
	})
	return g
}

func (g *grid) column(lon int32) int32 {
	return int32((int64(lon) - int64(g.minLon)) / int64(g.cellLon))
}

func (g *grid) row(lat int32) int32 { return int32((int64(lat) - int64(g.minLat)) / int64(g.cellLat)) }

// eachSegment hands f every pair of cell and segment, edges ascending within a cell.
func (g *grid) eachSegment(n *Network, f func(cell int32, corner, edge uint32)) {
	for e := range uint32(len(n.lengthMM)) {
		for p := n.edgeFirst[e]; p+1 < n.edgeFirst[e+1]; p++ {
			c0, c1 := g.column(min(n.lon[p], n.lon[p+1])), g.column(max(n.lon[p], n.lon[p+1]))
			r0, r1 := g.row(min(n.lat[p], n.lat[p+1])), g.row(max(n.lat[p], n.lat[p+1]))
			for r := r0; r <= r1; r++ {
				for c := c0; c <= c1; c++ {
					f(r*g.columns+c, p, e)
				}
			}
		}
	}
}

// nearest is the place on an edge next to a point.
type nearest struct {
	edge   uint32
	corner uint32  // first corner of the segment
	share  float64 // of the segment, 0 … 1
	metres float64 // from the point; +Inf where nothing lies within reach
}

// find gives the nearest place on an edge of which linkable has a bit of mask, at most most metres away. Rings of
// cells are searched outwards until no cell can hold anything nearer. Of equally near edges the lowest counts.
func (g *grid) find(n *Network, at geo.LonLat, mask uint8, most float64) nearest {
	best := nearest{edge: None, metres: math.Inf(1)}
	if !at.Valid() {
		return best
	}
	lon, lat := fixed(at.Lon), fixed(at.Lat)
	scale := cosine(lat)
	// A cell is at least this wide anywhere within reach of the point.
	cell := metresPerUnit * math.Min(float64(g.cellLat), float64(g.cellLon)*math.Max(0, scale-0.02))
	if cell <= 0 {
		cell = 1
	}
	x := float64(int64(lon)-int64(g.minLon)) / float64(g.cellLon)
	y := float64(int64(lat)-int64(g.minLat)) / float64(g.cellLat)
	column, row := int64(math.Floor(x)), int64(math.Floor(y))
	x, y = x-math.Floor(x), y-math.Floor(y)
	border := cell * min(x, 1-x, y, 1-y) // to the nearest side of the point's own cell
	// Rings before the grid begins are empty, and so are all once a ring encloses it.
	first := max(0, -column, column-int64(g.columns)+1, -row, row-int64(g.rows)+1)
	last := max(column, int64(g.columns)-1-column, row, int64(g.rows)-1-row)
	for ring := first; ring <= last; ring++ {
		reached := 0.0
		if ring > 0 {
			reached = border + float64(ring-1)*cell
		}
		if reached > most || reached > best.metres {
			break
		}
		for r := row - ring; r <= row+ring; r++ {
			if r < 0 || r >= int64(g.rows) {
				continue
			}
			step := int64(1)
			if r != row-ring && r != row+ring && ring > 0 {
				step = 2 * ring
			}
			for c := column - ring; c <= column+ring; c += step {
				if c >= 0 && c < int64(g.columns) {
					g.inCell(n, int(r*int64(g.columns)+c), lon, lat, scale, mask, &best)
				}
			}
		}
	}
	if best.metres > most {
		return nearest{edge: None, metres: math.Inf(1)}
	}
	return best
}

// inCell improves best by the segments of one cell. Distances are measured on a plane that touches the sphere at
// the point, which over the few hundred metres of a link is exact to the millimetre.
func (g *grid) inCell(n *Network, cell int, lon, lat int32, scale float64, mask uint8, best *nearest) {
	for k := g.first[cell]; k < g.first[cell+1]; k++ {
		e, p := g.edge[k], g.corner[k]
		if n.linkable[e]&mask == 0 {
			continue
		}
		ax := float64(int64(n.lon[p])-int64(lon)) * scale
		ay := float64(int64(n.lat[p]) - int64(lat))
		bx := float64(int64(n.lon[p+1])-int64(lon)) * scale
		by := float64(int64(n.lat[p+1]) - int64(lat))
		dx, dy := bx-ax, by-ay
		share := 0.0
		if square := dx*dx + dy*dy; square > 0 {
			share = math.Min(1, math.Max(0, -(ax*dx+ay*dy)/square))
		}
		metres := math.Hypot(ax+share*dx, ay+share*dy) * metresPerUnit
		if metres < best.metres || metres == best.metres && (e < best.edge || e == best.edge && p < best.corner) {
			*best = nearest{e, p, share, metres}
		}
	}
}

// along gives the millimetres from the first corner of the edge to a place on it.
func (n *Network) along(at nearest) uint32 {
	from, to := n.edgeFirst[at.edge], n.edgeFirst[at.edge+1]
	var before, whole float64
	for p := from; p+1 < to; p++ {
		d := float64(geo.Distance(n.at(p), n.at(p+1)))
		switch {
		case p < at.corner:
			before += d
		case p == at.corner:
			before += d * at.share
		}
		whole += d
	}
	if whole == 0 {
		return 0
	}
	return uint32(math.Round(before / whole * float64(n.lengthMM[at.edge])))
}

func (n *Network) at(corner uint32) geo.LonLat {
	return geo.LonLat{Lon: float64(n.lon[corner]) * 1e-7, Lat: float64(n.lat[corner]) * 1e-7}
}
