package region

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"sort"

	"gevor/fault"
)

// Overlay looks a file up in the first file system that has it: the folder of the region, then the folder with data
// that may not lie beside it.
func Overlay(layers ...fs.FS) fs.FS { return overlay(layers) }

type overlay []fs.FS

// Open gives the file of the first layer that has it.
func (o overlay) Open(name string) (fs.File, error) {
	for _, l := range o {
		f, err := l.Open(name)
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return f, err
		}
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// inputs opens the files of a region and remembers what went in.
type inputs struct {
	fsys fs.FS
	seen map[string]Input
}

// file is an open input that can be read from any place.
type file struct {
	fs.File
	io.ReaderAt
	size int64
}

// open opens a file, hashes it where it is new, and rewinds it. spec says where the description names it.
func (in *inputs) open(path, source string, line int) (*file, error) {
	f, err := in.fsys.Open(path)
	if err != nil {
		return nil, fault.Wrap(fault.NotFound, DescriptionFile+":"+itoa(line), "the file "+path+" is missing or cannot be opened",
			"put it into the folder of the region or its data folder, or correct the path", err)
	}
	st, err := f.Stat()
	if err == nil && st.IsDir() {
		err = errors.New("is a folder")
	}
	if err != nil {
		return nil, errors.Join(fault.Wrap(fault.Invalid, path, "this is no readable file", "name a file, not a folder", err), f.Close())
	}
	out := &file{File: f, size: st.Size()}
	if at, ok := f.(io.ReaderAt); ok {
		out.ReaderAt = at
	} else {
		raw, err := io.ReadAll(f)
		if err != nil {
			return nil, errors.Join(unreadable(path, err), f.Close())
		}
		out.ReaderAt, out.size = bytes.NewReader(raw), int64(len(raw))
	}
	if _, known := in.seen[path]; !known {
		h := sha256.New()
		if _, err := io.Copy(h, out.reader()); err != nil {
			return nil, errors.Join(unreadable(path, err), f.Close())
		}
		in.seen[path] = Input{Path: path, Bytes: out.size, SHA256: hex.EncodeToString(h.Sum(nil)), Source: source}
	}
	return out, nil
}

func unreadable(path string, err error) error {
	return fault.Wrap(fault.Invalid, path, "the file cannot be read to its end", "copy or fetch it again", err)
}

// reader gives the whole file from its beginning.
func (f *file) reader() *io.SectionReader { return io.NewSectionReader(f.ReaderAt, 0, f.size) }

// with opens a file for the time of one call.
func (in *inputs) with(path, source string, line int, use func(*file) error) error {
	f, err := in.open(path, source, line)
	if err != nil {
		return err
	}
	err = use(f)
	if closeErr := f.Close(); err == nil && closeErr != nil {
		err = unreadable(path, closeErr)
	}
	return err
}

// list gives the inputs ordered by path.
func (in *inputs) list() []Input {
	out := make([]Input, 0, len(in.seen))
	for _, i := range in.seen {
		out = append(out, i)
	}
	sort.Slice(out, func(a, b int) bool { return out[a].Path < out[b].Path })
	return out
}
