package backup

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"gevor/fault"
	"gevor/internal/erasure"
	"gevor/internal/store"
)

// Source is the installation that a backup is made of.
type Source struct {
	State    string // its state folder
	Database string // path of the SQLite file, or postgres://…
	Program  string // version of the program, noted in the backup
}

// databaseName is the first part of the names of the database's files in the state folder.
func (s Source) databaseName() string {
	if store.IsPostgres(s.Database) {
		return DatabaseName
	}
	return filepath.Base(s.Database)
}

// DatabaseName is the SQLite file of a state folder.
const DatabaseName = "gevor.db"

// Report is what a backup holds.
type Report struct {
	At        time.Time
	Dump      string // checksum of the database's dump
	Files     int
	Added     int   // blobs that were not there before
	Bytes     int64 // of them
	Erasures  int   // in the journal
	Continued bool  // the database comes from a continuous backup
}

// Once makes a whole backup beside whoever writes, and proves it: the database is read back from the place, restored,
// checked and dumped, and the dump must be that of the copy that was taken.
func Once(ctx context.Context, from Source, to Place, now time.Time) (r Report, err error) {
	r.At = now.UTC()
	temp, err := os.MkdirTemp(from.State, ".backup-")
	if err != nil {
		return r, fault.Wrap(fault.Internal, from.State, "cannot hold a copy of the database", "check that the state folder is there, can be written to and has free space", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	shelf, err := newShelf(ctx, to)
	if err != nil {
		return r, err
	}
	// The database first: every run it names is in the folder by then.
	m := manifest{Version: 1, At: r.At, Program: from.Program}
	if m.Database, err = from.copyDatabase(ctx, shelf, temp); err != nil {
		return r, err
	}
	if m.Files, err = shelf.files(ctx, from.State, from.databaseName()); err != nil {
		return r, err
	}
	if r.Erasures, err = from.copyErasures(ctx, to); err != nil {
		return r, err
	}
	if err := m.Database.prove(ctx, to, temp); err != nil {
		return r, err
	}
	r.Dump, r.Files, r.Added, r.Bytes = m.Database.Dump, len(m.Files), shelf.added, shelf.bytes
	return r, m.write(ctx, to)
}

func (s Source) copyDatabase(ctx context.Context, shelf *shelf, temp string) (d *database, err error) {
	path := filepath.Join(temp, "taken")
	if store.IsPostgres(s.Database) {
		d = &database{Form: "dump"}
		out, err := os.Create(path)
		if err != nil {
			return nil, cannotRestore(path, err)
		}
		d.Dump, err = store.DumpOf(ctx, s.Database, out)
		if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
			return nil, err
		}
	} else {
		d = &database{Form: "sqlite"}
		if err := store.Copy(ctx, s.Database, path); err != nil {
			return nil, err
		}
		if d.Dump, err = store.DumpOf(ctx, path, discard{}); err != nil {
			return nil, err
		}
	}
	d.Blob, err = shelf.keep(ctx, path)
	return d, err
}

// discard takes a dump of which only the checksum is wanted.
type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// copyErasures brings the place's journal up to date with the database and the journal of the state folder.
func (s Source) copyErasures(ctx context.Context, to Place) (n int, err error) {
	all, err := store.ErasuresOf(ctx, s.Database)
	if err != nil {
		return 0, err
	}
	local, err := erasure.InFile(filepath.Join(s.State, erasure.FileName)).Records(ctx)
	if err != nil {
		return 0, err
	}
	journal := JournalAt(to)
	have, err := journal.Records(ctx)
	if err != nil {
		return 0, err
	}
	missing := lacking(have, append(local, all...))
	return len(have) + len(missing), journal.Append(ctx, missing...)
}

// prove restores a database from its blob into temp, checks it and compares its dump.
func (d *database) prove(ctx context.Context, p Place, temp string) error {
	path := filepath.Join(temp, "proof.db")
	if err := d.restore(ctx, p, path, path+".dump"); err != nil {
		return err
	}
	if _, err := store.Check(ctx, path); err != nil {
		return err
	}
	sum, err := store.DumpOf(ctx, path, discard{})
	if err != nil {
		return err
	}
	if sum != d.Dump {
		return damaged(p, d.Blob.name(), errors.New("it gives another dump than the database it was taken from"))
	}
	return errors.Join(os.Remove(path))
}

// restore makes an SQLite file of a blob; where it is a dump it goes through a file.
func (d *database) restore(ctx context.Context, p Place, path, temp string) error {
	if d.Form == "sqlite" {
		return fetch(ctx, p, d.Blob, path)
	}
	return d.load(ctx, p, path, temp, "")
}

// load reads a dump into a database.
func (d *database) load(ctx context.Context, p Place, dsn, temp, marked string) (err error) {
	if err := fetch(ctx, p, d.Blob, temp); err != nil {
		return err
	}
	in, err := os.Open(temp)
	if err != nil {
		return cannotRestore(temp, err)
	}
	defer func() { err = errors.Join(err, in.Close(), os.Remove(temp)) }()
	return store.Load(ctx, dsn, in, marked)
}

func cannotRestore(path string, err error) error {
	return fault.Wrap(fault.Internal, path, "cannot be written", "check free space and rights", err)
}

// Newest gives the time of the last backup in a place: of a whole one, or of the last transaction that a continuous
// one holds. NotFound where there is none.
func Newest(ctx context.Context, p Place) (at time.Time, err error) {
	_, times, err := manifests(ctx, p)
	if err != nil {
		return at, err
	}
	if len(times) > 0 {
		at = times[len(times)-1]
	}
	objects, err := p.List(ctx, ltxPrefix)
	if err != nil {
		return at, err
	}
	for _, o := range objects {
		if o.Modified.After(at) {
			at = o.Modified
		}
	}
	if at.IsZero() {
		return at, fault.New(fault.NotFound, p.String(), "holds no backup", "run gevor backup")
	}
	return at, nil
}
