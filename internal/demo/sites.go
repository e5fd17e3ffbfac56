package demo

import (
	"fmt"
	"math/rand/v2"
)

// siteKind says what a village lacks. Every village has all it needs by itself except what its kind takes away,
// and lies so far from everything else that the lack is felt by all of its people and by nobody outside.
type siteKind uint8

const (
	plainSite       siteKind = iota
	pharmacyByCar            // no pharmacy, no bus: pharmacy and evening practice only by car
	farByCar                 // the only road for cars winds slowly through the hills: emergency practice too far
	crowdedPractice          // the children's practice opens an hour a week: used up
	earlyLastBus             // the bus stops in the evening
	debtByCar                // no debt counselling, no bus
	oneDoctor                // one general practitioner where the standard asks for two
	borderTwin               // counselling just across the city border, for that city's people only
	stepsTwin                // family centre across the railway, through an underpass with steps
	denseDecoy               // dense and poor, but nothing is missing
	busDecoy                 // few offers of its own, but a bus every ten minutes
	rampDecoy                // like stepsTwin, but with a ramp beside the steps
	adviceByCar              // a quarter without counselling
)

// hasBus says whether a bus line serves the village at all.
func (k siteKind) hasBus() bool { return k != pharmacyByCar && k != debtByCar }

var gapKinds = [...]siteKind{pharmacyByCar, farByCar, crowdedPractice, earlyLastBus, debtByCar, oneDoctor}

// placeVillages fills the slots of each block. The first block has every kind of gap once; the others draw.
func (p *plan) placeVillages(r *rand.Rand) {
	for b := range p.bx * p.by {
		kinds := make([]siteKind, 0, len(singleSlots))
		kinds = append(kinds, gapKinds[:]...)
		kinds = append(kinds, denseDecoy, busDecoy, plainSite)
		for i := range kinds {
			if b > 0 && r.IntN(3) == 0 {
				kinds[i] = gapKinds[r.IntN(len(gapKinds))]
			} else if b > 0 && r.IntN(4) == 0 {
				kinds[i] = plainSite
			}
			if p.noGaps && kinds[i] != denseDecoy && kinds[i] != busDecoy {
				kinds[i] = plainSite
			}
		}
		r.Shuffle(len(kinds), func(i, j int) { kinds[i], kinds[j] = kinds[j], kinds[i] })
		for i, s := range singleSlots {
			p.village(r, b, s, kinds[i])
		}
		border, steps := borderTwin, stepsTwin
		if p.noGaps {
			border = plainSite
		}
		if p.noGaps || b > 0 && r.IntN(3) == 0 {
			steps = rampDecoy
		}
		p.twin(r, b, 6, 7, 6, 8, true, border)
		p.twin(r, b, 3, 4, 3, 5, false, steps)
	}
}

// village puts a whole village into a slot.
func (p *plan) village(r *rand.Rand, b int, s slot, kind siteKind) {
	bx, y := b%p.bx, b/p.bx*blockRows
	w, h := 5+r.IntN(2), 5+r.IntN(2)
	t := settlement{col: p.tile(bx, s.tile), site: kind, other: -1, spur: p.corner(bx, s.spur), top: s.top, north: s.top}
	t.row = y + 1
	if s.top {
		t.row = y + 14
	}
	t.x0 = t.col*pitch + 1 + (tileCells-w)/2
	t.y0 = t.row*pitch + 1 + (tileCells-h)/2
	t.x1, t.y1 = t.x0+w, t.y0+h
	t.weight = 1.05 + 0.3*r.Float64()
	if kind == denseDecoy {
		t.weight = 2.2
	}
	p.settle(&t)
}

// twin puts two half villages on both sides of the barrier between two tiles; the gap is in one of them.
func (p *plan) twin(r *rand.Rand, b, left, right, spurLeft, spurRight int, top bool, kind siteKind) {
	bx, y := b%p.bx, b/p.bx*blockRows
	row := y + 1
	if top {
		row = y + 14
	}
	tiles, spurs := [2]int{p.tile(bx, left), p.tile(bx, right)}, [2]int{p.corner(bx, spurLeft), p.corner(bx, spurRight)}
	if tiles[0] > tiles[1] {
		tiles[0], tiles[1] = tiles[1], tiles[0]
		spurs[0], spurs[1] = spurs[1], spurs[0]
	}
	lacks, h := r.IntN(2), 6
	first := len(p.towns)
	for side := range 2 {
		t := settlement{
			col: tiles[side], row: row, site: kind, spur: spurs[side], top: top, north: top,
			half: 2, other: first + 1 - side, weight: 1.05 + 0.3*r.Float64(),
		}
		if side == lacks {
			t.half = 1
		}
		w := 4
		t.x0 = t.col*pitch + 1
		if side == 0 {
			t.x0 += tileCells - w
		}
		t.y0 = t.row*pitch + 1 + (tileCells-h)/2
		t.x1, t.y1 = t.x0+w, t.y0+h
		p.settle(&t)
	}
}

// pocketSlot is where a core can hold a pocket: its tile and the tile of the works it is left through.
type pocketSlot struct{ tile, exit [2]int }

var pocketSlots = [2][]pocketSlot{
	{{[2]int{2, 9}, [2]int{2, 10}}, {[2]int{3, 9}, [2]int{3, 10}}, {[2]int{6, 9}, [2]int{6, 10}}, {[2]int{3, 7}, [2]int{2, 7}}},
	{{[2]int{11, 9}, [2]int{11, 10}}, {[2]int{10, 9}, [2]int{10, 10}}, {[2]int{7, 9}, [2]int{7, 10}}, {[2]int{10, 7}, [2]int{11, 7}}},
}

// pocketsFrom is the number of people in a block from which its cores are large enough to hold a pocket.
const pocketsFrom = 60_000

// placePockets shuts in one quarter of each large core: its neighbours live within sight, but a long walk away.
func (p *plan) placePockets(people int) {
	blocks := p.bx * p.by
	if people/blocks < pocketsFrom {
		return
	}
	r := stream(p.seed, "pockets")
	kinds := []siteKind{adviceByCar, oneDoctor, crowdedPractice, denseDecoy}
	for b := range blocks {
		bx, y := b%p.bx, b/p.bx*blockRows
		for half := range 2 {
			slot := pocketSlots[half][r.IntN(len(pocketSlots[half]))]
			t := settlement{
				col: p.tile(bx, slot.tile[0]), row: y + slot.tile[1], other: -1, spur: -1, pocket: true,
				exit: [2]int{p.tile(bx, slot.exit[0]), y + slot.exit[1]}, north: slot.tile[1] >= 8,
				site: kinds[(2*b+half)%len(kinds)], weight: 1.1 + 0.4*r.Float64(),
			}
			if p.noGaps {
				t.site = denseDecoy
			}
			t.city = p.cityAt(t.col, t.row)
			t.x0, t.y0 = t.col*pitch+2, t.row*pitch+2
			t.x1, t.y1 = t.x0+tileCells-2, t.y0+tileCells-2
			p.works[t.exit] = true
			p.townOf[t.row*p.w+t.col] = int32(len(p.towns))
			p.towns = append(p.towns, t)
		}
	}
}

// settle records a village, finds its municipality and lays its road to the ring.
func (p *plan) settle(t *settlement) {
	t.city = p.cityAt(t.col, t.row)
	road := secondary
	if t.site == farByCar {
		road = busway
	}
	y := t.row - t.row%blockRows
	from, to := y+2, y+5
	if t.top {
		from, to = y+11, y+14
	}
	for j := from; j < to; j++ {
		p.layV(t.spur, j, road)
	}
	p.townOf[t.row*p.w+t.col] = int32(len(p.towns))
	p.towns = append(p.towns, *t)
}

// gate is the corner at which a village's road leaves the corridor, or to which a pocket's street leads.
func (p *plan) gate(t *settlement) (i, j int) {
	if t.pocket {
		i, j = t.exit[0], t.exit[1]
		if p.vbar[i] != noBarrier {
			i++
		}
		if j > t.row {
			j++
		}
		return i, j
	}
	if t.top {
		return t.spur, t.row
	}
	return t.spur, t.row + 1
}

func (p *plan) cityAt(col, row int) int {
	b := row/blockRows*p.bx + col/blockCols
	if col%blockCols >= blockCols/2 {
		return 2*b + 1
	}
	return 2 * b
}

var (
	nameHeads = [...]string{"Flöz", "Stollen", "Loren", "Halden", "Schlacken", "Gruben", "Kumpel", "Förder", "Koksen", "Seilscheiben", "Pumpen", "Grubenlampen", "Zechen", "Hochofen", "Schacht", "Emschertal"}
	nameTails = [...]string{"au", "heide", "werth", "rade", "brink", "loh"}
	villages  = [...]string{"Ostholz", "Kleinfeld", "Birkenhof", "Talblick", "Auwinkel", "Hangweide", "Rotbach", "Kiesgrund", "Lindhorst", "Weidenbruch", "Eichrain", "Moosgrund", "Steinfurche"}
)

// nameTowns invents names and keys. No name is a real municipality's; the keys use a district number (054xx)
// that no German state gives out.
func (p *plan) nameTowns() {
	r := stream(p.seed, "names")
	order := r.Perm(len(nameHeads) * len(nameTails))
	for i := range p.cities {
		n := order[i%len(order)]
		p.cities[i].name = nameHeads[n%len(nameHeads)] + nameTails[n/len(nameHeads)]
		if i >= len(order) {
			p.cities[i].name += "-Nord"
		}
		p.cities[i].key = fmt.Sprintf("054%02d%03d", 10+i/40, (i%40)*4)
	}
	for i := range p.towns {
		t := &p.towns[i]
		switch {
		case t.core:
			t.name = p.cities[t.city].name
		case t.half == 2:
			t.name = p.towns[t.other].name
			if t.other > i {
				t.name = villages[r.IntN(len(villages))]
			}
		case t.half == 1 && t.other < i:
			t.name = p.towns[t.other].name
		default:
			t.name = villages[r.IntN(len(villages))]
		}
	}
}
