package street

import (
	"slices"

	"gevor/travel"
)

// numberVertices gives the ends of every open edge of a mode their vertex numbers: Hilbert order first, then one
// vertex of its own for each edge end at a node that the mode cannot pass.
func (b *building) numberVertices(m travel.Mode, l *layer) int {
	number := make([]uint32, len(b.vertexAt))
	for i := range number {
		number[i] = None
	}
	for e := range b.pieces {
		if l.forward[e] == None && l.backward[e] == None {
			continue
		}
		number[b.pieceEnds[2*e]] = 0
		number[b.pieceEnds[2*e+1]] = 0
	}
	count := uint32(0)
	for r := range number {
		if number[r] != None && b.blocked[b.vertexAt[r]]&(1<<m) == 0 {
			number[r] = count
			count++
		}
	}
	l.ends = make([]uint32, 2*len(b.pieces))
	for k := range l.ends {
		e := k / 2
		if l.forward[e] == None && l.backward[e] == None {
			l.ends[k] = None
			continue
		}
		r := b.pieceEnds[k]
		if b.blocked[b.vertexAt[r]]&(1<<m) != 0 {
			l.ends[k] = count
			count++
			continue
		}
		l.ends[k] = number[r]
	}
	return int(count)
}

// arc is one directed connection while a graph is made.
type arc struct{ tail, head, weight uint32 }

// arcs lists the connections of a layer: both directions of its edges where open, and turns at no cost.
func (l *layer) arcs(turns []turn) []arc {
	out := make([]arc, 0, 2*len(l.forward)+len(turns))
	for e := range l.forward {
		for _, back := range []bool{false, true} {
			if tail, head, w := l.arc(uint32(e), back); w != None {
				out = append(out, arc{tail, head, w})
			}
		}
	}
	for _, t := range turns {
		out = append(out, arc{t.in, t.out, 0})
	}
	return out
}

// newGraph sorts connections into rows by tail and head; of parallel ones the cheapest stays, loops go.
func newGraph(vertices int, arcs []arc) graph {
	g := graph{first: make([]uint32, vertices+1)}
	for _, a := range arcs {
		g.first[a.tail+1]++
	}
	for v := range vertices {
		g.first[v+1] += g.first[v]
	}
	at := slices.Clone(g.first[:vertices])
	keys := make([]uint64, len(arcs))
	for _, a := range arcs {
		keys[at[a.tail]] = uint64(a.head)<<32 | uint64(a.weight)
		at[a.tail]++
	}
	g.head = make([]uint32, 0, len(arcs))
	g.weight = make([]uint32, 0, len(arcs))
	from := g.first[0]
	for v := range vertices {
		to := g.first[v+1]
		row := keys[from:to]
		slices.Sort(row)
		for i, k := range row {
			head := uint32(k >> 32)
			if head == uint32(v) || i > 0 && uint32(row[i-1]>>32) == head {
				continue
			}
			g.head = append(g.head, head)
			g.weight = append(g.weight, uint32(k))
		}
		from = to
		g.first[v+1] = uint32(len(g.head))
	}
	return g
}

// reverse gives the graph with every connection turned round.
func (g *graph) reverse() graph {
	n := g.vertices()
	r := graph{first: make([]uint32, n+1), head: make([]uint32, len(g.head)), weight: make([]uint32, len(g.weight))}
	for _, h := range g.head {
		r.first[h+1]++
	}
	for v := range n {
		r.first[v+1] += r.first[v]
	}
	at := slices.Clone(r.first[:n])
	for v := range n {
		for k := g.first[v]; k < g.first[v+1]; k++ {
			h := g.head[k]
			r.head[at[h]], r.weight[at[h]] = uint32(v), g.weight[k]
			at[h]++
		}
	}
	return r
}

// finish derives what is not stored.
func (l *layer) finish() {
	if l.sameCosts() && !l.ends4 {
		l.reversed = l.graph // every connection has its equal twin
		return
	}
	l.reversed = l.graph.reverse()
}

// markLinkable says which edges take links: those with an open direction inside a strongly connected part of at
// least IslandVertices vertices, or inside the largest.
func (b *building) markLinkable(l *layer) []bool {
	part, size := l.graph.parts()
	least := uint32(0)
	for _, s := range size {
		least = max(least, s)
	}
	least = min(least, uint32(b.o.IslandVertices))
	out := make([]bool, len(b.pieces))
	for e := range out {
		for _, back := range []bool{false, true} {
			if tail, head, w := l.arc(uint32(e), back); w != None && part[tail] == part[head] && size[part[tail]] >= least {
				out[e] = true
			}
		}
	}
	return out
}

// parts gives the strongly connected part of every vertex and the size of each part (Tarjan 1972, with a stack of
// its own instead of recursion).
func (g *graph) parts() (part, size []uint32) {
	n := g.vertices()
	part = make([]uint32, n)
	index := make([]uint32, n) // 0 = not seen
	low := make([]uint32, n)
	for v := range part {
		part[v] = None
	}
	var open []uint32 // vertices seen but not in a part yet
	type frame struct{ v, next uint32 }
	var path []frame
	seen := uint32(0)
	for root := range uint32(n) {
		if index[root] != 0 {
			continue
		}
		path = append(path, frame{root, g.first[root]})
		seen++
		index[root], low[root] = seen, seen
		open = append(open, root)
		for len(path) > 0 {
			f := &path[len(path)-1]
			if f.next < g.first[f.v+1] {
				w := g.head[f.next]
				f.next++
				if index[w] == 0 {
					seen++
					index[w], low[w] = seen, seen
					open = append(open, w)
					path = append(path, frame{w, g.first[w]})
				} else if part[w] == None {
					low[f.v] = min(low[f.v], index[w])
				}
				continue
			}
			v := f.v
			path = path[:len(path)-1]
			if len(path) > 0 {
				up := path[len(path)-1].v
				low[up] = min(low[up], low[v])
			}
			if low[v] != index[v] {
				continue
			}
			count := uint32(0)
			for {
				w := open[len(open)-1]
				open = open[:len(open)-1]
				part[w] = uint32(len(size))
				count++
				if w == v {
					break
				}
			}
			size = append(size, count)
		}
	}
	return part, size
}
