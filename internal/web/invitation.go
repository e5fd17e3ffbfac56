package web

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"gevor/account"
	"gevor/authz"
	"gevor/fault"
	"gevor/form"
	"gevor/organisation"
)

// joinView is what the page of an invitation shows.
type joinView struct {
	organisation.Invitation
	house   string
	secret  string
	form    entry
	problem string
	held    string // address at a provider from where the reader just came back
	way     string // in which is shown: passkey, password or provider
	app     account.Proposal
}

// deadLink shows why a link does not count. One that never was and one that was withdrawn read the same.
func (p *page) deadLink(err error, room string) error {
	status, key := http.StatusNotFound, "unknown"
	switch fault.KindOf(err) {
	case fault.Conflict:
		status, key = http.StatusGone, "used"
	case fault.Stale:
		status, key = http.StatusGone, "expired"
	case fault.NotFound:
	default:
		return err
	}
	return p.render(status, p.T("signin.link."+room, nil), deadLinkPage(p, room, key))
}

func (p *page) invited() (joinView, error) {
	v := joinView{secret: p.req.PathValue("secret")}
	var err error
	v.Invitation, v.house, err = p.site.SignIn.Invitation(p.req.Context(), v.secret)
	if err != nil {
		return v, errDead{err}
	}
	p.allowProviders()
	v.held, v.way = p.site.SignIn.Held(p.req, v.secret), p.wayIn(p.first("way"))
	if v.held != "" && p.first("way") == "" {
		v.way = "provider"
	}
	return v, nil
}

// errDead says that a link does not count; why, says its cause.
type errDead struct{ error }

// Unwrap gives the cause.
func (e errDead) Unwrap() error { return e.error }

// orDead shows the page of a link that does not count where that is what went wrong.
func (p *page) orDead(err error, room string) error {
	if dead, ok := errors.AsType[errDead](err); ok {
		return p.deadLink(dead.error, room)
	}
	return err
}

func join(p *page) error {
	v, err := p.invited()
	if err != nil {
		return p.orDead(err, "invitation")
	}
	v.form, v.app = p.entry("signin", url.Values{}, nil), p.site.SignIn.Propose(v.Email, "")
	return p.render(http.StatusOK, p.T("signin.join_title", with{"House": v.house}), joinPage(p, v))
}

func joinSend(p *page) error {
	v, err := p.invited()
	if err != nil {
		return p.orDead(err, "invitation")
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	if sent.Get("way") == "account" && p.actor.SignedIn() {
		at, err := p.site.Accounts.Join(p.req.Context(), p.actor, p.now(), v.secret)
		if err != nil {
			return p.deadLink(err, "invitation")
		}
		return p.done(p.path("organisation", string(at)), "joined")
	}
	if err = checkWay(sent); err == nil {
		person := organisation.Person{Name: sent.Get("name"), Language: p.Lang()}
		err = p.site.SignIn.JoinAsNew(p.req, v.secret, person, newWay(sent))
	}
	if err == nil {
		return p.done(p.path("account-codes"), "welcome")
	}
	title := p.T("signin.join_title", with{"House": v.house})
	v.app, v.way = p.site.SignIn.Propose(v.Email, sent.Get("secret")), sent.Get("way")
	return p.notTaken(err, sent, title, func(f entry, problem string) templ.Component {
		v.form, v.problem = f, problem
		return joinPage(p, v)
	})
}

// notTaken shows a form again whose fields, or whose credentials, cannot be taken.
func (p *page) notTaken(err error, sent url.Values, title string, show func(f entry, problem string) templ.Component) error {
	f := p.entry("signin", sent, err)
	if fault.KindOf(err) == fault.Conflict {
		return p.render(http.StatusConflict, title, show(f, p.T("signin.has_account", nil)))
	}
	if len(form.Of(err)) > 0 {
		return p.render(http.StatusUnprocessableEntity, title, show(f, ""))
	}
	return p.turnedAway(err, title, func(problem string) templ.Component { return show(f, problem) })
}

func joinByProvider(p *page) error {
	v, err := p.invited()
	if err != nil {
		return p.orDead(err, "invitation")
	}
	return p.away(p.path("invitation", v.secret), authz.Public(), v.secret)
}

// regainView is what the page of a recovery shows.
type regainView struct {
	account.Recovery
	secret  string
	form    entry
	problem string
	way     string // in which is shown: passkey or password
	app     account.Proposal
}

func (p *page) recovery() (regainView, error) {
	v := regainView{secret: p.req.PathValue("secret")}
	var err error
	if v.Recovery, err = p.site.SignIn.Recovery(p.req.Context(), v.secret); err != nil {
		return v, errDead{err}
	}
	v.way = p.wayIn(p.first("way"))
	return v, nil
}

func regain(p *page) error {
	v, err := p.recovery()
	if err != nil {
		return p.orDead(err, "recovery")
	}
	v.form, v.app = p.entry("signin", url.Values{}, nil), p.site.SignIn.Propose(v.Email, "")
	return p.render(http.StatusOK, p.T("signin.regain_title", nil), regainPage(p, v))
}

func regainSend(p *page) error {
	v, err := p.recovery()
	if err != nil {
		return p.orDead(err, "recovery")
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	if err = checkWay(sent); err == nil {
		err = p.site.SignIn.Recover(p.req, v.secret, newWay(sent))
	}
	if err == nil {
		return p.done(p.path("account-codes"), "regained")
	}
	v.app, v.way = p.site.SignIn.Propose(v.Email, sent.Get("secret")), sent.Get("way")
	return p.notTaken(err, sent, p.T("signin.regain_title", nil), func(f entry, problem string) templ.Component {
		v.form, v.problem = f, problem
		return regainPage(p, v)
	})
}
