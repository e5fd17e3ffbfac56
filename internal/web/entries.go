package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/fault"
	"gevor/internal/web/ui"
)

// Entries keeps the directory for the houses that own it.
type Entries interface {
	Services(ctx context.Context, actor authz.Actor, owner authz.OrganisationID, after time.Time) ([]directory.Record, error)
	Service(ctx context.Context, actor authz.Actor, id directory.ServiceID) (directory.Record, error)
	SaveEntry(ctx context.Context, actor authz.Actor, at time.Time, e directory.Entry, rules directory.Rules) (directory.ServiceID, error)
	EndService(ctx context.Context, actor authz.Actor, at time.Time, id directory.ServiceID) error
	SetCapacity(ctx context.Context, actor authz.Actor, at time.Time, id directory.ServiceID, c directory.Capacity) error
	Confirm(ctx context.Context, actor authz.Actor, at time.Time, id directory.ServiceID, field string, how directory.How) error
	Suggestions(ctx context.Context, actor authz.Actor, owner authz.OrganisationID) ([]directory.Suggestion, error)
	Decide(ctx context.Context, actor authz.Actor, at time.Time, id string, accepted bool) error
	LinkedService(ctx context.Context, secret string, at time.Time) (directory.Service, error)
	AnswerLink(ctx context.Context, secret, answer string, at time.Time) error
}

// entryRoutes are the addresses of an organisation's own entries, and of the link in a reminder.
func entryRoutes() []Route {
	at := ofHouse
	letter := func(name, method string, states []State, handle handler) Route {
		return Route{
			Name: name, Method: method, Access: Access{authz.Site, authz.View}, States: states, Handle: handle,
			Patterns: map[string]string{"de": "/de/eintrag-pruefen/{secret}", "en": "/en/check-entry/{secret}"},
		}
	}
	return []Route{
		at("entries", authz.Entry, authz.Change, "/eintraege", "/entries", entries),
		at("entries-many", authz.Entry, authz.Change, "/eintraege/mehrere", "/entries/several", entriesMany),
		post(at("entries-many-do", authz.Entry, authz.Change, "/eintraege/mehrere", "/entries/several", entriesManyDo)),
		at("entry-new", authz.Entry, authz.Create, "/eintraege/neu", "/entries/new", entryNew),
		post(at("entry-create", authz.Entry, authz.Create, "/eintraege/neu", "/entries/new", entryCreate)),
		at("entry-edit", authz.Entry, authz.Change, "/eintraege/{service}", "/entries/{service}", entryEdit),
		post(at("entry-change", authz.Entry, authz.Change, "/eintraege/{service}", "/entries/{service}", entryChange)),
		post(at("entry-confirm", authz.Entry, authz.Change, "/eintraege/{service}/stimmt", "/entries/{service}/confirm", entryConfirm)),
		post(at("entry-capacity", authz.Entry, authz.Change, "/eintraege/{service}/plaetze", "/entries/{service}/capacity", entryCapacity)),
		post(at("entry-release", authz.Entry, authz.Share, "/eintraege/{service}/freigabe", "/entries/{service}/release", entryRelease)),
		at("entry-end", authz.Entry, authz.Remove, "/eintraege/{service}/beenden", "/entries/{service}/close", entryEnd),
		post(at("entry-ended", authz.Entry, authz.Remove, "/eintraege/{service}/beenden", "/entries/{service}/close", entryEnded)),
		at("suggestions", authz.Suggestion, authz.View, "/hinweise", "/hints", suggestions),
		post(at("suggestion-decide", authz.Suggestion, authz.Change, "/hinweise/{suggestion}", "/hints/{suggestion}", suggestionDecide)),
		at("call-sheet", authz.Entry, authz.Change, "/anrufliste", "/call-sheet", callSheet),
		letter("letter", "", []State{Normal}, letterPage),
		letter("letter-answer", http.MethodPost, nil, letterAnswer),
	}
}

// entryHouse gives the organisation of the address, where the reader may do this to its entries.
func (p *page) entryHouse(do authz.Action) (houseView, error) {
	if err := p.may(do, owned(authz.Entry, p.org())); err != nil {
		return houseView{}, err
	}
	return p.house("entries")
}

// ownEntries gives the organisation of the address and all its entries.
func (p *page) ownEntries(do authz.Action) (houseView, []directory.Record, error) {
	h, err := p.entryHouse(do)
	if err != nil {
		return h, nil, err
	}
	all, err := p.site.Entries.Services(p.req.Context(), p.actor, h.ID, time.Time{})
	return h, all, err
}

// entryOf gives the entry of the address, which must belong to the organisation of the address.
func (p *page) entryOf(do authz.Action) (houseView, directory.Record, error) {
	h, err := p.entryHouse(do)
	if err != nil {
		return h, directory.Record{}, err
	}
	rec, err := p.site.Entries.Service(p.req.Context(), p.actor, directory.ServiceID(p.req.PathValue("service")))
	if err == nil && rec.Owner != h.ID {
		err = fault.New(fault.NotFound, "entry", "does not exist", "")
	}
	return h, rec, err
}

// entryState is how an entry stands, as a key of the catalogue under "entry.state.".
func (p *page) entryState(r directory.Record) string {
	trust := r.TrustAt(directory.Whole, r.Confirmations, p.now())
	switch {
	case !r.Ended.IsZero():
		return "ended"
	case r.Draft:
		return "draft"
	case trust.Confirmed.IsZero():
		return "never"
	case trust.Expired:
		return "expired"
	case directory.ReminderAt(trust.Until, p.now()) != "":
		return "soon"
	}
	return "good"
}

func entryBadge(state string) ui.Kind {
	switch state {
	case "good":
		return ui.Success
	case "expired", "never", "soon":
		return ui.Warning
	}
	return ui.Info
}

// entryView is one entry of a list.
type entryView struct {
	directory.Record
	Name, State string
}

func entries(p *page) error {
	h, all, err := p.ownEntries(authz.Change)
	if err != nil {
		return err
	}
	v := entriesView{houseView: h, Counts: map[string]int{}, State: p.first("state"), Search: p.first("q")}
	for _, r := range all {
		name, _ := r.Name.In(p.Lang())
		e := entryView{r, name, p.entryState(r)}
		v.Counts[e.State]++
		if v.State != "" && e.State != v.State || v.Search != "" && !strings.Contains(strings.ToLower(name+" "+r.Provider.Name), strings.ToLower(v.Search)) {
			continue
		}
		v.Entries = append(v.Entries, e)
	}
	urgent := entryStates()
	slices.SortStableFunc(v.Entries, func(a, b entryView) int {
		return cmp.Or(cmp.Compare(slices.Index(urgent, a.State), slices.Index(urgent, b.State)), p.compare(a.Name, b.Name))
	})
	v.All = len(all)
	if p.site.Partners != nil {
		joint, err := p.partnerships()
		if err != nil {
			return err
		}
		v.Waiting = joint.waiting()
	}
	const most = 200
	if len(v.Entries) > most {
		v.More = len(v.Entries) - most
		v.Entries = v.Entries[:most]
	}
	return p.render(http.StatusOK, p.T("house.tab.entries", nil), entriesPage(p, v))
}

type entriesView struct {
	houseView
	Entries       []entryView
	Counts        map[string]int
	State, Search string
	All, More     int
	Waiting       int // questions of others whether the house joins an offer
}

// sentEntry gives the entry of the address with what was sent about it.
func (p *page) sentEntry(do authz.Action) (houseView, directory.Record, url.Values, error) {
	h, rec, err := p.entryOf(do)
	if err != nil {
		return h, rec, nil, err
	}
	sent, err := p.form()
	return h, rec, sent, err
}

// entryConfirm notes that an entry, or one field of it, is right. from says on which page the button stood.
func entryConfirm(p *page) error {
	h, rec, sent, err := p.sentEntry(authz.Change)
	if err != nil {
		return err
	}
	how := directory.How(cmp.Or(sent.Get("how"), string(directory.ByOwner)))
	if err := p.site.Entries.Confirm(p.req.Context(), p.actor, p.now(), rec.ID, sent.Get("field"), how); err != nil {
		return err
	}
	switch sent.Get("from") {
	case "entry":
		return p.done(p.path("entry-edit", string(h.ID), string(rec.ID)), "confirmed")
	case "calls":
		return p.done(p.path("call-sheet", string(h.ID)), "confirmed")
	}
	return p.done(p.path("entries", string(h.ID)), "confirmed")
}

// entryCapacity sets how much room there is: one tap on a phone.
func entryCapacity(p *page) error {
	h, rec, sent, err := p.sentEntry(authz.Change)
	if err != nil {
		return err
	}
	c := directory.Capacity{Room: directory.Room(sent.Get("room")), On: p.now()}
	if err := p.site.Entries.SetCapacity(p.req.Context(), p.actor, p.now(), rec.ID, c); err != nil {
		return err
	}
	return p.done(p.path("entries", string(h.ID)), "saved")
}

func entryRelease(p *page) error {
	h, rec, sent, err := p.sentEntry(authz.Share)
	if err != nil {
		return err
	}
	level, known := authz.LevelOf(sent.Get("level"))
	if !known || level == authz.Named {
		return fault.New(fault.Invalid, "level", "is none of the levels for an entry", "choose one of the buttons")
	}
	ref := authz.Ref{Kind: authz.Entry, Object: string(rec.ID), Purpose: authz.ForDirectory}
	if err := p.site.Houses.Release(p.req.Context(), p.actor, p.now(), ref, authz.Release{Level: level}); err != nil {
		return err
	}
	return p.done(p.path("entry-edit", string(h.ID), string(rec.ID)), "released")
}

func entryEnd(p *page) error {
	h, rec, err := p.entryOf(authz.Remove)
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("entry.end", nil), entryEndPage(p, h, rec))
}

func entryEnded(p *page) error {
	h, rec, err := p.entryOf(authz.Remove)
	if err != nil {
		return err
	}
	if err := p.site.Entries.EndService(p.req.Context(), p.actor, p.now(), rec.ID); err != nil {
		return err
	}
	return p.done(p.path("entries", string(h.ID)), "entry_ended")
}

// callSheet lists for printing whom to call because letters were not answered.
func callSheet(p *page) error {
	h, all, err := p.ownEntries(authz.Change)
	if err != nil {
		return err
	}
	var due []directory.Record
	for _, r := range all {
		trust := r.TrustAt(directory.Whole, r.Confirmations, p.now())
		until := trust.Until
		if trust.Confirmed.IsZero() {
			until = r.Modified.AddDate(0, 0, r.Risk.Days())
		}
		if r.Ended.IsZero() && !r.Draft && directory.OnCallSheet(until, p.now()) {
			due = append(due, r)
		}
	}
	return p.render(http.StatusOK, p.T("entry.call_sheet", nil), callSheetPage(p, h, due))
}
