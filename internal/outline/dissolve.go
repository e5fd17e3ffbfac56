package outline

import "sort"

// square is a cell in units of its own edge; vertex is a corner in the same units.
type (
	square struct{ x, y int32 }
	vertex struct{ x, y int32 }
	ring   []vertex // closed: first = last
)

// The four directions of an edge with the square on its left.
var steps = [4]vertex{{1, 0}, {0, 1}, {-1, 0}, {0, -1}}

// dissolve gives the union of squares as polygons, one for each set of squares connected over edges, exterior
// ring first. Edges between two squares cancel; what is left is chained into rings, turning left where four
// edges meet so that squares touching at a corner stay apart, and rings that pass a corner twice are cut there.
// Cost: O(n log n).
func dissolve(squares []square) [][]ring {
	has := make(map[square]int, len(squares)) // square → component
	order := append([]square(nil), squares...)
	sort.Slice(order, func(i, j int) bool {
		if order[i].y != order[j].y {
			return order[i].y < order[j].y
		}
		return order[i].x < order[j].x
	})
	for _, s := range order {
		has[s] = -1
	}
	parts := label(order, has)

	// out[v] has bit d where an edge of the outline leaves v in direction d.
	out := make(map[vertex]uint8, 2*len(order))
	for _, s := range order {
		corners := [4]vertex{{s.x, s.y}, {s.x + 1, s.y}, {s.x + 1, s.y + 1}, {s.x, s.y + 1}}
		beyond := [4]square{{s.x, s.y - 1}, {s.x + 1, s.y}, {s.x, s.y + 1}, {s.x - 1, s.y}}
		for d := range 4 {
			if _, inside := has[beyond[d]]; !inside {
				out[corners[d]] |= 1 << d
			}
		}
	}
	polygons := make([][]ring, parts)
	for _, s := range order {
		corners := [4]vertex{{s.x, s.y}, {s.x + 1, s.y}, {s.x + 1, s.y + 1}, {s.x, s.y + 1}}
		for d := range 4 {
			if out[corners[d]]&(1<<d) == 0 || !leftIs(corners[d], d, s) {
				continue
			}
			for _, r := range cut(trace(out, corners[d], d)) {
				r = straighten(r)
				c := has[s]
				if area2(r) > 0 {
					polygons[c] = append([]ring{r}, polygons[c]...)
				} else {
					polygons[c] = append(polygons[c], r)
				}
			}
		}
	}
	return polygons
}

// leftIs says whether s is the square on the left of the edge that leaves v in direction d.
func leftIs(v vertex, d int, s square) bool {
	left := [4]square{{v.x, v.y}, {v.x - 1, v.y}, {v.x - 1, v.y - 1}, {v.x, v.y - 1}}
	return left[d] == s
}

// label gives every square the number of its component, numbered by the first square in order.
func label(order []square, has map[square]int) int {
	parts := 0
	var stack []square
	for _, s := range order {
		if has[s] >= 0 {
			continue
		}
		has[s] = parts
		stack = append(stack[:0], s)
		for len(stack) > 0 {
			t := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			for _, d := range steps {
				u := square{t.x + d.x, t.y + d.y}
				if c, ok := has[u]; ok && c < 0 {
					has[u] = parts
					stack = append(stack, u)
				}
			}
		}
		parts++
	}
	return parts
}

// trace follows the outline from one edge until it closes, consuming the edges it takes.
func trace(out map[vertex]uint8, start vertex, d int) ring {
	r := ring{start}
	for v := start; ; {
		out[v] &^= 1 << d
		v = vertex{v.x + steps[d].x, v.y + steps[d].y}
		r = append(r, v)
		next := -1
		for _, turn := range [3]int{1, 0, 3} { // left, straight on, right
			if e := (d + turn) % 4; out[v]&(1<<e) != 0 {
				next = e
				break
			}
		}
		if next < 0 {
			return r
		}
		d = next
	}
}

// cut parts a closed walk at every corner it passes twice.
func cut(r ring) []ring {
	var rings []ring
	at := map[vertex]int{}
	var walk ring
	for _, v := range r {
		if i, seen := at[v]; seen {
			loop := append(ring(nil), walk[i:]...)
			rings = append(rings, append(loop, v))
			for _, w := range walk[i+1:] {
				delete(at, w)
			}
			walk = walk[:i+1]
			continue
		}
		at[v] = len(walk)
		walk = append(walk, v)
	}
	return rings
}

// straighten drops the corners at which a closed ring does not turn.
func straighten(r ring) ring {
	n := len(r) - 1
	out := make(ring, 0, len(r))
	for i := range n {
		a, b, c := r[(i+n-1)%n], r[i], r[i+1]
		if (b.x-a.x)*(c.y-b.y) != (b.y-a.y)*(c.x-b.x) {
			out = append(out, b)
		}
	}
	return append(out, out[0])
}

// area2 is twice the signed area, positive for a counter-clockwise ring.
func area2(r ring) int64 {
	var a int64
	for i := 1; i < len(r); i++ {
		a += int64(r[i-1].x)*int64(r[i].y) - int64(r[i].x)*int64(r[i-1].y)
	}
	return a
}
