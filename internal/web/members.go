package web

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"gevor/authz"
	"gevor/fault"
	"gevor/form"
	"gevor/internal/web/ui"
	"gevor/internal/words"
	"gevor/organisation"
)

func members(p *page) error {
	everybody, err := p.site.Houses.Members(p.req.Context(), p.actor, p.org())
	if err != nil {
		return err
	}
	h, err := p.house("members")
	if err != nil {
		return err
	}
	admin := p.can(authz.Change, owned(authz.Members, h.ID))
	t := ui.Table{
		Caption: p.T("house.tab.members", nil), CaptionHidden: true,
		Columns: []ui.Column{{Label: p.T("member.name", nil)}, {Label: p.T("member.roles", nil)}, {Label: p.T("member.since", nil)}},
		Status:  p.N("member.count", len(everybody), nil), EmptyTitle: p.T("member.none", nil),
	}
	for _, m := range everybody {
		name := ui.Cell{Text: m.Name, Sub: m.Email}
		if admin {
			name.Href = p.link("member", string(h.ID), string(m.Person))
		}
		roles := ui.Cell{Text: p.roleNames(m.Roles)}
		switch {
		case m.Suspended:
			roles.Sub = p.T("member.suspended", nil)
		case m.Blocked:
			roles.Sub = p.T("member.blocked", nil)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{name, roles, {Text: p.day(m.Since)}}})
	}
	return p.render(http.StatusOK, p.T("house.tab.members", nil), membersPage(p, h, t))
}

// member gives the organisation and the person of the address, where the reader may do something there.
func (p *page) member(do authz.Action) (houseView, organisation.Member, error) {
	who := authz.PersonID(p.req.PathValue("person"))
	if err := p.may(do, authz.Object{Kind: authz.Members, Owner: p.org(), Subject: who}); err != nil {
		return houseView{}, organisation.Member{}, err
	}
	everybody, err := p.site.Houses.Members(p.req.Context(), p.actor, p.org())
	if err != nil {
		return houseView{}, organisation.Member{}, err
	}
	at := slices.IndexFunc(everybody, func(m organisation.Member) bool { return m.Person == who })
	if at < 0 {
		return houseView{}, organisation.Member{}, fault.New(fault.NotFound, "member", "there is no such person here", "")
	}
	h, err := p.house("members")
	return h, everybody[at], err
}

// roleOptions are the roles that the reader may give in an organisation, and those that somebody has there already.
func (p *page) roleOptions(o authz.OrganisationID, has []authz.Role) []ui.Option {
	var out []ui.Option
	for _, r := range authz.Roles() {
		if authz.MayGrant(p.actor, o, r) || slices.Contains(has, r) {
			out = append(out, ui.Option{Value: string(r), Label: p.T("role."+string(r), nil), Hint: p.T("role_text."+string(r), nil)})
		}
	}
	return out
}

func memberPage(p *page) error {
	h, m, err := p.member(authz.Change)
	if err != nil {
		return err
	}
	f := p.begin("member", "version", strconv.Itoa(m.Version))
	for _, r := range m.Roles {
		f.values.Add("roles", string(r))
	}
	return p.render(http.StatusOK, m.Name, memberForm(p, h, m, f))
}

func memberChange(p *page) error {
	h, m, err := p.member(authz.Change)
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	version, _ := strconv.Atoi(sent.Get("version"))
	var roles []authz.Role
	for _, r := range sent["roles"] {
		roles = append(roles, authz.Role(r))
	}
	if len(roles) == 0 {
		var wrong form.Fields
		wrong.Add("roles", "choose")
		err = wrong.Err()
	} else {
		err = p.site.Houses.SetRoles(p.req.Context(), p.actor, p.now(), h.ID, m.Person, version, roles)
	}
	if err != nil {
		return p.refused(p.lastAdmin(err), "member", sent, m.Name, func(f entry) templ.Component {
			f.values.Set("version", strconv.Itoa(m.Version))
			return memberForm(p, h, m, f)
		})
	}
	return p.done(p.path("members", string(h.ID)), "saved")
}

// lastAdmin turns a refusal that an organisation would be left without an admin into one about the field.
func (p *page) lastAdmin(err error) error {
	if fault.KindOf(err) != fault.Conflict {
		return err
	}
	var wrong form.Fields
	wrong.Add("roles", "last_admin")
	return wrong.Err()
}

func memberRemove(p *page) error {
	h, m, err := p.member(authz.Remove)
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("member.remove", nil), memberRemovePage(p, h, m, p.begin("member", "version", strconv.Itoa(m.Version))))
}

func memberRemoved(p *page) error {
	h, m, err := p.member(authz.Remove)
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	version, _ := strconv.Atoi(sent.Get("version"))
	if err := p.site.Houses.SetRoles(p.req.Context(), p.actor, p.now(), h.ID, m.Person, version, nil); err != nil {
		return p.refused(p.lastAdmin(err), "member", sent, p.T("member.remove", nil), func(f entry) templ.Component {
			f.values.Set("version", strconv.Itoa(m.Version))
			return memberRemovePage(p, h, m, f)
		})
	}
	if m.Person == p.actor.Person {
		return p.done(p.path("organisations"), "left")
	}
	return p.done(p.path("members", string(h.ID)), "removed")
}

func invitations(p *page) error {
	list, err := p.site.Houses.Invitations(p.req.Context(), p.actor, p.org())
	if err != nil {
		return err
	}
	h, err := p.house("members")
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("house.tab.invitations", nil), invitationsPage(p, h, list))
}

// invitationState is how an invitation stands, as a key of the catalogue.
func (p *page) invitationState(i organisation.Invitation) string {
	switch fault.KindOf(i.Open(p.now())) {
	case fault.Conflict:
		return "accepted"
	case fault.Stale:
		return "expired"
	}
	return "open"
}

func (p *page) invitationFields(f entry) []ui.Input {
	return []ui.Input{
		f.fill(ui.Input{Name: "email", Type: "email", Required: true, Most: 254, Autocomplete: "off"}),
		f.fill(ui.Input{Name: "roles", Options: p.roleOptions(p.org(), nil), Required: true}),
		f.fill(ui.Input{Name: "language", Options: p.languageOptions(), Required: true}),
	}
}

func (p *page) languageOptions() []ui.Option {
	var out []ui.Option
	for _, lang := range words.Languages() {
		out = append(out, ui.Option{Value: lang, Label: p.T("web.language."+lang, nil)})
	}
	slices.SortFunc(out, func(a, b ui.Option) int {
		if a.Value == "de" || b.Value != "de" && a.Value < b.Value {
			return -1
		}
		return 1
	})
	return out
}

// inviting gives the organisation into which the reader may invite. Who may invite but not see it (the office names
// the first admin of a house) sees its name.
func (p *page) inviting() (houseView, error) {
	if err := p.may(authz.Create, owned(authz.Invitation, p.org())); err != nil {
		return houseView{}, err
	}
	return p.house("members")
}

func invitationNew(p *page) error {
	h, err := p.inviting()
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("invitation.new", nil), invitationForm(p, h, p.begin("invitation", "language", p.Lang())))
}

func invitationCreate(p *page) error {
	h, err := p.inviting()
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	i := organisation.Invitation{Organisation: h.ID, Email: sent.Get("email"), Language: sent.Get("language")}
	for _, r := range sent["roles"] {
		i.Roles = append(i.Roles, authz.Role(r))
	}
	if p.site.words[i.Language] == nil {
		i.Language = p.Lang()
	}
	_, secret, err := p.site.Houses.Invite(p.req.Context(), p.actor, p.now(), i)
	if err != nil {
		return p.refused(err, "invitation", sent, p.T("invitation.new", nil), func(f entry) templ.Component { return invitationForm(p, h, f) })
	}
	// The link is shown once, for who hands it over in person; it is not kept.
	return p.render(http.StatusOK, p.T("invitation.made", nil), invitationMade(p, h, i, secret))
}

func invitationWithdraw(p *page) error {
	if err := p.may(authz.Remove, owned(authz.Invitation, p.org())); err != nil {
		return err
	}
	if _, err := p.house("members"); err != nil {
		return err
	}
	if err := p.site.Houses.WithdrawInvitation(p.req.Context(), p.actor, p.now(), p.req.PathValue("invitation")); err != nil {
		return err
	}
	return p.done(p.path("invitations", string(p.org())), "withdrawn")
}
