package web

import (
	"math"
	"slices"
	"strings"

	"gevor/effect"
	"gevor/indicator"
	"gevor/internal/web/ui"
)

// estimateText says a change with its interval: in the unit of the dataset, of rare rates in per cent.
func (p *page) estimateText(q *effectInquiry, e effect.Estimate) string {
	if !e.Known() {
		return p.T("effect.no_estimate", nil)
	}
	in := with{"Change": p.bound(q, e.Change), "Low": p.bound(q, e.Low), "High": p.bound(q, e.High)}
	if q.study.Counts {
		return p.T("effect.change_ratio", in)
	}
	in["Unit"] = q.figures.Dataset.Unit.In(p.Lang())
	return p.T("effect.change", in)
}

// bound writes one end of a change; infinite where the interval has no end.
func (p *page) bound(q *effectInquiry, x float64) string {
	if math.IsInf(x, 0) {
		return p.T("effect.open", nil)
	}
	if q.study.Counts {
		return p.signed(100*math.Expm1(x), 0)
	}
	return p.signed(x, q.figures.Dataset.Decimals)
}

// sideText writes a figure before and after; of counts per as many people as the dataset says.
func (p *page) sideText(q *effectInquiry, s effect.Side) string {
	d := &q.figures.Dataset
	per := 1.0
	if q.study.Counts {
		per = float64(d.Per)
	}
	return p.T("effect.side", with{"Before": p.Number(per*s.Before, d.Decimals), "After": p.Number(per*s.After, d.Decimals), "Unit": d.Unit.In(p.Lang())})
}

// effectCourse draws the area beside the comparable places.
func (p *page) effectCourse(q *effectInquiry) comparisonPart {
	d := &q.figures.Dataset
	part := comparisonPart{ID: "course", Title: p.T("effect.course", nil), Texts: []string{p.T("effect.course_text", nil)}}
	part.Table = ui.Table{Caption: p.T("effect.course_caption", with{"Title": p.withUnit(d)}), Columns: []ui.Column{
		{Label: p.T("figures.column.period", nil)}, {Label: p.T("effect.area", nil), Numeric: true}, {Label: p.T("effect.others", nil), Numeric: true},
	}}
	var xs, area, others []float64
	var at []indicator.Period
	for _, c := range q.yardstick.Courses(q.figures, q.result, q.periods) {
		xs, area, others, at = append(xs, years(c.At)), append(area, c.Area), append(others, c.Others), append(at, c.At)
		part.Table.Rows = append(part.Table.Rows, ui.Row{Cells: []ui.Cell{{Text: p.periodText(c.At)}, p.figure(c.Area, d.Decimals), p.figure(c.Others, d.Decimals)}})
	}
	if len(xs) < 2 {
		return part
	}
	low, high := extent(area, others)
	g := p.newPlot(p.T("effect.course_alt", with{"Title": p.title(d)}), xs[0], xs[len(xs)-1], low, high, d.Decimals)
	p.periodTicks(g, at)
	if q.study.Start > 0 && q.study.Start < len(xs) {
		g.rule((xs[q.study.Start-1]+xs[q.study.Start])/2, p.T("effect.begins", nil))
	}
	g.line("chart-mean", xs, others)
	g.line("chart-line", xs, area)
	for i, y := range area {
		if !math.IsNaN(y) {
			g.dot("chart-dot", xs[i], y, 3.5, p.periodText(at[i])+": "+p.Number(y, d.Decimals))
		}
	}
	g.Keys = []legendItem{{"chart-key-line", p.T("effect.area", nil)}, {"chart-key-mean", p.T("effect.others", nil)}}
	part.Chart = g.chart
	return part
}

// effectMethods sets the methods beside each other.
func (p *page) effectMethods(q *effectInquiry) comparisonPart {
	r := q.result
	t := ui.Table{Caption: p.T("effect.methods", nil), Columns: []ui.Column{
		{Label: p.T("effect.method", nil)}, {Label: p.T("effect.estimate", nil)}, {Label: p.T("effect.chance", nil), Numeric: true}, {Label: p.T("effect.places", nil), Numeric: true},
	}}
	for _, m := range []struct {
		key string
		e   effect.Estimate
	}{{"difference", r.Difference}, {"synthetic", r.Synthetic}, {"interrupted", r.Interrupted}, {"pretended", r.Pretended}} {
		if m.key == "interrupted" && !q.study.Counts {
			continue
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: p.text("effect.method_" + m.key), Sub: p.text("effect.method_" + m.key + "_text")}, {Text: p.estimateText(q, m.e)}, p.figure(m.e.P, 2), p.figure(float64(m.e.Places), 0)}})
	}
	part := comparisonPart{ID: "methods", Title: p.T("effect.methods", nil), Table: t, Hints: []string{p.T("effect.levels", nil)}}
	if q.study.Counts {
		part.Hints = append(part.Hints, p.T("effect.counted", nil))
	}
	return part
}

// effectPlaces lists the comparable places, and says which were left out.
func (p *page) effectPlaces(q *effectInquiry) comparisonPart {
	part := comparisonPart{ID: "places", Title: p.T("effect.comparable", nil), Texts: []string{p.T("effect.comparable_text", nil)}, Table: ui.Table{
		Caption: p.T("effect.comparable", nil), Columns: []ui.Column{{Label: p.T("figures.column.area", nil)}, {Label: p.T("figures.alike.distance", nil), Numeric: true}, {Label: p.T("effect.weight", nil), Numeric: true}},
	}}
	for _, m := range q.result.Matches {
		part.Table.Rows = append(part.Table.Rows, ui.Row{Cells: []ui.Cell{{Text: q.name(m.Key)}, p.figure(m.Distance, 2), p.figure(m.Weight, 2)}})
	}
	leave := func(why string, names []string) {
		if len(names) > 0 {
			slices.SortFunc(names, p.compare)
			part.Hints = append(part.Hints, p.T("effect.left_out_"+why, with{"Areas": strings.Join(names, ", ")}))
		}
	}
	for _, why := range []effect.Ground{effect.Unlike, effect.Incomplete, effect.Surplus} {
		var names []string
		for _, l := range q.result.LeftOut {
			if l.Why == why {
				names = append(names, q.name(l.Key))
			}
		}
		leave(string(why), names)
	}
	var near, busy []string
	for _, a := range q.study.Areas {
		if a.Role == effect.Neighbour {
			near = append(near, q.name(a.Key))
		}
	}
	for _, key := range q.busy {
		busy = append(busy, q.name(key))
	}
	leave("neighbours", near)
	leave("busy", busy)
	return part
}

func (q *effectInquiry) name(key string) string {
	if a, ok := q.figures.Area(key); ok {
		return a.Name
	}
	return key
}
