package web

import (
	"net/http"

	"gevor/authz"
	"gevor/directory"
)

// hint is a suggestion with the service it speaks of.
type hint struct {
	directory.Suggestion
	Record directory.Record
}

func suggestions(p *page) error { return p.showSuggestions(http.StatusOK, p.begin("warning.lacking")) }

// showSuggestions shows the page; sent is what was entered about an offer that is missing.
func (p *page) showSuggestions(status int, sent entry) error {
	list, err := p.site.Entries.Suggestions(p.req.Context(), p.actor, p.org())
	if err != nil {
		return err
	}
	h, err := p.house("entries")
	if err != nil {
		return err
	}
	hints := make([]hint, 0, len(list))
	for _, s := range list {
		rec, err := p.site.Entries.Service(p.req.Context(), p.actor, s.Service)
		if err != nil {
			return err
		}
		hints = append(hints, hint{s, rec})
	}
	missing, err := p.missingOffers()
	if err != nil {
		return err
	}
	return p.render(status, p.T("house.tab.suggestions", nil), suggestionsPage(p, h, hints, missing, sent))
}

func suggestionDecide(p *page) error {
	if err := p.may(authz.Change, owned(authz.Suggestion, p.org())); err != nil {
		return err
	}
	h, err := p.house("entries")
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	if err := p.site.Entries.Decide(p.req.Context(), p.actor, p.now(), p.req.PathValue("suggestion"), sent.Get("answer") == "accept"); err != nil {
		return err
	}
	return p.done(p.path("suggestions", string(h.ID)), "saved")
}
