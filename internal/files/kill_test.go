//go:build unix

package files

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// These tests run this test binary again as a child that builds, and kill it. Killing a process does not lose what
// the system has in its buffers, so they prove the order of steps and not the syncs; see DESIGN.md.
const (
	childEnv = "GEVOR_TEST_CHILD" // atomic, naive or endless
	dirEnv   = "GEVOR_TEST_DIR"
	stepEnv  = "GEVOR_TEST_STEP" // the step after which the child kills itself
)

func TestMain(m *testing.M) {
	if mode := os.Getenv(childEnv); mode != "" {
		if err := child(mode); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func child(mode string) error {
	dir := os.Getenv(dirEnv)
	die, _ := strconv.Atoi(os.Getenv(stepEnv))
	steps := 0
	tick := func(string) {
		if steps++; steps == die {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // the signal comes any moment
		}
		if mode == "endless" {
			fmt.Print("x")
		}
	}
	s, err := OpenState(dir)
	if err != nil {
		return err
	}
	if mode == "naive" {
		return naive(s, tick)
	}
	s.after = tick
	for version := 2; ; version++ {
		if err := build(s, version, tick); err != nil || mode != "endless" {
			return err
		}
	}
}

// build writes a run of three files that all hold the version, piece by piece, and makes it current.
func build(s *State, version int, tick func(string)) error {
	hash, err := s.Write(Runs, func(f *Folder) error { return fillVersion(f.Create, version, tick) }, func(m string) string { return m })
	if err != nil {
		return err
	}
	return s.SetCurrent(hash)
}

func fillVersion(create func(string) (io.WriteCloser, error), version int, tick func(string)) error {
	for _, name := range []string{"a.json", "layers/b.csv", "c.bin"} {
		w, err := create(name)
		if err != nil {
			return err
		}
		for range 3 {
			if _, err := w.Write([]byte(strings.Repeat(strconv.Itoa(version)+"\n", 20_000))); err != nil {
				return err
			}
			tick("piece")
		}
		if err := w.Close(); err != nil {
			return err
		}
	}
	return nil
}

// naive is the control: it writes the same files straight to their place and the pointer first, as a program does
// that does not think of being killed.
func naive(s *State, tick func(string)) error {
	folder := &Folder{dir: filepath.Join(s.dir, "scratch"), state: &State{}, sums: map[string]sum{}}
	if err := fillVersion(folder.Create, 2, func(string) {}); err != nil {
		return err
	}
	manifest := writeManifest(folder.sums)
	hash := hashOf(manifest)
	if err := os.WriteFile(filepath.Join(s.dir, current), []byte(hash), 0o644); err != nil {
		return err
	}
	tick("pointer")
	final := &Folder{dir: s.Path(Runs, hash), state: &State{}, sums: map[string]sum{}}
	if err := fillVersion(final.Create, 2, tick); err != nil {
		return err
	}
	tick("files")
	return os.WriteFile(filepath.Join(final.dir, manifestName), manifest, 0o644)
}

// old makes a state whose current run is version 1.
func old(t *testing.T) (dir, hash string) {
	t.Helper()
	dir = t.TempDir()
	s, err := OpenState(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := build(s, 1, func(string) {}); err != nil {
		t.Fatal(err)
	}
	hash, err = s.Current()
	if err != nil {
		t.Fatal(err)
	}
	return dir, hash
}

func start(t *testing.T, mode, dir string, step int) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), childEnv+"="+mode, dirEnv+"="+dir, stepEnv+"="+strconv.Itoa(step))
	cmd.Stderr = os.Stderr
	return cmd
}

// whole says what is wrong with a state after a kill: the current run and every run there is must be sound, all
// three files of the current one of the same version, and nothing left over.
func whole(dir string) error {
	s, err := OpenState(dir)
	if err != nil {
		return err
	}
	hash, err := s.Current()
	if err != nil {
		return err
	}
	if err := s.Verify(Runs, hash); err != nil {
		return err
	}
	all, err := s.List(Runs)
	if err != nil {
		return err
	}
	for _, h := range all {
		if err := s.Verify(Runs, h); err != nil {
			return err
		}
	}
	first := ""
	for _, name := range []string{"a.json", "layers/b.csv", "c.bin"} {
		raw, err := os.ReadFile(filepath.Join(s.Path(Runs, hash), name))
		if err != nil {
			return err
		}
		version, _, _ := strings.Cut(string(raw), "\n")
		if first == "" {
			first = version
		}
		if version != first || string(raw) != strings.Repeat(version+"\n", 60_000) {
			return fmt.Errorf("%s is of version %s, the first file of %s", name, version, first)
		}
	}
	for _, pattern := range []string{".*", "*/.*"} {
		left, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return err
		}
		if len(left) > 0 {
			return fmt.Errorf("left over: %v", left)
		}
	}
	return nil
}

func TestAKillAfterAnyStepLeavesTheOldRunOrTheNew(t *testing.T) {
	var versions [2]int
	killed := 0
	for step := 1; ; step++ {
		dir, before := old(t)
		err := start(t, "atomic", dir, step).Run()
		if err := whole(dir); err != nil {
			t.Fatalf("killed after step %d: %v", step, err)
		}
		s, err2 := OpenState(dir)
		if err2 != nil {
			t.Fatal(err2)
		}
		if now, _ := s.Current(); now == before {
			versions[0]++
		} else {
			versions[1]++
		}
		if err == nil {
			break // the child came to its end: every step has been tried
		}
		killed++
	}
	if killed < 20 || versions[0] < 15 || versions[1] < 2 {
		t.Fatalf("%d kills left %v old and new runs: the steps were not tried", killed, versions)
	}
}

// The control: without a temporary folder and a rename, the same check finds half states.
func TestControlNaiveWritingLeavesHalfStates(t *testing.T) {
	half := 0
	for step := 1; ; step++ {
		dir, _ := old(t)
		err := start(t, "naive", dir, step).Run()
		if os.RemoveAll(filepath.Join(dir, "scratch")) != nil {
			t.Fatal("scratch")
		}
		if whole(dir) != nil {
			half++
		}
		if err == nil {
			break
		}
	}
	if half < 5 {
		t.Fatalf("only %d half states: the check sees nothing", half)
	}
}

func TestKillsAtRandomMomentsLeaveAWholeRun(t *testing.T) {
	rng := rand.New(rand.NewPCG(rand.Uint64(), 1))
	dir, _ := old(t)
	for i := range 25 {
		cmd := start(t, "endless", dir, 0)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		steps := 1 + rng.IntN(80)
		_, err = io.CopyN(io.Discard, bufio.NewReaderSize(out, 16), int64(steps))
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, out)
		if err := cmd.Wait(); err == nil {
			t.Fatal("the child ended by itself")
		}
		if err := whole(dir); err != nil {
			t.Fatalf("kill %d, about step %d: %v", i, steps, err)
		}
	}
}

// A build that runs is not swept away by a start beside it; one whose process is gone is.
func TestOnlyAbandonedBuildsAreCleaned(t *testing.T) {
	dir, _ := old(t)
	s, err := OpenState(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Write(Runs, func(f *Folder) error {
		if _, err := OpenState(dir); err != nil {
			return err
		}
		if _, err := os.Stat(f.dir); err != nil {
			return errors.New("a start removed a build that runs")
		}
		return fillVersion(f.Create, 3, func(string) {})
	}, func(m string) string { return m })
	if err != nil {
		t.Fatal(err)
	}
	abandoned := filepath.Join(dir, "runs", building+"0123")
	if err := os.MkdirAll(filepath.Join(abandoned, "layers"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(abandoned+lockEnd, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := whole(dir); err != nil {
		t.Fatal(err)
	}
}
