package directory

import (
	"time"

	"gevor/authz"
)

// ImportOutcome counts what an import did.
type ImportOutcome struct {
	Created, Changed, Unchanged int
	// Kept counts fields that the source tells otherwise and that stay as somebody of the house wrote them.
	Kept int
}

// ImportKind is what an import does to one service.
type ImportKind string

// The kinds. ImportGone is a service that the source told of before and tells nothing of now.
const (
	ImportNew       ImportKind = "new"
	ImportChanged   ImportKind = "changed"
	ImportUnchanged ImportKind = "unchanged"
	ImportGone      ImportKind = "gone"
)

// ImportChange is what an import would do to one service.
type ImportChange struct {
	Kind    ImportKind
	Source  string // the source's name for the service
	Service ServiceID
	Name    string
	Fields  []string // that change: fields of Service; "provider" and "place" for those of others
}

// ImportPlan is what an import would do, without those that stay as they are.
type ImportPlan struct {
	ImportOutcome
	Gone    int
	Changes []ImportChange // new, changed and gone ones, in the order of the file
}

// ImportNote says what cannot be right in a file.
type ImportNote struct {
	Line   int    // 1-based; 0 where the format has none
	Record string // names the record in the file
	Field  string
	Value  string
	Rule   string // stable name of what is wrong
	Advice string // in English
	Lost   bool   // the record was not taken over
}

// ImportMapping says which columns of a sheet hold what, and what its words mean.
type ImportMapping struct {
	Columns     map[string][]string // field → columns
	Kinds       map[string]string   // their word → concept of the vocabulary
	Fixed       map[string]string   // field → what holds for all lines
	GermanDates bool
}

// ImportSource is what a house has read files of, and how.
type ImportSource struct {
	System  string
	Format  string // hsds, sheet, osm or fhir
	Mapping *ImportMapping
	Used    time.Time
}

// ImportDraft is a file that was sent and not yet taken over.
type ImportDraft struct {
	ID      string
	Owner   authz.OrganisationID
	System  string
	Made    time.Time
	File    string // as the sender calls it
	Format  string
	Release authz.Level // of new entries
	Raw     []byte
	Columns []string       // of a sheet
	Mapping *ImportMapping // of a sheet, once it is known
	Plan    *ImportPlan    // nil while it is not known how to read the file
	Notes   []ImportNote
	Lost    int // records that are not taken over
}

// ImportDraftHours is how long a file waits to be taken over.
const ImportDraftHours = 24
