package shares_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"gevor/fault"
	"gevor/internal/shares"
)

func TestSharesLiveAndDie(t *testing.T) {
	dir := filepath.Join(t.TempDir(), shares.FolderName)
	f := shares.In(dir)
	if kept, err := f.List(); err != nil || len(kept) != 0 {
		t.Errorf("before any: %v, %v", kept, err)
	}
	share := bytes.Repeat([]byte{5}, 32)
	if err := f.Put("h-1", share); err != nil {
		t.Fatal(err)
	}
	if err := f.Put("h-1", bytes.Repeat([]byte{6}, 32)); err != nil { // a repeated click
		t.Fatal(err)
	}
	if got, err := f.Get("h-1"); err != nil || !bytes.Equal(got, share) {
		t.Errorf("%v, %v", got, err)
	}
	if info, err := os.Stat(filepath.Join(dir, "h-1")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if kept, err := f.List(); err != nil || len(kept) != 1 || kept[0].Handover != "h-1" {
		t.Errorf("%v, %v", kept, err)
	}
	for range 2 { // destroying twice changes nothing more
		if err := f.Destroy("h-1"); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Get("h-1"); fault.KindOf(err) != fault.NotFound {
			t.Error(err)
		}
	}
}

func TestNamesLeadNowhereElse(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := shares.In(filepath.Join(dir, shares.FolderName))
	for _, name := range []string{"", "../secret", "..", "/secret", "a/b", "A", "."} {
		if err := f.Put(name, []byte("y")); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", name, err)
		}
		if _, err := f.Get(name); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%q: %v", name, err)
		}
		if err := f.Destroy(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	if raw, err := os.ReadFile(secret); err != nil || string(raw) != "x" {
		t.Errorf("%q, %v", raw, err)
	}
}
