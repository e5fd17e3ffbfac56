package directory

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"gevor/form"
	"gevor/geo"
)

// Rules is what a record is held against, beside what is wrong anywhere.
type Rules struct {
	Kind func(string) bool // a concept of the vocabulary
	Area func(string) bool // the key of a municipality or district; nil accepts every key
	// Box holds all places of the region, with some room around; the zero box accepts every place in Germany.
	Box [2]geo.LonLat
}

// limits of texts in characters.
const (
	maxName = 200
	maxLine = 400
	maxText = 8000
)

// placeholder matches texts that somebody meant to replace.
var placeholder = regexp.MustCompile(`(?i)lorem ipsum|\bxxx+\b|\btodo\b|\btba\b|\bn\.?n\.?\b|platzhalter|musterstraße|max mustermann|\btest ?eintrag\b|example\.(com|org)`)

// texts tidies a text in all its languages and notes what is wrong under the name of the field.
func texts(f *form.Fields, field string, t Texts, most int, required bool) Texts {
	out := Texts{}
	for tag, s := range t {
		s = strings.TrimSpace(norm.NFC.String(strings.ToValidUTF8(s, "")))
		if s == "" {
			continue
		}
		parsed, err := language.Parse(tag)
		if err != nil {
			f.Add(field, "language")
			continue
		}
		if utf8.RuneCountInString(s) > most {
			f.Add(field, "long")
		}
		if placeholder.MatchString(s) {
			f.Add(field, "placeholder")
		}
		out[parsed.String()] = s
	}
	if required && len(out) == 0 {
		f.Add(field, "empty")
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// PhoneNumber brings a number into international form: "0234 123-45" becomes "+49 234 12345". It is not ok where the area
// code is missing or the number is too short or too long to be one. Numbers for emergencies and the harmonised services
// of social value (110, 112, 116…, 115) stay as they are.
func PhoneNumber(s string) (string, bool) {
	digits := strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9' || r == '+':
			return r
		}
		return -1
	}, strings.ReplaceAll(s, "(0)", ""))
	if slices.Contains([]string{"110", "112", "115"}, digits) || len(digits) == 6 && strings.HasPrefix(digits, "116") {
		return digits, true
	}
	switch {
	case strings.HasPrefix(digits, "00"):
		digits = "+" + digits[2:]
	case strings.HasPrefix(digits, "0"):
		digits = "+49" + digits[1:]
	}
	rest := strings.TrimPrefix(digits, "+")
	if !strings.HasPrefix(digits, "+") || strings.Contains(rest, "+") || len(rest) < 8 || len(rest) > 15 || rest[0] == '0' {
		return s, false
	}
	return digits, true
}

// Link gives a web address that pages may lead to: http or https, with a host. "www.stadt.de" gets its scheme.
func Link(s string) (string, bool) {
	s = strings.TrimSpace(s)
	if strings.HasPrefix(strings.ToLower(s), "www.") {
		s = "https://" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || !strings.Contains(u.Hostname(), ".") || u.User != nil {
		return s, false
	}
	return u.String(), true
}

func link(f *form.Fields, field, s string) string {
	if strings.TrimSpace(s) == "" {
		return ""
	}
	out, ok := Link(s)
	if !ok {
		f.Add(field, "url")
	} else if placeholder.MatchString(out) {
		f.Add(field, "placeholder")
	}
	return out
}

func phone(f *form.Fields, field, s string) string {
	if strings.TrimSpace(s) == "" {
		return ""
	}
	out, ok := PhoneNumber(s)
	if !ok {
		f.Add(field, "phone")
	}
	return out
}

func email(f *form.Fields, field, s string) string {
	if strings.TrimSpace(s) == "" {
		return ""
	}
	return f.Email(field, s)
}

// Check gives the provider tidied, or what is wrong, field by field.
func (p Provider) Check() (Provider, error) {
	var f form.Fields
	p.Name = f.Line("name", p.Name, 2, maxName)
	if placeholder.MatchString(p.Name) {
		f.Add("name", "placeholder")
	}
	p.Legal = f.Line("legal", p.Legal, 0, 60)
	p.Website, p.Email, p.Phone = link(&f, "website", p.Website), email(&f, "email", p.Email), phone(&f, "phone", p.Phone)
	return p, f.Err()
}

var postcode = regexp.MustCompile(`^[0-9]{5}$`)

// germany is a box around the country, in degrees.
var germany = [2]geo.LonLat{{Lon: 5.8, Lat: 47.2}, {Lon: 15.1, Lat: 55.1}}

// Check gives the location tidied, or what is wrong, field by field. Coordinates that fit the box only the other way
// round are said to be swapped; they are not corrected silently.
func (l Location) Check(r Rules) (Location, error) {
	var f form.Fields
	l.Name, l.Street, l.City = f.Line("location_name", l.Name, 0, maxName), f.Line("street", l.Street, 0, maxName), f.Line("city", l.City, 0, 100)
	if l.Postcode = strings.TrimSpace(l.Postcode); l.Postcode != "" && !postcode.MatchString(l.Postcode) {
		f.Add("postcode", "postcode")
	}
	if l.At == nil && (l.Street == "") != (l.City == "") {
		f.Add("street", "address")
	}
	box := r.Box
	if box == ([2]geo.LonLat{}) {
		box = germany
	}
	if l.At != nil {
		switch swapped := (geo.LonLat{Lon: l.At.Lat, Lat: l.At.Lon}); {
		case within(box, *l.At):
		case within(box, swapped):
			f.Add("at", "swapped")
		default:
			f.Add("at", "outside")
		}
	}
	l.Way = texts(&f, "way", l.Way, maxLine, false)
	return l, f.Err()
}

func within(box [2]geo.LonLat, p geo.LonLat) bool {
	return p.Lon >= box[0].Lon && p.Lon <= box[1].Lon && p.Lat >= box[0].Lat && p.Lat <= box[1].Lat
}

// Check gives the service tidied, or what is wrong, field by field. now is the day of the check: nothing was confirmed
// or counted in the future.
func (s Service) Check(r Rules, now time.Time) (Service, error) {
	var f form.Fields
	s.Name = texts(&f, "name", s.Name, maxName, true)
	s.Summary = texts(&f, "summary", s.Summary, maxLine, false)
	s.Description = texts(&f, "description", s.Description, maxText, false)
	s.CostText = texts(&f, "cost_text", s.CostText, maxLine, false)
	s.For.Conditions = texts(&f, "conditions", s.For.Conditions, maxLine, false)
	if len(s.Kinds) == 0 && !s.Draft {
		f.Add("kinds", "choose")
	}
	for _, k := range s.Kinds {
		if r.Kind != nil && !r.Kind(k) {
			f.Add("kinds", "unknown")
		}
	}
	if s.For.MinAge < 0 || s.For.MaxAge < 0 || s.For.MaxAge > 130 || s.For.MaxAge > 0 && s.For.MinAge > s.For.MaxAge {
		f.Add("age", "range")
	}
	if s.For.Women && s.For.Men {
		f.Add("age", "contradiction")
	}
	each(&f, "insurance", s.Insurance, Insurances())
	each(&f, "cost", []Cost{s.Cost}, []Cost{CostUnknown, Free, Fee, Copayment})
	each(&f, "access", s.Access, AccessWays())
	s.Booking, s.Website = link(&f, "booking", s.Booking), link(&f, "website", s.Website)
	s.Languages = languages(&f, s.Languages)
	each(&f, "capacity", []Room{s.Capacity.Room}, []Room{RoomUnknown, RoomFree, RoomWaiting, RoomClosed})
	if s.Capacity.Weeks < 0 || s.Capacity.Weeks > 260 {
		f.Add("capacity", "range")
	}
	if s.Capacity.On.After(now.AddDate(0, 0, 1)) {
		f.Add("capacity", "date_future")
	}
	s.Area = s.Area.check(&f, r)
	for i := range s.Places {
		s.Places[i].check(&f, i)
	}
	return s, f.Err()
}

func each[T comparable](f *form.Fields, field string, got, known []T) {
	if slices.ContainsFunc(got, func(x T) bool { return !slices.Contains(known, x) }) {
		f.Add(field, "unknown")
	}
}

// languages brings tags into their one form and notes those that name no language.
func languages(f *form.Fields, in []Language) []Language {
	out := slices.Clone(in)
	for i := range out {
		tag, err := language.Parse(strings.TrimSpace(out[i].Tag))
		if base, sure := tag.Base(); err != nil || sure == language.No || base.String() == "und" {
			f.Add("languages", "language")
			continue
		}
		out[i].Tag = tag.String()
		slots(f, "languages", out[i].Hours)
	}
	return out
}

func slots(f *form.Fields, field string, in []Slot) {
	for _, s := range in {
		if s.Day < time.Sunday || s.Day > time.Saturday || s.From < 0 || s.From >= 24*60 || s.To <= s.From || s.To > 36*60 {
			f.Add(field, "hours")
			return
		}
	}
}

func (a Area) check(f *form.Fields, r Rules) Area {
	switch a.Reach {
	case ReachUnknown, Nationwide, Regionwide:
		a.Keys, a.Km = nil, 0
	case Municipality, DistrictReach:
		a.Km = 0
		if len(a.Keys) == 0 {
			f.Add("area", "choose")
		}
		if r.Area != nil && slices.ContainsFunc(a.Keys, func(k string) bool { return !r.Area(k) }) {
			f.Add("area", "unknown")
		}
	case Radius:
		a.Keys = nil
		if a.Km <= 0 || a.Km > 1000 {
			f.Add("area", "range")
		}
	default:
		f.Add("area", "unknown")
	}
	return a
}

func (p *Place) check(f *form.Fields, i int) {
	field := fmt.Sprintf("place_%d", i+1)
	if p.Location == "" {
		f.Add(field, "choose")
	}
	slots(f, field, p.Hours.Slots)
	each(f, field, []Holidays{p.Hours.Holidays}, []Holidays{HolidaysUnknown, HolidaysClosed, HolidaysOpen})
	for _, e := range p.Hours.Exceptions {
		slots(f, field, e.Slots)
		if e.To.Before(e.From) || e.From.IsZero() {
			f.Add(field, "date")
		}
	}
	p.Hours.Text = texts(f, field, p.Hours.Text, maxLine, false)
	for k := range p.Contacts {
		c := &p.Contacts[k]
		c.Name = f.Line(field, c.Name, 0, maxName)
		c.Phone, c.Email = phone(f, field, c.Phone), email(f, field, c.Email)
		slots(f, field, c.Hours)
	}
}
