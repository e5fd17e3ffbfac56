//go:build !(goexperiment.simd && amd64)

package contraction

func climbRows(rows []row, order []uint32, at []mark, up climb) {
	climbRowsScalar(rows, order, at, up)
}

func sweepRows(rows []row, from, to int, entered []uint64, down fall) {
	sweepRowsScalar(rows, from, to, entered, down)
}

func finishRows(out []uint32, targets []uint32, rows []row, last fall) {
	finishRowsScalar(out, targets, rows, last)
}

func nearRows(rows []row, most uint32) uint64 {
	return nearRowsScalar(rows, most)
}
