package store

import (
	"context"
	"encoding/json"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/fault"
)

// stood is a record as it stood before its owner accepted a field of a joined view.
type stood struct {
	Service  directory.Service
	Location []directory.Location
}

func scanAnswer(row scanner) (a directory.Answer, err error) {
	var answer, at, back string
	if err := row.Scan(&a.Service, &a.Field, &a.From, &answer, &a.Proposed, &at, &back); err != nil {
		return a, err
	}
	a.Accepted = answer == "accepted"
	if a.At, err = timeOf(at); err != nil {
		return a, err
	}
	a.TakenBack, err = timeOf(back)
	return a, err
}

// answers gives what a house said to fields of two of the records, the latest first.
func (s *Store) answers(ctx context.Context, house authz.OrganisationID, a, b directory.ServiceID) ([]directory.Answer, error) {
	out, err := rowsOf(ctx, s.read, scanAnswer, `SELECT m.service, m.field, m.other, m.answer, m.proposed, m.at, m.taken_back FROM merge_answers m JOIN services s ON s.id = m.service
		WHERE s.owner = $1 AND (m.service = $2 OR m.service = $3) ORDER BY m.at DESC, m.field`, string(house), string(a), string(b))
	if err != nil {
		return nil, failed(err)
	}
	return out, nil
}

// AnswerProposal accepts or declines one field of the joined view for a record of the house. Accepting changes that field of
// the record, as any change of it does, and nothing else; declining changes nothing, and the same value is not proposed
// again.
func (s *Store) AnswerProposal(ctx context.Context, actor authz.Actor, at time.Time, house authz.OrganisationID, a, b, id directory.ServiceID, field string, accept bool) error {
	c, err := s.Duplicate(ctx, actor, house, a, b, at)
	if err != nil {
		return err
	}
	var proposal *directory.Proposal
	for i := range c.Proposals[id] {
		if c.Proposals[id][i].Field == field {
			proposal = &c.Proposals[id][i]
		}
	}
	if proposal == nil {
		return fault.New(fault.Stale, "duplicate", "this is no longer proposed", "look at the new state")
	}
	mine := c.First
	if mine.ID != id {
		mine = c.Second
	}
	taken, _ := c.Joined.Take(mine, field)
	return s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(authz.Change, duplicate(house)); err != nil {
			return err
		}
		before, err := asJSON(stood{mine.Service, mine.Locations[:min(1, len(mine.Locations))]})
		if err != nil {
			return err
		}
		answer := "declined"
		if accept {
			answer = "accepted"
			if err := t.putField(ctx, mine, taken); err != nil {
				return err
			}
		} else if err := t.record(ctx, authz.Entry, string(id), mine.Owner, "proposal_declined", nil, struct{ Field, From string }{field, string(proposal.From)}); err != nil {
			return err
		}
		_, err = t.ExecContext(ctx, `INSERT INTO merge_answers (service, field, other, answer, proposed, before, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			string(id), field, string(proposal.From), answer, string(proposal.Would), before, stamp(at))
		return err
	})
}

// putField keeps a record of which one field was changed. Its first place stays a location of its own owner.
func (t *tx) putField(ctx context.Context, old, is directory.Record) error {
	var err error
	if len(is.Locations) > 0 {
		l := is.Locations[0]
		if len(old.Locations) == 0 {
			l.ID, l.Version, l.Owner = "", 0, old.Owner
		}
		if l, err = l.Check(directory.Rules{}); err != nil {
			return err
		}
		if len(old.Locations) == 0 || string(directoryJSON(old.Locations[0])) != string(directoryJSON(l)) {
			if err := t.saveLocation(ctx, &l); err != nil {
				return err
			}
		}
		is.Service.Places[0].Location = l.ID
	}
	x, err := is.Check(directory.Rules{}, t.at)
	if err != nil {
		return err
	}
	if string(directoryJSON(old.Service)) == string(directoryJSON(x)) {
		return nil // only the location was changed
	}
	return t.saveService(ctx, &x)
}

// directoryJSON writes a record as it is kept.
func directoryJSON(x any) json.RawMessage {
	raw, err := json.Marshal(x)
	if err != nil { // records are kept as JSON, so they can be written
		return nil
	}
	return raw
}

// TakeBack takes back what a house answered to a field of a joined view. What it had accepted gets its old value again;
// Stale where somebody has written the field since, which then stays.
func (s *Store) TakeBack(ctx context.Context, actor authz.Actor, at time.Time, house authz.OrganisationID, id directory.ServiceID, field string, answered time.Time) error {
	rec, err := s.Service(ctx, actor, id)
	if err != nil {
		return err
	}
	return s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(authz.Undo, duplicate(house)); err != nil {
			return err
		}
		if rec.Owner != house {
			return absent(authz.Duplicate)
		}
		var answer, proposed, before string
		if err := t.QueryRowContext(ctx, `SELECT answer, proposed, before FROM merge_answers WHERE service = $1 AND field = $2 AND at = $3 AND taken_back = ''`, string(id), field, stamp(answered)).Scan(&answer, &proposed, &before); err != nil {
			return absentIfNone(err, authz.Duplicate)
		}
		if answer == "accepted" {
			if !sameJSON(directory.FieldText(rec, field), json.RawMessage(proposed)) {
				return stale(authz.Entry)
			}
			was, err := docOf[stood](before)
			if err != nil {
				return err
			}
			if err := t.putField(ctx, rec, directory.CopyField(rec, directory.Record{Service: was.Service, Locations: was.Location}, field)); err != nil {
				return err
			}
		} else if err := t.record(ctx, authz.Entry, string(id), rec.Owner, "decision_undone", nil, struct{ Field string }{field}); err != nil {
			return err
		}
		return t.one(ctx, stale(authz.Duplicate), `UPDATE merge_answers SET taken_back = $4 WHERE service = $1 AND field = $2 AND at = $3 AND taken_back = ''`, string(id), field, stamp(answered), stamp(at))
	})
}
