package store_test

import (
	"slices"
	"strings"
	"testing"

	"gevor/authz"
	"gevor/fault"
	"gevor/handover"
	"gevor/internal/store"
)

// slipsToldOnlyWithConsent holds what a practice learns of its slips: nothing without the box, nothing of another
// practice, nothing after 30 days. The control is the same slip with the box.
func slipsToldOnlyWithConsent(t *testing.T, open func(*testing.T) string) {
	w := sealed(t, open)
	ctx := t.Context()
	n := handover.NewSlips{Owner: w.west, Service: string(w.offer), Practice: "Praxis am Markt", Count: 3}
	_, codes, secret, err := w.CreateSlips(ctx, w.rudi, day, n)
	w.does("a block", err)
	_, _, elsewhere, err := w.CreateSlips(ctx, w.rudi, day, n)
	w.does("a block for another practice", err)
	if len(codes) != 3 || len(slices.Compact(slices.Sorted(slices.Values(codes)))) != 3 {
		t.Fatalf("codes %v", codes)
	}
	for what, who := range map[string]authz.Actor{"the east": w.nora, "the public": authz.Public(), "an editor": w.clerk} {
		if _, _, _, err := w.CreateSlips(ctx, who, day, n); fault.KindOf(err) != fault.NotFound && fault.KindOf(err) != fault.Denied {
			t.Errorf("%s makes slips for the west: %v", what, err)
		}
		if err := w.MarkSlip(ctx, who, day, w.west, codes[0], handover.Solved, true); fault.KindOf(err) != fault.NotFound && fault.KindOf(err) != fault.Denied {
			t.Errorf("%s marks slips of the west: %v", what, err)
		}
	}
	if err := w.MarkSlip(ctx, w.nora, day, w.east, codes[0], handover.Solved, true); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the east marks a slip of the west as its own: %v", err)
	}
	// The first without the box, the second with it on paper, the third by its holder.
	w.does("without the box", w.MarkSlip(ctx, w.rudi, day, w.west, codes[0], handover.Arrived, false))
	w.does("with the box", w.MarkSlip(ctx, w.rudi, day, w.west, strings.ToLower(handover.Spell(codes[1])), handover.SlipMissed, true))
	if f := must[handover.SlipFile](t)(w.BySlip(ctx, codes[2])); f.State != handover.Printed || f.Offer != "Schuldnerberatung" || f.Owner != "Stadt West" || f.Number != 3 {
		t.Errorf("%+v", f)
	}
	w.does("its holder", w.RedeemSlip(ctx, day, codes[2], true))
	sees := func(at int, secret string) (out []int) {
		for _, x := range must[handover.Practice](t)(w.Practice(ctx, day.AddDate(0, 0, at), secret)).Slips {
			out = append(out, x.Number)
		}
		return out
	}
	if got := sees(1, secret); !slices.Equal(got, []int{2, 3}) {
		t.Errorf("the practice sees %v", got)
	}
	if got := sees(1, elsewhere); got != nil {
		t.Errorf("another practice sees %v", got)
	}
	if got := sees(31, secret); got != nil {
		t.Errorf("after a month the practice sees %v", got)
	}
	w.does("taken back", w.RedeemSlip(ctx, day, codes[2], false))
	if got := sees(1, secret); !slices.Equal(got, []int{2}) {
		t.Errorf("after the holder took it back the practice sees %v", got)
	}
	w.does("box ticked again by the house", w.MarkSlip(ctx, w.rudi, day, w.west, codes[0], handover.Solved, true))
	if got := sees(1, secret); !slices.Equal(got, []int{1, 2}) { // control: the same slip, with the box
		t.Errorf("with the box the practice sees %v", got)
	}
	w.does("a holder after the house", w.RedeemSlip(ctx, day, codes[0], true))
	if f := must[handover.SlipFile](t)(w.BySlip(ctx, codes[0])); f.State != handover.Solved {
		t.Errorf("a holder overwrites what the house said: %s", f.State)
	}
	_, err = w.Practice(ctx, day, "gone")
	for what, err := range map[string]error{"a practice's page": err, "a code": w.RedeemSlip(ctx, day, handover.NewSlipCode(), true), "no code": w.RedeemSlip(ctx, day, "x", true)} {
		if fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s that is not there: %v", what, err)
		}
	}
	if gone := must[int64](t)(w.UnsafeSweepSlips(ctx, day.AddDate(0, 0, 31))); gone != 3 {
		t.Errorf("%d slips forgotten", gone)
	}
	if b := must[[]handover.SlipBlock](t)(w.SlipBlocks(ctx, w.rudi, w.west)); len(b) != 1 || len(b[0].Slips) != 3 {
		t.Errorf("left: %+v", b)
	}
	for _, bad := range []handover.NewSlips{{Owner: w.west, Service: string(w.offer), Practice: "", Count: 1}, {Owner: w.west, Service: string(w.offer), Practice: "Praxis", Count: 41}, {Owner: w.west, Practice: "Praxis", Count: 1}} {
		if _, _, _, err := w.CreateSlips(ctx, w.rudi, day, bad); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	if _, _, _, err := w.CreateSlips(ctx, w.nora, day, handover.NewSlips{Owner: w.east, Service: string(w.offer), Practice: "Praxis", Count: 1}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("slips for an offer of others: %v", err)
	}
	if seen, err := store.UnsafeWithoutRights(w.Store).SlipBlocks(ctx, authz.Public(), w.west); err != nil || len(seen) != 1 {
		t.Errorf("without rights everybody sees blocks: %v", err)
	}
	if _, err := w.SlipBlocks(ctx, w.nora, w.west); fault.KindOf(err) != fault.NotFound && fault.KindOf(err) != fault.Denied {
		t.Errorf("the east sees blocks of the west: %v", err)
	}
}
