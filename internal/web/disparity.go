package web

import (
	"math"
	"slices"

	"github.com/a-h/templ"

	"gevor/fault"
	"gevor/indicator"
	"gevor/internal/web/ui"
)

// disparityPage shows how a figure is spread over areas from worst off to best off, and how the gap moves.
func disparityPage(p *page) error {
	all, err := p.publications(rates)
	if err != nil {
		return err
	}
	v := p.comparing("disparity")
	health := slices.IndexFunc(all, func(x *indicator.Publication) bool { return x.Dataset.Role == "health" })
	var preferred *indicator.Publication
	if health >= 0 {
		preferred = all[health]
	}
	pub, err := p.chosen("data", all, preferred)
	if err != nil {
		return err
	}
	by, err := p.chosen("by", all, ofRole(all, "deprivation"))
	if err != nil {
		return err
	}
	if pub == nil || by == nil {
		v.Empty = p.text("figures.disparity.none")
		return p.compared(v)
	}
	at, err := p.periodAsked(pub)
	if err != nil {
		return err
	}
	v.Form = []ui.Select{p.datasetField("data", p.text("figures.disparity.what"), all, pub), p.datasetField("by", p.text("figures.disparity.by"), all, by), p.periodField(pub, at)}
	d, err := indicator.DisparityOf(pub, by, at)
	if fault.KindOf(err) == fault.Invalid && err != nil {
		v.Empty = p.text("figures.disparity.none")
		return p.compared(v, pub, by)
	}
	if err != nil {
		return err
	}
	s := p.disparitySheet(pub, by, d)
	table, done, err := listed(p, s)
	if done || err != nil {
		return err
	}
	v.Parts = []comparisonPart{
		{ID: "now", Title: p.T("figures.disparity.now", with{"Period": p.periodText(at)}), Facts: p.disparityFacts(pub, d), Chart: p.concentrationChart(pub, d), Hints: []string{p.text("figures.disparity.curve_text")}},
		p.gapTrend(pub, by),
		{ID: "areas", Title: p.text("figures.disparity.areas"), Table: table},
	}
	return p.compared(v, pub, by)
}

func (p *page) disparityFacts(pub *indicator.Publication, d *indicator.Disparity) []ui.Pair {
	unit := pub.Dataset.Unit.In(p.Lang())
	n := func(x float64) string { return p.Number(x, pub.Dataset.Decimals) }
	slope := p.signed(-d.Gradient.Slope, pub.Dataset.Decimals)
	if !math.IsNaN(d.Gradient.Error) {
		slope += " (" + p.signed(-d.Gradient.Slope-1.96*d.Gradient.Error, pub.Dataset.Decimals) + " … " + p.signed(-d.Gradient.Slope+1.96*d.Gradient.Error, pub.Dataset.Decimals) + ")"
	}
	ratio := math.NaN()
	if d.Gradient.Ratio > 0 {
		ratio = 1 / d.Gradient.Ratio
	}
	return []ui.Pair{
		{Label: p.text("figures.disparity.worst"), Text: n(d.Worst) + " " + unit},
		{Label: p.text("figures.disparity.best"), Text: n(d.Best) + " " + unit},
		{Label: p.text("figures.disparity.gap"), Text: p.signed(d.Gap(), pub.Dataset.Decimals)},
		{Label: p.text("figures.disparity.slope"), Text: slope},
		{Label: p.text("figures.disparity.relative"), Text: p.Number(ratio, 2)},
		{Label: p.text("figures.disparity.concentration"), Text: p.signed(d.Concentration.Index, 3)},
		{Label: p.text("figures.disparity.compared"), Text: p.T("figures.disparity.areas_of", with{"Number": p.Number(float64(len(d.Standings)), 0), "Left": p.Number(float64(d.Left), 0)})},
	}
}

// concentrationChart draws which share of all cases the worst off share of people has.
func (p *page) concentrationChart(pub *indicator.Publication, d *indicator.Disparity) chart {
	g := p.newPlot(p.T("figures.disparity.curve_alt", with{"Title": p.title(&pub.Dataset)}), 0, 100, 0, 100, 0)
	g.line("chart-mean", []float64{0, 100}, []float64{0, 100})
	xs, ys := []float64{0}, []float64{0}
	for _, s := range d.Standings {
		xs, ys = append(xs, 100*s.Including), append(ys, 100*s.Gathered)
	}
	g.line("chart-line", xs, ys)
	for _, s := range d.Standings {
		g.dot("chart-dot", 100*s.Including, 100*s.Gathered, 3.5, s.Area.Name+": "+p.Number(s.Value, pub.Dataset.Decimals))
	}
	for _, t := range []float64{0, 20, 40, 60, 80, 100} {
		g.below(t, p.Percent(t/100, 0))
	}
	g.axis(p.text("figures.disparity.curve_axis"))
	g.Keys = []legendItem{{"chart-key-line", p.text("figures.disparity.curve")}, {"chart-key-mean", p.text("figures.disparity.equal")}}
	return g.chart
}

// gapTrend follows the gap over the periods; breaks that concern all areas interrupt it.
func (p *page) gapTrend(pub, by *indicator.Publication) comparisonPart {
	part := comparisonPart{ID: "trend", Title: p.text("figures.disparity.trend"), Hints: []string{p.text("figures.disparity.trend_text")}}
	t := ui.Table{Caption: p.text("figures.disparity.trend_caption"), Columns: []ui.Column{{Label: p.text("figures.column.period")}, {Label: p.text("figures.disparity.worst"), Numeric: true}, {Label: p.text("figures.disparity.best"), Numeric: true}, {Label: p.text("figures.disparity.gap"), Numeric: true}, {Label: p.text("figures.disparity.slope"), Numeric: true}}}
	var xs, worst, best []float64
	var at []indicator.Period
	for _, q := range pub.Periods {
		d, err := indicator.DisparityOf(pub, by, q)
		xs, at = append(xs, years(q)), append(at, q)
		if err != nil { // not enough figures of that period: the line is interrupted
			worst, best = append(worst, math.NaN()), append(best, math.NaN())
			continue
		}
		worst, best = append(worst, d.Worst), append(best, d.Best)
		dec := pub.Dataset.Decimals
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: p.periodText(q)}, p.figure(d.Worst, dec), p.figure(d.Best, dec), p.moved(d.Gap(), dec), p.moved(-d.Gradient.Slope, dec)}})
	}
	part.Table = t
	if len(t.Rows) < 2 {
		return part
	}
	low, high := extent(worst, best)
	g := p.newPlot(p.text("figures.disparity.trend_alt"), xs[0], xs[len(xs)-1], low, high, pub.Dataset.Decimals)
	p.periodTicks(g, at)
	breaks := wholeBreaks(pub.Dataset.Breaks)
	for _, b := range breaks {
		g.rule(years(b.At)-0.5, p.breakText(b))
	}
	for _, x := range pieces(xs, worst, at, breaks) {
		g.line("chart-line", x[0], x[1])
	}
	for _, x := range pieces(xs, best, at, breaks) {
		g.line("chart-second", x[0], x[1])
	}
	g.Keys = []legendItem{{"chart-key-line", p.text("figures.disparity.worst")}, {"chart-key-second", p.text("figures.disparity.best")}}
	part.Chart = g.chart
	return part
}

func (p *page) disparitySheet(pub, by *indicator.Publication, d *indicator.Disparity) *sheet[indicator.Standing] {
	return &sheet[indicator.Standing]{
		Size: figuresOfPage,
		Name: "ungleichheit-" + pub.Dataset.ID, Caption: p.text("figures.disparity.caption"), Rows: d.Standings,
		Columns: []column[indicator.Standing]{
			{
				Key: "name", Label: p.text("figures.column.area"), Text: func(s indicator.Standing) string { return s.Area.Name }, Find: true,
				Link: func(s indicator.Standing) templ.SafeURL {
					return p.link("indicator", pub.Dataset.ID) + templ.SafeURL("?area="+urlQuery(s.Area.Key))
				},
			},
			{Key: "rank", Label: p.withUnit(&by.Dataset), Number: func(s indicator.Standing) float64 { return s.Rank }, Decimal: by.Dataset.Decimals},
			{Key: "value", Label: p.withUnit(&pub.Dataset), Number: func(s indicator.Standing) float64 { return s.Value }, Decimal: pub.Dataset.Decimals},
			{Key: "people", Label: p.text("figures.column.base"), Number: func(s indicator.Standing) float64 { return s.People }},
			{Key: "below", Label: p.text("figures.disparity.cumulated"), Number: func(s indicator.Standing) float64 { return 100 * s.Including }, Decimal: 1},
			{Key: "gathered", Label: p.text("figures.disparity.gathered"), Number: func(s indicator.Standing) float64 { return 100 * s.Gathered }, Decimal: 1},
		},
	}
}

// divergencePage shows whether areas drift apart over time, and which.
func divergencePage(p *page) error {
	all, err := p.publications(func(d *indicator.Dataset) bool { return d.Level == indicator.Districts && (d.Ratio() || d.Values) })
	if err != nil {
		return err
	}
	v := p.comparing("divergence")
	pub, err := p.chosen("data", all, ofRole(all, "deprivation"))
	if err != nil {
		return err
	}
	if pub == nil {
		v.Empty = p.text("figures.divergence.none")
		return p.compared(v)
	}
	v.Form = []ui.Select{p.datasetField("data", p.text("figures.disparity.what"), all, pub)}
	d := indicator.DivergenceOf(pub)
	s := p.trendSheet(pub, d)
	table, done, err := listed(p, s)
	if done || err != nil {
		return err
	}
	v.Parts = []comparisonPart{
		p.spreadPart(pub, d),
		{
			ID: "areas", Title: p.text("figures.divergence.areas"), Texts: []string{p.T("figures.divergence.areas_text", with{"Number": p.Number(float64(drifting(d)), 0), "All": p.Number(float64(len(d.Trends)), 0)})},
			Table: table, Hints: []string{p.text("figures.divergence.method")},
		},
	}
	return p.compared(v, pub)
}

// discovery is the share of false alarms among the areas that are called drifting.
const discovery = 0.05

func drifting(d *indicator.Divergence) int {
	n := 0
	for _, t := range d.Trends {
		if t.Adjusted <= discovery {
			n++
		}
	}
	return n
}

func (p *page) spreadPart(pub *indicator.Publication, d *indicator.Divergence) comparisonPart {
	dec := pub.Dataset.Decimals
	part := comparisonPart{ID: "spread", Title: p.text("figures.divergence.spread"), Hints: []string{p.text("figures.divergence.spread_text")}}
	part.Table = ui.Table{Caption: p.text("figures.divergence.caption"), Columns: []ui.Column{
		{Label: p.text("figures.column.period")}, {Label: p.text("figures.divergence.high"), Numeric: true}, {Label: p.text("figures.mean"), Numeric: true}, {Label: p.text("figures.divergence.low"), Numeric: true}, {Label: p.text("figures.divergence.deviation"), Numeric: true}, {Label: p.text("figures.column.areas"), Numeric: true},
	}}
	var xs, worst, best, mean []float64
	var at []indicator.Period
	for _, s := range d.Spreads {
		xs, at = append(xs, years(s.Period)), append(at, s.Period)
		worst, best, mean = append(worst, s.Worst), append(best, s.Best), append(mean, s.Mean)
		name := p.periodText(s.Period)
		if s.Broken {
			name += " (" + p.text("figures.broken") + ")"
		}
		part.Table.Rows = append(part.Table.Rows, ui.Row{Cells: []ui.Cell{{Text: name}, p.figure(s.Worst, dec), p.figure(s.Mean, dec), p.figure(s.Best, dec), p.figure(s.Deviation, dec+1), p.figure(float64(s.Areas), 0)}})
	}
	if len(xs) < 2 {
		return part
	}
	low, high := extent(worst, best)
	g := p.newPlot(p.T("figures.divergence.alt", with{"Title": p.title(&pub.Dataset)}), xs[0], xs[len(xs)-1], low, high, dec)
	p.periodTicks(g, at)
	breaks := wholeBreaks(pub.Dataset.Breaks)
	for _, b := range breaks {
		g.rule(years(b.At)-0.5, p.breakText(b))
	}
	for _, l := range []struct {
		class string
		ys    []float64
	}{{"chart-mean", mean}, {"chart-line", worst}, {"chart-second", best}} {
		for _, x := range pieces(xs, l.ys, at, breaks) {
			g.line(l.class, x[0], x[1])
		}
	}
	g.Keys = []legendItem{{"chart-key-line", p.text("figures.divergence.high")}, {"chart-key-mean", p.text("figures.mean")}, {"chart-key-second", p.text("figures.divergence.low")}}
	part.Chart = g.chart
	return part
}

func (p *page) trendSheet(pub *indicator.Publication, d *indicator.Divergence) *sheet[indicator.Trend] {
	dec := pub.Dataset.Decimals
	return &sheet[indicator.Trend]{
		Size: figuresOfPage,
		Name: "auseinander-" + pub.Dataset.ID, Caption: p.text("figures.divergence.areas_caption"), Rows: d.Trends, EmptyTitle: p.text("figures.divergence.none"),
		Columns: []column[indicator.Trend]{
			{
				Key: "name", Label: p.text("figures.column.area"), Text: func(t indicator.Trend) string { return t.Area.Name }, Find: true,
				Link: func(t indicator.Trend) templ.SafeURL {
					return p.link("indicator", pub.Dataset.ID) + templ.SafeURL("?area="+urlQuery(t.Area.Key))
				},
			},
			{Key: "time", Label: p.text("figures.divergence.stretch"), Text: func(t indicator.Trend) string { return p.periodShort(t.From) + "–" + p.periodShort(t.To) }, Fixed: true},
			{Key: "first", Label: p.text("figures.divergence.first"), Number: func(t indicator.Trend) float64 { return t.First }, Decimal: dec},
			{Key: "last", Label: p.text("figures.divergence.last"), Number: func(t indicator.Trend) float64 { return t.Last }, Decimal: dec},
			{Key: "pace", Label: p.text("figures.divergence.pace"), Number: func(t indicator.Trend) float64 { return t.Pace }, Decimal: dec + 1},
			{Key: "error", Label: p.text("figures.divergence.error"), Number: func(t indicator.Trend) float64 { return t.Error }, Decimal: dec + 1},
			{
				Key: "drifts", Label: p.text("figures.divergence.sure"), Text: func(t indicator.Trend) string {
					if t.Adjusted <= discovery {
						return p.text("figures.divergence.drifts")
					}
					return p.text("figures.divergence.chance")
				},
				Sub: func(t indicator.Trend) string { return p.T("figures.divergence.q", with{"Q": p.Number(t.Adjusted, 3)}) },
			},
		},
	}
}
