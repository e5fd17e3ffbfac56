package street

import (
	"cmp"
	"math"
	"runtime"
	"slices"
	"sync"

	"gevor/contraction"
	"gevor/geo"
	"gevor/travel"
)

// DefaultLinkMetres is how far a point may lie from the nearest usable edge where Link is given no bound.
const DefaultLinkMetres geo.Metres = 500

// Points are places linked to the nearest usable edge of one mode: the place on the edge and the way beside the
// network to it. Safe for concurrent use.
type Points struct {
	n     *Network
	mode  travel.Mode
	place []geo.LonLat
	edge  []uint32 // None where unlinked
	along []uint32 // millimetres from the edge's first corner
	off   []uint32 // millimetres beside the network

	byEdge []int32  // linked points ordered by edge, then number
	rank   []uint32 // of each point its place in byEdge; 0 where unlinked

	arriveOnce, departOnce, aboveOnce sync.Once
	arriving, departing               entries
	restriction                       *contraction.Restriction // see above
}

// entries lists, for each vertex, the points that a path over this vertex enters next.
type entries struct {
	first []uint32 // vertices+1
	point []int32
	units []uint32 // from the vertex to the point (arriving) or from the point to the vertex (departing)
}

// Link links points to the nearest edge that the mode may use and that lies in no dead island (see
// Options.IslandVertices), at most most away (DefaultLinkMetres where most is not positive). Points farther away
// stay unlinked and reach nothing. Mode is Walk, WalkNoSteps, Bike or Car; any other links nothing.
func (n *Network) Link(mode travel.Mode, places []geo.LonLat, most geo.Metres) *Points {
	if !(most > 0) {
		most = DefaultLinkMetres
	}
	p := &Points{
		n: n, mode: mode, place: slices.Clone(places),
		edge: make([]uint32, len(places)), along: make([]uint32, len(places)), off: make([]uint32, len(places)),
	}
	share(runtime.GOMAXPROCS(0), len(places), func(from, to int) {
		for i := from; i < to; i++ {
			p.edge[i] = None
			if int(mode) >= modes {
				continue
			}
			if near := n.grid.find(n, places[i], 1<<mode, float64(most)); near.edge != None {
				p.edge[i] = near.edge
				p.along[i] = n.along(near)
				p.off[i] = uint32(math.Round(math.Min(near.metres*1000, None-1)))
			}
		}
	})
	for i, e := range p.edge {
		if e != None {
			p.byEdge = append(p.byEdge, int32(i))
		}
	}
	slices.SortFunc(p.byEdge, func(a, b int32) int { return cmp.Or(cmp.Compare(p.edge[a], p.edge[b]), cmp.Compare(a, b)) })
	p.rank = make([]uint32, len(places))
	for k, i := range p.byEdge {
		p.rank[i] = uint32(k)
	}
	return p
}

// Len gives the number of points, linked or not.
func (p *Points) Len() int { return len(p.place) }

// Mode gives the mode the points are linked for.
func (p *Points) Mode() travel.Mode { return p.mode }

// At gives the place of a point as it was handed to Link.
func (p *Points) At(i int) geo.LonLat { return p.place[i] }

// Linked says whether a point has an edge.
func (p *Points) Linked(i int) bool { return p.edge[i] != None }

// OffMetres gives the way between a point and its edge; +Inf where it is not linked.
func (p *Points) OffMetres(i int) geo.Metres {
	if !p.Linked(i) {
		return geo.Metres(math.Inf(1))
	}
	return geo.Metres(float64(p.off[i]) / 1000)
}

// onEdge gives the points linked to an edge.
func (p *Points) onEdge(edge uint32) []int32 {
	from, _ := slices.BinarySearchFunc(p.byEdge, edge, func(i int32, e uint32) int { return cmp.Compare(p.edge[i], e) })
	to := from
	for to < len(p.byEdge) && p.edge[p.byEdge[to]] == edge {
		to++
	}
	return p.byEdge[from:to]
}

// passed gives the units from the tail of one direction of the point's edge to the point, and from the point on
// to the head; open is false where the direction is closed. Both add up to the cost of the edge exactly.
func (p *Points) passed(i int32, back bool) (tail, head, before, after uint32, open bool) {
	e := p.edge[i]
	tail, head, cost := p.n.layers[p.mode].arc(e, back)
	if cost == None {
		return 0, 0, 0, 0, false
	}
	share := float64(p.along[i]) / float64(p.n.lengthMM[e])
	if back {
		share = 1 - share
	}
	before = uint32(math.Round(float64(cost) * share))
	return tail, head, before, cost - before, true
}

// arrive lists the points by the vertex a path comes from; depart by the vertex a path goes to.
func (p *Points) arrive() *entries {
	p.arriveOnce.Do(func() { p.arriving = p.listEntries(true) })
	return &p.arriving
}

func (p *Points) depart() *entries {
	p.departOnce.Do(func() { p.departing = p.listEntries(false) })
	return &p.departing
}

func (p *Points) listEntries(arriving bool) entries {
	vertices := p.n.layers[p.mode].graph.vertices()
	en := entries{first: make([]uint32, vertices+1)}
	each := func(f func(vertex uint32, i int32, units uint32)) {
		for _, i := range p.byEdge {
			for _, back := range []bool{false, true} {
				tail, head, before, after, open := p.passed(i, back)
				switch {
				case !open:
				case arriving:
					f(tail, i, before)
				default:
					f(head, i, after)
				}
			}
		}
	}
	each(func(v uint32, _ int32, _ uint32) { en.first[v+1]++ })
	for v := range vertices {
		en.first[v+1] += en.first[v]
	}
	at := slices.Clone(en.first)
	en.point = make([]int32, en.first[vertices])
	en.units = make([]uint32, en.first[vertices])
	each(func(v uint32, i int32, units uint32) {
		en.point[at[v]], en.units[at[v]] = i, units
		at[v]++
	})
	return en
}

// sameEdge gives the units from one point to another on the same edge without leaving it, None where the
// direction is closed.
func (p *Points) sameEdge(i int32, to *Points, j int32) uint32 {
	best := uint32(None)
	for _, back := range []bool{false, true} {
		_, _, here, _, open := p.passed(i, back)
		if !open {
			continue
		}
		if _, _, there, _, _ := to.passed(j, back); there >= here {
			best = min(best, there-here)
		}
	}
	return best
}
