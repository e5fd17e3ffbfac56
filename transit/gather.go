package transit

import (
	"math/bits"
	"slices"
)

// access is one way to begin: the walk to a stop and, for each departure there, the last minute at which one
// may set out to catch it.
type access struct {
	stop   int32
	latest []int16 // per departure: a minute, tooEarly, or spare
}

const (
	tooEarly = -1 // left before anyone of the window could be there
	spare    = -2 // the same trip can be boarded earlier on its way by setting out as late
)

// gather answers origins from the profiles of their access stops. One serves one goroutine.
type gather struct {
	s      *slice
	spread *spread

	columns []uint16 // slot · minutes + minute: earliest arrival
	slot    []int32  // per destination, valid where touched
	touched []uint64 // bit set of destinations
	used    int32

	ways   []access
	keys   []uint64
	latest []int16
	setOut []int32 // seconds after the first departure

	to      []int32
	seconds [][]int32
	value   []int32
	walk    []int32 // per destination: direct walk, valid while marked in walked
	walked  []uint64
}

func newGather(s *slice, destinations int, percentiles []int) *gather {
	words := (destinations + 63) / 64
	return &gather{
		s: s, spread: newSpread(s.step, s.minutes, s.max, percentiles),
		slot: make([]int32, destinations), touched: make([]uint64, words),
		walk: make([]int32, destinations), walked: make([]uint64, words),
		seconds: make([][]int32, len(percentiles)), value: make([]int32, len(percentiles)),
	}
}

// plan finds the access stops worth using from one origin: for each departure the last minute at which one may
// set out, without those departures whose trip can be boarded at an earlier call by setting out later still.
// (Strictly later: two trips that run against each other through the same two stops in no time would otherwise
// each make the other spare.) Stops left without departures are dropped.
func (g *gather) plan(stops, seconds []int32, departures [][]departure) []access {
	g.ways, g.keys, g.latest, g.setOut = g.ways[:0], g.keys[:0], g.latest[:0], g.setOut[:0]
	s := g.s
	for i, stop := range stops {
		for _, d := range departures[stop] {
			setOut := int32(d.time) - int32(s.slack) - seconds[i] - 1
			minute := int16(tooEarly)
			if setOut >= 0 {
				minute = int16(min(int(setOut)/s.step, s.minutes-1))
				g.keys = append(g.keys, uint64(d.trip)<<40|uint64(d.position)<<26|uint64(len(g.latest)))
			}
			g.latest = append(g.latest, minute)
			g.setOut = append(g.setOut, setOut)
		}
	}
	slices.Sort(g.keys)
	trip, best := ^uint64(0), int32(-1)
	for _, k := range g.keys {
		if k>>40 != trip {
			trip, best = k>>40, -1
		}
		i := k & (1<<26 - 1)
		if g.setOut[i] < best {
			g.latest[i] = spare
		} else {
			best = g.setOut[i]
		}
	}
	from := 0
	for _, stop := range stops {
		latest := g.latest[from : from+len(departures[stop])]
		from += len(latest)
		if slices.ContainsFunc(latest, func(m int16) bool { return m >= 0 }) {
			g.ways = append(g.ways, access{stop, latest})
		}
	}
	return g.ways
}

// row answers one origin: ways with their profiles, and direct walks to destinations. The result is reused.
func (g *gather) row(ways []access, profiles []*profile, walkTo, walkSeconds []int32) ([]int32, [][]int32) {
	for _, w := range ways {
		g.add(profiles[w.stop], w.latest)
	}
	for k, j := range walkTo {
		g.walk[j] = walkSeconds[k]
		g.walked[j/64] |= 1 << (j % 64)
	}
	g.to = g.to[:0]
	for p := range g.seconds {
		g.seconds[p] = g.seconds[p][:0]
	}
	minutes := g.s.minutes
	for w := range g.touched {
		for set := g.touched[w] | g.walked[w]; set != 0; set &= set - 1 {
			bit := bits.TrailingZeros64(set)
			j := int32(w*64 + bit)
			direct := unreached
			if g.walked[w]>>bit&1 != 0 && int(g.walk[j]) <= g.s.max {
				direct = g.walk[j]
			}
			var column []uint16
			if g.touched[w]>>bit&1 != 0 {
				column = g.columns[int(g.slot[j])*minutes:][:minutes]
			}
			if g.spread.of(column, direct, g.value) {
				g.to = append(g.to, j)
				for p, v := range g.value {
					g.seconds[p] = append(g.seconds[p], v)
				}
			}
		}
		g.touched[w], g.walked[w] = 0, 0
	}
	g.used = 0
	return g.to, g.seconds
}

// add lowers the arrivals of all destinations of a profile.
func (g *gather) add(p *profile, latest []int16) {
	for k, j := range p.to {
		entries := p.entries[p.first[k]:p.first[k+1]]
		var column []uint16
		for _, e := range entries {
			m := latest[e>>16]
			if m < 0 {
				if m == tooEarly {
					break
				}
				continue
			}
			if column == nil {
				column = g.column(j)
			}
			if a := uint16(e); a < column[m] {
				column[m] = a
			}
		}
	}
}

// column gives the arrivals of a destination, all never at first.
func (g *gather) column(j int32) []uint16 {
	minutes := g.s.minutes
	if g.touched[j/64]>>(j%64)&1 == 0 {
		g.touched[j/64] |= 1 << (j % 64)
		g.slot[j] = g.used
		g.used++
		if n := int(g.used) * minutes; n > len(g.columns) {
			g.columns = append(g.columns, make([]uint16, max(n, 2*len(g.columns))-len(g.columns))...)
		}
		column := g.columns[int(g.slot[j])*minutes:][:minutes]
		for m := range column {
			column[m] = never
		}
		return column
	}
	return g.columns[int(g.slot[j])*minutes:][:minutes]
}
