package store_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/fault"
	"gevor/handover"
	"gevor/internal/store"
	"gevor/organisation"
	"gevor/outbox"
)

// lettersAreAnswered holds handovers to an organisation without an account: the mail says nothing, link and code
// together open the envelope, and nothing but an answer can be given. Controls are the right link and the right code.
func lettersAreAnswered(t *testing.T, open func(*testing.T) string) {
	w := sealed(t, open)
	ctx := t.Context()
	quiet := must[authz.OrganisationID](t)(w.UnsafeFound(ctx, day, organisation.Organisation{Name: "Verein Still", Kind: organisation.Kinds()[0], Email: "post@still.example"}))
	clerk := w.joins(quiet, "setzt@still.example", authz.Editor)
	p := must[directory.ProviderID](t)(w.SaveProvider(ctx, clerk, day, directory.Provider{Owner: quiet, Name: "Verein Still"}))
	offer := must[directory.ServiceID](t)(w.SaveService(ctx, clerk, day, directory.Service{Owner: quiet, Provider: p, Name: directory.Texts{"de": "Trauercafé"}, Kinds: []string{"beratung"}, Risk: directory.Advising}, directory.Rules{}))
	w.does("release", w.Release(ctx, clerk, day, authz.Ref{Kind: authz.Entry, Object: string(offer), Purpose: authz.ForDirectory}, authz.Release{Level: authz.PublicLevel}))

	n := w.draft(handover.StatusOnly)
	n.Receiver, n.Service = quiet, string(offer)
	wants(t, "a box for whom nobody has a key", w.CreateHandover(ctx, w.nora, day, n), fault.Conflict)
	n.Letter = &handover.Letter{Phone: "0234 5551"}
	wants(t, "a letter with a box", w.CreateHandover(ctx, w.nora, day, n), fault.Invalid)
	n.Box, n.Share = "", nil
	toWest := n
	toWest.ID, _, _ = w.NewHandoverIDs()
	_, toWest.Consent.ID, _ = w.NewHandoverIDs()
	toWest.Receiver, toWest.Service = w.west, string(w.offer)
	wants(t, "a letter to those who can open", w.CreateHandover(ctx, w.nora, day, toWest), fault.Stale)
	bad := n
	bad.Letter = &handover.Letter{Phone: "Frau Meise"}
	wants(t, "a name for a number", w.CreateHandover(ctx, w.nora, day, bad), fault.Invalid)
	w.sent(n)

	var mail store.LetterMail
	for _, m := range must[[]outbox.Message](t)(w.UnsafeLease(ctx, outbox.Mail, day, day.Add(time.Minute), 100)) {
		if !strings.HasPrefix(m.Key, "handover-letter") {
			continue
		}
		if err := json.Unmarshal(m.Payload, &mail); err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"Stadt Ost", "Trauer", "5551", string(n.ID)} {
			if strings.Contains(string(m.Payload), word) {
				t.Errorf("the mail says %q: %s", word, m.Payload)
			}
		}
		w.does("settle", w.UnsafeSettle(ctx, []outbox.Message{m}, outbox.Settlement{Outcome: outbox.Refused, At: day}))
	}
	if mail.To != "post@still.example" || mail.Secret == "" {
		t.Fatalf("%+v", mail)
	}
	if f := must[handover.File](t)(w.Handover(ctx, w.nora, w.east, n.ID)); f.Letter == nil || f.Letter.Mail != string(outbox.Refused) || f.Status != handover.Requested {
		t.Errorf("after the mail came back: %+v, %s", f.Letter, f.Status)
	}
	_, err := w.OpenLetter(ctx, day, mail.Secret, "AAAA-AAAA")
	wants(t, "before there is a code", err, fault.NotFound)
	_, err = w.NewLetterCode(ctx, w.rudi, day, w.west, n.ID)
	wants(t, "a stranger makes a code", err, fault.NotFound)
	code := must[string](t)(w.NewLetterCode(ctx, w.nora, day, w.east, n.ID))
	for range handover.MostMisses {
		_, err = w.OpenLetter(ctx, day, mail.Secret, handover.NewLetterCode())
		wants(t, "a wrong code", err, fault.NotFound)
	}
	_, err = w.OpenLetter(ctx, day, mail.Secret, code)
	wants(t, "the right code after too many wrong ones", err, fault.NotFound)
	code = must[string](t)(w.NewLetterCode(ctx, w.nora, day, w.east, n.ID))
	_, err = w.OpenLetter(ctx, day, "another", code)
	wants(t, "another link", err, fault.NotFound)
	f := must[handover.File](t)(w.OpenLetter(ctx, day, mail.Secret, strings.ToLower(handover.Spell(code))))
	if f.Status != handover.Received || f.SenderName != "Stadt Ost" || f.Letter.Phone != "0234 5551" || len(f.Boxes) != 0 {
		t.Errorf("%+v", f)
	}
	for _, verb := range handover.Verbs() {
		if verb != handover.Accept && verb != handover.Reject {
			wants(t, "by letter: "+string(verb), w.AnswerLetter(ctx, day, mail.Secret, code, handover.Command{Verb: verb}), fault.Invalid)
		}
	}
	wants(t, "an answer without the code", w.AnswerLetter(ctx, day, mail.Secret, "", handover.Command{Verb: handover.Accept}), fault.NotFound)
	wants(t, "declined without a reason", w.AnswerLetter(ctx, day, mail.Secret, code, handover.Command{Verb: handover.Reject}), fault.Invalid)
	for range 2 { // a repeated click
		w.does("accepted", w.AnswerLetter(ctx, day, mail.Secret, code, handover.Command{Verb: handover.Accept}))
	}
	if f := must[handover.File](t)(w.Handover(ctx, w.nora, w.east, n.ID)); f.Status != handover.Accepted {
		t.Errorf("the sender sees %s", f.Status)
	}
	must[handover.Handover](t)(w.CommandHandover(ctx, w.nora, day, w.east, n.ID, handover.Command{Key: "over", Verb: handover.Withdraw}))
	wants(t, "an answer after the withdrawal", w.AnswerLetter(ctx, day, mail.Secret, code, handover.Command{Verb: handover.Reject, Reason: handover.NoPlace}), fault.Conflict)
}
