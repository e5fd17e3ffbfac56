package webtest

import (
	"context"
	"time"

	"gevor/atlas"
	"gevor/authz"
	"gevor/internal/web"
	"gevor/signal"
)

// Warning is the identity of a warning of the example town.
const Warning = "B-7K3M-Q2"

// warn records what early warning says of the example town: something that rises and was contradicted by the west, and a
// loss that can be foreseen. Nothing of it belongs to the east.
func (h *Houses) warn(ctx context.Context, e *example) error {
	day := time.Date(2026, 5, 11, 0, 0, 0, 0, time.UTC)
	subject := warnedOf()
	rises := atlas.Warning{
		ID: Warning, Level: signal.InDistrict, Area: District(), Subject: subject, Since: day.AddDate(0, 0, -28),
		Signals: []signal.Signal{{
			Sources: []signal.Source{signal.Contacts, signal.Handovers}, Method: signal.Together, Level: signal.InDistrict, Area: District(), Subject: subject,
			From: day.AddDate(0, 0, -56), To: day.AddDate(0, 0, -1), Since: day.AddDate(0, 0, -28), Observed: 45, Expected: 24, Strength: 4.2, Chance: 1e-4, Complete: 0.88, LeadDays: 324,
			Against: []signal.Doubt{signal.NotAllIn}, Next: []signal.Advice{signal.AskThere, signal.LookAtOffers, signal.LookAtReports},
		}},
	}
	ends := atlas.Warning{
		ID: "B-2Q8V-HX", Level: signal.InRegion, Subject: subject, Since: day,
		Signals: []signal.Signal{{
			Sources: []signal.Source{signal.Retirement}, Method: signal.Foreseen, Level: signal.InRegion, Subject: subject, From: day, To: day.AddDate(1, 4, 0), Since: day,
			Observed: 4, Expected: 12, Chance: 0.85, Complete: 0.92, LeadDays: 488, Against: []signal.Doubt{signal.Assumed, signal.AgesUnknown}, Next: []signal.Advice{signal.PlanAhead, signal.LookAtOffers, signal.AskThere},
		}},
	}
	panels := []atlas.Panels{{Step: signal.Week, Units: 340, Waiting: 2, Rate: 1, To: day.AddDate(0, 0, -1), Threshold: signal.Threshold{Basis: signal.OnPast, Periods: 66, Alarms: 15}}}
	for i, list := range [][]atlas.Warning{{rises}, {rises, ends}} {
		if err := h.UnsafeRecordWarnings(ctx, RegionKey, day.AddDate(0, 0, 7*(i-1)), panels, list); err != nil {
			return err
		}
	}
	west, _, err := h.UnsafeActor(ctx, Person(West, authz.Navigator))
	if err != nil {
		return err
	}
	// Said before, so that the contradiction counts; the offer stays missing.
	if err := h.AnswerWarning(ctx, west, Day().Add(-time.Hour), RegionKey, "B-2Q8V-HX", atlas.Answer{Owner: West, Kind: atlas.OfferExists, Reason: "Die Praxis im Hafen nimmt neue Kinder auf"}); err != nil {
		return err
	}
	clerk, _, err := h.UnsafeActor(ctx, Person(West, authz.Editor))
	if err != nil {
		return err
	}
	missing, err := h.MissingOffers(ctx, clerk, West)
	if err != nil {
		return err
	}
	e.missing = missing[0].ID
	return h.AnswerWarning(ctx, west, Day(), RegionKey, "B-2Q8V-HX", atlas.Answer{Owner: West, Kind: atlas.Contradicts, Reason: "Zwei Praxen haben schon Nachfolger"})
}

// warnedOf is what the first standard of the town is about.
func warnedOf() signal.Subject {
	s := bare(web.Normal).Result.Snapshot
	t := s.Standards[0]
	return signal.Subject{Group: s.Groups[t.Group].Key, Problem: s.Categories[t.Category].Key}
}
