package intake

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gevor/directory"
	"gevor/geo"
	"gevor/hsds"
)

// HSDS takes over services that were read as HSDS, from JSON, tables or an interface.
func HSDS(services []hsds.Service, w *Words, o Options) ([]directory.Imported, error) {
	o, err := o.ready()
	if err != nil {
		return nil, err
	}
	if len(services) > o.Limits.Records {
		return nil, o.tooMany()
	}
	var out []directory.Imported
	for i := range services {
		if x, ok := oneHSDS(&services[i], w, &o); ok {
			out = append(out, x)
		}
	}
	return out, nil
}

// toldNothing says whether nothing is said of a service but its name and state: it was withdrawn there.
func toldNothing(s *hsds.Service) bool {
	return s.Organization == nil && s.Description+s.URL+s.Email+s.AssuredDate == "" && len(s.AtLocations)+len(s.Phones)+len(s.Languages)+len(s.Terms(nil)) == 0
}

func oneHSDS(s *hsds.Service, w *Words, o *Options) (directory.Imported, bool) {
	d := &draft{o: o, record: fmt.Sprintf("service %d (%s)", s.Index, s.ID)}
	d.Source, d.ProviderName, d.Provider = s.ID, "of "+s.ID, directory.Provider{Name: s.Name}
	switch {
	case s.Organization != nil && s.Organization.Name != "":
		p := s.Organization
		d.Provider = directory.Provider{Name: p.Name, Website: p.URL, Email: p.Email, Legal: p.Legal, Phone: firstPhone(p.Phones)}
		if d.ProviderName = p.ID; p.ID == "" {
			d.ProviderName = p.Name
		}
	}
	v := &d.Service
	v.Name, v.Description, v.For.Conditions = german(s.Name), german(s.Description), german(s.Eligibility)
	v.Website, v.Draft = s.URL, s.Status == "inactive" || s.Status == "defunct"
	if d.Gone = v.Draft && toldNothing(s); d.Gone {
		return d.Imported, true
	}
	var terms []string
	for i := range s.AtLocations {
		for _, t := range s.Terms(&s.AtLocations[i]) {
			terms = append(terms, t.Code, t.Name, t.ID)
		}
	}
	for _, t := range s.Terms(nil) {
		terms = append(terms, t.Code, t.Name, t.ID)
		for _, g := range w.Situation(t.Code) {
			if !slices.Contains(v.For.Groups, g) {
				v.For.Groups = append(v.For.Groups, g)
			}
		}
	}
	v.Kinds = w.kindsOf(terms, s.Name+" "+s.AlternateName)
	if s.MinimumAge != nil {
		v.For.MinAge = int(*s.MinimumAge)
	}
	if s.MaximumAge != nil {
		v.For.MaxAge = int(*s.MaximumAge)
	}
	for _, l := range s.Languages {
		tag := l.Code
		if tag == "" {
			tag = w.Language(l.Name)
		}
		v.Languages = append(v.Languages, directory.Language{Tag: tag})
	}
	for _, cost := range s.Costs {
		if cost.Amount != nil && *cost.Amount == 0 {
			v.Cost = directory.Free
		} else if cost.Amount != nil {
			v.Cost = directory.Fee
		}
		v.CostText = german(cost.Option)
	}
	v.Area = areaOf(s.Areas)
	d.hsdsPlaces(s)
	if day := d.day("assured_date", s.AssuredDate, false); !day.IsZero() {
		d.Assured = append(d.Assured, directory.Confirmation{Field: directory.Whole, How: directory.ByFeed, At: day})
	}
	return d.counted(d.finish())
}

func firstPhone(list []hsds.Phone) string {
	for _, p := range list {
		if p.Type == "" || strings.EqualFold(p.Type, "voice") {
			return p.Number
		}
	}
	return ""
}

func (d *draft) hsdsPlaces(s *hsds.Service) {
	for i := range s.AtLocations {
		at := &s.AtLocations[i]
		if at.Location == nil {
			continue
		}
		l, ok := hsdsLocation(at.Location)
		if !ok {
			continue
		}
		source := at.Location.ID
		if source == "" {
			source = fmt.Sprintf("%s/%d", s.ID, i+1)
		}
		place := directory.Place{Hours: d.schedule(append(slices.Clone(at.Schedules), s.Schedules...))}
		if number := d.phone(firstPhone(slices.Concat(at.Phones, s.Phones, at.Location.Phones))); number != "" || s.Email != "" {
			place.Contacts = []directory.Contact{{Phone: number, Email: s.Email}}
		}
		d.Places = append(d.Places, directory.ImportedPlace{Source: source, Location: l})
		d.Service.Places = append(d.Service.Places, place)
	}
}

func hsdsLocation(l *hsds.Location) (directory.Location, bool) {
	out := directory.Location{Name: l.Name}
	if l.Latitude != nil && l.Longitude != nil {
		out.At = &geo.LonLat{Lon: float64(*l.Longitude), Lat: float64(*l.Latitude)}
	}
	if len(l.Addresses) > 0 {
		a := l.Addresses[0]
		out.Street, out.Postcode, out.City = a.Address1, a.PostalCode, a.City
	}
	return out, l.Type != "virtual" && (out.At != nil || out.Street != "")
}

func areaOf(list []hsds.ServiceArea) directory.Area {
	for _, a := range list {
		if strings.EqualFold(a.ExtentType, "area-keys") && a.Extent != "" {
			return directory.Area{Reach: directory.Municipality, Keys: strings.FieldsFunc(a.Extent, func(r rune) bool { return r == ',' || r == ' ' })}
		}
	}
	return directory.Area{}
}

// schedule reads weekly hours; a line that cannot be is flagged and left out.
func (d *draft) schedule(list []hsds.Schedule) (h directory.Hours) {
	days := map[string]int{"SU": 0, "MO": 1, "TU": 2, "WE": 3, "TH": 4, "FR": 5, "SA": 6}
	for _, s := range list {
		if s.ByDay == "" {
			continue
		}
		from, ok1 := clock(s.OpensAt)
		to, ok2 := clock(s.ClosesAt)
		if !ok1 || !ok2 || to == from {
			d.unread("Places", "schedules", s.OpensAt+"–"+s.ClosesAt, "hours", "write opens_at and closes_at like 09:00; these hours were left out")
			continue
		}
		if to < from {
			to += 24 * 60
		}
		for part := range strings.SplitSeq(s.ByDay, ",") {
			day, known := days[strings.TrimSpace(part)]
			if !known {
				d.unread("Places", "schedules", s.ByDay, "hours", "write byday like MO,TU; this day was left out")
				continue
			}
			h.Slots = append(h.Slots, slot(day, from, to))
		}
	}
	return h
}

// clock reads "09:30" or "09:30:00", also with a zone after it, as minutes after midnight.
func clock(s string) (int, bool) {
	parts := strings.Split(strings.TrimSuffix(s, "Z"), ":")
	if len(parts) < 2 {
		return 0, false
	}
	h, err1 := strconv.Atoi(parts[0])
	m, err2 := strconv.Atoi(parts[1])
	if h == 24 && m == 0 {
		return 24 * 60, err1 == nil && err2 == nil
	}
	return h*60 + m, err1 == nil && err2 == nil && h >= 0 && h < 24 && m >= 0 && m < 60
}
