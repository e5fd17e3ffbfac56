package demo

import (
	"math"
	"math/rand/v2"

	"gevor/geo"
)

// The world is planned in units of census cells: u to the east, v to the north, (0, 0) the south-west corner of
// the plan, one unit = 100 m. The plan is then turned and bent, as no real city lies square on the European grid;
// a cell of the grid belongs to the settlement in which its centre falls.

// originEast and originNorth are where the plan's corner lies in EPSG:3035, in the Ruhr's coordinate range.
const (
	originEast  = 4080000
	originNorth = 3100000
	cellMetres  = 100
)

// ground turns and bends plan coordinates and gives them places. Turning leaves all lengths as planned, and the
// waves are so long and low that lengths change by a few percent at most.
type ground struct {
	cos, sin float64
	waves    [6]wave
}

type wave struct{ amplitude, fu, fv, phase, du, dv float64 }

func newGround(seed uint64) *ground {
	r := stream(seed, "ground")
	turn := (12 + 20*r.Float64()) * math.Pi / 180
	if r.IntN(2) == 1 {
		turn = -turn
	}
	g := &ground{cos: math.Cos(turn), sin: math.Sin(turn)}
	for i, w := range []struct{ metres, length float64 }{{55, 5300}, {45, 4100}, {22, 2300}, {16, 1700}, {6, 810}, {5, 650}} {
		direction, push := r.Float64()*2*math.Pi, r.Float64()*2*math.Pi
		g.waves[i] = wave{
			amplitude: w.metres, phase: r.Float64() * 2 * math.Pi,
			fu: 2 * math.Pi * cellMetres / w.length * math.Cos(direction), fv: 2 * math.Pi * cellMetres / w.length * math.Sin(direction),
			du: math.Cos(push), dv: math.Sin(push),
		}
	}
	return g
}

// at gives easting and northing in EPSG:3035 of a plan coordinate.
func (g *ground) at(u, v float64) (east, north float64) {
	du, dv := g.bend(u, v)
	x, y := u*cellMetres+du, v*cellMetres+dv
	return originEast + x*g.cos - y*g.sin, originNorth + x*g.sin + y*g.cos
}

// bend gives by how many metres the waves move a plan coordinate.
func (g *ground) bend(u, v float64) (du, dv float64) {
	for _, w := range g.waves {
		s := w.amplitude * math.Sin(u*w.fu+v*w.fv+w.phase)
		du += s * w.du
		dv += s * w.dv
	}
	return du, dv
}

// plan gives the plan coordinate of an easting and northing, the inverse of at within a centimetre: the waves are
// so flat that each step of the iteration at least halves the error of at most 150 m.
func (g *ground) plan(east, north float64) (u, v float64) {
	x, y := east-originEast, north-originNorth
	tu, tv := x*g.cos+y*g.sin, -x*g.sin+y*g.cos
	u, v = tu/cellMetres, tv/cellMetres
	for range 16 {
		du, dv := g.bend(u, v)
		u, v = (tu-du)/cellMetres, (tv-dv)/cellMetres
	}
	return u, v
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
