package directory

import (
	"time"

	"gevor/authz"
)

// Verdict is what the houses said about a pair.
type Verdict string

// The verdicts. Open is a pair about which nobody has said anything.
const (
	Open         Verdict = "open"
	Later        Verdict = "later" // asked again after LaterDays
	OneOffer     Verdict = "same"
	SeparateOnes Verdict = "different"
)

// LaterDays is how long a pair that somebody put off is not asked about.
const LaterDays = 30

// Match is a pair of records with what was said about it.
type Match struct {
	Pair
	Found     time.Time
	Verdict   Verdict
	Until     time.Time // of Later
	Decided   time.Time
	DecidedBy authz.OrganisationID
	First     Record // A, as the reader may see it
	Second    Record // B
}

// Answer is what an owner said to a field of a joined view.
type Answer struct {
	Service   ServiceID
	Field     string
	From      ServiceID // whose value it was
	Accepted  bool
	Proposed  string // the value as it is kept
	At        time.Time
	TakenBack time.Time
}

// Case is a pair as one of its houses works on it: the joined view of the whole group it belongs to, what the view
// proposes to the house, and what was answered.
type Case struct {
	Match
	House     authz.OrganisationID
	Joined    Joined
	Proposals map[ServiceID][]Proposal // for records of the house, without those it has declined
	Answers   []Answer                 // of the house, the latest first
}

// Harvest is how far the directory of somebody else has been read.
type Harvest struct {
	System        string // name of the source
	Owner         authz.OrganisationID
	Address       string
	ModifiedAfter time.Time
	Page          int       // of a reading under way, the last one taken over
	Began         time.Time // of a reading under way
	Finished      time.Time // of the last whole reading
	Trouble       string    // why the last one ended early; empty where it did not
}
