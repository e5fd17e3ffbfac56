package store_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/fault"
	"gevor/history"
	"gevor/internal/store"
)

var mergeClauses = []clause{
	{"a duplicate is found, joined, accepted and undone", mergeLife},
	{"what one owner keeps apart nobody else joins", mergeApart},
	{"a joined view shows each reader only what they may see", mergeHidden},
	{"pairs come and go with the records", mergePairs},
	{"a harvest is kept for whom it is read", harvestsKept},
	{"what cannot be read leaves the record as it was", unreadFields},
	{"what a source shows no more is hidden as it stands", goneInSource},
}

// twice lists the same office of the east by hand and of the west from a source, both public.
func (w *town) twice() (east, west directory.ServiceID) {
	w.t.Helper()
	ctx := w.t.Context()
	east = must[directory.ServiceID](w.t)(w.SaveEntry(ctx, w.clerk, day, directory.Entry{
		Provider: directory.Provider{Owner: w.east, Name: "Verein Lichtblick e. V.", Website: "www.lichtblick-verein.de"},
		Location: directory.Location{Owner: w.east, Street: "Bochumer Straße 12", Postcode: "44866", City: "Oststadt"},
		Service:  directory.Service{Owner: w.east, Name: directory.Texts{"de": "Schuldnerberatung Lichtblick"}, Kinds: []string{"schuldnerberatung"}, Languages: []directory.Language{{Tag: "de"}}},
		Place:    directory.Place{Contacts: []directory.Contact{{Phone: "0234 123450"}}},
	}, directory.Rules{}))
	read := directory.Imported{
		Source: "77", ProviderName: "p7", Provider: directory.Provider{Name: "Lichtblick", Website: "https://lichtblick-verein.de/"},
		Service: directory.Service{
			Name: directory.Texts{"de": "Schuldnerberatung Lichtblick e.V."}, Summary: directory.Texts{"de": "Hilfe bei Schulden."}, Kinds: []string{"schuldnerberatung"},
			Languages: []directory.Language{{Tag: "de"}, {Tag: "tr"}},
			Places:    []directory.Place{{Location: "given later", Hours: directory.Hours{Slots: []directory.Slot{{Day: time.Monday, From: 540, To: 720}}}, Contacts: []directory.Contact{{Phone: "+49234123450"}}}},
		},
		Places:  []directory.ImportedPlace{{Source: "l7", Location: directory.Location{Street: "Bochumer Str. 12", Postcode: "44866", City: "Oststadt"}}},
		Assured: []directory.Confirmation{{How: directory.ByFeed, At: day.AddDate(0, 0, -3)}},
	}
	out := must[store.ImportOutcome](w.t)(w.ImportEntries(ctx, w.ben, day, w.west, "hsds:west", authz.Release{Level: authz.PublicLevel}, []directory.Imported{read}, nil))
	if out.Created != 1 {
		w.t.Fatalf("%+v", out)
	}
	w.shows(east, authz.Release{Level: authz.PublicLevel})
	mine := must[[]directory.Record](w.t)(w.Services(ctx, w.ben, w.west, time.Time{}))
	return east, mine[len(mine)-1].ID
}

func (w *town) offers() []directory.Record {
	w.t.Helper()
	return must[[]directory.Record](w.t)(w.Joined(func() time.Time { return day }).Services(w.t.Context(), authz.Public(), "", time.Time{}))
}

func mergeLife(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	a, b := w.twice()
	if n := must[int](t)(w.UnsafeFindDuplicates(ctx, day)); n != 1 {
		t.Fatalf("%d pairs found", n)
	}
	list := must[[]directory.Match](t)(w.Duplicates(ctx, w.clerk, w.east, day, false))
	if len(list) != 1 || list[0].Band != directory.Same || !slices.Contains(list[0].Reasons, "phone") {
		t.Fatalf("%+v", list)
	}
	if len(w.offers()) != 2 {
		t.Error("joined before anybody said so")
	}
	kept := func(id directory.ServiceID) directory.Record {
		return must[directory.Record](t)(store.UnsafeWithoutRights(w.Store).Service(ctx, authz.Public(), id))
	}
	before, other := kept(a), kept(b)
	w.does("join", w.DecideDuplicate(ctx, w.clerk, day, w.east, a, b, directory.OneOffer))

	// Readers see one offer; no record has changed.
	shown := w.offers()
	if len(shown) != 1 || shown[0].ID != a || len(shown[0].Languages) != 2 || len(shown[0].Places[0].Hours.Slots) != 1 || !slices.ContainsFunc(shown[0].Sources, func(s directory.Source) bool { return s.System == "hsds:west" && s.ID == "77" }) {
		t.Fatalf("%+v", shown)
	}
	if is := kept(a); is.Version != before.Version || kept(b).Version != other.Version {
		t.Error("a record was changed by a decision")
	}
	for _, id := range []directory.ServiceID{a, b} { // old links stay good
		if r := must[directory.Record](t)(w.Joined(func() time.Time { return day }).Service(ctx, authz.Public(), id)); r.ID != a {
			t.Errorf("%s leads to %s", id, r.ID)
		}
	}

	// The owner accepts one field and declines another one.
	c := must[directory.Case](t)(w.Duplicate(ctx, w.clerk, w.east, a, b, day))
	var fields []string
	for _, p := range c.Proposals[a] {
		fields = append(fields, p.Field+" "+p.Reason)
	}
	if want := []string{"summary only", "languages confirmed", "hours only"}; !slices.Equal(fields, want) || len(c.Proposals[b]) != 0 {
		t.Fatalf("proposed %v and %v, want %v", fields, c.Proposals[b], want)
	}
	wants(t, "accepted by the west", w.AnswerProposal(ctx, w.ben, day, w.west, a, b, a, "languages", true), fault.Stale)
	w.does("accept", w.AnswerProposal(ctx, w.clerk, day, w.east, a, b, a, "languages", true))
	w.does("accept hours", w.AnswerProposal(ctx, w.clerk, day, w.east, a, b, a, "hours", true))
	w.does("decline", w.AnswerProposal(ctx, w.clerk, day, w.east, a, b, a, "summary", false))
	if is := kept(a); len(is.Languages) != 2 || len(is.Places[0].Hours.Slots) != 1 || len(is.Summary) != 0 || is.Version != before.Version+2 || is.Owner != w.east || is.Locations[0].Owner != w.east {
		t.Errorf("%+v", is)
	}
	if c := must[directory.Case](t)(w.Duplicate(ctx, w.clerk, w.east, a, b, day)); len(c.Proposals[a]) != 0 {
		t.Errorf("still proposed: %+v", c.Proposals[a])
	}
	if is := kept(b); is.Version != other.Version {
		t.Error("the record of the west was changed by the east")
	}

	// Undone, everything is as it was.
	w.does("undo", w.DecideDuplicate(ctx, w.clerk, day.Add(time.Hour), w.east, a, b, directory.Open))
	is := kept(a)
	if len(is.Languages) != 1 || len(is.Places[0].Hours.Slots) != 0 || len(w.offers()) != 2 {
		t.Errorf("after undoing: %+v", is.Service)
	}
	var verbs []string
	for _, h := range must[[]history.Change](t)(w.History(ctx, w.anna, w.east, authz.Entry, string(a), 0, 50)) {
		verbs = append(verbs, h.Verb)
	}
	for _, v := range []string{"joined_view", "proposal_declined", "decision_undone"} {
		if !slices.Contains(verbs, v) {
			t.Errorf("%s is not in the history: %v", v, verbs)
		}
	}
	// The source's name is still known: reading it again makes no second record.
	if again := must[[]directory.Record](t)(w.Services(ctx, w.ben, w.west, time.Time{})); len(again) != 1 {
		t.Errorf("%d records", len(again))
	}
}

func mergeApart(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	a, b := w.twice()
	must[int](t)(w.UnsafeFindDuplicates(ctx, day))
	w.does("the west keeps them apart", w.DecideDuplicate(ctx, w.ben, day, w.west, b, a, directory.SeparateOnes))
	wants(t, "the east joins them", w.DecideDuplicate(ctx, w.clerk, day, w.east, a, b, directory.OneOffer), fault.Conflict)
	wants(t, "the east in the name of the west", w.DecideDuplicate(ctx, w.clerk, day, w.west, a, b, directory.OneOffer), fault.NotFound)
	if must[int](t)(w.UnsafeFindDuplicates(ctx, day)) != 0 {
		t.Error("asked again about what was decided")
	}
	w.does("the west takes it back", w.DecideDuplicate(ctx, w.ben, day, w.west, a, b, directory.Open))
	w.does("the east joins them", w.DecideDuplicate(ctx, w.clerk, day, w.east, a, b, directory.OneOffer))
	w.does("either owner may undo", w.DecideDuplicate(ctx, w.ben, day, w.west, a, b, directory.Open))
	w.does("later", w.DecideDuplicate(ctx, w.ben, day, w.west, a, b, directory.Later))
	if n := len(must[[]directory.Match](t)(w.Duplicates(ctx, w.ben, w.west, day.AddDate(0, 0, 29), false))); n != 0 {
		t.Errorf("asked too early: %d", n)
	}
	if n := len(must[[]directory.Match](t)(w.Duplicates(ctx, w.ben, w.west, day.AddDate(0, 0, 31), false))); n != 1 {
		t.Errorf("not asked again: %d", n)
	}
	wants(t, "no button", w.DecideDuplicate(ctx, w.ben, day, w.west, a, b, "burn"), fault.Invalid)
	wants(t, "no pair", w.DecideDuplicate(ctx, w.ben, day, w.west, a, "s-none", directory.OneOffer), fault.NotFound)
}

func mergeHidden(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	a, b := w.twice()
	must[int](t)(w.UnsafeFindDuplicates(ctx, day))
	w.does("join", w.DecideDuplicate(ctx, w.clerk, day, w.east, a, b, directory.OneOffer))
	ref := authz.Ref{Kind: authz.Entry, Object: string(b), Purpose: authz.ForDirectory}
	w.does("the west withdraws", w.Release(ctx, w.ben, day, ref, authz.Release{}))
	secret := "Hilfe bei Schulden." // stands in the record of the west alone
	leaks := func(s *store.Store) bool {
		for _, r := range must[[]directory.Record](t)(s.Joined(func() time.Time { return day }).Services(ctx, authz.Public(), "", time.Time{})) {
			if strings.Contains(string(directory.FieldText(r, "summary")), secret) {
				return true
			}
		}
		return false
	}
	if leaks(w.Store) {
		t.Error("a withdrawn record shows through the joined view")
	}
	if !leaks(store.UnsafeWithoutRights(w.Store)) {
		t.Error("control: without rights nothing leaked")
	}
	if n := len(must[[]directory.Match](t)(w.Duplicates(ctx, w.clerk, w.east, day, true))); n != 0 {
		t.Error("the east sees a pair with a record that it may not see")
	}
	_, err := w.Duplicate(ctx, w.clerk, w.east, a, b, day)
	wants(t, "the pair, by the east", err, fault.NotFound)
	wants(t, "listed for a stranger", second(w.Duplicates(ctx, w.ben, w.east, day, true)), fault.NotFound)
	if r := must[directory.Record](t)(w.Joined(func() time.Time { return day }).Service(ctx, w.ben, b)); len(r.Merged) != 1 {
		t.Errorf("the west sees both, and reads %+v", r.Merged)
	}
	beyond := must[[]directory.Record](t)(w.Joined(func() time.Time { return day }).ServicesBeyond(ctx, w.ben))
	if len(beyond) != 0 {
		t.Errorf("%d offers beside the public ones: the offer stands where the east's record stands", len(beyond))
	}
}

func second[T any](_ T, err error) error { return err }

func mergePairs(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	a, b := w.twice()
	if n := must[int](t)(w.UnsafeFindDuplicates(ctx, day)); n != 1 {
		t.Fatal(n)
	}
	if n := must[int](t)(w.UnsafeFindDuplicates(ctx, day)); n != 1 {
		t.Errorf("looking twice: %d", n)
	}
	rec := must[directory.Record](t)(w.Service(ctx, w.clerk, a))
	rec.Name = directory.Texts{"de": "Kinderchor am Abend"}
	rec.Kinds = []string{"chor"}
	rec.Places[0].Contacts = nil
	must[directory.ServiceID](t)(w.SaveService(ctx, w.clerk, day, rec.Service, directory.Rules{}))
	if n := must[int](t)(w.UnsafeFindDuplicates(ctx, day)); n != 0 {
		t.Errorf("%d pairs after the name has changed", n)
	}
	revision := must[int64](t)(w.EntryRevision(ctx))
	_, err := w.Duplicate(ctx, w.clerk, w.east, a, b, day)
	wants(t, "a pair that is gone", err, fault.NotFound)
	if again := must[int64](t)(w.EntryRevision(ctx)); again != revision {
		t.Error("looking counts as a change")
	}
}

func harvestsKept(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	_, err := w.Harvest(ctx, w.clerk, "hsds:elsewhere")
	wants(t, "before the first", err, fault.NotFound)
	h := directory.Harvest{System: "hsds:elsewhere", Owner: w.east, Address: "https://elsewhere.example/hsds", Page: 3, Began: day, ModifiedAfter: day.AddDate(0, 0, -7)}
	w.does("keep", w.SaveHarvest(ctx, w.clerk, day, h))
	if got := must[directory.Harvest](t)(w.Harvest(ctx, w.clerk, h.System)); got != h {
		t.Errorf("%+v, want %+v", got, h)
	}
	h.Page, h.Began, h.Finished = 0, time.Time{}, day
	w.does("keep again", w.SaveHarvest(ctx, w.clerk, day, h))
	if got := must[directory.Harvest](t)(w.Harvest(ctx, w.clerk, h.System)); got != h {
		t.Errorf("%+v, want %+v", got, h)
	}
	_, err = w.Harvest(ctx, w.ben, h.System)
	wants(t, "read by the west", err, fault.NotFound)
	wants(t, "for the east, by the west", w.SaveHarvest(ctx, w.ben, day, h), fault.NotFound)
	h.Owner = w.west
	wants(t, "taken by the west", w.SaveHarvest(ctx, w.ben, day, h), fault.Conflict)
}

// unreadFields: what a source says wrongly leaves the record as it was, and is taken once it can be read.
func unreadFields(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	read := func(website, name string, unread ...string) directory.Imported {
		return directory.Imported{
			Source: "1", ProviderName: "p", Provider: directory.Provider{Name: "Verein"}, Unread: unread,
			Service: directory.Service{Name: directory.Texts{"de": name}, Kinds: []string{"x"}, Website: website},
		}
	}
	take := func(x directory.Imported) (string, string) {
		must[store.ImportOutcome](t)(w.ImportEntries(ctx, w.clerk, day, w.east, "src", authz.Release{}, []directory.Imported{x}, nil))
		r := must[[]directory.Record](t)(w.Services(ctx, w.clerk, w.east, time.Time{}))[0]
		name, _ := r.Name.In("de")
		return r.Website, name
	}
	for i, c := range []struct {
		x             directory.Imported
		website, name string
	}{
		{read("https://one.de", "Eins"), "https://one.de", "Eins"},
		{read("", "Zwei", "Website"), "https://one.de", "Zwei"}, // cannot be read: the record stays in force, the rest is taken
		{read("", "Zwei", "Website"), "https://one.de", "Zwei"},
		{read("https://two.de", "Zwei"), "https://two.de", "Zwei"},
		{read("", "Zwei"), "", "Zwei"}, // control: said to be empty, and read
	} {
		if website, name := take(c.x); website != c.website || name != c.name {
			t.Errorf("step %d: %q %q, want %q %q", i, website, name, c.website, c.name)
		}
	}
}

// goneInSource: a source that only says that something is no longer public hides it, name and all, until it shows it again;
// what was never taken over is not begun.
func goneInSource(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	shown := directory.Imported{
		Source: "1", ProviderName: "p", Provider: directory.Provider{Name: "Verein"},
		Service: directory.Service{Name: directory.Texts{"de": "Sprechstunde"}, Kinds: []string{"x"}, Website: "https://one.de"},
	}
	gone := directory.Imported{Source: "1", Gone: true, ProviderName: "of 1", Service: directory.Service{Name: directory.Texts{"de": "Nicht mehr da"}, Draft: true}}
	never := gone
	never.Source = "2"
	for i, c := range []struct {
		x     directory.Imported
		draft bool
	}{{shown, false}, {gone, true}, {gone, true}, {never, true}, {shown, false}} {
		must[store.ImportOutcome](t)(w.ImportEntries(ctx, w.clerk, day, w.east, "src", authz.Release{}, []directory.Imported{c.x}, nil))
		all := must[[]directory.Record](t)(w.Services(ctx, w.clerk, w.east, time.Time{}))
		if len(all) != 1 {
			t.Fatalf("step %d: %d records", i, len(all))
		}
		if name, _ := all[0].Name.In("de"); name != "Sprechstunde" || all[0].Website != "https://one.de" || all[0].Draft != c.draft || all[0].Provider.Name != "Verein" {
			t.Errorf("step %d: %q at %q of %q, draft %v", i, name, all[0].Website, all[0].Provider.Name, all[0].Draft)
		}
	}
}
