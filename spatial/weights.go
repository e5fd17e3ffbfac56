package spatial

import (
	"fmt"
	"math"
	"slices"

	"gevor/fault"
)

// Weights is a sparse n × n matrix of spatial weights w(i,j) ≥ 0 between areas, in compressed rows: the neighbours of
// area i are To[First[i]:First[i+1]], strictly ascending, with the weights parallel to them. The diagonal is empty
// unless WithSelf put it there. Immutable once built; an area with an empty row is an island.
type Weights struct {
	First []int32   // len n+1
	To    []int32   // 0 ≤ To < n
	W     []float64 // finite, ≥ 0
}

// Link is one weight from an area to another, by index.
type Link struct {
	From, To int32
	Weight   float64
}

// NewWeights builds weights between n areas from links in any order. It fails for an index outside 0..n-1, for a
// weight that is negative or no number, for a link of an area with itself, and for a link that stands twice. Links of
// weight 0 are left out. Cost O(m log m); it sorts links in place.
func NewWeights(n int, links []Link) (*Weights, error) {
	for _, l := range links {
		switch {
		case l.From < 0 || int(l.From) >= n || l.To < 0 || int(l.To) >= n:
			return nil, fault.New(fault.Invalid, "weights", fmt.Sprintf("link %d → %d lies outside %d areas", l.From, l.To, n), "list every area first")
		case l.From == l.To:
			return nil, fault.New(fault.Invalid, "weights", fmt.Sprintf("area %d is its own neighbour", l.From), "leave the diagonal out; G* adds it itself")
		case !(l.Weight >= 0) || math.IsInf(l.Weight, 0):
			return nil, fault.New(fault.Invalid, "weights", fmt.Sprintf("weight %g of %d → %d is not a number ≥ 0", l.Weight, l.From, l.To), "")
		}
	}
	slices.SortFunc(links, func(a, b Link) int {
		if a.From != b.From {
			return int(a.From) - int(b.From)
		}
		return int(a.To) - int(b.To)
	})
	w := &Weights{First: make([]int32, n+1)}
	for k, l := range links {
		if k > 0 && links[k-1].From == l.From && links[k-1].To == l.To {
			return nil, fault.New(fault.Invalid, "weights", fmt.Sprintf("link %d → %d stands twice", l.From, l.To), "keep one")
		}
		if l.Weight == 0 {
			continue
		}
		w.First[l.From+1]++
		w.To = append(w.To, l.To)
		w.W = append(w.W, l.Weight)
	}
	for i := range n {
		w.First[i+1] += w.First[i]
	}
	return w, nil
}

// FromNeighbours builds binary weights from lists of neighbours.
func FromNeighbours(neighbours [][]int32) (*Weights, error) {
	var links []Link
	for i, row := range neighbours {
		for _, j := range row {
			links = append(links, Link{int32(i), j, 1})
		}
	}
	return NewWeights(len(neighbours), links)
}

// Len is the number of areas.
func (w *Weights) Len() int { return len(w.First) - 1 }

// Row gives the neighbours of area i and their weights.
func (w *Weights) Row(i int) ([]int32, []float64) {
	a, b := w.First[i], w.First[i+1]
	return w.To[a:b], w.W[a:b]
}

// Degree is the number of neighbours of area i.
func (w *Weights) Degree(i int) int { return int(w.First[i+1] - w.First[i]) }

// Islands lists the areas without neighbours, ascending.
func (w *Weights) Islands() []int {
	var out []int
	for i := range w.Len() {
		if w.Degree(i) == 0 {
			out = append(out, i)
		}
	}
	return out
}

// Binary gives the same neighbours with weight 1 each.
func (w *Weights) Binary() *Weights {
	ones := make([]float64, len(w.W))
	for k := range ones {
		ones[k] = 1
	}
	return &Weights{w.First, w.To, ones}
}

// RowStandardised gives weights whose rows sum to 1; rows of islands stay empty.
func (w *Weights) RowStandardised() *Weights {
	out := &Weights{w.First, w.To, make([]float64, len(w.W))}
	for i := range w.Len() {
		_, row := w.Row(i)
		sum := 0.0
		for _, v := range row {
			sum += v
		}
		for k := w.First[i]; k < w.First[i+1]; k++ {
			out.W[k] = w.W[k] / sum
		}
	}
	return out
}

// WithSelf gives weights with the diagonal set to self > 0, as the statistic G* needs them. Standardise rows after
// this, not before.
func (w *Weights) WithSelf(self float64) *Weights {
	n := w.Len()
	out := &Weights{First: make([]int32, n+1), To: make([]int32, 0, len(w.To)+n), W: make([]float64, 0, len(w.W)+n)}
	for i := range n {
		to, row := w.Row(i)
		at, there := slices.BinarySearch(to, int32(i))
		out.To = append(append(out.To, to[:at]...), int32(i))
		out.W = append(append(out.W, row[:at]...), self)
		if there {
			at++
		}
		out.To, out.W = append(out.To, to[at:]...), append(out.W, row[at:]...)
		out.First[i+1] = int32(len(out.To))
	}
	return out
}

// Symmetric gives weights with w(i,j) = w(j,i) = the larger of both: neighbours by k nearest made mutual.
func (w *Weights) Symmetric() *Weights {
	t := w.transposed()
	n := w.Len()
	out := &Weights{First: make([]int32, n+1)}
	for i := range n {
		a, wa := w.Row(i)
		b, wb := t.Row(i)
		for len(a)+len(b) > 0 {
			switch {
			case len(b) == 0 || len(a) > 0 && a[0] < b[0]:
				out.To, out.W = append(out.To, a[0]), append(out.W, wa[0])
				a, wa = a[1:], wa[1:]
			case len(a) == 0 || b[0] < a[0]:
				out.To, out.W = append(out.To, b[0]), append(out.W, wb[0])
				b, wb = b[1:], wb[1:]
			default:
				out.To, out.W = append(out.To, a[0]), append(out.W, math.Max(wa[0], wb[0]))
				a, wa, b, wb = a[1:], wa[1:], b[1:], wb[1:]
			}
		}
		out.First[i+1] = int32(len(out.To))
	}
	return out
}

// Subset keeps the areas marked, and the weights between them; indices close ranks.
func (w *Weights) Subset(keep []bool) *Weights {
	at := make([]int32, w.Len())
	n := int32(0)
	for i, k := range keep {
		at[i] = n
		if k {
			n++
		}
	}
	out := &Weights{First: make([]int32, 1, n+1)}
	for i, k := range keep {
		if !k {
			continue
		}
		to, row := w.Row(i)
		for x, j := range to {
			if keep[j] {
				out.To, out.W = append(out.To, at[j]), append(out.W, row[x])
			}
		}
		out.First = append(out.First, int32(len(out.To)))
	}
	return out
}

// Components numbers the connected parts 0, 1, … by their first area; a link in either direction connects. It gives
// the part of every area and the number of parts.
func (w *Weights) Components() (part []int32, parts int) {
	n := w.Len()
	t := w.transposed()
	part = make([]int32, n)
	for i := range part {
		part[i] = -1
	}
	var queue []int32
	for i := range n {
		if part[i] >= 0 {
			continue
		}
		p := int32(parts)
		parts++
		part[i] = p
		queue = append(queue[:0], int32(i))
		for len(queue) > 0 {
			at := queue[len(queue)-1]
			queue = queue[:len(queue)-1]
			for _, m := range []*Weights{w, t} {
				to, _ := m.Row(int(at))
				for _, j := range to {
					if part[j] < 0 {
						part[j] = p
						queue = append(queue, j)
					}
				}
			}
		}
	}
	return part, parts
}

// Lag gives Σ_j w(i,j)·x(j) for every area; 0 for islands. x has one value an area.
func (w *Weights) Lag(x []float64) []float64 {
	out := make([]float64, w.Len())
	for i := range out {
		to, row := w.Row(i)
		sum := 0.0
		for k, j := range to {
			sum += row[k] * x[j]
		}
		out[i] = sum
	}
	return out
}

// Sums gives S0 = ΣΣ w(i,j), S1 = ½ ΣΣ (w(i,j)+w(j,i))² and S2 = Σ_i (Σ_j w(i,j) + Σ_j w(j,i))² of Cliff & Ord
// (1981, chapter 2), which the moments of all global statistics need. Cost O(m log m). TestSumsByHand.
func (w *Weights) Sums() (s0, s1, s2 float64) {
	t := w.transposed()
	for i := range w.Len() {
		to, row := w.Row(i)
		both := 0.0
		for k, j := range to {
			s0 += row[k]
			both += row[k]
			back := w.at(int(j), int32(i))
			if int(j) == i {
				s1 += 2 * row[k] * row[k]
				continue
			}
			// A pair linked both ways is met twice, each time with half of its share.
			if back > 0 {
				s1 += (row[k] + back) * (row[k] + back) / 2
			} else {
				s1 += row[k] * row[k]
			}
		}
		_, in := t.Row(i)
		for _, v := range in {
			both += v
		}
		s2 += both * both
	}
	return s0, s1, s2
}

// at gives w(i,j), 0 where there is no link.
func (w *Weights) at(i int, j int32) float64 {
	to, row := w.Row(i)
	if k, ok := slices.BinarySearch(to, j); ok {
		return row[k]
	}
	return 0
}

func (w *Weights) transposed() *Weights {
	n := w.Len()
	t := &Weights{First: make([]int32, n+1), To: make([]int32, len(w.To)), W: make([]float64, len(w.W))}
	for _, j := range w.To {
		t.First[j+1]++
	}
	for i := range n {
		t.First[i+1] += t.First[i]
	}
	next := slices.Clone(t.First[:n])
	for i := range n {
		to, row := w.Row(i)
		for k, j := range to {
			t.To[next[j]], t.W[next[j]] = int32(i), row[k]
			next[j]++
		}
	}
	return t
}
