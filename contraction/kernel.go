package contraction

// climbRowsScalar relaxes every arc above the gathered nodes, for all lanes at a time, from the last of order to
// the first, so that each row is final before its arcs are followed.
//
// at[p].weight is the index in rows of position p. Weights and rows never exceed Limit, so a sum cannot wrap
// round, and a minimum with a row that starts at Limit is a saturating addition.
func climbRowsScalar(rows []row, order []uint32, at []mark, up climb) {
	for i := len(rows) - 1; i >= 0; i-- {
		from := &rows[i]
		for _, a := range up.of(order[i]) {
			to, w := &rows[at[a.head()].weight], a.weight()
			for lane := range Lanes {
				to[lane] = min(to[lane], from[lane]+w)
			}
		}
	}
}

// sweepRowsScalar computes the rows of all kept nodes from the first to the last: the least over the arcs that
// come down into a node, and over what the climb entered there.
//
// Cost for each node with its d arcs (2 to 3 on street networks) and all lanes: reads 4 + 8 d bytes of the
// graph in sequence and d rows of 64 bytes, most of them in the nearest cache since numbering is depth-first,
// writes one row in sequence; d·Lanes additions and minima. For each pair of source and kept node that is
// (4 + 8 d + 64)/16 ≈ 6 bytes of memory traffic and 2 d ≈ 5 operations.
func sweepRowsScalar(rows []row, entered []uint64, first []uint32, arcs []arc) {
	for k := range rows {
		to := &rows[k]
		if entered[k/64]>>(k%64)&1 == 0 {
			*to = heavy()
		}
		into := arcs[first[k]:first[k+1]]
		for half := 0; half < Lanes; half += 4 {
			a, b, c, d := to[half], to[half+1], to[half+2], to[half+3]
			for _, x := range into {
				from, w := &rows[x.head()], x.weight()
				a = min(a, from[half]+w)
				b = min(b, from[half+1]+w)
				c = min(c, from[half+2]+w)
				d = min(d, from[half+3]+w)
			}
			to[half], to[half+1], to[half+2], to[half+3] = a, b, c, d
		}
	}
}
