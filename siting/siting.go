// Package siting answers where one more place, or more of an existing one, would help most. It knows travel costs
// and weights of people, and nothing of what a place is.
package siting

import (
	"cmp"
	"math"
	"slices"

	"gevor/reach"
)

// BestPlace gives the candidate (column) whose rows weigh most together, and that weight. Every listed pair counts,
// so filter the matrix to what is within reach first. Of equal candidates the first wins; -1 and 0 where no
// candidate covers any weight. This is the maximal covering location problem for one place (Church & ReVelle 1974),
// solved exactly by looking at all candidates: O(pairs). TestBestPlaceAgainstAllSums checks it.
func BestPlace[C reach.Cost](m *reach.Sparse[C], weight []float64) (place int, covered float64) {
	sums := make([]float64, m.Cols)
	for i := range m.Rows() {
		to, _ := m.Row(i)
		for _, j := range to {
			sums[j] += weight[i]
		}
	}
	place = -1
	for j, s := range sums {
		if s > covered {
			place, covered = j, s
		}
	}
	return place, covered
}

// Want is a number of people (weight > 0) who are served once a place has at least so much more capacity.
type Want struct{ Capacity, Weight float64 }

// Enough gives the smallest capacity that serves at least the share (0..1] of all weight wanted of one place, and
// the weight it serves; 0 and 0 without wants. A want of infinite capacity is never served. It sorts wants.
// Cost O(n log n); TestEnoughIsSmallest checks both that it suffices and that nothing smaller does.
func Enough(wants []Want, share float64) (capacity, served float64) {
	slices.SortStableFunc(wants, func(a, b Want) int { return cmp.Compare(a.Capacity, b.Capacity) })
	total := 0.0
	for _, w := range wants {
		if !math.IsInf(w.Capacity, 1) {
			total += w.Weight
		}
	}
	for i, w := range wants {
		if math.IsInf(w.Capacity, 1) {
			break
		}
		served += w.Weight
		capacity = w.Capacity
		last := i+1 == len(wants) || wants[i+1].Capacity > capacity
		if last && served >= share*total {
			return capacity, served
		}
	}
	return capacity, served
}

// Offer is what one place could do: serve so much weight for so much capacity.
type Offer struct {
	Place            int
	Served, Capacity float64
}

// Thrifty picks the place that needs the least capacity among those that serve at least the share (0..1] of what
// the best one serves; of equals the one that serves more, then the one with the smaller number. ok is false where
// none serves anyone.
func Thrifty(offers []Offer, share float64) (best Offer, ok bool) {
	most := 0.0
	for _, o := range offers {
		most = math.Max(most, o.Served)
	}
	for _, o := range offers {
		if !(o.Served > 0) || o.Served < share*most {
			continue
		}
		if !ok || cmp.Or(cmp.Compare(o.Capacity, best.Capacity), cmp.Compare(best.Served, o.Served), cmp.Compare(o.Place, best.Place)) < 0 {
			best, ok = o, true
		}
	}
	return best, ok
}
