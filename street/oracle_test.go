package street

import (
	"context"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"gevor/geo"
	"gevor/internal/realdata"
	"gevor/osm"
	"gevor/travel"
)

// city is a plain model of a city that shares with the network only the judgement of tags and the definition of
// where an edge ends: every pair of neighbouring nodes is a segment, every direction of a segment a state, and a
// turn from one into the next is looked up in the list of restrictions each time.
type city struct {
	b        *building
	mode     travel.Mode
	segments []segment
	leaving  [][]int32 // states by the node they start from
	byPiece  []int32   // first segment of each piece
}

// segment is a pair of neighbouring nodes; state 2s is its forward, 2s+1 its backward direction.
type segment struct {
	piece      int32
	from, to   int32
	metres     float64
	perMM      [2]float64 // units for a millimetre
	way        int64
	startShare float64 // of the piece's length where the segment starts
	endShare   float64
}

func newCity(b *building, mode travel.Mode) *city {
	c := &city{b: b, mode: mode, leaving: make([][]int32, len(b.x.Nodes))}
	for p, piece := range b.pieces {
		c.byPiece = append(c.byPiece, int32(len(c.segments)))
		w := b.x.Ways[piece.way]
		nodes := w.Nodes[piece.first : piece.last+1]
		var lengths []float64
		var whole, at float64
		for k := 1; k < len(nodes); k++ {
			m := float64(geo.Distance(b.x.Nodes[nodes[k-1]].At, b.x.Nodes[nodes[k]].At))
			lengths = append(lengths, m)
			whole += m
		}
		for k := 1; k < len(nodes); k++ {
			s := segment{piece: int32(p), from: nodes[k-1], to: nodes[k], metres: lengths[k-1], way: w.ID}
			s.perMM = [2]float64{b.ways[piece.way].forward[mode], b.ways[piece.way].backward[mode]}
			s.startShare = at / whole
			at += lengths[k-1]
			s.endShare = at / whole
			n := int32(len(c.segments))
			c.segments = append(c.segments, s)
			if s.perMM[0] > 0 {
				c.leaving[s.from] = append(c.leaving[s.from], 2*n)
			}
			if s.perMM[1] > 0 {
				c.leaving[s.to] = append(c.leaving[s.to], 2*n+1)
			}
		}
	}
	c.byPiece = append(c.byPiece, int32(len(c.segments)))
	return c
}

func (c *city) units(state int32) float64 {
	s := &c.segments[state/2]
	return s.metres * 1000 * s.perMM[state%2]
}

func (c *city) head(state int32) int32 {
	if state%2 == 0 {
		return c.segments[state/2].to
	}
	return c.segments[state/2].from
}

// next lists the states that may follow.
func (c *city) next(state int32, restrictions map[int32][]osm.Restriction, out []int32) []int32 {
	v := c.head(state)
	inner := c.b.uses[v] < 2 // inside an edge nobody turns round
	for _, to := range c.leaving[v] {
		uTurn := to == state^1
		if inner && uTurn {
			continue
		}
		if c.b.blocked[v]&(1<<c.mode) != 0 {
			if uTurn { // at a barrier there is only the way back
				out = append(out, to)
			}
			continue
		}
		if c.mode == travel.Car && !c.mayTurn(restrictions[v], state, to, uTurn) {
			continue
		}
		out = append(out, to)
	}
	return out
}

func (c *city) mayTurn(rules []osm.Restriction, from, to int32, uTurn bool) bool {
	fromWay, toWay := c.segments[from/2].way, c.segments[to/2].way
	mustTakeSome, takesIt := false, false
	for _, r := range rules {
		leads := slices.ContainsFunc(c.leaving[r.Via], func(s int32) bool { return c.segments[s/2].way == r.To })
		if r.From != fromWay || !leads {
			continue
		}
		if r.Only {
			mustTakeSome = true
			takesIt = takesIt || r.To == toWay && (r.From == r.To || !uTurn)
		} else if r.To == toWay && (uTurn || r.From != r.To) {
			return false
		}
	}
	return takesIt || !mustTakeSome
}

// place finds the segment of a linked point and the share of it that lies before the point.
func (c *city) place(p *Points, i int) (seg int32, share float64) {
	e := p.edge[i]
	at := float64(p.along[i]) / float64(p.n.lengthMM[e])
	for seg = c.byPiece[e]; seg+1 < c.byPiece[e+1] && c.segments[seg].endShare < at; seg++ {
	}
	s := &c.segments[seg]
	if s.endShare <= s.startShare {
		return seg, 0
	}
	return seg, math.Min(1, math.Max(0, (at-s.startShare)/(s.endShare-s.startShare)))
}

// distances gives the units from a point to the start of every state, +Inf beyond bound.
func (c *city) distances(p *Points, i int, restrictions map[int32][]osm.Restriction, bound float64) []float64 {
	done := make([]float64, 2*len(c.segments))
	for k := range done {
		done[k] = math.Inf(1)
	}
	type item struct {
		at    float64
		state int32
	}
	var q []item
	push := func(x item) {
		q = append(q, x)
		for k := len(q) - 1; k > 0 && q[(k-1)/2].at > q[k].at; k = (k - 1) / 2 {
			q[k], q[(k-1)/2] = q[(k-1)/2], q[k]
		}
	}
	pop := func() item {
		top := q[0]
		q[0] = q[len(q)-1]
		q = q[:len(q)-1]
		for k := 0; ; {
			l := 2*k + 1
			if l >= len(q) {
				return top
			}
			if l+1 < len(q) && q[l+1].at < q[l].at {
				l++
			}
			if q[k].at <= q[l].at {
				return top
			}
			q[k], q[l] = q[l], q[k]
			k = l
		}
	}
	var buffer []int32
	seg, share := c.place(p, i)
	for dir, left := range []float64{1 - share, share} {
		if c.segments[seg].perMM[dir] == 0 {
			continue
		}
		state := 2*seg + int32(dir)
		buffer = c.next(state, restrictions, buffer[:0])
		for _, to := range buffer {
			push(item{left * c.units(state), to})
		}
	}
	for len(q) > 0 {
		x := pop()
		if done[x.state] <= x.at || x.at > bound {
			continue
		}
		done[x.state] = x.at
		buffer = c.next(x.state, restrictions, buffer[:0])
		for _, to := range buffer {
			if at := x.at + c.units(x.state); at < done[to] {
				push(item{at, to})
			}
		}
	}
	return done
}

// level says whether two points lie so close on one edge that rounding decides which comes first; in a one-way
// street that is the difference between no way at all and one round the block.
func level(from *Points, i int, to *Points, j int) bool {
	apart := int64(from.along[i]) - int64(to.along[j])
	return from.edge[i] == to.edge[j] && apart != 0 && apart >= -20 && apart <= 20
}

// milliseconds gives the time between two points from the distances of the first, +Inf where there is none.
func (c *city) milliseconds(s *Search, done []float64, from *Points, i int, to *Points, j int) float64 {
	if !to.Linked(j) {
		return math.Inf(1)
	}
	best := math.Inf(1)
	seg, share := c.place(to, j)
	for dir, before := range []float64{share, 1 - share} {
		state := 2*seg + int32(dir)
		if c.segments[seg].perMM[dir] > 0 {
			best = math.Min(best, done[state]+before*c.units(state))
		}
		here, own := c.place(from, i)
		if dir == 1 {
			own = 1 - own
		}
		if here == seg && before >= own && c.segments[seg].perMM[dir] > 0 {
			best = math.Min(best, (before-own)*c.units(state))
		}
	}
	ms := best*s.unitMS + (float64(from.off[i])+float64(to.off[j]))*s.besideMS
	if direct := geo.Distance(from.place[i], to.place[j]); s.walks() && from.edge[i] == to.edge[j] && direct <= from.OffMetres(i)+to.OffMetres(j) {
		ms = math.Min(ms, 1000*float64(direct)*s.besideMS)
	}
	return ms
}

func assembleCity(t *testing.T, set, file string) *building {
	t.Helper()
	f, err := os.Open(filepath.Join(realdata.Dir(t, set), file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	x, err := osm.Read(context.Background(), f, st.Size(), file, osm.Limits{}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := assemble(context.Background(), x, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// near gives places within about 100 m of nodes that lie close to one of the city's nodes.
func near(x *osm.Extract, r *rand.Rand, count int) []geo.LonLat {
	centre := x.Nodes[r.IntN(len(x.Nodes))].At
	order := make([]int, len(x.Nodes))
	for i := range order {
		order[i] = i
	}
	square := func(i int) float64 {
		return math.Hypot(x.Nodes[i].At.Lon-centre.Lon, x.Nodes[i].At.Lat-centre.Lat)
	}
	slices.SortFunc(order, func(a, b int) int {
		if square(a) < square(b) {
			return -1
		}
		return 1
	})
	out := make([]geo.LonLat, count)
	for i := range out {
		at := x.Nodes[order[r.IntN(min(len(order), 5_000))]].At
		out[i] = geo.LonLat{Lon: at.Lon + (r.Float64()-0.5)*0.002, Lat: at.Lat + (r.Float64()-0.5)*0.002}
	}
	return out
}

// Every answer of a bounded search equals that of a plain Dijkstra over single segments with turn restrictions
// looked up turn by turn. The network rounds each edge to whole units, so times may differ by half a unit for
// each edge of the path: one second covers the thousand edges and more of the longest.
func TestReachAgreesWithPlainDijkstra(t *testing.T) {
	for set, file := range map[string]string{"aachen": "aachen.osm.pbf", "porto": "porto_portugal.osm.pbf"} {
		t.Run(set, func(t *testing.T) {
			b := assembleCity(t, set, file)
			restrictions := map[int32][]osm.Restriction{}
			for _, r := range b.x.Restrictions {
				restrictions[r.Via] = append(restrictions[r.Via], r)
			}
			r := rand.New(rand.NewPCG(7, 7))
			for m, most := range []travel.Seconds{2400, 2400, 1200, 600} {
				mode := travel.Mode(m)
				c := newCity(b, mode)
				places := near(b.x, r, 306)
				from := b.n.Link(mode, places[:6], 0)
				to := b.n.Link(mode, places, 0)
				s := b.n.NewSearch(mode, Speed{WalkKmh: 3.6, BikeKmh: 12})
				pairs, reached, limit := 0, 0, float64(most)*1000
				for i := range from.Len() {
					if !from.Linked(i) {
						continue
					}
					done := c.distances(from, i, restrictions, limit/s.unitMS)
					got := map[int32]travel.Seconds{}
					for _, h := range s.Reach(from, i, to, most, false, nil) {
						got[h.To] = h.Seconds
					}
					for j := range to.Len() {
						want := c.milliseconds(s, done, from, i, to, j)
						have, ok := got[int32(j)]
						pairs++
						switch {
						case level(from, i, to, j):
						case ok && math.Abs(float64(have)*1000-want) > 1600:
							t.Errorf("%v: %v to %v takes %d s, plain Dijkstra %.1f s", mode, from.place[i], to.place[j], have, want/1000)
						case !ok && want < limit-1000:
							t.Errorf("%v: %v to %v not reached, plain Dijkstra takes %.1f s", mode, from.place[i], to.place[j], want/1000)
						}
						if ok {
							reached++
						}
					}
				}
				if reached < pairs/10 {
					t.Errorf("%v: only %d of %d pairs reached: the test says little", mode, reached, pairs)
				}
				t.Logf("%v: %d pairs, %d reached", mode, pairs, reached)
			}
		})
	}
}

// The control twin: a plain Dijkstra that ignores turn restrictions must disagree somewhere, or the test above
// would not notice restrictions being lost.
func TestPlainDijkstraNoticesLostRestrictions(t *testing.T) {
	b := assembleCity(t, "aachen", "aachen.osm.pbf")
	c := newCity(b, travel.Car)
	r := rand.New(rand.NewPCG(7, 7))
	places := near(b.x, r, 400)
	from, to := b.n.Link(travel.Car, places[:20], 0), b.n.Link(travel.Car, places, 0)
	s := b.n.NewSearch(travel.Car, Speed{})
	differ := 0
	for i := range from.Len() {
		if !from.Linked(i) {
			continue
		}
		done := c.distances(from, i, nil, math.Inf(1))
		for _, h := range s.Reach(from, i, to, 3600, false, nil) {
			if want := c.milliseconds(s, done, from, i, to, int(h.To)); float64(h.Seconds)*1000-want > 3000 {
				differ++
			}
		}
	}
	if differ == 0 {
		t.Error("restrictions never make a way longer: the comparison cannot notice them")
	}
	t.Logf("%d pairs are longer with restrictions", differ)
}

// The link of a point is the nearest of all segments that take links, found here by looking at every one.
func TestLinkAgreesWithLookingAtEverySegment(t *testing.T) {
	b := assembleCity(t, "aachen", "aachen.osm.pbf")
	n := b.n
	r := rand.New(rand.NewPCG(3, 3))
	box := b.x.Bounds().Grow(300)
	var places []geo.LonLat
	for range 25 {
		places = append(places, geo.LonLat{
			Lon: box.MinLon + r.Float64()*(box.MaxLon-box.MinLon),
			Lat: box.MinLat + r.Float64()*(box.MaxLat-box.MinLat),
		})
	}
	const most = 400
	for mode := range travel.Mode(modes) {
		p := n.Link(mode, places, most)
		for i, at := range places {
			best := math.Inf(1)
			for e := range n.lengthMM {
				if n.linkable[e]&(1<<mode) == 0 {
					continue
				}
				for k := n.edgeFirst[e]; k+1 < n.edgeFirst[e+1]; k++ {
					best = math.Min(best, metresToSegment(at, n.at(k), n.at(k+1)))
				}
			}
			got := float64(p.OffMetres(i))
			if best > most+1 && p.Linked(i) || best < most-1 && math.Abs(got-best) > 0.05+best/1000 {
				t.Errorf("%v: %v linked at %.2f m, the nearest segment lies %.2f m away", mode, at, got, best)
			}
		}
	}
}

// metresToSegment steps along a segment and measures great-circle distances: slow and unlike the projection used
// by the network.
func metresToSegment(p, a, b geo.LonLat) float64 {
	between := func(t float64) float64 {
		return float64(geo.Distance(p, geo.LonLat{Lon: a.Lon + t*(b.Lon-a.Lon), Lat: a.Lat + t*(b.Lat-a.Lat)}))
	}
	const apart = 0.01 // degrees, more than the bound of any link here
	if min(a.Lat, b.Lat)-apart > p.Lat || max(a.Lat, b.Lat)+apart < p.Lat || min(a.Lon, b.Lon)-apart > p.Lon || max(a.Lon, b.Lon)+apart < p.Lon {
		return math.Inf(1)
	}
	lo, hi := 0.0, 1.0
	for range 40 { // the distance along a straight line has one minimum: ternary search
		x, y := lo+(hi-lo)/3, hi-(hi-lo)/3
		if between(x) < between(y) {
			hi = y
		} else {
			lo = x
		}
	}
	return between((lo + hi) / 2)
}
