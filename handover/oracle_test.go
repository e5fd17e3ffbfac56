package handover_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"gevor/fault"
	"gevor/handover"
)

var day = time.Date(2026, 5, 12, 8, 30, 0, 0, time.UTC)

// expected is a second reading of who may bring a handover from where to where, written from the words of the field
// and not from the table: "from to side". A state that stays stands on both sides.
const expected = `
draft requested sender
requested received receiver
requested accepted receiver
received accepted receiver
requested rejected receiver
received rejected receiver
accepted rejected receiver
in-progress rejected receiver
on-hold rejected receiver
requested cancelled sender
received cancelled sender
accepted cancelled sender
requested cancelled person
received cancelled person
accepted cancelled person
requested cancelled clock
received cancelled clock
accepted in-progress receiver
accepted on-hold receiver
in-progress on-hold receiver
on-hold in-progress receiver
in-progress in-progress receiver
in-progress in-progress sender
on-hold on-hold sender
on-hold on-hold receiver
accepted failed receiver
in-progress failed receiver
on-hold failed receiver
in-progress completed receiver
in-progress cancelled receiver
on-hold cancelled receiver
draft cancelled person
in-progress cancelled person
on-hold cancelled person
draft cancelled sender
in-progress cancelled sender
on-hold cancelled sender
draft cancelled receiver
requested cancelled receiver
received cancelled receiver
accepted cancelled receiver
draft entered-in-error sender
requested entered-in-error sender
received entered-in-error sender
accepted entered-in-error sender
in-progress entered-in-error sender
on-hold entered-in-error sender
`

// reach gives every (from, to, side) that some command brings about.
func reach(may func(handover.Handover, handover.Command) (handover.Handover, error)) map[string]bool {
	out := map[string]bool{}
	reasons := []handover.Reason{"", handover.NoPlace, handover.NotReached, handover.PersonAsked} // one of each kind
	outcomes := []handover.Outcome{"", handover.Helped, handover.NotHelped}
	for _, from := range handover.Statuses() {
		for _, by := range handover.Sides() {
			for _, verb := range handover.Verbs() {
				for _, asked := range []bool{false, true} {
					for _, sub := range []handover.Sub{"", handover.Appointment} {
						for _, r := range reasons {
							for _, o := range outcomes {
								h := handover.Handover{Status: from, Version: 3, CancelAsked: asked, Lapses: 10}
								if got, err := may(h, handover.Command{Key: "k", Verb: verb, By: by, Version: 3, Sub: sub, Reason: r, Outcome: o}); err == nil {
									out[fmt.Sprintf("%s %s %s", from, got.Status, by)] = true
								}
							}
						}
					}
				}
			}
		}
	}
	return out
}

func differences(got map[string]bool) (out []string) {
	want := map[string]bool{}
	for _, l := range strings.Split(strings.TrimSpace(expected), "\n") {
		want[l] = true
	}
	for _, from := range handover.Statuses() {
		for _, to := range handover.Statuses() {
			for _, by := range handover.Sides() {
				if l := fmt.Sprintf("%s %s %s", from, to, by); got[l] != want[l] {
					out = append(out, fmt.Sprintf("%s: %v, want %v", l, got[l], want[l]))
				}
			}
		}
	}
	return out
}

func TestEveryTransition(t *testing.T) {
	wrong := differences(reach(func(h handover.Handover, c handover.Command) (handover.Handover, error) { return h.Apply(c, day) }))
	n := len(handover.Statuses())
	t.Logf("figure: %d combinations of from, to and side compared with a second table, %d differ", n*n*len(handover.Sides()), len(wrong))
	for _, w := range wrong {
		t.Error(w)
	}
	// The control: a clock that may do what a receiver may would be found.
	leaks := differences(reach(func(h handover.Handover, c handover.Command) (handover.Handover, error) {
		if c.By == handover.Clock {
			c.By = handover.Receiver
		}
		return h.Apply(c, day)
	}))
	t.Logf("figure: control with the clock in the receiver's place: %d differ", len(leaks))
	if len(leaks) == 0 {
		t.Error("a clock with the receiver's rights went unnoticed")
	}
}

func TestNothingLeavesAnEnd(t *testing.T) {
	for _, s := range handover.Statuses() {
		if s.Open() {
			continue
		}
		for _, by := range handover.Sides() {
			if can := (handover.Handover{Status: s, CancelAsked: true, Lapses: 1}).Can(by); len(can) > 0 {
				t.Errorf("%s may %v what is %s", by, can, s)
			}
		}
	}
}

func TestWhatIsOfferedWorks(t *testing.T) {
	for _, s := range handover.Statuses() {
		for _, by := range handover.Sides() {
			h := handover.Handover{Status: s, Version: 1, Lapses: 1}
			for _, v := range h.Can(by) {
				worked := false
				for _, r := range append(append([]handover.Reason{""}, handover.Declines()...), handover.Recalls()...) {
					for _, o := range []handover.Outcome{"", handover.Helped, handover.NotHelped} {
						_, err := h.Apply(handover.Command{Verb: v, By: by, Version: 1, Sub: handover.Appointment, Reason: r, Outcome: o}, day)
						worked = worked || err == nil
					}
				}
				if !worked {
					t.Errorf("%s is offered %s while %s, but it never works", by, v, s)
				}
			}
		}
	}
}

func TestAWithdrawalWinsTheRace(t *testing.T) {
	h := handover.Handover{Status: handover.Received, Version: 2}
	accepted, err := h.Apply(handover.Command{Verb: handover.Accept, By: handover.Receiver, Version: 2}, day)
	if err != nil {
		t.Fatal(err)
	}
	gone, err := accepted.Apply(handover.Command{Verb: handover.Withdraw, By: handover.Person, Version: 2}, day) // saw the older version
	if err != nil || gone.Status != handover.Cancelled || !gone.Withdrawn {
		t.Errorf("after an acceptance: %+v, %v", gone, err)
	}
	gone, err = h.Apply(handover.Command{Verb: handover.Withdraw, By: handover.Person}, day)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := gone.Apply(handover.Command{Verb: handover.Accept, By: handover.Receiver, Version: 2}, day); fault.KindOf(err) != fault.Conflict {
		t.Errorf("an acceptance after a withdrawal: %v", err)
	}
	// The control: any other command that saw an older version is stale.
	if _, err := accepted.Apply(handover.Command{Verb: handover.Start, By: handover.Receiver, Version: 2}, day); fault.KindOf(err) != fault.Stale {
		t.Errorf("a start on an older version: %v", err)
	}
}
