package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/fault"
)

// Joined is the directory as readers see it: records that were called one offer are one, made for each reader of the records
// that this reader may see. Whoever keeps records uses the Store itself.
type Joined struct {
	*Store
	now func() time.Time
}

// Joined gives the directory as readers see it. now is the clock by which trust is judged.
func (s *Store) Joined(now func() time.Time) *Joined { return &Joined{s, now} }

// groupOf gives the running records that were called one offer with a record and that the actor may see, itself first.
func (s *Store) groupOf(ctx context.Context, actor authz.Actor, r directory.Record) ([]directory.Record, error) {
	out, seen := []directory.Record{r}, []directory.ServiceID{r.ID}
	for next := seen; len(next) > 0; {
		var found []directory.ServiceID
		for _, id := range next {
			others, err := rowsOf(ctx, s.read, func(row scanner) (o directory.ServiceID, err error) { return o, row.Scan(&o) },
				`SELECT second FROM duplicates WHERE first = $1 AND state = 'same' UNION SELECT first FROM duplicates WHERE second = $1 AND state = 'same'`, string(id))
			if err != nil {
				return nil, failed(err)
			}
			for _, o := range others {
				if !slices.Contains(seen, o) {
					seen, found = append(seen, o), append(found, o)
				}
			}
		}
		next = found
	}
	for _, id := range seen[1:] {
		o, err := s.Service(ctx, actor, id)
		if fault.KindOf(err) == fault.NotFound || fault.KindOf(err) == fault.Denied {
			continue
		}
		if err != nil {
			return nil, err
		}
		if !o.Draft && o.Ended.IsZero() {
			out = append(out, o)
		}
	}
	return out, nil
}

// Service gives an offer that the actor may see, joined of all records that were called this offer. It has the name of the
// record that leads, whichever of them was asked for: old links stay good.
func (j *Joined) Service(ctx context.Context, actor authz.Actor, id directory.ServiceID) (directory.Record, error) {
	r, err := j.Store.Service(ctx, actor, id)
	if err != nil || r.Draft || !r.Ended.IsZero() {
		return r, err
	}
	of, err := j.groupOf(ctx, actor, r)
	if err != nil || len(of) == 1 {
		return r, err
	}
	return directory.Join(of, j.now()).Record, nil
}

// Services gives every offer that the actor may see, by name of the record that leads. Of one house, or since a time, it
// gives the records as they are kept.
func (j *Joined) Services(ctx context.Context, actor authz.Actor, owner authz.OrganisationID, after time.Time) ([]directory.Record, error) {
	all, err := j.Store.Services(ctx, actor, owner, after)
	if err != nil || owner != "" || !after.IsZero() {
		return all, err
	}
	same, err := samePairs(ctx, j.read)
	if err != nil {
		return nil, failed(err)
	}
	return directory.JoinAll(all, same, j.now()), nil
}

// ServicesBeyond gives the offers that the actor may see and the public may not. One that the public sees by another of its
// records is not among them.
func (j *Joined) ServicesBeyond(ctx context.Context, actor authz.Actor) ([]directory.Record, error) {
	all, err := j.Store.ServicesBeyond(ctx, actor)
	if err != nil {
		return nil, err
	}
	same, err := samePairs(ctx, j.read)
	if err != nil {
		return nil, failed(err)
	}
	grouped := map[directory.ServiceID]bool{}
	for _, p := range same {
		grouped[p.A], grouped[p.B] = true, true
	}
	out := all[:0]
	for _, r := range all {
		if grouped[r.ID] {
			whole, err := j.Service(ctx, actor, r.ID)
			if err != nil {
				return nil, err
			}
			if whole.ID != r.ID {
				continue // it stands where its lead stands
			}
			r = whole
		}
		out = append(out, r)
	}
	return out, nil
}

// EntriesSince names the records that were changed after a revision, and those that are one offer with them.
func (j *Joined) EntriesSince(ctx context.Context, revision int64) ([]string, error) {
	out, err := j.Store.EntriesSince(ctx, revision)
	if err != nil || len(out) == 0 {
		return out, err
	}
	same, err := samePairs(ctx, j.read)
	if err != nil {
		return nil, failed(err)
	}
	for _, g := range directory.Groups(same) {
		if slices.ContainsFunc(g, func(id directory.ServiceID) bool { return slices.Contains(out, string(id)) }) {
			for _, id := range g {
				if !slices.Contains(out, string(id)) {
					out = append(out, string(id))
				}
			}
		}
	}
	return out, nil
}

// EntriesTouched gives what changed after a revision, and with no time of their own the services that are one offer with
// something that changed: their view may have changed, though they have not.
func (j *Joined) EntriesTouched(ctx context.Context, after int64) ([]directory.Touched, int64, error) {
	out, revision, err := j.Store.EntriesTouched(ctx, after)
	if err != nil || after == 0 || len(out) == 0 {
		return out, revision, err
	}
	same, err := samePairs(ctx, j.read)
	if err != nil {
		return nil, after, failed(err)
	}
	groups := directory.Groups(same)
	if len(groups) == 0 {
		return out, revision, nil
	}
	changed := make(map[string]bool, len(out))
	for _, t := range out {
		changed[t.ID] = true
	}
	if err := j.atChanged(ctx, changed); err != nil {
		return nil, after, err
	}
	for _, g := range groups {
		if !slices.ContainsFunc(g, func(id directory.ServiceID) bool { return changed[string(id)] }) {
			continue
		}
		for _, id := range g {
			if !slices.ContainsFunc(out, func(t directory.Touched) bool { return t.ID == string(id) }) {
				out = append(out, directory.Touched{ID: string(id)})
			}
		}
	}
	return out, revision, nil
}

// mostLooked is how many changed places are looked up one by one; with more of them every joined offer counts as changed.
const mostLooked = 50

// atChanged adds to what changed the joined services that are given at a changed location.
func (j *Joined) atChanged(ctx context.Context, changed map[string]bool) error {
	grouped := `SELECT first FROM duplicates WHERE state = 'same' UNION SELECT second FROM duplicates WHERE state = 'same'`
	query, args := `SELECT id FROM services WHERE id IN (`+grouped+`)`, [][]any{{}}
	if len(changed) <= mostLooked {
		query, args = query+` AND doc LIKE $1`, nil
		for id := range changed {
			if strings.HasPrefix(id, locations.id+"-") {
				args = append(args, []any{`%"` + id + `"%`})
			}
		}
	}
	for _, a := range args {
		ids, err := rowsOf(ctx, j.read, func(row scanner) (id string, err error) { return id, row.Scan(&id) }, query, a...)
		if err != nil {
			return failed(err)
		}
		for _, id := range ids {
			changed[id] = true
		}
	}
	return nil
}

// GoneServices gives what was public once and is no longer, and what now stands under the name of another record of the
// same offer.
func (j *Joined) GoneServices(ctx context.Context, id directory.ServiceID) ([]directory.Gone, error) {
	out, err := j.Store.GoneServices(ctx, id)
	if err != nil {
		return nil, err
	}
	type pair struct {
		a, b    directory.ServiceID
		decided time.Time
	}
	pairs, err := rowsOf(ctx, j.read, func(row scanner) (p pair, err error) {
		var at string
		if err := row.Scan(&p.a, &p.b, &at); err != nil {
			return p, err
		}
		p.decided, err = timeOf(at)
		return p, err
	}, `SELECT first, second, decided FROM duplicates WHERE state = 'same' AND ($1 = '' OR first = $1 OR second = $1) ORDER BY first, second`, string(id))
	if err != nil {
		return nil, failed(err)
	}
	looked := map[directory.ServiceID]bool{}
	for _, p := range pairs {
		for _, x := range []directory.ServiceID{p.a, p.b} {
			if looked[x] || id != "" && x != id {
				continue
			}
			looked[x] = true
			r, err := j.Service(ctx, authz.Public(), x)
			if fault.KindOf(err) == fault.NotFound {
				continue
			}
			if err != nil {
				return nil, err
			}
			if r.ID != x {
				out = append(out, directory.Gone{ID: x, At: p.decided})
			}
		}
	}
	slices.SortFunc(out, func(a, b directory.Gone) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return out, nil
}
