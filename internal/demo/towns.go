package demo

import "math"

// drawTown lays the streets of a settlement: a lattice on the borders of its cells, with gaps, footpaths and
// one-way streets, tied to the arterials on its open sides.
func (d *drawer) drawTown(index int) {
	t := &d.p.towns[index]
	us, vs := lines(t.x0, t.x1, t.open[0], t.open[1]), lines(t.y0, t.y1, t.open[2], t.open[3])
	at := make([][]int32, len(us))
	for i, u := range us {
		at[i] = make([]int32, len(vs))
		for j, v := range vs {
			at[i][j] = d.node(float64(u)+d.shift(u, t.x0, t.x1), float64(v)+d.shift(v, t.y0, t.y1))
		}
	}
	middle := at[len(us)/2][len(vs)/2]
	d.centres = append(d.centres, middle)
	touched := map[int32]bool{middle: true}
	for j, v := range vs {
		chain := make([]int32, 0, len(us)+2)
		if n := d.jointV(t.col, t.row, v-t.row*pitch-1); t.open[0] && n >= 0 {
			chain = append(chain, n)
		}
		for i := range us {
			chain = append(chain, at[i][j])
		}
		if n := d.jointV(t.col+1, t.row, v-t.row*pitch-1); t.open[1] && n >= 0 {
			chain = append(chain, n)
		}
		d.street(chain, touched, t.core && v == t.y0+3, t.core && v == t.y0+5, v == t.y0 || v == t.y1)
	}
	for i, u := range us {
		chain := make([]int32, 0, len(vs)+2)
		if n := d.jointH(t.col, t.row, u-t.col*pitch-1); t.open[2] && n >= 0 {
			chain = append(chain, n)
		}
		chain = append(chain, at[i]...)
		if n := d.jointH(t.col, t.row+1, u-t.col*pitch-1); t.open[3] && n >= 0 {
			chain = append(chain, n)
		}
		d.street(chain, touched, false, false, u == t.x0 || u == t.x1)
	}
	if t.core {
		d.banks = append(d.banks, [2]int32{-1, -1})
		return
	}
	d.banks = append(d.banks, [2]int32{at[0][len(vs)/2], at[len(us)-1][len(vs)/2]})
	d.drawSpur(t, at)
}

// shift moves an inner joint a little, so that no street is quite straight.
func (d *drawer) shift(k, from, to int) float64 {
	draw := 0.36 * (d.r.Float64() - 0.5)
	if k == from || k == to {
		return 0
	}
	return draw
}

// lines are the coordinates of the lattice; an open side has no street of its own beside the arterial.
func lines(from, to int, openFrom, openTo bool) []int {
	var out []int
	for k := from; k <= to; k++ {
		if k == from && openFrom || k == to && openTo {
			continue
		}
		out = append(out, k)
	}
	return out
}

func (d *drawer) jointV(i, j, k int) int32 { return d.vjoint[d.p.vseg(i, j)][k] }
func (d *drawer) jointH(i, j, k int) int32 { return d.hjoint[d.p.hseg(i, j)][k] }

// street lays one line of a lattice. Inner edges may be missing or footpaths; no two such edges meet, so every
// joint keeps three streets and the settlement stays connected for everybody.
func (d *drawer) street(chain []int32, touched map[int32]bool, forward, backward, whole bool) {
	name := streetNames[d.r.IntN(len(streetNames))]
	if forward || backward {
		if backward {
			for i, j := 0, len(chain)-1; i < j; i, j = i+1, j-1 {
				chain[i], chain[j] = chain[j], chain[i]
			}
		}
		d.lay(way{class: residential, kmh: 30, oneway: true, name: name}, chain)
		return
	}
	run := chain[:1:1]
	flush := func() {
		d.lay(way{class: residential, kmh: 30, name: name}, run)
		run = nil
	}
	for i := 1; i < len(chain); i++ {
		a, b := chain[i-1], chain[i]
		inner := i > 1 && i < len(chain)-1 && !whole
		draw := d.r.Float64()
		if !inner || draw > 0.2 || touched[a] || touched[b] {
			run = append(run, b)
			continue
		}
		touched[a], touched[b] = true, true
		flush()
		if draw < 0.12 {
			d.lay(way{class: footway, name: ""}, []int32{a, b})
		}
		run = append(run, b)
	}
	flush()
}

// drawSpur ties a village to the end of its road.
func (d *drawer) drawSpur(t *settlement, at [][]int32) {
	if t.pocket {
		d.drawExit(t, at)
		return
	}
	i, j := d.p.gate(t)
	corner := d.corners[d.p.at(i, j)]
	column := at[0]
	if float64(t.spur)*pitch > float64(t.x0) {
		column = at[len(at)-1]
	}
	arrive := column[0]
	if !t.top {
		arrive = column[len(column)-1]
	}
	c := tertiary
	if t.site == farByCar {
		c = busway
		d.drawSerpentine(t, arrive)
	}
	d.lay(way{class: c, kmh: speed(c), name: "Dorfstraße"}, []int32{corner, arrive})
}

// drawExit lays the only street out of a pocket: winding through the works beside it to the arterial behind them.
func (d *drawer) drawExit(t *settlement, at [][]int32) {
	col, row := t.exit[0], t.exit[1]
	u0, v0 := float64(col*pitch+1), float64(row*pitch+1)
	const low, high = 1.2, tileCells - 1.2
	var chain []int32
	if row > t.row {
		leave := at[len(at)/2][len(at[0])-1]
		end := d.nearestJoint(d.hjoint[d.p.hseg(col, row+1)], u0+high)
		chain = []int32{
			leave, d.node(u0+high, v0+1.5), d.node(u0+low, v0+2.2), d.node(u0+low, v0+4.3),
			d.node(u0+high, v0+4.8), end,
		}
		d.lay(way{class: tertiary, kmh: 30, name: "Werkstraße"}, chain)
		return
	}
	side, from, to := 0, high, low
	if col > t.col {
		side, from, to = len(at)-1, low, high
	}
	leave := at[side][len(at[0])/2]
	end := d.nearestJoint(d.hjoint[d.p.hseg(col, row)], u0+to)
	chain = []int32{
		leave, d.node(u0+from, v0+high), d.node(u0+(from+to)/2, v0+high), d.node(u0+(from+to)/2, v0+low),
		d.node(u0+to, v0+low), d.node(u0+to, v0+high), d.node(u0+to+(to-from)*0.12, v0+high), end,
	}
	d.lay(way{class: tertiary, kmh: 30, name: "Werkstraße"}, chain)
}

// drawSerpentine lays the only way for cars into a village in the hills: back and forth beside the bus road.
func (d *drawer) drawSerpentine(t *settlement, arrive int32) {
	p := d.p
	ring := t.row - 3 // corridor row of the ring road
	from, to := float64(ring)*pitch+0.5, float64(t.row)*pitch+0.5
	if !t.top {
		ring = t.row + 4
		from, to = float64(ring)*pitch+0.5, float64(t.row+1)*pitch+0.5
	}
	side := 1.0
	if p.mirror[t.col/blockCols] {
		side = -1
	}
	u := float64(t.spur)*pitch + 0.5
	near, far := u+side*1.2, u+side*(pitch-1.2)
	// The first bend leaves the ring at a joint that is already there, so that the two really meet.
	s := p.hseg(t.spur, ring)
	if side < 0 {
		s = p.hseg(t.spur-1, ring)
	}
	start := d.nearestJoint(d.hjoint[s], near)
	chain := []int32{start}
	const runs = 7
	for k := range runs {
		v := from + (to-from)*(float64(k)+0.6)/(runs+0.6)
		first, second := near, far
		if k%2 == 1 {
			first, second = far, near
		}
		chain = append(chain, d.node(first, v), d.node(second, v))
	}
	chain = append(chain, arrive)
	d.lay(way{class: tertiary, kmh: 20, name: "Bergstraße"}, chain)
}

// nearestJoint gives the joint of a segment whose coordinate is nearest to a value.
func (d *drawer) nearestJoint(joints [9]int32, u float64) int32 {
	best := int32(-1)
	for _, n := range joints {
		if n >= 0 && (best < 0 || math.Abs(d.u[n]-u) < math.Abs(d.u[best]-u)) {
			best = n
		}
	}
	return best
}

// drawTwinLinks joins the halves of twin villages: a bridge over the river, or an underpass below the railway.
func (d *drawer) drawTwinLinks() {
	for i := range d.p.towns {
		t := &d.p.towns[i]
		if t.half == 0 || t.other < i {
			continue
		}
		west, east := d.banks[i][1], d.banks[t.other][0]
		if d.p.vbar[t.col+1] == river {
			d.lay(way{class: residential, kmh: 30, bridge: true, name: "Grenzbrücke"}, []int32{west, east})
			continue
		}
		d.underpass(west, east, t.site == stepsTwin)
	}
}

// underpass lays steps, tunnel, steps; with a ramp beside them unless it has only steps.
func (d *drawer) underpass(west, east int32, onlySteps bool) {
	v := d.v[west]
	w, e := d.node(d.u[west]+0.3, v), d.node(d.u[east]-0.3, v)
	d.lay(way{class: steps, name: "Bahnhofstreppe West"}, []int32{west, w})
	d.lay(way{class: footway, tunnel: true, name: "Bahnhofsunterführung"}, []int32{w, e})
	d.lay(way{class: steps, name: "Bahnhofstreppe Ost"}, []int32{e, east})
	if onlySteps {
		return
	}
	bw, be := d.node(d.u[west]+0.15, v+0.25), d.node(d.u[east]-0.15, v+0.25)
	d.lay(way{class: footway, name: "Rampe West"}, []int32{west, bw, w})
	d.lay(way{class: footway, name: "Rampe Ost"}, []int32{e, be, east})
}

// drawMotorways lays two lanes along each motorway corridor and ramps where a primary road crosses.
func (d *drawer) drawMotorways() {
	p := d.p
	for j := range p.h + 1 {
		if p.hbar[j] != motorway {
			continue
		}
		v := float64(j)*pitch + 0.5
		var east, west []int32
		var ramps [][]int32
		for i := range p.w + 1 {
			u := float64(i)*pitch + 0.5
			cross, _ := d.bridged(i, j)
			if !cross || d.roadV(i, j) != primary {
				east, west = append(east, d.node(u, v-0.12)), append(west, d.node(u, v+0.12))
				continue
			}
			e1, e2 := d.node(u-2.5, v-0.12), d.node(u+2.5, v-0.12)
			w1, w2 := d.node(u-2.5, v+0.12), d.node(u+2.5, v+0.12)
			east, west = append(east, e1, e2), append(west, w1, w2)
			south, north := d.vjoint[p.vseg(i, j-1)][8], d.vjoint[p.vseg(i, j)][0]
			ramps = append(ramps, []int32{e1, south}, []int32{south, e2}, []int32{w2, north}, []int32{north, w1})
		}
		for a, b := 0, len(west)-1; a < b; a, b = a+1, b-1 {
			west[a], west[b] = west[b], west[a]
		}
		name := "A 9" + string(rune('0'+j/blockRows%10)) + "0"
		d.lay(way{class: motorwayLane, kmh: 120, oneway: true, name: name}, east)
		d.lay(way{class: motorwayLane, kmh: 120, oneway: true, name: name}, west)
		for _, r := range ramps {
			d.lay(way{class: motorwayRamp, kmh: 60, oneway: true}, r)
		}
	}
}

// banTurns forbids left turns at some crossings of four arterials.
func (d *drawer) banTurns() {
	p := d.p
	for j := 1; j < p.h; j++ {
		for i := 1; i < p.w; i++ {
			if p.vbar[i] != noBarrier || p.hbar[j] != noBarrier || d.r.IntN(6) > 0 {
				continue
			}
			south, north := d.vway[p.vseg(i, j-1)], d.vway[p.vseg(i, j)]
			west, east := d.hway[p.hseg(i-1, j)], d.hway[p.hseg(i, j)]
			if south < 0 || north < 0 || west < 0 || east < 0 || d.ways[south].class == busway || d.ways[north].class == busway {
				continue
			}
			via := d.corners[p.at(i, j)]
			d.bans = append(d.bans, ban{from: south, to: west, via: via, kind: "no_left_turn"},
				ban{from: north, to: east, via: via, kind: "no_left_turn"})
		}
	}
}
