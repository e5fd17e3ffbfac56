package web_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"gevor/authz"
	"gevor/internal/api"
	"gevor/internal/api/hsds3"
	"gevor/internal/web"
	"gevor/internal/web/webtest"

	"gevor/directory"
)

// TestEveryInterfaceHasItsRow: an address that programs can ask stands in the table of routes with its right, and every
// such row is answered.
func TestEveryInterfaceHasItsRow(t *testing.T) {
	var rows []api.Address
	for _, r := range web.Routes() {
		if r.Open {
			method := r.Method
			if method == "" {
				method = http.MethodGet
			}
			rows = append(rows, api.Address{Method: method, Path: strings.TrimSuffix(r.Patterns[""], "{$}")})
		}
	}
	answered := api.Addresses()
	for _, list := range [][]api.Address{rows, answered} {
		slices.SortFunc(list, func(a, b api.Address) int { return strings.Compare(a.Method+a.Path, b.Method+b.Path) })
	}
	if !slices.Equal(rows, answered) || len(rows) < 30 {
		t.Errorf("%d rows, %d answered:\n%v\n%v", len(rows), len(answered), rows, answered)
	}
}

// TestProgramsThroughThePagesServer asks through everything that stands around the pages.
func TestProgramsThroughThePagesServer(t *testing.T) {
	var log bytes.Buffer
	srv, err := webtest.Handler(web.Normal, &log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := srv.Close(); err != nil {
			t.Error(err)
		}
	})
	ask := func(method, path, body string, header ...string) *httptest.ResponseRecorder {
		req := httptest.NewRequest(method, path, strings.NewReader(body))
		for i := 0; i+1 < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		rec := httptest.NewRecorder()
		srv.ServeHTTP(rec, req)
		return rec
	}
	const secret = "zwiebelfisch"
	form := []string{"Content-Type", "application/x-www-form-urlencoded", "Origin", "https://elsewhere.example", "Sec-Fetch-Site", "cross-site"}
	if rec := ask(http.MethodPost, "/hsds/v3/services", "search="+secret, form...); rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), `"empty":true`) {
		t.Errorf("a question from another site: %d %s", rec.Code, rec.Body)
	}
	if rec := ask(http.MethodPost, "/de/hilfe/huerde-melden", "", form...); rec.Code != http.StatusForbidden {
		t.Errorf("a page takes what another site sends: %d", rec.Code)
	}
	if rec := ask(http.MethodOptions, "/fhir/HealthcareService/_search", ""); rec.Code != http.StatusNoContent || !strings.Contains(rec.Header().Get("Access-Control-Allow-Methods"), "POST") {
		t.Errorf("OPTIONS: %d %v", rec.Code, rec.Header())
	}
	if rec := ask(http.MethodDelete, "/hsds/v3/services", ""); rec.Code != http.StatusMethodNotAllowed || !strings.HasPrefix(rec.Header().Get("Content-Type"), "application/problem+json") {
		t.Errorf("DELETE: %d %s", rec.Code, rec.Header().Get("Content-Type"))
	}
	if rec := ask(http.MethodGet, "/fhir/Patient", ""); rec.Code != http.StatusNotFound || !strings.Contains(rec.Body.String(), "OperationOutcome") {
		t.Errorf("no such resource: %d %s", rec.Code, rec.Body)
	}
	packed := ask(http.MethodGet, "/hsds/v3/taxonomy_terms?per_page=500", "", "Accept-Encoding", "gzip", webtest.PersonHeader, string(webtest.Everything))
	if h := packed.Header(); h.Get("Content-Encoding") != "gzip" || h.Get("Set-Cookie") != "" || h.Get("Cache-Control") != "no-cache" {
		t.Errorf("compressed, for somebody signed in: %v", h)
	}
	if robots := ask(http.MethodGet, "/robots.txt", "").Body.String(); !strings.Contains(robots, "Sitemap: https://gevor.example/sitemap.xml\n") {
		t.Errorf("robots: %s", robots)
	}
	ask(http.MethodGet, "/hsds/v3/services?search="+secret, "")
	ask(http.MethodGet, "/fhir/HealthcareService?name="+secret, "")
	if said := log.String(); strings.Contains(said, secret) || !strings.Contains(said, "/hsds/v3/services") {
		t.Errorf("the log: %s", said)
	}
	// Whoever is signed in gets what the public gets.
	private, public := webtest.Offers()
	for _, id := range []string{private, public} {
		path := "/hsds/v3/services/" + hsds3.ServiceName(directory.ServiceID(id))
		nobody, somebody := ask(http.MethodGet, path, ""), ask(http.MethodGet, path, "", webtest.PersonHeader, string(webtest.Everything))
		if nobody.Code != somebody.Code || nobody.Body.String() != somebody.Body.String() {
			t.Errorf("%s: %d for nobody, %d for somebody", path, nobody.Code, somebody.Code)
		}
	}
}

// TestSearchEnginesReadAnOffer: the page of a public offer says in the words of schema.org what it is; that of an offer
// that is not public says nothing, even to who may see it.
func TestSearchEnginesReadAnOffer(t *testing.T) {
	srv := serve(t, web.Normal)
	private, public := webtest.Offers()
	data := func(id string, who authz.PersonID) string {
		req := httptest.NewRequest(http.MethodGet, "/de/hilfe/angebot/"+id, nil)
		req.Header.Set(webtest.PersonHeader, string(who))
		rec := httptest.NewRecorder()
		srv.ServeHTTP(rec, req)
		if rec.Code != http.StatusOK {
			t.Fatalf("%s: %d", id, rec.Code)
		}
		_, rest, found := strings.Cut(rec.Body.String(), `<script type="application/ld+json">`)
		if !found {
			return ""
		}
		json, _, _ := strings.Cut(rest, "</script>")
		return json
	}
	var doc struct {
		Context  string `json:"@context"`
		Type     string `json:"@type"`
		Name     string
		Provider struct{ Name string }
		Channel  []struct {
			Place struct {
				Address struct{ StreetAddress, PostalCode string }
				Hours   []struct{ DayOfWeek, Opens, Closes string } `json:"openingHoursSpecification"`
			} `json:"serviceLocation"`
		} `json:"availableChannel"`
	}
	if err := json.Unmarshal([]byte(data(public, "")), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Context != "https://schema.org" || doc.Type != "Service" || doc.Name != "Kinderarztpraxis am Markt" || doc.Channel[0].Place.Address.StreetAddress != "Marktstraße 12" ||
		len(doc.Channel[0].Place.Hours) != 2 || doc.Channel[0].Place.Hours[0].Opens != "09:00" || doc.Channel[0].Place.Hours[0].DayOfWeek != "https://schema.org/Monday" {
		t.Errorf("%+v", doc)
	}
	if got := data(private, webtest.Person(webtest.East, authz.Editor)); got != "" {
		t.Errorf("a private offer: %s", got)
	}
}
