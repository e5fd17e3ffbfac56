package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"gevor/alliance"
	"gevor/authz"
	"gevor/fault"
)

const bodyColumns = `id, name, kind, quorum, closed, version`

func scanBody(row scanner) (b alliance.Body, err error) {
	var closed int
	err = row.Scan(&b.ID, &b.Name, &b.Kind, &b.Quorum, &closed, &b.Version)
	b.Closed = closed == 1
	return b, err
}

func bodyByID(ctx context.Context, q querier, id string) (alliance.Body, error) {
	return found(q.QueryRowContext(ctx, `SELECT `+bodyColumns+` FROM bodies WHERE id = $1`, id), scanBody, absent(authz.Body))
}

const seatColumns = `id, body, organisation, holder, substitute, mandate, votes, begins, ends`

func scanSeat(row scanner) (x alliance.Seat, err error) {
	var votes int
	var from, until string
	if err := row.Scan(&x.ID, &x.Body, &x.Organisation, &x.Holder, &x.Substitute, &x.Mandate, &votes, &from, &until); err != nil {
		return x, err
	}
	var err2 error
	x.Votes = votes == 1
	x.From, err = timeOf(from)
	x.Until, err2 = timeOf(until)
	return x, errors.Join(err, err2)
}

func seatsOf(ctx context.Context, q querier, body string) ([]alliance.Seat, error) {
	return rowsOf(ctx, q, scanSeat, `SELECT `+seatColumns+` FROM seats WHERE body = $1 ORDER BY holder, id`, body)
}

// Bodies gives all bodies by name. What bodies there are, everybody may know; who sits there, members.
func (s *Store) Bodies(ctx context.Context, actor authz.Actor) ([]alliance.Body, error) {
	if err := s.may(actor, authz.View, authz.Object{Kind: authz.Charter}); err != nil {
		return nil, err
	}
	all, err := rowsOf(ctx, s.read, scanBody, `SELECT `+bodyColumns+` FROM bodies ORDER BY closed, name, id`)
	if err != nil {
		return nil, failed(err)
	}
	return all, nil
}

// Body gives one body.
func (s *Store) Body(ctx context.Context, actor authz.Actor, id string) (alliance.Body, error) {
	if err := s.may(actor, authz.View, authz.Object{Kind: authz.Body}); err != nil {
		return alliance.Body{}, err
	}
	return bodyByID(ctx, s.read, id)
}

// Seats gives the seats of a body, those of earlier and later terms too.
func (s *Store) Seats(ctx context.Context, actor authz.Actor, body string) ([]alliance.Seat, error) {
	if err := s.may(actor, authz.View, authz.Object{Kind: authz.Body}); err != nil {
		return nil, err
	}
	all, err := seatsOf(ctx, s.read, body)
	if err != nil {
		return nil, failed(err)
	}
	return all, nil
}

// SaveBody founds a body (without ID) or changes one; Stale where b.Version is not the one that is there.
func (s *Store) SaveBody(ctx context.Context, actor authz.Actor, at time.Time, b alliance.Body) (id string, err error) {
	b, err = b.Check()
	if err != nil {
		return "", err
	}
	err = s.change(ctx, actor, at, func(t *tx) error {
		if b.ID == "" {
			if err := t.may(authz.Create, authz.Object{Kind: authz.Body}); err != nil {
				return err
			}
			b.ID, b.Version = newID("y"), 1
			if _, err := t.ExecContext(ctx, `INSERT INTO bodies (`+bodyColumns+`) VALUES ($1, $2, $3, $4, $5, $6)`, b.ID, b.Name, string(b.Kind), b.Quorum, bit(b.Closed), b.Version); err != nil {
				return err
			}
			return t.record(ctx, authz.Body, b.ID, "", "created", nil, b)
		}
		if err := t.may(authz.Change, authz.Object{Kind: authz.Body}); err != nil {
			return err
		}
		was, err := bodyByID(ctx, t, b.ID)
		if err != nil {
			return err
		}
		if err := t.one(ctx, stale(authz.Body), `UPDATE bodies SET name = $3, kind = $4, quorum = $5, closed = $6, version = version + 1 WHERE id = $1 AND version = $2`,
			b.ID, b.Version, b.Name, string(b.Kind), b.Quorum, bit(b.Closed)); err != nil {
			return err
		}
		b.Version++
		return t.record(ctx, authz.Body, b.ID, "", "changed", was, b)
	})
	return b.ID, err
}

// Seat gives an organisation a seat in a body (without ID), or ends or changes one.
func (s *Store) Seat(ctx context.Context, actor authz.Actor, at time.Time, x alliance.Seat) (id string, err error) {
	x, err = x.Check()
	if err != nil {
		return "", err
	}
	err = s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(authz.Change, authz.Object{Kind: authz.Body}); err != nil {
			return err
		}
		if _, err := bodyByID(ctx, t, x.Body); err != nil {
			return err
		}
		if _, err := organisationByID(ctx, t, x.Organisation); err != nil {
			return err
		}
		verb := "changed"
		var before any
		if x.ID == "" {
			x.ID, verb = newID("z"), "created"
		} else {
			was, err := found(t.QueryRowContext(ctx, `SELECT `+seatColumns+` FROM seats WHERE id = $1 AND body = $2`, x.ID, x.Body), scanSeat, absent(authz.Body))
			if err != nil {
				return err
			}
			before = was
		}
		if _, err := t.ExecContext(ctx, `INSERT INTO seats (`+seatColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
			ON CONFLICT (id) DO UPDATE SET organisation = excluded.organisation, holder = excluded.holder, substitute = excluded.substitute, mandate = excluded.mandate, votes = excluded.votes, begins = excluded.begins, ends = excluded.ends`,
			x.ID, x.Body, string(x.Organisation), x.Holder, x.Substitute, x.Mandate, bit(x.Votes), stamp(x.From), moment(x.Until)); err != nil {
			return err
		}
		return t.record(ctx, authz.Body, x.Body, "", verb, before, x)
	})
	return x.ID, err
}

const decisionColumns = `id, body, title, wording, reasons, way, counted, decided, ends, outcome, dossier, dossier_version, meeting`

// counted is who was there and how they voted, as it is stored.
type counted struct {
	For, Against, Abstained, Objections, Here, Of int
	Present                                       []string
}

func scanDecision(row scanner) (d alliance.Decision, err error) {
	var votes, on, until string
	if err := row.Scan(&d.ID, &d.Body, &d.Title, &d.Wording, &d.Reasons, &d.Way, &votes, &on, &until, &d.Outcome, &d.Dossier, &d.DossierVersion, &d.Meeting); err != nil {
		return d, err
	}
	var c counted
	if err := json.Unmarshal([]byte(votes), &c); err != nil {
		return d, fault.Wrap(fault.Corrupt, "decision "+d.ID, "cannot be read", "restore the database", err)
	}
	d.For, d.Against, d.Abstained, d.Objections, d.Here, d.Of, d.Present = c.For, c.Against, c.Abstained, c.Objections, c.Here, c.Of, c.Present
	var err2 error
	d.On, err = timeOf(on)
	d.Until, err2 = timeOf(until)
	return d, errors.Join(err, err2)
}

// Decisions gives the register, the latest first: of one dossier, or of all where dossier is empty.
func (s *Store) Decisions(ctx context.Context, actor authz.Actor, dossier string) ([]alliance.Decision, error) {
	if err := s.may(actor, authz.View, authz.Object{Kind: authz.Body}); err != nil {
		return nil, err
	}
	all, err := rowsOf(ctx, s.read, scanDecision, `SELECT `+decisionColumns+` FROM decisions WHERE $1 = '' OR dossier = $1 ORDER BY decided DESC, id`, dossier)
	if err != nil {
		return nil, failed(err)
	}
	return all, nil
}

// EnterDecision enters what a body decided into the register, with who was there and what came of it; a body without quorum has
// not decided, and that stands there too. Stale where it is about a dossier in another version than the one there is.
func (s *Store) EnterDecision(ctx context.Context, actor authz.Actor, at time.Time, d alliance.Decision) (alliance.Decision, error) {
	err := s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(authz.Change, authz.Object{Kind: authz.Body}); err != nil {
			return err
		}
		b, err := bodyByID(ctx, t, d.Body)
		if err != nil {
			return err
		}
		seats, err := seatsOf(ctx, t, d.Body)
		if err != nil {
			return err
		}
		if d, err = b.Decide(d, seats, t.at); err != nil {
			return err
		}
		if d.Dossier != "" {
			x, err := dossierByID(ctx, t, d.Dossier)
			if err != nil {
				return err
			}
			if x.Version != d.DossierVersion {
				return stale(authz.Dossier)
			}
		}
		if d.Meeting != "" {
			m, err := meetingByID(ctx, t, d.Meeting)
			if err != nil {
				return err
			}
			if m.Body != d.Body {
				return fault.New(fault.Conflict, "decision", "is of another body than the meeting", "choose a meeting of the body that decided")
			}
		}
		d.ID = newID("b")
		votes, err := json.Marshal(counted{d.For, d.Against, d.Abstained, d.Objections, d.Here, d.Of, d.Present})
		if err != nil {
			return fault.Wrap(fault.Internal, "decision", "cannot be kept", "", err)
		}
		if _, err := t.ExecContext(ctx, `INSERT INTO decisions (`+decisionColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
			d.ID, d.Body, d.Title, d.Wording, d.Reasons, string(d.Way), string(votes), stamp(d.On), moment(d.Until), string(d.Outcome), d.Dossier, d.DossierVersion, d.Meeting); err != nil {
			return err
		}
		return t.record(ctx, authz.Body, d.Body, "", "decided", nil, d)
	})
	return d, err
}
