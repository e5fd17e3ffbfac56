package store

import (
	"context"
	"database/sql"

	"gevor/internal/erasure"
)

// WithSettings adds to the settings of every connection; of two for one thing the driver lets the last by the alphabet win.
func WithSettings(query string) Option { return func(o *options) { o.pragmas += "&" + query } }

// Within runs work in one transaction, as every change of the store does.
func (s *Store) Within(ctx context.Context, work func(*sql.Tx) error) error {
	return s.within(ctx, work)
}

// GoOn takes the protection away that Stopped stands for.
func (s *Store) GoOn() { s.guard = newGuard() }

// Erase notes an erasure within a transaction, as a change does.
func (s *Store) Erase(ctx context.Context, r erasure.Record) error {
	return s.within(ctx, func(t *sql.Tx) error {
		if err := s.applyErasure(ctx, t, r); err != nil {
			return err
		}
		return (&tx{Tx: t, store: s, at: r.At}).erase(ctx, r.Kind, r.Ref, r.Detail)
	})
}

// RecentEnough is the check of SQLite's version.
var RecentEnough = recentEnough

// Alike is what a move compares in the end.
var Alike = alike
