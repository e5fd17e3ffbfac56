package store

import (
	"context"
	"slices"
	"time"

	"gevor/authz"
	"gevor/fault"
	"gevor/handover"
	"gevor/seal"
)

// NewNoteID makes the name of a practice's message, for a page that seals it in.
func (s *Store) NewNoteID() string { return newID("n") }

// block is a block of slips as its practice's link gives it.
type block struct {
	id    string
	owner authz.OrganisationID
	name  string
}

func blockOf(ctx context.Context, q querier, secret string) (block, error) {
	return found(q.QueryRowContext(ctx, `SELECT b.id, b.owner, o.name FROM slip_blocks b JOIN organisations o ON o.id = b.owner WHERE b.secret_hash = $1`, HashSecret(secret)),
		func(row scanner) (b block, err error) { return b, row.Scan(&b.id, &b.owner, &b.name) }, noSlip())
}

// Practice gives a practice what became of the slips whose holders agreed to that, for SlipShown after it was said, its
// own messages with their answers, and the key to write to. NotFound where there is no such link.
func (s *Store) Practice(ctx context.Context, at time.Time, secret string) (p handover.Practice, err error) {
	b, err := blockOf(ctx, s.read, secret)
	if err != nil {
		return p, err
	}
	p = handover.Practice{Block: b.id, Owner: b.owner, Name: b.name}
	if p.Slips, err = rowsOf(ctx, s.read, scanSlip, `SELECT number, state, feedback, changed FROM slips WHERE block = $1 AND feedback = 1 AND state <> $2 AND changed > $3 ORDER BY number`,
		b.id, string(handover.Printed), stamp(at.Add(-handover.SlipShown))); err != nil {
		return p, failed(err)
	}
	if p.Numbers, err = rowsOf(ctx, s.read, func(row scanner) (n int, err error) { return n, row.Scan(&n) }, `SELECT number FROM slips WHERE block = $1 ORDER BY number`, b.id); err != nil {
		return p, failed(err)
	}
	if s.shares == nil {
		return p, nil
	}
	to, err := intakeOf(ctx, s.read, b.owner)
	if err != nil {
		return p, failed(err)
	}
	if to.Ready() == nil {
		p.Key = to.Key
	}
	if p.Notes, err = notesOf(ctx, s.read, `n.block = $1 ORDER BY n.made DESC, n.id`, b.id); err != nil {
		return p, failed(err)
	}
	for i := range p.Notes {
		n := &p.Notes[i]
		n.Box, n.Practice = "", ""
		if n.Reply == "" {
			continue
		}
		if n.Share, err = s.shares.Get(n.ID); err != nil && fault.KindOf(err) != fault.NotFound {
			return p, err
		}
	}
	return p, nil
}

func notesOf(ctx context.Context, q querier, where string, args ...any) ([]handover.Note, error) {
	return rowsOf(ctx, q, func(row scanner) (n handover.Note, err error) {
		var made, replied string
		if err := row.Scan(&n.ID, &n.Block, &n.Practice, &n.Number, &n.Box, &n.Takes, &made, &n.Reply, &replied); err != nil {
			return n, err
		}
		if n.Made, err = timeOf(made); err != nil {
			return n, err
		}
		n.Replied, err = timeOf(replied)
		return n, err
	}, `SELECT n.id, n.block, b.practice, n.number, n.box, n.takes, n.made, n.reply, n.replied FROM slip_notes n JOIN slip_blocks b ON b.id = n.block WHERE `+where, args...)
}

// WriteNote keeps what a practice writes, whose link this is, sealed to the organisation. The same message again changes
// nothing. Conflict where the organisation takes nothing or MostNotes wait, Stale where its key is another by now.
func (s *Store) WriteNote(ctx context.Context, at time.Time, secret string, n handover.Note) error {
	if err := s.noShares(); err != nil {
		return err
	}
	b, err := blockOf(ctx, s.read, secret)
	if err != nil {
		return err
	}
	n.Block = b.id
	if !properID(n.ID, "n") || len(n.Share) != seal.ShareSize {
		return fault.New(fault.Invalid, "message", "is not as the page makes one", "load the page again")
	}
	if err := checkNote(n.Box, n.Context(b.owner)); err != nil {
		return err
	}
	if was, err := notesOf(ctx, s.read, `n.id = $1`, n.ID); err != nil || len(was) > 0 {
		return err // the same click
	}
	// The share first: one without a message opens nothing, and is swept.
	if err := s.shares.Put(n.ID, n.Share); err != nil {
		return err
	}
	return s.change(ctx, authz.Public(), at, func(t *tx) error {
		if err := t.one(ctx, noSlip(), `UPDATE slips SET number = number WHERE block = $1 AND number = $2`, b.id, n.Number); err != nil {
			return err
		}
		to, err := intakeOf(ctx, t, b.owner)
		if err != nil {
			return err
		}
		if err := to.Ready(); err != nil {
			return err
		}
		if to.Key.ID != n.Takes {
			return fault.New(fault.Stale, "key", "has been replaced since the page was opened", "load the page again and seal once more")
		}
		var waiting int
		if err := t.QueryRowContext(ctx, `SELECT COUNT(*) FROM slip_notes WHERE block = $1`, b.id).Scan(&waiting); err != nil {
			return err
		}
		if waiting >= handover.MostNotes {
			return fault.New(fault.Conflict, "messages", "are too many", "call the organisation")
		}
		if _, err := t.ExecContext(ctx, `INSERT INTO slip_notes (id, block, number, box, takes, made) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING`,
			n.ID, b.id, n.Number, n.Box, n.Takes, stamp(t.at)); err != nil {
			return err
		}
		return t.record(ctx, authz.Handover, n.ID, b.owner, "noted", nil, nil)
	})
}

// checkNote holds a box to its context and to the size of a message.
func checkNote(box string, c seal.Context) error {
	if len(box) > 3*handover.MostNote {
		return fault.New(fault.TooLarge, "message", "is too long", "write less")
	}
	return seal.Check([]byte(box), c)
}

// SlipNotes gives what practices wrote to an organisation, the latest first.
func (s *Store) SlipNotes(ctx context.Context, actor authz.Actor, o authz.OrganisationID) (b handover.NoteBox, err error) {
	if err := s.may(actor, authz.View, authz.Object{Kind: authz.Handover, Owner: o}); err != nil {
		return b, err
	}
	if b.Notes, err = notesOf(ctx, s.read, `b.owner = $1 ORDER BY n.made DESC, n.id`, string(o)); err != nil {
		return b, failed(err)
	}
	if b.Keys, err = keysOf(ctx, s.read, actor.Person, o); err != nil {
		return b, failed(err)
	}
	return b, nil
}

func (t *tx) noteIn(ctx context.Context, o authz.OrganisationID, id string) (n handover.Note, err error) {
	if err := t.may(authz.Change, authz.Object{Kind: authz.Handover, Owner: o}); err != nil {
		return n, err
	}
	all, err := notesOf(ctx, t, `n.id = $1 AND b.owner = $2`, id, string(o))
	if err != nil {
		return n, err
	}
	if len(all) == 0 {
		return n, absent(authz.Handover)
	}
	return all[0], nil
}

// OpenNote gives the share that opens a practice's message, and notes who read it.
func (s *Store) OpenNote(ctx context.Context, actor authz.Actor, at time.Time, o authz.OrganisationID, id string) (share []byte, err error) {
	if err := s.noShares(); err != nil {
		return nil, err
	}
	err = s.change(ctx, actor, at, func(t *tx) error {
		if _, err := t.noteIn(ctx, o, id); err != nil {
			return err
		}
		if share, err = s.shares.Get(id); err != nil {
			return err
		}
		return t.record(ctx, authz.Handover, id, o, "read", nil, nil)
	})
	if err != nil {
		return nil, err
	}
	return share, nil
}

// AnswerNote keeps the answer to a practice's message, sealed under its secret; a later one takes its place.
func (s *Store) AnswerNote(ctx context.Context, actor authz.Actor, at time.Time, o authz.OrganisationID, id, box string) error {
	return s.change(ctx, actor, at, func(t *tx) error {
		n, err := t.noteIn(ctx, o, id)
		if err != nil {
			return err
		}
		if err := checkNote(box, n.ReplyContext(o)); err != nil {
			return err
		}
		if _, err := t.ExecContext(ctx, `UPDATE slip_notes SET reply = $2, replied = $3 WHERE id = $1`, id, box, stamp(t.at)); err != nil {
			return err
		}
		return t.record(ctx, authz.Handover, id, o, "wrote", nil, nil)
	})
}

// sweepNotes forgets messages that are older than SlipShown, and gives their names: their shares go once this counts.
func (t *tx) sweepNotes(ctx context.Context) ([]string, error) {
	return rowsOf(ctx, t, func(row scanner) (id string, err error) { return id, row.Scan(&id) },
		`DELETE FROM slip_notes WHERE made <= $1 RETURNING id`, stamp(t.at.Add(-handover.SlipShown)))
}

// destroyNotes destroys the shares of messages that are gone.
func (s *Store) destroyNotes(ids []string) error {
	for _, id := range slices.Sorted(slices.Values(ids)) {
		if err := s.shares.Destroy(id); err != nil {
			return err
		}
	}
	return nil
}
