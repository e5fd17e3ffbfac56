package store

import (
	"context"
	"errors"
	"os"
	"slices"
	"time"

	"gevor/fault"
	"gevor/internal/erasure"
)

// there refuses an SQLite file that does not exist, which opening would make.
func there(dsn string) error {
	if IsPostgres(dsn) {
		return nil
	}
	if _, err := os.Stat(dsn); err != nil {
		return fault.Wrap(fault.NotFound, dsn, "is not there", "name the state folder of an installation with --state", err)
	}
	return nil
}

// peek connects without migrating, looks, and closes.
func peek(ctx context.Context, dsn string, look func(*Store) error) (err error) {
	if err := there(dsn); err != nil {
		return err
	}
	s, err := connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return look(s)
}

// Copy writes an SQLite database as it is at one moment into a new file, beside whoever writes to it.
func Copy(ctx context.Context, path, to string) error {
	return peek(ctx, path, func(s *Store) error {
		if _, err := s.write.ExecContext(ctx, `VACUUM INTO $1`, to); err != nil {
			return s.guard.judge(err)
		}
		return nil
	})
}

// Check looks at a database without migrating it: that it is sound, and which migrations it lacks.
func Check(ctx context.Context, dsn string) (pending []string, err error) {
	err = peek(ctx, dsn, func(s *Store) error {
		if err := s.integrity(ctx); err != nil {
			return err
		}
		pending, err = s.pending(ctx)
		return err
	})
	return pending, err
}

// ErasuresOf gives what was erased in a database, without migrating it.
func ErasuresOf(ctx context.Context, dsn string) (records []erasure.Record, err error) {
	err = peek(ctx, dsn, func(s *Store) error {
		tables, err := s.tables(ctx, s.read)
		if err != nil || !slices.Contains(tables, "erasures") {
			return err
		}
		records, err = s.Erasures(ctx)
		return err
	})
	return records, err
}

// Unkept names the settings of a PostgreSQL that let it lose what it has acknowledged; none in SQLite, where the
// store sets them itself.
func Unkept(ctx context.Context, dsn string) (settings []string, err error) {
	err = peek(ctx, dsn, func(s *Store) error {
		if s.engine != postgresEngine {
			return nil
		}
		settings, err = all(ctx, s.read, func(row interface{ Scan(...any) error }) (n string, err error) { return n, row.Scan(&n) },
			`SELECT name || ' = ' || setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off' ORDER BY name`)
		return err
	})
	return settings, err
}

// LastChange gives the time of the newest thing on record, zero where there is none: a clock that shows less is wrong.
func LastChange(ctx context.Context, dsn string) (at time.Time, err error) {
	err = peek(ctx, dsn, func(s *Store) error {
		tables, err := s.tables(ctx, s.read)
		if err != nil {
			return err
		}
		for table, column := range map[string]string{"changes": "at", "erasures": "at", "runs": "recorded_at"} {
			if !slices.Contains(tables, table) {
				continue
			}
			var last string
			if err := s.read.QueryRowContext(ctx, `SELECT COALESCE(MAX(`+column+`), '') FROM `+table).Scan(&last); err != nil {
				return s.guard.judge(err)
			}
			t, err := timeOf(last)
			if err != nil {
				return err
			}
			if t.After(at) {
				at = t
			}
		}
		return nil
	})
	return at, err
}
