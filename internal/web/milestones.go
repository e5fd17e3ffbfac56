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

// Milestones is what the pages ask of the alliance's milestones. Every method decides for the actor.
type Milestones interface {
	Milestones(ctx context.Context, actor authz.Actor) ([]alliance.Milestone, error)
	SaveMilestone(ctx context.Context, actor authz.Actor, at time.Time, m alliance.Milestone) (id string, err error)
	DropMilestone(ctx context.Context, actor authz.Actor, at time.Time, id string) error
}

func milestoneRoutes() []Route {
	at := below("house", authz.Charter, "/de/verbund/meilensteine", "/en/alliance/milestones")
	return []Route{
		at("milestones", authz.Change, "", "", milestones),
		post(at("milestone-save", authz.Change, "", "", milestoneSave)),
		post(at("milestone-drop", authz.Change, "/{milestone}/entfernen", "/{milestone}/remove", milestoneDrop)),
	}
}

// milestoneDay says when a milestone was or will be.
func (p *page) milestoneDay(m alliance.Milestone) string {
	if m.On.IsZero() {
		return p.T("milestone.some_day", nil)
	}
	return p.day(m.On)
}

// milestonesView is the page on which the office writes milestones: one is in the form, the others are listed.
type milestonesView struct {
	All   []alliance.Milestone
	ID    string // of the one in the form; empty for a new one
	Entry entry
}

// milestones gives the page; the milestone of that id is in the form.
func (p *page) milestonesOf(id string) (milestonesView, error) {
	v := milestonesView{ID: id, Entry: p.begin("milestone")}
	if err := p.mayCharter(); err != nil {
		return v, err
	}
	var err error
	if v.All, err = p.site.Alliance.Milestones(p.req.Context(), p.actor); err != nil || id == "" {
		return v, err
	}
	i := slices.IndexFunc(v.All, func(m alliance.Milestone) bool { return m.ID == id })
	if i < 0 {
		return v, fault.New(fault.NotFound, "milestone", "does not exist", "look in the list")
	}
	m := v.All[i]
	v.Entry = p.begin("milestone", "title", m.Title, "text", m.Text, "version", strconv.Itoa(m.Version))
	if !m.On.IsZero() {
		v.Entry.values.Set("on", m.On.Format(time.DateOnly))
	}
	return v, nil
}

func milestones(p *page) error {
	v, err := p.milestonesOf(p.first("milestone"))
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("milestone.edit", nil), milestonesPage(p, v))
}

func milestoneSave(p *page) error {
	sent, err := p.form()
	if err != nil {
		return err
	}
	v, err := p.milestonesOf(sent.Get("milestone"))
	if err != nil {
		return err
	}
	var wrong form.Fields
	m := alliance.Milestone{ID: v.ID, On: dateOf(sent.Get("on"), "on", &wrong), Title: sent.Get("title"), Text: sent.Get("text")}
	if m.ID != "" {
		m.Version = readVersion(sent)
	}
	if err = wrong.Err(); err == nil {
		_, err = p.site.Alliance.SaveMilestone(p.req.Context(), p.actor, p.now(), m)
	}
	if err != nil {
		return p.refused(err, "milestone", sent, p.T("milestone.edit", nil), func(e entry) templ.Component {
			v.Entry = e
			return milestonesPage(p, v)
		})
	}
	return p.done(p.path("milestones"), "milestone_saved")
}

// milestoneDrop asks first.
func milestoneDrop(p *page) error {
	id := p.req.PathValue("milestone")
	if _, err := p.milestonesOf(id); err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	if sent.Get("sure") != "yes" {
		return p.render(http.StatusOK, p.T("milestone.drop", nil), ui.ConfirmPage(p.Printer, ui.Confirm{
			Hidden: []ui.Pair{{Label: "sure", Text: "yes"}}, Title: p.T("milestone.drop", nil), Text: p.T("milestone.drop_text", nil),
			Action: p.link("milestone-drop", id), Yes: p.T("milestone.drop", nil), Danger: true, Back: p.link("milestones"),
		}))
	}
	if err := p.site.Alliance.DropMilestone(p.req.Context(), p.actor, p.now(), id); err != nil {
		return err
	}
	return p.done(p.path("milestones"), "milestone_dropped")
}

// milestoneLink leads to the form of a milestone.
func (p *page) milestoneLink(id string) templ.SafeURL {
	return p.link("milestones") + templ.SafeURL("?"+url.Values{"milestone": {id}}.Encode())
}
