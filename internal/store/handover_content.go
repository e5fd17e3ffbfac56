package store

import (
	"context"
	"time"

	"gevor/authz"
	"gevor/fault"
	"gevor/handover"
	"gevor/seal"
)

// writeBox keeps a message with its attachments. The same message again changes nothing.
func (t *tx) writeBox(ctx context.Context, id handover.ID, b handover.Sealed) error {
	done, err := t.ExecContext(ctx, `INSERT INTO handover_boxes (handover, part, side, box, sends, takes, made) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (handover, part) DO NOTHING`,
		string(id), b.Part, string(b.By), b.Box, b.Sends, b.Takes, stamp(t.at))
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return t.writeFiles(ctx, id, b.Part, b.Files)
}

// destroyContent ends the readability of a handover's content for good: its boxes go here, its share goes once this
// counts, and no backup brings either back.
func (t *tx) destroyContent(ctx context.Context, id handover.ID) error {
	if err := t.dropBoxes(ctx, id); err != nil {
		return err
	}
	return t.erase(ctx, erasedContent, string(id), "")
}

func (t *tx) dropBoxes(ctx context.Context, id handover.ID) error {
	for _, table := range []string{"handover_files", "handover_boxes"} {
		if _, err := t.ExecContext(ctx, `DELETE FROM `+table+` WHERE handover = $1`, string(id)); err != nil {
			return err
		}
	}
	_, err := t.ExecContext(ctx, `UPDATE handovers SET destroyed = $2, reseal = 0 WHERE id = $1 AND destroyed = ''`, string(id), stamp(t.at))
	return err
}

// destroyWhere destroys the share of a handover whose content was destroyed.
func (s *Store) destroyWhere(ctx context.Context, id handover.ID) error {
	var destroyed string
	if err := s.read.QueryRowContext(ctx, `SELECT destroyed FROM handovers WHERE id = $1`, string(id)).Scan(&destroyed); err != nil {
		return failed(err)
	}
	if destroyed == "" {
		return nil
	}
	return s.shares.Destroy(string(id))
}

// OpenHandover gives the share that opens a handover's content, and notes the first opening of a receiver. NotFound
// where the content is destroyed, Conflict where the consent has ended.
func (s *Store) OpenHandover(ctx context.Context, actor authz.Actor, at time.Time, o authz.OrganisationID, id handover.ID) (share []byte, err error) {
	if err := s.noShares(); err != nil {
		return nil, err
	}
	err = s.change(ctx, actor, at, func(t *tx) error {
		h, err := t.lockHandover(ctx, id)
		if err != nil {
			return err
		}
		side, err := s.sideOf(actor, authz.Change, h, o)
		if err != nil {
			return err
		}
		c, err := consentOf(ctx, t, h)
		if err != nil {
			return err
		}
		if !c.Withdrawn.IsZero() || !t.at.Before(c.Until) {
			return fault.New(fault.Conflict, "consent", "has ended", "ask the person for a new one")
		}
		if side == handover.Receiver && h.Status == handover.Requested {
			if _, err := t.command(ctx, h, handover.Command{Key: "opened", Verb: handover.Open, By: side, Version: h.Version}); err != nil {
				return err
			}
		} else if err := t.record(ctx, authz.Handover, string(id), o, "read", nil, nil); err != nil {
			return err
		}
		share, err = s.shares.Get(string(id))
		if fault.KindOf(err) == fault.NotFound {
			return fault.New(fault.Conflict, "content", "cannot be opened any more", "ask the sender to seal again")
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return share, nil
}

// checkBox holds a message and its attachments to their form.
func checkBox(b handover.Sealed) error {
	if err := seal.Check([]byte(b.Box), seal.Context{SenderKey: b.Sends, ReceiverKey: b.Takes}); err != nil {
		return err
	}
	return checkFiles(b.Files, b.Sends, b.Takes)
}

// AddBox adds sealed content to a handover that is open: an answer, or a question. A receiver adds none where the
// person wants no text to go back.
func (s *Store) AddBox(ctx context.Context, actor authz.Actor, at time.Time, o authz.OrganisationID, id handover.ID, b handover.Sealed) error {
	if err := s.noShares(); err != nil {
		return err
	}
	if !properID(b.Part, "b") {
		return fault.New(fault.Invalid, "box", "is not as the page makes one", "load the page again")
	}
	if err := checkBox(b); err != nil {
		return err
	}
	return s.change(ctx, actor, at, func(t *tx) error {
		h, err := t.lockHandover(ctx, id)
		if err != nil {
			return err
		}
		if b.By, err = s.sideOf(actor, authz.Change, h, o); err != nil {
			return err
		}
		c, err := consentOf(ctx, t, h)
		if err != nil {
			return err
		}
		switch {
		case !h.Status.Open() || h.Status == handover.Draft:
			return fault.New(fault.Conflict, "handover", "has ended or not begun", "")
		case !c.Covers(h, t.at):
			return fault.New(fault.Conflict, "consent", "has ended", "ask the person for a new one")
		case b.By == handover.Receiver && h.Level != handover.StatusAndText:
			return fault.New(fault.Conflict, "consent", "lets no text go back", "answer by the state alone")
		}
		if err := t.keysStand(ctx, h.Sender, h.Receiver, b.Sends, b.Takes); err != nil {
			return err
		}
		if err := t.writeBox(ctx, id, b); err != nil {
			return err
		}
		return t.record(ctx, authz.Handover, string(id), o, "wrote", nil, nil)
	})
}

// Reseal puts a sender's new box in the place of the request whose keys the receiver has lost, with all its attachments.
func (s *Store) Reseal(ctx context.Context, actor authz.Actor, at time.Time, o authz.OrganisationID, id handover.ID, b handover.Sealed) error {
	if err := checkBox(b); err != nil {
		return err
	}
	return s.change(ctx, actor, at, func(t *tx) error {
		h, err := t.lockHandover(ctx, id)
		if err != nil {
			return err
		}
		side, err := s.sideOf(actor, authz.Change, h, o)
		if err != nil {
			return err
		}
		if side != handover.Sender || !h.Reseal || !h.Status.Open() {
			return fault.New(fault.Conflict, "handover", "needs no new seal", "look at the new state")
		}
		if err := t.keysStand(ctx, h.Sender, h.Receiver, b.Sends, b.Takes); err != nil {
			return err
		}
		if err := t.one(ctx, absent(authz.Handover), `UPDATE handover_boxes SET box = $2, sends = $3, takes = $4, made = $5 WHERE handover = $1 AND part = 'request'`,
			string(id), b.Box, b.Sends, b.Takes, stamp(t.at)); err != nil {
			return err
		}
		if err := t.resealFiles(ctx, id, "request", b.Files); err != nil {
			return err
		}
		if _, err := t.ExecContext(ctx, `UPDATE handovers SET reseal = 0 WHERE id = $1`, string(id)); err != nil {
			return err
		}
		return t.record(ctx, authz.Handover, string(id), o, "resealed", nil, nil)
	})
}
