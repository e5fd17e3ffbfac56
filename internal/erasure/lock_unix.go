//go:build unix

package erasure

import (
	"os"
	"syscall"
)

// lock waits until no other process writes. Closing the file lets go.
func lock(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX) }
