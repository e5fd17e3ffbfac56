package web

import (
	"slices"
	"strings"

	"gevor/internal/web/ui"
	"gevor/internal/words"
)

// residents.go holds what differs on the pages that residents read: they exist in every language of the region, while
// those of professionals exist in German and English.

// residentPatterns gives the address of a residents' page in every language. German and English have words of their own;
// Leichte Sprache has those of German, every other language those of English, because an address is read out, typed and
// printed by people who share no alphabet.
func residentPatterns(de, en string) map[string]string {
	out := map[string]string{}
	for _, lang := range words.ResidentLanguages() {
		out[lang] = "/" + lang + "/help" + en
		if base, _, _ := strings.Cut(lang, "-"); base == "de" {
			out[lang] = "/" + lang + "/hilfe" + de
		}
	}
	return out
}

// Residents says whether the page exists in every language that residents read.
func (r *Route) Residents() bool { return len(r.Patterns) > len(words.Languages()) }

// onlyResidents says whether a language is one in which professionals' pages do not exist.
func onlyResidents(lang string) bool { return !slices.Contains(words.Languages(), lang) }

// forProfessionals is the page in a language in which professionals' pages exist, to name them and link to them; tag is
// that language where it is not the one of the page, else empty.
func (p *page) forProfessionals() (in *page, tag string) {
	if !onlyResidents(p.Lang()) {
		return p, ""
	}
	de := words.Languages()[0]
	return p.in(de), de
}

// in is the page in another language: its words, not its address.
func (p *page) in(lang string) *page {
	other := *p
	other.Printer, other.collator = p.site.words[lang], nil
	return &other
}

// beginning names the page to begin with: the finder where there is a directory, else the overview of the atlas.
func (p *page) beginning() string {
	if r := p.site.byName["finder"]; r.Room == nil || r.Room(&p.site.Config) {
		return "finder"
	}
	return "start"
}

// languages are those in which the page exists. What answers no page speaks as many as the address it was asked at.
func (p *page) languages() []string {
	if p.route != nil && p.route.Residents() || onlyResidents(p.Lang()) {
		return words.ResidentLanguages()
	}
	return words.Languages()
}

// languageLinks lead to this page in every language it exists in.
func (p *page) languageLinks() []ui.Language {
	var out []ui.Language
	for _, lang := range p.languages() {
		out = append(out, ui.Language{Tag: lang, Name: p.site.words[lang].Name(), Href: p.inLanguage(lang), Current: lang == p.Lang()})
	}
	return out
}

// unconfirmed says on a residents' page that nobody has confirmed its words yet; empty elsewhere.
func (p *page) unconfirmed() string {
	if p.route == nil || !p.route.Residents() || !p.Unconfirmed() {
		return ""
	}
	return p.T("finder.unconfirmed", nil)
}

// german is the German text that stands beside an unconfirmed translation where a wrong word could do harm; empty where
// none is needed.
func (p *page) german(key string) string {
	if !p.Unconfirmed() {
		return ""
	}
	return p.site.words[words.Languages()[0]].T(key, nil)
}

// accepted is the language of the catalogue for a tag of Accept-Language, empty where residents read none. What browsers
// call Kurdish without saying more is Kurmanji, unless it is written in Arabic letters; Dari is read as Persian.
func accepted(tag string) string {
	tag = strings.ToLower(tag)
	base, rest, _ := strings.Cut(tag, "-")
	switch {
	case slices.Contains(words.ResidentLanguages(), tag):
		return tag
	case slices.Contains(words.ResidentLanguages(), base):
		return base
	case base == "ku" && (strings.Contains(rest, "arab") || strings.Contains(rest, "iq")):
		return "ckb"
	case base == "ku":
		return "kmr"
	case base == "prs":
		return "fa"
	case base == "mo":
		return "ro"
	}
	return ""
}
