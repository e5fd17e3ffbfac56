//go:build !(goexperiment.simd && amd64)

package contraction

func climbRows(rows []row, order []uint32, at []mark, up climb) {
	climbRowsScalar(rows, order, at, up)
}

func sweepRows(rows []row, entered []uint64, first []uint32, arcs []arc) {
	sweepRowsScalar(rows, entered, first, arcs)
}
