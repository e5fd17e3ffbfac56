package street

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"

	"gevor/contraction"
	"gevor/fault"
	"gevor/geo"
	"gevor/notice"
	"gevor/osm"
	"gevor/travel"
)

// Options says how a network is built. The zero value is the usual one.
type Options struct {
	Workers  int // goroutines, 0 for all processors; does not change the result
	Progress travel.Progress
	Notices  *notice.List // what the tags make us guess; may be nil
	File     string       // named in notices

	// IslandVertices is the least size of a strongly connected part that points may link to; 0 means 40, as in
	// Conveyal R5. The largest part always takes links. Without this a court nobody can leave would make people
	// unreachable who live beside a road.
	IslandVertices int

	// Ferries opens route=ferry to walkers and bicycles.
	Ferries bool
}

const defaultIslandVertices = 40

// Build makes the networks of all modes from an extract. An extract on which nobody can move is an error.
func Build(ctx context.Context, x *osm.Extract, o Options) (*Network, error) {
	b, err := assemble(ctx, x, o)
	if err != nil {
		return nil, err
	}
	return b.n, nil
}

// assemble runs the steps of Build and gives what they left behind, for tests to compare with.
func assemble(ctx context.Context, x *osm.Extract, o Options) (*building, error) {
	b := &building{x: x, o: o, n: &Network{}}
	b.o.Workers = workersOf(o.Workers)
	if b.o.IslandVertices <= 0 {
		b.o.IslandVertices = defaultIslandVertices
	}
	if b.o.Notices == nil {
		b.o.Notices = &notice.List{}
	}
	b.judgeWays()
	if !slices.ContainsFunc(b.ways, func(p passage) bool { return p.open() }) {
		return nil, fault.New(fault.Invalid, o.File, "the extract holds no way that anybody may use", "check that the extract covers the region")
	}
	steps := []func(){b.judgeNodes, b.cut, b.order, b.buildLayers, func() { b.n.grid = newGrid(b.n) }}
	for i, step := range steps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		b.o.Progress.Report("street network", int64(i), int64(len(steps)))
		step()
	}
	b.o.Progress.Report("street network", int64(len(steps)), int64(len(steps)))
	return b, nil
}

// building is the state of one Build.
type building struct {
	x *osm.Extract
	o Options
	n *Network

	ways      []passage // parallel to x.Ways
	uses      []uint8   // of each node by open ways; 2 and more make a vertex
	road      []bool    // node lies on a way that is more than a footpath
	blocked   map[int32]uint8
	pieces    []piece // edges in their final order after order
	rank      []int32 // of each node among vertices in Hilbert order; -1 for others
	vertexAt  []int32 // node of each rank
	pieceEnds []uint32
}

// piece is one edge: nodes from first to last of a way.
type piece struct {
	way         int32
	first, last int32 // positions in the way
}

// workersOf gives the number of goroutines that an option asks for.
func workersOf(asked int) int {
	if asked <= 0 {
		return runtime.GOMAXPROCS(0)
	}
	return asked
}

// share runs f over [0, n) in contiguous parts, one for each worker.
func share(workers, n int, f func(from, to int)) {
	if workers <= 1 || n < 1024 {
		f(0, n)
		return
	}
	var wg sync.WaitGroup
	for k := range workers {
		from, to := k*n/workers, (k+1)*n/workers
		wg.Go(func() { f(from, to) })
	}
	wg.Wait()
}

func (b *building) judgeWays() {
	b.ways = make([]passage, len(b.x.Ways))
	share(b.o.Workers, len(b.ways), func(from, to int) {
		for i := from; i < to; i++ {
			b.ways[i] = wayRules(b.x.Ways[i].Tags, b.o.Ferries, func(string, string) {})
		}
	})
	// Notices come from one goroutine, in the order of the ways.
	for i := range b.x.Ways {
		w := &b.x.Ways[i]
		if b.ways[i].forward[travel.Car] == 0 && b.ways[i].backward[travel.Car] == 0 {
			continue
		}
		if v := w.Tags.Get("maxspeed"); v != "" {
			if _, ok := parseMaxspeed(v); !ok && v != "signals" && v != "variable" {
				b.o.Notices.Add(notice.Notice{Severity: notice.Warning, File: b.o.File, Record: fmt.Sprintf("way %d", w.ID), Field: "maxspeed", Value: v, Rule: "maxspeed-unreadable", Advice: "the speed of the road class is used; correct it in OpenStreetMap"})
			}
		}
	}
}

func (b *building) judgeNodes() {
	b.uses = make([]uint8, len(b.x.Nodes))
	b.road = make([]bool, len(b.x.Nodes))
	use := func(n int32, times uint8) { b.uses[n] = min(200, b.uses[n]+times) }
	for i := range b.x.Ways {
		if !b.ways[i].open() {
			continue
		}
		w := &b.x.Ways[i]
		carriageway := !footClass(w.Tags.Get("highway"))
		for _, n := range w.Nodes {
			use(n, 1)
			b.road[n] = b.road[n] || carriageway
		}
		use(w.Nodes[0], 1)
		use(w.Nodes[len(w.Nodes)-1], 1)
	}
	b.blocked = map[int32]uint8{}
	for _, t := range b.x.Tagged {
		if b.uses[t.Node] == 0 {
			continue
		}
		if bits := blocks(t.Tags, !b.road[t.Node]); bits != 0 {
			b.blocked[t.Node] = bits
			use(t.Node, 2)
		}
	}
	for _, r := range b.x.Restrictions {
		if b.uses[r.Via] > 0 {
			use(r.Via, 2)
		}
	}
}

// cut divides the open ways into pieces at the vertices.
func (b *building) cut() {
	for i := range b.x.Ways {
		if !b.ways[i].open() {
			continue
		}
		nodes := b.x.Ways[i].Nodes
		first := 0
		for k := 1; k < len(nodes); k++ {
			if b.uses[nodes[k]] >= 2 {
				b.pieces = append(b.pieces, piece{int32(i), int32(first), int32(k)})
				first = k
			}
		}
	}
}

// order numbers vertices along a Hilbert curve and edges by their first vertex, so that what lies close together
// on the ground lies close together in memory.
func (b *building) order() {
	box := b.x.Bounds()
	b.rank = make([]int32, len(b.x.Nodes))
	type keyed struct {
		key  uint32
		node int32
	}
	var at []keyed
	for i, u := range b.uses {
		b.rank[i] = -1
		if u >= 2 {
			at = append(at, keyed{geo.Hilbert(b.x.Nodes[i].At, box), int32(i)})
		}
	}
	slices.SortFunc(at, func(p, q keyed) int { return cmp.Or(cmp.Compare(p.key, q.key), cmp.Compare(p.node, q.node)) })
	b.vertexAt = make([]int32, len(at))
	for r, k := range at {
		b.rank[k.node] = int32(r)
		b.vertexAt[r] = k.node
	}
	start := func(p piece) int32 { return b.rank[b.x.Ways[p.way].Nodes[p.first]] }
	slices.SortFunc(b.pieces, func(p, q piece) int {
		return cmp.Or(cmp.Compare(start(p), start(q)), cmp.Compare(p.way, q.way), cmp.Compare(p.first, q.first))
	})
	n := b.n
	corners := 0
	for _, p := range b.pieces {
		corners += int(p.last-p.first) + 1
	}
	n.edgeFirst = make([]uint32, 1, len(b.pieces)+1)
	n.lon, n.lat = make([]int32, 0, corners), make([]int32, 0, corners)
	n.lengthMM = make([]uint32, len(b.pieces))
	b.pieceEnds = make([]uint32, 2*len(b.pieces))
	for e, p := range b.pieces {
		nodes := b.x.Ways[p.way].Nodes[p.first : p.last+1]
		var metres float64
		for k, node := range nodes {
			at := b.x.Nodes[node].At
			n.lon = append(n.lon, fixed(at.Lon))
			n.lat = append(n.lat, fixed(at.Lat))
			if k > 0 {
				metres += float64(geo.Distance(b.x.Nodes[nodes[k-1]].At, at))
			}
		}
		n.edgeFirst = append(n.edgeFirst, uint32(len(n.lon)))
		n.lengthMM[e] = uint32(math.Max(1, math.Round(metres*1000)))
		b.pieceEnds[2*e] = uint32(b.rank[nodes[0]])
		b.pieceEnds[2*e+1] = uint32(b.rank[nodes[len(nodes)-1]])
	}
}

func fixed(degrees float64) int32 { return int32(math.Round(degrees * 1e7)) }

// buildLayers makes the layers of all modes, one goroutine each, and marks which edges take links.
func (b *building) buildLayers() {
	b.n.linkable = make([]uint8, len(b.pieces))
	open := make([][]bool, modes)
	work := func(m travel.Mode) { open[m] = b.buildLayer(m) }
	if b.o.Workers <= 1 {
		for m := range travel.Mode(modes) {
			work(m)
		}
	} else {
		var wg sync.WaitGroup
		for m := range travel.Mode(modes) {
			wg.Go(func() { work(m) })
		}
		wg.Wait()
	}
	for m := range modes {
		for e, ok := range open[m] {
			if ok {
				b.n.linkable[e] |= 1 << m
			}
		}
	}
}

// units gives the cost of a length in one direction of a way.
func units(lengthMM uint32, perMM float64) uint32 {
	if perMM == 0 {
		return None
	}
	return uint32(math.Min(math.Max(1, math.Round(float64(lengthMM)*perMM)), contraction.Infinite-1))
}

// buildLayer makes one mode's costs, vertices and graph and gives for each edge whether it takes links.
func (b *building) buildLayer(m travel.Mode) []bool {
	l := &b.n.layers[m]
	edges := len(b.pieces)
	l.forward, l.backward = make([]uint32, edges), make([]uint32, edges)
	for e, p := range b.pieces {
		l.forward[e] = units(b.n.lengthMM[e], b.ways[p.way].forward[m])
		l.backward[e] = units(b.n.lengthMM[e], b.ways[p.way].backward[m])
	}
	if slices.Equal(l.forward, l.backward) {
		l.backward = l.forward
	}
	vertices := b.numberVertices(m, l)
	var turns []turn
	if m == travel.Car {
		turns, vertices = b.expandTurns(l, vertices)
	}
	l.graph = newGraph(vertices, l.arcs(turns))
	l.finish()
	return b.markLinkable(l)
}
