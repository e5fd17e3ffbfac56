package store_test

import (
	"slices"
	"testing"

	"gevor/alliance"
	"gevor/authz"
	"gevor/effect"
	"gevor/fault"
	"gevor/indicator"
)

var yardstickClauses = []clause{
	{"what a measure is judged by is written down by its house, and stays once it was used", yardstickLife},
	{"of two who set a yardstick, one learns of the other", yardsticksCollide},
}

func yardstick(t *testing.T, measure string) alliance.Yardstick {
	t.Helper()
	start, ok := indicator.ParsePeriod("2026-Q3")
	if !ok {
		t.Fatal("no period")
	}
	return alliance.Yardstick{Measure: measure, Dataset: "kinderarmut", Areas: []string{"0541000412", "0541000407"}, Start: start, Worthwhile: 2.5}
}

func yardstickLife(t *testing.T, open func(*testing.T) string) {
	r := newRound(t, opened(t, open(t)))
	ctx := t.Context()
	y := yardstick(t, r.measure())
	_, err := r.Yardstick(ctx, r.planner, y.Measure)
	wants(t, "before there is one", err, fault.NotFound)
	wants(t, "another house sets it", r.SetYardstick(ctx, r.member, day, y), fault.Denied)
	wants(t, "the public sets it", r.SetYardstick(ctx, authz.Public(), day, y), fault.NotFound)
	nowhere := y
	nowhere.Areas = nil
	wants(t, "without districts", r.SetYardstick(ctx, r.planner, day, nowhere), fault.Invalid)
	r.does("set", r.SetYardstick(ctx, r.planner, day, y))
	got := must[alliance.Yardstick](t)(r.Yardstick(ctx, r.member, y.Measure))
	if got.Dataset != y.Dataset || !slices.Equal(got.Areas, []string{"0541000407", "0541000412"}) || got.Start != y.Start || got.Worthwhile != 2.5 || !got.Fixed.Equal(day) || got.Version != 1 || got.Late() {
		t.Errorf("%+v", got)
	}
	if all := must[[]alliance.Yardstick](t)(r.Yardsticks(ctx, r.member, y.Dataset)); len(all) != 1 {
		t.Errorf("%+v", all)
	}
	if all := must[[]alliance.Yardstick](t)(r.Yardsticks(ctx, authz.Public(), y.Dataset)); len(all) != 0 {
		t.Errorf("the public sees %+v", all)
	}

	change := -1.5
	a := alliance.Appraisal{Measure: y.Measure, Yardstick: got, Judged: alliance.Judged{Verdict: effect.Improved, Reason: effect.Beyond, Change: &change, Places: 12, Until: y.Start}, Note: "Mehr Familien kommen."}
	_, err = r.Appraise(ctx, r.member, day, a)
	wants(t, "another house appraises", err, fault.Denied)
	mute := a
	mute.Note = ""
	_, err = r.Appraise(ctx, r.planner, day, mute)
	wants(t, "without a word", err, fault.Invalid)
	late := day.AddDate(1, 0, 0)
	must[string](t)(r.Appraise(ctx, r.planner, late, a))
	all := must[[]alliance.Appraisal](t)(r.Appraisals(ctx, r.member, y.Measure))
	if len(all) != 1 || all[0].Judged.Verdict != effect.Improved || *all[0].Judged.Change != change || all[0].Judged.Low != nil || all[0].Judged.Until != y.Start || all[0].Yardstick.Dataset != y.Dataset || !all[0].At.Equal(late) || all[0].Owner != r.east {
		t.Errorf("%+v", all)
	}
	_, err = r.Appraisals(ctx, authz.Public(), y.Measure)
	wants(t, "the public reads appraisals", err, fault.NotFound)
	got.Dataset = "was-besser-aussieht"
	wants(t, "another figure after the appraisal", r.SetYardstick(ctx, r.planner, late, got), fault.Conflict)
}

func yardsticksCollide(t *testing.T, open func(*testing.T) string) {
	r := newRound(t, opened(t, open(t)))
	ctx := t.Context()
	y := yardstick(t, r.measure())
	r.does("set", r.SetYardstick(ctx, r.planner, day, y))
	wants(t, "a second first one", r.SetYardstick(ctx, r.planner, day, y), fault.Stale)
	y.Version, y.Dataset = 1, "arbeitslosigkeit"
	r.does("set anew", r.SetYardstick(ctx, r.planner, day, y))
	wants(t, "on the version before", r.SetYardstick(ctx, r.planner, day, y), fault.Stale)
	_, err := r.Appraise(ctx, r.planner, day, alliance.Appraisal{Measure: y.Measure, Yardstick: y, Note: "Mehr Familien kommen."})
	wants(t, "appraised by the yardstick before", err, fault.Stale)
	if all := must[[]alliance.Appraisal](t)(r.Appraisals(ctx, r.planner, y.Measure)); len(all) != 0 {
		t.Errorf("%+v", all)
	}
}
