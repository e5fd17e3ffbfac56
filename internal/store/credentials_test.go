package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"gevor/account"
	"gevor/authz"
	"gevor/fault"
	"gevor/internal/store"
)

var signInClauses = []clause{
	{"ways in are kept, changed and never all taken away", waysIn},
	{"what counts once counts once, whoever asks first", onceOnly},
	{"sessions are shared and end", sessionsShared},
	{"taken credentials outlive a backup", credentialsOutliveBackup},
	{"sign-ins at once are all kept", signInsAtOnce},
	{"a demo is made in an empty database only", demoOnlyEmpty},
}

func aPassword(hash string, step int64) *account.Password {
	return &account.Password{Hash: hash, Sealed: "sealed", Step: step}
}

func aPasskey(id string, counter uint32) *account.Passkey {
	return &account.Passkey{ID: id, Name: "Handy", Handle: "00ff", Record: []byte(`{"id":"x"}`), Counter: counter}
}

func waysIn(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx, me := t.Context(), w.clerk.Person
	change := func(c account.Change) error {
		_, err := w.ChangeCredentials(ctx, w.clerk, day, me, c)
		return err
	}
	if err := change(account.Change{Codes: []string{"h1"}}); fault.KindOf(err) != fault.Conflict {
		t.Errorf("recovery codes alone are a way in: %v", err)
	}
	w.does("password", change(account.Change{Password: aPassword("p1", 7), Codes: []string{"h1", "h2"}}))
	w.does("passkey", change(account.Change{AddPasskey: aPasskey("k1", 3)}))
	w.does("identity", change(account.Change{AddIdentity: &account.Identity{Issuer: "https://i", Subject: "s", Email: "e@i"}}))
	c := must[account.Credentials](t)(w.Credentials(ctx, w.clerk, me))
	if c.Ways() != 3 || c.Codes != 2 || c.Password.Step != 7 || !c.Password.Since.Equal(day) || c.Passkeys[0].Counter != 3 || !c.Passkeys[0].Used.IsZero() || c.Identities[0].Email != "e@i" {
		t.Errorf("%+v", c)
	}
	if _, err := w.Credentials(ctx, w.anna, me); fault.KindOf(err) != fault.NotFound {
		t.Errorf("an admin reads somebody's ways in: %v", err)
	}
	if _, err := w.ChangeCredentials(ctx, w.anna, day, me, account.Change{DropPassword: true}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("an admin changes somebody's ways in: %v", err)
	}
	if _, err := w.ChangeCredentials(ctx, w.anna, day, w.anna.Person, account.Change{AddPasskey: aPasskey("k1", 0)}); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a passkey belongs to two: %v", err)
	}
	if _, err := w.ChangeCredentials(ctx, w.anna, day, w.anna.Person, account.Change{DropPasskey: "k1"}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("somebody takes another's passkey away: %v", err)
	}
	w.does("drop", change(account.Change{DropPasskey: "k1"}))
	w.does("drop", change(account.Change{DropIdentity: &account.Identity{Issuer: "https://i", Subject: "s"}}))
	if err := change(account.Change{DropPassword: true}); fault.KindOf(err) != fault.Conflict {
		t.Errorf("the last way in was taken away: %v", err)
	}
	if c := must[account.Credentials](t)(w.UnsafeCredentials(ctx, me)); c.Password == nil || c.Ways() != 1 {
		t.Errorf("a refused change changed something: %+v", c)
	}
}

func onceOnly(t *testing.T, open func(*testing.T) string) {
	dsn := open(t)
	w := newTown(t, opened(t, dsn))
	other := opened(t, dsn) // another server
	ctx, me := t.Context(), w.clerk.Person
	_, err := w.ChangeCredentials(ctx, w.clerk, day, me, account.Change{Password: aPassword("p1", 10), AddPasskey: aPasskey("k1", 3), Codes: []string{"h1"}})
	w.does("credentials", err)
	for name, use := range map[string]func(*store.Store) error{
		"step": func(s *store.Store) error { return s.UnsafeUseStep(ctx, me, 11) },
		"code": func(s *store.Store) error { return s.UnsafeUseCode(ctx, day, me, "h1") },
		"key": func(s *store.Store) error {
			k := aPasskey("k1", 4)
			return s.UnsafeUsePasskey(ctx, day, *k)
		},
	} {
		var wg sync.WaitGroup
		taken := make(chan error, 8)
		for i := range cap(taken) {
			wg.Go(func() { taken <- use([]*store.Store{w.Store, other}[i%2]) })
		}
		wg.Wait()
		close(taken)
		through := 0
		for err := range taken {
			if err == nil {
				through++
			} else if k := fault.KindOf(err); k != fault.Denied && k != fault.Conflict {
				t.Errorf("%s: %v", name, err)
			}
		}
		if through != 1 {
			t.Errorf("%s: %d of 8 came through", name, through)
		}
	}
	if err := w.UnsafeUseStep(ctx, me, 9); fault.KindOf(err) != fault.Denied {
		t.Errorf("an earlier step: %v", err)
	}
	silent := aPasskey("k2", 0)
	_, err = w.ChangeCredentials(ctx, w.clerk, day, me, account.Change{AddPasskey: silent})
	w.does("add", err)
	for range 2 {
		w.does("a passkey that does not count", w.UnsafeUsePasskey(ctx, day, *silent))
	}
}

func sessionsShared(t *testing.T, open func(*testing.T) string) {
	dsn := open(t)
	one, two := opened(t, dsn), opened(t, dsn)
	ctx := t.Context()
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ok(one.UnsafeBeginSession(ctx, "h", "a", day, day.Add(time.Hour)))
	if got := must[string](t)(two.UnsafeSession(ctx, "h", day)); got != "a" {
		t.Errorf("the other server reads %q", got)
	}
	ok(two.UnsafeKeepSession(ctx, "h", "b", day.Add(2*time.Hour)))
	if got := must[string](t)(one.UnsafeSession(ctx, "h", day.Add(90*time.Minute))); got != "b" {
		t.Errorf("the first server reads %q", got)
	}
	if _, err := one.UnsafeSession(ctx, "h", day.Add(2*time.Hour)); fault.KindOf(err) != fault.NotFound {
		t.Errorf("an expired session: %v", err)
	}
	ok(one.UnsafeEndSession(ctx, "h"))
	ok(one.UnsafeEndSession(ctx, "h"))
	if err := two.UnsafeKeepSession(ctx, "h", "c", day.Add(2*time.Hour)); fault.KindOf(err) != fault.NotFound {
		t.Errorf("an ended session came back: %v", err)
	}
	ok(one.UnsafeBeginSession(ctx, "old", "x", day, day.Add(time.Minute)))
	ok(one.UnsafeBeginSession(ctx, "new", "y", day.Add(time.Hour), day.Add(2*time.Hour)))
	if err := two.UnsafeKeepSession(ctx, "old", "x", day.Add(2*time.Hour)); fault.KindOf(err) != fault.NotFound {
		t.Errorf("what has expired is still kept: %v", err)
	}
}

func credentialsOutliveBackup(t *testing.T, open func(*testing.T) string) {
	now := newTown(t, opened(t, open(t)))
	ctx, me, later := t.Context(), now.clerk.Person, day.Add(time.Hour)
	id := account.Identity{Issuer: "https://i", Subject: "s"}
	_, err := now.ChangeCredentials(ctx, now.clerk, day, me, account.Change{Password: aPassword("leaked", 1), AddPasskey: aPasskey("stolen", 1), AddIdentity: &id, Codes: []string{"seen"}})
	now.does("credentials", err)
	_, err = now.ChangeCredentials(ctx, now.anna, day, now.anna.Person, account.Change{Password: aPassword("anna's", 1)})
	now.does("credentials", err)
	link := must[string](t)(now.StartRecovery(ctx, now.anna, day, now.east, me))
	before := must[int](t)(epochOf(now, me))

	var dump bytes.Buffer
	_, err = now.Dump(ctx, &dump)
	now.does("back up", err)
	at := open(t)
	now.does("restore", store.Load(ctx, at, &dump, ""))
	backup := opened(t, at)

	_, err = now.ChangeCredentials(ctx, now.clerk, later, me, account.Change{Password: aPassword("new", 1), DropPasskey: "stolen", Codes: []string{"fresh"}})
	now.does("change", err)
	_, err = now.ChangeCredentials(ctx, now.clerk, later, me, account.Change{DropIdentity: &id})
	now.does("change", err)
	must[string](t)(now.StartRecovery(ctx, now.anna, later, now.east, me)) // makes the older link worthless
	now.does("block", now.UnsafeBlock(ctx, later, now.anna.Person, true))

	revived := func() (seen []string) {
		c := must[account.Credentials](t)(backup.UnsafeCredentials(ctx, me))
		for what, is := range map[string]bool{"password": c.Password != nil, "passkey": len(c.Passkeys) > 0, "identity": len(c.Identities) > 0, "code": c.Codes > 0} {
			if is {
				seen = append(seen, what)
			}
		}
		if _, err := backup.UnsafeRecoveryOf(ctx, link, later); err == nil {
			seen = append(seen, "link")
		}
		if _, _, err := backup.UnsafeActor(ctx, now.anna.Person); err == nil {
			seen = append(seen, "blocked person")
		}
		if must[int](t)(epochOf(&town{Store: backup, t: t}, me)) <= before {
			seen = append(seen, "sessions")
		}
		return seen
	}
	if got := revived(); len(got) != 7 {
		t.Errorf("control: the backup alone revives %v", got)
	}
	records, err := now.Erasures(ctx)
	now.does("read erasures", err)
	for range 2 { // twice changes nothing more
		now.does("replay", backup.ReplayErasures(ctx, records))
		if got := revived(); len(got) != 0 {
			t.Errorf("after the replay these are back: %v", got)
		}
	}
	if c := must[account.Credentials](t)(backup.UnsafeCredentials(ctx, now.anna.Person)); c.Password == nil {
		t.Error("the replay took a password away that nobody changed")
	}
}

func epochOf(w *town, id authz.PersonID) (int, error) {
	p, err := w.UnsafePerson(w.t.Context(), id)
	return p.Epoch, err
}

func signInsAtOnce(t *testing.T, open func(*testing.T) string) {
	dsn := open(t)
	w := newTown(t, opened(t, dsn))
	other := opened(t, dsn)
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() {
			s := []*store.Store{w.Store, other}[i%2]
			if err := s.UnsafeNoteSignIn(t.Context(), w.clerk.Person, account.Entry{At: day.Add(time.Duration(i) * time.Second), Way: account.ByPassword, Device: fmt.Sprint(i)}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if list := must[[]account.Entry](t)(w.SignIns(t.Context(), w.clerk, w.clerk.Person)); len(list) != 12 {
		t.Errorf("%d of 12 sign-ins are there", len(list))
	}
}

func demoOnlyEmpty(t *testing.T, open func(*testing.T) string) {
	ctx := t.Context()
	w := newTown(t, opened(t, open(t)))
	if err := w.UnsafeSeedDemo(ctx, day, "demo"); fault.KindOf(err) != fault.Conflict {
		t.Errorf("seeded beside real people: %v", err)
	}
	if seats := must[[]account.Seat](t)(w.UnsafeSeats(ctx)); len(seats) != 0 {
		t.Errorf("seats beside real people: %v", seats)
	}
	s := opened(t, open(t))
	errs := make(chan error, 2) // two servers start at once
	for range cap(errs) {
		go func() { errs <- s.UnsafeSeedDemo(ctx, day, "demo") }()
	}
	if a, b := <-errs, <-errs; (a == nil) == (b == nil) {
		t.Errorf("of two who seed one comes through: %v", errors.Join(a, b))
	}
	seats := must[[]account.Seat](t)(s.UnsafeSeats(ctx))
	if len(seats) != len(authz.Roles())+1 { // a second receiver
		t.Fatalf("%d seats", len(seats))
	}
	alliance := 0
	for _, seat := range seats {
		a, _, err := s.UnsafeActor(ctx, seat.Person)
		if err != nil || !a.Anywhere(seat.Role) || !must[bool](t)(s.UnsafeInvented(ctx, seat.Person)) {
			t.Errorf("%+v: %+v, %v", seat, a, err)
		}
		if a.InAlliance() {
			alliance++
		}
	}
	if people := must[[]account.Listed](t)(s.UnsafePeople(ctx)); len(people) != len(seats)+1 || alliance != len(seats) {
		t.Errorf("%d people, %d seats in the alliance", len(people), alliance)
	}
	planner, _, err := s.UnsafeActor(ctx, seats[slices.IndexFunc(seats, func(x account.Seat) bool { return x.Role == authz.Planner })].Person)
	w.does("planner", err)
	if seen := must[int](t)(count(s, planner)); seen >= must[int](t)(count(store.UnsafeWithoutRights(s), planner)) {
		t.Errorf("nothing of the demo is private: the planner sees %d houses", seen)
	}
	if o := must[authz.Object](t)(s.AtlasObject(ctx, "demo")); s.May(authz.Public(), authz.View, o) != nil {
		t.Error("the atlas of the demo is not public")
	}
}

func count(s *store.Store, a authz.Actor) (int, error) {
	list, err := s.Organisations(context.Background(), a)
	return len(list), err
}
