// Package world builds tiny artificial towns whose answers are known by theory: cells of 100 m in rows and columns,
// where people move from cell to neighbouring cell at a whole number of seconds. Nothing in it is random.
//
// It answers atlas.Journeys without any street or timetable, by plain search over the cells, so that a test of the
// analysis depends on no travel engine.
package world

import (
	"container/heap"
	"context"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/paulmach/orb"

	"gevor/atlas"
	"gevor/geo"
	"gevor/region"
	"gevor/travel"
)

// Seconds per step of 100 m: 4.5, 4.5, 15 and 30 km/h.
const (
	WalkStep = 80
	BikeStep = 24
	CarStep  = 12
)

// The cell in the south-west corner of every town, in metres of EPSG:3035.
const (
	originEast  = 4_100_000
	originNorth = 3_100_000
)

// Town is W x H cells. Cell (x, y) counts from the south-west and has the index y*W+x.
type Town struct {
	W, H int
	Snap *region.Snapshot

	closed map[barrier]bool
	lines  []Line
	absent map[travel.Mode]bool
	far    map[int]bool
	at     map[geo.LonLat]int
}

// barrier closes the step between two cells, in both directions, for a mode.
type barrier struct {
	a, b int
	mode travel.Mode
}

// Line is a bus that waits for everyone: it leaves the moment somebody comes, between First and Last, and takes
// Hop seconds from stop to stop, either way.
type Line struct {
	Stops       [][2]int
	Hop         int
	First, Last int // seconds after midnight; a departure at Last still runs
}

// New makes a town with nobody in it: one municipality "town" with one district "town-1", one group "all", one
// category "care", no offers and no standards.
func New(w, h int) *Town {
	t := &Town{W: w, H: h, closed: map[barrier]bool{}, absent: map[travel.Mode]bool{}, far: map[int]bool{}, at: map[geo.LonLat]int{}}
	n := w * h
	s := &region.Snapshot{
		Hash: "world", Name: region.Label{"de": "Kunststadt", "en": "Artificial town"}, Synthetic: true, TimeZone: "Europe/Berlin",
		Date:       time.Date(2026, 5, 12, 0, 0, 0, 0, time.UTC),
		Categories: []region.Category{{Key: "care"}},
		Groups:     []region.Group{{Key: "all", State: region.GroupKnown, People: make([]float32, n), Flag: make([]region.ValueFlag, n), Need: 1}},
		Sources:    []region.Source{{Key: "world", Status: "open"}},
	}
	c := &s.Cells
	c.SizeM = 100
	for y := range h {
		for x := range w {
			cell := geo.Cell{SizeM: 100, East: int32(originEast + 100*x), North: int32(originNorth + 100*y)}
			t.at[cell.Centre()] = y*w + x
			c.ID, c.At = append(c.ID, cell.String()), append(c.At, cell.Centre())
			c.East, c.North = append(c.East, cell.East), append(c.North, cell.North)
		}
	}
	c.Population, c.Flag = make([]float32, n), make([]region.ValueFlag, n)
	c.Municipality, c.District = make([]int32, n), make([]int32, n)
	for i := range n {
		c.Flag[i], s.Groups[0].Flag[i] = region.Zero, region.Zero
	}
	t.Snap = s
	t.Area("town", region.Municipality, -1, 0, 0, w, h)
	t.Area("town-1", region.District, 0, 0, 0, w, h)
	return t
}

// Cell gives the index of a cell.
func (t *Town) Cell(x, y int) int32 { return int32(y*t.W + x) }

// Area adds a municipality or district that covers the cells from (x0, y0) up to, not including, (x1, y1), and
// takes them from whichever area of its kind had them.
func (t *Town) Area(key string, kind region.AreaKind, parent int32, x0, y0, x1, y1 int) int32 {
	i := int32(len(t.Snap.Areas))
	corner := func(x, y int) orb.Point {
		p := geo.FromLAEA(float64(originEast+100*x), float64(originNorth+100*y))
		return orb.Point{p.Lon, p.Lat}
	}
	ring := orb.Ring{corner(x0, y0), corner(x1, y0), corner(x1, y1), corner(x0, y1), corner(x0, y0)}
	t.Snap.Areas = append(t.Snap.Areas, region.Area{Key: key, Kind: kind, Name: key, Parent: parent, Shape: orb.MultiPolygon{{ring}}})
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			if kind == region.Municipality {
				t.Snap.Cells.Municipality[t.Cell(x, y)] = i
			} else {
				t.Snap.Cells.District[t.Cell(x, y)] = i
			}
		}
	}
	for o := range t.Snap.Offers {
		t.Snap.Offers[o].Municipality = t.Snap.Cells.Municipality[t.at[t.Snap.Offers[o].At]]
	}
	return i
}

// Settle sets the people of a cell, all of group 0.
func (t *Town) Settle(x, y int, people float32) {
	c := t.Cell(x, y)
	t.Snap.Cells.Population[c], t.Snap.Cells.Flag[c] = people, region.Known
	t.Snap.Groups[0].People[c], t.Snap.Groups[0].Flag[c] = people, region.Known
}

// SettleAll sets the same number of people in every cell.
func (t *Town) SettleAll(people float32) {
	for y := range t.H {
		for x := range t.W {
			t.Settle(x, y, people)
		}
	}
}

// Suppress hides the number of a cell.
func (t *Town) Suppress(x, y int) {
	c := t.Cell(x, y)
	t.Snap.Groups[0].People[c], t.Snap.Groups[0].Flag[c] = 0, region.Suppressed
}

// Offer opens a place of category 0 for everyone, confirmed a month ago, free of steps, with the given capacity
// (NaN = unknown). The pointer is valid until the next Offer.
func (t *Town) Offer(x, y int, capacity float64) *region.Offer {
	c := t.Cell(x, y)
	t.Snap.Offers = append(t.Snap.Offers, region.Offer{
		ID: "o" + strconv.Itoa(len(t.Snap.Offers)), Categories: []int32{0}, At: t.Snap.Cells.At[c], Municipality: t.Snap.Cells.Municipality[c],
		Capacity: capacity, ConfirmedOn: "2026-04-12", ConfirmEvery: 180, StepFree: region.Yes,
	})
	return &t.Snap.Offers[len(t.Snap.Offers)-1]
}

// Nearest adds a standard on the k-th nearest place of category 0 for group 0.
func (t *Town) Nearest(key string, k int, ways ...region.Way) {
	t.Snap.Standards = append(t.Snap.Standards, region.Standard{Key: key, Nearest: k, Ways: ways})
}

// PerThousand adds a standard on capacity.
func (t *Town) PerThousand(key string, capacity float64, ways ...region.Way) {
	t.Snap.Standards = append(t.Snap.Standards, region.Standard{Key: key, PerThousand: capacity, Ways: ways})
}

// By is a way of a street mode.
func By(mode travel.Mode, minutes int) region.Way {
	return region.Way{Mode: mode, Minutes: minutes, EarlierDeparture: -1}
}

// ByBus is a transit way at a departure in seconds after midnight; earlier is -1 for none.
func ByBus(minutes, departure, earlier int) region.Way {
	return region.Way{Mode: travel.Transit, Minutes: minutes, Departure: departure, Window: 600, Percentile: 50, EarlierDeparture: earlier}
}

// Close shuts the step between two neighbouring cells for the modes named; a stair is closed to WalkNoSteps only.
func (t *Town) Close(x0, y0, x1, y1 int, modes ...travel.Mode) {
	a, b := int(t.Cell(x0, y0)), int(t.Cell(x1, y1))
	for _, m := range modes {
		t.closed[barrier{min(a, b), max(a, b), m}] = true
	}
}

// River closes the steps between the columns x-1 and x for the modes named.
func (t *Town) River(x int, modes ...travel.Mode) {
	for y := range t.H {
		t.Close(x-1, y, x, y, modes...)
	}
}

// Bus adds a line.
func (t *Town) Bus(l Line) { t.lines = append(t.lines, l) }

// Without takes a mode away altogether.
func (t *Town) Without(m travel.Mode) { t.absent[m] = true }

// OffStreet moves a cell away from every street.
func (t *Town) OffStreet(x, y int) { t.far[int(t.Cell(x, y))] = true }

// Offers says whether the town has the mode.
func (t *Town) Offers(m travel.Mode) bool { return !t.absent[m] }

// Linked says which places are not OffStreet.
func (t *Town) Linked(_ travel.Mode, at []geo.LonLat) []bool {
	out := make([]bool, len(at))
	for i, p := range at {
		out[i] = !t.far[t.at[p]]
	}
	return out
}

// Rows searches from every origin.
func (t *Town) Rows(ctx context.Context, leg atlas.Leg, from, to []geo.LonLat, yield func(atlas.Reached) error) error {
	percentiles := max(1, len(leg.Percentiles))
	for i, p := range from {
		if err := ctx.Err(); err != nil {
			return err
		}
		seconds := t.search(leg.Mode, leg.Departure, t.at[p], leg.Max)
		r := atlas.Reached{From: int32(i), Seconds: make([][]travel.Seconds, percentiles)}
		for j, q := range to {
			if s := seconds[t.at[q]]; s <= leg.Max && !t.far[t.at[q]] && !t.far[t.at[p]] {
				r.To = append(r.To, int32(j))
				for k := range r.Seconds {
					r.Seconds[k] = append(r.Seconds[k], s)
				}
			}
		}
		if err := yield(r); err != nil {
			return err
		}
	}
	return nil
}

// Times gives the seconds from a cell to every cell.
func (t *Town) Times(mode travel.Mode, departure, from int) []travel.Seconds {
	return t.search(mode, departure, from, travel.Unreached-1)
}

// search is Dijkstra's, up to a bound.
func (t *Town) search(mode travel.Mode, departure, from int, bound travel.Seconds) []travel.Seconds {
	dist := make([]travel.Seconds, t.W*t.H)
	for i := range dist {
		dist[i] = travel.Unreached
	}
	dist[from] = 0
	q := &queue{{from, 0}}
	for q.Len() > 0 {
		top := heap.Pop(q).(entry)
		if top.seconds > dist[top.cell] {
			continue
		}
		t.leave(mode, departure, top, func(cell int, s travel.Seconds) {
			if s < dist[cell] && s <= bound {
				dist[cell] = s
				heap.Push(q, entry{cell, s})
			}
		})
	}
	return dist
}

// leave visits where one can go from a cell.
func (t *Town) leave(mode travel.Mode, departure int, e entry, visit func(int, travel.Seconds)) {
	step, on := travel.Seconds(WalkStep), mode
	switch mode {
	case travel.Bike:
		step = BikeStep
	case travel.Car:
		step = CarStep
	case travel.Transit:
		on = travel.Walk
	}
	x, y := e.cell%t.W, e.cell/t.W
	for _, d := range [4][2]int{{1, 0}, {-1, 0}, {0, 1}, {0, -1}} {
		nx, ny := x+d[0], y+d[1]
		if nx < 0 || ny < 0 || nx >= t.W || ny >= t.H {
			continue
		}
		n := int(t.Cell(nx, ny))
		if !t.closed[barrier{min(e.cell, n), max(e.cell, n), on}] {
			visit(n, e.seconds+step)
		}
	}
	if mode != travel.Transit {
		return
	}
	for _, l := range t.lines {
		at := slices.Index(l.Stops, [2]int{x, y})
		if now := departure + int(e.seconds); at < 0 || now < l.First || now > l.Last {
			continue
		}
		for i, s := range l.Stops {
			visit(int(t.Cell(s[0], s[1])), e.seconds+travel.Seconds(l.Hop*int(math.Abs(float64(i-at)))))
		}
	}
}

type entry struct {
	cell    int
	seconds travel.Seconds
}

// queue is a heap of cells by time.
type queue []entry

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].seconds < q[j].seconds }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }

// Push is for container/heap only.
func (q *queue) Push(v any) { *q = append(*q, v.(entry)) }

// Pop is for container/heap only.
func (q *queue) Pop() any {
	old := *q
	e := old[len(old)-1]
	*q = old[:len(old)-1]
	return e
}
