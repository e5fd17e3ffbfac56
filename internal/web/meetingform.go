package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"gevor/alliance"
	"gevor/authz"
	"gevor/form"
	"gevor/internal/web/ui"
)

// meetingDraft is the form by which meetings are called or one is moved.
type meetingDraft struct {
	Of    alliance.Body
	Was   *alliance.Meeting // nil for new ones
	Entry entry
	Off   entry // the form by which it is cancelled
}

// calling gives the form for the body of the address.
func (p *page) calling() (meetingDraft, error) {
	b, _, err := p.body(authz.Change)
	return meetingDraft{Of: b}, err
}

func meetingNew(p *page) error {
	v, err := p.calling()
	if err != nil {
		return err
	}
	v.Entry = p.begin("meeting", "title", v.Of.Name, "from", "10:00", "until", "12:00", "times", "1", "weeks", "4")
	return p.render(http.StatusOK, p.T("meeting.call", nil), meetingForm(p, v))
}

// meetingOf reads title, place and time of a meeting from a form.
func (p *page) meetingOf(sent url.Values, wrong *form.Fields) alliance.Meeting {
	m := alliance.Meeting{Title: sent.Get("title"), Place: sent.Get("place")}
	on := dateOf(sent.Get("begins"), "begins", wrong)
	hour := func(name, field string) time.Time {
		at, err := time.Parse("15:04", strings.TrimSpace(sent.Get(name)))
		if err != nil {
			wrong.Add(field, "clock")
			return time.Time{}
		}
		return time.Date(on.Year(), on.Month(), on.Day(), at.Hour(), at.Minute(), 0, 0, p.site.zone)
	}
	from, until := hour("from", "from"), hour("until", "ends")
	if !on.IsZero() {
		m.Begins, m.Ends = from, until
	}
	return m
}

func meetingCall(p *page) error {
	v, err := p.calling()
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	var wrong form.Fields
	m := p.meetingOf(sent, &wrong)
	m.Body = v.Of.ID
	weeks, times := wholeOf(sent, "weeks", &wrong), wholeOf(sent, "times", &wrong)
	id := ""
	if err = wrong.Err(); err == nil {
		var all []alliance.Meeting
		if all, err = m.Repeat(weeks, times); err == nil {
			id, err = p.site.Alliance.CallMeetings(p.req.Context(), p.actor, p.now(), all)
		}
	}
	v.Entry = p.entry("meeting", sent, err)
	if err != nil {
		return p.again(err, p.T("meeting.call", nil), meetingForm(p, v))
	}
	return p.done(p.path("meeting", id), "meeting_called")
}

// moving gives the form of the meeting of the address.
func (p *page) moving() (meetingDraft, error) {
	m, _, err := p.meeting(authz.Change)
	if err != nil {
		return meetingDraft{}, err
	}
	from, until := m.Begins.In(p.site.zone), m.Ends.In(p.site.zone)
	return meetingDraft{
		Of: m.Of, Was: &m.Meeting, Off: p.begin("meeting"),
		Entry: p.begin("meeting", "title", m.Title, "place", m.Place, "begins", from.Format(time.DateOnly), "from", from.Format("15:04"), "until", until.Format("15:04"), "version", strconv.Itoa(m.Version)),
	}, nil
}

func meetingEdit(p *page) error {
	v, err := p.moving()
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, v.Was.Title, meetingForm(p, v))
}

func meetingMove(p *page) error {
	v, err := p.moving()
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	var wrong form.Fields
	m := p.meetingOf(sent, &wrong)
	m.ID, m.Version = v.Was.ID, readVersion(sent)
	if err = wrong.Err(); err == nil {
		err = p.site.Alliance.MoveMeeting(p.req.Context(), p.actor, p.now(), m)
	}
	if err != nil {
		return p.refused(err, "meeting", sent, v.Was.Title, func(e entry) templ.Component {
			v.Entry = e
			return meetingForm(p, v)
		})
	}
	return p.done(p.path("meeting", m.ID), "meeting_moved")
}

func meetingCancel(p *page) error {
	v, err := p.moving()
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	if err := p.site.Alliance.CancelMeeting(p.req.Context(), p.actor, p.now(), v.Was.ID, readVersion(sent), sent.Get("reason")); err != nil {
		return p.refused(err, "meeting", sent, v.Was.Title, func(e entry) templ.Component {
			v.Off = e
			return meetingForm(p, v)
		})
	}
	return p.done(p.path("meeting", v.Was.ID), "meeting_cancelled")
}

// meetingFields are the fields of a meeting, in order; the last two only where it is called.
func (v meetingDraft) meetingFields() []ui.Input {
	e := v.Entry
	names := []string{"title", "place", "begins", "from", "until"}
	if v.Was == nil {
		names = append(names, "times", "weeks")
	}
	var out []ui.Input
	for _, name := range names {
		i := e.field(name)
		i.Required = true
		out = append(out, i)
	}
	out[3].Type, out[4].Type, out[3].Width, out[4].Width = "time", "time", "short", "short"
	if i := slices.IndexFunc(e.wrong, func(w form.Field) bool { return w.Name == "ends" }); i >= 0 {
		out[4].Error = e.page.reason(e.wrong[i].Reason)
	}
	for i := 5; i < len(out); i++ {
		out[i].Width, out[i].InputMode = "short", "numeric"
	}
	return out
}

func (v meetingDraft) heading(p *page) string {
	if v.Was == nil {
		return p.T("meeting.call", nil)
	}
	return p.T("meeting.edit", nil)
}

func (v meetingDraft) action(p *page) templ.SafeURL {
	if v.Was == nil {
		return p.link("meeting-call", v.Of.ID)
	}
	return p.link("meeting-move", v.Was.ID)
}
