package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"gevor/alliance"
	"gevor/authz"
	"gevor/fault"
	"gevor/form"
	"gevor/internal/web/ui"
)

// Measures is what the pages ask of measures and the commitments they live on. Every method decides for the actor.
type Measures interface {
	Measures(ctx context.Context, actor authz.Actor, dossier string) ([]alliance.Measure, error)
	Measure(ctx context.Context, actor authz.Actor, id string) (alliance.Measure, error)
	SaveMeasure(ctx context.Context, actor authz.Actor, at time.Time, m alliance.Measure) (id string, err error)
	Commitments(ctx context.Context, actor authz.Actor, measure string) ([]alliance.Commitment, error)
	CommitmentsOf(ctx context.Context, actor authz.Actor, owner authz.OrganisationID) ([]alliance.Commitment, error)
	Commit(ctx context.Context, actor authz.Actor, at time.Time, c alliance.Commitment) (id string, err error)
	WithdrawCommitment(ctx context.Context, actor authz.Actor, at time.Time, id, reason string) error
	Effects
}

func measureRoutes() []Route {
	at := below("house", authz.Dossier, "/de/massnahmen", "/en/measures")
	return []Route{
		at("measure", authz.View, "/{measure}", "/{measure}", measurePage),
		at("measure-edit", authz.Change, "/{measure}/bearbeiten", "/{measure}/edit", measureEdit),
		post(at("measure-change", authz.Change, "/{measure}/bearbeiten", "/{measure}/edit", measureChange)),
		ofHouse("measure-new", authz.Dossier, authz.Create, "/massnahmen/neu", "/measures/new", measureNew),
		post(ofHouse("measure-create", authz.Dossier, authz.Create, "/massnahmen/neu", "/measures/new", measureCreate)),
		ofHouse("commitments", authz.Commitment, authz.View, "/zusagen", "/commitments", commitments),
		ofHouse("commit-new", authz.Commitment, authz.Create, "/zusagen/neu", "/commitments/new", commitNew),
		post(ofHouse("commit", authz.Commitment, authz.Create, "/zusagen/neu", "/commitments/new", commit)),
		ofHouse("commitment-end", authz.Commitment, authz.Change, "/zusagen/{commitment}/zuruecknehmen", "/commitments/{commitment}/withdraw", commitmentEnd),
		post(ofHouse("commitment-withdraw", authz.Commitment, authz.Change, "/zusagen/{commitment}/zuruecknehmen", "/commitments/{commitment}/withdraw", commitmentWithdraw)),
	}
}

// measureView is the page of one measure.
type measureView struct {
	alliance.Measure
	About       *alliance.Dossier
	Name        func(authz.OrganisationID) string
	Commitments []alliance.Commitment
	Give        []ui.Link // where houses of the reader promise something
	May         bool      // change the description
}

func measurePage(p *page) error {
	ctx := p.req.Context()
	m, err := p.site.Alliance.Measure(ctx, p.actor, p.req.PathValue("measure"))
	if err != nil {
		return err
	}
	v := measureView{Measure: m, May: p.can(authz.Change, owned(authz.Dossier, m.Owner))}
	if v.About, err = p.about(m.Dossier); err != nil {
		return err
	}
	if v.Name, err = p.organisationNamer(); err != nil {
		return err
	}
	if v.Commitments, err = p.site.Alliance.Commitments(ctx, p.actor, m.ID); err != nil {
		return err
	}
	for _, o := range p.actor.Organisations() {
		if p.can(authz.Create, owned(authz.Commitment, o)) {
			v.Give = append(v.Give, ui.Link{Label: p.T("commitment.give_for", with{"Name": v.Name(o)}), Href: p.link("commit-new", string(o)) + templ.SafeURL("?"+url.Values{"measure": {m.ID}}.Encode())})
		}
	}
	return p.render(http.StatusOK, m.Title, measureShown(p, v))
}

// measurePairs are what was said of a measure before it began.
func (p *page) measurePairs(v measureView) []ui.Pair {
	return []ui.Pair{
		{Label: p.T("measure.whom", nil), Text: v.Whom},
		{Label: p.T("measure.where", nil), Text: v.Where},
		{Label: p.T("measure.indicator", nil), Text: v.Indicator},
		{Label: p.T("measure.expected", nil), Text: v.Expected},
		{Label: p.T("measure.by", nil), Text: p.day(v.By)},
		{Label: p.T("measure.fails_if", nil), Text: v.FailsIf},
		{Label: p.T("dossier.keeper", nil), Text: v.Name(v.Owner)},
	}
}

// measureDraft is the form of a measure.
type measureDraft struct {
	Was    *alliance.Measure // nil for a new one
	About  *alliance.Dossier // nil before one is chosen
	Action templ.SafeURL
	Entry  entry
}

// measureFields are the fields of a measure, in order.
func (v measureDraft) measureFields() []ui.Input {
	e := v.Entry
	var out []ui.Input
	for _, name := range []string{"title", "whom", "where", "indicator", "expected", "by", "fails_if"} {
		i := e.field(name)
		i.Required = true
		out = append(out, i)
	}
	out[6].Rows = 3
	return out
}

// measureOf reads a measure from a form.
func measureOf(sent url.Values) (alliance.Measure, error) {
	var wrong form.Fields
	m := alliance.Measure{
		Title: sent.Get("title"), Whom: sent.Get("whom"), Where: sent.Get("where"), Indicator: sent.Get("indicator"), Expected: sent.Get("expected"),
		FailsIf: sent.Get("fails_if"), By: dateOf(sent.Get("by"), "by", &wrong), Version: readVersion(sent),
	}
	return m, wrong.Err()
}

func measureNew(p *page) error {
	v, err := p.newMeasure(p.first("dossier"))
	if err != nil {
		return err
	}
	v.Entry = p.begin("measure")
	if v.About != nil {
		v.Entry.values.Set("whom", v.About.Whom)
	}
	return p.render(http.StatusOK, p.T("measure.new", nil), measureForm(p, v))
}

// newMeasure gives the form by which the house of the address describes a measure for a dossier.
func (p *page) newMeasure(dossier string) (measureDraft, error) {
	v := measureDraft{Action: p.link("measure-create", string(p.org()))}
	err := p.may(authz.Create, owned(authz.Dossier, p.org()))
	if err == nil {
		v.About, err = p.about(dossier)
	}
	return v, err
}

func measureCreate(p *page) error {
	sent, err := p.form()
	if err != nil {
		return err
	}
	v, err := p.newMeasure(sent.Get("dossier"))
	if err != nil {
		return err
	}
	if v.About == nil {
		return fault.New(fault.Invalid, "dossier", "was not chosen", "begin at a dossier")
	}
	m, err := measureOf(sent)
	m.Owner, m.Dossier = p.org(), v.About.ID
	id := ""
	if err == nil {
		id, err = p.site.Alliance.SaveMeasure(p.req.Context(), p.actor, p.now(), m)
	}
	v.Entry = p.entry("measure", sent, err)
	if err != nil {
		return p.again(err, p.T("measure.new", nil), measureForm(p, v))
	}
	return p.done(p.path("measure", id), "measure_saved")
}

// oldMeasure gives the form of the measure of the address.
func (p *page) oldMeasure() (measureDraft, error) {
	m, err := p.site.Alliance.Measure(p.req.Context(), p.actor, p.req.PathValue("measure"))
	if err != nil {
		return measureDraft{}, err
	}
	v := measureDraft{Was: &m, Action: p.link("measure-change", m.ID)}
	if err := p.may(authz.Change, owned(authz.Dossier, m.Owner)); err != nil {
		return v, err
	}
	v.About, err = p.about(m.Dossier)
	return v, err
}

func measureEdit(p *page) error {
	v, err := p.oldMeasure()
	if err != nil {
		return err
	}
	m := v.Was
	v.Entry = p.begin("measure", "title", m.Title, "whom", m.Whom, "where", m.Where, "indicator", m.Indicator, "expected", m.Expected, "fails_if", m.FailsIf, "by", m.By.Format(time.DateOnly), "version", strconv.Itoa(m.Version))
	return p.render(http.StatusOK, m.Title, measureForm(p, v))
}

func measureChange(p *page) error {
	v, err := p.oldMeasure()
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	m, err := measureOf(sent)
	m.ID = v.Was.ID
	if err == nil {
		_, err = p.site.Alliance.SaveMeasure(p.req.Context(), p.actor, p.now(), m)
	}
	if err != nil {
		return p.refused(err, "measure", sent, v.Was.Title, func(e entry) templ.Component {
			v.Entry = e
			return measureForm(p, v)
		})
	}
	return p.done(p.path("measure", m.ID), "measure_saved")
}

// measureCrumbs is the way to a page of a measure.
func measureCrumbs(p *page, about *alliance.Dossier, title string) []ui.Crumb {
	out := []ui.Crumb{{Label: p.T("web.nav.dossiers", nil), Href: p.link("dossiers")}}
	if about != nil {
		out = append(out, ui.Crumb{Label: about.Title, Href: p.link("dossier", about.ID)})
	}
	return append(out, ui.Crumb{Label: title})
}
