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

// A planner settles what a measure is judged by, sees what the published figures say, and records it with a word; after
// that the yardstick stays. Another house reads all of it and writes nothing; the public sees nothing.
func TestAMeasureIsHeldAgainstItsYardstick(t *testing.T) {
	srv := serve(t, web.Normal)
	planner, member := as(webtest.East, authz.Planner), as(webtest.West, authz.Planner)
	dossiers := srv.get("/de/dossiers", planner...).Body.String()
	dossier := regexp.MustCompile(`/de/dossiers/d-[a-z0-9]+`).FindString(dossiers)
	measure := regexp.MustCompile(`/de/massnahmen/m-[a-z0-9]+`).FindString(srv.get(dossier, planner...).Body.String())
	if measure == "" {
		t.Fatal("the example has no measure")
	}
	effect := measure + "/wirkung"
	page := srv.get(effect, member...)
	said := text(parse(t, page.Body))
	for _, want := range []string{"Was erwartet wurde, und was kam", "1.000 weniger", "2023", "Vergleichbare Orte", "Differenz der Differenzen"} {
		if !strings.Contains(said, want) {
			t.Errorf("the page of the effect does not say %q", want)
		}
	}
	if strings.Contains(said, "Wirkung festhalten") {
		t.Error("another house is asked to record the effect")
	}
	if rec := srv.get(effect); rec.Code == http.StatusOK {
		t.Error("the public reads the effect of a measure")
	}
	for _, part := range []string{"?as=docx", "?as=csv&part=methods", "?as=xlsx&part=course", "?as=svg&part=course"} {
		if rec := srv.get(effect+part, planner...); rec.Code != http.StatusOK || rec.Body.Len() == 0 {
			t.Errorf("%s: %d", part, rec.Code)
		}
	}
	if rec := srv.send(effect, url.Values{"version": {"1"}, "note": {"Gut."}}, member...); rec.Code != http.StatusForbidden {
		t.Errorf("another house records: %d", rec.Code)
	}
	set := func(code int, v url.Values) string {
		t.Helper()
		rec := srv.send(measure+"/messung", v, planner...)
		body := parse(t, rec.Body)
		if rec.Code != code {
			t.Errorf("%v: %d, want %d", v, rec.Code, code)
		}
		if code == http.StatusUnprocessableEntity || code == http.StatusConflict {
			checkMarkup(t, body)
		}
		return text(body)
	}
	good := url.Values{"version": {"1"}, "dataset": {"beispiel-sprachentwicklung"}, "areas": {webtest.District()}, "since": {"2022-06-01"}, "worthwhile": {"2,5"}}
	changed := func(key string, values ...string) url.Values {
		out := url.Values{}
		for k, v := range good {
			out[k] = v
		}
		out[key] = values
		return out
	}
	set(http.StatusUnprocessableEntity, changed("dataset", "gibt-es-nicht"))
	set(http.StatusUnprocessableEntity, changed("areas"))
	set(http.StatusUnprocessableEntity, changed("areas", "anderswo"))
	set(http.StatusUnprocessableEntity, changed("since", ""))
	if said := set(http.StatusUnprocessableEntity, changed("worthwhile", "viel")); !strings.Contains(said, "Zahl") {
		t.Error("a change that is no number is not said to be none")
	}
	set(http.StatusConflict, changed("version", "7"))
	set(http.StatusSeeOther, good)
	said = text(parse(t, srv.get(effect, planner...).Body))
	if !strings.Contains(said, "Die Zahlen konnten bekannt sein") {
		t.Error("a yardstick that was set afterwards is not said to be late")
	}
	if rec := srv.send(effect, url.Values{"version": {"2"}, "note": {""}}, planner...); rec.Code != http.StatusUnprocessableEntity {
		t.Errorf("recorded without a word: %d", rec.Code)
	}
	if rec := srv.send(effect, url.Values{"version": {"1"}, "note": {"Mehr Kinder kommen."}}, planner...); rec.Code != http.StatusPreconditionFailed {
		t.Errorf("recorded by the yardstick before: %d", rec.Code)
	}
	if rec := srv.send(effect, url.Values{"version": {"2"}, "note": {"Mehr Kinder kommen."}}, planner...); rec.Code != http.StatusSeeOther {
		t.Errorf("recorded: %d", rec.Code)
	}
	body := srv.get(effect, member...).Body.String()
	if !strings.Contains(body, "Mehr Kinder kommen.") {
		t.Error("what was recorded is not shown")
	}
	checkMarkup(t, parse(t, strings.NewReader(body)))
	if rec := srv.send(measure+"/messung", changed("version", "2"), planner...); rec.Code != http.StatusConflict {
		t.Errorf("the yardstick is changed after it was used: %d", rec.Code)
	}
}
