package files

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"

	"gevor/fault"
)

// manifestName lists every file of a folder with size and SHA-256. `sha256sum -c` reads it: sizes stand in
// comments before their line.
const manifestName = "manifest.sha256"

const manifestHead = "# gevor folder 1\n"

// smallFile is the size in bytes up to which opening a folder checks the content of a file and not only its size.
const smallFile = 1 << 20

func writeManifest(sums map[string]sum) []byte {
	names := make([]string, 0, len(sums))
	for n := range sums {
		names = append(names, n)
	}
	sort.Strings(names)
	var b bytes.Buffer
	b.WriteString(manifestHead)
	for _, n := range names {
		fmt.Fprintf(&b, "# %d bytes\n%s  %s\n", sums[n].bytes, sums[n].hash, n)
	}
	return b.Bytes()
}

func readManifest(raw []byte) (map[string]sum, error) {
	rest, ok := strings.CutPrefix(string(raw), manifestHead)
	if !ok {
		return nil, errors.New("no manifest of this format")
	}
	sums := map[string]sum{}
	lines := strings.SplitAfter(rest, "\n")
	for i := 0; i+1 < len(lines); i += 2 {
		size, ok1 := strings.CutPrefix(lines[i], "# ")
		size, ok2 := strings.CutSuffix(size, " bytes\n")
		hash, name, ok3 := strings.Cut(lines[i+1], "  ")
		name, ok4 := strings.CutSuffix(name, "\n")
		n, err := strconv.ParseInt(size, 10, 64)
		if !ok1 || !ok2 || !ok3 || !ok4 || err != nil || n < 0 || !hashForm.MatchString(hash) || !nameForm.MatchString(name) {
			return nil, fmt.Errorf("line %d is broken", i+2)
		}
		if _, twice := sums[name]; twice {
			return nil, fmt.Errorf("line %d names %s again", i+3, name)
		}
		sums[name] = sum{n, hash}
	}
	if lines[len(lines)-1] != "" || len(lines)%2 == 0 {
		return nil, errors.New("the last line is cut off")
	}
	return sums, nil
}

// Open checks a folder cheaply and gives its path: the manifest must be sound and name every file with its right
// size, small files are compared with their checksum, and a run's name must be the hash of its manifest.
// The error is NotFound where there is no such folder, Corrupt where it is damaged.
func (s *State) Open(k Kind, hash string) (dir string, err error) {
	return s.check(k, hash, smallFile)
}

// Names lists the files of a folder, in order.
func (s *State) Names(k Kind, hash string) ([]string, error) {
	dir, err := s.Open(k, hash)
	if err != nil {
		return nil, err
	}
	raw, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return nil, fault.Wrap(fault.Corrupt, dir, "its manifest cannot be read", "run gevor analyse again", err)
	}
	sums, err := readManifest(raw)
	if err != nil {
		return nil, fault.Wrap(fault.Corrupt, dir, "its manifest is damaged", "run gevor analyse again", err)
	}
	return slices.Sorted(maps.Keys(sums)), nil
}

// Verify checks every byte of a folder against its manifest.
func (s *State) Verify(k Kind, hash string) error {
	_, err := s.check(k, hash, -1)
	return err
}

func (s *State) check(k Kind, hash string, upTo int64) (string, error) {
	if !hashForm.MatchString(hash) {
		return "", fault.New(fault.NotFound, string(k), fmt.Sprintf("%q is no name of a snapshot or run", hash), "")
	}
	dir := s.Path(k, hash)
	again := "run gevor analyse again"
	raw, err := os.ReadFile(filepath.Join(dir, manifestName))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, statErr := os.Stat(dir); statErr == nil {
			return "", fault.New(fault.Corrupt, dir, "has no manifest", again)
		}
		return "", fault.New(fault.NotFound, dir, "does not exist", again)
	case err != nil:
		return "", fault.Wrap(fault.Corrupt, dir, "its manifest cannot be read", again, err)
	}
	if k == Runs && hashOf(raw) != hash {
		return "", fault.New(fault.Corrupt, dir, "its manifest does not match its name", again)
	}
	sums, err := readManifest(raw)
	if err != nil {
		return "", fault.Wrap(fault.Corrupt, filepath.Join(dir, manifestName), "is damaged", again, err)
	}
	for name, want := range sums {
		path := filepath.Join(dir, filepath.FromSlash(name))
		st, err := os.Stat(path)
		if err != nil || st.Size() != want.bytes {
			return "", fault.Wrap(fault.Corrupt, path, "is missing or has the wrong size", again, err)
		}
		if upTo < 0 || want.bytes <= upTo {
			if got, err := hashFile(path); err != nil || got != want.hash {
				return "", fault.Wrap(fault.Corrupt, path, "does not match its checksum", again, err)
			}
		}
	}
	return dir, nil
}

func hashFile(path string) (hexHash string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// List gives the names of all folders of a kind, in order, sound or not.
func (s *State) List(k Kind) ([]string, error) {
	entries, err := os.ReadDir(s.kindDir(k))
	if err != nil {
		return nil, fault.Wrap(fault.Internal, s.kindDir(k), "cannot be read", "check the rights of the state folder", err)
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() && hashForm.MatchString(e.Name()) {
			out = append(out, e.Name())
		}
	}
	return out, nil
}
