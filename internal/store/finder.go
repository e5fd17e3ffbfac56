package store

import (
	"context"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/fault"
)

// EntryRevision grows with every change of the directory: of records, confirmations and releases. It is 0 before the
// first.
func (s *Store) EntryRevision(ctx context.Context) (n int64, err error) {
	if err := s.read.QueryRowContext(ctx, `SELECT COALESCE(max(sequence), 0) FROM changes WHERE kind = $1`, string(authz.Entry)).Scan(&n); err != nil {
		return 0, failed(err)
	}
	return n, nil
}

// EntriesSince names the records that were changed after a revision, each once. Names alone tell nobody anything: what a
// record holds is asked for in somebody's name.
func (s *Store) EntriesSince(ctx context.Context, revision int64) ([]string, error) {
	out, err := rowsOf(ctx, s.read, func(row scanner) (id string, err error) { return id, row.Scan(&id) },
		`SELECT DISTINCT object FROM changes WHERE kind = $1 AND sequence > $2 ORDER BY object`, string(authz.Entry), revision)
	if err != nil {
		return nil, failed(err)
	}
	return out, nil
}

// ServicesBeyond gives the services that the actor may see and the public may not, with provider and locations, by ID.
func (s *Store) ServicesBeyond(ctx context.Context, actor authz.Actor) ([]directory.Record, error) {
	ids, err := rowsOf(ctx, s.read, func(row scanner) (id string, err error) { return id, row.Scan(&id) },
		`SELECT s.id FROM services s LEFT JOIN releases r ON r.kind = $1 AND r.object = s.id AND r.purpose = $2
		WHERE s.draft = 1 OR COALESCE(r.level, 'private') <> 'public' ORDER BY s.id`, string(authz.Entry), authz.ForDirectory)
	if err != nil {
		return nil, failed(err)
	}
	var out []directory.Record
	for _, id := range ids {
		rec, err := s.Service(ctx, actor, directory.ServiceID(id))
		if fault.KindOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, rec)
	}
	return out, nil
}

// AddUnanswered adds to the counts of searches without a result and of hurdles that people met. Invalid where a reason
// is none that may be counted.
func (s *Store) AddUnanswered(ctx context.Context, counts []directory.Unanswered) error {
	for _, u := range counts {
		if _, err := time.Parse("2006-01", u.Month); err != nil || u.Times <= 0 || !directory.UnansweredReason(u.Reason) {
			return fault.New(fault.Invalid, "unanswered", "is no count of a month and a reason", "")
		}
	}
	return s.change(ctx, authz.Public(), time.Time{}, func(t *tx) error { // no time of a search is written anywhere
		for _, u := range counts {
			if _, err := t.ExecContext(ctx, `INSERT INTO unanswered (month, district, need, language, reason, times) VALUES ($1, $2, $3, $4, $5, $6)
				ON CONFLICT (month, district, need, language, reason) DO UPDATE SET times = unanswered.times + excluded.times`, u.Month, u.District, u.Need, u.Language, u.Reason, u.Times); err != nil {
				return err
			}
		}
		return nil
	})
}
