package webtest

import (
	"gevor/internal/finder"
	"gevor/internal/web"
)

// groundOf gives the districts of the example town in a state.
func groundOf(state web.State) func() *finder.Ground {
	g := &finder.Ground{}
	if run := Run(state); run != nil {
		g = finder.GroundOf(run.Result.Snapshot, run.Hash)
	}
	return func() *finder.Ground { return g }
}

// Offers gives an offer of the east that nobody else sees, and one of the west that everybody sees.
func Offers() (private, public string) {
	town, err := built()
	if err != nil {
		panic(err)
	}
	return string(town.service), string(town.public)
}
