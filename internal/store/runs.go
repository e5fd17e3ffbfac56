package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"gevor/atlas"
	"gevor/fault"
)

// Run is one run on record.
type Run struct {
	Hash        string
	Region      string
	Snapshot    string
	RecordedAt  time.Time
	PublishedAt time.Time // zero where it is not published
}

// timeForm writes times so that text orders as time does.
const timeForm = "2006-01-02T15:04:05.000000Z"

// RecordRun puts a run on record with its findings and the number of its notices, in one transaction. A run that is
// on record already changes nothing. Findings that an earlier run of the region had and this one has not become
// absent, or merged where one of this run succeeds them; their evidence stays.
func (s *Store) RecordRun(ctx context.Context, hash, region string, at time.Time, r *atlas.Result) error {
	return s.within(ctx, func(tx *sql.Tx) error {
		// Writers of one region wait here for each other: what follows touches many lines of the region, and two
		// transactions that take them in different orders would wait for ever.
		if _, err := tx.ExecContext(ctx, `INSERT INTO regions (region) VALUES ($1) ON CONFLICT (region) DO UPDATE SET region = excluded.region`, region); err != nil {
			return err
		}
		done, err := tx.ExecContext(ctx,
			`INSERT INTO runs (hash, region, snapshot, recorded_at) VALUES ($1, $2, $3, $4) ON CONFLICT (hash) DO NOTHING`,
			hash, region, r.Snapshot.Hash, at.UTC().Format(timeForm))
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return err
		}
		if err := recordFindings(ctx, tx, hash, region, r); err != nil {
			return err
		}
		return recordNotices(ctx, tx, hash, r)
	})
}

func recordNotices(ctx context.Context, tx *sql.Tx, hash string, r *atlas.Result) (err error) {
	type key struct{ file, rule, severity string }
	counts := map[key]int64{}
	for _, n := range slices.Concat(r.Snapshot.Notices, r.Notices) {
		counts[key{n.File, n.Rule, n.Severity.String()}]++
	}
	keys := make([]key, 0, len(counts))
	for k := range counts {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b key) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.rule, b.rule), cmp.Compare(a.severity, b.severity))
	})
	insert, err := tx.PrepareContext(ctx, `INSERT INTO run_notices (run, file, rule, severity, notices) VALUES ($1, $2, $3, $4, $5)`)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, insert.Close()) }()
	for _, k := range keys {
		if _, err := insert.ExecContext(ctx, hash, k.file, k.rule, k.severity, counts[k]); err != nil {
			return err
		}
	}
	return nil
}

const runColumns = `hash, region, snapshot, recorded_at, COALESCE(published_at, '')`

func scanRun(row interface{ Scan(...any) error }) (r Run, err error) {
	var recorded, published string
	if err := row.Scan(&r.Hash, &r.Region, &r.Snapshot, &recorded, &published); err != nil {
		return r, err
	}
	if r.RecordedAt, err = time.Parse(timeForm, recorded); err == nil && published != "" {
		r.PublishedAt, err = time.Parse(timeForm, published)
	}
	return r, err
}

// Previous gives the run of a region that was recorded last; NotFound where there is none.
func (s *Store) Previous(ctx context.Context, region string) (Run, error) {
	r, err := scanRun(s.read.QueryRowContext(ctx, `SELECT `+runColumns+` FROM runs WHERE region = $1 ORDER BY sequence DESC LIMIT 1`, region))
	if errors.Is(err, sql.ErrNoRows) {
		return Run{}, fault.New(fault.NotFound, region, "has no run yet", "run gevor analyse first")
	}
	if err != nil {
		return Run{}, failed(err)
	}
	return r, nil
}

// Runs gives all runs of a region, the last one first.
func (s *Store) Runs(ctx context.Context, region string) ([]Run, error) {
	return all(ctx, s.read, scanRun, `SELECT `+runColumns+` FROM runs WHERE region = $1 ORDER BY sequence DESC`, region)
}

// Publish marks a run as published; the first time counts. NotFound where there is no such run.
func (s *Store) Publish(ctx context.Context, hash string, at time.Time) error {
	return s.within(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, `UPDATE runs SET published_at = COALESCE(published_at, $2) WHERE hash = $1`, hash, at.UTC().Format(timeForm))
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n > 0 {
			return err
		}
		return fault.New(fault.NotFound, hash, "is no run on record", "")
	})
}

// NoticeCount is how many notices of one rule a run had for a file.
type NoticeCount struct {
	File, Rule, Severity string
	Notices              int64
}

// NoticeCounts gives what the imports of a run had to say, in order of file, rule and severity.
func (s *Store) NoticeCounts(ctx context.Context, hash string) ([]NoticeCount, error) {
	return all(ctx, s.read, func(row interface{ Scan(...any) error }) (n NoticeCount, err error) {
		err = row.Scan(&n.File, &n.Rule, &n.Severity, &n.Notices)
		return n, err
	}, `SELECT file, rule, severity, notices FROM run_notices WHERE run = $1 ORDER BY file, rule, severity`, hash)
}

// all reads every line of a query.
func all[T any](ctx context.Context, db querier, scan func(interface{ Scan(...any) error }) (T, error), query string, args ...any) (out []T, err error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, failed(err)
	}
	defer func() {
		if err = errors.Join(err, rows.Close()); err != nil {
			err = failed(err)
		}
	}()
	for rows.Next() {
		x, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, rows.Err()
}
