package atlas

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"gevor/authz"
	"gevor/signal"
)

// AnswerKind is what people on the spot say of a warning.
type AnswerKind string

// The answers.
const (
	Confirms    AnswerKind = "confirm"
	Contradicts AnswerKind = "contradict"
	OfferExists AnswerKind = "offer-exists" // becomes a suggestion to the directory
	InWork      AnswerKind = "in-work"
)

// AnswerKinds lists the answers.
func AnswerKinds() []AnswerKind { return []AnswerKind{Confirms, Contradicts, OfferExists, InWork} }

// Answer is what an organisation said of a warning, with how strong it was then.
type Answer struct {
	ID       string
	Owner    authz.OrganisationID
	Name     string // of the organisation
	Kind     AnswerKind
	Reason   string // required to contradict
	Service  string // of OfferExists: the entry that was named, may be empty
	Made     time.Time
	Strength float64
	Sources  int
}

// MissingOffer is an offer that an answer says exists, and that the directory lacks.
type MissingOffer struct {
	ID      string // of the answer
	Warning string
	Level   signal.Level
	Area    string // of the warning; empty for the region
	Subject signal.Subject
	Said    string // name of the organisation that answered
	Reason  string
	Made    time.Time
}

// Told is what a warning's signals were at the end of one period.
type Told struct {
	At      time.Time
	Signals []signal.Signal
}

// KeptWarning is a warning over all its reports.
type KeptWarning struct {
	Warning
	Seen    time.Time // the last report that had signals of it
	Answers []Answer  // latest first; of each organisation the last one counts
	History []Told    // earlier reports first; only where it was asked for
}

// Watched says what the last report of a region was set to.
type Watched struct {
	At      time.Time // zero where there was none
	Rate    float64   // false alarms a month the region bears; 1 where nobody chose otherwise
	Reports []Panels
}

// Panels is what one panel watched.
type Panels struct {
	Step      signal.Step
	Units     int
	Waiting   int // of them stand out, but wait as the year's allowance is used up
	Threshold signal.Threshold
	Rate      float64
	To        time.Time
}

// Stage is how far a warning is after what was answered.
type Stage string

// The stages, in the order in which they are shown.
const (
	Grown    Stage = "grown"    // contradicted before, but it has clearly grown since
	Sure     Stage = "sure"     // confirmed
	Open     Stage = "open"     // nobody has answered
	Offered  Stage = "offered"  // an offer is said to exist
	Working  Stage = "working"  // somebody works on it
	Disputed Stage = "disputed" // contradicted, and no stronger since
	Over     Stage = "over"     // no signal in the last report
)

// grownBy is how much stronger in z a contradicted warning must get to be shown again; a further source also suffices.
const grownBy = 1.5

// Stage says how far the warning is at the last report. The last answer of each organisation counts; a contradiction
// holds against older confirmations, until the warning has clearly grown. TestAContradictedWarningDoesNotNag.
func (k *KeptWarning) Stage(last time.Time) Stage {
	if k.Seen.Before(last) {
		return Over
	}
	var heard []authz.OrganisationID
	z, sources := k.Strength()
	out := Open
	for _, a := range slices.SortedStableFunc(slices.Values(k.Answers), func(a, b Answer) int { return b.Made.Compare(a.Made) }) {
		if slices.Contains(heard, a.Owner) {
			continue
		}
		heard = append(heard, a.Owner)
		says := map[AnswerKind]Stage{Confirms: Sure, OfferExists: Offered, InWork: Working, Contradicts: Disputed}[a.Kind]
		if says == Disputed && (z >= a.Strength+grownBy || sources > a.Sources) {
			says = Grown
		}
		if out == Open {
			out = says // the latest
		}
	}
	return out
}

// Nags says whether the warning is shown where people look first.
func (s Stage) Nags() bool { return s == Grown || s == Sure || s == Open }

// SortWarnings puts first what needs an answer first.
func SortWarnings(list []KeptWarning, last time.Time) {
	rank := []Stage{Grown, Sure, Open, Offered, Working, Disputed, Over}
	slices.SortStableFunc(list, func(a, b KeptWarning) int {
		az, _ := a.Strength()
		bz, _ := b.Strength()
		return cmp.Or(cmp.Compare(slices.Index(rank, a.Stage(last)), slices.Index(rank, b.Stage(last))), cmp.Compare(bz, az), strings.Compare(a.ID, b.ID))
	})
}
