package web

import (
	"cmp"
	"slices"

	"gevor/fault"
	"gevor/indicator"
	"gevor/internal/web/ui"
)

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
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: name, Href: p.filter("language", x.tag)}, {Text: p.people(needed), Number: &needed}, p.figure(float64(hidden), 0), p.figure(offered, 0), {Text: each}, p.figure(float64(without), 0)}})
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
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: a.Name}, p.countCell(x.Count), p.valued(&needed.Dataset, x.Value), p.countCell(offered.Point(a.Key, o).Count)}})
	}
	return t
}
