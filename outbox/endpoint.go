package outbox

import (
	"net/url"
	"strings"
	"time"

	"gevor/authz"
	"gevor/form"
)

// Endpoint is an address at which an organisation wants to be called when its own things change.
type Endpoint struct {
	ID           string
	Organisation authz.OrganisationID
	Address      string
	Made         time.Time
	Off          bool      // not called: it failed for too long, or said that it is gone
	Failures     int       // calls in a row that failed
	FailingSince time.Time // zero where the last call went well
	OldUntil     time.Time // until when the secret before the present one signs too; zero where there is none
	Version      int
}

// The measures of endpoints.
const (
	// MostEndpoints is how many an organisation may have.
	MostEndpoints = 10
	// SecretOverlap is how long calls are signed with the old secret too, after a new one was made.
	SecretOverlap = 24 * time.Hour
	// LeastFailures and FailingFor say when an endpoint is given up: both must be reached.
	LeastFailures = 10
	FailingFor    = 24 * time.Hour
)

// CheckAddress gives an address that may be registered, or what is wrong with it, as field "address": it must be
// https on the usual port and hold no password. Which hosts the operator allows is not decided here.
func CheckAddress(s string) (string, error) {
	var f form.Fields
	s = f.Line("address", s, 1, 1000)
	u, err := url.Parse(s)
	switch {
	case f.Err() != nil:
	case err != nil || u.Host == "" || u.Opaque != "" || strings.ContainsAny(s, " \\"):
		f.Add("address", "url")
	case u.Scheme != "https":
		f.Add("address", "https")
	case u.Port() != "" && u.Port() != "443":
		f.Add("address", "port")
	case u.User != nil || u.Fragment != "":
		f.Add("address", "url")
	}
	return s, f.Err()
}

// Call is the payload of a message of topic Webhook: what is told about a change. It names things by their ids, and
// people not at all.
type Call struct {
	Endpoint     string
	Event        string // kind and verb: "organisation.changed"; "test" for a trial
	Organisation authz.OrganisationID
	Kind         authz.Kind
	Object       string // empty where it would name a person
	Change       int64  // its number in the history; 0 for a trial
	At           time.Time
}
