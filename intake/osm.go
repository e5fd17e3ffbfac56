package intake

import (
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"

	"gevor/directory"
	"gevor/osm"
)

// OSM takes over the places of an OpenStreetMap extract whose tags the vocabulary knows as a kind of help. Places without a
// name are left out without a word: a bench in a waiting room is no offer.
func OSM(pois []osm.POI, w *Words, o Options) ([]directory.Imported, error) {
	o, err := o.ready()
	if err != nil {
		return nil, err
	}
	var out []directory.Imported
	for i := range pois {
		kinds := w.tagged(pois[i].Tags)
		if len(kinds) == 0 || pois[i].Tags.Get("name") == "" {
			continue
		}
		if len(out) == o.Limits.Records {
			return nil, o.tooMany()
		}
		if x, ok := onePOI(&pois[i], kinds, w, &o); ok {
			out = append(out, x)
		}
	}
	return out, nil
}

// tagged gives the concepts that tags stand for: the most telling ones, so that a paediatrician is no family doctor as well.
func (w *Words) tagged(tags osm.Tags) []string {
	var broad, narrow []string
	for _, t := range tags {
		for v := range strings.SplitSeq(t.Value, ";") {
			for _, key := range w.osm[t.Key+"="+strings.TrimSpace(v)] {
				if strings.Contains(t.Key, ":") || t.Key == "social_facility" {
					narrow = append(narrow, key)
				} else {
					broad = append(broad, key)
				}
			}
		}
	}
	if len(narrow) == 0 {
		narrow = broad
	}
	slices.Sort(narrow)
	return slices.Compact(narrow)
}

func onePOI(p *osm.POI, kinds []string, w *Words, o *Options) (directory.Imported, bool) {
	get := func(keys ...string) string {
		for _, k := range keys {
			if v := strings.TrimSpace(p.Tags.Get(k)); v != "" {
				return v
			}
		}
		return ""
	}
	d := &draft{o: o, record: p.ID}
	name := get("name")
	d.Source, d.ProviderName, d.Provider = p.ID, p.ID, directory.Provider{Name: name}
	if operator := get("operator"); operator != "" {
		d.ProviderName, d.Provider = "operator "+operator, directory.Provider{Name: operator}
	}
	v := &d.Service
	v.Name, v.Kinds, v.Website = german(name), kinds, get("website", "contact:website", "url")
	v.Description = german(get("description"))
	for _, t := range p.Tags {
		if lang, ok := strings.CutPrefix(t.Key, "name:"); ok && len(lang) <= 3 && lang != "de" {
			if tag, err := language.Parse(lang); err == nil {
				v.Name[tag.String()] = t.Value
			}
		}
		if lang, ok := strings.CutPrefix(t.Key, "language:"); ok && (t.Value == "yes" || t.Value == "main") {
			v.Languages = append(v.Languages, directory.Language{Tag: lang})
		}
	}
	if get("fee") == "no" {
		v.Cost = directory.Free
	}
	at := p.At
	l := directory.Location{Street: strings.TrimSpace(get("addr:street") + " " + get("addr:housenumber")), Postcode: get("addr:postcode"), City: get("addr:city"), At: &at}
	switch {
	case get("addr:street") == "" || l.City == "":
		l.Street, l.City = "", ""
	case get("addr:housenumber") == "":
		l.Street = get("addr:street")
	}
	l.StepFree, _ = directory.ThreeOf(get("wheelchair"))
	l.Toilet, _ = directory.ThreeOf(get("toilets:wheelchair"))
	place := directory.Place{Hours: d.osmHours(get("opening_hours"))}
	first, _, _ := strings.Cut(get("phone", "contact:phone"), ";")
	if number, mail := d.phone(first), get("email", "contact:email"); number != "" || mail != "" {
		place.Contacts = []directory.Contact{{Phone: number, Email: mail}}
	}
	d.Places, v.Places = []directory.ImportedPlace{{Source: p.ID, Location: l}}, []directory.Place{place}
	if day, err := time.Parse(time.DateOnly, get("check_date", "survey:date")); err == nil && !day.After(o.Now) {
		d.Assured = append(d.Assured, directory.Confirmation{How: directory.ByVisit, At: day})
	}
	return d.counted(d.finish())
}

// osmHours reads opening_hours as far as days, times and public holidays go. What it cannot read is kept as words.
func (d *draft) osmHours(s string) (h directory.Hours) {
	if s == "" {
		return h
	}
	if s == "24/7" {
		return directory.Hours{Always: true}
	}
	var rest []string
	for part := range strings.SplitSeq(s, ";") {
		switch strings.ToLower(strings.TrimSpace(part)) {
		case "":
		case "ph off", "ph closed":
			h.Holidays = directory.HolidaysClosed
		default:
			rest = append(rest, strings.Replace(strings.TrimSpace(part), "PH,", "", 1))
		}
	}
	slots, unread := directory.ParseHours(strings.Join(rest, ";"))
	h.Slots = slots
	if len(unread) > 0 {
		d.flag("opening_hours", strings.Join(unread, "; "), "hours", "this was kept as words; write days and times like Mo-Fr 09:00-12:00")
		h.Slots, h.Text = nil, german(s) // half of the hours would be wrong hours
	}
	return h
}

func slot(day, from, to int) directory.Slot {
	return directory.Slot{Day: time.Weekday(day), From: from, To: to}
}
