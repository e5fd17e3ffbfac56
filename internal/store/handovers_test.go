package store_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rand"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/fault"
	"gevor/handover"
	"gevor/internal/shares"
	"gevor/internal/store"
	"gevor/seal"
)

var handoverClauses = []clause{
	{"a handover goes through its loop", handoverLoop},
	{"attachments go along, and go with the content", attachmentsGoAlong},
	{"attachments have limits", attachmentsHaveLimits},
	{"attachments are sealed again with their request", attachmentsAreResealed},
	{"a consent that is withdrawn ends everything", handoverWithdrawn},
	{"no backup revives a withdrawn consent or destroyed content", handoverRestored},
	{"what the person does not want told back is not told", handoverLevels},
	{"keys need two holders, rotate and get lost", handoverKeys},
	{"content goes when its time is over", handoverSwept},
	{"totals need enough behind them", handoverTotals},
	{"clocks that go wrong lose nothing and destroy nothing early", clocksGoWrong},
	{"keys that change under an open page", keysChangeUnderAPage},
	{"answers at once count once", handoverRaces},
	{"who saw and changed what is on a record that shows tampering", handoverAudited},
	{"the clock tells once, on working days, and nothing of what", handoverClock},
	{"a practice learns of slips only what their holders agreed to", slipsToldOnlyWithConsent},
	{"an organisation without an account answers on the envelope", lettersAreAnswered},
	{"an organisation sees its own lines of the record", trailsOfTheirOwn},
	{"a practice writes to the organisation alone, and reads the answer alone", practicesWriteSealed},
}

// sealing is two organisations that can seal to each other, and an offer of the west.
type sealing struct {
	*town
	folder     *shares.Folder
	nora, rudi authz.Actor // sends in the east, answers in the west
	keys       map[authz.OrganisationID]*ecdh.PrivateKey
	offer      directory.ServiceID
	wrap       string
	proof      map[authz.OrganisationID]string
}

// wrapOnce is a wrapped key: its form is all that the store looks at.
var wrapOnce = sync.OnceValues(func() (string, error) {
	k, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return "", err
	}
	raw, err := seal.Wrap(k, "vier Wörter im Wind", "p")
	return string(raw), err
})

func newSealing(t *testing.T, dsn string, folder *shares.Folder, how ...store.Option) *sealing {
	t.Helper()
	s, err := store.Open(t.Context(), dsn, append(how, store.WithShares(folder))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &sealing{town: newTown(t, s), folder: folder, keys: map[authz.OrganisationID]*ecdh.PrivateKey{}, proof: map[authz.OrganisationID]string{}, wrap: must[string](t)(wrapOnce())}
	w.nora = w.joins(w.east, "nora@ost.example", authz.Navigator)
	w.rudi = w.joins(w.west, "rudi@west.example", authz.Receiver, authz.Editor)
	p := must[directory.ProviderID](t)(w.SaveProvider(t.Context(), w.rudi, day, directory.Provider{Owner: w.west, Name: "Verein West"}))
	w.offer = must[directory.ServiceID](t)(w.SaveService(t.Context(), w.rudi, day, directory.Service{Owner: w.west, Provider: p, Name: directory.Texts{"de": "Schuldnerberatung"}, Kinds: []string{"beratung"}, Risk: directory.Advising}, directory.Rules{}))
	w.does("release", w.Release(t.Context(), w.rudi, day, authz.Ref{Kind: authz.Entry, Object: string(w.offer), Purpose: authz.ForDirectory}, authz.Release{Level: authz.PublicLevel}))
	return w
}

// key makes a key for an organisation: the first holder makes it, the second types the sheet.
func (w *sealing) key(o authz.OrganisationID, lost bool, first, second authz.Actor) string {
	w.t.Helper()
	k := must[*ecdh.PrivateKey](w.t)(ecdh.P256().GenerateKey(rand.Reader))
	w.keys[o], w.proof[o] = k, strings.Repeat("ab", 30)+string(o)
	id := must[string](w.t)(w.CreateSealKey(w.t.Context(), first, day, handover.NewKey{Organisation: o, Public: k.PublicKey().Bytes(), Wrap: w.wrap, Sheet: w.wrap, Proof: w.proof[o], Lost: lost}))
	w.does("a second holder", w.HoldSealKey(w.t.Context(), second, day, id, w.wrap, w.proof[o]))
	return id
}

func (w *sealing) bothKeys() {
	w.t.Helper()
	w.key(w.east, false, w.nora, w.anna)
	w.key(w.west, false, w.rudi, w.ben)
}

const said = "Frau Zaunkönig, Tel. 0234 5550"

// draft is a handover as a browser would send it.
func (w *sealing) draft(level handover.Level) handover.New {
	w.t.Helper()
	h, c, _ := w.NewHandoverIDs()
	n := handover.New{
		ID: h, Sender: w.east, Receiver: w.west, Service: string(w.offer), Share: bytes.Repeat([]byte{9}, seal.ShareSize), Lapses: 10,
		Consent: handover.Consent{ID: c, Giver: handover.ByPerson, Categories: []handover.Category{"contact"}, Purpose: "debt", Until: day.AddDate(0, 3, 0), Language: "ar", How: handover.OnPaper, Level: level},
		Sends:   seal.Fingerprint(w.keys[w.east].PublicKey().Bytes()), Takes: seal.Fingerprint(w.keys[w.west].PublicKey().Bytes()),
	}
	n.Box = w.box(contextOf(n, "request"), said)
	return n
}

func (w *sealing) box(c seal.Context, text string) string {
	w.t.Helper()
	return string(must[[]byte](w.t)(seal.Seal(c, w.keys[w.east].PublicKey(), w.keys[w.west].PublicKey(), bytes.Repeat([]byte{9}, seal.ShareSize), []byte(text))))
}

func contextOf(n handover.New, part string) seal.Context {
	return seal.Context{Handover: string(n.ID), Consent: n.Consent.ID, Sender: string(n.Sender), Receiver: string(n.Receiver), SenderKey: n.Sends, ReceiverKey: n.Takes, Part: part}
}

// sent brings a draft to the receiver and gives the receipt.
func (w *sealing) sent(n handover.New) (code string) {
	w.t.Helper()
	ctx := w.t.Context()
	w.does("create", w.CreateHandover(ctx, w.nora, day, n))
	code = must[string](w.t)(w.NewReceipt(ctx, w.nora, day, n.Sender, n.ID))
	w.does("consent", w.GiveConsent(ctx, w.nora, day, n.Sender, n.ID))
	must[handover.Handover](w.t)(w.CommandHandover(ctx, w.nora, day, n.Sender, n.ID, handover.Command{Key: "send", Verb: handover.Send, Version: 1}))
	return code
}

func (w *sealing) answers(n handover.New, version int, c handover.Command) handover.Handover {
	w.t.Helper()
	c.Key, c.Version = fmt.Sprint(c.Verb, version), version
	return must[handover.Handover](w.t)(w.CommandHandover(w.t.Context(), w.rudi, day.Add(time.Hour), n.Receiver, n.ID, c))
}

// reads opens the request as the receiver.
func (w *sealing) reads(n handover.New) (string, error) {
	share, err := w.OpenHandover(w.t.Context(), w.rudi, day.Add(time.Hour), n.Receiver, n.ID)
	if err != nil {
		return "", err
	}
	f, err := w.Handover(w.t.Context(), w.rudi, n.Receiver, n.ID)
	if err != nil || len(f.Boxes) == 0 {
		return "", fmt.Errorf("no boxes: %w", err)
	}
	text, err := seal.Open([]byte(f.Boxes[0].Box), contextOf(n, "request"), w.keys[n.Receiver], share)
	return string(text), err
}

func sealed(t *testing.T, open func(*testing.T) string) *sealing {
	t.Helper()
	w := newSealing(t, open(t), shares.In(filepath.Join(t.TempDir(), shares.FolderName)))
	w.bothKeys()
	return w
}

func handoverLoop(t *testing.T, open func(*testing.T) string) {
	w := sealed(t, open)
	ctx := t.Context()
	n := w.draft(handover.StatusAndText)
	w.does("create", w.CreateHandover(ctx, w.nora, day, n))
	w.does("the same click", w.CreateHandover(ctx, w.nora, day, n))
	if list := must[[]handover.Item](t)(w.Handovers(ctx, w.rudi, w.west, handover.Receiver)); len(list) != 0 {
		t.Errorf("a draft is in the receiver's inbox: %+v", list)
	}
	send := handover.Command{Key: "k", Verb: handover.Send, Version: 1}
	_, err := w.CommandHandover(ctx, w.nora, day, w.east, n.ID, send)
	wants(t, "sending without a consent", err, fault.Conflict)
	wants(t, "a consent without a receipt", w.GiveConsent(ctx, w.nora, day, w.east, n.ID), fault.Conflict)
	code := must[string](t)(w.NewReceipt(ctx, w.nora, day, w.east, n.ID))
	w.does("consent", w.GiveConsent(ctx, w.nora, day, w.east, n.ID))
	for range 2 { // a repeated click
		h := must[handover.Handover](t)(w.CommandHandover(ctx, w.nora, day, w.east, n.ID, send))
		if h.Status != handover.Requested || h.Version != 2 {
			t.Errorf("%+v", h)
		}
	}
	inbox := must[[]handover.Item](t)(w.Handovers(ctx, w.rudi, w.west, handover.Receiver))
	if len(inbox) != 1 || inbox[0].Other != "Stadt Ost" || inbox[0].Offer != "Schuldnerberatung" {
		t.Fatalf("%+v", inbox)
	}
	if text, err := w.reads(n); text != said || err != nil {
		t.Fatalf("%q, %v", text, err)
	}
	if f := must[handover.File](t)(w.Handover(ctx, w.nora, w.east, n.ID)); f.Status != handover.Received || f.Side != handover.Sender || f.Consent.Given.IsZero() {
		t.Errorf("%+v", f)
	}
	w.answers(n, 3, handover.Command{Verb: handover.Accept})
	w.answers(n, 4, handover.Command{Verb: handover.Start})
	w.answers(n, 5, handover.Command{Verb: handover.Tell, Sub: handover.Appointment})
	_, _, part := w.NewHandoverIDs()
	b := handover.Sealed{Part: part, Box: w.box(contextOf(n, part), "Termin am Montag"), Sends: n.Sends, Takes: n.Takes}
	for range 2 {
		w.does("an answer", w.AddBox(ctx, w.rudi, day, w.west, n.ID, b))
	}
	if h := w.answers(n, 6, handover.Command{Verb: handover.Complete, Outcome: handover.Helped}); h.Status != handover.Completed {
		t.Errorf("%+v", h)
	}
	f := must[handover.File](t)(w.Handover(ctx, w.nora, w.east, n.ID))
	if len(f.Boxes) != 2 || len(f.Events) != 6 || f.Outcome != handover.Helped {
		t.Errorf("%d boxes, %+v", len(f.Boxes), f.Events)
	}
	if p := must[handover.File](t)(w.ByReceipt(ctx, strings.ToLower(handover.Spell(code)))); p.Status != handover.Completed || len(p.Boxes) != 0 {
		t.Errorf("%+v", p)
	}
	// Whoever is not of the two, or has no role for it, finds nothing.
	gus := w.joins(w.found("Stadt Süd", "city"), "gus@sued.example", authz.Navigator, authz.Receiver)
	for what, who := range map[string]authz.Actor{"a stranger": gus, "the public": authz.Public(), "the office": w.officeActor, "an admin of the house": w.anna} {
		for _, o := range append(who.Organisations(), w.east, w.west) {
			_, err := w.Handover(ctx, who, o, n.ID)
			wants(t, what, err, fault.NotFound)
			_, err = w.OpenHandover(ctx, who, day, o, n.ID)
			wants(t, what, err, fault.NotFound)
			_, err = w.CommandHandover(ctx, who, day, o, n.ID, handover.Command{Key: "x", Verb: handover.Withdraw})
			wants(t, what, err, fault.NotFound)
		}
	}
	if open, err := store.UnsafeWithoutRights(w.Store).Handover(ctx, gus, w.east, n.ID); err != nil || open.ID != n.ID { // the control
		t.Errorf("without rights: %v", err)
	}
	_, err = w.ByReceipt(ctx, handover.NewCode())
	wants(t, "a code that never was", err, fault.NotFound)
}

func handoverWithdrawn(t *testing.T, open func(*testing.T) string) {
	w := sealed(t, open)
	ctx := t.Context()
	n := w.draft(handover.StatusOnly)
	code := w.sent(n)
	if text, err := w.reads(n); text != said || err != nil { // the control: until then it opens
		t.Fatalf("%q, %v", text, err)
	}
	old := must[handover.File](t)(w.Handover(ctx, w.rudi, w.west, n.ID)).Boxes[0].Box // a copy somebody kept
	for range 2 {
		w.does("withdraw", w.WithdrawByReceipt(ctx, day.Add(2*time.Hour), code))
	}
	_, err := w.CommandHandover(ctx, w.rudi, day.Add(2*time.Hour), w.west, n.ID, handover.Command{Key: "late", Verb: handover.Accept, Version: 3})
	wants(t, "an acceptance that comes too late", err, fault.Conflict)
	if _, err := w.reads(n); fault.KindOf(err) != fault.Conflict {
		t.Errorf("after the withdrawal: %v", err)
	}
	f := must[handover.File](t)(w.Handover(ctx, w.rudi, w.west, n.ID))
	if f.Status != handover.Cancelled || !f.Withdrawn || len(f.Boxes) != 0 || !f.Destroyed {
		t.Errorf("%+v", f)
	}
	if _, err := w.folder.Get(string(n.ID)); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the share: %v", err)
	}
	if _, err := seal.Open([]byte(old), contextOf(n, "request"), w.keys[w.west], make([]byte, seal.ShareSize)); err == nil {
		t.Error("a copy opens without the share")
	}
}

// handoverRestored brings yesterday's whole database back beside the shares of today. The control is the same without
// the journal and with the shares of yesterday: everything is back.
func handoverRestored(t *testing.T, open func(*testing.T) string) {
	ctx := t.Context()
	dsn := open(t)
	yesterday := shares.In(filepath.Join(t.TempDir(), "yesterday"))
	w := newSealing(t, dsn, shares.In(filepath.Join(t.TempDir(), shares.FolderName)))
	w.bothKeys()
	withdrawn, retracted, kept := w.draft(handover.StatusOnly), w.draft(handover.StatusOnly), w.draft(handover.StatusOnly)
	code := w.sent(withdrawn)
	w.sent(retracted)
	w.sent(kept)
	for _, n := range []handover.New{withdrawn, retracted, kept} {
		w.does("keep", yesterday.Put(string(n.ID), n.Share))
	}
	var dump bytes.Buffer
	must[string](t)(store.DumpOf(ctx, dsn, &dump))

	w.does("withdraw", w.WithdrawByReceipt(ctx, day.Add(time.Hour), code))
	must[handover.Handover](t)(w.CommandHandover(ctx, w.nora, day.Add(time.Hour), w.east, retracted.ID, handover.Command{Key: "r", Verb: handover.Retract, Version: 2}))

	readable := func(s *store.Store) (out []handover.ID) {
		for _, n := range []handover.New{withdrawn, retracted, kept} {
			twin := *w
			inner := *w.town
			inner.Store = s
			twin.town = &inner
			if text, err := twin.reads(n); err == nil && text == said {
				out = append(out, n.ID)
			}
		}
		return out
	}
	restored := func(folder *shares.Folder) *store.Store {
		at := open(t)
		w.does("load", store.Load(ctx, at, bytes.NewReader(dump.Bytes()), ""))
		s, err := store.Open(ctx, at, store.WithShares(folder))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		return s
	}
	if got := readable(restored(yesterday)); len(got) != 3 {
		t.Errorf("control: with yesterday's shares and without the journal %d of 3 can be read", len(got))
	}
	if got := readable(restored(w.folder)); !slices.Equal(got, []handover.ID{kept.ID}) {
		t.Errorf("with today's shares alone %v can be read, want %s", got, kept.ID)
	}
	s := restored(yesterday)
	records, err := w.Erasures(ctx)
	w.does("read erasures", err)
	for range 2 {
		w.does("replay", s.ReplayErasures(ctx, records))
	}
	if got := readable(s); !slices.Equal(got, []handover.ID{kept.ID}) {
		t.Errorf("with the journal alone %v can be read, want %s", got, kept.ID)
	}
	if f := must[handover.File](t)(s.ByReceipt(ctx, code)); f.Status != handover.Cancelled || f.Consent.Withdrawn.IsZero() {
		t.Errorf("the withdrawn one after the replay: %+v", f)
	}
}

func handoverLevels(t *testing.T, open func(*testing.T) string) {
	w := sealed(t, open)
	ctx := t.Context()
	n := w.draft(handover.Nothing)
	w.sent(n)
	if _, err := w.reads(n); err != nil {
		t.Fatal(err)
	}
	w.answers(n, 3, handover.Command{Verb: handover.Reject, Reason: handover.NoPlace})
	f := must[handover.File](t)(w.Handover(ctx, w.nora, w.east, n.ID))
	if f.Status != handover.Requested || f.Reason != "" || len(f.Events) != 1 || !f.Opened.IsZero() {
		t.Errorf("the sender sees %+v", f)
	}
	if mine := must[[]handover.Item](t)(w.Handovers(ctx, w.nora, w.east, handover.Sender)); mine[0].Status != handover.Requested {
		t.Errorf("the outbox shows %+v", mine[0])
	}
	if f := must[handover.File](t)(w.Handover(ctx, w.rudi, w.west, n.ID)); f.Status != handover.Rejected { // the control
		t.Errorf("the receiver sees %+v", f)
	}
	second := w.draft(handover.StatusOnly)
	w.sent(second)
	_, _, part := w.NewHandoverIDs()
	err := w.AddBox(ctx, w.rudi, day, w.west, second.ID, handover.Sealed{Part: part, Box: w.box(contextOf(second, part), "Text"), Sends: second.Sends, Takes: second.Takes})
	wants(t, "a text where only the state may go back", err, fault.Conflict)
}

func handoverKeys(t *testing.T, open func(*testing.T) string) {
	w := newSealing(t, open(t), shares.In(filepath.Join(t.TempDir(), shares.FolderName)))
	ctx := t.Context()
	first := w.key(w.east, false, w.nora, w.anna)
	k := must[*ecdh.PrivateKey](t)(ecdh.P256().GenerateKey(rand.Reader))
	w.keys[w.west] = k
	proof := strings.Repeat("z", 50)
	id := must[string](t)(w.CreateSealKey(ctx, w.rudi, day, handover.NewKey{Organisation: w.west, Public: k.PublicKey().Bytes(), Wrap: w.wrap, Sheet: w.wrap, Proof: proof}))
	if i := must[handover.Intake](t)(w.Intake(ctx, w.nora, w.west)); fault.KindOf(i.Ready()) != fault.Conflict {
		t.Errorf("one holder is enough: %+v", i)
	}
	wants(t, "creating against one holder", w.CreateHandover(ctx, w.nora, day, w.draft(handover.StatusOnly)), fault.Conflict)
	wants(t, "another sheet", w.HoldSealKey(ctx, w.ben, day, id, w.wrap, strings.Repeat("y", 50)), fault.Invalid)
	wants(t, "a stranger with the sheet", w.HoldSealKey(ctx, w.nora, day, id, w.wrap, proof), fault.NotFound)
	w.does("the first again", w.HoldSealKey(ctx, w.rudi, day, id, w.wrap, proof))
	if i := must[handover.Intake](t)(w.Intake(ctx, w.nora, w.west)); i.Ready() == nil {
		t.Error("one person twice counts as two")
	}
	w.does("a second holder", w.HoldSealKey(ctx, w.ben, day, id, w.wrap, proof))
	if i := must[handover.Intake](t)(w.Intake(ctx, w.nora, w.west)); i.Ready() != nil || i.Key.ID != id || i.Key.Sheet != "" || i.Key.Wrap != "" {
		t.Errorf("%+v", i)
	}
	n := w.draft(handover.StatusOnly)
	w.sent(n)

	// Pausing.
	w.does("pause", w.SetIntake(ctx, w.rudi, day, handover.Intake{Organisation: w.west, Paused: true, Terms: handover.UsualTerms()}))
	wants(t, "sending to a house that pauses", w.CreateHandover(ctx, w.nora, day, w.draft(handover.StatusOnly)), fault.Conflict)
	w.does("go on", w.SetIntake(ctx, w.rudi, day, handover.Intake{Organisation: w.west, Terms: handover.UsualTerms()}))

	// Somebody leaves: a new key; the old one still opens what is open.
	second := w.key(w.east, false, w.anna, w.nora)
	keys := must[[]handover.Key](t)(w.SealKeys(ctx, w.nora, w.east))
	if len(keys) != 2 || !slices.ContainsFunc(keys, func(k handover.Key) bool { return k.ID == first && !k.Retired.IsZero() && k.Wrap != "" }) || !slices.ContainsFunc(keys, func(k handover.Key) bool { return k.ID == second && k.Usable() }) {
		t.Errorf("%+v", keys)
	}
	if text, err := w.reads(n); text != said || err != nil {
		t.Errorf("after the sender's rotation: %q, %v", text, err)
	}
	w.does("remove", w.RemovePerson(ctx, w.actor(w.nora.Person), day, w.nora.Person))
	if keys := must[[]handover.Key](t)(w.SealKeys(ctx, w.anna, w.east)); keys[0].Holders != 1 {
		t.Errorf("who left still holds: %+v", keys[0])
	}

	// Total loss: a new key, and the sender seals again.
	w.key(w.west, true, w.rudi, w.ben)
	w.nora = w.joins(w.east, "nele@ost.example", authz.Navigator)
	if f := must[handover.File](t)(w.Handover(ctx, w.nora, w.east, n.ID)); !f.Reseal {
		t.Error("nobody asks the sender to seal again")
	}
	n.Sends, n.Takes = seal.Fingerprint(w.keys[w.east].PublicKey().Bytes()), seal.Fingerprint(w.keys[w.west].PublicKey().Bytes())
	b := handover.Sealed{Part: "request", Box: w.box(contextOf(n, "request"), said), Sends: n.Sends, Takes: n.Takes}
	w.does("seal again", w.Reseal(ctx, w.nora, day, w.east, n.ID, b))
	if text, err := w.reads(n); text != said || err != nil {
		t.Errorf("sealed again: %q, %v", text, err)
	}
	wants(t, "sealing again without need", w.Reseal(ctx, w.nora, day, w.east, n.ID, b), fault.Conflict)
}

func handoverSwept(t *testing.T, open func(*testing.T) string) {
	w := sealed(t, open)
	ctx := t.Context()
	ended, running := w.draft(handover.StatusOnly), w.draft(handover.StatusOnly)
	w.sent(ended)
	w.sent(running)
	if _, err := w.reads(ended); err != nil {
		t.Fatal(err)
	}
	w.answers(ended, 3, handover.Command{Verb: handover.Reject, Reason: handover.NotReached})
	for _, c := range []struct {
		days, destroyed int
	}{{29, 0}, {31, 1}, {31, 0}, {100, 1}} { // the consent of the other ends after three months
		if got := must[int](t)(w.UnsafeSweepHandovers(ctx, day.AddDate(0, 0, c.days), handover.Keep)); got != c.destroyed {
			t.Errorf("after %d days %d contents were destroyed, want %d", c.days, got, c.destroyed)
		}
	}
	if kept := must[[]shares.Kept](t)(w.folder.List()); len(kept) != 0 {
		t.Errorf("shares left: %v", kept)
	}
	f := must[handover.File](t)(w.Handover(ctx, w.rudi, w.west, ended.ID))
	if f.Status != handover.Rejected || !f.Destroyed || len(f.Boxes) != 0 || len(f.Events) == 0 {
		t.Errorf("the tombstone: %+v", f)
	}
	// A share whose handover never came is swept once it is old, not before.
	w.does("put", w.folder.Put("h-orphan", make([]byte, seal.ShareSize)))
	must[int](t)(w.UnsafeSweepHandovers(ctx, time.Now(), handover.Keep))
	if kept := must[[]shares.Kept](t)(w.folder.List()); len(kept) != 1 {
		t.Errorf("a fresh share is gone: %v", kept)
	}
	must[int](t)(w.UnsafeSweepHandovers(ctx, time.Now().Add(2*time.Hour), handover.Keep))
	if kept := must[[]shares.Kept](t)(w.folder.List()); len(kept) != 0 {
		t.Errorf("an old share without a handover stays: %v", kept)
	}
}

func handoverTotals(t *testing.T, open func(*testing.T) string) {
	w := sealed(t, open)
	ctx := t.Context()
	late := day.AddDate(0, 0, 1)
	for range 6 {
		w.sent(w.draft(handover.StatusOnly))
	}
	_, err := w.HandoverTotals(ctx, w.nora, day, late)
	wants(t, "a navigator", err, fault.NotFound)
	if got := must[[]handover.Total](t)(w.HandoverTotals(ctx, w.officeActor, day, late)); len(got) != 0 {
		t.Errorf("six of one organisation are shown: %v", got)
	}
	// The control: three senders and three receivers with the same six.
	houses := []authz.OrganisationID{w.found("Stadt Süd", "city"), w.found("Stadt Nord", "city")}
	for i, o := range houses {
		w.does("spread", w.Within(ctx, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, `UPDATE handovers SET sender = $1, receiver = $1 WHERE id IN (SELECT id FROM handovers ORDER BY id LIMIT 2 OFFSET $2)`, string(o), 2*i)
			return err
		}))
	}
	if got := must[[]handover.Total](t)(w.HandoverTotals(ctx, w.officeActor, day, late)); len(got) != 2 || got[0] != (handover.Total{What: "open", Count: 6}) || got[1] != (handover.Total{What: "unanswered", Count: 6}) {
		t.Errorf("%v", got)
	}
}

// handoverRaces lets people answer at once, again and again, while the person withdraws: one answer counts, and the
// withdrawal wins.
func handoverRaces(t *testing.T, open func(*testing.T) string) {
	w := sealed(t, open)
	ctx := t.Context()
	n := w.draft(handover.StatusOnly)
	code := w.sent(n)
	var group sync.WaitGroup
	var mu sync.Mutex
	won := map[string]bool{}
	for i := range 8 {
		group.Go(func() {
			c := handover.Command{Key: fmt.Sprint("k", i/2), Verb: handover.Accept, Version: 2} // two send each key
			if i/2%2 == 1 {
				c = handover.Command{Key: c.Key, Verb: handover.Reject, Version: 2, Reason: handover.NoPlace}
			}
			for range 3 {
				if _, err := w.CommandHandover(ctx, w.rudi, day, w.west, n.ID, c); err == nil {
					mu.Lock()
					won[c.Key] = true
					mu.Unlock()
				}
			}
		})
	}
	group.Wait()
	if len(won) != 1 {
		t.Errorf("answers that counted: %v", won)
	}
	f := must[handover.File](t)(w.Handover(ctx, w.rudi, w.west, n.ID))
	if f.Version != 3 || len(f.Events) != 2 {
		t.Errorf("%+v", f.Events)
	}
	w.does("withdraw", w.WithdrawByReceipt(ctx, day, code))
	if f := must[handover.File](t)(w.Handover(ctx, w.rudi, w.west, n.ID)); !f.Destroyed {
		t.Error("a withdrawal after an answer leaves the content")
	}
}
