package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"gevor/authz"
	"gevor/fault"
	"gevor/form"
	"gevor/internal/web/ui"
)

// sharedLine is one thing of an organisation with who sees it.
type sharedLine struct {
	authz.Shared
	Name  string // of the thing
	Names []string
	Edit  templ.SafeURL // empty where the reader may not change it
}

// releases shows an organisation what of its things is visible to whom.
func releases(p *page) error {
	shared, err := p.site.Houses.Releases(p.req.Context(), p.actor, p.org())
	if err != nil {
		return err
	}
	h, err := p.house("releases")
	if err != nil {
		return err
	}
	profile := authz.Ref{Kind: authz.Organisation, Object: string(h.ID), Purpose: authz.ForDirectory}
	if !slices.ContainsFunc(shared, func(s authz.Shared) bool { return s.Ref == profile }) {
		shared = append([]authz.Shared{{Ref: profile, Owner: h.ID}}, shared...)
	}
	names, err := p.organisationNames()
	if err != nil {
		return err
	}
	offers, err := p.offerNames(h)
	if err != nil {
		return err
	}
	var lines []sharedLine
	t := ui.Table{
		Caption: p.T("release.offers", nil),
		Columns: []ui.Column{{Label: p.T("entry.name", nil)}, {Label: p.T("release.level", nil)}, {Label: p.T("release.since_head", nil)}},
	}
	for _, s := range shared {
		if s.Kind == authz.Entry {
			name := ui.Cell{Text: offers[s.Object], Href: p.link("entry-edit", string(h.ID), s.Object)}
			if !p.can(authz.Change, owned(authz.Entry, h.ID)) {
				name.Href = ""
			}
			t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{name, {Text: p.text("release.levels." + s.Release.Level.String())}, {Text: p.day(s.Since)}}})
			continue
		}
		l := sharedLine{Shared: s, Name: p.thing(s.Ref, h)}
		for _, o := range s.Release.Named {
			l.Names = append(l.Names, names[o])
		}
		if s.Ref == profile && p.can(authz.Share, authz.Object{Kind: s.Kind, Owner: h.ID}) {
			l.Edit = p.link("release", string(h.ID))
		}
		lines = append(lines, l)
	}
	slices.SortStableFunc(t.Rows, func(a, b ui.Row) int { return p.compare(a.Cells[0].Text, b.Cells[0].Text) })
	t.Status = p.N("release.offers_count", len(t.Rows), nil)
	return p.render(http.StatusOK, p.T("house.tab.releases", nil), releasesPage(p, h, lines, t))
}

// offerNames gives the names of an organisation's entries by their IDs.
func (p *page) offerNames(h houseView) (map[string]string, error) {
	out := map[string]string{}
	if p.site.Entries == nil {
		return out, nil
	}
	all, err := p.site.Entries.Services(p.req.Context(), p.actor, h.ID, time.Time{})
	for i := range all {
		out[string(all[i].ID)], _ = all[i].Name.In(p.Lang())
	}
	return out, err
}

// thing names what a release speaks of.
func (p *page) thing(ref authz.Ref, h houseView) string {
	switch ref.Kind {
	case authz.Organisation, authz.ContactFigures:
		return h.Name
	case authz.Atlas:
		if p.run != nil {
			return p.run.snapshot().Name.In(p.Lang())
		}
	case authz.Figures:
		if p.site.Figures != nil {
			if _, x, err := p.site.Figures.Publication(p.req.Context(), p.actor, ref.Object); err == nil {
				return p.title(&x.Dataset)
			}
		}
	case authz.Trial:
		if p.site.KeptTrials != nil {
			if x, err := p.site.KeptTrials.Trial(p.req.Context(), p.actor, ref.Object); err == nil {
				return x.Name
			}
		}
	}
	return ref.Object
}

// organisationNames gives the names of the organisations that the reader may know of.
func (p *page) organisationNames() (map[authz.OrganisationID]string, error) {
	all, err := p.site.Houses.Organisations(p.req.Context(), p.actor)
	out := make(map[authz.OrganisationID]string, len(all))
	for _, o := range all {
		out[o.ID] = o.Name
	}
	return out, err
}

// purposes are what a profile is released for, and levels how far, both in the order of the page.
func levels() []authz.Level {
	return []authz.Level{authz.Private, authz.Named, authz.AllianceLevel, authz.PublicLevel}
}

func (p *page) releaseFields(f entry, others []ui.Option) []ui.Input {
	level := ui.Input{Name: "level", Required: true}
	for _, l := range levels() {
		level.Options = append(level.Options, ui.Option{Value: l.String(), Label: p.T("release.levels."+l.String(), nil), Hint: p.T("release.level_texts."+l.String(), nil)})
	}
	return []ui.Input{f.fill(level), f.fill(ui.Input{Name: "named", Options: others})}
}

// sharing gives the organisation whose profile the reader may release, with the others it may be released to.
func (p *page) sharing() (houseView, []ui.Option, error) {
	h, err := p.ruled("releases", authz.Share)
	if err != nil {
		return h, nil, err
	}
	names, err := p.organisationNames()
	if err != nil {
		return h, nil, err
	}
	var others []ui.Option
	for id, name := range names {
		if id != h.ID {
			others = append(others, ui.Option{Value: string(id), Label: name})
		}
	}
	slices.SortFunc(others, func(a, b ui.Option) int {
		return cmp.Or(p.compare(a.Label, b.Label), strings.Compare(a.Value, b.Value))
	})
	return h, others, nil
}

func releasePage(p *page) error {
	h, others, err := p.sharing()
	if err != nil {
		return err
	}
	shared, err := p.site.Houses.Releases(p.req.Context(), p.actor, h.ID)
	if err != nil {
		return err
	}
	f := p.begin("release", "level", authz.Private.String())
	for _, s := range shared {
		if s.Kind == authz.Organisation && s.Object == string(h.ID) && s.Purpose == authz.ForDirectory {
			f.values.Set("level", s.Release.Level.String())
			for _, o := range s.Release.Named {
				f.values.Add("named", string(o))
			}
		}
	}
	return p.render(http.StatusOK, p.T("release.title", nil), releaseForm(p, h, others, f))
}

func releaseSet(p *page) error {
	h, others, err := p.sharing()
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	level, known := authz.LevelOf(sent.Get("level"))
	wanted := authz.Release{Level: level}
	for _, o := range sent["named"] {
		wanted.Named = append(wanted.Named, authz.OrganisationID(o))
	}
	var wrong form.Fields
	if !known {
		wrong.Add("level", "choose")
	}
	if level == authz.Named && len(wanted.Named) == 0 {
		wrong.Add("named", "choose")
	}
	if err = wrong.Err(); err == nil {
		err = p.site.Houses.Release(p.req.Context(), p.actor, p.now(), authz.Ref{Kind: authz.Organisation, Object: string(h.ID), Purpose: authz.ForDirectory}, wanted)
		if fault.KindOf(err) == fault.Invalid {
			wrong.Add("named", "unknown")
			err = wrong.Err()
		}
	}
	if err != nil {
		return p.refused(err, "release", sent, p.T("release.title", nil), func(f entry) templ.Component { return releaseForm(p, h, others, f) })
	}
	return p.done(p.path("releases", string(h.ID)), "released")
}
