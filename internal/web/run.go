package web

import (
	"io/fs"

	"gevor/atlas"
	"gevor/region"
)

// Runs gives the run that is served now. The run may change between two calls, never during the life of the
// value it returned.
type Runs interface {
	// Current gives fault.NotFound where nothing has been analysed yet and fault.Corrupt where the stored run
	// fails its checks.
	Current() (*Run, error)
}

// PastRuns opens runs that are served no more, by their hash; fault.NotFound where there is none.
type PastRuns interface {
	Past(hash string) (*Run, error)
}

// Run is what the pages need of one run. It is immutable and shared between requests.
type Run struct {
	Hash    string // hex, names the run in addresses and footers
	Region  string // key of the region
	Program string // version of the program that made it
	// Result is what the run found. Its snapshot needs no network and no timetable.
	Result *atlas.Result
	// Files are the files of the run for download, tiles included.
	Files fs.FS
}

// Fixed is a Runs that always serves the same run, or none where it is nil.
func Fixed(r *Run) Runs { return fixed{r} }

type fixed struct{ run *Run }

// Current gives the run it was made with.
func (f fixed) Current() (*Run, error) {
	if f.run == nil {
		return nil, errNoRun
	}
	return f.run, nil
}

func (r *Run) snapshot() *region.Snapshot { return r.Result.Snapshot }

// finding looks a finding up by its identity.
func (r *Run) finding(id string) (*atlas.Finding, int) {
	for i := range r.Result.Findings {
		if r.Result.Findings[i].ID == id {
			return &r.Result.Findings[i], i
		}
	}
	return nil, -1
}

// findingsIn lists the findings that touch a district, in their order.
func (r *Run) findingsIn(area int32) []*atlas.Finding {
	var out []*atlas.Finding
	for i := range r.Result.Findings {
		f := &r.Result.Findings[i]
		for _, d := range f.Districts {
			if d.Area == area {
				out = append(out, f)
				break
			}
		}
	}
	return out
}

// profile looks a district's profile up by the key of the district.
func (r *Run) profile(key string) *atlas.Profile {
	for i := range r.Result.Profiles {
		if r.snapshot().Areas[r.Result.Profiles[i].Area].Key == key {
			return &r.Result.Profiles[i]
		}
	}
	return nil
}

// layer gives the layer of a standard, nil where the run holds none.
func (r *Run) layer(standard int32) *atlas.Layer {
	for i := range r.Result.Layers {
		if r.Result.Layers[i].Standard == standard {
			return &r.Result.Layers[i]
		}
	}
	return nil
}

// summary gives the summary of a standard, nil where the run holds none.
func (r *Run) summary(standard int32) *atlas.StandardSummary {
	for i := range r.Result.Summaries {
		if r.Result.Summaries[i].Standard == standard {
			return &r.Result.Summaries[i]
		}
	}
	return nil
}

// municipality is the index of the municipality an area lies in: itself, its parent, or -1.
func municipality(s *region.Snapshot, area int32) int32 {
	if area < 0 {
		return -1
	}
	if s.Areas[area].Kind == region.Municipality {
		return area
	}
	return s.Areas[area].Parent
}
