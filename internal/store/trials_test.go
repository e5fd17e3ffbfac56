package store_test

import (
	"math"
	"testing"

	"gevor/atlas"
	"gevor/authz"
	"gevor/fault"
	"gevor/geo"
	"gevor/internal/store"
)

var trialClauses = []clause{
	{"a trial is kept, shown to whom it is released, and removed", trialLife},
}

func trialLife(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	planner := w.joins(w.east, "planerin@ost.example", authz.Planner)
	elsewhere := w.joins(w.west, "planer@west.example", authz.Planner)
	x := atlas.Trial{
		Owner: w.east, Name: "  Eine Praxis  mehr ", Region: "r", Run: "5eed",
		Changes:  []atlas.Change{{Offer: "o1", Capacity: 0}, {At: geo.LonLat{Lon: 7.2, Lat: 51.4}, Category: "kinderarzt", Capacity: math.NaN()}, {Offer: "o2", Longer: 1.5}, {Feed: "linie.zip"}},
		Outcomes: []atlas.Outcome{{Standard: "s", Group: "g", Known: true, People: 100, Missing: 40, After: 10, Total: atlas.DistrictOutcome{Gain: 30}, Districts: []atlas.DistrictOutcome{{District: "d", Gain: 30}}}},
	}
	_, err := w.KeepTrial(ctx, w.clerk, day, x)
	wants(t, "an editor keeps", err, fault.NotFound)
	_, err = w.KeepTrial(ctx, elsewhere, day, x)
	wants(t, "a planner of another house keeps", err, fault.NotFound)
	nameless := x
	nameless.Name = " "
	_, err = w.KeepTrial(ctx, planner, day, nameless)
	wants(t, "without a name", err, fault.Invalid)
	id := must[string](t)(w.KeepTrial(ctx, planner, day, x))
	got := must[atlas.Trial](t)(w.Trial(ctx, planner, id))
	if got.Name != "Eine Praxis mehr" || len(got.Changes) != 4 || got.Changes[2] != x.Changes[2] || got.Changes[3].Feed != "linie.zip" || got.Changes[0] != x.Changes[0] || got.Changes[1].At != x.Changes[1].At || !math.IsNaN(got.Changes[1].Capacity) || len(got.Outcomes) != 1 || got.Outcomes[0].Districts[0] != x.Outcomes[0].Districts[0] || !got.At.Equal(day) {
		t.Errorf("%+v", got)
	}
	for who, actor := range map[string]authz.Actor{"a planner elsewhere": elsewhere, "the public": authz.Public(), "an editor of the house": w.clerk} {
		_, err := w.Trial(ctx, actor, id)
		wants(t, who, err, fault.NotFound)
		if list := must[[]atlas.Trial](t)(w.Trials(ctx, actor, "r")); len(list) != 0 {
			t.Errorf("%s lists %+v", who, list)
		}
	}
	// The control: without rights it is there for everybody.
	if list := must[[]atlas.Trial](t)(store.UnsafeWithoutRights(w.Store).Trials(ctx, authz.Public(), "r")); len(list) != 1 {
		t.Errorf("without rights %+v", list)
	}
	ref := authz.Ref{Kind: authz.Trial, Object: id, Purpose: authz.ForAtlas}
	wants(t, "a release by somebody else", w.Release(ctx, elsewhere, day, ref, authz.Release{Level: authz.PublicLevel}), fault.NotFound)
	w.does("release", w.Release(ctx, planner, day, ref, authz.Release{Level: authz.Named, Named: []authz.OrganisationID{w.west}}))
	if list := must[[]atlas.Trial](t)(w.Trials(ctx, elsewhere, "r")); len(list) != 1 || len(list[0].Outcomes) > 0 {
		t.Errorf("released to the west: %+v", list)
	}
	if list := must[[]atlas.Trial](t)(w.Trials(ctx, elsewhere, "another")); len(list) != 0 {
		t.Errorf("another region: %+v", list)
	}
	wants(t, "removed by whom it was shown", w.RemoveTrial(ctx, elsewhere, day, id), fault.Denied)
	w.does("remove", w.RemoveTrial(ctx, planner, day, id))
	_, err = w.Trial(ctx, planner, id)
	wants(t, "after it was removed", err, fault.NotFound)
}
