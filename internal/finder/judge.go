package finder

import (
	"slices"
	"strings"
	"time"

	"gevor/directory"
	"gevor/geo"
)

// Condition is something that no result may break.
type Condition string

// The conditions.
const (
	ByLanguage  Condition = "language"  // spoken there, and at the hour of Arrive
	ByInsurance Condition = "insurance" // somebody insured like this is welcome
	ByAge       Condition = "age"
	ByOpen      Condition = "open" // at Arrive
	ByWalkIn    Condition = "walk-in"
	ByFree      Condition = "free" // of charge
	ByStepFree  Condition = "step-free"
	ByArea      Condition = "area"   // it is for people who live in Home
	ByWithin    Condition = "within" // no farther than Within minutes
)

// Query is one search. The zero value asks for everything.
type Query struct {
	Text     string
	Language string   // of the page
	Needs    []string // concepts of the vocabulary; any of them

	Speaks    string // BCP 47 tag; empty: any language
	Insurance directory.Insurance
	Age       *int      // in years
	Arrive    time.Time // it is open then; zero: at any time
	WalkIn    bool
	Free      bool
	StepFree  bool
	// Sure leaves out what is not known to fit. Else it is kept, marked, and ranked lower.
	Sure bool

	Home   string              // key of the district or municipality where the person lives
	Near   directory.ServiceID // ways begin at the place of this service instead of the middle of Home
	Within int                 // minutes of the way; 0: any. Given up where nothing is left, and then said so
	Now    time.Time           // of the search
	Limit  int                 // hits given, 0 = 20
	Offset int                 // hits left out at the beginning
}

// conditions lists what the query asks for, in the order in which giving them up is offered.
func (q *Query) conditions() []Condition {
	var out []Condition
	for _, c := range []struct {
		name  Condition
		asked bool
	}{
		{ByOpen, !q.Arrive.IsZero()},
		{ByLanguage, q.Speaks != ""},
		{ByWalkIn, q.WalkIn},
		{ByFree, q.Free},
		{ByInsurance, q.Insurance != ""},
		{ByAge, q.Age != nil},
		{ByStepFree, q.StepFree},
		{ByArea, q.Home != ""},
		{ByWithin, q.Within > 0},
	} {
		if c.asked {
			out = append(out, c.name)
		}
	}
	return out
}

// Without is the query with one condition given up.
func (q Query) Without(c Condition) Query {
	switch c {
	case ByOpen:
		q.Arrive = time.Time{}
	case ByLanguage:
		q.Speaks = ""
	case ByWalkIn:
		q.WalkIn = false
	case ByFree:
		q.Free = false
	case ByInsurance:
		q.Insurance = ""
	case ByAge:
		q.Age = nil
	case ByStepFree:
		q.StepFree = false
	case ByArea:
		q.Home = ""
	case ByWithin:
		q.Within = 0
	}
	return q
}

// Judged says how far one service fits a query.
type Judged struct {
	Place    int                           // index of the place that fits best; -1 where the service has none
	Verdicts map[Condition]directory.Three // of the conditions asked for
	All      directory.Three               // of all of them, at that one place
	Unknown  int                           // how many are not known
	Trip     Trip                          // to that place
}

// worse orders verdicts: No, Unknown, Yes.
func worse(a, b directory.Three) directory.Three {
	switch {
	case a == directory.No || b == directory.No:
		return directory.No
	case a == directory.Unknown || b == directory.Unknown:
		return directory.Unknown
	}
	return directory.Yes
}

func yes(b bool) directory.Three {
	if b {
		return directory.Yes
	}
	return directory.No
}

// judge holds a service against a query. What is asked of a place must hold at one and the same place: open, step-free
// and near by. trip gives the way to each place.
func (f *Finder) judge(q *Query, r *directory.Record, home *Area, trip func(place int) Trip) Judged {
	fixed := map[Condition]directory.Three{}
	if q.Insurance != "" {
		fixed[ByInsurance] = r.Welcomes(q.Insurance)
	}
	if q.Age != nil {
		fixed[ByAge] = yes(r.For.FitsAge(*q.Age))
	}
	if q.WalkIn {
		fixed[ByWalkIn] = yes(slices.Contains(r.Access, directory.WalkIn))
		if len(r.Access) == 0 {
			fixed[ByWalkIn] = directory.Unknown
		}
	}
	if q.Free {
		fixed[ByFree] = yes(r.Cost == directory.Free)
		if r.Cost == directory.CostUnknown {
			fixed[ByFree] = directory.Unknown
		}
	}
	if q.Home != "" {
		fixed[ByArea] = f.serves(r, home)
	}
	best := f.judgeAt(q, r, -1, Trip{})
	for i := range r.Places {
		if j := f.judgeAt(q, r, i, trip(i)); i == 0 || better(&j, &best) {
			best = j
		}
	}
	best.All = directory.Yes
	for c, v := range fixed {
		best.Verdicts[c] = v
	}
	for _, v := range best.Verdicts {
		best.All = worse(best.All, v)
		if v == directory.Unknown {
			best.Unknown++
		}
	}
	return best
}

// judgeAt judges what is asked of one place; -1 is a service without a place, by telephone or at home.
func (f *Finder) judgeAt(q *Query, r *directory.Record, i int, t Trip) Judged {
	j := Judged{Place: i, Verdicts: map[Condition]directory.Three{}, Trip: t}
	var place *directory.Place
	if i >= 0 {
		place = &r.Places[i]
	}
	if q.Speaks != "" {
		j.Verdicts[ByLanguage] = r.SpokenBy(q.Speaks, place, q.Arrive, f.calendar)
	}
	if !q.Arrive.IsZero() {
		j.Verdicts[ByOpen] = directory.Unknown
		if place != nil {
			j.Verdicts[ByOpen] = place.Hours.OpenAt(q.Arrive, f.calendar)
		}
	}
	comes := place == nil && slices.ContainsFunc(r.Access, func(a directory.Access) bool {
		return a == directory.Phone || a == directory.Online || a == directory.Outreach
	})
	if q.StepFree {
		switch {
		case place != nil && i < len(r.Locations):
			j.Verdicts[ByStepFree] = r.Locations[i].StepFree
		default:
			j.Verdicts[ByStepFree] = directory.Unknown
			if comes {
				j.Verdicts[ByStepFree] = directory.Yes
			}
		}
	}
	if q.Within > 0 {
		switch minutes, known := t.Minutes(); {
		case known:
			j.Verdicts[ByWithin] = yes(minutes <= q.Within)
		case comes:
			j.Verdicts[ByWithin] = directory.Yes
		default:
			j.Verdicts[ByWithin] = directory.Unknown
		}
	}
	return j
}

// better says whether a fits better than b at their places.
func better(a, b *Judged) bool {
	rank := func(j *Judged) int {
		all := directory.Yes
		for _, v := range j.Verdicts {
			all = worse(all, v)
		}
		return map[directory.Three]int{directory.No: 0, directory.Unknown: 1, directory.Yes: 2}[all]
	}
	if x, y := rank(a), rank(b); x != y {
		return x > y
	}
	return a.Trip.longer() < b.Trip.longer()
}

// keeps says whether a result may be shown.
func (q *Query) keeps(j *Judged) bool {
	return j.All == directory.Yes || j.All == directory.Unknown && !q.Sure
}

// serves says whether a service is for people who live in an area of the region.
func (f *Finder) serves(r *directory.Record, home *Area) directory.Three {
	if home == nil {
		return directory.Unknown
	}
	switch r.Area.Reach {
	case directory.Nationwide, directory.Regionwide:
		return directory.Yes
	case directory.Municipality, directory.DistrictReach:
		if slices.Contains(r.Area.Keys, home.Key) || slices.Contains(r.Area.Keys, home.Municipality) {
			return directory.Yes
		}
		// Whoever named only the municipality may live in one of its districts.
		if home.Key == home.Municipality && slices.ContainsFunc(r.Area.Keys, func(k string) bool { return f.o.Ground().municipality(k) == home.Key }) {
			return directory.Unknown
		}
		return directory.No
	case directory.Radius:
		known := false
		for _, l := range r.Locations {
			if l.At != nil && home.At != nil {
				if known = true; float64(geo.Distance(*l.At, *home.At)) <= r.Area.Km*1000 {
					return directory.Yes
				}
			}
		}
		if known {
			return directory.No
		}
	case directory.ReachUnknown:
	}
	return directory.Unknown
}

// SameLanguage says whether two tags name one language: regional forms count as the language.
func SameLanguage(a, b string) bool {
	base := func(t string) string { t, _, _ = strings.Cut(strings.ToLower(t), "-"); return t }
	return base(a) == base(b)
}
