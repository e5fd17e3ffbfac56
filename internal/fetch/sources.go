// Package fetch brings the source files of a region to the operator's machine.
//
// A region folder may hold sources.toml, which names for every file its publisher, licence, form, how often it
// changes and where it lies. Fetch asks exactly the hosts that stand there and no other, continues interrupted
// downloads, leaves files alone that have not changed, and records what it got in fetched.toml.
package fetch

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"

	"github.com/BurntSushi/toml"

	"gevor/fault"
)

// SourcesFile and RecordFile are the names of the files in a region folder.
const (
	SourcesFile = "sources.toml"
	RecordFile  = "fetched.toml"
)

// Source is one file to fetch.
type Source struct {
	Key       string   `toml:"source"`    // key of the source in region.toml
	Title     string   `toml:"title"`     // what it is
	Publisher string   `toml:"publisher"` // whose it is
	Licence   string   `toml:"licence"`
	Every     string   `toml:"every"` // how often it changes, for people
	Page      string   `toml:"page"`  // page that describes it, for people
	URL       string   `toml:"url"`
	Hosts     []string `toml:"redirect_hosts"` // further hosts the address may lead to
	To        string   `toml:"to"`             // path inside the region folder
	Form      string   `toml:"form"`           // zip, pbf, csv or json; the first bytes are held against it
	MaxBytes  int64    `toml:"max_bytes"`
	SHA256    string   `toml:"sha256"` // where the publisher never changes the file
	Unpack    []Unpack `toml:"unpack"` // members of a zip to write beside it
}

// Unpack writes one member of a ZIP archive to a file of its own.
type Unpack struct {
	Member   string `toml:"member"`
	To       string `toml:"to"`
	MaxBytes int64  `toml:"max_bytes"`
}

type sourcesFile struct {
	Version int      `toml:"version"`
	Files   []Source `toml:"file"`
}

const maxSourcesBytes = 1 << 20

// ReadSources reads and checks sources.toml of a folder.
func ReadSources(dir string) ([]Source, error) {
	name := filepath.Join(dir, SourcesFile)
	raw, err := os.ReadFile(name)
	if err != nil {
		return nil, fault.Wrap(fault.NotFound, name, "the file is missing or cannot be read", "this region does not say where its data come from; put the files there by hand", err)
	}
	if len(raw) > maxSourcesBytes {
		return nil, fault.New(fault.TooLarge, name, "the file is larger than 1 MiB", "keep data out of it")
	}
	var f sourcesFile
	meta, err := toml.Decode(string(raw), &f)
	if err != nil {
		place := name
		if e := (toml.ParseError{}); errors.As(err, &e) {
			place = fmt.Sprintf("%s:%d", name, e.Position.Line)
		}
		return nil, fault.Wrap(fault.Invalid, place, "this is no valid list of sources", "mend the line", err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return nil, fault.New(fault.Invalid, name, fmt.Sprintf("unknown key %q", unknown[0]), "correct or remove it")
	}
	if f.Version != 1 {
		return nil, fault.New(fault.Invalid, name, "the version is not 1", "write version = 1; later versions need a newer program")
	}
	seen := map[string]bool{}
	for i := range f.Files {
		if err := f.Files[i].check(name, seen); err != nil {
			return nil, err
		}
	}
	return f.Files, nil
}

func (s *Source) check(name string, seen map[string]bool) error {
	bad := func(what, advice string) error {
		return fault.New(fault.Invalid, name, fmt.Sprintf("file %q: %s", s.To, what), advice)
	}
	targets := []string{s.To}
	for _, u := range s.Unpack {
		if u.Member == "" || u.MaxBytes <= 0 {
			return bad("a member to unpack lacks its name or limit", "give member, to and max_bytes")
		}
		targets = append(targets, u.To)
	}
	for _, to := range targets {
		if !filepath.IsLocal(filepath.FromSlash(to)) || to != path.Clean(to) || strings.HasSuffix(to, partSuffix) {
			return bad("the path "+to+" leads out of the region", "write a path inside the folder, with slashes")
		}
		if to == SourcesFile || to == RecordFile || to == "region.toml" || seen[to] {
			return bad("the path "+to+" is taken", "give every file a path of its own")
		}
		seen[to] = true
	}
	u, err := url.Parse(s.URL)
	switch {
	case err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil:
		return bad("the address is not of the form https://host/path", "use https, without name and password")
	case s.MaxBytes <= 0:
		return bad("max_bytes is missing", "say how large the file may become")
	case s.Form != "zip" && s.Form != "pbf" && s.Form != "csv" && s.Form != "json":
		return bad("unknown form \""+s.Form+"\"", "use zip, pbf, csv or json")
	case len(s.Unpack) > 0 && s.Form != "zip":
		return bad("only a zip can be unpacked", "set form = \"zip\"")
	case s.SHA256 != "" && len(s.SHA256) != 64:
		return bad("sha256 has not 64 digits", "write the hexadecimal SHA-256")
	}
	return nil
}

// hosts gives the only hosts that a file may come from.
func (s *Source) hosts() []string {
	u, err := url.Parse(s.URL)
	if err != nil {
		return nil
	}
	out := append([]string{u.Host}, s.Hosts...)
	sort.Strings(out)
	return out
}

func (s *Source) allows(host string) bool {
	for _, h := range s.hosts() {
		if strings.EqualFold(h, host) {
			return true
		}
	}
	return false
}
