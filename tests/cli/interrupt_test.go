//go:build unix

package cli

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// killsEnv asks for more kills than the normal test has, e.g. GEVOR_KILLS=500.
const killsEnv = "GEVOR_KILLS"

func kills(t *testing.T) int {
	t.Helper()
	if s := os.Getenv(killsEnv); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			t.Fatalf("%s=%q is no number of kills", killsEnv, s)
		}
		return n
	}
	return 30
}

// pair is two regions under one name with the hashes that their runs have, and a state in which the first is served.
type pair struct {
	one, two           string // folders
	runOne, runTwo     string // hashes
	state              string
	needs              time.Duration // an undisturbed analysis of the second
	lines              int           // of its progress
	bytesOne, bytesTwo int64         // on disk: of the state, and of what the second analysis adds
}

func twoRegions(t *testing.T) pair {
	t.Helper()
	p := pair{one: demo(t, drawn(t)), two: demo(t, drawn(t)), state: t.TempDir()}
	must(t, "analyse", "--region", p.one, "--state", p.state, "--previous", "none")
	p.runOne, p.bytesOne = current(t, p.state), size(t, p.state)
	other := copied(t, p.state)
	began := time.Now()
	o := gevor(t, "analyse", "--region", p.two, "--state", other, "--previous", "none")
	p.needs, p.lines = time.Since(began), strings.Count(o.err, ": done in ")
	p.runTwo, p.bytesTwo = current(t, other), size(t, other)-p.bytesOne
	if o.code != 0 || p.runOne == p.runTwo || p.lines < 5 {
		t.Fatalf("exit %d, run %s after %s\n%s", o.code, p.runTwo, p.runOne, o.err)
	}
	return p
}

func (p pair) analyseTwo(t *testing.T, state string) *exec.Cmd {
	return command(t, "analyse", "--region", p.two, "--state", state, "--previous", "none")
}

func size(t *testing.T, dir string) (n int64) {
	t.Helper()
	for _, content := range tree(t, dir) {
		n += int64(len(content))
	}
	return n
}

// half counts folders that a build was writing.
func half(t *testing.T, state string) int {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(state, "*", ".building-*[0-9a-f]"))
	if err != nil {
		t.Fatal(err)
	}
	return len(found)
}

// moment is when a process is disturbed: some time after it has printed some lines. Lines spread the moments over all
// stages however busy the machine is; what comes after the last line is the writing. With mute, nobody reads what the
// process prints when it is done, so that it waits there with everything in place.
type moment struct {
	lines int
	after time.Duration
	mute  bool
}

// full is the end of a pipe that takes nothing any more.
func full(t *testing.T) *os.File {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = errors.Join(r.Close(), w.Close()) }) // nothing is written that could be lost
	if err := w.SetWriteDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = w.Write(make([]byte, 4096))
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal(err)
	}
	return w
}

// disturb runs a call and sends it a signal at a moment. It says whether the call was still running then.
func disturb(t *testing.T, cmd *exec.Cmd, at moment, signal syscall.Signal) (o outcome, hit bool) {
	t.Helper()
	errs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if at.mute {
		cmd.Stdout = full(t)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	guard := time.AfterFunc(2*time.Minute, func() { _ = cmd.Process.Kill() }) // a test that waits for ever says nothing
	defer guard.Stop()
	lines := bufio.NewReader(errs)
	var told strings.Builder
	for range at.lines {
		line, err := lines.ReadString('\n')
		told.WriteString(line)
		if err != nil {
			break
		}
	}
	timer := time.AfterFunc(at.after, func() { _ = cmd.Process.Signal(signal) }) // it may have ended by itself
	if _, err := io.Copy(&told, lines); err != nil {
		t.Fatal(err)
	}
	err = cmd.Wait()
	timer.Stop()
	o = outcome{code: cmd.ProcessState.ExitCode(), err: told.String()}
	status, _ := cmd.ProcessState.Sys().(syscall.WaitStatus)
	return o, err != nil && (status.Signaled() || o.code == 1)
}

// A process that is killed at any moment leaves the old run or the new one, whole; the next one goes on from there.
func TestKillsLeaveTheOldRunOrTheNew(t *testing.T) {
	p := twoRegions(t)
	seed := drawn(t)
	rng := rand.New(rand.NewPCG(seed, 1))
	killed, writing, old, fresh, tries := 0, 0, 0, 0, 0
	want := kills(t)
	var state string
	for ; killed < want; tries++ {
		if tries > 4*want {
			t.Fatalf("only %d of %d processes were killed before they ended", killed, tries)
		}
		state = copied(t, p.state)
		at := moment{after: time.Duration(rng.Int64N(int64(p.needs)))}
		switch {
		case tries%10 == 5:
			at = moment{lines: p.lines, after: 2 * p.needs, mute: true}
		case rng.IntN(2) == 0:
			at = moment{lines: rng.IntN(p.lines + 1), after: time.Duration(rng.Int64N(int64(p.needs) / 4))}
		}
		if _, hit := disturb(t, p.analyseTwo(t, state), at, syscall.SIGKILL); !hit {
			continue
		}
		killed++
		if half(t, state) > 0 {
			writing++
		}
		switch hash := sound(t, state); hash {
		case p.runOne:
			old++
		case p.runTwo:
			fresh++
		default:
			t.Fatalf("seed %d, kill %d at %+v: current is %s, which is neither run", seed, killed, at, hash)
		}
		if n := half(t, state); n > 0 || t.Failed() {
			t.Fatalf("seed %d, kill %d at %+v: %d half folders are left after the next start", seed, killed, at, n)
		}
		if same := differ(tree(t, filepath.Join(state, "runs", p.runOne)), tree(t, filepath.Join(p.state, "runs", p.runOne))); same != nil {
			t.Fatalf("seed %d, kill %d at %+v: files of the old run have changed: %v", seed, killed, at, same)
		}
	}
	t.Logf("figure: seed %d: %d kills in %d analyses left %d old and %d new runs, all whole; %d hit while files were written",
		seed, killed, tries, old, fresh, writing)
	if writing == 0 || old == 0 || fresh == 0 {
		t.Error("no kill hit a process before, while or after it wrote: the test shows too little")
	}
	if o := finish(t, p.analyseTwo(t, state)); o.code != 0 || sound(t, state) != p.runTwo {
		t.Errorf("after the last kill an analysis gives exit %d: %s", o.code, o.err)
	}
}

// A killed "gevor demo" leaves no region, or a whole one: "make run" takes what lies there for finished.
func TestAKilledDemoLeavesNoHalfRegion(t *testing.T) {
	seed := drawn(t)
	rng := rand.New(rand.NewPCG(seed, 3))
	write := func(out string) *exec.Cmd {
		return command(t, "demo", "--seed", "7", "--people", "20000", "--out", out)
	}
	began := time.Now()
	whole := tree(t, demo(t, 7))
	needs := time.Since(began)
	killed, absent := 0, 0
	for i := 0; killed < 8 && i < 40; i++ {
		out := filepath.Join(t.TempDir(), "musterrevier")
		at := moment{lines: rng.IntN(3), after: time.Duration(rng.Int64N(int64(needs) / 2))}
		if _, hit := disturb(t, write(out), at, syscall.SIGKILL); !hit {
			continue
		}
		killed++
		if _, err := os.Stat(out); errors.Is(err, fs.ErrNotExist) {
			absent++
			must(t, "demo", "--seed", "7", "--people", "20000", "--out", out)
		}
		if names := differ(whole, tree(t, out)); names != nil {
			t.Fatalf("seed %d, kill %d at %+v: files differ: %v", seed, killed, at, names)
		}
	}
	if absent == 0 {
		t.Errorf("%d kills, none of which hit before the end", killed)
	}
}

// A person who stops an analysis is told so, gets exit code 1, and finds what was there before.
func TestAnInterruptedAnalysisCleansUp(t *testing.T) {
	p := twoRegions(t)
	rng := rand.New(rand.NewPCG(drawn(t), 2))
	stopped := 0
	for i := range 6 {
		state := copied(t, p.state)
		signal := []syscall.Signal{syscall.SIGINT, syscall.SIGTERM}[i%2]
		o, hit := disturb(t, p.analyseTwo(t, state), moment{lines: 1 + rng.IntN(p.lines-1)}, signal) // before the first line, the program may not listen yet
		if !hit {
			continue // it had ended by itself
		}
		stopped++
		if o.code != 1 || o.last() != "gevor: stopped; what was there before is untouched" {
			t.Errorf("%v: exit %d: %s", signal, o.code, o.err)
		}
		if n := half(t, state); n > 0 {
			t.Errorf("%v: %d half folders are left", signal, n)
		}
		if hash := sound(t, state); hash != p.runOne {
			t.Errorf("%v: current is %s", signal, hash)
		}
	}
	if stopped == 0 {
		t.Error("no analysis was stopped in time")
	}
}

// Two analyses at once in one state folder, of the same region and of two, both succeed, in an empty folder too.
func TestTwoAnalysesAtOnce(t *testing.T) {
	p := twoRegions(t)
	for name, regions := range map[string][2]string{"same region": {p.two, p.two}, "two regions": {p.one, p.two}} {
		t.Run(name, func(t *testing.T) {
			for range 3 {
				state := t.TempDir()
				done := make(chan outcome)
				for _, region := range regions {
					cmd := command(t, "analyse", "--region", region, "--state", state, "--previous", "none")
					go func() {
						out, err := cmd.CombinedOutput()
						if err != nil {
							t.Errorf("%v\n%s", err, out)
						}
						done <- outcome{code: cmd.ProcessState.ExitCode()}
					}()
				}
				<-done
				<-done
				if hash := sound(t, state); hash != p.runOne && hash != p.runTwo || name == "same region" && hash != p.runTwo {
					t.Errorf("current is %s", hash)
				}
				if n := half(t, state); n > 0 {
					t.Errorf("%d half folders are left", n)
				}
			}
		})
	}
}
