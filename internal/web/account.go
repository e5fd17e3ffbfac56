package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"gevor/authz"
	"gevor/fault"
	"gevor/form"
	"gevor/internal/web/ui"
	"gevor/internal/words"
)

// accountRoutes are the pages about the reader's own account.
func accountRoutes() []Route {
	at := below("account", authz.Account, "/de/konto", "/en/account")
	listed := func(nav int, r Route) Route {
		r.Nav = nav
		return r
	}
	return []Route{
		listed(1, at("account", authz.View, "", "", accountPage)),
		post(at("account-change", authz.Change, "", "", accountChange)),
		listed(2, at("account-ways", authz.View, "/zugaenge", "/ways", accountWays)),
		at("account-password", authz.Change, "/passwort", "/password", accountPassword),
		post(at("account-password-set", authz.Change, "/passwort", "/password", accountPasswordSet)),
		at("account-passkey", authz.Change, "/passkey", "/passkey", accountPasskey),
		post(at("account-passkey-add", authz.Change, "/passkey", "/passkey", accountPasskeyAdd)),
		post(at("account-provider", authz.Change, "/anbieter/{provider}", "/provider/{provider}", accountProvider)),
		at("account-way-remove", authz.Change, "/zugaenge/entfernen", "/ways/remove", accountWayRemove),
		post(at("account-way-removed", authz.Change, "/zugaenge/entfernen", "/ways/remove", accountWayRemoved)),
		at("account-codes", authz.Change, "/notfallcodes", "/recovery-codes", accountCodes),
		post(at("account-codes-new", authz.Change, "/notfallcodes", "/recovery-codes", accountCodesNew)),
		listed(3, at("account-sign-ins", authz.View, "/anmeldungen", "/sign-ins", accountSignIns)),
		post(at("account-everywhere", authz.Change, "/anmeldungen", "/sign-ins", accountEverywhere)),
		at("account-delete", authz.Remove, "/loeschen", "/delete", accountDelete),
		post(at("account-deleted", authz.Remove, "/loeschen", "/delete", accountDeleted)),
		{
			Name: "passkey-offer", Method: http.MethodPost, Access: Access{authz.Account, authz.Change}, Handle: passkeyOffer,
			Patterns: map[string]string{"": "/signin/passkey/new"},
		},
		{
			Name: "member-recover", Section: "house", Access: Access{authz.Members, authz.Change}, States: []State{SignedIn}, Handle: memberRecover,
			Patterns: map[string]string{"de": "/de/organisationen/{org}/menschen/{person}/zugang", "en": "/en/organisations/{org}/people/{person}/recovery"},
		},
		post(Route{
			Name: "member-recovery", Section: "house", Access: Access{authz.Members, authz.Change}, Handle: memberRecovery,
			Patterns: map[string]string{"de": "/de/organisationen/{org}/menschen/{person}/zugang", "en": "/en/organisations/{org}/people/{person}/recovery"},
		}),
	}
}

// mine refuses whoever may not do this to the reader's own account, which is nobody but the reader.
func (p *page) mine(do authz.Action) error {
	return p.may(do, authz.Object{Kind: authz.Account, Subject: p.actor.Person})
}

// stale leads somebody who signed in too long ago to sign in again, and then back; it says whether it did.
func (p *page) stale() bool {
	if p.site.SignIn.Fresh(p.req) {
		return false
	}
	back := p.path("account-ways")
	if p.req.Method == http.MethodGet {
		back = p.here()
	}
	http.Redirect(p.res, p.req, p.path("sign-in")+"?"+url.Values{"again": {""}, "next": {back}}.Encode(), http.StatusSeeOther)
	return true
}

// sentToMine reads a form that changes the reader's own account.
func (p *page) sentToMine(do authz.Action) (url.Values, error) {
	if err := p.mine(do); err != nil {
		return nil, err
	}
	return p.form()
}

func accountPage(p *page) error {
	if err := p.mine(authz.View); err != nil {
		return err
	}
	f := p.begin("signin", "name", p.person.Name, "email", p.person.Email, "language", p.person.Language, "version", strconv.Itoa(p.person.Version))
	return p.render(http.StatusOK, p.T("signin.account", nil), accountForm(p, f))
}

// accountFields are the fields of the reader's own data, in order.
func (p *page) accountFields(f entry) []ui.Input {
	language := f.choices("language", "web.language", words.Languages()...)
	return []ui.Input{
		f.fill(ui.Input{Name: "name", Required: true, Most: 200, Autocomplete: "name"}),
		f.fill(ui.Input{Name: "email", Label: p.T("signin.email", nil), Hint: p.T("signin.email_change_hint", nil), Required: true, Type: "email", Most: 254, Autocomplete: "email"}),
		language,
	}
}

func accountChange(p *page) error {
	sent, err := p.sentToMine(authz.Change)
	if err != nil {
		return err
	}
	changed := p.person
	changed.Name, changed.Email, changed.Language = sent.Get("name"), sent.Get("email"), sent.Get("language")
	changed.Version, _ = strconv.Atoi(sent.Get("version")) // what is no number is no version that there ever was
	if strings.TrimSpace(changed.Email) != p.person.Email && p.stale() {
		return nil // who can change the address takes the account: a screen left open must not be enough
	}
	var wrong form.Fields
	if !known(changed.Language) {
		wrong.Add("language", "unknown")
	}
	if err = wrong.Err(); err == nil {
		err = p.site.Accounts.ChangePerson(p.req.Context(), p.actor, p.now(), changed)
	}
	if fault.KindOf(err) == fault.Conflict && err != nil {
		wrong.Add("email", "taken")
		err = wrong.Err()
	}
	if err != nil {
		return p.refused(err, "signin", sent, p.T("signin.account", nil), func(f entry) templ.Component {
			f.values.Set("version", strconv.Itoa(p.person.Version))
			return accountForm(p, f)
		})
	}
	return p.done(p.path("account"), "saved")
}

func known(lang string) bool {
	for _, l := range words.Languages() {
		if l == lang {
			return true
		}
	}
	return false
}

func accountSignIns(p *page) error {
	if err := p.mine(authz.View); err != nil {
		return err
	}
	entries, err := p.site.SignIn.SignIns(p.req.Context(), p.actor)
	if err != nil {
		return err
	}
	t := ui.Table{
		Caption: p.T("signin.sign_ins", nil), CaptionHidden: true,
		Columns:    []ui.Column{{Label: p.T("signin.when", nil)}, {Label: p.T("signin.way", nil)}, {Label: p.T("signin.device", nil)}},
		EmptyTitle: p.T("signin.no_sign_ins", nil),
	}
	for _, e := range entries {
		device := e.Device
		if device == "" {
			device = p.T("value.unknown", nil)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: p.moment(e.At)}, {Text: p.T("signin.by."+string(e.Way), nil)}, {Text: device}}})
	}
	return p.render(http.StatusOK, p.T("signin.sign_ins", nil), accountSignInsPage(p, t))
}

func accountEverywhere(p *page) error {
	sent, err := p.sentToMine(authz.Change)
	if err != nil {
		return err
	}
	if sent.Get("everywhere") != "yes" {
		return fault.New(fault.Invalid, p.req.URL.Path, "nothing was chosen", "use the button of the page")
	}
	if err := p.site.SignIn.EndSessions(p.req, p.actor); err != nil {
		return err
	}
	return p.done(p.path("sign-in"), "everywhere")
}

func accountDelete(p *page) error {
	if err := p.mine(authz.Remove); err != nil || p.stale() {
		return err
	}
	return p.render(http.StatusOK, p.T("signin.delete", nil), accountDeletePage(p, p.begin("signin"), ""))
}

func accountDeleted(p *page) error {
	sent, err := p.sentToMine(authz.Remove)
	if err != nil || p.stale() {
		return err
	}
	var wrong form.Fields
	if strings.TrimSpace(sent.Get("email")) != p.person.Email {
		wrong.Add("email", "repeat")
		return p.again(wrong.Err(), p.T("signin.delete", nil), accountDeletePage(p, p.entry("signin", sent, wrong.Err()), ""))
	}
	err = p.site.Accounts.RemovePerson(p.req.Context(), p.actor, p.now(), p.actor.Person)
	if fault.KindOf(err) == fault.Conflict && err != nil {
		return p.render(http.StatusConflict, p.T("signin.delete", nil), accountDeletePage(p, p.entry("signin", sent, nil), p.T("signin.delete_last_admin", nil)))
	}
	if err != nil {
		return err
	}
	if err := p.site.Doors.SignOut(p.req); err != nil {
		return err
	}
	return p.done(p.path("sign-in"), "account_deleted")
}

// accountLinks are the pages of the reader's account.
func (p *page) accountLinks() []ui.Link {
	var out []ui.Link
	for _, name := range []string{"account", "account-ways", "account-sign-ins"} {
		out = append(out, ui.Link{Label: p.T("web.nav."+name, nil), Href: p.link(name), Current: p.route.Name == name})
	}
	return out
}

// houseLabel names an organisation of the reader.
func (p *page) houseLabel(id authz.OrganisationID) string {
	name, err := p.houseName(p.req.Context(), id)
	if err != nil {
		p.site.Log.Error("the name of an organisation cannot be read", "cause", err)
		return words.Unknown
	}
	return name
}
