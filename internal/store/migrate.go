package store

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/pressly/goose/v3"

	"gevor/fault"
)

//go:embed migrations
var migrations embed.FS

// migrationLock is the number under which PostgreSQL's users agree who migrates.
const migrationLock = 0x6765766f72 // "gevor"

// steps gives the migrations of the engine and their dialect.
func (s *Store) steps() (fs.FS, goose.Dialect, error) {
	folder, dialect := "migrations/sqlite", goose.DialectSQLite3
	if s.engine == postgresEngine {
		folder, dialect = "migrations/postgres", goose.DialectPostgres
	}
	files, err := fs.Sub(migrations, folder)
	return files, dialect, err
}

// pending gives the names of the migrations that a database still lacks. It changes nothing. A database that a newer
// program has migrated is refused: this one does not know what its tables mean.
func (s *Store) pending(ctx context.Context) ([]string, error) {
	files, _, err := s.steps()
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, err
	}
	applied, err := s.applied(ctx, s.write)
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var lacking []string
	newest := int64(0)
	for _, n := range names {
		version, err := goose.NumericComponent(n)
		if err != nil {
			return nil, err
		}
		newest = max(newest, version)
		if !slices.Contains(applied, version) {
			lacking = append(lacking, n)
		}
	}
	if len(applied) > 0 && slices.Max(applied) > newest {
		return nil, fault.New(fault.Invalid, "database", fmt.Sprintf("was brought to version %d by a newer gevor; this one knows %d", slices.Max(applied), newest),
			"install the newer program, or restore the backup made before the upgrade")
	}
	return lacking, nil
}

// applied gives the versions of a database in ascending order; none where it is empty.
func (s *Store) applied(ctx context.Context, db querier) ([]int64, error) {
	tables, err := s.tables(ctx, db)
	if err != nil || !slices.Contains(tables, versionTable) {
		return nil, err
	}
	return all(ctx, db, func(row interface{ Scan(...any) error }) (v int64, err error) { return v, row.Scan(&v) },
		`SELECT version_id FROM goose_db_version WHERE version_id > 0 ORDER BY version_id`)
}

const versionTable = "goose_db_version"

// tables gives the names of all tables in order, without the engine's own.
func (s *Store) tables(ctx context.Context, db querier) ([]string, error) {
	query := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY name`
	if s.engine == postgresEngine {
		query = `SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY table_name COLLATE "C"`
	}
	return all(ctx, db, func(row interface{ Scan(...any) error }) (n string, err error) { return n, row.Scan(&n) }, query)
}

// migrate brings the tables up to date: all steps in one transaction, so that whatever ends the program half-way
// leaves the database as it was. Several processes may start at once; the later ones wait and find nothing to do.
func (s *Store) migrate(ctx context.Context) error {
	lacking, err := s.pending(ctx)
	if err != nil || len(lacking) == 0 {
		return err
	}
	_, err = s.migrateOn(ctx, migration{keep: true})
	return err
}

// migration is how steps are run: all of them where to is zero, with work before and after in the same transaction.
type migration struct {
	keep          bool // commit at the end
	to            int64
	before, after func(context.Context, *sql.DB) error
}

// migrateOn runs steps on one connection within one transaction.
func (s *Store) migrateOn(ctx context.Context, m migration) (done []string, err error) {
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return nil, s.guard.judge(err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	err = conn.Raw(func(raw any) error {
		inner, ok := raw.(innerConn)
		if !ok {
			return fmt.Errorf("the driver's connection %T cannot be used for migrations", raw)
		}
		db := sql.OpenDB(single{inner})
		db.SetMaxOpenConns(1)
		done, err = s.steadily(ctx, db, inner, m)
		return errors.Join(err, db.Close())
	})
	if err != nil {
		return nil, s.guard.judge(err)
	}
	return done, nil
}

func (s *Store) steadily(ctx context.Context, db *sql.DB, inner innerConn, m migration) (done []string, err error) {
	outer, err := inner.BeginTx(ctx, driver.TxOptions{})
	if err != nil {
		return nil, err
	}
	kept := false
	defer func() {
		if !kept {
			if back := outer.Rollback(); back != nil && !isNoTransaction(back) {
				err = errors.Join(err, back)
			}
		}
	}()
	if s.engine == postgresEngine {
		if _, err := db.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1)`, int64(migrationLock)); err != nil {
			return nil, err
		}
	} else if _, err := db.ExecContext(ctx, `PRAGMA defer_foreign_keys = on`); err != nil { // a step may build a table anew
		return nil, err
	}
	if m.before != nil {
		if err := m.before(ctx, db); err != nil {
			return nil, err
		}
	}
	files, dialect, err := s.steps()
	if err != nil {
		return nil, err
	}
	p, err := goose.NewProvider(dialect, db, files, goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return nil, err
	}
	up := p.Up
	if m.to > 0 {
		up = func(ctx context.Context) ([]*goose.MigrationResult, error) { return p.UpTo(ctx, m.to) }
	}
	results, err := up(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range results {
		done = append(done, path.Base(r.Source.Path))
	}
	if m.after != nil {
		if err := m.after(ctx, db); err != nil {
			return nil, err
		}
	}
	if !m.keep {
		return done, nil
	}
	kept = true
	return done, outer.Commit()
}

// Rehearsal is what the migrations would do.
type Rehearsal struct {
	Pending []string // names of the migrations, in order; none where the database is up to date
	Tables  []Count  // in order of name
}

// Count is how many rows a table has before and after; -1 where there is no such table.
type Count struct {
	Table         string
	Before, After int64
}

// Rehearse runs all pending migrations without touching the database, and checks what they leave. An SQLite file is
// copied into the folder temp, where the migrations run on the copy. In PostgreSQL they run in one transaction that is
// rolled back; while it runs, others wait for the tables that a migration changes, for at most five seconds before it
// begins.
func Rehearse(ctx context.Context, dsn, temp string) (r *Rehearsal, err error) {
	if err := there(dsn); err != nil {
		return nil, err
	}
	original, err := connect(ctx, dsn)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, original.Close()) }()
	s := original
	pending, err := s.pending(ctx)
	if err != nil {
		return nil, err
	}
	if s.engine == sqliteEngine {
		dir, err := os.MkdirTemp(temp, "gevor-rehearsal-")
		if err != nil {
			return nil, fault.Wrap(fault.Internal, temp, "cannot hold a copy of the database", "name a folder with enough space", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
		copied := filepath.Join(dir, "copy.db")
		if _, err := s.write.ExecContext(ctx, `VACUUM INTO $1`, copied); err != nil {
			return nil, s.guard.judge(err)
		}
		twin, err := connect(ctx, copied)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, twin.Close()) }()
		s = twin
	}
	r = &Rehearsal{Pending: pending}
	_, err = s.migrateOn(ctx, migration{
		keep: s.engine == sqliteEngine, // the copy
		before: func(ctx context.Context, db *sql.DB) error {
			if s.engine == postgresEngine {
				if _, err := db.ExecContext(ctx, `SET LOCAL lock_timeout = '5s'`); err != nil {
					return err
				}
			}
			return s.count(ctx, db, r, true)
		},
		after: func(ctx context.Context, db *sql.DB) error { return s.count(ctx, db, r, false) },
	})
	if err != nil {
		return nil, fault.Wrap(fault.Conflict, place(dsn), "the migrations do not go through; the database is untouched",
			"keep the program that is installed, and report this message", err)
	}
	if err := s.integrity(ctx); err != nil {
		return nil, err
	}
	return r, nil
}

func (s *Store) count(ctx context.Context, db *sql.DB, r *Rehearsal, before bool) error {
	names, err := s.tables(ctx, db)
	if err != nil {
		return err
	}
	for _, n := range names {
		var rows int64
		if err := db.QueryRowContext(ctx, `SELECT COUNT(*) FROM `+quoted(n)).Scan(&rows); err != nil {
			return err
		}
		at := slices.IndexFunc(r.Tables, func(c Count) bool { return c.Table == n })
		switch {
		case before:
			r.Tables = append(r.Tables, Count{n, rows, -1})
		case at < 0:
			r.Tables = append(r.Tables, Count{n, -1, rows})
		default:
			r.Tables[at].After = rows
		}
	}
	if !before {
		slices.SortFunc(r.Tables, func(a, b Count) int { return cmp.Compare(a.Table, b.Table) })
	}
	return nil
}
