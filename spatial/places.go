package spatial

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gevor/fault"
	"gevor/geo"
)

// earthMetres is the radius of the sphere on which degrees become metres, as in geo.Distance.
const earthMetres = 6_371_008.8

// Places are points with a distance between them: on a plane in metres (or any one unit), or on the sphere.
type Places struct {
	at     [][3]float64
	sphere bool
}

// Planar places points on a plane; distances come in the unit of the coordinates, metres for EPSG:25832 or 3035.
func Planar(xy [][2]float64) Places {
	p := Places{at: make([][3]float64, len(xy))}
	for i, c := range xy {
		p.at[i] = [3]float64{c[0], c[1], 0}
	}
	return p
}

// OnSphere places points given in degrees; distances are great circles in metres.
func OnSphere(points []geo.LonLat) Places {
	p := Places{at: make([][3]float64, len(points)), sphere: true}
	for i, c := range points {
		lon, lat := c.Lon*math.Pi/180, c.Lat*math.Pi/180
		p.at[i] = [3]float64{earthMetres * math.Cos(lat) * math.Cos(lon), earthMetres * math.Cos(lat) * math.Sin(lon), earthMetres * math.Sin(lat)}
	}
	return p
}

// Len is the number of places.
func (p Places) Len() int { return len(p.at) }

// Distance between two places.
func (p Places) Distance(i, j int) float64 { return p.along(square(p.at[i], p.at[j])) }

// along turns the square of a chord into the distance people mean; it grows with the chord, so that chords sort.
func (p Places) along(square float64) float64 {
	if p.sphere {
		return 2 * earthMetres * math.Asin(math.Min(1, math.Sqrt(square)/(2*earthMetres)))
	}
	return math.Sqrt(square)
}

func square(a, b [3]float64) float64 {
	x, y, z := a[0]-b[0], a[1]-b[1], a[2]-b[2]
	return x*x + y*y + z*z
}

// tree is a k-d tree over places: order holds places so that the middle of each range splits it.
type tree struct {
	p     Places
	order []int32
	axis  []int8
}

const leaf = 12

func (p Places) tree() *tree {
	t := &tree{p: p, order: make([]int32, len(p.at)), axis: make([]int8, len(p.at))}
	for i := range t.order {
		t.order[i] = int32(i)
	}
	t.split(0, len(t.order))
	return t
}

func (t *tree) split(a, b int) {
	if b-a <= leaf {
		return
	}
	lo, hi := t.p.at[t.order[a]], t.p.at[t.order[a]]
	for _, i := range t.order[a:b] {
		for k, v := range t.p.at[i] {
			lo[k], hi[k] = math.Min(lo[k], v), math.Max(hi[k], v)
		}
	}
	axis := 0
	for k := range hi {
		if hi[k]-lo[k] > hi[axis]-lo[axis] {
			axis = k
		}
	}
	slices.SortFunc(t.order[a:b], func(x, y int32) int {
		return cmp.Or(cmp.Compare(t.p.at[x][axis], t.p.at[y][axis]), cmp.Compare(x, y))
	})
	mid := (a + b) / 2
	t.axis[mid] = int8(axis)
	t.split(a, mid)
	t.split(mid+1, b)
}

// found is a place with the square of its chord.
type found struct {
	at     int32
	square float64
}

func closer(a, b found) int { return cmp.Or(cmp.Compare(a.square, b.square), cmp.Compare(a.at, b.at)) }

// within calls visit for places whose squared chord is ≤ limit(), which may shrink while the search goes on.
func (t *tree) within(from int, limit func() float64, visit func(found)) {
	var walk func(a, b int)
	origin := t.p.at[from]
	look := func(i int32) {
		if d := square(origin, t.p.at[i]); int(i) != from && d <= limit() {
			visit(found{i, d})
		}
	}
	walk = func(a, b int) {
		if b-a <= leaf {
			for _, i := range t.order[a:b] {
				look(i)
			}
			return
		}
		mid := (a + b) / 2
		axis := t.axis[mid]
		gap := origin[axis] - t.p.at[t.order[mid]][axis]
		nearA, nearB, farA, farB := a, mid, mid+1, b
		if gap > 0 {
			nearA, nearB, farA, farB = farA, farB, nearA, nearB
		}
		walk(nearA, nearB)
		look(t.order[mid])
		if gap*gap <= limit() {
			walk(farA, farB)
		}
	}
	walk(0, len(t.order))
}

// Nearest gives for every place the k nearest others, nearest first, of equal ones the smaller index; fewer where
// there are fewer. Cost O(n log n + n·k·log k). TestNearestAgainstSorting.
func (p Places) Nearest(k int) [][]int32 {
	t := p.tree()
	out := make([][]int32, len(p.at))
	var heap []found
	for i := range out {
		heap = heap[:0]
		limit := func() float64 {
			if len(heap) < k {
				return math.Inf(1)
			}
			return heap[len(heap)-1].square
		}
		t.within(i, limit, func(f found) {
			at, _ := slices.BinarySearchFunc(heap, f, closer)
			if at < k {
				heap = slices.Insert(heap, at, f)
				heap = heap[:min(len(heap), k)]
			}
		})
		out[i] = make([]int32, len(heap))
		for x, f := range heap {
			out[i][x] = f.at
		}
	}
	return out
}

// KNearest makes each place's k nearest others its neighbours, with weight 1; not mutual (see Weights.Symmetric).
// Fails for k outside 1..n-1. Of places at the same distance the one listed first counts.
func KNearest(p Places, k int) (*Weights, error) {
	if k < 1 || k >= p.Len() {
		return nil, fault.New(fault.Invalid, "weights", fmt.Sprintf("%d nearest of %d places", k, p.Len()), "take between 1 and one less than the number of places")
	}
	return FromNeighbours(p.Nearest(k))
}

// DistanceBand makes all places within limit (> 0, included) neighbours. power 0 gives weight 1, power a > 0 gives
// distance^−a; two different places at one point then fail, as their weight would be infinite.
func DistanceBand(p Places, limit, power float64) (*Weights, error) {
	if !(limit > 0) || power < 0 {
		return nil, fault.New(fault.Invalid, "weights", fmt.Sprintf("distance band %g with power −%g", limit, power), "take a band > 0 and a power ≥ 0")
	}
	return p.band(limit, func(d float64) float64 {
		if power == 0 {
			return 1
		}
		return math.Pow(d, -power)
	})
}

// KernelShape is how a kernel weighs with u = distance / bandwidth, 0 ≤ u ≤ 1.
type KernelShape string

// The kernels, in the forms of PySAL, without their factors of normalisation where row standardisation removes them.
const (
	Uniform      KernelShape = "uniform"      // 1/2
	Triangular   KernelShape = "triangular"   // 1 − u
	Epanechnikov KernelShape = "epanechnikov" // 3/4 (1 − u²)
	Quartic      KernelShape = "quartic"      // 15/16 (1 − u²)²
	Gauss        KernelShape = "gaussian"     // exp(−u²/2) / √(2π), cut at u = 1
)

// Kernel weighs all places within the bandwidth (> 0) by a kernel of their distance. The diagonal stays empty.
func Kernel(p Places, bandwidth float64, shape KernelShape) (*Weights, error) {
	if !(bandwidth > 0) {
		return nil, fault.New(fault.Invalid, "weights", fmt.Sprintf("bandwidth %g", bandwidth), "take a bandwidth > 0")
	}
	var of func(u float64) float64
	switch shape {
	case Uniform:
		of = func(float64) float64 { return 0.5 }
	case Triangular:
		of = func(u float64) float64 { return 1 - u }
	case Epanechnikov:
		of = func(u float64) float64 { return 0.75 * (1 - u*u) }
	case Quartic:
		of = func(u float64) float64 { return 15. / 16 * (1 - u*u) * (1 - u*u) }
	case Gauss:
		of = func(u float64) float64 { return math.Exp(-u*u/2) / math.Sqrt(2*math.Pi) }
	default:
		return nil, fault.New(fault.Invalid, "weights", fmt.Sprintf("unknown kernel %q", shape), "use uniform, triangular, epanechnikov, quartic or gaussian")
	}
	return p.band(bandwidth, func(d float64) float64 { return math.Max(0, of(d/bandwidth)) })
}

func (p Places) band(limit float64, weight func(distance float64) float64) (*Weights, error) {
	t := p.tree()
	chord := limit
	if p.sphere {
		chord = 2 * earthMetres * math.Sin(math.Min(limit/(2*earthMetres), math.Pi/2))
	}
	bound := chord * chord * (1 + 1e-9)
	var links []Link
	for i := range p.at {
		t.within(i, func() float64 { return bound }, func(f found) {
			if d := p.along(f.square); d <= limit*(1+1e-12) {
				links = append(links, Link{int32(i), f.at, weight(d)})
			}
		})
	}
	return NewWeights(p.Len(), links)
}

// Cost is a travel time (or any cost ≥ 0) from one area to another.
type Cost struct {
	From, To int32
	Value    float64
}

// FromCosts makes areas neighbours whose cost is at most limit (included): weight 1 with scale 0, else
// exp(−cost/scale). Pairs of an area with itself are left out; of a pair listed twice the smaller cost counts.
func FromCosts(n int, costs []Cost, limit, scale float64) (*Weights, error) {
	costs = slices.Clone(costs)
	slices.SortFunc(costs, func(a, b Cost) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Value, b.Value))
	})
	var links []Link
	for k, c := range costs {
		if c.From == c.To || !(c.Value <= limit) || k > 0 && costs[k-1].From == c.From && costs[k-1].To == c.To {
			continue
		}
		weight := 1.0
		if scale > 0 {
			weight = math.Exp(-c.Value / scale)
		}
		links = append(links, Link{c.From, c.To, weight})
	}
	return NewWeights(n, links)
}
