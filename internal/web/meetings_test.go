package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"gevor/internal/web"
	"gevor/internal/web/webtest"
)

// place gives the German address of a page of the example town.
func place(t *testing.T, name string) string {
	t.Helper()
	for _, v := range webtest.Addresses("") {
		if v.Route == name && v.Lang == "de" {
			return v.Path
		}
	}
	t.Fatalf("there is no page %s", name)
	return ""
}

// A body is called together, collects what is due, and a house proposes a point and takes it back. Nonsense is refused
// with a word at its field.
func TestABodyIsCalledTogether(t *testing.T) {
	srv := serve(t, web.Normal)
	body := place(t, "body")
	call := func(change func(url.Values)) url.Values {
		v := url.Values{"title": {"Klausur"}, "place": {"Zeche"}, "begins": {"2099-03-02"}, "from": {"09:30"}, "until": {"12:00"}, "times": {"3"}, "weeks": {"2"}}
		change(v)
		return v
	}
	for what, change := range map[string]func(url.Values){
		"yesterday": func(v url.Values) { v.Set("begins", "2020-01-01") }, "no hour": func(v url.Values) { v.Set("from", "früh") },
		"ends before it begins": func(v url.Values) { v.Set("until", "08:00") }, "a thousand times": func(v url.Values) { v.Set("times", "1000") },
		"nowhere": func(v url.Values) { v.Del("place") },
	} {
		rec := srv.send(body+"/sitzung", call(change), office()...)
		if rec.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", what, rec.Code)
		}
		checkMarkup(t, parse(t, rec.Body))
	}
	rec := srv.send(body+"/sitzung", call(func(url.Values) {}), office()...)
	if rec.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", rec.Code, text(parse(t, rec.Body)))
	}
	room, _, _ := strings.Cut(rec.Header().Get("Location"), "?")
	if list := text(parse(t, srv.get("/de/verbund/sitzungen", office()...).Body)); strings.Count(list, "Klausur") != 3 {
		t.Errorf("%s", list)
	}
	point := "/de/organisationen/" + string(webtest.East) + "/sitzungen/" + room[strings.LastIndex(room, "/")+1:] + "/punkt"
	if rec := srv.send(point, url.Values{"title": {""}}, admin(webtest.East)...); rec.Code != http.StatusUnprocessableEntity {
		t.Errorf("a point without a name: %d", rec.Code)
	}
	if rec := srv.send(point, url.Values{"title": {"Dolmetschen am Telefon"}, "text": {"Entwurf"}}, admin(webtest.East)...); rec.Code != http.StatusSeeOther {
		t.Errorf("%d", rec.Code)
	}
	page := parse(t, srv.get(room, admin(webtest.East)...).Body)
	if !strings.Contains(text(page), "Dolmetschen am Telefon") || strings.Contains(text(page), "Anstehendes sammeln") {
		t.Errorf("%s", text(page))
	}
	for _, want := range []string{"agenda_", "agenda_"} {
		if rec := srv.send(room+"/tagesordnung", url.Values{}, office()...); rec.Code != http.StatusSeeOther || !strings.Contains(rec.Header().Get("Location"), want) {
			t.Errorf("%d %s", rec.Code, rec.Header().Get("Location"))
		}
	}
	file := srv.get("/calendar/"+room[strings.LastIndex(room, "/")+1:]+"/sitzung.ics", admin(webtest.East)...)
	for _, want := range []string{"DTSTART:20990302T083000Z", "SUMMARY:Klausur", "LOCATION:Zeche", "STATUS:CONFIRMED", "Dolmetschen am Telefon"} {
		if !strings.Contains(file.Body.String(), want) {
			t.Errorf("the appointment lacks %q: %s", want, file.Body.String())
		}
	}
	if rec := srv.send(room+"/absagen", url.Values{"version": {"1"}}, office()...); rec.Code != http.StatusUnprocessableEntity {
		t.Errorf("cancelled without a reason: %d", rec.Code)
	}
	if rec := srv.send(room+"/absagen", url.Values{"version": {"1"}, "reason": {"Kein Raum"}}, office()...); rec.Code != http.StatusSeeOther {
		t.Errorf("%d", rec.Code)
	}
	if got := srv.get("/calendar/"+room[strings.LastIndex(room, "/")+1:]+"/sitzung.ics", admin(webtest.East)...).Body.String(); !strings.Contains(got, "STATUS:CANCELLED") || !strings.Contains(got, "SEQUENCE:2") {
		t.Errorf("%s", got)
	}
}

// Of two who write minutes the second sees both texts, and nothing of either is lost.
func TestTwoWriteMinutes(t *testing.T) {
	srv := serve(t, web.Normal)
	last := place(t, "meeting")
	if rec := srv.send(last+"/protokoll", url.Values{"version": {"2"}, "minutes": {"Die eine schreibt."}}, office()...); rec.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", rec.Code, text(parse(t, rec.Body)))
	}
	rec := srv.send(last+"/protokoll", url.Values{"version": {"2"}, "minutes": {"Der andere auch."}}, office()...)
	page := parse(t, rec.Body)
	checkMarkup(t, page)
	if got := text(page); rec.Code != http.StatusConflict || !strings.Contains(got, "Die eine schreibt.") || !strings.Contains(got, "Der andere auch.") {
		t.Errorf("%d %s", rec.Code, got)
	}
	if got := text(parse(t, srv.get(last, office()...).Body)); !strings.Contains(got, "Die eine schreibt.") || strings.Contains(got, "Der andere auch.") {
		t.Errorf("%s", got)
	}
	if rec := srv.send(last+"/protokoll", url.Values{"version": {"3"}, "minutes": {"<b>laut</b>"}}, office()...); rec.Code != http.StatusUnprocessableEntity {
		t.Errorf("markup in minutes: %d", rec.Code)
	}
	if rec := srv.get(last, admin(webtest.East)...); strings.Contains(text(parse(t, rec.Body)), "Protokoll schreiben") {
		t.Error("a member is offered to write the minutes")
	}
}

// What is decided in a meeting stands in its room, and the register leads to it.
func TestADecisionOfAMeeting(t *testing.T) {
	srv := serve(t, web.Normal)
	body, last := place(t, "body"), place(t, "meeting")
	id := last[strings.LastIndex(last, "/")+1:]
	form := parse(t, srv.get(body+"/beschluss?meeting="+id, office()...).Body)
	v := url.Values{"title": {"Sprachmittlung"}, "wording": {"Wir prüfen einen gemeinsamen Dienst."}, "way": {"consensus"}, "meeting": {id}}
	for _, i := range all(form, "input") {
		if _, ticked := attr(i, "checked"); ticked && value(i, "name") == "present" {
			v.Add("present", value(i, "value"))
		}
		if value(i, "name") == "on" {
			v.Set("on", value(i, "value"))
		}
	}
	if len(v["present"]) != 2 {
		t.Fatalf("who was there is not known: %v", v)
	}
	rec := srv.send(body+"/beschluss", v, office()...)
	if rec.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", rec.Code, text(parse(t, rec.Body)))
	}
	if got := text(parse(t, srv.get(last, office()...).Body)); !strings.Contains(got, "Wir prüfen einen gemeinsamen Dienst.") || !strings.Contains(got, "Gefasst") {
		t.Errorf("%s", got)
	}
	if got := text(parse(t, srv.get(rec.Header().Get("Location"), office()...).Body)); !strings.Contains(got, "Entschieden in: Sitzung der Fokusgruppe") {
		t.Errorf("%s", got)
	}
}

// The office is reminded of meetings to prepare and of minutes to be approved; a member sees nothing of these chores.
func TestChoresOfMeetingsAreTheOfficesOwn(t *testing.T) {
	srv := serve(t, web.Normal)
	const heading = "Das steht für die Geschäftsstelle an"
	last := place(t, "meeting")
	if rec := srv.send(last+"/protokoll", url.Values{"version": {"2"}, "minutes": {"Es war gut."}}, office()...); rec.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", rec.Code, text(parse(t, rec.Body)))
	}
	page := parse(t, srv.get(place(t, "my-work"), office()...).Body)
	checkMarkup(t, page)
	for _, want := range []string{heading, "Protokoll genehmigen lassen"} {
		if !strings.Contains(text(page), want) {
			t.Errorf("the office does not read %q: %s", want, text(page))
		}
	}
	if got := text(parse(t, srv.get(place(t, "my-work"), admin(webtest.East)...).Body)); strings.Contains(got, heading) || strings.Contains(got, "Protokoll genehmigen lassen") {
		t.Errorf("a member is reminded of what the office has to do: %s", got)
	}
}
