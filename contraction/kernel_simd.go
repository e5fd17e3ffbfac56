//go:build goexperiment.simd && amd64

package contraction

import "simd/archsimd"

// The kernels of kernel.go with all lanes in one register (AVX-512) or two (AVX2). Cost in bytes is the same; the
// operations shrink to one or two additions and minima an arc. kernel_simd_test.go compares the integers.

func climbRows(rows []row, order []uint32, at []mark, up climb) {
	switch {
	case archsimd.X86.AVX512():
		climbRowsAVX512(rows, order, at, up)
	case archsimd.X86.AVX2():
		climbRowsAVX2(rows, order, at, up)
	default:
		climbRowsScalar(rows, order, at, up)
	}
}

func sweepRows(rows []row, from, to int, entered []uint64, down fall) {
	switch {
	case archsimd.X86.AVX512():
		sweepRowsAVX512(rows, from, to, entered, down)
	case archsimd.X86.AVX2():
		sweepRowsAVX2(rows, from, to, entered, down)
	default:
		sweepRowsScalar(rows, from, to, entered, down)
	}
}

func finishRows(out []uint32, targets []uint32, rows []row, last fall) {
	switch {
	case archsimd.X86.AVX512():
		finishRowsAVX512(out, targets, rows, last)
	case archsimd.X86.AVX2():
		finishRowsAVX2(out, targets, rows, last)
	default:
		finishRowsScalar(out, targets, rows, last)
	}
}

func nearRows(rows []row, most uint32) uint64 {
	switch {
	case archsimd.X86.AVX512():
		return nearRowsAVX512(rows, most)
	case archsimd.X86.AVX2():
		return nearRowsAVX2(rows, most)
	}
	return nearRowsScalar(rows, most)
}

func climbRowsAVX512(rows []row, order []uint32, at []mark, up climb) {
	for i := len(rows) - 1; i >= 0; i-- {
		from := archsimd.LoadUint32x16((*[16]uint32)(&rows[i]))
		for _, a := range up.of(order[i]) {
			to := (*[16]uint32)(&rows[at[a.head()].weight])
			from.Add(archsimd.BroadcastUint32x16(a.weight())).Min(archsimd.LoadUint32x16(to)).Store(to)
		}
	}
	archsimd.ClearAVXUpperBits()
}

func sweepRowsAVX512(rows []row, from, to int, entered []uint64, down fall) {
	none := archsimd.BroadcastUint32x16(Infinite)
	for k := from; k < to; k++ {
		at := (*[16]uint32)(&rows[k])
		least := none
		if entered[k/64]>>(k%64)&1 != 0 {
			least = archsimd.LoadUint32x16(at)
		}
		for _, a := range down.arcs[down.first[k]:down.first[k+1]] {
			from := archsimd.LoadUint32x16((*[16]uint32)(&rows[a.head()]))
			least = least.Min(from.Add(archsimd.BroadcastUint32x16(a.weight())))
		}
		least.Store(at)
	}
	archsimd.ClearAVXUpperBits()
}

func finishRowsAVX512(out []uint32, targets []uint32, rows []row, last fall) {
	none := archsimd.BroadcastUint32x16(Infinite)
	for _, t := range targets {
		least := none
		for _, a := range last.arcs[last.first[t]:last.first[t+1]] {
			from := archsimd.LoadUint32x16((*[16]uint32)(&rows[a.head()]))
			least = least.Min(from.Add(archsimd.BroadcastUint32x16(a.weight())))
		}
		least.Store((*[16]uint32)(out[int(t)*Lanes:]))
	}
	archsimd.ClearAVXUpperBits()
}

func nearRowsAVX512(rows []row, most uint32) uint64 {
	bound := archsimd.BroadcastUint32x16(most)
	near := uint64(0)
	for k := range rows {
		if archsimd.LoadUint32x16((*[16]uint32)(&rows[k])).LessEqual(bound).ToBits() != 0 {
			near |= 1 << k
		}
	}
	archsimd.ClearAVXUpperBits()
	return near
}

func climbRowsAVX2(rows []row, order []uint32, at []mark, up climb) {
	for i := len(rows) - 1; i >= 0; i-- {
		from := rows[i][:]
		a, b := archsimd.LoadUint32x8Slice(from), archsimd.LoadUint32x8Slice(from[8:])
		for _, x := range up.of(order[i]) {
			to := rows[at[x.head()].weight][:]
			w := archsimd.BroadcastUint32x8(x.weight())
			a.Add(w).Min(archsimd.LoadUint32x8Slice(to)).StoreSlice(to)
			b.Add(w).Min(archsimd.LoadUint32x8Slice(to[8:])).StoreSlice(to[8:])
		}
	}
	archsimd.ClearAVXUpperBits()
}

func sweepRowsAVX2(rows []row, from, to int, entered []uint64, down fall) {
	none := archsimd.BroadcastUint32x8(Infinite)
	for k := from; k < to; k++ {
		at := rows[k][:]
		a, b := none, none
		if entered[k/64]>>(k%64)&1 != 0 {
			a, b = archsimd.LoadUint32x8Slice(at), archsimd.LoadUint32x8Slice(at[8:])
		}
		for _, x := range down.arcs[down.first[k]:down.first[k+1]] {
			from := rows[x.head()][:]
			w := archsimd.BroadcastUint32x8(x.weight())
			a = a.Min(archsimd.LoadUint32x8Slice(from).Add(w))
			b = b.Min(archsimd.LoadUint32x8Slice(from[8:]).Add(w))
		}
		a.StoreSlice(at)
		b.StoreSlice(at[8:])
	}
	archsimd.ClearAVXUpperBits()
}

func finishRowsAVX2(out []uint32, targets []uint32, rows []row, last fall) {
	none := archsimd.BroadcastUint32x8(Infinite)
	for _, t := range targets {
		a, b := none, none
		for _, x := range last.arcs[last.first[t]:last.first[t+1]] {
			from := rows[x.head()][:]
			w := archsimd.BroadcastUint32x8(x.weight())
			a = a.Min(archsimd.LoadUint32x8Slice(from).Add(w))
			b = b.Min(archsimd.LoadUint32x8Slice(from[8:]).Add(w))
		}
		to := out[int(t)*Lanes:][:Lanes]
		a.StoreSlice(to)
		b.StoreSlice(to[8:])
	}
	archsimd.ClearAVXUpperBits()
}

func nearRowsAVX2(rows []row, most uint32) uint64 {
	bound := archsimd.BroadcastUint32x8(most)
	near := uint64(0)
	for k := range rows {
		least := archsimd.LoadUint32x8Slice(rows[k][:]).Min(archsimd.LoadUint32x8Slice(rows[k][8:]))
		if least.LessEqual(bound).ToBits() != 0 {
			near |= 1 << k
		}
	}
	archsimd.ClearAVXUpperBits()
	return near
}
