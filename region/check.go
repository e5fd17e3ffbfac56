package region

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sort"
	"strings"

	"gevor/fault"
)

// Check gives all problems of a region's description at once, ordered by line: what ReadDescription would refuse,
// files that are missing, sources that are not cleared. It reads no data. An empty answer means that Build will
// start; the data may still hold surprises.
func Check(fsys fs.FS) []Problem {
	d, problems, err := describe(fsys)
	if err != nil {
		var f *fault.Error
		if errors.As(err, &f) {
			return []Problem{problemOf(f)}
		}
		return []Problem{{File: DescriptionFile, What: err.Error()}}
	}
	var gate *fault.Error
	for _, s := range d.Sources {
		one := Description{Sources: []SourceSpec{s}}
		if errors.As(one.sourceGate(), &gate) {
			problems = append(problems, problemOf(gate))
		}
	}
	seen := map[string]bool{}
	for _, f := range d.files() {
		if f.File == "" || seen[f.File] || !fs.ValidPath(f.File) {
			continue
		}
		seen[f.File] = true
		if st, err := fs.Stat(fsys, f.File); err != nil || st.IsDir() {
			what := "the file " + f.File + " is missing"
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				what = "the file " + f.File + " cannot be opened"
			}
			problems = append(problems, Problem{File: DescriptionFile, Line: f.Line, What: what, Advice: "put it into the folder of the region or its data folder, or correct the path"})
		}
	}
	sort.SliceStable(problems, func(i, j int) bool { return problems[i].Line < problems[j].Line })
	return problems
}

// files lists every file a description names.
func (d *Description) files() []FileSpec {
	out := []FileSpec{d.Population.FileSpec}
	for _, x := range d.Boundaries {
		out = append(out, x.FileSpec)
	}
	if d.Streets != nil {
		out = append(out, d.Streets.FileSpec)
	}
	out = append(out, d.Timetables...)
	for _, x := range d.Offers {
		out = append(out, x.FileSpec, FileSpec{Line: x.Line, File: x.Map})
	}
	for _, x := range d.Groups {
		out = append(out, x.FileSpec)
	}
	for _, x := range d.Needs {
		out = append(out, x.FileSpec)
	}
	return out
}

func problemOf(f *fault.Error) Problem {
	p := Problem{File: f.Place, What: f.What, Advice: f.Advice}
	if file, line, ok := strings.Cut(f.Place, ":"); ok {
		if _, err := fmt.Sscan(line, &p.Line); err == nil {
			p.File = file
		}
	}
	return p
}
