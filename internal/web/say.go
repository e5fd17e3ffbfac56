package web

import (
	"math"
	"net/url"
	"strconv"
	"strings"

	"gevor/atlas"
	"gevor/region"
)

// say.go holds the small sentences that templates put together.

func urlQuery(s string) string { return url.QueryEscape(s) }

func itoa(n int) string { return strconv.Itoa(n) }

func remedyKey(k atlas.RemedyKind) string {
	if k == atlas.RemedyExtend {
		return "extend"
	}
	return "open"
}

func groupState(s region.GroupState) string {
	switch s {
	case region.GroupKnown:
		return "known"
	case region.GroupEstimated:
		return "estimated"
	case region.GroupUnknown:
	}
	return "unknown"
}

func isKnownState(s region.GroupState) bool { return s != region.GroupUnknown }

func isEstimated(s region.GroupState) bool { return s == region.GroupEstimated }

// scales are the ends a common scale of bars may have.
var scales = [...]float64{0.02, 0.05, 0.1, 0.25, 0.5, 1}

// scaleOf is the end of a common scale for shares: the smallest round one that holds them all, so that small
// shares can be compared by eye. It is written beside the bars.
func scaleOf(shares ...float64) float64 {
	most := 0.0
	for _, s := range shares {
		if s <= 1 { // not NaN
			most = max(most, s)
		}
	}
	for _, s := range scales {
		if most <= s {
			return s
		}
	}
	return 1
}

func allCauses() []atlas.Cause {
	var out []atlas.Cause
	for c := atlas.CauseOnlySteps; c <= atlas.CauseUsedUp; c++ {
		out = append(out, c)
	}
	return out
}

// sentence says a finding in one sentence: how many, who, where, what they miss, and the main reason.
func (p *page) sentence(v findingView) string {
	share := 0.0
	if len(v.Causes) > 0 {
		share = v.Causes[0].Share
	}
	return p.T("web.finding.sentence", with{
		"People": p.peopleOf(v.Finding), "Group": p.label(v.Group.Label), "Place": p.place(v.Finding),
		"Standard": p.label(v.Standard.Label), "Cause": p.T("cause."+v.Cause.String(), nil), "Share": p.Percent(share, 0),
	})
}

func (p *page) findingLegend(v findingView) []legendItem {
	var out []legendItem
	for _, c := range v.Causes {
		out = append(out, legendItem{"cause-" + c.Cause.String(), p.T("cause."+c.Cause.String(), nil)})
	}
	return append(out, legendItem{"met", p.T("cell.met", nil)}, legendItem{"key-offer", p.label(p.categoryOf(v.Finding.Standard).Label)},
		legendItem{"key-remedy", p.T("web.legend.remedy", nil)}, legendItem{"", p.T("web.legend.unknown", nil)})
}

// obstacles are the rules of notices that say why a standard cannot be judged; each has a text under web.obstacle.
var obstacles = [...]string{"group-unknown", "mode-unavailable", "category-without-offers", "capacity-unknown"}

// obstacle is the key of the text that says why nothing is known of a standard.
func (p *page) obstacle(standard int32) string {
	if !isKnown(p.groupOf(standard)) {
		return obstacles[0]
	}
	for _, n := range p.run.Result.Notices {
		if n.Record != p.standard(standard).Key {
			continue
		}
		for _, rule := range obstacles {
			if n.Rule == rule {
				return rule
			}
		}
	}
	return "unsaid"
}

// unknown says in a few words why nothing is known of a standard.
func (p *page) unknown(standard int32) string { return p.T("web.obstacle."+p.obstacle(standard), nil) }

// unknownLong says why nothing is known of a standard, and what that means.
func (p *page) unknownLong(standard int32) string {
	return p.T("web.unknown_long", with{"Reason": p.unknown(standard), "Standard": p.label(p.standard(standard).Label)})
}

// unknownHere says why there is no number for a district: nothing is known of the standard, or the numbers of this
// district are withheld.
func (p *page) unknownHere(standard int32, suppressed int) string {
	if sum := p.run.summary(standard); sum != nil && sum.Known && suppressed > 0 {
		return p.T("value.suppressed", nil)
	}
	return p.unknown(standard)
}

func (p *page) relError(g *region.Group) string {
	switch {
	case g.State == region.GroupUnknown:
		return p.T("value.unknown", nil)
	case g.RelError == 0:
		return p.T("value.measured", nil)
	}
	return "± " + p.Percent(g.RelError, 0)
}

func (p *page) groupMethod(method string) string {
	if key := "web.group_method." + method; method != "" && p.Has(key) {
		return p.T(key, nil)
	}
	if method == "" {
		return p.T("group_state.unknown", nil)
	}
	return strings.ReplaceAll(method, "-", " ")
}

func (p *page) sourceStatus(status string) string {
	if key := "web.source_status." + status; p.Has(key) {
		return p.T(key, nil)
	}
	return status
}

// onScale is a share in hundredths of a scale that ends at the given share.
func onScale(share, end float64) string {
	if end <= 0 || math.IsNaN(share) {
		return "0"
	}
	return unit(math.Min(1, share/end) * 100)
}

// cells counts populated places: cells where the region has a grid, places where it has points.
func (p *page) cells(n int) string {
	if p.run.snapshot().Cells.SizeM == 0 {
		return p.N("web.count_places", n, nil)
	}
	return p.N("web.count_cells", n, nil)
}

// heldNote says whether every standard could be judged.
func (p *page) heldNote(v startView) string {
	if v.Held == len(v.Standards) {
		return p.T("web.start.figure_standards_all", nil)
	}
	return p.T("web.start.figure_standards_note", nil)
}
