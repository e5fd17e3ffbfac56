package store_test

import (
	"testing"

	"gevor/authz"
	"gevor/disclosure"
	"gevor/fault"
	"gevor/indicator"
	"gevor/internal/store"
)

// figuresByHand writes a dataset by hand as a statistician. Everybody else finds none, the control without rights finds it; it
// is gone for good when it was dropped, and after a month.
func figuresByHand(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	keeper := authz.Actor{Memberships: []authz.Membership{{Organisation: w.east, Roles: []authz.Role{authz.Statistician}}}}
	other := authz.Actor{Memberships: []authz.Membership{{Organisation: w.west, Roles: []authz.Role{authz.Statistician}}}}
	k := indicator.Sketch{
		Owner: string(w.east), File: "tabelle.csv", Raw: []byte("key;period;count\na;2024;4711\n"), OpenBase: true,
		Dataset: indicator.Dataset{ID: "armut", Title: indicator.Label{DE: "Armut"}}, Rules: disclosure.Rules{Name: "unter 5", MinimumCell: 5},
	}
	_, err := w.KeepSketch(ctx, w.clerk, day, k)
	wants(t, "an editor writes a dataset", err, fault.Denied)
	_, err = w.KeepSketch(ctx, other, day, k)
	wants(t, "another house writes a dataset of the east", err, fault.NotFound)
	id := must[string](t)(w.KeepSketch(ctx, keeper, day, k))
	got := must[indicator.Sketch](t)(w.Sketch(ctx, keeper, w.east, id))
	if got.ID != id || string(got.Raw) != string(k.Raw) || got.Rules != k.Rules || got.Dataset.Title != k.Dataset.Title || !got.OpenBase || !got.Made.Equal(day) {
		t.Errorf("kept as %+v", got)
	}
	for name, who := range map[string]authz.Actor{"the public": authz.Public(), "another house": other} {
		_, err = w.Sketch(ctx, who, w.east, id)
		wants(t, name+" reads a dataset by hand", err, fault.NotFound)
		_, err = w.Sketches(ctx, who, w.east)
		wants(t, name+" lists datasets by hand", err, fault.NotFound)
		wants(t, name+" drops a dataset by hand", w.DropSketch(ctx, who, day, w.east, id), fault.NotFound)
	}
	_, err = w.Sketch(ctx, w.clerk, w.east, id)
	wants(t, "an editor reads a dataset by hand", err, fault.Denied)
	_, err = w.Sketch(ctx, other, w.west, id)
	wants(t, "another house reads it under its own name", err, fault.NotFound)
	if list := must[[]indicator.Sketch](t)(w.Sketches(ctx, other, w.west)); len(list) != 0 {
		t.Errorf("the west is shown %v", list)
	}
	// The control: without rights another house would have read it.
	if _, err := store.UnsafeWithoutRights(w.Store).Sketch(ctx, other, w.east, id); err != nil {
		t.Errorf("without rights: %v", err)
	}
	got.Raw = []byte("key;period;count\na;2024;4712\n")
	if again := must[string](t)(w.KeepSketch(ctx, keeper, day, got)); again != id {
		t.Errorf("a change made %q of %q", again, id)
	}
	if list := must[[]indicator.Sketch](t)(w.Sketches(ctx, keeper, w.east)); len(list) != 1 || string(list[0].Raw) != string(got.Raw) {
		t.Errorf("the house is shown %v", list)
	}
	if err := w.DropSketch(ctx, keeper, day, w.east, id); err != nil {
		t.Fatal(err)
	}
	_, err = w.KeepSketch(ctx, keeper, day, got)
	wants(t, "a dropped dataset is changed", err, fault.NotFound)
	must[string](t)(w.KeepSketch(ctx, keeper, day, k))
	if n := must[int64](t)(w.UnsafeForgetSketches(ctx, day.AddDate(0, 0, indicator.SketchDays))); n != 0 {
		t.Errorf("%d forgotten too early", n)
	}
	if n := must[int64](t)(w.UnsafeForgetSketches(ctx, day.AddDate(0, 0, indicator.SketchDays+1))); n != 1 {
		t.Errorf("%d forgotten after a month", n)
	}
}
