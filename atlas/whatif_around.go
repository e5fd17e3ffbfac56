package atlas

import (
	"context"
	"math"

	"gevor/geo"
	"gevor/street"
	"gevor/travel"
)

// stopping is what Journeys may say besides: where vehicles stop.
type stopping interface {
	stops() []geo.LonLat
}

func (n *networks) stops() []geo.LonLat {
	out := make([]geo.LonLat, 0, len(n.snap.Timetable.Stops()))
	for _, s := range n.snap.Timetable.Stops() {
		out = append(out, s.At)
	}
	return out
}

// Nobody gets on faster than this as the crow flies, in km/h: on foot, ferries included; by bicycle, ferries included;
// by car, where streets allow 130.
const (
	fastestWalkKmh = 18
	fastestBikeKmh = 60
	fastestCarKmh  = 140
)

// around leaves out the origins of an ask from which nobody can come to any of its places in time, so that the engines
// need not look at them. It leaves out too few rather than one too many.
func (a *analysis) around(ctx context.Context, k *ask) ([]bool, error) {
	var places []geo.LonLat
	for o, wanted := range k.places {
		if wanted {
			places = append(places, a.snap.Offers[o].At)
		}
	}
	var kmh float64
	switch k.leg.Mode {
	case travel.Transit:
		return a.aroundStops(ctx, k, places)
	case travel.Bike:
		kmh = fastestBikeKmh
	case travel.Car:
		kmh = fastestCarKmh
	default:
		kmh = fastestWalkKmh
	}
	return a.within(k.origins, places, metresIn(kmh, k.leg.Max)), nil
}

func metresIn(kmh float64, s travel.Seconds) float64 { return kmh / 3.6 * float64(s) }

// aroundStops keeps, for a timetable, the cells near a place and those near a stop from which a place can be reached.
// Who comes in time after walking w to a first stop would come in time from that stop at the departure one w later. So
// every such stop answers a query whose window is longer by the longest walk, at its best departure, with a bound that
// is longer by one step and by the way from the stop's point to the street and back.
func (a *analysis) aroundStops(ctx context.Context, k *ask, places []geo.LonLat) ([]bool, error) {
	n, ok := a.journeys.(stopping)
	if !ok {
		return k.origins, nil
	}
	const step, most = 60, 100 // of up to 100 departures, the first percentile is the best one
	beside := math.Ceil(2 * float64(street.DefaultLinkMetres) * 3.6 / a.params.WalkKmh)
	stops := n.stops()
	near := make([]bool, len(stops))
	end := k.leg.Departure + max(k.leg.Window, step) + int(a.params.MaxAccessWalk) + step
	for from := k.leg.Departure; from < end; from += step * most {
		leg := k.leg
		leg.Departure, leg.Window, leg.Percentiles = from, min(step*most, end-from), []int{1}
		leg.Max += step + travel.Seconds(beside)
		err := a.journeys.Rows(ctx, leg, stops, places, func(r Reached) error {
			near[r.From] = near[r.From] || len(r.To) > 0
			return nil
		})
		if err != nil && ctx.Err() == nil {
			return k.origins, nil // a window that the engine refuses, too late in the night: look at all
		}
		if err != nil {
			return nil, err
		}
	}
	spots := places
	for i, yes := range near {
		if yes {
			spots = append(spots, stops[i])
		}
	}
	return a.within(k.origins, spots, metresIn(fastestWalkKmh, min(a.params.MaxAccessWalk, k.leg.Max))), nil
}

// within keeps the origins that lie within so many metres of any spot, as the crow flies.
func (a *analysis) within(origins []bool, spots []geo.LonLat, metres float64) []bool {
	side := metres
	type box [2]int32
	mid := 0.0
	for _, p := range spots {
		mid += p.Lat / float64(len(spots))
	}
	degree := float64(geo.Distance(geo.LonLat{Lat: 0}, geo.LonLat{Lat: 1}))
	narrow := 0.9 * math.Cos(mid*math.Pi/180) // boxes are wide enough wherever in a region they lie
	boxOf := func(p geo.LonLat) box {
		return box{int32(math.Floor(p.Lon * degree * narrow / side)), int32(math.Floor(p.Lat * degree / side))}
	}
	filled := map[box][]geo.LonLat{}
	for _, p := range spots {
		b := boxOf(p)
		filled[b] = append(filled[b], p)
	}
	out := make([]bool, len(origins))
	for i, here := range origins {
		if !here {
			continue
		}
		p := a.snap.Cells.At[i]
		b := boxOf(p)
	search:
		for dx := int32(-1); dx <= 1; dx++ {
			for dy := int32(-1); dy <= 1; dy++ {
				for _, s := range filled[box{b[0] + dx, b[1] + dy}] {
					if float64(geo.Distance(p, s)) <= side {
						out[i] = true
						break search
					}
				}
			}
		}
	}
	return out
}
