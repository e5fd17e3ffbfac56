package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"gevor/authz"
	"gevor/fault"
	"gevor/internal/store"
	"gevor/organisation"
	"gevor/outbox"
)

var deliveryClauses = []clause{
	{"several deliverers at once lose nothing", deliverersAtOnce},
	{"a bundle stays together", bundleStaysTogether},
	{"a clock set back holds nothing up", leaseAfterClockJump},
	{"telling wakes", tellingWakes},
	{"a withdrawn invitation is not sent", withdrawnIsNotSent},
	{"a former address is told", formerAddressIsTold},
	{"what was settled long ago is swept", settledIsSwept},
	{"an endpoint lives", endpointLife},
	{"endpoints hear of their own house only", endpointsHearOwn},
	{"an endpoint that fails is given up", endpointGivenUp},
}

// ticking is a clock that a test moves; waiting moves it, too.
type ticking struct {
	mu  sync.Mutex
	now time.Time
}

func (c *ticking) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *ticking) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	out := make(chan time.Time, 1)
	out <- c.now
	return out
}

// flaky remembers what it was given; every third parcel fails at first, and every seventh kills its deliverer after
// the receiver has it.
type flaky struct {
	mu    sync.Mutex
	times map[string]int
	n     int
	want  int
	stop  context.CancelFunc
}

func (f *flaky) Deliver(_ context.Context, parcel []outbox.Message) outbox.Result {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.n++
	if f.n%3 == 0 {
		return outbox.Result{Note: "http 500"}
	}
	for _, m := range parcel {
		f.times[m.Key]++
	}
	if f.n%7 == 0 {
		panic("killed")
	}
	if len(f.times) >= f.want {
		f.stop()
	}
	return outbox.Result{Outcome: outbox.Delivered}
}

func deliverersAtOnce(t *testing.T, open func(*testing.T) string) {
	dsn := open(t)
	one, two := opened(t, dsn), opened(t, dsn) // as two processes would
	w := newTown(t, one)
	const n = 60
	for i := range n {
		if _, _, err := w.UnsafeInvite(t.Context(), day, organisation.Invitation{Organisation: w.east, Email: fmt.Sprintf("m%d@ost.example", i), Roles: []authz.Role{authz.Editor}, Language: "de"}); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	f := &flaky{times: map[string]int{}, want: n + 4, stop: cancel} // the town has four invitations of its own
	clock := &ticking{now: day}
	var wg sync.WaitGroup
	for i := range 4 {
		s := one
		if i%2 == 1 {
			s = two
		}
		wg.Go(func() {
			for ctx.Err() == nil {
				func() {
					defer func() { _ = recover() }() // a new process begins where one was killed
					err := outbox.Deliver(ctx, s, outbox.Mail, f, clock)
					if k := fault.KindOf(err); err != nil && k != fault.Busy && k != fault.Conflict {
						t.Error(err)
					}
				}()
			}
		})
	}
	wg.Wait()
	twice := 0
	for key, times := range f.times {
		if times > 1 {
			twice++
		}
		if !strings.HasPrefix(key, "invitation ") {
			t.Errorf("%q", key)
		}
	}
	if len(f.times) != n+4 {
		t.Errorf("%d of %d messages came through", len(f.times), n+4)
	}
	t.Logf("figure: outbox: four deliverers in two processes, killed after every seventh parcel: %d of %d messages came through, %d of them more than once under the same key", len(f.times), n+4, twice)
}

// gives leases everything that is due at a time.
func (w *town) leases(topic outbox.Topic, at time.Time) []outbox.Message {
	w.t.Helper()
	return must[[]outbox.Message](w.t)(w.UnsafeLease(w.t.Context(), topic, at, at.Add(time.Minute), 100))
}

// fails calls an endpoint in vain until it is given up, and gives the time after.
func (w *town) fails(id string, from time.Time) time.Time {
	w.t.Helper()
	for i := range outbox.LeastFailures {
		w.does("note", w.UnsafeCalled(w.t.Context(), id, from.Add(time.Duration(i)*3*time.Hour), false, false))
	}
	return from.Add(outbox.LeastFailures * 3 * time.Hour)
}

func (w *town) hook(actor authz.Actor, owner authz.OrganisationID) string {
	w.t.Helper()
	id, _, err := w.CreateWebhook(w.t.Context(), actor, day, owner, "https://hooks.example.org/in")
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func bundleStaysTogether(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	invited := w.leases(outbox.Mail, day)
	w.does("settle", w.UnsafeSettle(ctx, invited, outbox.Settlement{Outcome: outbox.Delivered, At: day}))
	a, b, c := w.hook(w.anna, w.east), w.hook(w.anna, w.east), w.hook(w.anna, w.east)
	// Two are given up within a window: their notices travel together once the first is due.
	after := w.fails(a, day)
	at := day.Add(27 * time.Hour)
	if early := w.leases(outbox.Mail, at); len(early) != 0 {
		t.Fatalf("%d notices before their window is over", len(early))
	}
	w.fails(b, day.Add(5*time.Minute)) // five minutes later than a
	first := w.leases(outbox.Mail, at.Add(10*time.Minute))
	if len(first) != 2 || first[0].Bundle == "" || first[0].Bundle != first[1].Bundle {
		t.Fatalf("%+v", first)
	}
	// The deliverer is killed. What is told meanwhile begins a bundle of its own.
	w.fails(c, day.Add(10*time.Minute))
	again := w.leases(outbox.Mail, after.Add(time.Hour))
	if len(again) != 3 {
		t.Fatalf("%d notices", len(again))
	}
	same := 0
	for _, m := range again {
		if m.Bundle == first[0].Bundle {
			same++
		}
	}
	if same != 2 {
		t.Errorf("%d of the first bundle came again, want the same two", same)
	}
	// A deliverer whose lease ran out long ago changes nothing but by having delivered.
	w.does("late", w.UnsafeSettle(ctx, first[:1], outbox.Settlement{Outcome: outbox.GivenUp, At: after}))
	w.does("late", w.UnsafeSettle(ctx, first[1:], outbox.Settlement{Outcome: outbox.Delivered, At: after}))
	outcomes := map[string]outbox.Outcome{}
	for _, s := range must[[]outbox.Sending](t)(w.Outbox(ctx, w.anna, w.east, 100)) {
		outcomes[s.Key] = s.Outcome
	}
	if outcomes[first[0].Key] != outbox.Waiting || outcomes[first[1].Key] != outbox.Delivered {
		t.Errorf("%v", outcomes)
	}
}

func leaseAfterClockJump(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	future := day.AddDate(1, 0, 0)
	leased := w.leases(outbox.Mail, future)
	if len(leased) != 4 {
		t.Fatalf("%d messages", len(leased))
	}
	w.does("put off", w.UnsafeSettle(ctx, leased[:1], outbox.Settlement{At: future, Due: future.Add(time.Hour), Note: "smtp 451"}))
	// The clock is put right: neither leases nor waits from the future hold anything up.
	if again := w.leases(outbox.Mail, day.Add(time.Second)); len(again) != 4 {
		t.Errorf("%d of 4 messages after the clock was set back by a year", len(again))
	}
	if third := w.leases(outbox.Mail, day.Add(2*time.Second)); len(third) != 0 {
		t.Errorf("a lease of now holds, but %d were taken", len(third))
	}
	w.does("uncount", w.UnsafeSettle(ctx, leased[1:2], outbox.Settlement{At: day, Due: day, Uncounted: true})) // of the lease before: counts nothing
}

func tellingWakes(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	mail, calls := w.Told(outbox.Mail), w.Told(outbox.Webhook)
	rung := func(c <-chan struct{}) bool {
		select {
		case <-c:
			return true
		default:
			return false
		}
	}
	if rung(mail) {
		t.Fatal("rung before anything was told")
	}
	w.joins(w.east, "neu@ost.example", authz.Editor)
	if !rung(mail) || rung(calls) {
		t.Errorf("mail %v, calls %v", rung(mail), rung(calls))
	}
	if rung(w.Told(outbox.Mail)) {
		t.Error("what was told before rings again")
	}
}

func withdrawnIsNotSent(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	id, _, err := w.Invite(t.Context(), w.anna, day, organisation.Invitation{Organisation: w.east, Email: "x@ost.example", Roles: []authz.Role{authz.Editor}, Language: "de"})
	w.does("invite", err)
	w.does("withdraw", w.WithdrawInvitation(t.Context(), w.anna, day, id))
	for _, m := range w.leases(outbox.Mail, day) {
		if m.Key == "invitation "+id {
			t.Error("the mail of a withdrawn invitation is still to be sent")
		}
	}
}

// Whoever takes an account by its address is seen by whoever had it. A new name is nobody's news.
func formerAddressIsTold(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	_, me, err := w.UnsafeActor(t.Context(), w.anna.Person)
	w.does("find", err)
	before := len(w.leases(outbox.Mail, day))
	me.Name = "Anna Neu"
	w.does("rename", w.ChangePerson(t.Context(), w.anna, day, me))
	if n := len(w.leases(outbox.Mail, day)); n != 0 {
		t.Errorf("a new name told %d mails", n)
	}
	old := me.Email
	me.Version, me.Email = me.Version+1, "neu@ost.example"
	w.does("move", w.ChangePerson(t.Context(), w.anna, day, me))
	told := w.leases(outbox.Mail, day)
	var m store.AddressMail
	if len(told) != 1 || json.Unmarshal(told[0].Payload, &m) != nil || m.To != old || m.New != me.Email {
		t.Errorf("after %d earlier mails: told %+v, %+v", before, told, m)
	}
}

func settledIsSwept(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	waiting := w.leases(outbox.Mail, day)
	if len(waiting) == 0 {
		t.Fatal("nothing waits")
	}
	swept := func(before time.Time) int64 {
		n, err := w.UnsafeSweepOutbox(t.Context(), before)
		w.does("sweep", err)
		return n
	}
	if n := swept(day.AddDate(1, 0, 0)); n != 0 {
		t.Errorf("%d waiting messages were swept", n)
	}
	w.does("settle", w.UnsafeSettle(t.Context(), waiting, outbox.Settlement{Outcome: outbox.Delivered, At: day}))
	if n := swept(day); n != 0 {
		t.Errorf("%d were swept too early", n)
	}
	if n := swept(day.Add(time.Second)); n != int64(len(waiting)) {
		t.Errorf("%d of %d were swept", n, len(waiting))
	}
}

func endpointLife(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	const address = "https://hooks.example.org/in?x=1"
	_, _, err := w.CreateWebhook(ctx, w.clerk, day, w.east, address)
	wants(t, "an editor's endpoint", err, fault.NotFound)
	_, _, err = w.CreateWebhook(ctx, w.ben, day, w.east, address)
	wants(t, "another house's endpoint", err, fault.NotFound)
	_, _, err = w.CreateWebhook(ctx, w.anna, day, w.east, "http://hooks.example.org/")
	wants(t, "an address without https", err, fault.Invalid)
	id, secret, err := w.CreateWebhook(ctx, w.anna, day, w.east, address)
	w.does("create", err)
	e, secrets, err := w.UnsafeEndpoint(ctx, id, day)
	w.does("read", err)
	if e.Address != address || len(secrets) != 1 || secrets[0] != secret || !strings.HasPrefix(secret, "whsec_") {
		t.Errorf("%+v %v", e, secrets)
	}
	second := must[string](t)(w.RotateWebhook(ctx, w.anna, day, id, 1))
	_, err = w.RotateWebhook(ctx, w.anna, day, id, 1)
	wants(t, "a second rotation of the same version", err, fault.Stale)
	for _, c := range []struct {
		at   time.Time
		want string
	}{{day.Add(outbox.SecretOverlap - time.Second), second + " " + secret}, {day.Add(outbox.SecretOverlap), second}} {
		_, secrets, err := w.UnsafeEndpoint(ctx, id, c.at)
		w.does("read", err)
		if strings.Join(secrets, " ") != c.want {
			t.Errorf("at %v: %v", c.at, secrets)
		}
	}
	w.does("try", w.TryWebhook(ctx, w.anna, day, id))
	for name, foreign := range map[string]error{
		"rotate": func() error { _, err := w.RotateWebhook(ctx, w.ben, day, id, 2); return err }(),
		"try":    w.TryWebhook(ctx, w.ben, day, id), "resume": w.ResumeWebhook(ctx, w.ben, day, id), "remove": w.RemoveWebhook(ctx, w.ben, day, id, 2),
		"calls":         func() error { _, _, err := w.Calls(ctx, w.ben, id, 10); return err }(),
		"system admin":  w.TryWebhook(ctx, w.officeActor, day, id),
		"list":          func() error { _, err := w.Webhooks(ctx, w.ben, w.east); return err }(),
		"a second time": w.RemoveWebhook(ctx, w.anna, day, "w-none", 1),
	} {
		wants(t, name, foreign, fault.NotFound)
	}
	_, calls, err := w.Calls(ctx, w.anna, id, 10)
	w.does("calls", err)
	if len(calls) != 1 || !strings.Contains(calls[0].Key, " test ") || len(calls[0].Payload) > 0 {
		t.Errorf("%+v", calls)
	}
	for range outbox.MostEndpoints - 1 {
		w.hook(w.anna, w.east)
	}
	_, _, err = w.CreateWebhook(ctx, w.anna, day, w.east, address)
	wants(t, "one too many", err, fault.Conflict)
	told := fmt.Sprint(must[[]outbox.Endpoint](t)(w.Webhooks(ctx, w.anna, w.east)), must[any](t)(func() (any, error) { return w.History(ctx, w.anna, w.east, authz.Webhook, "", 0, 100) }()))
	if strings.Contains(told, "whsec_") {
		t.Error("a list or the history shows a secret")
	}
	wants(t, "removing an old version", w.RemoveWebhook(ctx, w.anna, day, id, 1), fault.Stale)
	w.does("remove", w.RemoveWebhook(ctx, w.anna, day, id, 2))
	_, _, err = w.UnsafeEndpoint(ctx, id, day)
	wants(t, "a removed endpoint", err, fault.NotFound)
}

// heard lists the calls that wait, and says which of them speak of another house than the endpoint's.
func heard(t *testing.T, owners map[string]authz.OrganisationID, waiting []outbox.Message) (calls []outbox.Call, foreign int) {
	t.Helper()
	for _, m := range waiting {
		var c outbox.Call
		if err := json.Unmarshal(m.Payload, &c); err != nil {
			t.Fatal(err)
		}
		calls = append(calls, c)
		owner := owners[c.Endpoint]
		if c.Organisation != owner || m.Owner != owner || c.Kind == authz.Organisation && c.Object != string(owner) {
			foreign++
		}
	}
	return calls, foreign
}

func endpointsHearOwn(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	owners := map[string]authz.OrganisationID{w.hook(w.anna, w.east): w.east, w.hook(w.ben, w.west): w.west}
	for _, c := range []struct {
		actor authz.Actor
		id    authz.OrganisationID
	}{{w.anna, w.east}, {w.ben, w.west}, {w.anna, w.east}} {
		o := must[organisation.Organisation](t)(w.Organisation(ctx, c.actor, c.id))
		o.Municipality = fmt.Sprintf("0599900%d", o.Version)
		w.does("change", w.ChangeOrganisation(ctx, c.actor, day, o))
	}
	w.does("release", w.Release(ctx, w.anna, day, authz.Ref{Kind: authz.Organisation, Object: string(w.east), Purpose: authz.ForDirectory}, authz.Release{Level: authz.Named, Named: []authz.OrganisationID{w.west}}))
	w.joins(w.west, "neu@west.example", authz.Editor)
	waiting := w.leases(outbox.Webhook, day)
	calls, foreign := heard(t, owners, waiting)
	if foreign != 0 {
		t.Errorf("%d calls speak of another house", foreign)
	}
	events := map[string]int{}
	for _, c := range calls {
		events[string(c.Organisation)+" "+c.Event]++
		if c.Kind == authz.Members && c.Object != "" {
			t.Error("a call names a person")
		}
	}
	if events[string(w.east)+" organisation.changed"] != 2 || events[string(w.west)+" organisation.changed"] != 1 || events[string(w.west)+" membership.joined"] != 1 {
		t.Errorf("%v", events)
	}
	for _, m := range waiting {
		if strings.ContainsAny(string(m.Payload), "@") || strings.Contains(string(m.Payload), "Person ") {
			t.Errorf("a call names a person: %s", m.Payload)
		}
	}
	// The control: a call sent to the wrong endpoint is seen.
	if len(waiting) < 2 {
		t.Fatal("too few calls for the control")
	}
	for id := range owners {
		owners[id] = w.west
	}
	if _, foreign := heard(t, owners, waiting); foreign == 0 {
		t.Error("the check sees no foreign call")
	}
	t.Logf("figure: webhooks: %d calls of two houses, 0 speak of the other; with the endpoints mixed up the check finds some", len(calls))
}

func endpointGivenUp(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	id := w.hook(w.anna, w.east)
	w.does("settle", w.UnsafeSettle(ctx, w.leases(outbox.Mail, day), outbox.Settlement{Outcome: outbox.Delivered, At: day}))
	// Many failures within an hour are no reason yet, nor are two over two days; one success begins anew.
	for i := range 3 * outbox.LeastFailures {
		w.does("fail", w.UnsafeCalled(ctx, id, day.Add(time.Duration(i)*time.Minute), false, false))
	}
	w.does("well", w.UnsafeCalled(ctx, id, day.Add(time.Hour), true, false))
	w.does("fail", w.UnsafeCalled(ctx, id, day.Add(2*time.Hour), false, false))
	w.does("fail", w.UnsafeCalled(ctx, id, day.Add(50*time.Hour), false, false))
	if e, _, err := w.UnsafeEndpoint(ctx, id, day); err != nil || e.Off || e.Failures != 2 {
		t.Fatalf("%+v, %v", e, err)
	}
	at := w.fails(id, day.Add(60*time.Hour))
	if e, _, err := w.UnsafeEndpoint(ctx, id, day); err != nil || !e.Off {
		t.Fatalf("%+v, %v", e, err)
	}
	mails := w.leases(outbox.Mail, at.Add(time.Hour))
	var mail store.WebhookOffMail
	if len(mails) != 1 || json.Unmarshal(mails[0].Payload, &mail) != nil || mail.To != "anna@ost.example" || mail.Host != "hooks.example.org" || mail.Template != "webhook-off" {
		t.Fatalf("%+v", mails)
	}
	if strings.Contains(mails[0].Bundle, "@") {
		t.Error("the bundle names its reader")
	}
	w.does("resume", w.ResumeWebhook(ctx, w.anna, at, id))
	w.does("gone", w.UnsafeCalled(ctx, id, at, false, true))
	if e, _, err := w.UnsafeEndpoint(ctx, id, day); err != nil || !e.Off {
		t.Errorf("an endpoint that says it is gone is still called: %+v, %v", e, err)
	}
	o := must[organisation.Organisation](t)(w.Organisation(ctx, w.anna, w.east))
	w.does("settle", w.UnsafeSettle(ctx, w.leases(outbox.Webhook, at), outbox.Settlement{Outcome: outbox.Refused, At: at}))
	w.does("change", w.ChangeOrganisation(ctx, w.anna, at, o))
	if waiting := w.leases(outbox.Webhook, at.Add(time.Hour)); len(waiting) != 0 {
		t.Errorf("%d calls for an endpoint that is off", len(waiting))
	}
}
