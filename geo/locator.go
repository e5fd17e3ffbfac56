package geo

import (
	"math"
	"sort"

	"github.com/paulmach/orb"
	"github.com/tidwall/rtree"
)

// Locator answers in which of a set of areas a point lies. It is immutable and safe for concurrent use.
type Locator struct {
	tree  rtree.RTreeG[int32]
	areas []bandedArea
}

// bandedArea sorts the edges of one area into bands of latitude, so that a point is held against few of them.
type bandedArea struct {
	minLat, bandsPerDegree float64
	first                  []int32 // edges of band b are edges[first[b]:first[b+1]]
	edges                  []edge
}

// edge runs from its southern to its northern end, so that two areas that share a border compare a point with
// exactly the same numbers and never both claim or both refuse it.
type edge struct{ lon0, lat0, lon1, lat1 float64 }

const maxBands = 4096

// NewLocator indexes areas in degrees. Rings may be open or closed and run either way; holes and overlapping
// parts follow the even-odd rule. Memory is proportional to the number of edges.
func NewLocator(areas []orb.MultiPolygon) *Locator {
	l := &Locator{areas: make([]bandedArea, len(areas))}
	for i, a := range areas {
		edges, box := edgesOf(a)
		if len(edges) == 0 {
			continue
		}
		l.areas[i] = bandsOf(edges, box)
		l.tree.Insert([2]float64{box.MinLon, box.MinLat}, [2]float64{box.MaxLon, box.MaxLat}, int32(i))
	}
	return l
}

func edgesOf(m orb.MultiPolygon) ([]edge, Box) {
	var edges []edge
	box := Box{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for _, poly := range m {
		for _, ring := range poly {
			for i, p := range ring {
				box = Box{math.Min(box.MinLon, p[0]), math.Min(box.MinLat, p[1]), math.Max(box.MaxLon, p[0]), math.Max(box.MaxLat, p[1])}
				q := ring[(i+1)%len(ring)]
				switch {
				case p[1] < q[1]:
					edges = append(edges, edge{p[0], p[1], q[0], q[1]})
				case p[1] > q[1]:
					edges = append(edges, edge{q[0], q[1], p[0], p[1]})
				}
			}
		}
	}
	return edges, box
}

func bandsOf(edges []edge, box Box) bandedArea {
	n := max(1, min(maxBands, len(edges)/2))
	a := bandedArea{minLat: box.MinLat, bandsPerDegree: float64(n) / math.Max(box.MaxLat-box.MinLat, 1e-12)}
	a.first = make([]int32, n+2)
	for _, e := range edges {
		for b := a.band(e.lat0, n); b <= a.band(e.lat1, n); b++ {
			a.first[b+1]++
		}
	}
	for b := 1; b <= n; b++ {
		a.first[b] += a.first[b-1]
	}
	a.edges = make([]edge, a.first[n])
	at := append([]int32(nil), a.first...)
	for _, e := range edges {
		for b := a.band(e.lat0, n); b <= a.band(e.lat1, n); b++ {
			a.edges[at[b]] = e
			at[b]++
		}
	}
	a.first = a.first[:n+1]
	return a
}

func (a *bandedArea) band(lat float64, n int) int {
	return max(0, min(n-1, int((lat-a.minLat)*a.bandsPerDegree)))
}

// contains counts the edges that a ray to the east crosses; an edge owns its southern end and not its northern.
func (a *bandedArea) contains(p LonLat) bool {
	b := a.band(p.Lat, len(a.first)-1)
	in := false
	for _, e := range a.edges[a.first[b]:a.first[b+1]] {
		if p.Lat < e.lat0 || p.Lat >= e.lat1 {
			continue
		}
		if (p.Lon-e.lon0)*(e.lat1-e.lat0) < (e.lon1-e.lon0)*(p.Lat-e.lat0) {
			in = !in
		}
	}
	return in
}

// At gives the areas that hold p, ascending. Points on a shared border belong to exactly one side, points on the
// outer border to none or one. The answer is appended to out[:0], which may be nil.
func (l *Locator) At(p LonLat, out []int32) []int32 {
	out = out[:0]
	at := [2]float64{p.Lon, p.Lat}
	l.tree.Search(at, at, func(_, _ [2]float64, i int32) bool {
		if l.areas[i].contains(p) {
			out = append(out, i)
		}
		return true
	})
	if len(out) > 1 {
		sort.Slice(out, func(i, j int) bool { return out[i] < out[j] })
	}
	return out
}

// First gives the lowest area that holds p, -1 where none does.
func (l *Locator) First(p LonLat) int32 {
	best := int32(-1)
	at := [2]float64{p.Lon, p.Lat}
	l.tree.Search(at, at, func(_, _ [2]float64, i int32) bool {
		if (best < 0 || i < best) && l.areas[i].contains(p) {
			best = i
		}
		return true
	})
	return best
}
