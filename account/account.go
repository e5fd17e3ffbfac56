// Package account holds how people prove who they are: passwords with a code of an authenticator app, passkeys,
// identities at a provider, recovery codes, and what of that a page may show. It knows no cryptography, clock or
// database; internal/signin does the proving.
package account

import (
	"strconv"
	"time"

	"gevor/authz"
	"gevor/fault"
)

// Way is how somebody signed in.
type Way string

// The ways.
const (
	ByPassword Way = "password" // password and the code of an authenticator app
	ByPasskey  Way = "passkey"
	ByProvider Way = "provider" // OpenID Connect
	ByCode     Way = "code"     // a recovery code in place of the app
	ByLink     Way = "link"     // the link of an invitation or a recovery
	ByDemo     Way = "demo"     // the door of a demo region
)

// Password is a password with its second factor, as it is kept: neither can be read back without the password.
type Password struct {
	Hash   string // parameters, salt and verifier
	Sealed string // the secret of the authenticator app, sealed under the password
	Since  time.Time
	// Step is the time step of the last code that was taken, in units of 30 s since 1970: it is never taken again.
	Step int64
}

// Passkey is one passkey of a person.
type Passkey struct {
	ID      string // base64url without padding, as the authenticator chose it
	Name    string // as the person calls it
	Handle  string // hex; the name under which authenticators know the person
	Record  []byte // public key and properties, as internal/signin writes them
	Counter uint32 // of the last signature; some authenticators always say 0
	Since   time.Time
	Used    time.Time // zero if never
}

// Identity is a person's account at a provider.
type Identity struct {
	Issuer  string
	Subject string
	Email   string // as the provider verified it when the two were connected
	Since   time.Time
}

// Credentials is everything by which one person may sign in.
type Credentials struct {
	Password   *Password // nil where there is none
	Passkeys   []Passkey
	Identities []Identity
	Codes      int // recovery codes that are left
}

// Ways counts the ways in that stand on their own; recovery codes do not.
func (c Credentials) Ways() int {
	n := len(c.Passkeys) + len(c.Identities)
	if c.Password != nil {
		n++
	}
	return n
}

// Change is a change of credentials. Zero fields change nothing.
type Change struct {
	Password     *Password // replaces the one there is
	DropPassword bool
	AddPasskey   *Passkey
	DropPasskey  string
	AddIdentity  *Identity
	DropIdentity *Identity // issuer and subject
	Codes        []string  // hashes; they replace all codes
}

// Ends says whether the change takes something away from whoever may have it: then every session ends.
func (c Change) Ends() bool {
	return c.Password != nil || c.DropPassword || c.DropPasskey != "" || c.DropIdentity != nil
}

// CheckLeft refuses to leave a person without a way in.
func CheckLeft(c Credentials) error {
	if c.Ways() == 0 {
		return fault.New(fault.Conflict, "credentials", "nobody could sign in with what is left", "add another way to sign in first")
	}
	return nil
}

// Entry is one sign-in, as the person sees it. It holds no address.
type Entry struct {
	At     time.Time
	Way    Way
	Device string // "Firefox, Windows": as coarse as that
}

// LastEntries is how many sign-ins are kept for a person.
const LastEntries = 20

// Recovery is a link by which somebody gets a new way in.
type Recovery struct {
	ID           string
	Person       authz.PersonID
	Name         string
	Email        string
	Organisation authz.OrganisationID // whose admin gave it; empty where the operator did
	Expires      time.Time
}

// RecoveryHours is how long the link of a recovery holds.
const RecoveryHours = 24

// Open refuses a recovery that has expired.
func (r Recovery) Open(at time.Time) error {
	if !at.Before(r.Expires) {
		return fault.New(fault.Stale, "recovery", "has expired", "ask for a new link")
	}
	return nil
}

// Provider is a provider of sign-in, as pages show it.
type Provider struct {
	Key   string // in addresses
	Label string // on the button
	// Origin is the scheme and host that forms must be allowed to lead to.
	Origin string
}

// DemoPassphrase opens the keys of a demo's houses for each of their holders. It protects nothing: everybody of a demo
// is invented.
const DemoPassphrase = "Brot Regen Lampe Fluss"

// DemoSheet is the code of the recovery sheets of a demo.
const DemoSheet = "DEM0DEM0DEM0DEM0DEM0DEM0DEM0"

// Seat is a place in a demo region: one click takes it.
type Seat struct {
	Key          string // names the seat: its role, or role and number where a house has a second one
	Role         authz.Role
	Person       authz.PersonID
	Name         string
	Organisation string
}

// Listed is a person as the operator sees it at the machine.
type Listed struct {
	ID      authz.PersonID
	Name    string
	Email   string
	Blocked bool
	Places  []string // "organisation: roles"
}

// Wait is the cause of a refusal because something was tried too often.
type Wait struct{ Seconds int }

// Error says how long.
func (w *Wait) Error() string { return "wait " + strconv.Itoa(w.Seconds) + " s" }

// New is what somebody brings who gets a new way in: a password with an authenticator app, a passkey, or an account at
// a provider they have just come back from.
type New struct {
	Password string
	Secret   string // of the app, base32
	Code     string // that the app shows
	Passkey  string // the authenticator's answer, JSON
	Name     string // of the passkey
	Provider bool
}

// Proposal is the secret for a new authenticator app.
type Proposal struct {
	Secret  string // base32, in groups for the eye where Grouped
	Grouped string
	URI     string // otpauth://…, what the QR code says
}
