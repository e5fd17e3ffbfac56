package backup_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/superfly/ltx"

	"gevor/authz"
	"gevor/fault"
	"gevor/internal/backup"
	"gevor/internal/erasure"
	"gevor/internal/store"
	"gevor/internal/store/postgrestest"
	"gevor/organisation"
)

// canary is the address of somebody who asks to be forgotten.
const canary = "forget.me@example.org"

// invited puts the canary into the house and gives what withdraws it.
func invited(t *testing.T, h *house) (withdraw func()) {
	t.Helper()
	o, err := h.store.UnsafeFound(t.Context(), day, organisation.Organisation{Name: "Beratung Nord", Kind: organisation.Kinds()[0]})
	if err != nil {
		t.Fatal(err)
	}
	id, _, err := h.store.UnsafeInvite(t.Context(), day, organisation.Invitation{Organisation: o, Email: canary, Roles: []authz.Role{authz.Editor}, Language: "de"})
	if err != nil {
		t.Fatal(err)
	}
	admin := authz.Actor{Person: "p-admin", Memberships: []authz.Membership{{Organisation: o, Roles: []authz.Role{authz.OrganisationAdmin}}}}
	return func() {
		if err := h.store.WithdrawInvitation(t.Context(), admin, day.Add(time.Hour), id); err != nil {
			t.Fatal(err)
		}
	}
}

// sings says whether the canary is in a restored database.
func sings(t *testing.T, dsn string) bool {
	t.Helper()
	var text bytes.Buffer
	if _, err := store.DumpOf(t.Context(), dsn, &text); err != nil {
		t.Fatal(err)
	}
	return strings.Contains(text.String(), canary)
}

// What is erased after a backup stays erased when that backup is restored. The control restores without the journal.
func TestRestoredDataHonourErasuresMadeAfterTheBackup(t *testing.T) {
	p, _ := folder(t)
	h := built(t, "", backup.JournalAt(p))
	withdraw := invited(t, h)
	if _, err := backup.Once(t.Context(), h.source(), p, day); err != nil {
		t.Fatal(err)
	}
	withdraw()
	to := filepath.Join(t.TempDir(), "x")
	if r := restored(t, p, backup.Target{State: to}); r.Replayed != 1 || sings(t, filepath.Join(to, backup.DatabaseName)) {
		t.Errorf("%+v: the canary sings after a restore", r)
	}
	// The restored house knows what was erased, and goes on with the same journals.
	s, err := store.Open(t.Context(), filepath.Join(to, backup.DatabaseName), store.WithErasureLogs(erasure.InFile(filepath.Join(to, erasure.FileName)), backup.JournalAt(p)))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	control := filepath.Join(t.TempDir(), "control")
	if r := restored(t, p, backup.Target{State: control, UnsafeKeepErased: true}); r.Replayed != 0 || !sings(t, filepath.Join(control, backup.DatabaseName)) {
		t.Error("control: without the journal the canary should sing")
	}
}

// A database file put back by hand is brought up to date with the journal when it is opened.
func TestADatabasePutBackByHandHonoursTheJournal(t *testing.T) {
	h := built(t, "")
	withdraw := invited(t, h)
	old := filepath.Join(t.TempDir(), "old.db")
	if err := store.Copy(t.Context(), h.dsn, old); err != nil {
		t.Fatal(err)
	}
	withdraw()
	s, err := store.Open(t.Context(), old, store.WithErasureLogs(erasure.InFile(filepath.Join(h.state, erasure.FileName))))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if sings(t, old) {
		t.Error("the canary sings in an old file")
	}
}

// objects gives the files of a place but those whose damage nobody would be served: the journal has a test of its own.
func objects(t *testing.T, dir string) (paths []string) {
	t.Helper()
	if err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			paths = append(paths, p)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return paths
}

func flip(t *testing.T, path string, rng *rand.Rand) (undo func()) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := rng.IntN(len(raw))
	bad := bytes.Clone(raw)
	bad[at] ^= 1 << rng.IntN(8)
	write := func(b []byte) {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
			t.Fatal(err)
		}
	}
	write(bad)
	return func() { write(raw) }
}

// meaning gives the pages that a file of a continuous backup stands for, checksums left aside.
func meaning(t *testing.T, path string) [32]byte {
	t.Helper()
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	d, sum := ltx.NewDecoder(in), sha256.New()
	if err := d.DecodeHeader(); err != nil {
		return [32]byte{}
	}
	var head ltx.PageHeader
	for page := make([]byte, d.Header().PageSize); ; {
		err := d.DecodePage(&head, page)
		if errors.Is(err, io.EOF) {
			return [32]byte(sum.Sum(nil))
		}
		if err != nil {
			return [32]byte{}
		}
		fmt.Fprint(sum, head.Pgno, " ")
		sum.Write(page)
	}
}

// One flipped bit anywhere in a backup, whole or continuous, is found and said; it never comes back as good. What is left
// is a bit by which compressed pages are written in another way and stay the same: the files of a continuous backup hold
// checksums of their pages, not of their compressed form.
func TestOneFlippedBitIsFound(t *testing.T) {
	for name, continuous := range map[string]bool{"whole": false, "continuous": true} {
		t.Run(name, func(t *testing.T) {
			p, dir := folder(t)
			h := built(t, "", backup.JournalAt(p))
			invited(t, h)()
			h.record(t, "h1")
			if continuous {
				c, err := backup.Start(t.Context(), h.source(), p, backup.Plan{Files: time.Hour, Now: func() time.Time { return day }})
				if err != nil {
					t.Fatal(err)
				}
				for i := range 3 {
					if err := c.Sync(t.Context()); err != nil {
						t.Fatal(err)
					}
					h.record(t, fmt.Sprint("later", i))
				}
				if err := c.Close(t.Context()); err != nil {
					t.Fatal(err)
				}
			} else if _, err := backup.Once(t.Context(), h.source(), p, day); err != nil {
				t.Fatal(err)
			}
			want := h.dump(t)
			seed := rand.Uint64()
			rng := rand.New(rand.NewPCG(seed, 1))
			flips, corrupt, unneeded, same := 0, 0, 0, 0
			for _, path := range objects(t, dir) {
				for range 8 {
					var before, after [32]byte
					compressed := strings.HasSuffix(path, ".ltx")
					if compressed {
						before = meaning(t, path)
					}
					undo := flip(t, path, rng)
					if compressed {
						after = meaning(t, path)
					}
					r, err := backup.Restore(t.Context(), p, backup.Target{State: filepath.Join(t.TempDir(), "x")})
					if err == nil && r.Dump == want { // the restore did not need that file
						_, err = backup.Verify(t.Context(), p, t.TempDir())
						unneeded++
					}
					undo()
					flips++
					switch {
					case err != nil:
					case compressed && before == after:
						same++
					default:
						t.Errorf("seed %d: a flipped bit in %s is not found", seed, path)
					}
					if fault.KindOf(err) == fault.Corrupt {
						corrupt++
					}
				}
			}
			t.Logf("figure: %s backup: %d flipped bits, %d found as damage, %d of them by verifying since the restore did not need the file; %d left every page as it was", name, flips, corrupt, unneeded, same)
			if corrupt < flips*9/10 {
				t.Errorf("only %d of %d flipped bits were found", corrupt, flips)
			}
			if r, err := backup.Verify(t.Context(), p, t.TempDir()); err != nil || r.Dump != want {
				t.Errorf("the sound backup: %+v, %v", r, err)
			}
		})
	}
}

// A restore that was interrupted is not served, and can be begun again.
func TestAnInterruptedRestoreIsNotServed(t *testing.T) {
	h := built(t, "")
	h.record(t, "h1")
	p, dir := folder(t)
	if _, err := backup.Once(t.Context(), h.source(), p, day); err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "x")
	broken := 0
	for _, path := range objects(t, dir) {
		if strings.Contains(path, "backups") {
			continue
		}
		if err := os.Rename(path, path+".away"); err != nil {
			t.Fatal(err)
		}
		if _, err := backup.Restore(t.Context(), p, backup.Target{State: to}); fault.KindOf(err) != fault.Corrupt {
			t.Errorf("%s missing: %v", path, err)
		}
		if err := backup.Unfinished(to); fault.KindOf(err) != fault.Conflict {
			t.Errorf("half a restore may be served: %v", err)
		}
		if _, err := os.Stat(filepath.Join(to, backup.DatabaseName)); err == nil {
			t.Error("the database has its name already")
		}
		broken++
		if err := os.Rename(path+".away", path); err != nil {
			t.Fatal(err)
		}
	}
	if r := restored(t, p, backup.Target{State: to}); r.Dump != h.dump(t) || backup.Unfinished(to) != nil || broken < 3 {
		t.Errorf("%+v after %d broken ones", r, broken)
	}
}

// PostgreSQL: backup, wipe, restore into PostgreSQL and into SQLite, under write load and with erasures.
func TestPostgreSQLComesBackInEitherEngine(t *testing.T) {
	server := postgrestest.Start(t)
	admin, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	named := func(name string) string {
		if _, err := admin.Exec("CREATE DATABASE " + name); err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(server)
		if err != nil {
			t.Fatal(err)
		}
		u.Path = "/" + name
		return u.String()
	}
	p, _ := folder(t)
	h := built(t, named("original"), backup.JournalAt(p))
	withdraw := invited(t, h)
	h.record(t, "h1")
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			if err := h.store.RecordRun(context.Background(), fmt.Sprint("load", n), "load", day, mini()); err != nil {
				t.Error(err)
			}
		}
	}()
	var sums []string
	for i := range 4 {
		r, err := backup.Once(t.Context(), h.source(), p, day.Add(time.Duration(i)*time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		sums = append(sums, r.Dump)
	}
	close(stop)
	<-stopped
	for i, want := range sums {
		at := day.Add(time.Duration(i) * time.Minute)
		for engine, dsn := range map[string]string{"PostgreSQL": named(fmt.Sprint("restored", i)), "SQLite": ""} {
			if r := restored(t, p, backup.Target{State: filepath.Join(t.TempDir(), "x"), Database: dsn, At: at}); r.Dump != want {
				t.Errorf("backup %d in %s gives another dump", i, engine)
			}
		}
	}
	withdraw()
	dsn := named("erased")
	if r := restored(t, p, backup.Target{State: filepath.Join(t.TempDir(), "x"), Database: dsn}); r.Replayed != 1 || sings(t, dsn) {
		t.Errorf("%+v: the canary sings", r)
	}
	if _, err := backup.Restore(t.Context(), p, backup.Target{State: filepath.Join(t.TempDir(), "x"), Database: dsn}); fault.KindOf(err) != fault.Conflict {
		t.Errorf("into a database that is not empty: %v", err)
	}
	t.Logf("figure: 8 restores of 4 backups of a PostgreSQL under write load, into PostgreSQL and SQLite: equal dumps")
}
