package webtest

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/geo"
	"gevor/outbox"
)

// list puts two offers into the directory: a private one of the east that holds the canary, with a hint at a mistake, and
// a public one of the west about which a letter has gone out.
func (h *Houses) list(ctx context.Context, e *example) error {
	all, _, err := h.UnsafeActor(ctx, Everything)
	if err != nil {
		return err
	}
	if e.service, err = h.offer(ctx, all, East, "Schuldnerberatung "+Canary, directory.Advising); err != nil {
		return err
	}
	ref := authz.Ref{Kind: authz.Entry, Object: string(e.service), Purpose: authz.ForDirectory}
	if err := h.Release(ctx, all, Day(), ref, authz.Release{Level: authz.PublicLevel}); err != nil {
		return err
	}
	if err := h.Suggest(ctx, authz.Public(), Day(), directory.Suggestion{Service: e.service, Field: "phone", Proposed: "0234 " + Canary}); err != nil {
		return err
	}
	if err := h.Release(ctx, all, Day(), ref, authz.Release{}); err != nil {
		return err
	}
	hints, err := h.Suggestions(ctx, all, East)
	if err != nil {
		return err
	}
	e.suggestion = hints[0].ID
	west, _, err := h.UnsafeActor(ctx, Person(West, authz.OrganisationAdmin))
	if err != nil {
		return err
	}
	house, err := h.Organisation(ctx, west, West)
	if err != nil {
		return err
	}
	house.Email = "haus@west.example"
	if err := h.ChangeOrganisation(ctx, west, Day(), house); err != nil {
		return err
	}
	if e.public, err = h.offer(ctx, west, West, "Kinderarztpraxis am Markt", directory.Acute); err != nil {
		return err
	}
	if err := h.Release(ctx, west, Day(), authz.Ref{Kind: authz.Entry, Object: string(e.public), Purpose: authz.ForDirectory}, authz.Release{Level: authz.PublicLevel}); err != nil {
		return err
	}
	if e.hidden, err = h.outside(ctx, all, e.service); err != nil {
		return err
	}
	if e.shown, err = h.outside(ctx, west, e.public); err != nil {
		return err
	}
	if e.letter, err = h.letter(ctx); err != nil {
		return err
	}
	partner, err := h.SaveProvider(ctx, all, Day(), directory.Provider{Owner: East, Name: "Nachbarschaftshaus"})
	if err != nil {
		return err
	}
	if err := h.AskPartner(ctx, all, Day(), e.service, partner); err != nil { // of the same house: agreed at once
		return err
	}
	if e.sketch, err = h.KeepSketch(ctx, all, Day(), Sketch()); err != nil {
		return err
	}
	if e.draft, err = h.KeepImportDraft(ctx, all, Day(), draft()); err != nil {
		return err
	}
	if err := h.warn(ctx, e); err != nil {
		return err
	}
	return h.alike(ctx, e)
}

// draft is a list that the east has sent and not taken over, with everything that a preview can show.
func draft() directory.ImportDraft {
	raw := "Angebot;Träger;Straße;PLZ;Ort;Telefon\nSchuldnerberatung Ost;Verein Ost;Weg 1;44787;Musterstadt;0234 123456\n"
	return directory.ImportDraft{
		Owner: East, System: "Liste der Stadt", File: "angebote.csv", Format: "sheet", Raw: []byte(raw),
		Columns: []string{"Angebot", "Träger", "Straße", "PLZ", "Ort", "Telefon"},
		Mapping: &directory.ImportMapping{Columns: map[string][]string{"name": {"Angebot"}, "provider": {"Träger"}, "street": {"Straße"}, "postcode": {"PLZ"}, "city": {"Ort"}, "phone": {"Telefon"}}},
		Plan: &directory.ImportPlan{
			ImportOutcome: directory.ImportOutcome{Created: 1, Changed: 1, Unchanged: 3, Kept: 1}, Gone: 1,
			Changes: []directory.ImportChange{
				{Kind: directory.ImportNew, Source: "1", Name: "Schuldnerberatung Ost"},
				{Kind: directory.ImportChanged, Source: "2", Name: "Sprechstunde", Fields: []string{"Places", "Languages", "provider"}},
				{Kind: directory.ImportGone, Source: "3", Name: "Offener Treff"},
			},
		},
		Notes: []directory.ImportNote{
			{Line: 7, Record: "12", Field: "phone", Value: "123456", Rule: "phone", Advice: "write the number with its area code, like 0234 123456"},
			{Line: 9, Record: "14", Field: "name", Value: "Mustertext", Rule: "placeholder", Advice: "write the real one", Lost: true},
		},
		Lost: 1,
	}
}

// alike finds the two offers, which share a house and a switchboard, to be a pair about which the east has to decide.
func (h *Houses) alike(ctx context.Context, e *example) error {
	if _, err := h.UnsafeFindDuplicates(ctx, Day()); err != nil {
		return err
	}
	p := directory.PairOf(e.service, e.public)
	e.pair = string(p.A) + "~" + string(p.B)
	return nil
}

// offer adds an offer with everything a page shows.
func (h *Houses) offer(ctx context.Context, by authz.Actor, owner authz.OrganisationID, name string, risk directory.Risk) (directory.ServiceID, error) {
	middle := corner(4, 4)
	market := geo.LonLat{Lon: middle[0], Lat: middle[1]}
	return h.SaveEntry(ctx, by, Day(), directory.Entry{
		Provider: directory.Provider{Owner: owner, Name: "Verein " + name, Phone: "0234 123450", Website: "www.hilfe-vor-ort.de"},
		Location: directory.Location{Owner: owner, Street: "Marktstraße 12", Postcode: "44787", City: "Musterstadt", StepFree: directory.Yes, Lift: directory.Yes, Hearing: directory.Yes, At: &market},
		Service: directory.Service{
			Owner: owner, Name: directory.Texts{"de": name}, Summary: directory.Texts{"de": "Wir helfen kostenlos und vertraulich."}, Kinds: []string{Kind}, Cost: directory.Free,
			Insurance: directory.Insurances(), Access: []directory.Access{directory.WalkIn}, Languages: []directory.Language{{Tag: "de"}, {Tag: "ar"}}, Risk: risk,
			Area: directory.Area{Reach: directory.Regionwide}, Resources: []string{"childcare", "telephone-interpreting"},
		},
		Place: directory.Place{
			Hours:    directory.Hours{Slots: []directory.Slot{{Day: time.Monday, From: 540, To: 720}, {Day: time.Thursday, From: 840, To: 1080}}, Holidays: directory.HolidaysClosed},
			Contacts: []directory.Contact{{Phone: "0234 123451"}},
		},
	}, directory.Rules{})
}

// Kind is the kind of service of the offers of the example town.
const Kind = "schuldnerberatung"

// letter gives the secret of a reminder that is open.
func (h *Houses) letter(ctx context.Context) (string, error) {
	if _, err := h.UnsafeRemind(ctx, Day().AddDate(0, 0, 31)); err != nil {
		return "", err
	}
	taken, err := h.UnsafeLease(ctx, outbox.Mail, Day().AddDate(0, 0, 31), Day().AddDate(0, 0, 31), 1000)
	if err != nil {
		return "", err
	}
	for _, m := range taken {
		if strings.HasPrefix(m.Key, "reminder ") {
			var mail struct{ Secret, Service string }
			if err := json.Unmarshal(m.Payload, &mail); err != nil {
				return "", err
			}
			if strings.HasPrefix(mail.Service, "Kinderarztpraxis") {
				return mail.Secret, nil
			}
		}
	}
	return "", errors.New("no letter has gone out")
}
