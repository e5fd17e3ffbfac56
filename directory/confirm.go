package directory

import (
	"cmp"
	"slices"
	"time"

	"gevor/authz"
)

// How is the way in which somebody made sure.
type How string

// The ways.
const (
	ByPhone How = "phone"
	ByMail  How = "e-mail"
	ByVisit How = "visit"
	ByFeed  How = "feed"  // a source that says so of its own
	ByOwner How = "owner" // who keeps the record, signed in
)

// Hows lists all ways.
func Hows() []How { return []How{ByPhone, ByMail, ByVisit, ByFeed, ByOwner} }

// Whole is the field of a confirmation of a whole record.
const Whole = ""

// Confirmation says that a record, or one field of it, was true at a time.
type Confirmation struct {
	Service ServiceID
	Field   string // Whole, or the name of a field of Service
	By      authz.OrganisationID
	How     How
	At      time.Time
}

// Risk says how much harm a wrong entry does, and so how soon it must be confirmed again.
type Risk string

// The risks.
const (
	Acute    Risk = "acute"    // emergencies: 30 days
	Advising Risk = "advising" // counselling, whose staff and hours change: 90 days
	Steady   Risk = ""         // everything else: 180 days
)

// Days is how long a confirmation is believed.
func (r Risk) Days() int {
	switch r {
	case Acute:
		return 30
	case Advising:
		return 90
	case Steady:
	}
	return 180
}

// Trust is how far a record may be believed.
type Trust struct {
	Confirmed time.Time // last; zero where never
	How       How
	Until     time.Time // then it expires
	Expired   bool      // at the time asked for; a record that nobody ever confirmed is expired
}

// Checked lists the fields that are confirmed one by one: what people go by when they call or set out. They are names of
// JoinedFields.
func Checked() []string {
	return []string{"contacts", "hours", "address", "languages", "insurance", "cost"}
}

// Days is how long a confirmation of a field of a record is believed. Numbers and hours change soonest, and a wrong one
// costs somebody a way for nothing: they are believed no longer than those of counselling, whatever the record.
func (s *Service) Days(field string) int {
	if field == "contacts" || field == "hours" {
		return min(s.Risk.Days(), Advising.Days())
	}
	return s.Risk.Days()
}

// TrustAt gives how far a field of a record may be believed at a time. A confirmation of the whole record counts for
// every field, one of a field for that field alone. Where all of Checked were confirmed one by one, the whole is as fresh
// as the oldest of them.
func (s *Service) TrustAt(field string, all []Confirmation, now time.Time) Trust {
	t := s.last(field, all, now)
	if field == Whole {
		oldest := s.last(Checked()[0], all, now)
		for _, f := range Checked()[1:] {
			if x := s.last(f, all, now); x.Confirmed.Before(oldest.Confirmed) {
				oldest = x
			}
		}
		if oldest.Confirmed.After(t.Confirmed) {
			t = oldest
		}
	}
	if t.Confirmed.IsZero() {
		t.Expired = true
		return t
	}
	t.Until = t.Confirmed.AddDate(0, 0, s.Days(field))
	t.Expired = !now.Before(t.Until)
	return t
}

// last is the latest word on a field, or on the whole record, up to a time.
func (s *Service) last(field string, all []Confirmation, now time.Time) (t Trust) {
	for _, c := range all {
		if c.Service == s.ID && (c.Field == Whole || c.Field == field) && !c.At.After(now) && c.At.After(t.Confirmed) {
			t.Confirmed, t.How = c.At, c.How
		}
	}
	return t
}

// Rewritten names those of Checked in which a record says something else than before. What somebody has just written is
// their word on it: a confirmation of what stood there before says nothing about it.
func Rewritten(before, after Record) []string {
	var out []string
	for _, f := range Checked() {
		if string(FieldText(before, f)) != string(FieldText(after, f)) {
			out = append(out, f)
		}
	}
	return out
}

// Reminder is one letter to the owner about a record that is due.
type Reminder string

// The reminders: before, on and after the day on which a confirmation expires.
const (
	Early Reminder = "early" // 14 days before
	Due   Reminder = "due"
	Late  Reminder = "late" // 21 days after
)

// ReminderAt gives the reminder that is due at a time for a confirmation that ends at until, and "" where none is. Each
// is due from its day until the next one's; after Late comes the call sheet (CallSheet).
func ReminderAt(until, now time.Time) Reminder {
	switch days := now.Sub(until).Hours() / 24; {
	case days >= 21:
		return Late
	case days >= 0:
		return Due
	case days >= -14:
		return Early
	}
	return ""
}

// OnCallSheet says whether somebody should be called: the last reminder is a week old and nobody answered.
func OnCallSheet(until, now time.Time) bool { return now.Sub(until) >= 28*24*time.Hour }

// Observation is what somebody who works with people found out. It stands beside the owner's data for a while and never
// takes their place.
type Observation struct {
	ID      string
	Service ServiceID
	By      authz.OrganisationID
	What    string // key of Observations
	Text    string // one line; may be empty
	On      time.Time
}

// Observations lists what can be observed.
func Observations() []string {
	return []string{"takes-nobody", "waiting", "phone-dead", "moved", "closed-down", "hours-differ", "language-differs", "works-well"}
}

// ObservationDays is how long an observation is shown.
const ObservationDays = 60

// Fresh gives the observations of a service that are shown at a time, the latest first.
func Fresh(all []Observation, id ServiceID, now time.Time) []Observation {
	var out []Observation
	for _, o := range all {
		if o.Service == id && now.Sub(o.On) < ObservationDays*24*time.Hour && !o.On.After(now) {
			out = append(out, o)
		}
	}
	slices.SortFunc(out, func(a, b Observation) int { return cmp.Or(b.On.Compare(a.On), cmp.Compare(a.ID, b.ID)) })
	return out
}
