package store_test

import (
	"slices"
	"strings"
	"testing"

	"gevor/authz"
	"gevor/handover"
	"gevor/history"
	"gevor/internal/store"
)

// trailsOfTheirOwn holds what an organisation sees of the record: its own lines with names, the scripts that were
// shipped once for each change of them, nothing of others. The control is a store without rights.
func trailsOfTheirOwn(t *testing.T, open func(*testing.T) string) {
	w := sealed(t, open)
	ctx := t.Context()
	n := w.draft(handover.StatusOnly)
	w.sent(n)
	if _, err := w.reads(n); err != nil {
		t.Fatal(err)
	}
	for _, hash := range []string{"aa", "aa", "bb", "bb", "aa"} { // a server that starts again, with other scripts, with the first ones
		w.does("scripts", w.UnsafeNoteBundle(ctx, day, hash))
	}
	shipped := func(lines []history.Trace) (out []string) {
		for _, x := range lines {
			if x.Kind == history.Bundle {
				out = append(out, x.Object)
			}
		}
		return out
	}
	east, west := must[[]history.Trace](t)(w.Trail(ctx, w.nora, w.east, 0)), must[[]history.Trace](t)(w.Trail(ctx, w.rudi, w.west, 0))
	for o, lines := range map[authz.OrganisationID][]history.Trace{w.east: east, w.west: west} {
		if got := strings.Join(shipped(lines), " "); got != "aa bb aa" {
			t.Errorf("%s sees the scripts %q", o, got)
		}
		if !slices.IsSortedFunc(lines, func(a, b history.Trace) int { return b.Number - a.Number }) {
			t.Errorf("%s: not the latest first", o)
		}
		for _, x := range lines {
			if x.Owner != o && x.Kind != history.Bundle {
				t.Errorf("%s sees %+v", o, x)
			}
		}
	}
	if few := must[[]history.Trace](t)(w.Trail(ctx, w.nora, w.east, 2)); len(few) != 2 || few[0].Number != east[0].Number || few[1].Number != east[1].Number {
		t.Errorf("the latest two are %+v", few)
	}
	is := func(verb, who string) func(history.Trace) bool {
		return func(x history.Trace) bool {
			return x.Object == string(n.ID) && x.Verb == verb && (x.Name == "") == (who == "")
		}
	}
	if !slices.ContainsFunc(west, is("open", "rudi")) || !slices.ContainsFunc(east, is("created", "nora")) {
		t.Errorf("who sent and who read is not there:\n%+v\n%+v", east, west)
	}
	if slices.ContainsFunc(east, is("open", "rudi")) {
		t.Error("the east learns who read in the west")
	}
	for what, who := range map[string]authz.Actor{"the west": w.rudi, "an editor": w.clerk, "the public": authz.Public()} {
		if lines, err := w.Trail(ctx, who, w.east, 0); err == nil || lines != nil {
			t.Errorf("%s sees the trail of the east", what)
		}
	}
	if lines, err := store.UnsafeWithoutRights(w.Store).Trail(ctx, authz.Public(), w.east, 0); err != nil || len(lines) != len(east) {
		t.Errorf("without rights everybody sees the trail: %v", err)
	}
}
