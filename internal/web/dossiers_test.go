package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"gevor/authz"
	"gevor/internal/web"
	"gevor/internal/web/webtest"
)

func as(o authz.OrganisationID, r authz.Role) []string {
	return []string{webtest.PersonHeader, string(webtest.Person(o, r))}
}

// A planner opens a dossier of a finding; the office enters what the body decided; the planner describes a measure; two
// houses promise something, one takes it back. Everything through pages, as the people it is for.
func TestAFindingIsWorkedOn(t *testing.T) {
	srv := serve(t, web.Normal)
	planner, member := as(webtest.East, authz.Planner), as(webtest.West, authz.Planner)
	finding := webtest.Finding(webtest.Run(web.Normal))
	east, west := "/de/organisationen/"+string(webtest.East), "/de/organisationen/"+string(webtest.West)

	page := srv.get("/de/befunde/"+finding, planner...).Body.String()
	if !strings.Contains(page, east+"/dossiers/neu?finding="+finding) {
		t.Error("the page of a finding leads to no dossier")
	}
	if strings.Contains(srv.get("/de/befunde/"+finding).Body.String(), "/dossiers/neu") {
		t.Error("the public is led to a dossier")
	}
	frozen := text(parse(t, srv.get(east+"/dossiers/neu?finding="+finding, planner...).Body))
	if !strings.Contains(frozen, webtest.Run(web.Normal).Hash) {
		t.Error("what is frozen does not name its run")
	}
	rec := srv.send(east+"/dossiers/neu", url.Values{"finding": {finding}, "title": {""}}, planner...)
	if rec.Code != http.StatusUnprocessableEntity {
		t.Errorf("a dossier without a title: %d", rec.Code)
	}
	checkMarkup(t, parse(t, rec.Body))
	rec = srv.send(east+"/dossiers/neu", url.Values{"finding": {finding}, "title": {"Zu wenig Plätze"}, "cluster": {"gap"}}, planner...)
	if rec.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", rec.Code, text(parse(t, rec.Body)))
	}
	dossier, _, _ := strings.Cut(rec.Header().Get("Location"), "?")

	step := func(who []string, code int, v url.Values) string {
		t.Helper()
		rec := srv.send(dossier+"/schritt", v, who...)
		body := text(parse(t, rec.Body))
		if rec.Code != code {
			t.Errorf("%v: %d, want %d: %s", v, rec.Code, code, body)
		}
		return body
	}
	step(planner, http.StatusUnprocessableEntity, url.Values{"version": {"1"}})
	step(member, http.StatusForbidden, url.Values{"version": {"1"}, "step": {"examine"}})
	step(planner, http.StatusSeeOther, url.Values{"version": {"1"}, "step": {"examine"}})
	if said := step(planner, http.StatusConflict, url.Values{"version": {"1"}, "step": {"contradict"}, "reason": {"Doch nicht"}}); !strings.Contains(said, "Doch nicht") {
		t.Error("what was typed on an outdated version is lost")
	}
	if said := step(planner, http.StatusConflict, url.Values{"version": {"2"}, "step": {"accept"}}); !strings.Contains(said, "trägt ein Beschluss") {
		t.Errorf("accepted without a decision: %s", said)
	}

	body := regexp.MustCompile(`/de/verbund/gremien/(y-[a-z0-9]+)"`).FindStringSubmatch(srv.get("/de/verbund", office()...).Body.String())
	if body == nil {
		t.Fatal("the alliance shows no body")
	}
	form := srv.get("/de/verbund/gremien/"+body[1]+"/beschluss?dossier="+dossier[strings.LastIndex(dossier, "/")+1:], office()...).Body.String()
	seats := regexp.MustCompile(`value="(z-[a-z0-9]+)"`).FindAllStringSubmatch(form, -1)
	if len(seats) != 2 {
		t.Fatalf("%d seats to tick", len(seats))
	}
	decide := func(version, step string, present ...string) string {
		t.Helper()
		rec := srv.send("/de/verbund/gremien/"+body[1]+"/beschluss", url.Values{
			"title": {"Befund"}, "wording": {"Wir nehmen an."}, "reasons": {"Bestätigt."}, "way": {"consensus"}, "on": {"2026-05-12"}, "present": present,
			"dossier": {dossier[strings.LastIndex(dossier, "/")+1:]}, "version": {version}, "step": {step},
		}, office()...)
		return rec.Header().Get("Location")
	}
	if at := decide("2", "accept", seats[0][1]); !strings.Contains(at, "done=decision_failed") {
		t.Errorf("one of two seats decides: %q", at)
	}
	if at := decide("1", "accept", seats[0][1], seats[1][1]); at != "" {
		t.Errorf("decided on an outdated version: %q", at)
	}
	for _, x := range [][2]string{{"2", "accept"}, {"3", "assign"}} {
		if at := decide(x[0], x[1], seats[0][1], seats[1][1]); !strings.Contains(at, "done=dossier_moved") {
			t.Errorf("%s: %q", x[1], at)
		}
	}
	if at := decide("4", "plan", seats[0][1], seats[1][1]); !strings.Contains(at, "done=decision_no_step") {
		t.Errorf("planned without a measure: %q", at)
	}

	measure := url.Values{
		"dossier": {dossier[strings.LastIndex(dossier, "/")+1:]}, "title": {"Sprechstunde"}, "whom": {"Kinder"}, "where": {"Norden"}, "indicator": {"Kinder ohne Arzt"}, "expected": {"300 weniger"},
		"by": {"2020-01-01"}, "fails_if": {"Es bleibt gleich."},
	}
	if rec := srv.send(east+"/massnahmen/neu", measure, planner...); rec.Code != http.StatusUnprocessableEntity {
		t.Errorf("a measure due in the past: %d", rec.Code)
	}
	measure.Set("by", "2027-05-01")
	rec = srv.send(east+"/massnahmen/neu", measure, planner...)
	at, _, _ := strings.Cut(rec.Header().Get("Location"), "?")
	id := at[strings.LastIndex(at, "/")+1:]
	gift := url.Values{"measure": {id}, "gift": {"money"}, "what": {"3.000 € im Jahr"}, "from": {"2026-05-12"}, "level": {"alliance"}}
	if rec := srv.send(west+"/zusagen/neu", gift, member...); rec.Code != http.StatusUnprocessableEntity || !strings.Contains(rec.Body.String(), "Topf") {
		t.Errorf("money from no pot: %d", rec.Code)
	}
	gift.Set("pot", "Prävention")
	gift.Set("from", "2020-01-01")
	if rec := srv.send(west+"/zusagen/neu", gift, member...); rec.Code != http.StatusUnprocessableEntity {
		t.Errorf("a commitment dated into the past: %d", rec.Code)
	}
	gift.Set("from", "2026-05-12")
	for who, a := range map[string][]string{"an office elsewhere": as(webtest.East, authz.Coordinator), "another house": planner} {
		if rec := srv.send(west+"/zusagen/neu", gift, a...); rec.Code == http.StatusSeeOther {
			t.Errorf("%s commits the west", who)
		}
	}
	if rec := srv.send(west+"/zusagen/neu", gift, member...); rec.Code != http.StatusSeeOther {
		t.Errorf("%d %s", rec.Code, text(parse(t, rec.Body)))
	}
	shown := srv.get(at, planner...).Body.String()
	if !strings.Contains(shown, "3.000 € im Jahr") || strings.Contains(srv.get(at, as(webtest.South, authz.Planner)...).Body.String(), "3.000") {
		t.Error("a commitment released to members is hidden from one, or shown to a stranger")
	}
	end := regexp.MustCompile(`/zusagen/(c-[a-z0-9]+)/zuruecknehmen`).FindStringSubmatch(srv.get(at, member...).Body.String())
	if end == nil {
		t.Fatal("who promised is led nowhere to take it back")
	}
	if rec := srv.send(west+end[0], url.Values{"reason": {"Haushaltssperre"}}, member...); rec.Code != http.StatusSeeOther {
		t.Errorf("%d", rec.Code)
	}
	if page := text(parse(t, srv.get(at, planner...).Body)); !strings.Contains(page, "Haushaltssperre") || !strings.Contains(page, "3.000 € im Jahr") {
		t.Error("what was withdrawn is gone, or its reason is")
	}
	for _, path := range []string{"/de/dossiers", "/de/dossiers?view=board", dossier, at, "/de/verbund/beschluesse", "/en/dossiers?view=board"} {
		checkMarkup(t, parse(t, srv.get(path, planner...).Body))
	}
	for _, path := range []string{"/de/dossiers?as=csv", "/de/verbund/beschluesse?as=csv"} {
		if rec := srv.get(path, planner...); rec.Code != http.StatusOK || !strings.Contains(rec.Header().Get("Content-Type"), "csv") {
			t.Errorf("%s: %d", path, rec.Code)
		}
	}
}
