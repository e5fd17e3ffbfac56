package store_test

import (
	"bytes"
	"path/filepath"
	"testing"

	"gevor/authz"
	"gevor/fault"
	"gevor/handover"
	"gevor/internal/shares"
	"gevor/internal/store"
	"gevor/seal"
)

// practicesWriteSealed holds what a practice writes: the organisation alone opens it, the practice alone its answer, a
// repeated click counts once, and after SlipShown nothing opens any more, also not from a copy that was made before.
func practicesWriteSealed(t *testing.T, open func(*testing.T) string) {
	dsn := open(t)
	w := newSealing(t, dsn, shares.In(filepath.Join(t.TempDir(), shares.FolderName)))
	w.bothKeys()
	ctx := t.Context()
	block := handover.NewSlips{Owner: w.west, Service: string(w.offer), Practice: "Praxis am Markt", Count: 3}
	_, _, secret, err := w.CreateSlips(ctx, w.rudi, day, block)
	w.does("a block", err)
	_, _, elsewhere, err := w.CreateSlips(ctx, w.rudi, day, block)
	w.does("another block", err)
	desk := must[handover.Practice](t)(w.Practice(ctx, day, secret))
	if desk.Key == nil || desk.Name != "Stadt West" || len(desk.Numbers) != 3 {
		t.Fatalf("%+v", desk)
	}
	share := bytes.Repeat([]byte{4}, seal.ShareSize)
	n := handover.Note{ID: w.NewNoteID(), Block: desk.Block, Number: 2, Takes: desk.Key.ID, Share: share}
	n.Box = string(must[[]byte](t)(seal.To(n.Context(w.west), w.keys[w.west].PublicKey(), share, []byte(said))))
	for range 2 { // a repeated click
		w.does("a message", w.WriteNote(ctx, day, secret, n))
	}
	wrong := func(change func(*handover.Note)) handover.Note {
		x := n
		x.ID = w.NewNoteID()
		change(&x)
		return x
	}
	for what, x := range map[string]struct {
		note   handover.Note
		secret string
		kind   fault.Kind
	}{
		"a number of no slip": {wrong(func(x *handover.Note) { x.Number = 9 }), secret, fault.NotFound},
		"no practice":         {wrong(func(*handover.Note) {}), "gone", fault.NotFound},
		"no share":            {wrong(func(x *handover.Note) { x.Share = nil }), secret, fault.Invalid},
		"no box":              {wrong(func(x *handover.Note) { x.Box = said }), secret, fault.Invalid},
		"another key":         {wrong(func(x *handover.Note) { x.Takes = "f" }), secret, fault.Invalid},
		"a long one":          {wrong(func(x *handover.Note) { x.Box = string(make([]byte, 4*handover.MostNote)) }), secret, fault.TooLarge},
	} {
		wants(t, what, w.WriteNote(ctx, day, x.secret, x.note), x.kind)
	}
	box := must[handover.NoteBox](t)(w.SlipNotes(ctx, w.rudi, w.west))
	if len(box.Notes) != 1 || box.Notes[0].Practice != "Praxis am Markt" || len(box.Keys) == 0 {
		t.Fatalf("%+v", box)
	}
	for what, who := range map[string]authz.Actor{"the east": w.nora, "the public": authz.Public(), "an editor": w.clerk} {
		if _, err := w.SlipNotes(ctx, who, w.west); fault.KindOf(err) != fault.NotFound && fault.KindOf(err) != fault.Denied {
			t.Errorf("%s sees messages of the west: %v", what, err)
		}
		if _, err := w.OpenNote(ctx, who, day, w.west, n.ID); fault.KindOf(err) != fault.NotFound && fault.KindOf(err) != fault.Denied {
			t.Errorf("%s gets a share of the west: %v", what, err)
		}
	}
	if seen, err := store.UnsafeWithoutRights(w.Store).SlipNotes(ctx, authz.Public(), w.west); err != nil || len(seen.Notes) != 1 {
		t.Errorf("without rights everybody sees messages: %v", err)
	}
	_, err = w.OpenNote(ctx, w.nora, day, w.east, n.ID)
	wants(t, "the east as if it were its own", err, fault.NotFound)
	got := must[[]byte](t)(w.OpenNote(ctx, w.rudi, day, w.west, n.ID))
	if text, err := seal.Open([]byte(box.Notes[0].Box), box.Notes[0].Context(w.west), w.keys[w.west], got); err != nil || string(text) != said {
		t.Errorf("the west reads %q: %v", text, err)
	}
	mine := bytes.Repeat([]byte{5}, seal.SecretSize)
	reply := string(must[[]byte](t)(seal.With(n.ReplyContext(w.west), mine, got, []byte("Termin am Montag"))))
	wants(t, "an answer of another form", w.AnswerNote(ctx, w.rudi, day, w.west, n.ID, n.Box), fault.Invalid)
	w.does("an answer", w.AnswerNote(ctx, w.rudi, day, w.west, n.ID, reply))
	desk = must[handover.Practice](t)(w.Practice(ctx, day, secret))
	if len(desk.Notes) != 1 || desk.Notes[0].Box != "" || desk.Notes[0].Practice != "" {
		t.Fatalf("%+v", desk.Notes)
	}
	if text, err := seal.OpenWith([]byte(desk.Notes[0].Reply), desk.Notes[0].ReplyContext(w.west), mine, desk.Notes[0].Share); err != nil || string(text) != "Termin am Montag" {
		t.Errorf("the practice reads %q: %v", text, err)
	}
	if other := must[handover.Practice](t)(w.Practice(ctx, day, elsewhere)); len(other.Notes) != 0 {
		t.Errorf("another practice sees %+v", other.Notes)
	}
	must[int](t)(w.UnsafeSweepHandovers(ctx, day.AddDate(0, 0, 29), handover.Keep))
	must[int64](t)(w.UnsafeSweepSlips(ctx, day.AddDate(0, 0, 29)))
	if _, err := w.folder.Get(n.ID); err != nil {
		t.Errorf("the share goes too early: %v", err)
	}
	must[int64](t)(w.UnsafeSweepSlips(ctx, day.AddDate(0, 0, 31)))
	if _, err := w.folder.Get(n.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the share outlives the message: %v", err)
	}
	if box := must[handover.NoteBox](t)(w.SlipNotes(ctx, w.rudi, w.west)); len(box.Notes) != 0 {
		t.Errorf("after a month: %+v", box.Notes)
	}
	_, err = w.OpenNote(ctx, w.rudi, day, w.west, n.ID)
	wants(t, "the share of what is gone", err, fault.NotFound)
}
