package store

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"gevor/alliance"
	"gevor/authz"
	"gevor/fault"
)

const yardstickColumns = `measure, dataset, areas, starts, worthwhile, fixed, version`

func scanYardstick(row scanner) (y alliance.Yardstick, err error) {
	var areas, starts, fixed string
	if err := row.Scan(&y.Measure, &y.Dataset, &areas, &starts, &y.Worthwhile, &fixed, &y.Version); err != nil {
		return y, err
	}
	y.Areas = strings.Split(areas, "\n")
	if err := y.Start.UnmarshalText([]byte(starts)); err != nil {
		return y, err
	}
	y.Fixed, err = timeOf(fixed)
	return y, err
}

func noYardstick() error {
	return fault.New(fault.NotFound, "yardstick", "has not been set for the measure", "")
}

func yardstickOf(ctx context.Context, q querier, measure string) (alliance.Yardstick, error) {
	return found(q.QueryRowContext(ctx, `SELECT `+yardstickColumns+` FROM yardsticks WHERE measure = $1`, measure), scanYardstick, noYardstick())
}

// Yardstick gives by which figures a measure is judged; NotFound where that has not been set.
func (s *Store) Yardstick(ctx context.Context, actor authz.Actor, measure string) (alliance.Yardstick, error) {
	if _, err := s.Measure(ctx, actor, measure); err != nil {
		return alliance.Yardstick{}, err
	}
	return yardstickOf(ctx, s.read, measure)
}

// Yardsticks gives the yardsticks of all measures that are judged by a dataset, as far as the actor may see the measures.
func (s *Store) Yardsticks(ctx context.Context, actor authz.Actor, dataset string) ([]alliance.Yardstick, error) {
	all, err := rowsOf(ctx, s.read, scanYardstick, `SELECT `+yardstickColumns+` FROM yardsticks WHERE dataset = $1 ORDER BY measure`, dataset)
	if err != nil {
		return nil, failed(err)
	}
	var out []alliance.Yardstick
	for _, y := range all {
		m, err := measureByID(ctx, s.read, y.Measure)
		if err != nil {
			return nil, err
		}
		if s.may(actor, authz.View, measureObject(m)) == nil {
			out = append(out, y)
		}
	}
	return out, nil
}

// SetYardstick writes down by which figures a measure will be judged, with the day. It may be set anew until the first
// appraisal; the history keeps what it was. Stale where y.Version is not the one that is there (0 for none).
func (s *Store) SetYardstick(ctx context.Context, actor authz.Actor, at time.Time, y alliance.Yardstick) error {
	return s.change(ctx, actor, at, func(t *tx) error {
		m, err := measureByID(ctx, t, y.Measure)
		if err != nil {
			return err
		}
		if err := t.may(authz.Change, measureObject(m)); err != nil {
			return err
		}
		if y, err = y.Check(); err != nil {
			return err
		}
		var appraised int
		if err := t.QueryRowContext(ctx, `SELECT count(*) FROM appraisals WHERE measure = $1`, m.ID).Scan(&appraised); err != nil {
			return err
		}
		if appraised > 0 {
			return fault.New(fault.Conflict, "yardstick", "has been used for an appraisal already", "describe a measure of its own where something else is to be judged")
		}
		y.Fixed = t.at
		areas := strings.Join(y.Areas, "\n")
		if y.Version == 0 {
			if err := t.one(ctx, stale(authz.Dossier), `INSERT INTO yardsticks (`+yardstickColumns+`) VALUES ($1, $2, $3, $4, $5, $6, 1) ON CONFLICT (measure) DO NOTHING`,
				m.ID, y.Dataset, areas, y.Start.String(), y.Worthwhile, stamp(y.Fixed)); err != nil {
				return err
			}
			y.Version = 1
			return t.record(ctx, authz.Dossier, m.ID, m.Owner, "changed", nil, y)
		}
		was, err := yardstickOf(ctx, t, m.ID)
		if err != nil {
			return err
		}
		if err := t.one(ctx, stale(authz.Dossier), `UPDATE yardsticks SET dataset = $3, areas = $4, starts = $5, worthwhile = $6, fixed = $7, version = version + 1 WHERE measure = $1 AND version = $2`,
			m.ID, y.Version, y.Dataset, areas, y.Start.String(), y.Worthwhile, stamp(y.Fixed)); err != nil {
			return err
		}
		y.Version++
		return t.record(ctx, authz.Dossier, m.ID, m.Owner, "changed", was, y)
	})
}

const appraisalColumns = `id, measure, owner, at, yardstick, judged, note`

func scanAppraisal(row scanner) (r alliance.Appraisal, err error) {
	var at, yardstick, judged string
	if err := row.Scan(&r.ID, &r.Measure, &r.Owner, &at, &yardstick, &judged, &r.Note); err != nil {
		return r, err
	}
	if err := json.Unmarshal([]byte(yardstick), &r.Yardstick); err != nil {
		return r, err
	}
	if err := json.Unmarshal([]byte(judged), &r.Judged); err != nil {
		return r, err
	}
	r.At, err = timeOf(at)
	return r, err
}

// Appraisals gives what was recorded of a measure's effect, the latest first.
func (s *Store) Appraisals(ctx context.Context, actor authz.Actor, measure string) ([]alliance.Appraisal, error) {
	if _, err := s.Measure(ctx, actor, measure); err != nil {
		return nil, err
	}
	all, err := rowsOf(ctx, s.read, scanAppraisal, `SELECT `+appraisalColumns+` FROM appraisals WHERE measure = $1 ORDER BY at DESC, id`, measure)
	if err != nil {
		return nil, failed(err)
	}
	return all, nil
}

// Appraise records what the figures say of a measure's effect and what people make of it. Whoever keeps the measure does
// so; it stays as it is. Stale where the yardstick has been set anew since r.Yardstick.Version was read.
func (s *Store) Appraise(ctx context.Context, actor authz.Actor, at time.Time, r alliance.Appraisal) (id string, err error) {
	err = s.change(ctx, actor, at, func(t *tx) error {
		m, err := measureByID(ctx, t, r.Measure)
		if err != nil {
			return err
		}
		if err := t.may(authz.Change, measureObject(m)); err != nil {
			return err
		}
		if r, err = r.Check(); err != nil {
			return err
		}
		y, err := yardstickOf(ctx, t, m.ID)
		if err != nil {
			return err
		}
		if y.Version != r.Yardstick.Version {
			return stale(authz.Dossier)
		}
		r.ID, r.Owner, r.At, r.Yardstick = newID("e"), m.Owner, t.at, y
		yardstick, err := json.Marshal(r.Yardstick)
		if err != nil {
			return err
		}
		judged, err := json.Marshal(r.Judged)
		if err != nil {
			return err
		}
		if _, err := t.ExecContext(ctx, `INSERT INTO appraisals (`+appraisalColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			r.ID, r.Measure, string(r.Owner), stamp(r.At), string(yardstick), string(judged), r.Note); err != nil {
			return err
		}
		return t.record(ctx, authz.Dossier, m.ID, m.Owner, "appraised", nil, r)
	})
	return r.ID, err
}
