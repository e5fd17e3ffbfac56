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

// Measures is what the pages ask of measures and the commitments they live on. Every method decides for the actor.
type Measures interface {
	Measures(ctx context.Context, actor authz.Actor, dossier string) ([]alliance.Measure, error)
	Measure(ctx context.Context, actor authz.Actor, id string) (alliance.Measure, error)
	SaveMeasure(ctx context.Context, actor authz.Actor, at time.Time, m alliance.Measure) (id string, err error)
	Commitments(ctx context.Context, actor authz.Actor, measure string) ([]alliance.Commitment, error)
	CommitmentsOf(ctx context.Context, actor authz.Actor, owner authz.OrganisationID) ([]alliance.Commitment, error)
	Commit(ctx context.Context, actor authz.Actor, at time.Time, c alliance.Commitment) (id string, err error)
	WithdrawCommitment(ctx context.Context, actor authz.Actor, at time.Time, id, reason string) error
}

func measureRoutes() []Route {
	at := func(name string, do authz.Action, de, en string, handle handler) Route {
		return Route{
			Name: name, Section: "house", Access: Access{authz.Dossier, do}, States: []State{SignedIn}, Handle: handle,
			Patterns: map[string]string{"de": "/de/massnahmen" + de, "en": "/en/measures" + en},
		}
	}
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

// span writes from when to when something is promised.
func (p *page) span(c alliance.Commitment) string {
	if c.Until.IsZero() {
		return p.T("commitment.from_on", with{"From": p.day(c.From)})
	}
	return p.T("commitment.from_until", with{"From": p.day(c.From), "Until": p.day(c.Until)})
}

// mayWithdraw says whether the reader may take a commitment back.
func (p *page) mayWithdraw(c alliance.Commitment) bool {
	return c.Stands() && p.can(authz.Change, owned(authz.Commitment, c.Owner))
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

// commitmentsView is what a house promised.
type commitmentsView struct {
	houseView
	Due   []alliance.Commitment // standing ones that end within the next weeks
	Table ui.Table
}

// remindWeeks is how many weeks before its end a house is reminded of what it promised, and nobody else is.
const remindWeeks = 6

func commitments(p *page) error {
	all, err := p.site.Alliance.CommitmentsOf(p.req.Context(), p.actor, p.org())
	if err != nil {
		return err
	}
	h, err := p.house("commitments")
	if err != nil {
		return err
	}
	v := commitmentsView{houseView: h}
	for _, c := range all {
		if c.Ends(p.now(), remindWeeks) {
			v.Due = append(v.Due, c)
		}
	}
	titles := map[string]string{}
	for _, c := range all {
		if m, err := p.site.Alliance.Measure(p.req.Context(), p.actor, c.Measure); err == nil {
			titles[c.Measure] = m.Title
		} else if fault.KindOf(err) != fault.NotFound {
			return err
		}
	}
	s := p.commitmentSheet(h, all, func(id string) string { return titles[id] })
	if done, err := s.asked(p); done || err != nil {
		return err
	}
	if v.Table, err = s.show(p); err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("commitment.list", nil), commitmentsPage(p, v))
}

func (p *page) commitmentSheet(h houseView, all []alliance.Commitment, title func(string) string) *sheet[alliance.Commitment] {
	state := func(c alliance.Commitment) (string, string) {
		if c.Stands() {
			return "stands", p.T("commitment.stands", nil)
		}
		return "withdrawn", p.T("commitment.withdrawn", nil)
	}
	s := &sheet[alliance.Commitment]{
		Name: "zusagen", Caption: p.T("commitment.list", nil), CaptionHidden: true, Rows: all,
		EmptyTitle: p.T("commitment.none", nil), EmptyText: p.T("commitment.none_text", nil),
		Columns: []column[alliance.Commitment]{
			{Key: "what", Label: p.T("commitment.what", nil), Text: func(c alliance.Commitment) string { return c.What }, Find: true},
			{Key: "gift", Label: p.T("commitment.gift", nil), Text: func(c alliance.Commitment) string { return p.text("commitment.gifts." + string(c.Gift)) }},
			{Key: "pot", Label: p.T("commitment.pot", nil), Text: func(c alliance.Commitment) string { return c.Pot }},
			{Key: "measure", Label: p.T("measure.measure", nil), Text: func(c alliance.Commitment) string { return title(c.Measure) }, Link: func(c alliance.Commitment) templ.SafeURL { return p.link("measure", c.Measure) }},
			{Key: "from", Label: p.T("commitment.term", nil), Text: p.span, Order: func(c alliance.Commitment) string { return c.From.Format(time.DateOnly) }},
			{Key: "state", Label: p.T("dossier.standing", nil), Text: func(c alliance.Commitment) string { _, l := state(c); return l }, Sub: func(c alliance.Commitment) string { return c.Reason }, Choices: state},
			{Key: "seen", Label: p.T("commitment.level", nil), Text: func(c alliance.Commitment) string { return p.text("commitment.levels." + c.Released.Level.String()) }},
		},
	}
	if p.can(authz.Change, owned(authz.Commitment, h.ID)) {
		s.Columns = append(s.Columns, column[alliance.Commitment]{Key: "act", Label: p.T("commitment.withdraw", nil), Hidden: true, Text: func(c alliance.Commitment) string {
			if !c.Stands() {
				return ""
			}
			return p.T("commitment.withdraw", nil)
		}, Link: func(c alliance.Commitment) templ.SafeURL {
			if !c.Stands() {
				return ""
			}
			return p.link("commitment-end", string(h.ID), c.ID)
		}})
	}
	return s
}

// promise is the form by which a house promises something.
type promise struct {
	houseView
	To    *alliance.Measure // nil before one is chosen
	Entry entry
}

// promise gives the form of the house of the address for a measure.
func (p *page) promise(measure string) (promise, error) {
	var v promise
	err := p.may(authz.Create, owned(authz.Commitment, p.org()))
	if err != nil {
		return v, err
	}
	if v.houseView, err = p.house("commitments"); err != nil || measure == "" {
		return v, err
	}
	m, err := p.site.Alliance.Measure(p.req.Context(), p.actor, measure)
	v.To = &m
	return v, err
}

func commitNew(p *page) error {
	v, err := p.promise(p.first("measure"))
	if err != nil {
		return err
	}
	v.Entry = p.begin("commitment", "from", p.now().In(p.site.zone).Format(time.DateOnly), "level", authz.AllianceLevel.String())
	return p.render(http.StatusOK, p.T("commitment.give", nil), promisePage(p, v))
}

func commit(p *page) error {
	sent, err := p.form()
	if err != nil {
		return err
	}
	v, err := p.promise(sent.Get("measure"))
	if err != nil {
		return err
	}
	if v.To == nil {
		return fault.New(fault.Invalid, "measure", "was not chosen", "begin at a measure")
	}
	var wrong form.Fields
	c := alliance.Commitment{
		Measure: v.To.ID, Owner: v.ID, Gift: alliance.Gift(sent.Get("gift")), What: sent.Get("what"), Pot: sent.Get("pot"), Conditions: sent.Get("conditions"),
		From: dateOf(sent.Get("from"), "from", &wrong), Until: dateOf(sent.Get("until"), "until", &wrong),
	}
	level, known := authz.LevelOf(sent.Get("level"))
	if !known || level == authz.Named {
		wrong.Add("level", "unknown")
	}
	c.Released.Level = level
	if err = wrong.Err(); err == nil {
		_, err = p.site.Alliance.Commit(p.req.Context(), p.actor, p.now(), c)
	}
	v.Entry = p.entry("commitment", sent, err)
	if err != nil {
		return p.again(err, p.T("commitment.give", nil), promisePage(p, v))
	}
	return p.done(p.path("measure", v.To.ID), "committed")
}

// promiseFields are the fields of a promise, in order.
func (v promise) promiseFields() []ui.Input {
	e := v.Entry
	gifts := make([]string, 0, 6)
	for _, g := range alliance.Gifts() {
		gifts = append(gifts, string(g))
	}
	gift, what, from, level := e.choices("gift", "commitment.gifts", gifts...), e.field("what"), e.field("from"), e.choices("level", "commitment.levels", "private", "alliance", "public")
	gift.Required, what.Required, from.Required, level.Required = true, true, true, true
	conditions := e.optional("conditions")
	conditions.Rows = 3
	return []ui.Input{gift, what, e.optional("pot"), from, e.optional("until"), conditions, level}
}

// ending is the page on which a house takes a promise back.
type ending struct {
	houseView
	Given alliance.Commitment
	Entry entry
}

// ending gives the commitment of the address, where its house may take it back.
func (p *page) ending() (ending, error) {
	v := ending{Entry: p.begin("commitment")}
	err := p.may(authz.Change, owned(authz.Commitment, p.org()))
	if err != nil {
		return v, err
	}
	if v.houseView, err = p.house("commitments"); err != nil {
		return v, err
	}
	all, err := p.site.Alliance.CommitmentsOf(p.req.Context(), p.actor, v.ID)
	if err != nil {
		return v, err
	}
	i := slices.IndexFunc(all, func(c alliance.Commitment) bool { return c.ID == p.req.PathValue("commitment") })
	if i < 0 {
		return v, fault.New(fault.NotFound, "commitment", "does not exist", "")
	}
	v.Given = all[i]
	return v, nil
}

func commitmentEnd(p *page) error {
	v, err := p.ending()
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("commitment.withdraw", nil), endingPage(p, v))
}

func commitmentWithdraw(p *page) error {
	v, err := p.ending()
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	err = p.site.Alliance.WithdrawCommitment(p.req.Context(), p.actor, p.now(), v.Given.ID, sent.Get("reason"))
	v.Entry = p.entry("commitment", sent, err)
	if err != nil {
		return p.again(err, p.T("commitment.withdraw", nil), endingPage(p, v))
	}
	return p.done(p.path("commitments", string(v.ID)), "commitment_withdrawn")
}

// measureCrumbs is the way to a page of a measure.
func measureCrumbs(p *page, about *alliance.Dossier, title string) []ui.Crumb {
	out := []ui.Crumb{{Label: p.T("web.nav.dossiers", nil), Href: p.link("dossiers")}}
	if about != nil {
		out = append(out, ui.Crumb{Label: about.Title, Href: p.link("dossier", about.ID)})
	}
	return append(out, ui.Crumb{Label: title})
}
