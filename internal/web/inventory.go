package web

import (
	"slices"
	"strconv"
	"time"

	"github.com/paulmach/orb"

	"gevor/directory"
	"gevor/fault"
	"gevor/geo"
	"gevor/internal/web/ui"
	"gevor/region"
	"gevor/vocabulary"
)

// stock is the directory counted for every phase of life and for everybody, as the reader may see it.
type stock struct {
	districts []region.Area
	fields    []string // situations of the vocabulary
	phases    []directory.Phase
	all       *directory.Inventory
	of        []*directory.Inventory // of phases
}

// stockLine is one line of the inventory: a field in a district, or all fields or districts together.
type stockLine struct {
	key, name string
	all       directory.Holding
	of        []directory.Holding
}

// everybody suits every service.
func everybody(directory.For) directory.Three { return directory.Yes }

func (p *page) stock() (*stock, error) {
	records, err := p.site.Entries.Services(p.req.Context(), p.actor, "", time.Time{})
	if err != nil {
		return nil, err
	}
	v := p.site.Vocabulary
	s := &stock{phases: directory.Phases()}
	for _, c := range v.Concepts() {
		if c.Kind == vocabulary.Situation {
			s.fields = append(s.fields, c.Key)
		}
	}
	fields := func(x *directory.Service) []string {
		var out []string
		for _, kind := range x.Kinds {
			for above := range v.Above(kind) {
				if slices.Contains(s.fields, above) && !slices.Contains(out, above) {
					out = append(out, above)
				}
			}
		}
		return out
	}
	var shapes []orb.MultiPolygon
	for _, a := range p.run.snapshot().Areas {
		if a.Kind == region.District {
			s.districts, shapes = append(s.districts, a), append(shapes, a.Shape)
		}
	}
	locator := geo.NewLocator(shapes)
	district := func(l *directory.Location) string {
		if l.District == "" && l.At != nil {
			if at := locator.First(*l.At); at >= 0 {
				return s.districts[at].Key
			}
		}
		return l.District
	}
	s.all = directory.TakeInventory(records, fields, district, everybody)
	for _, phase := range s.phases {
		s.of = append(s.of, directory.TakeInventory(records, fields, district, phase.Suits))
	}
	return s, nil
}

func (s *stock) line(key, name, field, district string) stockLine {
	l := stockLine{key: key, name: name, all: s.all.At(field, district)}
	for _, of := range s.of {
		l.of = append(l.of, of.At(field, district))
	}
	return l
}

// inventoryPage counts offers by life phase, field of life and district: the fields of one district, or the districts of one
// field.
func inventoryPage(p *page) error {
	v := p.comparing("inventory")
	if p.site.Entries == nil || p.site.Vocabulary == nil || p.run == nil || p.mayAtlas() != nil {
		v.Empty = p.text("figures.inventory.none")
		return p.compared(v)
	}
	s, err := p.stock()
	if err != nil {
		return err
	}
	if len(s.districts) == 0 {
		v.Empty = p.text("figures.inventory.none")
		return p.compared(v)
	}
	districts := ui.Select{Name: "district", Label: p.text("web.column.district"), Value: p.first("district")}
	for _, d := range s.districts {
		districts.Options = append(districts.Options, ui.Option{Value: d.Key, Label: d.Name})
	}
	slices.SortStableFunc(districts.Options, func(a, b ui.Option) int { return p.compare(a.Label, b.Label) })
	fields := ui.Select{Name: "field", Label: p.text("figures.inventory.field"), Value: p.first("field"), Any: p.text("figures.inventory.all_fields")}
	for _, f := range s.fields {
		fields.Options = append(fields.Options, ui.Option{Value: f, Label: p.concept(f)})
	}
	if districts.Value == "" {
		districts.Value = districts.Options[0].Value
	}
	v.Form = []ui.Select{fields, districts}
	named := func(f ui.Select, value string) (string, error) {
		at := slices.IndexFunc(f.Options, func(o ui.Option) bool { return o.Value == value })
		if at < 0 {
			return "", fault.New(fault.Invalid, f.Name, "there is no such choice", "choose one from the list")
		}
		return f.Options[at].Label, nil
	}
	var lines []stockLine
	title, err := named(districts, districts.Value)
	if err != nil {
		return err
	}
	if fields.Value == "" {
		for _, o := range fields.Options {
			lines = append(lines, s.line(o.Value, o.Label, o.Value, districts.Value))
		}
	} else {
		if title, err = named(fields, fields.Value); err != nil {
			return err
		}
		for _, o := range districts.Options {
			lines = append(lines, s.line(o.Value, o.Label, fields.Value, o.Value))
		}
	}
	sheet := p.stockSheet(s, title, fields.Value == "", lines)
	table, done, err := listed(p, sheet)
	if done || err != nil {
		return err
	}
	v.Parts = []comparisonPart{{ID: "stock", Title: title, Texts: []string{p.text("figures.inventory.text")}, Table: table, Hints: []string{p.text("figures.inventory.hint")}}}
	return p.compared(v)
}

func (p *page) stockSheet(s *stock, title string, byField bool, lines []stockLine) *sheet[stockLine] {
	first := p.text("web.column.district")
	if byField {
		first = p.text("figures.inventory.field")
	}
	out := &sheet[stockLine]{
		Size: 60, Name: "angebote-" + slugOf(title), Caption: p.T("figures.inventory.caption", with{"Title": title}), Rows: lines,
		Columns: []column[stockLine]{
			{Key: "name", Label: first, Text: func(l stockLine) string { return l.name }, Find: !byField},
			{Key: "all", Label: p.text("figures.inventory.everybody"), Text: func(l stockLine) string { return p.holding(l.all) }, Fixed: true},
		},
	}
	for k, phase := range s.phases {
		out.Columns = append(out.Columns, column[stockLine]{Key: phase.Key, Label: p.text("figures.inventory.phase." + phase.Key), Text: func(l stockLine) string { return p.holding(l.of[k]) }, Fixed: true})
	}
	return out
}

// holding writes a count: 0 where the district is covered and has none, and in words where nobody can say.
func (p *page) holding(h directory.Holding) string {
	switch {
	case !h.Covered:
		return p.text("figures.inventory.unknown")
	case h.Unsaid == 0:
		return strconv.Itoa(h.Suiting)
	case h.Suiting == 0:
		return p.T("figures.inventory.unsaid_alone", with{"Number": h.Unsaid})
	}
	return p.T("figures.inventory.unsaid", with{"Suiting": h.Suiting, "Number": h.Unsaid})
}
