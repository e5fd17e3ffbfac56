package web

import (
	"math"
	"strings"

	"gevor/indicator"
)

// chart is a drawing of figures: marks in order, then texts. What it says stands in a table beside it as well.
type chart struct {
	W, H  float64
	Label string // what it shows, for those who cannot see it
	Marks []chartMark
	Texts []chartText
	Keys  []legendItem
}

// chartMark is a path where D is set, else a circle.
type chartMark struct {
	Class, D, X, Y, R string
	Title             string // what stands there, for a pointer
}

type chartText struct{ X, Y, Anchor, Class, Text string }

// The sizes of charts, in units of drawing; texts are 15 units, so that they can be read at 360 px.
const (
	chartWidth  = 560.0
	chartHeight = 320.0
	chartLeft   = 62.0
	chartRight  = 14.0
	chartTop    = 18.0
	chartFoot   = 44.0
)

// plot maps figures to the drawing.
type plot struct {
	chart
	x0, x1, y0, y1 float64
	flip           bool // small values stand above large ones, as ranks do
}

// newPlot draws the frame of a chart: lines at round values of y with their texts.
func (p *page) newPlot(label string, x0, x1, y0, y1 float64, decimals int) *plot {
	return p.plotOf(label, x0, x1, y0, y1, decimals, false)
}

func (p *page) plotOf(label string, x0, x1, y0, y1 float64, decimals int, flip bool) *plot {
	if x1 <= x0 {
		x0, x1 = x0-0.5, x0+0.5
	}
	ticks := roundTicks(y0, y1)
	g := &plot{chart: chart{W: chartWidth, H: chartHeight, Label: label}, x0: x0, x1: x1, y0: ticks[0], y1: ticks[len(ticks)-1], flip: flip}
	step := ticks[1] - ticks[0]
	for step < math.Pow10(-decimals) && decimals < 4 {
		decimals++
	}
	if step >= 1 && step == math.Trunc(step) {
		decimals = 0
	}
	for _, t := range ticks {
		y := g.y(t)
		g.Marks = append(g.Marks, chartMark{Class: "chart-grid", D: "M" + unit(chartLeft) + " " + unit(y) + "H" + unit(chartWidth-chartRight)})
		g.Texts = append(g.Texts, chartText{X: unit(chartLeft - 8), Y: unit(y + 5), Anchor: "end", Class: "chart-tick", Text: p.Number(t, decimals)})
	}
	return g
}

// roundTicks gives two to seven round values around low and high.
func roundTicks(low, high float64) []float64 {
	if math.IsNaN(low) || math.IsNaN(high) || math.IsInf(low, 0) || math.IsInf(high, 0) {
		low, high = 0, 1
	}
	if high-low < 1e-9 {
		low, high = low-0.5, high+0.5
	}
	power := math.Pow10(int(math.Floor(math.Log10((high - low) / 4))))
	step := power
	for _, m := range []float64{1, 2, 2.5, 5, 10} {
		step = m * power
		if (high-low)/step <= 5 {
			break
		}
	}
	from, to := math.Floor(low/step+1e-9), math.Ceil(high/step-1e-9)
	if to <= from {
		to = from + 1
	}
	var out []float64
	for k := from; k <= to; k++ {
		out = append(out, k*step)
	}
	return out
}

func (g *plot) x(v float64) float64 {
	return chartLeft + (v-g.x0)/(g.x1-g.x0)*(chartWidth-chartLeft-chartRight)
}

func (g *plot) y(v float64) float64 {
	if g.flip {
		v = g.y0 + g.y1 - v
	}
	return chartHeight - chartFoot - (v-g.y0)/(g.y1-g.y0)*(chartHeight-chartFoot-chartTop)
}

// below writes a text under the axis.
func (g *plot) below(x float64, text string) {
	anchor := "middle"
	switch at := g.x(x); {
	case at < chartLeft+24:
		anchor = "start"
	case at > chartWidth-chartRight-24:
		anchor = "end"
	}
	g.Texts = append(g.Texts, chartText{X: unit(g.x(x)), Y: unit(chartHeight - chartFoot + 20), Anchor: anchor, Class: "chart-tick", Text: text})
}

// axis names the x axis.
func (g *plot) axis(text string) {
	g.Texts = append(g.Texts, chartText{X: unit((chartLeft + chartWidth - chartRight) / 2), Y: unit(chartHeight - 6), Anchor: "middle", Class: "chart-axis", Text: text})
}

// line draws a line through points; a point that is no number interrupts it.
func (g *plot) line(class string, xs, ys []float64) {
	var b strings.Builder
	down := false
	for i := range xs {
		if math.IsNaN(ys[i]) || math.IsInf(ys[i], 0) {
			down = false
			continue
		}
		if down {
			b.WriteString("L")
		} else {
			b.WriteString("M")
		}
		b.WriteString(unit(g.x(xs[i])) + " " + unit(g.y(ys[i])))
		down = true
	}
	if b.Len() > 0 {
		g.Marks = append(g.Marks, chartMark{Class: class, D: b.String()})
	}
}

// dot draws a point.
func (g *plot) dot(class string, x, y, r float64, title string) {
	g.Marks = append(g.Marks, chartMark{Class: class, X: unit(g.x(x)), Y: unit(g.y(y)), R: unit(r), Title: title})
}

// rule draws an upright line with a text at its head.
func (g *plot) rule(x float64, text string) {
	g.Marks = append(g.Marks, chartMark{Class: "chart-break", D: "M" + unit(g.x(x)) + " " + unit(chartTop-6) + "V" + unit(chartHeight-chartFoot), Title: text})
}

// cross marks at the foot that there is a figure which may not be shown.
func (g *plot) cross(x float64, title string) {
	g.Marks = append(g.Marks, chartMark{Class: "chart-hidden", D: "M" + unit(g.x(x)-5) + " " + unit(chartHeight-chartFoot-10) + "l10 10m0-10l-10 10", Title: title})
}

// years turns the start of a period into a number of years.
func years(at indicator.Period) float64 {
	return float64(at.Start.Year()) + float64(at.Start.YearDay()-1)/366
}

// periodTicks writes periods below an axis, as many as fit.
func (p *page) periodTicks(g *plot, all []indicator.Period) {
	every := (len(all) + 4) / 5
	for k := len(all) - 1; k >= 0; k -= max(1, every) {
		g.below(years(all[k]), p.periodShort(all[k]))
	}
}

// seriesChart draws an area's series against the mean of all: interrupted at breaks and where nothing may be shown.
func (p *page) seriesChart(pub *indicator.Publication, area indicator.Area) chart {
	d := &pub.Dataset
	s := pub.Series(area.Key)
	var meanX, meanY []float64
	low, high := 0.0, 0.0
	for _, at := range pub.Periods {
		mean, _ := pub.Mean(at)
		meanX, meanY = append(meanX, years(at)), append(meanY, mean)
		x := pub.Point(area.Key, at).Value
		for _, v := range []float64{mean, x.Or() - 1.96*x.Error, x.Or() + 1.96*x.Error} {
			if !math.IsNaN(v) {
				low, high = math.Min(low, v), math.Max(high, v)
			}
		}
	}
	g := p.newPlot(p.T("figures.series_alt", with{"Title": d.Title.In(p.Lang()), "Area": area.Name}), years(pub.Periods[0]), years(pub.Periods[len(pub.Periods)-1]), low, high, d.Decimals)
	p.periodTicks(g, pub.Periods)
	for _, part := range pieces(meanX, meanY, pub.Periods, wholeBreaks(d.Breaks)) {
		g.line("chart-mean", part[0], part[1])
	}
	for _, b := range s.Breaks {
		g.rule(years(b.At)-0.5, p.breakText(b))
	}
	for _, segment := range s.Segments() {
		var xs, ys []float64
		for _, x := range segment {
			xs, ys = append(xs, years(x.Period)), append(ys, x.Value.Or())
			if x.Value.Kind == indicator.Suppressed {
				g.cross(years(x.Period), p.pointText(d, x))
			}
			if x.Value.Error > 0 && x.Value.Known() {
				at, from, to := unit(g.x(years(x.Period))), g.y(x.Value.Number-1.96*x.Value.Error), g.y(x.Value.Number+1.96*x.Value.Error)
				g.Marks = append(g.Marks, chartMark{Class: "chart-error", D: "M" + at + " " + unit(math.Min(from, g.y(g.y0))) + "V" + unit(to)})
			}
		}
		g.line("chart-line", xs, ys)
		for k, x := range segment {
			if x.Value.Known() {
				g.dot("chart-dot", xs[k], ys[k], 4.5, p.pointText(d, x))
			}
		}
	}
	g.Keys = []legendItem{{"chart-key-line", area.Name}, {"chart-key-mean", p.text("figures.mean")}}
	return g.chart
}

// wholeBreaks are those that concern every area.
func wholeBreaks(all []indicator.Break) []indicator.Break {
	var out []indicator.Break
	for _, b := range all {
		if len(b.Areas) == 0 {
			out = append(out, b)
		}
	}
	return out
}

// pieces cuts a line at breaks.
func pieces(xs, ys []float64, at []indicator.Period, breaks []indicator.Break) [][2][]float64 {
	var out [][2][]float64
	from := 0
	for k := 1; k <= len(xs); k++ {
		cut := k == len(xs)
		for _, b := range breaks {
			cut = cut || k < len(xs) && at[k-1].Start.Before(b.At.Start) && !at[k].Start.Before(b.At.Start)
		}
		if cut {
			out = append(out, [2][]float64{xs[from:k], ys[from:k]})
			from = k
		}
	}
	return out
}

// pointText says a figure in words.
func (p *page) pointText(d *indicator.Dataset, x indicator.Point) string {
	return p.periodText(x.Period) + ": " + p.valueText(d, x.Value)
}

// valueText writes a figure or why there is none.
func (p *page) valueText(d *indicator.Dataset, v indicator.Value) string {
	switch v.Kind {
	case indicator.Measured:
		return p.Number(v.Number, d.Decimals)
	case indicator.Estimated:
		return p.T("web.about", with{"Number": p.Number(v.Number, d.Decimals)})
	case indicator.Suppressed, indicator.Missing:
	}
	return p.T("figures.kind."+v.Kind.String(), nil)
}

// periodText writes a period as people say it.
func (p *page) periodText(at indicator.Period) string {
	switch at.Grain {
	case indicator.Day:
		return p.Date(at.String())
	case indicator.Month:
		return p.T("figures.month."+at.Start.Format("01"), nil) + " " + at.Start.Format("2006")
	case indicator.Year, indicator.Half, indicator.Quarter, indicator.Week:
	}
	return at.String()
}

// periodShort is periodText where there is little room.
func (p *page) periodShort(at indicator.Period) string {
	if at.Grain == indicator.Day || at.Grain == indicator.Year {
		return at.Start.Format("2006")
	}
	return at.String()
}

// breakText says when and why a series breaks.
func (p *page) breakText(b indicator.Break) string {
	text := p.periodText(b.At) + ": " + p.T("figures.break."+string(b.Reason), nil)
	if note := b.Note.In(p.Lang()); note != "" {
		text += " – " + note
	}
	return text
}
