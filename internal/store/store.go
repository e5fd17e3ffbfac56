// Package store keeps state in SQL: which runs there were, which findings, with what evidence. Artefacts lie in
// files (see internal/files); the store only records and answers.
//
// One text of SQL serves two engines: SQLite, embedded and the default, and PostgreSQL where one machine is not
// enough. One contract suite (contract_test.go) holds for both.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"runtime"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the database driver "pgx"
	_ "modernc.org/sqlite"             // the database driver "sqlite"

	"gevor/authz"
	"gevor/fault"
)

// Store is open state. Safe for concurrent use. Close it at the end.
type Store struct {
	write *sql.DB // one connection for SQLite, so that writers queue here and not in the file
	read  *sql.DB

	engine  engine
	guard   *guard
	journal *journal
	bell    *bell
	shares  Shares // nil where there are no handovers

	// decide takes the place of authz.Decide in UnsafeWithoutRights; nil otherwise.
	decide func(authz.Actor, authz.Action, authz.Object) authz.Verdict
}

// engine is what stands behind a store.
type engine uint8

const (
	sqliteEngine engine = iota
	postgresEngine
)

// pragmas are set on every connection of every pool. WAL lets readers go on beside the writer; synchronous=FULL
// keeps what was acknowledged through a power cut; secure_delete writes zeros over what is removed; immediate
// transactions never fail half-way for a lock.
const pragmas = "_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=secure_delete(1)&_pragma=foreign_keys(on)&_pragma=busy_timeout(15000)&_txlock=immediate"

// Option changes how a store is opened.
type Option func(*options)

type options struct {
	logs    []ErasureLog
	shares  Shares
	pragmas string
	// unreleased opens what a restore has not finished.
	unreleased bool
}

// WithErasureLogs names the journals that every erasure is written to before whoever asked for it is told so.
func WithErasureLogs(logs ...ErasureLog) Option {
	return func(o *options) { o.logs = append(o.logs, logs...) }
}

// Open opens the state and brings its tables up to date. dsn is postgres://…, or else the path of an SQLite file,
// which is made where it is absent. Erasures that a journal knows and the database does not, because the database is
// older, are carried out before Open returns.
func Open(ctx context.Context, dsn string, how ...Option) (*Store, error) {
	s, err := open(ctx, dsn, how...)
	// Processes that open a new file at once turn it to WAL and make its tables; SQLite does not wait for the others in
	// every step of that. Whoever loses looks again, a moment later each time, for about fifteen seconds.
	for tries := 1; tries <= 100 && held(err); tries++ {
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(time.Duration(tries) * 3 * time.Millisecond):
		}
		s, err = open(ctx, dsn, how...)
	}
	return s, err
}

// held says whether an error is, or was caused by, another process that holds the database.
func held(err error) bool {
	var f *fault.Error
	for errors.As(err, &f) {
		if f.Kind == fault.Busy {
			return true
		}
		err = f.Cause
	}
	return false
}

func open(ctx context.Context, dsn string, how ...Option) (*Store, error) {
	o := options{}
	for _, h := range how {
		h(&o)
	}
	s, err := connect(ctx, dsn, how...)
	if err != nil {
		return nil, err
	}
	if err := s.migrate(ctx); err != nil {
		if fault.KindOf(err) == fault.Internal {
			err = fault.Wrap(fault.Internal, place(dsn), "the tables cannot be brought up to date", "check that it can be reached and written to and has free space", err)
		}
		return nil, errors.Join(err, s.Close())
	}
	if err := s.whole(ctx, o.unreleased); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := s.reconcile(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// restoring is the fact about an installation that its restore is under way.
const restoring = "restoring"

// Unreleased opens a database that a restore is still filling.
func Unreleased() Option { return func(o *options) { o.unreleased = true } }

// whole refuses a database that was loaded but not yet brought up to the last erasure.
func (s *Store) whole(ctx context.Context, unreleased bool) error {
	if unreleased {
		return nil
	}
	var since string
	err := s.read.QueryRowContext(ctx, `SELECT value FROM installation WHERE name = $1`, restoring).Scan(&since)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return s.guard.judge(err)
	}
	return fault.New(fault.Conflict, "database", "is from a restore that was begun "+since+" and not finished", "empty it and run gevor restore again")
}

// FinishRestore ends a restore: from now on the database can be opened. Of an SQLite database everything lies in its
// one file then, which can be renamed once the store is closed.
func (s *Store) FinishRestore(ctx context.Context) error {
	if err := s.within(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM installation WHERE name = $1`, restoring)
		return err
	}); err != nil || s.engine != sqliteEngine {
		return err
	}
	var busy, pages, done int
	if err := s.write.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &done); err != nil {
		return s.guard.judge(err)
	}
	if busy != 0 {
		return fault.New(fault.Busy, "database", "is used by another process while it is restored", "end that process and restore again")
	}
	return nil
}

// place names a database without its password.
func place(dsn string) string {
	if u, err := url.Parse(dsn); err == nil && u.User != nil {
		return u.Redacted()
	}
	return dsn
}

// IsPostgres says whether an address is that of a PostgreSQL; otherwise it is the path of a file.
func IsPostgres(dsn string) bool {
	return strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://")
}

// connect opens the pools and looks at nothing but the engine's version.
func connect(ctx context.Context, dsn string, how ...Option) (*Store, error) {
	o := options{pragmas: pragmas}
	for _, h := range how {
		h(&o)
	}
	s, err := pools(dsn, o)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, place(dsn), "is no database that can be opened", "give the path of a file or postgres://…", err)
	}
	s.guard, s.journal, s.bell, s.shares = newGuard(), &journal{logs: o.logs}, newBell(), o.shares
	if s.engine == sqliteEngine {
		var version string
		if err := s.write.QueryRowContext(ctx, `SELECT sqlite_version()`).Scan(&version); err != nil {
			return nil, errors.Join(fault.Wrap(fault.Internal, place(dsn), "cannot be opened", "check that it can be reached and written to and has free space", s.guard.judge(err)), s.Close())
		}
		if err := recentEnough(version); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

func pools(dsn string, o options) (*Store, error) {
	if IsPostgres(dsn) {
		db, err := sql.Open("pgx", dsn)
		if err != nil {
			return nil, err
		}
		db.SetMaxOpenConns(4 * runtime.GOMAXPROCS(0))
		return &Store{write: db, read: db, engine: postgresEngine}, nil
	}
	file := "file:" + (&url.URL{Path: dsn}).EscapedPath() + "?" + o.pragmas
	write, err := sql.Open("sqlite", file)
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1)
	read, err := sql.Open("sqlite", file+"&_pragma=query_only(on)")
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	read.SetMaxOpenConns(max(4, runtime.GOMAXPROCS(0)))
	return &Store{write: write, read: read, engine: sqliteEngine}, nil
}

// recentEnough refuses SQLite before 3.51.3, which could lose committed pages when a log was reset while another
// connection wrote (https://sqlite.org/wal.html, "WAL-reset bug").
func recentEnough(version string) error {
	var major, minor, patch int
	if n, err := fmt.Sscanf(version, "%d.%d.%d", &major, &minor, &patch); err != nil || n != 3 || major*1_000_000+minor*1000+patch < 3_051_003 {
		return fault.New(fault.Internal, "SQLite "+version, "is older than 3.51.3, which may lose what was written", "use a gevor that was built with a newer one")
	}
	return nil
}

// Close gives all connections back.
func (s *Store) Close() error {
	if s.read == s.write {
		return s.write.Close()
	}
	return errors.Join(s.read.Close(), s.write.Close())
}

// within runs work in one transaction: all of it counts, or nothing. It returns without an error only when the disk
// has the change and, where something was erased, the journals have that too.
func (s *Store) within(ctx context.Context, work func(tx *sql.Tx) error) error {
	if err := s.guard.refusal(); err != nil {
		return err
	}
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return s.guard.judge(err)
	}
	erased := false
	if err = work(tx); err == nil {
		erased, err = s.journal.noticed(ctx, tx)
	}
	if err != nil {
		err = s.guard.judge(err)
		// SQLite ends a transaction itself where the disk fails or is full; then there is nothing to roll back.
		if back := tx.Rollback(); back != nil && !errors.Is(back, sql.ErrTxDone) && !isNoTransaction(back) {
			err = errors.Join(err, s.guard.judge(back))
		}
		return err
	}
	if err := tx.Commit(); err != nil {
		return s.guard.judge(err)
	}
	if erased {
		return s.FlushErasures(ctx)
	}
	return nil
}
