package web_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"gevor/authz"
	"gevor/directory"
	"gevor/internal/web"
	"gevor/internal/web/webtest"
)

// sends sends a file as the page does.
func (e *editing) file(who authz.PersonID, path, system, name, content string) *httptest.ResponseRecorder {
	e.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for k, v := range map[string]string{"system": system, "release": "public"} {
		if err := w.WriteField(k, v); err != nil {
			e.t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		e.t.Fatal(err)
	}
	if _, err := part.Write([]byte(content)); err != nil {
		e.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		e.t.Fatal(err)
	}
	req := httptest.NewRequest(http.MethodPost, path, &body)
	req.Header.Set("Content-Type", w.FormDataContentType())
	req.Header.Set(webtest.PersonHeader, string(who))
	rec := httptest.NewRecorder()
	e.ServeHTTP(rec, req)
	return rec
}

// bad is a sheet with everything that lists hold and cannot be right.
const badSheet = "Nr;Angebot;Träger;Straße;PLZ;Ort;Länge;Breite;Telefon;Öffnungszeiten;Sprachen;Stand\n" +
	"1;Beratung Nord;Verein Nord;Weg 1;44787;Musterstadt;7,21;51,48;0234 111111;Mo 9:00-12:00;Türkisch;2026-01-31\n" +
	"2;Beratung Süd;Verein Süd;Weg 2;44787;Musterstadt;7,22;51,48;123456;Mo 25:99-26:00;Klingonisch;31.12.2025\n" +
	"3;Beratung West;Verein West;Weg 3;44787;Musterstadt;51,48;7,21;0234 333333;Di 9-12;de;2026-01-31\n" +
	"4;Lorem ipsum;Verein Nord;Weg 1;44787;Musterstadt;7,21;51,48;0234 111111;Mo 9:00-12:00;de;2026-01-31\n"

// TestAListIsReadInAndTakenOver sends a list, says what its columns hold, looks at what would change, takes it over, and
// sends the next one: only what changed is changed, what is gone is hidden on demand, and the columns are remembered.
func TestAListIsReadInAndTakenOver(t *testing.T) {
	e := openEditing(t)
	editor := webtest.Person(webtest.East, authz.Editor)
	at := func(name string, values ...string) string { return web.Address("de", name, values...) }
	send := at("imports", string(webtest.East))
	before := len(e.offers())

	first := e.file(editor, send, "Stadt", "angebote.csv", badSheet)
	if first.Code != http.StatusSeeOther {
		t.Fatalf("sending: %d", first.Code)
	}
	draft, _, _ := strings.Cut(first.Header().Get("Location"), "?")
	if page := e.asks(editor, draft, nil).Body.String(); !strings.Contains(page, `value="Angebot" selected`) || !strings.Contains(page, "Welche Spalte") {
		t.Fatal("the columns are not asked for, or not guessed")
	}
	columns := url.Values{
		"id": {"Nr"}, "name": {"Angebot"}, "provider": {"Träger"}, "street": {"Straße"}, "postcode": {"PLZ"}, "city": {"Ort"}, "lon": {"Länge"}, "lat": {"Breite"},
		"phone": {"Telefon"}, "hours": {"Öffnungszeiten"}, "languages": {"Sprachen"}, "confirmed": {"Stand"},
	}
	if rec := e.asks(editor, draft+"/spalten", url.Values{"id": {"Nr"}}); rec.Code != http.StatusUnprocessableEntity {
		t.Errorf("no column for the name: %d", rec.Code)
	}
	if rec := e.asks(editor, draft+"/spalten", columns); rec.Code != http.StatusSeeOther {
		t.Fatalf("the columns: %d", rec.Code)
	}
	page := e.asks(editor, draft, nil).Body.String()
	for _, want := range []string{
		"Zeile 3", "mit Vorwahl", "Diese Zeiten gibt es nicht", "Diese Sprache gibt es nicht", "deutsch geschrieben", "Zeile 4", "vertauscht", "Zeile 5", "Platzhalter", "wird nicht übernommen",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the preview does not say %q", want)
		}
	}
	if n := len(e.offers()); n != before {
		t.Errorf("looking took over %d offers", n-before)
	}
	if rec := e.asks(webtest.Person(webtest.West, authz.Editor), draft, nil); rec.Code != http.StatusNotFound {
		t.Errorf("a stranger sees the file: %d", rec.Code)
	}
	if rec := e.asks(editor, draft, url.Values{"answer": {"apply"}}); rec.Code != http.StatusSeeOther {
		t.Fatalf("taking over: %d", rec.Code)
	}
	if n := len(e.offers()); n != before+3 { // all but the placeholder
		t.Errorf("%d offers were taken over, want 3", n-before)
	}
	if rec := e.asks(editor, draft, nil); rec.Code != http.StatusNotFound {
		t.Errorf("the file is still there: %d", rec.Code)
	}
	south := e.named("Beratung Süd")
	if len(south.Places) != 1 || len(south.Places[0].Hours.Slots) != 0 || len(south.Places[0].Contacts) != 0 || len(south.Languages) != 0 || len(south.Confirmations) != 0 {
		t.Errorf("what cannot be right was taken over: %+v", south.Service)
	}
	if west := e.named("Beratung West"); west.Locations[0].At != nil {
		t.Errorf("swapped coordinates were taken over: %+v", west.Locations[0])
	}

	// The next file of the source: the columns are known; the number of the north went bad, the west is gone.
	next := strings.Replace(badSheet, "0234 111111;Mo 9:00-12:00;Türkisch", "111111;Mo 10:00-12:00;Türkisch", 1)
	next = next[:strings.Index(next, "3;Beratung West")]
	second := e.file(editor, send, "Stadt", "neu.csv", next)
	draft, _, _ = strings.Cut(second.Header().Get("Location"), "?")
	page = e.asks(editor, draft, nil).Body.String()
	if !strings.Contains(page, "Vorschau") || !strings.Contains(page, "Beratung West") || !strings.Contains(page, "Nicht mehr in der Datei") {
		t.Error("the second preview asks for columns again, or does not say what is gone")
	}
	if rec := e.asks(editor, draft, url.Values{"answer": {"apply"}, "hide": {"yes"}}); rec.Code != http.StatusSeeOther {
		t.Fatalf("taking over again: %d", rec.Code)
	}
	north := e.named("Beratung Nord")
	if len(north.Places) != 1 || len(north.Places[0].Contacts) != 1 || north.Places[0].Contacts[0].Phone != "+49234111111" {
		t.Errorf("a number that cannot be right took the place of the one before: %+v", north.Places)
	}
	if west := e.named("Beratung West"); !west.Draft {
		t.Error("what is gone is still shown")
	}
}

// named gives an entry of the east by its name.
func (e *editing) named(name string) directory.Record {
	e.t.Helper()
	for _, r := range e.offers() {
		if r.Name["de"] == name {
			return r
		}
	}
	e.t.Fatalf("there is no %q", name)
	return directory.Record{}
}

// TestFilesThatCannotBeReadIn holds that each is refused with a word at the field, and that nothing is kept of it.
func TestFilesThatCannotBeReadIn(t *testing.T) {
	e := openEditing(t)
	editor := webtest.Person(webtest.East, authz.Editor)
	send := web.Address("de", "imports", string(webtest.East))
	for name, c := range map[string]struct {
		file string
		code int
		says string
	}{
		"a picture":      {"\x89PNG\r\n\x1a\n" + strings.Repeat("x", 100), http.StatusUnsupportedMediaType, "wird hier nicht angenommen"},
		"a web page":     {"<html><body>Angebote</body></html>", http.StatusUnsupportedMediaType, "wird hier nicht angenommen"},
		"half a bundle":  {`{"resourceType": "Bundle", "entry": [{`, http.StatusUnprocessableEntity, "lässt sich nicht lesen"},
		"a torn archive": {"PK\x03\x04[Content_Types].xml torn", http.StatusUnprocessableEntity, "lässt sich nicht lesen"},
		"nothing":        {"", http.StatusUnprocessableEntity, ""},
		"too much":       {strings.Repeat("Angebot;Ort\n", 1<<20), http.StatusRequestEntityTooLarge, "zu groß"},
	} {
		rec := e.file(editor, send, "Stadt", "datei.csv", c.file)
		if rec.Code != c.code || !strings.Contains(rec.Body.String(), c.says) {
			t.Errorf("%s: %d, says %q: %v", name, rec.Code, c.says, strings.Contains(rec.Body.String(), c.says))
		}
	}
	if rec := e.file(webtest.Person(webtest.West, authz.Editor), send, "Stadt", "datei.csv", badSheet); rec.Code != http.StatusNotFound {
		t.Errorf("a stranger: %d", rec.Code)
	}
	if list, err := e.houses.ImportDrafts(t.Context(), e.actor, webtest.East); err != nil || len(list) != 1 { // that of the example
		t.Errorf("%d files wait, %v", len(list), err)
	}
	if rec := e.file(editor, send, "Stadt", "datei.csv", badSheet); rec.Code != http.StatusSeeOther { // control: a sheet is taken
		t.Errorf("control: %d", rec.Code)
	}
}
