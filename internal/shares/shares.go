// Package shares keeps the platform's part of every content key (package seal) in a folder that no backup takes along:
// its name begins with a dot, which internal/backup leaves out. Whoever deletes a share here ends the readability of
// every copy of the content, wherever it lies. A machine that is restored from a backup comes back without the folder:
// then senders seal again.
package shares

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gevor/fault"
)

// FolderName is the folder's name in a state folder.
const FolderName = ".shares"

// Folder keeps each share in a file of its own. Safe for concurrent use, also by several processes.
type Folder struct{ dir string }

// In names a folder; it is made by the first share.
func In(dir string) *Folder { return &Folder{dir} }

// path gives the file of a handover; ok is false where the name could lead elsewhere.
func (f *Folder) path(handover string) (string, bool) {
	plain := handover != "" && len(handover) <= 100 && !strings.ContainsFunc(handover, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-'
	})
	return filepath.Join(f.dir, handover), plain
}

func failed(what string, err error) error {
	return fault.Wrap(fault.Internal, "shares", what, "check free space and rights of the state folder", err)
}

// Put keeps a share and returns once the disk has it. A share that is there already stays as it is: a repeated request
// brings the same one or loses.
func (f *Folder) Put(handover string, share []byte) (err error) {
	to, ok := f.path(handover)
	if !ok {
		return fault.New(fault.Invalid, "handover", "has a name that cannot be", "load the page again")
	}
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return failed("cannot be kept", err)
	}
	file, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return failed("cannot be kept", err)
	}
	_, err = file.Write(share)
	if err = errors.Join(err, file.Sync(), file.Close(), f.sync()); err != nil {
		return failed("cannot be kept", errors.Join(err, os.Remove(to)))
	}
	return nil
}

// sync makes names in the folder outlive a power cut.
func (f *Folder) sync() error {
	d, err := os.Open(f.dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Get gives a share; NotFound where it is destroyed or never was.
func (f *Folder) Get(handover string) ([]byte, error) {
	at, ok := f.path(handover)
	if !ok {
		return nil, fault.New(fault.NotFound, "share", "is not there", "")
	}
	raw, err := os.ReadFile(at)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "share", "is not there", "ask the sender to seal again")
	}
	if err != nil {
		return nil, failed("cannot be read", err)
	}
	return raw, nil
}

// Destroy overwrites a share and removes it, and returns once the disk knows. One that is not there is destroyed.
func (f *Folder) Destroy(handover string) (err error) {
	at, ok := f.path(handover)
	if !ok {
		return nil
	}
	file, err := os.OpenFile(at, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return failed("cannot be destroyed", err)
	}
	info, err := file.Stat()
	if err == nil {
		_, err = file.Write(make([]byte, info.Size()))
	}
	if err = errors.Join(err, file.Sync(), file.Close(), os.Remove(at), f.sync()); err != nil {
		return failed("cannot be destroyed", err)
	}
	return nil
}

// Kept is a share that lies in the folder.
type Kept struct {
	Handover string
	Since    time.Time
}

// List gives all shares in order of name.
func (f *Folder) List() ([]Kept, error) {
	entries, err := os.ReadDir(f.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, failed("cannot be listed", err)
	}
	var out []Kept
	for _, e := range entries {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, failed("cannot be listed", err)
		}
		if info.Mode().IsRegular() {
			out = append(out, Kept{e.Name(), info.ModTime()})
		}
	}
	return out, nil
}
