package web

import (
	"math"
	"slices"

	"gevor/fault"
	"gevor/indicator"
	"gevor/internal/paper"
	"gevor/internal/web/ui"
)

// listed gives the list of a comparison as the page shows it, all of it where it goes into a file. done says that the query
// asked for the list alone as a file, and that it was sent.
func listed[T any](p *page, s *sheet[T]) (table ui.Table, done bool, err error) {
	switch p.first("as") {
	case "":
	case "csv", "xlsx":
		if p.first("part") == "" {
			done, err = s.asked(p)
			return table, done, err
		}
	default:
		s.Size = max(1, len(s.Rows))
	}
	table, err = s.show(p)
	return table, false, err
}

// offerFiles leads to the files of a page that compares: the page as a document, drawings as SVG, and tables that are no
// lists, which have files of their own already.
func (p *page) offerFiles(v *comparisonView) {
	for i := range v.Parts {
		part := &v.Parts[i]
		if len(part.Table.Rows) > 0 && len(part.Table.Exports) == 0 {
			for _, kind := range []string{"csv", "xlsx"} {
				part.Table.Exports = append(part.Table.Exports, ui.Link{Label: p.T("ui.export_"+kind, nil), Href: p.filter("as", kind, "part", part.ID)})
			}
		}
		if len(part.Chart.Marks) > 0 || part.HasMap {
			part.Drawing = p.filter("as", "svg", "part", part.ID)
		}
	}
	if len(v.Parts) > 0 {
		v.Document = p.filter("as", "docx")
	}
}

// giveComparison sends what the query wants of a page that compares.
func (p *page) giveComparison(v *comparisonView) error {
	p.res.Header().Set("Cache-Control", "private, no-store")
	p.res.Header().Del("ETag")
	as, id := p.first("as"), p.first("part")
	if len(v.Parts) == 0 {
		return fault.New(fault.NotFound, v.Title, "has nothing to take along", "choose what has figures")
	}
	if as == "docx" {
		return p.comparisonDocument(v)
	}
	at := slices.IndexFunc(v.Parts, func(x comparisonPart) bool { return x.ID == id })
	if at < 0 {
		return fault.New(fault.Invalid, "part", "the page has no such part", "follow a link of the page")
	}
	part, name := &v.Parts[at], p.route.Name+"-"+id
	switch {
	case as != "svg":
		return p.giveGrid(name, as, gridOf(&part.Table))
	case len(part.Chart.Marks) > 0:
		return p.giveChart(name, part.Chart)
	case part.HasMap:
		return p.give("image/svg+xml", fileName(name)+".svg", part.Picture.standalone(true))
	}
	return fault.New(fault.NotFound, part.Title, "has no drawing", "")
}

// gridOf is a table of a page as files hold it.
func gridOf(t *ui.Table) grid {
	var g grid
	for _, c := range t.Columns {
		g.head = append(g.head, c.Label)
	}
	for _, r := range t.Rows {
		var line []any
		for _, c := range r.Cells {
			switch {
			case c.Number != nil:
				line = append(line, *c.Number)
			case c.Sub != "" && c.Text != "":
				line = append(line, c.Text+", "+c.Sub)
			default:
				line = append(line, c.Text)
			}
		}
		g.rows = append(g.rows, line)
	}
	return g
}

// figure is a cell with a number that files hold as a number.
func (p *page) figure(x float64, decimals int) ui.Cell {
	return ui.Cell{Text: p.Number(x, decimals), Number: &x}
}

// countCell is a cell with a published count, or why there is none.
func (p *page) countCell(v indicator.Value) ui.Cell {
	c := ui.Cell{Text: p.countText(v)}
	if v.Known() {
		c.Number = &v.Number
	}
	return c
}

// peopled is a cell with a number of people, rounded as pages round it in files as well.
func (p *page) peopled(n float64) ui.Cell {
	whole := math.Round(n)
	return ui.Cell{Text: p.people(n), Number: &whole}
}

// shared is a cell with a share, in files as whole per cent.
func (p *page) shared(x float64) ui.Cell {
	percent := math.Round(100 * x)
	return ui.Cell{Text: p.Percent(x, 0), Number: &percent}
}

// moved is a cell with a difference.
func (p *page) moved(x float64, decimals int) ui.Cell {
	return ui.Cell{Text: p.signed(x, decimals), Number: &x}
}

// valued is a cell with a published figure, or why there is none.
func (p *page) valued(d *indicator.Dataset, v indicator.Value) ui.Cell {
	c := ui.Cell{Text: p.valueText(d, v)}
	if v.Known() {
		c.Number = &v.Number
	}
	return c
}

// comparisonDocument sends a page that compares as a document: what it says, its drawings, and its tables whole.
func (p *page) comparisonDocument(v *comparisonView) error {
	d := paper.Document{Title: v.Title, Parts: []paper.Part{paper.Text{Text: v.Lead}}}
	add := func(parts ...paper.Part) { d.Parts = append(d.Parts, parts...) }
	for _, f := range v.Form {
		for _, o := range f.Options {
			if o.Value == f.Value {
				add(paper.Text{Text: f.Label + ": " + o.Label})
			}
		}
	}
	for i := range v.Parts {
		part := &v.Parts[i]
		add(paper.Heading{Level: 1, Text: part.Title})
		for _, text := range part.Texts {
			add(paper.Text{Text: text})
		}
		for _, f := range part.Facts {
			add(paper.Text{Text: f.Label + ": " + f.Text})
		}
		if part.HasMap {
			pic, err := p.onPaper(part.Picture, part.Picture.Titled)
			if err != nil {
				return err
			}
			add(pic)
		}
		if len(part.Chart.Marks) > 0 {
			pic, err := p.chartOnPaper(part.Chart)
			if err != nil {
				return err
			}
			add(pic)
		}
		if len(part.Table.Rows) > 0 {
			add(tableOnPaper(&part.Table))
		}
		for _, text := range part.Hints {
			add(paper.Text{Text: text, Quiet: true})
		}
	}
	if len(v.Sources) > 0 {
		add(paper.Heading{Level: 1, Text: p.text("figures.sources")})
		for _, s := range v.Sources {
			add(paper.Text{Text: s.Label, Quiet: true})
		}
	}
	if v.Synthetic {
		add(paper.Text{Text: p.text("synthetic")})
	}
	return p.giveDocument(p.route.Name, d)
}

// tableOnPaper is a table of a page as a part of a document.
func tableOnPaper(t *ui.Table) paper.Table {
	var out paper.Table
	for _, c := range t.Columns {
		out.Head, out.Numeric = append(out.Head, c.Label), append(out.Numeric, c.Numeric)
	}
	for _, r := range t.Rows {
		var line []string
		for _, c := range r.Cells {
			text := c.Text
			if c.Sub != "" {
				text += " (" + c.Sub + ")"
			}
			line = append(line, text)
		}
		out.Rows = append(out.Rows, line)
	}
	return out
}
