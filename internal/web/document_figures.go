package web

import (
	"math"

	"gevor/authz"
	"gevor/fault"
	"gevor/indicator"
	"gevor/internal/paper"
)

// figureDocumentRoutes are the files in which offices take a dataset with them. They hold what its page holds, which is what
// passed the gate.
func figureDocumentRoutes() []Route {
	at := func(name, pattern string, handle handler) Route {
		return Route{
			Name: name, Access: Access{authz.Figures, authz.View}, States: []State{Normal}, Patterns: map[string]string{"": pattern},
			Handle: func(p *page) error { return handle(p.inAsked()) },
		}
	}
	return []Route{
		at("figures-document", "/figures/{dataset}/figures.docx", figuresDocument),
		at("figures-geopackage", "/figures/{dataset}/figures.gpkg", figuresGeoPackage),
		at("figures-map", "/figures/{dataset}/map.svg", figuresMap),
	}
}

// figuresAsked is a dataset as the query asks for it: its period, and the layer it is shown on.
type figuresAsked struct {
	*indicator.Publication
	Listed indicator.Listed
	On     *areaLayer
	At     indicator.Period
}

func (p *page) figuresAsked() (v figuresAsked, err error) {
	if v.Publication, v.Listed, err = p.site.Figures.Publication(p.req.Context(), p.actor, p.req.PathValue("dataset")); err != nil {
		return v, err
	}
	if v.Publication, v.On, _, err = p.shownOn(v.Publication); err != nil {
		return v, err
	}
	v.At, err = p.periodAsked(v.Publication)
	p.res.Header().Set("Cache-Control", "private, no-store")
	return v, err
}

func (v *figuresAsked) name() string { return v.Dataset.ID + "-" + v.At.String() }

func (v *figuresAsked) noAreas() error {
	return fault.New(fault.NotFound, "map of "+v.Dataset.ID, "does not exist", "the served region does not have these areas")
}

// figureChart is one of the charts of a dataset.
type figureChart struct {
	name, title string // name is what the query calls it
	chart
}

// figureCharts are the charts that the page of a dataset shows.
func (p *page) figureCharts(pub *indicator.Publication, lines []areaLine, area indicator.Area) []figureChart {
	var out []figureChart
	if len(pub.Periods) > 1 && area.Key != "" {
		out = append(out, figureChart{"series", p.T("figures.series", with{"Area": area.Name}), p.seriesChart(pub, area)})
	}
	out = append(out, figureChart{"spread", p.text("figures.spread"), p.spreadChart(pub, lines)})
	if c, ok := p.funnelChart(pub, lines); ok {
		out = append(out, figureChart{"funnel", p.text("figures.funnel"), c})
	}
	return out
}

// figuresMap gives the map of a dataset as a drawing, or the chart that the query names.
func figuresMap(p *page) error {
	v, err := p.figuresAsked()
	if err != nil {
		return err
	}
	if name := p.first("chart"); name != "" {
		lines := p.areaLines(v.Publication, v.At)
		area, err := p.areaAsked(v.Publication, lines)
		if err != nil {
			return err
		}
		for _, c := range p.figureCharts(v.Publication, lines, area) {
			if c.name == name {
				return p.giveChart(v.name()+"-"+name, c.chart)
			}
		}
		return fault.New(fault.NotFound, name, "is no chart of this dataset", "follow a link of its page")
	}
	pic, ok := p.figureMap(v.Publication, v.On, v.At)
	if !ok {
		return v.noAreas()
	}
	return p.give("image/svg+xml", fileName(v.name())+".svg", pic.standalone(true))
}

func figuresDocument(p *page) error {
	v, err := p.figuresAsked()
	if err != nil {
		return err
	}
	d := &v.Dataset
	out := paper.Document{Title: p.title(d) + ", " + p.periodText(v.At), Parts: []paper.Part{paper.Text{Text: d.Unit.In(p.Lang()) + ". " + d.Note.In(p.Lang())}}}
	add := func(parts ...paper.Part) { out.Parts = append(out.Parts, parts...) }
	if mean, share := v.Mean(v.At); !math.IsNaN(mean) {
		add(paper.Text{Text: p.T("figures.mean_text", with{"Number": p.Number(mean, d.Decimals), "Unit": d.Unit.In(p.Lang()), "Share": p.Percent(share, 0)})})
	}
	if pic, ok := p.figureMap(v.Publication, v.On, v.At); ok {
		drawn, err := p.onPaper(pic, pic.Titled)
		if err != nil {
			return err
		}
		add(drawn)
	}
	table := paper.Table{
		Head:    []string{p.text("figures.column.area"), p.text("figures.column.key"), d.Unit.In(p.Lang()), p.text("figures.range"), p.text("figures.column.state")},
		Numeric: []bool{false, false, true, true, false},
	}
	lines := p.areaLines(v.Publication, v.At)
	for _, l := range lines {
		table.Rows = append(table.Rows, []string{l.Name, l.Key, p.valueText(d, l.Point.Value), p.rangeText(d, l.Point.Value), p.T("figures.kind."+l.Point.Value.Kind.String(), nil)})
	}
	add(paper.Heading{Level: 1, Text: p.text("figures.table")}, table)
	area, err := p.areaAsked(v.Publication, lines)
	if err != nil {
		return err
	}
	for _, c := range p.figureCharts(v.Publication, lines, area) {
		drawn, err := p.chartOnPaper(c.chart)
		if err != nil {
			return err
		}
		add(paper.Heading{Level: 1, Text: c.title}, drawn)
	}
	add(paper.Heading{Level: 1, Text: p.text("figures.about")})
	for _, b := range d.Breaks {
		add(paper.Text{Text: p.text("figures.break_head") + " " + p.breakText(b)})
	}
	for _, f := range p.figureFacts(v.Publication, v.Listed, v.At) {
		add(paper.Text{Text: f.Label + ": " + f.Text, Quiet: true})
	}
	if d.Synthetic {
		add(paper.Text{Text: p.text("synthetic")})
	}
	return p.giveDocument(v.name(), out)
}
