package draw

import (
	"sort"

	"gevor/region"
)

// Coarse groups the cells of a grid into blocks of f x f cells with the smallest f in 1, 2, 4, 8, … that leaves at
// most limit blocks. Block b of the result holds the cells From[First[b]:First[b+1]]. Regions of points keep their
// points. A drawing of blocks says what the drawing of cells says, at a size a page can carry.
type Coarse struct {
	Cells region.Cells // only SizeM, East, North and At are set
	First []int32
	From  []int32
}

// NewCoarse groups cells; cost O(n log n). A limit below four counts as four: blocks never join across the axes of
// the projection.
func NewCoarse(c *region.Cells, limit int) *Coarse {
	n := c.Len()
	if n == 0 {
		return &Coarse{First: []int32{0}}
	}
	if c.SizeM == 0 || c.East == nil {
		return points(c)
	}
	size := c.SizeM
	for {
		out := grid(c, size)
		if len(out.First)-1 <= max(limit, 4) || size > 1<<24 {
			return out
		}
		size *= 2
	}
}

func points(c *region.Cells) *Coarse {
	out := &Coarse{Cells: region.Cells{ID: c.ID, At: c.At}, First: make([]int32, c.Len()+1), From: make([]int32, c.Len())}
	for i := range out.From {
		out.From[i] = int32(i)
		out.First[i+1] = int32(i + 1)
	}
	return out
}

func grid(c *region.Cells, size int32) *Coarse {
	out := &Coarse{From: make([]int32, c.Len())}
	for i := range out.From {
		out.From[i] = int32(i)
	}
	block := func(i int32) (e, n int32) { return floor(c.East[i], size), floor(c.North[i], size) }
	sort.SliceStable(out.From, func(a, b int) bool {
		ea, na := block(out.From[a])
		eb, nb := block(out.From[b])
		if na != nb {
			return na < nb
		}
		return ea < eb
	})
	out.Cells.SizeM = size
	for k, i := range out.From {
		e, n := block(i)
		last := len(out.Cells.East) - 1
		if last < 0 || out.Cells.East[last] != e || out.Cells.North[last] != n {
			out.First = append(out.First, int32(k))
			out.Cells.East = append(out.Cells.East, e)
			out.Cells.North = append(out.Cells.North, n)
			out.Cells.At = append(out.Cells.At, c.At[i])
			out.Cells.ID = append(out.Cells.ID, c.ID[i])
		}
	}
	out.First = append(out.First, int32(len(out.From)))
	return out
}

// floor is the multiple of size at or below x, for negative x too.
func floor(x, size int32) int32 {
	r := x % size
	if r < 0 {
		r += size
	}
	return x - r
}
