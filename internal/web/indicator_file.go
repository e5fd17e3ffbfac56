package web

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"strconv"

	"gevor/indicator"
	"gevor/internal/geopackage"
)

// figureGrid holds a whole dataset as it was published: every area, period, kind and break. Numbers that are not known are
// NaN.
func figureGrid(pub *indicator.Publication) grid {
	g := grid{head: []string{"level", "area", "name", "period", "kind", "value", "standard_error", "count", "count_kind", "base", "base_kind", "break"}}
	for _, a := range pub.Areas {
		s := pub.Series(a.Key)
		for _, x := range s.Points {
			broken := ""
			for _, b := range s.Breaks {
				if b.At == x.Period {
					broken = string(b.Reason)
				}
			}
			g.rows = append(g.rows, []any{
				string(a.Level), a.Key, a.Name, x.Period.String(), x.Value.Kind.String(), x.Value.Or(), spread(x.Value),
				x.Count.Or(), x.Count.Kind.String(), x.Base.Or(), x.Base.Kind.String(), broken,
			})
		}
	}
	return g
}

// spread is the standard error of a figure, to four digits; NaN where it has none.
func spread(v indicator.Value) float64 {
	if !(v.Error > 0) {
		return math.NaN()
	}
	x, err := strconv.ParseFloat(strconv.FormatFloat(v.Error, 'g', 4, 64), 64)
	if err != nil {
		return math.NaN()
	}
	return x
}

// figuresFile writes a whole dataset as CSV that programs read.
func figuresFile(p *page) error {
	pub, listed, err := p.site.Figures.Publication(p.req.Context(), p.actor, p.req.PathValue("dataset"))
	if err != nil {
		return err
	}
	d := &pub.Dataset
	about := []string{d.ID, strconv.Itoa(listed.Number), d.ReferenceDate, d.Source, d.Licence, d.Unit.EN, string(d.Direction)}
	g := figureGrid(pub)
	rows := [][]string{append([]string{"dataset", "release", "reference_date", "source", "licence", "unit", "direction"}, g.head...)}
	for _, r := range g.rows {
		row := about[:len(about):len(about)]
		for _, cell := range r {
			if x, ok := cell.(float64); ok {
				row = append(row, plainNumber(x, "en"))
			} else {
				row = append(row, harmless(fmt.Sprint(cell)))
			}
		}
		rows = append(rows, row)
	}
	var out bytes.Buffer
	if err := csv.NewWriter(&out).WriteAll(rows); err != nil {
		return err
	}
	p.res.Header().Set("Cache-Control", "private, no-store")
	return p.give("text/csv; charset=utf-8", fileName(d.ID)+".csv", out.Bytes())
}

// layer is a table without geometry for a GeoPackage. A column holds numbers where one of its cells does; texts in it, which
// say why there is no number, stand in the column "note".
func (g grid) layer(name, title string) geopackage.Table {
	t := geopackage.Table{Name: name, Title: title}
	numbers := make([]bool, len(g.head))
	for k, head := range g.head {
		c := geopackage.Column{Name: head, Type: geopackage.Text}
		for _, r := range g.rows {
			if _, ok := r[k].(float64); ok {
				c.Type, numbers[k] = geopackage.Real, true
			}
		}
		t.Columns = append(t.Columns, c)
	}
	t.Columns = append(t.Columns, geopackage.Column{Name: "note", Type: geopackage.Text})
	for _, r := range g.rows {
		values, note := append(make([]any, 0, len(r)+1), r...), ""
		for k, cell := range r {
			if text, ok := cell.(string); ok && numbers[k] {
				values[k], note = nil, text
			}
		}
		t.Rows = append(t.Rows, geopackage.Row{Values: append(values, note)})
	}
	return t
}

// figuresGeoPackage gives a dataset to a GIS: the areas of its layer with the figures of one period, the whole series of all
// areas, and what one must know of the dataset. It holds what its page holds.
func figuresGeoPackage(p *page) error {
	v, err := p.figuresAsked()
	if err != nil {
		return err
	}
	if v.On == nil {
		return v.noAreas()
	}
	d := &v.Dataset
	all := figureGrid(v.Publication)
	areas := all.layer("areas", p.title(d)+", "+p.periodText(v.At))
	every := areas.Rows
	areas.Geometry, areas.Rows = "MULTIPOLYGON", nil
	for _, r := range every {
		shape, ok := v.On.shapes[fmt.Sprint(r.Values[1])]
		if ok && r.Values[0] == string(d.Level) && r.Values[3] == v.At.String() {
			areas.Rows = append(areas.Rows, geopackage.Row{Geometry: shape, Values: r.Values})
		}
	}
	about := grid{head: []string{"what", "text"}, rows: [][]any{{"dataset", d.ID}, {"unit", d.Unit.In(p.Lang())}, {"note", d.Note.In(p.Lang())}}}
	for _, f := range p.figureFacts(v.Publication, v.Listed, v.At) {
		about.rows = append(about.rows, []any{f.Label, f.Text})
	}
	if d.Synthetic {
		about.rows = append(about.rows, []any{"synthetic", p.text("synthetic")})
	}
	return p.giveGeoPackage(v.name(), v.Listed.At, []geopackage.Table{areas, all.layer("series", p.title(d)), about.layer("about", p.text("figures.about"))})
}
