package web

import (
	"cmp"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gevor/directory"
	"gevor/geo"
	"gevor/internal/draw"
	"gevor/internal/web/ui"
)

// pictograms are the signs of the tiles, drawn by hand on a ground of 48 by 48.
var pictograms = map[string]string{
	"child":       "M16 16a7 7 0 1 0 0-.1M9 42v-8c0-5 3-8 7-8s7 3 7 8v8M33 24a5 5 0 1 0 0-.1M28 42v-6c0-4 2-6 5-6s5 2 5 6v6M23 33l5 2",
	"chronic":     "M24 42C10 32 5 25 5 17a9 9 0 0 1 19-4 9 9 0 0 1 19 4c0 8-5 15-19 25zM8 24h9l4-7 6 13 4-6h9",
	"alone":       "M18 13a6 6 0 1 0 0-.1M8 42V30c0-6 4-10 10-10s10 4 10 10M33 27a4.500 4.500 0 1 0 0-.1M27 42v-4c0-3.500 2.500-6 6-6s6 2.500 6 6v4",
	"work":        "M6 17h36v23H6zM17 17v-6h14v6M6 27h36M24 25v5",
	"arrive":      "M24 5a19 19 0 1 0 0 38 19 19 0 0 0 0-38zM5 24h38M24 5c-12 11-12 27 0 38M24 5c12 11 12 27 0 38",
	"doctor":      "M12 6v12a8 8 0 0 0 16 0V6M9 6h6M25 6h6M20 26v6a9 9 0 0 0 18 0v-6M38 26a4 4 0 1 0 0-.1",
	"paediatrics": "M24 21a8 8 0 1 0 0-.1M10 43c0-9 6-14 14-14s14 5 14 14M24 33v8M20 37h8",
	"mind":        "M30 43v-7h5c3 0 4-2 4-4v-5h3l-4-8C37 10 31 5 23 5 13 5 7 12 7 21c0 6 3 10 6 13v9M18 21c3-6 9-6 12 0M18 21c3 6 9 6 12 0",
	"pregnant":    "M22 12a5 5 0 1 0 0-.1M17 43V24c0-4 2-6 5-6 4 0 6 4 9 8 3 5 0 10-5 10v7M22 30a3 3 0 1 0 3-3",
	"money":       "M24 7a17 17 0 1 0 0 34 17 17 0 0 0 0-34zM31 17c-6-6-14-1-14 7s8 13 14 7M13 21h12M13 27h12",
	"card":        "M5 11h38v26H5zM5 19h38M11 29h8M35 26v6M32 29h6",
	"speech":      "M5 8h26v18H17l-7 7v-7H5zM35 17h8v17h-5v7l-7-7H20v-4M11 15h14M11 20h9",
	"care":        "M6 30h8l6-5h9c3 0 3 4 0 4h-6M6 40h16c6 0 12-5 19-12 2-2-1-5-4-3l-8 5M30 20c-6-4-8-7-8-10a4 4 0 0 1 8-2 4 4 0 0 1 8 2c0 3-2 6-8 10z",
	"habit":       "M17 5h14v9l5 6v23H12V20l5-6zM12 27h24M12 36h24",
	"safe":        "M24 4l17 6v12c0 10-7 17-17 22C14 39 7 32 7 22V10zM24 16v10M24 32v.500",
	"home":        "M5 24L24 7l19 17M11 20v22h26V20M20 42V30h8v12",
	"rights":      "M24 6v36M14 42h20M8 13h32M8 13L2 28h12zM40 13l-6 15h12z",
}

func (p *page) withinOptions() []ui.Option {
	var out []ui.Option
	for _, n := range withins() {
		out = append(out, ui.Option{Value: strconv.Itoa(n), Label: p.T("finder.condition.within", with{"Minutes": strconv.Itoa(n)})})
	}
	return out
}

func within(v finderView) string {
	if v.Within == 0 {
		return ""
	}
	return strconv.Itoa(v.Within)
}

// tongueNames are the languages of an offer without their hours.
func (p *page) tongueNames(r directory.Record) []string {
	out := make([]string, len(r.Languages))
	for i, l := range r.Languages {
		out[i] = p.languageName(l.Tag)
	}
	return out
}

func (p *page) offerPages(v finderView) ui.Pager {
	pages := (v.Results.Total + finderSize - 1) / finderSize
	g := ui.Pager{Label: p.T("finder.pages", nil), PrevLabel: p.T("finder.previous", nil), NextLabel: p.T("finder.next", nil), Status: p.T("finder.page", with{"Page": strconv.Itoa(v.Page), "Pages": strconv.Itoa(max(pages, v.Page))})}
	if v.Page > 1 {
		g.Prev = p.filter("page", strconv.Itoa(v.Page-1))
	}
	if v.Page < pages {
		g.Next = p.filter("page", strconv.Itoa(v.Page+1))
	}
	return g
}

// narrowing are the conditions that many ask for and that are not asked for yet, each as a link.
func (p *page) narrowing(v finderView) []ui.Link {
	var out []ui.Link
	add := func(asked bool, label, name, value string) {
		if !asked {
			out = append(out, ui.Link{Label: label, Href: p.filter(name, value)})
		}
	}
	add(v.When != "", p.T("finder.condition.open_now", nil), "when", "now")
	add(v.WalkIn, p.T("finder.condition.walk_in", nil), "walkin", "1")
	add(v.Free, p.T("finder.condition.free", nil), "free", "1")
	add(v.StepFree, p.T("finder.condition.step_free", nil), "stepfree", "1")
	add(v.Insurance != "", p.T("finder.insurance.none", nil), "insurance", "none")
	if own, _, _ := strings.Cut(p.Lang(), "-"); own != "de" && slices.Contains(spoken(), own) {
		add(v.Speaks != "", p.languageName(own), "speaks", own)
	}
	return out
}

// whereabouts draws the places of the offers in the list; not ok where there is no map to draw on, or no place that may
// be shown. What each place is called stands in the list.
func (p *page) whereabouts(v finderView) (picture, bool) {
	if p.run == nil {
		return picture{}, false
	}
	var at []geo.LonLat
	for _, h := range v.Results.Hits {
		for _, l := range h.Record.Locations {
			if l.At != nil {
				at = append(at, *l.At)
			}
		}
	}
	if len(at) == 0 {
		return picture{}, false
	}
	if !v.Map {
		return picture{}, true
	}
	box := geo.Box{MinLon: at[0].Lon, MinLat: at[0].Lat, MaxLon: at[0].Lon, MaxLat: at[0].Lat}
	for _, x := range at {
		box = draw.Extend(box, x)
	}
	pic := p.frameOf(box.Grow(marginOfOffers))
	for _, x := range at {
		px, py := pic.XY(x.Lon, x.Lat)
		pic.Marks = append(pic.Marks, mark{X: unit(px), Y: unit(py), Class: "offer"})
	}
	pic.unclutter()
	pic.Titled = p.T("finder.map_alt", nil)
	return pic, true
}

// box is a rectangle on a picture: its middle and half of its sides.
type box struct{ x, y, w, h float64 }

func (b box) meets(o box) bool {
	return math.Abs(b.x-o.x) < b.w+o.w && math.Abs(b.y-o.y) < b.h+o.h
}

// The size of names and marks in units of a picture, as the style sheet has them where the screen is small; where it is
// large they take less.
const (
	letterWide = 23
	lineHigh   = 52
	markWide   = 44
)

// unclutter leaves names of districts out that would lie over each other or under a mark. Those next to an offer come
// first; one that a mark would cover moves above or below it where there is room.
func (pic *picture) unclutter() {
	at := func(x, y string) (box, bool) {
		a, err1 := strconv.ParseFloat(x, 64)
		b, err2 := strconv.ParseFloat(y, 64)
		return box{x: a, y: b}, err1 == nil && err2 == nil
	}
	var taken []box
	for _, m := range pic.Marks {
		if b, ok := at(m.X, m.Y); ok {
			b.w, b.h = markWide/2, markWide/2
			taken = append(taken, b)
		}
	}
	marks := taken
	near := func(i int) float64 {
		b, _ := at(pic.Areas[i].X, pic.Areas[i].Y)
		d := math.Inf(1)
		for _, m := range marks {
			d = min(d, math.Hypot(b.x-m.x, b.y-m.y))
		}
		return d
	}
	order := make([]int, 0, len(pic.Areas))
	for i := range pic.Areas {
		if pic.Areas[i].Label {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(near(a), near(b)) })
	for _, i := range order {
		a := &pic.Areas[i]
		a.Label = false
		b, ok := at(a.X, a.Y)
		if !ok {
			continue
		}
		b.w, b.h = float64(utf8.RuneCountInString(a.Name))*letterWide/2, lineHigh/2
		middle := b.y
		for _, by := range []float64{0, -(markWide + lineHigh) / 2, (markWide + lineHigh) / 2} {
			b.y = middle + by
			inside := b.y > b.h && b.y < pic.Height-b.h && b.x-b.w > 0 && b.x+b.w < draw.Width
			if inside && !slices.ContainsFunc(taken, b.meets) {
				a.Label, a.Y = true, unit(b.y)
				taken = append(taken, b)
				break
			}
		}
	}
}

// marginOfOffers is left around the outermost offers on a map, in metres.
const marginOfOffers = 1500

// directions leads to a page that shows the way to a place, from wherever the reader then says; empty where the place is
// not known or kept secret. It is the only link of these pages that names a place to somebody else, and says so.
func directions(l directory.Location) string {
	if l.At == nil {
		return ""
	}
	return "https://www.openstreetmap.org/directions?engine=fossgis_osrm_foot&route=" + url.QueryEscape(";"+strconv.FormatFloat(l.At.Lat, 'f', 5, 64)+","+strconv.FormatFloat(l.At.Lon, 'f', 5, 64))
}
