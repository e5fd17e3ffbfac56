package signin_test

import (
	"context"
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"gevor/account"
	"gevor/authz"
	"gevor/fault"
	"gevor/internal/signin"
	"gevor/organisation"
)

// peer is a small provider of OpenID Connect that can be told to lie.
type peer struct {
	*httptest.Server
	key, other *rsa.PrivateKey
	now        func() time.Time
	codes      map[string]grant

	// lie changes the claims, or the head, of the next ID token.
	lie  func(head, claims map[string]any)
	sign func(p *peer, head, claims map[string]any) string
	// issuer is what the provider says it is called, where that is not its address.
	issuer string
}

type grant struct{ nonce, challenge, redirect string }

func newPeer(t *testing.T, now func() time.Time) *peer {
	t.Helper()
	p := &peer{now: now, codes: map[string]grant{}, sign: signed}
	var err error
	p.key, err = rsa.GenerateKey(rand.Reader, 2048)
	ok(t, err)
	p.other, err = rsa.GenerateKey(rand.Reader, 2048)
	ok(t, err)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		issuer := p.URL
		if p.issuer != "" {
			issuer = p.issuer
		}
		answer(w, map[string]any{
			"issuer": issuer, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256", "none", "HS256"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		b := func(x []byte) string { return base64.RawURLEncoding.EncodeToString(x) }
		answer(w, map[string]any{"keys": []any{map[string]any{"kty": "RSA", "kid": "k", "alg": "RS256", "use": "sig", "n": b(p.key.N.Bytes()), "e": b([]byte{1, 0, 1})}}})
	})
	mux.HandleFunc("POST /token", p.token)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func answer(w http.ResponseWriter, x any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(x); err != nil {
		panic(err)
	}
}

// consent is what happens at the provider: somebody signs in there and comes back with a code and the state.
func (p *peer) consent(t *testing.T, to string) url.Values {
	t.Helper()
	u, err := url.Parse(to)
	ok(t, err)
	q := u.Query()
	if q.Get("code_challenge_method") != "S256" || q.Get("nonce") == "" || q.Get("state") == "" || q.Get("response_type") != "code" {
		t.Errorf("the request lacks what protects it: %s", to)
	}
	code := rand.Text()
	p.codes[code] = grant{q.Get("nonce"), q.Get("code_challenge"), q.Get("redirect_uri")}
	return url.Values{"code": {code}, "state": {q.Get("state")}}
}

func (p *peer) token(w http.ResponseWriter, r *http.Request) {
	g, known := p.codes[r.FormValue("code")]
	delete(p.codes, r.FormValue("code"))
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if !known || base64.RawURLEncoding.EncodeToString(sum[:]) != g.challenge || r.FormValue("redirect_uri") != g.redirect {
		w.WriteHeader(http.StatusBadRequest)
		answer(w, map[string]any{"error": "invalid_grant"})
		return
	}
	head := map[string]any{"alg": "RS256", "kid": "k"}
	claims := map[string]any{
		"iss": p.URL, "sub": "u-4711", "aud": "gevor", "nonce": g.nonce, "iat": p.now().Unix(), "exp": p.now().Add(time.Minute).Unix(),
		"email": "neu@ost.example", "email_verified": true,
	}
	if p.lie != nil {
		p.lie(head, claims)
	}
	answer(w, map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": p.sign(p, head, claims)})
}

func parts(head, claims map[string]any) string {
	b := func(x any) string {
		raw, err := json.Marshal(x)
		if err != nil {
			panic(err)
		}
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	return b(head) + "." + b(claims)
}

func by(key *rsa.PrivateKey, text string) string {
	sum := sha256.Sum256([]byte(text))
	sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		panic(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(sig)
}

func signed(p *peer, head, claims map[string]any) string { return by(p.key, parts(head, claims)) }

func withPeer(p *peer) func(*signin.Options) {
	return func(o *signin.Options) {
		o.Providers = []signin.Provider{{Key: "stadt", Label: "Stadtkonto", Issuer: p.URL, ClientID: "gevor", ClientSecret: "s"}}
	}
}

// goes sends a browser to the provider and gives what it comes back with.
func (b *browser) goes(p *peer, actor authz.Actor, secret string) (url.Values, error) {
	b.w.t.Helper()
	var to string
	err := b.do(func(r *http.Request) (err error) {
		to, err = b.d.GoToProvider(r, "stadt", "/de/", actor, secret)
		return err
	})
	if err != nil {
		return nil, err
	}
	return p.consent(b.w.t.(*testing.T), to), nil
}

func (b *browser) back(q url.Values, actor authz.Actor) error {
	return b.ask("/signin/oidc/stadt?"+q.Encode(), func(r *http.Request) error {
		_, err := b.d.BackFromProvider(r, "stadt", actor)
		return err
	})
}

func connected(t *testing.T) (*town, *peer, person) {
	t.Helper()
	w := newTown(t).founded()
	p := newPeer(t, w.now)
	w.doors = w.server(withPeer(p))
	anna := w.joins("anna", authz.OrganisationAdmin)
	b := w.browser("192.0.2.1")
	b.in(anna)
	q, err := b.goes(p, b.actor(anna.id), "")
	ok(t, err)
	ok(t, b.back(q, b.actor(anna.id)))
	return w, p, anna
}

func TestProviderSignsIn(t *testing.T) {
	w, p, anna := connected(t)
	b := w.browser("192.0.2.2")
	q, err := b.goes(p, authz.Public(), "")
	ok(t, err)
	ok(t, b.back(q, authz.Public()))
	if b.who() != anna.id {
		t.Fatal("who is connected is not in")
	}
	refused(t, "the same answer again", w.browserWith(b).back(q, authz.Public()), fault.Denied)
	// A code and state that somebody else was given do not count in this browser: no signing in of victims as the attacker.
	attacker, victim := w.browser("198.51.100.1"), w.browser("192.0.2.3")
	theirs, err := attacker.goes(p, authz.Public(), "")
	ok(t, err)
	refused(t, "an answer that another browser fetched", victim.back(theirs, authz.Public()), fault.Denied)
	own, err := victim.goes(p, authz.Public(), "")
	ok(t, err)
	own.Set("code", theirs.Get("code"))
	refused(t, "another one's code with one's own state", victim.back(own, authz.Public()), fault.Denied)
	if victim.who() != "" {
		t.Error("the victim is in")
	}
}

func (w *town) browserWith(b *browser) *browser {
	c := *b
	c.cookies = maps.Clone(b.cookies)
	return &c
}

func TestProviderAnswersThatAreRefused(t *testing.T) {
	w, p, anna := connected(t)
	claim := func(name string, value any) func(_, c map[string]any) {
		return func(_, c map[string]any) { c[name] = value }
	}
	for what, c := range map[string]struct {
		lie  func(head, claims map[string]any)
		sign func(*peer, map[string]any, map[string]any) string
		back func(url.Values)
	}{
		"wrong nonce":                   {lie: claim("nonce", "another")},
		"no nonce":                      {lie: func(_, c map[string]any) { delete(c, "nonce") }},
		"wrong issuer":                  {lie: claim("iss", "https://elsewhere.example")},
		"wrong audience":                {lie: claim("aud", "another-client")},
		"two audiences, none named":     {lie: claim("aud", []string{"gevor", "another"})},
		"made for another party":        {lie: claim("azp", "another")},
		"expired":                       {lie: claim("exp", w.now().Add(-time.Minute).Unix())},
		"no expiry":                     {lie: func(_, c map[string]any) { delete(c, "exp") }},
		"from the future":               {lie: claim("iat", w.now().Add(time.Hour).Unix())},
		"nobody named":                  {lie: claim("sub", "")},
		"somebody who is not connected": {lie: claim("sub", "u-9999")},
		"alg none": {lie: func(h, _ map[string]any) { h["alg"] = "none" }, sign: func(_ *peer, h, c map[string]any) string {
			return parts(h, c) + "."
		}},
		"signed with the public key as a secret": {lie: func(h, _ map[string]any) { h["alg"] = "HS256" }, sign: func(p *peer, h, c map[string]any) string {
			m := hmac.New(sha256.New, p.key.N.Bytes())
			m.Write([]byte(parts(h, c)))
			return parts(h, c) + "." + base64.RawURLEncoding.EncodeToString(m.Sum(nil))
		}},
		"signed with the client's secret": {lie: func(h, _ map[string]any) { h["alg"] = "HS256" }, sign: func(_ *peer, h, c map[string]any) string {
			m := hmac.New(sha256.New, []byte("s"))
			m.Write([]byte(parts(h, c)))
			return parts(h, c) + "." + base64.RawURLEncoding.EncodeToString(m.Sum(nil))
		}},
		"wrong key": {sign: func(p *peer, h, c map[string]any) string { return by(p.other, parts(h, c)) }},
		"claims changed after signing": {sign: func(p *peer, h, c map[string]any) string {
			s := signed(p, h, c)
			c["sub"] = "x"
			return parts(h, c) + s[len(parts(h, c)):]
		}},
		"no token":                    {sign: func(*peer, map[string]any, map[string]any) string { return "" }},
		"wrong state":                 {back: func(q url.Values) { q.Set("state", "another") }},
		"no state":                    {back: func(q url.Values) { q.Del("state") }},
		"wrong code":                  {back: func(q url.Values) { q.Set("code", "another") }},
		"no code":                     {back: func(q url.Values) { q.Del("code") }},
		"an answer in another's name": {back: func(q url.Values) { q.Set("iss", "https://elsewhere.example") }},
		"the person refused":          {back: func(q url.Values) { q.Set("error", "access_denied") }},
	} {
		t.Run(what, func(t *testing.T) {
			p.lie, p.sign = c.lie, signed
			if c.sign != nil {
				p.sign = c.sign
			}
			b := w.browser("192.0.2.9")
			q, err := b.goes(p, authz.Public(), "")
			ok(t, err)
			if c.back != nil {
				c.back(q)
			}
			refused(t, what, b.back(q, authz.Public()), fault.Denied)
			if b.who() != "" {
				t.Error("somebody is in")
			}
			p.lie, p.sign = nil, signed // the twin: the same browser, told the truth
			q, err = b.goes(p, authz.Public(), "")
			ok(t, err)
			ok(t, b.back(q, authz.Public()))
			if b.who() != anna.id {
				t.Error("the truth is refused, too")
			}
		})
	}
	b := w.browser("192.0.2.9")
	q, err := b.goes(p, authz.Public(), "")
	ok(t, err)
	w.move(16 * time.Minute)
	refused(t, "an answer that took too long", b.back(q, authz.Public()), fault.Denied)
}

func TestAProviderThatLiesAboutItsNameIsNotAsked(t *testing.T) {
	w := newTown(t).founded()
	p := newPeer(t, w.now)
	p.issuer = "https://elsewhere.example"
	w.doors = w.server(withPeer(p))
	_, err := w.browser("192.0.2.1").goes(p, authz.Public(), "")
	refused(t, "another issuer", err, fault.Busy)
}

// An address alone connects nobody: it takes the explicit act of the person, or an invitation to that very address, and
// in both cases an address that the provider verified.
func TestProvidersConnectByVerifiedAddressAndExplicitActOnly(t *testing.T) {
	w := newTown(t).founded()
	p := newPeer(t, w.now)
	w.doors = w.server(withPeer(p))
	anna := w.joins("neu", authz.OrganisationAdmin) // neu@ost.example, as the provider says
	b := w.browser("192.0.2.1")
	q, err := b.goes(p, authz.Public(), "")
	ok(t, err)
	refused(t, "the same address at the provider", b.back(q, authz.Public()), fault.Denied)

	b.in(anna)
	actor := b.actor(anna.id)
	unverified := func(_, c map[string]any) { c["email_verified"] = false }
	p.lie = unverified
	q, err = b.goes(p, actor, "")
	ok(t, err)
	refused(t, "connecting an unverified address", b.back(q, actor), fault.Denied)
	p.lie = nil
	q, err = b.goes(p, actor, "")
	ok(t, err)
	refused(t, "connecting as somebody else", b.back(q, authz.Actor{Person: "p-other"}), fault.Denied)
	w.move(20 * time.Minute)
	_, err = b.goes(p, actor, "")
	refused(t, "connecting long after signing in", err, fault.Denied)
	b.in(anna)
	q, err = b.goes(p, actor, "")
	ok(t, err)
	ok(t, b.back(q, actor))

	accept := func(email string, lie func(_, c map[string]any)) error {
		secret := w.invited(email, w.east, authz.Editor)
		c := w.browser("192.0.2.2")
		p.lie = lie
		q, err := c.goes(p, authz.Public(), secret)
		ok(t, err)
		if err := c.back(q, authz.Public()); err != nil {
			return err
		}
		return c.do(func(r *http.Request) error {
			return w.doors.JoinAsNew(r, secret, organisation.Person{Name: "Wer Auch", Language: "de"}, account.New{Provider: true})
		})
	}
	as := func(email, sub string, verified bool) func(_, c map[string]any) {
		return func(_, c map[string]any) { c["email"], c["sub"], c["email_verified"] = email, sub, verified }
	}
	refused(t, "an invitation to another address", accept("wer@ost.example", as("fremd@else.example", "u-1", true)), fault.Denied)
	refused(t, "an invitation with an unverified address", accept("wer@ost.example", as("wer@ost.example", "u-1", false)), fault.Denied)
	refused(t, "an account that is connected already", accept("wer@ost.example", as("wer@ost.example", "u-4711", true)), fault.Conflict)
	ok(t, accept("wer@ost.example", as("WER@ost.example", "u-1", true)))
	who, err := w.UnsafeIdentity(context.Background(), p.URL, "u-1")
	ok(t, err)
	if found, err := w.UnsafePersonByEmail(t.Context(), "wer@ost.example"); err != nil || found.ID != who {
		t.Error(fmt.Sprint("the new account is not connected: ", err))
	}
}
