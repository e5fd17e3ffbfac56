package hsds3

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gevor/directory"
	"gevor/vocabulary"
)

// Kinds of attributes without a term. The value of a text is the text, its label the language it is in.
const (
	OfKind      = "kind" // with a term of the vocabulary
	OfInsurance = "insurance"
	OfCost      = "cost"
	OfAccess    = "access"
	OfResource  = "resource"
	OfGroup     = "target-group"
	OfOnly      = "only-for"
	OfRisk      = "risk"
	OfReach     = "reach"
	OfCapacity  = "capacity"
	OfPartner   = "partner"
	OfMerged    = "joined-from" // the name of another record of the same offer; the value is its id
	OfReason    = "joined:"     // with a field behind it: why this value stands in a joined view; the label is the id of the record it is of
	OfHolidays  = "public-holidays"
	OfStepFree  = "step-free"
	OfLift      = "lift"
	OfToilet    = "accessible-toilet"
	OfParking   = "accessible-parking"
	OfHearing   = "hearing"
	OfDistrict  = "district"
)

// Active and Inactive are the states of a service: inactive is one that is no longer public, of which nothing is told.
const (
	Active   = "active"
	Inactive = "inactive"
)

// Writer writes records in the words of the specification, for one answer: it is not for concurrent use.
type Writer struct {
	Vocabulary *vocabulary.Vocabulary
	Now        time.Time // for what is believed for a while only

	tongues map[string]string // names of languages, which take long to find
	terms   map[string]Term
}

// Stamp is a time as the specification writes it, in UTC.
func Stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// GoneName stands for the name of a service that is no longer public, since every record needs one.
const GoneName = "Nicht mehr öffentlich"

// Tombstone is what is told of a service that is no longer public: that it is so, and since when.
func Tombstone(g directory.Gone) Service {
	return Service{ID: ServiceName(g.ID), Name: GoneName, Status: Inactive, Modified: Stamp(g.At)}
}

// Listed is a service as a list holds it: what has one value.
func (w *Writer) Listed(r *directory.Record, modified time.Time) Service {
	id := ServiceName(r.ID)
	s := Service{ID: id, Status: Active, Modified: Stamp(modified), URL: address(r.Website), Email: r.Provider.Email}
	s.Name, _ = r.Name.In("de")
	var parts []string
	for _, t := range []directory.Texts{r.Summary, r.Description} {
		if text, _ := t.In("de"); text != "" {
			parts = append(parts, text)
		}
	}
	s.Description = strings.Join(parts, "\n\n")
	s.Eligibility, _ = r.For.Conditions.In("de")
	s.Fees, _ = r.CostText.In("de")
	if r.For.MinAge > 0 {
		s.MinimumAge = &r.For.MinAge
	}
	if r.For.MaxAge > 0 {
		s.MaximumAge = &r.For.MaxAge
	}
	for _, p := range r.Places {
		for _, c := range p.Contacts {
			if c.Email != "" {
				s.Email = c.Email
				break
			}
		}
	}
	if slices.Contains(r.Resources, "telephone-interpreting") {
		s.Interpreting = "Dolmetschen am Telefon"
	}
	if c := r.Capacity.At(w.Now); c.Room == directory.RoomWaiting && c.Weeks > 0 {
		s.Wait = fmt.Sprintf("%d Wochen", c.Weeks)
	}
	if t := r.TrustAt(directory.Whole, r.Confirmations, w.Now); !t.Confirmed.IsZero() {
		s.Assured = t.Confirmed.UTC().Format(time.DateOnly)
	}
	org := w.Organisation(&r.Provider)
	s.Provider = &org
	return s
}

// Full is a service with everything that is public about it.
func (w *Writer) Full(r *directory.Record, modified time.Time) Service {
	s := w.Listed(r, modified)
	if r.Provider.Phone != "" {
		s.Phones = []Phone{{ID: named(s.ID, "phone"), Number: r.Provider.Phone}}
		s.Provider.Phones = w.Phones(&r.Provider)
	}
	if u := address(r.Booking); u != "" {
		s.MoreURLs = []URL{{ID: named(s.ID, "booking"), Label: "booking", URL: u}}
	}
	s.Areas = w.areas(s.ID, r)
	for i, l := range r.Languages {
		s.Languages = append(s.Languages, Language{ID: named(s.ID, "language", strconv.Itoa(i)), Name: w.tongue(l.Tag), Code: l.Tag, Note: note(l)})
	}
	s.Costs = costs(s.ID, r)
	for i := range r.Places {
		at := w.Place(r, i)
		s.Places = append(s.Places, at)
	}
	s.Attributes = w.attributes(s.ID, r)
	return s
}

// Place is a service at one of its places, without the service.
func (w *Writer) Place(r *directory.Record, i int) ServiceAtLocation {
	p, l := &r.Places[i], &r.Locations[i]
	at := ServiceAtLocation{ID: PlaceName(r, i), ServiceID: ServiceName(r.ID), LocationID: LocationName(l.ID)}
	for k, c := range p.Contacts {
		id := named(at.ID, "contact", strconv.Itoa(k))
		contact := Contact{ID: id, Name: c.Name, Email: c.Email}
		if c.Phone != "" {
			contact.Phones = []Phone{{ID: named(id, "phone"), Number: c.Phone}}
			at.Phones = append(at.Phones, contact.Phones...)
		}
		at.Contacts = append(at.Contacts, contact)
	}
	at.Schedules = schedules(at.ID, p.Hours)
	loc := w.Location(l)
	at.Location = &loc
	if p.Hours.Holidays != directory.HolidaysUnknown {
		at.Attributes = append(at.Attributes, said(at.ID, "service_at_location", OfHolidays, string(p.Hours.Holidays)))
	}
	return at
}

// ListedPlace is a service at a location as a list holds it.
func (w *Writer) ListedPlace(r *directory.Record, i int, modified time.Time) ServiceAtLocation {
	l := &r.Locations[i]
	at := ServiceAtLocation{ID: PlaceName(r, i), ServiceID: ServiceName(r.ID), LocationID: LocationName(l.ID)}
	loc := w.Location(l)
	loc.Addresses, loc.Accessibility, loc.Attributes = nil, nil, nil
	s := w.Listed(r, modified)
	at.Location, at.Service = &loc, &s
	return at
}

// Organisation is who offers services, without their services.
func (w *Writer) Organisation(p *directory.Provider) Organization {
	o := Organization{ID: ProviderName(p.ID), Name: p.Name, Description: p.Name, Email: p.Email, Website: address(p.Website), Legal: p.Legal}
	if p.Legal != "" && !strings.Contains(p.Name, p.Legal) {
		o.Description += " (" + p.Legal + ")"
	}
	return o
}

// Location is a place with its address.
func (w *Writer) Location(l *directory.Location) Location {
	id := LocationName(l.ID)
	out := Location{ID: id, Type: "physical", Name: l.Name}
	out.Way, _ = l.Way.In("de")
	if l.At != nil {
		lon, lat := l.At.Lon, l.At.Lat
		out.Longitude, out.Latitude = &lon, &lat
	}
	if l.Street != "" || l.City != "" {
		out.Addresses = []Address{{
			ID: named(id, "address"), LocationID: id, Address1: l.Street, City: l.City, State: "Nordrhein-Westfalen", PostalCode: l.Postcode, Country: "DE", Type: "physical",
		}}
	}
	for _, f := range []struct {
		what, text string
		is         directory.Three
	}{
		{OfStepFree, "stufenlos", l.StepFree},
		{OfLift, "Aufzug", l.Lift},
		{OfToilet, "barrierefreie Toilette", l.Toilet},
		{OfParking, "Behindertenparkplatz", l.Parking},
		{OfHearing, "Hilfe beim Hören", l.Hearing},
	} {
		if f.is == directory.Unknown {
			continue
		}
		out.Attributes = append(out.Attributes, said(id, "location", f.what, f.is.String()))
		details := "ja"
		if f.is == directory.No {
			details = "nein"
		}
		out.Accessibility = append(out.Accessibility, Accessibility{ID: named(id, "accessibility", f.what), LocationID: id, Description: f.text, Details: details})
	}
	if l.District != "" {
		out.Attributes = append(out.Attributes, said(id, "location", OfDistrict, l.District))
	}
	out.Attributes = append(out.Attributes, inLanguages(id, "location", "way", l.Way)...)
	return out
}

func (w *Writer) areas(id string, r *directory.Record) []Area {
	a := Area{ID: named(id, "area"), ServiceID: id}
	switch r.Area.Reach {
	case directory.ReachUnknown:
		return nil
	case directory.Nationwide:
		a.Name = "bundesweit"
	case directory.Regionwide:
		a.Name = "die ganze Region"
	case directory.Municipality, directory.DistrictReach:
		a.Name = strings.Join(r.Area.Keys, ", ")
		a.Extent, a.ExtentType = strings.Join(r.Area.Keys, ","), "area-keys"
	case directory.Radius:
		a.Name = strconv.FormatFloat(r.Area.Km, 'f', -1, 64) + " km im Umkreis"
	}
	return []Area{a}
}

// address makes an address of the web whole; it is empty where there is none.
func address(s string) string {
	if s == "" || strings.Contains(s, "://") {
		return s
	}
	return "https://" + s
}

// Phones are the numbers of an organisation.
func (w *Writer) Phones(p *directory.Provider) []Phone {
	if p.Phone == "" {
		return nil
	}
	return []Phone{{ID: named(ProviderName(p.ID), "phone"), Number: p.Phone}}
}
