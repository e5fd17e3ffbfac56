// Package hsds3 writes the public directory in the words of Open Referral's Human Services Data Specification, version
// 3.1. Records come in, records of the specification go out; who may see what was decided before.
//
// Everything that the specification has a field for stands in that field. What it has none for (who is welcome with which
// insurance, ways in, texts in further languages) stands in attributes without a term; Attribute names them.
package hsds3

// Service is an offer of help. A list holds what has one value; Service, Places and so on stand in a full record.
type Service struct {
	ID           string              `json:"id"`
	Organisation string              `json:"organization_id,omitempty"`
	Name         string              `json:"name"`
	Description  string              `json:"description,omitempty"`
	URL          string              `json:"url,omitempty"`
	MoreURLs     []URL               `json:"additional_urls,omitempty"`
	Email        string              `json:"email,omitempty"`
	Status       string              `json:"status"`
	Interpreting string              `json:"interpretation_services,omitempty"`
	Fees         string              `json:"fees_description,omitempty"`
	Wait         string              `json:"wait_time,omitempty"`
	Eligibility  string              `json:"eligibility_description,omitempty"`
	MinimumAge   *int                `json:"minimum_age,omitempty"`
	MaximumAge   *int                `json:"maximum_age,omitempty"`
	Assured      string              `json:"assured_date,omitempty"`
	Modified     string              `json:"last_modified"`
	Phones       []Phone             `json:"phones,omitempty"`
	Areas        []Area              `json:"service_areas,omitempty"`
	Places       []ServiceAtLocation `json:"service_at_locations,omitempty"`
	Languages    []Language          `json:"languages,omitempty"`
	Provider     *Organization       `json:"organization,omitempty"`
	Costs        []CostOption        `json:"cost_options,omitempty"`
	Attributes   []Attribute         `json:"attributes,omitempty"`
}

// Minimal is a service of which only its name and its time are told.
type Minimal struct {
	ID       string `json:"id"`
	Modified string `json:"modified_date"`
}

// Organization offers services.
type Organization struct {
	ID          string     `json:"id"`
	Name        string     `json:"name"`
	Description string     `json:"description"`
	Email       string     `json:"email,omitempty"`
	Website     string     `json:"website,omitempty"`
	Legal       string     `json:"legal_status,omitempty"`
	Phones      []Phone    `json:"phones,omitempty"`
	Locations   []Location `json:"locations,omitempty"`
	Services    []any      `json:"services,omitempty"` // Service, or Named
}

// Named is a service of which only the name is told.
type Named struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Status string `json:"status"`
}

// ServiceAtLocation is a service at one of its places.
type ServiceAtLocation struct {
	ID         string      `json:"id"`
	ServiceID  string      `json:"service_id"`
	LocationID string      `json:"location_id"`
	Contacts   []Contact   `json:"contacts,omitempty"`
	Phones     []Phone     `json:"phones,omitempty"`
	Schedules  []Schedule  `json:"schedules,omitempty"`
	Location   *Location   `json:"location,omitempty"`
	Attributes []Attribute `json:"attributes,omitempty"`
	Service    *Service    `json:"service,omitempty"`
}

// Location is a place. Where its coordinates are kept secret it has none.
type Location struct {
	ID            string          `json:"id"`
	Type          string          `json:"location_type"`
	Name          string          `json:"name,omitempty"`
	Way           string          `json:"transportation,omitempty"`
	Latitude      *float64        `json:"latitude,omitempty"`
	Longitude     *float64        `json:"longitude,omitempty"`
	Addresses     []Address       `json:"addresses,omitempty"`
	Accessibility []Accessibility `json:"accessibility,omitempty"`
	Attributes    []Attribute     `json:"attributes,omitempty"`
}

// Address is a postal address.
type Address struct {
	ID         string `json:"id"`
	LocationID string `json:"location_id"`
	Address1   string `json:"address_1"`
	City       string `json:"city"`
	State      string `json:"state_province"`
	PostalCode string `json:"postal_code"`
	Country    string `json:"country"`
	Type       string `json:"address_type"`
}

// Accessibility describes how people with disabilities get in.
type Accessibility struct {
	ID          string `json:"id"`
	LocationID  string `json:"location_id"`
	Description string `json:"description"`
	Details     string `json:"details"`
}

// Contact is a function, never a person.
type Contact struct {
	ID     string  `json:"id"`
	Name   string  `json:"name,omitempty"`
	Email  string  `json:"email,omitempty"`
	Phones []Phone `json:"phones,omitempty"`
}

// Phone is a number in its international form.
type Phone struct {
	ID     string `json:"id"`
	Number string `json:"number"`
}

// URL is a further address.
type URL struct {
	ID    string `json:"id"`
	Label string `json:"label"`
	URL   string `json:"url"`
}

// Schedule is when a service is open, after RFC 5545.
type Schedule struct {
	ID          string `json:"id"`
	ValidFrom   string `json:"valid_from,omitempty"`
	ValidTo     string `json:"valid_to,omitempty"`
	Start       string `json:"dtstart,omitempty"`
	Frequency   string `json:"freq,omitempty"`
	Interval    int    `json:"interval,omitempty"`
	ByDay       string `json:"byday,omitempty"`
	OpensAt     string `json:"opens_at,omitempty"`
	ClosesAt    string `json:"closes_at,omitempty"`
	Attending   string `json:"attending_type,omitempty"`
	Description string `json:"description,omitempty"`
	Notes       string `json:"notes,omitempty"`
}

// Area is where the people live who may use a service.
type Area struct {
	ID          string `json:"id"`
	ServiceID   string `json:"service_id"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	Extent      string `json:"extent,omitempty"`
	ExtentType  string `json:"extent_type,omitempty"`
}

// Language is one in which a service is given.
type Language struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Code string `json:"code"`
	Note string `json:"note,omitempty"`
}

// CostOption is what a service costs.
type CostOption struct {
	ID       string   `json:"id"`
	Option   string   `json:"option"`
	Currency string   `json:"currency,omitempty"`
	Amount   *float64 `json:"amount,omitempty"`
}

// Attribute says something that the specification has no field for, or links to a term of the vocabulary.
type Attribute struct {
	ID     string `json:"id"`
	LinkID string `json:"link_id"`
	Type   string `json:"link_type"`
	Entity string `json:"link_entity"`
	TermID string `json:"taxonomy_term_id,omitempty"`
	Value  string `json:"value,omitempty"`
	Label  string `json:"label,omitempty"`
	Term   *Term  `json:"taxonomy_term,omitempty"`
}

// Term is one of the vocabulary.
type Term struct {
	ID          string    `json:"id"`
	Code        string    `json:"code"`
	Name        string    `json:"name"`
	Description string    `json:"description"`
	Parent      string    `json:"parent_id,omitempty"`
	Taxonomy    string    `json:"taxonomy"`
	Detail      *Taxonomy `json:"taxonomy_detail,omitempty"`
	Language    string    `json:"language"`
	TaxonomyID  string    `json:"taxonomy_id"`
}

// Taxonomy is a set of terms.
type Taxonomy struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Version     string `json:"version,omitempty"`
}

// Page is one page of a list.
type Page struct {
	TotalItems int   `json:"total_items"`
	TotalPages int   `json:"total_pages"`
	Number     int   `json:"page_number"`
	Size       int   `json:"size"`
	First      bool  `json:"first_page"`
	Last       bool  `json:"last_page"`
	Empty      bool  `json:"empty"`
	Contents   []any `json:"contents"`
}
