package app

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"gevor/atlas"
	"gevor/fault"
	"gevor/region"
	"gevor/vocabulary"
)

// question is what the flags ask of a snapshot under a standard.
func (f *prospectFlags) question(snap *region.Snapshot, standard int32) (atlas.Question, error) {
	q := atlas.Question{Standard: standard, Group: snap.Standards[standard].Group, Most: f.candidates}
	if f.people != "" {
		k := slices.IndexFunc(snap.Groups, func(g region.Group) bool { return g.Key == f.people })
		if k < 0 {
			var keys []string
			for _, g := range snap.Groups {
				keys = append(keys, g.Key)
			}
			return q, fault.New(fault.NotFound, "target group "+f.people, "is none of the run's", "there are: "+strings.Join(keys, ", "))
		}
		q.Group = int32(k)
	}
	names := vocabulary.NewTongues()
	for _, word := range f.languages {
		tag := names.Base(word)
		if tag == "" {
			return q, usage{fmt.Errorf("--language %q is no language; give a tag like tr, or a name", word)}
		}
		q.Languages = append(q.Languages, tag)
	}
	if f.need == "" {
		return q, nil
	}
	var err error
	q.Need, err = readNeed(f.need, snap)
	return q, err
}

// readNeed reads a CSV with the columns district and share, from 0 to 1.
func readNeed(path string, snap *region.Snapshot) ([]float64, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fault.Wrap(fault.NotFound, path, "cannot be opened", "check the path", err)
	}
	defer file.Close()
	r := csv.NewReader(bufio.NewReader(file))
	header, err := r.Read()
	if err != nil || len(header) != 2 || strings.TrimPrefix(header[0], "\ufeff") != "district" || header[1] != "share" {
		return nil, fault.Wrap(fault.Invalid, path+":1", "the header is not district,share", "write district,share and one district a line", err)
	}
	out := make([]float64, len(snap.Areas))
	for i := range out {
		out[i] = math.NaN()
	}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, badRow(path, err)
		}
		line, _ := r.FieldPos(0)
		place := fmt.Sprintf("%s:%d", path, line)
		k := slices.IndexFunc(snap.Areas, func(a region.Area) bool { return a.Kind == region.District && a.Key == row[0] })
		if k < 0 {
			return nil, fault.New(fault.Invalid, place, fmt.Sprintf("%q is no district of the run", row[0]), "give its key as the boundaries have it")
		}
		if !math.IsNaN(out[k]) {
			return nil, fault.New(fault.Invalid, place, fmt.Sprintf("district %s stands on an earlier line already", row[0]), "give each once")
		}
		share, err := strconv.ParseFloat(row[1], 64)
		if err != nil || !(share >= 0 && share <= 1) {
			return nil, fault.New(fault.Invalid, place, fmt.Sprintf("%q is no share from 0 to 1", row[1]), "write 0.25 for a quarter; leave the district out where nothing is known")
		}
		out[k] = share
	}
}
