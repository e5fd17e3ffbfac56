package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// part is one third-party component.
type part struct {
	purl, name, version string
	licence             string   // SPDX expression
	texts               []string // of its licence and notice files
	hash, algorithm     string   // hexadecimal, of what the registry served; may be empty
}

// listed is what "go list -deps -json" says of a package.
type listed struct {
	ImportPath string
	Imports    []string
	Module     *struct {
		Path, Version, Dir string
		Main               bool
	}
}

// golang lists the modules whose packages are linked into a command for any architecture that is released, and which
// of them needs which. The standard library comes first.
func golang(command string) (parts []part, needs map[string][]string, err error) {
	modules := map[string]part{}
	owner := map[string]string{} // of packages, by purl
	var packages []listed
	for _, arch := range [...]string{"amd64", "arm64"} {
		cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Imports,Module", command)
		cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+arch, "CGO_ENABLED=0")
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			return nil, nil, fmt.Errorf("go list: %w", err)
		}
		for dec := json.NewDecoder(bytes.NewReader(out)); ; {
			var p listed
			if err := dec.Decode(&p); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return nil, nil, err
			}
			packages = append(packages, p)
			if p.Module == nil || p.Module.Main {
				continue
			}
			m := part{purl: "pkg:golang/" + p.Module.Path + "@" + p.Module.Version, name: p.Module.Path, version: p.Module.Version}
			owner[p.ImportPath] = m.purl
			if _, known := modules[m.purl]; known {
				continue
			}
			if err := m.read(p.Module.Dir); err != nil {
				return nil, nil, err
			}
			modules[m.purl] = m
		}
	}
	standard, err := standardLibrary()
	if err != nil {
		return nil, nil, err
	}
	parts = append(parts, standard)
	for _, purl := range slices.Sorted(maps.Keys(modules)) {
		parts = append(parts, modules[purl])
	}
	return parts, edges(packages, owner), nil
}

// edges says which module imports which, from the imports of their packages. "" is the program itself.
func edges(packages []listed, owner map[string]string) map[string][]string {
	needs := map[string][]string{}
	for _, p := range packages {
		own := p.Module != nil && p.Module.Main
		from := owner[p.ImportPath]
		if from == "" && !own {
			continue // of the standard library
		}
		for _, i := range p.Imports {
			if to := owner[i]; to != "" && to != from && !slices.Contains(needs[from], to) {
				needs[from] = append(needs[from], to)
			}
		}
	}
	for from := range needs {
		slices.Sort(needs[from])
	}
	return needs
}

func standardLibrary() (part, error) {
	out, err := exec.Command("go", "env", "GOVERSION", "GOROOT").Output()
	if err != nil {
		return part{}, fmt.Errorf("go env: %w", err)
	}
	words := strings.Fields(string(out))
	if len(words) < 2 {
		return part{}, fmt.Errorf("go env says %q", out)
	}
	version := strings.TrimPrefix(words[0], "go")
	p := part{purl: "pkg:golang/std@" + version, name: "std", version: version}
	return p, p.read(words[1])
}

// npm lists what package-lock.json names for production: what esbuild may have bundled.
func npm(lock string) ([]part, error) {
	raw, err := os.ReadFile(lock)
	if err != nil {
		return nil, err
	}
	var l struct {
		Packages map[string]struct {
			Version, License, Integrity string
			Dev                         bool
		}
	}
	if err := json.Unmarshal(raw, &l); err != nil {
		return nil, fmt.Errorf("%s: %w", lock, err)
	}
	var parts []part
	for _, path := range slices.Sorted(maps.Keys(l.Packages)) {
		p := l.Packages[path]
		if path == "" || p.Dev {
			continue
		}
		name := path[strings.LastIndex(path, "node_modules/")+len("node_modules/"):]
		m := part{purl: "pkg:npm/" + strings.Replace(url.PathEscape(name), "%2F", "/", 1) + "@" + p.Version, name: name, version: p.Version}
		m.purl = strings.Replace(m.purl, "pkg:npm/@", "pkg:npm/%40", 1)
		if sum, ok := strings.CutPrefix(p.Integrity, "sha512-"); ok {
			b, err := base64.StdEncoding.DecodeString(sum)
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", lock, path, err)
			}
			m.hash, m.algorithm = hex.EncodeToString(b), "SHA-512"
		}
		texts, err := licenceFiles(filepath.Join(filepath.Dir(lock), path))
		if err != nil {
			return nil, err
		}
		m.texts, m.licence = texts, strings.Trim(p.License, "()")
		if m.licence == "" {
			return nil, fmt.Errorf("%s names no licence for %s", lock, path)
		}
		parts = append(parts, m)
	}
	return parts, nil
}

// read takes licence and notice files from the folder of a module and recognises the licence.
func (p *part) read(dir string) error {
	texts, err := licenceFiles(dir)
	if err != nil {
		return err
	}
	p.texts = texts
	if p.licence = recognise(texts); p.licence == "" {
		return fmt.Errorf("%s: no licence is recognised in %s; read it, and teach tools/sbom if it may be used", p.name, dir)
	}
	return nil
}

// licenceFiles gives the texts of the licence and notice files of a folder, in the order of their names.
func licenceFiles(dir string) (texts []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		name := strings.ToUpper(e.Name())
		is := strings.HasPrefix(name, "LICENSE") || strings.HasPrefix(name, "LICENCE") || strings.HasPrefix(name, "UNLICENSE") || strings.HasPrefix(name, "COPYING") || strings.HasPrefix(name, "NOTICE")
		if !is || !e.Type().IsRegular() || strings.HasSuffix(name, ".GO") {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		texts = append(texts, strings.ReplaceAll(string(raw), "\r\n", "\n"))
	}
	return texts, nil
}
