package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/fault"
	"gevor/form"
	"gevor/outbox"
)

func compareText(a, b string) int { return cmp.Compare(strings.ToLower(a), strings.ToLower(b)) }

// absentIfNone turns "no such row" into what is absent.
func absentIfNone(err error, k authz.Kind) error {
	if errors.Is(err, sql.ErrNoRows) {
		return absent(k)
	}
	return err
}

func scanConfirmation(row scanner) (c directory.Confirmation, err error) {
	var at string
	if err := row.Scan(&c.Service, &c.Field, &c.By, &c.How, &at); err != nil {
		return c, err
	}
	c.At, err = timeOf(at)
	return c, err
}

func (s *Store) confirmations(ctx context.Context, id directory.ServiceID) ([]directory.Confirmation, error) {
	out, err := rowsOf(ctx, s.read, scanConfirmation, `SELECT service, field, organisation, how, at FROM confirmations WHERE service = $1 ORDER BY at`, string(id))
	if err != nil {
		return nil, failed(err)
	}
	return out, nil
}

// Confirm notes that a service, or one field of it, is true. Whoever keeps the record says so, with how they made sure.
func (s *Store) Confirm(ctx context.Context, actor authz.Actor, at time.Time, id directory.ServiceID, field string, how directory.How) error {
	if !slices.Contains(directory.Hows(), how) {
		return fault.New(fault.Invalid, "how", "is no way to make sure", "choose from the list")
	}
	if field != directory.Whole && !slices.Contains(directory.Checked(), field) {
		return fault.New(fault.Invalid, "field", "is not confirmed by itself", "choose one of the buttons")
	}
	return s.change(ctx, actor, at, func(t *tx) error {
		x, err := t.service(ctx, id, authz.Change)
		if err != nil {
			return err
		}
		return t.confirm(ctx, x, field, how)
	})
}

func (t *tx) confirm(ctx context.Context, x directory.Service, field string, how directory.How) error {
	if _, err := t.ExecContext(ctx, `INSERT INTO confirmations (service, field, organisation, how, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (service, field, at, organisation) DO NOTHING`,
		string(x.ID), field, string(x.Owner), string(how), stamp(t.at)); err != nil {
		return err
	}
	return t.record(ctx, authz.Entry, string(x.ID), x.Owner, "confirmed", nil, struct{ Field, How string }{field, string(how)})
}

// written notes that fields of a service were written anew: by its house, or by its source. That is the last word on them,
// and stands in the history as the change itself.
func (t *tx) written(ctx context.Context, id string, owner authz.OrganisationID, fields []string, how directory.How) error {
	for _, f := range fields {
		if _, err := t.ExecContext(ctx, `INSERT INTO confirmations (service, field, organisation, how, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (service, field, at, organisation) DO NOTHING`,
			id, f, string(owner), string(how), stamp(t.at)); err != nil {
			return err
		}
	}
	return nil
}

// rewritten notes which fields of a service differ from what stood there.
func (t *tx) rewritten(ctx context.Context, before, after directory.Service, how directory.How) error {
	there := func(x directory.Service) directory.Record {
		return directory.Record{Service: x, Locations: make([]directory.Location, min(1, len(x.Places)))}
	}
	fields := directory.Rewritten(there(before), there(after))
	if len(after.Places) > 0 && (len(before.Places) == 0 || before.Places[0].Location != after.Places[0].Location) {
		fields = append(fields, "address")
	}
	return t.written(ctx, string(after.ID), after.Owner, fields, how)
}

// moved notes that the address of a location was written anew, for the services that are given there first of all.
func (t *tx) moved(ctx context.Context, before, after directory.Location, how directory.How) error {
	if before.Street == after.Street && before.Postcode == after.Postcode && before.City == after.City {
		return nil
	}
	docs, err := rowsOf(ctx, t, scanDoc[directory.Service], `SELECT doc FROM services WHERE owner = $1 AND doc LIKE $2`, string(after.Owner), `%"`+string(after.ID)+`"%`)
	if err != nil {
		return err
	}
	for i := range docs {
		if len(docs[i].Places) > 0 && docs[i].Places[0].Location == after.ID {
			if err := t.written(ctx, string(docs[i].ID), docs[i].Owner, []string{"address"}, how); err != nil {
				return err
			}
		}
	}
	return nil
}

// ReminderMail is the payload of a letter that asks the owner whether a record is still right; see outbox.Mail.
type ReminderMail struct {
	Template, To, Language string
	Service, Secret        string
	Reminder               directory.Reminder
	Until                  time.Time
}

// linkDays is how long the link of a letter holds.
const linkDays = 60

// UnsafeRemind writes the letters that are due: for every running service whose confirmation ends soon or has ended,
// one of each kind for each confirmation, to the address of its owner. It gives how many.
func (s *Store) UnsafeRemind(ctx context.Context, at time.Time) (letters int, err error) {
	err = s.change(ctx, authz.Public(), at, func(t *tx) error {
		docs, err := rowsOf(ctx, t, scanDoc[directory.Service], `SELECT doc FROM services WHERE draft = 0 AND ended = '' ORDER BY id`)
		if err != nil {
			return err
		}
		for i := range docs {
			x := &docs[i]
			said, err := rowsOf(ctx, t, scanConfirmation, `SELECT service, field, organisation, how, at FROM confirmations WHERE service = $1 ORDER BY at`, string(x.ID))
			if err != nil {
				return err
			}
			trust := x.TrustAt(directory.Whole, said, at)
			if trust.Confirmed.IsZero() { // nobody ever said so: asked from the day it was last changed
				trust.Until = x.Modified.AddDate(0, 0, x.Risk.Days())
			}
			reminder := directory.ReminderAt(trust.Until, at)
			if reminder == "" {
				continue
			}
			sent, err := t.letter(ctx, x, reminder, trust.Until)
			if err != nil {
				return err
			}
			if sent {
				letters++
			}
		}
		return nil
	})
	return letters, err
}

func (t *tx) letter(ctx context.Context, x *directory.Service, reminder directory.Reminder, until time.Time) (bool, error) {
	o, err := organisationByID(ctx, t, x.Owner)
	if err != nil || o.Closed || o.Email == "" {
		return false, err
	}
	key := strings.Join([]string{"reminder", string(x.ID), string(reminder), until.UTC().Format(time.DateOnly)}, " ")
	var told int
	if err := t.QueryRowContext(ctx, `SELECT count(*) FROM outbox WHERE key = $1`, key).Scan(&told); err != nil || told > 0 {
		return false, err
	}
	secret, hash := NewSecret()
	if _, err := t.ExecContext(ctx, `INSERT INTO confirmation_links (secret_hash, service, reminder, made, expires) VALUES ($1, $2, $3, $4, $5)`,
		hash, string(x.ID), string(reminder), stamp(t.at), stamp(t.at.AddDate(0, 0, linkDays))); err != nil {
		return false, err
	}
	name, _ := x.Name.In("de")
	return true, t.tell(ctx, outbox.Mail, x.Owner, key, ReminderMail{"reminder", o.Email, "de", name, secret, reminder, until}, t.at)
}

// LinkedService gives the service that the link of a letter speaks of. Looking changes nothing.
func (s *Store) LinkedService(ctx context.Context, secret string, at time.Time) (directory.Service, error) {
	return linkedService(ctx, s.read, secret, at)
}

func linkedService(ctx context.Context, q querier, secret string, at time.Time) (directory.Service, error) {
	type link struct {
		service, used string
		expires       time.Time
	}
	l, err := found(q.QueryRowContext(ctx, `SELECT service, used, expires FROM confirmation_links WHERE secret_hash = $1`, HashSecret(secret)), func(row scanner) (l link, err error) {
		var expires string
		if err := row.Scan(&l.service, &l.used, &expires); err != nil {
			return l, err
		}
		l.expires, err = timeOf(expires)
		return l, err
	}, absent(authz.Entry))
	if err != nil {
		return directory.Service{}, err
	}
	if l.used != "" {
		return directory.Service{}, fault.New(fault.Conflict, "link", "has been used already", "wait for the next letter, or sign in")
	}
	if !at.Before(l.expires) {
		return directory.Service{}, fault.New(fault.Stale, "link", "has expired", "wait for the next letter, or sign in")
	}
	return docByID[directory.Service](ctx, q, services, l.service)
}

// AnswerLink does what the link of a letter offers, without an account: "confirmed" (still right) or "ended" (no longer
// offered). Each link answers once.
func (s *Store) AnswerLink(ctx context.Context, secret, answer string, at time.Time) error {
	return s.change(ctx, authz.Public(), at, func(t *tx) error {
		x, err := linkedService(ctx, t, secret, at)
		if err != nil {
			return err
		}
		used := fault.New(fault.Conflict, "link", "has been used already", "wait for the next letter, or sign in")
		if err := t.one(ctx, used, `UPDATE confirmation_links SET used = $2 WHERE secret_hash = $1 AND used = ''`, HashSecret(secret), stamp(at)); err != nil {
			return err
		}
		switch answer {
		case "confirmed":
			return t.confirm(ctx, x, directory.Whole, directory.ByMail)
		case "ended":
			return t.endService(ctx, x)
		}
		return fault.New(fault.Invalid, "answer", "is none of the buttons", "use one of the buttons")
	})
}

func scanObservation(row scanner) (o directory.Observation, err error) {
	var at string
	if err := row.Scan(&o.ID, &o.Service, &o.By, &o.What, &o.Text, &at); err != nil {
		return o, err
	}
	o.On, err = timeOf(at)
	return o, err
}

func (s *Store) observations(ctx context.Context, id directory.ServiceID) ([]directory.Observation, error) {
	out, err := rowsOf(ctx, s.read, scanObservation, `SELECT id, service, organisation, what, words, at FROM observations WHERE service = $1 ORDER BY at DESC, id`, string(id))
	if err != nil {
		return nil, failed(err)
	}
	return out, nil
}

// Observe notes what somebody who works with people found out about a service they may see. by is one of their houses.
func (s *Store) Observe(ctx context.Context, actor authz.Actor, at time.Time, o directory.Observation) error {
	var f form.Fields
	if !slices.Contains(directory.Observations(), o.What) {
		f.Add("what", "choose")
	}
	o.Text = f.Line("text", o.Text, 0, 200)
	if err := f.Err(); err != nil {
		return err
	}
	return s.change(ctx, actor, at, func(t *tx) error {
		if _, err := t.service(ctx, o.Service, authz.View); err != nil {
			return err
		}
		if err := t.may(authz.Create, authz.Object{Kind: authz.Observation}); err != nil {
			return err
		}
		if !actor.Member(o.By) {
			return fault.New(fault.Invalid, "by", "is none of your organisations", "choose one of yours")
		}
		_, err := t.ExecContext(ctx, `INSERT INTO observations (id, service, organisation, what, words, at) VALUES ($1, $2, $3, $4, $5, $6)`, newID("b"), string(o.Service), string(o.By), o.What, o.Text, stamp(t.at))
		return err
	})
}

// Suggest notes that a reader thinks something is wrong with a service they may see.
func (s *Store) Suggest(ctx context.Context, actor authz.Actor, at time.Time, g directory.Suggestion) error {
	var f form.Fields
	if !slices.Contains(directory.SuggestionFields(), g.Field) {
		f.Add("field", "choose")
	}
	g.Proposed = f.Line("proposed", g.Proposed, 2, 400)
	if err := f.Err(); err != nil {
		return err
	}
	return s.change(ctx, actor, at, func(t *tx) error {
		if _, err := t.service(ctx, g.Service, authz.View); err != nil {
			return err
		}
		// Who wrote it is not kept, signed in or not.
		_, err := t.ExecContext(ctx, `INSERT INTO suggestions (id, service, field, proposed, made) VALUES ($1, $2, $3, $4, $5)`, newID("g"), string(g.Service), g.Field, g.Proposed, t.at.UTC().Truncate(24*time.Hour).Format(timeForm))
		return err
	})
}

// Suggestions gives the open suggestions about a house's services, the oldest first.
func (s *Store) Suggestions(ctx context.Context, actor authz.Actor, owner authz.OrganisationID) ([]directory.Suggestion, error) {
	if err := s.may(actor, authz.View, authz.Object{Kind: authz.Suggestion, Owner: owner}); err != nil {
		return nil, err
	}
	out, err := rowsOf(ctx, s.read, func(row scanner) (g directory.Suggestion, err error) {
		var made string
		if err := row.Scan(&g.ID, &g.Service, &g.Field, &g.Proposed, &made); err != nil {
			return g, err
		}
		g.Made, err = timeOf(made)
		return g, err
	}, `SELECT g.id, g.service, g.field, g.proposed, g.made FROM suggestions g JOIN services s ON s.id = g.service WHERE s.owner = $1 AND g.state = 'open' ORDER BY g.made, g.id`, string(owner))
	if err != nil {
		return nil, failed(err)
	}
	return out, nil
}

// Decide ends a suggestion: accepted (the owner has changed the record) or declined.
func (s *Store) Decide(ctx context.Context, actor authz.Actor, at time.Time, id string, accepted bool) error {
	return s.change(ctx, actor, at, func(t *tx) error {
		var owner, service string
		if err := t.QueryRowContext(ctx, `SELECT s.owner, s.id FROM suggestions g JOIN services s ON s.id = g.service WHERE g.id = $1`, id).Scan(&owner, &service); err != nil {
			return absentIfNone(err, authz.Suggestion)
		}
		if err := t.may(authz.Change, authz.Object{Kind: authz.Suggestion, Owner: authz.OrganisationID(owner)}); err != nil {
			return err
		}
		state := "declined"
		if accepted {
			state = "accepted"
		}
		if err := t.one(ctx, stale(authz.Suggestion), `UPDATE suggestions SET state = $2, decided = $3 WHERE id = $1 AND state = 'open'`, id, state, stamp(t.at)); err != nil {
			return err
		}
		return t.record(ctx, authz.Suggestion, service, authz.OrganisationID(owner), state, nil, nil)
	})
}
