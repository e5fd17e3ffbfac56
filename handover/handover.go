// Package handover is the loop between two organisations about a person whom neither of them names to anybody else:
// one sends, the other answers, a clock reminds, and the person withdraws at any time with a receipt. States are those
// of the FHIR R4 Task, so that other systems read them.
//
// Nothing here knows who the person is. What is said about them travels in sealed boxes (package seal); this package
// knows the envelope: who, to whom, in which state, since when.
package handover

import (
	"time"

	"gevor/authz"
	"gevor/fault"
)

// ID names a handover.
type ID string

// Status is where a handover stands: a code of https://hl7.org/fhir/R4/valueset-task-status.html.
type Status string

// The states.
const (
	Draft          Status = "draft"
	Requested      Status = "requested"
	Received       Status = "received"
	Accepted       Status = "accepted"
	Rejected       Status = "rejected"
	InProgress     Status = "in-progress"
	OnHold         Status = "on-hold"
	Completed      Status = "completed"
	Failed         Status = "failed"
	Cancelled      Status = "cancelled"
	EnteredInError Status = "entered-in-error"
)

// Statuses lists all states, the open ones first, in the order of the loop.
func Statuses() []Status {
	return []Status{Draft, Requested, Received, Accepted, InProgress, OnHold, Completed, Rejected, Failed, Cancelled, EnteredInError}
}

// Open says whether a handover in this state goes on. What is not open has no exits.
func (s Status) Open() bool {
	switch s {
	case Draft, Requested, Received, Accepted, InProgress, OnHold:
		return true
	case Rejected, Completed, Failed, Cancelled, EnteredInError:
	}
	return false
}

// Side is who acts.
type Side string

// The sides.
const (
	Sender   Side = "sender"
	Receiver Side = "receiver"
	Person   Side = "person" // whoever holds the receipt
	Clock    Side = "clock"  // time that ran out, where sender and receiver agreed on that beforehand
)

// Sides lists all sides.
func Sides() []Side { return []Side{Sender, Receiver, Person, Clock} }

// Handover is the envelope.
type Handover struct {
	ID       ID
	Sender   authz.OrganisationID
	Receiver authz.OrganisationID
	Service  string // the offer it is about
	Status   Status
	Sub      Sub     // while in progress; empty where nobody said
	Reason   Reason  // of a rejection, failure or cancellation
	Outcome  Outcome // of a completion or failure
	// Withdrawn says that a cancellation was the end of the consent.
	Withdrawn bool
	// CancelAsked says that the sender asks to cancel what is under way, and the receiver has not answered.
	CancelAsked bool
	// Reseal says that the receiver lost its key, so that the sender has to seal again before anybody can read.
	Reseal bool
	// Lapses is after how many working days without an answer the clock cancels; 0 never.
	Lapses  int
	Level   Level // what of the answer the sender may know
	Version int

	Made      time.Time
	Requested time.Time // zero for a draft
	Opened    time.Time // by the receiver, for the first time
	Answered  time.Time // accepted or rejected
	Changed   time.Time
	Ended     time.Time
}

// For gives the handover as a side may see it: what the person did not want to be told back stays with the receiver.
func (h Handover) For(s Side) Handover {
	if s != Sender || h.Level != Nothing || h.Status == Draft || h.Status == EnteredInError || h.Withdrawn {
		return h
	}
	if h.Status == Cancelled && h.Reason.BySender() {
		return h // its own doing
	}
	h.Status, h.Sub, h.Reason, h.Outcome, h.CancelAsked = Requested, "", "", "", false
	h.Opened, h.Answered, h.Ended, h.Changed = time.Time{}, time.Time{}, time.Time{}, h.Requested
	return h
}

// Command is what a side wants to happen.
type Command struct {
	// Key makes repetitions harmless: the same key of the same side acts once.
	Key     string
	Verb    Verb
	By      Side
	Version int // of the handover as the side saw it; a withdrawal needs none
	Sub     Sub
	Reason  Reason
	Outcome Outcome
}

// Apply gives the handover after a command, the version one higher. Errors: Denied where the table has no such line for
// the side, Conflict where the handover has ended or stands elsewhere, Stale where the side saw an older version,
// Invalid where a code is missing. A withdrawal is never Stale: it wins every race that it does not lose to an end.
func (h Handover) Apply(c Command, at time.Time) (Handover, error) {
	l, ok := lineOf(c.Verb)
	if !ok {
		return h, fault.New(fault.Invalid, "handover", "does not know what to do", "use one of the buttons")
	}
	if !l.mayBy(c.By) {
		return h, fault.New(fault.Denied, "handover", "is not "+string(c.By)+"'s to "+string(c.Verb), "")
	}
	if !h.Status.Open() {
		return h, fault.New(fault.Conflict, "handover", "has ended", "begin a new one, with a new consent")
	}
	if c.Verb != Withdraw && c.By != Clock && c.Version != h.Version {
		return h, fault.New(fault.Stale, "handover", "has been changed by somebody else in the meantime", "look at the new state and repeat the change")
	}
	to, ok := l.from(h.Status)
	if !ok {
		return h, fault.New(fault.Conflict, "handover", "cannot "+string(c.Verb)+" while it is "+string(h.Status), "look at the new state")
	}
	if err := l.check(h, c); err != nil {
		return h, err
	}
	was := h.Status
	h.Status, h.Version, h.Changed = to, h.Version+1, at
	switch c.Verb {
	case Tell:
		h.Sub = c.Sub
	case AskCancel:
		h.CancelAsked = true
	case RefuseCancel:
		h.CancelAsked = false
	case Withdraw:
		h.Withdrawn = true
	case Send, Open, Accept, Reject, Start, Wait, Resume, Complete, Fail, Cancel, AgreeCancel, Lapse, Retract:
	}
	if was != to && c.Verb != Tell {
		h.Sub = ""
	}
	h.stamp(to, at)
	if l.reason != nil {
		h.Reason = c.Reason
	}
	if l.outcome != nil {
		h.Outcome = c.Outcome
	}
	return h, nil
}

func (h *Handover) stamp(to Status, at time.Time) {
	first := func(t *time.Time) {
		if t.IsZero() {
			*t = at
		}
	}
	switch to {
	case Requested:
		first(&h.Requested)
	case Received:
		first(&h.Opened)
	case Accepted, Rejected:
		first(&h.Opened)
		first(&h.Answered)
	case Draft, InProgress, OnHold, Completed, Failed, Cancelled, EnteredInError:
	}
	if !to.Open() {
		h.Ended, h.CancelAsked = at, false
	}
}
