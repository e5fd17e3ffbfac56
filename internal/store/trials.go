package store

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"time"

	"gevor/atlas"
	"gevor/authz"
	"gevor/fault"
	"gevor/form"
)

const trialColumns = `id, owner, name, region, run, changes, outcomes, at`

// keptChange is a change as it is stored: a capacity that is not known is left out.
type keptChange struct {
	Offer    string   `json:"offer,omitempty"`
	Lon      float64  `json:"lon,omitempty"`
	Lat      float64  `json:"lat,omitempty"`
	Category string   `json:"category,omitempty"`
	Capacity *float64 `json:"capacity,omitempty"`
	Longer   float64  `json:"longer,omitempty"`
	Feed     string   `json:"feed,omitempty"`
}

func scanTrial(row scanner) (x atlas.Trial, err error) {
	var changes, outcomes, at string
	if err := row.Scan(&x.ID, &x.Owner, &x.Name, &x.Region, &x.Run, &changes, &outcomes, &at); err != nil {
		return x, err
	}
	var kept []keptChange
	if err := errors.Join(json.Unmarshal([]byte(changes), &kept), json.Unmarshal([]byte(outcomes), &x.Outcomes)); err != nil {
		return x, fault.Wrap(fault.Corrupt, "trial "+x.ID, "cannot be read", "restore the database", err)
	}
	for _, k := range kept {
		c := atlas.Change{Offer: k.Offer, Category: k.Category, Capacity: math.NaN(), Longer: k.Longer, Feed: k.Feed}
		c.At.Lon, c.At.Lat = k.Lon, k.Lat
		if k.Capacity != nil {
			c.Capacity = *k.Capacity
		}
		x.Changes = append(x.Changes, c)
	}
	x.At, err = timeOf(at)
	return x, err
}

// trialObject is a trial as an object of rights.
func trialObject(x atlas.Trial) authz.Object {
	return authz.Object{Kind: authz.Trial, Owner: x.Owner, Released: x.Released}
}

// trialByID reads a trial with its release.
func trialByID(ctx context.Context, q querier, id string) (atlas.Trial, error) {
	x, err := found(q.QueryRowContext(ctx, `SELECT `+trialColumns+` FROM trials WHERE id = $1`, id), scanTrial, absent(authz.Trial))
	if err != nil {
		return x, err
	}
	x.Released, err = releaseOf(ctx, q, authz.Trial, id, authz.ForAtlas)
	return x, err
}

// Trials gives the trials of a region that the actor may see, the latest first, without their outcomes.
func (s *Store) Trials(ctx context.Context, actor authz.Actor, region string) ([]atlas.Trial, error) {
	all, err := rowsOf(ctx, s.read, scanTrial, `SELECT id, owner, name, region, run, changes, '[]', at FROM trials WHERE region = $1 ORDER BY at DESC, id`, region)
	if err != nil {
		return nil, failed(err)
	}
	released, err := releasesFor(ctx, s.read, authz.Trial, authz.ForAtlas)
	if err != nil {
		return nil, failed(err)
	}
	var out []atlas.Trial
	for _, x := range all {
		x.Released = released[x.ID]
		if s.may(actor, authz.View, trialObject(x)) == nil {
			out = append(out, x)
		}
	}
	return out, nil
}

// Trial gives one trial.
func (s *Store) Trial(ctx context.Context, actor authz.Actor, id string) (atlas.Trial, error) {
	x, err := trialByID(ctx, s.read, id)
	if err != nil {
		return atlas.Trial{}, err
	}
	if err := s.may(actor, authz.View, trialObject(x)); err != nil {
		return atlas.Trial{}, err
	}
	return x, nil
}

// trialKept is a trial as the history keeps it.
type trialKept struct{ Name, Run string }

// KeepTrial keeps a trial for an organisation in which the actor plans; ID, At and Released are set here. Invalid where
// it has no name or no changes.
func (s *Store) KeepTrial(ctx context.Context, actor authz.Actor, at time.Time, x atlas.Trial) (id string, err error) {
	var f form.Fields
	x.Name = f.Line("name", x.Name, 1, 120)
	if len(x.Changes) == 0 {
		f.Add("name", "empty")
	}
	if err := f.Err(); err != nil {
		return "", err
	}
	kept := make([]keptChange, 0, len(x.Changes))
	for _, c := range x.Changes {
		k := keptChange{Offer: c.Offer, Lon: c.At.Lon, Lat: c.At.Lat, Category: c.Category, Longer: c.Longer, Feed: c.Feed}
		if !math.IsNaN(c.Capacity) {
			k.Capacity = &c.Capacity
		}
		kept = append(kept, k)
	}
	changes, err := json.Marshal(kept)
	if err != nil {
		return "", fault.Wrap(fault.Internal, "trial", "cannot be kept", "", err)
	}
	outcomes, err := json.Marshal(x.Outcomes)
	if err != nil {
		return "", fault.Wrap(fault.Internal, "trial", "cannot be kept", "", err)
	}
	id = newID("t")
	err = s.change(ctx, actor, at, func(t *tx) error {
		o := authz.Object{Kind: authz.Trial, Owner: x.Owner}
		if err := t.may(authz.Create, o); err != nil {
			return err
		}
		if err := t.may(authz.Remove, o); err != nil { // nobody keeps things for a house they do not plan for
			return err
		}
		if _, err := organisationByID(ctx, t, x.Owner); err != nil {
			return err
		}
		if _, err := t.ExecContext(ctx, `INSERT INTO trials (`+trialColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			id, string(x.Owner), x.Name, x.Region, x.Run, string(changes), string(outcomes), stamp(t.at)); err != nil {
			return err
		}
		return t.record(ctx, authz.Trial, id, x.Owner, "created", nil, trialKept{x.Name, x.Run})
	})
	return id, err
}

// RemoveTrial removes a trial and its release.
func (s *Store) RemoveTrial(ctx context.Context, actor authz.Actor, at time.Time, id string) error {
	return s.change(ctx, actor, at, func(t *tx) error {
		x, err := trialByID(ctx, t, id)
		if err != nil {
			return err
		}
		if err := t.may(authz.Remove, trialObject(x)); err != nil {
			return err
		}
		if err := t.release(ctx, authz.Ref{Kind: authz.Trial, Object: id, Purpose: authz.ForAtlas}, x.Owner, authz.Release{}); err != nil {
			return err
		}
		if err := t.one(ctx, absent(authz.Trial), `DELETE FROM trials WHERE id = $1`, id); err != nil {
			return err
		}
		if err := t.erase(ctx, erasedTrial, id, ""); err != nil {
			return err
		}
		return t.record(ctx, authz.Trial, id, x.Owner, "removed", trialKept{x.Name, x.Run}, nil)
	})
}
