package web

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"gevor/authz"
	"gevor/contact"
	"gevor/directory"
	"gevor/fault"
	"gevor/form"
	"gevor/internal/finder"
	"gevor/internal/web/ui"
	"gevor/vocabulary"
)

// Contacts is what the pages ask of the log of contacts. Every method decides for the actor.
type Contacts interface {
	RecordContact(ctx context.Context, actor authz.Actor, at time.Time, o authz.OrganisationID, e contact.Entry) (fresh bool, err error)
	TakeContactBack(ctx context.Context, actor authz.Actor, at time.Time, o authz.OrganisationID, key string) error
	ContactFigures(ctx context.Context, actor authz.Actor, o authz.OrganisationID, from, to string) (contact.Figures, []string, error)
	ContactTotals(ctx context.Context, actor authz.Actor, from, to time.Time) (contact.Totals, error)
}

// ContactLog says how an installation keeps contacts.
type ContactLog struct {
	Notes bool           // whether a short note may be written
	Forms []contact.Form // of reports; empty takes the built-in ones
	Terms contact.Terms  // what the pages say is kept how long; zero is the usual ones
}

// complete fills in what nobody chose.
func (l *ContactLog) complete() (err error) {
	if len(l.Forms) == 0 {
		l.Forms, err = contact.UsualForms()
	}
	if l.Terms == (contact.Terms{}) {
		l.Terms = contact.UsualTerms()
	}
	return err
}

// contactRoutes are the addresses of the log of contacts.
func contactRoutes() []Route {
	at := func(name string, kind authz.Kind, do authz.Action, de, en string, handle handler) Route {
		return Route{
			Name: name, Section: "house", Access: Access{kind, do}, States: []State{SignedIn}, Handle: handle,
			Patterns: map[string]string{"de": "/de/organisationen/{org}/kontakte" + de, "en": "/en/organisations/{org}/contacts" + en},
		}
	}
	write := at("contact-new", authz.Contact, authz.Create, "/neu", "/new", contactNew)
	write.Nav = 2
	return []Route{
		at("contacts", authz.ContactFigures, authz.View, "", "", contactFigures),
		post(at("contact-release", authz.ContactFigures, authz.Share, "/freigabe", "/release", contactRelease)),
		write,
		post(at("contact-create", authz.Contact, authz.Create, "/neu", "/new", contactCreate)),
		post(at("contact-send", authz.Contact, authz.Create, "/senden", "/send", contactSend)),
		post(at("contact-back", authz.Contact, authz.Remove, "/zuruecknehmen", "/take-back", contactBack)),
		{
			Name: "contact-totals", Section: "system", Nav: 31, Access: Access{authz.Totals, authz.View}, States: []State{SignedIn}, Handle: contactTotals,
			Patterns: map[string]string{"de": "/de/kontakte", "en": "/en/contacts"},
		},
	}
}

// contactHouse gives the organisation of the address where the reader may write contacts for it.
func (p *page) contactHouse() (houseView, error) {
	if err := p.may(authz.Create, owned(authz.Contact, p.org())); err != nil {
		return houseView{}, err
	}
	return p.house("contacts")
}

// contactCodes are what the parts of an entry may be here.
func (p *page) contactCodes() contact.Codes {
	c := contact.Codes{Needs: map[string][]string{}, Languages: spoken(), Notes: p.site.ContactLog.Notes}
	for _, x := range p.site.Vocabulary.Concepts() {
		switch x.Kind {
		case vocabulary.Situation:
			c.Situations = append(c.Situations, x.Key)
		case vocabulary.Need:
			c.Needs[x.Key] = p.situationsOf(x.Key)
		case vocabulary.Service:
		}
	}
	for _, a := range p.site.Finder.Ground().Areas {
		c.Districts = append(c.Districts, a.Key)
	}
	return c
}

// situationsOf are the life situations that a need belongs to.
func (p *page) situationsOf(need string) []string {
	var out []string
	for _, key := range p.site.Vocabulary.Broader(need) {
		if x, ok := p.site.Vocabulary.Concept(key); ok && x.Kind == vocabulary.Situation {
			out = append(out, key)
		}
	}
	return out
}

// contactView is the page on which a contact is written.
type contactView struct {
	houseView
	Key    string // of the entry, made for the page
	Groups []needGroup
	Form   entry
	Signs  string // what notes are refused for, as JSON for the island; empty where there are no notes
}

// needGroup is a life situation with its needs; values are "situation/need".
type needGroup struct {
	Key, Label string
	Needs      []ui.Option
}

func (p *page) contactView() (v contactView, err error) {
	if v.houseView, err = p.contactHouse(); err != nil {
		return v, err
	}
	v.Key = strings.ToLower(rand.Text()) // 26 of a–z and 2–7, as devices make them
	v.Groups = p.needGroups()
	if p.site.ContactLog.Notes {
		v.Signs = asJSON(contact.Signs())
	}
	return v, nil
}

// needGroups are the life situations of the vocabulary that have needs.
func (p *page) needGroups() (out []needGroup) {
	all := p.site.Vocabulary.Concepts()
	for _, s := range all {
		if s.Kind != vocabulary.Situation {
			continue
		}
		g := needGroup{Key: s.Key, Label: p.concept(s.Key)}
		for _, n := range all {
			if n.Kind == vocabulary.Need && slices.Contains(n.Parents, s.Key) {
				g.Needs = append(g.Needs, ui.Option{Value: s.Key + "/" + n.Key, Label: p.concept(n.Key)})
			}
		}
		if len(g.Needs) > 0 {
			p.byLabel(g.Needs)
			out = append(out, g)
		}
	}
	return out
}

// concept is the name of a concept of the vocabulary, its key where it has none.
func (p *page) concept(key string) string {
	if label, _, _ := p.site.Vocabulary.Label(key, p.Lang()); label != "" {
		return label
	}
	return key
}

func contactNew(p *page) error {
	v, err := p.contactView()
	if err != nil {
		return err
	}
	v.Form = p.begin("contact", "kind", string(contact.Short), "duration", string(contact.UpTo5), "language", contact.German, "reason", "")
	return p.render(http.StatusOK, p.T("contact.new", nil), contactPage(p, v))
}

func contactCreate(p *page) error {
	v, err := p.contactView()
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	if err := p.recordContact(v.ID, sent); err != nil {
		v.Form = p.entry("contact", sent, err)
		if contact.ProperKey(sent.Get("key")) {
			v.Key = sent.Get("key")
		}
		return p.again(err, p.T("contact.new", nil), contactPage(p, v))
	}
	return p.done(p.path("contact-new", string(v.ID)), "contact_kept")
}

func (p *page) recordContact(o authz.OrganisationID, sent url.Values) error {
	e, err := p.contactCodes().Read(sent, contact.WeekOf(p.now().In(p.site.zone)))
	if err != nil {
		return err
	}
	_, err = p.site.Contacts.RecordContact(p.req.Context(), p.actor, p.now(), o, e)
	return err
}

// contactAnswer tells the queue of a device what became of an entry.
type contactAnswer struct {
	Key     string   `json:"key"`
	Refused []string `json:"refused,omitempty"` // why the server will never take it, in words
}

// contactSend takes an entry from the queue of a device. What is sent again is answered like the first time. Only an
// answer that names the key lets the device forget the entry.
func contactSend(p *page) error {
	h, err := p.contactHouse()
	if err != nil {
		return err
	}
	sent, err := p.form()
	if err != nil {
		return err
	}
	answer, status := contactAnswer{Key: sent.Get("key")}, http.StatusOK
	if err := p.recordContact(h.ID, sent); err != nil {
		if fault.KindOf(err) != fault.Invalid {
			return err
		}
		status = http.StatusUnprocessableEntity
		answer.Refused = p.whyRefused(err)
	}
	return p.answerQueue(status, answer)
}

func (p *page) answerQueue(status int, answer contactAnswer) error {
	p.res.Header().Set("Content-Type", "application/json")
	p.res.Header().Set("Cache-Control", "no-store")
	p.res.WriteHeader(status)
	return json.NewEncoder(p.res).Encode(answer)
}

func (p *page) whyRefused(err error) []string {
	var out []string
	for _, w := range form.Of(err) {
		if text := p.reason(w.Reason); !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	if len(out) == 0 {
		out = []string{p.T("contact.refused", nil)}
	}
	return out
}

// contactBack removes what the reader wrote by mistake.
func contactBack(p *page) error {
	sent, err := p.form()
	if err != nil {
		return err
	}
	if err := p.site.Contacts.TakeContactBack(p.req.Context(), p.actor, p.now(), p.org(), sent.Get("key")); err != nil {
		return err
	}
	return p.answerQueue(http.StatusOK, contactAnswer{Key: sent.Get("key")})
}

// Links from where a need shows.

// contactOwners are the organisations for which the reader writes contacts.
func (p *page) contactOwners() []authz.OrganisationID {
	if p.site.Contacts == nil {
		return nil
	}
	var out []authz.OrganisationID
	for _, m := range p.actor.Memberships {
		if p.can(authz.Create, owned(authz.Contact, m.Organisation)) {
			out = append(out, m.Organisation)
		}
	}
	return out
}

// prefill is what a link to the form says in its fragment: browsers keep that to themselves.
func prefill(pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return ""
	}
	return "#" + q.Encode()
}

// searchPrefill is what a search says about a contact: the need, and why it stays open where nothing was found.
func (p *page) searchPrefill(v finderView) string {
	need := ""
	for _, key := range slices.Concat(v.Needs, v.Results.Concepts) {
		if need = p.needAt(key); need != "" {
			break
		}
	}
	reason := contact.Met
	if v.Asked && v.Results.Total == 0 {
		reason = whyNothing(v.Results.Relax)
	}
	return prefill("need", need, "language", v.Speaks, "district", v.Home, "reason", string(reason))
}

// needAt gives a need as the form knows it: that of a concept, or the first one above it; empty where there is none.
func (p *page) needAt(key string) string {
	x, ok := p.site.Vocabulary.Concept(key)
	if ok && x.Kind == vocabulary.Service {
		for _, parent := range x.Parents {
			if need := p.needAt(parent); need != "" {
				return need
			}
		}
	}
	if !ok || x.Kind != vocabulary.Need {
		return ""
	}
	if s := p.situationsOf(key); len(s) > 0 {
		return s[0] + "/" + key
	}
	return ""
}

// whyNothing says why a search found nothing: the condition without which there would be most, or that there is no offer.
func whyNothing(relax []finder.Relaxation) contact.Reason {
	for _, r := range relax {
		switch r.Condition {
		case finder.ByLanguage:
			return contact.NoLanguage
		case finder.ByInsurance:
			return contact.Insurance
		case finder.ByFree:
			return contact.Cost
		case finder.ByOpen:
			return contact.Hours
		case finder.ByArea, finder.ByWithin:
			return contact.TooFar
		case finder.ByAge, finder.ByWalkIn, finder.ByStepFree:
		}
	}
	return contact.NoOffer
}

// chosenNeed says whether a form that is shown again has this need.
func (v contactView) chosenNeed(value string) bool {
	got := v.Form.values.Get("need")
	_, bare, _ := strings.Cut(value, "/")
	return got == value || got == bare
}

// contactFields are the fields of the form, filled as they stand.
func (p *page) contactFields(v contactView) (need, also, reason, kind, duration, language, district, deed, note ui.Input) {
	named := func(name, of string, codes []string) ui.Input {
		i := v.Form.field(name)
		for _, c := range codes {
			i.Options = append(i.Options, ui.Option{Value: c, Label: p.text("contact." + of + "." + strings.ReplaceAll(c, "-", "_"))})
		}
		return i
	}
	need = v.Form.field("need")
	also = v.Form.field("also")
	also.Any = p.T("contact.none_more", nil)
	for _, g := range v.Groups {
		for _, n := range g.Needs {
			_, bare, _ := strings.Cut(n.Value, "/")
			if !slices.ContainsFunc(also.Options, func(o ui.Option) bool { return o.Value == bare }) {
				also.Options = append(also.Options, ui.Option{Value: bare, Label: n.Label})
			}
		}
	}
	p.byLabel(also.Options)
	reason = named("reason", "reasons", texts(contact.Reasons()))
	reason.Options = append([]ui.Option{{Value: "", Label: p.T("contact.met", nil)}}, reason.Options...)
	kind, duration, deed = named("kind", "kinds", texts(contact.Kinds())), named("duration", "durations", texts(contact.Durations())), named("deed", "deeds", texts(contact.Deeds()))
	language, district = v.Form.field("language"), v.Form.field("district")
	for _, tag := range spoken() {
		language.Options = append(language.Options, ui.Option{Value: tag, Label: p.languageName(tag)})
	}
	district.Any, district.Options = p.T("contact.no_district", nil), p.areaOptions()
	note = v.Form.field("note")
	note.Most = contact.MostNote
	return need, also, reason, kind, duration, language, district, deed, note
}

func (p *page) formOptions(forms []contact.Form) []ui.Option {
	out := make([]ui.Option, len(forms))
	for i, f := range forms {
		out[i] = ui.Option{Value: f.Key, Label: f.In(p.Lang())}
	}
	return out
}

// offerPrefill is what an offer says about a contact: the need it is for.
func (p *page) offerPrefill(r directory.Record) string {
	for _, k := range r.Kinds {
		if need := p.needAt(k); need != "" {
			return prefill("need", need)
		}
	}
	return ""
}
