package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/pressly/goose/v3"

	"gevor/fault"
	"gevor/internal/store"
	"gevor/internal/store/powercut"
)

// often gives how many times a test repeats itself: more where the environment asks for it.
func often(t *testing.T, env string, normal int) int {
	t.Helper()
	if s := os.Getenv(env); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			t.Fatalf("%s=%q is no number of repetitions", env, s)
		}
		return n
	}
	if testing.Short() {
		return max(10, normal/5)
	}
	return normal
}

// The log is short, so that it is often written back into the database file.
const shortLog = "_pragma=wal_autocheckpoint(8)"

// mounted opens a store on a simulated disk.
func mounted(t *testing.T, d *powercut.Disk, settings string) (s *store.Store, leave func()) {
	t.Helper()
	name, unmount, err := d.Mount()
	if err != nil {
		t.Fatal(err)
	}
	s, err = store.Open(t.Context(), "state.db", store.WithSettings("vfs="+name+"&"+shortLog+settings))
	if err != nil {
		t.Fatal(err)
	}
	return s, func() {
		_ = s.Close() // the disk under it may be dead
		if err := unmount(); err != nil {
			t.Fatal(err)
		}
	}
}

// put writes two rows in one transaction.
func put(ctx context.Context, s *store.Store, name string) error {
	return s.Within(ctx, func(tx *sql.Tx) error {
		for _, half := range []string{"a", "b"} {
			if _, err := tx.ExecContext(ctx, `INSERT INTO installation (name, value) VALUES ($1, $2)`, half+name, strings.Repeat(name, 40)); err != nil {
				return err
			}
		}
		return nil
	})
}

// rows gives what is there, and fails where half of a transaction is.
func rows(t *testing.T, s *store.Store) map[string]bool {
	t.Helper()
	if err := s.Integrity(t.Context()); err != nil {
		t.Fatal(err)
	}
	halves := map[string]int{}
	if err := s.Within(t.Context(), func(tx *sql.Tx) (err error) {
		all, err := tx.Query(`SELECT name FROM installation WHERE name LIKE 'a%' OR name LIKE 'b%'`)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, all.Close()) }()
		for all.Next() {
			var name string
			if err := all.Scan(&name); err != nil {
				return err
			}
			halves[name[1:]]++
		}
		return all.Err()
	}); err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for name, n := range halves {
		if n != 2 {
			t.Fatalf("half of the transaction %s is there", name)
		}
		out[name] = true
	}
	return out
}

func lost(acknowledged []string, there map[string]bool) (n int) {
	for _, name := range acknowledged {
		if !there[name] {
			n++
		}
	}
	return n
}

// cutWhileWriting lets three writers write until the power fails at a drawn step, and gives the acknowledged writes
// that the disk has lost.
func cutWhileWriting(t *testing.T, rng *rand.Rand, settings string) (acknowledged, missing int) {
	t.Helper()
	d := powercut.New()
	s, leave := mounted(t, d, settings)
	d.Set(powercut.Plan{CutAt: 1 + rng.IntN(600)})
	var mu sync.Mutex
	var done []string
	var wg sync.WaitGroup
	for w := range 3 {
		wg.Go(func() {
			for i := 0; ; i++ {
				name := fmt.Sprintf("%d-%d", w, i)
				if err := put(context.Background(), s, name); err != nil {
					return
				}
				mu.Lock()
				done = append(done, name)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	select {
	case <-s.Stopped():
	default:
		t.Error("the store goes on without power")
	}
	var how *rand.Rand
	if rng.IntN(3) > 0 {
		how = rng
	}
	after := d.Cut(how)
	leave()
	again, leaveAgain := mounted(t, after, settings)
	defer leaveAgain()
	missing = lost(done, rows(t, again))
	if err := put(t.Context(), again, "later"); err != nil {
		t.Fatal(err)
	}
	return len(done), missing
}

// What was acknowledged outlives a power cut at any step, whatever the disk makes of unsynced writes. The control
// shows that the simulated disk takes something away where SQLite does not sync every commit.
func TestNothingAcknowledgedIsLostInAPowerCut(t *testing.T) {
	cuts, seed := often(t, "GEVOR_CUTS", 25), rand.Uint64()
	for _, c := range []struct{ name, settings string }{{"full", ""}, {"control: normal", "&_pragma=synchronous(NORMAL)"}} {
		rng := rand.New(rand.NewPCG(seed, 1))
		written, missing := 0, 0
		for range cuts {
			w, m := cutWhileWriting(t, rng, c.settings)
			written, missing = written+w, missing+m
		}
		t.Logf("figure: seed %d, %d power cuts, synchronous %s: %d writes acknowledged, %d lost", seed, cuts, c.name, written, missing)
		if protected := c.settings == ""; protected != (missing == 0) || written == 0 {
			t.Errorf("%s: %d of %d acknowledged writes lost", c.name, missing, written)
		}
	}
}

// disturbed writes on a disk that fails as planned, cuts the power and gives what came of it.
type disturbed struct {
	accepted, after int // writes in all, and writes that were accepted after the first refused one
	stopped         bool
	refusals        []error
	missing         int
}

func disturb(t *testing.T, p powercut.Plan, writes int, goOn bool) (o disturbed) {
	t.Helper()
	d := powercut.New()
	s, leave := mounted(t, d, "")
	d.Set(p)
	var done []string
	for i := range writes {
		name := strconv.Itoa(i)
		err := put(t.Context(), s, name)
		if err != nil {
			o.refusals = append(o.refusals, err)
			if goOn {
				s.GoOn()
			}
			continue
		}
		if len(o.refusals) > 0 {
			o.after++
		}
		done = append(done, name)
	}
	select {
	case <-s.Stopped():
		o.stopped = true
	default:
	}
	o.accepted = len(done)
	after := d.Cut(nil)
	leave()
	again, leaveAgain := mounted(t, after, "")
	defer leaveAgain()
	o.missing = lost(done, rows(t, again))
	return o
}

// steps gives how many writes and syncs so many transactions need.
func steps(t *testing.T, writes int) (w, syncs int) {
	t.Helper()
	d := powercut.New()
	s, leave := mounted(t, d, "")
	defer leave()
	d.Set(powercut.Plan{})
	for i := range writes {
		if err := put(t.Context(), s, strconv.Itoa(i)); err != nil {
			t.Fatal(err)
		}
	}
	return d.Counts()
}

// A sync that fails, at any position, stops the store; one that fails while the log is written back is repeated by
// SQLite itself. Nothing acknowledged is lost either way.
func TestAFailedSyncStopsTheStore(t *testing.T) {
	const writes = 24
	_, syncs := steps(t, writes)
	stopped, accepted, unprotected := 0, 0, 0
	for n := 1; n <= syncs; n++ {
		o := disturb(t, powercut.Plan{FailSync: n}, writes, false)
		if o.missing > 0 || o.after > 0 || o.stopped != (len(o.refusals) > 0) {
			t.Fatalf("sync %d fails: %+v", n, o)
		}
		for _, err := range o.refusals {
			var f *fault.Error
			if !errors.As(err, &f) || f.Kind != fault.Internal || f.Message() != "database: the disk did not keep a write; the database is stopped; check the disk, then restart" {
				t.Fatalf("sync %d fails: %v", n, err)
			}
		}
		if o.stopped {
			stopped++
		}
		accepted += o.accepted
		unprotected += disturb(t, powercut.Plan{FailSync: n}, writes, true).after
	}
	t.Logf("figure: a sync that fails at each of %d positions: %d times stopped, %d writes accepted before, none after, none lost; control without the stop: %d accepted after it",
		syncs, stopped, accepted, unprotected)
	if stopped == 0 || unprotected == 0 {
		t.Error("no sync mattered")
	}
}

// A full disk, at any write, refuses changes with advice and goes on once there is space.
func TestAFullDiskRefusesAndGoesOn(t *testing.T) {
	const writes = 24
	w, _ := steps(t, writes)
	refused := 0
	for n := 1; n <= w; n += 2 {
		o := disturb(t, powercut.Plan{FullAt: n, FullFor: 1 + n%7}, writes, false)
		if o.missing > 0 || o.stopped || len(o.refusals)+o.accepted != writes {
			t.Fatalf("full at write %d: %+v", n, o)
		}
		for _, err := range o.refusals {
			if fault.KindOf(err) != fault.Busy || !strings.Contains(err.Error(), "free space") {
				t.Fatalf("full at write %d: %v", n, err)
			}
		}
		if len(o.refusals) > 0 {
			refused++
			if last := o.refusals[len(o.refusals)-1]; o.after == 0 && n < w/2 {
				t.Fatalf("full at write %d: nothing was accepted afterwards: %v", n, last)
			}
		}
	}
	t.Logf("figure: a full disk at %d positions: %d refused a change, all went on, none lost, none damaged", (w+1)/2, refused)
	if refused == 0 {
		t.Error("no write mattered")
	}
}

// A write that ends half-way stops the store, and what is there stays whole.
func TestAShortWriteStopsTheStore(t *testing.T) {
	const writes = 16
	w, _ := steps(t, writes)
	stopped := 0
	for n := 1; n <= w; n += 3 {
		o := disturb(t, powercut.Plan{ShortAt: n}, writes, false)
		if o.missing > 0 || o.after > 0 || o.stopped != (len(o.refusals) > 0) {
			t.Fatalf("short write %d: %+v", n, o)
		}
		if o.stopped {
			stopped++
		}
	}
	t.Logf("figure: a short write at %d positions: %d times stopped, none lost, none damaged", (w+2)/3, stopped)
	if stopped == 0 {
		t.Error("no write mattered")
	}
}

func TestOldSQLiteIsRefused(t *testing.T) {
	for version, fine := range map[string]bool{"3.51.2": false, "3.51.3": true, "3.53.4": true, "4.0.0": true, "3.9.9": false, "new": false} {
		if err := store.RecentEnough(version); (err == nil) != fine {
			t.Errorf("%s: %v", version, err)
		}
	}
}

// beforeHouses fills a disk with a database of the first version.
func beforeHouses(t *testing.T, d *powercut.Disk) {
	t.Helper()
	name, unmount, err := d.Mount()
	if err != nil {
		t.Fatal(err)
	}
	firstVersion(t, "file:state.db?_pragma=journal_mode(WAL)&vfs="+name)
	if err := unmount(); err != nil {
		t.Fatal(err)
	}
}

// firstVersion makes a database as the first program with one left it, with one region in it.
func firstVersion(t *testing.T, dsn string) {
	t.Helper()
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		t.Fatal(err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, os.DirFS("migrations/sqlite"), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`INSERT INTO regions (region) VALUES ('demo')`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// A migration during which the power fails, at any step, leaves the database as it was or as it should be.
func TestAPowerCutInAMigrationLeavesOldOrNew(t *testing.T) {
	old, fresh := 0, 0
	for n := 1; fresh < 3; n++ {
		d := powercut.New()
		beforeHouses(t, d)
		d.Set(powercut.Plan{CutAt: n})
		name, unmount, err := d.Mount()
		if err != nil {
			t.Fatal(err)
		}
		s, err := store.Open(t.Context(), "state.db", store.WithSettings("vfs="+name))
		if err == nil {
			_ = s.Close() // the disk under it may be dead
		}
		after := d.Cut(rand.New(rand.NewPCG(uint64(n), 2)))
		if err := unmount(); err != nil {
			t.Fatal(err)
		}
		switch tables := tablesOn(t, after); {
		case tables == 6: // regions, runs, findings, finding_evidence, run_notices, goose_db_version
			old++
		case tables > 12:
			fresh++
		default:
			t.Fatalf("cut at step %d: %d tables", n, tables)
		}
		again, leave := mounted(t, after, "")
		if err := again.Integrity(t.Context()); err != nil {
			t.Fatal(err)
		}
		leave()
	}
	t.Logf("figure: power cuts at every step of a migration: %d old, %d new, none half", old, fresh)
	if old == 0 {
		t.Error("no cut came before the end")
	}
}

// tablesOn counts the tables of the database on a disk and leaves it as it is.
func tablesOn(t *testing.T, d *powercut.Disk) (n int) {
	t.Helper()
	name, unmount, err := d.Mount()
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:state.db?vfs="+name)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.QueryRow(`SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Close(), unmount()); err != nil {
		t.Fatal(err)
	}
	return n
}
