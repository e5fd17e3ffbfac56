package handover

import (
	"time"

	"gevor/authz"
	"gevor/fault"
)

// Key is a public key of an organisation, with what its holders need. Private keys exist only wrapped, see package
// seal.
type Key struct {
	ID           string // fingerprint
	Organisation authz.OrganisationID
	Public       []byte
	Made         time.Time
	Ready        time.Time // when a second holder had typed the recovery sheet; before, nobody seals to it
	Retired      time.Time // replaced by a newer key, but still opens what was sealed to it
	Lost         bool      // nobody opens it any more
	Left         bool      // a holder has left since: time for a new key
	Holders      int
	Wrap         string // the reader's own, empty where they hold none
	Sheet        string // wrapped by the code of the recovery sheet
}

// Usable says whether others may seal to the key.
func (k Key) Usable() bool { return !k.Ready.IsZero() && k.Retired.IsZero() }

// LeastHolders is how many people must be able to open before others may seal.
const LeastHolders = 2

// NewKey is a key as a browser makes it.
type NewKey struct {
	Organisation authz.OrganisationID
	Public       []byte
	Wrap         string // for whoever makes it
	Sheet        string
	Proof        string // what only the reader of the sheet can say again
	Lost         bool   // the keys before it are lost
}

// Intake is how an organisation takes handovers.
type Intake struct {
	Organisation authz.OrganisationID
	Name         string
	Paused       bool
	Terms        Terms
	Key          *Key   // the usable one, without wraps; nil where there is none
	Mail         string // where a letter goes that says nothing; empty where none can
}

// ByLetter says whether the organisation can be told of a handover without content, since it has no key and no account
// that could open anything.
func (i Intake) ByLetter() bool { return i.Key == nil && i.Mail != "" && !i.Paused }

// Ready says whether somebody may send now; the error says why not.
func (i Intake) Ready() error {
	switch {
	case i.Key == nil || !i.Key.Usable():
		return fault.New(fault.Conflict, "receiver", "has no key that could be sealed to", "call them")
	case i.Paused:
		return fault.New(fault.Conflict, "receiver", "takes nothing at present", "choose another offer, or call them")
	}
	return nil
}

// Sealed is a box of a handover.
type Sealed struct {
	Part  string // "request", or a name made for the page that sealed it
	By    Side
	Box   string
	Made  time.Time
	Sends string // fingerprint of the sender's key
	Takes string // fingerprint of the receiver's key
	// Files are the attachments that the message names inside, sealed likewise, each under a name of its own. Where a
	// handover is only looked at they come without their boxes.
	Files []Attachment
}

// Attachment is a sealed file of a message.
type Attachment struct {
	Part string // a name made by the page that sealed it
	Box  string
}

// What may be attached to one message: so many files, and so many bytes of sealed text together.
const (
	MostFiles    = 4
	MostFileText = 9 << 20
)

// New is a handover as a browser sends it.
type New struct {
	ID       ID // made for the page, so that a repeated click makes no second one
	Sender   authz.OrganisationID
	Service  string
	Consent  Consent
	Box      string
	Sends    string // fingerprint of the sender's key
	Takes    string // fingerprint of the receiver's key
	Share    []byte
	Lapses   int
	Receiver authz.OrganisationID
	// Letter is set for a handover without content: then there is no box, no share and no key.
	Letter *Letter
	Files  []Attachment
}

// Event is a step of a handover, without who took it.
type Event struct {
	At       time.Time
	By       Side
	Verb     Verb
	From, To Status
	Sub      Sub
	Reason   Reason
	Outcome  Outcome
}

// Item is a handover in a list.
type Item struct {
	Handover
	Other string // name of the other organisation
	Offer string // name of the offer, in German
	Due   time.Time
}

// File is a handover with everything that one side may see.
type File struct {
	Handover
	Side         Side // the reader's
	SenderName   string
	ReceiverName string
	Offer        string
	Consent      Consent
	Boxes        []Sealed
	Events       []Event
	Keys         []Key // of the reader's organisation
	Destroyed    bool  // the content is gone for good
	Terms        Terms
	Letter       *Letter // nil where the content is sealed
}

// Total is how many handovers share something; it exists only where enough stand behind it.
type Total struct {
	What  string // "open", "unanswered", or a Reason that lies with the offer
	Count int
}

// The least behind a total.
const (
	LeastCount         = 5
	LeastOrganisations = 3
)
