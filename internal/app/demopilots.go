package app

import (
	"context"
	"slices"
	"time"

	"gevor/alliance"
	"gevor/atlas"
	"gevor/authz"
	"gevor/indicator"
	"gevor/internal/demo"
	"gevor/region"
)

// pilotStory is how a demo region tells one of its planted measures. What it says was expected is the same of all three:
// only the figures tell them apart.
type pilotStory struct {
	kind                 demo.PilotKind
	title, measure, gift string
}

func pilotStories() []pilotStory {
	return []pilotStory{
		{demo.PilotWorks, "Lange Wartezeit auf ein Erstgespräch", "Erstgespräche am Abend, mit Sprachmittlung", "6 Stunden Beratung am Abend"},
		{demo.PilotNothing, "Erstgespräche kommen zu spät", "Faltblatt an alle Haushalte", "Druck und Verteilung des Faltblatts"},
		{demo.PilotMoves, "Zu wenige frühe Erstgespräche", "Ein Büro zieht in das Quartier um", "Ein Büro für zwei Fachkräfte"},
	}
}

// pilots opens a dossier for each planted measure, takes it to work well before the first quarter that could show
// something, and writes down then by which figure it will be judged.
func (d *demoWork) pilots(ctx context.Context) error {
	start, ok := indicator.ParsePeriod(demo.PilotStart)
	if !ok {
		return nil
	}
	snap := d.run.Result.Snapshot
	names := map[string]string{}
	var keys []string
	for i := range snap.Areas {
		if a := &snap.Areas[i]; a.Kind == region.District {
			keys, names[a.Key] = append(keys, a.Key), a.Name
		}
	}
	slices.Sort(keys)
	planted := demo.Pilots(keys)
	for _, story := range pilotStories() {
		key := planted[story.kind]
		if key == "" {
			continue
		}
		if err := d.pilot(ctx, story, key, names[key], start); err != nil {
			return err
		}
	}
	return nil
}

func (d *demoWork) pilot(ctx context.Context, story pilotStory, key, name string, start indicator.Period) error {
	f := d.findingIn(key)
	at := start.Start.AddDate(0, -3, 0)
	id, err := d.store.OpenDossier(ctx, d.keeper, at, alliance.Dossier{
		Title: story.title + ": " + name, Owner: d.city, Whom: "Menschen, die Beratung suchen", Cluster: "interface",
		Evidence: alliance.Evidence{
			Finding: f.ID, Region: d.run.Region, Run: d.run.Hash, Snapshot: d.run.Result.Snapshot.Hash, Name: name,
			Facts: []alliance.Fact{{Label: "Kennzahl", Text: "Erstgespräch binnen 14 Tagen"}, {Label: "Ort", Text: name}},
		},
	})
	if err != nil {
		return err
	}
	for i, step := range []alliance.Step{alliance.Examine, alliance.Accept, alliance.Assign, alliance.Plan, alliance.Begin} {
		at = at.AddDate(0, 0, 7)
		if step == alliance.Plan {
			if err := d.pilotMeasure(ctx, id, story, key, name, start, at); err != nil {
				return err
			}
		}
		m := alliance.Move{Step: step, Version: i + 1, Body: d.body}
		if !step.Alone() {
			if m.Decision, err = d.store.EnterDecision(ctx, d.clerk, at, alliance.Decision{
				Body: d.body, Title: story.title, Wording: demoWording(step), Way: alliance.Consensus, On: at, Present: slices.Clone(d.seats), Dossier: id, DossierVersion: i + 1,
			}); err != nil {
				return err
			}
		}
		if _, err := d.store.MoveDossier(ctx, d.keeper, at, id, m); err != nil {
			return err
		}
	}
	return nil
}

func (d *demoWork) pilotMeasure(ctx context.Context, dossier string, story pilotStory, key, name string, start indicator.Period, at time.Time) error {
	id, err := d.store.SaveMeasure(ctx, d.keeper, at, alliance.Measure{
		Dossier: dossier, Owner: d.city, Title: story.measure, Whom: "Menschen, die Beratung suchen", Where: name, Indicator: "Erstgespräch binnen 14 Tagen",
		Expected: "10 Prozentpunkte mehr", FailsIf: "Nach zwei Jahren liegt der Anteil nicht höher als an vergleichbaren Orten.", By: start.Start.AddDate(2, 0, 0),
	})
	if err != nil {
		return err
	}
	if err := d.store.SetYardstick(ctx, d.keeper, at, alliance.Yardstick{Measure: id, Dataset: demo.PilotDataset, Areas: []string{key}, Start: start, Worthwhile: 10}); err != nil {
		return err
	}
	_, err = d.store.Commit(ctx, d.keeper, at, alliance.Commitment{Measure: id, Owner: d.city, Gift: "hours", What: story.gift, From: start.Start, Released: authz.Release{Level: authz.AllianceLevel}})
	return err
}

// findingIn gives a finding of a district, else of any place.
func (d *demoWork) findingIn(key string) *atlas.Finding {
	all, areas := d.run.Result.Findings, d.run.Result.Snapshot.Areas
	at := slices.IndexFunc(all, func(f atlas.Finding) bool {
		for _, x := range f.Districts {
			if x.Area >= 0 && areas[x.Area].Key == key {
				return true
			}
		}
		return false
	})
	return &all[max(0, at)]
}
