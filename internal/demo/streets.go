package demo

import (
	"fmt"
	"math/rand/v2"
)

// drawer draws the plan as a street network. It keeps which node stands where along the corridors, so that a
// settlement's streets end on the arterials around it.
type drawer struct {
	*network
	p       *plan
	r       *rand.Rand
	vjoint  [][9]int32 // by vertical segment: nodes at the lines 0..8 of the tiles beside it, -1 = none
	hjoint  [][9]int32
	corners []int32 // by corner, -1 = none
	vway    []int32 // by segment, -1 = none
	hway    []int32
	centres []int32    // by town: the joint nearest to its middle
	banks   [][2]int32 // by town: the joints in the middle of its western and eastern edge, -1 for a core
}

func draw(p *plan, g *ground) *drawer {
	d := &drawer{network: &network{g: g}, p: p, r: stream(p.seed, "streets")}
	d.vjoint, d.hjoint = make([][9]int32, len(p.vroad)), make([][9]int32, len(p.hroad))
	d.vway, d.hway = make([]int32, len(p.vroad)), make([]int32, len(p.hroad))
	d.corners = make([]int32, len(p.bridge))
	for i := range d.vjoint {
		d.vjoint[i] = [9]int32{-1, -1, -1, -1, -1, -1, -1, -1, -1}
		d.vway[i] = -1
	}
	for i := range d.hjoint {
		d.hjoint[i] = [9]int32{-1, -1, -1, -1, -1, -1, -1, -1, -1}
		d.hway[i] = -1
	}
	d.placeCorners()
	d.drawArterials()
	d.drawBridges()
	for i := range p.towns {
		d.drawTown(i)
	}
	d.drawTwinLinks()
	d.drawMotorways()
	d.banTurns()
	d.index()
	return d
}

func (d *drawer) roadV(i, j int) class {
	if i < 0 || i > d.p.w || j < 0 || j >= d.p.h {
		return noRoad
	}
	return d.p.vroad[d.p.vseg(i, j)]
}

func (d *drawer) roadH(i, j int) class {
	if i < 0 || i >= d.p.w || j < 0 || j > d.p.h {
		return noRoad
	}
	return d.p.hroad[d.p.hseg(i, j)]
}

// bridged says whether a road crosses the barrier at a corner, and in which direction.
func (d *drawer) bridged(i, j int) (vertical, horizontal bool) {
	p := d.p
	if !p.bridge[p.at(i, j)] || p.vbar[i] != noBarrier && p.hbar[j] != noBarrier {
		return false, false
	}
	vertical = p.hbar[j] != noBarrier && d.roadV(i, j-1) != noRoad && d.roadV(i, j) != noRoad
	horizontal = p.vbar[i] != noBarrier && d.roadH(i-1, j) != noRoad && d.roadH(i, j) != noRoad
	return vertical, horizontal
}

func (d *drawer) placeCorners() {
	p := d.p
	for j := range p.h + 1 {
		for i := range p.w + 1 {
			at := p.at(i, j)
			d.corners[at] = -1
			any := d.roadV(i, j-1) != noRoad || d.roadV(i, j) != noRoad || d.roadH(i-1, j) != noRoad || d.roadH(i, j) != noRoad
			v, h := d.bridged(i, j)
			if v || h || any && p.vbar[i] == noBarrier && p.hbar[j] == noBarrier {
				d.corners[at] = d.node(float64(i)*pitch+0.5, float64(j)*pitch+0.5)
			}
		}
	}
}

func speed(c class) int16 {
	switch c {
	case primary, tertiary:
		return 50
	case secondary:
		return 70
	case residential, busway:
		return 30
	case motorwayLane:
		return 120
	case motorwayRamp:
		return 60
	}
	return 20
}

// drawArterials lays every segment of a corridor that carries a road. Where a barrier crosses, the segment ends
// at the bank; drawBridges goes on from there.
func (d *drawer) drawArterials() {
	p := d.p
	for i := range p.w + 1 {
		for j := range p.h {
			if c := d.roadV(i, j); c != noRoad {
				u := float64(i)*pitch + 0.5
				s := p.vseg(i, j)
				chain := d.joints(&d.vjoint[s], p.hbar[j] != noBarrier, p.hbar[j+1] != noBarrier, func(k int) int32 {
					return d.node(u, float64(j*pitch+1+k))
				})
				chain = d.closeChain(chain, p.at(i, j), p.at(i, j+1), p.hbar[j] != noBarrier, p.hbar[j+1] != noBarrier)
				d.vway[s] = d.lay(way{class: c, kmh: speed(c), name: arterialName("v", i, c)}, chain)
			}
		}
	}
	for j := range p.h + 1 {
		for i := range p.w {
			if c := d.roadH(i, j); c != noRoad {
				v := float64(j)*pitch + 0.5
				s := p.hseg(i, j)
				chain := d.joints(&d.hjoint[s], p.vbar[i] != noBarrier, p.vbar[i+1] != noBarrier, func(k int) int32 {
					return d.node(float64(i*pitch+1+k), v)
				})
				chain = d.closeChain(chain, p.at(i, j), p.at(i+1, j), p.vbar[i] != noBarrier, p.vbar[i+1] != noBarrier)
				d.hway[s] = d.lay(way{class: c, kmh: speed(c), name: arterialName("h", j, c)}, chain)
			}
		}
	}
}

func (d *drawer) joints(at *[9]int32, barrierFirst, barrierLast bool, node func(k int) int32) []int32 {
	var chain []int32
	for k := range at {
		if k == 0 && !barrierFirst || k == len(at)-1 && !barrierLast {
			continue
		}
		at[k] = node(k)
		chain = append(chain, at[k])
	}
	return chain
}

func (d *drawer) closeChain(chain []int32, first, last int, barrierFirst, barrierLast bool) []int32 {
	if !barrierFirst {
		chain = append([]int32{d.corners[first]}, chain...)
	}
	if !barrierLast {
		chain = append(chain, d.corners[last])
	}
	return chain
}

func (d *drawer) drawBridges() {
	p := d.p
	for j := range p.h + 1 {
		for i := range p.w + 1 {
			v, h := d.bridged(i, j)
			mid := d.corners[p.at(i, j)]
			if v {
				c := min(d.roadV(i, j-1), d.roadV(i, j))
				d.lay(way{class: c, kmh: speed(c), bridge: true, name: arterialName("v", i, c)},
					[]int32{d.vjoint[p.vseg(i, j-1)][8], mid, d.vjoint[p.vseg(i, j)][0]})
			}
			if h {
				c := min(d.roadH(i-1, j), d.roadH(i, j))
				d.lay(way{class: c, kmh: speed(c), bridge: true, name: arterialName("h", j, c)},
					[]int32{d.hjoint[p.hseg(i-1, j)][8], mid, d.hjoint[p.hseg(i, j)][0]})
			}
		}
	}
}

var streetNames = [...]string{
	"Ahornweg", "Amselweg", "An der Halde", "Bachstraße", "Bergmannsweg", "Birkenweg", "Buchenstraße", "Am Förderturm",
	"Drosselweg", "Eibenweg", "Eichenstraße", "Erlenweg", "Feldstraße", "Fliederweg", "Gartenstraße", "Ginsterweg",
	"Grubenweg", "Heideweg", "Holunderweg", "Im Winkel", "Kirschweg", "Knappenstraße", "Lerchenweg", "Lindenstraße",
	"Lorenweg", "Meisenweg", "Mühlenweg", "Nelkenweg", "Pappelweg", "Quellenweg", "Rosenstraße", "Schlehenweg",
	"Schulstraße", "Steigerweg", "Stollenweg", "Tannenweg", "Ulmenstraße", "Wiesenstraße", "Zechenweg", "Ziegelweg",
}

func arterialName(axis string, at int, c class) string {
	switch {
	case c == busway:
		return "Bustrasse"
	case axis == "v" && c == primary:
		return fmt.Sprintf("B %d", 900+at)
	case axis == "h" && c == primary:
		return fmt.Sprintf("B %d", 700+at)
	case axis == "v":
		return streetNames[(at*7+3)%len(streetNames)] + " (Ring)"
	}
	return streetNames[(at*11+5)%len(streetNames)] + " (Allee)"
}
