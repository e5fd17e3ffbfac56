package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"gevor/fault"
	"gevor/internal/erasure"
)

// ErasureLog is a journal of erasures outside the database; see package erasure. Append returns once the records
// outlive a power cut.
type ErasureLog interface {
	Place() string
	Records(ctx context.Context) ([]erasure.Record, error)
	Append(ctx context.Context, records ...erasure.Record) error
}

// journal brings the table of erasures into the journals.
type journal struct {
	logs []ErasureLog
	seen atomic.Int64 // the highest sequence that a transaction of this process has had before it

	mu    sync.Mutex
	known []*numbers // of each log; nil until it was read
}

// numbers are the sequences that a log holds.
type numbers struct {
	all     map[int64]bool
	highest int64
	whole   bool // compared with the whole table once, so that only what came since needs a look
}

func numbersOf(records []erasure.Record) *numbers {
	n := &numbers{all: make(map[int64]bool, len(records))}
	n.add(records)
	return n
}

func (n *numbers) add(records []erasure.Record) {
	for _, r := range records {
		n.all[r.Sequence], n.highest = true, max(n.highest, r.Sequence)
	}
}

// window is how far behind the highest sequence of a log a transaction may still commit: PostgreSQL gives numbers
// before commits, so a smaller one may come later. SQLite has one writer.
func (s *Store) window() int64 {
	if s.engine == postgresEngine {
		return 1000
	}
	return 0
}

// noticed says whether a transaction that is about to commit has erased something that this process has not yet
// brought to the journals.
func (j *journal) noticed(ctx context.Context, tx *sql.Tx) (bool, error) {
	if len(j.logs) == 0 {
		return false, nil
	}
	var highest int64
	if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(sequence), 0) FROM erasures`).Scan(&highest); err != nil {
		return false, err
	}
	for {
		before := j.seen.Load()
		if highest <= before {
			return false, nil
		}
		if j.seen.CompareAndSwap(before, highest) {
			return true, nil
		}
	}
}

// FlushErasures writes every erasure that a journal lacks to it. A change that erased something does this before it
// is acknowledged; where that failed, the erasure holds in the database and the next flush catches up.
func (s *Store) FlushErasures(ctx context.Context) error {
	// The change has been made. Whoever asked for it may leave; the journal must have it all the same.
	ctx = context.WithoutCancel(ctx)
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	for i, log := range s.journal.logs {
		if err := s.flush(ctx, i, log); err != nil {
			return fault.Wrap(fault.Busy, log.Place(), "the erasure is done but not yet in the journal, so an older backup could bring it back",
				"make the journal's place writable; until then make no restore", err)
		}
	}
	return nil
}

func (s *Store) flush(ctx context.Context, i int, log ErasureLog) error {
	if s.journal.known[i] == nil {
		records, err := log.Records(ctx)
		if err != nil {
			return err
		}
		s.journal.known[i] = numbersOf(records)
	}
	known := s.journal.known[i]
	after := int64(0)
	if known.whole {
		after = known.highest - s.window()
	}
	rows, err := erasuresAfter(ctx, s.read, after)
	if err != nil {
		return err
	}
	lacking := slices.DeleteFunc(rows, func(r erasure.Record) bool { return known.all[r.Sequence] })
	if err := log.Append(ctx, lacking...); err != nil {
		s.journal.known[i] = nil // what it holds now is for the next flush to read
		return err
	}
	known.add(lacking)
	known.whole = true
	return nil
}

func erasuresAfter(ctx context.Context, db *sql.DB, sequence int64) ([]erasure.Record, error) {
	return all(ctx, db, func(row interface{ Scan(...any) error }) (r erasure.Record, err error) {
		var at string
		if err := row.Scan(&r.Sequence, &at, &r.Kind, &r.Ref, &r.Detail); err != nil {
			return r, err
		}
		r.At, err = timeOf(at)
		return r, err
	}, `SELECT sequence, at, kind, ref, detail FROM erasures WHERE sequence > $1 ORDER BY sequence`, sequence)
}

// Erasures gives everything that was ever erased, in order.
func (s *Store) Erasures(ctx context.Context) ([]erasure.Record, error) {
	return erasuresAfter(ctx, s.read, 0)
}

// reconcile makes database and journals agree when a store opens: what a journal lacks, because the process ended
// between commit and flush, is written; what the database lacks, because it is an older one that was put back, is
// erased again.
func (s *Store) reconcile(ctx context.Context) error {
	s.journal.known = make([]*numbers, len(s.journal.logs))
	for i, log := range s.journal.logs {
		records, err := log.Records(ctx)
		if fault.KindOf(err) == fault.Busy { // a backup that is out of reach must not keep a program from starting
			continue
		}
		if err != nil {
			return err
		}
		if err := s.ReplayErasures(ctx, records); err != nil {
			return err
		}
		s.journal.known[i] = numbersOf(records)
	}
	if err := s.FlushErasures(ctx); err != nil && fault.KindOf(err) != fault.Busy {
		return err
	}
	return nil
}

// ReplayErasures erases again what was erased after the database was backed up. Records that the database holds
// already change nothing. Where it holds another erasure under the same number, the journal is not this database's:
// Corrupt.
func (s *Store) ReplayErasures(ctx context.Context, records []erasure.Record) error {
	if len(records) == 0 {
		return nil
	}
	have, err := s.Erasures(ctx)
	if err != nil {
		return err
	}
	by := make(map[int64]erasure.Record, len(have))
	for _, r := range have {
		by[r.Sequence] = r
	}
	for _, r := range records {
		if old, there := by[r.Sequence]; there {
			if !old.Same(r) {
				return fault.New(fault.Corrupt, fmt.Sprintf("erasure %d", r.Sequence), "is one thing in the journal and another in the database",
					"the journal belongs to another database; put back the one that belongs to this")
			}
			continue
		}
		if err := s.replay(ctx, r); err != nil {
			return err
		}
		by[r.Sequence] = r
	}
	return nil
}

func (s *Store) replay(ctx context.Context, r erasure.Record) error {
	return s.within(ctx, func(t *sql.Tx) error {
		if err := s.applyErasure(ctx, t, r); err != nil {
			return err
		}
		insert := `INSERT INTO erasures (sequence, at, kind, ref, detail) VALUES ($1, $2, $3, $4, $5)`
		if s.engine == postgresEngine {
			insert = `INSERT INTO erasures (sequence, at, kind, ref, detail) OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, $4, $5)`
		}
		if _, err := t.ExecContext(ctx, insert, r.Sequence, stamp(r.At), r.Kind, r.Ref, r.Detail); err != nil {
			return err
		}
		if s.engine == postgresEngine { // numbers go on behind the highest, as they do in SQLite
			_, err := t.ExecContext(ctx, `SELECT setval(pg_get_serial_sequence('erasures', 'sequence'), (SELECT MAX(sequence) FROM erasures))`)
			return err
		}
		return nil
	})
}
