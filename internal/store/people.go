package store

import (
	"context"
	"fmt"
	"time"

	"gevor/authz"
	"gevor/fault"
	"gevor/organisation"
	"gevor/outbox"
)

const personColumns = `id, name, email, language, blocked, epoch, version`

func scanPerson(row scanner) (p organisation.Person, err error) {
	var blocked int
	err = row.Scan(&p.ID, &p.Name, &p.Email, &p.Language, &blocked, &p.Epoch, &p.Version)
	p.Blocked = blocked == 1
	return p, err
}

func personByID(ctx context.Context, q querier, id authz.PersonID) (organisation.Person, error) {
	return found(q.QueryRowContext(ctx, `SELECT `+personColumns+` FROM people WHERE id = $1`, string(id)), scanPerson, absent(authz.Account))
}

// Person gives the actor's own account, or that of somebody the actor may see.
func (s *Store) Person(ctx context.Context, actor authz.Actor, id authz.PersonID) (organisation.Person, error) {
	if err := s.may(actor, authz.View, authz.Object{Kind: authz.Account, Subject: id}); err != nil {
		return organisation.Person{}, err
	}
	return personByID(ctx, s.read, id)
}

// UnsafePerson gives any account. Sign-in asks it before there is an actor.
func (s *Store) UnsafePerson(ctx context.Context, id authz.PersonID) (organisation.Person, error) {
	return personByID(ctx, s.read, id)
}

// UnsafePersonByEmail gives the account of an address. Sign-in asks it before there is an actor; its answer must
// never tell a stranger whether an address is known.
func (s *Store) UnsafePersonByEmail(ctx context.Context, email string) (organisation.Person, error) {
	return found(s.read.QueryRowContext(ctx, `SELECT `+personColumns+` FROM people WHERE email_key = $1`, organisation.EmailKey(email)), scanPerson, absent(authz.Account))
}

// UnsafeActor gives the actor of a person as it stands now: sessions ask it at every request, so that a changed role
// counts from the next one. Places in closed organisations and suspended ones do not count. NotFound where the person
// is gone or blocked.
func (s *Store) UnsafeActor(ctx context.Context, id authz.PersonID) (authz.Actor, organisation.Person, error) {
	p, err := personByID(ctx, s.read, id)
	if err != nil {
		return authz.Actor{}, p, err
	}
	if p.Blocked {
		return authz.Actor{}, p, absent(authz.Account)
	}
	a := authz.Actor{Person: id}
	a.Memberships, err = all(ctx, s.read, func(row interface{ Scan(...any) error }) (m authz.Membership, err error) {
		var roles string
		var alliance int
		err = row.Scan(&m.Organisation, &roles, &alliance)
		m.Roles, m.Alliance = rolesOf(roles), alliance == 1
		return m, err
	}, `SELECT m.organisation, m.roles, o.alliance FROM memberships m JOIN organisations o ON o.id = m.organisation
		WHERE m.person = $1 AND m.suspended = 0 AND o.closed = 0 ORDER BY o.name, o.id`, string(id))
	return a, p, err
}

// AddressMail is the payload of the mail that tells the old address of an account that another one took its place; see
// outbox.Mail.
type AddressMail struct {
	Template, To, Language string
	New                    string
}

// ChangePerson changes name, address and language of the actor's own account; p.Version names the version the change is
// based on. The history keeps which fields changed, not what stood in them. A former address is told by mail.
func (s *Store) ChangePerson(ctx context.Context, actor authz.Actor, at time.Time, p organisation.Person) error {
	p, err := p.Check()
	if err != nil {
		return err
	}
	return s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(authz.Change, authz.Object{Kind: authz.Account, Subject: p.ID}); err != nil {
			return err
		}
		old, err := personByID(ctx, t, p.ID)
		if err != nil {
			return err
		}
		if key := organisation.EmailKey(p.Email); key != organisation.EmailKey(old.Email) {
			if err := t.freeEmail(ctx, p.Email); err != nil {
				return err
			}
		}
		if p.Email != old.Email {
			notice := AddressMail{"address", old.Email, old.Language, p.Email}
			if err := t.tell(ctx, outbox.Mail, "", fmt.Sprintf("address %s %d", p.ID, p.Version), notice, t.at); err != nil {
				return err
			}
		}
		if err := t.one(ctx, stale(authz.Account), `UPDATE people SET name = $3, email = $4, email_key = $5, language = $6, version = version + 1 WHERE id = $1 AND version = $2`,
			string(p.ID), p.Version, p.Name, p.Email, organisation.EmailKey(p.Email), p.Language); err != nil {
			return err
		}
		return t.recordAccount(ctx, p.ID, "changed")
	})
}

// recordAccount adds a change of a person's account to the history, without what was in it.
func (t *tx) recordAccount(ctx context.Context, id authz.PersonID, verb string) error {
	person, err := t.pseudonymOf(ctx, id)
	if err != nil {
		return err
	}
	return t.record(ctx, authz.Account, person, "", verb, nil, nil)
}

func (t *tx) freeEmail(ctx context.Context, email string) error {
	var n int
	if err := t.QueryRowContext(ctx, `SELECT count(*) FROM people WHERE email_key = $1`, organisation.EmailKey(email)).Scan(&n); err != nil {
		return err
	}
	if n > 0 {
		return fault.New(fault.Conflict, "email", "cannot be used for this account", "use another address, or sign in with the account that has it")
	}
	return nil
}

// createPerson adds a person. The caller has shown that the address is theirs.
func (t *tx) createPerson(ctx context.Context, p *organisation.Person) error {
	if err := t.freeEmail(ctx, p.Email); err != nil {
		return err
	}
	if p.ID == "" {
		p.ID = authz.PersonID(newID("p"))
	}
	p.Epoch, p.Version = 1, 1
	if _, err := t.ExecContext(ctx, `INSERT INTO people (id, name, email, email_key, language, blocked, epoch, version) VALUES ($1, $2, $3, $4, $5, 0, 1, 1)`,
		string(p.ID), p.Name, p.Email, organisation.EmailKey(p.Email), p.Language); err != nil {
		return err
	}
	return t.recordAccount(ctx, p.ID, "created")
}

// EndSessions ends every session of the actor's own account, on all servers.
func (s *Store) EndSessions(ctx context.Context, actor authz.Actor, at time.Time, id authz.PersonID) error {
	return s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(authz.Change, authz.Object{Kind: authz.Account, Subject: id}); err != nil {
			return err
		}
		if err := t.endSessions(ctx, id); err != nil {
			return err
		}
		return t.recordAccount(ctx, id, "signed-out-everywhere")
	})
}

// RemovePerson deletes the actor's own account. Its changes stay in the history without a name. An organisation whose
// last admin the person is must get another one first.
func (s *Store) RemovePerson(ctx context.Context, actor authz.Actor, at time.Time, id authz.PersonID) error {
	return s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(authz.Remove, authz.Object{Kind: authz.Account, Subject: id}); err != nil {
			return err
		}
		places, err := rowsOf(ctx, t, func(row scanner) (organisation.Membership, error) { return scanMembership(row) },
			`SELECT `+membershipColumns+` FROM memberships m WHERE person = $1 ORDER BY organisation`, string(id))
		if err != nil {
			return err
		}
		for _, m := range places {
			o, err := organisationByID(ctx, t, m.Organisation)
			if err != nil {
				return err
			}
			if o.Closed {
				continue
			}
			if err := t.setRoles(ctx, m.Organisation, id, m.Version, nil, 0); err != nil {
				return err
			}
		}
		if err := t.recordAccount(ctx, id, "removed"); err != nil {
			return err
		}
		if err := t.forget(ctx, id); err != nil {
			return err
		}
		return t.erase(ctx, erasedPerson, string(id), "")
	})
}

// forget deletes a person and whose pseudonym is whose.
func (t *tx) forget(ctx context.Context, id authz.PersonID) error {
	for _, statement := range []string{
		`DELETE FROM memberships WHERE person = $1`,
		`UPDATE contacts SET author = '' WHERE author = $1`,
		`DELETE FROM actors WHERE person = $1`,
		`DELETE FROM people WHERE id = $1`,
	} {
		if _, err := t.ExecContext(ctx, statement, string(id)); err != nil {
			return err
		}
	}
	return nil
}

// pseudonymOf gives the name under which the history knows a person.
func (t *tx) pseudonymOf(ctx context.Context, id authz.PersonID) (string, error) {
	as := *t
	as.actor = authz.Actor{Person: id}
	return as.pseudonym(ctx)
}
