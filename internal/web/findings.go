package web

import (
	"net/http"
	"net/url"
	"sort"
	"strconv"

	"gevor/atlas"
	"gevor/fault"
	"gevor/internal/web/ui"
	"gevor/region"
)

// perPage is how many findings one page of the list shows.
const perPage = 20

// findingFilter is what the list is narrowed to; -1 and CauseNone let everything through.
type findingFilter struct {
	Group, Category, Standard, Municipality, District int32
	Cause                                             atlas.Cause
}

// readFilter reads a filter from a query. A value that names nothing is fault.Invalid: an empty list would
// wrongly say that there is no gap.
func readFilter(s *region.Snapshot, q url.Values) (findingFilter, error) {
	f := findingFilter{Group: -1, Category: -1, Standard: -1, Municipality: -1, District: -1}
	for _, field := range []struct {
		name string
		to   *int32
		find func(key string) int32
	}{
		{"group", &f.Group, func(k string) int32 { return index(s.Groups, func(g region.Group) bool { return g.Key == k }) }},
		{"category", &f.Category, func(k string) int32 { return index(s.Categories, func(c region.Category) bool { return c.Key == k }) }},
		{"standard", &f.Standard, func(k string) int32 { return index(s.Standards, func(t region.Standard) bool { return t.Key == k }) }},
		{"municipality", &f.Municipality, func(k string) int32 {
			return index(s.Areas, func(a region.Area) bool { return a.Key == k && a.Kind == region.Municipality })
		}},
		{"district", &f.District, func(k string) int32 {
			return index(s.Areas, func(a region.Area) bool { return a.Key == k && a.Kind == region.District })
		}},
	} {
		key := q.Get(field.name)
		if key == "" {
			continue
		}
		if *field.to = field.find(key); *field.to < 0 {
			return f, fault.New(fault.Invalid, field.name, "nothing is called \""+key+"\"", "choose one of the list")
		}
	}
	if key := q.Get("cause"); key != "" {
		if f.Cause = causeByKey(key); f.Cause == atlas.CauseNone {
			return f, fault.New(fault.Invalid, "cause", "there is no cause \""+key+"\"", "choose one of the list")
		}
	}
	return f, nil
}

func index[T any](list []T, is func(T) bool) int32 {
	for i, x := range list {
		if is(x) {
			return int32(i)
		}
	}
	return -1
}

func causeByKey(key string) atlas.Cause {
	for c := atlas.CauseOnlySteps; c <= atlas.CauseUsedUp; c++ {
		if c.String() == key {
			return c
		}
	}
	return atlas.CauseNone
}

// lets says whether a finding passes.
func (f findingFilter) lets(s *region.Snapshot, x *atlas.Finding) bool {
	t := s.Standards[x.Standard]
	switch {
	case f.Group >= 0 && t.Group != f.Group,
		f.Category >= 0 && t.Category != f.Category,
		f.Standard >= 0 && x.Standard != f.Standard,
		f.Cause != atlas.CauseNone && x.Cause != f.Cause:
		return false
	}
	if f.Municipality < 0 && f.District < 0 {
		return true
	}
	for _, d := range x.Districts {
		if f.District >= 0 && d.Area == f.District || f.District < 0 && municipality(s, d.Area) == f.Municipality {
			return true
		}
	}
	return false
}

// orders are the ways to sort the list; the first is the default.
var orders = [...]struct {
	key  string
	less func(p *page, a, b *atlas.Finding) bool
}{
	{"score", func(_ *page, a, b *atlas.Finding) bool { return a.Score > b.Score }},
	{"people", func(_ *page, a, b *atlas.Finding) bool { return a.People > b.People }},
	{"shortfall", func(_ *page, a, b *atlas.Finding) bool { return a.Shortfall > b.Shortfall }},
	{"place", func(p *page, a, b *atlas.Finding) bool { return p.compare(p.place(a), p.place(b)) < 0 }},
}

// findingsView is what the list shows.
type findingsView struct {
	Filter   findingFilter
	Fields   []ui.Select
	Rows     []*atlas.Finding
	Total    int // all findings of the run
	Found    int // after the filter
	People   float64
	From     int // rank of the first row, 1-based
	Pager    ui.Pager
	Filtered bool
	MaxScore float64
	Unknown  []int32 // standards about which nothing can be said
}

func findings(p *page) error {
	v, err := p.findingsView()
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("web.nav.findings", nil), findingsPage(p, v))
}

func (p *page) findingsView() (findingsView, error) {
	s := p.run.snapshot()
	filter, err := readFilter(s, p.query)
	if err != nil {
		return findingsView{}, err
	}
	v := findingsView{Filter: filter, Total: len(p.run.Result.Findings)}
	v.Filtered = filter != findingFilter{Group: -1, Category: -1, Standard: -1, Municipality: -1, District: -1}
	for i := range p.run.Result.Findings {
		f := &p.run.Result.Findings[i]
		v.MaxScore = max(v.MaxScore, f.Score)
		if filter.lets(s, f) {
			v.Rows = append(v.Rows, f)
			v.People += f.People
		}
	}
	v.Found = len(v.Rows)
	order, err := p.order()
	if err != nil {
		return v, err
	}
	sort.SliceStable(v.Rows, func(i, j int) bool { return order(p, v.Rows[i], v.Rows[j]) })
	pages := max(1, (v.Found+perPage-1)/perPage)
	n, err := p.pageNumber(pages)
	if err != nil {
		return v, err
	}
	v.From = (n-1)*perPage + 1
	v.Rows = v.Rows[(n-1)*perPage : min(n*perPage, v.Found)]
	v.Pager = p.pager(n, pages)
	v.Fields = p.findingFields()
	for i := range p.run.Result.Summaries {
		if sum := &p.run.Result.Summaries[i]; !sum.Known && (filter.Standard < 0 || filter.Standard == sum.Standard) {
			v.Unknown = append(v.Unknown, sum.Standard)
		}
	}
	return v, nil
}

func (p *page) order() (func(*page, *atlas.Finding, *atlas.Finding) bool, error) {
	key := p.first("sort")
	if key == "" {
		return orders[0].less, nil
	}
	for _, o := range orders {
		if o.key == key {
			return o.less, nil
		}
	}
	return nil, fault.New(fault.Invalid, "sort", "the list cannot be sorted by \""+key+"\"", "choose one of the list")
}

// pageNumber reads the number of the page, 1 where none is given; one past the end becomes the last.
func (p *page) pageNumber(pages int) (int, error) {
	raw := p.first("page")
	if raw == "" {
		return 1, nil
	}
	n, err := strconv.Atoi(raw)
	if err != nil || n < 1 {
		return 0, fault.New(fault.Invalid, "page", "\""+raw+"\" is no page number", "")
	}
	return min(n, pages), nil
}

func (p *page) pager(n, pages int) ui.Pager {
	out := ui.Pager{
		Label: p.T("web.pager.label", nil), PrevLabel: p.T("web.pager.prev", nil), NextLabel: p.T("web.pager.next", nil),
		Status: p.T("web.pager.status", with{"Page": strconv.Itoa(n), "Pages": strconv.Itoa(pages)}),
	}
	if pages <= 1 {
		return ui.Pager{}
	}
	if n > 1 {
		out.Prev = p.filter("page", strconv.Itoa(n-1))
	}
	if n < pages {
		out.Next = p.filter("page", strconv.Itoa(n+1))
	}
	return out
}

// findingFields are the choices above the list. Only what occurs in the run can be chosen, so no choice made
// alone leads to an empty list.
func (p *page) findingFields() []ui.Select {
	s := p.run.snapshot()
	groups, categories, areas, byCause := map[int32]int{}, map[int32]int{}, map[int32]int{}, map[atlas.Cause]int{}
	for i := range p.run.Result.Findings {
		f := &p.run.Result.Findings[i]
		groups[s.Standards[f.Standard].Group]++
		categories[s.Standards[f.Standard].Category]++
		byCause[f.Cause]++
		seen := map[int32]bool{}
		for _, d := range f.Districts {
			for _, a := range []int32{d.Area, municipality(s, d.Area)} {
				if a >= 0 && !seen[a] {
					seen[a] = true
					areas[a]++
				}
			}
		}
	}
	fields := []ui.Select{
		p.choice("municipality", "web.field.municipality"), p.choice("district", "web.field.district"),
		p.choice("group", "web.field.group"), p.choice("category", "web.field.category"), p.choice("cause", "web.field.cause"),
		{Name: "sort", Label: p.T("web.field.sort", nil), Value: p.first("sort")},
	}
	for i, a := range s.Areas {
		if n := areas[int32(i)]; n > 0 {
			at := 1
			if a.Kind == region.Municipality {
				at = 0
			}
			fields[at].Options = append(fields[at].Options, ui.Option{Value: a.Key, Label: a.Name, Count: strconv.Itoa(n)})
		}
	}
	for i := range fields[:2] {
		o := fields[i].Options
		sort.SliceStable(o, func(a, b int) bool { return p.compare(o[a].Label, o[b].Label) < 0 })
	}
	for i := range s.Groups {
		if n := groups[int32(i)]; n > 0 {
			fields[2].Options = append(fields[2].Options, ui.Option{Value: s.Groups[i].Key, Label: p.label(s.Groups[i].Label), Count: strconv.Itoa(n)})
		}
	}
	for i := range s.Categories {
		if n := categories[int32(i)]; n > 0 {
			fields[3].Options = append(fields[3].Options, ui.Option{Value: s.Categories[i].Key, Label: p.label(s.Categories[i].Label), Count: strconv.Itoa(n)})
		}
	}
	for c := atlas.CauseOnlySteps; c <= atlas.CauseUsedUp; c++ {
		if n := byCause[c]; n > 0 {
			fields[4].Options = append(fields[4].Options, ui.Option{Value: c.String(), Label: p.T("cause."+c.String(), nil), Count: strconv.Itoa(n)})
		}
	}
	for _, o := range orders {
		fields[5].Options = append(fields[5].Options, ui.Option{Value: o.key, Label: p.T("web.sort."+o.key, nil)})
	}
	if fields[5].Value == "" {
		fields[5].Value = orders[0].key
	}
	return fields
}

func (p *page) choice(name, label string) ui.Select {
	return ui.Select{Name: name, Label: p.T(label, nil), Any: p.T("web.field.any", nil), Value: p.first(name)}
}
