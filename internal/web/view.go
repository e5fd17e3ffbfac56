package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"gevor/authz"
	"gevor/fault"
	"gevor/internal/web/ui"
	"gevor/internal/words"
)

// What a reader chose about how pages look is kept in two cookies. They say nothing about who the reader is, are set
// only on the reader's own choice, and are read by nobody but this installation.
const (
	themeCookie    = "gevor-theme"
	languageCookie = "gevor-language"
	keepChoice     = 365 * 24 * time.Hour
)

// viewRoutes are the addresses to which the switches of the header send, and the pages that every installation has.
func viewRoutes() []Route {
	return []Route{
		{
			Name: "theme", Method: http.MethodPost, Access: Access{authz.Site, authz.View}, Handle: chooseTheme,
			Patterns: map[string]string{"": "/view/theme"},
		},
		{
			Name: "language", Method: http.MethodPost, Access: Access{authz.Site, authz.View}, Handle: chooseLanguage,
			Patterns: map[string]string{"": "/view/language"},
		},
	}
}

// theme is what the reader chose: "light", "dark", or empty for what the device says.
func (p *page) theme() string {
	if c, err := p.req.Cookie(themeCookie); err == nil && (c.Value == "light" || c.Value == "dark") {
		return c.Value
	}
	return ""
}

func chooseTheme(p *page) error {
	sent, err := p.form()
	if err != nil {
		return err
	}
	switch to := sent.Get("theme"); to {
	case "light", "dark":
		p.keep(themeCookie, to)
	case "auto":
		p.keep(themeCookie, "")
	default:
		return fault.New(fault.Invalid, "theme", "there is no such theme", "choose one of the buttons")
	}
	http.Redirect(p.res, p.req, p.next(sent.Get("next")), http.StatusSeeOther)
	return nil
}

func chooseLanguage(p *page) error {
	sent, err := p.form()
	if err != nil {
		return err
	}
	lang := sent.Get("language")
	if !slices.Contains(words.ResidentLanguages(), lang) {
		return fault.New(fault.Invalid, "language", "there is no such language", "choose one of the buttons")
	}
	p.keep(languageCookie, lang)
	p.Printer = p.site.words[lang] // where there is nowhere to go back to, the start page is in the new language
	http.Redirect(p.res, p.req, p.next(sent.Get("next")), http.StatusSeeOther)
	return nil
}

// keep remembers a choice for a year; an empty value forgets it.
func (p *page) keep(name, value string) {
	c := &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(keepChoice / time.Second), HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: p.req.TLS != nil || strings.HasPrefix(p.site.PublicURL, "https:"),
	}
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(p.res, c)
}

// sectionOrder lists the sections of the header; what belongs to the account stands in its own menu.
func sectionOrder() []string { return []string{"finder", "atlas", "house", "system"} }

// under says at which entry of the navigation a page stands that is none itself.
var under = map[string]string{"finding": "findings", "district": "districts", "text-edit": "texts", "text-history": "texts", "feedback-ask": "feedback-list", "dossier": "dossiers", "dossier-new": "dossiers", "measure": "dossiers", "decision": "decisions", "body": "alliance"}

// navigate fills in everything by which one gets from a page to others: sections, account, languages, theme, footer.
func (p *page) navigate(f *ui.Frame) {
	for _, key := range sectionOrder() {
		at, tag := p, ""
		if key != "finder" {
			at, tag = p.forProfessionals()
		}
		s := ui.Section{Label: at.T("ui.section."+key, nil), Lang: tag, Entries: at.navEntries(key), Current: p.route != nil && p.route.Section == key}
		if len(s.Entries) > 0 && (key != "finder" || p.site.Finder != nil) {
			s.Href = s.Entries[0].Href
			f.Sections = append(f.Sections, s)
		}
	}
	f.Languages = p.languageLinks()
	f.LanguageAction, f.ThemeAction, f.Theme, f.Here = p.link("language"), p.link("theme"), p.theme(), p.here()
	if key := "web.done." + p.first("done"); p.first("done") != "" && p.Has(key) {
		f.Done = p.T(key, nil)
	}
	for _, name := range []string{"imprint", "privacy", "accessibility", "feedback"} {
		if name != "feedback" || p.site.Feedback != nil {
			f.Foot = append(f.Foot, ui.Link{Label: p.T("web.nav."+name, nil), Href: p.link(name)})
		}
	}
	if p.actor.SignedIn() {
		f.Account = p.account()
	} else if p.site.Doors != nil && p.site.byName["sign-in"] != nil {
		f.SignIn = p.link("sign-in")
	}
}

// navEntries are the pages of a section that the reader may open, in the order of their places.
func (p *page) navEntries(section string) []ui.NavItem {
	var rows []*Route
	for i := range p.site.routes {
		if r := &p.site.routes[i]; r.Nav > 0 && r.Section == section && p.opens(r) {
			rows = append(rows, r)
		}
	}
	slices.SortStableFunc(rows, func(a, b *Route) int { return a.Nav - b.Nav })
	var out []ui.NavItem
	for _, r := range rows {
		var values []string
		if of := places(r.Patterns[p.Lang()]); len(of) > 0 {
			if len(of) > 1 || of[0] != "org" || len(p.actor.Memberships) == 0 {
				continue
			}
			values = []string{string(p.ownHouse())}
		}
		current := p.route != nil && (p.route.Name == r.Name || under[p.route.Name] == r.Name)
		out = append(out, ui.NavItem{Label: p.T("web.nav."+r.Name, nil), Href: p.link(r.Name, values...), Current: current})
	}
	return out
}

// ownHouse is the organisation that links without one lead to: that of this page, or the reader's first.
func (p *page) ownHouse() authz.OrganisationID {
	if at := authz.OrganisationID(p.req.PathValue("org")); p.actor.Member(at) {
		return at
	}
	return p.actor.Memberships[0].Organisation
}

func (p *page) account() *ui.Account {
	a := &ui.Account{Name: p.person.Name, Entries: p.navEntries("account")}
	if p.site.byName["sign-out"] != nil {
		a.SignOut = p.link("sign-out")
	}
	if p.site.byName["organisation"] == nil {
		return a
	}
	for _, m := range p.actor.Memberships {
		name, err := p.houseName(p.req.Context(), m.Organisation)
		if err != nil {
			p.site.Log.Error("the name of an organisation cannot be read", "cause", err)
			continue
		}
		a.Houses = append(a.Houses, ui.Link{Label: name, Href: p.link("organisation", string(m.Organisation))})
	}
	return a
}

func (p *page) houseName(ctx context.Context, id authz.OrganisationID) (string, error) {
	o, err := p.site.Houses.Organisation(ctx, p.actor, id)
	return o.Name, err
}

// here is the address of this page to come back to; of what was sent there is none.
func (p *page) here() string {
	if p.req.Method != http.MethodGet && p.req.Method != http.MethodHead {
		return p.path(p.beginning())
	}
	return string(p.filter("page", p.first("page"))) // without what is told only once
}
