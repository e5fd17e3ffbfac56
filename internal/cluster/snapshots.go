package cluster

import (
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"slices"

	"gevor/fault"
)

// manifest is the list of a snapshot's files as they lie in the store: name and checksum.
type manifest []struct{ Name, Sum string }

// Give puts the files of a snapshot into the store, where workers without them find them. What is there already is not
// sent again.
func (l *Link) Give(ctx context.Context, hash string, fsys fs.FS, names []string) error {
	index := "snapshot-" + hash
	if there, err := l.has(ctx, l.things, index); err != nil || there {
		return err
	}
	var m manifest
	for _, name := range slices.Sorted(slices.Values(names)) {
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		sum := hashOf(raw)
		if err := l.once(ctx, l.things, "file-"+sum, raw); err != nil {
			return err
		}
		m = append(m, struct{ Name, Sum string }{name, sum})
	}
	raw, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return l.write(ctx, l.things, index, raw)
}

// Take reads a snapshot's files from the store, one after the other, each checked against its sum.
func (l *Link) Take(ctx context.Context, hash string, create func(name string) (io.WriteCloser, error)) error {
	raw, err := l.read(ctx, l.things, "snapshot-"+hash)
	if absent(err) {
		return fault.New(fault.NotFound, "snapshot "+hash, "is not in the cluster", "start the analysis again, which gives it to the cluster")
	}
	if err != nil {
		return err
	}
	var m manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		return fault.Wrap(fault.Corrupt, "snapshot "+hash, "has an index that cannot be read", "start the analysis again", err)
	}
	for _, f := range m {
		raw, err := l.read(ctx, l.things, "file-"+f.Sum)
		if err != nil {
			return err
		}
		if hashOf(raw) != f.Sum {
			return fault.New(fault.Corrupt, f.Name, "does not match its checksum", "start the analysis again")
		}
		if err := keep(raw, f.Name, create); err != nil {
			return err
		}
	}
	return nil
}

func keep(raw []byte, name string, create func(string) (io.WriteCloser, error)) error {
	out, err := create(name)
	if err != nil {
		return err
	}
	if _, err := out.Write(raw); err != nil {
		_ = out.Close() // the first error says more
		return err
	}
	return out.Close()
}
