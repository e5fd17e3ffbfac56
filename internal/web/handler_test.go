package web_test

import (
	"cmp"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"gevor/atlas"
	"gevor/fault"
	"gevor/internal/web"
	"gevor/internal/web/webtest"
)

func TestHomeSpeaksTheReadersLanguage(t *testing.T) {
	srv := serve(t, web.Normal)
	for accept, want := range map[string]string{
		"": "/de/hilfe", "en": "/en/help", "en-GB,en;q=0.9,de;q=0.5": "/en/help", "sv, de;q=0.4, en;q=0.3": "/de/hilfe", "xx": "/de/hilfe", "de;q=0, en;q=0.1": "/en/help",
		"en;q=oops, de": "/de/hilfe", "de-simple": "/de-simple/hilfe", "tr": "/tr/help", "uk-UA, ru;q=0.9": "/uk/help", "ku": "/kmr/help", "ku-Arab-IQ": "/ckb/help",
		"ckb": "/ckb/help", "prs, de;q=0.9": "/fa/help", "ar-SY,ar;q=0.9,de;q=0.8": "/ar/help",
	} {
		rec := srv.get("/", "Accept-Language", accept)
		if got := rec.Header().Get("Location"); rec.Code != http.StatusFound || got != want {
			t.Errorf("Accept-Language %q leads to %q with %d, want %q", accept, got, rec.Code, want)
		}
	}
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	srv := serve(t, web.Normal)
	for _, path := range []string{"/de/", "/de/nirgends", "/robots.txt", "/"} {
		h := srv.get(path).Header()
		csp := h.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || strings.Contains(csp, "http") {
			t.Errorf("%s: policy %q", path, csp)
		}
		if h.Get("Referrer-Policy") != "no-referrer" || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: headers %v", path, h)
		}
	}
}

func TestPagesAreSentOnceForEachRun(t *testing.T) {
	srv := serve(t, web.Normal)
	first := srv.get("/de/befunde")
	tag := first.Header().Get("ETag")
	if tag == "" {
		t.Fatal("no ETag")
	}
	if rec := srv.get("/de/befunde", "If-None-Match", tag); rec.Code != http.StatusNotModified || rec.Body.Len() != 0 {
		t.Errorf("the same page again: %d with %d bytes", rec.Code, rec.Body.Len())
	}
	for _, other := range []string{"/en/findings", "/de/befunde?page=2"} {
		if srv.get(other).Header().Get("ETag") == tag {
			t.Errorf("%s has the tag of another page", other)
		}
	}
	if serve(t, web.NoRun).get("/de/befunde").Header().Get("ETag") != "" {
		t.Error("an error page has a tag")
	}
}

func TestPagesAreCompressedWhereAsked(t *testing.T) {
	srv := serve(t, web.Normal)
	if rec := srv.get("/de/", "Accept-Encoding", "gzip"); rec.Header().Get("Content-Encoding") != "gzip" || rec.Body.Len() > srv.get("/de/").Body.Len()/2 {
		t.Errorf("compressed to %d bytes", rec.Body.Len())
	}
}

func TestARunThatIsBeingComputedIsSeenUntilNobodySpeaksOfIt(t *testing.T) {
	for state, want := range map[web.State]bool{web.Normal: true, web.Suppressed: false} {
		body := serve(t, state).get("/de/herunterladen").Body.String()
		if strings.Contains(body, "zu 45 % fertig") != want || strings.Contains(body, "<progress") != want {
			t.Errorf("%s: shown is not %v", state, want)
		}
	}
}

func TestErrors(t *testing.T) {
	srv := serve(t, web.Normal)
	for path, want := range map[string]int{
		"/de/nirgends": 404, "/en/findings/F-NONE": 404, "/de/stadtteile/99": 404, "/xx/": 404, "/runs/abc/run.json": 404,
		"/assets/000000000000/site.css": 404, "/de/befunde?group=gibtsnicht": 400, "/de/befunde?cause=none": 400, "/de/befunde?page=x": 400,
		"/de/befunde?page=0": 400, "/de/befunde?sort=name": 400, "/de/karte?standard=x": 400, "/de/karte?show=x": 400, "/de/karte?by=x": 400,
		"/de/datenhinweise?severity=x": 400, "/de/befunde?page=999": 200,
	} {
		rec := srv.get(path)
		if rec.Code != want {
			t.Errorf("%s answers %d, want %d", path, rec.Code, want)
		}
		if want != 200 && (rec.Header().Get("ETag") != "" || !strings.Contains(rec.Body.String(), "<h1>")) {
			t.Errorf("%s: no proper error page", path)
		}
	}
}

func TestOtherMethodsAreRefused(t *testing.T) {
	srv := serve(t, web.Normal)
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete} {
		rec := httptest.NewRecorder()
		srv.ServeHTTP(rec, httptest.NewRequest(method, "/de/befunde", strings.NewReader("a=b")))
		if rec.Code != http.StatusMethodNotAllowed || rec.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s answers %d, allows %q", method, rec.Code, rec.Header().Get("Allow"))
		}
	}
	rec := httptest.NewRecorder()
	srv.ServeHTTP(rec, httptest.NewRequest(http.MethodHead, "/de/befunde", nil))
	if rec.Code != http.StatusOK {
		t.Errorf("HEAD answers %d", rec.Code)
	}
}

func TestTheLogHoldsNoQuery(t *testing.T) {
	srv := serve(t, web.Normal)
	srv.get("/de/befunde?group=kinder&district=geheim")
	srv.get("/de/karte?show=cause")
	if log := srv.log.String(); strings.Contains(log, "geheim") || strings.Contains(log, "show") || !strings.Contains(log, "path=/de/befunde") {
		t.Errorf("the log says %s", log)
	}
}

// broken is a Runs that fails with a fault.
type broken struct{ err error }

func (b broken) Current() (*web.Run, error) { return nil, b.err }

func TestFaultsBecomeStatuses(t *testing.T) {
	for kind, want := range map[fault.Kind]int{
		fault.Internal: 500, fault.Corrupt: 500, fault.Busy: 503, fault.Withheld: 403, fault.Denied: 403, fault.Invalid: 400, fault.Conflict: 409,
		fault.Stale: 412, fault.TooLarge: 413, fault.NotFound: 503, // no run yet
	} {
		h, err := web.New(web.Config{Runs: broken{fault.Wrap(kind, "", "x", "", fmt.Errorf("the secret cause"))}, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/de/", nil))
		if rec.Code != want {
			t.Errorf("%v becomes %d, want %d", kind, rec.Code, want)
		}
		if strings.Contains(rec.Body.String(), "secret") {
			t.Errorf("%v shows its cause", kind)
		}
	}
}

func TestAPanicBecomesAnErrorPage(t *testing.T) {
	var log strings.Builder
	h, err := web.New(web.Config{Runs: web.Fixed(&web.Run{Hash: "x"}), Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	for _, encoding := range []string{"", "gzip"} {
		req := httptest.NewRequest(http.MethodGet, "/de/", nil)
		req.Header.Set("Accept-Encoding", encoding)
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, req)
		if rec.Code != http.StatusInternalServerError || !strings.Contains(log.String(), "panicked") {
			t.Errorf("a run without result: %d, log %s", rec.Code, log.String())
		}
	}
}

func TestFilesOfARun(t *testing.T) {
	srv := serve(t, web.Normal)
	at := "/runs/" + webtest.Run(web.Normal).Hash + "/"
	for name, want := range map[string]int{
		"findings.geojson": 200, "layers/kinderarzt-15-zu-fuss.csv": 200, "timings.json": 404, ".hidden": 404, "layers": 404, "layers/": 404, "nichts.json": 404,
		"%2e%2e/%2e%2e/etc/passwd": 404, "..%2f..%2fetc%2fpasswd": 404,
	} {
		if rec := srv.get(at + name); rec.Code != want {
			t.Errorf("%s answers %d, want %d", name, rec.Code, want)
		}
	}
	rec := srv.get(at+"base.pmtiles", "Range", "bytes=0-6")
	if rec.Code != http.StatusPartialContent || rec.Body.String() != "PMTiles" {
		t.Errorf("a range of the base map: %d %q", rec.Code, rec.Body.String())
	}
	if got := srv.get(at + "findings.gpkg").Header().Get("Content-Disposition"); !strings.HasPrefix(got, "attachment") {
		t.Errorf("a GeoPackage is sent as %q", got)
	}
	if got := srv.get(at + "report.html").Header().Get("Content-Security-Policy"); !strings.Contains(got, "sandbox") {
		t.Errorf("the report is served under %q", got)
	}
}

func TestLayersForTheIsland(t *testing.T) {
	srv := serve(t, web.Normal)
	at := "/layers/" + webtest.Run(web.Normal).Hash + "/"
	rec := srv.get(at + "kinderarzt-15-zu-fuss/shortfall")
	if rec.Code != 200 || !strings.Contains(rec.Body.String(), `"class":"s3"`) {
		t.Errorf("%d %.200s", rec.Code, rec.Body.String())
	}
	for _, path := range []string{at + "kinderarzt-15-zu-fuss/access", at + "clearing-45/shortfall", at + "x/cause", "/layers/abc/kinderarzt-15-zu-fuss/cause"} {
		if got := srv.get(path).Code; got != 404 {
			t.Errorf("%s answers %d", path, got)
		}
	}
}

func TestFindingsAreFilteredSortedAndPaged(t *testing.T) {
	srv := serve(t, web.Normal)
	run := webtest.Run(web.Normal)
	ids := func(query string) []string {
		var out []string
		for _, row := range class(parse(t, srv.get("/de/befunde?"+query).Body), "finding-row") {
			u, err := url.Parse(value(all(row, "a")[0], "href"))
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, u.Path[strings.LastIndex(u.Path, "/")+1:])
		}
		return out
	}
	var everything []string
	for page := 1; page <= (len(run.Result.Findings)+19)/20; page++ {
		everything = append(everything, ids(fmt.Sprintf("page=%d", page))...)
	}
	if len(everything) != len(run.Result.Findings) {
		t.Fatalf("%d rows on all pages, want %d", len(everything), len(run.Result.Findings))
	}
	for i, f := range run.Result.Findings {
		if everything[i] != f.ID {
			t.Fatalf("row %d is %s, want %s", i, everything[i], f.ID)
		}
	}
	byPeople := slices.Clone(run.Result.Findings)
	slices.SortStableFunc(byPeople, func(a, b atlas.Finding) int { return cmp.Compare(b.People, a.People) })
	if got := ids("sort=people"); got[0] != byPeople[0].ID || len(got) != 20 {
		t.Errorf("by people: %d rows, first %s, want %s", len(got), got[0], byPeople[0].ID)
	}
	s := run.Result.Snapshot
	for query, passes := range map[string]func(atlas.Finding) bool{
		"group=kinder":                func(f atlas.Finding) bool { return s.Standards[f.Standard].Group == 0 },
		"category=beratung":           func(f atlas.Finding) bool { return s.Standards[f.Standard].Category == 2 },
		"standard=kinderarzt-plaetze": func(f atlas.Finding) bool { return f.Standard == 1 },
		"cause=too-far&municipality=05999001": func(f atlas.Finding) bool {
			return f.Cause == atlas.CauseTooFar && s.Areas[f.Districts[0].Area].Parent == 0
		},
		"district=" + webtest.District(): func(f atlas.Finding) bool { return s.Areas[f.Districts[0].Area].Key == webtest.District() },
	} {
		var want []string
		for _, f := range run.Result.Findings {
			if passes(f) {
				want = append(want, f.ID)
			}
		}
		if len(want) == 0 {
			t.Fatalf("%s: the example has no such finding", query)
		}
		if got := ids(query); !slices.Equal(got, want[:min(20, len(want))]) {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
}

func TestNewRefusesAnEmptyConfiguration(t *testing.T) {
	if _, err := web.New(web.Config{}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a configuration without anything: %v", err)
	}
}
