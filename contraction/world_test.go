package contraction

import (
	"container/heap"
	"context"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// arcList is a graph in the making.
type arcList struct {
	n    int
	arcs [][3]uint32 // from, to, weight
}

func (l *arcList) add(from, to, weight uint32) { l.arcs = append(l.arcs, [3]uint32{from, to, weight}) }

func (l *arcList) both(a, b, weight uint32) { l.add(a, b, weight); l.add(b, a, weight) }

func (l *arcList) graph() Graph {
	g := Graph{FirstOut: make([]uint32, l.n+1), Head: make([]uint32, len(l.arcs)), Weight: make([]uint32, len(l.arcs))}
	for _, a := range l.arcs {
		g.FirstOut[a[0]+1]++
	}
	for v := range l.n {
		g.FirstOut[v+1] += g.FirstOut[v]
	}
	next := append([]uint32(nil), g.FirstOut...)
	for _, a := range l.arcs {
		g.Head[next[a[0]]], g.Weight[next[a[0]]] = a[1], a[2]
		next[a[0]]++
	}
	return g
}

// city is a grid of side×side crossings. Every eighth street is a main road and every sixty-fourth a motorway,
// faster by 2 and by 5. A tenth of the streets is missing, a tenth of the rest is one-way, and with chains each
// block is cut by a node in its middle, as bends do in real networks. Weights are milliseconds of some 100 m.
// The same seed gives the same city.
func city(side int, chains, directed bool, seed uint64) Graph {
	r := rand.New(rand.NewPCG(seed, 1))
	l := &arcList{n: side * side}
	street := func(a, b uint32, line int) {
		w := uint32(5000 + r.IntN(5000))
		fast := false
		switch {
		case line%64 == 0:
			w, fast = w/5, true
		case line%8 == 0:
			w, fast = w/2, true
		}
		if !fast && r.IntN(10) == 0 {
			return
		}
		oneWay := directed && r.IntN(10) == 0
		if chains {
			middle := uint32(l.n)
			l.n++
			l.add(a, middle, w/2)
			l.add(middle, b, w-w/2)
			if !oneWay {
				l.add(b, middle, w-w/2)
				l.add(middle, a, w/2)
			}
			return
		}
		l.add(a, b, w)
		if !oneWay {
			l.add(b, a, w)
		}
	}
	for y := range side {
		for x := range side {
			v := uint32(y*side + x)
			if x+1 < side {
				street(v, v+1, y)
			}
			if y+1 < side {
				street(v, v+uint32(side), x)
			}
		}
	}
	return l.graph()
}

// dijkstra is the independent answer: the textbook algorithm on the plain graph, in 64 bits, from a set of seeds.
func dijkstra(g Graph, seeds ...Seed) []uint32 {
	weight := make([]uint64, g.Nodes())
	for v := range weight {
		weight[v] = Infinite
	}
	q := &textbookHeap{}
	for _, s := range seeds {
		if uint64(s.Weight) < weight[s.Node] {
			weight[s.Node] = uint64(s.Weight)
			heap.Push(q, entry{uint64(s.Weight), s.Node})
		}
	}
	for q.Len() > 0 {
		e := heap.Pop(q).(entry)
		if e.weight > weight[e.node] {
			continue
		}
		for i := g.FirstOut[e.node]; i < g.FirstOut[e.node+1]; i++ {
			h, w := g.Head[i], e.weight+uint64(g.Weight[i])
			if w < weight[h] {
				weight[h] = w
				heap.Push(q, entry{w, h})
			}
		}
	}
	out := make([]uint32, len(weight))
	for v, w := range weight {
		out[v] = uint32(min(w, Infinite))
	}
	return out
}

type entry struct {
	weight uint64
	node   uint32
}
type textbookHeap []entry

func (h textbookHeap) Len() int           { return len(h) }
func (h textbookHeap) Less(i, j int) bool { return h[i].weight < h[j].weight }
func (h textbookHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *textbookHeap) Push(x any)        { *h = append(*h, x.(entry)) }
func (h *textbookHeap) Pop() any {
	old := *h
	e := old[len(old)-1]
	*h = old[:len(old)-1]
	return e
}

func contract(t testing.TB, g Graph, workers int) *Hierarchy {
	t.Helper()
	h, err := Contract(context.Background(), g, Options{Workers: workers})
	if err != nil {
		t.Fatalf("Contract: %v", err)
	}
	return h
}

// drawGraph draws graphs of many shapes: sparse to dense, trees, grids, several parts, parallel arcs, loops, zero
// weights, ties, and weights at the edge of what counts.
func drawGraph(t *rapid.T) Graph {
	n := rapid.IntRange(1, 40).Draw(t, "nodes")
	l := &arcList{n: n}
	weight := rapid.SampledFrom([]*rapid.Generator[uint32]{
		rapid.Uint32Range(0, 0),
		rapid.Uint32Range(0, 3),
		rapid.Uint32Range(1, 1000),
		rapid.Uint32Range(Infinite/4, Infinite+5),
		rapid.Uint32(),
	}).Draw(t, "weights")
	node := rapid.Uint32Range(0, uint32(n-1))
	undirected := rapid.Bool().Draw(t, "undirected")
	join := func(a, b, w uint32) {
		if undirected {
			l.both(a, b, w)
		} else {
			l.add(a, b, w)
		}
	}
	switch rapid.SampledFrom([]string{"free", "tree", "grid", "complete"}).Draw(t, "shape") {
	case "free":
		for range rapid.IntRange(0, 4*n).Draw(t, "arcs") {
			join(node.Draw(t, "from"), node.Draw(t, "to"), weight.Draw(t, "weight"))
		}
	case "tree":
		for v := 1; v < n; v++ {
			join(rapid.Uint32Range(0, uint32(v-1)).Draw(t, "parent"), uint32(v), weight.Draw(t, "weight"))
		}
		for range rapid.IntRange(0, 3).Draw(t, "extra") {
			join(node.Draw(t, "from"), node.Draw(t, "to"), weight.Draw(t, "weight"))
		}
	case "grid":
		side := 6
		for v := range n {
			if v%side+1 < side && v+1 < n {
				join(uint32(v), uint32(v+1), weight.Draw(t, "weight"))
			}
			if v+side < n {
				join(uint32(v), uint32(v+side), weight.Draw(t, "weight"))
			}
		}
	case "complete":
		for a := range min(n, 12) {
			for b := range min(n, 12) {
				join(uint32(a), uint32(b), weight.Draw(t, "weight"))
			}
		}
	}
	return l.graph()
}
