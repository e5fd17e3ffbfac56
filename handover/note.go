package handover

import (
	"strconv"
	"time"

	"gevor/authz"
	"gevor/seal"
)

// Note is what a practice wrote about a slip, sealed to the organisation that printed it, with its answer.
type Note struct {
	ID       string // made for the page, so that a repeated click makes no second one
	Block    string
	Practice string // what the organisation calls it; empty for the practice itself
	Number   int    // of the slip
	Box      string
	Takes    string // fingerprint of the organisation's key
	Made     time.Time
	Reply    string // box under the practice's secret; empty where nobody answered
	Replied  time.Time
	Share    []byte // of the platform: when a practice writes, and when it reads an answer
}

// Context is what the message is bound to: its name, the slip, the block and the organisation.
func (n Note) Context(owner authz.OrganisationID) seal.Context {
	return seal.Context{Handover: n.ID, Consent: strconv.Itoa(n.Number), Sender: n.Block, Receiver: string(owner), ReceiverKey: n.Takes, Part: "note"}
}

// ReplyContext is what the answer is bound to.
func (n Note) ReplyContext(owner authz.OrganisationID) seal.Context {
	c := n.Context(owner)
	c.ReceiverKey, c.Part = "", "reply"
	return c
}

// MostNotes is how many messages of one practice wait at most; MostNote is the size of one in bytes.
const (
	MostNotes = 40
	MostNote  = 4 << 10
)

// NoteBox is what practices wrote to an organisation.
type NoteBox struct {
	Notes []Note
	Keys  []Key // of the organisation, with the reader's wraps
}

// Practice is what whoever holds a practice's link sees.
type Practice struct {
	Block   string
	Owner   authz.OrganisationID
	Name    string // of the organisation
	Key     *Key   // of the organisation; nil where nothing can be written to it
	Numbers []int  // of the slips of the block
	Slips   []Slip // whose holders agreed
	Notes   []Note // its own, without their boxes
}
