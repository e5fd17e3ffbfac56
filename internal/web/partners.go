package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"gevor/authz"
	"gevor/directory"
	"gevor/internal/web/ui"
)

// Partners keeps who offers something together with others, each with their own consent.
type Partners interface {
	Partnerships(ctx context.Context, actor authz.Actor, house authz.OrganisationID) ([]directory.Partnership, error)
	PossiblePartners(ctx context.Context, actor authz.Actor, id directory.ServiceID, words string) ([]directory.Provider, error)
	AskPartner(ctx context.Context, actor authz.Actor, at time.Time, id directory.ServiceID, provider directory.ProviderID) error
	AnswerPartner(ctx context.Context, actor authz.Actor, at time.Time, id directory.ServiceID, provider directory.ProviderID, agrees bool) error
	DropPartner(ctx context.Context, actor authz.Actor, at time.Time, id directory.ServiceID, provider directory.ProviderID) error
}

// partnerRoutes are the addresses of joint offers: the questions that others ask a house, and those it asks.
func partnerRoutes() []Route {
	at := func(name, de, en string, handle handler) Route {
		return ofHouse(name, authz.Entry, authz.Change, de, en, handle)
	}
	return []Route{
		at("partners", "/gemeinsame-angebote", "/joint-offers", partners),
		post(at("partner-answer", "/gemeinsame-angebote", "/joint-offers", partnerAnswer)),
		at("entry-partners", "/eintraege/{service}/partner", "/entries/{service}/partners", entryPartners),
		post(at("entry-partner-ask", "/eintraege/{service}/partner", "/entries/{service}/partners", entryPartnerAsk)),
		post(at("entry-partner-drop", "/eintraege/{service}/partner/entfernen", "/entries/{service}/partners/remove", entryPartnerDrop)),
	}
}

type partnersView struct {
	houseView
	Asked []directory.Partnership // others ask the house
	Asks  []directory.Partnership // the house asks others
}

// partnerships gives what concerns the house of the address.
func (p *page) partnerships() (partnersView, error) {
	h, err := p.entryHouse(authz.Change)
	if err != nil {
		return partnersView{}, err
	}
	all, err := p.site.Partners.Partnerships(p.req.Context(), p.actor, h.ID)
	v := partnersView{houseView: h}
	for _, x := range all {
		if x.Owner == h.ID && x.By != h.ID {
			v.Asked = append(v.Asked, x)
		} else {
			v.Asks = append(v.Asks, x)
		}
	}
	return v, err
}

func partners(p *page) error {
	v, err := p.partnerships()
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("partner.title", nil), partnersPage(p, v))
}

func partnerAnswer(p *page) error {
	h, err := p.entryHouse(authz.Change)
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	if sent.Get("service") == "" || sent.Get("provider") == "" {
		return missing("provider")
	}
	agrees := sent.Get("answer") == "agree"
	err = p.site.Partners.AnswerPartner(p.req.Context(), p.actor, p.now(), directory.ServiceID(sent.Get("service")), directory.ProviderID(sent.Get("provider")), agrees)
	if err != nil {
		return err
	}
	done := "partner_declined"
	if agrees {
		done = "partner_agreed"
	}
	return p.done(p.path("partners", string(h.ID)), done)
}

type entryPartnersView struct {
	houseView
	Record   directory.Record
	Partners []directory.Partnership
	Words    string
	Found    []directory.Provider // that were not asked yet
}

func entryPartners(p *page) error {
	h, rec, err := p.entryOf(authz.Change)
	if err != nil {
		return err
	}
	v := entryPartnersView{houseView: h, Record: rec, Words: strings.TrimSpace(p.first("q"))}
	all, err := p.site.Partners.Partnerships(p.req.Context(), p.actor, h.ID)
	if err != nil {
		return err
	}
	for _, x := range all {
		if x.Service == rec.ID {
			v.Partners = append(v.Partners, x)
		}
	}
	if v.Found, err = p.site.Partners.PossiblePartners(p.req.Context(), p.actor, rec.ID, v.Words); err != nil {
		return err
	}
	v.Found = slices.DeleteFunc(v.Found, func(x directory.Provider) bool {
		return slices.ContainsFunc(v.Partners, func(known directory.Partnership) bool { return known.Provider == x.ID })
	})
	return p.render(http.StatusOK, p.T("partner.of", with{"Name": p.offerName(rec)}), entryPartnersPage(p, v))
}

func entryPartnerAsk(p *page) error {
	h, rec, sent, err := p.sentEntry(authz.Change)
	if err != nil {
		return err
	}
	if sent.Get("provider") == "" {
		return missing("provider")
	}
	if err := p.site.Partners.AskPartner(p.req.Context(), p.actor, p.now(), rec.ID, directory.ProviderID(sent.Get("provider"))); err != nil {
		return err
	}
	return p.done(p.path("entry-partners", string(h.ID), string(rec.ID)), "partner_asked")
}

func entryPartnerDrop(p *page) error {
	h, rec, sent, err := p.sentEntry(authz.Change)
	if err != nil {
		return err
	}
	if sent.Get("provider") == "" {
		return missing("provider")
	}
	if err := p.site.Partners.DropPartner(p.req.Context(), p.actor, p.now(), rec.ID, directory.ProviderID(sent.Get("provider"))); err != nil {
		return err
	}
	return p.done(p.path("entry-partners", string(h.ID), string(rec.ID)), "partner_dropped")
}

// partnerLook is how a state is shown.
func partnerLook(s directory.PartnerState) ui.Kind {
	switch s {
	case directory.Consents:
		return ui.Success
	case directory.Asked:
		return ui.Warning
	case directory.Declined:
	}
	return ui.Info
}

// waiting counts the questions to a house that nobody has answered.
func (v partnersView) waiting() (n int) {
	for _, x := range v.Asked {
		if x.State == directory.Asked {
			n++
		}
	}
	return n
}

// together names who offers something together with its provider; empty where nobody does.
func (p *page) together(r directory.Record) string {
	if len(r.With) == 0 {
		return ""
	}
	names := make([]string, len(r.With))
	for i, x := range r.With {
		names[i] = x.Name
	}
	return p.T("offer.together", with{"Names": strings.Join(names, ", ")})
}
