package contraction

import (
	"context"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
)

// The benchmarks run on grid cities (see city) of about one million crossings, and of about 1.5 million nodes
// with chains:
//
//	go test -run '^$' -bench . -benchtime 3x ./contraction
//	GOEXPERIMENT=simd go test -run '^$' -bench Sweep ./contraction

var bigCities = []struct {
	name             string
	side             int
	chains, directed bool
}{
	{"drive-1000x1000", 1000, false, true},
	{"walk-chains-1.5M", 730, true, false},
}

// contracted keeps the hierarchies between benchmarks: making one takes as long as all sweeps together.
var contracted = sync.OnceValue(func() []*Hierarchy {
	var all []*Hierarchy
	for _, c := range bigCities {
		h, err := Contract(context.Background(), city(c.side, c.chains, c.directed, 1), Options{Workers: 2})
		if err != nil {
			panic(err)
		}
		all = append(all, h)
	}
	return all
})

func BenchmarkContract(b *testing.B) {
	for _, c := range bigCities {
		for _, workers := range []int{1, 2} {
			b.Run(c.name+"/workers-"+strconv.Itoa(workers), func(b *testing.B) {
				g := city(c.side, c.chains, c.directed, 1)
				for b.Loop() {
					h := contract(b, g, workers)
					b.ReportMetric(float64(h.Nodes()), "nodes")
					b.ReportMetric(float64(h.Arcs()), "arcs")
				}
			})
		}
	}
}

// BenchmarkSweep reports nanoseconds for each pair of source and target. Sources of one batch lie within one
// neighbourhood, as cells along a space-filling curve do; targets are spread over the whole city.
func BenchmarkSweep(b *testing.B) {
	for i, c := range bigCities {
		for _, count := range []int{20_000, 200_000, 1_000_000} {
			b.Run(c.name+"/targets-"+strconv.Itoa(count), func(b *testing.B) {
				h := contracted()[i]
				r := rand.New(rand.NewPCG(3, 4))
				n := h.Nodes()
				targets := make([]uint32, 0, count)
				for v := range n {
					if r.IntN(n) < count {
						targets = append(targets, uint32(v))
					}
				}
				restriction := h.Restrict(targets, true)
				s := restriction.NewSweep()
				out := make([]uint32, len(targets)*Lanes)
				sources := make([][]Seed, Lanes)
				for b.Loop() {
					corner := r.IntN(c.side*c.side - 4*c.side)
					for lane := range sources {
						sources[lane] = []Seed{{uint32(corner + lane/4*c.side + lane%4), 0}}
					}
					s.Run(sources, out)
				}
				pairs := float64(b.N) * Lanes * float64(len(targets))
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/pairs, "ns/pair")
				b.ReportMetric(float64(restriction.Len())/float64(len(targets)), "kept/target")
				b.ReportMetric(float64(len(s.order)), "climbed")
			})
		}
	}
}

// BenchmarkWithin reports nanoseconds for each source and the targets it reaches within 30 minutes by the weights
// of the city, which counts as driving on the first and, slowed down tenfold, as walking on the second.
func BenchmarkWithin(b *testing.B) {
	for i, c := range bigCities {
		for _, count := range []int{20_000, 200_000} {
			b.Run(c.name+"/targets-"+strconv.Itoa(count), func(b *testing.B) {
				h := contracted()[i]
				r := rand.New(rand.NewPCG(3, 4))
				targets := make([]uint32, count)
				for t := range targets {
					targets[t] = r.Uint32N(uint32(h.Nodes()))
				}
				slices.Sort(targets)
				s := h.Restrict(targets, true).NewSweep()
				most := uint32(1_800_000)
				if !c.directed {
					most /= 10
				}
				var hits [Lanes][]Hit
				sources := make([][]Seed, Lanes)
				reached := 0
				for b.Loop() {
					corner := r.IntN(c.side*c.side - 4*c.side)
					for lane := range sources {
						sources[lane] = []Seed{{uint32(corner + lane/4*c.side + lane%4), 0}}
					}
					s.Within(sources, most, &hits)
					for _, found := range hits {
						reached += len(found)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*Lanes), "ns/source")
				b.ReportMetric(float64(reached)/float64(b.N*Lanes), "hits/source")
			})
		}
	}
}

func BenchmarkDistance(b *testing.B) {
	for i, c := range bigCities {
		b.Run(c.name, func(b *testing.B) {
			h := contracted()[i]
			q := h.NewQuery()
			r := rand.New(rand.NewPCG(5, 6))
			settled := 0
			for b.Loop() {
				q.Distance(r.Uint32N(uint32(h.Nodes())), r.Uint32N(uint32(h.Nodes())))
				settled += q.Settled()
			}
			b.ReportMetric(float64(settled)/float64(b.N), "settled")
		})
	}
}
