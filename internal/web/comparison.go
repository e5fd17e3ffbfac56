package web

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"gevor/fault"
	"gevor/indicator"
	"gevor/internal/web/ui"
)

// comparisonView is a page that compares datasets.
type comparisonView struct {
	Title, Lead string
	Tabs        []ui.Link
	Form        []ui.Select
	Weights     []ui.Input
	Parts       []comparisonPart
	Sources     []ui.Link
	Empty       string        // why there is nothing to show
	Document    templ.SafeURL // the page as a file; empty where there is nothing to take along
	Synthetic   bool          // some of the figures are invented
}

type comparisonPart struct {
	ID, Title string
	Texts     []string
	Facts     []ui.Pair
	Chart     chart
	Table     ui.Table
	Hints     []string
	Picture   picture
	HasMap    bool
	Legend    []legendItem
	Drawing   templ.SafeURL // the chart or map as a file; empty where there is none
}

// comparing begins a page that compares.
func (p *page) comparing(name string) comparisonView {
	return comparisonView{Title: p.T("figures."+name+".title", nil), Lead: p.T("figures."+name+".lead", nil), Tabs: p.figuresTabs()}
}

func (p *page) compared(v comparisonView, of ...*indicator.Publication) error {
	for _, pub := range of {
		d := &pub.Dataset
		label := p.T("figures.source_line", with{"Title": p.withUnit(d), "Source": d.Source, "Date": p.Date(d.ReferenceDate), "Direction": p.direction(d)})
		v.Sources = append(v.Sources, ui.Link{Label: label, Href: p.link("indicator", d.ID)})
		v.Synthetic = v.Synthetic || d.Synthetic
	}
	if p.first("as") != "" {
		return p.giveComparison(&v)
	}
	p.offerFiles(&v)
	return p.render(http.StatusOK, v.Title, comparisonTempl(p, v))
}

// pathValues are the values of the places of this address, in order.
func (p *page) pathValues() []string {
	var out []string
	for _, name := range places(p.route.Patterns[p.Lang()]) {
		out = append(out, p.req.PathValue(name))
	}
	return out
}

// datasetField lets the reader choose one of some datasets.
func (p *page) datasetField(name, label string, of []*indicator.Publication, chosen *indicator.Publication) ui.Select {
	f := ui.Select{Name: name, Label: label}
	if chosen != nil {
		f.Value = chosen.Dataset.ID
	}
	for _, pub := range of {
		f.Options = append(f.Options, ui.Option{Value: pub.Dataset.ID, Label: p.title(&pub.Dataset)})
	}
	return f
}

// chosen is the dataset that the query names, else the preferred one, else the first.
func (p *page) chosen(name string, of []*indicator.Publication, preferred *indicator.Publication) (*indicator.Publication, error) {
	id := p.first(name)
	if id == "" {
		if preferred == nil && len(of) > 0 {
			preferred = of[0]
		}
		return preferred, nil
	}
	at := slices.IndexFunc(of, func(x *indicator.Publication) bool { return x.Dataset.ID == id })
	if at < 0 {
		return nil, fault.New(fault.Invalid, name, "there is no such dataset to choose here", "choose one from the list")
	}
	return of[at], nil
}

// rates chooses datasets of districts that say which way they are better.
func rates(d *indicator.Dataset) bool {
	return d.Level == indicator.Districts && d.Direction.Sign() != 0 && (d.Ratio() || d.Values)
}

// weightName is the name of the field with the weight of a dataset.
func weightName(id string) string { return "w-" + id }

// indexPage shows an index: its formula with weights that a reader sets, its parts beside it, and how ranks move.
func indexPage(p *page) error {
	all, err := p.publications(rates)
	if err != nil {
		return err
	}
	v := p.comparing("index")
	parts, err := p.weighted(all)
	if err != nil {
		return err
	}
	if len(parts) == 0 {
		v.Empty = p.text("figures.index.none")
		return p.compared(v)
	}
	for _, part := range parts {
		d := &part.Publication.Dataset
		v.Weights = append(v.Weights, ui.Input{Name: weightName(d.ID), Label: p.T("figures.index.weight", with{"Title": p.title(d)}), Value: plainNumber(part.Weight, p.Lang()), InputMode: "decimal", Width: "short"})
	}
	x, err := indicator.IndexOf(parts)
	if err != nil {
		return err
	}
	s := p.indexSheet(x)
	table, done, err := listed(p, s)
	if done || err != nil {
		return err
	}
	formula := comparisonPart{ID: "formula", Title: p.text("figures.index.formula"), Texts: []string{p.text("figures.index.formula_text")}}
	total := 0.0
	for _, part := range parts {
		total += part.Weight
	}
	for k, part := range parts {
		d := &part.Publication.Dataset
		formula.Facts = append(formula.Facts, ui.Pair{Label: p.title(d) + ", " + p.periodText(part.Period), Text: p.T("figures.index.term", with{
			"Share": p.Percent(part.Weight/total, 0), "Mean": p.Number(x.Means[k], d.Decimals), "Deviation": p.Number(x.Spreads[k], d.Decimals+1), "Direction": p.direction(d),
		})})
	}
	v.Parts = []comparisonPart{formula, {
		ID: "ranks", Title: p.text("figures.index.ranks"), Texts: []string{p.T("figures.index.ranks_text", with{"Scenarios": strconv.Itoa(x.Scenarios)})},
		Chart: p.ranksChart(x), Table: table, Hints: []string{p.text("figures.index.hint")},
	}}
	return p.compared(v, all...)
}

// weighted gives the parts of the index with the weights of the query; 1 each where it says nothing.
func (p *page) weighted(all []*indicator.Publication) ([]indicator.Part, error) {
	var out []indicator.Part
	asked, total := false, 0.0
	for _, pub := range all {
		at, ok := pub.Latest()
		if !ok {
			continue
		}
		part := indicator.Part{Publication: pub, Period: at, Weight: 1}
		if text := p.first(weightName(pub.Dataset.ID)); text != "" {
			asked = true
			w, err := strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64)
			if err != nil || !(w >= 0) || w > 100 {
				return nil, fault.New(fault.Invalid, p.title(&pub.Dataset), "a weight is a number from 0 to 100", "write for example 1 or 0,5")
			}
			part.Weight = w
		}
		total += part.Weight
		out = append(out, part)
	}
	if asked && total == 0 {
		return nil, fault.New(fault.Invalid, "index", "no part has a weight", "give at least one part a weight above 0")
	}
	return out, nil
}

func (p *page) indexSheet(x *indicator.Index) *sheet[indicator.Scored] {
	s := &sheet[indicator.Scored]{
		Size: figuresOfPage,
		Name: "index", Caption: p.text("figures.index.caption"), Rows: x.Areas,
		Columns: []column[indicator.Scored]{
			{Key: "name", Label: p.text("figures.column.area"), Text: func(a indicator.Scored) string { return a.Area.Name }, Find: true},
			{Key: "rank", Label: p.text("figures.index.rank"), Number: func(a indicator.Scored) float64 { return orNaN(a.Rank) }},
			{
				Key: "range", Label: p.text("figures.index.range"), Text: func(a indicator.Scored) string {
					if a.Rank == 0 {
						return ""
					}
					return strconv.Itoa(a.Highest) + "–" + strconv.Itoa(a.Lowest)
				}, Fixed: true,
			},
			{Key: "top", Label: p.text("figures.index.top"), Number: func(a indicator.Scored) float64 { return 100 * a.Top }, Decimal: 0},
			{Key: "index", Label: p.text("figures.index.value"), Number: func(a indicator.Scored) float64 { return a.Index }, Decimal: 2},
		},
	}
	for k, part := range x.Parts {
		d := &part.Publication.Dataset
		s.Columns = append(s.Columns, column[indicator.Scored]{
			Key: "p-" + d.ID, Label: p.title(d), Number: func(a indicator.Scored) float64 { return part.Publication.Point(a.Area.Key, part.Period).Value.Or() }, Decimal: d.Decimals,
			Show: func(a indicator.Scored) templ.Component {
				point := part.Publication.Point(a.Area.Key, part.Period)
				text := p.valueText(d, point.Value)
				if !math.IsNaN(a.Parts[k]) {
					text += " (" + p.signed(a.Parts[k], 1) + ")"
				}
				return wordsCell(text)
			},
		})
	}
	return s
}

func orNaN(n int) float64 {
	if n == 0 {
		return math.NaN()
	}
	return float64(n)
}

// shownRanks is how many areas the chart of ranks shows.
const shownRanks = 20

// ranksChart shows for the first areas which ranks they take under other weights.
func (p *page) ranksChart(x *indicator.Index) chart {
	var top []indicator.Scored
	lowest := 0
	for _, a := range x.Areas {
		if a.Rank > 0 && len(top) < shownRanks {
			top = append(top, a)
			lowest = max(lowest, a.Lowest)
		}
	}
	if len(top) == 0 {
		return chart{}
	}
	g := p.plotOf(p.text("figures.index.ranks_alt"), 0.5, float64(len(top))+0.5, 0, float64(lowest), 0, true)
	for i, a := range top {
		at := unit(g.x(float64(i + 1)))
		g.Marks = append(g.Marks, chartMark{Class: "chart-range", D: "M" + at + " " + unit(g.y(float64(a.Highest))) + "V" + unit(g.y(float64(a.Lowest)))})
		g.dot("chart-dot", float64(i+1), float64(a.Rank), 4.5, p.T("figures.index.rank_title", with{"Area": a.Area.Name, "Rank": strconv.Itoa(a.Rank), "From": strconv.Itoa(a.Highest), "To": strconv.Itoa(a.Lowest)}))
	}
	g.axis(p.text("figures.index.ranks_axis"))
	return g.chart
}

// twinsShown is how many areas the comparison of like with like shows.
const twinsShown = 6

// comparisonPage sets an area beside those that are composed like it, wherever they lie.
func comparisonPage(p *page) error {
	all, err := p.publications(func(d *indicator.Dataset) bool {
		return d.Level == indicator.Districts && (d.Ratio() || d.Values) && d.Topic != indicator.Supply
	})
	if err != nil {
		return err
	}
	v := p.comparing("alike")
	var parts, composition []indicator.Part
	areas := map[string]indicator.Area{}
	var keys []ui.Option
	for _, pub := range all {
		at, ok := pub.Latest()
		if !ok {
			continue
		}
		part := indicator.Part{Publication: pub, Period: at}
		parts = append(parts, part)
		if t := pub.Dataset.Topic; t == indicator.Population || t == indicator.Deprivation || t == indicator.Language {
			composition = append(composition, part)
		}
		for _, a := range pub.Units() {
			if _, seen := areas[a.Key]; !seen {
				areas[a.Key] = a
				keys = append(keys, ui.Option{Value: a.Key, Label: a.Name})
			}
		}
	}
	slices.SortStableFunc(keys, func(a, b ui.Option) int { return p.compare(a.Label, b.Label) })
	if len(keys) == 0 || len(composition) == 0 {
		v.Empty = p.text("figures.alike.none")
		return p.compared(v)
	}
	key := p.first("area")
	if key == "" {
		key = keys[0].Value
	}
	self, ok := areas[key]
	if !ok {
		return fault.New(fault.Invalid, "area", "there is no such area", "choose one from the list")
	}
	v.Form = []ui.Select{{Name: "area", Label: p.text("figures.column.area"), Value: key, Options: keys}}
	twins := indicator.Twins(composition, key, twinsShown)
	t := ui.Table{Caption: p.T("figures.alike.caption", with{"Area": self.Name}), Columns: []ui.Column{{Label: p.text("figures.column.title")}, {Label: self.Name, Numeric: true}}}
	for _, w := range twins {
		t.Columns = append(t.Columns, ui.Column{Label: w.Area.Name, Numeric: true})
	}
	distance := ui.Row{Cells: []ui.Cell{{Text: p.text("figures.alike.distance")}, {Text: "0"}}}
	for _, w := range twins {
		distance.Cells = append(distance.Cells, p.figure(w.Distance, 2))
	}
	t.Rows = append(t.Rows, distance)
	for _, part := range parts {
		d := &part.Publication.Dataset
		row := ui.Row{Cells: []ui.Cell{{Text: p.title(d), Sub: d.Unit.In(p.Lang()) + ", " + p.periodText(part.Period), Href: p.link("indicator", d.ID)}, p.valued(d, part.Publication.Point(key, part.Period).Value)}}
		for _, w := range twins {
			row.Cells = append(row.Cells, p.valued(d, part.Publication.Point(w.Area.Key, part.Period).Value))
		}
		t.Rows = append(t.Rows, row)
	}
	v.Parts = []comparisonPart{{ID: "twins", Title: p.T("figures.alike.heading", with{"Area": self.Name}), Texts: []string{p.text("figures.alike.text")}, Table: t}}
	return p.compared(v, all...)
}
