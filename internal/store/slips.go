package store

import (
	"context"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/fault"
	"gevor/handover"
)

// CreateSlips makes a block of slips for an offer of the organisation. codes are those of the slips in order of their
// numbers from 1, secret is that of the practice's page: both stand here only as hashes.
func (s *Store) CreateSlips(ctx context.Context, actor authz.Actor, at time.Time, n handover.NewSlips) (id string, codes []string, secret string, err error) {
	if err := n.Check(); err != nil {
		return "", nil, "", err
	}
	secret, hash := NewSecret()
	id = newID("s")
	err = s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(authz.Change, authz.Object{Kind: authz.Handover, Owner: n.Owner}); err != nil {
			return err
		}
		if err := t.one(ctx, absent(authz.Organisation), `UPDATE organisations SET version = version WHERE id = $1 AND closed = 0`, string(n.Owner)); err != nil {
			return err
		}
		offer, err := t.service(ctx, directory.ServiceID(n.Service), authz.View)
		if err != nil {
			return err
		}
		if offer.Owner != n.Owner {
			return absent(authz.Entry)
		}
		if _, err := t.ExecContext(ctx, `INSERT INTO slip_blocks (id, owner, service, practice, secret_hash, made) VALUES ($1, $2, $3, $4, $5, $6)`,
			id, string(n.Owner), n.Service, n.Practice, hash, stamp(t.at)); err != nil {
			return err
		}
		for i := range n.Count {
			code := handover.NewSlipCode()
			if _, err := t.ExecContext(ctx, `INSERT INTO slips (hash, block, number, state, changed) VALUES ($1, $2, $3, $4, $5)`, HashSecret(code), id, i+1, string(handover.Printed), stamp(t.at)); err != nil {
				return err
			}
			codes = append(codes, code)
		}
		return t.record(ctx, authz.Handover, id, n.Owner, "slips", nil, nil)
	})
	if err != nil {
		return "", nil, "", err
	}
	return id, codes, secret, nil
}

func scanSlip(row scanner) (x handover.Slip, err error) {
	var feedback int
	var changed string
	if err := row.Scan(&x.Number, &x.State, &feedback, &changed); err != nil {
		return x, err
	}
	x.Feedback = feedback == 1
	x.Changed, err = timeOf(changed)
	return x, err
}

// SlipBlocks gives the blocks of an organisation, the newest first.
func (s *Store) SlipBlocks(ctx context.Context, actor authz.Actor, o authz.OrganisationID) ([]handover.SlipBlock, error) {
	if err := s.may(actor, authz.View, authz.Object{Kind: authz.Handover, Owner: o}); err != nil {
		return nil, err
	}
	blocks, err := rowsOf(ctx, s.read, func(row scanner) (b handover.SlipBlock, err error) {
		var made string
		if err := row.Scan(&b.ID, &b.Service, &b.Practice, &made); err != nil {
			return b, err
		}
		b.Made, err = timeOf(made)
		return b, err
	}, `SELECT id, service, practice, made FROM slip_blocks WHERE owner = $1 ORDER BY made DESC, id`, string(o))
	if err != nil {
		return nil, failed(err)
	}
	for i := range blocks {
		blocks[i].Offer = s.offerName(ctx, blocks[i].Service)
		if blocks[i].Slips, err = rowsOf(ctx, s.read, scanSlip, `SELECT number, state, feedback, changed FROM slips WHERE block = $1 ORDER BY number`, blocks[i].ID); err != nil {
			return nil, failed(err)
		}
	}
	return blocks, nil
}

// noSlip is the answer to a code that there is not, or not for this organisation.
func noSlip() error {
	return fault.New(fault.NotFound, "slip", "is not there", "compare each character of the code")
}

// MarkSlip notes what became of a slip of the organisation. With feedback the person's box on the slip is ticked; a box
// that was ticked stays so. The same again changes nothing.
func (s *Store) MarkSlip(ctx context.Context, actor authz.Actor, at time.Time, o authz.OrganisationID, typed string, state handover.SlipState, feedback bool) error {
	if !state.Valid() {
		return fault.New(fault.Invalid, "slip", "lacks what became of it", "choose one from the list")
	}
	return s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(authz.Change, authz.Object{Kind: authz.Handover, Owner: o}); err != nil {
			return err
		}
		code, ok := handover.ReadSlipCode(typed)
		if !ok {
			return noSlip()
		}
		return t.one(ctx, noSlip(), `UPDATE slips SET state = $2, feedback = CASE WHEN feedback = 1 THEN 1 ELSE $3 END, changed = $4
			WHERE hash = $1 AND block IN (SELECT id FROM slip_blocks WHERE owner = $5)`, HashSecret(code), string(state), bit(feedback), stamp(t.at), string(o))
	})
}

// BySlip gives a slip to whoever holds it; NotFound where there is none.
func (s *Store) BySlip(ctx context.Context, typed string) (f handover.SlipFile, err error) {
	code, ok := handover.ReadSlipCode(typed)
	if !ok {
		return f, noSlip()
	}
	f, err = found(s.read.QueryRowContext(ctx, `SELECT s.number, s.state, s.feedback, s.changed, b.service, o.name
		FROM slips s JOIN slip_blocks b ON b.id = s.block JOIN organisations o ON o.id = b.owner WHERE s.hash = $1`, HashSecret(code)),
		func(row scanner) (f handover.SlipFile, err error) {
			f.Slip, err = scanSlip(more{row, []any{&f.Service, &f.Owner}})
			return f, err
		}, noSlip())
	if err != nil {
		return f, err
	}
	f.Offer = s.offerName(ctx, f.Service)
	return f, nil
}

// RedeemSlip notes in the name of whoever holds a slip that they arrived, unless the organisation said something
// already, and whether the practice may learn of it: they can take that back by saying no.
func (s *Store) RedeemSlip(ctx context.Context, at time.Time, typed string, feedback bool) error {
	code, ok := handover.ReadSlipCode(typed)
	if !ok {
		return noSlip()
	}
	return s.change(ctx, authz.Public(), at, func(t *tx) error {
		return t.one(ctx, noSlip(), `UPDATE slips SET state = CASE WHEN state = $4 THEN $5 ELSE state END, feedback = $2, changed = $3 WHERE hash = $1`,
			HashSecret(code), bit(feedback), stamp(t.at), string(handover.Printed), string(handover.Arrived))
	})
}

// UnsafeSweepSlips forgets slips that were redeemed longer ago than SlipShown, those that nobody redeemed within KeepSlip,
// messages of practices that are older than SlipShown, and blocks of which nothing is left. It gives how many slips.
func (s *Store) UnsafeSweepSlips(ctx context.Context, at time.Time) (gone int64, err error) {
	var notes []string
	err = s.change(ctx, authz.Public(), at, func(t *tx) error {
		done, err := t.ExecContext(ctx, `DELETE FROM slips WHERE state <> $1 AND changed <= $2 OR changed <= $3`,
			string(handover.Printed), stamp(t.at.Add(-handover.SlipShown)), stamp(t.at.Add(-handover.KeepSlip)))
		if err != nil {
			return err
		}
		if gone, err = done.RowsAffected(); err != nil {
			return err
		}
		if notes, err = t.sweepNotes(ctx); err != nil {
			return err
		}
		_, err = t.ExecContext(ctx, `DELETE FROM slip_blocks WHERE NOT EXISTS (SELECT 1 FROM slips s WHERE s.block = slip_blocks.id)
			AND NOT EXISTS (SELECT 1 FROM slip_notes n WHERE n.block = slip_blocks.id)`)
		return err
	})
	if err != nil {
		return gone, err
	}
	return gone, s.destroyNotes(notes)
}
