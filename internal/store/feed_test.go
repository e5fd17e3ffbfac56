package store_test

import (
	"testing"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/internal/store"
)

var feedClauses = []clause{
	{"what changed is told, and what is visible now", feedOfChanges},
	{"a feed of joined offers tells of both records", feedOfJoined},
	{"an import is planned without doing anything, and its file is forgotten", importsPlanned},
}

func feedOfChanges(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx, public := t.Context(), authz.Public()
	shown, hidden, draft := w.listed("Öffentlich", ""), w.listed("Intern", ""), w.listed("Entwurf", "")
	all := []directory.ServiceID{shown, hidden, draft, "s-none"}
	sees := func(a authz.Actor) (n int) {
		t.Helper()
		for _, ok := range must[map[directory.ServiceID]bool](t)(w.VisibleServices(ctx, a, all)) {
			if ok {
				n++
			}
		}
		return n
	}
	if sees(public) != 0 || sees(w.clerk) != 3 {
		t.Errorf("before any release the public sees %d, the house %d", sees(public), sees(w.clerk))
	}
	if got := must[map[directory.ServiceID]bool](t)(w.VisibleServices(ctx, public, nil)); len(got) != 0 {
		t.Errorf("of nothing: %v", got)
	}
	gone := func() (ids []directory.ServiceID) {
		t.Helper()
		for _, g := range must[[]directory.Gone](t)(w.GoneServices(ctx, "")) {
			ids = append(ids, g.ID)
		}
		return ids
	}
	if n := len(gone()); n != 0 {
		t.Errorf("%d are gone that never were public", n)
	}
	touched, revision, err := w.EntriesTouched(ctx, 0)
	if err != nil || len(touched) != 9 || revision == 0 { // three services with a provider and a location each
		t.Fatalf("%d touched up to %d: %v", len(touched), revision, err)
	}
	later := day.Add(time.Hour)
	w.does("release", w.Release(ctx, w.clerk, later, authz.Ref{Kind: authz.Entry, Object: string(shown), Purpose: authz.ForDirectory}, authz.Release{Level: authz.PublicLevel}))
	touched, next, err := w.EntriesTouched(ctx, revision)
	if err != nil || len(touched) != 1 || touched[0].ID != string(shown) || !touched[0].At.Equal(later) || next <= revision {
		t.Errorf("after a release: %+v up to %d, %v", touched, next, err)
	}
	if again, same, err := w.EntriesTouched(ctx, next); err != nil || len(again) != 0 || same != next {
		t.Errorf("after nothing: %+v up to %d, %v", again, same, err)
	}
	if sees(public) != 1 || sees(w.ben) != 1 {
		t.Errorf("the public sees %d, the west %d", sees(public), sees(w.ben))
	}
	if n := len(must[map[directory.ServiceID]bool](t)(store.UnsafeWithoutRights(w.Store).VisibleServices(ctx, public, all))); n != 3 {
		t.Errorf("control: without rights %d of 3 are answered", n)
	}
	w.does("withdraw", w.Release(ctx, w.clerk, later.Add(time.Hour), authz.Ref{Kind: authz.Entry, Object: string(shown), Purpose: authz.ForDirectory}, authz.Release{}))
	if list := must[[]directory.Gone](t)(w.GoneServices(ctx, shown)); len(list) != 1 || list[0].ID != shown || !list[0].At.Equal(later.Add(time.Hour)) {
		t.Errorf("after the withdrawal: %+v", list)
	}
	if len(must[[]directory.Gone](t)(w.GoneServices(ctx, hidden))) != 0 || sees(public) != 0 {
		t.Error("what never was public is told, or what was withdrawn is seen")
	}
	w.does("release again", w.Release(ctx, w.clerk, later.Add(2*time.Hour), authz.Ref{Kind: authz.Entry, Object: string(shown), Purpose: authz.ForDirectory}, authz.Release{Level: authz.PublicLevel}))
	if n := len(gone()); n != 0 || sees(public) != 1 {
		t.Errorf("back again, and %d are gone", n)
	}
	w.does("end", w.EndService(ctx, w.clerk, later.Add(3*time.Hour), shown))
	if ids := gone(); len(ids) != 1 || ids[0] != shown || sees(public) != 0 {
		t.Errorf("ended, and gone are %v", ids)
	}
}

func feedOfJoined(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	a, b := w.twice()
	joined := w.Joined(func() time.Time { return day })
	must[int](t)(w.UnsafeFindDuplicates(ctx, day))
	before := must[int64](t)(w.EntryRevision(ctx))
	if n := len(must[[]directory.Gone](t)(joined.GoneServices(ctx, ""))); n != 0 {
		t.Errorf("%d are gone before anything was joined", n)
	}
	w.does("joined", w.DecideDuplicate(ctx, w.clerk, day.Add(time.Hour), w.east, a, b, directory.OneOffer))
	lead := must[directory.Record](t)(joined.Service(ctx, authz.Public(), a)).ID
	other := a
	if lead == a {
		other = b
	}
	touched, revision, err := joined.EntriesTouched(ctx, before)
	if err != nil || len(touched) != 2 {
		t.Errorf("the decision touches %+v, %v", touched, err)
	}
	if list := must[[]directory.Gone](t)(joined.GoneServices(ctx, "")); len(list) != 1 || list[0].ID != other || !list[0].At.Equal(day.Add(time.Hour)) {
		t.Errorf("gone: %+v, want %s", list, other)
	}
	// A change of the place of one is a change of the view, which stands under the name of the other.
	rec := must[directory.Record](t)(w.Service(ctx, w.clerk, a))
	l := rec.Locations[0]
	l.StepFree = directory.Yes
	must[directory.LocationID](t)(w.SaveLocation(ctx, w.clerk, day.Add(2*time.Hour), l, directory.Rules{}))
	names := map[string]bool{}
	touched, _, err = joined.EntriesTouched(ctx, revision)
	for _, x := range touched {
		names[x.ID] = true
	}
	if err != nil || !names[string(a)] || !names[string(b)] {
		t.Errorf("the place touches %v, %v", names, err)
	}
	if plain, _, err := w.EntriesTouched(ctx, revision); err != nil || len(plain) != 1 { // control: of itself only the place changed
		t.Errorf("control: %+v, %v", plain, err)
	}
}

func importsPlanned(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	told := func(id, name string) directory.Imported {
		return directory.Imported{Source: id, ProviderName: "p", Provider: directory.Provider{Name: "Verein"}, Service: directory.Service{Name: directory.Texts{"de": name}, Kinds: []string{"beratung"}}}
	}
	must[store.ImportOutcome](t)(w.ImportEntries(ctx, w.clerk, day, w.east, "list", authz.Release{}, []directory.Imported{told("1", "Eins"), told("2", "Zwei"), told("3", "Drei")}, nil))
	before, entries := must[int64](t)(w.EntryRevision(ctx)), len(must[[]directory.Record](t)(w.Services(ctx, w.clerk, w.east, time.Time{})))
	next := []directory.Imported{told("1", "Eins"), told("2", "Zwei neu"), told("4", "Vier")}
	plan := must[directory.ImportPlan](t)(w.PlanImport(ctx, w.clerk, day.Add(time.Hour), w.east, "list", next))
	if plan.Created != 1 || plan.Changed != 1 || plan.Unchanged != 1 || plan.Gone != 1 || len(plan.Changes) != 3 {
		t.Errorf("%+v", plan)
	}
	for i, want := range []directory.ImportKind{directory.ImportChanged, directory.ImportNew, directory.ImportGone} {
		if i < len(plan.Changes) && plan.Changes[i].Kind != want {
			t.Errorf("change %d is %+v, want %s", i, plan.Changes[i], want)
		}
	}
	if after := must[int64](t)(w.EntryRevision(ctx)); after != before || len(must[[]directory.Record](t)(w.Services(ctx, w.clerk, w.east, time.Time{}))) != entries {
		t.Error("planning changed the directory")
	}
	if _, err := w.PlanImport(ctx, w.ben, day, w.east, "list", next); err == nil {
		t.Error("the west plans for the east")
	}
	out := must[store.ImportOutcome](t)(w.ImportEntries(ctx, w.clerk, day.Add(time.Hour), w.east, "list", authz.Release{}, next, nil))
	if out != plan.ImportOutcome { // control: doing it does what was planned
		t.Errorf("planned %+v, done %+v", plan.ImportOutcome, out)
	}
	id := must[string](t)(w.KeepImportDraft(ctx, w.clerk, day, directory.ImportDraft{Owner: w.east, System: "list", Raw: []byte("x")}))
	if _, err := w.ImportDraft(ctx, w.ben, w.east, id); err == nil {
		t.Error("the west reads the file of the east")
	}
	if n := must[int64](t)(w.UnsafeForgetImports(ctx, day.Add(23*time.Hour))); n != 0 {
		t.Errorf("%d files were forgotten too early", n)
	}
	if d := must[directory.ImportDraft](t)(w.ImportDraft(ctx, w.clerk, w.east, id)); string(d.Raw) != "x" {
		t.Errorf("%+v", d)
	}
	if n := must[int64](t)(w.UnsafeForgetImports(ctx, day.Add(25*time.Hour))); n != 1 {
		t.Errorf("%d files were forgotten in time", n)
	}
}
