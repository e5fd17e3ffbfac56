package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gevor/fault"
	"gevor/internal/erasure"
)

// manifest is one backup: what the state folder held at a moment, and the whole database where it was taken along.
// Bytes lie in blobs, named by their SHA-256, so that what has not changed is there already.
type manifest struct {
	Version  int       `json:"version"`
	At       time.Time `json:"at"`
	Program  string    `json:"program"`
	Database *database `json:"database,omitempty"`
	Files    []file    `json:"files"` // in order of path
}

// database is the whole database in one blob.
type database struct {
	Form string `json:"form"` // "sqlite": a file; "dump": see store.Dump
	Blob blob   `json:"blob"`
	Dump string `json:"dump"` // checksum of its dump
}

type file struct {
	Path string `json:"path"` // below the state folder, with slashes
	Blob blob   `json:"blob"`
}

type blob struct {
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
}

const (
	manifestPrefix = "backups/"
	manifestTime   = "20060102T150405.000000Z"
	blobPrefix     = "blobs/"
)

func (b blob) name() string { return blobPrefix + b.SHA256[:2] + "/" + b.SHA256 }

// write seals a manifest: its first line is the checksum of the rest.
func (m *manifest) write(ctx context.Context, p Place) error {
	body, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	return p.Put(ctx, manifestPrefix+m.At.UTC().Format(manifestTime)+".json", strings.NewReader(hex.EncodeToString(sum[:])+"\n"+string(body)))
}

func readManifest(ctx context.Context, p Place, name string) (*manifest, error) {
	raw, err := read(ctx, p, name)
	if err != nil {
		return nil, err
	}
	head, body, _ := bytes.Cut(raw, []byte("\n"))
	sum := sha256.Sum256(body)
	var m manifest
	if string(head) != hex.EncodeToString(sum[:]) {
		return nil, damaged(p, name, nil)
	}
	if err := json.Unmarshal(body, &m); err != nil {
		return nil, damaged(p, name, err)
	}
	if m.Version != 1 {
		return nil, fault.New(fault.Invalid, name, "is of a form that this program does not know", "use a newer program")
	}
	for _, f := range m.Files {
		if !filepath.IsLocal(filepath.FromSlash(f.Path)) || len(f.Blob.SHA256) != 2*sha256.Size {
			return nil, damaged(p, name, errors.New(f.Path))
		}
	}
	return &m, nil
}

func damaged(p Place, name string, err error) error {
	return fault.Wrap(fault.Corrupt, p.String()+"/"+name, "does not match its checksum: the backup is damaged", "use another backup, or an earlier one with --at", err)
}

// manifests gives the names of all manifests with their times, the oldest first.
func manifests(ctx context.Context, p Place) (names []string, times []time.Time, err error) {
	objects, err := p.List(ctx, manifestPrefix)
	if err != nil {
		return nil, nil, err
	}
	for _, o := range objects {
		text := strings.TrimSuffix(strings.TrimPrefix(o.Name, manifestPrefix), ".json")
		if at, err := time.Parse(manifestTime, text); err == nil {
			names, times = append(names, o.Name), append(times, at)
		}
	}
	return names, times, nil
}

// shelf puts bytes into blobs and knows which are there.
type shelf struct {
	place Place
	there map[string]int64
	added int
	bytes int64
}

func newShelf(ctx context.Context, p Place) (*shelf, error) {
	objects, err := p.List(ctx, blobPrefix)
	if err != nil {
		return nil, err
	}
	s := &shelf{place: p, there: map[string]int64{}}
	for _, o := range objects {
		s.there[o.Name] = o.Size
	}
	return s, nil
}

// keep puts a file into its blob where that is missing. A file that changes while it is read is read again.
func (s *shelf) keep(ctx context.Context, path string) (b blob, err error) {
	for range 3 {
		if b, err = sumOf(path); err != nil {
			return b, err
		}
		if size, there := s.there[b.name()]; there && size == b.Size {
			return b, nil
		}
		again, err := s.put(ctx, path, b)
		if err != nil {
			return b, err
		}
		if again == b {
			s.there[b.name()] = b.Size
			s.added, s.bytes = s.added+1, s.bytes+b.Size
			return b, nil
		}
		if err := s.place.Delete(ctx, b.name()); err != nil {
			return b, err
		}
	}
	return b, fault.New(fault.Busy, path, "changes faster than it can be read", "try again")
}

func (s *shelf) put(ctx context.Context, path string, b blob) (got blob, err error) {
	in, err := os.Open(path)
	if err != nil {
		return got, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	sum := sha256.New()
	counted := &counter{r: io.TeeReader(in, sum)}
	if err := s.place.Put(ctx, b.name(), counted); err != nil {
		return got, err
	}
	return blob{hex.EncodeToString(sum.Sum(nil)), counted.n}, nil
}

func sumOf(path string) (b blob, err error) {
	in, err := os.Open(path)
	if err != nil {
		return b, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	sum := sha256.New()
	n, err := io.Copy(sum, in)
	return blob{hex.EncodeToString(sum.Sum(nil)), n}, err
}

// fetch brings a blob into a new file and compares every byte with its name.
func fetch(ctx context.Context, p Place, b blob, to string) (err error) {
	in, err := p.Open(ctx, b.name(), 0, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return fault.Wrap(fault.Corrupt, p.String()+"/"+b.name(), "is missing from the backup", "use another backup, or an earlier one with --at", err)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return cannotRestore(to, err)
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(out, sum), in)
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return cannotRestore(to, err)
	}
	if (blob{hex.EncodeToString(sum.Sum(nil)), n}) != b {
		return damaged(p, b.name(), nil)
	}
	return nil
}

// proven reads a blob and compares every byte with its name.
func proven(ctx context.Context, p Place, b blob) error {
	in, err := p.Open(ctx, b.name(), 0, 0)
	if err != nil {
		return damaged(p, b.name(), err)
	}
	sum := sha256.New()
	n, err := io.Copy(sum, in)
	if err = errors.Join(err, in.Close()); err != nil || (blob{hex.EncodeToString(sum.Sum(nil)), n}) != b {
		return damaged(p, b.name(), err)
	}
	return nil
}

// stateFiles lists what a backup takes along: every file of the state folder but the database, which is copied as a
// whole elsewhere, the journal, which has a copy of its own, locks, and what is hidden because it is being written.
func stateFiles(state, databaseName string) (paths []string, err error) {
	err = filepath.WalkDir(state, func(p string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) { // gone since its folder was read
			return nil
		}
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(state, p)
		if err != nil || rel == "." {
			return err
		}
		if strings.HasPrefix(d.Name(), ".") {
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		own := filepath.Dir(rel) == "." && (strings.HasPrefix(rel, databaseName) || rel == erasure.FileName)
		if d.Type().IsRegular() && !own && !strings.HasSuffix(rel, ".lock") {
			paths = append(paths, filepath.ToSlash(rel))
		}
		return nil
	})
	if err != nil {
		return nil, fault.Wrap(fault.Internal, state, "cannot be read", "check the rights of the state folder", err)
	}
	slices.Sort(paths)
	return paths, nil
}

// files puts the state's files onto the shelf. One that vanished meanwhile was not to be kept.
func (s *shelf) files(ctx context.Context, state, databaseName string) (out []file, err error) {
	paths, err := stateFiles(state, databaseName)
	if err != nil {
		return nil, err
	}
	for _, p := range paths {
		b, err := s.keep(ctx, filepath.Join(state, filepath.FromSlash(p)))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p, err)
		}
		out = append(out, file{p, b})
	}
	return out, nil
}
