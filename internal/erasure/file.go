package erasure

import (
	"context"
	"errors"
	"io"
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
	return Read(f.path, text)
}

// Append adds records at the end, takes away what a torn last line left, and returns once the disk has them.
func (f *File) Append(_ context.Context, records ...Record) error {
	if len(records) == 0 {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	_, last, sound, err := f.read()
	if err != nil {
		return err
	}
	text, _, err := Write(last, records...)
	if err != nil {
		return err
	}
	if err := f.write(text, int64(sound)); err != nil {
		return fault.Wrap(fault.Internal, f.path, "the journal of erasures cannot be written", "check free space and rights of the state folder", err)
	}
	return nil
}

func (f *File) write(text []byte, at int64) (err error) {
	_, missing := os.Stat(f.path)
	file, err := os.OpenFile(f.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := file.Truncate(at); err != nil {
		return err
	}
	if _, err := file.Seek(at, io.SeekStart); err != nil {
		return err
	}
	if _, err := file.Write(text); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	if missing == nil {
		return nil
	}
	folder, err := os.Open(filepath.Dir(f.path)) // a new file is kept once its folder is
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
