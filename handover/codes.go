package handover

import "slices"

// Sub says what happened while a handover is in progress.
type Sub string

// The sub-states.
const (
	ContactTried         Sub = "contact-tried"
	Appointment          Sub = "appointment"
	AppointmentCancelled Sub = "appointment-cancelled"
	NoShow               Sub = "no-show"
	InformationNeeded    Sub = "information-needed"
	Enrolled             Sub = "enrolled"
)

// Subs lists all sub-states.
func Subs() []Sub {
	return []Sub{ContactTried, Appointment, AppointmentCancelled, NoShow, InformationNeeded, Enrolled}
}

// Reason is why a handover ended without help.
type Reason string

// The reasons. Those that lie with the offer tell planners that something is missing; those that lie with the person
// tell them nothing.
const (
	NoPlace        Reason = "no-place"
	WaitingList    Reason = "waiting-list"
	DoesNotFit     Reason = "does-not-fit"
	OutsideArea    Reason = "outside-area"
	PayerUnclear   Reason = "payer-unclear"
	Language       Reason = "language"
	NotResponsible Reason = "not-responsible"

	RequirementMissing Reason = "requirement-missing"
	PapersMissing      Reason = "papers-missing"
	NotReached         Reason = "not-reached"
	DoesNotWant        Reason = "does-not-want"
	AlreadyHelped      Reason = "already-helped"

	Mistaken    Reason = "mistaken"     // a sender cancels what was sent in error of the offer
	OtherOffer  Reason = "other-offer"  // found elsewhere
	PersonAsked Reason = "person-asked" // the person asked for it
)

// Place says with whom a reason lies.
type Place string

// The places.
const (
	Nowhere    Place = ""
	WithOffer  Place = "offer"
	WithPerson Place = "person"
)

// Declines lists the reasons of a receiver.
func Declines() []Reason {
	return []Reason{NoPlace, WaitingList, DoesNotFit, OutsideArea, PayerUnclear, Language, NotResponsible, RequirementMissing, PapersMissing, NotReached, DoesNotWant, AlreadyHelped}
}

// Recalls lists the reasons of a sender or a person.
func Recalls() []Reason { return []Reason{PersonAsked, OtherOffer, AlreadyHelped, Mistaken} }

// BySender says whether a sender or a person may give the reason.
func (r Reason) BySender() bool { return slices.Contains(Recalls(), r) }

// Lies says where a receiver's reason lies; Nowhere where it is none of a receiver's.
func (r Reason) Lies() Place {
	switch r {
	case NoPlace, WaitingList, DoesNotFit, OutsideArea, PayerUnclear, Language, NotResponsible:
		return WithOffer
	case RequirementMissing, PapersMissing, NotReached, DoesNotWant, AlreadyHelped:
		return WithPerson
	case Mistaken, OtherOffer, PersonAsked:
	}
	return Nowhere
}

// Outcome is what became of it.
type Outcome string

// The outcomes.
const (
	Helped     Outcome = "helped"
	Partly     Outcome = "partly"
	GoesOn     Outcome = "goes-on" // help continues
	PassedOn   Outcome = "passed-on"
	DidNotCome Outcome = "did-not-come"
	Unreached  Outcome = "not-reached"
	NotHelped  Outcome = "not-helped"
)

// Outcomes lists those of a completion, or those of a failure.
func Outcomes(good bool) []Outcome {
	if good {
		return []Outcome{Helped, Partly, GoesOn, PassedOn}
	}
	return []Outcome{DidNotCome, Unreached, NotHelped}
}

// Good says whether it is one of a completion.
func (o Outcome) Good() bool { return slices.Contains(Outcomes(true), o) }

// Bad says whether it is one of a failure.
func (o Outcome) Bad() bool { return slices.Contains(Outcomes(false), o) }
