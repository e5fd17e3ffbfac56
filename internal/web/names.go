package web

import (
	"math"
	"strconv"
	"strings"

	"gevor/atlas"
	"gevor/internal/draw"
	"gevor/region"
	"gevor/travel"
)

// names.go writes the things of a run in words: places, standards, causes, numbers of people.

func (p *page) standard(i int32) *region.Standard { return &p.run.snapshot().Standards[i] }

func (p *page) groupOf(standard int32) *region.Group {
	return &p.run.snapshot().Groups[p.standard(standard).Group]
}

func (p *page) categoryOf(standard int32) *region.Category {
	return &p.run.snapshot().Categories[p.standard(standard).Category]
}

// area is the name of an area, with the word for "none" where there is none.
func (p *page) area(i int32) string {
	if i < 0 {
		return p.T("web.no_area", nil)
	}
	return p.run.snapshot().Areas[i].Name
}

// place names where a finding lies: its first district and how many more, else its municipality, else the side of
// the region.
func (p *page) place(f *atlas.Finding) string {
	if len(f.Districts) == 0 || f.Districts[0].Area < 0 {
		if m := p.municipalityOf(f); m >= 0 {
			return p.area(m)
		}
		return p.T("web.place_by_compass", with{"Region": p.label(p.run.snapshot().Name), "Side": p.T("web.compass."+p.side(f), nil)})
	}
	first := p.area(f.Districts[0].Area)
	if n := len(f.Districts) - 1; n > 0 {
		return p.N("web.place_and_more", n, with{"Place": first})
	}
	return first
}

// municipalityOf is the municipality most people of a finding live in, -1 where none is known.
func (p *page) municipalityOf(f *atlas.Finding) int32 {
	s := p.run.snapshot()
	if len(f.Districts) > 0 && f.Districts[0].Area >= 0 {
		return municipality(s, f.Districts[0].Area)
	}
	if len(f.Cells) > 0 && int(f.Cells[0]) < len(s.Cells.Municipality) {
		return s.Cells.Municipality[f.Cells[0]]
	}
	return -1
}

// headline names a finding in one line.
func (p *page) headline(f *atlas.Finding) string {
	return p.T("web.finding.headline", with{"Category": p.label(p.categoryOf(f.Standard).Label), "Group": p.label(p.groupOf(f.Standard).Label)})
}

// peopleOf writes the number of people of a finding; an estimated number is marked as such.
func (p *page) peopleOf(f *atlas.Finding) string {
	if f.Estimated {
		return p.T("web.about", with{"Number": p.people(f.People)})
	}
	return p.people(f.People)
}

// minutes writes a travel time in whole minutes, rounded up as the standard counts it.
func (p *page) minutes(seconds float64) string {
	if math.IsNaN(seconds) || seconds >= float64(travel.Unreached) {
		return p.T("value.not_reached", nil)
	}
	return p.T("web.minutes", with{"Minutes": p.Number(math.Ceil(seconds/60), 0)})
}

// way says one way of a standard in words.
func (p *page) way(w region.Way) string {
	text := p.T("web.way", with{"Minutes": strconv.Itoa(w.Minutes), "Mode": p.T("mode."+w.Mode.String(), nil)})
	if w.Mode != travel.Transit {
		return text
	}
	return p.T("web.way_transit", with{
		"Way": text, "From": clock(w.Departure), "To": clock(w.Departure + w.Window), "Percentile": strconv.Itoa(w.Percentile),
	})
}

// ways says all ways of a standard, any of which suffices.
func (p *page) ways(s *region.Standard) string {
	parts := make([]string, len(s.Ways))
	for i, w := range s.Ways {
		parts[i] = p.way(w)
	}
	return strings.Join(parts, " "+p.T("web.or", nil)+" ")
}

// asks says what a standard asks for within reach.
func (p *page) asks(s *region.Standard) string {
	category := p.label(p.run.snapshot().Categories[s.Category].Label)
	if s.PerThousand > 0 {
		return p.T("web.asks_capacity", with{"Category": category, "Number": p.Number(s.PerThousand, 2)})
	}
	if s.Nearest > 1 {
		return p.T("web.asks_kth", with{"Category": category, "K": strconv.Itoa(s.Nearest)})
	}
	return p.T("web.asks_nearest", with{"Category": category})
}

// clock writes seconds after midnight as hours and minutes; a night service runs past 24:00.
func clock(seconds int) string {
	return pad(seconds/3600) + ":" + pad(seconds/60%60)
}

func pad(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// cause is one cause with its share of a whole.
type cause struct {
	Cause  atlas.Cause
	Share  float64
	People float64
}

// causes lists the causes that occur, largest first, ties in order of precedence.
func causes(shares [7]float64, people float64) []cause {
	var out []cause
	for c := atlas.CauseOnlySteps; c <= atlas.CauseUsedUp; c++ {
		if shares[c] <= 0 {
			continue
		}
		k := len(out)
		for k > 0 && out[k-1].Share < shares[c] {
			k--
		}
		out = append(out, cause{})
		copy(out[k+1:], out[k:])
		out[k] = cause{Cause: c, Share: shares[c], People: shares[c] * people}
	}
	return out
}

// isKnown says whether a group has numbers at all.
func isKnown(g *region.Group) bool { return g.State != region.GroupUnknown }

// side is the side of the region on which the middle of a finding lies: one of the eight points of the compass, or
// "middle" within a sixth of the region's width.
func (p *page) side(f *atlas.Finding) string {
	box := regionBox(p.run.snapshot())
	v := draw.NewView(box)
	var x, y float64
	for _, c := range f.Cells {
		at := p.run.snapshot().Cells.At[c]
		cx, cy := v.XY(at.Lon, at.Lat)
		x += cx / float64(len(f.Cells))
		y += cy / float64(len(f.Cells))
	}
	x, y = x-draw.Width/2, v.Height/2-y
	if math.Hypot(x, y) < draw.Width/6 {
		return "middle"
	}
	points := [...]string{"e", "ne", "n", "nw", "w", "sw", "s", "se"}
	return points[(int(math.Round(math.Atan2(y, x)/(math.Pi/4)))+8)%8]
}
