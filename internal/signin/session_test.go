package signin_test

import (
	"context"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gevor/authz"
	"gevor/internal/signin"
	"gevor/internal/store/postgrestest"
)

func TestTheCookieIsBoundToTheHost(t *testing.T) {
	w := newTown(t).founded()
	anna := w.joins("anna", authz.OrganisationAdmin)
	b := w.browser("192.0.2.1")
	b.in(anna)
	for _, c := range b.seen {
		if c.Name != "__Host-gevor" || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge != 0 {
			t.Errorf("cookie %+v", c)
		}
	}
	plain := w.browser("192.0.2.2")
	plain.d = w.server(func(o *signin.Options) { o.Origin = "" })
	plain.in(anna)
	if c := plain.seen[0]; c.Name != "gevor" || c.Secure || !c.HttpOnly {
		t.Errorf("without TLS: %+v", c)
	}
}

// A stranger puts the token of their own session into somebody's browser and waits for them to sign in.
func TestSessionsAreNotFixated(t *testing.T) {
	w := newTown(t).founded()
	anna := w.joins("anna", authz.OrganisationAdmin)
	stranger := w.browser("198.51.100.1")
	ok(t, stranger.do(func(r *http.Request) error { _, err := w.doors.AskPasskey(r); return err }))
	planted := stranger.cookies["__Host-gevor"]
	if planted == "" {
		t.Fatal("the stranger has no session to plant")
	}
	victim := w.browser("192.0.2.1")
	victim.cookies["__Host-gevor"] = planted
	victim.in(anna)
	if victim.cookies["__Host-gevor"] == planted {
		t.Error("the token stayed")
	}
	if got := stranger.who(); got != "" {
		t.Errorf("the stranger is %s", got)
	}
	invented := w.browser("198.51.100.2")
	invented.cookies["__Host-gevor"] = "a-token-that-nobody-gave"
	invented.in(anna)
	if invented.cookies["__Host-gevor"] == "a-token-that-nobody-gave" {
		t.Error("a token that nobody gave was taken over")
	}
	if victim.who() != anna.id || invented.who() != anna.id { // the twins
		t.Error("who signed in is not in")
	}
}

func TestAChangeOfRightsCountsAtOnceAndRenewsTheToken(t *testing.T) {
	w := newTown(t).founded()
	boss, anna := w.joins("boss", authz.OrganisationAdmin), w.joins("anna", authz.Editor)
	b := w.browser("192.0.2.1")
	b.in(anna)
	b.who()
	before := b.cookies["__Host-gevor"]
	if b.who() != anna.id || b.cookies["__Host-gevor"] != before {
		t.Fatal("without a change the token changes")
	}
	ok(t, w.SetRoles(t.Context(), b.actor(boss.id), w.now(), w.east, anna.id, 1, []authz.Role{authz.Planner}))
	if b.who() != anna.id || b.cookies["__Host-gevor"] == before {
		t.Error("the token of before goes on after the change")
	}
	if b.actor(anna.id).Has(w.east, authz.Editor) {
		t.Error("the old role still counts")
	}
	old := w.browser("192.0.2.9")
	old.cookies["__Host-gevor"] = before
	if got := old.who(); got != "" {
		t.Errorf("the token of before is %s", got)
	}
	ok(t, w.SetRoles(t.Context(), b.actor(boss.id), w.now(), w.east, anna.id, 2, nil))
	if b.who() != anna.id || len(b.actor(anna.id).Memberships) != 0 {
		t.Error("removed from the house, the account stays without any right")
	}
	ok(t, w.UnsafeBlock(t.Context(), w.now(), anna.id, true))
	if got := b.who(); got != "" {
		t.Errorf("blocked, yet in as %s", got)
	}
	ok(t, w.UnsafeBlock(t.Context(), w.now(), anna.id, false))
	if got := b.who(); got != "" {
		t.Errorf("the session of before the block is back as %s", got)
	}
	b.in(anna)
	ok(t, w.RemovePerson(t.Context(), b.actor(anna.id), w.now(), anna.id))
	if got := b.who(); got != "" {
		t.Errorf("deleted, yet in as %s", got)
	}
}

func TestSessionsEndInTime(t *testing.T) {
	w := newTown(t).founded()
	anna := w.joins("anna", authz.OrganisationAdmin)
	after := func(steps ...time.Duration) authz.PersonID {
		b := w.browser("192.0.2.1")
		b.in(anna)
		var got authz.PersonID
		at := w.now()
		for _, s := range steps {
			w.move(s)
			got = b.who()
		}
		if w.now().Before(at) {
			w.move(at.Sub(w.now()))
		}
		return got
	}
	busy := make([]time.Duration, 24) // 50 minutes each
	for i := range busy {
		busy[i] = 50 * time.Minute
	}
	for what, c := range map[string]struct {
		steps []time.Duration
		in    bool
	}{
		"used now and then":            {busy[:14], true},
		"longer than twelve hours":     {busy[:15], false},
		"left alone for 59 minutes":    {[]time.Duration{59 * time.Minute}, true},
		"left alone for 66 minutes":    {[]time.Duration{66 * time.Minute}, false},
		"the clock jumps ahead a day":  {[]time.Duration{24 * time.Hour}, false},
		"the clock goes back a little": {[]time.Duration{-9 * time.Minute}, true},
		"the clock goes back an hour":  {[]time.Duration{-time.Hour}, false},
	} {
		if got := after(c.steps...) == anna.id; got != c.in {
			t.Errorf("%s: in is %v", what, got)
		}
	}
}

func TestSigningOutEndsWhatItShould(t *testing.T) {
	w := newTown(t).founded()
	anna := w.joins("anna", authz.OrganisationAdmin)
	one, two := w.browser("192.0.2.1"), w.browser("192.0.2.2")
	one.in(anna)
	two.in(anna)
	token := one.cookies["__Host-gevor"]
	ok(t, one.do(w.doors.SignOut))
	stolen := w.browser("198.51.100.1")
	stolen.cookies["__Host-gevor"] = token
	if one.who() != "" || stolen.who() != "" {
		t.Error("signed out, yet in")
	}
	if two.who() != anna.id {
		t.Error("signing out here signed out there")
	}
	one.in(anna)
	// A request that began before and ends after must not bring its session back.
	slow := w.browser("192.0.2.3")
	slow.cookies["__Host-gevor"] = two.cookies["__Host-gevor"]
	w.move(10 * time.Minute) // so that the slow request wants to write when the session was last seen
	ok(t, slow.do(func(r *http.Request) error {
		if id, _ := w.doors.Person(r); id != anna.id {
			t.Error("the slow request is nobody's")
		}
		return two.do(w.doors.SignOut)
	}))
	if slow.who() != "" {
		t.Error("a slow request brought a session back that had ended")
	}
	two.in(anna)
	ok(t, one.do(func(r *http.Request) error { return w.doors.EndSessions(r, one.actor(anna.id)) }))
	if one.who() != "" || two.who() != "" {
		t.Error("signed out everywhere, yet in")
	}
	two.in(anna)
	if two.who() != anna.id {
		t.Error("one can sign in again afterwards")
	}
}

// Two servers on one database: what one lets in, the other knows, and what one ends is over at the other.
func TestServersShareSessions(t *testing.T) {
	for engine, dsn := range map[string]func(*testing.T) string{
		"SQLite":     func(t *testing.T) string { return filepath.Join(t.TempDir(), "town.db") },
		"PostgreSQL": func(t *testing.T) string { return postgrestest.Start(t) },
	} {
		t.Run(engine, func(t *testing.T) {
			at := dsn(t)
			first := townAt(t, at).founded()
			second := townAt(t, at)
			second.clock, second.doors = first.clock, nil
			second.doors = second.server()
			anna := first.joins("anna", authz.OrganisationAdmin)
			b := first.browser("192.0.2.1")
			b.in(anna)
			there := &browser{w: second, d: second.doors, address: b.address, cookies: b.cookies}
			if there.who() != anna.id || b.who() != anna.id {
				t.Fatal("the other server does not know the session")
			}
			ok(t, b.do(first.doors.SignOut))
			if there.who() != "" {
				t.Error("the session goes on at the other server")
			}
			there.in(anna)
			refusedCode := first.code(anna.secret)
			if err := b.password(anna, password, refusedCode); err == nil {
				t.Error("a code that the other server took counts here again")
			}
			b.in(anna)
			ok(t, there.do(func(r *http.Request) error { return second.doors.EndSessions(r, there.actor(anna.id)) }))
			if b.who() != "" {
				t.Error("signed out everywhere at one server, still in at the other")
			}
		})
	}
}

func TestTheLastSignInsAreShownWithoutAnAddress(t *testing.T) {
	w := newTown(t).founded()
	anna := w.joins("anna", authz.OrganisationAdmin)
	for range 25 {
		w.browser("192.0.2.77").in(anna)
	}
	list, err := w.doors.SignIns(t.Context(), w.browser("").actor(anna.id))
	ok(t, err)
	if len(list) != 20 || list[0].Device != "Firefox, Linux" || list[0].Way != "password" || !list[0].At.After(list[1].At) {
		t.Errorf("%d entries, first %+v", len(list), list[0])
	}
	if strings.Contains(dumped(t, w), "192.0.2.77") {
		t.Error("the database holds an address of the network")
	}
	if _, err := w.SignIns(context.Background(), w.browser("").actor(w.joins("otto", authz.Editor).id), anna.id); err == nil {
		t.Error("somebody else sees them")
	}
}
