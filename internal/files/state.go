// Package files keeps snapshots and runs on disk: folders that are written once, named by their content, sealed
// with a checksum for every file, and replaced only as a whole. See DESIGN.md.
package files

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"gevor/fault"
)

// Kind is what a folder holds, and the name of the folder it lies in.
type Kind string

// The kinds.
const (
	Snapshots Kind = "snapshots"
	Runs      Kind = "runs"
)

const (
	building  = ".building-" // + random name: a folder that is being written
	discarded = ".discarded-"
	lockEnd   = ".lock"
	current   = "current"

	pointerLock = ".pointer" + lockEnd
)

var hashForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

// State is the folder that holds everything gevor computes. Safe for concurrent use by goroutines and processes.
type State struct {
	dir string
	// after is told each step that changes the disk; tests kill the process there. Nil in the product.
	after func(step string)
}

// OpenState opens the state in a folder, makes it where it is absent, and removes what killed builds left behind.
// Builds that still run, in this process or another, are left alone.
func OpenState(dir string) (*State, error) {
	s := &State{dir: dir}
	for _, k := range []Kind{Snapshots, Runs, Approaches} {
		if err := os.MkdirAll(s.kindDir(k), 0o755); err != nil {
			return nil, fault.Wrap(fault.Invalid, dir, "cannot be used as state folder", "choose a folder that can be written to with --state", err)
		}
		if err := s.clean(k); err != nil {
			return nil, err
		}
	}
	return s, s.cleanPointers()
}

// Dir is the folder of the state.
func (s *State) Dir() string { return s.dir }

func (s *State) kindDir(k Kind) string { return filepath.Join(s.dir, string(k)) }

// Path is the folder of one snapshot or run, whether it exists or not.
func (s *State) Path(k Kind, hash string) string { return filepath.Join(s.kindDir(k), hash) }

func (s *State) step(what string) {
	if s.after != nil {
		s.after(what)
	}
}

// Write makes one folder. It calls fill with an empty folder beside its final place, seals what fill wrote,
// names the folder (name is told the manifest's hash) and moves it to its place in one step. Where a sound folder
// of that name exists already, that one stays and the new one is dropped: content of one name is the same.
func (s *State) Write(k Kind, fill func(*Folder) error, name func(manifestHash string) string) (hash string, err error) {
	temp := filepath.Join(s.kindDir(k), building+randomName())
	unlock, err := lock(temp + lockEnd)
	if err != nil {
		return "", cannotWrite(temp, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp), unlock()) }()
	s.step("lock")
	if err := os.Mkdir(temp, 0o755); err != nil {
		return "", cannotWrite(temp, err)
	}
	s.step("folder")
	f := &Folder{dir: temp, state: s, sums: map[string]sum{}}
	if err := fill(f); err != nil {
		return "", err
	}
	sealed, err := f.seal()
	if err != nil {
		return "", err
	}
	hash = name(sealed)
	if !hashForm.MatchString(hash) {
		return "", fault.New(fault.Internal, hash, "is no name of a folder", "")
	}
	return hash, s.place(k, temp, hash)
}

// place moves a sealed folder to its name.
func (s *State) place(k Kind, temp, hash string) error {
	final := s.Path(k, hash)
	if _, err := s.Open(k, hash); err == nil {
		return nil
	} else if _, statErr := os.Lstat(final); statErr == nil {
		// What lies there is damaged. It steps aside; the next start removes it if this process does not.
		aside := filepath.Join(s.kindDir(k), discarded+randomName())
		if err := os.Rename(final, aside); err != nil {
			return cannotWrite(final, err)
		}
		s.step("aside")
		defer func() { _ = os.RemoveAll(aside) }() // a leftover is removed at the next start
	}
	if err := os.Rename(temp, final); err != nil {
		if _, other := s.Open(k, hash); other == nil {
			return nil // another process was faster with the same content
		}
		return cannotWrite(final, err)
	}
	s.step("rename")
	if err := syncDir(s.kindDir(k)); err != nil {
		return cannotWrite(s.kindDir(k), err)
	}
	s.step("sync")
	return nil
}

// SetCurrent makes a run the one that is served. The pointer changes in one step.
func (s *State) SetCurrent(hash string) (err error) {
	if _, err := s.Open(Runs, hash); err != nil {
		return err
	}
	unlock, err := lock(filepath.Join(s.dir, pointerLock))
	if err != nil {
		return cannotWrite(s.dir, err)
	}
	defer func() { err = errors.Join(err, unlock()) }()
	temp := filepath.Join(s.dir, building+randomName())
	if err := writeSynced(temp, []byte(hash+"\n")); err != nil {
		return cannotWrite(temp, err)
	}
	s.step("pointer")
	if err := os.Rename(temp, filepath.Join(s.dir, current)); err != nil {
		return errors.Join(cannotWrite(filepath.Join(s.dir, current), err), os.Remove(temp))
	}
	s.step("current")
	if err := syncDir(s.dir); err != nil {
		return cannotWrite(s.dir, err)
	}
	s.step("current synced")
	return nil
}

// Current gives the run that is served; its kind of error is NotFound where there is none yet.
func (s *State) Current() (hash string, err error) {
	path := filepath.Join(s.dir, current)
	raw, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fault.New(fault.NotFound, s.dir, "holds no run yet", "run gevor analyse first")
	case err != nil:
		return "", fault.Wrap(fault.Corrupt, path, "cannot be read", "run gevor analyse again", err)
	}
	hash = strings.TrimSpace(string(raw))
	if !hashForm.MatchString(hash) {
		return "", fault.New(fault.Corrupt, path, "does not name a run", "run gevor analyse again")
	}
	return hash, nil
}

// clean removes folders of builds whose process is gone.
func (s *State) clean(k Kind) error {
	entries, err := os.ReadDir(s.kindDir(k))
	if err != nil {
		return fault.Wrap(fault.Invalid, s.kindDir(k), "cannot be read", "check the rights of the state folder", err)
	}
	for _, e := range entries {
		path := filepath.Join(s.kindDir(k), e.Name())
		switch {
		case strings.HasPrefix(e.Name(), discarded):
			err = os.RemoveAll(path)
		case strings.HasPrefix(e.Name(), building) && strings.HasSuffix(e.Name(), lockEnd):
			err = removeIfAbandoned(path)
		case strings.HasPrefix(e.Name(), building):
			if _, missing := os.Lstat(path + lockEnd); errors.Is(missing, fs.ErrNotExist) {
				err = os.RemoveAll(path)
			}
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fault.Wrap(fault.Invalid, path, "is left over from an interrupted build and cannot be removed", "remove it by hand", err)
		}
	}
	return nil
}

// cleanPointers removes half-written pointers of processes that were killed before they could rename them.
func (s *State) cleanPointers() (err error) {
	unlock, err := lock(filepath.Join(s.dir, pointerLock))
	if err != nil {
		return cannotWrite(s.dir, err)
	}
	defer func() { err = errors.Join(err, unlock()) }()
	names, err := filepath.Glob(filepath.Join(s.dir, building+"*"))
	if err != nil {
		return cannotWrite(s.dir, err)
	}
	for _, n := range names {
		if err := os.Remove(n); err != nil {
			return cannotWrite(n, err)
		}
	}
	return nil
}

// removeIfAbandoned removes a build's folder and its lock where nobody holds the lock.
func removeIfAbandoned(lockPath string) error {
	unlock, free, err := tryLock(lockPath)
	if err != nil || !free {
		return err
	}
	return errors.Join(os.RemoveAll(strings.TrimSuffix(lockPath, lockEnd)), unlock())
}

func randomName() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

func cannotWrite(path string, err error) error {
	return fault.Wrap(fault.Internal, path, "cannot be written", "check free space and rights of the state folder", err)
}

func writeSynced(path string, raw []byte) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Write(raw); err != nil {
		return err
	}
	return f.Sync()
}

func syncDir(path string) (err error) {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	return nil
}
