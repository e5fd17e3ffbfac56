package spatial

import (
	"math"
	"slices"
)

// skyline is a symmetric positive definite matrix over the links of a graph, stored by rows from their first entry to
// the diagonal, in an order that keeps rows short (reverse Cuthill & McKee 1969). Its Cholesky factor fills nothing
// outside. For areas on a map rows are about √n long, so that a factor costs about n².
type skyline struct {
	place []int32 // place[area] is its row
	area  []int32 // area[row]
	first []int32 // first column of a row
	start []int   // values[start[row]+col-first[row]]
	below [][]int32
	size  int
}

// newSkyline lays out the graph of w, which must be symmetric.
func newSkyline(w *Weights) *skyline {
	n := w.Len()
	s := &skyline{place: make([]int32, n), area: cuthillMcKee(w), first: make([]int32, n), start: make([]int, n), below: make([][]int32, n)}
	for row, a := range s.area {
		s.place[a] = int32(row)
	}
	for row, a := range s.area {
		s.first[row] = int32(row)
		to, _ := w.Row(int(a))
		for _, j := range to {
			s.first[row] = min(s.first[row], s.place[j])
		}
		s.start[row] = s.size
		s.size += row - int(s.first[row]) + 1
		for c := s.first[row]; c < int32(row); c++ {
			s.below[c] = append(s.below[c], int32(row))
		}
	}
	return s
}

func cuthillMcKee(w *Weights) []int32 {
	n := w.Len()
	part, parts := w.Components()
	members := make([][]int32, parts)
	for i, p := range part {
		members[p] = append(members[p], int32(i))
	}
	seen := make([]int, n)
	round := 0
	walk := func(from int32) []int32 {
		round++
		order := []int32{from}
		seen[from] = round
		for k := 0; k < len(order); k++ {
			to, _ := w.Row(int(order[k]))
			begin := len(order)
			for _, j := range to {
				if seen[j] != round {
					seen[j] = round
					order = append(order, j)
				}
			}
			slices.SortStableFunc(order[begin:], func(a, b int32) int { return w.Degree(int(a)) - w.Degree(int(b)) })
		}
		return order
	}
	var all []int32
	for _, m := range members {
		from := m[0]
		for range 3 { // towards an end of the part
			order := walk(from)
			from = order[len(order)-1]
		}
		all = append(all, walk(from)...)
	}
	slices.Reverse(all)
	return all
}

func (s *skyline) at(row, col int32) int { return s.start[row] + int(col-s.first[row]) }

// factor replaces the lower triangle by its Cholesky factor and gives the log determinant; not ok where it is not
// positive definite.
func (s *skyline) factor(v []float64) (logDet float64, ok bool) {
	for i := range s.first {
		row := v[s.start[i] : s.start[i]+i-int(s.first[i])+1]
		for j := s.first[i]; j < int32(i); j++ {
			other := v[s.start[j] : s.start[j]+int(j-s.first[j])+1]
			from := max(s.first[i], s.first[j])
			a, b := row[from-s.first[i]:j-s.first[i]], other[from-s.first[j]:]
			sum := row[j-s.first[i]]
			for k, x := range a {
				sum -= x * b[k]
			}
			row[j-s.first[i]] = sum / other[len(other)-1]
		}
		d := row[len(row)-1]
		for _, x := range row[:len(row)-1] {
			d -= x * x
		}
		if !(d > 0) {
			return 0, false
		}
		logDet += math.Log(d)
		row[len(row)-1] = math.Sqrt(d)
	}
	return logDet, true
}

// solve overwrites b (by area) with the solution, given a factor.
func (s *skyline) solve(v, b []float64) {
	n := len(s.first)
	x := make([]float64, n)
	for i, a := range s.area {
		x[i] = b[a]
	}
	for i := range n {
		row := v[s.start[i] : s.start[i]+i-int(s.first[i])+1]
		sum := x[i]
		for k, l := range row[:len(row)-1] {
			sum -= l * x[int(s.first[i])+k]
		}
		x[i] = sum / row[len(row)-1]
	}
	for i := n - 1; i >= 0; i-- {
		row := v[s.start[i] : s.start[i]+i-int(s.first[i])+1]
		x[i] /= row[len(row)-1]
		for k, l := range row[:len(row)-1] {
			x[int(s.first[i])+k] -= l * x[i]
		}
	}
	for i, a := range s.area {
		b[a] = x[i]
	}
}

// diagonal gives the diagonal of the inverse, by area, given a factor: the recursion of Takahashi, Fagan & Chen (1973)
// over the rows stored.
func (s *skyline) diagonal(v []float64) []float64 {
	n := len(s.first)
	z := make([]float64, s.size)
	for i := int32(n - 1); i >= 0; i-- {
		d := v[s.at(i, i)]
		rows := s.below[i]
		for x := len(rows) - 1; x >= 0; x-- {
			j := rows[x]
			sum := 0.0
			for _, k := range rows {
				sum -= v[s.at(k, i)] * z[s.at(max(j, k), min(j, k))]
			}
			z[s.at(j, i)] = sum / d
		}
		sum := 1 / d
		for _, k := range rows {
			sum -= v[s.at(k, i)] * z[s.at(k, i)]
		}
		z[s.at(i, i)] = sum / d
	}
	out := make([]float64, n)
	for row, a := range s.area {
		out[a] = z[s.at(int32(row), int32(row))]
	}
	return out
}
