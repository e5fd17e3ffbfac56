package spatial

import (
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// Contiguity makes areas neighbours that touch: by queen's rule in at least one corner of their outlines, by rook's
// in at least one edge. Corners count as one if they lie within snap of each other (in the unit of the coordinates;
// 0 wants equal numbers). As in PySAL and spdep, outlines meet only in corners that both have: where one area's
// corner lies inside an edge of the other, with nothing there in the other's list, nothing touches. Islands come
// back as areas without neighbours. Cost linear in corners. TestColumbusContiguity compares with libpysal.
func Contiguity(areas []orb.MultiPolygon, rook bool, snap float64) (*Weights, error) {
	corners := newSnapper(snap)
	type edge struct{ a, b int32 }
	atCorner := map[int32][]int32{}
	atEdge := map[edge][]int32{}
	add := func(list []int32, i int32) []int32 {
		if len(list) > 0 && list[len(list)-1] == i {
			return list
		}
		return append(list, i)
	}
	for i, area := range areas {
		for _, polygon := range area {
			for _, ring := range polygon {
				before := int32(-1)
				for _, p := range ring {
					c := corners.of(p)
					atCorner[c] = add(atCorner[c], int32(i))
					if before >= 0 && before != c {
						e := edge{min(before, c), max(before, c)}
						atEdge[e] = add(atEdge[e], int32(i))
					}
					before = c
				}
			}
		}
	}
	touching := make([]map[int32]bool, len(areas))
	meet := func(list []int32) {
		for x, i := range list {
			for _, j := range list[x+1:] {
				if i == j {
					continue
				}
				for _, pair := range [][2]int32{{i, j}, {j, i}} {
					if touching[pair[0]] == nil {
						touching[pair[0]] = map[int32]bool{}
					}
					touching[pair[0]][pair[1]] = true
				}
			}
		}
	}
	if rook {
		for _, list := range atEdge {
			meet(list)
		}
	} else {
		for _, list := range atCorner {
			meet(list)
		}
	}
	neighbours := make([][]int32, len(areas))
	for i, set := range touching {
		for j := range set {
			neighbours[i] = append(neighbours[i], j)
		}
		slices.Sort(neighbours[i])
	}
	return FromNeighbours(neighbours)
}

// snapper numbers corners; those within snap of an earlier one share its number.
type snapper struct {
	snap  float64
	cells map[[2]int64][]int32
	exact map[orb.Point]int32
	at    []orb.Point
}

func newSnapper(snap float64) *snapper {
	return &snapper{snap: snap, cells: map[[2]int64][]int32{}, exact: map[orb.Point]int32{}}
}

func (s *snapper) of(p orb.Point) int32 {
	if c, ok := s.exact[p]; ok {
		return c
	}
	if s.snap > 0 {
		x, y := int64(math.Floor(p[0]/s.snap)), int64(math.Floor(p[1]/s.snap))
		for dx := int64(-1); dx <= 1; dx++ {
			for dy := int64(-1); dy <= 1; dy++ {
				for _, c := range s.cells[[2]int64{x + dx, y + dy}] {
					if math.Hypot(p[0]-s.at[c][0], p[1]-s.at[c][1]) <= s.snap {
						s.exact[p] = c
						return c
					}
				}
			}
		}
		key := [2]int64{x, y}
		s.cells[key] = append(s.cells[key], int32(len(s.at)))
	}
	c := int32(len(s.at))
	s.exact[p] = c
	s.at = append(s.at, p)
	return c
}
