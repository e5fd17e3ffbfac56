package web

import (
	"net/http"
	"net/url"
	"time"

	"github.com/a-h/templ"

	"gevor/alliance"
	"gevor/authz"
	"gevor/internal/web/ui"
)

// lane is one column of the board.
type lane struct {
	State string
	Label string
	Cards []alliance.Dossier
}

// dossiersView is the list of dossiers.
type dossiersView struct {
	Tabs  []ui.Link
	Table ui.Table
	Lanes []lane // of the board; nil where the table is open
	Open  []ui.Link
	Name  func(authz.OrganisationID) string
}

func dossiers(p *page) error {
	if err := p.may(authz.View, authz.Object{Kind: authz.Dossier}); err != nil {
		return err
	}
	all, err := p.site.Alliance.Dossiers(p.req.Context(), p.actor)
	if err != nil {
		return err
	}
	v := dossiersView{Open: p.dossierOpeners("finding", "")}
	if v.Name, err = p.organisationNamer(); err != nil {
		return err
	}
	bodies, err := p.bodyNames()
	if err != nil {
		return err
	}
	s := p.dossierSheet(all, v.Name, bodies)
	if done, err := s.asked(p); done || err != nil {
		return err
	}
	board := p.first("view") == "board"
	v.Tabs = []ui.Link{
		{Label: p.T("dossier.as_table", nil), Href: p.link("dossiers"), Current: !board},
		{Label: p.T("dossier.as_board", nil), Href: p.link("dossiers") + "?view=board", Current: board},
	}
	if board {
		for _, state := range alliance.States() {
			l := lane{State: string(state), Label: p.text("dossier.state." + string(state))}
			for i := range all {
				if all[i].State == state {
					l.Cards = append(l.Cards, all[i])
				}
			}
			if len(l.Cards) > 0 {
				v.Lanes = append(v.Lanes, l)
			}
		}
	}
	if v.Table, err = s.show(p); err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("web.nav.dossiers", nil), dossiersPage(p, v))
}

// dossierOpeners lead to a new dossier for each organisation that the reader may open one for: of a finding, a warning or
// a trial, or, with an empty id, of a finding still to be chosen.
func (p *page) dossierOpeners(kind, id string) []ui.Link {
	if p.site.Alliance == nil || p.site.Houses == nil {
		return nil
	}
	var out []ui.Link
	for _, o := range p.actor.Organisations() {
		if !p.can(authz.Create, owned(authz.Dossier, o)) {
			continue
		}
		q := url.Values{}
		if id != "" {
			q.Set(kind, id)
		}
		href := p.link("dossier-new", string(o))
		if len(q) > 0 {
			href += templ.SafeURL("?" + q.Encode())
		}
		out = append(out, ui.Link{Label: p.T("dossier.open_for", with{"Name": p.houseLabel(o)}), Href: href})
	}
	return out
}

func (p *page) dossierSheet(all []alliance.Dossier, name func(authz.OrganisationID) string, bodies func(string) string) *sheet[alliance.Dossier] {
	return &sheet[alliance.Dossier]{
		Name: "dossiers", Caption: p.T("web.nav.dossiers", nil), CaptionHidden: true, Rows: all,
		EmptyTitle: p.T("dossier.none", nil), EmptyText: p.T("dossier.none_text", nil),
		Columns: []column[alliance.Dossier]{
			{Key: "title", Label: p.T("dossier.title", nil), Text: func(d alliance.Dossier) string { return d.Title }, Sub: func(d alliance.Dossier) string { return d.Evidence.Name }, Find: true, Link: func(d alliance.Dossier) templ.SafeURL { return p.link("dossier", d.ID) }},
			{Key: "state", Label: p.T("dossier.standing", nil), Text: func(d alliance.Dossier) string { return p.text("dossier.state." + string(d.State)) }, Choices: func(d alliance.Dossier) (string, string) {
				return string(d.State), p.text("dossier.state." + string(d.State))
			}},
			{Key: "people", Label: p.T("dossier.people", nil), Number: func(d alliance.Dossier) float64 { return float64(d.Evidence.People) }, Text: func(d alliance.Dossier) string { return p.dossierPeople(d) }},
			{Key: "body", Label: p.T("dossier.body", nil), Text: func(d alliance.Dossier) string { return bodies(d.Body) }},
			{Key: "keeper", Label: p.T("dossier.keeper", nil), Text: func(d alliance.Dossier) string { return name(d.Owner) }, Choices: func(d alliance.Dossier) (string, string) { return string(d.Owner), name(d.Owner) }},
			{Key: "opened", Label: p.T("dossier.opened", nil), Text: func(d alliance.Dossier) string { return p.day(d.Opened) }, Order: func(d alliance.Dossier) string { return d.Opened.UTC().Format(time.RFC3339) }},
		},
	}
}

// dossierPeople writes whom it concerns; an early warning says no number.
func (p *page) dossierPeople(d alliance.Dossier) string {
	if d.Evidence.People == 0 {
		return p.T("dossier.people_unknown", nil)
	}
	return p.Number(float64(d.Evidence.People), 0)
}
