package atlas

import (
	"math"
	"slices"

	"gevor/geo"
	"gevor/region"
)

// ground knows which cells lie beside each other. It is built once per run.
type ground struct {
	x, y   []float64 // metres
	radius float64   // cells at most so far apart are neighbours
	order  []int32   // cells by bucket
	first  map[[2]int32]span
}

type span struct{ from, to int32 }

// newGround lays out the cells. On a grid the neighbours of a cell are its eight and whatever lies within bridge;
// among plain points those within 1.6 times the median distance to the nearest other point, or within bridge.
func newGround(cells *region.Cells, bridge geo.Metres) *ground {
	n := cells.Len()
	g := &ground{x: make([]float64, n), y: make([]float64, n)}
	if cells.SizeM > 0 && cells.East != nil {
		for i := range n {
			g.x[i], g.y[i] = float64(cells.East[i]), float64(cells.North[i])
		}
		g.index(math.Max(float64(bridge), 1.5*float64(cells.SizeM)))
		return g
	}
	g.flatten(cells.At)
	g.index(math.Max(float64(bridge), 1.6*g.medianSpacing()))
	return g
}

// flatten projects places to metres around their middle latitude; good to 1 % within a region of 100 km.
func (g *ground) flatten(at []geo.LonLat) {
	mid := 0.0
	for _, p := range at {
		mid += p.Lat / float64(len(at))
	}
	metres := float64(geo.Distance(geo.LonLat{Lat: 0}, geo.LonLat{Lat: 1}))
	for i, p := range at {
		g.x[i], g.y[i] = p.Lon*metres*math.Cos(mid*math.Pi/180), p.Lat*metres
	}
}

// index sorts the cells into buckets as wide as the radius.
func (g *ground) index(radius float64) {
	g.radius = radius
	g.order = make([]int32, len(g.x))
	for i := range g.order {
		g.order[i] = int32(i)
	}
	slices.SortFunc(g.order, func(a, b int32) int {
		p, q := g.bucket(a), g.bucket(b)
		switch {
		case p[0] != q[0]:
			return int(p[0]) - int(q[0])
		case p[1] != q[1]:
			return int(p[1]) - int(q[1])
		}
		return int(a) - int(b)
	})
	g.first = map[[2]int32]span{}
	for from := 0; from < len(g.order); {
		b, to := g.bucket(g.order[from]), from
		for to < len(g.order) && g.bucket(g.order[to]) == b {
			to++
		}
		g.first[b] = span{int32(from), int32(to)}
		from = to
	}
}

func (g *ground) bucket(i int32) [2]int32 {
	return [2]int32{int32(math.Floor(g.x[i] / g.radius)), int32(math.Floor(g.y[i] / g.radius))}
}

func (g *ground) distance(i, j int32) float64 { return math.Hypot(g.x[i]-g.x[j], g.y[i]-g.y[j]) }

// near calls visit for every other cell within the radius of cell i.
func (g *ground) near(i int32, visit func(j int32)) {
	b := g.bucket(i)
	for dx := int32(-1); dx <= 1; dx++ {
		for dy := int32(-1); dy <= 1; dy++ {
			s := g.first[[2]int32{b[0] + dx, b[1] + dy}]
			for _, j := range g.order[s.from:s.to] {
				if j != i && g.distance(i, j) <= g.radius {
					visit(j)
				}
			}
		}
	}
}

// medianSpacing is the median distance of a point to its nearest other, over at most 2,000 points spread evenly
// through the list. Cost O(2,000 n).
func (g *ground) medianSpacing() float64 {
	n := len(g.x)
	if n < 2 {
		return 0
	}
	step := (n + 1999) / 2000
	var found []float64
	for i := 0; i < n; i += step {
		best := math.Inf(1)
		for j := range n {
			if j != i {
				best = math.Min(best, g.distance(int32(i), int32(j)))
			}
		}
		found = append(found, best)
	}
	return median(found)
}
