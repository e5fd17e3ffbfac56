package demo

import "math"

const hour = 3600

// halt is where a train stops: a street joint, and how far along the railway it lies.
type halt struct {
	node  int32
	along float64
	name  string
}

// railHalts lists the stations of a railway from west to east: where the primary roads to the hubs cross it.
func (l *liner) railHalts(row int) []halt {
	var out []halt
	for i := range l.p.w {
		for k := range l.p.cities {
			c := &l.p.cities[k]
			node := l.d.corners[l.p.at(i, row)]
			if c.hub[0] == i && row >= c.row0 && row < c.row1 && node >= 0 {
				out = append(out, halt{node, l.d.u[node], c.name + " Bahnhof"})
			}
		}
	}
	return out
}

// sideHalts lists the stations of a railway from south to north: the twin villages on both sides of it, with the
// platform on the western side, and the crossing of the primary road.
func (l *liner) sideHalts(col int) []halt {
	p := l.p
	var out []halt
	for row := range p.h {
		if i := p.townOf[row*p.w+col-1]; i >= 0 && p.towns[i].half > 0 && p.towns[i].other > int(i) {
			node := l.d.banks[i][1]
			out = append(out, halt{node, l.d.v[node], p.towns[i].name + " Bahnhof"})
		}
		if node := l.d.corners[p.at(col, row)]; node >= 0 && row%blockRows == 7 {
			out = append(out, halt{node, l.d.v[node], p.cities[p.cityAt(col, row)].name + " West Bahnhof"})
		}
	}
	return out
}

// railLine makes a train line over stations in both directions. It is published by frequency.
func (l *liner) railLine(id, short string, halts []halt) {
	if len(halts) < 2 {
		return
	}
	ln := line{id: id, short: short, mode: 2, agency: 1, byFrequency: true, long: halts[0].name + " – " + halts[len(halts)-1].name}
	for direction := range 2 {
		pt := &ln.patterns[direction]
		clock := 0
		for i := range halts {
			at := i
			if direction == 1 {
				at = len(halts) - 1 - i
			}
			h := halts[at]
			if i > 0 {
				before := halts[at-1+2*direction]
				clock += int(math.Abs(h.along-before.along)*cellMetres/(70/3.6)) + dwellSeconds
			}
			s := l.pole(h.node, [2]int{int(h.node), 9}, direction, -1)
			l.stops[s].name = h.name
			pt.stops = append(pt.stops, s)
			pt.run = append(pt.run, int32(clock))
		}
	}
	l.lines = append(l.lines, ln)
}

// schedule gives every line its departures. Village lines run every 20 minutes into the night, the line whose
// village is planted to lose its evening bus until half past seven; core lines every 20 minutes, every 40 at
// night.
func (l *liner) schedule() {
	r := stream(l.p.seed, "schedule")
	endOf := map[int32]siteKind{}
	for k, s := range l.poles {
		if k[0] < 0 {
			endOf[s] = l.p.towns[-1-k[0]].site
		}
	}
	for i := range l.lines {
		ln := &l.lines[i]
		for direction := range 2 {
			pt := &ln.patterns[direction]
			offset := int32(r.IntN(20) * 60)
			village := pt.stops[0]
			if direction == 1 {
				village = pt.stops[len(pt.stops)-1]
			}
			kind, isVillage := endOf[village]
			every, until := int32(20*60), int32(24*hour+40*60)
			switch {
			case ln.byFrequency:
				every = 30 * 60
			case isVillage && (kind == busDecoy || kind == farByCar):
				every = 10 * 60
			case isVillage && kind == earlyLastBus:
				until = 19*hour + 20*60
			}
			for t := int32(5*hour) + offset; t <= until; t += every {
				if late := t < 6*hour || t > 22*hour; late && !isVillage && !ln.byFrequency {
					t += every // every second one only
				}
				pt.starts = append(pt.starts, start{t, daily})
				if !ln.byFrequency && t >= 7*hour && t < 8*hour {
					pt.starts = append(pt.starts, start{t + every/2, weekdays})
				}
			}
		}
	}
}
