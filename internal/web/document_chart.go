package web

import (
	"fmt"
	"html"
	"strings"

	"gevor/internal/paper"
)

// strokes are how the marks of charts are drawn on paper, by the classes of the style sheet, as its light theme has them.
// Marks of other classes are areas in the colours of inks.
var strokes = map[string]string{
	"chart-grid":      `fill="none" stroke="#dcd8cf" stroke-width="1"`,
	"chart-line":      `fill="none" stroke="#0f4c66" stroke-width="2.5" stroke-linejoin="round"`,
	"chart-second":    `fill="none" stroke="#2e7355" stroke-width="2.5" stroke-dasharray="9 4" stroke-linejoin="round"`,
	"chart-mean":      `fill="none" stroke="#857f73" stroke-width="2" stroke-dasharray="3 4"`,
	"chart-limit":     `fill="none" stroke="#857f73" stroke-width="1.5"`,
	"chart-limit-far": `fill="none" stroke="#857f73" stroke-width="1.5" stroke-dasharray="6 4"`,
	"chart-break":     `fill="none" stroke="#9b2350" stroke-width="2" stroke-dasharray="2 4"`,
	"chart-hidden":    `fill="none" stroke="#9b2350" stroke-width="2.5"`,
	"chart-error":     `fill="none" stroke="#0f4c66" stroke-width="1.5" stroke-opacity="0.55"`,
	"chart-range":     `fill="none" stroke="#857f73" stroke-width="5" stroke-linecap="round"`,
	"chart-dot":       `fill="#0f4c66" stroke="#ffffff" stroke-width="1"`,
	"chart-dot-far":   `fill="#9b2350" stroke="#ffffff" stroke-width="1"`,
	"chart-key-line":  `fill="#0f4c66"`, "chart-key-second": `fill="#2e7355"`, "chart-key-mean": `fill="#857f73"`, "chart-key-far": `fill="#9b2350"`,
}

func strokeOf(class string) string {
	if s, ok := strokes[class]; ok {
		return s
	}
	if ink, ok := inks[class]; ok {
		return `fill="` + ink + `"`
	}
	return `fill="` + withheldInk + `"`
}

// keyLine is the height of a line of the key below a chart, in units of drawing.
const keyLine = 24.0

// standalone is a chart with its key as an SVG that needs no style sheet. Its texts stand in it where lettered is set;
// otherwise they come as labels, for a drawing of pixels.
func (c chart) standalone(lettered bool) ([]byte, []paper.Label) {
	height := c.H + keyLine*float64(len(c.Keys))
	texts := c.Texts
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" role="img"><title>%s</title>`, unit(c.W), unit(height), html.EscapeString(c.Label))
	fmt.Fprintf(&b, `<rect x="0" y="0" width="%s" height="%s" fill="#ffffff"/>`, unit(c.W), unit(height))
	for _, m := range c.Marks {
		title := ""
		if m.Title != "" && lettered {
			title = "<title>" + html.EscapeString(m.Title) + "</title>"
		}
		if m.D != "" {
			fmt.Fprintf(&b, `<path d="%s" %s>%s</path>`, m.D, strokeOf(m.Class), title)
		} else {
			fmt.Fprintf(&b, `<circle cx="%s" cy="%s" r="%s" %s>%s</circle>`, m.X, m.Y, m.R, strokeOf(m.Class), title)
		}
	}
	for i, k := range c.Keys {
		y := c.H + keyLine*float64(i)
		fmt.Fprintf(&b, `<rect x="%s" y="%s" width="14" height="14" %s/>`, unit(chartLeft), unit(y), strokeOf(k.Class))
		texts = append(texts[:len(texts):len(texts)], chartText{X: unit(chartLeft + 22), Y: unit(y + 12), Anchor: "start", Text: k.Label})
	}
	var labels []paper.Label
	for _, t := range texts {
		if lettered {
			fmt.Fprintf(&b, `<text x="%s" y="%s" font-family="sans-serif" font-size="15" text-anchor="%s" fill="#505562">%s</text>`, t.X, t.Y, t.Anchor, html.EscapeString(t.Text))
			continue
		}
		l := paper.Label{Text: t.Text, Anchor: t.Anchor, Size: 15}
		if _, err := fmt.Sscan(t.X+" "+t.Y, &l.X, &l.Y); err == nil {
			l.Y -= 5 // texts stand on their line, labels around it
			labels = append(labels, l)
		}
	}
	b.WriteString(`</svg>`)
	return []byte(b.String()), labels
}

// chartOnPaper is a chart as a part of a document.
func (p *page) chartOnPaper(c chart) (paper.Picture, error) {
	svg, labels := c.standalone(false)
	return p.rastered(svg, labels, c.Label)
}

// giveChart sends a chart as SVG.
func (p *page) giveChart(name string, c chart) error {
	svg, _ := c.standalone(true)
	return p.give("image/svg+xml", fileName(name)+".svg", svg)
}
