package contraction

import (
	"bytes"
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"gevor/archive"
)

// Every pair of every graph: query and sweeps in both directions give what Dijkstra gives, and no query settles
// a node more often than its two sides can.
func TestEveryPairEqualsDijkstra(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawGraph(t)
		n := uint32(g.Nodes())
		h, err := Contract(context.Background(), g, Options{Workers: rapid.IntRange(0, 3).Draw(t, "workers")})
		if err != nil {
			t.Fatalf("Contract: %v", err)
		}
		q := h.NewQuery()
		targets := rapid.SliceOfN(rapid.Uint32Range(0, n-1), 0, int(n)).Draw(t, "targets")
		there := h.Restrict(targets, true).NewSweep()
		back := h.Restrict(targets, false).NewSweep()
		reverse := g.Reverse()
		out := make([]uint32, len(targets)*Lanes)
		for from := range n {
			want := dijkstra(g, Seed{from, 0})
			for to := range n {
				if got := q.Distance(from, to); got != want[to] {
					t.Fatalf("Distance(%d, %d) = %d, want %d", from, to, got, want[to])
				}
				if q.Settled() > 2*int(n) {
					t.Fatalf("Distance(%d, %d) settled %d of %d nodes", from, to, q.Settled(), n)
				}
			}
			lane := int(from) % Lanes
			sources := make([][]Seed, lane+1)
			sources[lane] = []Seed{{from, 0}}
			there.Run(sources, out)
			for i, to := range targets {
				if out[i*Lanes+lane] != want[to] {
					t.Fatalf("sweep %d → %d = %d, want %d", from, to, out[i*Lanes+lane], want[to])
				}
				if lane > 0 && out[i*Lanes] != Infinite {
					t.Fatalf("a lane without seeds reaches target %d", to)
				}
			}
			want = dijkstra(reverse, Seed{from, 0})
			back.Run(sources, out)
			for i, to := range targets {
				if out[i*Lanes+lane] != want[to] {
					t.Fatalf("backward sweep %d ← %d = %d, want %d", from, to, out[i*Lanes+lane], want[to])
				}
			}
		}
	})
}

// Sources and targets beside the network, each with any number of seeds, are as far apart as the nearest of their
// seeds, in either direction and whatever the other lanes hold.
func TestPointsEqualDijkstra(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawGraph(t)
		n := uint32(g.Nodes())
		h, err := Contract(context.Background(), g, Options{})
		if err != nil {
			t.Fatalf("Contract: %v", err)
		}
		forward := rapid.Bool().Draw(t, "forward")
		if !forward {
			g = g.Reverse()
		}
		point := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Seed {
			return Seed{rapid.Uint32Range(0, n-1).Draw(t, "node"), rapid.OneOf(rapid.Uint32Range(0, 50), rapid.Uint32()).Draw(t, "weight")}
		}), 0, 3)
		targets := rapid.SliceOfN(point, 0, 10).Draw(t, "targets")
		s := h.RestrictPoints(targets, forward).NewSweep()
		out := make([]uint32, len(targets)*Lanes)
		for range 3 { // the same sweep again and again: nothing of an earlier run may remain
			sources := rapid.SliceOfN(point, 0, Lanes).Draw(t, "sources")
			s.Run(sources, out)
			for lane := range Lanes {
				var seeds []Seed
				if lane < len(sources) {
					seeds = sources[lane]
				}
				weight := dijkstra(g, seeds...)
				for i, target := range targets {
					want := uint64(Infinite)
					for _, seed := range target {
						want = min(want, uint64(weight[seed.Node])+uint64(seed.Weight))
					}
					if uint64(out[i*Lanes+lane]) != want {
						t.Fatalf("lane %d target %d: %d, want %d", lane, i, out[i*Lanes+lane], want)
					}
				}
			}
		}
	})
}

// Within gives those weights of Run that lie within the bound, in order, whatever was asked before and however the
// two take turns. The restrictions have some fifty blocks, so that most calls pass over some.
func TestWithinEqualsRun(t *testing.T) {
	g := city(40, true, true, 9)
	n := uint32(g.Nodes())
	h := contract(t, g, 2)
	random := rand.New(rand.NewPCG(9, 9))
	points := make([][]Seed, 3000)
	for i := range points {
		for range random.IntN(3) {
			points[i] = append(points[i], Seed{random.Uint32N(n), random.Uint32N(10000)})
		}
	}
	there, back := h.RestrictPoints(points, true), h.RestrictPoints(points, false)
	swept, kept := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		r := there
		if rapid.Bool().Draw(t, "back") {
			r = back
		}
		s, fresh := r.NewSweep(), r.NewSweep()
		out := make([]uint32, r.Targets()*Lanes)
		var hits [Lanes][]Hit
		for range 3 {
			from := rapid.IntRange(0, len(points)-Lanes).Draw(t, "from")
			sources := points[from : from+rapid.IntRange(0, Lanes).Draw(t, "sources")]
			most := rapid.OneOf(rapid.Uint32Range(0, 50_000), rapid.Just[uint32](Infinite)).Draw(t, "most")
			if rapid.Bool().Draw(t, "run between") {
				s.Run(sources, out)
			}
			s.Within(sources, most, &hits)
			_, passed := s.Passed()
			swept += passed
			kept += r.Len()
			fresh.Run(sources, out)
			for lane := range Lanes {
				var want []Hit
				for target := range r.Targets() {
					if w := out[target*Lanes+lane]; w <= most && w < Infinite {
						want = append(want, Hit{uint32(target), w})
					}
				}
				if !slices.Equal(hits[lane], want) {
					t.Fatalf("lane %d within %d: %d hits, want %d, or other weights", lane, most, len(hits[lane]), len(want))
				}
			}
		}
	})
	if swept == 0 || swept > kept*9/10 {
		t.Errorf("%d of %d nodes were swept; the bound should spare many", swept, kept)
	}
}

// The number of workers changes no byte.
func TestWorkersChangeNoByte(t *testing.T) {
	for name, g := range map[string]Graph{
		"directed":  city(60, true, true, 7),
		"symmetric": city(60, false, false, 8),
	} {
		want := saved(t, contract(t, g, 1))
		for _, workers := range []int{1, 2, 4} {
			if got := saved(t, contract(t, g, workers)); !bytes.Equal(got, want) {
				t.Errorf("%s: %d workers give other bytes than one", name, workers)
			}
		}
		other := g
		other.Weight = append([]uint32(nil), g.Weight...)
		other.Weight[len(other.Weight)/2]++
		if bytes.Equal(saved(t, contract(t, other, 1)), want) {
			t.Errorf("%s: another graph gives the same bytes", name)
		}
	}
}

func saved(t testing.TB, h *Hierarchy) []byte {
	t.Helper()
	var b bytes.Buffer
	a := archive.NewWriter(&b)
	h.Save(a, "ch.")
	if err := a.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	return b.Bytes()
}

// What is loaded answers as what was saved, and saves to the same bytes.
func TestLoadAnswersAsSaved(t *testing.T) {
	for name, directed := range map[string]bool{"directed": true, "symmetric": false} {
		g := city(20, true, directed, 3)
		h := contract(t, g, 1)
		raw := saved(t, h)
		r, err := archive.Open(raw, "test")
		if err != nil {
			t.Fatalf("%s: Open: %v", name, err)
		}
		loaded, err := Load(r, "ch.")
		if err != nil {
			t.Fatalf("%s: Load: %v", name, err)
		}
		if !bytes.Equal(saved(t, loaded), raw) {
			t.Errorf("%s: saved again, other bytes", name)
		}
		a, b := h.NewQuery(), loaded.NewQuery()
		for v := range uint32(g.Nodes()) {
			if x, y := a.Distance(0, v), b.Distance(0, v); x != y {
				t.Fatalf("%s: to %d: %d before, %d after", name, v, x, y)
			}
		}
	}
}
