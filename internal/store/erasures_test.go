package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"gevor/fault"
	"gevor/internal/erasure"
	"gevor/internal/store"
)

func gone(ref string) erasure.Record { return erasure.Record{At: day, Kind: "invitation", Ref: ref} }

func refs(records []erasure.Record) (out []string) {
	for _, r := range records {
		out = append(out, r.Ref)
	}
	return out
}

// An erasure is in every journal before it is acknowledged; what a journal missed comes with the next open.
func journalsKeepUp(t *testing.T, open func(*testing.T) string) {
	dsn, dir := open(t), t.TempDir()
	one, two := erasure.InFile(filepath.Join(dir, "one.log")), erasure.InFile(filepath.Join(dir, "two.log"))
	s, err := store.Open(t.Context(), dsn, store.WithErasureLogs(one, two))
	if err != nil {
		t.Fatal(err)
	}
	for _, ref := range []string{"a", "b"} {
		if err := s.Erase(t.Context(), gone(ref)); err != nil {
			t.Fatal(err)
		}
		for _, log := range []*erasure.File{one, two} {
			if records, err := log.Records(t.Context()); err != nil || records[len(records)-1].Ref != ref {
				t.Fatalf("%s acknowledged, but %s holds %v, %v", ref, log.Place(), refs(records), err)
			}
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(two.Place()); err != nil {
		t.Fatal(err)
	}
	again, err := store.Open(t.Context(), dsn, store.WithErasureLogs(one, two))
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if records, err := two.Records(t.Context()); err != nil || !slices.Equal(refs(records), []string{"a", "b"}) {
		t.Errorf("after opening: %v, %v", refs(records), err)
	}
	// A database that never knew is told what the journal knows.
	fresh, err := store.Open(t.Context(), open(t), store.WithErasureLogs(one))
	if err != nil {
		t.Fatal(err)
	}
	defer fresh.Close()
	if err := fresh.Erase(t.Context(), gone("c")); err != nil {
		t.Fatal(err)
	}
	if records, err := fresh.Erasures(t.Context()); err != nil || !slices.Equal(refs(records), []string{"a", "b", "c"}) || records[2].Sequence != 3 {
		t.Errorf("%+v, %v", records, err)
	}
	// The other one has another third erasure now: the journal is no longer its own.
	if err := again.Erase(t.Context(), gone("d")); err != nil && fault.KindOf(err) != fault.Busy {
		t.Fatal(err)
	}
	records, err := one.Records(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := again.ReplayErasures(t.Context(), records); fault.KindOf(err) != fault.Corrupt {
		t.Errorf("a journal of another database: %v", err)
	}
}

// deaf is a journal that takes nothing.
type deaf struct{ *erasure.File }

func (deaf) Append(context.Context, ...erasure.Record) error { return errors.New("no space") }

// An erasure that a journal does not take is not acknowledged, and the journal catches up later.
func TestAnErasureWithoutAJournalIsNotAcknowledged(t *testing.T) {
	dir := t.TempDir()
	path, log := filepath.Join(dir, "x.db"), erasure.InFile(filepath.Join(dir, "erasures.log"))
	s, err := store.Open(t.Context(), path, store.WithErasureLogs(deaf{log}))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Erase(t.Context(), gone("a")); fault.KindOf(err) != fault.Busy {
		t.Errorf("%v", err)
	}
	if err := put(t.Context(), s, "other"); err != nil { // what erases nothing goes on
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := store.Open(t.Context(), path, store.WithErasureLogs(log))
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if records, err := log.Records(t.Context()); err != nil || !slices.Equal(refs(records), []string{"a"}) {
		t.Errorf("%v, %v", refs(records), err)
	}
}
