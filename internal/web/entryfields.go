package web

import (
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"gevor/directory"
	"gevor/internal/web/ui"
	"gevor/internal/words"
)

// fieldset is the fields of a form by name, in the order in which problems are listed.
type fieldset struct{ all []ui.Input }

func (f fieldset) of(name string) ui.Input {
	for _, i := range f.all {
		if i.Name == name {
			return i
		}
	}
	return ui.Input{Name: name, Label: name}
}

// entryFields are the fields of an entry's form.
func (p *page) entryFields(f entry) fieldset {
	unknown := ui.Option{Value: "", Label: p.T("entry.unknown", nil)}
	with := func(first ui.Option, rest ...ui.Option) []ui.Option { return append([]ui.Option{first}, rest...) }
	languages := make([]ui.Option, len(spoken()))
	for i, tag := range spoken() {
		languages[i] = ui.Option{Value: tag, Label: p.text("language." + tag)}
	}
	inputs := []ui.Input{
		{Name: "provider", Required: true, Most: 200, Autocomplete: "organization"},
		{Name: "name", Required: true, Most: 200},
		{Name: "summary", Rows: 3, Most: 400},
		{Name: "details", Rows: 6, Most: 8000},
		{Name: "kinds", Options: p.conceptOptions(), Required: true},
		{Name: "min_age", Width: "short", InputMode: "numeric"},
		{Name: "max_age", Width: "short", InputMode: "numeric"},
		{Name: "only", Options: with(ui.Option{Value: "", Label: p.T("entry.only_all", nil)}, p.named("entry.onlys", "women", "men")...)},
		{Name: "insurance", Options: p.named("entry.insurances", plain(directory.Insurances())...)},
		{Name: "conditions", Most: 400},
		{Name: "reach", Options: with(unknown, p.named("entry.reachs", "nationwide", "region", "municipality", "district", "radius")...)},
		{Name: "area_keys", Width: "medium"},
		{Name: "area_km", Width: "short", InputMode: "numeric"},
		{Name: "cost", Options: with(unknown, p.named("entry.costs", "free", "fee", "copayment")...)},
		{Name: "cost_text", Most: 400},
		{Name: "access", Options: p.named("entry.ways", plain(directory.AccessWays())...)},
		{Name: "languages", Options: languages},
		{Name: "language_hours", Rows: 3},
		{Name: "resources", Options: p.named("entry.resource", directory.Resources()...)},
		{Name: "street", Most: 200, Autocomplete: "off"},
		{Name: "postcode", Width: "short", InputMode: "numeric", Autocomplete: "off"},
		{Name: "city", Width: "medium", Autocomplete: "off"},
		{Name: "way", Most: 400},
		{Name: "step_free", Options: p.named("entry.steps", "unknown", "yes", "no")},
		{Name: "lift", Any: unknown.Label, Options: p.named("entry.steps", "yes", "no"), Width: "short"},
		{Name: "toilet", Any: unknown.Label, Options: p.named("entry.steps", "yes", "no"), Width: "short"},
		{Name: "parking", Any: unknown.Label, Options: p.named("entry.steps", "yes", "no"), Width: "short"},
		{Name: "hearing", Any: unknown.Label, Options: p.named("entry.steps", "yes", "no"), Width: "short"},
		{Name: "hours", Rows: 4},
		{Name: "always"},
		{Name: "holidays", Options: with(unknown, p.named("entry.days_off", "closed", "as-usual")...)},
		{Name: "phone", Type: "tel", Width: "medium", Autocomplete: "off"},
		{Name: "email", Type: "email", Autocomplete: "off"},
		{Name: "website", Type: "url"},
		{Name: "booking", Type: "url"},
		{Name: "risk", Options: with(ui.Option{Value: "", Label: p.T("entry.risk_steady", nil)}, p.named("entry.risks", "advising", "acute")...)},
		{Name: "draft"},
	}
	for i := range inputs {
		inputs[i] = f.fill(inputs[i])
	}
	return fieldset{inputs}
}

func (p *page) entryTitle(rec *directory.Record) string {
	if rec == nil {
		return p.T("entry.new", nil)
	}
	name, _ := rec.Name.In(p.Lang())
	return name
}

func (p *page) entryAction(h houseView, rec *directory.Record) templ.SafeURL {
	if rec == nil {
		return p.link("entry-create", string(h.ID))
	}
	return p.link("entry-change", string(h.ID), string(rec.ID))
}

func (p *page) keepState(v entriesView) []ui.Pair {
	if v.State == "" {
		return nil
	}
	return []ui.Pair{{Label: "state", Text: v.State}}
}

// entryStates lists how entries can stand, the most urgent first.
func entryStates() []string { return []string{"expired", "never", "soon", "good", "draft", "ended"} }

// stateTabs narrow the list of entries to one state.
func (p *page) stateTabs(v entriesView) []ui.Link {
	out := []ui.Link{{Label: p.T("entry.all", nil), Href: p.filter("state", ""), Current: v.State == "", Count: strconv.Itoa(v.All)}}
	for _, state := range entryStates() {
		if v.Counts[state] > 0 {
			out = append(out, ui.Link{Label: p.text("entry.state." + state), Href: p.filter("state", state), Current: v.State == state, Count: strconv.Itoa(v.Counts[state])})
		}
	}
	return out
}

// roomText says how much room there is and when somebody said so.
func (p *page) roomText(r directory.Record) string {
	c := r.Capacity.At(p.now())
	if c.Room == directory.RoomUnknown {
		return p.T("entry.room_unknown", nil)
	}
	return p.T("entry.room_on", with{"Room": p.text("entry.rooms." + string(c.Room)), "Date": p.day(c.On)})
}

func (p *page) standingPairs(r directory.Record) []ui.Pair {
	trust := r.TrustAt(directory.Whole, r.Confirmations, p.now())
	confirmed := p.T("entry.never_confirmed", nil)
	if !trust.Confirmed.IsZero() {
		confirmed = p.T("entry.confirmed_on", with{"Date": p.day(trust.Confirmed), "How": p.text("entry.hows." + string(trust.How)), "Until": p.day(trust.Until)})
	}
	return []ui.Pair{
		{Label: p.T("entry.stands", nil), Text: p.text("entry.state." + p.entryState(r))},
		{Label: p.T("entry.confirmed", nil), Text: confirmed},
		{Label: p.T("release.level", nil), Text: p.text("release.levels." + r.Released.Level.String())},
		{Label: p.T("entry.room", nil), Text: p.roomText(r)},
	}
}

// standing is what an entry says now about a field that somebody calls wrong.
func (p *page) standing(r directory.Record, field string) string {
	var place directory.Place
	if len(r.Places) > 0 {
		place = r.Places[0]
	}
	switch field {
	case "hours":
		return directory.FormatHours(place.Hours.Slots)
	case "phone":
		return p.callNumber(r)
	case "address":
		return addressOf(r)
	case "languages":
		var out []string
		for _, l := range r.Languages {
			out = append(out, p.languageName(l.Tag))
		}
		return strings.Join(out, ", ")
	case "insurance":
		var out []string
		for _, i := range r.Insurance {
			out = append(out, p.text("entry.insurances."+string(i)))
		}
		return strings.Join(out, ", ")
	case "cost":
		if r.Cost != directory.CostUnknown {
			return p.text("entry.costs." + string(r.Cost))
		}
	}
	return ""
}

// languageName names a language in that of the page; one without a word in the catalogue shows its tag.
func (p *page) languageName(tag string) string {
	base, _, _ := strings.Cut(tag, "-")
	for _, t := range []string{tag, base} {
		if key := "language." + t; p.Has(key) {
			return p.text(key)
		}
	}
	return tag
}

func addressOf(r directory.Record) string {
	if len(r.Locations) == 0 {
		return ""
	}
	l := r.Locations[0]
	return strings.Trim(l.Street+", "+strings.TrimSpace(l.Postcode+" "+l.City), ", ")
}

// callNumber is the number under which a provider is reached about an entry.
func (p *page) callNumber(r directory.Record) string {
	for _, place := range r.Places {
		for _, c := range place.Contacts {
			if c.Phone != "" {
				return c.Phone
			}
		}
	}
	if r.Provider.Phone != "" {
		return r.Provider.Phone
	}
	return words.Unknown
}

// letterPairs is what an entry says, for whoever checks it without an account.
func (p *page) letterPairs(x directory.Service) []ui.Pair {
	var out []ui.Pair
	add := func(key, text string) {
		if text != "" {
			out = append(out, ui.Pair{Label: p.text(key), Text: text})
		}
	}
	summary, _ := x.Summary.In(p.Lang())
	add("entry.summary", summary)
	for i := range x.Places {
		add("entry.hours", directory.FormatHours(x.Places[i].Hours.Slots))
		for _, c := range x.Places[i].Contacts {
			add("entry.phone", c.Phone)
			add("entry.email", c.Email)
		}
	}
	var languages []string
	for _, l := range x.Languages {
		languages = append(languages, p.languageName(l.Tag))
	}
	add("entry.languages", strings.Join(languages, ", "))
	if x.For.MinAge > 0 {
		add("entry.min_age", strconv.Itoa(x.For.MinAge))
	}
	if x.For.MaxAge > 0 {
		add("entry.max_age", strconv.Itoa(x.For.MaxAge))
	}
	if !x.Modified.IsZero() {
		add("entry.modified", p.Date(x.Modified.In(p.site.zone).Format(time.DateOnly)))
	}
	return out
}
