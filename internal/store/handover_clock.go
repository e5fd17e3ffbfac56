package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gevor/authz"
	"gevor/handover"
	"gevor/organisation"
	"gevor/outbox"
)

// HandoverMail tells somebody that something waits in a box of their organisation. It says nothing about what or whom.
type HandoverMail struct {
	Template, To, Language string
	OrganisationID         authz.OrganisationID
}

// The templates of mails about handovers.
const (
	mailWaiting   = "handover-waiting"   // to the receiver, until somebody has opened it
	mailUnheard   = "handover-unheard"   // to the sender
	mailEscalated = "handover-escalated" // to the receiver's admins
)

// UnsafeTellHandovers does what the clock has to do: it reminds receivers, tells senders and managements as the
// receivers agreed, and ends what was agreed to lapse. Nobody gets more than one mail of a kind on a day, and none on a
// day that is no working day. It gives how many handovers it spoke of.
func (s *Store) UnsafeTellHandovers(ctx context.Context, at time.Time, days handover.Days) (spoken int, err error) {
	if s.shares == nil || !days.Working(at) {
		return 0, nil
	}
	waiting, err := rowsOf(ctx, s.read, func(row scanner) (handover.Handover, error) { return scanHandover(row) },
		`SELECT `+handoverColumns+` FROM handovers WHERE status IN ('requested', 'received') ORDER BY requested, id`)
	if err != nil {
		return 0, failed(err)
	}
	for _, h := range waiting {
		to, err := intakeOf(ctx, s.read, h.Receiver)
		if err != nil {
			return spoken, failed(err)
		}
		dues := h.Dues(to.Terms, days, at)
		if len(dues) == 0 {
			continue
		}
		spoken++
		if err := s.change(ctx, authz.Public(), at, func(t *tx) error { return t.tellHandover(ctx, h.ID, to.Terms, days) }); err != nil {
			return spoken, err
		}
	}
	return spoken, nil
}

// tellHandover carries out what is due about a handover as it stands now.
func (t *tx) tellHandover(ctx context.Context, id handover.ID, terms handover.Terms, days handover.Days) error {
	h, err := t.lockHandover(ctx, id)
	if err != nil {
		return err
	}
	letter, err := letterOf(ctx, t, id)
	if err != nil {
		return err
	}
	for _, d := range h.Dues(terms, days, t.at) {
		if letter != nil && (d.Notice == handover.Reminder || d.Notice == handover.Escalated) {
			continue // nobody there has a box to look into: the sender is told, and calls
		}
		switch d.Notice {
		case handover.Lapsed:
			_, err = t.command(ctx, h, handover.Command{Key: "lapsed", Verb: handover.Lapse, By: handover.Clock})
		case handover.Reminder:
			err = t.tellBox(ctx, mailWaiting, h.Receiver, days, authz.Receiver)
		case handover.Unheard:
			err = t.tellOnce(ctx, h, d.Notice, mailUnheard, h.Sender, days, authz.Navigator)
		case handover.Escalated:
			err = t.tellOnce(ctx, h, d.Notice, mailEscalated, h.Receiver, days, authz.OrganisationAdmin)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// tellOnce tells a house of a handover once, whatever day it is.
func (t *tx) tellOnce(ctx context.Context, h handover.Handover, n handover.Notice, template string, to authz.OrganisationID, days handover.Days, role authz.Role) error {
	done, err := t.ExecContext(ctx, `INSERT INTO handover_told (handover, notice, at) VALUES ($1, $2, $3) ON CONFLICT (handover, notice) DO NOTHING`, string(h.ID), string(n), stamp(t.at))
	if err != nil {
		return err
	}
	if fresh, err := done.RowsAffected(); err != nil || fresh == 0 {
		return err
	}
	return t.tellBox(ctx, template, to, days, role)
}

// tellBox writes one mail of a kind to a house for this day: to its mailbox, or to everybody in a role where it has
// none. The management is always told in person.
func (t *tx) tellBox(ctx context.Context, template string, o authz.OrganisationID, days handover.Days, role authz.Role) error {
	house, err := organisationByID(ctx, t, o)
	if err != nil {
		return err
	}
	to := []organisation.Person{{ID: "mailbox", Email: house.Email, Language: "de"}}
	if house.Email == "" || template == mailEscalated {
		if to, err = t.peopleIn(ctx, o, role); err != nil {
			return err
		}
	}
	day := t.at.In(days.Zone).Format(time.DateOnly)
	for _, p := range to {
		if err := t.tell(ctx, outbox.Mail, o, fmt.Sprintf("%s %s %s %s", template, o, day, p.ID), HandoverMail{template, p.Email, p.Language, o}, t.at); err != nil {
			return err
		}
	}
	return nil
}

// peopleIn gives the people who have a role in an organisation and can act.
func (t *tx) peopleIn(ctx context.Context, o authz.OrganisationID, role authz.Role) ([]organisation.Person, error) {
	type member struct {
		organisation.Person
		roles string
	}
	everybody, err := rowsOf(ctx, t, func(row scanner) (m member, err error) {
		m.Person, err = scanPerson(more{row, []any{&m.roles}})
		return m, err
	}, `SELECT p.id, p.name, p.email, p.language, p.blocked, p.epoch, p.version, m.roles FROM memberships m JOIN people p ON p.id = m.person
		WHERE m.organisation = $1 AND m.suspended = 0 AND p.blocked = 0 ORDER BY p.id`, string(o))
	if err != nil {
		return nil, err
	}
	var out []organisation.Person
	for _, m := range everybody {
		if slices.Contains(rolesOf(m.roles), role) && strings.Contains(m.Email, "@") {
			out = append(out, m.Person)
		}
	}
	return out, nil
}
