package demo

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"gevor/fault"
)

// region writes a small region once for all tests that only look at it.
func region(t *testing.T, o Options) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "region")
	if err := Write(context.Background(), dir, o); err != nil {
		t.Fatal(err)
	}
	return dir
}

// sums gives the checksum of every file of a folder.
func sums(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		h := sha256.Sum256(b)
		rel, err := filepath.Rel(dir, path)
		out[filepath.ToSlash(rel)] = hex.EncodeToString(h[:])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSameSeedSameBytes(t *testing.T) {
	o := Options{Seed: 7, People: 20_000}
	first := sums(t, region(t, o))
	old := runtime.GOMAXPROCS(1)
	second := sums(t, region(t, o))
	runtime.GOMAXPROCS(old)
	o.Seed = 8
	other := sums(t, region(t, o))
	if want := len((&world{}).files()); len(first) != want || len(second) != want {
		t.Fatalf("%d and %d files instead of %d", len(first), len(second), want)
	}
	for name, sum := range first {
		if second[name] != sum {
			t.Errorf("%s differs between two runs of one seed", name)
		}
		// The mapping of tags does not depend on the world.
		if other[name] == sum && name != "offers/osm-categories.csv" {
			t.Errorf("%s is the same for another seed", name)
		}
	}
}

func TestEverythingSaysItIsSynthetic(t *testing.T) {
	dir := region(t, Options{Seed: 3, People: 20_000})
	for name, word := range map[string]string{
		"README.txt": "SYNTHETISCH", "region.toml": "synthetic = true", "offers/offers.json": "synthetisch",
		"offers/gesundheit.csv": "synthetisch", "offers/sozialberatung.csv": "synthetisch",
		"boundaries/municipalities.geojson": "synthetisch", "boundaries/districts.geojson": "synthetisch",
	} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(b), word) {
			t.Errorf("%s does not say %q", name, word)
		}
	}
}

func TestBadOptionsAreRefused(t *testing.T) {
	parent := t.TempDir()
	for name, c := range map[string]struct {
		dir    string
		people int
		kind   fault.Kind
	}{
		"too few people":  {filepath.Join(parent, "few"), MinPeople - 1, fault.Invalid},
		"too many people": {filepath.Join(parent, "many"), MaxPeople + 1, fault.Invalid},
		"folder exists":   {parent, 20_000, fault.Conflict},
	} {
		if err := Write(context.Background(), c.dir, Options{Seed: 1, People: c.people}); err == nil || fault.KindOf(err) != c.kind {
			t.Errorf("%s: %v", name, err)
		}
	}
	left, err := os.ReadDir(parent)
	if err != nil || len(left) != 0 {
		t.Errorf("refused runs left %v behind (%v)", left, err)
	}
}

// Cancelled at any stage, Write leaves nothing; the twin that is not cancelled leaves the region.
func TestCancelledLeavesNothing(t *testing.T) {
	for _, stop := range []string{"draw", "write", "never"} {
		parent := t.TempDir()
		ctx, cancel := context.WithCancel(context.Background())
		err := Write(ctx, filepath.Join(parent, "region"), Options{Seed: 1, People: 20_000, Progress: func(stage string, done, _ int64) {
			if stage == stop && done == 1 {
				cancel()
			}
		}})
		cancel()
		left, errDir := os.ReadDir(parent)
		if errDir != nil {
			t.Fatal(errDir)
		}
		if stop == "never" {
			if err != nil || len(left) != 1 {
				t.Errorf("an undisturbed run gives %v and leaves %v", err, left)
			}
			continue
		}
		if !errors.Is(err, context.Canceled) || len(left) != 0 {
			t.Errorf("cancelled while it %ss, Write gives %v and leaves %v", stop, err, left)
		}
	}
}

const childFolder = "GEVOR_DEMO_TEST_CHILD"

// TestKilledLeavesNoRegion starts this test binary again, lets it write and kills it with SIGKILL after each
// reported file in turn: the region's folder must not be there.
func TestKilledLeavesNoRegion(t *testing.T) {
	if dir := os.Getenv(childFolder); dir != "" {
		err := Write(context.Background(), dir, Options{Seed: 1, People: MinPeople, Progress: func(stage string, _, _ int64) {
			_, _ = os.Stdout.WriteString("at " + stage + "\n") // the parent may be gone already
		}})
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, killAfter := range []int{0, 1, 8, 15, 1 << 30} {
		parent := t.TempDir()
		dir := filepath.Join(parent, "region")
		child := exec.Command(os.Args[0], "-test.run=^TestKilledLeavesNoRegion$")
		child.Env = append(os.Environ(), childFolder+"="+dir)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); {
			if lines.Text() != "at write" {
				continue
			}
			if n == killAfter {
				if err := child.Process.Kill(); err != nil {
					t.Fatal(err)
				}
				break
			}
			n++
		}
		err = child.Wait()
		_, there := os.Stat(filepath.Join(dir, "region.toml"))
		if survived := killAfter == 1<<30; survived != (there == nil) || survived != (err == nil) {
			t.Errorf("killed after %d files: the child ends with %v, its region.toml with %v", killAfter, err, there)
		}
		if _, err := os.Stat(dir); killAfter < 1<<30 && !os.IsNotExist(err) {
			t.Errorf("killed after %d files, the folder is there", killAfter)
		}
	}
}
