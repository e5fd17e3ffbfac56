package store

import (
	"context"
	"errors"
	"time"

	"gevor/alliance"
	"gevor/authz"
)

const measureColumns = `id, dossier, owner, title, whom, place, indicator, expected, fails_if, due, version`

func scanMeasure(row scanner) (m alliance.Measure, err error) {
	var by string
	if err := row.Scan(&m.ID, &m.Dossier, &m.Owner, &m.Title, &m.Whom, &m.Where, &m.Indicator, &m.Expected, &m.FailsIf, &by, &m.Version); err != nil {
		return m, err
	}
	m.By, err = timeOf(by)
	return m, err
}

// measureObject gives a measure the rights of a dossier of its owner.
func measureObject(m alliance.Measure) authz.Object {
	return authz.Object{Kind: authz.Dossier, Owner: m.Owner}
}

func measureByID(ctx context.Context, q querier, id string) (alliance.Measure, error) {
	return found(q.QueryRowContext(ctx, `SELECT `+measureColumns+` FROM measures WHERE id = $1`, id), scanMeasure, absent(authz.Dossier))
}

// Measures gives the measures of a dossier, by when they are due.
func (s *Store) Measures(ctx context.Context, actor authz.Actor, dossier string) ([]alliance.Measure, error) {
	all, err := rowsOf(ctx, s.read, scanMeasure, `SELECT `+measureColumns+` FROM measures WHERE dossier = $1 ORDER BY due, id`, dossier)
	if err != nil {
		return nil, failed(err)
	}
	var out []alliance.Measure
	for _, m := range all {
		if s.may(actor, authz.View, measureObject(m)) == nil {
			out = append(out, m)
		}
	}
	return out, nil
}

// Measure gives one measure.
func (s *Store) Measure(ctx context.Context, actor authz.Actor, id string) (alliance.Measure, error) {
	m, err := measureByID(ctx, s.read, id)
	if err == nil {
		err = s.may(actor, authz.View, measureObject(m))
	}
	if err != nil {
		return alliance.Measure{}, err
	}
	return m, nil
}

// SaveMeasure describes a measure (without ID) for the organisation m.Owner, or changes one; Stale where m.Version is not
// the one that is there. Who describes a measure binds nobody by it.
func (s *Store) SaveMeasure(ctx context.Context, actor authz.Actor, at time.Time, m alliance.Measure) (id string, err error) {
	err = s.change(ctx, actor, at, func(t *tx) error {
		if m, err = m.Check(t.at); err != nil {
			return err
		}
		if m.ID == "" {
			d, err := dossierByID(ctx, t, m.Dossier)
			if err != nil {
				return err
			}
			if err := t.may(authz.View, dossierObject(d)); err != nil {
				return err
			}
			if err := t.may(authz.Create, measureObject(m)); err != nil {
				return err
			}
			m.ID, m.Version = newID("m"), 1
			if _, err := t.ExecContext(ctx, `INSERT INTO measures (`+measureColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
				m.ID, m.Dossier, string(m.Owner), m.Title, m.Whom, m.Where, m.Indicator, m.Expected, m.FailsIf, stamp(m.By), m.Version); err != nil {
				return err
			}
			return t.record(ctx, authz.Dossier, m.ID, m.Owner, "created", nil, m)
		}
		was, err := measureByID(ctx, t, m.ID)
		if err != nil {
			return err
		}
		m.Owner, m.Dossier = was.Owner, was.Dossier
		if err := t.may(authz.Change, measureObject(was)); err != nil {
			return err
		}
		if err := t.one(ctx, stale(authz.Dossier), `UPDATE measures SET title = $3, whom = $4, place = $5, indicator = $6, expected = $7, fails_if = $8, due = $9, version = version + 1 WHERE id = $1 AND version = $2`,
			m.ID, m.Version, m.Title, m.Whom, m.Where, m.Indicator, m.Expected, m.FailsIf, stamp(m.By)); err != nil {
			return err
		}
		m.Version++
		return t.record(ctx, authz.Dossier, m.ID, m.Owner, "changed", was, m)
	})
	return m.ID, err
}

const commitmentColumns = `id, measure, owner, gift, what, pot, begins, ends, conditions, made, withdrawn, reason`

func scanCommitment(row scanner) (c alliance.Commitment, err error) {
	var from, until, made, withdrawn string
	if err := row.Scan(&c.ID, &c.Measure, &c.Owner, &c.Gift, &c.What, &c.Pot, &from, &until, &c.Conditions, &made, &withdrawn, &c.Reason); err != nil {
		return c, err
	}
	var errs [4]error
	c.From, errs[0] = timeOf(from)
	c.Until, errs[1] = timeOf(until)
	c.Made, errs[2] = timeOf(made)
	c.Withdrawn, errs[3] = timeOf(withdrawn)
	return c, errors.Join(errs[:]...)
}

func commitmentObject(c alliance.Commitment) authz.Object {
	return authz.Object{Kind: authz.Commitment, Owner: c.Owner, Released: c.Released}
}

func commitmentByID(ctx context.Context, q querier, id string) (alliance.Commitment, error) {
	c, err := found(q.QueryRowContext(ctx, `SELECT `+commitmentColumns+` FROM commitments WHERE id = $1`, id), scanCommitment, absent(authz.Commitment))
	if err != nil {
		return c, err
	}
	c.Released, err = releaseOf(ctx, q, authz.Commitment, id, authz.ForAlliance)
	return c, err
}

// Commitments gives the commitments to a measure that the actor may see, by name of their owner and by when they were
// made; withdrawn ones too, with their reason.
func (s *Store) Commitments(ctx context.Context, actor authz.Actor, measure string) ([]alliance.Commitment, error) {
	return s.commitments(ctx, actor, `SELECT `+commitmentColumns+` FROM commitments WHERE measure = $1`, measure)
}

// CommitmentsOf gives what one organisation promised, to its own people.
func (s *Store) CommitmentsOf(ctx context.Context, actor authz.Actor, owner authz.OrganisationID) ([]alliance.Commitment, error) {
	if err := s.may(actor, authz.View, authz.Object{Kind: authz.Commitment, Owner: owner}); err != nil {
		return nil, err
	}
	return s.commitments(ctx, actor, `SELECT `+commitmentColumns+` FROM commitments WHERE owner = $1`, string(owner))
}

func (s *Store) commitments(ctx context.Context, actor authz.Actor, query, of string) ([]alliance.Commitment, error) {
	all, err := rowsOf(ctx, s.read, scanCommitment, query, of)
	if err != nil {
		return nil, failed(err)
	}
	released, err := releasesFor(ctx, s.read, authz.Commitment, authz.ForAlliance)
	if err != nil {
		return nil, failed(err)
	}
	names := map[authz.OrganisationID]string{}
	var out []alliance.Commitment
	for _, c := range all {
		c.Released = released[c.ID]
		if s.may(actor, authz.View, commitmentObject(c)) != nil {
			continue
		}
		if names[c.Owner] == "" {
			o, err := organisationByID(ctx, s.read, c.Owner)
			if err != nil {
				return nil, err
			}
			names[c.Owner] = o.Name
		}
		out = append(out, c)
	}
	alliance.Alphabetical(out, func(o authz.OrganisationID) string { return names[o] })
	return out, nil
}

// Commit records what an organisation brings to a measure. Only its own people do: no office, no body, no machine.
// c.Released says who may see it.
func (s *Store) Commit(ctx context.Context, actor authz.Actor, at time.Time, c alliance.Commitment) (id string, err error) {
	id = newID("c")
	err = s.change(ctx, actor, at, func(t *tx) error {
		m, err := measureByID(ctx, t, c.Measure)
		if err != nil {
			return err
		}
		if err := t.may(authz.View, measureObject(m)); err != nil {
			return err
		}
		if err := t.may(authz.Create, authz.Object{Kind: authz.Commitment, Owner: c.Owner}); err != nil {
			return err
		}
		if c, err = c.Check(t.at); err != nil {
			return err
		}
		c.ID, c.Made = id, t.at
		if _, err := t.ExecContext(ctx, `INSERT INTO commitments (`+commitmentColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '', '')`,
			id, c.Measure, string(c.Owner), string(c.Gift), c.What, c.Pot, stamp(c.From), moment(c.Until), c.Conditions, stamp(c.Made)); err != nil {
			return err
		}
		if err := t.record(ctx, authz.Commitment, id, c.Owner, "committed", nil, c); err != nil {
			return err
		}
		return t.release(ctx, authz.Ref{Kind: authz.Commitment, Object: id, Purpose: authz.ForAlliance}, c.Owner, c.Released)
	})
	return id, err
}

// WithdrawCommitment takes a commitment back, with its reason; the line stays and so does its history.
func (s *Store) WithdrawCommitment(ctx context.Context, actor authz.Actor, at time.Time, id, reason string) error {
	return s.change(ctx, actor, at, func(t *tx) error {
		was, err := commitmentByID(ctx, t, id)
		if err != nil {
			return err
		}
		if err := t.may(authz.Change, commitmentObject(was)); err != nil {
			return err
		}
		is, err := was.Withdraw(t.at, reason)
		if err != nil {
			return err
		}
		if err := t.one(ctx, stale(authz.Commitment), `UPDATE commitments SET withdrawn = $2, reason = $3 WHERE id = $1 AND withdrawn = ''`, id, stamp(is.Withdrawn), is.Reason); err != nil {
			return err
		}
		return t.record(ctx, authz.Commitment, id, was.Owner, "withdrawn", was, is)
	})
}
