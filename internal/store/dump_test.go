package store_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gevor/fault"
	"gevor/internal/erasure"
	"gevor/internal/sample"
	"gevor/internal/store"
)

func dumped(t *testing.T, s *store.Store) (text, sum string) {
	t.Helper()
	var out bytes.Buffer
	sum, err := s.Dump(t.Context(), &out)
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), sum
}

// filled puts something of every kind of value into a store.
func filled(t *testing.T, s *store.Store) {
	t.Helper()
	record(t, s, "h1", "demo", day, sample.Result(1, 400))
	record(t, s, "h2", "demo", day, sample.Result(2, 400))
	if err := s.Publish(t.Context(), "h1", day); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"b", "A", "a", "Ä", "ä-z", "\"quoted\"\n"} {
		if err := put(t.Context(), s, name); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Erase(t.Context(), erasure.Record{At: day, Kind: "invitation", Ref: "i-1"}); err != nil {
		t.Fatal(err)
	}
}

// One state gives the same dump whatever the engine, and a dump read into either gives itself again.
func dumpsAlike(t *testing.T, open func(*testing.T) string) {
	from := opened(t, open(t))
	filled(t, from)
	twin := opened(t, filepath.Join(t.TempDir(), "twin.db"))
	filled(t, twin)
	text, sum := dumped(t, from)
	if other, _ := dumped(t, twin); other != text {
		t.Fatalf("the same state gives another dump in SQLite:\n%.2000s\n%.2000s", text, other)
	}
	for _, dsn := range []string{open(t), filepath.Join(t.TempDir(), "copy.db")} {
		if err := store.Load(t.Context(), dsn, strings.NewReader(text), ""); err != nil {
			t.Fatal(err)
		}
		s := opened(t, dsn)
		if _, again := dumped(t, s); again != sum {
			t.Error("a dump that was read in gives another one")
		}
		if err := s.Erase(t.Context(), erasure.Record{At: day, Kind: "invitation", Ref: "i-2"}); err != nil {
			t.Errorf("numbering does not go on: %v", err)
		}
		if err := store.Load(t.Context(), dsn, strings.NewReader(text), ""); fault.KindOf(err) != fault.Conflict {
			t.Errorf("into a database that is not empty: %v", err)
		}
	}
}

// A state moves to the other engine and back, and is the same at every stop; whoever wrote meanwhile is told.
func movesThereAndBack(t *testing.T, open func(*testing.T) string) {
	from := filepath.Join(t.TempDir(), "from.db")
	filled(t, opened(t, from))
	there, back := open(t), filepath.Join(t.TempDir(), "back.db")
	first, err := store.Move(t.Context(), from, there)
	if err != nil {
		t.Fatal(err)
	}
	second, err := store.Move(t.Context(), there, back)
	if err != nil || second != first {
		t.Fatalf("moved back: dump %s, was %s, %v", second, first, err)
	}
	if _, err := store.Move(t.Context(), from, there); fault.KindOf(err) != fault.Conflict {
		t.Errorf("into a database that is not empty: %v", err)
	}
	s := opened(t, back)
	if err := put(t.Context(), s, "later"); err != nil {
		t.Fatal(err)
	}
	if err := store.Alike(t.Context(), back, there, first); fault.KindOf(err) != fault.Conflict || !strings.Contains(err.Error(), "written to while") {
		t.Errorf("control: a write meanwhile is not noticed: %v", err)
	}
	if err := store.Alike(t.Context(), from, back, first); fault.KindOf(err) != fault.Conflict || !strings.Contains(err.Error(), "something else") {
		t.Errorf("control: another content is not noticed: %v", err)
	}
	if err := store.Alike(t.Context(), from, there, first); err != nil {
		t.Errorf("two equal ones: %v", err)
	}
	gone := filepath.Join(t.TempDir(), "never.db")
	if _, err := store.Move(t.Context(), filepath.Join(t.TempDir(), "none.db"), gone); fault.KindOf(err) != fault.NotFound {
		t.Errorf("from a database that is not there: %v", err)
	}
	if _, err := os.Stat(gone); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a move that failed leaves a file: %v", err)
	}
}

// A dump of an older version is read into its own tables and brought up to date.
func TestDumpsOfOlderVersionsAreReadIn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "old.db")
	firstVersion(t, "file:"+path)
	var out bytes.Buffer
	if _, err := store.DumpOf(t.Context(), path, &out); err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "new.db")
	if err := store.Load(t.Context(), to, &out, ""); err != nil {
		t.Fatal(err)
	}
	if text, _ := dumped(t, opened(t, to)); !strings.Contains(text, `["demo"]`) || !strings.Contains(text, `"installation"`) {
		t.Errorf("%.500s", text)
	}
}

// Every flipped byte of a dump is found, and nothing of it is kept; so is every end that is missing.
func TestDamagedDumpsAreFound(t *testing.T) {
	s := opened(t, filepath.Join(t.TempDir(), "x.db"))
	if err := put(t.Context(), s, "a"); err != nil {
		t.Fatal(err)
	}
	text, sum := dumped(t, s)
	to := filepath.Join(t.TempDir(), "to.db")
	silent := 0
	for i := 0; i < len(text); i += 101 {
		for _, damaged := range []string{text[:i] + string(text[i]^1) + text[i+1:], text[:i]} {
			if err := store.Load(t.Context(), to, strings.NewReader(damaged), ""); err == nil {
				silent++
			}
		}
	}
	if silent > 0 {
		t.Errorf("%d damaged dumps were taken", silent)
	}
	if err := store.Load(t.Context(), to, strings.NewReader(text), ""); err != nil {
		t.Fatalf("the sound one: %v", err)
	}
	if _, again := dumped(t, opened(t, to)); again != sum {
		t.Error("damaged dumps left something behind")
	}
}
