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
	"gevor/outbox"
)

var directoryClauses = []clause{
	{"an entry is kept, changed and ended", entryLife},
	{"an entry is seen as its owner released it", entryReleased},
	{"reminders come once and a link answers once", remindersAndLinks},
	{"a field is confirmed by itself, and by writing it", fieldsConfirmed},
	{"nobody's name stands under an offer against their will", partnersAgree},
	{"observations stand beside, suggestions wait for the owner", observationsAndSuggestions},
}

// listed is a service of the east with everything it needs.
func (w *town) listed(name string, risk directory.Risk) directory.ServiceID {
	w.t.Helper()
	ctx := w.t.Context()
	p := must[directory.ProviderID](w.t)(w.SaveProvider(ctx, w.clerk, day, directory.Provider{Owner: w.east, Name: "Verein " + name}))
	l := must[directory.LocationID](w.t)(w.SaveLocation(ctx, w.clerk, day, directory.Location{Owner: w.east, Street: "Weg 1", City: "Ost", Postcode: "44787"}, directory.Rules{}))
	return must[directory.ServiceID](w.t)(w.SaveService(ctx, w.clerk, day, directory.Service{
		Owner: w.east, Provider: p, Name: directory.Texts{"de": name}, Kinds: []string{"beratung"}, Risk: risk, Places: []directory.Place{{Location: l}},
	}, directory.Rules{}))
}

func (w *town) shows(id directory.ServiceID, r authz.Release) {
	w.t.Helper()
	w.does("release", w.Release(w.t.Context(), w.clerk, day, authz.Ref{Kind: authz.Entry, Object: string(id), Purpose: authz.ForDirectory}, r))
}

func entryLife(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	id := w.listed("Schuldnerberatung", directory.Advising)
	rec := must[directory.Record](t)(w.Service(ctx, w.anna, id))
	if rec.Provider.Name != "Verein Schuldnerberatung" || len(rec.Locations) != 1 || rec.Locations[0].City != "Ost" || rec.Version != 1 || !rec.Modified.Equal(day) {
		t.Errorf("%+v", rec)
	}
	x := rec.Service
	x.Capacity = directory.Capacity{Room: directory.RoomWaiting, Weeks: 3, On: day}
	must[directory.ServiceID](t)(w.SaveService(ctx, w.clerk, day.Add(time.Hour), x, directory.Rules{}))
	_, err := w.SaveService(ctx, w.clerk, day, x, directory.Rules{})
	wants(t, "a change on the old version", err, fault.Stale)
	_, err = w.SaveService(ctx, w.ben, day, x, directory.Rules{})
	wants(t, "a change from the west", err, fault.NotFound)
	x.Owner = w.west
	x.Version = 2
	_, err = w.SaveService(ctx, w.clerk, day, x, directory.Rules{})
	w.does("a record keeps its owner", err)
	if rec := must[directory.Record](t)(w.Service(ctx, w.clerk, id)); rec.Owner != w.east || rec.Capacity.Weeks != 3 {
		t.Errorf("%+v", rec.Service)
	}
	_, err = w.SaveService(ctx, w.ben, day, directory.Service{Owner: w.west, Provider: rec.Service.Provider, Name: directory.Texts{"de": "Fremdes"}, Kinds: []string{"x"}}, directory.Rules{})
	wants(t, "a service of somebody else's provider", err, fault.Invalid)
	told := must[[]history.Change](t)(w.History(ctx, w.anna, w.east, authz.Entry, string(id), 0, 10))
	if len(told) != 3 || told[2].Verb != "created" || told[0].Verb != "changed" {
		t.Errorf("%d changes", len(told))
	}
	w.shows(id, authz.Release{Level: authz.PublicLevel})
	wants(t, "ended by a stranger", w.EndService(ctx, w.ben, day, id), fault.Denied)
	w.does("end", w.EndService(ctx, w.clerk, day, id))
	if _, err := w.Service(ctx, authz.Public(), id); fault.KindOf(err) != fault.NotFound {
		t.Errorf("an ended service is shown: %v", err)
	}
	if rec := must[directory.Record](t)(w.Service(ctx, w.clerk, id)); rec.Ended.IsZero() {
		t.Error("not ended")
	}
}

func entryReleased(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	shown, hidden := w.listed("Öffentlich", ""), w.listed("Intern", "")
	w.shows(shown, authz.Release{Level: authz.PublicLevel})
	count := func(a authz.Actor) int {
		return len(must[[]directory.Record](t)(w.Services(ctx, a, "", time.Time{})))
	}
	if count(authz.Public()) != 1 || count(w.ben) != 1 || count(w.clerk) != 2 {
		t.Errorf("%d, %d and %d services", count(authz.Public()), count(w.ben), count(w.clerk))
	}
	_, there := w.Service(ctx, w.ben, hidden)
	_, missing := w.Service(ctx, w.ben, "s-none")
	if there == nil || there.Error() != missing.Error() {
		t.Errorf("hidden: %v, missing: %v", there, missing)
	}
	rec := must[directory.Record](t)(w.Service(ctx, w.clerk, shown))
	rec.Draft = true
	must[directory.ServiceID](t)(w.SaveService(ctx, w.clerk, day, rec.Service, directory.Rules{}))
	if count(authz.Public()) != 0 {
		t.Error("a draft is shown")
	}
	if n := len(must[[]directory.Record](t)(store.UnsafeWithoutRights(w.Store).Services(ctx, w.ben, "", time.Time{}))); n != 2 {
		t.Errorf("control: without rights %d of 2", n)
	}
	if n := len(must[[]directory.Record](t)(w.Services(ctx, w.clerk, "", day.Add(time.Hour)))); n != 0 {
		t.Errorf("%d changed since", n)
	}
}

func remindersAndLinks(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	o, err := w.Organisation(ctx, w.anna, w.east)
	w.does("house", err)
	o.Email = "haus@ost.example"
	w.does("address", w.ChangeOrganisation(ctx, w.anna, day, o))
	id := w.listed("Krisendienst", directory.Acute)
	w.does("confirm", w.Confirm(ctx, w.clerk, day, id, directory.Whole, directory.ByPhone))
	wants(t, "confirmed by the west", w.Confirm(ctx, w.ben, day, id, directory.Whole, directory.ByPhone), fault.NotFound)
	remind := func(days int) int {
		t.Helper()
		return must[int](t)(w.UnsafeRemind(ctx, day.AddDate(0, 0, days)))
	}
	for _, c := range []struct{ day, letters int }{{10, 0}, {16, 1}, {17, 0}, {29, 0}, {30, 1}, {31, 0}, {51, 1}, {52, 0}} {
		if got := remind(c.day); got != c.letters {
			t.Errorf("on day %d: %d letters, want %d", c.day, got, c.letters)
		}
	}
	secret := func() string {
		for _, m := range must[[]outbox.Message](t)(w.UnsafeLease(ctx, outbox.Mail, day.AddDate(0, 0, 60), day.AddDate(0, 0, 61), 100)) {
			if strings.HasPrefix(m.Key, "reminder ") && strings.Contains(string(m.Payload), `"late"`) {
				_, rest, _ := strings.Cut(string(m.Payload), `"Secret":"`)
				s, _, _ := strings.Cut(rest, `"`)
				return s
			}
		}
		t.Fatal("no letter")
		return ""
	}()
	at := day.AddDate(0, 0, 53)
	for range 3 { // a mail scanner opens the link
		if x, err := w.LinkedService(ctx, secret, at); err != nil || x.ID != id {
			t.Fatalf("%v %v", x.ID, err)
		}
	}
	wants(t, "a button that is none", w.AnswerLink(ctx, secret, "burn", at), fault.Invalid)
	w.does("still right", w.AnswerLink(ctx, secret, "confirmed", at))
	wants(t, "twice", w.AnswerLink(ctx, secret, "ended", at), fault.Conflict)
	wants(t, "a secret that never was", w.AnswerLink(ctx, "NEVER", "confirmed", at), fault.NotFound)
	rec := must[directory.Record](t)(w.Service(ctx, w.clerk, id))
	if trust := rec.TrustAt("phone", rec.Confirmations, at); trust.Expired || trust.How != directory.ByMail {
		t.Errorf("%+v", trust)
	}
	if remind(54) != 0 {
		t.Error("a letter although it was just confirmed")
	}
}

func observationsAndSuggestions(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	id := w.listed("Kinderarztpraxis", "")
	seen := directory.Observation{Service: id, By: w.west, What: "takes-nobody", Text: "Aufnahmestopp bis Herbst"}
	wants(t, "about what ben may not see", w.Observe(ctx, w.ben, day, seen), fault.NotFound)
	w.shows(id, authz.Release{Level: authz.PublicLevel})
	w.does("observe", w.Observe(ctx, w.ben, day, seen))
	wants(t, "in the name of another house", w.Observe(ctx, w.ben, day, directory.Observation{Service: id, By: w.east, What: "waiting"}), fault.Invalid)
	wants(t, "by nobody", w.Observe(ctx, authz.Public(), day, seen), fault.NotFound)
	if rec := must[directory.Record](t)(w.Service(ctx, w.anna, id)); len(rec.Observations) != 1 || rec.Version != 1 {
		t.Errorf("%+v", rec)
	}
	if rec := must[directory.Record](t)(w.Service(ctx, authz.Public(), id)); len(rec.Observations) != 0 {
		t.Error("the public reads what professionals found out")
	}
	w.does("suggest", w.Suggest(ctx, authz.Public(), day, directory.Suggestion{Service: id, Field: "phone", Proposed: "0234 999999"}))
	wants(t, "nothing in it", w.Suggest(ctx, authz.Public(), day, directory.Suggestion{Service: id, Field: "phone"}), fault.Invalid)
	list := must[[]directory.Suggestion](t)(w.Suggestions(ctx, w.clerk, w.east))
	if len(list) != 1 || !list[0].Made.Equal(day.Truncate(24*time.Hour)) {
		t.Fatalf("%+v", list)
	}
	wants(t, "decided by the west", w.Decide(ctx, w.ben, day, list[0].ID, true), fault.NotFound)
	w.does("decide", w.Decide(ctx, w.clerk, day, list[0].ID, true))
	wants(t, "decided twice", w.Decide(ctx, w.clerk, day, list[0].ID, false), fault.Stale)
}

func fieldsConfirmed(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx, later := t.Context(), day.AddDate(0, 0, 20)
	id := w.listed("Schuldnerberatung", directory.Advising)
	w.does("the whole", w.Confirm(ctx, w.clerk, day, id, directory.Whole, directory.ByMail))
	wants(t, "a field that is none", w.Confirm(ctx, w.clerk, day, id, "weather", directory.ByPhone), fault.Invalid)
	wants(t, "by the west", w.Confirm(ctx, w.ben, day, id, "hours", directory.ByPhone), fault.NotFound)
	w.does("the hours", w.Confirm(ctx, w.clerk, later, id, "hours", directory.ByPhone))
	how := func(field string) directory.How {
		rec := must[directory.Record](t)(w.Service(ctx, w.clerk, id))
		return rec.TrustAt(field, rec.Confirmations, later.AddDate(0, 0, 30)).How
	}
	if how("hours") != directory.ByPhone || how("languages") != directory.ByMail || how(directory.Whole) != directory.ByMail {
		t.Errorf("hours by %q, languages by %q, the whole by %q", how("hours"), how("languages"), how(directory.Whole))
	}
	rec := must[directory.Record](t)(w.Service(ctx, w.clerk, id))
	x := rec.Service
	x.Languages = []directory.Language{{Tag: "tr"}}
	must[directory.ServiceID](t)(w.SaveService(ctx, w.clerk, later.AddDate(0, 0, 1), x, directory.Rules{}))
	if how("languages") != directory.ByOwner || how("hours") != directory.ByPhone { // control: what was not written keeps its word
		t.Errorf("after writing the languages: languages by %q, hours by %q", how("languages"), how("hours"))
	}
	l := rec.Locations[0]
	l.Street = "Weg 2"
	must[directory.LocationID](t)(w.SaveLocation(ctx, w.clerk, later.AddDate(0, 0, 2), l, directory.Rules{}))
	if how("address") != directory.ByOwner {
		t.Errorf("after moving: by %q", how("address"))
	}
}

func partnersAgree(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	id := w.listed("Sprechstunde", directory.Advising)
	theirs := must[directory.ProviderID](t)(w.SaveProvider(ctx, w.ben, day, directory.Provider{Owner: w.west, Name: "Praxis im Westen", Phone: "0234 111111"}))
	wants(t, "one that the east does not see", w.AskPartner(ctx, w.clerk, day, id, theirs), fault.NotFound)
	offer := must[directory.ServiceID](t)(w.SaveService(ctx, w.ben, day, directory.Service{Owner: w.west, Provider: theirs, Name: directory.Texts{"de": "Praxis"}, Kinds: []string{"x"}}, directory.Rules{}))
	w.does("shown", w.Release(ctx, w.ben, day, authz.Ref{Kind: authz.Entry, Object: string(offer), Purpose: authz.ForDirectory}, authz.Release{Level: authz.PublicLevel}))
	if list := must[[]directory.Provider](t)(w.PossiblePartners(ctx, w.clerk, id, "praxis im")); len(list) != 1 || list[0].ID != theirs {
		t.Errorf("possible partners: %+v", list)
	}
	wants(t, "by the west", w.AskPartner(ctx, w.ben, day, id, theirs), fault.NotFound)
	// Whatever a record says of itself, no name comes under it that way.
	x := must[directory.Record](t)(w.Service(ctx, w.clerk, id)).Service
	x.Partners = []directory.ProviderID{theirs}
	must[directory.ServiceID](t)(w.SaveService(ctx, w.clerk, day, x, directory.Rules{}))
	names := func() (n int) {
		t.Helper()
		rec := must[directory.Record](t)(w.Service(ctx, w.clerk, id))
		for _, r := range must[[]directory.Record](t)(w.Services(ctx, w.clerk, w.east, time.Time{})) {
			if r.ID == id && len(r.With) != len(rec.With) {
				t.Errorf("%d partners in the list, %d alone", len(r.With), len(rec.With))
			}
		}
		return len(rec.With)
	}
	if names() != 0 {
		t.Error("a name stands under an offer without having been asked")
	}
	before := must[int64](t)(w.EntryRevision(ctx))
	w.does("ask", w.AskPartner(ctx, w.clerk, day, id, theirs))
	wants(t, "asked twice", w.AskPartner(ctx, w.clerk, day, id, theirs), fault.Conflict)
	if names() != 0 {
		t.Error("a name stands under an offer before its house agreed")
	}
	wants(t, "the east answers for the west", w.AnswerPartner(ctx, w.clerk, day, id, theirs, true), fault.NotFound)
	w.does("agree", w.AnswerPartner(ctx, w.ben, day, id, theirs, true))
	if names() != 1 { // control: with consent it does
		t.Error("an agreed partner is not shown")
	}
	if touched := must[[]string](t)(w.EntriesSince(ctx, before)); !slices.Contains(touched, string(id)) {
		t.Error("nobody learns that the offer has a partner now")
	}
	w.does("the west leaves", w.AnswerPartner(ctx, w.ben, day.Add(time.Hour), id, theirs, false))
	if names() != 0 {
		t.Error("a name stands under an offer after its house left")
	}
	wants(t, "asked after a refusal", w.AskPartner(ctx, w.clerk, day, id, theirs), fault.Conflict)
	wants(t, "a refusal is wiped", w.DropPartner(ctx, w.clerk, day, id, theirs), fault.Stale)
	w.does("the west comes back", w.AnswerPartner(ctx, w.ben, day.Add(2*time.Hour), id, theirs, true))
	w.does("the east drops it", w.DropPartner(ctx, w.clerk, day.Add(3*time.Hour), id, theirs))
	wants(t, "answered to nobody", w.AnswerPartner(ctx, w.ben, day, id, theirs, true), fault.NotFound)
	own := must[directory.ProviderID](t)(w.SaveProvider(ctx, w.clerk, day, directory.Provider{Owner: w.east, Name: "Zweiter Verein"}))
	w.does("one of the same house", w.AskPartner(ctx, w.clerk, day, id, own))
	if names() != 1 {
		t.Error("one of the same house had to be asked")
	}
	list := must[[]directory.Partnership](t)(w.Partnerships(ctx, w.clerk, w.east))
	if len(list) != 1 || list[0].Name != "Zweiter Verein" || list[0].State != directory.Consents || list[0].Offer["de"] != "Sprechstunde" {
		t.Errorf("%+v", list)
	}
}
