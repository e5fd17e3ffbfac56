package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"gevor/alliance"
	"gevor/authz"
	"gevor/fault"
	"gevor/form"
	"gevor/internal/web/ui"
)

// Dossiers is what the pages ask of findings on their way. Every method decides for the actor.
type Dossiers interface {
	Dossiers(ctx context.Context, actor authz.Actor) ([]alliance.Dossier, error)
	Dossier(ctx context.Context, actor authz.Actor, id string) (alliance.Dossier, []alliance.Entry, error)
	OpenDossier(ctx context.Context, actor authz.Actor, at time.Time, d alliance.Dossier) (id string, err error)
	MoveDossier(ctx context.Context, actor authz.Actor, at time.Time, id string, m alliance.Move) (alliance.Dossier, error)
	Notes(ctx context.Context, actor authz.Actor, dossier string) ([]alliance.Note, error)
	AddNote(ctx context.Context, actor authz.Actor, at time.Time, n alliance.Note) (id string, err error)
	TakeNoteBack(ctx context.Context, actor authz.Actor, at time.Time, id string) error
}

func dossierRoutes() []Route {
	at := below("house", authz.Dossier, "/de/dossiers", "/en/dossiers")
	list := at("dossiers", authz.View, "", "", dossiers)
	list.Nav = 3
	mine := at("my-work", authz.View, "/meine-arbeit", "/my-work", myWork)
	mine.Nav = 2
	begin := ofHouse("dossier-new", authz.Dossier, authz.Create, "/dossiers/neu", "/dossiers/new", dossierNew)
	open := post(ofHouse("dossier-open", authz.Dossier, authz.Create, "/dossiers/neu", "/dossiers/new", dossierOpen))
	begin.NeedsRun, open.NeedsRun = true, true
	return []Route{
		list, mine, begin, open,
		at("dossier", authz.View, "/{dossier}", "/{dossier}", dossierPage),
		post(at("dossier-step", authz.Change, "/{dossier}/schritt", "/{dossier}/step", dossierStep)),
		post(ofHouse("note-add", authz.Note, authz.Create, "/dossiers/{dossier}/wort", "/dossiers/{dossier}/note", noteAdd)),
		post(ofHouse("note-back", authz.Note, authz.Remove, "/dossiers/{dossier}/wort/{note}/zuruecknehmen", "/dossiers/{dossier}/note/{note}/withdraw", noteBack)),
	}
}

// organisationNamer gives the names of organisations as far as the reader may know them: those of members stand on the
// alliance's public face.
func (p *page) organisationNamer() (func(authz.OrganisationID) string, error) {
	names := map[authz.OrganisationID]string{}
	seen, err := p.site.Houses.Organisations(p.req.Context(), p.actor)
	if err != nil {
		return nil, err
	}
	for i := range seen {
		names[seen[i].ID] = seen[i].Name
	}
	members, err := p.site.Alliance.Signatories(p.req.Context(), p.actor)
	if err != nil {
		return nil, err
	}
	for i := range members {
		names[members[i].Organisation] = members[i].Name
	}
	return func(o authz.OrganisationID) string {
		if n := names[o]; n != "" {
			return n
		}
		return p.T("dossier.somebody", nil)
	}, nil
}

// dossierView is the page of one dossier.
type dossierView struct {
	alliance.Dossier
	Name       func(authz.OrganisationID) string
	BodyName   func(string) string
	Course     []ui.Event
	Notes      []alliance.Note
	Measures   []alliance.Measure
	Decisions  []alliance.Decision
	Neighbours []ui.Link
	Step       entry
	Steps      []ui.Option // what the reader may do next
	Usable     []ui.Option // decisions that take a step now
	Deciding   []ui.Link   // where a decision on it is entered
	Speaking   []noteForm  // houses that the reader speaks for
	Plan       []ui.Link   // where a measure is described
	Atlas      templ.SafeURL
	Bodies     []ui.Option
}

// noteForm is the form by which a house says something.
type noteForm struct {
	House string
	Label string
	Entry entry
}

func dossierPage(p *page) error {
	return p.showDossier(http.StatusOK, p.begin("dossier"), p.begin("note"))
}

func (p *page) showDossier(status int, step, note entry) error {
	id, ctx := p.req.PathValue("dossier"), p.req.Context()
	d, course, err := p.site.Alliance.Dossier(ctx, p.actor, id)
	if err != nil {
		return err
	}
	v := dossierView{Dossier: d, Step: step}
	if v.Name, err = p.organisationNamer(); err != nil {
		return err
	}
	if v.BodyName, err = p.bodyNames(); err != nil {
		return err
	}
	if v.Notes, err = p.site.Alliance.Notes(ctx, p.actor, id); err != nil {
		return err
	}
	if v.Measures, err = p.site.Alliance.Measures(ctx, p.actor, id); err != nil {
		return err
	}
	if p.mayBodies(authz.View) == nil {
		if v.Decisions, err = p.site.Alliance.Decisions(ctx, p.actor, id); err != nil {
			return err
		}
	}
	v.Course = p.course(v, course)
	if err := p.nextSteps(&v); err != nil {
		return err
	}
	v.Neighbours, v.Atlas = p.sameGap(d)
	for _, o := range p.actor.Organisations() {
		if p.can(authz.Create, owned(authz.Note, o)) {
			n := noteForm{House: string(o), Label: v.Name(o), Entry: p.begin("note")}
			if p.org() == o {
				n.Entry = note
			}
			v.Speaking = append(v.Speaking, n)
		}
		if p.can(authz.Create, owned(authz.Dossier, o)) {
			v.Plan = append(v.Plan, ui.Link{Label: p.T("measure.new_for", with{"Name": v.Name(o)}), Href: p.link("measure-new", string(o)) + templ.SafeURL("?"+url.Values{"dossier": {id}}.Encode())})
		}
	}
	return p.render(status, d.Title, dossierShown(p, v))
}

// nextSteps fills in what the reader may do next with a dossier, and by which decisions.
func (p *page) nextSteps(v *dossierView) error {
	if p.can(authz.Change, owned(authz.Dossier, v.Owner)) {
		for _, s := range v.Can() {
			v.Steps = append(v.Steps, ui.Option{Value: string(s), Label: p.text("dossier.steps." + string(s)), Hint: p.text("dossier.step_hint." + string(s))})
		}
	}
	for _, d := range v.Decisions {
		if d.Holds(p.now()) && d.DossierVersion == v.Version {
			v.Usable = append(v.Usable, ui.Option{Value: d.ID, Label: d.Title + " (" + v.BodyName(d.Body) + ", " + p.day(d.On) + ")"})
		}
	}
	bodies, err := p.site.Alliance.Bodies(p.req.Context(), p.actor)
	if err != nil {
		return err
	}
	for _, b := range bodies {
		if b.Closed {
			continue
		}
		v.Bodies = append(v.Bodies, ui.Option{Value: b.ID, Label: b.Name})
		if p.mayBodies(authz.Change) == nil {
			v.Deciding = append(v.Deciding, ui.Link{Label: p.T("decision.enter_of", with{"Name": b.Name}), Href: p.link("decision-new", b.ID) + templ.SafeURL("?"+url.Values{"dossier": {v.ID}}.Encode())})
		}
	}
	return nil
}

// course writes the steps of a dossier as events, the latest first.
func (p *page) course(v dossierView, course []alliance.Entry) []ui.Event {
	var out []ui.Event
	for _, e := range slices.Backward(course) {
		who := v.Name(e.By)
		if i := slices.IndexFunc(v.Decisions, func(d alliance.Decision) bool { return d.ID == e.Decision }); i >= 0 {
			who = p.T("dossier.by_decision", with{"Body": v.BodyName(v.Decisions[i].Body), "Title": v.Decisions[i].Title})
		}
		what := p.text("dossier.state." + string(e.To))
		if e.Reason != "" {
			what += ": " + e.Reason
		}
		out = append(out, ui.Event{When: p.day(e.At), ISO: e.At.Format(time.RFC3339), What: what, Who: who})
	}
	return append(out, ui.Event{When: p.day(v.Opened), ISO: v.Opened.Format(time.RFC3339), What: p.text("dossier.state.seen"), Who: v.Name(v.Owner)})
}

// sameGap gives other findings of the served run about the same standard, and where the finding stands there today; both
// only as far as the reader may see the run.
func (p *page) sameGap(d alliance.Dossier) (others []ui.Link, today templ.SafeURL) {
	if p.run == nil || p.mayAtlas() != nil || d.Evidence.Region != p.run.Region {
		return nil, ""
	}
	f, _ := p.run.finding(d.Evidence.Finding)
	if f == nil {
		if p.site.KeptTrials != nil {
			if _, err := p.site.KeptTrials.Trial(p.req.Context(), p.actor, d.Evidence.Finding); err == nil {
				return nil, p.link("trial", d.Evidence.Finding)
			}
		}
		return nil, ""
	}
	const most = 6
	all := p.run.Result.Findings
	for i := range all {
		if x := &all[i]; x.Standard == f.Standard && x.ID != f.ID && len(others) < most {
			others = append(others, ui.Link{Label: p.place(x), Href: p.link("finding", x.ID), Hint: p.T("web.count_people", with{"Number": p.peopleOf(x)})})
		}
	}
	return others, p.link("finding", f.ID)
}

func dossierStep(p *page) error {
	id := p.req.PathValue("dossier")
	d, _, err := p.site.Alliance.Dossier(p.req.Context(), p.actor, id)
	if err != nil {
		return err
	}
	if err := p.may(authz.Change, owned(authz.Dossier, d.Owner)); err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	m := alliance.Move{Step: alliance.Step(sent.Get("step")), Decision: alliance.Decision{ID: sent.Get("decision")}, Reason: sent.Get("reason"), Body: sent.Get("body"), Version: readVersion(sent)}
	var wrong form.Fields
	if m.Step == "" {
		wrong.Add("step", "choose")
	}
	if err = wrong.Err(); err == nil {
		_, err = p.site.Alliance.MoveDossier(p.req.Context(), p.actor, p.now(), id, m)
	}
	e := p.entry("dossier", sent, err)
	switch fault.KindOf(err) {
	case fault.Stale:
		e.wrong = []form.Field{{Reason: "stale"}}
		return p.showDossier(http.StatusConflict, e, p.begin("note"))
	case fault.Conflict:
		e.wrong = []form.Field{{Reason: moveRefused(m)}}
		return p.showDossier(http.StatusConflict, e, p.begin("note"))
	}
	if form.Of(err) != nil {
		return p.showDossier(http.StatusUnprocessableEntity, e, p.begin("note"))
	}
	if err != nil {
		return err
	}
	return p.done(p.path("dossier", id), "dossier_moved")
}

// moveRefused says in words why the state of a dossier refused a step.
func moveRefused(m alliance.Move) string {
	switch {
	case m.Decision.ID == "" && !m.Step.Alone():
		return "needs_decision"
	case m.Step == alliance.Plan:
		return "needs_measure"
	}
	return "step_refused"
}

// readVersion reads the version that a form was filled in on; one that never was where it says none.
func readVersion(sent url.Values) int {
	n, err := strconv.Atoi(sent.Get("version"))
	if err != nil {
		return -1
	}
	return n
}

// decided says whether one of the next steps needs a decision.
func (v dossierView) decided() bool {
	return slices.ContainsFunc(v.Steps, func(o ui.Option) bool { return !alliance.Step(o.Value).Alone() })
}

// assigns says whether one of the next steps needs a body.
func (v dossierView) assigns() bool {
	return slices.ContainsFunc(v.Steps, func(o ui.Option) bool { return o.Value == string(alliance.Assign) })
}

// stepFields are the fields by which a dossier is moved.
func (v dossierView) stepFields(p *page) (step, decision, body, reason ui.Input) {
	step = v.Step.field("step")
	step.Options, step.Required = v.Steps, true
	decision = v.Step.field("decision")
	decision.Options, decision.Any = v.Usable, p.T("dossier.no_decision", nil)
	body = v.Step.field("body")
	body.Options, body.Any = v.Bodies, p.T("dossier.no_body", nil)
	if body.Value == "" {
		body.Value = v.Body
	}
	reason = v.Step.field("reason")
	reason.Rows, reason.Most = 3, 2000
	return step, decision, body, reason
}

func stateLook(s alliance.State) ui.Kind {
	switch s {
	case alliance.Reopened, alliance.Seen:
		return ui.Warning
	case alliance.AtWork, alliance.Closed, alliance.Reviewed:
		return ui.Success
	case alliance.Examined, alliance.Contradicted, alliance.Accepted, alliance.Assigned, alliance.Planned, alliance.NoAction:
	}
	return ui.Info
}

// orDash shows that nothing was said.
func orDash(p *page, s string) string {
	if s == "" {
		return p.T("house.not_given", nil)
	}
	return s
}
