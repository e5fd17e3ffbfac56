package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"gevor/authz"
	"gevor/fault"
	"gevor/form"
	"gevor/indicator"
	"gevor/internal/web/ui"
	"gevor/notice"
	"gevor/region"
)

// Sketches keeps datasets that people of an organisation write by hand, until they are put through the gate. They hold true
// figures: whoever may not create figures of the organisation gets fault.NotFound, its other people fault.Denied.
type Sketches interface {
	KeepSketch(ctx context.Context, actor authz.Actor, at time.Time, k indicator.Sketch) (string, error)
	Sketch(ctx context.Context, actor authz.Actor, owner authz.OrganisationID, id string) (indicator.Sketch, error)
	Sketches(ctx context.Context, actor authz.Actor, owner authz.OrganisationID) ([]indicator.Sketch, error)
	DropSketch(ctx context.Context, actor authz.Actor, at time.Time, owner authz.OrganisationID, id string) error
	EarlierPublications(ctx context.Context, actor authz.Actor, id string) ([]*indicator.Publication, error)
	PublishDataset(ctx context.Context, actor authz.Actor, at time.Time, owner authz.OrganisationID, place, base int, pub *indicator.Publication, preview *indicator.Preview, wanted authz.Release) (int, error)
}

// datasetRoutes are the addresses at which statisticians write datasets by hand: write or send a table, look at what is wrong
// with it and what its rules would hide, release it or drop it.
func datasetRoutes() []Route {
	at := func(name, de, en string, handle handler) Route {
		return ofHouse(name, authz.Figures, authz.Create, "/statistik"+de, "/statistics"+en, handle)
	}
	template := at("sketch-template", "", "", sketchTemplate)
	template.Patterns = map[string]string{"": "/sheets/{org}/statistics.csv"} // a file, the same in every language
	publish := at("sketch-publish", "/{sketch}/freigabe", "/{sketch}/release", sketchPublish)
	publish.Access.Action = authz.Share
	return []Route{
		at("sketches", "", "", sketches),
		template,
		at("sketch-new", "/neu", "/new", sketchNew),
		post(at("sketch-create", "/neu", "/new", sketchKeep)),
		at("sketch", "/{sketch}", "/{sketch}", sketchShown),
		at("sketch-edit", "/{sketch}/bearbeiten", "/{sketch}/edit", sketchEdit),
		post(at("sketch-change", "/{sketch}/bearbeiten", "/{sketch}/edit", sketchKeep)),
		post(publish),
		post(at("sketch-drop", "/{sketch}/verwerfen", "/{sketch}/drop", sketchDrop)),
	}
}

// sketchHouse gives the organisation of the address, where the reader may write its figures.
func (p *page) sketchHouse() (houseView, error) {
	if err := p.may(authz.Create, owned(authz.Figures, p.org())); err != nil {
		return houseView{}, err
	}
	return p.house("sketches")
}

// sketch gives the dataset by hand that the address names.
func (p *page) sketch() (houseView, indicator.Sketch, error) {
	h, err := p.sketchHouse()
	if err != nil {
		return h, indicator.Sketch{}, err
	}
	k, err := p.site.Figures.Sketch(p.req.Context(), p.actor, h.ID, p.req.PathValue("sketch"))
	return h, k, err
}

type sketchesView struct {
	houseView
	Sketches  []indicator.Sketch
	Published []indicator.Listed
}

func sketches(p *page) error {
	h, err := p.sketchHouse()
	if err != nil {
		return err
	}
	v := sketchesView{houseView: h}
	if v.Sketches, err = p.site.Figures.Sketches(p.req.Context(), p.actor, h.ID); err != nil {
		return err
	}
	all, err := p.datasets()
	if err != nil {
		return err
	}
	v.Published = slices.DeleteFunc(all, func(x indicator.Listed) bool { return x.Owner != string(h.ID) })
	return p.render(http.StatusOK, p.text("dataset.title"), sketchesPage(p, v))
}

// figureGround gives the areas that figures may be about: those of the served region, and others that published datasets
// know, such as planning areas with their members.
func (p *page) figureGround() (*indicator.Ground, map[string][]string, error) {
	var areas []indicator.Area
	members := map[string][]string{}
	if p.run != nil && p.mayAtlas() == nil {
		s := p.run.snapshot()
		for _, list := range [][]region.Area{s.Areas, s.Zones} {
			for i := range list {
				a := &list[i]
				x := indicator.Area{Key: a.Key, Name: a.Name, Level: indicator.Level(a.Kind.String())}
				if a.Kind == region.District && a.Parent >= 0 {
					x.Parent = s.Areas[a.Parent].Key
				}
				areas = append(areas, x)
			}
		}
	}
	pubs, err := p.publications(func(d *indicator.Dataset) bool {
		return len(areas) == 0 || d.Level != indicator.Districts && d.Level != indicator.Municipalities
	})
	if err != nil {
		return nil, nil, err
	}
	for _, pub := range pubs {
		for _, a := range pub.Areas {
			if len(a.Members) > 0 {
				members[a.Key] = a.Members
			}
			areas = append(areas, a)
		}
	}
	return indicator.NewGround(areas), members, nil
}

type sketchView struct {
	houseView
	reviewed
	Levels  ui.Input
	Facts   []ui.Pair
	Figures ui.Table
}

// sketchLine is one figure as it would be published.
type sketchLine struct {
	Area  indicator.Area
	Point indicator.Point
	Why   []string
}

func sketchShown(p *page) error {
	h, k, err := p.sketch()
	if err != nil {
		return err
	}
	v := sketchView{houseView: h}
	if v.reviewed, err = p.review(k); err != nil {
		return err
	}
	if v.Pub != nil {
		s := p.sketchSheet(&v.reviewed)
		if done, err := s.asked(p); done || err != nil {
			return err
		}
		if v.Figures, err = s.show(p); err != nil {
			return err
		}
	}
	v.Facts = p.sketchFacts(&k)
	v.Levels = p.levelsField(authz.Private.String())
	if k.Dataset.Direction == indicator.Unstated {
		v.Levels.Options = slices.DeleteFunc(v.Levels.Options, func(o ui.Option) bool { return o.Value == authz.PublicLevel.String() })
		v.Levels.Hint = p.text("dataset.no_direction")
	}
	return p.render(http.StatusOK, p.title(&k.Dataset), sketchPage(p, v))
}

func (p *page) sketchSheet(r *reviewed) *sheet[sketchLine] {
	d := &r.Pub.Dataset
	why := map[string][]string{}
	for _, x := range r.Preview.Rows {
		key := x.Area + " " + x.Period.String()
		why[key] = append(why[key], p.T("figures.measure."+x.Measure, nil)+": "+p.hiddenFor(x))
	}
	var rows []sketchLine
	for _, a := range r.Pub.Areas {
		for _, at := range r.Pub.Periods {
			rows = append(rows, sketchLine{a, r.Pub.Point(a.Key, at), why[a.Key+" "+at.String()]})
		}
	}
	s := &sheet[sketchLine]{
		Name: "vorschau-" + d.ID, Caption: p.text("dataset.as_published"), Rows: rows, Size: figuresOfPage,
		Columns: []column[sketchLine]{
			{Key: "area", Label: p.text("figures.column.area"), Text: func(l sketchLine) string { return l.Area.Name }, Sub: func(l sketchLine) string { return l.Area.Key }, Find: true},
			{Key: "period", Label: p.text("figures.column.period"), Text: func(l sketchLine) string { return p.periodText(l.Point.Period) }, Order: func(l sketchLine) string { return l.Point.Period.String() }},
			{Key: "value", Label: d.Unit.In(p.Lang()), Text: func(l sketchLine) string { return p.valueText(d, l.Point.Value) }},
			{Key: "state", Label: p.text("figures.column.state"), Text: func(l sketchLine) string { return p.T("figures.kind."+l.Point.Value.Kind.String(), nil) }, Choices: func(l sketchLine) (value, label string) {
				return l.Point.Value.Kind.String(), p.T("figures.kind."+l.Point.Value.Kind.String(), nil)
			}},
			{Key: "why", Label: p.text("figures.column.why"), Text: func(l sketchLine) string { return strings.Join(l.Why, "; ") }},
		},
	}
	return s
}

func (p *page) sketchFacts(k *indicator.Sketch) []ui.Pair {
	d := &k.Dataset
	rules := p.text("figures.no_rules")
	if !k.Open() {
		rules = k.Rules.Name
	}
	return []ui.Pair{
		{Label: p.text("dataset.form.short"), Text: d.ID},
		{Label: p.text("figures.column.level"), Text: p.T("figures.level."+string(d.Level), nil)},
		{Label: p.text("dataset.form.unit_de"), Text: d.Unit.In(p.Lang())},
		{Label: p.text("figures.column.direction"), Text: p.direction(d)},
		{Label: p.text("figures.column.source"), Text: d.Source + ", " + d.Publisher},
		{Label: p.text("figures.licence"), Text: d.Licence},
		{Label: p.text("web.reference_date"), Text: p.Date(d.ReferenceDate)},
		{Label: p.text("figures.rules"), Text: rules},
		{Label: p.text("dataset.table"), Text: k.File},
	}
}

// sketchPublish puts a dataset by hand through the gate, keeps what may be shown, and forgets the true figures.
func sketchPublish(p *page) error {
	h, k, err := p.sketch()
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	level, known := authz.LevelOf(sent.Get("level"))
	if !known || !slices.Contains(figureLevels(), level) {
		return missing("level")
	}
	r, err := p.review(k)
	switch {
	case err != nil:
		return err
	case r.Pub == nil:
		return fault.New(fault.Conflict, k.Dataset.ID, "has no figures that can be published", "look at the notices of the table")
	case k.Dataset.Direction == indicator.Unstated && level == authz.PublicLevel:
		return fault.New(fault.Conflict, k.Dataset.ID, "does not say which way it is better", "state a direction")
	}
	all, err := p.datasets()
	if err != nil {
		return err
	}
	place := slices.IndexFunc(all, func(x indicator.Listed) bool { return x.Dataset.ID == k.Dataset.ID })
	if place < 0 {
		place = len(all)
	}
	d := &r.Pub.Dataset
	d.Owner = h.Name
	if level == authz.PublicLevel {
		d.State = indicator.Released
	}
	if _, err := p.site.Figures.PublishDataset(p.req.Context(), p.actor, p.now(), h.ID, place, r.Before, r.Pub, r.Preview, authz.Release{Level: level}); err != nil {
		return err
	}
	if err := p.site.Figures.DropSketch(p.req.Context(), p.actor, p.now(), h.ID, k.ID); err != nil {
		return err
	}
	return p.done(p.path("figures-preview", d.ID), "dataset_released")
}

// sketchDrop asks first: what is dropped is gone for good.
func sketchDrop(p *page) error {
	h, k, err := p.sketch()
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	if sent.Get("sure") != "yes" {
		return p.render(http.StatusOK, p.T("dataset.drop", nil), ui.ConfirmPage(p.Printer, ui.Confirm{
			Hidden: []ui.Pair{{Label: "sure", Text: "yes"}}, Title: p.T("dataset.drop", nil), Text: p.T("dataset.drop_text", nil),
			Action: p.link("sketch-drop", string(h.ID), k.ID), Yes: p.T("dataset.drop", nil), Danger: true, Back: p.link("sketch", string(h.ID), k.ID),
		}))
	}
	if err := p.site.Figures.DropSketch(p.req.Context(), p.actor, p.now(), h.ID, k.ID); err != nil {
		return err
	}
	return p.done(p.path("sketches", string(h.ID)), "dataset_dropped")
}

// sketchAdvice says in the language of the page what to do about a notice.
func (p *page) sketchAdvice(n notice.Notice) string {
	if key := "dataset.advice." + n.Rule; p.Has(key) {
		return p.text(key)
	}
	return p.text("dataset.advice.else")
}

// sketchPlace says where in the table something stands.
func (p *page) sketchPlace(n notice.Notice) string {
	var out []string
	if n.Record != "" {
		out = append(out, p.T("dataset.cell", with{"Cell": n.Record}))
	} else if n.Line > 0 {
		out = append(out, p.T("import.line", with{"Line": strconv.Itoa(n.Line)}))
	}
	if n.Field != "" {
		out = append(out, n.Field)
	}
	return strings.Join(out, ", ")
}

// joined are the fields that several checks complain about, as one fault.
func joinedFields(of ...error) error {
	var f form.Fields
	seen := map[string]bool{}
	for _, err := range of {
		if err != nil && form.Of(err) == nil {
			return err
		}
		for _, w := range form.Of(err) {
			if !seen[w.Name] {
				seen[w.Name] = true
				f.Add(w.Name, w.Reason)
			}
		}
	}
	return f.Err()
}

// lossPairs tell what rules hide.
func (p *page) lossPairs(v *indicator.Preview) []ui.Pair {
	count := func(key string, n int) ui.Pair {
		return ui.Pair{Label: p.text("figures.preview_" + key), Text: p.Number(float64(n), 0)}
	}
	return []ui.Pair{
		count("figures", v.Figures),
		count("published", v.Published+v.Zeros),
		count("primary", v.Primary),
		count("secondary", v.Secondary),
		count("source", v.AtSource),
		count("absent", v.Absent),
		{Label: p.text("figures.preview_lost"), Text: p.Percent(v.Lost, 1)},
	}
}

// datasetName is the id under which an organisation's dataset by hand is published: that of one of its own datasets, which gets a
// new release, else the short name with a mark of the organisation, so that no name tells what others keep.
func (p *page) datasetName(short string, house authz.OrganisationID) (string, error) {
	all, err := p.datasets()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(house))
	mark := "-" + hex.EncodeToString(sum[:2])
	if strings.HasSuffix(short, mark) || short == "" || slices.ContainsFunc(all, func(x indicator.Listed) bool { return x.Dataset.ID == short && x.Owner == string(house) }) {
		return short, nil
	}
	return short + mark, nil
}
