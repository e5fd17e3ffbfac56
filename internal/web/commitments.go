package web

import (
	"net/http"
	"slices"
	"time"

	"github.com/a-h/templ"

	"gevor/alliance"
	"gevor/authz"
	"gevor/fault"
	"gevor/form"
	"gevor/internal/web/ui"
)

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
