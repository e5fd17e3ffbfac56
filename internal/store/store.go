// Package store keeps state in SQL: which runs there were, which findings, with what evidence. Artefacts lie in
// files (see internal/files); the store only records and answers.
//
// One text of SQL serves two engines: SQLite, embedded and the default, and PostgreSQL where one machine is not
// enough. One contract suite (contract_test.go) holds for both.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"io/fs"
	"net/url"
	"runtime"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib" // the database driver "pgx"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	_ "modernc.org/sqlite" // the database driver "sqlite"

	"gevor/fault"
)

//go:embed migrations
var migrations embed.FS

// Store is open state. Safe for concurrent use. Close it at the end.
type Store struct {
	write *sql.DB // one connection for SQLite, so that writers queue here and not in the file
	read  *sql.DB
}

// pragmas are set on every connection of every pool. WAL lets readers go on beside the writer; synchronous=FULL
// keeps what was acknowledged through a power cut; immediate transactions never fail half-way for a lock.
const pragmas = "_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(on)&_pragma=busy_timeout(15000)&_txlock=immediate"

// Open opens the state and brings its tables up to date. dsn is postgres://…, or else the path of an SQLite file,
// which is made where it is absent.
func Open(ctx context.Context, dsn string) (*Store, error) {
	s, dialect, folder, err := connect(dsn)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, place(dsn), "is no database that can be opened", "give the path of a file or postgres://…", err)
	}
	if err := s.migrate(ctx, dialect, folder); err != nil {
		return nil, errors.Join(fault.Wrap(fault.Internal, place(dsn), "the tables cannot be brought up to date", "check that it can be reached and written to and has free space", err), s.Close())
	}
	return s, nil
}

// place names a database without its password.
func place(dsn string) string {
	if u, err := url.Parse(dsn); err == nil && u.User != nil {
		return u.Redacted()
	}
	return dsn
}

func connect(dsn string) (s *Store, dialect goose.Dialect, folder string, err error) {
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") {
		db, err := sql.Open("pgx", dsn)
		if err != nil {
			return nil, "", "", err
		}
		db.SetMaxOpenConns(4 * runtime.GOMAXPROCS(0))
		return &Store{write: db, read: db}, goose.DialectPostgres, "migrations/postgres", nil
	}
	file := "file:" + (&url.URL{Path: dsn}).EscapedPath() + "?" + pragmas
	write, err := sql.Open("sqlite", file)
	if err != nil {
		return nil, "", "", err
	}
	write.SetMaxOpenConns(1)
	read, err := sql.Open("sqlite", file+"&_pragma=query_only(on)")
	if err != nil {
		return nil, "", "", errors.Join(err, write.Close())
	}
	read.SetMaxOpenConns(max(4, runtime.GOMAXPROCS(0)))
	return &Store{write: write, read: read}, goose.DialectSQLite3, "migrations/sqlite", nil
}

// migrate brings the tables up to date. Several processes may start at once: PostgreSQL has a lock for that. In
// SQLite the slower one finds a table made since it looked, fails whole and looks again. Each time it loses, another
// got a step further, so there are no more defeats than steps (the migrations, and goose's own table).
func (s *Store) migrate(ctx context.Context, dialect goose.Dialect, folder string) error {
	files, err := fs.Sub(migrations, folder)
	if err != nil {
		return err
	}
	var options []goose.ProviderOption
	tries := 1
	if dialect == goose.DialectPostgres {
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300)) // look every second, for five minutes
		if err != nil {
			return err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	p, err := goose.NewProvider(dialect, s.write, files, options...)
	if err != nil {
		return err
	}
	if dialect == goose.DialectSQLite3 {
		tries = len(p.ListSources()) + 2
	}
	for range tries {
		if _, err = p.Up(ctx); err == nil || ctx.Err() != nil {
			break
		}
	}
	return err
}

// Close gives all connections back.
func (s *Store) Close() error {
	if s.read == s.write {
		return s.write.Close()
	}
	return errors.Join(s.read.Close(), s.write.Close())
}

// within runs work in one transaction: all of it counts, or nothing.
func (s *Store) within(ctx context.Context, work func(tx *sql.Tx) error) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return failed(err)
	}
	if err := work(tx); err != nil {
		if back := tx.Rollback(); back != nil && !errors.Is(back, sql.ErrTxDone) {
			err = errors.Join(err, back)
		}
		return failed(err)
	}
	if err := tx.Commit(); err != nil {
		return failed(err)
	}
	return nil
}

// failed gives an error of the database its kind; faults pass as they are.
func failed(err error) error {
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	return fault.Wrap(fault.Internal, "database", "did not answer as it should", "check that it can be reached and written to and has free space", err)
}
