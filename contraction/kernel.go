package contraction

// Weights and rows never exceed Infinite, half of what a lane holds. So a sum cannot wrap round, and the minimum
// of sums and a row that starts as Infinite is a saturating addition at no extra cost.

// climbRowsScalar relaxes every arc above the gathered nodes, for all lanes at a time, from the last of order to
// the first, so that each row is final before its arcs are followed. at[p].weight is the index in rows of
// position p.
//
// Cost for each arc: 8 bytes of the graph, two rows that the nearest caches hold, Lanes additions and minima.
func climbRowsScalar(rows []row, order []uint32, at []mark, up climb) {
	for i := len(rows) - 1; i >= 0; i-- {
		from := &rows[i]
		for _, a := range up.of(order[i]) {
			lowerOne(&rows[at[a.head()].weight], from, a.weight())
		}
	}
}

// sweepRowsScalar computes the rows of the kept nodes from..to-1 in order: the least over the arcs that come down
// into a node, and over what the climb entered there.
//
// Cost for each node with its d arcs (about 2 on street networks) and all lanes: reads 4 + 8 d bytes of the graph
// in sequence and d rows of 64 bytes, most of them in the nearest caches since numbering is depth-first; writes
// one row in sequence, which costs the memory twice that; d·Lanes additions and minima. For each pair of source
// and kept node that is (4 + 8 d + 128)/Lanes ≈ 9 bytes of memory traffic and 2 d ≈ 4 operations.
func sweepRowsScalar(rows []row, from, to int, entered []uint64, down fall) {
	for k := from; k < to; k++ {
		arcs := down.arcs[down.first[k]:down.first[k+1]]
		if entered[k/64]>>(k%64)&1 == 0 {
			arcs = set(&rows[k], rows, arcs)
		}
		lower(&rows[k], rows, arcs)
	}
}

// finishRowsScalar computes the rows of some targets: the least over the arcs from their seeds.
//
// Cost for each target of e seeds: 4 + 8 e bytes of the graph, e rows that sweepRows has just left in the cache,
// and one row of out written, which costs the memory twice its 64 bytes.
func finishRowsScalar(out []uint32, targets []uint32, rows []row, last fall) {
	for _, t := range targets {
		to := (*row)(out[int(t)*Lanes:])
		arcs := last.arcs[last.first[t]:last.first[t+1]]
		if len(arcs) == 1 && arcs[0].weight() == 0 {
			*to = rows[arcs[0].head()]
			continue
		}
		lower(to, rows, set(to, rows, arcs))
	}
}

// nearRowsScalar gives a bit for each of up to 64 rows: whether any lane is at most most.
func nearRowsScalar(rows []row, most uint32) uint64 {
	near := uint64(0)
	for k := range rows {
		if someWithin(&rows[k], most) {
			near |= 1 << k
		}
	}
	return near
}

// set gives a row what the first arcs bring and returns the others. Nothing in this file loops over lanes because
// the compiler unrolls nothing, and no more than two arcs are taken at once because the registers of a scalar
// processor would not hold more.
func set(to *row, rows []row, arcs []arc) []arc {
	switch len(arcs) {
	case 0:
		*to = unreached()
		return nil
	case 1:
		setOne(to, &rows[arcs[0].head()], arcs[0].weight())
		return nil
	}
	setTwo(to, &rows[arcs[0].head()], &rows[arcs[1].head()], arcs[0].weight(), arcs[1].weight())
	return arcs[2:]
}

// lower takes the minimum of a row and what arcs bring.
func lower(to *row, rows []row, arcs []arc) {
	for ; len(arcs) > 1; arcs = arcs[2:] {
		lowerTwo(to, &rows[arcs[0].head()], &rows[arcs[1].head()], arcs[0].weight(), arcs[1].weight())
	}
	if len(arcs) > 0 {
		lowerOne(to, &rows[arcs[0].head()], arcs[0].weight())
	}
}

func setOne(to, a *row, v uint32) {
	to[0] = min(Infinite, a[0]+v)
	to[1] = min(Infinite, a[1]+v)
	to[2] = min(Infinite, a[2]+v)
	to[3] = min(Infinite, a[3]+v)
	to[4] = min(Infinite, a[4]+v)
	to[5] = min(Infinite, a[5]+v)
	to[6] = min(Infinite, a[6]+v)
	to[7] = min(Infinite, a[7]+v)
	to[8] = min(Infinite, a[8]+v)
	to[9] = min(Infinite, a[9]+v)
	to[10] = min(Infinite, a[10]+v)
	to[11] = min(Infinite, a[11]+v)
	to[12] = min(Infinite, a[12]+v)
	to[13] = min(Infinite, a[13]+v)
	to[14] = min(Infinite, a[14]+v)
	to[15] = min(Infinite, a[15]+v)
}

func setTwo(to, a, b *row, v, w uint32) {
	to[0] = min(Infinite, a[0]+v, b[0]+w)
	to[1] = min(Infinite, a[1]+v, b[1]+w)
	to[2] = min(Infinite, a[2]+v, b[2]+w)
	to[3] = min(Infinite, a[3]+v, b[3]+w)
	to[4] = min(Infinite, a[4]+v, b[4]+w)
	to[5] = min(Infinite, a[5]+v, b[5]+w)
	to[6] = min(Infinite, a[6]+v, b[6]+w)
	to[7] = min(Infinite, a[7]+v, b[7]+w)
	to[8] = min(Infinite, a[8]+v, b[8]+w)
	to[9] = min(Infinite, a[9]+v, b[9]+w)
	to[10] = min(Infinite, a[10]+v, b[10]+w)
	to[11] = min(Infinite, a[11]+v, b[11]+w)
	to[12] = min(Infinite, a[12]+v, b[12]+w)
	to[13] = min(Infinite, a[13]+v, b[13]+w)
	to[14] = min(Infinite, a[14]+v, b[14]+w)
	to[15] = min(Infinite, a[15]+v, b[15]+w)
}

func lowerOne(to, a *row, v uint32) {
	to[0] = min(to[0], a[0]+v)
	to[1] = min(to[1], a[1]+v)
	to[2] = min(to[2], a[2]+v)
	to[3] = min(to[3], a[3]+v)
	to[4] = min(to[4], a[4]+v)
	to[5] = min(to[5], a[5]+v)
	to[6] = min(to[6], a[6]+v)
	to[7] = min(to[7], a[7]+v)
	to[8] = min(to[8], a[8]+v)
	to[9] = min(to[9], a[9]+v)
	to[10] = min(to[10], a[10]+v)
	to[11] = min(to[11], a[11]+v)
	to[12] = min(to[12], a[12]+v)
	to[13] = min(to[13], a[13]+v)
	to[14] = min(to[14], a[14]+v)
	to[15] = min(to[15], a[15]+v)
}

func lowerTwo(to, a, b *row, v, w uint32) {
	to[0] = min(to[0], a[0]+v, b[0]+w)
	to[1] = min(to[1], a[1]+v, b[1]+w)
	to[2] = min(to[2], a[2]+v, b[2]+w)
	to[3] = min(to[3], a[3]+v, b[3]+w)
	to[4] = min(to[4], a[4]+v, b[4]+w)
	to[5] = min(to[5], a[5]+v, b[5]+w)
	to[6] = min(to[6], a[6]+v, b[6]+w)
	to[7] = min(to[7], a[7]+v, b[7]+w)
	to[8] = min(to[8], a[8]+v, b[8]+w)
	to[9] = min(to[9], a[9]+v, b[9]+w)
	to[10] = min(to[10], a[10]+v, b[10]+w)
	to[11] = min(to[11], a[11]+v, b[11]+w)
	to[12] = min(to[12], a[12]+v, b[12]+w)
	to[13] = min(to[13], a[13]+v, b[13]+w)
	to[14] = min(to[14], a[14]+v, b[14]+w)
	to[15] = min(to[15], a[15]+v, b[15]+w)
}
