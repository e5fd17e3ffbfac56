// Package authz decides who may do what. There is one function, Decide, and one table, Rules; whatever the table
// does not name is refused. Nothing here reads a clock, a database or a request: the caller brings actor and object.
//
// What an actor may not even know of is Hidden and leaves the program as if it did not exist; what the actor sees
// but may not do is Refused.
package authz

import "slices"

// OrganisationID names an organisation.
type OrganisationID string

// PersonID names a person who works with the program. Clients are never persons here.
type PersonID string

// Role is what a person does in one organisation.
type Role string

// The roles.
const (
	Navigator         Role = "navigator"          // finds offers beside a person, hands over, keeps the contact log
	Editor            Role = "editor"             // keeps the organisation's entries
	Receiver          Role = "receiver"           // answers handovers
	Planner           Role = "planner"            // works with atlas, findings and measures
	Statistician      Role = "statistician"       // releases figures and their rules
	Coordinator       Role = "coordinator"        // runs the office of the alliance
	OrganisationAdmin Role = "organisation-admin" // people, roles and releases of the organisation
	SystemAdmin       Role = "system-admin"       // the installation; sees no organisation's content
)

// Roles lists all roles in the order in which pages show them.
func Roles() []Role {
	return []Role{Navigator, Editor, Receiver, Planner, Statistician, Coordinator, OrganisationAdmin, SystemAdmin}
}

// Known says whether r is one of Roles.
func (r Role) Known() bool { return slices.Contains(Roles(), r) }

// Membership is a person's place in one organisation.
type Membership struct {
	Organisation OrganisationID
	Alliance     bool // the organisation is a member of the alliance
	Roles        []Role
}

// Actor is who asks. The zero value is the anonymous public.
type Actor struct {
	Person      PersonID
	Memberships []Membership
}

// Public is the actor without a name.
func Public() Actor { return Actor{} }

// SignedIn says whether the actor has a name.
func (a Actor) SignedIn() bool { return a.Person != "" }

// Member says whether the actor belongs to an organisation.
func (a Actor) Member(o OrganisationID) bool {
	return o != "" && slices.ContainsFunc(a.Memberships, func(m Membership) bool { return m.Organisation == o })
}

// Has says whether the actor has one of the roles in an organisation.
func (a Actor) Has(o OrganisationID, roles ...Role) bool {
	return o != "" && slices.ContainsFunc(a.Memberships, func(m Membership) bool {
		return m.Organisation == o && slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(m.Roles, r) })
	})
}

// Anywhere says whether the actor has one of the roles in any organisation.
func (a Actor) Anywhere(roles ...Role) bool {
	return slices.ContainsFunc(a.Memberships, func(m Membership) bool {
		return slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(m.Roles, r) })
	})
}

// within says whether the actor belongs to an organisation that is a member of the alliance.
func (a Actor) within(o OrganisationID) bool {
	return o != "" && slices.ContainsFunc(a.Memberships, func(m Membership) bool { return m.Organisation == o && m.Alliance })
}

// InAlliance says whether one of the actor's organisations is a member of the alliance.
func (a Actor) InAlliance() bool {
	return slices.ContainsFunc(a.Memberships, func(m Membership) bool { return m.Alliance })
}

// Organisations lists the organisations of the actor.
func (a Actor) Organisations() []OrganisationID {
	out := make([]OrganisationID, len(a.Memberships))
	for i, m := range a.Memberships {
		out[i] = m.Organisation
	}
	return out
}

// Level is how far an owner released something. Each level includes those before it.
type Level uint8

// The levels. The zero value is Private, so a forgotten release shows nothing.
const (
	Private       Level = iota // the owner alone
	Named                      // the owner and the organisations it named
	AllianceLevel              // every member of the alliance
	PublicLevel                // everybody
)

var levelNames = [...]string{"private", "named", "alliance", "public"}

// String gives the level as it is stored.
func (l Level) String() string {
	if int(l) < len(levelNames) {
		return levelNames[l]
	}
	return levelNames[Private]
}

// LevelOf reads a stored level; what is unknown is Private and not ok.
func LevelOf(s string) (l Level, ok bool) {
	i := slices.Index(levelNames[:], s)
	return Level(max(i, 0)), i >= 0
}

// Release is how far one use of a thing is released.
type Release struct {
	Level Level
	Named []OrganisationID // with Level Named: to whom, beside the owner
}

// Admits says whether the release shows the thing to the actor, whoever owns it.
func (r Release) Admits(a Actor) bool {
	switch r.Level {
	case PublicLevel:
		return true
	case AllianceLevel:
		return a.InAlliance()
	case Named:
		return slices.ContainsFunc(r.Named, a.Member)
	case Private:
	}
	return false
}

// Object is what is asked for.
type Object struct {
	Kind     Kind
	Owner    OrganisationID // empty where it belongs to the installation
	Subject  PersonID       // the person it is about, where it is about one
	Released Release        // for the use in question
}

// Verdict is the answer.
type Verdict uint8

// The verdicts. The zero value is Hidden: what nobody allowed does not exist.
const (
	Hidden  Verdict = iota // the actor must not learn that it exists
	Refused                // the actor may see it, but not do this
	Allowed
)

// String names a verdict.
func (v Verdict) String() string { return [...]string{"hidden", "refused", "allowed"}[min(v, Allowed)] }

// Decide says whether the actor may do this to the object. It is pure: equal arguments give equal verdicts.
// TestEveryVerdict walks the whole table against a second reading of it.
func Decide(a Actor, do Action, o Object) Verdict {
	if holds(a, do, o) {
		return Allowed
	}
	if do != View && holds(a, View, o) {
		return Refused
	}
	return Hidden
}

func holds(a Actor, do Action, o Object) bool {
	for _, w := range rules[o.Kind][do] {
		if w.holds(a, o) {
			return true
		}
	}
	return false
}

// MayGrant says whether the actor may give or take a role in an organisation. An organisation's admin hands out the
// roles of its own house; those that reach beyond it come from the installation.
func MayGrant(a Actor, o OrganisationID, r Role) bool {
	switch r {
	case SystemAdmin, Coordinator:
		return a.Anywhere(SystemAdmin)
	case OrganisationAdmin:
		return a.Has(o, OrganisationAdmin) || a.Anywhere(SystemAdmin, Coordinator)
	case Navigator, Editor, Receiver, Planner, Statistician:
		return a.Has(o, OrganisationAdmin)
	}
	return false
}
