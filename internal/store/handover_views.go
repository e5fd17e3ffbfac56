package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/fault"
	"gevor/handover"
)

// Handovers gives those that an organisation sends or receives, the latest change first.
func (s *Store) Handovers(ctx context.Context, actor authz.Actor, o authz.OrganisationID, side handover.Side) ([]handover.Item, error) {
	if err := s.may(actor, authz.View, authz.Object{Kind: authz.Handover, Owner: o}); err != nil {
		return nil, err
	}
	mine, other, shown := "sender", "receiver", ""
	if side == handover.Receiver {
		mine, other, shown = other, mine, ` AND h.requested <> ''`
	}
	columns := "h." + strings.ReplaceAll(handoverColumns, ", ", ", h.")
	items, err := rowsOf(ctx, s.read, func(row scanner) (i handover.Item, err error) {
		i.Handover, err = scanHandover(row, &i.Other)
		return i, err
	}, `SELECT `+columns+`, o.name FROM handovers h JOIN organisations o ON o.id = h.`+other+` WHERE h.`+mine+` = $1`+shown+` ORDER BY h.changed DESC, h.id`, string(o))
	if err != nil {
		return nil, failed(err)
	}
	names := map[string]string{}
	for i := range items {
		items[i].Handover = items[i].For(side)
		id := items[i].Service
		if _, known := names[id]; !known {
			names[id] = s.offerName(ctx, id)
		}
		items[i].Offer = names[id]
	}
	return items, nil
}

// offerName names an offer in German; empty where it is gone.
func (s *Store) offerName(ctx context.Context, id string) string {
	x, err := docByID[directory.Service](ctx, s.read, services, id)
	if err != nil {
		return ""
	}
	return x.Name["de"]
}

// Handover gives a handover as one of its organisations sees it.
func (s *Store) Handover(ctx context.Context, actor authz.Actor, o authz.OrganisationID, id handover.ID) (f handover.File, err error) {
	h, err := handoverByID(ctx, s.read, id)
	if err != nil {
		return f, err
	}
	side, err := s.sideOf(actor, authz.View, h, o)
	if err != nil {
		return f, err
	}
	f = handover.File{Handover: h.For(side), Side: side, Offer: s.offerName(ctx, h.Service)}
	if err := s.complete(ctx, &f, h); err != nil {
		return handover.File{}, failed(err)
	}
	keys, err := keysOf(ctx, s.read, actor.Person, o)
	if err != nil {
		return handover.File{}, failed(err)
	}
	f.Keys = keys
	return f, nil
}

// complete adds what belongs to a handover, as far as its side may see it.
func (s *Store) complete(ctx context.Context, f *handover.File, h handover.Handover) error {
	sender, err := organisationByID(ctx, s.read, h.Sender)
	if err != nil {
		return err
	}
	to, err := intakeOf(ctx, s.read, h.Receiver)
	if err != nil {
		return err
	}
	f.SenderName, f.ReceiverName, f.Terms = sender.Name, to.Name, to.Terms
	if f.Consent, err = consentOf(ctx, s.read, h); err != nil {
		return err
	}
	if f.Boxes, err = boxesOf(ctx, s.read, h.ID); err != nil {
		return err
	}
	if err := addFiles(ctx, s.read, h.ID, f.Boxes); err != nil {
		return err
	}
	if f.Letter, err = letterOf(ctx, s.read, h.ID); err != nil {
		return err
	}
	var destroyed string
	if err := s.read.QueryRowContext(ctx, `SELECT destroyed FROM handovers WHERE id = $1`, string(h.ID)).Scan(&destroyed); err != nil {
		return err
	}
	f.Destroyed = destroyed != ""
	f.Events, err = rowsOf(ctx, s.read, scanEvent, `SELECT at, side, verb, was, became, sub, reason, outcome FROM handover_events WHERE handover = $1 ORDER BY version`, string(h.ID))
	if err != nil {
		return err
	}
	if f.Side == handover.Sender && h.Level == handover.Nothing {
		f.Events = slices.DeleteFunc(f.Events, func(e handover.Event) bool { return e.By == handover.Receiver || e.By == handover.Clock })
	}
	return nil
}

func scanEvent(row scanner) (e handover.Event, err error) {
	var at string
	if err := row.Scan(&at, &e.By, &e.Verb, &e.From, &e.To, &e.Sub, &e.Reason, &e.Outcome); err != nil {
		return e, err
	}
	e.At, err = timeOf(at)
	return e, err
}

func boxesOf(ctx context.Context, q querier, id handover.ID) ([]handover.Sealed, error) {
	return rowsOf(ctx, q, func(row scanner) (b handover.Sealed, err error) {
		var made string
		if err := row.Scan(&b.Part, &b.By, &b.Box, &b.Sends, &b.Takes, &made); err != nil {
			return b, err
		}
		b.Made, err = timeOf(made)
		return b, err
	}, `SELECT part, side, box, sends, takes, made FROM handover_boxes WHERE handover = $1 ORDER BY CASE WHEN part = 'request' THEN 0 ELSE 1 END, made, part`, string(id))
}

// HandoverTotals gives how many handovers of the region are open, unanswered, or were declined for reasons that lie with
// the offer since a time; only where LeastCount of them come from LeastOrganisations organisations at least.
func (s *Store) HandoverTotals(ctx context.Context, actor authz.Actor, since, late time.Time) ([]handover.Total, error) {
	if err := s.may(actor, authz.View, authz.Object{Kind: authz.Totals}); err != nil {
		return nil, err
	}
	const enough = ` HAVING COUNT(*) >= $1 AND COUNT(DISTINCT sender) >= $2 AND COUNT(DISTINCT receiver) >= $2`
	scan := func(row scanner) (x handover.Total, err error) { return x, row.Scan(&x.What, &x.Count) }
	least := []any{handover.LeastCount, handover.LeastOrganisations}
	var out []handover.Total
	for _, q := range []struct {
		text string
		more []any
	}{
		{`SELECT 'open', COUNT(*) FROM handovers WHERE status IN ('requested', 'received', 'accepted', 'in-progress', 'on-hold')` + enough, nil},
		{`SELECT 'unanswered', COUNT(*) FROM handovers WHERE status IN ('requested', 'received') AND requested < $3` + enough, []any{stamp(late)}},
		{`SELECT reason, COUNT(*) FROM handovers WHERE status IN ('rejected', 'failed') AND ended >= $3
			AND reason IN ('no-place', 'waiting-list', 'does-not-fit', 'outside-area', 'payer-unclear', 'language', 'not-responsible') GROUP BY reason` + enough + ` ORDER BY reason`, []any{stamp(since)}},
	} {
		rows, err := rowsOf(ctx, s.read, scan, q.text, append(slices.Clone(least), q.more...)...)
		if err != nil {
			return nil, failed(err)
		}
		out = append(out, rows...)
	}
	return out, nil
}

// Person's view.

// receiptHandover gives the handover of a receipt code as people type it; NotFound where there is none.
func receiptHandover(ctx context.Context, q querier, typed string) (handover.Handover, error) {
	code, ok := handover.ReadCode(typed)
	if !ok {
		return handover.Handover{}, absent(authz.Receipt)
	}
	id, err := found(q.QueryRowContext(ctx, `SELECT handover FROM handover_receipts WHERE hash = $1`, HashSecret(code)),
		func(row scanner) (id handover.ID, err error) { return id, row.Scan(&id) }, absent(authz.Receipt))
	if err != nil {
		return handover.Handover{}, err
	}
	return handoverByID(ctx, q, id)
}

// ByReceipt gives a handover to whoever holds its receipt: where it stands and what was agreed, nothing of its content.
func (s *Store) ByReceipt(ctx context.Context, code string) (f handover.File, err error) {
	h, err := receiptHandover(ctx, s.read, code)
	if err != nil {
		return f, err
	}
	f = handover.File{Handover: h, Side: handover.Person, Offer: s.offerName(ctx, h.Service)}
	if err := s.complete(ctx, &f, h); err != nil {
		return handover.File{}, failed(err)
	}
	f.Boxes = nil
	return f, nil
}

// WithdrawByReceipt ends a consent in the name of whoever holds the receipt, and destroys the content. Doing it again
// changes nothing; a handover that ended otherwise loses its content all the same.
func (s *Store) WithdrawByReceipt(ctx context.Context, at time.Time, code string) error {
	if err := s.noShares(); err != nil {
		return err
	}
	var id handover.ID
	err := s.change(ctx, authz.Public(), at, func(t *tx) error {
		h, err := receiptHandover(ctx, t, code)
		if err != nil {
			return err
		}
		id = h.ID
		if h, err = t.lockHandover(ctx, id); err != nil {
			return err
		}
		if !h.Status.Open() {
			return t.endConsent(ctx, id, handover.Person)
		}
		_, err = t.command(ctx, h, handover.Command{Key: "receipt", Verb: handover.Withdraw, By: handover.Person})
		return err
	})
	if err != nil {
		return err
	}
	return s.destroyWhere(ctx, id)
}

// NewReceipt makes a receipt for the person, who keeps the code; only its hash stays here. Receipts made before keep
// their force.
func (s *Store) NewReceipt(ctx context.Context, actor authz.Actor, at time.Time, o authz.OrganisationID, id handover.ID) (code string, err error) {
	code = handover.NewCode()
	return code, s.bySender(ctx, actor, at, o, id, "receipt", func(t *tx) error {
		_, err := t.ExecContext(ctx, `INSERT INTO handover_receipts (hash, handover, made) VALUES ($1, $2, $3)`, HashSecret(code), string(id), stamp(t.at))
		return err
	})
}

// bySender does what the sender of an open handover may do to it, and records it under a name.
func (s *Store) bySender(ctx context.Context, actor authz.Actor, at time.Time, o authz.OrganisationID, id handover.ID, name string, do func(*tx) error) error {
	return s.change(ctx, actor, at, func(t *tx) error {
		h, err := t.lockHandover(ctx, id)
		if err != nil {
			return err
		}
		side, err := s.sideOf(actor, authz.Change, h, o)
		if err != nil {
			return err
		}
		if side != handover.Sender || !h.Status.Open() {
			return fault.New(fault.Conflict, name, "is given by the sender of what is open", "")
		}
		if err := do(t); err != nil {
			return err
		}
		return t.record(ctx, authz.Handover, string(id), o, name, nil, nil)
	})
}
