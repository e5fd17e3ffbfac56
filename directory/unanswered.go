package directory

import (
	"slices"
	"strings"
)

// Unanswered counts searches that found nothing, or hurdles that people reported: what was needed, where, in which
// month. It says nothing of who asked; nothing in it is finer than a month and a district.
type Unanswered struct {
	Month    string // 2026-05
	District string // key of an area of the region; empty where none was chosen
	Need     string // concept of the vocabulary; empty where none was understood
	Language string // BCP 47 tag of the page
	Reason   string // one of UnansweredReasons
	Times    int
}

// Why a search found nothing.
const (
	NothingFits     = "nothing"    // no offer for the need at all
	ConditionsExact = "conditions" // offers for the need, but none under the conditions asked for
)

// Hurdles lists what residents can report without a name.
func Hurdles() []string {
	return []string{"no-place", "waiting", "language", "insurance", "cost", "hours", "too-far", "steps", "turned-away", "papers", "not-reached", "afraid"}
}

// HurdlePrefix stands before a hurdle where it is kept as a reason.
const HurdlePrefix = "hurdle-"

// UnansweredReason says whether a reason is one that may be counted.
func UnansweredReason(r string) bool {
	hurdle, is := strings.CutPrefix(r, HurdlePrefix)
	return r == NothingFits || r == ConditionsExact || is && slices.Contains(Hurdles(), hurdle)
}

// Imported is one service as a source describes it, with the source's own names for the service, its provider and its
// locations. Owner, IDs and versions are empty: who takes it over gives them.
type Imported struct {
	Source       string // the source's name for the service
	Service      Service
	ProviderName string // the source's name for the provider
	Provider     Provider
	Places       []ImportedPlace // of Service.Places, in their order
	Assured      []Confirmation  // what the source says was confirmed, and when
	// Unread names fields of Service and Provider in which the source says something that cannot be right: a record that is
	// there already keeps what it has there.
	Unread, ProviderUnread []string
	// Gone says that the source tells nothing of this service any more but that it is no longer public: a record that is
	// there is hidden as it stands, and comes back when the source shows it again. Nothing else of the service counts.
	Gone bool
}

// ImportedPlace is a location as a source describes it.
type ImportedPlace struct {
	Source string
	Location
	Unread []string // as in Imported, fields of Location
}
