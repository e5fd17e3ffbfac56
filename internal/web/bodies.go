package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"gevor/alliance"
	"gevor/authz"
	"gevor/fault"
	"gevor/form"
	"gevor/internal/web/ui"
)

// Bodies is what the pages ask of bodies and what they decide. Every method decides for the actor.
type Bodies interface {
	Bodies(ctx context.Context, actor authz.Actor) ([]alliance.Body, error)
	Body(ctx context.Context, actor authz.Actor, id string) (alliance.Body, error)
	Seats(ctx context.Context, actor authz.Actor, body string) ([]alliance.Seat, error)
	SaveBody(ctx context.Context, actor authz.Actor, at time.Time, b alliance.Body) (id string, err error)
	Seat(ctx context.Context, actor authz.Actor, at time.Time, x alliance.Seat) (id string, err error)
	Decisions(ctx context.Context, actor authz.Actor, dossier string) ([]alliance.Decision, error)
	EnterDecision(ctx context.Context, actor authz.Actor, at time.Time, d alliance.Decision) (alliance.Decision, error)
}

func bodyRoutes() []Route {
	at := below("house", authz.Body, "/de/verbund", "/en/alliance")
	register := at("decisions", authz.View, "/beschluesse", "/decisions", decisions)
	register.Nav = 4
	return []Route{
		register,
		at("decision", authz.View, "/beschluesse/{decision}", "/decisions/{decision}", decisionPage),
		at("body-new", authz.Create, "/gremien/neu", "/bodies/new", bodyNew),
		post(at("body-found", authz.Create, "/gremien/neu", "/bodies/new", bodyFound)),
		at("body", authz.View, "/gremien/{body}", "/bodies/{body}", bodyPage),
		at("body-edit", authz.Change, "/gremien/{body}/bearbeiten", "/bodies/{body}/edit", bodyEdit),
		post(at("body-change", authz.Change, "/gremien/{body}/bearbeiten", "/bodies/{body}/edit", bodyChange)),
		at("seat-edit", authz.Change, "/gremien/{body}/sitz", "/bodies/{body}/seat", seatEdit),
		post(at("seat-save", authz.Change, "/gremien/{body}/sitz", "/bodies/{body}/seat", seatSave)),
		at("decision-new", authz.Change, "/gremien/{body}/beschluss", "/bodies/{body}/decision", decisionNew),
		post(at("decision-enter", authz.Change, "/gremien/{body}/beschluss", "/bodies/{body}/decision", decisionEnter)),
	}
}

func (p *page) mayBodies(do authz.Action) error {
	return p.may(do, authz.Object{Kind: authz.Body})
}

// bodyLinks lead to the bodies; for whoever may not see inside they lead nowhere.
func (p *page) bodyLinks() ([]ui.Link, error) {
	all, err := p.site.Alliance.Bodies(p.req.Context(), p.actor)
	if err != nil {
		return nil, err
	}
	var out []ui.Link
	for _, b := range all {
		l := ui.Link{Label: b.Name, Hint: p.text("body.kinds." + string(b.Kind))}
		if b.Closed {
			l.Hint += " · " + p.T("body.closed", nil)
		}
		if p.mayBodies(authz.View) == nil {
			l.Href = p.link("body", b.ID)
		}
		out = append(out, l)
	}
	return out, nil
}

// bodyNames gives the names of bodies; a dash for none.
func (p *page) bodyNames() (func(string) string, error) {
	all, err := p.site.Alliance.Bodies(p.req.Context(), p.actor)
	if err != nil {
		return nil, err
	}
	return func(id string) string {
		if i := slices.IndexFunc(all, func(b alliance.Body) bool { return b.ID == id }); i >= 0 {
			return all[i].Name
		}
		return p.T("body.nobody", nil)
	}, nil
}

// bodyView is the page of one body.
type bodyView struct {
	alliance.Body
	Seats ui.Table
	May   bool
}

// body gives the body of the address, where the reader may do this there.
func (p *page) body(do authz.Action) (alliance.Body, []alliance.Seat, error) {
	if err := p.mayBodies(do); err != nil {
		return alliance.Body{}, nil, err
	}
	b, err := p.site.Alliance.Body(p.req.Context(), p.actor, p.req.PathValue("body"))
	if err != nil {
		return b, nil, err
	}
	seats, err := p.site.Alliance.Seats(p.req.Context(), p.actor, b.ID)
	return b, seats, err
}

func bodyPage(p *page) error {
	b, seats, err := p.body(authz.View)
	if err != nil {
		return err
	}
	name, err := p.organisationNamer()
	if err != nil {
		return err
	}
	v := bodyView{Body: b, May: p.mayBodies(authz.Change) == nil}
	s := p.seatSheet(b, seats, name)
	if v.May {
		s.Columns[0].Link = func(x alliance.Seat) templ.SafeURL {
			return p.link("seat-edit", b.ID) + templ.SafeURL("?"+url.Values{"seat": {x.ID}}.Encode())
		}
	}
	if done, err := s.asked(p); done || err != nil {
		return err
	}
	if v.Seats, err = s.show(p); err != nil {
		return err
	}
	return p.render(http.StatusOK, b.Name, bodyShown(p, v))
}

func (p *page) seatSheet(b alliance.Body, seats []alliance.Seat, name func(authz.OrganisationID) string) *sheet[alliance.Seat] {
	term := func(x alliance.Seat) (string, string) {
		switch now := p.now(); {
		case x.Held(now):
			return "now", p.T("seat.now", nil)
		case x.From.After(now):
			return "later", p.T("seat.later", nil)
		}
		return "over", p.T("seat.over", nil)
	}
	return &sheet[alliance.Seat]{
		Name: "sitze-" + b.Name, Caption: p.T("seat.list", nil), CaptionHidden: true, Rows: seats,
		EmptyTitle: p.T("seat.none", nil), EmptyText: p.T("seat.none_text", nil),
		Columns: []column[alliance.Seat]{
			{Key: "holder", Label: p.T("seat.holder", nil), Text: func(x alliance.Seat) string { return x.Holder }, Find: true},
			{Key: "house", Label: p.T("seat.house", nil), Text: func(x alliance.Seat) string { return name(x.Organisation) }},
			{Key: "substitute", Label: p.T("seat.substitute", nil), Text: func(x alliance.Seat) string { return x.Substitute }},
			{Key: "mandate", Label: p.T("seat.mandate", nil), Text: func(x alliance.Seat) string { return x.Mandate }},
			{Key: "votes", Label: p.T("seat.votes", nil), Text: func(x alliance.Seat) string {
				if x.Votes {
					return p.T("seat.votes_yes", nil)
				}
				return p.T("seat.votes_no", nil)
			}},
			{Key: "term", Label: p.T("seat.term", nil), Text: func(x alliance.Seat) string { _, l := term(x); return l }, Choices: term},
			{Key: "from", Label: p.T("seat.from", nil), Text: func(x alliance.Seat) string { return p.day(x.From) }, Order: func(x alliance.Seat) string { return x.From.Format(time.DateOnly) }},
			{Key: "until", Label: p.T("seat.until", nil), Text: func(x alliance.Seat) string {
				if x.Until.IsZero() {
					return p.T("seat.endless", nil)
				}
				return p.day(x.Until)
			}, Order: func(x alliance.Seat) string { return x.Until.Format(time.DateOnly) }},
		},
	}
}

func bodyNew(p *page) error {
	if err := p.mayBodies(authz.Create); err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("body.found", nil), bodyForm(p, nil, p.begin("body", "quorum", "50")))
}

func bodyFound(p *page) error {
	if err := p.mayBodies(authz.Create); err != nil {
		return err
	}
	return p.saveBody(nil)
}

func bodyEdit(p *page) error {
	b, _, err := p.body(authz.Change)
	if err != nil {
		return err
	}
	e := p.begin("body", "name", b.Name, "kind", string(b.Kind), "quorum", strconv.Itoa(b.Quorum), "version", strconv.Itoa(b.Version))
	if b.Closed {
		e.values.Set("closed", "yes")
	}
	return p.render(http.StatusOK, b.Name, bodyForm(p, &b, e))
}

func bodyChange(p *page) error {
	b, _, err := p.body(authz.Change)
	if err != nil {
		return err
	}
	return p.saveBody(&b)
}

// saveBody founds a body, or changes was.
func (p *page) saveBody(was *alliance.Body) error {
	sent, err := p.form()
	if err != nil {
		return err
	}
	b := alliance.Body{Name: sent.Get("name"), Kind: alliance.BodyKind(sent.Get("kind")), Closed: sent.Get("closed") != ""}
	if was != nil {
		b.ID, b.Version = was.ID, readVersion(sent)
	}
	var wrong form.Fields
	b.Quorum = wholeOf(sent, "quorum", &wrong)
	id := b.ID
	if err = wrong.Err(); err == nil {
		id, err = p.site.Alliance.SaveBody(p.req.Context(), p.actor, p.now(), b)
	}
	if err != nil {
		return p.refused(err, "body", sent, p.T("body.found", nil), func(e entry) templ.Component { return bodyForm(p, was, e) })
	}
	return p.done(p.path("body", id), "body_saved")
}

// wholeOf reads a number without decimals from a form; empty is 0.
func wholeOf(sent url.Values, field string, wrong *form.Fields) int {
	text := strings.TrimSpace(sent.Get(field))
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		wrong.Add(field, "number")
	}
	return n
}

// bodyFields are the fields of a body.
func (p *page) bodyFields(e entry) (name, kind, quorum ui.Input) {
	kinds := make([]string, 0, 7)
	for _, k := range alliance.BodyKinds() {
		kinds = append(kinds, string(k))
	}
	name, kind, quorum = e.field("name"), e.choices("kind", "body.kinds", kinds...), e.field("quorum")
	name.Required, kind.Required, quorum.Required = true, true, true
	quorum.Width, quorum.InputMode = "short", "numeric"
	return name, kind, quorum
}

// seatView is the form of a seat.
type seatView struct {
	alliance.Body
	ID     string // of the seat; empty for a new one
	Houses []ui.Option
	Entry  entry
}

// seatOf gives the form of the seat of that id; a new one where it is empty.
func (p *page) seatOf(id string) (seatView, error) {
	b, seats, err := p.body(authz.Change)
	v := seatView{Body: b, ID: id}
	if err != nil {
		return v, err
	}
	members, err := p.site.Alliance.Signatories(p.req.Context(), p.actor)
	if err != nil {
		return v, err
	}
	for _, m := range members {
		v.Houses = append(v.Houses, ui.Option{Value: string(m.Organisation), Label: m.Name})
	}
	v.Entry = p.begin("seat", "votes", "yes", "from", p.now().In(p.site.zone).Format(time.DateOnly))
	if id == "" {
		return v, nil
	}
	i := slices.IndexFunc(seats, func(x alliance.Seat) bool { return x.ID == id })
	if i < 0 {
		return v, fault.New(fault.NotFound, "seat", "does not exist", "")
	}
	x := seats[i]
	v.Entry = p.begin("seat", "house", string(x.Organisation), "holder", x.Holder, "substitute", x.Substitute, "mandate", x.Mandate, "from", x.From.Format(time.DateOnly))
	if x.Votes {
		v.Entry.values.Set("votes", "yes")
	}
	if !x.Until.IsZero() {
		v.Entry.values.Set("until", x.Until.Format(time.DateOnly))
	}
	return v, nil
}

func seatEdit(p *page) error {
	v, err := p.seatOf(p.first("seat"))
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("seat.edit", nil), seatForm(p, v))
}

func seatSave(p *page) error {
	sent, err := p.form()
	if err != nil {
		return err
	}
	v, err := p.seatOf(sent.Get("seat"))
	if err != nil {
		return err
	}
	var wrong form.Fields
	x := alliance.Seat{
		ID: v.ID, Body: v.Body.ID, Organisation: authz.OrganisationID(sent.Get("house")), Holder: sent.Get("holder"), Substitute: sent.Get("substitute"),
		Mandate: sent.Get("mandate"), Votes: sent.Get("votes") != "", From: dateOf(sent.Get("from"), "from", &wrong), Until: dateOf(sent.Get("until"), "until", &wrong),
	}
	if !slices.ContainsFunc(v.Houses, func(o ui.Option) bool { return o.Value == sent.Get("house") }) {
		wrong.Add("house", "choose")
	}
	if err = wrong.Err(); err == nil {
		_, err = p.site.Alliance.Seat(p.req.Context(), p.actor, p.now(), x)
	}
	v.Entry = p.entry("seat", sent, err)
	if err != nil {
		return p.again(err, p.T("seat.edit", nil), seatForm(p, v))
	}
	return p.done(p.path("body", v.Body.ID), "seat_saved")
}

// seatFields are the fields of a seat, in order.
func (v seatView) seatFields(p *page) []ui.Input {
	e := v.Entry
	house, holder, from := e.field("house"), e.field("holder"), e.field("from")
	house.Options, house.Any = v.Houses, p.T("seat.choose_house", nil)
	house.Required, holder.Required, from.Required = true, true, true
	return []ui.Input{house, holder, e.optional("substitute"), e.optional("mandate"), e.field("votes"), from, e.optional("until")}
}
