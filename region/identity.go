package region

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"

	"gevor/fault"
)

// FormatVersion is part of every snapshot's hash: a program that makes other snapshots from the same inputs must
// raise it. Since 2 offers carry the languages in which they are given.
const FormatVersion = 2

// oldestFormat is the oldest format that can still be read: offers of format 1 say nothing of languages.
const oldestFormat = 1

// identify hashes what a snapshot is made of: the format version, the description as read (so comments and spacing
// in region.toml do not matter), and path inside the region, length and SHA-256 of each input. Folders outside the
// region, times and the number of workers do not enter.
func identify(d *Description, inputs []Input) (string, error) {
	canonical, err := json.Marshal(withoutLines(*d))
	if err != nil {
		return "", fault.Wrap(fault.Internal, DescriptionFile, "the description cannot be written down", "", err)
	}
	h := sha256.New()
	fmt.Fprintf(h, "gevor snapshot %d\n%s\n", FormatVersion, canonical)
	for _, in := range inputs {
		fmt.Fprintf(h, "%q %d %s\n", in.Path, in.Bytes, in.SHA256)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// withoutLines gives a copy in which no line number is left.
func withoutLines(d Description) Description {
	d.Population.Line = 0
	if d.Streets != nil {
		s := *d.Streets
		s.Line = 0
		d.Streets = &s
	}
	d.Sources = cleared(d.Sources, func(x *SourceSpec) *int { return &x.Line })
	d.Boundaries = cleared(d.Boundaries, func(x *BoundarySpec) *int { return &x.Line })
	d.Timetables = cleared(d.Timetables, func(x *FileSpec) *int { return &x.Line })
	d.Categories = cleared(d.Categories, func(x *CategorySpec) *int { return &x.Line })
	d.Offers = cleared(d.Offers, func(x *OffersSpec) *int { return &x.Line })
	d.Groups = cleared(d.Groups, func(x *GroupSpec) *int { return &x.Line })
	d.Needs = cleared(d.Needs, func(x *NeedSpec) *int { return &x.Line })
	d.Standards = cleared(d.Standards, func(x *StandardSpec) *int { return &x.Line })
	return d
}

func cleared[T any](in []T, line func(*T) *int) []T {
	out := append([]T(nil), in...)
	for i := range out {
		*line(&out[i]) = 0
	}
	return out
}

// Identify gives the hash that Build would give its snapshot, by reading every input once and building nothing.
func Identify(fsys fs.FS, d *Description) (string, error) {
	in := &inputs{fsys: fsys, seen: map[string]Input{}}
	for _, f := range d.files() {
		if f.File == "" {
			continue
		}
		if err := in.with(f.File, f.Source, f.Line, func(*file) error { return nil }); err != nil {
			return "", err
		}
	}
	return identify(d, in.list())
}
