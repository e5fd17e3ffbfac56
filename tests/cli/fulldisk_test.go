//go:build linux

package cli

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// refusedForSpace checks what a call without space left says and leaves.
func refusedForSpace(t *testing.T, p pair, state string, o outcome) {
	t.Helper()
	if o.code != 1 || o.out != "" || !strings.HasPrefix(o.last(), "gevor: ") || !strings.Contains(o.last(), "free space") {
		t.Errorf("exit %d: %s", o.code, o.last())
	}
	if hash := sound(t, state); hash != p.runOne {
		t.Errorf("current is %s", hash)
	}
	if n := half(t, state); n > 0 {
		t.Errorf("%d half folders are left", n)
	}
}

// A disk that fills up at any point of an analysis leaves the last good run; with space again the analysis goes through.
// Needs the right to mount a small disk of its own; the test after this one needs none.
func TestAFullDiskLeavesTheLastRun(t *testing.T) {
	p := twoRegions(t)
	disk := t.TempDir()
	if err := syscall.Mount("none", disk, "tmpfs", 0, fmt.Sprintf("size=%d", plenty)); errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) {
		t.Log("no right to mount: only the limit on the size of a file is tried")
		return
	} else if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, 0); err != nil {
			t.Error(err)
		}
	})
	state := filepath.Join(disk, "state")
	full := 0
	for part := range int64(12) {
		resize(t, disk, plenty)
		if err := errors.Join(os.RemoveAll(state), os.CopyFS(state, os.DirFS(p.state))); err != nil {
			t.Fatal(err)
		}
		resize(t, disk, used(t, disk)+p.bytesTwo*part/10)
		o := finish(t, p.analyseTwo(t, state))
		resize(t, disk, plenty) // the next start wants to write its locks
		if o.code != 0 {
			full++
			refusedForSpace(t, p, state, o)
		}
	}
	if o := finish(t, p.analyseTwo(t, state)); o.code != 0 || sound(t, state) != p.runTwo {
		t.Errorf("with space again: exit %d: %s", o.code, o.err)
	}
	if full < 8 || full == 12 {
		t.Errorf("the disk was full %d times of 12", full)
	}
}

// plenty is more than everything here needs.
const plenty = 64 << 20

func resize(t *testing.T, disk string, bytes int64) {
	t.Helper()
	if err := syscall.Mount("none", disk, "tmpfs", syscall.MS_REMOUNT, fmt.Sprintf("size=%d", bytes)); err != nil {
		t.Fatal(err)
	}
}

func used(t *testing.T, disk string) int64 {
	t.Helper()
	var st syscall.Statfs_t
	if err := syscall.Statfs(disk, &st); err != nil {
		t.Fatal(err)
	}
	return int64(st.Blocks-st.Bfree) * st.Bsize
}

// The same by a limit on the size of any file, which nobody needs rights for.
func TestAFileThatCannotGrowLeavesTheLastRun(t *testing.T) {
	p := twoRegions(t)
	largest := int64(0)
	for name, content := range tree(t, p.state) {
		if !strings.HasSuffix(name, ".db") {
			largest = max(largest, int64(len(content)))
		}
	}
	for _, kib := range []int64{8, largest / 4 >> 10, largest / 2 >> 10} {
		state := copied(t, p.state)
		cmd := exec.CommandContext(t.Context(), "sh", "-c", fmt.Sprintf("ulimit -f %d; exec gevor \"$@\"", 2*kib), // blocks of 512 bytes
			"sh", "analyse", "--region", p.two, "--state", state, "--previous", "none")
		refusedForSpace(t, p, state, finish(t, cmd))
	}
}
