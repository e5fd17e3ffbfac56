// Package hsds reads services from Open Referral's Human Services Data Specification, version 3, as JSON.
//
// The record types follow the published schema (3.0 to 3.1, and the UK profile) for everything that says what is
// offered, where, when, to whom, in which languages, with how many places, and how the office is reached. Contact persons,
// with their names, numbers and addresses, are not read: a directory of offices needs none.
package hsds

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Service is what an organisation offers. Texts are as published.
type Service struct {
	ID             string              `json:"id"`
	Name           string              `json:"name"`
	AlternateName  string              `json:"alternate_name"`
	Description    string              `json:"description"`
	URL            string              `json:"url"`
	MoreURLs       []URL               `json:"additional_urls"`
	Wait           string              `json:"wait_time"`
	Email          string              `json:"email"`
	Status         string              `json:"status"` // active, inactive, defunct, temporarily closed
	Interpretation string              `json:"interpretation_services"`
	Eligibility    string              `json:"eligibility_description"`
	MinimumAge     *Number             `json:"minimum_age"`
	MaximumAge     *Number             `json:"maximum_age"`
	AssuredDate    string              `json:"assured_date"` // last confirmed
	LastModified   string              `json:"last_modified"`
	Organization   *Organization       `json:"organization"`
	AtLocations    []ServiceAtLocation `json:"service_at_locations"`
	Schedules      []Schedule          `json:"schedules"`
	Areas          []ServiceArea       `json:"service_areas"`
	Languages      []Language          `json:"languages"`
	Capacities     []Capacity          `json:"capacities"`
	Costs          []CostOption        `json:"cost_options"`
	Documents      []RequiredDocument  `json:"required_documents"`
	Attributes     []Attribute         `json:"attributes"`
	Phones         []Phone             `json:"phones"`

	Index int `json:"-"` // place in its file, 1-based
}

// URL is a further address; its label says what for.
type URL struct {
	Label string `json:"label"`
	URL   string `json:"url"`
}

// Organization offers services.
type Organization struct {
	ID     string  `json:"id"`
	Name   string  `json:"name"`
	URL    string  `json:"website"`
	Email  string  `json:"email"`
	Legal  string  `json:"legal_status"`
	Phones []Phone `json:"phones"`
}

// Phone is a number of an office.
type Phone struct {
	Number      string `json:"number"`
	Type        string `json:"type"` // voice, fax, text, …
	Description string `json:"description"`
}

// ServiceAtLocation is a service at one of its places.
type ServiceAtLocation struct {
	ID         string        `json:"id"`
	Location   *Location     `json:"location"`
	Schedules  []Schedule    `json:"schedules"`
	Areas      []ServiceArea `json:"service_areas"`
	Capacities []Capacity    `json:"capacities"`
	Attributes []Attribute   `json:"attributes"`
	Phones     []Phone       `json:"phones"`
}

// Location is a place. Latitude and Longitude are absent for virtual places.
type Location struct {
	ID            string          `json:"id"`
	Type          string          `json:"location_type"` // physical, postal, virtual
	Name          string          `json:"name"`
	Way           string          `json:"transportation"`
	Latitude      *Number         `json:"latitude"`
	Longitude     *Number         `json:"longitude"`
	Languages     []Language      `json:"languages"`
	Addresses     []Address       `json:"addresses"`
	Accessibility []Accessibility `json:"accessibility"`
	Schedules     []Schedule      `json:"schedules"`
	Attributes    []Attribute     `json:"attributes"`
	Phones        []Phone         `json:"phones"`
}

// Address is a postal address.
type Address struct {
	Address1   string `json:"address_1"`
	City       string `json:"city"`
	PostalCode string `json:"postal_code"`
	Country    string `json:"country"`
}

// Accessibility describes how people with disabilities get in.
type Accessibility struct {
	Description string      `json:"description"`
	Details     string      `json:"details"`
	Attributes  []Attribute `json:"attributes"`
}

// Schedule is when a service is open, after RFC 5545.
type Schedule struct {
	ValidFrom   string  `json:"valid_from"`
	ValidTo     string  `json:"valid_to"`
	Start       string  `json:"dtstart"`
	Until       string  `json:"until"`
	Frequency   string  `json:"freq"`
	Interval    *Number `json:"interval"`
	ByDay       string  `json:"byday"`
	ByMonthDay  string  `json:"bymonthday"`
	ByWeek      string  `json:"byweekno"`
	OpensAt     string  `json:"opens_at"`
	ClosesAt    string  `json:"closes_at"`
	Attending   string  `json:"attending_type"`
	Description string  `json:"description"`
	Notes       string  `json:"notes"`
}

// ServiceArea is where the people live who may use a service.
type ServiceArea struct {
	Name       string `json:"name"`
	Extent     string `json:"extent"`      // in this project: keys of areas, separated by commas, with ExtentType "area-keys"
	ExtentType string `json:"extent_type"` // geojson, topojson, kml, text, …
}

// Language is offered by a service or spoken at a place.
type Language struct {
	Code string `json:"code"` // BCP 47
	Name string `json:"name"`
	Note string `json:"note"`
}

// Capacity is how many units a service has.
type Capacity struct {
	Unit      Unit    `json:"unit"`
	Available *Number `json:"available"`
	Maximum   *Number `json:"maximum"`
	Updated   string  `json:"updated"`
}

// Unit is what a capacity counts.
type Unit struct {
	Name       string `json:"name"`
	Scheme     string `json:"scheme"`
	Identifier string `json:"identifier"`
}

// CostOption is what a service costs.
type CostOption struct {
	Option   string  `json:"option"`
	Currency string  `json:"currency"`
	Amount   *Number `json:"amount"`
}

// RequiredDocument must be brought along.
type RequiredDocument struct {
	Document string `json:"document"`
}

// Attribute links a record to a term of a taxonomy.
type Attribute struct {
	Type  string `json:"link_type"`
	Label string `json:"label"`
	Value string `json:"value"`
	Term  *Term  `json:"taxonomy_term"`
}

// Term is one term of a taxonomy.
type Term struct {
	ID       string `json:"id"`
	Code     string `json:"code"`
	Name     string `json:"name"`
	URI      string `json:"term_uri"`
	Taxonomy string `json:"taxonomy"`
}

// UnmarshalJSON also takes the older form of the UK profile, which calls the name "term".
func (t *Term) UnmarshalJSON(raw []byte) error {
	type plain Term
	in := struct {
		*plain
		Old string `json:"term"`
	}{plain: (*plain)(t)}
	if err := json.Unmarshal(raw, &in); err != nil {
		return err
	}
	if t.Name == "" {
		t.Name = in.Old
	}
	return nil
}

// Number reads a number that may be written as text, as exports from spreadsheets do.
type Number float64

// UnmarshalJSON reads 5, "5" and "5.0".
func (n *Number) UnmarshalJSON(raw []byte) error {
	s := strings.Trim(string(raw), "\"")
	if s == "null" || s == "" {
		return nil
	}
	x, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return err
	}
	*n = Number(x)
	return nil
}

// Terms gives the taxonomy terms of the service and of one of its places, in order.
func (s *Service) Terms(at *ServiceAtLocation) []Term {
	var out []Term
	lists := [][]Attribute{s.Attributes}
	if at != nil {
		lists = append(lists, at.Attributes)
		if at.Location != nil {
			lists = append(lists, at.Location.Attributes)
		}
	}
	for _, l := range lists {
		for _, a := range l {
			if a.Term != nil {
				out = append(out, *a.Term)
			}
		}
	}
	return out
}
