package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"gevor/authz"
	"gevor/internal/api/hsds3"
	"gevor/internal/web/webtest"
)

// stock is how many offers of the stock a test has; beside them the example town has one public offer.
const stock = 24

// TestFiltersAddUp asks for every filter and every pair of filters, and holds the answers against what follows from the
// numbers of the stock: a pair gives what both give.
func TestFiltersAddUp(t *testing.T) {
	w := openTown(t, stock)
	provider := w.doc("/hsds/v3/services/" + hsds3.ServiceName(w.ids[3]))["organization"].(map[string]any)["id"].(string)
	filters := []struct {
		name, value string
		holds       func(i int) bool
	}{
		{"search", "muessige ANGEBOT", func(int) bool { return true }},
		{"search", "angebot 7", func(i int) bool { return i == 7 }},
		{"search", "gebot", func(int) bool { return false }},
		{"taxonomy_term_id", hsds3.TermName("selbsthilfegruppe"), func(i int) bool { return i%4 == 2 }},
		{"taxonomy_term_id", hsds3.TermName("selbsthilfe-suchen"), func(i int) bool { return i%4 == 2 }}, // the one above
		{"taxonomy_id", hsds3.TaxonomyName(), func(int) bool { return true }},
		{"taxonomy_id", hsds3.TermName("kinderarzt"), func(int) bool { return false }},
		{"organization_id", provider, func(i int) bool { return i%7 == 3 }},
		{"modified_after", moment(10).Format(time.RFC3339), func(i int) bool { return i >= 10 }},
		{"minimum_age", "6", func(i int) bool { return i%3 > 0 }},
		{"maximum_age", "17", func(i int) bool { return i%3 == 1 }},
		{"day", "TH", func(i int) bool { return i%3 == 2 }},
		{"start_time", "13:00", func(int) bool { return true }},
		{"end_time", "12:00", func(int) bool { return true }},
	}
	all := func(query string) []string {
		p := w.page("/hsds/v3/services" + query)
		// The offers of the example town are not of the stock: one is public, one was.
		p.Contents = slices.DeleteFunc(p.Contents, func(c map[string]any) bool {
			return c["id"] == hsds3.ServiceName(publicOffer()) || c["status"] == "inactive"
		})
		return p.names()
	}
	want := func(holds ...func(int) bool) []string {
		out := []string{}
		for i, id := range w.ids {
			if !slices.ContainsFunc(holds, func(h func(int) bool) bool { return !h(i) }) {
				out = append(out, hsds3.ServiceName(id))
			}
		}
		slices.Sort(out)
		return out
	}
	asked := 0
	for a, f := range filters {
		for _, g := range filters[a:] {
			q, holds := query(f.name, f.value, "per_page", "500"), []func(int) bool{f.holds}
			if g.name != f.name {
				q, holds = query(f.name, f.value, g.name, g.value, "per_page", "500"), append(holds, g.holds)
				if pair := f.name + g.name; pair == "daystart_time" || pair == "start_timeend_time" || pair == "dayend_time" {
					continue // of the same hours, see below
				}
			}
			if got := all(q); !slices.Equal(got, want(holds...)) {
				t.Errorf("%s gives %d, want %d", q, len(got), len(want(holds...)))
			}
			asked++
		}
	}
	t.Logf("figure: %d filters and pairs of filters give what follows from the records", asked)
	// day, start_time and end_time are about the same hours: nobody is open on a Monday afternoon.
	if got := all(query("day", "MO", "start_time", "13:00")); len(got) != 0 {
		t.Errorf("Monday afternoon: %d", len(got))
	}
	if got := all(query("day", "TH", "start_time", "13:00", "end_time", "18:00", "per_page", "500")); !slices.Equal(got, want(func(i int) bool { return i%3 == 2 })) {
		t.Errorf("Thursday afternoon: %d", len(got))
	}
	// A name given twice means any of its values.
	two := query("taxonomy_term_id", hsds3.TermName("kinderarzt"), "taxonomy_term_id", hsds3.TermName("deutschkurs"), "per_page", "500")
	if got := all(two); !slices.Equal(got, want(func(i int) bool { return i%4 == 0 || i%4 == 3 })) {
		t.Errorf("two terms: %d", len(got))
	}
	// Places: by postcode, and around one.
	for q, want := range map[string]int{query("postcode", "44781"): stock / 3, query("postcode", "44781", "proximity", "1"): 0, query("postcode", "44781", "proximity", "5000"): stock} {
		if got := w.page("/hsds/v3/service_at_locations" + q).TotalItems; got != want {
			t.Errorf("places %s: %d, want %d", q, got, want)
		}
	}
}

func TestPagesHaveBounds(t *testing.T) {
	w := openTown(t, stock)
	total := stock + 1
	var walked []string
	for n := 1; ; n++ {
		p := w.page(fmt.Sprintf("/hsds/v3/services?per_page=7&page=%d", n))
		if p.TotalItems != total || p.TotalPages != 4 || p.Number != n || p.First != (n == 1) || p.Last != (n >= 4) {
			t.Errorf("page %d: %+v", n, p)
		}
		walked = append(walked, p.names()...)
		if p.Last {
			break
		}
	}
	if len(walked) != total || !slices.IsSorted(walked) || len(slices.Compact(slices.Clone(walked))) != total {
		t.Errorf("walked %d", len(walked))
	}
	if p := w.page("/hsds/v3/services?page=999"); !p.Empty || !p.Last || p.First || p.TotalItems != total {
		t.Errorf("behind the last: %+v", p)
	}
	if p := w.page("/hsds/v3/services?search=gibtesnicht"); !p.Empty || !p.First || !p.Last || p.TotalItems != 0 || p.TotalPages != 1 {
		t.Errorf("nothing: %+v", p)
	}
	if p := w.page("/hsds/v3/services?minimal=true"); p.Size != total || len(p.Contents[0]) != 2 {
		t.Errorf("minimal: %+v", p)
	}
	lines := w.get("/hsds/v3/services?format=ndjson&per_page=3")
	if n := strings.Count(lines.Body.String(), "\n"); n != total || !strings.HasPrefix(lines.Header().Get("Content-Type"), "application/x-ndjson") {
		t.Errorf("ndjson: %d lines", n)
	}
	for _, bad := range []string{"page=0", "page=-1", "page=x", "page=1.5", "per_page=0", "per_page=501", "per_page=x", "page=1&page=2", "minimal=yes", "modified_after=31.12.2025", "start_time=25:99", "day=Monday", "taxonomy_term_id=x", "nonsense=1", "proximity=5", "postcode=99999&proximity=10", "format=xml", "search=" + strings.Repeat("a", 201)} {
		path := "/hsds/v3/services?" + bad
		if strings.Contains(bad, "proximity") {
			path = "/hsds/v3/service_at_locations?" + bad
		}
		rec := w.get(path)
		var p struct {
			Status int
			Errors []struct{ Parameter, Detail string }
		}
		if err := json.Unmarshal(rec.Body.Bytes(), &p); rec.Code != http.StatusBadRequest || err != nil || p.Status != 400 || len(p.Errors) == 0 || p.Errors[0].Parameter == "" || rec.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s", bad, rec.Code, rec.Body)
		}
	}
}

func TestWhatIsNotThere(t *testing.T) {
	w := openTown(t, 2)
	absent := "00000000-0000-4000-8000-000000000000"
	for _, path := range []string{"services/", "service_at_locations/", "organizations/", "taxonomies/", "taxonomy_terms/"} {
		for _, id := range []string{absent, "x", "%20", string(w.ids[0])} {
			if rec := w.get("/hsds/v3/" + path + id); rec.Code != http.StatusNotFound || rec.Header().Get("Content-Type") != "application/problem+json" || !json.Valid(rec.Body.Bytes()) {
				t.Errorf("%s%s: %d %s", path, id, rec.Code, rec.Header().Get("Content-Type"))
			}
		}
	}
	for _, path := range []string{"/hsds/v3/nothing", "/hsds/v3/services/x/y", "/open/nothing", "/fhir/Patient", "/fhir/Location/x/y", "/sitemaps/9.xml", "/sitemaps/x"} {
		if rec := w.get(path); rec.Code != http.StatusNotFound || !strings.Contains(rec.Header().Get("Content-Type"), "json") {
			t.Errorf("%s: %d %s", path, rec.Code, rec.Header().Get("Content-Type"))
		}
	}
	for _, method := range []string{http.MethodPut, http.MethodPatch, http.MethodDelete, "PROPFIND"} {
		if rec := ask(w.h, method, "/hsds/v3/services", "{}"); rec.Code != http.StatusMethodNotAllowed || rec.Header().Get("Allow") == "" {
			t.Errorf("%s: %d %q", method, rec.Code, rec.Header().Get("Allow"))
		}
	}
	if rec := ask(w.h, http.MethodPost, "/hsds/v3/services/"+hsds3.ServiceName(w.ids[0]), ""); rec.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST to one: %d", rec.Code)
	}
}

// TestEverybodyMayAskFromAnywhere: pages of other sites read the answers, without cookies, and the question before the
// question is answered.
func TestEverybodyMayAskFromAnywhere(t *testing.T) {
	w := openTown(t, 2)
	for _, path := range []string{"/hsds/v3/", "/hsds/v3/services", "/hsds/v3/services?page=0", "/hsds/v3/nothing", "/fhir/metadata", "/open/services.csv", "/openapi.json"} {
		rec := w.get(path, "Origin", "https://elsewhere.example", "Sec-Fetch-Site", "cross-site", "Cookie", "session=x")
		h := rec.Header()
		if h.Get("Access-Control-Allow-Origin") != "*" || h.Get("Access-Control-Allow-Credentials") != "" || h.Get("Set-Cookie") != "" || h.Get("Cross-Origin-Resource-Policy") != "cross-origin" {
			t.Errorf("%s: %v", path, h)
		}
	}
	rec := ask(w.h, http.MethodPost, "/hsds/v3/services", "search=angebot", "Content-Type", "application/x-www-form-urlencoded", "Origin", "https://elsewhere.example", "Sec-Fetch-Site", "cross-site")
	if rec.Code != http.StatusOK {
		t.Errorf("a POST from elsewhere: %d", rec.Code)
	}
	before := ask(w.h, http.MethodOptions, "/hsds/v3/services", "", "Origin", "https://elsewhere.example", "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type")
	h := before.Header()
	if before.Code != http.StatusNoContent || !strings.Contains(h.Get("Access-Control-Allow-Methods"), "POST") || !strings.Contains(h.Get("Access-Control-Allow-Headers"), "Content-Type") {
		t.Errorf("OPTIONS: %d %v", before.Code, h)
	}
}

// TestPostIsTheTwinOfGet sends each question in the address, as a form and as JSON.
func TestPostIsTheTwinOfGet(t *testing.T) {
	w := openTown(t, stock)
	for _, list := range []string{"services", "service_at_locations", "organizations", "taxonomies", "taxonomy_terms"} {
		for _, q := range []string{"", "search=angebot+7", "page=2&per_page=5", "search=zzz", "page=0", "taxonomy_id=" + hsds3.TaxonomyName()} {
			if strings.HasPrefix(q, "taxonomy_id") && list == "taxonomies" {
				continue
			}
			want := w.get("/hsds/v3/" + list + "?" + q)
			members := map[string]any{}
			for pair := range strings.SplitSeq(q, "&") {
				if k, v, ok := strings.Cut(pair, "="); ok {
					members[k] = strings.ReplaceAll(v, "+", " ")
				}
			}
			raw, err := json.Marshal(members)
			if err != nil {
				t.Fatal(err)
			}
			for kind, body := range map[string]string{"application/x-www-form-urlencoded": q, "application/json": string(raw)} {
				got := ask(w.h, http.MethodPost, "/hsds/v3/"+list, body, "Content-Type", kind)
				if got.Code != want.Code || got.Body.String() != want.Body.String() {
					t.Errorf("%s %q as %s: %d, GET gives %d", list, q, kind, got.Code, want.Code)
				}
			}
		}
	}
	long := ask(w.h, http.MethodPost, "/hsds/v3/services", "search="+strings.Repeat("a", 70_000), "Content-Type", "application/x-www-form-urlencoded")
	if long.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("a body of 70 kB: %d", long.Code)
	}
	if rec := ask(w.h, http.MethodPost, "/hsds/v3/services", `{"search":{"a":1}}`, "Content-Type", "application/json"); rec.Code != http.StatusBadRequest {
		t.Errorf("an object for a value: %d", rec.Code)
	}
}

func TestWhoHasItGetsNothing(t *testing.T) {
	w := openTown(t, 3)
	for _, path := range []string{"/hsds/v3/services", "/hsds/v3/services/" + hsds3.ServiceName(w.ids[1]), "/fhir/HealthcareService", "/open/services.csv", "/open/services.xlsx", "/open/services.json", "/open/groups.ics", "/sitemap.xml", "/openapi.json"} {
		first := w.get(path)
		tag := first.Header().Get("ETag")
		if tag == "" || first.Header().Get("Cache-Control") != "no-cache" {
			t.Fatalf("%s: no tag", path)
		}
		for _, asked := range []string{tag, `"other", ` + tag, strings.TrimPrefix(tag, "W/"), "*"} {
			if again := w.get(path, "If-None-Match", asked); again.Code != http.StatusNotModified || again.Body.Len() != 0 || again.Header().Get("ETag") != tag {
				t.Errorf("%s with %s: %d, %d bytes", path, asked, again.Code, again.Body.Len())
			}
		}
		if packed := w.get(path, "Accept-Encoding", "gzip"); packed.Header().Get("ETag") != tag {
			t.Errorf("%s: the tag differs when compressed", path)
		}
		if head := ask(w.h, http.MethodHead, path, ""); head.Code != http.StatusOK || head.Header().Get("ETag") != tag {
			t.Errorf("HEAD %s: %d", path, head.Code)
		}
		w.change(1, webtest.Day(), "Neu "+path)
		if now := w.get(path, "If-None-Match", tag); now.Code != http.StatusOK && path != "/openapi.json" && path != "/sitemap.xml" {
			t.Errorf("%s after a change: %d", path, now.Code)
		}
	}
}

// TestWithdrawnIsGone: what is withdrawn is gone from every answer with the next request, and a harvest is told that it is
// gone and nothing else; what never was public is never told.
func TestWithdrawnIsGone(t *testing.T) {
	w := openTown(t, 4)
	name := hsds3.ServiceName(w.ids[2])
	w.get("/hsds/v3/services") // a shelf is made
	w.release(2, webtest.Day(), authz.AllianceLevel)
	for _, path := range []string{"/hsds/v3/services/" + name, "/fhir/HealthcareService/" + name, "/open/services/" + name + "/calendar.ics"} {
		if rec := w.get(path); rec.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, rec.Code)
		}
	}
	for _, path := range []string{"/hsds/v3/services?full=true", "/hsds/v3/service_at_locations?full=true", "/hsds/v3/organizations?full=true&full_service=true", "/fhir/HealthcareService", "/fhir/Location", "/open/services.csv", "/open/services.json", "/open/groups.ics", "/sitemaps/1.xml", "/hsds/v3/services?format=ndjson"} {
		if body := w.get(path).Body.String(); strings.Contains(body, "Angebot 2") || strings.Contains(body, name) || strings.Contains(body, "Marktstraße 3\"") {
			t.Errorf("%s still tells of it", path)
		}
	}
	feed := w.page("/hsds/v3/services" + query("modified_after", "2020-01-01T00:00:00Z"))
	at := slices.Index(feed.names(), name)
	if at < 0 {
		t.Fatalf("the harvest is not told: %v", feed.names())
	}
	stone := feed.Contents[at]
	if len(stone) != 4 || stone["status"] != "inactive" || stone["name"] != hsds3.GoneName || stone["last_modified"] != webtest.Day().Format(time.RFC3339) {
		t.Errorf("told of what is gone: %v", stone)
	}
	if p := w.page("/hsds/v3/services" + query("modified_after", "2020-01-01T00:00:00Z", "search", "angebot")); slices.Contains(p.names(), name) {
		t.Error("a search finds what is gone")
	}
	w.release(2, webtest.Day().Add(time.Hour), authz.PublicLevel)
	if doc := w.doc("/hsds/v3/services/" + name); doc["status"] != "active" || doc["last_modified"] != webtest.Day().Add(time.Hour).Format(time.RFC3339) {
		t.Errorf("released again: %v", doc["last_modified"])
	}
}
