// Package organisation holds the houses that own everything in the program, the people who work in them, and the
// rules that keep a house from locking itself out. It knows no database: rules take what they need and answer.
package organisation

import (
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"gevor/authz"
	"gevor/fault"
	"gevor/form"
)

// Kind is what sort of house it is.
type Kind string

// Kinds lists the sorts of houses an alliance knows, and the ones it works with.
func Kinds() []Kind {
	return []Kind{
		"city", "district", "regional-association", "chamber", "physicians-association", "insurer", "pension-insurance",
		"welfare", "practice-network", "practice", "counselling", "hospital", "self-help", "migrant-organisation", "office", "guest",
	}
}

// Organisation is one house.
type Organisation struct {
	ID           authz.OrganisationID
	Name         string
	Kind         Kind
	Municipality string // official key (AGS) as text; empty where it belongs to none
	Email        string // where the house itself is reached; may be empty
	Alliance     bool   // signed the charter
	Closed       bool   // no one may act for it any more; what it released is withdrawn
	Version      int    // counts changes; a change names the version it is based on
}

// maxName is the limit of a name in characters.
const maxName = 200

// Check gives the organisation with its texts tidied, or what is wrong with it, field by field.
func (o Organisation) Check() (Organisation, error) {
	var f form.Fields
	o.Name = f.Line("name", o.Name, 2, maxName)
	if !slices.Contains(Kinds(), o.Kind) {
		f.Add("kind", "unknown")
	}
	o.Municipality = strings.TrimSpace(o.Municipality)
	if o.Municipality != "" && !digits(o.Municipality, 8, 12) {
		f.Add("municipality", "key")
	}
	if o.Email = strings.TrimSpace(o.Email); o.Email != "" {
		o.Email = f.Email("email", o.Email)
	}
	return o, f.Err()
}

func digits(s string, lengths ...int) bool {
	return slices.Contains(lengths, len(s)) && strings.Trim(s, "0123456789") == ""
}

// Person is somebody who works with the program.
type Person struct {
	ID       authz.PersonID
	Name     string
	Email    string // as written; compared by EmailKey
	Language string // BCP 47, of mails and pages
	Blocked  bool   // may not sign in
	Epoch    int    // sessions of an older epoch are over
	Version  int
}

// Check gives the person with its texts tidied, or what is wrong, field by field.
func (p Person) Check() (Person, error) {
	var f form.Fields
	p.Name = f.Line("name", p.Name, 2, maxName)
	p.Email = f.Email("email", p.Email)
	return p, f.Err()
}

// EmailKey is the form in which two addresses are the same: without case and without look-alike forms.
func EmailKey(address string) string {
	return strings.ToLower(norm.NFKC.String(strings.TrimSpace(address)))
}

// Membership is a person's place in a house.
type Membership struct {
	Organisation authz.OrganisationID
	Person       authz.PersonID
	Roles        []authz.Role
	Since        time.Time
	Suspended    bool // after a recovery by another house's admin, until this house confirms the person
	Version      int
}

// Member is a person in an organisation.
type Member struct {
	Membership
	Name    string
	Email   string // empty for readers who are no admin of the organisation
	Blocked bool
}

// Invitation asks somebody to join a house. The link holds a secret of which only the hash is kept.
type Invitation struct {
	ID           string
	Organisation authz.OrganisationID
	Email        string
	Roles        []authz.Role
	Language     string
	By           authz.PersonID // empty where the operator gave it at the machine
	Made         time.Time
	Expires      time.Time
	Accepted     time.Time // zero while it is open
}

// InvitationDays is how long an invitation holds.
const InvitationDays = 14

// Open says why an invitation cannot be accepted at a time, nil where it can. The three ways out read the same to
// whoever holds an old link: it no longer counts, ask for a new one.
func (i Invitation) Open(at time.Time) error {
	switch {
	case !i.Accepted.IsZero():
		return fault.New(fault.Conflict, "invitation", "has been used already", "sign in, or ask for a new invitation")
	case !at.Before(i.Expires):
		return fault.New(fault.Stale, "invitation", "has expired", "ask for a new invitation")
	}
	return nil
}

// TidyRoles gives roles once each, in the order of authz.Roles; Invalid where one is unknown or none is left.
func TidyRoles(roles []authz.Role) ([]authz.Role, error) {
	var out []authz.Role
	for _, r := range authz.Roles() {
		if slices.Contains(roles, r) {
			out = append(out, r)
		}
	}
	for _, r := range roles {
		if !r.Known() {
			return nil, fault.New(fault.Invalid, "roles", "one of the roles does not exist", "choose from the list")
		}
	}
	if len(out) == 0 {
		return nil, fault.New(fault.Invalid, "roles", "none is chosen", "choose at least one role, or remove the person")
	}
	return out, nil
}

// CheckRoles says whether actor may turn the roles of one membership from old into wanted (nil: the person leaves).
// Every role that is added or taken away must be the actor's to give, except that everybody may leave. The house keeps
// at least one admin: that is what two admins who remove each other at once run into, the later one.
//
// all are the memberships of the house at this moment.
func CheckRoles(actor authz.Actor, all []Membership, who authz.PersonID, wanted []authz.Role) error {
	at := slices.IndexFunc(all, func(m Membership) bool { return m.Person == who })
	if at < 0 {
		return fault.New(fault.NotFound, "membership", "there is no such person here", "")
	}
	m := all[at]
	leaves := len(wanted) == 0 && actor.Person == who
	for _, r := range authz.Roles() {
		if slices.Contains(m.Roles, r) != slices.Contains(wanted, r) && !leaves && !authz.MayGrant(actor, m.Organisation, r) {
			return fault.New(fault.Denied, "roles", "this role is not yours to give or take", "ask whoever runs the installation")
		}
	}
	if admin(m) && !slices.Contains(wanted, authz.OrganisationAdmin) {
		for i, other := range all {
			if i != at && admin(other) {
				return nil
			}
		}
		return fault.New(fault.Conflict, "roles", "the organisation would have no admin left", "make somebody else an admin first")
	}
	return nil
}

func admin(m Membership) bool {
	return !m.Suspended && slices.Contains(m.Roles, authz.OrganisationAdmin)
}
