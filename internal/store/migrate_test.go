package store_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"gevor/fault"
	"gevor/internal/store"
)

func bytesOf(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// A rehearsal says what would happen and leaves every byte as it was.
func TestARehearsalTouchesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "old.db")
	firstVersion(t, "file:"+path+"?_pragma=journal_mode(WAL)")
	before := bytesOf(t, path)
	temp := t.TempDir()
	r, err := store.Rehearse(t.Context(), path, temp)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Pending) < 2 || r.Pending[0] != "00002_houses_and_history.sql" {
		t.Errorf("pending %v", r.Pending)
	}
	for table, want := range map[string]store.Count{"regions": {Table: "regions", Before: 1, After: 1}, "people": {Table: "people", Before: -1}} {
		if !slices.Contains(r.Tables, want) {
			t.Errorf("%s: %+v", table, r.Tables)
		}
	}
	if left, err := os.ReadDir(temp); bytesOf(t, path) != before || err != nil || len(left) > 0 {
		t.Errorf("something has changed: %v, %v", left, err)
	}
	s := opened(t, path) // the control: the real thing changes it
	again, err := store.Rehearse(t.Context(), path, temp)
	if err != nil || len(again.Pending) > 0 || s.Integrity(t.Context()) != nil {
		t.Errorf("%+v, %v", again, err)
	}
	if _, err := store.Rehearse(t.Context(), filepath.Join(temp, "none.db"), temp); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a database that is not there: %v", err)
	}
}

// The same for both engines: an empty database is rehearsed and stays empty; what is up to date stays as it is.
func rehearsals(t *testing.T, open func(*testing.T) string) {
	dsn := open(t)
	if store.IsPostgres(dsn) {
		r, err := store.Rehearse(t.Context(), dsn, t.TempDir())
		if err != nil || len(r.Pending) < 2 || len(r.Tables) < 10 {
			t.Fatalf("%+v, %v", r, err)
		}
		if _, err := store.DumpOf(t.Context(), dsn, nowhere{}); fault.KindOf(err) != fault.NotFound {
			t.Errorf("a rehearsal has left tables: %v", err)
		}
	}
	s := opened(t, dsn)
	filled(t, s)
	_, before := dumped(t, s)
	r, err := store.Rehearse(t.Context(), dsn, t.TempDir())
	if err != nil || len(r.Pending) > 0 {
		t.Errorf("%+v, %v", r, err)
	}
	if _, after := dumped(t, s); after != before {
		t.Error("a rehearsal has changed something")
	}
}

type nowhere struct{}

func (nowhere) Write(p []byte) (int, error) { return len(p), nil }

// A database that a newer program has migrated is refused and left alone.
func newerTables(t *testing.T, open func(*testing.T) string) {
	dsn := open(t)
	s := opened(t, dsn)
	if err := s.Within(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, $1)`, true)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if again, err := store.Open(t.Context(), dsn); fault.KindOf(err) != fault.Invalid {
		t.Errorf("%v", errors.Join(err, again.Close()))
	}
}

// Two of the same collide without saying with what, in both engines.
func collisions(t *testing.T, open func(*testing.T) string) {
	s := opened(t, open(t))
	if err := put(t.Context(), s, "theirs"); err != nil {
		t.Fatal(err)
	}
	err := put(t.Context(), s, "theirs")
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Conflict || f.Message() != "database: contradicts what is there; look at the present state and repeat the change" {
		t.Errorf("%v", err)
	}
	select {
	case <-s.Stopped():
		t.Error("a collision has stopped the store")
	default:
	}
}
