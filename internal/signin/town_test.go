package signin_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"gevor/account"
	"gevor/authz"
	"gevor/fault"
	"gevor/internal/signin"
	"gevor/internal/store"
	"gevor/organisation"
)

const (
	origin   = "https://gevor.example"
	password = "drei Boote am Kai"
)

// cheap is what a password costs in tests.
func cheap() signin.Hashing { return signin.Hashing{MemoryKiB: 64, Passes: 1, Lanes: 1, AtOnce: 4} }

// clock is the time of a town.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// town is an installation with two houses: the east with Anna, who may do everything there, and the west.
type town struct {
	*store.Store
	*clock
	t          testing.TB
	east, west authz.OrganisationID
	doors      *signin.Doors
}

func newTown(t testing.TB, change ...func(*signin.Options)) *town {
	return townAt(t, filepath.Join(t.TempDir(), "town.db"), change...)
}

func townAt(t testing.TB, dsn string, change ...func(*signin.Options)) *town {
	t.Helper()
	s, err := store.Open(context.Background(), dsn)
	ok(t, err)
	t.Cleanup(func() { ok(t, s.Close()) })
	w := &town{Store: s, clock: &clock{at: time.Date(2026, 5, 12, 8, 30, 10, 0, time.UTC)}, t: t}
	w.doors = w.server(change...)
	return w
}

// founded adds the two houses.
func (w *town) founded() *town {
	w.t.Helper()
	w.east = w.house("Haus Ost")
	w.west = w.house("Haus West")
	return w
}

func (w *town) house(name string) authz.OrganisationID {
	w.t.Helper()
	id, err := w.UnsafeFound(context.Background(), w.now(), organisation.Organisation{Name: name, Kind: "welfare"})
	ok(w.t, err)
	return id
}

// server is one more server on the same database.
func (w *town) server(change ...func(*signin.Options)) *signin.Doors {
	w.t.Helper()
	o := signin.Options{Keeper: w.Store, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Origin: origin, Hashing: cheap(), Now: w.now}
	for _, c := range change {
		c(&o)
	}
	d, err := signin.New(o)
	ok(w.t, err)
	return d
}

// invited makes an invitation and gives its secret.
func (w *town) invited(email string, house authz.OrganisationID, roles ...authz.Role) string {
	w.t.Helper()
	_, secret, err := w.UnsafeInvite(context.Background(), w.now(), organisation.Invitation{Organisation: house, Email: email, Roles: roles, Language: "de"})
	ok(w.t, err)
	return secret
}

// person is somebody with an account and an authenticator app.
type person struct {
	id     authz.PersonID
	email  string
	secret string
}

// joins gives somebody an account in the east by password and app.
func (w *town) joins(name string, roles ...authz.Role) person {
	w.t.Helper()
	p := person{email: name + "@ost.example"}
	b := w.browser("192.0.2.200")
	p.secret = w.doors.Propose(p.email, "").Secret
	secret := w.invited(p.email, w.east, roles...)
	ok(w.t, b.do(func(r *http.Request) error {
		return w.doors.JoinAsNew(r, secret, organisation.Person{Name: name, Language: "de"}, account.New{Password: password, Secret: p.secret, Code: w.code(p.secret)})
	}))
	found, err := w.UnsafePersonByEmail(context.Background(), p.email)
	ok(w.t, err)
	p.id = found.ID
	w.move(time.Minute) // the code that the app showed has been used
	return p
}

// code is what an authenticator app shows now.
func (w *town) code(secret string) string {
	w.t.Helper()
	c, err := totp.GenerateCode(secret, w.now())
	ok(w.t, err)
	return c
}

// browser keeps cookies and asks the doors of a server.
type browser struct {
	w       *town
	d       *signin.Doors
	address string
	cookies map[string]string
	seen    []*http.Cookie // all that were set
}

func (w *town) browser(address string) *browser {
	return &browser{w: w, d: w.doors, address: address + ":4711", cookies: map[string]string{}}
}

// do runs one request through the doors.
func (b *browser) do(f func(*http.Request) error) error { return b.ask("/x", f) }

func (b *browser) ask(path string, f func(*http.Request) error) error {
	req := httptest.NewRequest(http.MethodPost, origin+path, nil)
	req.RemoteAddr = b.address
	req.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	for k, v := range b.cookies {
		req.AddCookie(&http.Cookie{Name: k, Value: v})
	}
	rec := httptest.NewRecorder()
	var err error
	b.d.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err = f(r)
		w.WriteHeader(http.StatusNoContent)
	})).ServeHTTP(rec, req)
	for _, c := range rec.Result().Cookies() {
		b.seen = append(b.seen, c)
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	if rec.Code != http.StatusNoContent {
		return fmt.Errorf("status %d", rec.Code)
	}
	return err
}

// who gives who is signed in, as every page finds out: a session of an earlier epoch or of somebody who is gone is over.
func (b *browser) who() (id authz.PersonID) {
	b.w.t.Helper()
	ok(b.w.t, b.do(func(r *http.Request) error {
		var epoch int
		if id, epoch = b.d.Person(r); id == "" {
			return nil
		}
		actor, p, err := b.w.UnsafeActor(r.Context(), id)
		if err != nil || p.Epoch != epoch {
			id = ""
			return b.d.SignOut(r)
		}
		return b.d.Acts(r, actor)
	}))
	return id
}

func (b *browser) password(p person, password, code string) error {
	return b.do(func(r *http.Request) error { return b.d.ByPassword(r, p.email, password, code) })
}

// in signs somebody in, with a code that counts.
func (b *browser) in(p person) {
	b.w.t.Helper()
	b.w.move(time.Minute)
	ok(b.w.t, b.password(p, password, b.w.code(p.secret)))
}

func (b *browser) actor(id authz.PersonID) authz.Actor {
	b.w.t.Helper()
	a, _, err := b.w.UnsafeActor(context.Background(), id)
	ok(b.w.t, err)
	return a
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func refused(t testing.TB, what string, err error, kind fault.Kind) {
	t.Helper()
	if err == nil || fault.KindOf(err) != kind {
		t.Errorf("%s: %v, want %v", what, err, kind)
	}
}
