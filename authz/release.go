package authz

import "time"

// The purposes for which things are released.
const (
	ForDirectory = "directory" // that others find it
	ForAtlas     = "atlas"     // that it is shown in the atlas
	ForAlliance  = "alliance"  // that others see what an organisation commits itself to
	ForTotals    = "totals"    // that it is added up with that of others, and shown where enough stand behind it
)

// Ref names a thing and what it is used for.
type Ref struct {
	Kind    Kind
	Object  string
	Purpose string
}

// Shared is how far a thing is released for a purpose.
type Shared struct {
	Ref
	Owner     OrganisationID
	Release   Release
	Since     time.Time
	Withdrawn time.Time // when it was last narrowed; zero if never
	Version   int
}
