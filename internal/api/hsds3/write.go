package hsds3

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

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

func costs(id string, r *directory.Record) []CostOption {
	c := CostOption{ID: named(id, "cost")}
	switch r.Cost {
	case directory.CostUnknown:
		return nil
	case directory.Free:
		zero := 0.0
		c.Option, c.Currency, c.Amount = "kostenlos", "EUR", &zero
	case directory.Fee:
		c.Option = "kostet etwas"
	case directory.Copayment:
		c.Option = "Zuzahlung wie bei der Krankenkasse"
	}
	if text, _ := r.CostText.In("de"); text != "" {
		c.Option = text
	}
	return []CostOption{c}
}

// said is an attribute without a term.
func said(id, entity, what, value string) Attribute {
	return Attribute{ID: named(id, "attribute", what, value), LinkID: id, Type: what, Entity: entity, Value: value}
}

// inLanguages gives a text in every language it has, the language as the label.
func inLanguages(id, entity, what string, t directory.Texts) []Attribute {
	tags := make([]string, 0, len(t))
	for tag, text := range t {
		if text != "" {
			tags = append(tags, tag)
		}
	}
	slices.Sort(tags)
	out := make([]Attribute, 0, len(tags))
	for _, tag := range tags {
		out = append(out, Attribute{ID: named(id, "text", what, tag), LinkID: id, Type: "text:" + what, Entity: entity, Label: tag, Value: t[tag]})
	}
	return out
}

func (w *Writer) attributes(id string, r *directory.Record) []Attribute {
	var out []Attribute
	add := func(what string, values ...string) {
		for _, v := range values {
			if v != "" {
				out = append(out, said(id, "service", what, v))
			}
		}
	}
	for _, k := range r.Kinds {
		if t, ok := w.Term(k); ok {
			out = append(out, Attribute{ID: named(id, "attribute", OfKind, k), LinkID: id, Type: OfKind, Entity: "service", TermID: t.ID, Term: &t})
		}
	}
	for _, i := range r.Insurance {
		add(OfInsurance, string(i))
	}
	for _, a := range r.Access {
		add(OfAccess, string(a))
	}
	add(OfCost, string(r.Cost))
	add(OfResource, r.Resources...)
	add(OfGroup, r.For.Groups...)
	if r.For.Women {
		add(OfOnly, "women")
	}
	if r.For.Men {
		add(OfOnly, "men")
	}
	add(OfRisk, string(r.Risk))
	add(OfReach, string(r.Area.Reach))
	if c := r.Capacity.At(w.Now); c.Room != directory.RoomUnknown {
		out = append(out, Attribute{ID: named(id, "attribute", OfCapacity), LinkID: id, Type: OfCapacity, Entity: "service", Value: string(c.Room), Label: c.On.UTC().Format(time.DateOnly)})
	}
	for i := range r.With {
		a := said(id, "service", OfPartner, ProviderName(r.With[i].ID))
		a.Label = r.With[i].Name
		out = append(out, a)
	}
	for _, m := range r.Merged {
		add(OfMerged, ServiceName(m))
	}
	for _, why := range r.Reasons {
		a := said(id, "service", OfReason+why.Field, why.Why)
		a.Label = ServiceName(why.From)
		out = append(out, a)
	}
	for _, f := range []struct {
		what string
		t    directory.Texts
	}{{"name", r.Name}, {"summary", r.Summary}, {"description", r.Description}, {"conditions", r.For.Conditions}, {"cost", r.CostText}} {
		out = append(out, inLanguages(id, "service", f.what, f.t)...)
	}
	return out
}

// Taxonomy is the vocabulary.
func (w *Writer) Taxonomy() Taxonomy {
	return Taxonomy{ID: TaxonomyName(), Name: "Lebenslagen, Bedarfe, Angebote", Description: "Von der Lebenslage über den Bedarf zur Art des Angebots. Ein Begriff kann mehrere Oberbegriffe haben; genannt ist der erste."}
}

// Term is a concept of the vocabulary; not ok where there is none of this key.
func (w *Writer) Term(key string) (Term, bool) {
	if t, known := w.terms[key]; known {
		return t, true
	}
	c, ok := w.Vocabulary.Concept(key)
	if !ok {
		return Term{}, false
	}
	taxonomy := w.Taxonomy()
	t := Term{ID: TermName(key), Code: key, Taxonomy: taxonomy.Name, TaxonomyID: taxonomy.ID, Detail: &taxonomy}
	t.Name, t.Language, _ = w.Vocabulary.Label(key, "de")
	if t.Language == "" {
		t.Language = "de"
	}
	t.Description = strings.Join(w.Vocabulary.Words(key, "de"), ", ")
	if t.Description == "" {
		t.Description = t.Name
	}
	if len(c.Parents) > 0 {
		t.Parent = TermName(c.Parents[0])
	}
	if w.terms == nil {
		w.terms = map[string]Term{}
	}
	w.terms[key] = t
	return t, true
}

func (w *Writer) tongue(tag string) string {
	if name, known := w.tongues[tag]; known {
		return name
	}
	name := tag
	if parsed, err := language.Parse(tag); err == nil {
		if said := display.German.Tags().Name(parsed); said != "" {
			name = said
		}
	}
	if w.tongues == nil {
		w.tongues = map[string]string{}
	}
	w.tongues[tag] = name
	return name
}

func note(l directory.Language) string {
	switch l.How {
	case "staff":
		return "wird im Team gesprochen"
	case "interpreter":
		return "mit Dolmetscherin oder Dolmetscher"
	case "telephone-interpreter":
		return "mit Dolmetschen am Telefon"
	case "video":
		return "mit Dolmetschen per Video"
	}
	return ""
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
