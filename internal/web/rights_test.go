package web_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"gevor/authz"
	"gevor/internal/store"
	"gevor/internal/web"
	"gevor/internal/web/webtest"
)

// sent is what a form of a changing route holds so that it is understood, but changes nothing: versions that never
// were, names that are wrong. A route without an entry is sent an empty form.
var sent = map[string]url.Values{
	"organisation-create": {"name": {"x"}},
	"organisation-change": {"name": {"x"}},
	"member-change":       {"version": {"999"}, "roles": {string(authz.Planner)}},
	"member-removed":      {"version": {"999"}},
	"invitation-create":   {"email": {"nobody"}},
	"release-set":         {"level": {"nowhere"}},
	"dossier-step":        {"version": {"999"}, "step": {"examine"}},
	"body-change":         {"name": {"x"}},
	"measure-change":      {"version": {"999"}},
	"webhook-create":      {"address": {"x"}},
	"webhook-rotated":     {"version": {"999"}},
	"webhook-removed":     {"version": {"999"}},
}

// reader is somebody who asks: nobody in particular, or a role in one of the houses.
type reader struct {
	house authz.OrganisationID
	role  authz.Role
}

func (r reader) id() authz.PersonID {
	if r.role == "" {
		return ""
	}
	return webtest.Person(r.house, r.role)
}

func readers() []reader {
	if testing.Short() { // under the race detector a few stand for all
		return []reader{{}, {webtest.East, authz.OrganisationAdmin}, {webtest.East, authz.Planner}, {webtest.West, authz.OrganisationAdmin}, {webtest.South, authz.SystemAdmin}}
	}
	out := []reader{{}}
	for _, o := range []authz.OrganisationID{webtest.East, webtest.West, webtest.South} {
		for _, r := range authz.Roles() {
			out = append(out, reader{o, r})
		}
	}
	return out
}

// town is the example town with its profile of the east released in one way.
type town struct {
	*webtest.Houses
	release authz.Release
}

func townWith(t *testing.T, r authz.Release) town {
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
	all, _, err := h.UnsafeActor(t.Context(), webtest.Everything)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Release(t.Context(), all, webtest.Day(), authz.Ref{Kind: authz.Organisation, Object: string(webtest.East), Purpose: authz.ForDirectory}, r); err != nil {
		t.Fatal(err)
	}
	private, _ := webtest.Offers()
	if err := h.Release(t.Context(), all, webtest.Day(), authz.Ref{Kind: authz.Entry, Object: private, Purpose: authz.ForDirectory}, r); err != nil {
		t.Fatal(err)
	}
	return town{h, r}
}

// object is what a route with the east in its address asks for.
func (w town) object(r *web.Route, who reader) authz.Object {
	o := authz.Object{Kind: r.Access.Kind}
	switch r.Access.Kind {
	case authz.Account:
		o.Subject = who.id() // one's own, the only one that has an address
	case authz.Members:
		o.Subject = webtest.Person(webtest.East, authz.Editor) // of whom the address speaks
	case authz.Atlas:
		o.Released = authz.Release{Level: authz.PublicLevel} // as the example town releases it
	}
	if strings.Contains(r.Patterns["de"], "{offer}") || r.Access.Kind == authz.Entry && strings.Contains(r.Patterns[""], "{record}") { // of the east, released like its profile
		o.Owner, o.Released = webtest.East, w.release
	}
	if strings.Contains(r.Patterns["de"]+r.Patterns[""], "{dataset}") { // of the east, released to everybody
		o.Owner, o.Released = webtest.East, authz.Release{Level: authz.PublicLevel}
	}
	if strings.Contains(r.Patterns["de"], "{trial}") || strings.Contains(r.Patterns["de"], "{dossier}") || strings.Contains(r.Patterns["de"], "{measure}") {
		o.Owner = webtest.East // released to nobody
	}
	if strings.Contains(r.Patterns["de"]+r.Patterns[""], "{org}") {
		o.Owner = webtest.East
		if r.Access.Kind == authz.Organisation {
			o.Released = w.release
		}
	}
	return o
}

// answer asks for a route as a reader and gives the outcome in the words of the table.
func answer(h http.Handler, r *web.Route, path string, who reader) (authz.Verdict, int, string) {
	req := httptest.NewRequest(http.MethodGet, path, nil)
	if r.Method != "" {
		req = httptest.NewRequest(r.Method, path, strings.NewReader(sent[r.Name].Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set(webtest.PersonHeader, string(who.id()))
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	verdict := authz.Allowed
	switch {
	case rec.Code == http.StatusForbidden:
		verdict = authz.Refused
	case rec.Code == http.StatusNotFound:
		verdict = authz.Hidden
	case rec.Code == http.StatusSeeOther && strings.Contains(rec.Header().Get("Location"), "next=") || rec.Code == http.StatusSeeOther && who.role == "" && r.Method != "":
		verdict = authz.Hidden // asked to sign in
	}
	return verdict, rec.Code, rec.Body.String()
}

// walk asks for every route as every reader in every world, and gives where the answer is not that of the table.
func walk(t *testing.T, worlds []town, serve func(town) http.Handler) (size int, wrong []string) {
	t.Helper()
	for i, w := range worlds {
		h := serve(w)
		visits := map[string]string{}
		for _, v := range webtest.Addresses("") {
			if v.Lang != "en" && visits[v.Route] == "" {
				visits[v.Route] = v.Path
			}
		}
		routes := web.Routes()
		for k := range routes {
			r := &routes[k]
			if r.Name == "demo-seat" {
				continue // the town is no demo: there is no such page for anybody, see TestDemoDoor
			}
			if r.Name == "asset" || r.Access.Kind == authz.Atlas && i > 0 {
				continue // the bundle is the same for everybody, and the atlas whatever the east released
			}
			path, ok := visits[r.Name]
			path = webtest.Private(path)
			if !ok {
				t.Fatalf("nothing knows an address for %s", r.Name)
			}
			for _, who := range readers() {
				actor := authz.Public()
				if who.role != "" {
					var err error
					if actor, _, err = w.UnsafeActor(t.Context(), who.id()); err != nil {
						t.Fatal(err)
					}
				}
				if r.Open {
					actor = authz.Public() // whoever asks
				}
				size++
				want := authz.Decide(actor, r.Access.Action, w.object(r, who))
				if r.List {
					want = authz.Allowed
				}
				if r.Name == "offer-observe" && authz.Decide(actor, authz.View, authz.Object{Kind: authz.Entry, Owner: webtest.East, Released: w.release}) != authz.Allowed {
					want = authz.Hidden // nobody observes what they may not see
				}
				got, code, _ := answer(h, r, path, who)
				if who.role == "" && got == authz.Hidden && want == authz.Refused {
					want = authz.Hidden // whoever has no name is asked for it first
				}
				if code >= 500 {
					t.Errorf("%s %s by %+v answers %d", r.Method, path, who, code)
				}
				if got != want {
					wrong = append(wrong, fmt.Sprintf("%s (%s %s) by %+v, profile %v: %v with %d, want %v", r.Name, r.Access.Kind, r.Access.Action, who, w.release.Level, got, code, want))
				}
			}
		}
	}
	return size, wrong
}

// TestRights walks every route of the router with every role of three houses and with nobody, in every state of
// release, and compares with the table of rights.
func TestRights(t *testing.T) {
	worlds := []town{
		townWith(t, authz.Release{}),
		townWith(t, authz.Release{Level: authz.Named, Named: []authz.OrganisationID{webtest.South}}),
		townWith(t, authz.Release{Level: authz.AllianceLevel}),
		townWith(t, authz.Release{Level: authz.PublicLevel}),
	}
	with := func(open bool) func(town) http.Handler {
		return func(w town) http.Handler {
			s := w.Store
			if open {
				s = store.UnsafeWithoutRights(s)
			}
			h, err := webtest.Serve(web.Normal, s, io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			return h
		}
	}
	size, wrong := walk(t, worlds, with(false))
	t.Logf("figure: %d answers of %d routes to %d readers in %d states of release, %d differ from the table", size, len(web.Routes()), len(readers()), len(worlds), len(wrong))
	for _, w := range wrong[:min(len(wrong), 30)] {
		t.Error(w)
	}
	_, leaks := walk(t, worlds[:1], with(true))
	t.Logf("figure: control without rights: %d answers differ from the table", len(leaks))
	if least := 100; len(leaks) < least && !testing.Short() {
		t.Errorf("without rights only %d answers differ", len(leaks))
	}
}

// TestWhatIsForeignLooksAbsent compares the answer about the private east with that about a house that never was, byte
// by byte but for the address itself, for everybody to whom the table hides it.
func TestWhatIsForeignLooksAbsent(t *testing.T) {
	w := townWith(t, authz.Release{})
	h, err := webtest.Serve(web.Normal, w.Store, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	routes := web.Routes()
	compared := 0
	for _, v := range webtest.Addresses("") {
		at := slices.IndexFunc(routes, func(r web.Route) bool { return r.Name == v.Route })
		if !strings.Contains(v.Path, string(webtest.East)) {
			continue
		}
		ghost := strings.ReplaceAll(v.Path, string(webtest.East), "o-none")
		for _, who := range []reader{{}, {webtest.West, authz.OrganisationAdmin}, {webtest.South, authz.Navigator}, {webtest.West, authz.Planner}} {
			there, code, body := answer(h, &routes[at], v.Path, who)
			_, code2, body2 := answer(h, &routes[at], ghost, who)
			actor := authz.Public()
			if who.role != "" {
				if actor, _, err = w.UnsafeActor(t.Context(), who.id()); err != nil {
					t.Fatal(err)
				}
			}
			// What members of the alliance see of each other's work is refused to them; it must read the same for a ghost.
			if want := authz.Decide(actor, routes[at].Access.Action, w.object(&routes[at], who)); there == authz.Allowed || want == authz.Hidden && there != authz.Hidden {
				t.Errorf("%s is open to %+v", v.Path, who)
			}
			if same := strings.ReplaceAll(body, string(webtest.East), "o-none"); code != code2 || same != body2 {
				t.Errorf("%s and %s differ for %+v: %d and %d", v.Path, ghost, who, code, code2)
			}
			compared++
		}
	}
	t.Logf("figure: %d answers about what is foreign and what never was compared", compared)
	if compared < 50 {
		t.Errorf("only %d answers compared", compared)
	}
}

// TestTheCanaryStaysHome fetches every address as everybody who does not belong to the east, and looks for its canary
// in bodies, headers and downloads. The control, without rights, finds it.
func TestTheCanaryStaysHome(t *testing.T) {
	w := townWith(t, authz.Release{})
	routes := web.Routes()
	sung := func(s *store.Store) (asked int, heard []string) {
		h, err := webtest.Serve(web.Normal, s, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		for _, who := range readers() {
			if who.house == webtest.East || who.role == authz.SystemAdmin || who.role == authz.Coordinator {
				continue // the office and whoever runs the installation may know that the house exists
			}
			for _, v := range webtest.Addresses("") {
				queries := []string{"", "?q=" + url.QueryEscape(webtest.Canary), "?format=csv", "?as=csv", "?as=xlsx", "?below=99999"}
				if at := slices.IndexFunc(routes, func(r web.Route) bool { return r.Name == v.Route }); routes[at].Access.Kind == authz.Atlas || v.Lang != "de" {
					if who.role != "" && who.role != authz.Planner {
						continue // the atlas knows of no house, and other languages show the same; one reader of each house is enough
					}
					queries = queries[:1]
				}
				for _, query := range queries {
					req := httptest.NewRequest(http.MethodGet, v.Path+query, nil)
					req.Header.Set(webtest.PersonHeader, string(who.id()))
					rec := httptest.NewRecorder()
					h.ServeHTTP(rec, req)
					asked++
					// What the reader typed comes back in the search box; that is no leak.
					body := strings.ReplaceAll(rec.Body.String(), `value="`+webtest.Canary+`"`, "")
					body = strings.ReplaceAll(body, url.QueryEscape(webtest.Canary), "")
					if strings.Contains(body, webtest.Canary) || strings.Contains(fmt.Sprint(rec.Header()), webtest.Canary) || strings.Contains(body, "zaunkoenig") {
						heard = append(heard, fmt.Sprintf("%s%s by %+v", v.Path, query, who))
					}
				}
			}
		}
		return asked, heard
	}
	asked, heard := sung(w.Store)
	t.Logf("figure: %d answers to strangers searched for the canary, %d hold it", asked, len(heard))
	for _, at := range heard[:min(len(heard), 20)] {
		t.Error(at)
	}
	if _, heard := sung(store.UnsafeWithoutRights(w.Store)); len(heard) < 20 {
		t.Errorf("without rights the canary is heard only %d times", len(heard))
	} else {
		t.Logf("figure: control without rights: the canary is heard %d times", len(heard))
	}
}

// TestEveryRouteNamesItsRight keeps a route from being added without a line in the table of rights.
func TestEveryRouteNamesItsRight(t *testing.T) {
	known := map[string]bool{}
	for _, r := range authz.Rules() {
		known[string(r.Kind)+" "+string(r.Action)] = true
	}
	for _, r := range web.Routes() {
		if !known[string(r.Access.Kind)+" "+string(r.Access.Action)] {
			t.Errorf("%s asks for %q to %q, which is no line of the table", r.Name, r.Access.Kind, r.Access.Action)
		}
		if changes := r.Access.Action != authz.View; r.Method == "" && changes && len(r.States) == 0 {
			t.Errorf("%s is neither a page nor a change", r.Name)
		}
	}
}

// TestPagesForPeopleWithANameLeadToTheDoor says what the public finds.
func TestPagesForPeopleWithANameLeadToTheDoor(t *testing.T) {
	srv := serve(t, web.Normal)
	rec := srv.get("/de/organisationen/" + string(webtest.East) + "/menschen")
	if rec.Code != http.StatusSeeOther || !strings.Contains(rec.Header().Get("Location"), "next="+url.QueryEscape("/de/organisationen/o-east/menschen")) {
		t.Errorf("%d to %q", rec.Code, rec.Header().Get("Location"))
	}
	if rec.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("kept as %q", rec.Header().Get("Cache-Control"))
	}
}

// TestOtherSitesAreRefused sends what a page of another site could make a browser send.
func TestOtherSitesAreRefused(t *testing.T) {
	w := townWith(t, authz.Release{})
	h, err := webtest.Serve(web.SignedIn, w.Store, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	try := func(header ...string) int {
		body := url.Values{"level": {"public"}}.Encode()
		req := httptest.NewRequest(http.MethodPost, "https://gevor.example/de/organisationen/o-east/freigaben/profil", strings.NewReader(body))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for i := 0; i+1 < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, req)
		return rec.Code
	}
	for name, header := range map[string][]string{
		"another site":          {"Sec-Fetch-Site", "cross-site"},
		"a sister of the site":  {"Sec-Fetch-Site", "same-site"},
		"an old browser":        {"Origin", "https://evil.example"},
		"an origin that hides":  {"Origin", "null"},
		"another port":          {"Origin", "https://gevor.example:8443"},
		"a forged fetch header": {"Sec-Fetch-Site", "cross-site", "Origin", "https://gevor.example"},
	} {
		if code := try(header...); code != http.StatusForbidden {
			t.Errorf("%s: %d", name, code)
		}
	}
	if code := try("Sec-Fetch-Site", "same-origin"); code != http.StatusSeeOther {
		t.Errorf("the site itself: %d", code)
	}
}
