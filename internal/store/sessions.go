package store

import (
	"context"
	"database/sql"
	"time"

	"gevor/authz"
	"gevor/fault"
)

// UnsafeSession gives what a session holds, by the hash of its token; NotFound where there is none, or it has expired.
// All servers of one database see the same sessions.
func (s *Store) UnsafeSession(ctx context.Context, hash string, at time.Time) (data string, err error) {
	return found(s.read.QueryRowContext(ctx, `SELECT data FROM sessions WHERE token_hash = $1 AND expires > $2`, hash, stamp(at)),
		func(row scanner) (data string, err error) { return data, row.Scan(&data) }, noSession())
}

func noSession() error { return fault.New(fault.NotFound, "session", "has ended", "sign in again") }

// UnsafeBeginSession keeps a new session, and throws away those that have expired.
func (s *Store) UnsafeBeginSession(ctx context.Context, hash, data string, at, expires time.Time) error {
	return s.within(ctx, func(t *sql.Tx) error {
		if _, err := t.ExecContext(ctx, `DELETE FROM sessions WHERE expires <= $1`, stamp(at)); err != nil {
			return err
		}
		_, err := t.ExecContext(ctx, `INSERT INTO sessions (token_hash, data, expires) VALUES ($1, $2, $3)`, hash, data, stamp(expires))
		return err
	})
}

// UnsafeKeepSession changes what a session holds; NotFound where it ended in the meantime: it does not come back.
func (s *Store) UnsafeKeepSession(ctx context.Context, hash, data string, expires time.Time) error {
	return s.change(ctx, authz.Public(), expires, func(t *tx) error {
		return t.one(ctx, noSession(), `UPDATE sessions SET data = $2, expires = $3 WHERE token_hash = $1`, hash, data, stamp(expires))
	})
}

// UnsafeEndSession forgets a session; one that is not there is no error.
func (s *Store) UnsafeEndSession(ctx context.Context, hash string) error {
	return s.within(ctx, func(t *sql.Tx) error {
		_, err := t.ExecContext(ctx, `DELETE FROM sessions WHERE token_hash = $1`, hash)
		return err
	})
}
