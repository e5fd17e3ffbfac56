package signal

import (
	"cmp"
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"gevor/fault"
)

// The sources of foreseeable losses.
const (
	Retirement Source = "retirement" // doctors and others reach the age at which people stop
	Funding    Source = "funding"    // money that has an end
	Offers     Source = "offers"     // offers that are to close, or that nobody confirms
	Timetable  Source = "timetable"  // departures that a new timetable no longer has
)

// Foreseen is the method of foreseeable losses.
const Foreseen Method = "foreseen"

// Asset is a place of help that may be lost.
type Asset struct {
	Source    Source // Retirement, Funding or Offers
	Area      string // district
	Subject   Subject
	Born      int       // year of birth of whoever runs it, for Retirement; 0 unknown
	Ends      time.Time // for Funding and announced closures; zero unknown
	Confirmed time.Time // for Offers without an end: when it was last confirmed; zero never
}

// Service is how often vehicles leave in a district on a working day, before and after a new timetable.
type Service struct {
	Area          string
	From          time.Time // first day of the new one
	Before, After float64
	Hours         []Hour // by hour of the clock, 24 of them; nil where only the day is known
}

// Hour is what leaves in an hour, and from how many stops.
type Hour struct {
	Before, After           float64
	StopsBefore, StopsAfter int
}

// LossOptions are the assumptions. Zero values take those in brackets.
type LossOptions struct {
	Horizon   int     // months looked ahead [24]
	Share     float64 // of the places of a district and category that makes a loss worth saying [1/3]
	Chance    float64 // probability from which it is said [0.5]
	StopAge   float64 // age at which people stop, mean of a normal distribution [65.5] …
	StopSpan  float64 // … and its standard deviation in years [3]
	Fade      int     // months after which an offer that nobody confirmed is in doubt [12]
	Departing float64 // share of departures whose loss is said [0.25]
}

func (o LossOptions) filled() LossOptions {
	o.Horizon, o.Fade = cmp.Or(o.Horizon, 24), cmp.Or(o.Fade, 12)
	o.Share, o.Chance = cmp.Or(o.Share, 1./3), cmp.Or(o.Chance, 0.5)
	o.StopAge, o.StopSpan, o.Departing = cmp.Or(o.StopAge, 65.5), cmp.Or(o.StopSpan, 3), cmp.Or(o.Departing, 0.25)
	return o
}

// leaves gives the probability that whoever was born in a year and still works on a day stops within so many months:
// that of a normal age of stopping, given that it is not yet reached.
func (o LossOptions) leaves(born int, at time.Time, months int) float64 {
	n := distuv.Normal{Mu: o.StopAge, Sigma: o.StopSpan}
	age := float64(at.Year()-born) + float64(at.YearDay())/365 - 0.5
	still := n.Survival(age)
	if still < 1e-9 {
		return 1
	}
	return 1 - n.Survival(age+float64(months)/12)/still
}

// atLeast gives the probability that at least k of independent events happen (Poisson binomial, summed exactly).
func atLeast(k int, p []float64) float64 {
	dist := []float64{1}
	for _, x := range p {
		next := make([]float64, len(dist)+1)
		for n, q := range dist {
			next[n] += q * (1 - x)
			next[n+1] += q * x
		}
		dist = next
	}
	sum := 0.0
	for n := k; n < len(dist); n++ {
		sum += dist[n]
	}
	return math.Min(1, sum)
}

// Foresee says which districts lose a good part of the places of a category within the horizon. Places of a district
// with fewer than three of a kind are looked at in its municipality, and there in the region: fewer than three practices
// are never a figure. Nothing here is a test: the probability rests on the assumptions in o. TestForesee*.
func Foresee(areas []Area, assets []Asset, at time.Time, o LossOptions) ([]Signal, error) {
	o = o.filled()
	if o.Horizon < 1 || !(o.Share > 0 && o.Share <= 1) || !(o.Chance > 0 && o.Chance <= 1) || !(o.StopSpan > 0) || o.Fade < 1 {
		return nil, fault.New(fault.Invalid, "losses", "the assumptions contradict each other", "see LossOptions")
	}
	parent := map[string]string{}
	for _, a := range areas {
		parent[a.Key] = a.Parent
	}
	type kind struct {
		source  Source
		subject Subject
		level   Level
		area    string
	}
	sets := map[kind][]Asset{}
	var order []kind
	for _, a := range assets {
		if _, known := parent[a.Area]; !known {
			return nil, fault.New(fault.Invalid, "losses", "a place in the unknown district "+a.Area, "give the key of a district")
		}
		for _, k := range []kind{{a.Source, a.Subject, InDistrict, a.Area}, {a.Source, a.Subject, InMunicipality, parent[a.Area]}, {a.Source, a.Subject, InRegion, ""}} {
			if sets[k] == nil {
				order = append(order, k)
			}
			sets[k] = append(sets[k], a)
		}
	}
	slices.SortFunc(order, func(a, b kind) int {
		return cmp.Or(cmp.Compare(a.source, b.source), a.subject.compare(b.subject), cmp.Compare(a.level, b.level), cmp.Compare(a.area, b.area))
	})
	var out []Signal
	for _, k := range order {
		set := sets[k]
		if len(set) < 3 || k.level == InMunicipality && !slices.ContainsFunc(set, func(a Asset) bool {
			return len(sets[kind{k.source, k.subject, InDistrict, a.Area}]) < 3
		}) || k.level == InRegion && !slices.ContainsFunc(set, func(a Asset) bool {
			return len(sets[kind{k.source, k.subject, InMunicipality, parent[a.Area]}]) < 3
		}) {
			continue
		}
		s := Signal{Sources: []Source{k.source}, Method: Foreseen, Level: k.level, Area: k.area, Subject: k.subject, From: at, Since: at, Expected: float64(len(set))}
		if o.judge(&s, set, at) {
			out = append(out, s)
		}
	}
	return out, nil
}

// judge says whether a set of at least three places loses enough, and when.
func (o LossOptions) judge(s *Signal, set []Asset, at time.Time) bool {
	need := int(math.Ceil(o.Share*float64(len(set)) - 1e-9))
	unknown := 0
	chance := func(months int) float64 {
		var p []float64
		unknown = 0
		for _, a := range set {
			switch {
			case !a.Ends.IsZero():
				p = append(p, bit(!a.Ends.After(at.AddDate(0, months, 0))))
			case a.Source == Retirement && a.Born > 0:
				p = append(p, o.leaves(a.Born, at, months))
			case a.Source == Offers:
				p = append(p, 0.5*bit(a.Confirmed.Before(at.AddDate(0, -o.Fade, 0)))) // in doubt: as likely gone as not
			default:
				unknown++
			}
		}
		return atLeast(need, p)
	}
	p := chance(o.Horizon)
	if p < o.Chance {
		return false
	}
	months := o.Horizon
	for months > 0 && chance(months-1) >= o.Chance {
		months--
	}
	chance(o.Horizon)
	s.Observed = float64(need)
	s.Chance = math.Round(p*20) / 20
	s.To = at.AddDate(0, months, 0)
	s.LeadDays = int(s.To.Sub(at).Hours() / 24)
	s.Complete = math.Round(float64(len(set)-unknown)/float64(len(set))*100) / 100
	if s.Sources[0] != Funding {
		s.Against = append(s.Against, Assumed)
	}
	if unknown > 0 {
		s.Against = append(s.Against, AgesUnknown)
	}
	s.Next = []Advice{PlanAhead, LookAtOffers, AskThere}
	return true
}

func bit(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// Thinned says in which districts a new timetable takes away a good part of the departures: of the day, or where the day
// keeps them, half and more of at least three hours in a row. TestForeseeableLosses, TestALostEveningIsSaid.
func Thinned(services []Service, at time.Time, o LossOptions) []Signal {
	o = o.filled()
	var out []Signal
	for i := range services {
		s := &services[i]
		before, after, from, to := s.Before, s.After, 0, 0
		if !(before >= leastDepartures && after <= before*(1-o.Departing)) {
			if from, to, before, after = s.lostHours(); to == 0 {
				continue
			}
		}
		out = append(out, Signal{
			Sources: []Source{Timetable}, Method: Foreseen, Level: InDistrict, Area: s.Area, From: at, Since: at, To: s.From, Observed: math.Round(after), Expected: math.Round(before), FromHour: from, ToHour: to,
			Chance: 1, Complete: 1, LeadDays: max(0, int(s.From.Sub(at).Hours()/24)), Next: []Advice{PlanAhead, LookAround, AskThere},
		})
	}
	slices.SortFunc(out, func(a, b Signal) int { return cmp.Compare(a.Area, b.Area) })
	return out
}

const (
	leastDepartures = 10 // fewer are no service whose loss a figure could tell
	leastHours      = 3
)

// lostHours gives the hours in a row [from, to) that lose most departures, each of them at least half; to is 0 where there
// are fewer than leastHours, or too few departures in them.
func (s *Service) lostHours() (from, to int, before, after float64) {
	for h := 0; h < len(s.Hours); {
		e, b, a := h, 0.0, 0.0
		for ; e < len(s.Hours) && s.Hours[e].Before > 0 && s.Hours[e].After <= s.Hours[e].Before/2; e++ {
			b, a = b+s.Hours[e].Before, a+s.Hours[e].After
		}
		if e-h >= leastHours && b >= leastDepartures && b-a > before-after {
			from, to, before, after = h, e, b, a
		}
		h = e + 1
	}
	return from, to, before, after
}
