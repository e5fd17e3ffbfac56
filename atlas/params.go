package atlas

import (
	"fmt"

	"gevor/fault"
	"gevor/geo"
	"gevor/travel"
)

// Params steer a run. A zero field takes its default; everything but Workers and Journeys is part of a run's
// identity. docs/methods.md says what each means.
type Params struct {
	Workers int // goroutines of the travel engines; never changes a result

	WalkKmh        float64        // default 4.5
	BikeKmh        float64        // default 15
	MaxAccessWalk  travel.Seconds // longest walk to, from and between stops, each; default 20 minutes
	CarBoundFactor float64        // "only by car" asks for the standard's longest time times this; default 1

	FarFactor        float64    // missing is complete from this multiple of the limit on; > 1, default 2
	CatchmentWeights [3]float64 // weight of the nearer, middle and farther third of the limit; default 1, 0.68, 0.22

	MinPeople     float64    // a finding with fewer people is not reported; default 30
	Bridge        geo.Metres // missed cells at most so far apart belong together; default 300
	FragmentShare float64    // an area of another cause with less than this share of its neighbour joins it; default 0.25
	Candidates    int        // places tried for a new offer per finding; default 48

	Previous *PreviousRun // the run whose findings keep their names; may be nil
	Journeys Journeys     // replaces the snapshot's own networks; nil in production
}

// Filled gives the parameters a run with p uses, defaults included, or says which field is out of range.
func (p Params) Filled() (Params, error) {
	orDefault(&p.Workers, 1)
	orDefault(&p.WalkKmh, 4.5)
	orDefault(&p.BikeKmh, 15)
	orDefault(&p.MaxAccessWalk, 20*60)
	orDefault(&p.CarBoundFactor, 1)
	orDefault(&p.FarFactor, 2)
	orDefault(&p.MinPeople, 30)
	orDefault(&p.Bridge, 300)
	orDefault(&p.FragmentShare, 0.25)
	orDefault(&p.Candidates, 48)
	if p.CatchmentWeights == [3]float64{} {
		p.CatchmentWeights = [3]float64{1, 0.68, 0.22}
	}
	w := p.CatchmentWeights
	for _, rule := range []struct {
		holds bool
		what  string
	}{
		{p.Workers > 0, "workers"},
		{p.WalkKmh > 0 && p.WalkKmh < 20, "walking speed"},
		{p.BikeKmh > 0 && p.BikeKmh < 60, "cycling speed"},
		{p.MaxAccessWalk > 0 && p.MaxAccessWalk <= 2*3600, "walk to a stop"},
		{p.CarBoundFactor > 0 && p.CarBoundFactor <= 10, "car factor"},
		{p.FarFactor > 1 && p.FarFactor <= 10, "far factor"},
		{w[0] > 0 && w[0] >= w[1] && w[1] >= w[2] && w[2] > 0 && w[0] <= 1, "catchment weights"},
		{p.MinPeople > 0, "smallest finding"},
		{p.Bridge > 0 && p.Bridge <= 10000, "bridge"},
		{p.FragmentShare > 0 && p.FragmentShare < 1, "fragment share"},
		{p.Candidates > 0 && p.Candidates <= 10000, "candidates"},
	} {
		if !rule.holds {
			return p, fault.New(fault.Invalid, "parameters", fmt.Sprintf("%s is out of range", rule.what), "see docs/methods.md for the ranges")
		}
	}
	return p, nil
}

func orDefault[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}
