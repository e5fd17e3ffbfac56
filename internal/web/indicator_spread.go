package web

import (
	"cmp"
	"math"
	"slices"

	"gevor/indicator"
	"gevor/spatial"
)

// spreadChart puts every area on one line, so that one sees how they are spread.
func (p *page) spreadChart(pub *indicator.Publication, lines []areaLine) chart {
	d := &pub.Dataset
	var known []areaLine
	for _, l := range lines {
		if l.Level == d.Level && l.Point.Value.Known() {
			known = append(known, l)
		}
	}
	slices.SortStableFunc(known, func(a, b areaLine) int { return cmp.Compare(a.Point.Value.Number, b.Point.Value.Number) })
	low, high := 0.0, 0.0
	for _, l := range known {
		low, high = math.Min(low, l.Point.Value.Number), math.Max(high, l.Point.Value.Number)
	}
	g := p.newPlot(p.T("figures.spread_alt", with{"Title": p.title(d)}), 0, float64(len(known)), low, high, d.Decimals)
	bounds := pub.Bounds()
	for i, l := range known {
		x0, x1 := g.x(float64(i)+0.1), g.x(float64(i)+0.9)
		y := g.y(l.Point.Value.Number)
		zero := g.y(math.Max(g.y0, 0))
		g.Marks = append(g.Marks, chartMark{
			Class: p.figureClass(d, bounds, l.Point.Value.Number), D: "M" + unit(x0) + " " + unit(zero) + "V" + unit(y) + "H" + unit(x1) + "V" + unit(zero) + "Z",
			Title: l.Name + ": " + p.valueText(d, l.Point.Value),
		})
	}
	g.axis(p.text("figures.spread_axis"))
	return g.chart
}

// funnelChart sets rates against the size of areas: what lies outside the limits is more than chance.
func (p *page) funnelChart(pub *indicator.Publication, lines []areaLine) (chart, bool) {
	d := &pub.Dataset
	var cases, base []float64
	var of []areaLine
	most := 0.0
	for _, l := range lines {
		if l.Level != d.Level || !l.Point.Value.Known() || !l.Point.Count.Known() || !l.Point.Base.Known() || l.Point.Base.Number == 0 {
			continue
		}
		cases, base, of = append(cases, l.Point.Count.Number), append(base, l.Point.Base.Number), append(of, l)
		most = math.Max(most, l.Point.Base.Number)
	}
	if !d.Ratio() || len(of) < 5 {
		return chart{}, false
	}
	f, points, err := spatial.NewFunnel(cases, base, spatial.FunnelOptions{Binomial: d.Part, Over: spatial.Multiplicative, Winsorise: 0.1})
	if err != nil {
		return chart{}, false // nobody has any of it, or everybody: there is nothing to compare
	}
	high := 0.0
	for _, x := range points {
		high = math.Max(high, x.Value*d.Per)
	}
	g := p.newPlot(p.T("figures.funnel_alt", with{"Title": p.title(d)}), 0, most, 0, high, d.Decimals)
	var xs, low95, high95, low99, high99 []float64
	for k := 1; k <= 60; k++ {
		n := most * float64(k) / 60
		a, b := f.Limits(n, 0.95)
		c, e := f.Limits(n, 0.998)
		clip := func(y float64) float64 { return math.Min(math.Max(y*d.Per, 0), g.y1) }
		xs, low95, high95 = append(xs, n), append(low95, clip(a)), append(high95, clip(b))
		low99, high99 = append(low99, clip(c)), append(high99, clip(e))
	}
	g.line("chart-limit-far", xs, low99)
	g.line("chart-limit-far", xs, high99)
	g.line("chart-limit", xs, low95)
	g.line("chart-limit", xs, high95)
	g.line("chart-mean", []float64{0, most}, []float64{f.Target * d.Per, f.Target * d.Per})
	for i, x := range points {
		class := "chart-dot"
		if math.Abs(x.Z) > 3.09 {
			class = "chart-dot-far"
		}
		g.dot(class, base[i], x.Value*d.Per, 4.5, of[i].Name+": "+p.valueText(d, of[i].Point.Value))
	}
	g.below(0, "0")
	g.below(most, p.Number(most, 0))
	g.axis(p.text("figures.column.base"))
	return g.chart, true
}

// extent gives the bounds of numbers, from zero.
func extent(all ...[]float64) (low, high float64) {
	for _, list := range all {
		for _, x := range list {
			if !math.IsNaN(x) {
				low, high = math.Min(low, x), math.Max(high, x)
			}
		}
	}
	return low, high
}
