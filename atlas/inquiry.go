package atlas

import (
	"gevor/reach"
	"gevor/region"
	"gevor/travel"
)

// inquiry is one standard under examination.
type inquiry struct {
	index    int32
	standard *region.Standard
	group    *region.Group
	known    bool
	supply   supply
	k        int // how many places; 1 for a standard that asks for capacity

	here  []bool // per cell: people of the group live here, known and linked
	state []CellState
	off   int // cells with people that lie off every street of the standard

	own   *nearest // entitled places, per cell
	walls *nearest // the same within the cell's own municipality

	catchment *catchment // nil unless the standard asks for capacity

	missed []int32 // cells, ascending
	walled []bool  // per cell: met, but missed if borders were walls
	slot   []int32 // per cell: index into missed, -1 elsewhere

	elsewhere, steps, otherTime, car *nearest // per slot, places reached only so
	hits                             []hit    // what the remedies need to know of such places
	cause                            []Cause  // per slot
	shortfall                        []float32
}

// hit is a place that a missed cell would reach if one thing were different.
type hit struct {
	slot, offer int32
	cause       Cause
}

// wantsCapacity says whether the standard asks for capacity rather than for the k-th nearest place.
func (q *inquiry) wantsCapacity() bool { return q.standard.PerThousand > 0 }

// longest is the largest limit of the standard's ways.
func (q *inquiry) longest() travel.Seconds {
	m := 0
	for _, w := range q.standard.Ways {
		m = max(m, w.Minutes)
	}
	return travel.Seconds(m * 60)
}

// leg is the question behind one way, as far as bound.
func leg(w region.Way, bound travel.Seconds) Leg {
	return Leg{Mode: w.Mode, Departure: w.Departure, Window: w.Window, Percentiles: []int{w.Percentile}, Max: bound}
}

// places gives the offers that count for a mode.
func (q *inquiry) places(m travel.Mode) []bool {
	if m == travel.WalkNoSteps {
		return q.supply.noSteps
	}
	return q.supply.counts
}

// standing lists the asks that decide who meets the standard.
func (q *inquiry) standing() []*ask {
	var out []*ask
	for i, w := range q.standard.Ways {
		limit := travel.Seconds(w.Minutes * 60)
		out = append(out, &ask{of: q, way: i, purpose: forStandard, leg: leg(w, limit), limit: limit, origins: q.here, places: q.places(w.Mode)})
	}
	return out
}

// take notes what a cell reaches within the standard.
func (q *inquiry) take(snap *region.Snapshot, a *ask, cell int32, to []int32, seconds []travel.Seconds) {
	for i, o := range to {
		if !entitled(snap, cell, o) {
			continue
		}
		share := shareOf(seconds[i], a.limit)
		q.own.meet(cell, o, share, seconds[i])
		if sameTown(snap, cell, o) {
			q.walls.meet(cell, o, share, seconds[i])
		}
		if q.catchment != nil {
			q.catchment.note(a.way, cell, o, seconds[i], a.limit)
		}
	}
}

// judge decides for every cell whether it meets the standard, and would if borders were walls.
func (q *inquiry) judge(snap *region.Snapshot, p Params) error {
	if q.catchment != nil {
		if err := q.catchment.weigh(snap, q, p.CatchmentWeights); err != nil {
			return err
		}
	}
	q.slot = make([]int32, len(q.here))
	q.walled = make([]bool, len(q.here))
	for i, here := range q.here {
		q.slot[i] = -1
		if !here {
			continue
		}
		met, alone := q.own.within(int32(i)) >= q.k, q.walls.within(int32(i)) >= q.k
		if c := q.catchment; c != nil {
			met, alone = c.enough(c.access[i], q.standard.PerThousand), c.enough(c.alone[i], q.standard.PerThousand)
		}
		if met {
			q.state[i] = CellMet
			q.walled[i] = !alone && snap.Cells.Municipality[i] >= 0
			continue
		}
		q.state[i] = CellMissed
		q.slot[i] = int32(len(q.missed))
		q.missed = append(q.missed, int32(i))
	}
	return nil
}

// catchment holds what a standard on capacity needs: who reaches which place, at which share of the limit.
type catchment struct {
	ways  []*padded
	cells int

	reach   *reach.Sparse[int32] // cells x offers, cost in millionths of the limit
	ratio   []float64            // capacity per person, by offer
	access  []float64            // capacity per 1,000 people, by cell
	alone   []float64            // the same if borders were walls
	weights reach.Decay
}

// ppm is the unit of shares in a catchment: millionths of the limit.
const ppm = 1_000_000

// padded builds a matrix row by row and fills rows that never came.
type padded struct {
	b    *reach.Builder[int32]
	row  int
	to   []int32
	cost []int32
}

func newCatchment(ways, cells, offers int) *catchment {
	c := &catchment{cells: cells}
	for range ways {
		c.ways = append(c.ways, &padded{b: reach.NewBuilder[int32](offers)})
	}
	return c
}

func (c *catchment) note(way int, cell, offer int32, s, limit travel.Seconds) {
	w := c.ways[way]
	w.fill(int(cell))
	w.to, w.cost = append(w.to, offer), append(w.cost, share(s, limit))
}

// share is the part of the limit a time takes, in millionths, rounded up.
func share(s, limit travel.Seconds) int32 {
	return int32((int64(s)*ppm + int64(limit) - 1) / int64(limit))
}

// fill closes every row before row.
func (w *padded) fill(row int) {
	for ; w.row < row; w.row++ {
		w.b.Add(w.to, w.cost)
		w.to, w.cost = w.to[:0], w.cost[:0]
	}
}

// weigh runs the floating catchment: once as things are, once with pairs inside one municipality only.
func (c *catchment) weigh(snap *region.Snapshot, q *inquiry, weights [3]float64) error {
	ms := make([]*reach.Sparse[int32], len(c.ways))
	for i, w := range c.ways {
		w.fill(c.cells)
		ms[i] = w.b.Done()
	}
	c.ways = nil
	m, err := reach.Cheapest(ms...)
	if err != nil {
		return err
	}
	c.weights, err = reach.Steps(reach.Step{UpTo: third, Weight: weights[0]}, reach.Step{UpTo: twoThirds, Weight: weights[1]}, reach.Step{UpTo: ppm, Weight: weights[2]})
	if err != nil {
		return err
	}
	demand := make([]float64, c.cells)
	for i, here := range q.here {
		if here {
			demand[i] = float64(q.group.People[i])
		}
	}
	c.reach = m
	c.access, c.ratio = reach.Floating(m, demand, q.supply.capacity, c.weights, reach.NoSelection)
	c.alone, _ = reach.Floating(m.Filter(func(cell, o, _ int32) bool { return sameTown(snap, cell, o) }), demand, q.supply.capacity, c.weights, reach.NoSelection)
	for i := range c.access {
		c.access[i] *= 1000
		c.alone[i] *= 1000
	}
	return nil
}

// The zones end at the thirds of the limit, rounded up like the shares.
const third, twoThirds = (ppm + 2) / 3, (2*ppm + 2) / 3

// enough allows for the rounding of a long sum.
func (c *catchment) enough(access, perThousand float64) bool {
	return access >= perThousand*(1-1e-9)
}
