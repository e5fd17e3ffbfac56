// Package directory holds the living directory: who offers what help, where, when, in which languages and on which
// conditions, who says so, and how long that may be believed. It knows no database and no page: records, rules about
// them, and answers to "is it open when I arrive", "is it for me", "is it still true".
package directory

import (
	"slices"
	"strings"
	"time"

	"gevor/authz"
	"gevor/geo"
)

// ProviderID names a provider. Names of records are unique in an installation and stay the same for ever.
type ProviderID string

// LocationID names a location.
type LocationID string

// ServiceID names a service.
type ServiceID string

// Texts holds one text in several languages, by BCP 47 tag.
type Texts map[string]string

// In gives the text in a language, or in German, or in whatever language there is, with the tag it is in.
func (t Texts) In(lang string) (text, tag string) {
	for _, l := range []string{lang, "de", "en"} {
		if s := t[l]; s != "" {
			return s, l
		}
	}
	tags := make([]string, 0, len(t))
	for l := range t {
		tags = append(tags, l)
	}
	slices.Sort(tags)
	for _, l := range tags {
		if t[l] != "" {
			return t[l], l
		}
	}
	return "", ""
}

// Provider is who offers services: a practice, an association, an office. It need not be an organisation that works
// with the program.
type Provider struct {
	ID       ProviderID
	Owner    authz.OrganisationID // who keeps the record
	Name     string
	Legal    string // legal form as written: e. V., gGmbH; may be empty
	Website  string
	Email    string
	Phone    string // international form: +49 …
	Version  int
	Modified time.Time
}

// Three says yes, no, or that nobody knows. The zero value is Unknown.
type Three uint8

// The three.
const (
	Unknown Three = iota
	Yes
	No
)

var threeNames = [...]string{"unknown", "yes", "no"}

// String gives the value as it is stored.
func (t Three) String() string { return threeNames[min(t, No)] }

// ThreeOf reads a stored value; anything else is Unknown and not ok.
func ThreeOf(s string) (Three, bool) {
	i := slices.Index(threeNames[:], s)
	return Three(max(i, 0)), i >= 0
}

// Location is a place where services are given.
type Location struct {
	ID       LocationID
	Owner    authz.OrganisationID
	Name     string // of the building or house; may be empty
	Street   string // with number
	Postcode string
	City     string
	District string      // key of the district of the region; empty outside it
	At       *geo.LonLat // nil where it is not known; or kept secret, as of a women's shelter
	StepFree Three
	Lift     Three
	Toilet   Three // accessible
	Parking  Three // accessible
	Hearing  Three // induction loop, signing
	Way      Texts // how to get there
	Version  int
	Modified time.Time
}

// Insurance is a way of being insured, or of not being insured.
type Insurance string

// The ways. Unclear means that a person's state is unclear and the offer takes them anyhow.
const (
	Statutory Insurance = "statutory"
	Private   Insurance = "private"
	Uninsured Insurance = "none"
	Unclear   Insurance = "unclear"
)

// Insurances lists all ways.
func Insurances() []Insurance { return []Insurance{Statutory, Private, Uninsured, Unclear} }

// Cost is what somebody pays.
type Cost string

// The costs. The zero value is unknown.
const (
	CostUnknown Cost = ""
	Free        Cost = "free"
	Fee         Cost = "fee"
	Copayment   Cost = "copayment" // as the insurance says
)

// Access is how somebody comes in.
type Access string

// The ways in.
const (
	WalkIn      Access = "walk-in"
	Appointment Access = "appointment"
	Referral    Access = "referral" // a prescription or somebody else's word is needed
	Outreach    Access = "outreach" // they come to the person
	Phone       Access = "phone"
	Online      Access = "online"
)

// AccessWays lists all ways in.
func AccessWays() []Access { return []Access{WalkIn, Appointment, Referral, Outreach, Phone, Online} }

// Room says whether there is a free place.
type Room string

// The states. The zero value is unknown.
const (
	RoomUnknown Room = ""
	RoomFree    Room = "free"
	RoomWaiting Room = "waiting" // a waiting list
	RoomClosed  Room = "closed"  // takes nobody at the moment
)

// Capacity is how much room there is, and when somebody said so.
type Capacity struct {
	Room  Room
	Weeks int // to wait, with RoomWaiting; 0 where nobody knows
	On    time.Time
}

// CapacityDays is how long a word about free places is believed.
const CapacityDays = 30

// At gives the capacity as it may be believed at a time: what is older than CapacityDays is unknown.
func (c Capacity) At(now time.Time) Capacity {
	if c.On.IsZero() || now.Sub(c.On) > CapacityDays*24*time.Hour {
		return Capacity{}
	}
	return c
}

// Reach is for whose home a service is.
type Reach string

// The kinds of reach. The zero value is unknown.
const (
	ReachUnknown  Reach = ""
	Nationwide    Reach = "nationwide"
	Regionwide    Reach = "region"
	Municipality  Reach = "municipality"
	DistrictReach Reach = "district"
	Radius        Reach = "radius"
)

// Area is the catchment of a service.
type Area struct {
	Reach Reach
	Keys  []string // of municipalities or districts
	Km    float64  // with Radius: around its locations
}

// Language is a language in which a service is given.
type Language struct {
	Tag   string // BCP 47
	Hours []Slot // when; empty: whenever the service is open
	How   string // "staff", "interpreter", "telephone-interpreter", "video"; empty where nobody said
}

// For says for whom a service is.
type For struct {
	MinAge, MaxAge int      // in years, both included; 0 means no limit
	Women, Men     bool     // only; neither set means everybody
	Groups         []string // keys of target groups it is made for; not a condition
	Conditions     Texts    // what else must be met
}

// Contact is one way to reach a service.
type Contact struct {
	Name  string // of a function, not of a person: "Anmeldung"
	Phone string
	Email string
	Hours []Slot // when it is answered; empty: as the service
}

// Place is a service at a location.
type Place struct {
	Location LocationID
	Hours    Hours
	Contacts []Contact
}

// Service is one offer of help.
type Service struct {
	ID          ServiceID
	Owner       authz.OrganisationID // who keeps the record
	Provider    ProviderID
	Partners    []ProviderID // of a joint offer, those who agreed; read from Partnerships, never kept with the record
	Name        Texts
	Summary     Texts    // one or two plain sentences
	Description Texts    // more
	Kinds       []string // concepts of the vocabulary
	For         For
	Insurance   []Insurance // who is welcome; empty where nobody said
	Cost        Cost
	CostText    Texts
	Access      []Access
	Booking     string // address for appointments
	Website     string
	Languages   []Language
	Resources   []string // "telephone-interpreting", "childcare", …: keys of the catalogue
	Capacity    Capacity
	Area        Area
	Places      []Place
	Risk        Risk      // how soon it must be confirmed again
	Draft       bool      // not yet for others
	Ended       time.Time // when the offer ended; zero while it runs
	Sources     []Source
	Version     int
	Modified    time.Time
}

// Resources lists what the catalogue has words for, of what a service brings along. Records may hold others.
func Resources() []string {
	return []string{"telephone-interpreting", "interpreter", "sign-language", "childcare", "escort", "home-visits", "easy-language", "help-with-forms"}
}

// Source says where a record came from, and its name there.
type Source struct {
	System string // key of the source: "hsds:stadt-west", "osm", "hand"
	ID     string
	Read   time.Time
}

// SpokenBy says whether a language is offered, at all or at a time (zero: at all). Regional forms count as the language:
// whoever speaks "ar-SY" is helped in "ar".
func (s *Service) SpokenBy(tag string, p *Place, at time.Time, c Calendar) Three {
	base := func(t string) string { b, _, _ := strings.Cut(strings.ToLower(t), "-"); return b }
	answer := No
	if len(s.Languages) == 0 {
		return Unknown
	}
	for _, l := range s.Languages {
		if base(l.Tag) != base(tag) {
			continue
		}
		if at.IsZero() || len(l.Hours) == 0 {
			return Yes
		}
		switch (Hours{Slots: l.Hours, Holidays: p.holidays()}).OpenAt(at, c) {
		case Yes:
			return Yes
		case Unknown:
			answer = Unknown
		case No:
		}
	}
	return answer
}

func (p *Place) holidays() Holidays {
	if p == nil {
		return HolidaysUnknown
	}
	return p.Hours.Holidays
}

// Welcomes says whether somebody with this insurance is welcome.
func (s *Service) Welcomes(i Insurance) Three {
	switch {
	case len(s.Insurance) == 0:
		return Unknown
	case slices.Contains(s.Insurance, i):
		return Yes
	}
	return No
}

// FitsAge says whether somebody of an age in years may come.
func (f For) FitsAge(years int) bool {
	return years >= f.MinAge && (f.MaxAge == 0 || years <= f.MaxAge)
}
