//go:build goexperiment.simd && amd64

package contraction

import (
	"math/rand/v2"
	"simd/archsimd"
	"slices"
	"testing"
)

// Every wide kernel gives the integers of its scalar twin, on random hierarchies with rows from 0 to Infinite.
func TestWideKernelsEqualScalar(t *testing.T) {
	type kernels struct {
		name   string
		usable bool
		climb  func([]row, []uint32, []mark, climb)
		sweep  func([]row, int, int, []uint64, fall)
		finish func([]uint32, []uint32, []row, fall)
		near   func([]row, uint32) uint64
	}
	r := rand.New(rand.NewPCG(11, 12))
	weight := func() uint32 {
		switch r.IntN(3) {
		case 0:
			return Infinite - r.Uint32N(3)
		case 1:
			return r.Uint32N(4)
		}
		return r.Uint32N(Infinite)
	}
	for _, wide := range []kernels{
		{"AVX2", archsimd.X86.AVX2(), climbRowsAVX2, sweepRowsAVX2, finishRowsAVX2, nearRowsAVX2},
		{"AVX-512", archsimd.X86.AVX512(), climbRowsAVX512, sweepRowsAVX512, finishRowsAVX512, nearRowsAVX512},
	} {
		if !wide.usable {
			t.Logf("%s: not on this processor", wide.name)
			continue
		}
		for range 200 {
			n := 1 + r.IntN(100)
			down := fall{first: make([]uint32, 1, n+1)}
			last := fall{first: make([]uint32, 1, n+1)}
			rows := make([]row, n)
			at := make([]mark, n)
			order := make([]uint32, n)
			for k := range n {
				for range r.IntN(6) * min(k, 1) {
					down.arcs = append(down.arcs, arc(min(weight(), Infinite-1))<<32|arc(r.IntN(k)))
				}
				for range r.IntN(4) {
					last.arcs = append(last.arcs, arc(weight())<<32|arc(r.IntN(n)))
				}
				down.first = append(down.first, uint32(len(down.arcs)))
				last.first = append(last.first, uint32(len(last.arcs)))
				for lane := range rows[k] {
					rows[k][lane] = weight()
				}
				at[k].weight, order[k] = uint32(k), uint32(k)
			}
			entered := make([]uint64, (n+63)/64)
			for i := range entered {
				entered[i] = r.Uint64()
			}
			a, b := slices.Clone(rows), slices.Clone(rows)
			climbRowsScalar(a, order, at, climb(down))
			wide.climb(b, order, at, climb(down))
			if !slices.Equal(a, b) {
				t.Fatalf("%s: climbing gives other integers", wide.name)
			}
			sweepRowsScalar(a, 0, n, entered, down)
			wide.sweep(b, 0, n, entered, down)
			if !slices.Equal(a, b) {
				t.Fatalf("%s: sweeping gives other integers", wide.name)
			}
			x, y := make([]uint32, n*Lanes), make([]uint32, n*Lanes)
			finishRowsScalar(x, order, a, last)
			wide.finish(y, order, b, last)
			if !slices.Equal(x, y) {
				t.Fatalf("%s: finishing gives other integers", wide.name)
			}
			most, some := weight(), a[:min(n, 64)]
			if wide.near(some, most) != nearRowsScalar(some, most) {
				t.Fatalf("%s: other rows lie within %d", wide.name, most)
			}
		}
	}
}
