package web_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"gevor/authz"
	"gevor/internal/web"
	"gevor/internal/web/webtest"
	"gevor/organisation"
)

// visitor is somebody with a browser at the example town; no page of it needs a script.
type visitor struct {
	*http.Client
	t    *testing.T
	base string
	town *webtest.Houses
}

func visit(t *testing.T) *visitor {
	t.Helper()
	h, err := webtest.Handler(web.Normal, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	t.Cleanup(func() {
		srv.Close()
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return (&visitor{t: t, base: srv.URL, town: h.Houses}).another()
}

// another is somebody else at the same server.
func (v *visitor) another() *visitor {
	v.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		v.t.Fatal(err)
	}
	c := *v
	c.Client = &http.Client{Jar: jar}
	return &c
}

func (v *visitor) read(res *http.Response, err error) (int, string, string) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return res.StatusCode, string(raw), res.Request.URL.Path
}

func (v *visitor) open(path string) (int, string, string) {
	v.t.Helper()
	return v.read(v.Get(v.base + path))
}

func (v *visitor) send(path string, pairs ...string) (int, string, string) {
	v.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return v.read(v.PostForm(v.base+path, form))
}

// hidden gives the value of a hidden field.
func (v *visitor) hidden(page, name string) string {
	v.t.Helper()
	for _, n := range all(parse(v.t, strings.NewReader(page)), "input") {
		if value(n, "name") == name {
			return value(n, "value")
		}
	}
	v.t.Fatalf("no field %s", name)
	return ""
}

func (v *visitor) code(secret string, steps int) string {
	v.t.Helper()
	c, err := totp.GenerateCode(secret, webtest.Day().Add(time.Duration(steps)*30*time.Second))
	if err != nil {
		v.t.Fatal(err)
	}
	return c
}

func (v *visitor) dump() string {
	v.t.Helper()
	var out bytes.Buffer
	if _, err := v.town.Dump(v.t.Context(), &out); err != nil {
		v.t.Fatal(err)
	}
	return out.String()
}

func (v *visitor) invited(email string) (path, id string) {
	v.t.Helper()
	id, secret, err := v.town.UnsafeInvite(v.t.Context(), webtest.Day(), organisation.Invitation{Organisation: webtest.West, Email: email, Roles: []authz.Role{authz.Navigator}, Language: "de"})
	if err != nil {
		v.t.Fatal(err)
	}
	return "/de/einladung/" + secret, id
}

const newPassword = "drei Boote am Kai"

// joined is somebody who came by an invitation, and the secret of their app.
func (v *visitor) joined(email string) (secret string) {
	v.t.Helper()
	path, _ := v.invited(email)
	_, page, _ := v.open(path + "?way=password")
	secret = v.hidden(page, "secret")
	status, page, at := v.send(path, "way", "password", "name", "Neu Hier", "password", newPassword, "secret", secret, "code", v.code(secret, 0))
	if status != http.StatusOK || at != "/de/konto/notfallcodes" || !strings.Contains(page, "Willkommen") {
		v.t.Fatalf("joining answers %d at %s", status, at)
	}
	return secret
}

func TestAnInvitationLeadsToAnAccountWithoutAnyScript(t *testing.T) {
	v := visit(t)
	path, _ := v.invited("neu@ost.example")
	before := v.dump()
	status, page, _ := v.open(path)
	if status != 200 || !strings.Contains(page, "Stadt West") || !strings.Contains(page, "Lotsin") {
		t.Errorf("the page of the invitation: %d", status)
	}
	if v.dump() != before {
		t.Error("looking at an invitation changed something")
	}
	secret := v.hidden(page, "secret")
	status, page, _ = v.send(path, "way", "password", "name", "N", "password", "kurz", "secret", secret, "code", "000000")
	if status != http.StatusUnprocessableEntity || v.hidden(page, "secret") != secret {
		t.Errorf("a wrong form: %d, and the app must stay the same", status)
	}
	status, _, at := v.send(path, "way", "password", "name", "Neu Hier", "password", newPassword, "secret", secret, "code", v.code(secret, 0))
	if status != 200 || at != "/de/konto/notfallcodes" {
		t.Fatalf("joining: %d at %s", status, at)
	}
	_, page, _ = v.send("/de/konto/notfallcodes")
	var codes []string
	for _, n := range class(parse(t, strings.NewReader(page)), "codes") {
		for _, c := range all(n, "code") {
			codes = append(codes, text(c))
		}
	}
	if len(codes) != 10 {
		t.Fatalf("a sheet of %q", codes)
	}
	for _, p := range []string{"/de/konto", "/de/konto/zugaenge", "/de/konto/anmeldungen"} {
		if status, page, at := v.open(p); status != 200 || at != p || !strings.Contains(page, "Neu Hier") {
			t.Errorf("%s answers %d at %s", p, status, at)
		}
	}
	if status, _, at := v.send("/de/abmelden"); status != 200 || at != "/de/anmelden" {
		t.Errorf("signing out: %d at %s", status, at)
	}
	if _, _, at := v.open("/de/konto"); at != "/de/anmelden" {
		t.Errorf("signed out, the account is at %s", at)
	}
	status, _, _ = v.send("/de/anmelden", "email", "neu@ost.example", "password", newPassword, "code", v.code(secret, 0))
	if status != http.StatusUnprocessableEntity {
		t.Errorf("the code that was used to join signs in: %d", status)
	}
	status, _, at = v.send("/de/anmelden", "email", "neu@ost.example", "password", newPassword, "code", v.code(secret, 1), "next", "/de/konto/anmeldungen")
	if status != 200 || at != "/de/konto/anmeldungen" {
		t.Errorf("signing in: %d at %s", status, at)
	}
	lost := v.another()
	status, _, at = lost.send("/de/anmelden/notfallcode", "email", "neu@ost.example", "password", newPassword, "recovery", codes[0])
	if status != 200 || at != "/de/konto/zugaenge" {
		t.Errorf("a recovery code: %d at %s", status, at)
	}
	if status, _, _ := v.another().send("/de/anmelden/notfallcode", "email", "neu@ost.example", "password", newPassword, "recovery", codes[0]); status != http.StatusUnprocessableEntity {
		t.Errorf("the same recovery code: %d", status)
	}
	if _, _, at := v.send("/de/konto/anmeldungen", "everywhere", "yes"); at != "/de/anmelden" {
		t.Errorf("signed out everywhere, at %s", at)
	}
	if _, _, at := lost.open("/de/konto"); at != "/de/anmelden" {
		t.Errorf("signed out everywhere, another browser is at %s", at)
	}
}

func TestDeadLinksTellNoMoreThanTheyMust(t *testing.T) {
	v := visit(t)
	used, _ := v.invited("a@ost.example")
	withdrawn, id := v.invited("b@ost.example")
	all, _, err := v.town.UnsafeActor(t.Context(), webtest.Person(webtest.West, authz.OrganisationAdmin))
	if err != nil {
		t.Fatal(err)
	}
	if err := v.town.WithdrawInvitation(t.Context(), all, webtest.Day(), id); err != nil {
		t.Fatal(err)
	}
	_, page, _ := v.open(used)
	secret := v.hidden(page, "secret")
	v.another().send(used, "way", "password", "name", "Neu Hier", "password", newPassword, "secret", secret, "code", v.code(secret, 0))
	same := func(path string) string {
		status, page, _ := v.open(path)
		if status != http.StatusNotFound {
			t.Errorf("a dead link answers %d", status)
		}
		return strings.ReplaceAll(page, path[len("/de/"):], "")
	}
	unknown := "/de/einladung/ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	strip := func(page, path string) string {
		return strings.ReplaceAll(page, path[strings.LastIndex(path, "/")+1:], "…")
	}
	if a, b := strip(same(unknown), unknown), strip(same(withdrawn), withdrawn); a != b {
		t.Error("a link that never was and one that was withdrawn differ")
	}
	if status, page, _ := v.open(used); status != http.StatusGone || !strings.Contains(page, "schon benutzt") || strings.Contains(page, "Stadt West") {
		t.Errorf("a used link answers %d", status)
	}
	if status, _, _ := v.send(used, "way", "password", "name", "Neu Hier", "password", newPassword, "secret", secret, "code", v.code(secret, 1)); status != http.StatusGone {
		t.Errorf("a used link, sent again: %d", status)
	}
}

// Forms of other sites do nothing here, whatever cookies the browser adds; subdomains are other sites, too.
func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	v := visit(t)
	v.joined("neu@ost.example")
	address, err := url.Parse(v.base)
	if err != nil {
		t.Fatal(err)
	}
	before := v.dump()
	for _, path := range []string{"/de/konto", "/de/konto/anmeldungen", "/de/konto/loeschen", "/de/konto/notfallcodes", "/de/abmelden", "/de/anmelden", "/signin/passkey/new"} {
		for what, headers := range map[string][]string{
			"another site":           {"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"},
			"an old browser there":   {"Origin", "https://evil.example"},
			"a subdomain":            {"Sec-Fetch-Site", "same-site", "Origin", "http://shop." + address.Host},
			"an old browser at it":   {"Origin", "http://shop." + address.Host},
			"a page without origin":  {"Sec-Fetch-Site", "cross-site", "Origin", "null"},
			"a file on the computer": {"Origin", "null"},
		} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, v.base+path, strings.NewReader("everywhere=yes&email=neu@ost.example"))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			for i := 0; i < len(headers); i += 2 {
				req.Header.Set(headers[i], headers[i+1])
			}
			if status, _, _ := v.read(v.Do(req)); status != http.StatusForbidden {
				t.Errorf("%s from %s answers %d", path, what, status)
			}
		}
	}
	if v.dump() != before {
		t.Error("a form of another site changed something")
	}
	if _, _, at := v.open("/de/konto"); at != "/de/konto" { // and the session goes on
		t.Errorf("the account is at %s", at)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, v.base+"/de/konto/anmeldungen", strings.NewReader("everywhere=yes")) // the twin
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.Header.Set("Origin", v.base)
	if status, _, at := v.read(v.Do(req)); status != 200 || at != "/de/anmelden" {
		t.Errorf("the page's own form: %d at %s", status, at)
	}
}

func TestSignInLeadsBackIntoThisInstallationOnly(t *testing.T) {
	for _, next := range []string{"https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "http:evil", "/de/\r\nX: y"} {
		v := visit(t)
		secret := v.joined("neu@ost.example")
		res, err := v.another().stay().PostForm(v.base+"/de/anmelden", url.Values{"email": {"neu@ost.example"}, "password": {newPassword}, "code": {v.code(secret, 1)}, "next": {next}})
		if err != nil {
			t.Fatal(err)
		}
		if err := res.Body.Close(); err != nil {
			t.Fatal(err)
		}
		if to := res.Header.Get("Location"); res.StatusCode != http.StatusSeeOther || to != "/de/hilfe" {
			t.Errorf("%s leads to %q with %d", next, to, res.StatusCode)
		}
	}
}

// stay follows no redirect.
func (v *visitor) stay() *visitor {
	v.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return v
}

func TestAPersonKeepsTheirOwnAccount(t *testing.T) {
	v := visit(t)
	v.joined("neu@ost.example")
	_, page, _ := v.open("/de/konto")
	version := v.hidden(page, "version")
	if status, _, at := v.send("/de/konto", "name", "Anna Neu", "email", "neu@ost.example", "language", "en", "version", version); status != 200 || at != "/de/konto" {
		t.Errorf("changing: %d at %s", status, at)
	}
	if status, _, _ := v.send("/de/konto", "name", "Zu spät", "email", "neu@ost.example", "language", "en", "version", version); status != http.StatusConflict {
		t.Errorf("on an outdated version: %d", status)
	}
	if status, _, _ := v.send("/de/konto", "name", "A", "email", "neu", "language", "xx", "version", "2"); status != http.StatusUnprocessableEntity {
		t.Errorf("fields that cannot be taken: %d", status)
	}
	_, page, _ = v.open("/de/konto")
	if !strings.Contains(page, `value="Anna Neu"`) {
		t.Error("the name is not kept")
	}
	if status, _, _ := v.open("/de/konto/zugaenge/entfernen?what=password"); status != 200 {
		t.Errorf("asking before removing: %d", status)
	}
	if status, page, _ := v.send("/de/konto/zugaenge/entfernen", "what", "password"); status != http.StatusConflict || !strings.Contains(page, "letzter Zugang") {
		t.Errorf("removing the last way in: %d", status)
	}
	if status, _, _ := v.send("/de/konto/loeschen", "email", "anders@ost.example"); status != http.StatusUnprocessableEntity {
		t.Errorf("deleting without the address: %d", status)
	}
	if status, _, at := v.send("/de/konto/loeschen", "email", "neu@ost.example"); status != 200 || at != "/de/anmelden" {
		t.Errorf("deleting: %d at %s", status, at)
	}
	if dump := v.dump(); strings.Contains(dump, "Anna Neu") {
		t.Error("the name is still in the database")
	}
	if _, _, at := v.open("/de/konto"); at != "/de/anmelden" {
		t.Errorf("deleted, the account is at %s", at)
	}
}
