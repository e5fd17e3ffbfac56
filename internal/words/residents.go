package words

import "golang.org/x/text/language"

// residents.go holds what differs for residents: they read more languages than the administration, and of each one is
// said whether a person has confirmed it.

// ResidentLanguages lists the BCP 47 tags in which residents' pages exist, in the order in which they are offered.
// de-simple is Leichte Sprache; Kurmanji (kmr, Latin letters) and Sorani (ckb, Arabic letters) are two languages.
// Languages are among them; the others hold the keys of Residents and nothing else.
func ResidentLanguages() []string {
	return []string{"de", "de-simple", "en", "tr", "ar", "uk", "ru", "ro", "bg", "pl", "fr", "fa", "kmr", "ckb"}
}

// Residents lists what residents read: whole keys, and beginnings of keys, which end in a dot. A language that only
// residents read must hold every such key of the German catalogue; TestResidents fails where one is missing.
func Residents() []string {
	return []string{
		"finder.", "offer.", "sheet.", "help.", "uninsured.", "hurdle.", "offline.", "legal.", "weekday.", "language.", "hint.fields.",
		"entry.always", "entry.unknown", "entry.modified", "entry.room_unknown", "entry.room_on",
		"entry.rooms.", "entry.hows.", "entry.resource.", "entry.insurances.", "entry.costs.", "entry.ways.",
		"field.choose", "field.empty", "field.short", "field.long", "field.invalid", "feedback.trap",
		"synthetic", "synthetic_short", "ui.close_menu", "ui.errors", "ui.footer_nav", "ui.language", "ui.optional", "ui.print", "ui.search",
		"ui.section.finder", "ui.sign_in", "ui.sub_nav", "ui.theme", "ui.theme_auto", "ui.theme_dark", "ui.theme_light", "ui.view",
		"web.crumbs", "web.done.hurdle", "web.done.suggested", "web.menu", "web.moment", "web.nav_label", "web.skip", "web.synthetic_band", "web.tagline",
		"web.nav.emergency", "web.nav.finder", "web.nav.hurdle", "web.nav.sheet", "web.nav.uninsured",
		"web.nav.accessibility", "web.nav.feedback", "web.nav.imprint", "web.nav.privacy",
		"web.footer.licence", "web.footer.source_code", "web.footer.sources", "web.footer.what",
		"receipt.", "slip.", "field.receipt", "field.slip", "web.done.receipt_withdrawn", "web.done.slip",
		"consent.title", "consent.categories", "consent.level", "consent.until", "consent.purpose", "consent.help", "consent.sentence", "consent.free",
		"consent.sign", "consent.sign_second", "consent.witness", "consent.version", "consent.category.", "consent.levels.", "consent.givers.",
		"web.failure.not-found.", "web.failure.invalid.", "web.failure.too-large.", "web.failure.busy.", "web.failure.internal.", "web.failure.cross-site.",
	}
}

// head is what the file of a language says about itself.
type head struct {
	// Name is what the language calls itself.
	Name string
	// Made says how the texts came about: "original" where they were written in this language, "machine" where a machine
	// translated them.
	Made string
	// ConfirmedBy is the person, with organisation, who has read every text and found it right; empty as long as the
	// texts count as made by a machine.
	ConfirmedBy string `toml:"confirmed_by"`
	ConfirmedOn string `toml:"confirmed_on"` // ISO 8601
}

// Name is what the language calls itself.
func (p *Printer) Name() string { return p.head.Name }

// Unconfirmed says whether the texts are a translation that no named person has confirmed: pages say so, and show the
// German beside it where a wrong word could do harm.
func (p *Printer) Unconfirmed() bool { return p.head.Made != "original" && p.head.ConfirmedBy == "" }

// pluralsOf is the language whose plural rules (CLDR) hold.
func pluralsOf(lang string) language.Tag {
	switch lang {
	case "de-simple":
		lang = "de"
	case "kmr":
		lang = "ku" // CLDR knows Kurmanji under the name of the macrolanguage
	}
	return language.Make(lang)
}

// numbersOf is the language whose way of writing numbers holds. Digits are those of German forms, tickets and telephones
// in every language, so that a number can be compared with what stands on paper.
func numbersOf(lang string) language.Tag {
	switch lang {
	case "de-simple", "kmr":
		lang = "de"
	case "ar", "ckb":
		lang = "ar-u-nu-latn"
	case "fa":
		lang = "fa-u-nu-latn"
	}
	return language.Make(lang)
}

// dateOf is the layout of a date: by day, month and year of the calendar that German offices use, in every language.
func dateOf(lang string) string {
	switch lang {
	case "en":
		return "2 January 2006"
	case "fr", "ar", "ckb":
		return "02/01/2006"
	case "bg":
		return "02.01.2006 г."
	}
	return "02.01.2006"
}
