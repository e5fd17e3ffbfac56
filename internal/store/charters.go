package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"gevor/alliance"
	"gevor/authz"
	"gevor/fault"
)

const charterColumns = `version, title, body, principles, adopted`

func scanCharter(row scanner) (c alliance.Charter, err error) {
	var principles, adopted string
	if err := row.Scan(&c.Version, &c.Title, &c.Body, &principles, &adopted); err != nil {
		return c, err
	}
	if err := json.Unmarshal([]byte(principles), &c.Principles); err != nil {
		return c, fault.Wrap(fault.Corrupt, "charter", "cannot be read", "restore the database", err)
	}
	c.Adopted, err = timeOf(adopted)
	return c, err
}

// charterInForce is the latest version; NotFound before there is one.
func charterInForce(ctx context.Context, q querier) (alliance.Charter, error) {
	return found(q.QueryRowContext(ctx, `SELECT `+charterColumns+` FROM charters ORDER BY version DESC LIMIT 1`), scanCharter, absent(authz.Charter))
}

// Charter gives the charter in force; NotFound before there is one.
func (s *Store) Charter(ctx context.Context, actor authz.Actor) (alliance.Charter, error) {
	if err := s.may(actor, authz.View, authz.Object{Kind: authz.Charter}); err != nil {
		return alliance.Charter{}, err
	}
	return charterInForce(ctx, s.read)
}

// Charters gives all versions, the latest first.
func (s *Store) Charters(ctx context.Context, actor authz.Actor) ([]alliance.Charter, error) {
	if err := s.may(actor, authz.View, authz.Object{Kind: authz.Charter}); err != nil {
		return nil, err
	}
	all, err := rowsOf(ctx, s.read, scanCharter, `SELECT `+charterColumns+` FROM charters ORDER BY version DESC`)
	if err != nil {
		return nil, failed(err)
	}
	return all, nil
}

// AdoptCharter adds the next version of the charter; c.Version names the version it is based on, 0 for the first. Stale
// where there is a newer one. Signatures stay those of the version that was signed.
func (s *Store) AdoptCharter(ctx context.Context, actor authz.Actor, at time.Time, c alliance.Charter) (version int, err error) {
	c, err = c.Check()
	if err != nil {
		return 0, err
	}
	err = s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(authz.Change, authz.Object{Kind: authz.Charter}); err != nil {
			return err
		}
		was, err := charterInForce(ctx, t)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return err
		}
		if was.Version != c.Version {
			return stale(authz.Charter)
		}
		c.Version = was.Version + 1
		version = c.Version
		if err := t.addCharter(ctx, c); err != nil {
			return err
		}
		var before any
		if was.Version > 0 {
			before = was
		}
		return t.record(ctx, authz.Charter, "charter", "", "adopted", before, c)
	})
	return version, err
}

func (t *tx) addCharter(ctx context.Context, c alliance.Charter) error {
	principles, err := json.Marshal(c.Principles)
	if err != nil {
		return fault.Wrap(fault.Internal, "charter", "cannot be kept", "", err)
	}
	return t.one(ctx, stale(authz.Charter), `INSERT INTO charters (version, title, body, principles, adopted, at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (version) DO NOTHING`,
		c.Version, c.Title, c.Body, string(principles), moment(c.Adopted), stamp(t.at))
}

// moment is stamp, the empty text for the zero time.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return stamp(t)
}

const signatureColumns = `id, organisation, version, signatory, authority, signed, reply_days, back, fingerprint, left_at, left_reason`

func scanSignature(row scanner) (x alliance.Signature, err error) {
	var signed, left string
	if err := row.Scan(&x.ID, &x.Organisation, &x.Version, &x.Signatory, &x.Authority, &signed, &x.ReplyDays, &x.Back, &x.Fingerprint, &left, &x.LeftReason); err != nil {
		return x, err
	}
	var err2 error
	x.Signed, err = timeOf(signed)
	x.Left, err2 = timeOf(left)
	return x, errors.Join(err, err2)
}

// Signatories gives the signatures that stand, by name of the organisation. Who signed, on whose authority and what was
// agreed is shown to members of the alliance alone; others see that the organisation belongs to it.
func (s *Store) Signatories(ctx context.Context, actor authz.Actor) ([]alliance.Member, error) {
	if err := s.may(actor, authz.View, authz.Object{Kind: authz.Charter}); err != nil {
		return nil, err
	}
	out, err := rowsOf(ctx, s.read, func(row scanner) (m alliance.Member, err error) {
		m.Signature, err = scanSignature(scanFunc(func(to ...any) error { return row.Scan(append(to, &m.Name, &m.Kind)...) }))
		return m, err
	}, `SELECT x.id, x.organisation, x.version, x.signatory, x.authority, x.signed, x.reply_days, x.back, x.fingerprint, x.left_at, x.left_reason, o.name, o.kind
		FROM signatures x JOIN organisations o ON o.id = x.organisation WHERE x.left_at = '' AND o.closed = 0 ORDER BY o.name, o.id`)
	if err != nil {
		return nil, failed(err)
	}
	inside := s.may(actor, authz.View, authz.Object{Kind: authz.Body}) == nil // what members know of each other
	for i := range out {
		if !inside && s.may(actor, authz.View, authz.Object{Kind: authz.Signature, Owner: out[i].Organisation}) != nil {
			x := out[i].Signature
			out[i].Signature = alliance.Signature{Organisation: x.Organisation, Version: x.Version, Signed: x.Signed}
		}
	}
	return out, nil
}

// scanFunc is a row that hands on where to write.
type scanFunc func(...any) error

// Scan writes the columns.
func (f scanFunc) Scan(to ...any) error { return f(to...) }

// signatureOf is the signature of an organisation that stands; NotFound without one.
func signatureOf(ctx context.Context, q querier, o authz.OrganisationID) (alliance.Signature, error) {
	return found(q.QueryRowContext(ctx, `SELECT `+signatureColumns+` FROM signatures WHERE organisation = $1 AND left_at = ''`, string(o)), scanSignature, absent(authz.Signature))
}

// Sign notes that an organisation declares itself to the charter in force, and makes it a member: signing drives its
// rights. Only its own admin signs. A signature of an earlier version ends with the new one. Stale where x.Version is not
// the version in force, Conflict where that one is signed already.
func (s *Store) Sign(ctx context.Context, actor authz.Actor, at time.Time, x alliance.Signature) (id string, err error) {
	id = newID("s")
	err = s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(authz.Create, authz.Object{Kind: authz.Signature, Owner: x.Organisation}); err != nil {
			return err
		}
		inForce, err := charterInForce(ctx, t)
		if err != nil {
			return err
		}
		if x, err = x.Check(inForce, t.at); err != nil {
			return err
		}
		x.ID = id
		if err := t.QueryRowContext(ctx, `SELECT COALESCE(MAX(id), '') FROM seal_keys WHERE organisation = $1 AND ready <> '' AND retired = '' AND lost = 0`, string(x.Organisation)).Scan(&x.Fingerprint); err != nil {
			return err
		}
		before, err := signatureOf(ctx, t, x.Organisation)
		switch {
		case err == nil && before.Version == x.Version:
			return fault.New(fault.Conflict, "charter", "has been signed already", "")
		case err == nil:
			if _, err := t.ExecContext(ctx, `UPDATE signatures SET left_at = $2, left_reason = 'signed anew' WHERE id = $1`, before.ID, stamp(t.at)); err != nil {
				return err
			}
		case fault.KindOf(err) != fault.NotFound:
			return err
		}
		if err := t.addSignature(ctx, x); err != nil {
			return err
		}
		if err := t.record(ctx, authz.Signature, id, x.Organisation, "signed", nil, x); err != nil {
			return err
		}
		return t.setAlliance(ctx, x.Organisation, true)
	})
	return id, err
}

func (t *tx) addSignature(ctx context.Context, x alliance.Signature) error {
	_, err := t.ExecContext(ctx, `INSERT INTO signatures (`+signatureColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', '')`,
		x.ID, string(x.Organisation), x.Version, x.Signatory, x.Authority, stamp(x.Signed), x.ReplyDays, x.Back, x.Fingerprint)
	return err
}

// LeaveAlliance ends an organisation's signature, and with it the rights of a member; Conflict where it has not signed.
// What it committed itself to stays until it withdraws that itself; open gives how many of its commitments still stand.
func (s *Store) LeaveAlliance(ctx context.Context, actor authz.Actor, at time.Time, o authz.OrganisationID, reason string) (open int, err error) {
	err = s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(authz.Change, authz.Object{Kind: authz.Signature, Owner: o}); err != nil {
			return err
		}
		was, err := signatureOf(ctx, t, o)
		if fault.KindOf(err) == fault.NotFound {
			return fault.New(fault.Conflict, "charter", "has not been signed by this organisation", "")
		}
		if err != nil {
			return err
		}
		is, err := was.Leave(t.at, reason)
		if err != nil {
			return err
		}
		if err := t.one(ctx, stale(authz.Signature), `UPDATE signatures SET left_at = $2, left_reason = $3 WHERE id = $1 AND left_at = ''`, was.ID, stamp(is.Left), is.LeftReason); err != nil {
			return err
		}
		if err := t.record(ctx, authz.Signature, was.ID, o, "left", was, is); err != nil {
			return err
		}
		if err := t.QueryRowContext(ctx, `SELECT COUNT(*) FROM commitments WHERE owner = $1 AND withdrawn = ''`, string(o)).Scan(&open); err != nil {
			return err
		}
		return t.setAlliance(ctx, o, false)
	})
	return open, err
}
