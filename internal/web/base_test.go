package web_test

import (
	"encoding/csv"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"gevor/authz"
	"gevor/internal/web"
	"gevor/internal/web/webtest"
)

// sends a form as somebody.
func (s *server) send(path string, form url.Values, header ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	s.ServeHTTP(rec, req)
	return rec
}

// office is the header of somebody who may write texts and read reports.
func office() []string {
	return []string{webtest.PersonHeader, string(webtest.Person(webtest.West, authz.Coordinator))}
}

func TestAChosenThemeStays(t *testing.T) {
	srv := serve(t, web.Normal)
	first := srv.get("/de/befunde")
	if strings.Contains(first.Body.String(), "data-theme") || !strings.Contains(first.Header().Get("Vary"), "Cookie") {
		t.Error("a theme that nobody chose, or a page that any cache may mix up")
	}
	rec := srv.send("/view/theme", url.Values{"theme": {"dark"}, "next": {"/de/befunde?cause=too-far"}})
	if rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != "/de/befunde?cause=too-far" {
		t.Fatalf("%d to %q", rec.Code, rec.Header().Get("Location"))
	}
	set := rec.Result().Cookies()
	if len(set) != 1 || !set[0].HttpOnly || set[0].SameSite != http.SameSiteLaxMode || set[0].MaxAge <= 0 {
		t.Fatalf("%+v", set)
	}
	dark := srv.get("/de/befunde", "Cookie", set[0].Name+"="+set[0].Value)
	if !strings.Contains(dark.Body.String(), `data-theme="dark"`) || dark.Header().Get("ETag") == first.Header().Get("ETag") {
		t.Error("the page is not dark, or has the tag of the other")
	}
	if again := srv.send("/view/theme", url.Values{"theme": {"auto"}}).Result().Cookies(); len(again) != 1 || again[0].MaxAge >= 0 {
		t.Errorf("automatic keeps %+v", again)
	}
	if rec := srv.send("/view/theme", url.Values{"theme": {`"><script>`}}); rec.Code != http.StatusBadRequest || len(rec.Result().Cookies()) != 0 {
		t.Errorf("an unknown theme: %d", rec.Code)
	}
	if got := srv.get("/de/befunde", "Cookie", set[0].Name+"=evil").Body.String(); strings.Contains(got, "data-theme") {
		t.Error("a cookie of somebody else's making reached the page")
	}
}

func TestAChosenLanguageStays(t *testing.T) {
	srv := serve(t, web.Normal)
	rec := srv.send("/view/language", url.Values{"language": {"en"}, "next": {"/en/findings"}})
	if rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != "/en/findings" {
		t.Fatalf("%d to %q", rec.Code, rec.Header().Get("Location"))
	}
	set := rec.Result().Cookies()[0]
	if got := srv.get("/", "Accept-Language", "de", "Cookie", set.Name+"="+set.Value).Header().Get("Location"); got != "/en/help" {
		t.Errorf("the bare address leads to %q", got)
	}
	for _, next := range []string{"https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""} {
		if got := srv.send("/view/language", url.Values{"language": {"en"}, "next": {next}}).Header().Get("Location"); got != "/en/help" {
			t.Errorf("next %q leads to %q", next, got)
		}
	}
	if rec := srv.send("/view/language", url.Values{"language": {"xx"}}); rec.Code != http.StatusBadRequest {
		t.Errorf("an unknown language: %d", rec.Code)
	}
}

func TestASwitchFromAnotherSiteIsRefused(t *testing.T) {
	srv := serve(t, web.Normal)
	rec := srv.send("/view/theme", url.Values{"theme": {"dark"}}, "Sec-Fetch-Site", "cross-site")
	if rec.Code != http.StatusForbidden || len(rec.Result().Cookies()) != 0 || !strings.Contains(rec.Body.String(), "andere") {
		t.Errorf("%d: %s", rec.Code, text(parse(t, rec.Body)))
	}
	// The control: the same from here is taken.
	if rec := srv.send("/view/theme", url.Values{"theme": {"dark"}}, "Sec-Fetch-Site", "same-origin"); rec.Code != http.StatusSeeOther {
		t.Errorf("from here: %d", rec.Code)
	}
}

func TestOnlyOurOwnWordsAreToldAsDone(t *testing.T) {
	srv := serve(t, web.Normal)
	if got := srv.get("/de/bausteine?done=tried").Body.String(); !strings.Contains(got, "Gespeichert wurde nichts") {
		t.Error("what was done is not told")
	}
	for _, done := range []string{"<b>x</b>", "nothing-of-ours", "../nav.start", "tried.x", "%00"} {
		page := srv.get("/de/bausteine?done=" + url.QueryEscape(done))
		if page.Code != http.StatusOK || len(class(parse(t, page.Body), "done")) != 0 {
			t.Errorf("done=%q shows something", done)
		}
	}
	if got := srv.get("/de/bausteine?done=tried&sort=name").Body.String(); strings.Contains(got, "done=tried&amp;") {
		t.Error("a link tells it once more")
	}
}

func names(t *testing.T, srv *server, query string) []string {
	t.Helper()
	rec := srv.get("/de/bausteine?" + query)
	if rec.Code != http.StatusOK {
		t.Fatalf("%s: %d", query, rec.Code)
	}
	var out []string
	for _, n := range all(all(parse(t, rec.Body), "tbody")[0], "th") {
		out = append(out, text(n))
	}
	return out
}

func TestListsAreSortedFilteredAndLeafedThrough(t *testing.T) {
	srv := serve(t, web.Normal)
	if got := names(t, srv, "sort=name"); !slices.Equal(got[:3], []string{"=1+1", "=1+1 2", "=1+1 3"}) {
		t.Errorf("by name: %q", got)
	}
	if got := names(t, srv, "sort=name&page=2"); !strings.HasPrefix(got[0], "Anlaufstelle") && !strings.HasPrefix(got[0], "Ärztehaus") {
		t.Errorf("page 2: %q", got)
	}
	// A dictionary puts Ä beside A and 9 before 10.
	kiosks := names(t, srv, "name=kiosk&sort=name")
	if len(kiosks) != 10 || !strings.HasPrefix(kiosks[0], "Kiosk 9") || !strings.HasPrefix(kiosks[9], "Kiosk 10") {
		t.Errorf("kiosks: %q", kiosks)
	}
	if got := names(t, srv, "name=arztehaus"); len(got) != 6 {
		t.Errorf("without the umlaut: %q", got)
	}
	// What is not known is last, whichever way.
	for _, query := range []string{"sort=places&page=6", "sort=places&down=1&page=6"} {
		rows := all(all(parse(t, srv.get("/de/bausteine?"+query).Body), "tbody")[0], "tr")
		if got := text(rows[len(rows)-1]); !strings.Contains(got, "–") {
			t.Errorf("%s ends with %q", query, got)
		}
	}
	none := srv.get("/de/bausteine?name=gibtesnicht").Body.String()
	if !strings.Contains(none, "Kein Eintrag passt") || !strings.Contains(none, "0 von 60") {
		t.Error("an empty result does not say so")
	}
	for _, query := range []string{"sort=do", "sort=nothing", "page=x", "as=exe"} {
		if rec := srv.get("/de/bausteine?" + query); rec.Code != http.StatusBadRequest {
			t.Errorf("%s: %d", query, rec.Code)
		}
	}
}

func TestListsLeaveAsFiles(t *testing.T) {
	srv := serve(t, web.Normal)
	rec := srv.get("/de/bausteine?as=csv&kind=advice&sort=places&down=1")
	raw := rec.Body.String()
	if !strings.HasPrefix(raw, "\ufeff") || rec.Header().Get("Content-Disposition") != `attachment; filename="bausteine.csv"` || rec.Header().Get("ETag") != "" {
		t.Fatalf("%q %v", raw[:10], rec.Header())
	}
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(raw, "\ufeff")))
	r.Comma = ';'
	lines, err := r.ReadAll()
	if err != nil || len(lines) != 21 || len(lines[0]) != 4 {
		t.Fatalf("%d lines, %v: all pages, without the column of buttons", len(lines), err)
	}
	for _, line := range lines {
		for _, field := range line {
			if strings.ContainsAny(field[:min(1, len(field))], "=+-@") {
				t.Errorf("a spreadsheet would calculate %q", field)
			}
		}
	}
	rec = srv.get("/de/bausteine?as=xlsx")
	book, err := excelize.OpenReader(rec.Body)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	rows, err := book.GetRows("Sheet1")
	if err != nil || len(rows) != 61 || rows[8][0] != "=1+1" {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if formula, err := book.GetCellFormula("Sheet1", "A9"); err != nil || formula != "" {
		t.Errorf("a text became the formula %q, %v", formula, err)
	}
	if kind, err := book.GetCellType("Sheet1", "C2"); err != nil || kind == excelize.CellTypeSharedString || kind == excelize.CellTypeInlineString {
		t.Errorf("a number has the type %v, %v", kind, err)
	}
	if a, b := srv.get("/de/bausteine?as=xlsx").Body.String(), srv.get("/de/bausteine?as=xlsx").Body.String(); a != b {
		t.Error("the same list gives other bytes")
	}
}

func TestARefusedFormComesBack(t *testing.T) {
	srv := serve(t, web.Normal)
	rec := srv.send("/de/bausteine", url.Values{"email": {"alma@"}, "name": {"  Stelle <b>  "}, "kind": {"practice"}, "language": {"ar", "uk"}})
	if rec.Code != http.StatusUnprocessableEntity || rec.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %q", rec.Code, rec.Header().Get("Cache-Control"))
	}
	doc := parse(t, rec.Body)
	checkMarkup(t, doc)
	checkHeadings(t, doc)
	summary := class(doc, "error-summary")
	if len(summary) != 1 {
		t.Fatal("no list of what is wrong")
	}
	if _, ok := attr(summary[0], "autofocus"); !ok || value(summary[0], "tabindex") != "-1" {
		t.Error("the list does not take the focus")
	}
	var to []string
	for _, a := range all(summary[0], "a") {
		to = append(to, value(a, "href"))
	}
	if want := []string{"#f-email", "#f-way-1", "#f-day", "#f-agree"}; !slices.Equal(to, want) {
		t.Errorf("it leads to %q, want %q", to, want)
	}
	kept := map[string]bool{}
	for _, n := range append(all(doc, "input"), all(doc, "option")...) {
		_, checked := attr(n, "checked")
		_, selected := attr(n, "selected")
		if checked || selected {
			kept[value(n, "value")] = true
		}
		if value(n, "id") == "f-name" && value(n, "value") != "  Stelle <b>  " {
			t.Errorf("what was typed came back as %q", value(n, "value"))
		}
	}
	if !kept["practice"] || !kept["ar"] || !kept["uk"] || kept["tr"] {
		t.Errorf("chosen: %v", kept)
	}
}

func TestTheHeaderHoldsFewEntries(t *testing.T) {
	for _, state := range []web.State{web.Normal, web.SignedIn} {
		doc := parse(t, serve(t, state).get("/de/befunde").Body)
		if n := len(class(doc, "section")); n == 0 || n > 6 {
			t.Errorf("%s: %d entries in the header", state, n)
		}
		current := 0
		for _, n := range all(class(doc, "sub")[0], "a") {
			if value(n, "aria-current") == "page" {
				current++
			}
		}
		if current != 1 {
			t.Errorf("%s: %d entries are the open page", state, current)
		}
	}
	missing := regexp.MustCompile(`\{(org|person|secret)\}`)
	if m := missing.FindString(serve(t, web.SignedIn).get("/de/befunde").Body.String()); m != "" {
		t.Errorf("a link of the navigation holds %s", m)
	}
}
