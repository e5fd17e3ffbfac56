package demo

import (
	"math"
	"math/rand/v2"

	"gevor/geo"
)

// The world is planned in units of census cells: u to the east, v to the north, (0, 0) the south-west corner of
// the region, one unit = 100 m. Cells lie exactly on the grid of EPSG:3035; streets, rivers and railways are
// bent by a smooth field so that a city does not look like graph paper.

// originEast and originNorth are the region's south-west corner in EPSG:3035, in the Ruhr's coordinate range.
const (
	originEast  = 4080000
	originNorth = 3100000
	cellMetres  = 100
)

// ground bends plan coordinates and turns them into places. Its field moves nothing by more than 30 m, so a
// street planned in the middle of a 100 m corridor stays inside it.
type ground struct {
	waves [6]wave
}

type wave struct{ amplitude, fu, fv, phase, du, dv float64 }

func newGround(seed uint64) *ground {
	r := stream(seed, "ground")
	g := &ground{}
	for i, w := range []struct{ metres, length float64 }{{11, 2300}, {11, 1900}, {6, 1100}, {5, 870}, {2.5, 430}, {2.5, 390}} {
		direction, push := r.Float64()*2*math.Pi, r.Float64()*2*math.Pi
		g.waves[i] = wave{
			amplitude: w.metres / 2 * 1.5, phase: r.Float64() * 2 * math.Pi,
			fu: 2 * math.Pi * cellMetres / w.length * math.Cos(direction), fv: 2 * math.Pi * cellMetres / w.length * math.Sin(direction),
			du: math.Cos(push), dv: math.Sin(push),
		}
	}
	return g
}

// at gives easting and northing in EPSG:3035 of a bent plan coordinate.
func (g *ground) at(u, v float64) (east, north float64) {
	east, north = originEast+u*cellMetres, originNorth+v*cellMetres
	for _, w := range g.waves {
		s := w.amplitude * math.Sin(u*w.fu+v*w.fv+w.phase)
		east += s * w.du
		north += s * w.dv
	}
	return east, north
}

// place gives longitude and latitude of a bent plan coordinate.
func (g *ground) place(u, v float64) geo.LonLat { return geo.FromLAEA(g.at(u, v)) }

// stream gives the random numbers of one purpose, so that a change in one part of the world leaves the others
// alone.
func stream(seed uint64, purpose string) *rand.Rand {
	h := uint64(14695981039346656037)
	for i := range len(purpose) {
		h = (h ^ uint64(purpose[i])) * 1099511628211
	}
	return rand.New(rand.NewPCG(seed, h))
}
