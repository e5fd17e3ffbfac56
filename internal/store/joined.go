package store

import (
	"context"
	"slices"
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
