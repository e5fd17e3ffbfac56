package signin_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"gevor/account"
	"gevor/authz"
	"gevor/fault"
	"gevor/form"
	"gevor/internal/signin"
	"gevor/organisation"
)

func TestPasswordAndCodeAreBothNeeded(t *testing.T) {
	w := newTown(t).founded()
	anna, other := w.joins("anna", authz.OrganisationAdmin), w.joins("otto", authz.Editor)
	for what, try := range map[string]func(b *browser) error{
		"wrong password":       func(b *browser) error { return b.password(anna, password+"!", w.code(anna.secret)) },
		"no password":          func(b *browser) error { return b.password(anna, "", w.code(anna.secret)) },
		"wrong code":           func(b *browser) error { return b.password(anna, password, wrong(w.code(anna.secret))) },
		"no code":              func(b *browser) error { return b.password(anna, password, "") },
		"somebody else's code": func(b *browser) error { return b.password(anna, password, w.code(other.secret)) },
		"unknown address":      func(b *browser) error { return b.password(person{email: "no@body.example"}, password, "123456") },
		"no address":           func(b *browser) error { return b.password(person{}, "", "") },
	} {
		b := w.browser("192.0.2.1")
		refused(t, what, try(b), fault.Denied)
		if b.who() != "" {
			t.Errorf("%s: somebody is in", what)
		}
	}
	b := w.browser("192.0.2.2")
	ok(t, b.password(person{email: " ANNA@ost.example"}, password, w.code(anna.secret))) // the twin; an address is typed in many ways
	if b.who() != anna.id {
		t.Error("with both, nobody is in")
	}
}

func wrong(code string) string { return string('0'+(code[0]-'0'+1)%10) + code[1:] }

func TestACodeCountsOnceAndOnlyInItsTime(t *testing.T) {
	w := newTown(t).founded()
	anna := w.joins("anna", authz.OrganisationAdmin)
	two := w.server()
	code := w.code(anna.secret)
	b := w.browser("192.0.2.1")
	ok(t, b.password(anna, password, code[:3]+" "+code[3:]))
	refused(t, "the same code again", b.password(anna, password, code), fault.Denied)
	c := w.browser("192.0.2.2")
	c.d = two
	refused(t, "the same code at another server", c.password(anna, password, code), fault.Denied)
	for steps, want := range map[int]bool{-3: false, -2: false, 2: false, 3: false} {
		w.move(10 * time.Minute)
		at := w.now()
		w.move(time.Duration(steps) * 30 * time.Second)
		drifted := w.code(anna.secret)
		w.move(at.Sub(w.now()))
		if err := w.browser(fmt.Sprint("192.0.2.", 10+steps)).password(anna, password, drifted); (err == nil) != want {
			t.Errorf("a code %d steps off: %v", steps, err)
		}
	}
	for _, steps := range []int{-1, 0, 1} {
		w.move(10 * time.Minute)
		at := w.now()
		w.move(time.Duration(steps) * 30 * time.Second)
		drifted := w.code(anna.secret)
		w.move(at.Sub(w.now()))
		ok(t, w.browser(fmt.Sprint("192.0.2.", 20+steps)).password(anna, password, drifted))
	}
	// A clock that goes back gives no code a second life: steps up to the last one stay used, and the next counts again.
	last := w.code(anna.secret)
	w.move(-5 * time.Minute)
	refused(t, "a code from before the last one", w.browser("192.0.2.30").password(anna, password, w.code(anna.secret)), fault.Denied)
	refused(t, "the last one", w.browser("192.0.2.31").password(anna, password, last), fault.Denied)
	w.move(7 * time.Minute)
	ok(t, w.browser("192.0.2.32").password(anna, password, w.code(anna.secret)))
}

func TestRefusalsTellNoAddress(t *testing.T) {
	w := newTown(t).founded()
	anna := w.joins("anna", authz.OrganisationAdmin)
	spy := &asked{Keeper: w.Store}
	d := w.server(func(o *signin.Options) { o.Keeper = spy })
	answer := func(email, password, code string) string {
		spy.calls = nil
		b := w.browser("192.0.2.7")
		b.d = d
		err := b.do(func(r *http.Request) error { return d.ByPassword(r, email, password, code) })
		var f *fault.Error
		if !errors.As(err, &f) {
			t.Fatal(err)
		}
		return f.Message() + " " + strings.Join(spy.calls, " ")
	}
	known, unknown := answer(anna.email, "falsch geraten und lang", "123456"), answer("no@body.example", "falsch geraten und lang", "123456")
	if known != unknown || !strings.Contains(known, "UnsafeCredentials") {
		t.Errorf("known and unknown differ:\n%s\n%s", known, unknown)
	}
	code := func(email string) string {
		spy.calls = nil
		b := w.browser("192.0.2.8")
		b.d = d
		err := b.do(func(r *http.Request) error {
			return d.ByCode(r, email, "falsch geraten und lang", "aaaa-aaaa-aaaa-aaaa")
		})
		return fmt.Sprint(fault.KindOf(err), spy.calls)
	}
	if a, b := code(anna.email), code("no@body.example"); a != b {
		t.Errorf("recovery codes: known and unknown differ:\n%s\n%s", a, b)
	}
}

// asked remembers which questions a server asks about accounts.
type asked struct {
	signin.Keeper
	calls []string
}

func (a *asked) UnsafePersonByEmail(ctx context.Context, email string) (organisation.Person, error) {
	a.calls = append(a.calls, "UnsafePersonByEmail")
	return a.Keeper.UnsafePersonByEmail(ctx, email)
}

func (a *asked) UnsafeCredentials(ctx context.Context, id authz.PersonID) (account.Credentials, error) {
	a.calls = append(a.calls, "UnsafeCredentials")
	return a.Keeper.UnsafeCredentials(ctx, id)
}

func TestRecoveryCodesCountOnceAndStandForTheAppAlone(t *testing.T) {
	w := newTown(t).founded()
	anna := w.joins("anna", authz.OrganisationAdmin)
	b := w.browser("192.0.2.1")
	b.in(anna)
	codes := sheet(t, w, b, anna)
	if len(codes) != 10 || len(slices.Compact(slices.Sorted(slices.Values(codes)))) != 10 {
		t.Fatalf("codes %q", codes)
	}
	by := func(from, password, code string) error {
		c := w.browser(from)
		return c.do(func(r *http.Request) error { return w.doors.ByCode(r, anna.email, password, code) })
	}
	refused(t, "without the password", by("192.0.2.2", "", codes[0]), fault.Denied)
	refused(t, "with a wrong password", by("192.0.2.2", "vier Boote am Kai", codes[0]), fault.Denied)
	refused(t, "with a wrong code", by("192.0.2.2", password, "aaaa-bbbb-cccc-dddd"), fault.Denied)
	ok(t, by("192.0.2.3", password, strings.ToUpper(strings.ReplaceAll(codes[0], "-", " "))))
	refused(t, "the same again", by("192.0.2.4", password, codes[0]), fault.Denied)
	fresh := sheet(t, w, b, anna)
	refused(t, "one of an older sheet", by("192.0.2.5", password, codes[1]), fault.Denied)
	ok(t, by("192.0.2.6", password, fresh[1]))
	dump := dumped(t, w)
	for _, c := range fresh {
		if strings.Contains(dump, c) || strings.Contains(dump, strings.ReplaceAll(c, "-", "")) {
			t.Error("the database holds a recovery code as it is")
		}
	}
}

func sheet(t *testing.T, w *town, b *browser, p person) (codes []string) {
	t.Helper()
	ok(t, b.do(func(r *http.Request) (err error) {
		codes, err = w.doors.NewCodes(r, b.actor(p.id))
		return err
	}))
	return codes
}

func dumped(t *testing.T, w *town) string {
	t.Helper()
	var out strings.Builder
	if _, err := w.Dump(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// What a thief of the database, or of a backup, gets to know: nothing that lets anybody in.
func TestTheDatabaseHoldsNoWayIn(t *testing.T) {
	w := newTown(t).founded()
	anna := w.joins("anna", authz.OrganisationAdmin)
	b := w.browser("192.0.2.1")
	b.in(anna)
	dump := dumped(t, w)
	for what, secret := range map[string]string{"password": password, "secret of the app": anna.secret, "token of the session": b.cookies["__Host-gevor"]} {
		if secret == "" || strings.Contains(dump, secret) {
			t.Errorf("the database holds the %s", what)
		}
	}
	if !strings.Contains(dump, anna.email) { // the control: what is there is found
		t.Error("the dump is empty")
	}
}

func TestOldParametersAreRenewedAtTheNextSignIn(t *testing.T) {
	w := newTown(t).founded()
	anna := w.joins("anna", authz.OrganisationAdmin)
	before, err := w.UnsafeCredentials(t.Context(), anna.id)
	ok(t, err)
	stronger := cheap()
	stronger.Passes = 2
	d := w.server(func(o *signin.Options) { o.Hashing = stronger })
	b := w.browser("192.0.2.1")
	b.d = d
	refused(t, "a wrong password", b.password(anna, "vier Boote am Kai", w.code(anna.secret)), fault.Denied)
	if same, err := w.UnsafeCredentials(t.Context(), anna.id); err != nil || same.Password.Hash != before.Password.Hash {
		t.Error("a wrong password renewed the hash")
	}
	b.in(anna)
	after, err := w.UnsafeCredentials(t.Context(), anna.id)
	ok(t, err)
	if after.Password.Hash == before.Password.Hash || !strings.Contains(after.Password.Hash, "t=2") {
		t.Errorf("hash %s", after.Password.Hash)
	}
	b.in(anna) // and it still opens the secret of the app
}

func TestNewPasswordsAreHeldToTheRules(t *testing.T) {
	w := newTown(t).founded()
	secret := w.invited("neu@ost.example", w.east, authz.Editor)
	app := w.doors.Propose("neu@ost.example", "").Secret
	try := func(n account.New) error {
		return w.browser("192.0.2.1").do(func(r *http.Request) error {
			return w.doors.JoinAsNew(r, secret, organisation.Person{Name: "Neu Hier", Language: "de"}, n)
		})
	}
	for reason, n := range map[string]account.New{
		"password password-short": {Password: "kurz", Secret: app, Code: w.code(app)},
		"password password-known": {Password: "Willkommen2026", Secret: app, Code: w.code(app)},
		"password password-own":   {Password: "example-hier-1", Secret: app, Code: w.code(app)},
		"code code":               {Password: password, Secret: app, Code: wrong(w.code(app))},
	} {
		err := try(n)
		got := form.Of(err)
		if len(got) != 1 || got[0].Name+" "+got[0].Reason != reason {
			t.Errorf("%s: %v", reason, err)
		}
	}
	for _, short := range []string{"", "AAAA", strings.Repeat("A", 31), strings.Repeat("A", 64), "not base32!"} {
		if err := try(account.New{Password: password, Secret: short, Code: "123456"}); err == nil {
			t.Errorf("a secret %q that the app never got was taken", short)
		}
	}
	ok(t, try(account.New{Password: password, Secret: app, Code: w.code(app)}))
}
