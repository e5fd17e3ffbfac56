package store

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"time"

	"gevor/account"
	"gevor/authz"
	"gevor/fault"
	"gevor/organisation"
)

func scanPassword(row scanner) (p account.Password, err error) {
	var since string
	if err := row.Scan(&p.Hash, &p.Sealed, &p.Step, &since); err != nil {
		return p, err
	}
	p.Since, err = timeOf(since)
	return p, err
}

const passkeyColumns = `id, name, handle, record, counter, since, used`

func scanPasskey(row scanner, more ...any) (k account.Passkey, err error) {
	var record, since, used string
	var counter int64
	if err := row.Scan(append([]any{&k.ID, &k.Name, &k.Handle, &record, &counter, &since, &used}, more...)...); err != nil {
		return k, err
	}
	k.Record, k.Counter = []byte(record), uint32(counter)
	if k.Since, err = timeOf(since); err != nil {
		return k, err
	}
	k.Used, err = timeOf(used)
	return k, err
}

func scanIdentity(row scanner) (i account.Identity, err error) {
	var since string
	if err := row.Scan(&i.Issuer, &i.Subject, &i.Email, &since); err != nil {
		return i, err
	}
	i.Since, err = timeOf(since)
	return i, err
}

func credentialsOf(ctx context.Context, q querier, id authz.PersonID) (c account.Credentials, err error) {
	p, err := found(q.QueryRowContext(ctx, `SELECT hash, sealed, step, since FROM passwords WHERE person = $1`, string(id)), scanPassword, errNone)
	switch {
	case err == nil:
		c.Password = &p
	case !errors.Is(err, errNone):
		return c, err
	}
	if c.Passkeys, err = rowsOf(ctx, q, func(row scanner) (account.Passkey, error) { return scanPasskey(row) },
		`SELECT `+passkeyColumns+` FROM passkeys WHERE person = $1 ORDER BY since, id`, string(id)); err != nil {
		return c, err
	}
	if c.Identities, err = rowsOf(ctx, q, scanIdentity, `SELECT issuer, subject, email, since FROM identities WHERE person = $1 ORDER BY since, issuer, subject`, string(id)); err != nil {
		return c, err
	}
	err = q.QueryRowContext(ctx, `SELECT count(*) FROM recovery_codes WHERE person = $1`, string(id)).Scan(&c.Codes)
	return c, err
}

var errNone = errors.New("none")

// UnsafeCredentials gives everything by which a person may sign in. Sign-in asks it before there is an actor.
func (s *Store) UnsafeCredentials(ctx context.Context, id authz.PersonID) (account.Credentials, error) {
	c, err := credentialsOf(ctx, s.read, id)
	if err != nil {
		return c, failed(err)
	}
	return c, nil
}

// Credentials gives the ways in of the actor's own account.
func (s *Store) Credentials(ctx context.Context, actor authz.Actor, id authz.PersonID) (account.Credentials, error) {
	if err := s.may(actor, authz.View, authz.Object{Kind: authz.Account, Subject: id}); err != nil {
		return account.Credentials{}, err
	}
	return s.UnsafeCredentials(ctx, id)
}

// UnsafePasskey gives the passkey of an ID and whose it is.
func (s *Store) UnsafePasskey(ctx context.Context, id string) (k account.Passkey, who authz.PersonID, err error) {
	k, err = found(s.read.QueryRowContext(ctx, `SELECT `+passkeyColumns+`, person FROM passkeys WHERE id = $1`, id),
		func(row scanner) (account.Passkey, error) { return scanPasskey(row, &who) }, absent(authz.Account))
	return k, who, err
}

// UnsafeIdentity gives the person who connected an account at a provider.
func (s *Store) UnsafeIdentity(ctx context.Context, issuer, subject string) (authz.PersonID, error) {
	return found(s.read.QueryRowContext(ctx, `SELECT person FROM identities WHERE issuer = $1 AND subject = $2`, issuer, subject),
		func(row scanner) (who authz.PersonID, err error) { return who, row.Scan(&who) }, absent(authz.Account))
}

func replayed() error {
	return fault.New(fault.Denied, "credentials", "have been used already", "use a new one")
}

// UnsafeUseStep notes that the code of a time step was taken; Denied where that or a later one was taken before, by
// whichever server.
func (s *Store) UnsafeUseStep(ctx context.Context, id authz.PersonID, step int64) error {
	return s.change(ctx, authz.Public(), time.Time{}, func(t *tx) error {
		return t.one(ctx, replayed(), `UPDATE passwords SET step = $2 WHERE person = $1 AND step < $2`, string(id), step)
	})
}

// UnsafeUseCode uses a recovery code up; Denied where there is none such.
func (s *Store) UnsafeUseCode(ctx context.Context, at time.Time, id authz.PersonID, hash string) error {
	return s.change(ctx, authz.Public(), at, func(t *tx) error {
		if err := t.one(ctx, replayed(), `DELETE FROM recovery_codes WHERE person = $1 AND hash = $2`, string(id), hash); err != nil {
			return err
		}
		return t.erase(ctx, erasedCode, string(id), hash)
	})
}

// UnsafeUsePasskey notes a signature of a passkey. A counter that does not rise is refused, unless the authenticator
// does not count: then it is 0 for ever.
func (s *Store) UnsafeUsePasskey(ctx context.Context, at time.Time, k account.Passkey) error {
	return s.change(ctx, authz.Public(), at, func(t *tx) error {
		return t.one(ctx, replayed(), `UPDATE passkeys SET counter = $2, record = $3, used = $4 WHERE id = $1 AND (counter < $2 OR counter = 0 AND $2 = 0)`,
			k.ID, int64(k.Counter), string(k.Record), stamp(at))
	})
}

// UnsafeRehash puts a verifier with newer parameters in the place of one for the same password.
func (s *Store) UnsafeRehash(ctx context.Context, id authz.PersonID, old, renewed account.Password) error {
	return s.change(ctx, authz.Public(), time.Time{}, func(t *tx) error {
		_, err := t.ExecContext(ctx, `UPDATE passwords SET hash = $3, sealed = $4 WHERE person = $1 AND hash = $2`, string(id), old.Hash, renewed.Hash, renewed.Sealed)
		return err // where the password was changed in the meantime there is nothing to renew
	})
}

// UnsafeNoteSignIn keeps a sign-in in the list that the person sees; only the last ones stay.
func (s *Store) UnsafeNoteSignIn(ctx context.Context, id authz.PersonID, e account.Entry) error {
	return s.change(ctx, authz.Public(), e.At, func(t *tx) error {
		// The line of the person makes sign-ins of the same person wait for each other.
		if err := t.one(ctx, absent(authz.Account), `UPDATE people SET version = version WHERE id = $1`, string(id)); err != nil {
			return err
		}
		if _, err := t.ExecContext(ctx, `INSERT INTO sign_ins (person, sequence, at, way, device)
			SELECT $1, COALESCE(MAX(sequence), 0) + 1, $2, $3, $4 FROM sign_ins WHERE person = $1`, string(id), stamp(e.At), string(e.Way), e.Device); err != nil {
			return err
		}
		_, err := t.ExecContext(ctx, `DELETE FROM sign_ins WHERE person = $1 AND sequence <= (SELECT MAX(sequence) FROM sign_ins WHERE person = $1) - $2`, string(id), account.LastEntries)
		return err
	})
}

// SignIns gives the last sign-ins of the actor's own account, the latest first.
func (s *Store) SignIns(ctx context.Context, actor authz.Actor, id authz.PersonID) ([]account.Entry, error) {
	if err := s.may(actor, authz.View, authz.Object{Kind: authz.Account, Subject: id}); err != nil {
		return nil, err
	}
	return all(ctx, s.read, func(row interface{ Scan(...any) error }) (e account.Entry, err error) {
		var at string
		if err := row.Scan(&at, &e.Way, &e.Device); err != nil {
			return e, err
		}
		e.At, err = timeOf(at)
		return e, err
	}, `SELECT at, way, device FROM sign_ins WHERE person = $1 ORDER BY sequence DESC`, string(id))
}

// ChangeCredentials changes how the actor signs in, and gives the epoch in which sessions of the account now count. What
// takes something away ends every session; Conflict where nothing would be left.
func (s *Store) ChangeCredentials(ctx context.Context, actor authz.Actor, at time.Time, id authz.PersonID, c account.Change) (epoch int, err error) {
	err = s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(authz.Change, authz.Object{Kind: authz.Account, Subject: id}); err != nil {
			return err
		}
		if c.Ends() {
			if err := t.endSessions(ctx, id); err != nil {
				return err
			}
		}
		if err := t.changeCredentials(ctx, id, c); err != nil {
			return err
		}
		if err := t.recordAccount(ctx, id, "credentials-changed"); err != nil {
			return err
		}
		p, err := personByID(ctx, t, id)
		epoch = p.Epoch
		return err
	})
	return epoch, err
}

// UnsafeJoinWith accepts an invitation with a new account and its first credentials, in one transaction; see
// UnsafeJoinAsNew.
func (s *Store) UnsafeJoinWith(ctx context.Context, at time.Time, secret string, p organisation.Person, c account.Change) (authz.PersonID, error) {
	return s.UnsafeJoinAsNew(ctx, at, secret, p, func(ctx context.Context, raw *sql.Tx, id authz.PersonID) error {
		return (&tx{Tx: raw, store: s, actor: authz.Actor{Person: id}, at: at.UTC()}).changeCredentials(ctx, id, c)
	})
}

func (t *tx) changeCredentials(ctx context.Context, id authz.PersonID, c account.Change) error {
	for _, step := range []func(context.Context, authz.PersonID, account.Change) error{t.changePassword, t.changePasskeys, t.changeIdentities, t.changeCodes} {
		if err := step(ctx, id, c); err != nil {
			return err
		}
	}
	left, err := credentialsOf(ctx, t, id)
	if err != nil {
		return err
	}
	return account.CheckLeft(left)
}

func (t *tx) changePassword(ctx context.Context, id authz.PersonID, c account.Change) error {
	if c.Password == nil && !c.DropPassword {
		return nil
	}
	done, err := t.ExecContext(ctx, `DELETE FROM passwords WHERE person = $1`, string(id))
	if err != nil {
		return err
	}
	// An older backup must not make an old password count again.
	if n, err := done.RowsAffected(); err != nil {
		return err
	} else if n > 0 {
		if err := t.erase(ctx, erasedPassword, string(id), ""); err != nil {
			return err
		}
	}
	if c.Password == nil {
		return nil
	}
	_, err = t.ExecContext(ctx, `INSERT INTO passwords (person, hash, sealed, step, since) VALUES ($1, $2, $3, $4, $5)`,
		string(id), c.Password.Hash, c.Password.Sealed, c.Password.Step, stamp(t.at))
	return err
}

func (t *tx) changePasskeys(ctx context.Context, id authz.PersonID, c account.Change) error {
	if c.DropPasskey != "" {
		if err := t.one(ctx, absent(authz.Account), `DELETE FROM passkeys WHERE id = $1 AND person = $2`, c.DropPasskey, string(id)); err != nil {
			return err
		}
		if err := t.erase(ctx, erasedPasskey, c.DropPasskey, ""); err != nil {
			return err
		}
	}
	k := c.AddPasskey
	if k == nil {
		return nil
	}
	_, err := t.ExecContext(ctx, `INSERT INTO passkeys (person, `+passkeyColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, '')`,
		string(id), k.ID, k.Name, k.Handle, string(k.Record), int64(k.Counter), stamp(t.at))
	return err
}

func (t *tx) changeIdentities(ctx context.Context, id authz.PersonID, c account.Change) error {
	if i := c.DropIdentity; i != nil {
		if err := t.one(ctx, absent(authz.Account), `DELETE FROM identities WHERE issuer = $1 AND subject = $2 AND person = $3`, i.Issuer, i.Subject, string(id)); err != nil {
			return err
		}
		if err := t.erase(ctx, erasedIdentity, i.Issuer, i.Subject); err != nil {
			return err
		}
	}
	i := c.AddIdentity
	if i == nil {
		return nil
	}
	_, err := t.ExecContext(ctx, `INSERT INTO identities (issuer, subject, person, email, since) VALUES ($1, $2, $3, $4, $5)`,
		i.Issuer, i.Subject, string(id), i.Email, stamp(t.at))
	return err
}

func (t *tx) changeCodes(ctx context.Context, id authz.PersonID, c account.Change) error {
	if len(c.Codes) == 0 {
		return nil
	}
	if err := t.dropCodes(ctx, id); err != nil {
		return err
	}
	for _, hash := range c.Codes {
		if _, err := t.ExecContext(ctx, `INSERT INTO recovery_codes (person, hash, since) VALUES ($1, $2, $3)`, string(id), hash, stamp(t.at)); err != nil {
			return err
		}
	}
	return nil
}

// dropCodes throws the recovery codes of a person away, so that no backup brings them back.
func (t *tx) dropCodes(ctx context.Context, id authz.PersonID) error {
	if _, err := t.ExecContext(ctx, `DELETE FROM recovery_codes WHERE person = $1`, string(id)); err != nil {
		return err
	}
	return t.erase(ctx, erasedCode, string(id), "")
}

// endSessions begins a new epoch of an account: sessions of the one before are over on all servers, and stay so when
// an older backup is brought back.
func (t *tx) endSessions(ctx context.Context, id authz.PersonID) error {
	epoch, err := found(t.QueryRowContext(ctx, `UPDATE people SET epoch = epoch + 1 WHERE id = $1 RETURNING epoch`, string(id)),
		func(row scanner) (n int, err error) { return n, row.Scan(&n) }, absent(authz.Account))
	if err != nil {
		return err
	}
	return t.erase(ctx, erasedSessions, string(id), strconv.Itoa(epoch))
}
