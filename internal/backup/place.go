// Package backup copies an installation to another place, brings it back, and proves that it can. See DESIGN.md.
package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gevor/fault"
)

// Place is where backups lie: a folder, or a bucket of an S3-compatible store. Names have parts divided by slashes.
// Errors of a place that cannot be reached are Busy.
type Place interface {
	// String names the place for people, without secrets.
	String() string
	// List gives all objects whose names begin so, in order of name.
	List(ctx context.Context, prefix string) ([]Object, error)
	// Open reads an object from a byte on, size bytes or, where size is 0, to its end. Its error is fs.ErrNotExist where
	// there is no such object.
	Open(ctx context.Context, name string, from, size int64) (io.ReadCloser, error)
	// Put writes an object, whole or not at all, and returns when it is there to stay.
	Put(ctx context.Context, name string, r io.Reader) error
	// Delete removes an object; one that is not there changes nothing.
	Delete(ctx context.Context, name string) error
}

// Object is one thing in a place.
type Object struct {
	Name     string
	Size     int64
	Modified time.Time
}

// Keys open an S3-compatible store.
type Keys struct{ Access, Secret string }

// At gives the place that an address names: a folder, or s3://BUCKET/PREFIX?endpoint=https://HOST&region=REGION.
func At(address string, keys Keys) (Place, error) {
	if !strings.HasPrefix(address, "s3://") {
		if address == "" {
			return nil, fault.New(fault.Invalid, "backup", "has no place", "name a folder or s3://…")
		}
		dir, err := filepath.Abs(address)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, address, "is no folder", "name a folder or s3://…", err)
		}
		return Folder{dir}, nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil, fault.Wrap(fault.Invalid, address, "is no address of an S3-compatible store", "write s3://BUCKET/PREFIX?endpoint=https://HOST&region=REGION", err)
	}
	q := u.Query()
	endpoint, err := url.Parse(q.Get("endpoint"))
	if err != nil || endpoint.Host == "" || keys.Access == "" || keys.Secret == "" {
		return nil, fault.Wrap(fault.Invalid, "s3://"+u.Host, "lacks an endpoint or keys", "write …?endpoint=https://HOST&region=REGION and set both keys", err)
	}
	region := q.Get("region")
	if region == "" {
		region = "us-east-1"
	}
	return newBucket(endpoint, u.Host, strings.Trim(u.Path, "/"), region, keys), nil
}

// Folder is a place in the file system.
type Folder struct{ dir string }

func (f Folder) String() string { return f.dir }

func (f Folder) path(name string) string { return filepath.Join(f.dir, filepath.FromSlash(name)) }

// partial marks what is being written.
const partial = ".partial-"

// List gives all objects whose names begin so.
func (f Folder) List(ctx context.Context, prefix string) (out []Object, err error) {
	root := f.path(path.Dir(prefix + "x"))
	err = filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) { // no such folder, or gone since its parent was read
			return nil
		}
		if err != nil || d.IsDir() {
			return errors.Join(err, ctx.Err())
		}
		name, err := filepath.Rel(f.dir, p)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if !strings.HasPrefix(name, prefix) || strings.HasPrefix(path.Base(name), partial) {
			return nil
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		out = append(out, Object{name, info.Size(), info.ModTime()})
		return nil
	})
	if err != nil {
		return nil, f.failed(err)
	}
	slices.SortFunc(out, func(a, b Object) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

func (f Folder) failed(err error) error {
	return fault.Wrap(fault.Busy, f.dir, "the place of the backup cannot be used", "check that it is mounted, can be written to and has free space", err)
}

// Open reads an object.
func (f Folder) Open(_ context.Context, name string, from, size int64) (io.ReadCloser, error) {
	file, err := os.Open(f.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err != nil {
		return nil, f.failed(err)
	}
	if _, err := file.Seek(from, io.SeekStart); err != nil {
		return nil, errors.Join(f.failed(err), file.Close())
	}
	if size == 0 {
		return file, nil
	}
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(file, size), file}, nil
}

// Put writes an object under another name, syncs it, renames it and syncs the folder.
func (f Folder) Put(ctx context.Context, name string, r io.Reader) (err error) {
	final := f.path(name)
	if err := os.MkdirAll(filepath.Dir(final), 0o700); err != nil {
		return f.failed(err)
	}
	temp, err := os.CreateTemp(filepath.Dir(final), partial)
	if err != nil {
		return f.failed(err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(temp.Name()))
		}
	}()
	_, err = io.Copy(temp, r)
	if err = errors.Join(err, temp.Sync(), temp.Close(), ctx.Err()); err != nil {
		return f.failed(err)
	}
	if err := os.Rename(temp.Name(), final); err != nil {
		return f.failed(err)
	}
	// The name counts once its folder is on the disk, and so do those of new folders above it.
	for dir := filepath.Dir(final); ; dir = filepath.Dir(dir) {
		if err := syncFolder(dir); err != nil {
			return f.failed(err)
		}
		if dir == f.dir || len(dir) <= len(f.dir) {
			return nil
		}
	}
}

// Delete removes an object.
func (f Folder) Delete(_ context.Context, name string) error {
	if err := os.Remove(f.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return f.failed(err)
	}
	return nil
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	return nil
}

// read gives a whole small object.
func read(ctx context.Context, p Place, name string) (raw []byte, err error) {
	r, err := p.Open(ctx, name, 0, 0)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return io.ReadAll(r)
}
