package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/fault"
	"gevor/internal/store"
)

var finderClauses = []clause{
	{"an import changes what its source changed, and nothing that people wrote", importsKeepHands},
	{"the revision of the directory grows, and names what changed", directoryRevision},
	{"what only some may see is given to them alone", servicesBeyond},
	{"searches without a result are counted and nothing else", unansweredCounts},
}

// told is a source with n services that share one provider.
func told(n int) []directory.Imported {
	out := make([]directory.Imported, n)
	for i := range out {
		out[i] = directory.Imported{
			Source: fmt.Sprint("x", i), ProviderName: "house", Provider: directory.Provider{Name: "Träger"},
			Service: directory.Service{Name: directory.Texts{"de": fmt.Sprint("Angebot ", i)}, Cost: directory.Free, Kinds: []string{"hebamme"}, Places: []directory.Place{{}}},
			Places:  []directory.ImportedPlace{{Source: fmt.Sprint("x", i), Location: directory.Location{Street: "Weg 1", City: "Ost"}}},
			Assured: []directory.Confirmation{{How: directory.ByFeed, At: day.AddDate(0, 0, -3)}},
		}
	}
	return out
}

func importsKeepHands(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	take := func(list []directory.Imported) store.ImportOutcome {
		t.Helper()
		return must[store.ImportOutcome](t)(w.ImportEntries(ctx, w.clerk, day.Add(time.Hour), w.east, "feed", authz.Release{Level: authz.PublicLevel}, list, nil))
	}
	if got := take(told(3)); got != (store.ImportOutcome{Created: 3}) {
		t.Errorf("first: %+v", got)
	}
	all := must[[]directory.Record](t)(w.Services(ctx, authz.Public(), "", time.Time{}))
	if len(all) != 3 || all[0].Provider.Name != "Träger" || all[0].Locations[0].City != "Ost" || len(all[0].Confirmations) != 1 || all[0].Service.Provider != all[1].Service.Provider {
		t.Fatalf("%d services: %+v", len(all), all)
	}
	before := must[int64](t)(w.EntryRevision(ctx))
	if got := take(told(3)); got != (store.ImportOutcome{Unchanged: 3}) || must[int64](t)(w.EntryRevision(ctx)) != before {
		t.Errorf("again: %+v", got)
	}
	at := slices.IndexFunc(all, func(r directory.Record) bool { return r.Sources[0].ID == "x1" })
	mine := all[at].Service
	mine.Cost = directory.Fee
	must[directory.ServiceID](t)(w.SaveService(ctx, w.clerk, day.Add(2*time.Hour), mine, directory.Rules{}))
	newer := told(3)
	newer[1].Service.Cost, newer[1].Service.Summary = directory.Copayment, directory.Texts{"de": "Neu"}
	newer[2].Service.Name = directory.Texts{"de": "Anders"}
	if got := take(newer); got != (store.ImportOutcome{Changed: 2, Unchanged: 1, Kept: 1}) {
		t.Errorf("newer: %+v", got)
	}
	for range 2 { // the source says the same again: what was written by hand still stays
		rec := must[directory.Record](t)(w.Service(ctx, w.clerk, mine.ID))
		if text, _ := rec.Summary.In("de"); rec.Cost != directory.Fee || text != "Neu" {
			t.Errorf("after the import: %+v", rec.Service)
		}
		take(newer)
	}
	_, err := w.ImportEntries(ctx, w.ben, day, w.east, "feed", authz.Release{}, told(1), nil)
	wants(t, "an import from the west", err, fault.NotFound)
}

func directoryRevision(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	id := w.listed("Tafel", directory.Steady)
	at := must[int64](t)(w.EntryRevision(ctx))
	if ids := must[[]string](t)(w.EntriesSince(ctx, at)); len(ids) != 0 {
		t.Errorf("changed since: %v", ids)
	}
	w.shows(id, authz.Release{Level: authz.PublicLevel})
	if ids := must[[]string](t)(w.EntriesSince(ctx, at)); !slices.Equal(ids, []string{string(id)}) || must[int64](t)(w.EntryRevision(ctx)) <= at {
		t.Errorf("changed since: %v", ids)
	}
}

func servicesBeyond(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	w.shows(w.listed("Alle", directory.Steady), authz.Release{Level: authz.PublicLevel})
	named := w.listed("Einige", directory.Steady)
	w.shows(named, authz.Release{Level: authz.Named, Named: []authz.OrganisationID{w.west}})
	w.listed("Niemand", directory.Steady)
	for _, x := range []struct {
		who  authz.Actor
		want int
	}{{authz.Public(), 0}, {w.ben, 1}, {w.clerk, 2}} {
		if got := must[[]directory.Record](t)(w.ServicesBeyond(ctx, x.who)); len(got) != x.want {
			t.Errorf("%v gets %d, want %d", x.who.Person, len(got), x.want)
		}
	}
	open2 := store.UnsafeWithoutRights(w.Store) // the control
	if got := must[[]directory.Record](t)(open2.ServicesBeyond(ctx, authz.Public())); len(got) != 2 {
		t.Errorf("without rights the public gets %d", len(got))
	}
}

func unansweredCounts(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	u := directory.Unanswered{Month: "2026-05", District: "05999001", Need: "hebamme", Language: "tr", Reason: directory.NothingFits, Times: 2}
	for range 2 {
		w.does("count", w.AddUnanswered(t.Context(), []directory.Unanswered{u}))
	}
	u.Reason = "my name is"
	wants(t, "a free text", w.AddUnanswered(t.Context(), []directory.Unanswered{u}), fault.Invalid)
}
