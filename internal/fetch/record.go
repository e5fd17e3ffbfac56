package fetch

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sort"

	"github.com/BurntSushi/toml"

	"gevor/fault"
)

// Got is what fetched.toml records of one file.
type Got struct {
	To           string `toml:"to"`
	URL          string `toml:"url"`
	Bytes        int64  `toml:"bytes"`
	SHA256       string `toml:"sha256"`
	ETag         string `toml:"etag,omitempty"`
	LastModified string `toml:"last_modified,omitempty"`
	Fetched      string `toml:"fetched"` // RFC 3339
}

type recordFile struct {
	Files []Got `toml:"file"`
}

func readRecord(dir string) (map[string]Got, error) {
	out := map[string]Got{}
	name := filepath.Join(dir, RecordFile)
	var f recordFile
	if _, err := toml.DecodeFile(name, &f); err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return out, nil
		}
		return nil, fault.Wrap(fault.Invalid, name, "the record of earlier downloads cannot be read", "remove the file to fetch everything again", err)
	}
	for _, g := range f.Files {
		out[g.To] = g
	}
	return out, nil
}

func writeRecord(dir string, got map[string]Got) error {
	var f recordFile
	for _, g := range got {
		f.Files = append(f.Files, g)
	}
	sort.Slice(f.Files, func(i, j int) bool { return f.Files[i].To < f.Files[j].To })
	var b bytes.Buffer
	b.WriteString("# What was fetched from where. Written by gevor region fetch; remove it to fetch everything again.\n")
	if err := toml.NewEncoder(&b).Encode(f); err != nil {
		return fault.Wrap(fault.Internal, RecordFile, "the record cannot be written down", "", err)
	}
	return replace(filepath.Join(dir, RecordFile), func(w io.Writer) error {
		_, err := w.Write(b.Bytes())
		return err
	})
}

// replace writes a file beside its place and moves it there once its bytes are on disk.
func replace(name string, write func(io.Writer) error) (err error) {
	fail := func(err error) error {
		return fault.Wrap(fault.Invalid, name, "the file cannot be written", "check rights and free space", err)
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fail(err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return fail(err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(tmp.Name()))
		}
	}()
	if err := write(tmp); err != nil {
		return errors.Join(err, tmp.Close())
	}
	if err := errors.Join(tmp.Chmod(0o644), tmp.Sync(), tmp.Close()); err != nil {
		return fail(err)
	}
	if err := os.Rename(tmp.Name(), name); err != nil {
		return fail(err)
	}
	return nil
}

func hashFile(name string) (bytes int64, sum string, err error) {
	f, err := os.Open(name)
	if err != nil {
		return 0, "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := sha256.New()
	n, err := io.Copy(h, f)
	return n, hex.EncodeToString(h.Sum(nil)), err
}
