package store

import (
	"context"
	"time"

	"gevor/atlas"
	"gevor/authz"
	"gevor/directory"
	"gevor/form"
)

// MissingOffers gives the offers that answers to warnings speak of and that have no entry, to whoever keeps entries of a
// house, the oldest first. They belong to nobody yet: whoever runs such an offer can enter it.
func (s *Store) MissingOffers(ctx context.Context, actor authz.Actor, house authz.OrganisationID) ([]atlas.MissingOffer, error) {
	if err := s.may(actor, authz.View, authz.Object{Kind: authz.Suggestion, Owner: house}); err != nil {
		return nil, err
	}
	out, err := rowsOf(ctx, s.read, func(row scanner) (x atlas.MissingOffer, err error) {
		var made string
		if err := row.Scan(&x.ID, &x.Warning, &x.Level, &x.Area, &x.Subject.Group, &x.Subject.Problem, &x.Said, &x.Reason, &made); err != nil {
			return x, err
		}
		x.Made, err = timeOf(made)
		return x, err
	}, `SELECT a.id, a.warning, w.level, w.area, w.group_key, w.problem, o.name, a.reason, a.made
		FROM warning_answers a JOIN warnings w ON w.region = a.region AND w.id = a.warning JOIN organisations o ON o.id = a.owner
		WHERE a.kind = $1 AND a.service = '' AND a.settled = '' ORDER BY a.made, a.id`, string(atlas.OfferExists))
	if err != nil {
		return nil, failed(err)
	}
	return out, nil
}

// SettleMissing ends such a proposal: with the entry that there is now, which the answer names from then on, or with none
// where there is nothing to enter. Stale where somebody has ended it already.
func (s *Store) SettleMissing(ctx context.Context, actor authz.Actor, at time.Time, house authz.OrganisationID, answer string, service directory.ServiceID) error {
	return s.change(ctx, actor, at, func(t *tx) error {
		if err := t.may(authz.Change, authz.Object{Kind: authz.Suggestion, Owner: house}); err != nil {
			return err
		}
		verb := "declined"
		if service != "" {
			verb = "accepted"
			rec, err := t.service(ctx, service, authz.View)
			if err != nil {
				var f form.Fields
				f.Add("service", "unknown")
				return f.Err()
			}
			service = rec.ID
		}
		var warning string
		if err := t.QueryRowContext(ctx, `SELECT warning FROM warning_answers WHERE id = $1 AND kind = $2`, answer, string(atlas.OfferExists)).Scan(&warning); err != nil {
			return absentIfNone(err, authz.Suggestion)
		}
		if err := t.one(ctx, stale(authz.Suggestion), `UPDATE warning_answers SET service = $2, settled = $3 WHERE id = $1 AND service = '' AND settled = ''`, answer, string(service), stamp(t.at)); err != nil {
			return err
		}
		return t.record(ctx, authz.Suggestion, warning, house, verb, nil, nil)
	})
}
