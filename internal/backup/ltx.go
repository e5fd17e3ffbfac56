package backup

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"strconv"
	"time"

	"github.com/benbjohnson/litestream"
	"github.com/superfly/ltx"
)

// replica lets litestream keep its files in a place. A file holds the pages that some transactions changed; level 0
// has each of them, higher levels hold what lower ones did, and the highest holds snapshots.
type replica struct{ place Place }

const ltxPrefix = "database/"

func ltxName(level int, from, to ltx.TXID) string {
	return ltxPrefix + strconv.Itoa(level) + "/" + ltx.FormatFilename(from, to)
}

// Type names this kind of replica in litestream's logs.
func (r replica) Type() string { return "gevor" }

// Init has nothing to prepare.
func (r replica) Init(context.Context) error { return nil }

// SetLogger is not needed: errors are returned.
func (r replica) SetLogger(*slog.Logger) {}

// LTXFiles lists a level from a transaction on, with the time at which each file's last transaction was made.
func (r replica) LTXFiles(ctx context.Context, level int, seek ltx.TXID, exact bool) (ltx.FileIterator, error) {
	objects, err := r.place.List(ctx, ltxPrefix+strconv.Itoa(level)+"/")
	if err != nil {
		return nil, err
	}
	infos := make([]*ltx.FileInfo, 0, len(objects))
	for _, o := range objects {
		from, to, err := ltx.ParseFilename(path.Base(o.Name))
		if err != nil || from < seek {
			continue // not litestream's, or earlier than asked for
		}
		info := &ltx.FileInfo{Level: level, MinTXID: from, MaxTXID: to, Size: o.Size, CreatedAt: o.Modified.UTC()}
		if exact {
			if info.CreatedAt, err = r.made(ctx, o.Name); err != nil {
				return nil, err
			}
		}
		infos = append(infos, info)
	}
	return ltx.NewFileInfoSliceIterator(infos), nil
}

// made reads the time in a file's head.
func (r replica) made(ctx context.Context, name string) (at time.Time, err error) {
	in, err := r.place.Open(ctx, name, 0, ltx.HeaderSize)
	if err != nil {
		return at, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	head, _, err := ltx.PeekHeader(in)
	return time.UnixMilli(head.Timestamp).UTC(), err
}

// OpenLTXFile reads a file.
func (r replica) OpenLTXFile(ctx context.Context, level int, from, to ltx.TXID, offset, size int64) (io.ReadCloser, error) {
	name := ltxName(level, from, to)
	in, err := r.place.Open(ctx, name, offset, size)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, litestream.NewLTXError("open", name, level, uint64(from), uint64(to), os.ErrNotExist)
	}
	return in, err
}

// WriteLTXFile keeps a file.
func (r replica) WriteLTXFile(ctx context.Context, level int, from, to ltx.TXID, in io.Reader) (*ltx.FileInfo, error) {
	head, rest, err := ltx.PeekHeader(in)
	if err != nil {
		return nil, err
	}
	counted := &counter{r: rest}
	if err := r.place.Put(ctx, ltxName(level, from, to), counted); err != nil {
		return nil, err
	}
	return &ltx.FileInfo{Level: level, MinTXID: from, MaxTXID: to, Size: counted.n, CreatedAt: time.UnixMilli(head.Timestamp).UTC()}, nil
}

type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// DeleteLTXFiles removes what a snapshot or a higher level has taken over.
func (r replica) DeleteLTXFiles(ctx context.Context, files []*ltx.FileInfo) error {
	for _, f := range files {
		if err := r.place.Delete(ctx, ltxName(f.Level, f.MinTXID, f.MaxTXID)); err != nil {
			return err
		}
	}
	return nil
}

// DeleteAll removes the replica.
func (r replica) DeleteAll(ctx context.Context) error {
	objects, err := r.place.List(ctx, ltxPrefix)
	if err != nil {
		return err
	}
	for _, o := range objects {
		if err := r.place.Delete(ctx, o.Name); err != nil {
			return err
		}
	}
	return nil
}
