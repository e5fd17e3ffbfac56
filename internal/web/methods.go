package web

import (
	"context"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"gevor/fault"
	"gevor/region"
)

// methodsView is what the page of methods and data shows.
type methodsView struct {
	Standards []standardLine
	Sources   []sourceLine
	Groups    []region.Group
	Need      []region.NeedFactor
}

type sourceLine struct {
	region.Source
	Inputs []region.Input
}

func methods(p *page) error {
	s := p.run.snapshot()
	v := methodsView{Standards: p.standardLines(), Groups: s.Groups, Need: s.Need}
	for _, src := range s.Sources {
		line := sourceLine{Source: src}
		for _, in := range s.Inputs {
			if in.Source == src.Key {
				line.Inputs = append(line.Inputs, in)
			}
		}
		v.Sources = append(v.Sources, line)
	}
	return p.render(http.StatusOK, p.T("web.nav.methods", nil), methodsPage(p, v))
}

// download is one file of a run.
type download struct {
	Name, Href, Kind string
	Bytes            int64
}

// downloadGroup is a set of files under one heading of the catalogue (web.download.<Key>).
type downloadGroup struct {
	Key   string
	Files []download
}

// downloadKinds sorts the files of a run under headings; the first pattern that matches wins, and what matches
// none is listed under "other", so nothing of a run is hidden.
var downloadKinds = [...]struct{ pattern, key string }{
	{"report.*", "report"}, {"findings.*", "findings"}, {"areas.*", "findings"}, {"layers/*", "layers"}, {"*.pmtiles", "tiles"}, {"*.json", "tables"},
}

// Reckoning tells of the run of a region that is being computed, if one is: what share of its present step is done
// (0–1), and when that was said. A run that nobody spoke of for longer than stillReckoning is over.
type Reckoning interface {
	Reckoning(ctx context.Context, region string) (share float64, at time.Time, ok bool, err error)
}

const stillReckoning = time.Minute

func exports(p *page) error {
	groups, err := p.downloads()
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("web.nav.exports", nil), exportsPage(p, groups, p.percent()))
}

// percent says how much of the present step of a new run is done; negative where none is being computed. A queue that
// does not answer keeps nobody from the files of the last run.
func (p *page) percent() int {
	if p.site.Reckoning == nil {
		return -1
	}
	share, at, ok, err := p.site.Reckoning.Reckoning(p.req.Context(), p.run.Region)
	switch {
	case err != nil:
		p.site.Log.Warn("how far a run is cannot be told", "error", err)
	case ok && p.now().Sub(at) < stillReckoning:
		return int(100 * share)
	}
	return -1
}

func (p *page) downloads() ([]downloadGroup, error) {
	byKey := map[string]*downloadGroup{}
	var out []downloadGroup
	for _, k := range downloadKinds {
		out = append(out, downloadGroup{Key: k.key})
	}
	out = append(out, downloadGroup{Key: "other"})
	for i := range out {
		byKey[out[i].Key] = &out[i]
	}
	err := fs.WalkDir(p.run.Files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !shared(name) {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		g := byKey[downloadKind(name)]
		g.Files = append(g.Files, download{
			Name: name, Href: p.filePath(name), Kind: strings.TrimPrefix(path.Ext(name), "."), Bytes: info.Size(),
		})
		return nil
	})
	if err != nil {
		return nil, fault.Wrap(fault.Corrupt, "", "the files of the run cannot be listed", "check the run folder", err)
	}
	return out, nil
}

func downloadKind(name string) string {
	for _, k := range downloadKinds {
		if ok, err := path.Match(k.pattern, name); err == nil && ok {
			return k.key
		}
	}
	return "other"
}

// shared says whether a file of the run folder may leave: all but those whose name starts with a dot and the
// timings, which are no result.
func shared(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(part, ".") {
			return false
		}
	}
	return name != "timings.json"
}

// filePath is the address of a file of the served run.
func (p *page) filePath(name string) string {
	return p.site.byName["file"].Path("", p.run.Hash, name)
}

// bytes writes a size of a file.
func (p *page) bytes(n int64) string {
	switch {
	case n < 1000:
		return p.Number(float64(n), 0) + " B"
	case n < 1000*1000:
		return p.Number(float64(n)/1000, 0) + " kB"
	case n < 1000*1000*1000:
		return p.Number(float64(n)/1e6, 1) + " MB"
	}
	return p.Number(float64(n)/1e9, 1) + " GB"
}
