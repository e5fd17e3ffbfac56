package organisation_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"gevor/authz"
	"gevor/fault"
	"gevor/form"
	"gevor/organisation"
)

func admin(id authz.PersonID, more ...authz.Role) organisation.Membership {
	return organisation.Membership{Organisation: "o", Person: id, Roles: append(more, authz.OrganisationAdmin)}
}

func actor(m organisation.Membership) authz.Actor {
	return authz.Actor{Person: m.Person, Memberships: []authz.Membership{{Organisation: m.Organisation, Roles: m.Roles}}}
}

func TestTheLastAdminStays(t *testing.T) {
	anna, ben := admin("anna"), admin("ben")
	clerk := organisation.Membership{Organisation: "o", Person: "clerk", Roles: []authz.Role{authz.Editor}}
	suspended := admin("carla")
	suspended.Suspended = true
	for name, c := range map[string]struct {
		who    authz.Actor
		all    []organisation.Membership
		whom   authz.PersonID
		wanted []authz.Role
		kind   fault.Kind
		ok     bool
	}{
		"one of two goes":              {actor(anna), []organisation.Membership{anna, ben}, "ben", nil, 0, true},
		"the last one goes":            {actor(anna), []organisation.Membership{anna, clerk}, "anna", nil, fault.Conflict, false},
		"the last one steps down":      {actor(anna), []organisation.Membership{anna, clerk}, "anna", []authz.Role{authz.Editor}, fault.Conflict, false},
		"a suspended one counts not":   {actor(anna), []organisation.Membership{anna, suspended}, "anna", nil, fault.Conflict, false},
		"a clerk leaves":               {actor(clerk), []organisation.Membership{anna, clerk}, "clerk", nil, 0, true},
		"a clerk makes itself admin":   {actor(clerk), []organisation.Membership{anna, clerk}, "clerk", []authz.Role{authz.OrganisationAdmin}, fault.Denied, false},
		"an admin reaches for more":    {actor(anna), []organisation.Membership{anna, clerk}, "anna", []authz.Role{authz.OrganisationAdmin, authz.SystemAdmin}, fault.Denied, false},
		"somebody who is not there":    {actor(anna), []organisation.Membership{anna}, "ghost", nil, fault.NotFound, false},
		"a foreign admin removes ours": {authz.Actor{Person: "x", Memberships: []authz.Membership{{Organisation: "else", Roles: []authz.Role{authz.OrganisationAdmin}}}}, []organisation.Membership{anna, ben}, "ben", nil, fault.Denied, false},
	} {
		err := organisation.CheckRoles(c.who, c.all, c.whom, c.wanted)
		if (err == nil) != c.ok || err != nil && fault.KindOf(err) != c.kind {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever admins do to each other, in any order, one of them is left.
func TestSomeAdminIsAlwaysLeft(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 5).Draw(t, "people")
		var all []organisation.Membership
		for i := range n {
			m := organisation.Membership{Organisation: "o", Person: authz.PersonID(fmt.Sprint(i)), Roles: []authz.Role{authz.Editor}}
			if i == 0 || rapid.Bool().Draw(t, "admin") {
				m = admin(m.Person)
			}
			all = append(all, m)
		}
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			if len(all) == 0 {
				break
			}
			by := all[rapid.IntRange(0, len(all)-1).Draw(t, "by")]
			on := rapid.IntRange(0, len(all)-1).Draw(t, "on")
			var wanted []authz.Role
			if rapid.Bool().Draw(t, "demote") {
				wanted = []authz.Role{authz.Editor}
			}
			if organisation.CheckRoles(actor(by), all, all[on].Person, wanted) != nil {
				continue
			}
			if wanted == nil {
				all = slices.Delete(slices.Clone(all), on, on+1)
			} else {
				all[on].Roles = wanted
			}
		}
		if !slices.ContainsFunc(all, func(m organisation.Membership) bool { return slices.Contains(m.Roles, authz.OrganisationAdmin) }) {
			t.Fatalf("nobody is left: %v", all)
		}
	})
}

func TestFieldsSayWhatIsWrong(t *testing.T) {
	_, err := organisation.Organisation{Name: " x ", Kind: "castle", Municipality: "5911000", Email: "a@b"}.Check()
	want := []form.Field{{Name: "name", Reason: "short"}, {Name: "kind", Reason: "unknown"}, {Name: "municipality", Reason: "key"}, {Name: "email", Reason: "email"}}
	if got := form.Of(err); !slices.Equal(got, want) || fault.KindOf(err) != fault.Invalid {
		t.Errorf("%v, want %v", got, want)
	}
	o, err := organisation.Organisation{Name: "  Stadt\tMusterstadt ", Kind: "city", Municipality: "05911000", Email: " amt@stadt.example "}.Check()
	if err != nil || o.Name != "Stadt Musterstadt" || o.Email != "amt@stadt.example" {
		t.Errorf("%+v %v", o, err)
	}
}

func TestAddressesThatNoMailReaches(t *testing.T) {
	for address, ok := range map[string]bool{
		"a@b.example": true, "a.b+c@sub.b.example": true, "ä@b.example": true,
		"": false, "a": false, "a@b": false, "a b@c.example": false, "A <a@b.example>": false, "a@b.example, c@d.example": false,
		"a@b.example\r\nBcc: c@d.example": false, "a@.example": false,
	} {
		var f form.Fields
		f.Email("email", address)
		if (f.Err() == nil) != ok {
			t.Errorf("%q: %v", address, f.Err())
		}
	}
	if organisation.EmailKey(" Anna@B.Example") != organisation.EmailKey("anna@b.example") {
		t.Error("one address has two keys")
	}
}

func TestAnInvitationOpensOnceAndInTime(t *testing.T) {
	made := time.Date(2026, 5, 12, 9, 0, 0, 0, time.UTC)
	i := organisation.Invitation{Made: made, Expires: made.AddDate(0, 0, organisation.InvitationDays)}
	if err := i.Open(made); err != nil {
		t.Error(err)
	}
	if err := i.Open(i.Expires); fault.KindOf(err) != fault.Stale {
		t.Errorf("expired: %v", err)
	}
	i.Accepted = made
	if err := i.Open(made); fault.KindOf(err) != fault.Conflict {
		t.Errorf("used: %v", err)
	}
}

func TestRolesAreTidied(t *testing.T) {
	got, err := organisation.TidyRoles([]authz.Role{authz.OrganisationAdmin, authz.Editor, authz.Editor})
	if err != nil || !slices.Equal(got, []authz.Role{authz.Editor, authz.OrganisationAdmin}) {
		t.Errorf("%v %v", got, err)
	}
	for _, bad := range [][]authz.Role{nil, {"root"}, {authz.Editor, "root"}} {
		if _, err := organisation.TidyRoles(bad); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%v: %v", bad, err)
		}
	}
}
