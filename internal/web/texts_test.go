package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"gevor/authz"
	"gevor/internal/web"
	"gevor/internal/web/webtest"
	"gevor/statement"
)

func TestTextsAreTemplatesUntilWritten(t *testing.T) {
	srv := serve(t, web.Normal)
	doc := parse(t, srv.get("/de/impressum").Body)
	if len(class(doc, "unfilled")) < 5 || len(class(doc, "warning")) != 1 {
		t.Error("the template does not say what is missing")
	}
	rec := srv.send("/de/texte/imprint/bearbeiten", url.Values{"version": {"0"}, "body": {"# Wer\n\nStadt West\nMarkt 1"}, "do": {"save"}}, office()...)
	if rec.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", rec.Code, text(parse(t, rec.Body)))
	}
	page := srv.get("/de/impressum")
	got := page.Body.String()
	if !strings.Contains(got, "<h2>Wer</h2>") || !strings.Contains(got, "Stadt West<br>") || strings.Contains(got, "unfilled") {
		t.Errorf("%s", text(parse(t, strings.NewReader(got))))
	}
	// The other language shows this one, and says so.
	en := parse(t, srv.get("/en/imprint").Body)
	if w := class(en, "written"); value(w[0], "lang") != "de" || !strings.Contains(text(en), "another language only") {
		t.Error("the other language hides that it is another")
	}
}

func TestAPreviewKeepsNothing(t *testing.T) {
	srv := serve(t, web.Normal)
	rec := srv.send("/de/texte/privacy/bearbeiten", url.Values{"version": {"0"}, "body": {"**fett** [[Stelle]]"}, "do": {"preview"}}, office()...)
	got := rec.Body.String()
	if rec.Code != http.StatusOK || !strings.Contains(got, "<strong>fett</strong>") || !strings.Contains(got, `<mark class="unfilled">Stelle</mark>`) || !strings.Contains(got, "**fett** [[Stelle]]</textarea>") {
		t.Errorf("%d", rec.Code)
	}
	if strings.Contains(srv.get("/de/datenschutz").Body.String(), "fett") {
		t.Error("the preview was published")
	}
}

func TestTwoWhoWriteSeeBothTexts(t *testing.T) {
	srv := serve(t, web.Normal)
	save := func(version, body string) int {
		return srv.send("/de/texte/privacy/bearbeiten", url.Values{"version": {version}, "body": {body}, "do": {"save"}}, office()...).Code
	}
	if save("0", "Fassung der einen") != http.StatusSeeOther {
		t.Fatal("the first was not kept")
	}
	rec := srv.send("/de/texte/privacy/bearbeiten", url.Values{"version": {"0"}, "body": {"Fassung der anderen"}, "do": {"save"}}, office()...)
	doc := parse(t, rec.Body)
	got := text(doc)
	if rec.Code != http.StatusConflict || !strings.Contains(got, "Fassung der einen") || !strings.Contains(got, "Fassung der anderen") {
		t.Fatalf("%d %s", rec.Code, got)
	}
	checkMarkup(t, doc)
	if strings.Contains(srv.get("/de/datenschutz").Body.String(), "Fassung der anderen") {
		t.Error("the second replaced the first unseen")
	}
	if save("1", "Fassung der anderen") != http.StatusSeeOther || !strings.Contains(srv.get("/de/datenschutz").Body.String(), "Fassung der anderen") {
		t.Error("having seen both, the second cannot save")
	}
	history := srv.get("/de/texte/privacy/verlauf", office()...)
	doc = parse(t, history.Body)
	checkMarkup(t, doc)
	if n := len(class(doc, "timeline")); n != 1 || !strings.Contains(text(doc), "Diese Fassung wiederherstellen") {
		t.Fatalf("%d histories", n)
	}
	var back url.Values
	for _, f := range all(class(doc, "timeline")[0], "form") {
		back = url.Values{}
		for _, i := range all(f, "input") {
			back.Set(value(i, "name"), value(i, "value"))
		}
	}
	if rec := srv.send("/de/texte/privacy/verlauf", back, office()...); rec.Code != http.StatusSeeOther || !strings.Contains(srv.get("/de/datenschutz").Body.String(), "Fassung der einen") {
		t.Errorf("the earlier version is not back: %d", rec.Code)
	}
}

func TestTextsHoldNoMarkupOfTheirOwn(t *testing.T) {
	srv := serve(t, web.Normal)
	for body, reason := range map[string]string{
		"<script>alert(1)</script>": "kein HTML", "Wort <b onclick=x>fett</b>": "kein HTML", "[x](javascript:alert(1))": "nicht erlaubt", "[x](JaVaScript:alert(1))": "nicht erlaubt",
		"[x](data:text/html,x)": "nicht erlaubt", "[x](//evil.example)": "nicht erlaubt", "<javascript:alert(1)>": "nicht erlaubt", "![x](https://evil.example/x.png)": "Bilder", "": "füllen",
		"[x][1]\n\n[1]: javascript:alert(1)": "nicht erlaubt",
	} {
		rec := srv.send("/de/texte/imprint/bearbeiten", url.Values{"version": {"0"}, "body": {body}, "do": {"save"}}, office()...)
		if errors := class(parse(t, rec.Body), "field-error"); rec.Code != http.StatusUnprocessableEntity || len(errors) != 1 || !strings.Contains(text(errors[0]), reason) {
			t.Errorf("%q: %d", body, rec.Code)
		}
	}
	if !strings.Contains(srv.get("/de/impressum").Body.String(), "unfilled") {
		t.Error("something was kept all the same")
	}
}

func TestOthersNeitherWriteNorRead(t *testing.T) {
	srv := serve(t, web.Normal)
	editor := []string{webtest.PersonHeader, string(webtest.Person(webtest.West, authz.Editor))}
	body := url.Values{"version": {"0"}, "body": {"fremd"}, "do": {"save"}}
	for path, want := range map[string]int{"/de/texte": 403, "/de/texte/imprint/bearbeiten": 403, "/de/texte/imprint/verlauf": 403, "/de/meldungen": 404, "/de/texte/logo/bearbeiten": 404} {
		if rec := srv.get(path, editor...); rec.Code != want {
			t.Errorf("an editor at %s: %d, want %d", path, rec.Code, want)
		}
	}
	if rec := srv.send("/de/texte/imprint/bearbeiten", body, editor...); rec.Code != http.StatusForbidden {
		t.Errorf("an editor writes: %d", rec.Code)
	}
	if rec := srv.send("/de/texte/imprint/bearbeiten", body); rec.Code != http.StatusSeeOther || !strings.Contains(rec.Header().Get("Location"), "anmelden") {
		t.Errorf("the public writes: %d to %q", rec.Code, rec.Header().Get("Location"))
	}
	if strings.Contains(srv.get("/de/impressum").Body.String(), "fremd") {
		t.Error("somebody else wrote the imprint")
	}
}

func TestBarriersAreReportedAndSettled(t *testing.T) {
	srv := serve(t, web.Normal)
	say := url.Values{"message": {"Die Karte liest mir niemand vor."}, "page": {"/de/karte"}, "contact": {"leser@example.org"}}
	if rec := srv.send("/de/barriere-melden", say); rec.Code != http.StatusSeeOther || !strings.Contains(rec.Header().Get("Location"), "done=feedback") {
		t.Fatalf("%d", rec.Code)
	}
	// A program fills in every field: it is thanked, and nothing is kept.
	trapped := url.Values{"message": {"Kaufen Sie jetzt unsere Pillen!"}, "website": {"http://evil.example"}}
	if rec := srv.send("/de/barriere-melden", trapped); rec.Code != http.StatusSeeOther {
		t.Errorf("a program learns that it was seen through: %d", rec.Code)
	}
	wrong := srv.send("/de/barriere-melden", url.Values{"message": {"kurz"}, "contact": {"alma@"}})
	if n := len(class(parse(t, wrong.Body), "field-error")); wrong.Code != http.StatusUnprocessableEntity || n != 2 {
		t.Errorf("%d with %d errors", wrong.Code, n)
	}
	list := text(parse(t, srv.get("/de/meldungen", office()...).Body))
	if !strings.Contains(list, "niemand vor") || !strings.Contains(list, "leser@example.org") || strings.Contains(list, "Pillen") {
		t.Errorf("%s", list)
	}
	reports, err := srv.houses.Feedback(t.Context(), authz.Actor{Person: "x", Memberships: []authz.Membership{{Organisation: "o", Roles: []authz.Role{authz.Coordinator}}}})
	if err != nil || len(reports) != 1 {
		t.Fatalf("%v %v", reports, err)
	}
	id := url.Values{"id": {reports[0].ID}}
	ask := srv.get("/de/meldungen/loeschen?"+id.Encode(), office()...)
	if ask.Code != http.StatusOK || !strings.Contains(ask.Body.String(), reports[0].ID) {
		t.Errorf("the question: %d", ask.Code)
	}
	if rec := srv.send("/de/meldungen", id, office()...); rec.Code != http.StatusSeeOther {
		t.Fatalf("settling: %d", rec.Code)
	}
	if list := text(parse(t, srv.get("/de/meldungen", office()...).Body)); strings.Contains(list, "leser@example.org") || !strings.Contains(list, "erledigt") {
		t.Errorf("%s", list)
	}
	if rec := srv.send("/de/meldungen/loeschen", id, office()...); rec.Code != http.StatusSeeOther {
		t.Fatalf("removing: %d", rec.Code)
	}
	if list := text(parse(t, srv.get("/de/meldungen", office()...).Body)); !strings.Contains(list, "Keine Meldung") {
		t.Errorf("%s", list)
	}
}

func TestEveryTextHasATemplate(t *testing.T) {
	srv := serve(t, web.Normal)
	for _, name := range statement.Names() {
		for lang, path := range map[string]string{"de": "/de/texte/", "en": "/en/texts/"} {
			edit := map[string]string{"de": "/bearbeiten", "en": "/edit"}[lang]
			doc := parse(t, srv.get(path+string(name)+edit, office()...).Body)
			area := all(doc, "textarea")
			if len(area) != 1 || len(statement.Unfilled(text(area[0]))) == 0 {
				t.Errorf("%s in %s has no template", name, lang)
			}
		}
	}
}
