package atlas

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gevor/fault"
	"gevor/reach"
	"gevor/region"
	"gevor/travel"
)

// Approaches is what a what-if needs to know of travel: it depends on the snapshot and the speeds of a run, on no
// figure of it. Collect once, keep, and ask as often as wanted.
type Approaches struct {
	// Linked says for every cell whether it lies on the street network of a mode.
	Linked map[travel.Mode][]bool
	// Standards is parallel to the snapshot's standards. A zero entry is one that no change of offers can make known.
	Standards []Approach
}

// Approach is who comes to which offer under one standard.
type Approach struct {
	Known bool
	// Ways is parallel to the standard's ways: seconds from cells (rows; those where nobody of the group lives are empty)
	// to offers (columns), within the way's limit.
	Ways []*reach.Sparse[travel.Seconds]
	// Asked says by way which offers were asked about; no other stands in the matrix.
	Asked [][]bool
}

// Scenario is a change to offers that is tried. Indices are those of the snapshot's offers.
type Scenario struct {
	Close []int32
	// Capacity sets what a place can take, in the unit of its category; 0 closes it. Longer hours are more capacity: a
	// run knows no hours.
	Capacity map[int32]float64
	// Open are new places. Categories, At, Capacity (NaN = unknown), ServiceAreas and StepFree matter; Municipality is
	// found by the place.
	Open []region.Offer
}

// Effect is what a scenario changes under one standard.
type Effect struct {
	Standard int32
	Known    bool        // after the change; where it is not, State is unknown everywhere and there are no lines
	Was      []CellState // before the change
	State    []CellState
	Access   []float32 // capacity per 1,000 people; NaN where the standard does not ask for capacity
	Seconds  []int32   // to the k-th nearest place within the limits; travel.Unreached elsewhere
	Before   Standing
	After    Standing
	// Districts lists the districts where anything changes, ascending; cells outside all districts have Area -1.
	Districts []DistrictEffect
	Total     DistrictEffect // the sum, with Area -1
}

// Standing is how many people of the group are judged, and miss the standard.
type Standing struct{ People, Missing float64 }

// DistrictEffect counts people of the standard's group.
type DistrictEffect struct {
	Area    int32
	Gain    float64 // miss the standard today and would meet it
	Lose    float64 // meet it today and would miss it
	Better  float64 // on the same side of the standard, with a shorter way or more capacity per head
	Worse   float64 // the same with a longer way or less
	Unknown float64 // judged today and no longer, or the other way round
}

func (d *DistrictEffect) changed() bool { return d.Gain+d.Lose+d.Better+d.Worse+d.Unknown > 0 }

// Collect asks the travel engines for every cell, offer and way that any standard is concerned with, as Analyse does
// first. The answer is the same for any number of workers. Memory is 8 bytes for each pair in reach.
func Collect(ctx context.Context, snap *region.Snapshot, p Params, progress travel.Progress) (*Approaches, error) {
	a, err := newWhatif(snap, p, progress)
	if err != nil {
		return nil, err
	}
	out := &Approaches{Linked: map[travel.Mode][]bool{}, Standards: make([]Approach, len(snap.Standards))}
	var asks []*ask
	var builders [][]*times
	for i := range snap.Standards {
		q := a.inquiryOf(int32(i), snap)
		builders = append(builders, nil)
		if !a.judgeable(q) {
			continue
		}
		out.Standards[i].Known = true
		a.locate(q, out.Linked)
		for _, k := range q.standing() {
			asks = append(asks, k)
			out.Standards[i].Asked = append(out.Standards[i].Asked, k.places)
			builders[i] = append(builders[i], newTimes(len(snap.Offers)))
		}
	}
	err = a.stream(ctx, "approaches", asks, snap.Cells.At, a.spots(), func(k *ask, from int32, to []int32, seconds []travel.Seconds) {
		builders[k.of.index][k.way].note(from, to, seconds)
	})
	if err != nil {
		return nil, err
	}
	for i, ways := range builders {
		for _, w := range ways {
			out.Standards[i].Ways = append(out.Standards[i].Ways, w.done(snap.Cells.Len()))
		}
	}
	return out, nil
}

// times builds a matrix of seconds row by row and fills rows that never came.
type times struct {
	b   *reach.Builder[travel.Seconds]
	row int
}

func newTimes(offers int) *times { return &times{b: reach.NewBuilder[travel.Seconds](offers)} }

func (t *times) note(cell int32, to []int32, seconds []travel.Seconds) {
	t.fill(int(cell))
	t.b.Add(to, seconds)
	t.row++
}

func (t *times) fill(row int) {
	for ; t.row < row; t.row++ {
		t.b.Add(nil, nil)
	}
}

func (t *times) done(rows int) *reach.Sparse[travel.Seconds] {
	t.fill(rows)
	return t.b.Done()
}

func newWhatif(snap *region.Snapshot, p Params, progress travel.Progress) (*analysis, error) {
	p, err := p.Filled()
	if err != nil {
		return nil, err
	}
	a := &analysis{snap: snap, params: p, journeys: p.Journeys, progress: progress}
	if a.journeys == nil {
		a.journeys = &networks{snap: snap, params: p}
	}
	return a, nil
}

func (a *analysis) inquiryOf(i int32, snap *region.Snapshot) *inquiry {
	s := &snap.Standards[i]
	return &inquiry{index: i, standard: s, group: &snap.Groups[s.Group], k: max(1, s.Nearest), supply: supplyOf(snap, s.Category)}
}

// judgeable says whether a standard can be known at all, whatever offers there are.
func (a *analysis) judgeable(q *inquiry) bool {
	rule, _ := a.obstacle(q)
	return rule == "" || rule == "category-without-offers" || rule == "capacity-unknown"
}

// WhatIf says what a scenario changes, without a new run: who gains and who loses, for every standard on whose
// category a changed offer counts. It reckons these standards anew from the travel times kept in known, with the same
// steps in the same order as Analyse, so that State and Access equal those of an analysis of the changed offers to the
// bit, Seconds wherever the standard is met; TestWhatIfEqualsAnalysis compares them. Only the ways to new places, and
// to places that had no capacity, are asked of the engines (Params.Journeys, or the snapshot's own networks).
//
// Not reckoned are causes, findings and remedies: they need a run. base is the run's result; its snapshot may lack
// streets and timetable where no new place is opened. Cost O(cells + pairs in reach) for each standard concerned.
func WhatIf(ctx context.Context, base *Result, known *Approaches, p Params, change Scenario, progress travel.Progress) ([]Effect, error) {
	snap, concerned, err := change.apply(base.Snapshot)
	if err != nil {
		return nil, err
	}
	if len(known.Standards) != len(snap.Standards) {
		return nil, fault.New(fault.Stale, "what-if", "the travel times kept are of another snapshot", "collect them again")
	}
	a, err := newWhatif(snap, p, progress)
	if err != nil {
		return nil, err
	}
	var out []Effect
	for i := range snap.Standards {
		q := a.inquiryOf(int32(i), snap)
		in := narrower(snap.Categories, q.standard.Category)
		if !slices.ContainsFunc(concerned, func(o int32) bool {
			return slices.ContainsFunc(snap.Offers[o].Categories, func(c int32) bool { return in[c] })
		}) {
			continue
		}
		e, err := a.effect(ctx, q, &base.Layers[i], &known.Standards[i], known.Linked)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

// apply gives the snapshot with its offers changed, and which of them are.
func (c *Scenario) apply(snap *region.Snapshot) (*region.Snapshot, []int32, error) {
	after := *snap
	after.Offers = slices.Clone(snap.Offers)
	var concerned []int32
	set := func(o int32, capacity float64) error {
		switch {
		case o < 0 || int(o) >= len(snap.Offers):
			return fault.New(fault.NotFound, "what-if", fmt.Sprintf("there is no offer %d", o), "name one of the run's offers")
		case !(capacity >= 0) || math.IsInf(capacity, 0):
			return fault.New(fault.Invalid, "what-if", fmt.Sprintf("the capacity %v of %s is not a number ≥ 0", capacity, snap.Offers[o].ID), "give places or full-time equivalents, as the category counts")
		case slices.Contains(concerned, o):
			return fault.New(fault.Invalid, "what-if", fmt.Sprintf("%s is changed twice", snap.Offers[o].ID), "give one change for each offer")
		}
		after.Offers[o].Capacity = capacity
		concerned = append(concerned, o)
		return nil
	}
	for _, o := range c.Close {
		if err := set(o, 0); err != nil {
			return nil, nil, err
		}
	}
	for _, o := range sorted(c.Capacity) {
		if err := set(o, c.Capacity[o]); err != nil {
			return nil, nil, err
		}
	}
	for _, o := range c.Open {
		if !o.At.Valid() || len(o.Categories) == 0 || math.IsInf(o.Capacity, 0) || o.Capacity < 0 {
			return nil, nil, fault.New(fault.Invalid, "what-if", "a new place lacks a position, a category or a sound capacity", "give longitude, latitude and category")
		}
		o.Municipality = municipalityAt(snap, o.At)
		concerned = append(concerned, int32(len(after.Offers)))
		after.Offers = append(after.Offers, o)
	}
	if len(concerned) == 0 {
		return nil, nil, fault.New(fault.Invalid, "what-if", "nothing is changed", "close, open or resize an offer")
	}
	return &after, concerned, nil
}

// Narrower says whether a category is the wanted one or lies below it: then its offers count for standards on wanted.
func Narrower(categories []region.Category, category, wanted int32) bool {
	return narrower(categories, wanted)[category]
}
