package app

import (
	"context"
	"log/slog"
	"time"

	"gevor/internal/store"
)

// remindEvery is how often the program looks which entries of the directory are due for a letter. Looking twice writes
// nothing twice.
const remindEvery = time.Hour

// remind writes the letters that are due, now and every remindEvery, until ctx ends. What goes wrong is logged and tried
// again the next time.
func remind(ctx context.Context, s *store.Store, log *slog.Logger) {
	tick := time.NewTicker(remindEvery)
	defer tick.Stop()
	for {
		n, err := s.UnsafeRemind(ctx, time.Now())
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			log.Error("reminders could not be written", "cause", err)
		case n > 0:
			log.Info("reminders were written", "letters", n)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
