package store

import (
	"context"
	"time"

	"gevor/authz"
	"gevor/fault"
	"gevor/statement"
)

// How much feedback an installation takes: beyond it nobody would read it, and somebody is only filling the disk. No
// address of any sender is kept or compared for this.
const (
	feedbackPerHour = 60
	feedbackOpen    = 5_000
)

func scanFeedback(row scanner) (f statement.Feedback, err error) {
	var at, done string
	if err := row.Scan(&f.ID, &at, &f.Language, &f.Page, &f.Message, &f.Contact, &done); err != nil {
		return f, err
	}
	if f.At, err = timeOf(at); err != nil {
		return f, err
	}
	f.Done, err = timeOf(done)
	return f, err
}

// SendFeedback keeps what a reader reports. Busy where more comes than an office could read.
func (s *Store) SendFeedback(ctx context.Context, actor authz.Actor, at time.Time, f statement.Feedback) (string, error) {
	if err := s.may(actor, authz.Create, authz.Object{Kind: authz.Feedback}); err != nil {
		return "", err
	}
	f, err := f.Check()
	if err != nil {
		return "", err
	}
	f.ID = newID("f")
	return f.ID, s.change(ctx, actor, at, func(t *tx) error {
		var lately, open int
		if err := t.QueryRowContext(ctx, `SELECT COALESCE(sum(CASE WHEN at > $1 THEN 1 ELSE 0 END), 0), COALESCE(sum(CASE WHEN done = '' THEN 1 ELSE 0 END), 0) FROM feedback`,
			stamp(t.at.Add(-time.Hour))).Scan(&lately, &open); err != nil {
			return err
		}
		if lately >= feedbackPerHour || open >= feedbackOpen {
			return fault.New(fault.Busy, "feedback", "too much has been sent", "try again in an hour, or write to the address in the imprint")
		}
		_, err := t.ExecContext(ctx, `INSERT INTO feedback (id, at, language, page, message, contact) VALUES ($1, $2, $3, $4, $5, $6)`,
			f.ID, stamp(t.at), f.Language, f.Page, f.Message, f.Contact)
		return err
	})
}

// Feedback gives what readers reported: what is open first, the latest first.
func (s *Store) Feedback(ctx context.Context, actor authz.Actor) ([]statement.Feedback, error) {
	if err := s.may(actor, authz.View, authz.Object{Kind: authz.Feedback}); err != nil {
		return nil, err
	}
	list, err := rowsOf(ctx, s.read, scanFeedback, `SELECT id, at, language, page, message, contact, done FROM feedback ORDER BY CASE WHEN done = '' THEN 0 ELSE 1 END, at DESC, id LIMIT 10000`)
	if err != nil {
		return nil, failed(err)
	}
	return list, nil
}

// SettleFeedback notes that a report has been dealt with. Where to answer is forgotten then, in every backup too.
func (s *Store) SettleFeedback(ctx context.Context, actor authz.Actor, at time.Time, id string) error {
	return s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(authz.Change, authz.Object{Kind: authz.Feedback}); err != nil {
			return err
		}
		if err := t.one(ctx, absent(authz.Feedback), `UPDATE feedback SET done = $2, contact = '' WHERE id = $1 AND done = ''`, id, stamp(t.at)); err != nil {
			return err
		}
		if err := t.erase(ctx, erasedContact, id, ""); err != nil {
			return err
		}
		return t.record(ctx, authz.Feedback, id, "", "settled", nil, nil)
	})
}

// RemoveFeedback deletes a report for good.
func (s *Store) RemoveFeedback(ctx context.Context, actor authz.Actor, at time.Time, id string) error {
	return s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(authz.Remove, authz.Object{Kind: authz.Feedback}); err != nil {
			return err
		}
		if err := t.one(ctx, absent(authz.Feedback), `DELETE FROM feedback WHERE id = $1`, id); err != nil {
			return err
		}
		if err := t.erase(ctx, erasedFeedback, id, ""); err != nil {
			return err
		}
		return t.record(ctx, authz.Feedback, id, "", "removed", nil, nil)
	})
}
