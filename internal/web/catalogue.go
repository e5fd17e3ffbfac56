package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"gevor/authz"
	"gevor/fault"
	"gevor/indicator"
	"gevor/internal/web/ui"
)

// Figures keeps municipal statistics as they were published. Every method decides for the actor; what the actor may not
// know of is fault.NotFound.
type Figures interface {
	Datasets(ctx context.Context, actor authz.Actor) ([]indicator.Listed, error)
	Publication(ctx context.Context, actor authz.Actor, id string) (*indicator.Publication, indicator.Listed, error)
	// PublicationAt gives the release that was public last at a time; what was withdrawn since is fault.NotFound.
	PublicationAt(ctx context.Context, actor authz.Actor, id string, at time.Time) (*indicator.Publication, indicator.Listed, error)
	DatasetPreview(ctx context.Context, actor authz.Actor, id string) (indicator.Preview, indicator.Listed, error)
	Release(ctx context.Context, actor authz.Actor, at time.Time, ref authz.Ref, wanted authz.Release) error
	Sketches
}

// figureRoutes are the addresses of municipal statistics.
func figureRoutes() []Route {
	view := func(name, de, en string, handle handler) Route {
		return Route{
			Name: name, Section: "atlas", Access: Access{authz.Figures, authz.View}, States: []State{Normal, SignedIn}, Handle: handle,
			Patterns: map[string]string{"de": "/de" + de, "en": "/en" + en},
		}
	}
	list := func(r Route) Route { r.List = true; return r }
	own := func(name string, do authz.Action, de, en string, handle handler) Route {
		r := view(name, de, en, handle)
		r.Access.Action, r.States = do, []State{SignedIn}
		return r
	}
	catalogue := list(view("catalogue", "/daten", "/data", cataloguePage))
	catalogue.Nav = 9
	index := list(view("index", "/daten/vergleich/index", "/data/compare/index", indexPage))
	return []Route{
		catalogue,
		list(view("disparity", "/daten/vergleich/ungleichheit", "/data/compare/disparity", disparityPage)),
		list(view("divergence", "/daten/vergleich/auseinander", "/data/compare/divergence", divergencePage)),
		index,
		list(view("comparison", "/daten/vergleich/aehnliche", "/data/compare/alike", comparisonPage)),
		list(view("paradox", "/daten/vergleich/planungsbereiche", "/data/compare/planning-areas", paradoxPage)),
		list(view("together", "/daten/vergleich/zusammen", "/data/compare/together", togetherPage)),
		list(view("tongues", "/daten/vergleich/sprachen", "/data/compare/languages", tonguesPage)),
		list(view("competence", "/daten/vergleich/zurechtfinden", "/data/compare/finding-ones-way", competencePage)),
		list(view("inventory", "/daten/vergleich/angebote", "/data/compare/offers", inventoryPage)),
		view("indicator", "/daten/{dataset}", "/data/{dataset}", indicatorPage),
		{
			Name: "figures-file", Access: Access{authz.Figures, authz.View}, States: []State{Normal}, Handle: figuresFile,
			Patterns: map[string]string{"": "/figures/{dataset}"},
		},
		own("figures-preview", authz.Change, "/daten/{dataset}/vorschau", "/data/{dataset}/preview", figuresPreview),
		post(own("figures-release", authz.Share, "/daten/{dataset}/freigabe", "/data/{dataset}/release", figuresRelease)),
	}
}

// figuresTabs leads between the pages that compare.
func (p *page) figuresTabs() []ui.Link {
	var out []ui.Link
	for _, name := range []string{"catalogue", "disparity", "divergence", "index", "comparison", "paradox", "together", "tongues", "competence", "inventory"} {
		out = append(out, ui.Link{Label: p.T("figures.tab."+name, nil), Href: p.link(name), Current: p.route.Name == name})
	}
	return out
}

// datasets lists what the reader may see.
func (p *page) datasets() ([]indicator.Listed, error) {
	return p.site.Figures.Datasets(p.req.Context(), p.actor)
}

// publication reads a dataset's published table.
func (p *page) publication(id string) (*indicator.Publication, error) {
	pub, _, err := p.site.Figures.Publication(p.req.Context(), p.actor, id)
	return pub, err
}

// publications reads the datasets that wanted chooses, in the order of the catalogue.
func (p *page) publications(wanted func(*indicator.Dataset) bool) ([]*indicator.Publication, error) {
	all, err := p.datasets()
	if err != nil {
		return nil, err
	}
	var out []*indicator.Publication
	for i := range all {
		if !wanted(&all[i].Dataset) {
			continue
		}
		pub, err := p.publication(all[i].Dataset.ID)
		if err != nil {
			return nil, err
		}
		if len(pub.Periods) > 0 {
			out = append(out, pub)
		}
	}
	return out, nil
}

// ofRole gives the first dataset of a role; nil where there is none.
func ofRole(all []*indicator.Publication, role string) *indicator.Publication {
	for _, pub := range all {
		if pub.Dataset.Role == role {
			return pub
		}
	}
	return nil
}

func (p *page) title(d *indicator.Dataset) string { return d.Title.In(p.Lang()) }

// withUnit is the title with its unit.
func (p *page) withUnit(d *indicator.Dataset) string {
	return p.title(d) + " (" + d.Unit.In(p.Lang()) + ")"
}

type catalogueView struct {
	Tabs  []ui.Link
	Table ui.Table
	Mine  []ui.Link
	Hand  []ui.Link // where the reader may write datasets by hand
}

func cataloguePage(p *page) error {
	all, err := p.datasets()
	if err != nil {
		return err
	}
	s := &sheet[indicator.Listed]{
		Name: "datenkatalog", Caption: p.text("figures.catalogue_caption"), CaptionHidden: true, Rows: all,
		EmptyTitle: p.text("figures.none"), EmptyText: p.text("figures.none_text"),
		Columns: []column[indicator.Listed]{
			{
				Key: "title", Label: p.text("figures.column.title"), Text: func(x indicator.Listed) string { return p.title(&x.Dataset) }, Find: true,
				Link: func(x indicator.Listed) templ.SafeURL { return p.link("indicator", x.Dataset.ID) }, Sub: func(x indicator.Listed) string { return x.Dataset.Unit.In(p.Lang()) },
			},
			{
				Key: "topic", Label: p.text("figures.column.topic"), Text: func(x indicator.Listed) string { return p.T("figures.topic."+string(x.Dataset.Topic), nil) },
				Choices: func(x indicator.Listed) (value, label string) {
					return string(x.Dataset.Topic), p.T("figures.topic."+string(x.Dataset.Topic), nil)
				},
			},
			{Key: "level", Label: p.text("figures.column.level"), Text: func(x indicator.Listed) string { return p.T("figures.level."+string(x.Dataset.Level), nil) }},
			{Key: "direction", Label: p.text("figures.column.direction"), Text: func(x indicator.Listed) string { return p.direction(&x.Dataset) }},
			{Key: "date", Label: p.text("web.reference_date"), Text: func(x indicator.Listed) string { return p.Date(x.Dataset.ReferenceDate) }, Order: func(x indicator.Listed) string { return x.Dataset.ReferenceDate }},
			{Key: "source", Label: p.text("figures.column.source"), Text: func(x indicator.Listed) string { return x.Dataset.Source }, Sub: func(x indicator.Listed) string { return x.Dataset.Licence }},
			{Key: "house", Label: p.text("figures.column.owner"), Text: func(x indicator.Listed) string { return cmp.Or(x.House, x.Dataset.Publisher) }},
			{
				Key: "release", Label: p.text("figures.column.release"), Text: func(x indicator.Listed) string {
					return p.T("figures.release_number", with{"Number": strconv.Itoa(x.Number), "Level": p.text("release.levels." + x.Level)})
				},
				Sub: func(x indicator.Listed) string { return p.day(x.At) },
			},
		},
	}
	if done, err := s.asked(p); done || err != nil {
		return err
	}
	v := catalogueView{Tabs: p.figuresTabs()}
	if v.Table, err = s.show(p); err != nil {
		return err
	}
	for _, m := range p.actor.Memberships {
		if !p.can(authz.Create, owned(authz.Figures, m.Organisation)) {
			continue
		}
		h, err := p.site.Houses.Organisation(p.req.Context(), p.actor, m.Organisation)
		if err != nil {
			return err
		}
		v.Hand = append(v.Hand, ui.Link{Label: p.T("dataset.of", with{"Name": h.Name}), Href: p.link("sketches", string(h.ID))})
	}
	for i := range all {
		if all[i].Mine {
			v.Mine = append(v.Mine, ui.Link{Label: p.title(&all[i].Dataset), Href: p.link("figures-preview", all[i].Dataset.ID)})
		}
	}
	return p.render(http.StatusOK, p.text("web.nav.catalogue"), catalogueTempl(p, v))
}

// direction says which way a figure is better.
func (p *page) direction(d *indicator.Dataset) string {
	if d.Direction == indicator.Unstated {
		return p.text("figures.direction.unstated")
	}
	return p.T("figures.direction."+string(d.Direction), nil)
}

// previewView is what the owner of a dataset is told about what its rules hide.
type previewView struct {
	indicator.Preview
	Listed indicator.Listed
	Table  ui.Table
	Levels ui.Input
	Rules  string
}

type previewLine struct {
	indicator.PreviewRow
	Name string
}

func figuresPreview(p *page) error {
	preview, listed, err := p.site.Figures.DatasetPreview(p.req.Context(), p.actor, p.req.PathValue("dataset"))
	if err != nil {
		return err
	}
	pub, err := p.publication(listed.Dataset.ID)
	if err != nil {
		return err
	}
	var rows []previewLine
	for _, r := range preview.Rows {
		a, _ := pub.Area(r.Area)
		rows = append(rows, previewLine{r, a.Name})
	}
	s := &sheet[previewLine]{
		Name: "vorschau-" + listed.Dataset.ID, Caption: p.text("figures.preview_caption"), Rows: rows, EmptyTitle: p.text("figures.preview_none"),
		Columns: []column[previewLine]{
			{Key: "area", Label: p.text("figures.column.area"), Text: func(r previewLine) string { return r.Name }, Sub: func(r previewLine) string { return r.Area }, Find: true},
			{Key: "period", Label: p.text("figures.column.period"), Text: func(r previewLine) string { return p.periodText(r.Period) }, Order: func(r previewLine) string { return r.Period.String() }},
			{Key: "measure", Label: p.text("figures.column.measure"), Text: func(r previewLine) string { return p.T("figures.measure."+r.Measure, nil) }},
			{Key: "why", Label: p.text("figures.column.why"), Text: func(r previewLine) string { return p.hiddenFor(r.PreviewRow) }},
		},
	}
	if done, err := s.asked(p); done || err != nil {
		return err
	}
	v := previewView{Preview: preview, Listed: listed}
	if v.Table, err = s.show(p); err != nil {
		return err
	}
	v.Levels = p.levelsField(listed.Level)
	return p.render(http.StatusOK, p.T("figures.preview_title", with{"Title": p.title(&listed.Dataset)}), previewTempl(p, v))
}

// figureLevels are who may see figures.
func figureLevels() []authz.Level {
	return []authz.Level{authz.Private, authz.AllianceLevel, authz.PublicLevel}
}

func (p *page) levelsField(value string) ui.Input {
	f := ui.Input{Name: "level", Label: p.text("figures.who_sees"), Value: value, Required: true}
	for _, l := range figureLevels() {
		f.Options = append(f.Options, ui.Option{Value: l.String(), Label: p.text("release.levels." + l.String())})
	}
	return f
}

// hiddenFor says why a figure is hidden.
func (p *page) hiddenFor(r indicator.PreviewRow) string {
	if r.Rule == "" {
		return p.text("figures.secondary")
	}
	return p.T("figures.rule."+slugOf(string(r.Rule)), nil)
}

func slugOf(s string) string {
	out := []byte(s)
	for i, c := range out {
		if c == ' ' {
			out[i] = '_'
		}
	}
	return string(out)
}

// figuresRelease sets who sees a dataset. Withdrawing counts at once; what was read once still binds the gate.
func figuresRelease(p *page) error {
	sent, err := p.form()
	if err != nil {
		return err
	}
	id := p.req.PathValue("dataset")
	level, known := authz.LevelOf(sent.Get("level"))
	if !slices.Contains(figureLevels(), level) {
		known = false
	}
	all, err := p.datasets()
	if err != nil {
		return err
	}
	at := slices.IndexFunc(all, func(x indicator.Listed) bool { return x.Dataset.ID == id })
	if at < 0 {
		return fault.New(fault.NotFound, string(authz.Figures), "does not exist", "")
	}
	if err := p.may(authz.Share, owned(authz.Figures, authz.OrganisationID(all[at].Owner))); err != nil {
		if fault.KindOf(err) == fault.NotFound { // it is seen, so it need not look absent
			return fault.New(fault.Denied, string(authz.Figures), "is not yours to share", "ask an admin of the organisation")
		}
		return err
	}
	if !known {
		return fault.New(fault.Invalid, "level", "there is no such level", "choose one from the list")
	}
	if all[at].Dataset.Direction == indicator.Unstated && level == authz.PublicLevel {
		return fault.New(fault.Conflict, id, "does not say which way it is better", "state a direction in the catalogue and import it again")
	}
	err = p.site.Figures.Release(p.req.Context(), p.actor, p.now(), authz.Ref{Kind: authz.Figures, Object: id, Purpose: authz.ForAtlas}, authz.Release{Level: level})
	if err != nil {
		return err
	}
	return p.done(p.path("figures-preview", id), "figures_released")
}
