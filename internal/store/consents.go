package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"gevor/authz"
	"gevor/fault"
	"gevor/handover"
	"gevor/internal/erasure"
)

func (t *tx) writeConsent(ctx context.Context, id handover.ID, c handover.Consent) error {
	categories := make([]string, len(c.Categories))
	for i, x := range c.Categories {
		categories[i] = string(x)
	}
	_, err := t.ExecContext(ctx, `INSERT INTO handover_consents (handover, id, giver, categories, purpose, until, text_version, language, how, level) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		string(id), c.ID, string(c.Giver), strings.Join(categories, " "), c.Purpose, stamp(c.Until), handover.TextVersion, c.Language, string(c.How), string(c.Level))
	return err
}

func consentOf(ctx context.Context, q querier, h handover.Handover) (handover.Consent, error) {
	return found(q.QueryRowContext(ctx, `SELECT id, giver, categories, purpose, until, text_version, language, how, level, given, withdrawn FROM handover_consents WHERE handover = $1`, string(h.ID)),
		func(row scanner) (c handover.Consent, err error) {
			var categories, until, given, withdrawn string
			if err := row.Scan(&c.ID, &c.Giver, &categories, &c.Purpose, &until, &c.Text, &c.Language, &c.How, &c.Level, &given, &withdrawn); err != nil {
				return c, err
			}
			c.Receiver = h.Receiver
			for _, x := range strings.Fields(categories) {
				c.Categories = append(c.Categories, handover.Category(x))
			}
			for _, x := range []struct {
				to   *time.Time
				from string
			}{{&c.Until, until}, {&c.Given, given}, {&c.Withdrawn, withdrawn}} {
				if *x.to, err = timeOf(x.from); err != nil {
					return c, err
				}
			}
			return c, nil
		}, absent(authz.Handover))
}

// GiveConsent notes that the person consented, on the paper or before the witness that the draft says.
func (s *Store) GiveConsent(ctx context.Context, actor authz.Actor, at time.Time, o authz.OrganisationID, id handover.ID) error {
	return s.change(ctx, actor, at, func(t *tx) error {
		h, err := t.lockHandover(ctx, id)
		if err != nil {
			return err
		}
		side, err := s.sideOf(actor, authz.Change, h, o)
		if err != nil {
			return err
		}
		var receipts int
		if err := t.QueryRowContext(ctx, `SELECT COUNT(*) FROM handover_receipts WHERE handover = $1`, string(id)).Scan(&receipts); err != nil {
			return err
		}
		switch {
		case side != handover.Sender || h.Status != handover.Draft:
			return fault.New(fault.Conflict, "consent", "belongs to a draft", "look at the new state")
		case receipts == 0:
			return fault.New(fault.Conflict, "consent", "needs a receipt for the person first", "print the consent, or write the code down for them")
		}
		if _, err := t.ExecContext(ctx, `UPDATE handover_consents SET given = $2 WHERE handover = $1 AND given = ''`, string(id), stamp(t.at)); err != nil {
			return err
		}
		return t.record(ctx, authz.Handover, string(id), o, "consent", nil, nil)
	})
}

// endConsent ends a consent and destroys what it covered.
func (t *tx) endConsent(ctx context.Context, id handover.ID, by handover.Side) error {
	if _, err := t.ExecContext(ctx, `UPDATE handover_consents SET withdrawn = $2 WHERE handover = $1 AND withdrawn = ''`, string(id), stamp(t.at)); err != nil {
		return err
	}
	if err := t.dropBoxes(ctx, id); err != nil {
		return err
	}
	return t.erase(ctx, erasedConsent, string(id), string(by))
}

// eraseHandover does again to a restored database what had been done to consents, contents and holders.
func (t *tx) eraseHandover(ctx context.Context, r erasure.Record) error {
	switch r.Kind {
	case erasedHolder:
		_, err := t.ExecContext(ctx, `DELETE FROM seal_holders WHERE seal_key = $1 AND person = $2`, r.Ref, r.Detail)
		return err
	case erasedConsent:
		if _, err := t.ExecContext(ctx, `UPDATE handover_consents SET withdrawn = $2 WHERE handover = $1 AND withdrawn = ''`, r.Ref, stamp(r.At)); err != nil {
			return err
		}
		h, err := handoverByID(ctx, t, handover.ID(r.Ref))
		if fault.KindOf(err) == fault.NotFound { // younger than the backup
			return nil
		}
		if err != nil {
			return err
		}
		if h.Status.Open() {
			if _, err := t.ExecContext(ctx, `UPDATE handovers SET status = 'cancelled', withdrawn = 1, cancel_asked = 0, sub = '', version = version + 1, changed = $2, ended = $2 WHERE id = $1`, r.Ref, stamp(r.At)); err != nil {
				return err
			}
		}
	}
	return t.dropBoxes(ctx, handover.ID(r.Ref))
}

// UnsafeSweepHandovers destroys the content of what ended longer ago than keep and of what no consent covers any more,
// lets lapse what was agreed to lapse, and removes shares that no readable handover has. It gives how many contents it
// destroyed.
func (s *Store) UnsafeSweepHandovers(ctx context.Context, at time.Time, keep time.Duration) (destroyed int, err error) {
	if s.shares == nil {
		return 0, nil
	}
	ids := func(query string, args ...any) ([]handover.ID, error) {
		return rowsOf(ctx, s.read, func(row scanner) (id handover.ID, err error) { return id, row.Scan(&id) }, query, args...)
	}
	over, err := ids(`SELECT h.id FROM handovers h JOIN handover_consents c ON c.handover = h.id WHERE h.destroyed = '' AND (h.ended <> '' AND h.ended <= $1 OR c.until <= $2) ORDER BY h.id`,
		stamp(at.Add(-keep)), stamp(at))
	if err != nil {
		return 0, failed(err)
	}
	for _, id := range over {
		if err := s.change(ctx, authz.Public(), at, func(t *tx) error { return t.destroyContent(ctx, id) }); err != nil {
			return destroyed, err
		}
		destroyed++
	}
	return destroyed, errors.Join(s.sweepShares(ctx, at), s.emptyLog(ctx))
}

// logWait is how long emptyLog waits for readers, in milliseconds; writers wait as long.
const logWait = 300

// emptyLog moves what stands in the log of an SQLite database into its file and cuts the log to nothing: it holds pages
// as they were before content was removed. Where somebody reads on, for example what copies the log elsewhere, it stays
// for the next time. PostgreSQL writes over removed rows when it vacuums.
func (s *Store) emptyLog(ctx context.Context) error {
	if s.engine != sqliteEngine {
		return nil
	}
	c, err := s.write.Conn(ctx)
	if err != nil {
		return failed(err)
	}
	var usual, busy, pages, done int
	err = c.QueryRowContext(ctx, `PRAGMA busy_timeout`).Scan(&usual)
	if err == nil {
		_, err = c.ExecContext(ctx, fmt.Sprintf(`PRAGMA busy_timeout = %d`, logWait))
	}
	if err == nil {
		err = c.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &done)
		_, again := c.ExecContext(context.WithoutCancel(ctx), fmt.Sprintf(`PRAGMA busy_timeout = %d`, usual))
		err = errors.Join(err, again)
	}
	if err = errors.Join(err, c.Close()); err != nil {
		return s.guard.judge(err)
	}
	return nil
}

// orphanAge is how old a share without a handover must be before it goes: one that is being sent has its share first.
const orphanAge = time.Hour

func (s *Store) sweepShares(ctx context.Context, at time.Time) error {
	kept, err := s.shares.List()
	if err != nil {
		return err
	}
	for _, k := range kept {
		var readable int
		if err := s.read.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM handovers WHERE id = $1 AND destroyed = '') + (SELECT COUNT(*) FROM slip_notes WHERE id = $1)`, k.Handover).Scan(&readable); err != nil {
			return failed(err)
		}
		var known int
		if err := s.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM handovers WHERE id = $1`, k.Handover).Scan(&known); err != nil {
			return failed(err)
		}
		if readable == 1 || known == 0 && k.Since.After(at.Add(-orphanAge)) {
			continue
		}
		if err := s.shares.Destroy(k.Handover); err != nil {
			return err
		}
	}
	return nil
}
