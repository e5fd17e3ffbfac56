package web

import (
	"net/http"
	"net/url"
	"strings"

	"gevor/fault"
	"gevor/form"
	"gevor/handover"
	"gevor/internal/web/ui"
)

// receiptAsk asks the person for the code of their receipt.
func receiptAsk(p *page) error {
	return p.render(http.StatusOK, p.T("receipt.title", nil), receiptForm(p, p.begin("receipt")))
}

// wrongCode shows the form again: there is no such receipt, whether it never was or was typed wrong.
func (p *page) wrongCode(status int, typed string) error {
	var f form.Fields
	f.Add("code", "receipt")
	return p.render(status, p.T("receipt.title", nil), receiptForm(p, p.entry("receipt", url.Values{"code": {typed}}, f.Err())))
}

func receiptFind(p *page) error {
	sent, err := p.form()
	if err != nil {
		return err
	}
	code, ok := handover.ReadCode(sent.Get("code"))
	if !ok {
		return p.wrongCode(http.StatusUnprocessableEntity, sent.Get("code"))
	}
	if _, err := p.site.Handovers.ByReceipt(p.req.Context(), code); fault.KindOf(err) == fault.NotFound {
		return p.wrongCode(http.StatusUnprocessableEntity, sent.Get("code"))
	} else if err != nil {
		return err
	}
	http.Redirect(p.res, p.req, p.path("receipt-page", code), http.StatusSeeOther)
	return nil
}

func receiptPage(p *page) error { return p.receipt(http.StatusOK, false) }

// receipt shows a handover to whoever holds the code.
func (p *page) receipt(status int, unsure bool) error {
	f, err := p.site.Handovers.ByReceipt(p.req.Context(), p.req.PathValue("secret"))
	if fault.KindOf(err) == fault.NotFound {
		return p.wrongCode(http.StatusNotFound, "")
	}
	if err != nil {
		return err
	}
	return p.render(status, p.T("receipt.title", nil), receiptShown(p, f, p.req.PathValue("secret"), unsure))
}

func receiptWithdraw(p *page) error {
	sent, err := p.form()
	if err != nil {
		return err
	}
	if sent.Get("sure") != "yes" {
		return p.receipt(http.StatusUnprocessableEntity, true)
	}
	if err := p.site.Handovers.WithdrawByReceipt(p.req.Context(), p.now(), p.req.PathValue("secret")); err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return p.wrongCode(http.StatusNotFound, "")
		}
		return err
	}
	return p.done(p.path("receipt-page", p.req.PathValue("secret")), "receipt_withdrawn")
}

// statusForPerson is the key of the sentence that tells the person where their handover stands.
func statusForPerson(f handover.File) string {
	if f.Withdrawn {
		return "receipt.status.withdrawn"
	}
	return "receipt.status." + statusKey(f.Status)
}

// receiptAddress is the whole link of a receipt, as the QR code holds it.
func (p *page) receiptAddress(code string) string {
	return p.site.PublicURL + p.path("receipt-page", code)
}

func (p *page) codeField(e entry) ui.Input {
	i := e.field("code")
	i.Required, i.Autocomplete, i.Most = true, "off", 40
	return i
}

func (p *page) categoryNames(c handover.Consent) string {
	names := make([]string, len(c.Categories))
	for i, x := range c.Categories {
		names[i] = p.text("consent.category." + string(x))
	}
	return strings.Join(names, ", ")
}

// consentLanguages are the pages whose words a printed consent has: the person's language first, German beside it.
func (p *page) consentLanguages(lang string) []*page {
	if _, known := p.site.words[lang]; !known || lang == "de" {
		return []*page{p.in("de")}
	}
	return []*page{p.in(lang), p.in("de")}
}
