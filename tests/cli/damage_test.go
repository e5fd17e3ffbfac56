package cli

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Files of the demo region.
const (
	description = "region.toml"
	extract     = "osm/musterrevier.osm.pbf"
	timetable   = "gtfs/musterrevier.zip"
	population  = "zensus/Zensus2022_Bevoelkerungszahl_100m-Gitter.csv"
	practices   = "offers/gesundheit.csv"
	counselling = "offers/sozialberatung.csv"
	directory   = "offers/offers.json"
	districts   = "boundaries/districts.geojson"
	statistics  = "statistik/arbeit.csv"
	mapping     = "offers/osm-categories.csv"
)

// page404 is what a server sends instead of a file it no longer has.
const page404 = "<!DOCTYPE html>\n<html><head><title>404</title></head><body>Not found</body></html>\n"

// damage spoils a region in one way.
type damage func(t *testing.T, dir string)

func without(file string) damage {
	return func(t *testing.T, dir string) {
		if err := os.Remove(filepath.Join(dir, file)); err != nil {
			t.Fatal(err)
		}
	}
}

func holding(file, content string) damage {
	return func(t *testing.T, dir string) { write(t, content, dir, file) }
}

func changed(file, old, by string) damage {
	return func(t *testing.T, dir string) { replace(t, filepath.Join(dir, file), old, by) }
}

// cutOff keeps the first half of a file, as a broken download does.
func cutOff(file string) damage {
	return func(t *testing.T, dir string) {
		raw := read(t, dir, file)
		write(t, raw[:len(raw)/2], dir, file)
	}
}

// rows changes every row of a table below its header, as its fields.
func rows(file string, change func(i int, fields []string) []string) damage {
	return func(t *testing.T, dir string) {
		lines := strings.Split(strings.TrimSuffix(read(t, dir, file), "\n"), "\n")
		for i := range lines[1:] {
			lines[i+1] = strings.Join(change(i, strings.Split(lines[i+1], ";")), ";")
		}
		write(t, strings.Join(lines, "\n")+"\n", dir, file)
	}
}

// exchanged exchanges two columns in every row but not in the header.
func exchanged(file string, a, b int) damage {
	return rows(file, func(_ int, f []string) []string {
		f[a], f[b] = f[b], f[a]
		return f
	})
}

// repacked writes the members of a zip again: change gets each with its content and gives what to keep, nil to drop it.
func repacked(file string, change func(name string, content []byte) []byte) damage {
	return func(t *testing.T, dir string) {
		raw := read(t, dir, file)
		old, err := zip.NewReader(strings.NewReader(raw), int64(len(raw)))
		if err != nil {
			t.Fatal(err)
		}
		members := map[string][]byte{}
		var names []string
		for _, m := range old.File {
			in, err := m.Open()
			if err != nil {
				t.Fatal(err)
			}
			content, err := io.ReadAll(in)
			if err != nil {
				t.Fatal(err)
			}
			if content = change(m.Name, content); content != nil {
				members[m.Name] = content
				names = append(names, m.Name)
			}
		}
		write(t, zipped(t, names, members), dir, file)
	}
}

func zipped(t *testing.T, names []string, members map[string][]byte) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range names {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(members[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func withoutMembers(file string, names ...string) damage {
	return repacked(file, func(name string, content []byte) []byte {
		if slices.Contains(names, name) {
			return nil
		}
		return content
	})
}

// bomb lets one member unpack to 96 MiB from some hundred kilobytes.
func bomb(file, member string) damage {
	return repacked(file, func(name string, content []byte) []byte {
		if name == member {
			content = append(content, bytes.Repeat([]byte("\n"), 96<<20)...)
		}
		return content
	})
}

// bombedGrid puts the census grid into a zip file in which it unpacks to 96 MiB.
func bombedGrid(t *testing.T, dir string) {
	grid := append([]byte(read(t, dir, population)), bytes.Repeat([]byte("\n"), 96<<20)...)
	write(t, zipped(t, []string{"grid_100m.csv"}, map[string][]byte{"grid_100m.csv": grid}), dir, "zensus/grid.zip")
	replace(t, filepath.Join(dir, description), population, "zensus/grid.zip")
}

// lineOf is the number of the line on which a text first stands in a file.
func lineOf(t *testing.T, file, text string) int {
	t.Helper()
	before, _, found := strings.Cut(read(t, file), text)
	if !found {
		t.Fatalf("%s does not hold %q", file, text)
	}
	return 1 + strings.Count(before, "\n")
}
