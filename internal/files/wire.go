package files

// The structs below are the JSON files of a run. Domains carry no JSON tags; this is their only outside form.
// A number that is not known is null, never 0. Keys are those of region.toml; texts are by language tag.

// Record is run.json: what went in, with which program and parameters, and how much came out.
type Record struct {
	Format     int        `json:"format"` // 1
	Version    string     `json:"version"`
	Region     RegionName `json:"region"`
	Synthetic  bool       `json:"synthetic"`
	Date       string     `json:"date"` // reference date, ISO 8601
	Snapshot   string     `json:"snapshot"`
	Previous   string     `json:"previous,omitempty"` // run whose findings lent their identity
	Inputs     []Input    `json:"inputs"`
	Parameters Parameters `json:"parameters"`
	Counts     Counts     `json:"counts"`
}

// RegionName says which region a run is of.
type RegionName struct {
	Key  string            `json:"key"` // name of the region's folder
	Name map[string]string `json:"name"`
}

// Parameters are those of atlas.Params that change results, defaults filled in.
type Parameters struct {
	WalkKmh              float64    `json:"walk_kmh"`
	BikeKmh              float64    `json:"bike_kmh"`
	MaxAccessWalkSeconds int        `json:"max_access_walk_seconds"`
	CarBoundFactor       float64    `json:"car_bound_factor"`
	FarFactor            float64    `json:"far_factor"`
	CatchmentWeights     [3]float64 `json:"catchment_weights"`
	MinPeople            float64    `json:"min_people"`
	BridgeMetres         float64    `json:"bridge_metres"`
	FragmentShare        float64    `json:"fragment_share"`
	Candidates           int        `json:"candidates"`
}

// Input is one file that went in.
type Input struct {
	Path   string `json:"path"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
	Source string `json:"source"`
}

// Counts says how much a run holds.
type Counts struct {
	Areas      int     `json:"areas"`
	Cells      int     `json:"cells"`
	Population float64 `json:"population"`
	Offers     int     `json:"offers"`
	Groups     int     `json:"groups"`
	Categories int     `json:"categories"`
	Standards  int     `json:"standards"`
	Findings   int     `json:"findings"`
	RowsRead   int64   `json:"rows_read"`
	RowsUsed   int64   `json:"rows_used"`
	Rejected   int64   `json:"rows_rejected"`
}

// Region is region.json: the words and places that pages need without the snapshot.
type Region struct {
	Name       map[string]string `json:"name"`
	Synthetic  bool              `json:"synthetic"`
	TimeZone   string            `json:"time_zone"`
	Date       string            `json:"date"`
	ServiceDay string            `json:"service_day"` // day of the timetable
	WalkKmh    float64           `json:"walk_kmh"`
	Bounds     [4]float64        `json:"bounds"` // min lon, min lat, max lon, max lat
	CellMetres int32             `json:"cell_metres"`
	Areas      []Area            `json:"areas"`
	Groups     []Group           `json:"groups"`
	Categories []Category        `json:"categories"`
	Need       []NeedFactor      `json:"need"`
}

// Area is a municipality or district; its shape is in areas.geojson.
type Area struct {
	Key       string     `json:"key"`
	Kind      string     `json:"kind"` // municipality, district
	Name      string     `json:"name"`
	Parent    string     `json:"parent,omitempty"` // key of a district's municipality
	ValidFrom string     `json:"valid_from,omitempty"`
	ValidTo   string     `json:"valid_to,omitempty"`
	Source    string     `json:"source"`
	Bounds    [4]float64 `json:"bounds"`
}

// Group is a target group.
type Group struct {
	Key           string            `json:"key"`
	Label         map[string]string `json:"label"`
	State         string            `json:"state"` // unknown, known, estimated
	People        *float64          `json:"people"`
	Suppressed    int               `json:"suppressed_cells"`
	RelativeError float64           `json:"relative_error"`
	Method        string            `json:"method"`
	Need          float64           `json:"need"`
	Source        string            `json:"source"`
}

// Category is a kind of offer.
type Category struct {
	Key    string            `json:"key"`
	Label  map[string]string `json:"label"`
	Parent string            `json:"parent,omitempty"`
	Offers int               `json:"offers"`
}

// NeedFactor is one value that weighs the need of a district.
type NeedFactor struct {
	Key    string            `json:"key"`
	Label  map[string]string `json:"label"`
	Weight float64           `json:"weight"`
	Source string            `json:"source"`
	Values []*float64        `json:"values"` // parallel to areas, null where unknown
}

// Source is one entry of sources.json.
type Source struct {
	Key           string `json:"key"`
	Title         string `json:"title"`
	Publisher     string `json:"publisher"`
	Licence       string `json:"licence"`
	URL           string `json:"url"`
	ReferenceDate string `json:"reference_date"`
	Status        string `json:"status"`
	Attribution   string `json:"attribution"`
}

// Offer is one entry of offers.json.
type Offer struct {
	ID           string   `json:"id"`
	Name         string   `json:"name"`
	Categories   []string `json:"categories"`
	Lon          float64  `json:"lon"`
	Lat          float64  `json:"lat"`
	Municipality string   `json:"municipality,omitempty"`
	Capacity     *float64 `json:"capacity"`
	ConfirmedOn  string   `json:"confirmed_on,omitempty"`
	ConfirmEvery int      `json:"confirm_every,omitempty"`
	ServiceAreas []string `json:"service_areas,omitempty"`
	StepFree     string   `json:"step_free"` // unknown, yes, no
	Languages    []string `json:"languages,omitempty"`
	Source       string   `json:"source"`
	Record       string   `json:"record,omitempty"`
}

// Standard is one entry of standards.json: what is asked for and how far it is met.
type Standard struct {
	Key         string            `json:"key"`
	Label       map[string]string `json:"label"`
	Group       string            `json:"group"`
	Category    string            `json:"category"`
	Ways        []Way             `json:"ways"`
	Nearest     int               `json:"nearest,omitempty"`
	PerThousand float64           `json:"per_thousand,omitempty"`

	Known          bool               `json:"known"`  // false: nothing can be said, so the figures about people are null
	People         *float64           `json:"people"` // like missing and walls, null where unknown: zero would be an answer
	Missing        *float64           `json:"missing"`
	MissingShare   *float64           `json:"missing_share"`
	MissingByCause map[string]float64 `json:"missing_by_cause"`
	Walls          *float64           `json:"walls"`
	Suppressed     int                `json:"suppressed_cells"`
	OffNetwork     int                `json:"off_network_cells"`
	Findings       int                `json:"findings"`
	Data           Completeness       `json:"data"`
}

// Way is one way of getting there in time.
type Way struct {
	Mode             string `json:"mode"`
	Minutes          int    `json:"minutes"`
	Departure        string `json:"departure,omitempty"` // transit: HH:MM
	WindowMinutes    int    `json:"window_minutes,omitempty"`
	Percentile       int    `json:"percentile,omitempty"`
	EarlierDeparture string `json:"earlier_departure,omitempty"`
}

// Completeness says how good the offer data behind a figure are; shares are 0..1.
type Completeness struct {
	Offers          int     `json:"offers"`
	CapacityKnown   float64 `json:"capacity_known"`
	ConfirmedInTime float64 `json:"confirmed_in_time"`
}

// Finding is one entry of findings.json; its outline is in findings.geojson.
type Finding struct {
	ID          string             `json:"id"`
	Standard    string             `json:"standard"`
	Group       string             `json:"group"`
	Category    string             `json:"category"`
	Rank        int                `json:"rank"` // 1 = highest score
	Lon         float64            `json:"lon"`  // a cell near the middle
	Lat         float64            `json:"lat"`
	Bounds      [4]float64         `json:"bounds"`
	Cells       []string           `json:"cells"`
	Districts   []Share            `json:"districts"`
	People      float64            `json:"people"`
	Low         float64            `json:"low"`
	High        float64            `json:"high"`
	Shortfall   float64            `json:"shortfall"`
	Need        float64            `json:"need"`
	Score       float64            `json:"score"` // people x shortfall x need
	Cause       string             `json:"cause"`
	CauseShares map[string]float64 `json:"cause_shares"`
	Data        Completeness       `json:"data"`
	Remedies    []Remedy           `json:"remedies"`
	Estimated   bool               `json:"estimated"`
	Since       string             `json:"since,omitempty"` // run that first had it; empty: this one
	Succeeds    []string           `json:"succeeds,omitempty"`
}

// Share is a number of people by area.
type Share struct {
	Area   string  `json:"area"`
	People float64 `json:"people"`
}

// Remedy is what would close a finding.
type Remedy struct {
	Kind     string  `json:"kind"`            // extend, open
	Offer    string  `json:"offer,omitempty"` // id of the place to extend
	Name     string  `json:"name,omitempty"`  // its name
	Cell     string  `json:"cell,omitempty"`  // cell of the place to open
	Lon      float64 `json:"lon"`
	Lat      float64 `json:"lat"`
	District string  `json:"district,omitempty"` // key of the district it lies in
	Closes   float64 `json:"closes"`
	Capacity float64 `json:"capacity"`
}

// District is one entry of districts.json: a district on one sheet.
type District struct {
	Area       string          `json:"area"`
	Population float64         `json:"population"`
	Groups     []GroupCount    `json:"groups"`
	Standards  []ProfileLine   `json:"standards"`
	Offers     []CategoryCount `json:"offers"`
}

// GroupCount is a group's number in a district.
type GroupCount struct {
	Group      string   `json:"group"`
	State      string   `json:"state"`
	People     *float64 `json:"people"`
	Suppressed int      `json:"suppressed_cells"`
}

// ProfileLine is one standard in a district beside its municipality and the region.
type ProfileLine struct {
	Standard          string   `json:"standard"`
	Known             bool     `json:"known"`
	People            *float64 `json:"people"`
	Missing           *float64 `json:"missing"`
	MissingShare      *float64 `json:"missing_share"`
	MunicipalityShare *float64 `json:"municipality_share"`
	RegionShare       *float64 `json:"region_share"`
	MedianMinutes     *float64 `json:"median_minutes"`
	MainCause         string   `json:"main_cause"`
}

// CategoryCount counts offers of a category in a district.
type CategoryCount struct {
	Category string `json:"category"`
	Offers   int    `json:"offers"`
}

// Notices is notices.json: what the imports had to say, and what became of every row.
type Notices struct {
	Counts   []Count  `json:"counts"`
	Notices  []Notice `json:"notices"`
	Analysis []Notice `json:"analysis"` // what the run itself had to say
}

// Count says what became of the rows of one file: read = used + rejected.
type Count struct {
	File     string `json:"file"`
	Read     int64  `json:"read"`
	Used     int64  `json:"used"`
	Rejected int64  `json:"rejected"`
}

// Notice speaks of one place in one input.
type Notice struct {
	Severity string `json:"severity"` // info, warning, reject
	File     string `json:"file"`
	Line     int    `json:"line,omitempty"`
	Record   string `json:"record,omitempty"`
	Field    string `json:"field,omitempty"`
	Value    string `json:"value,omitempty"`
	Rule     string `json:"rule"`
	Advice   string `json:"advice"`
}

// Timing is one entry of timings.json, which lies outside the hash.
type Timing struct {
	Stage   string  `json:"stage"`
	Seconds float64 `json:"seconds"`
}
