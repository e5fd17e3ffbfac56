package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"gevor/authz"
	"gevor/contact"
	"gevor/fault"
	"gevor/handover"
	"gevor/history"
	"gevor/internal/store"
	"gevor/outbox"
)

var contactClauses = []clause{
	{"a contact that is sent twice counts once", contactOnce},
	{"contacts lose their author and become figures", contactTerms},
	{"no backup revives the author of a contact or an entry", contactRestored},
	{"nothing that anybody may read depends on who wrote a contact", contactAuthorNowhere},
	{"a contact is its author's to take back, and nobody's to read", contactRights},
	{"a handover that was declined is an unmet need where the reason lies with the offer", contactHandovers},
	{"regional figures of contacts need a release and enough behind them", contactTotals},
}

// contactKey makes a key as devices make one.
func contactKey(n int) string {
	k := []byte(strings.Repeat("a", 26))
	for i := 25; n > 0; i-- {
		k[i] = "abcdefghijklmnopqrstuvwxyz234567"[n%32]
		n /= 32
	}
	return string(k)
}

func spoken(n int) contact.Entry {
	return contact.Entry{
		Key: contactKey(n), Week: contact.WeekOf(day), Kind: contact.Short, Duration: contact.UpTo5, Language: "ar", Situation: "geld",
		Needs: []string{"schulden"}, District: "05999001-02", Deeds: []contact.Deed{contact.Informed}, Reason: contact.Full,
	}
}

func (w *town) figures(actor authz.Actor, o authz.OrganisationID) contact.Figures {
	w.t.Helper()
	f, _, err := w.ContactFigures(w.t.Context(), actor, o, "2000-01", "2099-12")
	w.does("figures", err)
	return f
}

func contacts(f contact.Figures) (n int) {
	for _, s := range f.Shares {
		if s.Facet == contact.ByKind {
			n += s.Times
		}
	}
	return n
}

func contactOnce(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	nora := w.joins(w.east, "nora@ost.example", authz.Navigator)
	var fresh atomic.Int32
	var wg sync.WaitGroup
	for i := range 24 {
		wg.Go(func() {
			first, err := w.RecordContact(context.Background(), nora, day, w.east, spoken(i/4))
			if err != nil {
				t.Error(err)
			}
			if first {
				fresh.Add(1)
			}
		})
	}
	wg.Wait()
	if n := contacts(w.figures(nora, w.east)); fresh.Load() != 6 || n != 6 {
		t.Errorf("%d were new and %d count, want 6", fresh.Load(), n)
	}
	// The entries go, their keys stay: what a telephone sends again half a year later is known or too old.
	for weeks := range contact.KeyWeeks + 10 {
		at := day.AddDate(0, 0, 7*weeks)
		must[int](t)(w.UnsafeSweepContacts(ctx, at, contact.UsualTerms()))
		first, err := w.RecordContact(ctx, nora, at, w.east, spoken(0))
		if weeks <= contact.OldestWeeks {
			w.does("again", err)
		}
		if first || err != nil && fault.KindOf(err) != fault.Invalid {
			t.Fatalf("after %d weeks it counts again: %v, %v", weeks, first, err)
		}
	}
	if n := contacts(w.figures(nora, w.east)); n != 6 {
		t.Errorf("%d contacts, want 6", n)
	}
	ahead := spoken(100)
	ahead.Week = contact.WeekOf(day.AddDate(0, 0, 21))
	must[bool](t)(w.RecordContact(ctx, nora, day, w.east, ahead))
	for _, c := range w.figures(nora, w.east).Counts {
		if c.Week != contact.WeekOf(day) {
			t.Errorf("a clock that runs ahead wrote into %s", c.Week)
		}
	}
}

// rawContacts reads the log as whoever has the database would.
func rawContacts(t *testing.T, dsn string) (authors, entries int) {
	t.Helper()
	driver := "sqlite"
	if store.IsPostgres(dsn) {
		driver = "pgx"
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(`SELECT COUNT(*), COALESCE(SUM(CASE WHEN author <> '' THEN 1 ELSE 0 END), 0) FROM contacts`).Scan(&entries, &authors); err != nil {
		t.Fatal(err)
	}
	return authors, entries
}

func contactTerms(t *testing.T, open func(*testing.T) string) {
	dsn := t.TempDir() + "/terms.db" // rawContacts wants a plain path
	if given := open(t); store.IsPostgres(given) {
		dsn = given
	}
	w := newTown(t, opened(t, dsn))
	ctx := t.Context()
	nora := w.joins(w.east, "nora@ost.example", authz.Navigator)
	for i := range 5 {
		e := spoken(i)
		if i == 4 {
			e.Needs, e.Reason, e.Deeds = []string{"schulden", "miete-zahlen"}, contact.Met, []contact.Deed{contact.Called, contact.Filled}
		}
		must[bool](t)(w.RecordContact(ctx, nora, day, w.east, e))
	}
	before := w.figures(nora, w.east)
	lastAuthor, lastEntry := -1, -1
	for d := range 40 {
		must[int](t)(w.UnsafeSweepContacts(ctx, day.AddDate(0, 0, d), contact.UsualTerms()))
		authors, entries := rawContacts(t, dsn)
		if authors > 0 {
			lastAuthor = d
		}
		if entries > 0 {
			lastEntry = d
		}
		if after := w.figures(nora, w.east); !reflect.DeepEqual(before, after) {
			t.Fatalf("after %d days: %+v, want %+v", d, after, before)
		}
	}
	// Tuesday 12 May 2026: a term runs from Monday 11 May.
	if lastAuthor != 12 || lastEntry != 26 {
		t.Errorf("the author was known for %d days, the entry for %d; want 12 and 26", lastAuthor, lastEntry)
	}
	t.Logf("figure: a contact written on a Tuesday: author known for %d days (term 14), entry kept for %d (term 28), figures unchanged", lastAuthor, lastEntry)
}

func contactRestored(t *testing.T, open func(*testing.T) string) {
	path := func() string {
		if given := open(t); store.IsPostgres(given) {
			return given
		}
		return t.TempDir() + "/restored.db"
	}
	dsn := path()
	w := newTown(t, opened(t, dsn))
	ctx := t.Context()
	nora := w.joins(w.east, "nora@ost.example", authz.Navigator)
	for i := range 4 {
		must[bool](t)(w.RecordContact(ctx, nora, day, w.east, spoken(i)))
	}
	later := day.AddDate(0, 0, 21)
	must[bool](t)(w.RecordContact(ctx, nora, later, w.east, spoken(10)))
	must[bool](t)(w.RecordContact(ctx, nora, later, w.east, spoken(11)))
	var yesterday bytes.Buffer
	must[string](t)(store.DumpOf(ctx, dsn, &yesterday))

	w.does("take back", w.TakeContactBack(ctx, nora, later, w.east, contactKey(11)))
	if n := must[int](t)(w.UnsafeSweepContacts(ctx, day.AddDate(0, 0, 28), contact.UsualTerms())); n != 4 {
		t.Fatalf("%d entries became figures", n)
	}
	want := w.figures(nora, w.east)

	at := path()
	w.does("load", store.Load(ctx, at, bytes.NewReader(yesterday.Bytes()), ""))
	s := opened(t, at)
	if authors, entries := rawContacts(t, at); authors != 6 || entries != 6 {
		t.Errorf("control: without the journal the backup holds %d authors of %d entries", authors, entries)
	}
	records, err := w.Erasures(ctx)
	w.does("read erasures", err)
	for range 2 {
		w.does("replay", s.ReplayErasures(ctx, records))
	}
	if authors, entries := rawContacts(t, at); authors != 1 || entries != 1 {
		t.Errorf("after the replay: %d authors of %d entries, want 1 of 1", authors, entries)
	}
	got, _, err := s.ContactFigures(ctx, nora, w.east, "2000-01", "2099-12")
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("after the replay: %+v, %v; want %+v", got, err, want)
	}
}

// contactAuthorNowhere writes the same entries twice, with two navigators in each other's place, and asks everything of
// the store that could tell: as everybody the answers are the same. The control is the column itself, which differs.
func contactAuthorNowhere(t *testing.T, open func(*testing.T) string) {
	ctx := t.Context()
	written := func(swap bool) (told string, raw []string) {
		dsn := t.TempDir() + "/who.db"
		if given := open(t); store.IsPostgres(given) {
			dsn = given
		}
		w := newTown(t, opened(t, dsn))
		names := []string{"nora@ost.example", "nils@ost.example"}
		who := []authz.Actor{w.joins(w.east, names[0], authz.Navigator), w.joins(w.east, names[1], authz.Navigator)}
		name := map[string]string{string(who[0].Person): names[0], string(who[1].Person): names[1], string(w.east): "east"}
		chief := w.joins(w.east, "chief@ost.example", authz.OrganisationAdmin, authz.Planner, authz.Statistician, authz.Coordinator, authz.Editor, authz.Receiver, authz.SystemAdmin)
		before := len(must[[]history.Change](t)(w.History(ctx, chief, w.east, "", "", 0, 1000)))
		for i := range 9 {
			author := who[0]
			if i%3 == 0 != swap {
				author = who[1]
			}
			must[bool](t)(w.RecordContact(ctx, author, day, w.east, spoken(i)))
		}
		var b strings.Builder
		for _, reader := range []authz.Actor{chief, w.officeActor, w.ben, who[0], who[1], authz.Public()} {
			f, notes, err := w.ContactFigures(ctx, reader, w.east, "2000-01", "2099-12")
			fmt.Fprintln(&b, f, notes, fault.KindOf(err))
			totals, err := w.ContactTotals(ctx, reader, day.AddDate(0, -1, 0), day.AddDate(0, 1, 0))
			fmt.Fprintln(&b, totals, fault.KindOf(err))
			changes, err := w.History(ctx, reader, w.east, "", "", 0, 1000)
			fmt.Fprintln(&b, len(changes)-before, fault.KindOf(err))
		}
		fmt.Fprintln(&b, len(must[[]outbox.Message](t)(w.UnsafeLease(ctx, outbox.Webhook, day, day.AddDate(0, 0, 1), 1000))))
		driver := "sqlite"
		if store.IsPostgres(dsn) {
			driver = "pgx"
		}
		db, err := sql.Open(driver, dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		rows, err := db.QueryContext(ctx, `SELECT key, author FROM contacts ORDER BY key`)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var key, author string
			if err := rows.Scan(&key, &author); err != nil {
				t.Fatal(err)
			}
			raw = append(raw, key+" "+name[author])
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		told = b.String()
		for id, as := range name { // houses and people have other names in every database
			told = strings.ReplaceAll(told, id, as)
		}
		return told, raw
	}
	told, raw := written(false)
	swapped, rawSwapped := written(true)
	if told != swapped {
		t.Errorf("answers differ by who wrote:\n%s\n%s", told, swapped)
	}
	if slices.Equal(raw, rawSwapped) {
		t.Error("control: the tables do not differ by who wrote")
	}
	if strings.Contains(told, "nora@") || strings.Contains(told, "nils@") {
		t.Errorf("an author is told: %s", told)
	}
}

func contactRights(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	nora := w.joins(w.east, "nora@ost.example", authz.Navigator)
	nils := w.joins(w.east, "nils@ost.example", authz.Navigator, authz.OrganisationAdmin)
	must[bool](t)(w.RecordContact(ctx, nora, day, w.east, spoken(1)))
	for what, who := range map[string]authz.Actor{"an editor": w.clerk, "an admin": w.anna, "a stranger": w.ben, "the office": w.officeActor, "the public": authz.Public()} {
		_, err := w.RecordContact(ctx, who, day, w.east, spoken(2))
		wants(t, what+" writes", err, fault.NotFound)
		wants(t, what+" takes back", w.TakeContactBack(ctx, who, day, w.east, contactKey(1)), fault.NotFound)
	}
	wants(t, "a colleague takes back", w.TakeContactBack(ctx, nils, day, w.east, contactKey(1)), fault.NotFound)
	wants(t, "taking back what is not there", w.TakeContactBack(ctx, nora, day, w.east, contactKey(7)), fault.NotFound)
	if _, _, err := w.ContactFigures(ctx, w.ben, w.east, "2000-01", "2099-12"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("figures for a stranger: %v", err)
	}
	w.does("control: without rights", store.UnsafeWithoutRights(w.Store).TakeContactBack(ctx, nils, day, w.east, contactKey(1)))
	must[bool](t)(w.RecordContact(ctx, nora, day, w.east, spoken(3)))
	w.does("the author takes back", w.TakeContactBack(ctx, nora, day, w.east, contactKey(3)))
	if first := must[bool](t)(w.RecordContact(ctx, nora, day, w.east, spoken(3))); first || contacts(w.figures(nora, w.east)) != 0 {
		t.Error("what was taken back came again")
	}
	must[bool](t)(w.RecordContact(ctx, nora, day, w.east, spoken(4)))
	must[int](t)(w.UnsafeSweepContacts(ctx, day.AddDate(0, 0, 14), contact.UsualTerms()))
	wants(t, "taking back when nobody knows any more whose it is", w.TakeContactBack(ctx, nora, day, w.east, contactKey(4)), fault.NotFound)
	bad := spoken(5)
	bad.District = "Frau Zaunkönig, Beispielweg 3"
	_, err := w.RecordContact(ctx, nora, day, w.east, bad)
	wants(t, "text in the place of a code", err, fault.Invalid)
	bad = spoken(5)
	bad.Note = "Frau Zaunkönig"
	_, err = w.RecordContact(ctx, nora, day, w.east, bad)
	wants(t, "a name in a note", err, fault.Invalid)
}

func contactHandovers(t *testing.T, open func(*testing.T) string) {
	w := sealed(t, open)
	rita := w.joins(w.west, "rita@west.example", authz.Navigator)
	var unmet, silent int
	for _, reason := range handover.Declines() {
		n := w.draft(handover.Nothing) // the person wants nothing told back
		w.sent(n)
		if _, err := w.reads(n); err != nil {
			t.Fatal(err)
		}
		w.answers(n, 3, handover.Command{Verb: handover.Reject, Reason: reason})
		w.answers(n, 3, handover.Command{Verb: handover.Reject, Reason: reason}) // a repeated click
		if reason.Lies() == handover.WithOffer {
			unmet++
		} else {
			silent++
		}
	}
	if unmet == 0 || silent == 0 {
		t.Fatalf("%d reasons lie with the offer, %d with the person", unmet, silent)
	}
	got := 0
	for _, c := range w.figures(rita, w.west).Counts {
		if c.Source != contact.FromHandovers || c.Need != "debt" || c.District != "" || c.Reason == contact.Met || c.House != w.west {
			t.Errorf("%+v", c)
		}
		got += c.Times
	}
	if got != unmet {
		t.Errorf("%d unmet needs, want %d: as many as reasons lie with the offer, of %d (control)", got, unmet, unmet+silent)
	}
	if f := w.figures(w.nora, w.east); len(f.Counts) != 0 {
		t.Errorf("the sender reads in its figures what the person did not want told back: %+v", f.Counts)
	}
}

func contactTotals(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	from, to := day.AddDate(0, -1, 0), day.AddDate(0, 1, 0)
	ask := func() contact.Totals { return must[contact.Totals](t)(w.ContactTotals(ctx, w.officeActor, from, to)) }
	var houses []authz.OrganisationID
	var admins []authz.Actor
	for h := range 3 {
		o := w.found(fmt.Sprint("Lotsenstelle ", h), "welfare")
		admin := w.joins(o, fmt.Sprintf("admin%d@lotsen.example", h), authz.OrganisationAdmin, authz.Navigator)
		houses, admins = append(houses, o), append(admins, admin)
		for i := range 3 { // nine of three houses for one need, two of two houses for another
			must[bool](t)(w.RecordContact(ctx, admin, day, o, spoken(i)))
		}
		if h < 2 {
			few := spoken(50)
			few.Needs, few.District = []string{"einsam"}, ""
			must[bool](t)(w.RecordContact(ctx, admin, day, o, few))
		}
	}
	release := func(h int, l authz.Level) {
		w.does("release", w.Release(ctx, admins[h], day, authz.Ref{Kind: authz.ContactFigures, Object: string(houses[h]), Purpose: authz.ForTotals}, authz.Release{Level: l}))
	}
	if x := ask(); len(x.Needs) != 0 {
		t.Errorf("nobody released anything: %+v", x)
	}
	release(0, authz.AllianceLevel)
	release(1, authz.AllianceLevel)
	if x := ask(); !x.All.Hidden {
		t.Errorf("two houses are shown: %+v", x)
	}
	release(2, authz.AllianceLevel)
	for _, n := range ask().Needs {
		if n.Code == "einsam" && !n.Hidden {
			t.Errorf("two contacts are shown: %+v", n)
		}
	}
	x := ask()
	if x.All.Hidden || x.All.Times != 10 || len(x.Reasons) != 1 || x.Reasons[0].Times != 10 { // eleven, rounded to fives
		t.Errorf("%+v", x)
	}
	small := 0
	for _, c := range must[[]contact.Count](t)(w.UnsafeContactCounts(ctx, from, to)) {
		if c.Times < 5 {
			small++
		}
	}
	if small == 0 {
		t.Error("control: before the gate there is nothing small")
	}
	release(2, authz.Private)
	if x := ask(); !x.All.Hidden {
		t.Errorf("a withdrawal does not count: %+v", x)
	}
	_, err := w.ContactTotals(ctx, w.anna, from, to)
	wants(t, "totals for an admin", err, fault.NotFound)
}
