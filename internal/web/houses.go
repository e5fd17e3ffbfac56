package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"gevor/authz"
	"gevor/fault"
	"gevor/form"
	"gevor/history"
	"gevor/internal/web/ui"
	"gevor/internal/words"
	"gevor/organisation"
	"gevor/outbox"
)

// Houses is what the pages ask of organisations, the people in them and their rights. Every method decides for the
// actor; what the actor may not know of is fault.NotFound.
type Houses interface {
	Rights
	Organisation(ctx context.Context, actor authz.Actor, id authz.OrganisationID) (organisation.Organisation, error)
	Organisations(ctx context.Context, actor authz.Actor) ([]organisation.Organisation, error)
	CreateOrganisation(ctx context.Context, actor authz.Actor, at time.Time, o organisation.Organisation) (authz.OrganisationID, error)
	ChangeOrganisation(ctx context.Context, actor authz.Actor, at time.Time, o organisation.Organisation) error
	CloseOrganisation(ctx context.Context, actor authz.Actor, at time.Time, id authz.OrganisationID) error
	SetAlliance(ctx context.Context, actor authz.Actor, at time.Time, id authz.OrganisationID, alliance bool) error
	Members(ctx context.Context, actor authz.Actor, id authz.OrganisationID) ([]organisation.Member, error)
	SetRoles(ctx context.Context, actor authz.Actor, at time.Time, id authz.OrganisationID, who authz.PersonID, version int, roles []authz.Role) error
	Invitations(ctx context.Context, actor authz.Actor, id authz.OrganisationID) ([]organisation.Invitation, error)
	Invite(ctx context.Context, actor authz.Actor, at time.Time, i organisation.Invitation) (id, secret string, err error)
	WithdrawInvitation(ctx context.Context, actor authz.Actor, at time.Time, id string) error
	Releases(ctx context.Context, actor authz.Actor, owner authz.OrganisationID) ([]authz.Shared, error)
	Release(ctx context.Context, actor authz.Actor, at time.Time, ref authz.Ref, wanted authz.Release) error
	History(ctx context.Context, actor authz.Actor, owner authz.OrganisationID, kind authz.Kind, object string, below int64, limit int) ([]history.Change, error)
	Undo(ctx context.Context, actor authz.Actor, at time.Time, sequence int64) error
	Outbox(ctx context.Context, actor authz.Actor, owner authz.OrganisationID, limit int) ([]outbox.Sending, error)
}

// houseRoutes are the addresses of organisations and what belongs to them.
func houseRoutes() []Route {
	at := func(name string, kind authz.Kind, do authz.Action, de, en string, handle handler) Route {
		return Route{
			Name: name, Section: "house", Access: Access{Kind: kind, Action: do}, States: []State{SignedIn}, Handle: handle,
			Patterns: map[string]string{"de": "/de/organisationen" + de, "en": "/en/organisations" + en},
		}
	}
	list := at("organisations", authz.Organisation, authz.View, "", "", organisations)
	list.Nav, list.States, list.List = 1, []State{Normal, SignedIn}, true
	return []Route{
		list,
		at("organisation", authz.Organisation, authz.View, "/{org}", "/{org}", organisationPage),
		at("organisation-new", authz.Organisation, authz.Create, "/neu", "/new", organisationNew),
		post(at("organisation-create", authz.Organisation, authz.Create, "/neu", "/new", organisationCreate)),
		at("organisation-edit", authz.Organisation, authz.Change, "/{org}/bearbeiten", "/{org}/edit", organisationEdit),
		post(at("organisation-change", authz.Organisation, authz.Change, "/{org}/bearbeiten", "/{org}/edit", organisationChange)),
		post(at("organisation-alliance", authz.Organisation, authz.Create, "/{org}/verbund", "/{org}/alliance", organisationAlliance)),
		at("organisation-end", authz.Organisation, authz.Remove, "/{org}/beenden", "/{org}/close", organisationEnd),
		post(at("organisation-close", authz.Organisation, authz.Remove, "/{org}/beenden", "/{org}/close", organisationClose)),
		at("members", authz.Members, authz.View, "/{org}/menschen", "/{org}/people", members),
		at("member", authz.Members, authz.Change, "/{org}/menschen/{person}", "/{org}/people/{person}", memberPage),
		post(at("member-change", authz.Members, authz.Change, "/{org}/menschen/{person}", "/{org}/people/{person}", memberChange)),
		at("member-remove", authz.Members, authz.Remove, "/{org}/menschen/{person}/entfernen", "/{org}/people/{person}/remove", memberRemove),
		post(at("member-removed", authz.Members, authz.Remove, "/{org}/menschen/{person}/entfernen", "/{org}/people/{person}/remove", memberRemoved)),
		at("invitations", authz.Invitation, authz.View, "/{org}/einladungen", "/{org}/invitations", invitations),
		at("invitation-new", authz.Invitation, authz.Create, "/{org}/einladungen/neu", "/{org}/invitations/new", invitationNew),
		post(at("invitation-create", authz.Invitation, authz.Create, "/{org}/einladungen/neu", "/{org}/invitations/new", invitationCreate)),
		post(at("invitation-withdraw", authz.Invitation, authz.Remove, "/{org}/einladungen/{invitation}/zuruecknehmen", "/{org}/invitations/{invitation}/withdraw", invitationWithdraw)),
		at("releases", authz.Releases, authz.View, "/{org}/freigaben", "/{org}/releases", releases),
		at("release", authz.Organisation, authz.Share, "/{org}/freigaben/profil", "/{org}/releases/profile", releasePage),
		post(at("release-set", authz.Organisation, authz.Share, "/{org}/freigaben/profil", "/{org}/releases/profile", releaseSet)),
		at("history", authz.History, authz.View, "/{org}/verlauf", "/{org}/history", historyPage),
		at("undo", authz.History, authz.Undo, "/{org}/verlauf/{change}/zuruecknehmen", "/{org}/history/{change}/undo", undoPage),
		post(at("undone", authz.History, authz.Undo, "/{org}/verlauf/{change}/zuruecknehmen", "/{org}/history/{change}/undo", undone)),
		{
			Name: "rights", Section: "account", Access: Access{Kind: authz.Site, Action: authz.View}, States: []State{Normal}, Handle: rights,
			Patterns: map[string]string{"de": "/de/rechte", "en": "/en/rights"},
		},
	}
}

// org is the organisation that the address names.
func (p *page) org() authz.OrganisationID { return authz.OrganisationID(p.req.PathValue("org")) }

// house gives the organisation that the address names, where the reader may see it, with one of its tabs open.
func (p *page) house(tab string) (houseView, error) {
	o, err := p.site.Houses.Organisation(p.req.Context(), p.actor, p.org())
	return houseView{Organisation: o, Tab: tab}, err
}

// houseView is an organisation with the frame of its pages.
type houseView struct {
	organisation.Organisation
	Tab string // name of the route that is open
}

// tabs leads between the pages of one organisation that the reader may open.
func (p *page) tabs(h houseView) []ui.Link {
	var out []ui.Link
	for _, t := range []struct {
		route string
		kind  authz.Kind
	}{{"organisation", authz.Organisation}, {"entries", authz.Entry}, {"members", authz.Members}, {"releases", authz.Releases}, {"sketches", authz.Figures}, {"contacts", authz.ContactFigures}, {"handovers", authz.Handover}, {"commitments", authz.Commitment}, {"seal-keys", authz.SealKey}, {"history", authz.History}, {"webhooks", authz.Webhook}, {"house-outbox", authz.Outbox}} {
		do := authz.View
		if t.kind == authz.Entry {
			do = authz.Change // seeing entries is what the finder is for
		}
		if t.kind == authz.Figures {
			do = authz.Create // those that are published stand in the catalogue
		}
		if room := p.site.byName[t.route].Room; room != nil && !room(&p.site.Config) {
			continue
		}
		if t.route == "organisation" || p.can(do, authz.Object{Kind: t.kind, Owner: h.ID}) {
			out = append(out, ui.Link{Label: p.T("house.tab."+t.route, nil), Href: p.link(t.route, string(h.ID)), Current: t.route == h.Tab})
		}
	}
	return out
}

// owned is something of an organisation as an object of rights.
func owned(k authz.Kind, o authz.OrganisationID) authz.Object { return authz.Object{Kind: k, Owner: o} }

// roleNames writes roles in words.
func (p *page) roleNames(roles []authz.Role) string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = p.T("role."+string(r), nil)
	}
	return strings.Join(names, ", ")
}

// day writes a time as the date it has in the time zone of the pages.
func (p *page) day(t time.Time) string {
	if t.IsZero() {
		return words.Unknown
	}
	return p.Date(t.In(p.site.zone).Format(time.DateOnly))
}

// moment writes a time with its hour.
func (p *page) moment(t time.Time) string {
	return p.T("web.moment", with{"Date": p.day(t), "Time": t.In(p.site.zone).Format("15:04")})
}

// begin is a form with values to begin with: name, value, name, value …
func (p *page) begin(room string, pairs ...string) entry {
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	return p.entry(room, values, nil)
}

// fill completes a field of a form: its words unless it brings its own, its value, and what is wrong with it.
func (e entry) fill(i ui.Input) ui.Input {
	f := e.field(i.Name)
	if i.Label == "" {
		i.Label, i.Hint = f.Label, f.Hint
	}
	i.Value, i.Values, i.Error = f.Value, f.Values, f.Error
	return i
}

// refused shows a form again where err is about its fields, or about a state that somebody else changed since it was
// opened: then what was sent stays in the form. Any other error is given back.
func (p *page) refused(err error, room string, sent url.Values, title string, show func(entry) templ.Component) error {
	e := p.entry(room, sent, err)
	if fault.KindOf(err) == fault.Stale {
		e.wrong = []form.Field{{Reason: "stale"}}
		return p.render(http.StatusConflict, title, show(e))
	}
	return p.again(err, title, show(e))
}

// houseCrumbs is the way to a page of an organisation.
func (p *page) houseCrumbs(h houseView, title string) []ui.Crumb {
	out := []ui.Crumb{{Label: p.T("house.list", nil), Href: p.link("organisations")}, {Label: h.Name, Href: p.link("organisation", string(h.ID))}}
	if title != "" {
		out = append(out, ui.Crumb{Label: title})
	}
	return out
}

func (p *page) profilePairs(h houseView) []ui.Pair {
	orNone := func(s string) string {
		if s == "" {
			return p.T("house.not_given", nil)
		}
		return s
	}
	alliance := p.T("house.alliance_no", nil)
	if h.Alliance {
		alliance = p.T("house.alliance", nil)
	}
	return []ui.Pair{
		{Label: p.T("house.kind", nil), Text: p.T("house.kinds."+string(h.Kind), nil)},
		{Label: p.T("house.municipality", nil), Text: orNone(p.municipality(h.Municipality))},
		{Label: p.T("house.email", nil), Text: orNone(h.Email)},
		{Label: p.T("house.alliance_label", nil), Text: alliance},
	}
}

func (p *page) formAction(h *houseView) templ.SafeURL {
	if h == nil {
		return p.link("organisation-create")
	}
	return p.link("organisation-change", string(h.ID))
}

func (p *page) formBack(h *houseView) templ.SafeURL {
	if h == nil {
		return p.link("organisations")
	}
	return p.link("organisation", string(h.ID))
}

// invitationAddress is the whole link of an invitation, as somebody hands it over.
func (p *page) invitationAddress(secret string) string {
	at := ""
	if r := p.site.byName["invitation"]; r != nil {
		at = r.Path(p.Lang(), secret)
	}
	return p.site.PublicURL + at
}

func invitationBadge(state string) ui.Kind {
	switch state {
	case "accepted":
		return ui.Success
	case "expired":
		return ui.Warning
	}
	return ui.Info
}

func releaseBadge(l authz.Level) ui.Kind {
	if l == authz.PublicLevel {
		return ui.Warning
	}
	return ui.Info
}

// turned shows what taking a change back would do: its fields the other way round.
func (p *page) turned(c history.Change) []ui.Changed {
	fields := p.changed(c)
	for i := range fields {
		fields[i].Before, fields[i].After = fields[i].After, fields[i].Before
	}
	return fields
}
