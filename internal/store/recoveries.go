package store

import (
	"context"
	"time"

	"gevor/account"
	"gevor/authz"
	"gevor/fault"
	"gevor/organisation"
	"gevor/outbox"
)

// RecoveryMail is the payload of the mail with the link of a recovery; see outbox.Mail. The link is made of the Secret.
type RecoveryMail struct {
	Template, To, Language string
	Secret                 string
	Expires                time.Time
}

const recoveryQuery = `SELECT r.id, r.person, p.name, p.email, r.organisation, r.expires FROM recoveries r JOIN people p ON p.id = r.person WHERE p.blocked = 0 AND r.secret_hash = $1`

func scanRecovery(row scanner) (r account.Recovery, err error) {
	var expires string
	if err := row.Scan(&r.ID, &r.Person, &r.Name, &r.Email, &r.Organisation, &expires); err != nil {
		return r, err
	}
	r.Expires, err = timeOf(expires)
	return r, err
}

func recoveryOf(ctx context.Context, q querier, secret string, at time.Time) (account.Recovery, error) {
	r, err := found(q.QueryRowContext(ctx, recoveryQuery, HashSecret(secret)), scanRecovery,
		fault.New(fault.NotFound, "recovery", "does not exist", "ask for a new link"))
	if err != nil {
		return r, err
	}
	return r, r.Open(at)
}

// StartRecovery makes a link by which a person of the actor's organisation gets a new way in. Who could take the link
// for themselves could act as that person, so the actor must be one who may give every role the person has there.
func (s *Store) StartRecovery(ctx context.Context, actor authz.Actor, at time.Time, id authz.OrganisationID, who authz.PersonID) (secret string, err error) {
	err = s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(authz.Change, authz.Object{Kind: authz.Members, Owner: id, Subject: who}); err != nil {
			return err
		}
		m, err := found(t.QueryRowContext(ctx, `SELECT `+membershipColumns+` FROM memberships m WHERE organisation = $1 AND person = $2`, string(id), string(who)),
			func(row scanner) (organisation.Membership, error) { return scanMembership(row) }, absent(authz.Members))
		if err != nil {
			return err
		}
		for _, r := range m.Roles {
			if !authz.MayGrant(actor, id, r) {
				return fault.New(fault.Denied, "recovery", "this person has a role that is not yours to give", "ask whoever runs the installation")
			}
		}
		if secret, err = t.startRecovery(ctx, who, id); err != nil {
			return err
		}
		person, err := t.pseudonymOf(ctx, who)
		if err != nil {
			return err
		}
		return t.record(ctx, authz.Members, person, id, "recovery-started", nil, nil)
	})
	return secret, err
}

// UnsafeStartRecovery makes such a link in the name of the installation.
func (s *Store) UnsafeStartRecovery(ctx context.Context, at time.Time, who authz.PersonID) (secret string, err error) {
	err = s.change(ctx, authz.Public(), at, func(t *tx) error {
		if secret, err = t.startRecovery(ctx, who, ""); err != nil {
			return err
		}
		return t.recordAccount(ctx, who, "recovery-started")
	})
	return secret, err
}

func (t *tx) startRecovery(ctx context.Context, who authz.PersonID, by authz.OrganisationID) (secret string, err error) {
	p, err := personByID(ctx, t, who)
	if err != nil {
		return "", err
	}
	if p.Blocked {
		return "", fault.New(fault.Conflict, "account", "is blocked", "let whoever runs the installation unblock it first")
	}
	if err := t.dropRecoveries(ctx, who); err != nil { // the newest link alone counts
		return "", err
	}
	secret, hash := NewSecret()
	id, expires := newID("r"), t.at.Add(account.RecoveryHours*time.Hour)
	if _, err := t.ExecContext(ctx, `INSERT INTO recoveries (id, secret_hash, person, organisation, expires) VALUES ($1, $2, $3, $4, $5)`,
		id, hash, string(who), string(by), stamp(expires)); err != nil {
		return "", err
	}
	return secret, t.tell(ctx, outbox.Mail, by, "recovery "+id, RecoveryMail{"recovery", p.Email, p.Language, secret, expires}, t.at)
}

// dropRecoveries makes the links of a person worthless for good.
func (t *tx) dropRecoveries(ctx context.Context, who authz.PersonID) error {
	gone, err := rowsOf(ctx, t, func(row scanner) (id string, err error) { return id, row.Scan(&id) },
		`DELETE FROM recoveries WHERE person = $1 RETURNING id`, string(who))
	if err != nil {
		return err
	}
	for _, id := range gone {
		if err := t.erase(ctx, erasedRecovery, id, ""); err != nil {
			return err
		}
	}
	return nil
}

// UnsafeRecoveryOf gives the open recovery of a link's secret. Looking changes nothing.
func (s *Store) UnsafeRecoveryOf(ctx context.Context, secret string, at time.Time) (account.Recovery, error) {
	return recoveryOf(ctx, s.read, secret, at)
}

// UnsafeRecover uses a link up: everything by which the person could sign in before is gone, every session is over, and
// the new credentials count. Where the admin of an organisation gave the link, the person's places in other
// organisations rest until an admin there confirms them.
func (s *Store) UnsafeRecover(ctx context.Context, at time.Time, secret string, c account.Change) (who authz.PersonID, epoch int, err error) {
	err = s.change(ctx, authz.Public(), at, func(t *tx) error {
		r, err := recoveryOf(ctx, t, secret, t.at)
		if err != nil {
			return err
		}
		who, t.actor = r.Person, authz.Actor{Person: r.Person}
		gone := fault.New(fault.NotFound, "recovery", "does not exist", "ask for a new link")
		if err := t.one(ctx, gone, `DELETE FROM recoveries WHERE id = $1`, r.ID); err != nil { // of two, one comes through
			return err
		}
		if err := t.erase(ctx, erasedRecovery, r.ID, ""); err != nil {
			return err
		}
		if err := t.dropEverything(ctx, who); err != nil {
			return err
		}
		if err := t.endSessions(ctx, who); err != nil {
			return err
		}
		if err := t.changeCredentials(ctx, who, c); err != nil {
			return err
		}
		if r.Organisation != "" {
			if err := t.suspendElsewhere(ctx, who, r.Organisation); err != nil {
				return err
			}
		}
		if err := t.recordAccount(ctx, who, "recovered"); err != nil {
			return err
		}
		p, err := personByID(ctx, t, who)
		epoch = p.Epoch
		return err
	})
	return who, epoch, err
}

// dropEverything takes every way in away from a person.
func (t *tx) dropEverything(ctx context.Context, who authz.PersonID) error {
	has, err := credentialsOf(ctx, t, who)
	if err != nil {
		return err
	}
	for _, k := range has.Passkeys {
		if err := t.changePasskeys(ctx, who, account.Change{DropPasskey: k.ID}); err != nil {
			return err
		}
	}
	for _, i := range has.Identities {
		if err := t.changeIdentities(ctx, who, account.Change{DropIdentity: &i}); err != nil {
			return err
		}
	}
	if err := t.changePassword(ctx, who, account.Change{DropPassword: true}); err != nil {
		return err
	}
	return t.dropCodes(ctx, who)
}

// suspendElsewhere lets the places of a person rest in all organisations but one.
func (t *tx) suspendElsewhere(ctx context.Context, who authz.PersonID, but authz.OrganisationID) error {
	person, err := t.pseudonymOf(ctx, who)
	if err != nil {
		return err
	}
	rest, err := rowsOf(ctx, t, func(row scanner) (o authz.OrganisationID, err error) { return o, row.Scan(&o) },
		`UPDATE memberships SET suspended = 1, version = version + 1 WHERE person = $1 AND organisation <> $2 AND suspended = 0 RETURNING organisation`, string(who), string(but))
	if err != nil {
		return err
	}
	for _, o := range rest {
		if err := t.record(ctx, authz.Members, person, o, "suspended", nil, nil); err != nil {
			return err
		}
	}
	return nil
}

// UnsafeBlock keeps a person from signing in, or lets them again, in the name of the installation. Blocking ends every
// session and makes links of recovery worthless.
func (s *Store) UnsafeBlock(ctx context.Context, at time.Time, who authz.PersonID, blocked bool) error {
	return s.change(ctx, authz.Public(), at, func(t *tx) error {
		if err := t.one(ctx, absent(authz.Account), `UPDATE people SET blocked = $2, version = version + 1 WHERE id = $1`, string(who), bit(blocked)); err != nil {
			return err
		}
		verb, detail := "unblocked", ""
		if blocked {
			verb, detail = "blocked", "blocked"
			if err := t.endSessions(ctx, who); err != nil {
				return err
			}
			if err := t.dropRecoveries(ctx, who); err != nil {
				return err
			}
		}
		if err := t.erase(ctx, erasedRight, string(who), detail); err != nil {
			return err
		}
		return t.recordAccount(ctx, who, verb)
	})
}

// UnsafePeople lists everybody with their places, by name, for the operator at the machine.
func (s *Store) UnsafePeople(ctx context.Context) ([]account.Listed, error) {
	people, err := all(ctx, s.read, func(row interface{ Scan(...any) error }) (organisation.Person, error) { return scanPerson(row) },
		`SELECT `+personColumns+` FROM people ORDER BY name, id`)
	if err != nil {
		return nil, err
	}
	out := make([]account.Listed, len(people))
	for i, p := range people {
		out[i] = account.Listed{ID: p.ID, Name: p.Name, Email: p.Email, Blocked: p.Blocked}
		out[i].Places, err = all(ctx, s.read, func(row interface{ Scan(...any) error }) (string, error) {
			var name, roles string
			var suspended int
			err := row.Scan(&name, &roles, &suspended)
			if suspended == 1 {
				roles += " (suspended)"
			}
			return name + ": " + roles, err
		}, `SELECT o.name, m.roles, m.suspended FROM memberships m JOIN organisations o ON o.id = m.organisation WHERE m.person = $1 AND o.closed = 0 ORDER BY o.name, o.id`, string(p.ID))
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
