// Package cli runs the built program as its users do and holds it to what they are promised: clear refusals, a last
// good run that nothing can spoil, the same bytes from the same inputs, and figures that agree with other programs.
package cli

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"gevor/internal/files"
)

// inside tells a copy of the tests that it runs where there is no network.
const inside = "GEVOR_TEST_WITHOUT_NETWORK"

// TestMain builds the program and puts it first in the search path.
func TestMain(m *testing.M) {
	if os.Getenv(inside) != "" { // the copy finds the program where the first one put it
		os.Exit(m.Run())
	}
	code, err := withProgram(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 2
	}
	os.Exit(code)
}

func withProgram(run func() int) (code int, err error) {
	dir, err := os.MkdirTemp("", "gevor-cli-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	build := exec.Command("go", "build", "-ldflags", "-s -w", "-o", filepath.Join(dir, "gevor"), "gevor/cmd/gevor")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return 0, fmt.Errorf("build the program: %w", err)
	}
	if err := os.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH")); err != nil {
		return 0, err
	}
	return run(), nil
}

// outcome is what a user sees of one call.
type outcome struct {
	code     int
	out, err string
}

// command is a call that has not started.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	return exec.CommandContext(t.Context(), "gevor", args...)
}

// gevor runs the program to its end.
func gevor(t *testing.T, args ...string) outcome {
	t.Helper()
	return finish(t, command(t, args...))
}

// finish runs a call to its end.
func finish(t *testing.T, cmd *exec.Cmd) outcome {
	t.Helper()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%v: %v", cmd.Args, err)
	}
	return outcome{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

// must runs a call that has to succeed and gives its standard output.
func must(t *testing.T, args ...string) string {
	t.Helper()
	o := gevor(t, args...)
	if o.code != 0 {
		t.Fatalf("gevor %s: exit %d\n%s", strings.Join(args, " "), o.code, o.err)
	}
	return o.out
}

// last is the line that says why a call failed.
func (o outcome) last() string {
	lines := strings.Split(strings.TrimSpace(o.err), "\n")
	return lines[len(lines)-1]
}

// demo makes an invented region of 20,000 people.
func demo(t *testing.T, seed uint64) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "musterrevier")
	must(t, "demo", "--seed", strconv.FormatUint(seed, 10), "--people", "20000", "--out", dir)
	return dir
}

// copied gives a copy of a folder under the same name, so that runs of both have the same region.
func copied(t *testing.T, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), filepath.Base(dir))
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

// drawn is a number that nobody has seen before.
func drawn(t *testing.T) uint64 {
	t.Helper()
	var b [4]byte
	if _, err := rand.Read(b[:]); err != nil {
		t.Fatal(err)
	}
	return uint64(binary.LittleEndian.Uint32(b[:]))
}

func read(t *testing.T, path ...string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func write(t *testing.T, content string, path ...string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(path...), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// replace changes the first place where old stands in a file; it must stand there.
func replace(t *testing.T, file, old, by string) {
	t.Helper()
	text := read(t, file)
	if !strings.Contains(text, old) {
		t.Fatalf("%s does not hold %q", file, old)
	}
	write(t, strings.Replace(text, old, by, 1), file)
}

// current is the hash of the run that is served.
func current(t *testing.T, state string) string {
	t.Helper()
	return strings.TrimSpace(read(t, state, "current"))
}

// runFolder is the folder of the run that is served.
func runFolder(t *testing.T, state string) string {
	t.Helper()
	return filepath.Join(state, "runs", current(t, state))
}

// tree is the content of every file below a folder by its path. Locks hold nothing and come and go.
func tree(t *testing.T, dir string, without ...string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".lock") {
			return err
		}
		name, err := filepath.Rel(dir, path)
		for _, w := range without {
			if name == w {
				return nil
			}
		}
		out[name] = read(t, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// differ names the files in which two trees differ.
func differ(a, b map[string]string) (names []string) {
	for name, content := range a {
		if other, there := b[name]; !there || other != content {
			names = append(names, name)
		}
	}
	for name := range b {
		if _, there := a[name]; !there {
			names = append(names, name)
		}
	}
	return names
}

// sound opens a state as the next start of the program does, and checks every byte of everything in it. It gives the
// hash of the current run.
func sound(t *testing.T, dir string) string {
	t.Helper()
	state, err := files.OpenState(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []files.Kind{files.Snapshots, files.Runs} {
		all, err := state.List(kind)
		if err != nil {
			t.Fatal(err)
		}
		for _, hash := range all {
			if err := state.Verify(kind, hash); err != nil {
				t.Errorf("%s %s: %v", kind, hash, err)
			}
		}
	}
	hash, err := state.Current()
	if err != nil {
		t.Fatal(err)
	}
	run, err := state.OpenRun(hash)
	if err != nil {
		t.Fatalf("the current run cannot be opened: %v", err)
	}
	if len(run.Result.Summaries) == 0 {
		t.Error("the current run holds no standard")
	}
	return hash
}
