package demo

import (
	"fmt"
	"math"
	"sort"
)

// stop is a pole: one direction of travel at one place.
type stop struct {
	id, name string
	x, y     float64 // EPSG:3035
	at       anchor  // on foot
	parent   string  // id of the station it belongs to
	hub      int     // city whose hub it belongs to, -1 = none
}

// line is a bus or train line with one pattern for each direction.
type line struct {
	id, short, long string
	mode            int // GTFS route_type: 3 bus, 2 rail
	agency          int
	patterns        [2]pattern
	byFrequency     bool
}

// pattern is a sequence of stops with the seconds from the first departure to each arrival; a vehicle leaves
// dwellSeconds after it arrived.
type pattern struct {
	stops  []int32
	run    []int32
	starts []start
}

type start struct {
	at      int32 // seconds after midnight of the service day
	service int
}

// services of calendar.txt
const (
	daily = iota
	weekdays
	weekend
)

const dwellSeconds = 15

type timetable struct {
	stops []stop
	lines []line
}

// liner plans the bus network: lines from each village and from the rim of each core to the city's hub.
type liner struct {
	p     *plan
	d     *drawer
	f     *finder
	poles map[[3]int]int32 // place and direction of travel
	timetable
}

func planLines(p *plan, d *drawer, f *finder) *timetable {
	l := &liner{p: p, d: d, f: f, poles: map[[3]int]int32{}}
	for k := range p.cities {
		l.cityLines(k)
	}
	for j := range p.h + 1 {
		if p.hbar[j] == rail {
			l.railLine(fmt.Sprintf("S-%d", j), fmt.Sprintf("S%d", j/blockRows+1), l.railHalts(j))
		}
	}
	for i := range p.w + 1 {
		if p.vbar[i] == rail {
			l.railLine(fmt.Sprintf("R-%d", i), fmt.Sprintf("R%d", i/blockCols+1), l.sideHalts(i))
		}
	}
	l.schedule()
	return &l.timetable
}

const busKmhRural, busKmhUrban = 42.0, 24.0

// busSeconds is how long a bus drives along one segment, stops not counted.
func busSeconds(c class) float64 {
	switch c {
	case busway, secondary:
		return pitch * cellMetres / (busKmhRural / 3.6)
	case primary:
		return pitch * cellMetres / (30 / 3.6)
	}
	return pitch * cellMetres / (busKmhUrban / 3.6)
}

// tree is the way from every corner of a block to a hub: the next corner, and the seconds.
type tree struct {
	next    map[[2]int][2]int
	seconds map[[2]int]float64
}

// treeTo runs Dijkstra over the corners of a block.
func (l *liner) treeTo(c *city) *tree {
	p := l.p
	t := &tree{next: map[[2]int][2]int{}, seconds: map[[2]int]float64{c.hub: 0}}
	bx := c.block % p.bx
	i0, i1 := bx*blockCols, (bx+1)*blockCols
	done := map[[2]int]bool{}
	for {
		at, best := [2]int{}, math.Inf(1)
		for j := c.row0; j <= c.row1; j++ {
			for i := i0; i <= i1; i++ {
				if s, ok := t.seconds[[2]int{i, j}]; ok && !done[[2]int{i, j}] && s < best {
					at, best = [2]int{i, j}, s
				}
			}
		}
		if math.IsInf(best, 1) {
			return t
		}
		done[at] = true
		for _, n := range [4][2]int{{at[0] - 1, at[1]}, {at[0] + 1, at[1]}, {at[0], at[1] - 1}, {at[0], at[1] + 1}} {
			if n[0] < i0 || n[0] > i1 || n[1] < c.row0 || n[1] > c.row1 {
				continue
			}
			road := l.road(at, n)
			if road == noRoad || l.d.corners[p.at(n[0], n[1])] < 0 {
				continue
			}
			if s, ok := t.seconds[n]; !ok || best+busSeconds(road) < s {
				t.seconds[n], t.next[n] = best+busSeconds(road), at
			}
		}
	}
}

// road gives the class of the segment between two neighbouring corners.
func (l *liner) road(a, b [2]int) class {
	if a[0] == b[0] {
		return l.d.roadV(a[0], min(a[1], b[1]))
	}
	return l.d.roadH(min(a[0], b[0]), a[1])
}

func (l *liner) cityLines(k int) {
	c := &l.p.cities[k]
	t := l.treeTo(c)
	served := map[int]bool{}
	number := 0
	add := func(corners [][2]int, village int) {
		number++
		l.busLine(c, k, number, corners, village, served)
		for i := 1; i < len(corners); i++ {
			served[l.segment(corners[i-1], corners[i])] = true
		}
	}
	var cores []int
	for i := range l.p.towns {
		town := &l.p.towns[i]
		if town.city != k {
			continue
		}
		if town.core {
			cores = append(cores, i)
			continue
		}
		if gi, gj := l.p.gate(town); town.site.hasBus() {
			add(t.path([2]int{gi, gj}), i)
		}
	}
	far := func(i int) float64 {
		town := &l.p.towns[i]
		worst := 0.0
		for _, at := range [4][2]int{{town.col, town.row}, {town.col + 1, town.row}, {town.col, town.row + 1}, {town.col + 1, town.row + 1}} {
			worst = max(worst, t.seconds[at])
		}
		return worst
	}
	sort.SliceStable(cores, func(a, b int) bool { return far(cores[a]) > far(cores[b]) })
	for _, i := range cores {
		l.serve(&l.p.towns[i], t, served, add)
		l.serve(&l.p.towns[i], t, served, add)
	}
}

// serve adds a line along the best side of a core tile unless two of its sides, or all that have roads, are served
// already.
func (l *liner) serve(town *settlement, t *tree, served map[int]bool, add func([][2]int, int)) {
	a, b, c, d := [2]int{town.col, town.row}, [2]int{town.col + 1, town.row}, [2]int{town.col, town.row + 1}, [2]int{town.col + 1, town.row + 1}
	var best [2][2]int
	bestSeconds, sides := math.Inf(1), 0
	for _, side := range [4][2][2]int{{a, b}, {c, d}, {a, c}, {b, d}} {
		first, ok1 := t.seconds[side[0]]
		second, ok2 := t.seconds[side[1]]
		if !ok1 || !ok2 || l.road(side[0], side[1]) == noRoad {
			continue
		}
		if served[l.segment(side[0], side[1])] {
			sides++
			continue
		}
		if second < first {
			side[0], side[1] = side[1], side[0]
			second = first
		}
		// The line comes in over the nearer corner and ends at the farther one.
		if second < bestSeconds {
			best, bestSeconds = side, second
		}
	}
	if sides < 2 && !math.IsInf(bestSeconds, 1) {
		add(append([][2]int{best[1]}, t.path(best[0])...), -1)
	}
}

// path gives the corners from one to the hub.
func (t *tree) path(from [2]int) [][2]int {
	out := [][2]int{from}
	for {
		next, ok := t.next[from]
		if !ok {
			return out
		}
		out = append(out, next)
		from = next
	}
}

func (l *liner) segment(a, b [2]int) int {
	if a[0] == b[0] {
		return l.p.vseg(a[0], min(a[1], b[1])) * 2
	}
	return l.p.hseg(min(a[0], b[0]), a[1])*2 + 1
}

// busLine makes both directions of a line over corners, with stops at corners and half way between them where
// people live and no earlier line stops, and at the end in a village.
func (l *liner) busLine(c *city, k, number int, corners [][2]int, village int, served map[int]bool) {
	type call struct {
		node    int32
		seconds float64
		key     [2]int
	}
	var halts []call
	clock := 0.0
	if village >= 0 {
		halts = append(halts, call{l.d.centres[village], 0, [2]int{-1 - village, 0}})
		if clock = 120; l.p.towns[village].pocket {
			clock = 330
		}
	}
	for i, at := range corners {
		if i > 0 {
			s := l.segment(corners[i-1], at)
			half := busSeconds(l.road(corners[i-1], at)) / 2
			if mid := l.halfway(corners[i-1], at); mid >= 0 && !served[s] {
				halts = append(halts, call{mid, clock + half, [2]int{s, 1}})
				clock += dwellSeconds
			}
			clock += 2 * half
		}
		if last := i == len(corners)-1; last || l.settled(at) {
			halts = append(halts, call{l.d.corners[l.p.at(at[0], at[1])], clock, [2]int{l.p.at(at[0], at[1]), 2}})
			clock += dwellSeconds
		}
	}
	if len(halts) < 2 {
		return
	}
	ln := line{
		id: fmt.Sprintf("L%s-%02d", c.key, number), short: fmt.Sprintf("%d%02d", k%9+1, number), mode: 3,
		long: fmt.Sprintf("%s – %s Mitte", c.name, c.name),
	}
	if village >= 0 {
		ln.long = fmt.Sprintf("%s – %s Mitte", l.p.towns[village].name, c.name)
	}
	for direction := range 2 {
		pt := &ln.patterns[direction]
		for i := range halts {
			h := halts[i]
			seconds := h.seconds
			if direction == 1 {
				h = halts[len(halts)-1-i]
				seconds = clock - dwellSeconds - h.seconds
			}
			hub := -1
			if h.node == l.d.corners[l.p.at(c.hub[0], c.hub[1])] {
				hub = k
			}
			pt.stops = append(pt.stops, l.pole(h.node, h.key, direction, hub))
			pt.run = append(pt.run, int32(math.Round(seconds)))
		}
		base := pt.run[0]
		for i := range pt.run {
			pt.run[i] -= base
		}
	}
	l.lines = append(l.lines, ln)
}

// pole gives the stop of one direction at a node, 9 m beside it.
func (l *liner) pole(node int32, key [2]int, direction, hub int) int32 {
	k := [3]int{key[0], key[1], direction}
	if s, ok := l.poles[k]; ok {
		return s
	}
	side := 6.0
	if direction == 1 {
		side = -6
	}
	x, y := l.d.x[node]+side, l.d.y[node]+side
	s := stop{
		id: fmt.Sprintf("de:musterrevier:%06d:%d", node, direction+1), name: fmt.Sprintf("Haltestelle %d", node),
		x: x, y: y, at: l.f.nearest(x, y, onFoot), hub: hub,
	}
	if hub >= 0 {
		s.name = l.p.cities[hub].name + " Mitte"
		s.parent = fmt.Sprintf("de:musterrevier:%06d", node)
	}
	l.poles[k] = int32(len(l.stops))
	l.stops = append(l.stops, s)
	return l.poles[k]
}

// halfway gives the joint in the middle of a segment where people live beside it, else -1.
func (l *liner) halfway(a, b [2]int) int32 {
	p := l.p
	if a[0] == b[0] {
		j := min(a[1], b[1])
		if l.core(a[0]-1, j) || l.core(a[0], j) {
			return l.d.vjoint[p.vseg(a[0], j)][4]
		}
		return -1
	}
	i := min(a[0], b[0])
	if l.core(i, a[1]-1) || l.core(i, a[1]) {
		return l.d.hjoint[p.hseg(i, a[1])][4]
	}
	return -1
}

func (l *liner) core(col, row int) bool {
	if col < 0 || row < 0 || col >= l.p.w || row >= l.p.h {
		return false
	}
	i := l.p.townOf[row*l.p.w+col]
	return i >= 0 && l.p.towns[i].core
}

func (l *liner) settled(c [2]int) bool {
	if l.p.vbar[c[0]] != noBarrier || l.p.hbar[c[1]] != noBarrier {
		return false // on a bridge
	}
	return l.core(c[0]-1, c[1]-1) || l.core(c[0], c[1]-1) || l.core(c[0]-1, c[1]) || l.core(c[0], c[1])
}
