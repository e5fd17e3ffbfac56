// Package contact is the anonymous log of contacts: that somebody was helped, with what, in which language, and what
// could not be solved and why. An entry has a field for nothing that says who the person was, and none for when exactly
// it happened: it knows its week. Who wrote an entry is no part of it; the store keeps that for a few days, so that
// slips can be taken back, and for nothing else.
//
// Figures are made from entries (Tally) and outlive them. What leaves an organisation passes the gate (Released).
package contact

import (
	"slices"
	"strings"

	"gevor/authz"
	"gevor/form"
)

// Kind is what sort of talk it was.
type Kind string

// The kinds.
const (
	Short    Kind = "short"
	First    Kind = "first"
	FollowUp Kind = "follow-up"
)

// Kinds lists the kinds in the order of the form.
func Kinds() []Kind { return []Kind{Short, First, FollowUp} }

// Duration is how long it took, as a class in minutes.
type Duration string

// The classes.
const (
	UpTo5  Duration = "5"
	UpTo15 Duration = "15"
	UpTo30 Duration = "30"
	UpTo60 Duration = "60"
	Longer Duration = "longer"
)

// Durations lists the classes, the shortest first.
func Durations() []Duration { return []Duration{UpTo5, UpTo15, UpTo30, UpTo60, Longer} }

// Deed is what was done.
type Deed string

// The deeds.
const (
	Informed   Deed = "informed"
	Referred   Deed = "referred" // an offer was found and named
	Called     Deed = "called"   // with or for the person
	Appointed  Deed = "appointment"
	Filled     Deed = "form"
	Went       Deed = "accompanied"
	HandedOver Deed = "handed-over"
	NoDeed     Deed = "nothing" // nothing could be done
)

// Deeds lists the deeds in the order of the form.
func Deeds() []Deed {
	return []Deed{Informed, Referred, Called, Appointed, Filled, Went, HandedOver, NoDeed}
}

// Reason is why a need stayed open.
type Reason string

// The reasons. Met is the empty one: the need did not stay open.
const (
	Met            Reason = ""
	NoOffer        Reason = "no-offer"
	Full           Reason = "full"
	TooFar         Reason = "too-far"
	NoLanguage     Reason = "no-language"
	Insurance      Reason = "insurance"
	Cost           Reason = "cost"
	Hours          Reason = "hours"
	NotResponsible Reason = "not-responsible"
	Fear           Reason = "fear"
	NoInterpreter  Reason = "interpreter-missing"
	FormTooHard    Reason = "form"
	OtherReason    Reason = "else"
)

// Reasons lists the reasons in the order of the form, without Met.
func Reasons() []Reason {
	return []Reason{NoOffer, Full, TooFar, NoLanguage, Insurance, Cost, Hours, NotResponsible, Fear, NoInterpreter, FormTooHard, OtherReason}
}

// MostNeeds is how many needs one contact may have.
const MostNeeds = 3

// Entry is one contact.
type Entry struct {
	// Key is made by the device, so that what is sent twice counts once.
	Key       string
	Week      Week
	Kind      Kind
	Duration  Duration
	Language  string // the person's, as a tag; empty where none was needed but German
	Situation string // a life situation of the vocabulary
	Needs     []string
	District  string // of the person; empty where nobody said
	Deeds     []Deed
	Reason    Reason // why the first need stayed open
	Note      string // only where the operator allows it
}

// Own is an entry with whom it belongs to.
type Own struct {
	Entry
	Owner authz.OrganisationID
}

// Check refuses an entry whose parts have not the form of codes: no text that somebody typed passes as one of them. What
// the codes mean is asked where they are read (see Codes.Read).
func (e Entry) Check() error {
	var f form.Fields
	if !ProperKey(e.Key) {
		f.Add("key", "empty")
	}
	if !e.Week.Valid() {
		f.Add("week", "choice")
	}
	choice(&f, "kind", e.Kind, Kinds())
	choice(&f, "duration", e.Duration, Durations())
	if e.Language != "" && !code(e.Language) {
		f.Add("language", "choice")
	}
	if !code(e.Situation) {
		f.Add("situation", "choice")
	}
	if e.District != "" && !code(e.District) {
		f.Add("district", "choice")
	}
	switch {
	case len(e.Needs) == 0:
		f.Add("need", "need_missing")
	case len(e.Needs) > MostNeeds:
		f.Add("need", "too_many")
	case slices.ContainsFunc(e.Needs, func(n string) bool { return !code(n) }) || doubled(e.Needs):
		f.Add("need", "choice")
	}
	if len(e.Deeds) == 0 || doubled(e.Deeds) {
		f.Add("deed", "choice")
	}
	for _, d := range e.Deeds {
		choice(&f, "deed", d, Deeds())
	}
	if e.Reason != Met {
		choice(&f, "reason", e.Reason, Reasons())
	}
	for _, why := range Telling(e.Note) {
		f.Add("note", "note_"+why)
	}
	return f.Err()
}

func choice[T comparable](f *form.Fields, field string, x T, all []T) {
	if !slices.Contains(all, x) {
		f.Add(field, "choice")
	}
}

// code says whether a text has the form of a key: at most 40 of a–z, digits and hyphens.
func code(s string) bool {
	return s != "" && len(s) <= 40 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// ProperKey says whether a key has the form that devices make: 26 of a–z and 2–7, 130 bits.
func ProperKey(s string) bool {
	return len(s) == 26 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz234567") == ""
}

func doubled[T comparable](xs []T) bool {
	for i, x := range xs {
		if slices.Contains(xs[:i], x) {
			return true
		}
	}
	return false
}
