package web

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/a-h/templ"

	"gevor/authz"
	"gevor/fault"
	"gevor/internal/paper"
	"gevor/internal/words"
	"gevor/region"
)

// documentRoutes are the files in which offices take a finding or a district with them.
func documentRoutes() []Route {
	at := func(name, pattern string, handle handler) Route {
		return Route{
			Name: name, Access: Access{Kind: authz.Atlas, Action: authz.View}, States: []State{Normal, NoRun}, NeedsRun: true,
			Handle:   func(p *page) error { return handle(p.inAsked()) },
			Patterns: map[string]string{"": pattern},
		}
	}
	return []Route{
		at("finding-document", "/documents/{id}/finding.docx", findingDocument),
		at("finding-map", "/documents/{id}/finding.svg", findingMap),
		at("district-document", "/documents/{key}/district.docx", districtDocument),
		at("district-map", "/documents/{key}/district.svg", districtMap),
		at("finding-table", "/documents/{id}/finding.csv", findingNumbers("csv")),
		at("finding-workbook", "/documents/{id}/finding.xlsx", findingNumbers("xlsx")),
		at("finding-geopackage", "/documents/{id}/finding.gpkg", findingGeoPackage),
		at("district-table", "/documents/{key}/district.csv", districtNumbers("csv")),
		at("district-workbook", "/documents/{key}/district.xlsx", districtNumbers("xlsx")),
		at("district-geopackage", "/documents/{key}/district.gpkg", districtGeoPackage),
	}
}

// inAsked answers in the language that the query asks for ("in"), else in that of the reader where offices read it.
func (p *page) inAsked() *page {
	lang := p.first("in")
	if lang == "" {
		lang = p.Lang()
	}
	if !slices.Contains(words.Languages(), lang) {
		lang = words.Languages()[0]
	}
	p.Printer = p.site.words[lang]
	return p
}

// document is the address of a file of documentRoutes in the language of the page.
func (p *page) document(name, key string) templ.SafeURL {
	q := url.Values{"in": {p.Lang()}}
	for _, of := range []string{"run", "stand"} { // the state that a profile shows
		if x := p.first(of); x != "" {
			q.Set(of, x)
		}
	}
	return p.link(name, key) + templ.SafeURL("?"+q.Encode())
}

// inks are the colours of a map on paper, by the classes of the style sheet, as its light theme has them.
var inks = map[string]string{
	"met": "#c9d9d5", "border": "#5b8fc2", "s1": "#f7d8b5", "s2": "#f0a986", "s3": "#dd7c61", "s4": "#b1455a", "s5": "#6b1f4e",
	"n0": "#c9d9d5", "n1": "#dfe9f2", "n2": "#b3cde0", "n3": "#7ba6c9", "n4": "#4379a8", "n5": "#1d4a76", "nodata": "#f2f1ec",
	"gain": "#0b63a5", "lose": "#d1661c",
	"cause-only-steps": "#228833", "cause-only-elsewhere": "#4477aa", "cause-only-other-time": "#5bb9dd", "cause-only-car": "#e0596c",
	"cause-too-far": "#aa3377", "cause-used-up": "#c4b033",
}

// withheldInk is the ground of cells of which nothing is known; on pages they are hatched.
const withheldInk = "#d9d5cb"

// standalone is a drawn map as an SVG that needs no style sheet. Names stand in it as text where named is set.
func (pic picture) standalone(named bool) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="%s" role="img"><title>%s</title>`, pic.ViewBox(), html.EscapeString(pic.Titled))
	withheld := withheldInk
	if named { // hatched as on pages; drawings of pixels know no patterns
		withheld = "url(#withheld)"
		b.WriteString(`<defs><pattern id="withheld" width="10" height="10" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="10" height="10" fill="#f5f3ee"/><path d="M0 0V10" stroke="#8d887c" stroke-width="5"/></pattern></defs>`)
	}
	fmt.Fprintf(&b, `<rect x="0" y="0" width="1000" height="%s" fill="#f2f1ec"/>`, unit(pic.Height))
	for _, c := range pic.Cells {
		if c.Class == estimatedClass {
			fmt.Fprintf(&b, `<path d="%s" fill="none" stroke="#1b222c" stroke-width="1.5" stroke-dasharray="2 5"/>`, c.D)
			continue
		}
		ink, ok := inks[c.Class]
		if !ok {
			ink = withheld
		}
		fmt.Fprintf(&b, `<path d="%s" fill="%s"/>`, c.D, ink)
	}
	line := func(d, ink string, width float64) {
		if d != "" {
			fmt.Fprintf(&b, `<path d="%s" fill="none" stroke="%s" stroke-width="%s"/>`, d, ink, unit(width))
		}
	}
	for _, a := range pic.Areas {
		line(a.D, "#a9a498", 1)
	}
	line(pic.Lines, "#4d5260", 2)
	line(pic.Spot, "#ffffff", 6)
	line(pic.Spot, "#1b222c", 2.5)
	for _, m := range pic.Marks {
		if m.Class == "remedy" {
			fmt.Fprintf(&b, `<path d="M%s %sm0 -15l15 15l-15 15l-15 -15z" fill="#1e6b43" stroke="#ffffff" stroke-width="3"/>`, m.X, m.Y)
			continue
		}
		fmt.Fprintf(&b, `<circle cx="%s" cy="%s" r="9" fill="#1b222c" stroke="#ffffff" stroke-width="3"/>`, m.X, m.Y)
	}
	line(pic.Scale.D, "#1b222c", 2)
	if named {
		for _, a := range pic.Areas {
			if a.Label {
				fmt.Fprintf(&b, `<text x="%s" y="%s" font-family="sans-serif" font-weight="600" font-size="22" text-anchor="middle" dominant-baseline="middle" fill="#1b222c" stroke="#ffffff" stroke-width="5" paint-order="stroke">%s</text>`, a.X, a.Y, html.EscapeString(a.Name))
			}
		}
		fmt.Fprintf(&b, `<text x="%s" y="%s" font-family="sans-serif" font-size="20" text-anchor="end" fill="#1b222c">%s</text>`, pic.Scale.X, pic.Scale.Y, html.EscapeString(pic.Scale.Label))
	}
	b.WriteString(`</svg>`)
	return []byte(b.String())
}

// pictureWidth is how wide a map is in a document, in pixels: 200 to the inch.
const pictureWidth = 1200

// drawn is a map as a PNG.
type drawn struct {
	png    []byte
	height int
}

// drawnKept is how many maps are kept as PNG: drawing one takes tenths of a second, and readers of a run ask for the same.
const drawnKept = 64

// drawings are the maps that were drawn, by what was drawn. Where they are too many, all go.
type drawings struct {
	mu sync.Mutex
	of map[[sha256.Size]byte]drawn
}

func (ds *drawings) known(key [sha256.Size]byte) (drawn, bool) {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	d, ok := ds.of[key]
	return d, ok
}

func (ds *drawings) keep(key [sha256.Size]byte, d drawn) {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	if ds.of == nil || len(ds.of) >= drawnKept {
		ds.of = map[[sha256.Size]byte]drawn{}
	}
	ds.of[key] = d
}

// onPaper is a drawn map as a part of a document.
func (p *page) onPaper(pic picture, caption string) (paper.Picture, error) {
	var labels []paper.Label
	at := func(x, y, text string) {
		l := paper.Label{Text: text}
		if _, err := fmt.Sscan(x, &l.X); err != nil {
			return // a place that cannot be read has no label
		}
		if _, err := fmt.Sscan(y, &l.Y); err == nil {
			labels = append(labels, l)
		}
	}
	for _, a := range pic.Areas {
		if a.Label {
			at(a.X, a.Y, a.Name)
		}
	}
	at(pic.Scale.X, pic.Scale.Y, pic.Scale.Label)
	return p.rastered(pic.standalone(false), labels, caption)
}

// rastered is a drawing as a part of a document; what was drawn before is kept.
func (p *page) rastered(svg []byte, labels []paper.Label, caption string) (paper.Picture, error) {
	key := sha256.Sum256(fmt.Append(svg, labels))
	d, known := p.site.drawn.known(key)
	if !known {
		var err error
		if d.png, d.height, err = paper.Raster(svg, labels, pictureWidth); err != nil {
			return paper.Picture{}, err
		}
		p.site.drawn.keep(key, d)
	}
	return paper.Picture{PNG: d.png, Width: pictureWidth, Height: d.height, Caption: caption}, nil
}

// give sends a file that a browser saves under a name.
func (p *page) give(kind, name string, body []byte) error {
	h := p.res.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	p.res.WriteHeader(http.StatusOK)
	_, err := p.res.Write(body)
	return ignoreGone(p.req.Context(), err)
}

// giveDocument sends a document.
func (p *page) giveDocument(name string, d paper.Document) error {
	var out bytes.Buffer
	if err := paper.WriteDOCX(&out, d); err != nil {
		return err
	}
	return p.give("application/vnd.openxmlformats-officedocument.wordprocessingml.document", fileName(name)+".docx", out.Bytes())
}

// asksFinding gives the finding of the address with what its page shows.
func (p *page) asksFinding() (findingView, error) {
	f, rank := p.run.finding(p.req.PathValue("id"))
	if f == nil {
		return findingView{}, fault.New(fault.NotFound, p.req.URL.Path, "this run has no such finding", "look in the list of findings")
	}
	return p.findingView(f, rank), nil
}

func findingMap(p *page) error {
	v, err := p.asksFinding()
	if err != nil {
		return err
	}
	return p.give("image/svg+xml", fileName(v.ID)+".svg", v.Picture.standalone(true))
}

func findingDocument(p *page) error {
	v, err := p.asksFinding()
	if err != nil {
		return err
	}
	pic, err := p.onPaper(v.Picture, v.Picture.Titled)
	if err != nil {
		return err
	}
	d := paper.Document{Title: p.place(v.Finding) + ": " + p.headline(v.Finding), Parts: []paper.Part{
		paper.Text{Text: p.sentence(v)},
		pic,
		paper.Heading{Level: 1, Text: p.T("web.finding.who", nil)},
		paper.Text{Text: p.peopleOf(v.Finding) + " · " + p.label(v.Group.Label)},
	}}
	if v.Estimated {
		d.Parts = append(d.Parts, paper.Text{Text: p.T("web.finding.interval", with{"Low": p.people(v.Low), "High": p.people(v.High)})})
	}
	where := paper.Table{Head: []string{p.T("web.column.district", nil), p.T("web.column.people", nil)}, Numeric: []bool{false, true}}
	for _, x := range v.Districts {
		name := p.T("web.no_area", nil)
		if x.Area >= 0 {
			name = p.area(x.Area)
		}
		where.Rows = append(where.Rows, []string{name, p.people(x.People)})
	}
	why := paper.Table{Head: []string{p.T("web.column.cause", nil), p.T("web.column.share", nil), p.T("web.column.people", nil)}, Numeric: []bool{false, true, true}}
	for _, c := range v.Causes {
		why.Rows = append(why.Rows, []string{p.T("cause."+c.Cause.String(), nil), p.Percent(c.Share, 0), p.people(c.People)})
	}
	d.Parts = append(d.Parts, paper.Heading{Level: 1, Text: p.T("web.finding.where", nil)}, where, paper.Heading{Level: 1, Text: p.T("web.finding.why", nil)}, why,
		paper.Heading{Level: 1, Text: p.T("web.finding.close", nil)})
	if len(v.Remedies) == 0 {
		d.Parts = append(d.Parts, paper.Text{Text: p.T("web.finding.no_remedy", nil)})
	}
	for _, r := range v.Remedies {
		d.Parts = append(d.Parts, paper.Text{Text: r.Text + " – " + p.T("web.remedy.closes", with{"Number": p.people(r.Closes), "Share": p.Percent(r.Share, 0)})})
	}
	d.Parts = append(d.Parts, paper.Heading{Level: 1, Text: p.T("web.finding.standard", nil)}, paper.Text{Text: p.label(v.Standard.Label) + ". " + p.asks(v.Standard) + ": " + p.ways(v.Standard)})
	d.Parts = append(d.Parts, p.provenance(v.Sources)...)
	return p.giveDocument(v.ID, d)
}

// provenance says on which data and which run a document stands.
func (p *page) provenance(sources []region.Source) []paper.Part {
	s := p.run.snapshot()
	out := []paper.Part{paper.Heading{Level: 1, Text: p.T("web.district.sources", nil)}}
	for _, src := range sources {
		out = append(out, paper.Text{Text: src.Title + " (" + p.Date(src.ReferenceDate) + "), " + src.Publisher + ", " + src.Licence, Quiet: true})
	}
	out = append(out, paper.Text{Text: p.label(s.Name) + " · " + p.T("web.reference_date", nil) + " " + p.Date(s.Date.Format("2006-01-02")) + " · " + p.T("web.run", nil) + " " + p.run.Hash, Quiet: true})
	if s.Synthetic {
		out = append(out, paper.Text{Text: p.T("synthetic", nil)})
	}
	return out
}
