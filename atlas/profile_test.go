package atlas_test

import (
	"math"
	"testing"

	"gevor/atlas"
	"gevor/internal/world"
	"gevor/region"
	"gevor/travel"
)

// One town with two districts: the west of cells 0..4 with 2 people each, the east of 5..9 with 6; a place at 0;
// 240 s are three steps, so cells 0..3 are met.
func TestProfiles(t *testing.T) {
	w := world.New(10, 1)
	for x := range 10 {
		w.Settle(x, 0, map[bool]float32{true: 2, false: 6}[x < 5])
	}
	east := w.Area("east", region.District, 0, 5, 0, 10, 1)
	w.Suppress(9, 0)
	w.Offer(0, 0, 1)
	w.Nearest("s", 1, world.By(travel.Walk, 4))
	w.Without(travel.Car)
	r := run(t, w, atlas.Params{})
	if len(r.Profiles) != 2 || r.Profiles[0].Area != 1 || r.Profiles[1].Area != east {
		t.Fatalf("profiles %+v", r.Profiles)
	}
	west, far := r.Profiles[0], r.Profiles[1]
	if l := west.Standards[0]; l.People != 10 || l.Missing != 2 || l.MissingShare != 0.2 || l.MainCause != atlas.CauseTooFar || l.MedianMinutes != 160.0/60 {
		t.Errorf("west %+v", l)
	}
	l := far.Standards[0]
	if l.People != 24 || l.MissingShare != 1 || l.MunicipalityShare != 26.0/34 || l.RegionShare != 26.0/34 {
		t.Errorf("east %+v", l)
	}
	// Cells 5 and 6 lie at 400 and 480 s (within twice the limit), 7 and 8 beyond: half arrive after 8 minutes.
	if l.MedianMinutes != 8 {
		t.Errorf("median %v minutes", l.MedianMinutes)
	}
	if g := far.Groups[0]; g.People != 24 || g.Suppressed != 1 {
		t.Errorf("group %+v", g)
	}
	if west.Population != 10 || len(west.Offers) != 1 || west.Offers[0].Offers != 1 || len(far.Offers) != 0 {
		t.Errorf("west %+v, offers of the east %+v", west, far.Offers)
	}
}

func TestProfileWithoutArrival(t *testing.T) {
	w := world.New(40, 1)
	w.Settle(0, 0, 5)
	w.Offer(39, 0, 1)
	w.Nearest("s", 1, world.By(travel.Walk, 4))
	if l := run(t, w, atlas.Params{}).Profiles[0].Standards[0]; !math.IsNaN(l.MedianMinutes) || l.MissingShare != 1 {
		t.Errorf("%+v", l)
	}
}
