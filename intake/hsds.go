package intake

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

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
		v.Languages = append(v.Languages, directory.Language{Tag: tag, How: spokenBy(l.Note)})
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
	d.attributes(s)
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
		holidays(&place.Hours, at.Attributes)
		if number := d.phone(firstPhone(slices.Concat(at.Phones, s.Phones, at.Location.Phones))); number != "" || s.Email != "" {
			place.Contacts = []directory.Contact{{Phone: number, Email: s.Email}}
		}
		d.Places = append(d.Places, directory.ImportedPlace{Source: source, Location: l})
		d.Service.Places = append(d.Service.Places, place)
	}
}

func hsdsLocation(l *hsds.Location) (directory.Location, bool) {
	out := directory.Location{Name: l.Name, Way: german(l.Way)}
	entrance(&out, l.Attributes)
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
	for _, a := range list {
		if m := kilometres.FindStringSubmatch(a.Name); m != nil {
			if km, err := strconv.ParseFloat(strings.Replace(m[1], ",", ".", 1), 64); err == nil {
				return directory.Area{Km: km} // Reach is told by an attribute
			}
		}
	}
	return directory.Area{}
}

// schedule reads hours: of every week, of certain weeks of a month, of single days, and in words. A line that cannot be
// read is flagged and left out.
func (d *draft) schedule(list []hsds.Schedule) (h directory.Hours) {
	for _, s := range list {
		switch {
		case s.Notes == "closed" && s.ByDay == "" && s.OpensAt == "":
			d.closed(&h, s)
		case s.Notes == "exception" && s.ByDay == "":
			d.exception(&h, s)
		case s.ByDay == "":
			if s.Description != "" && s.OpensAt == "" {
				h.Text = german(s.Description)
			}
		case s.Notes == "rund um die Uhr":
			h.Always = true
		default:
			d.weekly(&h, s)
		}
	}
	return h
}

// weekly reads a stretch of days of the week. 00:00 to 23:59 is a whole day, which the specification cannot say.
func (d *draft) weekly(h *directory.Hours, s hsds.Schedule) {
	days := map[string]int{"SU": 0, "MO": 1, "TU": 2, "WE": 3, "TH": 4, "FR": 5, "SA": 6}
	from, to, ok := times(s)
	if !ok {
		d.unread("Places", "schedules", s.OpensAt+"–"+s.ClosesAt, "hours", "write opens_at and closes_at like 09:00; these hours were left out")
		return
	}
	weeks := map[int]directory.Weeks{}
	var order []int
	for part := range strings.SplitSeq(s.ByDay, ",") {
		part = strings.TrimSpace(part)
		week := directory.Weeks(0)
		if len(part) == 3 && part[0] >= '1' && part[0] <= '5' && strings.EqualFold(s.Frequency, "MONTHLY") {
			week, part = directory.OnlyWeek(int(part[0]-'0')), part[1:]
		}
		day, known := days[part]
		if !known {
			d.unread("Places", "schedules", s.ByDay, "hours", "write byday like MO,TU; this day was left out")
			continue
		}
		if !slices.Contains(order, day) {
			order = append(order, day)
		}
		weeks[day] |= week
	}
	for _, day := range order {
		x := slot(day, from, to)
		x.Weeks, x.ByCall = weeks[day], s.Attending == "appointment"
		h.Slots = append(h.Slots, x)
	}
}

// times gives opening and closing in minutes after midnight; a stretch that ends before it began passes midnight.
func times(s hsds.Schedule) (from, to int, ok bool) {
	from, ok1 := clock(s.OpensAt)
	to, ok2 := clock(s.ClosesAt)
	switch {
	case from == 0 && to == 23*60+59:
		to = 24 * 60
	case to < from:
		to += 24 * 60
	}
	return from, to, ok1 && ok2 && to != from
}

// span reads the days in which something holds.
func (d *draft) span(s hsds.Schedule) (from, to time.Time, ok bool) {
	from, err1 := time.Parse(time.DateOnly, s.ValidFrom)
	to, err2 := time.Parse(time.DateOnly, s.ValidTo)
	if ok = err1 == nil && err2 == nil && !to.Before(from); !ok {
		d.flag("schedules", s.ValidFrom+"–"+s.ValidTo, "date", "write valid_from and valid_to like 2026-01-31; these days were left out")
	}
	return from, to, ok
}

func (d *draft) closed(h *directory.Hours, s hsds.Schedule) {
	if from, to, ok := d.span(s); ok {
		text := s.Description
		if text == "geschlossen" {
			text = ""
		}
		h.Exceptions = append(h.Exceptions, directory.Exception{From: from, To: to, Text: german(text)})
	}
}

// exception reads other hours of one day.
func (d *draft) exception(h *directory.Hours, s hsds.Schedule) {
	on, _, ok := d.span(s)
	from, to, timed := times(s)
	if !ok || !timed {
		return
	}
	x := slot(int(on.Weekday()), from, to)
	if last := len(h.Exceptions) - 1; last >= 0 && h.Exceptions[last].From.Equal(on) && len(h.Exceptions[last].Slots) > 0 {
		h.Exceptions[last].Slots = append(h.Exceptions[last].Slots, x)
		return
	}
	h.Exceptions = append(h.Exceptions, directory.Exception{From: on, To: on, Slots: []directory.Slot{x}, Text: german(s.Description)})
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
