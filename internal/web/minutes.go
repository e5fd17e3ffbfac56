package web

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"

	ics "github.com/arran4/golang-ical"

	"gevor/alliance"
	"gevor/authz"
	"gevor/fault"
	"gevor/form"
	"gevor/internal/web/ui"
)

// minutesView is the page on which minutes are written.
type minutesView struct {
	meetingView
	Seats []ui.Option
	Entry entry
	Other *alliance.Meeting // what somebody else wrote meanwhile
}

// minutesOf gives the page of the meeting of the address. Minutes that nobody began have a heading for each point.
func (p *page) minutesOf() (minutesView, error) {
	m, seats, err := p.meeting(authz.Change)
	v := minutesView{meetingView: m}
	if err != nil {
		return v, err
	}
	for _, x := range seats {
		if x.Held(m.Begins) {
			label := x.Holder + " · " + m.Name(x.Organisation)
			if x.Substitute != "" {
				label += " (" + p.T("seat.substitute", nil) + ": " + x.Substitute + ")"
			}
			v.Seats = append(v.Seats, ui.Option{Value: x.ID, Label: label})
		}
	}
	text := m.Minutes
	if text == "" {
		text = p.outline(m.Agenda)
	}
	v.Entry = p.begin("minutes", "minutes", text, "version", strconv.Itoa(m.Version))
	v.Entry.values["present"] = m.Present
	return v, nil
}

// outline is what minutes begin with: a heading for each point of the agenda.
func (p *page) outline(agenda []alliance.Item) string {
	var b strings.Builder
	n := 0
	for _, x := range agenda {
		if x.Taken.IsZero() {
			n++
			b.WriteString("## " + p.T("minutes.point", with{"Number": n, "Title": x.Title}) + "\n\n\n")
		}
	}
	return b.String()
}

func minutesEdit(p *page) error {
	v, err := p.minutesOf()
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("minutes.write", nil), minutesPage(p, v))
}

func minutesWrite(p *page) error {
	v, err := p.minutesOf()
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	var wrong form.Fields
	if reason := p.site.markdown.check(sent.Get("minutes")); reason != "" {
		wrong.Add("minutes", reason)
	}
	if err = wrong.Err(); err == nil {
		err = p.site.Alliance.WriteMinutes(p.req.Context(), p.actor, p.now(), v.ID, readVersion(sent), sent["present"], sent.Get("minutes"))
	}
	v.Entry = p.entry("minutes", sent, err)
	if fault.KindOf(err) == fault.Stale {
		v.Other = &v.Meeting
		sent.Set("version", strconv.Itoa(v.Version))
		return p.render(http.StatusConflict, p.T("minutes.write", nil), minutesPage(p, v))
	}
	if err != nil {
		return p.again(err, p.T("minutes.write", nil), minutesPage(p, v))
	}
	return p.done(p.path("meeting", v.ID), "minutes_written")
}

func minutesConfirm(p *page) error {
	v, _, err := p.meeting(authz.Change)
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	if sent.Get("by") == "" {
		return fault.New(fault.Invalid, "by", "was not chosen", "choose the meeting that approved the minutes")
	}
	if err := p.site.Alliance.ConfirmMinutes(p.req.Context(), p.actor, p.now(), v.ID, readVersion(sent), sent.Get("by")); err != nil {
		return err
	}
	return p.done(p.path("meeting", v.ID), "minutes_confirmed")
}

// meetingFile is a meeting as an appointment for calendars. A meeting that was moved or cancelled changes the appointment
// that is there: its name stays and its number grows.
func meetingFile(p *page) error {
	v, _, err := p.meeting(authz.View)
	if err != nil {
		return err
	}
	cal := ics.NewCalendarFor("gevor")
	cal.SetMethod(ics.MethodPublish)
	e := cal.AddEvent(v.ID + "@gevor")
	e.SetDtStampTime(p.now().UTC())
	e.SetStartAt(v.Begins.UTC())
	e.SetEndAt(v.Ends.UTC())
	e.SetSummary(v.Title)
	e.SetLocation(v.Place)
	e.SetSequence(v.Version)
	e.SetStatus(ics.ObjectStatusConfirmed)
	if v.State == alliance.Cancelled {
		e.SetStatus(ics.ObjectStatusCancelled)
	}
	var points []string
	for _, x := range v.Agenda {
		if x.Taken.IsZero() {
			points = append(points, strconv.Itoa(len(points)+1)+". "+x.Title)
		}
	}
	e.SetDescription(strings.Join(points, "\n"))
	var out bytes.Buffer
	if err := cal.SerializeTo(&out); err != nil {
		return err
	}
	return p.attach("text/calendar; charset=utf-8", "sitzung.ics", out.Bytes())
}
