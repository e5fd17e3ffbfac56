package web

import (
	"net/http"

	"gevor/fault"
)

// letterPage shows what the link of a reminder is for. It changes nothing: mail scanners open links.
func letterPage(p *page) error {
	x, err := p.site.Entries.LinkedService(p.req.Context(), p.req.PathValue("secret"), p.now())
	if err != nil {
		return p.deadLetter(err)
	}
	return p.render(http.StatusOK, p.T("letter.title", nil), letterQuestion(p, x, p.req.PathValue("secret")))
}

// deadLetter says that a link no longer counts, in words for whoever got it by mail.
func (p *page) deadLetter(err error) error {
	key := "unknown"
	switch fault.KindOf(err) {
	case fault.NotFound:
	case fault.Stale:
		key = "expired"
	case fault.Conflict:
		key = "used"
	default:
		return err
	}
	status := http.StatusNotFound
	if key != "unknown" {
		status = http.StatusGone
	}
	return p.render(status, p.T("letter.title", nil), letterDead(p, key))
}

func letterAnswer(p *page) error {
	sent, err := p.form()
	if err != nil {
		return err
	}
	answer := sent.Get("answer")
	if err := p.site.Entries.AnswerLink(p.req.Context(), p.req.PathValue("secret"), answer, p.now()); err != nil {
		return p.deadLetter(err)
	}
	return p.render(http.StatusOK, p.T("letter.thanks", nil), letterThanks(p, answer))
}
