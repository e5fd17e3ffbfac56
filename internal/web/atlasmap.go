package web

import (
	"math"
	"net/http"
	"sort"

	"gevor/atlas"
	"gevor/fault"
	"gevor/internal/web/ui"
	"gevor/region"
)

// atlasView is what the map page shows.
type atlasView struct {
	Fields   []ui.Select
	Index    int32 // of the standard
	Standard *region.Standard
	Group    *region.Group
	Summary  *atlas.StandardSummary
	What     show
	Picture  picture
	Legend   []legendItem
	Rows     []districtRow
	Sorts    []ui.Sort
	Scale    float64 // end of the bars of the table
	Island   island
}

// legendItem explains one class of a map; an empty class is the hatching.
type legendItem struct{ Class, Label string }

// districtRow is one district under one standard.
type districtRow struct {
	Area          int32
	Line          *atlas.ProfileLine
	Suppressed    int
	Known         bool
	Municipality  string
	MissingPeople float64
}

func atlasMap(p *page) error {
	s := p.run.snapshot()
	standard, err := p.chosenStandard()
	if err != nil {
		return err
	}
	if standard < 0 {
		return p.render(http.StatusOK, p.T("web.nav.atlas", nil), noStandardPage(p))
	}
	what, err := p.chosenShow(&s.Standards[standard])
	if err != nil {
		return err
	}
	v := atlasView{
		Index: standard, Standard: &s.Standards[standard], Group: p.groupOf(standard), Summary: p.run.summary(standard), What: what,
		Fields: p.atlasFields(standard, what), Picture: p.frameOf(regionBox(s)),
	}
	if p.drawable(standard) {
		v.Picture.Cells = cellsOf(s, p.run.layer(standard), what, v.Picture.View)
	}
	v.Picture.Titled = p.T("web.atlas.map_alt", with{"Standard": p.label(v.Standard.Label)})
	v.Legend = p.legend(what, v.Standard)
	v.Rows = p.districtRows(standard)
	for _, r := range v.Rows {
		if r.Known {
			v.Scale = max(v.Scale, scaleOf(r.Line.MissingShare))
		}
	}
	if v.Sorts, err = p.sortDistricts(v.Rows); err != nil {
		return err
	}
	v.Island = p.islandFor(standard, what, regionBox(s))
	return p.render(http.StatusOK, p.T("web.nav.atlas", nil)+" · "+p.label(v.Standard.Label), atlasPage(p, v))
}

// chosenStandard reads the standard; without one it is the one that most people miss.
func (p *page) chosenStandard() (int32, error) {
	s := p.run.snapshot()
	if key := p.first("standard"); key != "" {
		i := index(s.Standards, func(t region.Standard) bool { return t.Key == key })
		if i < 0 {
			return -1, fault.New(fault.Invalid, "standard", "there is no standard \""+key+"\"", "choose one of the list")
		}
		return i, nil
	}
	best, most := int32(-1), -1.0
	for i := range s.Standards {
		missing := -1.0 // what is known comes before what is not
		if sum := p.run.summary(int32(i)); sum != nil && sum.Known {
			missing = sum.Missing
		}
		if best < 0 || missing > most {
			best, most = int32(i), missing
		}
	}
	return best, nil
}

// shows lists what a map of a standard can show: capacity only where the standard asks for it.
func shows(t *region.Standard) []show {
	if t.PerThousand > 0 {
		return []show{showShortfall, showCause, showAccess, showMinutes, showBorder}
	}
	return []show{showShortfall, showCause, showMinutes, showBorder}
}

// chosenShow reads what to show. What another standard could show and this one cannot falls back to the first,
// so that changing the standard in the form never ends in an error.
func (p *page) chosenShow(t *region.Standard) (show, error) {
	raw := show(p.first("show"))
	switch raw {
	case "":
		return showShortfall, nil
	case showShortfall, showMinutes, showAccess, showCause, showBorder:
	default:
		return "", fault.New(fault.Invalid, "show", "the map cannot show \""+string(raw)+"\"", "choose one of the list")
	}
	for _, x := range shows(t) {
		if x == raw {
			return x, nil
		}
	}
	return showShortfall, nil
}

func (p *page) atlasFields(standard int32, what show) []ui.Select {
	s := p.run.snapshot()
	fields := []ui.Select{
		{Name: "standard", Label: p.T("web.field.standard", nil), Value: s.Standards[standard].Key},
		{Name: "show", Label: p.T("web.field.show", nil), Value: string(what)},
	}
	for i := range s.Standards {
		o := ui.Option{Value: s.Standards[i].Key, Label: p.label(s.Standards[i].Label)}
		if !isKnown(p.groupOf(int32(i))) {
			o.Count = p.T("group_state.unknown", nil)
		}
		fields[0].Options = append(fields[0].Options, o)
	}
	for _, x := range shows(&s.Standards[standard]) {
		fields[1].Options = append(fields[1].Options, ui.Option{Value: string(x), Label: p.T("web.show."+string(x), nil)})
	}
	return fields
}

func (p *page) legend(what show, t *region.Standard) []legendItem {
	var out []legendItem
	switch what {
	case showShortfall:
		out = append(out, legendItem{"met", p.T("cell.met", nil)})
		for k, class := range [...]string{"s1", "s2", "s3", "s4", "s5"} {
			out = append(out, legendItem{class, p.T("web.legend.shortfall", with{"From": p.Percent(float64(k)/5, 0), "To": p.Percent(float64(k+1)/5, 0)})})
		}
	case showMinutes:
		from := 0.0
		for k, step := range minuteSteps {
			to := math.Floor(step * float64(limit(t)))
			out = append(out, legendItem{"s" + string(rune('1'+k)), p.T("web.legend.minutes", with{"From": p.Number(from, 0), "To": p.Number(to, 0)})})
			from = to
		}
		out = append(out, legendItem{"s5", p.T("web.legend.minutes_over", with{"From": p.Number(from, 0)})})
	case showAccess:
		for k, step := range accessSteps {
			out = append(out, legendItem{"s" + string(rune('1'+k)), p.T("web.legend.access", with{"From": p.Number(step*t.PerThousand, 2)})})
		}
		out = append(out, legendItem{"s5", p.T("web.legend.access_below", with{"To": p.Number(accessSteps[3]*t.PerThousand, 2)})})
	case showCause:
		out = append(out, legendItem{"met", p.T("cell.met", nil)})
		for c := atlas.CauseOnlySteps; c <= atlas.CauseUsedUp; c++ {
			out = append(out, legendItem{"cause-" + c.String(), p.T("cause."+c.String(), nil)})
		}
	case showBorder:
		out = append(out, legendItem{"met", p.T("web.legend.border_met", nil)}, legendItem{"border", p.T("web.legend.border", nil)},
			legendItem{"cause-too-far", p.T("cell.missed", nil)})
	}
	return append(out, legendItem{"", p.T("web.legend.unknown", nil)})
}

// districtRows gives one row for each district under a standard, in order of the areas.
func (p *page) districtRows(standard int32) []districtRow {
	s := p.run.snapshot()
	out := make([]districtRow, 0, len(p.run.Result.Profiles))
	for i := range p.run.Result.Profiles {
		pr := &p.run.Result.Profiles[i]
		row := districtRow{Area: pr.Area, Municipality: p.area(s.Areas[pr.Area].Parent)}
		for k := range pr.Standards {
			if pr.Standards[k].Standard == standard {
				row.Line = &pr.Standards[k]
				row.Known = row.Line.Known
				row.MissingPeople = row.Line.Missing
			}
		}
		for _, g := range pr.Groups {
			if g.Group == s.Standards[standard].Group {
				row.Suppressed = g.Suppressed
			}
		}
		out = append(out, row)
	}
	return out
}

// sortDistricts orders rows as the query asks. Unknown values stand last in either direction: they are neither
// large nor small.
func (p *page) sortDistricts(rows []districtRow) ([]ui.Sort, error) {
	columns := []struct {
		key     string
		numeric bool
		less    func(a, b *districtRow) bool
	}{
		{"district", false, func(a, b *districtRow) bool { return p.compare(p.area(a.Area), p.area(b.Area)) < 0 }},
		{"municipality", false, func(a, b *districtRow) bool { return p.compare(a.Municipality, b.Municipality) < 0 }},
		{"people", true, func(a, b *districtRow) bool { return a.Line.People < b.Line.People }},
		{"missing", true, func(a, b *districtRow) bool { return a.Line.Missing < b.Line.Missing }},
		{"share", true, func(a, b *districtRow) bool { return a.Line.MissingShare < b.Line.MissingShare }},
		{"median", true, func(a, b *districtRow) bool { return infinite(a.Line.MedianMinutes) < infinite(b.Line.MedianMinutes) }},
	}
	key, down := p.first("by"), p.first("dir") != "up"
	if key == "" {
		key = "missing"
	}
	heads := make([]ui.Sort, len(columns))
	found := false
	for i, c := range columns {
		heads[i] = ui.Sort{Label: p.T("web.column."+c.key, nil), Numeric: c.numeric}
		next := "down"
		if c.key == key {
			found = true
			sort.SliceStable(rows, func(a, b int) bool {
				x, y := &rows[a], &rows[b]
				if c.numeric && x.Known != y.Known {
					return x.Known
				}
				if c.numeric && !x.Known {
					return false
				}
				if down {
					return c.less(y, x)
				}
				return c.less(x, y)
			})
			heads[i].Dir = map[bool]string{true: "descending", false: "ascending"}[down]
			if down {
				next = "up"
			}
		} else if !c.numeric {
			next = "up"
		}
		heads[i].Href = p.filter("by", c.key, "dir", next) + "#table"
	}
	if !found {
		return nil, fault.New(fault.Invalid, "by", "the table cannot be sorted by \""+key+"\"", "choose a column")
	}
	return heads, nil
}

func infinite(x float64) float64 {
	if math.IsNaN(x) {
		return math.Inf(1)
	}
	return x
}
