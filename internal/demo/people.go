package demo

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// parkCells is how many cells of a core tile are green.
const parkCells = 4

// people are the populated cells with their counts, as the census would publish them: counts of one or two are
// nowhere, because the census does not publish them either.
type people struct {
	cx, cy    []int32   // cell of the grid, counted from the origin of the plan
	u, v      []float64 // plan coordinates of its centre
	town      []int32
	total     []int32
	under10   []int32
	from65    []int32
	parks     [][4]int // x0, y0, x1, y1 in cells
	firstCell []int32  // by town, cells are ordered by town
	districts []district
	district  []int32 // by town
}

// district is part of a municipality with the figures its city publishes.
type district struct {
	city                   int
	key, name              string
	col0, row0, col1, row1 int // tiles
	people                 float64
	sgb2                   float64 // share in percent
	longTerm, singles      float64 // persons, households
}

// settlePeople shares the people out over the cells of the plan, leaving out those that are green.
func settlePeople(p *plan, g *ground, total int, green map[[2]int32]bool) *people {
	r := stream(p.seed, "people")
	q := &people{}
	var weight []float64
	for i := range p.towns {
		t := &p.towns[i]
		q.firstCell = append(q.firstCell, int32(len(q.cx)))
		var park [4]int
		if t.core {
			px, py := t.x0+1+r.IntN(5), t.y0+1+r.IntN(5)
			park = [4]int{px, py, px + 2, py + 2}
			q.parks = append(q.parks, park)
		}
		eachCell(g, t, func(cx, cy int32, u, v float64) {
			if t.core && u >= float64(park[0]) && u < float64(park[2]) && v >= float64(park[1]) && v < float64(park[3]) {
				return
			}
			w := t.weight * math.Exp(0.45*r.NormFloat64())
			if !t.core {
				w = t.weight * (0.85 + 0.3*r.Float64())
			}
			q.cx, q.cy = append(q.cx, cx), append(q.cy, cy)
			q.u, q.v = append(q.u, u), append(q.v, v)
			q.town = append(q.town, int32(i))
			weight = append(weight, w)
		})
	}
	q.firstCell = append(q.firstCell, int32(len(q.cx)))
	q.total = apportion(weight, total, 3)
	for c := range q.total {
		t := &p.towns[q.town[c]]
		q.under10 = append(q.under10, published(r, t, q.total[c], childShare(t)))
		q.from65 = append(q.from65, published(r, t, q.total[c], seniorShare(t)))
	}
	q.clear(green)
	q.drawDistricts(p)
	return q
}

// clear takes green cells out; their people move to the next cell of their settlement, so that nothing else changes
// and a region that was measured keeps its measures.
func (q *people) clear(green map[[2]int32]bool) {
	n := int32(0)
	towns := len(q.firstCell) - 1
	for i := range towns {
		first, moved := n, int32(0)
		for c := q.firstCell[i]; c < q.firstCell[i+1]; c++ {
			if green[[2]int32{q.cx[c], q.cy[c]}] {
				moved += q.total[c]
				continue
			}
			q.cx[n], q.cy[n], q.u[n], q.v[n], q.town[n] = q.cx[c], q.cy[c], q.u[c], q.v[c], q.town[c]
			q.total[n], q.under10[n], q.from65[n] = q.total[c]+moved, q.under10[c], q.from65[c]
			moved = 0
			n++
		}
		if n > first {
			q.total[n-1] += moved
		}
		q.firstCell[i] = first
	}
	q.firstCell[towns] = n
	q.cx, q.cy, q.u, q.v, q.town = q.cx[:n], q.cy[:n], q.u[:n], q.v[:n], q.town[:n]
	q.total, q.under10, q.from65 = q.total[:n], q.under10[:n], q.from65[:n]
}

// eachCell calls do for every cell of the grid whose centre falls into a settlement, from south to north and west
// to east.
func eachCell(g *ground, t *settlement, do func(cx, cy int32, u, v float64)) {
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, u := range [2]float64{float64(t.x0) - 1, float64(t.x1) + 1} {
		for _, v := range [2]float64{float64(t.y0) - 1, float64(t.y1) + 1} {
			x, y := g.at(u, v)
			x0, x1, y0, y1 = min(x0, x), max(x1, x), min(y0, y), max(y1, y)
		}
	}
	index := func(m float64, origin int) int32 { return int32(math.Floor((m - float64(origin)) / cellMetres)) }
	for cy := index(y0, originNorth); cy <= index(y1, originNorth); cy++ {
		for cx := index(x0, originEast); cx <= index(x1, originEast); cx++ {
			u, v := g.plan(cellCentre(cx, cy))
			if u >= float64(t.x0) && u < float64(t.x1) && v >= float64(t.y0) && v < float64(t.y1) {
				do(cx, cy, u, v)
			}
		}
	}
}

func childShare(t *settlement) float64 {
	switch {
	case !t.core:
		return 0.125
	case t.north:
		return 0.115
	}
	return 0.08
}

func seniorShare(t *settlement) float64 {
	switch {
	case !t.core:
		return 0.22
	case t.north:
		return 0.18
	}
	return 0.25
}

// apportion shares out a total by weight in whole numbers that add up exactly, each at least a minimum.
func apportion(weight []float64, total, minimum int) []int32 {
	sum := 0.0
	for _, w := range weight {
		sum += w
	}
	out := make([]int32, len(weight))
	left, carry := total, 0.0
	for i, w := range weight {
		exact := w/sum*float64(total) + carry
		n := max(minimum, int(math.Floor(exact)))
		carry = exact - float64(n)
		out[i] = int32(n)
		left -= n
	}
	for i := 0; left != 0 && len(out) > 0; i = (i + 1) % len(out) {
		if left > 0 {
			out[i]++
			left--
		} else if out[i] > int32(minimum) {
			out[i]--
			left++
		}
	}
	return out
}

// published draws how many of a cell's people belong to a group. Ones and twos become nothing or three, as the
// cell-key method makes them. In villages every cell has at least three of every group, so that a gap planted
// there has no holes.
func published(r *rand.Rand, t *settlement, of int32, share float64) int32 {
	exact := float64(of) * share * (0.8 + 0.4*r.Float64())
	n := int32(exact)
	if r.Float64() < exact-float64(n) {
		n++
	}
	if !t.core {
		return min(of, max(3, n))
	}
	if n == 1 || n == 2 {
		if r.IntN(3) < int(n) {
			return 3
		}
		return 0
	}
	return n
}

// drawDistricts cuts each city into rectangles of tiles, along the barriers where it can, and gives them their
// municipal figures.
func (q *people) drawDistricts(p *plan) {
	r := stream(p.seed, "districts")
	q.district = make([]int32, len(p.towns))
	bands := [...][2]int{{0, 5}, {5, 8}, {8, 11}, {11, 16}}
	bandNames := [...]string{"Süd", "Mitte-Süd", "Mitte-Nord", "Nord"}
	for k := range p.cities {
		c := &p.cities[k]
		bx := c.block % p.bx
		cuts := [2][4]int{{0, 2, 5, 7}, {7, 9, 11, 14}}
		west := 0
		if c.east != p.mirror[bx] {
			west = 1
		}
		n := 0
		for band, rows := range bands {
			for part := range 3 {
				a, b := cuts[west][part], cuts[west][part+1]
				if p.mirror[bx] {
					a, b = blockCols-b, blockCols-a
				}
				n++
				d := district{
					city: k, key: fmt.Sprintf("%s%02d", c.key, n),
					name: fmt.Sprintf("%s %c", bandNames[band], 'A'+part),
					col0: bx*blockCols + a, col1: bx*blockCols + b, row0: c.row0 + rows[0], row1: c.row0 + rows[1],
				}
				d.sgb2 = 6 + 5*r.Float64()
				if band >= 2 {
					d.sgb2 = 17 + 12*r.Float64()
				}
				q.districts = append(q.districts, d)
			}
		}
	}
	for i := range p.towns {
		t := &p.towns[i]
		for k := t.city * 12; k < (t.city+1)*12; k++ {
			d := &q.districts[k]
			if t.col >= d.col0 && t.col < d.col1 && t.row >= d.row0 && t.row < d.row1 {
				q.district[i] = int32(k)
				if t.site == denseDecoy && !t.pocket {
					d.sgb2 = 38
				}
				if t.site == debtByCar {
					d.sgb2 = 33
				}
			}
		}
	}
	for c, n := range q.total {
		q.districts[q.district[q.town[c]]].people += float64(n)
	}
	for i := range q.districts {
		d := &q.districts[i]
		d.longTerm = math.Round(d.people * d.sgb2 / 100 * 0.3)
		d.singles = math.Round(d.people * (0.03 + d.sgb2/100*0.12))
	}
}
