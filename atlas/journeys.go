package atlas

import (
	"context"
	"slices"

	"gevor/geo"
	"gevor/travel"
)

// Leg is one question to a travel engine: how long from many places to many places.
type Leg struct {
	Mode travel.Mode
	// Departure, Window and Percentiles (ascending) matter for transit only; other modes give one percentile.
	Departure, Window int
	Percentiles       []int
	Max               travel.Seconds // destinations farther than this may be left out
}

// Reached is one origin's answer. To is ascending; Seconds[p] is parallel to To for the p-th percentile, travel.Unreached
// where the destination is in reach at another percentile only. The slices are reused by the engine.
type Reached struct {
	From    int32
	To      []int32
	Seconds [][]travel.Seconds
}

// Journeys answers questions of travel. The atlas needs no more of streets and timetables than this.
type Journeys interface {
	// Offers says whether the mode can be computed at all.
	Offers(mode travel.Mode) bool
	// Linked says for each place whether it lies close enough to the mode's network.
	Linked(mode travel.Mode, at []geo.LonLat) []bool
	// Rows hands over the origins in ascending order from one goroutine; origins that reach nothing may be left out.
	Rows(ctx context.Context, leg Leg, from, to []geo.LonLat, yield func(Reached) error) error
}

// ask is the interest that one standard takes in a leg.
type ask struct {
	of         *inquiry
	way        int // index into the standard's ways; -1 for car as a last resort
	purpose    purpose
	leg        Leg            // Percentiles holds exactly the one wanted
	limit      travel.Seconds // share 1
	origins    []bool         // which of the origins
	places     []bool         // which of the places
	percentile int            // index into the percentiles of the leg that is asked; set by gather
}

// purpose says what an answer is for.
type purpose uint8

const (
	forStandard  purpose = iota // the standard's own way
	forFar                      // the same beyond its limit, and without asking who is entitled
	forSteps                    // on foot over steps
	forOtherTime                // at the earlier departure
	forCar                      // by car
	forSite                     // towns to candidate places of a new offer
	forCatchment                // a candidate place to the people around it
)

// question is a leg with everyone who is interested in it.
type question struct {
	leg  Leg
	asks []*ask
}

// gather puts asks with the same mode, departure and window into one question, in order of first appearance.
func gather(asks []*ask) []question {
	type key struct {
		mode              travel.Mode
		departure, window int
	}
	at := map[key]int{}
	var qs []question
	for _, a := range asks {
		k := key{mode: a.leg.Mode}
		if a.leg.Mode == travel.Transit {
			k.departure, k.window = a.leg.Departure, a.leg.Window
		}
		i, ok := at[k]
		if !ok {
			i = len(qs)
			at[k] = i
			qs = append(qs, question{leg: Leg{Mode: k.mode, Departure: k.departure, Window: k.window}})
		}
		q := &qs[i]
		q.asks = append(q.asks, a)
		q.leg.Max = max(q.leg.Max, a.leg.Max)
		for _, p := range a.leg.Percentiles {
			if k.mode == travel.Transit && !slices.Contains(q.leg.Percentiles, p) {
				q.leg.Percentiles = append(q.leg.Percentiles, p)
			}
		}
	}
	for i := range qs {
		slices.Sort(qs[i].leg.Percentiles)
		for _, a := range qs[i].asks {
			if qs[i].leg.Mode == travel.Transit {
				a.percentile = slices.Index(qs[i].leg.Percentiles, a.leg.Percentiles[0])
			}
		}
	}
	return qs
}

// sink takes the places that one origin reaches within an ask's bound: to ascending, seconds parallel, both reused.
type sink func(a *ask, from int32, to []int32, seconds []travel.Seconds)

// stream asks the engine every question once and hands each answer to those who asked. Origins and destinations
// are indices into from and to whatever subset the engine sees.
func (a *analysis) stream(ctx context.Context, stage string, asks []*ask, from, to []geo.LonLat, take sink) error {
	qs := gather(asks)
	type part struct{ origins, places []int32 }
	parts := make([]part, len(qs))
	total, done := int64(0), int64(0)
	for i, q := range qs {
		parts[i] = part{unionOf(q.asks, len(from), func(k *ask) []bool { return k.origins }), unionOf(q.asks, len(to), func(k *ask) []bool { return k.places })}
		if len(parts[i].places) > 0 {
			total += int64(len(parts[i].origins))
		}
	}
	a.progress.Report(stage, 0, total)
	var tos []int32
	var secs []travel.Seconds
	for i, q := range qs {
		origins, places := parts[i].origins, parts[i].places
		if len(origins) == 0 || len(places) == 0 {
			continue
		}
		before := done
		err := a.journeys.Rows(ctx, q.leg, pick(from, origins), pick(to, places), func(r Reached) error {
			o := origins[r.From]
			for _, k := range q.asks {
				if !k.origins[o] {
					continue
				}
				tos, secs = tos[:0], secs[:0]
				for n, s := range r.Seconds[k.percentile] {
					if s <= k.leg.Max && k.places[places[r.To[n]]] {
						tos, secs = append(tos, places[r.To[n]]), append(secs, s)
					}
				}
				if len(tos) > 0 {
					take(k, o, tos, secs)
				}
			}
			if at := before + int64(r.From) + 1; at/1024 != done/1024 {
				done = at
				a.progress.Report(stage, done, total)
			}
			return nil
		})
		if err != nil {
			return err
		}
		done = before + int64(len(origins))
		a.progress.Report(stage, done, total)
	}
	return nil
}

// unionOf lists, ascending, the indices below n that any ask's mask holds.
func unionOf(asks []*ask, n int, mask func(*ask) []bool) []int32 {
	var out []int32
	for i := range n {
		for _, k := range asks {
			if mask(k)[i] {
				out = append(out, int32(i))
				break
			}
		}
	}
	return out
}

func pick(at []geo.LonLat, which []int32) []geo.LonLat {
	out := make([]geo.LonLat, len(which))
	for i, w := range which {
		out[i] = at[w]
	}
	return out
}
