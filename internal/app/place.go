package app

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"gevor/fault"
	"gevor/region"
)

// inFolder puts the folder of a region, or of its data, before the file that an error speaks of, so that the place
// can be opened as it stands there. Other errors pass as they are.
func inFolder(err error, dir, data string) error {
	var f *fault.Error
	if !errors.As(err, &f) {
		return err
	}
	place := path(f.Place, dir, data)
	if place == f.Place {
		return err
	}
	named := *f
	named.Place = place
	return &named
}

// path gives a place inside a region ("region.toml:7", "gtfs/bus.zip!stops.txt", "offers.csv:3") with the folder that
// holds its file, and any other place as it is.
func path(place, dir, data string) string {
	file := place
	if i := strings.IndexAny(place, ":!#"); i >= 0 {
		file = place[:i]
	}
	if file == "" || filepath.IsAbs(file) {
		return place
	}
	for _, folder := range []string{dir, data} {
		if folder == "" {
			continue
		}
		if _, err := os.Stat(filepath.Join(folder, filepath.FromSlash(file))); err == nil {
			return filepath.Join(folder, place)
		}
	}
	if file == region.DescriptionFile {
		return filepath.Join(dir, place)
	}
	return place
}
