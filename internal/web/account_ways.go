package web

import (
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"gevor/account"
	"gevor/authz"
	"gevor/fault"
)

func accountWays(p *page) error {
	if err := p.mine(authz.View); err != nil {
		return err
	}
	c, err := p.site.SignIn.Credentials(p.req.Context(), p.actor)
	if err != nil {
		return err
	}
	p.allowProviders()
	return p.render(http.StatusOK, p.T("signin.ways", nil), accountWaysPage(p, c))
}

// connectable are the providers that the reader is not connected to yet.
func (p *page) connectable(c account.Credentials) []account.Provider {
	var out []account.Provider
	for _, x := range p.site.SignIn.Named() {
		taken := false
		for _, i := range c.Identities {
			taken = taken || p.site.SignIn.LabelOf(i.Issuer) == x.Label
		}
		if !taken {
			out = append(out, x)
		}
	}
	return out
}

func accountPassword(p *page) error {
	if err := p.mine(authz.Change); err != nil || p.stale() {
		return err
	}
	return p.render(http.StatusOK, p.T("signin.password_new", nil), accountPasswordPage(p, p.begin("signin"), p.site.SignIn.Propose(p.person.Email, "")))
}

func accountPasswordSet(p *page) error {
	sent, err := p.sentToMine(authz.Change)
	if err != nil || p.stale() {
		return err
	}
	if err := p.site.SignIn.Add(p.req, p.actor, newWay(sent)); err != nil {
		return p.refused(err, "signin", sent, p.T("signin.password_new", nil), func(f entry) templ.Component {
			return accountPasswordPage(p, f, p.site.SignIn.Propose(p.person.Email, sent.Get("secret")))
		})
	}
	return p.done(p.path("account-ways"), "password_set")
}

func accountPasskey(p *page) error {
	if err := p.mine(authz.Change); err != nil || p.stale() {
		return err
	}
	return p.render(http.StatusOK, p.T("signin.passkey_new", nil), accountPasskeyPage(p, p.begin("signin"), ""))
}

func passkeyOffer(p *page) error {
	if err := p.mine(authz.Change); err != nil {
		return err
	}
	options, err := p.site.SignIn.OfferPasskey(p.req, p.actor)
	if err != nil {
		return err
	}
	return p.json(options)
}

func accountPasskeyAdd(p *page) error {
	sent, err := p.sentToMine(authz.Change)
	if err != nil || p.stale() {
		return err
	}
	sent.Set("way", "passkey")
	if err = checkWay(sent); err == nil {
		err = p.site.SignIn.Add(p.req, p.actor, newWay(sent))
	}
	if err != nil {
		return p.notTaken(err, sent, p.T("signin.passkey_new", nil), func(f entry, problem string) templ.Component { return accountPasskeyPage(p, f, problem) })
	}
	return p.done(p.path("account-ways"), "passkey_added")
}

func accountProvider(p *page) error {
	if err := p.mine(authz.Change); err != nil || p.stale() {
		return err
	}
	return p.away(p.path("account-ways"), p.actor, "")
}

// wayToDrop reads which way in is meant, from the reader's own.
func (p *page) wayToDrop(v url.Values) (account.Change, string, error) {
	c, err := p.site.SignIn.Credentials(p.req.Context(), p.actor)
	if err != nil {
		return account.Change{}, "", err
	}
	id := v.Get("id")
	switch v.Get("what") {
	case "password":
		if c.Password != nil {
			return account.Change{DropPassword: true}, p.T("signin.password_way", nil), nil
		}
	case "passkey":
		for _, k := range c.Passkeys {
			if k.ID == id {
				return account.Change{DropPasskey: id}, k.Name, nil
			}
		}
	case "provider":
		for _, i := range c.Identities {
			if i.Issuer == v.Get("issuer") && i.Subject == id {
				return account.Change{DropIdentity: &i}, p.site.SignIn.LabelOf(i.Issuer), nil
			}
		}
	}
	if id == "" && v.Get("what") != "password" {
		return account.Change{}, "", fault.New(fault.Invalid, "way", "nothing was chosen", "choose from the list")
	}
	return account.Change{}, "", fault.New(fault.NotFound, "way", "there is no such way to sign in", "")
}

func accountWayRemove(p *page) error {
	if err := p.mine(authz.Change); err != nil || p.stale() {
		return err
	}
	if p.query.Get("what") == "" { // nothing chosen yet: the list
		return accountWays(p)
	}
	_, name, err := p.wayToDrop(p.query)
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("signin.remove", nil), accountWayRemovePage(p, name, ""))
}

func accountWayRemoved(p *page) error {
	sent, err := p.sentToMine(authz.Change)
	if err != nil || p.stale() {
		return err
	}
	c, name, err := p.wayToDrop(sent)
	if err != nil {
		return err
	}
	err = p.site.SignIn.Drop(p.req, p.actor, c)
	if fault.KindOf(err) == fault.Conflict && err != nil {
		p.query = sent
		return p.render(http.StatusConflict, p.T("signin.remove", nil), accountWayRemovePage(p, name, p.T("signin.last_way", nil)))
	}
	if err != nil {
		return err
	}
	return p.done(p.path("account-ways"), "way_removed")
}

func accountCodes(p *page) error {
	if err := p.mine(authz.Change); err != nil || p.stale() {
		return err
	}
	c, err := p.site.SignIn.Credentials(p.req.Context(), p.actor)
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("signin.codes", nil), accountCodesPage(p, c.Codes, nil))
}

// accountCodesNew answers with the sheet itself: the codes are kept as hashes, so that it can never be shown again.
func accountCodesNew(p *page) error {
	if err := p.mine(authz.Change); err != nil || p.stale() {
		return err
	}
	codes, err := p.site.SignIn.NewCodes(p.req, p.actor)
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("signin.codes", nil), accountCodesPage(p, len(codes), codes))
}

func memberRecover(p *page) error {
	h, m, err := p.member(authz.Change)
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("signin.recover", nil), memberRecoverPage(p, h, m, "", ""))
}

// memberRecovery makes the link and shows it this once, for who hands it over in person.
func memberRecovery(p *page) error {
	h, m, err := p.member(authz.Change)
	if err != nil {
		return err
	}
	secret, err := p.site.Accounts.StartRecovery(p.req.Context(), p.actor, p.now(), h.ID, m.Person)
	if k := fault.KindOf(err); err != nil && (k == fault.Denied || k == fault.Conflict) {
		return p.render(statusOf(k), p.T("signin.recover", nil), memberRecoverPage(p, h, m, "", p.T("signin.recover_not_"+k.String(), nil)))
	}
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("signin.recover", nil), memberRecoverPage(p, h, m, p.site.PublicURL+p.path("regain", secret), ""))
}

// usedNote says since when there is a passkey and when it was last used.
func (p *page) usedNote(k account.Passkey) string {
	since := p.T("signin.since", with{"Date": p.day(k.Since)})
	if k.Used.IsZero() {
		return since
	}
	return since + ", " + p.T("signin.used", with{"Date": p.day(k.Used)})
}

// codesLeft says how many recovery codes somebody has.
func (p *page) codesLeft(n int) string {
	if n == 0 {
		return p.T("signin.codes_none", nil)
	}
	return p.N("signin.codes_left", n, nil)
}
