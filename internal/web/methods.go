package web

import (
	"io/fs"
	"net/http"
	"path"
	"sort"
	"strings"

	"gevor/fault"
	"gevor/internal/web/ui"
	"gevor/notice"
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

// noticesView is what the page of import notices shows.
type noticesView struct {
	Counts []notice.Count
	Total  notice.Count
	Fields []ui.Select
	Rows   []notice.Notice
	Found  int
	All    int // notices of the run
	Pager  ui.Pager
}

// noticesPerPage is how many notices one page shows.
const noticesPerPage = 50

func notices(p *page) error {
	s := p.run.snapshot()
	v := noticesView{Counts: s.Counts, Fields: p.noticeFields(), All: len(s.Notices)}
	for _, c := range s.Counts {
		v.Total.Read += c.Read
		v.Total.Used += c.Used
		v.Total.Rejected += c.Rejected
	}
	file, rule, severity := p.first("file"), p.first("rule"), p.first("severity")
	if severity != "" && index(severities[:], func(x notice.Severity) bool { return x.String() == severity }) < 0 {
		return fault.New(fault.Invalid, "severity", "there is no severity \""+severity+"\"", "choose one of the list")
	}
	for _, n := range s.Notices {
		if (file == "" || n.File == file) && (rule == "" || n.Rule == rule) && (severity == "" || n.Severity.String() == severity) {
			v.Rows = append(v.Rows, n)
		}
	}
	v.Found = len(v.Rows)
	pages := max(1, (v.Found+noticesPerPage-1)/noticesPerPage)
	n, err := p.pageNumber(pages)
	if err != nil {
		return err
	}
	v.Rows = v.Rows[(n-1)*noticesPerPage : min(n*noticesPerPage, v.Found)]
	v.Pager = p.pager(n, pages)
	return p.render(http.StatusOK, p.T("web.nav.notices", nil), noticesPage(p, v))
}

var severities = [...]notice.Severity{notice.Reject, notice.Warning, notice.Info}

func (p *page) noticeFields() []ui.Select {
	fields := []ui.Select{p.choice("severity", "web.field.severity"), p.choice("file", "web.field.file"), p.choice("rule", "web.field.rule")}
	bySeverity, byFile, byRule := map[string]int{}, map[string]int{}, map[string]int{}
	for _, n := range p.run.snapshot().Notices {
		bySeverity[n.Severity.String()]++
		byFile[n.File]++
		byRule[n.Rule]++
	}
	for _, s := range severities {
		if n := bySeverity[s.String()]; n > 0 {
			fields[0].Options = append(fields[0].Options, ui.Option{Value: s.String(), Label: p.T("severity."+s.String(), nil), Count: p.Number(float64(n), 0)})
		}
	}
	fields[1].Options = p.counted(byFile, func(k string) string { return k })
	fields[2].Options = p.counted(byRule, p.rule)
	return fields
}

// counted turns counts by key into options in order of key.
func (p *page) counted(counts map[string]int, label func(string) string) []ui.Option {
	keys := make([]string, 0, len(counts))
	for k := range counts {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	out := make([]ui.Option, len(keys))
	for i, k := range keys {
		out[i] = ui.Option{Value: k, Label: label(k), Count: p.Number(float64(counts[k]), 0)}
	}
	return out
}

// rule says the rule of a notice in words where the catalogue has them, else by its name.
func (p *page) rule(name string) string {
	if key := "rule." + name; p.Has(key) {
		return p.T(key, nil)
	}
	return strings.ReplaceAll(name, "-", " ")
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
	{"report.html", "report"}, {"findings.*", "findings"}, {"layers/*", "layers"}, {"*.pmtiles", "tiles"}, {"*.json", "tables"},
}

func exports(p *page) error {
	groups, err := p.downloads()
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("web.nav.exports", nil), exportsPage(p, groups))
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
