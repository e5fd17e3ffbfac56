package store

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"gevor/authz"
	"gevor/directory"
)

// EntriesTouched gives when each thing of the directory that was changed after a revision was changed last, by name, and
// the revision up to which that holds. Names alone tell nobody anything: what a record holds is asked for in somebody's
// name.
func (s *Store) EntriesTouched(ctx context.Context, after int64) ([]directory.Touched, int64, error) {
	revision := after
	out, err := rowsOf(ctx, s.read, func(row scanner) (x directory.Touched, err error) {
		var at string
		var sequence int64
		if err := row.Scan(&x.ID, &at, &sequence); err != nil {
			return x, err
		}
		revision = max(revision, sequence)
		x.At, err = timeOf(at)
		return x, err
	}, `SELECT object, max(at), max(sequence) FROM changes WHERE kind = $1 AND sequence > $2 GROUP BY object ORDER BY object`, string(authz.Entry), after)
	if err != nil {
		return nil, after, failed(err)
	}
	return out, revision, nil
}

// VisibleServices says which of some services the actor may see now, drafts of other houses left out; ended ones are
// visible to nobody here. It is asked at the moment of an answer, whatever was read before.
func (s *Store) VisibleServices(ctx context.Context, actor authz.Actor, ids []directory.ServiceID) (map[directory.ServiceID]bool, error) {
	out := make(map[directory.ServiceID]bool, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	args := []any{string(authz.Entry), authz.ForDirectory}
	places := make([]string, len(ids))
	for i, id := range ids {
		args = append(args, string(id))
		places[i] = "$" + strconv.Itoa(len(args))
	}
	_, err := rowsOf(ctx, s.read, func(row scanner) (struct{}, error) {
		var x directory.Service
		var draft int
		var ended, level, named string
		if err := row.Scan(&x.ID, &x.Owner, &draft, &ended, &level, &named); err != nil {
			return struct{}{}, err
		}
		x.Draft = draft == 1
		out[x.ID] = ended == "" && s.may(actor, authz.View, visibleEntry(&x, releaseFrom(level, named))) == nil
		return struct{}{}, nil
	}, `SELECT s.id, s.owner, s.draft, COALESCE(s.ended, ''), COALESCE(r.level, 'private'), COALESCE(r.named, '')
		FROM services s LEFT JOIN releases r ON r.kind = $1 AND r.object = s.id AND r.purpose = $2
		WHERE s.id IN (`+strings.Join(places, ", ")+`)`, args...)
	if err != nil {
		return nil, failed(err)
	}
	return out, nil
}

// GoneServices gives the services that everybody could see once and that are no longer public, by name; id narrows to one
// where it is not empty. What never was public is not among them, nor does anything say why a service is gone.
func (s *Store) GoneServices(ctx context.Context, id directory.ServiceID) ([]directory.Gone, error) {
	ids, err := rowsOf(ctx, s.read, func(row scanner) (id directory.ServiceID, err error) { return id, row.Scan(&id) },
		`SELECT s.id FROM services s LEFT JOIN releases r ON r.kind = $1 AND r.object = s.id AND r.purpose = $2
		WHERE ($3 = '' OR s.id = $3) AND (s.draft = 1 OR COALESCE(s.ended, '') <> '' OR COALESCE(r.level, 'private') <> 'public')
			AND EXISTS (SELECT 1 FROM changes c WHERE c.kind = $1 AND c.object = s.id AND c.verb = 'released') ORDER BY s.id`,
		string(authz.Entry), authz.ForDirectory, string(id))
	if err != nil {
		return nil, failed(err)
	}
	var out []directory.Gone
	for _, id := range ids {
		at, was, err := lastPublic(ctx, s.read, id)
		if err != nil {
			return nil, failed(err)
		}
		if was {
			out = append(out, directory.Gone{ID: id, At: at})
		}
	}
	return out, nil
}

// lastPublic follows the history of a service: whether it ever was public, and when it ceased to be.
func lastPublic(ctx context.Context, q querier, id directory.ServiceID) (ceased time.Time, was bool, err error) {
	type step struct{ at, verb, after string }
	steps, err := rowsOf(ctx, q, func(row scanner) (x step, err error) { return x, row.Scan(&x.at, &x.verb, &x.after) },
		`SELECT at, verb, after FROM changes WHERE kind = $1 AND object = $2 ORDER BY sequence`, string(authz.Entry), string(id))
	if err != nil {
		return ceased, false, err
	}
	shown, public, hidden := false, false, true // hidden: a draft, or ended
	for i, x := range steps {
		switch {
		case x.verb == "released" || x.verb == "withdrawn":
			var r visible
			if err := json.Unmarshal([]byte(x.after), &r); err != nil {
				return ceased, false, err
			}
			if r.Purpose == authz.ForDirectory {
				public = r.Level == authz.PublicLevel.String()
			}
		case x.verb == "created" || x.verb == "changed" || x.verb == verbRead && i == 0:
			var doc struct {
				Draft bool
				Ended time.Time
			}
			if err := json.Unmarshal([]byte(x.after), &doc); err != nil {
				return ceased, false, err
			}
			hidden = doc.Draft || !doc.Ended.IsZero()
		}
		now := public && !hidden
		if shown && !now {
			if ceased, err = timeOf(x.at); err != nil {
				return ceased, false, err
			}
		}
		shown, was = now, was || now
	}
	if shown && len(steps) > 0 { // by a withdrawal that was brought back without its history
		ceased, err = timeOf(steps[len(steps)-1].at)
	}
	return ceased, was, err
}
