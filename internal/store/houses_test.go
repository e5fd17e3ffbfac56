package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gevor/authz"
	"gevor/fault"
	"gevor/history"
	"gevor/internal/store"
	"gevor/organisation"
	"gevor/outbox"
)

var houseClauses = []clause{
	{"a house is found, changed and closed", houseLife},
	{"what is foreign is absent", foreignIsAbsent},
	{"releases open and close", releasesOpenAndClose},
	{"an invitation is taken once", invitationOnce},
	{"an invitation loses its force with its giver's right", invitationAfterDemotion},
	{"two admins who remove each other", adminsRemoveEachOther},
	{"changes are told and undone", changesUndone},
	{"a person is forgotten, the change stays", personForgotten},
	{"the outbox gives each message to one", outboxLeases},
	{"the outbox and the change count together", outboxWithChange},
	{"erasures outlive a backup", erasuresOutliveBackup},
	{"the workbench is open, the house decides", atlasIsTheOperators},
}

// town is two organisations with an admin each, and somebody of the office.
type town struct {
	*store.Store
	t           *testing.T
	east, west  authz.OrganisationID
	anna, ben   authz.Actor // admins of east and west
	clerk       authz.Actor // editor in east
	officeActor authz.Actor
}

func newTown(t *testing.T, s *store.Store) *town {
	t.Helper()
	w := &town{Store: s, t: t}
	office := w.found("Geschäftsstelle", "office")
	w.officeActor = w.joins(office, "office@example.org", authz.SystemAdmin, authz.Coordinator, authz.OrganisationAdmin)
	w.east, w.west = w.found("Stadt Ost", "city"), w.found("Stadt West", "city")
	w.anna = w.joins(w.east, "anna@ost.example", authz.OrganisationAdmin)
	w.ben = w.joins(w.west, "ben@west.example", authz.OrganisationAdmin)
	w.clerk = w.joins(w.east, "clerk@ost.example", authz.Editor)
	return w
}

func (w *town) found(name string, kind organisation.Kind) authz.OrganisationID {
	w.t.Helper()
	return must[authz.OrganisationID](w.t)(w.UnsafeFound(w.t.Context(), day, organisation.Organisation{Name: name, Kind: kind}))
}

func nothing(context.Context, *sql.Tx, authz.PersonID) error { return nil }

// joins invites somebody in the name of the installation, lets them accept and gives their actor.
func (w *town) joins(o authz.OrganisationID, email string, roles ...authz.Role) authz.Actor {
	w.t.Helper()
	_, secret, err := w.UnsafeInvite(w.t.Context(), day, organisation.Invitation{Organisation: o, Email: email, Roles: roles, Language: "de"})
	if err != nil {
		w.t.Fatal(err)
	}
	id := must[authz.PersonID](w.t)(w.UnsafeJoinAsNew(w.t.Context(), day, secret, organisation.Person{Name: "Person " + email, Language: "de"}, nothing))
	return w.actor(id)
}

func (w *town) actor(id authz.PersonID) authz.Actor {
	w.t.Helper()
	a, _, err := w.UnsafeActor(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

// wants fails the test where err is not of a kind.
func wants(t *testing.T, what string, err error, kind fault.Kind) {
	t.Helper()
	if err == nil || fault.KindOf(err) != kind {
		t.Errorf("%s: %v, want %v", what, err, kind)
	}
}

func (w *town) does(what string, err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%s: %v", what, err)
	}
}

func houseLife(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	o := must[organisation.Organisation](t)(w.Organisation(ctx, w.anna, w.east))
	o.Name, o.Municipality = "Stadt Ost am Fluss", "05999001"
	w.does("change", w.ChangeOrganisation(ctx, w.anna, day, o))
	wants(t, "a change on the old version", w.ChangeOrganisation(ctx, w.anna, day, o), fault.Stale)
	wants(t, "a clerk's change", w.ChangeOrganisation(ctx, w.clerk, day, o), fault.Denied)
	o.Name = "x"
	wants(t, "a bad name", w.ChangeOrganisation(ctx, w.anna, day, o), fault.Invalid)
	got := must[organisation.Organisation](t)(w.Organisation(ctx, w.clerk, w.east))
	if got.Name != "Stadt Ost am Fluss" || got.Version != 2 || got.Alliance {
		t.Errorf("%+v", got)
	}
	wants(t, "closing by an admin", w.CloseOrganisation(ctx, w.anna, day, w.east), fault.Denied)
	w.does("alliance", w.SetAlliance(ctx, w.officeActor, day, w.east, true))
	if a := w.actor(w.anna.Person); !a.InAlliance() {
		t.Error("the alliance has not reached the actor")
	}
	w.does("close", w.CloseOrganisation(ctx, w.officeActor, day, w.east))
	w.does("close again", w.CloseOrganisation(ctx, w.officeActor, day, w.east))
	if a := w.actor(w.anna.Person); len(a.Memberships) != 0 {
		t.Errorf("an actor of a closed house still has %v", a.Memberships)
	}
	_, _, err := w.UnsafeInvite(ctx, day, organisation.Invitation{Organisation: w.east, Email: "x@y.example", Roles: []authz.Role{authz.Editor}})
	wants(t, "an invitation into a closed house", err, fault.Conflict)
}

// foreignIsAbsent asks for things of the east as somebody of the west and as nobody; what exists and what does not
// must answer alike. The control asks without rights and sees them.
func foreignIsAbsent(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	id, _, err := w.Invite(ctx, w.anna, day, organisation.Invitation{Organisation: w.east, Email: "new@ost.example", Roles: []authz.Role{authz.Editor}, Language: "de"})
	w.does("invite", err)
	asks := func(s *store.Store, actor authz.Actor, o authz.OrganisationID, invitation string) map[string]error {
		out := map[string]error{}
		_, out["organisation"] = s.Organisation(ctx, actor, o)
		_, out["members"] = s.Members(ctx, actor, o)
		_, out["invitations"] = s.Invitations(ctx, actor, o)
		_, out["releases"] = s.Releases(ctx, actor, o)
		_, out["history"] = s.History(ctx, actor, o, "", "", 0, 10)
		_, out["outbox"] = s.Outbox(ctx, actor, o, 10)
		out["roles"] = s.SetRoles(ctx, actor, day, o, w.clerk.Person, 1, []authz.Role{authz.Planner})
		out["change"] = s.ChangeOrganisation(ctx, actor, day, organisation.Organisation{ID: o, Name: "Übernommen", Kind: "city", Version: 1})
		out["release"] = s.Release(ctx, actor, day, authz.Ref{Kind: authz.Organisation, Object: string(o), Purpose: authz.ForDirectory}, authz.Release{Level: authz.PublicLevel})
		out["withdraw invitation"] = s.WithdrawInvitation(ctx, actor, day, invitation)
		_, _, out["invite"] = s.Invite(ctx, actor, day, organisation.Invitation{Organisation: o, Email: "e@e.example", Roles: []authz.Role{authz.Editor}})
		return out
	}
	for name, actor := range map[string]authz.Actor{"ben of the west": w.ben, "nobody": authz.Public()} {
		there, missing := asks(w.Store, actor, w.east, id), asks(w.Store, actor, "o-none", "i-none")
		for what, err := range there {
			if err == nil {
				t.Errorf("%s reaches %s", name, what)
				continue
			}
			if missing[what] == nil || err.Error() != missing[what].Error() || fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s, %s: there %v, missing %v", name, what, err, missing[what])
			}
		}
	}
	if o := must[organisation.Organisation](t)(w.Organisation(ctx, w.anna, w.east)); o.Name != "Stadt Ost" {
		t.Errorf("somebody changed %+v", o)
	}
	if seen := must[[]organisation.Organisation](t)(w.Organisations(ctx, w.ben)); len(seen) != 1 || seen[0].ID != w.west {
		t.Errorf("ben sees %v", seen)
	}
	for _, m := range must[[]organisation.Member](t)(w.Members(ctx, w.clerk, w.east)) {
		if (m.Email != "") != (m.Person == w.clerk.Person) {
			t.Errorf("a clerk reads the address %q of %s", m.Email, m.Name)
		}
	}
	leaks := 0
	for _, err := range asks(store.UnsafeWithoutRights(w.Store), w.ben, w.east, id) {
		if err == nil {
			leaks++
		}
	}
	if leaks < 6 {
		t.Errorf("without rights only %d of the questions are answered", leaks)
	}
}

func releasesOpenAndClose(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	ref := authz.Ref{Kind: authz.Organisation, Object: string(w.east), Purpose: authz.ForDirectory}
	sees := func(a authz.Actor) bool {
		_, err := w.Organisation(ctx, a, w.east)
		return err == nil
	}
	set := func(at time.Time, r authz.Release) {
		t.Helper()
		w.does("release", w.Release(ctx, w.anna, at, ref, r))
	}
	if sees(w.ben) || sees(authz.Public()) || !sees(w.clerk) {
		t.Error("a house that released nothing")
	}
	set(day, authz.Release{Level: authz.Named, Named: []authz.OrganisationID{w.west}})
	if !sees(w.ben) || sees(authz.Public()) {
		t.Error("a house released to one other")
	}
	set(day, authz.Release{Level: authz.AllianceLevel})
	if sees(w.ben) {
		t.Error("ben is no member of the alliance")
	}
	w.does("joining", w.SetAlliance(ctx, w.officeActor, day, w.west, true))
	if !sees(w.actor(w.ben.Person)) {
		t.Error("a member of the alliance does not see what the alliance sees")
	}
	set(day, authz.Release{Level: authz.PublicLevel})
	if !sees(authz.Public()) {
		t.Error("a public house")
	}
	set(day.Add(time.Hour), authz.Release{})
	if sees(authz.Public()) || sees(w.actor(w.ben.Person)) {
		t.Error("a withdrawal does not count at once")
	}
	shared := must[[]authz.Shared](t)(w.Releases(ctx, w.clerk, w.east))
	if len(shared) != 1 || shared[0].Release.Level != authz.Private || !shared[0].Withdrawn.Equal(day.Add(time.Hour)) {
		t.Errorf("%+v", shared)
	}
	wants(t, "a clerk's release", w.Release(ctx, w.clerk, day, ref, authz.Release{Level: authz.PublicLevel}), fault.Denied)
	wants(t, "named to nobody", w.Release(ctx, w.anna, day, ref, authz.Release{Level: authz.Named}), fault.Invalid)
	wants(t, "named to a ghost", w.Release(ctx, w.anna, day, ref, authz.Release{Level: authz.Named, Named: []authz.OrganisationID{"o-ghost"}}), fault.Invalid)
	wants(t, "a kind that is never released", w.Release(ctx, w.anna, day, authz.Ref{Kind: authz.History, Object: string(w.east), Purpose: "x"}, authz.Release{Level: authz.PublicLevel}), fault.NotFound)
}

func invitationOnce(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	invite := func(email string) (string, string) {
		id, secret, err := w.Invite(ctx, w.anna, day, organisation.Invitation{Organisation: w.east, Email: email, Roles: []authz.Role{authz.Planner}, Language: "de"})
		w.does("invite", err)
		return id, secret
	}
	_, secret := invite("eva@ost.example")
	if i, name, err := w.InvitationOf(ctx, secret, day); err != nil || name != "Stadt Ost" || i.Email != "eva@ost.example" {
		t.Errorf("%+v %s %v", i, name, err)
	}
	// Looking changes nothing; of ten who accept at once, one comes through.
	var wg sync.WaitGroup
	errs := make([]error, 10)
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = w.UnsafeJoinAsNew(context.Background(), day, secret, organisation.Person{Name: "Eva", Language: "de"}, nothing)
		})
	}
	wg.Wait()
	in := 0
	for _, err := range errs {
		if err == nil {
			in++
		} else if k := fault.KindOf(err); k != fault.Conflict && k != fault.Busy {
			t.Errorf("a second acceptance: %v", err)
		}
	}
	if in != 1 {
		t.Errorf("%d came in on one invitation", in)
	}
	_, _, err := w.InvitationOf(ctx, secret, day)
	wants(t, "used", err, fault.Conflict)
	_, late := invite("late@ost.example")
	_, _, err = w.InvitationOf(ctx, late, day.AddDate(0, 0, organisation.InvitationDays))
	wants(t, "expired", err, fault.Stale)
	_, err = w.Join(ctx, w.ben, day.AddDate(0, 0, organisation.InvitationDays), late)
	wants(t, "joining too late", err, fault.Stale)
	id, gone := invite("gone@ost.example")
	w.does("withdraw", w.WithdrawInvitation(ctx, w.anna, day, id))
	_, _, err = w.InvitationOf(ctx, gone, day)
	wants(t, "withdrawn", err, fault.NotFound)
	_, _, never := w.InvitationOf(ctx, "NEVERGIVEN", day)
	if never == nil || never.Error() != err.Error() {
		t.Errorf("withdrawn and never given differ: %v, %v", err, never)
	}
	_, more := invite("ben@west.example")
	if _, err := w.UnsafeJoinAsNew(ctx, day, more, organisation.Person{Name: "Ben zwei", Language: "de"}, nothing); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a second account of one address: %v", err)
	}
	if _, err := w.Join(ctx, w.ben, day, more); err != nil { // the failed attempt has not used it up
		t.Error(err)
	}
	if a := w.actor(w.ben.Person); !a.Has(w.east, authz.Planner) || !a.Has(w.west, authz.OrganisationAdmin) {
		t.Errorf("%+v", a)
	}
	// How a person signs in is kept in the same transaction, or nobody joins.
	_, half := invite("half@ost.example")
	if _, err := w.UnsafeJoinAsNew(ctx, day, half, organisation.Person{Name: "Halb", Language: "de"}, func(context.Context, *sql.Tx, authz.PersonID) error { return errors.New("no") }); err == nil {
		t.Error("joined without a way to sign in")
	}
	if _, _, err := w.InvitationOf(ctx, half, day); err != nil {
		t.Errorf("the invitation is used up: %v", err)
	}
}

func invitationAfterDemotion(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	w.joins(w.east, "second@ost.example", authz.OrganisationAdmin)
	_, secret, err := w.Invite(ctx, w.anna, day, organisation.Invitation{Organisation: w.east, Email: "friend@ost.example", Roles: []authz.Role{authz.OrganisationAdmin}, Language: "de"})
	w.does("invite", err)
	w.does("step down", w.SetRoles(ctx, w.anna, day, w.east, w.anna.Person, 1, []authz.Role{authz.Editor}))
	_, err = w.UnsafeJoinAsNew(ctx, day, secret, organisation.Person{Name: "Freundin", Language: "de"}, nothing)
	wants(t, "an invitation of somebody who may not invite any more", err, fault.Stale)
}

func adminsRemoveEachOther(t *testing.T, open func(*testing.T) string) {
	for range 5 {
		w := newTown(t, opened(t, open(t)))
		second := w.joins(w.east, "zwei@ost.example", authz.OrganisationAdmin)
		var wg sync.WaitGroup
		errs := make([]error, 2)
		for i, pair := range [][2]authz.Actor{{w.anna, second}, {second, w.anna}} {
			wg.Go(func() { errs[i] = w.SetRoles(context.Background(), pair[0], day, w.east, pair[1].Person, 1, nil) })
		}
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Errorf("both or none: %v, %v", errs[0], errs[1])
		}
		admins := 0
		for _, m := range must[[]organisation.Member](t)(store.UnsafeWithoutRights(w.Store).Members(t.Context(), w.anna, w.east)) {
			if slices.Contains(m.Roles, authz.OrganisationAdmin) {
				admins++
			}
		}
		if admins != 1 {
			t.Errorf("%d admins are left", admins)
		}
	}
}

func changesUndone(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	o := must[organisation.Organisation](t)(w.Organisation(ctx, w.anna, w.east))
	o.Name = "Stadt Südost"
	w.does("change", w.ChangeOrganisation(ctx, w.anna, day, o))
	told := must[[]history.Change](t)(w.History(ctx, w.anna, w.east, authz.Organisation, string(w.east), 0, 10))
	last := told[0]
	fields := history.Fields(last.Before, last.After)
	if last.Verb != "changed" || last.Person != w.anna.Person || !last.At.Equal(day) || !slices.Equal(fields, []history.Field{{Name: "Name", Before: "Stadt Ost", After: "Stadt Südost"}}) {
		t.Errorf("%+v %v", last, fields)
	}
	wants(t, "a clerk undoes", w.Undo(ctx, w.clerk, day, last.Sequence), fault.NotFound)
	w.does("undo", w.Undo(ctx, w.anna, day, last.Sequence))
	if o := must[organisation.Organisation](t)(w.Organisation(ctx, w.anna, w.east)); o.Name != "Stadt Ost" || o.Version != 3 {
		t.Errorf("%+v", o)
	}
	wants(t, "undone twice", w.Undo(ctx, w.anna, day, last.Sequence), fault.Stale)
	wants(t, "never happened", w.Undo(ctx, w.anna, day, 1<<40), fault.NotFound)
	w.does("roles", w.SetRoles(ctx, w.anna, day, w.east, w.clerk.Person, 1, []authz.Role{authz.Planner}))
	told = must[[]history.Change](t)(w.History(ctx, w.anna, w.east, authz.Members, "", 0, 1))
	w.does("undo roles", w.Undo(ctx, w.anna, day, told[0].Sequence))
	if a := w.actor(w.clerk.Person); !a.Has(w.east, authz.Editor) || a.Has(w.east, authz.Planner) {
		t.Errorf("%+v", a)
	}
	w.does("release", w.Release(ctx, w.anna, day, authz.Ref{Kind: authz.Organisation, Object: string(w.east), Purpose: authz.ForDirectory}, authz.Release{Level: authz.PublicLevel}))
	told = must[[]history.Change](t)(w.History(ctx, w.anna, w.east, "", "", 0, 1))
	wants(t, "a release is not undone but withdrawn", w.Undo(ctx, w.anna, day, told[0].Sequence), fault.Conflict)
	// Pages of the history neither repeat nor leave out.
	var all []int64
	for below := int64(0); ; {
		page := must[[]history.Change](t)(w.History(ctx, w.anna, w.east, "", "", below, 3))
		if len(page) == 0 {
			break
		}
		for _, c := range page {
			all = append(all, c.Sequence)
		}
		below = page[len(page)-1].Sequence
	}
	whole := must[[]history.Change](t)(w.History(ctx, w.anna, w.east, "", "", 0, 1000))
	if len(all) != len(whole) || !slices.IsSortedFunc(all, func(a, b int64) int { return int(b - a) }) {
		t.Errorf("%d changes by pages, %d at once", len(all), len(whole))
	}
}

func personForgotten(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	wants(t, "the last admin leaves", w.RemovePerson(ctx, w.anna, day, w.anna.Person), fault.Conflict)
	wants(t, "somebody else's account", w.RemovePerson(ctx, w.ben, day, w.anna.Person), fault.NotFound)
	w.joins(w.east, "neu@ost.example", authz.OrganisationAdmin)
	o := must[organisation.Organisation](t)(w.Organisation(ctx, w.anna, w.east))
	o.Name = "Von Anna benannt"
	w.does("change", w.ChangeOrganisation(ctx, w.anna, day, o))
	w.does("remove", w.RemovePerson(ctx, w.anna, day, w.anna.Person))
	_, _, err := w.UnsafeActor(ctx, w.anna.Person)
	wants(t, "a person who is gone", err, fault.NotFound)
	told := must[[]history.Change](t)(store.UnsafeWithoutRights(w.Store).History(ctx, w.ben, w.east, authz.Organisation, "", 0, 1))
	if len(told) != 1 || told[0].Verb != "changed" || told[0].Person != "" || told[0].Name != "" || !strings.HasPrefix(told[0].Actor, "a-") {
		t.Errorf("%+v", told)
	}
	if strings.Contains(fmt.Sprintf("%s%s", told[0].Before, told[0].After), "anna@") {
		t.Error("the history kept an address")
	}
}

func outboxLeases(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	const each = 3
	first := must[[]outbox.Message](t)(w.UnsafeLease(ctx, outbox.Mail, day, day.Add(time.Minute), each))
	second := must[[]outbox.Message](t)(w.UnsafeLease(ctx, outbox.Mail, day, day.Add(time.Minute), 100))
	if len(first) != each || len(second) != 1 { // the town has four invitations
		t.Fatalf("%d and %d messages", len(first), len(second))
	}
	for _, m := range first {
		if m.Attempts != 1 || !strings.HasPrefix(m.Key, "invitation ") || len(m.Payload) == 0 {
			t.Errorf("%+v", m)
		}
	}
	w.does("deliver", w.UnsafeSettle(ctx, first[:1], outbox.Settlement{Outcome: outbox.Delivered, At: day, Due: day}))
	w.does("put off", w.UnsafeSettle(ctx, first[1:2], outbox.Settlement{At: day, Due: day.Add(time.Hour)}))
	again := must[[]outbox.Message](t)(w.UnsafeLease(ctx, outbox.Mail, day.Add(2*time.Minute), day.Add(3*time.Minute), 100))
	if len(again) != 2 { // the one put off is not due, the delivered one is done, the two leases ran out
		t.Errorf("%d messages after the leases ran out", len(again))
	}
	sent := must[[]outbox.Sending](t)(w.Outbox(ctx, w.officeActor, "", 10))
	if len(sent) != 4 {
		t.Errorf("%d on the list", len(sent))
	}
	for _, s := range sent {
		if len(s.Payload) > 0 {
			t.Error("the list shows what a mail says")
		}
		if (s.Outcome == outbox.Delivered) != (s.Sequence == first[0].Sequence) {
			t.Errorf("%+v", s)
		}
	}
	_, err := w.Outbox(ctx, w.ben, "", 10)
	wants(t, "the whole outbox for an admin of one house", err, fault.NotFound)
}

func outboxWithChange(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	count := func() int { return len(must[[]outbox.Sending](t)(w.Outbox(ctx, w.officeActor, "", 100))) }
	before := count()
	// The role is refused after the message would have been written.
	_, _, err := w.Invite(ctx, w.anna, day, organisation.Invitation{Organisation: w.east, Email: "a@b.example", Roles: []authz.Role{authz.SystemAdmin}, Language: "de"})
	wants(t, "a role beyond the house", err, fault.Denied)
	if after := count(); after != before {
		t.Errorf("a refused invitation left %d messages", after-before)
	}
}

// erasuresOutliveBackup brings an old state back and replays what was withdrawn and deleted since. The control shows
// that the old state alone would show it again.
func erasuresOutliveBackup(t *testing.T, open func(*testing.T) string) {
	now := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	ref := authz.Ref{Kind: authz.Organisation, Object: string(now.east), Purpose: authz.ForDirectory}
	public := authz.Release{Level: authz.PublicLevel}
	now.does("release", now.Release(ctx, now.anna, day, ref, public))

	// The backup: the same houses and people in another database.
	backup := opened(t, open(t))
	copyHouses(t, now.Store, backup)

	now.does("withdraw", now.Release(ctx, now.anna, day.Add(time.Hour), ref, authz.Release{}))
	now.does("remove", now.RemovePerson(ctx, now.clerk, day.Add(time.Hour), now.clerk.Person))
	now.does("close", now.CloseOrganisation(ctx, now.officeActor, day.Add(time.Hour), now.west))

	revived := func() (seen int) {
		if _, err := backup.Organisation(ctx, authz.Public(), now.east); err == nil {
			seen++
		}
		if _, _, err := backup.UnsafeActor(ctx, now.clerk.Person); err == nil {
			seen++
		}
		if o, err := store.UnsafeWithoutRights(backup).Organisation(ctx, authz.Public(), now.west); err == nil && !o.Closed {
			seen++
		}
		return seen
	}
	if n := revived(); n != 3 {
		t.Errorf("control: the backup alone revives %d of 3", n)
	}
	records, err := now.Erasures(ctx)
	now.does("read erasures", err)
	for range 2 { // twice changes nothing more
		now.does("replay", backup.ReplayErasures(ctx, records))
		if n := revived(); n != 0 {
			t.Errorf("after the replay %d of 3 are back", n)
		}
	}
}

func atlasIsTheOperators(t *testing.T, open func(*testing.T) string) {
	s := opened(t, open(t))
	ctx := t.Context()
	sees := func(a authz.Actor) bool {
		o := must[authz.Object](t)(s.AtlasObject(ctx, "demo"))
		return s.May(a, authz.View, o) == nil
	}
	if !sees(authz.Public()) {
		t.Error("a workbench without houses is closed")
	}
	w := newTown(t, s)
	if sees(authz.Public()) || sees(w.ben) || !sees(w.officeActor) {
		t.Error("the operator has released nothing yet")
	}
	ref := authz.Ref{Kind: authz.Atlas, Object: "demo", Purpose: authz.ForAtlas}
	wants(t, "ben releases the operator's atlas", w.Release(ctx, w.ben, day, ref, authz.Release{Level: authz.PublicLevel}), fault.NotFound)
	w.does("release", w.Release(ctx, w.officeActor, day, ref, authz.Release{Level: authz.PublicLevel}))
	if !sees(authz.Public()) {
		t.Error("a public atlas is closed")
	}
}

// copyHouses stands for a backup that was brought back: every line of the tables of houses, as they are now.
func copyHouses(t *testing.T, from, to *store.Store) {
	t.Helper()
	for _, table := range []string{"organisations", "people", "memberships", "actors", "releases", "installation"} {
		var columns []string
		var lines [][]any
		if err := from.Within(t.Context(), func(tx *sql.Tx) error {
			rows, err := tx.Query("SELECT * FROM " + table)
			if err != nil {
				return err
			}
			defer rows.Close()
			if columns, err = rows.Columns(); err != nil {
				return err
			}
			for rows.Next() {
				line := make([]any, len(columns))
				at := make([]any, len(columns))
				for i := range line {
					at[i] = &line[i]
				}
				if err := rows.Scan(at...); err != nil {
					return err
				}
				lines = append(lines, line)
			}
			return rows.Err()
		}); err != nil {
			t.Fatal(err)
		}
		places := make([]string, len(columns))
		for i := range places {
			places[i] = fmt.Sprintf("$%d", i+1)
		}
		insert := fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", table, strings.Join(columns, ", "), strings.Join(places, ", "))
		if err := to.Within(t.Context(), func(tx *sql.Tx) error {
			for _, line := range lines {
				if _, err := tx.Exec(insert, line...); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
}
