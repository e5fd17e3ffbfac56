package web

import (
	"math"
	"time"

	"gevor/atlas"
	"gevor/internal/geopackage"
	"gevor/internal/outline"
)

// stated are the numbers of a page, one a line: part of the page, what it is about, what is counted, the number. Where a
// number is not known its cell says why.
func (p *page) stated() grid {
	return grid{head: []string{p.text("web.document.part"), p.text("web.document.of"), p.text("web.document.measure"), p.text("web.document.number")}}
}

func (g *grid) add(cells ...any) { g.rows = append(g.rows, cells) }

// wholePeople are people as pages round them.
func wholePeople(n float64) float64 { return math.Round(n) }

func wholePercent(share float64) float64 { return math.Round(100 * share) }

// giveGeoPackage sends tables to a GIS. changed is the date of what they hold.
func (p *page) giveGeoPackage(name string, changed time.Time, tables []geopackage.Table) error {
	for i := range tables { // a GIS asks that no two layers have one title
		tables[i].Title += " – " + tables[i].Name
	}
	raw, err := geopackage.Encode(changed, tables)
	if err != nil {
		return err
	}
	return p.give(fileTypes[".gpkg"], fileName(name)+".gpkg", raw)
}

// findingGrid holds the numbers of a finding.
func (p *page) findingGrid(v findingView) grid {
	g := p.stated()
	people, share := p.text("web.column.people"), p.text("web.column.share")+" (%)"
	who := p.text("web.finding.who")
	group := p.label(v.Group.Label)
	g.add(who, group, people, wholePeople(v.People))
	if v.Estimated {
		g.add(who, group, p.text("web.document.low"), wholePeople(v.Low))
		g.add(who, group, p.text("web.document.high"), wholePeople(v.High))
	}
	for _, d := range v.Districts {
		name := p.T("web.no_area", nil)
		if d.Area >= 0 {
			name = p.area(d.Area)
		}
		g.add(p.text("web.finding.where"), name, people, wholePeople(d.People))
	}
	for _, c := range v.Causes {
		cause := p.T("cause."+c.Cause.String(), nil)
		g.add(p.text("web.finding.why"), cause, people, wholePeople(c.People))
		g.add(p.text("web.finding.why"), cause, share, wholePercent(c.Share))
	}
	for _, r := range v.Remedies {
		g.add(p.text("web.finding.close"), r.Text, people, wholePeople(r.Closes))
	}
	p.stand(&g)
	return g
}

// stand says at the end of a table on which run it stands.
func (p *page) stand(g *grid) {
	s := p.run.snapshot()
	g.add(p.text("web.run"), p.label(s.Name), p.Date(s.Date.Format("2006-01-02")), p.run.Hash)
	if s.Synthetic {
		g.add(p.text("web.run"), p.label(s.Name), p.text("synthetic"), "")
	}
}

func findingNumbers(as string) handler {
	return func(p *page) error {
		v, err := p.asksFinding()
		if err != nil {
			return err
		}
		return p.giveGrid(v.ID, as, p.findingGrid(v))
	}
}

func findingGeoPackage(p *page) error {
	v, err := p.asksFinding()
	if err != nil {
		return err
	}
	layer := p.findingLayer([]*atlas.Finding{v.Finding})
	return p.giveGeoPackage(v.ID, p.run.snapshot().Date, []geopackage.Table{layer, p.findingGrid(v).layer("numbers", p.headline(v.Finding))})
}

// findingLayer are findings with the outlines of where they are.
func (p *page) findingLayer(list []*atlas.Finding) geopackage.Table {
	s := p.run.snapshot()
	shapes := outline.New(&s.Cells)
	t := geopackage.Table{
		Name: "findings", Title: p.text("web.nav.findings"), Geometry: "MULTIPOLYGON",
		Columns: []geopackage.Column{
			{Name: "id", Type: geopackage.Text},
			{Name: "place", Type: geopackage.Text},
			{Name: "standard", Type: geopackage.Text},
			{Name: "group", Type: geopackage.Text},
			{Name: "people", Type: geopackage.Real},
			{Name: "low", Type: geopackage.Real},
			{Name: "high", Type: geopackage.Real},
			{Name: "cause", Type: geopackage.Text},
			{Name: "estimated", Type: geopackage.Boolean},
		},
	}
	for _, f := range list {
		t.Rows = append(t.Rows, geopackage.Row{Geometry: shapes.Union(f.Cells), Values: []any{
			f.ID, p.place(f), p.label(p.standard(f.Standard).Label), p.label(p.groupOf(f.Standard).Label),
			wholePeople(f.People), wholePeople(f.Low), wholePeople(f.High), p.T("cause."+f.Cause.String(), nil), f.Estimated,
		}})
	}
	return t
}

// districtGrid holds the numbers of a district: those of the run, then the statistics that the reader may see.
func (p *page) districtGrid(pr *atlas.Profile, list []*atlas.Finding, figures []profileFigure) grid {
	s := p.run.snapshot()
	g := p.stated()
	people := p.text("web.column.people")
	g.add(p.text("web.column.district"), p.area(pr.Area), people, wholePeople(pr.Population))
	for _, x := range pr.Groups {
		count := any(p.T("group_state.unknown", nil))
		if isKnownState(x.State) {
			count = wholePeople(x.People)
		}
		g.add(p.text("web.district.groups"), p.label(s.Groups[x.Group].Label), people, count)
	}
	for _, c := range pr.Offers {
		g.add(p.text("web.district.offers"), p.label(s.Categories[c.Category].Label), p.text("web.column.offers"), float64(c.Offers))
	}
	for _, l := range pr.Standards {
		add := func(measure string, number any) {
			g.add(p.text("web.district.compare"), p.label(p.standard(l.Standard).Label), measure, number)
		}
		missing := p.text("web.column.missing")
		if !l.Known {
			add(missing, p.unknown(l.Standard))
			continue
		}
		add(missing, wholePeople(l.Missing))
		add(p.text("web.district.here")+" (%)", wholePercent(l.MissingShare))
		add(p.area(s.Areas[pr.Area].Parent)+" (%)", wholePercent(l.MunicipalityShare))
		add(p.text("web.district.region")+" (%)", wholePercent(l.RegionShare))
		if math.IsNaN(l.MedianMinutes) {
			add(p.text("web.column.median"), p.T("value.not_reached", nil))
		} else {
			add(p.text("web.column.median"), math.Round(l.MedianMinutes))
		}
	}
	for _, f := range list {
		g.add(p.text("web.district.findings_here"), f.ID+" "+p.label(p.standard(f.Standard).Label), people, wholePeople(f.People))
	}
	for _, f := range figures {
		number := any(p.valueText(f.Dataset, f.Point.Value))
		if f.Point.Value.Known() {
			number = f.Point.Value.Number
		}
		g.add(p.text("figures.profile"), p.withUnit(f.Dataset), p.periodText(f.Point.Period), number)
	}
	p.stand(&g)
	return g
}

func districtNumbers(as string) handler {
	return func(p *page) error {
		v, err := p.asksDistrict()
		if err != nil {
			return err
		}
		return p.giveGrid(p.area(v.Area), as, p.districtGrid(v.Profile, v.Findings, v.Figures))
	}
}

func districtGeoPackage(p *page) error {
	v, err := p.asksDistrict()
	if err != nil {
		return err
	}
	s := p.run.snapshot()
	a := &s.Areas[v.Area]
	layer := geopackage.Table{
		Name: "district", Title: a.Name, Geometry: "MULTIPOLYGON",
		Columns: []geopackage.Column{{Name: "key", Type: geopackage.Text}, {Name: "name", Type: geopackage.Text}, {Name: "municipality", Type: geopackage.Text}, {Name: "people", Type: geopackage.Real}},
		Rows:    []geopackage.Row{{Geometry: a.Shape, Values: []any{a.Key, a.Name, p.area(a.Parent), wholePeople(v.Population)}}},
	}
	return p.giveGeoPackage(a.Name, s.Date, []geopackage.Table{layer, p.findingLayer(v.Findings), p.districtGrid(v.Profile, v.Findings, v.Figures).layer("numbers", a.Name)})
}
