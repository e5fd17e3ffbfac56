package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"gevor/authz"
	"gevor/outbox"
)

const messageColumns = `sequence, topic, owner, key, payload, made, due, attempts, bundle`

func scanMessage(row scanner) (m outbox.Message, err error) {
	var payload, made, due string
	if err := row.Scan(&m.Sequence, &m.Topic, &m.Owner, &m.Key, &payload, &made, &due, &m.Attempts, &m.Bundle); err != nil {
		return m, err
	}
	m.Payload = []byte(payload)
	if m.Made, err = timeOf(made); err != nil {
		return m, err
	}
	m.Due, err = timeOf(due)
	return m, err
}

// UnsafeLease takes up to limit messages of a topic that are due, the oldest first, and with each the rest of its
// bundle, and keeps other deliverers away from them until a time. A deliverer that dies gives its messages back by
// letting that time pass.
//
// What is leased together once stays together: a bundle gets the time of its first lease into its name, so that what
// is told later begins a new one and a repetition holds the same messages.
//
// A clock that was set back would leave leases and repetitions lying in a far future. A lease that ends later than any
// could, allowing clocks of several servers to differ by its length, has therefore run out, and so has a wait longer
// than any between two attempts.
func (s *Store) UnsafeLease(ctx context.Context, topic outbox.Topic, at, until time.Time, limit int) (taken []outbox.Message, err error) {
	const free = `settled IS NULL AND topic = $1 AND (leased_until <= $2 OR leased_until > $5)`
	const ripe = free + ` AND (due <= $2 OR attempts > 0 AND due > $6)`
	err = s.within(ctx, func(t *sql.Tx) error {
		taken, err = rowsOf(ctx, t, scanMessage, `UPDATE outbox SET leased_until = $3, attempts = attempts + 1,
				bundle = CASE WHEN bundle = '' OR bundle LIKE '% %' THEN bundle ELSE bundle || ' ' || $2 END
			WHERE `+free+` AND (
				sequence IN (SELECT sequence FROM outbox WHERE `+ripe+` ORDER BY due, sequence LIMIT $4)
				OR bundle <> '' AND bundle IN (SELECT bundle FROM outbox WHERE `+ripe+` AND bundle <> '' ORDER BY due, sequence LIMIT $4))
			RETURNING `+messageColumns,
			string(topic), stamp(at), stamp(until), limit, stamp(until.Add(until.Sub(at))), stamp(at.Add(2*outbox.MostBackoff)))
		return err
	})
	slices.SortFunc(taken, func(a, b outbox.Message) int {
		return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Sequence, b.Sequence))
	})
	return taken, err
}

// UnsafeSettle notes what became of a parcel, of all its messages or of none: an outcome ends them, Waiting puts them
// off. A deliverer whose lease has run out meanwhile, and passed to another, only counts where it delivered.
func (s *Store) UnsafeSettle(ctx context.Context, parcel []outbox.Message, is outbox.Settlement) error {
	settled := sql.NullString{String: stamp(is.At), Valid: is.Outcome != outbox.Waiting}
	return s.within(ctx, func(t *sql.Tx) error {
		for _, m := range parcel {
			// The content of what was delivered is nobody's business any more.
			if _, err := t.ExecContext(ctx, `UPDATE outbox SET settled = $2, outcome = $3, due = $4, leased_until = '',
					note = CASE WHEN $5 = '' THEN note ELSE $5 END, attempts = attempts - $6,
					payload = CASE WHEN $3 = '' THEN payload ELSE '' END, bundle = CASE WHEN $3 = '' THEN bundle ELSE '' END
				WHERE sequence = $1 AND settled IS NULL AND (attempts = $7 OR $3 = 'delivered')`,
				m.Sequence, settled, string(is.Outcome), stamp(is.Due), is.Note, bit(is.Uncounted), m.Attempts); err != nil {
				return err
			}
		}
		return nil
	})
}

// untell takes a message back that nobody has taken out yet. What was sent cannot be taken back.
func untell(ctx context.Context, q querier, key string) error {
	_, err := q.ExecContext(ctx, `DELETE FROM outbox WHERE key = $1 AND settled IS NULL`, key)
	return err
}

// UnsafeSweepOutbox removes what was settled before a time: the pages have shown it long enough. It gives how many.
func (s *Store) UnsafeSweepOutbox(ctx context.Context, before time.Time) (swept int64, err error) {
	err = s.within(ctx, func(t *sql.Tx) error {
		r, err := t.ExecContext(ctx, `DELETE FROM outbox WHERE settled IS NOT NULL AND settled < $1`, stamp(before))
		if err != nil {
			return err
		}
		swept, err = r.RowsAffected()
		return err
	})
	return swept, err
}

// Outbox gives the latest messages of an organisation (empty: of the whole installation), without their content.
func (s *Store) Outbox(ctx context.Context, actor authz.Actor, owner authz.OrganisationID, limit int) ([]outbox.Sending, error) {
	if err := s.may(actor, authz.View, authz.Object{Kind: authz.Outbox, Owner: owner}); err != nil {
		return nil, err
	}
	sent, err := rowsOf(ctx, s.read, scanSending, `SELECT `+sendingColumns+` FROM outbox WHERE $1 = '' OR owner = $1 ORDER BY sequence DESC LIMIT $2`, string(owner), limit)
	if err != nil {
		return nil, failed(err)
	}
	return sent, nil
}

const sendingColumns = `sequence, topic, owner, key, made, due, attempts, outcome, COALESCE(settled, ''), note`

func scanSending(row scanner) (m outbox.Sending, err error) {
	var made, due, settled string
	if err := row.Scan(&m.Sequence, &m.Topic, &m.Owner, &m.Key, &made, &due, &m.Attempts, &m.Outcome, &settled, &m.Note); err != nil {
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
}
