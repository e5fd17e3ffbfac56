package demo

import "fmt"

const hour = 3600

// railLine makes a train line along a railway from west to east, with a station near each hub. It is published
// by frequency.
func (l *liner) railLine(row int) {
	ln := line{id: fmt.Sprintf("S-%d", row), short: fmt.Sprintf("S%d", row/blockRows+1), mode: 2, agency: 1, byFrequency: true}
	var halts []int32
	var us []float64
	for i := range l.p.w {
		for k := range l.p.cities {
			c := &l.p.cities[k]
			if c.hub[0] != i || row < c.row0 || row >= c.row1 {
				continue
			}
			// The platform lies at the end of the primary road's bridge over the railway.
			node := l.d.corners[l.p.at(i, row)]
			if node < 0 {
				continue
			}
			halts = append(halts, node)
			us = append(us, l.d.u[node])
			ln.long = c.name
		}
	}
	if len(halts) < 2 {
		return
	}
	ln.long = "S-Bahn bis " + ln.long
	for direction := range 2 {
		pt := &ln.patterns[direction]
		clock := 0
		for i := range halts {
			at := i
			if direction == 1 {
				at = len(halts) - 1 - i
			}
			if i > 0 {
				before := at - 1
				if direction == 1 {
					before = at + 1
				}
				clock += int(abs(us[at]-us[before])*cellMetres/(70/3.6)) + dwellSeconds
			}
			pt.stops = append(pt.stops, l.pole(halts[at], [2]int{int(halts[at]), 9}, direction, -1))
			pt.run = append(pt.run, int32(clock))
		}
	}
	l.lines = append(l.lines, ln)
}

func abs(x float64) float64 {
	if x < 0 {
		return -x
	}
	return x
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
