package store

import (
	"context"
	"errors"
	"strings"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/fault"
	"gevor/handover"
	"gevor/internal/shares"
	"gevor/seal"
)

// Shares keeps the platform's part of every content key outside the database and outside every backup; see
// internal/shares.
type Shares interface {
	Put(handover string, share []byte) error
	Get(handover string) ([]byte, error)
	Destroy(handover string) error
	List() ([]shares.Kept, error)
}

// WithShares lets the store keep handovers.
func WithShares(s Shares) Option { return func(o *options) { o.shares = s } }

// noShares is the answer of a store without handovers.
func (s *Store) noShares() error {
	if s.shares == nil {
		return fault.New(fault.Conflict, "handovers", "are not set up here", "")
	}
	return nil
}

const handoverColumns = `id, sender, receiver, service, status, sub, reason, outcome, withdrawn, cancel_asked, reseal, lapses, level, version, made, requested, opened, answered, changed, ended`

func scanHandover(row scanner, more ...any) (h handover.Handover, err error) {
	var withdrawn, asked, reseal int
	var made, requested, opened, answered, changed, ended string
	if err := row.Scan(append([]any{
		&h.ID, &h.Sender, &h.Receiver, &h.Service, &h.Status, &h.Sub, &h.Reason, &h.Outcome, &withdrawn, &asked, &reseal, &h.Lapses, &h.Level, &h.Version,
		&made, &requested, &opened, &answered, &changed, &ended,
	}, more...)...); err != nil {
		return h, err
	}
	h.Withdrawn, h.CancelAsked, h.Reseal = withdrawn == 1, asked == 1, reseal == 1
	for _, x := range []struct {
		to   *time.Time
		from string
	}{{&h.Made, made}, {&h.Requested, requested}, {&h.Opened, opened}, {&h.Answered, answered}, {&h.Changed, changed}, {&h.Ended, ended}} {
		if *x.to, err = timeOf(x.from); err != nil {
			return h, err
		}
	}
	return h, nil
}

func handoverByID(ctx context.Context, q querier, id handover.ID) (handover.Handover, error) {
	return found(q.QueryRowContext(ctx, `SELECT `+handoverColumns+` FROM handovers WHERE id = $1`, string(id)),
		func(row scanner) (handover.Handover, error) { return scanHandover(row) }, absent(authz.Handover))
}

// sideOf says on which side of a handover an organisation stands where the actor may do this there. Everything else
// looks absent.
func (s *Store) sideOf(actor authz.Actor, do authz.Action, h handover.Handover, o authz.OrganisationID) (handover.Side, error) {
	var side handover.Side
	switch o {
	case h.Sender:
		side = handover.Sender
	case h.Receiver:
		side = handover.Receiver
	default:
		return "", absent(authz.Handover)
	}
	if side == handover.Receiver && h.Status == handover.Draft {
		return "", absent(authz.Handover)
	}
	if side == handover.Receiver && h.Requested.IsZero() { // a draft that was thrown away
		return "", absent(authz.Handover)
	}
	return side, s.may(actor, do, authz.Object{Kind: authz.Handover, Owner: o})
}

// writeHandover keeps the next state of a handover with the step that led there.
func (t *tx) writeHandover(ctx context.Context, was, is handover.Handover, by handover.Side, verb handover.Verb) error {
	if err := t.one(ctx, stale(authz.Handover), `UPDATE handovers SET status = $3, sub = $4, reason = $5, outcome = $6, withdrawn = $7, cancel_asked = $8, version = $9,
			requested = $10, opened = $11, answered = $12, changed = $13, ended = $14 WHERE id = $1 AND version = $2`,
		string(is.ID), was.Version, string(is.Status), string(is.Sub), string(is.Reason), string(is.Outcome), bit(is.Withdrawn), bit(is.CancelAsked), is.Version,
		stampOrNot(is.Requested), stampOrNot(is.Opened), stampOrNot(is.Answered), stamp(is.Changed), stampOrNot(is.Ended)); err != nil {
		return err
	}
	if _, err := t.ExecContext(ctx, `INSERT INTO handover_events (handover, version, at, side, verb, was, became, sub, reason, outcome) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		string(is.ID), is.Version, stamp(t.at), string(by), string(verb), string(was.Status), string(is.Status), string(is.Sub), string(is.Reason), string(is.Outcome)); err != nil {
		return err
	}
	if err := t.countDeclined(ctx, is); err != nil {
		return err
	}
	return t.recordHandover(ctx, was, is, by, string(verb))
}

// recordHandover writes the step into the history of both organisations: with who took it where it was one of theirs,
// without where it was not, and not at all where they may not see it.
func (t *tx) recordHandover(ctx context.Context, was, is handover.Handover, by handover.Side, verb string) error {
	for _, side := range []handover.Side{handover.Sender, handover.Receiver} {
		owner := is.Sender
		if side == handover.Receiver {
			owner = is.Receiver
			if is.Requested.IsZero() {
				continue
			}
		}
		as := *t
		if side != by {
			as.actor = authz.Public()
			if is.For(side).Changed.Equal(was.For(side).Changed) && is.For(side).Status == was.For(side).Status {
				continue
			}
		}
		if err := as.record(ctx, authz.Handover, string(is.ID), owner, verb, nil, nil); err != nil {
			return err
		}
	}
	return nil
}

func stampOrNot(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return stamp(t)
}

// CreateHandover keeps a draft with its consent and sealed request. The same draft again changes nothing. Both
// organisations need a key that counts, the one the page sealed to.
func (s *Store) CreateHandover(ctx context.Context, actor authz.Actor, at time.Time, n handover.New) error {
	if err := s.noShares(); err != nil {
		return err
	}
	n.Consent.Receiver = n.Receiver
	if err := n.Consent.Check(at); err != nil {
		return err
	}
	if !properID(string(n.ID), "h") || !properID(n.Consent.ID, "c") || n.Sender == n.Receiver || n.Lapses < 0 || n.Lapses > 30 {
		return fault.New(fault.Invalid, "handover", "is not as the page makes one", "load the page again")
	}
	if err := checkContent(n); err != nil {
		return err
	}
	// The share first: one without a handover opens nothing, and is swept.
	if err := s.may(actor, authz.Create, authz.Object{Kind: authz.Handover, Owner: n.Sender}); err != nil {
		return err
	}
	if n.Letter == nil {
		if err := s.freshShare(ctx, n); err != nil {
			return err
		}
	}
	return s.change(ctx, actor, at, func(t *tx) error { return t.createHandover(ctx, n) })
}

// freshShare keeps the share of a new handover. A repetition finds the handover there and changes nothing.
func (s *Store) freshShare(ctx context.Context, n handover.New) error {
	_, err := handoverByID(ctx, s.read, n.ID)
	if fault.KindOf(err) != fault.NotFound {
		return err
	}
	return s.shares.Put(string(n.ID), n.Share)
}

func (t *tx) createHandover(ctx context.Context, n handover.New) error {
	if err := t.may(authz.Create, authz.Object{Kind: authz.Handover, Owner: n.Sender}); err != nil {
		return err
	}
	if err := t.one(ctx, absent(authz.Organisation), `UPDATE organisations SET version = version WHERE id = $1 AND closed = 0`, string(n.Sender)); err != nil {
		return err
	}
	old, err := handoverByID(ctx, t, n.ID)
	if err == nil && old.Sender == n.Sender {
		return nil // the same click
	}
	if err == nil || fault.KindOf(err) != fault.NotFound {
		return errors.Join(err, fault.New(fault.Conflict, "handover", "is there already", "load the page again"))
	}
	offer, err := t.service(ctx, directory.ServiceID(n.Service), authz.View)
	if err != nil {
		return err
	}
	if offer.Owner != n.Receiver {
		return fault.New(fault.Conflict, "handover", "goes to an organisation that does not keep the offer", "open the offer again")
	}
	if n.Letter != nil {
		_, err = t.mayLetter(ctx, n.Receiver)
	} else {
		err = t.keysStand(ctx, n.Sender, n.Receiver, n.Sends, n.Takes)
	}
	if err != nil {
		return err
	}
	now := stamp(t.at)
	if _, err := t.ExecContext(ctx, `INSERT INTO handovers (id, sender, receiver, service, status, lapses, level, version, made, changed) VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $8)`,
		string(n.ID), string(n.Sender), string(n.Receiver), n.Service, string(handover.Draft), n.Lapses, string(n.Consent.Level), now); err != nil {
		return err
	}
	if err := t.writeConsent(ctx, n.ID, n.Consent); err != nil {
		return err
	}
	if n.Letter != nil {
		err = t.writeLetter(ctx, n.ID, *n.Letter)
	} else {
		err = t.writeBox(ctx, n.ID, handover.Sealed{Part: "request", By: handover.Sender, Box: n.Box, Sends: n.Sends, Takes: n.Takes, Files: n.Files})
	}
	if err != nil {
		return err
	}
	return t.record(ctx, authz.Handover, string(n.ID), n.Sender, "created", nil, nil)
}

// checkContent holds what a page sends as content to its form: a sealed box with its share, or a letter without either.
func checkContent(n handover.New) error {
	if n.Letter != nil {
		if n.Box != "" || len(n.Share) > 0 || len(n.Files) > 0 {
			return fault.New(fault.Invalid, "handover", "is a letter and has no content", "load the page again")
		}
		return n.Letter.Check()
	}
	if len(n.Share) != seal.ShareSize {
		return fault.New(fault.Invalid, "handover", "is not as the page makes one", "load the page again")
	}
	return checkBox(handover.Sealed{Box: n.Box, Sends: n.Sends, Takes: n.Takes, Files: n.Files})
}

// properID says whether a name is one that newID makes.
func properID(id, kind string) bool {
	rest, ok := strings.CutPrefix(id, kind+"-")
	return ok && len(rest) == 26 && !strings.ContainsFunc(rest, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '2' || r > '7') })
}

// NewHandoverIDs makes the names of a handover, its consent and a box, for a page that seals them in.
func (s *Store) NewHandoverIDs() (h handover.ID, consent, part string) {
	return handover.ID(newID("h")), newID("c"), newID("b")
}

// keysStand fails where a page sealed to keys that do not count any more, or the receiver takes nothing.
func (t *tx) keysStand(ctx context.Context, sender, receiver authz.OrganisationID, sends, takes string) error {
	mine, err := usableKey(ctx, t, sender)
	if err != nil {
		return err
	}
	to, err := intakeOf(ctx, t, receiver)
	if err != nil {
		return err
	}
	if err := to.Ready(); err != nil {
		return err
	}
	if mine == nil || mine.ID != sends || to.Key.ID != takes {
		return fault.New(fault.Stale, "key", "has been replaced since the page was opened", "load the page again and seal once more")
	}
	return nil
}

// CommandHandover does what one of the two organisations of a handover wants. The same key of the same side acts once
// and gives the present state. A handover that ends by a withdrawal or an error loses its content at once.
func (s *Store) CommandHandover(ctx context.Context, actor authz.Actor, at time.Time, o authz.OrganisationID, id handover.ID, c handover.Command) (out handover.Handover, err error) {
	if err := s.noShares(); err != nil {
		return out, err
	}
	err = s.change(ctx, actor, at, func(t *tx) error {
		h, err := t.lockHandover(ctx, id)
		if err != nil {
			return err
		}
		if c.By, err = s.sideOf(actor, authz.Change, h, o); err != nil {
			return err
		}
		out, err = t.command(ctx, h, c)
		out = out.For(c.By)
		return err
	})
	if err != nil {
		return out, err
	}
	return out, s.destroyWhere(ctx, id)
}

// lockHandover gives a handover that nobody else changes until the end of the transaction.
func (t *tx) lockHandover(ctx context.Context, id handover.ID) (handover.Handover, error) {
	if err := t.one(ctx, absent(authz.Handover), `UPDATE handovers SET version = version WHERE id = $1`, string(id)); err != nil {
		return handover.Handover{}, err
	}
	return handoverByID(ctx, t, id)
}

func (t *tx) command(ctx context.Context, h handover.Handover, c handover.Command) (handover.Handover, error) {
	if c.Key == "" || len(c.Key) > 100 {
		return h, fault.New(fault.Invalid, "handover", "lacks the key of the command", "load the page again")
	}
	var n int
	if err := t.QueryRowContext(ctx, `SELECT COUNT(*) FROM handover_commands WHERE handover = $1 AND side = $2 AND command = $3 AND verb = $4`, string(h.ID), string(c.By), c.Key, string(c.Verb)).Scan(&n); err != nil {
		return h, err
	}
	if n > 0 {
		return h, nil
	}
	next, err := h.Apply(c, t.at)
	if err != nil {
		return h, err
	}
	if c.Verb == handover.Send {
		if err := t.maySend(ctx, h); err != nil {
			return h, err
		}
	}
	if err := t.writeHandover(ctx, h, next, c.By, c.Verb); err != nil {
		return h, err
	}
	if _, err := t.ExecContext(ctx, `INSERT INTO handover_commands (handover, side, command, verb, version) VALUES ($1, $2, $3, $4, $5)`, string(h.ID), string(c.By), c.Key, string(c.Verb), next.Version); err != nil {
		return h, err
	}
	switch c.Verb {
	case handover.Withdraw:
		return next, t.endConsent(ctx, h.ID, c.By)
	case handover.Retract:
		return next, t.destroyContent(ctx, h.ID)
	}
	return next, nil
}

// maySend asks what a draft needs before it goes out: the consent, and keys that still count.
func (t *tx) maySend(ctx context.Context, h handover.Handover) error {
	c, err := consentOf(ctx, t, h)
	if err != nil {
		return err
	}
	if !c.Covers(h, t.at) {
		return fault.New(fault.Conflict, "consent", "is not there, or not any more", "ask for the consent and note that it was given")
	}
	letter, err := letterOf(ctx, t, h.ID)
	if err != nil {
		return err
	}
	if letter != nil {
		return t.sendLetter(ctx, h)
	}
	boxes, err := boxesOf(ctx, t, h.ID)
	if err != nil {
		return err
	}
	if len(boxes) == 0 {
		return fault.New(fault.Conflict, "handover", "has lost its content", "begin a new one")
	}
	return t.keysStand(ctx, h.Sender, h.Receiver, boxes[0].Sends, boxes[0].Takes)
}
