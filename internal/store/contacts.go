package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"gevor/authz"
	"gevor/contact"
	"gevor/fault"
)

// contacts.go keeps the log of contacts. Nothing of it enters the history or the record: those say who did what.

const contactColumns = `owner, key, week, kind, duration, language, situation, needs, district, deeds, reason, note`

func scanContact(row scanner) (e contact.Own, err error) {
	var needs, deeds string
	if err := row.Scan(&e.Owner, &e.Key, &e.Week, &e.Kind, &e.Duration, &e.Language, &e.Situation, &needs, &e.District, &deeds, &e.Reason, &e.Note); err != nil {
		return e, err
	}
	e.Needs = strings.Fields(needs)
	for _, d := range strings.Fields(deeds) {
		e.Deeds = append(e.Deeds, contact.Deed(d))
	}
	return e, nil
}

// RecordContact adds an entry to the log of an organisation. The same key of the same organisation counts once, however
// often and by whomever it is sent; fresh says whether this was the first time. Of the time of arrival only the week is
// kept. Invalid where a part is no code, or a note tells too much.
func (s *Store) RecordContact(ctx context.Context, actor authz.Actor, at time.Time, o authz.OrganisationID, e contact.Entry) (fresh bool, err error) {
	if err := s.may(actor, authz.Create, authz.Object{Kind: authz.Contact, Owner: o}); err != nil {
		return false, err
	}
	if err := e.Check(); err != nil {
		return false, err
	}
	err = s.change(ctx, actor, at, func(t *tx) error {
		fresh, err = t.addContact(ctx, o, actor.Person, e)
		return err
	})
	return fresh, err
}

func (t *tx) addContact(ctx context.Context, o authz.OrganisationID, author authz.PersonID, e contact.Entry) (fresh bool, err error) {
	arrived := contact.WeekOf(t.at)
	week, ok := e.Week.Arrives(arrived)
	if !ok {
		return false, fault.New(fault.Invalid, "contact", "is too old to be added", "leave it out; the figures of its month stand")
	}
	done, err := t.ExecContext(ctx, `INSERT INTO contact_keys (owner, key, arrived) VALUES ($1, $2, $3) ON CONFLICT (owner, key) DO NOTHING`, string(o), e.Key, string(arrived))
	if err != nil {
		return false, err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return false, err
	}
	_, err = t.ExecContext(ctx, `INSERT INTO contacts (arrived, author, `+contactColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		string(arrived), string(author), string(o), e.Key, string(week), string(e.Kind), string(e.Duration), e.Language, e.Situation, strings.Join(e.Needs, " "), e.District, joined(e.Deeds), string(e.Reason), e.Note)
	return err == nil, err
}

func joined[T ~string](xs []T) string {
	words := make([]string, len(xs))
	for i, x := range xs {
		words[i] = string(x)
	}
	return strings.Join(words, " ")
}

// TakeContactBack removes an entry, as long as it is known who wrote it, for whoever that was. For everybody else there
// is no such entry.
func (s *Store) TakeContactBack(ctx context.Context, actor authz.Actor, at time.Time, o authz.OrganisationID, key string) error {
	return s.change(ctx, actor, at, func(t *tx) error {
		author, err := found(t.QueryRowContext(ctx, `SELECT author FROM contacts WHERE owner = $1 AND key = $2`, string(o), key),
			func(row scanner) (p authz.PersonID, err error) { return p, row.Scan(&p) }, absent(authz.Contact))
		if err != nil {
			return err
		}
		if err := t.may(authz.Remove, authz.Object{Kind: authz.Contact, Owner: o, Subject: author}); err != nil {
			return err
		}
		if err := t.one(ctx, absent(authz.Contact), `DELETE FROM contacts WHERE owner = $1 AND key = $2`, string(o), key); err != nil {
			return err
		}
		return t.erase(ctx, erasedContactEntry, string(o)+" "+key, "")
	})
}

// ContactFigures gives what contacts of an organisation say from one month to another, both included ("2026-05"). notes
// are those of entries that still stand, in order of the alphabet.
func (s *Store) ContactFigures(ctx context.Context, actor authz.Actor, o authz.OrganisationID, from, to string) (f contact.Figures, notes []string, err error) {
	if err := s.may(actor, authz.View, authz.Object{Kind: authz.ContactFigures, Owner: o}); err != nil {
		return f, nil, err
	}
	entries, err := rowsOf(ctx, s.read, scanContact, `SELECT `+contactColumns+` FROM contacts WHERE owner = $1`, string(o))
	if err != nil {
		return f, nil, failed(err)
	}
	counts, err := rowsOf(ctx, s.read, scanCount, `SELECT `+countColumns+` FROM contact_counts WHERE house = $1`, string(o))
	if err != nil {
		return f, nil, failed(err)
	}
	shares, err := rowsOf(ctx, s.read, scanShare, `SELECT `+shareColumns+` FROM contact_shares WHERE house = $1 AND month BETWEEN $2 AND $3`, string(o), from, to)
	if err != nil {
		return f, nil, failed(err)
	}
	within := func(w contact.Week) bool { return from <= w.Month() && w.Month() <= to }
	entries = slices.DeleteFunc(entries, func(e contact.Own) bool { return !within(e.Week) })
	counts = slices.DeleteFunc(counts, func(c contact.Count) bool { return !within(c.Week) })
	for _, e := range entries {
		if e.Note != "" {
			notes = append(notes, e.Note)
		}
	}
	slices.Sort(notes)
	return contact.Tally(entries).And(contact.Figures{Counts: counts, Shares: shares}), notes, nil
}

// Figures.

const (
	countColumns = `source, house, week, district, need, reason, times`
	shareColumns = `house, month, facet, code, times`
)

func scanCount(row scanner) (c contact.Count, err error) {
	return c, row.Scan(&c.Source, &c.House, &c.Week, &c.District, &c.Need, &c.Reason, &c.Times)
}

func scanShare(row scanner) (x contact.Share, err error) {
	return x, row.Scan(&x.House, &x.Month, &x.Facet, &x.Code, &x.Times)
}

func (t *tx) addFigures(ctx context.Context, f contact.Figures) error {
	for _, c := range f.Counts {
		if _, err := t.ExecContext(ctx, `INSERT INTO contact_counts (`+countColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (house, week, source, district, need, reason) DO UPDATE SET times = contact_counts.times + excluded.times`,
			string(c.Source), string(c.House), string(c.Week), c.District, c.Need, string(c.Reason), c.Times); err != nil {
			return err
		}
	}
	for _, x := range f.Shares {
		if _, err := t.ExecContext(ctx, `INSERT INTO contact_shares (`+shareColumns+`) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (house, month, facet, code) DO UPDATE SET times = contact_shares.times + excluded.times`,
			string(x.House), x.Month, string(x.Facet), x.Code, x.Times); err != nil {
			return err
		}
	}
	return nil
}

// UnsafeAddContactFigures adds figures of contacts whose entries never were here, as a demo region has them.
func (s *Store) UnsafeAddContactFigures(ctx context.Context, at time.Time, f contact.Figures) error {
	return s.change(ctx, authz.Public(), at, func(t *tx) error { return t.addFigures(ctx, f) })
}

// UnsafeContactCounts gives, for a gate that lets nothing small through, how often which need was met with in the weeks
// that begin from one day to before another: contacts of the organisations that released their figures for regional
// totals, and what their handovers were declined for. House lets the gate see how many organisations stand behind a
// figure; nothing of it may be shown as it is.
func (s *Store) UnsafeContactCounts(ctx context.Context, from, to time.Time) ([]contact.Count, error) {
	released, err := releasesFor(ctx, s.read, authz.ContactFigures, authz.ForTotals)
	if err != nil {
		return nil, failed(err)
	}
	entries, err := rowsOf(ctx, s.read, scanContact, `SELECT `+contactColumns+` FROM contacts WHERE week >= $1`, string(contact.WeekOf(from)))
	if err != nil {
		return nil, failed(err)
	}
	counts, err := rowsOf(ctx, s.read, scanCount, `SELECT `+countColumns+` FROM contact_counts WHERE week >= $1`, string(contact.WeekOf(from)))
	if err != nil {
		return nil, failed(err)
	}
	all := contact.Tally(entries).And(contact.Figures{Counts: counts}).Counts
	return slices.DeleteFunc(all, func(c contact.Count) bool {
		monday := c.Week.Monday()
		return released[string(c.House)].Level < authz.AllianceLevel || monday.Before(from) || !monday.Before(to)
	}), nil
}

// ContactTotals gives unmet needs of the region in the weeks that begin from one day to before another, past the gate.
func (s *Store) ContactTotals(ctx context.Context, actor authz.Actor, from, to time.Time) (contact.Totals, error) {
	if err := s.may(actor, authz.View, authz.Object{Kind: authz.Totals}); err != nil {
		return contact.Totals{}, err
	}
	counts, err := s.UnsafeContactCounts(ctx, from, to)
	if err != nil {
		return contact.Totals{}, err
	}
	return contact.Released(counts)
}
