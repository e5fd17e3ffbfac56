package web

import (
	"net/http"
	"strconv"
	"strings"

	"gevor/fault"
)

// statusOf is the one place where a kind of fault becomes an HTTP status.
func statusOf(k fault.Kind) int {
	switch k {
	case fault.Invalid:
		return http.StatusBadRequest
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Denied, fault.Withheld:
		return http.StatusForbidden
	case fault.Conflict:
		return http.StatusConflict
	case fault.Stale:
		return http.StatusPreconditionFailed
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.Busy:
		return http.StatusServiceUnavailable
	case fault.Internal, fault.Corrupt:
		return http.StatusInternalServerError
	}
	return http.StatusInternalServerError
}

// fail answers with the page of a fault. People read what to do next; the cause goes to the log.
func (p *page) fail(err error) {
	kind := fault.KindOf(err)
	status := statusOf(kind)
	if status >= http.StatusInternalServerError {
		p.site.Log.Error("a page failed", "path", p.req.URL.Path, "cause", err)
	}
	p.failure(status, strings.ReplaceAll(kind.String(), " ", "-"), "")
}

// failure writes an error page. Key names its texts in the catalogue under web.failure.
func (p *page) failure(status int, key, detail string) {
	if onlyResidents(p.Lang()) && !p.Owns("web.failure."+key+".title") {
		key = "internal" // residents meet few kinds of failure; the others are said in the words of any
	}
	title := p.T("web.failure."+key+".title", nil)
	body := failurePage(p, failureView{Status: strconv.Itoa(status), Title: title, Text: p.T("web.failure."+key+".text", nil), Detail: detail})
	if err := p.render(status, title, body); err != nil {
		p.site.Log.Error("the error page failed", "path", p.req.URL.Path, "cause", err)
	}
}

// noRun answers every page of the results before the first analysis.
func (p *page) noRun() {
	p.res.Header().Set("Retry-After", "60")
	title := p.T("web.no_run.title", nil)
	if err := p.render(http.StatusServiceUnavailable, title, noRunPage(p)); err != nil {
		p.site.Log.Error("the error page failed", "path", p.req.URL.Path, "cause", err)
	}
}

type failureView struct{ Status, Title, Text, Detail string }

// quality reads one part of an Accept-Language header: the tag and its weight, 1 where none is given.
func quality(part string) (string, float64) {
	tag, params, found := strings.Cut(strings.TrimSpace(part), ";")
	if !found {
		return tag, 1
	}
	q, err := strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(params), "q="), 64)
	if err != nil || q < 0 || q > 1 {
		return tag, 0
	}
	return tag, q
}

// home sends the bare address to the page to begin with, in the reader's language.
func home(p *page) error {
	p.res.Header().Set("Vary", "Accept-Language, Cookie")
	http.Redirect(p.res, p.req, p.path(p.beginning()), http.StatusFound)
	return nil
}

func robots(p *page) error {
	p.res.Header().Set("Content-Type", "text/plain; charset=utf-8")
	says := "User-agent: *\nDisallow: /runs/\nDisallow: /fhir/\nDisallow: /hsds/\nDisallow: /open/\n"
	if p.site.Interfaces != nil && p.site.PublicURL != "" {
		says += "Sitemap: " + p.site.PublicURL + "/sitemap.xml\n"
	}
	_, err := p.res.Write([]byte(says))
	return err
}

func asset(p *page) error {
	if !p.site.assets.Serve(p.res, p.req, p.req.PathValue("build"), p.req.PathValue("file")) {
		return fault.New(fault.NotFound, p.req.URL.Path, "there is no such file", "")
	}
	return nil
}
