package backup_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gevor/atlas"
	"gevor/fault"
	"gevor/internal/backup"
	"gevor/internal/erasure"
	"gevor/internal/sample"
	"gevor/internal/store"
)

var day = time.Date(2026, 5, 12, 8, 30, 0, 0, time.UTC)

// house is an installation under test.
type house struct {
	state, dsn string
	store      *store.Store
}

func built(t *testing.T, dsn string, logs ...store.ErasureLog) *house {
	t.Helper()
	h := &house{state: t.TempDir(), dsn: dsn}
	if dsn == "" {
		h.dsn = filepath.Join(h.state, backup.DatabaseName)
	}
	run := filepath.Join(h.state, "runs", strings.Repeat("a", 64))
	if err := os.MkdirAll(run, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"run.json": "{}", "manifest": strings.Repeat("m", 5000)} {
		if err := os.WriteFile(filepath.Join(run, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(h.state, "current"), []byte("a"), 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), h.dsn, store.WithErasureLogs(append(logs, erasure.InFile(filepath.Join(h.state, erasure.FileName)))...))
	if err != nil {
		t.Fatal(err)
	}
	h.store = s
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

func (h *house) source() backup.Source {
	return backup.Source{State: h.state, Database: h.dsn, Program: "test"}
}

func (h *house) record(t *testing.T, hash string) {
	t.Helper()
	if err := h.store.RecordRun(t.Context(), hash, "demo", day, mini()); err != nil {
		t.Fatal(err)
	}
}

// mini is a small result of an analysis.
func mini() *atlas.Result { return sample.Result(1, 40) }

func (h *house) dump(t *testing.T) string {
	t.Helper()
	sum, err := h.store.Dump(t.Context(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func folder(t *testing.T) (backup.Place, string) {
	t.Helper()
	dir := t.TempDir()
	p, err := backup.At(dir, backup.Keys{})
	if err != nil {
		t.Fatal(err)
	}
	return p, dir
}

func restored(t *testing.T, p backup.Place, to backup.Target) backup.Restored {
	t.Helper()
	r, err := backup.Restore(t.Context(), p, to)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestBackupWipeRestore(t *testing.T) {
	h := built(t, "")
	h.record(t, "h1")
	p, _ := folder(t)
	r, err := backup.Once(t.Context(), h.source(), p, day)
	if err != nil {
		t.Fatal(err)
	}
	if r.Dump != h.dump(t) || r.Files != 3 || r.Added != 4 {
		t.Errorf("%+v", r)
	}
	again, err := backup.Once(t.Context(), h.source(), p, day.Add(time.Hour))
	if err != nil || again.Added > 1 { // the database's file may be new, files are not
		t.Errorf("%+v, %v", again, err)
	}
	to := filepath.Join(t.TempDir(), "new")
	if got := restored(t, p, backup.Target{State: to}); got.Dump != r.Dump || got.Files != 3 || got.Replayed != 0 {
		t.Errorf("%+v", got)
	}
	for _, name := range []string{"current", "runs/" + strings.Repeat("a", 64) + "/manifest"} {
		was, err1 := os.ReadFile(filepath.Join(h.state, name))
		is, err2 := os.ReadFile(filepath.Join(to, name))
		if err := errors.Join(err1, err2); err != nil || string(was) != string(is) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := backup.Restore(t.Context(), p, backup.Target{State: to}); fault.KindOf(err) != fault.Conflict {
		t.Errorf("into a folder that is not empty: %v", err)
	}
	if at, err := backup.Newest(t.Context(), p); err != nil || !at.Equal(day.Add(time.Hour)) {
		t.Errorf("newest %v, %v", at, err)
	}
}

func TestAnEmptyPlaceHoldsNothing(t *testing.T) {
	p, _ := folder(t)
	if _, err := backup.Restore(t.Context(), p, backup.Target{State: filepath.Join(t.TempDir(), "x")}); fault.KindOf(err) != fault.NotFound {
		t.Error(err)
	}
	if _, err := backup.Newest(t.Context(), p); fault.KindOf(err) != fault.NotFound {
		t.Error(err)
	}
	for _, bad := range []string{"", "s3://", "s3://bucket/x", "s3://bucket?endpoint=nowhere"} {
		if _, err := backup.At(bad, backup.Keys{}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// Earlier states come back by their time, from whole backups.
func TestEarlierStatesComeBack(t *testing.T) {
	h := built(t, "")
	p, _ := folder(t)
	var sums []string
	for i := range 3 {
		h.record(t, fmt.Sprint("h", i))
		sums = append(sums, h.dump(t))
		if _, err := backup.Once(t.Context(), h.source(), p, day.Add(time.Duration(i)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range sums {
		at := day.Add(time.Duration(i)*time.Hour + time.Minute)
		if got := restored(t, p, backup.Target{State: filepath.Join(t.TempDir(), "x"), At: at}); got.Dump != want {
			t.Errorf("state %d: %+v", i, got)
		}
	}
	if _, err := backup.Restore(t.Context(), p, backup.Target{State: filepath.Join(t.TempDir(), "x"), At: day.Add(-time.Hour)}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("before the first: %v", err)
	}
	// What is older than the time to keep goes, and the rest is whole.
	if err := backup.Prune(t.Context(), p, day.Add(90*time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Restore(t.Context(), p, backup.Target{State: filepath.Join(t.TempDir(), "x"), At: day.Add(time.Minute)}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a pruned state: %v", err)
	}
	if r, err := backup.Verify(t.Context(), p, t.TempDir()); err != nil || r.Dump != sums[2] {
		t.Errorf("%+v, %v", r, err)
	}
}

// A backup that follows while somebody writes gives, at any moment it is asked, all that was acknowledged.
func TestContinuousBackupUnderLoad(t *testing.T) {
	h := built(t, "")
	h.record(t, "first")
	p, _ := folder(t)
	c, err := backup.Start(t.Context(), h.source(), p, backup.Plan{Every: 20 * time.Millisecond, Files: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	wiped := 0
	for round := range 5 {
		for i := range 20 {
			h.record(t, fmt.Sprintf("h%d-%d", round, i))
		}
		acknowledged := h.dump(t)
		stop, stopped := make(chan struct{}), make(chan int)
		go func() { // load while the backup catches up
			n := 0
			for ; ; n++ {
				select {
				case <-stop:
					stopped <- n
					return
				default:
				}
				if err := h.store.RecordRun(context.Background(), fmt.Sprintf("load%d-%d", round, n), "load", day, mini()); err != nil {
					t.Error(err)
				}
			}
		}()
		if err := c.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(t.TempDir(), "x")
		got := restored(t, p, backup.Target{State: to})
		close(stop)
		if <-stopped == 0 {
			t.Log("no load in this round")
		}
		s, err := store.Open(t.Context(), filepath.Join(to, backup.DatabaseName))
		if err != nil {
			t.Fatal(err)
		}
		runs, err := s.Runs(t.Context(), "demo")
		if err := errors.Join(err, s.Close()); err != nil || len(runs) != 1+20*(round+1) {
			t.Fatalf("round %d: %d runs restored, %v", round, len(runs), err)
		}
		if got.Dump != acknowledged {
			wiped++ // the load of this round came along
		}
	}
	if err := c.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := h.dump(t)
	if err := c.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := restored(t, p, backup.Target{State: filepath.Join(t.TempDir(), "y")}); got.Dump != want {
		t.Errorf("after the load: another dump")
	}
	t.Logf("figure: 6 restores from a continuous backup, 5 of them under write load (%d with some of the load): every acknowledged run there, equal dump at rest", wiped)
}
