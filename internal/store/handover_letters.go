package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"gevor/authz"
	"gevor/fault"
	"gevor/handover"
	"gevor/outbox"
)

// LetterMail tells an organisation without an account that something waits, and nothing of what. The link is made of the
// Secret; it opens nothing without the code that the sender says on the telephone.
type LetterMail struct {
	Template, To, Language string
	Secret                 string
}

const mailLetter = "handover-letter"

// letterOf gives the letter of a handover; nil where it is none.
func letterOf(ctx context.Context, q querier, id handover.ID) (*handover.Letter, error) {
	var l handover.Letter
	err := q.QueryRowContext(ctx, `SELECT phone, COALESCE((SELECT outcome FROM outbox WHERE key = $2), '') FROM handover_letters WHERE handover = $1`,
		string(id), mailLetter+" "+string(id)).Scan(&l.Phone, &l.Mail)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return &l, err
}

// writeLetter keeps the envelope of a handover without content. Its mail goes out when it is sent.
func (t *tx) writeLetter(ctx context.Context, id handover.ID, l handover.Letter) error {
	_, nobody := NewSecret()
	_, err := t.ExecContext(ctx, `INSERT INTO handover_letters (handover, secret_hash, phone, made) VALUES ($1, $2, $3, $4)`, string(id), nobody, l.Phone, stamp(t.at))
	return err
}

// mayLetter fails where an organisation is not one to write a letter to.
func (t *tx) mayLetter(ctx context.Context, receiver authz.OrganisationID) (to string, err error) {
	i, err := intakeOf(ctx, t, receiver)
	if err != nil {
		return "", err
	}
	if !i.ByLetter() {
		return "", fault.New(fault.Stale, "receiver", "takes sealed handovers by now, or nothing at all", "load the page again")
	}
	return i.Mail, nil
}

// sendLetter writes the mail. The sender sees on the page of the handover when no server takes it.
func (t *tx) sendLetter(ctx context.Context, h handover.Handover) error {
	to, err := t.mayLetter(ctx, h.Receiver)
	if err != nil {
		return err
	}
	secret, hash := NewSecret()
	if _, err := t.ExecContext(ctx, `UPDATE handover_letters SET secret_hash = $2 WHERE handover = $1`, string(h.ID), hash); err != nil {
		return err
	}
	return t.tell(ctx, outbox.Mail, h.Sender, mailLetter+" "+string(h.ID), LetterMail{mailLetter, to, "de", secret}, t.at)
}

// NewLetterCode makes the code that the sender says on the telephone; the one before it opens nothing any more.
func (s *Store) NewLetterCode(ctx context.Context, actor authz.Actor, at time.Time, o authz.OrganisationID, id handover.ID) (code string, err error) {
	code = handover.NewLetterCode()
	return code, s.bySender(ctx, actor, at, o, id, "letter_code", func(t *tx) error {
		return t.one(ctx, fault.New(fault.Conflict, "code", "belongs to a handover by letter", ""),
			`UPDATE handover_letters SET code_hash = $2, misses = 0 WHERE handover = $1`, string(id), HashSecret(code))
	})
}

// wrongLetter is the answer to a link and a code that do not belong together, whichever is wrong.
func wrongLetter() error {
	return fault.New(fault.NotFound, "letter", "does not open with this code", "compare each character, or call the sender for a new code")
}

// underLetter does something with the handover of a link, once the code fits. A wrong code counts, also where nothing
// else changes; after MostMisses none fits until the sender makes a new one.
func (s *Store) underLetter(ctx context.Context, at time.Time, secret, typed string, do func(*tx, handover.Handover) error) error {
	wrong := false
	err := s.change(ctx, authz.Public(), at, func(t *tx) error {
		type row struct {
			id     handover.ID
			hash   string
			misses int
		}
		l, err := found(t.QueryRowContext(ctx, `UPDATE handover_letters SET misses = misses + 1 WHERE secret_hash = $1 RETURNING handover, code_hash, misses`, HashSecret(secret)),
			func(r scanner) (l row, err error) { return l, r.Scan(&l.id, &l.hash, &l.misses) }, wrongLetter())
		if err != nil {
			return err
		}
		code, ok := handover.ReadLetterCode(typed)
		if !ok || l.hash == "" || HashSecret(code) != l.hash || l.misses > handover.MostMisses {
			wrong = true
			return nil
		}
		if _, err := t.ExecContext(ctx, `UPDATE handover_letters SET misses = 0 WHERE handover = $1`, string(l.id)); err != nil {
			return err
		}
		h, err := t.lockHandover(ctx, l.id)
		if err != nil {
			return err
		}
		if h.Requested.IsZero() {
			return wrongLetter()
		}
		return do(t, h)
	})
	if err == nil && wrong {
		return wrongLetter()
	}
	return err
}

// OpenLetter gives the envelope to whoever has link and code, and notes the first opening. NotFound otherwise.
func (s *Store) OpenLetter(ctx context.Context, at time.Time, secret, code string) (f handover.File, err error) {
	var id handover.ID
	if err := s.underLetter(ctx, at, secret, code, func(t *tx, h handover.Handover) error {
		id = h.ID
		if h.Status != handover.Requested {
			return nil
		}
		_, err := t.command(ctx, h, handover.Command{Key: "opened", Verb: handover.Open, By: handover.Receiver, Version: h.Version})
		return err
	}); err != nil {
		return f, err
	}
	h, err := handoverByID(ctx, s.read, id)
	if err != nil {
		return f, err
	}
	f = handover.File{Handover: h.For(handover.Receiver), Side: handover.Receiver, Offer: s.offerName(ctx, h.Service)}
	if err := s.complete(ctx, &f, h); err != nil {
		return handover.File{}, failed(err)
	}
	return f, nil
}

// AnswerLetter accepts, or declines with a reason, in the name of the receiver. The same answer again changes nothing.
func (s *Store) AnswerLetter(ctx context.Context, at time.Time, secret, code string, c handover.Command) error {
	if !slices.Contains(handover.LetterVerbs(), c.Verb) {
		return fault.New(fault.Invalid, "answer", "is none that a letter has", "accept, or decline with a reason")
	}
	return s.underLetter(ctx, at, secret, code, func(t *tx, h handover.Handover) error {
		c.By, c.Key, c.Version = handover.Receiver, "letter", h.Version
		_, err := t.command(ctx, h, c)
		return err
	})
}
