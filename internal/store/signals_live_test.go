package store_test

import (
	"testing"

	"gevor/authz"
	"gevor/directory"
	"gevor/handover"
	"gevor/indicator"
)

// watchedSources writes into every source that early warning reads live, and reads it back: what nobody else may see counts
// too, what is older does not, words of professionals stay where they are, and of figures only those that were released.
func watchedSources(t *testing.T, open func(*testing.T) string) {
	w := sealed(t, open)
	ctx := t.Context()

	id := w.listed("Sprechstunde", directory.Steady)
	services := must[[]directory.Record](t)(w.UnsafeServices(ctx))
	found := false
	for i := range services {
		found = found || services[i].ID == id
	}
	if !found {
		t.Errorf("an offer that nobody else sees is not watched: %d services", len(services))
	}

	now := directory.Unanswered{Month: "2026-05", District: "05999001", Need: "hebamme", Language: "tr", Reason: directory.NothingFits, Times: 3}
	before := now
	before.Month = "2025-11"
	w.does("count", w.AddUnanswered(ctx, []directory.Unanswered{before, now, now}))
	if got := must[[]directory.Unanswered](t)(w.UnsafeUnanswered(ctx, "2026-01")); len(got) != 1 || got[0].Times != 6 || got[0].Month != "2026-05" {
		t.Errorf("searches: %+v", got)
	}

	for _, at := range []int{-40, 0} {
		w.does("observe", w.Observe(ctx, w.anna, day.AddDate(0, 0, at), directory.Observation{Service: id, By: w.east, What: "waiting", Text: "Wartezeit sechs Monate"}))
	}
	if got := must[[]directory.Observation](t)(w.UnsafeObserved(ctx, day.AddDate(0, 0, -30))); len(got) != 1 || got[0].What != "waiting" || got[0].Service != id || got[0].Text != "" {
		t.Errorf("observations: %+v", got)
	}
	if got := must[[]directory.Observation](t)(w.UnsafeObserved(ctx, day.AddDate(0, 0, -60))); len(got) != 2 {
		t.Errorf("the control: of a longer time %+v", got)
	}

	asked, draft := w.draft(handover.Nothing), w.draft(handover.Nothing)
	w.does("create", w.CreateHandover(ctx, w.nora, day, draft))
	w.sent(asked)
	got := must[[]handover.Handover](t)(w.UnsafeHandoversSince(ctx, day.AddDate(0, 0, -30)))
	if len(got) != 1 || got[0].ID != asked.ID || got[0].ID == draft.ID || got[0].Requested.IsZero() || !got[0].Answered.IsZero() || got[0].Status != handover.Requested {
		t.Errorf("handovers: %+v", got)
	}
	if got := must[[]handover.Handover](t)(w.UnsafeHandoversSince(ctx, day.AddDate(1, 0, 0))); len(got) != 0 {
		t.Errorf("handovers of a time to come: %+v", got)
	}

	keeper := authz.Actor{Memberships: []authz.Membership{{Organisation: w.east, Roles: []authz.Role{authz.Statistician}}}}
	for name, level := range map[string]authz.Level{"armut": authz.AllianceLevel, "sucht": authz.Private} {
		pub, preview := published(t, name, 3, 20, 30)
		must[int](t)(w.PublishDataset(ctx, keeper, day, w.east, 0, 0, pub, preview, authz.Release{Level: level}))
	}
	figures := must[[]*indicator.Publication](t)(w.UnsafeReleasedFigures(ctx))
	if len(figures) != 1 || figures[0].Dataset.ID != "armut" {
		t.Errorf("%d datasets are watched, want the released one alone", len(figures))
	}
}
