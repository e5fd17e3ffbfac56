package backup

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/benbjohnson/litestream"

	"gevor/fault"
	"gevor/internal/erasure"
	"gevor/internal/store"
)

// Target is where an installation is restored.
type Target struct {
	State    string    // an empty folder, or none yet
	Database string    // postgres://… of an empty database; empty for the SQLite file of the state folder
	At       time.Time // the state to bring back; zero for the last one
	// UnsafeKeepErased brings back what was erased after the backup. Only tests use it, as the control that shows what
	// the journal is for.
	UnsafeKeepErased bool
}

// marker is the file that says that a restore has begun and not ended.
const marker = ".restoring"

// Unfinished refuses a state folder in which a restore has not ended: what it holds may lack erasures.
func Unfinished(state string) error {
	if _, err := os.Stat(filepath.Join(state, marker)); err == nil {
		return fault.New(fault.Conflict, state, "is from a restore that has not ended", "run gevor restore again with the same folder")
	}
	return nil
}

// Restored is what a restore has brought back.
type Restored struct {
	At       time.Time // of the backup that was used; of a continuous one, of its last transaction
	Files    int
	Replayed int    // erasures that were made after the backup
	Dump     string // checksum of the database's dump as it is now
}

// Restore brings an installation back. The database gets its name, and the folder loses its mark, only when every
// byte has been compared, the tables have been checked and brought up to date, and everything has been erased again
// that was erased after the backup. A restore that was interrupted is begun anew.
func Restore(ctx context.Context, from Place, to Target) (r Restored, err error) {
	m, choice, err := choose(ctx, from, to.At)
	if err != nil {
		return r, err
	}
	if err := to.claim(); err != nil {
		return r, err
	}
	r.At = choice.at
	dsn, final := to.Database, filepath.Join(to.State, DatabaseName)
	if dsn == "" {
		dsn = filepath.Join(to.State, ".restored.db")
		err = choice.intoFile(ctx, from, dsn)
	} else {
		err = choice.intoServer(ctx, from, dsn, filepath.Join(to.State, ".dump"))
	}
	if err != nil {
		return r, err
	}
	records, err := JournalAt(from).Records(ctx)
	if err != nil {
		return r, err
	}
	if r.Replayed, r.Dump, err = replayed(ctx, dsn, records, to); err != nil {
		return r, err
	}
	if m != nil {
		r.Files = len(m.Files)
		if err := to.files(ctx, from, m.Files); err != nil {
			return r, err
		}
	}
	if !to.UnsafeKeepErased {
		if err := erasure.InFile(filepath.Join(to.State, erasure.FileName)).Append(ctx, records...); err != nil {
			return r, err
		}
	}
	if to.Database == "" {
		for _, rest := range []string{"-wal", "-shm"} { // empty by now
			if err := os.Remove(dsn + rest); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return r, cannotRestore(dsn+rest, err)
			}
		}
		if err := errors.Join(os.Rename(dsn, final), syncFolder(to.State)); err != nil {
			return r, cannotRestore(final, err)
		}
	}
	if err := errors.Join(os.Remove(filepath.Join(to.State, marker)), syncFolder(to.State)); err != nil {
		return r, cannotRestore(to.State, err)
	}
	return r, nil
}

// claim marks an empty folder, or empties one that an earlier restore has marked.
func (t Target) claim() error {
	if err := os.MkdirAll(t.State, 0o755); err != nil {
		return cannotRestore(t.State, err)
	}
	entries, err := os.ReadDir(t.State)
	if err != nil {
		return cannotRestore(t.State, err)
	}
	if len(entries) > 0 && Unfinished(t.State) == nil {
		return fault.New(fault.Conflict, t.State, "is not empty", "restore into an empty folder; nothing was changed")
	}
	for _, e := range entries { // all of it is from a restore, for the folder was empty when the mark was set
		if e.Name() != marker {
			if err := os.RemoveAll(filepath.Join(t.State, e.Name())); err != nil {
				return cannotRestore(t.State, err)
			}
		}
	}
	f, err := os.OpenFile(filepath.Join(t.State, marker), os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return cannotRestore(t.State, err)
	}
	if err := errors.Join(f.Sync(), f.Close(), syncFolder(t.State)); err != nil {
		return cannotRestore(t.State, err)
	}
	return nil
}

// replayed erases again what the journal says, and dumps what is left.
func replayed(ctx context.Context, dsn string, records []erasure.Record, to Target) (n int, sum string, err error) {
	s, err := store.Open(ctx, dsn, store.Unreleased())
	if err != nil {
		return 0, "", err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.Integrity(ctx); err != nil {
		return 0, "", err
	}
	have, err := s.Erasures(ctx)
	if err != nil {
		return 0, "", err
	}
	if !to.UnsafeKeepErased {
		n = len(lacking(have, records))
		if err := s.ReplayErasures(ctx, records); err != nil {
			return 0, "", err
		}
	}
	if err := s.FinishRestore(ctx); err != nil {
		return 0, "", err
	}
	sum, err = s.Dump(ctx, discard{})
	return n, sum, err
}

func (t Target) files(ctx context.Context, from Place, files []file) error {
	folders := map[string]bool{t.State: true}
	for _, f := range files {
		path := filepath.Join(t.State, filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return cannotRestore(path, err)
		}
		if err := fetch(ctx, from, f.Blob, path); err != nil {
			return err
		}
		for dir := filepath.Dir(path); !folders[dir]; dir = filepath.Dir(dir) {
			folders[dir] = true
		}
	}
	for dir := range folders {
		if err := syncFolder(dir); err != nil {
			return cannotRestore(dir, err)
		}
	}
	return nil
}

// chosen is the database that comes closest to the wanted time from before.
type chosen struct {
	at    time.Time
	whole *database // nil: from the continuous backup
	until time.Time // in the continuous backup; zero for all of it
}

// choose finds the database and the files that belong to it. A later list of files holds those of an earlier database
// too, since runs are only ever added; so the first list after the database is taken, or the last before it.
func choose(ctx context.Context, p Place, at time.Time) (files *manifest, c chosen, err error) {
	names, times, err := manifests(ctx, p)
	if err != nil {
		return nil, c, err
	}
	var own *manifest // the list that came with a whole database
	for i := len(names) - 1; i >= 0 && own == nil; i-- {
		if !at.IsZero() && times[i].After(at) {
			continue
		}
		m, err := readManifest(ctx, p, names[i])
		if err != nil {
			return nil, c, err
		}
		if m.Database != nil {
			own, c = m, chosen{at: m.At, whole: m.Database}
		}
	}
	last, err := lastTransaction(ctx, p, at)
	if err != nil {
		return nil, c, err
	}
	if own != nil && !last.After(own.At) {
		return own, c, nil
	}
	if last.IsZero() {
		return nil, c, fault.New(fault.NotFound, p.String(), "holds no backup from that time or before", "name another place with --from or a later time with --at")
	}
	c = chosen{at: last, until: at}
	for i := range names {
		if i == len(names)-1 || !times[i].Before(last) {
			files, err = readManifest(ctx, p, names[i])
			return files, c, err
		}
	}
	return nil, c, nil
}

// lastTransaction gives the time of the last transaction before a moment in the continuous backup, zero where it
// holds none.
func lastTransaction(ctx context.Context, p Place, before time.Time) (last time.Time, err error) {
	objects, err := p.List(ctx, ltxPrefix)
	if err != nil || len(objects) == 0 {
		return last, err
	}
	for level := 0; level <= litestream.SnapshotLevel; level++ {
		files, err := replica{p}.LTXFiles(ctx, level, 0, true)
		if err != nil {
			return last, damaged(p, ltxPrefix, err)
		}
		for files.Next() {
			if made := files.Item().CreatedAt; made.After(last) && (before.IsZero() || made.Before(before)) {
				last = made
			}
		}
		if err := files.Close(); err != nil {
			return last, err
		}
	}
	return last, nil
}

func (c chosen) intoFile(ctx context.Context, p Place, path string) error {
	if c.whole != nil {
		return c.whole.restore(ctx, p, path, path+".dump")
	}
	o := litestream.NewRestoreOptions()
	o.OutputPath, o.Timestamp, o.IntegrityCheck = path, c.until, litestream.IntegrityCheckFull
	quiet := slog.New(slog.DiscardHandler)
	db := litestream.NewDB(path)
	db.SetLogger(quiet)
	if err := litestream.NewReplicaWithClient(db, replica{p}).Restore(ctx, o); err != nil {
		if ctx.Err() != nil || errors.Is(err, fs.ErrPermission) || fault.KindOf(err) == fault.Busy {
			return err
		}
		return damaged(p, ltxPrefix, err)
	}
	return nil
}

// intoServer fills an empty PostgreSQL. Until the last erasure is carried out, the database says that it is not whole.
func (c chosen) intoServer(ctx context.Context, p Place, dsn, temp string) (err error) {
	mark := c.at.UTC().Format(time.RFC3339)
	if c.whole != nil && c.whole.Form == "dump" {
		return c.whole.load(ctx, p, dsn, temp, mark)
	}
	path := temp + ".db"
	if err := c.intoFile(ctx, p, path); err != nil {
		return err
	}
	out, err := os.Create(temp)
	if err != nil {
		return cannotRestore(temp, err)
	}
	defer func() { err = errors.Join(err, out.Close(), os.Remove(temp), os.Remove(path)) }()
	if _, err := store.DumpOf(ctx, path, out); err != nil {
		return err
	}
	if _, err := out.Seek(0, 0); err != nil {
		return cannotRestore(temp, err)
	}
	return store.Load(ctx, dsn, out, mark)
}
