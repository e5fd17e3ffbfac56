package demo

import "math"

// class is what a way is, in ascending rank where roads compete for a corridor.
type class uint8

const (
	noRoad class = iota
	steps
	footway
	residential
	busway
	tertiary
	secondary
	primary
	motorwayRamp
	motorwayLane
)

// may lists who may use an edge. Forward is from a to b.
type may uint8

const (
	onFoot may = 1 << iota
	stepFree
	byBike
	carForward
	carBackward
)

// use says who may use a class that has no one-way sign.
func (c class) use() may {
	switch c {
	case steps:
		return onFoot
	case footway:
		return onFoot | stepFree
	case busway:
		return onFoot | stepFree | byBike
	case motorwayRamp, motorwayLane:
		return carForward
	case noRoad:
		return 0
	}
	return onFoot | stepFree | byBike | carForward | carBackward
}

// network is the street graph with its geometry. Nodes are joints and shape points alike; edges run between
// joints.
type network struct {
	g     *ground
	u, v  []float64 // plan coordinates
	x, y  []float64 // EPSG:3035 metres
	edges []edge
	ways  []way
	bans  []ban

	first []int32 // adjacency by node, after index
	adj   []int32 // edge<<1 | 1 where the node is the edge's b
}

// edge joins a and b over the shape points [first, first+shapes).
type edge struct {
	a, b, first int32
	shapes      int32
	metres      float64
	kmh         float32
	may         may
}

// way is a run of edges drawn in one direction.
type way struct {
	first, count int32
	class        class
	kmh          int16
	oneway       bool
	bridge       bool
	tunnel       bool
	name         string
}

// ban is a turn that is not allowed: from one way into another at a node.
type ban struct {
	from, to int32 // ways
	via      int32
	kind     string
}

func (n *network) node(u, v float64) int32 {
	n.u, n.v = append(n.u, u), append(n.v, v)
	x, y := n.g.at(u, v)
	n.x, n.y = append(n.x, x), append(n.y, y)
	return int32(len(n.u) - 1)
}

// shapeEvery is about how many metres lie between two shape points.
const shapeEvery = 24

// lay draws a way over a chain of joints, with shape points between them. It gives the way's index, -1 where
// the chain has fewer than two joints.
func (n *network) lay(w way, chain []int32) int32 {
	if len(chain) < 2 {
		return -1
	}
	w.first = int32(len(n.edges))
	use := w.class.use()
	if w.oneway {
		use &^= carBackward
	}
	for i := 1; i < len(chain); i++ {
		a, b := chain[i-1], chain[i]
		du, dv := n.u[b]-n.u[a], n.v[b]-n.v[a]
		between := int(math.Hypot(du, dv) * cellMetres / shapeEvery)
		if w.class >= motorwayRamp {
			between /= 3
		}
		between = max(0, between-1)
		e := edge{a: a, b: b, first: int32(len(n.u)), shapes: int32(between), kmh: float32(w.kmh), may: use}
		for k := 1; k <= between; k++ {
			f := float64(k) / float64(between+1)
			n.node(n.u[a]+du*f, n.v[a]+dv*f)
		}
		e.metres = n.length(&e)
		n.edges = append(n.edges, e)
	}
	w.count = int32(len(n.edges)) - w.first
	n.ways = append(n.ways, w)
	return int32(len(n.ways) - 1)
}

// points gives the nodes of an edge from a to b.
func (e *edge) point(i int32) int32 {
	switch i {
	case 0:
		return e.a
	case e.shapes + 1:
		return e.b
	}
	return e.first + i - 1
}

func (n *network) length(e *edge) float64 {
	sum := 0.0
	for i := int32(0); i <= e.shapes; i++ {
		p, q := e.point(i), e.point(i+1)
		sum += math.Hypot(n.x[q]-n.x[p], n.y[q]-n.y[p])
	}
	return sum
}

// index builds the adjacency; the network must not change afterwards.
func (n *network) index() {
	n.first = make([]int32, len(n.u)+1)
	for i := range n.edges {
		n.first[n.edges[i].a+1]++
		n.first[n.edges[i].b+1]++
	}
	for i := 1; i < len(n.first); i++ {
		n.first[i] += n.first[i-1]
	}
	n.adj = make([]int32, 2*len(n.edges))
	fill := append([]int32(nil), n.first...)
	for i := range n.edges {
		e := &n.edges[i]
		n.adj[fill[e.a]] = int32(i) << 1
		fill[e.a]++
		n.adj[fill[e.b]] = int32(i)<<1 | 1
		fill[e.b]++
	}
}
