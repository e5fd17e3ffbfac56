package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"gevor/authz"
	"gevor/directory"
	"gevor/internal/web"
	"gevor/internal/web/webtest"
	"gevor/internal/words"
)

// editing is the example town with somebody of every role who keeps the entries of the east.
type editing struct {
	*server
	t     *testing.T
	actor authz.Actor
}

func openEditing(t *testing.T) *editing {
	t.Helper()
	s := serve(t, web.Normal)
	actor, _, err := s.houses.UnsafeActor(t.Context(), webtest.Everything)
	if err != nil {
		t.Fatal(err)
	}
	return &editing{s, t, actor}
}

// asks sends a request in the name of a person; without a form it is a GET.
func (e *editing) asks(who authz.PersonID, path string, form url.Values) *httptest.ResponseRecorder {
	method, body := http.MethodGet, ""
	if form != nil {
		method, body = http.MethodPost, form.Encode()
	}
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set(webtest.PersonHeader, string(who))
	rec := httptest.NewRecorder()
	e.ServeHTTP(rec, req)
	return rec
}

// offers gives the entries of the east that run.
func (e *editing) offers() (out []directory.Record) {
	e.t.Helper()
	all, err := e.houses.Services(e.t.Context(), e.actor, webtest.East, webtest.Day().AddDate(-20, 0, 0))
	if err != nil {
		e.t.Fatal(err)
	}
	for _, r := range all {
		if r.Ended.IsZero() {
			out = append(out, r)
		}
	}
	return out
}

// One thing is done to exactly the entries that were picked; a stranger does nothing, and nothing picked is said.
func TestSeveralEntriesAtOnce(t *testing.T) {
	e := openEditing(t)
	for _, name := range []string{"Sprechstunde am Hafen", "Sprechstunde am Markt"} {
		form := url.Values{"provider": {"Verein Leuchtturm"}, "name": {name}, "kinds": {"schuldnerberatung"}}
		if rec := e.asks(webtest.Everything, web.Address("de", "entry-create", string(webtest.East)), form); rec.Code != http.StatusSeeOther {
			t.Fatalf("%s: %d", name, rec.Code)
		}
	}
	all := e.offers()
	if len(all) < 3 {
		t.Fatalf("%d entries", len(all))
	}
	path := web.Address("de", "entries-many-do", string(webtest.East))
	sent := url.Values{"do": {"room_closed"}}
	for _, r := range all[1:] {
		sent.Add("entries", string(r.ID))
	}
	if rec := e.asks(webtest.Person(webtest.West, authz.Editor), path, sent); rec.Code != http.StatusNotFound {
		t.Errorf("a stranger: %d", rec.Code)
	}
	for _, wrong := range []url.Values{{}, {"do": {"room_closed"}}, {"entries": {string(all[0].ID)}}, {"entries": {string(all[0].ID)}, "do": {"burn"}}} {
		if rec := e.asks(webtest.Everything, path, wrong); rec.Code != http.StatusUnprocessableEntity {
			t.Errorf("%v: %d", wrong, rec.Code)
		}
	}
	rooms := func() (closed int) {
		for _, r := range e.offers() {
			if r.Capacity.Room == directory.RoomClosed {
				closed++
			}
		}
		return closed
	}
	if n := rooms(); n != 0 {
		t.Fatalf("%d are closed before anybody may have closed them", n)
	}
	if rec := e.asks(webtest.Everything, path, sent); rec.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	if n := rooms(); n != len(all)-1 {
		t.Errorf("%d of %d picked are closed", n, len(all)-1)
	}
	page := e.asks(webtest.Everything, web.Address("de", "entries-many", string(webtest.East)), nil)
	if page.Code != http.StatusOK || strings.Count(page.Body.String(), `name="entries"`) != len(all) {
		t.Errorf("%d, %d boxes for %d entries", page.Code, strings.Count(page.Body.String(), `name="entries"`), len(all))
	}
}

// What the form of an entry holds comes back as it was sent, hours of a language and all.
func TestTheFormOfAnEntryKeepsWhatItIsTold(t *testing.T) {
	e := openEditing(t)
	form := url.Values{
		"provider": {"Verein Leuchtturm"}, "name": {"Sprechstunde am Hafen"}, "kinds": {"schuldnerberatung"}, "languages": {"de"}, "language_hours": {"Arabisch: Di 14–16\nTürkisch: Mo, Mi 9–12"},
		"resources": {"childcare", "telephone-interpreting"}, "reach": {"radius"}, "area_km": {"12"}, "street": {"Hafenstraße 4"}, "postcode": {"44787"}, "city": {"Musterstadt"},
		"lift": {"yes"}, "toilet": {"no"}, "hearing": {"yes"}, "hours": {"Mo–Fr 9–17"}, "phone": {"0234 778899"},
	}
	made := e.asks(webtest.Everything, web.Address("de", "entry-create", string(webtest.East)), form)
	if made.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", made.Code, made.Body)
	}
	var r directory.Record
	for _, x := range e.offers() {
		if x.Name["de"] == "Sprechstunde am Hafen" {
			r = x
		}
	}
	spoken := map[string]string{}
	for _, l := range r.Languages {
		spoken[l.Tag] = directory.FormatHours(l.Hours)
	}
	if len(spoken) != 3 || spoken["de"] != "" || spoken["ar"] == "" || spoken["tr"] == "" || r.Area.Km != 12 || len(r.Resources) != 2 {
		t.Fatalf("languages %v, area %+v, resources %v", spoken, r.Area, r.Resources)
	}
	if l := r.Locations[0]; l.Lift != directory.Yes || l.Toilet != directory.No || l.Parking != directory.Unknown || l.Hearing != directory.Yes {
		t.Errorf("%+v", l)
	}
	shown := e.asks(webtest.Everything, web.Address("de", "entry-edit", string(webtest.East), string(r.ID)), nil).Body.String()
	for _, wanted := range []string{"Arabisch: " + spoken["ar"], `value="12"`} {
		if !strings.Contains(shown, wanted) {
			t.Errorf("the form does not show %q", wanted)
		}
	}
	form.Set("language_hours", "Klingonisch: Mo 9–12")
	if rec := e.asks(webtest.Everything, web.Address("de", "entry-create", string(webtest.East)), form); rec.Code != http.StatusUnprocessableEntity {
		t.Errorf("a language nobody knows: %d", rec.Code)
	}
}

// A button beside each field confirms that field alone; the page of the offer says so in the reader's language, beside it.
func TestAFieldIsConfirmedByItself(t *testing.T) {
	e := openEditing(t)
	id := (&day{t, e.server}).kept()
	page := func(lang string) string {
		return e.asks("", web.Address(lang, "offer", string(id)), nil).Body.String()
	}
	if n := strings.Count(page("de"), "field-trust"); n != 0 { // control: nothing stands beside fields of which nothing else is known
		t.Errorf("%d fields speak for themselves before anything was confirmed", n)
	}
	path := web.Address("de", "entry-confirm", string(webtest.East), string(id))
	if rec := e.asks(webtest.Person(webtest.West, authz.Editor), path, url.Values{"field": {"contacts"}}); rec.Code != http.StatusNotFound {
		t.Errorf("a stranger: %d", rec.Code)
	}
	rec := e.asks(webtest.Everything, path, url.Values{"field": {"contacts"}, "how": {"phone"}, "from": {"entry"}})
	if rec.Code != http.StatusSeeOther || !strings.Contains(rec.Header().Get("Location"), string(id)) {
		t.Fatalf("%d to %s", rec.Code, rec.Header().Get("Location"))
	}
	for lang, said := range map[string]string{"de": "Bestätigt am 12.05.2026 (angerufen)", "tr": "(telefonla soruldu)", "en": "(called)"} {
		body := page(lang)
		_, beside, _ := strings.Cut(body, "field-trust")
		if beside, _, _ = strings.Cut(beside, "</p>"); strings.Count(body, "field-trust") != 1 || !strings.Contains(beside, said) {
			t.Errorf("%s: beside the number stands %q, want %q there alone", lang, beside, said)
		}
	}
	edit := e.asks(webtest.Everything, web.Address("de", "entry-edit", string(webtest.East), string(id)), nil).Body.String()
	if !strings.Contains(edit, "Telefon stimmt") || !strings.Contains(edit, "(angerufen)") {
		t.Error("the owner's page has no button, or does not say how it was confirmed")
	}
}

// A house asks another one to stand with its name under an offer: the name appears once the other one agreed, in every
// language, and goes when it leaves.
func TestPrinciple3NewFormsOfCooperation(t *testing.T) {
	e := openEditing(t)
	id := (&day{t, e.server}).kept()
	rec, err := e.houses.Services(t.Context(), authz.Public(), webtest.West, webtest.Day().AddDate(-1, 0, 0))
	if err != nil || len(rec) == 0 {
		t.Fatalf("%d public offers of the west, %v", len(rec), err)
	}
	practice := rec[0].Provider
	at := func(name string, values ...string) string { return web.Address("de", name, values...) }
	east, west := webtest.Person(webtest.East, authz.Editor), webtest.Person(webtest.West, authz.Editor)
	found := e.asks(east, at("entry-partners", string(webtest.East), string(id))+"?q="+url.QueryEscape(practice.Name), nil).Body.String()
	if !strings.Contains(found, string(practice.ID)) {
		t.Fatal("the practice is not found to be asked")
	}
	shown := func(lang string) bool {
		return strings.Contains(e.asks("", web.Address(lang, "offer", string(id)), nil).Body.String(), practice.Name)
	}
	asked := url.Values{"provider": {string(practice.ID)}}
	if rec := e.asks(west, at("entry-partner-ask", string(webtest.East), string(id)), asked); rec.Code != http.StatusNotFound {
		t.Errorf("a stranger asks: %d", rec.Code)
	}
	if rec := e.asks(east, at("entry-partner-ask", string(webtest.East), string(id)), asked); rec.Code != http.StatusSeeOther {
		t.Fatalf("asking: %d", rec.Code)
	}
	if shown("de") {
		t.Error("the name stands under the offer before its house agreed")
	}
	if page := e.asks(west, at("entries", string(webtest.West)), nil).Body.String(); !strings.Contains(page, "gemeinsamen Angebot genannt") {
		t.Error("the west is not told on its page of entries")
	}
	answer := url.Values{"service": {string(id)}, "provider": {string(practice.ID)}, "answer": {"agree"}}
	if rec := e.asks(east, at("partner-answer", string(webtest.East)), answer); rec.Code != http.StatusNotFound {
		t.Errorf("the east answers for the west: %d", rec.Code)
	}
	if rec := e.asks(west, at("partner-answer", string(webtest.West)), answer); rec.Code != http.StatusSeeOther {
		t.Fatalf("agreeing: %d", rec.Code)
	}
	for _, lang := range words.ResidentLanguages() { // control: with consent it stands there
		if !shown(lang) {
			t.Errorf("%s: the partner is not shown", lang)
		}
	}
	if list := e.asks("", at("finder")+"?q="+url.QueryEscape(oursDE), nil).Body.String(); !strings.Contains(list, "Gemeinsam mit "+practice.Name) {
		t.Error("the partner is not in the list of results")
	}
	if sheet := e.asks("", at("sheet")+"?keep="+string(id), nil).Body.String(); !strings.Contains(sheet, practice.Name) {
		t.Error("the partner is not on the sheet")
	}
	answer.Set("answer", "decline")
	if rec := e.asks(west, at("partner-answer", string(webtest.West)), answer); rec.Code != http.StatusSeeOther || shown("de") {
		t.Errorf("after leaving: %d, shown %v", rec.Code, shown("de"))
	}
}
