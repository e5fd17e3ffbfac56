package web

import (
	"net/http"
	"slices"

	"gevor/alliance"
	"gevor/authz"
	"gevor/internal/web/ui"
)

// workView is what waits for the reader in the alliance, and nothing that waits for anybody else.
type workView struct {
	Dossiers []alliance.Dossier // that the reader may move, those that wait longest first
	Mine     []ui.Link          // promises of the reader's houses that end soon
	Overdue  []alliance.Measure // of the reader's houses, whose day has come
	Meetings []alliance.Meeting // to come, of bodies in which the reader's houses sit, the next first
	Chores   []alliance.Meeting // of every body, for which the office has something to do, the oldest first; for others empty
	Name     func(authz.OrganisationID) string
}

// nextMeetings gives the meetings to come of bodies in which houses of the reader hold a seat on that day.
func (p *page) nextMeetings() ([]alliance.Meeting, error) {
	if p.mayBodies(authz.View) != nil {
		return nil, nil
	}
	all, err := p.site.Alliance.Meetings(p.req.Context(), p.actor, "")
	if err != nil {
		return nil, err
	}
	seats := map[string][]alliance.Seat{}
	var out []alliance.Meeting
	for _, m := range slices.Backward(all) {
		if m.State != alliance.Called || m.Ends.Before(p.now()) {
			continue
		}
		if _, known := seats[m.Body]; !known {
			if seats[m.Body], err = p.site.Alliance.Seats(p.req.Context(), p.actor, m.Body); err != nil {
				return nil, err
			}
		}
		if slices.ContainsFunc(seats[m.Body], func(x alliance.Seat) bool { return x.Held(m.Begins) && p.actor.Member(x.Organisation) }) {
			out = append(out, m)
		}
	}
	return out, nil
}

// chores gives the meetings for which the office has something to do; nobody else is reminded of them.
func (p *page) chores() ([]alliance.Meeting, error) {
	if p.mayBodies(authz.Change) != nil {
		return nil, nil
	}
	all, err := p.site.Alliance.Meetings(p.req.Context(), p.actor, "")
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(slices.Clone(all), func(m alliance.Meeting) bool { return m.Chore(p.now()) == alliance.NoChore })
	slices.Reverse(all)
	return all, nil
}

// settled says that nothing waits in a dossier any more, unless somebody takes it up again.
func settled(s alliance.State) bool {
	return s == alliance.Closed || s == alliance.NoAction || s == alliance.Contradicted
}

func myWork(p *page) error {
	if err := p.may(authz.View, authz.Object{Kind: authz.Dossier}); err != nil {
		return err
	}
	ctx := p.req.Context()
	var v workView
	var err error
	if v.Name, err = p.organisationNamer(); err != nil {
		return err
	}
	if v.Meetings, err = p.nextMeetings(); err != nil {
		return err
	}
	if v.Chores, err = p.chores(); err != nil {
		return err
	}
	all, err := p.site.Alliance.Dossiers(ctx, p.actor)
	if err != nil {
		return err
	}
	for _, d := range slices.Backward(all) {
		if !p.can(authz.Change, owned(authz.Dossier, d.Owner)) {
			continue
		}
		if !settled(d.State) {
			v.Dossiers = append(v.Dossiers, d)
		}
		if d.State != alliance.AtWork {
			continue
		}
		measures, err := p.site.Alliance.Measures(ctx, p.actor, d.ID)
		if err != nil {
			return err
		}
		for _, m := range measures {
			if m.By.Before(p.now()) && p.actor.Member(m.Owner) {
				v.Overdue = append(v.Overdue, m)
			}
		}
	}
	for _, o := range p.actor.Organisations() {
		if !p.can(authz.Change, owned(authz.Commitment, o)) {
			continue
		}
		given, err := p.site.Alliance.CommitmentsOf(ctx, p.actor, o)
		if err != nil {
			return err
		}
		for _, c := range given {
			if c.Ends(p.now(), remindWeeks) {
				v.Mine = append(v.Mine, ui.Link{Label: c.What, Href: p.link("measure", c.Measure), Hint: p.span(c)})
			}
		}
	}
	return p.render(http.StatusOK, p.T("web.nav.my-work", nil), myWorkPage(p, v))
}
