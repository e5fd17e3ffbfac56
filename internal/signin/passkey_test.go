package signin_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"

	"gevor/account"
	"gevor/authz"
	"gevor/fault"
	"gevor/organisation"
)

// key is an authenticator with one passkey, made by the rules of WebAuthn and able to break them.
type key struct {
	private    *ecdsa.PrivateKey
	id, handle []byte
	counter    uint32
	counts     bool

	// How it breaks the rules.
	origin, host, challenge string
	unverified, absent      bool
}

func newKey(t testing.TB, counts bool) *key {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ok(t, err)
	a := &key{private: k, id: make([]byte, 32), counts: counts}
	rand.Read(a.id)
	return a
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

type options struct {
	PublicKey struct {
		Challenge string `json:"challenge"`
		RPID      string `json:"rpId"`
		RP        struct{ ID string }
		User      struct{ ID string }

		UserVerification       string `json:"userVerification"`
		AuthenticatorSelection struct{ ResidentKey, UserVerification string }
		ExcludeCredentials     []struct{ ID string }
		AllowCredentials       []struct{ ID string }
	} `json:"publicKey"`
}

func read(t testing.TB, raw []byte) (o options) {
	t.Helper()
	ok(t, json.Unmarshal(raw, &o))
	return o
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func (k *key) client(kind, challenge string) []byte {
	raw, err := json.Marshal(map[string]any{"type": kind, "challenge": or(k.challenge, challenge), "origin": or(k.origin, origin), "crossOrigin": false})
	if err != nil {
		panic(err)
	}
	return raw
}

func (k *key) data(rp string, attested []byte) []byte {
	sum := sha256.Sum256([]byte(or(k.host, rp)))
	flags := byte(0)
	if !k.absent {
		flags |= 0x01
	}
	if !k.unverified {
		flags |= 0x04
	}
	if attested != nil {
		flags |= 0x40
	}
	if k.counts {
		k.counter++
	}
	out := append(sum[:], flags)
	out = binary.BigEndian.AppendUint32(out, k.counter)
	return append(out, attested...)
}

// create answers an offer.
func (k *key) create(t testing.TB, raw []byte) string {
	t.Helper()
	o := read(t, raw)
	handle, err := base64.RawURLEncoding.DecodeString(o.PublicKey.User.ID)
	ok(t, err)
	k.handle = handle
	point, err := k.private.PublicKey.Bytes()
	ok(t, err)
	cose, err := webauthncbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})
	ok(t, err)
	attested := append(make([]byte, 16), 0, byte(len(k.id)))
	attested = append(append(attested, k.id...), cose...)
	object, err := webauthncbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": k.data(o.PublicKey.RP.ID, attested)})
	ok(t, err)
	return k.wrap(t, map[string]any{"clientDataJSON": b64(k.client("webauthn.create", o.PublicKey.Challenge)), "attestationObject": b64(object), "transports": []string{"internal"}})
}

// get answers a challenge.
func (k *key) get(t testing.TB, raw []byte) string {
	t.Helper()
	o := read(t, raw)
	client := k.client("webauthn.get", o.PublicKey.Challenge)
	data := k.data(o.PublicKey.RPID, nil)
	hash := sha256.Sum256(client)
	sum := sha256.Sum256(append(append([]byte{}, data...), hash[:]...))
	sig, err := ecdsa.SignASN1(rand.Reader, k.private, sum[:])
	ok(t, err)
	return k.wrap(t, map[string]any{"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(sig), "userHandle": b64(k.handle)})
}

func (k *key) wrap(t testing.TB, response map[string]any) string {
	t.Helper()
	raw, err := json.Marshal(map[string]any{"id": b64(k.id), "rawId": b64(k.id), "type": "public-key", "clientExtensionResults": map[string]any{}, "response": response})
	ok(t, err)
	return string(raw)
}

func (b *browser) asked(f func(*http.Request) ([]byte, error)) (raw []byte, err error) {
	err = b.do(func(r *http.Request) error {
		var e error
		raw, e = f(r)
		return e
	})
	return raw, err
}

// touches signs in with a key.
func (b *browser) touches(k *key) error {
	raw, err := b.asked(b.d.AskPasskey)
	if err != nil {
		return err
	}
	return b.do(func(r *http.Request) error { return b.d.ByPasskey(r, k.get(b.w.t, raw)) })
}

func (b *browser) adds(p person, k *key, name string) error {
	actor := b.actor(p.id)
	raw, err := b.asked(func(r *http.Request) ([]byte, error) { return b.d.OfferPasskey(r, actor) })
	if err != nil {
		return err
	}
	return b.do(func(r *http.Request) error {
		return b.d.Add(r, actor, account.New{Passkey: k.create(b.w.t, raw), Name: name})
	})
}

func keyed(t *testing.T) (*town, person, *key) {
	t.Helper()
	w := newTown(t).founded()
	anna := w.joins("anna", authz.OrganisationAdmin)
	b, k := w.browser("192.0.2.1"), newKey(t, true)
	b.in(anna)
	ok(t, b.adds(anna, k, "Diensthandy"))
	return w, anna, k
}

func TestPasskeysSignInByThemselves(t *testing.T) {
	w, anna, k := keyed(t)
	b := w.browser("192.0.2.2")
	raw, err := b.asked(w.doors.AskPasskey)
	ok(t, err)
	if o := read(t, raw); o.PublicKey.UserVerification != "required" || len(o.PublicKey.AllowCredentials) != 0 || o.PublicKey.RPID != "gevor.example" {
		t.Errorf("asked for %s", raw)
	}
	for range 3 {
		ok(t, b.touches(k))
	}
	if b.who() != anna.id {
		t.Fatal("nobody is in")
	}
	w.move(time.Second)       // keys stand in the order in which they were added
	still := newKey(t, false) // many authenticators count nothing
	ok(t, b.adds(anna, still, "Schlüssel am Bund"))
	for range 3 {
		ok(t, w.browser("192.0.2.3").touches(still))
	}
	offer, err := b.asked(func(r *http.Request) ([]byte, error) { return w.doors.OfferPasskey(r, b.actor(anna.id)) })
	ok(t, err)
	if o := read(t, offer); len(o.PublicKey.ExcludeCredentials) != 2 || o.PublicKey.AuthenticatorSelection.ResidentKey != "required" {
		t.Errorf("offered %s", offer)
	}
	c, err := w.doors.Credentials(t.Context(), b.actor(anna.id))
	ok(t, err)
	if len(c.Passkeys) != 2 || c.Passkeys[0].Name != "Diensthandy" || c.Passkeys[0].Used.IsZero() {
		t.Errorf("passkeys %+v", c.Passkeys)
	}
	drop := func(id string) error {
		return b.do(func(r *http.Request) error {
			return w.doors.Drop(r, b.actor(anna.id), account.Change{DropPasskey: id})
		})
	}
	ok(t, drop(c.Passkeys[0].ID))
	refused(t, "a removed passkey", w.browser("192.0.2.4").touches(k), fault.Denied)
	if b.who() != anna.id {
		t.Error("who removed it is out")
	}
	ok(t, b.do(func(r *http.Request) error {
		return w.doors.Drop(r, b.actor(anna.id), account.Change{DropPassword: true})
	}))
	refused(t, "removing the last way in", drop(c.Passkeys[1].ID), fault.Conflict)
	ok(t, w.browser("192.0.2.5").touches(still))
}

func TestPasskeyAnswersThatAreRefused(t *testing.T) {
	w, anna, k := keyed(t)
	for what, broken := range map[string]func(*key){
		"another origin":            func(k *key) { k.origin = "https://gevor.example.evil.example" },
		"plain HTTP":                func(k *key) { k.origin = "http://gevor.example" },
		"a subdomain":               func(k *key) { k.origin = "https://shop.gevor.example" },
		"another host":              func(k *key) { k.host = "evil.example" },
		"another challenge":         func(k *key) { k.challenge = b64(make([]byte, 32)) },
		"without user verification": func(k *key) { k.unverified = true },
		"without anybody present":   func(k *key) { k.absent = true },
		"a counter that stands":     func(k *key) { k.counter-- },
		"a counter that went back":  func(k *key) { k.counter -= min(k.counter, 3) },
		"a key that is not theirs": func(k *key) {
			k.private = newKey(t, true).private
		},
		"an unknown passkey": func(k *key) { k.id = make([]byte, 32) },
		"another handle":     func(k *key) { k.handle = make([]byte, 32) },
		"no handle":          func(k *key) { k.handle = nil },
	} {
		t.Run(what, func(t *testing.T) {
			bad := *k
			broken(&bad)
			b := w.browser("192.0.2.9")
			refused(t, what, b.touches(&bad), fault.Denied)
			if b.who() != "" {
				t.Error("somebody is in")
			}
			k.counter += 5
			ok(t, b.touches(k)) // the twin
			if b.who() != anna.id {
				t.Error("the right answer is refused, too")
			}
		})
	}
	b := w.browser("192.0.2.9")
	raw, err := b.asked(w.doors.AskPasskey)
	ok(t, err)
	answer := k.get(t, raw)
	again := w.browserWith(b)
	ok(t, b.do(func(r *http.Request) error { return w.doors.ByPasskey(r, answer) }))
	refused(t, "the same answer again", b.do(func(r *http.Request) error { return w.doors.ByPasskey(r, answer) }), fault.Denied)
	refused(t, "the same answer in a copy of the session from before", again.do(func(r *http.Request) error { return w.doors.ByPasskey(r, answer) }), fault.Denied)
	raw, err = b.asked(w.doors.AskPasskey)
	ok(t, err)
	w.move(16 * time.Minute)
	refused(t, "an answer that took too long", b.do(func(r *http.Request) error { return w.doors.ByPasskey(r, k.get(t, raw)) }), fault.Denied)
	refused(t, "an answer nobody asked for", w.browser("192.0.2.10").do(func(r *http.Request) error { return w.doors.ByPasskey(r, k.get(t, raw)) }), fault.Denied)
	refused(t, "no answer", w.browser("192.0.2.11").do(func(r *http.Request) error { return w.doors.ByPasskey(r, "{") }), fault.Denied)
}

func TestNewPasskeysAreHeldToTheRules(t *testing.T) {
	w, anna, _ := keyed(t)
	otto := w.joins("otto", authz.Editor)
	for what, broken := range map[string]func(*key){
		"another origin":            func(k *key) { k.origin = "https://evil.example" },
		"another host":              func(k *key) { k.host = "evil.example" },
		"another challenge":         func(k *key) { k.challenge = b64(make([]byte, 32)) },
		"without user verification": func(k *key) { k.unverified = true },
	} {
		b, k := w.browser("192.0.2.1"), newKey(t, true)
		b.in(anna)
		broken(k)
		refused(t, what, b.adds(anna, k, "x"), fault.Denied)
	}
	// A ceremony that was begun for one person does not end as another's, and none without having signed in just now.
	b, k := w.browser("192.0.2.1"), newKey(t, true)
	b.in(anna)
	raw, err := b.asked(func(r *http.Request) ([]byte, error) { return w.doors.OfferPasskey(r, b.actor(anna.id)) })
	ok(t, err)
	refused(t, "somebody else's ceremony", b.do(func(r *http.Request) error {
		return w.doors.Add(r, b.actor(otto.id), account.New{Passkey: k.create(t, raw)})
	}), fault.Denied)
	w.move(16 * time.Minute)
	refused(t, "long after signing in", b.adds(anna, newKey(t, true), "x"), fault.Denied)
	b.in(anna)
	ok(t, b.adds(anna, newKey(t, true), "x"))
	// By invitation: the passkey comes with the account.
	secret := w.invited("neu@ost.example", w.east, authz.Navigator)
	fresh, c := newKey(t, true), w.browser("192.0.2.2")
	raw, err = c.asked(func(r *http.Request) ([]byte, error) { return w.doors.OfferPasskeyByLink(r, secret, "Neu Hier") })
	ok(t, err)
	other := w.invited("anders@ost.example", w.east, authz.Navigator)
	answer := fresh.create(t, raw)
	refused(t, "the passkey of another invitation", w.browserWith(c).do(func(r *http.Request) error {
		return w.doors.JoinAsNew(r, other, organisation.Person{Name: "Neu Hier", Language: "de"}, account.New{Passkey: answer})
	}), fault.Denied)
	raw, err = c.asked(func(r *http.Request) ([]byte, error) { return w.doors.OfferPasskeyByLink(r, secret, "Neu Hier") })
	ok(t, err)
	ok(t, c.do(func(r *http.Request) error {
		return w.doors.JoinAsNew(r, secret, organisation.Person{Name: "Neu Hier", Language: "de"}, account.New{Passkey: fresh.create(t, raw)})
	}))
	if c.who() == "" {
		t.Error("who joined is not in")
	}
	ok(t, w.browser("192.0.2.3").touches(fresh))
}
