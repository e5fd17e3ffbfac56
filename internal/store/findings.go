package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"

	"gevor/atlas"
)

// State says whether a finding still stands.
type State string

// The states. Present: the last run of the region has it. Absent: it has not. Merged: its people are in another one.
const (
	Present State = "present"
	Absent  State = "absent"
	Merged  State = "merged"
)

// Figures are the numbers of a finding in one run; see atlas.Finding.
type Figures struct {
	Cause                                     string
	People, Low, High, Shortfall, Need, Score float64
	Estimated                                 bool
}

// Finding is one finding of a region over all its runs.
type Finding struct {
	ID, Standard, Group, Category string
	FirstRun, LastRun             string
	State                         State
	Latest                        Figures // of LastRun
}

// Evidence is a finding in one run.
type Evidence struct {
	Run   string
	Place int // rank among the findings of the run, 1 = first
	Cells int
	Figures
}

// recordFindings records evidence and brings the findings of the region up to date. Their identity was settled by
// atlas.Identify; equal IDs are the same finding.
func recordFindings(ctx context.Context, tx *sql.Tx, hash, region string, r *atlas.Result) (err error) {
	if _, err := tx.ExecContext(ctx, `UPDATE findings SET state = 'absent' WHERE region = $1 AND state = 'present'`, region); err != nil {
		return err
	}
	upsert, err := tx.PrepareContext(ctx, `INSERT INTO findings (region, id, standard, group_key, category, first_run, last_run, state, cause, people, low, high, shortfall, need, score, estimated)
		VALUES ($1, $2, $3, $4, $5, $6, $6, 'present', $7, $8, $9, $10, $11, $12, $13, $14)
		ON CONFLICT (region, id) DO UPDATE SET last_run = excluded.last_run, state = excluded.state, cause = excluded.cause, people = excluded.people,
			low = excluded.low, high = excluded.high, shortfall = excluded.shortfall, need = excluded.need, score = excluded.score, estimated = excluded.estimated`)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, upsert.Close()) }()
	evidence, err := tx.PrepareContext(ctx, `INSERT INTO finding_evidence (run, region, finding, place, cause, people, low, high, shortfall, need, score, estimated, cells)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, evidence.Close()) }()
	// In order of ID, so that the tables do not depend on the ranking.
	order := make([]int, len(r.Findings))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(r.Findings[a].ID, r.Findings[b].ID) })
	snap := r.Snapshot
	for _, i := range order {
		f := &r.Findings[i]
		st := snap.Standards[f.Standard]
		estimated := 0
		if f.Estimated {
			estimated = 1
		}
		if _, err := upsert.ExecContext(ctx, region, f.ID, st.Key, snap.Groups[st.Group].Key, snap.Categories[st.Category].Key, hash,
			f.Cause.String(), f.People, f.Low, f.High, f.Shortfall, f.Need, f.Score, estimated); err != nil {
			return err
		}
		if _, err := evidence.ExecContext(ctx, hash, region, f.ID, i+1, f.Cause.String(), f.People, f.Low, f.High, f.Shortfall, f.Need, f.Score, estimated, len(f.Cells)); err != nil {
			return err
		}
	}
	for _, i := range order {
		for _, old := range r.Findings[i].Succeeds {
			if _, err := tx.ExecContext(ctx, `UPDATE findings SET state = 'merged' WHERE region = $1 AND id = $2 AND state = 'absent'`, region, old); err != nil {
				return err
			}
		}
	}
	return nil
}

// Findings gives the findings of a region in some states (all where none is named), by score descending, then ID.
func (s *Store) Findings(ctx context.Context, region string, states ...State) ([]Finding, error) {
	found, err := all(ctx, s.read, func(row interface{ Scan(...any) error }) (f Finding, err error) {
		var estimated int
		err = row.Scan(&f.ID, &f.Standard, &f.Group, &f.Category, &f.FirstRun, &f.LastRun, &f.State, &f.Latest.Cause, &f.Latest.People,
			&f.Latest.Low, &f.Latest.High, &f.Latest.Shortfall, &f.Latest.Need, &f.Latest.Score, &estimated)
		f.Latest.Estimated = estimated == 1
		return f, err
	}, `SELECT id, standard, group_key, category, first_run, last_run, state, cause, people, low, high, shortfall, need, score, estimated
		FROM findings WHERE region = $1 ORDER BY score DESC, id`, region)
	if err != nil || len(states) == 0 {
		return found, err
	}
	return slices.DeleteFunc(found, func(f Finding) bool { return !slices.Contains(states, f.State) }), nil
}

// Evidence gives a finding in every run that had it, the first run first.
func (s *Store) Evidence(ctx context.Context, region, id string) ([]Evidence, error) {
	return all(ctx, s.read, func(row interface{ Scan(...any) error }) (e Evidence, err error) {
		var estimated int
		err = row.Scan(&e.Run, &e.Place, &e.Cells, &e.Cause, &e.People, &e.Low, &e.High, &e.Shortfall, &e.Need, &e.Score, &estimated)
		e.Estimated = estimated == 1
		return e, err
	}, `SELECT e.run, e.place, e.cells, e.cause, e.people, e.low, e.high, e.shortfall, e.need, e.score, e.estimated
		FROM finding_evidence e JOIN runs r ON r.hash = e.run WHERE e.region = $1 AND e.finding = $2 ORDER BY r.sequence`, region, id)
}
