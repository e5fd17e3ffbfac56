package app

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"gevor/alliance"
	"gevor/atlas"
	"gevor/authz"
	"gevor/internal/store"
	"gevor/internal/web"
	"gevor/organisation"
)

// fillAlliance gives the alliance of a demo region two bodies and dossiers of its first findings in several states, one of
// them with a measure and what three organisations promised, one of which took it back. Nothing of it is real.
func fillAlliance(ctx context.Context, s *store.Store, houses []organisation.Organisation, run *web.Run, at time.Time) error {
	at = at.AddDate(0, 0, -40)
	d := demoWork{store: s, at: at, run: run}
	for i, o := range houses {
		if !o.Alliance {
			continue
		}
		if d.city == "" && o.Kind == "city" {
			d.city = o.ID
		}
		if o.Kind == "office" {
			d.office = o.ID
		}
		d.members = append(d.members, houses[i])
	}
	findings := run.Result.Findings
	if d.city == "" || d.office == "" || len(findings) == 0 {
		return nil
	}
	d.keeper = person(d.city, authz.Planner)
	d.clerk = person(d.office, authz.Coordinator)
	if err := d.found(ctx); err != nil {
		return err
	}
	courses := [][]alliance.Step{
		{alliance.Examine, alliance.Accept, alliance.Assign, alliance.Plan, alliance.Begin},
		{alliance.Examine, alliance.Accept},
		{},
		{alliance.Examine, alliance.Contradict},
		{alliance.Examine, alliance.LeaveBe},
		{alliance.Examine, alliance.Accept, alliance.Assign},
	}
	for i, course := range courses[:min(len(courses), len(findings))] {
		if err := d.follow(ctx, &findings[i], course); err != nil {
			return err
		}
	}
	if err := d.pilots(ctx); err != nil {
		return err
	}
	return d.meet(ctx)
}

// person is somebody with a role in a house of the alliance; the demo writes in such names only.
func person(o authz.OrganisationID, roles ...authz.Role) authz.Actor {
	return authz.Actor{Memberships: []authz.Membership{{Organisation: o, Alliance: true, Roles: roles}}}
}

// demoWork is the alliance of a demo region at work.
type demoWork struct {
	store         *store.Store
	at            time.Time
	run           *web.Run
	city, office  authz.OrganisationID
	members       []organisation.Organisation
	keeper, clerk authz.Actor
	body          string
	seats         []string
}

// found founds the bodies and seats the members in the one that decides.
func (d *demoWork) found(ctx context.Context) error {
	if _, err := d.store.SaveBody(ctx, d.clerk, d.at, alliance.Body{Name: "Strategische Steuerungsgruppe", Kind: "strategic-steering", Quorum: 50}); err != nil {
		return err
	}
	var err error
	if d.body, err = d.store.SaveBody(ctx, d.clerk, d.at, alliance.Body{Name: "Fokusgruppe Versorgung im Quartier", Kind: "focus-group", Quorum: 50}); err != nil {
		return err
	}
	for _, o := range d.members {
		id, err := d.store.Seat(ctx, d.clerk, d.at, alliance.Seat{Body: d.body, Organisation: o.ID, Holder: "Leitung", Substitute: "Stellvertretung", Mandate: "Beschluss der Leitung", Votes: o.Kind != "office", From: d.at.AddDate(-4, 0, 0)})
		if err != nil {
			return err
		}
		d.seats = append(d.seats, id)
	}
	return nil
}

// follow opens a dossier of a finding and takes it along a course.
func (d *demoWork) follow(ctx context.Context, f *atlas.Finding, course []alliance.Step) error {
	snap := d.run.Result.Snapshot
	standard := &snap.Standards[f.Standard]
	group := snap.Groups[standard.Group].Label.In("de")
	var places []string
	for _, x := range f.Districts {
		if x.Area >= 0 {
			places = append(places, snap.Areas[x.Area].Name)
		}
	}
	where := strings.Join(places[:min(2, len(places))], ", ")
	x := alliance.Dossier{
		Title: where + ": " + standard.Label.In("de"), Owner: d.city, Whom: group, Cluster: "gap",
		Evidence: alliance.Evidence{
			Finding: f.ID, Region: d.run.Region, Run: d.run.Hash, Snapshot: snap.Hash, Name: strings.Join(places, ", "), People: int(math.Round(f.People)),
			Facts: []alliance.Fact{{Label: "Standard", Text: standard.Label.In("de")}, {Label: "Gruppe", Text: group}, {Label: "Stichtag", Text: snap.Date.Format("02.01.2006")}},
		},
	}
	id, err := d.store.OpenDossier(ctx, d.keeper, d.at, x)
	if err != nil {
		return err
	}
	if len(course) > 0 {
		if _, err := d.store.AddNote(ctx, d.keeper, d.at, alliance.Note{Dossier: id, Owner: d.city, Kind: alliance.Voice, Text: "Familien berichten, dass sie abgewiesen werden und in die Nachbarstadt fahren."}); err != nil {
			return err
		}
	}
	for i, step := range course {
		at := d.at.AddDate(0, 0, 7*(i+1))
		m := alliance.Move{Step: step, Version: i + 1, Body: d.body, Reason: demoReason(step)}
		if step == alliance.Plan {
			if err := d.measure(ctx, id, where, group); err != nil {
				return err
			}
		}
		if !step.Alone() {
			m.Decision, err = d.store.EnterDecision(ctx, d.clerk, at, alliance.Decision{
				Body: d.body, Title: x.Title, Wording: demoWording(step), Reasons: m.Reason, Way: alliance.Consensus, On: at, Present: slices.Clone(d.seats), Dossier: id, DossierVersion: i + 1,
			})
			if err != nil {
				return err
			}
		}
		if _, err := d.store.MoveDossier(ctx, d.keeper, at, id, m); err != nil {
			return err
		}
	}
	return nil
}

func demoReason(step alliance.Step) string {
	switch step {
	case alliance.Contradict:
		return "Eine Praxis im Nachbarhaus fehlt im Verzeichnis; der Weg ist kürzer als berechnet."
	case alliance.LeaveBe:
		return "Im Herbst eröffnet ohnehin eine Praxis; wir sehen danach wieder hin."
	}
	return ""
}

func demoWording(step alliance.Step) string {
	switch step {
	case alliance.Accept:
		return "Wir nehmen den Befund an."
	case alliance.Assign:
		return "Die Fokusgruppe nimmt sich der Sache an."
	case alliance.Plan:
		return "Wir planen die beschriebene Maßnahme. Wer dazu beiträgt, sagt es selbst zu."
	}
	return "Wir verzichten auf eine Maßnahme."
}

// measure describes a measure and lets three organisations promise something to it; the last takes it back.
func (d *demoWork) measure(ctx context.Context, dossier, where, whom string) error {
	at := d.at.AddDate(0, 0, 21)
	m, err := d.store.SaveMeasure(ctx, d.keeper, at, alliance.Measure{
		Dossier: dossier, Owner: d.city, Title: "Offene Sprechstunde im Quartier", Whom: whom, Where: where, Indicator: "Menschen, die den Standard verfehlen", Expected: "ein Drittel weniger",
		FailsIf: "Nach zwei Auswertungen verfehlen so viele den Standard wie vorher.", By: at.AddDate(1, 0, 0),
	})
	if err != nil {
		return err
	}
	gifts := []alliance.Commitment{
		{Gift: "rooms", What: "Ein barrierefreier Raum an zwei Nachmittagen"},
		{Gift: "hours", What: "8 Stunden Sozialberatung in der Woche"},
		{Gift: "money", What: "4.000 € im Jahr für Sprachmittlung", Pot: "Projektmittel Teilhabe"},
	}
	last, who := "", authz.Actor{}
	for i, o := range d.members {
		if o.Kind == "office" || len(gifts) == 0 {
			continue
		}
		c := gifts[0]
		gifts = gifts[1:]
		c.Measure, c.Owner, c.From, c.Until, c.Released = m, o.ID, at, at.AddDate(1, 0, 0), authz.Release{Level: authz.AllianceLevel}
		who = person(d.members[i].ID, authz.Planner)
		if last, err = d.store.Commit(ctx, who, at, c); err != nil {
			return err
		}
	}
	if last == "" {
		return nil
	}
	return d.store.WithdrawCommitment(ctx, who, at.AddDate(0, 0, 10), last, "Haushaltssperre")
}

// meet lets the focus group come together every four weeks: the second meeting approved the minutes of the first, the
// third is to come and collects what waits.
func (d *demoWork) meet(ctx context.Context) error {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		return err
	}
	begins := time.Date(d.at.Year(), d.at.Month(), d.at.Day()-8, 14, 0, 0, 0, zone)
	called := begins.AddDate(0, 0, -14)
	m := alliance.Meeting{Body: d.body, Title: "Reguläre Sitzung", Place: "Rathaus, Raum 12", Begins: begins, Ends: begins.Add(2 * time.Hour)}
	rows, err := m.Repeat(4, 3)
	if err != nil {
		return err
	}
	if _, err := d.store.CallMeetings(ctx, d.clerk, called, rows); err != nil {
		return err
	}
	all, err := d.store.Meetings(ctx, d.clerk, d.body)
	if err != nil {
		return err
	}
	first, second, next := all[2], all[1], all[0]
	if err := d.store.ProposeItem(ctx, d.keeper, called, alliance.Item{Meeting: first.ID, Owner: d.city, Title: "Wie wir zusammenarbeiten"}); err != nil {
		return err
	}
	if err := d.store.WriteMinutes(ctx, d.clerk, first.Ends, first.ID, 1, d.seats, "## 1. Wie wir zusammenarbeiten\n\nDie Fokusgruppe kommt alle vier Wochen zusammen."); err != nil {
		return err
	}
	if err := d.store.WriteMinutes(ctx, d.clerk, second.Ends, second.ID, 1, d.seats, "## 1. Befunde\n\nDie Beschlüsse stehen im Register."); err != nil {
		return err
	}
	if err := d.store.ConfirmMinutes(ctx, d.clerk, second.Ends, first.ID, 2, second.ID); err != nil {
		return err
	}
	_, err = d.store.CollectAgenda(ctx, d.clerk, second.Ends, next.ID, d.office)
	return err
}
