package demo

import "math"

// This file is the generator's own way of measuring travel on its streets: plain Dijkstra with many starts, and
// points tied to the nearest edge. It shares nothing with the engines it is there to check.

const walkMetresPerSecond = 4.5 / 3.6

// anchor ties a point to an edge: metres along it from a, and metres off it.
type anchor struct {
	edge       int32
	along, off float64
}

// finder finds the nearest edge through buckets of 100 m.
type finder struct {
	n          *network
	x0, y0     float64
	cols, rows int
	first      []int32
	pieces     []piece
}

type piece struct{ edge, at int32 }

func newFinder(n *network) *finder {
	f := &finder{n: n, x0: math.Inf(1), y0: math.Inf(1)}
	x1, y1 := math.Inf(-1), math.Inf(-1)
	for i := range n.x {
		f.x0, x1 = min(f.x0, n.x[i]), max(x1, n.x[i])
		f.y0, y1 = min(f.y0, n.y[i]), max(y1, n.y[i])
	}
	f.cols, f.rows = int((x1-f.x0)/cellMetres)+1, int((y1-f.y0)/cellMetres)+1
	f.first = make([]int32, f.cols*f.rows+1)
	each := func(do func(bucket int, p piece)) {
		for i := range n.edges {
			e := &n.edges[i]
			if e.may&(onFoot|byBike) == 0 {
				continue
			}
			for k := int32(0); k <= e.shapes; k++ {
				p, q := e.point(k), e.point(k+1)
				bx0, bx1 := order(int((n.x[p]-f.x0)/cellMetres), int((n.x[q]-f.x0)/cellMetres))
				by0, by1 := order(int((n.y[p]-f.y0)/cellMetres), int((n.y[q]-f.y0)/cellMetres))
				for by := by0; by <= by1; by++ {
					for bx := bx0; bx <= bx1; bx++ {
						do(by*f.cols+bx, piece{int32(i), k})
					}
				}
			}
		}
	}
	each(func(b int, _ piece) { f.first[b+1]++ })
	for i := 1; i < len(f.first); i++ {
		f.first[i] += f.first[i-1]
	}
	f.pieces = make([]piece, f.first[len(f.first)-1])
	fill := append([]int32(nil), f.first...)
	each(func(b int, p piece) {
		f.pieces[fill[b]] = p
		fill[b]++
	})
	return f
}

func order(a, b int) (int, int) { return min(a, b), max(a, b) }

// nearest gives the nearest edge that somebody may use, within about 400 m.
func (f *finder) nearest(x, y float64, who may) anchor {
	best := anchor{edge: -1, off: math.Inf(1)}
	bx, by := int((x-f.x0)/cellMetres), int((y-f.y0)/cellMetres)
	for ring := 0; ring <= 4; ring++ {
		if best.off < float64(ring-1)*cellMetres {
			break
		}
		for dy := -ring; dy <= ring; dy++ {
			for dx := -ring; dx <= ring; dx++ {
				if max(dx, -dx, dy, -dy) != ring || bx+dx < 0 || by+dy < 0 || bx+dx >= f.cols || by+dy >= f.rows {
					continue
				}
				b := (by+dy)*f.cols + bx + dx
				for _, p := range f.pieces[f.first[b]:f.first[b+1]] {
					if f.n.edges[p.edge].may&who != 0 {
						f.n.closer(&best, p, x, y)
					}
				}
			}
		}
	}
	return best
}

// closer replaces best where a piece of an edge comes nearer.
func (n *network) closer(best *anchor, p piece, x, y float64) {
	e := &n.edges[p.edge]
	a, b := e.point(p.at), e.point(p.at+1)
	dx, dy := n.x[b]-n.x[a], n.y[b]-n.y[a]
	length := math.Hypot(dx, dy)
	f := 0.0
	if length > 0 {
		f = max(0, min(1, ((x-n.x[a])*dx+(y-n.y[a])*dy)/(length*length)))
	}
	off := math.Hypot(n.x[a]+f*dx-x, n.y[a]+f*dy-y)
	if off >= best.off {
		return
	}
	along := f * length
	for k := int32(0); k < p.at; k++ {
		q, r := e.point(k), e.point(k+1)
		along += math.Hypot(n.x[r]-n.x[q], n.y[r]-n.y[q])
	}
	*best = anchor{edge: p.edge, along: along, off: off}
}

// flood is a Dijkstra search whose costs only ever fall: further starts may be added later. Costs are seconds.
type flood struct {
	n       *network
	who     may // onFoot, stepFree, byBike, or carForward for cars (their costs run towards the starts)
	cost    []float64
	heap    []entry
	touched []int32
}

type entry struct {
	cost float64
	node int32
}

func newFlood(n *network, who may) *flood {
	f := &flood{n: n, who: who, cost: make([]float64, len(n.u))}
	for i := range f.cost {
		f.cost[i] = math.Inf(1)
	}
	return f
}

func (f *flood) reset() {
	for _, t := range f.touched {
		f.cost[t] = math.Inf(1)
	}
	f.touched = f.touched[:0]
}

// seconds is what an edge of so many metres costs; towards says in which direction it is used.
func (f *flood) seconds(e *edge, metres float64, forward bool) float64 {
	switch f.who {
	case onFoot, stepFree:
		if e.may&f.who == 0 {
			return math.Inf(1)
		}
		return metres / walkMetresPerSecond
	case byBike:
		if e.may&byBike == 0 {
			return math.Inf(1)
		}
		return metres / (15 / 3.6)
	}
	if forward && e.may&carForward == 0 || !forward && e.may&carBackward == 0 {
		return math.Inf(1)
	}
	return metres / (float64(e.kmh) / 3.6)
}

// start adds a place that people travel to, at a cost it begins with.
func (f *flood) start(a anchor, cost float64) {
	if a.edge < 0 {
		return
	}
	e := &f.n.edges[a.edge]
	cost += a.off / walkMetresPerSecond
	f.push(e.a, cost+f.seconds(e, a.along, true))
	f.push(e.b, cost+f.seconds(e, e.metres-a.along, false))
}

func (f *flood) push(node int32, cost float64) {
	if !(cost < f.cost[node]) {
		return
	}
	if math.IsInf(f.cost[node], 1) {
		f.touched = append(f.touched, node)
	}
	f.cost[node] = cost
	f.heap = append(f.heap, entry{cost, node})
	for i := len(f.heap) - 1; i > 0; {
		up := (i - 1) / 2
		if !less(f.heap[i], f.heap[up]) {
			break
		}
		f.heap[i], f.heap[up] = f.heap[up], f.heap[i]
		i = up
	}
}

func less(a, b entry) bool { return a.cost < b.cost || a.cost == b.cost && a.node < b.node }

func (f *flood) pop() entry {
	top := f.heap[0]
	last := len(f.heap) - 1
	f.heap[0] = f.heap[last]
	f.heap = f.heap[:last]
	for i := 0; ; {
		c := 2*i + 1
		if c >= last {
			break
		}
		if c+1 < last && less(f.heap[c+1], f.heap[c]) {
			c++
		}
		if !less(f.heap[c], f.heap[i]) {
			break
		}
		f.heap[i], f.heap[c] = f.heap[c], f.heap[i]
		i = c
	}
	return top
}

// run settles everything within a bound in seconds.
func (f *flood) run(bound float64) {
	for len(f.heap) > 0 {
		top := f.pop()
		if top.cost > f.cost[top.node] || top.cost > bound {
			continue
		}
		for _, half := range f.n.adj[f.n.first[top.node]:f.n.first[top.node+1]] {
			e := &f.n.edges[half>>1]
			// Costs run towards the starts: from a to top.node = b one drives forward.
			other, forward := e.b, false
			if half&1 == 1 {
				other, forward = e.a, true
			}
			f.push(other, top.cost+f.seconds(e, e.metres, forward))
		}
	}
}

// from gives the cost from a point to the nearest start, infinite where none is within the bound.
func (f *flood) from(a anchor) float64 {
	if a.edge < 0 {
		return math.Inf(1)
	}
	e := &f.n.edges[a.edge]
	return a.off/walkMetresPerSecond +
		min(f.cost[e.a]+f.seconds(e, a.along, false), f.cost[e.b]+f.seconds(e, e.metres-a.along, true))
}
