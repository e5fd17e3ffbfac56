package web

import (
	"math"

	"gevor/atlas"
	"gevor/fault"
	"gevor/internal/paper"
)

// districtAsked is the profile of the district that the address names, with the findings in it and its statistics.
type districtAsked struct {
	*atlas.Profile
	Findings []*atlas.Finding
	Figures  []profileFigure
}

// asksDistrict gives the district of the address in the state that the query names, else as it is today.
func (p *page) asksDistrict() (v districtAsked, err error) {
	stand, err := p.standingAsked()
	if err != nil {
		return v, err
	}
	key := p.req.PathValue("key")
	if v.Profile = p.run.profile(key); v.Profile == nil {
		return v, fault.New(fault.NotFound, p.req.URL.Path, "this run has no such district", "look in the list of districts")
	}
	v.Findings = p.run.findingsIn(v.Area)
	v.Figures, err = p.profileFigures(key, stand)
	if !stand.at.IsZero() || len(v.Figures) > 0 { // they may be withdrawn while the run stays the same
		p.res.Header().Del("ETag")
		p.res.Header().Set("Cache-Control", "private, no-store")
	}
	return v, err
}

func districtMap(p *page) error {
	v, err := p.asksDistrict()
	if err != nil {
		return err
	}
	return p.give("image/svg+xml", fileName(p.area(v.Area))+".svg", p.districtPicture(v.Area, v.Findings).standalone(true))
}

func districtDocument(p *page) error {
	v, err := p.asksDistrict()
	if err != nil {
		return err
	}
	pr, list := v.Profile, v.Findings
	s := p.run.snapshot()
	picture := p.districtPicture(pr.Area, list)
	pic, err := p.onPaper(picture, picture.Titled)
	if err != nil {
		return err
	}
	groups := paper.Table{Head: []string{p.T("web.column.group", nil), p.T("web.column.people", nil)}, Numeric: []bool{false, true}}
	for _, g := range pr.Groups {
		count := p.T("group_state.unknown", nil)
		if isKnownState(g.State) {
			count = p.people(g.People)
		}
		groups.Rows = append(groups.Rows, []string{p.label(s.Groups[g.Group].Label), count})
	}
	offers := paper.Table{Head: []string{p.T("web.column.category", nil), p.T("web.column.offers", nil)}, Numeric: []bool{false, true}}
	for _, c := range pr.Offers {
		offers.Rows = append(offers.Rows, []string{p.label(s.Categories[c.Category].Label), p.Number(float64(c.Offers), 0)})
	}
	compare := paper.Table{
		Head:    []string{p.T("web.column.standard", nil), p.T("web.column.missing", nil), p.T("web.district.here", nil), p.area(s.Areas[pr.Area].Parent), p.T("web.district.region", nil), p.T("web.column.median", nil)},
		Numeric: []bool{false, true, true, true, true, true},
	}
	for _, l := range pr.Standards {
		row := []string{p.label(p.standard(l.Standard).Label), p.unknown(l.Standard), "", "", "", ""}
		if l.Known {
			median := p.T("value.not_reached", nil)
			if !math.IsNaN(l.MedianMinutes) {
				median = p.T("web.minutes", with{"Minutes": p.Number(l.MedianMinutes, 0)})
			}
			row = []string{row[0], p.people(l.Missing), p.Percent(l.MissingShare, 0), p.Percent(l.MunicipalityShare, 0), p.Percent(l.RegionShare, 0), median}
		}
		compare.Rows = append(compare.Rows, row)
	}
	found := paper.Table{Head: []string{p.T("web.column.standard", nil), p.T("web.column.group", nil), p.T("web.column.people", nil), p.T("web.column.cause", nil), "ID"}, Numeric: []bool{false, false, true, false, false}}
	for _, f := range list {
		found.Rows = append(found.Rows, []string{p.label(p.standard(f.Standard).Label), p.label(p.groupOf(f.Standard).Label), p.peopleOf(f), p.T("cause."+f.Cause.String(), nil), f.ID})
	}
	d := paper.Document{Title: p.area(pr.Area) + ", " + p.area(s.Areas[pr.Area].Parent), Parts: []paper.Part{
		paper.Text{Text: p.T("web.count_people", with{"Number": p.people(pr.Population)})},
		pic,
		paper.Heading{Level: 1, Text: p.T("web.district.groups", nil)},
		groups,
		paper.Heading{Level: 1, Text: p.T("web.district.offers", nil)},
		offers,
		paper.Heading{Level: 1, Text: p.T("web.district.compare", nil)},
		compare,
		paper.Heading{Level: 1, Text: p.T("web.district.findings_here", nil)},
	}}
	if len(list) == 0 {
		d.Parts = append(d.Parts, paper.Text{Text: p.T("web.district.no_findings", nil)})
	} else {
		d.Parts = append(d.Parts, found)
	}
	if len(v.Figures) > 0 {
		d.Parts = append(d.Parts, paper.Heading{Level: 1, Text: p.text("figures.profile")}, p.figuresOnPaper(v.Figures))
	}
	d.Parts = append(d.Parts, p.provenance(s.Sources)...)
	return p.giveDocument(p.area(pr.Area), d)
}

// figuresOnPaper are the statistics of a district.
func (p *page) figuresOnPaper(figures []profileFigure) paper.Table {
	t := paper.Table{
		Head:    []string{p.text("figures.column.title"), p.text("figures.column.period"), p.text("web.district.here"), p.text("figures.mean"), p.text("figures.column.direction")},
		Numeric: []bool{false, false, true, true, false},
	}
	for _, f := range figures {
		t.Rows = append(t.Rows, []string{p.withUnit(f.Dataset), p.periodText(f.Point.Period), p.valueText(f.Dataset, f.Point.Value), f.Mean, p.direction(f.Dataset)})
	}
	return t
}
