// Package fhir reads directories of health services as FHIR R4 bundles after IHE mCSD: Organization, Location and
// HealthcareService. Practitioners are not read: a directory of offices needs no persons.
package fhir

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"gevor/fault"
	"gevor/notice"
)

// Directory is what a bundle holds, each by its order there.
type Directory struct {
	Organisations []Organization
	Locations     []Location
	Services      []HealthcareService
}

// Coding is a code of a system.
type Coding struct {
	System  string `json:"system"`
	Code    string `json:"code"`
	Display string `json:"display"`
}

// Concept is a thing by codes or words.
type Concept struct {
	Coding []Coding `json:"coding"`
	Text   string   `json:"text"`
}

// Contact is a number or an address.
type Contact struct {
	System string `json:"system"` // phone, fax, email, url, …
	Value  string `json:"value"`
}

// Reference names another resource.
type Reference struct {
	Reference string `json:"reference"`
	Display   string `json:"display"`
}

// Address is a postal address.
type Address struct {
	Line       []string `json:"line"`
	City       string   `json:"city"`
	PostalCode string   `json:"postalCode"`
}

// Organization is who offers services.
type Organization struct {
	ID      string    `json:"id"`
	Active  *bool     `json:"active"`
	Name    string    `json:"name"`
	Telecom []Contact `json:"telecom"`
	URL     string    `json:"-"` // by which references may name it
}

// Location is a place.
type Location struct {
	ID       string    `json:"id"`
	Status   string    `json:"status"`
	Name     string    `json:"name"`
	Telecom  []Contact `json:"telecom"`
	Address  *Address  `json:"address"`
	Position *Position `json:"position"`
	URL      string    `json:"-"`
}

// Position is in degrees, WGS 84.
type Position struct {
	Longitude *float64 `json:"longitude"`
	Latitude  *float64 `json:"latitude"`
}

// Available is a stretch of the week.
type Available struct {
	Days   []string `json:"daysOfWeek"` // mon … sun
	AllDay bool     `json:"allDay"`
	From   string   `json:"availableStartTime"` // hh:mm:ss
	To     string   `json:"availableEndTime"`
}

// Closed is a stretch of days on which nothing is open.
type Closed struct {
	Description string `json:"description"`
	During      struct {
		Start string `json:"start"`
		End   string `json:"end"`
	} `json:"during"`
}

// HealthcareService is an offer.
type HealthcareService struct {
	ID            string      `json:"id"`
	Active        *bool       `json:"active"`
	Name          string      `json:"name"`
	Comment       string      `json:"comment"`
	Details       string      `json:"extraDetails"`
	ProvidedBy    *Reference  `json:"providedBy"`
	Location      []Reference `json:"location"`
	Category      []Concept   `json:"category"`
	Type          []Concept   `json:"type"`
	Specialty     []Concept   `json:"specialty"`
	Telecom       []Contact   `json:"telecom"`
	Communication []Concept   `json:"communication"`
	Eligibility   []struct {
		Code    *Concept `json:"code"`
		Comment string   `json:"comment"`
	} `json:"eligibility"`
	Provision      []Concept   `json:"serviceProvisionCode"`
	Characteristic []Concept   `json:"characteristic"`
	NotAvailable   []Closed    `json:"notAvailable"`
	Appointment    *bool       `json:"appointmentRequired"`
	AvailableTime  []Available `json:"availableTime"`
	Exceptions     string      `json:"availabilityExceptions"`
	Meta           struct {
		LastUpdated string `json:"lastUpdated"`
	} `json:"meta"`
	Index int    `json:"-"` // place in its bundle, 1-based
	URL   string `json:"-"`
}

// Limits bounds a bundle; zero fields take the defaults.
type Limits struct {
	Bytes   int64 // default 256 MiB
	Entries int   // default 500,000
}

// Options says how to read; all fields may be empty.
type Options struct {
	File   string
	Notes  *notice.List
	Limits Limits
}

type reader struct {
	o    Options
	out  Directory
	seen map[string]bool
	n    int
}

// Read reads one Bundle. Entries are streamed; one that cannot be read is rejected with a notice that names its number, and
// those of other kinds are passed over. Broken JSON ends the reading with a fault.
func Read(in io.Reader, o Options) (*Directory, error) {
	if o.Limits.Bytes == 0 {
		o.Limits.Bytes = 256 << 20
	}
	if o.Limits.Entries == 0 {
		o.Limits.Entries = 500_000
	}
	if o.Notes == nil {
		o.Notes = &notice.List{}
	}
	r := &reader{o: o, seen: map[string]bool{}}
	limited := &io.LimitedReader{R: in, N: o.Limits.Bytes + 1}
	buffered := bufio.NewReader(limited)
	if head, err := buffered.Peek(3); err == nil && string(head) == "\xef\xbb\xbf" {
		if _, err := buffered.Discard(3); err != nil {
			return nil, r.broken(err)
		}
	}
	err := r.bundle(json.NewDecoder(buffered))
	if limited.N <= 0 {
		return nil, fault.New(fault.TooLarge, o.File, fmt.Sprintf("the file has more than %d bytes", o.Limits.Bytes), "split it")
	}
	if err != nil {
		return nil, err
	}
	return &r.out, nil
}

func (r *reader) broken(err error) error {
	place := r.o.File
	if r.n > 0 {
		place = fmt.Sprintf("%s, after entry %d", r.o.File, r.n)
	}
	return fault.Wrap(fault.Invalid, place, "this is no complete FHIR bundle", "export a Bundle of HealthcareService, Location and Organization as JSON", err)
}

func (r *reader) bundle(d *json.Decoder) error {
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return r.broken(err)
	}
	kind, entries := "", false
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return r.broken(err)
		}
		switch name {
		case "resourceType":
			if err := d.Decode(&kind); err != nil {
				return r.broken(err)
			}
		case "entry":
			if err := r.entries(d); err != nil {
				return err
			}
			entries = true
		default:
			var skip json.RawMessage
			if err := d.Decode(&skip); err != nil {
				return r.broken(err)
			}
		}
	}
	if _, err := d.Token(); err != nil {
		return r.broken(err)
	}
	if kind != "Bundle" || !entries {
		return fault.New(fault.Invalid, r.o.File, "this is no FHIR bundle with entries", "export a Bundle of HealthcareService, Location and Organization as JSON")
	}
	return nil
}

func (r *reader) entries(d *json.Decoder) error {
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return r.broken(err)
	}
	for d.More() {
		var e struct {
			FullURL  string          `json:"fullUrl"`
			Resource json.RawMessage `json:"resource"`
		}
		if r.n++; r.n > r.o.Limits.Entries {
			return fault.New(fault.TooLarge, r.o.File, fmt.Sprintf("there are more than %d entries", r.o.Limits.Entries), "split the bundle")
		}
		if err := d.Decode(&e); err != nil {
			var typed *json.UnmarshalTypeError
			if !errors.As(err, &typed) {
				return r.broken(err)
			}
			r.reject("", "", typed)
			continue
		}
		r.take(e.FullURL, e.Resource)
	}
	if _, err := d.Token(); err != nil {
		return r.broken(err)
	}
	return nil
}

func (r *reader) reject(kind, id string, err error) {
	field := ""
	var typed *json.UnmarshalTypeError
	if errors.As(err, &typed) {
		field = typed.Field
	}
	r.o.Notes.Rejected(notice.Notice{File: r.o.File, Record: strings.TrimSpace(fmt.Sprintf("entry %d %s %s", r.n, kind, id)), Field: field, Rule: "no-resource", Advice: "a resource of FHIR R4 is expected; this field has another type"})
}

func (r *reader) take(url string, raw json.RawMessage) {
	var what struct {
		Kind string `json:"resourceType"`
		ID   string `json:"id"`
	}
	if err := json.Unmarshal(raw, &what); err != nil {
		r.reject("", "", err)
		return
	}
	key := what.Kind + "/" + what.ID
	if what.ID == "" {
		key = url
	}
	var err error
	switch what.Kind {
	case "Organization":
		x := Organization{URL: url}
		if err = json.Unmarshal(raw, &x); err == nil && r.first(key) {
			r.out.Organisations = append(r.out.Organisations, x)
		}
	case "Location":
		x := Location{URL: url}
		if err = json.Unmarshal(raw, &x); err == nil && r.first(key) {
			r.out.Locations = append(r.out.Locations, x)
		}
	case "HealthcareService":
		x := HealthcareService{URL: url, Index: r.n}
		if err = json.Unmarshal(raw, &x); err == nil && r.first(key) {
			r.out.Services = append(r.out.Services, x)
		}
	}
	if err != nil {
		r.reject(what.Kind, what.ID, err)
	}
}

// first says whether a resource is the first of its name; a second one is rejected, and the first is used.
func (r *reader) first(key string) bool {
	if key != "" && !r.seen[key] {
		r.seen[key] = true
		return true
	}
	r.o.Notes.Rejected(notice.Notice{File: r.o.File, Record: fmt.Sprintf("entry %d", r.n), Field: "id", Value: key, Rule: "duplicate-id", Advice: "every resource needs an id of its own; the first one is used"})
	return false
}
