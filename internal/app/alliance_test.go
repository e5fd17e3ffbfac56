package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gevor/authz"
	"gevor/fault"
	"gevor/internal/store"
)

// The file of the Ruhr brings seven principles and three milestones, once; what the office changed stays.
func TestTheAllianceIsSeededOnce(t *testing.T) {
	s, err := readAlliance(filepath.Join("..", "..", "regions", "ruhr", "alliance.toml"))
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "gevor.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	at := time.Date(2026, 5, 12, 9, 0, 0, 0, time.UTC)
	for i, want := range []int{3, 0} {
		charter, milestones, err := s.bring(t.Context(), db, at)
		if err != nil || charter != (i == 0) || milestones != want {
			t.Errorf("time %d: charter %v, %d milestones, %v", i+1, charter, milestones, err)
		}
	}
	c, err := db.Charter(t.Context(), authz.Public())
	if err != nil || c.Version != 1 || len(c.Principles) != 7 || c.Principles[0].Title != "Kein Fischen in fremden Töpfen!" {
		t.Errorf("%+v %v", c, err)
	}
	all, err := db.Milestones(t.Context(), authz.Public())
	if err != nil || len(all) != 3 || !all[0].On.IsZero() || all[2].On.Format(time.DateOnly) != "2023-11-20" {
		t.Errorf("%+v %v", all, err)
	}
}

func TestAFileOfAnAllianceIsReadStrictly(t *testing.T) {
	const good = "version = 1\n[charter]\ntitle = \"Charta\"\nadopted = \"2023-08-14\"\nprinciples = [\"Vor Ort\"]\n[[milestone]]\non = \"2024-01-01\"\ntitle = \"Auftakt\"\n"
	for what, x := range map[string]struct{ text, place string }{
		"no TOML": {"version = ", ":1"}, "a key that is unknown": {good + "wann = \"nie\"\n", "alliance.toml:"}, "another version": {strings.Replace(good, "= 1", "= 2", 1), ":1"},
		"a day that is none": {strings.Replace(good, "2024-01-01", "1.1.24", 1), ":7"}, "no principles": {strings.Replace(good, "[\"Vor Ort\"]", "[]", 1), ""},
		"a milestone without a title": {strings.Replace(good, "title = \"Auftakt\"\n", "", 1), ""}, "a number for a text": {strings.Replace(good, "\"Charta\"", "7", 1), ""},
	} {
		file := filepath.Join(t.TempDir(), "alliance.toml")
		if err := os.WriteFile(file, []byte(x.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readAlliance(file); fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), x.place) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := readAlliance(filepath.Join(t.TempDir(), "none.toml")); fault.KindOf(err) != fault.NotFound {
		t.Errorf("no file: %v", err)
	}
}
