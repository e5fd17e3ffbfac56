package indicator

import (
	"slices"

	"gevor/disclosure"
	"gevor/fault"
)

func invalid(place, what, advice string) error { return fault.New(fault.Invalid, place, what, advice) }

// Label is a text in German and English.
type Label struct {
	DE string `json:"de" toml:"de"`
	EN string `json:"en" toml:"en"`
}

// In gives the text of a language, German where it is not English.
func (l Label) In(lang string) string {
	if lang == "en" && l.EN != "" {
		return l.EN
	}
	return l.DE
}

// Direction says which way a figure is better. The zero value is that nobody said: such a figure gets no colour and is
// not released.
type Direction string

// The directions.
const (
	Unstated     Direction = ""
	MoreIsBetter Direction = "more"
	LessIsBetter Direction = "less"
	Depends      Direction = "depends" // more visits can be good or bad: shown without judging colours
)

// Sign is 1 where more is better, −1 where less is, 0 otherwise.
func (d Direction) Sign() float64 {
	switch d {
	case MoreIsBetter:
		return 1
	case LessIsBetter:
		return -1
	case Unstated, Depends:
	}
	return 0
}

// State is how far a dataset is released.
type State string

// The states.
const (
	Draft     State = "draft"
	Released  State = "released"
	Withdrawn State = "withdrawn"
)

// Topic is what a dataset is about; pages group by it and set deprivation, health and supply side by side.
type Topic string

// The topics.
const (
	Population  Topic = "population"
	Deprivation Topic = "deprivation"
	Health      Topic = "health"
	Supply      Topic = "supply"
	Language    Topic = "language"
	Competence  Topic = "competence"
)

// Topics lists them in the order of pages.
func Topics() []Topic {
	return []Topic{Population, Deprivation, Health, Supply, Language, Competence}
}

// Level is the kind of area that figures are about.
type Level string

// The levels.
const (
	Districts      Level = "district"
	Municipalities Level = "municipality"
	PlanningAreas  Level = "planning-area"
	SocialSpaces   Level = "social-space"
	Postcodes      Level = "postcode"
	Counties       Level = "county"
	Blocks         Level = "block"
	Cells          Level = "grid" // squares of 1 km of the population grid, only to show figures on
)

// Levels lists those that figures come in.
func Levels() []Level {
	return []Level{Districts, Municipalities, PlanningAreas, SocialSpaces, Postcodes, Counties, Blocks}
}

// Dataset says what figures are about. It holds no figure.
type Dataset struct {
	ID            string    `json:"id"`
	Title         Label     `json:"title"`
	Note          Label     `json:"note"` // what is counted, and what to mind
	Unit          Label     `json:"unit"` // of what is shown
	Topic         Topic     `json:"topic"`
	Level         Level     `json:"level"`
	Direction     Direction `json:"direction"`
	Source        string    `json:"source"`
	Publisher     string    `json:"publisher"`
	Licence       string    `json:"licence"`
	URL           string    `json:"url,omitempty"`
	ReferenceDate string    `json:"reference_date"` // ISO: of the newest figures
	Per           float64   `json:"per"`            // what is shown is count / base · Per; 0: counts, or values gathered as such
	Part          bool      `json:"part"`           // the count is some of the base
	Values        bool      `json:"values"`         // gathered as rates or means: no counts stand behind
	Decimals      int       `json:"decimals"`
	Language      string    `json:"language,omitempty"` // BCP 47, of Topic Language
	Role          string    `json:"role,omitempty"`     // of pages that need a certain dataset, see docs/indicator-format.md
	Category      string    `json:"category,omitempty"` // of offers that the figures are about, as the region calls it
	Compare       bool      `json:"compare,omitempty"`  // only a comparison of municipalities, as the GISD
	Breaks        []Break   `json:"breaks,omitempty"`
	Owner         string    `json:"owner"`     // name of the organisation that owns the figures
	RuleSet       string    `json:"rule_set"`  // name of the rules of the source
	State         State     `json:"state"`     // as the catalogue wishes it
	Synthetic     bool      `json:"synthetic"` // invented

	Rules disclosure.Rules `json:"-"` // not for readers: thresholds are the owner's
}

// Ratio says whether what is shown is a count over a base.
func (d *Dataset) Ratio() bool { return d.Per > 0 && !d.Values }

// Area is an area that figures may be about.
type Area struct {
	Key       string `json:"key"`
	Name      string `json:"name"`
	Level     Level  `json:"level"`
	Parent    string `json:"parent,omitempty"` // key of the area whose figures are the sum of this one and its siblings
	ValidFrom string `json:"valid_from,omitempty"`
	ValidTo   string `json:"valid_to,omitempty"` // first day on which it is no more
	// Members are the areas of which this one is an exact union, as a planning area of municipalities.
	Members []string `json:"members,omitempty"`
}

// Ground is the areas of a region by key.
type Ground struct {
	areas []Area
	at    map[string]int
}

// NewGround keeps areas by rising level and key. Keys are unique over all levels; the first of doubled ones stays.
func NewGround(areas []Area) *Ground {
	g := &Ground{at: map[string]int{}}
	for _, a := range areas {
		if _, twice := g.at[a.Key]; !twice {
			g.at[a.Key] = len(g.areas)
			g.areas = append(g.areas, a)
		}
	}
	return g
}

// Area finds an area.
func (g *Ground) Area(key string) (Area, bool) {
	i, ok := g.at[key]
	if !ok {
		return Area{}, false
	}
	return g.areas[i], true
}

// Of lists the areas of a level in their order.
func (g *Ground) Of(l Level) []Area {
	var out []Area
	for _, a := range g.areas {
		if a.Level == l {
			out = append(out, a)
		}
	}
	return out
}

// Parts lists the areas whose parent is key.
func (g *Ground) Parts(key string) []Area {
	var out []Area
	for _, a := range g.areas {
		if a.Parent == key {
			out = append(out, a)
		}
	}
	return out
}

// keyLength is the length all keys of a level share; 0 where they differ.
func (g *Ground) keyLength(l Level) int {
	n := 0
	for _, a := range g.areas {
		if a.Level != l {
			continue
		}
		if n > 0 && n != len(a.Key) {
			return 0
		}
		n = len(a.Key)
	}
	return n
}

// Figure is one line of a table: what its owner knows about an area and period.
type Figure struct {
	Area   string
	Period Period
	Count  Value
	Base   Value // Missing where the dataset has none
	Rate   Value // of datasets with Values
	Units  int   // contributing units behind it, such as practices; 0 = not known
	Place  string
}

// Table is a dataset with its true figures, ordered by area and period. It never leaves its owner.
type Table struct {
	Dataset Dataset
	Figures []Figure
}

// Periods lists the periods of the table, rising.
func (t *Table) Periods() []Period {
	var out []Period
	for _, f := range t.Figures {
		out = append(out, f.Period)
	}
	slices.SortFunc(out, Period.Compare)
	return slices.Compact(out)
}
