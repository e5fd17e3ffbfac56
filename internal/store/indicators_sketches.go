package store

import (
	"context"
	"encoding/json"
	"time"

	"gevor/authz"
	"gevor/indicator"
)

// sketching is what somebody who sees or writes the sketches of an organisation must be allowed.
func sketching(owner authz.OrganisationID) authz.Object {
	return authz.Object{Kind: authz.Figures, Owner: owner}
}

// KeepSketch keeps a dataset that is written by hand, a new one where it has no id. It gives its id. Sketches are no part of
// the history: they hold true figures.
func (s *Store) KeepSketch(ctx context.Context, actor authz.Actor, at time.Time, k indicator.Sketch) (string, error) {
	owner := authz.OrganisationID(k.Owner)
	err := s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(authz.Create, sketching(owner)); err != nil {
			return err
		}
		fresh := k.ID == ""
		if fresh {
			k.ID = newID("k")
		}
		k.Made = t.at
		raw, err := json.Marshal(k)
		if err != nil {
			return err
		}
		if fresh {
			_, err = t.ExecContext(ctx, `INSERT INTO dataset_sketches (id, owner, made, doc) VALUES ($1, $2, $3, $4)`, k.ID, k.Owner, stamp(k.Made), string(raw))
			return err
		}
		return t.one(ctx, absent(authz.Figures), `UPDATE dataset_sketches SET made = $3, doc = $4 WHERE id = $1 AND owner = $2`, k.ID, k.Owner, stamp(k.Made), string(raw))
	})
	return k.ID, err
}

// Sketch gives a dataset that is written by hand.
func (s *Store) Sketch(ctx context.Context, actor authz.Actor, owner authz.OrganisationID, id string) (indicator.Sketch, error) {
	if err := s.may(actor, authz.Create, sketching(owner)); err != nil {
		return indicator.Sketch{}, err
	}
	return found(s.read.QueryRowContext(ctx, `SELECT doc FROM dataset_sketches WHERE id = $1 AND owner = $2`, id, string(owner)), scanDoc[indicator.Sketch], absent(authz.Figures))
}

// Sketches lists what is being written in an organisation, the latest first.
func (s *Store) Sketches(ctx context.Context, actor authz.Actor, owner authz.OrganisationID) ([]indicator.Sketch, error) {
	if err := s.may(actor, authz.Create, sketching(owner)); err != nil {
		return nil, err
	}
	out, err := rowsOf(ctx, s.read, scanDoc[indicator.Sketch], `SELECT doc FROM dataset_sketches WHERE owner = $1 ORDER BY made DESC, id`, string(owner))
	if err != nil {
		return nil, failed(err)
	}
	return out, nil
}

// DropSketch forgets a dataset that was written by hand; no backup brings it back.
func (s *Store) DropSketch(ctx context.Context, actor authz.Actor, at time.Time, owner authz.OrganisationID, id string) error {
	return s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(authz.Create, sketching(owner)); err != nil {
			return err
		}
		if err := t.one(ctx, absent(authz.Figures), `DELETE FROM dataset_sketches WHERE id = $1 AND owner = $2`, id, string(owner)); err != nil {
			return err
		}
		return t.erase(ctx, erasedSketch, id, "")
	})
}

// UnsafeForgetSketches forgets the sketches that nobody touched for indicator.SketchDays. It gives how many.
func (s *Store) UnsafeForgetSketches(ctx context.Context, at time.Time) (forgotten int64, err error) {
	err = s.change(ctx, authz.Public(), at, func(t *tx) error {
		old, err := rowsOf(ctx, t, func(row scanner) (id string, err error) { return id, row.Scan(&id) }, `DELETE FROM dataset_sketches WHERE made < $1 RETURNING id`, stamp(at.AddDate(0, 0, -indicator.SketchDays)))
		if err != nil {
			return err
		}
		forgotten = int64(len(old))
		for _, id := range old {
			if err := t.erase(ctx, erasedSketch, id, ""); err != nil {
				return err
			}
		}
		return nil
	})
	return forgotten, err
}
