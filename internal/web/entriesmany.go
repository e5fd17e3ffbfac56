package web

import (
	"net/http"
	"net/url"
	"slices"

	"gevor/authz"
	"gevor/directory"
	"gevor/fault"
	"gevor/form"
	"gevor/internal/web/ui"
)

// deed is something that can be done to many entries at once.
type deed struct {
	name string
	do   authz.Action
	run  func(p *page, id directory.ServiceID) error
}

// deeds lists them in the order of the page.
func deeds() []deed {
	confirm := func(how directory.How) func(*page, directory.ServiceID) error {
		return func(p *page, id directory.ServiceID) error {
			return p.site.Entries.Confirm(p.req.Context(), p.actor, p.now(), id, directory.Whole, how)
		}
	}
	room := func(r directory.Room) func(*page, directory.ServiceID) error {
		return func(p *page, id directory.ServiceID) error {
			return p.site.Entries.SetCapacity(p.req.Context(), p.actor, p.now(), id, directory.Capacity{Room: r, On: p.now()})
		}
	}
	release := func(l authz.Level) func(*page, directory.ServiceID) error {
		return func(p *page, id directory.ServiceID) error {
			ref := authz.Ref{Kind: authz.Entry, Object: string(id), Purpose: authz.ForDirectory}
			return p.site.Houses.Release(p.req.Context(), p.actor, p.now(), ref, authz.Release{Level: l})
		}
	}
	return []deed{
		{"confirm", authz.Change, confirm(directory.ByOwner)},
		{"confirm_phone", authz.Change, confirm(directory.ByPhone)},
		{"room_free", authz.Change, room(directory.RoomFree)},
		{"room_waiting", authz.Change, room(directory.RoomWaiting)},
		{"room_closed", authz.Change, room(directory.RoomClosed)},
		{"release_public", authz.Share, release(authz.PublicLevel)},
		{"release_alliance", authz.Share, release(authz.AllianceLevel)},
		{"release_private", authz.Share, release(authz.Private)},
		{"end", authz.Remove, func(p *page, id directory.ServiceID) error {
			return p.site.Entries.EndService(p.req.Context(), p.actor, p.now(), id)
		}},
	}
}

// manyView is the page on which one thing is done to many entries.
type manyView struct {
	houseView
	form   entry
	fields []ui.Input
	all    int
	states []ui.Link
}

// many gives the page with the entries that something can be done to: those that run, of one state where the address says so.
func (p *page) many(sent url.Values, err error) (manyView, []directory.Record, error) {
	h, all, failed := p.ownEntries(authz.Change)
	if failed != nil {
		return manyView{}, nil, failed
	}
	all = slices.DeleteFunc(all, func(r directory.Record) bool { return !r.Ended.IsZero() })
	v := manyView{houseView: h, form: p.entry("several", sent, err), all: len(all)}
	by := entriesView{Counts: map[string]int{}, State: p.first("state"), All: len(all)}
	picked, does := ui.Input{Name: "entries", Required: true}, ui.Input{Name: "do", Required: true}
	for _, r := range all {
		name, _ := r.Name.In(p.Lang())
		state := p.entryState(r)
		by.Counts[state]++
		if by.State != "" && state != by.State {
			continue
		}
		hint := p.text("entry.state."+state) + ", " + p.text("release.levels."+r.Released.Level.String()) + ", " + p.roomText(r)
		picked.Options = append(picked.Options, ui.Option{Value: string(r.ID), Label: name, Hint: hint})
	}
	p.byLabel(picked.Options)
	for _, d := range deeds() {
		if p.can(d.do, owned(authz.Entry, h.ID)) {
			does.Options = append(does.Options, ui.Option{Value: d.name, Label: p.text("several.deeds." + d.name)})
		}
	}
	v.fields, v.states = []ui.Input{v.form.fill(does), v.form.fill(picked)}, p.stateTabs(by)
	return v, all, nil
}

func entriesMany(p *page) error {
	v, _, err := p.many(url.Values{"entries": p.query["entry"]}, nil)
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("several.title", nil), manyPage(p, v))
}

// entriesManyDo does one thing to each of the entries that were picked. Each is decided and kept by itself: one that
// somebody else changed or closed meanwhile does not hold up the others, and is named.
func entriesManyDo(p *page) error {
	if err := p.may(authz.Change, owned(authz.Entry, p.org())); err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	var wrong form.Fields
	at := slices.IndexFunc(deeds(), func(d deed) bool { return d.name == sent.Get("do") })
	if at < 0 {
		wrong.Add("do", "choose")
	}
	if len(sent["entries"]) == 0 {
		wrong.Add("entries", "choose")
	}
	v, all, err := p.many(sent, wrong.Err())
	if err != nil {
		return err
	}
	if wrong.Err() != nil {
		return p.render(http.StatusUnprocessableEntity, p.T("several.title", nil), manyPage(p, v))
	}
	d, done := deeds()[at], 0
	var left []string
	for _, r := range all {
		if !slices.Contains(sent["entries"], string(r.ID)) {
			continue
		}
		err := d.run(p, r.ID)
		switch k := fault.KindOf(err); {
		case err == nil:
			done++
		case k == fault.Internal || k == fault.Busy:
			return err
		default:
			name, _ := r.Name.In(p.Lang())
			left = append(left, name)
		}
	}
	if len(left) == 0 {
		return p.done(p.path("entries", string(v.ID)), "several_at_once")
	}
	return p.render(http.StatusConflict, p.T("several.title", nil), manyLeft(p, v, done, left))
}
