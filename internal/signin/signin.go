// Package signin finds out who is behind a request: sessions that several servers share, passwords with the code of an
// authenticator app, passkeys, providers of OpenID Connect, recovery codes, links, and the door of a demo region.
//
// What people learn from a refusal is the same whatever was wrong with what they gave: nobody learns here whether an
// address is known. Why the parameters are what they are stands in docs/adr/0007-sign-in.md.
package signin

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"gevor/account"
	"gevor/authz"
	"gevor/fault"
	"gevor/organisation"
)

// Keeper keeps accounts and sessions. Its Unsafe methods answer before there is an actor; see internal/store.
type Keeper interface {
	UnsafeSession(ctx context.Context, hash string, at time.Time) (data string, err error)
	UnsafeBeginSession(ctx context.Context, hash, data string, at, expires time.Time) error
	UnsafeKeepSession(ctx context.Context, hash, data string, expires time.Time) error
	UnsafeEndSession(ctx context.Context, hash string) error

	UnsafePerson(ctx context.Context, id authz.PersonID) (organisation.Person, error)
	UnsafePersonByEmail(ctx context.Context, email string) (organisation.Person, error)
	UnsafeCredentials(ctx context.Context, id authz.PersonID) (account.Credentials, error)
	UnsafePasskey(ctx context.Context, id string) (account.Passkey, authz.PersonID, error)
	UnsafeIdentity(ctx context.Context, issuer, subject string) (authz.PersonID, error)
	UnsafeUseStep(ctx context.Context, id authz.PersonID, step int64) error
	UnsafeUseCode(ctx context.Context, at time.Time, id authz.PersonID, hash string) error
	UnsafeUsePasskey(ctx context.Context, at time.Time, k account.Passkey) error
	UnsafeRehash(ctx context.Context, id authz.PersonID, old, renewed account.Password) error
	UnsafeNoteSignIn(ctx context.Context, id authz.PersonID, e account.Entry) error

	Credentials(ctx context.Context, actor authz.Actor, id authz.PersonID) (account.Credentials, error)
	SignIns(ctx context.Context, actor authz.Actor, id authz.PersonID) ([]account.Entry, error)
	ChangeCredentials(ctx context.Context, actor authz.Actor, at time.Time, id authz.PersonID, c account.Change) (epoch int, err error)
	EndSessions(ctx context.Context, actor authz.Actor, at time.Time, id authz.PersonID) error

	InvitationOf(ctx context.Context, secret string, at time.Time) (organisation.Invitation, string, error)
	UnsafeJoinWith(ctx context.Context, at time.Time, secret string, p organisation.Person, c account.Change) (authz.PersonID, error)
	UnsafeRecoveryOf(ctx context.Context, secret string, at time.Time) (account.Recovery, error)
	UnsafeRecover(ctx context.Context, at time.Time, secret string, c account.Change) (who authz.PersonID, epoch int, err error)

	UnsafeSeats(ctx context.Context) ([]account.Seat, error)
	UnsafeInvented(ctx context.Context, who authz.PersonID) (bool, error)
}

// Options says how people sign in.
type Options struct {
	Keeper Keeper       // required
	Log    *slog.Logger // required
	// Origin is how people reach the installation: "https://gevor.example.org". Passkeys and providers need it. Empty
	// means a workbench that is reached as localhost, whatever the port.
	Origin string
	// Secure says that people reach it by HTTPS alone. It follows from Origin where that is set.
	Secure bool
	// Name of the installation, as authenticators show it. Empty means "GeVoR".
	Name string
	// Lifetime is how long a session lasts at most, Idle how long without a request. Zero: 12 hours and 1 hour.
	Lifetime, Idle time.Duration
	Providers      []Provider
	Hashing        Hashing // zero: DefaultHashing
	// Invented says whether the served region is a synthetic one. Nil: never.
	Invented func() bool
	// Now is the clock; nil: time.Now.
	Now func() time.Time
	// Client fetches what providers say; nil: one with limits.
	Client *http.Client
	// UnsafeFresh takes the place of what the session says in Doors.Fresh. Only tests set it, for readers without one.
	UnsafeFresh func(*http.Request) bool
}

// Doors lets people in. Safe for concurrent use.
type Doors struct {
	Options
	sessions  *scs.SessionManager
	slow      *brake
	hashing   chan struct{} // as many as may hash at once
	decoy     account.Password
	providers []*provider
}

// New makes the doors of an installation. Invalid where something required is missing or Origin is no origin.
func New(o Options) (*Doors, error) {
	if o.Keeper == nil || o.Log == nil {
		return nil, fault.New(fault.Invalid, "signin.Options", "Keeper and Log are required", "set both")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Lifetime == 0 {
		o.Lifetime = 12 * time.Hour
	}
	if o.Idle == 0 {
		o.Idle = time.Hour
	}
	if o.Name == "" {
		o.Name = "GeVoR"
	}
	if o.Hashing == (Hashing{}) {
		o.Hashing = DefaultHashing()
	}
	if o.Invented == nil {
		o.Invented = func() bool { return false }
	}
	if o.Client == nil {
		o.Client = providerClient()
	}
	o.Origin = strings.TrimSuffix(o.Origin, "/")
	if o.Origin != "" {
		if _, err := host(o.Origin); err != nil {
			return nil, err
		}
		o.Secure = strings.HasPrefix(o.Origin, "https://")
	}
	d := &Doors{Options: o, slow: newBrake(), hashing: make(chan struct{}, o.Hashing.AtOnce)}
	d.sessions = d.manager()
	for i := range o.Providers {
		d.providers = append(d.providers, &provider{Provider: o.Providers[i]})
	}
	// Who asks for an unknown address waits as long as for a known one.
	decoy, err := d.seal(context.Background(), "a password nobody has", newTOTP())
	d.decoy = decoy
	return d, err
}

// denied is the one answer to whatever was wrong with what somebody gave.
func denied(why error) error {
	return fault.Wrap(fault.Denied, "sign-in", "this does not fit together", "try again, or ask for help", why)
}

func (d *Doors) now() time.Time { return d.Now().UTC() }
