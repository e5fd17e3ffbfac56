// Package intake makes entries of the directory of what others publish: HSDS, sheets of offices, OpenStreetMap, FHIR
// directories. A source is read whole before anything of it is taken over. What cannot be right in one field is said with
// file, place, field and advice, and left out; the rest of the record is taken over, and a record that is there already keeps
// what it has in that field. A record without a name or a kind of help is left out whole.
package intake

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gevor/directory"
	"gevor/fault"
	"gevor/form"
	"gevor/notice"
	"gevor/vocabulary"
)

// Options says how a source is read. Vocabulary and Now are required.
type Options struct {
	File       string // path in notices
	Notes      *notice.List
	Vocabulary *vocabulary.Vocabulary
	Now        time.Time
	Rules      directory.Rules // what entries of the installation are held against; the zero value is lenient
	Limits     Limits
}

// Limits bounds a source; zero fields take the defaults.
type Limits struct {
	Bytes   int64 // default 100 MiB
	Records int   // default 200,000
}

func (o Options) ready() (Options, error) {
	if o.Vocabulary == nil || o.Now.IsZero() {
		return o, fault.New(fault.Invalid, "intake.Options", "Vocabulary and Now are required", "set both")
	}
	if o.Notes == nil {
		o.Notes = &notice.List{}
	}
	if o.Limits.Bytes == 0 {
		o.Limits.Bytes = 100 << 20
	}
	if o.Limits.Records == 0 {
		o.Limits.Records = 200_000
	}
	return o, nil
}

func (o *Options) tooMany() error {
	return fault.New(fault.TooLarge, o.File, fmt.Sprintf("there are more than %d records", o.Limits.Records), "split the file")
}

func (o *Options) tooLong() error {
	return fault.New(fault.TooLarge, o.File, fmt.Sprintf("the file has more than %d bytes", o.Limits.Bytes), "split it, or export only the columns that are needed")
}

// draft is one record on its way: what is wrong with it goes into notes under its place.
type draft struct {
	directory.Imported
	o      *Options
	record string // names it in notices
	line   int    // 0 where the format has none
	lost   bool   // not taken over
	why    notice.Notice
}

// counted notes what became of the record, and gives it on where it is taken over.
func (d *draft) counted(x directory.Imported, ok bool) (directory.Imported, bool) {
	if ok {
		d.o.Notes.Used(d.o.File, 1)
	} else {
		d.o.Notes.Rejected(d.why)
	}
	return x, ok
}

// flag says that a field cannot be right. The record is taken over without it.
func (d *draft) flag(field, value, rule, advice string) {
	d.o.Notes.Add(notice.Notice{Severity: notice.Warning, File: d.o.File, Line: d.line, Record: d.record, Field: field, Value: value, Rule: rule, Advice: advice})
}

// unread flags a field of the service, and keeps what a record that is there already has in it.
func (d *draft) unread(column, field, value, rule, advice string) {
	d.flag(field, value, rule, advice)
	if !slices.Contains(d.Unread, column) {
		d.Unread = append(d.Unread, column)
	}
}

// phone gives a number in international form, or flags it.
func (d *draft) phone(number string) string {
	if strings.TrimSpace(number) == "" {
		return ""
	}
	out, ok := directory.PhoneNumber(number)
	if !ok {
		d.unread("Places", "phone", number, "phone", advice("phone"))
		return ""
	}
	return out
}

// day reads a date as ISO 8601 has it. German order is told apart from nonsense, as it is what sheets hold.
func (d *draft) day(field, s string, german bool) time.Time {
	if s = strings.TrimSpace(s); s == "" {
		return time.Time{}
	}
	s, _, _ = strings.Cut(s, "T")
	at, err := time.Parse(time.DateOnly, s)
	if dotted, no := time.Parse("2.1.2006", s); err != nil && no == nil {
		if !german {
			d.flag(field, s, "date-order", "write the year first, like "+dotted.Format(time.DateOnly)+"; the date was left out")
			return time.Time{}
		}
		at, err = dotted, nil
	}
	switch {
	case err != nil:
		d.flag(field, s, "date", "write a date like 2026-01-31; it was left out")
		return time.Time{}
	case at.After(d.o.Now):
		d.flag(field, s, "date-future", "this day has not come yet; it was left out")
		return time.Time{}
	}
	return at
}

// advice says what to do about a reason of form.
func advice(reason string) string {
	known := map[string]string{
		"placeholder": "this is a text that somebody meant to replace; write the real one",
		"phone":       "write the number with its area code, like 0234 123456",
		"url":         "write a whole web address, like https://www.example.de",
		"email":       "write a whole e-mail address",
		"language":    "write a language tag of BCP 47, like de, tr, ar or ckb",
		"hours":       "write times between 00:00 and 24:00",
		"swapped":     "longitude and latitude are swapped",
		"outside":     "this place lies outside of the region; check the coordinates",
		"postcode":    "a German postcode has five digits",
		"address":     "an address needs street and city",
		"choose":      "say what kind of help it is",
		"unknown":     "this is none of the known values",
		"range":       "this number cannot be",
		"long":        "this text is too long",
		"empty":       "this must not be empty",
	}
	if a, ok := known[reason]; ok {
		return a
	}
	return "correct it in the source"
}

// serviceField says which field of the record stands behind a name of Service.Check.
func serviceField(name string) string {
	known := map[string]string{
		"summary": "Summary", "description": "Description", "cost_text": "CostText", "conditions": "For", "age": "For", "insurance": "Insurance",
		"cost": "Cost", "access": "Access", "booking": "Booking", "website": "Website", "languages": "Languages", "capacity": "Capacity", "area": "Area",
	}
	if strings.HasPrefix(name, "place_") {
		return "Places"
	}
	return known[name]
}

// finish holds the record against the rules of the directory, field by field, and leaves out what cannot be right. It is not
// ok where nothing useful is left.
func (d *draft) finish() (directory.Imported, bool) {
	d.languages()
	d.places()
	d.provider()
	if d.lost {
		return d.Imported, false
	}
	for i := range d.Service.Places {
		d.Service.Places[i].Location = "given later"
	}
	for range 3 { // leaving one field out may show another one to be wrong
		x, err := d.Service.Check(d.o.Rules, d.o.Now)
		if err == nil {
			d.Service = x
			for i := range d.Service.Places {
				d.Service.Places[i].Location = ""
			}
			return d.Imported, true
		}
		for _, f := range form.Of(err) {
			column := serviceField(f.Name)
			if column == "" {
				d.reject(f.Name, d.text(f.Name), f.Reason)
				return d.Imported, false
			}
			d.unread(column, f.Name, d.text(f.Name), f.Reason, advice(f.Reason)+"; the field was left out")
			d.clear(column)
		}
	}
	d.reject("name", d.text("name"), "unusable")
	return d.Imported, false
}

func (d *draft) reject(field, value, rule string) {
	d.lost = true
	d.why = notice.Notice{File: d.o.File, Line: d.line, Record: d.record, Field: field, Value: value, Rule: rule, Advice: advice(rule) + "; the record was not taken over"}
}

// text is a field as it is shown in a notice.
func (d *draft) text(field string) string {
	s := d.Service
	switch field {
	case "name":
		out, _ := s.Name.In("de")
		return out
	case "summary":
		out, _ := s.Summary.In("de")
		return out
	case "description":
		out, _ := s.Description.In("de")
		return out
	case "conditions":
		out, _ := s.For.Conditions.In("de")
		return out
	case "website":
		return s.Website
	case "booking":
		return s.Booking
	case "age":
		return fmt.Sprintf("%d–%d", s.For.MinAge, s.For.MaxAge)
	case "kinds":
		return strings.Join(s.Kinds, ", ")
	}
	return ""
}

func (d *draft) clear(column string) {
	s := &d.Service
	switch column {
	case "Summary":
		s.Summary = nil
	case "Description":
		s.Description = nil
	case "CostText":
		s.CostText = nil
	case "For":
		s.For = directory.For{Groups: s.For.Groups}
	case "Insurance":
		s.Insurance = nil
	case "Cost":
		s.Cost = directory.CostUnknown
	case "Access":
		s.Access = nil
	case "Booking":
		s.Booking = ""
	case "Website":
		s.Website = ""
	case "Languages":
		s.Languages = nil
	case "Capacity":
		s.Capacity = directory.Capacity{}
	case "Area":
		s.Area = directory.Area{}
	case "Places":
		s.Places, d.Places = nil, nil
	}
}

// languages leaves out tags that name no language; the others stay.
func (d *draft) languages() {
	d.Service.Languages = slices.DeleteFunc(d.Service.Languages, func(l directory.Language) bool {
		only := directory.Service{Draft: true, Name: directory.Texts{"de": "x"}, Languages: []directory.Language{l}}
		_, err := only.Check(directory.Rules{}, d.o.Now)
		for _, f := range form.Of(err) {
			if f.Name == "languages" {
				d.unread("Languages", "languages", l.Tag, "language", advice("language")+"; it was left out")
				return true
			}
		}
		return false
	})
}

// places holds the locations against the rules.
func (d *draft) places() {
	for i := 0; i < len(d.Places); i++ {
		p := &d.Places[i]
		for range 3 {
			l, err := p.Check(d.o.Rules)
			if err == nil {
				p.Location = l
				break
			}
			for _, f := range form.Of(err) {
				value := fmt.Sprint(p.Street, ", ", p.Postcode, " ", p.City)
				if f.Name == "at" && p.At != nil {
					value = fmt.Sprintf("%g, %g", p.At.Lat, p.At.Lon)
				}
				d.flag(f.Name, value, f.Reason, advice(f.Reason)+"; the field was left out")
				switch f.Name {
				case "at":
					p.At, p.Unread = nil, append(p.Unread, "At")
				case "postcode":
					p.Postcode, p.Unread = "", append(p.Unread, "Postcode")
				case "way":
					p.Way, p.Unread = nil, append(p.Unread, "Way")
				case "location_name":
					p.Name, p.Unread = "", append(p.Unread, "Name")
				default:
					p.Street, p.City, p.Unread = "", "", append(p.Unread, "Street", "City")
				}
			}
		}
	}
	// A place of which nothing is left to find it by is none.
	for i := len(d.Places) - 1; i >= 0; i-- {
		if p := d.Places[i]; p.At == nil && p.Street == "" && len(p.Unread) > 0 {
			d.Places = slices.Delete(d.Places, i, i+1)
			d.Service.Places = slices.Delete(d.Service.Places, i, i+1)
			if !slices.Contains(d.Unread, "Places") {
				d.Unread = append(d.Unread, "Places")
			}
		}
	}
}

func (d *draft) provider() {
	p := &d.Provider
	if p.Phone != "" {
		number, ok := directory.PhoneNumber(p.Phone)
		if !ok {
			d.flag("phone", p.Phone, "phone", advice("phone")+"; it was left out")
			d.ProviderUnread = append(d.ProviderUnread, "Phone")
			number = ""
		}
		p.Phone = number
	}
	for range 2 {
		x, err := p.Check()
		if err == nil {
			d.Provider = x
			return
		}
		for _, f := range form.Of(err) {
			switch f.Name {
			case "website":
				d.flag("provider website", p.Website, f.Reason, advice(f.Reason)+"; it was left out")
				p.Website, d.ProviderUnread = "", append(d.ProviderUnread, "Website")
			case "email":
				d.flag("provider email", p.Email, f.Reason, advice(f.Reason)+"; it was left out")
				p.Email, d.ProviderUnread = "", append(d.ProviderUnread, "Email")
			case "legal":
				d.flag("legal", p.Legal, f.Reason, advice(f.Reason)+"; it was left out")
				p.Legal, d.ProviderUnread = "", append(d.ProviderUnread, "Legal")
			default:
				d.reject("provider "+f.Name, p.Name, f.Reason)
				return
			}
		}
	}
}

// german makes a text of words in German; none of an empty one.
func german(s string) directory.Texts {
	if s = strings.TrimSpace(s); s == "" {
		return nil
	}
	return directory.Texts{"de": s}
}
