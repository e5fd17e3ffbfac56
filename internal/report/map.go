package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"gevor/geo"
	"gevor/internal/draw"
	"gevor/internal/outline"
	"gevor/region"
)

// picture is one map: districts by share, cities as lines, findings as outlines.
type picture struct {
	ViewBox, Title, Text, Caption string
	Districts                     []filled
	Cities, Outlines              []string
	Names, Ranks                  []label
	Scale, ScaleY, ScaleText      string
	Legend                        []swatch
}

type (
	filled struct{ ID, Class string }
	swatch struct{ Class, Text string }
	label  struct{ X, Y, Text string }
)

// The classes of the map: upper bounds of the share that misses the standard. They are the same for every standard
// and every run, so that two maps can be laid side by side.
var shareBounds = [...]float64{0.05, 0.10, 0.25, 0.50}

// ranked is how many findings of a standard carry their rank on its map.
const ranked = 9

// tolerance is how far apart points of an outline must be in drawing units (1000 = width of the page).
const tolerance = 0.8

// atlasMap draws the maps of one report on one view.
type atlasMap struct {
	w      *writer
	view   draw.View
	shape  *outline.Shapes
	cities []int32
}

func newMap(w *writer) *atlasMap {
	m := &atlasMap{w: w, shape: outline.New(&w.s.Cells)}
	var all []orb.MultiPolygon
	for i, a := range w.s.Areas {
		all = append(all, a.Shape)
		if a.Kind == region.Municipality {
			m.cities = append(m.cities, int32(i))
		}
	}
	box, ok := draw.Bound(all...)
	if !ok {
		box = w.s.Bounds
	}
	m.view = draw.NewView(box.Grow(300))
	return m
}

func areaID(area int32) string { return "area-" + strconv.Itoa(int(area)) }

// shapes gives the outline of every area once; the maps refer to them.
func (m *atlasMap) shapes() []shape {
	out := make([]shape, len(m.w.s.Areas))
	for i, a := range m.w.s.Areas {
		out[i] = shape{areaID(int32(i)), m.view.Path(a.Shape, tolerance)}
	}
	return out
}

func (m *atlasMap) draw(standard int32, lines []districtLine) picture {
	w := m.w
	st := w.s.Standards[standard]
	name := st.Label.In(w.p.Lang())
	p := picture{
		ViewBox: m.view.ViewBox(), Title: w.t("map_title", map[string]any{"Standard": name}), Text: m.describe(lines),
		Caption: w.t("map_caption", nil),
	}
	for _, l := range lines {
		p.Districts = append(p.Districts, filled{areaID(l.area), class(l)})
	}
	for _, c := range m.cities {
		p.Cities = append(p.Cities, areaID(c))
	}
	p.Names = m.names()
	for rank, f := range w.r.Findings {
		if f.Standard != standard {
			continue
		}
		p.Outlines = append(p.Outlines, m.view.Path(m.shape.Union(f.Cells), tolerance))
		if len(p.Ranks) < ranked {
			at := m.shape.Centre(f.Cells)
			x, y := m.view.XY(at.Lon, at.Lat)
			p.Ranks = append(p.Ranks, label{unit(x), unit(y), strconv.Itoa(rank + 1)})
		}
	}
	units, metres := m.view.Scale()
	p.Scale, p.ScaleY = unit(units), unit(m.view.Height-20)
	p.ScaleText = w.p.T("unit.metres", map[string]any{"Value": w.p.Number(float64(metres), 0)})
	if metres >= 1000 {
		p.ScaleText = w.p.T("unit.kilometres", map[string]any{"Value": w.p.Number(float64(metres)/1000, 0)})
	}
	p.Legend = m.legend()
	return p
}

// nameSize is the size of a city's name in drawing units; report.css says the same.
const nameSize = 20.0

// names places the names of cities at their middles, a line or two off where two would overlap. One that finds no
// room is left out; the tables name every city.
func (m *atlasMap) names() []label {
	type box struct{ left, right, top, bottom float64 }
	var taken []box
	var out []label
	for _, c := range m.cities {
		a := &m.w.s.Areas[c]
		at, ok := middle(a.Shape)
		if !ok {
			continue
		}
		x, y := m.view.XY(at.Lon, at.Lat)
		half := 0.31 * nameSize * float64(utf8.RuneCountInString(a.Name))
		for _, lines := range [...]float64{0, 1, -1, 2, -2} {
			dy := y + lines*1.3*nameSize
			b := box{x - half, x + half, dy - nameSize, dy + 0.3*nameSize}
			overlaps := slices.ContainsFunc(taken, func(o box) bool {
				return b.left < o.right && o.left < b.right && b.top < o.bottom && o.top < b.bottom
			})
			if !overlaps {
				taken = append(taken, b)
				out = append(out, label{unit(x), unit(dy), a.Name})
				break
			}
		}
	}
	return out
}

func unit(x float64) string { return strconv.FormatFloat(math.Round(x*10)/10, 'f', -1, 64) }

// class gives the colour of a district: none where nothing is known or nobody of the group lives.
func class(l districtLine) string {
	missing := share(l)
	if math.IsNaN(missing) {
		return "none"
	}
	for i, bound := range shareBounds {
		if missing <= bound {
			return fmt.Sprintf("k%d", i)
		}
	}
	return fmt.Sprintf("k%d", len(shareBounds))
}

func (m *atlasMap) legend() []swatch {
	w := m.w
	out := make([]swatch, 0, len(shareBounds)+3)
	from := 0.0
	for i, to := range shareBounds {
		key := "legend_between"
		if i == 0 {
			key = "legend_up_to"
		}
		out = append(out, swatch{fmt.Sprintf("k%d", i), w.t(key, map[string]any{"From": w.p.Number(from*100, 0), "To": w.p.Percent(to, 0)})})
		from = to
	}
	return append(out,
		swatch{fmt.Sprintf("k%d", len(shareBounds)), w.t("legend_over", map[string]any{"From": w.p.Percent(from, 0)})},
		swatch{"none", w.t("legend_none", nil)}, swatch{"outline", w.t("legend_finding", nil)})
}

// describe says in a sentence what the map shows, for those who cannot see it.
func (m *atlasMap) describe(lines []districtLine) string {
	w := m.w
	over := 0
	worst, at := -1.0, ""
	for _, l := range lines {
		missing := share(l)
		if math.IsNaN(missing) {
			continue
		}
		if missing > 0.25 {
			over++
		}
		if missing > worst {
			worst, at = missing, w.s.Areas[l.area].Name
		}
	}
	if worst < 0 {
		return w.t("map_text_none", nil)
	}
	return w.t("map_text", map[string]any{
		"Districts": w.count(float64(len(lines))), "Over": w.count(float64(over)), "Worst": at, "Share": w.p.Percent(worst, 0),
	})
}

// middle is where the name of an area stands: the centroid of its largest polygon.
func middle(shape orb.MultiPolygon) (geo.LonLat, bool) {
	best, area := -1, 0.0
	for i, p := range shape {
		if a := math.Abs(planar.Area(p)); a > area {
			best, area = i, a
		}
	}
	if best < 0 {
		return geo.LonLat{}, false
	}
	c, _ := planar.CentroidArea(shape[best])
	return geo.LonLat{Lon: c[0], Lat: c[1]}, true
}
