package demo

import (
	"fmt"
	"math"

	"gevor/fault"
)

// gauge measures every standard in every cell, with the generator's own searches.
type gauge struct {
	*supplier
	byEdge *onEdges
	rides  *rides
	cars   []anchor
}

func newGauge(s *supplier, t *timetable) *gauge {
	g := &gauge{supplier: s}
	g.byEdge = newOnEdges(len(s.d.edges), len(s.cells), func(c int) int32 { return s.cells[c].edge })
	g.rides = newRides(t, s.d.network, s.cells, g.byEdge)
	g.cars = make([]anchor, len(s.cells))
	for c := range g.cars {
		x, y := cellCentre(s.q.cx[c], s.q.cy[c])
		g.cars[c] = s.f.nearest(x, y, carForward|carBackward)
	}
	return g
}

// starts begins a search at all offers of a category, of one city or of all.
func (g *gauge) starts(f *flood, category, city int, who may) {
	for i := range g.offers {
		o := &g.offers[i]
		if o.category == category && (city == allTowns || g.p.towns[o.town].city == city) {
			at := o.at
			if who == carForward {
				at = g.f.nearest(o.x, o.y, carForward|carBackward)
			}
			f.start(at, 0)
		}
	}
}

// each measures the seconds from every cell to the nearest offer of a category, infinite beyond the bound.
func (g *gauge) each(category int, who may, bound float64) []float64 {
	f := newFlood(g.d.network, who)
	g.starts(f, category, allTowns, who)
	f.run(bound)
	cells := g.cells
	switch who {
	case stepFree:
		cells = g.free
	case carForward:
		cells = g.cars
	}
	out := make([]float64, len(cells))
	for c := range cells {
		out[c] = f.from(cells[c])
	}
	return out
}

// entitled measures like each, on foot to offers of the cell's own city.
func (g *gauge) entitled(category int, bound float64) []float64 {
	f := newFlood(g.d.network, onFoot)
	out := make([]float64, len(g.cells))
	towns := make([][]int, len(g.p.cities))
	for i := range g.p.towns {
		towns[g.p.towns[i].city] = append(towns[g.p.towns[i].city], i)
	}
	for k := range g.p.cities {
		f.reset()
		g.starts(f, category, k, onFoot)
		f.run(bound)
		for _, i := range towns[k] {
			for c := g.q.firstCell[i]; c < g.q.firstCell[i+1]; c++ {
				out[c] = f.from(g.cells[c])
			}
		}
	}
	return out
}

// pairs calls do for every offer of a category and every cell within a bound on foot.
func (g *gauge) pairs(category int, bound float64, do func(offer int, cell int32, seconds float64)) {
	f := newFlood(g.d.network, onFoot)
	for i := range g.offers {
		if g.offers[i].category != category {
			continue
		}
		f.reset()
		f.start(g.offers[i].at, 0)
		f.run(bound)
		g.byEdge.touched(f, func(c int32) {
			if s := f.from(g.cells[c]); s <= bound {
				do(i, c, s)
			}
		})
	}
}

// second measures the seconds on foot to the second nearest offer of a category.
func (g *gauge) second(category int, bound float64) []float64 {
	best, next := make([]float64, len(g.cells)), make([]float64, len(g.cells))
	for c := range best {
		best[c], next[c] = math.Inf(1), math.Inf(1)
	}
	g.pairs(category, bound, func(_ int, c int32, s float64) {
		switch {
		case s < best[c]:
			best[c], next[c] = s, best[c]
		case s < next[c]:
			next[c] = s
		}
	})
	return next
}

// access measures the capacity per 1,000 people of a group within a bound on foot as a two-step floating catchment
// (Luo and Qi 2009), with given weights for the thirds of the bound.
func (g *gauge) access(category int, bound float64, weights [3]float64, people []int32) []float64 {
	weight := func(seconds float64) float64 { return weights[min(2, int(seconds/bound*3))] }
	demand := make([]float64, len(g.offers))
	g.pairs(category, bound, func(o int, c int32, s float64) { demand[o] += weight(s) * float64(people[c]) })
	out := make([]float64, len(g.cells))
	g.pairs(category, bound, func(o int, c int32, s float64) {
		if demand[o] > 0 {
			out[c] += weight(s) * g.offers[o].capacity / demand[o] * 1000
		}
	})
	return out
}

// transit measures the median seconds by bus and train, walking included, for a window that opens at a time.
// Cells whose way on foot is short enough already keep that.
func (g *gauge) transit(category int, from int32, minutes int, enough []float64) []float64 {
	bound := float64(minutes) * 60 / margin
	walk := newFlood(g.d.network, onFoot)
	g.starts(walk, category, allTowns, onFoot)
	walk.run(bound)
	egress := make([]float64, len(g.rides.stops))
	for i := range egress {
		if egress[i] = walk.from(g.rides.stops[i].at); egress[i] > accessWalk {
			egress[i] = math.Inf(1)
		}
	}
	profiles := g.rides.profile(egress, from, int32(bound))
	out := make([]float64, len(g.cells))
	for c := range out {
		out[c] = walk.from(g.cells[c])
		if enough == nil || math.IsInf(enough[c], 1) {
			out[c] = g.rides.median(int32(c), profiles, from, out[c])
		}
	}
	return out
}

func seconds(clock string) int32 {
	var h, m int32
	if _, err := fmt.Sscanf(clock, "%d:%d", &h, &m); err != nil {
		return 0
	}
	return h*hour + m*60
}

// measure gives for every cell how far inside a standard's limit its best way lies: 1 = just met, below = better,
// infinite = nothing within reach.
func (g *gauge) measure(standard int) []float64 {
	s := &standardList[standard]
	if s.perThousand > 0 {
		return g.measureCapacity(s)
	}
	var best []float64
	for i := range s.ways {
		w := &s.ways[i]
		limit := float64(w.minutes) * 60
		var got []float64
		switch {
		case w.mode == "transit":
			var enough []float64
			if i > 0 {
				enough = make([]float64, len(best))
				for c := range best {
					if enough[c] = best[c]; best[c] > margin {
						enough[c] = math.Inf(1)
					}
				}
			}
			got = g.transit(s.category, seconds(w.departure), w.minutes, enough)
		case s.nearest == 2:
			got = g.second(s.category, limit/margin)
		case s.category == socialAdvice:
			got = g.entitled(s.category, limit/margin)
		default:
			got = g.each(s.category, modeUse(w.mode), limit/margin)
		}
		if best == nil {
			best = make([]float64, len(got))
			for c := range best {
				best[c] = math.Inf(1)
			}
		}
		for c := range got {
			best[c] = min(best[c], got[c]/limit)
		}
	}
	return best
}

func modeUse(mode string) may {
	switch mode {
	case "walk-nosteps":
		return stepFree
	case "bike":
		return byBike
	case "car":
		return carForward
	}
	return onFoot
}

// measureCapacity compares with what is asked for, under two extremes of how distance counts; the less favourable
// of them decides for places that must be well supplied, the more favourable for planted gaps.
func (g *gauge) measureCapacity(s *standard) []float64 {
	bound := float64(s.ways[0].minutes) * 60
	flat := g.access(s.category, bound, [3]float64{1, 1, 1}, g.q.under10)
	steep := g.access(s.category, bound, [3]float64{1, 0.68, 0.22}, g.q.under10)
	out := make([]float64, len(flat))
	for c := range out {
		least, most := min(flat[c], steep[c]), max(flat[c], steep[c])
		out[c] = s.perThousand / least
		if g.p.towns[g.q.town[c]].lacks(stPaediatrician) {
			out[c] = s.perThousand / most
		}
	}
	return out
}

// repair opens further offers until no cell misses a standard that is not planted to miss it.
func (g *gauge) repair() {
	for _, standard := range []int{stPharmacy, stEvening, stDebtAdvice, stCareAdvice, stPaediatrician, stEmergencyCar} {
		for range 6 {
			if !g.mend(standard, g.measure(standard)) {
				break
			}
		}
	}
}

// mend opens one offer in every settlement with a cell that misses a standard, and says whether it opened any.
func (g *gauge) mend(standard int, reached []float64) bool {
	category := standardList[standard].category
	mended := false
	for i := range g.p.towns {
		t := &g.p.towns[i]
		if t.without(category) || t.core && central(category) {
			continue
		}
		worst, found := margin, int32(-1)
		for c := g.q.firstCell[i]; c < g.q.firstCell[i+1]; c++ {
			if reached[c] > worst {
				worst, found = reached[c], c
			}
		}
		if found < 0 {
			continue
		}
		if !t.core {
			found = g.middle(i)
		}
		if o := g.put(category, found); category == paediatrician {
			o.capacity = float64(24 + g.r.IntN(25))
		}
		mended = true
	}
	return mended
}

// unplanned lists the cells of cores that miss a standard though nothing is planted there: corners between
// barriers from which the hub is too far by bus. They stay green instead of being settled.
//
// An error says where a village misses a standard without plan, or where a planted gap is not felt: a defect of
// the generator.
func (g *gauge) unplanned() ([][2]int32, error) {
	var green [][2]int32
	seen := make([]bool, len(g.cells))
	for standard := range standardList {
		if standardList[standard].group == uninsured {
			continue
		}
		for c, r := range g.measure(standard) {
			t := &g.p.towns[g.q.town[c]]
			lacks := t.lacks(standard)
			switch {
			case !lacks && r > margin && t.core:
				if !seen[c] {
					seen[c] = true
					green = append(green, [2]int32{g.q.cx[c], g.q.cy[c]})
				}
			case lacks && r < 1/margin, !lacks && r > margin:
				return nil, fault.New(fault.Internal, "", fmt.Sprintf("cell %s of %s (kind %d, planted %v) reaches %.2f of the limit of %s",
					cellID(g.q.cx[c], g.q.cy[c]), t.name, t.site, lacks, r, standardList[standard].key), "report this seed as a defect of the demo region")
			}
		}
	}
	return green, nil
}
