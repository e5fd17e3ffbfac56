package handover

import (
	"slices"
	"time"

	"gevor/authz"
	"gevor/form"
)

// SlipState is what became of a slip that a practice handed out.
type SlipState string

// The states.
const (
	Printed    SlipState = "printed"
	Arrived    SlipState = "arrived"
	SlipMissed SlipState = "missed" // the person could not be reached
	Solved     SlipState = "solved"
)

// SlipStates lists what a receiver may say of a slip.
func SlipStates() []SlipState { return []SlipState{Arrived, SlipMissed, Solved} }

// SlipLength is how many characters the code of a slip has: 50 random bits. It opens no content, only the way to an
// offer, so it may be shorter than that of a receipt.
const SlipLength = 10

// MostSlips is how many slips a block has at most.
const MostSlips = 40

// SlipShown is how long a practice sees what became of a slip, and KeepSlip how long one that nobody redeemed is kept.
const (
	SlipShown = 30 * 24 * time.Hour
	KeepSlip  = 365 * 24 * time.Hour
)

// NewSlipCode makes the code of a slip.
func NewSlipCode() string { return newCode(SlipLength) }

// ReadSlipCode gives the code of a slip as people type it, like ReadCode.
func ReadSlipCode(typed string) (code string, ok bool) { return readCode(typed, SlipLength) }

// NewSlips is a block of slips that an organisation prints for a practice.
type NewSlips struct {
	Owner    authz.OrganisationID
	Service  string
	Practice string // what the organisation calls the practice; only it sees this
	Count    int
}

// Check gives what is wrong with a block that is being made, field by field.
func (n NewSlips) Check() error {
	var f form.Fields
	f.Line("practice", n.Practice, 2, 80)
	if n.Service == "" {
		f.Add("service", "choose")
	}
	if n.Count < 1 || n.Count > MostSlips {
		f.Add("count", "slips")
	}
	return f.Err()
}

// SlipBlock is a block with what became of its slips.
type SlipBlock struct {
	ID       string
	Service  string
	Offer    string // its name, in German
	Practice string
	Made     time.Time
	Slips    []Slip
}

// Slip is one slip.
type Slip struct {
	Number   int
	State    SlipState
	Feedback bool // the person agreed that the practice learns of it
	Changed  time.Time
}

// SlipFile is a slip as whoever holds it sees it.
type SlipFile struct {
	Slip
	Service string
	Offer   string
	Owner   string // name of the organisation
}

// Valid says whether a receiver may say it.
func (s SlipState) Valid() bool { return slices.Contains(SlipStates(), s) }
