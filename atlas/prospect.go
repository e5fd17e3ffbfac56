package atlas

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gevor/fault"
	"gevor/geo"
	"gevor/reach"
	"gevor/region"
	"gevor/travel"
)

// Question is where new places would help: a standard says of which category and within which ways, the rest whom.
type Question struct {
	Standard int32
	// Group are the people who count, an index into the snapshot's groups: those of the standard or any others.
	Group int32
	// Languages are BCP 47 tags: only places known to be given in all of them count as places of today. None asks nothing.
	Languages []string
	// Need is, by area, which share (0 to 1) of the group in a district counts, such as those who need the languages;
	// NaN or none counts everybody. People outside all districts count in full.
	Need []float64
	// Places are the candidates; without them at most Most cells are taken in and beside those that reach no place in
	// time, those with most people first and spread over the area.
	Places []geo.LonLat
	Most   int
}

// Prospect is what new places could do for the people of one question. A cost is the share of the way's limit that the
// best way takes: 1 is just in time, and nothing is known beyond Bound.
type Prospect struct {
	Standard int32
	Cells    []int32   // where people of the group live and are judged, ascending
	People   []float64 // of the group, weighed by need, parallel to Cells
	// Existing is the cost to the nearest entitled place of today that speaks the languages, +Inf where none is within Bound.
	Existing []float64
	// Candidates lists who would come to each candidate at which cost: Cells (rows) x candidates (columns).
	Candidates *reach.Sparse[float64]
	At         []geo.LonLat // of the candidates
	Picked     []int32      // the cells that are candidates; none where the question named its places
	Bound      float64      // Params.FarFactor
	Spoken     Spoken
}

// Spoken says what is known of the languages of the places of today.
type Spoken struct {
	Places  int // of the category that are open
	Told    int // of which it is known in which languages they are given
	InThose int // that are given in all languages of the question; all where it asks for none
}

// Prospects asks how far it is from everybody a question is about to the places of today and to candidate places.
// Capacities play no part: a candidate counts as a place for everyone who is asked about, in their languages. NotFound
// where candidates are to be picked and everybody reaches a place in time. Cost as a run's first stage for one standard
// with ways Params.FarFactor times as long. TestProspectsByLanguage holds it against a reckoning over all pairs.
func Prospects(ctx context.Context, snap *region.Snapshot, p Params, question Question, progress travel.Progress) (*Prospect, error) {
	a, err := newWhatif(snap, p, progress)
	if err != nil {
		return nil, err
	}
	if question.Standard < 0 || int(question.Standard) >= len(snap.Standards) || question.Group < 0 || int(question.Group) >= len(snap.Groups) {
		return nil, fault.New(fault.NotFound, "standard", fmt.Sprintf("there is no standard %d for group %d", question.Standard, question.Group), "name one of the run's")
	}
	q := a.inquiryOf(question.Standard, snap)
	q.group = &snap.Groups[question.Group]
	if !a.judgeable(q) {
		return nil, fault.New(fault.Invalid, "standard "+q.standard.Key, "cannot be judged with these data for "+q.group.Key, "the run's notices say what is missing")
	}
	out := &Prospect{Standard: question.Standard, Bound: a.params.FarFactor, Spoken: q.supply.only(snap, question.Languages)}
	a.locate(q, map[travel.Mode][]bool{})
	row := out.people(q, snap, question.Need)
	if err := out.today(ctx, a, q); err != nil {
		return nil, err
	}
	if out.At = question.Places; out.At == nil {
		if err := out.pick(a, q, question.Most); err != nil {
			return nil, err
		}
	}
	all := make([]bool, len(out.At))
	for j := range all {
		all[j] = true
	}
	var pairs []reach.Pair[float64]
	if err := a.stream(ctx, "candidates", q.farther(out.Bound, func(travel.Mode) []bool { return all }), snap.Cells.At, out.At, func(k *ask, from int32, to []int32, seconds []travel.Seconds) {
		for n, j := range to {
			pairs = append(pairs, reach.Pair[float64]{From: row[from], To: j, Cost: float64(shareOf(seconds[n], k.limit))})
		}
	}); err != nil {
		return nil, err
	}
	out.Candidates, err = reach.FromPairs(len(out.Cells), len(out.At), pairs)
	return out, err
}

// only leaves the offers that are known to be given in all of some languages.
func (s *supply) only(snap *region.Snapshot, languages []string) Spoken {
	var told Spoken
	for _, i := range s.listed {
		if !s.counts[i] {
			continue
		}
		told.Places++
		spoken := snap.Offers[i].Languages
		if len(spoken) > 0 {
			told.Told++
		}
		if slices.ContainsFunc(languages, func(l string) bool { return !slices.Contains(spoken, l) }) {
			s.counts[i], s.noSteps[i] = false, false
			continue
		}
		told.InThose++
	}
	return told
}

// people fills who is asked about, and gives the row of each cell.
func (p *Prospect) people(q *inquiry, snap *region.Snapshot, need []float64) []int32 {
	row := make([]int32, snap.Cells.Len())
	for i, here := range q.here {
		if !here {
			continue
		}
		n := float64(q.group.People[i])
		if d := snap.Cells.District[i]; d >= 0 && int(d) < len(need) && !math.IsNaN(need[d]) {
			n *= need[d]
		}
		if n > 0 {
			row[i] = int32(len(p.Cells))
			p.Cells, p.People = append(p.Cells, int32(i)), append(p.People, n)
		} else {
			q.here[i] = false
		}
	}
	return row
}

// today finds the nearest place of today for everybody.
func (p *Prospect) today(ctx context.Context, a *analysis, q *inquiry) error {
	snap := a.snap
	best := newNearest(snap.Cells.Len(), 1)
	if slices.Contains(q.supply.counts, true) {
		if err := a.stream(ctx, "places", q.farther(p.Bound, q.places), snap.Cells.At, a.spots(), func(k *ask, from int32, to []int32, seconds []travel.Seconds) {
			for n, o := range to {
				if entitled(snap, from, o) {
					best.meet(from, o, shareOf(seconds[n], k.limit), seconds[n])
				}
			}
		}); err != nil {
			return err
		}
	}
	for _, cell := range p.Cells {
		share, _, ok := best.kth(cell)
		if !ok {
			share = float32(math.Inf(1))
		}
		p.Existing = append(p.Existing, float64(share))
	}
	return nil
}

// pick takes cells in and beside those that reach no place in time as candidates.
func (p *Prospect) pick(a *analysis, q *inquiry, most int) error {
	cells := &a.snap.Cells
	var far []int32
	people := make([]float32, cells.Len())
	for i, c := range p.Cells {
		people[c] = float32(p.People[i])
		if p.Existing[i] > 1 {
			far = append(far, c)
		}
	}
	if len(far) == 0 {
		return fault.New(fault.NotFound, "standard "+q.standard.Key, "everybody is known to reach a place in time", "choose another standard, or give candidates")
	}
	p.Picked = candidatesFor(newGround(cells, a.params.Bridge), far, people, func(c int32) bool { return cells.Population[c] > 0 }, most)
	for _, i := range p.Picked {
		p.At = append(p.At, cells.At[i])
	}
	return nil
}

// farther asks for every way up to bound times its limit.
func (q *inquiry) farther(bound float64, places func(travel.Mode) []bool) []*ask {
	var out []*ask
	for i, w := range q.standard.Ways {
		limit := travel.Seconds(w.Minutes * 60)
		out = append(out, &ask{of: q, way: i, purpose: forSite, leg: leg(w, travel.Seconds(float64(limit)*bound)), limit: limit, origins: q.here, places: places(w.Mode)})
	}
	return out
}
