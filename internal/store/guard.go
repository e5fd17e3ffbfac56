package store

import (
	"errors"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"gevor/fault"
)

// guard stops all writing once the disk has shown that it does not keep what it is given. SQLite itself would go on:
// it reports a failed sync once, and the next one may succeed although the kernel has thrown the pages away.
type guard struct {
	once    sync.Once
	stopped chan struct{}
	cause   error // read after stopped is closed
}

func newGuard() *guard { return &guard{stopped: make(chan struct{})} }

// Stopped is closed when the disk has failed and the store takes no more writes. The process should end: only a
// restart, after somebody has looked at the disk, reads again what is really there.
func (s *Store) Stopped() <-chan struct{} { return s.guard.stopped }

// refusal is the error of every write after the disk has failed, nil before.
func (g *guard) refusal() error {
	select {
	case <-g.stopped:
		return fault.Wrap(fault.Internal, "database", "the disk did not keep a write; the database is stopped", "check the disk, then restart", g.cause)
	default:
		return nil
	}
}

// judge gives an error of the database its kind, and stops the store where the disk has failed.
func (g *guard) judge(err error) error {
	if err == nil {
		return nil
	}
	if !lostByDisk(err) {
		return failed(err)
	}
	g.once.Do(func() {
		g.cause = err
		close(g.stopped)
	})
	return g.refusal()
}

// sqliteCode gives SQLite's result code, extended and primary; 0 where the error is not SQLite's.
func sqliteCode(err error) (extended, primary int) {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code(), e.Code() & 0xff
	}
	return 0, 0
}

func lostByDisk(err error) bool {
	_, code := sqliteCode(err)
	return code == sqlite3.SQLITE_IOERR || code == sqlite3.SQLITE_CORRUPT || code == sqlite3.SQLITE_NOTADB
}

// isNoTransaction says that a rollback found nothing to roll back.
func isNoTransaction(err error) bool {
	_, code := sqliteCode(err)
	return code == sqlite3.SQLITE_ERROR
}

// PostgreSQL's codes (https://www.postgresql.org/docs/current/errcodes-appendix.html).
const (
	pgUnique        = "23505"
	pgSerialization = "40001"
	pgDeadlock      = "40P01"
	pgDiskFull      = "53100"
)

// failed gives an error of the database its kind; faults pass as they are. What collides is a Conflict that does not
// say with what: the other thing may be somebody else's.
func failed(err error) error {
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	extended, primary := sqliteCode(err)
	var pg string
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		pg = e.Code
	}
	switch {
	case pg == pgSerialization || pg == pgDeadlock:
		return fault.Wrap(fault.Conflict, "database", "somebody else changed the same at the same time", "repeat the change", err)
	case pg == pgUnique || extended == sqlite3.SQLITE_CONSTRAINT_UNIQUE || extended == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return fault.Wrap(fault.Conflict, "database", "contradicts what is there", "look at the present state and repeat the change", err)
	case pg == pgDiskFull || primary == sqlite3.SQLITE_FULL:
		return fault.Wrap(fault.Busy, "database", "has no free space left; nothing was changed", "free space on its disk, then repeat the change", err)
	case primary == sqlite3.SQLITE_BUSY || primary == sqlite3.SQLITE_LOCKED:
		return fault.Wrap(fault.Busy, "database", "is held by another process", "try again", err)
	}
	return fault.Wrap(fault.Internal, "database", "did not answer as it should", "check that it can be reached and written to and has free space", err)
}
