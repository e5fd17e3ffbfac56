package demo

import (
	"math"
	"sort"
)

// The region is a chessboard of tiles, 8 x 8 cells each, with a corridor of one cell between neighbours. A
// corridor holds an arterial road, or a barrier that can be crossed only where the plan puts a bridge. 14 x 16
// tiles are a block: two neighbouring cities with their cores in the middle, villages at the northern and
// southern rim, and nothing but woods and fields between, so that each village depends on itself.
const (
	tileCells = 8
	pitch     = tileCells + 1
	blockCols = 14
	blockRows = 16
	// peoplePerBlock is how many people a block holds when its cores are full.
	peoplePerBlock = 130_000
	peoplePerCell  = 30
)

type barrier uint8

const (
	noBarrier barrier = iota
	river
	rail
	motorway
)

// plan is the region before anything is drawn: which corridors carry roads or barriers, where the bridges are,
// and which tiles are settled.
type plan struct {
	seed         uint64
	noGaps       bool
	bx, by       int // blocks
	w, h         int // tiles
	mirror       []bool
	vbar, hbar   []barrier // by corridor column and row
	vroad, hroad []class   // by segment
	bridge       []bool    // by corner
	towns        []settlement
	townOf       []int32 // by tile, -1 = land; a twin's halves are neighbouring tiles
	cities       []city
	works        map[[2]int]bool // tiles of works beside pockets
}

// city is one municipality: half a block.
type city struct {
	block      int
	east       bool // the half on the east side, after mirroring
	col0, col1 int  // tiles [col0, col1)
	row0, row1 int
	hub        [2]int // corner at which its bus lines meet
	key, name  string
}

// settlement is a tile of a core, a village, or half a twin village.
type settlement struct {
	city           int
	col, row       int
	x0, y0, x1, y1 int     // cells [x0, x1) x [y0, y1)
	open           [4]bool // left, right, bottom, top: streets run on to the arterial there
	core           bool
	north          bool // north of the motorway: the poor side
	site           siteKind
	half           int    // 0 = a whole village, 1 = the half with the gap, 2 = the other half
	other          int    // index of the other half
	pocket         bool   // inside a core, shut in by walls and works
	exit           [2]int // of a pocket: the tile its only street winds through
	spur           int    // corridor column of the road to the ring, -1 for a core
	top            bool
	name           string
	weight         float64 // people per cell relative to others
}

func (t *settlement) cells() int { return (t.x1 - t.x0) * (t.y1 - t.y0) }

// slot is where a village may stand in a block: its tile, the corridor of its road, and which rim.
type slot struct {
	tile, spur int
	top        bool
}

var singleSlots = [...]slot{
	{1, 1, true},
	{3, 3, true},
	{10, 10, true},
	{12, 13, true},
	{1, 1, false},
	{6, 6, false},
	{8, 8, false},
	{10, 10, false},
	{12, 13, false},
}

func newPlan(o Options) *plan {
	p := &plan{seed: o.Seed, noGaps: o.NoGaps, works: map[[2]int]bool{}}
	blocks := max(1, (o.People+peoplePerBlock-1)/peoplePerBlock)
	p.by = max(1, int(math.Round(math.Sqrt(float64(blocks)*0.6))))
	p.bx = (blocks + p.by - 1) / p.by
	p.w, p.h = p.bx*blockCols, p.by*blockRows
	p.vbar, p.hbar = make([]barrier, p.w+1), make([]barrier, p.h+1)
	p.vroad, p.hroad = make([]class, (p.w+1)*p.h), make([]class, p.w*(p.h+1))
	p.bridge = make([]bool, (p.w+1)*(p.h+1))
	p.townOf = make([]int32, p.w*p.h)
	for i := range p.townOf {
		p.townOf[i] = -1
	}
	r := stream(o.Seed, "plan")
	p.mirror = make([]bool, p.bx)
	for i := range p.mirror {
		p.mirror[i] = r.IntN(2) == 1
		p.vbar[p.corner(i, 7)] = river
		p.vbar[p.corner(i, 4)] = rail
	}
	for b := range p.by {
		if b > 0 {
			p.hbar[b*blockRows] = river
		}
		p.hbar[b*blockRows+6] = rail
		p.hbar[b*blockRows+8] = motorway
	}
	p.placeCities()
	p.layBackbone()
	p.placeVillages(r)
	p.placePockets(o.People)
	p.growCores(o.People)
	p.nameTowns()
	return p
}

// corner turns a block's corridor column 0..14 into the region's, tile a block's tile column 0..13.
func (p *plan) corner(bx, i int) int {
	if p.mirror[bx] {
		return bx*blockCols + blockCols - i
	}
	return bx*blockCols + i
}

func (p *plan) tile(bx, c int) int {
	if p.mirror[bx] {
		return bx*blockCols + blockCols - 1 - c
	}
	return bx*blockCols + c
}

func (p *plan) vseg(i, j int) int { return i*p.h + j }
func (p *plan) hseg(i, j int) int { return j*p.w + i }
func (p *plan) at(i, j int) int   { return j*(p.w+1) + i }

func (p *plan) layV(i, j int, c class) {
	if p.vbar[i] == noBarrier {
		p.vroad[p.vseg(i, j)] = max(p.vroad[p.vseg(i, j)], c)
	}
}

func (p *plan) layH(i, j int, c class) {
	if p.hbar[j] == noBarrier {
		p.hroad[p.hseg(i, j)] = max(p.hroad[p.hseg(i, j)], c)
	}
}

// placeCities cuts every block into two municipalities along the river.
func (p *plan) placeCities() {
	for b := range p.bx * p.by {
		bx, by := b%p.bx, b/p.bx
		for half := range 2 {
			c := city{block: b, east: half == 1, row0: by * blockRows, row1: (by + 1) * blockRows}
			c.col0 = bx*blockCols + half*blockCols/2
			c.col1 = c.col0 + blockCols/2
			hub := 5
			if (half == 1) != p.mirror[bx] {
				hub = 9
			}
			c.hub = [2]int{p.corner(bx, hub), by*blockRows + 7}
			p.cities = append(p.cities, c)
		}
	}
}

// layBackbone lays the roads and bridges that every block has, settled or not.
func (p *plan) layBackbone() {
	for b := range p.bx * p.by {
		bx, y := b%p.bx, b/p.bx*blockRows
		for j := range blockRows {
			p.layV(p.corner(bx, 5), y+j, primary)
			p.layV(p.corner(bx, 9), y+j, primary)
		}
		for i := range blockCols {
			p.layH(p.tile(bx, i), y+7, primary)
			p.layH(p.tile(bx, i), y+5, secondary)
			p.layH(p.tile(bx, i), y+11, secondary)
		}
		for j := 5; j < 11; j++ {
			p.layV(p.corner(bx, 1), y+j, secondary)
			p.layV(p.corner(bx, 13), y+j, secondary)
		}
		for _, at := range [][2]int{
			{7, 5}, {7, 7}, {7, 9}, // over the river
			{4, 5}, {4, 7}, {4, 9}, {4, 11}, // over the railway from south to north
			{2, 8}, {5, 8}, {9, 8}, {12, 8}, // over the motorway
			{2, 6}, {3, 6}, {5, 6}, {9, 6}, {11, 6}, {12, 6}, // over the railway from west to east
			{5, 0}, {9, 0}, // over the river between blocks
		} {
			p.bridge[p.at(p.corner(bx, at[0]), y+at[1])] = true
		}
	}
}

// growCores settles tiles around the middle of each city until the region has its populated cells.
func (p *plan) growCores(people int) {
	villages := 0
	for i := range p.towns {
		villages += p.towns[i].cells()
	}
	perTile := tileCells*tileCells - parkCells
	want := max(3*2, int(math.Round(float64(people/peoplePerCell-villages)/float64(perTile))))
	type candidate struct {
		city, col, row int
		far            float64
	}
	r := stream(p.seed, "cores")
	var all []candidate
	for k := range p.cities {
		c := &p.cities[k]
		bx := c.block % p.bx
		for col := c.col0; col < c.col1; col++ {
			for row := c.row0 + 5; row < c.row0+11; row++ {
				if col == p.tile(bx, 0) || col == p.tile(bx, 13) || p.townOf[row*p.w+col] >= 0 || p.works[[2]int{col, row}] {
					continue
				}
				border := float64(c.col1)
				if c.east {
					border = float64(c.col0)
				}
				du, dv := math.Abs(float64(col)+0.5-border)-1.2, float64(row-c.row0)+0.5-7
				all = append(all, candidate{k, col, row, math.Hypot(du, dv*1.1) + 0.35*r.Float64()})
			}
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].far < all[j].far })
	for _, c := range all[:min(want, len(all))] {
		s := settlement{city: c.city, col: c.col, row: c.row, core: true, spur: -1, other: -1, weight: 0.75 + 0.5*r.Float64()}
		s.x0, s.y0 = c.col*pitch+1, c.row*pitch+1
		s.x1, s.y1 = s.x0+tileCells, s.y0+tileCells
		s.north = c.row-p.cities[c.city].row0 >= 8
		if s.north {
			s.weight *= 1.2
		}
		for side, at := range [4]struct {
			bar  barrier
			lay  func(i, j int, c class)
			i, j int
		}{
			{p.vbar[c.col], p.layV, c.col, c.row},
			{p.vbar[c.col+1], p.layV, c.col + 1, c.row},
			{p.hbar[c.row], p.layH, c.col, c.row},
			{p.hbar[c.row+1], p.layH, c.col, c.row + 1},
		} {
			s.open[side] = at.bar == noBarrier
			at.lay(at.i, at.j, tertiary)
		}
		p.townOf[c.row*p.w+c.col] = int32(len(p.towns))
		p.towns = append(p.towns, s)
	}
}
