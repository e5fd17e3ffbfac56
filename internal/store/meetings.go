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

const meetingColumns = `id, body, title, begins, ends, place, series, state, present, minutes, confirmer, reason, version`

func scanMeeting(row scanner) (m alliance.Meeting, err error) {
	var begins, ends, present string
	if err := row.Scan(&m.ID, &m.Body, &m.Title, &begins, &ends, &m.Place, &m.Series, &m.State, &present, &m.Minutes, &m.Confirmer, &m.Reason, &m.Version); err != nil {
		return m, err
	}
	if err := json.Unmarshal([]byte(present), &m.Present); err != nil {
		return m, fault.Wrap(fault.Corrupt, "meeting "+m.ID, "cannot be read", "restore the database", err)
	}
	var err2 error
	m.Begins, err = timeOf(begins)
	m.Ends, err2 = timeOf(ends)
	return m, errors.Join(err, err2)
}

func meetingByID(ctx context.Context, q querier, id string) (alliance.Meeting, error) {
	return found(q.QueryRowContext(ctx, `SELECT `+meetingColumns+` FROM meetings WHERE id = $1`, id), scanMeeting, fault.New(fault.NotFound, "meeting", "does not exist", ""))
}

const itemColumns = `id, meeting, owner, title, said, dossier, measure, at, taken`

func scanItem(row scanner) (x alliance.Item, err error) {
	var at, taken string
	if err := row.Scan(&x.ID, &x.Meeting, &x.Owner, &x.Title, &x.Text, &x.Dossier, &x.Measure, &at, &taken); err != nil {
		return x, err
	}
	var err2 error
	x.At, err = timeOf(at)
	x.Taken, err2 = timeOf(taken)
	return x, errors.Join(err, err2)
}

func agendaOf(ctx context.Context, q querier, meeting string) ([]alliance.Item, error) {
	return rowsOf(ctx, q, scanItem, `SELECT `+itemColumns+` FROM agenda_items WHERE meeting = $1 ORDER BY at, id`, meeting)
}

// Meetings gives the meetings of a body, or of all where body is empty, the latest first.
func (s *Store) Meetings(ctx context.Context, actor authz.Actor, body string) ([]alliance.Meeting, error) {
	if err := s.may(actor, authz.View, authz.Object{Kind: authz.Body}); err != nil {
		return nil, err
	}
	all, err := rowsOf(ctx, s.read, scanMeeting, `SELECT `+meetingColumns+` FROM meetings WHERE $1 = '' OR body = $1 ORDER BY begins DESC, id`, body)
	if err != nil {
		return nil, failed(err)
	}
	return all, nil
}

// Meeting gives one meeting with its agenda, in the order in which points were proposed; those that were taken back have
// no words any more.
func (s *Store) Meeting(ctx context.Context, actor authz.Actor, id string) (m alliance.Meeting, agenda []alliance.Item, err error) {
	if err := s.may(actor, authz.View, authz.Object{Kind: authz.Body}); err != nil {
		return m, nil, err
	}
	if m, err = meetingByID(ctx, s.read, id); err != nil {
		return m, nil, err
	}
	if agenda, err = agendaOf(ctx, s.read, id); err != nil {
		return m, nil, failed(err)
	}
	return m, agenda, nil
}

// CallMeetings calls a body together: once, or several times as a series. All of them are called or none. A closed body
// is not called (Conflict).
func (s *Store) CallMeetings(ctx context.Context, actor authz.Actor, at time.Time, all []alliance.Meeting) (first string, err error) {
	err = s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(authz.Change, authz.Object{Kind: authz.Body}); err != nil {
			return err
		}
		series := ""
		if len(all) > 1 {
			series = newID("q")
		}
		for i, m := range all {
			b, err := bodyByID(ctx, t, m.Body)
			if err != nil {
				return err
			}
			if b.Closed {
				return fault.New(fault.Conflict, "body", "is closed and does not meet any more", "choose the body that took over")
			}
			if m, err = m.Check(t.at); err != nil {
				return err
			}
			m.ID, m.Series, m.State, m.Version = newID("g"), series, alliance.Called, 1
			if i == 0 {
				first = m.ID
			}
			if _, err := t.ExecContext(ctx, `INSERT INTO meetings (id, body, title, begins, ends, place, series, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
				m.ID, m.Body, m.Title, stamp(m.Begins), stamp(m.Ends), m.Place, m.Series, string(m.State)); err != nil {
				return err
			}
			if err := t.record(ctx, authz.Body, m.Body, "", "called", nil, m); err != nil {
				return err
			}
		}
		return nil
	})
	return first, err
}

// meeting changes a meeting by one of its rules, for whoever keeps the bodies.
func (s *Store) meeting(ctx context.Context, actor authz.Actor, at time.Time, id, verb string, rule func(*tx, alliance.Meeting) (alliance.Meeting, error)) error {
	return s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(authz.Change, authz.Object{Kind: authz.Body}); err != nil {
			return err
		}
		was, err := meetingByID(ctx, t, id)
		if err != nil {
			return err
		}
		is, err := rule(t, was)
		if err != nil {
			return err
		}
		present, err := json.Marshal(is.Present)
		if err != nil {
			return fault.Wrap(fault.Internal, "meeting", "cannot be kept", "", err)
		}
		if err := t.one(ctx, stale(authz.Body), `UPDATE meetings SET title = $3, begins = $4, ends = $5, place = $6, state = $7, present = $8, minutes = $9, confirmer = $10, reason = $11, version = $12 WHERE id = $1 AND version = $2`,
			id, was.Version, is.Title, stamp(is.Begins), stamp(is.Ends), is.Place, string(is.State), string(present), is.Minutes, is.Confirmer, is.Reason, is.Version); err != nil {
			return err
		}
		return t.record(ctx, authz.Body, was.Body, "", verb, was, is)
	})
}

// MoveMeeting gives a meeting another title, place or time; to.Version is the one that the reader had.
func (s *Store) MoveMeeting(ctx context.Context, actor authz.Actor, at time.Time, to alliance.Meeting) error {
	return s.meeting(ctx, actor, at, to.ID, "moved", func(t *tx, was alliance.Meeting) (alliance.Meeting, error) { return was.Moved(to, t.at) })
}

// CancelMeeting calls a meeting off, with its reason.
func (s *Store) CancelMeeting(ctx context.Context, actor authz.Actor, at time.Time, id string, version int, reason string) error {
	return s.meeting(ctx, actor, at, id, "cancelled", func(_ *tx, was alliance.Meeting) (alliance.Meeting, error) { return was.Cancel(version, reason) })
}

// WriteMinutes keeps who was there and what was said. Of two who write at once the second learns of the first (Stale).
func (s *Store) WriteMinutes(ctx context.Context, actor authz.Actor, at time.Time, id string, version int, present []string, minutes string) error {
	return s.meeting(ctx, actor, at, id, "minuted", func(t *tx, was alliance.Meeting) (alliance.Meeting, error) {
		seats, err := seatsOf(ctx, t, was.Body)
		if err != nil {
			return was, err
		}
		return was.Write(version, present, minutes, seats, t.at)
	})
}

// ConfirmMinutes approves the minutes of a meeting by a later meeting of its body.
func (s *Store) ConfirmMinutes(ctx context.Context, actor authz.Actor, at time.Time, id string, version int, by string) error {
	return s.meeting(ctx, actor, at, id, "confirmed", func(t *tx, was alliance.Meeting) (alliance.Meeting, error) {
		later, err := meetingByID(ctx, t, by)
		if err != nil {
			return was, err
		}
		return was.Confirm(version, later)
	})
}

// ProposeItem puts a point on the agenda in the name of the organisation x.Owner. Only its own people do.
func (s *Store) ProposeItem(ctx context.Context, actor authz.Actor, at time.Time, x alliance.Item) error {
	return s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(authz.View, authz.Object{Kind: authz.Body}); err != nil {
			return err
		}
		return t.propose(ctx, x)
	})
}

// propose puts one point on the agenda of its meeting.
func (t *tx) propose(ctx context.Context, x alliance.Item) error {
	if err := t.may(authz.Create, authz.Object{Kind: authz.Item, Owner: x.Owner}); err != nil {
		return err
	}
	m, err := meetingByID(ctx, t, x.Meeting)
	if err != nil {
		return err
	}
	if x, err = m.Propose(x); err != nil {
		return err
	}
	x.ID, x.At = newID("v"), t.at
	if _, err := t.ExecContext(ctx, `INSERT INTO agenda_items (`+itemColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '')`,
		x.ID, x.Meeting, string(x.Owner), x.Title, x.Text, x.Dossier, x.Measure, stamp(x.At)); err != nil {
		return err
	}
	return t.record(ctx, authz.Item, x.ID, x.Owner, "proposed", nil, x)
}

// TakeItemBack takes a point off the agenda in the name of the organisation that proposed it. Its words go, the line stays.
func (s *Store) TakeItemBack(ctx context.Context, actor authz.Actor, at time.Time, id string) error {
	return s.change(ctx, actor, at, func(t *tx) error {
		was, err := found(t.QueryRowContext(ctx, `SELECT `+itemColumns+` FROM agenda_items WHERE id = $1`, id), scanItem, absent(authz.Item))
		if err != nil {
			return err
		}
		if err := t.may(authz.Remove, authz.Object{Kind: authz.Item, Owner: was.Owner}); err != nil {
			return err
		}
		if err := t.one(ctx, stale(authz.Item), `UPDATE agenda_items SET title = '', said = '', taken = $2 WHERE id = $1 AND taken = ''`, id, stamp(t.at)); err != nil {
			return err
		}
		return t.record(ctx, authz.Item, id, was.Owner, "withdrawn", nil, nil)
	})
}

// CollectAgenda puts on the agenda what waits for the body and is not there yet, as the organisation owner proposes it,
// and says how many points that were. Once more it adds nothing.
func (s *Store) CollectAgenda(ctx context.Context, actor authz.Actor, at time.Time, meeting string, owner authz.OrganisationID) (n int, err error) {
	err = s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(authz.Change, authz.Object{Kind: authz.Body}); err != nil {
			return err
		}
		m, err := meetingByID(ctx, t, meeting)
		if err != nil {
			return err
		}
		b, err := bodyByID(ctx, t, m.Body)
		if err != nil {
			return err
		}
		on, err := agendaOf(ctx, t, meeting)
		if err != nil {
			return err
		}
		dossiers, err := rowsOf(ctx, t, scanDossier, `SELECT `+dossierColumns+` FROM dossiers ORDER BY opened, id`)
		if err != nil {
			return err
		}
		measures, err := rowsOf(ctx, t, scanMeasure, `SELECT `+measureColumns+` FROM measures ORDER BY due, id`)
		if err != nil {
			return err
		}
		n = 0
		for _, x := range m.Due(b, on, dossiers, measures) {
			x.Owner = owner
			if err := t.propose(ctx, x); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return n, err
}
