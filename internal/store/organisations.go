package store

import (
	"context"
	"errors"
	"strings"
	"time"

	"gevor/authz"
	"gevor/fault"
	"gevor/organisation"
)

const organisationColumns = `id, name, kind, municipality, email, alliance, closed, version`

func scanOrganisation(row scanner) (o organisation.Organisation, err error) {
	var alliance, closed int
	err = row.Scan(&o.ID, &o.Name, &o.Kind, &o.Municipality, &o.Email, &alliance, &closed, &o.Version)
	o.Alliance, o.Closed = alliance == 1, closed == 1
	return o, err
}

func organisationByID(ctx context.Context, q querier, id authz.OrganisationID) (organisation.Organisation, error) {
	return found(q.QueryRowContext(ctx, `SELECT `+organisationColumns+` FROM organisations WHERE id = $1`, string(id)), scanOrganisation, absent(authz.Organisation))
}

// profile is an organisation as an object of rights.
func profile(ctx context.Context, q querier, id authz.OrganisationID) (authz.Object, error) {
	r, err := releaseOf(ctx, q, authz.Organisation, string(id), authz.ForDirectory)
	return authz.Object{Kind: authz.Organisation, Owner: id, Released: r}, err
}

// Organisation gives one organisation that the actor may see.
func (s *Store) Organisation(ctx context.Context, actor authz.Actor, id authz.OrganisationID) (organisation.Organisation, error) {
	object, err := profile(ctx, s.read, id)
	if err != nil {
		return organisation.Organisation{}, failed(err)
	}
	if err := s.may(actor, authz.View, object); err != nil {
		return organisation.Organisation{}, err
	}
	return organisationByID(ctx, s.read, id)
}

// Organisations gives every organisation that the actor may see, by name.
func (s *Store) Organisations(ctx context.Context, actor authz.Actor) ([]organisation.Organisation, error) {
	everything, err := all(ctx, s.read, func(row interface{ Scan(...any) error }) (organisation.Organisation, error) {
		return scanOrganisation(row)
	},
		`SELECT `+organisationColumns+` FROM organisations ORDER BY name, id`)
	if err != nil {
		return nil, err
	}
	released, err := releasesFor(ctx, s.read, authz.Organisation, authz.ForDirectory)
	if err != nil {
		return nil, failed(err)
	}
	seen := everything[:0]
	for _, o := range everything {
		if s.may(actor, authz.View, authz.Object{Kind: authz.Organisation, Owner: o.ID, Released: released[string(o.ID)]}) == nil {
			seen = append(seen, o)
		}
	}
	return seen, nil
}

// CreateOrganisation adds an organisation and gives its ID. Its profile begins private.
func (s *Store) CreateOrganisation(ctx context.Context, actor authz.Actor, at time.Time, o organisation.Organisation) (authz.OrganisationID, error) {
	o, err := o.Check()
	if err != nil {
		return "", err
	}
	err = s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(authz.Create, authz.Object{Kind: authz.Organisation}); err != nil {
			return err
		}
		return t.createOrganisation(ctx, &o)
	})
	return o.ID, err
}

func (t *tx) createOrganisation(ctx context.Context, o *organisation.Organisation) error {
	if o.ID == "" {
		o.ID = authz.OrganisationID(newID("o"))
	}
	o.Version = 1
	if _, err := t.ExecContext(ctx, `INSERT INTO organisations (`+organisationColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		string(o.ID), o.Name, string(o.Kind), o.Municipality, o.Email, bit(o.Alliance), bit(o.Closed), o.Version); err != nil {
		return err
	}
	return t.record(ctx, authz.Organisation, string(o.ID), o.ID, "created", nil, *o)
}

// ChangeOrganisation changes name, kind, municipality and address of an organisation; o.Version names the version the
// change is based on. Whether it is a member of the alliance follows from the charter, not from here.
func (s *Store) ChangeOrganisation(ctx context.Context, actor authz.Actor, at time.Time, o organisation.Organisation) error {
	o, err := o.Check()
	if err != nil {
		return err
	}
	return s.change(ctx, actor, at, func(t *tx) error { return t.changeOrganisation(ctx, o, 0) })
}

func (t *tx) changeOrganisation(ctx context.Context, o organisation.Organisation, undoes int64) error {
	object, err := profile(ctx, t, o.ID)
	if err != nil {
		return err
	}
	if err := t.may(authz.Change, object); err != nil {
		return err
	}
	old, err := organisationByID(ctx, t, o.ID)
	if err != nil {
		return err
	}
	base := o.Version
	o.Alliance, o.Closed, o.Version = old.Alliance, old.Closed, base+1
	if err := t.one(ctx, stale(authz.Organisation), `UPDATE organisations SET name = $3, kind = $4, municipality = $5, email = $6, version = version + 1 WHERE id = $1 AND version = $2`,
		string(o.ID), base, o.Name, string(o.Kind), o.Municipality, o.Email); err != nil {
		return err
	}
	return t.recordUndo(ctx, authz.Organisation, string(o.ID), o.ID, "changed", old, o, undoes)
}

// SetAlliance notes whether an organisation is a member of the alliance: the office does this for those that signed on
// paper before there was a charter here. Sign and LeaveAlliance do it by themselves.
func (s *Store) SetAlliance(ctx context.Context, actor authz.Actor, at time.Time, id authz.OrganisationID, alliance bool) error {
	return s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(authz.Create, authz.Object{Kind: authz.Organisation}); err != nil {
			return err
		}
		return t.setAlliance(ctx, id, alliance)
	})
}

func (t *tx) setAlliance(ctx context.Context, id authz.OrganisationID, alliance bool) error {
	old, err := organisationByID(ctx, t, id)
	if err != nil || old.Alliance == alliance {
		return err
	}
	is := old
	is.Alliance, is.Version = alliance, old.Version+1
	if err := t.one(ctx, stale(authz.Organisation), `UPDATE organisations SET alliance = $3, version = version + 1 WHERE id = $1 AND version = $2`, string(id), old.Version, bit(alliance)); err != nil {
		return err
	}
	verb := "joined"
	if !alliance {
		verb = "left"
	}
	return t.record(ctx, authz.Organisation, string(id), id, verb, old, is)
}

// CloseOrganisation ends an organisation: nobody acts for it any more, and everything it released is withdrawn.
func (s *Store) CloseOrganisation(ctx context.Context, actor authz.Actor, at time.Time, id authz.OrganisationID) error {
	return s.change(ctx, actor, at, func(t *tx) error {
		object, err := profile(ctx, t, id)
		if err != nil {
			return err
		}
		if err := t.may(authz.Remove, object); err != nil {
			return err
		}
		old, err := organisationByID(ctx, t, id)
		if err != nil || old.Closed {
			return err
		}
		is := old
		is.Closed, is.Alliance, is.Version = true, false, old.Version+1
		if err := t.one(ctx, stale(authz.Organisation), `UPDATE organisations SET closed = 1, alliance = 0, version = version + 1 WHERE id = $1 AND version = $2`, string(id), old.Version); err != nil {
			return err
		}
		if err := t.withdrawEverything(ctx, id); err != nil {
			return err
		}
		if err := t.erase(ctx, erasedOrganisation, string(id), ""); err != nil {
			return err
		}
		return t.record(ctx, authz.Organisation, string(id), id, "closed", old, is)
	})
}

const membershipColumns = `m.organisation, m.person, m.roles, m.since, m.suspended, m.version`

func scanMembership(row scanner, more ...any) (m organisation.Membership, err error) {
	var roles, since string
	var suspended int
	if err := row.Scan(append([]any{&m.Organisation, &m.Person, &roles, &since, &suspended, &m.Version}, more...)...); err != nil {
		return m, err
	}
	m.Roles, m.Suspended = rolesOf(roles), suspended == 1
	m.Since, err = timeOf(since)
	return m, err
}

func rolesOf(s string) []authz.Role {
	var out []authz.Role
	for _, r := range strings.Fields(s) {
		out = append(out, authz.Role(r))
	}
	return out
}

func rolesText(roles []authz.Role) string {
	words := make([]string, len(roles))
	for i, r := range roles {
		words[i] = string(r)
	}
	return strings.Join(words, " ")
}

// Members gives the people of an organisation, by name.
func (s *Store) Members(ctx context.Context, actor authz.Actor, id authz.OrganisationID) ([]organisation.Member, error) {
	object := authz.Object{Kind: authz.Members, Owner: id}
	if err := s.may(actor, authz.View, object); err != nil {
		return nil, err
	}
	admin := s.may(actor, authz.Change, object) == nil
	return all(ctx, s.read, func(row interface{ Scan(...any) error }) (m organisation.Member, err error) {
		var blocked int
		m.Membership, err = scanMembership(row, &m.Name, &m.Email, &blocked)
		m.Blocked = blocked == 1
		if !admin && m.Person != actor.Person {
			m.Email = ""
		}
		return m, err
	}, `SELECT `+membershipColumns+`, p.name, p.email, p.blocked FROM memberships m JOIN people p ON p.id = m.person WHERE organisation = $1 ORDER BY p.name, p.id`, string(id))
}

// memberships gives all memberships of an organisation, and makes other writers of the same organisation wait.
func (t *tx) memberships(ctx context.Context, id authz.OrganisationID) ([]organisation.Membership, error) {
	if err := t.one(ctx, absent(authz.Organisation), `UPDATE organisations SET version = version WHERE id = $1`, string(id)); err != nil {
		return nil, err
	}
	return rowsOf(ctx, t, func(row scanner) (organisation.Membership, error) { return scanMembership(row) },
		`SELECT `+membershipColumns+` FROM memberships m WHERE organisation = $1 ORDER BY person`, string(id))
}

func rowsOf[T any](ctx context.Context, q querier, scan func(scanner) (T, error), query string, args ...any) (out []T, err error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		x, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, rows.Err()
}

// SetRoles gives a person of an organisation other roles; none removes the person from it. version is that of the
// membership the change is based on.
func (s *Store) SetRoles(ctx context.Context, actor authz.Actor, at time.Time, id authz.OrganisationID, who authz.PersonID, version int, roles []authz.Role) error {
	if len(roles) > 0 {
		var err error
		if roles, err = organisation.TidyRoles(roles); err != nil {
			return err
		}
	}
	return s.change(ctx, actor, at, func(t *tx) error { return t.setRoles(ctx, id, who, version, roles, 0) })
}

// seat is a membership as the history keeps it: without the person's name.
type seat struct {
	Person string
	Roles  []authz.Role
}

func (t *tx) setRoles(ctx context.Context, id authz.OrganisationID, who authz.PersonID, version int, roles []authz.Role, undoes int64) error {
	do := authz.Change
	if len(roles) == 0 {
		do = authz.Remove
	}
	if err := t.may(do, authz.Object{Kind: authz.Members, Owner: id, Subject: who}); err != nil {
		return err
	}
	everybody, err := t.memberships(ctx, id)
	if err != nil {
		return err
	}
	if err := organisation.CheckRoles(t.actor, everybody, who, roles); err != nil {
		return err
	}
	var old organisation.Membership
	for _, m := range everybody {
		if m.Person == who {
			old = m
		}
	}
	if old.Version != version {
		return stale(authz.Members)
	}
	person, err := t.pseudonymOf(ctx, who)
	if err != nil {
		return err
	}
	was := seat{person, old.Roles}
	if len(roles) == 0 {
		if err := t.one(ctx, stale(authz.Members), `DELETE FROM memberships WHERE organisation = $1 AND person = $2 AND version = $3`, string(id), string(who), version); err != nil {
			return err
		}
		return t.recordUndo(ctx, authz.Members, person, id, "removed", was, nil, undoes)
	}
	if err := t.one(ctx, stale(authz.Members), `UPDATE memberships SET roles = $4, suspended = 0, version = version + 1 WHERE organisation = $1 AND person = $2 AND version = $3`,
		string(id), string(who), version, rolesText(roles)); err != nil {
		return err
	}
	return t.recordUndo(ctx, authz.Members, person, id, "changed", was, seat{person, roles}, undoes)
}

// join adds a person to an organisation; a person who is there already gets the roles in addition.
func (t *tx) join(ctx context.Context, id authz.OrganisationID, who authz.PersonID, roles []authz.Role) error {
	everybody, err := t.memberships(ctx, id)
	if err != nil {
		return err
	}
	o, err := organisationByID(ctx, t, id)
	if err != nil {
		return err
	}
	if o.Closed {
		return fault.New(fault.Conflict, "organisation", "has ended", "ask whoever invited you")
	}
	person, err := t.pseudonymOf(ctx, who)
	if err != nil {
		return err
	}
	for _, m := range everybody {
		if m.Person != who {
			continue
		}
		more, err := organisation.TidyRoles(append(append([]authz.Role{}, m.Roles...), roles...))
		if err != nil {
			return err
		}
		if err := t.one(ctx, stale(authz.Members), `UPDATE memberships SET roles = $3, suspended = 0, version = version + 1 WHERE organisation = $1 AND person = $2`, string(id), string(who), rolesText(more)); err != nil {
			return err
		}
		return t.record(ctx, authz.Members, person, id, "changed", seat{person, m.Roles}, seat{person, more})
	}
	if _, err := t.ExecContext(ctx, `INSERT INTO memberships (organisation, person, roles, since) VALUES ($1, $2, $3, $4)`, string(id), string(who), rolesText(roles), stamp(t.at)); err != nil {
		return err
	}
	return t.record(ctx, authz.Members, person, id, "joined", nil, seat{person, roles})
}
