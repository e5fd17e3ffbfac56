package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"gevor/authz"
	"gevor/directory"
	"gevor/fault"
	"gevor/form"
	"gevor/internal/web/ui"
	"gevor/vocabulary"
)

// conceptOptions are the kinds of service of the vocabulary, by their names in the language of the page.
func (p *page) conceptOptions() []ui.Option {
	var out []ui.Option
	for _, c := range p.site.Vocabulary.Concepts() {
		if c.Kind == vocabulary.Service {
			label, _, _ := p.site.Vocabulary.Label(c.Key, p.Lang())
			out = append(out, ui.Option{Value: c.Key, Label: label})
		}
	}
	p.byLabel(out)
	return out
}

// named gives values as options, each named by "<key>.<value>".
func (p *page) named(key string, values ...string) []ui.Option {
	out := make([]ui.Option, len(values))
	for i, v := range values {
		out[i] = ui.Option{Value: v, Label: p.text(key + "." + v)}
	}
	return out
}

func plain[T ~string](in []T) []string {
	out := make([]string, len(in))
	for i, x := range in {
		out[i] = string(x)
	}
	return out
}

// spoken are the languages that an entry can name: those of the vocabulary and some more that are spoken in the region.
func spoken() []string {
	return []string{"de", "ar", "bg", "ckb", "en", "fa", "fr", "it", "kmr", "pl", "ro", "rom", "ru", "so", "sq", "sr", "ti", "tr", "uk", "gsg"}
}

func entryNew(p *page) error {
	h, err := p.entryHouse(authz.Create)
	if err != nil {
		return err
	}
	return p.render(http.StatusOK, p.T("entry.new", nil), entryForm(p, h, nil, p.begin("entry", "reach", "municipality", "draft", "")))
}

// entryFrom reads the form of an entry. What it cannot read is noted under its field.
func (p *page) entryFrom(sent url.Values, f *form.Fields) directory.Entry {
	one := func(name string) directory.Texts {
		if s := strings.TrimSpace(sent.Get(name)); s != "" {
			return directory.Texts{"de": s}
		}
		return nil
	}
	number := func(name string) int {
		s := strings.TrimSpace(sent.Get(name))
		if s == "" {
			return 0
		}
		n, err := strconv.Atoi(s)
		if err != nil {
			f.Add(name, "number")
		}
		return n
	}
	e := directory.Entry{
		Provider: directory.Provider{Name: sent.Get("provider"), Website: sent.Get("website"), Phone: sent.Get("phone"), Email: sent.Get("email")},
		Location: directory.Location{Street: sent.Get("street"), Postcode: sent.Get("postcode"), City: sent.Get("city"), Way: one("way")},
		Service: directory.Service{
			Name: one("name"), Summary: one("summary"), Description: one("details"), Kinds: sent["kinds"], Cost: directory.Cost(sent.Get("cost")), CostText: one("cost_text"),
			For:     directory.For{MinAge: number("min_age"), MaxAge: number("max_age"), Women: sent.Get("only") == "women", Men: sent.Get("only") == "men", Conditions: one("conditions")},
			Booking: sent.Get("booking"), Website: sent.Get("website"), Risk: directory.Risk(sent.Get("risk")), Draft: sent.Get("draft") == "yes", Version: number("version"),
		},
	}
	for name, to := range thirds(&e.Location) {
		*to, _ = directory.ThreeOf(sent.Get(name))
	}
	for _, i := range sent["insurance"] {
		e.Service.Insurance = append(e.Service.Insurance, directory.Insurance(i))
	}
	for _, a := range sent["access"] {
		e.Service.Access = append(e.Service.Access, directory.Access(a))
	}
	e.Service.Resources = sent["resources"]
	p.spokenAt(&e.Service, sent, f)
	e.Service.Area = directory.Area{Reach: directory.Reach(sent.Get("reach"))}
	switch e.Service.Area.Reach {
	case directory.Municipality, directory.DistrictReach:
		e.Service.Area.Keys = strings.FieldsFunc(sent.Get("area_keys"), func(r rune) bool { return r == ',' || r == ' ' || r == ';' })
	case directory.Radius:
		e.Service.Area.Km = float64(number("area_km"))
	case directory.ReachUnknown, directory.Nationwide, directory.Regionwide:
	}
	slots, unread := directory.ParseHours(sent.Get("hours"))
	if len(unread) > 0 {
		f.Add("hours", "hours_unread")
	}
	e.Place = directory.Place{Hours: directory.Hours{Slots: slots, Always: sent.Get("always") == "yes", Holidays: directory.Holidays(sent.Get("holidays"))}}
	if sent.Get("phone") != "" || sent.Get("email") != "" {
		e.Place.Contacts = []directory.Contact{{Phone: sent.Get("phone"), Email: sent.Get("email")}}
	}
	return e
}

// thirds are the fields of a location that are yes, no or unknown, by their names in the form.
func thirds(l *directory.Location) map[string]*directory.Three {
	return map[string]*directory.Three{"step_free": &l.StepFree, "lift": &l.Lift, "toilet": &l.Toilet, "parking": &l.Parking, "hearing": &l.Hearing}
}

// spokenAt reads the languages that are ticked, and the hours of those that are not always spoken: one language a line,
// "Arabisch: Di 14–16". Whoever names hours of a language need not tick it.
func (p *page) spokenAt(s *directory.Service, sent url.Values, f *form.Fields) {
	hours := map[string][]directory.Slot{}
	tags := slices.Clone(sent["languages"])
	for _, line := range strings.Split(sent.Get("language_hours"), "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		name, when, _ := strings.Cut(line, ":")
		tag := p.tagOf(strings.TrimSpace(name))
		slots, unread := directory.ParseHours(when)
		if tag == "" || len(slots) == 0 || len(unread) > 0 {
			f.Add("language_hours", "hours_unread")
			return
		}
		if !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
		hours[tag] = append(hours[tag], slots...)
	}
	for _, tag := range tags {
		s.Languages = append(s.Languages, directory.Language{Tag: tag, Hours: hours[tag]})
	}
}

// tagOf gives the tag of a language by its name on the page, or by the tag itself; empty where it is none of those that
// entries name.
func (p *page) tagOf(name string) string {
	for _, tag := range spoken() {
		if strings.EqualFold(name, tag) || strings.EqualFold(name, p.languageName(tag)) {
			return tag
		}
	}
	return ""
}

// rules are what entries of this installation are held against.
func (p *page) rules() directory.Rules {
	return directory.Rules{Kind: func(k string) bool {
		_, ok := p.site.Vocabulary.Concept(k)
		return ok
	}}
}

// saveEntry keeps what was sent, or shows the form again.
func (p *page) saveEntry(h houseView, rec *directory.Record, title string) error {
	sent, err := p.form()
	if err != nil {
		return err
	}
	var wrong form.Fields
	e := p.entryFrom(sent, &wrong)
	e.Provider.Owner, e.Location.Owner, e.Service.Owner = h.ID, h.ID, h.ID
	if rec != nil {
		e = e.Onto(*rec)
	}
	if err = wrong.Err(); err == nil {
		_, err = p.site.Entries.SaveEntry(p.req.Context(), p.actor, p.now(), e, p.rules())
	}
	if err != nil {
		return p.refused(err, "entry", sent, title, func(f entry) templ.Component {
			if rec != nil && fault.KindOf(err) == fault.Stale {
				f.values.Set("version", strconv.Itoa(rec.Version))
			}
			return entryForm(p, h, rec, f)
		})
	}
	return p.done(p.path("entries", string(h.ID)), "saved")
}

func entryCreate(p *page) error {
	h, err := p.entryHouse(authz.Create)
	if err != nil {
		return err
	}
	return p.saveEntry(h, nil, p.T("entry.new", nil))
}

func entryEdit(p *page) error {
	h, rec, err := p.entryOf(authz.Change)
	if err != nil {
		return err
	}
	name, _ := rec.Name.In(p.Lang())
	return p.render(http.StatusOK, name, entryForm(p, h, &rec, p.entry("entry", p.entryValues(rec), nil)))
}

// entryValues puts a record into the fields of its form.
func (p *page) entryValues(r directory.Record) url.Values {
	v := url.Values{}
	german := func(t directory.Texts) string { s, _ := t.In("de"); return s }
	number := func(n int) string {
		if n == 0 {
			return ""
		}
		return strconv.Itoa(n)
	}
	for name, value := range map[string]string{
		"provider": r.Provider.Name, "name": german(r.Name), "summary": german(r.Summary), "details": german(r.Description), "cost": string(r.Cost), "cost_text": german(r.CostText),
		"min_age": number(r.For.MinAge), "max_age": number(r.For.MaxAge), "conditions": german(r.For.Conditions), "booking": r.Booking, "website": r.Website, "risk": string(r.Risk),
		"reach": string(r.Area.Reach), "area_keys": strings.Join(r.Area.Keys, ", "), "version": strconv.Itoa(r.Version),
	} {
		v.Set(name, value)
	}
	switch {
	case r.For.Women:
		v.Set("only", "women")
	case r.For.Men:
		v.Set("only", "men")
	}
	if r.Draft {
		v.Set("draft", "yes")
	}
	v["kinds"], v["insurance"], v["access"] = r.Kinds, plain(r.Insurance), plain(r.Access)
	var spoken []string
	for _, l := range r.Languages {
		v.Add("languages", l.Tag)
		if len(l.Hours) > 0 {
			spoken = append(spoken, p.languageName(l.Tag)+": "+directory.FormatHours(l.Hours))
		}
	}
	v.Set("language_hours", strings.Join(spoken, "\n"))
	v["resources"] = r.Resources
	if r.Area.Km > 0 {
		v.Set("area_km", strconv.FormatFloat(r.Area.Km, 'f', -1, 64))
	}
	if len(r.Locations) > 0 {
		l := r.Locations[0]
		v.Set("street", l.Street)
		v.Set("postcode", l.Postcode)
		v.Set("city", l.City)
		v.Set("way", german(l.Way))
		for name, at := range thirds(&l) {
			v.Set(name, at.String())
		}
	}
	if len(r.Places) > 0 {
		place := r.Places[0]
		v.Set("hours", directory.FormatHours(place.Hours.Slots))
		v.Set("holidays", string(place.Hours.Holidays))
		if place.Hours.Always {
			v.Set("always", "yes")
		}
		if len(place.Contacts) > 0 {
			v.Set("phone", place.Contacts[0].Phone)
			v.Set("email", place.Contacts[0].Email)
		}
	}
	return v
}

func entryChange(p *page) error {
	h, rec, err := p.entryOf(authz.Change)
	if err != nil {
		return err
	}
	name, _ := rec.Name.In(p.Lang())
	return p.saveEntry(h, &rec, name)
}
