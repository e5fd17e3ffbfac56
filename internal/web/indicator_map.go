package web

import (
	"math"
	"slices"
	"strconv"

	"gevor/indicator"
)

// figureClass is the class of colour: the ramp says how much where a direction is known, deep for the bad end.
func (p *page) figureClass(d *indicator.Dataset, bounds []float64, x float64) string {
	k := indicator.Class(bounds, x)
	switch d.Direction {
	case indicator.LessIsBetter:
		return "s" + strconv.Itoa(1+k+(4-len(bounds)))
	case indicator.MoreIsBetter:
		return "s" + strconv.Itoa(1+len(bounds)-k+(4-len(bounds)))
	case indicator.Depends:
		return "n" + strconv.Itoa(1+k+(4-len(bounds)))
	case indicator.Unstated:
	}
	return "n0"
}

// figureMap draws the areas of a layer in the classes that the dataset has on every map; dots lie over what is estimated.
func (p *page) figureMap(pub *indicator.Publication, on *areaLayer, at indicator.Period) (picture, bool) {
	if on == nil {
		return picture{}, false
	}
	pic := p.frameOf(regionBox(p.run.snapshot()))
	bounds := pub.Bounds()
	paths := map[string]string{}
	estimated := ""
	for _, a := range pub.Units() {
		shape, ok := on.shapes[a.Key]
		if !ok {
			continue
		}
		d, class := pic.Path(shape, borderTolerance), "nodata"
		switch v := pub.Point(a.Key, at).Value; v.Kind {
		case indicator.Measured, indicator.Estimated:
			class = p.figureClass(&pub.Dataset, bounds, v.Number)
			if v.Kind == indicator.Estimated {
				estimated += d
			}
		case indicator.Suppressed:
			class = ""
		case indicator.Missing:
		}
		paths[class] += d
	}
	for _, class := range sortedClasses(paths) {
		pic.Cells = append(pic.Cells, pathsOf(class, paths[class]))
	}
	if estimated != "" {
		pic.Cells = append(pic.Cells, pathsOf(estimatedClass, estimated))
	}
	pic.Titled = p.T("figures.map_alt", with{"Title": p.title(&pub.Dataset), "Period": p.periodText(at)})
	return pic, len(paths) > 0
}

// estimatedClass is drawn as dots that let the colour below through.
const estimatedClass = "estimated"

func pathsOf(class, d string) paths { return paths{Class: class, D: d} }

func sortedClasses(m map[string]string) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// figureLegend explains the classes that occur.
func (p *page) figureLegend(pub *indicator.Publication, at indicator.Period) []legendItem {
	d := &pub.Dataset
	bounds := pub.Bounds()
	var out []legendItem
	for k := range len(bounds) + 1 {
		var text string
		switch {
		case len(bounds) == 0:
			text = p.text("figures.kind.measured")
		case k == 0:
			text = p.T("figures.below", with{"Number": p.Number(bounds[0], d.Decimals)})
		case k == len(bounds):
			text = p.T("figures.from", with{"Number": p.Number(bounds[k-1], d.Decimals)})
		default:
			text = p.T("figures.between", with{"From": p.Number(bounds[k-1], d.Decimals), "To": p.Number(bounds[k], d.Decimals)})
		}
		x := math.Inf(-1)
		if k > 0 {
			x = bounds[k-1]
		}
		out = append(out, legendItem{p.figureClass(d, bounds, x), text})
	}
	t := pub.Tally(at)
	if t[indicator.Estimated] > 0 {
		out = append(out, legendItem{estimatedClass, p.text("figures.kind.estimated")})
	}
	if t[indicator.Suppressed] > 0 {
		out = append(out, legendItem{"", p.text("figures.kind.suppressed")})
	}
	if t[indicator.Missing] > 0 {
		out = append(out, legendItem{"nodata", p.text("figures.kind.missing")})
	}
	return out
}
