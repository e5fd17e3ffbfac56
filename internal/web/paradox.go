package web

import (
	"cmp"
	"math"
	"slices"

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
			row.Cells = append(row.Cells, p.peopled(l.line.People), p.peopled(l.line.Missing), p.shared(l.line.MissingShare), ui.Cell{Text: median})
		}
		if burden != nil {
			row.Cells = append(row.Cells, p.valued(&burden.Dataset, l.burden))
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
