package store_test

import (
	"strings"
	"testing"
	"time"

	"gevor/authz"
	"gevor/fault"
	"gevor/handover"
	"gevor/internal/store"
	"gevor/seal"
)

const paper = "Bescheid über 41 Euro"

// attached is a draft with attachments.
func (w *sealing) attached(files int) handover.New {
	n := w.draft(handover.StatusAndText)
	for range files {
		n.Files = append(n.Files, w.file(n))
	}
	return n
}

func (w *sealing) file(n handover.New) handover.Attachment {
	_, _, part := w.NewHandoverIDs()
	return handover.Attachment{Part: part, Box: w.box(contextOf(n, part), paper)}
}

// attachmentsGoAlong: both sides open attachments of the request and of answers, nobody else gets them, and they go with
// the content. The control is what opens before, and the store without rights.
func attachmentsGoAlong(t *testing.T, open func(*testing.T) string) {
	w := sealed(t, open)
	ctx := t.Context()
	n := w.attached(2)
	code := w.sent(n)
	share := must[[]byte](t)(w.OpenHandover(ctx, w.rudi, day.Add(time.Hour), w.west, n.ID))
	_, _, part := w.NewHandoverIDs()
	answer := handover.Sealed{Part: part, Box: w.box(contextOf(n, part), "mit Anlage"), Sends: n.Sends, Takes: n.Takes, Files: []handover.Attachment{w.file(n)}}
	for range 2 { // a repeated click
		w.does("an answer with an attachment", w.AddBox(ctx, w.rudi, day, w.west, n.ID, answer))
	}
	taken := answer
	_, _, taken.Part = w.NewHandoverIDs()
	wants(t, "an attachment under a name that is there", w.AddBox(ctx, w.rudi, day, w.west, n.ID, taken), fault.Conflict)

	f := must[handover.File](t)(w.Handover(ctx, w.nora, w.east, n.ID))
	if len(f.Boxes) != 2 || len(f.Boxes[0].Files) != 2 || len(f.Boxes[1].Files) != 1 || f.Boxes[0].Files[0] != (handover.Attachment{Part: n.Files[0].Part}) {
		t.Fatalf("%+v", f.Boxes)
	}
	opens := func(who authz.Actor, o authz.OrganisationID, part string) string {
		t.Helper()
		a := must[handover.Attachment](t)(w.HandoverFile(ctx, who, o, n.ID, part))
		return string(must[[]byte](t)(seal.Open([]byte(a.Box), contextOf(n, part), w.keys[o], share)))
	}
	for _, part := range []string{n.Files[0].Part, n.Files[1].Part, answer.Files[0].Part} {
		if opens(w.rudi, w.west, part) != paper || opens(w.nora, w.east, part) != paper {
			t.Errorf("%s does not open", part)
		}
	}
	one := must[handover.Attachment](t)(w.HandoverFile(ctx, w.rudi, w.west, n.ID, n.Files[0].Part))
	if _, err := seal.Open([]byte(one.Box), contextOf(n, n.Files[1].Part), w.keys[w.west], share); err == nil {
		t.Error("one attachment opens in the place of another")
	}
	gus := w.joins(w.found("Stadt Süd", "city"), "gus@sued.example", authz.Navigator, authz.Receiver)
	for what, who := range map[string]authz.Actor{"a stranger": gus, "the public": authz.Public(), "the office": w.officeActor} {
		_, err := w.HandoverFile(ctx, who, w.west, n.ID, n.Files[0].Part)
		wants(t, what, err, fault.NotFound)
	}
	if _, err := store.UnsafeWithoutRights(w.Store).HandoverFile(ctx, gus, w.west, n.ID, n.Files[0].Part); err != nil { // the control
		t.Errorf("without rights: %v", err)
	}
	_, err := w.HandoverFile(ctx, w.rudi, w.west, n.ID, "b-none")
	wants(t, "one that never was", err, fault.NotFound)

	w.does("withdraw", w.WithdrawByReceipt(ctx, day.Add(2*time.Hour), code))
	_, err = w.HandoverFile(ctx, w.rudi, w.west, n.ID, n.Files[0].Part)
	wants(t, "after the withdrawal", err, fault.NotFound)
	if _, err := seal.Open([]byte(one.Box), contextOf(n, n.Files[0].Part), w.keys[w.west], make([]byte, seal.ShareSize)); err == nil {
		t.Error("a copy opens without the share")
	}
}

// attachmentsHaveLimits: what is too much is refused before anything is kept.
func attachmentsHaveLimits(t *testing.T, open func(*testing.T) string) {
	w := sealed(t, open)
	ctx := t.Context()
	large := w.attached(0)
	for range 2 {
		_, _, part := w.NewHandoverIDs()
		large.Files = append(large.Files, handover.Attachment{Part: part, Box: w.box(contextOf(large, part), strings.Repeat("x", seal.MostFile()))})
	}
	one := large
	one.Files = large.Files[:1]
	twice := w.attached(1)
	twice.Files = append(twice.Files, twice.Files[0])
	other := w.attached(1)
	other.Files[0].Box = strings.Replace(other.Files[0].Box, other.Takes, strings.Repeat("0", len(other.Takes)), 1)
	named := w.attached(1)
	named.Files[0].Part = "request"
	for what, c := range map[string]struct {
		n    handover.New
		want fault.Kind
	}{
		"too many": {w.attached(handover.MostFiles + 1), fault.TooLarge}, "too large together": {large, fault.TooLarge}, "the same twice": {twice, fault.Invalid},
		"one to another key": {other, fault.Invalid}, "one under the name of the request": {named, fault.Invalid},
	} {
		wants(t, what, w.CreateHandover(ctx, w.nora, day, c.n), c.want)
		_, err := w.Handover(ctx, w.nora, w.east, c.n.ID)
		wants(t, what+" is nowhere", err, fault.NotFound)
	}
	w.does("the largest", w.CreateHandover(ctx, w.nora, day, one))
	if got := must[handover.Attachment](t)(w.HandoverFile(ctx, w.nora, w.east, one.ID, one.Files[0].Part)); got != one.Files[0] {
		t.Error("the largest attachment comes back changed")
	}
}

// attachmentsAreResealed: a receiver that lost its key gets the request and its attachments again, all or none.
func attachmentsAreResealed(t *testing.T, open func(*testing.T) string) {
	w := sealed(t, open)
	ctx := t.Context()
	n := w.attached(2)
	w.sent(n)
	lost := w.keys[w.west]
	w.key(w.west, true, w.rudi, w.ben)
	m := n
	m.Takes = seal.Fingerprint(w.keys[w.west].PublicKey().Bytes())
	again := handover.Sealed{Part: "request", Box: w.box(contextOf(m, "request"), said), Sends: m.Sends, Takes: m.Takes}
	for _, f := range n.Files {
		again.Files = append(again.Files, handover.Attachment{Part: f.Part, Box: w.box(contextOf(m, f.Part), paper)})
	}
	half := again
	half.Files = again.Files[:1]
	wants(t, "half of it", w.Reseal(ctx, w.nora, day, w.east, n.ID, half), fault.Stale)
	foreign := again
	foreign.Files = []handover.Attachment{again.Files[0], w.file(m)}
	wants(t, "another attachment", w.Reseal(ctx, w.nora, day, w.east, n.ID, foreign), fault.Stale)
	w.does("seal again", w.Reseal(ctx, w.nora, day, w.east, n.ID, again))
	share := must[[]byte](t)(w.OpenHandover(ctx, w.rudi, day.Add(time.Hour), w.west, n.ID))
	for _, f := range n.Files {
		a := must[handover.Attachment](t)(w.HandoverFile(ctx, w.rudi, w.west, n.ID, f.Part))
		if text, err := seal.Open([]byte(a.Box), contextOf(m, f.Part), w.keys[w.west], share); err != nil || string(text) != paper {
			t.Errorf("%q, %v", text, err)
		}
		if _, err := seal.Open([]byte(a.Box), contextOf(n, f.Part), lost, share); err == nil {
			t.Error("the lost key still opens")
		}
	}
}
