package web

import (
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

func decisions(p *page) error {
	if err := p.mayBodies(authz.View); err != nil {
		return err
	}
	all, err := p.site.Alliance.Decisions(p.req.Context(), p.actor, "")
	if err != nil {
		return err
	}
	bodies, err := p.bodyNames()
	if err != nil {
		return err
	}
	day := func(t time.Time) string {
		if t.IsZero() {
			return p.T("seat.endless", nil)
		}
		return p.day(t)
	}
	s := &sheet[alliance.Decision]{
		Name: "beschluesse", Caption: p.T("decision.register", nil), CaptionHidden: true, Rows: all,
		EmptyTitle: p.T("decision.empty", nil), EmptyText: p.T("decision.empty_text", nil),
		Columns: []column[alliance.Decision]{
			{Key: "on", Label: p.T("decision.on", nil), Text: func(d alliance.Decision) string { return p.day(d.On) }, Order: func(d alliance.Decision) string { return d.On.Format(time.DateOnly) }},
			{Key: "title", Label: p.T("decision.title", nil), Text: func(d alliance.Decision) string { return d.Title }, Find: true, Link: func(d alliance.Decision) templ.SafeURL { return p.link("decision", d.ID) }},
			{Key: "wording", Label: p.T("decision.wording", nil), Text: func(d alliance.Decision) string { return d.Wording }, Find: true, Fixed: true},
			{Key: "body", Label: p.T("decision.body", nil), Text: func(d alliance.Decision) string { return bodies(d.Body) }, Choices: func(d alliance.Decision) (string, string) { return d.Body, bodies(d.Body) }},
			{Key: "outcome", Label: p.T("decision.result", nil), Text: func(d alliance.Decision) string { return p.text("decision.outcome." + string(d.Outcome)) }, Choices: func(d alliance.Decision) (string, string) {
				return string(d.Outcome), p.text("decision.outcome." + string(d.Outcome))
			}},
			{Key: "count", Label: p.T("decision.counted", nil), Text: func(d alliance.Decision) string { return p.votesOf(d) }, Fixed: true},
			{Key: "until", Label: p.T("decision.until", nil), Text: func(d alliance.Decision) string { return day(d.Until) }, Order: func(d alliance.Decision) string { return d.Until.Format(time.DateOnly) }},
		},
	}
	if done, err := s.asked(p); done || err != nil {
		return err
	}
	t, err := s.show(p)
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("decision.register", nil), decisionsPage(p, t))
}

// votesOf says how a decision was taken and who was there.
func (p *page) votesOf(d alliance.Decision) string {
	numbers := with{"For": d.For, "Against": d.Against, "Abstained": d.Abstained, "Objections": d.Objections, "Here": d.Here, "Of": d.Of}
	return p.T("decision.counted_"+string(d.Way), numbers) + " " + p.T("decision.present_of", numbers)
}

// decisionView is one decision of the register.
type decisionView struct {
	alliance.Decision
	BodyName string
	About    *alliance.Dossier // nil where it is about none, or the reader may not see it
	Taken    *alliance.Meeting // where it was taken; nil where it was entered without a meeting
}

func decisionPage(p *page) error {
	if err := p.mayBodies(authz.View); err != nil {
		return err
	}
	all, err := p.site.Alliance.Decisions(p.req.Context(), p.actor, "")
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(d alliance.Decision) bool { return d.ID == p.req.PathValue("decision") })
	if i < 0 {
		return fault.New(fault.NotFound, "decision", "does not exist", "look in the register")
	}
	bodies, err := p.bodyNames()
	if err != nil {
		return err
	}
	v := decisionView{Decision: all[i], BodyName: bodies(all[i].Body)}
	if v.About, err = p.about(all[i].Dossier); err != nil {
		return err
	}
	if v.Meeting != "" {
		m, _, err := p.site.Alliance.Meeting(p.req.Context(), p.actor, v.Meeting)
		if err != nil {
			return err
		}
		v.Taken = &m
	}
	return p.render(http.StatusOK, v.Title, decisionShown(p, v))
}

// about gives the dossier of that id, nil where there is none that the reader may see.
func (p *page) about(dossier string) (*alliance.Dossier, error) {
	if dossier == "" {
		return nil, nil
	}
	d, _, err := p.site.Alliance.Dossier(p.req.Context(), p.actor, dossier)
	if fault.KindOf(err) == fault.NotFound {
		return nil, nil
	}
	return &d, err
}

// motion is the form by which a decision is entered.
type motion struct {
	alliance.Body
	About *alliance.Dossier
	Seats []alliance.Seat // held today
	Name  func(authz.OrganisationID) string
	Entry entry
}

// motion gives the form for the body of the address, about a dossier or none.
func (p *page) motion(dossier string) (motion, error) {
	b, seats, err := p.body(authz.Change)
	v := motion{Body: b}
	if err != nil {
		return v, err
	}
	if v.About, err = p.about(dossier); err != nil {
		return v, err
	}
	for _, x := range seats {
		if x.Held(p.now()) {
			v.Seats = append(v.Seats, x)
		}
	}
	v.Name, err = p.organisationNamer()
	return v, err
}

func decisionNew(p *page) error {
	v, err := p.motion(p.first("dossier"))
	if err != nil {
		return err
	}
	v.Entry = p.begin("decision", "on", p.now().In(p.site.zone).Format(time.DateOnly), "way", string(alliance.Consensus))
	if id := p.first("meeting"); id != "" {
		m, _, err := p.site.Alliance.Meeting(p.req.Context(), p.actor, id)
		if err != nil {
			return err
		}
		v.Entry.values.Set("meeting", id)
		v.Entry.values.Set("on", m.Begins.In(p.site.zone).Format(time.DateOnly))
		v.Entry.values["present"] = m.Present
	}
	if v.About != nil {
		v.Entry.values.Set("title", v.About.Title)
		v.Entry.values.Set("version", strconv.Itoa(v.About.Version))
	}
	return p.render(http.StatusOK, p.T("decision.enter", nil), motionPage(p, v))
}

// decisionEnter enters a decision and, where one was chosen, takes the step of the dossier that it is for. A decision that
// was not taken, or a step that the dossier refuses, leaves the dossier where it is: the register has the decision.
func decisionEnter(p *page) error {
	sent, err := p.form()
	if err != nil {
		return err
	}
	v, err := p.motion(sent.Get("dossier"))
	if err != nil {
		return err
	}
	d, err := motionOf(v, sent)
	if err == nil {
		d, err = p.site.Alliance.EnterDecision(p.req.Context(), p.actor, p.now(), d)
	}
	if err != nil {
		return p.refused(err, "decision", sent, p.T("decision.enter", nil), func(e entry) templ.Component {
			v.Entry = e
			return motionPage(p, v)
		})
	}
	step := alliance.Step(sent.Get("step"))
	if v.About == nil || step == "" {
		return p.done(p.path("decision", d.ID), "decision_entered")
	}
	if d.Outcome != alliance.Taken {
		return p.done(p.path("dossier", v.About.ID), "decision_failed")
	}
	_, err = p.site.Alliance.MoveDossier(p.req.Context(), p.actor, p.now(), v.About.ID, alliance.Move{Step: step, Decision: d, Body: v.ID, Reason: d.Reasons, Version: d.DossierVersion})
	if err != nil {
		p.site.Log.Info("a decision is in the register, its step was refused", "cause", err)
		return p.done(p.path("dossier", v.About.ID), "decision_no_step")
	}
	return p.done(p.path("dossier", v.About.ID), "dossier_moved")
}

// motionOf reads a decision from a form. What is reckoned for no way of deciding is left out.
func motionOf(v motion, sent url.Values) (alliance.Decision, error) {
	var wrong form.Fields
	d := alliance.Decision{
		Body: v.ID, Title: sent.Get("title"), Wording: sent.Get("wording"), Reasons: sent.Get("reasons"), Way: alliance.Way(sent.Get("way")), Present: sent["present"], Meeting: sent.Get("meeting"),
		On: dateOf(sent.Get("on"), "on", &wrong), Until: dateOf(sent.Get("until"), "until", &wrong),
	}
	if d.Way == alliance.Votes {
		d.For, d.Against, d.Abstained = wholeOf(sent, "for", &wrong), wholeOf(sent, "against", &wrong), wholeOf(sent, "abstained", &wrong)
	} else {
		d.Objections = wholeOf(sent, "objections", &wrong)
	}
	if v.About != nil {
		d.Dossier, d.DossierVersion = v.About.ID, readVersion(sent)
	}
	return d, wrong.Err()
}

// motionFields are the fields of a decision, in order.
func (v motion) motionFields(p *page) (text []ui.Input, present, way, step ui.Input, votes []ui.Input, days []ui.Input) {
	e := v.Entry
	title, wording, reasons := e.field("title"), e.field("wording"), e.optional("reasons")
	title.Required, wording.Required = true, true
	wording.Rows, reasons.Rows = 4, 3
	present = e.field("present")
	for _, x := range v.Seats {
		o := ui.Option{Value: x.ID, Label: x.Holder + " · " + v.Name(x.Organisation)}
		if !x.Votes {
			o.Hint = p.T("seat.votes_no", nil)
		}
		present.Options = append(present.Options, o)
	}
	way = e.choices("way", "decision.way_of", string(alliance.Consensus), string(alliance.Votes))
	way.Required = true
	for _, name := range []string{"objections", "for", "against", "abstained"} {
		i := e.field(name)
		i.Width, i.InputMode = "short", "numeric"
		votes = append(votes, i)
	}
	step = e.field("step")
	step.Any = p.T("decision.no_step", nil)
	if v.About != nil {
		for _, s := range v.About.Can() {
			if !s.Alone() {
				step.Options = append(step.Options, ui.Option{Value: string(s), Label: p.text("dossier.steps." + string(s))})
			}
		}
	}
	on := e.field("on")
	on.Required = true
	return []ui.Input{title, wording, reasons}, present, way, step, votes, []ui.Input{on, e.optional("until")}
}

// decisionPairs are what else the register says of a decision.
func (p *page) decisionPairs(v decisionView) []ui.Pair {
	until := p.T("seat.endless", nil)
	if !v.Until.IsZero() {
		until = p.day(v.Until)
	}
	return []ui.Pair{
		{Label: p.T("decision.counted", nil), Text: p.votesOf(v.Decision)},
		{Label: p.T("decision.reasons", nil), Text: orDash(p, v.Reasons)},
		{Label: p.T("decision.until", nil), Text: until},
	}
}

func outcomeLook(o alliance.Outcome) ui.Kind {
	switch o {
	case alliance.Taken:
		return ui.Success
	case alliance.NoQuorum:
		return ui.Warning
	case alliance.NotTaken:
	}
	return ui.Info
}

func bodyTitle(p *page, b *alliance.Body) string {
	if b == nil {
		return p.T("body.found", nil)
	}
	return b.Name
}

func bodyAction(p *page, b *alliance.Body) templ.SafeURL {
	if b == nil {
		return p.link("body-found")
	}
	return p.link("body-change", b.ID)
}
