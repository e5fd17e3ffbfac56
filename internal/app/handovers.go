package app

import (
	"context"
	"time"

	"gevor/directory"
	"gevor/handover"
	"gevor/internal/store"
)

// keepHandovers does what the clock has to do about handovers: it tells who waits, destroys content whose time is over,
// and takes keys from those who left. said logs what came of each.
func keepHandovers(ctx context.Context, s *store.Store, now time.Time, said func(what string, n int64, err error)) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		said("handovers", 0, err)
		return
	}
	spoken, err := s.UnsafeTellHandovers(ctx, now, handover.Days{Zone: zone, Holiday: directory.NRWHoliday})
	said("handovers that wait", int64(spoken), err)
	destroyed, err := s.UnsafeSweepHandovers(ctx, now, handover.Keep)
	said("contents destroyed", int64(destroyed), err)
	slips, err := s.UnsafeSweepSlips(ctx, now)
	said("slips forgotten", slips, err)
	gone, err := s.UnsafeSweepHolders(ctx, now)
	said("keys taken from those who left", int64(gone), err)
}
