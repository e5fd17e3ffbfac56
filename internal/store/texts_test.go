package store_test

import (
	"slices"
	"testing"
	"time"

	"gevor/authz"
	"gevor/fault"
	"gevor/internal/erasure"
	"gevor/internal/store"
	"gevor/statement"
)

var siteClauses = []clause{
	{"a text is written, changed and restored", textLife},
	{"what is not yet written is named", unfilledTexts},
	{"of two who write a text, one learns of the other", textsCollide},
	{"feedback is read by the office alone", feedbackLife},
	{"feedback has a limit", feedbackLimit},
	{"a settled contact stays gone", contactStaysGone},
}

func textLife(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	imprint := statement.Text{Name: statement.Imprint, Language: "de", Body: "Stadt Ost"}
	wants(t, "an editor", w.SetText(ctx, w.clerk, day, imprint), fault.Denied)
	wants(t, "the public", w.SetText(ctx, authz.Public(), day, imprint), fault.Denied)
	wants(t, "an empty text", w.SetText(ctx, w.officeActor, day, statement.Text{Name: statement.Imprint, Language: "de"}), fault.Invalid)
	if got := must[statement.Text](t)(w.Text(ctx, authz.Public(), statement.Imprint, "de")); got.Version != 0 || got.Body != "" {
		t.Errorf("before anybody wrote it: %+v", got)
	}
	for i, body := range []string{"Stadt Ost", "Stadt Ost, Markt 1"} {
		if err := w.SetText(ctx, w.officeActor, day, statement.Text{Name: statement.Imprint, Language: "de", Body: body, Version: i}); err != nil {
			t.Fatal(err)
		}
	}
	if got := must[statement.Text](t)(w.Text(ctx, authz.Public(), statement.Imprint, "de")); got.Version != 2 || got.Body != "Stadt Ost, Markt 1" || !got.Changed.Equal(day) {
		t.Errorf("%+v", got)
	}
	if got := must[statement.Text](t)(w.Text(ctx, authz.Public(), statement.Imprint, "en")); got.Version != 0 {
		t.Errorf("the other language: %+v", got)
	}
	changes, err := w.TextHistory(ctx, w.officeActor, statement.Imprint, "de")
	if err != nil || len(changes) != 2 || changes[0].Verb != "changed" || changes[1].Verb != "created" {
		t.Fatalf("%+v, %v", changes, err)
	}
	_, err = w.TextHistory(ctx, w.clerk, statement.Imprint, "de")
	wants(t, "the history, to an editor", err, fault.Denied)
	wants(t, "a restoration on an old version", w.RestoreText(ctx, w.officeActor, day, statement.Imprint, "de", changes[1].Sequence, 1), fault.Stale)
	wants(t, "a change of another text", w.RestoreText(ctx, w.officeActor, day, statement.Privacy, "de", changes[1].Sequence, 0), fault.NotFound)
	if err := w.RestoreText(ctx, w.officeActor, day, statement.Imprint, "de", changes[1].Sequence, 2); err != nil {
		t.Fatal(err)
	}
	if got := must[statement.Text](t)(w.Text(ctx, authz.Public(), statement.Imprint, "de")); got.Version != 3 || got.Body != "Stadt Ost" {
		t.Errorf("restored: %+v", got)
	}
	// The control: without rights the editor would have written.
	if err := store.UnsafeWithoutRights(w.Store).SetText(ctx, w.clerk, day, statement.Text{Name: statement.Imprint, Language: "de", Body: "fremd", Version: 3}); err != nil {
		t.Errorf("without rights: %v", err)
	}
}

func unfilledTexts(t *testing.T, open func(*testing.T) string) {
	dsn := open(t)
	w := newTown(t, opened(t, dsn))
	unfilled := func() []statement.Name {
		return must[[]statement.Name](t)(store.UnfilledTexts(t.Context(), dsn, "de"))
	}
	if got := unfilled(); !slices.Equal(got, statement.Names()) {
		t.Errorf("before anybody wrote: %v", got)
	}
	for i, body := range []string{"Stadt [[Name]]", "Stadt Ost, Markt 1"} {
		if err := w.SetText(t.Context(), w.officeActor, day, statement.Text{Name: statement.Imprint, Language: "de", Body: body, Version: i}); err != nil {
			t.Fatal(err)
		}
		want := statement.Names()[i:] // the imprint stays in the list until it is whole
		if got := unfilled(); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", body, got, want)
		}
	}
}

func textsCollide(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	x := statement.Text{Name: statement.Privacy, Language: "de", Body: "eins"}
	if err := w.SetText(t.Context(), w.officeActor, day, x); err != nil {
		t.Fatal(err)
	}
	wants(t, "a second first version", w.SetText(t.Context(), w.officeActor, day, x), fault.Stale)
	x.Version, x.Body = 1, "zwei"
	if err := w.SetText(t.Context(), w.officeActor, day, x); err != nil {
		t.Fatal(err)
	}
	x.Body = "drei"
	wants(t, "a second change of version 1", w.SetText(t.Context(), w.officeActor, day, x), fault.Stale)
	if got := must[statement.Text](t)(w.Text(t.Context(), authz.Public(), statement.Privacy, "de")); got.Body != "zwei" {
		t.Errorf("%+v", got)
	}
}

func feedbackLife(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	said := statement.Feedback{Language: "de", Page: "/de/karte", Message: "Die Karte liest mir niemand vor.", Contact: "leser@example.org"}
	first := must[string](t)(w.SendFeedback(ctx, authz.Public(), day, said))
	second := must[string](t)(w.SendFeedback(ctx, w.clerk, day.Add(time.Minute), said))
	for name, a := range map[string]authz.Actor{"the public": authz.Public(), "an editor": w.clerk, "an admin": w.anna} {
		_, err := w.Feedback(ctx, a)
		wants(t, name+" reads", err, fault.NotFound)
		wants(t, name+" settles", w.SettleFeedback(ctx, a, day, first), fault.NotFound)
		wants(t, name+" removes", w.RemoveFeedback(ctx, a, day, first), fault.NotFound)
		// The control: without rights everybody would read it.
		if got := must[[]statement.Feedback](t)(store.UnsafeWithoutRights(w.Store).Feedback(ctx, a)); len(got) != 2 {
			t.Errorf("without rights %s reads %d", name, len(got))
		}
	}
	if err := w.SettleFeedback(ctx, w.officeActor, day.Add(time.Hour), second); err != nil {
		t.Fatal(err)
	}
	wants(t, "settling twice", w.SettleFeedback(ctx, w.officeActor, day, second), fault.NotFound)
	got := must[[]statement.Feedback](t)(w.Feedback(ctx, w.officeActor))
	if len(got) != 2 || got[0].ID != first || got[0].Contact == "" || got[1].Contact != "" || !got[1].Done.Equal(day.Add(time.Hour)) {
		t.Errorf("%+v", got)
	}
	if err := w.RemoveFeedback(ctx, w.officeActor, day, first); err != nil {
		t.Fatal(err)
	}
	if got := must[[]statement.Feedback](t)(w.Feedback(ctx, w.officeActor)); len(got) != 1 {
		t.Errorf("%+v", got)
	}
}

func feedbackLimit(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	said := statement.Feedback{Language: "de", Message: "Das hier ist zu viel des Guten."}
	for i := range 60 {
		if _, err := w.SendFeedback(t.Context(), authz.Public(), day.Add(time.Duration(i)*time.Second), said); err != nil {
			t.Fatalf("%d: %v", i, err)
		}
	}
	_, err := w.SendFeedback(t.Context(), authz.Public(), day.Add(time.Minute), said)
	wants(t, "the 61st in an hour", err, fault.Busy)
	if _, err := w.SendFeedback(t.Context(), authz.Public(), day.Add(2*time.Hour), said); err != nil {
		t.Errorf("two hours later: %v", err)
	}
}

// contactStaysGone carries the erasures of a store into one that is as a backup from before would be.
func contactStaysGone(t *testing.T, open func(*testing.T) string) {
	for _, erased := range []bool{true, false} {
		w := newTown(t, opened(t, open(t)))
		ctx := t.Context()
		id := must[string](t)(w.SendFeedback(ctx, authz.Public(), day, statement.Feedback{Language: "de", Message: "Bitte antworten Sie mir.", Contact: "leser@example.org"}))
		if erased {
			for range 2 { // twice changes nothing more
				if err := w.Erase(ctx, erasure.Record{At: day, Kind: "contact", Ref: id}); err != nil {
					t.Fatal(err)
				}
			}
		}
		got := must[[]statement.Feedback](t)(w.Feedback(ctx, w.officeActor))
		if gone := got[0].Contact == "" && !got[0].Done.IsZero(); gone != erased {
			t.Errorf("erased %v, gone %v: %+v", erased, gone, got[0])
		}
		if !erased { // the control above kept it; now the whole report goes
			if err := w.Erase(ctx, erasure.Record{At: day, Kind: "feedback", Ref: id}); err != nil {
				t.Fatal(err)
			}
			if got := must[[]statement.Feedback](t)(w.Feedback(ctx, w.officeActor)); len(got) != 0 {
				t.Errorf("%+v", got)
			}
		}
	}
}
