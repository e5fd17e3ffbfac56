package store

import (
	"context"
	"strings"
	"time"

	"gevor/authz"
	"gevor/contact"
	"gevor/handover"
	"gevor/internal/erasure"
)

// UnsafeSweepContacts does what time does to the log: it drops authors, makes figures of entries and deletes these, and
// forgets keys that nobody can send any more. Doing it again changes nothing. It gives how many entries it deleted.
func (s *Store) UnsafeSweepContacts(ctx context.Context, at time.Time, terms contact.Terms) (deleted int, err error) {
	ago := func(days int) contact.Week { return contact.WeekOf(at.UTC().AddDate(0, 0, -days)) }
	err = s.change(ctx, authz.Public(), at, func(t *tx) error {
		dropped, err := t.dropAuthors(ctx, ago(terms.AuthorDays))
		if err != nil {
			return err
		}
		if dropped > 0 {
			if err := t.erase(ctx, erasedContactAuthors, string(ago(terms.AuthorDays)), ""); err != nil {
				return err
			}
		}
		if deleted, err = t.foldContacts(ctx, ago(terms.EntryDays)); err != nil {
			return err
		}
		if deleted > 0 {
			if err := t.erase(ctx, erasedContactEntries, string(ago(terms.EntryDays)), ""); err != nil {
				return err
			}
		}
		_, err = t.ExecContext(ctx, `DELETE FROM contact_keys WHERE arrived <= $1`, string(ago(7*contact.KeyWeeks)))
		return err
	})
	return deleted, err
}

// dropAuthors forgets who wrote what arrived up to a week.
func (t *tx) dropAuthors(ctx context.Context, upTo contact.Week) (int64, error) {
	done, err := t.ExecContext(ctx, `UPDATE contacts SET author = '' WHERE author <> '' AND arrived <= $1`, string(upTo))
	if err != nil {
		return 0, err
	}
	return done.RowsAffected()
}

// foldContacts makes figures of what arrived up to a week, and deletes it.
func (t *tx) foldContacts(ctx context.Context, upTo contact.Week) (int, error) {
	entries, err := rowsOf(ctx, t, scanContact, `SELECT `+contactColumns+` FROM contacts WHERE arrived <= $1`, string(upTo))
	if err != nil || len(entries) == 0 {
		return 0, err
	}
	if err := t.addFigures(ctx, contact.Tally(entries)); err != nil {
		return 0, err
	}
	_, err = t.ExecContext(ctx, `DELETE FROM contacts WHERE arrived <= $1`, string(upTo))
	return len(entries), err
}

// eraseContacts does again to a restored database what had been done to contacts: figures are made of what is deleted,
// so none are lost.
func (t *tx) eraseContacts(ctx context.Context, r erasure.Record) error {
	switch r.Kind {
	case erasedContactAuthors:
		_, err := t.dropAuthors(ctx, contact.Week(r.Ref))
		return err
	case erasedContactEntries:
		_, err := t.foldContacts(ctx, contact.Week(r.Ref))
		return err
	}
	owner, key, _ := strings.Cut(r.Ref, " ")
	_, err := t.ExecContext(ctx, `DELETE FROM contacts WHERE owner = $1 AND key = $2`, owner, key)
	return err
}

// countDeclined adds a handover that ended for a reason that lies with the offer to the figures of its receiver, who
// gave the reason: an unmet need without a person, a sender or a day. One that ended otherwise adds nothing.
func (t *tx) countDeclined(ctx context.Context, h handover.Handover) error {
	if h.Status != handover.Rejected && h.Status != handover.Failed {
		return nil
	}
	reason, ok := contact.Unmet(h.Reason)
	if !ok {
		return nil
	}
	c, err := consentOf(ctx, t, h)
	if err != nil {
		return err
	}
	return t.addFigures(ctx, contact.Figures{Counts: []contact.Count{{
		Source: contact.FromHandovers, House: h.Receiver, Week: contact.WeekOf(t.at), Need: c.Purpose, Reason: reason, Times: 1,
	}}})
}
