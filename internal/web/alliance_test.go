package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"gevor/authz"
	"gevor/internal/web"
	"gevor/internal/web/webtest"
)

func admin(o authz.OrganisationID) []string {
	return []string{webtest.PersonHeader, string(webtest.Person(o, authz.OrganisationAdmin))}
}

// The public sees charter and members; who signed and what was agreed, members of the alliance alone.
func TestTheAllianceShowsItsFace(t *testing.T) {
	srv := serve(t, web.Normal)
	public := text(parse(t, srv.get("/de/verbund").Body))
	for _, want := range []string{"Kein Fischen in fremden Töpfen!", "Fassung 2", "Fassung 1", "freiwillig"} {
		if !strings.Contains(public, want) {
			t.Errorf("the public does not see %q", want)
		}
	}
	member := text(parse(t, srv.get("/de/verbund", admin(webtest.East)...).Body))
	if strings.Contains(public, "N.N., Leitung") || !strings.Contains(member, "N.N., Leitung") || !strings.Contains(member, "binnen 5 Tagen") {
		t.Error("who signed is shown to the public, or hidden from a member")
	}
	if csv := srv.get("/de/verbund?as=csv"); csv.Code != http.StatusOK || strings.Contains(csv.Body.String(), "Leitung") || !strings.Contains(csv.Body.String(), "2") {
		t.Errorf("%d %s", csv.Code, csv.Body.String())
	}
	if csv := srv.get("/de/verbund?as=csv", admin(webtest.East)...); !strings.Contains(csv.Body.String(), "Leitung") {
		t.Errorf("the control: a member's table lacks who signed: %s", csv.Body.String())
	}
}

// A house reads, signs and leaves; a version that is outdated, a box that is not ticked and a day to come are refused.
func TestAHouseSignsAndLeaves(t *testing.T) {
	srv := serve(t, web.Normal)
	path := "/de/organisationen/" + string(webtest.East) + "/charta"
	declaration := func(change func(url.Values)) url.Values {
		v := url.Values{"signatory": {"N.N., Dezernat"}, "authority": {"Beschluss des Rates"}, "signed": {"2026-01-15"}, "reply_days": {"7"}, "back": {"text"}, "agree": {"yes"}, "version": {"2"}}
		change(v)
		return v
	}
	for what, x := range map[string]struct {
		change func(url.Values)
		code   int
	}{
		"unticked":           {func(v url.Values) { v.Del("agree") }, http.StatusUnprocessableEntity},
		"a day to come":      {func(v url.Values) { v.Set("signed", "2099-01-01") }, http.StatusUnprocessableEntity},
		"no day":             {func(v url.Values) { v.Set("signed", "morgen") }, http.StatusUnprocessableEntity},
		"days in words":      {func(v url.Values) { v.Set("reply_days", "bald") }, http.StatusUnprocessableEntity},
		"the version before": {func(v url.Values) { v.Set("version", "1") }, http.StatusPreconditionFailed},
	} {
		rec := srv.send(path, declaration(x.change), admin(webtest.East)...)
		if rec.Code != x.code {
			t.Errorf("%s: %d, want %d", what, rec.Code, x.code)
		}
		checkMarkup(t, parse(t, rec.Body))
	}
	if rec := srv.send(path, declaration(func(url.Values) {}), admin(webtest.East)...); rec.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", rec.Code, text(parse(t, rec.Body)))
	}
	signed := text(parse(t, srv.get(path, admin(webtest.East)...).Body))
	if !strings.Contains(signed, "N.N., Dezernat") || !strings.Contains(signed, "binnen 7 Tagen") || strings.Contains(signed, "Für die Organisation erklären") {
		t.Errorf("%s", signed)
	}
	if rec := srv.send(path+"/austritt", url.Values{}, admin(webtest.East)...); rec.Code != http.StatusUnprocessableEntity {
		t.Errorf("left without a reason: %d", rec.Code)
	}
	if rec := srv.send(path+"/austritt", url.Values{"reason": {"Haushalt"}}, admin(webtest.East)...); rec.Code != http.StatusSeeOther {
		t.Errorf("%d", rec.Code)
	}
	if strings.Contains(text(parse(t, srv.get("/de/verbund", office()...).Body)), "N.N., Dezernat") {
		t.Error("who left is a member still")
	}
}

func TestTwoWhoWriteTheCharterSeeBoth(t *testing.T) {
	srv := serve(t, web.Normal)
	adopt := func(version, body string) (int, string) {
		rec := srv.send("/de/verbund/charta", url.Values{"version": {version}, "title": {"Charta"}, "principles": {"Erstens\nmit Text\n\nZweitens"}, "body": {body}}, office()...)
		return rec.Code, text(parse(t, rec.Body))
	}
	if code, page := adopt("2", "Fassung der einen"); code != http.StatusSeeOther {
		t.Fatalf("%d %s", code, page)
	}
	code, page := adopt("2", "Fassung der anderen")
	if code != http.StatusConflict || !strings.Contains(page, "Fassung der einen") || !strings.Contains(page, "Fassung der anderen") {
		t.Errorf("%d %s", code, page)
	}
	if code, page := adopt("3", "<b>fett</b>"); code != http.StatusUnprocessableEntity {
		t.Errorf("%d %s", code, page)
	}
	face := text(parse(t, srv.get("/de/verbund").Body))
	if !strings.Contains(face, "Fassung der einen") || strings.Contains(face, "Fassung der anderen") || !strings.Contains(face, "Zweitens") || !strings.Contains(face, "Fassung 3") {
		t.Errorf("%s", face)
	}
}
