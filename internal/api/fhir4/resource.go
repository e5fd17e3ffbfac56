// Package fhir4 writes the public directory as resources of FHIR R4, after the profile Mobile Care Services Discovery of
// IHE (mCSD): HealthcareService, Location, Organization, and what a search answers with. Records come in, resources go
// out; who may see what was decided before.
package fhir4

// Meta says when a resource was changed last.
type Meta struct {
	LastUpdated string   `json:"lastUpdated"`
	Profile     []string `json:"profile,omitempty"`
}

// Identifier is a name of a record.
type Identifier struct {
	System string `json:"system"`
	Value  string `json:"value"`
}

// Reference leads to another resource.
type Reference struct {
	Reference string `json:"reference"`
	Display   string `json:"display,omitempty"`
}

// Coding is a code of a system.
type Coding struct {
	System  string `json:"system,omitempty"`
	Code    string `json:"code"`
	Display string `json:"display,omitempty"`
}

// Concept is a CodeableConcept.
type Concept struct {
	Coding []Coding `json:"coding,omitempty"`
	Text   string   `json:"text,omitempty"`
}

// Contact is a ContactPoint.
type Contact struct {
	System string `json:"system"` // phone, email, url
	Value  string `json:"value"`
	Use    string `json:"use,omitempty"`
}

// Eligibility says who may come.
type Eligibility struct {
	Code    *Concept `json:"code,omitempty"`
	Comment string   `json:"comment,omitempty"`
}

// Available is a stretch of some days of the week.
type Available struct {
	Days  []string `json:"daysOfWeek,omitempty"`
	All   bool     `json:"allDay,omitempty"`
	Start string   `json:"availableStartTime,omitempty"`
	End   string   `json:"availableEndTime,omitempty"`
}

// Closed is a stretch of days on which nothing is open.
type Closed struct {
	Description string `json:"description"`
	During      Period `json:"during"`
}

// Period is a stretch of days, both included.
type Period struct {
	Start string `json:"start"`
	End   string `json:"end"`
}

// HealthcareService is an offer of help, social ones included.
type HealthcareService struct {
	ResourceType   string        `json:"resourceType"`
	ID             string        `json:"id"`
	Meta           Meta          `json:"meta"`
	Identifier     []Identifier  `json:"identifier,omitempty"`
	Active         bool          `json:"active"`
	Provider       *Reference    `json:"providedBy,omitempty"`
	Type           []Concept     `json:"type,omitempty"`
	Location       []Reference   `json:"location,omitempty"`
	Name           string        `json:"name,omitempty"`
	Comment        string        `json:"comment,omitempty"`
	Details        string        `json:"extraDetails,omitempty"`
	Telecom        []Contact     `json:"telecom,omitempty"`
	Provision      []Concept     `json:"serviceProvisionCode,omitempty"`
	Eligibility    []Eligibility `json:"eligibility,omitempty"`
	Characteristic []Concept     `json:"characteristic,omitempty"`
	Communication  []Concept     `json:"communication,omitempty"`
	Referral       []Concept     `json:"referralMethod,omitempty"`
	Appointment    *bool         `json:"appointmentRequired,omitempty"`
	Available      []Available   `json:"availableTime,omitempty"`
	NotAvailable   []Closed      `json:"notAvailable,omitempty"`
	Exceptions     string        `json:"availabilityExceptions,omitempty"`
}

// Address is a postal address.
type Address struct {
	Line    []string `json:"line,omitempty"`
	City    string   `json:"city,omitempty"`
	Code    string   `json:"postalCode,omitempty"`
	Country string   `json:"country"`
}

// Position is where a place lies, in degrees (WGS 84).
type Position struct {
	Longitude float64 `json:"longitude"`
	Latitude  float64 `json:"latitude"`
}

// Location is a place.
type Location struct {
	ResourceType string       `json:"resourceType"`
	ID           string       `json:"id"`
	Meta         Meta         `json:"meta"`
	Identifier   []Identifier `json:"identifier"`
	Status       string       `json:"status"`
	Name         string       `json:"name"`
	Mode         string       `json:"mode"`
	Type         []Concept    `json:"type"`
	Address      *Address     `json:"address,omitempty"`
	Position     *Position    `json:"position,omitempty"`
	Managing     *Reference   `json:"managingOrganization,omitempty"`
}

// Organization offers services.
type Organization struct {
	ResourceType string       `json:"resourceType"`
	ID           string       `json:"id"`
	Meta         Meta         `json:"meta"`
	Identifier   []Identifier `json:"identifier"`
	Active       bool         `json:"active"`
	Type         []Concept    `json:"type"`
	Name         string       `json:"name"`
	Telecom      []Contact    `json:"telecom,omitempty"`
}

// Bundle is the answer to a search.
type Bundle struct {
	ResourceType string  `json:"resourceType"`
	Type         string  `json:"type"`
	Total        int     `json:"total"`
	Link         []Link  `json:"link"`
	Entry        []Entry `json:"entry,omitempty"`
}

// Link leads to a page of a search.
type Link struct {
	Relation string `json:"relation"`
	URL      string `json:"url"`
}

// Entry is one resource of an answer.
type Entry struct {
	FullURL  string `json:"fullUrl"`
	Resource any    `json:"resource"`
	Search   Mode   `json:"search"`
}

// Mode says why a resource is in an answer.
type Mode struct {
	Mode string `json:"mode"`
}

// Outcome is an OperationOutcome.
type Outcome struct {
	ResourceType string  `json:"resourceType"`
	Issue        []Issue `json:"issue"`
}

// Issue is one thing that is wrong.
type Issue struct {
	Severity    string   `json:"severity"`
	Code        string   `json:"code"`
	Diagnostics string   `json:"diagnostics"`
	Expression  []string `json:"expression,omitempty"`
}

// Capability is a CapabilityStatement.
type Capability struct {
	ResourceType   string         `json:"resourceType"`
	Status         string         `json:"status"`
	Date           string         `json:"date"`
	Kind           string         `json:"kind"`
	Software       Software       `json:"software"`
	Implementation Implementation `json:"implementation"`
	Version        string         `json:"fhirVersion"`
	Format         []string       `json:"format"`
	Instantiates   []string       `json:"instantiates"`
	Rest           []Rest         `json:"rest"`
}

// Software is the program.
type Software struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
}

// Implementation is this installation.
type Implementation struct {
	Description string `json:"description"`
	URL         string `json:"url"`
}

// Rest is what can be asked.
type Rest struct {
	Mode     string         `json:"mode"`
	Resource []RestResource `json:"resource"`
}

// RestResource is what can be asked of one type.
type RestResource struct {
	Type        string        `json:"type"`
	Interaction []Interaction `json:"interaction"`
	Search      []SearchParam `json:"searchParam"`
}

// Interaction is a way of asking.
type Interaction struct {
	Code string `json:"code"`
}

// SearchParam is a parameter of a search.
type SearchParam struct {
	Name          string `json:"name"`
	Type          string `json:"type"`
	Documentation string `json:"documentation"`
}
