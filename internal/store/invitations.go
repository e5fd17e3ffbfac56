package store

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"gevor/authz"
	"gevor/fault"
	"gevor/form"
	"gevor/organisation"
	"gevor/outbox"
)

const invitationColumns = `id, organisation, email, roles, language, invited_by, made, expires, COALESCE(accepted, '')`

func scanInvitation(row scanner) (i organisation.Invitation, err error) {
	var roles string
	var made, expires, accepted string
	if err := row.Scan(&i.ID, &i.Organisation, &i.Email, &roles, &i.Language, &i.By, &made, &expires, &accepted); err != nil {
		return i, err
	}
	i.Roles = rolesOf(roles)
	for _, x := range []struct {
		to   *time.Time
		from string
	}{{&i.Made, made}, {&i.Expires, expires}, {&i.Accepted, accepted}} {
		if *x.to, err = timeOf(x.from); err != nil {
			return i, err
		}
	}
	return i, nil
}

// InvitationMail is the payload of the mail that invites; see outbox.Mail. The link is made of the Secret.
type InvitationMail struct {
	Template, To, Language string
	Organisation, Secret   string
	Roles                  []authz.Role
	Expires                time.Time
}

// Invite asks somebody by mail to join an organisation, and gives the secret of the link for who hands it over in
// person. Nobody learns whether the address has an account already.
func (s *Store) Invite(ctx context.Context, actor authz.Actor, at time.Time, i organisation.Invitation) (id, secret string, err error) {
	if i, err = checkInvitation(i); err != nil {
		return "", "", err
	}
	err = s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(authz.Create, authz.Object{Kind: authz.Invitation, Owner: i.Organisation}); err != nil {
			return err
		}
		for _, r := range i.Roles {
			if !authz.MayGrant(actor, i.Organisation, r) {
				return fault.New(fault.Denied, "roles", "this role is not yours to give", "ask whoever runs the installation")
			}
		}
		i.By = actor.Person
		id, secret, err = t.invite(ctx, i)
		return err
	})
	return id, secret, err
}

// UnsafeInvite invites in the name of the installation: the operator at the machine makes the first admin so.
func (s *Store) UnsafeInvite(ctx context.Context, at time.Time, i organisation.Invitation) (id, secret string, err error) {
	if i, err = checkInvitation(i); err != nil {
		return "", "", err
	}
	err = s.change(ctx, authz.Public(), at, func(t *tx) error {
		id, secret, err = t.invite(ctx, i)
		return err
	})
	return id, secret, err
}

// UnsafeFound adds an organisation in the name of the installation. The first one is its operator, who owns what the
// program itself computes.
func (s *Store) UnsafeFound(ctx context.Context, at time.Time, o organisation.Organisation) (authz.OrganisationID, error) {
	o, err := o.Check()
	if err != nil {
		return "", err
	}
	err = s.change(ctx, authz.Public(), at, func(t *tx) error {
		if err := t.createOrganisation(ctx, &o); err != nil {
			return err
		}
		if operator, err := factOf(ctx, t, factOperator); err != nil || operator != "" {
			return err
		}
		return t.setFact(ctx, factOperator, string(o.ID))
	})
	return o.ID, err
}

func checkInvitation(i organisation.Invitation) (organisation.Invitation, error) {
	var f form.Fields
	i.Email = f.Email("email", i.Email)
	if len(i.Roles) == 0 {
		f.Add("roles", "choose")
	}
	if err := f.Err(); err != nil {
		return i, err
	}
	var err error
	i.Roles, err = organisation.TidyRoles(i.Roles)
	return i, err
}

func (t *tx) invite(ctx context.Context, i organisation.Invitation) (id, secret string, err error) {
	o, err := organisationByID(ctx, t, i.Organisation)
	if err != nil {
		return "", "", err
	}
	if o.Closed {
		return "", "", fault.New(fault.Conflict, "organisation", "has ended", "")
	}
	secret, hash := NewSecret()
	if i.ID == "" {
		i.ID = newID("i")
	}
	i.Made, i.Expires = t.at, t.at.AddDate(0, 0, organisation.InvitationDays)
	if _, err := t.ExecContext(ctx, `INSERT INTO invitations (id, secret_hash, organisation, email, roles, language, invited_by, made, expires) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		i.ID, hash, string(i.Organisation), i.Email, rolesText(i.Roles), i.Language, string(i.By), stamp(i.Made), stamp(i.Expires)); err != nil {
		return "", "", err
	}
	mail := InvitationMail{"invitation", i.Email, i.Language, o.Name, secret, i.Roles, i.Expires}
	if err := t.tell(ctx, outbox.Mail, i.Organisation, "invitation "+i.ID, mail, t.at); err != nil {
		return "", "", err
	}
	return i.ID, secret, t.record(ctx, authz.Invitation, i.ID, i.Organisation, "created", nil, struct{ Roles []authz.Role }{i.Roles})
}

// Invitations gives the invitations of an organisation, the latest first.
func (s *Store) Invitations(ctx context.Context, actor authz.Actor, id authz.OrganisationID) ([]organisation.Invitation, error) {
	if err := s.may(actor, authz.View, authz.Object{Kind: authz.Invitation, Owner: id}); err != nil {
		return nil, err
	}
	return all(ctx, s.read, func(row interface{ Scan(...any) error }) (organisation.Invitation, error) { return scanInvitation(row) },
		`SELECT `+invitationColumns+` FROM invitations WHERE organisation = $1 ORDER BY made DESC, id`, string(id))
}

// WithdrawInvitation makes an invitation's link worthless.
func (s *Store) WithdrawInvitation(ctx context.Context, actor authz.Actor, at time.Time, id string) error {
	return s.change(ctx, actor, at, func(t *tx) error {
		i, err := found(t.QueryRowContext(ctx, `SELECT `+invitationColumns+` FROM invitations WHERE id = $1`, id), scanInvitation, absent(authz.Invitation))
		if err != nil {
			return err
		}
		if err := t.may(authz.Remove, authz.Object{Kind: authz.Invitation, Owner: i.Organisation}); err != nil {
			return err
		}
		if err := i.Open(t.at); err != nil {
			return err
		}
		if err := t.one(ctx, absent(authz.Invitation), `DELETE FROM invitations WHERE id = $1 AND accepted IS NULL`, id); err != nil {
			return err
		}
		if err := untell(ctx, t, "invitation "+id); err != nil {
			return err
		}
		if err := t.erase(ctx, erasedInvitation, id, ""); err != nil {
			return err
		}
		return t.record(ctx, authz.Invitation, id, i.Organisation, "withdrawn", struct{ Roles []authz.Role }{i.Roles}, nil)
	})
}

// InvitationOf gives the open invitation of a secret and the name of its organisation. A secret that was never given,
// was withdrawn, used or has expired is refused; looking changes nothing.
func (s *Store) InvitationOf(ctx context.Context, secret string, at time.Time) (organisation.Invitation, string, error) {
	i, err := openInvitation(ctx, s.read, secret, at)
	if err != nil {
		return i, "", err
	}
	o, err := organisationByID(ctx, s.read, i.Organisation)
	return i, o.Name, err
}

func openInvitation(ctx context.Context, q querier, secret string, at time.Time) (organisation.Invitation, error) {
	i, err := found(q.QueryRowContext(ctx, `SELECT `+invitationColumns+` FROM invitations WHERE secret_hash = $1`, HashSecret(secret)), scanInvitation, absent(authz.Invitation))
	if err != nil {
		return i, err
	}
	return i, i.Open(at)
}

// Join accepts an invitation in the name of the actor, who is signed in.
func (s *Store) Join(ctx context.Context, actor authz.Actor, at time.Time, secret string) (authz.OrganisationID, error) {
	if !actor.SignedIn() {
		return "", absent(authz.Invitation)
	}
	var joined authz.OrganisationID
	err := s.change(ctx, actor, at, func(t *tx) error {
		i, err := t.accept(ctx, secret)
		joined = i.Organisation
		if err != nil {
			return err
		}
		return t.join(ctx, i.Organisation, actor.Person, i.Roles)
	})
	return joined, err
}

// UnsafeJoinAsNew accepts an invitation with a new account at the invited address, and runs then in the same
// transaction (to keep how the person will sign in); it needs no actor because the secret of the link stands for the
// address. Conflict where the address has an account: its owner signs in and uses Join.
func (s *Store) UnsafeJoinAsNew(ctx context.Context, at time.Time, secret string, p organisation.Person, then func(context.Context, *sql.Tx, authz.PersonID) error) (authz.PersonID, error) {
	if p.ID == "" {
		p.ID = authz.PersonID(newID("p"))
	}
	err := s.change(ctx, authz.Actor{Person: p.ID}, at, func(t *tx) error {
		i, err := t.accept(ctx, secret)
		if err != nil {
			return err
		}
		p.Email = i.Email
		if p, err = p.Check(); err != nil {
			return err
		}
		if err := t.createPerson(ctx, &p); err != nil {
			return err
		}
		if err := then(ctx, t.Tx, p.ID); err != nil {
			return err
		}
		return t.join(ctx, i.Organisation, p.ID, i.Roles)
	})
	return p.ID, err
}

// accept uses an invitation up: of two who hold the same link at the same time, one comes through.
func (t *tx) accept(ctx context.Context, secret string) (organisation.Invitation, error) {
	i, err := openInvitation(ctx, t, secret, t.at)
	if err != nil {
		return i, err
	}
	used := fault.New(fault.Conflict, "invitation", "has been used already", "sign in, or ask for a new invitation")
	if err := t.one(ctx, used, `UPDATE invitations SET accepted = $2 WHERE id = $1 AND accepted IS NULL`, i.ID, stamp(t.at)); err != nil {
		return i, err
	}
	// What an admin could give when inviting may not be theirs to give any more.
	if i.By != "" {
		by, err := t.actorOf(ctx, i.By)
		if err != nil {
			return i, err
		}
		if slices.ContainsFunc(i.Roles, func(r authz.Role) bool { return !authz.MayGrant(by, i.Organisation, r) }) {
			return i, fault.New(fault.Stale, "invitation", "no longer counts, because whoever gave it may not give it any more", "ask for a new invitation")
		}
	}
	return i, t.record(ctx, authz.Invitation, i.ID, i.Organisation, "accepted", nil, nil)
}

// actorOf is UnsafeActor inside a transaction; a person who is gone is an actor without any right.
func (t *tx) actorOf(ctx context.Context, id authz.PersonID) (authz.Actor, error) {
	a := authz.Actor{Person: id}
	var err error
	a.Memberships, err = rowsOf(ctx, t, func(row scanner) (m authz.Membership, err error) {
		var roles string
		err = row.Scan(&m.Organisation, &roles)
		m.Roles = rolesOf(roles)
		return m, err
	}, `SELECT m.organisation, m.roles FROM memberships m JOIN organisations o ON o.id = m.organisation JOIN people p ON p.id = m.person
		WHERE m.person = $1 AND m.suspended = 0 AND o.closed = 0 AND p.blocked = 0`, string(id))
	return a, err
}
