package web

import (
	"cmp"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"gevor/fault"
	"gevor/indicator"
	"gevor/internal/web/ui"
)

// indicatorView is one dataset.
type indicatorView struct {
	*indicator.Publication
	Listed  indicator.Listed
	Tabs    []ui.Link
	At      indicator.Period
	Form    []ui.Select
	Picture picture
	HasMap  bool
	Legend  []legendItem
	Table   ui.Table
	Series  chart
	SeriesT ui.Table
	Spread  chart
	Funnel  chart
	HasFun  bool
	Facts   []ui.Pair
	Breaks  []string
	File    templ.SafeURL
	// Document and Drawing are the page and its map as files, in the language, period and layer of the page.
	Document, Drawing templ.SafeURL
	GIS               templ.SafeURL // the dataset with its areas
	Mean              string
	Area              indicator.Area
	Carried           string // how the figures came to these areas; empty on their own
	Across            string // a comparison over a boundary change
}

// areaLine is an area of the table of a dataset.
type areaLine struct {
	indicator.Area
	Point  indicator.Point
	Before indicator.Point // the last comparable figure before; its period is not valid where there is none
	Broken string          // why it is not compared
	City   string
}

func indicatorPage(p *page) error {
	pub, listed, err := p.site.Figures.Publication(p.req.Context(), p.actor, p.req.PathValue("dataset"))
	if err != nil {
		return err
	}
	own := pub.Dataset.Level
	pub, on, layers, err := p.shownOn(pub)
	if err != nil {
		return err
	}
	v := indicatorView{Publication: pub, Listed: listed, Tabs: p.figuresTabs(), File: p.link("figures-file", pub.Dataset.ID)}
	if pub.Dataset.Level != own {
		v.Carried = p.T("figures.layer.text", with{"From": p.T("figures.level."+string(own), nil), "To": p.T("figures.level."+string(pub.Dataset.Level), nil)})
	}
	if v.At, err = p.periodAsked(pub); err != nil {
		return err
	}
	asked := url.Values{"in": {p.Lang()}, "time": {v.At.String()}, "on": {string(pub.Dataset.Level)}}
	if area := p.first("area"); area != "" {
		asked.Set("area", area)
	}
	file := func(name string) templ.SafeURL {
		return p.link(name, pub.Dataset.ID) + templ.SafeURL("?"+asked.Encode())
	}
	v.Document, v.Drawing, v.GIS = file("figures-document"), file("figures-map"), file("figures-geopackage")
	lines := p.areaLines(pub, v.At)
	s := p.areaSheet(pub, lines, v.At)
	if done, err := s.asked(p); done || err != nil {
		return err
	}
	if v.Table, err = s.show(p); err != nil {
		return err
	}
	v.Facts = p.figureFacts(pub, listed, v.At)
	for _, b := range pub.Dataset.Breaks {
		text := p.breakText(b)
		for i, key := range b.Areas {
			a, _ := pub.Area(key)
			text += []string{": ", ", "}[min(i, 1)] + a.Name
		}
		v.Breaks = append(v.Breaks, text)
	}
	v.Form = []ui.Select{p.periodField(pub, v.At), p.areaField(pub)}
	if len(layers.Options) > 1 {
		v.Form = append(v.Form, layers)
	}
	if mean, share := pub.Mean(v.At); !math.IsNaN(mean) {
		v.Mean = p.T("figures.mean_text", with{"Number": p.Number(mean, pub.Dataset.Decimals), "Unit": pub.Dataset.Unit.In(p.Lang()), "Share": p.Percent(share, 0)})
	}
	if v.Area, err = p.areaAsked(pub, lines); err != nil {
		return err
	}
	if len(pub.Periods) > 1 && v.Area.Key != "" {
		v.Series = p.seriesChart(pub, v.Area)
		v.SeriesT = p.seriesTable(pub, v.Area)
		v.Across = p.acrossText(pub, v.Area, v.At)
	}
	v.Spread = p.spreadChart(pub, lines)
	v.Funnel, v.HasFun = p.funnelChart(pub, lines)
	v.Picture, v.HasMap = p.figureMap(pub, on, v.At)
	v.Legend = p.figureLegend(pub, v.At)
	return p.render(http.StatusOK, p.title(&pub.Dataset), indicatorTempl(p, v))
}

// periodAsked is the period of the query, else the newest with figures.
func (p *page) periodAsked(pub *indicator.Publication) (indicator.Period, error) {
	latest, ok := pub.Latest()
	if !ok && len(pub.Periods) > 0 {
		latest = pub.Periods[len(pub.Periods)-1]
	}
	text := p.first("time")
	if text == "" {
		return latest, nil
	}
	at, ok := indicator.ParsePeriod(text)
	if !ok || !slices.Contains(pub.Periods, at) {
		return at, fault.New(fault.Invalid, "time", "there are no figures of this period", "choose one from the list")
	}
	return at, nil
}

func (p *page) periodField(pub *indicator.Publication, at indicator.Period) ui.Select {
	f := ui.Select{Name: "time", Label: p.text("figures.column.period"), Value: at.String()}
	for _, q := range slices.Backward(pub.Periods) {
		f.Options = append(f.Options, ui.Option{Value: q.String(), Label: p.periodText(q)})
	}
	return f
}

func (p *page) areaField(pub *indicator.Publication) ui.Select {
	f := ui.Select{Name: "area", Label: p.text("figures.series_of"), Value: p.first("area"), Any: p.text("figures.highest")}
	for _, a := range pub.Areas {
		f.Options = append(f.Options, ui.Option{Value: a.Key, Label: a.Name})
	}
	slices.SortStableFunc(f.Options, func(a, b ui.Option) int { return p.compare(a.Label, b.Label) })
	return f
}

// areaAsked is the area of the query, else the one with the highest figure.
func (p *page) areaAsked(pub *indicator.Publication, lines []areaLine) (indicator.Area, error) {
	if key := p.first("area"); key != "" {
		a, ok := pub.Area(key)
		if !ok {
			return a, fault.New(fault.Invalid, "area", "the dataset has no such area", "choose one from the list")
		}
		return a, nil
	}
	var best indicator.Area
	high := math.Inf(-1)
	for _, l := range lines {
		if l.Level == pub.Dataset.Level && l.Point.Value.Known() && l.Point.Value.Number > high {
			best, high = l.Area, l.Point.Value.Number
		}
	}
	return best, nil
}

// acrossText compares the first figure of an area with the one shown where only a boundary moved in between: by all areas
// that the change names together. Where that cannot be done, it says so.
func (p *page) acrossText(pub *indicator.Publication, a indicator.Area, at indicator.Period) string {
	breaks := pub.Series(a.Key).Breaks
	if !slices.ContainsFunc(breaks, func(b indicator.Break) bool { return b.Reason == indicator.BoundaryChange && b.At.Compare(at) <= 0 }) {
		return ""
	}
	for _, from := range pub.Periods {
		j, ok := pub.AcrossBoundary(a.Key, from, at)
		if !ok || !j.From.Value.Known() || !j.To.Value.Known() {
			continue
		}
		var names []string
		for _, key := range j.Areas {
			of, _ := pub.Area(key)
			names = append(names, of.Name)
		}
		d := &pub.Dataset
		return p.T("figures.layer.across", with{
			"Areas": strings.Join(names, " + "), "From": p.periodText(from), "Before": p.valueText(d, j.From.Value), "To": p.periodText(at), "After": p.valueText(d, j.To.Value),
			"Change": p.signed(j.To.Value.Number-j.From.Value.Number, d.Decimals),
		})
	}
	return p.text("figures.layer.not_across")
}

// areaLines gives every area with its figure, and the figure of the period before where both may be compared.
func (p *page) areaLines(pub *indicator.Publication, at indicator.Period) []areaLine {
	var out []areaLine
	for _, a := range pub.Areas {
		l := areaLine{Area: a, Point: pub.Point(a.Key, at)}
		if parent, ok := pub.Area(a.Parent); ok {
			l.City = parent.Name
		}
		series := pub.Series(a.Key)
		for _, q := range slices.Backward(pub.Periods) {
			if q.Compare(at) >= 0 || !pub.Point(a.Key, q).Value.Known() {
				continue
			}
			if b, broken := series.Between(q, at); broken {
				l.Broken = p.breakText(b)
			} else {
				l.Before = pub.Point(a.Key, q)
			}
			break
		}
		out = append(out, l)
	}
	slices.SortStableFunc(out, func(a, b areaLine) int {
		if a.Level != b.Level {
			return cmp.Compare(b.Level, a.Level)
		}
		return p.compare(a.Name, b.Name)
	})
	return out
}

// change is the difference to the last comparable figure.
func (l *areaLine) change() float64 {
	if !l.Before.Period.Valid() || !l.Point.Value.Known() {
		return math.NaN()
	}
	return l.Point.Value.Number - l.Before.Value.Number
}

// figuresOfPage is how many places a table of figures shows at once: on a phone each of them is a block.
const figuresOfPage = 20

func (p *page) areaSheet(pub *indicator.Publication, lines []areaLine, at indicator.Period) *sheet[areaLine] {
	d := &pub.Dataset
	s := &sheet[areaLine]{
		Size: figuresOfPage,
		Name: d.ID + "-" + at.String(), Caption: p.T("figures.table_caption", with{"Title": p.withUnit(d), "Period": p.periodText(at)}), Rows: lines,
		Columns: []column[areaLine]{
			{
				Key: "name", Label: p.text("figures.column.area"), Text: func(l areaLine) string { return l.Name }, Sub: func(l areaLine) string { return l.City }, Find: true,
				Link: func(l areaLine) templ.SafeURL { return p.filter("area", l.Key) },
			},
			{Key: "key", Label: p.text("figures.column.key"), Text: func(l areaLine) string { return l.Key }},
			{Key: "value", Label: d.Unit.In(p.Lang()), Number: func(l areaLine) float64 { return l.Point.Value.Or() }, Decimal: d.Decimals, Show: func(l areaLine) templ.Component { return valueCell(p, d, l.Point) }},
			{Key: "state", Label: p.text("figures.column.state"), Text: func(l areaLine) string { return p.T("figures.kind."+l.Point.Value.Kind.String(), nil) }, Choices: func(l areaLine) (value, label string) {
				return l.Point.Value.Kind.String(), p.T("figures.kind."+l.Point.Value.Kind.String(), nil)
			}},
		},
	}
	if d.Ratio() {
		s.Columns = append(
			s.Columns,
			column[areaLine]{Key: "count", Label: p.text("figures.column.count"), Number: func(l areaLine) float64 { return l.Point.Count.Or() }, Show: func(l areaLine) templ.Component { return wordsCell(p.countText(l.Point.Count)) }},
			column[areaLine]{Key: "base", Label: p.text("figures.column.base"), Number: func(l areaLine) float64 { return l.Point.Base.Or() }, Show: func(l areaLine) templ.Component { return wordsCell(p.countText(l.Point.Base)) }},
		)
	}
	if len(pub.Periods) > 1 {
		s.Columns = append(s.Columns, column[areaLine]{
			Key: "change", Label: p.text("figures.column.change"), Number: func(l areaLine) float64 { return l.change() }, Decimal: d.Decimals,
			Show: func(l areaLine) templ.Component { return wordsCell(p.changeSince(d, l)) },
		})
	}
	return s
}

func (p *page) countText(v indicator.Value) string {
	if v.Known() {
		return p.Number(v.Number, 0)
	}
	return p.T("figures.kind."+v.Kind.String(), nil)
}

// changeSince writes the change with the period it is against, or why there is none.
func (p *page) changeSince(d *indicator.Dataset, l areaLine) string {
	if l.Broken != "" {
		return p.text("figures.broken")
	}
	c := l.change()
	if math.IsNaN(c) {
		return p.text("figures.no_change")
	}
	return p.T("figures.change_since", with{"Number": p.signed(c, d.Decimals), "Period": p.periodText(l.Before.Period)})
}

// signed writes a number with its sign.
func (p *page) signed(x float64, decimals int) string {
	if math.IsNaN(x) {
		return p.Number(x, decimals)
	}
	if math.Round(x*math.Pow10(decimals)) == 0 {
		return "±" + p.Number(0, decimals)
	}
	if x > 0 {
		return "+" + p.Number(x, decimals)
	}
	return "−" + p.Number(-x, decimals)
}

// figureFacts say what a reader must know of a dataset to judge it.
func (p *page) figureFacts(pub *indicator.Publication, x indicator.Listed, at indicator.Period) []ui.Pair {
	d := &pub.Dataset
	t := pub.Tally(at)
	hidden := p.T("figures.state_text", with{
		"Suppressed": p.Number(float64(t[indicator.Suppressed]), 0), "Missing": p.Number(float64(t[indicator.Missing]), 0), "All": p.Number(float64(len(pub.Units())), 0),
	})
	rules := d.RuleSet
	if rules == "" {
		rules = p.text("figures.no_rules")
	}
	formula := p.text("figures.formula_count")
	switch {
	case d.Ratio():
		formula = p.T("figures.formula_rate", with{"Per": p.Number(d.Per, 0)})
	case d.Values:
		formula = p.text("figures.formula_value")
	}
	return []ui.Pair{
		{Label: p.text("figures.column.source"), Text: d.Source + ", " + d.Publisher},
		{Label: p.text("figures.licence"), Text: d.Licence},
		{Label: p.text("web.reference_date"), Text: p.Date(d.ReferenceDate)},
		{Label: p.text("figures.column.direction"), Text: p.direction(d)},
		{Label: p.text("figures.formula"), Text: formula},
		{Label: p.text("figures.rules"), Text: rules},
		{Label: p.T("figures.hidden_in", with{"Period": p.periodText(at)}), Text: hidden},
		{Label: p.text("figures.column.owner"), Text: cmp.Or(x.House, d.Publisher)},
		{Label: p.text("figures.column.release"), Text: p.T("figures.release_number", with{"Number": strconv.Itoa(x.Number), "Level": p.text("release.levels." + x.Level)}) + ", " + p.day(x.At) + ", " + ui.Short(x.Checksum)},
	}
}

// seriesTable says what the series of an area shows.
func (p *page) seriesTable(pub *indicator.Publication, a indicator.Area) ui.Table {
	d := &pub.Dataset
	t := ui.Table{
		Caption: p.T("figures.series_caption", with{"Area": a.Name}),
		Columns: []ui.Column{{Label: p.text("figures.column.period")}, {Label: a.Name, Numeric: true}, {Label: p.text("figures.range"), Numeric: true}, {Label: p.text("figures.mean"), Numeric: true}, {Label: p.text("figures.column.break")}},
	}
	s := pub.Series(a.Key)
	for _, x := range s.Points {
		mean, _ := pub.Mean(x.Period)
		broken := ""
		for _, b := range s.Breaks {
			if b.At == x.Period || b.At.Start.Year() == x.Period.Start.Year() {
				broken = p.breakText(b)
			}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: p.periodText(x.Period)}, {Text: p.valueText(d, x.Value)}, {Text: p.rangeText(d, x.Value)}, {Text: p.Number(mean, d.Decimals)}, {Text: broken}}})
	}
	return t
}

// rangeText writes where a figure lies if only chance moved it, with 95 % certainty.
func (p *page) rangeText(d *indicator.Dataset, v indicator.Value) string {
	if !v.Known() || v.Error == 0 {
		return ""
	}
	low := v.Number - 1.96*v.Error
	if v.Number >= 0 {
		low = math.Max(0, low)
	}
	return p.Number(low, d.Decimals) + "–" + p.Number(v.Number+1.96*v.Error, d.Decimals)
}
