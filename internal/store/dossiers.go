package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"gevor/alliance"
	"gevor/authz"
	"gevor/fault"
)

const dossierColumns = `id, title, finding, region, run, place, people, source, owner, state, body, opened, version, snapshot, facts, whom, cluster`

func scanDossier(row scanner) (d alliance.Dossier, err error) {
	var opened, facts string
	e := &d.Evidence
	if err := row.Scan(&d.ID, &d.Title, &e.Finding, &e.Region, &e.Run, &e.Name, &e.People, &e.Owner, &d.Owner, &d.State, &d.Body, &opened, &d.Version, &e.Snapshot, &facts, &d.Whom, &d.Cluster); err != nil {
		return d, err
	}
	if err := json.Unmarshal([]byte(facts), &e.Facts); err != nil {
		return d, fault.Wrap(fault.Corrupt, "dossier "+d.ID, "cannot be read", "restore the database", err)
	}
	d.Opened, err = timeOf(opened)
	return d, err
}

func dossierByID(ctx context.Context, q querier, id string) (alliance.Dossier, error) {
	return found(q.QueryRowContext(ctx, `SELECT `+dossierColumns+` FROM dossiers WHERE id = $1`, id), scanDossier, absent(authz.Dossier))
}

func dossierObject(d alliance.Dossier) authz.Object {
	return authz.Object{Kind: authz.Dossier, Owner: d.Owner}
}

// Dossiers gives the dossiers that the actor may see, by state and then the latest first.
func (s *Store) Dossiers(ctx context.Context, actor authz.Actor) ([]alliance.Dossier, error) {
	all, err := rowsOf(ctx, s.read, scanDossier, `SELECT `+dossierColumns+` FROM dossiers ORDER BY opened DESC, id`)
	if err != nil {
		return nil, failed(err)
	}
	var out []alliance.Dossier
	for _, d := range all {
		if s.may(actor, authz.View, dossierObject(d)) == nil {
			out = append(out, d)
		}
	}
	return out, nil
}

// Dossier gives one dossier with its course.
func (s *Store) Dossier(ctx context.Context, actor authz.Actor, id string) (alliance.Dossier, []alliance.Entry, error) {
	d, err := dossierByID(ctx, s.read, id)
	if err != nil {
		return d, nil, err
	}
	if err := s.may(actor, authz.View, dossierObject(d)); err != nil {
		return alliance.Dossier{}, nil, err
	}
	course, err := rowsOf(ctx, s.read, func(row scanner) (e alliance.Entry, err error) {
		var at string
		if err := row.Scan(&e.Step, &e.From, &e.To, &e.Decision, &e.By, &e.Reason, &at); err != nil {
			return e, err
		}
		e.At, err = timeOf(at)
		return e, err
	}, `SELECT step, before, after, COALESCE(decision, ''), owner, reason, at FROM dossier_course WHERE dossier = $1 ORDER BY number`, id)
	if err != nil {
		return d, nil, failed(err)
	}
	return d, course, nil
}

// OpenDossier opens a dossier of a finding for the organisation d.Owner, with the finding as it stood.
func (s *Store) OpenDossier(ctx context.Context, actor authz.Actor, at time.Time, d alliance.Dossier) (id string, err error) {
	d, err = d.Check()
	if err != nil {
		return "", err
	}
	err = s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(authz.Create, dossierObject(d)); err != nil {
			return err
		}
		if _, err := organisationByID(ctx, t, d.Owner); err != nil {
			return err
		}
		d.ID, d.Opened, d.Version = newID("d"), t.at, 1
		e := d.Evidence
		facts, err := json.Marshal(e.Facts)
		if err != nil {
			return fault.Wrap(fault.Internal, "dossier", "cannot be kept", "", err)
		}
		if _, err := t.ExecContext(ctx, `INSERT INTO dossiers (`+dossierColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
			d.ID, d.Title, e.Finding, e.Region, e.Run, e.Name, e.People, string(e.Owner), string(d.Owner), string(d.State), d.Body, stamp(d.Opened), d.Version, e.Snapshot, string(facts), d.Whom, d.Cluster); err != nil {
			return err
		}
		return t.record(ctx, authz.Dossier, d.ID, d.Owner, "opened", nil, d)
	})
	return d.ID, err
}

// MoveDossier takes one step, by a decision of the register where it needs one; see alliance.Dossier.Step for what is refused and how.
func (s *Store) MoveDossier(ctx context.Context, actor authz.Actor, at time.Time, id string, m alliance.Move) (is alliance.Dossier, err error) {
	err = s.change(ctx, actor, at, func(t *tx) error {
		was, err := dossierByID(ctx, t, id)
		if err != nil {
			return err
		}
		if err := t.may(authz.Change, dossierObject(was)); err != nil {
			return err
		}
		m.By = was.Owner
		if !t.actor.Member(was.Owner) && len(t.actor.Memberships) > 0 {
			m.By = t.actor.Memberships[0].Organisation // the office keeps what others opened
		}
		if m.Decision.ID != "" {
			if m.Decision, err = found(t.QueryRowContext(ctx, `SELECT `+decisionColumns+` FROM decisions WHERE id = $1`, m.Decision.ID), scanDecision, absent(authz.Body)); err != nil {
				return err
			}
		}
		if m.Body != "" {
			if _, err := bodyByID(ctx, t, m.Body); err != nil {
				return err
			}
		}
		if err := t.QueryRowContext(ctx, `SELECT COUNT(*) FROM measures WHERE dossier = $1`, id).Scan(&m.Measures); err != nil {
			return err
		}
		var entry alliance.Entry
		if is, entry, err = was.Step(m, t.at); err != nil {
			return err
		}
		if err := t.one(ctx, stale(authz.Dossier), `UPDATE dossiers SET state = $3, body = $4, version = $5 WHERE id = $1 AND version = $2`, id, was.Version, string(is.State), is.Body, is.Version); err != nil {
			return err
		}
		if _, err := t.ExecContext(ctx, `INSERT INTO dossier_course (dossier, number, step, before, after, decision, owner, reason, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			id, was.Version, string(entry.Step), string(entry.From), string(entry.To), sql.NullString{String: entry.Decision, Valid: entry.Decision != ""}, string(entry.By), entry.Reason, stamp(entry.At)); err != nil {
			return err
		}
		return t.record(ctx, authz.Dossier, id, was.Owner, "moved", was, is)
	})
	return is, err
}
