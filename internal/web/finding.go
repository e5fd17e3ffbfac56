package web

import (
	"math"
	"net/http"
	"strings"

	"gevor/atlas"
	"gevor/fault"
	"gevor/geo"
	"gevor/internal/draw"
	"gevor/internal/outline"
	"gevor/internal/web/ui"
	"gevor/region"
	"gevor/travel"
)

// findingView is what the page of a finding shows.
type findingView struct {
	*atlas.Finding
	Rank     int // by score, 1-based
	Total    int
	Standard *region.Standard
	Group    *region.Group
	Causes   []cause
	Segments []ui.Segment
	Picture  picture
	Island   island
	Remedies []remedyView
	Minutes  [2]float64 // people-weighted quartiles of the way to the nearest place in seconds, NaN where unknown
	Prev     string     // identity of the finding ranked before, empty at the top
	Next     string
	Sources  []region.Source
	Warning  *atlas.KeptWarning // early warning of the same place, group and category; nil where there is none
}

type remedyView struct {
	atlas.Remedy
	Text  string
	Share float64
}

func finding(p *page) error {
	f, rank := p.run.finding(p.req.PathValue("id"))
	if f == nil {
		return fault.New(fault.NotFound, p.req.URL.Path, "this run has no such finding", "look in the list of findings")
	}
	v := p.findingView(f, rank)
	var err error
	if v.Warning, err = p.warned(f.ID); err != nil {
		return err
	}
	return p.render(http.StatusOK, p.headline(f)+" · "+p.place(f), findingPage(p, v))
}

func (p *page) findingView(f *atlas.Finding, rank int) findingView {
	all := p.run.Result.Findings
	v := findingView{
		Finding: f, Rank: rank + 1, Total: len(all), Standard: p.standard(f.Standard), Group: p.groupOf(f.Standard),
		Causes: causes(f.CauseShares, f.People), Picture: p.findingPicture(f), Minutes: p.waysThere(f),
	}
	for _, c := range v.Causes {
		v.Segments = append(v.Segments, ui.Segment{Share: c.Share, Class: "cause-" + c.Cause.String()})
	}
	for _, r := range f.Remedies {
		v.Remedies = append(v.Remedies, remedyView{Remedy: r, Text: p.remedy(r), Share: share(r.Closes, f.People)})
	}
	if rank > 0 {
		v.Prev = all[rank-1].ID
	}
	if rank+1 < len(all) {
		v.Next = all[rank+1].ID
	}
	v.Sources = p.sourcesOf(f)
	v.Island = p.islandFor(f.Standard, showCause, v.Picture.Box)
	v.Island.Finding, v.Island.Marks = f.ID, p.remedyMarks(f.Remedies)
	return v
}

// share is a part of a whole, 0 where the whole is 0.
func share(part, whole float64) float64 {
	if whole <= 0 {
		return 0
	}
	return math.Min(1, part/whole)
}

// remedy says what would be done, and where.
func (p *page) remedy(r atlas.Remedy) string {
	s := p.run.snapshot()
	if r.Kind == atlas.RemedyExtend && r.Offer >= 0 {
		return p.T("web.remedy.extend", with{"Offer": s.Offers[r.Offer].Name})
	}
	if r.Cell >= 0 && s.Cells.District[r.Cell] >= 0 {
		return p.T("web.remedy.open", with{"Place": p.area(s.Cells.District[r.Cell])})
	}
	return p.T("web.remedy.open_anywhere", nil)
}

// waysThere are the quartiles 25 and 75 % of the way to the nearest place, weighted by the people of the group.
// Unreached counts as infinite. NaN where the run holds no layer.
func (p *page) waysThere(f *atlas.Finding) [2]float64 {
	l, g := p.run.layer(f.Standard), p.groupOf(f.Standard)
	if l == nil || g.People == nil {
		return [2]float64{math.NaN(), math.NaN()}
	}
	return [2]float64{weightedQuantile(l.Seconds, g.People, f.Cells, 0.25), weightedQuantile(l.Seconds, g.People, f.Cells, 0.75)}
}

// sourcesOf lists the sources a finding stands on: people, offers of the category, streets and timetable by the
// kinds of ways.
func (p *page) sourcesOf(f *atlas.Finding) []region.Source {
	s := p.run.snapshot()
	want := map[string]bool{p.groupOf(f.Standard).Source: true}
	for i := range s.Offers {
		for _, c := range s.Offers[i].Categories {
			if c == p.standard(f.Standard).Category {
				want[s.Offers[i].Source] = true
			}
		}
	}
	for _, in := range s.Inputs {
		if isNetwork(in.Path, p.standard(f.Standard).Ways) {
			want[in.Source] = true
		}
	}
	var out []region.Source
	for _, src := range s.Sources {
		if want[src.Key] {
			out = append(out, src)
		}
	}
	return out
}

// findingPicture draws a finding: its cells by cause, what lies around it, the nearest offers and the remedies.
func (p *page) findingPicture(f *atlas.Finding) picture {
	s := p.run.snapshot()
	box := geo.Box{MinLon: math.Inf(1), MinLat: math.Inf(1), MaxLon: math.Inf(-1), MaxLat: math.Inf(-1)}
	for _, c := range f.Cells {
		box = draw.Extend(box, s.Cells.At[c])
	}
	if len(f.Cells) == 0 {
		box = regionBox(s)
	}
	near := box.Grow(remedyMargin)
	for _, r := range f.Remedies {
		if at, ok := p.remedyAt(r); ok && near.Contains(at) {
			box = draw.Extend(box, at)
		}
	}
	pic := p.frameOf(box.Grow(pictureMargin))
	if l := p.run.layer(f.Standard); l != nil {
		pic.Cells = cellsOf(s, l, showCause, pic.View)
	}
	pic.Spot = pic.Path(outline.New(&s.Cells).Union(f.Cells), 0)
	category := p.standard(f.Standard).Category
	for i := range s.Offers {
		o := &s.Offers[i]
		if !pic.Box.Contains(o.At) || !has(o.Categories, category) {
			continue
		}
		x, y := pic.XY(o.At.Lon, o.At.Lat)
		pic.Marks = append(pic.Marks, mark{X: unit(x), Y: unit(y), Class: "offer", Title: o.Name})
	}
	for _, r := range f.Remedies {
		if at, ok := p.remedyAt(r); ok {
			x, y := pic.XY(at.Lon, at.Lat)
			pic.Marks = append(pic.Marks, mark{X: unit(x), Y: unit(y), Class: "remedy", Title: p.remedy(r)})
		}
	}
	pic.Titled = p.T("web.finding.map_alt", with{"Place": p.place(f)})
	return pic
}

func (p *page) remedyAt(r atlas.Remedy) (geo.LonLat, bool) {
	s := p.run.snapshot()
	switch {
	case r.Kind == atlas.RemedyExtend && r.Offer >= 0:
		return s.Offers[r.Offer].At, true
	case r.Kind == atlas.RemedyOpen && r.Cell >= 0:
		return s.Cells.At[r.Cell], true
	}
	return geo.LonLat{}, false
}

func has(list []int32, x int32) bool {
	for _, y := range list {
		if y == x {
			return true
		}
	}
	return false
}

// isNetwork says whether an input is the network that one of the ways runs on: streets for all, the timetable
// for public transport.
func isNetwork(path string, ways []region.Way) bool {
	transit := false
	for _, w := range ways {
		transit = transit || w.Mode == travel.Transit
	}
	return strings.HasSuffix(path, ".pbf") || transit && strings.HasPrefix(path, "gtfs/")
}
