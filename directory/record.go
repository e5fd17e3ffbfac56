package directory

import (
	"time"

	"gevor/authz"
)

// Record is a service with everything a page or a search needs of it.
type Record struct {
	Service
	Provider      Provider
	Locations     []Location // of Places, in their order
	With          []Provider // of Partners: others who offer this too, with their own consent
	Released      authz.Release
	Confirmations []Confirmation
	Observations  []Observation // for readers who may see them
	Merged        []ServiceID   // the other records of one offer that are joined into this one; see Join
	Reasons       []Reason      // of a joined view: whose value stands in each field, and why
}

// Reason says whose value stands in a field of a joined view, and why: one of the reasons of Choice.
type Reason struct {
	Field string
	From  ServiceID
	Why   string
}

// Suggestion is what a reader thinks is wrong with a service. It names nobody.
type Suggestion struct {
	ID       string
	Service  ServiceID
	Field    string // one of SuggestionFields
	Proposed string // what would be right
	Made     time.Time
}

// SuggestionFields are the parts of a service that a reader can call wrong.
func SuggestionFields() []string {
	return []string{"hours", "phone", "address", "languages", "insurance", "cost", "closed", "something-else"}
}
