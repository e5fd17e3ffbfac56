package handover

import (
	"slices"

	"gevor/fault"
)

// Verb is what a command does.
type Verb string

// The verbs.
const (
	Send         Verb = "send"
	Open         Verb = "open" // the first opening by the receiver
	Accept       Verb = "accept"
	Reject       Verb = "reject"
	Start        Verb = "start"
	Wait         Verb = "wait" // the waiting list
	Resume       Verb = "resume"
	Tell         Verb = "tell" // what happened meanwhile, the state unchanged
	Complete     Verb = "complete"
	Fail         Verb = "fail"
	Cancel       Verb = "cancel"
	AskCancel    Verb = "ask-cancel"
	AgreeCancel  Verb = "agree-cancel"
	RefuseCancel Verb = "refuse-cancel"
	Withdraw     Verb = "withdraw" // the consent
	Lapse        Verb = "lapse"    // no answer in time
	Retract      Verb = "retract"  // entered in error
)

// move is one way from a state to another.
type move struct{ from, to Status }

// line is what one verb does, and who may.
type line struct {
	verb    Verb
	by      []Side
	moves   []move
	reason  func(Reason) bool  // nil where none is given
	outcome func(Outcome) bool // likewise
	asked   bool               // only where a cancellation was asked for
}

func each(to Status, from ...Status) []move {
	out := make([]move, len(from))
	for i, f := range from {
		out[i] = move{f, to}
	}
	return out
}

// stay is for what leaves the state as it is.
func stay(at ...Status) []move {
	out := make([]move, len(at))
	for i, s := range at {
		out[i] = move{s, s}
	}
	return out
}

// table is the one table of transitions. What is not in it does not happen. TestEveryTransition holds it against one
// that was written independently.
func table() []line {
	declined := func(r Reason) bool { return r.Lies() != Nowhere }
	return []line{
		{verb: Send, by: []Side{Sender}, moves: each(Requested, Draft)},
		{verb: Open, by: []Side{Receiver}, moves: each(Received, Requested)},
		{verb: Accept, by: []Side{Receiver}, moves: each(Accepted, Requested, Received)},
		{verb: Reject, by: []Side{Receiver}, moves: each(Rejected, Requested, Received, Accepted, InProgress, OnHold), reason: declined},
		{verb: Start, by: []Side{Receiver}, moves: each(InProgress, Accepted)},
		{verb: Wait, by: []Side{Receiver}, moves: each(OnHold, Accepted, InProgress)},
		{verb: Resume, by: []Side{Receiver}, moves: each(InProgress, OnHold)},
		{verb: Tell, by: []Side{Receiver}, moves: stay(InProgress)},
		{verb: Complete, by: []Side{Receiver}, moves: each(Completed, InProgress), outcome: Outcome.Good},
		{verb: Fail, by: []Side{Receiver}, moves: each(Failed, Accepted, InProgress, OnHold), reason: declined, outcome: Outcome.Bad},
		{verb: Cancel, by: []Side{Sender, Person}, moves: each(Cancelled, Requested, Received, Accepted), reason: Reason.BySender},
		{verb: AskCancel, by: []Side{Sender}, moves: stay(InProgress, OnHold), reason: Reason.BySender},
		{verb: AgreeCancel, by: []Side{Receiver}, moves: each(Cancelled, InProgress, OnHold), asked: true},
		{verb: RefuseCancel, by: []Side{Receiver}, moves: stay(InProgress, OnHold), asked: true},
		{verb: Withdraw, by: []Side{Person, Sender, Receiver}, moves: each(Cancelled, Draft, Requested, Received, Accepted, InProgress, OnHold)},
		{verb: Lapse, by: []Side{Clock}, moves: each(Cancelled, Requested, Received)},
		{verb: Retract, by: []Side{Sender}, moves: each(EnteredInError, Draft, Requested, Received, Accepted, InProgress, OnHold)},
	}
}

// Verbs lists all verbs.
func Verbs() []Verb {
	all := table()
	out := make([]Verb, len(all))
	for i, l := range all {
		out[i] = l.verb
	}
	return out
}

func lineOf(v Verb) (line, bool) {
	all := table()
	i := slices.IndexFunc(all, func(l line) bool { return l.verb == v })
	if i < 0 {
		return line{}, false
	}
	return all[i], true
}

func (l line) mayBy(s Side) bool { return slices.Contains(l.by, s) }

func (l line) from(s Status) (Status, bool) {
	for _, m := range l.moves {
		if m.from == s {
			return m.to, true
		}
	}
	return "", false
}

// check looks at the codes of a command.
func (l line) check(h Handover, c Command) error {
	bad := func(what string) error {
		return fault.New(fault.Invalid, "handover", "lacks "+what, "choose one from the list")
	}
	switch {
	case l.reason != nil && !l.reason(c.Reason):
		return bad("a reason")
	case l.outcome != nil && !l.outcome(c.Outcome):
		return bad("an outcome")
	case l.asked && !h.CancelAsked:
		return fault.New(fault.Conflict, "handover", "was not asked to be cancelled", "look at the new state")
	case c.Verb == Tell && !slices.Contains(Subs(), c.Sub):
		return bad("what happened")
	case c.Verb == AskCancel && h.CancelAsked:
		return fault.New(fault.Conflict, "handover", "has been asked to be cancelled already", "wait for the answer")
	case c.Verb == Lapse && h.Lapses == 0:
		return fault.New(fault.Conflict, "handover", "was not agreed to lapse", "")
	}
	return nil
}

// Can lists what a side may do now, in the order of the table.
func (h Handover) Can(s Side) []Verb {
	var out []Verb
	for _, l := range table() {
		_, from := l.from(h.Status)
		switch {
		case !from || !l.mayBy(s), l.asked && !h.CancelAsked, l.verb == AskCancel && h.CancelAsked, l.verb == Lapse && h.Lapses == 0:
		default:
			out = append(out, l.verb)
		}
	}
	return out
}
