package app

import (
	"context"
	"log/slog"
	"time"

	"gevor/internal/config"
	"gevor/internal/mail"
	"gevor/internal/store"
	"gevor/vocabulary"
)

// The measures of upkeep.
const (
	// upkeepEvery is how often the program looks what is due. Looking twice does nothing twice.
	upkeepEvery = time.Hour
	// keepSettled is how long the outbox lists what was settled. Its content went when it was delivered. An entry of the
	// directory that nobody answers for is asked for once more when its last letter is forgotten.
	keepSettled = 400 * 24 * time.Hour
	// keepMails is how long mails lie in the folder.
	keepMails = 90 * 24 * time.Hour
)

// upkeep writes the letters that are due, makes the week's report of early warning, looks for entries that may be one offer
// where any has changed, and removes what has been kept long enough, now and every upkeepEvery, until ctx ends. What goes
// wrong is logged and tried again the next time. folder may be nil.
func upkeep(ctx context.Context, s *store.Store, voc *vocabulary.Vocabulary, runs *currentRun, folder *mail.Folder, conf *config.Config, log *slog.Logger) {
	tick := time.NewTicker(upkeepEvery)
	defer tick.Stop()
	compared := int64(-1) // the revision of the directory at which duplicates were looked for
	for {
		now := time.Now()
		said := func(what string, n int64, err error) {
			switch {
			case ctx.Err() != nil:
			case err != nil:
				log.Error("upkeep failed", "of", what, "cause", err)
			case n > 0:
				log.Info("upkeep", "of", what, "number", n)
			}
		}
		letters, err := s.UnsafeRemind(ctx, now)
		said("reminders written", int64(letters), err)
		if revision, err := s.EntryRevision(ctx); err != nil || revision != compared {
			pairs, err := s.UnsafeFindDuplicates(ctx, now)
			said("pairs that may be one offer", int64(pairs), err)
			if err == nil {
				compared = revision
			}
		}
		keepHandovers(ctx, s, now, said)
		warnings, err := keepWatch(ctx, s, voc, runs, conf.State.Dir, now)
		said("early warnings", int64(warnings), err)
		said("checkpoints signed", 0, signDaily(ctx, conf.State.Dir, s, now))
		folded, err := s.UnsafeSweepContacts(ctx, now, contactTerms(conf))
		said("contacts made figures of and deleted", int64(folded), err)
		forgotten, err := s.UnsafeForgetImports(ctx, now)
		said("files forgotten that nobody took over", forgotten, err)
		forgotten, err = s.UnsafeForgetSketches(ctx, now)
		said("datasets by hand forgotten that nobody released", forgotten, err)
		swept, err := s.UnsafeSweepOutbox(ctx, now.Add(-keepSettled))
		said("settled messages removed", swept, err)
		if folder != nil {
			n, err := folder.Sweep(now.Add(-keepMails))
			said("laid down mails removed", int64(n), err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
