package web

import (
	"net/http"
	"net/url"

	"gevor/atlas"
	"gevor/authz"
	"gevor/directory"
	"gevor/form"
	"gevor/internal/web/ui"
)

// missingOffers are the offers that answers to warnings name and that the directory lacks.
func (p *page) missingOffers() ([]atlas.MissingOffer, error) {
	if p.site.Warnings == nil {
		return nil, nil
	}
	return p.site.Warnings.MissingOffers(p.req.Context(), p.actor, p.org())
}

// missingWhere says which need of which place an answer was about; in keys where no run is served.
func (p *page) missingWhere(x atlas.MissingOffer) string {
	if p.run == nil {
		return x.Area + " · " + x.Subject.Problem
	}
	w := atlas.Warning{Level: x.Level, Area: x.Area, Subject: x.Subject}
	return p.warnedPlace(&w) + " · " + p.warnedOf(&w)
}

// missingField is where the entry of one of them is named; only the form that was sent shows what was typed.
func missingField(sent entry, x atlas.MissingOffer) ui.Input {
	if sent.values.Get("of") != x.ID {
		sent.values, sent.wrong = url.Values{}, nil
	}
	i := sent.field("service")
	i.Within = x.ID + "-"
	return i
}

// missingSettle ends a proposal: with an entry, or with none.
func missingSettle(p *page) error {
	if err := p.may(authz.Change, owned(authz.Suggestion, p.org())); err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	service := directory.ServiceID(offerNamed(sent.Get("service")))
	if sent.Get("answer") == "entered" && service == "" {
		var f form.Fields
		f.Add("service", "empty")
		return p.showSuggestions(http.StatusUnprocessableEntity, p.entry("warning.lacking", sent, f.Err()))
	}
	if sent.Get("answer") != "entered" {
		service = ""
	}
	err = p.site.Warnings.SettleMissing(p.req.Context(), p.actor, p.now(), p.org(), p.req.PathValue("answer"), service)
	if form.Of(err) != nil {
		return p.showSuggestions(http.StatusUnprocessableEntity, p.entry("warning.lacking", sent, err))
	}
	if err != nil {
		return err
	}
	return p.done(p.path("suggestions", string(p.org())), "saved")
}
