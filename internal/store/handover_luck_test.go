package store_test

import (
	"slices"
	"testing"
	"time"

	"gevor/directory"
	"gevor/fault"
	"gevor/handover"
	"gevor/internal/shares"
	"gevor/seal"
)

// clocksGoWrong: a server whose clock is set back loses no step, keeps their order, and destroys and tells nothing before
// its time. Browsers' clocks are never asked. The control is the same sweep at the right time.
func clocksGoWrong(t *testing.T, open func(*testing.T) string) {
	w := sealed(t, open)
	ctx := t.Context()
	n := w.draft(handover.StatusOnly)
	code := w.sent(n)
	back := day.Add(-2 * time.Hour)
	accept := handover.Command{Key: "a", Verb: handover.Accept, Version: 2}
	for range 2 { // and the repetition of it after the clock was put right
		h := must[handover.Handover](t)(w.CommandHandover(ctx, w.rudi, back, w.west, n.ID, accept))
		if h.Status != handover.Accepted || h.Version != 3 {
			t.Errorf("with the clock set back: %+v", h)
		}
		back = day
	}
	early := day.AddDate(0, 0, -40)
	if got := must[int](t)(w.UnsafeSweepHandovers(ctx, early, handover.Keep)); got != 0 {
		t.Errorf("%d contents were destroyed before they were made", got)
	}
	if got := must[int](t)(w.UnsafeTellHandovers(ctx, early, handover.Days{Zone: time.UTC, Holiday: directory.NRWHoliday})); got != 0 {
		t.Errorf("%d were told before anything happened", got)
	}
	w.does("withdraw", w.WithdrawByReceipt(ctx, day.Add(-time.Hour), code))
	f := must[handover.File](t)(w.Handover(ctx, w.rudi, w.west, n.ID))
	var verbs []handover.Verb
	for _, e := range f.Events {
		verbs = append(verbs, e.Verb)
	}
	if !slices.Equal(verbs, []handover.Verb{handover.Send, handover.Accept, handover.Withdraw}) || !f.Destroyed || !f.Withdrawn {
		t.Errorf("%v, %+v", verbs, f.Handover)
	}
	_, err := w.CommandHandover(ctx, w.rudi, day, w.west, n.ID, handover.Command{Key: "late", Verb: handover.Start, Version: 4})
	wants(t, "an answer after the withdrawal", err, fault.Conflict)

	kept := w.draft(handover.StatusOnly)
	w.sent(kept)
	if got := must[int](t)(w.UnsafeSweepHandovers(ctx, day.AddDate(0, 4, 0), handover.Keep)); got != 1 { // the control
		t.Errorf("at the right time %d contents were destroyed", got)
	}
}

// keysChangeUnderAPage: what was sealed to a key that has been replaced since is refused whole, and nothing of it stays;
// what was sent before still opens. The control is the same sealed to the new key.
func keysChangeUnderAPage(t *testing.T, open func(*testing.T) string) {
	w := sealed(t, open)
	ctx := t.Context()
	sent, waiting, unsaved := w.attached(1), w.draft(handover.StatusAndText), w.attached(1)
	w.sent(sent)
	w.does("a draft", w.CreateHandover(ctx, w.nora, day, waiting))
	must[string](t)(w.NewReceipt(ctx, w.nora, day, w.east, waiting.ID))
	w.does("its consent", w.GiveConsent(ctx, w.nora, day, w.east, waiting.ID))
	_, _, part := w.NewHandoverIDs()
	answer := handover.Sealed{Part: part, Box: w.box(contextOf(sent, part), "Text"), Sends: sent.Sends, Takes: sent.Takes, Files: []handover.Attachment{w.file(sent)}}

	old := w.keys[w.west]
	w.key(w.west, false, w.rudi, w.ben)

	wants(t, "sealed to the old key", w.CreateHandover(ctx, w.nora, day, unsaved), fault.Stale)
	_, err := w.Handover(ctx, w.nora, w.east, unsaved.ID)
	wants(t, "it is nowhere", err, fault.NotFound)
	_, err = w.CommandHandover(ctx, w.nora, day, w.east, waiting.ID, handover.Command{Key: "k", Verb: handover.Send, Version: 1})
	wants(t, "a draft sealed to the old key", err, fault.Stale)
	wants(t, "an answer sealed to the old key", w.AddBox(ctx, w.rudi, day, w.west, sent.ID, answer), fault.Stale)
	if f := must[handover.File](t)(w.Handover(ctx, w.nora, w.east, sent.ID)); len(f.Boxes) != 1 || len(f.Boxes[0].Files) != 1 {
		t.Errorf("half an answer stays: %+v", f.Boxes)
	}
	if keys := must[[]handover.Key](t)(w.SealKeys(ctx, w.rudi, w.west)); !slices.ContainsFunc(keys, func(k handover.Key) bool { return k.ID == seal.Fingerprint(old.PublicKey().Bytes()) && k.Wrap != "" }) {
		t.Error("the old key does not open any more what is open")
	}
	again := w.attached(1) // the control
	w.sent(again)
	if text, err := w.reads(again); text != said || err != nil {
		t.Errorf("sealed to the new key: %q, %v", text, err)
	}
	must[int](t)(w.UnsafeSweepHandovers(ctx, time.Now().Add(2*time.Hour), handover.Keep)) // long after all consents
	if left := must[[]shares.Kept](t)(w.folder.List()); len(left) > 0 {
		t.Errorf("shares stay, that of what was refused too: %v", left)
	}
}
