package files

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"regexp"

	"gevor/fault"
)

// Folder is one folder while it is being written. It is not safe for concurrent use, but its open files are
// independent of each other.
type Folder struct {
	dir   string
	state *State
	sums  map[string]sum
	aside []string // files outside the manifest
}

type sum struct {
	bytes int64
	hash  string // hex SHA-256
}

var nameForm = regexp.MustCompile(`^[a-z0-9][a-zA-Z0-9._-]*(/[a-z0-9][a-zA-Z0-9._-]*)?$`)

// Create makes a file in the folder; name may have one level of folders ("layers/x.csv"). The file counts once its
// writer is closed without error: then its bytes are on disk and in the manifest.
func (f *Folder) Create(name string) (io.WriteCloser, error) {
	path, err := f.reserve(name)
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, cannotWrite(path, err)
	}
	f.state.step("create " + name)
	w := &sealedFile{folder: f, name: name, file: file, hash: sha256.New()}
	w.buffer = bufio.NewWriterSize(io.MultiWriter(file, w.hash), 1<<16)
	return w, nil
}

// Adopt takes a file that fill wrote itself at Path(name), for formats that need a real file.
func (f *Folder) Adopt(name string) (err error) {
	path := f.Path(name)
	file, err := os.Open(path)
	if err != nil {
		return cannotWrite(path, err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	h := sha256.New()
	n, err := io.Copy(h, file)
	if err != nil {
		return cannotWrite(path, err)
	}
	if err := file.Sync(); err != nil {
		return cannotWrite(path, err)
	}
	f.sums[name] = sum{n, hex.EncodeToString(h.Sum(nil))}
	f.state.step("adopt " + name)
	return nil
}

// Link takes a finished file from elsewhere, as a second name of the same bytes where the file system allows it
// and as a copy where not.
func (f *Folder) Link(name, from string) error {
	path, err := f.reserve(name)
	if err != nil {
		return err
	}
	if os.Link(from, path) == nil {
		return f.Adopt(name)
	}
	in, err := os.Open(from)
	if err != nil {
		return fault.Wrap(fault.NotFound, from, "cannot be read", "build the snapshot again", err)
	}
	return f.copyIn(name, in)
}

func (f *Folder) copyIn(name string, in io.ReadCloser) (err error) {
	defer func() { err = errors.Join(err, in.Close()) }()
	w, err := f.Create(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, in)
	return errors.Join(err, w.Close())
}

// Path is where a file of the folder lies while the folder is written. It makes the folder the name asks for.
func (f *Folder) Path(name string) string { return filepath.Join(f.dir, filepath.FromSlash(name)) }

// Aside writes a file that is no part of the content: the manifest leaves it out, so it changes no hash.
func (f *Folder) Aside(name string, raw []byte) error {
	path, err := f.reserve(name)
	if err != nil {
		return err
	}
	if err := writeSynced(path, raw); err != nil {
		return cannotWrite(path, err)
	}
	f.aside = append(f.aside, name)
	f.state.step("aside " + name)
	return nil
}

func (f *Folder) reserve(name string) (path string, err error) {
	if !nameForm.MatchString(name) || name == manifestName {
		return "", fault.New(fault.Internal, name, "is no name of a file in a run", "")
	}
	if _, taken := f.sums[name]; taken {
		return "", fault.New(fault.Internal, name, "is written twice", "")
	}
	path = f.Path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", cannotWrite(path, err)
	}
	return path, nil
}

// seal writes the manifest and brings all folders to disk. It gives the hash of the manifest.
func (f *Folder) seal() (string, error) {
	raw := writeManifest(f.sums)
	if err := writeSynced(filepath.Join(f.dir, manifestName), raw); err != nil {
		return "", cannotWrite(manifestName, err)
	}
	f.state.step("manifest")
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return "", cannotWrite(f.dir, err)
	}
	for _, e := range entries {
		if e.IsDir() {
			if err := syncDir(filepath.Join(f.dir, e.Name())); err != nil {
				return "", cannotWrite(e.Name(), err)
			}
		}
	}
	if err := syncDir(f.dir); err != nil {
		return "", cannotWrite(f.dir, err)
	}
	f.state.step("sealed")
	return hashOf(raw), nil
}

func hashOf(raw []byte) string {
	h := sha256.Sum256(raw)
	return hex.EncodeToString(h[:])
}

// sealedFile hashes what passes and brings it to disk when closed.
type sealedFile struct {
	folder *Folder
	name   string
	file   *os.File
	buffer *bufio.Writer
	hash   hash.Hash
	bytes  int64
	closed bool
}

func (w *sealedFile) Write(p []byte) (int, error) {
	n, err := w.buffer.Write(p)
	w.bytes += int64(n)
	if err != nil {
		return n, cannotWrite(w.name, err)
	}
	return n, nil
}

// Close brings the file to disk and puts it into the manifest.
func (w *sealedFile) Close() error {
	if w.closed {
		return fmt.Errorf("%s: closed twice", w.name)
	}
	w.closed = true
	err := errors.Join(w.buffer.Flush(), w.file.Sync(), w.file.Close())
	if err != nil {
		return cannotWrite(w.name, err)
	}
	w.folder.sums[w.name] = sum{w.bytes, hex.EncodeToString(w.hash.Sum(nil))}
	w.folder.state.step("close " + w.name)
	return nil
}
