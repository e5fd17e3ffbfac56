package atlas

import (
	"context"
	"slices"
	"sync"

	"gevor/geo"
	"gevor/region"
	"gevor/street"
	"gevor/transit"
	"gevor/travel"
)

// Networks gives what answers the journeys of an analysis with these parameters: the streets and the timetable of the
// snapshot. Safe for concurrent use.
func Networks(snap *region.Snapshot, p Params) Journeys { return &networks{snap: snap, params: p} }

// networks answers from the streets and the timetable of a snapshot. Between questions it keeps what the last one had
// to prepare for its places, as whoever asks for origins in parts asks for the same places again and again.
type networks struct {
	snap   *region.Snapshot
	params Params

	mu   sync.Mutex
	kept *prepared
}

// prepared is what answers one leg to one list of places from any origins.
type prepared struct {
	leg    Leg
	places []geo.LonLat
	to     *street.Points
	ahead  *transit.Ahead // of transit
}

func (k *prepared) serves(leg Leg, to []geo.LonLat) bool {
	return k != nil && k.leg.Mode == leg.Mode && k.leg.Departure == leg.Departure && k.leg.Window == leg.Window && k.leg.Max == leg.Max &&
		slices.Equal(k.leg.Percentiles, leg.Percentiles) && slices.Equal(k.places, to)
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
	k, err := n.prepare(ctx, leg, to)
	if err != nil {
		return err
	}
	origins := n.snap.Streets.Link(k.to.Mode(), from, street.DefaultLinkMetres)
	if leg.Mode == travel.Transit {
		return k.ahead.Rows(ctx, origins, func(r transit.Row) error { return yield(Reached(r)) })
	}
	speed := street.Speed{WalkKmh: n.params.WalkKmh, BikeKmh: n.params.BikeKmh}
	var one [1][]travel.Seconds
	return n.snap.Streets.Rows(ctx, leg.Mode, speed, origins, k.to, leg.Max, n.params.Workers, func(r travel.Row) error {
		one[0] = r.Seconds
		return yield(Reached{From: r.From, To: r.To, Seconds: one[:]})
	})
}

// prepare links the places of a leg, unless those of the last one serve.
func (n *networks) prepare(ctx context.Context, leg Leg, to []geo.LonLat) (*prepared, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.kept.serves(leg, to) {
		return n.kept, nil
	}
	n.kept = nil // two at a time would need twice the memory
	m := network(leg.Mode)
	if leg.Mode == travel.WalkNoSteps {
		m = leg.Mode
	}
	leg.Percentiles = slices.Clone(leg.Percentiles)
	k := &prepared{leg: leg, places: slices.Clone(to), to: n.snap.Streets.Link(m, to, street.DefaultLinkMetres)}
	if leg.Mode == travel.Transit {
		q := transit.Query{
			Departure: leg.Departure, Window: leg.Window, Percentiles: leg.Percentiles,
			WalkKmh: n.params.WalkKmh, MaxWalk: n.params.MaxAccessWalk, Max: leg.Max,
		}
		var err error
		if k.ahead, err = n.snap.Timetable.Ahead(ctx, q, k.to, n.params.Workers); err != nil {
			return nil, err
		}
	}
	n.kept = k
	return k, nil
}
