package signin

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"gevor/account"
	"gevor/authz"
	"gevor/fault"
	"gevor/form"
	"gevor/organisation"
)

// host gives the host of an origin, without its port.
func host(origin string) (string, error) {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || u.Path != "" || u.Scheme != "https" && u.Scheme != "http" {
		return "", fault.New(fault.Invalid, origin, "is no origin", "give https:// and the host, nothing behind it")
	}
	return u.Hostname(), nil
}

// origin is how the request's browser sees the installation. Without a configured one only localhost is believed, which
// no stranger can make a browser ask for.
func (d *Doors) origin(r *http.Request) (string, error) {
	if d.Origin != "" {
		return d.Origin, nil
	}
	name, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		name = r.Host
	}
	if name != "localhost" {
		return "", fault.New(fault.Conflict, "sign-in", "this needs the address under which people reach the installation", "set server.public_url")
	}
	return "http://" + r.Host, nil
}

// Passkeys says whether passkeys work for a request: their address must be known.
func (d *Doors) Passkeys(r *http.Request) bool {
	_, err := d.origin(r)
	return err == nil
}

func (d *Doors) party(r *http.Request) (*webauthn.WebAuthn, error) {
	origin, err := d.origin(r)
	if err != nil {
		return nil, err
	}
	name, err := host(origin)
	if err != nil {
		return nil, err
	}
	return webauthn.New(&webauthn.Config{
		RPID: name, RPDisplayName: d.Name, RPOrigins: []string{origin},
		AttestationPreference:  protocol.PreferNoAttestation, // which key somebody bought is not our business
		AuthenticatorSelection: protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(), UserVerification: protocol.VerificationRequired},
	})
}

// holder is a person as passkeys know it.
type holder struct {
	handle      []byte
	name, email string
	keys        []webauthn.Credential
}

// WebAuthnID is the name under which authenticators know the person: random bytes.
func (h holder) WebAuthnID() []byte { return h.handle }

// WebAuthnName is what authenticators show.
func (h holder) WebAuthnName() string { return h.email }

// WebAuthnDisplayName is what authenticators show.
func (h holder) WebAuthnDisplayName() string { return h.name }

// WebAuthnCredentials are the passkeys.
func (h holder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

// ceremony is a challenge that waits for its answer. It is used once, whatever the answer.
type ceremony struct {
	Purpose string
	Handle  []byte
	Until   int64 // seconds since 1970
	Data    webauthn.SessionData
}

func (d *Doors) await(r *http.Request, c ceremony) error {
	c.Until = d.now().Add(anonymous).Unix()
	raw, err := json.Marshal(c)
	if err != nil {
		return err
	}
	d.put(r, keyCeremony, string(raw))
	return nil
}

var errCeremony = errors.New("no such ceremony was begun here, or it is over")

func (d *Doors) awaited(r *http.Request, purpose string) (c ceremony, err error) {
	raw := d.sessions.PopString(r.Context(), keyCeremony)
	if raw == "" {
		return c, errCeremony
	}
	if err := json.Unmarshal([]byte(raw), &c); err != nil {
		return c, err
	}
	if c.Purpose != purpose || d.now().Unix() >= c.Until {
		return c, errCeremony
	}
	return c, nil
}

// AskPasskey begins to sign in with a passkey, and gives what the browser passes to its authenticator, as JSON.
func (d *Doors) AskPasskey(r *http.Request) ([]byte, error) {
	party, err := d.party(r)
	if err != nil {
		return nil, err
	}
	options, data, err := party.BeginDiscoverableLogin()
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "passkey", "cannot be asked for", "", err)
	}
	if err := d.await(r, ceremony{Purpose: forSignIn, Data: *data}); err != nil {
		return nil, err
	}
	return json.Marshal(options)
}

// ByPasskey signs in with what the authenticator answered. Who holds a passkey and was verified by it has shown both
// factors.
func (d *Doors) ByPasskey(r *http.Request, answer string) error {
	party, err := d.party(r)
	if err != nil {
		return err
	}
	c, err := d.awaited(r, forSignIn)
	if err != nil {
		return denied(err)
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(answer))
	if err != nil {
		return denied(err)
	}
	ctx := r.Context()
	id := base64.RawURLEncoding.EncodeToString(parsed.RawID)
	kept, who, err := d.Keeper.UnsafePasskey(ctx, id)
	if err != nil {
		return refused(err)
	}
	record, err := d.check(party, c.Data, parsed, kept)
	if err != nil {
		return denied(err)
	}
	if kept.Record, err = json.Marshal(record); err != nil {
		return err
	}
	kept.Counter = record.Authenticator.SignCount
	if err := d.Keeper.UnsafeUsePasskey(ctx, d.now(), kept); err != nil {
		return refused(err)
	}
	return d.begin(r, who, account.ByPasskey)
}

var errCounter = errors.New("the counter of the passkey did not rise: it may have been copied")

// check verifies an answer against the passkey that it names.
func (d *Doors) check(party *webauthn.WebAuthn, data webauthn.SessionData, parsed *protocol.ParsedCredentialAssertionData, kept account.Passkey) (*webauthn.Credential, error) {
	handle, err := hex.DecodeString(kept.Handle)
	if err != nil {
		return nil, err
	}
	var stored webauthn.Credential
	if err := json.Unmarshal(kept.Record, &stored); err != nil {
		return nil, err
	}
	stored.Authenticator.SignCount = kept.Counter
	owner := holder{handle: handle, keys: []webauthn.Credential{stored}}
	record, err := party.ValidateDiscoverableLogin(func(_, userHandle []byte) (webauthn.User, error) { return owner, nil }, data, parsed)
	if err != nil {
		return nil, err
	}
	if record.Authenticator.CloneWarning {
		return nil, errCounter
	}
	return record, nil
}

// OfferPasskey begins to make a passkey for the actor.
func (d *Doors) OfferPasskey(r *http.Request, actor authz.Actor) ([]byte, error) {
	if err := d.mustBeFresh(r); err != nil {
		return nil, err
	}
	p, err := d.Keeper.UnsafePerson(r.Context(), actor.Person)
	if err != nil {
		return nil, err
	}
	return d.offer(r, forAccount(actor.Person), p.ID, p.Name, p.Email)
}

// OfferPasskeyByLink begins to make a passkey for whoever holds the link of an invitation or a recovery.
func (d *Doors) OfferPasskeyByLink(r *http.Request, secret, name string) ([]byte, error) {
	ctx := r.Context()
	if rec, err := d.Keeper.UnsafeRecoveryOf(ctx, secret, d.now()); err == nil {
		return d.offer(r, forLink(secret), rec.Person, rec.Name, rec.Email)
	}
	i, _, err := d.Keeper.InvitationOf(ctx, secret, d.now())
	if err != nil {
		return nil, err
	}
	p, err := organisation.Person{Name: name, Email: i.Email}.Check()
	if err != nil {
		return nil, err
	}
	return d.offer(r, forLink(secret), "", p.Name, p.Email)
}

func (d *Doors) offer(r *http.Request, purpose string, who authz.PersonID, name, email string) ([]byte, error) {
	party, err := d.party(r)
	if err != nil {
		return nil, err
	}
	owner := holder{name: name, email: email, handle: make([]byte, 32)}
	rand.Read(owner.handle) // never fails: it ends the program instead
	if err := d.present(r.Context(), who, &owner); err != nil {
		return nil, err
	}
	options, data, err := party.BeginRegistration(owner, webauthn.WithExclusions(webauthn.Credentials(owner.keys).CredentialDescriptors()))
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "passkey", "cannot be made", "", err)
	}
	if err := d.await(r, ceremony{Purpose: purpose, Handle: owner.handle, Data: *data}); err != nil {
		return nil, err
	}
	return json.Marshal(options)
}

// present puts in the passkeys that somebody has, so that one authenticator does not get two.
func (d *Doors) present(ctx context.Context, who authz.PersonID, owner *holder) error {
	has, err := d.Keeper.UnsafeCredentials(ctx, who)
	if err != nil {
		return err
	}
	for _, k := range has.Passkeys {
		var c webauthn.Credential
		if err := json.Unmarshal(k.Record, &c); err != nil {
			return fault.Wrap(fault.Corrupt, "passkey", "cannot be read", "remove it and make a new one", err)
		}
		owner.keys = append(owner.keys, c)
		if handle, err := hex.DecodeString(k.Handle); err == nil {
			owner.handle = handle
		}
	}
	return nil
}

// newPasskey checks what an authenticator answered to an offer.
func (d *Doors) newPasskey(r *http.Request, purpose, name, answer string) (*account.Passkey, error) {
	party, err := d.party(r)
	if err != nil {
		return nil, err
	}
	var f form.Fields
	if name = strings.TrimSpace(name); name == "" {
		name = device(r.UserAgent())
	}
	name = f.Line("passkey-name", name, 0, 60)
	if err := f.Err(); err != nil {
		return nil, err
	}
	c, err := d.awaited(r, purpose)
	if err != nil {
		return nil, denied(err)
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(answer))
	if err != nil {
		return nil, denied(err)
	}
	record, err := party.CreateCredential(holder{handle: c.Handle}, c.Data, parsed)
	if err != nil {
		return nil, denied(err)
	}
	raw, err := json.Marshal(record)
	if err != nil {
		return nil, err
	}
	return &account.Passkey{
		ID: base64.RawURLEncoding.EncodeToString(record.ID), Name: name, Handle: hex.EncodeToString(c.Handle), Record: raw, Counter: record.Authenticator.SignCount,
	}, nil
}
