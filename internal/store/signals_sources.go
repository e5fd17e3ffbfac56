package store

import (
	"context"
	"errors"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/handover"
	"gevor/indicator"
)

// What early warning reads of the directory, the searches and the handovers. Nothing here decides who may see it: it is
// for the watch alone, whose report has passed the gate.

// UnsafeServices gives every service, whoever may see it, with provider, locations and confirmations, by ID.
func (s *Store) UnsafeServices(ctx context.Context) ([]directory.Record, error) {
	return s.records(ctx, "", time.Time{}, func(*directory.Service, authz.Release) bool { return true })
}

// UnsafeUnanswered gives the counts of searches without a result and of hurdles since a month (2026-05).
func (s *Store) UnsafeUnanswered(ctx context.Context, since string) ([]directory.Unanswered, error) {
	out, err := rowsOf(ctx, s.read, func(row scanner) (u directory.Unanswered, err error) {
		return u, row.Scan(&u.Month, &u.District, &u.Need, &u.Language, &u.Reason, &u.Times)
	}, `SELECT month, district, need, language, reason, times FROM unanswered WHERE month >= $1 ORDER BY month, district, need, language, reason`, since)
	if err != nil {
		return nil, failed(err)
	}
	return out, nil
}

// UnsafeObserved gives what professionals observed since a time, without their words, oldest first.
func (s *Store) UnsafeObserved(ctx context.Context, since time.Time) ([]directory.Observation, error) {
	out, err := rowsOf(ctx, s.read, scanObservation, `SELECT id, service, organisation, what, '', at FROM observations WHERE at >= $1 ORDER BY at, id`, stamp(since))
	if err != nil {
		return nil, failed(err)
	}
	return out, nil
}

// UnsafeHandoversSince gives the envelopes of handovers that were asked for since a time, oldest first: who asked whom for
// which offer, and when it was answered or ended.
func (s *Store) UnsafeHandoversSince(ctx context.Context, since time.Time) ([]handover.Handover, error) {
	out, err := rowsOf(ctx, s.read, func(row scanner) (h handover.Handover, err error) {
		var requested, answered, ended string
		if err := row.Scan(&h.ID, &h.Sender, &h.Receiver, &h.Service, &h.Status, &requested, &answered, &ended); err != nil {
			return h, err
		}
		var errs [3]error
		h.Requested, errs[0] = timeOf(requested)
		h.Answered, errs[1] = timeOf(answered)
		h.Ended, errs[2] = timeOf(ended)
		return h, errors.Join(errs[:]...)
	}, `SELECT id, sender, receiver, service, status, requested, answered, ended FROM handovers WHERE requested >= $1 AND requested <> '' ORDER BY requested, id`, stamp(since))
	if err != nil {
		return nil, failed(err)
	}
	return out, nil
}

// UnsafeReleasedFigures gives the newest published table of every dataset that its owner released to the alliance or to
// everybody. Every figure in it has passed the gate.
func (s *Store) UnsafeReleasedFigures(ctx context.Context) ([]*indicator.Publication, error) {
	list, err := s.datasets(ctx, func(_ *indicator.Listed, r authz.Release) bool {
		return r.Level == authz.PublicLevel || r.Level == authz.AllianceLevel
	})
	if err != nil {
		return nil, err
	}
	out := make([]*indicator.Publication, len(list))
	for i := range list {
		all, err := publications(ctx, s.read, list[i].Dataset.ID, list[i].Number)
		if err != nil {
			return nil, err
		}
		out[i] = all[0]
	}
	return out, nil
}
