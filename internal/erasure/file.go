package erasure

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"

	"gevor/fault"
)

// FileName is the journal's name in a state folder.
const FileName = "erasures.log"

// File is a journal in one file, only ever appended to. Safe for concurrent use within a process.
type File struct {
	path string
	mu   sync.Mutex
	// How far the file was sound when this process looked last, and the hash there; "" before it has looked.
	last  string
	sound int64
}

// InFile names a journal; the file is made by the first record.
func InFile(path string) *File { return &File{path: path} }

// Place is where the journal lies.
func (f *File) Place() string { return f.path }

// Records gives all records in the order of the journal. Without a file there are none.
func (f *File) Records(context.Context) ([]Record, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	records, _, _, err := f.read()
	return records, err
}

func (f *File) read() (records []Record, last string, sound int, err error) {
	text, err := os.ReadFile(f.path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, "", 0, fault.Wrap(fault.Internal, f.path, "the journal of erasures cannot be read", "check the rights of the state folder", err)
	}
	if records, last, sound, err = Read(f.path, text); err == nil {
		f.last, f.sound = last, int64(sound)
	}
	return records, last, sound, err
}

// end gives where the next line goes and what it follows. A file that is as long as it was is not read again.
func (f *File) end() (last string, sound int64, err error) {
	if info, err := os.Stat(f.path); f.last != "" && err == nil && info.Size() == f.sound {
		return f.last, f.sound, nil
	}
	_, last, n, err := f.read()
	return last, int64(n), err
}

// Append adds records at the end, takes away what a torn last line left, and returns once the disk has them. Processes
// wait for each other.
func (f *File) Append(_ context.Context, records ...Record) error {
	if len(records) == 0 {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.append(records); err != nil {
		if fault.KindOf(err) == fault.Corrupt {
			return err
		}
		return fault.Wrap(fault.Internal, f.path, "the journal of erasures cannot be written", "check free space and rights of the state folder", err)
	}
	return nil
}

func (f *File) append(records []Record) (err error) {
	_, missing := os.Stat(f.path)
	file, err := os.OpenFile(f.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }() // which also lets others in
	if err := lock(file); err != nil {
		return err
	}
	last, sound, err := f.end()
	if err != nil {
		return err
	}
	text, last, err := Write(last, records...)
	if err != nil {
		return err
	}
	f.last = "" // until the disk has it
	if err := file.Truncate(sound); err != nil {
		return err
	}
	if _, err := file.WriteAt(text, sound); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	if missing != nil { // a new file is kept once its folder is
		folder, err := os.Open(filepath.Dir(f.path))
		if err != nil {
			return err
		}
		if err := errors.Join(folder.Sync(), folder.Close()); err != nil {
			return err
		}
	}
	f.last, f.sound = last, sound+int64(len(text))
	return nil
}
