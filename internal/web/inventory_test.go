package web_test

import (
	"encoding/csv"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"gevor/authz"
	"gevor/directory"
	"gevor/internal/web"
	"gevor/internal/web/webtest"
)

// TestInventoryByTargetGroup counts an offer for people who are long without work: it stands in its district and field, for
// its target group and its age, and in no other. The control is what the district had before.
func TestInventoryByTargetGroup(t *testing.T) {
	h, err := webtest.Handler(web.Normal, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	d := desk{t, h}
	editor := webtest.Person(webtest.East, authz.Editor)
	key := webtest.District()
	// count gives a cell of the inventory: everybody in column 1, then the phases of life.
	count := func(group, field string, column int) string {
		t.Helper()
		rec := d.get(editor, "/de/daten/vergleich/angebote?as=csv&"+url.Values{"district": {key}, "group": {group}}.Encode())
		if rec.Code != http.StatusOK {
			t.Fatalf("%s: %d", group, rec.Code)
		}
		r := csv.NewReader(strings.NewReader(strings.TrimPrefix(rec.Body.String(), "\ufeff")))
		r.Comma = ';'
		rows, err := r.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		at := slices.IndexFunc(rows, func(row []string) bool { return row[0] == field })
		if at < 0 {
			t.Fatalf("no line %q in %v", field, rows)
		}
		return rows[at][column]
	}
	page := d.get(editor, "/de/daten/vergleich/angebote?district="+key).Body.String()
	for _, want := range []string{"Chronisch krank", "Allein mit Kindern", "Lange ohne Arbeit", "Neu in Deutschland", "Kinder und Jugendliche", "Erwerbsalter"} {
		if !strings.Contains(page, want) {
			t.Errorf("the inventory lacks %q", want)
		}
	}
	_, work, _ := strings.Cut(page, `<option value="arbeit">`)
	work, _, _ = strings.Cut(work, "</option>")
	work = strings.TrimSpace(work)
	if before := count("work", work, 1); before != "unbekannt" && before != "0" {
		t.Fatalf("before there is %q", before)
	}
	actor, _, err := h.Houses.UnsafeActor(t.Context(), editor)
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.Houses.SaveEntry(t.Context(), actor, webtest.Day(), directory.Entry{
		Provider: directory.Provider{Owner: webtest.East, Name: "Beratung am Hafen"},
		Location: directory.Location{Owner: webtest.East, Street: "Hafenstraße 1", Postcode: "44787", City: "Musterstadt", District: key},
		Service: directory.Service{
			Owner: webtest.East, Name: directory.Texts{"de": "Jobcoaching am Hafen"}, Summary: directory.Texts{"de": "Wir helfen."}, Kinds: []string{"jobcoaching"},
			For: directory.For{MinAge: 27, MaxAge: 64}, Area: directory.Area{Reach: directory.Regionwide},
		},
		Place: directory.Place{Contacts: []directory.Contact{{Phone: "0234 123459"}}},
	}, directory.Rules{})
	if err != nil {
		t.Fatal(err)
	}
	const school, middle, later = 3, 5, 6 // columns after the name, everybody and the first phase
	for _, c := range []struct {
		group  string
		column int
		want   string
	}{{"", 1, "1"}, {"work", 1, "1"}, {"work", middle, "1"}, {"work", school, "0"}, {"work", later, "0"}, {"chronic", 1, "0"}, {"alone", middle, "0"}} {
		if got := count(c.group, work, c.column); got != c.want {
			t.Errorf("for %q in column %d: %q, want %q", c.group, c.column, got, c.want)
		}
	}
	if rec := d.get(editor, "/de/daten/vergleich/angebote?group=nobody"); rec.Code != http.StatusBadRequest {
		t.Errorf("a group that there is not: %d", rec.Code)
	}
}

// TestFindingOnesWay: what nobody gathers is said; what is released stands on the page with its note, direction and table, and
// what the rules hide is not in it. The control is the figure beside it, which is shown.
func TestFindingOnesWay(t *testing.T) {
	h, err := webtest.Handler(web.Normal, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	d := desk{t, h}
	address := "/de/daten/vergleich/zurechtfinden"
	if page := d.get("", address).Body.String(); strings.Count(page, "Keine Daten.") != 3 {
		t.Errorf("the page says %d times that there are no data, want 3", strings.Count(page, "Keine Daten."))
	}
	v := sentDataset(strings.Replace(string(webtest.Sketch().Raw), ";3;740\n", ";3;7\n", 1))
	v.Set("topic", "competence")
	v.Set("direction", "depends")
	d.release(v)
	page := d.get("", address).Body.String()
	for _, want := range []string{"Frühe Hilfen", "% der Kinder", "unterdrückt", "Keine Daten."} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	file := d.get("", address+"?as=csv").Body.String()
	if strings.Contains(file, "42,8") || strings.Contains(file, "42,9") {
		t.Error("the file holds a hidden rate")
	}
	if !strings.Contains(file, ";5,") { // 42 of 720 and others
		t.Errorf("the control is not shown: %s", file)
	}
}
