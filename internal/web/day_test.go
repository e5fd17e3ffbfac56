package web_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"gevor/authz"
	"gevor/directory"
	"gevor/intake"
	"gevor/internal/store"
	"gevor/internal/web"
	"gevor/internal/web/webtest"
	"gevor/notice"
	"gevor/outbox"
	"gevor/vocabulary"
)

// day is a story told through the pages: each step is somebody's click, or what the clock does.
type day struct {
	*testing.T
	*server
}

// as asks for a page in somebody's name and gives its text.
func (d *day) as(who authz.PersonID, path string) string {
	d.Helper()
	rec := d.get(path, webtest.PersonHeader, string(who))
	if rec.Code != http.StatusOK {
		d.Fatalf("%s by %q answers %d", path, who, rec.Code)
	}
	return rec.Body.String()
}

// sends presses a button in somebody's name.
func (d *day) sends(who authz.PersonID, path string, pairs ...string) {
	d.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	req := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set(webtest.PersonHeader, string(who))
	rec := httptest.NewRecorder()
	d.ServeHTTP(rec, req)
	if rec.Code != http.StatusSeeOther && rec.Code != http.StatusOK {
		d.Fatalf("%s by %q with %v answers %d: %s", path, who, form, rec.Code, rec.Body.String()[:min(400, rec.Body.Len())])
	}
}

func (d *day) holds(what, text string, wanted ...string) {
	d.Helper()
	for _, w := range wanted {
		if !strings.Contains(text, w) {
			d.Errorf("%s does not hold %q", what, w)
		}
	}
}

const oursDE = "Suchtberatung Leuchtturm"

// listOf is what the city publishes: the same office as the east keeps, in another spelling, with hours and a language more,
// and one line that cannot be right.
const listOf = `Nr;Angebot;Träger;Straße;PLZ;Ort;Telefon;Zeiten;Sprachen;Art;Stand
17;Suchtberatung Leuchtturm e.V.;Leuchtturm;Hafenstr. 4;44787;Musterstadt;0234/77 88 99;Mo–Do 9–16;Deutsch, Türkisch;Suchtberatung;2026-05-02
18;Kleiderkammer;Leuchtturm;Hafenstr. 6;44787;Musterstadt;4711;Mo 25:99–26:00;Deutsch;Kleiderkammer;31.12.2025
`

// imported reads the city's list and takes it over for the west.
func (d *day) imported() {
	d.Helper()
	voc, err := vocabulary.Load(nil)
	if err != nil {
		d.Fatal(err)
	}
	m, err := intake.ReadMapping("liste.toml", "[columns]\nid=\"Nr\"\nname=\"Angebot\"\nprovider=\"Träger\"\nstreet=\"Straße\"\npostcode=\"PLZ\"\ncity=\"Ort\"\nphone=\"Telefon\"\nhours=\"Zeiten\"\nlanguages=\"Sprachen\"\nkinds=\"Art\"\nconfirmed=\"Stand\"\n")
	if err != nil {
		d.Fatal(err)
	}
	notes := &notice.List{}
	list, err := intake.CSV(strings.NewReader(listOf), m, intake.NewWords(voc), intake.Options{File: "liste.csv", Notes: notes, Vocabulary: voc, Now: webtest.Day()})
	if err != nil || len(list) != 2 || len(notes.Notices()) != 3 {
		d.Fatalf("%d services, %v, %+v", len(list), err, notes.Notices())
	}
	keeper := authz.Actor{Memberships: []authz.Membership{{Organisation: webtest.West, Roles: []authz.Role{authz.Editor}}}}
	out, err := d.houses.ImportEntries(d.Context(), keeper, webtest.Day(), webtest.West, "sheet:stadt", authz.Release{Level: authz.PublicLevel}, list, nil)
	if err != nil || out.Created != 2 {
		d.Fatalf("%+v %v", out, err)
	}
}

// kept lists the office as the east keeps it, confirmed months ago, and gives its name.
func (d *day) kept() directory.ServiceID {
	d.Helper()
	ctx, long := d.Context(), webtest.Day().AddDate(0, 0, -91)
	east, _, err := d.houses.UnsafeActor(ctx, webtest.Everything)
	if err != nil {
		d.Fatal(err)
	}
	id, err := d.houses.SaveEntry(ctx, east, long, directory.Entry{
		Provider: directory.Provider{Owner: webtest.East, Name: "Leuchtturm e. V."},
		Location: directory.Location{Owner: webtest.East, Street: "Hafenstraße 4", Postcode: "44787", City: "Musterstadt"},
		Service:  directory.Service{Owner: webtest.East, Name: directory.Texts{"de": oursDE}, Kinds: []string{"suchtberatung"}, Languages: []directory.Language{{Tag: "de"}}, Risk: directory.Advising, Area: directory.Area{Reach: directory.Regionwide}},
		Place:    directory.Place{Contacts: []directory.Contact{{Phone: "0234 778899"}}},
	}, directory.Rules{})
	if err != nil {
		d.Fatal(err)
	}
	if err := d.houses.Release(ctx, east, long, authz.Ref{Kind: authz.Entry, Object: string(id), Purpose: authz.ForDirectory}, authz.Release{Level: authz.PublicLevel}); err != nil {
		d.Fatal(err)
	}
	if err := d.houses.Confirm(ctx, east, long, id, directory.Whole, directory.ByPhone); err != nil {
		d.Fatal(err)
	}
	return id
}

// letter gives the secret of the reminder that went out about the office.
func (d *day) letter() string {
	d.Helper()
	if _, err := d.houses.UnsafeRemind(d.Context(), webtest.Day()); err != nil {
		d.Fatal(err)
	}
	taken, err := d.houses.UnsafeLease(d.Context(), outbox.Mail, webtest.Day(), webtest.Day(), 1000)
	if err != nil {
		d.Fatal(err)
	}
	for _, m := range taken {
		var mail store.ReminderMail
		if strings.HasPrefix(m.Key, "reminder ") && json.Unmarshal(m.Payload, &mail) == nil && mail.Service == oursDE {
			return mail.Secret
		}
	}
	d.Fatal("no letter has gone out")
	return ""
}

// TestADayInTheLife: a list is imported, the duplicate in it is found and joined, the owner takes over a field; a reminder
// goes out and is confirmed with one click; search finds one offer; somebody takes the sheet along; somebody reports an
// error; the owner decides; and in the end the joining is undone.
func TestADayInTheLife(t *testing.T) {
	d := &day{t, serve(t, web.Normal)}
	editor := webtest.Person(webtest.East, authz.Editor)
	at := func(name string, values ...string) string { return web.Address("de", name, values...) }
	search := at("finder") + "?q=" + url.QueryEscape(oursDE)
	ours := d.kept()
	d.imported()
	if _, err := d.houses.UnsafeFindDuplicates(t.Context(), webtest.Day()); err != nil {
		t.Fatal(err)
	}

	// The editor finds the pair, looks at both, and joins them.
	list := d.as(editor, at("duplicates", string(webtest.East)))
	d.holds("the list", list, oursDE, "sehr wahrscheinlich dasselbe", "Telefon")
	all, err := d.houses.Services(t.Context(), authz.Public(), webtest.West, webtest.Day().AddDate(-1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	var theirs directory.ServiceID
	for _, r := range all {
		if strings.HasPrefix(r.Name["de"], oursDE) {
			theirs = r.ID
		}
	}
	p := directory.PairOf(ours, theirs)
	pair := string(p.A) + "~" + string(p.B)
	d.holds("the pair", d.as(editor, at("duplicate", string(webtest.East), pair)), "Hafenstraße 4", "Türkisch", "bestätigt und noch gültig", "Dasselbe Angebot")
	before := strings.Count(d.as("", search), "Suchtberatung Leuchtturm")
	d.sends(editor, at("duplicate-decide", string(webtest.East), pair), "answer", "same")
	joined := d.as("", search)
	if after := strings.Count(joined, "Suchtberatung Leuchtturm"); after >= before {
		t.Errorf("two offers are still shown: %d mentions before, %d after", before, after)
	}
	if strings.Contains(joined, string(theirs)) || !strings.Contains(joined, string(ours)) {
		t.Error("the search does not show the one offer under the name that leads")
	}
	d.holds("an old link", d.as("", at("offer", string(theirs))), oursDE, "Türkisch", "sheet:stadt")

	// The owner takes over the languages, and nothing else.
	d.sends(editor, at("duplicate-answer", string(webtest.East), pair), "service", string(ours), "field", "languages", "answer", "accept")
	d.holds("the own entry", d.as(editor, at("entry-edit", string(webtest.East), string(ours))), `value="tr" checked`)
	d.holds("the pair again", d.as(editor, at("duplicate", string(webtest.East), pair)), "Sprachen: übernommen am")

	// A reminder goes out; opening it changes nothing, one click confirms.
	secret := d.letter()
	for range 3 {
		d.holds("the letter", d.as("", at("letter", secret)), oursDE)
	}
	east, _, err := d.houses.UnsafeActor(t.Context(), webtest.Everything)
	if err != nil {
		t.Fatal(err)
	}
	confirmed := func() bool {
		r, err := d.houses.Service(t.Context(), east, ours)
		if err != nil {
			t.Fatal(err)
		}
		return !r.TrustAt(directory.Whole, r.Confirmations, webtest.Day()).Expired
	}
	if confirmed() {
		t.Error("looking at a letter confirmed the entry")
	}
	d.sends("", at("letter-answer", secret), "answer", "confirmed")
	if !confirmed() {
		t.Error("one click did not confirm the entry")
	}

	// Search finds it, and it can be taken along.
	d.holds("the search", d.as("", search), string(ours), "Hafenstraße 4")
	d.holds("the sheet", d.as("", at("sheet")+"?keep="+string(ours)), oursDE, "0234")

	// Somebody reports an error; the owner looks and decides.
	d.sends("", at("offer-suggest", string(ours)), "field", "phone", "proposed", "0234 111222")
	hints := d.as(editor, at("suggestions", string(webtest.East)))
	d.holds("the hints", hints, "0234 111222")
	_, rest, _ := strings.Cut(hints, "0234 111222")
	_, rest, _ = strings.Cut(rest, at("suggestions", string(webtest.East))+"/")
	hint, _, _ := strings.Cut(rest, `"`)
	d.sends(editor, at("suggestion-decide", string(webtest.East), hint), "answer", "accept")
	if strings.Contains(d.as(editor, at("suggestions", string(webtest.East))), "0234 111222") {
		t.Error("a decided hint is still open")
	}

	// In the end the joining is taken back, and with it what was taken over because of it.
	d.sends(editor, at("duplicate-undo", string(webtest.East), pair))
	parted := d.as("", search)
	d.holds("the search", parted, string(ours), string(theirs))
	r, err := d.houses.Service(t.Context(), east, ours)
	if err != nil || len(r.Languages) != 1 {
		t.Errorf("%+v %v", r.Languages, err)
	}
	d.holds("the history", d.as(webtest.Person(webtest.East, authz.OrganisationAdmin), at("history", string(webtest.East))), "zusammengeführt", "Entscheidung zurückgenommen")
}
