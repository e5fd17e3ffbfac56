package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/a-h/templ"

	"gevor/alliance"
	"gevor/authz"
	"gevor/fault"
	"gevor/form"
	"gevor/internal/web/ui"
)

// Meetings is what the pages ask of meetings, their agendas and minutes. Every method decides for the actor.
type Meetings interface {
	Meetings(ctx context.Context, actor authz.Actor, body string) ([]alliance.Meeting, error)
	Meeting(ctx context.Context, actor authz.Actor, id string) (alliance.Meeting, []alliance.Item, error)
	CallMeetings(ctx context.Context, actor authz.Actor, at time.Time, all []alliance.Meeting) (first string, err error)
	MoveMeeting(ctx context.Context, actor authz.Actor, at time.Time, to alliance.Meeting) error
	CancelMeeting(ctx context.Context, actor authz.Actor, at time.Time, id string, version int, reason string) error
	WriteMinutes(ctx context.Context, actor authz.Actor, at time.Time, id string, version int, present []string, minutes string) error
	ConfirmMinutes(ctx context.Context, actor authz.Actor, at time.Time, id string, version int, by string) error
	ProposeItem(ctx context.Context, actor authz.Actor, at time.Time, x alliance.Item) error
	TakeItemBack(ctx context.Context, actor authz.Actor, at time.Time, id string) error
	CollectAgenda(ctx context.Context, actor authz.Actor, at time.Time, meeting string, owner authz.OrganisationID) (n int, err error)
}

func meetingRoutes() []Route {
	at := below("house", authz.Body, "/de/verbund", "/en/alliance")
	file := at("meeting-file", authz.View, "", "", meetingFile)
	file.Patterns = map[string]string{"": "/calendar/{meeting}/sitzung.ics"} // the same in every language
	return []Route{
		at("meetings", authz.View, "/sitzungen", "/meetings", meetings),
		at("meeting", authz.View, "/sitzungen/{meeting}", "/meetings/{meeting}", meetingPage),
		file,
		at("meeting-new", authz.Change, "/gremien/{body}/sitzung", "/bodies/{body}/meeting", meetingNew),
		post(at("meeting-call", authz.Change, "/gremien/{body}/sitzung", "/bodies/{body}/meeting", meetingCall)),
		at("meeting-edit", authz.Change, "/sitzungen/{meeting}/bearbeiten", "/meetings/{meeting}/edit", meetingEdit),
		post(at("meeting-move", authz.Change, "/sitzungen/{meeting}/bearbeiten", "/meetings/{meeting}/edit", meetingMove)),
		post(at("meeting-cancel", authz.Change, "/sitzungen/{meeting}/absagen", "/meetings/{meeting}/cancel", meetingCancel)),
		at("minutes", authz.Change, "/sitzungen/{meeting}/protokoll", "/meetings/{meeting}/minutes", minutesEdit),
		post(at("minutes-write", authz.Change, "/sitzungen/{meeting}/protokoll", "/meetings/{meeting}/minutes", minutesWrite)),
		post(at("minutes-confirm", authz.Change, "/sitzungen/{meeting}/genehmigen", "/meetings/{meeting}/approve", minutesConfirm)),
		post(at("agenda-collect", authz.Change, "/sitzungen/{meeting}/tagesordnung", "/meetings/{meeting}/agenda", agendaCollect)),
		post(ofHouse("agenda-propose", authz.Item, authz.Create, "/sitzungen/{meeting}/punkt", "/meetings/{meeting}/item", agendaPropose)),
		post(ofHouse("agenda-take", authz.Item, authz.Remove, "/sitzungen/{meeting}/punkt/{item}/zuruecknehmen", "/meetings/{meeting}/item/{item}/withdraw", agendaTake)),
	}
}

// meetingTime writes from when to when a meeting is.
func (p *page) meetingTime(m alliance.Meeting) string {
	return p.T("meeting.from_until", with{"From": p.moment(m.Begins), "Until": m.Ends.In(p.site.zone).Format("15:04")})
}

func (p *page) meetingStanding(m alliance.Meeting) (value, label string) {
	return string(m.State), p.text("meeting.state." + string(m.State))
}

func meetingLook(s alliance.MeetingState) ui.Kind {
	switch s {
	case alliance.Confirmed:
		return ui.Success
	case alliance.Cancelled:
		return ui.Warning
	case alliance.Called, alliance.Held:
	}
	return ui.Info
}

func meetings(p *page) error {
	if err := p.mayBodies(authz.View); err != nil {
		return err
	}
	all, err := p.site.Alliance.Meetings(p.req.Context(), p.actor, "")
	if err != nil {
		return err
	}
	bodies, err := p.bodyNames()
	if err != nil {
		return err
	}
	s := &sheet[alliance.Meeting]{
		Name: "sitzungen", Caption: p.T("meeting.list", nil), CaptionHidden: true, Rows: all,
		EmptyTitle: p.T("meeting.none", nil), EmptyText: p.T("meeting.none_text", nil),
		Columns: []column[alliance.Meeting]{
			{Key: "begins", Label: p.T("meeting.when", nil), Text: p.meetingTime, Order: func(m alliance.Meeting) string { return m.Begins.UTC().Format(time.RFC3339) }},
			{Key: "title", Label: p.T("meeting.title", nil), Text: func(m alliance.Meeting) string { return m.Title }, Find: true, Link: func(m alliance.Meeting) templ.SafeURL { return p.link("meeting", m.ID) }},
			{Key: "body", Label: p.T("decision.body", nil), Text: func(m alliance.Meeting) string { return bodies(m.Body) }, Choices: func(m alliance.Meeting) (string, string) { return m.Body, bodies(m.Body) }},
			{Key: "place", Label: p.T("meeting.place", nil), Text: func(m alliance.Meeting) string { return m.Place }, Find: true},
			{Key: "state", Label: p.T("dossier.standing", nil), Text: func(m alliance.Meeting) string { _, l := p.meetingStanding(m); return l }, Choices: p.meetingStanding},
		},
	}
	if done, err := s.asked(p); done || err != nil {
		return err
	}
	t, err := s.show(p)
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("meeting.list", nil), meetingsPage(p, t))
}

// meetingView is the room of one meeting.
type meetingView struct {
	alliance.Meeting
	Of        alliance.Body
	Agenda    []alliance.Item
	Name      func(authz.OrganisationID) string
	There     []string // who was there
	Said      templ.Component
	Decisions []alliance.Decision
	Confirmer *alliance.Meeting // that approved the minutes
	Later     []ui.Option       // meetings that may approve them
	Speaking  []noteForm        // houses that may propose points
	May       bool
	Begun     bool
}

// meeting gives the meeting of the address, with its body and its seats, where the reader may do this there.
func (p *page) meeting(do authz.Action) (v meetingView, seats []alliance.Seat, err error) {
	if err := p.mayBodies(do); err != nil {
		return v, nil, err
	}
	ctx := p.req.Context()
	if v.Meeting, v.Agenda, err = p.site.Alliance.Meeting(ctx, p.actor, p.req.PathValue("meeting")); err != nil {
		return v, nil, err
	}
	if v.Of, err = p.site.Alliance.Body(ctx, p.actor, v.Body); err != nil {
		return v, nil, err
	}
	if seats, err = p.site.Alliance.Seats(ctx, p.actor, v.Body); err != nil {
		return v, nil, err
	}
	v.May = p.mayBodies(authz.Change) == nil
	v.Begun = !p.now().Before(v.Begins)
	v.Name, err = p.organisationNamer()
	return v, seats, err
}

func meetingPage(p *page) error { return p.showMeeting(http.StatusOK, p.begin("agenda")) }

func (p *page) showMeeting(status int, item entry) error {
	v, seats, err := p.meeting(authz.View)
	if err != nil {
		return err
	}
	ctx := p.req.Context()
	if v.Said, err = p.site.markdown.page(v.Minutes); err != nil {
		return err
	}
	for _, x := range seats {
		if slices.Contains(v.Present, x.ID) {
			v.There = append(v.There, x.Holder+" · "+v.Name(x.Organisation))
		}
	}
	all, err := p.site.Alliance.Decisions(ctx, p.actor, "")
	if err != nil {
		return err
	}
	for _, d := range slices.Backward(all) {
		if d.Meeting == v.ID {
			v.Decisions = append(v.Decisions, d)
		}
	}
	others, err := p.site.Alliance.Meetings(ctx, p.actor, v.Body)
	if err != nil {
		return err
	}
	for i, m := range others {
		if m.ID == v.Meeting.Confirmer {
			v.Confirmer = &others[i]
		}
		if _, err := v.Confirm(v.Version, m); err == nil {
			v.Later = append(v.Later, ui.Option{Value: m.ID, Label: m.Title + ", " + p.moment(m.Begins)})
		}
	}
	for _, o := range p.actor.Organisations() {
		if _, err := v.Propose(alliance.Item{Title: "--"}); err == nil && p.can(authz.Create, owned(authz.Item, o)) {
			f := noteForm{House: string(o), Label: v.Name(o), Entry: p.begin("agenda")}
			if p.org() == o {
				f.Entry = item
			}
			v.Speaking = append(v.Speaking, f)
		}
	}
	return p.render(status, v.Title, meetingShown(p, v))
}

func agendaCollect(p *page) error {
	v, _, err := p.meeting(authz.Change)
	if err != nil {
		return err
	}
	var by authz.OrganisationID
	for _, o := range p.actor.Organisations() {
		if by == "" && p.can(authz.Create, owned(authz.Item, o)) {
			by = o
		}
	}
	if by == "" {
		return fault.New(fault.Denied, "agenda", "points are proposed by an organisation", "ask the office")
	}
	n, err := p.site.Alliance.CollectAgenda(p.req.Context(), p.actor, p.now(), v.ID, by)
	if err != nil {
		return err
	}
	if n == 0 {
		return p.done(p.path("meeting", v.ID), "agenda_complete")
	}
	return p.done(p.path("meeting", v.ID), "agenda_collected")
}

func agendaPropose(p *page) error {
	if err := p.may(authz.Create, owned(authz.Item, p.org())); err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	id := p.req.PathValue("meeting")
	err = p.site.Alliance.ProposeItem(p.req.Context(), p.actor, p.now(), alliance.Item{Meeting: id, Owner: p.org(), Title: sent.Get("title"), Text: sent.Get("text")})
	if form.Of(err) != nil {
		return p.showMeeting(http.StatusUnprocessableEntity, p.entry("agenda", sent, err))
	}
	if err != nil {
		return err
	}
	return p.done(p.path("meeting", id), "item_proposed")
}

func agendaTake(p *page) error {
	if err := p.may(authz.Remove, owned(authz.Item, p.org())); err != nil {
		return err
	}
	if err := p.site.Alliance.TakeItemBack(p.req.Context(), p.actor, p.now(), p.req.PathValue("item")); err != nil {
		return err
	}
	return p.done(p.path("meeting", p.req.PathValue("meeting")), "item_taken")
}

// decideOn leads to the form by which a decision on a dossier is entered that was taken in this meeting.
func (p *page) decideOn(v meetingView, dossier string) templ.SafeURL {
	return p.link("decision-new", v.Body) + templ.SafeURL("?"+url.Values{"meeting": {v.ID}, "dossier": {dossier}}.Encode())
}
