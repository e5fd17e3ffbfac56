package web

import (
	"math"
	"strconv"

	"github.com/paulmach/orb"

	"gevor/atlas"
	"gevor/geo"
	"gevor/internal/draw"
	"gevor/internal/outline"
	"gevor/region"
	"gevor/travel"
)

// picture is a map drawn on the server: paths by class, in order of drawing.
type picture struct {
	draw.View
	Cells  []paths // one per class that occurs
	Areas  []areaPath
	Lines  string // borders of municipalities
	Marks  []mark
	Spot   string // outline of the finding the picture is about
	Titled string // what the picture shows, for those who cannot see it
	Scale  scaleBar
}

type paths struct {
	Class string // of the style sheet; empty = hatching
	D     string
}

type areaPath struct {
	Name, Href, D string
	X, Y          string // where its name stands
	Label         bool   // whether there is room for its name
}

type mark struct{ X, Y, Class, Title string }

// scaleBar is drawn into the map, so its length is right at every size.
type scaleBar struct{ D, X, Y, Label string }

// Limits that keep a drawn map light: blocks of cells on a page, and the detail of outlines in drawing units.
const (
	maxBlocks       = 9000
	locatorBlocks   = 1500 // of the locator of a region without areas
	borderTolerance = 1.5
	// pictureMargin widens the view of a finding around it, in metres, so that one sees where it lies.
	pictureMargin = 900
	// marginOfPoints is left around a region that has no areas, in metres.
	marginOfPoints = 500
	// remedyMargin is how far a remedy may lie off a finding, in metres, for the view to be widened to it.
	remedyMargin = 1500
)

// regionBox is the box around the areas of a region; where it has none, around its cells; else its bounds.
func regionBox(s *region.Snapshot) geo.Box {
	shapes := make([]orb.MultiPolygon, len(s.Areas))
	for i, a := range s.Areas {
		shapes[i] = a.Shape
	}
	if box, ok := draw.Bound(shapes...); ok {
		return box
	}
	if s.Cells.Len() == 0 {
		return s.Bounds
	}
	box := geo.Box{MinLon: s.Cells.At[0].Lon, MinLat: s.Cells.At[0].Lat, MaxLon: s.Cells.At[0].Lon, MaxLat: s.Cells.At[0].Lat}
	for _, at := range s.Cells.At {
		box = draw.Extend(box, at)
	}
	return box.Grow(marginOfPoints)
}

// locator is the small outline of a region that lists repeat beside each row.
type locator struct {
	draw.View
	Outline string
	shapes  *outline.Shapes
}

func (p *page) locator() locator {
	s := p.run.snapshot()
	l := locator{View: draw.NewView(regionBox(s)), shapes: outline.New(&s.Cells)}
	for _, a := range s.Areas {
		if a.Kind == region.Municipality {
			l.Outline += l.Path(a.Shape, 6)
		}
	}
	if l.Outline == "" {
		coarse := draw.NewCoarse(&s.Cells, locatorBlocks)
		all := make([]int32, len(coarse.First)-1)
		for b := range all {
			all[b] = int32(b)
		}
		l.Outline = l.Path(outline.New(&coarse.Cells).Union(all), 6)
	}
	return l
}

// spot is the outline of a finding in the locator, and a ring around it that the eye finds however small it is.
func (l locator) spot(s *region.Snapshot, f *atlas.Finding) (d, x, y, r string) {
	shape := l.shapes.Union(f.Cells)
	box, ok := draw.Bound(shape)
	if !ok {
		return "", "0", "0", "0"
	}
	x0, y0 := l.XY(box.MinLon, box.MaxLat)
	x1, y1 := l.XY(box.MaxLon, box.MinLat)
	return l.Path(shape, 2), unit((x0 + x1) / 2), unit((y0 + y1) / 2), unit(math.Max(60, math.Hypot(x1-x0, y1-y0)/2+25))
}

func unit(x float64) string { return strconv.FormatFloat(math.Round(x*10)/10, 'f', -1, 64) }

// frameOf starts a picture: view, borders, names of districts with links to their profiles.
func (p *page) frameOf(box geo.Box) picture {
	s := p.run.snapshot()
	pic := picture{View: draw.NewView(box)}
	for i, a := range s.Areas {
		if at, ok := draw.Bound(a.Shape); !ok || !draw.Meets(at, pic.Box) {
			continue
		}
		d := pic.Path(a.Shape, borderTolerance)
		if a.Kind == region.Municipality {
			pic.Lines += d
			continue
		}
		x, y := pic.XY(draw.Inside(a.Shape, pic.Box))
		room := float64(len([]rune(a.Name)))*12 < breadth(a.Shape, pic.View)
		pic.Areas = append(pic.Areas, areaPath{
			Name: a.Name, Href: p.path("district", s.Areas[i].Key), D: d, X: unit(x), Y: unit(y),
			Label: room && x > 60 && x < draw.Width-60 && y > 24 && y < pic.Height-24,
		})
	}
	units, metres := pic.View.Scale()
	right, base := draw.Width-30, pic.Height-28
	pic.Scale = scaleBar{
		D: "M" + unit(right-units) + " " + unit(base-10) + "v10h" + unit(units) + "v-10", X: unit(right), Y: unit(base - 20), Label: p.length(float64(metres)),
	}
	return pic
}

// length writes metres below one kilometre as metres, else as kilometres.
func (p *page) length(metres float64) string {
	if metres < 1000 {
		return p.Number(metres, 0) + " m"
	}
	decimals := 1
	if metres >= 10000 || math.Mod(metres, 1000) == 0 {
		decimals = 0
	}
	return p.Number(metres/1000, decimals) + " km"
}

func breadth(shape orb.MultiPolygon, v draw.View) float64 {
	b, _ := draw.Bound(shape)
	x0, _ := v.XY(math.Max(b.MinLon, v.Box.MinLon), b.MinLat)
	x1, _ := v.XY(math.Min(b.MaxLon, v.Box.MaxLon), b.MinLat)
	return x1 - x0
}

// show is what of a layer a map shows.
type show string

// What a map can show.
const (
	showShortfall show = "shortfall"
	showMinutes   show = "minutes"
	showAccess    show = "access"
	showCause     show = "cause"
	showBorder    show = "border"
)

// classOf gives the class of a cell in a map, "" for hatching, "none" for nothing drawn.
func classOf(l *atlas.Layer, i int32, what show, t *region.Standard) string {
	switch l.State[i] {
	case atlas.CellEmpty:
		return "none"
	case atlas.CellUnknown:
		return ""
	}
	met := l.State[i] == atlas.CellMet
	switch what {
	case showCause:
		if met {
			return "met"
		}
		return "cause-" + l.Cause[i].String()
	case showMinutes:
		return minuteClass(l.Seconds[i], t)
	case showAccess:
		return accessClass(l.Access[i], t)
	case showBorder:
		switch {
		case !met:
			return "cause-too-far"
		case l.Walls[i]:
			return "border"
		}
		return "met"
	case showShortfall:
	}
	if met {
		return "met"
	}
	return "s" + strconv.Itoa(1+fifth(float64(l.Shortfall[i])))
}

// fifth sorts 0..1 into five classes 0..4.
func fifth(x float64) int { return min(4, max(0, int(x*5))) }

// minuteSteps are the upper bounds of the classes of travel time relative to the longest time the standard allows.
var minuteSteps = [...]float64{0.5, 1, 1.5, 2}

func minuteClass(seconds int32, t *region.Standard) string {
	if travel.Seconds(seconds) == travel.Unreached {
		return "s5"
	}
	for k, step := range minuteSteps {
		if float64(seconds) <= step*float64(limit(t))*60 {
			return "s" + strconv.Itoa(k+1)
		}
	}
	return "s5"
}

// limit is the longest time any way of a standard allows, in minutes.
func limit(t *region.Standard) int {
	out := 0
	for _, w := range t.Ways {
		out = max(out, w.Minutes)
	}
	return out
}

// accessSteps are the lower bounds of the classes of capacity relative to what the standard asks for.
var accessSteps = [...]float64{1.5, 1, 0.67, 0.33}

func accessClass(access float32, t *region.Standard) string {
	if math.IsNaN(float64(access)) {
		return ""
	}
	for k, step := range accessSteps {
		if float64(access) >= step*t.PerThousand {
			return "s" + strconv.Itoa(k+1)
		}
	}
	return "s5"
}

// cellsOf draws a layer by class. Where more cells are in view than a page can carry, blocks of cells take the class most
// of their people have.
func cellsOf(s *region.Snapshot, l *atlas.Layer, what show, v draw.View) []paths {
	shapes, byClass := outline.New(&s.Cells), map[string][]int32{}
	if near := inView(&s.Cells, v.Box); len(near) <= maxBlocks {
		for _, i := range near {
			if class := classOf(l, i, what, &s.Standards[l.Standard]); class != "none" {
				byClass[class] = append(byClass[class], i)
			}
		}
	} else {
		coarse := draw.NewCoarse(&s.Cells, maxBlocks)
		shapes, byClass = outline.New(&coarse.Cells), blocksByClass(s, l, what, coarse, v.Box)
	}
	var out []paths
	for _, class := range drawOrder {
		if blocks := byClass[class]; len(blocks) > 0 {
			out = append(out, paths{Class: class, D: v.Path(shapes.Union(blocks), 0)})
		}
	}
	return out
}

// inView lists the cells that lie in a box.
func inView(c *region.Cells, box geo.Box) []int32 {
	var out []int32
	for i, at := range c.At {
		if box.Contains(at) {
			out = append(out, int32(i))
		}
	}
	return out
}

// blocksByClass sorts the blocks that lie in a box by the class of a layer.
func blocksByClass(s *region.Snapshot, l *atlas.Layer, what show, coarse *draw.Coarse, box geo.Box) map[string][]int32 {
	group := &s.Groups[s.Standards[l.Standard].Group]
	byClass := map[string][]int32{}
	for b := range len(coarse.First) - 1 {
		members := coarse.From[coarse.First[b]:coarse.First[b+1]]
		if !seen(&s.Cells, members, box) {
			continue
		}
		if class := majority(l, members, what, &s.Standards[l.Standard], group); class != "none" {
			byClass[class] = append(byClass[class], int32(b))
		}
	}
	return byClass
}

// drawOrder lists every class in order of drawing, what matters most last.
var drawOrder = [...]string{
	"", "met", "border", "s1", "s2", "s3", "s4", "s5",
	"cause-only-steps", "cause-only-elsewhere", "cause-only-other-time", "cause-only-car", "cause-too-far", "cause-used-up",
}

func seen(c *region.Cells, members []int32, box geo.Box) bool {
	for _, i := range members {
		if box.Contains(c.At[i]) {
			return true
		}
	}
	return false
}

func majority(l *atlas.Layer, members []int32, what show, t *region.Standard, g *region.Group) string {
	if len(members) == 1 {
		return classOf(l, members[0], what, t)
	}
	weight := map[string]float64{}
	for _, i := range members {
		w := 1e-6
		if g.People != nil {
			w += float64(g.People[i])
		}
		weight[classOf(l, i, what, t)] += w
	}
	best, most := "none", 0.0
	for _, class := range drawOrder {
		if weight[class] > most {
			best, most = class, weight[class]
		}
	}
	return best
}

// findingCells draws the cells of findings by the main cause of each; where several overlap, the one of higher
// rank is on top.
func (p *page) findingCells(list []*atlas.Finding, v draw.View) []paths {
	shapes := outline.New(&p.run.snapshot().Cells)
	out := make([]paths, 0, len(list))
	for i := len(list) - 1; i >= 0; i-- {
		out = append(out, paths{Class: "cause-" + list[i].Cause.String(), D: v.Path(shapes.Union(list[i].Cells), 0)})
	}
	return out
}

// inhabited draws all cells in view where people live, in the colour of "nothing amiss".
func (p *page) inhabited(v draw.View) []paths {
	s := p.run.snapshot()
	cells := inView(&s.Cells, v.Box)
	if len(cells) > maxBlocks {
		return nil
	}
	return []paths{{Class: "met", D: v.Path(outline.New(&s.Cells).Union(cells), 0)}}
}
