package fhir4

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"gevor/directory"
	"gevor/internal/api/hsds3"
	"gevor/vocabulary"
)

// System is the code system of the vocabulary, and Names that of the records' names in this program.
func System() string { return "urn:uuid:" + hsds3.TaxonomyName() }

// Systems of codes and names.
const (
	Names     = "urn:gevor:directory"
	languages = "urn:ietf:bcp:47"
	terms     = "http://terminology.hl7.org/CodeSystem/"
)

// Writer writes records as resources.
type Writer struct {
	Vocabulary *vocabulary.Vocabulary
	Now        time.Time
}

// Stamp is a time as FHIR writes it.
func Stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// Gone is a service that is no longer public: that it is so, and since when.
func Gone(g directory.Gone) HealthcareService {
	return HealthcareService{ResourceType: "HealthcareService", ID: hsds3.ServiceName(g.ID), Meta: Meta{LastUpdated: Stamp(g.At)}}
}

// Service is an offer.
func (w *Writer) Service(r *directory.Record, modified time.Time) HealthcareService {
	out := HealthcareService{
		ResourceType: "HealthcareService", ID: hsds3.ServiceName(r.ID), Meta: Meta{LastUpdated: Stamp(modified)}, Active: true,
		Identifier: []Identifier{{Names, string(r.ID)}},
		Provider:   &Reference{"Organization/" + hsds3.ProviderName(r.Provider.ID), r.Provider.Name},
	}
	for _, m := range r.Merged {
		out.Identifier = append(out.Identifier, Identifier{Names, string(m)})
	}
	out.Name, _ = r.Name.In("de")
	out.Comment, _ = r.Summary.In("de")
	out.Details, _ = r.Description.In("de")
	for _, k := range r.Kinds {
		if _, ok := w.Vocabulary.Concept(k); ok {
			label, _, _ := w.Vocabulary.Label(k, "de")
			out.Type = append(out.Type, Concept{Coding: []Coding{{System(), k, label}}, Text: label})
		}
	}
	for i := range r.Locations {
		out.Location = append(out.Location, Reference{"Location/" + hsds3.LocationName(r.Locations[i].ID), placeName(&r.Locations[i])})
	}
	out.Telecom = telecom(r)
	switch r.Cost {
	case directory.Free:
		out.Provision = []Concept{{Coding: []Coding{{terms + "service-provision-conditions", "free", "Free"}}}}
	case directory.Fee, directory.Copayment:
		out.Provision = []Concept{{Coding: []Coding{{terms + "service-provision-conditions", "cost", "Fees apply"}}}}
	case directory.CostUnknown:
	}
	out.Eligibility = eligibility(r)
	for _, a := range r.Access {
		out.Characteristic = append(out.Characteristic, Concept{Text: "access:" + string(a)})
	}
	out.Characteristic = append(out.Characteristic, w.characteristics(r)...)
	for i := range r.With {
		out.Characteristic = append(out.Characteristic, Concept{Text: "partner:" + r.With[i].Name})
	}
	for _, l := range r.Languages {
		out.Communication = append(out.Communication, Concept{Coding: []Coding{{languages, l.Tag, ""}}})
	}
	if len(r.Access) > 0 {
		must := slices.Contains(r.Access, directory.Appointment) && !slices.Contains(r.Access, directory.WalkIn)
		out.Appointment = &must
	}
	if slices.Contains(r.Access, directory.Referral) {
		out.Referral = []Concept{{Text: "Überweisung oder Verordnung"}}
	}
	w.hours(&out, r)
	return out
}

// characteristics say what FHIR has no field for: a name, a colon, a value, as the attributes of HSDS have them. How people
// with disabilities get in is said where it is so at every place.
func (w *Writer) characteristics(r *directory.Record) []Concept {
	var out []Concept
	add := func(name, value string) {
		if value != "" {
			out = append(out, Concept{Text: name + ":" + value})
		}
	}
	add(hsds3.OfCost, string(r.Cost))
	for _, k := range r.Resources {
		add(hsds3.OfResource, k)
	}
	for _, g := range r.For.Groups {
		add(hsds3.OfGroup, g)
	}
	add(hsds3.OfRisk, string(r.Risk))
	if c := r.Capacity.At(w.Now); c.Room != directory.RoomUnknown {
		said := string(c.Room) + "@" + c.On.UTC().Format(time.DateOnly)
		if c.Weeks > 0 {
			said += "+" + strconv.Itoa(c.Weeks)
		}
		add(hsds3.OfCapacity, said)
	}
	for _, f := range []struct {
		name string
		of   func(*directory.Location) directory.Three
	}{
		{hsds3.OfStepFree, func(l *directory.Location) directory.Three { return l.StepFree }},
		{hsds3.OfLift, func(l *directory.Location) directory.Three { return l.Lift }},
		{hsds3.OfToilet, func(l *directory.Location) directory.Three { return l.Toilet }},
		{hsds3.OfParking, func(l *directory.Location) directory.Three { return l.Parking }},
		{hsds3.OfHearing, func(l *directory.Location) directory.Three { return l.Hearing }},
	} {
		if len(r.Locations) == 0 {
			break
		}
		is := f.of(&r.Locations[0])
		for i := range r.Locations {
			if f.of(&r.Locations[i]) != is {
				is = directory.Unknown
			}
		}
		if is != directory.Unknown {
			add(f.name, is.String())
		}
	}
	for _, why := range r.Reasons {
		add(hsds3.OfReason+why.Field, why.Why)
	}
	return out
}

// eligibility says who may come, in words and with the ways of being insured.
func eligibility(r *directory.Record) []Eligibility {
	var out []Eligibility
	switch f := r.For; {
	case f.MinAge > 0 && f.MaxAge > 0:
		out = append(out, Eligibility{Comment: fmt.Sprintf("von %d bis %d Jahren", f.MinAge, f.MaxAge)})
	case f.MinAge > 0:
		out = append(out, Eligibility{Comment: fmt.Sprintf("ab %d Jahren", f.MinAge)})
	case f.MaxAge > 0:
		out = append(out, Eligibility{Comment: fmt.Sprintf("bis %d Jahre", f.MaxAge)})
	}
	if r.For.Women {
		out = append(out, Eligibility{Comment: "nur für Frauen"})
	}
	if r.For.Men {
		out = append(out, Eligibility{Comment: "nur für Männer"})
	}
	for _, i := range r.Insurance {
		out = append(out, Eligibility{Code: &Concept{Text: "insurance:" + string(i)}})
	}
	if text, _ := r.For.Conditions.In("de"); text != "" {
		out = append(out, Eligibility{Comment: text})
	}
	return out
}

func telecom(r *directory.Record) []Contact {
	var out []Contact
	add := func(system, value string) {
		c := Contact{System: system, Value: value, Use: "work"}
		if value != "" && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	for _, p := range r.Places {
		for _, c := range p.Contacts {
			add("phone", c.Phone)
			add("email", c.Email)
		}
	}
	add("phone", r.Provider.Phone)
	add("email", r.Provider.Email)
	add("url", r.Website)
	add("url", r.Booking)
	return out
}

var days = [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// hours writes opening hours where all places have the same. What FHIR has no words for (certain weeks of a month, other
// hours for some days, different hours at different places) stands in words, so that nobody takes the rest for all.
func (w *Writer) hours(out *HealthcareService, r *directory.Record) {
	if len(r.Places) == 0 {
		return
	}
	var notes []string
	h := r.Places[0].Hours
	for _, p := range r.Places[1:] {
		if !reflect.DeepEqual(p.Hours, h) {
			out.Exceptions = "Die Zeiten sind je nach Ort verschieden; sie stehen bei den Standorten im Verzeichnis."
			return
		}
	}
	if h.Always {
		out.Available = []Available{{Days: []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}, All: true}}
	}
	for _, s := range h.Slots {
		if s.Weeks != 0 {
			notes = append(notes, "Manche Zeiten gelten nur in bestimmten Wochen des Monats.")
			continue
		}
		if s.ByCall {
			notes = append(notes, "Manche Zeiten gelten nur nach Vereinbarung.")
		}
		out.Available = append(out.Available, slots(s)...)
	}
	for _, e := range h.Exceptions {
		text, _ := e.Text.In("de")
		if len(e.Slots) > 0 {
			notes = append(notes, fmt.Sprintf("Andere Zeiten vom %s bis zum %s.", e.From.Format("2.1.2006"), e.To.Format("2.1.2006")))
			continue
		}
		if text == "" {
			text = "geschlossen"
		}
		out.NotAvailable = append(out.NotAvailable, Closed{text, Period{e.From.Format(time.DateOnly), e.To.Format(time.DateOnly)}})
	}
	switch h.Holidays {
	case directory.HolidaysClosed:
		notes = append(notes, "An Feiertagen geschlossen.")
	case directory.HolidaysOpen:
		notes = append(notes, "An Feiertagen wie sonst.")
	case directory.HolidaysUnknown:
	}
	if text, _ := h.Text.In("de"); text != "" {
		notes = append(notes, text)
	}
	slices.Sort(notes)
	out.Exceptions = strings.Join(slices.Compact(notes), " ")
}

// slots writes a stretch of a day. One that passes midnight becomes two.
func slots(s directory.Slot) []Available {
	clock := func(minutes int) string {
		if minutes >= 24*60 {
			return "23:59:59"
		}
		return fmt.Sprintf("%02d:%02d:00", minutes/60, minutes%60)
	}
	if s.From >= 24*60 {
		return []Available{{Days: []string{days[(s.Day+1)%7]}, Start: clock(s.From - 24*60), End: clock(s.To - 24*60)}}
	}
	out := []Available{{Days: []string{days[s.Day]}, Start: clock(s.From), End: clock(s.To)}}
	if s.To > 24*60 {
		out = append(out, Available{Days: []string{days[(s.Day+1)%7]}, Start: "00:00:00", End: clock(s.To - 24*60)})
	}
	return out
}

// placeName is the name of a place, or its address.
func placeName(l *directory.Location) string {
	if l.Name != "" {
		return l.Name
	}
	if s := strings.Trim(l.Street+", "+l.City, ", "); s != "" {
		return s
	}
	return "–"
}

// PlaceText is the name that a search for a location looks at.
func PlaceText(l *directory.Location) string { return placeName(l) }

// Location is a place; provider is one whose service is public there.
func (w *Writer) Location(l *directory.Location, provider *directory.Provider, modified time.Time) Location {
	out := Location{
		ResourceType: "Location", ID: hsds3.LocationName(l.ID), Meta: Meta{LastUpdated: Stamp(modified)}, Identifier: []Identifier{{Names, string(l.ID)}}, Status: "active", Name: placeName(l), Mode: "instance",
		Type:     []Concept{{Coding: []Coding{{terms + "v3-RoleCode", "COMM", "Community Location"}}}},
		Managing: &Reference{"Organization/" + hsds3.ProviderName(provider.ID), provider.Name},
	}
	if l.Street != "" || l.City != "" {
		out.Address = &Address{City: l.City, Code: l.Postcode, Country: "DE"}
		if l.Street != "" {
			out.Address.Line = []string{l.Street}
		}
	}
	if l.At != nil {
		out.Position = &Position{l.At.Lon, l.At.Lat}
	}
	return out
}

// Organisation is who offers services.
func (w *Writer) Organisation(p *directory.Provider, modified time.Time) Organization {
	out := Organization{
		ResourceType: "Organization", ID: hsds3.ProviderName(p.ID), Meta: Meta{LastUpdated: Stamp(modified)}, Identifier: []Identifier{{Names, string(p.ID)}}, Active: true, Name: p.Name,
		Type: []Concept{{Coding: []Coding{{terms + "organization-type", "other", "Other"}}, Text: p.Legal}},
	}
	for _, c := range []Contact{{"phone", p.Phone, "work"}, {"email", p.Email, "work"}, {"url", p.Website, "work"}} {
		if c.Value != "" {
			out.Telecom = append(out.Telecom, c)
		}
	}
	return out
}
