package intake

import (
	"fmt"
	"slices"
	"strings"

	"gevor/directory"
	"gevor/fhir"
	"gevor/geo"
)

// FHIR takes over the services of a bundle with the organisations and places they name.
func FHIR(dir *fhir.Directory, w *Words, o Options) ([]directory.Imported, error) {
	o, err := o.ready()
	if err != nil {
		return nil, err
	}
	if len(dir.Services) > o.Limits.Records {
		return nil, o.tooMany()
	}
	index := indexFHIR(dir)
	var out []directory.Imported
	for i := range dir.Services {
		if x, ok := index.one(&dir.Services[i], w, &o); ok {
			out = append(out, x)
		}
	}
	return out, nil
}

// resources finds what references name.
type resources struct {
	organisations map[string]*fhir.Organization
	locations     map[string]*fhir.Location
}

func indexFHIR(dir *fhir.Directory) resources {
	r := resources{map[string]*fhir.Organization{}, map[string]*fhir.Location{}}
	for i := range dir.Organisations {
		x := &dir.Organisations[i]
		r.organisations[x.URL], r.organisations["Organization/"+x.ID] = x, x
	}
	for i := range dir.Locations {
		x := &dir.Locations[i]
		r.locations[x.URL], r.locations["Location/"+x.ID] = x, x
	}
	return r
}

// lookUp finds a resource by its full address, or by the end of it: Location/7.
func lookUp[T any](in map[string]*T, reference string) *T {
	if reference == "" {
		return nil
	}
	if x := in[reference]; x != nil {
		return x
	}
	parts := strings.Split(reference, "/")
	if len(parts) < 2 {
		return nil
	}
	return in[strings.Join(parts[len(parts)-2:], "/")]
}

func telecom(list []fhir.Contact, system string) string {
	for _, c := range list {
		if c.System == system {
			return c.Value
		}
	}
	return ""
}

func (r resources) one(s *fhir.HealthcareService, w *Words, o *Options) (directory.Imported, bool) {
	d := &draft{o: o, record: fmt.Sprintf("entry %d (HealthcareService/%s)", s.Index, s.ID)}
	if d.Source = s.ID; s.ID == "" {
		d.Source = s.URL
	}
	d.ProviderName, d.Provider = "of "+d.Source, directory.Provider{Name: s.Name}
	if s.ProvidedBy != nil {
		if p := lookUp(r.organisations, s.ProvidedBy.Reference); p != nil && p.Name != "" {
			d.ProviderName = "Organization/" + p.ID + p.URL
			d.Provider = directory.Provider{Name: p.Name, Phone: telecom(p.Telecom, "phone"), Email: telecom(p.Telecom, "email"), Website: telecom(p.Telecom, "url")}
		} else if s.ProvidedBy.Display != "" {
			d.ProviderName, d.Provider.Name = s.ProvidedBy.Display, s.ProvidedBy.Display
		}
	}
	v := &d.Service
	v.Name, v.Summary, v.Description = german(s.Name), german(s.Comment), german(s.Details)
	v.Draft, v.Website = s.Active != nil && !*s.Active, telecom(s.Telecom, "url")
	var terms []string
	for _, c := range slices.Concat(s.Specialty, s.Type, s.Category) {
		terms = append(terms, c.Text)
		for _, code := range c.Coding {
			terms = append(terms, code.Code, code.Display)
		}
	}
	v.Kinds = w.kindsOf(terms, s.Name)
	for _, c := range s.Communication {
		tag := w.Language(c.Text)
		if len(c.Coding) > 0 {
			tag = c.Coding[0].Code
		}
		v.Languages = append(v.Languages, directory.Language{Tag: tag})
	}
	var conditions []string
	for _, e := range s.Eligibility {
		conditions = append(conditions, e.Comment)
	}
	v.For.Conditions = german(strings.Join(conditions, "; "))
	if s.Appointment != nil && *s.Appointment {
		v.Access = []directory.Access{directory.Appointment}
	}
	d.fhirPlaces(s, r)
	return d.counted(d.finish())
}

func (d *draft) fhirPlaces(s *fhir.HealthcareService, r resources) {
	hours := d.available(s.AvailableTime)
	if s.Exceptions != "" {
		hours.Text = german(s.Exceptions)
	}
	number, mail := d.phone(telecom(s.Telecom, "phone")), telecom(s.Telecom, "email")
	for _, ref := range s.Location {
		l := lookUp(r.locations, ref.Reference)
		if l == nil {
			d.unread("Places", "location", ref.Reference, "no-location", "put the Location into the bundle; the place was left out")
			continue
		}
		at := directory.Location{Name: l.Name}
		if l.Address != nil && len(l.Address.Line) > 0 {
			at.Street, at.Postcode, at.City = l.Address.Line[0], l.Address.PostalCode, l.Address.City
		}
		if p := l.Position; p != nil && p.Longitude != nil && p.Latitude != nil {
			at.At = &geo.LonLat{Lon: *p.Longitude, Lat: *p.Latitude}
		}
		if at.Street == "" && at.At == nil {
			continue
		}
		place := directory.Place{Hours: hours}
		phone := number
		if phone == "" {
			phone = d.phone(telecom(l.Telecom, "phone"))
		}
		if phone != "" || mail != "" {
			place.Contacts = []directory.Contact{{Phone: phone, Email: mail}}
		}
		d.Places = append(d.Places, directory.ImportedPlace{Source: "Location/" + l.ID + l.URL, Location: at})
		d.Service.Places = append(d.Service.Places, place)
	}
	if len(d.Service.Places) == 0 && d.Provider.Phone == "" {
		d.Provider.Phone = number
	}
}

func (d *draft) available(list []fhir.Available) (h directory.Hours) {
	days := []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	for _, a := range list {
		from, ok1 := clock(a.From)
		to, ok2 := clock(a.To)
		if a.AllDay {
			from, to, ok1, ok2 = 0, 24*60, true, true
		}
		if to < from {
			to += 24 * 60
		}
		if !ok1 || !ok2 || to == from {
			d.unread("Places", "availableTime", a.From+"–"+a.To, "hours", "write times like 09:00:00; these hours were left out")
			continue
		}
		for _, word := range a.Days {
			day := slices.Index(days, word)
			if day < 0 {
				d.unread("Places", "availableTime", word, "hours", "write days like mon and tue; this day was left out")
				continue
			}
			h.Slots = append(h.Slots, slot(day, from, to))
		}
	}
	return h
}
