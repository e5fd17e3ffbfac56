package contraction

import (
	"math/rand/v2"
	"testing"
)

// Oracle: the textbook Dijkstra of world_test.go on the plain graph. Grid cities of some 100,000 nodes with a
// hierarchy of roads, one-way streets and missing links; sources and targets drawn at random.
func TestCityEqualsDijkstra(t *testing.T) {
	for _, c := range []struct {
		name             string
		side             int
		chains, directed bool
	}{
		{"crossings, directed", 316, false, true},
		{"chains, symmetric", 190, true, false},
	} {
		g := city(c.side, c.chains, c.directed, 42)
		n := uint32(g.Nodes())
		h := contract(t, g, 2)
		q := h.NewQuery()
		r := rand.New(rand.NewPCG(1, 2))
		targets := make([]uint32, 1000)
		for i := range targets {
			targets[i] = r.Uint32N(n)
		}
		sweep := h.Restrict(targets, true).NewSweep()
		out := make([]uint32, len(targets)*Lanes)
		sources := make([][]Seed, Lanes)
		for lane := range sources {
			sources[lane] = []Seed{{r.Uint32N(n), r.Uint32N(10000)}, {r.Uint32N(n), r.Uint32N(10000)}}
		}
		sweep.Run(sources, out)
		worst := 0
		for lane, seeds := range sources {
			want := dijkstra(g, seeds...)
			for i, to := range targets {
				if out[i*Lanes+lane] != want[to] {
					t.Fatalf("%s: lane %d to %d: %d, want %d", c.name, lane, to, out[i*Lanes+lane], want[to])
				}
			}
			if lane >= 3 {
				continue
			}
			want = dijkstra(g, Seed{seeds[0].Node, 0})
			for _, to := range targets {
				if got := q.Distance(seeds[0].Node, to); got != want[to] {
					t.Fatalf("%s: %d → %d: %d, want %d", c.name, seeds[0].Node, to, got, want[to])
				}
				worst = max(worst, q.Settled())
			}
		}
		if worst > int(n)/20 {
			t.Errorf("%s: a query settled %d of %d nodes; a hierarchy should need far fewer", c.name, worst, n)
		}
		t.Logf("%s: %d nodes, %d arcs, at most %d settled", c.name, n, h.Arcs(), worst)
	}
}

// The optimality conditions hold for what a sweep to all nodes gives, without any other algorithm to compare
// with: the source weighs 0, no arc offers a shorter way, and every other reached node has an arc that is tight.
func TestSweepIsOptimal(t *testing.T) {
	g := city(100, true, true, 5)
	n := uint32(g.Nodes())
	all := make([]uint32, n)
	for v := range all {
		all[v] = uint32(v)
	}
	sources := make([][]Seed, Lanes)
	for lane := range sources {
		sources[lane] = []Seed{{uint32(lane) * 601, 0}}
	}
	out := make([]uint32, n*Lanes)
	contract(t, g, 2).Restrict(all, true).NewSweep().Run(sources, out)
	tight := make([]bool, n*Lanes)
	for v := range n {
		for i := g.FirstOut[v]; i < g.FirstOut[v+1]; i++ {
			for lane := range uint32(Lanes) {
				from, to := v*Lanes+lane, g.Head[i]*Lanes+lane
				if out[from] == Infinite {
					continue
				}
				through := out[from] + g.Weight[i]
				if through < out[to] {
					t.Fatalf("lane %d: arc %d → %d offers %d instead of %d", lane, v, g.Head[i], through, out[to])
				}
				tight[to] = tight[to] || through == out[to]
			}
		}
	}
	for v := range n {
		for lane := range uint32(Lanes) {
			at := v*Lanes + lane
			if source := sources[lane][0].Node == v; source != (out[at] == 0) || (!source && out[at] != Infinite && !tight[at]) {
				t.Fatalf("lane %d: weight %d of node %d is not that of any path", lane, out[at], v)
			}
		}
	}
}
