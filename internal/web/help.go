package web

import (
	"net/http"

	"gevor/directory"
	"gevor/fault"
	"gevor/form"
	"gevor/internal/finder"
	"gevor/vocabulary"
)

// help.go holds the pages that help without a search: numbers for an emergency, the way of those without health
// insurance, and the report of a hurdle.

// line is a number that holds all over Germany, whatever the vocabulary of an installation says.
type line struct {
	Key    string // its words are help.line.<key>
	Number string // as one dials it
	Shown  string
}

// emergencyLines are the numbers of the emergency page in order.
func emergencyLines() []line {
	return []line{
		{"rescue", "112", "112"},
		{"police", "110", "110"},
		{"doctor", "116117", "116 117"},
		{"crisis", "08001110111", "0800 111 0 111"},
		{"crisis_two", "08001110222", "0800 111 0 222"},
		{"violence", "116016", "116 016"},
		{"children", "116111", "116 111"},
		{"parents", "08001110550", "0800 111 0 550"},
		{"pregnant", "08004040020", "0800 40 40 020"},
		{"men", "08001239900", "0800 123 99 00"},
	}
}

// askLines are whom to call where the directory knows nothing.
func askLines() []line {
	return []line{{"authority", "115", "115"}, {"doctor", "116117", "116 117"}, {"crisis", "08001110111", "0800 111 0 111"}}
}

func emergency(p *page) error {
	return p.render(http.StatusOK, p.T("web.nav.emergency", nil), emergencyPage(p, emergencyLines()))
}

// hotlineName is what a number is called in the language of the page, else in German.
func (p *page) hotlineName(h vocabulary.Hotline) string {
	if name := h.Name[p.Lang()]; name != "" {
		return name
	}
	return h.Name["de"]
}

// clearing is the concept of the vocabulary for offices that clear who insures somebody.
const clearing = "clearingstelle"

func uninsured(p *page) error {
	p.unkept()
	found, err := p.site.Finder.Search(p.req.Context(), p.actor, finder.Query{
		Needs: []string{clearing}, Language: "de", Insurance: directory.Uninsured, Home: p.first("home"), Now: p.now(), Limit: 5,
	})
	if err != nil {
		return err
	}
	var offers []directory.Record
	for _, h := range found.Hits {
		offers = append(offers, h.Record)
	}
	return p.render(http.StatusOK, p.T("web.nav.uninsured", nil), uninsuredPage(p, offers))
}

func hurdle(p *page) error {
	p.unkept()
	return p.render(http.StatusOK, p.T("web.nav.hurdle", nil), hurdlePage(p, p.begin("hurdle", "home", p.first("home"))))
}

func hurdleSend(p *page) error {
	p.unkept()
	sent, err := p.form()
	if err != nil {
		return err
	}
	if sent.Get(trap) == "" {
		err = p.site.Finder.ReportHurdle(sent.Get("what"), sent.Get("home"), p.Lang(), p.now())
	}
	if fault.KindOf(err) == fault.Invalid {
		e := p.entry("hurdle", sent, missing("what"))
		return p.again(missing("what"), p.T("web.nav.hurdle", nil), hurdlePage(p, e))
	}
	if err != nil {
		return err
	}
	return p.done(p.path("hurdle"), "hurdle")
}

// missing says that a choice was not made.
func missing(field string) error {
	var f form.Fields
	f.Add(field, "choose")
	return f.Err()
}
