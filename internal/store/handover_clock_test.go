package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/handover"
	"gevor/outbox"
)

// handoverClock goes through the days of a handover that nobody answers: Tuesday 12 May 2026, with Ascension Day on
// Thursday.
func handoverClock(t *testing.T, open func(*testing.T) string) {
	w := sealed(t, open)
	ctx := t.Context()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	days := handover.Days{Zone: zone, Holiday: directory.NRWHoliday}
	first, second := w.draft(handover.StatusOnly), w.draft(handover.StatusOnly)
	w.sent(first)
	w.sent(second)
	mails := func(after int) string {
		at := day.AddDate(0, 0, after)
		for range 3 { // looking often does nothing often
			must[int](t)(w.UnsafeTellHandovers(ctx, at, days))
		}
		var got []string
		for _, m := range must[[]outbox.Message](t)(w.UnsafeLease(ctx, outbox.Mail, at, at.Add(time.Minute), 1000)) {
			if strings.HasPrefix(m.Key, "handover-") {
				got = append(got, strings.Fields(m.Key)[0])
				if raw := string(m.Payload); strings.Contains(raw, string(first.ID)) || strings.Contains(raw, "Zaunkönig") || strings.Contains(raw, "Schulden") {
					t.Errorf("a mail says more than that something waits: %s", raw)
				}
			}
			w.does("settle", w.UnsafeSettle(ctx, []outbox.Message{m}, outbox.Settlement{Outcome: outbox.Delivered, At: at}))
		}
		return strings.Join(got, " ")
	}
	for _, c := range []struct {
		after int
		want  string
	}{
		{1, ""}, {2, ""}, // a holiday
		{3, "handover-waiting"}, {4, ""}, // Saturday
		{6, "handover-waiting"}, {7, "handover-waiting handover-unheard"},
	} {
		if got := mails(c.after); got != c.want {
			t.Errorf("after %d days: %q, want %q", c.after, got, c.want)
		}
	}
	for _, n := range []handover.New{first, second} { // a colleague opens both: no more reminders
		if _, err := w.reads(n); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		after int
		want  string
	}{{8, ""}, {10, "handover-escalated"}, {14, ""}} {
		if got := mails(c.after); got != c.want {
			t.Errorf("opened, after %d days: %q, want %q", c.after, got, c.want)
		}
	}
	mails(16) // ten working days, over Whit Monday not yet
	f := must[handover.File](t)(w.Handover(ctx, w.nora, w.east, first.ID))
	if want := fmt.Sprint(handover.Cancelled); fmt.Sprint(f.Status) != want || f.Events[len(f.Events)-1].By != handover.Clock {
		t.Errorf("after ten working days it is %s: %+v", f.Status, f.Events)
	}
	if list := must[[]handover.Item](t)(w.Handovers(ctx, authz.Actor{Person: w.rudi.Person, Memberships: w.rudi.Memberships}, w.west, handover.Receiver)); len(list) != 2 {
		t.Errorf("%d in the inbox", len(list))
	}
}
