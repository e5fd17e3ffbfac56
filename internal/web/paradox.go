package web

import (
	"cmp"
	"math"
	"slices"

	"github.com/a-h/templ"

	"gevor/atlas"
	"gevor/fault"
	"gevor/indicator"
	"gevor/internal/web/ui"
	"gevor/region"
)

// localLine is a district inside a planning area: who lives there, and how far it is.
type localLine struct {
	name, key  string
	population float64
	line       *atlas.ProfileLine
	burden     indicator.Value
}

// paradoxPage sets the supply ratio of a planning area beside what people inside it reach.
func paradoxPage(p *page) error {
	all, err := p.publications(func(d *indicator.Dataset) bool { return d.Role != "" })
	if err != nil {
		return err
	}
	v := p.comparing("paradox")
	ratio := ofRole(all, "supply-ratio")
	if ratio == nil {
		v.Empty = p.text("figures.paradox.none")
		return p.compared(v)
	}
	shown := []*indicator.Publication{ratio}
	at, err := p.periodAsked(ratio)
	if err != nil {
		return err
	}
	standard, field, err := p.standardAsked(ratio.Dataset.Category)
	if err != nil {
		return err
	}
	v.Form = append(v.Form, p.periodField(ratio, at))
	if standard >= 0 {
		v.Form = append(v.Form, field)
	}
	age, burden := ofRole(all, "doctor-age"), ofRole(all, "deprivation")
	for _, more := range []*indicator.Publication{age, burden} {
		if more != nil {
			shown = append(shown, more)
		}
	}
	for _, a := range ratio.Units() {
		v.Parts = append(v.Parts, p.planningPart(ratio, age, burden, a, at, standard))
	}
	return p.compared(v, shown...)
}

// standardAsked is the standard of the query, else the first about a category, else the first; −1 without a run that the
// reader may see.
func (p *page) standardAsked(category string) (int32, ui.Select, error) {
	f := ui.Select{Name: "standard", Label: p.text("figures.paradox.standard")}
	if p.run == nil || p.mayAtlas() != nil {
		return -1, f, nil
	}
	s := p.run.snapshot()
	chosen := int32(-1)
	for i := range s.Standards {
		st := &s.Standards[i]
		if chosen < 0 && s.Categories[st.Category].Key == category {
			chosen = int32(i)
		}
		f.Options = append(f.Options, ui.Option{Value: st.Key, Label: p.label(st.Label)})
	}
	if chosen < 0 && len(s.Standards) > 0 {
		chosen = 0
	}
	if key := p.first("standard"); key != "" {
		at := slices.IndexFunc(s.Standards, func(x region.Standard) bool { return x.Key == key })
		if at < 0 {
			return -1, f, fault.New(fault.Invalid, "standard", "there is no such standard", "choose one from the list")
		}
		chosen = int32(at)
	}
	if chosen >= 0 {
		f.Value = s.Standards[chosen].Key
	}
	return chosen, f, nil
}

func (p *page) planningPart(ratio, age, burden *indicator.Publication, a indicator.Area, at indicator.Period, standard int32) comparisonPart {
	d := &ratio.Dataset
	part := comparisonPart{ID: "pa-" + a.Key, Title: a.Name, Facts: []ui.Pair{{Label: p.title(d) + ", " + p.periodText(at), Text: p.valueText(d, ratio.Point(a.Key, at).Value) + " " + d.Unit.In(p.Lang())}}}
	if age != nil {
		if t, ok := age.Latest(); ok {
			part.Facts = append(part.Facts, ui.Pair{Label: p.title(&age.Dataset) + ", " + p.periodText(t), Text: p.valueText(&age.Dataset, age.Point(a.Key, t).Value) + " " + age.Dataset.Unit.In(p.Lang())})
		}
	}
	if standard < 0 {
		part.Texts = []string{p.text("figures.paradox.no_run")}
		return part
	}
	lines := p.localLines(a, standard, burden)
	missing, people := 0.0, 0.0
	var worst, best *localLine
	for i := range lines {
		l := &lines[i]
		if l.line == nil || !l.line.Known || l.line.People == 0 {
			continue
		}
		missing += l.line.Missing
		people += l.line.People
		if worst == nil || l.line.MissingShare > worst.line.MissingShare {
			worst = l
		}
		if best == nil || l.line.MissingShare < best.line.MissingShare {
			best = l
		}
	}
	if people > 0 {
		part.Texts = []string{p.T("figures.paradox.sentence", with{
			"Area": a.Name, "Ratio": p.valueText(d, ratio.Point(a.Key, at).Value), "Unit": d.Unit.In(p.Lang()), "Missing": p.people(missing), "Share": p.Percent(missing/people, 1),
			"Worst": worst.name, "WorstShare": p.Percent(worst.line.MissingShare, 0), "Best": best.name, "BestShare": p.Percent(best.line.MissingShare, 0),
		})}
	}
	part.Table = p.localTable(a, lines, standard, burden)
	part.Hints = []string{p.T("figures.paradox.hint", with{"Standard": p.label(p.standard(standard).Label), "Asks": p.asks(p.standard(standard)), "Ways": p.ways(p.standard(standard))})}
	return part
}

// localLines gives the districts inside a planning area, those first where most miss the standard.
func (p *page) localLines(a indicator.Area, standard int32, burden *indicator.Publication) []localLine {
	s := p.run.snapshot()
	var out []localLine
	for i := range p.run.Result.Profiles {
		pr := &p.run.Result.Profiles[i]
		area := &s.Areas[pr.Area]
		town := ""
		if area.Parent >= 0 {
			town = s.Areas[area.Parent].Key
		}
		if !slices.Contains(a.Members, area.Key) && !slices.Contains(a.Members, town) {
			continue
		}
		l := localLine{name: area.Name, key: area.Key, population: pr.Population}
		for k := range pr.Standards {
			if pr.Standards[k].Standard == standard {
				l.line = &pr.Standards[k]
			}
		}
		if burden != nil {
			if t, ok := burden.Latest(); ok {
				l.burden = burden.Point(area.Key, t).Value
			}
		}
		out = append(out, l)
	}
	share := func(l localLine) float64 {
		if l.line == nil || !l.line.Known || l.line.People == 0 {
			return -1
		}
		return l.line.MissingShare
	}
	slices.SortStableFunc(out, func(x, y localLine) int { return cmp.Compare(share(y), share(x)) })
	return out
}

func (p *page) localTable(a indicator.Area, lines []localLine, standard int32, burden *indicator.Publication) ui.Table {
	group := p.label(p.groupOf(standard).Label)
	t := ui.Table{Caption: p.T("figures.paradox.caption", with{"Area": a.Name}), EmptyTitle: p.text("figures.paradox.no_districts"), Columns: []ui.Column{
		{Label: p.text("figures.column.area")}, {Label: group, Numeric: true}, {Label: p.text("figures.paradox.missing"), Numeric: true}, {Label: p.text("figures.paradox.share"), Numeric: true}, {Label: p.text("figures.paradox.median"), Numeric: true},
	}}
	if burden != nil {
		t.Columns = append(t.Columns, ui.Column{Label: p.withUnit(&burden.Dataset), Numeric: true})
	}
	for _, l := range lines {
		row := ui.Row{Cells: []ui.Cell{{Text: l.name, Href: p.link("district", l.key)}}}
		switch {
		case l.line == nil || !l.line.Known:
			for range 4 {
				row.Cells = append(row.Cells, ui.Cell{Text: p.text("figures.kind.missing")})
			}
		case l.line.People == 0:
			row.Cells = append(row.Cells, ui.Cell{Text: "0"}, ui.Cell{}, ui.Cell{}, ui.Cell{})
		default:
			median := p.T("value.not_reached", nil)
			if !math.IsNaN(l.line.MedianMinutes) {
				median = p.T("web.minutes", with{"Minutes": p.Number(l.line.MedianMinutes, 0)})
			}
			row.Cells = append(row.Cells, ui.Cell{Text: p.people(l.line.People)}, ui.Cell{Text: p.people(l.line.Missing)}, ui.Cell{Text: p.Percent(l.line.MissingShare, 0)}, ui.Cell{Text: median})
		}
		if burden != nil {
			row.Cells = append(row.Cells, ui.Cell{Text: p.valueText(&burden.Dataset, l.burden)})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// third is the place of a value among thirds of all areas, from 1 (least burden) to 3 (most); 0 where it has none.
func third(pub *indicator.Publication, at indicator.Period, area string) int {
	v := pub.Point(area, at).Value
	if !v.Known() {
		return 0
	}
	below, all := 0, 0
	sign := -pub.Dataset.Direction.Sign()
	for _, a := range pub.Units() {
		if o := pub.Point(a.Key, at).Value; o.Known() {
			all++
			if sign*o.Number < sign*v.Number {
				below++
			}
		}
	}
	return 1 + 3*below/all
}

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
	if done, err := s.asked(p); done || err != nil {
		return err
	}
	table, err := s.show(p)
	if err != nil {
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

// tonguesPage sets languages that are needed beside those that are offered.
func tonguesPage(p *page) error {
	all, err := p.publications(func(d *indicator.Dataset) bool { return d.Topic == indicator.Language && d.Language != "" })
	if err != nil {
		return err
	}
	v := p.comparing("tongues")
	type pair struct {
		tag             string
		needed, offered *indicator.Publication
	}
	var pairs []pair
	for _, pub := range all {
		at := slices.IndexFunc(pairs, func(x pair) bool { return x.tag == pub.Dataset.Language })
		if at < 0 {
			at = len(pairs)
			pairs = append(pairs, pair{tag: pub.Dataset.Language})
		}
		switch pub.Dataset.Role {
		case "language-needed":
			pairs[at].needed = pub
		case "language-offered":
			pairs[at].offered = pub
		}
	}
	pairs = slices.DeleteFunc(pairs, func(x pair) bool { return x.needed == nil || x.offered == nil })
	if len(pairs) == 0 {
		v.Empty = p.text("figures.tongues.none")
		return p.compared(v)
	}
	t := ui.Table{Caption: p.text("figures.tongues.caption"), Columns: []ui.Column{{Label: p.text("figures.tongues.language")}, {Label: p.text("figures.tongues.needed"), Numeric: true}, {Label: p.text("figures.tongues.hidden"), Numeric: true}, {Label: p.text("figures.tongues.offered"), Numeric: true}, {Label: p.text("figures.tongues.each"), Numeric: true}, {Label: p.text("figures.tongues.without"), Numeric: true}}}
	chosen := pairs[0]
	field := ui.Select{Name: "language", Label: p.text("figures.tongues.language")}
	for _, x := range pairs {
		needed, offered, hidden, without := tally(x.needed, x.offered)
		each := p.text("figures.tongues.no_offer")
		if offered > 0 {
			each = p.Number(needed/offered, 0)
		}
		name := p.T("figures.tongues.named", with{"Tag": x.tag, "Title": p.title(&x.needed.Dataset)})
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: name, Href: p.filter("language", x.tag)}, {Text: p.people(needed)}, {Text: p.Number(float64(hidden), 0)}, {Text: p.Number(offered, 0)}, {Text: each}, {Text: p.Number(float64(without), 0)}}})
		field.Options = append(field.Options, ui.Option{Value: x.tag, Label: name})
		if p.first("language") == x.tag {
			chosen = x
		}
	}
	if l := p.first("language"); l != "" && chosen.tag != l {
		return fault.New(fault.Invalid, "language", "there are no figures of this language", "choose one from the list")
	}
	field.Value = chosen.tag
	v.Form = []ui.Select{field}
	v.Parts = []comparisonPart{
		{ID: "all", Title: p.text("figures.tongues.heading"), Table: t, Hints: []string{p.text("figures.tongues.hint")}},
		{ID: "districts", Title: p.T("figures.tongues.districts", with{"Title": p.title(&chosen.needed.Dataset)}), Table: p.tongueTable(chosen.needed, chosen.offered)},
	}
	return p.compared(v, chosen.needed, chosen.offered)
}

// tally adds up published figures: people who need, offers, districts whose need may not be shown, and districts with a
// need and no offer.
func tally(needed, offered *indicator.Publication) (need, offers float64, hidden, without int) {
	n, _ := needed.Latest()
	o, _ := offered.Latest()
	for _, a := range needed.Units() {
		x, y := needed.Point(a.Key, n).Count, offered.Point(a.Key, o).Count
		if x.Kind == indicator.Suppressed {
			hidden++
		}
		if x.Known() {
			need += x.Number
		}
		if y.Known() {
			offers += y.Number
		}
		if x.Known() && x.Number > 0 && y.Known() && y.Number == 0 {
			without++
		}
	}
	return need, offers, hidden, without
}

func (p *page) tongueTable(needed, offered *indicator.Publication) ui.Table {
	n, _ := needed.Latest()
	o, _ := offered.Latest()
	t := ui.Table{Caption: p.T("figures.tongues.district_caption", with{"Title": p.title(&needed.Dataset)}), Columns: []ui.Column{{Label: p.text("figures.column.area")}, {Label: p.text("figures.tongues.needed"), Numeric: true}, {Label: needed.Dataset.Unit.In(p.Lang()), Numeric: true}, {Label: p.text("figures.tongues.offered"), Numeric: true}}}
	units := slices.Clone(needed.Units())
	slices.SortStableFunc(units, func(a, b indicator.Area) int {
		x, y := needed.Point(a.Key, n).Count, needed.Point(b.Key, n).Count
		if x.Known() != y.Known() {
			return cmp.Compare(flag(!x.Known()), flag(!y.Known()))
		}
		return cmp.Compare(y.Number, x.Number)
	})
	for _, a := range units {
		x := needed.Point(a.Key, n)
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: a.Name}, {Text: p.countText(x.Count)}, {Text: p.valueText(&needed.Dataset, x.Value)}, {Text: p.countText(offered.Point(a.Key, o).Count)}}})
	}
	return t
}
