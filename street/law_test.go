package street

import (
	"context"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"gevor/geo"
	"gevor/osm"
	"gevor/travel"
)

// drawTown gives a random little town: ways over a jittered grid of nodes, with one-way streets, steps, barriers
// and turn restrictions thrown in without regard to sense.
func drawTown(t *rapid.T) *town {
	town := newTown()
	count := rapid.IntRange(4, 14).Draw(t, "nodes")
	for i := range int64(count) {
		town.node(i+1, float64(i%4)*120+rapid.Float64Range(-40, 40).Draw(t, "east"), float64(i/4)*120+rapid.Float64Range(-40, 40).Draw(t, "north"))
		if rapid.IntRange(0, 5).Draw(t, "tagged") == 0 {
			town.tags[i+1] = rapid.SampledFrom([]string{"barrier=bollard", "barrier=stile", "barrier=gate access=private", "barrier=kerb kerb=raised"}).Draw(t, "barrier")
		}
	}
	kinds := []string{"highway=residential", "highway=residential", "highway=residential oneway=yes", "highway=primary oneway=-1", "highway=footway", "highway=steps", "highway=secondary maxspeed=30", "highway=cycleway", "highway=motorway"}
	for id := range int64(rapid.IntRange(2, 18).Draw(t, "ways")) {
		nodes := []int64{int64(rapid.IntRange(1, count).Draw(t, "node"))}
		for range rapid.IntRange(1, 3).Draw(t, "length") {
			next := int64(rapid.IntRange(1, count).Draw(t, "node"))
			if next != nodes[len(nodes)-1] {
				nodes = append(nodes, next)
			}
		}
		if len(nodes) >= 2 {
			town.way(id+1, rapid.SampledFrom(kinds).Draw(t, "kind"), nodes...)
		}
	}
	if len(town.ways) == 0 {
		town.way(1, kinds[0], 1, 2)
	}
	for range rapid.IntRange(0, 6).Draw(t, "turns") {
		a := rapid.SampledFrom(town.ways).Draw(t, "from")
		b := rapid.SampledFrom(town.ways).Draw(t, "to")
		town.turn(rapid.Bool().Draw(t, "only"), a.id, rapid.SampledFrom(a.nodes).Draw(t, "via"), b.id)
	}
	return town
}

func drawPlaces(t *rapid.T) []geo.LonLat {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) geo.LonLat {
		return spot(rapid.Float64Range(-80, 450).Draw(t, "east"), rapid.Float64Range(-80, 450).Draw(t, "north"))
	}), 1, 6).Draw(t, "places")
}

// In any town, however odd, every answer equals that of the plain model of single segments.
func TestLawTownsAgreeWithThePlainModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawTown(t).extract()
		b, err := assemble(context.Background(), x, Options{Workers: 1})
		if err != nil {
			return // nobody can move: nothing to compare
		}
		restrictions := map[int32][]osm.Restriction{}
		for _, r := range x.Restrictions {
			restrictions[r.Via] = append(restrictions[r.Via], r)
		}
		places := drawPlaces(t)
		for mode := range travel.Mode(modes) {
			c := newCity(b, mode)
			p := b.n.Link(mode, places, 0)
			s := b.n.NewSearch(mode, Speed{})
			for i := range places {
				if !p.Linked(i) {
					continue
				}
				got := map[int32]travel.Seconds{}
				for _, h := range s.Reach(p, i, p, 36000, false, nil) {
					got[h.To] = h.Seconds
				}
				done := c.distances(p, i, restrictions, math.Inf(1))
				for j := range places {
					want := c.milliseconds(s, done, p, i, p, j)
					have, ok := got[int32(j)]
					if level(p, i, p, j) {
						continue
					}
					if ok != !math.IsInf(want, 1) || ok && math.Abs(float64(have)*1000-want) > 1100 {
						t.Fatalf("%v: point %d to %d takes %d s (reached %v), the plain model %.3f s", mode, i, j, have, ok, want/1000)
					}
				}
			}
		}
	})
}

// Travelling towards a point is travelling from the others, seen from the other end; on foot both are the same.
func TestLawReverseIsTheTransposedForward(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, err := Build(context.Background(), drawTown(t).extract(), Options{Workers: 1})
		if err != nil {
			return
		}
		places := drawPlaces(t)
		most := travel.Seconds(rapid.IntRange(0, 400).Draw(t, "most"))
		for mode := range travel.Mode(modes) {
			p := n.Link(mode, places, 0)
			s := n.NewSearch(mode, Speed{WalkKmh: 3.3, BikeKmh: 11})
			forward, backward := map[[2]int32]travel.Seconds{}, map[[2]int32]travel.Seconds{}
			for i := range places {
				hits := s.Reach(p, i, p, most, false, nil)
				if !slices.IsSortedFunc(hits, func(a, b Hit) int { return int(a.To) - int(b.To) }) {
					t.Fatalf("hits are not in ascending order: %v", hits)
				}
				for _, h := range hits {
					if h.Seconds > most {
						t.Fatalf("%d s exceed the bound of %d", h.Seconds, most)
					}
					forward[[2]int32{int32(i), h.To}] = h.Seconds
				}
				for _, h := range s.Reach(p, i, p, most, true, nil) {
					backward[[2]int32{h.To, int32(i)}] = h.Seconds
				}
			}
			for pair, a := range forward {
				if b, ok := backward[pair]; !ok || a != b {
					t.Fatalf("%v: %v takes %d s forward and %d s (%v) backward", mode, pair, a, b, ok)
				}
				if b := forward[[2]int32{pair[1], pair[0]}]; mode <= travel.WalkNoSteps && a != b {
					t.Fatalf("%v: %d s there and %d s back", mode, a, b)
				}
			}
			if len(forward) != len(backward) {
				t.Fatalf("%v: %d pairs forward, %d backward", mode, len(forward), len(backward))
			}
		}
	})
}

// A bound only leaves out what lies beyond it.
func TestLawABoundOnlyRemoves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, err := Build(context.Background(), drawTown(t).extract(), Options{Workers: 1})
		if err != nil {
			return
		}
		places := drawPlaces(t)
		most := travel.Seconds(rapid.IntRange(0, 400).Draw(t, "most"))
		for mode := range travel.Mode(modes) {
			p := n.Link(mode, places, 0)
			s := n.NewSearch(mode, Speed{})
			for i := range places {
				all := s.Reach(p, i, p, 36000, false, nil)
				all = slices.DeleteFunc(all, func(h Hit) bool { return h.Seconds > most })
				if got := s.Reach(p, i, p, most, false, nil); !slices.Equal(got, all) {
					t.Fatalf("%v: within %d s %v, of all ways %v", mode, most, got, all)
				}
			}
		}
	})
}

// Prams and wheelchairs never go where walkers cannot, nor faster.
func TestLawStepFreeIsNeverBetter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, err := assemble(context.Background(), drawTown(t).extract(), Options{Workers: 1})
		if err != nil {
			return
		}
		// Both modes start from the same edges, or a farther link would hide the comparison.
		places := drawPlaces(t)
		free := b.n.Link(travel.WalkNoSteps, places, 0)
		walk := &Points{n: b.n, mode: travel.Walk, place: free.place, edge: free.edge, along: free.along, off: free.off, byEdge: free.byEdge}
		for i := range places {
			on := map[int32]travel.Seconds{}
			for _, h := range b.n.NewSearch(travel.Walk, Speed{}).Reach(walk, i, walk, 36000, false, nil) {
				on[h.To] = h.Seconds
			}
			for _, h := range b.n.NewSearch(travel.WalkNoSteps, Speed{}).Reach(free, i, free, 36000, false, nil) {
				if s, ok := on[h.To]; !ok || s > h.Seconds {
					t.Fatalf("without steps %d s, with all ways %d s (%v)", h.Seconds, s, ok)
				}
			}
		}
	})
}

// The number of workers changes no byte.
func TestLawWorkersChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawTown(t).extract()
		one, err := Build(context.Background(), x, Options{Workers: 1})
		if err != nil {
			return
		}
		many, err := Build(context.Background(), x, Options{Workers: 5})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(archived(one), archived(many)) {
			t.Fatal("one worker and five write other bytes")
		}
	})
}
