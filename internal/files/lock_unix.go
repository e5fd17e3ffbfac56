//go:build unix

package files

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// lock makes a lock file and holds it until unlock, which removes it, or the end of the process, however that comes.
func lock(path string) (unlock func() error, err error) {
	for {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
		if err != nil {
			return nil, err
		}
		if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
			return nil, errors.Join(err, f.Close())
		}
		// A cleaner may have taken and removed the file between the two calls: then this lock guards nothing.
		if same(f, path) {
			return release(f, path), nil
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
}

// tryLock takes an existing lock where nobody holds it.
func tryLock(path string) (unlock func() error, free bool, err error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil && same(f, path) {
		return release(f, path), true, nil
	}
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = nil
	}
	return nil, false, errors.Join(err, f.Close())
}

// release removes the file while its lock is still held, so that nobody can take a lock that is about to vanish.
func release(f *os.File, path string) func() error {
	return func() error { return errors.Join(os.Remove(path), f.Close()) }
}

func same(f *os.File, path string) bool {
	a, err := f.Stat()
	if err != nil {
		return false
	}
	b, err := os.Stat(path)
	return err == nil && os.SameFile(a, b)
}
