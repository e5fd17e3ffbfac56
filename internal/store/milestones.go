package store

import (
	"context"
	"time"

	"gevor/alliance"
	"gevor/authz"
	"gevor/fault"
)

const milestoneColumns = `id, day, title, said, version`

func scanMilestone(row scanner) (m alliance.Milestone, err error) {
	var on string
	if err := row.Scan(&m.ID, &on, &m.Title, &m.Text, &m.Version); err != nil {
		return m, err
	}
	m.On, err = timeOf(on)
	return m, err
}

// Milestones gives the alliance's milestones, the earliest first. Everybody sees them.
func (s *Store) Milestones(ctx context.Context, actor authz.Actor) ([]alliance.Milestone, error) {
	if err := s.may(actor, authz.View, authz.Object{Kind: authz.Charter}); err != nil {
		return nil, err
	}
	all, err := rowsOf(ctx, s.read, scanMilestone, `SELECT `+milestoneColumns+` FROM milestones ORDER BY day, id`)
	if err != nil {
		return nil, failed(err)
	}
	return all, nil
}

func noMilestone() error { return fault.New(fault.NotFound, "milestone", "does not exist", "") }

// SaveMilestone adds a milestone (without ID) or changes one; Stale where m.Version is not the one that is there.
func (s *Store) SaveMilestone(ctx context.Context, actor authz.Actor, at time.Time, m alliance.Milestone) (id string, err error) {
	err = s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(authz.Change, authz.Object{Kind: authz.Charter}); err != nil {
			return err
		}
		if m, err = m.Check(); err != nil {
			return err
		}
		if m.ID == "" {
			m.ID, m.Version = newID("j"), 1
			if _, err := t.ExecContext(ctx, `INSERT INTO milestones (`+milestoneColumns+`) VALUES ($1, $2, $3, $4, $5)`, m.ID, moment(m.On), m.Title, m.Text, m.Version); err != nil {
				return err
			}
			return t.record(ctx, authz.Charter, m.ID, "", "created", nil, m)
		}
		was, err := found(t.QueryRowContext(ctx, `SELECT `+milestoneColumns+` FROM milestones WHERE id = $1`, m.ID), scanMilestone, noMilestone())
		if err != nil {
			return err
		}
		if err := t.one(ctx, stale(authz.Charter), `UPDATE milestones SET day = $3, title = $4, said = $5, version = version + 1 WHERE id = $1 AND version = $2`,
			m.ID, m.Version, moment(m.On), m.Title, m.Text); err != nil {
			return err
		}
		m.Version++
		return t.record(ctx, authz.Charter, m.ID, "", "changed", was, m)
	})
	return m.ID, err
}

// DropMilestone removes a milestone; the history keeps what it said.
func (s *Store) DropMilestone(ctx context.Context, actor authz.Actor, at time.Time, id string) error {
	return s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(authz.Change, authz.Object{Kind: authz.Charter}); err != nil {
			return err
		}
		was, err := found(t.QueryRowContext(ctx, `SELECT `+milestoneColumns+` FROM milestones WHERE id = $1`, id), scanMilestone, noMilestone())
		if err != nil {
			return err
		}
		if err := t.one(ctx, noMilestone(), `DELETE FROM milestones WHERE id = $1`, id); err != nil {
			return err
		}
		return t.record(ctx, authz.Charter, id, "", "removed", was, nil)
	})
}
