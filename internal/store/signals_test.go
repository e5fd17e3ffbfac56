package store_test

import (
	"testing"
	"time"

	"gevor/atlas"
	"gevor/authz"
	"gevor/directory"
	"gevor/fault"
	"gevor/internal/store"
	"gevor/signal"
)

var warningClauses = []clause{
	{"a warning grows and keeps its reports", warningGrows},
	{"a contradicted warning does not nag", warningContradicted},
	{"an offer named in an answer is suggested to its keeper", warningOffer},
	{"an offer that the directory lacks is proposed to whoever keeps entries", warningMissing},
	{"the rate of false alarms is chosen by the office", warningRate},
	{"early warning reads every source, whoever may see it, and no words", watchedSources},
}

func risen(z float64, sources ...signal.Source) atlas.Warning {
	return atlas.Warning{
		ID: "B-2222-22", Level: signal.InDistrict, Area: "0599900101", Subject: signal.Subject{Group: "alle", Problem: "hausarzt"}, Since: day.AddDate(0, 0, -30),
		Signals: []signal.Signal{{Sources: sources, Level: signal.InDistrict, Area: "0599900101", Observed: 40, Expected: 21, Strength: z, Since: day.AddDate(0, 0, -30)}},
	}
}

func warningGrows(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	for i, z := range []float64{4.1, 5.2} {
		w.does("record", w.UnsafeRecordWarnings(ctx, "r", day.AddDate(0, 0, 7*i), []atlas.Panels{{Step: signal.Week, Rate: 1, Threshold: signal.Threshold{Basis: signal.OnPast, Families: map[string]float64{"x": 3.5}}}}, []atlas.Warning{risen(z, signal.Contacts)}))
	}
	wants(t, "the same day again", w.UnsafeRecordWarnings(ctx, "r", day.AddDate(0, 0, 7), nil, nil), fault.Conflict)
	wants(t, "an older day", w.UnsafeRecordWarnings(ctx, "r", day, nil, nil), fault.Conflict)
	k, watched, err := w.Warning(ctx, w.clerk, "r", "B-2222-22")
	if err != nil {
		t.Fatal(err)
	}
	if z, n := k.Strength(); z != 5.2 || n != 1 || len(k.History) != 2 || k.History[0].Signals[0].Strength != 4.1 || !k.Since.Equal(day.AddDate(0, 0, -30)) || !k.Seen.Equal(day.AddDate(0, 0, 7)) {
		t.Errorf("%+v", k)
	}
	if watched.Rate != 1 || len(watched.Reports) != 1 || watched.Reports[0].Threshold.Families["x"] != 3.5 || k.Stage(watched.At) != atlas.Open {
		t.Errorf("%+v", watched)
	}
	if p := must[[]atlas.PreviousWarning](t)(w.PreviousWarnings(ctx, "r")); len(p) != 1 || p[0].ID != "B-2222-22" || p[0].Subject.Problem != "hausarzt" {
		t.Errorf("%+v", p)
	}
	// A report without it: nothing is forgotten, and it is over.
	w.does("record", w.UnsafeRecordWarnings(ctx, "r", day.AddDate(0, 0, 14), nil, nil))
	list, watched, err := w.Warnings(ctx, w.clerk, "r")
	if err != nil || len(list) != 1 || list[0].Stage(watched.At) != atlas.Over {
		t.Errorf("%+v %v", list, err)
	}
	_, _, err = w.Warnings(ctx, authz.Public(), "r")
	if err == nil {
		t.Error("the public reads warnings")
	}
	// The control: without rights it does.
	if list, _, err := store.UnsafeWithoutRights(w.Store).Warnings(ctx, authz.Public(), "r"); err != nil || len(list) != 1 {
		t.Errorf("without rights: %+v %v", list, err)
	}
	if list, _, err := w.Warnings(ctx, w.clerk, "another"); err != nil || len(list) != 0 {
		t.Errorf("another region: %+v %v", list, err)
	}
}

func warningContradicted(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	report := func(week int, z float64, sources ...signal.Source) {
		w.does("record", w.UnsafeRecordWarnings(ctx, "r", day.AddDate(0, 0, 7*week), nil, []atlas.Warning{risen(z, sources...)}))
	}
	stage := func() atlas.Stage {
		k, watched, err := w.Warning(ctx, w.clerk, "r", "B-2222-22")
		if err != nil {
			t.Fatal(err)
		}
		return k.Stage(watched.At)
	}
	weeks := 0
	report(weeks, 4, signal.Contacts)
	wants(t, "without a reason", w.AnswerWarning(ctx, w.clerk, day, "r", "B-2222-22", atlas.Answer{Owner: w.east, Kind: atlas.Contradicts}), fault.Invalid)
	wants(t, "for another house", w.AnswerWarning(ctx, w.clerk, day, "r", "B-2222-22", atlas.Answer{Owner: w.west, Kind: atlas.Confirms}), fault.Invalid)
	wants(t, "another warning", w.AnswerWarning(ctx, w.clerk, day, "r", "B-none", atlas.Answer{Owner: w.east, Kind: atlas.Confirms}), fault.NotFound)
	if err := w.AnswerWarning(ctx, authz.Public(), day, "r", "B-2222-22", atlas.Answer{Kind: atlas.Confirms}); err == nil {
		t.Error("the public answers")
	}
	w.does("contradict", w.AnswerWarning(ctx, w.clerk, day, "r", "B-2222-22", atlas.Answer{Owner: w.east, Kind: atlas.Contradicts, Reason: "Ein Träger hat umgestellt"}))
	for _, step := range []struct {
		z       float64
		sources []signal.Source
		want    atlas.Stage
	}{
		{4, []signal.Source{signal.Contacts}, atlas.Disputed},
		{5.4, []signal.Source{signal.Contacts}, atlas.Disputed},
		{5.5, []signal.Source{signal.Contacts}, atlas.Grown},
		{4, []signal.Source{signal.Contacts, signal.Handovers}, atlas.Grown},
	} {
		weeks++
		report(weeks, step.z, step.sources...)
		if got := stage(); got != step.want || got.Nags() != (step.want == atlas.Grown) {
			t.Errorf("z %g, %v: %s", step.z, step.sources, got)
		}
	}
	w.does("at work", w.AnswerWarning(ctx, w.clerk, day.Add(time.Hour), "r", "B-2222-22", atlas.Answer{Owner: w.east, Kind: atlas.InWork}))
	if got := stage(); got != atlas.Working {
		t.Errorf("after a later answer: %s", got)
	}
}

func warningOffer(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	w.does("record", w.UnsafeRecordWarnings(ctx, "r", day, nil, []atlas.Warning{risen(4, signal.Contacts)}))
	wants(t, "an unknown entry", w.AnswerWarning(ctx, w.clerk, day, "r", "B-2222-22", atlas.Answer{Owner: w.east, Kind: atlas.OfferExists, Reason: "Das gibt es schon", Service: "s-none"}), fault.Invalid)
	w.does("in words", w.AnswerWarning(ctx, w.clerk, day, "r", "B-2222-22", atlas.Answer{Owner: w.east, Kind: atlas.OfferExists, Reason: "Praxis am Markt nimmt auf"}))
	k, watched, err := w.Warning(ctx, w.clerk, "r", "B-2222-22")
	if err != nil || k.Stage(watched.At) != atlas.Offered || len(k.Answers) != 1 {
		t.Errorf("%+v %v", k, err)
	}
}

func warningMissing(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	w.does("record", w.UnsafeRecordWarnings(ctx, "r", day, nil, []atlas.Warning{risen(4, signal.Contacts)}))
	for _, reason := range []string{"Praxis am Markt nimmt auf", "Im Hafen gibt es etwas"} {
		w.does("in words", w.AnswerWarning(ctx, w.clerk, day, "r", "B-2222-22", atlas.Answer{Owner: w.east, Kind: atlas.OfferExists, Reason: reason}))
	}
	navigator := w.joins(w.east, "lotse@ost.example", authz.Navigator)
	if _, err := w.MissingOffers(ctx, navigator, w.east); err == nil {
		t.Error("somebody who keeps no entries reads what is missing")
	}
	// The control: without rights they are read by everybody.
	if all, err := store.UnsafeWithoutRights(w.Store).MissingOffers(ctx, authz.Public(), w.east); err != nil || len(all) != 2 {
		t.Errorf("without rights: %+v %v", all, err)
	}
	list := must[[]atlas.MissingOffer](t)(w.MissingOffers(ctx, w.clerk, w.east))
	if len(list) != 2 || list[0].Warning != "B-2222-22" || list[0].Area != "0599900101" || list[0].Subject.Problem != "hausarzt" || list[0].Said == "" {
		t.Fatalf("%+v", list)
	}
	if err := w.SettleMissing(ctx, navigator, day, w.east, list[0].ID, ""); err == nil {
		t.Error("somebody who keeps no entries settles it")
	}
	wants(t, "an unknown entry", w.SettleMissing(ctx, w.clerk, day, w.east, list[0].ID, "s-none"), fault.Invalid)
	wants(t, "an unknown answer", w.SettleMissing(ctx, w.clerk, day, w.east, "w-none", ""), fault.NotFound)
	w.does("nothing to enter", w.SettleMissing(ctx, w.clerk, day, w.east, list[0].ID, ""))
	wants(t, "twice", w.SettleMissing(ctx, w.clerk, day, w.east, list[0].ID, ""), fault.Stale)
	id := w.listed("Praxis im Hafen", directory.Acute)
	w.does("entered", w.SettleMissing(ctx, w.clerk, day, w.east, list[1].ID, id))
	if left := must[[]atlas.MissingOffer](t)(w.MissingOffers(ctx, w.clerk, w.east)); len(left) != 0 {
		t.Errorf("still waiting: %+v", left)
	}
	k, _, err := w.Warning(ctx, w.clerk, "r", "B-2222-22")
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, a := range k.Answers {
		if a.Service == string(id) {
			named++
		}
	}
	if named != 1 {
		t.Errorf("%d answers name the new entry: %+v", named, k.Answers)
	}
}

func warningRate(t *testing.T, open func(*testing.T) string) {
	w := newTown(t, opened(t, open(t)))
	ctx := t.Context()
	if got := must[float64](t)(w.WarningRate(ctx, "r")); got != 1 {
		t.Errorf("before anybody chose: %g", got)
	}
	if err := w.SetWarningRate(ctx, w.clerk, day, "r", 2); err == nil {
		t.Error("an editor chooses the rate")
	}
	office := w.joins(w.east, "amt@ost.example", authz.Coordinator)
	wants(t, "no rate", w.SetWarningRate(ctx, office, day, "r", 0), fault.Invalid)
	w.does("choose", w.SetWarningRate(ctx, office, day, "r", 0.5))
	w.does("report", w.UnsafeRecordWarnings(ctx, "r", day, nil, nil))
	if got := must[float64](t)(w.WarningRate(ctx, "r")); got != 0.5 {
		t.Errorf("after a report: %g", got)
	}
}
