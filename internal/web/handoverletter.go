package web

import (
	"net/http"
	"net/url"

	"gevor/authz"
	"gevor/fault"
	"gevor/form"
	"gevor/handover"
	"gevor/internal/web/ui"
)

// letterRoutes are the addresses of handovers to organisations without an account.
func letterRoutes() []Route {
	answer := func(name, method, de, en string, handle handler) Route {
		r := Route{
			Name: name, Method: method, Access: Access{authz.Receipt, authz.View}, Handle: handle,
			Patterns: map[string]string{"de": "/de/antwort/{secret}" + de, "en": "/en/answer/{secret}" + en},
		}
		if method == "" {
			r.States = []State{Normal}
		} else {
			r.Access.Action = authz.Change
		}
		return r
	}
	return []Route{
		post(ofHouse("handover-code", authz.Handover, authz.Change, "/ueberleitungen/{handover}/code", "/handovers/{handover}/code", handoverCode)),
		answer("handover-letter", "", "", "", letterAsk),
		answer("handover-letter-open", http.MethodPost, "", "", letterOpen),
		answer("handover-letter-send", http.MethodPost, "/senden", "/send", letterSend),
	}
}

// handoverCode shows the sender the code to say on the telephone, once.
func handoverCode(p *page) error {
	v, err := p.handoverOf(authz.Change)
	if err != nil {
		return err
	}
	if v.Letter == nil {
		return p.done(p.path("handover", string(v.House()), string(v.File.ID)), "handover_done") // nothing to say: its content is sealed
	}
	code, err := p.site.Handovers.NewLetterCode(p.req.Context(), p.actor, p.now(), v.House(), v.File.ID)
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("envelope.code_title", nil), letterCode(p, v, code))
}

// letterMail says what became of the mail.
func (p *page) letterMail(v handoverView) string {
	if v.Letter.Mail == "" {
		return p.T("envelope.mail.waiting", nil)
	}
	return p.text("envelope.mail." + underscored(v.Letter.Mail))
}

// letterAsk asks for the code. It says nothing of what the link is for, nor whether there is such a link.
func letterAsk(p *page) error {
	return p.render(http.StatusOK, p.T("envelope.title", nil), letterForm(p, p.begin("envelope")))
}

func (p *page) wrongLetter(sent url.Values) error {
	var f form.Fields
	f.Add("code", "letter")
	return p.render(http.StatusUnprocessableEntity, p.T("envelope.title", nil), letterForm(p, p.entry("envelope", url.Values{"code": sent["code"]}, f.Err())))
}

func letterOpen(p *page) error {
	sent, err := p.form()
	if err != nil {
		return err
	}
	return p.letter(http.StatusOK, sent, nil)
}

// letter shows the envelope to whoever has link and code.
func (p *page) letter(status int, sent url.Values, wrong error) error {
	f, err := p.site.Handovers.OpenLetter(p.req.Context(), p.now(), p.req.PathValue("secret"), sent.Get("code"))
	if fault.KindOf(err) == fault.NotFound {
		return p.wrongLetter(sent)
	}
	if err != nil {
		return err
	}
	v := letterView{File: f, Code: sent.Get("code"), Form: p.entry("envelope", sent, wrong)}
	return p.render(status, p.T("envelope.title", nil), letterShown(p, v))
}

// letterView is the envelope as an organisation without an account sees it.
type letterView struct {
	handover.File
	Code string
	Form entry
}

// waits says whether an answer is still expected.
func (v letterView) waits() bool {
	return v.Status == handover.Requested || v.Status == handover.Received
}

func (p *page) declineField(v letterView) ui.Input {
	i := v.Form.field("reason")
	i.Required, i.Any = true, p.T("handover.choose", nil)
	for _, r := range handover.Declines() {
		i.Options = append(i.Options, ui.Option{Value: string(r), Label: p.text("handover.reason." + underscored(r))})
	}
	return i
}

func letterSend(p *page) error {
	sent, err := p.form()
	if err != nil {
		return err
	}
	c := handover.Command{Verb: handover.Verb(sent.Get("verb")), Reason: handover.Reason(sent.Get("reason"))}
	if c.Verb == handover.Reject && c.Reason.Lies() == handover.Nowhere {
		var f form.Fields
		f.Add("reason", "choose")
		return p.letter(http.StatusUnprocessableEntity, sent, f.Err())
	}
	switch err := p.site.Handovers.AnswerLetter(p.req.Context(), p.now(), p.req.PathValue("secret"), sent.Get("code"), c); fault.KindOf(err) {
	case fault.NotFound:
		return p.wrongLetter(sent)
	case fault.Conflict: // the person or the sender was quicker: the page says where it stands
		return p.letter(http.StatusConflict, sent, nil)
	default:
		if err != nil {
			return err
		}
	}
	return p.letter(http.StatusOK, sent, nil)
}
