package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"gevor/account"
	"gevor/authz"
	"gevor/fault"
	"gevor/form"
	"gevor/internal/web/ui"
	"gevor/organisation"
)

// SignIn is what the pages ask of how people sign in. A refusal is fault.Denied and the same whatever was wrong, or
// fault.Busy with an *account.Wait where something was tried too often.
type SignIn interface {
	ByPassword(r *http.Request, email, password, code string) error
	ByCode(r *http.Request, email, password, code string) error
	ByPasskey(r *http.Request, answer string) error
	AskPasskey(r *http.Request) ([]byte, error)
	Passkeys(r *http.Request) bool
	Named() []account.Provider
	LabelOf(issuer string) string
	GoToProvider(r *http.Request, key, back string, actor authz.Actor, secret string) (string, error)
	BackFromProvider(r *http.Request, key string, actor authz.Actor) (back string, err error)
	Held(r *http.Request, secret string) string
	Propose(email, again string) account.Proposal

	Fresh(r *http.Request) bool
	Credentials(ctx context.Context, actor authz.Actor) (account.Credentials, error)
	SignIns(ctx context.Context, actor authz.Actor) ([]account.Entry, error)
	Add(r *http.Request, actor authz.Actor, n account.New) error
	Drop(r *http.Request, actor authz.Actor, c account.Change) error
	OfferPasskey(r *http.Request, actor authz.Actor) ([]byte, error)
	NewCodes(r *http.Request, actor authz.Actor) ([]string, error)
	EndSessions(r *http.Request, actor authz.Actor) error

	Invitation(ctx context.Context, secret string) (organisation.Invitation, string, error)
	JoinAsNew(r *http.Request, secret string, p organisation.Person, n account.New) error
	Recovery(ctx context.Context, secret string) (account.Recovery, error)
	Recover(r *http.Request, secret string, n account.New) error
	OfferPasskeyByLink(r *http.Request, secret, name string) ([]byte, error)

	Seats(ctx context.Context) ([]account.Seat, error)
	BySeat(r *http.Request, key string) error
}

// Accounts is what the pages ask of people's own accounts.
type Accounts interface {
	ChangePerson(ctx context.Context, actor authz.Actor, at time.Time, p organisation.Person) error
	RemovePerson(ctx context.Context, actor authz.Actor, at time.Time, id authz.PersonID) error
	Join(ctx context.Context, actor authz.Actor, at time.Time, secret string) (authz.OrganisationID, error)
	StartRecovery(ctx context.Context, actor authz.Actor, at time.Time, id authz.OrganisationID, who authz.PersonID) (secret string, err error)
}

// signInRoutes are the addresses by which people come in and go out.
func signInRoutes() []Route {
	at := func(name, de, en string, handle handler) Route {
		return Route{
			Name: name, Section: "account", Access: Access{authz.Site, authz.View}, States: []State{Normal}, Handle: handle,
			Patterns: map[string]string{"de": "/de" + de, "en": "/en" + en},
		}
	}
	bare := func(name, pattern string, handle handler) Route {
		return Route{Name: name, Access: Access{authz.Site, authz.View}, States: []State{Normal}, Handle: handle, Patterns: map[string]string{"": pattern}}
	}
	out := post(at("sign-out", "/abmelden", "/sign-out", signOut))
	out.Access = Access{authz.Account, authz.View}
	return []Route{
		at("sign-in", "/anmelden", "/sign-in", signIn),
		post(at("sign-in-password", "/anmelden", "/sign-in", signInByPassword)),
		post(at("sign-in-passkey", "/anmelden/passkey", "/sign-in/passkey", signInByPasskey)),
		post(at("sign-in-provider", "/anmelden/anbieter/{provider}", "/sign-in/provider/{provider}", signInByProvider)),
		at("sign-in-code", "/anmelden/notfallcode", "/sign-in/recovery-code", signInCode),
		post(at("sign-in-code-send", "/anmelden/notfallcode", "/sign-in/recovery-code", signInByCode)),
		out,
		post(at("demo-seat", "/anmelden/demo/{role}", "/sign-in/demo/{role}", demoSeat)),
		post(bare("passkey-ask", "/signin/passkey", passkeyAsk)),
		post(bare("passkey-link", "/signin/passkey/link/{secret}", passkeyByLink)),
		// The only GET that changes something: the protocol of the providers wants it so. What it brings counts once, and
		// only in the browser that was sent to the provider from here.
		bare("provider-return", "/signin/oidc/{provider}", providerReturn),
		at("invitation", "/einladung/{secret}", "/invitation/{secret}", join),
		post(at("join-send", "/einladung/{secret}", "/invitation/{secret}", joinSend)),
		post(at("join-provider", "/einladung/{secret}/{provider}", "/invitation/{secret}/{provider}", joinByProvider)),
		at("regain", "/zugang/{secret}", "/recovery/{secret}", regain),
		post(at("regain-send", "/zugang/{secret}", "/recovery/{secret}", regainSend)),
	}
}

// post makes a row one that changes something; no browser visits it by itself.
func post(r Route) Route {
	r.Method, r.States = http.MethodPost, nil
	return r
}

// below gives the rows of a room for people who are signed in: each a page of one kind at a place below de and en.
func below(section string, kind authz.Kind, de, en string) func(name string, do authz.Action, deRest, enRest string, handle handler) Route {
	return func(name string, do authz.Action, deRest, enRest string, handle handler) Route {
		return Route{
			Name: name, Section: section, Access: Access{kind, do}, States: []State{SignedIn}, Handle: handle,
			Patterns: map[string]string{"de": de + deRest, "en": en + enRest},
		}
	}
}

// ofHouse is a page that an organisation has for its own people, at this place below its own address.
func ofHouse(name string, kind authz.Kind, do authz.Action, de, en string, handle handler) Route {
	return below("house", kind, "/de/organisationen/{org}", "/en/organisations/{org}")(name, do, de, en, handle)
}

// signInView is what the page to sign in shows.
type signInView struct {
	form    entry
	problem string // why the last attempt failed, in words
	next    string
	seats   []account.Seat
}

func signIn(p *page) error {
	v := signInView{form: p.entry("signin", url.Values{}, nil), next: p.first("next")}
	switch {
	case p.query.Get("failed") == "provider":
		v.problem = p.T("signin.provider_failed", nil)
	case p.query.Has("again") && p.actor.SignedIn():
		v.problem = p.T("signin.again", nil)
	}
	return p.showSignIn(http.StatusOK, v)
}

func (p *page) showSignIn(status int, v signInView) error {
	var err error
	if v.seats, err = p.site.SignIn.Seats(p.req.Context()); err != nil {
		return err
	}
	p.allowProviders()
	return p.render(status, p.T("signin.title", nil), signInPage(p, v))
}

// turnedAway shows a form again to somebody who was not let in, with why; other errors are passed on.
func (p *page) turnedAway(err error, title string, body func(problem string) templ.Component) error {
	var wait *account.Wait
	switch {
	case errors.As(err, &wait):
		p.res.Header().Set("Retry-After", strconv.Itoa(wait.Seconds))
		return p.render(http.StatusTooManyRequests, title, body(p.N("signin.wait", wait.Seconds, nil)))
	case fault.KindOf(err) == fault.Denied:
		p.site.Log.Warn("somebody was not let in", "page", p.route.Name)
		return p.render(http.StatusUnprocessableEntity, title, body(p.T("signin.denied", nil)))
	}
	return err
}

// onward leads on after signing in.
func (p *page) onward(next string) error {
	http.Redirect(p.res, p.req, p.next(next), http.StatusSeeOther)
	return nil
}

func signInByPassword(p *page) error {
	sent, err := p.form()
	if err != nil {
		return err
	}
	err = p.site.SignIn.ByPassword(p.req, sent.Get("email"), sent.Get("password"), sent.Get("code"))
	if err != nil {
		return p.notIn(err, sent)
	}
	return p.onward(sent.Get("next"))
}

// notIn shows the page to sign in again.
func (p *page) notIn(err error, sent url.Values) error {
	seats, wrong := p.site.SignIn.Seats(p.req.Context())
	if wrong != nil {
		return wrong
	}
	p.allowProviders()
	return p.turnedAway(err, p.T("signin.title", nil), func(problem string) templ.Component {
		return signInPage(p, signInView{form: p.entry("signin", sent, err), problem: problem, next: sent.Get("next"), seats: seats})
	})
}

func signInByPasskey(p *page) error {
	sent, err := p.form()
	if err != nil {
		return err
	}
	if err := p.site.SignIn.ByPasskey(p.req, sent.Get("passkey")); err != nil {
		return p.notIn(err, sent)
	}
	return p.onward(sent.Get("next"))
}

func signInByProvider(p *page) error {
	sent, err := p.form()
	if err != nil {
		return err
	}
	return p.away(p.next(sent.Get("next")), authz.Public(), "")
}

// away leads to the provider of the address. One that does not answer is no fault of this installation: the page says so.
func (p *page) away(back string, actor authz.Actor, secret string) error {
	to, err := p.site.SignIn.GoToProvider(p.req, p.req.PathValue("provider"), back, actor, secret)
	if fault.KindOf(err) == fault.Busy {
		p.site.Log.Warn("a provider does not answer", "cause", err)
		return p.render(http.StatusFailedDependency, p.T("signin.provider_away", nil), awayPage(p, back))
	}
	if err != nil {
		return err
	}
	http.Redirect(p.res, p.req, to, http.StatusSeeOther)
	return nil
}

// allowProviders lets the forms of a page lead on to the providers: browsers hold what a form is answered with to the
// same rule as the form.
func (p *page) allowProviders() {
	to := "form-action 'self'"
	for _, x := range p.site.SignIn.Named() {
		to += " " + x.Origin
	}
	h := p.res.Header()
	h.Set("Content-Security-Policy", strings.Replace(h.Get("Content-Security-Policy"), "form-action 'self'", to, 1))
}

func providerReturn(p *page) error {
	back, err := p.site.SignIn.BackFromProvider(p.req, p.req.PathValue("provider"), p.actor)
	switch fault.KindOf(err) {
	case fault.Denied, fault.Conflict, fault.NotFound:
		if err != nil {
			p.site.Log.Warn("somebody came back from a provider and was not let in", "cause", err)
			http.Redirect(p.res, p.req, p.path("sign-in")+"?failed=provider", http.StatusSeeOther)
			return nil
		}
	}
	if err != nil {
		return err
	}
	return p.onward(back)
}

func signInCode(p *page) error {
	return p.render(http.StatusOK, p.T("signin.code_title", nil), signInCodePage(p, signInView{form: p.entry("signin", url.Values{}, nil)}))
}

func signInByCode(p *page) error {
	sent, err := p.form()
	if err != nil {
		return err
	}
	if err := p.site.SignIn.ByCode(p.req, sent.Get("email"), sent.Get("password"), sent.Get("recovery")); err != nil {
		return p.turnedAway(err, p.T("signin.code_title", nil), func(problem string) templ.Component {
			return signInCodePage(p, signInView{form: p.entry("signin", sent, err), problem: problem})
		})
	}
	return p.done(p.path("account-ways"), "code_used")
}

func signOut(p *page) error {
	if err := p.site.Doors.SignOut(p.req); err != nil {
		return err
	}
	return p.done(p.path("sign-in"), "signed_out")
}

// passkeyAsk answers the island with what the browser passes to its authenticator.
func passkeyAsk(p *page) error {
	options, err := p.site.SignIn.AskPasskey(p.req)
	if err != nil {
		return err
	}
	return p.json(options)
}

func passkeyByLink(p *page) error {
	sent, err := p.form()
	if err != nil {
		return err
	}
	options, err := p.site.SignIn.OfferPasskeyByLink(p.req, p.req.PathValue("secret"), sent.Get("name"))
	if err != nil {
		return err
	}
	return p.json(options)
}

func (p *page) json(raw []byte) error {
	p.res.Header().Set("Content-Type", "application/json")
	_, err := p.res.Write(raw)
	return ignoreGone(p.req.Context(), err)
}

// newWay reads what somebody brings who gets a new way in.
func newWay(sent url.Values) account.New {
	n := account.New{Name: sent.Get("passkey-name")}
	switch sent.Get("way") {
	case "passkey":
		n.Passkey = sent.Get("passkey")
	case "provider":
		n.Provider = true
	default:
		n.Password, n.Secret, n.Code = sent.Get("password"), sent.Get("secret"), sent.Get("code")
	}
	return n
}

// checkWay refuses a passkey that no authenticator answered for.
func checkWay(sent url.Values) error {
	if sent.Get("way") != "passkey" || sent.Get("passkey") != "" {
		return nil
	}
	var f form.Fields
	f.Line("name", sent.Get("name"), 2, 200)
	if err := f.Err(); sent.Has("name") && err != nil {
		return err
	}
	f.Add("passkey", "passkey")
	return f.Err()
}

// wayIn is how somebody who holds a link wants to come in from now on: what was chosen, else a passkey where there can be
// one.
func (p *page) wayIn(chosen string) string {
	if chosen != "password" && p.site.SignIn.Passkeys(p.req) {
		return "passkey"
	}
	return "password"
}

// blank leaves out what was typed: a code counts once.
func blank(i ui.Input) ui.Input {
	i.Value = ""
	return i
}
