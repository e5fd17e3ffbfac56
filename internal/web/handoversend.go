package web

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"gevor/authz"
	"gevor/directory"
	"gevor/handover"
	"gevor/internal/web/ui"
	"gevor/internal/words"
)

// sending is the page on which a handover is written.
type sending struct {
	houseView
	Offer   directory.Record
	To      handover.Intake
	Mine    *handover.Key
	ID      handover.ID
	Consent string
	Form    entry
	Blocked string // why nothing can be sent, in words
	Letter  bool   // the receiver has no account: the handover goes without content
}

// sendingOf puts together what the page needs. Names made before, which a form sends back, stay.
func (p *page) sendingOf(offer, id, consent string) (v sending, err error) {
	if v.houseView, err = p.handoverHouse(authz.Create); err != nil {
		return v, err
	}
	if offer == "" {
		v.Blocked = p.T("handover.no_offer", nil)
		return v, nil
	}
	if v.Offer, err = p.site.Entries.Service(p.req.Context(), p.actor, directory.ServiceID(offer)); err != nil {
		return v, err
	}
	if v.To, err = p.site.Handovers.Intake(p.req.Context(), p.actor, v.Offer.Owner); err != nil {
		return v, err
	}
	mine, err := p.site.Handovers.Intake(p.req.Context(), p.actor, v.ID0())
	if err != nil {
		return v, err
	}
	v.Mine = mine.Key
	h, c, _ := p.site.Handovers.NewHandoverIDs()
	v.ID, v.Consent = h, c
	if id != "" && consent != "" {
		v.ID, v.Consent = handover.ID(id), consent
	}
	v.Letter = v.To.ByLetter()
	switch {
	case v.Offer.Owner == v.houseView.ID:
		v.Blocked = p.T("handover.own_offer", nil)
	case v.Letter: // no key is needed where nothing is sealed
	case v.Mine == nil:
		v.Blocked = p.T("handover.no_own_key", nil)
	case v.To.Key == nil:
		v.Blocked = p.T("handover.no_key", with{"Name": v.To.Name})
	case v.To.Paused:
		v.Blocked = p.T("handover.paused", with{"Name": v.To.Name})
	}
	return v, nil
}

// ID0 is the organisation that sends.
func (v sending) ID0() authz.OrganisationID { return v.houseView.ID }

// sought is what can be chosen about what was looked for: needs by situation, languages, districts.
type sought struct {
	Needs                []needGroup
	Languages, Districts []ui.Option
}

func (p *page) sought() (v sought) {
	if p.site.Vocabulary != nil {
		v.Needs = p.needGroups()
	}
	if p.site.Finder != nil {
		v.Districts = p.areaOptions()
	}
	for _, tag := range spoken() {
		v.Languages = append(v.Languages, ui.Option{Value: tag, Label: p.languageName(tag)})
	}
	return v
}

func handoverNew(p *page) error {
	v, err := p.sendingOf(p.first("offer"), "", "")
	if err != nil {
		return err
	}
	v.Form = p.begin("consent", "giver", string(handover.ByPerson), "how", string(handover.OnPaper), "level", string(handover.StatusOnly), "categories", "contact", "categories", "concern",
		"until", p.now().AddDate(0, 3, 0).Format(time.DateOnly), "language", "de", "lapses", "10")
	return p.render(http.StatusOK, p.T("handover.new", nil), handoverNewPage(p, v))
}

func handoverCreate(p *page) error {
	if _, err := p.handoverHouse(authz.Create); err != nil {
		return err
	}
	sent, err := p.formUpTo(maxSealed)
	if err != nil {
		return err
	}
	v, err := p.sendingOf(sent.Get("offer"), sent.Get("handover"), sent.Get("consent"))
	if err != nil {
		return err
	}
	v.Form = p.entry("consent", sent, nil)
	if v.Blocked != "" {
		return p.render(http.StatusUnprocessableEntity, p.T("handover.new", nil), handoverNewPage(p, v))
	}
	n := p.readNew(v, sent)
	if err := p.site.Handovers.CreateHandover(p.req.Context(), p.actor, p.now(), n); err != nil {
		v.Form = p.entry("consent", sent, err)
		return p.again(err, p.T("handover.new", nil), handoverNewPage(p, v))
	}
	return p.done(p.path("handover", string(v.ID0()), string(n.ID)), "handover_created")
}

// readNew reads a form. What cannot be read is left for the store to refuse.
func (p *page) readNew(v sending, sent url.Values) handover.New {
	c := handover.Consent{
		ID: sent.Get("consent"), Giver: handover.Giver(sent.Get("giver")), How: handover.How(sent.Get("how")), Level: handover.Level(sent.Get("level")),
		Language: sent.Get("language"), Purpose: purposeOf(v.Offer),
	}
	for _, x := range sent["categories"] {
		c.Categories = append(c.Categories, handover.Category(x))
	}
	if day, err := time.ParseInLocation(time.DateOnly, sent.Get("until"), p.site.zone); err == nil {
		c.Until = day.AddDate(0, 0, 1) // the whole day still counts
	}
	n := handover.New{
		ID: handover.ID(sent.Get("handover")), Sender: v.ID0(), Receiver: v.Offer.Owner, Service: string(v.Offer.ID), Consent: c,
		Box: sent.Get("box"), Sends: sent.Get("sends"), Takes: sent.Get("takes"), Files: attachedTo(sent),
	}
	if v.Letter {
		n.Letter, n.Box, n.Files = &handover.Letter{Phone: strings.TrimSpace(sent.Get("phone"))}, "", nil
		return n
	}
	n.Share, _ = base64.StdEncoding.DecodeString(sent.Get("share")) // what is none has the wrong length
	if days, err := strconv.Atoi(sent.Get("lapses")); err == nil {
		n.Lapses = days
	}
	return n
}

// sendingPairs are what a sender reads before writing: to whom, whether there is room, and the key to compare.
func (p *page) sendingPairs(v sending) []ui.Pair {
	out := []ui.Pair{
		{Label: p.T("handover.offer", nil), Text: p.offerName(v.Offer)},
		{Label: p.T("handover.to", nil), Text: v.To.Name},
		{Label: p.T("offer.room", nil), Text: p.roomText(v.Offer)},
	}
	if !v.Letter {
		out = append(out, ui.Pair{Label: p.T("sealkey.fingerprint", nil), Text: fingerprintShown(v.To.Key.ID)})
	}
	return out
}

// sealingOf is what the island needs to seal; nothing where there is nothing to seal.
func sealingOf(v sending) templ.Attributes {
	if v.Letter {
		return nil
	}
	raw := base64.StdEncoding.EncodeToString
	return templ.Attributes{
		"data-seal": "send", "data-handover": string(v.ID), "data-consent": v.Consent, "data-sender": string(v.ID0()), "data-receiver": string(v.To.Organisation),
		"data-sends": v.Mine.ID, "data-takes": v.To.Key.ID, "data-sender-public": raw(v.Mine.Public), "data-receiver-public": raw(v.To.Key.Public),
	}
}

// letterPhone asks for the number under which the sender can be called.
func (p *page) letterPhone(v sending) ui.Input {
	i := v.Form.field("phone")
	i.Label, i.Hint = p.T("envelope.phone", nil), p.T("envelope.phone_hint", nil)
	i.Required, i.InputMode, i.Autocomplete, i.Most = true, "tel", "off", 40
	return i
}

// purposeOf is the code of what an offer helps with.
func purposeOf(r directory.Record) string {
	if len(r.Kinds) > 0 {
		return r.Kinds[0]
	}
	return "help"
}

func (p *page) purposeName(key string) string {
	if p.site.Vocabulary != nil {
		if label, _, _ := p.site.Vocabulary.Label(key, p.Lang()); label != "" {
			return label
		}
	}
	return p.T("consent.help", nil)
}

func (p *page) consentFields(e entry) (giver, categories, level, how, until, language ui.Input) {
	of := func(name string, values []string) ui.Input {
		i := e.choices(name, "consent."+name+"s", values...)
		i.Required = true
		return i
	}
	giver, how, level = of("giver", texts(handover.Givers())), of("how", texts(handover.Hows())), of("level", texts(handover.Levels()))
	categories = e.choices("categories", "consent.category", texts(handover.Categories())...)
	categories.Required = true
	until = e.field("until")
	until.Required, until.Min, until.Max = true, p.now().Format(time.DateOnly), p.now().Add(handover.LongestConsent).Format(time.DateOnly)
	language = e.field("language")
	for _, l := range words.ResidentLanguages() {
		language.Options = append(language.Options, ui.Option{Value: l, Label: p.in(l).Name()})
	}
	return giver, categories, level, how, until, language
}

func texts[T ~string](xs []T) []string {
	out := make([]string, len(xs))
	for i, x := range xs {
		out[i] = string(x)
	}
	return out
}
