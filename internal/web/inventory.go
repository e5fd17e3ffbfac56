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

// targetGroups are the people that the alliance speaks of: how pages call them, and the concepts of the vocabulary whose
// offers are for them. Newcomers come with and without insurance.
func targetGroups() map[string][]string {
	out := map[string][]string{}
	for _, t := range groupTiles() {
		out[t.Icon] = []string{t.Need}
	}
	out["arrive"] = append(out["arrive"], "ohne-versicherung")
	return out
}

// madeFor says whether a service is for a target group: it names the group, or its kind of help belongs to one of the concepts.
func madeFor(v *vocabulary.Vocabulary, group string, s *directory.Service) bool {
	if slices.Contains(s.For.Groups, group) {
		return true
	}
	for _, kind := range s.Kinds {
		for above := range v.Above(kind) {
			if slices.Contains(targetGroups()[group], above) {
				return true
			}
		}
	}
	return false
}

// stock counts the directory. group narrows it to one of targetGroups; empty counts offers for everybody.
func (p *page) stock(group string) (*stock, error) {
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
	counted := func(phase func(directory.For) directory.Three) *directory.Inventory {
		return directory.TakeInventory(records, fields, district, func(x *directory.Service) directory.Three {
			if group != "" && !madeFor(v, group, x) {
				return directory.No
			}
			return phase(x.For)
		})
	}
	s.all = counted(func(directory.For) directory.Three { return directory.Yes })
	for _, phase := range s.phases {
		s.of = append(s.of, counted(phase.Suits))
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
	group := ui.Select{Name: "group", Label: p.text("web.column.group"), Value: p.first("group"), Any: p.text("figures.inventory.all_groups")}
	for _, t := range groupTiles() {
		group.Options = append(group.Options, ui.Option{Value: t.Icon, Label: p.text("finder.tile." + t.Icon)})
	}
	if _, known := targetGroups()[group.Value]; !known && group.Value != "" {
		return fault.New(fault.Invalid, "group", "there is no such choice", "choose one from the list")
	}
	s, err := p.stock(group.Value)
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
	v.Form = []ui.Select{group, fields, districts}
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
