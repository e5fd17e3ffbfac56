// Package reach turns batches of travel costs into access: nearest places, opportunities within reach, and
// floating catchments in which people compete for capacity.
//
// Nothing here knows what a cost is: seconds of a travel engine, metres of a table, minutes of a survey. A cost
// is any number that grows with distance; a pair that is not listed is out of reach.
package reach

import (
	"fmt"
	"sort"

	"gevor/fault"
	"gevor/travel"
)

// Cost is a travel cost, >= 0.
type Cost interface{ ~int32 | ~float64 }

// Sparse is a matrix of costs from origins (rows) to places (columns) that lists only the pairs within reach.
// Row i holds columns To[First[i]:First[i+1]], ascending, and Cost parallel to it. It is immutable once built.
type Sparse[C Cost] struct {
	First []int64 // len rows+1
	To    []int32 // 0 <= To < Cols
	Cost  []C
	Cols  int
}

// Rows is the number of origins.
func (m *Sparse[C]) Rows() int { return len(m.First) - 1 }

// Row gives the columns and costs of origin i.
func (m *Sparse[C]) Row(i int) ([]int32, []C) {
	a, b := m.First[i], m.First[i+1]
	return m.To[a:b], m.Cost[a:b]
}

// Builder collects rows in ascending order.
type Builder[C Cost] struct{ m Sparse[C] }

// NewBuilder starts a matrix with cols columns.
func NewBuilder[C Cost](cols int) *Builder[C] {
	return &Builder[C]{Sparse[C]{First: []int64{0}, Cols: cols}}
}

// Add appends the next row; to must be strictly ascending. The slices are copied.
func (b *Builder[C]) Add(to []int32, cost []C) {
	b.m.To = append(b.m.To, to...)
	b.m.Cost = append(b.m.Cost, cost...)
	b.m.First = append(b.m.First, int64(len(b.m.To)))
}

// Done gives the matrix; the builder must not be used any more.
func (b *Builder[C]) Done() *Sparse[C] { return &b.m }

// Collect keeps every row of a stream, as travel.Rows.
func Collect(b *Builder[travel.Seconds]) travel.Rows {
	return func(r travel.Row) error {
		if int(r.From) != len(b.m.First)-1 {
			return fault.New(fault.Internal, "reach", fmt.Sprintf("row %d came when row %d was due", r.From, len(b.m.First)-1), "")
		}
		b.Add(r.To, r.Seconds)
		return nil
	}
}

// Pair is one listed cost.
type Pair[C Cost] struct {
	From, To int32
	Cost     C
}

// FromPairs builds a matrix from pairs in any order; where a pair is listed twice the smaller cost counts.
// It sorts pairs in place. Cost O(n log n).
func FromPairs[C Cost](rows, cols int, pairs []Pair[C]) (*Sparse[C], error) {
	for _, p := range pairs {
		if p.From < 0 || int(p.From) >= rows || p.To < 0 || int(p.To) >= cols {
			return nil, fault.New(fault.Invalid, "matrix", fmt.Sprintf("pair %d → %d lies outside %d × %d", p.From, p.To, rows, cols), "list every origin and place first")
		}
		if !(float64(p.Cost) >= 0) {
			return nil, fault.New(fault.Invalid, "matrix", fmt.Sprintf("cost %v is not a number ≥ 0", p.Cost), "leave out pairs that are out of reach")
		}
	}
	sort.Slice(pairs, func(i, j int) bool {
		a, b := pairs[i], pairs[j]
		if a.From != b.From {
			return a.From < b.From
		}
		if a.To != b.To {
			return a.To < b.To
		}
		return a.Cost < b.Cost
	})
	m := &Sparse[C]{First: make([]int64, rows+1), Cols: cols}
	for i, p := range pairs {
		if i > 0 && pairs[i-1].From == p.From && pairs[i-1].To == p.To {
			continue
		}
		m.To = append(m.To, p.To)
		m.Cost = append(m.Cost, p.Cost)
		m.First[p.From+1]++
	}
	for i := range rows {
		m.First[i+1] += m.First[i]
	}
	return m, nil
}

// Transpose gives the matrix from places to origins. Cost O(rows + cols + pairs).
func (m *Sparse[C]) Transpose() *Sparse[C] {
	t := &Sparse[C]{First: make([]int64, m.Cols+1), To: make([]int32, len(m.To)), Cost: make([]C, len(m.Cost)), Cols: m.Rows()}
	for _, j := range m.To {
		t.First[j+1]++
	}
	for j := range m.Cols {
		t.First[j+1] += t.First[j]
	}
	next := append([]int64(nil), t.First[:m.Cols]...)
	for i := range m.Rows() {
		to, cost := m.Row(i)
		for k, j := range to {
			t.To[next[j]] = int32(i)
			t.Cost[next[j]] = cost[k]
			next[j]++
		}
	}
	return t
}

// Filter keeps the pairs for which keep is true.
func (m *Sparse[C]) Filter(keep func(from, to int32, cost C) bool) *Sparse[C] {
	b := NewBuilder[C](m.Cols)
	var tos []int32
	var costs []C
	for i := range m.Rows() {
		to, cost := m.Row(i)
		tos, costs = tos[:0], costs[:0]
		for k, j := range to {
			if keep(int32(i), j, cost[k]) {
				tos, costs = append(tos, j), append(costs, cost[k])
			}
		}
		b.Add(tos, costs)
	}
	return b.Done()
}

// Cheapest merges matrices of the same shape: a pair is in reach if any lists it, at the smallest cost. This is
// how "fifteen minutes on foot or thirty by transit" becomes one matrix once both are expressed in shares of
// their limits.
func Cheapest[C Cost](ms ...*Sparse[C]) (*Sparse[C], error) {
	if len(ms) == 0 {
		return nil, fault.New(fault.Invalid, "matrix", "nothing to merge", "")
	}
	out := ms[0]
	for _, m := range ms[1:] {
		if m.Rows() != out.Rows() || m.Cols != out.Cols {
			return nil, fault.New(fault.Invalid, "matrix", "matrices of different shape", "")
		}
		out = cheaper(out, m)
	}
	return out, nil
}

func cheaper[C Cost](a, b *Sparse[C]) *Sparse[C] {
	out := NewBuilder[C](a.Cols)
	var to []int32
	var cost []C
	for i := range a.Rows() {
		at, ac := a.Row(i)
		bt, bc := b.Row(i)
		to, cost = to[:0], cost[:0]
		for len(at) > 0 || len(bt) > 0 {
			switch {
			case len(bt) == 0 || len(at) > 0 && at[0] < bt[0]:
				to, cost = append(to, at[0]), append(cost, ac[0])
				at, ac = at[1:], ac[1:]
			case len(at) == 0 || bt[0] < at[0]:
				to, cost = append(to, bt[0]), append(cost, bc[0])
				bt, bc = bt[1:], bc[1:]
			default:
				to, cost = append(to, at[0]), append(cost, min(ac[0], bc[0]))
				at, ac, bt, bc = at[1:], ac[1:], bt[1:], bc[1:]
			}
		}
		out.Add(to, cost)
	}
	return out.Done()
}
