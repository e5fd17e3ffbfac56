package atlas

import (
	"math"
	"slices"
	"time"

	"gevor/region"
)

// supply is what one standard may count on: the offers of its category and of narrower ones.
type supply struct {
	listed   []int32   // all offers of the category, ascending
	counts   []bool    // per offer of the snapshot: listed, and its capacity is not known to be zero
	noSteps  []bool    // counts, and the place is not known to have steps
	capacity []float64 // per offer of the snapshot; unknown ones stand at the median of the known; 0 elsewhere
	known    bool      // at least one capacity is known
}

// narrower gives, per category, whether it is the wanted one or lies below it. Parents that form a ring end.
func narrower(categories []region.Category, wanted int32) []bool {
	byKey := map[string]int32{}
	for i, c := range categories {
		byKey[c.Key] = int32(i)
	}
	in := make([]bool, len(categories))
	for i := range categories {
		at, steps := int32(i), 0
		for at != wanted && steps <= len(categories) {
			up, ok := byKey[categories[at].Parent]
			if !ok {
				break
			}
			at, steps = up, steps+1
		}
		in[i] = at == wanted
	}
	return in
}

func supplyOf(snap *region.Snapshot, category int32) supply {
	in := narrower(snap.Categories, category)
	n := len(snap.Offers)
	s := supply{counts: make([]bool, n), noSteps: make([]bool, n), capacity: make([]float64, n)}
	var known []float64
	for i := range snap.Offers {
		o := &snap.Offers[i]
		if !slices.ContainsFunc(o.Categories, func(c int32) bool { return in[c] }) {
			continue
		}
		s.listed = append(s.listed, int32(i))
		// A place known to have no capacity is closed to everyone; that differs from a capacity nobody stated.
		s.counts[i] = !(o.Capacity <= 0)
		s.noSteps[i] = s.counts[i] && o.StepFree != region.No
		if o.Capacity > 0 {
			known = append(known, o.Capacity)
		}
	}
	s.known = len(known) > 0
	mid := median(known)
	for _, i := range s.listed {
		switch c := snap.Offers[i].Capacity; {
		case !s.counts[i]:
		case math.IsNaN(c):
			s.capacity[i] = mid
		default:
			s.capacity[i] = c
		}
	}
	return s
}

// median of the values, 0 of none; of an even number the mean of the middle two. It sorts in place.
func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	slices.Sort(v)
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

// entitled says whether the people of a cell may use an offer.
func entitled(snap *region.Snapshot, cell, offer int32) bool {
	areas := snap.Offers[offer].ServiceAreas
	if areas == nil {
		return true
	}
	m, d := snap.Cells.Municipality[cell], snap.Cells.District[cell]
	for _, a := range areas {
		if a >= 0 && (a == m || a == d) {
			return true
		}
	}
	return false
}

// sameTown says whether an offer lies in the cell's own municipality; false where either lies in none.
func sameTown(snap *region.Snapshot, cell, offer int32) bool {
	m := snap.Cells.Municipality[cell]
	return m >= 0 && m == snap.Offers[offer].Municipality
}

const dateForm = "2006-01-02"

// withoutPeriodDays is the period of an offer for which neither record nor category states one.
const withoutPeriodDays = 365

// completeness reckons the shares over the offers listed.
func completeness(snap *region.Snapshot, offers []int32) Completeness {
	c := Completeness{Offers: len(offers)}
	if len(offers) == 0 {
		return c
	}
	capacity, confirmed := 0, 0
	for _, i := range offers {
		o := &snap.Offers[i]
		if !math.IsNaN(o.Capacity) {
			capacity++
		}
		if confirmedBy(o, snap.Date) {
			confirmed++
		}
	}
	c.CapacityKnown = float64(capacity) / float64(len(offers))
	c.ConfirmedInTime = float64(confirmed) / float64(len(offers))
	return c
}

// confirmedBy says whether the offer's last confirmation is younger than its period on the given day. A date that
// cannot be read is none.
func confirmedBy(o *region.Offer, day time.Time) bool {
	last, err := time.Parse(dateForm, o.ConfirmedOn)
	if err != nil {
		return false
	}
	days := o.ConfirmEvery
	if days <= 0 {
		days = withoutPeriodDays
	}
	today := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, time.UTC)
	return !today.After(last.AddDate(0, 0, days))
}
