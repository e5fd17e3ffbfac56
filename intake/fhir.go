package intake

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gevor/directory"
	"gevor/fhir"
	"gevor/geo"
	"gevor/hsds"
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
	d.eligible(s)
	if s.Appointment != nil && *s.Appointment {
		v.Access = []directory.Access{directory.Appointment}
	}
	for _, c := range s.Provision {
		for _, code := range c.Coding {
			switch code.Code {
			case "free":
				v.Cost = directory.Free
			case "cost":
				v.Cost = directory.Fee
			}
		}
	}
	d.fhirPlaces(s, r)
	d.characteristics(s)
	return d.counted(d.finish())
}

func (d *draft) fhirPlaces(s *fhir.HealthcareService, r resources) {
	hours := d.available(s.AvailableTime)
	d.exceptional(s, &hours)
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

// ages are the words in which limits of age are written.
var ages = regexp.MustCompile(`^(?:von (\d+) bis (\d+) Jahren|ab (\d+) Jahren|bis (\d+) Jahre)$`)

// eligible reads who may come: what this program writes in words and codes becomes conditions that are known, everything
// else stays as words.
func (d *draft) eligible(s *fhir.HealthcareService) {
	f, conditions := &d.Service.For, []string(nil)
	number := func(s string) int {
		n, err := strconv.Atoi(s)
		if err != nil {
			return 0
		}
		return n
	}
	for _, e := range s.Eligibility {
		if e.Code != nil {
			if i, ok := strings.CutPrefix(e.Code.Text, "insurance:"); ok {
				d.attribute(hsds.Attribute{Type: "insurance", Value: i})
				continue
			}
		}
		if m := ages.FindStringSubmatch(e.Comment); m != nil {
			f.MinAge, f.MaxAge = max(number(m[1]), number(m[3])), max(number(m[2]), number(m[4]))
			continue
		}
		switch e.Comment {
		case "":
		case "nur für Frauen":
			f.Women = true
		case "nur für Männer":
			f.Men = true
		default:
			conditions = append(conditions, e.Comment)
		}
	}
	f.Conditions = german(strings.Join(conditions, "; "))
}

// characteristics reads what FHIR has no field for, as installations of this program write it: a name, a colon, a value.
func (d *draft) characteristics(s *fhir.HealthcareService) {
	var told []directory.Access
	for _, c := range s.Characteristic {
		name, value, ok := strings.Cut(c.Text, ":")
		if !ok {
			continue
		}
		switch name {
		case "access":
			if w := directory.Access(value); slices.Contains(directory.AccessWays(), w) {
				told = append(told, w)
			}
		case "cost", "resource", "target-group", "risk":
			d.attribute(hsds.Attribute{Type: name, Value: value})
		case "capacity":
			room, on, _ := strings.Cut(value, "@")
			on, weeks, _ := strings.Cut(on, "+")
			d.attribute(hsds.Attribute{Type: name, Value: room, Label: on})
			if n, ok := leading(weeks); ok && d.Service.Capacity.Room == directory.RoomWaiting {
				d.Service.Capacity.Weeks = n
			}
		default:
			for i := range d.Places {
				if to := facility(&d.Places[i].Location, name); to != nil {
					if is, ok := directory.ThreeOf(value); ok {
						*to = is
					}
				}
			}
		}
	}
	if len(told) > 0 {
		d.Service.Access = told
	}
}

// exceptional reads on which days other hours hold.
func (d *draft) exceptional(s *fhir.HealthcareService, h *directory.Hours) {
	rest := s.Exceptions
	for words, is := range map[string]directory.Holidays{"An Feiertagen geschlossen.": directory.HolidaysClosed, "An Feiertagen wie sonst.": directory.HolidaysOpen} {
		if strings.Contains(rest, words) {
			h.Holidays, rest = is, strings.TrimSpace(strings.Replace(rest, words, "", 1))
		}
	}
	h.Text = german(strings.Join(strings.Fields(rest), " "))
	for _, c := range s.NotAvailable {
		from, err1 := time.Parse(time.DateOnly, c.During.Start)
		to, err2 := time.Parse(time.DateOnly, c.During.End)
		if err1 != nil || err2 != nil || to.Before(from) {
			d.flag("notAvailable", c.During.Start+"–"+c.During.End, "date", "write start and end like 2026-01-31; these days were left out")
			continue
		}
		text := c.Description
		if text == "geschlossen" {
			text = ""
		}
		h.Exceptions = append(h.Exceptions, directory.Exception{From: from, To: to, Text: german(text)})
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
