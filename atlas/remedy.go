package atlas

import (
	"cmp"
	"context"
	"math"
	"slices"

	"gevor/geo"
	"gevor/reach"
	"gevor/siting"
	"gevor/travel"
)

// Both shares are documented in docs/methods.md: a remedy need not reach the last person at any price, and of
// remedies that do nearly the same the one that takes least is better.
const (
	servedShare = 0.8
	nearlySame  = 0.8
)

// extension finds the existing place that would close most of a finding if it opened to these people, became free
// of steps, served them at another time, or had more capacity. ok is false where no existing place would.
func (q *inquiry) extension(slots []int32) (Remedy, bool) {
	closes := map[int32]siting.Offer{}
	for _, s := range slots {
		if !q.oneMoreSuffices(q.missed[s]) {
			continue
		}
		for _, h := range q.hitsOf(s) {
			if h.cause == q.cause[s] {
				o := closes[h.offer]
				closes[h.offer] = siting.Offer{Place: int(h.offer), Served: o.Served + q.peopleAt(s), Capacity: o.Capacity + q.lackingAt(s)}
			}
		}
	}
	var offers []siting.Offer
	for _, o := range sorted(closes) {
		offers = append(offers, closes[o])
	}
	if q.catchment != nil {
		offers = append(offers, q.enlargements(slots)...)
	}
	best, ok := siting.Thrifty(offers, nearlySame)
	if !ok {
		return Remedy{}, false
	}
	return Remedy{Kind: RemedyExtend, Offer: int32(best.Place), Cell: -1, Closes: best.Served, Capacity: best.Capacity}, true
}

// hitsOf gives the hits of one slot, once each.
func (q *inquiry) hitsOf(slot int32) []hit {
	bySlot := func(h hit, s int32) int { return cmp.Compare(h.slot, s) }
	from, _ := slices.BinarySearchFunc(q.hits, slot, bySlot)
	to, _ := slices.BinarySearchFunc(q.hits, slot+1, bySlot)
	return q.hits[from:to]
}

// oneMoreSuffices says whether a single further place within reach would make the cell meet its standard.
func (q *inquiry) oneMoreSuffices(cell int32) bool { return q.own.within(cell)+1 >= q.k }

// lackingAt is the capacity that the people of a cell lack: (standard − access) × people / 1,000; 0 for standards
// that ask for none.
func (q *inquiry) lackingAt(slot int32) float64 {
	if q.catchment == nil {
		return 0
	}
	return math.Max(0, q.standard.PerThousand-q.catchment.access[q.missed[slot]]) * q.peopleAt(slot) / 1000
}

// enlargements reckons, for every place that people of the finding reach, what more capacity there would do. With
// ΔS more at place o, access of cell i rises by 1000·ΔS·w(c_io)/D_o, D_o being the weighted demand at o.
func (q *inquiry) enlargements(slots []int32) []siting.Offer {
	c := q.catchment
	wants := map[int32][]siting.Want{}
	for _, s := range slots {
		cell := q.missed[s]
		to, cost := c.reach.Row(int(cell))
		for n, o := range to {
			demand := 0.0
			if c.ratio[o] > 0 {
				demand = q.supply.capacity[o] / c.ratio[o]
			}
			w := c.weights(float64(cost[n]))
			need := (q.standard.PerThousand - c.access[cell]) / 1000 * demand / w
			if w > 0 && demand > 0 {
				wants[o] = append(wants[o], siting.Want{Capacity: need, Weight: q.peopleAt(s)})
			}
		}
	}
	var out []siting.Offer
	for _, o := range sorted(wants) {
		capacity, served := siting.Enough(wants[o], servedShare)
		out = append(out, siting.Offer{Place: int(o), Served: served, Capacity: capacity})
	}
	return out
}

func sorted[V any](m map[int32]V) []int32 {
	keys := make([]int32, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// site is the search for the best new place of one finding.
type site struct {
	of         *inquiry
	slots      []int32
	candidates []int32 // cells, ascending
	pairs      []reach.Pair[int32]
	demand     map[int32]float64 // weighted people around a candidate
}

// candidatesFor picks at most limit cells in and beside a finding, those with most people first and spread out.
func candidatesFor(g *ground, cells []int32, people []float32, populated func(int32) bool, limit int) []int32 {
	seen := map[int32]bool{}
	var all []int32
	add := func(c int32) {
		if !seen[c] {
			seen[c] = true
			all = append(all, c)
		}
	}
	for _, c := range cells {
		add(c)
		g.near(c, func(j int32) {
			if populated(j) {
				add(j)
			}
		})
	}
	slices.Sort(all)
	if len(all) <= limit {
		return all
	}
	byPeople := slices.Clone(all)
	slices.SortStableFunc(byPeople, func(a, b int32) int { return cmp.Compare(people[b], people[a]) })
	// Apart so far that about limit discs fill the area that the cells cover, each about a third of a neighbourhood.
	apart := g.radius / 3 * math.Sqrt(float64(len(all))/float64(limit))
	var out []int32
	for _, c := range byPeople {
		if len(out) == limit {
			break
		}
		if !slices.ContainsFunc(out, func(o int32) bool { return g.distance(o, c) < apart }) {
			out = append(out, c)
		}
	}
	slices.Sort(out)
	return out
}

// openings computes the best new place for every site by real travel times from the finding's cells to the
// candidates, and for capacity the demand around each candidate by the way back (from the candidate to the people),
// which is the same on foot and close to it otherwise.
func (a *analysis) openings(ctx context.Context, sites []*site) error {
	cells := &a.snap.Cells
	var there, back []*ask
	byInquiry := map[*inquiry]*sitesOf{}
	for _, s := range sites {
		g := byInquiry[s.of]
		if g == nil {
			g = newSitesOf(cells.Len())
			byInquiry[s.of] = g
			there = append(there, s.of.waysTo(forSite, g.homes, g.candidates)...)
		}
		g.add(s)
	}
	if err := a.stream(ctx, "sites", there, cells.At, cells.At, func(k *ask, from int32, to []int32, seconds []travel.Seconds) {
		byInquiry[k.of].reached(k, from, to, seconds)
	}); err != nil {
		return err
	}
	shortlisted := map[*inquiry][]bool{}
	for _, s := range sites {
		if s.of.catchment == nil {
			continue
		}
		if shortlisted[s.of] == nil {
			shortlisted[s.of] = make([]bool, cells.Len())
			back = append(back, s.of.waysTo(forCatchment, shortlisted[s.of], s.of.here)...)
		}
		s.shorten()
		for _, c := range s.candidates {
			shortlisted[s.of][c] = true
		}
	}
	around := map[*inquiry]map[int32][]reach.Pair[int32]{}
	if err := a.stream(ctx, "catchments", back, cells.At, cells.At, func(k *ask, from int32, to []int32, seconds []travel.Seconds) {
		m := around[k.of]
		if m == nil {
			m = map[int32][]reach.Pair[int32]{}
			around[k.of] = m
		}
		for n, t := range to {
			m[from] = append(m[from], reach.Pair[int32]{To: t, Cost: share(seconds[n], k.limit)})
		}
	}); err != nil {
		return err
	}
	for _, s := range sites {
		if s.of.catchment != nil {
			s.weighDemand(around[s.of])
		}
	}
	return nil
}

// waysTo asks for every way of the standard within its limit.
func (q *inquiry) waysTo(why purpose, origins, places []bool) []*ask {
	var out []*ask
	for i, w := range q.standard.Ways {
		limit := travel.Seconds(w.Minutes * 60)
		out = append(out, &ask{of: q, way: i, purpose: why, leg: leg(w, limit), limit: limit, origins: origins, places: places})
	}
	return out
}

// shortlist is how many candidates per finding are worth the search for everyone else who would use them.
const shortlist = 8

// shorten keeps the candidates around which most weighted people of the finding live.
func (s *site) shorten() {
	weight := make([]float64, len(s.candidates))
	order := make([]int, len(s.candidates))
	for i := range order {
		order[i] = i
	}
	for _, p := range s.pairs {
		weight[p.To] += s.of.peopleAt(p.From) * s.of.catchment.weights(float64(p.Cost))
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(weight[b], weight[a]) })
	order = order[:min(shortlist, len(order))]
	slices.Sort(order)
	renumbered := map[int32]int32{}
	kept := make([]int32, len(order))
	for i, o := range order {
		renumbered[int32(o)], kept[i] = int32(i), s.candidates[o]
	}
	s.candidates = kept
	s.pairs = slices.DeleteFunc(s.pairs, func(p reach.Pair[int32]) bool {
		_, ok := renumbered[p.To]
		return !ok
	})
	for i := range s.pairs {
		s.pairs[i].To = renumbered[s.pairs[i].To]
	}
}

// sitesOf are the sites of one standard: whose people ask, and which cells are candidates of which finding.
type sitesOf struct {
	homes, candidates []bool
	siteOf            []int32 // per cell: index into sites of the finding it belongs to, -1
	sites             []*site
}

func newSitesOf(cells int) *sitesOf {
	g := &sitesOf{homes: make([]bool, cells), candidates: make([]bool, cells), siteOf: make([]int32, cells)}
	for i := range g.siteOf {
		g.siteOf[i] = -1
	}
	return g
}

func (g *sitesOf) add(s *site) {
	for _, slot := range s.slots {
		c := s.of.missed[slot]
		g.homes[c] = true
		g.siteOf[c] = int32(len(g.sites))
	}
	for _, c := range s.candidates {
		g.candidates[c] = true
	}
	g.sites = append(g.sites, s)
}

// reached notes which candidates of its own finding a cell reaches.
func (g *sitesOf) reached(k *ask, from int32, to []int32, seconds []travel.Seconds) {
	s := g.sites[g.siteOf[from]]
	for n, c := range to {
		if at, ok := slices.BinarySearch(s.candidates, c); ok {
			s.pairs = append(s.pairs, reach.Pair[int32]{From: s.of.slot[from], To: int32(at), Cost: share(seconds[n], k.limit)})
		}
	}
}

// weighDemand sums the weighted people around every candidate.
func (s *site) weighDemand(around map[int32][]reach.Pair[int32]) {
	s.demand = map[int32]float64{}
	for at, c := range s.candidates {
		pairs := around[c]
		slices.SortFunc(pairs, func(a, b reach.Pair[int32]) int {
			return cmp.Or(cmp.Compare(a.To, b.To), cmp.Compare(a.Cost, b.Cost))
		})
		for i, p := range pairs {
			if i == 0 || pairs[i-1].To != p.To {
				s.demand[int32(at)] += float64(s.of.group.People[p.To]) * s.of.catchment.weights(float64(p.Cost))
			}
		}
	}
}

// best gives the new place that would close most of the finding; ok is false where no candidate helps anyone.
func (s *site) best() (Remedy, bool, error) {
	local := map[int32]int32{}
	weight := make([]float64, len(s.slots))
	for i, slot := range s.slots {
		local[slot] = int32(i)
		weight[i] = s.of.peopleAt(slot)
	}
	var pairs []reach.Pair[int32]
	for _, p := range s.pairs {
		if s.of.oneMoreSuffices(s.of.missed[p.From]) {
			pairs = append(pairs, reach.Pair[int32]{From: local[p.From], To: p.To, Cost: p.Cost})
		}
	}
	m, err := reach.FromPairs(len(s.slots), len(s.candidates), pairs)
	if err != nil {
		return Remedy{}, false, err
	}
	var best siting.Offer
	var ok bool
	if s.of.catchment == nil {
		best.Place, best.Served = siting.BestPlace(m, weight)
		ok = best.Place >= 0
	} else {
		best, ok = siting.Thrifty(s.newcomers(m, weight), nearlySame)
	}
	if !ok {
		return Remedy{}, false, nil
	}
	return Remedy{Kind: RemedyOpen, Offer: -1, Cell: s.candidates[best.Place], Closes: best.Served, Capacity: best.Capacity}, true, nil
}

// newcomers reckons for every candidate the capacity that closes most of the finding, as enlargements does.
func (s *site) newcomers(m *reach.Sparse[int32], weight []float64) []siting.Offer {
	c := s.of.catchment
	t := m.Transpose()
	var out []siting.Offer
	for at := range s.candidates {
		from, cost := t.Row(at)
		inside := 0.0
		for n, i := range from {
			inside += weight[i] * c.weights(float64(cost[n]))
		}
		demand := math.Max(s.demand[int32(at)], inside)
		var wants []siting.Want
		for n, i := range from {
			lacks := s.of.standard.PerThousand - c.access[s.of.missed[s.slots[i]]]
			wants = append(wants, siting.Want{Capacity: lacks / 1000 * demand / c.weights(float64(cost[n])), Weight: weight[i]})
		}
		capacity, served := siting.Enough(wants, servedShare)
		out = append(out, siting.Offer{Place: at, Served: served, Capacity: capacity})
	}
	return out
}

// spots gives the places of the snapshot's offers.
func (a *analysis) spots() []geo.LonLat {
	at := make([]geo.LonLat, len(a.snap.Offers))
	for i := range at {
		at[i] = a.snap.Offers[i].At
	}
	return at
}
