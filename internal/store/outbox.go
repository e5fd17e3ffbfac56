package store

import (
	"context"
	"database/sql"
	"time"

	"gevor/authz"
	"gevor/outbox"
)

const messageColumns = `sequence, topic, owner, key, payload, made, due, attempts`

func scanMessage(row scanner) (m outbox.Message, err error) {
	var payload, made, due string
	if err := row.Scan(&m.Sequence, &m.Topic, &m.Owner, &m.Key, &payload, &made, &due, &m.Attempts); err != nil {
		return m, err
	}
	m.Payload = []byte(payload)
	if m.Made, err = timeOf(made); err != nil {
		return m, err
	}
	m.Due, err = timeOf(due)
	return m, err
}

// UnsafeLease takes up to limit messages of a topic that are due, the oldest first, and keeps other deliverers away
// from them until a time. A deliverer that dies gives its messages back by letting that time pass.
func (s *Store) UnsafeLease(ctx context.Context, topic outbox.Topic, at, until time.Time, limit int) (taken []outbox.Message, err error) {
	err = s.within(ctx, func(t *sql.Tx) error {
		taken, err = rowsOf(ctx, t, scanMessage, `UPDATE outbox SET leased_until = $3, attempts = attempts + 1
			WHERE sequence IN (SELECT sequence FROM outbox WHERE settled IS NULL AND topic = $1 AND due <= $2 AND leased_until <= $2 ORDER BY due, sequence LIMIT $4)
				AND leased_until <= $2
			RETURNING `+messageColumns, string(topic), stamp(at), stamp(until), limit)
		return err
	})
	return taken, err
}

// UnsafeSettle notes what became of a message: an outcome ends it, Waiting puts it off until due.
func (s *Store) UnsafeSettle(ctx context.Context, sequence int64, outcome outbox.Outcome, at, due time.Time) error {
	return s.within(ctx, func(t *sql.Tx) error {
		settled := sql.NullString{String: stamp(at), Valid: outcome != outbox.Waiting}
		// The content of what was delivered is nobody's business any more.
		_, err := t.ExecContext(ctx, `UPDATE outbox SET settled = $2, outcome = $3, due = $4, leased_until = '', payload = CASE WHEN $3 = '' THEN payload ELSE '' END WHERE sequence = $1 AND settled IS NULL`,
			sequence, settled, string(outcome), stamp(due))
		return err
	})
}

// Outbox gives the latest messages of an organisation (empty: of the whole installation), without their content.
func (s *Store) Outbox(ctx context.Context, actor authz.Actor, owner authz.OrganisationID, limit int) ([]outbox.Sending, error) {
	if err := s.may(actor, authz.View, authz.Object{Kind: authz.Outbox, Owner: owner}); err != nil {
		return nil, err
	}
	sent, err := rowsOf(ctx, s.read, func(row scanner) (m outbox.Sending, err error) {
		var made, due, settled string
		if err := row.Scan(&m.Sequence, &m.Topic, &m.Owner, &m.Key, &made, &due, &m.Attempts, &m.Outcome, &settled); err != nil {
			return m, err
		}
		if m.Made, err = timeOf(made); err != nil {
			return m, err
		}
		if m.Due, err = timeOf(due); err != nil {
			return m, err
		}
		m.Settled, err = timeOf(settled)
		return m, err
	}, `SELECT sequence, topic, owner, key, made, due, attempts, outcome, COALESCE(settled, '') FROM outbox WHERE $1 = '' OR owner = $1 ORDER BY sequence DESC LIMIT $2`, string(owner), limit)
	if err != nil {
		return nil, failed(err)
	}
	return sent, nil
}
