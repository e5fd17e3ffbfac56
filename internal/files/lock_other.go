//go:build !unix

package files

import (
	"errors"
	"os"
)

// lock makes a lock file and keeps it open until unlock, which removes it: where this build runs, an open file
// cannot be removed by others.
func lock(path string) (unlock func() error, err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	return func() error { return errors.Join(f.Close(), os.Remove(path)) }, nil
}

// tryLock finds out whether a lock's owner is gone: then the file can be removed.
func tryLock(path string) (unlock func() error, free bool, err error) {
	if os.Remove(path) != nil {
		return nil, false, nil
	}
	return func() error { return nil }, true, nil
}
