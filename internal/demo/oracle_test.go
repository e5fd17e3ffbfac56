package demo

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// The many-start search agrees with Bellman and Ford's relaxation of every edge, the definition of a shortest
// path, from random places and for every kind of traveller.
func TestFloodAgreesWithRelaxation(t *testing.T) {
	p := newPlan(Options{Seed: 5, People: 18_000})
	d := draw(p, newGround(5))
	rapid.Check(t, func(t *rapid.T) {
		who := rapid.SampledFrom([]may{onFoot, stepFree, byBike, carForward}).Draw(t, "who")
		f := newFlood(d.network, who)
		want := make([]float64, len(d.u))
		for i := range want {
			want[i] = math.Inf(1)
		}
		for range rapid.IntRange(1, 3).Draw(t, "starts") {
			a := anchor{edge: int32(rapid.IntRange(0, len(d.edges)-1).Draw(t, "edge")), off: rapid.Float64Range(0, 50).Draw(t, "off")}
			e := &d.edges[a.edge]
			a.along = e.metres * rapid.Float64Range(0, 1).Draw(t, "share")
			f.start(a, 0)
			want[e.a] = min(want[e.a], a.off/walkMetresPerSecond+f.seconds(e, a.along, true))
			want[e.b] = min(want[e.b], a.off/walkMetresPerSecond+f.seconds(e, e.metres-a.along, false))
		}
		f.run(math.Inf(1))
		for changed := true; changed; {
			changed = false
			for i := range d.edges {
				e := &d.edges[i]
				// Costs run towards the starts: who stands at a drives forward to b.
				if c := want[e.b] + f.seconds(e, e.metres, true); c < want[e.a]-1e-9 {
					want[e.a], changed = c, true
				}
				if c := want[e.a] + f.seconds(e, e.metres, false); c < want[e.b]-1e-9 {
					want[e.b], changed = c, true
				}
			}
		}
		for i := range want {
			if math.Abs(want[i]-f.cost[i]) > 1e-6 && !(math.IsInf(want[i], 1) && math.IsInf(f.cost[i], 1)) {
				t.Fatalf("node %d costs %v, by relaxation %v", i, f.cost[i], want[i])
			}
		}
	})
}

// The backward connection scan agrees with a search that tries every chain of connections forward from one
// departure, on small random timetables.
func TestRidesAgreeWithPlainSearch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		stops := rapid.IntRange(2, 6).Draw(t, "stops")
		r := &rides{stops: make([]stop, stops), near: make([][]link, stops)}
		egress := make([]float64, stops)
		for i := range stops {
			r.near[i] = []link{{int32(i), 0}}
			egress[i] = math.Inf(1)
			if rapid.Bool().Draw(t, fmt.Sprint("goal near ", i)) {
				egress[i] = float64(rapid.IntRange(0, 600).Draw(t, "egress"))
			}
		}
		for i := 1; i < stops; i++ {
			if rapid.Bool().Draw(t, fmt.Sprint("walk to ", i)) {
				w := float32(rapid.IntRange(1, 300).Draw(t, "walk"))
				r.near[i] = append(r.near[i], link{int32(i - 1), w})
				r.near[i-1] = append(r.near[i-1], link{int32(i), w})
			}
		}
		for trip := range rapid.IntRange(1, 8).Draw(t, "trips") {
			at := int32(rapid.IntRange(0, 3600).Draw(t, "start"))
			from := int32(rapid.IntRange(0, stops-1).Draw(t, "from"))
			for range rapid.IntRange(1, 4).Draw(t, "hops") {
				to := int32(rapid.IntRange(0, stops-1).Draw(t, "to"))
				arrive := at + int32(rapid.IntRange(30, 900).Draw(t, "run"))
				r.connections = append(r.connections, connection{at, arrive, from, to, int32(trip)})
				at, from = arrive+dwellSeconds, to
			}
			r.trips++
		}
		sortConnections(r.connections)
		lists := r.profile(egress, 0, 24*hour)
		origin := rapid.IntRange(0, stops-1).Draw(t, "origin")
		now := int32(rapid.IntRange(0, 3600).Draw(t, "now"))
		if got, want := arrival(lists[origin], now), r.plain(int32(origin), now, egress); got != want {
			t.Fatalf("from stop %d at %d one arrives at %d, by plain search at %d", origin, now, got, want)
		}
	})
}

// plain relaxes every connection and every walk until nothing gets earlier. boardable[s] is when one is at s and
// may wait for a vehicle, aboard[trip] when one sits in it.
func (r *rides) plain(origin, now int32, egress []float64) int32 {
	at := make([]int32, len(r.stops))
	for i := range at {
		at[i] = math.MaxInt32
	}
	aboard := map[int32]int32{}
	best := int32(math.MaxInt32)
	walked := func(s, when int32) {
		for _, l := range r.near[s] {
			at[l.stop] = min(at[l.stop], when+int32(math.Ceil(float64(l.seconds))))
		}
	}
	walked(origin, now)
	for changed := true; changed; {
		changed = false
		for _, c := range r.connections {
			since, sits := aboard[c.trip]
			boards := at[c.from] != math.MaxInt32 && at[c.from]+boardSlack <= c.depart
			if !boards && !(sits && since <= c.depart) {
				continue
			}
			if !sits || c.arrive < since {
				aboard[c.trip], changed = c.arrive, true
			}
			before := append([]int32(nil), at...)
			walked(c.to, c.arrive)
			for i := range at {
				changed = changed || at[i] != before[i]
			}
			if !math.IsInf(egress[c.to], 1) {
				best = min(best, c.arrive+int32(math.Ceil(egress[c.to])))
			}
		}
	}
	return best
}

// On a line of cells 100 m apart the floating catchment is known by hand: two offers of 10 and 20 hours; the first
// reaches the cells with 30 and 20 children, the second only the latter, so the ratios are 10/50 and 20/20 and the
// second cell has 1,200 hours per 1,000 children.
func TestCatchmentByHand(t *testing.T) {
	n := &network{g: newGround(1)}
	chain := []int32{}
	for i := range 30 {
		chain = append(chain, n.node(float64(i), 0))
	}
	n.lay(way{class: residential, kmh: 30}, chain)
	n.index()
	on := func(u float64) anchor {
		k := int32(u)
		return anchor{edge: k, along: (u - float64(k)) * n.edges[k].metres}
	}
	s := &supplier{
		d: &drawer{network: n}, cells: []anchor{on(2.5), on(12.5)},
		offers: []offer{{category: paediatrician, at: on(7.5), capacity: 10}, {category: paediatrician, at: on(20.5), capacity: 20}},
	}
	g := &gauge{supplier: s, byEdge: newOnEdges(len(n.edges), 2, func(i int) int32 { return s.cells[i].edge })}
	got := g.access(paediatrician, 900/walkMetresPerSecond, [3]float64{1, 1, 1}, []int32{30, 20})
	for i, want := range []float64{200, 1200} {
		if math.Abs(got[i]-want) > 1e-9 {
			t.Errorf("cell %d has %v instead of %v", i, got[i], want)
		}
	}
}
