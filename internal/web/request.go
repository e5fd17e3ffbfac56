package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"gevor/authz"
	"gevor/internal/web/ui"
	"gevor/internal/words"
	"gevor/organisation"
	"gevor/region"
)

// with holds the values put into a text of the catalogue.
type with = map[string]any

// page is one request being answered.
type page struct {
	*words.Printer
	site  *site
	route *Route
	req   *http.Request
	res   http.ResponseWriter
	query url.Values
	run   *Run // nil where nothing has been analysed yet

	actor  authz.Actor         // the anonymous public unless somebody is signed in
	person organisation.Person // empty for the public

	collator *collate.Collator // made on first use; see before
}

// path is the address of a page in the language of this one.
func (p *page) path(name string, values ...string) string {
	return p.site.byName[name].Path(p.Lang(), values...)
}

// link is path as templates need it.
func (p *page) link(name string, values ...string) templ.SafeURL {
	return templ.SafeURL(p.path(name, values...))
}

// filter is the address of this page with some query values changed; an empty value removes its name. A change
// of anything but the page number goes back to the first page.
func (p *page) filter(pairs ...string) templ.SafeURL {
	q := url.Values{}
	for k, v := range p.query {
		if len(v) > 0 && v[0] != "" {
			q.Set(k, v[0])
		}
	}
	q.Del("done") // told once
	q.Del("as")   // a file leads nowhere
	if len(pairs) > 0 && pairs[0] != "page" {
		q.Del("page")
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			q.Del(pairs[i])
		} else {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return templ.SafeURL(p.req.URL.EscapedPath())
	}
	return templ.SafeURL(p.req.URL.EscapedPath() + "?" + q.Encode())
}

// render writes a whole page. Nothing is sent before the page is complete, so a failing template still becomes
// a proper error page.
func (p *page) render(status int, title string, body templ.Component) error {
	var out bytes.Buffer
	frame := p.frame(title)
	frame.Map = status == http.StatusOK && p.route != nil && (p.route.Name == "atlas" || p.route.Name == "finding")
	if err := ui.Layout(frame, body).Render(p.req.Context(), &out); err != nil {
		return err
	}
	h := p.res.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", p.Lang())
	if status != http.StatusOK {
		h.Del("ETag")
		h.Set("Cache-Control", "no-store")
	}
	p.res.WriteHeader(status)
	_, err := p.res.Write(out.Bytes())
	return ignoreGone(p.req.Context(), err)
}

// ignoreGone drops the error of writing to someone who has left.
func ignoreGone(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// tag is the ETag of this address for the served run, this build, this program and the reader's theme.
func (p *page) tag() string {
	sum := sha256.New()
	hash := ""
	if p.run != nil {
		hash = p.run.Hash
	}
	fmt.Fprintf(sum, "%s\n%s\n%s\n%s\n%s\n", hash, p.site.assets.Build(), p.site.Version, p.theme(), p.req.URL.RequestURI())
	return `W/"` + hex.EncodeToString(sum.Sum(nil))[:20] + `"`
}

// frame is what surrounds every page.
func (p *page) frame(title string) ui.Frame {
	f := ui.Frame{
		Printer: p.Printer, Title: title, Asset: p.site.assets.Path, Version: p.site.Version, SourceURL: p.site.SourceURL,
		Home: p.link(p.beginning()), Product: p.T("web.product", nil),
	}
	f.Unconfirmed, f.UnconfirmedGerman = p.unconfirmed(), p.german("finder.unconfirmed")
	p.navigate(&f)
	if p.run != nil {
		s := p.run.snapshot()
		f.Region, f.Synthetic, f.Run, f.Snapshot = s.Name.In(p.Lang()), s.Synthetic, p.run.Hash, s.Hash
		f.Reference = s.Date.Format("2006-01-02")
		f.MethodsHref = p.link("methods")
		if onlyResidents(p.Lang()) {
			f.Run = "" // whoever asks about runs reads German or English
		}
		for _, src := range s.Sources {
			if src.Attribution != "" {
				f.Attributions = append(f.Attributions, src.Attribution)
			}
		}
	}
	return f
}

// inLanguage is the address of this page in another language, with the same query.
func (p *page) inLanguage(lang string) templ.SafeURL {
	if p.route == nil || !p.route.Page() {
		return templ.SafeURL(p.site.byName[p.beginning()].Path(lang))
	}
	var values []string
	for _, name := range places(p.route.Patterns[p.Lang()]) {
		values = append(values, p.req.PathValue(name))
	}
	to := p.route.Path(lang, values...)
	if _, query, found := strings.Cut(string(p.filter("page", p.first("page"))), "?"); found {
		to += "?" + query
	}
	return templ.SafeURL(to)
}

// people writes a number of people: whole numbers, and below ten with the remark that it is a handful only where
// the number is fractional (estimated layers spread shares of people over cells).
func (p *page) people(x float64) string {
	if x > 0 && x < 1 {
		return "< 1"
	}
	return p.Number(math.Round(x), 0)
}

// label gives the text of a region in the language of the page.
func (p *page) label(l region.Label) string { return l.In(p.Lang()) }

// first is the first value of a query name, trimmed.
func (p *page) first(name string) string { return strings.TrimSpace(p.query.Get(name)) }

// compare orders two names as a dictionary of the page's language does.
func (p *page) compare(a, b string) int {
	if p.collator == nil {
		p.collator = collate.New(language.Make(p.Lang()), collate.Numeric)
	}
	return p.collator.CompareString(a, b)
}

// byLabel sorts options for people to look through.
func (p *page) byLabel(options []ui.Option) {
	slices.SortStableFunc(options, func(a, b ui.Option) int { return p.compare(a.Label, b.Label) })
}
