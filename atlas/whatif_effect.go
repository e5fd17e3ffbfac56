package atlas

import (
	"context"
	"math"

	"github.com/paulmach/orb"

	"gevor/geo"
	"gevor/reach"
	"gevor/region"
	"gevor/travel"
)

// municipalityAt finds the municipality whose shape holds a point, -1 outside all.
func municipalityAt(snap *region.Snapshot, at geo.LonLat) int32 {
	var shapes []orb.MultiPolygon
	var areas []int32
	for i := range snap.Areas {
		if snap.Areas[i].Kind == region.Municipality {
			shapes, areas = append(shapes, snap.Areas[i].Shape), append(areas, int32(i))
		}
	}
	if hit := geo.NewLocator(shapes).At(at, nil); len(hit) > 0 {
		return areas[hit[0]]
	}
	return -1
}

// effect reckons one standard after a change and compares it with the run.
func (a *analysis) effect(ctx context.Context, q *inquiry, before *Layer, known *Approach, linked map[travel.Mode][]bool) (Effect, error) {
	e, err := a.effectOn(ctx, q, known, linked)
	if err == nil {
		e.compare(a.snap, q.group, before)
	}
	return e, err
}

// effectOn reckons one standard anew.
func (a *analysis) effectOn(ctx context.Context, q *inquiry, known *Approach, linked map[travel.Mode][]bool) (Effect, error) {
	n := a.snap.Cells.Len()
	q.known = known.Known && len(q.supply.listed) > 0 && (!q.wantsCapacity() || q.supply.known)
	if q.known {
		if err := a.rejudge(ctx, q, known, linked); err != nil {
			return Effect{}, err
		}
	} else {
		q.shut(n)
	}
	e := Effect{Standard: q.index, Known: q.known, State: q.state, Access: make([]float32, n), Seconds: make([]int32, n)}
	for i := range n {
		e.Seconds[i], e.Access[i] = int32(travel.Unreached), float32(math.NaN())
		if !q.here[i] {
			continue
		}
		if _, s, ok := q.own.kth(int32(i)); ok {
			e.Seconds[i] = int32(s)
		}
		if q.catchment != nil {
			e.Access[i] = float32(q.catchment.access[i])
		}
	}
	return e, nil
}

// rejudge decides for every cell from the times kept and from those to places not asked about before.
func (a *analysis) rejudge(ctx context.Context, q *inquiry, known *Approach, linked map[travel.Mode][]bool) error {
	n := a.snap.Cells.Len()
	a.locate(q, linked)
	q.own, q.walls = newNearest(n, q.k), newNearest(n, q.k)
	if q.wantsCapacity() {
		q.catchment = newCatchment(len(q.standard.Ways), n, len(a.snap.Offers))
	}
	fresh, err := a.freshWays(ctx, q, known)
	if err != nil {
		return err
	}
	for _, k := range q.standing() {
		q.replay(a.snap, k, known.Ways[k.way], fresh[k.way])
	}
	return q.judge(a.snap, a.params)
}

// freshWays asks for the ways to places that were not asked about when the times were collected; an entry is nil
// where there are none.
func (a *analysis) freshWays(ctx context.Context, q *inquiry, known *Approach) ([]*reach.Sparse[travel.Seconds], error) {
	builders := make([]*times, len(q.standard.Ways))
	var asks []*ask
	for _, k := range q.standing() {
		asked := known.Asked[k.way]
		missing := make([]bool, len(k.places))
		for o, counts := range k.places {
			if counts && (o >= len(asked) || !asked[o]) {
				missing[o] = true
				builders[k.way] = newTimes(len(a.snap.Offers))
			}
		}
		if builders[k.way] != nil {
			k.places = missing
			asks = append(asks, k)
		}
	}
	for _, k := range asks {
		var err error
		if k.origins, err = a.around(ctx, k); err != nil {
			return nil, err
		}
	}
	err := a.stream(ctx, "what-if", asks, a.snap.Cells.At, a.spots(), func(k *ask, from int32, to []int32, seconds []travel.Seconds) {
		builders[k.way].note(from, to, seconds)
	})
	if err != nil {
		return nil, err
	}
	out := make([]*reach.Sparse[travel.Seconds], len(builders))
	for i, b := range builders {
		if b != nil {
			out[i] = b.done(a.snap.Cells.Len())
		}
	}
	return out, nil
}

// replay feeds an inquiry what the travel engines would, for one way: the offers that still count, ascending.
func (q *inquiry) replay(snap *region.Snapshot, k *ask, kept, fresh *reach.Sparse[travel.Seconds]) {
	var tos []int32
	var secs []travel.Seconds
	for i, here := range q.here {
		if !here {
			continue
		}
		tos, secs = tos[:0], secs[:0]
		var newTo []int32
		var newSecs []travel.Seconds
		if fresh != nil {
			newTo, newSecs = fresh.Row(i)
		}
		to, seconds := kept.Row(i)
		for n, o := range to {
			for len(newTo) > 0 && newTo[0] < o {
				tos, secs = append(tos, newTo[0]), append(secs, newSecs[0])
				newTo, newSecs = newTo[1:], newSecs[1:]
			}
			if k.places[o] {
				tos, secs = append(tos, o), append(secs, seconds[n])
			}
		}
		tos, secs = append(tos, newTo...), append(secs, newSecs...)
		if len(tos) > 0 {
			q.take(snap, k, int32(i), tos, secs)
		}
	}
}

// compare counts who gains and who loses.
func (e *Effect) compare(snap *region.Snapshot, g *region.Group, before *Layer) {
	e.Was = before.State
	lines := make([]DistrictEffect, len(snap.Areas)+1) // the last for cells outside all districts
	judged := func(s CellState) bool { return s == CellMet || s == CellMissed }
	for i, now := range e.State {
		was := before.State[i]
		if !judged(was) && !judged(now) {
			continue
		}
		people := float64(g.People[i])
		count := func(s *Standing, state CellState) {
			if judged(state) {
				s.People += people
			}
			if state == CellMissed {
				s.Missing += people
			}
		}
		count(&e.Before, was)
		count(&e.After, now)
		line := &lines[len(lines)-1]
		if d := snap.Cells.District[i]; d >= 0 {
			line = &lines[d]
		}
		better, worse := e.nearer(i, before)
		switch {
		case !judged(was) || !judged(now):
			line.Unknown += people
		case was == CellMissed && now == CellMet:
			line.Gain += people
		case was == CellMet && now == CellMissed:
			line.Lose += people
		case better:
			line.Better += people
		case worse:
			line.Worse += people
		}
	}
	e.Total.Area = -1
	for a := range lines {
		l := &lines[a]
		l.Area = int32(a)
		if a == len(lines)-1 {
			l.Area = -1
		}
		if l.changed() {
			e.Districts = append(e.Districts, *l)
			e.Total.Gain, e.Total.Lose, e.Total.Unknown = e.Total.Gain+l.Gain, e.Total.Lose+l.Lose, e.Total.Unknown+l.Unknown
			e.Total.Better, e.Total.Worse = e.Total.Better+l.Better, e.Total.Worse+l.Worse
		}
	}
}

// nearer says whether a cell on the same side of the standard is better or worse off: by capacity per head where the
// standard asks for it, else by the way to the k-th nearest place where it is met.
func (e *Effect) nearer(i int, before *Layer) (better, worse bool) {
	if was, now := before.Access[i], e.Access[i]; was == was && now == now {
		return now > was, now < was
	}
	if before.State[i] != CellMet || e.State[i] != CellMet {
		return false, false
	}
	return e.Seconds[i] < before.Seconds[i], e.Seconds[i] > before.Seconds[i]
}
