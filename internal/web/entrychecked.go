package web

import (
	"gevor/directory"
	"gevor/internal/web/ui"
)

// checkedField is a field of an entry that is confirmed by itself.
type checkedField struct {
	Field        string // one of directory.Checked
	Label, Right string // its name, and the button that confirms it
	Says, Trust  string // what stands there, and how far that may be believed
}

// hintOf names the field as readers do when they call it wrong.
func hintOf(field string) string {
	if field == "contacts" {
		return "phone"
	}
	return field
}

// checked lists the fields of an entry that are confirmed one by one.
func (p *page) checked(r directory.Record) []checkedField {
	var out []checkedField
	for _, f := range directory.Checked() {
		says := p.standing(r, hintOf(f))
		if says == "" {
			says = p.T("entry.unknown", nil)
		}
		trust := p.T("entry.never_confirmed", nil)
		if t := r.TrustAt(f, r.Confirmations, p.now()); !t.Confirmed.IsZero() {
			trust = p.T("entry.confirmed_on", with{"Date": p.day(t.Confirmed), "How": p.text("entry.hows." + string(t.How)), "Until": p.day(t.Until)})
		}
		out = append(out, checkedField{Field: f, Label: p.text("hint.fields." + hintOf(f)), Right: p.text("entry.right." + f), Says: says, Trust: trust})
	}
	return out
}

// howField asks how somebody made sure. What a source says of its own is none of the answers.
func (p *page) howField() ui.Input {
	return ui.Input{
		Name: "how", Label: p.T("entry.how", nil), Value: string(directory.ByOwner),
		Options: p.named("entry.hows", string(directory.ByOwner), string(directory.ByPhone), string(directory.ByMail), string(directory.ByVisit)),
	}
}

// believed says when and how a field of an offer was confirmed last.
func (p *page) believed(r directory.Record, field string) (string, ui.Kind) {
	t := r.TrustAt(field, r.Confirmations, p.now())
	if t.Confirmed.IsZero() {
		return p.T("offer.never", nil), ui.Warning
	}
	of := with{"Date": p.day(t.Confirmed), "How": p.text("entry.hows." + string(t.How))}
	if t.Expired {
		return p.T("offer.expired", of), ui.Warning
	}
	return p.T("offer.confirmed", of), ui.Success
}

// fieldTrust says how far a field may be believed where that differs from the whole offer: it was confirmed since, or is
// out of date sooner. Empty where the word on the whole holds for it too.
func (p *page) fieldTrust(r directory.Record, field string) string {
	whole, t := r.TrustAt(directory.Whole, r.Confirmations, p.now()), r.TrustAt(field, r.Confirmations, p.now())
	if t.Confirmed.IsZero() || t.Confirmed.Equal(whole.Confirmed) && t.Expired == whole.Expired {
		return ""
	}
	text, _ := p.believed(r, field)
	return text
}

// withTrust adds to what an offer says in a field how far that may be believed.
func (p *page) withTrust(text string, r directory.Record, field string) string {
	if trust := p.fieldTrust(r, field); trust != "" {
		return text + " · " + trust
	}
	return text
}
