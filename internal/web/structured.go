package web

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"gevor/authz"
	"gevor/directory"
)

// structured.go says what a public offer is in the words of schema.org, for search engines. It is data in a page, never a
// script: nothing runs.

type thing = map[string]any

// structured describes an offer; empty where it is not public, whoever looks at it.
func (p *page) structured(r directory.Record) string {
	if r.Draft || !r.Ended.IsZero() || r.Released.Level != authz.PublicLevel {
		return ""
	}
	text := func(t directory.Texts) string { s, _ := p.said(t); return s }
	provider := thing{"@type": "Organization", "name": r.Provider.Name}
	set(provider, "url", whole(r.Provider.Website))
	set(provider, "telephone", r.Provider.Phone)
	set(provider, "email", r.Provider.Email)
	out := thing{
		"@context": "https://schema.org", "@type": "Service", "@id": p.shareAddress(r.ID), "url": p.shareAddress(r.ID), "name": text(r.Name), "provider": provider,
	}
	set(out, "description", text(r.Summary))
	if kinds := p.kindNames(r); len(kinds) > 0 {
		out["serviceType"] = kinds
	}
	if r.Cost == directory.Free {
		out["offers"] = thing{"@type": "Offer", "price": 0, "priceCurrency": "EUR"}
	}
	var tongues []string
	for _, l := range r.Languages {
		tongues = append(tongues, l.Tag)
	}
	var places []thing
	for i := range r.Places {
		places = append(places, channel(&r, i, tongues))
	}
	if len(places) > 0 {
		out["availableChannel"] = places
	}
	raw, err := json.Marshal(out) // escapes < and >, so no text can end the element
	if err != nil {
		return ""
	}
	return string(raw)
}

// channel is one place of an offer with its hours.
func channel(r *directory.Record, i int, tongues []string) thing {
	place, l := &r.Places[i], &r.Locations[i]
	at := thing{"@type": "Place"}
	set(at, "name", l.Name)
	if l.Street != "" || l.City != "" {
		address := thing{"@type": "PostalAddress", "addressCountry": "DE"}
		set(address, "streetAddress", l.Street)
		set(address, "postalCode", l.Postcode)
		set(address, "addressLocality", l.City)
		at["address"] = address
	}
	if l.At != nil {
		at["geo"] = thing{"@type": "GeoCoordinates", "latitude": l.At.Lat, "longitude": l.At.Lon}
	}
	var hours []thing
	for _, s := range place.Hours.Slots {
		if s.Weeks != 0 {
			continue // schema.org has no words for certain weeks of a month
		}
		hours = append(hours, thing{
			"@type": "OpeningHoursSpecification", "dayOfWeek": "https://schema.org/" + s.Day.String(),
			"opens": minuteText(s.From), "closes": minuteText(s.To),
		})
	}
	if place.Hours.Always {
		for d := range 7 {
			hours = append(hours, thing{"@type": "OpeningHoursSpecification", "dayOfWeek": "https://schema.org/" + time.Weekday(d).String(), "opens": "00:00", "closes": "23:59"})
		}
	}
	if len(hours) > 0 {
		at["openingHoursSpecification"] = hours
	}
	out := thing{"@type": "ServiceChannel", "serviceLocation": at}
	if len(tongues) > 0 {
		out["availableLanguage"] = tongues
	}
	for _, c := range place.Contacts {
		if c.Phone != "" {
			out["servicePhone"] = thing{"@type": "ContactPoint", "telephone": c.Phone}
			break
		}
	}
	return out
}

func minuteText(m int) string { return fmt.Sprintf("%02d:%02d", m/60%24, m%60) }

func set(t thing, name, value string) {
	if value != "" {
		t[name] = value
	}
}

// whole makes an address of the web complete.
func whole(s string) string {
	if s == "" || strings.Contains(s, "://") {
		return s
	}
	return "https://" + s
}
