// Package region turns the description of a region (a folder with region.toml) into an immutable,
// content-addressed snapshot: places, people, streets, timetable, offers and the standards to hold them against.
package region

import (
	"time"

	"github.com/paulmach/orb"

	"gevor/geo"
	"gevor/notice"
	"gevor/street"
	"gevor/transit"
	"gevor/travel"
)

// Label is a text by language tag (BCP 47); "de" is always there.
type Label map[string]string

// In gives the text in a language, else German, else any by order of tag.
func (l Label) In(lang string) string {
	if s, ok := l[lang]; ok {
		return s
	}
	if s, ok := l["de"]; ok {
		return s
	}
	best := ""
	for k := range l {
		if best == "" || k < best {
			best = k
		}
	}
	return l[best]
}

// Snapshot is everything an analysis stands on. It is immutable; share it between goroutines.
type Snapshot struct {
	Hash      string // hex SHA-256 over Inputs, the canonical description and the snapshot format version
	Name      Label
	Synthetic bool   // true for the demo region: every page, sheet and file says so
	TimeZone  string // IANA name
	Bounds    geo.Box
	Date      time.Time // reference date of the region's state: validity of boundaries, age of confirmations

	ServiceDay time.Time // day of the timetable; the departures of ways count from its midnight
	WalkKmh    float64   // walking speed of this region

	Areas      []Area // municipalities, then districts
	Zones      []Area // other layers, by kind and key; their Parent is −1
	Cells      Cells
	Groups     []Group
	Categories []Category
	Offers     []Offer
	Standards  []Standard
	Need       []NeedFactor

	Streets   *street.Network    // nil where the region has no OSM extract
	Timetable *transit.Timetable // nil where the region has no GTFS feed

	Sources []Source
	Inputs  []Input
	Notices []notice.Notice
	Counts  []notice.Count
}

// Input is one file that went in.
type Input struct {
	Path   string // inside the region folder, slashes
	Bytes  int64
	SHA256 string // hex
	Source string // key of its Source
}

// Source says where data come from and whether they may be used.
type Source struct {
	Key           string
	Title         string
	Publisher     string
	Licence       string
	URL           string
	ReferenceDate string // ISO 8601 date or year
	Status        string // "open" or "cleared"; anything else keeps a run from starting
	Attribution   string // sentence that must stand beside every use
}

// AreaKind tells municipalities from districts.
type AreaKind uint8

// The kinds. A district lies in one municipality. The others are zones: layers beside the two, such as statistics come in.
const (
	Municipality AreaKind = iota
	District
	SocialSpace
	PlanningArea
	Postcode
	Block
)

var kindNames = [...]string{"municipality", "district", "social-space", "planning-area", "postcode", "block"}

// String gives the word of descriptions.
func (k AreaKind) String() string { return kindNames[min(int(k), len(kindNames)-1)] }

// ZoneKinds lists the kinds beside municipalities and districts.
func ZoneKinds() []AreaKind { return []AreaKind{SocialSpace, PlanningArea, Postcode, Block} }

// Area is a municipality, a district or a zone.
type Area struct {
	Key       string // AGS or ARS as text with its leading zeros, or the region's own key
	Kind      AreaKind
	Name      string
	Parent    int32 // index into Areas of a district's municipality; -1 where none
	Shape     orb.MultiPolygon
	ValidFrom string // ISO date, empty = always
	ValidTo   string // ISO date (exclusive), empty = open
	Source    string
}

// Cells are the populated places of the region as parallel arrays, ordered by ID. For a census grid the point
// is the centre of the 100 m cell.
type Cells struct {
	ID           []string
	At           []geo.LonLat
	East, North  []int32   // south-west corner in EPSG:3035 metres; nil where the source is a plain point table
	SizeM        int32     // edge of a grid cell in metres; 0 for points
	Population   []float32 // all people, >= 0; suppressed and missing are 0 here and flagged below
	Flag         []ValueFlag
	Municipality []int32 // index into Areas, -1 where none
	District     []int32 // index into Areas, -1 where none
}

// Len is the number of cells.
func (c *Cells) Len() int { return len(c.ID) }

// ValueFlag keeps zero, suppressed and missing apart.
type ValueFlag uint8

// The flags.
const (
	Known ValueFlag = iota
	Zero
	Suppressed
	Missing
	Estimated
)

// GroupState says what is known of a target group.
type GroupState uint8

// A group without data is GroupUnknown: it never gets a share of the population and never a finding.
const (
	GroupUnknown GroupState = iota
	GroupKnown
	GroupEstimated
)

// Group is a target group as a population layer of its own.
type Group struct {
	Key    string
	Label  Label
	State  GroupState
	People []float32   // per cell; nil where State is GroupUnknown
	Flag   []ValueFlag // per cell; nil where State is GroupUnknown
	// RelError is the relative standard error of an estimated layer at cell level (0.3 = 30 %); 0 where known.
	RelError float64
	Method   string  // catalogue key of how the layer was made, e.g. "grid-column", "district-spread-by-population"
	Need     float64 // weight of the group in the ranking, > 0, 1 = neutral
	Source   string
}

// Category is a kind of offer.
type Category struct {
	Key    string
	Label  Label
	Parent string // key of a broader category; empty at the top
}

// Offer is one service at one place.
type Offer struct {
	ID           string
	Name         string
	Categories   []int32 // indices into Categories, ascending
	At           geo.LonLat
	Municipality int32   // index into Areas, -1 outside all
	Capacity     float64 // places or full-time equivalents, as the category counts; NaN = unknown
	ConfirmedOn  string  // ISO date of last confirmation; empty = never
	ConfirmEvery int     // days within which it must be confirmed again; from category or record
	ServiceAreas []int32 // municipalities or districts whose people may use it; nil = everyone
	StepFree     Tristate
	// Languages are those in which the offer is known to be given: BCP 47 tags without country, ascending, each once.
	// None where its source says nothing, which is not the same as German alone.
	Languages []string `json:",omitempty"`
	Source    string
	Record    string // id in the source
}

// Tristate is yes, no or unknown.
type Tristate uint8

// The states.
const (
	Unknown Tristate = iota
	Yes
	No
)

// Standard is what the region holds itself to: for a group and a category, a place within reach.
// Exactly one of Nearest and PerThousand is set.
type Standard struct {
	Key      string
	Label    Label
	Group    int32 // index into Groups
	Category int32 // index into Categories
	Ways     []Way // any one of them suffices
	// Nearest asks for the k-th nearest place within reach (k >= 1).
	Nearest int
	// PerThousand asks for a floating-catchment access of at least so much capacity per 1,000 people of the group.
	PerThousand float64
}

// Way is one way of getting there in time.
type Way struct {
	Mode       travel.Mode
	Minutes    int
	Departure  int // transit: seconds after midnight of the snapshot's service day at which the window opens
	Window     int // transit: seconds
	Percentile int // transit: of the travel times over the window, 1..99
	// Evening way: where EarlierDeparture >= 0, the same way is also computed for that departure, and people who
	// reach a place then but not at Departure get the cause "only at other times".
	EarlierDeparture int
}

// NeedFactor scales the need of a cell by a value of its district: need = group.Need x clamp(1 + sum of
// Weight x z, 0.25, 4), z being the value standardised over the districts that have one.
type NeedFactor struct {
	Key    string
	Label  Label
	Weight float64
	Value  []float64 // per area (index into Areas), NaN where unknown
	Source string
}
