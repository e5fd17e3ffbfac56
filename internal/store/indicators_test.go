package store_test

import (
	"testing"

	"gevor/authz"
	"gevor/disclosure"
	"gevor/fault"
	"gevor/indicator"
	"gevor/internal/store"
)

var figureClauses = []clause{
	{"figures are published, seen and withdrawn", figuresLife},
	{"every release of figures binds the next", figuresBind},
	{"figures are shown as of a day", figuresAsOf},
	{"datasets by hand are seen by their owner's statisticians alone", figuresByHand},
}

// published makes a table that has passed the gate.
func published(t *testing.T, id string, counts ...float64) (*indicator.Publication, *indicator.Preview) {
	t.Helper()
	at, _ := indicator.ParsePeriod("2024")
	var areas []indicator.Area
	table := &indicator.Table{Dataset: indicator.Dataset{ID: id, Title: indicator.Label{DE: id}, Level: indicator.Districts, Rules: disclosure.Rules{MinimumCell: 5}}}
	for i, c := range counts {
		key := string(rune('a' + i))
		areas = append(areas, indicator.Area{Key: key, Name: key, Level: indicator.Districts, Parent: "town"})
		table.Figures = append(table.Figures, indicator.Figure{Area: key, Period: at, Count: indicator.Of(c), Place: "t"})
	}
	pub, preview, err := indicator.Protect(table, indicator.NewGround(areas), indicator.GateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return pub, preview
}

func figuresLife(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	keeper := authz.Actor{Memberships: []authz.Membership{{Organisation: w.east, Roles: []authz.Role{authz.Statistician}}}}
	pub, preview := published(t, "armut", 3, 20, 30)
	everybody := authz.Release{Level: authz.PublicLevel}
	_, err := w.PublishDataset(ctx, w.clerk, day, w.east, 0, 0, pub, preview, everybody)
	wants(t, "an editor publishes", err, fault.Denied)
	_, err = w.PublishDataset(ctx, authz.Public(), day, w.east, 0, 0, pub, preview, everybody)
	wants(t, "the public publishes", err, fault.NotFound)
	if n := must[int](t)(w.PublishDataset(ctx, keeper, day, w.east, 0, 0, pub, preview, authz.Release{})); n != 1 {
		t.Errorf("the first release is number %d", n)
	}
	// Private: the house sees it, nobody else.
	_, _, err = w.Publication(ctx, authz.Public(), "armut")
	wants(t, "the public sees a private dataset", err, fault.NotFound)
	if list := must[[]indicator.Listed](t)(w.Datasets(ctx, authz.Public())); len(list) != 0 {
		t.Errorf("the public is shown %v", list)
	}
	if list := must[[]indicator.Listed](t)(w.Datasets(ctx, keeper)); len(list) != 1 || !list[0].Mine || list[0].Level != "private" {
		t.Errorf("the house is shown %+v", list)
	}
	// The control: without rights the public would have seen it.
	if _, _, err := store.UnsafeWithoutRights(w.Store).Publication(ctx, authz.Public(), "armut"); err != nil {
		t.Errorf("without rights: %v", err)
	}
	// The same table again is no new release, but may be released further.
	if n := must[int](t)(w.PublishDataset(ctx, keeper, day, w.east, 0, 1, pub, preview, everybody)); n != 1 {
		t.Errorf("the same table became release %d", n)
	}
	got, listed, err := w.Publication(ctx, authz.Public(), "armut")
	if err != nil || len(got.Shown) != len(pub.Shown) || got.Shown[0].Kind != indicator.Suppressed || !listed.Public || listed.Mine {
		t.Errorf("%+v, %+v, %v", got, listed, err)
	}
	_, _, err = w.DatasetPreview(ctx, authz.Public(), "armut")
	wants(t, "the public asks what the rules hid", err, fault.Denied)
	if p, _, err := w.DatasetPreview(ctx, keeper, "armut"); err != nil || p.Primary != preview.Primary {
		t.Errorf("the owner is told %+v, %v", p, err)
	}
	other, _ := published(t, "armut", 9, 20, 30)
	_, err = w.PublishDataset(ctx, keeper, day, w.east, 0, 0, other, preview, everybody)
	wants(t, "a release made without looking at the newest", err, fault.Stale)
	if err := w.Release(ctx, keeper, day, authz.Ref{Kind: authz.Figures, Object: "armut", Purpose: authz.ForAtlas}, authz.Release{}); err != nil {
		t.Fatal(err)
	}
	_, _, err = w.Publication(ctx, authz.Public(), "armut")
	wants(t, "the public sees a withdrawn dataset", err, fault.NotFound)
}

func figuresBind(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	keeper := authz.Actor{Memberships: []authz.Membership{{Organisation: w.east, Roles: []authz.Role{authz.Statistician}}}}
	if got := must[[]*indicator.Publication](t)(w.EarlierPublications(ctx, keeper, "armut")); len(got) != 0 {
		t.Errorf("before the first release there are %d", len(got))
	}
	for i, c := range []float64{20, 21, 22} {
		pub, preview := published(t, "armut", c, 40)
		if n := must[int](t)(w.PublishDataset(ctx, keeper, day, w.east, 0, i, pub, preview, authz.Release{Level: authz.PublicLevel})); n != i+1 {
			t.Errorf("release %d has number %d", i+1, n)
		}
	}
	got := must[[]*indicator.Publication](t)(w.EarlierPublications(ctx, keeper, "armut"))
	if len(got) != 3 || got[0].Shown[0].Number != 20 || got[2].Shown[0].Number != 22 {
		t.Errorf("%d earlier releases", len(got))
	}
	_, err := w.EarlierPublications(ctx, w.clerk, "armut")
	wants(t, "an editor asks for earlier releases", err, fault.Denied)
}

// What was public on a day is shown as of that day, whatever came later; what was withdrawn since is not, nor what was a
// draft then.
func figuresAsOf(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	keeper := authz.Actor{Memberships: []authz.Membership{{Organisation: w.east, Roles: []authz.Role{authz.Statistician}}}}
	everybody := authz.Release{Level: authz.PublicLevel}
	for i, c := range []float64{20, 21, 22} {
		pub, preview := published(t, "armut", c, 40)
		wanted := everybody
		if i == 0 { // a draft, which the next release follows
			wanted = authz.Release{}
		}
		if _, err := w.PublishDataset(ctx, keeper, day.AddDate(0, 0, i), w.east, 0, i, pub, preview, wanted); err != nil {
			t.Fatal(err)
		}
	}
	_, _, err := w.PublicationAt(ctx, authz.Public(), "armut", day)
	wants(t, "the public sees a draft of then", err, fault.NotFound)
	for after, want := range map[int]float64{1: 21, 2: 22, 400: 22} {
		pub, listed, err := w.PublicationAt(ctx, authz.Public(), "armut", day.AddDate(0, 0, after))
		if err != nil || pub.Shown[0].Number != want || listed.Shown.IsZero() {
			t.Errorf("after %d days: %+v, %v, want %g", after, listed, err, want)
		}
	}
	if err := w.Release(ctx, keeper, day.AddDate(0, 0, 9), authz.Ref{Kind: authz.Figures, Object: "armut", Purpose: authz.ForAtlas}, authz.Release{}); err != nil {
		t.Fatal(err)
	}
	_, _, err = w.PublicationAt(ctx, authz.Public(), "armut", day.AddDate(0, 0, 2))
	wants(t, "the public sees as of then what was withdrawn since", err, fault.NotFound)
	if _, _, err := store.UnsafeWithoutRights(w.Store).PublicationAt(ctx, authz.Public(), "armut", day.AddDate(0, 0, 2)); err != nil {
		t.Errorf("without rights: %v", err)
	}
}
