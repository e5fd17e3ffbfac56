package web

import (
	"net/http"
	"sort"

	"github.com/a-h/templ"

	"gevor/atlas"
	"gevor/fault"
	"gevor/internal/draw"
	"gevor/region"
)

// districtsView is the list of districts by municipality, with links to their profiles.
type districtsView struct {
	Groups []municipalityGroup
	Outer  locator
}

type municipalityGroup struct {
	Name      string
	Districts []districtCard
}

type districtCard struct {
	Profile  *atlas.Profile
	Name     string
	Findings int
	D        string // outline in the locator
}

func districts(p *page) error {
	s := p.run.snapshot()
	v := districtsView{Outer: p.locator()}
	count := map[int32]int{}
	for i := range p.run.Result.Findings {
		for _, d := range p.run.Result.Findings[i].Districts {
			count[d.Area]++
		}
	}
	at := map[int32]int{}
	for i := range p.run.Result.Profiles {
		pr := &p.run.Result.Profiles[i]
		parent := s.Areas[pr.Area].Parent
		k, ok := at[parent]
		if !ok {
			k = len(v.Groups)
			at[parent] = k
			v.Groups = append(v.Groups, municipalityGroup{Name: p.area(parent)})
		}
		v.Groups[k].Districts = append(v.Groups[k].Districts, districtCard{
			Profile: pr, Name: p.area(pr.Area), Findings: count[pr.Area], D: v.Outer.Path(s.Areas[pr.Area].Shape, 3),
		})
	}
	sort.SliceStable(v.Groups, func(a, b int) bool { return p.compare(v.Groups[a].Name, v.Groups[b].Name) < 0 })
	for _, g := range v.Groups {
		sort.SliceStable(g.Districts, func(a, b int) bool { return p.compare(g.Districts[a].Name, g.Districts[b].Name) < 0 })
	}
	return p.render(http.StatusOK, p.T("web.nav.districts", nil), districtsPage(p, v))
}

// districtView is one district on one sheet.
type districtView struct {
	*atlas.Profile
	Key, Name    string
	Municipality string
	Findings     []*atlas.Finding
	Picture      picture
	Legend       []legendItem
	Scale        float64 // end of the bars of the comparison
	Sources      []region.Source
	Outer        locator
	D            string
	Figures      []profileFigure // released statistics of the district
	Lasting      templ.SafeURL   // where the profile stays as it is
	AsOf         bool            // the address names a state
}

// sheetFindings is how many findings fit the printed sheet of a district.
const sheetFindings = 4

func district(p *page) error {
	key := p.req.PathValue("key")
	stand, err := p.standingAsked()
	if err != nil {
		return err
	}
	pr := p.run.profile(key)
	if pr == nil {
		return fault.New(fault.NotFound, p.req.URL.Path, "this run has no such district", "look in the list of districts")
	}
	s := p.run.snapshot()
	v := districtView{
		Profile: pr, Key: key, Name: p.area(pr.Area), Municipality: p.area(s.Areas[pr.Area].Parent), Sources: s.Sources, Outer: p.locator(),
	}
	v.D = v.Outer.Path(s.Areas[pr.Area].Shape, 2)
	v.Findings = p.run.findingsIn(pr.Area)
	for _, l := range pr.Standards {
		if l.Known {
			v.Scale = max(v.Scale, scaleOf(l.MissingShare, l.MunicipalityShare, l.RegionShare))
		}
	}
	if v.Figures, err = p.profileFigures(key, stand); err != nil {
		return err
	}
	v.Lasting, v.AsOf = p.lasting(key, v.Figures, stand), !stand.at.IsZero()
	if v.AsOf || len(v.Figures) > 0 { // they may be withdrawn while the run stays the same: no copy outlives that
		p.res.Header().Del("ETag")
		p.res.Header().Set("Cache-Control", "private, no-store")
	}
	v.Picture = p.districtPicture(pr.Area, v.Findings)
	v.Legend = p.districtLegend(v.Findings)
	return p.render(http.StatusOK, v.Name, districtPage(p, v))
}

// districtPicture draws a district with the areas of its findings.
func (p *page) districtPicture(area int32, list []*atlas.Finding) picture {
	s := p.run.snapshot()
	box, ok := draw.Bound(s.Areas[area].Shape)
	if !ok {
		box = regionBox(s)
	}
	pic := p.frameOf(box.Grow(400))
	pic.Spot = pic.Path(s.Areas[area].Shape, 0.5)
	pic.Cells = append(p.inhabited(pic.View), p.findingCells(list, pic.View)...)
	pic.Titled = p.T("web.district.map_alt", with{"District": p.area(area)})
	return pic
}

// districtLegend explains the colours that occur in the picture of a district.
func (p *page) districtLegend(list []*atlas.Finding) []legendItem {
	occurs := map[atlas.Cause]bool{}
	for _, f := range list {
		occurs[f.Cause] = true
	}
	out := []legendItem{{"met", p.T("web.start.legend_none", nil)}}
	for _, c := range allCauses() {
		if occurs[c] {
			out = append(out, legendItem{"cause-" + c.String(), p.T("web.district.legend_finding", with{"Cause": p.T("cause."+c.String(), nil)})})
		}
	}
	return out
}

// suppressed is the number of cells of the district in which the group of a standard is suppressed.
func (v districtView) suppressed(standard int32, p *page) int {
	for _, g := range v.Groups {
		if g.Group == p.standard(standard).Group {
			return g.Suppressed
		}
	}
	return 0
}
