package store

import (
	"context"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/fault"
)

const harvestColumns = `system, owner, address, modified_after, page, began, finished, trouble`

func scanHarvest(row scanner) (h directory.Harvest, err error) {
	var after, began, finished string
	if err := row.Scan(&h.System, &h.Owner, &h.Address, &after, &h.Page, &began, &finished, &h.Trouble); err != nil {
		return h, err
	}
	if h.ModifiedAfter, err = timeOf(after); err != nil {
		return h, err
	}
	if h.Began, err = timeOf(began); err != nil {
		return h, err
	}
	h.Finished, err = timeOf(finished)
	return h, err
}

// Harvest gives how far a source has been read for the actor's organisation. Absent where it never was, or for another one.
func (s *Store) Harvest(ctx context.Context, actor authz.Actor, system string) (directory.Harvest, error) {
	h, err := found(s.read.QueryRowContext(ctx, `SELECT `+harvestColumns+` FROM harvests WHERE system = $1`, system), scanHarvest, absent(authz.Entry))
	if err != nil {
		return h, err
	}
	if err := s.may(actor, authz.Create, entry(h.Owner, authz.Release{})); err != nil {
		return directory.Harvest{}, err
	}
	return h, nil
}

// SaveHarvest keeps how far a source has been read. A source belongs to the organisation that read it first.
func (s *Store) SaveHarvest(ctx context.Context, actor authz.Actor, at time.Time, h directory.Harvest) error {
	if h.System == "" || h.Page < 0 {
		return fault.New(fault.Invalid, "system", "is empty", "name the source")
	}
	return s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(authz.Create, entry(h.Owner, authz.Release{})); err != nil {
			return err
		}
		none := func(at time.Time) string {
			if at.IsZero() {
				return ""
			}
			return stamp(at)
		}
		other := fault.New(fault.Conflict, "system", "this source is read for another organisation", "choose another name for the source")
		return t.one(ctx, other, `INSERT INTO harvests (system, owner, address, modified_after, page, began, finished, trouble) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (system) DO UPDATE SET address = excluded.address, modified_after = excluded.modified_after, page = excluded.page, began = excluded.began, finished = excluded.finished, trouble = excluded.trouble
			WHERE harvests.owner = excluded.owner`,
			h.System, string(h.Owner), h.Address, none(h.ModifiedAfter), h.Page, none(h.Began), none(h.Finished), h.Trouble)
	})
}
