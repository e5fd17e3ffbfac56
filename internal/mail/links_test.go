package mail_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"gevor/authz"
	"gevor/handover"
	"gevor/internal/mail"
	"gevor/internal/store"
	"gevor/internal/web"
	"gevor/internal/web/webtest"
	"gevor/organisation"
	"gevor/outbox"
)

// Every link of every mail is opened, by nobody in particular and by somebody who is signed in: a page is there, and the
// database stays as it is, to the byte of its dump. The control sends the form that stands behind one of them.
func TestLinksChangeNothing(t *testing.T) {
	ctx, day := t.Context(), webtest.Day()
	houses, err := webtest.OpenHouses(ctx, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer houses.Close()
	h, err := webtest.Serve(web.Normal, houses.Store, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"de", "en"} {
		if _, _, err := houses.UnsafeInvite(ctx, day, organisation.Invitation{Organisation: webtest.East, Email: "neu-" + lang + "@ost.example", Roles: []authz.Role{authz.Editor}, Language: lang}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := houses.UnsafeStartRecovery(ctx, day, webtest.Person(webtest.East, authz.Editor)); err != nil {
		t.Fatal(err)
	}
	all, me, err := houses.UnsafeActor(ctx, webtest.Everything)
	if err != nil {
		t.Fatal(err)
	}
	me.Email = "umgezogen@ost.example"
	if err := houses.ChangePerson(ctx, all, day, me); err != nil {
		t.Fatal(err)
	}
	hook, _, err := houses.CreateWebhook(ctx, all, day, webtest.East, "https://hooks.example.org/")
	if err != nil {
		t.Fatal(err)
	}
	if err := houses.UnsafeCalled(ctx, hook, day, false, true); err != nil {
		t.Fatal(err)
	}
	if err := houses.Letter(ctx); err != nil {
		t.Fatal(err)
	}
	// Two handovers that nobody answers, long enough for every mail about them.
	late := day.AddDate(0, 0, 10)
	if _, err := houses.UnsafeTellHandovers(ctx, late, handover.Days{Zone: time.UTC}); err != nil {
		t.Fatal(err)
	}
	waiting, err := houses.UnsafeLease(ctx, outbox.Mail, late, late.Add(time.Hour), 1000)
	if err != nil {
		t.Fatal(err)
	}
	d, _, dir := postTo(t, func(lang, page string, values ...string) string { return base + web.Address(lang, page, values...) })
	opened, templates := map[string]bool{}, map[string]int{}
	before := dump(t, houses.Store)
	for _, m := range waiting {
		var env struct{ Template string }
		if err := json.Unmarshal(m.Payload, &env); err != nil {
			t.Fatal(err)
		}
		delivers(t, d, m)
		_, _, page := parts(t, only(t, dir))
		empty(t, dir)
		links := regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(page, -1)
		if len(links) == 0 {
			t.Errorf("%s has no link", env.Template)
		}
		for _, l := range links {
			path, own := strings.CutPrefix(l[1], base)
			if !own || path == "" || opened[path] {
				t.Errorf("%s leads to %q", env.Template, l[1])
				continue
			}
			if env.Template != "webhook-off" && !strings.HasPrefix(env.Template, "handover-") { // several admins are told of the same page
				opened[path] = true
			}
			templates[env.Template]++
			reader := webtest.Everything
			for _, o := range []authz.OrganisationID{webtest.West, webtest.South} { // whose box only they may see
				if strings.Contains(path, string(o)+"/") {
					reader = webtest.Person(o, authz.Receiver)
				}
			}
			for _, person := range []string{"", string(reader)} {
				req := httptest.NewRequest(http.MethodGet, path, nil)
				req.Header.Set(webtest.PersonHeader, person)
				rec := httptest.NewRecorder()
				h.ServeHTTP(rec, req)
				if rec.Code != http.StatusOK && rec.Code != http.StatusSeeOther && rec.Code != http.StatusGone { // gone is an invitation that was used
					t.Errorf("%s by %q answers %d", path, person, rec.Code)
				}
			}
		}
	}
	if dump(t, houses.Store) != before {
		t.Error("opening the links changed the database")
	}
	for _, name := range mail.Templates() {
		if templates[name] == 0 {
			t.Errorf("no mail of template %q was looked at", name)
		}
	}
	// The control: what stands behind a link, once it is sent.
	req := httptest.NewRequest(http.MethodPost, web.Address("de", "webhook-try", string(webtest.East), hook), strings.NewReader(url.Values{}.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set(webtest.PersonHeader, string(webtest.Everything))
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	if rec.Code != http.StatusSeeOther || dump(t, houses.Store) == before {
		t.Errorf("a form that was sent changed nothing (%d): the check above sees no change", rec.Code)
	}
	t.Logf("figure: mail: %d mails of %d templates, every link opened by two readers, 0 changes", len(waiting), len(templates))
}

// dump is the checksum of everything in a store.
func dump(t *testing.T, s *store.Store) string {
	t.Helper()
	var out bytes.Buffer
	sum, err := s.Dump(t.Context(), &out)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}
