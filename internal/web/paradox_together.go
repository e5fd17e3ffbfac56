package web

import (
	"cmp"
	"math"
	"slices"

	"github.com/a-h/templ"

	"gevor/atlas"
	"gevor/indicator"
	"gevor/internal/web/ui"
)

// togetherPage sets deprivation, health and supply of every district side by side.
func togetherPage(p *page) error {
	all, err := p.publications(rates)
	if err != nil {
		return err
	}
	v := p.comparing("together")
	burden, err := p.chosen("burden", all, ofRole(all, "deprivation"))
	if err != nil {
		return err
	}
	health, err := p.chosen("health", all, ofRole(all, "health"))
	if err != nil {
		return err
	}
	if burden == nil || health == nil {
		v.Empty = p.text("figures.together.none")
		return p.compared(v)
	}
	standard, field, err := p.standardAsked("kinderarzt")
	if err != nil {
		return err
	}
	v.Form = []ui.Select{p.datasetField("burden", p.text("figures.topic.deprivation"), all, burden), p.datasetField("health", p.text("figures.topic.health"), all, health)}
	if standard >= 0 {
		v.Form = append(v.Form, field)
	}
	lines := p.togetherLines(burden, health, standard)
	s := p.togetherSheet(burden, health, standard, lines)
	table, done, err := listed(p, s)
	if done || err != nil {
		return err
	}
	heavy := 0
	for _, l := range lines {
		if l.heavy() {
			heavy++
		}
	}
	part := comparisonPart{
		ID: "districts", Title: p.text("figures.together.heading"), Texts: []string{p.T("figures.together.count", with{"Number": p.Number(float64(heavy), 0), "All": p.Number(float64(len(lines)), 0)})},
		Chart: p.togetherChart(burden, health, lines), Table: table, Hints: []string{p.text("figures.together.hint")},
	}
	v.Parts = []comparisonPart{part}
	return p.compared(v, burden, health)
}

type togetherLine struct {
	area           indicator.Area
	burden, health indicator.Point
	thirdB, thirdH int
	line           *atlas.ProfileLine
}

// heavy says that a district is in the worst third of both.
func (l togetherLine) heavy() bool { return l.thirdB == 3 && l.thirdH == 3 }

func (l togetherLine) missingShare() float64 {
	if l.line == nil || !l.line.Known || l.line.People == 0 {
		return math.NaN()
	}
	return l.line.MissingShare
}

func (p *page) togetherLines(burden, health *indicator.Publication, standard int32) []togetherLine {
	b, _ := burden.Latest()
	h, _ := health.Latest()
	var out []togetherLine
	for _, a := range burden.Units() {
		l := togetherLine{area: a, burden: burden.Point(a.Key, b), health: health.Point(a.Key, h), thirdB: third(burden, b, a.Key), thirdH: third(health, h, a.Key)}
		if standard >= 0 {
			if pr := p.run.profile(a.Key); pr != nil {
				for k := range pr.Standards {
					if pr.Standards[k].Standard == standard {
						l.line = &pr.Standards[k]
					}
				}
			}
		}
		out = append(out, l)
	}
	slices.SortStableFunc(out, func(x, y togetherLine) int {
		if x.heavy() != y.heavy() {
			return cmp.Compare(flag(y.heavy()), flag(x.heavy()))
		}
		return p.compare(x.area.Name, y.area.Name)
	})
	return out
}

func (p *page) togetherSheet(burden, health *indicator.Publication, standard int32, lines []togetherLine) *sheet[togetherLine] {
	s := &sheet[togetherLine]{
		Size: figuresOfPage,
		Name: "zusammen", Caption: p.text("figures.together.caption"), Rows: lines,
		Columns: []column[togetherLine]{
			{Key: "name", Label: p.text("figures.column.area"), Text: func(l togetherLine) string { return l.area.Name }, Find: true},
			{
				Key: "heavy", Label: p.text("figures.together.both"), Text: p.heavyText,
				Choices: func(l togetherLine) (value, label string) { return p.heavyText(l), p.heavyText(l) },
			},
			{Key: "burden", Label: p.withUnit(&burden.Dataset), Number: func(l togetherLine) float64 { return l.burden.Value.Or() }, Decimal: burden.Dataset.Decimals, Show: func(l togetherLine) templ.Component { return valueCell(p, &burden.Dataset, l.burden) }, Sub: func(l togetherLine) string { return p.thirdText(l.thirdB) }},
			{Key: "health", Label: p.withUnit(&health.Dataset), Number: func(l togetherLine) float64 { return l.health.Value.Or() }, Decimal: health.Dataset.Decimals, Show: func(l togetherLine) templ.Component { return valueCell(p, &health.Dataset, l.health) }, Sub: func(l togetherLine) string { return p.thirdText(l.thirdH) }},
		},
	}
	if standard >= 0 {
		s.Columns = append(s.Columns, column[togetherLine]{
			Key: "supply", Label: p.T("figures.together.missing", with{"Standard": p.label(p.standard(standard).Label)}), Number: func(l togetherLine) float64 { return 100 * l.missingShare() }, Decimal: 0,
		})
	}
	return s
}

// heavyText says whether a district is in the worst third of both, where both are known.
func (p *page) heavyText(l togetherLine) string {
	switch {
	case l.thirdB == 0 || l.thirdH == 0:
		return p.text("figures.unknown")
	case l.heavy():
		return p.text("figures.yes")
	}
	return p.text("figures.no")
}

func (p *page) thirdText(k int) string {
	if k == 0 {
		return ""
	}
	return p.T([]string{"", "figures.third.low", "figures.third.middle", "figures.third.high"}[k], nil)
}

// togetherChart draws health over deprivation; the size of a point is how many miss the standard.
func (p *page) togetherChart(burden, health *indicator.Publication, lines []togetherLine) chart {
	var xs, ys []float64
	for _, l := range lines {
		xs, ys = append(xs, l.burden.Value.Or()), append(ys, l.health.Value.Or())
	}
	_, high := extent(xs)
	low, top := extent(ys)
	g := p.newPlot(p.T("figures.together.alt", with{"X": p.title(&burden.Dataset), "Y": p.title(&health.Dataset)}), 0, high, low, top, health.Dataset.Decimals)
	for i, l := range lines {
		if math.IsNaN(xs[i]) || math.IsNaN(ys[i]) {
			continue
		}
		size := 4.0
		if share := l.missingShare(); !math.IsNaN(share) {
			size = 4 + 9*math.Sqrt(share)
		}
		class := "chart-dot"
		if l.heavy() {
			class = "chart-dot-far"
		}
		g.dot(class, xs[i], ys[i], size, l.area.Name)
	}
	for _, t := range roundTicks(0, high) {
		if t <= high {
			g.below(t, p.Number(t, 0))
		}
	}
	g.axis(p.title(&burden.Dataset))
	g.Keys = []legendItem{{"chart-key-far", p.text("figures.together.both")}, {"chart-key-line", p.text("figures.together.others")}}
	return g.chart
}
