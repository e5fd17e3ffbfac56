package web

import (
	"slices"

	"gevor/indicator"
	"gevor/internal/web/ui"
)

// competenceRoles are what the page about finding one's way looks for, in its order.
func competenceRoles() []string {
	return []string{"help-with-letters", "missed-appointments", "searches-without-result"}
}

type competenceLine struct {
	indicator.Area
	City string
}

// competencePage shows how people find their way through the systems: what they need help with, and where the systems lose
// them. What nobody gathers is said.
func competencePage(p *page) error {
	all, err := p.publications(func(d *indicator.Dataset) bool {
		return d.Topic == indicator.Competence && d.Level == indicator.Districts
	})
	if err != nil {
		return err
	}
	v := p.comparing("competence")
	var lines []competenceLine
	var parts []comparisonPart
	columns := []column[competenceLine]{{
		Key: "name", Label: p.text("figures.column.area"), Text: func(l competenceLine) string { return l.Name }, Sub: func(l competenceLine) string { return l.City }, Find: true,
	}}
	seen := map[string]bool{}
	for _, pub := range all {
		at, ok := pub.Latest()
		if !ok {
			continue
		}
		d := &pub.Dataset
		for _, l := range p.areaLines(pub, at) {
			if l.Level == d.Level && !seen[l.Key] {
				seen[l.Key] = true
				lines = append(lines, competenceLine{l.Area, l.City})
			}
		}
		columns = append(columns, column[competenceLine]{
			Key: "v-" + d.ID, Label: p.withUnit(d), Decimal: d.Decimals,
			Text:   func(l competenceLine) string { return p.valueText(d, pub.Point(l.Key, at).Value) },
			Number: func(l competenceLine) float64 { return pub.Point(l.Key, at).Value.Or() },
		})
		parts = append(parts, p.competencePart(pub, at))
	}
	for _, role := range competenceRoles() {
		if ofRole(all, role) == nil {
			parts = append(parts, comparisonPart{ID: role, Title: p.text("figures.competence.role." + role), Texts: []string{p.text("figures.competence.no_data")}})
		}
	}
	if len(lines) > 0 {
		slices.SortStableFunc(lines, func(a, b competenceLine) int { return p.compare(a.Name, b.Name) })
		s := &sheet[competenceLine]{Size: figuresOfPage, Name: "zurechtfinden", Caption: p.text("figures.competence.caption"), Rows: lines, Columns: columns}
		table, done, err := listed(p, s)
		if done || err != nil {
			return err
		}
		parts = append(parts, comparisonPart{ID: "districts", Title: p.text("figures.competence.caption"), Table: table, Hints: []string{p.text("figures.competence.hint")}})
	}
	v.Parts = parts
	return p.compared(v, all...)
}

// competencePart is one dataset: how it stands, what may be read from it, and how it is spread.
func (p *page) competencePart(pub *indicator.Publication, at indicator.Period) comparisonPart {
	d := &pub.Dataset
	mean, share := pub.Mean(at)
	tally := pub.Tally(at)
	part := comparisonPart{ID: "d-" + d.ID, Title: p.title(d), Texts: []string{d.Note.In(p.Lang())}, Facts: []ui.Pair{
		{Label: p.text("figures.column.period"), Text: p.periodText(at)},
		{Label: p.text("figures.mean"), Text: p.T("figures.mean_text", with{"Number": p.Number(mean, d.Decimals), "Unit": d.Unit.In(p.Lang()), "Share": p.Percent(share, 0)})},
		{Label: p.text("figures.column.direction"), Text: p.direction(d)},
		{Label: p.T("figures.hidden_in", with{"Period": p.periodText(at)}), Text: p.T("figures.state_text", with{
			"Suppressed": p.Number(float64(tally[indicator.Suppressed]), 0), "Missing": p.Number(float64(tally[indicator.Missing]), 0), "All": p.Number(float64(len(pub.Units())), 0),
		})},
	}}
	part.Chart = p.spreadChart(pub, p.areaLines(pub, at))
	return part
}
