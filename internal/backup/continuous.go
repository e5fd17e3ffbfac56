package backup

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/benbjohnson/litestream"
	"github.com/superfly/ltx"

	"gevor/fault"
	"gevor/internal/store"
)

// Plan says how a continuous backup goes on. Zero values take the defaults in brackets.
type Plan struct {
	Every time.Duration // how often transactions are brought to the place [1 s]
	Files time.Duration // how often runs and other files are [5 min]
	Whole time.Duration // how often a whole copy of the database begins [24 h]; of a PostgreSQL at least once an hour
	Keep  time.Duration // how long older states can be restored, and how long what was erased lies in backups [30 days]
	Now   func() time.Time
	Log   *slog.Logger
}

func (p Plan) filled() Plan {
	if p.Every <= 0 {
		p.Every = time.Second
	}
	if p.Files <= 0 {
		p.Files = 5 * time.Minute
	}
	if p.Whole <= 0 {
		p.Whole = 24 * time.Hour
	}
	if p.Keep <= 0 {
		p.Keep = 30 * 24 * time.Hour
	}
	if p.Now == nil {
		p.Now = time.Now
	}
	if p.Log == nil {
		p.Log = slog.New(slog.DiscardHandler)
	}
	return p
}

// Continuous is a backup that follows an installation while it runs. Close it before the store is closed, once nobody
// writes any more.
type Continuous struct {
	from   Source
	to     Place
	plan   Plan
	store  *litestream.Store // nil with PostgreSQL
	db     *litestream.DB
	cancel context.CancelFunc
	done   sync.WaitGroup

	mu   sync.Mutex // one list of files at a time
	last []file
}

// patience is how long the backup waits for a writer: a disk under load holds one for longer than litestream's second.
const patience = 30 * time.Second

// Start begins to follow. The SQLite file must be there. From now on the backup writes the log back into the database
// file, so whoever writes to it must be this process or leave that to it.
func Start(ctx context.Context, from Source, to Place, plan Plan) (*Continuous, error) {
	plan = plan.filled()
	if _, err := newShelf(ctx, to); err != nil { // a place that cannot be used is said at once
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	if store.IsPostgres(from.Database) {
		plan.Files = min(plan.Whole, time.Hour)
	}
	c := &Continuous{from: from, to: to, plan: plan, cancel: cancel}
	if !store.IsPostgres(from.Database) {
		if strings.ContainsAny(from.Database, "?#%") { // litestream puts the path into an address as it is
			cancel()
			return nil, fault.New(fault.Invalid, from.Database, "cannot be backed up continuously because its path has one of ?#%", "move the state folder")
		}
		c.db = litestream.NewDB(from.Database)
		c.db.MonitorInterval, c.db.BusyTimeout = plan.Every, patience
		r := litestream.NewReplicaWithClient(c.db, replica{to})
		r.SyncInterval = plan.Every
		c.db.Replica = r
		c.store = litestream.NewStore([]*litestream.DB{c.db}, litestream.CompactionLevels{
			{Level: 0}, {Level: 1, Interval: 30 * time.Second}, {Level: 2, Interval: 5 * time.Minute}, {Level: 3, Interval: time.Hour},
		})
		c.store.SnapshotInterval, c.store.SnapshotRetention = plan.Whole, plan.Keep
		c.store.Logger = plan.Log
		c.db.SetLogger(plan.Log)
		if err := c.store.Open(ctx); err != nil {
			cancel()
			return nil, fault.Wrap(fault.Busy, to.String(), "the continuous backup cannot begin", "check the place of the backup", err)
		}
	}
	c.done.Go(func() { c.follow(ctx) })
	return c, nil
}

// follow brings files along until the end.
func (c *Continuous) follow(ctx context.Context) {
	tick := time.NewTicker(c.plan.Files)
	defer tick.Stop()
	for {
		if err := errors.Join(c.files(ctx), Prune(ctx, c.to, c.plan.Now().Add(-c.plan.Keep))); err != nil && ctx.Err() == nil {
			c.plan.Log.Error("files could not be backed up; it is tried again", "place", c.to.String(), "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// files writes a list of the state's files where anything has changed; of a PostgreSQL, the whole database too.
func (c *Continuous) files(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.store == nil {
		r, err := Once(ctx, c.from, c.to, c.plan.Now())
		if err == nil {
			c.plan.Log.Info("backed up", "place", c.to.String(), "files", r.Files, "new", r.Added)
		}
		return err
	}
	shelf, err := newShelf(ctx, c.to)
	if err != nil {
		return err
	}
	now, err := shelf.files(ctx, c.from.State, c.from.databaseName())
	if err != nil {
		return err
	}
	if c.last != nil && slices.Equal(now, c.last) {
		return nil
	}
	m := manifest{Version: 1, At: c.plan.Now().UTC(), Program: c.from.Program, Files: now}
	if err := m.write(ctx, c.to); err != nil {
		return err
	}
	c.last = append([]file{}, now...)
	return nil
}

// Sync returns when everything that was acknowledged before is in the place.
func (c *Continuous) Sync(ctx context.Context) error {
	if c.db != nil {
		if err := c.db.SyncAndWait(ctx); err != nil {
			return fault.Wrap(fault.Busy, c.to.String(), "the backup is behind", "check the place of the backup", err)
		}
	}
	return c.files(ctx)
}

// Close brings the rest to the place and ends the backup.
func (c *Continuous) Close(ctx context.Context) error {
	c.cancel()
	c.done.Wait()
	err := c.Sync(ctx) // litestream's own last sync does nothing where its first has not come yet
	if c.store != nil {
		if e := c.store.Close(ctx); e != nil {
			err = errors.Join(err, fault.Wrap(fault.Busy, c.to.String(), "the backup could not be brought up to date at the end", "check the place of the backup; the next start goes on", e))
		}
	}
	return err
}

// Prune removes lists of files that are older than a moment, but for the last one before it, and blobs that no list
// names any more. So what was erased leaves the backups too.
func Prune(ctx context.Context, p Place, before time.Time) error {
	names, times, err := manifests(ctx, p)
	if err != nil {
		return err
	}
	old := 0
	for old < len(times) && times[old].Before(before) {
		old++
	}
	if old < 2 {
		return nil
	}
	wanted := map[string]bool{}
	for _, n := range names[old-1:] {
		m, err := readManifest(ctx, p, n)
		if err != nil {
			return err // a list that cannot be read may want anything
		}
		for _, f := range m.Files {
			wanted[f.Blob.name()] = true
		}
		if m.Database != nil {
			wanted[m.Database.Blob.name()] = true
		}
	}
	blobs, err := p.List(ctx, blobPrefix)
	if err != nil {
		return err
	}
	for _, n := range names[:old-1] {
		if err := p.Delete(ctx, n); err != nil {
			return err
		}
	}
	for _, b := range blobs {
		// One that was put there lately may belong to a list that is being written.
		if !wanted[b.Name] && b.Modified.Before(before) {
			if err := p.Delete(ctx, b.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

// Verify reads everything in a place: every blob against its name, every list, the journal, and the last database,
// which is restored into a folder temp and checked there.
func Verify(ctx context.Context, p Place, temp string) (r Restored, err error) {
	names, _, err := manifests(ctx, p)
	if err != nil {
		return r, err
	}
	seen := map[blob]bool{}
	for _, n := range names {
		m, err := readManifest(ctx, p, n)
		if err != nil {
			return r, err
		}
		blobs := make([]blob, 0, len(m.Files)+1)
		for _, f := range m.Files {
			blobs = append(blobs, f.Blob)
		}
		if m.Database != nil {
			blobs = append(blobs, m.Database.Blob)
		}
		for _, b := range blobs {
			if !seen[b] {
				if err := proven(ctx, p, b); err != nil {
					return r, err
				}
				seen[b] = true
			}
		}
	}
	objects, err := p.List(ctx, ltxPrefix)
	if err != nil {
		return r, err
	}
	for _, o := range objects {
		if err := provenLTX(ctx, p, o.Name); err != nil {
			return r, err
		}
	}
	return Restore(ctx, p, Target{State: filepath.Join(temp, "proof")})
}

// provenLTX compares a file of the continuous backup with its own checksums.
func provenLTX(ctx context.Context, p Place, name string) error {
	in, err := p.Open(ctx, name, 0, 0)
	if errors.Is(err, fs.ErrNotExist) { // a running backup has put something else in its place
		return nil
	}
	if err != nil {
		return err
	}
	if err := errors.Join(ltx.NewDecoder(in).Verify(), in.Close()); err != nil {
		return damaged(p, name, err)
	}
	return nil
}
