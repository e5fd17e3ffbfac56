package web

import (
	"net/http"
	"slices"
	"strings"

	"gevor/directory"
	"gevor/fault"
	"gevor/internal/web/ui"
	"gevor/internal/words"
)

// sheetView is the sheet that somebody takes along: some offers, in German and in one other language side by side.
type sheetView struct {
	Offers []directory.Record
	Gone   int    // that were on the sheet and are not to be seen any more
	Other  string // the second language, empty for German alone
}

func takeAlong(p *page) error {
	p.unkept()
	var v sheetView
	for _, id := range p.keeps() {
		r, err := p.site.Offers.Service(p.req.Context(), p.actor, directory.ServiceID(id))
		if fault.KindOf(err) == fault.NotFound || err == nil && (r.Draft || !r.Ended.IsZero()) {
			v.Gone++
			continue
		}
		if err != nil {
			return err
		}
		v.Offers = append(v.Offers, r)
	}
	if p.Lang() != "de" {
		v.Other = p.Lang()
	}
	if with := p.first("with"); slices.Contains(words.ResidentLanguages(), with) && with != "de" {
		v.Other = with
	}
	if p.first("with") == "de" {
		v.Other = ""
	}
	return p.render(http.StatusOK, p.T("sheet.title", nil), sheetPage(p, v))
}

// columns are the languages of a sheet, German first: it is what the counter reads.
func (p *page) columns(v sheetView) []*page {
	out := []*page{p.in("de")}
	if v.Other != "" {
		out = append(out, p.in(v.Other))
	}
	return out
}

// otherLanguages are the languages of the pages beside German.
func (p *page) otherLanguages() []string {
	return slices.DeleteFunc(slices.Clone(words.ResidentLanguages()), func(l string) bool { return l == "de" })
}

// leaflet is what somebody needs at the door, in the language of the column.
func (p *page) leaflet(r directory.Record) []ui.Pair {
	var hours []string
	for i := range r.Places {
		for _, d := range p.week(r.Places[i].Hours.Slots) {
			hours = append(hours, d.Day+" "+d.Times)
		}
		if r.Places[i].Hours.Always {
			hours = append(hours, p.T("entry.always", nil))
		}
	}
	if len(hours) == 0 {
		hours = []string{p.T("offer.hours_unknown", nil)}
	}
	out := []ui.Pair{
		{Label: p.T("offer.hours", nil), Text: strings.Join(hours, "; ")},
		{Label: p.T("offer.for", nil), Text: strings.Join(p.whom(r), " ")},
		{Label: p.T("offer.insurance", nil), Text: p.welcome(r)},
		{Label: p.T("offer.cost", nil), Text: p.costs(r)},
		{Label: p.T("offer.access", nil), Text: p.entrances(r)},
	}
	if names := p.tongueNames(r); len(names) > 0 {
		out = append(out, ui.Pair{Label: p.T("offer.languages", nil), Text: strings.Join(names, ", ")})
	}
	for _, l := range r.Locations {
		if way, _ := p.said(l.Way); way != "" {
			out = append(out, ui.Pair{Label: p.T("offer.way", nil), Text: way})
		}
	}
	text, _ := p.trusted(r)
	return append(out, ui.Pair{Label: p.T("offer.trust", nil), Text: text})
}

func holidayKey(h directory.Holidays) string {
	if h == directory.HolidaysUnknown {
		return "unknown"
	}
	return strings.ReplaceAll(string(h), "-", "_")
}
