// Package loop4 writes a handover as resources of FHIR R4 for an organisation's own system, and reads from a Task what
// that system did: ServiceRequest, Task, Consent, Provenance, AuditEvent and the two organisations. The person is a
// pseudonymous reference: the name of the handover, which means nothing elsewhere. docs/fhir-handovers.md has the mapping
// to the Gravity guide and to messages over KIM. TestTheLoopFollowsR4 holds every state against the schema of R4.
package loop4

// Meta holds the version of the handover that a Task was written from; what comes back names it again.
type Meta struct {
	VersionID   string `json:"versionId,omitempty"`
	LastUpdated string `json:"lastUpdated,omitempty"`
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

// Identifier is a name in a system.
type Identifier struct {
	System string `json:"system"`
	Value  string `json:"value"`
}

// Reference leads to another resource, or names somebody without one.
type Reference struct {
	Reference  string      `json:"reference,omitempty"`
	Type       string      `json:"type,omitempty"`
	Identifier *Identifier `json:"identifier,omitempty"`
	Display    string      `json:"display,omitempty"`
}

// Period is a stretch of time.
type Period struct {
	Start string `json:"start,omitempty"`
	End   string `json:"end,omitempty"`
}

// Said is an input or output of a Task.
type Said struct {
	Type    Concept  `json:"type"`
	Text    string   `json:"valueString,omitempty"`
	Concept *Concept `json:"valueCodeableConcept,omitempty"`

	File *Attachment `json:"valueAttachment,omitempty"`
}

// Attachment is a file that was sent along.
type Attachment struct {
	Title string `json:"title"`
	Size  int    `json:"size"` // in bytes
	Data  []byte `json:"data"` // base 64
}

// Restriction says until when a Task may be worked on.
type Restriction struct {
	Period Period `json:"period"`
}

// Task is where a handover stands.
type Task struct {
	ResourceType   string       `json:"resourceType"`
	ID             string       `json:"id"`
	Meta           Meta         `json:"meta"`
	BasedOn        []Reference  `json:"basedOn,omitempty"`
	Status         string       `json:"status"`
	StatusReason   *Concept     `json:"statusReason,omitempty"`
	BusinessStatus *Concept     `json:"businessStatus,omitempty"`
	Intent         string       `json:"intent"`
	Code           *Concept     `json:"code,omitempty"`
	Focus          *Reference   `json:"focus,omitempty"`
	For            *Reference   `json:"for,omitempty"`
	AuthoredOn     string       `json:"authoredOn,omitempty"`
	LastModified   string       `json:"lastModified,omitempty"`
	Requester      *Reference   `json:"requester,omitempty"`
	Owner          *Reference   `json:"owner,omitempty"`
	Restriction    *Restriction `json:"restriction,omitempty"`
	Input          []Said       `json:"input,omitempty"`
	Output         []Said       `json:"output,omitempty"`
}

// ServiceRequest is what the sender asks for.
type ServiceRequest struct {
	ResourceType string      `json:"resourceType"`
	ID           string      `json:"id"`
	Status       string      `json:"status"`
	Intent       string      `json:"intent"`
	Category     []Concept   `json:"category,omitempty"`
	Code         Concept     `json:"code"`
	Subject      Reference   `json:"subject"`
	AuthoredOn   string      `json:"authoredOn,omitempty"`
	Requester    Reference   `json:"requester"`
	Performer    []Reference `json:"performer"`
	Supporting   []Reference `json:"supportingInfo,omitempty"`
}

// Consent is what the person agreed to.
type Consent struct {
	ResourceType string      `json:"resourceType"`
	ID           string      `json:"id"`
	Status       string      `json:"status"`
	Scope        Concept     `json:"scope"`
	Category     []Concept   `json:"category"`
	Patient      Reference   `json:"patient"`
	DateTime     string      `json:"dateTime,omitempty"`
	Organization []Reference `json:"organization"`
	PolicyRule   Concept     `json:"policyRule"`
	Provision    Provision   `json:"provision"`
}

// Provision says what a consent permits.
type Provision struct {
	Type    string    `json:"type"`
	Period  Period    `json:"period"`
	Actor   []Actor   `json:"actor"`
	Purpose []Coding  `json:"purpose,omitempty"`
	Code    []Concept `json:"code,omitempty"`
}

// Actor is whom a provision is about.
type Actor struct {
	Role      Concept   `json:"role"`
	Reference Reference `json:"reference"`
}

// Agent is who did something.
type Agent struct {
	Type      *Concept  `json:"type,omitempty"`
	Who       Reference `json:"who"`
	Requestor *bool     `json:"requestor,omitempty"`
}

// Provenance says where resources come from.
type Provenance struct {
	ResourceType string      `json:"resourceType"`
	ID           string      `json:"id"`
	Target       []Reference `json:"target"`
	Recorded     string      `json:"recorded"`
	Agent        []Agent     `json:"agent"`
}

// AuditEvent is one step of a handover.
type AuditEvent struct {
	ResourceType string   `json:"resourceType"`
	ID           string   `json:"id"`
	Type         Coding   `json:"type"`
	Subtype      []Coding `json:"subtype"`
	Action       string   `json:"action"`
	Recorded     string   `json:"recorded"`
	Outcome      string   `json:"outcome"`
	Agent        []Agent  `json:"agent"`
	Source       Source   `json:"source"`
	Entity       []Entity `json:"entity"`
}

// Source is what noticed an event.
type Source struct {
	Observer Reference `json:"observer"`
}

// Entity is what an event is about.
type Entity struct {
	What Reference `json:"what"`
}

// Organization is one of the two sides.
type Organization struct {
	ResourceType string `json:"resourceType"`
	ID           string `json:"id"`
	Name         string `json:"name"`
}

// Bundle holds the resources of one handover.
type Bundle struct {
	ResourceType string  `json:"resourceType"`
	Type         string  `json:"type"`
	Entry        []Entry `json:"entry"`
}

// Entry is one resource of a bundle.
type Entry struct {
	FullURL  string `json:"fullUrl"`
	Resource any    `json:"resource"`
}
