package webtest

import (
	"context"
	"errors"
	"time"

	"gevor/alliance"
	"gevor/authz"
	"gevor/indicator"
)

// declare gives the town a charter in two versions and the west's signature under the second. The east has not signed.
func (h *Houses) declare(ctx context.Context, office authz.Actor) error {
	c := alliance.Charter{
		Title: "Charta der Zusammenarbeit", Body: "Wir arbeiten **freiwillig** zusammen.", Adopted: Day().AddDate(-2, 0, 0),
		Principles: []alliance.Principle{{Title: "Kein Fischen in fremden Töpfen!", Text: "Jede Organisation gibt aus dem eigenen Topf."}, {Title: "Lösungen vor Ort"}},
	}
	for range 2 {
		version, err := h.AdoptCharter(ctx, office, Day(), c)
		if err != nil {
			return err
		}
		c.Version, c.Body = version, c.Body+" Auch über Stadtgrenzen hinweg."
	}
	admin, _, err := h.UnsafeActor(ctx, Person(West, authz.OrganisationAdmin))
	if err != nil {
		return err
	}
	_, err = h.Sign(ctx, admin, Day(), alliance.Signature{Organisation: West, Version: 2, Signatory: "N.N., Leitung", Authority: "Beschluss des Rates", Signed: Day(), ReplyDays: 5, Back: "status"})
	return err
}

// work is what the alliance of the example town works on: a dossier of the east, accepted by a body in which both members
// sit, with a measure and what they promised.
type work struct {
	body, decision, dossier, note, measure, commitment, meeting, item, milestone string
}

// works lets the alliance of the example town work on a finding. The commitment of the east is seen by members.
func (h *Houses) works(ctx context.Context, all authz.Actor) (w work, err error) {
	day := Day()
	west, _, err := h.UnsafeActor(ctx, Person(West, authz.OrganisationAdmin))
	if err != nil {
		return w, err
	}
	if w.body, err = h.SaveBody(ctx, all, day, alliance.Body{Name: "Fokusgruppe Kinder", Kind: "focus-group", Quorum: 50}); err != nil {
		return w, err
	}
	var seats []string
	for _, o := range []authz.OrganisationID{East, West} {
		id, err := h.Seat(ctx, all, day, alliance.Seat{Body: w.body, Organisation: o, Holder: "N.N.", Substitute: "N.N.", Mandate: "Beschluss des Rates", Votes: true, From: day.AddDate(-1, 0, 0)})
		if err != nil {
			return w, err
		}
		seats = append(seats, id)
	}
	if w.dossier, err = h.OpenDossier(ctx, all, day, alliance.Dossier{
		Title: "Kinderarzt im Norden", Owner: East, Whom: "Kinder in prekären Lagen", Cluster: "gap",
		Evidence: alliance.Evidence{Finding: "f1", Region: RegionKey, Run: "5eed", Snapshot: "5nap", Name: "Nordviertel", People: 4000, Facts: []alliance.Fact{{Label: "Standard", Text: "Kinderarzt in 15 Minuten"}}},
	}); err != nil {
		return w, err
	}
	if _, err = h.MoveDossier(ctx, all, day, w.dossier, alliance.Move{Step: alliance.Examine, Version: 1}); err != nil {
		return w, err
	}
	d, err := h.EnterDecision(ctx, all, day, alliance.Decision{
		Body: w.body, Title: "Annehmen", Wording: "Wir nehmen den Befund an.", Reasons: "Vor Ort bestätigt.", Way: alliance.Consensus, On: day.Add(-time.Hour), Present: seats, Dossier: w.dossier, DossierVersion: 2,
	})
	if err != nil {
		return w, err
	}
	w.decision = d.ID
	if _, err = h.MoveDossier(ctx, all, day, w.dossier, alliance.Move{Step: alliance.Accept, Decision: d, Version: 2}); err != nil {
		return w, err
	}
	if w.note, err = h.AddNote(ctx, all, day, alliance.Note{Dossier: w.dossier, Owner: East, Kind: alliance.Voice, Text: "Eltern fahren in die Nachbarstadt."}); err != nil {
		return w, err
	}
	if w.measure, err = h.SaveMeasure(ctx, all, day, alliance.Measure{
		Dossier: w.dossier, Owner: East, Title: "Sprechstunde im Kiosk", Whom: "Kinder", Where: "Nordviertel", Indicator: "Kinder ohne Arzt in 15 Minuten", Expected: "1.000 weniger",
		FailsIf: "Nach einem Jahr sind es so viele wie vorher.", By: day.AddDate(1, 0, 0),
	}); err != nil {
		return w, err
	}
	start, ok := indicator.ParsePeriod("2023")
	if !ok {
		return w, errors.New("no period")
	}
	if err := h.SetYardstick(ctx, all, start.Start.AddDate(0, -1, 0), alliance.Yardstick{Measure: w.measure, Dataset: "beispiel-sprachentwicklung", Areas: []string{District()}, Start: start}); err != nil {
		return w, err
	}
	if err := h.meets(ctx, all, &w, seats); err != nil {
		return w, err
	}
	give := alliance.Commitment{Measure: w.measure, Owner: East, Gift: "rooms", What: "Ein Raum, zwei Nachmittage", From: day, Until: day.AddDate(0, 1, 0), Released: authz.Release{Level: authz.AllianceLevel}}
	if w.commitment, err = h.Commit(ctx, all, day, give); err != nil {
		return w, err
	}
	give.Owner, give.Gift, give.What, give.Pot = West, "money", "3.000 € im Jahr", "Gesundheitsamt, Prävention"
	_, err = h.Commit(ctx, west, day, give)
	return w, err
}

// meets lets the body of the example town come together: once last week, with minutes, and once in a week, with a point of
// the east on its agenda.
func (h *Houses) meets(ctx context.Context, all authz.Actor, w *work, seats []string) error {
	day := Day()
	called, week := day.AddDate(0, 0, -14), 7*24*time.Hour
	m := alliance.Meeting{Body: w.body, Title: "Sitzung der Fokusgruppe", Place: "Rathaus, Raum 12", Begins: day.Add(-week), Ends: day.Add(2*time.Hour - week)}
	rows, err := m.Repeat(2, 2)
	if err != nil {
		return err
	}
	if w.meeting, err = h.CallMeetings(ctx, all, called, rows); err != nil {
		return err
	}
	if err := h.ProposeItem(ctx, all, called, alliance.Item{Meeting: w.meeting, Owner: East, Title: "Sprachmittlung", Text: "Wer übernimmt die Kosten?", Dossier: w.dossier}); err != nil {
		return err
	}
	if err := h.WriteMinutes(ctx, all, day, w.meeting, 1, seats, "## 1. Sprachmittlung\n\nDas Thema kommt wieder."); err != nil {
		return err
	}
	if w.milestone, err = h.SaveMilestone(ctx, all, day, alliance.Milestone{On: day.AddDate(-2, 0, 0), Title: "Charta beschlossen", Text: "In der Stadthalle."}); err != nil {
		return err
	}
	_, agenda, err := h.Meeting(ctx, all, w.meeting)
	if err != nil {
		return err
	}
	w.item = agenda[0].ID
	return nil
}
