package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/geo"
	"gevor/internal/api"
	"gevor/internal/web/webtest"
	"gevor/vocabulary"
)

// town is the example town with a stock of public offers, and its interfaces as the table of routes lays them out. What
// the pages' handler adds around them is tested with the pages (internal/web/interfaces_test.go).
type town struct {
	*webtest.Houses
	t   *testing.T
	h   http.Handler
	log bytes.Buffer
	ids []directory.ServiceID
}

// kinds of the vocabulary that the stock has in turn.
var kinds = []string{"kinderarzt", "schuldnerberatung", "selbsthilfegruppe", "deutschkurs"}

func openTown(t *testing.T, n int) *town {
	t.Helper()
	h, err := webtest.OpenHouses(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &town{Houses: h, t: t}
	w.h = w.serve(h.Store)
	w.take(0, n)
	return w
}

func (w *town) serve(s api.Entries) http.Handler {
	w.t.Helper()
	return w.over(w.t, s)
}

// over makes the interfaces over a directory.
func (w *town) over(t testing.TB, s api.Entries) http.Handler {
	t.Helper()
	voc, err := vocabulary.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	page := func(lang string, id directory.ServiceID) string { return "/" + lang + "/offer/" + string(id) }
	a, err := api.New(api.Options{Entries: s, Vocabulary: voc, PublicURL: "https://gevor.example", OfferPage: page, Languages: []string{"de", "en"}, Version: "0.0.0-test", Log: slog.New(slog.NewTextHandler(&w.log, nil)), Now: webtest.Day})
	if err != nil {
		t.Fatal(err)
	}
	return laid(a)
}

// laid lays the interfaces out as the table of routes does.
func laid(a *api.API) http.Handler {
	mux := http.NewServeMux()
	for _, x := range api.Addresses() {
		pattern := x.Path
		if strings.HasSuffix(pattern, "/") {
			pattern += "{$}"
		}
		mux.HandleFunc(x.Method+" "+pattern, func(rw http.ResponseWriter, req *http.Request) { a.Answer(rw, req, x.Path) })
	}
	return http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		if _, pattern := mux.Handler(req); pattern != "" {
			mux.ServeHTTP(rw, req)
			return
		}
		var allowed []string
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			probe := req.Clone(req.Context())
			probe.Method = method
			if _, pattern := mux.Handler(probe); pattern != "" {
				allowed = append(allowed, method)
			}
		}
		a.Refuse(rw, req, allowed)
	})
}

// west keeps the stock.
func west() authz.Actor {
	return authz.Actor{Memberships: []authz.Membership{{Organisation: webtest.West, Roles: []authz.Role{authz.Editor}}}}
}

// take adds the offers from to to of the stock, at a time of their own.
func (w *town) take(from, to int) {
	w.t.Helper()
	for i := from; i < to; i++ {
		if _, err := w.ImportEntries(w.t.Context(), west(), moment(i), webtest.West, "stock", authz.Release{Level: authz.PublicLevel}, []directory.Imported{offer(i)}, nil); err != nil {
			w.t.Fatal(err)
		}
	}
	all, err := w.Services(w.t.Context(), west(), webtest.West, time.Time{})
	if err != nil {
		w.t.Fatal(err)
	}
	w.ids = make([]directory.ServiceID, to)
	for _, r := range all {
		for _, s := range r.Sources {
			var i int
			if _, err := fmt.Sscanf(s.ID, "s%d", &i); err == nil && s.System == "stock" {
				w.ids[i] = r.ID
			}
		}
	}
}

// moment is when the i-th offer of the stock was written.
func moment(i int) time.Time {
	return time.Date(2026, 4, 1, 8, 0, 0, 0, time.UTC).Add(time.Duration(i) * time.Hour)
}

// offer is the i-th offer of the stock. What it holds follows from its number, so that a test can say what a filter finds.
func offer(i int) directory.Imported {
	day := func(m time.Month, d int) time.Time { return time.Date(2026, m, d, 0, 0, 0, 0, time.UTC) }
	s := directory.Service{
		Name:        directory.Texts{"de": fmt.Sprintf("Angebot %d für Müßige", i), "en": fmt.Sprintf("Offer %d", i)},
		Summary:     directory.Texts{"de": "Kurz gesagt", "tr": "Kısaca"},
		Description: directory.Texts{"de": "Was es gibt; mit \"Zeichen\" <b>und</b> =1+1"},
		Kinds:       []string{kinds[i%len(kinds)]},
		For:         directory.For{MinAge: (i % 3) * 6, MaxAge: []int{0, 17, 99}[i%3], Women: i%5 == 0, Conditions: directory.Texts{"de": "Bitte Ausweis mitbringen"}},
		Insurance:   directory.Insurances(), Cost: []directory.Cost{directory.CostUnknown, directory.Free, directory.Fee, directory.Copayment}[i%4],
		CostText: directory.Texts{"de": "siehe Aushang"}, Access: []directory.Access{directory.WalkIn, directory.Appointment},
		Booking: "https://termin.hilfe-vor-ort.de/buchen", Website: "https://www.hilfe-vor-ort.de",
		Languages: []directory.Language{{Tag: "de"}, {Tag: "ar", How: "interpreter"}}, Resources: []string{"telephone-interpreting"},
		Capacity: directory.Capacity{Room: directory.RoomWaiting, Weeks: 3, On: webtest.Day().AddDate(0, 0, -2)},
		Area:     directory.Area{Reach: directory.Municipality, Keys: []string{"05999001"}},
	}
	hours := directory.Hours{
		Slots: []directory.Slot{
			{Day: time.Monday, From: 9 * 60, To: 12 * 60},
			{Day: time.Weekday(2 + i%3), From: 14 * 60, To: 18 * 60},
			{Day: time.Friday, From: 22 * 60, To: 25 * 60, ByCall: true},
			{Day: time.Wednesday, From: 600, To: 660, Weeks: directory.OnlyWeek(1) | directory.OnlyWeek(3)},
		},
		Holidays:   directory.HolidaysClosed,
		Exceptions: []directory.Exception{{From: day(7, 6), To: day(7, 17), Text: directory.Texts{"de": "Sommerpause"}}, {From: day(12, 24), To: day(12, 24), Slots: []directory.Slot{{Day: time.Thursday, From: 480, To: 600}}}},
		Text:       directory.Texts{"de": "an Feiertagen geschlossen"},
	}
	s.Places = []directory.Place{{Location: "given later", Hours: hours, Contacts: []directory.Contact{{Name: "Anmeldung", Phone: "+4923412345" + fmt.Sprint(i%10), Email: "post@hilfe-vor-ort.de"}}}}
	return directory.Imported{
		Source: fmt.Sprint("s", i), ProviderName: fmt.Sprint("p", i%7),
		Provider: directory.Provider{Name: fmt.Sprintf("Träger %d", i%7), Legal: "e. V.", Website: "https://traeger.hilfe-vor-ort.de", Email: "haus@hilfe-vor-ort.de", Phone: "+4923499999"},
		Service:  s,
		Places: []directory.ImportedPlace{{Source: fmt.Sprint("l", i), Location: directory.Location{
			Name: "Haus der Hilfe", Street: fmt.Sprintf("Marktstraße %d", i+1), Postcode: fmt.Sprint(44780 + i%3), City: "Musterstadt",
			At: &geo.LonLat{Lon: 7.2 + float64(i)*0.001, Lat: 51.48}, StepFree: directory.Yes, Toilet: directory.No, Way: directory.Texts{"de": "Haltestelle Markt"},
		}}},
		Assured: []directory.Confirmation{{Field: directory.Whole, How: directory.ByPhone, At: day(3, 1)}},
	}
}

// does something to the i-th offer of the stock.
func (w *town) change(i int, at time.Time, text string) {
	w.t.Helper()
	r, err := w.Service(w.t.Context(), west(), w.ids[i])
	if err != nil {
		w.t.Fatal(err)
	}
	x := r.Service
	x.Summary = directory.Texts{"de": text}
	if _, err := w.SaveService(w.t.Context(), west(), at, x, directory.Rules{}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *town) release(i int, at time.Time, level authz.Level) {
	w.t.Helper()
	ref := authz.Ref{Kind: authz.Entry, Object: string(w.ids[i]), Purpose: authz.ForDirectory}
	if err := w.Release(w.t.Context(), west(), at, ref, authz.Release{Level: level}); err != nil {
		w.t.Fatal(err)
	}
}

func ask(h http.Handler, method, path string, body string, header ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	return rec
}

func (w *town) get(path string, header ...string) *httptest.ResponseRecorder {
	return ask(w.h, http.MethodGet, path, "", header...)
}

// page is a page of a list as a client reads it.
type page struct {
	TotalItems int              `json:"total_items"`
	TotalPages int              `json:"total_pages"`
	Number     int              `json:"page_number"`
	Size       int              `json:"size"`
	First      bool             `json:"first_page"`
	Last       bool             `json:"last_page"`
	Empty      bool             `json:"empty"`
	Contents   []map[string]any `json:"contents"`
}

func (w *town) page(path string) page {
	w.t.Helper()
	rec := w.get(path)
	var p page
	if err := json.Unmarshal(rec.Body.Bytes(), &p); rec.Code != http.StatusOK || err != nil {
		w.t.Fatalf("%s: %d %v %s", path, rec.Code, err, rec.Body)
	}
	if p.Size != len(p.Contents) || p.Empty != (p.Size == 0) {
		w.t.Errorf("%s: size %d, empty %v, %d records", path, p.Size, p.Empty, len(p.Contents))
	}
	return p
}

// names gives the ids of a page.
func (p page) names() []string {
	out := make([]string, len(p.Contents))
	for i, c := range p.Contents {
		out[i], _ = c["id"].(string)
	}
	return out
}

func (w *town) doc(path string) map[string]any {
	w.t.Helper()
	rec := w.get(path)
	var doc map[string]any
	if err := json.Unmarshal(rec.Body.Bytes(), &doc); rec.Code != http.StatusOK || err != nil {
		w.t.Fatalf("%s: %d %v %s", path, rec.Code, err, rec.Body)
	}
	return doc
}

func query(pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Add(pairs[i], pairs[i+1])
	}
	return "?" + q.Encode()
}

func publicOffer() directory.ServiceID {
	_, public := webtest.Offers()
	return directory.ServiceID(public)
}
