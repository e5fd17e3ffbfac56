package signin_test

import (
	"net/http"
	"testing"
	"time"

	"gevor/account"
	"gevor/authz"
	"gevor/fault"
	"gevor/internal/signin"
	"gevor/organisation"
)

// app is a new way in by password and app.
func (w *town) app(password string) (account.New, string) {
	w.move(time.Minute)
	secret := w.doors.Propose("x@ost.example", "").Secret
	return account.New{Password: password, Secret: secret, Code: w.code(secret)}, secret
}

func TestInvitationsCountOnceAndInTime(t *testing.T) {
	w := newTown(t).founded()
	join := func(secret string) error {
		n, _ := w.app(password)
		return w.browser("192.0.2.1").do(func(r *http.Request) error {
			return w.doors.JoinAsNew(r, secret, organisation.Person{Name: "Neu Hier", Language: "de"}, n)
		})
	}
	used := w.invited("a@ost.example", w.east, authz.Editor)
	ok(t, join(used))
	refused(t, "used", join(used), fault.Conflict)
	refused(t, "unknown", join("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), fault.NotFound)
	boss := w.joins("boss", authz.OrganisationAdmin)
	id, withdrawn, err := w.Invite(t.Context(), w.browser("").actor(boss.id), w.now(), organisation.Invitation{Organisation: w.east, Email: "b@ost.example", Roles: []authz.Role{authz.Editor}, Language: "de"})
	ok(t, err)
	ok(t, w.WithdrawInvitation(t.Context(), w.browser("").actor(boss.id), w.now(), id))
	refused(t, "withdrawn", join(withdrawn), fault.NotFound)
	late := w.invited("c@ost.example", w.east, authz.Editor)
	w.move(14*24*time.Hour + time.Hour)
	refused(t, "expired, or the clock jumped ahead", join(late), fault.Stale)
	w.move(-24 * time.Hour) // the clock is set right
	ok(t, join(late))
	refused(t, "to an address that has an account", join(w.invited("c@ost.example", w.west, authz.Editor)), fault.Conflict)
}

func TestRecoveryGivesOneHouseBackAndLetsTheOthersRest(t *testing.T) {
	w := newTown(t).founded()
	boss, anna := w.joins("boss", authz.OrganisationAdmin), w.joins("anna", authz.Editor)
	b := w.browser("192.0.2.1")
	b.in(anna)
	k := newKey(t, true)
	ok(t, b.adds(anna, k, "Handy"))
	codes := sheet(t, w, b, anna)
	_, err := w.Join(t.Context(), b.actor(anna.id), w.now(), w.invited("irgendwo@west.example", w.west, authz.OrganisationAdmin))
	ok(t, err)
	if len(b.actor(anna.id).Memberships) != 2 {
		t.Fatal("anna is not in both houses")
	}
	admin := w.browser("").actor(boss.id)
	secret, err := w.StartRecovery(t.Context(), admin, w.now(), w.east, anna.id)
	ok(t, err)
	older := secret
	secret, err = w.StartRecovery(t.Context(), admin, w.now(), w.east, anna.id)
	ok(t, err)
	recover := func(secret string) (*browser, string, error) {
		n, app := w.app("fünf Boote am Kai")
		c := w.browser("192.0.2.2")
		return c, app, c.do(func(r *http.Request) error { return w.doors.Recover(r, secret, n) })
	}
	_, _, err = recover(older)
	refused(t, "a link that a newer one replaced", err, fault.NotFound)
	c, app, err := recover(secret)
	ok(t, err)
	_, _, err = recover(secret)
	refused(t, "the same link again", err, fault.NotFound)
	if c.who() != anna.id || b.who() != "" {
		t.Error("the new session does not count, or the old one does")
	}
	if m := c.actor(anna.id).Memberships; len(m) != 1 || m[0].Organisation != w.east {
		t.Errorf("places after the recovery: %+v", m)
	}
	w.move(time.Minute)
	refused(t, "the old password", w.browser("192.0.2.3").password(anna, password, w.code(anna.secret)), fault.Denied)
	refused(t, "the old passkey", w.browser("192.0.2.4").touches(k), fault.Denied)
	refused(t, "an old recovery code", w.browser("192.0.2.5").do(func(r *http.Request) error {
		return w.doors.ByCode(r, anna.email, "fünf Boote am Kai", codes[0])
	}), fault.Denied)
	ok(t, w.browser("192.0.2.6").password(anna, "fünf Boote am Kai", w.code(app)))
	// An admin of the other house confirms.
	chef := w.browser("192.0.2.7")
	n, _ := w.app(password)
	ok(t, chef.do(func(r *http.Request) error {
		return w.doors.JoinAsNew(r, w.invited("chef@west.example", w.west, authz.OrganisationAdmin), organisation.Person{Name: "Chef West", Language: "de"}, n)
	}))
	ok(t, w.SetRoles(t.Context(), chef.actor(chef.who()), w.now(), w.west, anna.id, 2, []authz.Role{authz.OrganisationAdmin}))
	if len(c.actor(anna.id).Memberships) != 2 {
		t.Error("confirmed, yet not back")
	}
	// Somebody may not be recovered by who could not give them their roles: that would be a way to take those.
	system := w.joins("sys", authz.SystemAdmin)
	_, err = w.StartRecovery(t.Context(), admin, w.now(), w.east, system.id)
	refused(t, "recovering a system admin", err, fault.Denied)
	_, err = w.StartRecovery(t.Context(), w.browser("").actor(anna.id), w.now(), w.east, boss.id)
	refused(t, "recovering as an editor", err, fault.Denied)
	_, err = w.StartRecovery(t.Context(), admin, w.now(), w.west, anna.id)
	refused(t, "recovering in another house", err, fault.NotFound)
	// At the machine: nothing rests. The link expires, also when the clock jumps ahead.
	secret, err = w.UnsafeStartRecovery(t.Context(), w.now(), anna.id)
	ok(t, err)
	w.move(25 * time.Hour)
	_, _, err = recover(secret)
	refused(t, "expired", err, fault.Stale)
	secret, err = w.UnsafeStartRecovery(t.Context(), w.now(), anna.id)
	ok(t, err)
	c, _, err = recover(secret)
	ok(t, err)
	if len(c.actor(anna.id).Memberships) != 2 {
		t.Error("after a recovery at the machine places rest")
	}
	secret, err = w.UnsafeStartRecovery(t.Context(), w.now(), anna.id)
	ok(t, err)
	ok(t, w.UnsafeBlock(t.Context(), w.now(), anna.id, true))
	_, _, err = recover(secret)
	refused(t, "blocked in the meantime", err, fault.NotFound)
}

// The door of a demo needs both: an invented region, and a database that was made for a demo.
func TestDemoDoor(t *testing.T) {
	invented := true
	in := func(o *signin.Options) { o.Invented = func() bool { return invented } }
	seat := func(b *browser, role authz.Role) error {
		return b.do(func(r *http.Request) error { return b.d.BySeat(r, string(role)) })
	}
	w := newTown(t, in)
	refused(t, "before anybody seeded", seat(w.browser("192.0.2.1"), authz.Planner), fault.NotFound)
	ok(t, w.UnsafeSeedDemo(t.Context(), w.now(), "musterrevier"))
	refused(t, "seeding twice", w.UnsafeSeedDemo(t.Context(), w.now(), "musterrevier"), fault.Conflict)
	seats, err := w.doors.Seats(t.Context())
	ok(t, err)
	if len(seats) != len(authz.Roles())+1 { // a second receiver
		t.Fatalf("%d seats for %d roles", len(seats), len(authz.Roles()))
	}
	b := w.browser("192.0.2.2")
	for _, s := range seats {
		ok(t, b.do(func(r *http.Request) error { return b.d.BySeat(r, s.Key) }))
		if id := b.who(); id != s.Person || !b.actor(id).Anywhere(s.Role) {
			t.Errorf("seat %+v is taken by %s", s, id)
		}
	}
	refused(t, "a role that does not exist", seat(b, "king"), fault.NotFound)
	// Half one: somebody of the demo has made themselves a way in, and then the database serves a real region.
	who := person{id: b.who(), email: "sina.system@musterrevier.invalid"}
	n, app := w.app(password)
	b2 := w.browser("192.0.2.3")
	ok(t, seat(b2, authz.SystemAdmin))
	who.secret = app
	ok(t, b2.do(func(r *http.Request) error { return w.doors.Add(r, b2.actor(who.id), n) }))
	w.move(time.Minute)
	ok(t, w.browser("192.0.2.4").password(who, password, w.code(app))) // the twin: while it is a demo
	invented = false
	if seats, err := w.doors.Seats(t.Context()); err != nil || len(seats) != 0 {
		t.Errorf("a real region shows seats: %v, %v", seats, err)
	}
	refused(t, "a seat in a real region", seat(w.browser("192.0.2.5"), authz.SystemAdmin), fault.NotFound)
	if b.who() != "" || b2.who() != "" {
		t.Error("sessions of the demo go on in a real region")
	}
	w.move(time.Minute)
	refused(t, "a demo account with a password in a real region", w.browser("192.0.2.6").password(who, password, w.code(app)), fault.Denied)
	// Half two: an invented region, served from a database with real people.
	invented = true
	real := newTown(t, in).founded()
	anna := real.joins("anna", authz.OrganisationAdmin)
	refused(t, "seeding beside real people", real.UnsafeSeedDemo(t.Context(), real.now(), "musterrevier"), fault.Conflict)
	refused(t, "a seat beside real people", seat(real.browser("192.0.2.7"), authz.Planner), fault.NotFound)
	real.browser("192.0.2.8").in(anna) // the twin: real people do come in
}
