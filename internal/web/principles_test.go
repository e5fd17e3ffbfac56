package web_test

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gevor/authz"
	"gevor/internal/store"
	"gevor/internal/web"
	"gevor/internal/web/webtest"
)

// The principles of the charter as tests that try to break them through pages; the store's clauses of the same names try
// through what lies below, TestPrinciple6SolutionsOnTheSpot of tests/cli without any network.

// open gives the pages of the same town without any rights: the control of what must not be possible.
func (s *server) open(t *testing.T) *server {
	t.Helper()
	h, err := webtest.Serve(web.Normal, store.UnsafeWithoutRights(s.houses.Store), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return &server{Handler: h, houses: s.houses}
}

// measureOf leads to the measure of the example town.
func measureOf(t *testing.T, srv *server, who ...string) string {
	t.Helper()
	dossier := regexp.MustCompile(`/de/dossiers/d-[a-z0-9]+`).FindString(srv.get("/de/dossiers", who...).Body.String())
	measure := regexp.MustCompile(`/de/massnahmen/m-[a-z0-9]+`).FindString(srv.get(dossier, who...).Body.String())
	if measure == "" {
		t.Fatal("the example has no measure")
	}
	return measure
}

// Nobody commits another organisation, moves its money, or ranks organisations by what they bring.
func TestPrinciple1NoFishingInThePotsOfOthers(t *testing.T) {
	srv := serve(t, web.Normal)
	planner := as(webtest.East, authz.Planner)
	measure := measureOf(t, srv, planner...)
	id := measure[strings.LastIndex(measure, "/")+1:]
	west := "/de/organisationen/" + string(webtest.West)
	gift := url.Values{"measure": {id}, "gift": {"money"}, "what": {"90.000 € im Jahr"}, "pot": {"Rücklage"}, "from": {webtest.Day().Format("2006-01-02")}, "level": {"public"}}
	strangers := map[string][]string{"a planner of the east": planner, "an admin of the east": as(webtest.East, authz.OrganisationAdmin), "an office elsewhere": as(webtest.East, authz.Coordinator), "the public": nil}
	for who, headers := range strangers {
		if rec := srv.send(west+"/zusagen/neu", gift, headers...); rec.Code == http.StatusSeeOther && !strings.Contains(rec.Header().Get("Location"), "anmelden") {
			t.Errorf("%s commits the west: %s", who, rec.Header().Get("Location"))
		}
	}
	if strings.Contains(srv.get(measure, planner...).Body.String(), "90.000") {
		t.Error("money of the west was moved")
	}
	// Who names another owner in the form commits itself.
	own := url.Values{"owner": {string(webtest.West)}, "organisation": {string(webtest.West)}}
	for k, v := range gift {
		own[k] = v
	}
	own.Set("what", "77.000 € im Jahr")
	if rec := srv.send("/de/organisationen/"+string(webtest.East)+"/zusagen/neu", own, planner...); rec.Code != http.StatusSeeOther {
		t.Fatalf("%d", rec.Code)
	}
	page := srv.get(measure, planner...).Body.String()
	tiles := regexp.MustCompile(`<h3>([^<]*)</h3>`).FindAllStringSubmatch(page, -1)
	var names []string
	for _, m := range tiles {
		names = append(names, m[1])
	}
	if !slices.IsSorted(names) {
		t.Errorf("organisations stand in another order than that of the alphabet: %q", names)
	}
	if end := regexp.MustCompile(`/de/organisationen/([^/"]+)/zusagen/c-[a-z0-9]+/zuruecknehmen"[^>]*>[^<]*<span[^>]*>: 77\.000`).FindStringSubmatch(page); end == nil || end[1] != string(webtest.East) {
		t.Errorf("what the east gives is not its own: %q", end)
	}
	if strings.Contains(page, "sort=") {
		t.Error("commitments can be put in another order")
	}
	for _, r := range web.Routes() {
		for _, word := range []string{"rank", "league", "budget", "transfer"} {
			if strings.Contains(r.Name, word) {
				t.Errorf("there is a page %q", r.Name)
			}
		}
	}
	free := srv.open(t)
	if rec := free.send(west+"/zusagen/neu", gift, planner...); rec.Code != http.StatusSeeOther {
		t.Errorf("without rights the east does not commit the west: %d", rec.Code)
	}
}

// Nobody publishes another's figures, nobody sees them before their release, and a release that is taken back hides them.
func TestPrinciple2TheActorsDecide(t *testing.T) {
	srv := serve(t, web.Normal)
	release := url.Values{"level": {"public"}}
	hidden := "/de/daten/" + webtest.PrivateDataset
	for who, headers := range map[string][]string{"an admin of the west": as(webtest.West, authz.OrganisationAdmin), "the office": office(), "the public": nil} {
		if rec := srv.send(hidden+"/freigabe", release, headers...); rec.Code == http.StatusSeeOther && !strings.Contains(rec.Header().Get("Location"), "anmelden") {
			t.Errorf("%s publishes figures of the east: %s", who, rec.Header().Get("Location"))
		}
		for _, path := range []string{hidden, "/figures/" + webtest.PrivateDataset + "?as=csv"} {
			if rec := srv.get(path, headers...); rec.Code == http.StatusOK || strings.Contains(rec.Body.String(), webtest.Canary) {
				t.Errorf("%s reads %s before it is released: %d", who, path, rec.Code)
			}
		}
		if strings.Contains(srv.get("/de/daten", headers...).Body.String(), webtest.Canary) {
			t.Errorf("%s finds it in the catalogue", who)
		}
	}
	if rec := srv.open(t).get(hidden); rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), webtest.Canary) {
		t.Errorf("without rights it is hidden too: %d", rec.Code)
	}
	shown := "/de/daten/" + webtest.Dataset
	if rec := srv.get(shown); rec.Code != http.StatusOK {
		t.Fatalf("%d", rec.Code)
	}
	if rec := srv.send(shown+"/freigabe", url.Values{"level": {"private"}}, as(webtest.East, authz.Statistician)...); rec.Code != http.StatusSeeOther {
		t.Fatalf("its owner takes the release back: %d", rec.Code)
	}
	for _, path := range []string{shown, "/figures/" + webtest.Dataset + "?as=csv"} {
		if rec := srv.get(path); rec.Code == http.StatusOK {
			t.Errorf("%s is still there", path)
		}
	}
}

// The region works with what members released, in sums over several of them; what one organisation has written stays with
// it. Pages of the whole region cross the borders of cities.
func TestPrinciple7LocalApproachRegionalPerspective(t *testing.T) {
	srv := serve(t, web.Normal)
	region := office()
	totals := srv.get(web.Address("de", "contact-totals"), region...)
	for _, o := range []authz.OrganisationID{webtest.East, webtest.South} {
		for _, name := range []string{"contacts", "handovers", "trail"} {
			path := web.Address("de", name, string(o))
			if rec := srv.get(path, region...); rec.Code == http.StatusOK {
				t.Errorf("the office of the region reads %s", path)
			}
		}
	}
	if totals.Code != http.StatusOK {
		t.Errorf("the office does not see the totals: %d", totals.Code)
	}
	if rec := srv.get(web.Address("de", "contact-totals")); rec.Code == http.StatusOK {
		t.Error("everybody sees the totals of the region")
	}
	if rec := srv.open(t).get(web.Address("de", "contacts", string(webtest.East)), region...); rec.Code != http.StatusOK {
		t.Errorf("without rights the office reads no contacts: %d", rec.Code)
	}
}
