package signin

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"gevor/account"
	"gevor/authz"
	"gevor/fault"
)

// Provider is a provider of OpenID Connect.
type Provider struct {
	Key          string // in addresses: letters and digits
	Label        string // on the button
	Issuer       string
	ClientID     string
	ClientSecret string
}

// provider asks what a provider says of itself once somebody wants it, so that one that is out of reach keeps nothing
// else from working.
type provider struct {
	Provider
	mu    sync.Mutex
	found *oidc.Provider
}

// algorithms are the signatures that are believed. "none" and shared secrets are not among them, whatever a provider
// says of itself.
func algorithms() []string {
	return []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.EdDSA}
}

const (
	maxAnswer   = 1 << 20 // bytes of what a provider may say
	answerAfter = 10 * time.Second
	// issuedSlack is how far the clock of a provider may be ahead of ours.
	issuedSlack = 5 * time.Minute
)

// providerClient fetches with limits and follows no redirect: what a provider says of itself names every address.
func providerClient() *http.Client {
	return &http.Client{
		Timeout:       answerAfter,
		Transport:     limited{http.DefaultTransport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

type limited struct{ http.RoundTripper }

// RoundTrip cuts what is answered off at maxAnswer.
func (l limited) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := l.RoundTripper.RoundTrip(r)
	if err == nil {
		res.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(res.Body, maxAnswer), res.Body}
	}
	return res, err
}

func (d *Doors) client(ctx context.Context) context.Context { return oidc.ClientContext(ctx, d.Client) }

// get gives what the provider says of itself. The keys it names are fetched when they are needed, with a context of
// their own: they outlive the request.
func (p *provider) get(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found != nil {
		return p.found, nil
	}
	found, err := oidc.NewProvider(context.WithoutCancel(ctx), p.Issuer)
	if err != nil {
		return nil, fault.Wrap(fault.Busy, p.Label, "does not answer as it should", "try again later, or sign in another way", err)
	}
	p.found = found
	return found, nil
}

func (d *Doors) provider(key string) (*provider, error) {
	i := slices.IndexFunc(d.providers, func(p *provider) bool { return p.Key == key })
	if i < 0 {
		return nil, fault.New(fault.NotFound, "provider", "does not exist", "")
	}
	return d.providers[i], nil
}

// Named gives the providers, as pages show them.
func (d *Doors) Named() []account.Provider {
	out := make([]account.Provider, len(d.providers))
	for i, p := range d.providers {
		out[i] = account.Provider{Key: p.Key, Label: p.Label}
		if u, err := url.Parse(p.Issuer); err == nil {
			out[i].Origin = u.Scheme + "://" + u.Host
		}
	}
	return out
}

// LabelOf gives the words for a provider that somebody is connected to.
func (d *Doors) LabelOf(issuer string) string {
	for _, p := range d.providers {
		if p.Issuer == issuer {
			return p.Label
		}
	}
	return issuer
}

// journey is what is remembered of somebody who went to a provider. It is used once.
type journey struct {
	Provider, State, Nonce, Verifier string
	Purpose                          string
	Back                             string // address of a page here
	Until                            int64  // seconds since 1970
}

// ReturnPath is where providers send people back to; the address of the installation stands before it.
func ReturnPath(key string) string { return "/signin/oidc/" + key }

func (d *Doors) oauth(r *http.Request, p *provider, found *oidc.Provider) (*oauth2.Config, error) {
	origin, err := d.origin(r)
	if err != nil {
		return nil, err
	}
	return &oauth2.Config{
		ClientID: p.ClientID, ClientSecret: p.ClientSecret, Endpoint: found.Endpoint(), RedirectURL: origin + ReturnPath(p.Key), Scopes: []string{oidc.ScopeOpenID, "email"},
	}, nil
}

// GoToProvider gives the address at a provider where somebody signs in. back is the page here they come back to. An
// actor connects the account there with theirs; secret is that of an invitation; with neither they sign in.
func (d *Doors) GoToProvider(r *http.Request, key, back string, actor authz.Actor, secret string) (string, error) {
	p, err := d.provider(key)
	if err != nil {
		return "", err
	}
	purpose := forSignIn
	switch {
	case secret != "":
		purpose = forLink(secret)
	case actor.SignedIn():
		if err := d.mustBeFresh(r); err != nil {
			return "", err
		}
		purpose = forAccount(actor.Person)
	}
	found, err := p.get(d.client(r.Context()))
	if err != nil {
		return "", err
	}
	o, err := d.oauth(r, p, found)
	if err != nil {
		return "", err
	}
	j := journey{key, rand.Text(), rand.Text(), oauth2.GenerateVerifier(), purpose, back, d.now().Add(anonymous).Unix()}
	raw, err := json.Marshal(j)
	if err != nil {
		return "", err
	}
	d.put(r, keyProvider, string(raw))
	return o.AuthCodeURL(j.State, oidc.Nonce(j.Nonce), oauth2.S256ChallengeOption(j.Verifier)), nil
}

// BackFromProvider takes what a provider sent somebody back with, and gives the page to go on to. Who is connected is
// signed in; an actor who asked for it is connected; for an invitation the session remembers who they are there. A
// refusal is Denied.
func (d *Doors) BackFromProvider(r *http.Request, key string, actor authz.Actor) (back string, err error) {
	p, err := d.provider(key)
	if err != nil {
		return "", err
	}
	j, err := d.journeyOf(r, key)
	if err != nil {
		return "", denied(err)
	}
	identity, verified, err := d.identity(r, p, j)
	if err != nil {
		return "", err
	}
	switch j.Purpose {
	case forSignIn:
		who, err := d.Keeper.UnsafeIdentity(r.Context(), identity.Issuer, identity.Subject)
		if err != nil {
			return "", refused(err)
		}
		return j.Back, d.begin(r, who, account.ByProvider)
	case forAccount(actor.Person):
		if !verified {
			return "", denied(errUnverified)
		}
		return j.Back, d.change(r, actor, account.Change{AddIdentity: &identity})
	}
	if !verified || !strings.HasPrefix(j.Purpose, "link ") {
		return "", denied(errUnverified)
	}
	raw, err := json.Marshal(held{identity, j.Purpose, j.Until})
	if err != nil {
		return "", err
	}
	d.put(r, keyIdentity, string(raw))
	return j.Back, nil
}

var (
	errJourney    = errors.New("nobody went to this provider from here, or it is too long ago")
	errUnverified = errors.New("the provider has not verified the address")
)

func (d *Doors) journeyOf(r *http.Request, key string) (j journey, err error) {
	raw := d.sessions.PopString(r.Context(), keyProvider)
	if raw == "" {
		return j, errJourney
	}
	if err := json.Unmarshal([]byte(raw), &j); err != nil {
		return j, err
	}
	if j.Provider != key || d.now().Unix() >= j.Until || !same(r.URL.Query().Get("state"), j.State) {
		return j, errJourney
	}
	return j, nil
}

// identity turns the code that somebody came back with into who they are there.
func (d *Doors) identity(r *http.Request, p *provider, j journey) (i account.Identity, verified bool, err error) {
	q := r.URL.Query()
	if q.Get("error") != "" || q.Get("code") == "" {
		return i, false, denied(fmt.Errorf("the provider answered %q", q.Get("error")))
	}
	ctx := d.client(r.Context())
	found, err := p.get(ctx)
	if err != nil {
		return i, false, err
	}
	// A provider that says who it is must be the one that was asked (RFC 9207).
	if iss := q.Get("iss"); iss != "" && iss != p.Issuer {
		return i, false, denied(errors.New("the answer names another issuer"))
	}
	o, err := d.oauth(r, p, found)
	if err != nil {
		return i, false, err
	}
	token, err := o.Exchange(ctx, q.Get("code"), oauth2.VerifierOption(j.Verifier))
	if err != nil {
		return i, false, denied(err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return i, false, denied(errors.New("the provider gave no ID token"))
	}
	return d.read(ctx, p, found, raw, j.Nonce)
}

// read verifies an ID token (OpenID Connect Core 1.0, 3.1.3.7).
func (d *Doors) read(ctx context.Context, p *provider, found *oidc.Provider, raw, nonce string) (i account.Identity, verified bool, err error) {
	t, err := found.VerifierContext(ctx, &oidc.Config{ClientID: p.ClientID, SupportedSigningAlgs: algorithms(), Now: d.Now}).Verify(ctx, raw)
	if err != nil {
		return i, false, denied(err)
	}
	var claims struct {
		Email    string `json:"email"`
		Verified bool   `json:"email_verified"`
		Party    string `json:"azp"`
	}
	if err := t.Claims(&claims); err != nil {
		return i, false, denied(err)
	}
	switch {
	case !same(t.Nonce, nonce):
		return i, false, denied(errors.New("the token has another nonce"))
	case t.Subject == "":
		return i, false, denied(errors.New("the token names nobody"))
	case len(t.Audience) > 1 && claims.Party == "", claims.Party != "" && claims.Party != p.ClientID:
		return i, false, denied(errors.New("the token was made for another client"))
	case t.IssuedAt.After(d.now().Add(issuedSlack)):
		return i, false, denied(errors.New("the token comes from the future"))
	}
	return account.Identity{Issuer: t.Issuer, Subject: t.Subject, Email: claims.Email}, claims.Verified && claims.Email != "", nil
}

// held is what a provider said of somebody who holds a link.
type held struct {
	Identity account.Identity
	Purpose  string
	Until    int64
}

func (d *Doors) holds(raw, purpose string) (*account.Identity, error) {
	var h held
	if raw == "" {
		return nil, denied(errJourney)
	}
	if err := json.Unmarshal([]byte(raw), &h); err != nil {
		return nil, err
	}
	if h.Purpose != purpose || d.now().Unix() >= h.Until {
		return nil, denied(errJourney)
	}
	return &h.Identity, nil
}

// heldIdentity gives what the session remembers of a provider's answer, once.
func (d *Doors) heldIdentity(r *http.Request, purpose string) (*account.Identity, error) {
	return d.holds(d.sessions.PopString(r.Context(), keyIdentity), purpose)
}

// Held gives the address at a provider with which the holder of a link came back, empty where there is none.
func (d *Doors) Held(r *http.Request, secret string) string {
	i, err := d.holds(d.get(r, keyIdentity), forLink(secret))
	if err != nil {
		return ""
	}
	return i.Email
}
