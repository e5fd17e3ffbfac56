package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"gevor/authz"
	"gevor/fault"
	"gevor/organisation"
)

// Doors tells who is behind a request.
type Doors interface {
	// Wrap loads the session before a request and keeps it afterwards.
	Wrap(http.Handler) http.Handler
	// Person gives who is signed in, and the epoch of their session; empty where nobody is.
	Person(*http.Request) (authz.PersonID, int)
	// SignOut ends the session of a request.
	SignOut(*http.Request) error
	// Acts renews the token of a session where what the person may do has changed since the last request.
	Acts(*http.Request, authz.Actor) error
}

// Rights is what every page asks before it shows or does anything.
type Rights interface {
	// May gives nil where the actor may do this; NotFound for what must look absent, Denied otherwise.
	May(actor authz.Actor, do authz.Action, o authz.Object) error
	// AtlasObject gives the served atlas of a region as an object of rights.
	AtlasObject(ctx context.Context, region string) (authz.Object, error)
	// UnsafeActor gives the actor of a person as it stands now, NotFound where the person is gone or blocked.
	UnsafeActor(ctx context.Context, id authz.PersonID) (authz.Actor, organisation.Person, error)
}

// enter finds out who asks. A session of an earlier epoch, or of somebody who is gone, is over.
func (p *page) enter() error {
	if p.site.Doors == nil || p.site.Houses == nil {
		return nil
	}
	id, epoch := p.site.Doors.Person(p.req)
	if id == "" {
		return nil
	}
	actor, person, err := p.site.Houses.UnsafeActor(p.req.Context(), id)
	if fault.KindOf(err) == fault.NotFound || err == nil && person.Epoch != epoch {
		return p.site.Doors.SignOut(p.req)
	}
	if err != nil {
		return err
	}
	p.actor, p.person = actor, person
	return p.site.Doors.Acts(p.req, actor)
}

// mustSignIn says whether the page is for people with a name and nobody has given one. It looks at the route alone, so
// that a thing that exists and one that does not answer alike.
func (p *page) mustSignIn() bool {
	return !p.actor.SignedIn() && !publicCould(p.route)
}

// publicCould says whether the table of rights ever opens a route to the anonymous public.
func publicCould(r *Route) bool {
	return authz.Decide(authz.Public(), r.Access.Action, authz.Object{Kind: r.Access.Kind, Released: authz.Release{Level: authz.PublicLevel}}) == authz.Allowed
}

// toSignIn leads to the page where one signs in, and from there back. What was sent is not kept.
func (p *page) toSignIn() {
	to := p.site.byName["sign-in"]
	if to == nil {
		p.fail(p.absent())
		return
	}
	address := to.Path(p.Lang())
	if p.req.Method == http.MethodGet {
		address += "?" + url.Values{"next": {p.req.URL.RequestURI()}}.Encode()
	}
	p.res.Header().Set("Cache-Control", "no-store")
	http.Redirect(p.res, p.req, address, http.StatusSeeOther)
}

// next is the address of this installation a form leads back to; the start page where the value leads elsewhere.
func (p *page) next(value string) string {
	u, err := url.Parse(value)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(value, "/") || strings.HasPrefix(value, "//") || strings.ContainsAny(value, "\\\r\n") {
		return p.path(p.beginning())
	}
	return value
}

// may asks the table of rights on behalf of the reader.
func (p *page) may(do authz.Action, o authz.Object) error {
	if p.site.Houses == nil {
		return p.absent()
	}
	return p.site.Houses.May(p.actor, do, o)
}

// can is may as templates need it.
func (p *page) can(do authz.Action, o authz.Object) bool { return p.may(do, o) == nil }

// mayAtlas says whether the reader may see the served run.
func (p *page) mayAtlas() error {
	if p.site.Houses == nil || p.run == nil {
		return nil
	}
	o, err := p.site.Houses.AtlasObject(p.req.Context(), p.run.Region)
	if err != nil {
		return err
	}
	return p.may(authz.View, o)
}

// opens says whether the navigation shows the reader a route: where the table of rights allows it for the installation,
// for one of the reader's organisations, or for the reader.
func (p *page) opens(r *Route) bool {
	if r.Access.Kind == authz.Atlas {
		return p.mayAtlas() == nil
	}
	if publicCould(r) {
		return true
	}
	o := authz.Object{Kind: r.Access.Kind, Subject: p.actor.Person}
	if p.actor.SignedIn() && p.can(r.Access.Action, o) {
		return true
	}
	for _, m := range p.actor.Memberships {
		o.Owner = m.Organisation
		if p.can(r.Access.Action, o) {
			return true
		}
	}
	return false
}

// done leads to another page after something was done, which tells so: key is one of "web.done.".
func (p *page) done(to, key string) error {
	u, err := url.Parse(to)
	if err != nil {
		return err
	}
	q := u.Query()
	q.Set("done", key)
	u.RawQuery = q.Encode()
	http.Redirect(p.res, p.req, u.String(), http.StatusSeeOther)
	return nil
}

// maxForm is the size in bytes of a form without files.
const maxForm = 256 << 10

// form reads what was sent. TooLarge where it is longer than any form of these pages.
func (p *page) form() (url.Values, error) { return p.formUpTo(maxForm) }

// formUpTo reads what was sent, as long as a form of this kind may be.
func (p *page) formUpTo(most int64) (url.Values, error) {
	p.req.Body = http.MaxBytesReader(p.res, p.req.Body, most)
	if err := p.req.ParseForm(); err != nil {
		return nil, fault.Wrap(fault.TooLarge, p.req.URL.Path, "what was sent is too long or broken", "send less, or try again", err)
	}
	return p.req.PostForm, nil
}

// now is the time of the request.
func (p *page) now() time.Time { return p.site.Now() }
