// Package atlas holds a region against its standards: who misses what, by how much, where and why, and what
// would close the gap.
package atlas

import (
	"gevor/notice"
	"gevor/region"
)

// Cause is why people miss a standard. A person counts for exactly one: the first that applies in the order
// of the constants below.
type Cause uint8

// The causes, in order of precedence (see docs/methods.md).
const (
	CauseNone          Cause = iota // the standard is met
	CauseOnlySteps                  // reached on foot in time, but only over steps or kerbs
	CauseOnlyElsewhere              // reached in time only across a border where these people are not entitled
	CauseOnlyOtherTime              // reached in time at the earlier departure, not at this one
	CauseOnlyCar                    // reached in time by car only
	CauseTooFar                     // not reached in time by any mode
	CauseUsedUp                     // reached, but its capacity is used up by others
)

var causeKeys = [...]string{"none", "only-steps", "only-elsewhere", "only-other-time", "only-car", "too-far", "used-up"}

// String gives the key used in files and in the message catalogue.
func (c Cause) String() string { return causeKeys[c] }

// CellState says what is known of one cell under one standard.
type CellState uint8

// The states of a cell.
const (
	CellMet     CellState = iota
	CellMissed            // people of the group live here and miss the standard
	CellEmpty             // nobody of the group lives here
	CellUnknown           // the group's number is suppressed, missing or unknown here, or the cell lies off every street
)

// Layer is the answer for one standard, parallel to the snapshot's cells.
type Layer struct {
	Standard  int32 // index into the snapshot's standards
	State     []CellState
	Cause     []Cause
	Seconds   []int32   // to the k-th nearest entitled place by the best way, travel.Unreached where none in bound
	Access    []float32 // capacity per 1,000 people; NaN where the standard does not ask for capacity
	Shortfall []float32 // 0..1: by how much the standard is missed
	Walls     []bool    // met as things are, missed if borders were walls
}

// StandardSummary is one line of the overview.
type StandardSummary struct {
	Standard int32
	// Known is false where the group is unknown, or where a way, the offers of the category or all their capacities
	// are missing from the data (a notice says which): then no figure below means anything.
	Known          bool
	People         float64 // of the group in cells with known numbers
	Missing        float64 // people who miss the standard
	MissingByCause [7]float64
	Walls          float64 // further people who would miss it if borders were walls
	Suppressed     int     // cells whose number is suppressed
	OffNetwork     int     // cells with people, too far from any street of the standard's modes: unknown, in no figure
	Findings       int
	Data           Completeness
}

// Completeness says how good the offer data behind a figure are. Without offers both shares are 0.
type Completeness struct {
	Offers          int
	CapacityKnown   float64 // share 0..1; the rest is reckoned with the median of the known ones
	ConfirmedInTime float64 // share 0..1 as of the snapshot's date
}

// Finding is one contiguous area in which a group misses a standard.
type Finding struct {
	ID          string // stable over runs; see Identify
	Standard    int32
	Cells       []int32 // ascending
	Districts   []Share // people of the finding by district, descending
	People      float64 // of the group who miss the standard here
	Low, High   float64 // 90 % interval of People where the layer is estimated; equal to People where known
	Shortfall   float64 // people-weighted mean, 0..1
	Need        float64 // people-weighted mean of the need
	Score       float64 // People x Shortfall x Need
	Cause       Cause   // the one most people have
	CauseShares [7]float64
	Data        Completeness
	Remedies    []Remedy
	Estimated   bool
	Since       string   // hash of the run that first had it; empty = this one
	Succeeds    []string // other findings of the previous run whose people are now here (a merger), ascending
}

// Share is a number of people by area.
type Share struct {
	Area   int32
	People float64
}

// RemedyKind says what would be done.
type RemedyKind uint8

// The remedies.
const (
	RemedyExtend RemedyKind = iota // more capacity, wider entitlement or step-free access at an existing place
	RemedyOpen                     // a new place at the best candidate cell
)

// Remedy is a counterfactual: what would close the finding, and for how many.
type Remedy struct {
	Kind     RemedyKind
	Offer    int32   // index into the snapshot's offers for RemedyExtend, else -1
	Cell     int32   // candidate cell for RemedyOpen, else -1
	Closes   float64 // people of the finding who would then meet the standard
	Capacity float64 // capacity it takes; 0 where the standard does not ask for capacity
}

// Profile is one district on one sheet.
type Profile struct {
	Area       int32
	Population float64
	Groups     []GroupCount
	Standards  []ProfileLine
	Offers     []CategoryCount
}

// GroupCount is a group's number in an area with what it leaves out.
type GroupCount struct {
	Group      int32
	State      region.GroupState
	People     float64
	Suppressed int
}

// ProfileLine is one standard in an area, beside its municipality and the region.
type ProfileLine struct {
	Standard          int32
	Known             bool
	People, Missing   float64
	MissingShare      float64
	MunicipalityShare float64
	RegionShare       float64
	MedianMinutes     float64 // people-weighted, NaN where unreached or unknown
	MainCause         Cause
}

// CategoryCount counts offers of a category in an area.
type CategoryCount struct {
	Category int32
	Offers   int
}

// Result is what one run found. Its layers are parallel to the snapshot's standards.
type Result struct {
	Snapshot  *region.Snapshot
	Layers    []Layer
	Summaries []StandardSummary
	Findings  []Finding // by Score descending, then ID
	Profiles  []Profile // parallel to the districts of the snapshot, in order of Areas
	Notices   []notice.Notice
}
