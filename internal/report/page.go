package report

import (
	"cmp"
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"
	"time"

	"gevor/atlas"
	"gevor/internal/files"
	"gevor/internal/words"
	"gevor/region"
	"gevor/travel"
)

// The structs below are what the template shows: texts ready to print.
type (
	page struct {
		Lang, Title, Lead, FindingsText, Foot string
		Style                                 template.CSS
		Synthetic                             bool
		Facts, CauseTerms                     []term
		Limits                                []string
		Shapes                                []shape
		Overview, Findings, Groups            table
		Parameters, Sources, Counts, Rules    table
		Standards                             []standard
	}
	term  struct{ Label, Text string }
	shape struct{ ID, D string }
	table struct {
		Caption, Note string
		Head          []column
		Rows          [][]string
	}
	column struct {
		Text   string
		Number bool
	}
	standard struct {
		ID, Label, Asks, Text, Unknown string
		Map                            picture
		Causes, Districts              table
	}
)

// How much of a long list is printed. The files of the run hold all of it.
const (
	findingRows  = 40
	districtRows = 25
)

// writer turns a result into a page in one language.
type writer struct {
	r    *atlas.Result
	s    *region.Snapshot
	p    *words.Printer
	info files.RunInfo
}

func (w *writer) t(key string, data map[string]any) string { return w.p.T("report."+key, data) }

func (w *writer) count(x float64) string { return w.p.Number(x, 0) }

// head makes columns of catalogue keys; a key that ends in # is a column of numbers.
func (w *writer) head(keys ...string) []column {
	out := make([]column, len(keys))
	for i, k := range keys {
		name, number := strings.CutSuffix(k, "#")
		out[i] = column{w.t("column."+name, nil), number}
	}
	return out
}

func (w *writer) page() page {
	s, lang := w.s, w.p.Lang()
	var population float64
	for _, x := range s.Cells.Population {
		population += float64(x)
	}
	name := s.Name.In(lang)
	p := page{
		Lang: lang, Title: w.t("title", map[string]any{"Region": name}), Synthetic: s.Synthetic, Lead: w.lead(population),
		Overview: w.overview(), Findings: w.findings(), FindingsText: w.findingsText(), Groups: w.groups(), Parameters: w.parameters(),
		Sources: w.sources(), Counts: w.counts(), Rules: w.rules(),
		Foot: w.t("foot", map[string]any{"Version": w.info.Version, "Snapshot": short(s.Hash)}),
		Facts: []term{
			{w.t("fact.date", nil), w.p.Date(s.Date.Format(time.DateOnly))},
			{w.t("fact.people", nil), w.count(population)},
			{w.t("fact.cells", nil), w.count(float64(s.Cells.Len()))},
			{w.t("fact.offers", nil), w.count(float64(len(s.Offers)))},
			{w.t("fact.findings", nil), w.count(float64(len(w.r.Findings)))},
		},
	}
	for _, k := range []string{"limit_unknown", "limit_data", "limit_model", "limit_decide"} {
		p.Limits = append(p.Limits, w.t(k, nil))
	}
	for c := atlas.CauseOnlySteps; c <= atlas.CauseUsedUp; c++ {
		p.CauseTerms = append(p.CauseTerms, term{w.p.T("cause."+c.String(), nil), w.p.T("cause_explained."+c.String(), nil)})
	}
	atlasMap := newMap(w)
	p.Shapes = atlasMap.shapes()
	for i := range s.Standards {
		p.Standards = append(p.Standards, w.standard(atlasMap, i))
	}
	return p
}

func short(hash string) string { return hash[:min(12, len(hash))] }

func (w *writer) lead(population float64) string {
	known := 0
	for _, x := range w.r.Summaries {
		if x.Known {
			known++
		}
	}
	return w.t("lead", map[string]any{
		"People": w.count(population), "Standards": w.count(float64(len(w.s.Standards))), "Known": w.count(float64(known)),
		"Findings": w.p.N("count.findings", len(w.r.Findings), nil),
	})
}

func (w *writer) overview() table {
	t := table{
		Caption: w.t("overview_caption", nil), Note: w.t("direction", nil),
		Head: w.head("standard", "group", "people#", "missing#", "share#", "cause", "walls#", "data"),
	}
	for i, st := range w.s.Standards {
		x := w.r.Summaries[i]
		row := []string{st.Label.In(w.p.Lang()), w.s.Groups[st.Group].Label.In(w.p.Lang())}
		if !x.Known {
			row = append(row, words.Unknown, words.Unknown, words.Unknown, w.p.T("value.unknown", nil), words.Unknown, w.data(x.Data))
		} else {
			row = append(row, w.count(x.People), w.count(x.Missing), w.p.Percent(x.Missing/x.People, 1), w.mainCause(x.MissingByCause), w.count(x.Walls), w.data(x.Data))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (w *writer) mainCause(by [7]float64) string {
	main := atlas.CauseNone
	for c := range by {
		if by[c] > by[main] {
			main = atlas.Cause(c)
		}
	}
	if by[main] == 0 {
		return words.Unknown
	}
	return w.p.T("cause."+main.String(), nil)
}

func (w *writer) data(d atlas.Completeness) string {
	if d.Offers == 0 {
		return w.t("no_offers", nil)
	}
	return w.t("completeness", map[string]any{
		"Offers": w.p.N("count.offers", d.Offers, nil), "Capacity": w.p.Percent(d.CapacityKnown, 0), "Confirmed": w.p.Percent(d.ConfirmedInTime, 0),
	})
}

func (w *writer) findingsText() string {
	n := len(w.r.Findings)
	switch {
	case n == 0:
		return w.t("findings_none", nil)
	case n > findingRows:
		return w.t("findings_first", map[string]any{"Shown": w.count(findingRows), "All": w.count(float64(n))})
	}
	return w.t("findings_all", map[string]any{"All": w.p.N("count.findings", n, nil)})
}

func (w *writer) findings() table {
	t := table{
		Caption: w.t("findings_caption", nil),
		Head:    w.head("rank", "place", "standard", "people#", "shortfall#", "need#", "score#", "cause", "remedy"),
	}
	for i, f := range w.r.Findings[:min(findingRows, len(w.r.Findings))] {
		people := w.count(f.People)
		if low, high := w.count(f.Low), w.count(f.High); f.Estimated && low != high {
			people = w.t("between", map[string]any{"People": people, "Low": low, "High": high})
		}
		t.Rows = append(t.Rows, []string{
			fmt.Sprint(i + 1), w.place(f), w.s.Standards[f.Standard].Label.In(w.p.Lang()), people,
			w.p.Percent(f.Shortfall, 0), w.p.Number(f.Need, 2), w.count(f.Score), w.p.T("cause."+f.Cause.String(), nil), w.remedies(f),
		})
	}
	return t
}

// place names the district with most people, its city, and how many more there are.
func (w *writer) place(f atlas.Finding) string {
	var named []atlas.Share
	for _, d := range f.Districts {
		if d.Area >= 0 {
			named = append(named, d)
		}
	}
	if len(named) == 0 {
		return w.t("outside", nil)
	}
	a := w.s.Areas[named[0].Area]
	name := a.Name
	if a.Parent >= 0 {
		name = w.t("district_of", map[string]any{"District": a.Name, "City": w.s.Areas[a.Parent].Name})
	}
	if len(named) > 1 {
		name = w.p.N("report.and_more", len(named)-1, map[string]any{"Place": name})
	}
	return name
}

func (w *writer) remedies(f atlas.Finding) string {
	var out []string
	for _, m := range f.Remedies {
		data := map[string]any{"People": w.p.N("count.people", int(math.Round(m.Closes)), nil)}
		key := "open"
		switch {
		case m.Offer >= 0:
			key, data["Place"] = "extend", w.s.Offers[m.Offer].Name
		case m.Cell >= 0 && w.s.Cells.District[m.Cell] >= 0:
			data["Place"] = w.s.Areas[w.s.Cells.District[m.Cell]].Name
		default:
			data["Place"] = w.t("outside", nil)
		}
		if m.Capacity > 0 {
			key += "_capacity"
			data["Capacity"] = w.p.Number(m.Capacity, 1)
		}
		out = append(out, w.t("remedy."+key, data))
	}
	if len(out) == 0 {
		return w.t("remedy.nothing", nil)
	}
	return strings.Join(out, " ")
}

func (w *writer) standard(m *atlasMap, i int) standard {
	st, x := w.s.Standards[i], w.r.Summaries[i]
	out := standard{ID: fmt.Sprintf("standard-%d", i+1), Label: st.Label.In(w.p.Lang()), Asks: w.asks(st)}
	group := w.s.Groups[st.Group]
	if !x.Known {
		out.Unknown = w.t("unknown_standard", map[string]any{"Group": group.Label.In(w.p.Lang())})
		return out
	}
	out.Text = w.t("standard_text", map[string]any{
		"Missing": w.count(x.Missing), "People": w.count(x.People), "Group": group.Label.In(w.p.Lang()),
		"Share": w.p.Percent(x.Missing/x.People, 1), "Walls": w.count(x.Walls), "Data": w.data(x.Data),
	})
	if x.Suppressed > 0 {
		out.Text += " " + w.t("suppressed", map[string]any{"Cells": w.p.N("count.cells", x.Suppressed, nil)})
	}
	if x.OffNetwork > 0 {
		out.Text += " " + w.t("off_network", map[string]any{"Cells": w.p.N("count.cells", x.OffNetwork, nil)})
	}
	if group.State == region.GroupEstimated {
		out.Text += " " + w.t("estimated", map[string]any{"Error": w.p.Percent(group.RelError, 0)})
	}
	lines := w.lines(int32(i))
	out.Map = m.draw(int32(i), lines)
	out.Causes, out.Districts = w.causes(x), w.districts(lines)
	return out
}

// asks says in words what a standard asks for.
func (w *writer) asks(st region.Standard) string {
	var ways []string
	for _, x := range st.Ways {
		data := map[string]any{"Minutes": w.p.Number(float64(x.Minutes), 0), "Mode": w.p.T("mode."+x.Mode.String(), nil)}
		if x.Mode != travel.Transit {
			ways = append(ways, w.t("way", data))
			continue
		}
		data["From"], data["To"] = clock(x.Departure), clock(x.Departure+x.Window)
		data["Percentile"] = w.p.Number(float64(x.Percentile), 0)
		ways = append(ways, w.t("way_transit", data))
	}
	data := map[string]any{
		"Group": w.s.Groups[st.Group].Label.In(w.p.Lang()), "Category": w.s.Categories[st.Category].Label.In(w.p.Lang()),
		"Ways": strings.Join(ways, " "+w.t("or", nil)+" "), "Nearest": w.p.Number(float64(st.Nearest), 0), "PerThousand": w.p.Number(st.PerThousand, 2),
	}
	switch {
	case st.PerThousand > 0:
		return w.t("asks_capacity", data)
	case st.Nearest > 1:
		return w.t("asks_kth", data)
	}
	return w.t("asks_nearest", data)
}

func clock(seconds int) string { return fmt.Sprintf("%02d:%02d", seconds/3600%24, seconds/60%60) }

func (w *writer) causes(x atlas.StandardSummary) table {
	t := table{Caption: w.t("causes_caption", nil), Head: w.head("reason", "missing#", "share_missing#")}
	for c := atlas.CauseOnlySteps; c <= atlas.CauseUsedUp; c++ {
		if n := x.MissingByCause[c]; n > 0 {
			t.Rows = append(t.Rows, []string{w.p.T("cause."+c.String(), nil), w.count(n), w.p.Percent(n/x.Missing, 0)})
		}
	}
	return t
}

// districtLine is a profile line with its district.
type districtLine struct {
	area int32
	atlas.ProfileLine
}

// lines gives one standard in all districts, most people missing first.
func (w *writer) lines(standard int32) []districtLine {
	var out []districtLine
	for _, p := range w.r.Profiles {
		for _, l := range p.Standards {
			if l.Standard == standard {
				out = append(out, districtLine{p.Area, l})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b districtLine) int { return cmp.Compare(missing(b), missing(a)) })
	return out
}

func missing(l districtLine) float64 {
	if !l.Known || math.IsNaN(l.Missing) {
		return -1
	}
	return l.Missing
}

// districts lists the districts in which people miss the standard; the others are counted in the note.
func (w *writer) districts(lines []districtLine) table {
	t := table{Caption: w.t("districts_caption", nil), Head: w.head("district", "city", "people#", "missing#", "share#", "city_share#", "minutes#", "cause")}
	concerned := slices.IndexFunc(lines, func(l districtLine) bool { return missing(l) <= 0 })
	if concerned < 0 {
		concerned = len(lines)
	}
	for _, l := range lines[:min(concerned, districtRows)] {
		a := w.s.Areas[l.area]
		city := words.Unknown
		if a.Parent >= 0 {
			city = w.s.Areas[a.Parent].Name
		}
		t.Rows = append(t.Rows, []string{
			a.Name, city, w.count(l.People), w.count(l.Missing), w.p.Percent(share(l), 1), w.p.Percent(l.MunicipalityShare, 1),
			w.p.Number(l.MedianMinutes, 0), w.p.T("cause."+l.MainCause.String(), nil),
		})
	}
	if len(t.Rows) < len(lines) {
		t.Note = w.t("districts_first", map[string]any{"Shown": w.count(float64(len(t.Rows))), "All": w.count(float64(len(lines))), "Without": w.count(float64(len(lines) - concerned))})
	}
	return t
}

// share is the share of a district's people who miss a standard; NaN where it is unknown or nobody of the group lives.
func share(l districtLine) float64 {
	if !l.Known || !(l.People > 0) {
		return math.NaN()
	}
	return l.MissingShare
}
