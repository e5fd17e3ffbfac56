package atlas

import (
	"context"
	"fmt"

	"gevor/fault"
	"gevor/notice"
	"gevor/region"
	"gevor/travel"
)

// analysis is one run in progress.
type analysis struct {
	snap     *region.Snapshot
	params   Params
	journeys Journeys
	progress travel.Progress
	notices  *notice.List
	ground   *ground
}

// Analyse holds a region against all its standards.
//
// Travel is streamed: every distinct question to a travel engine is asked once for the cells and offers that any
// standard is concerned with, a second time only for the cells that miss a standard (why? what would help?).
// Memory stays proportional to cells x k for nearest-place standards and to the pairs within reach for capacity
// standards. The result is the same for any number of workers.
//
// It refuses a snapshot with a source that is neither open nor cleared.
func Analyse(ctx context.Context, snap *region.Snapshot, p Params, progress travel.Progress) (*Result, error) {
	p, err := p.Filled()
	if err != nil {
		return nil, err
	}
	for _, s := range snap.Sources {
		if s.Status != "open" && s.Status != "cleared" {
			return nil, fault.New(fault.Denied, "source "+s.Key, fmt.Sprintf("its status is %q", s.Status), "an analysis accepts only sources that are open or cleared; ask the owner")
		}
	}
	a := &analysis{snap: snap, params: p, journeys: p.Journeys, progress: progress, notices: &notice.List{}}
	if a.journeys == nil {
		a.journeys = Networks(snap, p)
	}
	inquiries := a.open()
	var known []*inquiry
	for _, q := range inquiries {
		if q.known {
			known = append(known, q)
		}
	}
	if err := a.ask(ctx, known); err != nil {
		return nil, err
	}
	a.ground = newGround(&snap.Cells, p.Bridge)
	findings, err := a.findings(ctx, known)
	if err != nil {
		return nil, err
	}
	r := &Result{Snapshot: snap, Findings: findings}
	for _, q := range inquiries {
		r.Layers = append(r.Layers, q.layer())
		r.Summaries = append(r.Summaries, q.summary(snap, findings))
	}
	r.Profiles = profiles(snap, r)
	r.Notices = a.notices.Notices()
	return r, nil
}

// open prepares an inquiry per standard and says which cannot be judged, and why.
func (a *analysis) open() []*inquiry {
	linked := map[travel.Mode][]bool{}
	out := make([]*inquiry, len(a.snap.Standards))
	for i := range out {
		s := &a.snap.Standards[i]
		q := &inquiry{index: int32(i), standard: s, group: &a.snap.Groups[s.Group], k: max(1, s.Nearest)}
		out[i] = q
		q.supply = supplyOf(a.snap, s.Category)
		if rule, advice := a.obstacle(q); rule != "" {
			a.notices.Add(notice.Notice{Severity: notice.Warning, File: "region.toml", Record: s.Key, Rule: rule, Advice: advice})
			q.shut(a.snap.Cells.Len())
			continue
		}
		q.known = true
		a.settle(q, linked)
	}
	return out
}

// obstacle names what keeps a standard from being judged; empty where nothing does.
func (a *analysis) obstacle(q *inquiry) (rule, advice string) {
	category := a.snap.Categories[q.standard.Category].Key
	if q.group.State == region.GroupUnknown {
		return "group-unknown", fmt.Sprintf("there are no data on the group %q: the standard stays unknown until a source for it is named", q.group.Key)
	}
	for _, w := range q.standard.Ways {
		if !a.journeys.Offers(w.Mode) {
			return "mode-unavailable", fmt.Sprintf("the region has no data to travel by %s: add a street extract or a timetable, or leave this way out of the standard", w.Mode)
		}
	}
	if len(q.supply.listed) == 0 {
		return "category-without-offers", fmt.Sprintf("no offer of category %q was imported, which is more likely missing data than a region without any: check the category mapping", category)
	}
	if q.wantsCapacity() && !q.supply.known {
		return "capacity-unknown", fmt.Sprintf("no offer of category %q states a capacity, so none can be estimated for the others: ask for at least some, or use a standard on the nearest place", category)
	}
	return "", ""
}

// shut leaves every cell unknown.
func (q *inquiry) shut(cells int) {
	q.here = make([]bool, cells)
	q.state = make([]CellState, cells)
	for i := range q.state {
		q.state[i] = CellUnknown
	}
}

// settle locates an inquiry, says which of its cells no street leads to, and makes room for what they reach.
func (a *analysis) settle(q *inquiry, linked map[travel.Mode][]bool) {
	a.locate(q, linked)
	if q.off > 0 {
		a.notices.Add(notice.Notice{
			Severity: notice.Warning, File: "region.toml", Record: q.standard.Key, Rule: "cells-off-network", Value: fmt.Sprint(q.off),
			Advice: "these cells with people lie too far from any street to be judged: check that the street extract covers the region",
		})
	}
	n := a.snap.Cells.Len()
	q.own, q.walls = newNearest(n, q.k), newNearest(n, q.k)
	if q.wantsCapacity() {
		q.catchment = newCatchment(len(q.standard.Ways), n, len(a.snap.Offers))
	}
	a.noteFarOffers(q, linked)
}

// locate finds the cells where people of the group live; linked keeps what was asked of the street networks.
func (a *analysis) locate(q *inquiry, linked map[travel.Mode][]bool) {
	n := a.snap.Cells.Len()
	q.here, q.state = make([]bool, n), make([]CellState, n)
	for i := range n {
		q.state[i] = CellEmpty
		switch {
		case q.group.Flag[i] == region.Suppressed || q.group.Flag[i] == region.Missing:
			q.state[i] = CellUnknown
		case !counted(q.group, i):
		case !a.onNetwork(q, i, linked):
			q.state[i] = CellUnknown
			q.off++
		default:
			q.here[i] = true
		}
	}
}

// network is the street network by which a mode leaves the door.
func network(m travel.Mode) travel.Mode {
	if m == travel.WalkNoSteps || m == travel.Transit {
		return travel.Walk
	}
	return m
}

func (a *analysis) onNetwork(q *inquiry, cell int, linked map[travel.Mode][]bool) bool {
	for _, w := range q.standard.Ways {
		m := network(w.Mode)
		if linked[m] == nil {
			linked[m] = a.journeys.Linked(m, a.snap.Cells.At)
		}
		if linked[m][cell] {
			return true
		}
	}
	return false
}

// offerModes keeps the links of offers apart from those of cells in one map.
const offerModes travel.Mode = 100

// noteFarOffers counts the standard's offers that no way can reach because no street leads there.
func (a *analysis) noteFarOffers(q *inquiry, linked map[travel.Mode][]bool) {
	far := 0
	for _, o := range q.supply.listed {
		near := false
		for _, w := range q.standard.Ways {
			m := network(w.Mode)
			if linked[offerModes+m] == nil {
				linked[offerModes+m] = a.journeys.Linked(m, a.spots())
			}
			near = near || linked[offerModes+m][o]
		}
		if !near {
			far++
		}
	}
	if far > 0 {
		a.notices.Add(notice.Notice{
			Severity: notice.Warning, File: "region.toml", Record: q.standard.Key, Rule: "offers-off-network", Value: fmt.Sprint(far),
			Advice: "these offers lie too far from any street and are reached by nobody: check their coordinates",
		})
	}
}

// ask streams travel twice: who meets the standards, and why the others do not.
func (a *analysis) ask(ctx context.Context, inquiries []*inquiry) error {
	places := a.spots()
	var asks []*ask
	for _, q := range inquiries {
		asks = append(asks, q.standing()...)
	}
	if err := a.stream(ctx, "reach", asks, a.snap.Cells.At, places, func(k *ask, from int32, to []int32, seconds []travel.Seconds) {
		k.of.take(a.snap, k, from, to, seconds)
	}); err != nil {
		return err
	}
	asks = nil
	for _, q := range inquiries {
		if err := q.judge(a.snap, a.params); err != nil {
			return err
		}
		for _, k := range q.searching(a.params) {
			if a.journeys.Offers(k.leg.Mode) {
				asks = append(asks, k)
			}
		}
	}
	if err := a.stream(ctx, "causes", asks, a.snap.Cells.At, places, func(k *ask, from int32, to []int32, seconds []travel.Seconds) {
		k.of.learn(a.snap, k, from, to, seconds)
	}); err != nil {
		return err
	}
	for _, q := range inquiries {
		q.explain(a.params)
	}
	return nil
}
