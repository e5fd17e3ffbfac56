package atlas

import (
	"context"

	"gevor/geo"
	"gevor/region"
	"gevor/street"
	"gevor/transit"
	"gevor/travel"
)

// Networks gives what answers the journeys of an analysis with these parameters: the streets and the timetable of the
// snapshot.
func Networks(snap *region.Snapshot, p Params) Journeys { return &networks{snap, p} }

// networks answers from the streets and the timetable of a snapshot.
type networks struct {
	snap   *region.Snapshot
	params Params
}

// Offers says whether the snapshot has the streets, and for transit the timetable.
func (n *networks) Offers(m travel.Mode) bool {
	if m == travel.Transit {
		return n.snap.Streets != nil && n.snap.Timetable != nil
	}
	return n.snap.Streets != nil
}

// Linked says which places lie within street.DefaultLinkMetres of an edge of the mode.
func (n *networks) Linked(m travel.Mode, at []geo.LonLat) []bool {
	points := n.snap.Streets.Link(m, at, street.DefaultLinkMetres)
	out := make([]bool, points.Len())
	for i := range out {
		out[i] = points.Linked(i)
	}
	return out
}

// Rows asks the timetable for transit and the streets for every other mode.
func (n *networks) Rows(ctx context.Context, leg Leg, from, to []geo.LonLat, yield func(Reached) error) error {
	m := network(leg.Mode)
	if leg.Mode == travel.WalkNoSteps {
		m = leg.Mode
	}
	origins, places := n.snap.Streets.Link(m, from, street.DefaultLinkMetres), n.snap.Streets.Link(m, to, street.DefaultLinkMetres)
	if leg.Mode == travel.Transit {
		q := transit.Query{
			Departure: leg.Departure, Window: leg.Window, Percentiles: leg.Percentiles,
			WalkKmh: n.params.WalkKmh, MaxWalk: n.params.MaxAccessWalk, Max: leg.Max,
		}
		return n.snap.Timetable.Rows(ctx, q, origins, places, n.params.Workers, func(r transit.Row) error {
			return yield(Reached(r))
		})
	}
	speed := street.Speed{WalkKmh: n.params.WalkKmh, BikeKmh: n.params.BikeKmh}
	var one [1][]travel.Seconds
	return n.snap.Streets.Rows(ctx, leg.Mode, speed, origins, places, leg.Max, n.params.Workers, func(r travel.Row) error {
		one[0] = r.Seconds
		return yield(Reached{From: r.From, To: r.To, Seconds: one[:]})
	})
}
