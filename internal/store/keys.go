package store

import (
	"context"
	"encoding/base64"
	"slices"
	"time"

	"gevor/authz"
	"gevor/fault"
	"gevor/handover"
	"gevor/seal"
)

// sealKeyColumns give a key to whoever $1 is.
const sealKeyColumns = `k.id, k.organisation, k.public, k.made, k.ready, k.retired, k.lost, k.holder_left, k.sheet,
	(SELECT COUNT(*) FROM seal_holders h WHERE h.seal_key = k.id), COALESCE((SELECT h.wrap FROM seal_holders h WHERE h.seal_key = k.id AND h.person = $1), '')`

func scanSealKey(row scanner) (k handover.Key, err error) {
	var public, made, ready, retired string
	var lost, left int
	if err := row.Scan(&k.ID, &k.Organisation, &public, &made, &ready, &retired, &lost, &left, &k.Sheet, &k.Holders, &k.Wrap); err != nil {
		return k, err
	}
	k.Lost, k.Left = lost == 1, left == 1
	if k.Public, err = base64.StdEncoding.DecodeString(public); err != nil {
		return k, err
	}
	for _, x := range []struct {
		to   *time.Time
		from string
	}{{&k.Made, made}, {&k.Ready, ready}, {&k.Retired, retired}} {
		if *x.to, err = timeOf(x.from); err != nil {
			return k, err
		}
	}
	return k, nil
}

func keysOf(ctx context.Context, q querier, who authz.PersonID, o authz.OrganisationID) ([]handover.Key, error) {
	return rowsOf(ctx, q, scanSealKey, `SELECT `+sealKeyColumns+` FROM seal_keys k WHERE k.organisation = $2 ORDER BY k.made DESC, k.id`, string(who), string(o))
}

// SealKeys gives the keys of an organisation, the newest first, with the reader's own wraps.
func (s *Store) SealKeys(ctx context.Context, actor authz.Actor, o authz.OrganisationID) ([]handover.Key, error) {
	if err := s.may(actor, authz.View, authz.Object{Kind: authz.SealKey, Owner: o}); err != nil {
		return nil, err
	}
	keys, err := keysOf(ctx, s.read, actor.Person, o)
	if err != nil {
		return nil, failed(err)
	}
	return keys, nil
}

// usableKey gives the key that others seal to; nil where there is none.
func usableKey(ctx context.Context, q querier, o authz.OrganisationID) (*handover.Key, error) {
	keys, err := keysOf(ctx, q, "", o)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(keys, handover.Key.Usable); i >= 0 {
		k := keys[i]
		k.Sheet = ""
		return &k, nil
	}
	return nil, nil
}

// CreateSealKey keeps a key that a browser made. It counts once a second person has typed the recovery sheet, see
// HoldSealKey. The same key again changes nothing.
func (s *Store) CreateSealKey(ctx context.Context, actor authz.Actor, at time.Time, n handover.NewKey) (id string, err error) {
	if _, err := seal.PublicKey(n.Public); err != nil {
		return "", err
	}
	for _, w := range []string{n.Wrap, n.Sheet} {
		if err := seal.CheckWrap([]byte(w)); err != nil {
			return "", err
		}
	}
	if len(n.Proof) < 40 || len(n.Proof) > 200 {
		return "", fault.New(fault.Invalid, "recovery sheet", "lacks its proof", "load the page again")
	}
	id = seal.Fingerprint(n.Public)
	err = s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(authz.Create, authz.Object{Kind: authz.SealKey, Owner: n.Organisation}); err != nil {
			return err
		}
		if err := t.one(ctx, absent(authz.Organisation), `UPDATE organisations SET version = version WHERE id = $1 AND closed = 0`, string(n.Organisation)); err != nil {
			return err
		}
		keys, err := keysOf(ctx, t, actor.Person, n.Organisation)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(keys, func(k handover.Key) bool { return k.ID == id }) {
			return nil
		}
		if _, err := t.ExecContext(ctx, `INSERT INTO seal_keys (id, organisation, public, sheet, proof, made) VALUES ($1, $2, $3, $4, $5, $6)`,
			id, string(n.Organisation), base64.StdEncoding.EncodeToString(n.Public), n.Sheet, HashSecret(n.Proof), stamp(t.at)); err != nil {
			return err
		}
		if err := t.holds(ctx, id, n.Wrap); err != nil {
			return err
		}
		if n.Lost {
			if err := t.loseKeys(ctx, n.Organisation, id); err != nil {
				return err
			}
		}
		return t.record(ctx, authz.SealKey, id, n.Organisation, "created", nil, nil)
	})
	return id, err
}

// holds keeps the wrap of whoever acts.
func (t *tx) holds(ctx context.Context, key, wrap string) error {
	_, err := t.ExecContext(ctx, `INSERT INTO seal_holders (seal_key, person, wrap, made) VALUES ($1, $2, $3, $4)
		ON CONFLICT (seal_key, person) DO UPDATE SET wrap = excluded.wrap, made = excluded.made`, key, string(t.actor.Person), wrap, stamp(t.at))
	return err
}

// loseKeys notes that nobody opens the keys of an organisation any more but the newest: whoever sent it something that
// is still open is asked to seal again.
func (t *tx) loseKeys(ctx context.Context, o authz.OrganisationID, but string) error {
	if _, err := t.ExecContext(ctx, `UPDATE seal_keys SET lost = 1, retired = CASE WHEN retired = '' THEN $3 ELSE retired END WHERE organisation = $1 AND id <> $2`, string(o), but, stamp(t.at)); err != nil {
		return err
	}
	_, err := t.ExecContext(ctx, `UPDATE handovers SET reseal = 1 WHERE receiver = $1 AND status IN ('requested', 'received', 'accepted', 'in-progress', 'on-hold') AND destroyed = ''`, string(o))
	return err
}

// HoldSealKey makes the actor a holder of a key, with a wrap of their own: proof shows that they read the recovery
// sheet, or hold the key already (a new passphrase). With the second holder the key counts, and those before it are
// retired: they open what was sealed to them, and nothing new is.
func (s *Store) HoldSealKey(ctx context.Context, actor authz.Actor, at time.Time, key, wrap, proof string) error {
	if err := seal.CheckWrap([]byte(wrap)); err != nil {
		return err
	}
	return s.change(ctx, actor, at, func(t *tx) error {
		type row struct {
			owner       authz.OrganisationID
			proof       string
			ready, lost bool
		}
		k, err := found(t.QueryRowContext(ctx, `SELECT organisation, proof, ready, lost FROM seal_keys WHERE id = $1`, key), func(r scanner) (k row, err error) {
			var ready string
			var lost int
			err = r.Scan(&k.owner, &k.proof, &ready, &lost)
			k.ready, k.lost = ready != "", lost == 1
			return k, err
		}, absent(authz.SealKey))
		if err != nil {
			return err
		}
		if err := t.may(authz.Change, authz.Object{Kind: authz.SealKey, Owner: k.owner}); err != nil {
			return err
		}
		if HashSecret(proof) != k.proof {
			return fault.New(fault.Invalid, "recovery sheet", "is not that of this key", "type the code of the sheet again")
		}
		if err := t.holds(ctx, key, wrap); err != nil {
			return err
		}
		var n int
		if err := t.QueryRowContext(ctx, `SELECT COUNT(*) FROM seal_holders WHERE seal_key = $1`, key).Scan(&n); err != nil {
			return err
		}
		if !k.ready && n >= handover.LeastHolders {
			if _, err := t.ExecContext(ctx, `UPDATE seal_keys SET ready = $2 WHERE id = $1`, key, stamp(t.at)); err != nil {
				return err
			}
			if _, err := t.ExecContext(ctx, `UPDATE seal_keys SET retired = $3 WHERE organisation = $1 AND id <> $2 AND retired = ''`, string(k.owner), key, stamp(t.at)); err != nil {
				return err
			}
		}
		return t.record(ctx, authz.SealKey, key, k.owner, "held", nil, nil)
	})
}

// UnsafeSweepHolders takes the wraps of those who work no more where the key belongs, and notes that it is time for a
// new key. It gives how many.
func (s *Store) UnsafeSweepHolders(ctx context.Context, at time.Time) (gone int, err error) {
	err = s.change(ctx, authz.Public(), at, func(t *tx) error {
		type held struct{ key, person string }
		left, err := rowsOf(ctx, t, func(row scanner) (h held, err error) { return h, row.Scan(&h.key, &h.person) },
			`SELECT h.seal_key, h.person FROM seal_holders h JOIN seal_keys k ON k.id = h.seal_key
			WHERE NOT EXISTS (SELECT 1 FROM memberships m WHERE m.person = h.person AND m.organisation = k.organisation) ORDER BY h.seal_key, h.person`)
		if err != nil {
			return err
		}
		gone = len(left)
		for _, h := range left {
			if _, err := t.ExecContext(ctx, `DELETE FROM seal_holders WHERE seal_key = $1 AND person = $2`, h.key, h.person); err != nil {
				return err
			}
			if _, err := t.ExecContext(ctx, `UPDATE seal_keys SET holder_left = 1 WHERE id = $1`, h.key); err != nil {
				return err
			}
			if err := t.erase(ctx, erasedHolder, h.key, h.person); err != nil {
				return err
			}
		}
		return nil
	})
	return gone, err
}

// Intake gives how an organisation takes handovers, to anybody who may send.
func (s *Store) Intake(ctx context.Context, actor authz.Actor, o authz.OrganisationID) (handover.Intake, error) {
	if err := s.may(actor, authz.View, authz.Object{Kind: authz.Intake}); err != nil {
		return handover.Intake{}, err
	}
	i, err := intakeOf(ctx, s.read, o)
	if err != nil {
		return i, failed(err)
	}
	return i, nil
}

func intakeOf(ctx context.Context, q querier, o authz.OrganisationID) (i handover.Intake, err error) {
	i = handover.Intake{Organisation: o, Terms: handover.UsualTerms()}
	house, err := organisationByID(ctx, q, o)
	if err != nil {
		return i, err
	}
	i.Name, i.Paused, i.Mail = house.Name, house.Closed, house.Email
	rows, err := rowsOf(ctx, q, func(row scanner) (x handover.Intake, err error) {
		var paused int
		err = row.Scan(&paused, &x.Terms.Remind, &x.Terms.Tell, &x.Terms.Chief)
		x.Paused = paused == 1
		return x, err
	}, `SELECT paused, remind, tell, chief FROM handover_intakes WHERE organisation = $1`, string(o))
	if err != nil {
		return i, err
	}
	for _, x := range rows {
		i.Terms, i.Paused = x.Terms, i.Paused || x.Paused
	}
	i.Key, err = usableKey(ctx, q, o)
	return i, err
}

// SetIntake says how an organisation takes handovers.
func (s *Store) SetIntake(ctx context.Context, actor authz.Actor, at time.Time, i handover.Intake) error {
	if !i.Terms.Valid() {
		return fault.New(fault.Invalid, "terms", "are none that can be agreed", "choose at least one day each, thirty in all at most")
	}
	return s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(authz.Change, authz.Object{Kind: authz.SealKey, Owner: i.Organisation}); err != nil {
			return err
		}
		if _, err := t.ExecContext(ctx, `INSERT INTO handover_intakes (organisation, paused, remind, tell, chief) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (organisation) DO UPDATE SET paused = excluded.paused, remind = excluded.remind, tell = excluded.tell, chief = excluded.chief`,
			string(i.Organisation), bit(i.Paused), i.Terms.Remind, i.Terms.Tell, i.Terms.Chief); err != nil {
			return err
		}
		return t.record(ctx, authz.SealKey, string(i.Organisation), i.Organisation, "changed", nil, nil)
	})
}
